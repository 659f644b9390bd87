/* SPDX-License-Identifier: GPL-2.0-or-later
 * The flow of a call: leg 0 is the caller; an agent's phone may have several contacts, each a leg,
 * of which the first to come up stays. The recording begins when the agent talks: what the caller
 * heard before is music and prompts. */
#include "cc/call.h"

#include <string.h>

#include "call_private.h"
#include "cc/conf.h"
#include "cc/err.h"
#include "prompts.h"

#define CALLER 0
#define GUARD_PROMPT_MS 60000 /* no prompt is that long */
#define GUARD_ANSWER_MS                                                                            \
	40000 /* longer than SIP waits for the ACK: 64 x T1 = 32 s (RFC 3261 13.3.1.4) */
#define GAIN_FULL 256

enum node
{
	NODE_NEW,
	NODE_ANSWERING, /* the caller's leg is coming up */
	NODE_ENTRY,     /* entry announcement */
	NODE_QUEUE,     /* waits; agents may ring */
	NODE_TALK,
	NODE_CODE,    /* a feature code is carried out */
	NODE_GOODBYE, /* last prompt, then the end with c->cause */
	NODE_OVER,
};

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
	c->created_ms = now_ms;
	c->next_ms = INT64_MAX;
	c->next_token = 1;
	for (int i = 0; i < CC_CALL_LEGS; i++)
		c->legs[i].slot = c->legs[i].agent = -1;
}

int cc_call_leg_add(struct cc_call *c, enum cc_leg_role role, bool incoming, int32_t slot,
		const struct cc_ulid *id, int32_t agent, uint32_t epoch, int64_t now_ms)
{
	for (int i = 0; i < CC_CALL_LEGS; i++)
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

static const struct cc_conf_queue *queue_of(const struct cc_call *c)
{
	return c->queue >= 0 ? cc_conf_queue_at(c->conf, c->queue) : NULL;
}

static void timer_set(struct step *s, enum timer timer, int64_t after_ms)
{
	s->c->deadline_ms[timer] = after_ms > 0 ? s->now + after_ms : 0;
}

/* ---- legs ---- */

static void leg_announce(struct step *s, struct cc_call_leg *l)
{
	l->announced = true;
	call_journal(s);
	call_json_ulid(s, "leg", &l->id);
	cc_jsonw_str(&s->json, "role", call_role_name(l->role));
	call_json_agent(s, "agent", l->agent);
	call_journal_end(s, CC_EV_LEG_NEW);
}

/* The engine adds legs between two steps; what is known of one may come before CC_IN_DIALLED. */
static void legs_announce(struct step *s)
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
	call_journal_end(s, CC_EV_LEG_END);
}

/* The leg is gone, the far end or the engine said so. */
static void leg_gone(struct step *s, const struct cc_call_input *in, const char *by)
{
	journal_leg_end(s, in->leg, in->code, in->text, by);
	s->c->legs[in->leg].state = CC_LEG_FREE;
}

static void leg_hangup(struct step *s, int32_t leg, int32_t code)
{
	if (s->c->legs[leg].state == CC_LEG_FREE)
		return;
	call_act(s, CC_ACT_HANGUP, leg)->code = code;
	journal_leg_end(s, leg,
			s->c->legs[leg].state == CC_LEG_UP ? 200
			: code                             ? code
											   : 487,
			"", "system");
	s->c->legs[leg].state = CC_LEG_FREE;
}

static void play(struct step *s, enum cc_layer layer, const char *list, int32_t repeat)
{
	struct cc_call_action *a = call_act(s, CC_ACT_PLAY, CALLER);

	a->layer = layer;
	a->token = s->c->next_token++;
	a->repeat = repeat;
	call_text(s, a, list);
	if (layer == CC_LAYER_PROMPT)
		s->c->legs[CALLER].play_token = a->token;
}

