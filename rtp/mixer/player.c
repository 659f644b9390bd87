/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include "player.h"

static void release(struct cc_player *p)
{
	for (unsigned i = 0; i < p->count; i++)
		if (p->item[i].clip)
			p->item[i].clip->refs--;
	p->count = 0;
	p->on = false;
}

void cc_player_start(struct cc_player *p, const struct cc_play_item *item, unsigned count,
		uint32_t repeat, uint16_t gain, uint16_t duck, uint32_t token, uint32_t start_ms)
{
	if (count > CC_PLAY_ITEMS)
		count = CC_PLAY_ITEMS;
	release(p);
	memcpy(p->item, item, count * sizeof *item);
	p->count = count;
	p->index = 0;
	p->pos = 0;
	p->before = 0;
	p->skip = (uint64_t)start_ms * CC_RATE / 1000;
	p->repeat = repeat;
	p->gain = gain;
	p->duck = duck;
	p->token = token;
	p->on = true;
	p->missing = false;
	p->heard = false;
}

void cc_player_stop(struct cc_player *p)
{
	release(p);
}

uint32_t cc_player_ms(const struct cc_player *p)
{
	return (uint32_t)((p->before + p->pos) * 1000 / CC_RATE);
}

/* Goes on to the item that has samples to play now; false at the end of the last round. A round in
 * which nothing could be heard is the last: a list of missing files must not spin. */
static bool advance(struct cc_player *p)
{
	for (;;) {
		if (p->index == p->count) {
			if (!p->heard || p->repeat == 1)
				return false;
			if (p->repeat)
				p->repeat--;
			p->index = 0;
			p->before = 0;
			p->heard = false;
			p->skip = 0;
		}
		struct cc_play_item *it = &p->item[p->index];
		if (it->clip && it->clip->state == CC_CLIP_WAITING)
			return true;
		if (it->clip && it->clip->state == CC_CLIP_FAILED)
			p->missing = true;
		else if (it->clip)
			it->samples = it->clip->samples;
		if (it->samples)
			p->heard = true;
		if (p->skip) {
			uint64_t n = p->skip < it->samples - p->pos ? p->skip : it->samples - p->pos;
			p->pos += (uint32_t)n;
			p->skip -= n;
		}
		if (p->pos < it->samples)
			return true;
		p->before += it->samples;
		p->pos = 0;
		p->index++;
	}
}

enum cc_play_result cc_player_run(struct cc_player *p, int32_t acc[CC_FRAME])
{
	if (!p->on)
		return CC_PLAY_IDLE;
	for (unsigned done = 0; done < CC_FRAME;) {
		if (!advance(p)) {
			release(p);
			return p->missing ? CC_PLAY_MISSING : CC_PLAY_END;
		}
		const struct cc_play_item *it = &p->item[p->index];
		unsigned n = CC_FRAME - done;
		bool waiting = it->clip && it->clip->state == CC_CLIP_WAITING;
		if (!waiting && n > it->samples - p->pos)
			n = it->samples - p->pos;
		for (unsigned i = done; i < done + n; i++)
			acc[i] = acc[i] * p->duck / CC_UNITY;
		if (!waiting) {
			if (it->clip) {
				const int16_t *s = it->clip->pcm + p->pos;
				for (unsigned i = 0; i < n; i++)
					acc[done + i] += s[i] * p->gain / CC_UNITY;
			}
			p->pos += n;
		}
		done += n;
	}
	return CC_PLAY_ON;
}
