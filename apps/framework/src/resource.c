/* SPDX-License-Identifier: GPL-2.0-or-later
 * Lists made of constant tables. The only place where SQL is put together: of the tables' constant
 * pieces and '?'. */
#include "cc/resource.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "priv.h"

#define COUNT_MAX 10000 /* beyond it a total is shown as "10,000+" and an export is refused */
#define BINDS_MAX 48
#define TIME_MAX ((int64_t)1 << 48)

static const int sizes[] = {10, 25, 50, 100, 200};
#define PAGE_SIZE 10
#define JSON_SIZE 100

/* One request for a list. */
struct list
{
	struct cc_request *rq;
	const struct cc_resource *r;
	struct cc_buf where;
	struct cc_bind bind[BINDS_MAX];
	size_t binds;
	const struct cc_column *sort; /* NULL: by key, newest first */
	bool descending;
	int64_t page, size;
	const char *after; /* ULID text, NULL: none */
	const char *fault; /* what is wrong with the parameters */
};

int cc_resource_check(const struct cc_resource *r, char *error, size_t error_cap)
{
	const char *fault = NULL;
	if (!r->name || !r->title || !r->path || !r->permission || !r->from || !r->key || !r->columns)
		fault = "incomplete";
	else if (!r->where || !strstr(r->where, "{tenant}"))
		fault = "no tenant scope";
	else if (r->columns[0].type != CC_COLUMN_ID)
		fault = "the first column is not the key";
	for (const struct cc_column *c = fault ? NULL : r->columns; c && c->name; c++)
		if (!c->label || !c->sql || (c->type == CC_COLUMN_CODE && !c->context) ||
				(c->type == CC_COLUMN_CUSTOM && (!c->text || !c->json)))
			fault = "incomplete column";
	for (const struct cc_filter *f = fault ? NULL : r->filters; f && f->name; f++)
		if (!f->label || !f->sql || (f->type == CC_FILTER_CODE && (!f->codes || !f->context)))
			fault = "incomplete filter";
	if (!fault)
		return 0;
	snprintf(error, error_cap, "resource %s: %s", r->name ? r->name : "", fault);
	return CC_E_INVAL;
}

/* ---- parameters ---- */

static void fault(struct list *l, const char *label)
{
	if (!l->fault)
		l->fault =
				cc_sprintf(l->rq->arena, "%s: %s", label, cc_t(l->rq, "this value is not valid."));
}

static void condition(struct list *l, const char *sql, struct cc_bind bind)
{
	if (l->binds == BINDS_MAX)
		return;
	cc_buf_printf(&l->where, " AND %s", sql);
	l->bind[l->binds++] = bind;
}

/* The first id of a moment. */
static struct cc_bind id_bind(struct cc_arena *arena, int64_t ms)
{
	static const uint8_t zeros[10];
	struct cc_ulid *id = cc_alloc(arena, sizeof *id);
	*id = cc_ulid_make(ms < 0 ? 0 : ms >= TIME_MAX ? TIME_MAX - 1 : ms, zeros);
	return cc_bind_bytes((struct cc_bytes){id->b, sizeof id->b});
}

static const char *given(const struct cc_request *rq, const char *name)
{
	const char *value = cc_query(rq, name);
	return value && *value ? value : NULL;
}

static void filter_time(struct list *l, const struct cc_filter *f)
{
	struct cc_request *rq = l->rq;
	const char *from = given(rq, "from"), *to = given(rq, "to");
	int64_t ms, step;
	const char *sql_from = cc_sprintf(rq->arena, "%s >= ?", f->sql);
	const char *sql_to = cc_sprintf(rq->arena, "%s < ?", f->sql);
	if (from && cc_time_parse(rq, from, &ms, &step))
		fault(l, cc_t(rq, "From"));
	else if (from)
		condition(l, sql_from, id_bind(rq->arena, ms));
	else if (!to)
		condition(l, sql_from, id_bind(rq->arena, cc_time_today(rq, 1 - f->days)));
	/* a moment includes what it is exact to: a day, a minute, a second */
	if (to && cc_time_parse(rq, to, &ms, &step))
		fault(l, cc_t(rq, "To"));
	else if (to)
		condition(l, sql_to, id_bind(rq->arena, ms + step));
}

