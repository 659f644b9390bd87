/* SPDX-License-Identifier: GPL-2.0-or-later
 * Filters, conditions, quick search and range of time of a list as SQL: constant pieces of the
 * resource's table and '?'. */
#include "cc/number.h"
#include "things.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/money.h"

#define TIME_MAX ((int64_t)1 << 48)
#define WORDS_MAX 20 /* values of "one of" */

/* What is compared: of a choice from another table its key. */
static const char *compared(struct cc_list *l, const struct cc_column *c)
{
	if (c->type == CC_COLUMN_OPTION || c->type == CC_COLUMN_FILE)
		return c->value ? c->value : cc_sprintf(l->rq->arena, "t.%s", cc_column_field(c));
	return c->sql ? cc_sprintf(l->rq->arena, "(%s)", c->sql) : cc_column_sql(l->rq->arena, c);
}

/* The first id of a moment. */
static struct cc_bind id_bind(struct cc_arena *arena, int64_t ms)
{
	static const uint8_t zeros[10];
	struct cc_ulid *id = cc_alloc(arena, sizeof *id);
	*id = cc_ulid_make(ms < 0 ? 0 : ms >= TIME_MAX ? TIME_MAX - 1 : ms, zeros);
	return cc_bind_bytes((struct cc_bytes){id->b, sizeof id->b});
}

static const char *like(
		struct cc_arena *arena, const char *before, const char *text, const char *after)
{
	struct cc_buf b = cc_buf_new(arena);
	cc_buf_str(&b, before);
	for (const char *p = text; *p; p++) {
		if (strchr("%_\\", *p))
			cc_buf_add(&b, "\\", 1);
		cc_buf_add(&b, p, 1);
	}
	cc_buf_str(&b, after);
	return cc_buf_text(&b);
}

/* What stands for a text in a comparison. Many columns hold ASCII only, and the database refuses to
 * compare those with anything else; as Unicode they are compared, and differ. */
static const char *mark(const struct cc_bind *b)
{
	for (const char *p = b->kind == CC_BIND_STR ? b->s : ""; *p; p++)
		if ((unsigned char)*p >= 0x80)
			return "? COLLATE utf8mb4_unicode_ci";
	return "?";
}

static bool is_text(enum cc_column_type t)
{
	return t == CC_COLUMN_TEXT || t == CC_COLUMN_NOTE || t == CC_COLUMN_TAGS ||
		   t == CC_COLUMN_PHONE || t == CC_COLUMN_EMAIL || t == CC_COLUMN_OPTIONS ||
		   t == CC_COLUMN_CHOICE || t == CC_COLUMN_LINK;
}

const char *const *cc_operators(
		struct cc_request *rq, const struct cc_resource *r, const struct cc_column *c)
{
	static const char *const text[] = {CC_NC("operator", "contains"), CC_NC("operator", "is"),
			CC_NC("operator", "is_not"), CC_NC("operator", "starts"), CC_NC("operator", "ends"),
			CC_NC("operator", "in"), CC_NC("operator", "empty"), CC_NC("operator", "not_empty"),
			NULL};
	static const char *const number[] = {"is", "is_not", CC_NC("operator", "gt"),
			CC_NC("operator", "lt"), CC_NC("operator", "between"), "in", "empty", "not_empty",
			NULL};
	/* not "one of": a comma may stand in an amount */
	static const char *const amount[] = {
			"is", "is_not", "gt", "lt", "between", "empty", "not_empty", NULL};
	static const char *const time[] = {CC_NC("operator", "within"), CC_NC("operator", "since"),
			CC_NC("operator", "until"), "between", "empty", "not_empty", NULL};
	static const char *const file[] = {"empty", "not_empty", NULL};
	static const char *const choice[] = {"is", "is_not", "in", "empty", "not_empty", NULL};
	/* comparing parts of a masked number would tell its digits one by one */
	static const char *const masked[] = {"is", "is_not", "empty", "not_empty", NULL};
	static const char *const id[] = {"is", "is_not", "in", NULL};
	if (cc_column_masked(rq, r, c))
		return masked;
	switch (c->type) {
	case CC_COLUMN_INT:
	case CC_COLUMN_DURATION:
		return number;
	case CC_COLUMN_AMOUNT:
		return amount;
	case CC_COLUMN_TIME:
	case CC_COLUMN_DATE:
		return time;
	case CC_COLUMN_CODE:
	case CC_COLUMN_BOOL:
	case CC_COLUMN_OPTION:
		return choice;
	case CC_COLUMN_FILE:
		return file;
	case CC_COLUMN_ID:
		return id;
	default:
		return text;
	}
}

