/* SPDX-License-Identifier: GPL-2.0-or-later
 * The list of a resource as page and JSON. */
#include "cc/dial.h"
#include "things.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_SIZE 10
#define JSON_SIZE 100
#define ROW_BUTTONS 2
#define LONG_TEXT 30 /* bytes; what is longer may take several lines */

/* ---- URLs of a list with a parameter changed ---- */

static const char *url_of(struct cc_request *rq, const char *path, const struct cc_fields *query,
		const char *name, const char *value)
{
	/* a change of anything leads to the first page, except when going on from a key */
	static const char *const dropped[] = {"page", "after", "before", "done"};
	struct cc_buf b = cc_buf_new(rq->arena);
	const char *separator = "?";
	cc_buf_str(&b, path);
	for (const struct cc_field *f = query->first; f; f = f->next) {
		bool drop = !strcmp(f->name, name) || !*f->value;
		for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
			drop |= !strcmp(f->name, dropped[i]) && strcmp(name, "done");
		if (drop)
			continue;
		cc_buf_str(&b, separator);
		cc_buf_url(&b, f->name, strlen(f->name));
		cc_buf_add(&b, "=", 1);
		cc_buf_url(&b, f->value, strlen(f->value));
		separator = "&";
	}
	if (*value) {
		cc_buf_printf(&b, "%s%s=", separator, name);
		cc_buf_url(&b, value, strlen(value));
	}
	return cc_buf_text(&b);
}

const char *cc_list_url(struct cc_list *l, const char *name, const char *value)
{
	return url_of(l->rq, l->r->path, l->query, name, value);
}

/* What follows the resource's path in the place that the request came from: its list ("", "?…") or
 * a page of one thing ("/7/view"). */