/* Plays the names (NULL ends them) once to the caller and remembers them until they are over. */
static void prompt(struct step *s, const char *const names[], int32_t number)
{
	struct cc_call *c = s->c;
	struct cc_prompts p;

	cc_prompts_init(&p, c->conf->language, c->prompt, sizeof(c->prompt));
	for (int i = 0; names[i]; i++) {
		if (i > 0 && number > 0)
			cc_prompts_number(&p, number);
		cc_prompts_add(&p, names[i]);
	}
	play(s, CC_LAYER_PROMPT, c->prompt, 1);
	timer_set(s, TIMER_GUARD, GUARD_PROMPT_MS);
}

static void music(struct step *s)
{
	const struct cc_conf_queue *q = queue_of(s->c);

	if (q && q->music[0])
		play(s, CC_LAYER_MUSIC, q->music, 0);
}

static void stop_playing(struct step *s)
{
	struct cc_call_leg *caller = &s->c->legs[CALLER];

	call_act(s, CC_ACT_STOP, CALLER)->layer = CC_LAYER_MUSIC;
	if (caller->play_token)
		call_act(s, CC_ACT_STOP, CALLER)->layer = CC_LAYER_PROMPT;
	caller->play_token = 0;
	timer_set(s, TIMER_GUARD, 0);
}

static void mix(struct step *s)
{
	struct cc_call_action *a = call_act(s, CC_ACT_MIX, -1);

	a->legs[a->count++] = CALLER;
	if (s->c->bridged_leg >= 0)
		a->legs[a->count++] = s->c->bridged_leg;
	for (int i = 0; i < a->count; i++)
		for (int j = 0; j < a->count; j++)
			a->gain[i][j] = i == j ? 0 : GAIN_FULL;
}

static void record(struct step *s, bool on, const char *why)
{
	struct cc_call *c = s->c;
	struct cc_call_action *a;

	if (c->recording == on)
		return;
	c->recording = on;
	if (on)
		c->segment++;
	a = call_act(s, CC_ACT_RECORD, CALLER);
	a->on = on;
	a->segment = c->segment;
	call_journal(s);
	call_json_ulid(s, "leg", &c->legs[CALLER].id);
	cc_jsonw_int(&s->json, "segment", c->segment);
	if (!on)
		cc_jsonw_str(&s->json, "why", why);
	call_journal_end(s, on ? CC_EV_REC_START : CC_EV_REC_STOP);
}

/* ---- the queue visit ---- */

static void json_visit(struct step *s, int32_t agent)
{
	call_journal(s);
	cc_jsonw_str(&s->json, "queue", queue_of(s->c)->number);
	cc_jsonw_int(&s->json, "visit", s->c->visit);
	call_json_agent(s, "agent", agent);
}

static const char *visit_result(enum cc_cause cause)
{
	switch (cause) {
	case CC_CAUSE_ANSWERED:
		return "answered";
	case CC_CAUSE_QUEUE_EXIT:
	case CC_CAUSE_QUEUE_JOIN_EMPTY:
		return "refused";
	case CC_CAUSE_QUEUE_TIMEOUT:
	case CC_CAUSE_QUEUE_EMPTY_OVERFLOW:
	case CC_CAUSE_QUEUE_FULL_OVERFLOW:
	case CC_CAUSE_QUEUE_NO_AGENT:
		return "overflowed";
	default:
		return "abandoned";
	}
}

/* Always before agents are released: an agent who is free again must not be granted to the call
 * that is just leaving. */
static void queue_leave(struct step *s)
{
	if (!s->c->waiting)
		return;
	s->c->waiting = false;
	call_act(s, CC_ACT_QUEUE_LEAVE, -1)->visit = s->c->visit;
	timer_set(s, TIMER_WAIT, 0);
	timer_set(s, TIMER_ANNOUNCE, 0);
}

