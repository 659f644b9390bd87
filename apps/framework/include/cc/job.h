/* SPDX-License-Identifier: GPL-2.0-or-later
 * Background jobs: rows of the table job, each done by one child process of cc-jobd. A job may be
 * run again after a crash, so what it does must bear being done twice. */
#ifndef CC_JOB_H
#define CC_JOB_H

#include <stdint.h>
#include "cc/arena.h"
#include "cc/db.h"
#include "cc/settings.h"

#define CC_JOB_TEXT 1000 /* bytes of a result or an error, NUL included */

/* What a kind's function gets; it runs in a process of its own. */
struct cc_job
{
	int64_t tenant, id;
	const char *kind, *parameters; /* JSON or "" */
	const struct cc_settings *settings;
	struct cc_arena *arena;
	struct cc_db *db; /* {tenant} is the job's */
	char result[CC_JOB_TEXT];
	char error[CC_JOB_TEXT];
};

struct cc_job_kind
{
	const char *name;               /* "<component>.<name>" */
	int (*run)(struct cc_job *job); /* 0 or an enum cc_err with job->error */
	int daily_at_min; /* scheduled by itself every day at this minute (UTC); -1: never. Those of a
					   * plugin: once for every tenant that has it */
	int limit_s;      /* killed after that long */
};

/* How far it is; total < 0: not known. */
int cc_job_progress(struct cc_job *job, int64_t done, int64_t total);

#endif
