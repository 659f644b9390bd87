/* SPDX-License-Identifier: GPL-2.0-or-later
 * The demo data: two small call centres that documentation, tests and a first look share. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/number.h"

#define TRUNK "demo-trunk"
#define CARRIER "127.0.0.2" /* calls from there are inbound, outbound calls go there */

static const struct tenant
{
	const char *code, *name, *admin_password, *api_key, *mobile;
	int customers;
} tenants[] = {
		{"demo", "企业测试", "demo-admin", "demo-api-key", "13800000", 1000},
		{"other", "对照企业", "other-admin", "other-api-key", "13800009", 10},
};

static const struct agent
{
	const char *tenant, *number, *name, *web_password, *sip_password, *phone_password;
	const char *group;
	bool leader;
} agents[] = {
		{"demo", "801", "王芳", "demo-801", "sip-801", "801801", "600", true},
		{"demo", "802", "李伟", "demo-802", "sip-802", "802802", "600", false},
		{"demo", "803", "张敏", "demo-803", "sip-803", "803803", "600", false},
		{"demo", "804", "刘洋", "demo-804", "sip-804", "804804", "600", false},
		{"demo", "805", "陈静", "demo-805", "sip-805", "805805", "600", false},
		{"demo", "806", "杨磊", "demo-806", "sip-806", "806806", "601", true},
		{"demo", "807", "赵丽", "demo-807", "sip-807", "807807", "601", false},
		{"demo", "808", "黄强", "demo-808", "sip-808", "808808", "601", false},
		{"demo", "809", "周婷", "demo-809", "sip-809", "809809", "601", false},
		{"demo", "810", "吴涛", "demo-810", "sip-810", "810810", "601", false},
		{"other", "801", "孙悦", "other-801", "sip-other-801", "801801", "600", true},
		{"other", "802", "朱军", "other-802", "sip-other-802", "802802", "600", false},
};

static const struct group
{
	const char *tenant, *number, *name;
} groups[] = {
		{"demo", "600", "销售 Sales"},
		{"demo", "601", "客服 Support"},
		{"other", "600", "销售 Sales"},
};

static const struct did
{
	const char *tenant, *number, *kind, *target;
} dids[] = {
		{"demo", "4008001", "queue", "600"},
		{"demo", "4008002", "ivr", "7000"},
		{"demo", "4008003", "queue", "601"},
		{"other", "4009001", "queue", "600"},
};

#define FOR_EACH(item, table)                                                                      \
	for (size_t i_ = 0; i_ < sizeof(table) / sizeof(table[0]) && ((item) = &(table)[i_]); i_++)

static int add_platform(struct cli *cli, int64_t *reseller)
{
	int err = people_platform_roles(cli);

	if (!err)
		err = people_user_create(
				cli, "operator", "平台运营", "operator", "operator", "demo-operator", false);
	if (!err)
		err = people_user_create(
				cli, "reseller", "代理商", "reseller", "reseller", "demo-reseller", false);
	if (!err)
		*reseller = cc_db_insert_id(cli->db);
	if (!err)
		err = cli_db_check(cli,
				cc_db_exec(cli->db,
						"INSERT INTO trunk (tenant_id, name, address, port) VALUES ({tenant}, ?, "
						"?, ?)",
						TRUNK, CARRIER, cc_settings_int(cli->settings, "CC_SIP_PORT")),
				TRUNK);
	return err;
}

static int add_agent(struct cli *cli, const struct agent *a, int position)
{
	int err = people_agent_create(
			cli, a->number, a->name, a->web_password, a->sip_password, a->phone_password, false);

	if (!err && a->leader)
		err = cli_db_check(cli,
				cc_db_exec(cli->db,
						"UPDATE user SET role_id = (SELECT r.id FROM role r WHERE r.tenant_id = "
						"{tenant} "
						"AND r.code = 'leader') WHERE tenant_id = {tenant} AND username = ?",
						a->number),
				a->number);
	if (!err)
		err = cli_db_check(cli,
				cc_db_exec(cli->db,
						"INSERT INTO agent_group_member (tenant_id, group_id, agent_id, slot, "
						"leader, "
						"position) "
						"SELECT a.tenant_id, g.id, a.id, 1, ?, ? FROM agent a "
						"JOIN agent_group g ON g.tenant_id = a.tenant_id AND g.number = ? "
						"WHERE a.tenant_id = {tenant} AND a.number = ?",
						(int)a->leader, position, a->group, a->number),
				a->number);
	return err;
}