static void filter_apply(struct list *l, const struct cc_filter *f)
{
	struct cc_request *rq = l->rq;
	const char *value = given(rq, f->name);
	if (f->type == CC_FILTER_TIME) {
		filter_time(l, f);
		return;
	}
	if (!value)
		return;
	switch (f->type) {
	case CC_FILTER_CODE: {
		const char *const *code = f->codes;
		while (*code && strcmp(*code, value))
			code++;
		if (!*code)
			fault(l, cc_t(rq, f->label));
		else
			condition(l, cc_sprintf(rq->arena, "%s = ?", f->sql), cc_bind_str(value));
		break;
	}
	case CC_FILTER_EQUAL:
		condition(l, cc_sprintf(rq->arena, "%s = ?", f->sql), cc_bind_str(value));
		break;
	case CC_FILTER_CONTAINS: {
		struct cc_buf b = cc_buf_new(rq->arena);
		cc_buf_add(&b, "%", 1);
		for (const char *p = value; *p; p++) {
			if (strchr("%_\\", *p))
				cc_buf_add(&b, "\\", 1);
			cc_buf_add(&b, p, 1);
		}
		cc_buf_add(&b, "%", 1);
		condition(l, cc_sprintf(rq->arena, "%s LIKE ?", f->sql), cc_bind_str(cc_buf_text(&b)));
		break;
	}
	case CC_FILTER_TIME:
		break;
	}
}

static int64_t number_of(struct list *l, const char *name, const char *label, int64_t otherwise)
{
	const char *text = given(l->rq, name);
	if (!text)
		return otherwise;
	char *end;
	long n = strtol(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || n < 1 || n > 1000000) {
		fault(l, label);
		return otherwise;
	}
	return n;
}

static void paging(struct list *l)
{
	struct cc_request *rq = l->rq;
	const char *sort = given(rq, "sort"), *after = given(rq, "after");
	int64_t standard = rq->json ? JSON_SIZE : PAGE_SIZE;
	l->page = number_of(l, "page", cc_t(rq, "Page"), 1);
	l->size = number_of(l, "size", cc_t(rq, "Rows per page"), standard);
	bool known = false;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		known |= sizes[i] == l->size;
	if (!known) {
		fault(l, cc_t(rq, "Rows per page"));
		l->size = standard;
	}
	if ((l->page - 1) * l->size >= COUNT_MAX) {
		fault(l, cc_t(rq, "Page"));
		l->page = 1;
	}
	if (sort) {
		l->descending = *sort == '-';
		for (const struct cc_column *c = l->r->columns; c->name && !l->sort; c++)
			if ((c->flags & CC_COLUMN_SORT) && !strcmp(c->name, sort + l->descending))
				l->sort = c;
		if (!l->sort)
			fault(l, cc_t(rq, "Sort order"));
	}
	struct cc_ulid *id = cc_alloc(rq->arena, sizeof *id);
	if (after && (sort || cc_ulid_parse(id, after, (int)strlen(after)))) {
		fault(l, "after");
	} else if (after) {
		l->after = after;
		condition(l, cc_sprintf(rq->arena, "%s < ?", l->r->key),
				cc_bind_bytes((struct cc_bytes){id->b, sizeof id->b}));
	}
}

static void data_scope(struct list *l)
{
	enum cc_data_scope scope = l->rq->user->scope;
	const char *sql = scope == CC_SCOPE_OWN ? l->r->own : l->r->group;
	if (scope != CC_SCOPE_ALL)
		cc_buf_printf(&l->where, " AND (%s)", sql ? sql : "FALSE");
}

/* ---- queries ---- */

static void from_where(struct list *l, struct cc_buf *sql)
{
	cc_buf_printf(sql, " FROM %s WHERE %s", l->r->from, l->r->where);
	cc_buf_add(sql, l->where.p, l->where.len);
}