/* A value typed by people as the database has it. */
static bool value_bind(
		struct cc_list *l, const struct cc_column *c, const char *value, struct cc_bind *out)
{
	char *end;
	if (c->type == CC_COLUMN_ID) {
		struct cc_ulid *id = cc_alloc(l->rq->arena, sizeof *id);
		if (cc_ulid_parse(id, value, (int)strlen(value)))
			return false;
		*out = cc_bind_bytes((struct cc_bytes){id->b, sizeof id->b});
		return true;
	}
	if (c->type == CC_COLUMN_AMOUNT) {
		const struct cc_money m = cc_money(l->rq);
		int64_t n;
		int err = cc_money_parse(&m, value, &n);
		if (err)
			cc_list_refuse(l, cc_sprintf(l->rq->arena, "%s: %s", cc_column_label(l->rq, c),
									  cc_t(l->rq, cc_money_wrong(err))));
		else
			*out = cc_bind_int(n);
		return !err;
	}
	if (c->type == CC_COLUMN_INT || c->type == CC_COLUMN_DURATION || c->type == CC_COLUMN_BOOL) {
		errno = 0;
		long long n = strtoll(value, &end, 10);
		if (*end || errno || end == value || n > INT64_MAX / 1000 || n < INT64_MIN / 1000)
			return false;
		/* durations are asked for in seconds */
		*out = cc_bind_int(c->type == CC_COLUMN_DURATION ? n * 1000 : n);
		return true;
	}
	*out = cc_bind_str(value);
	return true;
}

/* from and to of a TIME or DATE column, half open; 0: none. */
static void time_range(
		struct cc_list *l, const struct cc_column *c, struct cc_buf *sql, int64_t from, int64_t to)
{
	const char *x = compared(l, c), *and = "";
	const int64_t bound[] = {from, to};
	cc_buf_str(sql, "(");
	for (int i = 0; i < 2; i++) {
		if (!bound[i])
			continue;
		cc_buf_printf(sql, "%s%s %s ?", and, x, i ? "<" : ">=");
		and = " AND ";
		if (c->flags & CC_COLUMN_NUMBERED)
			cc_list_bind(l, cc_bind_int(cc_date_number(cc_time_input(l->rq, bound[i]))));
		else if (c->type == CC_COLUMN_DATE)
			cc_list_bind(
					l, cc_bind_str(cc_strndup(l->rq->arena, cc_time_input(l->rq, bound[i]), 10)));
		else
			cc_list_bind(l, cc_bind_int(bound[i]));
	}
	cc_buf_str(sql, ")");
}

static bool time_condition(struct cc_list *l, const struct cc_column *c, const char *op,
		const char *value, const char *until, struct cc_buf *sql)
{
	int64_t from = 0, to = 0, step, ms;
	if (!strcmp(op, "within")) {
		if (!value || cc_time_preset(l->rq, value, &from, &to))
			return false;
	} else if (!strcmp(op, "since") || !strcmp(op, "until") || !strcmp(op, "between")) {
		bool between = !strcmp(op, "between");
		if (!value || cc_time_parse(l->rq, value, &ms, &step))
			return false;
		if (!strcmp(op, "until"))
			to = ms + step; /* a moment includes what it is exact to: a day, a minute, a second */
		else
			from = ms;
		if (between && (!until || cc_time_parse(l->rq, until, &ms, &step)))
			return false;
		if (between)
			to = ms + step;
	}
	time_range(l, c, sql, from, to);
	return true;
}

static bool in_condition(
		struct cc_list *l, const struct cc_column *c, const char *value, struct cc_buf *sql)
{
	const struct cc_bind whole = cc_bind_str(value);
	size_t n = 0, first = l->binds, begin = sql->len;
	cc_buf_printf(sql, "%s IN (", compared(l, c));
	for (const char *p = value; *p;) {
		size_t len = strcspn(p, ",\n\r"), lead = strspn(p, " ");
		lead = lead < len ? lead : len;
		const char *word = cc_strndup(l->rq->arena, p + lead, len - lead);
		struct cc_bind b;
		if (len && *word) {
			if (n == WORDS_MAX || !value_bind(l, c, word, &b))
				return false;
			cc_buf_printf(sql, "%s%s", n++ ? ", " : "", mark(&b));
			cc_list_bind(l, b);
		}
		p += len + (p[len] != '\0');
	}
	cc_buf_str(sql, ")");
	if ((c->flags & CC_COLUMN_INDEXED) && !l->split.len && n > 1)
		l->split = (struct cc_split){
				.len = sql->len - begin,
				.single = cc_sprintf(l->rq->arena, "%s = %s", compared(l, c), mark(&whole)),
				.first = first,
				.count = n,
		};
	return n;
}

/* Parts of a number that its row hides would tell the digits one by one. Texts are extensions too,
 * which are shown. */
