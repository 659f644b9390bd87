/* SPDX-License-Identifier: GPL-2.0-or-later
 * Removes what nobody needs any more: sessions that ended, old sign-in failures, finished jobs and
 * their files, customers that were merged into others long ago. */
#include "job.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cc/clock.h"

#define DAY_MS (24 * 3600 * 1000LL)
#define FAILURES_DAYS 30
#define JOBS_DAYS 90
#define AUDIT_DAYS                                                                                 \
	30 /* of a tenant that did not choose (audit_days of contract/preferences.def)                 \
		*/
#define MERGED_DAYS 365 /* likewise, merged_days; 0: for ever */
#define STEPS 6

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), n = strlen(end);

	return len >= n && strcmp(name + len - n, end) == 0;
}

/* "<job>.csv" of a job that is gone, a half file or an upload of one that is over, "….tmp" of an
 * answer that was never sent or an upload that nobody went on with. */
static int is_left_over(
		struct cc_job *job, const char *path, const char *name, int64_t tenant, bool *left_over)
{
	struct cc_rows rows;
	struct stat st;
	bool half = ends_with(name, ".part") || ends_with(name, ".upload");
	int err;

	*left_over = ends_with(name, ".tmp") && stat(path, &st) == 0 &&
				 st.st_mtime < cc_clock_utc_ms() / 1000 - 3600;
	if (ends_with(name, ".tmp") || name[0] == '.')
		return 0;
	err = cc_db_query(job->db, &rows,
			"SELECT {any} state IN ('waiting', 'running') FROM job WHERE tenant_id = ? AND id = ?",
			tenant, (int64_t)strtoll(name, NULL, 10));
	if (!err)
		*left_over = !rows.count || (half && !cc_row_int(&rows.row[0], 0, 0));
	return err;
}

/* The file of a form that was refused after it had been put in its place. */
static int is_forgotten(
		struct cc_job *job, const char *path, const char *name, int64_t tenant, bool *left_over)
{
	struct cc_rows rows;
	struct stat st;
	int err;

	if (name[0] == '.' || stat(path, &st) || st.st_mtime > cc_clock_utc_ms() / 1000 - 3600)
		return 0;
	err = cc_db_query(job->db, &rows, "SELECT {any} 1 FROM file WHERE tenant_id = ? AND id = ?",
			tenant, (int64_t)strtoll(name, NULL, 10));
	*left_over = !err && !rows.count;
	return err;
}

/* What knows whether a file of a folder is needed no more. */
typedef int (*needless_fn)(
		struct cc_job *job, const char *path, const char *name, int64_t tenant, bool *left_over);

static int remove_files(
		struct cc_job *job, const char *folder, int64_t tenant, needless_fn needless)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int err = 0;

	while (dir && !err && (entry = readdir(dir))) {
		char path[900];
		bool left_over = false;

		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		err = needless(job, path, entry->d_name, tenant, &left_over);
		if (left_over)
			unlink(path);
	}
	if (dir)
		closedir(dir);
	return err;
}

static int remove_all_files(struct cc_job *job, const char *where, needless_fn needless)
{
	struct dirent *entry;
	char folder[256], below[600];
	DIR *dir = NULL;
	int err = 0;

	if (cc_settings_path(job->settings, where, folder, sizeof(folder)) >= 0)
		dir = opendir(folder);
	while (dir && !err && (entry = readdir(dir))) {
		int64_t tenant = strtoll(entry->d_name, NULL, 10);

		snprintf(below, sizeof(below), "%s/%s", folder, entry->d_name);
		if (tenant > 0)
			err = remove_files(job, below, tenant, needless);
	}
	if (dir)
		closedir(dir);
	return err;
}

/* Merges that are so old that nobody takes them apart any more, and the customers that are no more.
 */
static int end_merges(struct cc_job *job, int64_t now, int64_t *removed)
{
	int err = cc_db_exec(job->db,
			"UPDATE {any} customer_merge m LEFT JOIN preference p ON p.tenant_id = m.tenant_id AND "
			"p.name = 'merged_days' SET m.state = 'final', m.value = '' WHERE m.state = 'done' "
			"AND COALESCE(p.value, ?) > 0 AND m.at < ? - COALESCE(p.value, ?) * ?",
			MERGED_DAYS, now, MERGED_DAYS, DAY_MS);

	if (!err)
		err = cc_db_exec(job->db,
				"DELETE {any} c FROM customer_merge m JOIN customer_merged x ON x.tenant_id = "
				"m.tenant_id AND x.merge_id = m.id JOIN customer c ON c.tenant_id = x.tenant_id "
				"AND c.id = x.customer_id AND c.merged_into IS NOT NULL WHERE m.state = 'final'");
	if (!err)
		*removed += cc_db_affected(job->db);
	if (!err)
		err = cc_db_exec(job->db,
				"DELETE {any} r FROM customer_merge m JOIN customer_merge_row r ON r.tenant_id = "
				"m.tenant_id AND r.merge_id = m.id WHERE m.state = 'final'");
	return err;
}

static int remove_rows(struct cc_job *job, int64_t now, int64_t *removed)
{
	int err = cc_db_exec(job->db, "DELETE {any} FROM session WHERE expires_at < ?", now);

	if (!err)
		*removed = cc_db_affected(job->db);
	if (!err)
		err = cc_job_progress(job, 1, STEPS);
	if (!err)
		err = cc_db_exec(job->db,
				"DELETE {any} FROM sign_in_failure WHERE last_at < ? AND frozen_until < ?",
				now - FAILURES_DAYS * DAY_MS, now);
	if (!err)
		*removed += cc_db_affected(job->db);
	if (!err)
		err = cc_job_progress(job, 2, STEPS);
	if (!err)
		err = cc_db_exec(job->db,
				"DELETE {any} FROM job WHERE state IN ('done', 'failed', 'cancelled') AND ended_at "
				"< ?",
				now - JOBS_DAYS * DAY_MS);
	if (!err)
		*removed += cc_db_affected(job->db);
	if (!err)
		err = remove_all_files(job, "data/jobs", is_left_over);
	if (!err)
		err = remove_all_files(job, "data/files", is_forgotten);
	if (!err)
		err = cc_job_progress(job, 3, STEPS);
	if (!err)
		err = cc_db_exec(job->db,
				"DELETE {any} a FROM audit_log a LEFT JOIN preference p ON p.tenant_id = "
				"a.tenant_id AND p.name = 'audit_days' WHERE a.at < ? - COALESCE(p.value, ?) * ?",
				now, AUDIT_DAYS, DAY_MS);
	if (!err)
		*removed += cc_db_affected(job->db);
	if (!err)
		err = cc_job_progress(job, 4, STEPS);
	if (!err)
		err = cc_db_exec(job->db, "DELETE {any} FROM captcha WHERE expires_at < ?", now);
	if (!err)
		err = cc_job_progress(job, 5, STEPS);
	if (!err)
		err = end_merges(job, now, removed);
	if (!err)
		err = cc_job_progress(job, STEPS, STEPS);
	if (err)
		snprintf(job->error, sizeof(job->error), "%s", cc_db_error(job->db));
	return err;
}

int housekeeping_run(struct cc_job *job)
{
	int64_t rows = 0;
	int err = remove_rows(job, cc_clock_utc_ms(), &rows);

	if (!err)
		snprintf(job->result, sizeof(job->result), "%lld rows removed", (long long)rows);
	return err;
}
