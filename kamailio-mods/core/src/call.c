/* SPDX-License-Identifier: GPL-2.0-or-later
 * The call: its legs, and which input goes where. The recording begins when the agent talks: what
 * the caller heard before is music and prompts. */
#include "cc/call.h"

#include <string.h>

#include "call_private.h"
#include "cc/err.h"

void cc_call_init(struct cc_call *c, const struct cc_ulid *id, uint32_t tenant,
		const struct cc_conf *conf, int64_t now_ms)
{
	memset(c, 0, sizeof(*c));
	c->id = *id;
	c->tenant = tenant;
	c->conf = conf;
	c->caller_agent = -1;
	c->queue = -1;
	c->bridged_leg = c->bridged_agent = -1;
	c->target = c->referrer = c->consult_leg = c->other_leg = c->other_agent = c->early_leg = -1;
	c->created_ms = now_ms;
	c->next_ms = INT64_MAX;
	c->next_token = 1;
	for (int i = 0; i < CC_CALL_LEGS; i++)
		c->legs[i].slot = c->legs[i].agent = -1;
}

int cc_call_leg_add(struct cc_call *c, enum cc_leg_role role, bool incoming, int32_t slot,
		const struct cc_ulid *id, int32_t agent, uint32_t epoch, int64_t now_ms)
{
	int first = role == CC_ROLE_AGENT ? 1 : 0;
	int end = role == CC_ROLE_CALLER ? 1 : CC_CALL_LEGS;

	for (int i = first; i < end; i++)
		if (c->legs[i].state == CC_LEG_FREE) {
			c->legs[i] = (struct cc_call_leg){.state = CC_LEG_TRYING,
					.role = role,
					.incoming = incoming,
					.slot = slot,
					.id = *id,
					.agent = agent,
					.agent_epoch = epoch,
					.started_ms = now_ms};
			return i;
		}
	return CC_E_FULL;
}

void call_timer(struct step *s, enum timer timer, int64_t after_ms)
{
	s->c->deadline_ms[timer] = after_ms > 0 ? s->now + after_ms : 0;
}

bool call_caller_up(const struct cc_call *c)
{
	return c->legs[c->caller_leg].state == CC_LEG_UP;
}

enum cc_side call_side(const struct cc_call *c, int32_t leg)
{
	return (leg == c->caller_leg) == (c->dir == CC_DIR_OUT) ? CC_SIDE_CALLEE : CC_SIDE_CALLER;
}

const char *cc_call_customer(const struct cc_call *c)
{
	return c->dir == CC_DIR_OUT ? c->to : c->from;
}

const char *cc_call_customer_name(const struct cc_call *c)
{
	return c->dir == CC_DIR_OUT ? c->to_name : c->from_name;
}

enum cc_cause call_cut(const struct cc_call *c)
{
	if (c->node == NODE_GOODBYE && c->cause == CC_CAUSE_VOICEMAIL) /* the message is kept */
		return CC_CAUSE_VOICEMAIL;
	return c->bridged_ms || c->node == NODE_MOVE ? CC_CAUSE_ANSWERED : CC_CAUSE_FAILED;
}

/* ---- legs ---- */

static void leg_announce(struct step *s, struct cc_call_leg *l)
{
	l->announced = true;
	call_journal(s);
	call_json_ulid(s, "leg", &l->id);
	cc_jsonw_str(&s->json, "role", call_role_name(l->role));
	call_json_agent(s, "agent", l->agent);
	call_journal_end(s, CC_EV_LEG_NEW)->leg = (int32_t)(l - s->c->legs);
}

/* The engine adds legs between two steps; what is known of one may come before CC_IN_DIALLED. */
void call_legs_announce(struct step *s)
{
	for (int i = 0; i < CC_CALL_LEGS; i++)
		if (s->c->legs[i].state != CC_LEG_FREE && !s->c->legs[i].announced)
			leg_announce(s, &s->c->legs[i]);
}

static void journal_leg_end(
		struct step *s, int32_t leg, int32_t code, const char *text, const char *by)
{
	const struct cc_call_leg *l = &s->c->legs[leg];

	call_journal(s);
	call_json_ulid(s, "leg", &l->id);
	cc_jsonw_str(&s->json, "role", call_role_name(l->role));
	call_json_agent(s, "agent", l->agent);
	cc_jsonw_int(&s->json, "sip_code", code);
	cc_jsonw_str(&s->json, "sip_text", text);
	cc_jsonw_str(&s->json, "by", by);
	call_journal_end(s, CC_EV_LEG_END)->leg = leg;
}

