/* SPDX-License-Identifier: GPL-2.0-or-later
 * Agents move calls with their phones' transfer keys (REFER), blind with a feature code, too.
 * Blind: to another agent, while whom the mover's leg stays until that one has answered, or to a
 * queue or a menu, at once. Attended: to an agent whom they have asked before; the question is a
 * second dialog of their phone within the call. */
#include <string.h>

#include "call_private.h"
#include "cc/err.h"
#include "cc/utf8.h"

static void referred(struct step *s, int32_t leg, int32_t code, const char *text)
{
	struct cc_call_action *a;

	if (s->c->keyed) /* the phone has asked for nothing */
		return;
	a = call_act(s, CC_ACT_REFERRED, leg);
	a->code = code;
	call_text(s, a, text);
}

/* target: a number */
static void journal(struct step *s, const char *kind, int32_t agent, const char *node,
		const char *target, const char *result, int32_t code)
{
	call_journal(s);
	cc_jsonw_str(&s->json, "kind", kind);
	call_json_agent(s, "agent", agent);
	cc_jsonw_str(&s->json, "node", node);
	cc_jsonw_str(&s->json, "target", target);
	cc_jsonw_str(&s->json, "result", result);
	cc_jsonw_int(&s->json, "sip_code", code);
	call_journal_end(s, CC_EV_CALL_TRANSFER);
}

static const char *number_of(const struct cc_call *c, int32_t agent)
{
	return cc_conf_agent_at(c->conf, agent)->number;
}

static void target_reserve(struct step *s, int32_t agent)
{
	s->c->target = agent;
	call_act(s, CC_ACT_AGENT_RESERVE, -1)->agent = agent;
	call_timer(s, TIMER_TARGET, GUARD_ANSWER_MS);
}

static void target_forget(struct step *s)
{
	s->c->target = -1;
	call_timer(s, TIMER_TARGET, 0);
}

/* The caller hears that somebody is called; who moves the call hears nothing any more. */
static void move_begin(struct step *s, int32_t leg)
{
	struct cc_call *c = s->c;

	c->node = NODE_MOVE;
	c->referrer = c->bridged_agent;
	c->calling_back = false;
	referred(s, leg, 100, "Trying");
	call_quiet(s);
	call_mix(s);
	call_music(s, "tone:ringback");
}

/* ---- blind ---- */

static void refuse(struct step *s, const struct cc_call_input *in, int32_t code, const char *text)
{
	struct cc_prompts p;

	referred(s, in->leg, code, text);
	journal(s, in->other < 0 ? "blind" : "attended", s->c->bridged_agent, "", in->text, "refused",
			code);
	if (!s->c->keyed)
		return;
	call_say_begin(s, &p);
	cc_prompts_add(&p, "not_allowed");
	call_tell(s);
}

/* A queue or a menu takes the caller at once. */
static void to_place(struct step *s, int32_t leg, const struct cc_route *route)
{
	struct cc_call *c = s->c;
	bool queue = route->kind == CC_ROUTE_QUEUE;

	referred(s, leg, 200, "OK");
	journal(s, "blind", c->bridged_agent, queue ? "queue" : "ivr",
			queue ? cc_conf_queue_at(c->conf, route->index)->number
				  : cc_conf_ivr_at(c->conf, route->index)->number,
			"done", 200);
	call_record(s, false, "transfer"); /* begins anew when another agent talks */
	call_quiet(s);
	call_agent_leave(s);
	call_mix(s);
	c->route = *route;
	call_go(s);
}

