/* SPDX-License-Identifier: GPL-2.0-or-later
 * ORD-02: what is done with orders: the state that follows, the stock, the log. Whoever comes
 * second finds the order in another state, and nothing is done. */
#include <inttypes.h>
#include <string.h>
#include "cc/err.h"
#include "orders.h"

int order_log(struct cc_request *rq, int64_t order, const char *deed, enum order_state before,
		enum order_state after, const char *note)
{
	return cc_db_exec(rq->db,
			"INSERT INTO orders_log (tenant_id, order_id, at, deed, user_id, user_name, "
			"before_state, after_state, note) VALUES ({tenant}, ?, ?, ?, NULLIF(?, 0), ?, ?, ?, ?)",
			order, rq->now_ms, deed, rq->user->api ? (int64_t)0 : rq->user->id, rq->user->name,
			order_states[before], order_states[after], note ? note : "");
}

bool order_may(struct cc_request *rq, enum order_deed deed)
{
	return cc_resource_can(rq, &orders_list, order_moves[deed].name);
}

/* ---- stock ---- */

static int too_little(struct cc_request *rq, const struct cc_row *item, const char **why)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT stock, on_sale FROM orders_goods WHERE tenant_id = {tenant} AND id = ?",
			cc_row_str(item, 0));
	if (err)
		return err;
	int64_t stock = rows.count ? cc_row_int(&rows.row[0], 0, 0) : 0;
	bool on_sale = rows.count && cc_row_int(&rows.row[0], 1, 0);
	*why = cc_sprintf(rq->arena, "%s: %s", cc_row_str(item, 2),
			on_sale ? cc_fill(rq, cc_t(rq, "There are only {n} left."), "{n}", stock)
					: cc_t(rq, "It is not on sale."));
	return CC_E_RANGE;
}

/* Takes (-1) or gives back (1) the goods of the orders. Always in the order of their keys, so that
 * two at once wait for each other instead of blocking each other. */
static int move_stock(struct cc_request *rq, const char *keys, int direction, const char **why)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT i.goods_id, SUM(i.quantity), MIN(i.name) FROM orders_item i WHERE i.tenant_id "
			"= {tenant} AND i.order_id IN (" CC_MANY_KEYS ") GROUP BY i.goods_id ORDER BY "
			"i.goods_id",
			keys);
	for (size_t i = 0; i < rows.count && !err; i++) {
		const struct cc_row *row = &rows.row[i];
		int64_t quantity = cc_row_int(row, 1, 0);
		err = cc_db_exec(rq->db,
				"UPDATE orders_goods SET stock = stock + ? WHERE tenant_id = {tenant} AND id = ? "
				"AND (? > 0 OR (stock >= ? AND on_sale = 1))",
				direction * quantity, cc_row_str(row, 0), direction, quantity);
		if (!err && direction < 0 && !cc_db_affected(rq->db))
			err = too_little(rq, row, why);
	}
	return err;
}

/* ---- states ---- */

struct order
{
	int64_t id;
	const char *number;
	struct order_facts facts;
	enum order_state to;
};

static int refuse(struct cc_request *rq, const char *number, const char *text, const char **why)
{
	*why = cc_sprintf(rq->arena, "%s: %s", number, text);
	return CC_E_RANGE;
}

static int decide(struct cc_request *rq, enum order_deed deed, const struct cc_row *row,
		struct order *o, const char **why)
{
	bool skips = cc_can(rq, "orders.order.skip_review");
	*o = (struct order){.id = cc_row_int(row, 0, 0),
			.number = cc_row_str(row, 1),
			.facts = {.state = order_state_parse(cc_row_str(row, 2)),
					.prepaid = cc_row_int(row, 3, 0) != 0,
					.paid = cc_row_int(row, 4, 0) != 0,
					.money = cc_row_int(row, 5, 0) != 0}};
	if (!order_moves_to(deed, &o->facts, skips, &o->to)) {
		const char *text = deed == ORDER_MONEY && o->facts.money
								   ? cc_t(rq, "The money has been confirmed already.")
								   : cc_sprintf(rq->arena, "%s %s",
											 cc_t(rq, "This cannot be done any more, its state is"),
											 cc_tc(rq, "order state", cc_row_str(row, 2)));
		return refuse(rq, o->number, text, why);
	}
	if (deed == ORDER_SUBMIT && cc_row_int(row, 6, 0))
		return refuse(rq, o->number,
				cc_t(rq, "Name, number and address of the receiver are missing."), why);
	return 0;
}

