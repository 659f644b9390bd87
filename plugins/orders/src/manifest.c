/* SPDX-License-Identifier: GPL-2.0-or-later
 * The manifest of the orders: ORD-01 to ORD-04. */
#include "orders.h"

static const char *const hosts[] = {"crm", "reports", "jobd", NULL};
static const char *const needs[] = {"crm", "reports", NULL};

/* Labels of what is done with many, too: CC_NC("permission", "Submit for review")
 * CC_NC("permission", "Approve the order") CC_NC("permission", "Paid") CC_NC("permission", "Ship")
 * CC_NC("permission", "Confirm receipt") CC_NC("permission", "Confirm money") */
static const struct cc_permission permissions[] = {
		{"orders.order.skip_review", CC_NC("permission", "Submit orders past the review")},
		{"orders.order.send_back", CC_NC("permission", "Send back")},
		{"orders.order.refuse", CC_NC("permission", "Confirm refusal")},
		{"orders.order.take_back", CC_NC("permission", "Return goods")},
		{"orders.order.note", CC_NC("permission", "Remark")},
		{"orders.order.print", CC_NC("permission", "Print delivery note")},
		{"orders.home.view", CC_NC("permission", "Orders on the start page")},
		{"orders.tab.view", CC_NC("permission", "Orders beside a call and on the card")},
		{NULL, NULL},
};

static const struct cc_resource *const resources[] = {&orders_list, &orders_warehouses,
		&orders_goods, &orders_items, &orders_logs, &orders_figures, NULL};

#define MOVE(name)                                                                                 \
	{"GET", ORDERS "/move/" name, "orders.order." name, orders_move, &orders_list},                \
	{                                                                                              \
		"POST", ORDERS "/move/" name, "orders.order." name, orders_move_post, &orders_list         \
	}

static const struct cc_route routes[] = {
		{"GET", ORDERS_LIST "/{id}/view", "orders.order.list", orders_page, NULL},
		{"GET", ORDERS "/print", "orders.order.print", orders_print, NULL},
		{"GET", ORDERS "/order/{id}", "orders.order.list", orders_open, NULL},
		{"GET", ORDERS "/log/{id}", "orders.log.list", orders_open_log, NULL},
		{"GET", ORDERS "/item/{id}", "orders.item.list", orders_open_item, NULL},
		{"GET", ORDERS "/pick", "orders.order.create", orders_pick, NULL},
		{"GET", ORDERS "/known", "orders.order.create", orders_known, NULL},
		{"GET", ORDERS "/tab", "orders.tab.view", orders_tab, NULL},
		{"GET", ORDERS "/tab/goods", "orders.tab.view", orders_tab_goods, NULL},
		{"GET", ORDERS "/tab/addresses", "orders.tab.view", orders_tab_addresses, NULL},
		{"GET", ORDERS "/home", "orders.home.view", orders_home, NULL},
		MOVE("submit"),
		MOVE("approve"),
		MOVE("send_back"),
		MOVE("pay"),
		MOVE("ship"),
		MOVE("receive"),
		MOVE("refuse"),
		MOVE("take_back"),
		MOVE("money"),
		MOVE("note"),
		{NULL, NULL, NULL, NULL, NULL},
};

static const struct cc_menu menu[] = {
		{ORDERS_LIST, CC_NC("menu", "Orders"), "orders.order.list", 123},
		{ORDERS "/logs", CC_NC("menu", "Order log"), "orders.log.list", 124},
		{ORDERS "/goods", CC_NC("menu", "Goods"), "orders.goods.list", 190},
		{ORDERS "/warehouses", CC_NC("menu", "Warehouses"), "orders.warehouse.list", 191},
		{NULL, NULL, NULL, 0},
};

static const struct cc_tab tabs[] = {
		{"call", ORDERS "/tab", CC_NC("tab", "Orders"), "orders.tab.view", 61},
		{"call", ORDERS "/tab/goods", CC_NC("tab", "Sold goods"), "orders.tab.view", 62},
		{"call", ORDERS "/tab/addresses", CC_NC("tab", "Receiving addresses"), "orders.tab.view",
				63},
		{"home", ORDERS "/home", CC_NC("tab", "Orders"), "orders.home.view", 11},
		{NULL, NULL, NULL, NULL, 0},
};

static const struct cc_report reports[] = {
		{ORDERS "/figures", CC_NC("report", "Order statistics"), "orders.figures.list", 61},
		{NULL, NULL, NULL, 0},
};

const struct cc_plugin orders = {
		.abi = CC_PLUGIN_ABI,
		.size = sizeof orders,
		.name = "orders",
		.version = "1.0",
		.title = CC_NC("plugin", "Orders"),
		.summary = CC_NC("plugin", "Goods in warehouses and orders of customers: review, payment, "
								   "shipping, receipt and return, each with a permission and in "
								   "a log; delivery notes, invoices, statistics."),
		.hosts = hosts,
		.needs = needs,
		.schema = 1,
		.permissions = permissions,
		.routes = routes,
		.resources = resources,
		.menu = menu,
		.tabs = tabs,
		.reports = reports,
		.extensions = orders_extensions,
};

CC_PLUGIN(orders)
