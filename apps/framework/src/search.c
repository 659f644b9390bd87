/* SPDX-License-Identifier: GPL-2.0-or-later
 * What a list's page offers to search with: quick search, range of time, filters, conditions. */
#include "things.h"

#include <string.h>

#define FILTERS_MAX 7   /* as many are shown at once; of more than these … */
#define FILTERS_SHOWN 5 /* … the first ones */

static struct cc_value *add_option(struct cc_arena *a, struct cc_value *list, const char *value,
		const char *label, const char *chosen)
{
	struct cc_value *o = cc_value_add(a, list, NULL, CC_VALUE_MAP);
	cc_value_str(a, o, "value", value);
	cc_value_str(a, o, "label", label);
	cc_value_bool(a, o, "selected", chosen && !strcmp(value, chosen));
	return o;
}

static int column_options(
		struct cc_list *l, const struct cc_column *c, struct cc_value *list, const char *chosen)
{
	struct cc_request *rq = l->rq;
	struct cc_arena *a = rq->arena;
	struct cc_rows rows = {0};
	int err = 0;
	if (c->type == CC_COLUMN_CODE)
		for (const char *const *code = c->codes; code && *code; code++)
			add_option(a, list, *code, cc_column_code(rq, c, *code), chosen);
	if (c->type == CC_COLUMN_BOOL) {
		add_option(a, list, "1", cc_t(rq, "Yes"), chosen);
		add_option(a, list, "0", cc_t(rq, "No"), chosen);
	}
	if (c->type == CC_COLUMN_TIME || c->type == CC_COLUMN_DATE)
		for (size_t i = 0; cc_time_presets[i]; i++)
			add_option(
					a, list, cc_time_presets[i], cc_tc(rq, "preset", cc_time_presets[i]), chosen);
	if (c->type == CC_COLUMN_OPTION)
		err = cc_db_query_text(rq->db, &rows, cc_sprintf(a, "%s LIMIT 1000", c->options), NULL, 0);
	for (size_t i = 0; i < rows.count; i++)
		add_option(a, list, cc_row_str(&rows.row[i], 0), cc_row_str(&rows.row[i], 1), chosen);
	return err;
}

static bool is_listed(const char *names, const char *name)
{
	size_t len = strlen(name);
	for (const char *p = names; (p = strstr(p, name)); p += len)
		if ((p == names || p[-1] == ',') && (!p[len] || p[len] == ','))
			return true;
	return false;
}

/* What is looked for is always shown, beside what the user has chosen, or else the first of many;
 * the others are behind "more filters". */
static int page_filters(struct cc_list *l, const struct cc_view *view, struct cc_value *page)
{
	struct cc_arena *a = l->rq->arena;
	struct cc_value *shown = cc_value_add(a, page, "filters", CC_VALUE_LIST);
	struct cc_value *more = cc_value_add(a, page, "more_filters", CC_VALUE_LIST);
	struct cc_value *choices = cc_value_add(a, page, "filter_choices", CC_VALUE_LIST);
	size_t all = 0, n = 0, hidden = 0;
	int err = 0;
	for (const struct cc_column *c = l->r->columns; c->name; c++)
		all += cc_column_searched(l->rq, l->r, c, CC_COLUMN_FILTER);
	for (const struct cc_column *c = l->r->columns; c->name && !err; c++) {
		if (!cc_column_searched(l->rq, l->r, c, CC_COLUMN_FILTER))
			continue;
		const char *value = cc_list_given(l, c->name);
		bool chosen = view->filters ? is_listed(view->filters, c->name)
									: all <= FILTERS_MAX || n < FILTERS_SHOWN;
		bool here = chosen || (value && *value);
		struct cc_value *item = cc_value_add(a, here ? shown : more, NULL, CC_VALUE_MAP);
		bool choice = c->type == CC_COLUMN_CODE || c->type == CC_COLUMN_BOOL ||
					  c->type == CC_COLUMN_OPTION || c->type == CC_COLUMN_TIME ||
					  c->type == CC_COLUMN_DATE;
		cc_value_str(a, item, "name", c->name);
		cc_value_str(a, item, "label", cc_column_label(l->rq, c));
		cc_value_str(a, item, "value", value ? value : "");
		cc_value_bool(a, item, "is_choice", choice);
		err = column_options(l, c, cc_value_add(a, item, "options", CC_VALUE_LIST), value);
		item = cc_value_add(a, choices, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "name", c->name);
		cc_value_str(a, item, "label", cc_column_label(l->rq, c));
		cc_value_bool(a, item, "shown", chosen);
		n++;
		hidden += !here;
	}
	cc_value_bool(a, page, "many_filters", all > FILTERS_MAX);
	cc_value_str(a, page, "hidden_filters", hidden ? cc_sprintf(a, "%zu", hidden) : NULL);
	return err;
}

