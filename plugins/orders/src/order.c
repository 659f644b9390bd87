/* SPDX-License-Identifier: GPL-2.0-or-later
 * ORD-01, ORD-03: orders: the list, the form, and what follows a change of one. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cc/dial.h"
#include "cc/err.h"
#include "orders.h"

static const char *const states[] = {CC_NC("order state", "to_submit"),
		CC_NC("order state", "to_review"), CC_NC("order state", "to_pay"),
		CC_NC("order state", "to_ship"), CC_NC("order state", "shipped"),
		CC_NC("order state", "received"), CC_NC("order state", "refused"),
		CC_NC("order state", "returned"), NULL};
static const char *const invoice_kinds[] = {CC_NC("invoice", "plain"), CC_NC("invoice", "special"),
		CC_NC("invoice", "electronic"), NULL};
static const char *const file_types[] = {
		"image/png", "image/jpeg", "application/pdf", "audio/mpeg", "text/plain", NULL};

/* In the form, but not to be seen: links to a new order fill it in. */
#define PASSED (FORM | CC_COLUMN_FIXED)
#define ITEMS(what, separator)                                                                     \
	"(SELECT GROUP_CONCAT(" what " ORDER BY i.id SEPARATOR '" separator "') FROM orders_item i "   \
	"JOIN orders_goods g ON g.tenant_id = i.tenant_id AND g.id = i.goods_id WHERE i.tenant_id = "  \
	"t.tenant_id AND i.order_id = t.id)"
#define FIND CC_COLUMN_FILTER /* nothing but a field above the list */

/* ---- what is looked for ---- */

bool order_group_compare(struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	(void)op; /* a filter is for equal */
	cc_buf_str(sql, "t.seller_id IN (SELECT a.user_id FROM agent_group_member m JOIN agent a ON "
					"a.tenant_id = m.tenant_id AND a.id = m.agent_id WHERE m.tenant_id = "
					"{tenant} AND m.group_id = ?)");
	cc_list_bind(l, cc_bind_str(value));
	return true;
}

/* A whole number is looked for in the index; of parts the texts are compared. */
static bool number_compare(struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	const char *e164 = NULL;
	bool whole = strlen(value) >= 11 && !value[strspn(value, "0123456789")];
	if (!whole || (strcmp(op, "is") != 0 && strcmp(op, "contains") != 0) ||
			cc_customer_e164(cc_list_request(l), value, &e164) || !e164)
		return true;
	cc_buf_str(sql, "t.phone_e164 = ?");
	cc_list_bind(l, cc_bind_str(e164));
	return true;
}

/* The last digits of the number; whoever does not see them does not find them one by one. */
static bool tail_compare(struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	struct cc_request *rq = cc_list_request(l);
	enum cc_hide hide = cc_resource_masks(rq, cc_list_resource(l), "phone");
	const char *open = cc_list_unhidden(l);
	size_t len = strlen(value);
	char back[16];
	(void)op;
	if (!len || len >= sizeof back || value[strspn(value, "0123456789")])
		return false;
	if (hide == CC_HIDE_ALL || (hide == CC_HIDE_MIDDLE && len > 4)) {
		cc_list_refuse(l, cc_t(rq, "You see these digits not at all: look for the last four."));
		return true;
	}
	for (size_t i = 0; i < len; i++)
		back[i] = value[len - 1 - i];
	back[len] = '\0';
	cc_buf_str(sql, "t.phone_back LIKE CONCAT(?, '%')");
	cc_list_bind(l, cc_bind_str(cc_strdup(rq->arena, back)));
	if (open)
		cc_buf_printf(sql, " AND (%s)", open);
	return true;
}

static bool goods_compare(struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	(void)op;
	cc_buf_str(sql, "EXISTS (SELECT 1 FROM orders_item i WHERE i.tenant_id = t.tenant_id AND "
					"i.order_id = t.id AND LOCATE(?, CONCAT(i.code, ' ', i.name)) > 0)");
	cc_list_bind(l, cc_bind_str(value));
	return true;
}

