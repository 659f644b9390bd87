/* SPDX-License-Identifier: GPL-2.0-or-later
 * What is chosen on the customer card beside the customer's fields: type and state of the mark,
 * step of the funnel and result of the contact record. */
#include <stdlib.h>
#include <string.h>
#include "customer.h"

const char *card_given(const struct cc_request *rq, const char *name)
{
	const char *value = strcmp(rq->method, "GET") ? cc_form(rq, name) : cc_query(rq, name);
	return value ? value : "";
}

static int64_t given_id(const struct cc_request *rq, const char *name)
{
	return strtoll(card_given(rq, name), NULL, 10);
}

/* ---- what there is ---- */

void card_options(struct cc_request *rq, struct cc_value *page, const char *key,
		const struct cc_rows *rows, int64_t chosen)
{
	struct cc_value *list = cc_value_add(rq->arena, page, key, CC_VALUE_LIST);
	for (size_t i = 0; i < rows->count; i++) {
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		cc_value_str(rq->arena, item, "value", cc_row_str(&rows->row[i], 0));
		cc_value_str(rq->arena, item, "label", cc_row_str(&rows->row[i], 1));
		cc_value_bool(rq->arena, item, "selected", cc_row_int(&rows->row[i], 0, 0) == chosen);
	}
}

/* Whether the call was answered, as call_result.call_state says it; "": not known, or no call. */
static int state_of_call(struct cc_request *rq, const char *call, const char **state)
{
	struct cc_ulid id;
	struct cc_rows rows;
	*state = "";
	if (!*call || cc_ulid_parse(&id, call, (int)strlen(call)))
		return 0;
	int err = cc_db_query(rq->db, &rows,
			"SELECT IF(bridged_at IS NULL, IF(ended_at IS NULL, '', 'unanswered'), 'answered') "
			"FROM calls WHERE tenant_id = {tenant} AND id = ?",
			((struct cc_bytes){id.b, sizeof id.b}));
	if (!err && rows.count)
		*state = cc_row_str(&rows.row[0], 0);
	return err;
}

struct links
{
	const struct cc_rows *rows; /* id, name, funnel; by funnel */
};

static void write_links(struct cc_jsonw *w, void *ctx)
{
	const struct cc_rows *rows = ((struct links *)ctx)->rows;
	const char *open = "";
	cc_jsonw_object(w, NULL);
	for (size_t i = 0; i < rows->count; i++) {
		const char *funnel = cc_row_str(&rows->row[i], 2);
		if (!*funnel)
			continue;
		if (strcmp(funnel, open)) {
			if (*open)
				cc_jsonw_close_array(w);
			cc_jsonw_array(w, funnel);
			open = funnel;
		}
		cc_jsonw_str(w, NULL, cc_row_str(&rows->row[i], 0));
	}
	if (*open)
		cc_jsonw_close_array(w);
	cc_jsonw_close_object(w);
}

/* Results that the call and the step of the funnel allow. */
static int add_results(struct cc_request *rq, const char *call, struct cc_value *page)
{
	struct cc_rows rows;
	const char *state;
	int err = state_of_call(rq, call, &state);
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT id, name, funnel_id FROM call_result WHERE tenant_id = {tenant} AND "
				"(call_state = 'any' OR ? = '' OR call_state = ?) ORDER BY funnel_id, name",
				state, state);
	if (err)
		return err;
	struct links links = {&rows};
	card_options(rq, page, "results", &rows, given_id(rq, "result_id"));
	cc_value_str(rq->arena, page, "result_links", cc_json_text(rq->arena, write_links, &links));
	return 0;
}

int card_choices(struct cc_request *rq, const struct package *p, int64_t customer, const char *call,
		struct cc_value *page)
{
	struct cc_db *db = rq->db;
	struct cc_rows rows, own;
	int err = cc_db_query(db, &own,
			"SELECT c.type_id, f.name FROM customer c LEFT JOIN sales_funnel f ON f.tenant_id = "
			"c.tenant_id AND f.id = c.funnel_id WHERE c.tenant_id = {tenant} AND c.id = ?",
			customer);
	int64_t type = !err && own.count ? cc_row_int(&own.row[0], 0, 0) : 0;
	if (!err)
		cc_value_str(rq->arena, page, "funnel_now",
				own.count && own.row[0].v[1] ? cc_row_str(&own.row[0], 1) : NULL);
	if (!err)
		err = cc_db_query(db, &rows,
				"SELECT id, name FROM customer_type WHERE tenant_id = {tenant} ORDER BY position, "
				"id");
	if (!err)
		card_options(rq, page, "types", &rows,
				*card_given(rq, "type_id") ? given_id(rq, "type_id") : type);
	if (!err)
		err = cc_db_query(db, &rows,
				"SELECT id, name FROM follow_state WHERE tenant_id = {tenant} ORDER BY position, "
				"id");
	if (!err)
		card_options(rq, page, "states", &rows, given_id(rq, "state_id"));
	if (!err)
		err = cc_db_query(db, &rows,
				"SELECT id, name FROM sales_funnel WHERE tenant_id = {tenant} AND state = "
				"'enabled' AND (package_id IS NULL OR package_id = ?) ORDER BY position, id",
				p->id);
	if (!err)
		card_options(rq, page, "funnels", &rows, given_id(rq, "funnel_id"));
	return err ? err : add_results(rq, call, page);
}

/* ---- what was chosen ---- */

int card_check_success(struct cc_request *rq, const struct package *p, int64_t customer,
		int64_t funnel, const char **missing)
{
	const char *values[PACKAGE_FIELDS] = {NULL};
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT score FROM sales_funnel WHERE tenant_id = {tenant} AND id = ? AND state = "
			"'enabled'",
			funnel);
	if (!err && !rows.count)
		return CC_E_INVAL;
	if (err || cc_row_int(&rows.row[0], 0, 0) <= 0)
		return err;
	err = package_values(rq->db, rq->arena, p, customer, values);
	for (size_t i = 0; !err && i < p->count; i++) {
		const struct field *f = &p->fields[i];
		if (!f->required_on_success || (values[i] && *values[i]))
			continue;
		*missing = f->translated ? cc_t(rq, f->label) : f->label;
		return CC_E_RANGE;
	}
	return err;
}

/* CC_E_INVAL unless a row was found. */
static int found(const struct cc_rows *rows, int err)
{
	return err ? err : rows->count ? 0 : CC_E_INVAL;
}

int card_check_choices(
		struct cc_request *rq, const struct mark *mark, const struct contact *contact)
{
	struct cc_rows rows;
	const char *state;
	int err = 0;
	if (mark->type)
		err = found(&rows, cc_db_query(rq->db, &rows,
								   "SELECT 1 FROM customer_type WHERE tenant_id = {tenant} AND id "
								   "= ?",
								   mark->type));
	if (!err && mark->state)
		err = found(&rows, cc_db_query(rq->db, &rows,
								   "SELECT 1 FROM follow_state WHERE tenant_id = {tenant} AND id "
								   "= ?",
								   mark->state));
	if (err || !contact->result)
		return err;
	err = state_of_call(rq, contact->call, &state);
	if (!err)
		err = found(&rows,
				cc_db_query(rq->db, &rows,
						"SELECT 1 FROM call_result WHERE tenant_id = {tenant} AND id = ? AND "
						"(funnel_id IS NULL OR funnel_id = ?) AND (call_state = 'any' OR ? = '' OR "
						"call_state = ?)",
						contact->result, contact->funnel, state, state));
	return err;
}
