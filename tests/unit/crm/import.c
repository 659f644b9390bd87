/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-02 CRM-11 CRM-12 CRM-26 OUT-03: imports on a real database: what becomes a customer, what is
 * refused and why, duplicates, cancelling, undoing. CC_CRM_ROWS=500000 also times a large one. */
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "import.h"
#include "index.h"
#include "stack.h"
#include "unit.h"

static struct stack stack;
static struct cc_db *db;
static struct cc_arena *arena;
static struct cc_scope scope = {.tenant = 2, .user = 1, .agent = ""};
static struct package *package;
static struct import import;
static struct import_result result;
static char file[96], socket_path[128], *bad;
static size_t bad_len;

static int begin(void)
{
	struct cc_db_options options = {.socket = socket_path, .database = "tandem"};

	stack_start(&stack);
	snprintf(socket_path, sizeof(socket_path), "%s/sock/mysql.sock", stack.run);
	snprintf(file, sizeof(file), "%s/sheet.csv", stack.run);
	stack_sql(&stack, "INSERT INTO tenant (id, code, name, created_at) VALUES (2, 'demo', 'd', 0), "
					  "(3, 'other', 'o', 0)");
	/* packages 1 and 2: those that each tenant begins with */
	stack_sql(&stack, "INSERT INTO customer_package (tenant_id, id, code, name, created_at, "
					  "updated_at) VALUES (2, 3, 'vip', 'v', 0, 0)");
	stack_sql(&stack,
			"INSERT INTO customer_field (tenant_id, package_id, name, label, kind, slot, choices, "
			"is_unique, no_punctuation, position, created_at, updated_at) VALUES "
			"(2, 1, 'vip', '等级', 'choice', 'x01', '[\"金\",\"银\"]', 0, 0, 11, 0, 0), "
			"(2, 1, 'born', '生日', 'date', 'n01', NULL, 0, 0, 12, 0, 0), "
			"(2, 1, 'mobile2', '手机2', 'phone', 'x02', NULL, 0, 0, 13, 0, 0), "
			"(2, 1, 'card', '卡号', 'text', 'x03', NULL, 1, 1, 14, 0, 0), "
			"(2, 1, 'remark', '说明', 'lines', 't01', NULL, 0, 0, 15, 0, 0)");
	stack_sql(&stack,
			"INSERT INTO customer_field (tenant_id, package_id, name, label, kind, slot, choices, "
			"parent_id, position, created_at, updated_at) SELECT 2, 1, 'town', '市', 'linked', "
			"'x04', '{\"广东\":[\"广州\",\"中山\"],\"湖南\":[\"长沙\"],\"辽宁\":[\"中山\"]}', id, "
			"16, 0, 0 FROM customer_field WHERE tenant_id = 2 AND package_id = 1 AND name = "
			"'area'");
	stack_sql(&stack,
			"INSERT INTO agent (tenant_id, id, number, name, user_id, sip_ha1, "
			"phone_pin_hash, created_at, updated_at) VALUES (2, 5, '801', 'a', 1, '', '', 0, 0)");
	return cc_db_new(&db, &options);
}

static int end(void)
{
	cc_db_free(db);
	return stack_stop(&stack) ? 0 : 1;
}

static void write_file(const char *content)
{
	FILE *f = fopen(file, "w");

	fputs(content, f);
	fclose(f);
}

static const char *one(const char *sql)
{
	return stack_value(&stack, "%s", sql);
}

/* A new batch in the package for the columns with these names ("-": left out). */
static void prepare(int64_t id, const char *columns)
{
	char *names, *name;

	cc_arena_reset(arena);
	cc_db_use(db, arena, &scope);
	CU_ASSERT_EQUAL_FATAL(package_load(db, arena, id, &package), 0);
	stack_sql(&stack,
			"INSERT INTO customer_batch (tenant_id, package_id, name, state, created_at, "
			"updated_at) VALUES (%d, %d, 'b', 'running', 0, 0)",
			(int)scope.tenant, (int)package->id);
	import = (struct import){.scope = scope,
			.connection = {.socket = socket_path, .database = "tandem"},
			.arena = arena,
			.path = file,
			.package = package,
			.name = "b",
			.money = cc_money_plain,
			.agent_column = -1,
			.skip_first = true,
			.batch = strtoll(one("SELECT MAX(id) FROM customer_batch"), NULL, 10)};
	names = cc_strdup(arena, columns);
	while ((name = strsep(&names, ","))) {
		if (strcmp(name, "##AgentNo##") == 0)
			import.agent_column = (int)import.column_count;
		import.columns[import.column_count++] = package_field(package, name);
	}
}

