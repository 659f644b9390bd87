/* SPDX-License-Identifier: GPL-2.0-or-later
 * TIC-02, TIC-05: states, categories (a tree) and results, as each tenant has them. */
#include <string.h>
#include "tickets.h"

#define STAMPS                                                                                     \
	CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, LIST | CC_COLUMN_CREATED),                \
			CC_COLUMN("updated_at", CC_N("Last change"), NULL, TIME, LIST | CC_COLUMN_UPDATED)
#define NAME(label, index, link_)                                                                  \
	CC_COLUMN("name", label, NULL, TEXT,                                                           \
			LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE | CC_COLUMN_SORT,          \
			.max = 100, .unique = index, .link = link_)
#define SWITCH (LIST | FORM | CC_COLUMN_BATCH)
#define GROUP                                                                                      \
	CC_COLUMN("group_id", CC_N("Agent group"), NUMBER_OF("agent_group", "group_id"), OPTION,       \
			LIST | FORM | CC_COLUMN_FILTER | CC_COLUMN_BATCH, .names = NUMBERS("agent_group"),     \
			.options = GROUP_OPTIONS, .section = CC_N("Routing"),                                  \
			.help = CC_N("Where such tickets go. None: they stay where they are."))

/* ---- states ---- */

static const struct cc_column state_columns[] = {
		CC_COLUMN("id", CC_N("Key"), NULL, INT, MORE),
		NAME(CC_N("Ticket state"), "tickets_state_name", TICKETS "/states/"),
		GROUP,
		CC_COLUMN("keep_owner", CC_N("Keep the agent"), NULL, BOOL, SWITCH, .initial = "0",
				.help = CC_N("Whoever has the ticket keeps it when it gets this state.")),
		CC_COLUMN("auto_assign", CC_N("Assign by itself"), NULL, BOOL, SWITCH, .initial = "0",
				.help = CC_N("To an agent of the group who is online. Nobody online, or the agent "
							 "is kept: not assigned.")),
		CC_COLUMN("position", CC_N("Order"), NULL, INT, LIST | FORM, .max = 10000, .initial = "0"),
		STAMPS,
		{.name = NULL},
};

static const struct cc_use state_uses[] = {
		{CC_NC("use", "Tickets"),
				"SELECT number FROM tickets_ticket WHERE tenant_id = {tenant} AND state_id = ?"},
		{CC_NC("use", "Ticket categories"), "SELECT name FROM tickets_category WHERE tenant_id = "
											"{tenant} AND end_state_id = ?"},
		{NULL, NULL},
};

const struct cc_resource tickets_states = {
		.name = "ticket-states",
		.title = CC_N("Ticket states"),
		.thing = CC_N("Ticket state"),
		.path = TICKETS "/states",
		.permission = "tickets.state",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "tickets_state",
		.columns = state_columns,
		.uses = state_uses,
};

/* ---- results ---- */

static const struct cc_column result_columns[] = {
		CC_COLUMN("id", CC_N("Key"), NULL, INT, MORE),
		NAME(CC_N("Ticket result"), "tickets_result_name", TICKETS "/results/"),
		STAMPS,
		{.name = NULL},
};

static const struct cc_use result_uses[] = {
		{CC_NC("use", "Tickets"),
				"SELECT number FROM tickets_ticket WHERE tenant_id = {tenant} AND result_id = ?"},
		{NULL, NULL},
};

const struct cc_resource tickets_results = {
		.name = "ticket-results",
		.title = CC_N("Ticket results"),
		.thing = CC_N("Ticket result"),
		.path = TICKETS "/results",
		.permission = "tickets.result",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "tickets_result",
		.columns = result_columns,
		.uses = result_uses,
};

/* ---- categories ---- */

static const char *const switches[] = {
		CC_NC("ticket switch", "enabled"), CC_NC("ticket switch", "disabled"), NULL};

#define CATEGORY_OPTIONS NAMES("tickets_category") " ORDER BY name"

