/* SPDX-License-Identifier: GPL-2.0-or-later
 * ORD-02: the page that asks before something is done with orders, and does it.
 *	GET  /crm/orders/move/<name>?keys=1,2,3
 *	POST /crm/orders/move/<name>: keys, note; to ship also tracking_<id>, carrier_<id>,
 *	     freight_<id> and, a SN a line, serials_<key of the item>. Of one order the <id> may be
 *	     left out. JSON clients get {"done": how many}. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cc/err.h"
#include "cc/input.h"
#include "cc/money.h"
#include "orders.h"

#define SERIAL_MAX 64

struct move
{
	struct cc_request *rq;
	enum order_deed deed;
	bool stores; /* what was typed is written; otherwise it is only shown again */
	bool single; /* of one order */
	bool bad;    /* something typed is wrong */
	struct cc_value *page;
	struct cc_buf keys;  /* JSON array of the orders that it can be done to */
	struct cc_buf plain; /* the same with commas only */
	size_t count;
	const char *why; /* why nothing was done; NULL: nothing was tried */
};

static const char *typed(const struct move *m, const char *name, const char *id)
{
	const char *value = cc_form(m->rq, cc_sprintf(m->rq->arena, "%s_%s", name, id));
	if (!value && m->single)
		value = cc_form(m->rq, name);
	return value ? value : "";
}

/* In characters, as the columns count. */
static bool is_longer(const char *text, size_t max)
{
	size_t n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n > max;
}

static void add_field(struct move *m, struct cc_value *fields, const struct cc_input *in)
{
	m->bad |= m->stores && in->why;
	cc_input_add(m->rq, fields, in);
}

/* ---- shipping ---- */

/* The SN that was typed, one after the other; false: no more. */
static bool next_serial(struct cc_request *rq, const char **text, const char **serial)
{
	static const char between[] = " \t\r\n,;";
	const char *from = *text + strspn(*text, between);
	size_t len = strcspn(from, between);
	*text = from + len;
	*serial = cc_strndup(rq->arena, from, len);
	return len;
}

/* Another order that has gone out, or goes now, has this SN. */
static int is_taken(struct move *m, const char *item, const char *serial, bool *taken)
{
	struct cc_rows rows;
	int err = cc_db_query(m->rq->db, &rows,
			"SELECT 1 FROM orders_serial s JOIN orders_order o ON o.tenant_id = s.tenant_id AND "
			"o.id = s.order_id JOIN orders_item i ON i.tenant_id = s.tenant_id AND i.id = "
			"s.item_id WHERE s.tenant_id = {tenant} AND s.serial = ? AND o.state IN ('to_ship', "
			"'shipped', 'received') AND i.goods_id = (SELECT x.goods_id FROM orders_item x WHERE "
			"x.tenant_id = {tenant} AND x.id = ?) LIMIT 1",
			serial, item);
	*taken = !err && rows.count;
	return err;
}

static int store_serials(
		struct move *m, const char *order, const char *item, int64_t quantity, const char **why)
{
	struct cc_request *rq = m->rq;
	const char *text = typed(m, "serials", item), *serial;
	int64_t n = 0;
	bool taken = false;
	int err = 0;
	while (!err && !*why && next_serial(rq, &text, &serial)) {
		n++;
		err = is_taken(m, item, serial, &taken);
		if (taken || is_longer(serial, SERIAL_MAX))
			*why = cc_sprintf(rq->arena, "%s: %s", serial,
					taken ? cc_t(rq, "This SN has been shipped already.")
						  : cc_t(rq, "This SN is too long."));
		else if (!err)
			err = cc_db_exec(rq->db,
					"INSERT INTO orders_serial (tenant_id, item_id, order_id, serial) VALUES "
					"({tenant}, ?, ?, ?)",
					item, order, serial);
	}
	if (!err && !*why && n != quantity)
		*why = cc_fill(rq, cc_t(rq, "{n} different SN are needed."), "{n}", quantity);
	return err;
}

static int add_serials(struct move *m, const char *order, struct cc_value *fields)
{
	struct cc_request *rq = m->rq;
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT id, name, quantity FROM orders_item WHERE tenant_id = {tenant} AND order_id = "
			"? AND serials = 1 ORDER BY id",
			order);
	for (size_t i = 0; i < rows.count && !err; i++) {
		const struct cc_row *row = &rows.row[i];
		const char *item = cc_row_str(row, 0), *why = NULL;
		if (m->stores)
			err = store_serials(m, order, item, cc_row_int(row, 2, 0), &why);
		const struct cc_input in = {.kind = CC_INPUT_NOTE,
				.name = cc_sprintf(rq->arena, "serials_%s", item),
				.label = cc_sprintf(rq->arena, "%s: %s x %s", cc_t(rq, "SN"), cc_row_str(row, 1),
						cc_row_str(row, 2)),
				.help = cc_t(rq, "One a line."),
				.value = typed(m, "serials", item),
				.why = why,
				.required = true,
				.max = 20000};
		add_field(m, fields, &in);
	}
	return err;
}

