/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-23: all customers of the tenant by one button, as a ZIP with a CSV file for each package. */
#ifndef BACKUP_H
#define BACKUP_H

#include "cc/jobs.h"
#include "cc/web.h"

int backup_page(struct cc_request *rq);
int backup_post(struct cc_request *rq);
int backup_task(struct cc_job_run *job);

#endif