static int fetch(struct list *l, struct cc_rows *rows, int64_t limit, int64_t offset)
{
	const struct cc_resource *r = l->r;
	struct cc_buf sql = cc_buf_new(l->rq->arena);
	cc_buf_str(&sql, "SELECT ");
	for (const struct cc_column *c = r->columns; c->name; c++)
		cc_buf_printf(&sql, "%s%s", c == r->columns ? "" : ", ", c->sql);
	from_where(l, &sql);
	cc_buf_str(&sql, " ORDER BY ");
	if (l->sort)
		cc_buf_printf(&sql, "%s%s, ", l->sort->sql, l->descending ? " DESC" : "");
	cc_buf_printf(&sql, "%s DESC LIMIT ? OFFSET ?", r->key);
	struct cc_bind binds[BINDS_MAX + 2];
	memcpy(binds, l->bind, l->binds * sizeof *binds);
	binds[l->binds] = cc_bind_int(limit);
	binds[l->binds + 1] = cc_bind_int(offset);
	return cc_db_query_text(l->rq->db, rows, cc_buf_text(&sql), binds, l->binds + 2);
}

/* Up to COUNT_MAX + 1. */
static int count(struct list *l, int64_t *total)
{
	struct cc_rows rows;
	struct cc_buf sql = cc_buf_new(l->rq->arena);
	cc_buf_str(&sql, "SELECT COUNT(*) FROM (SELECT 1 ");
	from_where(l, &sql);
	cc_buf_printf(&sql, " LIMIT %d) n", COUNT_MAX + 1);
	int err = cc_db_query_text(l->rq->db, &rows, cc_buf_text(&sql), l->bind, l->binds);
	if (!err)
		*total = cc_row_int(&rows.row[0], 0, 0);
	return err;
}

/* ---- cells ---- */

static const char *id_text(struct cc_request *rq, const struct cc_row *row, size_t i)
{
	struct cc_ulid id;
	char text[CC_ULID_TEXT + 1];
	if (!row->v[i] || row->len[i] != sizeof id.b)
		return "";
	memcpy(id.b, row->v[i], sizeof id.b);
	return cc_strdup(rq->arena, cc_ulid_format(&id, text));
}

/* For people: page and CSV. */
static const char *cell_text(
		struct cc_request *rq, const struct cc_column *c, const struct cc_row *row, size_t i)
{
	if (c->type == CC_COLUMN_CUSTOM) {
		const char *before = cc_work_enter(c->plugin ? c->plugin : rq->state->owner);
		const char *text = c->text(rq, row->v[i]);
		cc_work_enter(before);
		return text;
	}
	if (!row->v[i])
		return "";
	switch (c->type) {
	case CC_COLUMN_ID:
		return id_text(rq, row, i);
	case CC_COLUMN_TIME:
		return cc_time_text(rq, cc_row_int(row, i, 0));
	case CC_COLUMN_DURATION:
		return cc_duration_text(rq, cc_row_int(row, i, 0));
	case CC_COLUMN_CODE:
		return cc_tc(rq, c->context, row->v[i]);
	default:
		return row->v[i];
	}
}

static void cell_json(struct cc_request *rq, struct cc_jsonw *w, const struct cc_column *c,
		const struct cc_row *row, size_t i)
{
	if (c->type == CC_COLUMN_CUSTOM) {
		const char *before = cc_work_enter(c->plugin ? c->plugin : rq->state->owner);
		c->json(rq, w, c->name, row, i);
		cc_work_enter(before);
		return;
	}
	if (!row->v[i]) {
		cc_jsonw_str(w, c->name, NULL);
		return;
	}
	switch (c->type) {
	case CC_COLUMN_ID:
		cc_jsonw_str(w, c->name, id_text(rq, row, i));
		break;
	case CC_COLUMN_TIME:
		cc_jsonw_str(w, c->name, cc_time_iso(rq, cc_row_int(row, i, 0)));
		break;
	case CC_COLUMN_INT:
	case CC_COLUMN_DURATION:
		cc_jsonw_int(w, c->name, cc_row_int(row, i, 0));
		break;
	default:
		cc_jsonw_str(w, c->name, row->v[i]);
	}
}

/* ---- CSV ---- */

