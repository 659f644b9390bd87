/* SPDX-License-Identifier: GPL-2.0-or-later
 * Removes what nobody needs any more: sessions that ended, old sign-in failures, finished jobs, and
 * journal segments that are in the database and past CC_JOURNAL_DAYS. */
#include "job.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cc/clock.h"
#include "cc/err.h"

#define DAY_MS (24 * 3600 * 1000LL)
#define FAILURES_DAYS 30
#define JOBS_DAYS 90
#define STEPS 4

static int failed(struct job *job, const char *what)
{
	snprintf(job->error, sizeof(job->error), "%s: %s", what, strerror(errno));
	return CC_E_IO;
}

static int remove_rows(struct job *job, int64_t now, int64_t *removed)
{
	int err = cc_db_exec(job->db, "DELETE {any} FROM session WHERE expires_at < ?", now);

	if (!err)
		*removed = cc_db_affected(job->db);
	if (!err)
		err = job_progress(job, 1, STEPS);
	if (!err)
		err = cc_db_exec(job->db,
				"DELETE {any} FROM sign_in_failure WHERE last_at < ? AND frozen_until < ?",
				now - FAILURES_DAYS * DAY_MS, now);
	if (!err)
		*removed += cc_db_affected(job->db);
	if (!err)
		err = job_progress(job, 2, STEPS);
	if (!err)
		err = cc_db_exec(job->db,
				"DELETE {any} FROM job WHERE state IN ('done', 'failed', 'cancelled') AND ended_at "
				"< ?",
				now - JOBS_DAYS * DAY_MS);
	if (!err)
		*removed += cc_db_affected(job->db);
	if (!err)
		err = job_progress(job, 3, STEPS);
	if (err)
		snprintf(job->error, sizeof(job->error), "%s", cc_db_error(job->db));
	return err;
}

/* "nnn-eeeeeeee-ssssssssssssssss.ccj" of the node (docs/contracts.md) that sorts before the segment
 * being read: it was read to its end. */
static bool was_read(const char *name, const char *node, const char *segment)
{
	size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".ccj") == 0 &&
		   strncmp(name, node, strlen(node)) == 0 && strcmp(name, segment) < 0;
}

static int remove_segments(struct job *job, int64_t now, int64_t *removed)
{
	int64_t before = now - cc_settings_int(job->settings, "CC_JOURNAL_DAYS") * DAY_MS;
	char folder[256], node[8], position[80];
	struct dirent *entry;
	struct cc_rows rows;
	int err =
			cc_db_query(job->db, &rows, "SELECT {any} segment FROM journal_position WHERE node = ?",
					cc_settings_int(job->settings, "CC_NODE"));
	DIR *dir;

	if (err) {
		snprintf(job->error, sizeof(job->error), "%s", cc_db_error(job->db));
		return err;
	}
	if (rows.count == 0)
		return 0;
	snprintf(position, sizeof(position), "%s", cc_row_str(&rows.row[0], 0));
	snprintf(node, sizeof(node), "%03x-", (unsigned)cc_settings_int(job->settings, "CC_NODE"));
	err = cc_settings_path(job->settings, "data/journal", folder, sizeof(folder));
	if (err < 0)
		return err;
	dir = opendir(folder);
	if (!dir)
		return failed(job, folder);
	while ((entry = readdir(dir))) {
		struct stat st;

		if (!was_read(entry->d_name, node, position) ||
				fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
				st.st_mtime * 1000LL >= before)
			continue;
		if (unlinkat(dirfd(dir), entry->d_name, 0) == 0)
			++*removed;
		else
			err = failed(job, entry->d_name);
	}
	closedir(dir);
	return err < 0 ? err : 0;
}

int housekeeping_run(struct job *job)
{
	int64_t now = cc_clock_utc_ms(), rows = 0, segments = 0;
	int err = remove_rows(job, now, &rows);

	if (!err)
		err = remove_segments(job, now, &segments);
	if (!err)
		err = job_progress(job, STEPS, STEPS);
	if (!err)
		snprintf(job->result, sizeof(job->result), "%lld rows, %lld journal segments removed",
				(long long)rows, (long long)segments);
	return err;
}