/* Ends the visit: every one that was entered is left exactly once, with one of four results. */
static void visit_end(struct step *s, enum cc_cause cause)
{
	struct cc_call *c = s->c;

	if (!c->entered_ms)
		return;
	queue_leave(s);
	json_visit(s, c->connected_ms ? c->bridged_agent : -1);
	cc_jsonw_str(&s->json, "result", visit_result(c->connected_ms ? CC_CAUSE_ANSWERED : cause));
	cc_jsonw_str(&s->json, "cause", cc_cause_name(c->connected_ms ? CC_CAUSE_ANSWERED : cause));
	cc_jsonw_int(&s->json, "wait_ms", (c->connected_ms ? c->connected_ms : s->now) - c->entered_ms);
	if (c->connected_ms)
		cc_jsonw_int(&s->json, "talk_ms", s->now - c->connected_ms);
	if (c->position)
		cc_jsonw_int(&s->json, "position", c->position);
	call_journal_end(s, CC_EV_QUEUE_LEAVE);
	c->entered_ms = c->connected_ms = 0;
}

static void queue_enter(struct step *s)
{
	struct cc_call *c = s->c;
	const struct cc_conf_queue *q = queue_of(c);
	struct cc_call_action *a;

	c->node = NODE_QUEUE;
	c->visit++;
	c->waiting = true;
	c->entered_ms = s->now;
	c->position = 0;
	json_visit(s, -1);
	cc_jsonw_str(&s->json, "from", c->from);
	cc_jsonw_str(&s->json, "from_name", c->from_name);
	cc_jsonw_str(&s->json, "did", c->did);
	call_journal_end(s, CC_EV_QUEUE_ENTER);
	music(s);
	a = call_act(s, CC_ACT_QUEUE_ENTER, -1);
	a->queue = c->queue;
	a->visit = c->visit;
	timer_set(s, TIMER_WAIT, q->max_wait_ms);
	timer_set(s, TIMER_ANNOUNCE, q->announce_position ? 1 : 0); /* at once, then every period */
}

/* ---- offers ---- */

static struct cc_call_offer *offer_of(struct cc_call *c, uint32_t epoch, int32_t agent)
{
	for (int i = 0; i < CC_CALL_OFFERS; i++)
		if (c->offers[i].epoch && c->offers[i].epoch == epoch && c->offers[i].agent == agent)
			return &c->offers[i];
	return NULL;
}

static void release(struct step *s, int32_t agent, uint32_t epoch, enum cc_outcome outcome)
{
	struct cc_call_action *a = call_act(s, CC_ACT_AGENT_RELEASE, -1);

	a->agent = agent;
	a->epoch = epoch;
	a->outcome = outcome;
	a->queue = s->c->queue;
}

static const char *outcome_why(enum cc_outcome outcome)
{
	static const char *const why[] = {[CC_OUT_TALKED] = "talked",
			[CC_OUT_NOANSWER] = "timeout",
			[CC_OUT_REJECTED] = "reject",
			[CC_OUT_BUSY] = "busy",
			[CC_OUT_UNREACHABLE] = "unreachable",
			[CC_OUT_CALLER_GONE] = "caller_gone",
			[CC_OUT_FAILED] = "failed"};

	return why[outcome];
}

static void offer_end(struct step *s, struct cc_call_offer *o, enum cc_outcome outcome)
{
	struct cc_call *c = s->c;

	for (int i = 0; i < CC_CALL_LEGS; i++)
		if (c->legs[i].state != CC_LEG_FREE && c->legs[i].agent_epoch == o->epoch &&
				c->legs[i].agent == o->agent)
			leg_hangup(s, i, 0);
	json_visit(s, o->agent);
	cc_jsonw_str(&s->json, "why", outcome_why(outcome));
	if (o->code)
		cc_jsonw_int(&s->json, "sip_code", o->code);
	cc_jsonw_int(&s->json, "ring_ms", o->ringing_ms ? s->now - o->ringing_ms : 0);
	call_journal_end(s, CC_EV_QUEUE_NOANSWER);
	c->ring_ms = s->now - o->offered_ms;
	release(s, o->agent, o->epoch, outcome);
	memset(o, 0, sizeof(*o));
}

static void offers_end(struct step *s, enum cc_outcome outcome)
{
	for (int i = 0; i < CC_CALL_OFFERS; i++)
		if (s->c->offers[i].epoch)
			offer_end(s, &s->c->offers[i], outcome);
}

