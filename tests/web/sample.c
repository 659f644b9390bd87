/* SPDX-License-Identifier: GPL-2.0-or-later
 * An application for the tests: a resource with a field of every type, one with nothing but a
 * table, and hooks that refuse. Its tables are in sample.sql. */
#include <string.h>
#include "cc/money.h"
#include "cc/resource.h"

#define ALL CC_COLUMN_ALL
#define FORM (ALL | CC_COLUMN_FORM)
#define MUST (FORM | CC_COLUMN_REQUIRED)
#define BATCH (FORM | CC_COLUMN_BATCH)
#define FILTER CC_COLUMN_FILTER

static const char *const kinds[] = {"red", "green", "blue", NULL};

static const char *const types[] = {"image/png", "application/pdf", NULL};

static const char *check_code(struct cc_request *rq, const char **value)
{
	return strncmp(*value, "bad", 3) ? NULL : "A code does not begin with bad.";
}

static const struct cc_column columns[] = {
		CC_COLUMN("id", "Id", NULL, INT, ALL | CC_COLUMN_SORT),
		CC_COLUMN("code", "Code", NULL, TEXT,
				MUST | CC_COLUMN_FIXED | CC_COLUMN_QUICK | CC_COLUMN_SORT, .max = 20,
				.unique = "sample_thing_code", .check = check_code),
		CC_COLUMN("name", "Name", NULL, TEXT,
				MUST | BATCH | FILTER | CC_COLUMN_QUICK | CC_COLUMN_SORT, .max = 50,
				.section = "General", .help = "What people call it."),
		CC_COLUMN("amount", "Amount", NULL, INT, BATCH | FILTER, .min = 0, .max = 1000,
				.initial = "5"),
		CC_COLUMN("price", "Price", NULL, AMOUNT, BATCH | FILTER | CC_COLUMN_SORT,
				.min = -CC_MONEY_MAX, .max = CC_MONEY_MAX),
		CC_COLUMN("active", "Active", NULL, BOOL, BATCH | FILTER, .initial = "1"),
		CC_COLUMN("kind", "Kind", NULL, CODE, BATCH | FILTER, .context = "sample", .codes = kinds,
				.initial = "red"),
		CC_COLUMN("group_id", "Group", "g.name", OPTION, BATCH | FILTER,
				.options =
						"SELECT id, name FROM agent_group WHERE tenant_id = {tenant} ORDER BY id"),
		CC_COLUMN("group_list", "Groups", NULL, OPTIONS, FORM,
				.options =
						"SELECT id, name FROM agent_group WHERE tenant_id = {tenant} ORDER BY id"),
		CC_COLUMN("tags", "Tags", NULL, TAGS, BATCH),
		CC_COLUMN("phone", "Phone", NULL, PHONE, FORM | CC_COLUMN_QUICK | FILTER | CC_COLUMN_SORT),
		CC_COLUMN("email", "E-mail", NULL, EMAIL, FORM),
		CC_COLUMN("born", "Born", NULL, DATE, FORM | FILTER),
		CC_COLUMN("due", "Due", NULL, TIME, FORM | CC_COLUMN_HIDDEN),
		CC_COLUMN("note", "Note", NULL, NOTE, FORM | CC_COLUMN_HIDDEN),
		CC_COLUMN("salary", "Salary", NULL, INT, FORM | CC_COLUMN_GUARDED, .max = 1000000),
		CC_COLUMN("password", "Password", NULL, PASSWORD, CC_COLUMN_FORM | CC_COLUMN_VIRTUAL),
		CC_COLUMN("photo", "Photo", NULL, FILE, FORM | CC_COLUMN_HIDDEN, .codes = types,
				.max = 100000),
		CC_COLUMN("secret", "Secret", NULL, TEXT, CC_COLUMN_STORED),
		CC_COLUMN("owner", "Owner", NULL, TEXT, ALL | CC_COLUMN_STORED),
		CC_COLUMN("created_at", "Created", NULL, TIME, ALL | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", "Updated", NULL, TIME, ALL | CC_COLUMN_UPDATED),
		{.name = NULL},
};

static int check(struct cc_change *c)
{
	const char *password = cc_change_new(c, "password");
	if (c->action == CC_CREATE)
		cc_change_set(c, "owner", c->rq->user->agent);
	if (password && *password)
		cc_change_set(c, "secret", cc_sprintf(c->rq->arena, "hash of %zu", strlen(password)));
	if (cc_change_new_int(c, "amount", 0) == 13)
		return cc_change_refuse(c, "amount", "Not thirteen.");
	return 0;
}

/* Refuses after the row was written: nothing of it may stay. */
static int saved(struct cc_change *c)
{
	const char *name = cc_change_new(c, "name");
	if (name && !strcmp(name, "too late"))
		return cc_change_refuse(c, "name", "Too late.");
	return 0;
}

static int committed(struct cc_request *rq, void *none)
{
	return cc_db_exec(
			rq->db, "INSERT INTO sample_told {any} (tenant_id) VALUES (?)", rq->user->tenant);
}

static int finish(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	return cc_db_exec(rq->db,
			"UPDATE sample_thing SET active = 0 WHERE tenant_id = {tenant} AND id = ?", key);
}

static const struct cc_use uses[] = {
		{"Parts", "SELECT name FROM sample_part WHERE tenant_id = {tenant} AND thing_id = ?"},
		{NULL, NULL},
};

static const struct cc_action buttons[] = {
		{.name = "finish", .label = "Finish", .shown = "t.active = 1", .run = finish},
		{.name = NULL},
};

static const struct cc_resource things = {
		.name = "things",
		.title = "Things",
		.thing = "Thing",
		.path = "/sample/things",
		.permission = "sample.things",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "sample_thing",
		.from = "sample_thing t LEFT JOIN agent_group g ON g.tenant_id = t.tenant_id AND g.id = "
				"t.group_id",
		.own = "t.owner = {agent}",
		.group = "t.owner IN (SELECT a.number FROM agent a WHERE a.tenant_id = {tenant})",
		.columns = columns,
		.range = "t.created_at",
		.uses = uses,
		.buttons = buttons,
		.check = check,
		.saved = saved,
		.committed = committed,
};

static const struct cc_column part_columns[] = {
		CC_COLUMN("id", "Id", NULL, INT, ALL),
		CC_COLUMN("name", "Name", NULL, TEXT, MUST | CC_COLUMN_SORT),
		CC_COLUMN("thing_id", "Thing", NULL, OPTION, MUST,
				.options = "SELECT id, name FROM sample_thing WHERE tenant_id = {tenant}"),
		{.name = NULL},
};

static const struct cc_resource parts = {
		.name = "parts",
		.title = "Parts",
		.path = "/sample/parts",
		.permission = "sample.parts",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE,
		.table = "sample_part",
		.columns = part_columns,
};

static const struct cc_resource *const resources[] = {&things, &parts, NULL};

const struct cc_plugin cc_application = {
		.abi = CC_PLUGIN_ABI,
		.size = sizeof cc_application,
		.name = "sample",
		.version = "1",
		.resources = resources,
};
