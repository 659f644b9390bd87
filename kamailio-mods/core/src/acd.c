/* SPDX-License-Identifier: GPL-2.0-or-later
 * Agents: states, sign-in, reservations. Waiting calls are in acd_queue.c, views and checks in acd_view.c. */
#include <string.h>

#include "acd_private.h"
#include "cc/err.h"
#include "cc/tz.h"

#define ALIGNED(n) (((n) + 15) & ~(uint64_t)15)

struct acd_agent *acd_agents(const struct cc_acd *a)
{
	return (void *)((char *)a + a->agents_off);
}

struct acd_queue *acd_queues(const struct cc_acd *a)
{
	return (void *)((char *)a + a->queues_off);
}

struct acd_member *acd_members(const struct cc_acd *a)
{
	return (void *)((char *)a + a->members_off);
}

struct acd_call *acd_calls(const struct cc_acd *a)
{
	return (void *)((char *)a + a->calls_off);
}

int32_t *acd_buckets(const struct cc_acd *a)
{
	return (void *)((char *)a + a->buckets_off);
}

/* ---- the block ---- */

static void lay_out(struct cc_acd *a, const struct cc_acd_limits *limits)
{
	a->limits = *limits;
	a->bucket_count = limits->waiting;
	a->agents_off = ALIGNED(sizeof(*a));
	a->queues_off = ALIGNED(a->agents_off + (uint64_t)limits->agents * sizeof(struct acd_agent));
	a->members_off = ALIGNED(a->queues_off + (uint64_t)limits->queues * sizeof(struct acd_queue));
	a->calls_off = ALIGNED(a->members_off + (uint64_t)limits->memberships * sizeof(struct acd_member));
	a->buckets_off = ALIGNED(a->calls_off + (uint64_t)limits->waiting * sizeof(struct acd_call));
	a->bytes = ALIGNED(a->buckets_off + (uint64_t)limits->waiting * sizeof(int32_t));
}

size_t cc_acd_size(const struct cc_acd_limits *limits)
{
	struct cc_acd a;

	lay_out(&a, limits);
	return a.bytes;
}

static void calls_clear(struct cc_acd *a)
{
	struct acd_call *calls = acd_calls(a);

	memset(calls, 0, (size_t)a->limits.waiting * sizeof(*calls));
	for (int32_t i = 0; i < a->limits.waiting; i++)
		calls[i].next = i + 1 < a->limits.waiting ? i + 1 : -1;
	a->call_free = a->limits.waiting ? 0 : -1;
	memset(acd_buckets(a), 0xff, (size_t)a->bucket_count * sizeof(int32_t));
	for (int32_t i = 0; i < a->queue_count; i++) {
		acd_queues(a)[i].head = acd_queues(a)[i].tail = -1;
		acd_queues(a)[i].waiting = 0;
	}
}

void cc_acd_init(struct cc_acd *a, size_t bytes, const struct cc_acd_limits *limits, uint32_t tenant)
{
	memset(a, 0, bytes);
	lay_out(a, limits);
	a->magic = ACD_MAGIC;
	a->layout = ACD_LAYOUT;
	a->tenant = tenant;
	a->random = tenant * 2654435761u + 1;
	a->next_ms = INT64_MAX;
	calls_clear(a);
}

static bool text_ok(const char *s, size_t size)
{
	return memchr(s, '\0', size) != NULL;
}

static bool in(int64_t value, int64_t min, int64_t end)
{
	return value >= min && value < end;
}

/* Nothing of another process's block is believed before it was checked here. */
static bool sane(const struct cc_acd *a)
{
	if (!in(a->agent_count, 0, a->limits.agents + 1) || !in(a->queue_count, 0, a->limits.queues + 1) ||
			!in(a->member_count, 0, a->limits.memberships + 1) ||
			!text_ok(a->timezone, sizeof(a->timezone)))
		return false;
	for (int32_t i = 0; i < a->agent_count; i++) {
		const struct acd_agent *g = &acd_agents(a)[i];

		if (!text_ok(g->number, sizeof(g->number)) || !text_ok(g->name, sizeof(g->name)) ||
				!text_ok(g->reason, sizeof(g->reason)) || (unsigned)g->work > CC_WORK_AWAY ||
				(unsigned)g->state > CC_AGENT_WRAPUP || (unsigned)g->pending > WHAT_WRAPUP_END ||
				!in(g->first_member, -1, a->member_count) || !in(g->queue, -1, a->queue_count))
			return false;
	}
	for (int32_t i = 0; i < a->queue_count; i++) {
		const struct acd_queue *q = &acd_queues(a)[i];

		if (!text_ok(q->number, sizeof(q->number)) || !text_ok(q->name, sizeof(q->name)) ||
				!in(q->member_first, 0, a->member_count + 1) ||
				!in(q->member_count, 0, a->member_count - q->member_first + 1) ||
				!in(q->last_agent, -1, a->agent_count))
			return false;
	}
	for (int32_t i = 0; i < a->member_count; i++) {
		const struct acd_member *m = &acd_members(a)[i];

		/* links go upwards only, so that no list is a circle */
		if (!in(m->agent, 0, a->agent_count) || !in(m->queue, 0, a->queue_count) ||
				(m->next_of_agent != -1 && !in(m->next_of_agent, i + 1, a->member_count)))
			return false;
	}
	return true;
}

