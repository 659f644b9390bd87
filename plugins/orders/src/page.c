/* SPDX-License-Identifier: GPL-2.0-or-later
 * ORD-01 to ORD-03: the page of an order, its delivery note, and ways to it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cc/dial.h"
#include "cc/err.h"
#include "cc/money.h"
#include "orders.h"

int order_keys(struct cc_request *rq, const char *text, const char **keys)
{
	struct cc_buf json = cc_buf_new(rq->arena);
	size_t n = 0;
	for (const char *p = text ? text : ""; *p; n++) {
		char *end;
		if (*p < '0' || *p > '9' || n == CC_MANY_PAGE)
			return CC_E_INVAL;
		cc_buf_printf(&json, "%s%lld", n ? ", " : "[", strtoll(p, &end, 10));
		if (*end && *end != ',')
			return CC_E_INVAL;
		p = end + (*end == ',');
	}
	cc_buf_str(&json, "]");
	*keys = cc_buf_text(&json);
	return n ? 0 : CC_E_INVAL;
}

/* ---- an order as texts ---- */

static const char *amount_text(struct cc_request *rq, int64_t amount)
{
	const struct cc_money money = cc_money(rq);
	return cc_money_text(rq->arena, &money, amount);
}

/* order_show: what is read of an order, by the name that templates know it by. */
enum kind
{
	TEXT,
	TIME,
	MONEY,
	NUMBER,
	STATE,
	INVOICE,
	YES,
};
static const struct
{
	const char *name;
	enum kind kind;
} shown[] = {{"id", TEXT}, {"number", TEXT}, {"parent", TEXT}, {"state", STATE},
		{"placed_at", TIME}, {"author", TEXT}, {"seller", TEXT}, {"customer", TEXT},
		{"phone", NUMBER}, {"receiver", TEXT}, {"receiver_phone", NUMBER}, {"address", TEXT},
		{"amount", MONEY}, {"prepaid", YES}, {"tracking", TEXT}, {"carrier", TEXT},
		{"freight", MONEY}, {"warehouse", TEXT}, {"sender", TEXT}, {"money_at", TIME},
		{"paid_at", TIME}, {"shipped_at", TIME}, {"closed_at", TIME}, {"note", TEXT},
		{"invoice", YES}, {"invoice_kind", INVOICE}, {"invoice_title", TEXT},
		{"invoice_tax_number", TEXT}, {"invoice_address", TEXT}, {"invoice_phone", NUMBER},
		{"invoice_bank", TEXT}, {"invoice_account", TEXT}, {"invoice_email", TEXT}, {"file", TEXT},
		{"customer_id", TEXT}};
#define SHOWN (sizeof shown / sizeof *shown)
#define SHOW_SQL                                                                                   \
	"SELECT t.id, t.number, t.parent, t.state, t.created_at, t.author, " SELLER_OF                 \
	", t.customer_name, t.phone, t.receiver_name, t.receiver_phone, t.receiver_address, "          \
	"t.amount, t.prepaid, t.tracking, t.carrier, t.freight, w.name, w.address, t.money_at, "       \
	"t.paid_at, t.shipped_at, t.closed_at, t.note, t.invoice, t.invoice_kind, t.invoice_title, "   \
	"t.invoice_tax_number, t.invoice_address, t.invoice_phone, t.invoice_bank, "                   \
	"t.invoice_account, t.invoice_email, (SELECT f.name FROM file f WHERE f.tenant_id = "          \
	"t.tenant_id AND f.id = t.attachment), t.customer_id, " CC_CUSTOMER_HIDES                      \
	" FROM orders_order t LEFT JOIN orders_warehouse w ON w.tenant_id = t.tenant_id AND w.id = "   \
	"t.warehouse_id WHERE t.tenant_id = {tenant} AND t.id IN (" CC_MANY_KEYS ")"

static const char *shown_text(
		struct cc_request *rq, const struct cc_row *row, size_t i, enum cc_hide hide)
{
	const char *text = cc_row_str(row, i);
	switch (shown[i].kind) {
	case TIME:
		return cc_time_text(rq, cc_row_int(row, i, 0));
	case MONEY:
		return amount_text(rq, cc_row_int(row, i, 0));
	case NUMBER:
		return cc_mask_number(rq->arena, text, hide);
	case STATE:
		return cc_tc(rq, "order state", text);
	case INVOICE:
		return cc_tc(rq, "invoice", text);
	case YES:
		return *text == '1' ? cc_t(rq, "Yes") : NULL;
	default:
		return text;
	}
}

