/* SPDX-License-Identifier: GPL-2.0-or-later
 * Feature codes (cc/code.h). Those that are dialled are calls of their own, which are answered, say
 * what was done, and end. Those of a talk are keys of the agent who talks to a customer, and of
 * nobody else: they are kept from the customer while they may be a code, and passed on when they
 * are none. */
#include <string.h>

#include "call_private.h"
#include "cc/err.h"

#define ASK_MAX 3          /* attempts to key in the phone password */
#define PAUSE_MS 2000      /* no key for so long: a code is complete, or was none */
#define ECHO_MS 1500       /* so long a phone may give back what it hears */
#define SAID_DIGITS_MAX 20 /* of a number */

/* ---- what is said ---- */

/* The digits of a number, behind the words; no_digits: instead of them when there are none. */
static void add_number(
		struct cc_prompts *p, const char *words, const char *number, const char *none)
{
	char digits[SAID_DIGITS_MAX + 1];
	size_t n = 0;

	for (; *number && n < SAID_DIGITS_MAX; number++)
		if (*number >= '0' && *number <= '9')
			digits[n++] = *number;
	digits[n] = '\0';
	cc_prompts_add(p, n ? words : none);
	cc_prompts_digits(p, digits);
}

/* Whether numbers of customers are hidden from the agent, or this one from everybody. */
static bool hidden(const struct cc_call *c, int32_t agent)
{
	return c->hide != 0 || cc_conf_agent_at(c->conf, agent)->hide != 0;
}

/* ---- marks ---- */

/* Marks the customer of this call, or of the other one (NULL: this), and says what came of it; say:
 * the number, "" if it is hidden, NULL: it is not asked for. */
static void mark(struct step *s, struct cc_prompts *p, int32_t agent, char digit,
		const struct cc_ulid *of, const char *say)
{
	const char text[2] = {digit, '\0'};

	if (!(s->c->conf->mark_digits >> (digit - '0') & 1)) {
		cc_prompts_add(p, "mark_unused");
		return;
	}
	call_journal(s);
	call_json_agent(s, "agent", agent);
	cc_jsonw_str(&s->json, "digit", text);
	if (of)
		call_json_ulid(s, "of", of);
	call_journal_end(s, CC_EV_CALL_MARK);
	cc_prompts_add(p, "marked");
	if (say)
		add_number(p, "customer_number", say, "number_hidden");
}

/* ---- codes that are dialled ---- */

static void farewell(struct step *s)
{
	s->c->node = NODE_GOODBYE;
	s->c->cause = CC_CAUSE_ANSWERED;
	call_say(s);
}

static void say_own(struct step *s, const char *words)
{
	struct cc_prompts p;

	call_say_begin(s, &p);
	add_number(&p, words, cc_conf_agent_at(s->c->conf, s->c->caller_agent)->number, words);
	farewell(s);
}

void call_code(struct step *s)
{
	struct cc_call *c = s->c;
	struct cc_call_action *a;

	c->node = NODE_CODE;
	call_timer(s, TIMER_GUARD, GUARD_ANSWER_MS);
	switch (c->route.code) {
	case CC_CODE_OWN_AGENT:
		say_own(s, "own_agent");
		break;
	case CC_CODE_OWN_EXTENSION:
		say_own(s, "own_extension");
		break;
	case CC_CODE_LAST_NUMBER:
	case CC_CODE_MARK_LAST:
	case CC_CODE_MARK_LAST_SAY:
		call_act(s, CC_ACT_AGENT_LAST, -1)->agent = c->caller_agent;
		break;
	default:
		a = call_act(s, CC_ACT_AGENT_COMMAND, -1);
		a->agent = c->caller_agent;
		a->code = c->route.code;
		a->queue = c->route.index;
		call_text(s, a, c->password);
	}
}

/* The phone password, ended by # or a pause. */
static void ask(struct step *s)
{
	struct cc_call *c = s->c;
	struct cc_prompts p;

	c->node = NODE_ASK;
	memset(c->password, 0, sizeof(c->password));
	call_say_begin(s, &p);
	if (c->asked++)
		cc_prompts_add(&p, "password_wrong");
	cc_prompts_add(&p, "password_enter");
	call_say(s);
}

void call_code_key(struct step *s, char digit)
{
	struct cc_call *c = s->c;
	size_t len = strlen(c->password);

	call_quiet(s); /* the prompt needs not be heard to its end */
	if (digit == '#') {
		call_code(s);
		memset(c->password, 0, sizeof(c->password));
		return;
	}
	if (digit >= '0' && digit <= '9' && len + 1 < sizeof(c->password))
		c->password[len] = digit;
	call_timer(s, TIMER_GUARD, CODE_KEY_MS);
}

/* The answer about the last customer. */
static void last_done(struct step *s, const struct cc_call_input *in)
{
	struct cc_call *c = s->c;
	bool say = c->route.code != CC_CODE_MARK_LAST;
	const char *number = hidden(c, c->caller_agent) ? "" : in->text;
	struct cc_prompts p;

	call_say_begin(s, &p);
	if (in->code)
		cc_prompts_add(&p, in->code == CC_E_NOENT ? "no_last_call" : "not_allowed");
	else if (c->route.code == CC_CODE_LAST_NUMBER)
		add_number(&p, "customer_number", number, "number_hidden");
	else
		mark(s, &p, c->caller_agent, c->route.digit, &in->call, say ? number : NULL);
	farewell(s);
}

