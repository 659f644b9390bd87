/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-15: how many customers of a package stand at which step of the sales funnel, as a chart. Each
 * step leads to its customers; everybody counts those that they see. */
#include <string.h>
#include "customer.h"

#define WIDTH 1000 /* of the widest bar, in units of the picture */

#define COUNTS(scope)                                                                              \
	"SELECT f.id, f.name, f.score, COUNT(c.id) FROM sales_funnel f LEFT JOIN (SELECT DISTINCT "    \
	"r.funnel_id, r.customer_id FROM contact_record r WHERE r.tenant_id = {tenant} AND "           \
	"r.funnel_id IS NOT NULL) d ON d.funnel_id = f.id LEFT JOIN customer c ON c.tenant_id = "      \
	"f.tenant_id AND c.id = d.customer_id AND c.funnel_id = d.funnel_id AND c.package_id = ? "     \
	"AND " SEEN_CUSTOMER("c") " AND " scope " WHERE f.tenant_id = {tenant} AND f.state <> "        \
							  "'closed' AND (f.package_id IS NULL OR f.package_id = ?) GROUP BY "  \
							  "f.id, f.name, f.score, f.position ORDER BY f.position, f.id"

static int count(struct cc_request *rq, int64_t package, struct cc_rows *rows)
{
	switch (rq->user->scope) {
	case CC_SCOPE_ALL:
		return cc_db_query(rq->db, rows, COUNTS("TRUE"), package, package);
	case CC_SCOPE_DEPARTMENT:
		return cc_db_query(rq->db, rows, COUNTS(DEPARTMENT_CUSTOMER("c")), package, package);
	case CC_SCOPE_GROUP:
		return cc_db_query(rq->db, rows, COUNTS(GROUP_CUSTOMER("c")), package, package);
	default:
		return cc_db_query(rq->db, rows, COUNTS(OWN_CUSTOMER("c")), package, package);
	}
}

static const char *meaning(int64_t score)
{
	return score > 0 ? "success" : score < 0 ? "failure" : "goes_on";
}

static void add_steps(struct cc_request *rq, struct cc_value *page, const struct package *p,
		const struct cc_rows *rows)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *list = cc_value_add(a, page, "steps", CC_VALUE_LIST);
	int64_t most = 1, all = 0;
	for (size_t i = 0; i < rows->count; i++) {
		int64_t n = cc_row_int(&rows->row[i], 3, 0);
		most = n > most ? n : most;
		all += n;
	}
	for (size_t i = 0; i < rows->count; i++) {
		const struct cc_row *row = &rows->row[i];
		struct cc_value *step = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		int64_t n = cc_row_int(row, 3, 0), width = n * WIDTH / most;
		const char *code = meaning(cc_row_int(row, 2, 0));
		cc_value_str(a, step, "name", cc_row_str(row, 1));
		cc_value_str(a, step, "code", code);
		cc_value_str(a, step, "meaning", cc_tc(rq, "funnel", code));
		cc_value_str(a, step, "score", cc_row_str(row, 2));
		cc_value_int(a, step, "count", n);
		cc_value_str(a, step, "share",
				all ? cc_sprintf(a, "%.1f %%", 100.0 * (double)n / (double)all) : "–");
		cc_value_int(a, step, "x", (WIDTH - width) / 2);
		cc_value_int(a, step, "width", width ? width : 2);
		cc_value_str(a, step, "url",
				cc_sprintf(a, CUSTOMERS "/%s?funnel_id=%s", p->code, cc_row_str(row, 0)));
	}
	cc_value_int(a, page, "all", all);
}

int crm_funnel_chart(struct cc_request *rq)
{
	struct cc_arena *a = rq->arena;
	struct cc_rows packages, rows;
	struct package *p;
	const char *code = cc_query(rq, "package");
	int64_t id = 0;
	int err = cc_db_query(rq->db, &packages,
			"SELECT id, code, name FROM customer_package WHERE tenant_id = {tenant} AND state = "
			"'open' ORDER BY standard DESC, name LIMIT 200");
	for (size_t i = 0; !err && code && i < packages.count; i++)
		if (!strcmp(cc_row_str(&packages.row[i], 1), code))
			id = cc_row_int(&packages.row[i], 0, 0);
	if (!err && code && *code && !id)
		err = CC_E_NOENT;
	if (!err)
		err = package_load(rq->db, a, id, &p);
	if (!err)
		err = count(rq, p->id, &rows);
	if (err)
		return err;

	struct cc_value *page = cc_page(rq, cc_t(rq, "Funnel chart"));
	struct cc_value *list = cc_value_add(a, page, "packages", CC_VALUE_LIST);
	for (size_t i = 0; packages.count > 1 && i < packages.count; i++) {
		const struct cc_row *row = &packages.row[i];
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(
				a, item, "url", cc_sprintf(a, "/crm/funnel-chart?package=%s", cc_row_str(row, 1)));
		cc_value_str(a, item, "name", cc_row_str(row, 2));
		cc_value_bool(a, item, "selected", cc_row_int(row, 0, 0) == p->id);
	}
	cc_value_bool(a, page, "edits", cc_can(rq, "crm.funnels.list"));
	add_steps(rq, page, p, &rows);
	return cc_page_send(rq, "crm/funnel-chart", page);
}
