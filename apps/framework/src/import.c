/* SPDX-License-Identifier: GPL-2.0-or-later
 * New things from a table that somebody uploads (CC_IMPORT): each row is done as if it had been
 * typed into the form of a new thing. The file is read once to show what is in it and to choose
 * what its columns are; a job then takes row after row. Rows that are refused come back as a CSV
 * file with the reason in front, which can be corrected and imported again. */
#include "cc/sheet.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <json-c/json.h>
#include "cc/jobs.h"
#include "cc/money.h"
#include "cc/ulid.h"
#include "jobs.h"
#include "things.h"

#define COLUMNS 100 /* of the file */
#define ROWS 100000
#define BYTES ((uint64_t)64 * 1024 * 1024)
#define CELL_BYTES 4000
#define SAMPLES 3
#define SAMPLE_BYTES 60
#define ROWS_PER_ARENA 100
#define TRIES 3
#define BOM "\xEF\xBB\xBF"

static const struct cc_sheet_limits limits = {
		.rows = ROWS + 1, .columns = COLUMNS, .cell_bytes = CELL_BYTES, .bytes = BYTES};

/* What a column of a file can be: a field of the form that the user may fill in. */
static bool takes(struct cc_request *rq, const struct cc_resource *r, const struct cc_column *d)
{
	return (d->flags & CC_COLUMN_FORM) && !(d->flags & CC_COLUMN_SHOWN) &&
		   d->type != CC_COLUMN_FILE && cc_column_seen(rq, r, d) && cc_column_changed(rq, r, d);
}

static bool is_needed(const struct cc_column *d)
{
	return (d->flags & CC_COLUMN_REQUIRED) && !d->initial;
}

/* ---- the file while its columns are chosen: data/jobs/<tenant>/import-<user>-<token>.tmp ---- */

static int draft_path(struct cc_request *rq, const char *token, char *path, size_t cap)
{
	struct cc_ulid id;
	char folder[256];
	if (cc_ulid_parse(&id, token, (int)strlen(token)))
		return CC_E_NOENT;
	int err = cc_job_folder(rq, folder, sizeof folder);
	if (!err && snprintf(path, cap, "%s/import-%" PRId64 "-%s.tmp", folder, rq->user->id, token) >=
						(int)cap)
		err = CC_E_RANGE;
	return err;
}

/* ---- looking into it ---- */

struct look
{
	struct cc_arena *arena;
	uint64_t rows;
	size_t columns;
	const char *first[COLUMNS];           /* the first row: mostly a heading */
	const char *sample[SAMPLES][COLUMNS]; /* the next ones */
};

static const char *shortened(struct cc_arena *arena, const struct cc_cell *cell)
{
	size_t len = cell->len;
	if (len > SAMPLE_BYTES)
		for (len = SAMPLE_BYTES; ((unsigned char)cell->text[len] & 0xC0) == 0x80; len--)
			;
	return cc_sprintf(arena, "%.*s%s", (int)len, cell->text, len < cell->len ? "…" : "");
}

static int look_row(void *user, uint64_t number, const struct cc_cell *cells, size_t count)
{
	struct look *l = user;
	if (count > l->columns)
		l->columns = count;
	for (size_t i = 0; i < count && l->rows <= SAMPLES; i++) {
		const char *text = shortened(l->arena, &cells[i]);
		if (l->rows)
			l->sample[l->rows - 1][i] = text;
		else
			l->first[i] = text;
	}
	l->rows++;
	return 0;
}

static int look(struct cc_request *rq, const char *path, struct look **out, const char **fault)
{
	struct look *l = cc_alloc(rq->arena, sizeof *l);
	struct cc_sheet_problem problem = {0};
	l->arena = rq->arena;
	int err = cc_sheet_read(path, &limits, look_row, l, &problem);
	if ((err == CC_E_INVAL || err == CC_E_FULL) && problem.text) {
		*fault = problem.row ? cc_sprintf(rq->arena, "%s (%" PRIu64 ")", cc_t(rq, problem.text),
									   problem.row)
							 : cc_t(rq, problem.text);
		err = 0;
	} else if (!err && l->rows < 1) {
		*fault = cc_t(rq, "The file is empty.");
	}
	*out = l;
	return err;
}

/* ---- pages ---- */