static bool ringing(const struct cc_call *c)
{
	for (int i = 0; i < CC_CALL_OFFERS; i++)
		if (c->offers[i].epoch)
			return true;
	return false;
}

static enum cc_outcome outcome_of(int32_t code)
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
		return code >= 500 && code < 600 ? CC_OUT_UNREACHABLE : CC_OUT_FAILED;
	}
}

static void grant(struct step *s, const struct cc_call_input *in)
{
	struct cc_call *c = s->c;
	struct cc_call_offer *o = NULL;
	struct cc_call_action *a;

	for (int i = 0; i < CC_CALL_OFFERS && !o; i++)
		if (!c->offers[i].epoch)
			o = &c->offers[i];
	if (c->node != NODE_QUEUE || !c->waiting || !o) {
		release(s, in->agent, in->epoch, CC_OUT_CALLER_GONE);
		return;
	}
	*o = (struct cc_call_offer){.agent = in->agent,
			.epoch = in->epoch,
			.offered_ms = s->now,
			.deadline_ms = s->now + queue_of(c)->ring_timeout_ms};
	json_visit(s, in->agent);
	cc_jsonw_int(&s->json, "wait_ms", s->now - c->entered_ms);
	call_journal_end(s, CC_EV_QUEUE_OFFER);
	a = call_act(s, CC_ACT_DIAL_AGENT, -1);
	a->agent = in->agent;
	a->epoch = in->epoch;
}

static bool offer_rings(const struct cc_call *c, const struct cc_call_offer *o)
{
	for (int i = 0; i < CC_CALL_LEGS; i++)
		if (c->legs[i].state != CC_LEG_FREE && c->legs[i].agent_epoch == o->epoch &&
				c->legs[i].agent == o->agent)
			return true;
	return false;
}

/* One of the agent's phones said no: the offer ends with the last one. What a person decided says
 * more than what a network did; a refusal for all phones (6xx, RFC 3261 21.6) counts at once. */
static void offer_code(struct step *s, struct cc_call_offer *o, int32_t code)
{
	enum cc_outcome now = outcome_of(code), before = outcome_of(o->code);

	if (o->code == 0 || now == CC_OUT_REJECTED || (now == CC_OUT_BUSY && before != CC_OUT_REJECTED))
		o->code = code;
	if (code >= 600 || (o->dialled && !offer_rings(s->c, o)))
		offer_end(s, o, outcome_of(o->code));
}

static void dialled(struct step *s, const struct cc_call_input *in)
{
	struct cc_call_offer *o = offer_of(s->c, in->epoch, in->agent);

	if (!o) /* it ended meanwhile, and its legs with it */
		return;
	o->dialled = true;
	if (!offer_rings(s->c, o))
		offer_end(s, o, outcome_of(o->code));
}

/* ---- the end ---- */

/* Ends everything: each call comes here exactly once. code: final response to a caller that was not
 * answered. */
static void finish(
		struct step *s, enum cc_cause cause, enum cc_side side, int32_t code, const char *text)
{
	static const char *const sides[] = {"caller", "callee", "system"};
	struct cc_call *c = s->c;
	bool answered = c->answered_ms != 0;

	if (c->node == NODE_OVER)
		return;
	c->node = NODE_OVER;
	queue_leave(s);
	offers_end(s, CC_OUT_CALLER_GONE);
	if (c->bridged_ms)
		c->agent_ms = s->now - c->bridged_ms;
	record(s, false, "end");
	visit_end(s, cause);
	if (c->bridged_agent >= 0)
		release(s, c->bridged_agent, c->bridged_epoch, CC_OUT_TALKED);
	for (int i = 0; i < CC_CALL_LEGS; i++)
		leg_hangup(s, i, i == CALLER ? code : 0);
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
		cc_jsonw_str(&s->json, "queue", queue_of(c)->number);
	cc_jsonw_str(&s->json, "did", c->did);
	cc_jsonw_str(&s->json, "from", c->from);
	cc_jsonw_str(&s->json, "to", c->to);
	cc_jsonw_str(&s->json, "dir", call_dir_name(c->dir));
	call_journal_end(s, CC_EV_CALL_END);
	call_act(s, CC_ACT_FREE, -1);
}