/* What customers are searched by (apps/crm/src/index.h). */
static int index_customers(struct cli *cli)
{
	int err = cc_db_exec(cli->db,
			"INSERT INTO customer_index (tenant_id, package_id, slot, value, twin, customer_id) "
			"SELECT tenant_id, package_id, 1, phone_e164, 0, id FROM customer WHERE tenant_id = "
			"{tenant} UNION ALL SELECT tenant_id, package_id, 2, REVERSE(phone_e164), id, id FROM "
			"customer WHERE tenant_id = {tenant}");

	if (!err)
		err = cc_db_exec(cli->db,
				"INSERT INTO customer_text (tenant_id, package_id, slot, block, body) SELECT "
				"tenant_id, package_id, slot, id DIV 1024, GROUP_CONCAT(CHAR(1, 64 + (id MOD 1024) "
				"DIV 32, 64 + id MOD 32), value, CHAR(2) SEPARATOR '') FROM (SELECT tenant_id, "
				"package_id, id, 1 slot, CAST(phone_e164 AS BINARY) value FROM customer UNION ALL "
				"SELECT tenant_id, package_id, id, 3, CAST(name AS BINARY) FROM customer) c WHERE "
				"tenant_id = {tenant} GROUP BY tenant_id, package_id, slot, id DIV 1024");
	return cli_db_check(cli, err, "customer index");
}

static int add_customers(struct cli *cli, const struct tenant *t)
{
	static const char *const family[] = {"赵", "钱", "孙", "李", "周", "吴", "郑", "王", "冯", "陈",
			"褚", "卫", "蒋", "沈", "韩", "杨"};
	static const char *const given[] = {"伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋",
			"勇", "艳", "杰", "娟", "涛", "明", "超", "秀英", "霞", "平", "刚", "桂英", "建国"};
	const size_t families = sizeof(family) / sizeof(family[0]);
	const size_t givens = sizeof(given) / sizeof(given[0]);
	int64_t now = cc_clock_utc_ms();
	int err = CLI_OK;

	for (int i = 0; i < t->customers && !err; i++) {
		const char *name = cc_sprintf(
				cli->arena, "%s%s", family[(size_t)i % families], given[(size_t)i % givens]);
		const char *phone =
				cc_sprintf(cli->arena, "%s%0*d", t->mobile, 11 - (int)strlen(t->mobile), i);
		char e164[CC_NUMBER_E164 + 1];

		if (cc_number_e164(e164, phone, "86", "010") < 0)
			return cli_fail("%s is no number", phone);
		err = cli_db_check(cli,
				cc_db_exec(cli->db,
						"INSERT INTO customer (tenant_id, package_id, name, phone, phone_e164, "
						"sex, created_at, updated_at) SELECT {tenant}, id, ?, ?, ?, ?, ?, ? FROM "
						"customer_package WHERE tenant_id = {tenant} AND standard = 1",
						name, phone, e164, i % 2 ? "male" : "female", now, now),
				"customer");
	}
	return err ? err : index_customers(cli);
}

static int add_api_key(struct cli *cli, const struct tenant *t, const struct cc_secret *secret)
{
	uint8_t hash[CC_AUTH_HASH];
	const struct cc_bytes stored = {.p = hash, .len = sizeof(hash)};

	cc_auth_api_key_hash(secret, t->api_key, strlen(t->api_key), hash);
	return cli_db_check(cli,
			cc_db_exec(cli->db,
					"INSERT INTO api_key (tenant_id, name, key_hash, role_id, created_at) "
					"SELECT tenant_id, 'demo', ?, id, ? FROM role WHERE tenant_id = {tenant} AND "
					"code = 'api'",
					stored, cc_clock_utc_ms()),
			"API key");
}