static int run(void)
{
	int err;

	free(bad);
	import.bad = open_memstream(&bad, &bad_len);
	err = import_run(db, &import, &result);
	fclose(import.bad);
	if (err)
		fprintf(stderr, "\n%s %s %s\n", cc_err_name(err), cc_db_error(db), result.error);
	return err;
}

static void expect(uint64_t created, uint64_t changed, uint64_t skipped, uint64_t refused)
{
	CU_ASSERT_EQUAL(result.created, created);
	CU_ASSERT_EQUAL(result.changed, changed);
	CU_ASSERT_EQUAL(result.skipped, skipped);
	CU_ASSERT_EQUAL(result.bad, refused);
}

static void test_plain(void)
{
	prepare(0, "name,phone,sex,vip,born,mobile2,remark,##AgentNo##,-");
	CU_ASSERT_EQUAL(package->id, 1);
	write_file("姓名,电话,性别,等级,生日,手机2,说明,坐席,多余\n"
			   "张伟,013812345678,男,金,1990-02-28,13911112222,\"两\n行\",801,x\n"
			   "李娜,010-12345678,,,1985/1/2,,,,\n");
	import.strip_zero = true;
	CU_ASSERT_EQUAL(run(), 0);
	expect(2, 0, 0, 0);
	CU_ASSERT_STRING_EQUAL(
			one("SELECT CONCAT_WS('|', name, phone, phone_e164, sex, x01, "
				"n01, x02, t01, agent_id, package_id) FROM customer WHERE name = '张伟'"),
			"张伟|13812345678|8613812345678|male|金|19900228|13911112222|两\n行|5|1");
	CU_ASSERT_STRING_EQUAL(
			one("SELECT CONCAT_WS('|', phone, phone_e164, sex, n01) FROM customer WHERE "
				"name = '李娜'"),
			"1012345678|861012345678||19850102");
	CU_ASSERT_STRING_EQUAL(
			one("SELECT agent_id IS NULL AND assigned_at IS NULL AND x01 IS NULL FROM "
				"customer WHERE name = '李娜'"),
			"1");
	CU_ASSERT_STRING_EQUAL(
			one("SELECT GROUP_CONCAT(CONCAT_WS(' ', slot, IF(slot > 20, HEX(value), value), twin = "
				"0) "
				"ORDER BY slot, value) FROM customer_index i JOIN customer c ON c.tenant_id = "
				"i.tenant_id AND c.id = i.customer_id WHERE c.name = '张伟'"),
			"1 8613812345678 1,1 8613911112222 1,2 2222111193168 0,2 8765432183168 0,11 金 "
			"0,12 13911112222 0,21 80000000012FA744 0");
	CU_ASSERT_STRING_EQUAL(
			one("SELECT CONCAT_WS('|', state, rows_read, rows_new) FROM customer_batch"),
			"committed|2|2");
}

static void test_refused(void)
{
	prepare(0, "name,phone,email,vip,born,card");
	write_file("n,p,e,v,b,c\n"
			   "a,,,,,\n"
			   "b,12ab,,,,\n"
			   "c,13900000001,nobody,,,\n"
			   "d,13900000002,,铜,,\n"
			   "e,13900000003,,,2023-02-29,\n"
			   "f,13900000004,,,,\"a,b\"\n"
			   "g,13900000005,,,,,7\n"
			   "=h(),13900000006,a@b.cn,银,20240229,c1\n"
			   "'=i(),13900000007,,,,\n");
	CU_ASSERT_EQUAL(run(), 0);
	expect(2, 0, 0, 7);
	CU_ASSERT_STRING_EQUAL(bad,
			"Row,Reason,n,p,e,v,b,c\r\n"
			"2,Telephone number: This must be filled in.,a\r\n"
			"3,Telephone number: This is not a telephone number.,b,12ab\r\n"
			"4,E-mail: This is not an e-mail address.,c,13900000001,nobody\r\n"
			"5,等级: There is no such choice.,d,13900000002,,铜\r\n"
			"6,生日: This is not a date.,e,13900000003,,,2023-02-29\r\n"
			"7,卡号: Punctuation is not allowed here.,f,13900000004,,,,\"a,b\"\r\n"
			"8,There are more columns than in the heading.,g,13900000005,,,,,7\r\n");
	CU_ASSERT_STRING_EQUAL(one("SELECT name FROM customer WHERE phone = '13900000006'"), "=h()");
	CU_ASSERT_STRING_EQUAL(one("SELECT name FROM customer WHERE phone = '13900000007'"), "=i()");
	prepare(0, "name,phone,note");
	import.required[import.required_count++] = package_field(package, "note");
	write_file("n,p,m\nx,13900000008,\n");
	CU_ASSERT_EQUAL(run(), 0);
	expect(0, 0, 0, 1);
}

