/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-18: which days a repeated appointment falls on. */
#include "schedule.h"
#include "unit.h"

static void is(struct cc_local first, enum cycle cycle, int64_t n, int year, int month, int day)
{
	struct cc_local l = schedule_local(&first, cycle, n);

	CU_ASSERT_EQUAL(l.year, year);
	CU_ASSERT_EQUAL(l.month, month);
	CU_ASSERT_EQUAL(l.day, day);
	CU_ASSERT_EQUAL(l.hour, first.hour);
}

static void test_days(void)
{
	const struct cc_local first = {.year = 2026, .month = 1, .day = 31, .hour = 9};

	is(first, CYCLE_ONCE, 0, 2026, 1, 31);
	/* carried over by whoever makes a time of it */
	is(first, CYCLE_DAILY, 3, 2026, 1, 34);
	is(first, CYCLE_WEEKLY, 2, 2026, 1, 45);
}

static void test_months(void)
{
	const struct cc_local first = {.year = 2026, .month = 1, .day = 31, .hour = 9};

	is(first, CYCLE_MONTHLY, 0, 2026, 1, 31);
	is(first, CYCLE_MONTHLY, 1, 2026, 2, 28);
	is(first, CYCLE_MONTHLY, 2, 2026, 3, 31);
	is(first, CYCLE_MONTHLY, 3, 2026, 4, 30);
	is(first, CYCLE_MONTHLY, 11, 2026, 12, 31);
	is(first, CYCLE_MONTHLY, 12, 2027, 1, 31);
	is(first, CYCLE_MONTHLY, 25, 2028, 2, 29);
}

static void test_years(void)
{
	const struct cc_local first = {.year = 2028, .month = 2, .day = 29, .hour = 9};

	is(first, CYCLE_YEARLY, 0, 2028, 2, 29);
	is(first, CYCLE_YEARLY, 1, 2029, 2, 28);
	is(first, CYCLE_YEARLY, 4, 2032, 2, 29);
	is(first, CYCLE_YEARLY, 72, 2100, 2, 28);
}

static void test_names(void)
{
	CU_ASSERT_EQUAL(schedule_cycle("weekly"), CYCLE_WEEKLY);
	CU_ASSERT_EQUAL(schedule_cycle("yearly"), CYCLE_YEARLY);
	CU_ASSERT_EQUAL(schedule_cycle("never"), CYCLE_ONCE);
}

int main(void)
{
	CU_TestInfo tests[] = {{"days", test_days}, {"months", test_months}, {"years", test_years},
			{"names", test_names}, CU_TEST_INFO_NULL};
	CU_SuiteInfo suites[] = {{.pName = "schedule", .pTests = tests}, CU_SUITE_INFO_NULL};

	return unit_run(suites);
}
