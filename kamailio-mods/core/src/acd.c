/* SPDX-License-Identifier: GPL-2.0-or-later
 * The block, its indexes and its clock. */
#include <assert.h>
#include <string.h>
#include "acd_private.h"
#include "cc/err.h"
#include "cc/tz.h"

#define DAY_MS (24 * 60 * 60 * 1000LL)

/* ---- layout ---- */

static int64_t place(uint64_t *bytes, size_t size, int64_t count)
{
	int64_t at = (int64_t)*bytes;

	*bytes += (size * (uint64_t)count + 7) & ~(uint64_t)7;
	return at;
}

void cc_acd_layout(struct cc_acd *a, const struct cc_acd_limits *l)
{
	uint64_t bytes = (sizeof(*a) + 7) & ~(size_t)7;

	a->magic = 0x3544434143434354u; /* "TCCACCD5"; another layout gets another number */
	a->limits = *l;
	a->agents = place(&bytes, sizeof(struct acd_agent), l->agents);
	a->queues = place(&bytes, sizeof(struct acd_queue), l->queues);
	a->members = place(&bytes, sizeof(struct acd_member), l->memberships);
	a->memberships = place(&bytes, sizeof(int32_t), l->memberships);
	a->calls = place(&bytes, sizeof(struct acd_call), l->waiting);
	a->idle_nodes = place(&bytes, sizeof(struct cc_tree_node), l->memberships);
	a->wait_nodes = place(&bytes, sizeof(struct cc_tree_node), l->waiting);
	a->want_nodes = place(&bytes, sizeof(struct cc_tree_node), l->waiting);
	a->find_nodes = place(&bytes, sizeof(struct cc_tree_node), l->waiting);
	a->timer_nodes = place(
			&bytes, sizeof(struct cc_tree_node), (int64_t)l->agents + l->memberships + l->waiting);
	a->items = place(&bytes, sizeof(struct acd_item), acd_item_limit(l));
	a->bytes = bytes;
}

size_t cc_acd_size(const struct cc_acd_limits *limits)
{
	struct cc_acd a = {0};

	cc_acd_layout(&a, limits);
	return a.bytes;
}

void cc_acd_init(
		struct cc_acd *a, size_t bytes, const struct cc_acd_limits *limits, uint32_t tenant)
{
	cc_acd_layout(a, limits);
	assert(a->bytes <= bytes);
	a->tenant = tenant;
	a->midnight_ms = INT64_MAX;
	cc_acd_seed(a, tenant);
	for (int32_t i = 0; i < limits->waiting; i++)
		acd_call(a, i)->queue = ACD_NOT;
	cc_acd_rebuild(a);
}

void cc_acd_seed(struct cc_acd *a, uint64_t seed)
{
	a->random = seed;
}

/* ---- indexes ---- */

static struct cc_tree set_of(const struct cc_acd *a, int64_t nodes, int32_t *root,
		bool (*before)(const void *, int32_t, int32_t))
{
	return (struct cc_tree){.nodes = acd_at(a, nodes),
			.root = root,
			.before = before,
			.records = a,
			.steps = &((struct cc_acd *)(uintptr_t)a)->steps};
}

/* What the strategy orders by within a rank; ties and the other strategies go by list order. */
static int64_t standing(const struct cc_acd *a, const struct acd_member *m)
{
	const struct acd_agent *g = acd_agent(a, m->agent);

	switch ((enum cc_strategy)acd_queue(a, m->queue)->strategy) {
	case CC_STRATEGY_LONGEST_IDLE:
		return g->last_end_ms;
	case CC_STRATEGY_FEWEST_CALLS:
		return g->answered_today;
	default:
		return 0;
	}
}

static bool idle_before(const void *records, int32_t x, int32_t y)
{
	const struct cc_acd *a = records;
	const struct acd_member *m = acd_member(a, x), *n = acd_member(a, y);
	int64_t sm = standing(a, m), sn = standing(a, n);

	if (m->rank != n->rank)
		return m->rank < n->rank;
	return sm != sn ? sm < sn : x < y;
}

struct cc_tree cc_acd_idle(const struct cc_acd *a, int32_t queue)
{
	return set_of(a, a->idle_nodes, &acd_queue(a, queue)->idle_root, idle_before);
}

bool cc_acd_sooner(const struct acd_call *c, const struct acd_call *d)
{
	if (c->priority != d->priority)
		return c->priority > d->priority;
	return c->entered_ms != d->entered_ms ? c->entered_ms < d->entered_ms : c->seq < d->seq;
}

