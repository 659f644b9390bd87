/* SPDX-License-Identifier: GPL-2.0-or-later
 * TEL-13: numbers that tenants may show to who is called outside, beside their access numbers. The
 * operator and the resellers give them; the rows belong to the platform's tenant. */
#include <string.h>
#include "admin.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM

/* ---- what a tenant has ---- */

static const struct cc_column own_columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, LIST),
		CC_COLUMN("number", CC_N("Caller id"), "t.number", TEXT, LIST | CC_COLUMN_QUICK),
		CC_COLUMN("supplier", CC_N("Supplier"), "t.supplier", TEXT, LIST),
		CC_COLUMN("state", CC_N("State"), "t.state", CODE, LIST | CC_COLUMN_FILTER,
				.context = "state", .codes = admin_states),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, CC_COLUMN_PAGE | CC_COLUMN_JSON),
		{.name = NULL},
};

const struct cc_resource admin_caller_ids = {
		.name = "caller-ids",
		.title = CC_N("Caller ids"),
		.thing = CC_N("Caller id"),
		.path = "/admin/caller-ids",
		.permission = "admin.caller_id",
		.actions = CC_EXPORT,
		.table = "caller_id",
		.where = "t.for_tenant = {tenant}",
		.columns = own_columns,
		.note = CC_N("Numbers that calls outside may show, beside the access numbers; the operator "
					 "gives them. An agent's caller id comes before a task's and that of the "
					 "preferences; when none is chosen, these take turns."),
};

/* ---- what the operator gives ---- */

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, LIST),
		CC_COLUMN("number", CC_N("Caller id"), "t.number", TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK, .min = 2, .max = 32,
				.unique = "caller_id_number", .check = admin_number_check,
				.link = "/admin/tenant-caller-ids/"),
		CC_COLUMN("tenant", CC_N("Tenant"),
				"(SELECT x.name FROM tenant x WHERE x.id = t.for_tenant)", OPTION,
				LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER,
				.field = "for_tenant",
				.options = "SELECT id, CONCAT(name, ' (', code, ')') FROM tenant WHERE tenant_id = "
						   "{tenant} AND id > 1 ORDER BY name"),
		CC_COLUMN("supplier", CC_N("Supplier"), "t.supplier", TEXT,
				LIST | FORM | CC_COLUMN_BATCH | CC_COLUMN_QUICK_ANYWHERE, .max = 64),
		CC_COLUMN("state", CC_N("State"), "t.state", CODE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_BATCH,
				.context = "state", .codes = admin_states, .initial = "enabled"),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME,
				CC_COLUMN_PAGE | CC_COLUMN_JSON | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME,
				CC_COLUMN_PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_UPDATED),
		{.name = NULL},
};

/* A reseller has tenants of his own only. */
static int check(struct cc_change *c)
{
	struct cc_rows rows;
	if (c->rq->user->tenant != CC_PLATFORM)
		return CC_E_DENIED;
	if (c->rq->user->scope == CC_SCOPE_ALL)
		return 0;
	int err = cc_db_query(c->rq->db, &rows,
			"SELECT 1 FROM tenant WHERE tenant_id = {tenant} AND id = ? AND reseller_id = ?",
			cc_change_new_int(c, "tenant", 0), c->rq->user->id);
	if (!err && !rows.count)
		return cc_change_refuse(c, "tenant", cc_t(c->rq, "This is not a tenant of yours."));
	return err;
}

static int changed(struct cc_change *c)
{
	return admin_changed(c->rq);
}

static const struct cc_use uses[] = {
		{CC_NC("use", "Agents"),
				"SELECT a.number FROM caller_id n JOIN agent a ON a.tenant_id = n.for_tenant "
				"AND a.caller_id = n.number AND a.live = 1 WHERE n.tenant_id = {tenant} AND n.id = "
				"?"},
		{CC_NC("use", "Preferences"),
				"SELECT n.number FROM caller_id n JOIN preference v ON v.tenant_id = "
				"n.for_tenant AND v.name = 'caller_id' AND v.value = n.number WHERE n.tenant_id = "
				"{tenant} AND n.id = ?"},
		{NULL, NULL},
};

#define OF_RESELLER "t.for_tenant IN (SELECT x.id FROM tenant x WHERE x.reseller_id = {user})"

const struct cc_resource admin_tenant_caller_ids = {
		.name = "tenant-caller-ids",
		.title = CC_N("Caller ids of tenants"),
		.thing = CC_N("Caller id"),
		.path = "/admin/tenant-caller-ids",
		.permission = "admin.tenant.caller_id",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "caller_id",
		.own = OF_RESELLER,
		.group = OF_RESELLER,
		.columns = columns,
		.uses = uses,
		.check = check,
		.saved = changed,
		.deleting = changed,
		.committed = admin_reload,
};
