/* SPDX-License-Identifier: GPL-2.0-or-later
 * Parts of numbers, names and other texts. No index of the database leads to a part from the
 * middle, and reading half a million rows takes a tenth of a second; so the texts of 1,024
 * customers stand in one row of customer_text, which is read and looked through at the speed of
 * memory, newest customers first. */
#include <stdlib.h>
#include <string.h>
#include "index.h"

#define BLOCK 1024 /* customers */
#define BEGIN 1    /* of a text; two characters that say whose it is follow */
#define END 2      /* of a text */
#define HEAD 3     /* bytes before the text */
#define FIRST 8    /* blocks that are read at first */
#define MOST 64    /* blocks that are read at once */
#define LAST_BLOCK INT64_MAX

bool index_in_text(const struct index_row *row)
{
	return row->slot == INDEX_NUMBER || row->slot == INDEX_NAME || row->slot >= INDEX_WORDS;
}

bool index_in_table(const struct index_row *row)
{
	return row->slot != INDEX_NAME && row->slot < INDEX_WORDS;
}

/* ---- writing ---- */

static int64_t block_of(const struct index_row *row)
{
	return row->customer / BLOCK;
}

/* By slot, then block: as the table is ordered. */
static int by_block(const void *a, const void *b)
{
	const struct index_row *x = *(struct index_row *const *)a, *y = *(struct index_row *const *)b;
	int64_t order = x->slot != y->slot ? x->slot - y->slot : x->customer - y->customer;

	return order < 0 ? -1 : order > 0;
}

static void add_text(struct cc_buf *b, const struct index_row *row)
{
	int rest = (int)(row->customer % BLOCK);
	const char head[HEAD] = {BEGIN, (char)('@' + rest / 32), (char)('@' + rest % 32)};
	const char end = END, *text = row->value.p;

	cc_buf_add(b, head, HEAD);
	for (size_t i = 0; i < row->value.len; i++)
		if (text[i] != BEGIN && text[i] != END)
			cc_buf_add(b, &text[i], 1);
	cc_buf_add(b, &end, 1);
}

/* The rows that have texts, those of a block together; their number. */
static size_t in_order(struct cc_arena *arena, const struct index_row *rows, size_t count,
		const struct index_row ***order)
{
	size_t n = 0;

	*order = cc_alloc(arena, (count + 1) * sizeof(**order));
	for (size_t i = 0; i < count; i++)
		if (index_in_text(&rows[i]))
			(*order)[n++] = &rows[i];
	qsort(*order, n, sizeof(**order), by_block);
	return n;
}

/* How many of them are of the first one's block. */
static size_t same_block(const struct index_row *const *order, size_t count)
{
	size_t n = 1;

	while (n < count && order[n]->slot == order[0]->slot &&
			block_of(order[n]) == block_of(order[0]))
		n++;
	return n;
}

int index_text_put(struct cc_db *db, struct cc_arena *arena, int64_t package,
		const struct index_row *rows, size_t count)
{
	const struct index_row **order;
	size_t n = in_order(arena, rows, count, &order), some;
	struct cc_bind *binds = cc_alloc(arena, (n + 1) * 4 * sizeof(*binds)), *b = binds;

	for (size_t i = 0; i < n; i += some) {
		struct cc_buf body = cc_buf_new(arena);

		some = same_block(order + i, n - i);
		for (size_t k = 0; k < some; k++)
			add_text(&body, order[i + k]);
		*b++ = cc_bind_int(package);
		*b++ = cc_bind_int(order[i]->slot);
		*b++ = cc_bind_int(block_of(order[i]));
		*b++ = cc_bind_bytes((struct cc_bytes){body.p, body.len});
	}
	return cc_db_bulk(db,
			"INSERT INTO customer_text (tenant_id, package_id, slot, block, body) VALUES "
			"({tenant}, "
			"?, ?, ?, ?) ON DUPLICATE KEY UPDATE body = CONCAT(body, VALUES(body))",
			binds, (size_t)(b - binds));
}

