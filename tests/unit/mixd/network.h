/* SPDX-License-Identifier: GPL-2.0-or-later
 * A phone that sends a tone over a bad network into a jitter buffer, in virtual time, and what
 * comes out of it in numbers. The same seed gives the same network. */
#ifndef CC_UNIT_NETWORK_H
#define CC_UNIT_NETWORK_H

#include "jitter.h"

struct network
{
	uint8_t pt;
	double hz;
	double loss;      /* part of the packets */
	double jitter_ms; /* each is late by 0 … that, evenly spread: they overtake each other */
	double ppm;       /* the phone's clock is that much slow (negative: fast) */
	unsigned seconds, seed;
};

struct network_report
{
	double snr_db;       /* tone against all else, fitted in windows of 50 ms */
	double snr_worst_db; /* of the worst 1 % of the windows */
	double heard_ms;     /* sound that came out, 10 ms blocks of at least half the level */
	double gap_ms;       /* sound that did not */
	double delay_ms;     /* from sending to playing, less the fastest way; mean of all ticks */
	double delay_p99_ms, delay_end_ms;
	double lost, late; /* part of the packets */
	double concealed;  /* part of the sound */
	double whole;      /* part of the ticks whose bytes could be passed on */
	unsigned resyncs;
};

void network_run(const struct network *n, struct network_report *r);

#endif
