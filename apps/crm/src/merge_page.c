/* SPDX-License-Identifier: GPL-2.0-or-later
 * Customers side by side: which one is kept, and whose value of each field.
 *	GET  /crm/merge?keys=1,2,3[&next=path]
 *	POST /crm/merge: keys, version, survivor (id), f_<column> = <id>.<column> */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "call_task.h"
#include "merge.h"

/* Columns behind the package's fields that can be chosen; their names come from name_rows. */
static const struct
{
	enum merge_column column;
	const char *label, *in; /* in: column of the list with the permission */
} choosable[] = {
		{MERGE_TYPE, CC_N("Customer type"), "type_id"},
		{MERGE_SOURCE, CC_N("Data source"), "source_id"},
		{MERGE_AGENT, CC_N("Assignment"), "agent_id"},
};

struct side
{
	struct cc_request *rq;
	struct merge *m;
	struct merge_choice choice;
	struct cc_rows names; /* of each customer, see name_rows */
	struct cc_value *rows;
};

static bool may_merge(struct cc_request *rq)
{
	return cc_can(rq, "crm.customers.merge") && cc_can(rq, "crm.customers.edit") &&
		   cc_can(rq, "crm.customers.list");
}

static int refused(struct cc_request *rq, int err)
{
	if (err == CC_E_RANGE)
		return cc_error(rq, 400, cc_t(rq, "Select 2 to 10 customers."));
	return err;
}

/* ---- what the user's role sees and may choose ---- */

static const struct cc_column *named(const struct merge *m, const char *name)
{
	const struct cc_column *c = m->r->columns;

	while (c->name && strcmp(c->name, name) != 0)
		c++;
	return c->name ? c : NULL;
}

static bool has(const struct side *s, const struct cc_column *c, const char *right)
{
	return !(c->flags & CC_COLUMN_GUARDED) ||
		   cc_can(s->rq, cc_sprintf(s->rq->arena, "crm.customers.%s.%s", c->name, right));
}

/* The column of the list that shows column k; NULL: it is not for this user. */
static const struct cc_column *shown(const struct side *s, size_t k)
{
	const struct cc_column *c = NULL;

	if (k < s->m->p->count)
		c = customer_column(s->m->r, &s->m->p->fields[k]);
	else
		for (size_t i = 0; i < sizeof(choosable) / sizeof(*choosable); i++)
			if (choosable[i].column == k - s->m->p->count)
				c = named(s->m, choosable[i].in);
	return c && has(s, c, "view") ? c : NULL;
}

static bool may_choose(const struct side *s, size_t k)
{
	const struct cc_column *c = shown(s, k);

	return c && !(c->flags & CC_COLUMN_READ_ONLY) && has(s, c, "edit");
}

/* ---- texts ---- */

/* id, type, source, assignment, follow-ups, contact records, tasks, appointments */
static int name_rows(struct side *s)
{
	struct cc_buf ids = cc_buf_new(s->rq->arena);

	for (size_t i = 0; i < s->m->count; i++)
		cc_buf_printf(&ids, "%s%" PRId64, i ? "," : "[", s->m->customer[i].id);
	cc_buf_str(&ids, "]");
	return cc_db_query(s->rq->db, &s->names,
			"SELECT c.id, y.name, z.name, COALESCE(CONCAT(a.number, ' ', a.name), CONCAT(g.number, "
			"' ', g.name)), (SELECT COUNT(*) FROM customer_mark x WHERE x.tenant_id = c.tenant_id "
			"AND x.customer_id = c.id), (SELECT COUNT(*) FROM contact_record x WHERE x.tenant_id = "
			"c.tenant_id AND x.customer_id = c.id), (SELECT COUNT(*) FROM customer_task x WHERE "
			"x.tenant_id = c.tenant_id AND x.customer_id = c.id), (SELECT COUNT(*) FROM "
			"appointment x WHERE x.tenant_id = c.tenant_id AND x.customer_id = c.id) FROM customer "
			"c LEFT JOIN customer_type y ON y.tenant_id = c.tenant_id AND y.id = c.type_id LEFT "
			"JOIN customer_source z ON z.tenant_id = c.tenant_id AND z.id = c.source_id LEFT JOIN "
			"agent a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id LEFT JOIN agent_group g ON "
			"g.tenant_id = c.tenant_id AND g.id = c.group_id WHERE c.tenant_id = {tenant} AND c.id "
			"IN (" CC_MANY_KEYS ") ORDER BY c.id",
			cc_buf_text(&ids));
}

