/* SPDX-License-Identifier: GPL-2.0-or-later
 * Writing of blocks, while the next one is read: the first writer makes customers and takes what is
 * unique, in a transaction of its own each block; the second one writes what they are searched by;
 * the third one, when there is a call task, puts them into it. Nobody sees them before the batch
 * commits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/clock.h"
#include "import_private.h"
#include "values.h"

#define TRIES 5 /* of a block that met somebody else's change */

struct writer
{
	struct import_line *line;
	struct cc_db *db;
	struct cc_arena *arena;
	struct index_row *rows; /* of a block, gathered */
	bool ask_first;         /* the last block had many duplicates: first look, then write */
};

/* ---- the line ---- */

static void stop(struct import_line *line, int err, const char *problem)
{
	pthread_mutex_lock(&line->lock);
	if (!line->err) {
		line->err = err;
		snprintf(line->problem, sizeof(line->problem), "%s", problem);
	}
	pthread_cond_broadcast(&line->moved);
	pthread_mutex_unlock(&line->lock);
}

static void set_stage(struct import_line *line, struct import_block *block, enum import_stage stage)
{
	pthread_mutex_lock(&line->lock);
	block->stage = stage;
	pthread_cond_broadcast(&line->moved);
	pthread_mutex_unlock(&line->lock);
}

/* Waits until block number n is at the stage: NULL: there is none, or an error. */
static struct import_block *wait_for(struct import_line *line, uint64_t n, enum import_stage stage)
{
	struct import_block *block = &line->blocks[n % IMPORT_BLOCKS];

	pthread_mutex_lock(&line->lock);
	while (!line->err && block->stage != stage && !(line->ended && n >= line->filled))
		pthread_cond_wait(&line->moved, &line->lock);
	if (line->err || block->stage != stage)
		block = NULL;
	pthread_mutex_unlock(&line->lock);
	return block;
}

struct import_block *import_line_take(struct import_line *line)
{
	struct import_block *block = wait_for(line, line->filled, IMPORT_FREE);

	if (block) {
		cc_arena_reset(block->arena);
		block->count = 0;
	}
	return block;
}

void import_line_give(struct import_line *line, struct import_block *block)
{
	pthread_mutex_lock(&line->lock);
	line->filled++;
	block->stage = IMPORT_READ;
	pthread_cond_broadcast(&line->moved);
	pthread_mutex_unlock(&line->lock);
}

/* ---- the first writer ---- */

struct unique
{
	struct index_row *row;
	struct import_row *of;
};

static int by_key_and_place(const void *a, const void *b)
{
	const struct unique *x = a, *y = b;
	int order = index_compare(x->row, y->row);

	return order ? order : x->of < y->of ? -1 : x->of > y->of;
}

/* Which rows duplicate an earlier one of the block. */
static void find_twins(struct writer *w, struct import_block *block)
{
	struct unique *all = cc_alloc(w->arena, (block->count * INDEX_ROWS + 1) * sizeof(*all));
	size_t n = 0;

	for (size_t i = 0; i < block->count; i++)
		for (size_t k = 0; k < block->rows[i].unique; k++)
			all[n++] = (struct unique){&block->rows[i].index[k], &block->rows[i]};
	qsort(all, n, sizeof(*all), by_key_and_place);
	for (size_t i = 1; i < n; i++)
		if (index_compare(all[i].row, all[i - 1].row) == 0 && !all[i].of->twin)
			all[i].of->twin = all[i - 1].of->twin ? all[i - 1].of->twin : all[i - 1].of;
}

/* The unique rows of the block's rows that are to become, or became, customers. */
static size_t gather(struct writer *w, struct import_block *block)
{
	size_t n = 0;

	for (size_t i = 0; i < block->count; i++) {
		struct import_row *row = &block->rows[i];

		for (size_t k = 0; k < row->unique && !row->twin && !row->existing; k++) {
			w->rows[n] = row->index[k];
			w->rows[n++].customer = row->customer;
		}
	}
	return n;
}

