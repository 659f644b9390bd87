/* SPDX-License-Identifier: GPL-2.0-or-later
 * STATE-06: how often and how long agents paused, by kind and reason. A pause counts where it
 * begins, one that lasts up to now. */
#include "cc/people.h"
#include "reports.h"

#define LIST (CC_COLUMN_ALL & ~CC_COLUMN_SEARCH) /* aggregates cannot stand in conditions */
#define OF_AGENT (CC_COLUMN_ALL | CC_COLUMN_FILTER)
#define LASTED "COALESCE(t.ended_at, CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)) - t.started_at"

/* as the list of agent events calls them */
static const char *const kinds[] = {CC_NC("agent_event", "busy"), CC_NC("agent_event", "away"),
		CC_NC("agent_event", "auto_pause"), CC_NC("agent_event", "queue_busy"), NULL};

/* Of the agents that belong to the group now. */
static bool group_compare(struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	(void)op; /* a filter is for equal */
	cc_buf_str(sql, "t.agent IN (SELECT a.number FROM agent_group_member m JOIN agent a ON "
					"a.tenant_id = m.tenant_id AND a.id = m.agent_id WHERE m.tenant_id = "
					"t.tenant_id AND m.group_id = ?)");
	cc_list_bind(l, cc_bind_str(value));
	return true;
}

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "MIN(t.id)", INT, CC_COLUMN_JSON),
		CC_COLUMN("agent", CC_N("Agent number"), "t.agent", TEXT,
				OF_AGENT | CC_COLUMN_EXACT | CC_COLUMN_SORT),
		CC_COLUMN("agent_name", CC_N("Name"),
				"(SELECT a.name FROM agent a WHERE a.tenant_id = t.tenant_id AND a.number = "
				"t.agent ORDER BY a.live DESC, a.id DESC LIMIT 1)",
				TEXT, LIST),
		CC_COLUMN("group", CC_N("Agent group"), "NULL", OPTION, CC_COLUMN_FILTER,
				.options = "SELECT id, CONCAT(number, ' ', name) FROM agent_group WHERE tenant_id "
						   "= {tenant} AND live = 1 ORDER BY number",
				.compare = group_compare),
		CC_COLUMN("kind", CC_N("Kind"), "t.kind", CODE, OF_AGENT, .context = "agent_event",
				.codes = kinds),
		CC_COLUMN("reason", CC_N("Reason"), "t.reason", CODE, CC_COLUMN_ALL, .context = "reason"),
		CC_COLUMN("count", CC_N("Pauses"), "COUNT(*)", INT, LIST | CC_COLUMN_SORT),
		CC_COLUMN("total_ms", CC_N("Paused in all"), "SUM(" LASTED ")", DURATION,
				LIST | CC_COLUMN_SORT),
		CC_COLUMN("share", CC_N("Share of all"),
				"ROUND(1000 * SUM(" LASTED ") / NULLIF(SUM(SUM(" LASTED ")) OVER (), 0))", PROGRESS,
				CC_COLUMN_PAGE),
		CC_COLUMN("mean_ms", CC_N("On average"), "ROUND(AVG(" LASTED "))", DURATION,
				LIST | CC_COLUMN_SORT),
		CC_COLUMN(
				"longest_ms", CC_N("Longest"), "MAX(" LASTED ")", DURATION, LIST | CC_COLUMN_SORT),
		CC_COLUMN("running", CC_N("Paused now"), "MAX(t.ended_at IS NULL)", BOOL, LIST),
		CC_COLUMN("last_at", CC_N("Last began"), "MAX(t.started_at)", TIME,
				LIST | CC_COLUMN_HIDDEN | CC_COLUMN_SORT),
		{.name = NULL},
};

const struct cc_resource reports_pauses = {
		.name = "pauses",
		.title = CC_N("Pauses of agents"),
		.path = "/reports/pauses",
		.permission = "reports.pauses",
		.actions = CC_EXPORT,
		.from = "agent_pause t",
		.group_by = "t.tenant_id, t.agent, t.kind, t.reason",
		.own = "t.agent = {agent}",
		.group = "t.agent = {agent} OR t.agent IN (" CC_LED_AGENTS("number") ")",
		.department = "t.agent = {agent} OR t.agent IN (" CC_LED_AGENTS(
				"number") ") OR t.agent IN (" CC_MANAGED_AGENTS("number") ")",
		.key = "MIN(t.id)",
		.columns = columns,
		.range = "t.started_at",
		.days = 7,
		.initial = "sort=-total_ms",
		.note = CC_N("A pause counts on the day it began, with all of its time; one that is not "
					 "over yet counts up to now."),
};
