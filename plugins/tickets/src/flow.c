/* SPDX-License-Identifier: GPL-2.0-or-later
 * TIC-03: flows of tickets: steps one after the other, each with who does it and until when. */
#include "tickets.h"

static const char *const switches[] = {
		CC_NC("ticket switch", "enabled"), CC_NC("ticket switch", "disabled"), NULL};

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Key"), NULL, INT, MORE),
		CC_COLUMN("name", CC_N("Ticket flow"), NULL, TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE | CC_COLUMN_SORT,
				.max = 100, .unique = "tickets_flow_name", .link = TICKETS "/flows/"),
		CC_COLUMN("steps", CC_N("Steps"),
				"(SELECT GROUP_CONCAT(s.name ORDER BY s.position SEPARATOR ' > ') FROM "
				"tickets_flow_step s WHERE s.tenant_id = t.tenant_id AND s.flow_id = t.id)",
				TEXT, LIST),
		CC_COLUMN("state", CC_N("State"), NULL, CODE,
				LIST | FORM | CC_COLUMN_BATCH | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER,
				.context = "ticket switch", .codes = switches, .initial = "enabled"),
		CC_COLUMN("open", CC_N("Open tickets"),
				"(SELECT COUNT(*) FROM tickets_ticket k WHERE k.tenant_id = t.tenant_id AND "
				"k.flow_id = t.id AND k.flow_step_id IS NOT NULL AND k.closed_at IS NULL)",
				INT, LIST),
		CC_COLUMN("note", CC_N("Note"), NULL, NOTE, LIST | FORM, .max = 1000),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, MORE | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Last change"), NULL, TIME, MORE | CC_COLUMN_UPDATED),
		{.name = NULL},
};

static const struct cc_use uses[] = {
		{CC_NC("use", "Tickets"),
				"SELECT number FROM tickets_ticket WHERE tenant_id = {tenant} AND flow_id = ?"},
		{NULL, NULL},
};

static int deleting(struct cc_change *c)
{
	return cc_db_exec(c->rq->db,
			"DELETE FROM tickets_flow_step WHERE tenant_id = {tenant} AND flow_id = ?", c->id);
}

static const struct cc_menu tools[] = {
		{TICKETS "/flow-steps", CC_NC("menu", "Steps of flows"), "tickets.flow_step.list", 0},
		{NULL, NULL, NULL, 0},
};

const struct cc_resource tickets_flows = {
		.name = "ticket-flows",
		.title = CC_N("Ticket flows"),
		.thing = CC_N("Ticket flow"),
		.path = TICKETS "/flows",
		.permission = "tickets.flow",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "tickets_flow",
		.columns = columns,
		.note = CC_N("Tickets that go from step to step. The state and the category are enough for "
					 "others."),
		.tools = tools,
		.uses = uses,
		.deleting = deleting,
};

/* ---- steps ---- */

static const struct cc_column step_columns[] = {
		CC_COLUMN("id", CC_N("Key"), NULL, INT, CC_COLUMN_JSON),
		CC_COLUMN("flow_id", CC_N("Ticket flow"), NAME_OF("tickets_flow", "flow_id"), OPTION,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FIXED | CC_COLUMN_FILTER,
				.names = NAMES("tickets_flow"), .options = NAMES("tickets_flow") " ORDER BY name"),
		CC_COLUMN("position", CC_N("Order"), NULL, INT, LIST | FORM | CC_COLUMN_REQUIRED,
				.max = 10000, .unique = "tickets_flow_step_position"),
		CC_COLUMN("name", CC_N("Step"), NULL, TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 100,
				.link = TICKETS "/flow-steps/"),
		CC_COLUMN("agent_id", CC_N("Agent"), NUMBER_OF("agent", "agent_id"), OPTION, LIST | FORM,
				.names = NUMBERS("agent"), .options = AGENT_OPTIONS, .section = CC_N("Who does it"),
				.help = CC_N("Or a role, or a group, or a role within a group.")),
		CC_COLUMN("role_id", CC_N("Role"), NAME_OF("role", "role_id"), OPTION, LIST | FORM,
				.names = NAMES("role"), .options = NAMES("role") " ORDER BY name",
				.help = CC_N(
						"One of its agents gets the ticket: online before others, then who has "
						"the fewest.")),
		CC_COLUMN("group_id", CC_N("Agent group"), NUMBER_OF("agent_group", "group_id"), OPTION,
				LIST | FORM, .names = NUMBERS("agent_group"), .options = GROUP_OPTIONS,
				.help = CC_N("Alone: its leaders give the ticket out.")),
		CC_COLUMN("hours", CC_N("Hours until it is overdue"), NULL, INT, LIST | FORM, .max = 8760,
				.initial = "0", .help = CC_N("0: no deadline.")),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, MORE | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Last change"), NULL, TIME, MORE | CC_COLUMN_UPDATED),
		{.name = NULL},
};

static int step_check(struct cc_change *c)
{
	if (!cc_change_new_int(c, "agent_id", 0) && !cc_change_new_int(c, "role_id", 0) &&
			!cc_change_new_int(c, "group_id", 0))
		return cc_change_refuse(c, "agent_id", cc_t(c->rq, "Say who does the step."));
	return 0;
}

static const struct cc_use step_uses[] = {
		{CC_NC("use", "Tickets"), "SELECT number FROM tickets_ticket WHERE tenant_id = {tenant} "
								  "AND flow_step_id = ?"},
		{NULL, NULL},
};

const struct cc_resource tickets_flow_steps = {
		.name = "ticket-flow-steps",
		.title = CC_N("Steps of flows"),
		.thing = CC_N("Step of a flow"),
		.path = TICKETS "/flow-steps",
		.permission = "tickets.flow_step",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "tickets_flow_step",
		.columns = step_columns,
		.uses = step_uses,
		.check = step_check,
};