/* Queue 601 shows what a queue can say to those who wait, what they can press, skills and VIPs. */
static int add_support(struct cli *cli)
{
#define CHANGE(...)                                                                                \
	if (!err)                                                                                      \
	err = cli_db_check(cli, cc_db_exec(cli->db, __VA_ARGS__), "queue 601")
	int err = CLI_OK;

	CHANGE("UPDATE agent_group SET announce_wait = 1, periodic_prompt = 'queue_patience', "
		   "periodic_s = 45, menu_prompt = 'queue_menu', menu_period_s = 60 "
		   "WHERE tenant_id = {tenant} AND number = '601'");
	CHANGE("INSERT INTO agent_group_key (tenant_id, group_id, digit, target_kind, target) "
		   "SELECT tenant_id, id, '1', 'callback', '' FROM agent_group "
		   "WHERE tenant_id = {tenant} AND number = '601'");
	CHANGE("INSERT INTO agent_group_key (tenant_id, group_id, digit, target_kind, target) "
		   "SELECT tenant_id, id, '2', 'queue', '600' FROM agent_group "
		   "WHERE tenant_id = {tenant} AND number = '601'");
	CHANGE("INSERT INTO skill (tenant_id, name) VALUES ({tenant}, ?)", "英语 English");
	CHANGE("INSERT INTO agent_skill (tenant_id, agent_id, skill_id, level) "
		   "SELECT a.tenant_id, a.id, s.id, 10 - a.number % 10 FROM agent a "
		   "JOIN skill s ON s.tenant_id = a.tenant_id "
		   "WHERE a.tenant_id = {tenant} AND a.number BETWEEN '806' AND '809'");
	CHANGE("INSERT INTO vip_customer (tenant_id, group_id, number, number_e164, name, level, "
		   "created_at) SELECT c.tenant_id, g.id, c.phone, c.phone_e164, c.name, "
		   "ELT(c.phone % 3 + 1, 'normal', 'important', 'noble'), c.created_at FROM customer c "
		   "JOIN agent_group g ON g.tenant_id = c.tenant_id AND g.number = '601' "
		   "WHERE c.tenant_id = {tenant} AND c.phone BETWEEN '13800000990' AND '13800000995'");
#undef CHANGE
	return err;
}

/* Menu 7000: a key for each queue, one for the voicemail of 801, or the number of an agent. */
static int add_menu(struct cli *cli)
{
	int64_t now = cc_clock_utc_ms();
	int err = cc_db_exec(cli->db,
			"INSERT INTO ivr (tenant_id, number, name, start_s, dial_agents, timeout_prompt, "
			"timeout_kind, timeout_target, no_match_prompt, no_match_kind, no_match_target, "
			"created_at, updated_at) VALUES ({tenant}, '7000', ?, 1, 1, 'ivr_timeout', 'queue', "
			"'600', 'ivr_no_match', 'queue', '600', ?, ?)",
			"总机 Main menu", now, now);

	if (!err)
		err = cc_db_exec(cli->db,
				"INSERT INTO ivr_prompt (tenant_id, ivr_id, position, prompt) SELECT tenant_id, "
				"id, 1, 'ivr_main' FROM ivr WHERE tenant_id = {tenant} AND number = '7000'");
	if (!err)
		err = cc_db_exec(cli->db,
				"INSERT INTO ivr_key (tenant_id, ivr_id, digits, target_kind, target) SELECT "
				"m.tenant_id, m.id, k.digits, k.kind, k.target FROM ivr m JOIN (SELECT '1' AS "
				"digits, 'queue' AS kind, '600' AS target UNION ALL SELECT '2', 'queue', '601' "
				"UNION ALL SELECT '0', 'voicemail', '801') k WHERE m.tenant_id = {tenant} AND "
				"m.number = '7000'");
	return cli_db_check(cli, err, "menu 7000");
}

static int add_tenant(
		struct cli *cli, const struct tenant *t, int64_t reseller, const struct cc_secret *secret)
{
	const struct agent *a;
	const struct group *g;
	const struct did *d;
	int position = 0, err = people_tenant_create(cli, t->code, t->name, reseller);

