/* SPDX-License-Identifier: GPL-2.0-or-later
 * One side of a recording: finds the place of each packet's sound on the time line of arrivals. */
#ifndef CC_TRACK_H
#define CC_TRACK_H

#include "codec.h"
#include "rtp.h"
#include "seq.h"

#define CC_RATE 8000
#define CC_TRACK_PACKET 2048 /* samples of the largest packet that is believed */
#define CC_TRACK_BEHIND                                                                            \
	(CC_RATE / 2) /* no sound is placed further before or behind its arrival                       \
				   */
#define CC_TRACK_AHEAD (CC_RATE / 5)

struct cc_track
{
	struct cc_seq seq;
	bool running;
	uint32_t ts;    /* of the anchor */
	int64_t base;   /* its place, samples from the start */
	uint32_t other; /* packets of codecs that are not understood */
	int64_t sound;  /* samples of packets */
	int peak;
	struct cc_decoder decoder;
};

void cc_track_init(struct cc_track *t);
void cc_track_close(struct cc_track *t);
/* The packet's samples into pcm and their number; *place is where they begin. arrival in samples.
 * 0: no sound. */
unsigned cc_track_packet(struct cc_track *t, const struct cc_rtp *p, int64_t arrival,
		int64_t *place, int16_t pcm[CC_TRACK_PACKET]);

#endif