/* Who has what the block's rows would take. */
static int find_existing(struct writer *w, struct import_block *block)
{
	int64_t package = w->line->import->package->id;
	size_t n = gather(w, block), at = 0;
	int err = index_find(w->db, w->arena, package, w->rows, n);

	for (size_t i = 0; i < block->count && !err; i++) {
		struct import_row *row = &block->rows[i];
		size_t own = row->twin || row->existing ? 0 : row->unique;

		for (size_t k = 0; k < own; k++, at++)
			if (!row->existing && w->rows[at].customer && w->rows[at].customer != row->customer)
				row->existing = w->rows[at].customer;
	}
	return err;
}

static void bind_row(
		struct writer *w, struct cc_bind **b, const struct import_row *row, int64_t now)
{
	const struct import *m = w->line->import;
	const struct package *p = m->package;
	const char *phone = row->values[p->phone - p->fields];
	const char *e164 = package_e164(w->arena, p, phone);

	*(*b)++ = cc_bind_int(p->id);
	*(*b)++ = cc_bind_int(m->batch);
	*(*b)++ = bind_id(w->arena, m->source);
	*(*b)++ = bind_id(w->arena, m->type);
	*(*b)++ = bind_id(w->arena, m->group);
	*(*b)++ = bind_id(w->arena, row->agent);
	*(*b)++ = bind_id(w->arena, row->agent || m->group ? now : 0);
	*(*b)++ = bind_id(w->arena, m->user);
	*(*b)++ = cc_bind_str(*e164 ? e164 : NULL);
	*(*b)++ = cc_bind_int(now);
	*(*b)++ = cc_bind_int(now);
	for (size_t k = 0; k < p->count; k++)
		if (w->line->mapped[k])
			*(*b)++ = bind_value(&p->fields[k], row->values[k]);
}

static int insert_rows(struct writer *w, struct import_block *block)
{
	size_t n = 0;
	struct cc_bind *binds =
			cc_alloc(w->arena, (block->count * (PACKAGE_FIELDS + 11) + 1) * sizeof(*binds));
	struct cc_bind *b = binds;
	int64_t now = cc_clock_utc_ms(), id;
	int err;

	for (size_t i = 0; i < block->count; i++)
		if (!block->rows[i].twin && !block->rows[i].existing) {
			bind_row(w, &b, &block->rows[i], now);
			n++;
		}
	if (!n)
		return 0;
	err = cc_db_bulk(w->db, w->line->insert, binds, (size_t)(b - binds));
	id = cc_db_insert_id(w->db);
	for (size_t i = 0; i < block->count && !err; i++)
		if (!block->rows[i].twin && !block->rows[i].existing)
			block->rows[i].customer = id++;
	if (!err)
		err = cc_db_exec(w->db,
				"UPDATE customer_batch SET first_id = COALESCE(first_id, ?), last_id = ? WHERE "
				"tenant_id = {tenant} AND id = ? AND state = 'running'",
				id - (int64_t)n, id - 1, w->line->import->batch);
	if (!err && cc_db_affected(w->db) != 1)
		err = CC_E_DENIED; /* somebody ended it */
	return err;
}

/* Rows that turned out to be duplicates when they were written go again. */
static int remove_losers(struct writer *w, struct import_block *block)
{
	struct cc_bind *binds = cc_alloc(w->arena, (block->count + 1) * sizeof(*binds)), *b = binds;
	size_t n = 0;
	int err;

	for (size_t i = 0; i < block->count; i++) {
		struct import_row *row = &block->rows[i];

		if (!row->customer || !row->existing)
			continue;
		*b++ = cc_bind_int(row->customer);
		for (size_t k = 0; k < row->unique; k++) {
			w->rows[n] = row->index[k];
			w->rows[n++].customer = row->customer;
		}
		row->customer = 0;
	}
	err = index_remove(w->db, w->arena, w->line->import->package->id, w->rows, n);
	if (!err)
		err = cc_db_bulk(w->db, "DELETE FROM customer WHERE tenant_id = {tenant} AND id = ?", binds,
				(size_t)(b - binds));
	return err;
}

