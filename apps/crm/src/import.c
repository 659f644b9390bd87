/* SPDX-License-Identifier: GPL-2.0-or-later
 * Reading: rows of the file are checked and put into blocks, which others write meanwhile. */
#include "import.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/i18n.h"
#include "dictionary.h"
#include "import_private.h"

struct reader
{
	struct cc_db *db;
	struct import_line *line;
	const struct import *import;
	struct import_result *result;
	struct import_block *block;
	struct cc_arena *arena;              /* of the block's values */
	struct cc_arena *scratch;            /* of the row */
	const struct dictionary *dictionary; /* NULL: none */
	struct
	{
		char number[16];
		int64_t id;
	} agents[64]; /* looked up before; a small cache */
	size_t agent_count;
};

/* ---- one row of the file ---- */

static int refuse(struct reader *r, uint64_t number, const struct cc_cell *cells, size_t count,
		const struct field *field, const char *why)
{
	const struct import *m = r->import;
	struct cc_buf line = cc_buf_new(r->scratch);
	const char *text = m->translate ? m->translate(m->ctx, why) : why;

	r->result->bad++;
	if (field) {
		const char *label = m->translate && field->translated ? m->translate(m->ctx, field->label)
															  : field->label;

		text = cc_sprintf(r->scratch, "%s: %s", label, text);
	}
	cc_buf_printf(&line, "%llu,", (unsigned long long)number);
	cc_buf_csv(&line, text, strlen(text));
	for (size_t i = 0; i < count; i++) {
		cc_buf_str(&line, ",");
		cc_buf_csv(&line, cells[i].text, cells[i].len);
	}
	cc_buf_str(&line, "\r\n");
	if (m->bad && fwrite(line.p, 1, line.len, m->bad) != line.len)
		return CC_E_IO;
	return 0;
}

/* Our own files have an apostrophe before what a spreadsheet would take for a formula. */
static const char *without_guard(const char *text)
{
	return text[0] == '\'' && text[1] && strchr("=+-@\t\r", text[1]) ? text + 1 : text;
}

static const char *strip_zero(const char *number)
{
	return number[0] == '0' && number[1] && number[1] != '0' ? number + 1 : number;
}

static int find_agent(struct reader *r, const char *number, int64_t *id)
{
	struct cc_rows rows = {0};
	int err;

	for (size_t i = 0; i < r->agent_count; i++)
		if (strcmp(r->agents[i].number, number) == 0) {
			*id = r->agents[i].id;
			return 0;
		}
	err = cc_db_query(
			r->db, &rows, "SELECT id FROM agent WHERE tenant_id = {tenant} AND number = ?", number);
	if (err)
		return err;
	*id = rows.count ? cc_row_int(&rows.row[0], 0, 0) : 0;
	if (r->agent_count == sizeof(r->agents) / sizeof(*r->agents))
		r->agent_count = 0;
	snprintf(r->agents[r->agent_count].number, sizeof(r->agents->number), "%.15s", number);
	if (strlen(number) < sizeof(r->agents->number))
		r->agents[r->agent_count++].id = *id;
	return 0;
}

static bool is_required(const struct import *m, const struct field *f)
{
	if (f->required || f == m->package->phone)
		return true;
	for (size_t i = 0; i < m->required_count; i++)
		if (m->required[i] == f)
			return true;
	return false;
}

/* A linked choice belongs to what the field that decides has: NULL, or what is wrong. */
static const char *check_linked(
		const struct package *p, const char *const values[], const struct field **field)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct field *f = *field = &p->fields[i], *above = field_above(p, f);
		const char *value = values[i], *decided = above ? values[above - p->fields] : NULL;

		if (value && decided && !field_belongs(f, decided, value))
			return CC_N("This choice does not belong to the one that decides it.");
	}
	return NULL;
}

/* Checks the cells into row: NULL, or what is wrong, and in which field. */
static const char *check_row(struct reader *r, struct import_row *row, const struct cc_cell *cells,
		size_t count, const struct field **field)
{
	const struct import *m = r->import;
	const struct package *p = m->package;
	/* numbers of workbooks have a point whatever the language */
	const struct cc_money workbook = {"", m->money.decimals, '.', ""};

	if (count > m->column_count)
		return CC_N("There are more columns than in the heading.");
	for (size_t i = 0; i < count; i++) {
		const struct field *f = m->columns[i];
		const char *value = without_guard(cells[i].text), *wrong;

		if (!f)
			continue;
		if (f->kind == FIELD_PHONE && m->strip_zero)
			value = strip_zero(value);
		*field = f;
		wrong = field_check(r->arena, f, cells[i].number ? &workbook : &m->money, value,
				&row->values[f - p->fields]);
		if (wrong)
			return wrong;
	}
	if (r->dictionary)
		dictionary_fill(r->dictionary, r->arena, p, row->values);
	for (size_t i = 0; i < p->count; i++) {
		*field = &p->fields[i];
		if ((!row->values[i] || !*row->values[i]) && is_required(m, &p->fields[i]))
			return CC_N("This must be filled in.");
	}
	const char *wrong = check_linked(p, row->values, field);

	if (!wrong)
		*field = NULL;
	return wrong;
}

