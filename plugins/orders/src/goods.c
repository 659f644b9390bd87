/* SPDX-License-Identifier: GPL-2.0-or-later
 * ORD-01: warehouses and the goods in them. The same goods in two warehouses are two rows with one
 * code. */
#include <ctype.h>
#include <string.h>
#include "orders.h"

#define STAMPS                                                                                     \
	CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, MORE | CC_COLUMN_CREATED),                \
			CC_COLUMN("updated_at", CC_N("Last change"), NULL, TIME, MORE | CC_COLUMN_UPDATED)

/* ---- warehouses ---- */

static const struct cc_column warehouse_columns[] = {
		CC_COLUMN("id", CC_N("Key"), NULL, INT, MORE),
		CC_COLUMN("name", CC_N("Warehouse"), NULL, TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE | CC_COLUMN_SORT,
				.max = 50, .unique = "orders_warehouse_name", .link = ORDERS "/warehouses/"),
		CC_COLUMN("address", CC_N("Address"), NULL, TEXT, LIST | FORM | CC_COLUMN_QUICK_ANYWHERE,
				.max = 200, .help = CC_N("It stands on delivery notes as the sender's.")),
		CC_COLUMN("goods", CC_N("Kinds of goods"),
				"(SELECT COUNT(*) FROM orders_goods g WHERE g.tenant_id = t.tenant_id AND "
				"g.warehouse_id = t.id)",
				INT, LIST),
		CC_COLUMN("note", CC_N("Remark"), NULL, NOTE, LIST | FORM),
		STAMPS,
		{.name = NULL},
};

static const struct cc_use warehouse_uses[] = {
		{CC_NC("use", "Goods"),
				"SELECT name FROM orders_goods WHERE tenant_id = {tenant} AND warehouse_id = ?"},
		{CC_NC("use", "Orders"),
				"SELECT number FROM orders_order WHERE tenant_id = {tenant} AND warehouse_id = ?"},
		{NULL, NULL},
};

const struct cc_resource orders_warehouses = {
		.name = "order-warehouses",
		.title = CC_N("Warehouses"),
		.thing = CC_N("Warehouse"),
		.path = ORDERS "/warehouses",
		.permission = "orders.warehouse",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT | CC_IMPORT,
		.table = "orders_warehouse",
		.columns = warehouse_columns,
		.uses = warehouse_uses,
};

/* ---- goods ---- */

static const char *check_code(struct cc_request *rq, const char **value)
{
	const char *c = *value;
	while (isalnum((unsigned char)*c) || (*c && strchr("-_./", *c)))
		c++;
	return *c ? cc_t(rq, "Letters, digits and - _ . / only.") : NULL;
}

static const struct cc_column goods_columns[] = {
		CC_COLUMN("id", CC_N("Key"), NULL, INT, MORE),
		CC_COLUMN("code", CC_N("Goods code"), NULL, TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK | CC_COLUMN_SORT |
						CC_COLUMN_FILTER | CC_COLUMN_EXACT,
				.max = 32, .unique = "orders_goods_code", .check = check_code,
				.link = ORDERS "/goods/",
				.help = CC_N("The same in every warehouse that has these goods.")),
		CC_COLUMN("name", CC_N("Goods"), NULL, TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE | CC_COLUMN_SORT,
				.max = 100, .link = ORDERS "/goods/"),
		CC_COLUMN("unit", CC_N("Unit"), NULL, TEXT, LIST | FORM, .max = 20),
		CC_COLUMN("price", CC_N("Price"), NULL, AMOUNT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_BATCH,
				.help = CC_N("Orders keep the price at which they were saved.")),
		CC_COLUMN("warehouse_id", CC_N("Warehouse"), WAREHOUSE_OF("t"), OPTION,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_INDEXED,
				.names = WAREHOUSES, .options = WAREHOUSES " ORDER BY name"),
		CC_COLUMN("stock", CC_N("Stock"), NULL, INT, LIST | FORM | CC_COLUMN_REQUIRED,
				.max = 1000000000, .initial = "0",
				.help = CC_N("What can still be ordered: submitted orders have taken theirs.")),
		CC_COLUMN("serials", CC_N("SN kept"), NULL, BOOL,
				LIST | FORM | CC_COLUMN_FILTER | CC_COLUMN_BATCH, .initial = "0",
				.help = CC_N("Each piece has a SN, which is asked for when it is shipped.")),
		CC_COLUMN("on_sale", CC_N("On sale"), NULL, BOOL,
				LIST | FORM | CC_COLUMN_FILTER | CC_COLUMN_BATCH, .initial = "1"),
		CC_COLUMN("note", CC_N("Remark"), NULL, NOTE, MORE | FORM),
		STAMPS,
		{.name = NULL},
};

static const struct cc_use goods_uses[] = {
		{CC_NC("use", "Orders"),
				"SELECT DISTINCT o.number FROM orders_item i JOIN orders_order o ON o.tenant_id = "
				"i.tenant_id AND o.id = i.order_id WHERE i.tenant_id = {tenant} AND i.goods_id = "
				"?"},
		{NULL, NULL},
};

/* Orders that wait have items of it in this warehouse. */
static int goods_check(struct cc_change *c)
{
	struct cc_rows rows;
	if (c->action != CC_EDIT || !cc_change_differs(c, "warehouse_id"))
		return 0;
	int err = cc_db_query(c->rq->db, &rows,
			"SELECT 1 FROM orders_item WHERE tenant_id = {tenant} AND goods_id = ? LIMIT 1", c->id);
	if (!err && rows.count)
		return cc_change_refuse(c, "warehouse_id",
				cc_t(c->rq, "There are orders of it: make new goods in the other warehouse."));
	return err;
}

static const struct cc_menu goods_tools[] = {
		{ORDERS "/warehouses", CC_NC("menu", "Warehouses"), "orders.warehouse.list", 0},
		{NULL, NULL, NULL, 0},
};

const struct cc_resource orders_goods = {
		.name = "order-goods",
		.title = CC_N("Goods"),
		.thing = CC_N("Goods"),
		.path = ORDERS "/goods",
		.permission = "orders.goods",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT | CC_IMPORT,
		.table = "orders_goods",
		.columns = goods_columns,
		.uses = goods_uses,
		.tools = goods_tools,
		.check = goods_check,
		.row_class = "IF(t.on_sale = 0, 'row-done', IF(t.stock = 0, 'row-late', ''))",
};