static bool call_before(const void *records, int32_t x, int32_t y)
{
	return cc_acd_sooner(acd_call(records, x), acd_call(records, y));
}

struct cc_tree cc_acd_wait(const struct cc_acd *a, int32_t queue)
{
	return set_of(a, a->wait_nodes, &acd_queue(a, queue)->wait_root, call_before);
}

struct cc_tree cc_acd_want(const struct cc_acd *a, int32_t queue)
{
	return set_of(a, a->want_nodes, &acd_queue(a, queue)->want_root, call_before);
}

static bool found_before(const void *records, int32_t x, int32_t y)
{
	const struct acd_call *c = acd_call(records, x), *d = acd_call(records, y);
	int order = memcmp(c->call.b, d->call.b, sizeof(c->call.b));

	return order != 0 ? order < 0 : c->visit < d->visit;
}

struct cc_tree cc_acd_found(const struct cc_acd *a)
{
	return set_of(a, a->find_nodes, &((struct cc_acd *)(uintptr_t)a)->find_root, found_before);
}

int64_t cc_acd_timer_at(const struct cc_acd *a, int32_t item)
{
	const struct acd_call *c;

	if (item < a->limits.agents)
		return acd_agent(a, item)->wrapup_until_ms;
	item -= a->limits.agents;
	if (item < a->limits.memberships)
		return acd_member(a, item)->retry_at_ms;
	c = acd_call(a, item - a->limits.memberships);
	return c->retry_at_ms && (!c->relax_at_ms || c->retry_at_ms < c->relax_at_ms) ? c->retry_at_ms
																				  : c->relax_at_ms;
}

static bool timer_before(const void *records, int32_t x, int32_t y)
{
	int64_t tx = cc_acd_timer_at(records, x), ty = cc_acd_timer_at(records, y);
	const struct cc_acd *a = records;
	int32_t calls = a->limits.agents + a->limits.memberships;

	if (tx != ty)
		return tx < ty;
	/* at the same moment calls come before agents, who then find them, in the order of their turns
	 */
	if (x >= calls && y >= calls)
		return cc_acd_sooner(acd_call(a, x - calls), acd_call(a, y - calls));
	return x > y;
}

struct cc_tree cc_acd_timers(const struct cc_acd *a)
{
	return set_of(a, a->timer_nodes, &((struct cc_acd *)(uintptr_t)a)->timer_root, timer_before);
}

static void timer_start(struct cc_acd *a, const struct cc_tree *timers, int32_t item)
{
	int64_t at = cc_acd_timer_at(a, item);

	if (at != 0 && at != INT64_MAX)
		cc_tree_insert(timers, item);
}

void cc_acd_timer_set(struct cc_acd *a, int32_t item, int64_t at_ms)
{
	struct cc_tree timers = cc_acd_timers(a);

	cc_tree_remove(&timers, item);
	if (item < a->limits.agents)
		acd_agent(a, item)->wrapup_until_ms = at_ms;
	else
		acd_member(a, item - a->limits.agents)->retry_at_ms = at_ms;
	timer_start(a, &timers, item);
}

static void clear(struct cc_acd *a, int64_t nodes, int64_t count)
{
	memset(acd_at(a, nodes), 0, (size_t)count * sizeof(struct cc_tree_node));
}

/* Members stand queue by queue; each gets its place among its agent's memberships. */
static void rebuild_memberships(struct cc_acd *a)
{
	int32_t next = 0;

	for (int32_t i = 0; i < a->agent_count; i++)
		acd_agent(a, i)->count = 0;
	for (int32_t i = 0; i < a->member_count; i++)
		acd_agent(a, acd_member(a, i)->agent)->count++;
	for (int32_t i = 0; i < a->agent_count; i++) {
		struct acd_agent *g = acd_agent(a, i);

		g->first = next;
		next += g->count;
		g->count = 0;
	}
	for (int32_t i = 0; i < a->member_count; i++) {
		struct acd_agent *g = acd_agent(a, acd_member(a, i)->agent);

		acd_memberships(a)[g->first + g->count++] = i;
	}
}

static void rebuild_queues(struct cc_acd *a)
{
	int32_t next = 0;

	for (int32_t i = 0; i < a->queue_count; i++) {
		struct acd_queue *q = acd_queue(a, i);

		q->idle_root = q->wait_root = q->want_root = CC_TREE_EMPTY;
		q->signed_in = q->on_duty = q->gap_max = 0;
		q->first = next;
		for (; next < a->member_count && acd_member(a, next)->queue == i; next++) {
			struct acd_member *m = acd_member(a, next);

			m->duty = cc_acd_on_duty(a, next);
			q->signed_in += m->signed_in;
			q->on_duty += m->duty;
			if (acd_gap(m) > q->gap_max)
				q->gap_max = acd_gap(m);
		}
		q->count = next - q->first;
	}
}

