/* SPDX-License-Identifier: GPL-2.0-or-later
 * The ledger finds every kind of difference, and none where there is none. */
#include <signal.h>
#include <sys/wait.h>
#include "cc/auth.h"
#include "ledger.h"
#include "stack.h"
#include "unit.h"

#define T0 1795236361500

static struct stack stack;
static pid_t eventd;
static struct cc_db *db;
static struct cc_arena *arena;
static char report[65536], socket_path[108], journal[128];

static int check(void)
{
	FILE *f = fmemopen(report, sizeof(report), "w");
	int n;

	cc_arena_reset(arena);
	n = ledger_check(db, journal, 1, f);
	fclose(f);
	if (n < 0)
		fprintf(stderr, "\n%s\n", cc_db_error(db));
	return n;
}

static struct cc_ulid call_at(int64_t start)
{
	static uint8_t random[10];

	random[9]++;
	return cc_ulid_make(start, random);
}

/* One call through queue 600 of a tenant; result NULL: it is still waiting. */
static uint64_t queue_call(
		uint32_t tenant, int64_t start, bool predictive, const char *result, int64_t wait_ms)
{
	struct cc_ulid id = call_at(start);
	uint64_t seq;
	char fields[256];

	stack_event(&stack, CC_EV_CALL_NEW, tenant, &id, 1, start,
			"{\"dir\":\"in\",\"from\":\"13800138000\",\"to\":\"600\"}");
	seq = stack_event(&stack, CC_EV_QUEUE_ENTER, tenant, &id, 2, start,
			predictive ? "{\"queue\":\"600\",\"visit\":1,\"predictive\":true}"
					   : "{\"queue\":\"600\",\"visit\":1}");
	if (!result)
		return seq;
	stack_event(&stack, CC_EV_QUEUE_CONNECT, tenant, &id, 3, start + wait_ms,
			"{\"queue\":\"600\",\"visit\":1,\"agent\":\"801\"}");
	snprintf(fields, sizeof(fields),
			"{\"queue\":\"600\",\"visit\":1,\"result\":\"%s\",\"cause\":\"answered\",\"wait_ms\":%"
			"lld,\"talk_ms\":7000}",
			result, (long long)wait_ms);
	stack_event(&stack, CC_EV_QUEUE_LEAVE, tenant, &id, 4, start + wait_ms, fields);
	return stack_event(&stack, CC_EV_CALL_END, tenant, &id, 5, start + wait_ms + 7000,
			"{\"cause\":\"answered\",\"side\":\"caller\",\"sip_code\":200,\"dir\":\"in\"}");
}

static int begin(void)
{
	static const char *const results[] = {"answered", "abandoned", "overflowed", "refused"};
	const char *const argv[] = {"cc-eventd", "-c", stack.settings, NULL};
	char path[128], want[32];
	uint64_t last = 0;

	stack_start(&stack);
	snprintf(path, sizeof(path), "%s/etc/secret", stack.run);
	if (cc_secret_create(path))
		return 1;
	stack_sql(&stack, "INSERT INTO tenant (id, code, name, created_at) VALUES (2, 'demo', 'Demo', "
					  "0), (3, 'other', 'Other', 0)");
	for (int i = 0; i < 200; i++)
		last = queue_call(2 + i % 3 / 2, T0 + i * 61000, i % 10 == 3, results[i % 4], 1000 * i);
	last = queue_call(3, T0, false, NULL, 0);
	eventd = stack_program(&stack, argv);
	snprintf(want, sizeof(want), "%llu", (unsigned long long)last);
	if (!stack_wait(&stack, want, "SELECT seq FROM journal_position"))
		return 1;
	snprintf(socket_path, sizeof(socket_path), "%s/sock/mysql.sock", stack.run);
	snprintf(journal, sizeof(journal), "%s/data/journal", stack.run);
	arena = cc_arena_new();
	if (cc_db_new(&db, &(struct cc_db_options){
							   .socket = socket_path, .user = "root", .database = "tandem"}))
		return 1;
	cc_db_use(db, arena, &(struct cc_scope){.agent = ""});
	return 0;
}

