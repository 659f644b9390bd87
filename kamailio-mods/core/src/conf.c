/* SPDX-License-Identifier: GPL-2.0-or-later
 * Look-ups in a configuration that is there; conf_load.c makes it. */
#include "cc/conf.h"

#include <string.h>

#include "cc/err.h"
#include "conf_private.h"

static const void *at(const struct cc_conf *c, int32_t offset)
{
	return (const char *)c + offset;
}

const struct cc_conf_queue *cc_conf_queue_at(const struct cc_conf *c, int32_t i)
{
	return (const struct cc_conf_queue *)at(c, c->queues_off) + i;
}

const struct cc_conf_agent *cc_conf_agent_at(const struct cc_conf *c, int32_t i)
{
	return (const struct cc_conf_agent *)at(c, c->agents_off) + i;
}

const struct cc_conf_member *cc_conf_member_at(const struct cc_conf *c, int32_t i)
{
	return (const struct cc_conf_member *)at(c, c->members_off) + i;
}

int32_t cc_conf_membership(const struct cc_conf *c, int32_t agent, int32_t i)
{
	return ((const int32_t *)at(
			c, c->memberships_off))[cc_conf_agent_at(c, agent)->membership_first + i];
}

const struct cc_conf_did *cc_conf_did_at(const struct cc_conf *c, int32_t i)
{
	return (const struct cc_conf_did *)at(c, c->dids_off) + i;
}

/* Binary search in count elements of size bytes that begin with their number. */
static int32_t find(const void *first, int32_t count, size_t size, const char *number)
{
	int32_t low = 0, high = count;

	while (low < high) {
		int32_t middle = low + (high - low) / 2;
		int order = strcmp((const char *)first + (size_t)middle * size, number);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return CC_E_NOENT;
}

int32_t cc_conf_queue_find(const struct cc_conf *c, const char *number)
{
	return find(at(c, c->queues_off), c->queue_count, sizeof(struct cc_conf_queue), number);
}

int32_t cc_conf_agent_find(const struct cc_conf *c, const char *number)
{
	return find(at(c, c->agents_off), c->agent_count, sizeof(struct cc_conf_agent), number);
}

int32_t cc_conf_did_find(const struct cc_conf *c, const char *number)
{
	return find(at(c, c->dids_off), c->did_count, sizeof(struct cc_conf_did), number);
}

int64_t cc_conf_generation(const struct cc_conf_set *set)
{
	return set->generation;
}

int32_t cc_conf_tenant_count(const struct cc_conf_set *set)
{
	return set->tenant_count;
}

const struct cc_conf *cc_conf_tenant_at(const struct cc_conf_set *set, int32_t i)
{
	return set->tenants[i];
}

const struct cc_conf *cc_conf_by_id(const struct cc_conf_set *set, uint32_t tenant)
{
	int32_t low = 0, high = set->tenant_count;

	while (low < high) {
		int32_t middle = low + (high - low) / 2;

		if (set->tenants[middle]->tenant == tenant)
			return set->tenants[middle];
		if (set->tenants[middle]->tenant < tenant)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct cc_conf *cc_conf_by_code(const struct cc_conf_set *set, const char *code)
{
	for (int32_t i = 0; i < set->tenant_count; i++)
		if (strcmp(set->tenants[i]->code, code) == 0)
			return set->tenants[i];
	return NULL;
}

const struct cc_conf *cc_conf_by_did(const struct cc_conf_set *set, const char *number, int32_t *did)
{
	int32_t i = find(set->dids, set->did_count, sizeof(struct conf_number), number);

	if (i < 0)
		return NULL;
	*did = set->dids[i].index;
	return set->tenants[set->dids[i].tenant];
}

const struct cc_conf_trunk *cc_conf_trunk_find(const struct cc_conf_set *set, const char *address,
		uint16_t port, enum cc_transport transport)
{
	if (transport == CC_TRANSPORT_WS)
		return NULL;
	for (int32_t i = 0; i < set->trunk_count; i++)
		if (set->trunks[i].port == port && set->trunks[i].transport == transport &&
				strcmp(set->trunks[i].address, address) == 0)
			return &set->trunks[i];
	return NULL;
}

bool cc_conf_trunk_granted(
		const struct cc_conf_set *set, const struct cc_conf_trunk *trunk, uint32_t tenant)
{
	int32_t index = (int32_t)(trunk - set->trunks);

	if (trunk->owner == tenant)
		return true;
	for (int32_t i = 0; i < set->grant_count; i++)
		if (set->grants[i].trunk == index && set->grants[i].tenant == tenant)
			return true;
	return false;
}

void cc_conf_ref(const struct cc_conf *c)
{
	__atomic_add_fetch(&((struct cc_conf *)c)->refs, 1, __ATOMIC_RELAXED);
}

void cc_conf_put(const struct cc_conf *c, const struct cc_conf_memory *memory)
{
	if (c && __atomic_sub_fetch(&((struct cc_conf *)c)->refs, 1, __ATOMIC_ACQ_REL) == 0)
		memory->free((void *)c);
}

void cc_conf_set_free(struct cc_conf_set *set, const struct cc_conf_memory *memory)
{
	if (!set)
		return;
	for (int32_t i = 0; i < set->tenant_count; i++)
		cc_conf_put(set->tenants[i], memory);
	memory->free(set);
}
