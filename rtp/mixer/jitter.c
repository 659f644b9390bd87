/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "jitter.h"

#define BEGIN (2 * CC_FRAME)    /* delay before anything is known, 40 ms */
#define LONGEST (12 * CC_FRAME) /* no delay beyond this, 240 ms; later packets are lost */
#define JUMP (19 * CC_FRAME)    /* a timestamp further ahead is another time line */
#define LOOK 25                 /* ticks between two looks at the delay */
#define ENOUGH 100              /* packets before which the delay is not shortened */
#define TOLERATED 2             /* of CC_JITTER_SEEN packets may be late */
#define SPARE_LOOKS 10          /* so long a delay must have been too long, 5 s */
#define NEAR 40                 /* samples that need no change, 5 ms */
#define PATIENCE 100            /* ticks after which a change is made at any place */
#define PAUSE 10                /* dry ticks after which sound begins anew */
#define TRY 3                   /* in one of so many ticks a place is looked for */
#define BEHIND 3                /* ticks with late packets only: the way has become longer */

_Static_assert(CC_JITTER_RING >= JUMP + CC_JITTER_PACKET, "what is believed must fit");

void cc_jitter_init(struct cc_jitter *j)
{
	memset(j, 0, sizeof *j);
	j->missing = CC_CONCEAL_END;
	j->random = 1;
}

void cc_jitter_close(struct cc_jitter *j)
{
	cc_decoder_close(&j->decoder);
}

bool cc_jitter_seen(struct cc_jitter *j, uint32_t ssrc, uint16_t seq)
{
	enum cc_seq_result r = cc_seq_seen(&j->seq, ssrc, seq);

	if (r == CC_SEQ_NEW)
		j->running = false;
	return r != CC_SEQ_TWICE;
}

/* Delay of the next sample to be heard, and of a packet that is there now: against origin. */
static int32_t delay_of(const struct cc_jitter *j, uint32_t ts)
{
	return (int32_t)(j->clock - j->origin - ts);
}

static int32_t delay(const struct cc_jitter *j)
{
	return delay_of(j, j->play - j->have);
}

/* ---- how long the delay should be ---- */

static void journey_note(struct cc_jitter *j, int32_t journey)
{
	if (j->journeys) {
		int32_t before = j->journey[(j->newest + CC_JITTER_SEEN - 1) % CC_JITTER_SEEN];
		j->variation += (uint32_t)abs(journey - before) - ((j->variation + 8) >> 4);
	}
	j->journey[j->newest] = journey;
	j->newest = (j->newest + 1) % CC_JITTER_SEEN;
	j->journeys += j->journeys < CC_JITTER_SEEN;
}

/* The shortest journey, and the longest when the few worst are left out. */
static void journeys(const struct cc_jitter *j, int32_t *least, int32_t *most)
{
	int32_t top[TOLERATED + 1] = {INT32_MIN, INT32_MIN, INT32_MIN};
	unsigned rank = j->journeys < CC_JITTER_SEEN / 2 ? 0 : TOLERATED;

	*least = INT32_MAX;
	for (unsigned i = 0; i < j->journeys; i++) {
		int32_t v = j->journey[i];
		if (v < *least)
			*least = v;
		for (unsigned k = 0; k <= TOLERATED && v > top[TOLERATED]; k++)
			if (v > top[k]) {
				int32_t t = top[k];
				top[k] = v;
				v = t;
			}
	}
	*most = top[rank];
}

static void look(struct cc_jitter *j)
{
	int32_t least, most;

	j->look = LOOK;
	if (j->journeys == 0)
		return;
	journeys(j, &least, &most);
	if (most > least + LONGEST)
		most = least + LONGEST;
	if (most > j->target) {
		j->target = most;
		j->spare = 0;
	} else if (j->journeys < ENOUGH || most > j->target - CC_FRAME) {
		j->spare = 0;
	} else if (++j->spare >= SPARE_LOOKS || j->journeys < CC_JITTER_SEEN) {
		/* in the beginning nothing speaks for the delay but caution */
		j->target = most;
		j->spare = 0;
	}
}

unsigned cc_jitter_delay_ms(const struct cc_jitter *j)
{
	int32_t least, most;

	if (!j->running || j->journeys == 0)
		return 0;
	journeys(j, &least, &most);
	return delay(j) > least ? (unsigned)(delay(j) - least) * 1000 / CC_RATE : 0;
}

/* ---- packets in ---- */