int cc_acd_adopt(struct cc_acd *a, size_t bytes, uint32_t tenant, int64_t now_ms)
{
	struct cc_acd expected;

	if (bytes < sizeof(*a) || a->magic != ACD_MAGIC || a->layout != ACD_LAYOUT || a->tenant != tenant ||
			a->limits.agents < 0 || a->limits.queues < 0 || a->limits.memberships < 0 ||
			a->limits.waiting < 0)
		return CC_E_CORRUPT;
	lay_out(&expected, &a->limits);
	if (expected.bytes > bytes || a->bytes != expected.bytes || a->agents_off != expected.agents_off ||
			a->queues_off != expected.queues_off || a->members_off != expected.members_off ||
			a->calls_off != expected.calls_off || a->buckets_off != expected.buckets_off ||
			a->bucket_count != expected.bucket_count || !sane(a))
		return CC_E_CORRUPT;
	calls_clear(a);
	a->pending = 0;
	a->next_ms = now_ms;
	for (int32_t i = 0; i < a->agent_count; i++) {
		struct acd_agent *g = &acd_agents(a)[i];

		if (g->hold & 1)
			g->hold++;
		if (g->state != CC_AGENT_WRAPUP && g->state != CC_AGENT_IDLE) {
			g->state = CC_AGENT_IDLE;
			g->since_ms = g->last_end_ms = now_ms;
		}
		g->pending = WHAT_NONE;
		g->queue = -1;
		g->registered = 0; /* the registrar reports anew */
	}
	return 0;
}

/* ---- small things ---- */

int32_t acd_agent_find(const struct cc_acd *a, const char *number)
{
	for (int32_t i = 0; i < a->agent_count; i++)
		if (acd_agents(a)[i].used && strcmp(acd_agents(a)[i].number, number) == 0)
			return i;
	return -1;
}

int32_t acd_queue_find(const struct cc_acd *a, const char *number)
{
	for (int32_t i = 0; i < a->queue_count; i++)
		if (acd_queues(a)[i].used && strcmp(acd_queues(a)[i].number, number) == 0)
			return i;
	return -1;
}

void acd_wake(struct cc_acd *a, int64_t at_ms)
{
	if (at_ms < a->next_ms)
		a->next_ms = at_ms;
}

static void out_begin(struct acd_op *op)
{
	op->out->count = 0;
	op->out->text_len = 0;
	op->out->more = false;
}

void acd_event(struct acd_op *op, int32_t agent, enum acd_what what)
{
	struct acd_agent *g = &acd_agents(op->a)[agent];
	struct cc_acd_out *out = op->out;
	struct cc_acd_effect *e;
	struct cc_jsonw w;
	int len = CC_E_FULL;

	/* room is left for a grant behind the last event */
	if (out->count < CC_ACD_EFFECTS - 1) {
		cc_jsonw_init(&w, out->text + out->text_len, sizeof(out->text) - (size_t)out->text_len);
		cc_jsonw_object(&w, NULL);
		acd_agent_fields(op->a, agent, what, op->by, &w);
		cc_jsonw_close_object(&w);
		len = cc_jsonw_end(&w);
	}
	if (len < 0) {
		if (g->pending == WHAT_NONE)
			op->a->pending++;
		g->pending = what;
		out->more = true;
		acd_wake(op->a, op->now);
		return;
	}
	if (g->pending != WHAT_NONE)
		op->a->pending--;
	g->pending = WHAT_NONE;
	e = &out->e[out->count++];
	memset(e, 0, sizeof(*e));
	e->kind = CC_ACD_EVENT;
	e->event = CC_EV_AGENT_STATE;
	e->agent = g->conf;
	strcpy(e->agent_number, g->number);
	if (g->hold & 1)
		e->call = g->call;
	e->off = out->text_len;
	e->len = len;
	out->text_len += len;
}

