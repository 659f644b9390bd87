/* SPDX-License-Identifier: GPL-2.0-or-later
 * Waiting calls and who gets them. */
#include <string.h>
#include "acd_private.h"
#include "cc/err.h"

/* ---- choosing an agent ---- */

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint32_t random_below(struct cc_acd *a, uint32_t n)
{
	uint64_t z = a->random += 0x9E3779B97F4A7C15u;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	z ^= z >> 31;
	return (uint32_t)(((z >> 32) * n) >> 32);
}

static bool tried(const struct acd_call *c, int32_t agent)
{
	for (int32_t i = 0; i < c->tried_count; i++)
		if (c->tried[i] == agent)
			return true;
	return false;
}

static void tried_add(struct acd_call *c, int32_t agent)
{
	if (tried(c, agent))
		return;
	if (c->tried_count == ACD_TRIED) { /* the oldest makes room */
		memmove(c->tried, c->tried + 1, sizeof(c->tried) - sizeof(c->tried[0]));
		c->tried_count--;
	}
	c->tried[c->tried_count++] = agent;
}

struct place
{
	const struct cc_acd *acd;
	int32_t rank, member;
};

static bool rank_low(const void *probe, int32_t item)
{
	const struct place *p = probe;

	return acd_member(p->acd, item)->rank <= p->rank;
}

/* In sets that are in list order within a rank. */
static bool place_low(const void *probe, int32_t item)
{
	const struct place *p = probe;
	const struct acd_member *m = acd_member(p->acd, item);

	return m->rank != p->rank ? m->rank < p->rank : item <= p->member;
}

/* Where among from…to-1, members of one rank, the strategy begins. */
static int32_t begin(
		struct cc_acd *a, int32_t queue, const struct cc_tree *idle, int32_t from, int32_t to)
{
	const struct acd_queue *q = acd_queue(a, queue);
	struct place p = {a, acd_member(a, cc_tree_at(idle, from))->rank, q->last};
	int32_t next;

	if (q->strategy == CC_STRATEGY_RANDOM)
		return from + (int32_t)random_below(a, (uint32_t)(to - from));
	if (q->strategy == CC_STRATEGY_ROUND_ROBIN && q->last != ACD_NOT) {
		next = cc_tree_low(idle, place_low, &p);
		return next < to ? next : from;
	}
	return from;
}

/* The member to offer the call to among those of ranks above, and of enough skill; -1: there is
 * none. At most ACD_TRIED members are passed over. */
static int32_t choose(struct cc_acd *a, const struct acd_call *c, int32_t above, bool again)
{
	struct cc_tree idle = cc_acd_idle(a, c->queue);
	struct place p = {a, (c->relaxed + 1) * ACD_GAP - 1, ACD_NOT};
	int32_t end = cc_tree_low(&idle, rank_low, &p), from, to, start;

	p.rank = above;
	from = cc_tree_low(&idle, rank_low, &p);
	while (from < end) {
		p.rank = acd_member(a, cc_tree_at(&idle, from))->rank;
		to = cc_tree_low(&idle, rank_low, &p);
		start = begin(a, c->queue, &idle, from, to);
		for (int32_t i = 0; i < to - from; i++) {
			int32_t member = cc_tree_at(&idle, from + (start - from + i) % (to - from));

			if (again || !tried(c, acd_member(a, member)->agent))
				return member;
		}
		from = to;
	}
	return ACD_NOT;
}

/* The next one for the call: a new rank, then one that it has not tried, then anyone. */
static int32_t next_member(struct cc_acd *a, struct acd_call *c)
{
	int32_t member = ACD_NOT;

	if (acd_queue(a, c->queue)->strategy == CC_STRATEGY_RING_ALL)
		return choose(a, c, 0, true);
	if (c->above > 0)
		member = choose(a, c, c->above, false);
	if (member < 0) {
		c->above = 0;
		member = choose(a, c, 0, false);
	}
	if (member < 0) {
		c->tried_count = 0;
		member = choose(a, c, 0, true);
	}
	return member;
}

/* ---- granting ---- */

struct level
{
	const struct cc_acd *acd;
	int32_t priority;
};

static bool priority_high(const void *probe, int32_t item)
{
	const struct level *l = probe;

	return acd_call(l->acd, item)->priority >= l->priority;
}

/* The first call of the queue that wants an agent and takes one who lacks gap levels of skill. Of
 * one priority the first call has waited longest: if it needs more skill, so do those behind it. */
static int32_t first_call(const struct cc_acd *a, int32_t queue, int32_t gap)
{
	struct cc_tree want = cc_acd_want(a, queue);

	for (int32_t i = 0; i < cc_tree_count(&want);) {
		int32_t call = cc_tree_at(&want, i);
		struct level l = {a, acd_call(a, call)->priority};

		if (acd_call(a, call)->relaxed >= gap)
			return call;
		i = cc_tree_low(&want, priority_high, &l);
	}
	return ACD_NOT;
}

