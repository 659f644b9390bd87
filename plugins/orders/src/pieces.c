/* SPDX-License-Identifier: GPL-2.0-or-later
 * Pieces of other pages: orders, sold goods and addresses of a caller or customer beside the call
 * and on the card, what waits on the start page, and what the form of a new order asks for. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cc/err.h"
#include "cc/money.h"
#include "orders.h"

#define WHOSE " AND (t.phone_e164 = ? OR t.customer_id = ? OR t.call_id = ?)"

/* The rows of the orders that belong to whom the tab is about: what ends in WHOSE. */
static int read_of(struct cc_request *rq, const struct cc_whose *whose, const char *what,
		const char *rest, struct cc_rows *rows)
{
	const struct cc_bind binds[] = {cc_bind_str(whose->e164),
			cc_bind_int(whose->customer ? whose->customer : whose->found.id),
			cc_bind_bytes((struct cc_bytes){whose->has_call ? whose->id.b : NULL,
					whose->has_call ? sizeof whose->id.b : 0})};
	return cc_resource_read(rq, &orders_list, rows, what, rest, binds, 3);
}

static const char *amount_text(struct cc_request *rq, int64_t amount)
{
	const struct cc_money money = cc_money(rq);
	return cc_money_text(rq->arena, &money, amount);
}

static const char *view_of(struct cc_request *rq, const char *id)
{
	return cc_sprintf(rq->arena, ORDERS_LIST "/%s/view", id);
}

/* ---- orders ---- */

static void add_order(struct cc_request *rq, struct cc_value *list, const struct cc_row *row)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
	cc_value_str(a, item, "url", view_of(rq, cc_row_str(row, 0)));
	cc_value_str(a, item, "number", cc_row_str(row, 1));
	cc_value_str(a, item, "state_code", cc_row_str(row, 2));
	cc_value_str(a, item, "state", cc_tc(rq, "order state", cc_row_str(row, 2)));
	cc_value_str(a, item, "goods", cc_row_str(row, 3));
	cc_value_str(a, item, "amount", amount_text(rq, cc_row_int(row, 4, 0)));
	cc_value_str(a, item, "at", cc_time_text(rq, cc_row_int(row, 5, 0)));
	cc_value_str(a, item, "tracking", cc_row_str(row, 6));
}

/* GET /crm/orders/tab?call=&number=&customer= */
int orders_tab(struct cc_request *rq)
{
	struct cc_whose whose;
	struct cc_rows rows;
	struct cc_buf url = cc_buf_new(rq->arena);
	int err = cc_whose_read(rq, &whose);
	if (!err)
		err = read_of(rq, &whose,
				"SELECT t.id, t.number, t.state, (SELECT GROUP_CONCAT(i.name, ' x ', i.quantity "
				"ORDER BY i.id SEPARATOR ', ') FROM orders_item i WHERE i.tenant_id = t.tenant_id "
				"AND i.order_id = t.id), t.amount, t.created_at, t.tracking FROM orders_order t "
				"WHERE t.tenant_id = {tenant}" WHOSE,
				"ORDER BY t.id DESC LIMIT 20", &rows);
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Orders"));
	struct cc_value *list = cc_value_add(rq->arena, page, "orders", CC_VALUE_LIST);
	for (size_t i = 0; i < rows.count; i++)
		add_order(rq, list, &rows.row[i]);
	cc_buf_str(&url, ORDERS_LIST "/new");
	cc_whose_url(&url, rq, &whose);
	cc_value_str(rq->arena, page, "create",
			cc_resource_can(rq, &orders_list, "create") ? cc_buf_text(&url) : NULL);
	return cc_page_send(rq, "orders/tab", page);
}

/* ---- sold goods ---- */