static void rebuild_calls(struct cc_acd *a)
{
	struct cc_tree found = cc_acd_found(a), timers = cc_acd_timers(a);

	a->free_call = a->find_root = ACD_NOT;
	for (int32_t i = a->limits.waiting - 1; i >= 0; i--) {
		struct acd_call *c = acd_call(a, i);

		if (c->queue == ACD_NOT) {
			c->next_free = a->free_call;
			a->free_call = i;
			continue;
		}
		struct cc_tree wait = cc_acd_wait(a, c->queue), want = cc_acd_want(a, c->queue);

		cc_tree_insert(&found, i);
		cc_tree_insert(&wait, i);
		if (cc_acd_wants(a, c))
			cc_tree_insert(&want, i);
		timer_start(a, &timers, a->limits.agents + a->limits.memberships + i);
	}
}

void cc_acd_rebuild(struct cc_acd *a)
{
	const struct cc_acd_limits *l = &a->limits;
	struct cc_tree timers = cc_acd_timers(a);

	clear(a, a->idle_nodes, l->memberships);
	clear(a, a->wait_nodes, l->waiting);
	clear(a, a->want_nodes, l->waiting);
	clear(a, a->find_nodes, l->waiting);
	clear(a, a->timer_nodes, (int64_t)l->agents + l->memberships + l->waiting);
	a->timer_root = CC_TREE_EMPTY;
	rebuild_memberships(a);
	rebuild_queues(a);
	rebuild_calls(a);
	for (int32_t i = 0; i < a->agent_count; i++)
		timer_start(a, &timers, i);
	for (int32_t i = 0; i < a->member_count; i++) {
		struct cc_tree idle = cc_acd_idle(a, acd_member(a, i)->queue);

		timer_start(a, &timers, l->agents + i);
		if (cc_acd_available(a, i))
			cc_tree_insert(&idle, i);
	}
}

/* ---- looking up ---- */

int32_t cc_acd_agent_any(const struct cc_acd *a, const char *number)
{
	return cc_numbered_find(acd_agent(a, 0), sizeof(struct acd_agent), a->agent_count, number);
}

int32_t cc_acd_agent_find(const struct cc_acd *a, const char *number)
{
	int32_t i = cc_acd_agent_any(a, number);

	return i >= 0 && acd_agent(a, i)->conf == ACD_NOT ? CC_E_NOENT : i;
}

int32_t cc_acd_queue_find(const struct cc_acd *a, const char *number)
{
	return cc_numbered_find(acd_queue(a, 0), sizeof(struct acd_queue), a->queue_count, number);
}

int32_t cc_acd_member_find(const struct cc_acd *a, int32_t agent, int32_t queue)
{
	const struct acd_agent *g = acd_agent(a, agent);
	int32_t lo = g->first, hi = g->first + g->count;

	while (lo < hi) {
		int32_t mid = lo + (hi - lo) / 2, member = acd_memberships(a)[mid];

		if (acd_member(a, member)->queue == queue)
			return member;
		if (acd_member(a, member)->queue < queue)
			lo = mid + 1;
		else
			hi = mid;
	}
	return CC_E_NOENT;
}

struct call_probe
{
	const struct cc_acd *acd;
	const struct cc_ulid *call;
	int32_t visit;
};

static bool call_low(const void *probe, int32_t item)
{
	const struct call_probe *p = probe;
	const struct acd_call *c = acd_call(p->acd, item);
	int order = memcmp(c->call.b, p->call->b, sizeof(c->call.b));

	return order != 0 ? order < 0 : c->visit < p->visit;
}

int32_t cc_acd_call_find(const struct cc_acd *a, const struct cc_ulid *call, int32_t visit)
{
	struct call_probe p = {a, call, visit};
	struct cc_tree found = cc_acd_found(a);
	int32_t i = cc_tree_at(&found, cc_tree_low(&found, call_low, &p));

	if (i < 0 || acd_call(a, i)->visit != visit || !cc_ulid_equal(&acd_call(a, i)->call, call))
		return CC_E_NOENT;
	return i;
}

/* ---- what the records say ---- */

bool cc_acd_held(const struct acd_agent *g)
{
	return (__atomic_load_n(&g->word, __ATOMIC_ACQUIRE) & UINT32_MAX) != 0;
}

uint32_t cc_acd_epoch(const struct acd_agent *g)
{
	return (uint32_t)(__atomic_load_n(&g->word, __ATOMIC_ACQUIRE) >> 32);
}

