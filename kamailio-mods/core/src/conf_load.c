/* SPDX-License-Identifier: GPL-2.0-or-later
 * JSON document -> configuration. Two passes over a tenant: the first one counts, the second one fills the block.
 * Everything is checked before the set is handed out; the first mistake ends it with a text for a person. */
#include <json-c/json.h>
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cc/conf.h"
#include "cc/err.h"
#include "conf_private.h"

struct load
{
	char where[160]; /* "tenant demo, queue 600" */
	char *error;
	size_t error_size;
	bool failed;
};

static void fail(struct load *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void fail(struct load *l, const char *format, ...)
{
	va_list ap;
	int n;

	if (l->failed)
		return;
	l->failed = true;
	n = snprintf(l->error, l->error_size, "%s: ", l->where);
	if (n < 0 || (size_t)n >= l->error_size)
		return;
	va_start(ap, format);
	vsnprintf(l->error + n, l->error_size - (size_t)n, format, ap);
	va_end(ap);
}

/* ---- fields ---- */

static json_object *field(struct load *l, json_object *o, const char *name, json_type type)
{
	json_object *v = NULL;

	if (!json_object_object_get_ex(o, name, &v) || !v)
		fail(l, "%s is missing", name);
	else if (!json_object_is_type(v, type))
		fail(l, "%s must be a %s", name, json_type_to_name(type));
	else
		return v;
	return NULL;
}

static void text(struct load *l, json_object *o, const char *name, char *to, size_t size)
{
	json_object *v = field(l, o, name, json_type_string);

	to[0] = '\0';
	if (!v)
		return;
	if ((size_t)json_object_get_string_len(v) >= size ||
			strlen(json_object_get_string(v)) != (size_t)json_object_get_string_len(v))
		fail(l, "%s is too long", name);
	else
		strcpy(to, json_object_get_string(v));
}

static int64_t number(struct load *l, json_object *o, const char *name, int64_t min, int64_t max)
{
	json_object *v = field(l, o, name, json_type_int);
	int64_t n = v ? json_object_get_int64(v) : min;

	if (n < min || n > max) {
		fail(l, "%s must be %lld to %lld", name, (long long)min, (long long)max);
		n = min;
	}
	return n;
}

static int32_t seconds(struct load *l, json_object *o, const char *name, int64_t min)
{
	return (int32_t)number(l, o, name, min, 86400) * 1000;
}

static bool flag(struct load *l, json_object *o, const char *name)
{
	json_object *v = field(l, o, name, json_type_boolean);

	return v && json_object_get_boolean(v);
}

/* Index of the word in a list that NULL ends. */
static int word(struct load *l, json_object *o, const char *name, const char *const words[])
{
	json_object *v = field(l, o, name, json_type_string);

	for (int i = 0; v && words[i]; i++)
		if (strcmp(json_object_get_string(v), words[i]) == 0)
			return i;
	if (v)
		fail(l, "%s \"%s\" is unknown", name, json_object_get_string(v));
	return 0;
}

static bool enabled(struct load *l, json_object *o)
{
	static const char *const words[] = { "enabled", "disabled", NULL };

	return word(l, o, "state", words) == 0;
}

static void digits(struct load *l, json_object *o, const char *name, char *to, size_t size,
		size_t min, size_t max)
{
	size_t len;

	text(l, o, name, to, size);
	len = strlen(to);
	if (len < min || len > max || strspn(to, "0123456789") != len)
		fail(l, "%s must be %zu to %zu digits", name, min, max);
}

static void md5(struct load *l, json_object *o, const char *name, char to[33])
{
	text(l, o, name, to, 33);
	if (strlen(to) != 32 || strspn(to, "0123456789abcdef") != 32)
		fail(l, "%s must be 32 lower case hexadecimal digits", name);
}

/* An unknown field is a misspelling or comes from a newer version. */
static void known(struct load *l, json_object *o, const char *const names[])
{
	json_object_object_foreach(o, key, value)
	{
		int i = 0;

		(void)value;
		while (names[i] && strcmp(names[i], key) != 0)
			i++;
		if (!names[i])
			fail(l, "%s is unknown", key);
	}
}

static int32_t list_length(struct load *l, json_object *o, const char *name)
{
	json_object *v = field(l, o, name, json_type_array);

	return v ? (int32_t)json_object_array_length(v) : 0;
}

static json_object *element(struct load *l, json_object *o, const char *name, int32_t i)
{
	json_object *v = json_object_array_get_idx(json_object_object_get(o, name), (size_t)i);

	if (!json_object_is_type(v, json_type_object)) {
		fail(l, "%s[%d] must be an object", name, (int)i);
		return NULL;
	}
	return v;
}

static void enter(struct load *l, const struct cc_conf *c, const char *kind, const char *which)
{
	if (!l->failed)
		snprintf(l->where, sizeof(l->where), "tenant %s%s%s%s%s", c->code, kind ? ", " : "",
				kind ? kind : "", which[0] ? " " : "", which);
}

/* ---- parts of a tenant ---- */

static void load_queue(struct load *l, const struct cc_conf *c, json_object *o, struct cc_conf_queue *q)
{
	static const char *const strategies[] = {
		"longest_idle", "fewest_calls", "linear", "round_robin", "random", "ring_all", NULL
	};
	static const char *const wrapups[] = { "off", "answered", "ringing", NULL };
	static const char *const names[] = { "number", "name", "strategy", "ring_timeout_s", "max_wait_s",
		"max_waiting", "retry_delay_s", "wrapup", "wrapup_s", "join_empty", "auto_pause", "music",
		"entry_prompt", "announce_position", "announce_period_s", "record", "state", NULL };

	enter(l, c, "queue", "");
	digits(l, o, "number", q->number, sizeof(q->number), 1, 8);
	enter(l, c, "queue", q->number);
	known(l, o, names);
	text(l, o, "name", q->name, sizeof(q->name));
	q->strategy = (enum cc_strategy)word(l, o, "strategy", strategies);
	q->ring_timeout_ms = seconds(l, o, "ring_timeout_s", 1);
	q->max_wait_ms = seconds(l, o, "max_wait_s", 0);
	q->max_waiting = (int32_t)number(l, o, "max_waiting", 0, 100000);
	q->retry_delay_ms = seconds(l, o, "retry_delay_s", 0);
	q->wrapup = (enum cc_wrapup)word(l, o, "wrapup", wrapups);
	q->wrapup_ms = seconds(l, o, "wrapup_s", 0);
	q->join_empty = flag(l, o, "join_empty");
	q->auto_pause = flag(l, o, "auto_pause");
	text(l, o, "music", q->music, sizeof(q->music));
	text(l, o, "entry_prompt", q->entry_prompt, sizeof(q->entry_prompt));
	q->announce_position = flag(l, o, "announce_position");
	q->announce_period_ms = seconds(l, o, "announce_period_s", 0);
	q->record = flag(l, o, "record");
	q->enabled = enabled(l, o);
}

static void load_agent(struct load *l, const struct cc_conf *c, json_object *o, struct cc_conf_agent *a)
{
	static const char *const names[] = { "number", "name", "ha1", "pin_hash", "state", NULL };

	enter(l, c, "agent", "");
	digits(l, o, "number", a->number, sizeof(a->number), 2, 6);
	enter(l, c, "agent", a->number);
	if (a->number[0] == '0')
		fail(l, "number must not begin with 0");
	known(l, o, names);
	text(l, o, "name", a->name, sizeof(a->name));
	md5(l, o, "ha1", a->ha1);
	md5(l, o, "pin_hash", a->pin_hash);
	a->enabled = enabled(l, o);
}

static void load_member(
		struct load *l, const struct cc_conf *c, json_object *o, struct cc_conf_member *m)
{
	static const char *const names[] = { "queue", "agent", "position", "priority", "static", NULL };
	char queue[16], agent[16], which[64];

	enter(l, c, "member", "");
	text(l, o, "queue", queue, sizeof(queue));
	text(l, o, "agent", agent, sizeof(agent));
	snprintf(which, sizeof(which), "%s of queue %s", agent, queue);
	enter(l, c, "member", which);
	known(l, o, names);
	m->queue = cc_conf_queue_find(c, queue);
	m->agent = cc_conf_agent_find(c, agent);
	if (m->queue < 0)
		fail(l, "there is no such queue");
	if (m->agent < 0)
		fail(l, "there is no such agent");
	m->position = (int32_t)number(l, o, "position", 0, 1000000);
	m->priority = (int32_t)number(l, o, "priority", 1, 100);
	m->fixed = flag(l, o, "static");
}

static void load_did(struct load *l, const struct cc_conf *c, json_object *o, struct cc_conf_did *d)
{
	static const char *const kinds[] = { "queue", "agent", "ivr", "hangup", NULL };
	static const char *const names[] = {
		"number", "name", "target_kind", "target", "state", NULL
	};

	enter(l, c, "did", "");
	digits(l, o, "number", d->number, sizeof(d->number), 1, 32);
	enter(l, c, "did", d->number);
	known(l, o, names);
	text(l, o, "name", d->name, sizeof(d->name));
	d->kind = (enum cc_target)word(l, o, "target_kind", kinds);
	text(l, o, "target", d->target, sizeof(d->target));
	d->target_index = -1;
	if (d->kind == CC_TARGET_QUEUE)
		d->target_index = cc_conf_queue_find(c, d->target);
	else if (d->kind == CC_TARGET_AGENT)
		d->target_index = cc_conf_agent_find(c, d->target);
	if ((d->kind == CC_TARGET_QUEUE || d->kind == CC_TARGET_AGENT) && d->target_index < 0)
		fail(l, "target %s does not exist", d->target);
	d->enabled = enabled(l, o);
}

static int by_number(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int by_queue_and_place(const void *a, const void *b)
{
	const struct cc_conf_member *x = a, *y = b;

	if (x->queue != y->queue)
		return x->queue < y->queue ? -1 : 1;
	if (x->position != y->position)
		return x->position < y->position ? -1 : 1;
	return (x->agent > y->agent) - (x->agent < y->agent);
}

/* Sorts what begins with its number and refuses the same number twice. */
static void sort(struct load *l, const struct cc_conf *c, void *first, int32_t count, size_t size,
		const char *kind)
{
	qsort(first, (size_t)count, size, by_number);
	for (int32_t i = 1; i < count; i++) {
		const char *a = (const char *)first + (size_t)(i - 1) * size;

		if (strcmp(a, a + size) == 0) {
			enter(l, c, kind, a);
			fail(l, "the number is there twice");
		}
	}
}

/* Which members are each queue's, and which each agent's. */
static void link_members(struct load *l, struct cc_conf *c, struct cc_conf_queue *queues,
		struct cc_conf_agent *agents, struct cc_conf_member *members, int32_t *memberships)
{
	int32_t next = 0;

	qsort(members, (size_t)c->member_count, sizeof(*members), by_queue_and_place);
	for (int32_t i = 0; i < c->member_count; i++) {
		struct cc_conf_queue *q = &queues[members[i].queue];

		if (q->member_count++ == 0)
			q->member_first = i;
		agents[members[i].agent].membership_count++;
	}
	for (int32_t i = 0; i < c->agent_count; i++) {
		agents[i].membership_first = next;
		next += agents[i].membership_count;
		agents[i].membership_count = 0;
	}
	for (int32_t i = 0; i < c->member_count; i++) {
		struct cc_conf_agent *a = &agents[members[i].agent];
		int32_t *own = memberships + a->membership_first;

		if (a->membership_count && members[own[a->membership_count - 1]].queue == members[i].queue) {
			enter(l, c, "queue", queues[members[i].queue].number);
			fail(l, "agent %s is a member twice", a->number);
		}
		own[a->membership_count++] = i;
	}
}

static uint64_t hash_of(const char *s)
{
	uint64_t h = 14695981039346656037ULL; /* FNV-1a */

	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * 1099511628211ULL;
	return h;
}

#define ALIGNED(n) (((n) + 15) & ~(size_t)15)

static struct cc_conf *load_tenant(struct load *l, json_object *o, const struct cc_conf_memory *memory)
{
	static const char *const names[] = { "id", "code", "name", "state", "country", "area_code",
		"timezone", "prompt_language", "queues", "agents", "members", "dids", "trunks", NULL };
	static const char *const states[] = {
		"active", "suspended", "locked", "frozen", "cancelled", NULL
	};
	struct cc_conf head = { .refs = 1 }, *c;
	struct cc_conf_queue *queues;
	struct cc_conf_agent *agents;
	struct cc_conf_member *members;
	struct cc_conf_did *dids;
	size_t bytes = ALIGNED(sizeof(head));

	snprintf(l->where, sizeof(l->where), "tenant");
	head.tenant = (uint32_t)number(l, o, "id", 1, UINT32_MAX);
	text(l, o, "code", head.code, sizeof(head.code));
	enter(l, &head, NULL, "");
	known(l, o, names);
	text(l, o, "name", head.name, sizeof(head.name));
	head.active = word(l, o, "state", states) == 0;
	text(l, o, "country", head.country, sizeof(head.country));
	text(l, o, "area_code", head.area_code, sizeof(head.area_code));
	text(l, o, "timezone", head.timezone, sizeof(head.timezone));
	text(l, o, "prompt_language", head.language, sizeof(head.language));
	head.hash = hash_of(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	head.queue_count = list_length(l, o, "queues");
	head.agent_count = list_length(l, o, "agents");
	head.member_count = list_length(l, o, "members");
	head.did_count = list_length(l, o, "dids");
	if (l->failed)
		return NULL;
	head.queues_off = (int32_t)bytes;
	bytes = ALIGNED(bytes + (size_t)head.queue_count * sizeof(*queues));
	head.agents_off = (int32_t)bytes;
	bytes = ALIGNED(bytes + (size_t)head.agent_count * sizeof(*agents));
	head.members_off = (int32_t)bytes;
	bytes = ALIGNED(bytes + (size_t)head.member_count * sizeof(*members));
	head.memberships_off = (int32_t)bytes;
	bytes = ALIGNED(bytes + (size_t)head.member_count * sizeof(int32_t));
	head.dids_off = (int32_t)bytes;
	bytes += (size_t)head.did_count * sizeof(*dids);
	if (bytes > INT32_MAX) {
		fail(l, "the configuration is too large");
		return NULL;
	}
	head.bytes = bytes;
	c = memory->alloc(bytes);
	if (!c)
		return NULL;
	memset(c, 0, bytes);
	*c = head;
	queues = (void *)((char *)c + c->queues_off);
	agents = (void *)((char *)c + c->agents_off);
	members = (void *)((char *)c + c->members_off);
	dids = (void *)((char *)c + c->dids_off);

	for (int32_t i = 0; i < c->queue_count && !l->failed; i++)
		if (element(l, o, "queues", i))
			load_queue(l, c, element(l, o, "queues", i), &queues[i]);
	for (int32_t i = 0; i < c->agent_count && !l->failed; i++)
		if (element(l, o, "agents", i))
			load_agent(l, c, element(l, o, "agents", i), &agents[i]);
	if (!l->failed) {
		sort(l, c, queues, c->queue_count, sizeof(*queues), "queue");
		sort(l, c, agents, c->agent_count, sizeof(*agents), "agent");
	}
	for (int32_t i = 0; i < c->member_count && !l->failed; i++)
		if (element(l, o, "members", i))
			load_member(l, c, element(l, o, "members", i), &members[i]);
	for (int32_t i = 0; i < c->did_count && !l->failed; i++)
		if (element(l, o, "dids", i))
			load_did(l, c, element(l, o, "dids", i), &dids[i]);
	if (!l->failed) {
		sort(l, c, dids, c->did_count, sizeof(*dids), "did");
		link_members(l, c, queues, agents, members, (void *)((char *)c + c->memberships_off));
	}
	if (l->failed) {
		memory->free(c);
		return NULL;
	}
	return c;
}

/* ---- the set ---- */

static void load_trunk(struct load *l, json_object *o, uint32_t owner, struct cc_conf_trunk *t,
		struct cc_conf_set *set, int32_t index)
{
	static const char *const transports[] = { "udp", "tcp", "tls", NULL };
	static const char *const names[] = {
		"name", "address", "port", "transport", "max_channels", "tenants", NULL
	};
	unsigned char binary[16];
	json_object *grants;

	snprintf(l->where, sizeof(l->where), "trunk");
	text(l, o, "name", t->name, sizeof(t->name));
	snprintf(l->where, sizeof(l->where), "trunk %s", t->name);
	known(l, o, names);
	text(l, o, "address", t->address, sizeof(t->address));
	if (inet_pton(AF_INET, t->address, binary) != 1 && inet_pton(AF_INET6, t->address, binary) != 1)
		fail(l, "address must be an IP address");
	t->port = (uint16_t)number(l, o, "port", 1, 65535);
	t->transport = (enum cc_transport)word(l, o, "transport", transports);
	t->max_channels = (int32_t)number(l, o, "max_channels", 0, 100000);
	t->owner = owner;
	grants = field(l, o, "tenants", json_type_array);
	for (size_t i = 0; grants && i < json_object_array_length(grants); i++) {
		json_object *id = json_object_array_get_idx(grants, i);

		if (!json_object_is_type(id, json_type_int))
			fail(l, "tenants must be a list of ids");
		else
			set->grants[set->grant_count++] =
					(struct conf_grant){ index, (uint32_t)json_object_get_int64(id) };
	}
}

/* Lengths of the set's lists, over all tenants. */
static void measure(struct load *l, json_object *tenants, struct cc_conf_set *size)
{
	for (size_t i = 0; i < json_object_array_length(tenants); i++) {
		json_object *t = json_object_array_get_idx(tenants, i), *trunks;

		snprintf(l->where, sizeof(l->where), "tenants[%zu]", i);
		if (!json_object_is_type(t, json_type_object)) {
			fail(l, "must be an object");
			return;
		}
		size->did_count += list_length(l, t, "dids");
		trunks = field(l, t, "trunks", json_type_array);
		for (size_t k = 0; trunks && k < json_object_array_length(trunks); k++) {
			json_object *trunk = element(l, t, "trunks", (int32_t)k);

			size->trunk_count++;
			if (trunk)
				size->grant_count += list_length(l, trunk, "tenants");
		}
	}
	size->tenant_count = (int32_t)json_object_array_length(tenants);
}

static int by_tenant(const void *a, const void *b)
{
	const struct cc_conf *x = *(struct cc_conf *const *)a, *y = *(struct cc_conf *const *)b;

	return (x->tenant > y->tenant) - (x->tenant < y->tenant);
}

static struct cc_conf_set *set_alloc(
		const struct cc_conf_set *size, const struct cc_conf_memory *memory)
{
	size_t tenants = ALIGNED(sizeof(*size));
	size_t dids = ALIGNED(tenants + (size_t)size->tenant_count * sizeof(size->tenants[0]));
	size_t trunks = ALIGNED(dids + (size_t)size->did_count * sizeof(size->dids[0]));
	size_t grants = ALIGNED(trunks + (size_t)size->trunk_count * sizeof(size->trunks[0]));
	size_t bytes = grants + (size_t)size->grant_count * sizeof(size->grants[0]);
	char *block = memory->alloc(bytes);
	struct cc_conf_set *set = (void *)block;

	if (!block)
		return NULL;
	memset(block, 0, bytes);
	set->tenants = (void *)(block + tenants);
	set->dids = (void *)(block + dids);
	set->trunks = (void *)(block + trunks);
	set->grants = (void *)(block + grants);
	return set;
}

static void index_dids(struct load *l, struct cc_conf_set *set)
{
	for (int32_t t = 0; t < set->tenant_count; t++)
		for (int32_t d = 0; d < set->tenants[t]->did_count; d++) {
			struct conf_number *n = &set->dids[set->did_count++];

			strcpy(n->number, cc_conf_did_at(set->tenants[t], d)->number);
			n->tenant = t;
			n->index = d;
		}
	qsort(set->dids, (size_t)set->did_count, sizeof(set->dids[0]), by_number);
	for (int32_t i = 1; i < set->did_count; i++)
		if (strcmp(set->dids[i - 1].number, set->dids[i].number) == 0) {
			snprintf(l->where, sizeof(l->where), "did %s", set->dids[i].number);
			fail(l, "it belongs to two tenants");
		}
}

static int fill(struct load *l, json_object *tenants, struct cc_conf_set *set,
		const struct cc_conf_set *previous, const struct cc_conf_memory *memory)
{
	for (size_t i = 0; i < json_object_array_length(tenants); i++) {
		json_object *o = json_object_array_get_idx(tenants, i);
		json_object *trunks = json_object_object_get(o, "trunks");
		struct cc_conf *c = load_tenant(l, o, memory);
		const struct cc_conf *old;

		if (!c)
			return l->failed ? CC_E_INVAL : CC_E_NOMEM;
		old = previous ? cc_conf_by_id(previous, c->tenant) : NULL;
		if (old && old->hash == c->hash && old->bytes == c->bytes) {
			memory->free(c);
			c = (struct cc_conf *)old;
			cc_conf_ref(old);
		}
		set->tenants[set->tenant_count++] = c;
		for (size_t k = 0; k < json_object_array_length(trunks); k++) {
			load_trunk(l, json_object_array_get_idx(trunks, k), c->tenant,
					&set->trunks[set->trunk_count], set, set->trunk_count);
			set->trunk_count++;
		}
	}
	qsort(set->tenants, (size_t)set->tenant_count, sizeof(set->tenants[0]), by_tenant);
	for (int32_t i = 1; i < set->tenant_count; i++)
		if (set->tenants[i - 1]->tenant == set->tenants[i]->tenant) {
			enter(l, set->tenants[i], NULL, "");
			fail(l, "the id is there twice");
		}
	index_dids(l, set);
	return l->failed ? CC_E_INVAL : 0;
}

int cc_conf_build(struct cc_conf_set **out, const char *json, size_t len,
		const struct cc_conf_set *previous, const struct cc_conf_memory *memory, char *error,
		size_t error_size)
{
	static const char *const names[] = { "version", "generation", "tenants", NULL };
	struct load l = { .where = "configuration", .error = error, .error_size = error_size };
	struct cc_conf_set size = { 0 }, *set = NULL;
	json_tokener *tokener = json_tokener_new_ex(16);
	json_object *root = NULL, *tenants;
	int rc = CC_E_INVAL;

	if (!tokener)
		return CC_E_NOMEM;
	if (len <= INT32_MAX)
		root = json_tokener_parse_ex(tokener, json, (int)len);
	if (!json_object_is_type(root, json_type_object)) {
		fail(&l, "not a JSON object (at byte %zu)", json_tokener_get_parse_end(tokener));
		goto out;
	}
	known(&l, root, names);
	number(&l, root, "version", 1, 1);
	size.generation = number(&l, root, "generation", 0, INT64_MAX);
	tenants = field(&l, root, "tenants", json_type_array);
	if (tenants)
		measure(&l, tenants, &size);
	if (l.failed)
		goto out;
	set = set_alloc(&size, memory);
	if (!set) {
		rc = CC_E_NOMEM;
		goto out;
	}
	set->generation = size.generation;
	rc = fill(&l, tenants, set, previous, memory);
	if (rc == 0) {
		*out = set;
		set = NULL;
	}
out:
	cc_conf_set_free(set, memory);
	json_object_put(root);
	json_tokener_free(tokener);
	return rc;
}