static void state_set(struct acd_op *op, struct acd_agent *g, enum cc_agent_call state)
{
	if (g->state != state)
		g->since_ms = op->now;
	g->state = state;
}

static void work_set(struct acd_op *op, struct acd_agent *g, enum cc_work work, const char *reason)
{
	if (g->work != work)
		g->since_ms = op->now;
	g->work = work;
	strncpy(g->reason, reason ? reason : "", sizeof(g->reason) - 1);
	g->reason[sizeof(g->reason) - 1] = '\0';
}

static int32_t member_of(const struct cc_acd *a, int32_t agent, int32_t queue)
{
	for (int32_t m = acd_agents(a)[agent].first_member; m >= 0; m = acd_members(a)[m].next_of_agent)
		if (acd_members(a)[m].queue == queue)
			return m;
	return -1;
}

static bool signed_anywhere(const struct cc_acd *a, int32_t agent)
{
	for (int32_t m = acd_agents(a)[agent].first_member; m >= 0; m = acd_members(a)[m].next_of_agent)
		if (acd_members(a)[m].signed_in)
			return true;
	return false;
}

/* ---- configuration ---- */

static int32_t agent_slot(struct cc_acd *a, const char *number)
{
	int32_t i = acd_agent_find(a, number);

	for (int32_t k = 0; i < 0 && k < a->agent_count; k++)
		if (!acd_agents(a)[k].used && !(acd_agents(a)[k].hold & 1))
			i = k;
	if (i < 0)
		i = a->agent_count++;
	return i;
}

static void take_agents(struct acd_op *op, const struct cc_conf *conf)
{
	struct cc_acd *a = op->a;

	for (int32_t i = 0; i < a->agent_count; i++)
		acd_agents(a)[i].seen = false;
	for (int32_t i = 0; i < conf->agent_count; i++) {
		const struct cc_conf_agent *c = cc_conf_agent_at(conf, i);
		struct acd_agent *g = &acd_agents(a)[agent_slot(a, c->number)];

		if (!g->used) {
			uint64_t hold = g->hold;

			memset(g, 0, sizeof(*g));
			g->hold = hold;
			g->used = true;
			g->queue = -1;
			g->since_ms = g->last_end_ms = op->now;
			strcpy(g->number, c->number);
		}
		strcpy(g->name, c->name);
		g->conf = i;
		g->enabled = c->enabled;
		g->seen = true;
		g->first_member = -1;
	}
	for (int32_t i = 0; i < a->agent_count; i++) {
		struct acd_agent *g = &acd_agents(a)[i];

		if (!g->seen) {
			g->used = g->enabled = false;
			g->first_member = -1;
		}
	}
}

/* Queues stay where they are, so that their calls stay with them. */
static void take_queues(struct acd_op *op, const struct cc_conf *conf)
{
	struct cc_acd *a = op->a;

	for (int32_t i = 0; i < conf->queue_count; i++) {
		const struct cc_conf_queue *c = cc_conf_queue_at(conf, i);
		int32_t k = acd_queue_find(a, c->number);
		struct acd_queue *q;

		for (int32_t n = 0; k < 0 && n < a->queue_count; n++)
			if (!acd_queues(a)[n].used)
				k = n;
		if (k < 0)
			k = a->queue_count++;
		q = &acd_queues(a)[k];
		if (!q->used) {
			memset(q, 0, sizeof(*q));
			q->used = true;
			q->head = q->tail = q->last_agent = -1;
			strcpy(q->number, c->number);
		}
		strcpy(q->name, c->name);
		q->enabled = c->enabled;
		q->join_empty = c->join_empty;
		q->auto_pause = c->auto_pause;
		q->strategy = c->strategy;
		q->wrapup = c->wrapup;
		q->wrapup_ms = c->wrapup_ms;
		q->max_waiting = c->max_waiting;
		q->retry_delay_ms = c->retry_delay_ms;
	}
	for (int32_t i = 0; i < a->queue_count; i++) {
		struct acd_queue *q = &acd_queues(a)[i];

		q->member_first = q->member_count = 0;
		if (cc_conf_queue_find(conf, q->number) < 0)
			q->used = q->enabled = false;
	}
}

