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

#define MANY_MS 10000 /* a search that had so many rows has more than a page counts for so long */

const int cc_list_sizes[5] = {10, 25, 50, 100, 200};

/* ---- pieces ---- */

void cc_list_fault(struct cc_list *l, const char *label)
{
	if (!l->fault)
		l->fault =
				cc_sprintf(l->rq->arena, "%s: %s", label, cc_t(l->rq, "this value is not valid."));
}

struct cc_request *cc_list_request(struct cc_list *l)
{
	return l->rq;
}

const struct cc_resource *cc_list_resource(struct cc_list *l)
{
	return l->r;
}

void cc_list_refuse(struct cc_list *l, const char *text)
{
	if (!l->fault)
		l->fault = text;
}

bool cc_list_masked(struct cc_list *l, const char *column)
{
	int i = cc_column_find(l->r, column);
	return i < 0 || cc_column_masked(l->rq, l->r, &l->r->columns[i]);
}

void cc_list_source(struct cc_list *l, const char *from, const char *key)
{
	l->from = from;
	l->key = key;
}

void cc_list_many(struct cc_list *l)
{
	l->many = true;
}

/* Where conditions on the key belong: that of a group is known behind the grouping only. */
static struct cc_buf *key_conditions(struct cc_list *l)
{
	return l->r->group_by ? &l->having : &l->where;
}

static const char *key_of(const struct cc_list *l)
{
	return l->key ? l->key : cc_resource_key(l->r);
}

void cc_list_bind(struct cc_list *l, struct cc_bind b)
{
	if (l->binds == BINDS_MAX)
		cc_list_fault(l, cc_t(l->rq, "Conditions"));
	else
		l->bind[l->binds++] = b;
}

const char *cc_list_given(const struct cc_list *l, const char *name)
{
	const char *value = cc_field_get(l->query, name);
	return value && *value ? value : NULL;
}

bool cc_column_searched(struct cc_request *rq, const struct cc_resource *r,
		const struct cc_column *c, unsigned flag)
{
	return (c->flags & flag) && cc_column_sql(rq->arena, c) && c->type != CC_COLUMN_CUSTOM &&
		   c->type != CC_COLUMN_PROGRESS && cc_column_seen(rq, r, c);
}

void cc_list_begin(struct cc_list *l, struct cc_request *rq, const struct cc_resource *r,
		const struct cc_fields *query)
{
	*l = (struct cc_list){.rq = rq,
			.r = r,
			.query = query,
			.where = cc_buf_new(rq->arena),
			.having = cc_buf_new(rq->arena),
			.position = cc_buf_new(rq->arena)};
	const char *scope = cc_resource_scope(rq, r);
	if (scope)
		cc_buf_printf(&l->where, " AND (%s)", scope);
	cc_list_conditions(l);
}

#define AMONG " IN (SELECT j.k FROM JSON_TABLE(?, '$[*]' COLUMNS (k BIGINT PATH '$')) j)"

/* any number of keys is one parameter: the statement stays the same */
void cc_list_among(struct cc_list *l, const int64_t *keys, size_t count, struct cc_buf *sql)
{
	struct cc_buf json = cc_buf_new(l->rq->arena);
	cc_buf_str(&json, "[");
	for (size_t i = 0; i < count; i++)
		cc_buf_printf(&json, "%s%" PRId64, i ? "," : "", keys[i]);
	cc_buf_str(&json, "]");
	cc_buf_printf(sql, "%s" AMONG, cc_resource_key(l->r));
	cc_list_bind(l, cc_bind_str(cc_buf_text(&json)));
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
	/* the server finds no aggregate among the rows of a subquery */
	cc_buf_printf(key_conditions(l),
			l->r->group_by ? " AND JSON_CONTAINS(?, JSON_QUOTE(CAST(%s AS CHAR)))"
			: ulid ? " AND %s IN (SELECT UNHEX(j.k) FROM JSON_TABLE(?, '$[*]' COLUMNS (k CHAR(32) "
					 "PATH '$')) j)"
				   : " AND %s" AMONG,
			cc_resource_key(l->r));
	cc_list_bind(l, cc_bind_str(cc_buf_text(&json)));
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
		cc_list_fault(l, label);
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
		cc_list_fault(l, name);
		return NULL;
	}
	cc_buf_printf(&l->position, " AND %s %s ?", key_of(l), operator);
	cc_list_bind(l, b);
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
		cc_list_fault(l, cc_t(l->rq, "Sort order"));
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
		cc_list_fault(l, cc_t(rq, "Rows per page"));
		l->size = standard;
	}
	cc_list_order(l);
	l->after = boundary(l, "after", "<");
	l->before = boundary(l, "before", ">");
	/* a page far behind is reached from the one before it, by its last key */
	if (!l->after && !l->before && (l->page - 1) * l->size >= COUNT_MAX) {
		cc_list_fault(l, cc_t(rq, "Page"));
		l->page = 1;
	}
}

