/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "core/dprint.h"

#include "actions.h"
#include "cc/clock.h"
#include "cc/conf.h"
#include "cc/err.h"
#include "cc/journal.h"
#include "cc/jsonw.h"
#include "cc/number.h"
#include "cc/utf8.h"
#include "conf_store.h"
#include "leg.h"
#include "leg_media.h"
#include "lookup.h"
#include "mixer.h"
#include "trunk.h"

#define FIELDS_MAX 512 /* of what the engine adds to a record of the core */
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

const struct cc_registrar_provider *cc_actions_registrar(void)
{
	return registrar;
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

	if (code == 100) /* it says so when it is up */
		return;
	if (code) /* 487: the caller was quicker */
		post_leg(ref, leg, index, code == 487 ? CC_IN_LEG_ENDED : CC_IN_LEG_FAILED, code);
	else if (!leg->late_offer) /* else its media is complete with the ACK */
		post_leg(ref, leg, index, CC_IN_LEG_UP, 200);
}

/* The codec of the leg, or what its offer begins with; -1: not known. */
static int8_t codec_of(struct cc_leg *leg)
{
	struct cc_sdp_audio offer = {.pt = -1};

	if (!leg)
		return -1;
	if (leg->mixer_open)
		return leg->far.pt;
	lock_get(&leg->lock);
	if (leg->sdp && cc_sdp_parse(&offer, leg->sdp, (size_t)leg->sdp_len) < 0)
		offer.pt = -1;
	lock_release(&leg->lock);
	return offer.pt;
}

/* Leaves the web phones only. */
static int pages_of(struct cc_contact *contacts, int count)
{
	int pages = 0;

	for (int i = 0; i < count; i++)
		if (contacts[i].webrtc)
			contacts[pages++] = contacts[i];
	return pages;
}