/* Members of the snapshot replace the old ones; who was signed in stays signed in. */
static void take_members(struct acd_op *op, const struct cc_conf *conf, const struct acd_member *old,
		int32_t old_count)
{
	struct cc_acd *a = op->a;
	int32_t n = 0;

	for (int32_t i = 0; i < conf->member_count; i++) {
		const struct cc_conf_member *c = cc_conf_member_at(conf, i);
		int32_t agent = acd_agent_find(a, cc_conf_agent_at(conf, c->agent)->number);
		int32_t queue = acd_queue_find(a, cc_conf_queue_at(conf, c->queue)->number);
		struct acd_member *m = &acd_members(a)[n];
		struct acd_queue *q = &acd_queues(a)[queue];

		*m = (struct acd_member){ .agent = agent,
			.queue = queue,
			.next_of_agent = -1,
			.priority = c->priority,
			.fixed = c->fixed,
			.signed_in = c->fixed };
		for (int32_t k = 0; k < old_count; k++)
			if (old[k].agent == agent && old[k].queue == queue) {
				m->signed_in |= old[k].signed_in;
				m->retry_ms = old[k].retry_ms;
			}
		if (!acd_agents(a)[agent].enabled)
			m->signed_in = false;
		if (q->member_count++ == 0)
			q->member_first = n;
		n++;
	}
	a->member_count = n;
	for (int32_t i = n - 1; i >= 0; i--) { /* backwards, so that lists go upwards */
		struct acd_member *m = &acd_members(a)[i];

		m->next_of_agent = acd_agents(a)[m->agent].first_member;
		acd_agents(a)[m->agent].first_member = i;
	}
}

static void midnight(struct acd_op *op)
{
	struct cc_tz *tz = NULL;

	op->a->midnight_ms = op->now + 86400000;
	if (cc_tz_load(&tz, op->a->timezone) == 0) {
		op->a->midnight_ms = cc_tz_day_start(tz, op->now, 1);
		cc_tz_free(tz);
	}
	acd_wake(op->a, op->a->midnight_ms);
}

int cc_acd_configure(struct cc_acd *a, const struct cc_conf *conf, int64_t now_ms, struct cc_acd_out *out)
{
	static const struct cc_acd_by by = { CC_BY_SYSTEM, "configuration" };
	struct acd_op op = { a, now_ms, out, &by };
	struct acd_member *old;
	int32_t old_count = a->member_count;

	out_begin(&op);
	/* slots of agents and queues that are gone are used again only when they are free: room for both */
	if (conf->agent_count > a->limits.agents / 2 || conf->queue_count > a->limits.queues / 2 ||
			conf->member_count * 2 > a->limits.memberships || a->member_count * 2 > a->limits.memberships)
		return CC_E_FULL;
	/* the upper half of the members keeps the old ones meanwhile */
	old = acd_members(a) + a->limits.memberships / 2;
	memcpy(old, acd_members(a), (size_t)old_count * sizeof(*old));
	take_agents(&op, conf);
	take_queues(&op, conf);
	take_members(&op, conf, old, old_count);
	memcpy(a->timezone, conf->timezone, sizeof(a->timezone));
	midnight(&op);
	for (int32_t i = 0; i < a->agent_count; i++) {
		struct acd_agent *g = &acd_agents(a)[i];

		if (g->enabled && g->work == CC_WORK_OFFLINE && signed_anywhere(a, i)) {
			work_set(&op, g, CC_WORK_ONLINE, "");
			acd_event(&op, i, WHAT_SIGN_IN);
		} else if (!g->enabled && g->work != CC_WORK_OFFLINE) {
			work_set(&op, g, CC_WORK_OFFLINE, "");
			if (g->used)
				acd_event(&op, i, WHAT_AUTO_SIGN_OUT);
		}
	}
	for (int32_t i = 0; i < a->queue_count; i++) {
		struct acd_queue *q = &acd_queues(a)[i];

		while (!q->enabled && q->head >= 0 && out->count < CC_ACD_EFFECTS) {
			struct acd_call *c = &acd_calls(a)[q->head];
			struct cc_acd_effect *e = &out->e[out->count++];

			*e = (struct cc_acd_effect){
				.kind = CC_ACD_OUT, .call = c->id, .visit = c->visit, .cause = CC_CAUSE_QUEUE_NO_AGENT
			};
			acd_call_remove(a, q->head);
		}
		acd_dispatch_queue(&op, i);
	}
	return 0;
}

/* ---- what agents do ---- */

