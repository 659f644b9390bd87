/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-03 as an ability of every resource: files of the selected rows, of the search result or of
 * all; at once up to 10,000 rows, as a job above. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <json-c/json.h>
#include "cc/jobs.h"
#include "cc/preference.h"
#include "cc/ulid.h"
#include "jobs.h"
#include "sheet.h"

#define ROWS_PER_ARENA 200

static const char *file_name(
		struct cc_request *rq, const struct cc_resource *r, enum cc_sheet_format f)
{
	return cc_sprintf(rq->arena, "%s-%.10s.%s", r->name, cc_time_input(rq, rq->now_ms),
			cc_sheet_extension(f));
}

struct audited
{
	const char *format, *scope, *query;
	int64_t rows;
};

static void audited_write(struct cc_jsonw *w, void *ctx)
{
	const struct audited *a = ctx;
	cc_jsonw_object(w, NULL);
	cc_jsonw_str(w, "format", a->format);
	cc_jsonw_str(w, "scope", a->scope);
	cc_jsonw_str(w, "query", a->query);
	cc_jsonw_int(w, "rows", a->rows);
	cc_jsonw_close_object(w);
}

static void audit(struct cc_list *l, const struct audited *a)
{
	struct cc_request *rq = l->rq;
	cc_audit(rq, cc_sprintf(rq->arena, "%s.export", l->r->permission), l->r->name,
			cc_json_text(rq->arena, audited_write, (void *)a));
}

/* ---- at once ---- */

static int append_file(struct cc_request *rq, const char *path)
{
	char part[65536];
	FILE *f = fopen(path, "re");
	if (!f)
		return CC_E_IO;
	for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
		cc_buf_add(cc_body(rq), part, n);
	int err = ferror(f) ? CC_E_IO : 0;
	fclose(f);
	return err;
}

static int send_file(struct cc_list *l, enum cc_sheet_format format, const struct cc_rows *rows)
{
	struct cc_request *rq = l->rq;
	struct cc_sheet *sheet;
	char folder[256], path[320], text[CC_ULID_TEXT + 1];
	struct cc_ulid id = cc_ulid_new();
	int err = cc_job_folder(rq, folder, sizeof folder);
	if (err)
		return err;
	snprintf(path, sizeof path, "%s/%s.tmp", folder, cc_ulid_format(&id, text));
	err = cc_sheet_open(&sheet, l, format, path, folder);
	if (!err) {
		for (size_t i = 0; i < rows->count && !err; i++)
			err = cc_sheet_row(sheet, &rows->row[i]);
		int closed = cc_sheet_close(sheet);
		err = err ? err : closed;
	}
	if (!err)
		err = append_file(rq, path);
	unlink(path);
	if (err)
		return err;
	cc_type(rq, cc_sheet_type(format));
	cc_set_header(rq, "Content-Disposition",
			cc_sprintf(rq->arena, "attachment; filename=\"%s\"", file_name(rq, l->r, format)));
	return 0;
}

/* GET P?format=…: what fits into one answer. */
int cc_resource_export_now(struct cc_list *l, const char *name)
{
	struct cc_request *rq = l->rq;
	struct cc_rows rows;
	enum cc_sheet_format format;
	if (cc_sheet_format(name, &format))
		return CC_E_INVAL;
	if (!(l->r->actions & CC_EXPORT))
		return CC_E_NOENT;
	if (!cc_resource_can(rq, l->r, "export"))
		return CC_E_DENIED;
	cc_list_pick(l, cc_sheet_flag(format));
	int err = cc_list_fetch(l, &rows, COUNT_MAX + 1, 0);
	if (err)
		return err;
	if (rows.count > COUNT_MAX)
		return cc_error(rq, 413,
				cc_t(rq, "More than 10,000 rows: the export of the page does them in the "
						 "background."));
	const char *query = strchr(rq->target, '?');
	audit(l, &(struct audited){name, "found", query ? query : "", (int64_t)rows.count});
	return send_file(l, format, &rows);
}

