/* SPDX-License-Identifier: GPL-2.0-or-later
 * TEL-20 numbers that are not to be called, TEL-19 the blacklist of numbers whose calls are not
 * taken, and numbers with a warning for who has them on the telephone. */
#include "listed.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define MORE (CC_COLUMN_ALL | CC_COLUMN_HIDDEN)
#define PACKAGE_NAME                                                                               \
	"(SELECT x.name FROM customer_package x WHERE x.tenant_id = t.tenant_id AND x.id = "           \
	"t.package_id)"

static const char *const list_states[] = {CC_NC("approval", "enabled"),
		CC_NC("approval", "disabled"), CC_NC("approval", "pending"), NULL};
static const char *const warning_states[] = {
		"enabled", CC_NC("approval", "closed"), "pending", NULL};

/* ---- not to be called ---- */

static const struct cc_column no_call_columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, MORE),
		CC_COLUMN("phone", CC_N("Telephone number"), NULL, PHONE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 32,
				.unique = "no_call_number", .link = "/crm/no-call/"),
		LISTED_MORE,
		CC_COLUMN("package_id", CC_N("Package"), PACKAGE_NAME, OPTION,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER, .options = PACKAGE_OPTIONS,
				.help = CC_N("Other packages are not concerned.")),
		CC_COLUMN("state", CC_N("State"), NULL, CODE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_BATCH,
				.context = "approval", .codes = list_states, .initial = "enabled"),
		CC_COLUMN("reason", CC_N("Reason"), NULL, TEXT, LIST | FORM, .max = 200),
		LISTED_STAMPS,
		LISTED_HIDES("hp.id = t.package_id"),
		{.name = NULL},
};

static int no_call_check(struct cc_change *c)
{
	return listed_check(c, "crm.no_call.approve");
}

static int no_call_add(struct cc_change *c, const char *phone, const char *e164)
{
	return cc_db_exec(c->rq->db,
			"INSERT IGNORE INTO no_call (tenant_id, package_id, phone, e164, reason, state, "
			"created_by, created_at, updated_at) SELECT {tenant}, n.package_id, ?, ?, n.reason, "
			"n.state, n.created_by, n.created_at, n.updated_at FROM no_call n WHERE n.tenant_id = "
			"{tenant} AND n.id = ?",
			phone, e164, c->id);
}

static int no_call_saved(struct cc_change *c)
{
	return listed_more(c, no_call_add);
}

LISTED_STATE(no_call_approve, "no_call", "enabled")
LISTED_STATE(no_call_refuse, "no_call", "disabled")

static const struct cc_action no_call_buttons[] = LISTED_BUTTONS(no_call_approve, no_call_refuse);

const struct cc_resource crm_no_call = {
		.name = "no-call",
		.title = CC_N("Numbers not to be called"),
		.thing = CC_N("Number not to be called"),
		.path = "/crm/no-call",
		.permission = "crm.no_call",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT | CC_IMPORT,
		.table = "no_call",
		/* everybody sees them all: nobody is to call them */
		.own = "TRUE",
		.group = "TRUE",
		.columns = no_call_columns,
		.buttons = no_call_buttons,
		.note = CC_N(
				"Whole customers that are not to be called stand in the list of customers, not "
				"here."),
		.check = no_call_check,
		.saved = no_call_saved,
};

/* ---- the blacklist ---- */

static const struct cc_column blacklist_columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, MORE),
		CC_COLUMN("phone", CC_N("Telephone number"), NULL, PHONE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 32,
				.unique = "blacklist_number", .link = "/crm/blacklist/"),
		LISTED_MORE,
		CC_COLUMN("state", CC_N("State"), NULL, CODE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_BATCH,
				.context = "approval", .codes = list_states, .initial = "enabled"),
		CC_COLUMN("reason", CC_N("Reason"), NULL, TEXT, LIST | FORM, .max = 200),
		LISTED_STAMPS,
		LISTED_HIDES("TRUE"),
		{.name = NULL},
};

static int blacklist_check(struct cc_change *c)
{
	return listed_check(c, "crm.blacklist.approve");
}

