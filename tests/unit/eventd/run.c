/* SPDX-License-Identifier: GPL-2.0-or-later
 * cc-eventd with a real journal, a real database and real connections. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include "access.h"
#include "cc/auth.h"
#include "cc/clock.h"
#include "cc/tz.h"
#include "stack.h"
#include "unit.h"

#define T0 1795236361500 /* of the first call: 2026-11-21 04:46:01.5 UTC */
#define TENANT 2
#define OTHER 3
#define COOKIE "Cookie: " CC_AUTH_COOKIE "=token-of-li\r\n"
#define KEY "Authorization: Bearer demo-api-key\r\n"

static struct stack stack;
static pid_t eventd;

/* ---- helpers ---- */

static void eventd_start(void)
{
	const char *const argv[] = {"cc-eventd", "-c", stack.settings, NULL};

	eventd = stack_program(&stack, argv);
}

static void eventd_stop(int signal)
{
	CU_ASSERT_EQUAL(stack_end(eventd, signal), signal == SIGTERM ? 0 : -signal);
	eventd = 0;
}

/* Waits until everything that was written is committed. */
static bool caught_up(uint64_t seq)
{
	char want[32];

	snprintf(want, sizeof(want), "%llu", (unsigned long long)seq);
	return stack_wait(&stack, want, "SELECT seq FROM journal_position WHERE node = 1");
}

static int live_connect(const char *request)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = -1;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/sock/live.sock", stack.run);
	for (int i = 0; i < 100; i++) {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
			break;
		close(fd);
		fd = -1;
		nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	}
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
	return fd;
}

static int live_get(const char *path, const char *headers)
{
	char request[1024];

	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: test\r\n%s\r\n", path, headers);
	return live_connect(request);
}

/* Reads until `until` has come (NULL: until the end), timeout_ms at most; what came, in a static
 * buffer. */
static const char *live_read(int fd, const char *until, int timeout_ms)
{
	static char buf[1 << 20];
	int64_t end = cc_clock_mono_ms() + timeout_ms;
	size_t len = 0;

	buf[0] = '\0';
	while ((!until || !strstr(buf, until)) && len < sizeof(buf) - 1) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int64_t left = end - cc_clock_mono_ms();
		ssize_t n;

		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			break;
		n = recv(fd, buf + len, sizeof(buf) - 1 - len, 0);
		if (n <= 0)
			break;
		len += (size_t)n;
		buf[len] = '\0';
	}
	return buf;
}

static bool says(const char *text, const char *part)
{
	bool found = strstr(text, part) != NULL;

	if (!found)
		fprintf(stderr, "\n\"%s\" is not in:\n%s\n", part, text);
	return found;
}

static void value_is(const char *want, const char *sql)
{
	const char *got = stack_value(&stack, "%s", sql);

	if (strcmp(got, want) != 0)
		fprintf(stderr, "\n%s: %s instead of %s\n", sql, got, want);
	CU_ASSERT_STRING_EQUAL(got, want);
}

static int64_t count(const char *table)
{
	return atoll(stack_value(&stack, "SELECT COUNT(*) FROM %s", table));
}

struct call
{
	struct cc_ulid id;
	uint32_t tenant, seq;
	int64_t start;
};

static struct call call_new(uint32_t tenant, int64_t start)
{
	static uint8_t random[10];
	struct call c = {.tenant = tenant, .start = start};

	random[9]++;
	random[8] += random[9] == 0;
	c.id = cc_ulid_make(start, random);
	return c;
}

static uint64_t say(struct call *c, uint16_t type, int64_t after_ms, const char *fields)
{
	return stack_event(&stack, type, c->tenant, &c->id, ++c->seq, c->start + after_ms, fields);
}

/* A queue call from a mobile number that agent 801 answers: 13 events. */
static uint64_t answered_call(struct call *c)
{
	say(c, CC_EV_CALL_NEW, 0,
			"{\"dir\":\"in\",\"from\":\"13800138000\",\"from_name\":\"张三\",\"to\":\"62345678\","
			"\"did\":\"62345678\","
			"\"trunk\":\"carrier\",\"sip_call_id\":\"abc@carrier\"}");
	say(c, CC_EV_LEG_NEW, 0, "{\"leg\":\"01ARYZ6S41TSV4RRFFQ69G5FAV\",\"role\":\"caller\"}");
	say(c, CC_EV_CALL_ANSWER, 100, "{\"leg\":\"01ARYZ6S41TSV4RRFFQ69G5FAV\"}");
	say(c, CC_EV_QUEUE_ENTER, 1000, "{\"queue\":\"600\",\"visit\":1,\"position\":1,\"waiting\":1}");
	say(c, CC_EV_QUEUE_OFFER, 2000, "{\"queue\":\"600\",\"visit\":1,\"agent\":\"802\"}");
	say(c, CC_EV_QUEUE_NOANSWER, 8000,
			"{\"queue\":\"600\",\"visit\":1,\"agent\":\"802\",\"why\":\"timeout\"}");
	say(c, CC_EV_QUEUE_OFFER, 9000, "{\"queue\":\"600\",\"visit\":1,\"agent\":\"801\"}");
	say(c, CC_EV_QUEUE_CONNECT, 12000,
			"{\"queue\":\"600\",\"visit\":1,\"agent\":\"801\",\"wait_ms\":11000}");
	say(c, CC_EV_CALL_BRIDGE, 12000, "{\"agent\":\"801\"}");
	say(c, CC_EV_QUEUE_LEAVE, 42000,
			"{\"queue\":\"600\",\"visit\":1,\"result\":\"answered\",\"cause\":\"answered\","
			"\"agent\":\"801\","
			"\"wait_ms\":11000,\"talk_ms\":30000,\"position\":1}");
	say(c, CC_EV_LEG_END, 42000,
			"{\"leg\":\"01ARYZ6S41TSV4RRFFQ69G5FAV\",\"role\":\"caller\",\"sip_code\":200,\"by\":"
			"\"far\"}");
	say(c, CC_EV_CALL_END, 42000,
			"{\"cause\":\"answered\",\"side\":\"caller\",\"sip_code\":200,\"sip_text\":\"OK\","
			"\"ring_ms\":100,"
			"\"talk_ms\":41900,\"agent_ms\":30000,\"total_ms\":42000,\"agent\":\"801\",\"queue\":"
			"\"600\","
			"\"did\":\"62345678\",\"from\":\"13800138000\",\"to\":\"62345678\",\"dir\":\"in\"}");
	return stack_event(&stack, CC_EV_AGENT_STATE, c->tenant, &c->id, 0, c->start + 42010,
			"{\"agent\":\"801\",\"what\":\"wrapup_begin\",\"work\":\"online\",\"call_state\":"
			"\"wrapup\","
			"\"initiator\":\"system\",\"queue\":\"600\"}");
}

/* A call that gives up in the queue: 4 events. */
static uint64_t abandoned_call(struct call *c, int64_t wait_ms)
{
	char leave[256];

	say(c, CC_EV_CALL_NEW, 0,
			"{\"dir\":\"in\",\"from\":\"anonymous\",\"to\":\"62345678\",\"did\":\"62345678\"}");
	say(c, CC_EV_QUEUE_ENTER, 0, "{\"queue\":\"600\",\"visit\":1}");
	snprintf(leave, sizeof(leave),
			"{\"queue\":\"600\",\"visit\":1,\"result\":\"abandoned\",\"cause\":\"caller_hangup\","
			"\"wait_ms\":%lld}",
			(long long)wait_ms);
	say(c, CC_EV_QUEUE_LEAVE, wait_ms, leave);
	return say(c, CC_EV_CALL_END, wait_ms,
			"{\"cause\":\"caller_hangup\",\"side\":\"caller\",\"sip_code\":487,\"dir\":\"in\"}");
}

/* ---- suite ---- */

