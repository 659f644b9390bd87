/* SPDX-License-Identifier: GPL-2.0-or-later
 * ORD-01: the goods of an order, lines of text in the form, rows of orders_item in the database. An
 * order over several warehouses becomes one of each, with the same parent. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cc/err.h"
#include "cc/money.h"
#include "orders.h"

#define LINES_MAX 100

struct item
{
	int64_t goods, warehouse, price;
	const char *code, *name, *unit;
	int32_t quantity;
	bool serials;
};
struct items
{
	struct item item[LINES_MAX];
	size_t count;
};

/* ---- numbers ---- */

int order_number(struct cc_request *rq, const char **number, int64_t *parent)
{
	struct cc_rows rows;
	struct cc_local at = cc_time_local(rq, rq->now_ms);
	int err = cc_db_exec(rq->db,
			"INSERT INTO orders_counter (tenant_id, parent, number) VALUES ({tenant}, 1, 1) ON "
			"DUPLICATE KEY UPDATE parent = parent + ?, number = number + 1",
			parent != NULL);
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT parent, number FROM orders_counter WHERE tenant_id = {tenant}");
	if (err)
		return err;
	if (parent)
		*parent = cc_row_int(&rows.row[0], 0, 0);
	*number = cc_sprintf(rq->arena, "%04d%02d%02d%02d%02d%02d%04d", at.year, at.month, at.day,
			at.hour, at.minute, at.second, order_digits(cc_row_int(&rows.row[0], 1, 0)));
	return 0;
}

/* ---- what the form says ---- */

static int refuse(struct cc_change *c, const char *what, const char *why)
{
	return cc_change_refuse(c, "goods", cc_sprintf(c->rq->arena, "%s: %s", what, why));
}

static bool is_ascii(const char *text)
{
	while (*text && (unsigned char)*text < 0x80)
		text++;
	return !*text;
}

/* The goods of the line, as they are now. */
static int find(struct cc_change *c, const struct order_line *line, struct item *item)
{
	struct cc_rows rows = {0};
	int err = !is_ascii(line->code) /* the column holds ASCII */
					  ? 0
					  : cc_db_query(c->rq->db, &rows,
								"SELECT g.id, g.warehouse_id, g.price, g.code, g.name, g.unit, "
								"g.serials, g.on_sale FROM orders_goods g JOIN orders_warehouse w "
								"ON w.tenant_id = g.tenant_id AND w.id = g.warehouse_id WHERE "
								"g.tenant_id = {tenant} AND g.code = ? AND (? = 0 OR w.name = ?) "
								"LIMIT 2",
								line->code, *line->warehouse != '\0', line->warehouse);
	if (err)
		return err;
	if (!rows.count)
		return refuse(c, line->code, cc_t(c->rq, "There are no such goods."));
	if (rows.count > 1)
		return refuse(c, line->code,
				cc_t(c->rq, "Several warehouses have it: write code @ warehouse * quantity."));
	const struct cc_row *row = &rows.row[0];
	if (!cc_row_int(row, 7, 0))
		return refuse(c, cc_row_str(row, 4), cc_t(c->rq, "It is not on sale."));
	*item = (struct item){.goods = cc_row_int(row, 0, 0),
			.warehouse = cc_row_int(row, 1, 0),
			.price = cc_row_int(row, 2, 0),
			.code = cc_row_str(row, 3),
			.name = cc_row_str(row, 4),
			.unit = cc_row_str(row, 5),
			.serials = cc_row_int(row, 6, 0) != 0,
			.quantity = line->quantity};
	return 0;
}

/* Goods that are named twice are one item. */
static int add(struct cc_change *c, struct items *items, const struct item *item)
{
	for (size_t i = 0; i < items->count; i++) {
		struct item *same = &items->item[i];
		if (same->goods != item->goods)
			continue;
		same->quantity += item->quantity;
		if (same->quantity > ORDER_QUANTITY_MAX)
			return refuse(c, item->name, cc_t(c->rq, "That is too much."));
		return 0;
	}
	if (items->count == LINES_MAX)
		return cc_change_refuse(c, "goods", cc_t(c->rq, "There are too many kinds of goods."));
	items->item[items->count++] = *item;
	return 0;
}

