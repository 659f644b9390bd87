/* SPDX-License-Identifier: GPL-2.0-or-later
 * Agents whose phones are called: from a queue, or directly; and the talk. An agent's phone may
 * have several contacts, each a leg, of which the first to come up stays. */
#include <string.h>

#include "call_private.h"
#include "cc/err.h"

#define CALLBACK_RING_MS 45000 /* of a customer who is called back */
#define CONFIRM_MS 10000       /* for the key by which a mobile takes the call */
#define CONFIRM_KEY '1'

static struct cc_call_offer *offer_of(struct cc_call *c, uint32_t epoch, int32_t agent)
{
	for (int i = 0; i < CC_CALL_OFFERS; i++)
		if (c->offers[i].epoch && c->offers[i].epoch == epoch && c->offers[i].agent == agent)
			return &c->offers[i];
	return NULL;
}

bool call_offered(const struct cc_call *c)
{
	for (int i = 0; i < CC_CALL_OFFERS; i++)
		if (c->offers[i].epoch)
			return true;
	return false;
}

void call_agent_release(struct step *s, int32_t agent, uint32_t epoch, enum cc_outcome outcome)
{
	struct cc_call_action *a = call_act(s, CC_ACT_AGENT_RELEASE, -1);

	a->agent = agent;
	a->epoch = epoch;
	a->outcome = outcome;
	a->queue = s->c->queue;
}

/* ---- how an offer ends ---- */

static const char *outcome_why(enum cc_outcome outcome)
{
	static const char *const why[] = {[CC_OUT_TALKED] = "talked",
			[CC_OUT_NOANSWER] = "timeout",
			[CC_OUT_REJECTED] = "reject",
			[CC_OUT_BUSY] = "busy",
			[CC_OUT_UNREACHABLE] = "unreachable",
			[CC_OUT_REDIRECTED] = "redirected",
			[CC_OUT_CALLER_GONE] = "caller_gone",
			[CC_OUT_FAILED] = "failed"};

	return why[outcome];
}

enum cc_outcome call_outcome_of(int32_t code)
{
	switch (code) {
	case 486:
	case 600:
		return CC_OUT_BUSY;
	case 403:
	case 603:
		return CC_OUT_REJECTED;
	case 0: /* no phone is registered */
	case 404:
	case 408:
	case 410:
	case 480:
	case 481:
		return CC_OUT_UNREACHABLE;
	default:
		if (code >= 300 && code < 400)
			return CC_OUT_REDIRECTED; /* agents are where they sign in: a phone does not send on */
		return code >= 500 && code < 600 ? CC_OUT_UNREACHABLE : CC_OUT_FAILED;
	}
}

static const struct
{
	enum cc_cause cause;
	int32_t code;
	const char *text;
} ends[] = {[CC_OUT_TALKED] = {CC_CAUSE_FAILED, 480, "Temporarily Unavailable"},
		[CC_OUT_NOANSWER] = {CC_CAUSE_TIMEOUT, 480, "Temporarily Unavailable"},
		[CC_OUT_REJECTED] = {CC_CAUSE_REJECTED, 603, "Decline"},
		[CC_OUT_BUSY] = {CC_CAUSE_BUSY, 486, "Busy Here"},
		[CC_OUT_UNREACHABLE] = {CC_CAUSE_NO_ANSWER, 480, "Temporarily Unavailable"},
		[CC_OUT_REDIRECTED] = {CC_CAUSE_NO_ANSWER, 480, "Temporarily Unavailable"},
		[CC_OUT_CALLER_GONE] = {CC_CAUSE_CALLER_HANGUP, 487, "Request Terminated"},
		[CC_OUT_FAILED] = {CC_CAUSE_FAILED, 480, "Temporarily Unavailable"}};

int32_t call_outcome_code(enum cc_outcome outcome, const char **text)
{
	*text = ends[outcome].text;
	return ends[outcome].code;
}

enum cc_cause call_outcome_cause(enum cc_outcome outcome)
{
	return ends[outcome].cause;
}

