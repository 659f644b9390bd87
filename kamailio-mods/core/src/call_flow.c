/* SPDX-License-Identifier: GPL-2.0-or-later
 * Where a call goes, and how it ends. */
#include <string.h>

#include "call_private.h"
#include "cc/err.h"

/* ---- the end ---- */

void call_finish(
		struct step *s, enum cc_cause cause, enum cc_side side, int32_t code, const char *text)
{
	static const char *const sides[] = {"caller", "callee", "system"};
	struct cc_call *c = s->c;
	bool answered = c->answered_ms != 0;
	enum cc_outcome outcome = call_cut(c) == CC_CAUSE_ANSWERED ? CC_OUT_TALKED : CC_OUT_CALLER_GONE;

	if (c->node == NODE_OVER)
		return;
	if (c->message_ms && call_message_end(s, 0))
		cause = CC_CAUSE_VOICEMAIL;
	if (c->route.cause == CC_CAUSE_BLACKLIST) /* whoever hangs up first */
		cause = CC_CAUSE_BLACKLIST;
	call_ivr_gone(s);
	c->node = NODE_OVER;
	call_queue_leave(s);
	call_offers_end(s, CC_OUT_CALLER_GONE);
	if (c->bridged_ms && c->bridged_agent >= 0)
		c->agent_ms += s->now - c->bridged_ms;
	if (c->dir == CC_DIR_OUT && !answered && c->legs[c->caller_leg].ringing_ms)
		c->ring_ms = s->now - c->legs[c->caller_leg].ringing_ms;
	call_record(s, false, "end");
	call_visit_end(s, cause);
	if (c->bridged_agent >= 0)
		call_agent_release(s, c->bridged_agent, c->bridged_epoch, outcome);
	if (c->other_agent >= 0)
		call_agent_release(s, c->other_agent, c->other_epoch, CC_OUT_TALKED);
	if (c->caller_epoch)
		call_agent_release(s, c->caller_agent, c->caller_epoch, outcome);
	for (int i = 0; i < CC_CALL_LEGS; i++) /* who called and was not answered learns why */
		call_leg_hangup(s, i,
				i == c->caller_leg || (i == c->bridged_leg && c->legs[i].incoming) ? code : 0);
	call_act(s, CC_ACT_MIX, -1);
	call_journal(s);
	cc_jsonw_str(&s->json, "cause", cc_cause_name(cause));
	cc_jsonw_str(&s->json, "side", sides[side]);
	cc_jsonw_int(&s->json, "sip_code", answered ? 200 : code);
	cc_jsonw_str(&s->json, "sip_text", answered ? "OK" : text);
	cc_jsonw_int(&s->json, "ring_ms", c->ring_ms);
	cc_jsonw_int(&s->json, "talk_ms", answered ? s->now - c->answered_ms : 0);
	cc_jsonw_int(&s->json, "agent_ms", c->agent_ms);
	cc_jsonw_int(&s->json, "total_ms", s->now - c->created_ms);
	if (c->last_agent[0])
		cc_jsonw_str(&s->json, "agent", c->last_agent);
	if (c->queue >= 0)
		cc_jsonw_str(&s->json, "queue", call_queue(c)->number);
	cc_jsonw_str(&s->json, "did", c->did);
	cc_jsonw_str(&s->json, "from", c->from);
	cc_jsonw_str(&s->json, "to", c->to);
	cc_jsonw_str(&s->json, "dir", call_dir_name(c->dir));
	call_json_hide(s);
	call_journal_end(s, CC_EV_CALL_END);
	call_act(s, CC_ACT_FREE, -1);
}

void call_goodbye(struct step *s, const char *name, enum cc_cause cause)
{
	if (!call_caller_up(s->c)) {
		call_finish(s, cause, CC_SIDE_SYSTEM, 480, "Temporarily Unavailable");
		return;
	}
	call_quiet(s);
	s->c->node = NODE_GOODBYE;
	s->c->cause = cause;
	call_say_one(s, name);
}

/* ---- the way ---- */