static void test_linked(void)
{
	prepare(0, "name,phone,area,town");
	write_file("n,p,a,t\n"
			   "a,13600000001,广东,广州\n"
			   "b,13600000002,湖南,广州\n"
			   "c,13600000003,,长沙\n"
			   "d,13600000004,湖南,\n"
			   "e,13600000005,辽宁,中山\n"
			   "f,13600000006,广东,中山\n"
			   "g,13600000007,湖南,中山\n");
	CU_ASSERT_EQUAL(run(), 0);
	expect(5, 0, 0, 2);
	CU_ASSERT_STRING_EQUAL(bad, "Row,Reason,n,p,a,t\r\n"
								"3,市: This choice does not belong to the one that decides "
								"it.,b,13600000002,湖南,广州\r\n"
								"8,市: This choice does not belong to the one that decides "
								"it.,g,13600000007,湖南,中山\r\n");
	/* nor to what a customer has that the file changes */
	prepare(0, "name,phone,town");
	import.duplicate = IMPORT_OVERWRITE;
	write_file("n,p,t\na,13600000001,长沙\nf,13600000006,广州\n");
	CU_ASSERT_EQUAL(run(), 0);
	expect(0, 1, 1, 0);
	CU_ASSERT_STRING_EQUAL(one("SELECT GROUP_CONCAT(x04 ORDER BY phone) FROM customer WHERE phone "
							   "IN ('13600000001', '13600000006')"),
			"广州,广州");
}

static void test_too_many(void)
{
	prepare(0, "name,phone");
	import.most = 2;
	write_file("n,p\na,13400000001\nb,13400000002\n");
	CU_ASSERT_EQUAL(run(), 0);
	expect(2, 0, 0, 0);
	prepare(0, "name,phone");
	import.most = 2;
	write_file("n,p\na,13400000003\nb,13400000004\nc,13400000005\n");
	CU_ASSERT_EQUAL(run(), CC_E_FULL);
	CU_ASSERT_STRING_EQUAL(
			result.problem.text, "The file has more rows than one import may have: divide it.");
	CU_ASSERT_EQUAL(result.problem.row, 4);
	CU_ASSERT_STRING_EQUAL(
			one("SELECT COUNT(*) FROM customer WHERE phone LIKE '1340000000%'"), "2");
}