/* A new time line: ts is played when the delay is the one to begin with. */
static void anchor(struct cc_jitter *j, uint32_t ts)
{
	j->resyncs += j->running;
	memset(j->kind, 0, sizeof j->kind);
	j->origin = j->clock - ts;
	j->target = BEGIN;
	j->play = ts - BEGIN;
	j->end = ts;
	j->have = 0;
	j->running = true;
	j->journeys = j->newest = j->spare = j->wish = j->behind = j->dry = j->held = 0;
	j->look = LOOK;
}

void cc_jitter_put(struct cc_jitter *j, uint8_t pt, uint32_t ts, const uint8_t *data, unsigned n)
{
	int32_t ahead = (int32_t)(ts - j->play);

	if (pt == CC_PT_CN)
		n = n > 0; /* how loud; the spectrum behind it is not used */
	else if (!cc_codec_known(pt))
		return;
	if (n == 0 || n > CC_JITTER_PACKET)
		return;
	if (!j->running || ahead > JUMP || ahead < -CC_JITTER_RING) {
		anchor(j, ts);
	} else if ((ahead < 0 && j->dry > PAUSE) || (j->again && (int32_t)(ts - j->end) >= 0)) {
		/* the sender stood still, or its timestamps did: of a burst the newest counts */
		anchor(j, ts);
		j->again = true;
	} else {
		journey_note(j, delay_of(j, ts));
		if (j->dry > PAUSE) {
			/* nobody hears how long the silence was */
			look(j);
			j->have = j->held = 0;
			j->play = j->clock - j->origin - (uint32_t)j->target;
			if ((int32_t)(ts - j->play) < 0)
				j->play = ts;
			j->dry = 0;
		}
		ahead = (int32_t)(ts - j->play);
		if (ahead < 0) {
			j->late++;
			j->look = 0;
			if (ahead + (int32_t)n <= 0) {
				j->came_late = true;
				return;
			}
			data -= ahead;
			n += (unsigned)ahead;
			ts -= (uint32_t)ahead;
		}
	}
	j->came = true;
	for (unsigned i = 0; i < n; i++) {
		unsigned at = (ts + i) % CC_JITTER_RING;
		j->data[at] = data[i];
		j->kind[at] = (uint8_t)(pt + 1);
	}
	if ((int32_t)(ts + n - j->end) > 0)
		j->end = ts + n;
}

/* ---- sound out ---- */

/* Bytes at play that are sound of one codec and lie in one piece, n at most. */
static unsigned piece(const struct cc_jitter *j, unsigned n)
{
	unsigned at = j->play % CC_JITTER_RING, run = 1;

	if (n > CC_JITTER_RING - at)
		n = CC_JITTER_RING - at;
	while (run < n && j->kind[at + run] == j->kind[at])
		run++;
	return run;
}

/* The next n bytes are sound. */
static bool all_there(const struct cc_jitter *j, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint8_t kind = j->kind[(j->play + i) % CC_JITTER_RING];
		if (kind == 0 || kind == CC_PT_CN + 1)
			return false;
	}
	return true;
}

/* The frame as it came, if it came in one codec and need not be faded in. */
static bool whole(const struct cc_jitter *j, struct cc_frame *f)
{
	uint8_t kind = j->kind[j->play % CC_JITTER_RING];

	if (j->have || j->conceal.lost || !kind || kind == CC_PT_CN + 1)
		return false;
	for (unsigned i = 0; i < CC_FRAME; i++) {
		unsigned at = (j->play + i) % CC_JITTER_RING;
		if (j->kind[at] != kind)
			return false;
		f->code[i] = j->data[at];
	}
	f->pt = (uint8_t)(kind - 1);
	return true;
}

/* What stands in for n samples that are not there. */
static void make_up(struct cc_jitter *j, int16_t *pcm, unsigned n)
{
	if (j->noise) {
		for (unsigned i = 0; i < n; i++) {
			j->random = j->random * 1664525 + 1013904223;
			pcm[i] = (int16_t)((int32_t)(j->random >> 16) % (2 * j->noise + 1) - j->noise);
		}
	} else if (j->missing < CC_CONCEAL_END) {
		cc_conceal_lost(&j->conceal, pcm, n);
		j->concealed += n;
	} else {
		memset(pcm, 0, n * sizeof *pcm);
	}
	j->missing += n;
}

/* RFC 3389: the level is in -dB of full scale; even noise has a peak of sqrt 3 times that. */
static uint8_t noise_peak(uint8_t level)
{
	double peak = 32768 * 1.732 * pow(10, -(level & 127) / 20.0);

	return peak > 255 ? 255 : peak < 1 ? 1 : (uint8_t)peak;
}