static int add_items(struct cc_request *rq, const char *order, struct cc_value *map)
{
	struct cc_rows rows;
	struct cc_arena *a = rq->arena;
	struct cc_value *list = cc_value_add(a, map, "items", CC_VALUE_LIST);
	int err = cc_db_query(rq->db, &rows,
			"SELECT i.id, i.code, i.name, i.unit, i.price, i.quantity, i.serials, (SELECT "
			"GROUP_CONCAT(s.serial ORDER BY s.serial SEPARATOR ', ') FROM orders_serial s WHERE "
			"s.tenant_id = i.tenant_id AND s.item_id = i.id) FROM orders_item i WHERE i.tenant_id "
			"= {tenant} AND i.order_id = ? ORDER BY i.id",
			order);
	for (size_t i = 0; i < rows.count && !err; i++) {
		const struct cc_row *row = &rows.row[i];
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		int64_t price = cc_row_int(row, 4, 0), quantity = cc_row_int(row, 5, 0);
		cc_value_str(a, item, "item", cc_row_str(row, 0));
		cc_value_str(a, item, "code", cc_row_str(row, 1));
		cc_value_str(a, item, "name", cc_row_str(row, 2));
		cc_value_str(a, item, "unit", cc_row_str(row, 3));
		cc_value_str(a, item, "price", amount_text(rq, price));
		cc_value_int(a, item, "quantity", quantity);
		cc_value_str(a, item, "sum", amount_text(rq, price * quantity));
		cc_value_bool(a, item, "has_serials", cc_row_int(row, 6, 0) != 0);
		cc_value_str(a, item, "serials", cc_row_str(row, 7));
	}
	return err;
}

int order_show(struct cc_request *rq, const char *keys, struct cc_value *list)
{
	struct cc_rows rows;
	const struct cc_bind bind = cc_bind_str(keys);
	int err = cc_resource_read(rq, &orders_list, &rows, SHOW_SQL, "ORDER BY t.id", &bind, 1);
	for (size_t n = 0; n < rows.count && !err; n++) {
		const struct cc_row *row = &rows.row[n];
		struct cc_value *map = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		enum cc_hide hide = cc_resource_masks(rq, &orders_list, "phone"),
					 own = cc_hide_parse(row->v[SHOWN]);
		hide = own > hide ? own : hide;
		for (size_t i = 0; i < SHOWN; i++)
			cc_value_str(rq->arena, map, shown[i].name, shown_text(rq, row, i, hide));
		cc_value_str(rq->arena, map, "state_code", cc_row_str(row, 3));
		cc_value_bool(rq->arena, map, "has_freight", cc_row_int(row, 16, 0) != 0);
		err = add_items(rq, cc_row_str(row, 0), map);
	}
	return err;
}

/* ---- the page ---- */

static int add_log(struct cc_request *rq, const char *key, struct cc_value *page)
{
	struct cc_rows rows;
	struct cc_arena *a = rq->arena;
	struct cc_value *list = cc_value_add(a, page, "log", CC_VALUE_LIST);
	int err = cc_db_query(rq->db, &rows,
			"SELECT l.at, l.deed, l.user_name, l.before_state, l.after_state, l.note FROM "
			"orders_log l WHERE l.tenant_id = {tenant} AND l.order_id = ? ORDER BY l.id DESC LIMIT "
			"500",
			key);
	for (size_t i = 0; i < rows.count && !err; i++) {
		const struct cc_row *row = &rows.row[i];
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		bool moved = strcmp(cc_row_str(row, 3), cc_row_str(row, 4)) != 0;
		cc_value_str(a, item, "at", cc_time_text(rq, cc_row_int(row, 0, 0)));
		cc_value_str(a, item, "deed", cc_row_str(row, 1));
		cc_value_str(a, item, "what", cc_tc(rq, "order deed", cc_row_str(row, 1)));
		cc_value_str(a, item, "user", cc_row_str(row, 2));
		cc_value_str(
				a, item, "before", moved ? cc_tc(rq, "order state", cc_row_str(row, 3)) : NULL);
		cc_value_str(a, item, "after", moved ? cc_tc(rq, "order state", cc_row_str(row, 4)) : NULL);
		cc_value_str(a, item, "note", cc_row_str(row, 5));
	}
	return err;
}

/* The other orders of the same parent that the user sees. */
static int add_siblings(struct cc_request *rq, const char *key, struct cc_value *page)
{
	struct cc_rows rows;
	const struct cc_bind binds[] = {cc_bind_str(key), cc_bind_str(key)};
	struct cc_value *list = cc_value_add(rq->arena, page, "siblings", CC_VALUE_LIST);
	int err = cc_resource_read(rq, &orders_list, &rows,
			"SELECT t.id, t.number, t.state, " WAREHOUSE_OF(
					"t") " FROM orders_order t WHERE t.tenant_id = {tenant} AND t.parent = (SELECT "
						 "o.parent FROM orders_order o WHERE o.tenant_id = {tenant} AND o.id = ?) "
						 "AND t.id <> ?",
			"ORDER BY t.id LIMIT 100", binds, 2);
	cc_value_bool(rq->arena, page, "others", rows.count > 0);
	for (size_t i = 0; i < rows.count && !err; i++) {
		const struct cc_row *row = &rows.row[i];
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		cc_value_str(rq->arena, item, "url",
				cc_sprintf(rq->arena, ORDERS_LIST "/%s/view", cc_row_str(row, 0)));
		cc_value_str(rq->arena, item, "number", cc_row_str(row, 1));
		cc_value_str(rq->arena, item, "state", cc_tc(rq, "order state", cc_row_str(row, 2)));
		cc_value_str(rq->arena, item, "warehouse", cc_row_str(row, 3));
	}
	return err;
}