static void blind(struct step *s, const struct cc_call_input *in)
{
	struct cc_call *c = s->c;
	struct cc_route route;

	cc_route_dialled(&route, c->conf, c->bridged_agent, in->text);
	if (route.kind == CC_ROUTE_IVR ||
			(route.kind == CC_ROUTE_QUEUE && cc_conf_queue_at(c->conf, route.index)->enabled)) {
		to_place(s, in->leg, &route);
	} else if (route.kind == CC_ROUTE_AGENT) {
		move_begin(s, in->leg);
		target_reserve(s, route.index);
	} else if (route.kind == CC_ROUTE_OUT) {
		referred(s, in->leg, 200, "OK");
		journal(s, "blind", c->bridged_agent, "out", in->text, "done", 200);
		call_out_moved(s, &route);
	} else if (route.kind == CC_ROUTE_REFUSE) {
		refuse(s, in, route.sip_code, route.reason);
	} else {
		refuse(s, in, route.kind == CC_ROUTE_QUEUE ? 480 : 403,
				route.kind == CC_ROUTE_QUEUE ? "Temporarily Unavailable" : "Forbidden");
	}
}

/* Nobody has answered: back to who moved the call, who may have hung up meanwhile. */
static void move_failed(struct step *s, enum cc_outcome outcome, int32_t code)
{
	struct cc_call *c = s->c;
	const char *text;
	int32_t said = call_outcome_code(outcome, &text), referrer = c->referrer;

	if (!c->calling_back)
		journal(s, "blind", referrer, "agent", number_of(c, c->target), "failed",
				code ? code : said);
	target_forget(s);
	c->referrer = -1;
	if (c->bridged_leg >= 0) {
		c->node = NODE_TALK;
		referred(s, c->bridged_leg, said, text);
		call_music(s, c->held ? call_hold_music(c) : "");
		call_mix(s);
	} else if (!c->calling_back && c->conf->transfer_callback) {
		c->calling_back = true;
		target_reserve(s, referrer);
	} else {
		call_direct_failed(s, outcome);
	}
}

static void moved(struct step *s, struct cc_call_offer *o, int32_t leg)
{
	struct cc_call *c = s->c;
	int32_t agent = o->agent;
	uint32_t epoch = o->epoch;

	c->ring_ms = s->now - (o->ringing_ms ? o->ringing_ms : o->offered_ms);
	call_offer_taken(s, o, leg);
	target_forget(s);
	if (!c->calling_back)
		journal(s, "blind", c->referrer, "agent", number_of(c, agent), "done", 200);
	if (c->bridged_leg >= 0) {
		referred(s, c->bridged_leg, 200, "OK");
		call_agent_leave(s);
	}
	c->calling_back = false;
	c->referrer = -1;
	c->bridged_leg = leg;
	c->bridged_agent = agent;
	c->bridged_epoch = epoch;
	strcpy(c->last_agent, number_of(c, agent));
	call_connect(s);
}

/* ---- attended ---- */

void call_consult(struct step *s, const struct cc_call_input *in)
{
	struct cc_call *c = s->c;
	struct cc_route route;

	if (c->node != NODE_TALK || c->consult_leg >= 0 || c->legs[in->leg].agent != c->bridged_agent) {
		call_leg_hangup(s, in->leg, 486);
		return;
	}
	cc_route_dialled(&route, c->conf, c->bridged_agent, in->text);
	if (route.kind != CC_ROUTE_AGENT) {
		call_leg_hangup(s, in->leg, route.kind == CC_ROUTE_REFUSE ? route.sip_code : 486);
		return;
	}
	c->consult_leg = in->leg;
	target_reserve(s, route.index);
}

void call_consult_over(struct step *s)
{
	struct cc_call *c = s->c;
	int32_t consult = c->consult_leg, other = c->other_leg;

	c->consult_leg = c->other_leg = -1;
	target_forget(s);
	call_offers_end(s, CC_OUT_CALLER_GONE);
	if (c->other_agent >= 0)
		call_agent_release(s, c->other_agent, c->other_epoch, CC_OUT_TALKED);
	c->other_agent = -1;
	if (consult >= 0)
		call_leg_hangup(s, consult, 0);
	if (other >= 0)
		call_leg_hangup(s, other, 0);
	call_mix(s);
}

static void consult_failed(struct step *s, enum cc_outcome outcome)
{
	struct cc_call *c = s->c;
	int32_t leg = c->consult_leg;
	const char *text;

	c->consult_leg = -1;
	target_forget(s);
	call_leg_hangup(s, leg, call_outcome_code(outcome, &text));
}

