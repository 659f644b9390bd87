/* SPDX-License-Identifier: GPL-2.0-or-later
 * Background jobs: rows of the table job, each done by one child process of cc-jobd. A job may be
 * run again after a crash, so what it does must bear being done twice. */
#ifndef JOB_H
#define JOB_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include "cc/arena.h"
#include "cc/db.h"
#include "cc/settings.h"

#define JOB_TEXT 1000 /* bytes of a result or an error, NUL included */

/* What a kind's function gets; it runs in a process of its own. */
struct job
{
	int64_t tenant, id;
	const char *kind, *parameters; /* JSON or "" */
	const struct cc_settings *settings;
	struct cc_arena *arena;
	struct cc_db *db; /* {tenant} is the job's */
	char result[JOB_TEXT];
	char error[JOB_TEXT];
};

struct job_kind
{
	const char *name;
	int (*run)(struct job *job); /* 0 or an enum cc_err with job->error */
	int daily_at_min;            /* scheduled by itself every day at this minute (UTC); -1: never */
	int limit_s;                 /* killed after that long */
};

extern const struct job_kind job_kinds[]; /* ends with name NULL */

/* How far it is; total < 0: not known. */
int job_progress(struct job *job, int64_t done, int64_t total);

struct jobd;

int jobd_new(struct jobd **jobd, const struct cc_settings *settings, const struct job_kind *kinds);
void jobd_free(struct jobd *jobd);
/* One round at the time now_ms (UTC): makes scheduled jobs, takes back lost ones, runs one that
 * waits to its end (or until *stop). 1: ran one; 0: nothing to do; CC_E_IO …: the database,
 * jobd_error says what. */
int jobd_round(struct jobd *jobd, int64_t now_ms, const volatile sig_atomic_t *stop);
const char *jobd_error(const struct jobd *jobd);

int housekeeping_run(struct job *job);

/* application.c */
#define APPLICATION_LIMIT_S 7200 /* of a job that a page asked for */
bool application_has(const struct job *job);
int application_run(struct job *job);

#endif