static struct cc_value *page_new(struct cc_request *rq, const struct cc_resource *r)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *page =
			cc_page(rq, cc_sprintf(a, "%s: %s", cc_tc(rq, "form", "Import"), cc_t(rq, r->title)));
	cc_value_str(a, page, "action", cc_sprintf(a, "%s/import", r->path));
	cc_value_str(a, page, "list", cc_list_back(rq, r));
	return page;
}

/* Asks for a file, and says what it may have. */
static int send_ask(struct cc_request *rq, const struct cc_resource *r, const char *fault)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *page = page_new(rq, r);
	struct cc_value *list = cc_value_add(a, page, "fields", CC_VALUE_LIST);
	for (const struct cc_column *d = r->columns; d->name; d++) {
		if (!takes(rq, r, d))
			continue;
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "label", cc_t(rq, d->label));
		cc_value_str(a, item, "help", d->help ? cc_t(rq, d->help) : NULL);
		cc_value_bool(a, item, "required", is_needed(d));
	}
	cc_value_str(a, page, "fault", fault);
	cc_value_str(a, page, "model", cc_sprintf(a, "%s/import?format=csv", r->path));
	cc_value_str(a, page, "token", NULL);
	if (fault)
		cc_status(rq, 400);
	return cc_page_send(rq, "framework/import", page);
}

/* What a heading means, by label or name. */
static bool is_called(struct cc_request *rq, const struct cc_column *d, const char *heading)
{
	return heading && (!strcmp(heading, cc_t(rq, d->label)) || !strcmp(heading, d->label) ||
							  !strcmp(heading, d->name));
}

static const char *chosen_of(struct cc_request *rq, size_t i)
{
	return cc_form(rq, cc_sprintf(rq->arena, "column%zu", i + 1));
}

static void add_column(struct cc_request *rq, const struct cc_resource *r, const struct look *l,
		size_t i, struct cc_value *list, bool taken[CC_COLUMNS_MAX])
{
	struct cc_arena *a = rq->arena;
	struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
	const char *chosen = chosen_of(rq, i);
	cc_value_str(a, item, "name", cc_sprintf(a, "column%zu", i + 1));
	cc_value_str(a, item, "heading", l->first[i] ? l->first[i] : "");
	struct cc_value *samples = cc_value_add(a, item, "samples", CC_VALUE_LIST);
	for (size_t n = 0; n < SAMPLES; n++)
		if (l->rows > n + 1)
			cc_value_str(a, cc_value_add(a, samples, NULL, CC_VALUE_MAP), "text",
					l->sample[n][i] ? l->sample[n][i] : "");
	struct cc_value *options = cc_value_add(a, item, "options", CC_VALUE_LIST);
	for (size_t k = 0; r->columns[k].name; k++) {
		const struct cc_column *d = &r->columns[k];
		if (!takes(rq, r, d))
			continue;
		bool selected =
				chosen ? !strcmp(chosen, d->name) : !taken[k] && is_called(rq, d, l->first[i]);
		struct cc_value *o = cc_value_add(a, options, NULL, CC_VALUE_MAP);
		cc_value_str(a, o, "value", d->name);
		cc_value_str(a, o, "label", cc_t(rq, d->label));
		cc_value_bool(a, o, "selected", selected);
		taken[k] |= selected;
	}
}

/* Shows what is in the file and asks what its columns are. */
static int send_choice(struct cc_request *rq, const struct cc_resource *r, const struct look *l,
		const char *token, const char *fault)
{
	struct cc_arena *a = rq->arena;
	bool taken[CC_COLUMNS_MAX] = {false};
	struct cc_value *page = page_new(rq, r);
	struct cc_value *list = cc_value_add(a, page, "columns", CC_VALUE_LIST);
	for (size_t i = 0; i < l->columns; i++)
		add_column(rq, r, l, i, list, taken);
	cc_value_str(a, page, "fault", fault);
	cc_value_str(a, page, "token", token);
	cc_value_str(a, page, "rows",
			cc_fill(rq, cc_t(rq, "{n} rows were found."), "{n}", (int64_t)l->rows));
	cc_value_bool(a, page, "heading", !cc_form(rq, "file") || cc_form(rq, "heading"));
	if (fault)
		cc_status(rq, 400);
	return cc_page_send(rq, "framework/import", page);
}

