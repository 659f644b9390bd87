/* SPDX-License-Identifier: GPL-2.0-or-later
 * Tabs of the customer card: what there was with the customer before, as fragments. */
#include <stdlib.h>
#include <string.h>
#include "customer.h"

static int customer_of(struct cc_request *rq, int64_t *id)
{
	const char *key = cc_param(rq, "id");
	*id = strtoll(key, NULL, 10);
	return customer_seen(rq, key);
}

static struct cc_value *begin(
		struct cc_request *rq, struct cc_value *page, const char *const *heads)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *list = cc_value_add(a, page, "heads", CC_VALUE_LIST);
	for (; *heads; heads++) {
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "text", cc_t(rq, *heads));
	}
	return cc_value_add(a, page, "rows", CC_VALUE_LIST);
}

static struct cc_value *row_begin(struct cc_request *rq, struct cc_value *rows)
{
	struct cc_value *row = cc_value_add(rq->arena, rows, NULL, CC_VALUE_MAP);
	return cc_value_add(rq->arena, row, "cells", CC_VALUE_LIST);
}

static void cell(struct cc_request *rq, struct cc_value *cells, const char *text, const char *link)
{
	struct cc_value *item = cc_value_add(rq->arena, cells, NULL, CC_VALUE_MAP);
	cc_value_str(rq->arena, item, "text", text);
	cc_value_str(rq->arena, item, "link", link);
	cc_value_bool(rq->arena, item, "sound", false);
}

/* A recording that the page plays; NULL: there is none. */
static void sound(struct cc_request *rq, struct cc_value *cells, const char *link)
{
	struct cc_value *item = cc_value_add(rq->arena, cells, NULL, CC_VALUE_MAP);
	cc_value_str(rq->arena, item, "text", link ? cc_t(rq, "Play") : "");
	cc_value_str(rq->arena, item, "link", link);
	cc_value_bool(rq->arena, item, "sound", true);
}

static int send(struct cc_request *rq, struct cc_value *page)
{
	return cc_page_send(rq, "crm/card-table", page);
}

int crm_tab_follow_ups(struct cc_request *rq)
{
	static const char *const heads[] = {CC_N("Time"), CC_N("User"), CC_N("Customer type"),
			CC_N("Follow-up state"), CC_N("Follow-up"), CC_N("Recording"), NULL};
	struct cc_rows rows;
	int64_t id;
	int err = customer_of(rq, &id);
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT m.id, m.at, m.user_name, y.name, s.name, m.text, EXISTS (SELECT 1 FROM "
				"recording r WHERE r.tenant_id = m.tenant_id AND r.call_id = m.call_id) FROM "
				"customer_mark m LEFT JOIN customer_type y ON y.tenant_id = m.tenant_id AND y.id = "
				"m.type_id LEFT JOIN follow_state s ON s.tenant_id = m.tenant_id AND s.id = "
				"m.state_id WHERE m.tenant_id = {tenant} AND m.customer_id = ? ORDER BY m.id DESC "
				"LIMIT 50",
				id);
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, ""), *list = begin(rq, page, heads);
	for (size_t i = 0; i < rows.count; i++) {
		const struct cc_row *row = &rows.row[i];
		struct cc_value *cells = row_begin(rq, list);
		cell(rq, cells, cc_time_text(rq, cc_row_int(row, 1, 0)), NULL);
		for (size_t n = 2; n <= 5; n++)
			cell(rq, cells, cc_row_str(row, n), NULL);
		bool recorded = cc_row_int(row, 6, 0) && cc_can(rq, "crm.mark_history.list") &&
						cc_can(rq, "reports.recordings.play");
		sound(rq, cells,
				recorded ? cc_sprintf(rq->arena, "/crm/marks/recording/%s", cc_row_str(row, 0))
						 : NULL);
	}
	return send(rq, page);
}