static int take_unique(struct writer *w, struct import_block *block)
{
	size_t n = gather(w, block), taken;
	int err = index_put(w->db, w->arena, w->line->import->package->id, w->rows, n, true, &taken);

	if (err || taken == n)
		return err;
	err = find_existing(w, block);
	return err ? err : remove_losers(w, block);
}

/* What duplicates would change: the values that they have; {} of those that are only to be called.
 */
static int write_changes(struct writer *w, struct import_block *block)
{
	const struct import *m = w->line->import;
	struct cc_bind *binds = cc_alloc(w->arena, (block->count + 1) * 4 * sizeof(*binds)), *b = binds;

	bool skips = m->duplicate == IMPORT_SKIP;

	for (size_t i = 0; i < block->count && (!skips || (m->task && m->list_duplicates)); i++) {
		const struct import_row *row = &block->rows[i];
		const struct import_row *of = row->twin ? row->twin : row;

		if (row->customer)
			continue;
		*b++ = cc_bind_int(m->batch);
		*b++ = cc_bind_int(of->customer ? of->customer : of->existing);
		*b++ = cc_bind_int((int64_t)row->number);
		*b++ = cc_bind_str(
				skips ? "{}" : values_json(w->arena, m->package, row->values, w->line->mapped));
	}
	return cc_db_bulk(w->db,
			"REPLACE INTO customer_change (tenant_id, batch_id, customer_id, row_no, value) VALUES "
			"({tenant}, ?, ?, ?, ?)",
			binds, (size_t)(b - binds));
}

static int write_block(struct writer *w, struct import_block *block)
{
	int err = 0;

	for (size_t i = 0; i < block->count; i++) {
		block->rows[i].customer = block->rows[i].existing = 0;
		block->rows[i].twin = NULL;
	}
	find_twins(w, block);
	if (w->ask_first)
		err = find_existing(w, block);
	if (!err)
		err = insert_rows(w, block);
	if (!err)
		err = take_unique(w, block);
	return err ? err : write_changes(w, block);
}

/* Again if it met somebody else's change. */
static int in_transaction(struct writer *w, struct import_block *block,
		int (*write)(struct writer *w, struct import_block *block))
{
	int err = CC_E_STATE;

	for (int i = 0; i < TRIES && err == CC_E_STATE; i++) {
		cc_db_begin(w->db, false);
		err = write(w, block);
		if (err)
			cc_db_rollback(w->db);
		else
			err = cc_db_commit(w->db);
	}
	return err == CC_E_STATE ? CC_E_IO : err == CC_E_DENIED ? CC_E_STATE : err;
}

static int write_first(struct writer *w, struct import_block *block)
{
	struct import_result *result = w->line->result;
	int err = in_transaction(w, block, write_block);
	size_t created = 0;

	if (err)
		return err;
	for (size_t i = 0; i < block->count; i++)
		created += block->rows[i].customer != 0;
	result->created += created;
	if (w->line->import->duplicate == IMPORT_SKIP)
		result->skipped += block->count - created;
	w->ask_first = created < block->count - block->count / 10;
	return 0;
}

/* ---- the second writer ---- */

static int write_index(struct writer *w, struct import_block *block)
{
	size_t n = 0;

	for (size_t i = 0; i < block->count; i++) {
		const struct import_row *row = &block->rows[i];

		for (size_t k = row->unique; k < row->rows && row->customer; k++) {
			w->rows[n] = row->index[k];
			w->rows[n++].customer = row->customer;
		}
	}
	return index_put(w->db, w->arena, w->line->import->package->id, w->rows, n, false, NULL);
}

static int write_second(struct writer *w, struct import_block *block)
{
	return in_transaction(w, block, write_index);
}

/* ---- the third writer ---- */

static bool is_listed(const struct import *m)
{
	return m->task && m->list_new;
}

