/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/rand/kam_rand.h"

#include "cc/clock.h"
#include "cc/err.h"
#include "cc/ulid.h"
#include "engine.h"
#include "leg_media.h"
#include "leg_private.h"
#include "leg_saved.h"

struct tm_binds cc_leg_tm;
tm_xapi_t cc_leg_tmx;
char cc_leg_address[64];
int32_t cc_leg_session_s, cc_leg_session_min_s;

int cc_leg_init(const char *advertise, int32_t session_s, int32_t session_min_s)
{
	cc_leg_session_s = session_s;
	cc_leg_session_min_s = session_min_s;
	if (load_tm_api(&cc_leg_tm) < 0 || tm_load_xapi(&cc_leg_tmx) < 0)
		return CC_E_NOENT;
	if (snprintf(cc_leg_address, sizeof(cc_leg_address), "%s", advertise) >=
			(int)sizeof(cc_leg_address))
		return CC_E_RANGE;
	return CC_OK;
}

/* ---- slots and references ---- */

int32_t cc_leg_slot(const struct cc_leg *leg)
{
	return (int32_t)(leg - cc_engine->legs);
}

uint16_t cc_leg_port(const struct cc_leg *leg)
{
	return (uint16_t)(cc_engine->mix_min + 2 * leg->port);
}

int cc_leg_new(struct cc_leg **out, bool incoming)
{
	int32_t port = cc_pool_take(cc_engine->port_pool);
	int32_t slot = port < 0 ? -1 : cc_pool_take(cc_engine->leg_pool);
	struct cc_ulid id = cc_ulid_new();
	struct cc_leg *leg;

	if (slot < 0) {
		if (port >= 0)
			cc_pool_give(cc_engine->port_pool, port);
		return CC_E_FULL;
	}
	leg = &cc_engine->legs[slot];
	lock_get(&leg->lock);
	leg->gen++;
	leg->refs = 1;
	leg->sip = incoming ? CC_SIP_INVITED : CC_SIP_INVITING;
	leg->incoming = incoming;
	leg->acked = leg->ringing = leg->silent = leg->late_offer = leg->bye_due = leg->auto_answer =
			leg->restored = leg->refer_due = leg->ring_saved = leg->early = leg->sound_due =
					leg->accept_due = false;
	leg->trunk = 0;
	leg->transactions = 0;
	leg->job = leg->working = CC_JOB_NONE;
	leg->call.slot = -1;
	leg->trans_hash = leg->trans_label = 0;
	leg->session = (struct cc_leg_session){0};
	leg->reliable = false;
	leg->unproven = 0;
	leg->rseq = 0;
	leg->sock = NULL;
	leg->peer[0] = leg->number[0] = leg->domain[0] = '\0';
	cc_engine->leg_ids[slot] = id;
	cc_ulid_format(&id, leg->id);
	snprintf(leg->tag, sizeof(leg->tag), "cc%x-%x-%08x%08x", (unsigned)slot, leg->gen,
			(unsigned)kam_rand(), (unsigned)kam_rand());
	leg->kind = CC_NG_RTP;
	leg->prefer = -1;
	leg->port = port;
	leg->media_gen = 1;
	leg->ng_open = leg->mixer_open = leg->recording = false;
	leg->sdp_version = 0;
	leg->direction = CC_SDP_SENDRECV;
	lock_release(&leg->lock);
	*out = leg;
	return CC_OK;
}

struct cc_leg *cc_leg_get(int32_t slot, uint32_t gen)
{
	struct cc_leg *leg;

	if (slot < 0 || slot >= cc_engine->leg_count)
		return NULL;
	leg = &cc_engine->legs[slot];
	lock_get(&leg->lock);
	if (leg->refs == 0 || leg->gen != gen) {
		lock_release(&leg->lock);
		return NULL;
	}
	leg->refs++;
	lock_release(&leg->lock);
	return leg;
}

void cc_leg_put(struct cc_leg *leg)
{
	dlg_t *dialog = NULL;
	char *sdp = NULL, *queued = NULL;
	bool last;

	lock_get(&leg->lock);
	last = --leg->refs == 0;
	if (last) {
		dialog = leg->dialog;
		sdp = leg->sdp;
		leg->dialog = NULL;
		leg->sdp = NULL;
		queued = leg->queued.sdp;
		leg->queued = (struct cc_leg_offer){0};
		leg->sip = CC_SIP_FREE;
		cc_engine->leg_ids[cc_leg_slot(leg)] = (struct cc_ulid){0};
		cc_leg_dues_clear(leg);
	}
	lock_release(&leg->lock);
	if (!last)
		return;
	if (dialog)
		cc_leg_tm.free_dlg(dialog);
	cc_leg_sdp_free(sdp);
	cc_leg_sdp_free(queued);
	cc_pool_give(cc_engine->leg_pool, cc_leg_slot(leg));
}

