/* SPDX-License-Identifier: GPL-2.0-or-later
 * Jobs of the pages: queueing them, and doing one in a process of its own. */
#include "jobs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <json-c/json.h>
#include "cc/clock.h"
#include "things.h"

#define PROGRESS_MS 250

int cc_job_queue(struct cc_request *rq, const struct cc_job_order *o, int64_t *id)
{
	int err = cc_db_exec(rq->db,
			"INSERT INTO job (tenant_id, kind, parameters, page, options, file, created_by, "
			"created_name, created_at) VALUES ({tenant}, ?, ?, ?, ?, ?, NULLIF(?, 0), ?, ?)",
			o->kind, o->parameters, o->page, o->options, o->file,
			rq->user->api ? (int64_t)0 : rq->user->id, rq->user->username, rq->now_ms);
	if (!err)
		*id = cc_db_insert_id(rq->db);
	return err;
}

/* ---- a job at work ---- */

static const struct cc_task common[] = {
		{"export", cc_resource_export_job},
		{"batch", cc_resource_batch_job},
		{"rows", cc_resource_import_job},
		{NULL, NULL},
};

/* The task of that name, of every application or of this one; NULL if there is none. */
static const struct cc_task *find_task(const struct cc_plugin *plugin, const char *name)
{
	const struct cc_task *const all[] = {common, plugin->tasks};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		for (const struct cc_task *t = all[i]; t && t->name; t++)
			if (!strcmp(t->name, name))
				return t;
	return NULL;
}

int cc_job_fail(struct cc_job_run *job, int err, const char *text)
{
	if (!job->said[0])
		snprintf(job->said, sizeof job->said, "%s", text);
	return err;
}

int cc_job_progress_at(struct cc_job_run *job, int64_t done, int64_t total, bool last)
{
	int64_t now = cc_clock_mono_ms();
	if (!last && now - job->told_ms < PROGRESS_MS)
		return 0;
	job->told_ms = now;
	return cc_db_exec(job->rq->db,
			"UPDATE job SET progress = ?, total = ?, ok = ?, bad = ? WHERE tenant_id = {tenant} "
			"AND "
			"id = ?",
			done, total, job->ok, job->bad, job->id);
}

const char *cc_job_string(const struct cc_job_run *job, const char *name)
{
	struct json_object *o;
	if (!json_object_object_get_ex(job->parameters, name, &o) ||
			!json_object_is_type(o, json_type_string))
		return "";
	return json_object_get_string(o);
}

int64_t cc_job_number(const struct cc_job_run *job, const char *name)
{
	struct json_object *o;
	return json_object_object_get_ex(job->parameters, name, &o) ? json_object_get_int64(o) : 0;
}

int cc_job_folder(struct cc_request *rq, char *path, size_t cap)
{
	char below[64];
	int len = cc_settings_path(rq->settings, "data/jobs", path, cap);
	if (len >= 0 && mkdir(path, 0750) && errno != EEXIST)
		return CC_E_IO;
	snprintf(below, sizeof below, "data/jobs/%lld", (long long)rq->user->tenant);
	len = len < 0 ? len : cc_settings_path(rq->settings, below, path, cap);
	if (len >= 0 && mkdir(path, 0750) && errno != EEXIST)
		return CC_E_IO;
	return len < 0 ? len : 0;
}

int cc_job_file(struct cc_job_run *job, const char *path)
{
	struct stat st;
	if (stat(path, &st))
		return CC_E_IO;
	return cc_db_exec(job->rq->db,
			"UPDATE job SET size = ?, path = ? WHERE tenant_id = {tenant} AND id = ?",
			(int64_t)st.st_size, strrchr(path, '/') + 1, job->id);
}

static int run(struct cc_job_run *job, const struct cc_row *row)
{
	struct cc_request *rq = job->rq;
	const char *kind = cc_row_str(row, 0), *name = strchr(kind, '.');
	int err = cc_identify_user(rq, cc_row_int(row, 2, 0), cc_row_int(row, 3, 0));
	if (err || !rq->user)
		return cc_job_fail(job, err ? err : CC_E_DENIED,
				cc_t(rq, "The user who asked for it is not there any more."));
	err = cc_plugins_follow(rq);
	if (err)
		return err;
	cc_request_language(rq);
	cc_zone_use(rq, rq->user->timezone);
	if (!cc_plugins_own(rq) || cc_plugins_withhold(rq, kind))
		return cc_job_fail(job, CC_E_DENIED, cc_t(rq, "This is not in the contract any more."));
	job->parameters = json_tokener_parse(cc_row_str(row, 1));
	const struct cc_task *task = name ? find_task(rq->state->web->plugin, name + 1) : NULL;
	err = task ? task->run(job) : cc_job_fail(job, CC_E_NOENT, "unknown kind");
	json_object_put(job->parameters);
	return err;
}

static const char *no_env(void *ctx, const char *name)
{
	return NULL;
}

static long no_read(void *ctx, char *buf, size_t cap)
{
	return 0;
}

static int no_write(void *ctx, const char *buf, size_t len)
{
	return 0;
}

/* What it says on standard output becomes the result of the job, or, with another exit status than
 * 0, the reason of its failure. */
int cc_job_serve(struct cc_web *web, int64_t id)
{
	static const struct cc_io io = {no_env, no_read, no_write, NULL};
	static const struct cc_scope nobody = {0, 0, ""};
	struct cc_web_state st = {.web = web, .io = &io, .body = cc_buf_new(web->arena)};
	struct cc_request rq = {
			.arena = web->arena,
			.db = web->db,
			.settings = web->settings,
			.now_ms = cc_clock_utc_ms(),
			.id = "job",
			.method = "POST",
			.path = "/",
			.target = "/",
			.address = "",
			.user_agent = "",
			.state = &st,
	};
	struct cc_job_run job = {.rq = &rq, .id = id};
	struct cc_rows rows;
	st.headers_end = &st.headers;
	st.deferred_end = &st.deferred;
	cc_request_language(&rq);
	cc_db_use(web->db, web->arena, &nobody);
	int err = cc_db_query(web->db, &rows,
			"SELECT {any} kind, parameters, tenant_id, created_by FROM job WHERE id = ? AND state "
			"= "
			"'running'",
			id);
	if (!err)
		err = rows.count ? run(&job, &rows.row[0]) : cc_job_fail(&job, CC_E_NOENT, "no such job");
	if (err && !job.said[0])
		cc_job_fail(&job, err, cc_db_error(web->db)[0] ? cc_db_error(web->db) : cc_err_name(err));
	fputs(job.said, stdout);
	return err ? 1 : 0;
}
