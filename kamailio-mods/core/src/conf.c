/* SPDX-License-Identifier: GPL-2.0-or-later
 * Looking into tenant blocks and sets. */
#include <stdlib.h>
#include <string.h>
#include "cc/err.h"
#include "cc/number.h"
#include "conf_private.h"
#include "numbered.h"

static const void *at(const struct cc_conf *c, int32_t off, size_t size, int32_t i)
{
	return (const char *)c + off + (size_t)i * size;
}

const struct cc_conf_queue *cc_conf_queue_at(const struct cc_conf *c, int32_t i)
{
	return at(c, c->queues_off, sizeof(struct cc_conf_queue), i);
}

const struct cc_conf_agent *cc_conf_agent_at(const struct cc_conf *c, int32_t i)
{
	return at(c, c->agents_off, sizeof(struct cc_conf_agent), i);
}

const struct cc_conf_member *cc_conf_member_at(const struct cc_conf *c, int32_t i)
{
	return at(c, c->members_off, sizeof(struct cc_conf_member), i);
}

const struct cc_conf_did *cc_conf_did_at(const struct cc_conf *c, int32_t i)
{
	return at(c, c->dids_off, sizeof(struct cc_conf_did), i);
}

int32_t cc_conf_membership(const struct cc_conf *c, int32_t agent, int32_t i)
{
	const int32_t *m = at(c, c->memberships_off, sizeof(int32_t), 0);

	return m[cc_conf_agent_at(c, agent)->membership_first + i];
}

static int32_t number_find(
		const struct cc_conf *c, int32_t off, size_t size, int32_t count, const char *number)
{
	return cc_numbered_find(at(c, off, size, 0), size, count, number);
}

int32_t cc_conf_queue_find(const struct cc_conf *c, const char *number)
{
	return number_find(c, c->queues_off, sizeof(struct cc_conf_queue), c->queue_count, number);
}

int32_t cc_conf_agent_find(const struct cc_conf *c, const char *number)
{
	return number_find(c, c->agents_off, sizeof(struct cc_conf_agent), c->agent_count, number);
}

int32_t cc_conf_did_find(const struct cc_conf *c, const char *number)
{
	return number_find(c, c->dids_off, sizeof(struct cc_conf_did), c->did_count, number);
}

int cc_conf_code_columns(const struct cc_conf *c)
{
	return c->gateway_codes ? CC_CODE_COLUMNS : 1;
}

const struct cc_conf_target *cc_conf_key(const struct cc_conf *c, int32_t queue, char digit)
{
	const struct cc_conf_queue *q = cc_conf_queue_at(c, queue);
	const struct cc_conf_key *keys = at(c, c->keys_off, sizeof(*keys), q->key_first);

	for (int32_t i = 0; i < q->key_count; i++)
		if (keys[i].digit == digit)
			return &keys[i].to;
	return NULL;
}

