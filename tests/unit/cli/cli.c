/* SPDX-License-Identifier: GPL-2.0-or-later
 * cc-admin as a program: settings, templates, migrations that stop in the middle, people. */
#include "stack.h"
#include "unit.h"

#include <stdarg.h>
#include <sys/stat.h>
#include "cc/err.h"
#include "sql.h"

static struct stack stack;
static char output[65536];

static int begin(void)
{
	char text[400];

	stack_start(&stack);
	/* the schema of stack_start is in the database tandem; migrations get one of their own */
	stack_sql(&stack, "CREATE DATABASE migrated CHARACTER SET utf8mb4");
	snprintf(text, sizeof(text), "cp %s %s/m.conf && echo CC_DB_NAME = migrated >>%s/m.conf",
			stack.settings, stack.run, stack.run);
	return system(text);
}

static int end(void)
{
	return stack_stop(&stack) ? 0 : 1;
}

/* Runs cc-admin with the words (a shell's); returns the exit code, output is in `output`. */
__attribute__((format(printf, 1, 2))) static int admin(const char *format, ...)
{
	char program[200], words[1000], command[1400];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 20);
	va_list args;
	FILE *f;
	size_t got;

	CU_ASSERT_FATAL(n > 0);
	program[n] = '\0';
	strcpy(strrchr(program, '/') + 1, "cc-admin");
	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	snprintf(command, sizeof(command), "%s %s 2>&1", program, words);
	f = popen(command, "r");
	CU_ASSERT_FATAL(f != NULL);
	got = fread(output, 1, sizeof(output) - 1, f);
	output[got] = '\0';
	n = pclose(f);
	return WIFEXITED(n) ? WEXITSTATUS(n) : -1;
}

static void put(const char *name, const char *text)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", stack.run, name);
	f = fopen(path, "w");
	CU_ASSERT_FATAL(f != NULL);
	fputs(text, f);
	fclose(f);
}

static void statements(void)
{
	static const char text[] =
			"-- one; two\n"
			"CREATE TABLE a (b INT); /* not; this */\n"
			"INSERT INTO a VALUES ('x;''y\\';', \"q;\", `c;d`) -- tail; here\n;\n"
			"  \n-- end\n";
	struct sql_statement st;
	const char *p = text;
	int line = 1;

	CU_ASSERT_EQUAL(sql_next(&p, &line, &st), 1);
	CU_ASSERT_EQUAL(st.line, 2);
	CU_ASSERT_EQUAL(st.len, strlen("CREATE TABLE a (b INT)"));
	CU_ASSERT(!sql_is_change(&st));
	CU_ASSERT_EQUAL(sql_next(&p, &line, &st), 1);
	CU_ASSERT_EQUAL(st.line, 3);
	CU_ASSERT(sql_is_change(&st));
	CU_ASSERT_EQUAL(sql_next(&p, &line, &st), 0);
	for (size_t i = 0; i < 5; i++) {
		static const char *const bad[] = {
				"SELECT 'x", "SELECT 1", "/* x", "SELECT `a;", "SELECT \"\\\";"};

		p = bad[i];
		line = 1;
		CU_ASSERT_EQUAL(sql_next(&p, &line, &st), CC_E_INVAL);
	}
}

static void settings(void)
{
	put("good.conf", "# a comment\nCC_WEB_PORT = 81\n");
	put("unknown.conf", "CC_WEB_PORT = 81\nCC_NONSENSE = 1\n");
	put("kind.conf", "CC_WEB_PORT = eighty\n");
	CU_ASSERT_EQUAL(admin("settings %s/good.conf", stack.run), 0);
	CU_ASSERT(strstr(output, "CC_WEB_PORT = 81\n") != NULL);
	CU_ASSERT(strstr(output, "CC_SIP_PORT = 5060\n") != NULL);
	CU_ASSERT_EQUAL(admin("settings %s/unknown.conf", stack.run), 1);
	CU_ASSERT(strstr(output, "unknown.conf:2") && strstr(output, "CC_NONSENSE"));
	CU_ASSERT_EQUAL(admin("settings %s/kind.conf", stack.run), 1);
	CU_ASSERT(strstr(output, "kind.conf:1") && strstr(output, "CC_WEB_PORT"));
	setenv("CC_SIP_PROT", "5070", 1);
	CU_ASSERT_EQUAL(admin("settings"), 1);
	CU_ASSERT(strstr(output, "CC_SIP_PROT") != NULL);
	unsetenv("CC_SIP_PROT");
	CU_ASSERT_EQUAL(admin("settings %s/none.conf", stack.run), 1);
}