static int send_csv(struct list *l)
{
	struct cc_request *rq = l->rq;
	const struct cc_resource *r = l->r;
	struct cc_rows rows;
	if (r->export_permission && !cc_can(rq, r->export_permission))
		return CC_E_DENIED;
	if (l->fault)
		return cc_error(rq, 400, l->fault);
	int err = fetch(l, &rows, COUNT_MAX + 1, 0);
	if (err)
		return err;
	if (rows.count > COUNT_MAX)
		return cc_error(
				rq, 413, cc_t(rq, "More than 10,000 rows: choose a shorter time or more filters."));
	struct cc_buf *b = cc_body(rq);
	cc_buf_str(b, "\xEF\xBB\xBF");
	for (size_t n = 0; n <= rows.count; n++) {
		const char *comma = "";
		size_t i = 0;
		for (const struct cc_column *c = r->columns; c->name; c++, i++) {
			if (!(c->flags & CC_COLUMN_CSV))
				continue;
			const char *text = n ? cell_text(rq, c, &rows.row[n - 1], i) : cc_t(rq, c->label);
			cc_buf_str(b, comma);
			cc_buf_csv(b, text, strlen(text));
			comma = ",";
		}
		cc_buf_str(b, "\r\n");
	}
	cc_type(rq, "text/csv; charset=utf-8");
	cc_set_header(rq, "Content-Disposition",
			cc_sprintf(rq->arena, "attachment; filename=\"%s-%.10s.csv\"", r->name,
					cc_time_text(rq, rq->now_ms)));
	return 0;
}

/* ---- URLs of this list with a parameter changed ---- */

static const char *url_with(struct list *l, const char *name, const char *value)
{
	struct cc_buf b = cc_buf_new(l->rq->arena);
	const char *separator = "?";
	cc_buf_str(&b, l->r->path);
	for (const struct cc_field *f = l->rq->state->query.first; f; f = f->next) {
		/* a change of anything leads to the first page */
		if (!strcmp(f->name, name) || !strcmp(f->name, "page") || !*f->value)
			continue;
		cc_buf_str(&b, separator);
		cc_buf_url(&b, f->name, strlen(f->name));
		cc_buf_add(&b, "=", 1);
		cc_buf_url(&b, f->value, strlen(f->value));
		separator = "&";
	}
	cc_buf_printf(&b, "%s%s=", separator, name);
	cc_buf_url(&b, value, strlen(value));
	return cc_buf_text(&b);
}

/* ---- JSON ---- */

void cc_resource_json(struct cc_request *rq, const struct cc_resource *r, const struct cc_row *row,
		struct cc_jsonw *w)
{
	size_t i = 0;
	for (const struct cc_column *c = cc_plugins_resource(rq, r)->columns; c->name; c++, i++)
		if (c->flags & CC_COLUMN_JSON)
			cell_json(rq, w, c, row, i);
}

struct answer
{
	struct list *l;
	const struct cc_rows *rows;
	const char *next;
};

static void answer_write(struct cc_jsonw *w, void *ctx)
{
	const struct answer *a = ctx;
	cc_jsonw_object(w, NULL);
	cc_jsonw_array(w, "rows");
	for (size_t i = 0; i < a->rows->count; i++) {
		cc_jsonw_object(w, NULL);
		cc_resource_json(a->l->rq, a->l->r, &a->rows->row[i], w);
		cc_jsonw_close_object(w);
	}
	cc_jsonw_close_array(w);
	cc_jsonw_str(w, "next", a->next);
	cc_jsonw_close_object(w);
}

static int send_json(struct list *l)
{
	struct cc_request *rq = l->rq;
	struct cc_rows rows;
	struct answer answer = {l, &rows, NULL};
	if (l->fault)
		return cc_error(rq, 400, l->fault);
	int err = fetch(l, &rows, l->size + 1, (l->page - 1) * l->size);
	if (err)
		return err;
	if (rows.count > (size_t)l->size) {
		rows.count = (size_t)l->size;
		answer.next = l->sort ? url_with(l, "page", cc_sprintf(rq->arena, "%d", (int)l->page + 1))
							  : url_with(l, "after", id_text(rq, &rows.row[rows.count - 1], 0));
	}
	cc_send_json(rq, answer_write, &answer);
	return 0;
}

/* ---- one thing ---- */

