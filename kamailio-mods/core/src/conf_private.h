/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CC_CORE_CONF_PRIVATE_H
#define CC_CORE_CONF_PRIVATE_H

#include "cc/conf.h"

/* A number that belongs to a tenant. */
struct conf_number
{
	char number[40];
	int32_t tenant, index; /* in tenants; did of that tenant */
};

struct conf_grant
{
	int32_t trunk;
	uint32_t tenant;
};

struct cc_conf_set
{
	int64_t generation;
	int32_t tenant_count, did_count, trunk_count, grant_count;
	struct cc_conf **tenants; /* by id; each is one reference */
	struct conf_number *dids; /* by number */
	struct cc_conf_trunk *trunks;
	struct conf_grant *grants;
};

#endif
