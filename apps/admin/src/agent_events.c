/* SPDX-License-Identifier: GPL-2.0-or-later
 * STATE-04: every change of an agent's state, as the call engine wrote it. */
#include "admin.h"
#include "agents.h"

#define LIST CC_COLUMN_ALL
#define CHOICE (CC_COLUMN_ALL | CC_COLUMN_FILTER)
#define MORE (CC_COLUMN_PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_SEARCH | CC_COLUMN_JSON | CC_COLUMN_CSV)

static const char *const events[] = {CC_NC("agent_event", "sign_in"),
		CC_NC("agent_event", "sign_out"), CC_NC("agent_event", "auto_sign_out"),
		CC_NC("agent_event", "idle"), CC_NC("agent_event", "busy"), CC_NC("agent_event", "away"),
		CC_NC("agent_event", "offline"), CC_NC("agent_event", "auto_pause"),
		CC_NC("agent_event", "reserved"), CC_NC("agent_event", "ringing"),
		CC_NC("agent_event", "talking"), CC_NC("agent_event", "hold"),
		CC_NC("agent_event", "resume"), CC_NC("agent_event", "call_end"),
		CC_NC("agent_event", "wrapup_start"), CC_NC("agent_event", "wrapup_end"),
		CC_NC("agent_event", "registered"), CC_NC("agent_event", "unregistered"),
		CC_NC("agent_event", "reconnecting"), CC_NC("agent_event", "queue_busy"),
		CC_NC("agent_event", "queue_idle"), NULL};
static const char *const initiators[] = {CC_NC("initiator", "agent"), CC_NC("initiator", "leader"),
		CC_NC("initiator", "system"), NULL};
static const char *const works[] = {"online", "busy", "away", "offline", NULL};

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.seq", INT, CC_COLUMN_JSON),
		CC_COLUMN("at", CC_N("Time"), "t.at", TIME, LIST | CC_COLUMN_SORT),
		CC_COLUMN("agent", CC_N("Agent number"), "t.agent", TEXT,
				CHOICE | CC_COLUMN_EXACT | CC_COLUMN_QUICK),
		CC_COLUMN("agent_name", CC_N("Name"),
				"(SELECT a.name FROM agent a WHERE a.tenant_id = "
				"t.tenant_id AND a.number = t.agent ORDER BY a.live DESC, a.id DESC LIMIT 1)",
				TEXT, CC_COLUMN_PAGE | CC_COLUMN_CSV | CC_COLUMN_JSON),
		CC_COLUMN("event", CC_N("Event"), "t.what", CODE, CHOICE, .context = "agent_event",
				.codes = events),
		CC_COLUMN("queue", CC_N("Group number"), "t.queue", TEXT, CHOICE | CC_COLUMN_EXACT),
		CC_COLUMN("initiator", CC_N("Initiator"), "t.initiator", CODE, CHOICE,
				.context = "initiator", .codes = initiators),
		CC_COLUMN("actor", CC_N("By"), "t.actor", TEXT, MORE),
		CC_COLUMN(
				"reason", CC_N("Reason"), "NULLIF(t.reason, '')", CODE, LIST, .context = "reason"),
		CC_COLUMN("work", CC_N("Work state"), "t.work", CODE, MORE, .context = "work",
				.codes = works),
		CC_COLUMN("call_state", CC_N("Call state"), "t.call_state", CODE, MORE,
				.context = "call_state"),
		CC_COLUMN("call", CC_N("Call"), "t.call_id", ID, MORE),
		{.name = NULL},
};

const struct cc_resource admin_agent_events = {
		.name = "agent-events",
		.title = CC_N("Agent events"),
		.path = "/admin/agent-events",
		.permission = "admin.agent_event",
		.actions = CC_EXPORT,
		.from = "agent_event t",
		.key = "t.seq",
		.own = "t.agent = {agent}",
		.group = ADMIN_GROUP_SCOPE("t.agent"),
		.department = ADMIN_DEPARTMENT_SCOPE("t.agent"),
		.columns = columns,
		.range = "t.at",
		.days = 1,
};
