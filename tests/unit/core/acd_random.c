/* SPDX-License-Identifier: GPL-2.0-or-later
 * The distributor under a long random use, watched by a simple model of its own; and what an event
 * costs. */
#include "acd_bench.h"

#define AGENTS 60
#define QUEUES 12
#define CALLS 60
#define STEPS 12000

static const struct cc_acd_limits limits = {
		.agents = AGENTS + 10, .queues = QUEUES, .memberships = AGENTS * 5, .waiting = CALLS - 5};

static uint32_t seed;

static uint32_t dice(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)seed * n) >> 32);
}

/* What the engine would know. */
static struct model
{
	uint32_t epoch[AGENTS]; /* 0: not reserved */
	int call[AGENTS];       /* of the reservation; 0: a call of its own */
	bool talking[AGENTS];
	int queue[CALLS + 1];   /* where the call waits; 0 nowhere */
	int next_id[CALLS + 1]; /* calls get new ids: place + CALLS × n */
	int grants, answered, doubled;
} model;

static int agent_of(const char *number)
{
	return atoi(number) - 100;
}

static int place_of(int id)
{
	return (id - 1) % CALLS + 1;
}

/* Dispatch never connects one waiting call to two agents, never two waiting calls to one agent. */
static void see(const struct cc_acd_effect *e)
{
	int id = bench_call_of(&e->call), i;

	if (e->kind == CC_ACD_OUT) {
		CU_ASSERT(model.queue[place_of(id)] != 0);
		model.queue[place_of(id)] = 0;
	}
	if (e->kind != CC_ACD_GRANT)
		return;
	i = agent_of(e->agent_number);
	model.grants++;
	CU_ASSERT_EQUAL(model.epoch[i], 0);
	CU_ASSERT_EQUAL(model.next_id[place_of(id)], id);
	CU_ASSERT_NOT_EQUAL(model.queue[place_of(id)], 0);
	if (model.queue[place_of(id)] % 6 != CC_STRATEGY_RING_ALL)
		for (int k = 0; k < AGENTS; k++)
			CU_ASSERT_FALSE(model.epoch[k] && model.call[k] == id);
	model.epoch[i] = e->epoch;
	model.call[i] = id;
	model.talking[i] = false;
}

static void random_snapshot(void)
{
	static const char *const strategies[] = {
			"longest_idle", "fewest_calls", "linear", "round_robin", "random", "ring_all"};
	static const char *const wrapups[] = {"off", "answered", "ringing"};
	bool there[AGENTS], there_is[QUEUES] = {false};

	for (int i = 0; i < AGENTS; i++) {
		there[i] = dice(12) > 0;
		if (there[i])
			bench_agent(100 + i, dice(15) > 0);
	}
	for (int q = 1; q < QUEUES; q++) {
		if (dice(12) == 0)
			continue;
		there_is[q] = true;
		/* a call keeps the rule of the strategy that it came under: one a queue for ever */
		bench_queue((struct bench_queue){.number = bench_text(600 + q),
				.strategy = strategies[q % 6],
				.wrapup = wrapups[dice(3)],
				.wrapup_s = (int)dice(20),
				.retry_delay_s = (int)dice(4),
				.max_waiting = (int)dice(3) * 8,
				.auto_pause = dice(4) == 0,
				.no_empty = dice(4) == 0,
				.leave_empty = dice(6) == 0,
				.no_agent = dice(6) == 0,
				.relax_s = (int)dice(6),
				.state = dice(15) ? NULL : "disabled"});
		for (int i = 0; i < AGENTS; i++)
			if (there[i] && (i + q) % 4 == 0)
				bench_member(bench_text(600 + q), 100 + i, (int)dice(5), 1 + (int)dice(3),
						dice(20) == 0);
	}
	for (int q = 1; q < QUEUES; q++)
		if (there_is[q] && dice(3) == 0)
			bench_need(bench_text(600 + q), 1 + (int)dice(2), 1 + (int)dice(3));
	for (int i = 0; i < AGENTS; i++)
		for (int skill = 1; skill <= 2; skill++)
			if (there[i] && dice(2))
				bench_skill(100 + i, skill, 1 + (int)dice(4));
	CU_ASSERT_EQUAL(bench_configure(), CC_OK);
}