/* A last prompt, then the end. */
static void goodbye(struct step *s, const char *name, enum cc_cause cause)
{
	stop_playing(s);
	queue_leave(s);
	offers_end(s, CC_OUT_CALLER_GONE);
	visit_end(s, cause);
	s->c->node = NODE_GOODBYE;
	s->c->cause = cause;
	prompt(s, (const char *const[]){name, NULL}, 0);
}

/* ---- inputs ---- */

static void begin(struct step *s)
{
	static const char *const kinds[] = {
			[CC_ROUTE_QUEUE] = "queue",
			[CC_ROUTE_AGENT] = "agent",
			[CC_ROUTE_CODE] = "code",
			[CC_ROUTE_REFUSE] = "refuse",
	};
	struct cc_call *c = s->c;
	const struct cc_route *r = &c->route;

	call_journal(s);
	cc_jsonw_str(&s->json, "dir", call_dir_name(c->dir));
	cc_jsonw_str(&s->json, "from", c->from);
	cc_jsonw_str(&s->json, "from_name", c->from_name);
	cc_jsonw_str(&s->json, "to", c->to);
	cc_jsonw_str(&s->json, "did", c->did);
	cc_jsonw_str(&s->json, "trunk", c->trunk);
	call_json_agent(s, "agent", c->caller_agent);
	cc_jsonw_str(&s->json, "sip_call_id", c->sip_call_id);
	call_journal_end(s, CC_EV_CALL_NEW);
	legs_announce(s);
	if (r->kind == CC_ROUTE_QUEUE)
		c->queue = r->index;
	call_journal(s);
	cc_jsonw_str(&s->json, "node", kinds[r->kind]);
	cc_jsonw_str(&s->json, "target", c->queue >= 0 ? queue_of(c)->number : c->to);
	call_journal_end(s, CC_EV_CALL_ROUTE);

	if (r->kind == CC_ROUTE_REFUSE || r->kind == CC_ROUTE_AGENT) {
		bool known = r->kind == CC_ROUTE_REFUSE;

		finish(s, known ? r->cause : CC_CAUSE_FAILED, CC_SIDE_SYSTEM, known ? r->sip_code : 480,
				known ? r->reason : "Temporarily Unavailable");
		return;
	}
	c->node = NODE_ANSWERING;
	call_text(s, call_act(s, CC_ACT_RESPOND, CALLER), "Ringing");
	s->out->a[s->out->count - 1].code = 180;
	call_act(s, CC_ACT_ANSWER, CALLER);
	timer_set(s, TIMER_GUARD, GUARD_ANSWER_MS);
}

static void caller_up(struct step *s)
{
	struct cc_call *c = s->c;
	const struct cc_conf_queue *q = queue_of(c);

	c->answered_ms = s->now;
	timer_set(s, TIMER_GUARD, 0);
	call_journal(s);
	call_json_ulid(s, "leg", &c->legs[CALLER].id);
	call_journal_end(s, CC_EV_CALL_ANSWER);
	mix(s);
	if (c->route.kind == CC_ROUTE_CODE) {
		struct cc_call_action *a = call_act(s, CC_ACT_AGENT_COMMAND, -1);

		c->node = NODE_CODE;
		a->agent = c->caller_agent;
		a->code = c->route.code;
		timer_set(s, TIMER_GUARD, GUARD_ANSWER_MS);
	} else if (q->entry_prompt[0]) {
		c->node = NODE_ENTRY;
		prompt(s, (const char *const[]){q->entry_prompt, NULL}, 0);
	} else {
		queue_enter(s);
	}
}

