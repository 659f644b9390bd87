/* SPDX-License-Identifier: GPL-2.0-or-later
 * Menus and announcements of a tenant block: making them, looking into them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/err.h"
#include "conf_private.h"
#include "numbered.h"

/* ---- making ---- */

static int by_position(const void *a, const void *b)
{
	const struct cc_conf_ivr_prompt *x = a, *y = b;

	if (x->ivr != y->ivr)
		return x->ivr < y->ivr ? -1 : 1;
	return (x->position > y->position) - (x->position < y->position);
}

static int fill_prompts(char *error, struct cc_conf *c, const struct cc_conf_draft *d)
{
	struct cc_conf_ivr_prompt *prompts = (void *)((char *)c + c->ivr_prompts_off);
	struct cc_conf_ivr *ivrs = (void *)((char *)c + c->ivrs_off);

	for (int32_t i = 0; i < c->ivr_prompt_count; i++) {
		const struct cc_conf_draft_ivr_prompt *from = &d->ivr_prompts[i];
		struct cc_conf_ivr_prompt *p = &prompts[i];

		p->ivr = cc_conf_ivr_find(c, from->ivr);
		p->position = from->position;
		p->gap_ms = from->gap_ms;
		strcpy(p->prompt, from->prompt);
		if (p->ivr < 0)
			return cc_conf_fail(error, c, "prompt %s: there is no menu %s", p->prompt, from->ivr);
		if (++ivrs[p->ivr].prompt_count > CC_IVR_PROMPTS)
			return cc_conf_fail(
					error, c, "menu %s: has more than %d prompts", from->ivr, CC_IVR_PROMPTS);
	}
	if (c->ivr_prompt_count > 0)
		qsort(prompts, (size_t)c->ivr_prompt_count, sizeof(*prompts), by_position);
	for (int32_t i = 1; i < c->ivr_count; i++)
		ivrs[i].prompt_first = ivrs[i - 1].prompt_first + ivrs[i - 1].prompt_count;
	return CC_OK;
}

static int by_keys(const void *a, const void *b)
{
	const struct cc_conf_ivr_key *x = a, *y = b;

	return x->ivr != y->ivr ? (x->ivr < y->ivr ? -1 : 1) : strcmp(x->keys, y->keys);
}

static int fill_keys(char *error, struct cc_conf *c, const struct cc_conf_draft *d)
{
	struct cc_conf_ivr_key *keys = (void *)((char *)c + c->ivr_keys_off);
	struct cc_conf_ivr *ivrs = (void *)((char *)c + c->ivrs_off);
	char where[64];
	int err;

	for (int32_t i = 0; i < c->ivr_key_count; i++) {
		const struct cc_conf_draft_ivr_key *from = &d->ivr_keys[i];
		struct cc_conf_ivr_key *k = &keys[i];

		snprintf(where, sizeof(where), "menu %s, keys %s", from->ivr, from->keys);
		k->ivr = cc_conf_ivr_find(c, from->ivr);
		k->to = from->to;
		strcpy(k->keys, from->keys);
		if (k->ivr < 0)
			return cc_conf_fail(error, c, "%s: there is no such menu", where);
		err = cc_conf_resolve(error, c, where, &k->to);
		if (err)
			return err;
		ivrs[k->ivr].key_count++;
	}
	if (c->ivr_key_count > 0)
		qsort(keys, (size_t)c->ivr_key_count, sizeof(*keys), by_keys);
	for (int32_t i = 1; i < c->ivr_key_count; i++)
		if (by_keys(&keys[i - 1], &keys[i]) == 0)
			return cc_conf_fail(error, c, "menu %s, keys %s: are there twice",
					ivrs[keys[i].ivr].number, keys[i].keys);
	for (int32_t i = 1; i < c->ivr_count; i++)
		ivrs[i].key_first = ivrs[i - 1].key_first + ivrs[i - 1].key_count;
	return CC_OK;
}

