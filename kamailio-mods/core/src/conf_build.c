/* SPDX-License-Identifier: GPL-2.0-or-later
 * Makes tenant blocks and a set of a draft: sorts, resolves, finds duplicates. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/err.h"
#include "cc/utf8.h"
#include "conf_private.h"

/* A journal record has to hold the numbers of all queues that an agent is signed in to. */
#define QUEUES_OF_AGENT 256

/* ---- one tenant ---- */

/* Records begin with their number. */
static int by_number(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int unique(char *error, const struct cc_conf *c, const char *kind, void *records,
		size_t size, int32_t count)
{
	if (count > 0)
		qsort(records, (size_t)count, size, by_number);
	for (int32_t i = 1; i < count; i++) {
		const char *number = (const char *)records + (size_t)i * size;

		if (strcmp(number - size, number) == 0)
			return cc_conf_fail(error, c, "%s %s: is there twice", kind, number);
	}
	return CC_OK;
}

static int32_t place(size_t *bytes, size_t size, int32_t count)
{
	size_t at = *bytes;

	*bytes = (at + size * (size_t)count + 7) & ~(size_t)7;
	return (int32_t)at;
}

/* Within a queue list order: position, then number; agents are sorted by number already. */
static int by_list_order(const void *a, const void *b)
{
	const struct cc_conf_member *x = a, *y = b;

	if (x->queue != y->queue)
		return x->queue < y->queue ? -1 : 1;
	if (x->position != y->position)
		return x->position < y->position ? -1 : 1;
	return (x->agent > y->agent) - (x->agent < y->agent);
}

static int fill_members(char *error, struct cc_conf *c, const struct cc_conf_draft *d)
{
	struct cc_conf_member *members = (void *)((char *)c + c->members_off);
	struct cc_conf_queue *queues = (void *)((char *)c + c->queues_off);
	struct cc_conf_agent *agents = (void *)((char *)c + c->agents_off);
	int32_t *memberships = (void *)((char *)c + c->memberships_off);
	int32_t next = 0;

	for (int32_t i = 0; i < c->member_count; i++) {
		const struct cc_conf_draft_member *from = &d->members[i];
		struct cc_conf_member *m = &members[i];

		m->queue = cc_conf_queue_find(c, from->queue);
		m->agent = cc_conf_agent_find(c, from->agent);
		m->position = from->position;
		m->priority = from->priority;
		m->fixed = from->fixed;
		if (m->queue < 0)
			return cc_conf_fail(
					error, c, "member %s: there is no queue %s", from->agent, from->queue);
		if (m->agent < 0)
			return cc_conf_fail(
					error, c, "queue %s: its member %s is no agent", from->queue, from->agent);
		queues[m->queue].member_count++;
		if (++agents[m->agent].membership_count > QUEUES_OF_AGENT)
			return cc_conf_fail(
					error, c, "agent %s: in more than %d queues", from->agent, QUEUES_OF_AGENT);
	}
	if (c->member_count > 0)
		qsort(members, (size_t)c->member_count, sizeof(*members), by_list_order);
	for (int32_t i = 0; i < c->queue_count; i++) {
		queues[i].member_first = next;
		next += queues[i].member_count;
	}
	next = 0;
	for (int32_t i = 0; i < c->agent_count; i++) {
		agents[i].membership_first = next;
		next += agents[i].membership_count;
		agents[i].membership_count = 0;
	}
	/* members come queue by queue: so do those of every agent */
	for (int32_t i = 0; i < c->member_count; i++) {
		struct cc_conf_agent *a = &agents[members[i].agent];
		int32_t k = a->membership_first + a->membership_count++;

		if (a->membership_count > 1 && members[memberships[k - 1]].queue == members[i].queue)
			return cc_conf_fail(error, c, "queue %s: member %s: is there twice",
					queues[members[i].queue].number, a->number);
		memberships[k] = i;
	}
	return CC_OK;
}

static int fill_targets(char *error, struct cc_conf *c)
{
	struct cc_conf_queue *queues = (void *)((char *)c + c->queues_off);
	struct cc_conf_did *dids = (void *)((char *)c + c->dids_off);
	char where[64];
	int err = CC_OK;

	for (int32_t i = 0; i < c->did_count && !err; i++) {
		snprintf(where, sizeof(where), "DID %s", dids[i].number);
		err = cc_conf_resolve(error, c, where, &dids[i].to);
	}
	for (int32_t i = 0; i < c->queue_count && !err; i++) {
		snprintf(where, sizeof(where), "queue %s, overflow", queues[i].number);
		err = cc_conf_resolve(error, c, where, &queues[i].overflow);
	}
	return err;
}

/* FNV-1a over what the block says. */
static uint64_t hash_of(const struct cc_conf *c)
{
	const unsigned char *p = (const unsigned char *)c;
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < c->bytes; i++)
		h = (h ^ p[i]) * 1099511628211u;
	return h;
}

