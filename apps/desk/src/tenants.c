/* SPDX-License-Identifier: GPL-2.0-or-later
 * A card of the start page for the operator and the resellers: the busiest of their tenants today.
 */
#include <inttypes.h>
#include <string.h>
#include "desk.h"

#define TENANTS_MAX 10

/* A bar of one colour in a picture as wide as the most calls of a tenant. */
static void add_bar(struct cc_arena *a, struct cc_value *bars, const char *look, int64_t from,
		int64_t count, int64_t most)
{
	struct cc_value *v = cc_value_add(a, bars, NULL, CC_VALUE_MAP);
	cc_value_str(a, v, "look", look);
	cc_value_str(a, v, "x", cc_sprintf(a, "%.2f", 100.0 * (double)from / (double)most));
	cc_value_str(a, v, "width", cc_sprintf(a, "%.2f", 100.0 * (double)count / (double)most));
}

static void add_tenant(
		struct cc_request *rq, const struct cc_row *row, int64_t most, struct cc_value *list)
{
	struct cc_arena *a = rq->arena;
	int64_t allowed = cc_row_int(row, 3, 0), answered = cc_row_int(row, 5, 0);
	int64_t abandoned = cc_row_int(row, 6, 0);
	const char *used = cc_row_str(row, 4), *state = cc_row_str(row, 2);
	struct cc_value *v = cc_value_add(a, list, NULL, CC_VALUE_MAP);
	cc_value_str(a, v, "id", cc_row_str(row, 0));
	cc_value_str(a, v, "name", cc_row_str(row, 1));
	cc_value_str(a, v, "state", strcmp(state, "active") ? cc_tc(rq, "tenant_state", state) : NULL);
	cc_value_str(a, v, "agents", allowed ? cc_sprintf(a, "%s / %" PRId64, used, allowed) : used);
	cc_value_int(a, v, "answered", answered);
	cc_value_int(a, v, "abandoned", abandoned);
	struct cc_value *bars = cc_value_add(a, v, "bars", CC_VALUE_LIST);
	add_bar(a, bars, "good", 0, answered, most);
	add_bar(a, bars, "bad", answered, abandoned, most);
}

int desk_tenants(struct cc_request *rq, struct cc_value *page)
{
	struct cc_rows rows = {0};
	int64_t most = 1;
	int err = 0;
	if (rq->user->tenant == CC_PLATFORM && cc_can(rq, "admin.tenant.list"))
		err = cc_db_query(rq->db, &rows,
				"SELECT t.id, t.name, t.state, t.max_agents, (SELECT COUNT(*) FROM agent x "
				"WHERE x.tenant_id = t.id AND x.live = 1), COALESCE(SUM(r.answered), 0), "
				"COALESCE(SUM(r.abandoned), 0) FROM tenant t {any} LEFT JOIN rollup_queue r "
				"ON r.tenant_id = t.id AND r.bucket >= ? AND r.bucket < ? "
				"WHERE t.id > 1 AND (? OR t.reseller_id = ?) "
				"GROUP BY t.id, t.name, t.state, t.max_agents "
				"ORDER BY COALESCE(SUM(r.answered + r.abandoned), 0) DESC, t.name LIMIT ?",
				cc_time_today(rq, 0), cc_time_today(rq, 1), rq->user->scope == CC_SCOPE_ALL,
				rq->user->id, TENANTS_MAX);
	if (err)
		return err;
	cc_value_bool(rq->arena, page, "tenants", rows.count);
	struct cc_value *list = cc_value_add(rq->arena, page, "tenant_rows", CC_VALUE_LIST);
	for (size_t i = 0; i < rows.count; i++) {
		int64_t calls = cc_row_int(&rows.row[i], 5, 0) + cc_row_int(&rows.row[i], 6, 0);
		most = calls > most ? calls : most;
	}
	for (size_t i = 0; i < rows.count; i++)
		add_tenant(rq, &rows.row[i], most, list);
	return 0;
}