static void agent_up(struct step *s, int32_t leg)
{
	struct cc_call *c = s->c;
	struct cc_call_leg *l = &c->legs[leg];
	struct cc_call_offer *o = offer_of(c, l->agent_epoch, l->agent);
	const struct cc_conf_queue *q = queue_of(c);
	struct cc_call_action *a;

	if (c->node != NODE_QUEUE || !o) {
		leg_hangup(s, leg, 0);
		return;
	}
	c->node = NODE_TALK;
	c->bridged_leg = leg;
	c->bridged_agent = o->agent;
	c->bridged_epoch = o->epoch;
	c->bridged_ms = c->connected_ms = s->now;
	c->ring_ms = s->now - (o->ringing_ms ? o->ringing_ms : o->offered_ms);
	strcpy(c->last_agent, cc_conf_agent_at(c->conf, o->agent)->number);
	memset(o, 0, sizeof(*o));
	stop_playing(s);
	mix(s);
	/* before the call leaves the queue: it leaves as an answered one */
	a = call_act(s, CC_ACT_AGENT_TALKING, -1);
	a->agent = c->bridged_agent;
	a->epoch = c->bridged_epoch;
	queue_leave(s);
	json_visit(s, c->bridged_agent);
	cc_jsonw_int(&s->json, "wait_ms", s->now - c->entered_ms);
	cc_jsonw_int(&s->json, "ring_ms", c->ring_ms);
	call_journal_end(s, CC_EV_QUEUE_CONNECT);
	call_journal(s);
	call_json_ulid(s, "leg", &c->legs[CALLER].id);
	call_json_ulid(s, "peer", &l->id);
	call_json_agent(s, "agent", c->bridged_agent);
	call_journal_end(s, CC_EV_CALL_BRIDGE);
	if (q->record)
		record(s, true, "");
	/* the agent's other contacts, and the other agents of a ring-all */
	for (int i = 1; i < CC_CALL_LEGS; i++)
		if (i != leg && c->legs[i].state != CC_LEG_FREE &&
				c->legs[i].agent_epoch == l->agent_epoch && c->legs[i].agent == l->agent)
			leg_hangup(s, i, 0);
	offers_end(s, CC_OUT_CALLER_GONE);
}

static void leg_up(struct step *s, int32_t leg)
{
	struct cc_call_leg *l = &s->c->legs[leg];

	l->state = CC_LEG_UP;
	l->answered_ms = s->now;
	call_journal(s);
	call_json_ulid(s, "leg", &l->id);
	cc_jsonw_str(&s->json, "role", call_role_name(l->role));
	call_json_agent(s, "agent", l->agent);
	call_journal_end(s, CC_EV_LEG_ANSWER);
	if (leg != CALLER)
		agent_up(s, leg);
	else if (s->c->node == NODE_ANSWERING)
		caller_up(s);
}

static void leg_ringing(struct step *s, const struct cc_call_input *in)
{
	struct cc_call_leg *l = &s->c->legs[in->leg];
	struct cc_call_offer *o = offer_of(s->c, l->agent_epoch, l->agent);
	struct cc_call_action *a;

	if (l->state != CC_LEG_TRYING)
		return;
	l->state = CC_LEG_RINGING;
	l->ringing_ms = s->now;
	call_journal(s);
	call_json_ulid(s, "leg", &l->id);
	cc_jsonw_str(&s->json, "role", call_role_name(l->role));
	call_json_agent(s, "agent", l->agent);
	cc_jsonw_int(&s->json, "code", in->code);
	call_journal_end(s, CC_EV_LEG_RING);
	if (!o || o->ringing_ms)
		return;
	o->ringing_ms = s->now;
	a = call_act(s, CC_ACT_AGENT_RINGING, -1);
	a->agent = o->agent;
	a->epoch = o->epoch;
}