/* GET /crm/orders/tab/goods */
int orders_tab_goods(struct cc_request *rq)
{
	struct cc_whose whose;
	struct cc_rows rows;
	struct cc_arena *a = rq->arena;
	int err = cc_whose_read(rq, &whose);
	if (!err)
		err = read_of(rq, &whose,
				"SELECT t.id, t.number, t.state, i.code, i.name, i.unit, i.quantity, i.price, "
				"t.created_at FROM orders_order t JOIN orders_item i ON i.tenant_id = t.tenant_id "
				"AND i.order_id = t.id WHERE t.tenant_id = {tenant}" WHOSE,
				"ORDER BY t.id DESC, i.id LIMIT 50", &rows);
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Sold goods"));
	struct cc_value *list = cc_value_add(a, page, "items", CC_VALUE_LIST);
	for (size_t i = 0; i < rows.count; i++) {
		const struct cc_row *row = &rows.row[i];
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "url", view_of(rq, cc_row_str(row, 0)));
		cc_value_str(a, item, "number", cc_row_str(row, 1));
		cc_value_str(a, item, "state_code", cc_row_str(row, 2));
		cc_value_str(a, item, "state", cc_tc(rq, "order state", cc_row_str(row, 2)));
		cc_value_str(a, item, "code", cc_row_str(row, 3));
		cc_value_str(a, item, "name", cc_row_str(row, 4));
		cc_value_str(a, item, "unit", cc_row_str(row, 5));
		cc_value_str(a, item, "quantity", cc_row_str(row, 6));
		cc_value_str(a, item, "price", amount_text(rq, cc_row_int(row, 7, 0)));
		cc_value_str(
				a, item, "sum", amount_text(rq, cc_row_int(row, 7, 0) * cc_row_int(row, 6, 0)));
		cc_value_str(a, item, "at", cc_time_text(rq, cc_row_int(row, 8, 0)));
	}
	return cc_page_send(rq, "orders/tab_goods", page);
}

/* ---- addresses ---- */

/* Each address once, the one used last first. */
static int read_addresses(struct cc_request *rq, const struct cc_whose *whose, struct cc_rows *rows)
{
	return read_of(rq, whose,
			"SELECT MAX(t.id), t.receiver_name, t.receiver_phone, t.receiver_address, "
			"MAX(t.created_at), COUNT(*), MAX(" CC_CUSTOMER_HIDES ") FROM orders_order t WHERE "
			"t.tenant_id = {tenant} AND t.receiver_address <> ''" WHOSE,
			"GROUP BY t.receiver_name, t.receiver_phone, t.receiver_address ORDER BY 1 DESC LIMIT "
			"20",
			rows);
}

static const char *phone_of(struct cc_request *rq, const struct cc_row *row, bool *whole)
{
	enum cc_hide hide = cc_resource_masks(rq, &orders_list, "phone"),
				 own = cc_hide_parse(row->v[6]);
	hide = own > hide ? own : hide;
	*whole = hide == CC_HIDE_NONE;
	return cc_mask_number(rq->arena, cc_row_str(row, 2), hide);
}

/* A new order to the address; a number that one does not see is taken from the order. */
static const char *address_url(
		struct cc_request *rq, const struct cc_whose *whose, const struct cc_row *row, bool whole)
{
	struct cc_buf url = cc_buf_new(rq->arena);
	cc_buf_str(&url, ORDERS_LIST "/new");
	cc_whose_url(&url, rq, whose);
	cc_url_field(&url, "receiver_name", cc_row_str(row, 1));
	cc_url_field(&url, "receiver_phone", whole ? cc_row_str(row, 2) : NULL);
	cc_url_field(&url, "receiver_address", cc_row_str(row, 3));
	cc_url_field(&url, "address_of", cc_row_str(row, 0));
	return cc_buf_text(&url);
}