static const char *field_text(const struct side *s, size_t k, const char *value)
{
	struct cc_request *rq = s->rq;
	const struct field *f = &s->m->p->fields[k];

	if (!value || !*value)
		return "";
	switch (f->kind) {
	case FIELD_PHONE:
		return cc_mask_number(rq->arena, value, package_hides(rq, s->m->r));
	case FIELD_SEX:
		return cc_tc(rq, "sex", value);
	case FIELD_AMOUNT: {
		const struct cc_money m = cc_money(rq);

		return cc_money_text(rq->arena, &m, strtoll(value, NULL, 10));
	}
	case FIELD_FILE:
		return cc_t(rq, "File");
	case FIELD_DATE:
		return f->number && strlen(value) == 8
					   ? cc_sprintf(rq->arena, "%.4s-%.2s-%.2s", value, value + 4, value + 6)
					   : value;
	default:
		return value;
	}
}

static const char *text_of(const struct side *s, size_t customer, size_t k)
{
	for (size_t i = 0; i < sizeof(choosable) / sizeof(*choosable); i++)
		if (k == s->m->p->count + choosable[i].column)
			return customer < s->names.count ? cc_row_str(&s->names.row[customer], 1 + i) : "";
	return field_text(s, k, s->m->customer[customer].value[k]);
}

/* ---- rows ---- */

static void add_cell(struct side *s, struct cc_value *cells, size_t k, size_t customer, size_t from)
{
	struct cc_arena *a = s->rq->arena;
	struct cc_value *cell = cc_value_add(a, cells, NULL, CC_VALUE_MAP);
	const char *text = text_of(s, customer, from);
	bool chosen = s->choice.from[k].customer == (int)customer && s->choice.from[k].column == from;

	cc_value_str(a, cell, "value",
			cc_sprintf(
					a, "%" PRId64 ".%s", s->m->customer[customer].id, merge_column(s->m->p, from)));
	cc_value_str(a, cell, "text", *text ? text : NULL);
	cc_value_bool(a, cell, "chosen", chosen);
}

/* Numbers from other telephone fields that could stand here. */
static void add_numbers(struct side *s, struct cc_value *row, size_t k)
{
	struct cc_value *others = cc_value_add(s->rq->arena, row, "others", CC_VALUE_LIST);
	const struct package *p = s->m->p;

	if (k >= p->count || p->fields[k].kind != FIELD_PHONE)
		return;
	for (size_t i = 0; i < s->m->count; i++)
		for (size_t from = 0; from < p->count; from++)
			if (from != k && p->fields[from].kind == FIELD_PHONE && shown(s, from) &&
					s->m->customer[i].value[from] && *s->m->customer[i].value[from])
				add_cell(s, others, k, i, from);
}

static bool any_text(const struct side *s, size_t k)
{
	bool phone = k < s->m->p->count && s->m->p->fields[k].kind == FIELD_PHONE;

	for (size_t i = 0; i < s->m->count && !phone; i++)
		if (*text_of(s, i, k))
			return true;
	return phone;
}

