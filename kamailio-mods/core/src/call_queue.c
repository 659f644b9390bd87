/* SPDX-License-Identifier: GPL-2.0-or-later
 * Waiting in a queue: the visit, what the caller hears, what he can press, how he leaves. */
#include <string.h>

#include "call_private.h"

#define HOPS_MAX 10 /* queues may send calls to each other in circles */
#define CALLBACK_WAIT_MS (4 * 60 * 60 * 1000LL)
#define MINUTE_MS 60000
#define WAIT_MINUTES_MAX 60 /* a longer estimate is not worth saying */

/* What waits to be said. */
enum
{
	SAY_POSITION = 1,
	SAY_MENU = 2,
	SAY_PERIODIC = 4
};

const struct cc_conf_queue *call_queue(const struct cc_call *c)
{
	return c->queue >= 0 ? cc_conf_queue_at(c->conf, c->queue) : NULL;
}

void call_json_visit(struct step *s, int32_t agent)
{
	call_journal(s);
	cc_jsonw_str(&s->json, "queue", call_queue(s->c)->number);
	cc_jsonw_int(&s->json, "visit", s->c->visit);
	call_json_agent(s, "agent", agent);
}

/* Who was called is no customer that the queue let wait: its figures are without him. */
static void json_predictive(struct step *s)
{
	if (s->c->predictive)
		cc_jsonw_bool(&s->json, "predictive", true);
}

/* ---- entering ---- */

static void timers_start(struct step *s)
{
	const struct cc_conf_queue *q = call_queue(s->c);

	call_timer(s, TIMER_WAIT, q->max_wait_ms);
	call_timer(s, TIMER_POSITION, q->announce_position || q->announce_wait ? 1 : 0); /* at once */
	call_timer(s, TIMER_MENU, q->menu_prompt[0] ? 1 : 0);
	call_timer(s, TIMER_PERIODIC, q->periodic_prompt[0] ? q->periodic_ms : 0);
}

static void timers_stop(struct step *s)
{
	for (int i = TIMER_WAIT; i <= TIMER_MENU; i++)
		call_timer(s, (enum timer)i, 0);
	s->c->say = 0;
}

void call_queue_enter(struct step *s)
{
	struct cc_call *c = s->c;
	struct cc_call_action *a;
	int32_t level = cc_conf_vip_level(c->conf, c->queue, cc_call_customer(c));

	c->node = NODE_QUEUE;
	c->visit++;
	c->waiting = true;
	c->entered_ms = s->now;
	c->position = 0;
	call_json_visit(s, -1);
	cc_jsonw_str(&s->json, "from", cc_call_customer(c));
	cc_jsonw_str(&s->json, "from_name", cc_call_customer_name(c));
	cc_jsonw_str(&s->json, "did", c->did);
	if (level > 0)
		cc_jsonw_str(&s->json, "vip", cc_vip_name(level));
	call_json_hide(s);
	json_predictive(s);
	call_journal_end(s, CC_EV_QUEUE_ENTER);
	call_music(s, call_queue(c)->music);
	a = call_act(s, CC_ACT_QUEUE_ENTER, -1);
	a->queue = c->queue;
	a->visit = c->visit;
	a->priority = level;
	a->since_ms = c->since_ms;
	timers_start(s);
}

/* ---- leaving ---- */

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
	case CC_CAUSE_TRANSFERRED: /* by a key */
		return "overflowed";
	default:
		return "abandoned";
	}
}

void call_queue_leave(struct step *s)
{
	if (!s->c->waiting)
		return;
	s->c->waiting = false;
	call_act(s, CC_ACT_QUEUE_LEAVE, -1)->visit = s->c->visit;
	timers_stop(s);
}

