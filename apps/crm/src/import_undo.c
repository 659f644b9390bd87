/* SPDX-License-Identifier: GPL-2.0-or-later
 * Taking back a batch, and emptying one that did not commit. */
#include <stdlib.h>
#include <string.h>
#include "cc/clock.h"
#include "import_private.h"

#define AT_ONCE 1000

struct remover
{
	struct cc_db *db;
	struct cc_arena *arena;
	const struct package *p;
	int64_t batch, first, last;
	const char *select;
};

static const char *select_customers(struct remover *m)
{
	struct cc_buf sql = cc_buf_new(m->arena);

	cc_buf_str(&sql, "SELECT id");
	for (size_t k = 0; k < m->p->count; k++)
		cc_buf_printf(&sql, ", %s", m->p->fields[k].column);
	cc_buf_str(&sql, " FROM customer WHERE tenant_id = {tenant} AND id BETWEEN ? AND ? AND "
					 "batch_id = ? ORDER BY id LIMIT 1000");
	return cc_buf_text(&sql);
}

/* Customers, with what they are searched by and their tags. */
static int remove_rows(struct remover *m, const struct cc_rows *rows)
{
	struct index_row *index = cc_alloc(m->arena, (rows->count * INDEX_ROWS + 1) * sizeof(*index));
	struct cc_bind *ids = cc_alloc(m->arena, (rows->count + 1) * sizeof(*ids));
	size_t n = 0;
	int err;

	for (size_t i = 0; i < rows->count; i++) {
		int64_t id = cc_row_int(&rows->row[i], 0, 0);
		size_t own = index_rows(m->arena, m->p, rows->row[i].v + 1, index + n);

		for (size_t k = 0; k < own; k++)
			index[n + k].customer = id;
		n += own;
		ids[i] = cc_bind_int(id);
	}
	err = index_remove(m->db, m->arena, m->p->id, index, n);
	if (!err)
		err = cc_db_bulk(m->db,
				"DELETE FROM customer_tagged WHERE tenant_id = {tenant} AND customer_id = ?", ids,
				rows->count);
	if (!err)
		err = cc_db_bulk(m->db,
				"DELETE FROM customer_task WHERE tenant_id = {tenant} AND customer_id = ?", ids,
				rows->count);
	if (!err)
		err = cc_db_bulk(m->db, "DELETE FROM customer WHERE tenant_id = {tenant} AND id = ?", ids,
				rows->count);
	return err;
}

/* The next customers of the batch, in a transaction; *count: how many. */
static int remove_some(struct remover *m, size_t *count)
{
	struct cc_rows rows = {0};
	const struct cc_bind binds[] = {
			cc_bind_int(m->first), cc_bind_int(m->last), cc_bind_int(m->batch)};
	int err;

	cc_db_begin(m->db, false);
	err = cc_db_query_text(m->db, &rows, m->select, binds, 3);
	if (!err && rows.count)
		err = remove_rows(m, &rows);
	*count = rows.count;
	if (!err && rows.count)
		m->first = cc_row_int(&rows.row[rows.count - 1], 0, 0) + 1;
	if (err)
		cc_db_rollback(m->db);
	else
		err = cc_db_commit(m->db);
	return err;
}

/* The customers of a batch that nobody sees, piece by piece. */
static int remove_customers(
		struct cc_db *db, struct cc_arena *arena, const struct package *p, int64_t batch)
{
	struct remover m = {.db = db, .arena = arena, .p = p, .batch = batch};
	struct cc_arena *own = cc_arena_new();
	struct cc_rows rows = {0};
	size_t count = 0;
	int err = cc_db_query(db, &rows,
			"SELECT first_id, last_id FROM customer_batch WHERE tenant_id = {tenant} AND id = ?",
			batch);

	if (err || !rows.count)
		goto out;
	m.first = cc_row_int(&rows.row[0], 0, 0);
	m.last = cc_row_int(&rows.row[0], 1, -1);
	m.select = cc_strdup(own, select_customers(&m));
	do {
		cc_arena_reset(arena);
		err = remove_some(&m, &count);
	} while (!err && count == AT_ONCE);
	if (!err) /* nothing is left to be hidden */
		err = cc_db_exec(db,
				"UPDATE customer_batch SET hidden = state = 'running', first_id = NULL, last_id = "
				"NULL WHERE tenant_id = {tenant} AND id = ?",
				batch);
out:
	cc_arena_free(own);
	return err;
}