static void templates(void)
{
	char path[200];
	struct stat before, after;

	put("in", "a@b port @CC_SIP_PORT@ ping@@CC_LISTEN@ @lower@\n");
	CU_ASSERT_EQUAL(admin("-c %s render %s/in %s/out", stack.settings, stack.run, stack.run), 0);
	snprintf(path, sizeof(path), "%s/out", stack.run);
	CU_ASSERT_EQUAL(stat(path, &before), 0);
	snprintf(output, sizeof(output), "cat %s", path);
	CU_ASSERT_EQUAL(admin("get 2>/dev/null; cat %s", path), 0);
	CU_ASSERT(strstr(output, "a@b port 5060 ping@127.0.0.1 @lower@\n") != NULL);
	CU_ASSERT_EQUAL(admin("-c %s render %s/in %s/out", stack.settings, stack.run, stack.run), 0);
	CU_ASSERT_EQUAL(stat(path, &after), 0);
	CU_ASSERT_EQUAL(before.st_ino, after.st_ino); /* an equal file is left alone */
	put("in", "x\n@CC_NONSENSE@\n");
	CU_ASSERT_EQUAL(admin("-c %s render %s/in %s/out", stack.settings, stack.run, stack.run), 1);
	CU_ASSERT(strstr(output, "in:2: unknown setting CC_NONSENSE") != NULL);
}

static int migrate(void)
{
	return admin("-c %s/m.conf migrate %s/tree", stack.run, stack.run);
}

static const char *rows(const char *what)
{
	return stack_value(&stack, "SELECT %s", what);
}

static void migrations(void)
{
	char command[300];

	snprintf(command, sizeof(command), "mkdir -p %s/tree/db/core %s/tree/db/calls %s/tree/db/abc",
			stack.run, stack.run, stack.run);
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
	put("tree/db/core/0001_a.sql",
			"CREATE TABLE a (id INT PRIMARY KEY);\nINSERT INTO a VALUES (1);\n");
	put("tree/db/calls/0001_b.sql", "INSERT INTO a VALUES (2);\n"); /* needs core */
	put("tree/db/abc/0001_c.sql", "INSERT INTO a VALUES (3);\nCREATE TABLE c (id INT);\nINSERT "
								  "INTO nowhere VALUES (1);\n");
	CU_ASSERT_EQUAL(migrate(), 1);
	CU_ASSERT(strstr(output, "0001_c.sql:3") && strstr(output, "nowhere"));
	CU_ASSERT_STRING_EQUAL(rows("GROUP_CONCAT(id ORDER BY id) FROM migrated.a"), "1,2,3");
	CU_ASSERT_STRING_EQUAL(
			rows("steps FROM migrated.schema_migration WHERE component = 'abc'"), "2");

	/* the failing statement may be mended, those done may not */
	put("tree/db/abc/0001_c.sql",
			"INSERT INTO a VALUES (4);\nCREATE TABLE c (id INT);\nINSERT INTO a VALUES (5);\n");
	CU_ASSERT_EQUAL(migrate(), 1);
	CU_ASSERT(strstr(output, "changed after it was applied") != NULL);
	put("tree/db/abc/0001_c.sql", "-- mended\nINSERT INTO a VALUES (3);\nCREATE TABLE c (id "
								  "INT);\nINSERT INTO a VALUES (5);\n");
	CU_ASSERT_EQUAL(migrate(), 0);
	CU_ASSERT_STRING_EQUAL(rows("GROUP_CONCAT(id ORDER BY id) FROM migrated.a"), "1,2,3,5");
	CU_ASSERT_EQUAL(migrate(), 0);
	CU_ASSERT(strstr(output, "nothing to do") != NULL);

	/* died between a table and its record: the table is there already */
	put("tree/db/core/0002_d.sql", "CREATE TABLE d (id INT);\nINSERT INTO a VALUES (6);\n");
	stack_sql(&stack, "CREATE TABLE migrated.d (id INT)");
	CU_ASSERT_EQUAL(migrate(), 1); /* somebody else's table is not taken for ours */
	stack_sql(&stack, "UPDATE migrated.schema_migration SET running = 1 WHERE name = '0002_d.sql'");
	CU_ASSERT_EQUAL(migrate(), 0);
	CU_ASSERT_STRING_EQUAL(rows("COUNT(*) FROM migrated.a WHERE id = 6"), "1");

	/* statements added to a file that is complete; a file that this program does not know */
	put("tree/db/core/0002_d.sql",
			"CREATE TABLE d (id INT);\nINSERT INTO a VALUES (6);\nINSERT INTO a VALUES (7);\n");
	CU_ASSERT_EQUAL(migrate(), 1);
	CU_ASSERT(strstr(output, "more statements") != NULL);
	snprintf(command, sizeof(command), "rm %s/tree/db/core/0002_d.sql", stack.run);
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
	CU_ASSERT_EQUAL(migrate(), 1);
	CU_ASSERT(strstr(output, "the database is newer than this program") != NULL);
}

