/* SPDX-License-Identifier: GPL-2.0-or-later
 * Background jobs on a real database: schedule, success, every kind of failure, and what
 * housekeeping removes. */
#include "stack.h"
#include "unit.h"

#include <signal.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "job.h"

#define DAY_MS (24 * 3600 * 1000LL)
#define NOON (20000 * DAY_MS + 12 * 3600 * 1000LL)

static struct stack stack;
static struct cc_settings *settings;
static volatile sig_atomic_t stop;

static int kind_good(struct cc_job *job)
{
	int err = cc_job_progress(job, 3, 7);

	snprintf(job->result, sizeof(job->result), "%s for %lld", job->parameters,
			(long long)job->tenant);
	return err;
}

static int kind_bad(struct cc_job *job)
{
	snprintf(job->error, sizeof(job->error), "no paper");
	return CC_E_STATE;
}

static int kind_crash(struct cc_job *job)
{
	raise(SIGKILL);
	return 0;
}

static int kind_long(struct cc_job *job)
{
	sleep(30);
	return 0;
}

static const struct cc_job_kind kinds[] = {
		{"test.good", kind_good, -1, 10},
		{"test.bad", kind_bad, -1, 10},
		{"test.crash", kind_crash, -1, 10},
		{"test.long", kind_long, -1, 1},
		{"test.endless", kind_long, -1, 60},
		{"test.daily", kind_good, 11 * 60, 10},
		{0},
};

static int begin(void)
{
	char error[256];

	stack_start(&stack);
	return cc_settings_load(&settings, stack.settings, NULL, error, sizeof(error));
}

static int end(void)
{
	cc_settings_free(settings);
	return stack_stop(&stack) ? 0 : 1;
}

static void add(int tenant, const char *kind)
{
	stack_sql(&stack,
			"INSERT INTO job (tenant_id, kind, parameters, created_at) VALUES (%d, '%s', '{}', 1)",
			tenant, kind);
}

/* One round of a new daemon: 1 a job was run. */
static int round_at(int64_t now)
{
	struct jobd *d;
	int got;

	CU_ASSERT_EQUAL_FATAL(jobd_new(&d, settings, kinds), 0);
	got = jobd_round(d, now, &stop);
	if (got < 0)
		fprintf(stderr, "\n%s\n", jobd_error(d));
	jobd_free(d);
	return got;
}

static const char *last(const char *column)
{
	return stack_value(&stack, "SELECT %s FROM job ORDER BY id DESC LIMIT 1", column);
}

static void scheduled(void)
{
	CU_ASSERT_EQUAL(round_at(NOON - 2 * 3600 * 1000), 0); /* before its minute */
	CU_ASSERT_EQUAL(round_at(NOON), 1);
	CU_ASSERT_STRING_EQUAL(last("state"), "done");
	CU_ASSERT_STRING_EQUAL(last("kind"), "test.daily");
	CU_ASSERT_EQUAL(round_at(NOON + 60000), 0); /* once a day */
	CU_ASSERT_EQUAL(round_at(NOON + DAY_MS), 1);
	CU_ASSERT_STRING_EQUAL(stack_value(&stack, "SELECT COUNT(*) FROM job"), "2");
	stack_sql(&stack, "DELETE FROM job WHERE slot IS NULL");
}

static void succeeds(void)
{
	add(2, "test.good");
	CU_ASSERT_EQUAL(round_at(0), 1);
	CU_ASSERT_STRING_EQUAL(last("state"), "done");
	CU_ASSERT_STRING_EQUAL(last("result"), "{} for 2");
	CU_ASSERT_STRING_EQUAL(last("CONCAT(progress, '/', total)"), "3/7");
	CU_ASSERT_STRING_EQUAL(last("owner"), "");
}