	if (!err)
		err = people_user_create(
				cli, "admin", "管理员", "admin", "admin", t->admin_password, false);
	if (!err)
		err = add_api_key(cli, t, secret);
	FOR_EACH(g, groups)
	if (!err && strcmp(g->tenant, t->code) == 0)
		err = cli_db_check(cli,
				cc_db_exec(cli->db,
						"INSERT INTO agent_group (tenant_id, number, name) VALUES ({tenant}, ?, ?)",
						g->number, g->name),
				g->number);
	FOR_EACH(a, agents)
	if (!err && strcmp(a->tenant, t->code) == 0)
		err = add_agent(cli, a, ++position);
	if (!err && strcmp(t->code, "demo") == 0)
		err = add_menu(cli);
	FOR_EACH(d, dids)
	if (!err && strcmp(d->tenant, t->code) == 0)
		err = cli_db_check(cli,
				cc_db_exec(cli->db,
						"INSERT INTO did (tenant_id, number, target_kind, target) VALUES "
						"({tenant}, ?, ?, ?)",
						d->number, d->kind, d->target),
				d->number);
	if (!err)
		err = cli_db_check(cli,
				cc_db_exec(cli->db,
						"INSERT INTO trunk_grant (tenant_id, trunk_id) "
						"SELECT {tenant}, id FROM trunk WHERE tenant_id = 1 AND name = ?",
						TRUNK),
				TRUNK);
	if (!err)
		err = add_customers(cli, t);
	if (!err && strcmp(t->code, "demo") == 0)
		err = add_support(cli);
	return err;
}

/* What a person has entered counts, what migrations made does not. */
static int refuse_used(struct cli *cli)
{
	struct cc_rows rows;
	int err = cli_db_check(cli,
			cc_db_query(cli->db, &rows,
					"SELECT {any} (SELECT COUNT(*) FROM tenant) - 1 + (SELECT COUNT(*) FROM user)"),
			"demo data");

	if (!err && cc_row_int(&rows.row[0], 0, 1) != 0)
		return cli_fail(
				"demo data goes only into an empty database; this one has tenants or users");
	return err;
}

static int refuse_outside(struct cli *cli)
{
	return settings_loopback(cli->settings)
				   ? CLI_OK
				   : cli_fail("CC_LISTEN is %s, but demo data (its passwords are public) may "
							  "only be served on loopback",
							 cc_settings_str(cli->settings, "CC_LISTEN"));
}

int cmd_demo_load(struct cli *cli, int argc, char **argv)
{
	struct cc_secret secret;
	const struct tenant *t;
	int64_t reseller = 0;
	int err = refuse_outside(cli);

	if (!err && cc_secret_load(&secret, cli_path(cli, "etc/secret")))
		err = cli_fail("%s: no secret", cli_path(cli, "etc/secret"));
	if (!err)
		err = cli_db(cli, "apps");
	if (err)
		return err;
	cc_db_begin(cli->db, false);
	err = refuse_used(cli);
	if (!err)
		err = add_platform(cli, &reseller);
	FOR_EACH(t, tenants)
	if (!err)
		err = add_tenant(cli, t, reseller, &secret);
	if (!err)
		err = people_changed(cli);
	if (!err)
		err = cli_db_check(cli, cc_db_commit(cli->db), "commit");
	if (err)
		cc_db_rollback(cli->db);
	return err;
}

int cmd_demo_fit(struct cli *cli, int argc, char **argv)
{
	int64_t port = cc_settings_int(cli->settings, "CC_SIP_PORT");
	struct cc_rows rows;
	int err = cli_db(cli, "apps");

	if (!err)
		err = cli_db_check(cli,
				cc_db_query(cli->db, &rows,
						"SELECT {any} COUNT(*) FROM trunk WHERE tenant_id = 1 AND name = ?", TRUNK),
				"demo data");
	if (err || cc_row_int(&rows.row[0], 0, 0) == 0)
		return err;
	err = refuse_outside(cli);
	if (err)
		return err;
	/* the carrier has the port of the stack, which may have been moved */
	err = cli_db_check(cli,
			cc_db_exec(cli->db,
					"UPDATE {any} trunk SET port = ? WHERE tenant_id = 1 AND name = ? AND port <> "
					"?",
					port, TRUNK, port),
			TRUNK);
	if (!err && cc_db_affected(cli->db) > 0)
		err = people_changed(cli);
	return err;
}
