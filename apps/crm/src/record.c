/* SPDX-License-Identifier: GPL-2.0-or-later
 * From a row about a customer or a call (a mark, a contact record, a task) to its recording and to
 * the customer's card. */
#include <string.h>
#include "customer.h"

/* A column of the row of the address, if the user may see the row and it has one. */
static int value_of(struct cc_request *rq, const struct cc_resource *r, const char *column,
		struct cc_rows *rows)
{
	const struct cc_bind id = cc_bind_str(cc_param(rq, "id"));
	struct cc_buf sql = cc_buf_new(rq->arena);
	struct cc_row row;
	int err = cc_resource_get(rq, r, id.s, &row);
	if (err)
		return err;
	cc_buf_str(&sql, "SELECT ");
	cc_buf_str(&sql, column);
	cc_buf_printf(&sql, " FROM %s WHERE tenant_id = {tenant} AND id = ?", r->table);
	err = cc_db_query_text(rq->db, rows, cc_buf_text(&sql), &id, 1);
	return err ? err : rows->count && rows->row[0].v[0] ? 0 : CC_E_NOENT;
}

static int call_of(struct cc_request *rq, const struct cc_resource *r, struct cc_ulid *call)
{
	struct cc_rows rows;
	int err = value_of(rq, r, "call_id", &rows);
	if (!err && rows.row[0].len[0] != sizeof call->b)
		err = CC_E_NOENT;
	if (!err)
		memcpy(call->b, rows.row[0].v[0], sizeof call->b);
	return err;
}

int record_customer(struct cc_change *c, const char **name, const char **package)
{
	struct cc_request *rq = c->rq;
	const char *id = cc_change_new(c, "customer_id"), *phone = cc_change_new(c, "phone");
	struct cc_rows rows;
	if (!id || !*id || !cc_change_differs(c, "customer_id"))
		return 0;
	int err = customer_seen(rq, id);
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT phone, name, package_id FROM customer WHERE tenant_id = {tenant} AND id = "
				"?",
				id);
	if (err == CC_E_NOENT)
		return cc_change_refuse(c, "customer_id", cc_t(rq, "There is no such customer."));
	if (err)
		return err;
	if (!phone || !*phone)
		cc_change_set(c, "phone", cc_row_str(&rows.row[0], 0));
	if (name)
		*name = cc_row_str(&rows.row[0], 1);
	if (package)
		*package = rows.row[0].v[2];
	return 0;
}

int record_recording(struct cc_request *rq, const struct cc_resource *r)
{
	struct cc_ulid call;
	char text[CC_ULID_TEXT + 1];
	int err = call_of(rq, r, &call);
	if (err)
		return err;
	cc_redirect(
			rq, cc_sprintf(rq->arena, "/reports/recordings/%s-0.mp3", cc_ulid_format(&call, text)));
	return 0;
}

int record_card(struct cc_request *rq, const struct cc_resource *r)
{
	struct cc_rows rows;
	int err = value_of(rq, r, "customer_id", &rows);
	/* a mark by phone of a number that no customer had: whoever has it now, or a new one */
	if (!err && !cc_row_int(&rows.row[0], 0, 0)) {
		char text[CC_ULID_TEXT + 1];
		struct cc_ulid call;
		err = call_of(rq, r, &call);
		if (!err)
			cc_redirect(
					rq, cc_sprintf(rq->arena, "/crm/card?call=%s", cc_ulid_format(&call, text)));
	} else if (!err)
		cc_redirect(
				rq, cc_sprintf(rq->arena, "/crm/card?customer=%s", cc_row_str(&rows.row[0], 0)));
	return err;
}