/* The legs exist, and the core knows them, before any INVITE is out: a quick answer finds them. */
static void dial_agent(struct cc_call_ref ref, struct cc_call_slot *slot,
		const struct cc_call_actions *actions, const struct cc_call_action *a)
{
	struct cc_call *call = &slot->core;
	const struct cc_conf_agent *agent = cc_conf_agent_at(call->conf, a->agent);
	struct cc_contact contacts[CONTACTS_MAX];
	struct cc_leg *legs[CONTACTS_MAX];
	int32_t indexes[CONTACTS_MAX];
	struct cc_call_input in = {.kind = CC_IN_DIALLED, .agent = a->agent, .epoch = a->epoch};
	char from[2 * CC_CALL_TEXT], from_name[3 * CC_CALL_TEXT], prefix[CC_CALL_TEXT];
	char prefix_number[CC_CALL_TEXT], prefix_name[CC_CALL_TEXT];
	char number[CC_CALL_TEXT], name[CC_CALL_TEXT];
	bool called = a->own || call->dir == CC_DIR_OUT; /* whom the phone shows */
	int32_t hide = call->hide > agent->hide ? call->hide : agent->hide;
	int count = 0;

	snprintf(number, sizeof(number), "%s",
			!called          ? call->from
			: call->shown[0] ? call->shown
							 : call->to);
	snprintf(name, sizeof(name), "%s", called ? call->to_name : call->from_name);
	cc_number_hide(number, false, hide);
	cc_number_hide(name, true, hide);
	text_of(prefix, sizeof(prefix), actions, a);
	cc_call_prefix(
			call, a->queue, prefix_number, sizeof(prefix_number), prefix_name, sizeof(prefix_name));
	snprintf(from, sizeof(from), "%s%s", prefix_number, number);
	snprintf(from_name, sizeof(from_name), "%s%s%s", prefix, prefix_name, name);
	if (registrar)
		count = registrar->contacts(agent->number, call->conf->code, contacts, CONTACTS_MAX);
	if (a->page)
		count = pages_of(contacts, count);
	for (int i = 0; i < count; i++) {
		int index;

		if (cc_leg_ready_take(&legs[i], contacts[i].webrtc ? CC_NG_WEBRTC : CC_NG_RTP) < 0) {
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
		struct cc_leg_target to = {.from = from,
				.from_name = from_name,
				.number = agent->number,
				.domain = call->conf->code,
				.contact = &contacts[i],
				.prefer = codec_of(leg_of(slot, call->caller_leg)),
				/* who dials by a page has taken the phone that is in one */
				.auto_answer = a->on || (a->own && contacts[i].webrtc)};
		int rc = cc_leg_invite(legs[i], &to);

		if (rc < 0) {
			LM_WARN("call %s: agent %s cannot be called: %s\n", slot->id_text, agent->number,
					cc_err_name(rc));
			post_leg(ref, legs[i], indexes[i], CC_IN_LEG_FAILED, cc_leg_media_code(rc));
		}
	}
}

/* The next trunk of the route, by whose channels leg is counted from now on, its name, and where it
 * is asked for the number. False: there is none. */
static bool trunk_next(struct cc_leg *leg, struct cc_contact *contact, char domain[CC_TRUNK_DOMAIN],
		uint32_t tenant, const struct cc_route *route, int32_t *tried, char name[CC_CALL_TEXT])
{
	struct cc_confs *confs = cc_conf_store_get();
	const struct cc_conf_trunk *trunk = cc_trunk_pick(confs->set, tenant, route, tried, leg);

	if (trunk) {
		cc_utf8_copy(name, CC_CALL_TEXT, trunk->name);
		cc_trunk_contact(contact, domain, trunk, route->dialled);
	}
	cc_conf_store_put(confs);
	return trunk != NULL;
}

/* The agent's leg to his number outside; NULL: in->code says why there is none. */
static struct cc_leg *mobile_leg(struct cc_call_input *in, struct cc_route *route,
		struct cc_contact *contact, char domain[CC_TRUNK_DOMAIN], const struct cc_call *call)
{
	struct cc_leg *leg = NULL;

	cc_route_mobile(route, call->conf, in->agent);
	if (route->kind != CC_ROUTE_OUT || call->ours) { /* it may have gone out from here */
		in->code = call->ours ? 482 : route->sip_code;
		return NULL;
	}
	in->code = 503;
	if (cc_leg_new(&leg, false) < 0)
		return NULL;
	if (trunk_next(leg, contact, domain, call->tenant, route, &in->other, in->text))
		return leg;
	cc_leg_discard(leg);
	return NULL;
}

/* As dial_agent; shown is what calls outside show, and the call's own number before that. */
static void dial_mobile(
		struct cc_call_ref ref, struct cc_call_slot *slot, const struct cc_call_action *a)
{
	const struct cc_call *call = &slot->core;
	struct cc_call_input in = {
			.kind = CC_IN_DIALLED, .agent = a->agent, .epoch = a->epoch, .other = a->visit};
	struct cc_contact contact;
	struct cc_route route;
	char domain[CC_TRUNK_DOMAIN];
	struct cc_leg *leg = mobile_leg(&in, &route, &contact, domain, call);
	struct cc_leg_target to = {
			.from = call->did[0] ? call->did
								 : cc_conf_caller_id(call->conf, a->agent, call->caller_id,
										   call->turn, cc_clock_utc_ms()),
			.from_name = "",
			.number = route.dialled,
			.domain = domain,
			.contact = &contact,
			.prefer = codec_of(leg_of(slot, call->caller_leg))};
	int rc, index = leg ? cc_engine_leg_add(
								  ref, leg, CC_ROLE_AGENT, a->agent, a->epoch, cc_clock_utc_ms())
						: -1;

	if (leg && index < 0)
		cc_leg_discard(leg);
	in.count = index >= 0;
	post(ref, NULL, &in); /* before anything that the leg reports */
	if (index < 0) {
		LM_WARN("call %s: the number outside of agent %s cannot be called: %d\n", slot->id_text,
				cc_conf_agent_at(call->conf, a->agent)->number, in.code);
		return;
	}
	rc = cc_leg_invite(leg, &to);
	if (rc < 0)
		post_leg(ref, leg, index, CC_IN_LEG_FAILED, cc_leg_media_code(rc));
}

/* Calls a number outside as the call's caller_leg: 0, or a negative enum cc_err without a leg. */
static int dial_outside(struct cc_call_ref ref, struct cc_leg *leg, enum cc_leg_role role,
		const struct cc_leg_target *to)
{
	int rc, index = cc_engine_leg_add(ref, leg, role, -1, 0, cc_clock_utc_ms());

	if (index < 0) {
		cc_leg_discard(leg);
		return index;
	}
	rc = cc_leg_invite(leg, to);
	if (rc < 0)
		post_leg(ref, leg, index, CC_IN_LEG_FAILED, cc_leg_media_code(rc));
	return CC_OK;
}

/* Calls the customer back who gave up the line, but not the place in the queue, through the trunk
 * that the call came from. */
static void dial_caller(struct cc_call_ref ref, struct cc_call_slot *slot)
{
	const struct cc_call *call = &slot->core;
	struct cc_call_input failed = {.kind = CC_IN_DIALLED, .agent = -1};
	struct cc_confs *confs = cc_conf_store_get();
	const struct cc_conf_trunk *trunk = cc_conf_trunk_named(confs->set, call->trunk);
	struct cc_contact contact;
	struct cc_leg *leg;
	char domain[CC_TRUNK_DOMAIN];
	struct cc_leg_target to = {.from = call->did,
			.from_name = "",
			.domain = domain,
			.contact = &contact,
			.prefer = -1};
	int rc = CC_E_NOENT;

	to.number = call->from + (call->from[0] == '+');
	if (trunk && cc_conf_trunk_granted(confs->set, trunk, call->tenant)) {
		cc_trunk_contact(&contact, domain, trunk, call->from);
		rc = cc_leg_new(&leg, false);
	}
	if (rc == CC_OK) {
		leg->trunk = cc_conf_trunk_id(trunk);
		rc = dial_outside(ref, leg, CC_ROLE_CALLER, &to);
	}
	cc_conf_store_put(confs);
	if (rc == CC_OK)
		return;
	LM_WARN("call %s: the customer cannot be called back: %s\n", slot->id_text, cc_err_name(rc));
	post(ref, NULL, &failed);
}

/* The number outside of the call's route. */
static void dial_out(
		struct cc_call_ref ref, struct cc_call_slot *slot, const struct cc_call_action *a)
{
	const struct cc_call *call = &slot->core;
	struct cc_call_input in = {.kind = CC_IN_DIALLED, .agent = -1, .count = a->visit};
	struct cc_contact contact;
	struct cc_leg *leg;
	char domain[CC_TRUNK_DOMAIN];
	bool trunk;
	struct cc_leg_target to = {.from = call->did,
			.from_name = "",
			.number = call->route.dialled,
			.domain = domain,
			.contact = &contact,
			.prefer = codec_of(
					leg_of(slot, call->bridged_leg < 0 ? call->caller_leg : call->bridged_leg))};

	if (cc_leg_new(&leg, false) < 0) {
		LM_ERR("call %s: no free leg\n", slot->id_text);
		in.count = 0;
		post(ref, NULL, &in);
		return;
	}
	trunk = trunk_next(leg, &contact, domain, call->tenant, &call->route, &in.count, in.text);
	if (!trunk)
		in.count = 0;
	post(ref, NULL, &in); /* before anything that the leg reports */
	if (!trunk)
		cc_leg_discard(leg);
	else if (dial_outside(ref, leg, CC_ROLE_CALLEE, &to) < 0)
		LM_BUG("call %s: its customer has a leg already\n", slot->id_text);
}

/* Rows and columns of legs without media are left out. */
static void mix(struct cc_call_slot *slot, const struct cc_call_action *a)
{
	uint16_t gain[CC_MIX_LEGS][CC_MIX_LEGS];
	const char *ids[CC_MIX_LEGS];
	int32_t from[CC_MIX_LEGS];
	const struct cc_leg *kept = leg_of(slot, a->leg);
	int n = 0;

	for (int i = 0; i < a->count && i < CC_MIX_LEGS; i++) {
		struct cc_leg *leg = leg_of(slot, a->legs[i]);

		if (!leg || !leg->mixer_open)
			continue;
		from[n] = i;
		ids[n++] = leg->id;
	}
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
			gain[i][j] = a->gain[from[i]][from[j]];
	cc_mixer_conf(slot->id_text, ids, n, gain, kept && kept->mixer_open ? kept->id : NULL);
}

/* What only the engine knows of a leg that a record is about: its contact when it begins, its
 * packets when it ends. Written as JSON fields that begin with a comma. */
static void leg_fields(
		char *buf, size_t cap, struct cc_call_slot *slot, const struct cc_call_action *a)
{
	struct cc_leg *leg = leg_of(slot, a->leg);
	struct cc_jsonw w;
	int len;

	cc_jsonw_init(&w, buf, cap);
	cc_jsonw_object(&w, NULL);
	if (a->event == CC_EV_LEG_NEW && leg) {
		lock_get(&leg->lock);
		if (leg->dialog && leg->dialog->rem_target.len)
			cc_jsonw_strn(
					&w, "uri", leg->dialog->rem_target.s, (size_t)leg->dialog->rem_target.len);
		lock_release(&leg->lock);
	} else if (a->event == CC_EV_LEG_END && a->leg >= 0) {
		const struct cc_leg_packets *p = &slot->packets[a->leg];

		if (p->rx >= 0) {
			cc_jsonw_int(&w, "rtp_rx", p->rx);
			cc_jsonw_int(&w, "rtp_lost", p->lost);
		}
	}
	cc_jsonw_close_object(&w);
	len = cc_jsonw_end(&w);
	if (len > 2)
		buf[0] = ',';
	buf[len > 2 ? len - 1 : 0] = '\0';
}

/* Asks for what the records need, before the first of them is written: a kill between two of them
 * must not find an open door. */
static void leg_counts(struct cc_call_slot *slot, const struct cc_call_actions *actions)
{
	for (int i = 0; i < actions->count; i++) {
		const struct cc_call_action *a = &actions->a[i];
		struct cc_leg *leg = leg_of(slot, a->leg);

		if (a->kind == CC_ACT_JOURNAL && a->event == CC_EV_LEG_END && leg)
			slot->packets[a->leg] = cc_leg_media_drop(leg);
	}
}

/* Journal records of the step. */
static uint32_t journal_count(const struct cc_call_actions *actions)
{
	uint32_t n = 0;

	for (int i = 0; i < actions->count; i++)
		n += actions->a[i].kind == CC_ACT_JOURNAL;
	return n;
}

void cc_actions_number(struct cc_call_slot *slot, const struct cc_call_actions *actions)
{
	uint32_t n = journal_count(actions);

	if (n == 0)
		return;
	slot->journal_seq += n;
	slot->journal_since = cc_ring_next_seq(cc_engine_ring);
}

/* Adds fields to those of a record, in text; bytes used there. Without room it stays as it is. */
static size_t add_fields(struct cc_record *r, const char *more, char *text, size_t cap)
{
	size_t len = r->fields_len + strlen(more);

	if (!more[0] || len >= cap || len > CC_JOURNAL_FIELDS_MAX)
		return 0;
	snprintf(text, cap, "%.*s%s}", (int)r->fields_len - 1, r->fields, more);
	r->fields = text;
	r->fields_len = (uint32_t)len;
	return len;
}

void cc_actions_journal(
		struct cc_call_slot *slot, const struct cc_call_actions *actions, int64_t now_ms)
{
	static struct cc_record records[CC_CALL_ACTIONS]; /* large, and runners do not nest */
	static char text[CC_CALL_LEGS * 2 * (FIELDS_MAX + CC_CALL_TEXT * 4)];
	int count = (int)journal_count(actions), n = 0, rc;
	size_t used = 0;

	if (count == 0)
		return;
	leg_counts(slot, actions);
	for (int i = 0; i < actions->count; i++) {
		const struct cc_call_action *a = &actions->a[i];
		struct cc_record *r = &records[n];
		char more[FIELDS_MAX];

		if (a->kind != CC_ACT_JOURNAL)
			continue;
		*r = (struct cc_record){.time_ms = now_ms,
				.type = a->event,
				.version = 1,
				.tenant = slot->core.tenant,
				.call = slot->id,
				.call_seq = slot->journal_seq - (uint32_t)(count - ++n),
				.fields = actions->text + a->text_off,
				.fields_len = (uint32_t)a->text_len};
		leg_fields(more, sizeof(more), slot, a);
		used += add_fields(r, more, text + used, sizeof(text) - used);
	}
	rc = cc_ring_put_all(cc_engine_ring, records, count);
	if (rc < 0)
		LM_ERR("call %s: %d journal records are lost: %s\n", slot->id_text, count, cc_err_name(rc));
}

static void free_legs(struct cc_call_slot *slot)
{
	for (int i = 0; i < CC_CALL_LEGS; i++)
		if (slot->legs[i] >= 0) {
			cc_leg_hangup(&cc_engine->legs[slot->legs[i]], 0);
			slot->legs[i] = -1;
		}
}

static void queue_action(struct cc_call_ref ref, struct cc_call_slot *slot,
		const struct cc_call_actions *actions, const struct cc_call_action *a)
{
	char text[CC_CALL_TEXT];
	const struct cc_call *call = &slot->core;
	struct cc_call_input in = {.kind = CC_IN_POSITION};
	struct cc_acd_customer last = {0};

	if (!queue)
		return;
	switch (a->kind) {
	case CC_ACT_AGENT_RESERVE:
		in.kind = CC_IN_REFUSED;
		in.agent = a->agent;
		in.code = queue->reserve(ref, call, a->agent);
		if (in.code < 0)
			post(ref, NULL, &in);
		break;
	case CC_ACT_QUEUE_ENTER:
		queue->enter(ref, call, a->queue, a->visit, a->priority, a->since_ms);
		break;
	case CC_ACT_QUEUE_LEAVE:
		queue->leave(ref, call, a->visit);
		break;
	case CC_ACT_QUEUE_POSITION:
		in.count = queue->position(ref, call, &in.wait_ms);
		post(ref, NULL, &in);
		break;
	case CC_ACT_AGENT_COMMAND:
		in.kind = CC_IN_COMMAND_DONE;
		text_of(text, sizeof(text), actions, a);
		in.code = queue->code(call, a->agent, (enum cc_code)a->code, a->queue, text);
		post(ref, NULL, &in);
		break;
	case CC_ACT_AGENT_LAST:
		in.kind = CC_IN_COMMAND_DONE;
		in.code = queue->last(call, a->agent, &last);
		in.call = last.call;
		memcpy(in.text, last.number, sizeof(in.text));
		post(ref, NULL, &in);
		break;
	case CC_ACT_AGENT_RINGING:
		queue->ringing(call, a->agent, a->epoch);
		break;
	case CC_ACT_AGENT_HOLD:
		queue->hold(call, a->agent, a->epoch, a->on);
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
		if (a->on)
			cc_leg_respond_sound(leg);
		else
			cc_leg_respond(leg, a->code, text);
		break;
	case CC_ACT_ANSWER:
		answer(ref, leg, a->leg);
		break;
	case CC_ACT_REFERRED:
		text_of(text, sizeof(text), actions, a);
		cc_leg_referred(leg, a->code, text);
		break;
	case CC_ACT_HANGUP:
		slot->legs[a->leg] = -1;
		text_of(text, sizeof(text), actions, a);
		if (text[0])
			cc_leg_respond(leg, a->code, text);
		cc_leg_hangup(leg, a->code);
		break;
	case CC_ACT_PLAY:
		if (leg->mixer_open)
			cc_mixer_play(leg->id, leg->media_gen, a->token, a->layer, actions->text + a->text_off,
					(size_t)a->text_len, a->repeat);
		else if (a->layer == CC_LAYER_PROMPT) /* nobody can hear it */
			post(ref, leg,
					&(struct cc_call_input){
							.kind = CC_IN_PLAY_DONE, .leg = a->leg, .token = a->token});
		break;
	case CC_ACT_KEYS:
		text_of(text, sizeof(text), actions, a);
		if (leg->mixer_open)
			cc_mixer_keys(leg->id, leg->media_gen, text);
		break;
	case CC_ACT_STOP:
		if (leg->mixer_open)
			cc_mixer_stop(leg->id, leg->media_gen, a->layer);
		break;
	case CC_ACT_WATCH:
		if (leg->mixer_open)
			cc_mixer_quiet(leg->id, leg->media_gen, a->quiet_ms);
		break;
	default:
		cc_leg_media_record(leg, slot->core.tenant, slot->id_text, a);
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
		case CC_ACT_REFERRED:
		case CC_ACT_HANGUP:
		case CC_ACT_PLAY:
		case CC_ACT_STOP:
		case CC_ACT_KEYS:
		case CC_ACT_WATCH:
		case CC_ACT_RECORD:
			if (leg) /* else it has gone meanwhile */
				leg_action(ref, slot, actions, a, leg);
			break;
		case CC_ACT_DIAL_AGENT:
			if (a->mobile)
				dial_mobile(ref, slot, a);
			else
				dial_agent(ref, slot, actions, a);
			break;
		case CC_ACT_DIAL_CALLER:
			dial_caller(ref, slot);
			break;
		case CC_ACT_DIAL_OUT:
			dial_out(ref, slot, a);
			break;
		case CC_ACT_MIX:
			mix(slot, a);
			break;
		case CC_ACT_LOOK_UP:
			cc_lookup_ask(ref, &slot->core);
			break;
		case CC_ACT_JOURNAL:
			break; /* written before */
		case CC_ACT_FREE:
			free_legs(slot);
			over = true;
			break;
		default:
			queue_action(ref, slot, actions, a);
			break;
		}
	}
	/* what is left to be said of a call that is over can wait for the agent's next call */
	if (!over && cc_mixer_flush() == CC_E_INVAL)
		LM_WARN("call %s: cc-mixd refused a command: %s\n", slot->id_text, cc_mixer_error());
	return over;
}
