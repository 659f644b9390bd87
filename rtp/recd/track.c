/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include "track.h"

#define DYNAMIC 96 /* first dynamic payload type */

void cc_track_init(struct cc_track *t)
{
	memset(t, 0, sizeof *t);
}

void cc_track_close(struct cc_track *t)
{
	cc_decoder_close(&t->decoder);
}

unsigned cc_track_packet(struct cc_track *t, const struct cc_rtp *p, int64_t arrival,
		int64_t *place, int16_t pcm[CC_TRACK_PACKET])
{
	enum cc_seq_result r = cc_seq_seen(&t->seq, p->ssrc, p->seq);
	unsigned n = (unsigned)p->len;
	int64_t at;

	if (r == CC_SEQ_TWICE)
		return 0;
	if (r == CC_SEQ_NEW)
		t->running = false;
	if (n == 0 || p->len > CC_TRACK_PACKET || !cc_decode(&t->decoder, p->pt, p->payload, n, pcm)) {
		/* digits and comfort noise are no codec that we lack */
		t->other += p->pt != CC_PT_CN && p->pt < DYNAMIC;
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
	if (cc_audible(pcm, n))
		t->loud += n;
	*place = at;
	return n;
}
