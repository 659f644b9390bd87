/* SPDX-License-Identifier: GPL-2.0-or-later
 * Removes rows that nobody needs any more: sessions that ended, old sign-in failures, finished
 * jobs. */
#include "job.h"

#include <stdio.h>
#include "cc/clock.h"

#define DAY_MS (24 * 3600 * 1000LL)
#define FAILURES_DAYS 30
#define JOBS_DAYS 90
#define STEPS 3

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
		err = cc_job_progress(job, 3, STEPS);
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