static int blacklist_add(struct cc_change *c, const char *phone, const char *e164)
{
	return cc_db_exec(c->rq->db,
			"INSERT IGNORE INTO blacklist (tenant_id, phone, e164, reason, state, created_by, "
			"created_at, updated_at) SELECT {tenant}, ?, ?, n.reason, n.state, n.created_by, "
			"n.created_at, n.updated_at FROM blacklist n WHERE n.tenant_id = {tenant} AND n.id = ?",
			phone, e164, c->id);
}

static int blacklist_saved(struct cc_change *c)
{
	return listed_more(c, blacklist_add);
}

LISTED_STATE(blacklist_approve, "blacklist", "enabled")
LISTED_STATE(blacklist_refuse, "blacklist", "disabled")

static const struct cc_action blacklist_buttons[] =
		LISTED_BUTTONS(blacklist_approve, blacklist_refuse);

static const struct cc_menu blacklist_tools[] = {
		{"/crm/blacklist?state=pending", CC_NC("menu", "To be approved"), "crm.blacklist.approve",
				0},
		{"/reports/blacklist", CC_NC("menu", "Calls from the blacklist"), "reports.blacklist.list",
				0},
		{NULL, NULL, NULL, 0},
};

const struct cc_resource crm_blacklist = {
		.name = "blacklist",
		.title = CC_N("Blacklist"),
		.thing = CC_N("Number of the blacklist"),
		.path = "/crm/blacklist",
		.permission = "crm.blacklist",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT | CC_IMPORT,
		.table = "blacklist",
		/* everybody sees them all: nobody is called by them */
		.own = "TRUE",
		.group = "TRUE",
		.columns = blacklist_columns,
		.buttons = blacklist_buttons,
		.tools = blacklist_tools,
		.note = CC_N("Calls from these numbers reach nobody. The preferences say what such a "
					 "caller hears."),
		.check = blacklist_check,
		.saved = blacklist_saved,
};

/* ---- warnings ---- */

static const struct cc_column warning_columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, MORE),
		CC_COLUMN("phone", CC_N("Telephone number"), NULL, PHONE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 32,
				.link = "/crm/warnings/"),
		LISTED_MORE,
		CC_COLUMN("text", CC_N("Warning"), NULL, NOTE, LIST | FORM | CC_COLUMN_REQUIRED),
		CC_COLUMN("package_id", CC_N("Package"), PACKAGE_NAME, OPTION,
				LIST | FORM | CC_COLUMN_FILTER, .options = PACKAGE_OPTIONS,
				.help = CC_N("Empty: of all packages.")),
		CC_COLUMN("state", CC_N("State"), NULL, CODE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_BATCH,
				.context = "approval", .codes = warning_states, .initial = "enabled"),
		LISTED_STAMPS,
		LISTED_HIDES("(t.package_id IS NULL OR hp.id = t.package_id)"),
		{.name = NULL},
};

static int warning_check(struct cc_change *c)
{
	return listed_check(c, "crm.warnings.approve");
}

static int warning_add(struct cc_change *c, const char *phone, const char *e164)
{
	return cc_db_exec(c->rq->db,
			"INSERT INTO pop_warning (tenant_id, package_id, phone, e164, text, state, created_by, "
			"created_at, updated_at) SELECT {tenant}, n.package_id, ?, ?, n.text, n.state, "
			"n.created_by, n.created_at, n.updated_at FROM pop_warning n WHERE n.tenant_id = "
			"{tenant} AND n.id = ?",
			phone, e164, c->id);
}

static int warning_saved(struct cc_change *c)
{
	return listed_more(c, warning_add);
}

LISTED_STATE(warning_approve, "pop_warning", "enabled")
LISTED_STATE(warning_refuse, "pop_warning", "closed")

static const struct cc_action warning_buttons[] = LISTED_BUTTONS(warning_approve, warning_refuse);

const struct cc_resource crm_warnings = {
		.name = "warnings",
		.title = CC_N("Warnings"),
		.thing = CC_N("Warning"),
		.path = "/crm/warnings",
		.permission = "crm.warnings",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT | CC_IMPORT,
		.table = "pop_warning",
		.own = "TRUE",
		.group = "TRUE",
		.columns = warning_columns,
		.buttons = warning_buttons,
		.note = CC_N("Shown when somebody opens, calls or answers the number."),
		.check = warning_check,
		.saved = warning_saved,
};