static bool serial_compare(struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	(void)op;
	cc_buf_str(sql, "t.id IN (SELECT s.order_id FROM orders_serial s WHERE s.tenant_id = "
					"{tenant} AND s.serial = ?)");
	cc_list_bind(l, cc_bind_str(value));
	return true;
}

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Key"), NULL, INT, CC_COLUMN_JSON),
		CC_COLUMN("parent", CC_N("Order code"), NULL, INT,
				LIST | CC_COLUMN_FILTER | CC_COLUMN_STORED, .link = ORDERS "/order/"),
		CC_COLUMN("number", CC_N("Order number"), NULL, TEXT,
				LIST | CC_COLUMN_FILTER | CC_COLUMN_EXACT | CC_COLUMN_QUICK | CC_COLUMN_STORED,
				.link = ORDERS "/order/"),
		CC_COLUMN("created_at", CC_N("Placed at"), NULL, TIME,
				LIST | CC_COLUMN_CREATED | CC_COLUMN_SORT),
		CC_COLUMN("group", CC_N("Agent group"), "NULL", OPTION, FIND,
				.options = "SELECT id, CONCAT(number, ' ', name) FROM agent_group WHERE tenant_id "
						   "= {tenant} AND live = 1 ORDER BY LENGTH(number), number",
				.compare = order_group_compare),
		CC_COLUMN("author", CC_N("Placed by"), NULL, TEXT,
				LIST | CC_COLUMN_FILTER | CC_COLUMN_STORED),
		CC_COLUMN("seller_id", CC_N("Salesperson"), SELLER_OF, OPTION,
				LIST | FORM | CC_COLUMN_FILTER | CC_COLUMN_INDEXED, .names = SELLERS,
				.options = SELLERS " AND state = 'enabled' ORDER BY LENGTH(username), username",
				.help = CC_N("None: yourself.")),
		CC_COLUMN("state", CC_N("State"), NULL, CODE,
				LIST | CC_COLUMN_FILTER | CC_COLUMN_INDEXED | CC_COLUMN_STORED,
				.context = "order state", .codes = states),
		CC_COLUMN("customer_name", CC_N("Customer"), NULL, TEXT,
				LIST | FORM | CC_COLUMN_FILTER | CC_COLUMN_QUICK_ANYWHERE, .max = 100,
				.section = CC_N("Customer"),
				.help = CC_N("Of a known customer the name or the number is enough.")),
		CC_COLUMN("phone", CC_N("Contact number"), NULL, PHONE,
				MORE | FORM | CC_COLUMN_FILTER | CC_COLUMN_QUICK, .max = 32,
				.compare = number_compare, .call = "TRUE"),
		CC_COLUMN("phone_tail", CC_N("Last digits of the number"), "NULL", TEXT, FIND, .max = 15,
				.compare = tail_compare),
		CC_COLUMN("goods", CC_N("Goods"), ITEMS("CONCAT(i.name, ' x ', i.quantity)", ", "), NOTE,
				(MORE & ~CC_COLUMN_SEARCH) | FORM | CC_COLUMN_FILTER | CC_COLUMN_VIRTUAL,
				.value = ITEMS(
						"CONCAT(i.code, ' @ ', " WAREHOUSE_OF("g") ", ' * ', i.quantity)", "\\n"),
				.max = 20000, .section = CC_N("Goods"), .look = "order-goods",
				.compare = goods_compare,
				.help = CC_N("One a line: code * quantity, or code @ warehouse * quantity. Each "
							 "warehouse gets an order of its own.")),
		CC_COLUMN("amount", CC_N("Amount"), NULL, AMOUNT, LIST | CC_COLUMN_STORED,
				.total = "SUM(IF(" ORDER_NO_DEAL ", 0, t.amount))"),
		CC_COLUMN("prepaid", CC_N("Payment before shipping"), NULL, BOOL, MORE | FORM,
				.initial = "0",
				.help = CC_N("The order waits for the payment once it is reviewed.")),
		CC_COLUMN("receiver_name", CC_N("Receiver"), NULL, TEXT, MORE | FORM | CC_COLUMN_QUICK,
				.max = 100, .section = CC_N("Receiver"), .help = CC_N("Empty: the customer.")),
		CC_COLUMN("receiver_phone", CC_N("Number of the receiver"), NULL, PHONE, MORE | FORM,
				.max = 32, .as = "phone", .help = CC_N("Empty: the number of the customer.")),
		CC_COLUMN("receiver_address", CC_N("Address"), NULL, TEXT, MORE | FORM, .max = 300),
		CC_COLUMN("invoice", CC_N("Invoice wanted"), NULL, BOOL, MORE | FORM | CC_COLUMN_FILTER,
				.initial = "0", .section = CC_N("Invoice"), .look = "order-invoice"),
		CC_COLUMN("invoice_kind", CC_N("Kind of invoice"), NULL, CODE, MORE | FORM,
				.context = "invoice", .codes = invoice_kinds, .initial = "plain",
				.look = "of-invoice"),
		CC_COLUMN("invoice_title", CC_N("Invoice title"), NULL, TEXT, MORE | FORM, .max = 100,
				.look = "of-invoice",
				.help = CC_N("The person or company that it is made out to.")),
		CC_COLUMN("invoice_tax_number", CC_N("Tax number"), NULL, TEXT, MORE | FORM, .max = 30,
				.look = "of-invoice", .help = CC_N("Of companies. VAT invoices need it.")),
		CC_COLUMN("invoice_address", CC_N("Registered address"), NULL, TEXT, FORM, .max = 200,
				.look = "of-invoice"),
		CC_COLUMN("invoice_phone", CC_N("Registered telephone"), NULL, PHONE, FORM, .max = 32,
				.look = "of-invoice", .as = "phone"),
		CC_COLUMN("invoice_bank", CC_N("Bank"), NULL, TEXT, FORM, .max = 100, .look = "of-invoice"),
		CC_COLUMN("invoice_account", CC_N("Bank account"), NULL, TEXT, FORM, .max = 40,
				.look = "of-invoice"),
		CC_COLUMN("invoice_email", CC_N("E-mail for the invoice"), NULL, EMAIL, FORM, .max = 100,
				.look = "of-invoice"),
		CC_COLUMN("note", CC_N("Remark"), NULL, NOTE, MORE | FORM, .max = 1000,
				.section = CC_N("Other")),
		CC_COLUMN("attachment", CC_N("Attachment"), NULL, FILE, FORM, .codes = file_types,
				.help = CC_N("Over several warehouses it is with the first order.")),
		CC_COLUMN("tracking", CC_N("Tracking number"), NULL, TEXT,
				MORE | CC_COLUMN_FILTER | CC_COLUMN_EXACT | CC_COLUMN_QUICK | CC_COLUMN_STORED),
		CC_COLUMN("carrier", CC_N("Carrier"), NULL, TEXT, MORE | CC_COLUMN_STORED),
		CC_COLUMN("freight", CC_N("Freight"), NULL, AMOUNT, MORE | CC_COLUMN_STORED,
				.total = "SUM(t.freight)"),
		CC_COLUMN("warehouse_id", CC_N("Warehouse"), WAREHOUSE_OF("t"), OPTION,
				MORE | CC_COLUMN_FILTER | CC_COLUMN_INDEXED | CC_COLUMN_STORED, .names = WAREHOUSES,
				.options = WAREHOUSES " ORDER BY name"),
		CC_COLUMN("serial", CC_N("SN"), "NULL", TEXT, FIND, .max = 64, .compare = serial_compare),
		CC_COLUMN("money_at", CC_N("Money received"), NULL, TIME, MORE | CC_COLUMN_STORED),
		CC_COLUMN("paid_at", CC_N("Paid at"), NULL, TIME, MORE | CC_COLUMN_STORED),
		CC_COLUMN("shipped_at", CC_N("Shipped at"), NULL, TIME, MORE | CC_COLUMN_STORED),
		CC_COLUMN("closed_at", CC_N("Closed"), NULL, TIME, MORE | CC_COLUMN_STORED),
		CC_COLUMN("updated_at", CC_N("Last change"), NULL, TIME, MORE | CC_COLUMN_UPDATED),
		CC_COLUMN("customer_id", CC_N("Key of the customer"), NULL, INT,
				CC_COLUMN_JSON | CC_COLUMN_SEARCH | PASSED, .look = "passed"),
		CC_COLUMN("call", CC_N("Call"), NULL, TEXT, PASSED | CC_COLUMN_VIRTUAL, .max = 26,
				.look = "passed"),
		CC_COLUMN("address_of", CC_N("Address of the order"), NULL, INT, PASSED | CC_COLUMN_VIRTUAL,
				.look = "passed"),
		CC_COLUMN("submits", CC_N("Submit for review"), NULL, BOOL, FORM | CC_COLUMN_VIRTUAL,
				.initial = "0", .look = "passed"),
		CC_COLUMN("call_id", CC_N("Call"), NULL, ID, CC_COLUMN_JSON | CC_COLUMN_SEARCH),
		CC_COLUMN("phone_e164", CC_N("E.164"), NULL, TEXT, CC_COLUMN_STORED),
		CC_COLUMN("author_id", CC_N("Placed by"), NULL, INT, CC_COLUMN_STORED),
		CC_COLUMN("hides", CC_N("Hide telephone numbers"), CC_CUSTOMER_HIDES, HIDES, 0),
		{.name = NULL},
};

