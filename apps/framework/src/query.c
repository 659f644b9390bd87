/* SPDX-License-Identifier: GPL-2.0-or-later
 * Parameters of a list and the SQL that they become: constant pieces of the resource's table and
 *'?'.
 *
 *	q=text                             quick search
 *	<column>=value                     columns with FILTER
 *	time=today|…, from=…, to=…         the list's time range
 *	field1=… op1=… value1=… until1=…   conditions 1…10, joined by match=and|or
 *	sort=<column>|-<column>, page=1…, size=10|25|50|100|200, after=<key>, before=<key> */
#include "things.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIME_MAX ((int64_t)1 << 48)
#define WORDS_MAX 20 /* values of "one of" */

const int cc_list_sizes[5] = {10, 25, 50, 100, 200};

/* ---- pieces ---- */

static void fault(struct cc_list *l, const char *label)
{
	if (!l->fault)
		l->fault =
				cc_sprintf(l->rq->arena, "%s: %s", label, cc_t(l->rq, "this value is not valid."));
}

static void bind(struct cc_list *l, struct cc_bind b)
{
	if (l->binds == BINDS_MAX)
		fault(l, cc_t(l->rq, "Conditions"));
	else
		l->bind[l->binds++] = b;
}

const char *cc_list_given(const struct cc_list *l, const char *name)
{
	const char *value = cc_field_get(l->query, name);
	return value && *value ? value : NULL;
}

/* What is compared: of a choice from another table its key. */
static const char *compared(struct cc_list *l, const struct cc_column *c)
{
	if (c->type == CC_COLUMN_OPTION)
		return c->value ? c->value : cc_sprintf(l->rq->arena, "t.%s", cc_column_field(c));
	return c->sql ? cc_sprintf(l->rq->arena, "(%s)", c->sql) : cc_column_sql(l->rq->arena, c);
}

