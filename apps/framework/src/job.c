/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/job.h"

#include <stdio.h>

int cc_job_progress(struct cc_job *job, int64_t done, int64_t total)
{
	int err = total < 0 ? cc_db_exec(job->db,
								  "UPDATE job SET progress = ?, total = NULL WHERE tenant_id = "
								  "{tenant} AND id = ?",
								  done, job->id)
						: cc_db_exec(job->db,
								  "UPDATE job SET progress = ?, total = ? WHERE tenant_id = "
								  "{tenant} AND id = ?",
								  done, total, job->id);

	if (err)
		snprintf(job->error, sizeof(job->error), "%s", cc_db_error(job->db));
	return err;
}
