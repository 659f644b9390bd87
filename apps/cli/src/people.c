/* SPDX-License-Identifier: GPL-2.0-or-later
 * Tenants, their standard roles, users and agents. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/ulid.h"

#define PLATFORM 1 /* tenant id */

/* Roles of the platform's tenant; the others begin with those of role_template. */
static const struct role
{
	const char *code, *name, *scope, *permission;
} roles[] = {
		{"operator", "平台运营", "all", "*"},
		{"reseller", "代理商", "own", "admin.tenant.*"},
};

static int role_create(struct cli *cli, const struct role *role)
{
	int64_t now = cc_clock_utc_ms();
	int err = cc_db_exec(cli->db,
			"INSERT INTO role (tenant_id, code, name, data_scope, standard, created_at, "
			"updated_at) "
			"VALUES ({tenant}, ?, ?, ?, 1, ?, ?)",
			role->code, role->name, role->scope, now, now);

	if (err == CC_E_EXIST)
		return CLI_OK;
	if (!err)
		err = cc_db_exec(cli->db,
				"INSERT INTO role_permission (tenant_id, role_id, permission) VALUES ({tenant}, ?, "
				"?)",
				cc_db_insert_id(cli->db), role->permission);
	return cli_db_check(cli, err, role->code);
}

static int roles_create(struct cli *cli)
{
	int64_t now = cc_clock_utc_ms();
	int err = cc_db_exec(cli->db,
			"INSERT INTO role (tenant_id, code, name, data_scope, standard, created_at, "
			"updated_at) "
			"SELECT {tenant}, code, name, data_scope, 1, ?, ? FROM role_template",
			now, now);

	if (!err)
		err = cc_db_exec(cli->db,
				"INSERT INTO role_permission (tenant_id, role_id, permission) SELECT r.tenant_id, "
				"r.id, p.permission FROM role r JOIN role_template_permission p ON p.code = r.code "
				"WHERE r.tenant_id = {tenant}");
	return cli_db_check(cli, err, "roles");
}

int people_platform_roles(struct cli *cli)
{
	int err = CLI_OK;

	cli_use_tenant(cli, PLATFORM);
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]) && !err; i++)
		err = role_create(cli, &roles[i]);
	return err;
}

/* Tells the call engine, at its next reload, that what it reads is new. */
int people_changed(struct cli *cli)
{
	return cli_db_check(cli,
			cc_db_exec(cli->db, "UPDATE {any} configuration_generation SET generation = generation "
								"+ 1 WHERE id = 1"),
			"configuration generation");
}

static bool code_valid(const char *code)
{
	size_t len = strlen(code);

	return len > 0 && len <= 32 && strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789-") == len &&
		   code[0] != '-' && code[len - 1] != '-';
}

int people_tenant_create(struct cli *cli, const char *code, const char *name, int64_t reseller)
{
	int err;

	if (!code_valid(code))
		return cli_fail("%s: a tenant's code has 1 to 32 of a-z, 0-9 and '-' inside", code);
	err = reseller ? cc_db_exec(cli->db,
							 "INSERT {any} INTO tenant (code, name, reseller_id, created_at) "
							 "VALUES (?, ?, ?, ?)",
							 code, name, reseller, cc_clock_utc_ms())
				   : cc_db_exec(cli->db,
							 "INSERT {any} INTO tenant (code, name, created_at) VALUES (?, ?, ?)",
							 code, name, cc_clock_utc_ms());
	if (err == CC_E_EXIST)
		return cli_fail("there is a tenant %s already", code);
	if (err)
		return cli_db_check(cli, err, code);
	cli_use_tenant(cli, cc_db_insert_id(cli->db));
	return roles_create(cli);
}