/* Takes the rows' texts, all of one block, out of it. */
static int remove_from(struct cc_db *db, struct cc_arena *arena, int64_t package,
		const struct index_row *const *rows, size_t count)
{
	int64_t block = block_of(rows[0]);
	struct cc_rows found = {0};
	char *body;
	size_t len;
	int err = cc_db_query(db, &found,
			"SELECT body FROM customer_text WHERE tenant_id = {tenant} AND package_id = ? AND slot "
			"= ? AND block = ? FOR UPDATE",
			package, (int)rows[0]->slot, block);

	if (err || !found.count)
		return err;
	len = found.row[0].len[0];
	body = cc_strndup(arena, found.row[0].v[0], len);
	for (size_t i = 0; i < count; i++) {
		struct cc_buf text = cc_buf_new(arena);
		char *at;

		add_text(&text, rows[i]);
		/* twice: somebody changed the customer while the index was made anew */
		for (at = body; (at = memmem(at, len - (size_t)(at - body), text.p, text.len));) {
			len -= text.len;
			memmove(at, at + text.len, len - (size_t)(at - body));
		}
	}
	if (!len)
		return cc_db_exec(db,
				"DELETE FROM customer_text WHERE tenant_id = {tenant} AND package_id = ? AND slot "
				"= "
				"? AND block = ?",
				package, (int)rows[0]->slot, block);
	return cc_db_exec(db,
			"UPDATE customer_text SET body = ? WHERE tenant_id = {tenant} AND package_id = ? AND "
			"slot = ? AND block = ?",
			((struct cc_bytes){body, len}), package, (int)rows[0]->slot, block);
}

int index_text_remove(struct cc_db *db, struct cc_arena *arena, int64_t package,
		const struct index_row *rows, size_t count)
{
	const struct index_row **order;
	size_t n = in_order(arena, rows, count, &order), some;
	int err = 0;

	for (size_t i = 0; i < n && !err; i += some) {
		some = same_block(order + i, n - i);
		err = remove_from(db, arena, package, order + i, some);
	}
	return err;
}

/* ---- searching ---- */

struct search
{
	struct cc_arena *scratch; /* of one row */
	struct cc_bytes text;
	enum index_part part;
	int64_t *ids;
	size_t max, count;
	size_t rows;  /* that were read */
	int64_t last; /* block */
};

/* Whose text has the match at p; -1: nobody's, or not where it should be. *end: of the text. */
static int owner(
		const struct search *s, const char *body, const char *p, const char *stop, const char **end)
{
	const char *begin = memrchr(body, BEGIN, (size_t)(p - body) + 1);
	const char *behind = memchr(p, END, (size_t)(stop - p));

	*end = behind ? behind : stop;
	if (!begin || !behind || p < begin + HEAD)
		return -1;
	if (s->part == INDEX_BEGIN && p != begin + HEAD)
		return -1;
	return (begin[1] - '@') * 32 + (begin[2] - '@');
}

static void look(struct search *s, const char *body, size_t len, int64_t block)
{
	bool found[BLOCK] = {false};
	const char *p = body, *stop = body + len, *end;
	/* the end of a text is part of what is looked for */
	const char closing = END;
	char *text = cc_alloc(s->scratch, s->text.len + 2);
	size_t text_len = s->text.len;

	memcpy(text, s->text.p, text_len);
	if (s->part == INDEX_END)
		text[text_len++] = closing;
	while (p < stop && (p = memmem(p, (size_t)(stop - p), text, text_len))) {
		int rest = owner(s, body, p, stop, &end);

		if (rest >= 0 && rest < BLOCK)
			found[rest] = true;
		p = rest >= 0 ? end : p + 1;
	}
	for (int i = BLOCK - 1; i >= 0 && s->count < s->max; i--)
		if (found[i])
			s->ids[s->count++] = block * BLOCK + i;
}

