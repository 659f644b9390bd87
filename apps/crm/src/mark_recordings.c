/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-19: the recordings of marked calls as ZIP archives, made in the background: one for each part
 * of the rows that were asked for, of CC_MANY at most. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zip.h>
#include "call_task.h"
#include "cc/jobs.h"

/* ---- asking for them ---- */

static void order_write(struct cc_jsonw *w, void *ctx)
{
	cc_jsonw_object(w, NULL);
	cc_jsonw_str(w, "marks", ctx);
	cc_jsonw_close_object(w);
}

static int recordings_run(struct cc_many_run *run)
{
	struct cc_request *rq = run->rq;
	const struct cc_job_order order = {
			.kind = "crm.recordings",
			.page = run->r->title,
			.options = "ZIP",
			.file = cc_sprintf(rq->arena, "recordings-%.10s.zip", cc_time_input(rq, rq->now_ms)),
			.parameters = cc_json_text(rq->arena, order_write, (void *)run->keys),
	};
	int64_t id;
	if (!cc_can(rq, "reports.recordings.play"))
		return CC_E_DENIED;
	int err = cc_job_queue(rq, &order, &id);
	run->done = (int64_t)run->count;
	return err;
}

const struct cc_many crm_mark_many[] = {
		{.name = "recordings",
				.label = CC_NC("action", "Recordings"),
				.permission = "recordings",
				.question = CC_N("The recordings of {n} marks will be packed into archives, which "
								 "are among the background tasks when they are ready."),
				.run = recordings_run},
		{.name = NULL},
};

/* ---- packing them ---- */

/* What a file of an archive is called: time, agent and the number as the user sees it. */
static const char *name_of(struct cc_request *rq, const struct cc_row *row, enum cc_hide masked)
{
	struct cc_arena *a = rq->arena;
	enum cc_hide own = cc_hide_parse(row->v[5]);
	const char *number = cc_mask_number(a, cc_row_str(row, 3), own > masked ? own : masked);
	char *name =
			cc_strdup(a, cc_sprintf(a, "%s-%s-%s-%s.mp3", cc_time_text(rq, cc_row_int(row, 1, 0)),
								 cc_row_str(row, 2), number, cc_row_str(row, 0)));
	for (char *c = name; *c; c++)
		if (strchr(" :/\\*", *c))
			*c = *c == '*' ? 'x' : '_';
	return name;
}

static int add_file(struct cc_job_run *job, zip_t *zip, const struct cc_row *row,
		const char *folder, enum cc_hide masked)
{
	const char *path = cc_sprintf(job->rq->arena, "%s/%s.mp3", folder, cc_row_str(row, 4));
	struct stat st;
	if (stat(path, &st)) {
		job->bad++; /* removed since */
		return 0;
	}
	zip_source_t *source = zip_source_file(zip, path, 0, -1);
	zip_int64_t at = source ? zip_file_add(zip, name_of(job->rq, row, masked), source,
									  ZIP_FL_ENC_UTF_8 | ZIP_FL_OVERWRITE)
							: -1;
	if (at < 0) {
		zip_source_free(source);
		return CC_E_IO;
	}
	/* sound does not become smaller */
	zip_set_file_compression(zip, (zip_uint64_t)at, ZIP_CM_STORE, 0);
	job->ok++;
	return 0;
}

static int pack(struct cc_job_run *job, const struct cc_rows *rows, const char *path)
{
	struct cc_request *rq = job->rq;
	enum cc_hide masked = cc_resource_masks(rq, &crm_mark_history, "phone");
	char *folder = cc_alloc(rq->arena, 256);
	int err = cc_settings_path(rq->settings, "data/recordings", folder, 256);
	zip_t *zip = err < 0 ? NULL : zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
	if (!zip)
		return CC_E_IO;
	err = 0;
	for (size_t i = 0; i < rows->count && !err; i++) {
		err = add_file(job, zip, &rows->row[i], folder, masked);
		if (!err)
			err = cc_job_progress_at(job, (int64_t)i + 1, (int64_t)rows->count, false);
	}
	if (err)
		zip_discard(zip);
	else if (zip_close(zip))
		err = CC_E_IO;
	return err;
}

int mark_recordings_task(struct cc_job_run *job)
{
	struct cc_request *rq = job->rq;
	const char *marks = cc_job_string(job, "marks");
	struct cc_rows rows;
	char folder[256];
	if (!cc_can(rq, "reports.recordings.play"))
		return cc_job_fail(job, CC_E_DENIED, cc_t(rq, "You have no permission for this."));
	int err = cc_job_folder(rq, folder, sizeof folder);
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT m.id, m.at, m.agent, m.phone, r.path, " HIDDEN_OF(
						"m.customer_id") " FROM customer_mark m JOIN recording r "
										 "ON r.tenant_id = m.tenant_id AND r.call_id = m.call_id "
										 "AND r.segment = 0 AND "
										 "r.volume = 'main' WHERE m.tenant_id = {tenant} AND m.id "
										 "IN (" CC_MANY_KEYS ") ORDER BY m.id",
				marks);
	if (err)
		return err;
	if (!rows.count)
		return cc_job_fail(job, CC_E_NOENT, cc_t(rq, "None of the calls has a recording."));
	const char *path = cc_sprintf(rq->arena, "%s/%" PRId64 ".zip", folder, job->id);
	err = pack(job, &rows, path);
	if (!err)
		err = cc_job_file(job, path);
	if (!err)
		err = cc_job_progress_at(job, (int64_t)rows.count, (int64_t)rows.count, true);
	if (err == CC_E_IO)
		return cc_job_fail(job, err, cc_t(rq, "The file could not be written."));
	snprintf(job->said, sizeof job->said, "%" PRId64, job->ok);
	return err ? err : cc_audit_write(rq, "crm.marks.recordings", "marks", marks);
}