/* The leg is gone, the far end or the engine said so. */
static void leg_gone(struct step *s, const struct cc_call_input *in, const char *by)
{
	journal_leg_end(s, in->leg, in->code, in->text, by);
	s->c->legs[in->leg].state = CC_LEG_FREE;
}

void call_leg_hangup(struct step *s, int32_t leg, int32_t code)
{
	const struct cc_route *r = &s->c->route;
	struct cc_call_action *a;

	if (s->c->legs[leg].state == CC_LEG_FREE)
		return;
	a = call_act(s, CC_ACT_HANGUP, leg);
	a->code = code;
	if (code && r->kind == CC_ROUTE_REFUSE) /* phones show it */
		call_text(s, a, r->reason);
	journal_leg_end(s, leg,
			s->c->legs[leg].state == CC_LEG_UP ? 200
			: code                             ? code
											   : 487,
			"", "system");
	s->c->legs[leg].state = CC_LEG_FREE;
}

/* ---- inputs ---- */

void call_answered(struct step *s, int32_t leg)
{
	if (s->c->answered_ms)
		return;
	s->c->answered_ms = s->now;
	call_journal(s);
	call_json_ulid(s, "leg", &s->c->legs[leg].id);
	call_journal_end(s, CC_EV_CALL_ANSWER);
}

static void leg_up(struct step *s, int32_t leg)
{
	struct cc_call *c = s->c;
	struct cc_call_leg *l = &c->legs[leg];
	bool customer = call_out_customer(c);

	l->state = CC_LEG_UP;
	l->answered_ms = s->now;
	call_journal(s);
	call_json_ulid(s, "leg", &l->id);
	cc_jsonw_str(&s->json, "role", call_role_name(l->role));
	call_json_agent(s, "agent", l->agent);
	call_journal_end(s, CC_EV_LEG_ANSWER);
	if (call_out_beside(c, leg)) {
		call_out_up(s, leg);
		return;
	}
	if (leg != c->caller_leg) {
		if (leg == c->consult_leg)
			call_mix(s);
		else if (leg != c->bridged_leg)
			call_agent_up(s, leg);
		else if (c->node == NODE_JOIN) /* he has dialled, and the customer is there */
			call_connect(s);
		return;
	}
	call_answered(s, leg);
	call_timer(s, TIMER_GUARD, 0);
	if (customer) {
		call_out_up(s, leg);
	} else if (c->node == NODE_JOIN) {
		call_connect(s);
	} else if (c->node == NODE_ANSWERING) {
		call_mix(s);
		call_arrive(s);
	}
}

static void leg_ringing(struct step *s, const struct cc_call_input *in)
{
	struct cc_call_leg *l = &s->c->legs[in->leg];
	bool sound = in->kind == CC_IN_LEG_EARLY, again = l->state == CC_LEG_RINGING;

	if (l->state != CC_LEG_TRYING && !(again && sound))
		return;
	if (!again) {
		l->state = CC_LEG_RINGING;
		l->ringing_ms = s->now;
		call_journal(s);
		call_json_ulid(s, "leg", &l->id);
		cc_jsonw_str(&s->json, "role", call_role_name(l->role));
		call_json_agent(s, "agent", l->agent);
		cc_jsonw_int(&s->json, "code", in->code);
		call_journal_end(s, CC_EV_LEG_RING);
	}
	if (l->role != CC_ROLE_AGENT)
		call_early_ringing(s, in->leg, sound);
	else if (!again)
		call_agent_ringing(s, in->leg);
}