int cc_acd_sign(struct cc_acd *a, const char *agent, const char *queue, bool on,
		const struct cc_acd_by *by, int64_t now_ms, struct cc_acd_out *out)
{
	struct acd_op op = { a, now_ms, out, by };
	int32_t i = acd_agent_find(a, agent), q = -1, changed = 0, kept = 0, members = 0;
	struct acd_agent *g;

	out_begin(&op);
	if (i < 0)
		return CC_E_NOENT;
	g = &acd_agents(a)[i];
	if (queue && queue[0]) {
		q = acd_queue_find(a, queue);
		if (q < 0 || member_of(a, i, q) < 0)
			return CC_E_NOENT;
	}
	if (!g->enabled)
		return CC_E_DENIED;
	for (int32_t k = g->first_member; k >= 0; k = acd_members(a)[k].next_of_agent) {
		struct acd_member *m = &acd_members(a)[k];

		if (q >= 0 && m->queue != q)
			continue;
		members++;
		if (m->fixed && !on)
			kept++;
		else if (m->signed_in != on) {
			m->signed_in = on;
			changed++;
		}
	}
	if (members == 0)
		return CC_E_NOENT;
	if (kept == members)
		return CC_E_DENIED;
	if (on && g->work == CC_WORK_OFFLINE) {
		work_set(&op, g, CC_WORK_ONLINE, "");
		changed++;
	} else if (!on && !signed_anywhere(a, i) && g->work != CC_WORK_OFFLINE) {
		work_set(&op, g, CC_WORK_OFFLINE, "");
		changed++;
	}
	if (changed) {
		acd_event(&op, i, on ? WHAT_SIGN_IN : WHAT_SIGN_OUT);
		acd_dispatch_agent(&op, i);
	}
	return 0;
}

static void wrapup_stop(struct acd_op *op, int32_t agent)
{
	struct acd_agent *g = &acd_agents(op->a)[agent];

	state_set(op, g, CC_AGENT_IDLE);
	g->wrapup_ms = 0;
	acd_event(op, agent, WHAT_WRAPUP_END);
}

int cc_acd_work(struct cc_acd *a, const char *agent, enum cc_work work, const char *reason,
		const struct cc_acd_by *by, int64_t now_ms, struct cc_acd_out *out)
{
	static const enum acd_what whats[] = { [CC_WORK_OFFLINE] = WHAT_OFFLINE,
		[CC_WORK_ONLINE] = WHAT_IDLE,
		[CC_WORK_BUSY] = WHAT_BUSY,
		[CC_WORK_AWAY] = WHAT_AWAY };
	struct acd_op op = { a, now_ms, out, by };
	int32_t i = acd_agent_find(a, agent);
	struct acd_agent *g;

	out_begin(&op);
	if (i < 0)
		return CC_E_NOENT;
	g = &acd_agents(a)[i];
	if (!g->enabled)
		return CC_E_DENIED;
	if (work == CC_WORK_ONLINE && (g->hold & 1))
		return CC_E_STATE;
	if (work == CC_WORK_ONLINE && g->state == CC_AGENT_WRAPUP)
		wrapup_stop(&op, i);
	if (g->work != work || strcmp(g->reason, reason ? reason : "") != 0) {
		work_set(&op, g, work, work == CC_WORK_ONLINE ? "" : reason);
		acd_event(&op, i, whats[work]);
	}
	acd_dispatch_agent(&op, i);
	return 0;
}

int cc_acd_wrapup_end(struct cc_acd *a, const char *agent, const struct cc_acd_by *by, int64_t now_ms,
		struct cc_acd_out *out)
{
	struct acd_op op = { a, now_ms, out, by };
	int32_t i = acd_agent_find(a, agent);

	out_begin(&op);
	if (i < 0)
		return CC_E_NOENT;
	if (acd_agents(a)[i].state != CC_AGENT_WRAPUP)
		return CC_E_STATE;
	wrapup_stop(&op, i);
	acd_dispatch_agent(&op, i);
	return 0;
}

int cc_acd_registered(struct cc_acd *a, const char *agent, int32_t contacts, int64_t now_ms,
		struct cc_acd_out *out)
{
	static const struct cc_acd_by by = { CC_BY_SYSTEM, "registrar" };
	struct acd_op op = { a, now_ms, out, &by };
	int32_t i = acd_agent_find(a, agent);
	struct acd_agent *g;
	bool before;

	out_begin(&op);
	if (i < 0)
		return CC_E_NOENT;
	g = &acd_agents(a)[i];
	before = g->registered > 0;
	g->registered = contacts > 0 ? contacts : 0;
	if (before != (g->registered > 0)) {
		acd_event(&op, i, before ? WHAT_UNREGISTERED : WHAT_REGISTERED);
		acd_dispatch_agent(&op, i);
	}
	return 0;
}

