/* SPDX-License-Identifier: GPL-2.0-or-later
 * TEL-20 numbers that are not to be called, TEL-19 the blacklist of numbers whose calls are not
 * taken, and numbers with a warning for who has them on the telephone. */
#include "listed.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define PACKAGE(more, help_)                                                                       \
	CC_COLUMN("package_id", CC_N("Package"),                                                       \
			"(SELECT x.name FROM customer_package x WHERE x.tenant_id = t.tenant_id AND x.id = "   \
			"t.package_id)",                                                                       \
			OPTION, LIST | FORM | CC_COLUMN_FILTER | (more),                                       \
			.options = CC_PACKAGE_OPTIONS("customers"), .help = (help_))

#define SHOWN "t.tenant_id = {tenant} AND " CC_PACKAGE_SHOWN("customers", "t.package_id")

static const char *const list_states[] = {CC_NC("approval", "enabled"),
		CC_NC("approval", "disabled"), CC_NC("approval", "pending"), NULL};
static const char *const warning_states[] = {
		"enabled", CC_NC("approval", "closed"), "pending", NULL};

/* ---- not to be called ---- */

static const struct cc_column no_call_columns[] = {
		LISTED_NUMBER("/crm/no-call/", .unique = "no_call_number"),
		LISTED_MORE,
		PACKAGE(CC_COLUMN_REQUIRED, CC_N("Other packages are not concerned.")),
		LISTED_STATE(list_states),
		LISTED_REASON,
		LISTED_STAMPS,
		LISTED_HIDES("hp.id = t.package_id"),
		{.name = NULL},
};

LISTED_FUNCTIONS(no_call, "no_call", "package_id, reason", "disabled")

const struct cc_resource crm_no_call = {
		.name = "no-call",
		.title = CC_N("Numbers not to be called"),
		.thing = CC_N("Number not to be called"),
		.path = "/crm/no-call",
		.permission = "crm.no_call",
		LISTED_RESOURCE(no_call, "no_call"),
		.where = SHOWN,
		.note = CC_N(
				"Whole customers that are not to be called stand in the list of customers, not "
				"here."),
};

/* ---- the blacklist ---- */

static const struct cc_column blacklist_columns[] = {
		LISTED_NUMBER("/crm/blacklist/", .unique = "blacklist_number"),
		LISTED_MORE,
		LISTED_STATE(list_states),
		LISTED_REASON,
		LISTED_STAMPS,
		LISTED_HIDES("TRUE"),
		{.name = NULL},
};

LISTED_FUNCTIONS(blacklist, "blacklist", "reason", "disabled")

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
		LISTED_RESOURCE(blacklist, "blacklist"),
		.tools = blacklist_tools,
		.note = CC_N("Calls from these numbers reach nobody. The preferences say what such a "
					 "caller hears."),
};

/* ---- warnings ---- */

static const struct cc_column warning_columns[] = {
		LISTED_NUMBER("/crm/warnings/", .unique = NULL), /* several may be about one */
		LISTED_MORE,
		CC_COLUMN("text", CC_N("Warning"), NULL, NOTE, LIST | FORM | CC_COLUMN_REQUIRED),
		PACKAGE(0, CC_N("Empty: of all packages.")),
		LISTED_STATE(warning_states),
		LISTED_STAMPS,
		LISTED_HIDES("(t.package_id IS NULL OR hp.id = t.package_id)"),
		{.name = NULL},
};

LISTED_FUNCTIONS(warning, "pop_warning", "package_id, text", "closed")

const struct cc_resource crm_warnings = {
		.name = "warnings",
		.title = CC_N("Warnings"),
		.thing = CC_N("Warning"),
		.path = "/crm/warnings",
		.permission = "crm.warnings",
		LISTED_RESOURCE(warning, "pop_warning"),
		.where = SHOWN,
		.note = CC_N("Shown when somebody opens, calls or answers the number."),
};