/* TEL-22: who wanted that agent leaves him a message instead, if his profile says so. */
static bool to_voicemail(struct step *s, enum cc_outcome outcome)
{
	struct cc_call *c = s->c;
	const struct cc_conf_agent *a;

	if (c->node != NODE_RING || c->route.kind != CC_ROUTE_AGENT || outcome == CC_OUT_CALLER_GONE)
		return false;
	a = cc_conf_agent_at(c->conf, c->route.index);
	if (!a->voicemail)
		return false;
	if (!c->hops) /* how a call without a message ends */
		c->cause = ends[outcome].cause;
	c->hops++;
	if (call_caller_up(c))
		call_quiet(s);
	cc_route_voicemail(&c->route, c->conf, a->number);
	call_go(s);
	return true;
}

void call_direct_failed(struct step *s, enum cc_outcome outcome)
{
	struct cc_call *c = s->c;

	if (to_voicemail(s, outcome))
		return;
	call_finish(s, c->hops ? c->cause : ends[outcome].cause,
			c->node == NODE_OWN ? CC_SIDE_CALLER : CC_SIDE_CALLEE, ends[outcome].code,
			ends[outcome].text);
}

static void offer_end(struct step *s, struct cc_call_offer *o, enum cc_outcome outcome)
{
	struct cc_call *c = s->c;
	bool direct = o->direct;
	/* who is in the call already and keeps his place there */
	bool back = o->agent == c->bridged_agent && o->epoch == c->bridged_epoch;
	int32_t code = o->code;

	for (int i = 1; i < CC_CALL_LEGS; i++)
		if (c->legs[i].state != CC_LEG_FREE && c->legs[i].agent_epoch == o->epoch &&
				c->legs[i].agent == o->agent)
			call_leg_hangup(s, i, 0);
	if (back) {
		memset(o, 0, sizeof(*o));
		if (c->node == NODE_AWAY)
			call_away_again(s);
		return;
	}
	if (!direct) {
		call_json_visit(s, o->agent);
		cc_jsonw_str(&s->json, "why", outcome_why(outcome));
		if (o->code)
			cc_jsonw_int(&s->json, "sip_code", o->code);
		cc_jsonw_int(&s->json, "ring_ms", o->ringing_ms ? s->now - o->ringing_ms : 0);
		call_journal_end(s, CC_EV_QUEUE_NOANSWER);
	}
	c->ring_ms = s->now - o->offered_ms;
	call_agent_release(s, o->agent, o->epoch, outcome);
	memset(o, 0, sizeof(*o));
	if (direct && (c->node == NODE_RING || c->node == NODE_OWN))
		call_direct_failed(s, outcome);
	else if (direct)
		call_target_failed(s, outcome, code);
	else
		call_queue_say(s);
}

void call_offers_end(struct step *s, enum cc_outcome outcome)
{
	for (int i = 0; i < CC_CALL_OFFERS; i++)
		if (s->c->offers[i].epoch)
			offer_end(s, &s->c->offers[i], outcome);
}

void call_agent_timeouts(struct step *s)
{
	struct cc_call *c = s->c;

	for (int i = 0; i < CC_CALL_OFFERS; i++)
		if (c->offers[i].epoch && c->offers[i].deadline_ms <= s->now)
			offer_end(s, &c->offers[i], CC_OUT_NOANSWER);
}

/* ---- beginning one ---- */

void call_agent_call(struct step *s, int32_t agent)
{
	s->c->node = NODE_RING;
	call_act(s, CC_ACT_AGENT_RESERVE, -1)->agent = agent;
	call_timer(s, TIMER_GUARD, GUARD_ANSWER_MS);
}

/* Whether one of the agent's queues wants his own phones to answer by themselves (TEL-08). */
static bool answers_clicks(const struct cc_conf *conf, int32_t agent)
{
	for (int32_t i = 0; i < cc_conf_agent_at(conf, agent)->membership_count; i++) {
		const struct cc_conf_member *m =
				cc_conf_member_at(conf, cc_conf_membership(conf, agent, i));

		if (cc_conf_queue_at(conf, m->queue)->auto_answer_click)
			return true;
	}
	return false;
}