static int add_shipping(struct move *m, const char *order, struct cc_value *fields)
{
	struct cc_request *rq = m->rq;
	const struct cc_money money = cc_money(rq);
	const char *tracking = typed(m, "tracking", order), *carrier = typed(m, "carrier", order),
			   *freight = typed(m, "freight", order), *wrong = NULL;
	int64_t amount = 0;
	int parsed = *freight ? cc_money_parse(&money, freight, &amount) : 0;
	if (parsed || amount < 0)
		wrong = cc_t(rq, parsed ? cc_money_wrong(parsed) : CC_N("It cannot be below 0."));
	const struct cc_input fields_of[] = {
			{.name = cc_sprintf(rq->arena, "tracking_%s", order),
					.label = cc_t(rq, "Tracking number"),
					.value = tracking,
					.why = !*tracking                ? cc_t(rq, "This must be filled in.")
						   : is_longer(tracking, 50) ? cc_t(rq, "This is too long.")
													 : NULL,
					.required = true,
					.max = 50},
			{.name = cc_sprintf(rq->arena, "carrier_%s", order),
					.label = cc_t(rq, "Carrier"),
					.value = carrier,
					.why = is_longer(carrier, 50) ? cc_t(rq, "This is too long.") : NULL,
					.max = 50},
			{.name = cc_sprintf(rq->arena, "freight_%s", order),
					.label = cc_t(rq, "Freight"),
					.value = freight,
					.why = wrong,
					.max = 20},
	};
	for (size_t i = 0; i < sizeof fields_of / sizeof *fields_of; i++) {
		struct cc_input in = fields_of[i];
		if (!m->stores)
			in.why = NULL;
		add_field(m, fields, &in);
	}
	int err = 0;
	if (m->stores && !m->bad)
		err = cc_db_exec(rq->db,
				"UPDATE orders_order SET tracking = ?, carrier = ?, freight = ? WHERE tenant_id = "
				"{tenant} AND id = ? AND state = 'to_ship'",
				tracking, carrier, amount, order);
	return err ? err : add_serials(m, order, fields);
}

/* ---- the page ---- */

static const char *text_of(const struct cc_value *map, const char *key)
{
	const struct cc_value *v = cc_value_get(map, key);
	return v && v->str ? v->str : "";
}

static int facts_of(struct cc_request *rq, const char *id, struct order_facts *facts)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT state, prepaid, paid_at IS NOT NULL, money_at IS NOT NULL FROM orders_order "
			"WHERE tenant_id = {tenant} AND id = ?",
			id);
	if (!err && rows.count)
		*facts = (struct order_facts){order_state_parse(cc_row_str(&rows.row[0], 0)),
				cc_row_int(&rows.row[0], 1, 0) != 0, cc_row_int(&rows.row[0], 2, 0) != 0,
				cc_row_int(&rows.row[0], 3, 0) != 0};
	return err;
}

/* One of the chosen orders: with its fields, or (the state is another one) without. */
static int add_order(struct move *m, struct cc_value *order)
{
	struct cc_request *rq = m->rq;
	struct order_facts facts = {.state = ORDER_STATES};
	enum order_state to;
	const char *id = text_of(order, "id");
	int err = facts_of(rq, id, &facts);
	bool fits = order_moves_to(m->deed, &facts, false, &to);
	cc_value_bool(rq->arena, order, "fits", fits);
	if (err || !fits)
		return err;
	cc_buf_printf(&m->keys, "%s%s", m->count ? ", " : "", id);
	cc_buf_printf(&m->plain, "%s%s", m->count ? "," : "", id);
	m->count++;
	cc_value_bool(rq->arena, order, "asks", m->deed == ORDER_SHIP);
	if (m->deed == ORDER_SHIP)
		err = add_shipping(m, id, cc_value_add(rq->arena, order, "fields", CC_VALUE_LIST));
	return err;
}

static void add_note(struct move *m, const struct cc_value *chosen)
{
	struct cc_request *rq = m->rq;
	const char *note = cc_form(rq, "note");
	bool needed = order_moves[m->deed].says_why;
	if (!note)
		note = m->deed == ORDER_NOTE && m->single && !m->stores ? text_of(chosen->first, "note")
																: "";
	const struct cc_input in = {.kind = CC_INPUT_NOTE,
			.name = "note",
			.label = cc_t(rq, "Remark"),
			.value = note,
			.why = m->stores && needed && !*note        ? cc_t(rq, "This must be filled in.")
				   : m->stores && is_longer(note, 1000) ? cc_t(rq, "This is too long.")
														: NULL,
			.required = needed,
			.max = 1000};
	add_field(m, cc_value_add(rq->arena, m->page, "fields", CC_VALUE_LIST), &in);
}

