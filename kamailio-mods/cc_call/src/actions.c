/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "core/dprint.h"

#include "actions.h"
#include "cc/clock.h"
#include "cc/conf.h"
#include "cc/err.h"
#include "cc/journal.h"
#include "leg.h"
#include "leg_media.h"
#include "mixer.h"

#define CONTACTS_MAX 8 /* phones of one agent that ring at once */

/* Until cc_queue and cc_registrar have introduced themselves: no queue, no phone. */
static const struct cc_queue_provider *queue;
static const struct cc_registrar_provider *registrar;

void cc_actions_provide_queue(const struct cc_queue_provider *provider)
{
	queue = provider;
}

void cc_actions_provide_registrar(const struct cc_registrar_provider *provider)
{
	registrar = provider;
}

const struct cc_queue_provider *cc_actions_queue(void)
{
	return queue;
}

static struct cc_leg *leg_of(struct cc_call_slot *slot, int32_t index)
{
	return index >= 0 && index < CC_CALL_LEGS && slot->legs[index] >= 0
				   ? &cc_engine->legs[slot->legs[index]]
				   : NULL;
}

static void post(struct cc_call_ref ref, const struct cc_leg *leg, struct cc_call_input *in)
{
	if (cc_engine_post(ref, leg ? cc_leg_slot(leg) : -1, leg ? leg->gen : 0, in) < 0)
		LM_ERR("the call's inbox is full\n");
}

static void post_leg(struct cc_call_ref ref, const struct cc_leg *leg, int32_t index,
		enum cc_call_input_kind kind, int code)
{
	struct cc_call_input in = {.kind = kind, .leg = index, .code = code};

	post(ref, leg, &in);
}

static void text_of(char *text, size_t cap, const struct cc_call_actions *actions,
		const struct cc_call_action *a)
{
	snprintf(text, cap, "%.*s", a->text_len, actions->text + a->text_off);
}

static void answer(struct cc_call_ref ref, struct cc_leg *leg, int32_t index)
{
	int code = cc_leg_answer(leg);

	if (code) /* 487: the caller was quicker */
		post_leg(ref, leg, index, code == 487 ? CC_IN_LEG_ENDED : CC_IN_LEG_FAILED, code);
	else if (!leg->late_offer) /* else its media is complete with the ACK */
		post_leg(ref, leg, index, CC_IN_LEG_UP, 200);
}

/* The legs exist, and the core knows them, before any INVITE is out: a quick answer finds them. */
static void dial_agent(
		struct cc_call_ref ref, struct cc_call_slot *slot, const struct cc_call_action *a)
{
	struct cc_call *call = &slot->core;
	const struct cc_conf_agent *agent = cc_conf_agent_at(call->conf, a->agent);
	struct cc_contact contacts[CONTACTS_MAX];
	struct cc_leg *legs[CONTACTS_MAX];
	int32_t indexes[CONTACTS_MAX];
	struct cc_call_input in = {.kind = CC_IN_DIALLED, .agent = a->agent, .epoch = a->epoch};
	int count = 0;

	if (registrar)
		count = registrar->contacts(agent->number, call->conf->code, contacts, CONTACTS_MAX);
	for (int i = 0; i < count; i++) {
		int index;

		if (cc_leg_new(&legs[i], false) < 0) {
			LM_ERR("call %s: no free leg for agent %s\n", slot->id_text, agent->number);
			count = i;
			break;
		}
		index = cc_engine_leg_add(
				ref, legs[i], CC_ROLE_AGENT, a->agent, a->epoch, cc_clock_utc_ms());
		if (index < 0) {
			cc_leg_hangup(legs[i], 0);
			count = i;
			break;
		}
		indexes[in.count++] = index;
	}
	post(ref, NULL, &in);
	for (int i = 0; i < count; i++) {
		struct cc_leg_target to = {.from = call->from,
				.from_name = call->from_name,
				.number = agent->number,
				.domain = call->conf->code,
				.contact = &contacts[i]};
		int rc = cc_leg_invite(legs[i], &to);

		if (rc < 0) {
			LM_WARN("call %s: agent %s cannot be called: %s\n", slot->id_text, agent->number,
					cc_err_name(rc));
			post_leg(ref, legs[i], indexes[i], CC_IN_LEG_FAILED, cc_leg_media_code(rc));
		}
	}
}

/* Rows and columns of legs without media are left out. */
static void mix(struct cc_call_slot *slot, const struct cc_call_action *a)
{
	uint16_t gain[CC_CALL_LEGS][CC_CALL_LEGS];
	const char *ids[CC_CALL_LEGS];
	int32_t from[CC_CALL_LEGS];
	int n = 0;

	for (int i = 0; i < a->count && i < CC_CALL_LEGS; i++) {
		struct cc_leg *leg = leg_of(slot, a->legs[i]);

		if (!leg || !leg->mixer_open)
			continue;
		from[n] = i;
		ids[n++] = leg->id;
	}
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
			gain[i][j] = a->gain[from[i]][from[j]];
	cc_mixer_conf(slot->id_text, ids, n, gain);
}