static int read_lines(struct cc_change *c, struct items *items)
{
	const char *text = cc_change_new(c, "goods");
	struct order_line line;
	struct item item;
	int found = 0, err = 0;
	items->count = 0;
	if (!text)
		text = "";
	while (!err && (found = order_line_read(&text, &line)) > 0) {
		err = find(c, &line, &item);
		if (!err)
			err = add(c, items, &item);
	}
	if (!err && found < 0)
		return cc_change_refuse(
				c, "goods", cc_t(c->rq, "Each line has a code, * and how many: A100 * 2"));
	if (!err && !items->count)
		return cc_change_refuse(c, "goods", cc_t(c->rq, "Choose the goods."));
	return err;
}

/* ---- what is stored ---- */

static int store_items(
		struct cc_change *c, const struct items *items, int64_t order, int64_t warehouse)
{
	struct cc_db *db = c->rq->db;
	int64_t amount = 0;
	int err = cc_db_exec(
			db, "DELETE FROM orders_item WHERE tenant_id = {tenant} AND order_id = ?", order);
	for (size_t i = 0; i < items->count && !err; i++) {
		const struct item *m = &items->item[i];
		if (m->warehouse != warehouse)
			continue;
		if (!order_sum(&amount, m->price, m->quantity, CC_MONEY_MAX))
			return refuse(c, m->name, cc_t(c->rq, "That is too much."));
		err = cc_db_exec(db,
				"INSERT INTO orders_item (tenant_id, order_id, goods_id, code, name, unit, price, "
				"quantity, serials) VALUES ({tenant}, ?, ?, ?, ?, ?, ?, ?, ?)",
				order, m->goods, m->code, m->name, m->unit, m->price, m->quantity, m->serials);
	}
	return err ? err
			   : cc_db_exec(db,
						 "UPDATE orders_order SET amount = ?, warehouse_id = ? WHERE tenant_id = "
						 "{tenant} AND id = ?",
						 amount, warehouse, order);
}

/* Another order of the same parent, like this one but for its goods. The attachment stays where it
 * is. */
static int split_off(struct cc_change *c, int64_t *order)
{
	struct cc_request *rq = c->rq;
	const char *number;
	int err = order_number(rq, &number, NULL);
	if (!err)
		err = cc_db_exec(rq->db,
				"INSERT INTO orders_order (tenant_id, parent, number, prepaid, seller_id, "
				"author_id, author, customer_id, customer_name, phone, phone_e164, receiver_name, "
				"receiver_phone, receiver_address, invoice, invoice_kind, invoice_title, "
				"invoice_tax_number, invoice_address, invoice_phone, invoice_bank, "
				"invoice_account, invoice_email, note, call_id, created_at, updated_at) SELECT "
				"tenant_id, parent, ?, prepaid, seller_id, author_id, author, customer_id, "
				"customer_name, phone, phone_e164, receiver_name, receiver_phone, "
				"receiver_address, invoice, invoice_kind, invoice_title, invoice_tax_number, "
				"invoice_address, invoice_phone, invoice_bank, invoice_account, invoice_email, "
				"note, call_id, created_at, updated_at FROM orders_order WHERE tenant_id = "
				"{tenant} AND id = ?",
				number, c->id);
	if (!err)
		*order = cc_db_insert_id(rq->db);
	return err ? err : order_log(rq, *order, "create", ORDER_TO_SUBMIT, ORDER_TO_SUBMIT, NULL);
}