static int end(void)
{
	cc_db_free(db);
	cc_arena_free(arena);
	stack_end(eventd, SIGTERM);
	return stack_stop(&stack) ? 0 : 1;
}

static void no_difference(void)
{
	CU_ASSERT_EQUAL(check(), 0);
	if (!strstr(report, "no differences"))
		fprintf(stderr, "\n%s\n", report);
	CU_ASSERT_PTR_NOT_NULL(strstr(
			report, "all                    201        50        50         50       50        1"));
	/* those whom a dialler has called are visits, and none of the figures */
	CU_ASSERT_STRING_EQUAL(stack_value(&stack, "SELECT SUM(offered) FROM rollup_queue"), "181");
	CU_ASSERT_PTR_NOT_NULL(strstr(report, "note: calls in progress: 1\n  tenant 3  call 01"));
}

/* A change, and the words by which the ledger names it; then the change is undone. */
static void differences(void)
{
	static const struct
	{
		const char *change, *undo, *says;
	} cases[] = {
			{"UPDATE calls SET cause = NULL WHERE cause IS NOT NULL LIMIT 1",
					"UPDATE calls SET cause = 'answered'", "without exactly one cause"},
			{"UPDATE calls SET cause = 'invented' WHERE ended_at IS NOT NULL LIMIT 1",
					"UPDATE calls SET cause = 'answered' WHERE cause IS NOT NULL",
					"unknown cause invented: 1"},
			{"UPDATE event SET type = 18 WHERE type = 19 ORDER BY seq LIMIT 1",
					"UPDATE event SET type = 19 WHERE type = 18",
					"a row whose end no event said: 1"},
			{"UPDATE event SET type = 19 WHERE type = 33 ORDER BY seq LIMIT 1",
					"UPDATE event SET type = 33 WHERE type = 19 AND call_seq = 3",
					"a call that does not end exactly once: 1"},
			{"UPDATE event SET type = 18 WHERE type = 10 ORDER BY seq LIMIT 1",
					"UPDATE event SET type = 10 WHERE type = 18",
					"a call that does not begin exactly once: 1"},
			{"UPDATE calls SET id = x'00' WHERE ended_at IS NOT NULL ORDER BY id LIMIT 1", NULL,
					"events of a call that has no row"},
			{"UPDATE event SET call_seq = 9 WHERE call_seq = 3 ORDER BY seq LIMIT 1",
					"UPDATE event SET call_seq = 3 WHERE call_seq = 9",
					"an event sequence within a call with gaps: 1"},
			{"UPDATE queue_call SET left_at = NULL WHERE left_at IS NOT NULL LIMIT 1", NULL,
					"a queue visit that goes on although its call has ended: 1"},
			{"UPDATE queue_call SET wait_ms = NULL WHERE result = 'refused' LIMIT 1", NULL,
					"ended without a result: 1"},
			{"UPDATE queue_call SET agent = NULL WHERE result = 'answered' LIMIT 1",
					"UPDATE queue_call SET agent = '801'", "without an agent or a moment: 1"},
			{"INSERT INTO call_leg (tenant_id, id, call_id, role, started_at) SELECT tenant_id, "
			 "x'01', id, 'caller', 0 FROM calls"
			 " WHERE ended_at IS NOT NULL LIMIT 1",
					"DELETE FROM call_leg",
					"a leg that is still up although its call has ended: 1"},
			{"INSERT INTO call_leg (tenant_id, id, call_id, role, started_at) VALUES (2, x'01', "
			 "x'02', 'caller', 0)",
					"DELETE FROM call_leg", "something of a call that has no row: 1"},
			{"UPDATE rollup_queue SET within_20s = within_20s + 1 LIMIT 1", NULL,
					"a roll-up that differs from its rows: 1"},
			{"DELETE FROM rollup_queue LIMIT 1", NULL, "a roll-up that differs from its rows: 1"},
			{"UPDATE event SET fields = REPLACE(fields, 'overflowed', 'vanished') WHERE type = 34 "
			 "AND fields LIKE '%overflowed%'"
			 " ORDER BY seq LIMIT 1",
					"UPDATE event SET fields = REPLACE(fields, 'vanished', 'overflowed')",
					"offered is not the sum"},
			{"UPDATE event SET seq = 100000 WHERE seq = 50",
					"UPDATE event SET seq = 50 WHERE seq = 100000", "event rows with gaps: 2"},
			{"UPDATE journal_position SET seq = seq - 1",
					"UPDATE journal_position SET seq = seq + 1",
					"event rows behind the position: 1"},
			{"INSERT INTO journal_quarantine VALUES (1, 'x', 0, 'reason', '', 0)",
					"DELETE FROM journal_quarantine", "quarantined records: 1"},
	};

	stack_sql(&stack, "CREATE TABLE calls_was SELECT * FROM calls");
	stack_sql(&stack, "CREATE TABLE queue_call_was SELECT * FROM queue_call");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		stack_sql(&stack, "%s", cases[i].change);
		CU_ASSERT(check() > 0);
		if (!strstr(report, cases[i].says))
			fprintf(stderr, "\n\"%s\" is not in:\n%s\n", cases[i].says, report);
		CU_ASSERT_PTR_NOT_NULL(strstr(report, cases[i].says));
		if (cases[i].undo) {
			stack_sql(&stack, "%s", cases[i].undo);
		}
		stack_sql(&stack, "DELETE FROM calls");
		stack_sql(&stack, "INSERT INTO calls SELECT * FROM calls_was");
		stack_sql(&stack, "DELETE FROM queue_call");
		stack_sql(&stack, "INSERT INTO queue_call SELECT * FROM queue_call_was");
		cc_arena_reset(arena);
		CU_ASSERT_EQUAL(ledger_rebuild_rollups(db), 0);
		CU_ASSERT_EQUAL(check(), 0);
		if (!strstr(report, "no differences"))
			fprintf(stderr, "\nafter %s:\n%s\n", cases[i].change, report);
	}
}

