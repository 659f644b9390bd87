/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the files of the plugin share. */
#ifndef ORDERS_H
#define ORDERS_H

#include "cc/customer.h"
#include "cc/people.h"
#include "cc/plugin.h"
#include "cc/resource.h"
#include "rules.h"

#define ORDERS "/crm/orders"
#define ORDERS_LIST ORDERS "/list"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define MORE (CC_COLUMN_ALL | CC_COLUMN_HIDDEN)
#define SUMS (CC_COLUMN_ALL & ~CC_COLUMN_SEARCH) /* aggregates cannot stand in conditions */

#define WAREHOUSES "SELECT id, name FROM orders_warehouse WHERE tenant_id = {tenant}"
#define WAREHOUSE_OF(row)                                                                          \
	"(SELECT w.name FROM orders_warehouse w WHERE w.tenant_id = " row ".tenant_id AND w.id = " row \
	".warehouse_id)"
#define SELLERS "SELECT id, CONCAT(username, ' ', name) FROM user WHERE tenant_id = {tenant}"
#define SELLER_OF                                                                                  \
	"(SELECT CONCAT(u.username, ' ', u.name) FROM user u WHERE u.tenant_id = t.tenant_id AND "     \
	"u.id = t.seller_id)"

/* Who sees the order t: who sold it or placed it; leaders what the people of their groups sold,
 * managers what those of their departments did. */
#define ORDER_OWN "t.seller_id = {user} OR t.author_id = {user}"
#define ORDER_GROUP ORDER_OWN " OR t.seller_id IN (" CC_LED_AGENTS("user_id") ")"
#define ORDER_DEPARTMENT ORDER_GROUP " OR t.seller_id IN (" CC_MANAGED_AGENTS("user_id") ")"

/* Nothing has been concluded, or it was undone. */
#define ORDER_NO_DEAL "t.state IN ('to_submit', 'refused', 'returned')"

extern const struct cc_plugin orders;
extern const struct cc_resource orders_list, orders_warehouses, orders_goods, orders_items,
		orders_logs, orders_figures;
extern const struct cc_extension orders_extensions[];

/* Filter by an agent group: what people of the group sold. */
bool order_group_compare(struct cc_list *l, const char *op, const char *value, struct cc_buf *sql);

/* ---- lines.c: which goods ---- */

/* Puts what the form says in place of the goods of the order that was just written. Each warehouse
 * has an order of its own, of the same parent: *keys is a JSON array of their ids. Refuses. */
int order_lines_store(struct cc_change *c, const char **keys);
/* The number of a new order; parent: of a new parent too, which is told. */
int order_number(struct cc_request *rq, const char **number, int64_t *parent);
/* GET /crm/orders/pick?q=: goods for the form. */
int orders_pick(struct cc_request *rq);

/* ---- deed.c: what is done with orders ---- */

/* Does it to the orders (a JSON array of ids that the user sees), all or none; note may be NULL.
 * CC_E_RANGE: one of them is not in a state for it, or there is not enough of some goods; *why says
 * so, translated. */
int order_do(struct cc_request *rq, enum order_deed deed, const char *keys, const char *note,
		const char **why);
int order_log(struct cc_request *rq, int64_t order, const char *deed, enum order_state before,
		enum order_state after, const char *note);
bool order_may(struct cc_request *rq, enum order_deed deed);
/* Label and permission are those of the button. */
extern const struct cc_action orders_buttons[];
extern const struct cc_many orders_many[];

/* ---- move.c: the page that asks ---- */

int orders_move(struct cc_request *rq);
int orders_move_post(struct cc_request *rq);

/* ---- page.c ---- */

/* Those of the orders (a JSON array of ids) that the user sees, with their items, as texts: one map
 * each is added to the list. */
int order_show(struct cc_request *rq, const char *keys, struct cc_value *list);
/* "1,2,3" as a JSON array of at most CC_MANY_PAGE ids. CC_E_INVAL. */
int order_keys(struct cc_request *rq, const char *text, const char **keys);

int orders_page(struct cc_request *rq);
int orders_print(struct cc_request *rq);
int orders_open(struct cc_request *rq);
int orders_open_log(struct cc_request *rq);
int orders_open_item(struct cc_request *rq);

/* ---- pieces.c ---- */

int orders_tab(struct cc_request *rq);
int orders_tab_goods(struct cc_request *rq);
int orders_tab_addresses(struct cc_request *rq);
int orders_home(struct cc_request *rq);
/* GET /crm/orders/known?phone=&customer_id=: name and earlier addresses, for the form. */
int orders_known(struct cc_request *rq);
#endif
