/* SPDX-License-Identifier: GPL-2.0-or-later
 * Compares every index and count with the records. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "acd_private.h"
#include "cc/err.h"

struct check
{
	const struct cc_acd *a;
	char *error;
	size_t size;
	bool failed;
};

/* The first thing that is wrong is what the error says. */
static void expect(
		struct check *c, bool good, const char *kind, const char *number, const char *what)
{
	if (good || c->failed)
		return;
	c->failed = true;
	snprintf(c->error, c->size, "%s %s: %s", kind, number, what);
}

static void check_agents(struct check *c)
{
	const struct cc_acd *a = c->a;
	struct cc_tree timers = cc_acd_timers(a);

	for (int32_t i = 0; i < a->agent_count; i++) {
		const struct acd_agent *g = acd_agent(a, i);
		bool calling = g->state != CC_AGENT_IDLE && g->state != CC_AGENT_WRAPUP;
		bool timed = g->wrapup_until_ms != 0 && g->wrapup_until_ms != INT64_MAX;

		expect(c, i == 0 || strcmp(g[-1].number, g->number) < 0, "agent", g->number, "order");
		expect(c, calling == cc_acd_held(g), "agent", g->number, "state and reservation");
		expect(c, g->state != CC_AGENT_WRAPUP || g->wrapup_until_ms, "agent", g->number,
				"wrap-up without end");
		expect(c, g->state != CC_AGENT_IDLE || !g->wrapup_until_ms, "agent", g->number,
				"idle before the end of wrap-up");
		expect(c, timed == cc_tree_has(&timers, i), "agent", g->number, "timer");
		expect(c, g->enabled || g->work == CC_WORK_OFFLINE, "agent", g->number,
				"works although disabled");
		for (int32_t k = g->first; k < g->first + g->count; k++) {
			const struct acd_member *m = acd_member(a, acd_memberships(a)[k]);

			expect(c, m->agent == i, "agent", g->number, "membership of another");
			expect(c, k == g->first || acd_member(a, acd_memberships(a)[k - 1])->queue < m->queue,
					"agent", g->number, "order of memberships");
		}
	}
}

static void check_queue(struct check *c, int32_t queue)
{
	const struct cc_acd *a = c->a;
	const struct acd_queue *q = acd_queue(a, queue);
	struct cc_tree timers = cc_acd_timers(a), idle = cc_acd_idle(a, queue);
	struct cc_tree wait = cc_acd_wait(a, queue), want = cc_acd_want(a, queue);
	int32_t signed_in = 0, available = 0, on_duty = 0, gap = INT32_MAX;

	expect(c, cc_tree_valid(&idle, a->limits.memberships), "queue", q->number, "idle set");
	expect(c, cc_tree_valid(&wait, a->limits.waiting), "queue", q->number, "waiting set");
	expect(c, cc_tree_valid(&want, a->limits.waiting), "queue", q->number, "wanting set");
	for (int32_t k = q->first; k < q->first + q->count; k++) {
		const struct acd_member *m = acd_member(a, k);

		signed_in += m->signed_in;
		available += cc_acd_available(a, k);
		on_duty += cc_acd_on_duty(a, k);
		if (cc_acd_available(a, k) && acd_gap(m) < gap)
			gap = acd_gap(m);
		expect(c, m->duty == cc_acd_on_duty(a, k), "queue", q->number, "duty of a member");
		expect(c, !m->paused || m->signed_in, "queue", q->number, "paused and not signed in");
		expect(c, m->queue == queue, "queue", q->number, "member of another");
		expect(c, cc_acd_available(a, k) == cc_tree_has(&idle, k), "queue", q->number,
				"availability of a member");
		expect(c, (m->retry_at_ms != 0) == cc_tree_has(&timers, a->limits.agents + k), "queue",
				q->number, "retry timer");
		expect(c, !m->fixed || m->signed_in || !acd_agent(a, m->agent)->enabled, "queue", q->number,
				"a static member is signed out");
	}
	expect(c, signed_in == q->signed_in, "queue", q->number, "count of members signed in");
	expect(c, available == cc_tree_count(&idle), "queue", q->number, "count of idle members");
	expect(c, q->enabled || cc_tree_count(&wait) == 0, "queue", q->number, "disabled with calls");
	expect(c, on_duty == q->on_duty, "queue", q->number, "count of members on duty");
	for (int32_t k = 0; k < cc_tree_count(&want) && available > 0; k++)
		expect(c, acd_call(a, cc_tree_at(&want, k))->relaxed < gap, "queue", q->number,
				"a call waits although an agent is available");
	for (int32_t k = 0; k < cc_tree_count(&wait); k++)
		expect(c,
				acd_call(a, cc_tree_at(&wait, k))->grants > 0 ||
						!((q->leave_empty && signed_in == 0) || (q->no_agent && on_duty == 0)),
				"queue", q->number, "a call waits for nobody");
}

