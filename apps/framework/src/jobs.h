/* SPDX-License-Identifier: GPL-2.0-or-later
 * A job that this process does for a page. */
#ifndef CC_JOB_RUN_H
#define CC_JOB_RUN_H

#include "priv.h"

struct cc_job_run
{
	struct cc_request *rq; /* of the user who asked for it; no transaction is open */
	int64_t id;
	struct json_object *parameters;
	int64_t ok, bad; /* rows that went well, and not */
	int64_t told_ms;
	char said[900]; /* result or reason, for people */
};

/* Records the reason, once; returns err. */
int cc_job_fail(struct cc_job_run *job, int err, const char *text);
/* Tells how far it is, now and then; last: in any case. */
int cc_job_progress_at(struct cc_job_run *job, int64_t done, int64_t total, bool last);
/* A text of the parameters, "" if there is none. */
const char *cc_job_string(const struct cc_job_run *job, const char *name);
/* The folder of the tenant's files, made if necessary. CC_E_IO (errno), CC_E_RANGE. */
int cc_job_folder(struct cc_request *rq, char *path, size_t cap);
/* The file is ready. */
int cc_job_file(struct cc_job_run *job, const char *path);

int cc_job_serve(struct cc_web *web, int64_t id);
int cc_resource_export_job(struct cc_job_run *job);
int cc_resource_batch_job(struct cc_job_run *job);
int cc_resource_import_job(struct cc_job_run *job);

#endif
