/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include "conceal.h"

#define FULL 80 /* samples before it fades, 10 ms */

void cc_conceal_lost(struct cc_conceal *c, int16_t *pcm, unsigned n)
{
	const int16_t *end = c->past + CC_CONCEAL_PAST;

	if (c->lost == 0) {
		c->lag = cc_stretch_period(end - CC_STRETCH_SPAN, -1, CC_STRETCH_MAX, 0);
		if (c->lag == 0)
			c->lag = CC_STRETCH_MAX;
	}
	for (unsigned i = 0; i < n; i++, c->lost++) {
		int left = c->lost < FULL             ? CC_CONCEAL_END - FULL
				   : c->lost < CC_CONCEAL_END ? CC_CONCEAL_END - (int)c->lost
											  : 0;
		pcm[i] = (int16_t)((end - c->lag)[c->lost % c->lag] * left / (CC_CONCEAL_END - FULL));
	}
}

void cc_conceal_good(struct cc_conceal *c, int16_t *pcm, unsigned n)
{
	if (c->lost && n >= CC_STRETCH_SPAN) {
		int16_t on[CC_STRETCH_SPAN];
		cc_conceal_lost(c, on, CC_STRETCH_SPAN);
		cc_stretch_pass(pcm, on, pcm);
	}
	c->lost = 0;
	if (n < CC_CONCEAL_PAST) {
		memmove(c->past, c->past + n, (CC_CONCEAL_PAST - n) * sizeof *pcm);
		memcpy(c->past + CC_CONCEAL_PAST - n, pcm, n * sizeof *pcm);
	} else {
		memcpy(c->past, pcm + n - CC_CONCEAL_PAST, sizeof c->past);
	}
}