/* Grants the first call that an available agent can have; whether there were any. */
static bool grant(struct cc_acd *a, int32_t queue, int64_t now_ms)
{
	struct cc_tree want = cc_acd_want(a, queue), idle = cc_acd_idle(a, queue);
	int32_t member = cc_tree_at(&idle, 0), call;
	struct acd_call *c;

	if (member < 0 || cc_tree_count(&want) == 0)
		return false;
	call = first_call(a, queue, acd_gap(acd_member(a, member)));
	if (call < 0)
		return false;
	c = acd_call(a, call);
	member = next_member(a, c);
	if (!cc_acd_take(a, acd_member(a, member)->agent, queue, &c->call, c->visit, now_ms))
		return false;
	tried_add(c, acd_member(a, member)->agent);
	c->grants++;
	if (!cc_acd_wants(a, c))
		cc_tree_remove(&want, call);
	cc_acd_note_grant(a, acd_member(a, member)->agent);
	cc_acd_note(a, acd_member(a, member)->agent, CC_AGENT_EV_RESERVED, NULL, NULL);
	return true;
}

void cc_acd_serve_queue(struct cc_acd *a, int32_t queue, int64_t now_ms)
{
	while (grant(a, queue, now_ms))
		;
}

/* The queue of the call that an available agent should get. */
static int32_t best_queue(struct cc_acd *a, const struct acd_agent *g)
{
	const struct acd_call *best = NULL;

	for (int32_t i = 0; i < g->count; i++) {
		int32_t member = acd_memberships(a)[g->first + i], call;
		struct cc_tree idle = cc_acd_idle(a, acd_member(a, member)->queue);

		a->steps++;
		call = cc_tree_has(&idle, member)
					   ? first_call(a, acd_member(a, member)->queue, acd_gap(acd_member(a, member)))
					   : ACD_NOT;
		if (call >= 0 && (!best || cc_acd_sooner(acd_call(a, call), best)))
			best = acd_call(a, call);
	}
	return best ? best->queue : ACD_NOT;
}

void cc_acd_serve_agent(struct cc_acd *a, int32_t agent, int64_t now_ms)
{
	int32_t queue;

	while ((queue = best_queue(a, acd_agent(a, agent))) >= 0 && grant(a, queue, now_ms))
		;
}

/* ---- calls ---- */

int cc_acd_enter(struct cc_acd *a, const char *queue, const struct cc_acd_caller *caller,
		int64_t now_ms, struct cc_acd_out *out)
{
	int32_t q = cc_acd_queue_find(a, queue), call;
	struct cc_tree wait, want, found = cc_acd_found(a);
	bool again = caller->entered_ms != 0;
	struct acd_call *c;

	cc_acd_advance(a, now_ms);
	call = a->free_call;
	if (q < 0 || !acd_queue(a, q)->enabled)
		return CC_E_NOENT;
	wait = cc_acd_wait(a, q);
	want = cc_acd_want(a, q);
	if (cc_acd_call_find(a, &caller->call, caller->visit) >= 0)
		return CC_E_EXIST;
	if (!again && !acd_queue(a, q)->join_empty && acd_queue(a, q)->signed_in == 0)
		return CC_E_STATE;
	if (call == ACD_NOT || (!again && acd_queue(a, q)->max_waiting > 0 &&
								   cc_tree_count(&wait) >= acd_queue(a, q)->max_waiting))
		return CC_E_FULL;
	c = acd_call(a, call);
	a->free_call = c->next_free;
	*c = (struct acd_call){.call = caller->call,
			.visit = caller->visit,
			.priority = caller->priority,
			.queue = q,
			.next_free = ACD_NOT,
			.entered_ms = again ? caller->entered_ms : now_ms,
			.seq = a->next_seq++};
	memcpy(c->from, caller->from, sizeof(c->from));
	memcpy(c->from_name, caller->from_name, sizeof(c->from_name));
	c->from[sizeof(c->from) - 1] = c->from_name[sizeof(c->from_name) - 1] = '\0';
	cc_tree_insert(&found, call);
	cc_tree_insert(&wait, call);
	cc_tree_insert(&want, call);
	cc_acd_call_relax(a, call, now_ms);
	cc_acd_evict(a, q);
	if (!again || caller->served) /* else when all are back, cc_acd_restored */
		cc_acd_serve_queue(a, q, now_ms);
	cc_acd_drain(a, out);
	return CC_OK;
}

void cc_acd_evict(struct cc_acd *a, int32_t queue)
{
	struct acd_queue *q = acd_queue(a, queue);
	bool empty = q->leave_empty && q->signed_in == 0, none = q->no_agent && q->on_duty == 0;
	struct cc_tree wait = cc_acd_wait(a, queue);
	int32_t call;

	if (!empty && !none)
		return;
	for (int32_t i = 0; (call = cc_tree_at(&wait, i)) >= 0;) {
		if (acd_call(a, call)->grants > 0) { /* an agent who has left may still answer it */
			i++;
			continue;
		}
		cc_acd_note_out(a, acd_call(a, call),
				empty ? CC_CAUSE_QUEUE_EMPTY_OVERFLOW : CC_CAUSE_QUEUE_NO_AGENT);
		q->abandoned_today++;
		cc_acd_call_remove(a, call);
	}
}

