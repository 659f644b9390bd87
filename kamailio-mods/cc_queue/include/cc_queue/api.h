/* SPDX-License-Identifier: GPL-2.0-or-later
 * What cc_queue offers to the other modules. */
#ifndef CC_QUEUE_API_H
#define CC_QUEUE_API_H

#include "cc_call/bind.h"
#include <stdint.h>

struct cc_queue_api
{
	/* The number of contacts that an agent's phone has registered. */
	void (*registered)(uint32_t tenant, const char *agent, int32_t contacts);
};

CC_BIND(cc_queue)

#endif
