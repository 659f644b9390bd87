/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dprint.h"

#include "actions.h"
#include "cc/clock.h"
#include "cc/conf.h"
#include "cc/err.h"
#include "cc/journal.h"
#include "cc/journaled.h"
#include "conf_store.h"
#include "engine.h"
#include "leg.h"
#include "leg_ringing.h"
#include "leg_saved.h"
#include "saved.h"

#define KIND 0x394C4143434343ULL /* "CCCCAL9" */

struct record
{
	struct cc_journaled_step step;
	uint64_t conf_hash; /* of the snapshot that the indexes in core belong to */
	struct cc_call_names names;
	struct cc_call core;
};

static struct cc_records *records;
static int32_t *orphans; /* legs that were put back and that no call has; of each process */
static int32_t orphan_count;

int cc_saved_map(
		struct cc_records **r, const char *path, uint64_t kind, size_t bytes, int32_t count)
{
	char aside[300];
	int rc = cc_records_open(r, path, kind, bytes, count);

	if (rc != CC_E_CORRUPT)
		return rc;
	snprintf(aside, sizeof(aside), "%s.%lld", path, (long long)cc_clock_utc_ms());
	LM_WARN("%s has another layout; it is kept as %s\n", path, aside);
	return rename(path, aside) < 0 ? CC_E_IO : cc_records_open(r, path, kind, bytes, count);
}

int cc_saved_open(const char *folder, int32_t calls, int32_t legs)
{
	char path[300];
	int rc;

	snprintf(path, sizeof(path), "%s/calls.map", folder);
	rc = cc_saved_map(&records, path, KIND, sizeof(struct record), calls);
	if (rc < 0)
		return rc;
	snprintf(path, sizeof(path), "%s/legs.map", folder);
	rc = cc_leg_saved_open(path, legs);
	if (rc < 0)
		return rc;
	snprintf(path, sizeof(path), "%s/rings.map", folder);
	return cc_leg_ringing_open(path, legs);
}

void cc_saved_close(void)
{
	cc_leg_saved_close();
	cc_leg_ringing_close();
	cc_records_close(records);
	records = NULL;
	free(orphans);
	orphans = NULL;
}

void cc_saved_call(int32_t i)
{
	static struct record r; /* large, and runners do not nest */
	const struct cc_call_slot *slot = &cc_engine->calls[i];

	memset(&r, 0, sizeof(r));
	r.step = (struct cc_journaled_step){
			.call = slot->id, .since = slot->journal_since, .call_seq = slot->journal_seq};
	r.conf_hash = slot->core.conf->hash;
	cc_call_names(&slot->core, &r.names);
	r.core = slot->core;
	cc_records_write(records, i, &r);
}

void cc_saved_call_clear(int32_t i)
{
	cc_records_clear(records, i);
}

/* ---- after a restart ---- */

/* The call ends here: nothing is left that could carry it on. */
static void abandon(struct record *r)
{
	static struct cc_call_actions actions;
	int64_t now = cc_clock_utc_ms();

	cc_call_abandon(&r->core, &r->names, now, &actions);
	for (int i = 0; i < actions.count; i++) {
		const struct cc_call_action *a = &actions.a[i];
		struct cc_record entry = {.time_ms = now,
				.type = a->event,
				.version = 1,
				.tenant = r->core.tenant,
				.call = r->core.id,
				.call_seq = ++r->step.call_seq,
				.fields = actions.text + a->text_off,
				.fields_len = (uint32_t)a->text_len};

		if (cc_ring_put(cc_engine_ring, &entry) < 0)
			LM_ERR("the end of a lost call could not be written\n");
	}
}

static void restore_legs(struct cc_call_ref ref, struct cc_call_slot *slot)
{
	struct cc_call_input in = {.kind = CC_IN_RESTORED};

	for (int i = 0; i < CC_CALL_LEGS; i++) {
		struct cc_call_leg *l = &slot->core.legs[i];
		struct cc_leg *leg;

		if (l->state == CC_LEG_FREE)
			continue;
		if (l->state == CC_LEG_UP && cc_leg_saved_has(l->slot, &l->id) &&
				cc_leg_restore(&leg, l->slot) == CC_OK) {
			slot->legs[i] = l->slot;
			cc_leg_attach(leg, ref, i);
		} else {
			in.lost |= 1ULL << i;
		}
	}
	cc_engine_post(ref, -1, 0, &in);
}

/* False: the call cannot go on. */
static bool restore_call(int32_t i, struct record *r, const struct cc_confs *confs)
{
	const struct cc_conf *conf = cc_conf_by_id(confs->set, r->core.tenant);
	struct cc_call_slot *slot;
	struct cc_call_ref ref;

	if (!conf || (conf->hash != r->conf_hash && cc_call_rebind(&r->core, &r->names, conf) < 0))
		return false;
	r->core.conf = conf;
	r->core.route.reason = ""; /* a pointer of the process before */
	if (cc_engine_call_restore(&ref, &slot, i, &r->core, r->step.call_seq, r->step.since) < 0)
		return false;
	restore_legs(ref, slot);
	return true;
}

/* Answered, but the call does not know yet, or hung up, but the far end does not know yet. */
static void restore_orphans(void)
{
	struct cc_leg *leg;

	orphans = calloc((size_t)cc_engine->leg_count, sizeof(orphans[0]));
	for (int32_t i = 0; orphans && i < cc_engine->leg_count; i++)
		if (cc_engine->legs[i].refs == 0 && cc_leg_restore(&leg, i) == CC_OK)
			orphans[orphan_count++] = i;
}

int cc_saved_restore(const char *journal)
{
	static struct record r;
	struct cc_confs *confs;
	struct cc_journaled *journaled;
	int restored = 0, lost = 0, rc = cc_journaled_read(&journaled, cc_engine_ring, journal);

	if (rc < 0)
		return rc;
	confs = cc_conf_store_get();
	for (int32_t i = 0; i < cc_engine->call_count; i++) {
		const struct record *saved = cc_journaled_last(journaled, records, i);
		bool over = !saved || cc_call_over(&saved->core);

		if (!over) {
			r = *saved;
			if (restore_call(i, &r, confs)) {
				restored++;
				continue;
			}
		}
		cc_records_clear(records, i); /* first: a broken one is met once */
		if (!over) {
			abandon(&r);
			lost++;
		}
	}
	cc_conf_store_put(confs);
	cc_journaled_free(journaled);
	restore_orphans();
	cc_leg_ringing_restore();
	if (restored || lost)
		LM_WARN("%d calls of the engine before go on, %d are lost\n", restored, lost);
	return CC_OK;
}

void cc_saved_each(
		void (*each)(struct cc_call_ref ref, const struct cc_call *call, void *arg), void *arg)
{
	for (int waiting = 0; waiting <= 1; waiting++)
		for (int32_t i = 0; i < cc_engine->call_count; i++) {
			struct cc_call_slot *slot = &cc_engine->calls[i];

			if (slot->used && slot->core.waiting == waiting)
				each((struct cc_call_ref){i, slot->gen}, &slot->core, arg);
		}
}

void cc_saved_resume(void)
{
	while (orphan_count > 0)
		cc_leg_hangup(&cc_engine->legs[orphans[--orphan_count]], 0);
}