static void caller_step(void)
{
	int place = 1 + (int)dice(CALLS), q = 1 + (int)dice(QUEUES - 1);

	if (model.queue[place]) {
		bench_leave(model.next_id[place]);
		model.queue[place] = 0;
		return;
	}
	model.next_id[place] += model.next_id[place] ? CALLS : place;
	model.queue[place] = q; /* before: a grant may come at once */
	if (bench_enter_first(bench_text(600 + q), model.next_id[place], (int)dice(3)) < 0)
		model.queue[place] = 0;
}

/* What a call may report about its agent, often in the wrong order. */
static void call_step(int i)
{
	static const enum cc_outcome outcomes[] = {CC_OUT_TALKED, CC_OUT_NOANSWER, CC_OUT_REJECTED,
			CC_OUT_BUSY, CC_OUT_UNREACHABLE, CC_OUT_CALLER_GONE, CC_OUT_FAILED};
	const char *agent = bench_text(100 + i);
	uint32_t epoch = model.epoch[i];
	int err = CC_OK, place = model.call[i] ? place_of(model.call[i]) : 0;
	enum cc_outcome outcome = outcomes[dice(7)];

	switch (dice(4)) {
	case 0:
		err = cc_acd_ringing(bench.acd, agent, epoch, bench.now, &bench.out);
		break;
	case 1:
		if (!model.talking[i] && place && model.next_id[place] == model.call[i] &&
				model.queue[place]) {
			model.answered++;
			model.queue[place] = 0;
		}
		model.talking[i] = true;
		err = cc_acd_talking(bench.acd, agent, epoch, bench.now, &bench.out);
		break;
	case 2:
		err = cc_acd_hold(bench.acd, agent, epoch, dice(2), bench.now, &bench.out);
		err = err == CC_E_STATE && !model.talking[i] ? CC_OK : err;
		break;
	default:
		model.epoch[i] = 0;
		err = cc_acd_release(bench.acd, agent, epoch, model.talking[i] ? CC_OUT_TALKED : outcome,
				bench.now, &bench.out);
	}
	CU_ASSERT_EQUAL(err, CC_OK);
	bench_done();
	/* stale news never count */
	CU_ASSERT(cc_acd_talking(bench.acd, agent, epoch + 77777, bench.now, &bench.out) < 0);
}

static void agent_step(int i)
{
	int number = 100 + i;
	struct cc_ulid own = bench_call(0);
	uint32_t epoch = 0;
	int err;

	switch (dice(7)) {
	case 5:
		bench_pause(number, bench_text(600 + 1 + (int)dice(QUEUES - 1)), dice(2));
		break;
	case 0:
		bench_sign(number, dice(2) ? NULL : bench_text(600 + 1 + (int)dice(QUEUES - 1)), dice(3));
		break;
	case 1:
		bench_work(number, dice(3) ? CC_WORK_ONLINE : (enum cc_work)dice(4), "meal");
		break;
	case 2:
		bench_phone(number, (int)dice(4));
		break;
	case 3:
		cc_acd_wrapup_end(bench.acd, bench_text(number), NULL, bench.now, &bench.out);
		bench_done();
		break;
	case 4:
		err = cc_acd_reserve(bench.acd, bench_text(number), &own, bench.now, &epoch, &bench.out);
		if (model.epoch[i])
			CU_ASSERT(err == CC_E_STATE || err == CC_E_NOENT);
		if (err == CC_OK) {
			CU_ASSERT_EQUAL(model.epoch[i], 0);
			model.epoch[i] = epoch;
			model.call[i] = 0;
			model.talking[i] = false;
		}
		bench_done();
		break;
	default:
		bench_ready(number);
	}
}

/* The next agent from i on that is reserved; -1: nobody is. */
static int reserved(int i)
{
	for (int k = 0; k < AGENTS; k++)
		if (model.epoch[(i + k) % AGENTS])
			return (i + k) % AGENTS;
	return -1;
}