static void test_duplicates(void)
{
	const char *content = "n,p,m,c\n"
						  "New,13800000100,,\n"
						  "Twin,+86 138-0000-0100,,\n" /* the same number, otherwise written */
						  "Old,13812345678,changed,\n" /* there since the first test */
						  "Second,13911112222,note,\n" /* the further number of that one */
						  "Card,13800000101,,c1\n";    /* unique field of another customer */

	write_file(content);
	prepare(0, "name,phone,note,card");
	CU_ASSERT_EQUAL(run(), 0);
	expect(1, 0, 4, 0);
	CU_ASSERT_STRING_EQUAL(one("SELECT note FROM customer WHERE phone = '13812345678'"), "");

	prepare(0, "name,phone,note,card");
	import.duplicate = IMPORT_OVERWRITE;
	write_file(
			"n,p,m,c\nOld,13812345678,changed,c2\nThief,13800000100,,c1\nTwin,13800000100,late,\n");
	CU_ASSERT_EQUAL(run(), 0);
	CU_ASSERT_STRING_EQUAL(
			one("SELECT CONCAT_WS('|', name, note, x03, sex) FROM customer WHERE phone = "
				"'13812345678'"),
			"Old|changed|c2|male");
	/* the last row of a customer wins; c1 stays where it is */
	CU_ASSERT_STRING_EQUAL(
			one("SELECT CONCAT_WS('|', name, note, x03) FROM customer WHERE phone = '13800000100'"),
			"Twin|late");
	CU_ASSERT_STRING_EQUAL(one("SELECT COUNT(*) FROM customer_change"), "0");

	uint64_t kept;

	CU_ASSERT_EQUAL(import_undo(db, &scope, arena, package, import.batch, &kept), 0);
	CU_ASSERT_EQUAL(kept, 0);
	CU_ASSERT_STRING_EQUAL(
			one("SELECT CONCAT_WS('|', name, note, x03 IS NULL) FROM customer WHERE phone = "
				"'13812345678'"),
			"张伟||1");
	CU_ASSERT_STRING_EQUAL(one("SELECT name FROM customer WHERE phone = '13800000100'"), "New");
	CU_ASSERT_EQUAL(import_undo(db, &scope, arena, package, import.batch, &kept), CC_E_STATE);
	/* the claim of the card is free again */
	prepare(0, "name,phone,card");
	write_file("n,p,c\nCard,13800000102,c2\n");
	CU_ASSERT_EQUAL(run(), 0);
	expect(1, 0, 0, 0);
}

static const char *listed(void)
{
	return one(
			"SELECT GROUP_CONCAT(c.phone, ':', x.task_id, ':', COALESCE(x.agent_id, '-') ORDER BY "
			"c.phone) FROM call_task_customer x JOIN customer c ON c.tenant_id = x.tenant_id AND "
			"c.id = x.customer_id WHERE x.tenant_id = 2");
}

static void list(bool fresh, bool duplicates, enum import_duplicate policy)
{
	prepare(0, "name,phone,##AgentNo##");
	import.task = 71;
	import.list_new = fresh;
	import.list_duplicates = duplicates;
	import.duplicate = policy;
}

/* OUT-03: new customers, duplicates or both get into the call task, together with the batch. */
static void test_call_task(void)
{
	uint64_t kept;
	int64_t first;

	stack_sql(&stack,
			"INSERT INTO call_task (tenant_id, id, name, package_id, group_id, created_at, "
			"updated_at) VALUES (2, 71, 'a', 1, 1, 0, 0), (2, 72, 'b', 1, 1, 0, 0)");
	write_file("n,p,a\nA,13800000301,\n");
	list(true, false, IMPORT_SKIP);
	CU_ASSERT_EQUAL(run(), 0);
	CU_ASSERT_STRING_EQUAL(listed(), "13800000301:71:-");
	first = import.batch;
	/* a duplicate, which is in a task already, and one that is not; a new one twice */
	write_file("n,p,a\nA,13800000301,\nB,13800000302,801\n");
	list(false, false, IMPORT_SKIP);
	CU_ASSERT_EQUAL(run(), 0);
	write_file("n,p,a\nA,13800000301,\nB,13800000302,\nC,13800000303,\nC2,13800000303,\n");
	list(false, true, IMPORT_SKIP);
	CU_ASSERT_EQUAL(run(), 0);
	expect(1, 0, 3, 0);
	CU_ASSERT_STRING_EQUAL(listed(),
			"13800000301:71:-,13800000302:71:5,13800000303:71:-"); /* C by its second row */
	CU_ASSERT_STRING_EQUAL(one("SELECT COUNT(*) FROM customer_change"), "0");
	CU_ASSERT_STRING_EQUAL(one("SELECT COUNT(*) FROM customer_before b JOIN customer_batch k ON "
							   "k.id = b.batch_id WHERE k.state = 'committed' AND b.value = '{}'"),
			"0");
	/* undone: what it put there goes, but not who was called since */
	stack_sql(&stack, "UPDATE call_task_customer x JOIN customer c ON c.id = x.customer_id SET "
					  "x.attempts = 1 WHERE c.phone = '13800000302'");
	CU_ASSERT_EQUAL(import_undo(db, &scope, arena, package, import.batch, &kept), 0);
	CU_ASSERT_STRING_EQUAL(listed(), "13800000301:71:-,13800000302:71:5");
	CU_ASSERT_STRING_EQUAL(one("SELECT COUNT(*) FROM call_task_customer WHERE batch_id > 0"), "1");
	/* changed and listed at once; the other task keeps whom it has */
	stack_sql(&stack, "UPDATE call_task_customer SET task_id = 72 WHERE attempts = 1");
	write_file("n,p,a\nAA,13800000301,\nBB,13800000302,\nDD,13800000304,\n");
	list(true, true, IMPORT_OVERWRITE);
	CU_ASSERT_EQUAL(run(), 0);
	expect(1, 2, 0, 0);
	CU_ASSERT_STRING_EQUAL(listed(), "13800000301:71:-,13800000302:72:5,13800000304:71:-");
	CU_ASSERT_EQUAL(import_undo(db, &scope, arena, package, import.batch, &kept), 0);
	CU_ASSERT_EQUAL(import_undo(db, &scope, arena, package, first, &kept), 0);
	CU_ASSERT_STRING_EQUAL(listed(), "13800000302:72:5");
}