int people_user_create(struct cli *cli, const char *username, const char *name, const char *kind,
		const char *role, const char *password, bool issued)
{
	char hash[CC_AUTH_PASSWORD];
	int64_t now = cc_clock_utc_ms();
	int err = cc_auth_password_hash(password, hash);

	if (err)
		return cli_fail("%s: %s", username,
				err == CC_E_RANGE ? "the password is empty or too long" : "no memory");
	err = cc_db_exec(cli->db,
			"INSERT INTO user (tenant_id, username, name, given_name, kind, role_id, "
			"password_hash, "
			"password_due, created_at, updated_at) "
			"SELECT tenant_id, ?, ?, LEFT(?, 40), ?, id, ?, ?, ?, ? FROM role WHERE tenant_id = "
			"{tenant} AND code = ?",
			username, name, name, kind, hash, issued, now, now, role);
	if (err == CC_E_EXIST)
		return cli_fail("there is a user %s already", username);
	if (!err && cc_db_affected(cli->db) != 1)
		return cli_fail("there is no role %s in this tenant", role);
	return cli_db_check(cli, err, username);
}

int people_agent_create(struct cli *cli, const char *number, const char *name,
		const char *web_password, const char *sip_password, const char *phone_password, bool issued)
{
	size_t len = strlen(number);
	int64_t now = cc_clock_utc_ms();
	int err;

	if (len < 2 || len > 6 || strspn(number, "0123456789") != len || number[0] == '0')
		return cli_fail(
				"%s: an agent's number has 2 to 6 digits and does not begin with 0", number);
	err = people_user_create(cli, number, name, "agent", "agent", web_password, issued);
	if (err)
		return err;
	/* MD5 because SIP digest authentication is defined by it; the server computes it */
	err = cc_db_exec(cli->db,
			"INSERT INTO agent (tenant_id, number, name, user_id, sip_ha1, phone_pin_hash, "
			"created_at, updated_at) "
			"SELECT t.id, ?, ?, ?, MD5(CONCAT_WS(':', ?, t.code, ?)), MD5(CONCAT_WS(':', 'pin', ?, "
			"t.code, ?)), ?, ? "
			"FROM tenant t WHERE t.id = {tenant}",
			number, name, cc_db_insert_id(cli->db), number, sip_password, number, phone_password,
			now, now);
	return cli_db_check(cli, err, number);
}

/* ---- commands ---- */

/* Commits what a command did, or undoes it. */
static int finish(struct cli *cli, int err)
{
	if (!err)
		return cli_db_check(cli, cc_db_commit(cli->db), "commit");
	cc_db_rollback(cli->db);
	return err;
}

/* Opens the database and a transaction for one tenant. */
static int begin(struct cli *cli, const char *tenant)
{
	int err = cli_db(cli, "apps");

	if (!err)
		cc_db_begin(cli->db, false);
	return err || !tenant ? err : cli_find_tenant(cli, tenant);
}

int cmd_tenant_list(struct cli *cli, int argc, char **argv)
{
	struct cc_rows rows;
	int err = cli_db(cli, "apps");

	if (!err)
		err = cli_db_check(cli,
				cc_db_query(cli->db, &rows,
						"SELECT {any} t.code, t.state, (SELECT COUNT(*) FROM agent a "
						"WHERE a.tenant_id = t.id AND a.state = 'enabled' AND a.live = 1), t.name "
						"FROM tenant t "
						"ORDER BY t.id"),
				"tenants");
	if (err)
		return err;
	printf("%-20s %-10s %6s  %s\n", "CODE", "STATE", "AGENTS", "NAME");
	for (size_t i = 0; i < rows.count; i++) {
		const char **v = rows.row[i].v;

		printf("%-20s %-10s %6s  %s\n", v[0], v[1], v[2], v[3]);
	}
	return CLI_OK;
}

int cmd_tenant_create(struct cli *cli, int argc, char **argv)
{
	const char *password;
	int err = cli_new_password(cli, "admin", &password);

	if (!err)
		err = begin(cli, NULL);
	if (!err)
		err = people_tenant_create(cli, argv[0], argv[1], 0);
	if (!err)
		err = people_user_create(cli, "admin", "管理员", "admin", "admin", password, true);
	if (!err)
		err = people_changed(cli);
	return finish(cli, err);
}