int crm_tab_contacts(struct cc_request *rq)
{
	static const char *const heads[] = {CC_N("Time"), CC_N("Agent"), CC_N("Direction"),
			CC_N("Call result"), CC_N("Sales funnel"), CC_N("Note"), NULL};
	struct cc_rows rows;
	int64_t id;
	int err = customer_of(rq, &id);
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT t.at, CONCAT(t.agent, ' ', t.agent_name), t.direction, x.name, f.name, "
				"t.note FROM contact_record t LEFT JOIN call_result x ON x.tenant_id = t.tenant_id "
				"AND x.id = t.result_id LEFT JOIN sales_funnel f ON f.tenant_id = t.tenant_id AND "
				"f.id = t.funnel_id WHERE t.tenant_id = {tenant} AND t.customer_id = ? ORDER BY "
				"t.id DESC LIMIT 50",
				id);
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, ""), *list = begin(rq, page, heads);
	for (size_t i = 0; i < rows.count; i++) {
		const struct cc_row *row = &rows.row[i];
		struct cc_value *cells = row_begin(rq, list);
		const char *direction = cc_row_str(row, 2);
		cell(rq, cells, cc_time_text(rq, cc_row_int(row, 0, 0)), NULL);
		cell(rq, cells, cc_row_str(row, 1), NULL);
		cell(rq, cells, *direction ? cc_tc(rq, "direction", direction) : "", NULL);
		for (size_t n = 3; n <= 5; n++)
			cell(rq, cells, cc_row_str(row, n), NULL);
	}
	return send(rq, page);
}

/* The latest ones, and a form for the next. One that the user may see leads to its page. */
int crm_tab_services(struct cc_request *rq)
{
	static const char *const heads[] = {
			CC_N("Time"), CC_N("Agent"), CC_N("Service result"), CC_N("Note"), NULL};
	const char *scope = cc_resource_scope(rq, &crm_services);
	struct cc_buf sql = cc_buf_new(rq->arena);
	struct cc_rows rows, results;
	int64_t id;
	int err = customer_of(rq, &id);
	const struct cc_bind bind = cc_bind_int(id);
	cc_buf_str(&sql, "SELECT t.id, t.at, CONCAT(t.agent, ' ', t.agent_name), x.name, t.note, ");
	cc_buf_printf(&sql, "(%s)", scope ? scope : "TRUE");
	cc_buf_str(&sql, " FROM service_record t LEFT JOIN service_result x ON x.tenant_id = "
					 "t.tenant_id AND x.id = t.result_id WHERE t.tenant_id = {tenant} AND "
					 "t.customer_id = ? ORDER BY t.id DESC LIMIT 50");
	if (!err)
		err = cc_db_query_text(rq->db, &rows, cc_buf_text(&sql), &bind, 1);
	if (!err)
		err = cc_db_query(rq->db, &results,
				"SELECT id, name FROM service_result WHERE tenant_id = {tenant} ORDER BY position, "
				"id");
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, ""), *list = begin(rq, page, heads);
	for (size_t i = 0; i < rows.count; i++) {
		const struct cc_row *row = &rows.row[i];
		struct cc_value *cells = row_begin(rq, list);
		cell(rq, cells, cc_time_text(rq, cc_row_int(row, 1, 0)),
				cc_row_int(row, 5, 0)
						? cc_sprintf(rq->arena, "%s/%s", crm_services.path, cc_row_str(row, 0))
						: NULL);
		for (size_t n = 2; n <= 4; n++)
			cell(rq, cells, cc_row_str(row, n), NULL);
	}
	cc_value_bool(rq->arena, page, "may_create", cc_resource_can(rq, &crm_services, "create"));
	cc_value_str(rq->arena, page, "customer", cc_param(rq, "id"));
	cc_value_str(rq->arena, page, "call", card_given(rq, "call"));
	card_options(rq, page, "results", &results, 0);
	return cc_page_send(rq, "crm/card-services", page);
}

