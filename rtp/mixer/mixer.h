/* SPDX-License-Identifier: GPL-2.0-or-later
 * The mixer without sockets, clock and names: legs with sound in and out, conferences with a gain
 * matrix, layers. One thread. Every tick: cc_mix_leg_read for all legs, then cc_mix_leg_write for
 * all legs. */
#ifndef CC_MIXER_H
#define CC_MIXER_H

#include <stdbool.h>
#include <stdint.h>
#include "jitter.h"
#include "player.h"

#define CC_CONF_LEGS 100
#define CC_GAIN_MAX 1024

enum cc_layer_kind
{
	CC_LAYER_MUSIC,
	CC_LAYER_PROMPT,
	CC_LAYERS,
};

struct cc_mix_conf;

struct cc_mix_leg
{
	struct cc_jitter jitter;
	struct cc_player layer[CC_LAYERS]; /* from the bottom up */
	struct cc_mix_conf *conf;
	unsigned seat;      /* row and column in the conference */
	struct cc_frame in; /* what it says in this tick */
	void *owner;
};

/* Never changed but by a leg's leaving: a new matrix is a new structure. */
struct cc_mix_conf
{
	unsigned n;
	bool relay;                           /* digits go along non-zero gains */
	struct cc_mix_leg *leg[CC_CONF_LEGS]; /* NULL: left */
	uint16_t *gain;                       /* [listener * n + speaker], CC_UNITY = 1.0 */
	void *owner;
};

void cc_mix_leg_init(struct cc_mix_leg *l, void *owner);
/* Leaves its conference and lets its clips go. */
void cc_mix_leg_close(struct cc_mix_leg *l);

/* A conference of legs[n] that takes the place of old (NULL: none) in one step; its legs leave
 * where they were. gain: n * n. CC_E_RANGE, CC_E_NOMEM: nothing has changed. */
int cc_mix_conf_set(struct cc_mix_conf **conf, struct cc_mix_conf *old,
		struct cc_mix_leg *const *legs, unsigned n, const uint16_t *gain, bool relay, void *owner);
void cc_mix_conf_free(struct cc_mix_conf *c);
unsigned cc_mix_conf_count(const struct cc_mix_conf *c);
/* Gain of speaker at listener's ear, 0 if they do not share a conference. */
unsigned cc_mix_gain(const struct cc_mix_leg *listener, const struct cc_mix_leg *speaker);

/* What one leg hears in a tick. */
struct cc_mix_out
{
	enum
	{
		CC_MIX_SILENCE, /* pcm is zeros */
		CC_MIX_PASS,    /* just one speaker: code is what he sent */
		CC_MIX_SOUND,   /* pcm */
	} kind;
	const uint8_t *code;                   /* PASS */
	const struct cc_mix_leg *speaker;      /* PASS: whose it is */
	int16_t pcm[CC_FRAME];                 /* SILENCE, SOUND */
	enum cc_play_result result[CC_LAYERS]; /* what became of the layers */
};

void cc_mix_leg_read(struct cc_mix_leg *l);
/* pt: what the leg is sent in; nothing is passed on unopened in another codec. */
void cc_mix_leg_write(struct cc_mix_leg *l, uint8_t pt, struct cc_mix_out *out);

#endif
