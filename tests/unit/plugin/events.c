/* SPDX-License-Identifier: GPL-2.0-or-later
 * SYS-07, PLAT-18: event handlers and jobs of plugins in the real cc-eventd and cc-jobd: each event
 * once, a poison event is passed and named, three crashes disable the plugin, everything else goes
 * on; jobs of a module only for who has it. */
#include "stack.h"
#include "unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include "cc/clock.h"

static struct stack stack;
static pid_t eventd, jobd;
static uint32_t calls;

static void programs_start(void)
{
	const char *const event[] = {"cc-eventd", "-c", stack.settings, NULL};
	const char *const job[] = {"cc-jobd", "-c", stack.settings, NULL};

	eventd = stack_program(&stack, event);
	jobd = stack_program(&stack, job);
}

static int admin(const char *words)
{
	char program[300], command[1000];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 20);

	program[n < 0 ? 0 : n] = '\0';
	strcpy(strrchr(program, '/') + 1, "cc-admin");
	snprintf(command, sizeof(command), "%s -c %s %s >>%s/admin.log 2>&1", program, stack.settings,
			words, stack.run);
	n = system(command);
	return WIFEXITED(n) ? WEXITSTATUS(n) : -1;
}

static int begin(void)
{
	char command[1400], build[300];
	ssize_t n = readlink("/proc/self/exe", build, sizeof(build) - 20);

	if (n < 0)
		return 1;
	build[n] = '\0';
	*strstr(build, "/bin/") = '\0';
	stack_start(&stack);
	snprintf(command, sizeof(command),
			"mkdir %s/plugins && cp -r %s/plugins/area %s/tests/plugins/crash %s/plugins && "
			"echo CC_PREFIX = %s >>%s",
			stack.run, build, build, stack.run, stack.run, stack.settings);
	stack_sql(&stack,
			"INSERT INTO tenant (id, code, name, created_at) VALUES (2, 'demo', 'Demo', 0), "
			"(3, 'other', 'Other', 0)");
	stack_sql(&stack, "INSERT INTO plugin (name, kind, version, state) VALUES ('reports', "
					  "'application', '0.1', 'enabled')");
	return system(command) || admin("secret");
}

static int end(void)
{
	stack_end(jobd, SIGTERM);
	int status = stack_end(eventd, SIGTERM);
	return !stack_stop(&stack) || status != 0;
}

/* A new call from somebody; what the fixture does depends on who. */
static uint64_t call(uint32_t tenant, const char *from)
{
	uint8_t random[10] = {[9] = (uint8_t)++calls};
	int64_t now = cc_clock_utc_ms();
	struct cc_ulid id = cc_ulid_make(now, random);
	char fields[100];

	snprintf(fields, sizeof(fields), "{\"dir\":\"in\",\"from\":\"%s\",\"to\":\"4008001\"}", from);
	return stack_event(&stack, CC_EV_CALL_NEW, tenant, &id, 1, now, fields);
}

static bool handled(const char *want)
{
	return stack_wait(&stack, want,
			"SELECT COALESCE(GROUP_CONCAT(tenant_id, ':', object ORDER BY id SEPARATOR ' '), '') "
			"FROM audit_log WHERE action = 'fixture.event'");
}

static void each_once(void)
{
	call(2, "before");
	CU_ASSERT_EQUAL_FATAL(admin("plugin enable crash"), 0);
	CU_ASSERT_EQUAL_FATAL(admin("plugin enable crash --tenant demo"), 0);
	programs_start();
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	call(2, "a");
	call(3, "not switched on here");
	uint64_t last = call(2, "b");
	/* not what came before it was enabled, not what another tenant has */
	CU_ASSERT(handled("2:a 2:b"));
	char want[32];
	snprintf(want, sizeof(want), "%llu", (unsigned long long)last);
	CU_ASSERT(stack_wait(&stack, want, "SELECT seq FROM plugin_cursor WHERE plugin = 'crash'"));
	/* the daemon dies and its handlers with it; nothing is handled twice */
	kill(eventd, SIGKILL);
	waitpid(eventd, NULL, 0);
	kill(jobd, SIGKILL);
	waitpid(jobd, NULL, 0);
	programs_start();
	call(2, "c");
	CU_ASSERT(handled("2:a 2:b 2:c"));
}

static void poison(void)
{
	call(2, "refuse");
	call(2, "d");
	CU_ASSERT(handled("2:a 2:b 2:c 2:d"));
	CU_ASSERT_STRING_EQUAL(stack_value(&stack, "SELECT CONCAT(event, ' ', how) FROM plugin_passed"),
			"call.new inval");
	uint64_t seq = call(2, "segv");
	call(2, "e");
	CU_ASSERT(handled("2:a 2:b 2:c 2:d 2:e"));
	CU_ASSERT_STRING_EQUAL(
			stack_value(&stack,
					"SELECT CONCAT(event, ' ', how) FROM plugin_passed WHERE seq = %llu",
					(unsigned long long)seq),
			"call.new its handler crashed");
	char want[100];
	snprintf(want, sizeof(want), "eventd event %llu call.new Segmentation fault",
			(unsigned long long)seq);
	CU_ASSERT_STRING_EQUAL(
			stack_value(&stack, "SELECT CONCAT_WS(' ', host, what, how) FROM plugin_crash"), want);
	CU_ASSERT_STRING_EQUAL(
			stack_value(&stack, "SELECT state FROM plugin WHERE name = 'crash'"), "enabled");
}

