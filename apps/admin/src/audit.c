/* SPDX-License-Identifier: GPL-2.0-or-later
 * SYS-02: who did what, when and from where. Nothing changes these rows; cc-jobd removes them after
 * the days of the preferences. */
#include <string.h>
#include "admin.h"

#define LIST CC_COLUMN_ALL
#define MORE                                                                                       \
	(CC_COLUMN_PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_SEARCH | CC_COLUMN_JSON | CC_COLUMN_CSV |       \
			CC_COLUMN_DETAIL)

/* What is done, and what it is done to where that is no resource:
 * CC_NC("audit", "create") CC_NC("audit", "edit") CC_NC("audit", "delete") CC_NC("audit", "export")
 * CC_NC("audit", "batch") CC_NC("audit", "permissions") CC_NC("audit", "log_in_as")
 * CC_NC("audit", "reset_password") CC_NC("audit", "clone") CC_NC("audit", "sign_in")
 * CC_NC("audit", "sign_out") CC_NC("audit", "return") CC_NC("audit", "change")
 * CC_NC("audit", "download") CC_NC("audit", "play") CC_NC("audit", "enable")
 * CC_NC("audit", "disable") CC_NC("audit", "settings") CC_NC("audit", "view")
 * CC_NC("audit", "desk.session") CC_NC("audit", "desk.password")
 * CC_NC("audit", "desk.announcements") CC_NC("audit", "desk.announcement")
 * CC_NC("audit", "refused") CC_NC("audit", "crashed") CC_NC("audit", "up")
 * CC_NC("audit", "down") CC_NC("audit", "called") CC_NC("audit", "assign")
 * CC_NC("audit", "call_again") CC_NC("audit", "distribute") CC_NC("audit", "merge")
 * CC_NC("audit", "no_call") CC_NC("audit", "recall") CC_NC("audit", "share")
 * CC_NC("audit", "task") CC_NC("audit", "to_task") CC_NC("audit", "transfer")
 * CC_NC("audit", "give") CC_NC("audit", "move") CC_NC("audit", "release")
 * CC_NC("audit", "approve") CC_NC("audit", "repair") CC_NC("audit", "again")
 * CC_NC("audit", "cancel") CC_NC("audit", "undo") CC_NC("audit", "recordings")
 * CC_NC("audit", "standard") CC_NC("audit", "add") CC_NC("audit", "remove")
 * CC_NC("audit", "import") CC_NC("audit", "apply") CC_NC("audit", "blacklist")
 * CC_NC("audit", "customers") CC_NC("audit", "dial") CC_NC("audit", "fetch")
 * CC_NC("audit", "merge_all") CC_NC("audit", "occurrence") CC_NC("audit", "order")
 * CC_NC("audit", "refuse") CC_NC("audit", "rights") CC_NC("audit", "run")
 * CC_NC("audit", "unmerge") CC_NC("audit", "take") CC_NC("audit", "advance")
 * CC_NC("audit", "close") CC_NC("audit", "reopen") CC_NC("audit", "submit")
 * CC_NC("audit", "terminal") CC_NC("audit", "desk.agent") CC_NC("audit", "update")
 * CC_NC("audit", "hang_up") CC_NC("audit", "mobile.number") CC_NC("audit", "mobile.call")
 * CC_NC("audit", "webphone.phone")
 * CC_NC("audit", "desk.call") CC_NC("audit", "admin.feature_code") CC_NC("audit", "crm.backup")
 * CC_NC("audit", "reports.recordings") CC_NC("audit", "admin.company")
 * CC_NC("audit", "admin.preference") CC_NC("audit", "plugin") CC_NC("audit", "send_back")
 * CC_NC("audit", "pay") CC_NC("audit", "ship") CC_NC("audit", "receive")
 * CC_NC("audit", "take_back") CC_NC("audit", "money") CC_NC("audit", "note") */

/* "admin.agent.edit" and the title of its resource, if it has one: "Agents: changed". */
static const char *what_text(struct cc_request *rq, const char *value)
{
	if (!value)
		return "";
	const char *tab = strchr(value, '\t');
	const char *action = cc_strndup(rq->arena, value, tab ? (size_t)(tab - value) : strlen(value));
	const char *dot = strrchr(action, '.');
	if (!dot)
		return action;
	const char *thing = cc_strndup(rq->arena, action, (size_t)(dot - action));
	return cc_sprintf(rq->arena, "%s: %s", tab ? cc_t(rq, tab + 1) : cc_tc(rq, "audit", thing),
			cc_tc(rq, "audit", dot + 1));
}

static void what_json(struct cc_request *rq, struct cc_jsonw *w, const char *name,
		const struct cc_row *row, size_t column)
{
	cc_jsonw_str(w, name, row->v[column]);
}

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("at", CC_N("Time"), "t.at", TIME, LIST | CC_COLUMN_SORT, .link = "/admin/audit/"),
		CC_COLUMN("user_name", CC_N("User"), "t.user_name", TEXT,
				LIST | CC_COLUMN_FILTER | CC_COLUMN_EXACT | CC_COLUMN_QUICK),
		CC_COLUMN("origin_name", CC_N("Really"), "t.origin_name", TEXT, LIST),
		CC_COLUMN("what", CC_N("Action"),
				"CONCAT_WS('\t', t.action, (SELECT r.title FROM registry_resource r WHERE "
				"r.permission = LEFT(t.action, CHAR_LENGTH(t.action) - "
				"CHAR_LENGTH(SUBSTRING_INDEX(t.action, '.', -1)) - 1) ORDER BY r.path LIMIT 1))",
				CUSTOM, CC_COLUMN_PAGE | CC_COLUMN_CSV | CC_COLUMN_DETAIL, .text = what_text,
				.json = what_json),
		CC_COLUMN("action", CC_N("Code of the action"), "t.action", TEXT,
				LIST | CC_COLUMN_HIDDEN | CC_COLUMN_FILTER | CC_COLUMN_QUICK),
		CC_COLUMN("object", CC_N("Object"), "t.object", TEXT, LIST | CC_COLUMN_FILTER),
		CC_COLUMN("address", CC_N("IP address"), "t.address", TEXT,
				LIST | CC_COLUMN_FILTER | CC_COLUMN_EXACT | CC_COLUMN_QUICK),
		CC_COLUMN("path", CC_N("Address of the request"), "t.path", TEXT, LIST | CC_COLUMN_QUICK),
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
