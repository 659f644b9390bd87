/* SPDX-License-Identifier: GPL-2.0-or-later
 * A caller leaves a message (TEL-22): greeting, tone, and the message, which is the recording of
 * what he says from the end of the tone on. */
#include "call_private.h"

static const char *greeting(const struct cc_call *c)
{
	const struct cc_conf *conf = c->conf;
	int32_t i = c->route.group ? cc_conf_queue_find(conf, c->route.box)
							   : cc_conf_agent_find(conf, c->route.box);
	const char *own = i < 0            ? ""
					  : c->route.group ? cc_conf_queue_at(conf, i)->greeting
									   : cc_conf_agent_at(conf, i)->greeting;

	return own[0] ? own : conf->voicemail_greeting;
}

void call_voicemail(struct step *s)
{
	struct cc_prompts p;
	const char *name = greeting(s->c);

	s->c->node = NODE_GREETING;
	call_say_begin(s, &p);
	if (name[0])
		cc_prompts_add(&p, name);
	cc_prompts_other(&p, "tone:beep");
	call_say(s);
}

void call_message_watch(struct step *s)
{
	call_act(s, CC_ACT_WATCH, s->c->caller_leg)->quiet_ms = s->c->conf->voicemail_silence_ms;
}

void call_message_begin(struct step *s)
{
	struct cc_call *c = s->c;

	c->node = NODE_MESSAGE;
	call_record(s, false, "voicemail"); /* what is recorded of a talk before is another segment */
	c->message_ms = s->now;
	c->message_segment = c->segment + 1;
	c->message_least_ms = c->conf->voicemail_min_ms;
	call_record(s, true, "");
	if (c->conf->voicemail_silence_ms)
		call_message_watch(s);
	call_timer(s, TIMER_GUARD, c->conf->voicemail_max_ms);
}

void call_message_journal(struct step *s, int64_t ms)
{
	const struct cc_call *c = s->c;

	call_journal(s);
	cc_jsonw_str(&s->json, c->route.group ? "queue" : "agent", c->route.box);
	cc_jsonw_int(&s->json, "segment", c->message_segment);
	cc_jsonw_int(&s->json, "last", c->segment);
	cc_jsonw_int(&s->json, "ms", ms);
	cc_jsonw_str(&s->json, "from", cc_call_customer(c));
	cc_jsonw_str(&s->json, "from_name", cc_call_customer_name(c));
	cc_jsonw_str(&s->json, "did", c->did);
	call_json_hide(s);
	call_journal_end(s, CC_EV_VOICEMAIL);
}

bool call_message_end(struct step *s, int64_t quiet_ms)
{
	struct cc_call *c = s->c;
	int64_t ms = s->now - c->message_ms;
	bool kept = ms - quiet_ms >= c->message_least_ms;

	call_record(s, false, "message");
	c->message_ms = 0;
	if (kept)
		call_message_journal(s, ms);
	return kept;
}

void call_message_done(struct step *s, int64_t quiet_ms)
{
	struct cc_call *c = s->c;
	bool kept = call_message_end(s, quiet_ms);

	if (c->conf->voicemail_silence_ms)
		call_act(s, CC_ACT_WATCH, c->caller_leg)->quiet_ms = 0;
	if (kept)
		call_goodbye(s, "voicemail_kept", CC_CAUSE_VOICEMAIL);
	else
		call_goodbye(s, "voicemail_empty", c->hops ? c->cause : CC_CAUSE_CALLER_HANGUP);
}