static void many(FILE *f, long rows)
{
	fputs("n,p,v,b,c\n", f);
	for (long i = 0; i < rows; i++)
		fprintf(f, "客户%ld,137%08ld,金,1990-01-01,k%ld\n", i, i, i);
}

static int cancel_late(void *ctx, uint64_t rows)
{
	/* nobody sees what is not committed; a list asks like this */
	CU_ASSERT_STRING_EQUAL(
			one("SELECT COUNT(*) FROM customer t WHERE tenant_id = 2 AND phone LIKE '137%' "
				"AND t.batch_id NOT IN (SELECT id FROM customer_batch "
				"WHERE tenant_id = 2 AND hidden = 1)"),
			"0");
	return rows >= 1500;
}

static void test_cancelled(void)
{
	FILE *f = fopen(file, "w");

	many(f, 3000);
	fclose(f);
	prepare(0, "name,phone,vip,born,card");
	import.progress = cancel_late;
	import.task = 71;
	import.list_new = true;
	CU_ASSERT_EQUAL(run(), CC_E_STATE);
	CU_ASSERT_STRING_EQUAL(one("SELECT COUNT(*) FROM customer WHERE phone LIKE '137%'"), "0");
	CU_ASSERT_STRING_EQUAL(
			one("SELECT COUNT(*) FROM call_task_customer x LEFT JOIN customer c ON c.tenant_id = "
				"x.tenant_id AND c.id = x.customer_id WHERE c.id IS NULL OR c.phone LIKE '137%'"),
			"0");
	/* and nothing is taken: the same file goes in afterwards, and out again */
	prepare(0, "name,phone,vip,born,card");
	CU_ASSERT_EQUAL(run(), 0);
	expect(3000, 0, 0, 0);
	stack_sql(&stack,
			"UPDATE customer SET note = 'called', updated_at = updated_at + 100000 WHERE phone = "
			"'13700000007'");

	uint64_t kept;

	CU_ASSERT_EQUAL(import_undo(db, &scope, arena, package, import.batch, &kept), 0);
	CU_ASSERT_EQUAL(kept, 1);
	CU_ASSERT_STRING_EQUAL(
			one("SELECT GROUP_CONCAT(phone) FROM customer WHERE phone LIKE '137%'"), "13700000007");
	CU_ASSERT_STRING_EQUAL(one("SELECT COUNT(*) FROM customer_index k LEFT JOIN customer c ON "
							   "c.tenant_id = k.tenant_id "
							   "AND c.id = k.customer_id WHERE c.id IS NULL"),
			"0");
}

static void test_broken_file(void)
{
	prepare(0, "name,phone");
	write_file("n,p\na,13500000001\nb,\"13500000002\n");
	CU_ASSERT_EQUAL(run(), CC_E_INVAL);
	CU_ASSERT_STRING_EQUAL(result.problem.text, "A quotation mark is not closed.");
	CU_ASSERT_STRING_EQUAL(one("SELECT COUNT(*) FROM customer WHERE phone LIKE '135%'"), "0");
}

