/* SPDX-License-Identifier: GPL-2.0-or-later
 * One row of a resource created, changed or deleted: reading it, taking a form's values, checking
 * them, writing row and audit. SQL is put together here of the table's constant pieces and '?'. */
#include "things.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include "cc/money.h"

#define OPTIONS_MAX 1000
#define USES_SHOWN 5
#define AUDIT_VALUE 500 /* bytes of a value in the audit log */

struct cc_change *cc_change_begin(
		struct cc_request *rq, const struct cc_resource *r, unsigned action, const char *key)
{
	struct cc_arena *a = rq->arena;
	struct cc_change *c = cc_alloc(a, sizeof *c);
	struct cc_change_values *v = cc_alloc(a, sizeof *v);
	size_t n = cc_columns_count(r);
	v->count = n;
	v->before = cc_alloc(a, n * sizeof *v->before);
	v->after = cc_alloc(a, n * sizeof *v->after);
	v->typed = cc_alloc(a, n * sizeof *v->typed);
	v->why = cc_alloc(a, n * sizeof *v->why);
	v->given = cc_alloc(a, n * sizeof *v->given);
	v->upload = cc_alloc(a, n * sizeof *v->upload);
	v->options = cc_alloc(a, n * sizeof *v->options);
	v->options_read = cc_alloc(a, n * sizeof *v->options_read);
	*c = (struct cc_change){
			.rq = rq,
			.r = r,
			.action = action,
			.key = key ? key : "",
			.id = key ? strtoll(key, NULL, 10) : 0,
			.values = v,
	};
	return c;
}

/* ---- for hooks ---- */

const char *cc_change_new(const struct cc_change *c, const char *column)
{
	int i = cc_column_find(c->r, column);
	return i < 0 ? NULL : c->values->after[i];
}

const char *cc_change_old(const struct cc_change *c, const char *column)
{
	int i = cc_column_find(c->r, column);
	return i < 0 ? NULL : c->values->before[i];
}