static int set_state(struct cli *cli, const char *code, const char *state)
{
	int err = begin(cli, code);

	if (!err)
		err = cli_db_check(cli,
				cc_db_exec(cli->db, "UPDATE tenant SET state = ? WHERE id = {tenant} AND id <> 1",
						state),
				code);
	if (!err)
		err = people_changed(cli);
	return finish(cli, err);
}

int cmd_tenant_enable(struct cli *cli, int argc, char **argv)
{
	return set_state(cli, argv[0], "active");
}

int cmd_tenant_disable(struct cli *cli, int argc, char **argv)
{
	return set_state(cli, argv[0], "suspended");
}

int cmd_user_create(struct cli *cli, int argc, char **argv)
{
	static const char *const kinds[] = {"operator", "reseller", "admin", "user"};
	const char *password;
	bool known = false;
	int err;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		known |= strcmp(kinds[i], argv[2]) == 0;
	if (!known)
		return cli_fail("%s: a user is an operator, reseller, admin or user; agents are made by "
						"`agent create`",
				argv[2]);
	err = cli_new_password(cli, argv[1], &password);
	if (!err)
		err = begin(cli, argv[0]);
	if (!err && strcmp(argv[0], "platform") == 0)
		err = people_platform_roles(cli);
	if (!err)
		err = people_user_create(cli, argv[1], argv[4], argv[2], argv[3], password, true);
	return finish(cli, err);
}

static int find_user(struct cli *cli, const char *tenant, const char *username, int64_t *id)
{
	struct cc_rows rows;
	int err = cli_db_check(cli,
			cc_db_query(cli->db, &rows,
					"SELECT id FROM user WHERE tenant_id = {tenant} AND username = ? AND live = 1",
					username),
			username);

	if (!err && rows.count == 0)
		return cli_fail("there is no user %s in %s", username, tenant);
	if (!err)
		*id = cc_row_int(&rows.row[0], 0, 0);
	return err;
}

static int unfreeze(struct cli *cli, const char *tenant, const char *username)
{
	return cli_db_check(cli,
			cc_db_exec(cli->db,
					"DELETE {any} FROM sign_in_failure WHERE tenant_code = ? AND username = ?",
					tenant, username),
			username);
}

/* Ends the web phones of sessions that have ended; an engine that is not there has none. */
static void phones_end(struct cli *cli, const struct cc_rows *sessions)
{
	const char *result, *error;
	char request[CC_ULID_TEXT + 1];

	for (size_t i = 0; i < sessions->count; i++) {
		struct cc_ulid id = cc_ulid_new();

		if (cli_engine_call(cli, "cc.webphone.revoke",
					cc_sprintf(cli->arena,
							"{\"tenant\":%s,\"session\":\"%s\",\"actor\":\"system\","
							"\"request\":\"%s\"}",
							cc_row_str(&sessions->row[i], 0), cc_row_str(&sessions->row[i], 1),
							cc_ulid_format(&id, request)),
					&result, &error))
			return;
	}
}

int cmd_user_reset_password(struct cli *cli, int argc, char **argv)
{
	struct cc_rows sessions = {0};
	char hash[CC_AUTH_PASSWORD];
	const char *password;
	int64_t id;
	int err = begin(cli, argv[0]);

	if (!err)
		err = find_user(cli, argv[0], argv[1], &id);
	if (!err)
		err = cli_new_password(cli, argv[1], &password);
	if (!err && cc_auth_password_hash(password, hash))
		err = cli_fail("the password is empty or too long");
	if (!err)
		err = cli_db_check(cli,
				cc_db_exec(cli->db,
						"UPDATE user SET password_hash = ?, password_due = 1, updated_at = ? WHERE "
						"tenant_id = {tenant} AND id = ?",
						hash, cc_clock_utc_ms(), id),
				argv[1]);
	if (!err) /* named as by cc_session_name */
		err = cli_db_check(cli,
				cc_db_query(cli->db, &sessions,
						"SELECT tenant_id, LOWER(LEFT(HEX(token_hash), 32)) FROM session WHERE "
						"tenant_id = {tenant} AND user_id = ? AND origin_user_id IS NULL",
						id),
				argv[1]);
	if (!err)
		err = cli_db_check(cli,
				cc_db_exec(cli->db,
						"DELETE FROM session WHERE (tenant_id = {tenant} AND user_id = ?) OR "
						"(origin_tenant_id = {tenant} AND origin_user_id = ?)",
						id, id),
				argv[1]);
	if (!err)
		err = unfreeze(cli, argv[0], argv[1]);
	err = finish(cli, err);
	if (!err)
		phones_end(cli, &sessions);
	return err;
}

