/* SPDX-License-Identifier: GPL-2.0-or-later
 * Legs that are made before they are needed. While calls wait for agents some legs to phones have
 * their offer of rtpengine already: the INVITE to an agent who becomes free does not wait for a
 * rtpengine that is busy with everybody's sound. Who takes one makes another one afterwards. */
#ifndef CC_CALL_LEG_READY_H
#define CC_CALL_LEG_READY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/locking.h"

#include "ng.h"

#define CC_READY_MAX 16 /* agents who become free at once, of each kind of phone */

struct cc_leg;

/* In shared memory. */
struct cc_leg_ready
{
	gen_lock_t lock;
	struct cc_leg_ready_set
	{
		int32_t slots[CC_READY_MAX]; /* the oldest first, a ring */
		int32_t first, count;
		int32_t target; /* so many there should be */
		bool needed;    /* one was asked for, since calls wait */
	} sets[CC_NG_KINDS];
};

/* An outgoing leg to a phone of that kind, as cc_leg_new; a ready one has its offer in leg->sdp. */
int cc_leg_ready_take(struct cc_leg **leg, enum cc_ng_kind kind);
/* Whether this process has taken some that are to be replaced, and replaces one. */
bool cc_leg_ready_due(void);
void cc_leg_ready_replace(void);
/* Brings their number to what the calls that wait are worth, every now and then; in a section of
 * the engine, of a process that may wait for rtpengine. */
void cc_leg_ready_tick(int64_t now_ms);
/* rtpengine may have forgotten them. */
void cc_leg_ready_drop(void);

#endif