static int calls(struct cc_request *rq, const struct cc_rows *rows)
{
	static const char *const heads[] = {CC_N("Time"), CC_N("Direction"), CC_N("Agent"),
			CC_N("Duration"), CC_N("Recording"), NULL};
	struct cc_value *page = cc_page(rq, ""), *list = begin(rq, page, heads);
	for (size_t i = 0; i < rows->count; i++) {
		const struct cc_row *row = &rows->row[i];
		struct cc_value *cells = row_begin(rq, list);
		struct cc_ulid id;
		char text[CC_ULID_TEXT + 1] = "";
		if (row->v[0] && row->len[0] == sizeof id.b) {
			memcpy(id.b, row->v[0], sizeof id.b);
			cc_ulid_format(&id, text);
		}
		bool recorded = cc_row_int(row, 5, 0) && cc_can(rq, "reports.recordings.play");
		bool seen = cc_can(rq, "reports.calls.view");
		cell(rq, cells, cc_time_text(rq, cc_row_int(row, 1, 0)),
				seen ? cc_sprintf(rq->arena, "/reports/calls/%s", text) : NULL);
		cell(rq, cells, cc_tc(rq, "direction", cc_row_str(row, 2)), NULL);
		cell(rq, cells, cc_row_str(row, 3), NULL);
		cell(rq, cells, cc_duration_text(rq, cc_row_int(row, 4, 0)), NULL);
		sound(rq, cells,
				recorded ? cc_sprintf(rq->arena, "/reports/recordings/%s-0.mp3", text) : NULL);
	}
	return send(rq, page);
}

/* Numbers of customer ? and of those that were merged into it, as a table. */
#define NUMBERS                                                                                    \
	"(WITH RECURSIVE merged (id, phone_e164) AS (SELECT c.id, c.phone_e164 FROM customer c WHERE " \
	"c.tenant_id = {tenant} AND c.id = ? UNION SELECT x.customer_id, x.phone_e164 FROM merged m "  \
	"JOIN customer_merge g ON g.tenant_id = {tenant} AND g.customer_id = m.id AND g.state <> "     \
	"'undone' JOIN customer_merged x ON x.tenant_id = g.tenant_id AND x.merge_id = g.id) SELECT "  \
	"DISTINCT phone_e164 FROM merged WHERE phone_e164 IS NOT NULL) n"

/* A call that is not another package's than customer ?. */
#define OF_PACKAGE(call)                                                                           \
	"(" call ".package_id IS NULL OR " call ".package_id = (SELECT o.package_id FROM customer o "  \
	"WHERE o.tenant_id = {tenant} AND o.id = ?))"

int crm_tab_calls(struct cc_request *rq)
{
	struct cc_rows rows;
	int64_t id;
	int err = customer_of(rq, &id);
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT k.id, k.started_at, k.direction, k.agent, k.agent_ms, EXISTS (SELECT 1 "
				"FROM recording r WHERE r.tenant_id = k.tenant_id AND r.call_id = k.id) FROM "
				"(SELECT c.id FROM " NUMBERS
				" JOIN calls c ON c.tenant_id = {tenant} AND c.caller_e164 = n.phone_e164 "
				"AND " OF_PACKAGE("c") " UNION SELECT t.call_id FROM contact_record t WHERE "
									   "t.tenant_id = {tenant} AND "
									   "t.customer_id = ? AND t.call_id IS NOT NULL) f JOIN calls "
									   "k ON k.tenant_id = "
									   "{tenant} AND k.id = f.id ORDER BY k.id DESC LIMIT 50",
				id, id, id);
	return err ? err : calls(rq, &rows);
}

int crm_tab_inbound(struct cc_request *rq)
{
	struct cc_rows rows;
	int64_t id;
	int err = customer_of(rq, &id);
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT k.id, k.started_at, k.direction, k.agent, k.agent_ms, EXISTS (SELECT 1 "
				"FROM recording r WHERE r.tenant_id = k.tenant_id AND r.call_id = k.id) "
				"FROM " NUMBERS
				" JOIN calls k ON k.tenant_id = {tenant} AND k.caller_e164 = n.phone_e164 "
				"AND " OF_PACKAGE("k") " WHERE k.direction = 'in' ORDER BY k.id DESC LIMIT 50",
				id, id);
	return err ? err : calls(rq, &rows);
}
