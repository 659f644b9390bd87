/* SPDX-License-Identifier: GPL-2.0-or-later
 * The framework's own kinds of jobs. */
#ifndef CC_JOB_RUN_H
#define CC_JOB_RUN_H

#include "cc/jobs.h"
#include "priv.h"

int cc_job_serve(struct cc_web *web, int64_t id);
int cc_resource_export_job(struct cc_job_run *job);
int cc_resource_batch_job(struct cc_job_run *job);
int cc_resource_import_job(struct cc_job_run *job);

#endif