/* A new block in the process's own memory; its reference count is 0. */
static int block_new(struct cc_conf **block, struct cc_conf_draft *d, char *error)
{
	struct cc_conf *c = &d->head;
	int err;

	c->bytes = sizeof(*c);
	c->queues_off = place(&c->bytes, sizeof(*d->queues), c->queue_count);
	c->agents_off = place(&c->bytes, sizeof(*d->agents), c->agent_count);
	c->members_off = place(&c->bytes, sizeof(struct cc_conf_member), c->member_count);
	c->memberships_off = place(&c->bytes, sizeof(int32_t), c->member_count);
	c->dids_off = place(&c->bytes, sizeof(*d->dids), c->did_count);
	c->keys_off = place(&c->bytes, sizeof(struct cc_conf_key), c->key_count);
	c->vips_off = place(&c->bytes, sizeof(struct cc_conf_vip), c->vip_count);
	c->no_calls_off = place(&c->bytes, sizeof(struct cc_conf_listed), c->no_call_count);
	c->blacklist_off = place(&c->bytes, sizeof(struct cc_conf_listed), c->blacklist_count);
	c->holidays_off = place(&c->bytes, sizeof(struct cc_conf_holiday), c->holiday_count);
	c->profiles_off = place(&c->bytes, sizeof(struct cc_conf_profile), c->profile_count);
	c->outs_off = place(&c->bytes, sizeof(struct cc_conf_out), c->out_count);
	c->numbers_off = place(&c->bytes, sizeof(struct cc_conf_number), c->number_count);
	c->owned_off = place(&c->bytes, sizeof(uint64_t), c->did_count + c->number_count);
	c->ivrs_off = place(&c->bytes, sizeof(*d->ivrs), c->ivr_count);
	c->ivr_prompts_off = place(&c->bytes, sizeof(struct cc_conf_ivr_prompt), c->ivr_prompt_count);
	c->ivr_keys_off = place(&c->bytes, sizeof(struct cc_conf_ivr_key), c->ivr_key_count);
	if (c->bytes > INT32_MAX)
		return cc_conf_fail(error, c, "the configuration is too large");
	err = unique(error, c, "queue", d->queues, sizeof(*d->queues), c->queue_count);
	if (!err)
		err = unique(error, c, "agent", d->agents, sizeof(*d->agents), c->agent_count);
	if (!err)
		err = unique(error, c, "DID", d->dids, sizeof(*d->dids), c->did_count);
	if (!err)
		err = unique(error, c, "menu", d->ivrs, sizeof(*d->ivrs), c->ivr_count);
	if (err)
		return err;
	c = calloc(1, d->head.bytes);
	if (!c)
		return CC_E_NOMEM;
	memcpy(c, &d->head, sizeof(*c)); /* padding included: blocks are compared */
	memcpy((char *)c + c->queues_off, d->queues, sizeof(*d->queues) * (size_t)c->queue_count);
	memcpy((char *)c + c->agents_off, d->agents, sizeof(*d->agents) * (size_t)c->agent_count);
	memcpy((char *)c + c->dids_off, d->dids, sizeof(*d->dids) * (size_t)c->did_count);
	memcpy((char *)c + c->ivrs_off, d->ivrs, sizeof(*d->ivrs) * (size_t)c->ivr_count);
	err = fill_members(error, c, d);
	if (!err)
		err = fill_targets(error, c);
	if (!err)
		err = cc_conf_lists_fill(error, c, d);
	if (!err)
		err = cc_conf_ivrs_fill(error, c, d);
	if (!err)
		err = cc_conf_outbound_fill(error, c, d);
	if (err) {
		free(c);
		return err;
	}
	c->hash = hash_of(c);
	*block = c;
	return CC_OK;
}

