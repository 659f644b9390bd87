/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "actions.h"
#include "cc/clock.h"
#include "cc/conf.h"
#include "cc/err.h"
#include "cc/journal.h"
#include "cc/ulid.h"
#include "conf_store.h"
#include "engine.h"
#include "leg.h"
#include "leg_media.h"
#include "leg_private.h"
#include "leg_saved.h"
#include "mixer.h"
#include "saved.h"

struct cc_engine *cc_engine;
struct cc_ring *cc_engine_ring;

/* of this process */
static bool may_run = true;
static int depth; /* of sections */
static struct cc_call_ref *worklist;
static int32_t work_first, work_count;
static struct cc_leg *leaving[64]; /* legs whose media is still to be given back */
static int leaving_count;

int cc_engine_init(int32_t calls, int32_t legs, int32_t ports, uint16_t mix_min)
{
	cc_engine = shm_malloc(sizeof(*cc_engine));
	if (!cc_engine)
		return CC_E_NOMEM;
	memset(cc_engine, 0, sizeof(*cc_engine));
	lock_init(&cc_engine->ready.lock);
	cc_engine->call_count = calls;
	cc_engine->leg_count = legs;
	cc_engine->port_count = ports;
	cc_engine->mix_min = mix_min;
	cc_engine->call_pool = cc_pool_new(calls);
	cc_engine->leg_pool = cc_pool_new(legs);
	cc_engine->port_pool = cc_pool_new(ports);
	cc_engine->calls = shm_malloc((size_t)calls * sizeof(cc_engine->calls[0]));
	cc_engine->legs = shm_malloc((size_t)legs * sizeof(cc_engine->legs[0]));
	cc_engine->call_ids = shm_malloc((size_t)calls * sizeof(struct cc_ulid));
	cc_engine->leg_ids = shm_malloc((size_t)legs * sizeof(struct cc_ulid));
	cc_engine->call_tenants = shm_malloc((size_t)calls * sizeof(uint32_t));
	cc_engine->call_deadline = shm_malloc((size_t)calls * sizeof(int64_t));
	cc_engine->leg_deadline = shm_malloc((size_t)legs * sizeof(int64_t));
	/* private after the fork; a place for each call is enough: one has one runner at most */
	worklist = calloc((size_t)calls, sizeof(worklist[0]));
	if (!worklist || !cc_engine->call_pool || !cc_engine->leg_pool || !cc_engine->port_pool ||
			!cc_engine->calls || !cc_engine->legs || !cc_engine->call_ids || !cc_engine->leg_ids ||
			!cc_engine->call_tenants || !cc_engine->call_deadline || !cc_engine->leg_deadline)
		return CC_E_NOMEM;
	memset((void *)cc_engine->call_tenants, 0, (size_t)calls * sizeof(uint32_t));
	memset(cc_engine->call_ids, 0, (size_t)calls * sizeof(struct cc_ulid));
	memset(cc_engine->leg_ids, 0, (size_t)legs * sizeof(struct cc_ulid));
	memset(cc_engine->calls, 0, (size_t)calls * sizeof(cc_engine->calls[0]));
	memset(cc_engine->legs, 0, (size_t)legs * sizeof(cc_engine->legs[0]));
	for (int32_t i = 0; i < calls; i++) {
		lock_init(&cc_engine->calls[i].lock);
		cc_engine->call_deadline[i] = INT64_MAX;
	}
	for (int32_t i = 0; i < legs; i++) {
		lock_init(&cc_engine->legs[i].lock);
		cc_leg_dues_clear(&cc_engine->legs[i]);
	}
	cc_engine->started_ms = cc_clock_mono_ms();
	return CC_OK;
}

void cc_engine_destroy(void)
{
	if (!cc_engine)
		return;
	cc_pool_free(cc_engine->call_pool);
	cc_pool_free(cc_engine->leg_pool);
	cc_pool_free(cc_engine->port_pool);
	cc_engine = NULL; /* the rest goes with the shared memory */
	free(worklist);
	worklist = NULL;
}