static const char *label_of(struct cc_request *rq, enum order_deed deed)
{
	const struct cc_action *b = orders_buttons;
	while (strcmp(b->name, order_moves[deed].name) != 0)
		b++;
	return cc_tc(rq, "action", b->label);
}

/* The page with all that was typed; if it stores, that is written on the way. */
static int build(struct move *m)
{
	struct cc_request *rq = m->rq;
	const char *given = cc_form(rq, "keys"), *keys;
	if (!given)
		given = cc_query(rq, "keys");
	int err = order_keys(rq, given, &keys);
	m->keys = cc_buf_new(rq->arena);
	m->plain = cc_buf_new(rq->arena);
	m->count = 0;
	m->bad = false;
	if (err)
		return err;
	m->page = cc_page(rq, label_of(rq, m->deed));
	m->single = !strchr(given, ',');
	struct cc_value *list = cc_value_add(rq->arena, m->page, "orders", CC_VALUE_LIST);
	err = order_show(rq, keys, list);
	if (!err && !list->first)
		return CC_E_NOENT;
	cc_buf_str(&m->keys, "[");
	for (struct cc_value *order = list->first; order && !err; order = order->next)
		err = add_order(m, order);
	cc_buf_str(&m->keys, "]");
	add_note(m, list);
	cc_value_str(rq->arena, m->page, "path", rq->route->path);
	cc_value_str(rq->arena, m->page, "keys", cc_buf_text(&m->plain));
	cc_value_bool(rq->arena, m->page, "possible", m->count > 0);
	cc_value_str(rq->arena, m->page, "back",
			m->single ? cc_sprintf(rq->arena, ORDERS_LIST "/%s/view", text_of(list->first, "id"))
					  : ORDERS_LIST);
	cc_value_str(rq->arena, m->page, "general", m->why);
	return err;
}

static struct move begin(struct cc_request *rq)
{
	return (struct move){.rq = rq, .deed = order_deed_parse(strrchr(rq->route->path, '/') + 1)};
}

/* GET /crm/orders/move/<name>?keys= */
int orders_move(struct cc_request *rq)
{
	struct move m = begin(rq);
	int err = build(&m);
	return err ? err : cc_page_send(rq, "orders/move", m.page);
}

static void done_write(struct cc_jsonw *w, void *ctx)
{
	const struct move *m = ctx;
	cc_jsonw_object(w, NULL);
	cc_jsonw_int(w, "done", (int64_t)m->count);
	cc_jsonw_close_object(w);
}

/* Nothing holds; the page comes again, with what was typed and with the states as they are now. */
static int refused(struct move *m, int status)
{
	struct cc_request *rq = m->rq;
	struct move again = *m;
	cc_undo(rq);
	if (rq->json)
		return cc_error(
				rq, status, m->why ? m->why : cc_t(rq, "Some fields are not filled in correctly."));
	cc_status(rq, status);
	if (m->bad) /* the reasons stand beside the fields */
		return cc_page_send(rq, "orders/move", m->page);
	again.stores = false;
	int err = build(&again);
	return err ? err : cc_page_send(rq, "orders/move", again.page);
}

/* An order that was chosen and is elsewhere now: whoever was faster is to be seen. */
static bool all_of(const struct move *m, const struct cc_value *chosen)
{
	size_t n = 0;
	for (const struct cc_value *order = chosen->first; order; order = order->next)
		n++;
	return n == m->count;
}

int orders_move_post(struct cc_request *rq)
{
	struct move m = begin(rq);
	m.stores = true;
	int err = build(&m);
	if (err)
		return err;
	if (!all_of(&m, cc_value_get(m.page, "orders"))) {
		m.why = cc_t(rq, "Somebody else was faster: the state of an order has changed.");
		m.bad = false;
		return refused(&m, 409);
	}
	if (m.bad)
		return refused(&m, 400);
	err = order_do(rq, m.deed, cc_buf_text(&m.keys), cc_form(rq, "note"), &m.why);
	if (err == CC_E_RANGE && m.why)
		return refused(&m, 409);
	if (err)
		return err;
	if (rq->json)
		cc_send_json(rq, done_write, &m);
	else
		cc_redirect(
				rq, m.single ? cc_sprintf(rq->arena, ORDERS_LIST "/%s/view", cc_buf_text(&m.plain))
							 : ORDERS_LIST "?done=done");
	return 0;
}