static bool same(const struct cc_conf *a, const struct cc_conf *b)
{
	size_t from = offsetof(struct cc_conf, tenant); /* behind the count of references */

	return a->hash == b->hash && a->bytes == b->bytes &&
		   memcmp((const char *)a + from, (const char *)b + from, a->bytes - from) == 0;
}

/* The tenant's block with a reference: that of the previous set if it says the same. */
static int block_get(const struct cc_conf **block, struct cc_conf_draft *d,
		const struct cc_conf_set *previous, const struct cc_conf_memory *memory, char *error)
{
	const struct cc_conf *old = previous ? cc_conf_by_id(previous, d->head.tenant) : NULL;
	struct cc_conf *own = NULL, *c;
	int err = block_new(&own, d, error);

	if (err)
		return err;
	if (old && same(old, own)) {
		cc_conf_ref(old);
		*block = old;
		goto out;
	}
	c = memory->alloc(own->bytes);
	if (!c) {
		err = CC_E_NOMEM;
		goto out;
	}
	memcpy(c, own, own->bytes);
	c->refs = 1;
	*block = c;
out:
	free(own);
	return err;
}

/* ---- the set ---- */

static int by_id(const void *a, const void *b)
{
	const struct cc_conf_draft *x = a, *y = b;

	return (x->head.tenant > y->head.tenant) - (x->head.tenant < y->head.tenant);
}

static int by_code(const void *a, const void *b, void *set)
{
	const struct cc_conf *const *tenants = ((const struct cc_conf_set *)set)->tenants;

	return strcmp(tenants[*(const int32_t *)a]->code, tenants[*(const int32_t *)b]->code);
}

static const char *did_number(const struct cc_conf_set *set, const struct cc_conf_did_ref *d)
{
	return cc_conf_did_at(set->tenants[d->tenant], d->did)->number;
}

static int by_did(const void *a, const void *b, void *set)
{
	return strcmp(did_number(set, a), did_number(set, b));
}

static int by_trunk(const void *a, const void *b)
{
	return cc_conf_trunk_compare(a, b);
}

static int by_grant(const void *a, const void *b)
{
	const struct cc_conf_grant *x = a, *y = b;

	if (x->trunk != y->trunk)
		return x->trunk < y->trunk ? -1 : 1;
	return (x->tenant > y->tenant) - (x->tenant < y->tenant);
}

static int index_tenants(struct cc_conf_set *set, char *error)
{
	int32_t dids = 0;

	for (int32_t i = 0; i < set->tenant_count; i++) {
		const struct cc_conf *c = set->tenants[i];

		set->codes[i] = i;
		for (int32_t k = 0; k < c->did_count; k++)
			set->dids[dids++] = (struct cc_conf_did_ref){i, k};
		if (i > 0 && set->tenants[i - 1]->tenant == c->tenant)
			return cc_conf_fail(
					error, c, "id %u: tenant %s has it too", c->tenant, set->tenants[i - 1]->code);
	}
	qsort_r(set->codes, (size_t)set->tenant_count, sizeof(*set->codes), by_code, set);
	for (int32_t i = 1; i < set->tenant_count; i++) {
		const struct cc_conf *c = set->tenants[set->codes[i]];

		if (by_code(&set->codes[i - 1], &set->codes[i], set) == 0)
			return cc_conf_fail(error, c, "code: tenants %u and %u have it",
					set->tenants[set->codes[i - 1]]->tenant, c->tenant);
	}
	qsort_r(set->dids, (size_t)set->did_count, sizeof(*set->dids), by_did, set);
	for (int32_t i = 1; i < set->did_count; i++) {
		const struct cc_conf_did_ref *d = &set->dids[i];

		if (by_did(d - 1, d, set) == 0)
			return cc_conf_fail(error, set->tenants[d->tenant], "DID %s: tenant %s has it too",
					did_number(set, d), set->tenants[(d - 1)->tenant]->code);
	}
	return CC_OK;
}

