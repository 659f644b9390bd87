/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "repair.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "index.h"

#define AT_ONCE 1000

struct repair
{
	struct cc_job_run *job;
	const struct package *p;
	const struct field *field; /* NULL: all */
	struct cc_arena *arena;
	const char *select;
	int64_t last, total;
};

static void order_write(struct cc_jsonw *w, void *ctx)
{
	const int64_t *ids = ctx;

	cc_jsonw_object(w, NULL);
	cc_jsonw_int(w, "package_id", ids[0]);
	cc_jsonw_int(w, "field_id", ids[1]);
	cc_jsonw_close_object(w);
}

int repair_queue(struct cc_request *rq, int64_t package, int64_t field)
{
	int64_t ids[] = {package, field}, id;
	const struct cc_job_order order = {
			.kind = "crm.repair",
			.page = CC_N("Custom fields"),
			.options = "",
			.file = "",
			.parameters = cc_json_text(rq->arena, order_write, ids),
	};

	return cc_job_queue(rq, &order, &id);
}

int repair_unique(struct cc_request *rq, int64_t package, int slot, bool unique)
{
	return unique ? cc_db_exec(rq->db,
							"UPDATE customer_index SET twin = 0 WHERE tenant_id = {tenant} AND "
							"package_id = ? AND slot = ? AND twin <> 0",
							package, slot)
				  : cc_db_exec(rq->db,
							"UPDATE customer_index SET twin = customer_id WHERE tenant_id = "
							"{tenant} AND package_id = ? AND slot = ? AND twin = 0",
							package, slot);
}

/* The slots that the field is in; a telephone field shares those of all of them. */
static bool concerns(const struct repair *r, const struct index_row *row)
{
	if (!r->field)
		return true;
	if (r->field->kind == FIELD_PHONE &&
			(row->slot == INDEX_NUMBER || row->slot == INDEX_BACKWARDS))
		return true;
	return row->slot == index_slot(r->field) || row->slot == index_words(r->field);
}

static int clear(struct repair *r)
{
	struct cc_db *db = r->job->rq->db;
	int err;

	for (int slot = 1; slot < 128; slot++) {
		const struct index_row row = {.slot = (uint8_t)slot};

		if (!concerns(r, &row))
			continue;
		do
			err = cc_db_exec(db,
					"DELETE FROM customer_index WHERE tenant_id = {tenant} AND package_id = ? "
					"AND slot = ? LIMIT 10000",
					r->p->id, slot);
		while (!err && cc_db_affected(db) == 10000);
		if (!err && index_in_text(&row))
			err = cc_db_exec(db,
					"DELETE FROM customer_text WHERE tenant_id = {tenant} AND package_id = ? AND "
					"slot = ?",
					r->p->id, slot);
		if (err)
			return err;
	}
	return 0;
}

static const char *compose(struct repair *r)
{
	struct cc_buf sql = cc_buf_new(r->job->rq->arena);

	cc_buf_str(&sql, "SELECT id");
	for (size_t k = 0; k < r->p->count; k++)
		cc_buf_printf(&sql, ", %s", r->p->fields[k].column);
	cc_buf_str(&sql, " FROM customer WHERE tenant_id = {tenant} AND package_id = ? AND id > ? AND "
					 "merged_into IS NULL ORDER BY id LIMIT 1000");
	return cc_buf_text(&sql);
}

/* The next customers; *count: how many. bad of the job: values that another customer has. */
static int index_some(struct repair *r, size_t *count)
{
	struct cc_db *db = r->job->rq->db;
	const struct cc_bind binds[] = {cc_bind_int(r->p->id), cc_bind_int(r->last)};
	struct cc_rows rows = {0};
	struct index_row *index, all[INDEX_ROWS];
	size_t n = 0, taken = 0;
	int err = cc_db_query_text(db, &rows, r->select, binds, 2);

	*count = rows.count;
	index = cc_alloc(r->arena, (rows.count * INDEX_ROWS + 1) * sizeof(*index));
	for (size_t i = 0; i < rows.count && !err; i++) {
		size_t own = index_rows(r->arena, r->p, rows.row[i].v + 1, all);

		r->last = cc_row_int(&rows.row[i], 0, 0);
		for (size_t k = 0; k < own; k++)
			if (concerns(r, &all[k])) {
				index[n] = all[k];
				index[n++].customer = r->last;
			}
	}
	if (!err)
		err = index_put(db, r->arena, r->p->id, index, n, true, &taken);
	r->job->ok += (int64_t)rows.count;
	r->job->bad += (int64_t)(n - taken);
	return err;
}

static int index_all(struct repair *r)
{
	struct cc_request *rq = r->job->rq;
	const struct cc_scope scope = {rq->user->tenant, rq->user->id, rq->user->agent};
	size_t count = 0;
	int err = clear(r);

	r->select = compose(r);
	r->arena = cc_arena_new();
	cc_db_use(rq->db, r->arena, &scope);
	while (!err) {
		err = index_some(r, &count);
		if (!err)
			err = cc_job_progress_at(r->job, r->job->ok, r->total, count < AT_ONCE);
		if (count < AT_ONCE)
			break;
		cc_arena_reset(r->arena);
	}
	cc_db_use(rq->db, rq->arena, &scope);
	cc_arena_free(r->arena);
	return err;
}

int repair_run(struct cc_job_run *job)
{
	struct cc_request *rq = job->rq;
	struct repair r = {.job = job};
	struct package *p;
	struct cc_rows rows;
	int64_t field = cc_job_number(job, "field_id");
	int err;

	if (!cc_can(rq, "crm.field.edit") && !cc_can(rq, "crm.package.edit"))
		return cc_job_fail(job, CC_E_DENIED, cc_t(rq, "You have no permission for this."));
	err = package_load(rq->db, rq->arena, cc_job_number(job, "package_id"), &p);
	if (err)
		return err;
	r.p = p;
	for (size_t i = 0; i < p->count; i++)
		if (field && p->fields[i].id == field)
			r.field = &p->fields[i];
	if (field && !r.field)
		return cc_job_fail(job, CC_E_NOENT, cc_t(rq, "The field is not there any more."));
	err = cc_db_query(rq->db, &rows,
			"SELECT COUNT(*) FROM customer WHERE tenant_id = {tenant} AND package_id = ?", p->id);
	if (err)
		return err;
	r.total = cc_row_int(&rows.row[0], 0, 0);
	err = index_all(&r);
	if (!err)
		snprintf(job->said, sizeof(job->said), "%lld", (long long)job->ok);
	return err;
}