/* Whether the agent's phone is asked to answer by itself (TEL-08). */
static bool answers_itself(const struct cc_call *c, int32_t agent)
{
	const struct cc_conf_queue *q = call_queue(c);

	if (c->node == NODE_OWN)
		return answers_clicks(c->conf, agent);
	if (c->node != NODE_QUEUE)
		return false;
	return c->predictive ? q->auto_answer_predictive : q->auto_answer;
}

/* Calls the agent's phones, or his number outside over the next of its trunks. */
static void dial(struct step *s, struct cc_call_offer *o)
{
	struct cc_call *c = s->c;
	struct cc_call_action *a = call_act(s, CC_ACT_DIAL_AGENT, -1);

	o->dialled = o->again = false;
	a->agent = o->agent;
	a->epoch = o->epoch;
	a->queue = o->direct ? -1 : c->queue;
	a->own = c->node == NODE_OWN;
	a->on = answers_itself(c, o->agent);
	a->mobile = o->mobile;
	a->visit = o->trunks;
	if (c->calling_back)
		call_text(s, a, c->conf->transfer_callback_prefix);
}

void call_offer(struct step *s, const struct cc_call_input *in, int64_t ring_ms)
{
	struct cc_call *c = s->c;
	bool direct = c->node != NODE_QUEUE;
	struct cc_call_offer *o = NULL;

	for (int i = 0; i < CC_CALL_OFFERS && !o; i++)
		if (!c->offers[i].epoch)
			o = &c->offers[i];
	if (!o) {
		call_agent_release(s, in->agent, in->epoch, CC_OUT_CALLER_GONE);
		return;
	}
	*o = (struct cc_call_offer){.agent = in->agent,
			.epoch = in->epoch,
			.direct = direct,
			.mobile = cc_conf_mobile(c->conf, in->agent),
			.confirm = cc_conf_agent_at(c->conf, in->agent)->mobile_confirm,
			.offered_ms = s->now,
			.deadline_ms = s->now + ring_ms};
	if (!direct) {
		call_json_visit(s, in->agent);
		cc_jsonw_int(&s->json, "wait_ms", s->now - c->entered_ms);
		call_journal_end(s, CC_EV_QUEUE_OFFER);
	}
	dial(s, o);
}

void call_agent_grant(struct step *s, const struct cc_call_input *in)
{
	struct cc_call *c = s->c;

	if (c->node == NODE_QUEUE && c->waiting && in->count == c->visit) {
		call_offer(s, in, call_queue(c)->ring_timeout_ms);
	} else if (c->node == NODE_RESERVE && in->count == 0) {
		call_timer(s, TIMER_GUARD, 0);
		if (c->click || c->route.kind == CC_ROUTE_OUT) {
			call_out_reserved(s, in);
			return;
		}
		c->caller_epoch = in->epoch;
		call_go(s);
	} else if (c->node == NODE_RING && in->count == 0 && !call_offered(c)) {
		call_timer(s, TIMER_GUARD, 0);
		call_offer(s, in, c->conf->extension_ring_ms);
	} else if (in->agent == c->target && in->count == 0 && !call_offered(c)) {
		call_timer(s, TIMER_TARGET, 0);
		call_offer(s, in,
				c->node == NODE_MOVE ? c->conf->transfer_ring_ms : c->conf->extension_ring_ms);
	} else {
		call_agent_release(s, in->agent, in->epoch, CC_OUT_CALLER_GONE);
	}
}

void call_agent_refused(struct step *s, int32_t error)
{
	if (s->c->node == NODE_RESERVE)
		call_finish(s, CC_CAUSE_FAILED, CC_SIDE_SYSTEM, 486, "Busy Here"); /* is in a call */
	else if (s->c->node == NODE_RING && !call_offered(s->c))
		call_direct_failed(s, error == CC_E_STATE ? CC_OUT_BUSY : CC_OUT_UNREACHABLE);
}

