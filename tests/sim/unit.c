/* SPDX-License-Identifier: GPL-2.0-or-later
 * A short run of the simulator for every kind of office. */
#include "sim.h"
#include "unit.h"

static void run(struct sim_options options)
{
	struct sim_result r;

	if (sim_run(&options, &r) < 0)
		fprintf(stderr, "%s\n", r.error);
	CU_ASSERT_EQUAL(r.error[0], '\0');
	CU_ASSERT(r.calls > 0 && r.talks > 0 && r.abandoned > 0);
}

/* TEL-05, TEL-06, TEL-08, STATE-02, CDR-02: the rules hold whatever comes */
static void test_usual(void)
{
	for (uint64_t seed = 1; seed <= 10; seed++)
		run((struct sim_options){
				.seed = seed, .events = 6000, .agents = 12, .queues = 4, .calls = 30});
}

static void test_few_agents(void)
{
	for (uint64_t seed = 100; seed < 105; seed++)
		run((struct sim_options){
				.seed = seed, .events = 6000, .agents = 2, .queues = 3, .calls = 40});
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
			{"the same seed is the same run", test_same_seed_same_run},
			CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {{"simulator", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

	return unit_run(suites);
}