int cc_resource_get(struct cc_request *rq, const struct cc_resource *r, const struct cc_ulid *id,
		struct cc_row *row)
{
	struct list l = {.rq = rq, .r = cc_plugins_resource(rq, r), .where = cc_buf_new(rq->arena)};
	struct cc_rows rows;
	data_scope(&l);
	condition(&l, cc_sprintf(rq->arena, "%s = ?", r->key),
			cc_bind_bytes((struct cc_bytes){id->b, sizeof id->b}));
	int err = fetch(&l, &rows, 1, 0);
	if (err)
		return err;
	if (!rows.count)
		return CC_E_NOENT;
	*row = rows.row[0];
	return 0;
}

void cc_resource_facts(struct cc_request *rq, const struct cc_resource *r, const struct cc_row *row,
		struct cc_value *page, const char *key)
{
	struct cc_value *list = cc_value_add(rq->arena, page, key, CC_VALUE_LIST);
	size_t i = 0;
	for (const struct cc_column *c = cc_plugins_resource(rq, r)->columns; c->name; c++, i++) {
		const char *text;
		if (!(c->flags & CC_COLUMN_DETAIL) || !*(text = cell_text(rq, c, row, i)))
			continue;
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		cc_value_str(rq->arena, item, "label", cc_t(rq, c->label));
		cc_value_str(rq->arena, item, "text", text);
	}
}

/* ---- the page ---- */

static void page_filters(struct list *l, struct cc_value *page)
{
	struct cc_request *rq = l->rq;
	struct cc_arena *a = rq->arena;
	struct cc_value *list = cc_value_add(a, page, "filters", CC_VALUE_LIST);
	for (const struct cc_filter *f = l->r->filters; f && f->name; f++) {
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		const char *value = given(rq, f->name);
		cc_value_str(a, item, "name", f->name);
		cc_value_str(a, item, "label", cc_t(rq, f->label));
		cc_value_str(a, item, "value", value ? value : "");
		cc_value_bool(a, item, "is_time", f->type == CC_FILTER_TIME);
		cc_value_bool(a, item, "is_code", f->type == CC_FILTER_CODE);
		cc_value_bool(
				a, item, "is_text", f->type == CC_FILTER_EQUAL || f->type == CC_FILTER_CONTAINS);
		struct cc_value *options = cc_value_add(a, item, "options", CC_VALUE_LIST);
		for (const char *const *code = f->codes; code && *code; code++) {
			struct cc_value *o = cc_value_add(a, options, NULL, CC_VALUE_MAP);
			cc_value_str(a, o, "value", *code);
			cc_value_str(a, o, "label", cc_tc(rq, f->context, *code));
			cc_value_bool(a, o, "selected", value && !strcmp(value, *code));
		}
		if (f->type != CC_FILTER_TIME)
			continue;
		const char *from = given(rq, "from"), *to = given(rq, "to");
		int64_t ms, step;
		const char *standard = to ? "" : cc_time_input(rq, cc_time_today(rq, 1 - f->days));
		cc_value_str(a, item, "from",
				from && !cc_time_parse(rq, from, &ms, &step) ? cc_time_input(rq, ms) : standard);
		cc_value_str(a, item, "to",
				to && !cc_time_parse(rq, to, &ms, &step) ? cc_time_input(rq, ms) : "");
	}
}

static bool is_numeric(const struct cc_column *c)
{
	return c->type == CC_COLUMN_INT || c->type == CC_COLUMN_DURATION;
}

static void page_columns(struct list *l, struct cc_value *page)
{
	struct cc_arena *a = l->rq->arena;
	struct cc_value *list = cc_value_add(a, page, "columns", CC_VALUE_LIST);
	for (const struct cc_column *c = l->r->columns; c->name; c++) {
		if (!(c->flags & CC_COLUMN_PAGE))
			continue;
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		bool sorted = l->sort == c;
		const char *next = cc_sprintf(a, "%s%s", sorted && !l->descending ? "-" : "", c->name);
		cc_value_str(a, item, "name", c->name);
		cc_value_str(a, item, "label", cc_t(l->rq, c->label));
		cc_value_bool(a, item, "number", is_numeric(c));
		cc_value_bool(a, item, "ascending", sorted && !l->descending);
		cc_value_bool(a, item, "descending", sorted && l->descending);
		cc_value_str(a, item, "sort", c->flags & CC_COLUMN_SORT ? url_with(l, "sort", next) : NULL);
	}
}