static int fill_targets(char *error, struct cc_conf *c)
{
	struct cc_conf_ivr *ivrs = (void *)((char *)c + c->ivrs_off);
	char where[64];
	int err = CC_OK;

	for (int32_t i = 0; i < c->ivr_count && !err; i++) {
		snprintf(where, sizeof(where), "menu %s, time-out", ivrs[i].number);
		err = cc_conf_resolve(error, c, where, &ivrs[i].timeout);
		if (err)
			break;
		snprintf(where, sizeof(where), "menu %s, no match", ivrs[i].number);
		err = cc_conf_resolve(error, c, where, &ivrs[i].no_match);
	}
	return err;
}

int cc_conf_ivrs_fill(char *error, struct cc_conf *c, const struct cc_conf_draft *d)
{
	int err = fill_prompts(error, c, d);

	if (!err)
		err = fill_keys(error, c, d);
	return err ? err : fill_targets(error, c);
}

/* ---- looking ---- */

static const struct cc_conf_ivr *ivrs_of(const struct cc_conf *c)
{
	return (const void *)((const char *)c + c->ivrs_off);
}

const struct cc_conf_ivr *cc_conf_ivr_at(const struct cc_conf *c, int32_t i)
{
	return &ivrs_of(c)[i];
}

int32_t cc_conf_ivr_find(const struct cc_conf *c, const char *number)
{
	return cc_numbered_find(ivrs_of(c), sizeof(struct cc_conf_ivr), c->ivr_count, number);
}

const struct cc_conf_ivr_prompt *cc_conf_ivr_prompt_at(
		const struct cc_conf *c, int32_t ivr, int32_t i)
{
	const struct cc_conf_ivr_prompt *prompts = (const void *)((const char *)c + c->ivr_prompts_off);

	return &prompts[cc_conf_ivr_at(c, ivr)->prompt_first + i];
}

static const struct cc_conf_ivr_key *key_at(const struct cc_conf *c, int32_t ivr, int32_t i)
{
	const struct cc_conf_ivr_key *keys = (const void *)((const char *)c + c->ivr_keys_off);

	return &keys[cc_conf_ivr_at(c, ivr)->key_first + i];
}

const struct cc_conf_target *cc_conf_ivr_input(
		const struct cc_conf *c, int32_t ivr, const char *keys, struct cc_conf_target *agent)
{
	const struct cc_conf_ivr *m = cc_conf_ivr_at(c, ivr);

	for (int32_t i = 0; i < m->key_count; i++)
		if (strcmp(key_at(c, ivr, i)->keys, keys) == 0)
			return &key_at(c, ivr, i)->to;
	*agent = (struct cc_conf_target){
			.kind = CC_TARGET_AGENT, .index = m->dial_agents ? cc_conf_agent_find(c, keys) : -1};
	if (agent->index < 0)
		return NULL;
	strcpy(agent->name, cc_conf_agent_at(c, agent->index)->number);
	return agent;
}

/* The first agent whose number does not come before this text. */
static int32_t agents_from(const struct cc_conf *c, const char *text)
{
	int32_t lo = 0, hi = c->agent_count;

	while (lo < hi) {
		int32_t mid = lo + (hi - lo) / 2;

		if (strcmp(cc_conf_agent_at(c, mid)->number, text) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool cc_conf_ivr_goes_on(const struct cc_conf *c, int32_t ivr, const char *keys)
{
	const struct cc_conf_ivr *m = cc_conf_ivr_at(c, ivr);
	size_t len = strlen(keys), max = m->max_keys ? (size_t)m->max_keys : SIZE_MAX;

	if (len >= max)
		return false;
	for (int32_t i = 0; i < m->key_count; i++) {
		const char *key = key_at(c, ivr, i)->keys;

		if (strncmp(key, keys, len) == 0 && key[len] && strlen(key) <= max)
			return true;
	}
	for (int32_t i = agents_from(c, keys); m->dial_agents && i < c->agent_count; i++) {
		const char *number = cc_conf_agent_at(c, i)->number;

		if (strncmp(number, keys, len) != 0)
			break;
		if (number[len] && strlen(number) <= max)
			return true;
	}
	return false;
}
