/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "seq.h"

#define RESTART 3000 /* a gap beyond this is a new stream, not loss */

enum cc_seq_result cc_seq_seen(struct cc_seq *s, uint32_t ssrc, uint16_t seq)
{
	int gap = (int16_t)(seq - s->newest);
	bool fresh = !s->known || ssrc != s->ssrc;

	if (fresh || gap > RESTART || gap < -RESTART) {
		s->known = true;
		s->ssrc = ssrc;
		s->newest = seq;
		s->rounds = 0;
		s->window = 1;
	} else if (gap > 0) {
		s->lost += (uint32_t)gap - 1;
		s->window = gap < 64 ? s->window << gap | 1 : 1;
		s->rounds += seq < s->newest;
		s->newest = seq;
	} else {
		if (-gap < 64) {
			if (s->window >> -gap & 1)
				return CC_SEQ_TWICE;
			s->window |= 1ULL << -gap;
		}
		if (s->lost)
			s->lost--;
	}
	s->received++;
	return fresh ? CC_SEQ_NEW : CC_SEQ_GOOD;
}