/* ---- reservations ---- */

static uint32_t epoch_of(uint64_t hold)
{
	uint32_t epoch = (uint32_t)(hold >> 1) + 1;

	return epoch ? epoch : 1;
}

/* The one way to an agent. */
static bool take(struct acd_agent *g, uint32_t *epoch)
{
	uint64_t free = __atomic_load_n(&g->hold, __ATOMIC_ACQUIRE);

	if (free & 1 || !__atomic_compare_exchange_n(
								&g->hold, &free, free + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return false;
	*epoch = epoch_of(free);
	return true;
}

static bool holds(const struct acd_agent *g, uint32_t epoch)
{
	return g->hold & 1 && epoch_of(g->hold - 1) == epoch;
}

static bool reserve(struct acd_op *op, int32_t agent, const struct cc_ulid *call, int32_t visit, int32_t queue,
		uint32_t *epoch)
{
	struct acd_agent *g = &acd_agents(op->a)[agent];

	if (!take(g, epoch))
		return false;
	g->call = *call;
	g->visit = visit;
	g->queue = queue;
	g->rang = false;
	g->wrapup_ms = 0;
	state_set(op, g, CC_AGENT_RESERVED);
	return true;
}

int cc_acd_reserve(struct cc_acd *a, const char *agent, const struct cc_ulid *call, int64_t now_ms,
		uint32_t *epoch, struct cc_acd_out *out)
{
	struct acd_op op = { a, now_ms, out, NULL };
	int32_t i = acd_agent_find(a, agent);

	out_begin(&op);
	if (i < 0 || !acd_agents(a)[i].enabled)
		return CC_E_NOENT;
	if (!reserve(&op, i, call, 0, -1, epoch))
		return CC_E_STATE;
	acd_event(&op, i, WHAT_RESERVED);
	return 0;
}

bool acd_available(const struct cc_acd *a, const struct acd_member *m, int64_t now_ms)
{
	const struct acd_agent *g = &acd_agents(a)[m->agent];

	return m->signed_in && g->enabled && g->work == CC_WORK_ONLINE && g->registered > 0 &&
		   g->state == CC_AGENT_IDLE && !(g->hold & 1) && m->retry_ms <= now_ms;
}

static void grant(struct acd_op *op, int32_t member, int32_t call)
{
	struct acd_member *m = &acd_members(op->a)[member];
	struct acd_call *c = &acd_calls(op->a)[call];
	struct acd_agent *g = &acd_agents(op->a)[m->agent];
	struct cc_acd_effect *e;
	uint32_t epoch;

	if (op->out->count >= CC_ACD_EFFECTS) {
		op->out->more = true;
		acd_wake(op->a, op->now);
		return;
	}
	if (!reserve(op, m->agent, &c->id, c->visit, m->queue, &epoch))
		return;
	c->granted++;
	e = &op->out->e[op->out->count++];
	memset(e, 0, sizeof(*e));
	e->kind = CC_ACD_GRANT;
	e->call = c->id;
	e->visit = c->visit;
	e->agent = g->conf;
	strcpy(e->agent_number, g->number);
	e->epoch = epoch;
	acd_event(op, m->agent, WHAT_RESERVED);
}

static uint32_t next_random(struct cc_acd *a)
{
	a->random ^= a->random << 13; /* xorshift32, Marsaglia 2003 */
	a->random ^= a->random >> 17;
	a->random ^= a->random << 5;
	return a->random;
}

/* Is x before y by the queue's strategy? Both have the same priority; list order decides what is equal. */
static bool before(const struct cc_acd *a, const struct acd_queue *q, const struct acd_member *x,
		const struct acd_member *y)
{
	const struct acd_agent *gx = &acd_agents(a)[x->agent], *gy = &acd_agents(a)[y->agent];

	if (q->strategy == CC_STRATEGY_LONGEST_IDLE)
		return gx->last_end_ms < gy->last_end_ms;
	if (q->strategy == CC_STRATEGY_FEWEST_CALLS)
		return gx->calls_today < gy->calls_today;
	return false;
}

static int32_t choose(struct cc_acd *a, const struct acd_queue *q, int64_t now_ms)
{
	const struct acd_member *members = acd_members(a);
	int32_t start = 0, best = -1, count = 0;

	if (q->strategy == CC_STRATEGY_ROUND_ROBIN)
		for (int32_t i = 0; i < q->member_count; i++)
			if (members[q->member_first + i].agent == q->last_agent)
				start = i + 1;
	for (int32_t i = 0; i < q->member_count; i++) {
		int32_t k = q->member_first + (start + i) % q->member_count;

		if (!acd_available(a, &members[k], now_ms))
			continue;
		if (best < 0 || members[k].priority < members[best].priority) {
			best = k;
			count = 1;
		} else if (members[k].priority == members[best].priority) {
			count++;
			if (q->strategy == CC_STRATEGY_RANDOM ? next_random(a) % (uint32_t)count == 0
												  : before(a, q, &members[k], &members[best]))
				best = k;
		}
	}
	return best;
}

void acd_dispatch_queue(struct acd_op *op, int32_t queue)
{
	struct acd_queue *q = &acd_queues(op->a)[queue];
	int32_t next;

	for (int32_t c = q->head; c >= 0 && !op->out->more; c = next) {
		int32_t member;

		next = acd_calls(op->a)[c].next;
		if (q->strategy == CC_STRATEGY_RING_ALL) {
			for (int32_t i = 0; i < q->member_count; i++)
				if (acd_available(op->a, &acd_members(op->a)[q->member_first + i], op->now))
					grant(op, q->member_first + i, c);
			continue;
		}
		if (acd_calls(op->a)[c].granted)
			continue;
		member = choose(op->a, q, op->now);
		if (member < 0)
			return;
		grant(op, member, c);
	}
}

/* The first call of a queue that nobody is called for yet. */
static int32_t first_unserved(const struct cc_acd *a, const struct acd_queue *q)
{
	int32_t c = q->head;

	while (c >= 0 && acd_calls(a)[c].granted && q->strategy != CC_STRATEGY_RING_ALL)
		c = acd_calls(a)[c].next;
	return c;
}

void acd_dispatch_agent(struct acd_op *op, int32_t agent)
{
	struct cc_acd *a = op->a;
	int32_t best = -1, best_member = -1;

	for (int32_t m = acd_agents(a)[agent].first_member; m >= 0; m = acd_members(a)[m].next_of_agent) {
		const struct acd_call *calls = acd_calls(a);
		int32_t c;

		if (!acd_available(a, &acd_members(a)[m], op->now))
			continue;
		c = first_unserved(a, &acd_queues(a)[acd_members(a)[m].queue]);
		if (c >= 0 && (best < 0 || calls[c].priority > calls[best].priority ||
							  (calls[c].priority == calls[best].priority &&
									  calls[c].entered_ms < calls[best].entered_ms))) {
			best = c;
			best_member = m;
		}
	}
	if (best >= 0)
		grant(op, best_member, best);
}

/* Also of an agent that the configuration has lost meanwhile. */
static int32_t reserved(struct cc_acd *a, const char *agent, uint32_t epoch)
{
	int32_t known = CC_E_NOENT;

	for (int32_t i = 0; i < a->agent_count; i++)
		if (strcmp(acd_agents(a)[i].number, agent) == 0) {
			if (holds(&acd_agents(a)[i], epoch))
				return i;
			known = CC_E_STALE;
		}
	return known;
}

int cc_acd_ringing(struct cc_acd *a, const char *agent, uint32_t epoch, int64_t now_ms, struct cc_acd_out *out)
{
	struct acd_op op = { a, now_ms, out, NULL };
	int32_t i = reserved(a, agent, epoch);

	out_begin(&op);
	if (i < 0)
		return i;
	if (acd_agents(a)[i].state == CC_AGENT_RESERVED) {
		acd_agents(a)[i].rang = true;
		state_set(&op, &acd_agents(a)[i], CC_AGENT_RINGING);
		acd_event(&op, i, WHAT_RINGING);
	}
	return 0;
}

int cc_acd_talking(struct cc_acd *a, const char *agent, uint32_t epoch, int64_t now_ms, struct cc_acd_out *out)
{
	struct acd_op op = { a, now_ms, out, NULL };
	int32_t i = reserved(a, agent, epoch);
	struct acd_agent *g;

	out_begin(&op);
	if (i < 0)
		return i;
	g = &acd_agents(a)[i];
	if (g->state != CC_AGENT_TALKING) {
		state_set(&op, g, CC_AGENT_TALKING);
		g->calls_today++;
		if (g->queue >= 0) {
			acd_queues(a)[g->queue].answered_today++;
			acd_queues(a)[g->queue].last_agent = i;
		}
		acd_event(&op, i, WHAT_TALKING);
	}
	return 0;
}

/* After-call work by the kind of the queue; true: it began. */
static bool wrapup_start(struct acd_op *op, struct acd_agent *g, enum cc_outcome outcome)
{
	const struct acd_queue *q = g->queue >= 0 ? &acd_queues(op->a)[g->queue] : NULL;

	if (!q || q->wrapup == CC_WRAPUP_OFF)
		return false;
	if (outcome != CC_OUT_TALKED && !(q->wrapup == CC_WRAPUP_RINGING && g->rang))
		return false;
	state_set(op, g, CC_AGENT_WRAPUP);
	g->wrapup_ms = q->wrapup_ms ? op->now + q->wrapup_ms : INT64_MAX;
	acd_wake(op->a, g->wrapup_ms);
	return true;
}

int cc_acd_release(struct cc_acd *a, const char *agent, uint32_t epoch, enum cc_outcome outcome,
		int64_t now_ms, struct cc_acd_out *out)
{
	struct acd_op op = { a, now_ms, out, NULL };
	int32_t i = reserved(a, agent, epoch), c, queue;
	struct acd_agent *g;
	bool wrapup;

	out_begin(&op);
	if (i < 0)
		return i;
	g = &acd_agents(a)[i];
	queue = g->queue;
	c = acd_call_find(a, &g->call, g->visit);
	if (c >= 0 && acd_calls(a)[c].granted > 0)
		acd_calls(a)[c].granted--;
	if (outcome == CC_OUT_TALKED)
		g->last_end_ms = now_ms;
	wrapup = wrapup_start(&op, g, outcome);
	if (!wrapup)
		state_set(&op, g, CC_AGENT_IDLE);
	if (queue >= 0 && outcome != CC_OUT_TALKED && outcome != CC_OUT_CALLER_GONE) {
		int32_t m = member_of(a, i, queue);

		if (m >= 0) {
			acd_members(a)[m].retry_ms = now_ms + acd_queues(a)[queue].retry_delay_ms;
			acd_wake(a, acd_members(a)[m].retry_ms);
		}
		if (outcome == CC_OUT_NOANSWER && acd_queues(a)[queue].auto_pause)
			work_set(&op, g, CC_WORK_BUSY, "no_answer");
	}
	g->queue = -1;
	__atomic_add_fetch(&g->hold, 1, __ATOMIC_ACQ_REL);
	acd_event(&op, i, wrapup ? WHAT_WRAPUP_START
			: g->work == CC_WORK_BUSY && outcome == CC_OUT_NOANSWER ? WHAT_AUTO_BUSY
																	  : WHAT_RELEASED);
	if (queue >= 0)
		acd_dispatch_queue(&op, queue);
	acd_dispatch_agent(&op, i);
	return 0;
}

/* ---- timers ---- */

static void day_begins(struct acd_op *op)
{
	struct cc_acd *a = op->a;

	for (int32_t i = 0; i < a->agent_count; i++)
		acd_agents(a)[i].calls_today = 0;
	for (int32_t i = 0; i < a->queue_count; i++) {
		struct acd_queue *q = &acd_queues(a)[i];

		q->answered_today = q->abandoned_today = q->offered_today = 0;
	}
	midnight(op);
}

void cc_acd_tick(struct cc_acd *a, int64_t now_ms, struct cc_acd_out *out, int64_t *next_ms)
{
	struct acd_op op = { a, now_ms, out, NULL };

	out_begin(&op);
	if (a->next_ms > now_ms) {
		*next_ms = a->next_ms;
		return;
	}
	a->next_ms = INT64_MAX;
	if (a->midnight_ms <= now_ms)
		day_begins(&op);
	acd_wake(a, a->midnight_ms);
	for (int32_t i = 0; i < a->agent_count; i++) {
		struct acd_agent *g = &acd_agents(a)[i];

		if (a->pending && g->pending != WHAT_NONE && !out->more)
			acd_event(&op, i, g->pending);
		if (g->state != CC_AGENT_WRAPUP)
			continue;
		if (g->wrapup_ms > now_ms)
			acd_wake(a, g->wrapup_ms);
		else
			wrapup_stop(&op, i);
	}
	for (int32_t i = 0; i < a->member_count; i++) {
		struct acd_member *m = &acd_members(a)[i];

		if (m->retry_ms > now_ms)
			acd_wake(a, m->retry_ms);
		else
			m->retry_ms = 0;
	}
	for (int32_t i = 0; i < a->queue_count && !out->more; i++)
		if (acd_queues(a)[i].head >= 0)
			acd_dispatch_queue(&op, i);
	if (out->more)
		a->next_ms = now_ms;
	*next_ms = a->next_ms;
}
