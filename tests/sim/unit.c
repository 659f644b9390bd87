/* SPDX-License-Identifier: GPL-2.0-or-later
 * A short run of the simulator for every kind of office. */
#include "sim.h"
#include "unit.h"

static long messages, mobiles; /* in all runs: left, called */

/* Talks of the run. */
static long run(struct sim_options options)
{
	struct sim_result r;

	if (sim_run(&options, &r) < 0)
		fprintf(stderr, "%s\n", r.error);
	CU_ASSERT_EQUAL(r.error[0], '\0');
	CU_ASSERT(r.calls > 0 && r.abandoned > 0 && r.predictive > 0 && r.menus > 0);
	messages += r.messages;
	mobiles += r.mobiles;
	return r.talks;
}

/* TEL-05, TEL-06, TEL-08, STATE-02, CDR-02: the rules hold whatever comes */
static void test_usual(void)
{
	long talks = 0;

	for (uint64_t seed = 1; seed <= 15; seed++)
		talks += run((struct sim_options){
				.seed = seed, .events = 6000, .agents = 12, .queues = 4, .calls = 30});
	CU_ASSERT(talks > 300);
	CU_ASSERT(messages > 30);
	CU_ASSERT(mobiles > 100);
}

static void test_few_agents(void)
{
	long talks = 0;

	for (uint64_t seed = 100; seed < 105; seed++)
		talks += run((struct sim_options){
				.seed = seed, .events = 6000, .agents = 2, .queues = 3, .calls = 40});
	CU_ASSERT(talks > 20);
}

/* Few events are looked at as a whole, every one where it happened. */
static void test_large(void)
{
	CU_ASSERT(run((struct sim_options){
					  .seed = 3, .total = 3300, .agents = 600, .queues = 60, .calls = 400}) > 500);
}

/* TEL-06: how evenly each strategy shares calls among agents who are always there. */
static void test_fairness(void)
{
	static const struct
	{
		const char *name;
		double least, most;
	} expected[] = {{"longest_idle", 0.995, 1}, {"fewest_calls", 0.999, 1}, {"linear", 0.2, 0.9},
			{"round_robin", 0.995, 1}, {"random", 0.97, 1}, {"ring_all", 0.97, 1}};
	struct sim_options options = {
			.seed = 5, .total = 6000, .agents = 60, .queues = 6, .calls = 200, .fair = true};
	struct sim_result r;

	CU_ASSERT_EQUAL(sim_run(&options, &r), 0);
	for (int i = 0; i < 6; i++) {
		printf("\n    %-12s %d agents had %ld to %ld of %ld calls, evenness %.4f", expected[i].name,
				r.shares[i].agents, r.shares[i].least, r.shares[i].most, r.shares[i].calls,
				r.shares[i].evenness);
		CU_ASSERT(r.shares[i].evenness >= expected[i].least);
		CU_ASSERT(r.shares[i].evenness <= expected[i].most);
	}
	CU_ASSERT(r.shares[1].most - r.shares[1].least <= 3); /* fewest calls: to a few calls */
}

/* What an event costs depends on the agents of its queues, not on how many there are besides. */
static void test_cost(void)
{
	static const int sizes[] = {10, 100, 400};
	double steps[3];

	for (int i = 0; i < 3; i++) {
		struct sim_options options = {.seed = 9,
				.total = 20L * sizes[i],
				.agents = 10 * sizes[i],
				.queues = 17 + sizes[i], /* of each agent the same number */
				.calls = 6 * sizes[i]};
		struct sim_result r;

		CU_ASSERT_EQUAL(sim_run(&options, &r), 0);
		steps[i] = (double)r.steps / (double)r.events;
		printf("\n    %d queues, %d agents: %.1f steps of indexes an event", options.queues,
				options.agents, steps[i]);
	}
	CU_ASSERT(steps[2] < 3 * steps[0]); /* forty times as many: logarithms */
}

static void test_same_seed_same_run(void)
{
	struct sim_options options = {
			.seed = 7, .events = 4000, .agents = 10, .queues = 3, .calls = 20};
	struct sim_result a, b;

	sim_run(&options, &a);
	sim_run(&options, &b);
	CU_ASSERT_EQUAL(memcmp(&a, &b, sizeof(a)), 0);
}

int main(void)
{
	CU_TestInfo tests[] = {
			{"usual office", test_usual},
			{"few agents, many callers", test_few_agents},
			{"a large office", test_large},
			{"TEL-06 fairness of the strategies", test_fairness},
			{"cost of an event", test_cost},
			{"the same seed is the same run", test_same_seed_same_run},
			CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {{"simulator", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

	return unit_run(suites);
}