static void session_new(const struct cc_secret *secret, int user, const char *token)
{
	uint8_t hash[CC_AUTH_HASH];
	char hex[2 * sizeof(hash) + 1];

	cc_auth_session_hash(secret, token, strlen(token), hash);
	for (size_t i = 0; i < sizeof(hash); i++)
		sprintf(hex + 2 * i, "%02x", hash[i]);
	stack_sql(&stack,
			"INSERT INTO session (token_hash, tenant_id, user_id, csrf_salt, address, user_agent, "
			"created_at, seen_at, expires_at) VALUES (x'%s', %d, %d, '', '127.0.0.1', 'test', 0, "
			"0, %lld)",
			hex, TENANT, user, (long long)cc_clock_utc_ms() + 3600000);
}

static int begin(void)
{
	uint8_t hash[CC_AUTH_HASH];
	struct cc_secret secret;
	char path[128], hex[2 * sizeof(hash) + 1];

	stack_start(&stack);
	snprintf(path, sizeof(path), "%s/etc/secret", stack.run);
	if (cc_secret_create(path) || cc_secret_load(&secret, path))
		return 1;
	stack_sql(&stack,
			"INSERT INTO tenant (id, code, name, created_at) VALUES (%d, 'demo', 'Demo', 0), (%d, "
			"'other', 'Other', 0)",
			TENANT, OTHER);
	stack_sql(&stack,
			"INSERT INTO user (tenant_id, id, username, name, kind, role_id, password_hash, "
			"created_at, updated_at)"
			" VALUES (%d, 5, 'li', '李四', 'agent', 1, '', 0, 0)",
			TENANT);
	stack_sql(&stack,
			"INSERT INTO agent (tenant_id, number, name, user_id, sip_ha1, phone_pin_hash, "
			"created_at, updated_at)"
			" VALUES (%d, '801', '李四', 5, '', '', 0, 0)",
			TENANT);
	stack_sql(&stack,
			"INSERT INTO role (tenant_id, id, code, name, data_scope) VALUES (%d, 1, 'admin', "
			"'Admin', 'all'), (%d, 1, 'admin', 'Admin', 'all'), (%d, 2, 'leader', 'Leader', "
			"'group'), (%d, 3, 'agent', 'Agent', 'own')",
			TENANT, OTHER, TENANT, TENANT);
	stack_sql(&stack,
			"INSERT INTO role_permission VALUES (%d, 1, '*'), (%d, 1, 'desk.*'), (%d, 2, "
			"'desk.board.*'), (%d, 3, 'desk.agent.own')",
			TENANT, OTHER, TENANT, TENANT);
	session_new(&secret, 5, "token-of-li");
	cc_auth_api_key_hash(&secret, "demo-api-key", 12, hash);
	for (size_t i = 0; i < sizeof(hash); i++)
		sprintf(hex + 2 * i, "%02x", hash[i]);
	stack_sql(&stack,
			"INSERT INTO api_key (tenant_id, name, key_hash, role_id, created_at) VALUES (%d, "
			"'demo', x'%s', 1, 0)",
			OTHER, hex);
	eventd_start();
	return 0;
}

static int end(void)
{
	if (eventd)
		stack_end(eventd, SIGTERM);
	return stack_stop(&stack) ? 0 : 1;
}

static void rows_of_a_call(void)
{
	struct call c = call_new(TENANT, T0);

	CU_ASSERT(caught_up(answered_call(&c)));
	value_is("in|13800138000|8613800138000|张三|62345678|62345678|carrier|600|801|李四|answered|"
			 "caller|200|OK",
			"SELECT CONCAT_WS('|', direction, caller, caller_e164, caller_name, callee, did, "
			"trunk, queue, agent,"
			" agent_name, cause, side, sip_code, sip_text) FROM calls WHERE tenant_id = 2");
	value_is("0|100|12000|42000|100|11000|41900|30000|abc@carrier",
			"SELECT CONCAT_WS('|', started_at - 1795236361500, answered_at - 1795236361500, "
			"bridged_at - 1795236361500,"
			" ended_at - 1795236361500, ring_ms, wait_ms, talk_ms, agent_ms, sip_call_id) FROM "
			"calls");
	value_is("caller|0|42000|200", "SELECT CONCAT_WS('|', role, started_at - 1795236361500, "
								   "ended_at - 1795236361500, sip_code) FROM call_leg");
	value_is("1|600|1000|42000|12000|801|2|answered|answered|11000|30000",
			"SELECT CONCAT_WS('|', visit, queue, entered_at - 1795236361500, left_at - "
			"1795236361500,"
			" connected_at - 1795236361500, agent, offers, result, cause, wait_ms, talk_ms) FROM "
			"queue_call");
	value_is("801|wrapup_begin|online|wrapup|system|600",
			"SELECT CONCAT_WS('|', agent, what, work, call_state,"
			" initiator, queue) FROM agent_event");
	value_is("1|1|0|0|0|11000|0|30000|0|1|1|1",
			"SELECT CONCAT_WS('|', offered, answered, abandoned, overflowed, refused, "
			"wait_answered_ms, wait_abandoned_ms,"
			" talk_ms, within_10s, within_20s, within_30s, within_60s) FROM rollup_queue WHERE "
			"queue = '600'");
	value_is("1", "SELECT COUNT(*) FROM rollup_queue WHERE bucket = 1795235400000 + 900000");
	CU_ASSERT_EQUAL(count("event"), 13);
	CU_ASSERT_EQUAL(count("journal_quarantine"), 0);
	/* the name is that of the time of the call */
	stack_sql(&stack, "UPDATE agent SET name = '王五' WHERE number = '801'");
	value_is("李四", "SELECT agent_name FROM calls WHERE agent = '801'");
}

/* One leg told in one batch, one over three, one whose beginning is lost. */
static void rows_of_legs(void)
{
#define LEG(id, more)                                                                              \
	"{\"leg\":\"01ARYZ6S41TSV4RRFFQ69G5FA" id "\",\"role\":\"agent\",\"agent\":\"801\"" more "}"
	struct call c = call_new(TENANT, T0);

	say(&c, CC_EV_LEG_NEW, 0, LEG("1", ""));
	say(&c, CC_EV_LEG_ANSWER, 10, LEG("1", ""));
	say(&c, CC_EV_LEG_ANSWER, 11, LEG("1", ""));
	say(&c, CC_EV_LEG_END, 20, LEG("1", ",\"sip_code\":200,\"sip_text\":\"OK\""));
	CU_ASSERT(caught_up(say(&c, CC_EV_LEG_NEW, 30, LEG("2", ""))));
	CU_ASSERT(caught_up(say(&c, CC_EV_LEG_ANSWER, 40, LEG("2", ""))));
	say(&c, CC_EV_LEG_NEW, 45, LEG("2", ""));
	say(&c, CC_EV_LEG_END, 50, LEG("2", ",\"sip_code\":200"));
	CU_ASSERT(caught_up(say(&c, CC_EV_LEG_END, 60, LEG("3", ",\"sip_code\":486"))));
	CU_ASSERT(caught_up(say(&c, CC_EV_LEG_END, 70, LEG("2", ",\"sip_code\":500"))));
	value_is("1:801 0 10 20 200 OK,2:801 30 40 50 200 -,3:801 60 - 60 486 -",
			"SELECT GROUP_CONCAT(CONCAT_WS(' ', CONCAT(RIGHT(HEX(id), 1), ':', agent), started_at "
			"- "
			"1795236361500, COALESCE(answered_at - 1795236361500, '-'), ended_at - 1795236361500, "
			"sip_code, COALESCE(sip_text, '-')) ORDER BY started_at) FROM call_leg WHERE call_id = "
			"(SELECT call_id FROM call_leg WHERE sip_code = 486)");
#undef LEG
}