static void demo(void)
{
	char command[300];

	CU_ASSERT_EQUAL(admin("-c %s secret", stack.settings), 0);
	CU_ASSERT_EQUAL(admin("-c %s demo load", stack.settings), 0);
	CU_ASSERT_STRING_EQUAL(
			rows("COUNT(*) FROM customer c JOIN tenant t ON t.id = c.tenant_id AND t.code = 'demo' "
				 "WHERE phone LIKE '1380000____' AND phone_e164 LIKE '861380000____'"),
			"1000");
	CU_ASSERT_STRING_EQUAL(rows("COUNT(DISTINCT phone) FROM customer"), "1010");
	CU_ASSERT_STRING_EQUAL(rows("sip_ha1 = MD5('801:demo:sip-801') FROM agent a JOIN tenant t ON "
								"t.id = a.tenant_id "
								"WHERE number = '801' AND t.code = 'demo'"),
			"1");
	CU_ASSERT_STRING_EQUAL(rows("phone_pin_hash = MD5('pin:801:demo:801801') FROM agent a JOIN "
								"tenant t ON t.id = a.tenant_id "
								"WHERE number = '801' AND t.code = 'demo'"),
			"1");
	CU_ASSERT_STRING_EQUAL(
			rows("GROUP_CONCAT(CONCAT(g.number, ':', a.number, IF(m.leader, 'L', '')) ORDER BY 1) "
				 "FROM agent_group_member m JOIN agent_group g ON g.id = m.group_id "
				 "JOIN agent a ON a.id = m.agent_id JOIN tenant t ON t.id = m.tenant_id "
				 "WHERE t.code = 'demo' AND g.number = '601'"),
			"601:806L,601:807,601:808,601:809,601:810");
	CU_ASSERT_STRING_EQUAL(rows("COUNT(*) FROM trunk_grant g JOIN trunk t ON t.id = g.trunk_id "
								"WHERE t.address = '127.0.0.2' AND t.port = 5060"),
			"2");
	CU_ASSERT_EQUAL(admin("-c %s demo load", stack.settings), 1); /* not twice */
	CU_ASSERT(strstr(output, "empty database") != NULL);
	CU_ASSERT_EQUAL(admin("-c %s demo fit", stack.settings), 0);
	put("open.conf", "CC_LISTEN = 192.0.2.1\nCC_DB_USER = root\n");
	snprintf(command, sizeof(command), "echo CC_RUN = %s >>%s/open.conf", stack.run, stack.run);
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
	CU_ASSERT_EQUAL(admin("-c %s/open.conf demo fit", stack.run), 1);
	CU_ASSERT(strstr(output, "loopback") != NULL);
}

static void people(void)
{
	CU_ASSERT_EQUAL(admin("-c %s tenant create Bad! name --generate", stack.settings), 1);
	CU_ASSERT_EQUAL(
			admin("-c %s tenant create third 'Third tenant' --generate", stack.settings), 0);
	CU_ASSERT_EQUAL(
			admin("-c %s tenant create third 'Third tenant' --generate", stack.settings), 1);
	CU_ASSERT_EQUAL(admin("-c %s agent create third 0801 Zero", stack.settings), 1);
	CU_ASSERT_EQUAL(admin("-c %s agent create third 801 Ann", stack.settings), 0);
	CU_ASSERT(strstr(output, "SIP password: ") != NULL);
	CU_ASSERT_EQUAL(admin("-c %s agent list third", stack.settings), 0);
	CU_ASSERT(strstr(output, "Ann") != NULL);
	CU_ASSERT_EQUAL(admin("-c %s agent list fourth", stack.settings), 1);
	CU_ASSERT_EQUAL(admin("-c %s tenant disable third", stack.settings), 0);
	CU_ASSERT_STRING_EQUAL(rows("state FROM tenant WHERE code = 'third'"), "suspended");
	CU_ASSERT_EQUAL(admin("-c %s tenant enable third", stack.settings), 0);
	stack_sql(&stack, "INSERT INTO sign_in_failure VALUES ('third', 'admin', '', 9, 1, 1)");
	CU_ASSERT_EQUAL(admin("-c %s user reset-password third admin </dev/null", stack.settings), 1);
	CU_ASSERT_EQUAL(admin("-c %s user reset-password third nobody --generate", stack.settings), 1);
	CU_ASSERT_EQUAL(admin("-c %s user reset-password third admin --generate", stack.settings), 0);
	CU_ASSERT_STRING_EQUAL(rows("COUNT(*) FROM sign_in_failure WHERE tenant_code = 'third'"), "0");
}

static void usage(void)
{
	CU_ASSERT_EQUAL(admin("--help"), 0);
	CU_ASSERT(strstr(output, "tenant create CODE NAME") != NULL);
	CU_ASSERT_EQUAL(admin("nonsense"), 2);
	CU_ASSERT_EQUAL(admin("tenant create onlyone"), 2);
	CU_ASSERT_EQUAL(admin("status --wait soon"), 2);
	CU_ASSERT_EQUAL(admin("-c %s rpc cc.ping '[1]'", stack.settings), 1);
	CU_ASSERT_EQUAL(admin("-c %s rpc cc.ping", stack.settings), 1); /* no engine here */
	CU_ASSERT(strstr(output, "does not answer") != NULL);
}

int main(void)
{
	CU_TestInfo tests[] = {
			{"statements of a file", statements},
			{"settings name file and line", settings},
			{"templates", templates},
			{"migrations", migrations},
			{"demo data", demo},
			{"tenants, users, agents", people},
			{"usage and exit codes", usage},
			CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {{"cc-admin", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

	return unit_run(suites);
}