int32_t cc_conf_vip_level(const struct cc_conf *c, int32_t queue, const char *number)
{
	const struct cc_conf_vip *vips = at(c, c->vips_off, sizeof(*vips), 0);
	int32_t lo = 0, hi = c->vip_count;
	char e164[CC_NUMBER_E164 + 1];

	if (hi == 0 || cc_number_e164(e164, number, c->country, c->area_code) < 0)
		return 0;
	while (lo < hi) {
		int32_t mid = lo + (hi - lo) / 2;
		int order =
				vips[mid].queue != queue ? vips[mid].queue - queue : strcmp(vips[mid].number, e164);

		if (order == 0)
			return vips[mid].level;
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return 0;
}

/* In a sorted list, of the package or, 0, of any. */
static bool is_listed(
		const struct cc_conf *c, int32_t off, int32_t count, const char *e164, uint32_t package)
{
	const struct cc_conf_listed *list = at(c, off, sizeof(*list), 0);
	uint64_t number = strtoull(e164, NULL, 10);
	int32_t lo = 0, hi = count; /* the first one that does not come before */

	while (lo < hi) {
		int32_t mid = lo + (hi - lo) / 2;

		if (list[mid].number < number ||
				(list[mid].number == number && list[mid].package < package))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < count && list[lo].number == number && (package == 0 || list[lo].package == package);
}

bool cc_conf_no_call(const struct cc_conf *c, const char *e164, uint32_t package)
{
	return is_listed(c, c->no_calls_off, c->no_call_count, e164, package);
}

bool cc_conf_blacklisted(const struct cc_conf *c, const char *e164)
{
	return is_listed(c, c->blacklist_off, c->blacklist_count, e164, 0);
}

bool cc_conf_is_holiday(const struct cc_conf *c, int64_t utc_ms)
{
	const struct cc_conf_holiday *holidays = at(c, c->holidays_off, sizeof(*holidays), 0);
	int32_t lo = 0, hi = c->holiday_count; /* how many have begun */

	while (lo < hi) {
		int32_t mid = lo + (hi - lo) / 2;

		if (holidays[mid].from_ms <= utc_ms)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo > 0 && utc_ms < holidays[lo - 1].to_ms;
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
	int32_t lo = 0, hi = set->tenant_count;

	while (lo < hi) {
		int32_t mid = lo + (hi - lo) / 2;

		if (set->tenants[mid]->tenant == tenant)
			return set->tenants[mid];
		if (set->tenants[mid]->tenant < tenant)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const struct cc_conf *cc_conf_by_code(const struct cc_conf_set *set, const char *code)
{
	int32_t lo = 0, hi = set->tenant_count;

	while (lo < hi) {
		int32_t mid = lo + (hi - lo) / 2;
		const struct cc_conf *c = set->tenants[set->codes[mid]];
		int order = strcmp(c->code, code);

		if (order == 0)
			return c;
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const struct cc_conf *cc_conf_by_did(
		const struct cc_conf_set *set, const char *number, int32_t *did)
{
	int32_t lo = 0, hi = set->did_count;

	while (lo < hi) {
		int32_t mid = lo + (hi - lo) / 2;
		const struct cc_conf *c = set->tenants[set->dids[mid].tenant];
		int order = strcmp(cc_conf_did_at(c, set->dids[mid].did)->number, number);

		if (order == 0) {
			*did = set->dids[mid].did;
			return c;
		}
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

int cc_conf_trunk_compare(const struct cc_conf_trunk *a, const struct cc_conf_trunk *b)
{
	int order = strcmp(a->address, b->address);

	if (order == 0)
		order = a->port - b->port;
	return order ? order : (int)a->transport - (int)b->transport;
}

const struct cc_conf_trunk *cc_conf_trunk_find(const struct cc_conf_set *set, const char *address,
		uint16_t port, enum cc_transport transport)
{
	struct cc_conf_trunk wanted = {.port = port, .transport = transport};
	int32_t lo = 0, hi = set->trunk_count;

	if (transport == CC_TRANSPORT_WS || strlen(address) >= sizeof(wanted.address))
		return NULL;
	strcpy(wanted.address, address);
	while (lo < hi) {
		int32_t mid = lo + (hi - lo) / 2;
		int order = cc_conf_trunk_compare(&set->trunks[mid], &wanted);

		if (order == 0)
			return &set->trunks[mid];
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const struct cc_conf_trunk *cc_conf_trunk_named(const struct cc_conf_set *set, const char *name)
{
	for (int32_t i = 0; i < set->trunk_count; i++)
		if (strcmp(set->trunks[i].name, name) == 0)
			return &set->trunks[i];
	return NULL;
}

bool cc_conf_trunk_granted(
		const struct cc_conf_set *set, const struct cc_conf_trunk *trunk, uint32_t tenant)
{
	int32_t index = (int32_t)(trunk - set->trunks), lo = 0, hi = set->grant_count;

	if (trunk->owner == tenant)
		return true;
	while (lo < hi) {
		int32_t mid = lo + (hi - lo) / 2;
		const struct cc_conf_grant *g = &set->grants[mid];

		if (g->trunk == index && g->tenant == tenant)
			return true;
		if (g->trunk < index || (g->trunk == index && g->tenant < tenant))
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

/* Whether trunk i comes before trunk k; names of different owners may be the same. */
static bool trunk_before(const struct cc_conf_set *set, int32_t i, int32_t k)
{
	int order = strcmp(set->trunks[i].name, set->trunks[k].name);

	return order ? order < 0 : i < k;
}

const struct cc_conf_trunk *cc_conf_trunk_nth(
		const struct cc_conf_set *set, uint32_t tenant, int32_t n)
{
	int32_t last = -1, best;

	do {
		best = -1;
		for (int32_t i = 0; i < set->trunk_count; i++)
			if ((last < 0 || trunk_before(set, last, i)) &&
					(best < 0 || trunk_before(set, i, best)) &&
					cc_conf_trunk_granted(set, &set->trunks[i], tenant))
				best = i;
		last = best;
	} while (best >= 0 && n-- > 0);
	return best < 0 ? NULL : &set->trunks[best];
}

const struct cc_conf_trunk *cc_conf_trunk_by_id(
		const struct cc_conf_set *set, uint32_t tenant, uint32_t id)
{
	for (int32_t i = 0; i < set->trunk_count; i++)
		if (set->trunks[i].id == id)
			return cc_conf_trunk_granted(set, &set->trunks[i], tenant) ? &set->trunks[i] : NULL;
	return NULL;
}

uint64_t cc_conf_trunk_id(const struct cc_conf_trunk *trunk)
{
	uint64_t id = 14695981039346656037u; /* FNV-1a of the address */

	for (const char *p = trunk->address; *p; p++)
		id = (id ^ (unsigned char)*p) * 1099511628211u;
	id = (id ^ trunk->port) * 1099511628211u;
	return ((id ^ (uint64_t)trunk->transport) * 1099511628211u) | 1;
}

/* Callers see blocks as constant: the count of references is not part of what a block says. */
static int32_t *refs(const struct cc_conf *c)
{
	return (int32_t *)(uintptr_t)&c->refs;
}

void cc_conf_ref(const struct cc_conf *c)
{
	__atomic_add_fetch(refs(c), 1, __ATOMIC_RELAXED);
}

void cc_conf_put(const struct cc_conf *c, const struct cc_conf_memory *memory)
{
	if (__atomic_sub_fetch(refs(c), 1, __ATOMIC_ACQ_REL) == 0)
		memory->free((void *)(uintptr_t)c);
}

void cc_conf_set_free(struct cc_conf_set *set, const struct cc_conf_memory *memory)
{
	if (!set)
		return;
	for (int32_t i = 0; i < set->tenant_count; i++)
		cc_conf_put(set->tenants[i], memory);
	memory->free(set);
}
