/* SPDX-License-Identifier: GPL-2.0-or-later
 * Jitter buffer of one leg: packets in as they come, 20 ms of sound out at every tick. This one
 * aims at a fixed delay; an adaptive one replaces jitter.c behind the same four functions. Nothing
 * here reads a clock or allocates. */
#ifndef CC_JITTER_H
#define CC_JITTER_H

#include <stdbool.h>
#include <stdint.h>
#include "seq.h"

#define CC_RATE 8000        /* samples a second, everywhere in cc-mixd */
#define CC_FRAME 160        /* samples of a tick, 20 ms */
#define CC_JITTER_RING 4096 /* samples, a power of two */

struct cc_jitter
{
	int16_t ring[CC_JITTER_RING]; /* by timestamp; zero where nothing is */
	bool running;                 /* play and end are meaningful */
	struct cc_seq seq;
	uint32_t play;   /* timestamp of the next sample to play */
	uint32_t end;    /* timestamp after the newest sample */
	int32_t shallow; /* least depth since the last look, samples */
	unsigned ticks;  /* since that look */
	uint32_t late;   /* came after their time to play */
	uint32_t resyncs;
};

void cc_jitter_init(struct cc_jitter *j);
/* Every packet of the stream, whatever it carries: counts it. False: a duplicate, not to be used.
 */
bool cc_jitter_seen(struct cc_jitter *j, uint32_t ssrc, uint16_t seq);
/* The sound of one packet, n samples at timestamp ts. */
void cc_jitter_put(struct cc_jitter *j, uint32_t ts, const int16_t *pcm, unsigned n);
/* The next 20 ms; false: there was nothing and out is silence. */
bool cc_jitter_get(struct cc_jitter *j, int16_t out[CC_FRAME]);

#endif
