/* SPDX-License-Identifier: GPL-2.0-or-later
 * cc-jobd: takes rows of the table job (cc/job.h) and does each in a child process. */
#ifndef JOB_H
#define JOB_H

#include <signal.h>
#include <stdbool.h>
#include "cc/job.h"

extern const struct cc_job_kind job_kinds[]; /* the core's; ends with name NULL */

struct jobd;

int jobd_new(
		struct jobd **jobd, const struct cc_settings *settings, const struct cc_job_kind *kinds);
void jobd_free(struct jobd *jobd);
/* One round at the time now_ms (UTC): makes scheduled jobs, takes back lost ones, runs one that
 * waits to its end (or until *stop). 1: ran one; 0: nothing to do; CC_E_IO …: the database,
 * jobd_error says what. */
int jobd_round(struct jobd *jobd, int64_t now_ms, const volatile sig_atomic_t *stop);
const char *jobd_error(const struct jobd *jobd);

int housekeeping_run(struct cc_job *job);
int plugin_run(struct cc_job *job);

/* application.c */
#define APPLICATION_LIMIT_S 7200 /* of a job that a page asked for */
bool application_has(const struct cc_job *job);
int application_run(struct cc_job *job);

#endif
