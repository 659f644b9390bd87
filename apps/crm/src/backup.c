/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backup.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>
#include "package.h"

#define BUFFER 65536

struct writing
{
	struct cc_job_run *job;
	struct cc_arena *arena; /* of the rows, emptied now and then */
	struct cc_buf lines;
	FILE *file;
	size_t columns;
	int64_t total;
};

static int write_lines(struct writing *w)
{
	bool written = fwrite(w->lines.p, 1, w->lines.len, w->file) == w->lines.len;

	cc_arena_reset(w->arena);
	w->lines = cc_buf_new(w->arena);
	return written ? 0 : CC_E_IO;
}

static int write_row(void *ctx, const struct cc_row *row)
{
	struct writing *w = ctx;

	for (size_t i = 0; i < w->columns; i++) {
		if (i)
			cc_buf_add(&w->lines, ",", 1);
		if (row->v[i])
			cc_buf_csv(&w->lines, row->v[i], row->len[i]);
	}
	cc_buf_add(&w->lines, "\r\n", 2);
	w->job->ok++;
	if (w->lines.len < BUFFER)
		return 0;
	int err = write_lines(w);

	return err ? err : cc_job_progress_at(w->job, w->job->ok, w->total, false);
}

static const char *compose(struct writing *w, const struct package *p)
{
	struct cc_request *rq = w->job->rq;
	struct cc_buf sql = cc_buf_new(rq->arena);

	cc_buf_str(&sql, "SELECT t.id");
	cc_buf_str(&w->lines, "\xEF\xBB\xBFid");
	for (size_t i = 0; i < p->count; i++) {
		const char *label =
				p->fields[i].translated ? cc_t(rq, p->fields[i].label) : p->fields[i].label;

		cc_buf_printf(&sql, ", t.%s", p->fields[i].column);
		cc_buf_str(&w->lines, ",");
		cc_buf_csv(&w->lines, label, strlen(label));
	}
	cc_buf_str(&sql, ", y.name, s.name, g.number, a.number FROM customer t LEFT JOIN customer_type "
					 "y ON y.tenant_id = t.tenant_id AND y.id = t.type_id LEFT JOIN "
					 "customer_source s ON s.tenant_id = t.tenant_id AND s.id = t.source_id LEFT "
					 "JOIN agent_group g ON g.tenant_id = t.tenant_id AND g.id = t.group_id LEFT "
					 "JOIN agent a ON a.tenant_id = t.tenant_id AND a.id = t.agent_id WHERE "
					 "t.tenant_id = {tenant} AND t.package_id = ? AND " CUSTOMER_VISIBLE);
	cc_buf_printf(&w->lines, ",%s,%s,%s,%s\r\n", cc_t(rq, "Customer type"),
			cc_t(rq, "Customer source"), cc_t(rq, "Group number"), cc_t(rq, "Agent number"));
	w->columns = p->count + 5;
	return cc_buf_text(&sql);
}

static int write_package(struct writing *w, struct cc_db *reader, int64_t package, const char *path)
{
	struct cc_request *rq = w->job->rq;
	const struct cc_bind bind = cc_bind_int(package);
	const char *sql;
	struct package *p;
	int err = package_load(rq->db, rq->arena, package, &p);

	if (err)
		return err;
	w->file = fopen(path, "we");
	if (!w->file)
		return CC_E_IO;
	sql = compose(w, p);
	err = cc_db_each(reader, sql, &bind, 1, write_row, w);
	if (!err)
		err = write_lines(w);
	return fclose(w->file) && !err ? CC_E_IO : err;
}

static int open_reader(struct cc_request *rq, struct cc_arena *arena, struct cc_db **reader)
{
	const struct cc_scope scope = {rq->user->tenant, rq->user->id, rq->user->agent};
	char *path = cc_alloc(rq->arena, 256);
	int err = cc_settings_path(rq->settings, "sock/mysql.sock", path, 256);
	struct cc_db_options *options = cc_alloc(rq->arena, sizeof(*options));

	*options = (struct cc_db_options){.socket = path,
			.user = cc_settings_db_user(rq->settings, "apps"),
			.database = cc_settings_str(rq->settings, "CC_DB_NAME")};
	err = err < 0 ? err : cc_db_new(reader, options);
	if (!err)
		cc_db_use(*reader, arena, &scope);
	return err;
}