int cc_engine_journal(uint32_t tenant, const struct cc_ulid *call, uint16_t event,
		const char *fields, size_t len, uint64_t *seq)
{
	struct cc_record r = {.time_ms = cc_clock_utc_ms(),
			.type = event,
			.version = 1,
			.tenant = tenant,
			.fields = fields,
			.fields_len = (uint32_t)len};
	int rc;

	if (call)
		r.call = *call;
	rc = cc_ring_put(cc_engine_ring, &r);
	if (rc == CC_OK && seq)
		*seq = r.seq;
	return rc;
}

/* ---- call slots ---- */

/* The oldest input of the inbox; lock held. */
static bool inbox_pop(struct cc_call_slot *slot, struct cc_envelope *e)
{
	if (slot->count == 0)
		return false;
	*e = slot->inbox[slot->head];
	slot->head = (uint16_t)((slot->head + 1) % CC_INBOX);
	slot->count--;
	return true;
}

/* Makes slot i, which the pool has given, the call of that id; all but its core. */
static struct cc_call_slot *slot_open(int32_t i, const struct cc_ulid *id, uint32_t tenant)
{
	struct cc_call_slot *slot = &cc_engine->calls[i];

	lock_get(&slot->lock);
	slot->used = true;
	slot->running = slot->timer_due = slot->conf_due = false;
	slot->media_due = 0;
	slot->head = slot->count = 0;
	cc_engine->call_ids[i] = *id;
	cc_engine->call_tenants[i] = tenant;
	lock_release(&slot->lock);
	slot->id = *id;
	cc_ulid_format(id, slot->id_text);
	for (int l = 0; l < CC_CALL_LEGS; l++)
		slot->legs[l] = -1;
	return slot;
}

int cc_engine_call_new(struct cc_call_ref *ref, struct cc_call_slot **out,
		const struct cc_conf *conf, int64_t now_ms)
{
	struct cc_ulid id = cc_ulid_new();
	int32_t i = cc_pool_take(cc_engine->call_pool);
	struct cc_call_slot *slot;

	if (i < 0)
		return CC_E_FULL;
	slot = slot_open(i, &id, conf->tenant);
	cc_conf_store_hold(conf);
	cc_call_init(&slot->core, &id, conf->tenant, conf, now_ms);
	slot->journal_seq = 0;
	slot->journal_since = 0;
	*ref = (struct cc_call_ref){i, slot->gen};
	*out = slot;
	__sync_add_and_fetch(&cc_engine->calls_total, 1);
	return CC_OK;
}

uint32_t cc_engine_turn(uint32_t tenant)
{
	return __sync_fetch_and_add(&cc_engine->turns[tenant % CC_ENGINE_TURNS], 1);
}

int cc_engine_call_restore(struct cc_call_ref *ref, struct cc_call_slot **out, int32_t i,
		const struct cc_call *core, uint32_t journal_seq, uint64_t journal_since)
{
	struct cc_call_slot *slot;

	if (!cc_pool_claim(cc_engine->call_pool, i))
		return CC_E_EXIST;
	slot = slot_open(i, &core->id, core->tenant);
	slot->core = *core;
	slot->journal_seq = journal_seq;
	slot->journal_since = journal_since;
	cc_conf_store_hold(core->conf);
	*ref = (struct cc_call_ref){i, slot->gen};
	*out = slot;
	return CC_OK;
}

void cc_engine_call_drop(struct cc_call_ref ref)
{
	struct cc_call_slot *slot = &cc_engine->calls[ref.slot];
	const struct cc_call *core = &slot->core;
	struct cc_envelope e;

	/* an agent that was granted to a call in its last moment goes back; after used is cleared no
	 * input comes any more */
	for (;;) {
		bool more;

		lock_get(&slot->lock);
		more = inbox_pop(slot, &e);
		if (!more) {
			slot->used = slot->running = false;
			slot->gen++;
			cc_engine->call_ids[ref.slot] = (struct cc_ulid){0};
			cc_engine->call_tenants[ref.slot] = 0;
			cc_engine->call_deadline[ref.slot] = INT64_MAX;
		}
		lock_release(&slot->lock);
		if (!more)
			break;
		if (e.input.kind == CC_IN_GRANT)
			cc_actions_queue()->give_back(core, e.input.text, e.input.epoch);
		else if (e.input.kind == CC_IN_CONSULT)
			cc_leg_hangup(&cc_engine->legs[e.leg_slot], 486);
	}
	cc_saved_call_clear(ref.slot);
	cc_conf_store_drop(core->conf);
	cc_pool_give(cc_engine->call_pool, ref.slot);
}