static const char *part_of_number(struct cc_list *l, const struct cc_column *c)
{
	bool number = c->type == CC_COLUMN_PHONE || c->call;
	const char *unhidden = number ? cc_list_unhidden(l) : NULL;
	if (!unhidden)
		return "";
	return c->type == CC_COLUMN_PHONE
				   ? cc_sprintf(l->rq->arena, " AND %s", unhidden)
				   : cc_sprintf(l->rq->arena, " AND (%s OR CHAR_LENGTH(%s) <= %d)", unhidden,
							 compared(l, c), CC_NUMBER_EXTENSION);
}

/* "x = ?" and its kin, after op was found to be one of the column's. False: a value is not valid.
 */
static bool compare(struct cc_list *l, const struct cc_column *c, const char *op, const char *value,
		const char *until, struct cc_buf *sql)
{
	static const struct
	{
		const char *op, *sql, *before, *after;
	} likes[] = {
			{"contains", "LIKE", "%", "%"},
			{"starts", "LIKE", "", "%"},
			{"ends", "LIKE", "%", ""},
	};
	static const struct
	{
		const char *op, *sql;
	} plain[] = {{"is", "="}, {"gt", ">"}, {"lt", "<"}};
	const char *x = compared(l, c);
	struct cc_bind b, b2;
	if (c->compare && strcmp(op, "empty") && strcmp(op, "not_empty")) {
		size_t before = sql->len;
		if (!value || !c->compare(l, op, value, sql))
			return false;
		if (sql->len != before)
			return true;
	}
	if (!strcmp(op, "empty") || !strcmp(op, "not_empty")) {
		bool not = *op == 'n';
		if (is_text(c->type) || c->type == CC_COLUMN_CODE)
			cc_buf_printf(
					sql, not ? "(%s IS NOT NULL AND %s <> '')" : "(%s IS NULL OR %s = '')", x, x);
		else
			cc_buf_printf(sql, not ? "%s IS NOT NULL" : "%s IS NULL", x);
		return true;
	}
	if (c->type == CC_COLUMN_TIME || c->type == CC_COLUMN_DATE)
		return time_condition(l, c, op, value, until, sql);
	if (!value)
		return false;
	if (!strcmp(op, "in"))
		return in_condition(l, c, value, sql);
	for (size_t i = 0; i < sizeof likes / sizeof *likes; i++)
		if (!strcmp(op, likes[i].op)) {
			b = cc_bind_str(like(l->rq->arena, likes[i].before, value, likes[i].after));
			cc_buf_printf(sql, "(%s LIKE %s%s)", x, mark(&b), part_of_number(l, c));
			cc_list_bind(l, b);
			return true;
		}
	if (!value_bind(l, c, value, &b))
		return false;
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (!strcmp(op, plain[i].op)) {
			cc_buf_printf(sql, "%s %s %s", x, plain[i].sql, mark(&b));
			cc_list_bind(l, b);
			return true;
		}
	if (!strcmp(op, "is_not")) {
		cc_buf_printf(sql, "(%s IS NULL OR %s <> %s)", x, x, mark(&b));
		cc_list_bind(l, b);
		return true;
	}
	if (strcmp(op, "between") || !until || !value_bind(l, c, until, &b2))
		return false;
	cc_buf_printf(sql, "(%s BETWEEN ? AND ?)", x);
	cc_list_bind(l, b);
	cc_list_bind(l, b2);
	return true;
}

/* ---- filters, conditions, quick search ---- */

static void filter_apply(struct cc_list *l, const struct cc_column *c)
{
	const char *value = cc_list_given(l, c->name);
	struct cc_buf sql = cc_buf_new(l->rq->arena);
	const char *op = "is";
	bool valid = true;
	if (!value)
		return;
	if (is_text(c->type) && !(c->flags & CC_COLUMN_EXACT) && !cc_column_masked(l->rq, l->r, c))
		op = "contains";
	if (c->type == CC_COLUMN_TIME || c->type == CC_COLUMN_DATE)
		op = "within";
	if (c->type == CC_COLUMN_CODE) {
		const char *const *code = c->codes;
		while (*code && strcmp(*code, value))
			code++;
		valid = *code;
	}
	if (valid && compare(l, c, op, value, NULL, &sql))
		cc_buf_printf(&l->where, " AND %s", cc_buf_text(&sql));
	else
		cc_list_fault(l, cc_column_label(l->rq, c));
}

/* In the resource's own way. */
static void quick_own(struct cc_list *l, const char *value)
{
	struct cc_buf sql = cc_buf_new(l->rq->arena);
	if (l->r->quick(l, value, &sql))
		cc_list_fault(l, cc_t(l->rq, "Search"));
	else if (sql.len)
		cc_buf_printf(&l->where, " AND (%s)", cc_buf_text(&sql));
}

