/* SPDX-License-Identifier: GPL-2.0-or-later
 * Committing a batch. Changes of customers are made page by page inside one transaction: values and
 * index together. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include "cc/clock.h"
#include "import_private.h"
#include "values.h"

static const char *select_targets(const struct import_page *g, const char *table)
{
	struct cc_buf sql = cc_buf_new(g->arena);

	cc_buf_str(&sql, "SELECT c.id, c.updated_at, v.value");
	for (size_t k = 0; k < g->p->count; k++)
		cc_buf_printf(&sql, ", c.%s", g->p->fields[k].column);
	cc_buf_printf(&sql,
			" FROM %s v JOIN customer c ON c.tenant_id = v.tenant_id AND c.id = v.customer_id AND "
			"c.merged_into IS NULL "
			"WHERE v.tenant_id = {tenant} AND v.batch_id = ? AND v.customer_id > ? AND v.value <> "
			"'{}' ORDER BY v.customer_id LIMIT 200 FOR UPDATE",
			table);
	return cc_buf_text(&sql);
}

int import_page_load(struct import_page *g, const char *table)
{
	struct cc_rows rows = {0};
	const struct cc_bind binds[] = {cc_bind_int(g->batch), cc_bind_int(g->last)};
	int err = cc_db_query_text(g->db, &rows, select_targets(g, table), binds, 2);

	g->count = 0;
	for (size_t i = 0; i < rows.count && !err; i++) {
		struct import_target *t = &g->targets[g->count++];
		struct json_object *o = json_tokener_parse(cc_row_str(&rows.row[i], 2)), *value;

		*t = (struct import_target){
				.id = cc_row_int(&rows.row[i], 0, 0), .updated_at = cc_row_int(&rows.row[i], 1, 0)};
		for (size_t k = 0; k < g->p->count; k++) {
			t->old[k] = t->now[k] = rows.row[i].v[3 + k];
			if (json_object_object_get_ex(o, g->p->fields[k].column, &value))
				t->now[k] = value ? cc_strdup(g->arena, json_object_get_string(value)) : NULL;
		}
		json_object_put(o);
		g->last = t->id;
	}
	return err;
}

/* The index as it will be: who would take what is another's is refused, and of two customers of the
 * page who would take the same the later one. */
static int refuse_taken(struct import_page *g, struct index_row *rows, const size_t *own)
{
	size_t n = 0, first = 0;
	int err;

	for (size_t i = 0; i < g->count; i++)
		n += own[i];
	err = index_find(g->db, g->arena, g->p->id, rows, n);
	for (size_t i = 0; i < g->count && !err; first += own[i++]) {
		struct import_target *t = &g->targets[i];

		for (size_t k = first; k < first + own[i]; k++)
			t->refused |= rows[k].customer && rows[k].customer != t->id;
		for (size_t k = first; k < first + own[i] && !t->refused; k++)
			for (size_t e = 0; e < first && rows[k].unique && !t->refused; e++)
				t->refused = rows[e].unique && rows[e].customer &&
							 index_compare(&rows[e], &rows[k]) == 0;
		/* those of a refused one are nobody's from here on */
		for (size_t k = first; k < first + own[i]; k++)
			rows[k].customer = t->refused ? 0 : t->id;
	}
	return err;
}

/* Index rows of the page's customers, before or after; own: how many of each. */
static struct index_row *rows_of(struct import_page *g, bool before, size_t own[IMPORT_PAGE])
{
	struct index_row *rows = cc_alloc(g->arena, (g->count + 1) * INDEX_ROWS * sizeof(*rows));
	size_t n = 0;

	for (size_t i = 0; i < g->count; i++) {
		struct import_target *t = &g->targets[i];

		own[i] = index_rows(g->arena, g->p, before ? t->old : t->now, rows + n);
		for (size_t k = 0; k < own[i]; k++)
			rows[n + k].customer = t->id;
		n += own[i];
	}
	return rows;
}

/* Rows of customers that are not refused, moved together. */
static size_t without_refused(struct import_page *g, struct index_row *rows, const size_t *own)
{
	size_t n = 0, at = 0;

	for (size_t i = 0; i < g->count; i++)
		for (size_t k = 0; k < own[i]; k++, at++)
			if (!g->targets[i].refused)
				rows[n++] = rows[at];
	return n;
}