void cc_leg_transaction_hold(struct cc_leg *leg)
{
	leg->transactions++;
	leg->refs++;
}

bool cc_leg_transaction_put(struct cc_leg *leg)
{
	bool held;

	lock_get(&leg->lock);
	held = leg->transactions > 0;
	leg->transactions -= held;
	lock_release(&leg->lock);
	if (held)
		cc_leg_put(leg);
	return held;
}

struct cc_leg *cc_leg_find(const char *text)
{
	struct cc_ulid id;

	if (cc_ulid_parse(&id, text, (int)strlen(text)) < 0)
		return NULL;
	for (int32_t i = 0; i < cc_engine->leg_count; i++) {
		struct cc_leg *leg = &cc_engine->legs[i];

		if (!cc_ulid_equal(&cc_engine->leg_ids[i], &id))
			continue;
		leg = cc_leg_get(i, leg->gen);
		if (leg && strcmp(leg->id, text) == 0)
			return leg;
		if (leg)
			cc_leg_put(leg);
	}
	return NULL;
}

void cc_leg_owner(struct cc_leg *leg, const char *number, const char *domain)
{
	snprintf(leg->number, sizeof(leg->number), "%s", number);
	snprintf(leg->domain, sizeof(leg->domain), "%s", domain);
}

void cc_leg_attach(struct cc_leg *leg, struct cc_call_ref call, int32_t index)
{
	lock_get(&leg->lock);
	leg->call = call;
	leg->index = index;
	lock_release(&leg->lock);
}

void *cc_leg_callback_param(const struct cc_leg *leg)
{
	return (void *)(uintptr_t)((uint64_t)leg->gen << 32 | (uint32_t)cc_leg_slot(leg));
}

struct cc_leg *cc_leg_of_callback(void **param)
{
	uint64_t v = (uint64_t)(uintptr_t)*param;

	/* at its end tm drops all transactions: legs go on with the next engine */
	if (!cc_engine || cc_engine->stopping)
		return NULL;
	return cc_leg_get((int32_t)(v & 0xffffffff), (uint32_t)(v >> 32));
}

void cc_leg_report(
		struct cc_leg *leg, struct cc_call_input *in, int code, const char *text, int len)
{
	struct cc_call_ref call;

	lock_get(&leg->lock);
	call = leg->call;
	in->leg = leg->index;
	lock_release(&leg->lock);
	if (call.slot < 0)
		return;
	in->code = code;
	snprintf(in->text, sizeof(in->text), "%.*s", len, text);
	if (cc_engine_post(call, cc_leg_slot(leg), leg->gen, in) == CC_E_FULL)
		LM_ERR("leg %s: the call's inbox is full\n", leg->id);
}

void cc_leg_report_code(
		struct cc_leg *leg, enum cc_call_input_kind kind, int code, const char *text)
{
	struct cc_call_input in = {.kind = kind};

	cc_leg_report(leg, &in, code, text, (int)strlen(text));
}

void cc_leg_due_set(struct cc_leg *leg, enum cc_leg_due due, int64_t at)
{
	int64_t first = INT64_MAX;

	leg->due_ms[due] = at;
	for (int i = 0; i < CC_DUES; i++)
		if (leg->due_ms[i] < first)
			first = leg->due_ms[i];
	cc_engine->leg_deadline[cc_leg_slot(leg)] = first;
}

void cc_leg_dues_clear(struct cc_leg *leg)
{
	for (int i = 0; i < CC_DUES; i++)
		leg->due_ms[i] = INT64_MAX;
	cc_engine->leg_deadline[cc_leg_slot(leg)] = INT64_MAX;
}

/* ---- end ---- */