static void test_apart(void)
{
	/* packages and tenants do not know each other's numbers */
	write_file("n,p\na,13812345678\n");
	prepare(3, "name,phone");
	CU_ASSERT_EQUAL(run(), 0);
	expect(1, 0, 0, 0);
	scope.tenant = 3;
	prepare(0, "name,phone");
	CU_ASSERT_EQUAL(run(), 0);
	expect(1, 0, 0, 0);
	CU_ASSERT_EQUAL(package_load(db, arena, 1, &package), CC_E_NOENT);
	scope.tenant = 2;
}

/* ---- parts of numbers and names ---- */

/* Names of the customers that have it, newest first. */
static const char *found(int slot, enum index_part part, const char *text)
{
	int64_t ids[5];
	size_t count = 0;
	struct cc_buf names = cc_buf_new(arena);

	CU_ASSERT_EQUAL(index_search(db, package->id, slot, part, (struct cc_bytes){text, strlen(text)},
							ids, 5, &count),
			0);
	for (size_t i = 0; i < count; i++)
		cc_buf_printf(&names, "%s%s", i ? " " : "",
				stack_value(
						&stack, "SELECT name FROM customer WHERE id = %lld", (long long)ids[i]));
	return cc_buf_text(&names);
}

static void test_parts(void)
{
	uint64_t kept;

	write_file(
			"n,p\n张伟,13812340001\nZoë Smith,13812340002\n张三丰,02188881234\n李张,13500001234\n"
			"@A王,13500005678\n");
	prepare(3, "name,phone");
	CU_ASSERT_EQUAL(run(), 0);
	CU_ASSERT_STRING_EQUAL(found(INDEX_NAME, INDEX_ANYWHERE, "张"), "李张 张三丰 张伟");
	CU_ASSERT_STRING_EQUAL(found(INDEX_NAME, INDEX_BEGIN, "张"), "张三丰 张伟");
	CU_ASSERT_STRING_EQUAL(found(INDEX_NAME, INDEX_END, "张"), "李张");
	CU_ASSERT_STRING_EQUAL(found(INDEX_NAME, INDEX_ANYWHERE, "smith"), "Zoë Smith");
	/* the two characters that say whose a name is are no part of it */
	CU_ASSERT_STRING_EQUAL(found(INDEX_NAME, INDEX_ANYWHERE, "@"), "@A王");
	CU_ASSERT_STRING_EQUAL(found(INDEX_NAME, INDEX_ANYWHERE, "三丰李"), "");
	CU_ASSERT_STRING_EQUAL(
			found(INDEX_NUMBER, INDEX_ANYWHERE, "1234"), "李张 张三丰 Zoë Smith 张伟 a");
	CU_ASSERT_STRING_EQUAL(found(INDEX_NUMBER, INDEX_END, "1234"), "李张 张三丰");
	CU_ASSERT_STRING_EQUAL(found(INDEX_NUMBER, INDEX_ANYWHERE, "张"), "");
	CU_ASSERT_STRING_EQUAL(found(INDEX_NUMBER, INDEX_ANYWHERE, "99999"), "");
	/* what is there before the table is made gets the same form (db/crm/0030_customer_text.sql) */
	CU_ASSERT_STRING_EQUAL(
			one("SELECT t.body = (SELECT GROUP_CONCAT(CHAR(1, 64 + (customer_id MOD 1024) DIV 32, "
				"64 + "
				"customer_id MOD 32), value, CHAR(2) ORDER BY customer_id SEPARATOR '') FROM "
				"customer_index WHERE tenant_id = 2 AND package_id = 3 AND slot = 1) FROM "
				"customer_text "
				"t WHERE tenant_id = 2 AND package_id = 3 AND slot = 1"),
			"1");

	prepare(3, "name,phone");
	import.duplicate = IMPORT_OVERWRITE;
	write_file("n,p\n王伟,13812340001\n");
	CU_ASSERT_EQUAL(run(), 0);
	CU_ASSERT_STRING_EQUAL(found(INDEX_NAME, INDEX_ANYWHERE, "伟"), "王伟");
	CU_ASSERT_STRING_EQUAL(found(INDEX_NAME, INDEX_BEGIN, "张"), "张三丰");
	CU_ASSERT_EQUAL(import_undo(db, &scope, arena, package, import.batch, &kept), 0);
	cc_db_use(db, arena, &scope);
	CU_ASSERT_STRING_EQUAL(found(INDEX_NAME, INDEX_ANYWHERE, "伟"), "张伟");
	/* other texts, each field by itself */
	const int city = INDEX_WORDS + 1, vip = INDEX_WORDS + 4;

	prepare(0, "name,phone,city,vip");
	write_file("n,p,c,v\n甲,13333330001,Yantian District,金\n乙,13333330002,盐田区,\n");
	CU_ASSERT_EQUAL(run(), 0);
	CU_ASSERT_EQUAL(index_words(package_field(package, "city")), city);
	CU_ASSERT_EQUAL(index_words(package_field(package, "vip")), vip);
	CU_ASSERT_EQUAL(index_words(package_field(package, "mobile2")), 0);
	CU_ASSERT_STRING_EQUAL(found(city, INDEX_ANYWHERE, "tian d"), "甲");
	CU_ASSERT_STRING_EQUAL(found(city, INDEX_ANYWHERE, "田"), "乙");
	CU_ASSERT_STRING_EQUAL(found(vip, INDEX_ANYWHERE, "田"), "");
	CU_ASSERT_EQUAL(import_undo(db, &scope, arena, package, import.batch, &kept), 0);
	cc_db_use(db, arena, &scope);
	CU_ASSERT_STRING_EQUAL(found(city, INDEX_ANYWHERE, "田"), "");
	CU_ASSERT_STRING_EQUAL(
			one("SELECT COUNT(*) FROM customer_text t JOIN customer_package p ON p.tenant_id = "
				"t.tenant_id AND p.id = t.package_id WHERE t.body = ''"),
			"0");
}

