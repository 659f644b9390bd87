/* SPDX-License-Identifier: GPL-2.0-or-later
 * Long work of a page: queued as a row of the table job, done by a process of its own that cc-jobd
 * starts, with a bar that moves on the page of jobs (/desk/jobs).
 *
 * The kind "<component>.<name>" is done by the application <component>: cc-jobd executes
 * bin/cc-<component> -c FILE -j <job>, which serves it with the rights of the user who asked for
 * it, as they are then. */
#ifndef CC_JOBS_H
#define CC_JOBS_H

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

#endif
