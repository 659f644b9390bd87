/* SPDX-License-Identifier: GPL-2.0-or-later
 * Free indexes 0 … n-1 in shared memory, handed out first in, first out: what was used last is used
 * again last, so that late packets and late messages of the one before do not meet the next one. */
#ifndef CC_CALL_POOL_H
#define CC_CALL_POOL_H

#include "core/locking.h"
#include <stdbool.h>
#include <stdint.h>

struct cc_pool
{
	gen_lock_t lock; /* short: one index in or out */
	int32_t size, head, free;
	int32_t index[];
};

/* NULL: no shared memory. */
struct cc_pool *cc_pool_new(int32_t size);
void cc_pool_free(struct cc_pool *p);
/* An index, or -1 when none is free. */
int32_t cc_pool_take(struct cc_pool *p);
/* Takes this very index, at the start, for what outlived an earlier engine; false: it is not free.
 */
bool cc_pool_claim(struct cc_pool *p, int32_t index);
void cc_pool_give(struct cc_pool *p, int32_t index);
int32_t cc_pool_used(const struct cc_pool *p);

#endif