static void test_large(void)
{
	const char *rows = getenv("CC_CRM_ROWS");
	FILE *f = fopen(file, "w");
	long n = rows ? atol(rows) : 5000;
	struct timespec a, b;
	struct rusage usage;

	many(f, n);
	fclose(f);
	if (rows) { /* as in etc/mariadb */
		stack_sql(&stack, "SET GLOBAL innodb_buffer_pool_size = 2147483648");
		stack_sql(&stack, "SET GLOBAL innodb_log_file_size = 536870912");
	}
	stack_sql(&stack, "DELETE FROM customer WHERE phone LIKE '137%%'");
	stack_sql(&stack, "DELETE FROM customer_index");
	stack_sql(&stack, "DELETE FROM customer_text");
	prepare(0, "name,phone,vip,born,card");
	clock_gettime(CLOCK_MONOTONIC, &a);
	CU_ASSERT_EQUAL(run(), 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	expect((uint64_t)n, 0, 0, 0);
	getrusage(RUSAGE_SELF, &usage);
	if (rows)
		printf("%ld rows in %.1f s, %ld KB ", n,
				(double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9,
				usage.ru_maxrss);
#if !defined(__SANITIZE_ADDRESS__) &&                                                              \
		!defined(__SANITIZE_THREAD__) /* which need more by themselves */
	CU_ASSERT(usage.ru_maxrss < 64 * 1024);
#endif
	CU_ASSERT_STRING_EQUAL(
			one("SELECT COUNT(*) FROM customer c JOIN customer_index k ON k.tenant_id = "
				"c.tenant_id AND "
				"k.customer_id = c.id WHERE c.phone = '13700004999' AND c.x03 = 'k4999'"),
			"5");
}

int main(void)
{
	CU_TestInfo tests[] = {{"plain", test_plain}, {"refused rows", test_refused},
			{"linked choices", test_linked}, {"too many rows", test_too_many},
			{"duplicates", test_duplicates}, {"into a call task", test_call_task},
			{"cancelled and undone", test_cancelled}, {"broken file", test_broken_file},
			{"apart", test_apart}, {"parts", test_parts}, {"large", test_large}, CU_TEST_INFO_NULL};
	CU_SuiteInfo suites[] = {{.pName = "import", .pTests = tests}, CU_SUITE_INFO_NULL};
	int failed;

	arena = cc_arena_new();
	if (begin() != 0)
		return 2;
	failed = unit_run(suites);
	cc_arena_free(arena);
	return end() || failed;
}
