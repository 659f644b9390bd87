/* SPDX-License-Identifier: GPL-2.0-or-later
 * CALL-01, TEL-20: whose the number is that is called from a list or a card, and whether it is to
 * be called at all, and now. The engine refuses what is on the list too; here is the reason in
 * words. */
#include <string.h>
#include "call_task.h"
#include "cc/dial.h"

int customer_no_call(struct cc_request *rq, int64_t customer, const char *e164, const char **text)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT c.no_call, n.reason FROM customer c LEFT JOIN no_call n ON n.tenant_id = "
			"c.tenant_id AND n.package_id = c.package_id AND n.e164 = COALESCE(?, c.phone_e164) "
			"AND n.state = 'enabled' WHERE c.tenant_id = {tenant} AND c.id = ?",
			e164, customer);
	*text = NULL;
	if (err || !rows.count)
		return err;
	if (cc_row_int(&rows.row[0], 0, 0))
		*text = cc_t(rq, "This customer is not to be called.");
	else if (rows.row[0].v[1])
		*text = cc_sprintf(rq->arena, "%s %s", cc_t(rq, "This number is not to be called."),
				cc_row_str(&rows.row[0], 1));
	return 0;
}

int customer_dialing(
		struct cc_request *rq, const struct cc_resource *r, const char *key, struct cc_dial *dial)
{
	const struct cc_bind id = cc_bind_str(key);
	struct cc_buf sql = cc_buf_new(rq->arena);
	struct cc_rows rows;
	struct call_task task = {0};
	struct package *p;
	cc_buf_str(&sql, "SELECT c.id, c.name, c.package_id FROM ");
	cc_buf_str(&sql, r->table);
	cc_buf_printf(&sql,
			" x JOIN customer c ON c.tenant_id = x.tenant_id AND c.id = x.%s WHERE x.tenant_id = "
			"{tenant} AND x.id = ?",
			strcmp(r->table, "customer") == 0 ? "id" : "customer_id");
	int err = cc_db_query_text(rq->db, &rows, cc_buf_text(&sql), &id, 1);
	if (err || !rows.count) /* a call-back of nobody who is known */
		return err;
	dial->customer = cc_row_int(&rows.row[0], 0, 0);
	dial->name = cc_row_str(&rows.row[0], 1);
	dial->package = cc_row_int(&rows.row[0], 2, 0);
	err = package_load(rq->db, rq->arena, dial->package, &p);
	if (!err)
		err = customer_no_call(
				rq, dial->customer, package_e164(rq->arena, p, dial->number), &dial->refused);
	if (!err && !dial->refused)
		err = call_task_of(rq, dial->customer, &task);
	if (err || dial->refused || !task.enabled)
		return err;
	dial->refused = call_task_resting(rq, &task);
	dial->profile = task.profile;
	dial->caller_id = task.caller_id;
	return 0;
}
