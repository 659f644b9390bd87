/* SPDX-License-Identifier: GPL-2.0-or-later
 * Pieces of other pages: tickets of a caller or customer beside the call and on the card, and the
 * open tickets on the start page. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cc/err.h"
#include "tickets.h"

#define TAB_ROWS "20"

/* ---- the tab ---- */

static int tab_rows(struct cc_request *rq, const struct cc_whose *whose, struct cc_rows *rows)
{
	const struct cc_bind binds[] = {cc_bind_str(whose->e164), cc_bind_int(whose->customer),
			cc_bind_bytes((struct cc_bytes){whose->has_call ? whose->id.b : NULL,
					whose->has_call ? sizeof whose->id.b : 0})};
	return cc_resource_read(rq, &tickets_list, rows,
			"SELECT t.id, t.number, t.title, " TICKET_STAGE ", COALESCE(" NAME_OF("tickets_state",
					"state_id") ", ''), "
								"COALESCE(" NUMBER_OF("agent", "agent_id") ", " NUMBER_OF(
										"agent_group",
										"group_id") ", ''), t.created_at FROM "
													"tickets_ticket t WHERE " TICKET_SHOWN
													" AND (t.phone_e164 = ? OR t.customer_id = ? "
													"OR t.call_id = ?)",
			"ORDER BY t.id DESC LIMIT " TAB_ROWS, binds, 3);
}

static void add_ticket(struct cc_request *rq, struct cc_value *list, const struct cc_row *row)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
	cc_value_str(a, item, "url", cc_sprintf(a, TICKETS_LIST "/%s/view", cc_row_str(row, 0)));
	cc_value_str(a, item, "number", cc_row_str(row, 1));
	cc_value_str(a, item, "headline", cc_row_str(row, 2));
	cc_value_str(a, item, "stage", cc_row_str(row, 3));
	cc_value_str(a, item, "stage_text", cc_tc(rq, "ticket stage", cc_row_str(row, 3)));
	cc_value_str(a, item, "state", cc_row_str(row, 4));
	cc_value_str(a, item, "holder", cc_row_str(row, 5));
	cc_value_str(a, item, "at", cc_time_text(rq, cc_row_int(row, 6, 0)));
}

/* GET /crm/tickets/tab?call=&number=&customer= */
int tickets_tab(struct cc_request *rq)
{
	struct cc_rows rows;
	struct cc_whose whose;
	struct cc_buf url = cc_buf_new(rq->arena);
	int err = cc_whose_read(rq, &whose);
	if (!err)
		err = tab_rows(rq, &whose, &rows);
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Tickets"));
	struct cc_value *list = cc_value_add(rq->arena, page, "tickets", CC_VALUE_LIST);
	for (size_t i = 0; i < rows.count; i++)
		add_ticket(rq, list, &rows.row[i]);
	cc_buf_str(&url, TICKETS_LIST "/new");
	cc_whose_url(&url, rq, &whose);
	cc_value_str(rq->arena, page, "create",
			cc_resource_can(rq, &tickets_list, "create") ? cc_buf_text(&url) : NULL);
	return cc_page_send(rq, "tickets/tab", page);
}

/* ---- the start page ---- */

static void add_figure(struct cc_request *rq, struct cc_value *list, const char *label,
		const char *count, const char *query, bool alarm)
{
	struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
	cc_value_str(rq->arena, item, "label", label);
	cc_value_str(rq->arena, item, "count", count);
	cc_value_str(rq->arena, item, "url", cc_sprintf(rq->arena, TICKETS_LIST "?%s", query));
	cc_value_bool(rq->arena, item, "alarm", alarm);
}

/* What waits, by state. */
static int add_states(struct cc_request *rq, int64_t me, struct cc_value *page)
{
	struct cc_rows rows;
	struct cc_value *list = cc_value_add(rq->arena, page, "states", CC_VALUE_LIST);
	int err = cc_db_query(rq->db, &rows,
			"SELECT COALESCE(s.name, ''), COUNT(*), t.state_id FROM tickets_ticket t LEFT JOIN "
			"tickets_state s ON s.tenant_id = t.tenant_id AND s.id = t.state_id WHERE t.tenant_id "
			"= {tenant} AND t.agent_id = ? AND " TICKET_OPEN
			" GROUP BY t.state_id, s.name, s.position ORDER BY s.position, t.state_id LIMIT 20",
			me);
	for (size_t i = 0; !err && i < rows.count; i++) {
		const char *name = cc_row_str(&rows.row[i], 0);
		add_figure(rq, list, *name ? name : cc_t(rq, "Without a state"),
				cc_row_str(&rows.row[i], 1),
				cc_sprintf(rq->arena, "agent_id=%" PRId64 "&state_id=%s", me,
						cc_row_str(&rows.row[i], 2)),
				false);
	}
	return err;
}

