/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <string.h>

#include "call_private.h"
#include "cc/conf.h"

struct cc_call_action *call_act(struct step *s, enum cc_call_action_kind kind, int32_t leg)
{
	struct cc_call_action *a;

	assert(s->out->count < CC_CALL_ACTIONS);
	a = &s->out->a[s->out->count++];
	memset(a, 0, sizeof(*a));
	a->kind = kind;
	a->leg = leg;
	a->agent = -1;
	a->queue = -1;
	return a;
}

void call_text(struct step *s, struct cc_call_action *a, const char *text)
{
	size_t len = strlen(text), room = sizeof(s->out->text) - (size_t)s->out->text_len;

	if (len > room)
		len = room;
	memcpy(s->out->text + s->out->text_len, text, len);
	a->text_off = s->out->text_len;
	a->text_len = (int32_t)len;
	s->out->text_len += (int32_t)len;
}

void call_respond(struct step *s, int32_t leg, int32_t code, const char *text)
{
	struct cc_call_action *a = call_act(s, CC_ACT_RESPOND, leg);

	a->code = code;
	a->on = code == 183;
	call_text(s, a, text);
}

void call_journal(struct step *s)
{
	cc_jsonw_init(&s->json, s->out->text + s->out->text_len,
			sizeof(s->out->text) - (size_t)s->out->text_len);
	cc_jsonw_object(&s->json, NULL);
}

struct cc_call_action *call_journal_end(struct step *s, uint16_t event)
{
	struct cc_call_action *a = call_act(s, CC_ACT_JOURNAL, -1);
	int len;

	cc_jsonw_close_object(&s->json);
	len = cc_jsonw_end(&s->json);
	assert(len > 0);
	a->event = event;
	a->text_off = s->out->text_len;
	a->text_len = len;
	s->out->text_len += len;
	return a;
}

void call_json_ulid(struct step *s, const char *key, const struct cc_ulid *id)
{
	char text[CC_ULID_TEXT + 1];

	cc_jsonw_str(&s->json, key, cc_ulid_format(id, text));
}

void call_json_agent(struct step *s, const char *key, int32_t agent)
{
	if (agent >= 0)
		cc_jsonw_str(&s->json, key, cc_conf_agent_at(s->c->conf, agent)->number);
}

const char *call_role_name(enum cc_leg_role role)
{
	static const char *const names[] = {"caller", "agent", "callee"};

	return names[role];
}

const char *call_dir_name(enum cc_dir dir)
{
	static const char *const names[] = {"in", "out", "internal"};

	return names[dir];
}