/* A leg that ended or never came up. */
static void leg_over(struct step *s, const struct cc_call_input *in)
{
	struct cc_call *c = s->c;
	struct cc_call_leg l = c->legs[in->leg];
	struct cc_call_offer *o;
	bool failed = in->kind == CC_IN_LEG_FAILED;

	leg_gone(s, in, failed ? "system" : call_role_name(l.role));
	if (in->leg == CALLER) {
		if (c->node == NODE_TALK)
			finish(s, CC_CAUSE_ANSWERED, failed ? CC_SIDE_SYSTEM : CC_SIDE_CALLER, 200, "OK");
		else if (c->node == NODE_GOODBYE)
			finish(s, c->cause, CC_SIDE_SYSTEM, 200, "OK");
		else if (failed)
			finish(s, CC_CAUSE_FAILED, CC_SIDE_SYSTEM, in->code, in->text);
		else
			finish(s, CC_CAUSE_CALLER_HANGUP, CC_SIDE_CALLER, in->code ? in->code : 487, in->text);
		return;
	}
	if (in->leg == c->bridged_leg) {
		finish(s, CC_CAUSE_ANSWERED, failed ? CC_SIDE_SYSTEM : CC_SIDE_CALLEE, 200, "OK");
		return;
	}
	o = offer_of(c, l.agent_epoch, l.agent);
	if (!o)
		return;
	offer_code(s, o, in->code);
}

static void prompt_done(struct step *s)
{
	struct cc_call *c = s->c;

	c->legs[CALLER].play_token = 0;
	timer_set(s, TIMER_GUARD, 0);
	if (c->node == NODE_ENTRY)
		queue_enter(s);
	else if (c->node == NODE_GOODBYE)
		finish(s, c->cause, CC_SIDE_SYSTEM, 200, "OK");
}

static void command_done(struct step *s, int32_t error)
{
	static const char *const said[] = {[CC_CODE_SIGN_IN] = "signed_in",
			[CC_CODE_SIGN_OUT] = "signed_out",
			[CC_CODE_IDLE] = "agent_idle",
			[CC_CODE_BUSY] = "agent_busy"};

	if (s->c->node == NODE_CODE)
		goodbye(s, error ? "not_allowed" : said[s->c->route.code], CC_CAUSE_ANSWERED);
}

static void queue_out(struct step *s, enum cc_cause cause)
{
	const char *name = "queue_timeout";

	if (s->c->node != NODE_QUEUE || !s->c->waiting)
		return;
	if (cause == CC_CAUSE_QUEUE_EXIT || cause == CC_CAUSE_QUEUE_FULL_OVERFLOW)
		name = "queue_full";
	else if (cause == CC_CAUSE_QUEUE_JOIN_EMPTY)
		name = "queue_closed";
	goodbye(s, name, cause);
}

/* Not said while a phone rings: the next thing to hear is the agent. */
static void position(struct step *s, int32_t position)
{
	struct cc_call *c = s->c;

	if (c->node != NODE_QUEUE || !c->waiting || position <= 0)
		return;
	c->position = position;
	if (c->legs[CALLER].play_token == 0 && !ringing(c))
		prompt(s, (const char *const[]){"position_before", "position_after", NULL}, position);
}

static void timers(struct step *s)
{
	struct cc_call *c = s->c;

	for (int i = 0; i < CC_CALL_OFFERS; i++)
		if (c->offers[i].epoch && c->offers[i].deadline_ms <= s->now)
			offer_end(s, &c->offers[i], CC_OUT_NOANSWER);
	for (int i = 0; i < CC_CALL_TIMERS && c->node != NODE_OVER; i++) {
		if (c->deadline_ms[i] == 0 || c->deadline_ms[i] > s->now)
			continue;
		c->deadline_ms[i] = 0;
		if (i == TIMER_WAIT)
			queue_out(s, CC_CAUSE_QUEUE_TIMEOUT);
		else if (i == TIMER_ANNOUNCE) {
			call_act(s, CC_ACT_QUEUE_POSITION, -1)->visit = c->visit;
			timer_set(s, TIMER_ANNOUNCE, queue_of(c)->announce_period_ms);
		} else if (c->node == NODE_ANSWERING)
			finish(s, CC_CAUSE_FAILED, CC_SIDE_SYSTEM, 408, "Request Timeout");
		else if (c->node == NODE_CODE)
			command_done(s, CC_E_TIMEOUT);
		else
			prompt_done(s);
	}
}

