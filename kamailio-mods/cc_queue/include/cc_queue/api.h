/* SPDX-License-Identifier: GPL-2.0-or-later
 * What cc_queue offers to the other modules. */
#ifndef CC_QUEUE_API_H
#define CC_QUEUE_API_H

#include "cc_call/bind.h"
#include <stdbool.h>
#include <stdint.h>

struct cc_queue_api
{
	/* The number of contacts that an agent's phone has registered; lost: the last one is gone
	 * because its connection broke, and may come back. */
	void (*registered)(uint32_t tenant, const char *agent, int32_t contacts, bool lost);
};

CC_BIND(cc_queue)

#endif