/* The headings of a file that can be imported. */
static int send_model(struct cc_request *rq, const struct cc_resource *r)
{
	struct cc_buf *body = cc_body(rq);
	const char *separator = BOM;
	for (const struct cc_column *d = r->columns; d->name; d++) {
		if (!takes(rq, r, d))
			continue;
		const char *label = cc_t(rq, d->label);
		cc_buf_str(body, separator);
		cc_buf_csv(body, label, strlen(label));
		separator = ",";
	}
	cc_buf_str(body, "\r\n");
	cc_type(rq, "text/csv; charset=utf-8");
	cc_set_header(rq, "Content-Disposition",
			cc_sprintf(rq->arena, "attachment; filename=\"%s.csv\"", r->name));
	return 0;
}

int cc_resource_import_form(struct cc_request *rq)
{
	const struct cc_resource *r = rq->route->resource;
	const char *format = cc_query(rq, "format");
	return format && !strcmp(format, "csv") ? send_model(rq, r) : send_ask(rq, r, NULL);
}

/* ---- the order ---- */

struct order
{
	const struct cc_resource *r;
	const char *column[COLUMNS]; /* names; NULL: the file's column is left out */
	size_t columns;
	bool heading;
	int64_t rows;
};

static void order_write(struct cc_jsonw *w, void *ctx)
{
	const struct order *o = ctx;
	cc_jsonw_object(w, NULL);
	cc_jsonw_str(w, "path", o->r->path);
	cc_jsonw_bool(w, "heading", o->heading);
	cc_jsonw_int(w, "rows", o->rows);
	cc_jsonw_array(w, "columns");
	for (size_t i = 0; i < o->columns; i++)
		cc_jsonw_str(w, NULL, o->column[i] ? o->column[i] : "");
	cc_jsonw_close_array(w);
	cc_jsonw_close_object(w);
}

/* What was chosen; the fault, translated, or NULL. */
static const char *order_read(struct cc_request *rq, struct order *o)
{
	const struct cc_resource *r = o->r;
	bool taken[CC_COLUMNS_MAX] = {false};
	for (size_t i = 0; i < o->columns; i++) {
		const char *chosen = chosen_of(rq, i);
		int k = chosen && *chosen ? cc_column_find(r, chosen) : -1;
		if (!chosen || !*chosen)
			continue;
		if (k < 0 || !takes(rq, r, &r->columns[k]))
			return cc_t(rq, "this value is not valid.");
		if (taken[k])
			return cc_sprintf(rq->arena, "%s: %s", cc_t(rq, r->columns[k].label),
					cc_t(rq, "Two columns of the file are meant for this field."));
		taken[k] = true;
		o->column[i] = r->columns[k].name;
	}
	for (size_t k = 0; r->columns[k].name; k++)
		if (!taken[k] && is_needed(&r->columns[k]) && takes(rq, r, &r->columns[k]))
			return cc_sprintf(rq->arena, "%s: %s", cc_t(rq, r->columns[k].label),
					cc_t(rq, "No column of the file is meant for this field."));
	return NULL;
}

static int queue(struct cc_request *rq, struct order *o, const char *draft)
{
	char folder[256], path[300];
	int64_t id;
	const struct cc_job_order order = {
			.kind = cc_sprintf(rq->arena, "%s.rows", rq->state->web->plugin->name),
			.page = o->r->title,
			.options = "import",
			.file = cc_sprintf(rq->arena, "%s-refused.csv", o->r->name),
			.parameters = cc_json_text(rq->arena, order_write, o),
	};
	int err = cc_job_queue(rq, &order, &id);
	if (!err)
		err = cc_job_folder(rq, folder, sizeof folder);
	if (err)
		return err;
	/* the job begins after the commit; housekeeping removes the file with the job's row */
	snprintf(path, sizeof path, "%s/%" PRId64 ".upload", folder, id);
	if (rename(draft, path))
		return CC_E_IO;
	cc_audit(rq, cc_sprintf(rq->arena, "%s.import", o->r->permission), o->r->name,
			cc_fill(rq, "{n}", "{n}", o->rows));
	return cc_resource_job_sent(rq, id);
}

