/* SPDX-License-Identifier: GPL-2.0-or-later
 * Menus that callers go through by keys (TEL-14), and announcements (TEL-16). A menu says its
 * prompts and takes keys meanwhile and afterwards; it is left by an input that leads somewhere,
 * when no key comes, after too many inputs that fit nothing. Every way out is a target like any
 * other. */
#include <stdio.h>
#include <string.h>

#include "call_private.h"
#include "cc/utf8.h"

#define ENTRIES_MAX 50 /* menus may lead to each other in circles */

/* Index of the menu that the call is in: its configuration always has it. */
static int32_t menu(const struct cc_call *c)
{
	return cc_conf_ivr_find(c->conf, c->ivrs[c->ivr_count - 1]);
}

static const struct cc_conf_ivr *ivr(const struct cc_call *c)
{
	return cc_conf_ivr_at(c->conf, menu(c));
}

static void json_menu(struct step *s)
{
	call_journal(s);
	cc_jsonw_str(&s->json, "menu", s->c->ivrs[s->c->ivr_count - 1]);
}

/* ---- what is said ---- */

/* The next key is due; never at once: menus without prompts must not lead round within one step. */
static void await_key(struct step *s)
{
	const struct cc_conf_ivr *m = ivr(s->c);
	int64_t ms = s->c->keys[0] ? m->key_ms : m->announcement ? 0 : m->timeout_ms;

	call_timer(s, TIMER_KEYS, ms ? ms : 1);
}

static void add_silence(struct cc_prompts *p, int32_t ms)
{
	char item[24];

	if (ms <= 0)
		return;
	snprintf(item, sizeof(item), "silence:%d", (int)ms);
	cc_prompts_other(p, item);
}

/* The prompts; before them silence or what is to be told. */
static void say(struct step *s, int32_t silence_ms, const char *before)
{
	struct cc_call *c = s->c;
	const struct cc_conf_ivr *m = ivr(c);
	struct cc_prompts p;

	c->ivr_said++;
	call_say_begin(s, &p);
	if (before[0])
		cc_prompts_add(&p, before);
	add_silence(&p, silence_ms);
	for (int32_t i = 0; i < m->prompt_count; i++) {
		const struct cc_conf_ivr_prompt *prompt = cc_conf_ivr_prompt_at(c->conf, menu(c), i);

		cc_prompts_add(&p, prompt->prompt);
		if (i + 1 < m->prompt_count)
			add_silence(&p, prompt->gap_ms);
	}
	if (p.len)
		call_say(s);
	else
		await_key(s);
}

/* ---- in and out ---- */

void call_ivr_enter(struct step *s)
{
	struct cc_call *c = s->c;
	const struct cc_conf_ivr *m = cc_conf_ivr_at(c->conf, c->route.index);
	int32_t known = 0;
	bool again;

	if (c->ivr_entries++ >= ENTRIES_MAX) {
		call_goodbye(s, "not_allowed", c->hops ? c->cause : CC_CAUSE_OTHER);
		return;
	}
	while (known < c->ivr_count && strcmp(c->ivrs[known], m->number) != 0)
		known++;
	again = known < c->ivr_count;
	if (known == CC_CALL_IVRS) /* the first of a long way is forgotten */
		memmove(c->ivrs[0], c->ivrs[1], sizeof(c->ivrs) - sizeof(c->ivrs[0]));
	c->ivr_count = known < CC_CALL_IVRS ? known + 1 : CC_CALL_IVRS;
	memcpy(c->ivrs[c->ivr_count - 1], m->number, sizeof(c->ivrs[0]));
	c->node = NODE_IVR;
	c->ivr_ms = s->now;
	c->ivr_said = c->ivr_missed = 0;
	c->ivr_leaves = false;
	json_menu(s);
	call_journal_end(s, CC_EV_IVR_ENTER);
	say(s, again ? 0 : m->start_ms, "");
}

static void journal_leave(struct step *s, const char *why)
{
	json_menu(s);
	cc_jsonw_str(&s->json, "why", why);
	if (s->c->keys[0])
		cc_jsonw_str(&s->json, "keys", s->c->keys);
	cc_jsonw_int(&s->json, "ms", s->now - s->c->ivr_ms);
	call_journal_end(s, CC_EV_IVR_LEAVE);
	s->c->ivr_ms = 0;
	call_keys_forget(s);
}

void call_ivr_gone(struct step *s)
{
	if (s->c->ivr_ms)
		journal_leave(s, "gone");
}

/* The menu before this one, or itself. */
static int32_t before(const struct cc_call *c)
{
	for (int32_t i = c->ivr_count - 1; i-- > 0;) {
		int32_t found = cc_conf_ivr_find(c->conf, c->ivrs[i]);

		if (found >= 0)
			return found;
	}
	return menu(c);
}