/* Decodes n more samples. Returns how many of them were there. */
static unsigned fill(struct cc_jitter *j, unsigned n)
{
	unsigned there = 0;

	while (n) {
		unsigned at = j->play % CC_JITTER_RING, run = piece(j, n), kind = j->kind[at];
		int16_t *pcm = j->pcm + j->have;

		if (kind == CC_PT_CN + 1)
			j->noise = noise_peak(j->data[at]);
		if (kind && kind != CC_PT_CN + 1 &&
				cc_decode(&j->decoder, (uint8_t)(kind - 1), j->data + at, run, pcm)) {
			cc_conceal_good(&j->conceal, pcm, run);
			j->missing = 0;
			j->noise = 0;
			there += run;
		} else {
			make_up(j, pcm, run);
		}
		memset(j->kind + at, 0, run);
		j->play += run;
		j->have += run;
		n -= run;
	}
	return there;
}

/* Brings the delay nearer to its target by a part of a frame: never below it, and it may stay a
 * little above. True: a frame is decoded. */
static bool adjust(struct cc_jitter *j)
{
	int32_t spare = delay(j) - j->target;
	float likeness = j->wish < PATIENCE ? 0.95f * (float)(PATIENCE - j->wish) / PATIENCE : 0;
	unsigned wanted = CC_FRAME, before;

	if (spare >= 0 && spare < NEAR) {
		j->wish = 0;
		return false;
	}
	if (spare > CC_STRETCH_MAX)
		spare = CC_STRETCH_MAX;
	if (spare > 0)
		wanted += (unsigned)spare;
	if (j->wish++ % TRY || !all_there(j, wanted - j->have))
		return false;
	fill(j, wanted - j->have);
	before = j->have;
	j->have = spare > 0 ? cc_stretch_shorten(j->pcm, before, (unsigned)spare, likeness)
						: cc_stretch_lengthen(j->pcm, before, CC_FRAME - CC_STRETCH_SPAN, likeness);
	if (j->have != before)
		j->wish = 0;
	return true;
}

/* The sound ends within this frame. Whether the next packet is lost or late nobody knows yet: the
 * gap is made up and play waits. */
static bool hold(struct cc_jitter *j)
{
	int32_t there = (int32_t)(j->end - j->play);

	if (there < 0)
		there = 0;
	if (j->noise || j->missing >= CC_CONCEAL_END || there + (int32_t)j->have >= CC_FRAME ||
			!all_there(j, (unsigned)there))
		return false;
	fill(j, (unsigned)there);
	j->held += CC_FRAME - j->have;
	make_up(j, j->pcm + j->have, CC_FRAME - j->have);
	j->have = CC_FRAME;
	return true;
}

/* It was lost, as the one after it is there: what has been made up for it counts. */
static void let_go(struct cc_jitter *j)
{
	while (j->held && (int32_t)(j->end - j->play) > 0 && j->kind[j->play % CC_JITTER_RING] == 0) {
		j->play++;
		j->held--;
	}
	if ((int32_t)(j->end - j->play) > 0)
		j->held = 0;
}

static void take(struct cc_jitter *j, struct cc_frame *f)
{
	memcpy(f->pcm, j->pcm, sizeof f->pcm);
	j->have -= CC_FRAME;
	memmove(j->pcm, j->pcm + CC_FRAME, j->have * sizeof *j->pcm);
}

void cc_jitter_get(struct cc_jitter *j, struct cc_frame *f)
{
	f->heard = f->whole = false;
	if (j->came || j->came_late)
		j->behind = j->came ? 0 : j->behind + 1;
	j->came = j->came_late = j->again = false;
	if (j->behind >= BEHIND) {
		j->behind = 0;
		j->running = false;
		j->resyncs++;
	}
	if (!j->running) {
		memset(f->pcm, 0, sizeof f->pcm);
		j->clock += CC_FRAME;
		return;
	}
	if (j->look-- == 0)
		look(j);
	if (j->held)
		let_go(j);
	if (j->have < CC_FRAME && !adjust(j) && !hold(j)) {
		f->whole = whole(j, f);
		j->dry = fill(j, CC_FRAME - j->have) ? 0 : j->dry + 1;
	}
	take(j, f);
	j->clock += CC_FRAME;
	f->heard = j->missing < CC_CONCEAL_END || j->noise;
}

void cc_jitter_skip(struct cc_jitter *j, unsigned frames)
{
	j->clock += frames * CC_FRAME;
	if (!j->running)
		return;
	if (frames * CC_FRAME > JUMP) {
		j->running = false;
		return;
	}
	for (unsigned i = 0; i < frames * CC_FRAME; i++)
		j->kind[(j->play + i) % CC_JITTER_RING] = 0;
	j->play += frames * CC_FRAME;
}