/* Grants of tenants that are not in the document are harmless: nobody asks for them. */
static int index_trunks(struct cc_conf_set *set, const struct cc_conf_draft_set *d, char *error)
{
	if (d->trunk_count > 0) {
		memcpy(set->trunks, d->trunks, sizeof(*d->trunks) * (size_t)d->trunk_count);
		qsort(set->trunks, (size_t)set->trunk_count, sizeof(*set->trunks), by_trunk);
	}
	for (int32_t i = 1; i < set->trunk_count; i++) {
		const struct cc_conf_trunk *t = &set->trunks[i];

		if (by_trunk(t - 1, t) == 0)
			return cc_conf_fail(error, cc_conf_by_id(set, t->owner),
					"trunk %.100s: trunk %.100s has the same source", t->name, (t - 1)->name);
	}
	for (int32_t i = 0; i < d->grant_count; i++) {
		const struct cc_conf_trunk *t = &d->trunks[d->grants[i].trunk];

		set->grants[i].tenant = d->grants[i].tenant;
		set->grants[i].trunk =
				(int32_t)(cc_conf_trunk_find(set, t->address, t->port, t->transport) - set->trunks);
	}
	qsort(set->grants, (size_t)set->grant_count, sizeof(*set->grants), by_grant);
	return CC_OK;
}

/* Room for everything, pointers set, nothing in it. */
static struct cc_conf_set *set_new(
		const struct cc_conf_draft_set *d, const struct cc_conf_memory *memory)
{
	size_t dids = 0, bytes, tenants, codes, refs, trunks, grants;
	struct cc_conf_set *set;

	for (int32_t i = 0; i < d->tenant_count; i++)
		dids += (size_t)d->tenants[i].head.did_count;
	tenants = sizeof(*set);
	refs = tenants + sizeof(*set->tenants) * (size_t)d->tenant_count;
	grants = refs + sizeof(*set->dids) * dids;
	trunks = grants + sizeof(*set->grants) * (size_t)d->grant_count;
	codes = trunks + sizeof(*set->trunks) * (size_t)d->trunk_count;
	bytes = codes + sizeof(*set->codes) * (size_t)d->tenant_count;
	set = memory->alloc(bytes);
	if (!set)
		return NULL;
	memset(set, 0, bytes);
	set->generation = d->generation;
	set->tenants = (void *)((char *)set + tenants);
	set->dids = (void *)((char *)set + refs);
	set->grants = (void *)((char *)set + grants);
	set->trunks = (void *)((char *)set + trunks);
	set->codes = (void *)((char *)set + codes);
	set->did_count = (int32_t)dids;
	set->trunk_count = d->trunk_count;
	set->grant_count = d->grant_count;
	return set;
}

int cc_conf_build(struct cc_conf_set **result, const char *json, size_t len,
		const struct cc_conf_set *previous, const struct cc_conf_memory *memory, char *error,
		size_t error_size)
{
	struct cc_conf_draft_set d = {0};
	struct cc_conf_set *set = NULL;
	char text[CC_CONF_ERROR] = "";
	int err = cc_conf_draft_load(&d, json, len, text);

	if (err)
		goto out;
	err = CC_E_NOMEM;
	set = set_new(&d, memory);
	if (!set)
		goto out;
	err = CC_OK;
	if (d.tenant_count > 0)
		qsort(d.tenants, (size_t)d.tenant_count, sizeof(*d.tenants), by_id);
	for (int32_t i = 0; i < d.tenant_count && !err; i++) {
		err = block_get(&set->tenants[i], &d.tenants[i], previous, memory, text);
		if (!err)
			set->tenant_count++;
	}
	if (!err)
		err = index_tenants(set, text);
	if (!err)
		err = index_trunks(set, &d, text);
	if (err)
		goto out;
	*result = set;
	set = NULL;
out:
	if (err == CC_E_NOMEM)
		strcpy(text, "no memory");
	if (err && error_size > 0)
		cc_utf8_copy(error, error_size, text);
	cc_conf_set_free(set, memory);
	cc_conf_draft_clear(&d);
	return err;
}
