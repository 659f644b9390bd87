/* SPDX-License-Identifier: GPL-2.0-or-later
 * How many tickets there are, how many are open, overdue and closed, and how long it took, by
 * category, state, result, agent, group or author. */
#include <string.h>
#include "tickets.h"

#define SUM (CC_COLUMN_ALL & ~CC_COLUMN_SEARCH)

static const struct
{
	const char *name, *label, *key, *text;
} sides[] = {
		{"category", CC_N("Ticket category"), "t.tenant_id, t.category_id",
				NAME_OF("tickets_category", "category_id")},
		{"state", CC_N("Ticket state"), "t.tenant_id, t.state_id",
				NAME_OF("tickets_state", "state_id")},
		{"result", CC_N("Ticket result"), "t.tenant_id, t.result_id",
				NAME_OF("tickets_result", "result_id")},
		{"agent", CC_N("Assigned agent"), "t.tenant_id, t.agent_id",
				NUMBER_OF("agent", "agent_id")},
		{"group", CC_N("Assigned group"), "t.tenant_id, t.group_id",
				NUMBER_OF("agent_group", "group_id")},
		{"author", CC_N("Ticket author"), "t.author", "t.author"},
};

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Key"), "MIN(t.id)", INT, CC_COLUMN_JSON),
		CC_COLUMN("by", CC_N("Ticket category"), NAME_OF("tickets_category", "category_id"), TEXT,
				SUM | CC_COLUMN_EXACT),
		CC_COLUMN("count", CC_N("Tickets"), "COUNT(*)", INT, SUM | CC_COLUMN_SORT),
		CC_COLUMN("share", CC_N("Share of all"),
				"ROUND(1000 * COUNT(*) / NULLIF(SUM(COUNT(*)) OVER (), 0))", PROGRESS,
				CC_COLUMN_PAGE),
		CC_COLUMN("open", CC_N("Open"), "SUM(t.closed_at IS NULL)", INT, SUM | CC_COLUMN_SORT),
		CC_COLUMN("overdue", CC_N("Overdue"),
				"COALESCE(SUM(t.closed_at IS NULL AND t.due_at < UNIX_TIMESTAMP() * 1000), 0)", INT,
				SUM | CC_COLUMN_SORT),
		CC_COLUMN("closed", CC_N("Closed ones"), "SUM(t.closed_at IS NOT NULL)", INT,
				SUM | CC_COLUMN_SORT),
		CC_COLUMN("late", CC_N("Closed too late"), "COALESCE(SUM(t.closed_at > t.due_at), 0)", INT,
				SUM | CC_COLUMN_SORT),
		CC_COLUMN("mean_ms", CC_N("Closed after, on average"),
				"ROUND(AVG(t.closed_at - t.created_at))", DURATION, SUM | CC_COLUMN_SORT),
		{.name = NULL},
};

static int side_of(struct cc_request *rq)
{
	for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
		if (strcmp(cc_param(rq, "by"), sides[i].name) == 0)
			return (int)i;
	return -1;
}

static int vary(struct cc_request *rq, struct cc_resource *r)
{
	int side = side_of(rq);
	struct cc_column *list = cc_alloc(rq->arena, sizeof columns);
	if (side < 0)
		return CC_E_NOENT;
	memcpy(list, columns, sizeof columns);
	list[1].label = sides[side].label;
	list[1].sql = sides[side].text;
	r->columns = list;
	r->group_by = sides[side].key;
	r->path = cc_sprintf(rq->arena, TICKETS "/figures/%s", sides[side].name);
	return 0;
}

/* The other sides, above the list. */
static int fill(struct cc_request *rq, const struct cc_resource *r, struct cc_value *page)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *list = cc_value_add(a, page, "sides", CC_VALUE_LIST);
	(void)r;
	for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "url", cc_sprintf(a, TICKETS "/figures/%s", sides[i].name));
		cc_value_str(a, item, "label", cc_t(rq, sides[i].label));
		cc_value_bool(a, item, "selected", (int)i == side_of(rq));
	}
	return 0;
}

const struct cc_resource tickets_figures = {
		.name = "ticket-figures",
		.title = CC_N("Figures of tickets"),
		.path = TICKETS "/figures/{by}",
		.permission = "tickets.figures",
		.actions = CC_EXPORT,
		.from = "tickets_ticket t",
		.where = "t.tenant_id = {tenant} AND t.draft = 0",
		.key = "MIN(t.id)",
		.group_by = "t.tenant_id, t.category_id",
		.own = TICKET_OWN,
		.group = TICKET_GROUP,
		.department = TICKET_DEPARTMENT,
		.columns = columns,
		.range = "t.created_at",
		.range_name = CC_N("Created"),
		.days = 30,
		.page = "tickets/figures",
		.vary = vary,
		.fill = fill,
};