static void add_row(struct side *s, size_t k, const char *label)
{
	struct cc_arena *a = s->rq->arena;
	struct cc_value *row, *cells;

	if (!shown(s, k) || !any_text(s, k))
		return;
	row = cc_value_add(a, s->rows, NULL, CC_VALUE_MAP);
	cc_value_str(a, row, "label", label);
	cc_value_str(a, row, "name", cc_sprintf(a, "f_%s", merge_column(s->m->p, k)));
	cc_value_bool(a, row, "may", may_choose(s, k));
	cells = cc_value_add(a, row, "cells", CC_VALUE_LIST);
	for (size_t i = 0; i < s->m->count; i++)
		add_cell(s, cells, k, i, k);
	add_numbers(s, row, k);
}

static void add_rows(struct side *s)
{
	const struct package *p = s->m->p;

	for (size_t k = 0; k < p->count; k++)
		add_row(s, k,
				p->fields[k].translated ? cc_t(s->rq, p->fields[k].label) : p->fields[k].label);
	for (size_t i = 0; i < sizeof(choosable) / sizeof(*choosable); i++)
		add_row(s, p->count + choosable[i].column, cc_t(s->rq, choosable[i].label));
}

static void add_counts(struct side *s, struct cc_value *page)
{
	static const char *const labels[] = {
			CC_N("Follow-ups"), CC_N("Contact records"), CC_N("Tasks"), CC_N("Appointments")};
	struct cc_arena *a = s->rq->arena;
	struct cc_value *list = cc_value_add(a, page, "counts", CC_VALUE_LIST);

	for (size_t k = 0; k < sizeof(labels) / sizeof(*labels); k++) {
		struct cc_value *row = cc_value_add(a, list, NULL, CC_VALUE_MAP), *cells;

		cc_value_str(a, row, "label", cc_t(s->rq, labels[k]));
		cells = cc_value_add(a, row, "cells", CC_VALUE_LIST);
		for (size_t i = 0; i < s->names.count; i++)
			cc_value_str(a, cc_value_add(a, cells, NULL, CC_VALUE_MAP), "text",
					cc_row_str(&s->names.row[i], 4 + k));
	}
}

static void add_customers(struct side *s, struct cc_value *page)
{
	struct cc_arena *a = s->rq->arena;
	struct cc_value *list = cc_value_add(a, page, "customers", CC_VALUE_LIST);
	size_t name = (size_t)(s->m->p->named - s->m->p->fields);

	for (size_t i = 0; i < s->m->count; i++) {
		const struct merge_customer *c = &s->m->customer[i];
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);

		cc_value_int(a, item, "id", c->id);
		cc_value_str(a, item, "name", c->value[name]);
		cc_value_str(a, item, "created", cc_time_text(s->rq, c->created_at));
		cc_value_str(a, item, "changed", cc_time_text(s->rq, c->updated_at));
		cc_value_bool(
				a, item, "no_call", strcmp(c->value[s->m->p->count + MERGE_NO_CALL], "1") == 0);
		cc_value_bool(a, item, "chosen", i == s->choice.survivor);
	}
}

/* GET /crm/merge */
int crm_merge_page(struct cc_request *rq)
{
	struct side s = {.rq = rq};
	const char *keys = cc_query(rq, "keys"), *next = cc_query(rq, "next");
	int err = may_merge(rq) ? merge_load(rq, keys ? keys : "", false, &s.m) : CC_E_DENIED;

	if (!err)
		err = name_rows(&s);
	if (err)
		return refused(rq, err);
	merge_choose(s.m, merge_survivor(s.m, MERGE_FULLEST), false, &s.choice);

	struct cc_value *page = cc_page(rq, cc_t(rq, "Merge customers"));

	cc_value_str(rq->arena, page, "keys", keys);
	cc_value_str(rq->arena, page, "version", s.m->version);
	cc_value_str(rq->arena, page, "next", next && cc_is_local_path(next) ? next : "");
	cc_value_str(rq->arena, page, "back", next && cc_is_local_path(next) ? next : s.m->r->path);
	add_customers(&s, page);
	s.rows = cc_value_add(rq->arena, page, "rows", CC_VALUE_LIST);
	add_rows(&s);
	add_counts(&s, page);
	return cc_page_send(rq, "crm/merge", page);
}