static void page_range(struct cc_list *l, struct cc_value *page)
{
	struct cc_request *rq = l->rq;
	struct cc_arena *a = rq->arena;
	const char *from = cc_list_given(l, "from"), *to = cc_list_given(l, "to");
	const char *preset = cc_list_given(l, "time");
	struct cc_value *range =
			cc_value_add(a, page, "range", l->r->range ? CC_VALUE_MAP : CC_VALUE_NULL);
	int64_t ms, step;
	if (!l->r->range)
		return;
	const char *standard =
			to || preset || !l->r->days ? "" : cc_time_input(rq, cc_time_today(rq, 1 - l->r->days));
	cc_value_str(a, range, "label", cc_t(rq, l->r->range_name ? l->r->range_name : "Time"));
	cc_value_str(a, range, "from",
			from && !cc_time_parse(rq, from, &ms, &step) ? cc_time_input(rq, ms) : standard);
	cc_value_str(
			a, range, "to", to && !cc_time_parse(rq, to, &ms, &step) ? cc_time_input(rq, ms) : "");
	cc_value_str(a, range, "time", preset ? preset : "");
	struct cc_value *list = cc_value_add(a, range, "presets", CC_VALUE_LIST);
	for (size_t i = 0; cc_time_presets[i]; i++) {
		struct cc_value *o = add_option(
				a, list, cc_time_presets[i], cc_tc(rq, "preset", cc_time_presets[i]), preset);
		cc_value_str(a, o, "url", cc_list_url(l, "time", cc_time_presets[i]));
	}
}

/* What the page's script needs to offer operators and choices of a column. */
static const char *const *condition_field(
		struct cc_list *l, const struct cc_column *c, struct cc_value *list, const char *chosen)
{
	struct cc_arena *a = l->rq->arena;
	struct cc_value *o = add_option(a, list, c->name, cc_column_label(l->rq, c), chosen);
	const char *const *ops = cc_operators(l->rq, l->r, c);
	struct cc_buf text = cc_buf_new(a);
	for (const char *const *op = ops; *op; op++)
		cc_buf_printf(&text, "%s%s", op == ops ? "" : " ", *op);
	cc_value_str(a, o, "ops", cc_buf_text(&text));
	const char *kind = c->type == CC_COLUMN_TIME || c->type == CC_COLUMN_DATE      ? "time"
					   : c->type == CC_COLUMN_INT || c->type == CC_COLUMN_DURATION ? "number"
																				   : "text";
	cc_value_str(a, o, "kind", kind);
	return ops;
}

static const char *numbered(struct cc_list *l, const char *name, size_t n)
{
	const char *value = cc_list_given(l, cc_sprintf(l->rq->arena, "%s%zu", name, n));
	return value ? value : "";
}

