/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/customer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cc/err.h"
#include "cc/number.h"

int cc_customer_e164(struct cc_request *rq, const char *number, const char **e164)
{
	struct cc_rows rows;
	char text[CC_NUMBER_E164 + 1] = "";
	*e164 = NULL;
	if (!number || !*number)
		return 0;
	int err =
			cc_db_query(rq->db, &rows, "SELECT country, area_code FROM tenant WHERE id = {tenant}");
	if (!err && rows.count &&
			cc_number_e164(
					text, number, cc_row_str(&rows.row[0], 0), cc_row_str(&rows.row[0], 1)) >= 0 &&
			*text)
		*e164 = cc_strdup(rq->arena, text);
	return err;
}

/* The customer's number of a call, "" if there is no such call. */
static int number_of(struct cc_request *rq, const struct cc_ulid *call, const char **number)
{
	struct cc_rows rows;
	*number = "";
	int err = cc_db_query(rq->db, &rows,
			"SELECT IF(direction = 'out', callee, caller) FROM calls WHERE tenant_id = {tenant} "
			"AND id = ?",
			((struct cc_bytes){call->b, sizeof call->b}));
	if (!err && rows.count)
		*number = cc_row_str(&rows.row[0], 0);
	return err;
}

/* A customer that the user does not see is none: CC_E_NOENT. CRM's own list says who is seen. */
static int check_seen(struct cc_request *rq, int64_t id, const char *package)
{
	const struct cc_resource *r =
			cc_resource_find(rq, cc_sprintf(rq->arena, "/crm/customers/%s", package));
	struct cc_row row;
	return r ? cc_resource_get(rq, r, cc_sprintf(rq->arena, "%" PRId64, id), &row) : CC_E_NOENT;
}

int cc_customer_find(
		struct cc_request *rq, const char *e164, int64_t id, struct cc_customer *customer)
{
	struct cc_rows rows;
	*customer = (struct cc_customer){.name = "", .phone = ""};
	if (!e164 && !id)
		return CC_E_NOENT;
	int err = cc_db_query(rq->db, &rows,
			"SELECT c.id, c.name, c.phone, p.code FROM customer c JOIN customer_package p ON "
			"p.tenant_id = c.tenant_id AND p.id = c.package_id WHERE c.tenant_id = {tenant} AND "
			"c.merged_into IS NULL AND (c.id = ? OR (? = 0 AND c.phone_e164 = ?)) ORDER BY c.id "
			"DESC LIMIT 1",
			id, id, e164);
	if (!err && !rows.count)
		err = CC_E_NOENT;
	if (!err)
		err = check_seen(rq, cc_row_int(&rows.row[0], 0, 0), cc_row_str(&rows.row[0], 3));
	if (!err)
		*customer = (struct cc_customer){.id = cc_row_int(&rows.row[0], 0, 0),
				.name = cc_row_str(&rows.row[0], 1),
				.phone = cc_row_str(&rows.row[0], 2)};
	return err;
}

/* ---- of a change ---- */

static bool is_empty(const struct cc_change *c, const char *column)
{
	const char *value = cc_change_new(c, column);
	return !value || !*value;
}

const unsigned char *cc_customer_call(const struct cc_change *c)
{
	struct cc_ulid *id = cc_alloc(c->rq->arena, sizeof *id);
	const char *call = cc_change_new(c, "call");
	if (c->action != CC_CREATE || is_empty(c, "call") || cc_ulid_parse(id, call, (int)strlen(call)))
		return NULL;
	return id->b;
}

/* A call tells its number, also to who does not see it. */
static int number_of_call(struct cc_change *c)
{
	const char *call = cc_change_new(c, "call"), *number;
	struct cc_ulid id;
	if (c->action != CC_CREATE || !is_empty(c, "phone") || is_empty(c, "call"))
		return 0;
	if (cc_ulid_parse(&id, call, (int)strlen(call)))
		return cc_change_refuse(c, NULL, cc_t(c->rq, "There is no such call."));
	int err = number_of(c->rq, &id, &number);
	if (!err)
		cc_change_set(c, "phone", number);
	return err;
}

/* A customer that a link names must be seen; its number and name are taken if none were given. With
 * a number the thing can do without. */
