/* SPDX-License-Identifier: GPL-2.0-or-later
 * Sound before the answer. Who waits for somebody outside hears what the network there says, such
 * as an announcement, as soon as there is something; until then a phone that is not answered itself
 * makes its own ring tone, and everybody else hears one of ours. Nobody outside hears anything
 * before the answer. */
#include "call_private.h"

/* The leg of who waits for that one, -1: nobody waits for a number outside. */
static int32_t waits_for(const struct cc_call *c, int32_t leg)
{
	if (c->node != NODE_DIAL && !(c->node == NODE_JOIN && c->callback))
		return -1;
	return call_out_waiting(c, leg);
}

static void tone(struct step *s, int32_t leg, bool on)
{
	if (leg == s->c->caller_leg)
		call_music(s, on ? "tone:ringback" : "");
	else if (on)
		call_play(s, leg, CC_LAYER_MUSIC, "tone:ringback", 0);
	else
		call_act(s, CC_ACT_STOP, leg)->layer = CC_LAYER_MUSIC;
}

void call_early_ringing(struct step *s, int32_t leg, bool sound)
{
	struct cc_call *c = s->c;
	int32_t ear = waits_for(c, leg);
	bool listens;

	if (ear < 0)
		return;
	listens = c->early_ear || c->legs[ear].state == CC_LEG_UP;
	if (!sound && !listens)
		call_respond(s, ear, 180, "Ringing");
	if (!sound || c->early_leg >= 0)
		return;
	c->early_leg = leg;
	if (listens)
		tone(s, ear, false);
	else
		call_respond(s, ear, 183, "Session Progress");
	c->early_ear = true;
	call_mix(s);
}

void call_early_over(struct step *s)
{
	struct cc_call *c = s->c;
	int32_t ear = waits_for(c, c->early_leg);

	c->early_leg = -1;
	call_mix(s);
	if (ear >= 0)
		tone(s, ear, true);
}
