/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the legs of a call hear: music, prompts, each other; and the recording. */
#include <string.h>

#include "call_private.h"

#define GUARD_PROMPT_MS 20000 /* no prompt is that long */
#define GAIN_FULL 256
/* cc-recd measures packets, we time: it forgets only what is clearly too short */
#define LEAST_SLACK_MS 500

void call_play(struct step *s, int32_t leg, enum cc_layer layer, const char *list, int32_t repeat)
{
	struct cc_call_action *a = call_act(s, CC_ACT_PLAY, leg);

	a->layer = layer;
	a->token = s->c->next_token++;
	a->repeat = repeat;
	call_text(s, a, list);
	if (layer == CC_LAYER_PROMPT)
		s->c->legs[leg].play_token = a->token;
}

void call_say_begin(struct step *s, struct cc_prompts *p)
{
	cc_prompts_init(p, s->c->conf->language, s->c->prompt, sizeof(s->c->prompt));
}

void call_say(struct step *s)
{
	int64_t guard = GUARD_PROMPT_MS;

	for (const char *at = s->c->prompt; (at = strchr(at, '\n')); at++)
		guard += GUARD_PROMPT_MS;
	call_play(s, s->c->caller_leg, CC_LAYER_PROMPT, s->c->prompt, 1);
	call_timer(s, TIMER_GUARD, guard);
}

void call_tell(struct step *s)
{
	struct cc_call *c = s->c;

	/* what the caller may still be told is not told again after cc-mixd's restart: c->prompt is the
	 * agent's now */
	c->legs[c->caller_leg].play_token = 0;
	call_play(s, c->bridged_leg, CC_LAYER_PROMPT, c->prompt, 1);
}

void call_say_one(struct step *s, const char *name)
{
	struct cc_prompts p;

	call_say_begin(s, &p);
	cc_prompts_add(&p, name);
	call_say(s);
}

void call_music(struct step *s, const char *name)
{
	struct cc_call *c = s->c;

	if (name[0])
		call_play(s, c->caller_leg, CC_LAYER_MUSIC, name, 0);
	else if (c->music[0])
		call_act(s, CC_ACT_STOP, c->caller_leg)->layer = CC_LAYER_MUSIC;
	if (name != c->music)
		strcpy(c->music, name);
}

const char *call_hold_music(const struct cc_call *c)
{
	return c->entered_ms ? call_queue(c)->hold_music : c->conf->hold_music;
}

void call_quiet(struct step *s)
{
	struct cc_call_leg *caller = &s->c->legs[s->c->caller_leg];

	call_music(s, "");
	if (caller->play_token)
		call_act(s, CC_ACT_STOP, s->c->caller_leg)->layer = CC_LAYER_PROMPT;
	caller->play_token = 0;
	call_timer(s, TIMER_GUARD, 0);
}

void call_mix(struct step *s)
{
	struct cc_call_action *a = call_act(s, CC_ACT_MIX, call_code_leg(s->c));
	const struct cc_call *c = s->c;
	int talkers;

	if (call_caller_up(c) || c->early_leg == c->caller_leg)
		a->legs[a->count++] = c->caller_leg;
	if (c->bridged_leg >= 0 && c->node != NODE_MOVE)
		a->legs[a->count++] = c->bridged_leg;
	if (c->early_leg >= 0 && c->early_leg != c->caller_leg)
		a->legs[a->count++] = c->early_leg;
	talkers = a->count; /* who come behind talk about the caller, who does not hear it */
	if (c->other_leg >= 0 && c->consult_leg >= 0) {
		a->legs[a->count++] = c->consult_leg;
		a->legs[a->count++] = c->other_leg;
	}
	for (int i = 0; i < a->count; i++)
		for (int j = 0; j < a->count; j++)
			a->gain[i][j] = i != j && (i < talkers) == (j < talkers) &&
											a->legs[i] != c->early_leg &&
											!call_code_muted(c, a->legs[j])
									? GAIN_FULL
									: 0;
}

void call_record_order(struct step *s)
{
	const struct cc_call *c = s->c;
	struct cc_call_action *a = call_act(s, CC_ACT_RECORD, c->caller_leg);

	a->on = c->recording;
	a->segment = c->segment;
	a->message = c->message_ms != 0;
	if (a->message && c->segment == c->message_segment && c->message_least_ms > LEAST_SLACK_MS)
		a->least_ms = c->message_least_ms - LEAST_SLACK_MS;
}

void call_record(struct step *s, bool on, const char *why)
{
	struct cc_call *c = s->c;

	if (c->recording == on)
		return;
	c->recording = on;
	if (on)
		c->segment++;
	call_record_order(s);
	call_journal(s);
	call_json_ulid(s, "leg", &c->legs[c->caller_leg].id);
	cc_jsonw_int(&s->json, "segment", c->segment);
	if (!on)
		cc_jsonw_str(&s->json, "why", why);
	call_journal_end(s, on ? CC_EV_REC_START : CC_EV_REC_STOP);
}

static void restart_mixer(struct step *s)
{
	struct cc_call *c = s->c;

	call_agent_ask_again(s);
	if (!call_caller_up(c) && c->bridged_leg < 0)
		return;
	call_mix(s);
	if (c->music[0] && call_caller_up(c))
		call_music(s, c->music);
	for (int i = 0; i < CC_CALL_LEGS; i++)
		if (c->legs[i].state == CC_LEG_UP && c->legs[i].play_token)
			call_play(s, i, CC_LAYER_PROMPT, c->prompt, 1);
	if (c->node == NODE_MESSAGE)
		call_message_watch(s);
}

void call_restart_media(struct step *s, int32_t parts)
{
	if (parts & CC_MEDIA_MIXER)
		restart_mixer(s);
	if ((parts & CC_MEDIA_RTPENGINE) && s->c->recording) {
		call_record(s, false, "restart");
		call_record(s, true, "");
	}
}