/* ---- merging ---- */

static int customer_index_of(const struct merge *m, int64_t id)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->customer[i].id == id)
			return (int)i;
	return -1;
}

/* "<id>.<column>": the column of its own, or for telephone fields any of them that is seen. */
static int take_choice(struct side *s, size_t k, const char *value)
{
	const struct package *p = s->m->p;
	char *end;
	int customer = customer_index_of(s->m, strtoll(value, &end, 10));
	size_t from = k;

	if (customer < 0 || *end++ != '.')
		return CC_E_INVAL;
	if (strcmp(end, merge_column(p, k)) != 0) {
		if (k >= p->count || p->fields[k].kind != FIELD_PHONE)
			return CC_E_INVAL;
		for (from = 0; from < p->count && strcmp(end, p->fields[from].column) != 0;)
			from++;
		if (from == p->count || p->fields[from].kind != FIELD_PHONE || !shown(s, from))
			return CC_E_INVAL;
	}
	s->choice.from[k].customer = customer;
	s->choice.from[k].column = from;
	if (k == p->count + MERGE_AGENT)
		s->choice.from[k + 1].customer = s->choice.from[k + 2].customer = customer;
	return 0;
}

static int take_choices(struct side *s)
{
	int err = 0;

	for (size_t k = 0; k < s->m->columns && !err; k++) {
		const char *value =
				cc_form(s->rq, cc_sprintf(s->rq->arena, "f_%s", merge_column(s->m->p, k)));

		if (value && may_choose(s, k))
			err = take_choice(s, k, value);
	}
	return err;
}

struct outcome
{
	int64_t merge, customer;
};

static void outcome_write(struct cc_jsonw *w, void *ctx)
{
	const struct outcome *o = ctx;

	cc_jsonw_object(w, NULL);
	cc_jsonw_int(w, "merge", o->merge);
	cc_jsonw_int(w, "customer", o->customer);
	cc_jsonw_close_object(w);
}

/* POST /crm/merge */
int crm_merge_post(struct cc_request *rq)
{
	struct side s = {.rq = rq};
	const char *keys = cc_form(rq, "keys"), *survivor = cc_form(rq, "survivor");
	const char *version = cc_form(rq, "version"), *next = cc_form(rq, "next");
	struct outcome *done = cc_alloc(rq->arena, sizeof(*done));
	int64_t other = 0;
	int err = may_merge(rq) ? merge_load(rq, keys ? keys : "", true, &s.m) : CC_E_DENIED;
	int kept = err ? -1 : customer_index_of(s.m, strtoll(survivor ? survivor : "", NULL, 10));

	if (err)
		return refused(rq, err);
	if (kept < 0)
		return CC_E_INVAL;
	if (version && strcmp(version, s.m->version) != 0)
		return cc_error(rq, 409,
				cc_t(rq, "Somebody changed one of these customers meanwhile: compare them again."));
	merge_choose(s.m, (size_t)kept, false, &s.choice);
	err = take_choices(&s);
	if (!err)
		err = merge_do(s.m, &s.choice, &done->merge, &other);
	if (err == CC_E_EXIST) {
		cc_undo(rq);
		return cc_error(rq, 409,
				cc_fill(rq, cc_t(rq, "Customer {n} has this number or value."), "{n}", other));
	}
	if (err)
		return err;
	done->customer = s.m->customer[kept].id;
	if (rq->json)
		cc_send_json(rq, outcome_write, done);
	else
		cc_redirect(
				rq, next && *next && cc_is_local_path(next)
							? next
							: cc_sprintf(rq->arena, "/crm/card?customer=%" PRId64, done->customer));
	return 0;
}