static void quick_apply(struct cc_list *l)
{
	const unsigned flags = CC_COLUMN_QUICK | CC_COLUMN_QUICK_ANYWHERE;
	const char *value = cc_list_given(l, "q");
	struct cc_buf sql = cc_buf_new(l->rq->arena);
	if (!value)
		return;
	if (l->r->quick) {
		quick_own(l, value);
		return;
	}
	for (const struct cc_column *c = l->r->columns; c->name; c++) {
		if (!cc_column_searched(l->rq, l->r, c, flags))
			continue;
		struct cc_bind b;
		bool whole = c->type == CC_COLUMN_INT || c->type == CC_COLUMN_ID ||
					 cc_column_masked(l->rq, l->r, c);
		if (whole && !value_bind(l, c, value, &b))
			continue;
		if (!whole)
			b = cc_bind_str(
					like(l->rq->arena, c->flags & CC_COLUMN_QUICK_ANYWHERE ? "%" : "", value, "%"));
		cc_buf_printf(&sql, "%s(%s %s %s%s)", sql.len ? " OR " : "", compared(l, c),
				whole ? "=" : "LIKE", mark(&b), whole ? "" : part_of_number(l, c));
		cc_list_bind(l, b);
	}
	cc_buf_printf(&l->where, " AND (%s)", sql.len ? cc_buf_text(&sql) : "FALSE");
}

static const char *nth(const struct cc_list *l, const char *name, int n)
{
	char text[16];
	snprintf(text, sizeof text, "%s%d", name, n);
	return cc_list_given(l, text);
}

static void conditions_apply(struct cc_list *l)
{
	struct cc_buf sql = cc_buf_new(l->rq->arena);
	const char *match = cc_list_given(l, "match");
	bool either = match && !strcmp(match, "or");
	if (match && !either && strcmp(match, "and"))
		cc_list_fault(l, cc_t(l->rq, "Conditions"));
	for (int n = 1; n <= CONDITIONS; n++) {
		const char *field = nth(l, "field", n), *op = nth(l, "op", n);
		if (!field)
			continue;
		int i = cc_column_find(l->r, field);
		const struct cc_column *c = i < 0 ? NULL : &l->r->columns[i];
		bool valid = c && op && cc_column_searched(l->rq, l->r, c, CC_COLUMN_SEARCH);
		const char *const *known = valid ? cc_operators(l->rq, l->r, c) : NULL;
		while (known && *known && strcmp(*known, op))
			known++;
		struct cc_buf one = cc_buf_new(l->rq->arena);
		size_t split = l->split.len;
		if (known && *known && compare(l, c, *known, nth(l, "value", n), nth(l, "until", n), &one))
			cc_buf_printf(
					&sql, "%s%s", sql.len ? either ? " OR " : " AND " : "", cc_buf_text(&one));
		else
			cc_list_fault(l, valid ? cc_column_label(l->rq, c) : cc_t(l->rq, "Conditions"));
		if (l->split.len != split) /* the comparison just written is all of one */
			l->split.at = l->where.len + strlen(" AND (") + sql.len - l->split.len;
	}
	if (either)
		l->split.len = 0;
	if (sql.len)
		cc_buf_printf(&l->where, " AND (%s)", cc_buf_text(&sql));
}

static void range_bound(struct cc_list *l, const char *op, int64_t ms)
{
	cc_buf_printf(&l->where, " AND %s %s ?", l->r->range, op);
	cc_list_bind(l, l->r->range_of_id ? id_bind(l->rq->arena, ms) : cc_bind_int(ms));
}

static void range_apply(struct cc_list *l)
{
	struct cc_request *rq = l->rq;
	const char *from = cc_list_given(l, "from"), *to = cc_list_given(l, "to");
	const char *preset = cc_list_given(l, "time");
	int64_t ms, end, step;
	if (preset) {
		if (cc_time_preset(rq, preset, &ms, &end)) {
			cc_list_fault(l, cc_t(rq, "Time"));
			return;
		}
		range_bound(l, ">=", ms);
		range_bound(l, "<", end);
		return;
	}
	if (from && cc_time_parse(rq, from, &ms, &step))
		cc_list_fault(l, cc_t(rq, "From"));
	else if (from)
		range_bound(l, ">=", ms);
	else if (!to && l->r->days)
		range_bound(l, ">=", cc_time_today(rq, 1 - l->r->days));
	if (to && cc_time_parse(rq, to, &ms, &step))
		cc_list_fault(l, cc_t(rq, "To"));
	else if (to)
		range_bound(l, "<", ms + step);
}

void cc_list_conditions(struct cc_list *l)
{
	if (l->r->range)
		range_apply(l);
	for (const struct cc_column *c = l->r->columns; c->name; c++)
		if (cc_column_searched(l->rq, l->r, c, CC_COLUMN_FILTER))
			filter_apply(l, c);
	quick_apply(l);
	conditions_apply(l);
}