static int on_block(void *ctx, const struct cc_row *row)
{
	struct search *s = ctx;

	s->rows++;
	s->last = cc_row_int(row, 0, 0);
	if (s->count < s->max)
		look(s, row->v[1], row->len[1], s->last);
	cc_arena_reset(s->scratch);
	return 0;
}

int index_search(struct cc_db *db, int64_t package, int slot, enum index_part part,
		struct cc_bytes text, int64_t *ids, size_t max, size_t *count)
{
	static const char sql[] =
			"SELECT block, body FROM customer_text WHERE tenant_id = {tenant} AND package_id = ? "
			"AND slot = ? AND block < ? ORDER BY block DESC LIMIT ?";
	struct search s = {.scratch = cc_arena_new(),
			.text = text,
			.part = part,
			.ids = ids,
			.max = max,
			.last = LAST_BLOCK};
	struct cc_arena *own = cc_db_arena(db, s.scratch);
	size_t limit = FIRST;
	int err = 0;

	/* frequent texts are found in the first blocks */
	do {
		const struct cc_bind binds[] = {cc_bind_int(package), cc_bind_int(slot),
				cc_bind_int(s.last), cc_bind_int((int64_t)limit)};

		s.rows = 0;
		err = cc_db_each(db, sql, binds, 4, on_block, &s);
		if (s.rows < limit)
			break;
		limit = limit * 2 < MOST ? limit * 2 : MOST;
	} while (!err && s.count < max);
	cc_db_arena(db, own);
	cc_arena_free(s.scratch);
	if (!err)
		*count = s.count;
	return err;
}

/* ---- pairs ---- */

struct pairs
{
	struct cc_arena *scratch; /* of one row */
	index_pair *take;
	void *ctx;
};

/* The next text from p on; whose it is, -1 behind the last. */
static int next_text(const char **p, const char *stop, struct cc_bytes *text)
{
	const char *begin = *p < stop ? memchr(*p, BEGIN, (size_t)(stop - *p)) : NULL;
	const char *end = begin ? memchr(begin, END, (size_t)(stop - begin)) : NULL;

	if (!end || end < begin + HEAD)
		return -1;
	*text = (struct cc_bytes){begin + HEAD, (size_t)(end - begin - HEAD)};
	*p = end + 1;

	int rest = (begin[1] - '@') * 32 + (begin[2] - '@');

	return rest >= 0 && rest < BLOCK ? rest : -1;
}

static int on_pair(void *ctx, const struct cc_row *row)
{
	struct pairs *s = ctx;
	struct cc_bytes first[BLOCK] = {{NULL, 0}}, text;
	const char *p = row->v[1];
	int rest;

	while ((rest = next_text(&p, row->v[1] + row->len[1], &text)) >= 0)
		first[rest] = text;
	p = row->v[2];
	while ((rest = next_text(&p, row->v[2] + row->len[2], &text)) >= 0)
		if (first[rest].p)
			s->take(s->ctx, cc_row_int(row, 0, 0) * BLOCK + rest, first[rest], text);
	cc_arena_reset(s->scratch);
	return 0;
}

int index_pairs(struct cc_db *db, int64_t package, int a, int b, index_pair *take, void *ctx)
{
	static const char sql[] =
			"SELECT x.block, x.body, y.body FROM customer_text x JOIN customer_text y ON "
			"y.tenant_id = x.tenant_id AND y.package_id = x.package_id AND y.slot = ? AND y.block "
			"= x.block WHERE x.tenant_id = {tenant} AND x.package_id = ? AND x.slot = ?";
	const struct cc_bind binds[] = {cc_bind_int(b), cc_bind_int(package), cc_bind_int(a)};
	struct pairs s = {.scratch = cc_arena_new(), .take = take, .ctx = ctx};
	struct cc_arena *own = cc_db_arena(db, s.scratch);
	int err = cc_db_each(db, sql, binds, 3, on_pair, &s);

	cc_db_arena(db, own);
	cc_arena_free(s.scratch);
	return err;
}