static bool offer_rings(const struct cc_call *c, const struct cc_call_offer *o)
{
	for (int i = 1; i < CC_CALL_LEGS; i++)
		if (c->legs[i].state != CC_LEG_FREE && c->legs[i].agent_epoch == o->epoch &&
				c->legs[i].agent == o->agent)
			return true;
	return false;
}

/* None of its legs is left: another trunk is tried, or the offer ends. */
static void exhausted(struct step *s, struct cc_call_offer *o)
{
	if (o->again)
		dial(s, o);
	else
		offer_end(s, o, call_outcome_of(o->code));
}

void call_agent_dialled(struct step *s, const struct cc_call_input *in)
{
	struct cc_call_offer *o = offer_of(s->c, in->epoch, in->agent);

	if (in->agent < 0 && s->c->node == NODE_DIAL)
		call_out_dialled(s, in);
	else if (in->agent < 0 && s->c->node == NODE_JOIN) /* the customer cannot be called back */
		call_finish(s, CC_CAUSE_FAILED, CC_SIDE_SYSTEM, 480, "Temporarily Unavailable");
	if (!o) /* it ended meanwhile, and its legs with it */
		return;
	o->dialled = true;
	if (o->mobile && in->count)
		o->trunks = in->other;
	else if (!o->code)
		o->code = in->code;
	if (!offer_rings(s->c, o))
		exhausted(s, o);
}

void call_agent_ringing(struct step *s, int32_t leg)
{
	struct cc_call *c = s->c;
	struct cc_call_offer *o = offer_of(c, c->legs[leg].agent_epoch, c->legs[leg].agent);
	struct cc_call_action *a;

	if (!o || o->ringing_ms || c->node == NODE_AWAY)
		return;
	o->ringing_ms = s->now;
	a = call_act(s, CC_ACT_AGENT_RINGING, -1);
	a->agent = o->agent;
	a->epoch = o->epoch;
	if (c->node == NODE_MOVE || c->node == NODE_TALK)
		call_target_ringing(s);
	if (c->node != NODE_RING || call_caller_up(c))
		return;
	call_respond(s, c->caller_leg, 180, "Ringing");
}

/* One of the agent's phones said no: the offer ends with the last one. What a person decided says
 * more than what a network did; a refusal for all phones (6xx, RFC 3261 21.6) counts at once. */
void call_agent_over(struct step *s, const struct cc_call_leg *l, int32_t code)
{
	struct cc_call_offer *o = offer_of(s->c, l->agent_epoch, l->agent);
	enum cc_outcome now = call_outcome_of(code), before;

	if (!o)
		return;
	before = call_outcome_of(o->code);
	if (o->code == 0 || now == CC_OUT_REJECTED || (now == CC_OUT_BUSY && before != CC_OUT_REJECTED))
		o->code = code;
	o->again = o->mobile && ((code >= 500 && code < 600 && l->state != CC_LEG_UP) ||
									(code == 408 && l->state == CC_LEG_TRYING));
	/* a phone that rang and is busy now was told so by its owner: his other phones stop, too */
	if (code >= 600 || (code == 486 && l->state == CC_LEG_RINGING))
		offer_end(s, o, call_outcome_of(o->code));
	else if (o->dialled && !offer_rings(s->c, o))
		exhausted(s, o);
}

/* ---- a number outside that has answered: is it the agent? ---- */

static void ask(struct step *s, int32_t leg)
{
	char list[CC_CALL_TEXT];
	struct cc_prompts p;

	cc_prompts_init(&p, s->c->conf->language, list, sizeof(list));
	cc_prompts_add(&p, "mobile_confirm");
	cc_prompts_other(&p, "silence:1000");
	call_play(s, leg, CC_LAYER_MUSIC, list, 0);
}

void call_agent_ask_again(struct step *s)
{
	struct cc_call *c = s->c;

	for (int i = 1; i < CC_CALL_LEGS; i++) {
		const struct cc_call_offer *o =
				c->legs[i].state == CC_LEG_UP
						? offer_of(c, c->legs[i].agent_epoch, c->legs[i].agent)
						: NULL;

		if (o && o->asked)
			ask(s, i);
	}
}