static void rollups_add_up(void)
{
	struct call a = call_new(TENANT, T0 + 1000), b = call_new(TENANT, T0 + 2000),
				late = call_new(TENANT, T0 + 900000);

	abandoned_call(&a, 5000);
	abandoned_call(&b, 1800000); /* leaves two buckets later, counts where it entered */
	CU_ASSERT(caught_up(answered_call(&late)));
	value_is("3|1|2|11000|1805000", "SELECT CONCAT_WS('|', offered, answered, abandoned, "
									"wait_answered_ms, wait_abandoned_ms)"
									" FROM rollup_queue ORDER BY bucket LIMIT 1");
	value_is("1|1|0", "SELECT CONCAT_WS('|', offered, answered, abandoned) FROM rollup_queue ORDER "
					  "BY bucket DESC LIMIT 1");
	value_is("", "SELECT caller_e164 FROM calls WHERE caller = 'anonymous' LIMIT 1");
}

/* A dialler's customer waits, but is none of those who have called the queue. */
static void dialled_is_no_figure(void)
{
	struct call c = call_new(TENANT, T0 + 3000);
	char before[64];

	snprintf(before, sizeof(before), "%s",
			stack_value(&stack, "SELECT SUM(offered) FROM rollup_queue"));
	say(&c, CC_EV_CALL_NEW, 0, "{\"dir\":\"out\",\"to\":\"13800138000\",\"predictive\":true}");
	say(&c, CC_EV_QUEUE_ENTER, 0, "{\"queue\":\"600\",\"visit\":1,\"predictive\":true}");
	say(&c, CC_EV_QUEUE_LEAVE, 5000,
			"{\"queue\":\"600\",\"visit\":1,\"result\":\"abandoned\",\"cause\":\"caller_hangup\","
			"\"wait_ms\":5000,\"predictive\":true}");
	CU_ASSERT(caught_up(say(&c, CC_EV_CALL_END, 5000,
			"{\"cause\":\"caller_hangup\",\"side\":\"callee\",\"sip_code\":200,\"dir\":\"out\"}")));
	value_is(before, "SELECT SUM(offered) FROM rollup_queue");
	value_is("abandoned|5000|5000",
			"SELECT CONCAT_WS('|', q.result, q.wait_ms, c.wait_ms) FROM "
			"queue_call q JOIN calls c ON c.id = q.call_id WHERE q.predictive");
}

/* A call out of agent 801 to the number, talked for that long (0: not answered). */
static uint64_t call_out(struct call *c, const char *number, int talk_ms)
{
	char text[400];

	snprintf(text, sizeof(text),
			"{\"dir\":\"out\",\"from\":\"801\",\"to\":\"%s\",\"agent\":\"801\"}", number);
	say(c, CC_EV_CALL_NEW, 0, text);
	if (talk_ms)
		say(c, CC_EV_CALL_BRIDGE, 5000, "{\"agent\":\"801\"}");
	snprintf(text, sizeof(text),
			"{\"cause\":\"%s\",\"side\":\"callee\",\"sip_code\":%d,\"total_ms\":9000,\"agent_ms\":"
			"%d,\"agent\":\"801\",\"from\":\"801\",\"to\":\"%s\",\"dir\":\"out\"}",
			talk_ms ? "answered" : "no_answer", talk_ms ? 200 : 480, talk_ms, number);
	return say(c, CC_EV_CALL_END, 9000, text);
}

static void customer_new(int id, const char *phone, const char *e164)
{
	stack_sql(&stack,
			"INSERT INTO customer (tenant_id, id, package_id, name, phone, phone_e164, created_at, "
			"updated_at) SELECT %d, %d, id, '客户%d', '%s', '%s', 0, 0 FROM customer_package WHERE "
			"tenant_id = %d AND standard = 1",
			TENANT, id, id, phone, e164, TENANT);
	stack_sql(&stack,
			"INSERT INTO customer_index (tenant_id, package_id, slot, value, twin, customer_id) "
			"SELECT tenant_id, package_id, 1, phone_e164, 0, id FROM customer WHERE id = %d",
			id);
	stack_sql(&stack,
			"INSERT INTO customer_task (tenant_id, agent_id, customer_id, package_id, added_at, "
			"added_by) SELECT a.tenant_id, a.id, c.id, c.package_id, 0, 'test' FROM agent a JOIN "
			"customer c ON c.tenant_id = a.tenant_id AND c.id = %d WHERE a.number = '801'",
			id);
}

/* Each answered call of an agent makes one record by itself, whoever it is with; what was tried and
 * not answered only colours the customer. A call out takes the customer from the tasks. */
static void contact_records(void)
{
	struct call in = call_new(TENANT, T0 + 20000), out = call_new(TENANT, T0 + 21000),
				missed = call_new(TENANT, T0 + 22000), stranger = call_new(TENANT, T0 + 23000),
				gone = call_new(TENANT, T0 + 24000);
	int64_t records = count("contact_record");

	customer_new(71, "13800138000", "8613800138000"); /* who calls in answered_call */
	customer_new(72, "13900139000", "8613900139000");
	customer_new(73, "13700137000", "8613700137000");
	answered_call(&in);
	call_out(&out, "13900139000", 4000);
	call_out(&missed, "13700137000", 0);
	abandoned_call(&gone, 3000);
	CU_ASSERT(caught_up(call_out(&stranger, "13600136000", 4000)));
	CU_ASSERT_EQUAL(count("contact_record"), records + 3);
	value_is("71|客户71|13800138000|in|1|801|call|42000",
			"SELECT CONCAT_WS('|', customer_id, name, phone, direction, answered, agent, origin, "
			"at - 1795236381500) FROM contact_record WHERE customer_id = 71");
	value_is("72|客户72|13900139000|out|1|801",
			"SELECT CONCAT_WS('|', customer_id, name, phone, direction, answered, agent) FROM "
			"contact_record WHERE customer_id = 72");
	value_is("13600136000|out", "SELECT CONCAT_WS('|', phone, direction) FROM contact_record WHERE "
								"customer_id IS NULL AND phone = '13600136000'");
	value_is("71:1 72:1 73:0",
			"SELECT GROUP_CONCAT(id, ':', contact_answered ORDER BY id SEPARATOR ' ') FROM "
			"customer WHERE contacted_at IS NOT NULL AND id IN (71, 72, 73)");
	value_is("71", "SELECT GROUP_CONCAT(customer_id) FROM customer_task");
	/* the end of a call that is told twice makes one record */
	CU_ASSERT(caught_up(say(&out, CC_EV_CALL_END, 9000,
			"{\"cause\":\"answered\",\"side\":\"callee\",\"agent_ms\":4000,\"agent\":\"801\","
			"\"from\":"
			"\"801\",\"to\":\"13900139000\",\"dir\":\"out\"}")));
	CU_ASSERT_EQUAL(count("contact_record"), records + 3);
}

/* A call from a page is about the customer that it names, whoever else has the number; its row in a
 * call task counts it, and the call keeps how much of the number the task hides. */
