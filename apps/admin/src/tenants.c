/* SPDX-License-Identifier: GPL-2.0-or-later
 * Tenants, for the operator and the resellers (PLAT-12: their limits). The rows belong to the
 * platform's tenant: in any other the list is empty, and its roles do not grant it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "admin.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define LIMIT                                                                                      \
	(CC_COLUMN_PAGE | CC_COLUMN_JSON | CC_COLUMN_DETAIL | CC_COLUMN_FORM | CC_COLUMN_BATCH)

#define COUNT(table, more) "(SELECT COUNT(*) FROM " table " x WHERE x.tenant_id = t.id" more ")"

static const char *const states[] = {CC_NC("tenant_state", "active"),
		CC_NC("tenant_state", "suspended"), CC_NC("tenant_state", "locked"),
		CC_NC("tenant_state", "frozen"), CC_NC("tenant_state", "cancelled"), NULL};

static const char *check_code(struct cc_request *rq, const char **value)
{
	size_t len = strlen(*value);
	return strspn(*value, "abcdefghijklmnopqrstuvwxyz0123456789-") == len && **value != '-' &&
						   (*value)[len - 1] != '-'
				   ? NULL
				   : cc_t(rq, "Lower case letters, digits and '-' inside.");
}

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, LIST, .link = "/admin/tenants/"),
		CC_COLUMN("code", CC_N("Customer name"), "t.code", TEXT,
				LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK, .min = 2,
				.max = 32, .unique = "tenant_code", .check = check_code, .link = "/admin/tenants/",
				.help = CC_N("What people type to sign in, and the SIP domain. It cannot be "
							 "changed.")),
		CC_COLUMN("name", CC_N("Company name"), "t.name", TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 100),
		CC_COLUMN("state", CC_N("State"), "t.state", CODE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_BATCH,
				.context = "tenant_state", .codes = states, .initial = "active",
				.help = CC_N("Only an active tenant signs in, registers phones and has calls.")),
		CC_COLUMN("reseller", CC_N("Reseller"),
				"(SELECT u.name FROM user u WHERE u.tenant_id = 1 AND u.id = t.reseller_id)",
				OPTION, LIST | FORM, .field = "reseller_id", .value = "t.reseller_id",
				.options = "SELECT id, CONCAT(name, ' (', username, ')') FROM user WHERE "
						   "tenant_id = {tenant} AND kind = 'reseller' AND live = 1"),
		CC_COLUMN("max_agents", CC_N("Extensions allowed"), "t.max_agents", INT, LIMIT, .min = 0,
				.max = 1000000, .initial = "0", .section = CC_N("Limits"),
				.help = CC_N("0: no limit.")),
		CC_COLUMN("agents", CC_N("Extensions used"), COUNT("agent", " AND x.live = 1"), INT, LIST),
		CC_COLUMN("max_users", CC_N("Accounts allowed"), "t.max_users", INT, LIMIT, .min = 0,
				.max = 1000000, .initial = "0"),
		CC_COLUMN("users", CC_N("Accounts used"),
				COUNT("user", " AND x.live = 1 AND x.kind <> 'agent'"), INT, LIST),
		CC_COLUMN("max_trunks", CC_N("Trunks allowed"), "t.max_trunks", INT, LIMIT, .min = 0,
				.max = 100000, .initial = "0"),
		CC_COLUMN("trunks", CC_N("Trunks used"), COUNT("trunk", ""), INT, LIST),
		CC_COLUMN("max_calls", CC_N("Concurrent calls"), "t.max_calls", INT, LIMIT, .min = 0,
				.max = 100000, .initial = "0"),
		CC_COLUMN("shared_trunks", CC_N("Shared trunks it may use"), NULL, OPTIONS,
				FORM | CC_COLUMN_VIRTUAL,
				.value = "(SELECT GROUP_CONCAT(x.trunk_id) FROM trunk_grant x JOIN trunk k ON k.id "
						 "= x.trunk_id AND k.tenant_id = t.tenant_id WHERE x.tenant_id = t.id)",
				.options = "SELECT id, CONCAT(name, ' (', address, ')') FROM trunk WHERE tenant_id "
						   "= {tenant} ORDER BY name"),
		CC_COLUMN("contract", CC_N("Plugins and modules in the contract"), NULL, INT,
				FORM | CC_COLUMN_VIRTUAL | CC_COLUMN_SHOWN,
				.value = "(SELECT COUNT(*) FROM plugin_tenant o WHERE o.tenant_id = t.id)",
				.link = "/admin/contract/"),
		CC_COLUMN("note", CC_N("Note"), "t.note", NOTE, CC_COLUMN_JSON | FORM),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, LIST | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME,
				CC_COLUMN_PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_UPDATED),
		{.name = NULL},
};

/* A limit below what is used is refused: nothing would stop working, but nobody would know why
 * nothing can be added. */
