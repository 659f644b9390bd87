/* SPDX-License-Identifier: GPL-2.0-or-later
 * SYS-02: who did what, when and from where. Nothing changes these rows; cc-jobd removes them after
 * the days of the preferences. */
#include "admin.h"

#define LIST CC_COLUMN_ALL
#define MORE                                                                                       \
	(CC_COLUMN_PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_SEARCH | CC_COLUMN_JSON | CC_COLUMN_CSV |       \
			CC_COLUMN_DETAIL)

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("at", CC_N("Time"), "t.at", TIME, LIST | CC_COLUMN_SORT, .link = "/admin/audit/"),
		CC_COLUMN("user_name", CC_N("User"), "t.user_name", TEXT,
				LIST | CC_COLUMN_FILTER | CC_COLUMN_EXACT | CC_COLUMN_QUICK),
		CC_COLUMN("origin_name", CC_N("Really"), "t.origin_name", TEXT, LIST),
		CC_COLUMN("action", CC_N("Action"), "t.action", TEXT,
				LIST | CC_COLUMN_FILTER | CC_COLUMN_QUICK),
		CC_COLUMN("object", CC_N("Object"), "t.object", TEXT, LIST | CC_COLUMN_FILTER),
		CC_COLUMN("address", CC_N("IP address"), "t.address", TEXT,
				LIST | CC_COLUMN_FILTER | CC_COLUMN_EXACT | CC_COLUMN_QUICK),
		CC_COLUMN("path", CC_N("Request"), "t.path", TEXT, LIST | CC_COLUMN_QUICK),
		CC_COLUMN("detail", CC_N("Parameters"), "t.detail", TEXT, MORE),
		{.name = NULL},
};

const struct cc_resource admin_audit = {
		.name = "audit",
		.title = CC_N("Audit log"),
		.thing = CC_N("Entry"),
		.path = "/admin/audit",
		.permission = "admin.audit",
		.actions = CC_EXPORT,
		.from = "audit_log t",
		.own = "t.user_id = {user}",
		.group = "t.user_id = {user}",
		.columns = columns,
		.range = "t.at",
		.days = 7,
};

int admin_audit_entry(struct cc_request *rq)
{
	struct cc_row row;
	int err = cc_resource_get(rq, &admin_audit, cc_param(rq, "id"), &row);
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Entry of the audit log"));
	cc_resource_facts(rq, &admin_audit, &row, page, "facts");
	return cc_page_send(rq, "admin/audit-entry", page);
}