static void consulted(struct step *s, struct cc_call_offer *o, int32_t leg)
{
	struct cc_call *c = s->c;

	c->other_leg = leg;
	c->other_agent = o->agent;
	c->other_epoch = o->epoch;
	call_offer_taken(s, o, leg);
	target_forget(s);
	call_act(s, CC_ACT_ANSWER, c->consult_leg);
}

/* Who was asked takes the call; the phone's two dialogs end. */
static void attended(struct step *s, const struct cc_call_input *in)
{
	struct cc_call *c = s->c;
	int32_t consult = c->consult_leg, leg = c->other_leg, agent = c->other_agent;
	uint32_t epoch = c->other_epoch;

	c->consult_leg = c->other_leg = c->other_agent = -1;
	if (leg < 0) { /* who is asked has not answered yet: that is a blind one */
		call_leg_hangup(s, consult, 487);
		move_begin(s, c->bridged_leg);
		return;
	}
	referred(s, in->leg, 200, "OK");
	journal(s, "attended", c->bridged_agent, "agent", number_of(c, agent), "done", 200);
	call_leg_hangup(s, consult, 0);
	call_agent_leave(s);
	c->bridged_leg = leg;
	c->bridged_agent = agent;
	c->bridged_epoch = epoch;
	strcpy(c->last_agent, number_of(c, agent));
	call_connect(s);
}

/* ---- both ---- */

void call_refer(struct step *s, const struct cc_call_input *in)
{
	struct cc_call *c = s->c;
	bool consult = c->consult_leg >= 0, moving = c->node == NODE_MOVE && c->keyed;

	c->keyed = false;
	if (c->node == NODE_MOVE && in->leg == c->bridged_leg)
		referred(s, in->leg, 491, "Request Pending");
	else if (c->node != NODE_TALK || c->bridged_agent < 0 ||
			 (in->leg != c->bridged_leg && in->leg != c->consult_leg))
		referred(s, in->leg, 603, "Decline");
	else if (in->other < 0 && consult)
		refuse(s, in, 491, "Request Pending");
	else if (in->other < 0)
		blind(s, in);
	else if (consult && in->leg + in->other == c->bridged_leg + c->consult_leg &&
			 (in->other == c->bridged_leg || in->other == c->consult_leg))
		attended(s, in);
	else
		refuse(s, in, 481, "Call/Transaction Does Not Exist");
	c->keyed = moving;
}

void call_move(struct step *s, const char *number)
{
	struct cc_call_input in = {.kind = CC_IN_REFER, .leg = s->c->bridged_leg, .other = -1};

	cc_utf8_copy(in.text, sizeof(in.text), number);
	s->c->keyed = true;
	if (s->c->consult_leg >= 0)
		refuse(s, &in, 491, "Request Pending");
	else
		blind(s, &in);
}

void call_target_failed(struct step *s, enum cc_outcome outcome, int32_t code)
{
	if (s->c->node == NODE_MOVE)
		move_failed(s, outcome, code);
	else if (s->c->node == NODE_TALK && s->c->consult_leg >= 0)
		consult_failed(s, outcome);
}

void call_target_refused(struct step *s, int32_t error)
{
	if (s->c->target >= 0 && !call_offered(s->c))
		call_target_failed(s, error == CC_E_STATE ? CC_OUT_BUSY : CC_OUT_UNREACHABLE, 0);
}

void call_target_ringing(struct step *s)
{
	struct cc_call *c = s->c;

	if (c->node == NODE_MOVE && c->bridged_leg >= 0)
		referred(s, c->bridged_leg, 180, "Ringing");
	else if (c->consult_leg >= 0)
		call_respond(s, c->consult_leg, 180, "Ringing");
}

void call_target_up(struct step *s, struct cc_call_offer *o, int32_t leg)
{
	if (s->c->node == NODE_MOVE)
		moved(s, o, leg);
	else
		consulted(s, o, leg);
}
