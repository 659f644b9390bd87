/* SPDX-License-Identifier: GPL-2.0-or-later
 * TIC-02: who gets a ticket. */
#include "unit.h"

#include "rules.h"

#define COUNT(x) (sizeof(x) / sizeof(*(x)))

static void test_pick(void)
{
	static const struct ticket_agent
			nobody[] = {{.id = 1, .open = 0}, {.id = 2, .open = 5}},
			some[] = {{.id = 1, .online = true, .open = 0},
					{.id = 2, .online = true, .idle = true, .open = 3},
					{.id = 3, .online = true, .idle = true, .open = 2, .given_at = 20},
					{.id = 4, .online = true, .idle = true, .open = 2, .given_at = 10},
					{.id = 5, .open = 0}};
	CU_ASSERT_EQUAL(ticket_pick(NULL, 0), 0);
	CU_ASSERT_EQUAL(ticket_pick(nobody, COUNT(nobody)), 0);
	CU_ASSERT_EQUAL(ticket_pick_any(nobody, COUNT(nobody)), 1);
	CU_ASSERT_EQUAL(ticket_pick(some, COUNT(some)), 4);
	CU_ASSERT_EQUAL(ticket_pick(some, 1), 1);
	CU_ASSERT_EQUAL(ticket_pick_any(some, COUNT(some)), 4);
}

/* One line for each sentence of the manual (3.10.1, 3.10.2, 3.10.4). */
static void test_begin(void)
{
	static const struct
	{
		struct ticket_rule state, category;
		int64_t author;
		bool in_group;
		int64_t group, agent;
		bool assigns;
	} cases[] = {
			/* nothing says anything */
			{{0}, {0}, 7, true, 0, 0, false},
			/* no state: the category's group */
			{{0}, {1, false, true}, 7, true, 1, 0, true},
			{{0}, {1, false, false}, 7, true, 1, 0, false},
			/* both of the same group, of different groups */
			{{1, false, true}, {1, false, true}, 7, true, 1, 0, true},
			{{2, false, true}, {1, false, true}, 7, true, 2, 0, true},
			{{2, false, false}, {1, false, true}, 7, true, 2, 0, false},
			{{1, false, false}, {1, false, true}, 7, true, 1, 0, true},
			/* the author keeps it, in the group only, and is not assigned over */
			{{0}, {1, true, true}, 7, true, 1, 7, false},
			{{0}, {1, true, true}, 7, false, 1, 0, true},
			{{0}, {1, true, true}, 0, true, 1, 0, true},
			/* a state of another group takes it away, unless it keeps the agent */
			{{2, false, true}, {1, true, true}, 7, true, 2, 0, true},
			{{2, true, true}, {1, true, true}, 7, true, 2, 7, false},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		bool assigns = !cases[i].assigns;
		struct ticket_place place = ticket_begin(
				&cases[i].state, &cases[i].category, cases[i].author, cases[i].in_group, &assigns);
		if (place.group != cases[i].group || place.agent != cases[i].agent ||
				assigns != cases[i].assigns)
			fprintf(stderr, "\ncase %zu: group %d agent %d assigns %d\n", i, (int)place.group,
					(int)place.agent, assigns);
		CU_ASSERT_EQUAL(place.group, cases[i].group);
		CU_ASSERT_EQUAL(place.agent, cases[i].agent);
		CU_ASSERT_EQUAL(assigns, cases[i].assigns);
	}
}

static void test_move(void)
{
	const struct ticket_place now = {.group = 1, .agent = 7};
	const struct ticket_rule none = {0, true, true}, keeps = {2, true, true},
							 assigns_it = {2, false, true}, group = {2, false, false};
	struct ticket_place place;
	bool assigns;
	place = ticket_move(&none, now, &assigns);
	CU_ASSERT(place.group == 1 && place.agent == 7 && !assigns);
	place = ticket_move(&keeps, now, &assigns);
	CU_ASSERT(place.group == 2 && place.agent == 7 && !assigns);
	place = ticket_move(&assigns_it, now, &assigns);
	CU_ASSERT(place.group == 2 && place.agent == 0 && assigns);
	place = ticket_move(&group, now, &assigns);
	CU_ASSERT(place.group == 2 && place.agent == 0 && !assigns);
}

int main(void)
{
	static CU_TestInfo tests[] = {
			{"pick", test_pick}, {"begin", test_begin}, {"move", test_move}, CU_TEST_INFO_NULL};
	static CU_SuiteInfo suites[] = {{"tickets", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
	return unit_run(suites);
}