int cc_engine_leg_add(struct cc_call_ref ref, struct cc_leg *leg, enum cc_leg_role role,
		int32_t agent, uint32_t epoch, int64_t now_ms)
{
	struct cc_call_slot *slot = &cc_engine->calls[ref.slot];
	struct cc_ulid id;
	int index;

	cc_ulid_parse(&id, leg->id, CC_ULID_TEXT);
	index = cc_call_leg_add(
			&slot->core, role, leg->incoming, cc_leg_slot(leg), &id, agent, epoch, now_ms);
	if (index < 0)
		return index;
	slot->legs[index] = cc_leg_slot(leg);
	slot->packets[index] = (struct cc_leg_packets){-1, -1};
	cc_leg_attach(leg, ref, index);
	return index;
}

int cc_engine_find(struct cc_call_ref *ref, uint32_t tenant, const struct cc_ulid *id)
{
	for (int32_t i = 0; i < cc_engine->call_count; i++) {
		struct cc_call_slot *slot = &cc_engine->calls[i];
		bool same;

		if (!cc_ulid_equal(&cc_engine->call_ids[i], id))
			continue;
		lock_get(&slot->lock);
		same = slot->used && cc_ulid_equal(&cc_engine->call_ids[i], id) &&
			   (tenant == 0 || slot->core.tenant == tenant);
		if (same)
			*ref = (struct cc_call_ref){i, slot->gen};
		lock_release(&slot->lock);
		if (same)
			return CC_OK;
	}
	return CC_E_NOENT;
}

/* What does not change during a call is read without being its runner. */
struct json_object *cc_engine_calls(uint32_t tenant)
{
	struct json_object *all = json_object_new_array();

	for (int32_t i = 0; i < cc_engine->call_count; i++) {
		struct cc_call_slot *slot = &cc_engine->calls[i];
		char id[CC_ULID_TEXT + 1], from[CC_CALL_TEXT], to[CC_CALL_TEXT], did[CC_CALL_TEXT];
		struct json_object *o;
		enum cc_dir dir;
		bool wanted, callback;

		lock_get(&slot->lock);
		wanted = slot->used && slot->core.tenant == tenant;
		if (wanted) {
			cc_ulid_format(&cc_engine->call_ids[i], id);
			memcpy(from, slot->core.from, sizeof(from));
			memcpy(to, slot->core.to, sizeof(to));
			memcpy(did, slot->core.did, sizeof(did));
			dir = slot->core.dir;
			callback = slot->core.callback;
		}
		lock_release(&slot->lock);
		if (!wanted)
			continue;
		o = json_object_new_object();
		json_object_object_add(o, "call", json_object_new_string(id));
		json_object_object_add(o, "dir",
				json_object_new_string(dir == CC_DIR_IN    ? "in"
									   : dir == CC_DIR_OUT ? "out"
														   : "internal"));
		json_object_object_add(o, "from", json_object_new_string(from));
		json_object_object_add(o, "to", json_object_new_string(to));
		json_object_object_add(o, "did", json_object_new_string(did));
		if (callback)
			json_object_object_add(o, "callback", json_object_new_boolean(true));
		json_object_array_add(all, o);
	}
	return all;
}

/* ---- inboxes ---- */

/* Makes this process the call's runner unless it has one; lock held. True: add it to the list. */
static bool claim(struct cc_call_slot *slot, int32_t i)
{
	if (slot->running)
		return false;
	if (!may_run) {
		cc_engine->call_deadline[i] = 0; /* the engine's timer takes it with its next tick */
		return false;
	}
	slot->running = true;
	return true;
}

static void work_add(struct cc_call_ref ref)
{
	worklist[(work_first + work_count++) % cc_engine->call_count] = ref;
}

int cc_engine_post(
		struct cc_call_ref ref, int32_t leg_slot, uint32_t leg_gen, const struct cc_call_input *in)
{
	struct cc_call_slot *slot;
	bool mine = false;
	int rc = CC_OK;

