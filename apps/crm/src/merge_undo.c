/* SPDX-License-Identifier: GPL-2.0-or-later
 * Undoing a merge: the others are customers again, with what hung on them, and the survivor has its
 * old values back where nobody changed them since. */
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>
#include "index.h"
#include "merge.h"

struct undo
{
	struct cc_request *rq;
	const struct package *p;
	size_t columns;
	int64_t id, survivor;
	const char *all; /* the survivor and the others, as a JSON array */
	struct json_object *changed;
	struct cc_rows rows; /* of them: id, merged_into, columns */
};

#define VALUES 2 /* columns of rows before them */

/* ---- what was merged ---- */

static int load_merge(struct undo *u, int64_t *package)
{
	struct cc_rows rows;
	struct cc_row row;
	struct cc_request *rq = u->rq;
	int err = cc_resource_get(rq, &crm_merges, cc_sprintf(rq->arena, "%" PRId64, u->id), &row);

	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT package_id, customer_id, value, state FROM customer_merge WHERE tenant_id "
				"= {tenant} AND id = ? FOR UPDATE",
				u->id);
	if (!err && !rows.count)
		err = CC_E_NOENT;
	if (!err && strcmp(cc_row_str(&rows.row[0], 3), "done") != 0)
		err = CC_E_STATE;
	if (err)
		return err;
	*package = cc_row_int(&rows.row[0], 0, 0);
	u->survivor = cc_row_int(&rows.row[0], 1, 0);
	u->changed = json_tokener_parse(cc_row_str(&rows.row[0], 2));
	if (!u->changed)
		return CC_E_CORRUPT;
	err = cc_db_query(rq->db, &rows,
			"SELECT CONCAT('[', ?, ',', GROUP_CONCAT(customer_id), ']') FROM customer_merged WHERE "
			"tenant_id = {tenant} AND merge_id = ?",
			u->survivor, u->id);
	if (!err)
		u->all = cc_row_str(&rows.row[0], 0);
	return err;
}

static int load_customers(struct undo *u)
{
	struct cc_buf sql = cc_buf_new(u->rq->arena);
	const struct cc_bind bind = cc_bind_str(u->all);

	cc_buf_str(&sql, "SELECT id, merged_into");
	for (size_t k = 0; k < u->columns; k++)
		cc_buf_printf(&sql, ", %s", merge_column(u->p, k));
	cc_buf_str(&sql, " FROM customer WHERE tenant_id = {tenant} AND id IN (" CC_MANY_KEYS
					 ") ORDER BY id FOR UPDATE");
	return cc_db_query_text(u->rq->db, &u->rows, cc_buf_text(&sql), &bind, 1);
}

static bool is_survivor(const struct undo *u, const struct cc_row *row)
{
	return cc_row_int(row, 0, 0) == u->survivor;
}

/* ---- the survivor ---- */

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The pair of the column in what was changed: NULL if it was not. */
static struct json_object *change_of(const struct undo *u, size_t column)
{
	struct json_object *pair;

	return json_object_object_get_ex(u->changed, merge_column(u->p, column), &pair) ? pair : NULL;
}

static const char *text_at(const struct json_object *pair, size_t i)
{
	struct json_object *o = json_object_array_get_idx(pair, i);

	return o ? json_object_get_string(o) : NULL;
}

/* Its columns as they will be. Whoever was declared not to be called since stays so. */
static void values_back(const struct undo *u, const char **now, const char **back)
{
	size_t n = u->p->count, updated = n + MERGE_UPDATED, no_call = n + MERGE_NO_CALL;
	bool touched = !same(now[updated], text_at(change_of(u, updated), 1));
	const char *e164;

	for (size_t k = 0; k < u->columns; k++) {
		const struct json_object *pair = change_of(u, k);
		bool own = pair && same(now[k], text_at(pair, 1));

		back[k] = own && !(k == no_call && touched) ? text_at(pair, 0) : now[k];
	}
	if (touched)
		back[updated] = cc_sprintf(u->rq->arena, "%" PRId64, u->rq->now_ms);
	e164 = package_e164(u->rq->arena, u->p, back[u->p->phone - u->p->fields]);
	back[n + MERGE_E164] = *e164 ? e164 : NULL;
}

/* ---- the index ---- */