static void fails(void)
{
	add(2, "test.bad");
	CU_ASSERT_EQUAL(round_at(0), 1);
	CU_ASSERT_STRING_EQUAL(last("state"), "failed");
	CU_ASSERT_STRING_EQUAL(last("error"), "no paper");
	add(2, "test.crash");
	CU_ASSERT_EQUAL(round_at(0), 1);
	CU_ASSERT_STRING_EQUAL(last("state"), "failed");
	CU_ASSERT_STRING_EQUAL(last("error"), "its process ended (signal 9)");
	add(2, "test.nowhere");
	CU_ASSERT_EQUAL(round_at(0), 1);
	CU_ASSERT_STRING_EQUAL(last("state"), "failed");
	add(2, "test.long");
	CU_ASSERT_EQUAL(round_at(0), 1);
	CU_ASSERT_STRING_EQUAL(last("error"), "took longer than 1 s");
}

static void stopped(void)
{
	add(2, "test.endless");
	stop = 1;
	CU_ASSERT_EQUAL(round_at(0), 1);
	stop = 0;
	CU_ASSERT_STRING_EQUAL(last("state"), "waiting");
	CU_ASSERT_STRING_EQUAL(last("attempts"), "0");
	stack_sql(&stack, "DELETE FROM job WHERE kind = 'test.endless'");
}

static void lost_owner(void)
{
	add(2, "test.good");
	stack_sql(&stack,
			"UPDATE job SET state = 'running', owner = 'x', attempts = 1, heartbeat_at = 1000 "
			"WHERE state = 'waiting'");
	CU_ASSERT_EQUAL(round_at(61000), 0); /* 60 s: just not lost */
	CU_ASSERT_EQUAL(round_at(61001), 1);
	CU_ASSERT_STRING_EQUAL(last("state"), "done");
	CU_ASSERT_STRING_EQUAL(last("attempts"), "2");
	stack_sql(&stack,
			"UPDATE job SET state = 'running', owner = 'x', attempts = 3, heartbeat_at = 1000 "
			"WHERE kind = 'test.good'");
	CU_ASSERT_EQUAL(round_at(61001), 0);
	CU_ASSERT_STRING_EQUAL(last("state"), "failed");
}

static void not_yet(void)
{
	add(2, "test.good");
	stack_sql(&stack, "UPDATE job SET not_before = 5000 WHERE state = 'waiting'");
	CU_ASSERT_EQUAL(round_at(4999), 0);
	CU_ASSERT_EQUAL(round_at(5000), 1);
}

static void housekeeping(void)
{
	int64_t now = cc_clock_utc_ms();
	struct jobd *d;

	for (int i = 0; i < 2; i++)
		stack_sql(&stack,
				"INSERT INTO session (token_hash, tenant_id, user_id, csrf_salt, address, "
				"user_agent, created_at, seen_at, expires_at) VALUES (UNHEX(REPEAT('%02d', 32)), "
				"2, 1, REPEAT('x', 16), "
				"'127.0.0.1', '', "
				"0, 0, %lld)",
				i, (long long)(i ? now + DAY_MS : now - 1));
	stack_sql(&stack,
			"INSERT INTO sign_in_failure VALUES ('demo', 'old', '', 3, %lld, 0), "
			"('demo', 'new', '', 3, %lld, 0)",
			(long long)(now - 31 * DAY_MS), (long long)now);
	stack_sql(&stack, "DELETE FROM job");
	add(1, "core.housekeeping");
	stack_sql(&stack, "UPDATE job SET slot = 1");
	CU_ASSERT_EQUAL_FATAL(jobd_new(&d, settings, job_kinds), 0);
	CU_ASSERT_EQUAL(jobd_round(d, now / DAY_MS * DAY_MS, &stop), 1);
	jobd_free(d);
	CU_ASSERT_STRING_EQUAL(last("state"), "done");
	CU_ASSERT_STRING_EQUAL(last("error"), "");
	CU_ASSERT_STRING_EQUAL(last("result"), "2 rows removed");
	CU_ASSERT_STRING_EQUAL(stack_value(&stack, "SELECT COUNT(*) FROM session"), "1");
	CU_ASSERT_STRING_EQUAL(
			stack_value(&stack, "SELECT GROUP_CONCAT(username) FROM sign_in_failure"), "new");
}