static void check_queues(struct check *c)
{
	const struct cc_acd *a = c->a;
	struct cc_tree timers = cc_acd_timers(a);
	int32_t next = 0;

	for (int32_t i = 0; i < a->queue_count; i++) {
		expect(c, acd_queue(a, i)->first == next, "queue", acd_queue(a, i)->number,
				"place of its list");
		next += acd_queue(a, i)->count;
		check_queue(c, i);
	}
	expect(c, next == a->member_count, "tenant", "", "count of members");
	expect(c, cc_tree_valid(&timers, a->limits.agents + a->limits.memberships + a->limits.waiting),
			"tenant", "", "timers");
}

/* grants: of each call, as the agents say */
static void check_calls(struct check *c, int32_t *grants)
{
	const struct cc_acd *a = c->a;
	struct cc_tree found = cc_acd_found(a), timers = cc_acd_timers(a);
	int32_t used = 0, unused = 0;

	expect(c, cc_tree_valid(&found, a->limits.waiting), "tenant", "", "calls by id");
	for (int32_t i = 0; i < a->agent_count && !c->failed; i++) {
		const struct acd_agent *g = acd_agent(a, i);
		int32_t call = cc_acd_held(g) && g->queue != ACD_NOT
							   ? cc_acd_call_find(a, &g->call, g->visit)
							   : ACD_NOT;

		if (call >= 0)
			grants[call]++;
	}
	for (int32_t i = 0; i < a->limits.waiting && !c->failed; i++) {
		const struct acd_call *w = acd_call(a, i);
		bool in = w->queue != ACD_NOT;
		char id[CC_ULID_TEXT + 1] = "";

		used += in;
		expect(c, cc_tree_has(&found, i) == in, "call", id, "found by id");
		if (!in)
			continue;
		struct cc_tree wait = cc_acd_wait(a, w->queue), want = cc_acd_want(a, w->queue);

		cc_ulid_format(&w->call, id);
		expect(c, cc_tree_has(&wait, i), "call", id, "is not among the waiting");
		expect(c,
				(w->relax_at_ms || w->retry_at_ms) ==
						cc_tree_has(&timers, a->limits.agents + a->limits.memberships + i),
				"call", id, "timer");
		expect(c, grants[i] == w->grants, "call", id, "count of reservations");
		expect(c, cc_acd_wants(a, w) == cc_tree_has(&want, i), "call", id, "wants an agent");
		expect(c,
				w->grants <= (acd_queue(a, w->queue)->strategy == CC_STRATEGY_RING_ALL
											 ? CC_CALL_OFFERS
											 : 1),
				"call", id, "has too many agents");
	}
	for (int32_t i = a->free_call; i != ACD_NOT && unused <= a->limits.waiting;
			i = acd_call(a, i)->next_free)
		unused++;
	expect(c, used + unused == a->limits.waiting, "tenant", "", "free places of calls");
	expect(c, used == cc_tree_count(&found), "tenant", "", "count of calls");
}

int cc_acd_check(const struct cc_acd *a, char *error, size_t size)
{
	struct check c = {.a = a, .error = error, .size = size};
	int32_t *grants = calloc((size_t)a->limits.waiting + 1, sizeof(*grants));
	uint64_t steps = a->steps;

	if (!grants)
		return CC_E_NOMEM;
	check_agents(&c);
	check_queues(&c);
	check_calls(&c, grants);
	free(grants);
	((struct cc_acd *)(uintptr_t)a)->steps = steps; /* looking is no work */
	return c.failed ? CC_E_CORRUPT : CC_OK;
}

int cc_acd_check_queue(const struct cc_acd *a, const char *queue, char *error, size_t size)
{
	struct check c = {.a = a, .error = error, .size = size};
	int32_t i = cc_acd_queue_find(a, queue);
	uint64_t steps = a->steps;

	if (i < 0)
		return CC_E_NOENT;
	check_queue(&c, i);
	((struct cc_acd *)(uintptr_t)a)->steps = steps;
	return c.failed ? CC_E_CORRUPT : CC_OK;
}