int cmd_user_unfreeze(struct cli *cli, int argc, char **argv)
{
	int64_t id;
	int err = begin(cli, argv[0]);

	if (!err)
		err = find_user(cli, argv[0], argv[1], &id);
	if (!err)
		err = unfreeze(cli, argv[0], argv[1]);
	return finish(cli, err);
}

int cmd_agent_list(struct cli *cli, int argc, char **argv)
{
	struct cc_rows rows;
	int err = begin(cli, argv[0]);

	if (!err)
		err = cli_db_check(cli,
				cc_db_query(cli->db, &rows,
						"SELECT a.number, a.state, COALESCE((SELECT GROUP_CONCAT(g.number ORDER BY "
						"g.number) "
						"FROM agent_group_member m JOIN agent_group g ON g.tenant_id = m.tenant_id "
						"AND g.id = m.group_id "
						"WHERE m.tenant_id = a.tenant_id AND m.agent_id = a.id), ''), a.name "
						"FROM agent a WHERE a.tenant_id = {tenant} AND a.live = 1 ORDER BY "
						"a.number"),
				"agents");
	if (err)
		return finish(cli, err);
	printf("%-8s %-9s %-20s %s\n", "NUMBER", "STATE", "GROUPS", "NAME");
	for (size_t i = 0; i < rows.count; i++) {
		const char **v = rows.row[i].v;

		printf("%-8s %-9s %-20s %s\n", v[0], v[1], v[2], v[3]);
	}
	return finish(cli, CLI_OK);
}

static const char *made_up(struct cli *cli, const char *what)
{
	char token[CC_AUTH_TOKEN + 1];

	cc_auth_token_new(token);
	printf("%s: %.*s\n", what, CLI_PASSWORD, token);
	return cc_strndup(cli->arena, token, CLI_PASSWORD);
}

/* Typed on a telephone: digits. */
static const char *made_up_digits(struct cli *cli, const char *what)
{
	char digits[9];
	unsigned char salt[CC_AUTH_SALT];

	cc_auth_salt_new(salt);
	for (size_t i = 0; i < sizeof(digits) - 1; i++)
		digits[i] = (char)('0' + (salt[2 * i] << 8 | salt[2 * i + 1]) % 10);
	digits[sizeof(digits) - 1] = '\0';
	printf("%s: %s\n", what, digits);
	return cc_strdup(cli->arena, digits);
}

int cmd_agent_create(struct cli *cli, int argc, char **argv)
{
	int err = begin(cli, argv[0]);

	if (!err)
		err = people_agent_create(cli, argv[1], argv[2], made_up(cli, "web password"),
				made_up(cli, "SIP password"), made_up_digits(cli, "phone sign-in password"), true);
	if (!err)
		err = people_changed(cli);
	return finish(cli, err);
}

int cmd_agent_sip_password(struct cli *cli, int argc, char **argv)
{
	int err = begin(cli, argv[0]);

	if (!err)
		err = cli_db_check(cli,
				cc_db_exec(cli->db,
						"UPDATE agent a JOIN tenant t ON t.id = a.tenant_id "
						"SET a.sip_ha1 = MD5(CONCAT_WS(':', a.number, t.code, ?)), a.updated_at = "
						"? "
						"WHERE a.tenant_id = {tenant} AND a.number = ? AND a.live = 1",
						made_up(cli, "SIP password"), cc_clock_utc_ms(), argv[1]),
				argv[1]);
	if (!err && cc_db_affected(cli->db) == 0)
		err = cli_fail("there is no agent %s in %s", argv[1], argv[0]);
	if (!err)
		err = people_changed(cli);
	return finish(cli, err);
}
