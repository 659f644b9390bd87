/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the files of the call state machine share: how a step builds its actions. */
#ifndef CC_CORE_CALL_PRIVATE_H
#define CC_CORE_CALL_PRIVATE_H

#include "cc/call.h"
#include "cc/jsonw.h"

enum timer
{
	TIMER_WAIT,     /* longest wait in the queue */
	TIMER_ANNOUNCE, /* next position announcement */
	TIMER_GUARD,    /* a prompt or an answer whose end was never reported */
};
_Static_assert(TIMER_GUARD < CC_CALL_TIMERS, "cc_call.deadline_ms holds every timer");

struct step
{
	struct cc_call *c;
	int64_t now;
	struct cc_call_actions *out;
	struct cc_jsonw json;
};

/* A new action, of this kind and about this leg (-1: none). Never NULL: the number of actions of a
 * step is bounded, and the simulator proves the bound. */
struct cc_call_action *call_act(struct step *s, enum cc_call_action_kind kind, int32_t leg);
/* Appends text to the actions' text. */
void call_text(struct step *s, struct cc_call_action *a, const char *text);
/* Event records: begin, fields by s->json, end. */
void call_journal(struct step *s);
/* The action; a record about one leg names it there, so that the engine can add what it knows. */
struct cc_call_action *call_journal_end(struct step *s, uint16_t event);
void call_json_ulid(struct step *s, const char *key, const struct cc_ulid *id);
/* key with the agent's number, nothing for -1 */
void call_json_agent(struct step *s, const char *key, int32_t agent);

const char *call_role_name(enum cc_leg_role role);
const char *call_dir_name(enum cc_dir dir);

#endif