static void restart_mixer(struct step *s)
{
	struct cc_call *c = s->c;

	if (c->legs[CALLER].state != CC_LEG_UP)
		return;
	mix(s);
	if (c->node == NODE_QUEUE)
		music(s);
	if (c->legs[CALLER].play_token)
		play(s, CC_LAYER_PROMPT, c->prompt, 1);
}

static void restart_media(struct step *s, int32_t parts)
{
	if (parts & CC_MEDIA_MIXER)
		restart_mixer(s);
	if ((parts & CC_MEDIA_RTPENGINE) && s->c->recording) {
		record(s, false, "restart");
		record(s, true, "");
	}
}

/* Transactions die with the engine: whoever rang or was being answered is lost, whoever talked or
 * waited goes on. */
static void restored(struct step *s, const struct cc_call_input *in)
{
	struct cc_call *c = s->c;
	struct cc_call_action *a;
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
	if (c->legs[CALLER].state == CC_LEG_FREE ||
			(c->bridged_leg >= 0 && c->legs[c->bridged_leg].state == CC_LEG_FREE)) {
		finish(s, c->bridged_ms ? CC_CAUSE_ANSWERED : CC_CAUSE_FAILED, CC_SIDE_SYSTEM, 500,
				"Server Internal Error");
		return;
	}
	offers_end(s, CC_OUT_FAILED);
	restart_mixer(s);
	if (c->recording) {
		a = call_act(s, CC_ACT_RECORD, CALLER);
		a->on = true;
		a->segment = c->segment;
	}
}

static void digit(struct step *s, const struct cc_call_input *in)
{
	const char text[2] = {in->digit, '\0'};

	call_journal(s);
	call_json_ulid(s, "leg", &s->c->legs[in->leg].id);
	cc_jsonw_str(&s->json, "digit", text);
	cc_jsonw_str(&s->json, "src", in->inband ? "inband" : "rfc4733");
	call_journal_end(s, CC_EV_LEG_DTMF);
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
	case CC_IN_LEG_UP:
	case CC_IN_LEG_FAILED:
	case CC_IN_LEG_ENDED:
	case CC_IN_PLAY_DONE:
	case CC_IN_DTMF:
	case CC_IN_SILENCE:
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
	if (c->node != NODE_NEW)
		legs_announce(&s);
	switch (in->kind) {
	case CC_IN_NEW:
		if (c->node == NODE_NEW)
			begin(&s);
		break;
	case CC_IN_LEG_RINGING:
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
		dead.kind = CC_IN_LEG_FAILED;
		dead.code = 408;
		leg_over(&s, &dead);
		break;
	case CC_IN_DIALLED:
		dialled(&s, in);
		break;
	case CC_IN_PLAY_DONE:
		if (in->leg == CALLER && in->token && in->token == c->legs[CALLER].play_token)
			prompt_done(&s);
		break;
	case CC_IN_DTMF:
		digit(&s, in);
		break;
	case CC_IN_GRANT:
		grant(&s, in);
		break;
	case CC_IN_QUEUE_OUT:
		queue_out(&s, in->cause);
		break;
	case CC_IN_POSITION:
		position(&s, in->count);
		break;
	case CC_IN_COMMAND_DONE:
		command_done(&s, in->code);
		break;
	case CC_IN_TIMER:
		timers(&s);
		break;
	case CC_IN_HANGUP:
		finish(&s, c->bridged_ms ? CC_CAUSE_ANSWERED : CC_CAUSE_FAILED, CC_SIDE_SYSTEM, 480,
				"Temporarily Unavailable");
		break;
	case CC_IN_RESTART_MEDIA:
		restart_media(&s, in->code);
		break;
	case CC_IN_RESTORED:
		restored(&s, in);
		break;
	}
	schedule(c);
}

bool cc_call_over(const struct cc_call *c)
{
	return c->node == NODE_OVER;
}