static int assign(struct reader *r, struct import_row *row, const struct cc_cell *cells,
		size_t count, const char **wrong)
{
	int column = r->import->agent_column, err;

	row->agent = r->import->agent;
	if (column < 0 || (size_t)column >= count || !cells[column].len)
		return 0;
	err = find_agent(r, cells[column].text, &row->agent);
	if (!err && !row->agent)
		*wrong = CC_N("There is no agent with this number.");
	return err;
}

/* Rows of the index, the unique ones first. */
static void index_row(struct reader *r, struct import_row *row)
{
	struct index_row rows[INDEX_ROWS];
	size_t n = index_rows(r->arena, r->import->package, row->values, rows), at = 0;

	row->index = cc_alloc(r->arena, (n + 1) * sizeof(*row->index));
	row->rows = n;
	for (size_t i = 0; i < n; i++)
		if (rows[i].unique)
			row->index[at++] = rows[i];
	row->unique = at;
	for (size_t i = 0; i < n; i++)
		if (!rows[i].unique)
			row->index[at++] = rows[i];
}

static int give(struct reader *r)
{
	const struct import *m = r->import;

	import_line_give(r->line, r->block);
	r->block = NULL;
	return m->progress && m->progress(m->ctx, r->result->rows) ? CC_E_STATE : 0;
}

/* The heading of the file with the rows that were refused. */
static int head_of_refused(struct reader *r, const struct cc_cell *cells, size_t count)
{
	const struct import *m = r->import;
	struct cc_buf line = cc_buf_new(r->scratch);
	const char *titles[] = {CC_N("Row"), CC_N("Reason")};

	for (size_t i = 0; i < 2; i++) {
		const char *text = m->translate ? m->translate(m->ctx, titles[i]) : titles[i];

		cc_buf_printf(&line, "%s%s", i ? "," : "", text);
	}
	for (size_t i = 0; i < count; i++) {
		cc_buf_str(&line, ",");
		cc_buf_csv(&line, cells[i].text, cells[i].len);
	}
	cc_buf_str(&line, "\r\n");
	return m->bad && fwrite(line.p, 1, line.len, m->bad) != line.len ? CC_E_IO : 0;
}

/* Checks a row of the file into row; *good: it may become a customer. */
static int take_row(struct reader *r, struct import_row *row, uint64_t number,
		const struct cc_cell *cells, size_t count, bool *good)
{
	const struct field *field = NULL;
	const char *wrong;
	int err = 0;

	r->result->rows++;
	*row = (struct import_row){.number = number,
			.values = cc_alloc(r->arena, r->import->package->count * sizeof(*row->values))};
	wrong = check_row(r, row, cells, count, &field);
	if (!wrong)
		err = assign(r, row, cells, count, &wrong);
	if (!err && wrong)
		err = refuse(r, number, cells, count, field, wrong);
	*good = !err && !wrong;
	if (*good)
		index_row(r, row);
	return err;
}

static int on_row(void *user, uint64_t number, const struct cc_cell *cells, size_t count)
{
	struct reader *r = user;
	bool good;
	int err;

	if (number == 1 && r->import->skip_first)
		return head_of_refused(r, cells, count);
	if (r->result->rows == (r->import->most ? r->import->most : IMPORT_ROWS)) {
		r->result->problem = (struct cc_sheet_problem){
				CC_N("The file has more rows than one import may have: divide it."), number};
		return CC_E_FULL;
	}
	if (!r->block && !(r->block = import_line_take(r->line)))
		return CC_E_STATE; /* a writer has stopped; it knows why */
	r->arena = r->block->arena;
	err = take_row(r, &r->block->rows[r->block->count], number, cells, count, &good);
	if (good && ++r->block->count == IMPORT_BLOCK)
		err = give(r);
	if (number % 100 == 0)
		cc_arena_reset(r->scratch);
	return err;
}

/* ---- a look before ---- */

struct preview
{
	struct reader reader;
	struct index_row *unique;
	size_t count, cap;
	uint64_t limit;
};

static int on_preview_row(void *user, uint64_t number, const struct cc_cell *cells, size_t count)
{
	struct preview *v = user;
	struct import_row row;
	bool good;
	int err;

	if (number == 1 && v->reader.import->skip_first)
		return 0;
	if (v->reader.result->rows == v->limit)
		return 1;
	err = take_row(&v->reader, &row, number, cells, count, &good);
	for (size_t i = 0; good && i < row.unique && v->count < v->cap; i++) {
		v->unique[v->count] = row.index[i];
		v->unique[v->count++].customer = (int64_t)number;
	}
	return err;
}

