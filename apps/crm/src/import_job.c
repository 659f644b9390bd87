/* SPDX-License-Identifier: GPL-2.0-or-later
 * Importing, taking back and cleaning up in the background. A task that is run again after a crash
 * begins by emptying the batch. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cc/jobs.h"
#include "plan.h"

struct running
{
	struct cc_job_run *job;
	int64_t total; /* about; 0: not known */
};

static int progress(void *ctx, uint64_t rows)
{
	const struct running *r = ctx;
	/* a guess that was too low is not shown as the end */
	int64_t total = r->total > (int64_t)rows ? r->total : 0;

	r->job->ok = (int64_t)rows;
	return cc_job_progress_at(r->job, (int64_t)rows, total, false);
}

static const char *translate(void *ctx, const char *text)
{
	const struct running *r = ctx;

	return cc_t(r->job->rq, text); /* constant texts, keys of the catalogues */
}

/* About how many rows a CSV file has, by the length of its first lines; 0 for others. */
static int64_t guess_rows(const char *path)
{
	static char begin[65536];
	FILE *file = fopen(path, "re");
	size_t len = file ? fread(begin, 1, sizeof(begin), file) : 0;
	int64_t lines = 0, size = 0;

	for (size_t i = 0; i < len; i++)
		lines += begin[i] == '\n';
	if (file && fseeko(file, 0, SEEK_END) == 0)
		size = ftello(file);
	if (file)
		fclose(file);
	return len < 2 || memcmp(begin, "PK", 2) == 0 ? 0 : lines * size / (int64_t)len;
}

static int connect(struct cc_request *rq, struct cc_db_options *options)
{
	char *path = cc_alloc(rq->arena, 256);
	int len = cc_settings_path(rq->settings, "sock/mysql.sock", path, 256);

	*options = (struct cc_db_options){.socket = path,
			.user = cc_settings_db_user(rq->settings, "apps"),
			.database = cc_settings_str(rq->settings, "CC_DB_NAME")};
	return len < 0 ? len : 0;
}

/* Why, in the user's language. */
static const char *reason(struct cc_job_run *job, int err, const struct import_result *result)
{
	struct cc_request *rq = job->rq;

	if (err == CC_E_STATE)
		return cc_t(rq, "It was cancelled.");
	if (!result->problem.text)
		return result->error[0] ? result->error : cc_err_name(err);
	if (!result->problem.row)
		return cc_t(rq, result->problem.text);
	return cc_sprintf(rq->arena, "%s %s", cc_t(rq, result->problem.text),
			cc_fill(rq, cc_t(rq, "(row {n})"), "{n}", (int64_t)result->problem.row));
}

/* The batch did not commit. */
static int failed(struct cc_job_run *job, const struct plan *plan, int err,
		const struct import_result *result)
{
	const char *why = reason(job, err, result);

	cc_db_exec(job->rq->db,
			"UPDATE customer_batch SET state = IF(state = 'cancelled', state, 'failed'), hidden = "
			"first_id IS NOT NULL, problem = LEFT(?, 300), rows_read = ?, rows_bad = ? WHERE "
			"tenant_id = {tenant} AND id = ? AND state IN ('running', 'cancelled')",
			why, (int64_t)result->rows, (int64_t)result->bad, plan->batch);
	return cc_job_fail(job, err, why);
}

static int run(struct cc_job_run *job, struct plan *plan, const char *path)
{
	struct import_result result = {0};
	struct import *m = &plan->import;
	struct running running = {job, guess_rows(plan->path)};
	int err;

	m->bad = fopen(path, "we");
	if (!m->bad)
		return CC_E_IO;
	fputs("\xEF\xBB\xBF", m->bad); /* spreadsheets know UTF-8 by it */
	m->progress = progress;
	m->translate = translate;
	m->ctx = &running;
	err = import_run(job->rq->db, m, &result);
	if (fclose(m->bad) && !err)
		err = CC_E_IO;
	job->ok = (int64_t)(result.rows - result.bad);
	job->bad = (int64_t)result.bad;
	if (!err)
		cc_job_progress_at(job, (int64_t)result.rows, (int64_t)result.rows, true);
	if (!result.bad)
		unlink(path);
	else
		cc_job_file(job, path);
	if (err)
		return failed(job, plan, err, &result);
	snprintf(job->said, sizeof(job->said), "%" PRIu64, result.rows);
	return cc_audit_write(job->rq, "crm.import.run",
			cc_sprintf(job->rq->arena, "imports/%" PRId64, plan->batch),
			cc_sprintf(job->rq->arena,
					"{\"rows\":%" PRIu64 ",\"created\":%" PRIu64 ",\"changed\":%" PRIu64
					",\"skipped\":%" PRIu64 ",\"bad\":%" PRIu64 "}",
					result.rows, result.created, result.changed, result.skipped, result.bad));
}