static int move_index(struct import_page *g, struct index_row *after, const size_t *own)
{
	size_t had[IMPORT_PAGE];
	struct index_row *before = rows_of(g, true, had);
	size_t n = without_refused(g, before, had);
	int err = index_remove(g->db, g->arena, g->p->id, before, n);

	n = without_refused(g, after, own);
	return err ? err : index_put(g->db, g->arena, g->p->id, after, n, false, NULL);
}

static int write_values(struct import_page *g, int64_t now)
{
	const struct package *p = g->p;
	struct cc_buf sql = cc_buf_new(g->arena);
	struct cc_bind *binds = cc_alloc(g->arena, IMPORT_PAGE * (PACKAGE_FIELDS + 4) * sizeof(*binds));
	struct cc_bind *b = binds;

	cc_buf_str(&sql, "UPDATE customer SET phone_e164 = ?, updated_at = ?");
	for (size_t k = 0; k < p->count; k++)
		cc_buf_printf(&sql, ", %s = ?", p->fields[k].column);
	cc_buf_str(&sql, " WHERE tenant_id = {tenant} AND id = ?");
	for (size_t i = 0; i < g->count; i++) {
		const struct import_target *t = &g->targets[i];

		if (t->refused)
			continue;
		const char *e164 = package_e164(g->arena, p, t->now[p->phone - p->fields]);

		*b++ = cc_bind_str(*e164 ? e164 : NULL);
		*b++ = cc_bind_int(now);
		for (size_t k = 0; k < p->count; k++)
			*b++ = bind_value(&p->fields[k], t->now[k]);
		*b++ = cc_bind_int(t->id);
	}
	return cc_db_bulk(g->db, cc_buf_text(&sql), binds, (size_t)(b - binds));
}

/* What the customers were, for undoing: the columns that change. */
static int write_before(struct import_page *g)
{
	struct cc_bind *binds = cc_alloc(g->arena, IMPORT_PAGE * 3 * sizeof(*binds)), *b = binds;

	for (size_t i = 0; i < g->count; i++) {
		const struct import_target *t = &g->targets[i];
		if (t->refused)
			continue;
		struct json_object *o = json_object_new_object();

		for (size_t k = 0; k < g->p->count; k++)
			if (t->now[k] != t->old[k])
				json_object_object_add(o, g->p->fields[k].column,
						t->old[k] ? json_object_new_string(t->old[k]) : NULL);
		*b++ = cc_bind_int(g->batch);
		*b++ = cc_bind_int(t->id);
		*b++ = cc_bind_str(
				cc_strdup(g->arena, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN)));
		json_object_put(o);
	}
	return cc_db_bulk(g->db,
			"INSERT INTO customer_before (tenant_id, batch_id, customer_id, value) VALUES "
			"({tenant}, "
			"?, ?, ?)",
			binds, (size_t)(b - binds));
}

int import_page_change(struct import_page *g, int64_t now, bool keep)
{
	size_t own[IMPORT_PAGE];
	struct index_row *after = rows_of(g, false, own);
	int err = refuse_taken(g, after, own);

	if (!err && keep)
		err = write_before(g);
	if (!err)
		err = move_index(g, after, own);
	return err ? err : write_values(g, now);
}

/* Filling leaves what is there. */
static void keep_filled(struct import_page *g)
{
	for (size_t i = 0; i < g->count; i++)
		for (size_t k = 0; k < g->p->count; k++)
			if (g->targets[i].old[k] && *g->targets[i].old[k])
				g->targets[i].now[k] = g->targets[i].old[k];
}

/* Part of a row may not suit what the customer keeps: a town without its province. */
static void refuse_unlinked(struct import_page *g)
{
	for (size_t i = 0; i < g->count; i++) {
		struct import_target *t = &g->targets[i];

		for (size_t k = 0; k < g->p->count; k++) {
			const struct field *f = &g->p->fields[k], *above = field_above(g->p, f);
			size_t at = above ? (size_t)(above - g->p->fields) : 0;

			if (!above || !t->now[k] || !t->now[at] ||
					(t->now[k] == t->old[k] && t->now[at] == t->old[at]))
				continue;
			t->refused |= !field_belongs(f, t->now[at], t->now[k]);
		}
	}
}

static int commit_changes(
		struct import_page *g, const struct import *m, int64_t now, struct import_result *result)
{
	int err;