/* Codes that can be chosen in conditions, for the page's script. */
static void page_choices(struct cc_list *l, struct cc_value *page)
{
	struct cc_arena *a = l->rq->arena;
	struct cc_value *list = cc_value_add(a, page, "code_choices", CC_VALUE_LIST);
	for (const struct cc_column *c = l->r->columns; c->name; c++) {
		if (!cc_column_searched(l->rq, l->r, c, CC_COLUMN_SEARCH) ||
				(c->flags & CC_COLUMN_FILTER) ||
				(c->type != CC_COLUMN_CODE && c->type != CC_COLUMN_BOOL))
			continue;
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "name", c->name);
		column_options(l, c, cc_value_add(a, item, "options", CC_VALUE_LIST), NULL);
	}
	struct cc_value *presets = cc_value_add(a, list, NULL, CC_VALUE_MAP);
	struct cc_value *options = cc_value_add(a, presets, "options", CC_VALUE_LIST);
	cc_value_str(a, presets, "name", "within");
	for (size_t i = 0; cc_time_presets[i]; i++)
		add_option(
				a, options, cc_time_presets[i], cc_tc(l->rq, "preset", cc_time_presets[i]), NULL);
}

/* The rows in use and an empty one; the script adds more. */
static void page_conditions(struct cc_list *l, struct cc_value *page)
{
	static const char *const ops[] = {"contains", "is", "is_not", "starts", "ends", "gt", "lt",
			"between", "in", "empty", "not_empty", "within", "since", "until"};
	struct cc_request *rq = l->rq;
	struct cc_arena *a = rq->arena;
	struct cc_value *list = cc_value_add(a, page, "conditions", CC_VALUE_LIST);
	const char *match = cc_list_given(l, "match");
	bool used = false, searchable = false;
	for (size_t n = 1, left = 1; n <= CONDITIONS && left; n++) {
		const char *field = numbered(l, "field", n), *op = numbered(l, "op", n);
		if (!*field)
			left--;
		else
			used = true;
		struct cc_value *row = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_int(a, row, "n", (int64_t)n);
		cc_value_str(a, row, "value", numbered(l, "value", n));
		cc_value_str(a, row, "until", numbered(l, "until", n));
		struct cc_value *fields = cc_value_add(a, row, "fields", CC_VALUE_LIST);
		for (const struct cc_column *c = l->r->columns; c->name; c++) {
			/* the keys of a choice are known from its filter only */
			if (!cc_column_searched(rq, l->r, c, CC_COLUMN_SEARCH) ||
					(c->type == CC_COLUMN_OPTION && !(c->flags & CC_COLUMN_FILTER)))
				continue;
			condition_field(l, c, fields, field);
			searchable = true;
		}
		struct cc_value *operators = cc_value_add(a, row, "operators", CC_VALUE_LIST);
		for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
			add_option(a, operators, ops[i], cc_tc(rq, "operator", ops[i]), op);
	}
	page_choices(l, page);
	cc_value_bool(a, page, "searchable", searchable);
	cc_value_bool(a, page, "conditions_used", used);
	cc_value_bool(a, page, "match_or", match && !strcmp(match, "or"));
}

static void page_search(struct cc_list *l, struct cc_value *page)
{
	const unsigned flags = CC_COLUMN_QUICK | CC_COLUMN_QUICK_ANYWHERE;
	struct cc_request *rq = l->rq;
	struct cc_buf hint = cc_buf_new(rq->arena);
	const char *q = cc_list_given(l, "q");
	for (const struct cc_column *c = l->r->columns; c->name; c++)
		if (cc_column_searched(rq, l->r, c, flags))
			cc_buf_printf(&hint, "%s%s", hint.len ? ", " : "", cc_column_label(rq, c));
	const char *label = l->r->quick_label ? cc_t(rq, l->r->quick_label)
						: hint.len        ? cc_buf_text(&hint)
										  : NULL;
	cc_value_str(rq->arena, page, "quick", label);
	cc_value_str(rq->arena, page, "q", q ? q : "");
}

int cc_list_search_page(struct cc_list *l, const struct cc_view *view, struct cc_value *page)
{
	page_search(l, page);
	page_range(l, page);
	page_conditions(l, page);
	return page_filters(l, view, page);
}