/* ---- as a job ---- */

struct order
{
	const struct cc_resource *r;
	const char *format;
	const struct cc_selection *s;
};

static void order_write(struct cc_jsonw *w, void *ctx)
{
	const struct order *o = ctx;
	cc_jsonw_object(w, NULL);
	cc_jsonw_str(w, "path", o->r->path);
	cc_jsonw_str(w, "format", o->format);
	cc_jsonw_str(w, "scope", o->s->scope);
	cc_jsonw_str(w, "query", o->s->query);
	cc_jsonw_close_object(w);
}

static void job_write(struct cc_jsonw *w, void *ctx)
{
	cc_jsonw_object(w, NULL);
	cc_jsonw_int(w, "job", *(int64_t *)ctx);
	cc_jsonw_close_object(w);
}

int cc_resource_job_sent(struct cc_request *rq, int64_t id)
{
	if (rq->json)
		cc_send_json(rq, job_write, &id);
	else
		cc_redirect(rq, CC_JOBS_PAGE "?active="); /* all of them: it may be done soon */
	return 0;
}

static int queue(struct cc_list *l, const char *format, const struct cc_selection *s)
{
	struct cc_request *rq = l->rq;
	struct order o = {l->r, format, s};
	enum cc_sheet_format f = CC_SHEET_CSV;
	int64_t id;
	if (rq->user->api) /* a job has the rights of a person */
		return cc_error(
				rq, 413, cc_t(rq, "More than 10,000 rows: choose a shorter time or more filters."));
	cc_sheet_format(format, &f);
	const struct cc_job_order order = {
			.kind = cc_sprintf(rq->arena, "%s.export", rq->state->web->plugin->name),
			.page = l->r->title,
			.options = format,
			.file = file_name(rq, l->r, f),
			.parameters = cc_json_text(rq->arena, order_write, &o),
	};
	int err = cc_job_queue(rq, &order, &id);
	return err ? err : cc_resource_job_sent(rq, id);
}

/* POST P/export: format, scope (selected, found, all), keys, query */
int cc_resource_export(struct cc_request *rq)
{
	const struct cc_resource *r = rq->route->resource;
	const char *name = cc_form(rq, "format");
	struct cc_selection s;
	struct cc_list l;
	struct cc_rows rows;
	enum cc_sheet_format format;
	int64_t total;
	/* people who ask for CSV get the encoding that their tenant likes */
	if (name && !strcmp(name, "csv") && !strcmp(cc_preference(rq, "export_encoding"), "GB18030"))
		name = "csv_gb";
	if (cc_sheet_format(name, &format))
		return CC_E_INVAL;
	cc_selection_read(rq, &s);
	if (!strcmp(s.scope, "selected") && !*s.keys)
		return cc_error(rq, 400, cc_t(rq, "Nothing is selected."));
	int err = cc_selection_list(&s, rq, r, &l);
	if (err)
		return err;
	err = cc_list_count(&l, COUNT_MAX, &total);
	if (err)
		return err;
	audit(&l, &(struct audited){name, s.scope, s.query, total});
	if (total > COUNT_MAX)
		return queue(&l, name, &s);
	cc_list_pick(&l, cc_sheet_flag(format));
	err = cc_list_fetch(&l, &rows, COUNT_MAX + 1, 0);
	return err ? err : send_file(&l, format, &rows);
}

struct exporter
{
	struct cc_job_run *job;
	struct cc_list *l;
	struct cc_sheet *sheet;
	struct cc_names *names;
	struct cc_arena *scratch;
	int64_t total, most; /* total 0: not known */
};

static int export_row(void *ctx, const struct cc_row *row)
{
	struct exporter *e = ctx;
	if (e->job->ok == e->most)
		return cc_job_fail(e->job, CC_E_FULL,
				cc_t(e->job->rq,
						"More rows than the preferences allow in one file: search for fewer."));
	cc_names_fill(e->names, e->l, row);
	int err = cc_sheet_row(e->sheet, row);
	if (err)
		return err;
	if (++e->job->ok % ROWS_PER_ARENA)
		return 0;
	cc_arena_reset(e->scratch);
	return cc_job_progress_at(e->job, e->job->ok, e->total, false);
}

