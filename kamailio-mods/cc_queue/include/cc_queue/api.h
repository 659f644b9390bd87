/* SPDX-License-Identifier: GPL-2.0-or-later
 * What cc_queue offers to the other modules. */
#ifndef CC_QUEUE_API_H
#define CC_QUEUE_API_H

#include "core/sr_module.h"
#include <stdint.h>

struct cc_queue_api
{
	/* The number of contacts that an agent's phone has registered. */
	void (*registered)(uint32_t tenant, const char *agent, int32_t contacts);
};

typedef int (*cc_queue_bind_f)(struct cc_queue_api *api);

static inline int cc_queue_bind(struct cc_queue_api *api)
{
	cc_queue_bind_f bind = (cc_queue_bind_f)find_export("cc_queue_bind", NO_SCRIPT, 0);

	return bind ? bind(api) : -1;
}

#endif
