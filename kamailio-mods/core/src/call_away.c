/* SPDX-License-Identifier: GPL-2.0-or-later
 * The page in which an agent talks is gone: loaded again, closed, or its browser crashed. The
 * customer hears the music of a held call while the agent's web phones are called, which answer by
 * themselves; the agent stays reserved. When none is there in time the customer of a queue is its
 * first again, and other calls end. */
#include <string.h>

#include "call_private.h"

#define AWAY_MS 12000 /* for so long the page is waited for */
#define AWAY_AGAIN_MS 500

/* The customer of a queue goes back to the head of the line. */
static void give_up(struct step *s)
{
	struct cc_call *c = s->c;
	int64_t since = c->entered_ms;

	c->away_until_ms = 0;
	if (!since) {
		call_finish(s, CC_CAUSE_ANSWERED, CC_SIDE_SYSTEM, 200, "OK");
		return;
	}
	call_record(s, false, "agent_lost"); /* begins anew when another agent talks */
	call_quiet(s);
	call_agent_leave(s);
	call_mix(s);
	c->since_ms = since;
	call_queue_enter(s);
}

/* Nobody wants to wait in silence, also where a held caller does. */
static const char *music(const struct cc_call *c)
{
	const char *held = call_hold_music(c);

	return !held[0] && c->entered_ms ? call_queue(c)->music : held;
}

static void seek(struct step *s)
{
	struct cc_call *c = s->c;
	struct cc_call_action *a;

	c->offers[0] = (struct cc_call_offer){.agent = c->bridged_agent,
			.epoch = c->bridged_epoch,
			.direct = true,
			.offered_ms = s->now,
			.deadline_ms = c->away_until_ms};
	a = call_act(s, CC_ACT_DIAL_AGENT, -1);
	a->agent = c->bridged_agent;
	a->epoch = c->bridged_epoch;
	a->queue = c->entered_ms ? c->queue : -1;
	a->on = a->page = true;
}

bool call_agent_away(struct step *s)
{
	struct cc_call *c = s->c;
	struct cc_call_action *a;

	if (c->node != NODE_TALK || c->bridged_agent < 0 || !call_caller_up(c))
		return false;
	if (c->consult_leg >= 0)
		call_consult_over(s);
	call_offers_end(s, CC_OUT_CALLER_GONE);
	call_keys_forget(s);
	if (c->held) {
		a = call_act(s, CC_ACT_AGENT_HOLD, -1);
		a->agent = c->bridged_agent;
		a->epoch = c->bridged_epoch;
	}
	c->held = false;
	c->bridged_leg = -1;
	c->node = NODE_AWAY;
	c->away_until_ms = s->now + AWAY_MS;
	call_quiet(s);
	call_mix(s);
	call_music(s, music(c));
	seek(s);
	return true;
}

void call_away_again(struct step *s)
{
	if (s->now >= s->c->away_until_ms)
		give_up(s);
	else
		call_timer(s, TIMER_GUARD, AWAY_AGAIN_MS);
}

void call_away_timer(struct step *s)
{
	if (s->now >= s->c->away_until_ms)
		give_up(s);
	else if (!call_offered(s->c))
		seek(s);
}

void call_away_back(struct step *s, struct cc_call_offer *o, int32_t leg)
{
	struct cc_call *c = s->c;

	call_offer_won(s, o, leg);
	c->bridged_leg = leg;
	c->away_until_ms = 0;
	c->node = NODE_TALK;
	call_quiet(s);
	call_mix(s);
}