/* The warehouse of the first item behind i that none before has; 0: no more. */
static int64_t next_warehouse(const struct items *items, size_t *i)
{
	for (; *i < items->count; (*i)++) {
		bool known = false;
		for (size_t k = 0; k < *i && !known; k++)
			known = items->item[k].warehouse == items->item[*i].warehouse;
		if (!known)
			return items->item[(*i)++].warehouse;
	}
	return 0;
}

/* The order stays with its warehouse if that has any of the goods. */
static int64_t own_warehouse(struct cc_change *c, const struct items *items)
{
	const char *text = cc_change_old(c, "warehouse_id");
	int64_t old = text ? strtoll(text, NULL, 10) : 0;
	for (size_t i = 0; i < items->count; i++)
		if (items->item[i].warehouse == old)
			return old;
	return items->item[0].warehouse;
}

int order_lines_store(struct cc_change *c, const char **keys)
{
	struct items *items = cc_alloc(c->rq->arena, sizeof *items);
	struct cc_buf ids = cc_buf_new(c->rq->arena);
	size_t next = 0;
	int err = read_lines(c, items);
	if (err)
		return err;
	int64_t own = own_warehouse(c, items), warehouse, order = 0;
	cc_buf_printf(&ids, "[%" PRId64, c->id);
	err = store_items(c, items, c->id, own);
	while (!err && (warehouse = next_warehouse(items, &next)) != 0) {
		if (warehouse == own)
			continue;
		err = split_off(c, &order);
		if (!err)
			err = store_items(c, items, order, warehouse);
		cc_buf_printf(&ids, ", %" PRId64, order);
	}
	cc_buf_str(&ids, "]");
	*keys = cc_buf_text(&ids);
	return err;
}

/* ---- for the form ---- */

struct pick
{
	struct cc_request *rq;
	struct cc_rows rows;
};

static void pick_write(struct cc_jsonw *w, void *ctx)
{
	const struct pick *p = ctx;
	const struct cc_money money = cc_money(p->rq);
	cc_jsonw_object(w, NULL);
	cc_jsonw_array(w, "goods");
	for (size_t i = 0; i < p->rows.count; i++) {
		const struct cc_row *row = &p->rows.row[i];
		int64_t price = cc_row_int(row, 3, 0);
		cc_jsonw_object(w, NULL);
		cc_jsonw_str(w, "code", cc_row_str(row, 0));
		cc_jsonw_str(w, "name", cc_row_str(row, 1));
		cc_jsonw_str(w, "unit", cc_row_str(row, 2));
		cc_jsonw_int(w, "price", price);
		cc_jsonw_str(w, "price_text", cc_money_text(p->rq->arena, &money, price));
		cc_jsonw_str(w, "warehouse", cc_row_str(row, 4));
		cc_jsonw_int(w, "stock", cc_row_int(row, 5, 0));
		cc_jsonw_close_object(w);
	}
	cc_jsonw_close_array(w);
	cc_jsonw_close_object(w);
}

int orders_pick(struct cc_request *rq)
{
	struct pick p = {.rq = rq};
	const char *q = cc_query(rq, "q"), *code = cc_query(rq, "code");
	if (!q || strlen(q) > 200)
		q = "";
	if (!code || strlen(code) > 2000)
		code = "";
	/* code: what is in the order already, names with commas between them */
	int err = cc_db_query(rq->db, &p.rows,
			"SELECT g.code, g.name, g.unit, g.price, w.name, g.stock FROM orders_goods g JOIN "
			"orders_warehouse w ON w.tenant_id = g.tenant_id AND w.id = g.warehouse_id WHERE "
			"g.tenant_id = {tenant} AND ((? = '' AND g.on_sale = 1 AND (LOCATE(?, g.name) > 0 OR "
			"LOCATE(?, CONVERT(g.code USING utf8mb4)) > 0)) OR FIND_IN_SET(CONVERT(g.code USING "
			"utf8mb4), ?) > 0) ORDER BY g.code, w.name LIMIT 50",
			code, q, q, code);
	if (!err)
		cc_send_json(rq, pick_write, &p);
	return err;
}