static int by_key_and_row(const void *a, const void *b)
{
	const struct index_row *x = a, *y = b;
	int order = index_compare(x, y);

	return order ? order : x->customer < y->customer ? -1 : x->customer > y->customer;
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* How many rows have something that an earlier one or a customer has. */
static int count_duplicates(struct preview *v, struct cc_db *db)
{
	int64_t *numbers = cc_alloc(v->reader.arena, (v->count + 1) * sizeof(*numbers));
	int64_t *twice = cc_alloc(v->reader.arena, (v->count + 1) * sizeof(*twice));
	size_t n = 0;
	int err;

	qsort(v->unique, v->count, sizeof(*v->unique), by_key_and_row);
	for (size_t i = 0; i < v->count; i++)
		numbers[i] = v->unique[i].customer;
	err = index_find(db, v->reader.arena, v->reader.import->package->id, v->unique, v->count);
	for (size_t i = 0; i < v->count && !err; i++)
		if (v->unique[i].customer || (i && index_compare(&v->unique[i], &v->unique[i - 1]) == 0))
			twice[n++] = numbers[i];
	qsort(twice, n, sizeof(*twice), by_number);
	for (size_t i = 0; i < n; i++)
		v->reader.result->skipped += i == 0 || twice[i] != twice[i - 1];
	return err;
}

int import_preview(
		struct cc_db *db, const struct import *import, uint64_t limit, struct import_result *result)
{
	struct preview *v = calloc(1, sizeof(*v));
	int err;

	*result = (struct import_result){0};
	if (!v)
		return CC_E_NOMEM;
	*v = (struct preview){.reader = {.db = db,
								  .import = import,
								  .result = result,
								  .arena = import->arena,
								  .scratch = import->arena},
			.limit = limit,
			.cap = limit * INDEX_ROWS};
	v->unique = cc_alloc(import->arena, v->cap * sizeof(*v->unique));
	err = import->dictionary ? dictionary_load(db, import->arena, import->package,
									   import->dictionary, &v->reader.dictionary)
							 : 0;
	if (!err)
		err = cc_sheet_read(import->path, NULL, on_preview_row, v, &result->problem);
	if (err == 0 || err == 1)
		err = count_duplicates(v, db);
	result->created = result->rows - result->bad - result->skipped;
	free(v);
	return err;
}

/* ---- the whole ---- */

/* INSERT with the columns that the file has, from constant pieces. */
static void compose(struct import_line *line, const struct dictionary *dictionary)
{
	const struct import *m = line->import;
	const struct package *p = m->package;
	struct cc_buf sql = cc_buf_new(m->arena), marks = cc_buf_new(m->arena);

	for (size_t i = 0; i < m->column_count; i++)
		if (m->columns[i])
			line->mapped[m->columns[i] - p->fields] = true;
	for (size_t k = 0; k < p->count && dictionary; k++) /* it may fill any of them */
		line->mapped[k] = true;
	/* name and number have no default */
	line->mapped[p->named - p->fields] = line->mapped[p->phone - p->fields] = true;
	cc_buf_str(&sql,
			"INSERT INTO customer (tenant_id, package_id, batch_id, source_id, type_id, group_id, "
			"agent_id, assigned_at, created_by, phone_e164, created_at, updated_at");
	cc_buf_str(&marks, "{tenant}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?");
	for (size_t k = 0; k < p->count; k++)
		if (line->mapped[k]) {
			cc_buf_printf(&sql, ", %s", p->fields[k].column);
			cc_buf_str(&marks, ", ?");
		}
	line->insert = cc_sprintf(m->arena, "%s) VALUES (%s)", cc_buf_text(&sql), cc_buf_text(&marks));
}

static int read_file(struct reader *r)
{
	int err = import_line_begin(r->line);

	if (!err)
		err = cc_sheet_read(r->import->path, NULL, on_row, r, &r->result->problem);
	if (!err && r->block && r->block->count)
		err = give(r);
	return import_line_end(r->line, err);
}

int import_run(struct cc_db *db, const struct import *import, struct import_result *result)
{
	struct import_line *line = calloc(1, sizeof(*line));
	struct reader *r = calloc(1, sizeof(*r));
	int err = line && r ? 0 : CC_E_NOMEM;

	*result = (struct import_result){0};
	if (err)
		goto out;
	line->import = r->import = import;
	line->result = r->result = result;
	r->line = line;
	r->db = db;
	r->scratch = cc_arena_new();
	if (import->dictionary)
		err = dictionary_load(
				db, import->arena, import->package, import->dictionary, &r->dictionary);
	compose(line, r->dictionary);
	cc_db_use(db, r->scratch, &import->scope);
	if (!err)
		err = read_file(r);
	snprintf(result->error, sizeof(result->error), "%s", line->problem);
	if (!err)
		err = import_commit(db, import, r->scratch, result);
	if (err) {
		int discarded = import_discard(db, r->scratch, import->package, import->batch);

		err = err == CC_E_IO || !discarded ? err : discarded;
	}
	cc_db_use(db, import->arena, &import->scope);
	cc_arena_free(r->scratch);
out:
	free(line);
	free(r);
	return err;
}