static void call_tasks(void)
{
	struct call named = call_new(TENANT, T0 + 30000), typed = call_new(TENANT, T0 + 31000);

	customer_new(75, "13500135000", "8613500135000");
	stack_sql(&stack,
			"INSERT INTO customer (tenant_id, id, package_id, name, phone, phone_e164, created_at, "
			"updated_at) VALUES (%d, 76, 9999, 'b', '13500135000', '8613500135000', 0, 0)",
			TENANT);
	stack_sql(&stack,
			"INSERT INTO call_task (tenant_id, id, name, package_id, group_id, hide, created_at, "
			"updated_at) VALUES (%d, 1, 'a', 9999, 1, 'all', 0, 0)",
			TENANT);
	stack_sql(&stack,
			"INSERT INTO call_task_customer (tenant_id, task_id, customer_id, next_at, added_at, "
			"added_by) VALUES (%d, 1, 76, 5, 0, 't')",
			TENANT);
	say(&named, CC_EV_CALL_NEW, 0,
			"{\"dir\":\"out\",\"from\":\"801\",\"to\":\"13500135000\",\"agent\":\"801\",\"click\":"
			"true,"
			"\"customer\":76,\"package\":9999}");
	CU_ASSERT(caught_up(say(&named, CC_EV_CALL_END, 9000,
			"{\"cause\":\"no_answer\",\"side\":\"callee\",\"agent_ms\":0,\"agent\":\"801\","
			"\"from\":"
			"\"801\",\"to\":\"13500135000\",\"dir\":\"out\"}")));
	value_is("called|1|0|1|1", "SELECT CONCAT_WS('|', state, attempts, answered, next_at IS NULL, "
							   "called_at > 0) FROM call_task_customer WHERE customer_id = 76");
	value_is("76|all|click|1", "SELECT CONCAT_WS('|', customer_id, hide, kind, task_id) FROM calls "
							   "WHERE customer_id IS NOT NULL");
	value_is("0", "SELECT COUNT(*) FROM customer WHERE id = 75 AND contacted_at IS NOT NULL");
	stack_sql(&stack, "UPDATE call_task_customer SET state = 'done' WHERE customer_id = 76");
	/* typed on the phone it is whoever has the number, which is hidden as their task says */
	stack_sql(&stack,
			"INSERT INTO call_task (tenant_id, id, name, package_id, group_id, hide, created_at, "
			"updated_at) VALUES (%d, 2, 'b', 1, 1, 'middle', 0, 0)",
			TENANT);
	stack_sql(&stack,
			"INSERT INTO call_task_customer (tenant_id, task_id, customer_id, added_at, added_by) "
			"VALUES (%d, 2, 75, 0, 't')",
			TENANT);
	CU_ASSERT(caught_up(call_out(&typed, "13500135000", 4000)));
	value_is("middle|out", "SELECT CONCAT_WS('|', hide, kind) FROM calls WHERE callee = "
						   "'13500135000' ORDER BY id DESC LIMIT 1");
	value_is("1", "SELECT COUNT(*) FROM customer WHERE id = 75 AND contact_answered = 1");
	value_is("done|1", "SELECT CONCAT_WS('|', state, attempts) FROM call_task_customer WHERE "
					   "customer_id = 76");
}

/* CRM-12: a call belongs to the package of the number that was called, else to the default one;
 * only its customers are whom the call is with. A phone calls a customer of any package. */
static void packages(void)
{
	struct call bound = call_new(TENANT, T0 + 40000), other = call_new(TENANT, T0 + 41000),
				out = call_new(TENANT, T0 + 42000), page = call_new(TENANT, T0 + 43000);

	stack_sql(&stack,
			"INSERT INTO customer_package (tenant_id, id, code, name, created_at, updated_at) "
			"VALUES (%d, 9901, 'side', 'side', 0, 0), (%d, 9902, 'third', 'third', 0, 0)",
			TENANT, TENANT);
	stack_sql(&stack,
			"INSERT INTO did (tenant_id, number, target_kind, target, package_id) VALUES (%d, "
			"'62345678', 'queue', '600', 9901)",
			TENANT);
	stack_sql(&stack,
			"INSERT INTO customer (tenant_id, id, package_id, name, phone, phone_e164, created_at, "
			"updated_at) VALUES (%d, 81, 9902, 'third', '13500135001', '8613500135001', 0, 0)",
			TENANT);
	stack_sql(&stack,
			"INSERT INTO customer_index (tenant_id, package_id, slot, value, twin, customer_id) "
			"VALUES (%d, 9902, 1, '8613500135001', 0, 81)",
			TENANT);
	CU_ASSERT(caught_up(answered_call(&bound))); /* 13800138000, a customer of the default one */
	value_is("9901|9901|", "SELECT CONCAT_WS('|', k.package_id, r.package_id, COALESCE("
						   "r.customer_id, '')) FROM calls k JOIN contact_record r ON r.call_id = "
						   "k.id WHERE k.started_at = 1795236401500");
	stack_sql(&stack, "UPDATE customer_package SET state = 'closed' WHERE id = 9901");
	value_is("", "SELECT package_id FROM did WHERE number = '62345678'");
	CU_ASSERT(caught_up(answered_call(&other)));
	value_is("1|71", "SELECT CONCAT_WS('|', p.standard, r.customer_id) FROM calls k JOIN "
					 "contact_record r ON r.call_id = k.id JOIN customer_package p ON p.id = "
					 "k.package_id WHERE k.started_at = 1795236402500");
	CU_ASSERT(caught_up(call_out(&out, "13500135001", 4000)));
	value_is("9902|81", "SELECT CONCAT_WS('|', k.package_id, r.customer_id) FROM calls k JOIN "
						"contact_record r ON r.call_id = k.id WHERE k.callee = '13500135001'");
	CU_ASSERT(caught_up(say(&page, CC_EV_CALL_NEW, 0,
			"{\"dir\":\"out\",\"from\":\"801\",\"to\":\"13500135002\",\"agent\":\"801\","
			"\"customer\":81,\"package\":9902}")));
	value_is("9902", "SELECT package_id FROM calls WHERE callee = '13500135002'");
	stack_sql(&stack, "DELETE FROM did WHERE number = '62345678'");
}

/* A call of a customer that goes on, and one inside. */
static void call_in(struct call *c, const char *number, const char *dir)
{
	char text[200];

	snprintf(text, sizeof(text),
			"{\"dir\":\"%s\",\"from\":\"%s\",\"from_name\":\"Q\",\"to\":\"4008001\"}", dir, number);
	say(c, CC_EV_CALL_NEW, 0, text);
}

static uint64_t mark(struct call *c, const char *digit, const struct call *of)
{
	char text[200], id[CC_ULID_TEXT + 1], other[64] = "";

	if (of)
		snprintf(other, sizeof(other), ",\"of\":\"%s\"", cc_ulid_format(&of->id, id));
	snprintf(text, sizeof(text), "{\"agent\":\"801\",\"digit\":\"%s\"%s}", digit, other);
	return say(c, CC_EV_CALL_MARK, 6000, text);
}

/* Marks by phone are rows like those of the card: the last one of a customer is the latest, and the
 * customer has its type. Open pages are told, and a card that is open can be saved all the same. */
static void marks_by_phone(void)
{
	struct call in = call_new(TENANT, T0 + 35000), stranger = call_new(TENANT, T0 + 36000),
				code = call_new(TENANT, T0 + 37000), inside = call_new(TENANT, T0 + 38000);
	int live = live_get("/live", COOKIE);

	CU_ASSERT(says(live_read(live, "retry: 2000\n\n", 2000), "200 OK"));
	customer_new(78, "13400134000", "8613400134000");
	call_in(&in, "13400134000", "in");
	CU_ASSERT(caught_up(mark(&in, "3", NULL)));
	value_is("78|客户78|13400134000|意向客户|1|in|5|李四|agent|801|1",
			"SELECT CONCAT_WS('|', m.customer_id, m.name, m.phone, y.name, m.latest, m.direction, "
			"m.user_id, m.user_name, m.user_kind, m.agent, m.call_id = k.id) FROM customer_mark m "
			"JOIN customer_type y ON y.tenant_id = m.tenant_id AND y.id = m.type_id JOIN calls k "
			"ON "
			"k.tenant_id = m.tenant_id AND k.caller = '13400134000' WHERE m.phone = '13400134000'");
	CU_ASSERT(says(live_read(live, "\"topic\":\"mark\",\"id\":\"78\"", 5000), "event: call.mark"));
	close(live);
	mark(&code, "4", &in); /* afterwards, from a call of its own */
	mark(&in, "9", NULL);  /* no type has it */
	call_in(&inside, "801", "internal");
	mark(&inside, "3", NULL);
	mark(&inside, "3", &code); /* which nobody knows */
	call_in(&stranger, "13400134001", "in");
	mark(&stranger, "1", NULL);
	CU_ASSERT(caught_up(mark(&stranger, "2", NULL)));
	value_is("78:0:3 78:1:4 0:0:1 0:1:2", "SELECT GROUP_CONCAT(m.customer_id, ':', m.latest, ':', "
										  "y.digit ORDER BY m.id SEPARATOR "
										  "' ') FROM customer_mark m JOIN customer_type y ON "
										  "y.tenant_id = m.tenant_id AND y.id = "
										  "m.type_id");
	value_is("4|1|0", "SELECT CONCAT_WS('|', y.digit, m.latest, c.updated_at) FROM customer c JOIN "
					  "customer_type y ON y.tenant_id = c.tenant_id AND y.id = c.type_id JOIN "
					  "customer_mark m "
					  "ON m.tenant_id = c.tenant_id AND m.id = c.mark_id WHERE c.id = 78");
}