static int add_next(struct cc_request *rq, int64_t me, struct cc_value *page)
{
	struct cc_rows rows;
	struct cc_value *list = cc_value_add(rq->arena, page, "tickets", CC_VALUE_LIST);
	int err = cc_db_query(rq->db, &rows,
			"SELECT t.id, t.number, t.title, " TICKET_STAGE
			", '', '', t.due_at FROM tickets_ticket t WHERE t.tenant_id = {tenant} AND t.agent_id "
			"= ? AND " TICKET_OPEN " ORDER BY t.due_at IS NULL, t.due_at, t.priority DESC, t.id "
			"LIMIT 6",
			me);
	for (size_t i = 0; !err && i < rows.count; i++)
		add_ticket(rq, list, &rows.row[i]);
	return err;
}

/* GET /crm/tickets/home: a card */
int tickets_home(struct cc_request *rq)
{
	struct cc_arena *a = rq->arena;
	struct cc_rows rows;
	int64_t me;
	int err = ticket_me(rq, &me);
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT COALESCE(SUM(t.agent_id = ?), 0), COALESCE(SUM(t.agent_id = ? AND t.due_at "
				"< ?), 0), COALESCE(SUM(? OR t.group_id IN (" CC_LED_GROUPS
				")), 0), COALESCE(SUM((? OR t.group_id IN (" CC_LED_GROUPS
				")) AND t.agent_id IS NULL), 0), COALESCE(SUM((? OR t.group_id IN (" CC_LED_GROUPS
				")) AND t.due_at < ?), 0), EXISTS (" CC_LED_GROUPS ") FROM tickets_ticket t WHERE "
				"t.tenant_id = {tenant} AND " TICKET_OPEN,
				me, me, rq->now_ms, rq->user->scope == CC_SCOPE_ALL,
				rq->user->scope == CC_SCOPE_ALL, rq->user->scope == CC_SCOPE_ALL, rq->now_ms);
	if (err)
		return err;
	const struct cc_row *row = &rows.row[0];
	bool all = rq->user->scope == CC_SCOPE_ALL;
	bool leads = all || (rq->user->scope != CC_SCOPE_OWN && cc_row_int(row, 5, 0));
	struct cc_value *page = cc_page(rq, cc_t(rq, "Open tickets"));
	struct cc_value *list = cc_value_add(a, page, "figures", CC_VALUE_LIST);
	if (me) {
		const char *own = cc_sprintf(a, "agent_id=%" PRId64, me);
		add_figure(rq, list, cc_t(rq, "Mine"), cc_row_str(row, 0), own, false);
		add_figure(rq, list, cc_t(rq, "Mine, overdue"), cc_row_str(row, 1),
				cc_sprintf(a, "%s&stage=overdue", own), cc_row_int(row, 1, 0) > 0);
	}
	if (leads) {
		add_figure(rq, list, all ? cc_t(rq, "All open") : cc_t(rq, "Of my groups"),
				cc_row_str(row, 2), "field1=closed_at&op1=empty", false);
		add_figure(rq, list, cc_t(rq, "Nobody has them"), cc_row_str(row, 3),
				"field1=agent_id&op1=empty&field2=closed_at&op2=empty", cc_row_int(row, 3, 0) > 0);
		add_figure(rq, list, cc_t(rq, "Overdue"), cc_row_str(row, 4), "stage=overdue",
				cc_row_int(row, 4, 0) > 0);
	}
	cc_value_bool(a, page, "mine", cc_row_int(row, 0, 0) > 0);
	err = add_states(rq, me, page);
	if (!err)
		err = add_next(rq, me, page);
	cc_value_bool(a, page, "none", !cc_row_int(row, 0, 0) && !leads);
	cc_value_str(a, page, "create",
			cc_resource_can(rq, &tickets_list, "create") ? TICKETS_LIST "/new" : NULL);
	return err ? err : cc_page_send(rq, "tickets/home", page);
}
