/* SPDX-License-Identifier: GPL-2.0-or-later
 * The area of one number (beside a call and as JSON), and calls by province. */
#include <string.h>
#include "area.h"
#include "cc/err.h"

#define REPORT_DAYS 30
#define TIME_MAX ((int64_t)1 << 48)

struct answer
{
	const char *number;
	const struct area *area; /* NULL: not known */
};

static void write_answer(struct cc_jsonw *w, void *ctx)
{
	const struct answer *a = ctx;
	cc_jsonw_object(w, NULL);
	cc_jsonw_str(w, "number", a->number);
	cc_jsonw_str(w, "province", a->area ? a->area->province : NULL);
	cc_jsonw_str(w, "city", a->area ? a->area->city : NULL);
	cc_jsonw_str(w, "city_english", a->area ? a->area->city_english : NULL);
	cc_jsonw_str(w, "operator", a->area && *a->area->operator? a->area->operator: NULL);
	cc_jsonw_close_object(w);
}

/* The other side of ?call=, for pages whose user does not see numbers. */
static int number_of_call(struct cc_request *rq, const char **number)
{
	const char *call = cc_query(rq, "call");
	struct cc_ulid id;
	struct cc_rows rows;
	if (!call || cc_ulid_parse(&id, call, (int)strlen(call)))
		return CC_E_INVAL;
	int err = cc_db_query(rq->db, &rows,
			"SELECT IF(direction = 'out', callee, caller) FROM calls WHERE tenant_id = {tenant} "
			"AND id = ?",
			((struct cc_bytes){id.b, sizeof id.b}));
	if (!err && !rows.count)
		return CC_E_NOENT;
	*number = err ? "" : cc_row_str(&rows.row[0], 0);
	return err;
}

int area_number(struct cc_request *rq)
{
	const char *number = cc_query(rq, "number");
	const char *of = number;
	struct area found;
	int err = number && *number ? 0 : number_of_call(rq, &of);
	if (!err && strlen(of) > 64)
		err = CC_E_INVAL;
	if (!err)
		err = area_of(rq->db, of, &found);
	if (err && err != CC_E_NOENT)
		return err;
	struct answer answer = {number, err ? NULL : &found};
	if (rq->json) {
		cc_send_json(rq, write_answer, &answer);
		return 0;
	}
	bool english = !strcmp(rq->language, "en");
	struct cc_value *page = cc_page(rq, cc_t(rq, "Area"));
	cc_value_bool(rq->arena, page, "known", !err);
	cc_value_str(rq->arena, page, "province", err ? "" : cc_tc(rq, "province", found.province));
	cc_value_str(rq->arena, page, "city", err ? "" : english ? found.city_english : found.city);
	cc_value_str(rq->arena, page, "operator",
			err || !*found.operator? NULL : cc_tc(rq, "carrier", found.operator));
	return cc_page_send(rq, "area/number", page);
}

int area_by_province(struct cc_request *rq)
{
	static const uint8_t zeros[10];
	struct cc_rows rows;
	int64_t from = cc_time_today(rq, 1 - REPORT_DAYS);
	struct cc_ulid first = cc_ulid_make(from % TIME_MAX, zeros);
	int err = cc_db_query(rq->db, &rows,
			"SELECT a.province, COUNT(*), SUM(c.answered_at IS NOT NULL) FROM area_call a "
			"JOIN calls c ON c.tenant_id = a.tenant_id AND c.id = a.call_id "
			"WHERE a.tenant_id = {tenant} AND a.call_id >= ? "
			"GROUP BY a.province ORDER BY 2 DESC, 1",
			((struct cc_bytes){first.b, sizeof first.b}));
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Calls by province"));
	struct cc_value *list = cc_value_add(rq->arena, page, "provinces", CC_VALUE_LIST);
	int64_t most = rows.count ? cc_row_int(&rows.row[0], 1, 1) : 1;
	for (size_t i = 0; i < rows.count; i++) {
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		const char *code = cc_row_str(&rows.row[i], 0);
		cc_value_str(rq->arena, item, "code", code);
		cc_value_str(rq->arena, item, "name", cc_tc(rq, "province", code));
		cc_value_str(rq->arena, item, "calls", cc_row_str(&rows.row[i], 1));
		cc_value_str(rq->arena, item, "answered", cc_row_str(&rows.row[i], 2));
		cc_value_int(rq->arena, item, "most", most);
	}
	return cc_page_send(rq, "area/provinces", page);
}
