/* SPDX-License-Identifier: GPL-2.0-or-later
 * Jitter buffer of one leg: packets in as they come, 20 ms of sound out at every tick.
 *
 * The delay follows the network: as short as it can be with nearly all packets of the last ten
 * seconds in time, and so it follows the sender's clock, too. It is changed by periods of the sound
 * that are left out or said twice (stretch.h), and freely in silence. What is missing is made up
 * from what was heard before it, for 60 ms; during comfort noise it is noise. Nothing here reads a
 * clock; memory is taken for G.722 only. */
#ifndef CC_JITTER_H
#define CC_JITTER_H

#include <stdbool.h>
#include <stdint.h>
#include "codec.h"
#include "conceal.h"
#include "seq.h"
#include "stretch.h"

#define CC_RATE 8000         /* samples a second, everywhere in cc-mixd */
#define CC_FRAME 160         /* samples of a tick, 20 ms */
#define CC_JITTER_RING 4096  /* samples, a power of two */
#define CC_JITTER_PACKET 960 /* samples of the longest packet that is believed, 120 ms */
#define CC_JITTER_SEEN 512   /* packets that the delay is chosen by */

struct cc_jitter
{
	uint8_t data[CC_JITTER_RING]; /* coded, by timestamp */
	uint8_t kind[CC_JITTER_RING]; /* payload type + 1 of that byte; 0: it has not come */
	bool running;                 /* play, end and origin are meaningful */
	struct cc_seq seq;
	uint32_t clock;  /* samples played since ever: the time of the next tick */
	uint32_t play;   /* timestamp of the next byte to decode */
	uint32_t end;    /* timestamp after the newest byte */
	uint32_t origin; /* clock - timestamp of the first packet: journeys are counted from there */

	int32_t journey[CC_JITTER_SEEN]; /* of the last packets, samples */
	unsigned journeys, newest;
	uint32_t variation; /* RFC 3550's jitter, 1/16 samples; of the ticks' coarse time */
	int32_t target;     /* wanted delay behind origin */
	unsigned look;      /* ticks until it is looked at again */
	unsigned spare;     /* looks in a row that found it too long */
	unsigned wish;      /* ticks for which a change has been wanted */

	int16_t pcm[CC_FRAME + 2 * CC_STRETCH_MAX]; /* decoded and not played yet */
	unsigned have;
	struct cc_decoder decoder;
	struct cc_conceal conceal;
	unsigned missing; /* samples since the last real one */
	unsigned held;    /* samples made up while play waited */
	unsigned dry;     /* ticks in which nothing was there */
	unsigned behind;  /* ticks in a row in which packets came, all too late */
	bool came, came_late;
	bool again;    /* the time line began anew in this tick, after a pause */
	uint8_t noise; /* amplitude of comfort noise, 0: none */
	uint32_t random;

	uint32_t late;      /* packets that came after their time to play */
	uint32_t concealed; /* samples made up */
	uint32_t resyncs;
};

/* 20 ms of a leg. */
struct cc_frame
{
	int16_t pcm[CC_FRAME];
	bool heard; /* pcm is sound, not the lack of it */
	bool whole; /* and exactly what code says in the codec pt */
	uint8_t pt;
	uint8_t code[CC_FRAME];
};

void cc_jitter_init(struct cc_jitter *j);
void cc_jitter_close(struct cc_jitter *j);
/* Every packet of the stream, whatever it carries: counts it. False: a duplicate, not to be used.
 */
bool cc_jitter_seen(struct cc_jitter *j, uint32_t ssrc, uint16_t seq);
/* A packet of sound or of comfort noise with timestamp ts; what is neither is left out. */
void cc_jitter_put(struct cc_jitter *j, uint8_t pt, uint32_t ts, const uint8_t *data, unsigned n);
/* The next 20 ms. */
void cc_jitter_get(struct cc_jitter *j, struct cc_frame *f);
/* Time has passed in which nothing was played. */
void cc_jitter_skip(struct cc_jitter *j, unsigned frames);
/* Delay of what is played against the packet that travelled fastest, ms. */
unsigned cc_jitter_delay_ms(const struct cc_jitter *j);

#endif