static int take_upload(struct cc_request *rq, const struct cc_resource *r)
{
	struct cc_upload *u = (struct cc_upload *)cc_uploaded(rq, "upload");
	struct cc_ulid id = cc_ulid_new();
	char token[CC_ULID_TEXT + 1], path[400];
	const char *fault = NULL;
	struct look *l;
	if (!u || !u->size)
		return send_ask(rq, r, cc_t(rq, "Choose a file."));
	cc_ulid_format(&id, token);
	int err = look(rq, u->path, &l, &fault);
	if (!err && fault)
		return send_ask(rq, r, fault);
	if (!err)
		err = draft_path(rq, token, path, sizeof path);
	if (!err && rename(u->path, path))
		err = CC_E_IO;
	if (err)
		return err;
	u->kept = true;
	return send_choice(rq, r, l, cc_strdup(rq->arena, token), NULL);
}

/* POST P/import: a file (upload), or what its columns are (file, heading, column1 …) */
int cc_resource_import(struct cc_request *rq)
{
	const struct cc_resource *r = rq->route->resource;
	const char *token = cc_form(rq, "file"), *fault = NULL;
	char path[400];
	struct look *l;
	if (rq->user->api) /* a job has the rights of a person */
		return CC_E_DENIED;
	if (!token)
		return take_upload(rq, r);
	int err = draft_path(rq, token, path, sizeof path);
	if (!err && access(path, R_OK))
		return send_ask(rq, r, cc_t(rq, "The file is not there any more: choose it again."));
	if (!err)
		err = look(rq, path, &l, &fault);
	if (err || fault)
		return err ? err : CC_E_CORRUPT;
	struct order o = {
			.r = r, .columns = l->columns, .heading = cc_form(rq, "heading"), .rows = l->rows};
	o.rows -= o.heading;
	fault = order_read(rq, &o);
	return fault ? send_choice(rq, r, l, token, fault) : queue(rq, &o, path);
}

/* ---- the job ---- */

struct import
{
	struct cc_job_run *job;
	const struct cc_resource *r;
	struct cc_arena *scratch;
	const struct cc_column *column[COLUMNS];
	size_t columns;
	bool heading, headed;
	int64_t rows, done;
	int64_t resumed; /* rows that were done before the process was lost */
	FILE *bad;
	int64_t bad_bytes; /* of it, on the disk */
};

/* ---- how far it is ---- */

/* A job that is run again goes on behind what it did, so nothing is there twice. */

/* Written in the transaction that makes a row, or behind a row that was refused. */
static int resume_write(struct import *m, int64_t ok)
{
	char text[100];
	snprintf(text, sizeof text, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64, m->done + 1, ok,
			m->job->bad, m->bad_bytes);
	return cc_db_exec(m->job->rq->db,
			"UPDATE job SET resume = ? WHERE tenant_id = {tenant} AND id = ?", text, m->job->id);
}

/* Opens the file of refused rows, as it was. */
static int resume_read(struct import *m, const char *part)
{
	struct cc_job_run *job = m->job;
	struct cc_rows rows;
	int64_t bytes;
	int err = cc_db_query(job->rq->db, &rows,
			"SELECT resume FROM job WHERE tenant_id = {tenant} AND id = ?", job->id);
	if (err)
		return err;
	bool resumed = rows.count && sscanf(cc_row_str(&rows.row[0], 0),
										 "%" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64,
										 &m->resumed, &job->ok, &job->bad, &bytes) == 4;
	if (!resumed) {
		m->resumed = job->ok = job->bad = 0;
		m->bad = fopen(part, "we");
		m->bad_bytes = sizeof BOM - 1;
		return m->bad && fputs(BOM, m->bad) >= 0 && !fflush(m->bad) ? 0 : CC_E_IO;
	}
	m->bad_bytes = bytes;
	m->bad = truncate(part, bytes) ? NULL : fopen(part, "ae");
	return m->bad && !fseek(m->bad, 0, SEEK_END) ? 0 : CC_E_IO;
}

static bool is_word_of(const char *text, const char *a, const char *b)
{
	return !strcmp(text, a) || !strcmp(text, b);
}

/* A workbook's number as the tenant writes amounts. */
static const char *amount_of(struct cc_request *rq, const char *text)
{
	const struct cc_money m = cc_money(rq);
	char *own = cc_strdup(rq->arena, text), *point = strchr(own, '.');
	if (point)
		*point = m.point;
	return own;
}