bool cc_acd_available(const struct cc_acd *a, int32_t member)
{
	const struct acd_member *m = acd_member(a, member);
	const struct acd_agent *g = acd_agent(a, m->agent);

	return cc_acd_on_duty(a, member) && g->contacts > 0 && m->retry_at_ms == 0 &&
		   g->state == CC_AGENT_IDLE && !cc_acd_held(g);
}

bool cc_acd_on_duty(const struct cc_acd *a, int32_t member)
{
	const struct acd_member *m = acd_member(a, member);
	const struct acd_agent *g = acd_agent(a, m->agent);

	return acd_queue(a, m->queue)->enabled && m->signed_in && !m->paused && g->enabled &&
		   g->work == CC_WORK_ONLINE && (g->contacts > 0 || g->reconnect_until_ms);
}

bool cc_acd_wants(const struct cc_acd *a, const struct acd_call *c)
{
	bool all = acd_queue(a, c->queue)->strategy == CC_STRATEGY_RING_ALL;

	return c->retry_at_ms == 0 && c->grants < (all ? CC_CALL_OFFERS : 1);
}

/* ---- the clock ---- */

/* When the tenant's next day begins; a zone that cannot be read any more has days of 24 hours. */
int64_t cc_acd_midnight(const struct cc_acd *a, int64_t now_ms)
{
	struct cc_tz *tz = NULL;
	int64_t at = now_ms + DAY_MS;

	if (cc_tz_load(&tz, a->zone) == CC_OK)
		at = cc_tz_day_start(tz, now_ms, 1);
	cc_tz_free(tz);
	return at > now_ms ? at : now_ms + DAY_MS;
}

static void new_day(struct cc_acd *a, int64_t now_ms)
{
	for (int32_t i = 0; i < a->agent_count; i++)
		acd_agent(a, i)->answered_today = 0;
	for (int32_t i = 0; i < a->queue_count; i++)
		acd_queue(a, i)->answered_today = acd_queue(a, i)->abandoned_today = 0;
	cc_acd_rebuild(a); /* orders by answered calls have changed */
	a->midnight_ms = cc_acd_midnight(a, now_ms);
}

void cc_acd_advance(struct cc_acd *a, int64_t now_ms)
{
	struct cc_tree timers = cc_acd_timers(a);
	int32_t item;

	if (a->midnight_ms <= now_ms)
		new_day(a, now_ms);
	while ((item = cc_tree_at(&timers, 0)) >= 0 && cc_acd_timer_at(a, item) <= now_ms) {
		int32_t calls = a->limits.agents + a->limits.memberships, agent;

		if (item >= calls) {
			cc_acd_call_due(a, item - calls, cc_acd_timer_at(a, item), now_ms);
			continue;
		}
		agent = item < a->limits.agents ? item : acd_member(a, item - a->limits.agents)->agent;
		if (item < a->limits.agents)
			cc_acd_wrapup_over(a, agent, NULL, now_ms);
		else
			cc_acd_timer_set(a, item, 0);
		cc_acd_list(a, agent);
		cc_acd_serve_agent(a, agent, now_ms);
	}
}

void cc_acd_tick(struct cc_acd *a, int64_t now_ms, struct cc_acd_out *out, int64_t *next_ms)
{
	struct cc_tree timers = cc_acd_timers(a);
	int32_t first;

	cc_acd_advance(a, now_ms);
	cc_acd_drain(a, out);
	first = cc_tree_at(&timers, 0);
	*next_ms = a->midnight_ms;
	if (first >= 0 && cc_acd_timer_at(a, first) < *next_ms)
		*next_ms = cc_acd_timer_at(a, first);
	if (out->more)
		*next_ms = now_ms;
}

void cc_acd_gauges(const struct cc_acd *a, struct cc_acd_gauges *gauges)
{
	struct cc_tree found = cc_acd_found(a);

	*gauges = (struct cc_acd_gauges){
			.waiting = cc_tree_count(&found), .steps = a->steps, .lost = a->lost};
	for (int32_t i = 0; i < a->agent_count; i++) {
		const struct acd_agent *g = acd_agent(a, i);
		bool in = false;

		for (int32_t k = 0; k < g->count && !in; k++)
			in = acd_member(a, acd_memberships(a)[g->first + k])->signed_in;
		gauges->agents += g->conf != ACD_NOT;
		gauges->signed_in += in;
		gauges->reserved += cc_acd_held(g);
		gauges->talking += g->state == CC_AGENT_TALKING || g->state == CC_AGENT_HOLD;
	}
}