/* The last event alone makes a row; a second end, a visit left twice and unknown types change
 * nothing. */
static void odd_orders(void)
{
	struct call c = call_new(TENANT, T0 + 5000), predictive = call_new(TENANT, T0 + 5000);
	int64_t quarantined = count("journal_quarantine");

	say(&c, CC_EV_CALL_END, 7000,
			"{\"cause\":\"busy\",\"side\":\"callee\",\"sip_code\":486,\"total_ms\":7000,\"from\":"
			"\"801\",\"to\":\"802\","
			"\"dir\":\"internal\"}");
	say(&c, CC_EV_CALL_END, 8000, "{\"cause\":\"other\",\"side\":\"system\",\"dir\":\"internal\"}");
	say(&predictive, CC_EV_CALL_NEW, 0,
			"{\"dir\":\"out\",\"from\":\"600\",\"to\":\"13600136009\",\"predictive\":true,"
			"\"task\":5}");
	say(&c, 999, 8000, "{\"new\":\"field\"}");
	CU_ASSERT(caught_up(say(&c, CC_EV_CONFIG_RELOAD, 9000, "not even JSON")));
	value_is("busy|internal|801|802|5000|12000",
			"SELECT CONCAT_WS('|', cause, direction, caller, callee, started_at - 1795236361500, "
			"ended_at - 1795236361500)"
			" FROM calls WHERE direction = 'internal'");
	value_is("out|predictive|600|5", "SELECT CONCAT_WS('|', direction, kind, caller, task_id) FROM "
									 "calls WHERE callee = '13600136009'");
	value_is("",
			"SELECT caller_e164 FROM calls WHERE direction = 'internal'"); /* extensions are never
																			  normalised */
	value_is("{\"new\":\"field\"}", "SELECT fields FROM event WHERE type = 999");
	value_is("not even JSON", "SELECT fields FROM event WHERE type = 3");
	CU_ASSERT_EQUAL(count("journal_quarantine"), quarantined);
}