void cc_actions_journal(
		struct cc_call_slot *slot, const struct cc_call_actions *actions, int64_t now_ms)
{
	for (int i = 0; i < actions->count; i++) {
		const struct cc_call_action *a = &actions->a[i];
		struct cc_record r = {.time_ms = now_ms,
				.type = a->event,
				.version = 1,
				.tenant = slot->core.tenant,
				.call = slot->id,
				.fields = actions->text + a->text_off,
				.fields_len = (uint32_t)a->text_len};
		int rc;

		if (a->kind != CC_ACT_JOURNAL)
			continue;
		r.call_seq = ++slot->journal_seq;
		rc = cc_ring_put(cc_engine_ring, &r);
		if (rc < 0)
			LM_ERR("call %s: journal record %s is lost: %s\n", slot->id_text,
					cc_event_name(a->event), cc_err_name(rc));
	}
}

static void free_legs(struct cc_call_slot *slot)
{
	for (int i = 0; i < CC_CALL_LEGS; i++)
		if (slot->legs[i] >= 0) {
			cc_leg_hangup(&cc_engine->legs[slot->legs[i]], 0);
			slot->legs[i] = -1;
		}
}

static void queue_action(
		struct cc_call_ref ref, struct cc_call_slot *slot, const struct cc_call_action *a)
{
	const struct cc_call *call = &slot->core;
	struct cc_call_input in = {.kind = CC_IN_POSITION};

	if (!queue)
		return;
	switch (a->kind) {
	case CC_ACT_QUEUE_ENTER:
		queue->enter(ref, call, a->queue, a->visit, a->priority);
		break;
	case CC_ACT_QUEUE_LEAVE:
		queue->leave(ref, call);
		break;
	case CC_ACT_QUEUE_POSITION:
		in.count = queue->position(ref, call);
		post(ref, NULL, &in);
		break;
	case CC_ACT_AGENT_COMMAND:
		in.kind = CC_IN_COMMAND_DONE;
		in.code = queue->code(call, a->agent, (enum cc_code)a->code);
		post(ref, NULL, &in);
		break;
	case CC_ACT_AGENT_RINGING:
		queue->ringing(call, a->agent, a->epoch);
		break;
	case CC_ACT_AGENT_TALKING:
		queue->talking(call, a->agent, a->epoch);
		break;
	default:
		queue->release(call, a->agent, a->epoch, a->outcome);
		break;
	}
}

static void leg_action(struct cc_call_ref ref, struct cc_call_slot *slot,
		const struct cc_call_actions *actions, const struct cc_call_action *a, struct cc_leg *leg)
{
	char text[CC_CALL_TEXT];

	switch (a->kind) {
	case CC_ACT_RESPOND:
		text_of(text, sizeof(text), actions, a);
		cc_leg_respond(leg, a->code, text);
		break;
	case CC_ACT_ANSWER:
		answer(ref, leg, a->leg);
		break;
	case CC_ACT_HANGUP:
		slot->legs[a->leg] = -1;
		cc_leg_hangup(leg, a->code);
		break;
	case CC_ACT_PLAY:
		if (leg->mixer_open)
			cc_mixer_play(leg->id, leg->media_gen, a->token, a->layer, actions->text + a->text_off,
					(size_t)a->text_len, a->repeat);
		break;
	case CC_ACT_STOP:
		if (leg->mixer_open)
			cc_mixer_stop(leg->id, leg->media_gen, a->layer);
		break;
	default:
		cc_leg_media_record(leg, a->on, slot->core.tenant, slot->id_text, a->segment);
		break;
	}
}

bool cc_actions_carry_out(
		struct cc_call_ref ref, struct cc_call_slot *slot, const struct cc_call_actions *actions)
{
	bool over = false;

	for (int i = 0; i < actions->count; i++) {
		const struct cc_call_action *a = &actions->a[i];
		struct cc_leg *leg = leg_of(slot, a->leg);

		switch (a->kind) {
		case CC_ACT_RESPOND:
		case CC_ACT_ANSWER:
		case CC_ACT_HANGUP:
		case CC_ACT_PLAY:
		case CC_ACT_STOP:
		case CC_ACT_RECORD:
			if (leg) /* else it has gone meanwhile */
				leg_action(ref, slot, actions, a, leg);
			break;
		case CC_ACT_DIAL_AGENT:
			dial_agent(ref, slot, a);
			break;
		case CC_ACT_MIX:
			mix(slot, a);
			break;
		case CC_ACT_JOURNAL:
			break; /* written before */
		case CC_ACT_FREE:
			free_legs(slot);
			over = true;
			break;
		default:
			queue_action(ref, slot, a);
			break;
		}
	}
	if (cc_mixer_flush() == CC_E_INVAL)
		LM_WARN("call %s: cc-mixd refused a command: %s\n", slot->id_text, cc_mixer_error());
	return over;
}
