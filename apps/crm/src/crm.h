/* SPDX-License-Identifier: GPL-2.0-or-later
 * Resources, routes and jobs of the customer application. */
#ifndef CRM_H
#define CRM_H

#include "cc/packages.h"
#include "cc/resource.h"
#include "cc/web.h"

extern const struct cc_resource crm_packages, crm_fields, crm_sources, crm_tags, crm_dictionaries,
		crm_imports;

/* recent.c */
int crm_recent(struct cc_request *rq);
int crm_recent_call(struct cc_request *rq);

#endif
