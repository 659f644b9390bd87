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
	int32_t priority, member;
};

static bool priority_low(const void *probe, int32_t item)
{
	const struct place *p = probe;

	return acd_member(p->acd, item)->priority <= p->priority;
}

/* In sets that are in list order within a priority. */
static bool place_low(const void *probe, int32_t item)
{
	const struct place *p = probe;
	const struct acd_member *m = acd_member(p->acd, item);

	return m->priority != p->priority ? m->priority < p->priority : item <= p->member;
}

/* Where among from…to-1, members of one priority, the strategy begins. */
static int32_t begin(
		struct cc_acd *a, int32_t queue, const struct cc_tree *idle, int32_t from, int32_t to)
{
	const struct acd_queue *q = acd_queue(a, queue);
	struct place p = {a, acd_member(a, cc_tree_at(idle, from))->priority, q->last};
	int32_t next;

	if (q->strategy == CC_STRATEGY_RANDOM)
		return from + (int32_t)random_below(a, (uint32_t)(to - from));
	if (q->strategy == CC_STRATEGY_ROUND_ROBIN && q->last != ACD_NOT) {
		next = cc_tree_low(idle, place_low, &p);
		return next < to ? next : from;
	}
	return from;
}

/* The member to offer the call to among those of priorities above; -1: there is none. At most
 * ACD_TRIED members are passed over. */
static int32_t choose(struct cc_acd *a, const struct acd_call *c, int32_t above, bool again)
{
	struct cc_tree idle = cc_acd_idle(a, c->queue);
	struct place p = {a, above, ACD_NOT};
	int32_t from = cc_tree_low(&idle, priority_low, &p), to, start;

	while (from < cc_tree_count(&idle)) {
		p.priority = acd_member(a, cc_tree_at(&idle, from))->priority;
		to = cc_tree_low(&idle, priority_low, &p);
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

/* The next one for the call: a new priority, then one that it has not tried, then anyone. */
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

/* Grants the first call that wants one; whether there were a call and an agent. */
static bool grant(struct cc_acd *a, int32_t queue, int64_t now_ms)
{
	struct cc_tree want = cc_acd_want(a, queue), idle = cc_acd_idle(a, queue);
	int32_t call = cc_tree_at(&want, 0), member;
	struct acd_call *c;

	if (call < 0 || cc_tree_count(&idle) == 0)
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
		struct cc_tree want = cc_acd_want(a, acd_member(a, member)->queue);

		a->steps++;
		call = cc_tree_has(&idle, member) ? cc_tree_at(&want, 0) : ACD_NOT;
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
	cc_acd_serve_queue(a, q, now_ms);
	cc_acd_drain(a, out);
	return CC_OK;
}

void cc_acd_call_remove(struct cc_acd *a, int32_t call)
{
	struct acd_call *c = acd_call(a, call);
	struct cc_tree wait = cc_acd_wait(a, c->queue), want = cc_acd_want(a, c->queue);
	struct cc_tree found = cc_acd_found(a);

	cc_tree_remove(&found, call);
	cc_tree_remove(&wait, call);
	cc_tree_remove(&want, call);
	c->queue = ACD_NOT;
	c->next_free = a->free_call;
	a->free_call = call;
}

void cc_acd_call_ungrant(struct cc_acd *a, int32_t call, int32_t priority)
{
	struct acd_call *c = acd_call(a, call);
	struct cc_tree want = cc_acd_want(a, c->queue);

	c->grants--;
	if (priority > 0)
		c->above = priority;
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