/* ---- queries ---- */

static void from_where(struct cc_list *l, struct cc_buf *sql)
{
	cc_buf_printf(sql, " FROM %s WHERE %s",
			l->from ? l->from : cc_resource_from(l->rq->arena, l->r), cc_resource_where(l->r));
	cc_buf_add(sql, l->where.p, l->where.len);
}

/* position: the page's, or nothing. */
static void group_having(struct cc_list *l, struct cc_buf *sql, const struct cc_buf *position)
{
	if (l->r->group_by)
		cc_buf_printf(sql, " GROUP BY %s HAVING TRUE", l->r->group_by);
	cc_buf_add(sql, l->having.p, l->having.len);
	if (position)
		cc_buf_add(sql, position->p, position->len);
}

void cc_list_pick(struct cc_list *l, unsigned flag)
{
	for (size_t i = 0; l->r->columns[i].name; i++)
		l->picked[i] =
				!i || l->r->columns[i].type == CC_COLUMN_HIDES ||
				((l->r->columns[i].flags & flag) && cc_column_seen(l->rq, l->r, &l->r->columns[i]));
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
		const struct cc_column *c = &l->r->columns[i];
		const char *x = !l->picked[i] ? NULL
						: l->keys_only && c->names
								? cc_sprintf(l->rq->arena, "t.%s", cc_column_field(c))
								: cc_column_sql(l->rq->arena, c);
		cc_buf_printf(&sql, "%s%s", i ? ", " : "", x ? x : "NULL");
	}
	if (l->with_buttons)
		cc_buf_printf(&sql, ", %s", l->r->row_class ? l->r->row_class : "NULL");
	for (const struct cc_action *b = l->with_buttons ? l->r->buttons : NULL; b && b->name; b++)
		cc_buf_printf(&sql, ", %s", b->shown ? b->shown : "TRUE");
	for (const struct cc_column *c = l->with_buttons ? l->r->columns : NULL; c && c->name; c++)
		if (c->call)
			cc_buf_printf(&sql, ", %s", c->call);
	from_where(l, &sql);
	group_having(l, &sql, &l->position);
	cc_buf_str(&sql, " ORDER BY ");
	if (l->sort)
		cc_buf_printf(
				&sql, "%s%s, ", cc_column_sql(l->rq->arena, l->sort), l->descending ? " DESC" : "");
	/* with the column's own direction, so that an index on both serves */
	bool ascending = l->before || (l->sort && !l->descending);
	cc_buf_printf(&sql, "%s%s", key_of(l), ascending ? "" : " DESC");
	return cc_buf_text(&sql);
}

/* Parameters of a statement: '?' and the markers of the scope. */
static size_t params_of(const char *sql)
{
	size_t n = 0;
	for (; *sql; sql++)
		n += *sql == '?' || *sql == '{';
	return n;
}

/* The list for one value of "x IN (…)". */
static const char *single_sql(struct cc_list *l)
{
	struct cc_buf whole = l->where, single = cc_buf_new(l->rq->arena);
	const struct cc_split *s = &l->split;
	cc_buf_add(&single, whole.p, s->at);
	cc_buf_str(&single, s->single);
	cc_buf_add(&single, whole.p + s->at + s->len, whole.len - s->at - s->len);
	l->where = single;
	const char *sql = cc_list_sql(l);
	l->where = whole;
	return sql;
}

/* An index has the rows of each value in the order of the key, but not those of several: the first
 * rows of each are read and merged. False: that is not possible or not worth while. */
static bool fetch_split(
		struct cc_list *l, struct cc_rows *rows, int64_t limit, int64_t offset, int *err)
{
	struct cc_bind binds[BINDS_MAX];
	const struct cc_split *s = &l->split;
	const char *sql = s->len && !l->sort && !l->r->group_by ? single_sql(l) : NULL;
	struct cc_buf all = cc_buf_new(l->rq->arena);
	size_t n = 0, behind = s->first + s->count;
	if (!sql || (params_of(sql) + 1) * s->count + 2 > BINDS_MAX)
		return false;
	for (size_t i = 0; i < s->count; i++) {
		/* not UNION ALL: two values may be the same to the database */
		cc_buf_printf(&all, "%s(%s LIMIT ?)", i ? " UNION " : "", sql);
		for (size_t k = 0; k < s->first; k++)
			binds[n++] = l->bind[k];
		binds[n++] = l->bind[s->first + i];
		for (size_t k = behind; k < l->binds; k++)
			binds[n++] = l->bind[k];
		binds[n++] = cc_bind_int(limit + offset);
	}
	/* the first column is the key */
	cc_buf_printf(&all, " ORDER BY 1%s LIMIT ? OFFSET ?", l->before ? "" : " DESC");
	binds[n++] = cc_bind_int(limit);
	binds[n++] = cc_bind_int(offset);
	*err = cc_db_query_text(l->rq->db, rows, cc_buf_text(&all), binds, n);
	return true;
}

