/* SPDX-License-Identifier: GPL-2.0-or-later
 * Makes up sound that was lost, in the manner of G.711 Appendix I: the last period goes on, after
 * 10 ms it fades, after 60 ms it is silence, and what comes then is faded in. */
#ifndef CC_CONCEAL_H
#define CC_CONCEAL_H

#include <stdint.h>
#include "stretch.h"

#define CC_CONCEAL_END 480 /* samples after which there is nothing left */
#define CC_CONCEAL_PAST (CC_STRETCH_MAX + CC_STRETCH_SPAN)

struct cc_conceal
{
	int16_t past[CC_CONCEAL_PAST]; /* the last that was heard */
	unsigned lost;                 /* samples made up since */
	unsigned lag;                  /* the period that goes on */
};

/* Starts as zeros. Sound that came: its beginning may be changed. */
void cc_conceal_good(struct cc_conceal *c, int16_t *pcm, unsigned n);
void cc_conceal_lost(struct cc_conceal *c, int16_t *pcm, unsigned n);

#endif
