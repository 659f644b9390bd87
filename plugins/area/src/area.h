/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the files of the plugin share. */
#ifndef AREA_H
#define AREA_H

#include "cc/job.h"
#include "cc/plugin.h"
#include "cc/resource.h"
#include "lookup.h"

extern const struct cc_plugin area; /* area.c */
extern struct area_file *area_file; /* open between start and stop */

/* calls.c */
extern const struct cc_extension area_extensions[];
int area_call_new(const struct cc_event *event);
int area_fill(struct cc_job *job);

/* customers.c */
extern const struct cc_column area_customer_columns[];

/* pages.c */
int area_number(struct cc_request *rq);
int area_by_province(struct cc_request *rq);

/* The area of a number as it is dialled in the tenant of db. CC_E_NOENT: not known. */
int area_of(struct cc_db *db, const char *number, struct area *area);

#endif
