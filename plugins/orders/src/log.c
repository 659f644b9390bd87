/* SPDX-License-Identifier: GPL-2.0-or-later
 * ORD-04: the order log, goods that were sold, and what each salesperson sold. */
#include "orders.h"

static const char *const states[] = {"to_submit", "to_review", "to_pay", "to_ship", "shipped",
		"received", "refused", "returned", NULL};
static const char *const deeds[] = {CC_NC("order deed", "create"), CC_NC("order deed", "edit"),
		CC_NC("order deed", "submit"), CC_NC("order deed", "approve"),
		CC_NC("order deed", "send_back"), CC_NC("order deed", "pay"), CC_NC("order deed", "ship"),
		CC_NC("order deed", "receive"), CC_NC("order deed", "refuse"),
		CC_NC("order deed", "take_back"), CC_NC("order deed", "money"), CC_NC("order deed", "note"),
		NULL};

#define NUMBER(link_)                                                                              \
	CC_COLUMN("number", CC_N("Order number"), "t.number", TEXT,                                    \
			LIST | CC_COLUMN_FILTER | CC_COLUMN_EXACT | CC_COLUMN_QUICK, .link = link_)

/* ---- the log ---- */

static const struct cc_column log_columns[] = {
		CC_COLUMN("id", CC_N("Key"), "l.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("at", CC_N("Time"), "l.at", TIME, LIST | CC_COLUMN_SORT),
		NUMBER(ORDERS "/log/"),
		CC_COLUMN("user_name", CC_N("User"), "l.user_name", TEXT, LIST | CC_COLUMN_FILTER),
		CC_COLUMN("deed", CC_N("What was done"), "l.deed", CODE, LIST | CC_COLUMN_FILTER,
				.context = "order deed", .codes = deeds),
		CC_COLUMN("before_state", CC_N("Old state"), "l.before_state", CODE, LIST,
				.context = "order state", .codes = states),
		CC_COLUMN("after_state", CC_N("New state"), "l.after_state", CODE, LIST,
				.context = "order state", .codes = states),
		CC_COLUMN("note", CC_N("Remark"), "l.note", TEXT, LIST | CC_COLUMN_QUICK_ANYWHERE),
		{.name = NULL},
};

const struct cc_resource orders_logs = {
		.name = "order-log",
		.title = CC_N("Order log"),
		.path = ORDERS "/logs",
		.permission = "orders.log",
		.actions = CC_EXPORT,
		.from = "orders_log l JOIN orders_order t ON t.tenant_id = l.tenant_id AND t.id = "
				"l.order_id",
		.where = "l.tenant_id = {tenant}",
		.key = "l.id",
		.own = ORDER_OWN,
		.group = ORDER_GROUP,
		.department = ORDER_DEPARTMENT,
		.columns = log_columns,
		.range = "l.at",
};

/* ---- sold goods ---- */

static const struct cc_column item_columns[] = {
		CC_COLUMN("id", CC_N("Key"), "i.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("code", CC_N("Goods code"), "i.code", TEXT,
				LIST | CC_COLUMN_FILTER | CC_COLUMN_EXACT | CC_COLUMN_QUICK,
				.link = ORDERS "/item/"),
		CC_COLUMN("name", CC_N("Goods"), "i.name", TEXT,
				LIST | CC_COLUMN_FILTER | CC_COLUMN_QUICK_ANYWHERE),
		CC_COLUMN("unit", CC_N("Unit"), "i.unit", TEXT, LIST),
		CC_COLUMN("price", CC_N("Price"), "i.price", AMOUNT, LIST),
		CC_COLUMN(
				"quantity", CC_N("Quantity"), "i.quantity", INT, LIST, .total = "SUM(i.quantity)"),
		CC_COLUMN("amount", CC_N("Amount"), "i.price * i.quantity", AMOUNT, LIST,
				.total = "SUM(i.price * i.quantity)"),
		NUMBER(ORDERS "/item/"),
		CC_COLUMN("state", CC_N("State"), "t.state", CODE, LIST | CC_COLUMN_FILTER,
				.context = "order state", .codes = states),
		CC_COLUMN("warehouse", CC_N("Warehouse"), WAREHOUSE_OF("t"), TEXT, LIST),
		CC_COLUMN("customer_name", CC_N("Customer"), "t.customer_name", TEXT,
				LIST | CC_COLUMN_FILTER),
		CC_COLUMN("seller", CC_N("Salesperson"), SELLER_OF, TEXT, LIST),
		CC_COLUMN("serials", CC_N("SN"),
				"(SELECT GROUP_CONCAT(s.serial ORDER BY s.serial SEPARATOR ', ') FROM "
				"orders_serial s WHERE s.tenant_id = i.tenant_id AND s.item_id = i.id)",
				TEXT, MORE),
		CC_COLUMN("at", CC_N("Placed at"), "t.created_at", TIME, LIST),
		{.name = NULL},
};

const struct cc_resource orders_items = {
		.name = "order-items",
		.title = CC_N("Sold goods"),
		.path = ORDERS "/items",
		.permission = "orders.item",
		.actions = CC_EXPORT,
		.from = "orders_item i JOIN orders_order t ON t.tenant_id = i.tenant_id AND t.id = "
				"i.order_id",
		.where = "i.tenant_id = {tenant}",
		.key = "i.id",
		.own = ORDER_OWN,
		.group = ORDER_GROUP,
		.department = ORDER_DEPARTMENT,
		.columns = item_columns,
		.range = "t.created_at",
		.range_name = CC_N("Placed at"),
};

/* ---- statistics ---- */

#define COUNT_OF(name_, label_, condition)                                                         \
	CC_COLUMN(name_, label_, "SUM(" condition ")", INT, SUMS | CC_COLUMN_SORT,                     \
			.total = "SUM(" condition ")")
#define AMOUNT_OF(name_, label_, what)                                                             \
	CC_COLUMN(name_, label_, "SUM(" what ")", AMOUNT, SUMS | CC_COLUMN_SORT,                       \
			.total = "SUM(" what ")")

static const struct cc_column figure_columns[] = {
		CC_COLUMN("id", CC_N("Key"), "MIN(t.id)", INT, CC_COLUMN_JSON),
		CC_COLUMN("user", CC_N("User"), SELLER_OF, TEXT, SUMS),
		CC_COLUMN("group", CC_N("Agent group"), "NULL", OPTION, CC_COLUMN_FILTER,
				.options = "SELECT id, CONCAT(number, ' ', name) FROM agent_group WHERE tenant_id "
						   "= {tenant} AND live = 1 ORDER BY LENGTH(number), number",
				.compare = order_group_compare),
		COUNT_OF("orders", CC_N("Orders placed"), "t.id > 0"),
		COUNT_OF("shipped", CC_N("Orders shipped"), "t.state = 'shipped'"),
		COUNT_OF("returned", CC_N("Orders returned"), "t.state = 'returned'"),
		COUNT_OF("received", CC_N("Orders received"), "t.state = 'received'"),
		COUNT_OF("refused", CC_N("Orders refused"), "t.state = 'refused'"),
		COUNT_OF("sales", CC_N("Sales"), "t.money_at IS NOT NULL"),
		AMOUNT_OF("amount", CC_N("Sales amount"), "IF(t.money_at IS NULL, 0, t.amount)"),
		AMOUNT_OF("freight", CC_N("Freight"), "t.freight"),
		{.name = NULL},
};

const struct cc_resource orders_figures = {
		.name = "order-figures",
		.title = CC_N("Order statistics"),
		.path = ORDERS "/figures",
		.permission = "orders.figures",
		.actions = CC_EXPORT,
		.from = "orders_order t",
		.where = "t.tenant_id = {tenant} AND t.state <> 'to_submit'",
		.key = "MIN(t.id)",
		.group_by = "t.tenant_id, t.seller_id",
		.own = ORDER_OWN,
		.group = ORDER_GROUP,
		.department = ORDER_DEPARTMENT,
		.columns = figure_columns,
		.range = "t.created_at",
		.range_name = CC_N("Placed at"),
		.initial = "time=month",
		.note = CC_N("Orders that were placed in this time, by salesperson and by the state that "
					 "they have now. Sales are those whose money has come in."),
};