bool cc_column_searched(struct cc_request *rq, const struct cc_resource *r,
		const struct cc_column *c, unsigned flag)
{
	return (c->flags & flag) && cc_column_sql(rq->arena, c) && c->type != CC_COLUMN_CUSTOM &&
		   c->type != CC_COLUMN_PROGRESS && cc_column_seen(rq, r, c);
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

/* ---- values of conditions ---- */

static bool is_text(enum cc_column_type t)
{
	return t == CC_COLUMN_TEXT || t == CC_COLUMN_NOTE || t == CC_COLUMN_TAGS ||
		   t == CC_COLUMN_PHONE || t == CC_COLUMN_EMAIL || t == CC_COLUMN_OPTIONS;
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
	static const char *const time[] = {CC_NC("operator", "within"), CC_NC("operator", "since"),
			CC_NC("operator", "until"), "between", "empty", "not_empty", NULL};
	static const char *const choice[] = {"is", "is_not", "in", "empty", "not_empty", NULL};
	/* comparing parts of a masked number would tell its digits one by one */
	static const char *const masked[] = {"is", "is_not", "empty", "not_empty", NULL};
	static const char *const id[] = {"is", "is_not", "in", NULL};
	switch (c->type) {
	case CC_COLUMN_PHONE:
		return cc_column_masked(rq, r, c) ? masked : text;
	case CC_COLUMN_INT:
	case CC_COLUMN_DURATION:
		return number;
	case CC_COLUMN_TIME:
	case CC_COLUMN_DATE:
		return time;
	case CC_COLUMN_CODE:
	case CC_COLUMN_BOOL:
	case CC_COLUMN_OPTION:
	case CC_COLUMN_FILE:
		return choice;
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
		if (c->type == CC_COLUMN_DATE)
			bind(l, cc_bind_str(cc_strndup(l->rq->arena, cc_time_input(l->rq, bound[i]), 10)));
		else
			bind(l, cc_bind_int(bound[i]));
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
	size_t n = 0;
	cc_buf_printf(sql, "%s IN (", compared(l, c));
	for (const char *p = value; *p;) {
		size_t len = strcspn(p, ",\n\r"), lead = strspn(p, " ");
		lead = lead < len ? lead : len;
		const char *word = cc_strndup(l->rq->arena, p + lead, len - lead);
		struct cc_bind b;
		if (len && *word) {
			if (n == WORDS_MAX || !value_bind(l, c, word, &b))
				return false;
			cc_buf_printf(sql, "%s?", n++ ? ", " : "");
			bind(l, b);
		}
		p += len + (p[len] != '\0');
	}
	cc_buf_str(sql, ")");
	return n;
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
			cc_buf_printf(sql, "%s LIKE ?", x);
			bind(l, cc_bind_str(like(l->rq->arena, likes[i].before, value, likes[i].after)));
			return true;
		}
	if (!value_bind(l, c, value, &b))
		return false;
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (!strcmp(op, plain[i].op)) {
			cc_buf_printf(sql, "%s %s ?", x, plain[i].sql);
			bind(l, b);
			return true;
		}
	if (!strcmp(op, "is_not")) {
		cc_buf_printf(sql, "(%s IS NULL OR %s <> ?)", x, x);
		bind(l, b);
		return true;
	}
	if (strcmp(op, "between") || !until || !value_bind(l, c, until, &b2))
		return false;
	cc_buf_printf(sql, "(%s BETWEEN ? AND ?)", x);
	bind(l, b);
	bind(l, b2);
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
		fault(l, cc_t(l->rq, c->label));
}

static void quick_apply(struct cc_list *l)
{
	const unsigned flags = CC_COLUMN_QUICK | CC_COLUMN_QUICK_ANYWHERE;
	const char *value = cc_list_given(l, "q");
	struct cc_buf sql = cc_buf_new(l->rq->arena);
	if (!value)
		return;
	for (const struct cc_column *c = l->r->columns; c->name; c++) {
		if (!cc_column_searched(l->rq, l->r, c, flags))
			continue;
		struct cc_bind b;
		bool whole = c->type == CC_COLUMN_INT || c->type == CC_COLUMN_ID ||
					 cc_column_masked(l->rq, l->r, c);
		if (whole && !value_bind(l, c, value, &b))
			continue;
		cc_buf_printf(
				&sql, "%s%s %s ?", sql.len ? " OR " : "", compared(l, c), whole ? "=" : "LIKE");
		if (!whole)
			b = cc_bind_str(
					like(l->rq->arena, c->flags & CC_COLUMN_QUICK_ANYWHERE ? "%" : "", value, "%"));
		bind(l, b);
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
		fault(l, cc_t(l->rq, "Conditions"));
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
		if (known && *known && compare(l, c, *known, nth(l, "value", n), nth(l, "until", n), &one))
			cc_buf_printf(
					&sql, "%s%s", sql.len ? either ? " OR " : " AND " : "", cc_buf_text(&one));
		else
			fault(l, valid ? cc_t(l->rq, c->label) : cc_t(l->rq, "Conditions"));
	}
	if (sql.len)
		cc_buf_printf(&l->where, " AND (%s)", cc_buf_text(&sql));
}

static void range_bound(struct cc_list *l, const char *op, int64_t ms)
{
	cc_buf_printf(&l->where, " AND %s %s ?", l->r->range, op);
	bind(l, l->r->range_of_id ? id_bind(l->rq->arena, ms) : cc_bind_int(ms));
}

static void range_apply(struct cc_list *l)
{
	struct cc_request *rq = l->rq;
	const char *from = cc_list_given(l, "from"), *to = cc_list_given(l, "to");
	const char *preset = cc_list_given(l, "time");
	int64_t ms, end, step;
	if (preset) {
		if (cc_time_preset(rq, preset, &ms, &end)) {
			fault(l, cc_t(rq, "Time"));
			return;
		}
		range_bound(l, ">=", ms);
		range_bound(l, "<", end);
		return;
	}
	if (from && cc_time_parse(rq, from, &ms, &step))
		fault(l, cc_t(rq, "From"));
	else if (from)
		range_bound(l, ">=", ms);
	else if (!to && l->r->days)
		range_bound(l, ">=", cc_time_today(rq, 1 - l->r->days));
	if (to && cc_time_parse(rq, to, &ms, &step))
		fault(l, cc_t(rq, "To"));
	else if (to)
		range_bound(l, "<", ms + step);
}

void cc_list_begin(struct cc_list *l, struct cc_request *rq, const struct cc_resource *r,
		const struct cc_fields *query)
{
	*l = (struct cc_list){.rq = rq,
			.r = r,
			.query = query,
			.where = cc_buf_new(rq->arena),
			.position = cc_buf_new(rq->arena)};
	const char *scope = cc_resource_scope(rq, r);
	if (scope)
		cc_buf_printf(&l->where, " AND (%s)", scope);
	if (r->range)
		range_apply(l);
	for (const struct cc_column *c = r->columns; c->name; c++)
		if (cc_column_searched(rq, r, c, CC_COLUMN_FILTER))
			filter_apply(l, c);
	quick_apply(l);
	conditions_apply(l);
}

int cc_list_keys(struct cc_list *l, const char *keys)
{
	struct cc_buf json = cc_buf_new(l->rq->arena);
	bool ulid = l->r->columns[0].type == CC_COLUMN_ID;
	size_t n = 0;
	for (const char *p = keys; *p; n++) {
		size_t len = strcspn(p, ",");
		struct cc_bind key;
		if (n == KEYS_MAX)
			return CC_E_FULL;
		if (cc_key_bind(l->rq, l->r, cc_strndup(l->rq->arena, p, len), &key))
			return CC_E_INVAL;
		cc_buf_str(&json, n ? ",\"" : "[\"");
		for (size_t i = 0; ulid && i < key.b.len; i++)
			cc_buf_printf(&json, "%02X", ((const unsigned char *)key.b.p)[i]);
		if (!ulid)
			cc_buf_printf(&json, "%" PRId64, key.i);
		cc_buf_str(&json, "\"");
		p += len + (p[len] == ',');
	}
	if (!n)
		return CC_E_INVAL;
	cc_buf_str(&json, "]");
	/* any number of keys is one parameter: the statement stays the same */
	cc_buf_printf(&l->where,
			ulid ? " AND %s IN (SELECT UNHEX(j.k) FROM JSON_TABLE(?, '$[*]' COLUMNS (k CHAR(32) "
				   "PATH '$')) j)"
				 : " AND %s IN (SELECT j.k FROM JSON_TABLE(?, '$[*]' COLUMNS (k BIGINT PATH '$')) "
				   "j)",
			cc_resource_key(l->r));
	bind(l, cc_bind_str(cc_buf_text(&json)));
	return 0;
}

/* ---- sorting and paging ---- */

static int64_t number_of(struct cc_list *l, const char *name, const char *label, int64_t otherwise)
{
	const char *text = cc_list_given(l, name);
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

static const char *boundary(struct cc_list *l, const char *name, const char *operator)
{
	const char *key = cc_list_given(l, name);
	struct cc_bind b;
	if (!key)
		return NULL;
	if (l->sort || cc_key_bind(l->rq, l->r, key, &b)) {
		fault(l, name);
		return NULL;
	}
	cc_buf_printf(&l->position, " AND %s %s ?", cc_resource_key(l->r), operator);
	bind(l, b);
	l->position_binds++;
	return key;
}

void cc_list_order(struct cc_list *l)
{
	const char *sort = cc_list_given(l, "sort");
	if (!sort)
		return;
	l->descending = *sort == '-';
	for (const struct cc_column *c = l->r->columns; c->name && !l->sort; c++)
		if (!strcmp(c->name, sort + l->descending) &&
				cc_column_searched(l->rq, l->r, c, CC_COLUMN_SORT) &&
				!cc_column_masked(l->rq, l->r, c))
			l->sort = c;
	if (!l->sort)
		fault(l, cc_t(l->rq, "Sort order"));
}

void cc_list_paging(struct cc_list *l, int64_t standard)
{
	struct cc_request *rq = l->rq;
	bool known = false;
	l->page = number_of(l, "page", cc_t(rq, "Page"), 1);
	l->size = number_of(l, "size", cc_t(rq, "Rows per page"), standard);
	for (size_t i = 0; i < sizeof cc_list_sizes / sizeof *cc_list_sizes; i++)
		known |= cc_list_sizes[i] == l->size;
	if (!known) {
		fault(l, cc_t(rq, "Rows per page"));
		l->size = standard;
	}
	cc_list_order(l);
	l->after = boundary(l, "after", "<");
	l->before = boundary(l, "before", ">");
	/* a page far behind is reached from the one before it, by its last key */
	if (!l->after && !l->before && (l->page - 1) * l->size >= COUNT_MAX) {
		fault(l, cc_t(rq, "Page"));
		l->page = 1;
	}
}

/* ---- queries ---- */

static void from_where(struct cc_list *l, struct cc_buf *sql)
{
	cc_buf_printf(sql, " FROM %s WHERE %s", cc_resource_from(l->rq->arena, l->r),
			cc_resource_where(l->r));
	cc_buf_add(sql, l->where.p, l->where.len);
}

void cc_list_pick(struct cc_list *l, unsigned flag)
{
	for (size_t i = 0; l->r->columns[i].name; i++)
		l->picked[i] = !i || ((l->r->columns[i].flags & flag) &&
									 cc_column_seen(l->rq, l->r, &l->r->columns[i]));
}

static void reverse(struct cc_rows *rows)
{
	for (size_t i = 0; i < rows->count / 2; i++) {
		struct cc_row row = rows->row[i];
		rows->row[i] = rows->row[rows->count - 1 - i];
		rows->row[rows->count - 1 - i] = row;
	}
}

const char *cc_list_sql(struct cc_list *l)
{
	struct cc_buf sql = cc_buf_new(l->rq->arena);
	cc_buf_str(&sql, "SELECT ");
	for (size_t i = 0; l->r->columns[i].name; i++) {
		const char *x = l->picked[i] ? cc_column_sql(l->rq->arena, &l->r->columns[i]) : NULL;
		cc_buf_printf(&sql, "%s%s", i ? ", " : "", x ? x : "NULL");
	}
	for (const struct cc_action *b = l->with_buttons ? l->r->buttons : NULL; b && b->name; b++)
		cc_buf_printf(&sql, ", %s", b->shown ? b->shown : "TRUE");
	from_where(l, &sql);
	cc_buf_add(&sql, l->position.p, l->position.len);
	cc_buf_str(&sql, " ORDER BY ");
	if (l->sort)
		cc_buf_printf(
				&sql, "%s%s, ", cc_column_sql(l->rq->arena, l->sort), l->descending ? " DESC" : "");
	/* with the column's own direction, so that an index on both serves */
	bool ascending = l->before || (l->sort && !l->descending);
	cc_buf_printf(&sql, "%s%s", cc_resource_key(l->r), ascending ? "" : " DESC");
	return cc_buf_text(&sql);
}

int cc_list_fetch(struct cc_list *l, struct cc_rows *rows, int64_t limit, int64_t offset)
{
	struct cc_bind binds[BINDS_MAX + 2];
	memcpy(binds, l->bind, l->binds * sizeof *binds);
	binds[l->binds] = cc_bind_int(limit);
	binds[l->binds + 1] = cc_bind_int(offset);
	int err = cc_db_query_text(l->rq->db, rows,
			cc_sprintf(l->rq->arena, "%s LIMIT ? OFFSET ?", cc_list_sql(l)), binds, l->binds + 2);
	if (!err && l->before)
		reverse(rows);
	return err;
}

int cc_list_count(struct cc_list *l, int64_t max, int64_t *total)
{
	struct cc_rows rows;
	struct cc_bind binds[BINDS_MAX + 1];
	struct cc_buf sql = cc_buf_new(l->rq->arena);
	size_t n = l->binds - l->position_binds;
	memcpy(binds, l->bind, n * sizeof *binds);
	binds[n] = cc_bind_int(max + 1);
	cc_buf_str(&sql, "SELECT COUNT(*) FROM (SELECT 1 ");
	from_where(l, &sql);
	cc_buf_str(&sql, " LIMIT ?) n");
	int err = cc_db_query_text(l->rq->db, &rows, cc_buf_text(&sql), binds, n + 1);
	if (!err)
		*total = cc_row_int(&rows.row[0], 0, 0);
	return err;
}

/* ---- one row ---- */

static int find(struct cc_list *l, const char *key)
{
	static const struct cc_fields nothing;
	struct cc_bind b;
	*l = (struct cc_list){.rq = l->rq,
			.r = l->r,
			.query = &nothing,
			.where = cc_buf_new(l->rq->arena),
			.position = cc_buf_new(l->rq->arena)};
	const char *scope = cc_resource_scope(l->rq, l->r);
	if (scope)
		cc_buf_printf(&l->where, " AND (%s)", scope);
	int err = cc_key_bind(l->rq, l->r, key, &b);
	if (err)
		return err;
	cc_buf_printf(&l->where, " AND %s = ?", cc_resource_key(l->r));
	bind(l, b);
	return 0;
}

int cc_resource_get(
		struct cc_request *rq, const struct cc_resource *r, const char *key, struct cc_row *row)
{
	struct cc_list l = {.rq = rq, .r = cc_plugins_resource(rq, r)};
	struct cc_rows rows;
	int err = find(&l, key);
	if (err)
		return err;
	cc_list_pick(&l, ~0u);
	err = cc_list_fetch(&l, &rows, 1, 0);
	if (err)
		return err;
	if (!rows.count)
		return CC_E_NOENT;
	*row = rows.row[0];
	return 0;
}

bool cc_row_fits(
		struct cc_request *rq, const struct cc_resource *r, const char *key, const char *sql)
{
	struct cc_list l = {.rq = rq, .r = r};
	int64_t total = 0;
	if (find(&l, key))
		return false;
	cc_buf_printf(&l.where, " AND (%s)", sql);
	return !cc_list_count(&l, 1, &total) && total;
}