void call_visit_end(struct step *s, enum cc_cause cause)
{
	struct cc_call *c = s->c;

	if (!c->entered_ms)
		return;
	call_queue_leave(s);
	call_json_visit(s, c->connected_ms ? c->bridged_agent : -1);
	cc_jsonw_str(&s->json, "result", visit_result(c->connected_ms ? CC_CAUSE_ANSWERED : cause));
	cc_jsonw_str(&s->json, "cause", cc_cause_name(c->connected_ms ? CC_CAUSE_ANSWERED : cause));
	cc_jsonw_int(&s->json, "wait_ms", (c->connected_ms ? c->connected_ms : s->now) - c->entered_ms);
	if (c->connected_ms)
		cc_jsonw_int(&s->json, "talk_ms", s->now - c->connected_ms);
	if (c->position)
		cc_jsonw_int(&s->json, "position", c->position);
	json_predictive(s);
	call_journal_end(s, CC_EV_QUEUE_LEAVE);
	c->entered_ms = c->connected_ms = c->since_ms = 0;
}

/* The visit is over, and the call goes on to the target: whether there is one. */
static bool move_on(struct step *s, enum cc_cause cause, const struct cc_conf_target *to)
{
	struct cc_call *c = s->c;

	call_queue_leave(s);
	call_offers_end(s, CC_OUT_CALLER_GONE);
	call_visit_end(s, cause);
	c->cause = cause;
	if (to->kind == CC_TARGET_HANGUP || c->hops >= HOPS_MAX || !call_caller_up(c))
		return false;
	c->hops++;
	call_quiet(s);
	cc_route_target(&c->route, c->conf, to);
	call_go(s);
	return true;
}

void call_queue_out(struct step *s, enum cc_cause cause)
{
	const struct cc_conf_target *to;
	const char *name = "queue_timeout";

	if (s->c->node != NODE_QUEUE || !s->c->waiting)
		return;
	to = &call_queue(s->c)->overflow;
	if (cause == CC_CAUSE_QUEUE_FULL_OVERFLOW && to->kind == CC_TARGET_HANGUP)
		cause = CC_CAUSE_QUEUE_EXIT;
	if (cause == CC_CAUSE_QUEUE_EXIT)
		name = "queue_full";
	else if (cause == CC_CAUSE_QUEUE_JOIN_EMPTY || cause == CC_CAUSE_QUEUE_EMPTY_OVERFLOW)
		name = "queue_closed";
	if (!move_on(s, cause, to))
		call_goodbye(s, name, cause);
}

/* The caller hangs up, the call stays where it is. */
static void callback(struct step *s)
{
	struct cc_call *c = s->c;

	if (c->dir != CC_DIR_IN || !c->trunk[0] || c->from[strspn(c->from, "+0123456789")] ||
			strlen(c->from) < 3) {
		call_say_one(s, "not_allowed");
		return;
	}
	timers_stop(s);
	call_timer(s, TIMER_WAIT, CALLBACK_WAIT_MS);
	call_quiet(s);
	c->callback = true;
	call_json_visit(s, -1);
	call_journal_end(s, CC_EV_QUEUE_CALLBACK);
	call_say_one(s, "callback_promised");
}

void call_queue_key(struct step *s, char digit)
{
	struct cc_call *c = s->c;
	const struct cc_conf_target *to;

	if (c->node != NODE_QUEUE || !c->waiting || c->callback)
		return;
	to = cc_conf_key(c->conf, c->queue, digit);
	if (!to)
		return;
	if (to->kind == CC_TARGET_CALLBACK)
		callback(s);
	else if (to->kind == CC_TARGET_HANGUP)
		call_finish(s, CC_CAUSE_CALLER_HANGUP, CC_SIDE_CALLER, 200, "OK");
	else if (!move_on(s, CC_CAUSE_TRANSFERRED, to))
		call_goodbye(s, "not_allowed", CC_CAUSE_TRANSFERRED);
}

/* ---- announcements ---- */

/* Not while a phone rings: the next thing to hear is the agent. */
static bool may_say(const struct cc_call *c)
{
	return c->node == NODE_QUEUE && c->waiting && !c->callback &&
		   c->legs[c->caller_leg].play_token == 0 && !call_offered(c);
}