	if (ref.slot < 0 || ref.slot >= cc_engine->call_count)
		return CC_E_NOENT;
	slot = &cc_engine->calls[ref.slot];
	lock_get(&slot->lock);
	if (!slot->used || slot->gen != ref.gen) {
		rc = CC_E_NOENT;
	} else if (slot->count >= (in->kind == CC_IN_DTMF ? CC_INBOX_SPARE : CC_INBOX)) {
		rc = CC_E_FULL;
	} else {
		struct cc_envelope *e = &slot->inbox[(slot->head + slot->count++) % CC_INBOX];

		e->input = *in;
		e->leg_slot = leg_slot;
		e->leg_gen = leg_gen;
		mine = claim(slot, ref.slot);
	}
	lock_release(&slot->lock);
	if (rc == CC_E_FULL)
		__sync_add_and_fetch(&cc_engine->inputs_dropped, 1);
	if (mine)
		work_add(ref);
	return rc;
}

/* Notes coalesced inputs of call i. */
static void flag(int32_t i, bool timer, bool conf, unsigned media)
{
	struct cc_call_slot *slot = &cc_engine->calls[i];
	struct cc_call_ref ref = {i, 0};
	bool mine = false;

	lock_get(&slot->lock);
	if (slot->used) {
		slot->timer_due |= timer;
		slot->conf_due |= conf;
		slot->media_due |= media;
		ref.gen = slot->gen;
		mine = claim(slot, i);
	}
	lock_release(&slot->lock);
	if (mine)
		work_add(ref);
}

int cc_engine_grant(struct cc_call_ref ref, const char *agent, int32_t visit, uint32_t epoch)
{
	/* the call may have an older snapshot than the ACD: the runner looks the number up in the
	 * call's own */
	struct cc_call_input in = {.kind = CC_IN_GRANT, .epoch = epoch, .agent = -1, .count = visit};

	snprintf(in.text, sizeof(in.text), "%s", agent);
	return cc_engine_post(ref, -1, 0, &in);
}

int cc_engine_consult(struct cc_call_ref ref, const struct cc_leg *leg, const char *number)
{
	struct cc_call_input in = {.kind = CC_IN_CONSULT};

	snprintf(in.text, sizeof(in.text), "%s", number);
	return cc_engine_post(ref, cc_leg_slot(leg), leg->gen, &in);
}

int cc_engine_hangup(struct cc_call_ref ref, const char *actor)
{
	struct cc_call_input in = {.kind = CC_IN_HANGUP};

	snprintf(in.text, sizeof(in.text), "%s", actor);
	return cc_engine_post(ref, -1, 0, &in);
}

void cc_engine_restart_media(unsigned media)
{
	for (int32_t i = 0; i < cc_engine->call_count; i++)
		if (cc_engine->calls[i].used)
			flag(i, false, false, media);
}

void cc_engine_reconfigure(void)
{
	for (int32_t i = 0; i < cc_engine->call_count; i++)
		if (cc_engine->calls[i].used)
			flag(i, false, true, 0);
}

void cc_engine_tick(int64_t now_ms)
{
	for (int32_t i = 0; i < cc_engine->call_count; i++)
		if (cc_engine->call_deadline[i] <= now_ms) {
			cc_engine->call_deadline[i] = INT64_MAX;
			flag(i, true, false, 0);
		}
	for (int32_t i = 0; i < cc_engine->leg_count; i++)
		if (cc_engine->leg_deadline[i] <= now_ms)
			cc_leg_timer(i, now_ms);
}

/* ---- the runner ---- */

