/* SPDX-License-Identifier: GPL-2.0-or-later
 * Agents call: a number outside, which their phone or a page has dialled; and a page that dials for
 * them whatever number (CALL-01): their own phones ring first. A dialler calls for a queue
 * (TEL-08): nobody is there until the customer is, who waits then. The customer is called over one
 * trunk after the other until one takes the call. Callers are sent to a number outside by the agent
 * who talks to them, or by a target: of their queue, of a key, of a DID (TEL-05). */
#include <string.h>

#include "call_private.h"
#include "cc/utf8.h"

bool call_out_records(const struct cc_call *c)
{
	const struct cc_conf_agent *a;
	bool record;

	if (c->bridged_agent < 0) /* a queue has sent him outside */
		return c->hops > 0 && c->queue >= 0 && call_queue(c)->record;
	if (c->dir != CC_DIR_OUT)
		return false;
	a = cc_conf_agent_at(c->conf, c->bridged_agent);
	record = a->membership_count == 0; /* else what one of his queues says */
	for (int32_t i = 0; i < a->membership_count && !record; i++) {
		int32_t member = cc_conf_membership(c->conf, c->bridged_agent, i);

		record = cc_conf_queue_at(c->conf, cc_conf_member_at(c->conf, member)->queue)->record;
	}
	return record;
}

/* ---- the agent ---- */

/* The next trunk. */
static void dial(struct step *s)
{
	struct cc_call_action *a = call_act(s, CC_ACT_DIAL_OUT, -1);

	a->visit = s->c->trunks;
	call_text(s, a, s->c->route.dialled);
}

int32_t call_out_waiting(const struct cc_call *c, int32_t leg)
{
	return leg == c->caller_leg ? c->bridged_leg : c->caller_leg;
}

bool call_out_customer(const struct cc_call *c)
{
	return c->node == NODE_DIAL && (c->bridged_leg >= 0 || (c->predictive && !c->answered_ms));
}

/* Not reached: what has sent the call here says how it ends. */
static void failed(
		struct step *s, enum cc_cause cause, enum cc_side side, int32_t code, const char *text)
{
	call_finish(s, s->c->hops ? s->c->cause : cause, side, code, text);
}

/* The customer is to be called for this agent. */
static void begin(struct step *s, int32_t agent, uint32_t epoch)
{
	struct cc_call *c = s->c;

	c->node = NODE_DIAL;
	c->bridged_agent = agent;
	c->bridged_epoch = epoch;
	strcpy(c->last_agent, cc_conf_agent_at(c->conf, agent)->number);
	call_timer(s, TIMER_GUARD, c->conf->external_ring_ms);
	dial(s);
}

void call_out_reserved(struct step *s, const struct cc_call_input *in)
{
	struct cc_call *c = s->c;

	if (!c->click) {
		begin(s, in->agent, in->epoch);
		return;
	}
	c->node = NODE_OWN;
	call_offer(s, in, c->conf->extension_ring_ms);
}

void call_out_own(struct step *s, struct cc_call_offer *o, int32_t leg)
{
	struct cc_call *c = s->c;
	struct cc_call_offer own = *o;

	call_offer_won(s, o, leg);
	if (c->route.kind == CC_ROUTE_OUT) {
		c->bridged_leg = leg;
		call_mix(s);
		call_play(s, leg, CC_LAYER_MUSIC, "tone:ringback", 0);
		begin(s, own.agent, own.epoch);
		return;
	}
	c->caller_leg = leg;
	c->caller_epoch = own.epoch;
	if (c->route.kind != CC_ROUTE_AGENT) /* a queue's prompts are an answer */
		call_answered(s, leg);
	call_mix(s);
	call_go(s);
}

/* ---- moved to outside ---- */

bool call_out_beside(const struct cc_call *c, int32_t leg)
{
	return c->legs[leg].role == CC_ROLE_CALLEE && leg != c->caller_leg;
}

/* The caller waits for c->route's number. */
static void call_away(struct step *s)
{
	struct cc_call *c = s->c;

	if (!c->did[0]) /* it is shown */
		strcpy(c->did, cc_conf_caller_id(c->conf,
							   c->bridged_agent >= 0 ? c->bridged_agent : c->caller_agent,
							   c->caller_id, c->turn, s->now));
	c->node = NODE_DIAL;
	c->trunks = 0;
	c->trunk_text[0] = '\0';
	if (call_caller_up(c))
		call_music(s, "tone:ringback");
	call_timer(s, TIMER_GUARD,
			call_out_customer(c) && c->ring_max_ms ? c->ring_max_ms : c->conf->external_ring_ms);
	dial(s);
}