static void journal_route(struct step *s)
{
	static const char *const kinds[] = {
			[CC_ROUTE_QUEUE] = "queue",
			[CC_ROUTE_AGENT] = "agent",
			[CC_ROUTE_CODE] = "code",
			[CC_ROUTE_REFUSE] = "refuse",
			[CC_ROUTE_PROMPT] = "prompt",
			[CC_ROUTE_OUT] = "out",
			[CC_ROUTE_RING] = "ring",
			[CC_ROUTE_MUSIC] = "music",
			[CC_ROUTE_IVR] = "ivr",
			[CC_ROUTE_VOICEMAIL] = "voicemail",
	};
	const struct cc_route *r = &s->c->route;
	const struct cc_conf *conf = s->c->conf;

	call_journal(s);
	cc_jsonw_str(&s->json, "node", kinds[r->kind]);
	cc_jsonw_str(&s->json, "target",
			r->kind == CC_ROUTE_QUEUE       ? cc_conf_queue_at(conf, r->index)->number
			: r->kind == CC_ROUTE_AGENT     ? cc_conf_agent_at(conf, r->index)->number
			: r->kind == CC_ROUTE_IVR       ? cc_conf_ivr_at(conf, r->index)->number
			: r->kind == CC_ROUTE_VOICEMAIL ? r->box
			: r->kind == CC_ROUTE_PROMPT || r->kind == CC_ROUTE_MUSIC ? r->prompt
			: r->kind == CC_ROUTE_OUT                                 ? r->number
																	  : s->c->to);
	call_journal_end(s, CC_EV_CALL_ROUTE);
}

void call_refused(struct step *s)
{
	const struct cc_route *r = &s->c->route;

	call_finish(s, s->c->hops ? s->c->cause : r->cause, CC_SIDE_SYSTEM, r->sip_code, r->reason);
}

/* A way that leads nowhere: what sent the call here says how it ends. Before his phone is refused
 * the agent is told of a number that is not to be called (TEL-20): not every phone shows why. */
static void refused(struct step *s)
{
	struct cc_call *c = s->c;

	if (c->route.cause != CC_CAUSE_DO_NOT_CALL || c->caller_agent < 0 || call_caller_up(c)) {
		call_refused(s);
		return;
	}
	c->node = NODE_REFUSE;
	call_respond(s, c->caller_leg, 183, "Session Progress");
	call_say_one(s, "do_not_call");
}

/* For a while, then the end. */
static void linger(struct step *s, const char *music)
{
	struct cc_call *c = s->c;

	c->node = NODE_GOODBYE;
	c->cause = c->hops ? c->cause : c->route.cause;
	if (call_caller_up(c))
		call_music(s, music);
	call_timer(s, TIMER_GUARD, c->conf->extension_ring_ms);
}

void call_go(struct step *s)
{
	struct cc_call *c = s->c;

	journal_route(s);
	if (c->route.kind == CC_ROUTE_REFUSE) {
		refused(s);
	} else if (call_caller_up(c)) {
		call_arrive(s);
	} else if (c->route.kind == CC_ROUTE_AGENT) {
		call_agent_call(s, c->route.index); /* answered when the agent answers */
	} else if (c->route.kind == CC_ROUTE_OUT) {
		call_out_away(s); /* the same */
	} else {
		call_respond(s, c->caller_leg, 180, "Ringing");
		if (c->route.kind == CC_ROUTE_RING) {
			linger(s, "");
			return;
		}
		c->node = NODE_ANSWERING;
		call_act(s, CC_ACT_ANSWER, c->caller_leg);
		call_timer(s, TIMER_GUARD, GUARD_ANSWER_MS);
	}
}

static void journal_new(struct step *s)
{
	struct cc_call *c = s->c;

	if (c->dir == CC_DIR_OUT && !c->did[0])
		strcpy(c->did, cc_conf_caller_id(c->conf, c->caller_agent, c->caller_id, c->turn, s->now));
	if (c->route.kind == CC_ROUTE_OUT && c->legs[1].state != CC_LEG_FREE)
		c->bridged_leg = 1; /* the agent's phone that has dialled */
	call_journal(s);
	cc_jsonw_str(&s->json, "dir", call_dir_name(c->dir));
	cc_jsonw_str(&s->json, "from", c->from);
	cc_jsonw_str(&s->json, "from_name", c->from_name);
	cc_jsonw_str(&s->json, "to", c->to);
	cc_jsonw_str(&s->json, "did", c->did);
	cc_jsonw_str(&s->json, "trunk", c->trunk);
	call_json_agent(s, "agent", c->caller_agent);
	cc_jsonw_str(&s->json, "sip_call_id", c->sip_call_id);
	if (c->click)
		cc_jsonw_bool(&s->json, "click", true);
	if (c->to_name[0])
		cc_jsonw_str(&s->json, "to_name", c->to_name);
	if (c->customer)
		cc_jsonw_int(&s->json, "customer", c->customer);
	if (c->package)
		cc_jsonw_int(&s->json, "package", c->package);
	if (c->predictive)
		cc_jsonw_bool(&s->json, "predictive", true);
	if (c->task)
		cc_jsonw_int(&s->json, "task", c->task);
	call_json_hide(s);
	call_journal_end(s, CC_EV_CALL_NEW);
	call_legs_announce(s);
}

