/* SPDX-License-Identifier: GPL-2.0-or-later
 * What happens outside of requests. An event's changes are committed together with the place in the
 * journal, so each is counted once; a job may be run twice, which does no harm here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/clock.h"
#include "skeleton.h"

#define DAY_MS (24 * 3600 * 1000LL)

int skeleton_call_ended(const struct cc_event *event)
{
	const char *count;
	int err = cc_option(event->db, &skeleton, "count_calls", &count);
	if (err || strcmp(count, "1"))
		return err;
	return cc_db_exec(event->db,
			"INSERT INTO skeleton_day (tenant_id, day, calls) VALUES ({tenant}, ?, 1) "
			"ON DUPLICATE KEY UPDATE calls = calls + 1",
			event->time_ms / DAY_MS);
}

int skeleton_clean(struct cc_job *job)
{
	const char *keep;
	int err = cc_option(job->db, &skeleton, "keep_days", &keep);
	int64_t days = err ? 0 : strtoll(keep, NULL, 10), removed = 0;
	if (!err && days > 0) {
		err = cc_db_exec(job->db, "DELETE FROM skeleton_note WHERE tenant_id = {tenant} AND at < ?",
				cc_clock_utc_ms() - days * DAY_MS);
		removed = cc_db_affected(job->db);
	}
	if (err)
		snprintf(job->error, sizeof job->error, "%s", cc_db_error(job->db));
	else
		snprintf(job->result, sizeof job->result, "%lld notes removed", (long long)removed);
	return err;
}