/* GET /crm/orders/tab/addresses */
int orders_tab_addresses(struct cc_request *rq)
{
	struct cc_whose whose;
	struct cc_rows rows;
	struct cc_arena *a = rq->arena;
	int err = cc_whose_read(rq, &whose);
	if (!err)
		err = read_addresses(rq, &whose, &rows);
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Receiving addresses"));
	struct cc_value *list = cc_value_add(a, page, "addresses", CC_VALUE_LIST);
	bool creates = cc_resource_can(rq, &orders_list, "create"), whole;
	for (size_t i = 0; i < rows.count; i++) {
		const struct cc_row *row = &rows.row[i];
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "name", cc_row_str(row, 1));
		cc_value_str(a, item, "phone", phone_of(rq, row, &whole));
		cc_value_str(a, item, "address", cc_row_str(row, 3));
		cc_value_str(a, item, "at", cc_time_text(rq, cc_row_int(row, 4, 0)));
		cc_value_str(a, item, "count", cc_row_str(row, 5));
		cc_value_str(a, item, "create", creates ? address_url(rq, &whose, row, whole) : NULL);
	}
	cc_value_bool(a, page, "creates", creates);
	return cc_page_send(rq, "orders/tab_addresses", page);
}

/* ---- for the form ---- */

struct known
{
	struct cc_request *rq;
	const char *name;
	struct cc_rows rows;
};

static void known_write(struct cc_jsonw *w, void *ctx)
{
	const struct known *k = ctx;
	bool whole;
	cc_jsonw_object(w, NULL);
	cc_jsonw_str(w, "name", k->name);
	cc_jsonw_array(w, "addresses");
	for (size_t i = 0; i < k->rows.count; i++) {
		const struct cc_row *row = &k->rows.row[i];
		const char *phone = phone_of(k->rq, row, &whole);
		cc_jsonw_object(w, NULL);
		cc_jsonw_str(w, "order", cc_row_str(row, 0));
		cc_jsonw_str(w, "name", cc_row_str(row, 1));
		cc_jsonw_str(w, "phone", phone);
		cc_jsonw_bool(w, "whole", whole);
		cc_jsonw_str(w, "address", cc_row_str(row, 3));
		cc_jsonw_close_object(w);
	}
	cc_jsonw_close_array(w);
	cc_jsonw_close_object(w);
}

int orders_known(struct cc_request *rq)
{
	struct known k = {.rq = rq};
	struct cc_whose whose;
	int err = cc_whose_read(rq, &whose);
	k.name = whose.found.name;
	if (!err)
		err = read_addresses(rq, &whose, &k.rows);
	if (!err)
		cc_send_json(rq, known_write, &k);
	return err;
}

/* ---- the start page ---- */

/* GET /crm/orders/home: what waits for somebody, as far as the user sees it. */
int orders_home(struct cc_request *rq)
{
	struct cc_arena *a = rq->arena;
	struct cc_rows rows;
	int err = cc_resource_read(rq, &orders_list, &rows,
			"SELECT t.state, COUNT(*) FROM orders_order t WHERE t.tenant_id = {tenant} AND t.state "
			"IN ('to_submit', 'to_review', 'to_pay', 'to_ship', 'shipped')",
			"GROUP BY t.state", NULL, 0);
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Orders"));
	struct cc_value *list = cc_value_add(a, page, "figures", CC_VALUE_LIST);
	for (int s = ORDER_TO_SUBMIT; s <= ORDER_SHIPPED; s++) {
		const char *count = "0";
		for (size_t i = 0; i < rows.count; i++)
			if (!strcmp(cc_row_str(&rows.row[i], 0), order_states[s]))
				count = cc_row_str(&rows.row[i], 1);
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "label", cc_tc(rq, "order state", order_states[s]));
		cc_value_str(a, item, "count", count);
		cc_value_str(a, item, "url", cc_sprintf(a, ORDERS_LIST "?state=%s", order_states[s]));
	}
	cc_value_str(a, page, "create",
			cc_resource_can(rq, &orders_list, "create") ? ORDERS_LIST "/new" : NULL);
	return cc_page_send(rq, "orders/home", page);
}