static int named_customer(struct cc_change *c)
{
	struct cc_customer whose;
	int64_t id = cc_change_new_int(c, "customer_id", 0);
	if (c->action != CC_CREATE || !id)
		return 0;
	int err = cc_customer_find(c->rq, NULL, id, &whose);
	if (err == CC_E_NOENT && is_empty(c, "phone"))
		return cc_change_refuse(c, NULL, cc_t(c->rq, "There is no such customer."));
	if (err == CC_E_NOENT) {
		cc_change_set(c, "customer_id", NULL);
		return 0;
	}
	if (!err && is_empty(c, "phone"))
		cc_change_set(c, "phone", whose.phone);
	if (!err && is_empty(c, "customer_name"))
		cc_change_set(c, "customer_name", whose.name);
	return err;
}

int cc_customer_fill(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	struct cc_customer whose;
	const char *e164;
	int err = named_customer(c);
	if (!err)
		err = number_of_call(c);
	if (err || !cc_change_differs(c, "phone"))
		return err;
	err = cc_customer_e164(rq, cc_change_new(c, "phone"), &e164);
	if (err)
		return err;
	cc_change_set(c, "phone_e164", e164);
	if (c->action == CC_CREATE && cc_change_new_int(c, "customer_id", 0))
		return 0;
	err = cc_customer_find(rq, e164, 0, &whose);
	cc_change_set(c, "customer_id", err ? NULL : cc_sprintf(rq->arena, "%" PRId64, whose.id));
	return err == CC_E_NOENT ? 0 : err;
}

int cc_customer_dialing(
		struct cc_request *rq, const struct cc_resource *r, const char *key, struct cc_dial *dial)
{
	const struct cc_bind bind = cc_bind_str(key);
	struct cc_buf sql = cc_buf_new(rq->arena);
	struct cc_rows rows;
	cc_buf_str(&sql, "SELECT t.customer_id, t.customer_name, c.package_id, c.no_call FROM ");
	cc_buf_str(&sql, r->table);
	cc_buf_str(&sql, " t LEFT JOIN customer c ON c.tenant_id = t.tenant_id AND c.id = "
					 "t.customer_id WHERE t.tenant_id = {tenant} AND t.id = ?");
	int err = cc_db_query_text(rq->db, &rows, cc_buf_text(&sql), &bind, 1);
	if (err || !rows.count)
		return err;
	dial->customer = cc_row_int(&rows.row[0], 0, 0);
	dial->name = cc_row_str(&rows.row[0], 1);
	dial->package = cc_row_int(&rows.row[0], 2, 0);
	if (cc_row_int(&rows.row[0], 3, 0))
		dial->refused = cc_t(rq, "This customer is not to be called.");
	return 0;
}

/* ---- of a tab ---- */

int cc_whose_read(struct cc_request *rq, struct cc_whose *whose)
{
	const char *call = cc_query(rq, "call"), *customer = cc_query(rq, "customer"),
			   *number = cc_query(rq, "number"), *found = "";
	*whose = (struct cc_whose){.call = call ? call : "",
			.number = number ? number : "",
			.customer = customer ? strtoll(customer, NULL, 10) : 0,
			.found = {.name = "", .phone = ""}};
	if (strlen(whose->number) > 64)
		return CC_E_INVAL;
	if (*whose->call) {
		if (cc_ulid_parse(&whose->id, whose->call, (int)strlen(whose->call)))
			return CC_E_INVAL;
		whose->has_call = true;
	}
	int err = whose->has_call && !*whose->number ? number_of(rq, &whose->id, &found) : 0;
	if (!err)
		err = cc_customer_e164(rq, *whose->number ? whose->number : found, &whose->e164);
	if (!err)
		err = cc_customer_find(rq, whose->e164, whose->customer, &whose->found);
	return err == CC_E_NOENT ? 0 : err;
}

void cc_url_field(struct cc_buf *url, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	cc_buf_printf(url, "%c%s=", strchr(cc_buf_text(url), '?') ? '&' : '?', name);
	cc_buf_url(url, value, strlen(value));
}

void cc_whose_url(struct cc_buf *url, struct cc_request *rq, const struct cc_whose *whose)
{
	int64_t id = whose->found.id;
	cc_url_field(url, "phone", whose->number);
	cc_url_field(url, "customer_name", whose->found.name);
	cc_url_field(url, "customer_id", id ? cc_sprintf(rq->arena, "%" PRId64, id) : NULL);
	cc_url_field(url, "call", whose->call);
}
