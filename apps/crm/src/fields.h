/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FIELDS_H
#define FIELDS_H

#include <stdbool.h>
#include "cc/web.h"

/* A column of customer that no field of the package has, for a field of the kind; NULL: all are
 * taken. The fields of the package are locked. */
int field_free_slot(
		struct cc_request *rq, int64_t package, const char *kind, bool searched, const char **slot);

/* field_pages.c */
int field_order(struct cc_request *rq);
int field_order_post(struct cc_request *rq);
int field_rights(struct cc_request *rq);
int field_rights_post(struct cc_request *rq);

#endif