static void set_out(struct step *s)
{
	struct cc_call *c = s->c;

	journal_new(s);
	if (c->caller_agent >= 0 && c->route.kind != CC_ROUTE_CODE &&
			c->route.kind != CC_ROUTE_REFUSE) {
		c->node = NODE_RESERVE; /* no other call reaches an agent who calls */
		if (!c->click)
			call_act(s, CC_ACT_AGENT_RESERVE, -1)->agent = c->caller_agent;
		call_timer(s, TIMER_GUARD, GUARD_ANSWER_MS);
		return;
	}
	call_go(s);
}

/* CALL-13: nobody is told of a call before it is known how much of the number they may see. */
void call_begin(struct step *s)
{
	struct cc_call *c = s->c;

	if ((c->dir != CC_DIR_IN && !c->predictive) || !c->conf->hides) {
		set_out(s);
		return;
	}
	c->hide = c->conf->hides; /* unless the answer says less */
	c->node = NODE_LOOKUP;
	call_act(s, CC_ACT_LOOK_UP, -1);
	call_timer(s, TIMER_GUARD, CC_CALL_LOOKUP_MS);
}

bool call_looked_up(struct step *s, const struct cc_call_input *in)
{
	struct cc_call *c = s->c;
	bool ends = in->kind == CC_IN_LEG_FAILED || in->kind == CC_IN_LEG_ENDED ||
				in->kind == CC_IN_SILENCE || in->kind == CC_IN_HANGUP || in->kind == CC_IN_RESTORED;
	bool late = in->kind == CC_IN_TIMER && c->deadline_ms[TIMER_GUARD] <= s->now;

	if (in->kind != CC_IN_LOOKED_UP && !ends && !late)
		return false;
	if (in->kind == CC_IN_LOOKED_UP)
		c->hide = in->code;
	call_timer(s, TIMER_GUARD, 0);
	if (!ends) {
		set_out(s);
		return false;
	}
	journal_new(s);
	c->node = NODE_ANSWERING;
	return true;
}

/* The entry announcement, then the queue. */
static void enter(struct step *s)
{
	struct cc_call *c = s->c;
	const struct cc_conf_queue *q;
	const char *name;

	c->queue = c->route.index;
	q = call_queue(c);
	name = q->holiday_prompt[0] && cc_conf_is_holiday(c->conf, s->now) ? q->holiday_prompt
																	   : q->entry_prompt;
	if (!name[0]) {
		call_queue_enter(s);
		return;
	}
	c->node = NODE_ENTRY;
	call_say_one(s, name);
}

void call_arrive(struct step *s)
{
	struct cc_call *c = s->c;

	switch (c->route.kind) {
	case CC_ROUTE_QUEUE:
		enter(s);
		break;
	case CC_ROUTE_AGENT:
		call_music(s, "tone:ringback");
		call_agent_call(s, c->route.index);
		break;
	case CC_ROUTE_CODE:
		call_code(s);
		break;
	case CC_ROUTE_PROMPT:
		call_goodbye(s, c->route.prompt, c->hops ? c->cause : c->route.cause);
		break;
	case CC_ROUTE_VOICEMAIL:
		call_voicemail(s);
		break;
	case CC_ROUTE_RING:
		linger(s, "tone:ringback");
		break;
	case CC_ROUTE_MUSIC:
		linger(s, c->route.prompt);
		break;
	case CC_ROUTE_OUT:
		call_out_away(s);
		break;
	case CC_ROUTE_IVR:
		call_ivr_enter(s);
		break;
	case CC_ROUTE_REFUSE:
		refused(s);
		break;
	}
}

void call_prompt_done(struct step *s)
{
	struct cc_call *c = s->c;

	c->legs[c->caller_leg].play_token = 0;
	call_timer(s, TIMER_GUARD, 0);
	if (c->node == NODE_ENTRY)
		call_queue_enter(s);
	else if (c->node == NODE_ASK)
		call_timer(s, TIMER_GUARD, CODE_KEY_MS);
	else if (c->node == NODE_GREETING)
		call_message_begin(s);
	else if (c->node == NODE_GOODBYE)
		call_finish(s, c->cause, CC_SIDE_SYSTEM, 480, "Temporarily Unavailable");
	else if (c->node == NODE_REFUSE)
		call_refused(s);
	else if (c->node == NODE_IVR)
		call_ivr_said(s);
	else if (c->node == NODE_QUEUE && c->callback)
		call_leg_hangup(s, c->caller_leg, 0);
	else if (c->node == NODE_QUEUE)
		call_queue_say(s);
}
