/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include "cc/err.h"
#include "mixer.h"

void cc_mix_leg_init(struct cc_mix_leg *l, void *owner)
{
	memset(l, 0, sizeof *l);
	cc_jitter_init(&l->jitter);
	l->owner = owner;
}

static void leave(struct cc_mix_leg *l)
{
	if (l->conf)
		l->conf->leg[l->seat] = NULL;
	l->conf = NULL;
}

void cc_mix_leg_close(struct cc_mix_leg *l)
{
	leave(l);
	for (int i = 0; i < CC_LAYERS; i++)
		cc_player_stop(&l->layer[i]);
	cc_jitter_close(&l->jitter);
}

int cc_mix_conf_set(struct cc_mix_conf **conf, struct cc_mix_conf *old,
		struct cc_mix_leg *const *legs, unsigned n, const uint16_t *gain, bool relay, void *owner)
{
	struct cc_mix_conf *c;

	if (n == 0 || n > CC_CONF_LEGS)
		return CC_E_RANGE;
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < i; k++)
			if (legs[i] == legs[k])
				return CC_E_RANGE;
	for (unsigned i = 0; i < n * n; i++)
		if (gain[i] > CC_GAIN_MAX)
			return CC_E_RANGE;
	c = calloc(1, sizeof *c);
	if (!c)
		return CC_E_NOMEM;
	c->gain = malloc(n * n * sizeof *gain);
	if (!c->gain) {
		free(c);
		return CC_E_NOMEM;
	}
	memcpy(c->gain, gain, n * n * sizeof *gain);
	c->n = n;
	c->relay = relay;
	c->owner = owner;
	cc_mix_conf_free(old);
	for (unsigned i = 0; i < n; i++) {
		leave(legs[i]);
		c->leg[i] = legs[i];
		legs[i]->conf = c;
		legs[i]->seat = i;
	}
	*conf = c;
	return 0;
}

void cc_mix_conf_free(struct cc_mix_conf *c)
{
	if (!c)
		return;
	for (unsigned i = 0; i < c->n; i++)
		if (c->leg[i])
			c->leg[i]->conf = NULL;
	free(c->gain);
	free(c);
}

unsigned cc_mix_conf_count(const struct cc_mix_conf *c)
{
	unsigned k = 0;

	for (unsigned i = 0; i < c->n; i++)
		k += c->leg[i] != NULL;
	return k;
}

unsigned cc_mix_gain(const struct cc_mix_leg *listener, const struct cc_mix_leg *speaker)
{
	const struct cc_mix_conf *c = listener->conf;

	return c && c == speaker->conf ? c->gain[listener->seat * c->n + speaker->seat] : 0;
}

void cc_mix_leg_read(struct cc_mix_leg *l)
{
	cc_jitter_get(&l->jitter, &l->in);
}

static void add(int32_t acc[CC_FRAME], const int16_t *s, int gain)
{
	if (gain == CC_UNITY)
		for (unsigned i = 0; i < CC_FRAME; i++)
			acc[i] += s[i];
	else
		for (unsigned i = 0; i < CC_FRAME; i++)
			acc[i] += s[i] * gain / CC_UNITY;
}

static void limit(int32_t acc[CC_FRAME])
{
	for (unsigned i = 0; i < CC_FRAME; i++)
		acc[i] = acc[i] > INT16_MAX ? INT16_MAX : acc[i] < INT16_MIN ? INT16_MIN : acc[i];
}

/* Speakers whom the leg hears now; *only is the last of them. */
static unsigned speakers(const struct cc_mix_leg *l, const struct cc_mix_leg **only)
{
	const struct cc_mix_conf *c = l->conf;
	unsigned n = 0;

	for (unsigned i = 0; c && i < c->n; i++)
		if (c->leg[i] && c->leg[i]->in.heard && c->gain[l->seat * c->n + i]) {
			*only = c->leg[i];
			n++;
		}
	return n;
}

static bool layers_on(const struct cc_mix_leg *l)
{
	for (int i = 0; i < CC_LAYERS; i++)
		if (l->layer[i].on)
			return true;
	return false;
}

/* The sum of n speakers, and the layers over it. */
static void mix(struct cc_mix_leg *l, unsigned n, struct cc_mix_out *out)
{
	const struct cc_mix_conf *c = l->conf;
	int32_t acc[CC_FRAME] = {0};

	for (unsigned i = 0; n && i < c->n; i++)
		if (c->leg[i] && c->leg[i]->in.heard && c->gain[l->seat * c->n + i]) {
			add(acc, c->leg[i]->in.pcm, c->gain[l->seat * c->n + i]);
			n--;
		}
	for (int i = 0; i < CC_LAYERS; i++) {
		limit(acc); /* keeps the products of the layers' gains in range, too */
		out->result[i] = cc_player_run(&l->layer[i], acc);
	}
	limit(acc);
	for (unsigned i = 0; i < CC_FRAME; i++)
		out->pcm[i] = (int16_t)acc[i];
}

void cc_mix_leg_write(struct cc_mix_leg *l, uint8_t pt, struct cc_mix_out *out)
{
	const struct cc_mix_leg *only = NULL;
	unsigned n = speakers(l, &only);
	bool layers = layers_on(l);

	memset(out->result, 0, sizeof out->result);
	out->kind = CC_MIX_SOUND;
	if (n == 0 && !layers) {
		out->kind = CC_MIX_SILENCE;
		memset(out->pcm, 0, sizeof out->pcm);
		return;
	}
	if (n == 1 && !layers && only->in.whole && only->in.pt == pt &&
			cc_mix_gain(l, only) == CC_UNITY) {
		out->kind = CC_MIX_PASS;
		out->speaker = only;
		out->code = only->in.code;
		return;
	}
	mix(l, n, out);
}