bool call_agent_key(struct step *s, const struct cc_call_input *in)
{
	const struct cc_call_leg *l = &s->c->legs[in->leg];
	struct cc_call_offer *o = offer_of(s->c, l->agent_epoch, l->agent);

	if (!o || !o->asked)
		return false;
	if (in->digit != CONFIRM_KEY)
		return true;
	o->confirm = o->asked = false;
	call_act(s, CC_ACT_STOP, in->leg)->layer = CC_LAYER_MUSIC;
	call_agent_up(s, in->leg);
	return true;
}

/* ---- the talk ---- */

void call_agent_talking(struct step *s, int32_t agent, uint32_t epoch)
{
	struct cc_call_action *a = call_act(s, CC_ACT_AGENT_TALKING, -1);

	a->agent = agent;
	a->epoch = epoch;
}

/* What is said before they talk: the queue's announcement to both, the agent's number. */
static void announce(struct step *s, const struct cc_conf_queue *q)
{
	struct cc_call *c = s->c;
	struct cc_prompts p;

	call_say_begin(s, &p);
	if (q->agent_prompt[0])
		cc_prompts_add(&p, q->agent_prompt);
	if (q->announce_agent) {
		if (q->agent_number_before[0])
			cc_prompts_add(&p, q->agent_number_before);
		cc_prompts_digits(&p, c->last_agent);
		if (q->agent_number_after[0])
			cc_prompts_add(&p, q->agent_number_after);
	}
	if (!p.len)
		return;
	call_say(s);
	call_play(s, c->bridged_leg, CC_LAYER_PROMPT, c->prompt, 1);
}

void call_connect(struct step *s)
{
	struct cc_call *c = s->c;
	const struct cc_conf_queue *q = c->entered_ms ? call_queue(c) : NULL;

	c->node = NODE_TALK;
	c->bridged_ms = s->now;
	call_answered(s, c->bridged_leg); /* who calls for a page was on the line before */
	call_quiet(s);
	if (c->callback || c->click || c->early_ear) /* it may have heard a ring tone */
		call_act(s, CC_ACT_STOP, c->bridged_leg)->layer = CC_LAYER_MUSIC;
	c->callback = c->early_ear = false;
	c->early_leg = -1;
	call_mix(s);
	if (c->caller_epoch)
		call_agent_talking(s, c->caller_agent, c->caller_epoch);
	if (c->dir == CC_DIR_OUT &&
			c->bridged_agent >= 0) /* nobody else has said so of who has dialled */
		call_agent_talking(s, c->bridged_agent, c->bridged_epoch);
	if (q) {
		c->connected_ms = s->now;
		call_json_visit(s, c->bridged_agent);
		cc_jsonw_int(&s->json, "wait_ms", s->now - c->entered_ms);
		cc_jsonw_int(&s->json, "ring_ms", c->ring_ms);
		call_journal_end(s, CC_EV_QUEUE_CONNECT);
	}
	call_journal(s);
	call_json_ulid(s, "leg", &c->legs[c->caller_leg].id);
	call_json_ulid(s, "peer", &c->legs[c->bridged_leg].id);
	call_json_agent(s, "agent", c->bridged_agent);
	call_journal_end(s, CC_EV_CALL_BRIDGE);
	if (q ? q->record : call_out_records(c))
		call_record(s, true, "");
	if (q)
		announce(s, q);
}

/* The agent is there first: the caller's leg has to be answered, or the customer called back. */
static void join(struct step *s)
{
	struct cc_call *c = s->c;

	c->node = NODE_JOIN;
	if (c->legs[c->caller_leg].state == CC_LEG_FREE) {
		call_mix(s);
		call_play(s, c->bridged_leg, CC_LAYER_MUSIC, "tone:ringback", 0);
		call_act(s, CC_ACT_DIAL_CALLER, c->caller_leg);
		call_timer(s, TIMER_GUARD, CALLBACK_RING_MS);
	} else {
		call_act(s, CC_ACT_ANSWER, c->caller_leg);
		call_timer(s, TIMER_GUARD, GUARD_ANSWER_MS);
	}
}