static void poison(void)
{
	static const struct
	{
		uint16_t type;
		const char *fields, *reason;
	} bad[] = {
			{CC_EV_CALL_NEW, "{\"dir\":", "call.new: fields: not one JSON object"},
			{CC_EV_CALL_NEW, "{\"dir\":\"up\"}", "call.new: dir: not one of the known words"},
			{CC_EV_CALL_NEW, "[]", "call.new: fields: not one JSON object"},
			{CC_EV_CALL_END, "{\"dir\":\"in\",\"side\":\"caller\"}", "call.end: cause: missing"},
			{CC_EV_CALL_END,
					"{\"dir\":\"in\",\"side\":\"caller\",\"cause\":\"busy\",\"sip_code\":\"x\"}",
					"call.end: sip_code: not a whole number"},
			{CC_EV_LEG_NEW, "{\"role\":\"caller\",\"leg\":\"1\"}", "leg.new: leg: not an id"},
			{CC_EV_QUEUE_ENTER, "{\"queue\":\"600\"}",
					"queue.enter: visit: missing or out of range"},
			{CC_EV_QUEUE_LEAVE, "{\"queue\":\"600\",\"visit\":9,\"result\":\"answered\"}",
					"queue.leave: visit: was never entered, or has been left before"},
			{CC_EV_AGENT_STATE, "{\"agent\":\"801\"}",
					"agent.state: agent, what, work, call_state: missing"},
	};
	struct call c = call_new(TENANT, T0 + 20000), good = call_new(TENANT, T0 + 30000);
	char before[8192];
	uint64_t seq;

	stack_sql(&stack, "DELETE FROM journal_quarantine");
	snprintf(before, sizeof(before), "%s", stack_value(&stack, "SELECT COUNT(*) FROM calls"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		say(&c, bad[i].type, (int64_t)i, bad[i].fields);
	stack_event(&stack, CC_EV_CALL_NEW, TENANT, NULL, 0, T0, "{\"dir\":\"in\"}");
	stack_event(&stack, CC_EV_ENGINE_STOP, 0, NULL, 0, T0,
			"\xFF\xFE"); /* the database itself refuses these bytes */
	seq = answered_call(&good);
	CU_ASSERT(caught_up(seq));
	CU_ASSERT_EQUAL(count("journal_quarantine"), (int64_t)(sizeof(bad) / sizeof(bad[0])) + 2);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_STRING_EQUAL(
				stack_value(&stack,
						"SELECT reason FROM journal_quarantine ORDER BY byte_offset LIMIT %zu, 1",
						i),
				bad[i].reason);
	CU_ASSERT_STRING_EQUAL(stack_value(&stack, "SELECT COUNT(*) FROM calls WHERE id > ''"),
			stack_value(&stack, "SELECT %s + 1", before));
	/* poison is kept too: no sequence number is missing, except that of bytes that are no text */
	value_is("1", "SELECT MAX(seq) - MIN(seq) + 1 - COUNT(*) FROM event");
	CU_ASSERT_STRING_EQUAL(
			stack_value(&stack, "SELECT LEFT(HEX(SUBSTR(record, 57)), 4) FROM "
								"journal_quarantine ORDER BY byte_offset DESC LIMIT 1"),
			"FFFE");
}

static void damaged_journal(void)
{
	struct call c = call_new(TENANT, T0 + 40000);
	int64_t quarantined = count("journal_quarantine");
	char path[256];
	int fd;

	/* damage what will be read later: eventd is away meanwhile */
	eventd_stop(SIGTERM);
	abandoned_call(&c, 100);
	snprintf(path, sizeof(path), "%s/data/journal/%s", stack.run,
			stack_value(&stack, "SELECT segment FROM journal_position"));
	fd = open(path, O_RDWR);
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(
			pwrite(fd, "damage", 6,
					atoll(stack_value(&stack, "SELECT byte_offset FROM journal_position")) + 60),
			6);
	close(fd);
	eventd_start();
	c = call_new(TENANT, T0 + 50000);
	CU_ASSERT(caught_up(abandoned_call(&c, 100)));
	value_is("not a record", "SELECT reason FROM journal_quarantine ORDER BY at DESC LIMIT 1");
	CU_ASSERT_EQUAL(count("journal_quarantine"), quarantined + 1);
	/* of the damaged call, the end was enough for a row */
	value_is("caller_hangup", "SELECT cause FROM calls WHERE ended_at = 1795236361500 + 40100");
}

static void live_refusals(void)
{
	int fd = live_get("/live", "");

	CU_ASSERT(says(live_read(fd, NULL, 2000), "401 Unauthorized"));
	close(fd);
	fd = live_get("/live", "Cookie: " CC_AUTH_COOKIE "=wrong\r\n");
	CU_ASSERT(says(live_read(fd, NULL, 2000), "HTTP/1.1 401 Unauthorized"));
	close(fd);
	fd = live_get("/live", "Authorization: Bearer wrong\r\n");
	CU_ASSERT(says(live_read(fd, NULL, 2000), "401 Unauthorized"));
	close(fd);
	fd = live_get("/elsewhere", COOKIE);
	CU_ASSERT(says(live_read(fd, NULL, 2000), "404 Not Found"));
	close(fd);
	fd = live_connect("POST /live HTTP/1.1\r\n" COOKIE "\r\n");
	CU_ASSERT(says(live_read(fd, NULL, 2000), "405 Method Not Allowed"));
	close(fd);
	fd = live_connect("\r\n\r\n\r\n\r\n");
	CU_ASSERT(says(live_read(fd, NULL, 2000), "400 Bad Request"));
	close(fd);
}

static void live_events(void)
{
	struct call c = call_new(TENANT, T0 + 60000), foreign = call_new(OTHER, T0 + 60000);
	int mine = live_get("/live", COOKIE), theirs = live_get("/live", KEY);
	char id[CC_ULID_TEXT + 1], part[128];
	const char *text;

	CU_ASSERT(says(live_read(mine, "retry: 2000\n\n", 2000), "Content-Type: text/event-stream"));
	CU_ASSERT(says(live_read(theirs, "retry: 2000\n\n", 2000), "200 OK"));
	abandoned_call(&c, 100);
	abandoned_call(&foreign, 100);
	text = live_read(mine, "event: call.end", 2000);
	snprintf(part, sizeof(part), "data: {\"t\":%lld,\"call\":\"%s\",\"seq\":", (long long)c.start,
			cc_ulid_format(&c.id, id));
	CU_ASSERT(says(text, part));
	CU_ASSERT(says(text, "event: call.new"));
	CU_ASSERT(says(text, "event: queue.enter"));
	CU_ASSERT_PTR_NULL(strstr(text, cc_ulid_format(&foreign.id, id)));
	text = live_read(theirs, "event: call.end", 2000);
	CU_ASSERT(says(text, cc_ulid_format(&foreign.id, id)));
	CU_ASSERT_PTR_NULL(strstr(text, cc_ulid_format(&c.id, id)));
	close(mine);
	close(theirs);
}

/* An agent with a session "token-of-<number>", in a group. */
static void person(
		const struct cc_secret *secret, int user, const char *number, int role, int group)
{
	char token[32];

	stack_sql(&stack,
			"INSERT INTO user (tenant_id, id, username, name, kind, role_id, password_hash, "
			"created_at, updated_at) VALUES (%d, %d, '%s', '', 'agent', %d, '', 0, 0)",
			TENANT, user, number, role);
	stack_sql(&stack,
			"INSERT INTO agent (tenant_id, id, number, name, user_id, sip_ha1, phone_pin_hash, "
			"created_at, updated_at) VALUES (%d, %d, '%s', '', %d, '', '', 0, 0)",
			TENANT, user, number, user);
	stack_sql(&stack,
			"INSERT INTO agent_group_member (tenant_id, group_id, agent_id, position) VALUES (%d, "
			"%d, %d, 1)",
			TENANT, group, user);
	snprintf(token, sizeof(token), "token-of-%s", number);
	session_new(secret, user, token);
}

/* MON-01: each sees what the role lets one see: all, the own groups, the own agent; and what is for
 * all. */
static void live_scope(void)
{
	struct call c = call_new(TENANT, T0 + 65000);
	struct cc_secret secret;
	char path[128];
	const char *text;
	int admin, leader, agent, other, fd;

	snprintf(path, sizeof(path), "%s/etc/secret", stack.run);
	CU_ASSERT_EQUAL_FATAL(cc_secret_load(&secret, path), 0);
	stack_sql(&stack,
			"INSERT INTO agent_group (tenant_id, id, number, name) VALUES (%d, 61, '610', ''), "
			"(%d, 62, '611', '')",
			TENANT, TENANT);
	person(&secret, 71, "811", 3, 61);
	person(&secret, 72, "812", 2, 61);
	person(&secret, 73, "821", 3, 62);
	admin = live_get("/live", COOKIE);
	leader = live_get("/live", "Cookie: " CC_AUTH_COOKIE "=token-of-812\r\n");
	agent = live_get("/live", "Cookie: " CC_AUTH_COOKIE "=token-of-811\r\n");
	other = live_get("/live", KEY);
	CU_ASSERT(says(live_read(admin, "retry: 2000\n\n", 2000), "200 OK"));
	CU_ASSERT(says(live_read(leader, "retry: 2000\n\n", 2000), "200 OK"));
	CU_ASSERT(says(live_read(agent, "retry: 2000\n\n", 2000), "200 OK"));
	CU_ASSERT(says(live_read(other, "retry: 2000\n\n", 2000), "200 OK"));
	say(&c, CC_EV_CALL_NEW, 0, "{\"dir\":\"in\",\"from\":\"1\"}");
	say(&c, CC_EV_QUEUE_ENTER, 1, "{\"queue\":\"610\",\"visit\":1}");
	say(&c, CC_EV_QUEUE_OFFER, 2, "{\"queue\":\"610\",\"visit\":1,\"agent\":\"811\"}");
	say(&c, CC_EV_QUEUE_ENTER, 3, "{\"queue\":\"611\",\"visit\":2}");
	say(&c, CC_EV_AGENT_STATE, 4,
			"{\"agent\":\"821\",\"what\":\"idle\",\"work\":\"online\",\"call_state\":\"idle\"}");
	say(&c, CC_EV_AGENT_STATE, 5,
			"{\"agent\":\"811\",\"what\":\"idle\",\"work\":\"online\",\"call_state\":\"idle\"}");
	fd = live_connect("POST /changed?tenant=2&topic=announcement&id=7 HTTP/1.1\r\n\r\n");
	CU_ASSERT(says(live_read(fd, NULL, 2000), "HTTP/1.1 200 OK"));
	close(fd);
	text = live_read(admin, "event: changed", 2000);
	CU_ASSERT(says(text, "event: call.new"));
	CU_ASSERT(says(text, "\"queue\":\"611\""));
	CU_ASSERT(says(text, "\"agent\":\"821\""));
	text = live_read(leader, "\"id\":\"7\"}\n\n", 2000);
	CU_ASSERT(says(text, "event: queue.enter"));
	CU_ASSERT(says(text, "event: agent.state"));
	CU_ASSERT(says(text, "data: {\"topic\":\"announcement\",\"id\":\"7\"}"));
	CU_ASSERT_PTR_NULL(strstr(text, "call.new"));
	CU_ASSERT_PTR_NULL(strstr(text, "611"));
	CU_ASSERT_PTR_NULL(strstr(text, "821"));
	text = live_read(agent, "\"id\":\"7\"}\n\n", 2000);
	CU_ASSERT(says(text, "event: queue.offer"));
	CU_ASSERT(says(text, "event: agent.state"));
	CU_ASSERT_PTR_NULL(strstr(text, "queue.enter"));
	CU_ASSERT_PTR_NULL(strstr(text, "821"));
	/* the configuration has changed: everybody reads again, and who may see what is asked again */
	stack_sql(&stack, "UPDATE agent_group_member SET group_id = 62 WHERE agent_id = 72");
	stack_event(&stack, CC_EV_CONFIG_RELOAD, 0, NULL, 0, T0, "{\"generation\":2}");
	CU_ASSERT(says(live_read(leader, "event: reset\n", 2000), "event: reset"));
	text = live_read(other, "event: reset\n", 2000);
	CU_ASSERT(says(text, "event: reset"));
	CU_ASSERT_PTR_NULL(strstr(text, "changed"));
	for (int i = 0; i < 100; i++) {
		say(&c, CC_EV_QUEUE_OFFER, 6 + i, "{\"queue\":\"611\",\"visit\":2,\"agent\":\"821\"}");
		if (strstr(live_read(leader, "event: queue.offer", 50), "event: queue.offer"))
			break;
	}
	say(&c, CC_EV_QUEUE_OFFER, 200, "{\"queue\":\"610\",\"visit\":1,\"agent\":\"811\"}");
	say(&c, CC_EV_QUEUE_OFFER, 201, "{\"queue\":\"611\",\"visit\":2,\"agent\":\"899\"}");
	text = live_read(leader, "899", 2000);
	CU_ASSERT(says(text, "899"));
	CU_ASSERT_PTR_NULL(strstr(text, "610"));
	stack_event(&stack, CC_EV_ENGINE_START, 0, NULL, 0, T0, "{\"node\":1}");
	CU_ASSERT(says(live_read(agent, "event: reset", 2000), "event: reset"));
	fd = live_connect("POST /changed?tenant=2&topic=An%20other&id= HTTP/1.1\r\n\r\n");
	CU_ASSERT(says(live_read(fd, NULL, 2000), "400 Bad Request"));
	close(fd);
	close(admin);
	close(leader);
	close(agent);
	close(other);
}

static void live_resume(void)
{
	struct call c = call_new(TENANT, T0 + 70000);
	uint64_t first = say(&c, CC_EV_CALL_NEW, 0, "{\"dir\":\"in\"}"), last;
	char header[64];
	const char *text;
	int fd;

	say(&c, CC_EV_LEG_DTMF, 1, "{}");
	last = say(&c, CC_EV_CALL_END, 10, "{\"dir\":\"in\",\"cause\":\"busy\",\"side\":\"caller\"}");
	CU_ASSERT(caught_up(last));
	snprintf(header, sizeof(header), COOKIE "Last-Event-ID: 1-%llu\r\n", (unsigned long long)first);
	fd = live_get("/live", header);
	text = live_read(fd, "event: call.end", 2000);
	CU_ASSERT(says(text, "\"cause\":\"busy\""));
	CU_ASSERT_PTR_NULL(strstr(text, "event: call.new"));
	CU_ASSERT_PTR_NULL(strstr(text, "event: reset"));
	close(fd);
	snprintf(header, sizeof(header), "/live?after=1-%llu", (unsigned long long)first - 1);
	fd = live_get(header, COOKIE);
	CU_ASSERT(says(live_read(fd, "event: call.end", 2000), "event: call.new"));
	close(fd);
	fd = live_get("/live?after=1-999999999", COOKIE);
	CU_ASSERT(says(live_read(fd, "event: reset", 2000), "event: reset"));
	close(fd);
	/* what is remembered survives a restart */
	eventd_stop(SIGTERM);
	eventd_start();
	snprintf(header, sizeof(header), COOKIE "Last-Event-ID: 1-%llu\r\n", (unsigned long long)first);
	fd = live_get("/live", header);
	CU_ASSERT(says(live_read(fd, "event: call.end", 2000), "\"cause\":\"busy\""));
	close(fd);
}

static void many_browsers(void)
{
	enum
	{
		BROWSERS = 300,
		CALLS = 20
	};
	struct call c = {.seq = 0};
	int fds[BROWSERS], wrong = 0;
	char id[CC_ULID_TEXT + 1];

	for (int i = 0; i < BROWSERS; i++)
		fds[i] = live_get("/live", COOKIE);
	for (int i = 0; i < BROWSERS; i++)
		wrong += !strstr(live_read(fds[i], "retry: 2000\n\n", 5000), "200 OK");
	for (int i = 0; i < CALLS; i++) {
		c = call_new(TENANT, T0 + 80000 + i);
		abandoned_call(&c, 100);
	}
	cc_ulid_format(&c.id, id);
	for (int i = 0; i < BROWSERS; i++) {
		char last[64];
		const char *text;
		int ends = 0;

		snprintf(last, sizeof(last), "\"call\":\"%s\"", id);
		text = live_read(fds[i], "never", 1);
		if (!strstr(text, last))
			text = live_read(fds[i], last, 2000);
		for (const char *p = text; (p = strstr(p, "event: call.end")); p++)
			ends++;
		wrong += ends < CALLS - 1;
		close(fds[i]);
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

/* One that stops reading costs nothing and is cut off when what it missed is no longer remembered.
 */
static void slow_browser(void)
{
	enum
	{
		EVENTS = 12000
	};
	int fd = live_get("/live", COOKIE), got = 0, n;
	static char buf[65536];
	uint64_t last = 0;
	char *p;

	CU_ASSERT(says(live_read(fd, "retry: 2000\n\n", 2000), "200 OK"));
	for (int i = 0; i < EVENTS; i++)
		last = stack_event(&stack, CC_EV_ALARM, TENANT, NULL, 0, T0,
				"{\"code\":\"test\",\"text\":\"a text of some length, so that the socket is full "
				"soon\",\"on\":true}");
	CU_ASSERT(caught_up(last));
	for (;;) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

		if (poll(&poll_fd, 1, 3000) <= 0) {
			CU_FAIL("still connected");
			break;
		}
		n = (int)recv(fd, buf, sizeof(buf) - 1, 0);
		if (n <= 0)
			break;
		buf[n] = '\0';
		for (p = buf; (p = strstr(p, "event: alarm")); p++)
			got++;
	}
	CU_ASSERT(got > 0 && got < EVENTS);
	close(fd);
}

/* Takes the checker's next answer at a pretended time. */
static enum access_state answer_at(struct access *access, const struct grant *g, int64_t now_ms)
{
	struct pollfd p = {.fd = access_fd(access), .events = POLLIN};

	CU_ASSERT_EQUAL(poll(&p, 1, 5000), 1);
	access_answers(access, now_ms);
	return g->state;
}

static void checked_again(void)
{
	char socket[128];
	struct eventd e = {.database = {.socket = socket, .user = "root", .database = "tandem"}};
	struct access *access = NULL;
	struct grant *li, *again;

	snprintf(e.secret, sizeof(e.secret), "%s/etc/secret", stack.run);
	snprintf(socket, sizeof(socket), "%s/sock/mysql.sock", stack.run);
	CU_ASSERT_EQUAL_FATAL(access_new(&access, &e), 0);
	li = grant_get(access, ACCESS_SESSION, "token-of-li", 1000);
	CU_ASSERT_EQUAL(li->state, ACCESS_UNKNOWN);
	CU_ASSERT_EQUAL(answer_at(access, li, 1000), ACCESS_GRANTED);
	CU_ASSERT_EQUAL(li->scope->tenant, TENANT);
	CU_ASSERT_STRING_EQUAL(li->scope->agent, "801");
	CU_ASSERT_EQUAL(li->scope->flags, SCOPE_BOARD | SCOPE_OWN | SCOPE_ALL);
	CU_ASSERT_EQUAL(li->scope->hide, 0);
	again = grant_get(
			access, ACCESS_SESSION, "token-of-li", 2000); /* one grant, not asked again yet */
	CU_ASSERT_PTR_EQUAL(li, again);
	CU_ASSERT_FALSE(li->asked);
	grant_put(again);
	stack_sql(&stack, "UPDATE session SET expires_at = expires_at - 86400000");
	access_tick(access, 60999);
	CU_ASSERT_FALSE(li->asked);
	access_tick(access, 61000);
	CU_ASSERT(li->asked);
	CU_ASSERT_EQUAL(answer_at(access, li, 61000), ACCESS_DENIED);
	stack_sql(&stack, "UPDATE session SET expires_at = expires_at + 86400000");
	again = grant_get(access, ACCESS_SESSION, "token-of-li", 62000); /* signed in again */
	CU_ASSERT_EQUAL(answer_at(access, again, 62000), ACCESS_GRANTED);
	stack_sql(&stack, "UPDATE tenant SET state = 'locked' WHERE id = 2");
	access_tick(access, 122000);
	CU_ASSERT_EQUAL(answer_at(access, again, 122000), ACCESS_DENIED);
	stack_sql(&stack, "UPDATE tenant SET state = 'active' WHERE id = 2");
	grant_put(again);
	grant_put(li);
	access_tick(access, 123000);
	li = grant_get(access, ACCESS_SESSION, "token-of-li", 124000); /* forgotten and made anew */
	CU_ASSERT_EQUAL(li->state, ACCESS_UNKNOWN);
	CU_ASSERT_EQUAL(li->users, 1);
	access_free(access);
	CU_ASSERT_EQUAL(access_new(&access, &(struct eventd){.secret = "/no/such/file"}), CC_E_IO);
}

static void health(void)
{
	const char *text;
	int tries = 100;

	do { /* what is in the database is told a moment later */
		int fd = live_get("/health", "");

		text = live_read(fd, NULL, 2000);
		close(fd);
	} while (!strstr(text, "\"lag\":0") && --tries);
	CU_ASSERT(says(text, "HTTP/1.1 200 OK"));
	CU_ASSERT(says(text, "\"db\":true"));
	CU_ASSERT(says(text, "\"lag\":0"));
}

/* Killed at any moment, again and again: every event counts once. */
static void killed(void)
{
	enum
	{
		ROUNDS = 12,
		CALLS = 40
	};
	int64_t events = count("event"), calls = count("calls"), visits = count("queue_call");
	int64_t offered = atoll(stack_value(&stack, "SELECT SUM(offered) FROM rollup_queue"));
	int64_t abandoned = atoll(stack_value(&stack, "SELECT SUM(abandoned) FROM rollup_queue"));
	unsigned seed = 11;
	uint64_t last = 0;

	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < CALLS; i++) {
			struct call c = call_new(TENANT, T0 + 100000 + round * CALLS + i);

			last = abandoned_call(&c, 1000);
		}
		nanosleep(&(struct timespec){.tv_nsec = rand_r(&seed) % 120 * 1000000L}, NULL);
		eventd_stop(SIGKILL);
		eventd_start();
	}
	CU_ASSERT(caught_up(last));
	CU_ASSERT_EQUAL(count("event") - events, ROUNDS * CALLS * 4);
	CU_ASSERT_EQUAL(count("calls") - calls, ROUNDS * CALLS);
	CU_ASSERT_EQUAL(count("queue_call") - visits, ROUNDS * CALLS);
	CU_ASSERT_EQUAL(atoll(stack_value(&stack, "SELECT SUM(offered) FROM rollup_queue")) - offered,
			ROUNDS * CALLS);
	CU_ASSERT_EQUAL(
			atoll(stack_value(&stack, "SELECT SUM(abandoned) FROM rollup_queue")) - abandoned,
			ROUNDS * CALLS);
}

static void database_away(void)
{
	int64_t events = count("event"),
			offered = atoll(stack_value(&stack, "SELECT SUM(offered) FROM rollup_queue"));
	int fd = live_get("/live", COOKIE), again;
	struct call c;
	const char *text;
	uint64_t last = 0;

	CU_ASSERT(says(live_read(fd, "retry: 2000\n\n", 2000), "200 OK"));
	stack_database_stop(&stack);
	for (int i = 0; i < 300; i++) {
		c = call_new(TENANT, T0 + 200000 + i);
		last = abandoned_call(&c, 1000);
	}
	text = live_read(fd, "event: call.end", 2000); /* live events do not need the database */
	CU_ASSERT(says(text, "event: call.end"));
	again = live_get("/live", COOKIE); /* nor does one who was known before */
	CU_ASSERT(says(live_read(again, "retry: 2000\n\n", 5000), "200 OK"));
	close(again);
	again = live_get("/live", "Cookie: " CC_AUTH_COOKIE "=unknown\r\n");
	CU_ASSERT(says(live_read(again, NULL, 5000), "503 Service Unavailable"));
	close(again);
	for (int i = 0; i < 100; i++) { /* the writer notices at its next attempt */
		again = live_get("/health", "");
		text = live_read(again, NULL, 2000);
		close(again);
		if (strstr(text, "\"db\":false"))
			break;
		nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	}
	CU_ASSERT(says(text, "\"db\":false"));
	CU_ASSERT_PTR_NULL(strstr(text, "\"lag\":0,"));
	stack_database_start(&stack);
	CU_ASSERT(caught_up(last));
	CU_ASSERT_EQUAL(count("event") - events, 1200);
	CU_ASSERT_EQUAL(
			atoll(stack_value(&stack, "SELECT SUM(offered) FROM rollup_queue")) - offered, 300);
	close(fd);
}

/* The database is killed in the middle of transactions. */
static void database_killed(void)
{
	int64_t events = count("event");
	unsigned seed = 2;
	uint64_t last = 0;

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 200; i++) {
			struct call c = call_new(TENANT, T0 + 300000 + round * 200 + i);

			last = abandoned_call(&c, 1000);
		}
		nanosleep(&(struct timespec){.tv_nsec = 50000000 + rand_r(&seed) % 100 * 1000000L}, NULL);
		mysql_close(stack.db);
		stack_end(stack.mariadb, SIGKILL);
		stack_database_start(&stack);
	}
	CU_ASSERT(caught_up(last));
	CU_ASSERT_EQUAL(count("event") - events, 2400);
}