/* Of three merges one is old; of another tenant nothing is ever removed. */
static void old_merges(void)
{
	const long long old = cc_clock_utc_ms() - 366 * DAY_MS;
	int64_t now = cc_clock_utc_ms();
	struct jobd *d;

	stack_sql(&stack,
			"INSERT INTO preference (tenant_id, name, value) VALUES (3, 'merged_days', '0')");
	for (int i = 1; i <= 3; i++) {
		int tenant = i == 3 ? 3 : 2;

		stack_sql(&stack,
				"INSERT INTO customer (tenant_id, id, name, phone, phone_e164, merged_into, "
				"created_at, updated_at) VALUES (%d, %d, 'kept', '1', '1', NULL, 0, 0), (%d, %d, "
				"'gone', '2', '2', %d, 0, 0)",
				tenant, 10 * i, tenant, 10 * i + 1, 10 * i);
		stack_sql(&stack,
				"INSERT INTO customer_merge (tenant_id, id, package_id, customer_id, name, value, "
				"at, user_name) VALUES (%d, %d, 1, %d, 'kept', '[]', %lld, 'u')",
				tenant, i, 10 * i, i == 2 ? (long long)now : old);
		stack_sql(&stack,
				"INSERT INTO customer_merged (tenant_id, merge_id, customer_id, name, phone_e164) "
				"VALUES (%d, %d, %d, 'gone', '2')",
				tenant, i, 10 * i + 1);
		stack_sql(&stack, "INSERT INTO customer_merge_row VALUES (%d, %d, 'mark', 7, %d)", tenant,
				i, 10 * i + 1);
	}
	stack_sql(&stack, "DELETE FROM job");
	add(1, "core.housekeeping");
	stack_sql(&stack, "UPDATE job SET slot = 2");
	CU_ASSERT_EQUAL_FATAL(jobd_new(&d, settings, job_kinds), 0);
	CU_ASSERT_EQUAL(jobd_round(d, now / DAY_MS * DAY_MS, &stop), 1);
	jobd_free(d);
	CU_ASSERT_STRING_EQUAL(last("state"), "done");
	CU_ASSERT_STRING_EQUAL(stack_value(&stack, "SELECT GROUP_CONCAT(id ORDER BY id) FROM customer"),
			"10,20,21,30,31");
	CU_ASSERT_STRING_EQUAL(
			stack_value(&stack, "SELECT GROUP_CONCAT(state ORDER BY id) FROM customer_merge"),
			"final,done,done");
	CU_ASSERT_STRING_EQUAL(
			stack_value(&stack, "SELECT GROUP_CONCAT(merge_id ORDER BY merge_id) FROM "
								"customer_merge_row"),
			"2,3");
}

static void no_database(void)
{
	struct jobd *d;

	CU_ASSERT_EQUAL_FATAL(jobd_new(&d, settings, kinds), 0);
	stack_database_stop(&stack);
	CU_ASSERT_EQUAL(jobd_round(d, 0, &stop), CC_E_IO);
	CU_ASSERT(strlen(jobd_error(d)) > 0);
	stack_database_start(&stack);
	add(2, "test.good");
	CU_ASSERT_EQUAL(jobd_round(d, 0, &stop), 1);
	jobd_free(d);
	CU_ASSERT_STRING_EQUAL(last("state"), "done");
}

int main(void)
{
	CU_TestInfo tests[] = {
			{"a daily job runs once a day", scheduled},
			{"success with result and progress", succeeds},
			{"error, crash, unknown kind, time limit", fails},
			{"stopped daemon gives the job back", stopped},
			{"job of a lost owner", lost_owner},
			{"not before its time", not_yet},
			{"housekeeping", housekeeping},
			{"old merges", old_merges},
			{"database away and back", no_database},
			CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {{"jobd", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

	return unit_run(suites);
}