/* The next input of the call; false: there is none and the call has no runner any more. */
static bool next(struct cc_call_ref ref, struct cc_envelope *e)
{
	struct cc_call_slot *slot = &cc_engine->calls[ref.slot];
	bool found = true;

	lock_get(&slot->lock);
	if (slot->gen != ref.gen) {
		lock_release(&slot->lock);
		return false;
	}
	if (slot->media_due) {
		*e = (struct cc_envelope){.input.kind = CC_IN_RESTART_MEDIA,
				.input.code = (int32_t)slot->media_due,
				.leg_slot = -1};
		slot->media_due = 0;
	} else if (slot->conf_due) {
		slot->conf_due = false;
		*e = (struct cc_envelope){.input.kind = CC_IN_CONFIGURED, .leg_slot = -1};
	} else if (inbox_pop(slot, e)) {
		found = true;
	} else if (slot->timer_due) {
		slot->timer_due = false;
		*e = (struct cc_envelope){.input.kind = CC_IN_TIMER, .leg_slot = -1};
	} else {
		slot->running = found = false;
	}
	lock_release(&slot->lock);
	return found;
}

/* What the engine itself has to do with an input of a leg before the core sees it. False: the core
 * must not see it. */
static bool leg_input(struct cc_call_slot *slot, struct cc_envelope *e)
{
	struct cc_call_input *in = &e->input;
	struct cc_leg *leg;
	bool up, held, lost;
	int code;

	if (in->leg < 0 || in->leg >= CC_CALL_LEGS || slot->legs[in->leg] != e->leg_slot)
		return false;
	leg = &cc_engine->legs[e->leg_slot];
	if (leg->gen != e->leg_gen)
		return false;
	up = slot->core.legs[in->leg].state == CC_LEG_UP;
	held = cc_sdp_holds(leg->direction);
	lost = leg->session.media_lost;
	code = cc_leg_job_run(leg);
	if (lost && !leg->session.media_lost) { /* its media are back: what was recorded, is again */
		in->kind = CC_IN_RESTART_MEDIA;
		in->code = (int32_t)cc_leg_media_restore(leg, CC_MEDIA_RTPENGINE);
		return in->code != 0;
	}
	if (lost && code) {
		in->kind = CC_IN_SILENCE;
		in->code = code;
	}
	if (in->kind == CC_IN_SILENCE) {
		in->count = leg->kind == CC_NG_WEBRTC && in->code != 481;
		return true;
	}
	if (in->kind == CC_IN_LEG_UP && up) { /* it brought nothing but the job */
		in->kind = CC_IN_HOLD;
		in->count = cc_sdp_holds(leg->direction);
		return in->count != held;
	}
	if (in->kind == CC_IN_LEG_UP && !leg->incoming && !leg->acked && !code)
		return false; /* its INVITE was sent again */
	if (code && leg->early && !leg->incoming && !leg->acked) {
		leg->early = false; /* the answer may bring a better description */
		code = 0;
		if (in->kind == CC_IN_LEG_EARLY)
			return false;
	}
	if ((in->kind == CC_IN_LEG_UP || in->kind == CC_IN_LEG_RINGING ||
				in->kind == CC_IN_LEG_EARLY) &&
			!up && code) {
		in->kind = leg->incoming && code == 487 ? CC_IN_LEG_ENDED : CC_IN_LEG_FAILED;
		in->code = code;
	}
	if (in->kind == CC_IN_LEG_FAILED || in->kind == CC_IN_LEG_ENDED) {
		slot->packets[in->leg] = cc_leg_media_drop(leg);
		cc_leg_hangup(leg, in->code);
		slot->legs[in->leg] = -1;
	}
	return true;
}

/* The second dialog of an agent's phone becomes a leg of the call; false: it cannot. */
static bool consulting(struct cc_call_ref ref, struct cc_call_slot *slot, struct cc_envelope *e)
{
	struct cc_leg *leg = &cc_engine->legs[e->leg_slot];
	int32_t agent = cc_conf_agent_find(slot->core.conf, leg->number);

	e->input.leg =
			agent < 0 ? agent
					  : cc_engine_leg_add(ref, leg, CC_ROLE_AGENT, agent, 0, cc_clock_utc_ms());
	if (e->input.leg < 0) {
		cc_leg_hangup(leg, 486);
		return false;
	}
	if (leg->sip != CC_SIP_INVITED) /* nobody was told that it was cancelled */
		cc_leg_report_code(leg, CC_IN_LEG_ENDED, 487, cc_leg_reason(487));
	return true;
}