int64_t cc_change_new_int(const struct cc_change *c, const char *column, int64_t otherwise)
{
	const char *text = cc_change_new(c, column);
	char *end;
	if (!text || !*text)
		return otherwise;
	errno = 0;
	long long n = strtoll(text, &end, 10);
	return *end || errno ? otherwise : n;
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool cc_change_differs(const struct cc_change *c, const char *column)
{
	int i = cc_column_find(c->r, column);
	return i >= 0 && !same(c->values->before[i], c->values->after[i]);
}

void cc_change_set(struct cc_change *c, const char *column, const char *value)
{
	int i = cc_column_find(c->r, column);
	if (i >= 0)
		c->values->after[i] = value ? cc_strdup(c->rq->arena, value) : NULL;
}

int cc_change_refuse(struct cc_change *c, const char *column, const char *text)
{
	int i = column ? cc_column_find(c->r, column) : -1;
	if (i >= 0 && (c->r->columns[i].flags & CC_COLUMN_FORM)) {
		if (!c->values->why[i])
			c->values->why[i] = text;
	} else if (!c->values->general) {
		c->values->general = text;
	}
	return CC_E_RANGE;
}

bool cc_change_is_refused(const struct cc_change *c)
{
	bool refused = c->values->general;
	for (size_t i = 0; i < c->values->count; i++)
		refused |= c->values->why[i] != NULL;
	return refused;
}

const char *cc_change_why(struct cc_change *c)
{
	if (c->values->general)
		return c->values->general;
	for (size_t i = 0; i < c->values->count; i++)
		if (c->values->why[i])
			return cc_sprintf(
					c->rq->arena, "%s: %s", cc_t(c->rq, c->r->columns[i].label), c->values->why[i]);
	return "";
}

/* ---- the row as it is ---- */

/* Columns whose value belongs to a change. */
static bool is_kept(const struct cc_column *c)
{
	return c->type == CC_COLUMN_HIDES ||
		   (c->flags & (CC_COLUMN_FORM | CC_COLUMN_STORED | CC_COLUMN_CREATED | CC_COLUMN_UPDATED));
}

static void value_sql(struct cc_buf *sql, const struct cc_column *c)
{
	if (!is_kept(c) || c->type == CC_COLUMN_PASSWORD ||
			(!c->value && (c->flags & CC_COLUMN_VIRTUAL)))
		cc_buf_str(sql, "NULL");
	else if (c->value || c->type == CC_COLUMN_HIDES)
		cc_buf_str(sql, c->value ? c->value : c->sql);
	else
		cc_buf_printf(sql, "t.%s", cc_column_field(c));
}

/* A text that changes when any value of the form does: the row's version, without a column for it.
 */
static void version_make(struct cc_change *c)
{
	unsigned char hash[16];
	crypto_generichash_state state;
	struct cc_change_values *v = c->values;
	crypto_generichash_init(&state, NULL, 0, sizeof hash);
	for (size_t i = 0; i < v->count; i++) {
		const char *text = v->before[i] ? v->before[i] : "";
		unsigned char null = !v->before[i];
		if (!(c->r->columns[i].flags & CC_COLUMN_FORM) ||
				(c->r->columns[i].flags & CC_COLUMN_SHOWN))
			continue;
		crypto_generichash_update(&state, &null, 1);
		crypto_generichash_update(&state, (const unsigned char *)text, strlen(text) + 1);
	}
	crypto_generichash_final(&state, hash, sizeof hash);
	sodium_bin2hex(v->version, sizeof v->version, hash, sizeof hash);
}

int cc_change_load(struct cc_change *c, bool lock)
{
	struct cc_request *rq = c->rq;
	const struct cc_resource *r = c->r;
	struct cc_change_values *v = c->values;
	struct cc_bind key;
	struct cc_rows rows;
	struct cc_buf sql = cc_buf_new(rq->arena);
	const char *scope = cc_resource_scope(rq, r);
	int err = cc_key_bind(rq, r, c->key, &key);
	if (err)
		return err;
	cc_buf_str(&sql, "SELECT ");
	for (size_t i = 0; i < v->count; i++) {
		cc_buf_str(&sql, i ? ", " : "");
		value_sql(&sql, &r->columns[i]);
	}
	cc_buf_printf(&sql, " FROM %s WHERE %s AND %s = ?", cc_resource_from(rq->arena, r),
			cc_resource_where(r), cc_resource_key(r));
	if (scope)
		cc_buf_printf(&sql, " AND (%s)", scope);
	cc_buf_str(&sql, lock ? " FOR UPDATE" : "");
	err = cc_db_query_text(rq->db, &rows, cc_buf_text(&sql), &key, 1);
	if (err)
		return err;
	if (!rows.count)
		return CC_E_NOENT;
	for (size_t i = 0; i < v->count; i++)
		v->before[i] = v->after[i] = rows.row[0].v[i];
	version_make(c);
	return 0;
}

struct cc_choices
{
	struct cc_arena *arena;
	struct cc_rows *rows;
	size_t room;
};

void cc_choice_add(struct cc_choices *list, const char *value, const char *text,
		const char *heading, const char *language)
{
	struct cc_rows *rows = list->rows;
	if (rows->count >= OPTIONS_MAX)
		return;
	if (rows->count == list->room) {
		struct cc_row *old = rows->row;
		list->room = list->room ? list->room * 2 : 32;
		rows->row = cc_alloc(list->arena, list->room * sizeof *rows->row);
		if (rows->count)
			memcpy(rows->row, old, rows->count * sizeof *old);
	}
	const char *const texts[] = {value, text, heading ? heading : "", language ? language : ""};
	const size_t count = sizeof texts / sizeof *texts;
	struct cc_row *row = &rows->row[rows->count++];
	row->v = cc_alloc(list->arena, sizeof texts);
	row->len = cc_alloc(list->arena, count * sizeof *row->len);
	for (size_t i = 0; i < count; i++) {
		row->v[i] = cc_strdup(list->arena, texts[i]);
		row->len[i] = strlen(texts[i]);
	}
}

int cc_choices_read(struct cc_request *rq,
		int (*choices)(struct cc_request *rq, struct cc_choices *list), struct cc_rows *rows)
{
	struct cc_choices list = {.arena = rq->arena, .rows = rows};
	*rows = (struct cc_rows){0};
	return choices(rq, &list);
}

int cc_change_options(struct cc_change *c, size_t column, struct cc_rows **rows)
{
	struct cc_change_values *v = c->values;
	const struct cc_column *d = &c->r->columns[column];
	const char *sql = d->options;
	int err = 0;
	struct cc_choices list = {.arena = c->rq->arena, .rows = &v->options[column]};
	if (!v->options_read[column] && d->type == CC_COLUMN_CHOICE)
		err = cc_choices_read(c->rq, d->choices, &v->options[column]);
	else if (!v->options_read[column] && d->type == CC_COLUMN_OPTIONS && d->codes)
		for (const char *const *code = d->codes; *code; code++)
			cc_choice_add(&list, *code, cc_column_code(c->rq, d, *code), NULL, NULL);
	else if (!v->options_read[column] && sql)
		err = cc_db_query_text(c->rq->db, &v->options[column],
				cc_sprintf(c->rq->arena, "%s LIMIT %d", sql, OPTIONS_MAX), NULL, 0);
	v->options_read[column] = !err;
	*rows = &v->options[column];
	return err;
}

/* ---- writing ---- */

/* Files become rows, and those that they replace are dropped. */
static int store_files(struct cc_change *c)
{
	struct cc_change_values *v = c->values;
	int err = 0;
	for (size_t i = 0; i < v->count && !err; i++) {
		if (c->r->columns[i].type != CC_COLUMN_FILE)
			continue;
		if (v->upload[i])
			err = cc_upload_keep(c->rq, v->upload[i], &v->after[i]);
		bool drop = v->before[i] && (c->action == CC_DELETE || v->before[i] != v->after[i]);
		if (!err && drop)
			err = cc_file_drop(c->rq, v->before[i]);
	}
	return err;
}

static bool is_written(const struct cc_change *c, size_t i)
{
	const struct cc_column *d = &c->r->columns[i];
	if (d->flags & (CC_COLUMN_CREATED | CC_COLUMN_UPDATED))
		return (d->flags & CC_COLUMN_UPDATED) || c->action == CC_CREATE;
	if (!(d->flags & (CC_COLUMN_FORM | CC_COLUMN_STORED)) || (d->flags & CC_COLUMN_VIRTUAL))
		return false;
	if (c->action == CC_EDIT)
		return !same(c->values->before[i], c->values->after[i]);
	return c->values->after[i]; /* the table's own default otherwise */
}

static int insert(struct cc_change *c)
{
	struct cc_bind binds[CC_COLUMNS_MAX];
	struct cc_buf sql = cc_buf_new(c->rq->arena), marks = cc_buf_new(c->rq->arena);
	size_t n = 0;
	cc_buf_printf(&sql, "INSERT INTO %s (tenant_id", c->r->table);
	for (size_t i = 0; i < c->values->count; i++) {
		if (!is_written(c, i))
			continue;
		cc_buf_printf(&sql, ", %s", cc_column_field(&c->r->columns[i]));
		cc_buf_str(&marks, ", ?");
		binds[n++] = cc_bind_str(c->values->after[i]);
	}
	cc_buf_printf(&sql, ") VALUES ({tenant}%s)", n ? cc_buf_text(&marks) : "");
	int err = cc_db_query_text(c->rq->db, NULL, cc_buf_text(&sql), binds, n);
	if (!err) {
		c->id = cc_db_insert_id(c->rq->db);
		c->key = cc_sprintf(c->rq->arena, "%" PRId64, c->id);
	}
	return err;
}

static int update(struct cc_change *c)
{
	struct cc_bind binds[CC_COLUMNS_MAX + 1];
	struct cc_buf sql = cc_buf_new(c->rq->arena);
	size_t n = 0;
	cc_buf_printf(&sql, "UPDATE %s SET ", c->r->table);
	for (size_t i = 0; i < c->values->count; i++) {
		if (!is_written(c, i))
			continue;
		cc_buf_printf(&sql, "%s%s = ?", n ? ", " : "", cc_column_field(&c->r->columns[i]));
		binds[n++] = cc_bind_str(c->values->after[i]);
	}
	if (!n)
		return 0;
	cc_buf_str(&sql, " WHERE tenant_id = {tenant} AND id = ?");
	binds[n++] = cc_bind_int(c->id);
	return cc_db_query_text(c->rq->db, NULL, cc_buf_text(&sql), binds, n);
}

/* Says beside the right column that its value is taken. */
static int refuse_twice(struct cc_change *c)
{
	const char *text = cc_t(c->rq, "There is already one with this value.");
	const char *said = cc_db_error(c->rq->db);
	for (const struct cc_column *d = c->r->columns; d->name; d++)
		if (d->unique && strstr(said, cc_sprintf(c->rq->arena, "for key '%s'", d->unique)))
			return cc_change_refuse(c, d->name, text);
	return cc_change_refuse(c, NULL, cc_t(c->rq, "There is already one like this."));
}

static void audit_value(
		struct cc_request *rq, struct cc_jsonw *w, const struct cc_column *d, const char *value)
{
	if (d->type == CC_COLUMN_PASSWORD && value && *value)
		value = "***";
	if (d->type == CC_COLUMN_AMOUNT && value && *value)
		value = cc_money_cell(rq->arena, &cc_money_plain, strtoll(value, NULL, 10));
	cc_jsonw_strn(w, NULL, value ? value : "", value ? strnlen(value, AUDIT_VALUE) : 0);
}

static void audit_write(struct cc_jsonw *w, void *ctx)
{
	const struct cc_change *c = ctx;
	const struct cc_change_values *v = c->values;
	cc_jsonw_object(w, NULL);
	for (size_t i = 0; i < v->count; i++) {
		const struct cc_column *d = &c->r->columns[i];
		const char *after = c->action == CC_DELETE ? NULL : v->after[i];
		if (!(d->flags & CC_COLUMN_FORM) || same(v->before[i], after))
			continue;
		cc_jsonw_array(w, d->name);
		audit_value(c->rq, w, d, v->before[i]);
		audit_value(c->rq, w, d, after);
		cc_jsonw_close_array(w);
	}
	cc_jsonw_close_object(w);
}

static int audit(struct cc_change *c)
{
	const char *action = c->action == CC_CREATE ? "create"
						 : c->action == CC_EDIT ? "edit"
												: "delete";
	struct cc_arena *a = c->rq->arena;
	return cc_audit_write(c->rq, cc_sprintf(a, "%s.%s", c->r->permission, action),
			cc_sprintf(a, "%s/%s", c->r->name, c->key), cc_json_text(a, audit_write, c));
}

static void tell(struct cc_change *c)
{
	struct cc_web_state *st = c->rq->state;
	/* many rows of a batch are told once */
	for (const struct deferred *d = st->deferred; d; d = d->next)
		if (c->r->committed && d->work == c->r->committed)
			return;
	if (c->r->committed)
		cc_defer(c->rq, c->r->committed, NULL, false);
}

static bool is_changed(const struct cc_change *c)
{
	for (size_t i = 0; i < c->values->count; i++)
		if (is_kept(&c->r->columns[i]) && !same(c->values->before[i], c->values->after[i]))
			return true;
	return false;
}

int cc_change_store(struct cc_change *c)
{
	struct cc_change_values *v = c->values;
	int err = cc_change_is_refused(c) ? CC_E_RANGE : 0;
	if (!err && c->r->check)
		err = c->r->check(c);
	if (err || cc_change_is_refused(c))
		return err ? err : CC_E_RANGE;
	if (c->action == CC_EDIT && !is_changed(c))
		return 0;
	for (size_t i = 0; i < v->count; i++)
		if ((c->r->columns[i].flags & CC_COLUMN_UPDATED) ||
				(c->action == CC_CREATE && (c->r->columns[i].flags & CC_COLUMN_CREATED)))
			v->after[i] = cc_sprintf(c->rq->arena, "%" PRId64, c->rq->now_ms);
	err = store_files(c);
	if (!err)
		err = c->action == CC_CREATE ? insert(c) : update(c);
	if (err == CC_E_EXIST)
		return refuse_twice(c);
	if (err == CC_E_RANGE)
		return cc_change_refuse(c, NULL,
				cc_t(c->rq, "A value is too long or has characters that are not possible there."));
	if (!err && c->r->saved)
		err = c->r->saved(c);
	if (!err && cc_change_is_refused(c))
		err = CC_E_RANGE;
	if (!err)
		err = audit(c);
	if (!err)
		tell(c);
	return err;
}

int cc_change_uses(struct cc_change *c, const char **text)
{
	struct cc_request *rq = c->rq;
	struct cc_buf b = cc_buf_new(rq->arena);
	struct cc_bind key = cc_bind_int(c->id);
	int err = 0;
	for (const struct cc_use *u = c->r->uses; u && u->label && !err; u++) {
		struct cc_rows rows;
		err = cc_db_query_text(rq->db, &rows,
				cc_sprintf(rq->arena, "%s LIMIT %d", u->sql, USES_SHOWN + 1), &key, 1);
		if (err || !rows.count)
			continue;
		cc_buf_printf(&b, "%s%s: ", b.len ? "; " : "", cc_tc(rq, "use", u->label));
		for (size_t i = 0; i < rows.count && i < USES_SHOWN; i++)
			cc_buf_printf(&b, "%s%s", i ? ", " : "", cc_row_str(&rows.row[i], 0));
		if (rows.count > USES_SHOWN)
			cc_buf_str(&b, " …");
	}
	*text = b.len ? cc_buf_text(&b) : "";
	return err;
}

int cc_change_delete(struct cc_change *c)
{
	const char *uses;
	struct cc_buf sql = cc_buf_new(c->rq->arena);
	struct cc_bind key = cc_bind_int(c->id);
	int err = cc_change_uses(c, &uses);
	if (!err && *uses)
		return cc_change_refuse(
				c, NULL, cc_sprintf(c->rq->arena, "%s %s", cc_t(c->rq, "It is in use."), uses));
	if (!err && c->r->deleting)
		err = c->r->deleting(c);
	if (!err && cc_change_is_refused(c))
		err = CC_E_RANGE;
	if (err)
		return err;
	if (!c->r->live) /* what is retired keeps its files */
		err = store_files(c);
	if (err)
		return err;
	if (c->r->live)
		cc_buf_printf(&sql, "UPDATE %s SET %s = NULL WHERE tenant_id = {tenant} AND id = ?",
				c->r->table, c->r->live);
	else
		cc_buf_printf(&sql, "DELETE FROM %s WHERE tenant_id = {tenant} AND id = ?", c->r->table);
	err = cc_db_query_text(c->rq->db, NULL, cc_buf_text(&sql), &key, 1);
	if (!err)
		err = audit(c);
	if (!err)
		tell(c);
	return err;
}
