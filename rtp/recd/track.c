/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include "track.h"

#define PT_PCMU 0
#define PT_PCMA 8
#define PT_G722 9
#define PT_CN 13
#define PT_DYNAMIC 96

void cc_track_init(struct cc_track *t)
{
	memset(t, 0, sizeof *t);
}

void cc_track_close(struct cc_track *t)
{
	if (t->g722)
		g722_decode_free(t->g722);
	t->g722 = NULL;
}

static unsigned decode(struct cc_track *t, const struct cc_packet *p, int16_t pcm[CC_TRACK_PACKET])
{
	unsigned n = (unsigned)p->len;

	if (p->len > CC_TRACK_PACKET)
		return 0;
	switch (p->pt) {
	case PT_PCMU:
		for (unsigned i = 0; i < n; i++)
			pcm[i] = ulaw_to_linear(p->payload[i]);
		return n;
	case PT_PCMA:
		for (unsigned i = 0; i < n; i++)
			pcm[i] = alaw_to_linear(p->payload[i]);
		return n;
	case PT_G722:
		if (!t->g722)
			t->g722 = g722_decode_init(NULL, 64000, G722_SAMPLE_RATE_8000);
		return t->g722 ? (unsigned)g722_decode(t->g722, pcm, p->payload, (int)n) : 0;
	default:
		return 0;
	}
}

unsigned cc_track_packet(struct cc_track *t, const struct cc_packet *p, int64_t arrival,
		int64_t *place, int16_t pcm[CC_TRACK_PACKET])
{
	enum cc_seq_result r = cc_seq_seen(&t->seq, p->ssrc, p->seq);
	int64_t at;
	unsigned n;

	if (r == CC_SEQ_TWICE)
		return 0;
	if (r == CC_SEQ_NEW)
		t->running = false;
	n = decode(t, p, pcm);
	if (n == 0) {
		/* digits and comfort noise are no codec that we lack */
		t->other += p->pt != PT_CN && p->pt < PT_DYNAMIC;
		return 0;
	}
	at = t->base + (int32_t)(p->ts - t->ts);
	/* a jump of timestamps, a pause without one, or a clock that drifted away: begin anew at the
	 * arrival */
	if (!t->running || at > arrival + CC_TRACK_AHEAD || at < arrival - CC_TRACK_BEHIND)
		at = arrival;
	/* the anchor moves along, so that the distance never overflows */
	t->running = true;
	t->ts = p->ts;
	t->base = at;
	t->sound += n;
	for (unsigned i = 0; i < n; i++)
		if (abs(pcm[i]) > t->peak)
			t->peak = abs(pcm[i]);
	*place = at;
	return n;
}