static int write(
		struct cc_request *rq, enum order_deed deed, const struct order *o, const char *note)
{
	const char *from = order_states[o->facts.state], *to = order_states[o->to];
	bool closes = o->to >= ORDER_RECEIVED && o->to != o->facts.state;
	int err = cc_db_exec(rq->db,
			"UPDATE orders_order SET state = ?, paid_at = IF(?, ?, paid_at), money_at = IF(?, ?, "
			"money_at), shipped_at = IF(?, ?, shipped_at), closed_at = IF(?, ?, closed_at), note = "
			"IF(?, ?, note), updated_at = ? WHERE tenant_id = {tenant} AND id = ? AND state = ?",
			to, deed == ORDER_PAY, rq->now_ms, deed == ORDER_MONEY, rq->now_ms, deed == ORDER_SHIP,
			rq->now_ms, closes, rq->now_ms, deed == ORDER_NOTE, note ? note : "", rq->now_ms, o->id,
			from);
	if (!err)
		err = order_log(rq, o->id, order_moves[deed].name, o->facts.state, o->to, note);
	if (!err)
		err = cc_audit_write(rq, cc_sprintf(rq->arena, "orders.order.%s", order_moves[deed].name),
				cc_sprintf(rq->arena, "%s/%" PRId64, orders_list.name, o->id), NULL);
	return err;
}

int order_do(struct cc_request *rq, enum order_deed deed, const char *keys, const char *note,
		const char **why)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT t.id, t.number, t.state, t.prepaid, t.paid_at IS NOT NULL, t.money_at IS NOT "
			"NULL, '' IN (t.receiver_name, t.receiver_phone, t.receiver_address) FROM orders_order "
			"t WHERE t.tenant_id = {tenant} AND t.id IN (" CC_MANY_KEYS ") ORDER BY t.id FOR "
			"UPDATE",
			keys);
	struct order *order = cc_alloc(rq->arena, (rows.count + 1) * sizeof *order);
	int direction = 0;
	for (size_t i = 0; i < rows.count && !err; i++) {
		err = decide(rq, deed, &rows.row[i], &order[i], why);
		if (!err)
			direction = order_stock(order[i].facts.state, order[i].to);
	}
	if (!err && direction)
		err = move_stock(rq, keys, direction, why);
	for (size_t i = 0; i < rows.count && !err; i++)
		err = write(rq, deed, &order[i], note);
	cc_changed(rq, "order", "0");
	return err;
}

/* ---- where it is asked for ---- */

#define MOVE(name_) ORDERS "/move/" name_
#define BUTTON(name_, label_, shown_)                                                              \
	{                                                                                              \
		.name = name_, .label = label_, .permission = "orders.order." name_, .shown = shown_,      \
		.page = MOVE(name_), .with = with_keys                                                     \
	}

static const struct cc_with with_keys[] = {{"keys", "id", NULL}, {NULL, NULL, NULL}};
static const struct cc_with with_id[] = {{"id", "id", NULL}, {NULL, NULL, NULL}};

const struct cc_action orders_buttons[] = {
		BUTTON("submit", CC_NC("action", "Submit for review"), "t.state = 'to_submit'"),
		BUTTON("approve", CC_NC("action", "Approve the order"), "t.state = 'to_review'"),
		BUTTON("pay", CC_NC("action", "Paid"), "t.state = 'to_pay'"),
		BUTTON("ship", CC_NC("action", "Ship"), "t.state = 'to_ship'"),
		BUTTON("receive", CC_NC("action", "Confirm receipt"), "t.state = 'shipped'"),
		BUTTON("money", CC_NC("action", "Confirm money"),
				"t.state IN ('shipped', 'received') AND t.money_at IS NULL"),
		BUTTON("refuse", CC_NC("action", "Confirm refusal"), "t.state = 'shipped'"),
		BUTTON("take_back", CC_NC("action", "Return goods"), "t.state = 'shipped'"),
		BUTTON("send_back", CC_NC("action", "Send back"),
				"t.state IN ('to_review', 'to_pay', 'to_ship')"),
		{.name = "print",
				.label = CC_NC("action", "Print delivery note"),
				.permission = "orders.order.print",
				.shown = "t.state <> 'to_submit'",
				.page = ORDERS "/print",
				.with = with_id},
		BUTTON("note", CC_NC("action", "Remark"), NULL),
		{.name = NULL},
};

#define MANY(name_, label_)                                                                        \
	{                                                                                              \
		.name = name_, .label = label_, .permission = name_, .page = MOVE(name_)                   \
	}

const struct cc_many orders_many[] = {
		MANY("submit", CC_NC("action", "Submit for review")),
		MANY("approve", CC_NC("action", "Approve the order")),
		MANY("pay", CC_NC("action", "Paid")),
		MANY("ship", CC_NC("action", "Ship")),
		MANY("receive", CC_NC("action", "Confirm receipt")),
		MANY("money", CC_NC("action", "Confirm money")),
		{.name = NULL},
};