/* ---- what is filled in by itself ---- */

static bool is_empty(const struct cc_change *c, const char *column)
{
	const char *value = cc_change_new(c, column);
	return !value || !*value;
}

static const char *number_text(struct cc_request *rq, int64_t n)
{
	return n ? cc_sprintf(rq->arena, "%" PRId64, n) : NULL;
}

static int begin(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	const char *number, *me = rq->user->api ? NULL : number_text(rq, rq->user->id);
	int64_t parent;
	int err = order_number(rq, &number, &parent);
	if (err)
		return err;
	cc_change_set(c, "number", number);
	cc_change_set(c, "parent", number_text(rq, parent));
	cc_change_set(c, "author", rq->user->name);
	cc_change_set(c, "author_id", me);
	return 0;
}

/* A name without a number: of the only customer who has it. */
static int customer_by_name(struct cc_change *c)
{
	struct cc_rows rows;
	struct cc_customer whose;
	if (c->action != CC_CREATE || !is_empty(c, "phone") || !is_empty(c, "call") ||
			!is_empty(c, "customer_id") || is_empty(c, "customer_name"))
		return 0;
	int err = cc_db_query(c->rq->db, &rows,
			"SELECT id FROM customer WHERE tenant_id = {tenant} AND name = ? AND merged_into IS "
			"NULL ORDER BY id DESC LIMIT 20",
			cc_change_new(c, "customer_name"));
	int64_t found = 0;
	for (size_t i = 0; i < rows.count && !err; i++) {
		int64_t id = cc_row_int(&rows.row[i], 0, 0);
		err = cc_customer_find(c->rq, NULL, id, &whose);
		if (err == CC_E_NOENT) {
			err = 0;
			continue;
		}
		if (!err && found)
			return cc_change_refuse(
					c, "phone", cc_t(c->rq, "Several customers have this name: enter the number."));
		found = id;
	}
	if (found)
		cc_change_set(c, "customer_id", number_text(c->rq, found));
	return err;
}