static const char *place_of_list(struct cc_request *rq, const struct cc_resource *r)
{
	static const char parts[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-/";
	const char *next = cc_form(rq, "next");
	size_t len = strlen(r->path);
	if (!next)
		next = cc_query(rq, "next");
	if (!next || !cc_is_local_path(next) || strncmp(next, r->path, len))
		return "";
	next += len;
	bool page = *next == '/' && !next[strspn(next, parts)] && !strstr(next, "//");
	return !*next || *next == '?' || page ? next : "";
}

const char *cc_list_back_with(
		struct cc_request *rq, const struct cc_resource *r, const char *name, const char *value)
{
	const char *place = place_of_list(rq, r);
	struct cc_fields query = {0};
	if (*place == '/')
		return cc_sprintf(rq->arena, "%s%s", r->path, place);
	if (*place && cc_form_parse(rq->arena, &query, place + 1, strlen(place + 1)))
		query = (struct cc_fields){0};
	return url_of(rq, r->path, &query, name, value);
}

const char *cc_list_back(struct cc_request *rq, const struct cc_resource *r)
{
	return cc_list_back_with(rq, r, "done", "");
}

/* ---- JSON ---- */

void cc_resource_json(struct cc_request *rq, const struct cc_resource *r, const struct cc_row *row,
		struct cc_jsonw *w)
{
	r = cc_plugins_resource(rq, r);
	for (size_t i = 0; r->columns[i].name; i++)
		if ((r->columns[i].flags & CC_COLUMN_JSON) && cc_column_seen(rq, r, &r->columns[i]))
			cc_cell_json(rq, w, r, &r->columns[i], row, i, cc_column_masked(rq, r, &r->columns[i]));
}

struct answer
{
	struct cc_list *l;
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

static int send_json(struct cc_list *l)
{
	struct cc_request *rq = l->rq;
	struct cc_rows rows;
	struct answer answer = {l, &rows, NULL};
	cc_list_pick(l, CC_COLUMN_JSON);
	int err = cc_list_fetch(
			l, &rows, l->size + 1, l->after || l->before ? 0 : (l->page - 1) * l->size);
	if (err)
		return err;
	if (rows.count > (size_t)l->size) {
		rows.count = (size_t)l->size;
		answer.next =
				l->sort ? cc_list_url(l, "page", cc_sprintf(rq->arena, "%d", (int)l->page + 1))
						: cc_list_url(l, "after", cc_key_text(rq, l->r, &rows.row[rows.count - 1]));
	}
	cc_send_json(rq, answer_write, &answer);
	return 0;
}

struct one
{
	struct cc_request *rq;
	const struct cc_resource *r;
	struct cc_row row;
};

static void one_write(struct cc_jsonw *w, void *ctx)
{
	const struct one *o = ctx;
	cc_jsonw_object(w, NULL);
	cc_resource_json(o->rq, o->r, &o->row, w);
	cc_jsonw_close_object(w);
}

int cc_resource_send_one(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	struct one o = {.rq = rq, .r = r};
	int err = cc_resource_get(rq, r, key, &o.row);
	if (!err)
		cc_send_json(rq, one_write, &o);
	return err;
}

static const char *total_text(struct cc_request *rq, int64_t total, int64_t max)
{
	if (total <= max)
		return cc_sprintf(rq->arena, "%lld", (long long)total);
	return max == COUNT_ASKED ? "100,000+" : "500+";
}

static bool has_sums(const struct cc_list *l)
{
	bool has = false;
	for (size_t i = 0; l->r->columns[i].name; i++)
		has |= l->picked[i] && l->r->columns[i].total;
	return has;
}

struct count
{
	struct cc_list *l;
	const char *total;
	struct cc_row sums; /* v NULL: none */
};

static void count_write(struct cc_jsonw *w, void *ctx)
{
	const struct count *n = ctx;
	const struct cc_column *c = n->l->r->columns;
	cc_jsonw_object(w, NULL);
	cc_jsonw_str(w, "total", n->total);
	cc_jsonw_object(w, "sums");
	for (size_t i = 0; n->sums.v && c[i].name; i++)
		if (c[i].total && n->l->picked[i])
			cc_jsonw_str(w, c[i].name, cc_cell_text(n->l->rq, n->l->r, &c[i], &n->sums, i));
	cc_jsonw_close_object(w);
	cc_jsonw_close_object(w);
}

static int send_count(struct cc_list *l)
{
	struct count n = {.l = l};
	int64_t total;
	int err = cc_list_count(l, COUNT_ASKED, &total);
	if (err)
		return err;
	cc_list_pick(l, CC_COLUMN_PAGE);
	n.total = total_text(l->rq, total, COUNT_ASKED);
	if (has_sums(l) && total <= COUNT_ASKED)
		err = cc_list_sums(l, &n.sums);
	if (!err)
		cc_send_json(l->rq, count_write, &n);
	return err;
}

/* ---- details ---- */

void cc_resource_facts(struct cc_request *rq, const struct cc_resource *r, const struct cc_row *row,
		struct cc_value *page, const char *key)
{
	struct cc_value *list = cc_value_add(rq->arena, page, key, CC_VALUE_LIST);
	r = cc_plugins_resource(rq, r);
	for (size_t i = 0; r->columns[i].name; i++) {
		const struct cc_column *c = &r->columns[i];
		const char *text;
		if (!(c->flags & CC_COLUMN_DETAIL) || !cc_column_seen(rq, r, c) ||
				!*(text = cc_cell_text(rq, r, c, row, i)))
			continue;
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		cc_value_str(rq->arena, item, "label", cc_column_label(rq, c));
		cc_value_str(rq->arena, item, "text", text);
	}
}

/* ---- the page: rows ---- */

static bool is_numeric(const struct cc_column *c)
{
	return c->type == CC_COLUMN_INT || c->type == CC_COLUMN_DURATION || c->type == CC_COLUMN_AMOUNT;
}

static void page_columns(struct cc_list *l, const struct cc_view *view, struct cc_value *page)
{
	struct cc_arena *a = l->rq->arena;
	struct cc_value *list = cc_value_add(a, page, "columns", CC_VALUE_LIST);
	for (size_t i = 0; i < view->count; i++) {
		const struct cc_column *c = &l->r->columns[view->column[i]];
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		bool sorted = l->sort == c;
		bool sorts = (c->flags & CC_COLUMN_SORT) && !cc_column_masked(l->rq, l->r, c);
		const char *next = cc_sprintf(a, "%s%s", sorted && !l->descending ? "-" : "", c->name);
		cc_value_str(a, item, "name", c->name);
		cc_value_str(a, item, "label", cc_column_label(l->rq, c));
		cc_value_bool(a, item, "number", is_numeric(c));
		cc_value_bool(a, item, "ascending", sorted && !l->descending);
		cc_value_bool(a, item, "descending", sorted && l->descending);
		cc_value_str(a, item, "sort", sorts ? cc_list_url(l, "sort", next) : NULL);
	}
}

/* The page of the thing, if it has one. */
static const char *link_of(
		struct cc_list *l, const struct cc_column *c, const char *key, const char *text, bool first)
{
	struct cc_arena *a = l->rq->arena;
	if (c->link)
		return cc_sprintf(a, "%s%s", c->link, key);
	if (c->type == CC_COLUMN_FILE)
		return cc_sprintf(a, "%s/%s/file/%s", l->r->path, key, c->name);
	if (c->type == CC_COLUMN_LINK && cc_is_web_address(text))
		return text;
	if (!first || !(l->r->actions & (CC_CREATE | CC_EDIT)))
		return NULL;
	struct cc_buf b = cc_buf_new(a);
	cc_buf_printf(&b, "%s/%s?next=", l->r->path, key);
	cc_buf_url(&b, l->rq->target, strlen(l->rq->target));
	return cc_buf_text(&b);
}

/* A class of the code: contexts are words for people, with spaces. */
static const char *code_class(struct cc_arena *a, const char *context, const char *code)
{
	char *class = cc_strdup(a, cc_sprintf(a, "%s-%s", context, code));
	for (char *c = class; *c; c++)
		if (*c == ' ')
			*c = '-';
	return class;
}

/* Where the row says whether column i can be called. */
static size_t call_condition(const struct cc_resource *r, size_t i)
{
	size_t at = cc_columns_count(r) + 1 + cc_buttons_count(r->buttons);
	for (size_t k = 0; k < i; k++)
		at += r->columns[k].call != NULL;
	return at;
}

static void add_cell(struct cc_list *l, struct cc_value *cells, const struct cc_row *row, size_t i,
		const char *key, bool first)
{
	struct cc_request *rq = l->rq;
	struct cc_arena *a = rq->arena;
	const struct cc_column *c = &l->r->columns[i];
	struct cc_value *cell = cc_value_add(a, cells, NULL, CC_VALUE_MAP);
	bool code = c->type == CC_COLUMN_CODE && row->v[i] && *row->v[i] &&
				!(c->flags & CC_COLUMN_OWN_WORDS);
	const char *text = cc_cell_text(rq, l->r, c, row, i);
	const char *link = link_of(l, c, key, text, first);
	/* the first one leads to the thing even when it is empty */
	const char *shown = !*text && first && link ? "…" : text;
	cc_value_str(a, cell, "text", shown);
	cc_value_bool(a, cell, "number", is_numeric(c));
	cc_value_bool(a, cell, "long", strlen(text) > LONG_TEXT && !is_numeric(c));
	cc_value_str(a, cell, "code", code ? code_class(a, c->context, row->v[i]) : NULL);
	cc_value_str(a, cell, "link", *shown ? link : NULL);
	cc_value_bool(a, cell, "away", c->type == CC_COLUMN_LINK && link == text);
	cc_value_str(a, cell, "colour", c->type == CC_COLUMN_COLOUR && *text ? text : NULL);
	cc_value_bool(a, cell, "sound", c->type == CC_COLUMN_SOUND);
	cc_value_str(a, cell, "bar", c->type == CC_COLUMN_PROGRESS && row->v[i] ? row->v[i] : NULL);
	bool called =
			c->call && *text && cc_may_dial(rq) && cc_row_int(row, call_condition(l->r, i), 0);
	cc_value_str(a, cell, "call", called ? cc_call_path(rq, l->r, c, key) : NULL);
}

static bool has_batch(struct cc_request *rq, const struct cc_resource *r)
{
	bool fields = false;
	for (const struct cc_column *c = r->columns; c->name; c++)
		fields |= (c->flags & CC_COLUMN_BATCH) != 0;
	return fields && (r->actions & CC_EDIT) && cc_resource_can(rq, r, "edit");
}

/* Of more than ROW_BUTTONS one is in sight, the others are in the row's menu. */
static void add_buttons(
		struct cc_list *l, struct cc_value *item, const struct cc_row *row, const char *key)
{
	struct cc_request *rq = l->rq;
	size_t at = cc_columns_count(l->r) + 1; /* behind the row's class */
	const struct cc_action *button[CC_BUTTONS_MAX];
	size_t count = 0;
	for (const struct cc_action *b = l->r->buttons; b && b->name; b++, at++)
		if (cc_button_permitted(rq, l->r, b) && cc_row_int(row, at, 0))
			button[count++] = b;
	size_t in_sight = count > ROW_BUTTONS ? 1 : count;
	struct cc_value *list = cc_value_add(rq->arena, item, "buttons", CC_VALUE_LIST);
	for (size_t i = 0; i < in_sight; i++)
		cc_button_add(rq, l->r, button[i], key, row, list);
	cc_value_bool(rq->arena, item, "has_more", count > in_sight);
	list = cc_value_add(rq->arena, item, "more", CC_VALUE_LIST);
	for (size_t i = in_sight; i < count; i++)
		cc_button_add(rq, l->r, button[i], key, row, list);
}

/* What the pages of buttons begin with is read too. */
static void pick_for_buttons(struct cc_list *l)
{
	for (const struct cc_action *b = l->r->buttons; b && b->name; b++)
		for (const struct cc_with *w = b->with; w && w->parameter; w++) {
			int i = cc_column_find(l->r, w->column);
			if (i >= 0 && cc_column_seen(l->rq, l->r, &l->r->columns[i]))
				l->picked[i] = true;
		}
}

static void page_rows(struct cc_list *l, const struct cc_view *view, struct cc_value *page,
		const struct cc_rows *rows)
{
	struct cc_request *rq = l->rq;
	struct cc_arena *a = rq->arena;
	struct cc_value *list = cc_value_add(a, page, "rows", CC_VALUE_LIST);
	for (size_t n = 0; n < rows->count; n++) {
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		const char *key = cc_key_text(rq, l->r, &rows->row[n]);
		const char *class = rows->row[n].v[cc_columns_count(l->r)];
		cc_value_str(a, item, "key", key);
		cc_value_str(a, item, "row_class", class && *class ? class : NULL);
		struct cc_value *cells = cc_value_add(a, item, "cells", CC_VALUE_LIST);
		for (size_t i = 0; i < view->count; i++)
			add_cell(l, cells, &rows->row[n], view->column[i], key, !i);
		add_buttons(l, item, &rows->row[n], key);
	}
}

/* The last line: totals of all rows found, not of this page alone. */
static int page_sums(
		struct cc_list *l, const struct cc_view *view, struct cc_value *page, int64_t total)
{
	struct cc_request *rq = l->rq;
	struct cc_row sums = {0};
	const char *label = l->r->total_label ? l->r->total_label : CC_N("Total");
	bool has = has_sums(l) && total > 0, labelled = false;
	int err = has && total <= COUNT_FAST ? cc_list_sums(l, &sums) : 0;
	struct cc_value *list = cc_value_add(rq->arena, page, "sums", CC_VALUE_LIST);
	cc_value_bool(rq->arena, page, "summed", has);
	for (size_t i = 0; has && !err && i < view->count; i++) {
		size_t at = view->column[i];
		const struct cc_column *c = &l->r->columns[at];
		struct cc_value *cell = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		cc_value_str(rq->arena, cell, "name", c->total ? c->name : NULL);
		cc_value_bool(rq->arena, cell, "number", is_numeric(c));
		cc_value_str(rq->arena, cell, "text",
				!c->total ? (labelled ? "" : cc_t(rq, label))
				: sums.v  ? cc_cell_text(rq, l->r, c, &sums, at)
						  : "…");
		labelled |= !c->total;
	}
	return err;
}

static void page_paging(struct cc_list *l, struct cc_value *page, int64_t total,
		const struct cc_rows *rows, bool more)
{
	struct cc_request *rq = l->rq;
	struct cc_arena *a = rq->arena;
	int64_t first = (l->page - 1) * l->size;
	const char *previous = NULL, *next = NULL;
	bool many = total > COUNT_FAST;
	if (!l->sort && rows->count) {
		/* by key: cheap however far behind */
		const char *last = cc_key_text(rq, l->r, &rows->row[rows->count - 1]);
		if (more)
			next = cc_sprintf(a, "%s&page=%d", cc_list_url(l, "after", last), (int)l->page + 1);
		if (l->page > 2)
			previous = cc_sprintf(a, "%s&page=%d",
					cc_list_url(l, "before", cc_key_text(rq, l->r, &rows->row[0])),
					(int)l->page - 1);
		else if (l->page == 2)
			previous = cc_list_url(l, "page", "");
	} else {
		if (more && l->page * l->size < COUNT_MAX)
			next = cc_list_url(l, "page", cc_sprintf(a, "%d", (int)l->page + 1));
		if (l->page > 1)
			previous = cc_list_url(l, "page", cc_sprintf(a, "%d", (int)l->page - 1));
	}
	cc_value_str(a, page, "total", total_text(rq, total, COUNT_FAST));
	cc_value_str(a, page, "count_url", many ? cc_list_url(l, "format", "count") : NULL);
	cc_value_int(a, page, "first", first + 1);
	cc_value_str(a, page, "last",
			rows->count ? cc_sprintf(a, "%lld", (long long)first + (long long)rows->count) : NULL);
	cc_value_int(a, page, "page", l->page);
	cc_value_str(a, page, "previous_url", previous);
	cc_value_str(a, page, "next_url", next);
	struct cc_value *list = cc_value_add(a, page, "sizes", CC_VALUE_LIST);
	for (size_t i = 0; i < sizeof cc_list_sizes / sizeof *cc_list_sizes; i++) {
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "size", cc_sprintf(a, "%d", cc_list_sizes[i]));
		cc_value_bool(a, item, "selected", cc_list_sizes[i] == l->size);
	}
}

/* A new thing has what the list is filtered by, and leads back to this list. */
static const char *new_url(struct cc_list *l)
{
	struct cc_buf url = cc_buf_new(l->rq->arena);
	const char *sign = "?", *place = cc_list_url(l, "done", "");
	cc_buf_printf(&url, "%s/new", l->r->path);
	for (const struct cc_column *c = l->r->columns; c->name; c++) {
		const char *value = cc_list_given(l, c->name);
		bool choice = c->type == CC_COLUMN_OPTION || c->type == CC_COLUMN_CODE;
		if (!choice || !(c->flags & CC_COLUMN_FORM) || !(c->flags & CC_COLUMN_FILTER) || !value ||
				!*value)
			continue;
		cc_buf_printf(&url, "%s%s=", sign, c->name);
		cc_buf_url(&url, value, strlen(value));
		sign = "&";
	}
	if (*sign == '&') {
		cc_buf_str(&url, "&next=");
		cc_buf_url(&url, place, strlen(place));
	}
	return cc_buf_text(&url);
}

/* Something says which rows: there may be others. */
static bool is_searched(const struct cc_list *l)
{
	static const char *const other[] = {
			"sort", "page", "size", "columns", "after", "before", "done", "format"};
	for (const struct cc_field *f = l->query->first; f; f = f->next) {
		bool search = *f->value;
		for (size_t i = 0; i < sizeof other / sizeof *other; i++)
			search &= strcmp(f->name, other[i]) != 0;
		if (search)
			return true;
	}
	return l->r->range;
}

static void page_tools(struct cc_list *l, struct cc_value *page)
{
	static const struct
	{
		const char *code, *text;
	} done[] = {
			{"created", CC_N("Created.")},
			{"saved", CC_N("Saved.")},
			{"deleted", CC_N("Deleted.")},
			{"done", CC_N("Done.")},
			{"calling", CC_CALLING},
	};
	struct cc_request *rq = l->rq;
	struct cc_arena *a = rq->arena;
	const struct cc_resource *r = l->r;
	const char *said = cc_list_given(l, "done"), *text = NULL, *sort = cc_list_given(l, "sort");
	for (size_t i = 0; said && i < sizeof done / sizeof *done; i++)
		if (!strcmp(done[i].code, said))
			text = cc_t(rq, done[i].text);
	bool creates = (r->actions & CC_CREATE) && cc_resource_can(rq, r, "create");
	bool exports = (r->actions & CC_EXPORT) && cc_resource_can(rq, r, "export");
	bool edits = has_batch(rq, r);
	bool deletes = (r->actions & CC_DELETE) && cc_resource_can(rq, r, "delete");
	cc_value_str(a, page, "done", text);
	cc_value_str(a, page, "sort", sort ? sort : "");
	cc_value_bool(a, page, "searched", is_searched(l));
	cc_value_str(a, page, "path", r->path);
	const char *place = cc_list_url(l, "done", "");
	cc_value_str(a, page, "place", place);
	cc_value_str(a, page, "query", strchr(place, '?') ? strchr(place, '?') + 1 : "");
	cc_value_str(a, page, "note", r->note ? cc_t(rq, r->note) : NULL);
	struct cc_value *tools = cc_value_add(a, page, "tools", CC_VALUE_LIST);
	for (const struct cc_menu *m = r->tools; m && m->path; m++) {
		if (!cc_can(rq, m->permission))
			continue;
		struct cc_value *tool = cc_value_add(a, tools, NULL, CC_VALUE_MAP);
		cc_value_str(a, tool, "path", m->path);
		cc_value_str(a, tool, "label", cc_tc(rq, "menu", m->label));
	}
	cc_value_str(a, page, "summary", r->summary ? r->summary(rq) : NULL);
	cc_value_str(a, page, "new_url", creates ? new_url(l) : NULL);
	cc_value_str(a, page, "import_url",
			(r->actions & CC_IMPORT) && creates && cc_resource_can(rq, r, "import")
					? cc_sprintf(a, "%s/import", r->path)
					: NULL);
	cc_value_str(a, page, "thing", cc_resource_thing(rq, r));
	cc_value_str(a, page, "export_url", exports ? cc_list_url(l, "format", "csv") : NULL);
	cc_value_bool(a, page, "may_export", exports);
	cc_value_bool(a, page, "may_edit_many", edits);
	cc_value_bool(a, page, "may_delete_many", deletes);
	struct cc_value *many = cc_value_add(a, page, "many", CC_VALUE_LIST);
	for (const struct cc_many *m = r->many; m && m->name; m++) {
		if (!cc_resource_can(rq, r, m->permission ? m->permission : "edit"))
			continue;
		struct cc_value *item = cc_value_add(a, many, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "name", m->name);
		cc_value_str(a, item, "label", cc_tc(rq, "action", m->label));
	}
	cc_value_bool(a, page, "selects", exports || edits || deletes || many->first);
	cc_value_bool(a, page, "has_buttons", r->buttons != NULL);
	cc_value_bool(a, page, "calls", cc_may_dial(rq));
	cc_value_str(a, page, "renewed_by", r->renewed_by);
	cc_value_str(a, page, "refresh", r->refresh_s ? cc_sprintf(a, "%d", r->refresh_s) : NULL);
}

static int send_page(struct cc_list *l, const struct cc_view *view)
{
	struct cc_request *rq = l->rq;
	struct cc_rows rows = {0};
	int64_t total = 0, offset = l->after || l->before ? 0 : (l->page - 1) * l->size;
	bool more = false;
	int err = 0;
	cc_list_pick(l, 0);
	pick_for_buttons(l);
	l->with_buttons = true;
	for (size_t i = 0; i < view->count; i++)
		l->picked[view->column[i]] = true;
	if (l->fault)
		cc_status(rq, 400);
	else
		err = cc_list_fetch(l, &rows, l->size + 1, offset);
	if (err)
		return err;
	if (rows.count > (size_t)l->size) {
		more = true;
		rows.count = (size_t)l->size;
		rows.row += l->before ? 1 : 0; /* the one too many lies in front */
	}
	more |= l->before != NULL;
	if (!l->fault && (more || l->page > 1))
		err = cc_list_total(l, &total);
	else
		total = (int64_t)rows.count;
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_t(rq, l->r->title));
	cc_value_str(rq->arena, page, "fault", l->fault);
	page_columns(l, view, page);
	page_rows(l, view, page, &rows);
	page_paging(l, page, total, &rows, more);
	page_tools(l, page);
	cc_view_choices(l, view, page);
	err = page_sums(l, view, page, l->fault ? 0 : total);
	if (!err)
		err = cc_list_search_page(l, view, page);
	if (!err && l->r->fill)
		err = l->r->fill(rq, l->r, page);
	return err ? err : cc_page_send(rq, l->r->page ? l->r->page : "framework/list", page);
}

int cc_resource_list(struct cc_request *rq)
{
	const struct cc_resource *r = rq->route->resource;
	const char *format = cc_query(rq, "format");
	struct cc_fields *query = &rq->state->query;
	struct cc_list l;
	struct cc_view view = {0};
	if (!rq->json && !query->count && r->initial &&
			cc_form_parse(rq->arena, query, r->initial, strlen(r->initial)))
		return CC_E_INVAL;
	cc_list_begin(&l, rq, r, query);
	if (format && !strcmp(format, "count"))
		return l.fault ? cc_error(rq, 400, l.fault) : send_count(&l);
	bool page = !rq->json && (!format || !*format);
	int err = page ? cc_view_read(&l, &view) : 0;
	if (err)
		return err;
	cc_list_paging(&l, view.size ? view.size : page ? PAGE_SIZE : JSON_SIZE);
	if (page)
		return send_page(&l, &view);
	if (l.fault)
		return cc_error(rq, 400, l.fault);
	if (rq->json && (!format || !*format || !strcmp(format, "json")))
		return send_json(&l);
	return cc_resource_export_now(&l, format);
}
