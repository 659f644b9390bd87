/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-12: packages of customers. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "crm.h"
#include "package.h"
#include "repair.h"

#define LIST CC_COLUMN_ALL
#define FORM (CC_COLUMN_ALL | CC_COLUMN_FORM)

static const char *check_code(struct cc_request *rq, const char **value)
{
	for (const char *c = *value; *c; c++)
		if (!isalnum((unsigned char)*c))
			return cc_t(rq, "Letters and digits only.");
	return NULL;
}

static const char *const states[] = {
		CC_NC("package state", "open"), CC_NC("package state", "closed"), NULL};

/* cc/packages.h */
static const char *const pages[] = {CC_NC("package page", "customers"),
		CC_NC("package page", "fields"), CC_NC("package page", "calls"),
		CC_NC("package page", "contacts"), CC_NC("package page", "tasks"),
		CC_NC("package page", "funnels"), NULL};

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON | CC_COLUMN_SORT),
		CC_COLUMN("name", CC_N("Display name"), NULL, TEXT,
				FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 50,
				.unique = "customer_package_name", .link = "/crm/packages/"),
		CC_COLUMN("code", CC_N("Unique identifier"), NULL, TEXT,
				FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK, .max = 64,
				.unique = "customer_package_code", .check = check_code,
				.help = CC_N("Letters and digits. It cannot be changed.")),
		CC_COLUMN("state", CC_N("State"), NULL, CODE, FORM | CC_COLUMN_FILTER | CC_COLUMN_REQUIRED,
				.context = "package state", .codes = states, .initial = "open",
				.help = CC_N(
						"Closing hides the pages below and the package's call tasks, and frees its "
						"access numbers; the oldest open package becomes the default instead. "
						"Nothing is deleted. When it is opened again, tasks are enabled by "
						"hand.")),
		CC_COLUMN("hides", CC_N("Hidden while it is closed"), NULL, OPTIONS, CC_COLUMN_FORM,
				.context = "package page", .codes = pages,
				.initial = "customers,fields,calls,contacts,tasks,funnels"),
		CC_COLUMN("unique_phone", CC_N("Telephone numbers are unique"), NULL, BOOL, FORM,
				.initial = "1",
				.help = CC_N("No number twice among the customers of the package, in whatever "
							 "telephone field.")),
		CC_COLUMN("unique_fields", CC_N("Unique together"), NULL, TAGS, FORM, .max = 500,
				.help = CC_N("Names of fields with commas between them: no two customers of the "
							 "package have the same values in all of them.")),
		CC_COLUMN("standard", CC_N("Default package"), NULL, BOOL, LIST),
		CC_COLUMN("fields", CC_N("Custom fields"),
				"(SELECT COUNT(*) FROM customer_field f WHERE f.tenant_id = t.tenant_id AND "
				"f.package_id = t.id AND f.slot <> f.name)",
				INT, LIST & ~CC_COLUMN_SEARCH),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, LIST | CC_COLUMN_UPDATED),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME,
				CC_COLUMN_PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_CREATED),
		{.name = NULL},
};

static int check_together(struct cc_change *c)
{
	const char *names = cc_change_new(c, "unique_fields");
	char *rest = cc_strdup(c->rq->arena, names ? names : ""), *name;
	struct cc_rows rows;

	while ((name = strsep(&rest, ","))) {
		int err;

		if (!*name)
			continue;
		err = cc_db_query(c->rq->db, &rows,
				"SELECT 1 FROM customer_field WHERE tenant_id = {tenant} AND name = ? AND "
				"package_id = COALESCE(NULLIF(?, 0), (SELECT id FROM customer_package WHERE "
				"tenant_id = {tenant} AND standard = 1))",
				name, c->id);
		if (err)
			return err;
		if (!rows.count)
			return cc_change_refuse(c, "unique_fields",
					cc_sprintf(
							c->rq->arena, "%s %s", cc_t(c->rq, "There is no such field:"), name));
	}
	return 0;
}

/* True if the change closes the default package. */
static int closes_default(struct cc_change *c, bool *closes)
{
	const char *state = cc_change_new(c, "state");
	struct cc_rows rows;
	int err = 0;

	*closes = false;
	if (c->action != CC_EDIT || !state || strcmp(state, "closed") != 0)
		return 0;
	err = cc_db_query(c->rq->db, &rows,
			"SELECT 1 FROM customer_package WHERE tenant_id = {tenant} AND id = ? AND standard = 1",
			c->id);
	*closes = !err && rows.count;
	return err;
}