/* Who is assigned to nobody belongs to the task's group: nobody else applies for them. */
static int find_task(struct plan *plan)
{
	struct import *m = &plan->import;
	struct cc_rows rows;
	int err = cc_db_query(plan->rq->db, &rows,
			"SELECT group_id FROM call_task WHERE tenant_id = {tenant} AND id = ? AND package_id = "
			"? AND state <> 'closed'",
			m->task, plan->package->id);

	if (!err && !rows.count)
		err = CC_E_NOENT;
	if (!err && m->list_new && !m->agent && !m->group)
		m->group = cc_row_int(&rows.row[0], 0, 0);
	return err;
}

int import_task(struct cc_job_run *job)
{
	struct cc_request *rq = job->rq;
	struct plan plan;
	char folder[256], path[320];
	struct cc_arena *scratch;
	int err = plan_load(rq, cc_job_number(job, "batch"), &plan);

	if (err)
		return err;
	if (!cc_can(rq, "crm.import.create"))
		err = cc_job_fail(job, CC_E_DENIED, cc_t(rq, "You have no permission for this."));
	else if (strcmp(plan.state, "running") != 0 || plan.job != job->id)
		err = cc_job_fail(job, CC_E_STATE, cc_t(rq, "It was cancelled."));
	if (!err && plan_prepare(&plan))
		err = cc_job_fail(job, CC_E_INVAL, cc_t(rq, "A field is not there any more."));
	if (!err)
		err = cc_job_folder(rq, folder, sizeof(folder));
	if (!err)
		err = connect(rq, &plan.import.connection);
	if (!err) { /* what a crash left */
		scratch = cc_arena_new();
		cc_db_use(rq->db, scratch, &plan.import.scope);
		err = import_discard(rq->db, scratch, plan.package, plan.batch);
		cc_db_use(rq->db, rq->arena, &plan.import.scope);
		cc_arena_free(scratch);
	}
	if (!err) {
		struct cc_rows rows;

		err = cc_db_query(rq->db, &rows,
				"SELECT b.source_id, y.id FROM customer_batch b LEFT JOIN customer_type y ON "
				"y.tenant_id = b.tenant_id AND y.digit = '0' WHERE b.tenant_id = {tenant} AND b.id "
				"= ?",
				plan.batch);
		plan.import.source = !err && rows.count ? cc_row_int(&rows.row[0], 0, 0) : 0;
		if (!err && rows.count && !plan.import.type) /* as of who is created by hand */
			plan.import.type = cc_row_int(&rows.row[0], 1, 0);
	}
	if (!err && plan.import.task) {
		err = find_task(&plan);
		if (err == CC_E_NOENT) {
			static const struct import_result gone = {
					.problem = {CC_N("The call task is closed or not there any more."), 0}};

			err = failed(job, &plan, err, &gone);
			plan_free(&plan);
			return err;
		}
	}
	snprintf(path, sizeof(path), "%s/%" PRId64 ".csv", folder, job->id);
	if (!err)
		err = run(job, &plan, path);
	plan_free(&plan);
	return err;
}

int import_undo_task(struct cc_job_run *job)
{
	struct cc_request *rq = job->rq;
	const struct cc_scope scope = {rq->user->tenant, rq->user->id, rq->user->agent};
	struct plan plan;
	uint64_t kept = 0;
	int err;

	if (!cc_can(rq, "crm.import.undo"))
		return cc_job_fail(job, CC_E_DENIED, cc_t(rq, "You have no permission for this."));
	err = plan_load(rq, cc_job_number(job, "batch"), &plan);
	if (err)
		return err;
	plan_free(&plan);
	err = import_undo(rq->db, &scope, rq->arena, plan.package, plan.batch, &kept);
	if (err == CC_E_STATE && strcmp(plan.state, "undone") == 0) /* a crash cut it off */
		err = import_clean_task(job);
	else if (err)
		return cc_job_fail(job, err, cc_t(rq, "It cannot be undone."));
	job->bad = (int64_t)kept;
	if (kept)
		snprintf(job->said, sizeof(job->said), "%s",
				cc_fill(rq, cc_t(rq, "{n} customers that were changed since were kept."), "{n}",
						(int64_t)kept));
	return err;
}

/* Removes what a batch that ended early left. */
int import_clean_task(struct cc_job_run *job)
{
	struct cc_request *rq = job->rq;
	const struct cc_scope scope = {rq->user->tenant, rq->user->id, rq->user->agent};
	struct plan plan;
	struct cc_arena *scratch;
	int err = plan_load(rq, cc_job_number(job, "batch"), &plan);

	if (err)
		return err;
	plan_free(&plan);
	if (strcmp(plan.state, "running") == 0 || strcmp(plan.state, "committed") == 0)
		return cc_job_fail(job, CC_E_STATE, cc_t(rq, "It is under way."));
	scratch = cc_arena_new();
	cc_db_use(rq->db, scratch, &scope);
	err = import_discard(rq->db, scratch, plan.package, plan.batch);
	cc_db_use(rq->db, rq->arena, &scope);
	cc_arena_free(scratch);
	return err;
}
