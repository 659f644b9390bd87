/* SPDX-License-Identifier: GPL-2.0-or-later
 * Writes captures as rtpengine does (raw IP), with a clock of their own. */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "codec.h"

#define PHONE 5004
#define MIXER 26800

struct capture
{
	FILE *f;
	int64_t us; /* time of the next packet */
};

/* A sender of a tone. */
struct sender
{
	int port, pt;
	double hz;
	uint16_t seq;
	uint32_t ts, ssrc;
	unsigned long n;
	struct cc_encoder encoder; /* its memory lives as long as the test */
};

void capture_open(struct capture *c, const char *path);
void capture_close(struct capture *c);
/* Writes 20 ms of the sender at the capture's time, or loses it. */
void capture_tone(struct capture *c, struct sender *s, bool lost);
void capture_packet(struct capture *c, int port, const void *rtp, unsigned len);

#endif