static void not_read(void)
{
	struct cc_ulid id = call_at(T0);
	int status = 0;

	/* the signal is sent, but only with the last of its threads does it stand still */
	kill(eventd, SIGSTOP);
	CU_ASSERT_EQUAL(waitpid(eventd, &status, WUNTRACED), eventd);
	CU_ASSERT(WIFSTOPPED(status));
	stack_event(&stack, CC_EV_CALL_NEW, 2, &id, 1, T0, "{\"dir\":\"in\"}");
	stack_event(&stack, CC_EV_CALL_END, 2, &id, 2, T0 + 1,
			"{\"dir\":\"in\",\"cause\":\"busy\",\"side\":\"callee\",\"sip_code\":486}");
	CU_ASSERT_EQUAL(check(), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(report, "2 records of the journal are not read yet"));
	kill(eventd, SIGCONT);
	CU_ASSERT_EQUAL(check(), 0);
}

/* Rebuilt from the event rows they are what cc-eventd counted one by one, also with useless events
 * among them. */
static void rebuilt(void)
{
	static const char *const sum =
			"SELECT MD5(GROUP_CONCAT(CONCAT_WS(',', tenant_id, bucket, queue, offered, answered, "
			"abandoned, overflowed, refused,"
			" wait_answered_ms, wait_abandoned_ms, talk_ms, within_10s, within_20s, within_30s, "
			"within_60s)"
			" ORDER BY tenant_id, bucket, queue SEPARATOR ';')) FROM rollup_queue";
	struct cc_ulid id = call_at(T0);
	char before[64], want[32];

	stack_sql(&stack, "SET SESSION group_concat_max_len = 1000000");
	stack_event(&stack, CC_EV_QUEUE_ENTER, 2, &id, 1, T0, "{\"queue\":");
	stack_event(&stack, CC_EV_QUEUE_ENTER, 2, &id, 2, T0, "{\"queue\":\"600\"}");
	snprintf(want, sizeof(want), "%llu",
			(unsigned long long)stack_event(&stack, CC_EV_QUEUE_LEAVE, 2, &id, 3, T0,
					"{\"visit\":1,\"result\":\"answered\"}"));
	CU_ASSERT(stack_wait(&stack, want, "SELECT seq FROM journal_position"));
	snprintf(before, sizeof(before), "%s", stack_value(&stack, "%s", sum));
	CU_ASSERT_EQUAL(strlen(before), 32);
	stack_sql(&stack, "UPDATE rollup_queue SET offered = offered + 5, answered = 0");
	CU_ASSERT_STRING_NOT_EQUAL(stack_value(&stack, "%s", sum), before);
	CU_ASSERT_EQUAL(ledger_rebuild_rollups(db), 0);
	CU_ASSERT_STRING_EQUAL(stack_value(&stack, "%s", sum), before);
}

