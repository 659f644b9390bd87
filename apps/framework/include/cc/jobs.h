/* SPDX-License-Identifier: GPL-2.0-or-later
 * Long work of a page: queued as a row of the table job, done by a process of its own that cc-jobd
 * starts, with a bar that moves on the page of jobs (/desk/jobs).
 *
 * The kind "<component>.<name>" is done by the application <component>: cc-jobd executes
 * bin/cc-<component> -c FILE -j <job>, which serves it with the rights of the user who asked for
 * it, as they are then. */
#ifndef CC_JOBS_H
#define CC_JOBS_H

#include <stddef.h>
#include <stdint.h>
#include "cc/web.h"

#define CC_JOBS_PAGE "/desk/jobs"

struct cc_job_order
{
	const char *kind;       /* "reports.export" */
	const char *page;       /* CC_N(): title of the page that it comes from */
	const char *options;    /* what is done: "XLSX"; "" */
	const char *file;       /* name of the file that it will make; "" */
	const char *parameters; /* JSON object */
};

/* In the transaction of the request. */
int cc_job_queue(struct cc_request *rq, const struct cc_job_order *order, int64_t *id);

/* ---- a job at work ---- */

#define CC_JOB_SAID 900

struct cc_job_run
{
	struct cc_request *rq; /* of the user who asked for it; no transaction is open */
	int64_t id;
	struct json_object *parameters;
	int64_t ok, bad; /* rows that went well, and not */
	int64_t told_ms;
	char said[CC_JOB_SAID]; /* result or reason, for people */
};

/* A kind of job of an application, in its manifest. It may be run again after a crash. */
struct cc_task
{
	const char *name; /* behind "<component>." */
	/* 0, or an error after cc_job_fail. */
	int (*run)(struct cc_job_run *job);
};

/* Records the reason, once; returns err. */
int cc_job_fail(struct cc_job_run *job, int err, const char *text);
/* Tells how far it is, now and then; last: in any case. */
int cc_job_progress_at(struct cc_job_run *job, int64_t done, int64_t total, bool last);
/* A text of the parameters, "" if there is none. */
const char *cc_job_string(const struct cc_job_run *job, const char *name);
/* A number of them, 0 if there is none. */
int64_t cc_job_number(const struct cc_job_run *job, const char *name);
/* The folder of the tenant's files, made if necessary. CC_E_IO (errno), CC_E_RANGE. */
int cc_job_folder(struct cc_request *rq, char *path, size_t cap);
/* The file at path, in that folder, is ready to be downloaded. */
int cc_job_file(struct cc_job_run *job, const char *path);

#endif