static void page_rows(struct list *l, struct cc_value *page, const struct cc_rows *rows)
{
	struct cc_request *rq = l->rq;
	struct cc_arena *a = rq->arena;
	struct cc_value *list = cc_value_add(a, page, "rows", CC_VALUE_LIST);
	for (size_t n = 0; n < rows->count; n++) {
		const struct cc_row *row = &rows->row[n];
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		const char *key = id_text(rq, row, 0);
		cc_value_str(a, item, "key", key);
		struct cc_value *cells = cc_value_add(a, item, "cells", CC_VALUE_LIST);
		size_t i = 0;
		for (const struct cc_column *c = l->r->columns; c->name; c++, i++) {
			if (!(c->flags & CC_COLUMN_PAGE))
				continue;
			struct cc_value *cell = cc_value_add(a, cells, NULL, CC_VALUE_MAP);
			bool code = c->type == CC_COLUMN_CODE && row->v[i];
			const char *text = cell_text(rq, c, row, i);
			cc_value_str(a, cell, "text", text);
			cc_value_bool(a, cell, "number", is_numeric(c));
			cc_value_str(
					a, cell, "code", code ? cc_sprintf(a, "%s-%s", c->context, row->v[i]) : NULL);
			cc_value_str(
					a, cell, "link", c->link && *text ? cc_sprintf(a, "%s%s", c->link, key) : NULL);
		}
	}
}

static void page_paging(struct list *l, struct cc_value *page, int64_t total, size_t shown)
{
	struct cc_request *rq = l->rq;
	struct cc_arena *a = rq->arena;
	int64_t first = (l->page - 1) * l->size;
	bool more = first + (int64_t)shown < total && l->page * l->size < COUNT_MAX;
	cc_value_str(a, page, "total",
			total > COUNT_MAX ? "10,000+" : cc_sprintf(a, "%lld", (long long)total));
	cc_value_int(a, page, "first", first + 1);
	cc_value_str(a, page, "last", shown ? cc_sprintf(a, "%d", (int)first + (int)shown) : NULL);
	cc_value_int(a, page, "page", l->page);
	cc_value_str(a, page, "previous_url",
			l->page > 1 ? url_with(l, "page", cc_sprintf(a, "%d", (int)l->page - 1)) : NULL);
	cc_value_str(a, page, "next_url",
			more ? url_with(l, "page", cc_sprintf(a, "%d", (int)l->page + 1)) : NULL);
	struct cc_value *list = cc_value_add(a, page, "sizes", CC_VALUE_LIST);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		const char *text = cc_sprintf(a, "%d", sizes[i]);
		cc_value_str(a, item, "size", text);
		cc_value_bool(a, item, "selected", sizes[i] == l->size);
	}
	const char *sort = given(rq, "sort");
	cc_value_str(a, page, "sort", sort ? sort : "");
	cc_value_str(a, page, "path", l->r->path);
	cc_value_str(a, page, "export_url",
			!l->r->export_permission || cc_can(rq, l->r->export_permission)
					? url_with(l, "format", "csv")
					: NULL);
}

static int send_page(struct list *l)
{
	struct cc_request *rq = l->rq;
	struct cc_rows rows = {0};
	int64_t total = 0;
	int err = 0;
	if (l->fault) {
		cc_status(rq, 400);
	} else {
		err = count(l, &total);
		if (!err)
			err = fetch(l, &rows, l->size, (l->page - 1) * l->size);
	}
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_t(rq, l->r->title));
	cc_value_str(rq->arena, page, "fault", l->fault);
	page_filters(l, page);
	page_columns(l, page);
	page_rows(l, page, &rows);
	page_paging(l, page, total, rows.count);
	return cc_page_send(rq, l->r->page ? l->r->page : "framework/list", page);
}

int cc_resource_list(struct cc_request *rq)
{
	const struct cc_resource *r = rq->route->resource;
	struct list l = {.rq = rq, .r = r, .where = cc_buf_new(rq->arena)};
	const char *format = given(rq, "format");
	data_scope(&l);
	for (const struct cc_filter *f = r->filters; f && f->name; f++)
		filter_apply(&l, f);
	paging(&l);
	if (format && !strcmp(format, "csv"))
		return send_csv(&l);
	if (rq->json)
		return send_json(&l);
	if (format)
		return CC_E_INVAL;
	return send_page(&l);
}