/* The oldest open one besides this; 0: there is none. */
static int next_default(struct cc_change *c, int64_t *next)
{
	struct cc_rows rows;
	int err = cc_db_query(c->rq->db, &rows,
			"SELECT id FROM customer_package WHERE tenant_id = {tenant} AND state = 'open' AND id "
			"<> ? ORDER BY id LIMIT 1 FOR UPDATE",
			c->id);

	*next = err || !rows.count ? 0 : cc_row_int(&rows.row[0], 0, 0);
	return err;
}

static int make_default(struct cc_request *rq, int64_t id)
{
	return cc_db_exec(rq->db,
			"UPDATE customer_package SET standard = (id = ?) WHERE tenant_id = {tenant} AND "
			"(standard = 1 OR id = ?)",
			id, id);
}

static int check(struct cc_change *c)
{
	int64_t next = 1;
	bool closes;
	int err = closes_default(c, &closes);

	if (!err && closes)
		err = next_default(c, &next);
	if (err)
		return err;
	if (!next)
		return cc_change_refuse(c, "state", cc_t(c->rq, "The only open package cannot be closed."));
	return cc_change_differs(c, "unique_fields") ? check_together(c) : 0;
}

static int saved(struct cc_change *c)
{
	int64_t next;
	bool closes;
	int err = closes_default(c, &closes);

	if (!err && closes)
		err = next_default(c, &next);
	if (!err && closes)
		err = make_default(c->rq, next);
	if (!err && c->action == CC_EDIT && cc_change_differs(c, "unique_phone"))
		err = repair_unique(c->rq, c->id, 1, cc_change_new_int(c, "unique_phone", 1) != 0);
	if (err == CC_E_EXIST)
		return cc_change_refuse(
				c, "unique_phone", cc_t(c->rq, "There are customers with the same number."));
	if (!err && c->action == CC_EDIT && cc_change_differs(c, "unique_fields"))
		err = repair_queue(c->rq, c->id, 0);
	return err;
}

static int deleting(struct cc_change *c)
{
	struct cc_rows rows;
	int err = cc_db_query(c->rq->db, &rows,
			"SELECT standard FROM customer_package WHERE tenant_id = {tenant} AND id = ?", c->id);

	if (err)
		return err;
	if (rows.count && cc_row_int(&rows.row[0], 0, 0))
		return cc_change_refuse(c, NULL, cc_t(c->rq, "The default package cannot be deleted."));
	return cc_db_exec(c->rq->db,
			"DELETE FROM customer_field WHERE tenant_id = {tenant} AND package_id = ?", c->id);
}

static int repair(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	return repair_queue(rq, strtoll(key, NULL, 10), 0);
}

static int order(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	cc_redirect(rq, cc_sprintf(rq->arena, "/crm/field-order/%s", key));
	return 0;
}

static int rights(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	cc_redirect(rq, cc_sprintf(rq->arena, "/crm/field-rights/%s", key));
	return 0;
}

static int standard(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	return make_default(rq, strtoll(key, NULL, 10));
}

static const struct cc_action buttons[] = {
		{.name = "standard",
				.label = CC_NC("action", "Make default"),
				.shown = "t.standard = 0 AND t.state = 'open'",
				.run = standard},
		{.name = "order", .label = CC_NC("action", "Order of fields"), .run = order},
		{.name = "rights", .label = CC_NC("action", "Rights of fields"), .run = rights},
		{.name = "repair",
				.label = CC_NC("action", "Repair fields"),
				.confirm = CC_N("Make everything anew that searches of this package use?"),
				.run = repair},
		{.name = NULL},
};

static const struct cc_use uses[] = {
		{CC_NC("use", "Customers"),
				"SELECT name FROM customer WHERE tenant_id = {tenant} AND package_id = ?"},
		{CC_NC("use", "Call tasks"),
				"SELECT name FROM call_task WHERE tenant_id = {tenant} AND package_id = ?"},
		{CC_NC("use", "Access numbers"),
				"SELECT number FROM did WHERE tenant_id = {tenant} AND package_id = ?"},
		{NULL, NULL},
};

static const struct cc_menu tools[] = {
		{"/crm/fields", CC_NC("menu", "Custom fields"), "crm.field.list", 0},
		{NULL, NULL, NULL, 0}};

const struct cc_resource crm_packages = {
		.name = "packages",
		.title = CC_N("Customer packages"),
		.thing = CC_N("Customer package"),
		.path = "/crm/packages",
		.permission = "crm.package",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "customer_package",
		.columns = columns,
		.uses = uses,
		.buttons = buttons,
		.tools = tools,
		.check = check,
		.saved = saved,
		.deleting = deleting,
};