/* OUT-03 */
static int write_list(struct writer *w, struct import_block *block)
{
	const struct import *m = w->line->import;
	struct cc_bind *binds = cc_alloc(w->arena, (block->count + 1) * 6 * sizeof(*binds)), *b = binds;
	int64_t now = cc_clock_utc_ms();

	for (size_t i = 0; i < block->count; i++) {
		const struct import_row *row = &block->rows[i];

		if (!row->customer)
			continue;
		*b++ = cc_bind_int(m->task);
		*b++ = cc_bind_int(row->customer);
		*b++ = bind_id(w->arena, row->agent);
		*b++ = cc_bind_int(m->batch);
		*b++ = cc_bind_int(now);
		*b++ = cc_bind_str(m->name);
	}
	return cc_db_bulk(w->db,
			"INSERT INTO call_task_customer (tenant_id, task_id, customer_id, agent_id, batch_id, "
			"added_at, added_by) VALUES ({tenant}, ?, ?, ?, ?, ?, ?)",
			binds, (size_t)(b - binds));
}

static int write_third(struct writer *w, struct import_block *block)
{
	return in_transaction(w, block, write_list);
}

/* ---- threads ---- */

static int write_all(struct writer *w, enum import_stage from, enum import_stage to,
		int (*write)(struct writer *w, struct import_block *block))
{
	struct import_block *block;
	int err = 0;

	for (uint64_t n = 0; !err && (block = wait_for(w->line, n, from)); n++) {
		err = write(w, block);
		cc_arena_reset(w->arena);
		if (!err)
			set_stage(w->line, block, to);
	}
	return err;
}

static void work(struct import_line *line, enum import_stage from, enum import_stage to,
		int (*write)(struct writer *w, struct import_block *block))
{
	struct writer w = {.line = line,
			.arena = cc_arena_new(),
			.rows = malloc(IMPORT_BLOCK * INDEX_ROWS * sizeof(*w.rows))};
	int err = w.rows ? cc_db_new(&w.db, &line->import->connection) : CC_E_NOMEM;

	if (!err) {
		cc_db_use(w.db, w.arena, &line->import->scope);
		err = write_all(&w, from, to, write);
	}
	if (err)
		stop(line, err, w.db ? cc_db_error(w.db) : "");
	cc_db_free(w.db);
	cc_arena_free(w.arena);
	free(w.rows);
}

static void *write_customers(void *line)
{
	work(line, IMPORT_READ, IMPORT_WRITTEN, write_first);
	return NULL;
}

static void *write_searched(void *ctx)
{
	struct import_line *line = ctx;

	work(line, IMPORT_WRITTEN, is_listed(line->import) ? IMPORT_INDEXED : IMPORT_FREE,
			write_second);
	return NULL;
}

static void *write_called(void *line)
{
	work(line, IMPORT_INDEXED, IMPORT_FREE, write_third);
	return NULL;
}

int import_line_begin(struct import_line *line)
{
	void *(*const works[IMPORT_WRITERS])(void *line) = {
			write_customers, write_searched, write_called};
	int count = is_listed(line->import) ? IMPORT_WRITERS : IMPORT_WRITERS - 1;

	pthread_mutex_init(&line->lock, NULL);
	pthread_cond_init(&line->moved, NULL);
	for (int i = 0; i < IMPORT_BLOCKS; i++)
		line->blocks[i].arena = cc_arena_new();
	for (; line->started < count; line->started++)
		if (pthread_create(&line->threads[line->started], NULL, works[line->started], line) != 0)
			return CC_E_NOMEM;
	return 0;
}

int import_line_end(struct import_line *line, int err)
{
	if (err)
		stop(line, err, "");
	pthread_mutex_lock(&line->lock);
	line->ended = true;
	pthread_cond_broadcast(&line->moved);
	pthread_mutex_unlock(&line->lock);
	for (int i = 0; i < line->started; i++)
		pthread_join(line->threads[i], NULL);
	for (int i = 0; i < IMPORT_BLOCKS; i++)
		cc_arena_free(line->blocks[i].arena);
	pthread_mutex_destroy(&line->lock);
	pthread_cond_destroy(&line->moved);
	return line->err;
}