void call_out_moved(struct step *s, const struct cc_route *route)
{
	struct cc_call *c = s->c;

	call_record(s, false, "transfer");
	call_quiet(s);
	call_agent_leave(s);
	call_mix(s);
	c->route = *route;
	call_away(s);
}

void call_out_away(struct step *s)
{
	if (s->c->ours)
		failed(s, CC_CAUSE_FAILED, CC_SIDE_SYSTEM, 482, "Loop Detected");
	else
		call_away(s);
}

void call_out_given_up(struct step *s, const struct cc_call_input *in, bool lost)
{
	if (s->c->last_agent[0]) /* who has talked to him before */
		call_finish(
				s, CC_CAUSE_ANSWERED, lost ? CC_SIDE_SYSTEM : call_side(s->c, in->leg), 200, "OK");
	else if (lost)
		call_finish(s, CC_CAUSE_FAILED, CC_SIDE_SYSTEM, in->code, in->text);
	else
		call_finish(s, CC_CAUSE_CALLER_HANGUP, CC_SIDE_CALLER, in->code ? in->code : 487, in->text);
}

/* ---- who is called ---- */

void call_out_dialled(struct step *s, const struct cc_call_input *in)
{
	struct cc_call *c = s->c;

	if (in->count <= 0) {
		failed(s, CC_CAUSE_FAILED, CC_SIDE_SYSTEM, 503,
				c->trunk_text[0] ? c->trunk_text : "No Trunk");
		return;
	}
	c->trunks = in->count;
	if (call_out_customer(c)) /* else it has come over another one */
		cc_utf8_copy(c->trunk, sizeof(c->trunk), in->text);
	call_journal(s);
	cc_jsonw_str(&s->json, "node", "trunk");
	cc_jsonw_str(&s->json, "target", c->route.number);
	cc_jsonw_str(&s->json, "trunk", in->text);
	call_journal_end(s, CC_EV_CALL_ROUTE);
}

/* A predictive call: the customer waits like one who has called. */
static void to_queue(struct step *s)
{
	struct cc_call *c = s->c;

	c->route = (struct cc_route){.kind = CC_ROUTE_QUEUE, .index = c->queue};
	call_mix(s);
	call_go(s);
}

void call_out_up(struct step *s, int32_t leg)
{
	struct cc_call *c = s->c;
	const struct cc_call_leg *l = &c->legs[leg];
	int32_t waiting = call_out_waiting(c, leg);

	c->ring_ms = s->now - (l->ringing_ms ? l->ringing_ms : l->started_ms);
	call_timer(s, TIMER_GUARD, 0);
	if (waiting < 0) {
		to_queue(s);
		return;
	}
	if (leg != c->caller_leg)
		c->bridged_leg = leg;
	if (c->legs[waiting].state == CC_LEG_UP) {
		call_connect(s);
		return;
	}
	c->node = NODE_JOIN;
	call_act(s, CC_ACT_ANSWER, waiting);
	call_timer(s, TIMER_GUARD, GUARD_ANSWER_MS);
}

void call_out_timeout(struct step *s)
{
	const char *text;
	int32_t code = call_outcome_code(CC_OUT_NOANSWER, &text);

	failed(s, call_outcome_cause(CC_OUT_NOANSWER), CC_SIDE_CALLEE, code, text);
}

/* What the agent's phone is told: challenges and redirections of a carrier are none of its. */
static int32_t passed_on(int32_t code)
{
	static const int32_t as_it_is[] = {404, 410, 484, 486, 600, 603, 604};

	for (size_t i = 0; i < sizeof(as_it_is) / sizeof(as_it_is[0]); i++)
		if (as_it_is[i] == code)
			return code;
	return 480;
}

void call_out_over(struct step *s, const struct cc_call_input *in)
{
	struct cc_call *c = s->c;
	enum cc_outcome outcome = call_outcome_of(in->code);
	bool server = in->code >= 500 && in->code < 600;

	if (server || (in->code == 408 && !c->legs[in->leg].ringing_ms)) {
		cc_utf8_copy(c->trunk_text, sizeof(c->trunk_text), in->text);
		dial(s);
		return;
	}
	failed(s, call_outcome_cause(outcome), CC_SIDE_CALLEE, passed_on(in->code), in->text);
}