/* The buttons of its row. */
static void add_buttons(struct cc_request *rq, const char *key, struct cc_value *page)
{
	struct cc_value *list = cc_value_add(rq->arena, page, "buttons", CC_VALUE_LIST);
	for (const struct cc_action *b = orders_buttons; b->name; b++) {
		if (!cc_can(rq, b->permission) ||
				(b->shown && !cc_row_fits(rq, &orders_list, key, b->shown)))
			continue;
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		cc_value_str(rq->arena, item, "url",
				cc_sprintf(rq->arena, "%s?%s=%s", b->page, b->with->parameter, key));
		cc_value_str(rq->arena, item, "label", cc_tc(rq, "action", b->label));
	}
}

static const char *text_of(const struct cc_value *map, const char *key)
{
	const struct cc_value *v = cc_value_get(map, key);
	return v && v->str ? v->str : "";
}

static void add_links(struct cc_request *rq, const struct cc_value *order, struct cc_value *page)
{
	struct cc_arena *a = rq->arena;
	const char *id = text_of(order, "id"), *whose = text_of(order, "customer_id");
	bool open = !strcmp(text_of(order, "state_code"), "to_submit");
	cc_value_str(a, page, "edit",
			open && cc_resource_can(rq, &orders_list, "edit") ? cc_sprintf(a, ORDERS_LIST "/%s", id)
															  : NULL);
	cc_value_str(a, page, "card",
			*whose && cc_can(rq, "crm.card.view") ? cc_sprintf(a, "/crm/card?customer=%s", whose)
												  : NULL);
	cc_value_str(a, page, "file_url", cc_sprintf(a, ORDERS_LIST "/%s/file/attachment", id));
}

static int load(struct cc_request *rq, const char *key, const char *title, struct cc_value **page)
{
	struct cc_rows rows;
	const char *keys;
	if (order_keys(rq, key, &keys))
		return CC_E_NOENT;
	int err = cc_db_query(rq->db, &rows,
			"SELECT number FROM orders_order WHERE tenant_id = {tenant} AND id = ?", key);
	if (!err && !rows.count)
		err = CC_E_NOENT;
	if (err)
		return err;
	*page = cc_page(rq, cc_sprintf(rq->arena, "%s %s", title, cc_row_str(&rows.row[0], 0)));
	struct cc_value *list = cc_value_add(rq->arena, *page, "orders", CC_VALUE_LIST);
	err = order_show(rq, keys, list);
	return !err && !list->first ? CC_E_NOENT : err;
}

/* GET /crm/orders/list/{id}/view */
int orders_page(struct cc_request *rq)
{
	struct cc_value *page;
	const char *key = cc_param(rq, "id");
	int err = load(rq, key, cc_t(rq, "Sales order"), &page);
	if (err)
		return err;
	add_buttons(rq, key, page);
	add_links(rq, cc_value_get(page, "orders")->first, page);
	err = add_siblings(rq, key, page);
	if (!err)
		err = add_log(rq, key, page);
	return err ? err : cc_page_send(rq, "orders/order", page);
}

/* GET /crm/orders/print?id=: the delivery note */
int orders_print(struct cc_request *rq)
{
	struct cc_value *page;
	int err = load(rq, cc_query(rq, "id"), cc_t(rq, "Delivery note"), &page);
	return err ? err : cc_page_send(rq, "orders/print", page);
}

/* ---- ways to it ---- */

static int go(struct cc_request *rq, const char *key)
{
	cc_redirect(rq, cc_sprintf(rq->arena, ORDERS_LIST "/%" PRId64 "/view",
							(int64_t)strtoll(key, NULL, 10)));
	return 0;
}

/* GET /crm/orders/order/{id} */
int orders_open(struct cc_request *rq)
{
	return go(rq, cc_param(rq, "id"));
}

static int go_to(struct cc_request *rq, int err, const struct cc_rows *rows)
{
	if (!err && !rows->count)
		err = CC_E_NOENT;
	return err ? err : go(rq, cc_row_str(&rows->row[0], 0));
}

/* GET /crm/orders/log/{id}: the order of a line of the log */
int orders_open_log(struct cc_request *rq)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT order_id FROM orders_log WHERE tenant_id = {tenant} AND id = ?",
			cc_param(rq, "id"));
	return go_to(rq, err, &rows);
}

/* GET /crm/orders/item/{id}: the order of goods */
int orders_open_item(struct cc_request *rq)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT order_id FROM orders_item WHERE tenant_id = {tenant} AND id = ?",
			cc_param(rq, "id"));
	return go_to(rq, err, &rows);
}
