/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/ulid.h"
#include "engine.h"
#include "leg_media.h"
#include "leg_private.h"
#include "leg_ready.h"

#define AGE_MS 600000 /* rtpengine drops what is not answered after an hour */

static int due[CC_NG_KINDS]; /* to be replaced by this process */

/* The oldest one, NULL: there is none. lock held */
static struct cc_leg *pop(struct cc_leg_ready_set *set)
{
	struct cc_leg *leg;

	if (set->count == 0)
		return NULL;
	leg = &cc_engine->legs[set->slots[set->first]];
	set->first = (set->first + 1) % CC_READY_MAX;
	set->count--;
	return leg;
}

/* Makes one; false: there is no room for it, or rtpengine does not answer. */
static bool make(enum cc_ng_kind kind)
{
	struct cc_leg_ready *ready = &cc_engine->ready;
	struct cc_leg_ready_set *set = &ready->sets[kind];
	char sdp[CC_SDP_MAX];
	struct cc_leg *leg;
	str body = {sdp, 0};
	bool kept = false;

	/* the last ports are for calls */
	if (cc_pool_used(cc_engine->port_pool) > cc_engine->port_count - 4 * CC_READY_MAX ||
			cc_leg_new(&leg, false) < 0)
		return false;
	leg->kind = kind;
	body.len = cc_leg_media_offer(leg, sdp, sizeof(sdp));
	if (body.len > 0 && cc_leg_sdp_keep(leg, &body) == CC_OK) {
		lock_get(&ready->lock);
		kept = set->count < set->target;
		if (kept)
			set->slots[(set->first + set->count++) % CC_READY_MAX] = cc_leg_slot(leg);
		lock_release(&ready->lock);
	}
	if (!kept)
		cc_leg_discard(leg);
	return kept;
}

int cc_leg_ready_take(struct cc_leg **out, enum cc_ng_kind kind)
{
	struct cc_leg_ready *ready = &cc_engine->ready;
	struct cc_leg *leg;

	lock_get(&ready->lock);
	ready->sets[kind].needed = true;
	leg = pop(&ready->sets[kind]);
	lock_release(&ready->lock);
	if (!leg)
		return cc_leg_new(out, false);
	due[kind]++;
	*out = leg;
	return CC_OK;
}

bool cc_leg_ready_due(void)
{
	for (int kind = 0; kind < CC_NG_KINDS; kind++)
		if (due[kind] > 0)
			return true;
	return false;
}

void cc_leg_ready_replace(void)
{
	for (int kind = 0; kind < CC_NG_KINDS; kind++) {
		if (due[kind] == 0)
			continue;
		due[kind]--;
		if (cc_engine->ready.sets[kind].count < cc_engine->ready.sets[kind].target)
			make((enum cc_ng_kind)kind);
		return;
	}
}

static int32_t calls_waiting(void)
{
	int32_t waiting = 0;

	for (int32_t i = 0; i < cc_engine->call_count && waiting < CC_READY_MAX; i++)
		waiting += cc_engine->calls[i].used && cc_engine->calls[i].core.waiting;
	return waiting;
}

/* Those that there are too many of, and the oldest one when it is too old. */
static void shrink(struct cc_leg_ready_set *set, int64_t now_ms)
{
	struct cc_leg *leg;

	do {
		const struct cc_ulid *oldest;

		lock_get(&cc_engine->ready.lock);
		oldest = &cc_engine->leg_ids[set->slots[set->first]];
		leg = set->count > set->target || now_ms - cc_ulid_time(oldest) > AGE_MS ? pop(set) : NULL;
		lock_release(&cc_engine->ready.lock);
		if (leg)
			cc_leg_discard(leg);
	} while (leg);
}

void cc_leg_ready_tick(int64_t now_ms)
{
	int32_t waiting = calls_waiting();

	for (int kind = 0; kind < CC_NG_KINDS; kind++) {
		struct cc_leg_ready_set *set = &cc_engine->ready.sets[kind];

		lock_get(&cc_engine->ready.lock);
		set->needed = set->needed && waiting;
		set->target = set->needed ? waiting : 0;
		lock_release(&cc_engine->ready.lock);
		shrink(set, now_ms);
		while (set->count < set->target && make((enum cc_ng_kind)kind))
			;
	}
}

void cc_leg_ready_drop(void)
{
	for (int kind = 0; kind < CC_NG_KINDS; kind++) {
		cc_engine->ready.sets[kind].target = 0;
		shrink(&cc_engine->ready.sets[kind], cc_clock_utc_ms());
	}
}