void call_command_done(struct step *s, const struct cc_call_input *in)
{
	static const char *const said[CC_CODES] = {[CC_CODE_SIGN_IN] = "signed_in",
			[CC_CODE_SIGN_OUT] = "signed_out",
			[CC_CODE_IDLE] = "agent_idle",
			[CC_CODE_BUSY] = "agent_busy"};
	enum cc_code code = s->c->route.code;

	if (s->c->node != NODE_CODE)
		return;
	call_timer(s, TIMER_GUARD, 0);
	if (!said[code])
		last_done(s, in);
	else if (in->code == CC_E_PASSWORD && s->c->asked < ASK_MAX)
		ask(s);
	else
		call_goodbye(s, in->code ? "not_allowed" : said[code], CC_CAUSE_ANSWERED);
}

/* ---- codes of a talk ---- */

int32_t call_code_leg(const struct cc_call *c)
{
	bool talks = c->node == NODE_TALK && c->bridged_agent >= 0 && c->dir != CC_DIR_INTERNAL;

	return talks ? c->bridged_leg : -1;
}

bool call_code_muted(const struct cc_call *c, int32_t leg)
{
	return c->keys[0] && c->keys_inband && leg == call_code_leg(c);
}

void call_keys_forget(struct step *s)
{
	s->c->keys[0] = '\0';
	s->c->keys_inband = 0;
	call_timer(s, TIMER_KEYS, 0);
}

/* The keys were no code: the customer gets them, but what he has heard already. */
static void pass_on(struct step *s)
{
	const struct cc_call *c = s->c;
	size_t heard = c->keys_inband & 1;

	if (c->keys[0] && c->keys[heard])
		call_text(s, call_act(s, CC_ACT_KEYS, c->caller_leg), c->keys + heard);
}

static void carry_out(struct step *s, enum cc_code code, const char *param)
{
	struct cc_call *c = s->c;
	bool show = !hidden(c, c->bridged_agent) && !c->shown[0];
	struct cc_prompts p;

	switch (code) {
	case CC_CODE_MARK:
	case CC_CODE_MARK_SAY:
		call_say_begin(s, &p);
		mark(s, &p, c->bridged_agent, param[0], NULL,
				code == CC_CODE_MARK ? NULL
				: show               ? cc_call_customer(c)
									 : "");
		call_tell(s);
		break;
	case CC_CODE_MOVE:
		call_move(s, param);
		break;
	case CC_CODE_HANG_UP:
		call_finish(s, CC_CAUSE_ANSWERED, call_side(c, c->bridged_leg), 200, "OK");
		break;
	default: /* is dialled */
		break;
	}
}

/* No key belongs to what was pressed any more. */
static void complete(struct step *s)
{
	struct cc_call *c = s->c;
	char param[CC_CODE_PARAM];
	int code;

	cc_code_pressed(&code, param, &c->conf->codes, c->keys, cc_conf_code_columns(c->conf));
	if (code < 0)
		pass_on(s);
	call_keys_forget(s);
	if (code >= 0)
		carry_out(s, (enum cc_code)code, param);
}

/* Whether one more key may belong to what was pressed; whole: then it is a code. */
static bool goes_on(const struct cc_call *c, const char *keys, bool *whole)
{
	char param[CC_CODE_PARAM];
	int code;
	bool more = cc_code_pressed(&code, param, &c->conf->codes, keys, cc_conf_code_columns(c->conf));

	*whole = code >= 0 && !more;
	return more || code >= 0;
}

static void add_key(struct step *s, const struct cc_call_input *in)
{
	struct cc_call *c = s->c;
	char keys[CC_CODE_KEYS + 1];
	size_t len = strlen(c->keys);
	bool whole;

	memcpy(keys, c->keys, len);
	keys[len] = in->digit;
	keys[len + 1] = '\0';
	if (len + 1 < sizeof(c->keys) && goes_on(c, keys, &whole)) {
		memcpy(c->keys, keys, len + 2);
		c->keys_inband |= (uint32_t)in->inband << len;
		if (whole)
			complete(s);
		else
			call_timer(s, TIMER_KEYS, PAUSE_MS);
	} else if (len) { /* a code that others begin with, or none; the key is another beginning */
		complete(s);
		if (call_code_leg(c) == in->leg)
			add_key(s, in);
	} else if (!in->inband) {
		keys[1] = '\0';
		call_text(s, call_act(s, CC_ACT_KEYS, c->caller_leg), keys);
	}
}

void call_talk_key(struct step *s, const struct cc_call_input *in)
{
	struct cc_call *c = s->c;
	bool muted;

	if (in->leg != call_code_leg(c)) {
		c->far_key_ms = s->now;
		return;
	}
	if (in->inband && c->far_key_ms && s->now - c->far_key_ms < ECHO_MS)
		return; /* somebody else's: a customer must not press codes by way of the agent's phone */
	muted = call_code_muted(c, in->leg);
	add_key(s, in);
	if (call_code_leg(c) == in->leg && call_code_muted(c, in->leg) != muted)
		call_mix(s);
}

void call_talk_pause(struct step *s)
{
	bool muted;

	if (!s->c->keys[0])
		return;
	muted = call_code_muted(s->c, s->c->bridged_leg);
	complete(s);
	if (muted && call_code_leg(s->c) >= 0)
		call_mix(s);
}