/* ---- what becomes of a call in time ---- */

static int32_t timer_of(const struct cc_acd *a, int32_t call)
{
	return a->limits.agents + a->limits.memberships + call;
}

static void timers_stop(struct cc_acd *a, int32_t call)
{
	struct cc_tree timers = cc_acd_timers(a);

	cc_tree_remove(&timers, timer_of(a, call));
}

static void timers_start(struct cc_acd *a, int32_t call)
{
	struct cc_tree timers = cc_acd_timers(a);

	if (cc_acd_timer_at(a, timer_of(a, call)) != 0)
		cc_tree_insert(&timers, timer_of(a, call));
}

void cc_acd_call_relax(struct cc_acd *a, int32_t call, int64_t at_ms)
{
	struct acd_call *c = acd_call(a, call);
	const struct acd_queue *q = acd_queue(a, c->queue);
	int64_t steps = q->relax_ms > 0 ? (at_ms - c->entered_ms) / q->relax_ms : 0;

	c->relaxed = steps <= 0 ? 0 : steps < CC_SKILL_LEVELS ? (int32_t)steps : CC_SKILL_LEVELS;
	c->relax_at_ms = q->relax_ms > 0 && c->relaxed < q->gap_max
							 ? c->entered_ms + (c->relaxed + 1) * (int64_t)q->relax_ms
							 : 0;
	timers_start(a, call);
}

/* at_ms: when it was due. What is due later is done later, so that calls relax in the order of
 * their entry. */
void cc_acd_call_due(struct cc_acd *a, int32_t call, int64_t at_ms, int64_t now_ms)
{
	struct acd_call *c = acd_call(a, call);
	struct cc_tree want = cc_acd_want(a, c->queue);

	timers_stop(a, call);
	if (c->retry_at_ms <= at_ms)
		c->retry_at_ms = 0;
	cc_acd_call_relax(a, call, at_ms);
	if (cc_acd_wants(a, c))
		cc_tree_insert(&want, call);
	cc_acd_serve_queue(a, c->queue, now_ms);
}

void cc_acd_call_remove(struct cc_acd *a, int32_t call)
{
	struct acd_call *c = acd_call(a, call);
	struct cc_tree wait = cc_acd_wait(a, c->queue), want = cc_acd_want(a, c->queue);
	struct cc_tree found = cc_acd_found(a);

	cc_tree_remove(&found, call);
	cc_tree_remove(&wait, call);
	cc_tree_remove(&want, call);
	timers_stop(a, call);
	c->queue = ACD_NOT;
	c->next_free = a->free_call;
	a->free_call = call;
}

void cc_acd_call_ungrant(struct cc_acd *a, int32_t call, bool missed, int32_t rank, int64_t now_ms)
{
	struct acd_call *c = acd_call(a, call);
	const struct acd_queue *q = acd_queue(a, c->queue);
	struct cc_tree want = cc_acd_want(a, c->queue);

	c->grants--;
	if (missed && rank > 0)
		c->above = rank;
	if (missed && q->retry_delay_ms > 0 && q->strategy != CC_STRATEGY_RING_ALL) {
		timers_stop(a, call);
		c->retry_at_ms = now_ms + q->retry_delay_ms;
		timers_start(a, call);
	}
	if (cc_acd_wants(a, c))
		cc_tree_insert(&want, call);
}

void cc_acd_leave(struct cc_acd *a, const struct cc_ulid *call, int32_t visit, int64_t now_ms,
		struct cc_acd_out *out)
{
	int32_t i = cc_acd_call_find(a, call, visit);

	/* before anything else that is due: it must not be granted an agent while it leaves */
	if (i >= 0) {
		acd_queue(a, acd_call(a, i)->queue)->abandoned_today++;
		cc_acd_call_remove(a, i);
	}
	cc_acd_advance(a, now_ms);
	cc_acd_drain(a, out);
}

int64_t cc_acd_estimate(const struct cc_acd *a, const struct cc_ulid *call, int32_t visit)
{
	int32_t i = cc_acd_call_find(a, call, visit);
	const struct acd_queue *q = i < 0 ? NULL : acd_queue(a, acd_call(a, i)->queue);

	if (!q || q->handle_ms == 0 || q->on_duty == 0)
		return CC_E_NOENT;
	return cc_acd_position(a, call, visit, NULL) * q->handle_ms / q->on_duty;
}

int32_t cc_acd_duty(const struct cc_acd *a, const char *queue)
{
	int32_t i = cc_acd_queue_find(a, queue);

	return i < 0 ? CC_E_NOENT : acd_queue(a, i)->on_duty;
}

int32_t cc_acd_position(
		const struct cc_acd *a, const struct cc_ulid *call, int32_t visit, int32_t *waiting)
{
	int32_t i = cc_acd_call_find(a, call, visit);

	if (waiting)
		*waiting = 0;
	if (i < 0)
		return 0;
	struct cc_tree wait = cc_acd_wait(a, acd_call(a, i)->queue);

	if (waiting)
		*waiting = cc_tree_count(&wait);
	return cc_tree_rank(&wait, i) + 1;
}