void call_offer_won(struct step *s, struct cc_call_offer *o, int32_t leg)
{
	struct cc_call *c = s->c;

	for (int i = 1; i < CC_CALL_LEGS; i++) /* the agent's other contacts */
		if (i != leg && c->legs[i].state != CC_LEG_FREE && c->legs[i].agent_epoch == o->epoch &&
				c->legs[i].agent == o->agent)
			call_leg_hangup(s, i, 0);
	memset(o, 0, sizeof(*o));
}

void call_offer_taken(struct step *s, struct cc_call_offer *o, int32_t leg)
{
	call_agent_talking(s, o->agent, o->epoch);
	call_offer_won(s, o, leg);
}

void call_agent_up(struct step *s, int32_t leg)
{
	struct cc_call *c = s->c;
	struct cc_call_leg *l = &c->legs[leg];
	struct cc_call_offer *o = offer_of(c, l->agent_epoch, l->agent);

	if (o && o->mobile && o->confirm) {
		call_agent_ringing(s, leg); /* for everybody else it still rings */
		o->asked = true;
		o->deadline_ms = s->now + CONFIRM_MS;
		ask(s, leg);
		return;
	}
	if (o && c->node == NODE_OWN) {
		call_out_own(s, o, leg);
		return;
	}
	if (o && c->node == NODE_AWAY) {
		call_away_back(s, o, leg);
		return;
	}
	if (o && (c->node == NODE_MOVE || c->node == NODE_TALK)) {
		call_target_up(s, o, leg);
		return;
	}
	if ((c->node != NODE_QUEUE && c->node != NODE_RING) || !o) {
		call_leg_hangup(s, leg, 0);
		return;
	}
	c->node = NODE_JOIN;
	c->bridged_leg = leg;
	c->bridged_agent = o->agent;
	c->bridged_epoch = o->epoch;
	c->ring_ms = s->now - (o->ringing_ms ? o->ringing_ms : o->offered_ms);
	strcpy(c->last_agent, cc_conf_agent_at(c->conf, o->agent)->number);
	/* before the call leaves the queue: it leaves as an answered one */
	call_offer_taken(s, o, leg);
	call_queue_leave(s);
	if (call_caller_up(c))
		call_connect(s);
	else
		join(s);
	call_offers_end(s, CC_OUT_CALLER_GONE); /* the other agents of a ring-all */
}

void call_agent_leave(struct step *s)
{
	struct cc_call *c = s->c;

	c->agent_ms += s->now - c->bridged_ms;
	c->bridged_ms = 0;
	c->hops = 0; /* what sent the call to this agent is over */
	call_keys_forget(s);
	call_visit_end(s, CC_CAUSE_ANSWERED);
	call_agent_release(s, c->bridged_agent, c->bridged_epoch, CC_OUT_TALKED);
	if (c->bridged_leg >= 0)
		call_leg_hangup(s, c->bridged_leg, 0);
	c->bridged_leg = c->bridged_agent = -1;
	c->held = false;
}

void call_agent_hold(struct step *s, int32_t leg, bool on)
{
	struct cc_call *c = s->c;
	bool callee = leg == c->bridged_leg, talk = c->node == NODE_TALK;
	struct cc_call_action *a;

	if ((!talk && c->node != NODE_MOVE) || (!callee && (leg != c->caller_leg || !c->caller_epoch)))
		return;
	if (callee)
		c->held = on;
	if (callee && talk) /* else he hears that somebody else is called */
		call_music(s, on ? call_hold_music(c) : "");
	else if (talk && on && call_hold_music(c)[0])
		call_play(s, c->bridged_leg, CC_LAYER_MUSIC, call_hold_music(c), 0);
	else if (talk)
		call_act(s, CC_ACT_STOP, c->bridged_leg)->layer = CC_LAYER_MUSIC;
	if (callee && c->bridged_agent < 0)
		return; /* somebody outside */
	a = call_act(s, CC_ACT_AGENT_HOLD, -1);
	a->agent = callee ? c->bridged_agent : c->caller_agent;
	a->epoch = callee ? c->bridged_epoch : c->caller_epoch;
	a->on = on;
}