/* What the form would send for what people write into a table: the code of a word. */
static int value_of(struct cc_change *c, size_t i, const struct cc_cell *cell, const char **value)
{
	struct cc_request *rq = c->rq;
	const struct cc_column *d = &c->r->columns[i];
	const char *text = cell->text;
	struct cc_rows *rows;
	/* our own files have an apostrophe before what a spreadsheet would take for a formula */
	if (text[0] == '\'' && text[1] && strchr("=+-@\t\r", text[1]))
		text++;
	*value = text;
	if (d->type == CC_COLUMN_BOOL) {
		if (!strcasecmp(text, "TRUE") || is_word_of(text, cc_t(rq, "Yes"), "Yes"))
			*value = "1";
		else if (!*text || !strcasecmp(text, "FALSE") || is_word_of(text, cc_t(rq, "No"), "No"))
			*value = "0";
	}
	if (d->type == CC_COLUMN_CODE)
		for (const char *const *code = d->codes; *code; code++)
			if (!strcasecmp(text, cc_column_code(rq, d, *code)))
				*value = *code;
	if (d->type == CC_COLUMN_AMOUNT && cell->number)
		*value = amount_of(rq, text);
	if (!*text || (d->type != CC_COLUMN_OPTION && d->type != CC_COLUMN_CHOICE))
		return 0;
	int err = cc_change_options(c, i, &rows);
	for (size_t n = 0; !err && n < rows->count; n++)
		if (!strcmp(text, cc_row_str(&rows->row[n], 1))) {
			*value = cc_row_str(&rows->row[n], 0);
			break;
		}
	return err;
}

static int bad_write(struct import *m, const char *row, const char *why,
		const struct cc_cell *cells, size_t count)
{
	struct cc_buf line = cc_buf_new(m->job->rq->arena);
	cc_buf_csv(&line, row, strlen(row));
	cc_buf_str(&line, ",");
	cc_buf_csv(&line, why, strlen(why));
	for (size_t i = 0; i < count; i++) {
		cc_buf_str(&line, ",");
		cc_buf_csv(&line, cells[i].text, cells[i].len);
	}
	cc_buf_str(&line, "\r\n");
	if (fwrite(line.p, 1, line.len, m->bad) != line.len || fflush(m->bad))
		return CC_E_IO;
	m->bad_bytes = ftell(m->bad);
	return 0;
}

static int refuse(struct import *m, uint64_t number, const struct cc_cell *cells, size_t count,
		const char *why)
{
	m->job->bad++;
	int err = bad_write(m, cc_sprintf(m->job->rq->arena, "%" PRIu64, number), why, cells, count);
	return err ? err : resume_write(m, m->job->ok);
}

/* In a transaction. CC_E_RANGE: refused. */
static int create(struct import *m, struct cc_change *c, const struct cc_cell *cells, size_t count)
{
	struct cc_request *rq = m->job->rq;
	rq->state->form = (struct cc_fields){0};
	int err = 0;
	for (size_t i = 0; i < count && !err; i++) {
		const char *value;
		if (i >= m->columns || !m->column[i])
			continue;
		err = value_of(c, (size_t)(m->column[i] - m->r->columns), &cells[i], &value);
		if (!err && *value)
			err = cc_field_add(
					rq->arena, &rq->state->form, m->column[i]->name, value, strlen(value));
	}
	if (!err)
		err = cc_change_read(c);
	return err ? err : cc_change_store(c);
}

/* What rows have to be told or written after their commits, and their memory. */
static int finish_some(struct import *m)
{
	struct cc_request *rq = m->job->rq;
	int err = cc_run_deferred(rq);
	cc_defer_none(rq);
	cc_arena_reset(m->scratch);
	return err;
}

/* One row, whole or not at all. */
static int import_one(struct import *m, uint64_t number, const struct cc_cell *cells, size_t count)
{
	struct cc_request *rq = m->job->rq;
	struct cc_change *c = cc_change_begin(rq, m->r, CC_CREATE, NULL);
	cc_db_begin(rq->db, false);
	int err = create(m, c, cells, count);
	if (!err)
		err = resume_write(m, m->job->ok + 1);
	if (!err)
		err = cc_db_commit(rq->db);
	if (!err) {
		m->job->ok++;
		return 0;
	}
	/* text that no form takes, and not what the database says to a statement */
	bool malformed = err == CC_E_INVAL && !cc_db_error(rq->db)[0];
	cc_db_rollback(rq->db);
	if (err == CC_E_RANGE && cc_change_is_refused(c))
		return refuse(m, number, cells, count, cc_change_why(c));
	return malformed ? refuse(m, number, cells, count, cc_t(rq, "this value is not valid.")) : err;
}