static const struct cc_column category_columns[] = {
		CC_COLUMN("id", CC_N("Key"), NULL, INT, MORE),
		NAME(CC_N("Ticket category"), "tickets_category_name", TICKETS "/categories/"),
		CC_COLUMN("parent_id", CC_N("Upper category"), NAME_OF("tickets_category", "parent_id"),
				OPTION, LIST | FORM | CC_COLUMN_FILTER, .names = NAMES("tickets_category"),
				.options = CATEGORY_OPTIONS, .help = CC_N("None: at the top.")),
		CC_COLUMN("state", CC_N("State"), NULL, CODE,
				SWITCH | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER, .context = "ticket switch",
				.codes = switches, .initial = "enabled",
				.help = CC_N("New tickets can be of enabled categories only.")),
		CC_COLUMN("end_state_id", CC_N("End state"), NAME_OF("tickets_state", "end_state_id"),
				OPTION, LIST | FORM | CC_COLUMN_BATCH, .names = NAMES("tickets_state"),
				.options = STATE_OPTIONS, .help = CC_N("A ticket that gets it is closed.")),
		GROUP,
		CC_COLUMN("keep_owner", CC_N("Keep the agent"), NULL, BOOL, SWITCH, .initial = "0",
				.help = CC_N("Who creates a ticket keeps it, if in the group; it is not assigned "
							 "by itself then.")),
		CC_COLUMN("auto_assign", CC_N("Assign by itself"), NULL, BOOL, SWITCH, .initial = "0",
				.help = CC_N("To an agent of the group who is online. Nobody online: the group's "
							 "leaders see it.")),
		CC_COLUMN("fields", CC_N("Own fields"),
				"(SELECT COUNT(*) FROM tickets_field f WHERE f.tenant_id = t.tenant_id AND "
				"f.category_id = t.id)",
				INT, LIST, .link = TICKETS "/category-fields/"),
		CC_COLUMN("note", CC_N("Note"), NULL, NOTE, LIST | FORM, .max = 1000),
		STAMPS,
		{.name = NULL},
};

static const struct cc_use category_uses[] = {
		{CC_NC("use", "Tickets"),
				"SELECT number FROM tickets_ticket WHERE tenant_id = {tenant} AND category_id = ?"},
		{CC_NC("use", "Categories below"),
				"SELECT name FROM tickets_category WHERE tenant_id = {tenant} AND parent_id = ?"},
		{CC_NC("use", "Fields"),
				"SELECT label FROM tickets_field WHERE tenant_id = {tenant} AND category_id = ?"},
		{NULL, NULL},
};

/* A category cannot lie below itself. */
static int category_check(struct cc_change *c)
{
	struct cc_rows rows;
	const char *parent = cc_change_new(c, "parent_id");
	if (c->action != CC_EDIT || !parent || !*parent)
		return 0;
	int err = cc_db_query(c->rq->db, &rows,
			"WITH RECURSIVE above (id, parent_id, depth) AS (SELECT id, parent_id, 1 FROM "
			"tickets_category WHERE tenant_id = {tenant} AND id = ? UNION ALL SELECT k.id, "
			"k.parent_id, a.depth + 1 FROM above a JOIN tickets_category k ON k.tenant_id = "
			"{tenant} AND k.id = a.parent_id WHERE a.depth < 100) SELECT 1 FROM above WHERE id = ? "
			"LIMIT 1",
			parent, c->id);
	if (!err && rows.count)
		return cc_change_refuse(
				c, "parent_id", cc_t(c->rq, "This lies below the category itself."));
	return err;
}

static const struct cc_menu category_tools[] = {
		{TICKETS "/tree", CC_NC("menu", "Tree of the categories"), "tickets.category.list", 0},
		{TICKETS "/fields", CC_NC("menu", "Fields of tickets"), "tickets.field.list", 0},
		{NULL, NULL, NULL, 0},
};

const struct cc_resource tickets_categories = {
		.name = "ticket-categories",
		.title = CC_N("Ticket categories"),
		.thing = CC_N("Ticket category"),
		.path = TICKETS "/categories",
		.permission = "tickets.category",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "tickets_category",
		.columns = category_columns,
		.uses = category_uses,
		.tools = category_tools,
		.check = category_check,
};

/* ---- the tree as a picture ---- */

static void add_below(struct cc_request *rq, const struct cc_rows *rows, const char *parent,
		struct cc_value *list)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct cc_row *row = &rows->row[i];
		if (strcmp(cc_row_str(row, 1), parent) != 0)
			continue;
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		cc_value_str(rq->arena, item, "key", cc_row_str(row, 0));
		cc_value_str(rq->arena, item, "name", cc_row_str(row, 2));
		cc_value_str(rq->arena, item, "note", cc_row_str(row, 3));
		cc_value_str(rq->arena, item, "open", cc_row_str(row, 4));
		cc_value_bool(rq->arena, item, "off", cc_row_int(row, 5, 0) != 0);
		struct cc_value *below = cc_value_add(rq->arena, item, "categories", CC_VALUE_LIST);
		add_below(rq, rows, cc_row_str(row, 0), below);
	}
}

/* GET /crm/tickets/tree */
int tickets_tree(struct cc_request *rq)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT k.id, COALESCE(k.parent_id, ''), k.name, k.note, (SELECT COUNT(*) FROM "
			"tickets_ticket t WHERE t.tenant_id = k.tenant_id AND t.category_id = k.id "
			"AND " TICKET_OPEN "), k.state <> 'enabled' FROM tickets_category k WHERE k.tenant_id "
			"= {tenant} ORDER BY k.name LIMIT 1000");
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Tree of the categories"));
	add_below(rq, &rows, "", cc_value_add(rq->arena, page, "categories", CC_VALUE_LIST));
	cc_value_bool(rq->arena, page, "creates", cc_can(rq, "tickets.category.create"));
	return cc_page_send(rq, "tickets/tree", page);
}