/* The address of an order that one sees, for who may not see its number. */
static int earlier_address(struct cc_change *c)
{
	struct cc_row row;
	struct cc_rows rows;
	const char *of = cc_change_new(c, "address_of");
	if (c->action != CC_CREATE || !of || !*of)
		return 0;
	int err = cc_resource_get(c->rq, &orders_list, of, &row);
	if (err == CC_E_NOENT)
		return cc_change_refuse(c, NULL, cc_t(c->rq, "There is no such order."));
	if (!err)
		err = cc_db_query(c->rq->db, &rows,
				"SELECT receiver_name, receiver_phone, receiver_address FROM orders_order WHERE "
				"tenant_id = {tenant} AND id = ?",
				of);
	static const char *const fields[] = {"receiver_name", "receiver_phone", "receiver_address"};
	for (size_t i = 0; !err && rows.count && i < 3; i++)
		if (is_empty(c, fields[i]))
			cc_change_set(c, fields[i], cc_row_str(&rows.row[0], i));
	return err;
}

static void take_from(struct cc_change *c, const char *column, const char *other)
{
	if (is_empty(c, column))
		cc_change_set(c, column, cc_change_new(c, other));
}

static void need(struct cc_change *c, const char *column)
{
	if (is_empty(c, column))
		cc_change_refuse(c, column, cc_t(c->rq, "This must be filled in."));
}

/* What the tax office wants to know of whoever gets the invoice. */
static void check_invoice(struct cc_change *c)
{
	static const char *const of_special[] = {"invoice_tax_number", "invoice_address",
			"invoice_phone", "invoice_bank", "invoice_account"};
	const char *kind = cc_change_new(c, "invoice_kind");
	if (!cc_change_new_int(c, "invoice", 0))
		return;
	need(c, "invoice_title");
	for (size_t i = 0; kind && !strcmp(kind, "special") && i < sizeof of_special / sizeof(char *);
			i++)
		need(c, of_special[i]);
	if (kind && !strcmp(kind, "electronic"))
		need(c, "invoice_email");
}

static int check(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	const char *old = cc_change_old(c, "state");
	if (c->action == CC_EDIT && old && strcmp(old, "to_submit") != 0)
		return cc_change_refuse(
				c, NULL, cc_t(rq, "This order has been submitted: send it back to change it."));
	int err = c->action == CC_CREATE ? begin(c) : 0;
	if (!err)
		err = customer_by_name(c);
	if (!err)
		err = cc_customer_fill(c);
	if (!err)
		err = earlier_address(c);
	if (err)
		return err;
	if (is_empty(c, "seller_id") && !rq->user->api)
		cc_change_set(c, "seller_id", number_text(rq, rq->user->id));
	need(c, "phone");
	take_from(c, "receiver_name", "customer_name");
	take_from(c, "receiver_phone", "phone");
	if (is_empty(c, "invoice_kind"))
		cc_change_set(c, "invoice_kind", "plain");
	check_invoice(c);
	if (!cc_change_new_int(c, "submits", 0))
		return 0;
	if (!order_may(rq, ORDER_SUBMIT))
		cc_change_refuse(c, NULL, cc_t(rq, "You may not submit orders: save it only."));
	need(c, "receiver_name");
	need(c, "receiver_address");
	return 0;
}