/* Two at once by mistake: the position in the database keeps them from counting twice; the second
 * one cannot serve. */
static void two_writers(void)
{
	const char *const argv[] = {"cc-eventd", "-c", stack.settings, NULL};
	int64_t events = count("event");
	uint64_t last = 0;
	int status = 0;
	pid_t second;

	for (int i = 0; i < 300; i++) {
		struct call c = call_new(TENANT, T0 + 400000 + i);

		last = abandoned_call(&c, 1000);
		if (i == 100) {
			second = stack_program(&stack, argv);
			waitpid(second, &status, 0);
		}
	}
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	CU_ASSERT(caught_up(last));
	CU_ASSERT_EQUAL(count("event") - events, 1200);
}

static void signed_out(void)
{
	int fd = live_get("/live", COOKIE);

	CU_ASSERT(says(live_read(fd, "retry: 2000\n\n", 2000), "200 OK"));
	close(fd);
	stack_sql(&stack, "UPDATE user SET state = 'disabled' WHERE id = 5");
	eventd_stop(SIGTERM); /* forgets that it was good */
	eventd_start();
	fd = live_get("/live", COOKIE);
	CU_ASSERT(says(live_read(fd, NULL, 2000), "401 Unauthorized"));
	close(fd);
}

/* The tenant's list of addresses holds for streams too. */
static void live_addresses(void)
{
	stack_sql(&stack,
			"INSERT INTO preference (tenant_id, name, value) VALUES (%d, 'web_addresses', "
			"'192.0.2.0/24')",
			TENANT);
	eventd_stop(SIGTERM); /* forgets what held */
	eventd_start();
	int fd = live_get("/live", COOKIE "X-Real-IP: 198.51.100.7\r\n");

	CU_ASSERT(says(live_read(fd, NULL, 2000), "403 Forbidden"));
	close(fd);
	fd = live_get("/live", COOKIE "X-Real-IP: 192.0.2.7\r\n");
	CU_ASSERT(says(live_read(fd, "retry: 2000\n\n", 2000), "200 OK"));
	close(fd);
	stack_sql(&stack, "DELETE FROM preference WHERE tenant_id = %d", TENANT);
	eventd_stop(SIGTERM);
	eventd_start();
}

