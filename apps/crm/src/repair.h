/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-22: making customer_index and customer_text anew from the customers, of one field or of a
 * whole package. */
#ifndef REPAIR_H
#define REPAIR_H

#include "cc/jobs.h"
#include "cc/web.h"

/* Queues it; field 0: of all fields. */
int repair_queue(struct cc_request *rq, int64_t package, int64_t field);
/* The values of a slot become unique, or no longer. CC_E_EXIST: some are there twice. */
int repair_unique(struct cc_request *rq, int64_t package, int slot, bool unique);
/* The task. */
int repair_run(struct cc_job_run *job);

#endif