int cc_list_fetch(struct cc_list *l, struct cc_rows *rows, int64_t limit, int64_t offset)
{
	int err;
	if (fetch_split(l, rows, limit, offset, &err)) {
		if (!err && l->before)
			reverse(rows);
		return err;
	}
	struct cc_bind binds[BINDS_MAX + 2];
	memcpy(binds, l->bind, l->binds * sizeof *binds);
	binds[l->binds] = cc_bind_int(limit);
	binds[l->binds + 1] = cc_bind_int(offset);
	err = cc_db_query_text(l->rq->db, rows,
			cc_sprintf(l->rq->arena, "%s LIMIT ? OFFSET ?", cc_list_sql(l)), binds, l->binds + 2);
	if (!err && l->before)
		reverse(rows);
	return err;
}

/* ---- totals ---- */

static uint64_t hash_add(uint64_t h, const void *p, size_t len)
{
	const unsigned char *s = p;
	for (size_t i = 0; i < len; i++)
		h = (h ^ s[i]) * 1099511628211u; /* FNV-1a */
	return h;
}

/* Of the question: the SQL with its binds, and whose it is. */
static uint64_t question_hash(const struct cc_list *l)
{
	const struct cc_user *u = l->rq->user;
	uint64_t h = hash_add(14695981039346656037u, &u->tenant, sizeof u->tenant);
	h = hash_add(h, &u->id, sizeof u->id);
	h = hash_add(h, l->r->path, strlen(l->r->path) + 1);
	h = hash_add(h, l->where.p, l->where.len);
	for (size_t i = 0; i < l->binds - l->position_binds; i++) {
		const struct cc_bind *b = &l->bind[i];
		h = hash_add(h, &b->kind, sizeof b->kind);
		if (b->kind == CC_BIND_INT)
			h = hash_add(h, &b->i, sizeof b->i);
		else if (b->kind == CC_BIND_STR)
			h = hash_add(h, b->s ? b->s : "", b->s ? strlen(b->s) + 1 : 1);
		else
			h = hash_add(h, b->b.p, b->b.p ? b->b.len : 0);
	}
	return h;
}

int cc_list_total(struct cc_list *l, int64_t *total)
{
	uint64_t hash = question_hash(l);
	struct many *known = &l->rq->state->web->many[hash % MANY];
	if (l->many || (known->hash == hash && l->rq->now_ms - known->at_ms < MANY_MS)) {
		*total = COUNT_FAST + 1;
		return 0;
	}
	int err = cc_list_count(l, COUNT_FAST, total);
	if (!err && *total > COUNT_FAST)
		*known = (struct many){hash, l->rq->now_ms};
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
	group_having(l, &sql, NULL);
	cc_buf_str(&sql, " LIMIT ?) n");
	int err = cc_db_query_text(l->rq->db, &rows, cc_buf_text(&sql), binds, n + 1);
	if (!err)
		*total = cc_row_int(&rows.row[0], 0, 0);
	return err;
}

int cc_list_sums(struct cc_list *l, struct cc_row *sums)
{
	struct cc_rows rows;
	struct cc_buf sql = cc_buf_new(l->rq->arena);
	cc_buf_str(&sql, "SELECT ");
	for (size_t i = 0; l->r->columns[i].name; i++)
		cc_buf_printf(&sql, "%s%s", i ? ", " : "",
				l->picked[i] && l->r->columns[i].total ? l->r->columns[i].total : "NULL");
	from_where(l, &sql);
	int err = cc_db_query_text(
			l->rq->db, &rows, cc_buf_text(&sql), l->bind, l->binds - l->position_binds);
	if (!err)
		*sums = rows.row[0];
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
			.having = cc_buf_new(l->rq->arena),
			.position = cc_buf_new(l->rq->arena)};
	const char *scope = cc_resource_scope(l->rq, l->r);
	if (scope)
		cc_buf_printf(&l->where, " AND (%s)", scope);
	int err = cc_key_bind(l->rq, l->r, key, &b);
	if (err)
		return err;
	cc_buf_printf(key_conditions(l), " AND %s = ?", cc_resource_key(l->r));
	cc_list_bind(l, b);
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

int cc_resource_read(struct cc_request *rq, const struct cc_resource *r, struct cc_rows *rows,
		const char *what, const char *rest, const struct cc_bind *binds, size_t n)
{
	const char *scope = cc_resource_scope(rq, r);
	struct cc_buf sql = cc_buf_new(rq->arena);
	cc_buf_str(&sql, what);
	if (scope)
		cc_buf_printf(&sql, " AND (%s)", scope);
	cc_buf_printf(&sql, " %s", rest);
	return cc_db_query_text(rq->db, rows, cc_buf_text(&sql), binds, n);
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