static void bad_start(void)
{
	const char *const none[] = {"cc-eventd", NULL};
	const char *const missing[] = {"cc-eventd", "-c", "/no/such/file", NULL};
	int status = 0;

	waitpid(stack_program(&stack, none), &status, 0);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 2);
	waitpid(stack_program(&stack, missing), &status, 0);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	eventd_stop(SIGTERM);
}

int main(void)
{
	CU_TestInfo tests[] = {
			{"rows and roll-ups of an answered call (CDR-01, CDR-07)", rows_of_a_call},
			{"rows of legs, in one batch and in several (CDR-02)", rows_of_legs},
			{"roll-ups add up by the time of entry", rollups_add_up},
			{"a dialler's customers are not in the figures of a queue", dialled_is_no_figure},
			{"calls make contact records (CRM-06, CRM-07, CRM-15)", contact_records},
			{"calls of call tasks (OUT-01, CALL-13)", call_tasks},
			{"packages of calls (CRM-12)", packages},
			{"marks by phone (CRM-20, CODE-01)", marks_by_phone},
			{"odd orders and unknown types", odd_orders},
			{"poison is quarantined and passed", poison},
			{"damaged journal", damaged_journal},
			{"live: refusals", live_refusals},
			{"live: addresses", live_addresses},
			{"live: events of one's tenant", live_events},
			{"live: permission, groups, changes, resets", live_scope},
			{"live: resuming", live_resume},
			{"live: many browsers", many_browsers},
			{"access is asked again every minute", checked_again},
			{"live: one that does not read is cut off", slow_browser},
			{"health", health},
			{"killed and restarted: exactly once", killed},
			{"database stopped and started: nothing lost", database_away},
			{"database killed", database_killed},
			{"two writers", two_writers},
			{"signed out", signed_out},
			{"bad starts", bad_start},
			CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {{"cc-eventd", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

	return unit_run(suites);
}
