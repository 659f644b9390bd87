/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-09: columns shown, hidden and reordered, saved per user or for one time; and which filters of
 * a long row of them are shown without asking for more. */
#include "things.h"

#include <string.h>

static bool may_show(struct cc_list *l, size_t i)
{
	const struct cc_column *c = &l->r->columns[i];
	return (c->flags & CC_COLUMN_PAGE) && cc_column_seen(l->rq, l->r, c);
}

static bool is_shown(const struct cc_view *view, size_t column)
{
	for (size_t i = 0; i < view->count; i++)
		if (view->column[i] == column)
			return true;
	return false;
}

/* Names with commas between them; those that do not exist (any more) are passed over. */
static void take_names(struct cc_list *l, struct cc_view *view, const char *names)
{
	for (const char *p = names; *p;) {
		size_t len = strcspn(p, ",");
		int i = cc_column_find(l->r, cc_strndup(l->rq->arena, p, len));
		if (i >= 0 && may_show(l, (size_t)i) && !is_shown(view, (size_t)i))
			view->column[view->count++] = (size_t)i;
		p += len + (p[len] == ',');
	}
}

int cc_view_read(struct cc_list *l, struct cc_view *view)
{
	struct cc_request *rq = l->rq;
	const char *names = cc_list_given(l, "columns");
	const struct cc_rows *rows = NULL;
	int err = 0;
	*view = (struct cc_view){.temporary = names};
	if (!rq->user->api)
		err = cc_known(rq, KNOWN_VIEW, rq->user->id, l->r->path, &rows);
	if (err)
		return err;
	if (rows && rows->count) {
		view->size = cc_row_int(&rows->row[0], 1, 0);
		view->filters = rows->row[0].v[2];
		if (!names)
			names = cc_row_str(&rows->row[0], 0);
	}
	if (names)
		take_names(l, view, names);
	bool standard = !view->count;
	for (size_t i = 0; standard && l->r->columns[i].name; i++)
		if (may_show(l, i) && !(l->r->columns[i].flags & CC_COLUMN_HIDDEN))
			view->column[view->count++] = i;
	return 0;
}

static void add_choice(struct cc_list *l, struct cc_value *list, size_t i, bool shown)
{
	struct cc_arena *a = l->rq->arena;
	struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
	cc_value_str(a, item, "name", l->r->columns[i].name);
	cc_value_str(a, item, "label", cc_column_label(l->rq, &l->r->columns[i]));
	cc_value_bool(a, item, "shown", shown);
}

void cc_view_choices(struct cc_list *l, const struct cc_view *view, struct cc_value *page)
{
	struct cc_value *list = cc_value_add(l->rq->arena, page, "choices", CC_VALUE_LIST);
	for (size_t i = 0; i < view->count; i++)
		add_choice(l, list, view->column[i], true);
	for (size_t i = 0; l->r->columns[i].name; i++)
		if (may_show(l, i) && !is_shown(view, i))
			add_choice(l, list, i, false);
}

/* The filters that were ticked; NULL: they were not asked for. */
static const char *ticked_filters(struct cc_request *rq, const struct cc_resource *r)
{
	struct cc_buf names = cc_buf_new(rq->arena);
	if (!cc_form(rq, "filters"))
		return NULL;
	cc_buf_str(&names, "");
	for (const struct cc_field *f = rq->state->form.first; f; f = f->next)
		if (!strcmp(f->name, "filter") && cc_column_find(r, f->value) >= 0)
			cc_buf_printf(&names, "%s%s", names.len ? "," : "", f->value);
	return cc_buf_text(&names);
}

/* POST P/columns: column=a, column=b, … in their order, filter=… with filters=1; reset forgets; now
 * shows the columns for this time. */
int cc_resource_columns(struct cc_request *rq)
{
	const struct cc_resource *r = rq->route->resource;
	const char *size = cc_form(rq, "size");
	struct cc_list l = {.rq = rq, .r = r};
	struct cc_view view = {0};
	struct cc_buf names = cc_buf_new(rq->arena);
	int64_t rows = 0;
	int err;
	for (const struct cc_field *f = rq->state->form.first; f; f = f->next)
		if (!strcmp(f->name, "column"))
			take_names(&l, &view, f->value);
	for (size_t i = 0; i < view.count; i++)
		cc_buf_printf(&names, "%s%s", i ? "," : "", r->columns[view.column[i]].name);
	for (size_t i = 0; size && i < sizeof cc_list_sizes / sizeof *cc_list_sizes; i++)
		if (!strcmp(size, cc_sprintf(rq->arena, "%d", cc_list_sizes[i])))
			rows = cc_list_sizes[i];
	if (cc_form(rq, "now")) {
		cc_redirect(rq, cc_list_back_with(rq, r, "columns", view.count ? cc_buf_text(&names) : ""));
		return 0;
	}
	if (rq->user->api)
		return CC_E_DENIED;
	if (cc_form(rq, "reset"))
		err = cc_db_exec(rq->db,
				"DELETE FROM list_view WHERE tenant_id = {tenant} AND user_id = {user} AND list = "
				"?",
				r->path);
	else if (!view.count)
		return cc_error(rq, 400, cc_t(rq, "Choose one column at least."));
	else
		err = cc_db_exec(rq->db,
				"REPLACE INTO list_view (tenant_id, user_id, list, columns, size, filters) "
				"VALUES ({tenant}, {user}, ?, ?, ?, ?)",
				r->path, cc_buf_text(&names), rows, ticked_filters(rq, r));
	if (!err)
		cc_redirect(rq, cc_list_back_with(rq, r, "columns", ""));
	return err;
}