int import_discard(struct cc_db *db, struct cc_arena *arena, const struct package *p, int64_t batch)
{
	int err = remove_customers(db, arena, p, batch);

	if (!err)
		err = cc_db_exec(db,
				"DELETE FROM customer_change WHERE tenant_id = {tenant} AND batch_id = ?", batch);
	return err;
}

static int restore_changed(struct import_page *g, int64_t committed_at, int64_t now, uint64_t *kept)
{
	int err;

	while (!(err = import_page_load(g, "customer_before")) && g->count) {
		for (size_t i = 0; i < g->count; i++)
			g->targets[i].refused = g->targets[i].updated_at != committed_at;
		err = import_page_change(g, now, false);
		if (err)
			return err;
		for (size_t i = 0; i < g->count; i++)
			*kept += g->targets[i].refused;
		cc_arena_reset(g->arena);
	}
	return err;
}

static int undo(struct import_page *g, uint64_t *kept)
{
	struct cc_rows rows = {0};
	int64_t now = cc_clock_utc_ms(), committed_at, first, last;
	int err = cc_db_query(g->db, &rows,
			"SELECT committed_at, first_id, last_id FROM customer_batch WHERE tenant_id = {tenant} "
			"AND id = ? AND "
			"state = "
			"'committed' FOR UPDATE",
			g->batch);

	if (err || rows.count == 0)
		return err ? err : CC_E_STATE;
	committed_at = cc_row_int(&rows.row[0], 0, 0);
	first = cc_row_int(&rows.row[0], 1, 0);
	last = cc_row_int(&rows.row[0], 2, -1);
	err = restore_changed(g, committed_at, now, kept);
	if (!err) /* what it changed in customers that were merged since stays as it is */
		err = cc_db_exec(g->db,
				"DELETE v FROM customer_before v JOIN customer c ON c.tenant_id = v.tenant_id AND "
				"c.id = v.customer_id WHERE v.tenant_id = {tenant} AND v.batch_id = ? AND "
				"c.merged_into IS NOT NULL",
				g->batch);
	if (!err)
		*kept += (uint64_t)cc_db_affected(g->db);
	if (!err) /* its customers that somebody works with or merged stay, as anybody's */
		err = cc_db_exec(g->db,
				"UPDATE customer SET batch_id = 0 WHERE tenant_id = {tenant} AND id BETWEEN ? AND "
				"? "
				"AND batch_id = ? AND (updated_at > ? OR merged_into IS NOT NULL)",
				first, last, g->batch, committed_at);
	if (!err)
		*kept += (uint64_t)cc_db_affected(g->db);
	if (!err) /* who was called from its list stays there */
		err = cc_db_exec(g->db,
				"DELETE FROM call_task_customer WHERE tenant_id = {tenant} AND batch_id = ? AND "
				"state = 'new' AND attempts = 0",
				g->batch);
	if (!err)
		err = cc_db_exec(g->db,
				"UPDATE call_task_customer SET batch_id = 0 WHERE tenant_id = {tenant} AND "
				"batch_id = ?",
				g->batch);
	if (!err)
		err = cc_db_exec(g->db,
				"DELETE FROM customer_before WHERE tenant_id = {tenant} AND batch_id = ?",
				g->batch);
	if (!err)
		err = cc_db_exec(g->db,
				"UPDATE customer_batch SET state = 'undone', hidden = 1, updated_at = ? WHERE "
				"tenant_id = "
				"{tenant} "
				"AND id = ?",
				now, g->batch);
	return err;
}

int import_undo(struct cc_db *db, const struct cc_scope *scope, struct cc_arena *own,
		const struct package *p, int64_t batch, uint64_t *kept)
{
	struct cc_arena *arena = cc_arena_new();
	struct import_page *g = calloc(1, sizeof(*g));
	int err = g ? 0 : CC_E_NOMEM;

	*kept = 0;
	if (err)
		goto out;
	*g = (struct import_page){.db = db, .p = p, .batch = batch, .arena = arena};
	cc_db_use(db, arena, scope);
	cc_db_begin(db, false);
	err = undo(g, kept);
	if (err)
		cc_db_rollback(db);
	else
		err = cc_db_commit(db);
	if (!err) /* nobody sees them any more */
		err = remove_customers(db, arena, p, batch);
	cc_db_use(db, own, scope);
out:
	cc_arena_free(arena);
	free(g);
	return err;
}