/* Adds the rows of a customer with these values. */
static size_t rows_of(
		const struct undo *u, int64_t customer, const char *const value[], struct index_row *rows)
{
	size_t n = index_rows(u->rq->arena, u->p, value, rows);

	for (size_t i = 0; i < n; i++)
		rows[i].customer = customer;
	return n;
}

static bool is_member(const struct undo *u, int64_t customer)
{
	for (size_t i = 0; i < u->rows.count; i++)
		if (cc_row_int(&u->rows.row[i], 0, 0) == customer)
			return true;
	return false;
}

/* What they are found by, unless somebody else has a number or value of theirs by now. */
static int put_index(
		struct undo *u, const char *const now[], const char *const back[], int64_t *other)
{
	struct cc_request *rq = u->rq;
	struct index_row *rows = cc_alloc(rq->arena, u->rows.count * INDEX_ROWS * sizeof(*rows));
	struct index_row *asked = cc_alloc(rq->arena, u->rows.count * INDEX_ROWS * sizeof(*asked));
	size_t n = now ? rows_of(u, u->survivor, now, rows) : 0, taken;
	int err = index_remove(rq->db, rq->arena, u->p->id, rows, n);

	n = 0;
	for (size_t i = 0; i < u->rows.count; i++) {
		const struct cc_row *row = &u->rows.row[i];

		n += rows_of(
				u, cc_row_int(row, 0, 0), is_survivor(u, row) ? back : row->v + VALUES, rows + n);
	}
	memcpy(asked, rows, n * sizeof(*rows));
	if (!err)
		err = index_find(rq->db, rq->arena, u->p->id, asked, n);
	for (size_t i = 0; i < n && !err; i++)
		if (asked[i].unique && asked[i].customer && !is_member(u, asked[i].customer)) {
			*other = asked[i].customer;
			err = CC_E_EXIST;
		}
	/* of two members with one number the first had it */
	return err ? err : index_put(rq->db, rq->arena, u->p->id, rows, n, true, &taken);
}

/* ---- undoing ---- */

static int put_back(struct undo *u, int64_t *other)
{
	struct cc_request *rq = u->rq;
	const char **now = NULL, *back[MERGE_COLUMNS] = {NULL};
	int err;

	for (size_t i = 0; i < u->rows.count; i++) {
		const struct cc_row *row = &u->rows.row[i];
		int64_t into = cc_row_int(row, 1, 0);

		if (into != (is_survivor(u, row) ? 0 : u->survivor))
			return CC_E_STATE;
		if (is_survivor(u, row))
			now = row->v + VALUES;
	}
	if (now) /* it may have been deleted since */
		values_back(u, now, back);
	err = put_index(u, now, back, other);
	if (!err && now)
		err = merge_write(rq, u->p, u->survivor, back);
	if (!err)
		err = cc_db_exec(rq->db,
				"UPDATE " CC_MANY_TABLE " JOIN customer c ON c.tenant_id = {tenant} AND c.id = j.k "
				"SET c.merged_into = NULL WHERE c.merged_into = ?",
				u->all, u->survivor);
	if (!err)
		err = merge_rows_return(rq->db, u->id, u->survivor);
	if (!err)
		err = merge_rows_latest(rq->db, rq->arena, u->all);
	if (!err)
		err = cc_db_exec(rq->db,
				"UPDATE customer_merge SET state = 'undone', undone_at = ?, undone_by = ? WHERE "
				"tenant_id = {tenant} AND id = ?",
				rq->now_ms, rq->user->name, u->id);
	return err;
}

int merge_undo(struct cc_request *rq, int64_t id, int64_t *other)
{
	struct undo u = {.rq = rq, .id = id};
	const struct cc_resource *r;
	int64_t package;
	int err = load_merge(&u, &package);

	if (!err)
		err = customer_table(rq, package, &r);
	if (err)
		goto out;
	u.p = customer_package(r);
	u.columns = u.p->count + MERGE_EXTRA;
	err = load_customers(&u);
	if (!err)
		err = put_back(&u, other);
	if (!err)
		err = cc_audit_write(rq, "crm.customers.unmerge",
				cc_sprintf(rq->arena, "customers/%" PRId64, u.survivor),
				cc_sprintf(rq->arena, "{\"merge\":%" PRId64 ",\"customers\":%s}", id, u.all));
out:
	json_object_put(u.changed);
	return err;
}