/* Pauses as cc-eventd keeps them, and again from the stored events. */
static void pauses(void)
{
	static const struct
	{
		const char *what, *work, *reason, *queue;
	} events[] = {
			{"sign_in", "online", "", "600"},
			{"busy", "busy", "meal", ""},
			{"registered", "busy", "meal", ""},
			{"away", "away", "", ""},
			{"idle", "online", "", ""},
			{"queue_busy", "online", "培训", "600"},
			{"queue_busy", "online", "", "601"},
			{"auto_pause", "busy", "no_answer", "600"},
			{"queue_idle", "busy", "", "600"},
			{"sign_out", "busy", "", "601"},
			{"offline", "offline", "", ""},
			{"busy", "busy", "other", ""},
	};
	static const char *const all =
			"SELECT GROUP_CONCAT(CONCAT_WS(',', kind, reason, COALESCE(queue, '-'), initiator, "
			"started_at - 1795236361500, COALESCE(ended_at - 1795236361500, 'on')) ORDER BY "
			"started_at SEPARATOR ' ') FROM agent_pause WHERE tenant_id = 2 AND agent = '830'";
	static const char *const want =
			"busy,meal,-,agent,1,3 away,,-,agent,3,4 queue_busy,培训,600,agent,5,8 "
			"queue_busy,,601,agent,6,9 auto_pause,no_answer,600,agent,7,10 "
			"busy,other,-,agent,11,on";
	char fields[256], seq[32] = "";

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		snprintf(fields, sizeof(fields),
				"{\"agent\":\"830\",\"what\":\"%s\",\"work\":\"%s\",\"call_state\":\"idle\","
				"\"reason\":\"%s\",\"queue\":\"%s\",\"initiator\":\"agent\"}",
				events[i].what, events[i].work, events[i].reason, events[i].queue);
		snprintf(seq, sizeof(seq), "%llu",
				(unsigned long long)stack_event(
						&stack, CC_EV_AGENT_STATE, 2, NULL, 0, 1795236361500 + (int64_t)i, fields));
	}
	CU_ASSERT(stack_wait(&stack, seq, "SELECT seq FROM journal_position"));
	CU_ASSERT_STRING_EQUAL(stack_value(&stack, "%s", all), want);
	stack_sql(&stack, "UPDATE agent_pause SET ended_at = 0, reason = ''");
	CU_ASSERT_EQUAL(ledger_rebuild_rollups(db), 0);
	CU_ASSERT_STRING_EQUAL(stack_value(&stack, "%s", all), want);
}

static int admin(const char *command)
{
	const char *const argv[] = {"cc-admin", "-c", stack.settings, command, NULL};
	int status = 0;

	waitpid(stack_program(&stack, argv), &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void commands(void)
{
	CU_ASSERT_EQUAL(admin("ledger"), 0);
	stack_sql(&stack, "UPDATE rollup_queue SET offered = offered + 1 LIMIT 1");
	CU_ASSERT_EQUAL(admin("ledger"), 1);
	CU_ASSERT_EQUAL(admin("rebuild-rollups"), 0);
	CU_ASSERT_EQUAL(admin("ledger"), 0);
}

int main(void)
{
	CU_TestInfo tests[] = {
			{"no difference", no_difference},
			{"pauses of agents (STATE-06)", pauses},
			{"commands and their exit codes", commands},
			{"every kind of difference", differences},
			{"journal not read", not_read},
			{"roll-ups rebuilt from event rows", rebuilt},
			CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {{"ledger", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

	return unit_run(suites);
}