/* The caller's leg ended or never came up. */
static void caller_over(struct step *s, const struct cc_call_input *in, bool failed)
{
	struct cc_call *c = s->c;
	enum cc_side side = failed ? CC_SIDE_SYSTEM : call_side(c, in->leg);

	if (call_out_customer(c)) {
		call_out_over(s, in);
	} else if (c->callback && c->node == NODE_QUEUE) {
		call_timer(s, TIMER_GUARD, 0);
		c->legs[c->caller_leg].play_token = 0;
		c->music[0] = '\0';
	} else if (c->callback) { /* called back, and not to be had */
		call_finish(s, CC_CAUSE_NO_ANSWER, CC_SIDE_CALLER, in->code, in->text);
	} else if (c->node == NODE_DIAL) {
		call_out_given_up(s, in, failed);
	} else if (c->node == NODE_TALK || c->node == NODE_MOVE || c->node == NODE_AWAY) {
		call_finish(s, CC_CAUSE_ANSWERED, side, 200, "OK");
	} else if (c->node == NODE_JOIN && c->dir == CC_DIR_OUT) { /* before the agent heard him */
		call_finish(s, CC_CAUSE_ANSWERED, side, 480, "Temporarily Unavailable");
	} else if (c->node == NODE_GOODBYE) { /* a last prompt would have been over soon */
		bool prompt = c->answered_ms && !c->music[0];

		call_finish(
				s, c->cause, prompt ? CC_SIDE_SYSTEM : side, in->code ? in->code : 487, in->text);
	} else if (c->node == NODE_REFUSE) {
		call_refused(s);
	} else if ((c->node == NODE_GREETING || c->node == NODE_MESSAGE) && c->hops) {
		call_finish(s, c->cause, side, in->code, in->text);
	} else if (failed) {
		call_finish(s, CC_CAUSE_FAILED, CC_SIDE_SYSTEM, in->code, in->text);
	} else {
		call_finish(s, CC_CAUSE_CALLER_HANGUP, side, in->code ? in->code : 487, in->text);
	}
}

/* The leg of the agent who talks, or waits for who is called. */
static void bridged_over(struct step *s, const struct cc_call_input *in, bool failed)
{
	struct cc_call *c = s->c;
	enum cc_side side = failed ? CC_SIDE_SYSTEM : call_side(c, in->leg);

	if (c->bridged_ms)
		call_finish(s, CC_CAUSE_ANSWERED, side, 200, "OK");
	else if (c->dir == CC_DIR_OUT && !failed)
		call_finish(s, CC_CAUSE_CALLER_HANGUP, side, 487, "Request Terminated");
	else
		call_finish(s, CC_CAUSE_FAILED, side, 480, "Temporarily Unavailable");
}

static void leg_over(struct step *s, const struct cc_call_input *in)
{
	struct cc_call *c = s->c;
	struct cc_call_leg l = c->legs[in->leg];
	bool failed = in->kind != CC_IN_LEG_ENDED;

	leg_gone(s, in, failed ? "system" : call_role_name(l.role));
	if (in->leg == c->early_leg)
		call_early_over(s);
	if (in->leg == c->caller_leg)
		caller_over(s, in, failed);
	else if (c->node == NODE_DIAL && call_out_beside(c, in->leg))
		call_out_over(s, in);
	else if (in->leg == c->consult_leg || in->leg == c->other_leg)
		call_consult_over(s);
	else if (in->leg == c->bridged_leg && c->node == NODE_MOVE)
		call_agent_leave(s); /* the other one is still called */
	else if (in->leg == c->bridged_leg && in->kind == CC_IN_SILENCE && in->count &&
			 call_agent_away(s))
		return;
	else if (in->leg == c->bridged_leg)
		bridged_over(s, in, failed);
	else /* who hangs up instead of taking the call does not want it */
		call_agent_over(s, &l, l.state == CC_LEG_UP && !failed ? 603 : in->code);
}

static void guard(struct step *s)
{
	switch (s->c->node) {
	case NODE_ANSWERING:
		call_finish(s, CC_CAUSE_FAILED, CC_SIDE_SYSTEM, 408, "Request Timeout");
		break;
	case NODE_JOIN:
		call_finish(s, s->c->callback ? CC_CAUSE_NO_ANSWER : CC_CAUSE_FAILED, CC_SIDE_SYSTEM, 408,
				"Request Timeout");
		break;
	case NODE_DIAL:
		call_out_timeout(s);
		break;
	case NODE_AWAY:
		call_away_timer(s);
		break;
	case NODE_RESERVE:
	case NODE_RING:
		call_agent_refused(s, CC_E_TIMEOUT);
		break;
	case NODE_CODE:
		call_command_done(s, &(struct cc_call_input){.code = CC_E_TIMEOUT});
		break;
	case NODE_ASK:
		call_code_key(s, '#');
		break;
	case NODE_MESSAGE: /* as long as it may be */
		call_message_done(s, 0);
		break;
	default:
		call_prompt_done(s);
	}
}