/* The packages' files, then the archive of them. */
static int pack(
		struct writing *w, const struct cc_rows *packages, const char *folder, const char *path)
{
	struct cc_request *rq = w->job->rq;
	zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
	struct cc_db *reader = NULL;
	size_t made = 0;
	int err = zip ? open_reader(rq, w->arena, &reader) : CC_E_IO;

	for (; made < packages->count && !err; made++) {
		const struct cc_row *row = &packages->row[made];
		const char *part =
				cc_sprintf(rq->arena, "%s/%" PRId64 "-%zu.tmp", folder, w->job->id, made);
		zip_source_t *source;

		err = write_package(w, reader, cc_row_int(row, 0, 0), part);
		source = err ? NULL : zip_source_file(zip, part, 0, -1);
		if (!err &&
				(!source || zip_file_add(zip, cc_sprintf(rq->arena, "%s.csv", cc_row_str(row, 1)),
									source, ZIP_FL_ENC_UTF_8) < 0))
			err = CC_E_IO;
	}
	if (zip && err)
		zip_discard(zip);
	else if (zip && zip_close(zip) < 0)
		err = CC_E_IO;
	for (size_t i = 0; i < made; i++)
		unlink(cc_sprintf(rq->arena, "%s/%" PRId64 "-%zu.tmp", folder, w->job->id, i));
	cc_db_free(reader);
	return err;
}

int backup_task(struct cc_job_run *job)
{
	struct cc_request *rq = job->rq;
	struct writing w = {.job = job};
	struct cc_rows packages, rows;
	char folder[256];
	const char *path;
	int err;

	/* it has everything: who sees a part only does not get it */
	if (!cc_can(rq, "crm.backup.create") || rq->user->scope != CC_SCOPE_ALL ||
			rq->user->hide_numbers)
		return cc_job_fail(job, CC_E_DENIED, cc_t(rq, "You have no permission for this."));
	err = cc_job_folder(rq, folder, sizeof(folder));
	if (!err)
		err = cc_db_query(rq->db, &packages,
				"SELECT id, code FROM customer_package WHERE tenant_id = {tenant} ORDER BY id");
	if (!err)
		err = cc_db_query(
				rq->db, &rows, "SELECT COUNT(*) FROM customer WHERE tenant_id = {tenant}");
	if (err)
		return err;
	path = cc_sprintf(rq->arena, "%s/%" PRId64 ".zip", folder, job->id);
	w.total = cc_row_int(&rows.row[0], 0, 0);
	w.arena = cc_arena_new();
	w.lines = cc_buf_new(w.arena);
	err = pack(&w, &packages, folder, path);
	cc_arena_free(w.arena);
	if (!err)
		err = cc_job_file(job, path);
	if (!err)
		err = cc_job_progress_at(job, job->ok, job->ok, true);
	if (err == CC_E_IO)
		return cc_job_fail(job, err, cc_t(rq, "The file could not be written."));
	snprintf(job->said, sizeof(job->said), "%" PRId64, job->ok);
	return err;
}

/* ---- the page ---- */

int backup_page(struct cc_request *rq)
{
	struct cc_value *page = cc_page(rq, cc_t(rq, "Backup of customers"));

	return cc_page_send(rq, "crm/backup", page);
}

int backup_post(struct cc_request *rq)
{
	const struct cc_job_order order = {
			.kind = "crm.backup",
			.page = CC_N("Backup of customers"),
			.options = "",
			.file = cc_sprintf(rq->arena, "customers-%.10s.zip", cc_time_input(rq, rq->now_ms)),
			.parameters = "{}",
	};
	int64_t id;
	int err = rq->user->api ? CC_E_DENIED : cc_job_queue(rq, &order, &id);

	if (!err)
		err = cc_audit_write(rq, "crm.backup.create", "customers", NULL);
	if (!err)
		cc_redirect(rq, CC_JOBS_PAGE "?active=");
	return err;
}