/* Parts that lost something of the call. */
static unsigned restore_media(struct cc_call_slot *slot, unsigned parts)
{
	unsigned lost = 0;

	for (int i = 0; i < CC_CALL_LEGS; i++)
		if (slot->legs[i] >= 0)
			lost |= cc_leg_media_restore(&cc_engine->legs[slot->legs[i]], parts);
	return lost;
}

static void save_legs(struct cc_call_slot *slot)
{
	for (int i = 0; i < CC_CALL_LEGS; i++)
		if (slot->legs[i] >= 0)
			cc_leg_save(&cc_engine->legs[slot->legs[i]]);
}

/* The agent's index in the call's own snapshot. */
static bool granted_agent(const struct cc_call_slot *slot, struct cc_call_input *in)
{
	in->agent = cc_conf_agent_find(slot->core.conf, in->text);
	if (in->agent < 0)
		cc_actions_queue()->give_back(&slot->core, in->text, in->epoch);
	return in->agent >= 0;
}

/* Whether the call has got another snapshot of its tenant. */
static bool reconfigured(struct cc_call_slot *slot)
{
	struct cc_call *core = &slot->core;
	const struct cc_conf *before = core->conf, *now;
	struct cc_confs *confs = cc_conf_store_get();
	bool changed;

	now = cc_conf_by_id(confs->set, core->tenant);
	changed = now && now != before && cc_call_configure(core, now);
	if (changed) {
		cc_conf_store_hold(now);
		cc_conf_store_drop(before);
	}
	cc_conf_store_put(confs);
	return changed;
}

static void run(struct cc_call_ref ref)
{
	static struct cc_call_actions actions; /* large, and runners do not nest */
	struct cc_call_slot *slot = &cc_engine->calls[ref.slot];
	struct cc_envelope e;

	while (next(ref, &e)) {
		if (e.input.kind == CC_IN_CONSULT && !consulting(ref, slot, &e))
			continue;
		if (e.input.kind != CC_IN_CONSULT && e.leg_slot >= 0 && !leg_input(slot, &e))
			continue;
		if (e.input.kind == CC_IN_GRANT && !granted_agent(slot, &e.input))
			continue;
		if (e.input.kind == CC_IN_CONFIGURED && !reconfigured(slot))
			continue;
		if (e.input.kind == CC_IN_RESTART_MEDIA && e.leg_slot < 0)
			e.input.code = (int32_t)restore_media(slot, (unsigned)e.input.code);
		else if (e.input.kind == CC_IN_RESTORED)
			restore_media(slot, CC_MEDIA_MIXER);
		e.input.now_ms = cc_clock_utc_ms();
		cc_call_step(&slot->core, &e.input, &actions);
		/* What was decided is written down before it is done: a new engine goes on from here. It
		 * holds from the moment the journal has it; without, the new engine takes the step before.
		 */
		cc_actions_number(slot, &actions);
		cc_saved_call(ref.slot);
		cc_actions_journal(slot, &actions, e.input.now_ms);
		if (cc_actions_carry_out(ref, slot, &actions)) {
			cc_engine_call_drop(ref);
			return;
		}
		save_legs(slot);
		cc_engine->call_deadline[ref.slot] = slot->core.next_ms;
	}
}

void cc_engine_may_run(bool may)
{
	may_run = may;
}

void cc_engine_enter(void)
{
	depth++;
}

static void media_release(struct cc_leg *leg)
{
	cc_leg_media_release(leg);
	cc_leg_put(leg);
}

void cc_engine_release(struct cc_leg *leg)
{
	if (depth == 0 || leaving_count == (int)(sizeof(leaving) / sizeof(leaving[0])))
		media_release(leg);
	else
		leaving[leaving_count++] = leg;
}

void cc_engine_leave(void)
{
	/* the section stays open while calls run: what they cause is added to the list */
	while (depth == 1 && (work_count > 0 || leaving_count > 0 || cc_leg_ready_due())) {
		if (work_count > 0) {
			struct cc_call_ref ref = worklist[work_first];

			work_first = (work_first + 1) % cc_engine->call_count;
			work_count--;
			run(ref);
		} else if (leaving_count > 0) {
			media_release(leaving[--leaving_count]);
		} else {
			cc_leg_ready_replace();
		}
	}
	if (depth == 1)
		cc_mixer_flush();
	depth--;
}