static int import_row(void *user, uint64_t number, const struct cc_cell *cells, size_t count)
{
	struct import *m = user;
	struct cc_request *rq = m->job->rq;
	if (m->heading && !m->headed) {
		m->headed = true;
		return m->resumed ? 0 : bad_write(m, cc_t(rq, "Row"), cc_t(rq, "Reason"), cells, count);
	}
	if (m->done < m->resumed) {
		m->done++;
		return 0;
	}
	int err = import_one(m, number, cells, count);
	/* who lost a race for locks tries again: nothing of it has happened */
	for (int i = 0; i < TRIES && err == CC_E_STATE && cc_db_deadlocked(rq->db); i++)
		err = import_one(m, number, cells, count);
	if (!err && ++m->done % ROWS_PER_ARENA == 0)
		err = finish_some(m);
	return err ? err : cc_job_progress_at(m->job, m->done, m->rows, false);
}

/* What the order says, as the user may now. */
static int order_take(struct import *m)
{
	struct cc_job_run *job = m->job;
	struct json_object *o;
	json_object_object_get_ex(job->parameters, "heading", &o);
	m->heading = json_object_get_boolean(o);
	json_object_object_get_ex(job->parameters, "rows", &o);
	m->rows = json_object_get_int64(o);
	if (!json_object_object_get_ex(job->parameters, "columns", &o) ||
			!json_object_is_type(o, json_type_array))
		return CC_E_INVAL;
	m->columns = json_object_array_length(o);
	if (m->columns > COLUMNS)
		return CC_E_INVAL;
	for (size_t i = 0; i < m->columns; i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(o, i));
		int k = name && *name ? cc_column_find(m->r, name) : -1;
		if (k >= 0 && !takes(job->rq, m->r, &m->r->columns[k]))
			return CC_E_DENIED;
		m->column[i] = k >= 0 ? &m->r->columns[k] : NULL;
	}
	return 0;
}

static int import_file(struct import *m, const char *folder)
{
	struct cc_job_run *job = m->job;
	struct cc_request *rq = job->rq;
	struct cc_sheet_problem problem = {0};
	struct cc_arena *own = rq->arena;
	const struct cc_scope scope = {rq->user->tenant, rq->user->id, rq->user->agent};
	const char *from = cc_sprintf(own, "%s/%" PRId64 ".upload", folder, job->id);
	const char *path = cc_sprintf(own, "%s/%" PRId64 ".csv", folder, job->id);
	const char *part = cc_sprintf(own, "%s.part", path);
	int err = resume_read(m, part);
	if (err) {
		if (m->bad)
			fclose(m->bad);
		return err;
	}
	m->scratch = rq->arena = cc_arena_new();
	cc_db_use(rq->db, m->scratch, &scope);
	err = cc_sheet_read(from, &limits, import_row, m, &problem);
	int told = finish_some(m);
	rq->arena = own;
	cc_db_use(rq->db, own, &scope);
	cc_arena_free(m->scratch);
	if (fclose(m->bad) && !err)
		err = CC_E_IO;
	if (err && problem.text)
		cc_job_fail(job, err, cc_t(rq, problem.text));
	if (!err)
		err = told;
	if (!err && job->bad && !rename(part, path))
		err = cc_job_file(job, path);
	unlink(part);
	unlink(from);
	return err;
}

int cc_resource_import_job(struct cc_job_run *job)
{
	struct cc_request *rq = job->rq;
	struct import m = {.job = job, .r = cc_resource_find(rq, cc_job_string(job, "path"))};
	char folder[256];
	if (!m.r || !(m.r->actions & CC_IMPORT) || !cc_resource_can(rq, m.r, "import") ||
			!cc_resource_can(rq, m.r, "create"))
		return cc_job_fail(job, CC_E_DENIED, cc_t(rq, "You have no permission for this."));
	int err = order_take(&m);
	if (err)
		return cc_job_fail(job, err, cc_t(rq, "You have no permission for this."));
	err = cc_job_folder(rq, folder, sizeof folder);
	if (!err)
		err = import_file(&m, folder);
	if (!err)
		err = cc_job_progress_at(job, m.done, m.done, true);
	if (!err)
		snprintf(job->said, sizeof job->said, "%s",
				cc_fill(rq,
						cc_fill(rq, cc_t(rq, "{ok} rows were added, {bad} were not."), "{ok}",
								job->ok),
						"{bad}", job->bad));
	return err;
}