static void database_away(void)
{
	stack_database_stop(&stack);
	call(2, "f");
	nanosleep(&(struct timespec){.tv_sec = 2}, NULL);
	stack_database_start(&stack);
	CU_ASSERT(handled("2:a 2:b 2:c 2:d 2:e 2:f"));
}

static void jobs(void)
{
	stack_sql(&stack, "INSERT INTO job (tenant_id, kind, created_at) VALUES (2, 'crash.job', 1), "
					  "(3, 'crash.job', 2), (2, 'crash.extra.job', 3)");
	CU_ASSERT(stack_wait(&stack, "done by crash",
			"SELECT result FROM job WHERE tenant_id = 2 AND "
			"kind = 'crash.job'"));
	CU_ASSERT(stack_wait(&stack, "this installation has no jobs of that kind",
			"SELECT error FROM job WHERE tenant_id = 3"));
	/* of a module that the tenant has not */
	CU_ASSERT(stack_wait(&stack, "this installation has no jobs of that kind",
			"SELECT error FROM job WHERE kind = 'crash.extra.job'"));
	CU_ASSERT_EQUAL(admin("plugin enable crash_extra --tenant demo"), 0);
	stack_sql(&stack, "UPDATE job SET state = 'waiting', error = '', ended_at = NULL WHERE kind = "
					  "'crash.extra.job'");
	CU_ASSERT(stack_wait(
			&stack, "done by crash", "SELECT result FROM job WHERE kind = 'crash.extra.job'"));
}

/* One crash was the event's; a job's and another event's make it three. */
static void three_times(void)
{
	stack_sql(&stack, "INSERT INTO job (tenant_id, kind, parameters, created_at) "
					  "VALUES (2, 'crash.job', 'abort', 3)");
	CU_ASSERT(stack_wait(&stack, "2", "SELECT COUNT(*) FROM plugin_crash"));
	CU_ASSERT(stack_wait(&stack, "failed", "SELECT state FROM job ORDER BY id DESC LIMIT 1"));
	call(2, "abort");
	CU_ASSERT(stack_wait(&stack, "disabled", "SELECT state FROM plugin WHERE name = 'crash'"));
	CU_ASSERT(strstr(stack_value(&stack, "SELECT stopped FROM plugin WHERE name = 'crash'"),
					  "crashed 3 times within 5 minutes and was disabled; last eventd: event ") !=
			  NULL);
	CU_ASSERT_STRING_EQUAL(stack_value(&stack, "SELECT COUNT(*) FROM plugin_cursor"), "0");
	/* the journal goes on into the database all the while */
	uint64_t last = call(2, "g");
	char want[32];
	snprintf(want, sizeof(want), "%llu", (unsigned long long)last);
	CU_ASSERT(stack_wait(&stack, want, "SELECT seq FROM journal_position"));
	CU_ASSERT(handled("2:a 2:b 2:c 2:d 2:e 2:f"));
	/* enabled again it gets what comes from then on */
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	CU_ASSERT_EQUAL(admin("plugin enable crash"), 0);
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	call(2, "h");
	CU_ASSERT(handled("2:a 2:b 2:c 2:d 2:e 2:f 2:h"));
}

/* CRM-16: the area of the customer's number, of calls in and out, of each tenant that has it. */
static void areas(void)
{
	CU_ASSERT_EQUAL_FATAL(admin("plugin enable area"), 0);
	CU_ASSERT_EQUAL_FATAL(admin("plugin enable area --tenant demo"), 0);
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	call(2, "13800101234");
	call(2, "anonymous");
	call(2, "801");
	call(3, "13800101234");
	call(2, "053165551234");
	CU_ASSERT(stack_wait(&stack, "2:beijing:北京市:mobile 2:shandong:济南市:",
			"SELECT GROUP_CONCAT(tenant_id, ':', province, ':', city, ':', operator ORDER BY "
			"call_id "
			"SEPARATOR ' ') FROM area_call"));
	/* those from before, or of a time when it was disabled, by the job of the night */
	stack_sql(&stack,
			"INSERT INTO calls (tenant_id, id, started_at, direction, caller, callee) VALUES "
			"(2, UNHEX(CONCAT(LPAD(HEX(%lld), 12, '0'), REPEAT('7', 20))), 0, 'out', '801', "
			"'02065551234')",
			(long long)cc_clock_utc_ms());
	stack_sql(&stack, "INSERT INTO job (tenant_id, kind, created_at) VALUES (2, 'area.fill', 9)");
	CU_ASSERT(stack_wait(&stack, "1",
			"SELECT COUNT(*) FROM area_call WHERE province = 'guangdong' AND city_english = "
			"'Guangzhou'"));
	CU_ASSERT(stack_wait(&stack, "done", "SELECT state FROM job WHERE kind = 'area.fill'"));
}

int main(void)
{
	static CU_TestInfo tests[] = {{"each event once", each_once}, {"poison events", poison},
			{"database away", database_away}, {"jobs", jobs}, {"three crashes", three_times},
			{"areas of calls", areas}, CU_TEST_INFO_NULL};
	static CU_SuiteInfo suites[] = {
			{"plugin events", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
	return unit_run(suites);
}