static void long_random_use(void)
{
	seed = 20231115;
	memset(&model, 0, sizeof(model));
	bench_new(&limits);
	bench.see = see;
	random_snapshot();
	for (int i = 0; i < AGENTS; i++)
		bench_ready(100 + i);
	for (int step = 0; step < STEPS && CU_get_number_of_failures() == 0; step++) {
		int i = (int)dice(AGENTS);
		uint32_t what = dice(1000);

		bench_clear();
		if (what < 250)
			caller_step();
		else if (what < 650 && reserved(i) >= 0)
			call_step(reserved(i));
		else if (what < 850)
			agent_step(i);
		else if (what < 990)
			bench_wait(dice(3000));
		else if (what < 992)
			bench_wait(dice(12 * 60 * (uint32_t)MINUTE));
		else if (what < 998)
			random_snapshot();
		else if (what == 998 && dice(3) == 0) {
			CU_ASSERT_EQUAL(cc_acd_adopt(bench.acd, bench.bytes, 2, bench.now), CC_OK);
			memset(model.epoch, 0, sizeof(model.epoch));
			memset(model.queue, 0, sizeof(model.queue));
			bench_tick();
		}
	}
	CU_ASSERT(model.grants > 1000);
	CU_ASSERT(model.answered > 200);
	/* in the end all is given back */
	for (int i = 0; i < AGENTS; i++) {
		while (model.epoch[i]) {
			uint32_t epoch = model.epoch[i];
			int place = model.call[i] ? place_of(model.call[i]) : 0;

			if (place && model.queue[place]) {
				bench_leave(model.next_id[place]);
				model.queue[place] = 0;
			}
			model.epoch[i] = 0;
			CU_ASSERT_EQUAL(cc_acd_release(bench.acd, bench_text(100 + i), epoch,
									CC_OUT_CALLER_GONE, bench.now, &bench.out),
					CC_OK);
			bench_done();
		}
	}
	struct cc_acd_gauges g;

	cc_acd_gauges(bench.acd, &g);
	CU_ASSERT_EQUAL(g.talking, 0);
	bench_free();
}

/* ---- what an event costs ---- */

/* Mean of the steps of all that a call leads to, with agents that are in three queues each. */
static double steps_per_call(int queues, int agents, const char *strategy)
{
	struct cc_acd_limits big = {
			.agents = agents, .queues = queues, .memberships = agents * 3, .waiting = 100};
	struct cc_acd_gauges before, after;
	const int calls = 400;

	bench_new(&big);
	bench.unchecked = true;
	for (int q = 0; q < queues; q++)
		bench_queue((struct bench_queue){.number = bench_text(6000 + q), .strategy = strategy});
	for (int i = 0; i < agents; i++) {
		bench_agent(10000 + i, true);
		for (int k = 0; k < 3; k++)
			bench_member(bench_text(6000 + (i + k) % queues), 10000 + i, i, 1, false);
	}
	CU_ASSERT_EQUAL(bench_configure(), CC_OK);
	for (int i = 0; i < agents; i++)
		bench_ready(10000 + i);
	CU_ASSERT_STRING_EQUAL(bench_wrong(), "");
	cc_acd_gauges(bench.acd, &before);
	for (int call = 1; call <= calls; call++) {
		bench_clear();
		bench_enter(bench_text(6000 + call % queues), call);
		CU_ASSERT_NOT_EQUAL(bench.grants[0], '\0');
		bench_answer(atoi(bench.grants));
	}
	cc_acd_gauges(bench.acd, &after);
	CU_ASSERT_STRING_EQUAL(bench_wrong(), "");
	bench_free();
	return (double)(after.steps - before.steps) / calls;
}

static void cost_of_an_event(void)
{
	static const char *const strategies[] = {
			"longest_idle", "fewest_calls", "linear", "round_robin", "random"};

	for (size_t i = 0; i < sizeof(strategies) / sizeof(strategies[0]); i++) {
		double small = steps_per_call(10, 20, strategies[i]);
		double many = steps_per_call(400, 8000, strategies[i]);
		double large = steps_per_call(4, 8000, strategies[i]);

		/* 16,000 times as many pairs of queue and agent; 1,000 times as many agents in a queue */
		printf("\n    %-12s steps a call: %.0f with 10 queues and 20 agents, %.0f with 400 and "
			   "8000, "
			   "%.0f with 4 and 8000 ",
				strategies[i], small, many, large);
		CU_ASSERT(small > 0);
		CU_ASSERT(many < 3 * small);
		CU_ASSERT(large < 6 * small);
	}
}

CU_TestInfo acd_random_tests[] = {
		{"long random use", long_random_use},
		{"cost of an event", cost_of_an_event},
		CU_TEST_INFO_NULL,
};
