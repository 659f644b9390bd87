/* SPDX-License-Identifier: GPL-2.0-or-later
 * What an import was told to do: the row of its batch, as the page, the preview and the job need
 * it.
 */
#ifndef PLAN_H
#define PLAN_H

#include "cc/jobs.h"
#include "cc/web.h"
#include "import.h"

#define PLAN_AGENT_NUMBER "##AgentNo##" /* column that assigns */
#define PLAN_SAMPLE 10                  /* rows that are shown */

struct plan
{
	struct cc_request *rq;
	int64_t batch, job;
	const char *name, *state, *file_name, *problem;
	const char *path;            /* of the file */
	struct json_object *options; /* NULL: nothing was told yet */
	struct package *package;
	struct import import; /* columns and options filled in from options */
};

/* The batch by its id. CC_E_NOENT. */
int plan_load(struct cc_request *rq, int64_t batch, struct plan *plan);
/* Fills plan->import from its options. CC_E_INVAL: a field is not there any more. */
int plan_prepare(struct plan *plan);
const char *plan_option(const struct plan *plan, const char *name);
void plan_free(struct plan *plan);

/* import_job.c */
int import_task(struct cc_job_run *job);
int import_undo_task(struct cc_job_run *job);
int import_clean_task(struct cc_job_run *job);
int import_queue(struct cc_request *rq, const char *kind, const char *batch, int64_t *job);

#endif