	while (!(err = import_page_load(g, "customer_change")) && g->count) {
		if (m->duplicate == IMPORT_FILL)
			keep_filled(g);
		refuse_unlinked(g);
		err = import_page_change(g, now, true);
		if (err)
			return err;
		for (size_t i = 0; i < g->count; i++) {
			result->changed += !g->targets[i].refused;
			result->skipped += g->targets[i].refused;
		}
		cc_arena_reset(g->arena);
	}
	return err;
}

/* OUT-03: those of the duplicates who are in no call task yet; new customers are in it already, but
 * not when it is gone meanwhile. */
static int list_customers(struct cc_db *db, const struct import *m, int64_t now)
{
	struct cc_rows rows;
	int err = cc_db_query(db, &rows,
			"SELECT 1 FROM call_task WHERE tenant_id = {tenant} AND id = ? FOR UPDATE", m->task);

	if (err)
		return err;
	if (!rows.count)
		return cc_db_exec(db,
				"DELETE FROM call_task_customer WHERE tenant_id = {tenant} AND task_id = ?",
				m->task);
	return !m->list_duplicates
				   ? 0
				   : cc_db_exec(db,
							 "INSERT IGNORE INTO call_task_customer (tenant_id, task_id, "
							 "customer_id, agent_id, batch_id, added_at, added_by) SELECT "
							 "c.tenant_id, ?, c.id, c.agent_id, b.id, ?, b.name FROM "
							 "customer_change v JOIN customer_batch b ON b.tenant_id = "
							 "v.tenant_id AND b.id = v.batch_id JOIN customer c ON c.tenant_id = "
							 "v.tenant_id AND c.id = v.customer_id AND c.merged_into IS NULL "
							 "WHERE v.tenant_id = {tenant} AND v.batch_id = ? ORDER BY c.id",
							 m->task, now, m->batch);
}

int import_commit(struct cc_db *db, const struct import *m, struct cc_arena *arena,
		struct import_result *result)
{
	struct import_page *g = cc_alloc(m->arena, sizeof(*g));
	int64_t now = cc_clock_utc_ms();
	int err;

	*g = (struct import_page){.db = db, .p = m->package, .batch = m->batch, .arena = arena};
	cc_db_begin(db, false);
	err = commit_changes(g, m, now, result);
	for (size_t i = 0; i < m->tag_count && !err; i++)
		err = cc_db_exec(db,
				"INSERT INTO customer_tagged (tenant_id, tag_id, customer_id) SELECT c.tenant_id, "
				"?, "
				"c.id FROM customer c JOIN customer_batch b ON b.tenant_id = c.tenant_id AND b.id "
				"= ? "
				"WHERE c.tenant_id = {tenant} AND c.id BETWEEN b.first_id AND b.last_id AND "
				"c.batch_id = b.id",
				m->tags[i], m->batch);
	if (!err && m->task)
		err = list_customers(db, m, now);
	/* who gets a customer has to call it */
	if (!err && (m->agent || m->agent_column >= 0))
		err = cc_db_exec(db,
				"INSERT IGNORE INTO customer_task (tenant_id, agent_id, customer_id, package_id, "
				"added_at, added_by) SELECT c.tenant_id, c.agent_id, c.id, c.package_id, ?, b.name "
				"FROM customer c JOIN customer_batch b ON b.tenant_id = c.tenant_id AND b.id = ? "
				"WHERE c.tenant_id = {tenant} AND c.id BETWEEN b.first_id AND b.last_id AND "
				"c.batch_id = b.id AND c.agent_id IS NOT NULL",
				now, m->batch);
	if (!err)
		err = cc_db_exec(db,
				"UPDATE customer_batch SET state = 'committed', hidden = 0, committed_at = ?, "
				"updated_at = ?, "
				"rows_read = ?, rows_new = ?, rows_changed = ?, rows_skipped = ?, rows_bad = ? "
				"WHERE tenant_id = {tenant} AND id = ? AND state = 'running'",
				now, now, (int64_t)result->rows, (int64_t)result->created, (int64_t)result->changed,
				(int64_t)result->skipped, (int64_t)result->bad, m->batch);
	if (!err && cc_db_affected(db) != 1)
		err = CC_E_STATE; /* cancelled */
	if (!err)
		err = cc_db_exec(db,
				"DELETE FROM customer_change WHERE tenant_id = {tenant} AND batch_id = ?",
				m->batch);
	if (err)
		cc_db_rollback(db);
	else
		err = cc_db_commit(db);
	return err;
}