/* ---- what follows ---- */

static int saved(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	const char *keys = cc_sprintf(rq->arena, "[%" PRId64 "]", c->id), *why = NULL;
	int err = CC_CUSTOMER_STORE_CALL(
			c, "UPDATE orders_order SET call_id = ? WHERE tenant_id = {tenant} AND id = ?");
	if (!err && (c->action == CC_CREATE || cc_change_differs(c, "goods")))
		err = order_lines_store(c, &keys);
	if (!err)
		err = order_log(rq, c->id, c->action == CC_CREATE ? "create" : "edit", ORDER_TO_SUBMIT,
				ORDER_TO_SUBMIT, NULL);
	if (!err && cc_change_new_int(c, "submits", 0)) {
		err = order_do(rq, ORDER_SUBMIT, keys, NULL, &why);
		if (err == CC_E_RANGE)
			return cc_change_refuse(c, "goods", why);
	}
	cc_changed(rq, "order", "0");
	if (!err && !rq->json)
		cc_redirect(rq, cc_sprintf(rq->arena, ORDERS_LIST "/%" PRId64 "/view", c->id));
	return err;
}

/* Nothing has been taken from the stock yet. */
static int deleting(struct cc_change *c)
{
	const char *state = cc_change_old(c, "state");
	struct cc_db *db = c->rq->db;
	if (!state || strcmp(state, "to_submit") != 0)
		return cc_change_refuse(
				c, NULL, cc_t(c->rq, "Only orders that are still to be submitted can be deleted."));
	int err = cc_db_exec(
			db, "DELETE FROM orders_item WHERE tenant_id = {tenant} AND order_id = ?", c->id);
	if (!err)
		err = cc_db_exec(
				db, "DELETE FROM orders_serial WHERE tenant_id = {tenant} AND order_id = ?", c->id);
	if (!err)
		err = cc_db_exec(
				db, "DELETE FROM orders_log WHERE tenant_id = {tenant} AND order_id = ?", c->id);
	cc_changed(c->rq, "order", "0");
	return err;
}

static const struct cc_menu tools[] = {
		{ORDERS "/logs", CC_NC("menu", "Order log"), "orders.log.list", 0},
		{ORDERS "/items", CC_NC("menu", "Sold goods"), "orders.item.list", 0},
		{NULL, NULL, NULL, 0},
};

const struct cc_resource orders_list = {
		.name = "orders",
		.title = CC_N("Orders"),
		.thing = CC_N("Sales order"),
		.path = ORDERS_LIST,
		.permission = "orders.order",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "orders_order",
		.own = ORDER_OWN,
		.group = ORDER_GROUP,
		.department = ORDER_DEPARTMENT,
		.columns = columns,
		.range = "t.created_at",
		.range_name = CC_N("Placed at"),
		.form = "orders/form",
		.total_label = CC_N("Deals in all"),
		.row_class = "IF(t.closed_at IS NULL, '', 'row-done')",
		.tools = tools,
		.buttons = orders_buttons,
		.many = orders_many,
		.check = check,
		.saved = saved,
		.deleting = deleting,
		.dialing = cc_customer_dialing,
};

/* ---- in lists of others ---- */

static const struct cc_with customer_with[] = {{"customer_id", "id", NULL}, {NULL, NULL, NULL}};
static const struct cc_action customer_buttons[] = {
		{.name = "orders_new",
				.label = CC_NC("action", "Order"),
				.permission = "orders.order.create",
				.page = ORDERS_LIST "/new",
				.with = customer_with},
		{.name = NULL},
};

static const struct cc_with service_with[] = {{"customer_id", "customer_id", NULL},
		{"customer_name", "name", NULL}, {"phone", "phone", NULL}, {NULL, NULL, NULL}};
static const struct cc_action service_buttons[] = {
		{.name = "orders_new",
				.label = CC_NC("action", "Order"),
				.permission = "orders.order.create",
				.page = ORDERS_LIST "/new",
				.with = service_with},
		{.name = NULL},
};

const struct cc_extension orders_extensions[] = {
		{.resource = "/crm/customers/{package}", .buttons = customer_buttons},
		{.resource = "/crm/services", .buttons = service_buttons},
		{.resource = NULL},
};