void cc_leg_hangup(struct cc_leg *leg, int code)
{
	enum
	{
		NOTHING,
		RESPOND,
		GIVE_UP,
		HANG_UP
	} what = NOTHING;
	struct cc_leg_offer queued;
	bool asked;

	lock_get(&leg->lock);
	leg->call.slot = -1;
	asked = leg->job == CC_JOB_REINVITE; /* and nobody is left to do it */
	leg->job = CC_JOB_NONE;
	queued = leg->queued;
	leg->queued = (struct cc_leg_offer){0};
	cc_leg_due_set(leg, CC_DUE_SESSION, INT64_MAX);
	switch (leg->sip) {
	case CC_SIP_INVITED:
		what = RESPOND;
		break;
	case CC_SIP_INVITING:
		leg->sip = CC_SIP_CANCELLED;
		what = GIVE_UP;
		break;
	case CC_SIP_CONFIRMED:
		if (leg->incoming && !leg->acked) {
			leg->bye_due = true; /* RFC 3261, 15: no BYE before the ACK */
		} else {
			leg->sip = CC_SIP_DONE;
			what = HANG_UP;
		}
		break;
	default:
		break;
	}
	if (!leg->bye_due)
		cc_leg_due_set(leg, CC_DUE_END,
				cc_clock_utc_ms() + (what == GIVE_UP ? CC_LEG_64T1_MS : CC_LEG_LINGER_MS));
	lock_release(&leg->lock);
	cc_leg_save(leg); /* no longer */
	if (asked)
		cc_leg_transaction_reply(
				leg, leg->job_hash, leg->job_label, 487, cc_leg_reason(487), "", NULL);
	if (queued.there)
		cc_leg_transaction_reply(leg, queued.hash, queued.label, 487, cc_leg_reason(487), "", NULL);
	cc_leg_sdp_free(queued.sdp);
	cc_leg_refer_end(leg);
	if (what == RESPOND)
		cc_leg_respond(leg, code >= 300 ? code : 480, "");
	else if (what == GIVE_UP)
		cc_leg_give_up(leg);
	else if (what == HANG_UP)
		cc_leg_bye(leg);
	cc_engine_release(leg);
}

void cc_leg_discard(struct cc_leg *leg)
{
	lock_get(&leg->lock);
	leg->sip = CC_SIP_DONE;
	lock_release(&leg->lock);
	cc_leg_hangup(leg, 0);
}

/* What has come, and is armed no more; lock held. */
static void dues_take(struct cc_leg *leg, int64_t now_ms, bool come[CC_DUES])
{
	for (int i = 0; i < CC_DUES; i++) {
		come[i] = leg->due_ms[i] <= now_ms;
		if (come[i])
			cc_leg_due_set(leg, (enum cc_leg_due)i, INT64_MAX);
	}
}

/* No ACK for our 2xx: the far end may not even know that it has a call. */
static void ack_missed(struct cc_leg *leg)
{
	bool up;

	lock_get(&leg->lock);
	up = leg->sip == CC_SIP_CONFIRMED && !leg->acked;
	if (up) {
		leg->sip = CC_SIP_DONE;
		leg->acked = true;
	}
	if (leg->call.slot < 0)
		cc_leg_due_set(leg, CC_DUE_END, cc_clock_utc_ms() + CC_LEG_LINGER_MS);
	lock_release(&leg->lock);
	if (up) {
		cc_leg_bye(leg);
		cc_leg_report_code(leg, CC_IN_LEG_ENDED, 408, "no ACK");
	}
	cc_leg_put(leg); /* the reference of CC_DUE_ACK */
}

void cc_leg_timer(int32_t slot, int64_t now_ms)
{
	struct cc_leg *leg = &cc_engine->legs[slot];
	bool come[CC_DUES], ask, over;

	lock_get(&leg->lock);
	if (leg->refs == 0 || cc_engine->leg_deadline[slot] > now_ms) {
		lock_release(&leg->lock);
		return;
	}
	leg->refs++;
	dues_take(leg, now_ms, come);
	ask = come[CC_DUE_PROBE] && leg->silent && leg->sip == CC_SIP_CONFIRMED;
	over = come[CC_DUE_END] && leg->call.slot < 0;
	if (over)
		leg->sip = CC_SIP_DONE;
	lock_release(&leg->lock);
	if (come[CC_DUE_ACK])
		ack_missed(leg);
	if (come[CC_DUE_PRACK])
		cc_leg_reliable_timer(leg);
	if (come[CC_DUE_SESSION])
		cc_leg_session_timer(leg, now_ms);
	if (ask)
		cc_leg_probe(leg);
	while (over && cc_leg_transaction_put(leg))
		;
	cc_leg_put(leg);
}