static void say_menu(struct step *s)
{
	const struct cc_conf_queue *q = call_queue(s->c);
	struct cc_prompts p;

	call_say_begin(s, &p);
	for (int32_t i = 0; i < q->menu_repeat || i == 0; i++)
		cc_prompts_add(&p, q->menu_prompt);
	call_say(s);
}

void call_queue_say(struct step *s)
{
	struct cc_call *c = s->c;

	if (!may_say(c))
		return;
	if (c->say & SAY_POSITION) {
		c->say &= ~(uint32_t)SAY_POSITION;
		call_act(s, CC_ACT_QUEUE_POSITION, -1)->visit = c->visit;
	} else if (c->say & SAY_MENU) {
		c->say &= ~(uint32_t)SAY_MENU;
		say_menu(s);
	} else if (c->say & SAY_PERIODIC) {
		c->say &= ~(uint32_t)SAY_PERIODIC;
		call_say_one(s, call_queue(c)->periodic_prompt);
	}
}

void call_queue_position(struct step *s, int32_t position, int64_t wait_ms)
{
	struct cc_call *c = s->c;
	const struct cc_conf_queue *q = call_queue(c);
	int64_t minutes = (wait_ms + MINUTE_MS - 1) / MINUTE_MS;
	struct cc_prompts p;

	if (c->node != NODE_QUEUE || !c->waiting)
		return;
	if (position > 0)
		c->position = position;
	if (!may_say(c))
		return;
	call_say_begin(s, &p);
	if (q->announce_position && position > 0) {
		cc_prompts_add(&p, "position_before");
		cc_prompts_number(&p, position);
		cc_prompts_add(&p, "position_after");
	}
	if (q->announce_wait && minutes > 0 && minutes <= WAIT_MINUTES_MAX) {
		cc_prompts_add(&p, "wait_before");
		cc_prompts_number(&p, (int32_t)minutes);
		cc_prompts_add(&p, minutes == 1 ? "wait_after_one" : "wait_after");
	}
	if (p.len)
		call_say(s);
	else
		call_queue_say(s);
}

void call_queue_timer(struct step *s, enum timer timer)
{
	const struct cc_conf_queue *q = call_queue(s->c);

	switch (timer) {
	case TIMER_WAIT:
		call_queue_out(s, CC_CAUSE_QUEUE_TIMEOUT);
		return;
	case TIMER_POSITION:
		s->c->say |= SAY_POSITION;
		call_timer(s, timer, q->announce_period_ms);
		break;
	case TIMER_MENU:
		s->c->say |= SAY_MENU;
		call_timer(s, timer, q->menu_period_ms);
		break;
	default:
		s->c->say |= SAY_PERIODIC;
		call_timer(s, timer, q->periodic_ms);
	}
	call_queue_say(s);
}

static void rearm(struct step *s, enum timer timer, uint32_t what, bool wanted, int64_t period_ms)
{
	if (wanted && s->c->deadline_ms[timer])
		return;
	if (!wanted)
		s->c->say &= ~what;
	call_timer(s, timer, wanted ? period_ms : 0);
}

/* An option may have changed: what is not said any more stops, what is said now begins. */
void call_queue_configured(struct step *s)
{
	struct cc_call *c = s->c;
	const struct cc_conf_queue *q = call_queue(c);
	int64_t waited;

	if (c->node != NODE_QUEUE || !c->waiting || c->callback)
		return;
	if (strcmp(c->music, q->music) != 0)
		call_music(s, q->music);
	waited = s->now - c->entered_ms;
	call_timer(s, TIMER_WAIT,
			q->max_wait_ms == 0       ? 0
			: q->max_wait_ms > waited ? q->max_wait_ms - waited
									  : 1);
	rearm(s, TIMER_POSITION, SAY_POSITION, q->announce_position || q->announce_wait,
			q->announce_period_ms);
	rearm(s, TIMER_MENU, SAY_MENU, q->menu_prompt[0], q->menu_period_ms);
	rearm(s, TIMER_PERIODIC, SAY_PERIODIC, q->periodic_prompt[0], q->periodic_ms);
}