/* cause, side: of a call that ends here. */
static void leave(struct step *s, const char *why, const struct cc_conf_target *to,
		enum cc_cause cause, enum cc_side side)
{
	struct cc_call *c = s->c;

	journal_leave(s, why);
	if (to->kind == CC_TARGET_HANGUP) {
		call_finish(s, c->hops ? c->cause : cause, side, 200, "OK");
		return;
	}
	call_quiet(s);
	if (to->kind == CC_TARGET_BACK)
		c->route = (struct cc_route){.kind = CC_ROUTE_IVR, .index = before(c)};
	else
		cc_route_target(&c->route, c->conf, to);
	call_go(s);
}

static void leave_unmatched(struct step *s)
{
	leave(s, "no_match", &ivr(s->c)->no_match, CC_CAUSE_OTHER, CC_SIDE_SYSTEM);
}

static void leave_announcement(struct step *s, const char *why)
{
	leave(s, why, &ivr(s->c)->timeout, CC_CAUSE_ANSWERED, CC_SIDE_SYSTEM);
}

/* ---- keys ---- */

static void missed(struct step *s)
{
	struct cc_call *c = s->c;
	const struct cc_conf_ivr *m = ivr(c);

	json_menu(s);
	cc_jsonw_str(&s->json, "keys", c->keys);
	cc_jsonw_int(&s->json, "nth", ++c->ivr_missed);
	call_journal_end(s, CC_EV_IVR_MISS);
	if (c->ivr_missed < m->tries) {
		call_keys_forget(s);
		c->ivr_said = 0; /* somebody is there */
		say(s, 0, m->no_match_prompt);
	} else if (m->no_match_prompt[0]) {
		call_timer(s, TIMER_KEYS, 0);
		c->ivr_leaves = true;
		call_say_one(s, m->no_match_prompt);
	} else {
		leave_unmatched(s);
	}
}

static void decide(struct step *s)
{
	const struct cc_call *c = s->c;
	struct cc_conf_target agent;
	const struct cc_conf_target *to = cc_conf_ivr_input(c->conf, menu(c), c->keys, &agent);

	if (to)
		leave(s, to == &agent ? "agent" : "key", to, CC_CAUSE_CALLER_HANGUP, CC_SIDE_CALLER);
	else
		missed(s);
}

void call_ivr_key(struct step *s, char digit)
{
	struct cc_call *c = s->c;
	const struct cc_conf_ivr *m = ivr(c);
	struct cc_conf_target agent;
	size_t len = strlen(c->keys);

	if (c->ivr_leaves || (m->announcement && !m->skip))
		return;
	if (m->announcement) {
		leave_announcement(s, "skipped");
		return;
	}
	call_quiet(s); /* the prompts need not be heard to their end */
	c->keys[len++] = digit;
	c->keys[len] = '\0';
	if (len + 1 == sizeof(c->keys) || (m->max_keys && len >= (size_t)m->max_keys))
		decide(s);
	else if (!cc_conf_ivr_goes_on(c->conf, menu(c), c->keys) &&
			 cc_conf_ivr_input(c->conf, menu(c), c->keys, &agent))
		decide(s);
	else /* also of what fits nothing: its rest is not another input */
		await_key(s);
}

void call_ivr_said(struct step *s)
{
	if (s->c->ivr_leaves)
		leave_unmatched(s);
	else if (ivr(s->c)->announcement)
		leave_announcement(s, "said");
	else
		await_key(s);
}

void call_ivr_pause(struct step *s)
{
	struct cc_call *c = s->c;
	const struct cc_conf_ivr *m = ivr(c);

	if (c->keys[0])
		decide(s);
	else if (m->announcement) /* which has nothing to say */
		leave_announcement(s, "said");
	else if (c->ivr_said <= m->repeat)
		say(s, 0, m->timeout_prompt);
	else
		leave(s, "timeout", &m->timeout, CC_CAUSE_TIMEOUT, CC_SIDE_SYSTEM);
}

/* ---- what agents' phones show ---- */

static void append(char *text, size_t size, const char *more)
{
	size_t len = strlen(text);

	cc_utf8_copy(text + len, size - len, more);
}

void cc_call_prefix(const struct cc_call *c, int32_t queue, char *number, size_t number_size,
		char *name, size_t name_size)
{
	number[0] = name[0] = '\0';
	if (queue >= 0) {
		append(number, number_size, cc_conf_queue_at(c->conf, queue)->prefix_number);
		append(name, name_size, cc_conf_queue_at(c->conf, queue)->prefix_name);
	}
	for (int32_t i = c->ivr_count; i-- > 0;) {
		int32_t found = cc_conf_ivr_find(c->conf, c->ivrs[i]);

		if (found < 0)
			continue;
		append(number, number_size, cc_conf_ivr_at(c->conf, found)->prefix_number);
		append(name, name_size, cc_conf_ivr_at(c->conf, found)->prefix_name);
	}
}