/* Reads with a connection of its own: the request's tells how far it is meanwhile. */
static int export_rows(struct cc_job_run *job, struct cc_list *l, enum cc_sheet_format format,
		const char *path, const char *folder, int64_t total)
{
	struct cc_request *rq = job->rq;
	struct cc_arena *own = rq->arena;
	struct exporter e = {.job = job,
			.l = l,
			.scratch = cc_arena_new(),
			.total = total,
			.most = cc_preference_int(rq, "export_rows")};
	struct cc_db *reader = NULL;
	const struct cc_scope scope = {rq->user->tenant, rq->user->id, rq->user->agent};
	int err = cc_sheet_open(&e.sheet, l, format, path, folder);
	if (err)
		goto out;
	err = cc_names_load(l, &e.names);
	if (!err)
		err = cc_db_new(&reader, &rq->state->web->db_options);
	if (!err) {
		cc_db_use(reader, e.scratch, &scope);
		const char *sql = cc_list_sql(l);
		rq->arena = e.scratch;
		err = cc_db_each(reader, sql, l->bind, l->binds, export_row, &e);
		rq->arena = own;
		if (err && cc_db_error(reader)[0])
			cc_job_fail(job, err, cc_db_error(reader));
	}
	int closed = cc_sheet_close(e.sheet);
	err = err ? err : closed;
out:
	cc_db_free(reader);
	cc_arena_free(e.scratch);
	if (err == CC_E_FULL)
		cc_job_fail(job, err, cc_t(rq, "The format does not hold so many rows: choose CSV."));
	if (err == CC_E_IO)
		cc_job_fail(job, err, cc_t(rq, "The file could not be written."));
	return err;
}

static int export_to(struct cc_job_run *job, struct cc_list *l, const char *name)
{
	struct cc_request *rq = job->rq;
	char folder[256], path[300], part[320];
	enum cc_sheet_format format;
	int64_t total = 0;
	if (cc_sheet_format(name, &format))
		return CC_E_INVAL;
	int err = cc_job_folder(rq, folder, sizeof folder);
	if (!err)
		err = cc_list_count(l, COUNT_ASKED, &total);
	if (total > COUNT_ASKED) /* counting them would take a good part of the whole time */
		total = 0;
	if (!err)
		err = cc_job_progress_at(job, 0, total, true);
	if (err)
		return err;
	snprintf(path, sizeof path, "%s/%lld.%s", folder, (long long)job->id,
			cc_sheet_extension(format));
	snprintf(part, sizeof part, "%s.part", path);
	err = export_rows(job, l, format, part, folder, total);
	if (!err && rename(part, path))
		err = CC_E_IO;
	if (!err)
		err = cc_job_file(job, path);
	if (!err)
		err = cc_job_progress_at(job, job->ok, job->ok, true);
	if (err)
		unlink(part);
	return err;
}

int cc_resource_export_job(struct cc_job_run *job)
{
	struct cc_request *rq = job->rq;
	const struct cc_resource *r = cc_resource_find(rq, cc_job_string(job, "path"));
	const struct cc_selection s = {
			.scope = cc_job_string(job, "scope"), .keys = "", .query = cc_job_string(job, "query")};
	struct cc_list l;
	if (!r || !cc_resource_can(rq, r, "list") || !cc_resource_can(rq, r, "export"))
		return cc_job_fail(job, CC_E_DENIED, cc_t(rq, "You have no permission for this."));
	int err = cc_selection_list(&s, rq, r, &l);
	if (err)
		return cc_job_fail(job, err, cc_t(rq, "The search is not valid any more."));
	err = export_to(job, &l, cc_job_string(job, "format"));
	if (!err)
		snprintf(job->said, sizeof job->said, "%lld", (long long)job->ok);
	return err;
}
