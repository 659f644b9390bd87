/* SPDX-License-Identifier: GPL-2.0-or-later
 * ORG-06: roles: which pages, actions and fields, and whose rows. Nobody gives out more than they
 * have themselves. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "admin.h"
#include "cc/ulid.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define MORE (CC_COLUMN_PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_JSON | CC_COLUMN_DETAIL)

#define USERS                                                                                      \
	"(SELECT COUNT(*) FROM user u WHERE u.tenant_id = t.tenant_id AND u.role_id = t.id AND "       \
	"u.live = 1)"
#define GRANTS                                                                                     \
	"(SELECT COUNT(*) FROM role_permission p WHERE p.tenant_id = t.tenant_id AND p.role_id = "     \
	"t.id)"

static const char *const scopes[] = {CC_NC("scope", "own"), CC_NC("scope", "group"),
		CC_NC("scope", "department"), CC_NC("scope", "all"), NULL};

/* The page must be a path of this site; whether the menu has it is looked at when it is opened. */
static const char *check_home(struct cc_request *rq, const char **value)
{
	return **value && !cc_is_local_path(*value) ? cc_t(rq, "There is no such choice.") : NULL;
}

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("name", CC_N("Role"), "t.name", TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_SORT | CC_COLUMN_QUICK_ANYWHERE,
				.max = 50, .unique = "role_name", .link = "/admin/roles/"),
		CC_COLUMN("data_scope", CC_N("Data scope"), "t.data_scope", CODE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER, .context = "scope",
				.codes = scopes, .initial = "own", .help = CC_N("Whose rows the lists show.")),
		CC_COLUMN("home", CC_N("Start page"), "t.home", OPTION, MORE | FORM, .check = check_home,
				.options = "SELECT DISTINCT path, path FROM registry_menu WHERE {tenant} > 0 "
						   "ORDER BY path",
				.help = CC_N("Shown after signing in. Empty: the first page of the menu.")),
		CC_COLUMN("hide_numbers", CC_N("Hide telephone numbers"), NULL, CODE, MORE | FORM,
				.context = "hide numbers", .codes = admin_hides, .initial = "0",
				.help = CC_N("Of everybody with this role, on every page. Accounts and call tasks "
							 "may hide more.")),
		CC_COLUMN("note", CC_N("Note"), "t.note", NOTE, LIST | FORM),
		CC_COLUMN("grants", CC_N("Permissions"), GRANTS, INT, LIST,
				.link = "/admin/role-permissions/"),
		CC_COLUMN("users", CC_N("Accounts"), USERS, INT, LIST),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, MORE | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, MORE | CC_COLUMN_UPDATED),
		CC_COLUMN("standard", CC_N("Standard"), NULL, INT, CC_COLUMN_STORED),
		CC_COLUMN("code", CC_N("Role"), NULL, TEXT, CC_COLUMN_STORED),
		{.name = NULL},
};

static int is_within(struct cc_change *c)
{
	bool within = true;
	int err = c->action == CC_CREATE ? 0 : cc_role_is_within(c->rq, c->id, &within);
	if (!err && !within)
		return cc_change_refuse(c, NULL,
				cc_t(c->rq, "This role may do more than you may: you cannot give or manage it."));
	return err;
}

static const char *new_code(struct cc_request *rq)
{
	char text[CC_ULID_TEXT + 1];
	struct cc_ulid id = cc_ulid_new();
	return cc_strdup(rq->arena, cc_ulid_format(&id, text));
}

static int check(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	static const char *const order[] = {"own", "group", "department", "all"};
	const char *scope = cc_change_new(c, "data_scope"), *home = cc_change_new(c, "home");
	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		if (scope && !strcmp(order[i], scope) && i > (size_t)rq->user->scope)
			return cc_change_refuse(
					c, "data_scope", cc_t(rq, "This is more than your own role sees."));
	if (cc_change_differs(c, "hide_numbers") &&
			cc_change_new_int(c, "hide_numbers", 0) < (int64_t)rq->user->hide_numbers)
		return cc_change_refuse(
				c, "hide_numbers", cc_t(rq, "This is more than your own role sees."));
	if (!home)
		cc_change_set(c, "home", "");
	if (c->action == CC_CREATE)
		cc_change_set(c, "code", new_code(rq));
	return is_within(c);
}

static int deleting(struct cc_change *c)
{
	if (cc_change_new_int(c, "standard", 0))
		return cc_change_refuse(
				c, NULL, cc_t(c->rq, "This role came with the system and cannot be deleted."));
	int err = is_within(c);
	if (!err)
		err = cc_db_exec(c->rq->db,
				"DELETE FROM role_permission WHERE tenant_id = {tenant} AND role_id = ?", c->id);
	return err;
}

/* The call engine says no numbers to whom they are hidden from. */
static int saved(struct cc_change *c)
{
	return c->action == CC_EDIT && cc_change_differs(c, "hide_numbers") ? admin_changed(c->rq) : 0;
}

static int clone(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	bool within = true;
	int64_t id = strtoll(key, NULL, 10);
	int err = cc_role_is_within(rq, id, &within);
	if (!err && !within)
		return cc_error(rq, 403,
				cc_t(rq, "This role may do more than you may: you cannot give or manage it."));
	/* "Leader (2)": the first number that is free */
	if (!err)
		err = cc_db_exec(rq->db,
				"INSERT INTO role (tenant_id, code, name, data_scope, hide_numbers, note, home, "
				"created_at, updated_at) SELECT t.tenant_id, ?, (WITH RECURSIVE n AS (SELECT 2 AS "
				"i UNION ALL "
				"SELECT i + 1 FROM n WHERE i < 99) SELECT CONCAT(LEFT(t.name, 44), ' (', i, ')') "
				"FROM n WHERE NOT EXISTS (SELECT 1 FROM role o WHERE o.tenant_id = {tenant} AND "
				"o.name = CONCAT(LEFT(t.name, 44), ' (', i, ')')) ORDER BY i LIMIT 1), "
				"t.data_scope, t.hide_numbers, t.note, t.home, ?, ? FROM role t WHERE t.tenant_id "
				"= {tenant} "
				"AND t.id = ?",
				new_code(rq), rq->now_ms, rq->now_ms, id);
	int64_t made = cc_db_insert_id(rq->db);
	if (!err)
		err = cc_db_exec(rq->db,
				"INSERT INTO role_permission (tenant_id, role_id, permission) SELECT tenant_id, ?, "
				"permission FROM role_permission WHERE tenant_id = {tenant} AND role_id = ?",
				made, id);
	if (!err)
		cc_redirect(rq, cc_sprintf(rq->arena, "%s/%" PRId64, r->path, made));
	return err;
}

static const struct cc_action buttons[] = {
		{.name = "clone", .label = CC_NC("action", "Clone"), .permission = "create", .run = clone},
		{.name = NULL},
};

static const struct cc_use uses[] = {
		{CC_NC("use", "Accounts"),
				"SELECT username FROM user WHERE tenant_id = {tenant} AND role_id = ? "
				"AND live = 1"},
		{CC_NC("use", "API keys"),
				"SELECT name FROM api_key WHERE tenant_id = {tenant} AND role_id = ?"},
		{NULL, NULL},
};

const struct cc_resource admin_roles = {
		.name = "roles",
		.title = CC_N("Roles"),
		.thing = CC_N("Role"),
		.path = "/admin/roles",
		.permission = "admin.role",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "role",
		.own = "TRUE",
		.group = "TRUE",
		.columns = columns,
		.uses = uses,
		.buttons = buttons,
		.check = check,
		.saved = saved,
		.deleting = deleting,
};