static void timers(struct step *s)
{
	struct cc_call *c = s->c;

	for (int i = 0; i < CC_CALL_TIMERS && c->node != NODE_OVER; i++) {
		if (c->deadline_ms[i] == 0 || c->deadline_ms[i] > s->now)
			continue;
		c->deadline_ms[i] = 0;
		if (i == TIMER_GUARD)
			guard(s);
		else if (i == TIMER_TARGET)
			call_target_refused(s, CC_E_TIMEOUT);
		else if (i == TIMER_KEYS && c->node == NODE_IVR)
			call_ivr_pause(s);
		else if (i == TIMER_KEYS)
			call_talk_pause(s);
		else
			call_queue_timer(s, (enum timer)i);
	}
	/* last: a call that leaves its queue now must not be given the next agent before */
	if (c->node != NODE_OVER)
		call_agent_timeouts(s);
}

/* Transactions die with the engine: whoever rang or was being answered is lost, whoever talked or
 * waited goes on, also who waits to be called back. */
static void restored(struct step *s, const struct cc_call_input *in)
{
	struct cc_call *c = s->c;
	int32_t alive = 0, lost = 0;

	for (int i = 0; i < CC_CALL_LEGS; i++) {
		if (c->legs[i].state == CC_LEG_FREE)
			continue;
		if (!(in->lost >> i & 1)) {
			alive++;
			continue;
		}
		journal_leg_end(s, i, 500, "restart", "system");
		c->legs[i].state = CC_LEG_FREE;
		lost++;
	}
	call_journal(s);
	cc_jsonw_int(&s->json, "legs", alive);
	cc_jsonw_int(&s->json, "lost", lost);
	call_journal_end(s, CC_EV_CALL_RESTORED);
	if ((c->legs[c->caller_leg].state == CC_LEG_FREE && !(c->callback && c->node == NODE_QUEUE)) ||
			(c->bridged_leg >= 0 && c->legs[c->bridged_leg].state == CC_LEG_FREE) ||
			c->node == NODE_DIAL) {
		call_finish(s, call_cut(c), CC_SIDE_SYSTEM, 500, "Server Internal Error");
		return;
	}
	if (c->consult_leg >= 0 && (c->other_leg < 0 || c->legs[c->consult_leg].state != CC_LEG_UP ||
									   c->legs[c->other_leg].state == CC_LEG_FREE))
		call_consult_over(s);
	call_offers_end(s, CC_OUT_FAILED);
	if (c->node == NODE_OVER)
		return;
	call_restart_media(s, CC_MEDIA_MIXER);
	if (c->recording)
		call_record_order(s);
}

static void digit(struct step *s, const struct cc_call_input *in)
{
	/* a password is nobody's business */
	const char text[2] = {s->c->node == NODE_ASK ? '?' : in->digit, '\0'};

	call_journal(s);
	call_json_ulid(s, "leg", &s->c->legs[in->leg].id);
	cc_jsonw_str(&s->json, "digit", text);
	cc_jsonw_str(&s->json, "src", in->inband ? "inband" : "rfc4733");
	call_journal_end(s, CC_EV_LEG_DTMF);
	if (call_agent_key(s, in))
		return;
	if (in->leg == s->c->caller_leg && s->c->node == NODE_ASK)
		call_code_key(s, in->digit);
	else if (s->c->node == NODE_MESSAGE && in->leg == s->c->caller_leg && in->digit == '#')
		call_message_done(s, 0);
	else if (s->c->node == NODE_TALK)
		call_talk_key(s, in);
	else if (in->leg == s->c->caller_leg && s->c->node == NODE_IVR)
		call_ivr_key(s, in->digit);
	else if (in->leg == s->c->caller_leg)
		call_queue_key(s, in->digit);
}

static void play_done(struct step *s, const struct cc_call_input *in)
{
	struct cc_call_leg *l = &s->c->legs[in->leg];

	if (!in->token || in->token != l->play_token)
		return;
	if (in->leg == s->c->caller_leg)
		call_prompt_done(s);
	else
		l->play_token = 0;
}

static void schedule(struct cc_call *c)
{
	c->next_ms = INT64_MAX;
	for (int i = 0; i < CC_CALL_TIMERS; i++)
		if (c->deadline_ms[i] && c->deadline_ms[i] < c->next_ms)
			c->next_ms = c->deadline_ms[i];
	for (int i = 0; i < CC_CALL_OFFERS; i++)
		if (c->offers[i].epoch && c->offers[i].deadline_ms < c->next_ms)
			c->next_ms = c->offers[i].deadline_ms;
	if (c->node == NODE_OVER)
		c->next_ms = INT64_MAX;
}