static int check(struct cc_change *c)
{
	struct cc_rows rows;
	static const char *const limits[] = {"max_agents", "max_users", "max_trunks"};
	/* the platform itself has no reseller, no state, no limits */
	if (c->rq->user->tenant != CC_PLATFORM || (c->action != CC_CREATE && c->id == CC_PLATFORM))
		return CC_E_DENIED;
	if (c->action == CC_CREATE && !strcmp(c->rq->user->kind, "reseller"))
		cc_change_set(c, "reseller", cc_sprintf(c->rq->arena, "%" PRId64, c->rq->user->id));
	if (c->action == CC_CREATE)
		return 0;
	int err = cc_db_query(c->rq->db, &rows,
			"SELECT (SELECT COUNT(*) FROM agent WHERE tenant_id = t.id AND live = 1), "
			"(SELECT COUNT(*) FROM user WHERE tenant_id = t.id AND live = 1 AND kind <> 'agent'), "
			"(SELECT COUNT(*) FROM trunk WHERE tenant_id = t.id) FROM tenant t {any} "
			"WHERE t.id = ? FOR UPDATE",
			c->id);
	for (size_t i = 0; !err && rows.count && i < 3; i++) {
		int64_t allowed = cc_change_new_int(c, limits[i], 0);
		int64_t used = cc_row_int(&rows.row[0], i, 0);
		if (cc_change_differs(c, limits[i]) && allowed && allowed < used)
			err = cc_change_refuse(c, limits[i],
					cc_fill(c->rq, cc_t(c->rq, "{used} are used already."), "{used}", used));
	}
	return err;
}

/* Roles as every tenant begins with them, and an administrator whose password is shown once. */
static int furnish(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	const char *password = NULL, *hash;
	int err = cc_db_exec(rq->db,
			"INSERT INTO role {any} (tenant_id, code, name, data_scope, standard, created_at, "
			"updated_at) SELECT ?, code, name, data_scope, 1, ?, ? FROM role_template",
			c->id, rq->now_ms, rq->now_ms);
	if (!err)
		err = cc_db_exec(rq->db,
				"INSERT INTO role_permission {any} (tenant_id, role_id, permission) "
				"SELECT r.tenant_id, r.id, p.permission FROM role r JOIN role_template_permission "
				"p "
				"ON p.code = r.code WHERE r.tenant_id = ?",
				c->id);
	if (!err)
		err = admin_password_make(rq, &password, &hash);
	if (!err)
		err = cc_db_exec(rq->db,
				"INSERT INTO user {any} (tenant_id, username, name, given_name, kind, role_id, "
				"password_hash, password_due, created_at, updated_at) SELECT r.tenant_id, 'admin', "
				"'admin', 'admin', 'admin', r.id, ?, 1, ?, ? FROM role r WHERE r.tenant_id = ? AND "
				"r.code = 'admin'",
				hash, rq->now_ms, rq->now_ms, c->id);
	if (!err)
		admin_issued_add(
				admin_issued_new(rq, cc_t(rq, "The tenant was created"), admin_tenants.path),
				cc_sprintf(rq->arena, "%s / admin", cc_change_new(c, "code")),
				cc_t(rq, "Web password"), password);
	return err;
}

static int share_trunks(struct cc_change *c)
{
	const char *list = cc_change_new(c, "shared_trunks");
	int err = cc_db_exec(c->rq->db,
			"DELETE x FROM trunk_grant x JOIN trunk k ON k.id = x.trunk_id AND k.tenant_id = "
			"{tenant} WHERE x.tenant_id = ?",
			c->id);
	if (!err && list && *list)
		err = cc_db_exec(c->rq->db,
				"INSERT INTO trunk_grant (tenant_id, trunk_id) SELECT ?, id FROM trunk WHERE "
				"tenant_id = {tenant} AND FIND_IN_SET(id, ?)",
				c->id, list);
	return err;
}

static int saved(struct cc_change *c)
{
	int err = c->action == CC_CREATE ? furnish(c) : 0;
	if (!err && cc_change_differs(c, "shared_trunks"))
		err = share_trunks(c);
	if (!err && c->action == CC_EDIT && strcmp(cc_change_new(c, "state"), "active"))
		err = cc_db_exec(c->rq->db, "DELETE FROM session {any} WHERE tenant_id = ?", c->id);
	return err ? err : admin_changed(c->rq);
}

/* AUTH-05: the operator as the tenant's administrator. */
static int log_in_as(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT u.tenant_id, u.id FROM user u {any} WHERE u.tenant_id = ? AND u.tenant_id > 1 "
			"AND u.kind = 'admin' AND u.state = 'enabled' AND u.live = 1 ORDER BY u.id LIMIT 1",
			key);
	if (err)
		return err;
	if (!rows.count)
		return cc_error(rq, 409, cc_t(rq, "This tenant has no administrator."));
	/* in the platform's own log too */
	err = cc_audit_write(rq, "admin.tenant.log_in_as",
			cc_sprintf(rq->arena, "tenants/%" PRId64, cc_row_int(&rows.row[0], 0, 0)), NULL);
	if (err)
		return err;
	return admin_log_in_as(rq, cc_row_int(&rows.row[0], 0, 0), cc_row_int(&rows.row[0], 1, 0));
}

static const struct cc_action buttons[] = {
		{.name = "log_in_as",
				.label = CC_NC("action", "Log in as administrator"),
				.permission = "log_in_as",
				.shown = "t.state = 'active'",
				.confirm =
						CC_N("Go on as this account? What you do is written down with your name."),
				.run = log_in_as},
		{.name = NULL},
};

const struct cc_resource admin_tenants = {
		.name = "tenants",
		.title = CC_N("Tenants"),
		.thing = CC_N("Tenant"),
		.path = "/admin/tenants",
		.permission = "admin.tenant",
		.actions = CC_CREATE | CC_EDIT | CC_EXPORT,
		.table = "tenant",
		.where = "t.tenant_id = {tenant} AND t.id > 1",
		.own = "t.reseller_id = {user}",
		.group = "t.reseller_id = {user}",
		.columns = columns,
		.buttons = buttons,
		.check = check,
		.saved = saved,
		.committed = admin_reload,
};