/* Inputs about a leg that has gone are late news. */
static bool about_live_leg(const struct cc_call *c, const struct cc_call_input *in)
{
	switch (in->kind) {
	case CC_IN_LEG_RINGING:
	case CC_IN_LEG_EARLY:
	case CC_IN_LEG_UP:
	case CC_IN_LEG_FAILED:
	case CC_IN_LEG_ENDED:
	case CC_IN_PLAY_DONE:
	case CC_IN_DTMF:
	case CC_IN_SILENCE:
	case CC_IN_QUIET:
	case CC_IN_HOLD:
	case CC_IN_REFER:
	case CC_IN_CONSULT:
		return in->leg >= 0 && in->leg < CC_CALL_LEGS && c->legs[in->leg].state != CC_LEG_FREE;
	default:
		return true;
	}
}

void cc_call_step(struct cc_call *c, const struct cc_call_input *in, struct cc_call_actions *out)
{
	struct step s = {.c = c, .now = in->now_ms, .out = out};
	struct cc_call_input dead = *in;

	out->count = 0;
	out->text_len = 0;
	if (c->node == NODE_OVER || !about_live_leg(c, in))
		return;
	if (c->node == NODE_NEW && in->kind != CC_IN_NEW)
		return;
	if (c->node == NODE_LOOKUP && !call_looked_up(&s, in)) {
		schedule(c);
		return;
	}
	if (c->node != NODE_NEW)
		call_legs_announce(&s);
	switch (in->kind) {
	case CC_IN_NEW:
		if (c->node == NODE_NEW)
			call_begin(&s);
		break;
	case CC_IN_LEG_RINGING:
	case CC_IN_LEG_EARLY:
		leg_ringing(&s, in);
		break;
	case CC_IN_LEG_UP:
		if (c->legs[in->leg].state != CC_LEG_UP)
			leg_up(&s, in->leg);
		break;
	case CC_IN_LEG_FAILED:
	case CC_IN_LEG_ENDED:
		leg_over(&s, in);
		break;
	case CC_IN_SILENCE:
		call_act(&s, CC_ACT_HANGUP, in->leg); /* its end is journalled once, below */
		dead.code = 408;
		leg_over(&s, &dead);
		break;
	case CC_IN_DIALLED:
		call_agent_dialled(&s, in);
		break;
	case CC_IN_PLAY_DONE:
		play_done(&s, in);
		break;
	case CC_IN_DTMF:
		digit(&s, in);
		break;
	case CC_IN_GRANT:
		call_agent_grant(&s, in);
		break;
	case CC_IN_QUEUE_OUT:
		if (in->count == c->visit)
			call_queue_out(&s, in->cause);
		break;
	case CC_IN_POSITION:
		call_queue_position(&s, in->count, in->wait_ms);
		break;
	case CC_IN_COMMAND_DONE:
		call_command_done(&s, in);
		break;
	case CC_IN_TIMER:
		timers(&s);
		break;
	case CC_IN_HANGUP:
		call_finish(&s, call_cut(c), CC_SIDE_SYSTEM, 480, "Temporarily Unavailable");
		break;
	case CC_IN_RESTART_MEDIA:
		call_restart_media(&s, in->code);
		break;
	case CC_IN_RESTORED:
		restored(&s, in);
		break;
	case CC_IN_REFUSED:
		if (in->agent == c->target)
			call_target_refused(&s, in->code);
		else
			call_agent_refused(&s, in->code);
		break;
	case CC_IN_REFER:
		call_refer(&s, in);
		break;
	case CC_IN_CONSULT:
		call_consult(&s, in);
		break;
	case CC_IN_HOLD:
		call_agent_hold(&s, in->leg, in->count != 0);
		break;
	case CC_IN_QUIET:
		if (c->node == NODE_MESSAGE && in->leg == c->caller_leg)
			call_message_done(&s, in->wait_ms);
		break;
	case CC_IN_CONFIGURED:
		call_queue_configured(&s);
		break;
	case CC_IN_LOOKED_UP: /* too late */
		break;
	}
	schedule(c);
}

bool cc_call_over(const struct cc_call *c)
{
	return c->node == NODE_OVER;
}
