/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the files of the call state machine share.
 *
 * call.c: legs, and which input goes where; call_flow.c: where the call goes, how it ends;
 * call_queue.c: waiting; call_ivr.c: menus and announcements; call_agent.c: offers to agents and
 * the talk; call_out.c: agents call; call_early.c: what is heard before somebody outside answers;
 * call_away.c: pages that are gone in a talk;
 * call_voicemail.c: callers leave messages;
 * call_transfer.c: agents move calls and ask each other; call_code.c: feature codes; call_sound.c:
 * what is heard;
 * call_actions.c: how a step builds its actions. */
#ifndef CC_CORE_CALL_PRIVATE_H
#define CC_CORE_CALL_PRIVATE_H

#include "cc/call.h"
#include "cc/conf.h"
#include "cc/jsonw.h"
#include "prompts.h"

#define GUARD_ANSWER_MS                                                                            \
	40000 /* longer than SIP waits for the ACK: 64 x T1 = 32 s (RFC 3261 13.3.1.4) */

#define CODE_KEY_MS 8000 /* between two keys of the phone password */

enum node
{
	NODE_NEW,
	NODE_LOOKUP,    /* who the caller is, is being asked; the journal knows nothing yet */
	NODE_RESERVE,   /* the calling agent is being reserved */
	NODE_ANSWERING, /* the caller's leg is coming up */
	NODE_ENTRY,     /* entry announcement */
	NODE_QUEUE,     /* waits; agents may ring */
	NODE_RING,      /* one agent is called directly */
	NODE_OWN,       /* the phones of the agent for whom a page dials ring */
	NODE_DIAL,      /* a customer is called */
	NODE_JOIN,      /* the agent has answered, the caller's leg is coming up */
	NODE_TALK,
	NODE_AWAY, /* the page in which the agent talked is gone, and is called as soon as it is back */
	NODE_MOVE, /* an agent moves the caller to another one, who is called */
	NODE_CODE, /* a feature code is carried out */
	NODE_ASK,  /* the phone password for it is keyed in */
	NODE_IVR,  /* hears a menu or an announcement, or presses its keys */
	NODE_GREETING, /* of a voicemail, up to its tone */
	NODE_MESSAGE,  /* the caller speaks */
	NODE_GOODBYE,  /* last prompt, then the end with c->cause */
	NODE_REFUSE,   /* the same before the answer: the route's refusal follows */
	NODE_OVER,
};

enum timer
{
	TIMER_WAIT,     /* longest wait in the queue */
	TIMER_POSITION, /* next announcement of the position */
	TIMER_PERIODIC, /* next periodic announcement */
	TIMER_MENU,     /* next announcement of the keys */
	TIMER_GUARD,    /* a prompt, an answer or a look-up whose end was never reported */
	TIMER_TARGET,   /* c->target was to be reserved, which was never answered */
	TIMER_KEYS,     /* no further key of a code, none of a menu */
};
_Static_assert(TIMER_KEYS < CC_CALL_TIMERS, "cc_call.deadline_ms holds every timer");

struct step
{
	struct cc_call *c;
	int64_t now;
	struct cc_call_actions *out;
	struct cc_jsonw json;
};

/* ---- call_actions.c ---- */

/* A new action, of this kind and about this leg (-1: none). Never NULL: the number of actions of a
 * step is bounded, and the simulator proves the bound. */
struct cc_call_action *call_act(struct step *s, enum cc_call_action_kind kind, int32_t leg);
/* Appends text to the actions' text. */
void call_text(struct step *s, struct cc_call_action *a, const char *text);
/* A provisional response to an incoming leg; 183: its phone is to listen already. */
void call_respond(struct step *s, int32_t leg, int32_t code, const char *text);
/* Event records: begin, fields by s->json, end. */
void call_journal(struct step *s);
/* The action; a record about one leg names it there, so that the engine can add what it knows. */
struct cc_call_action *call_journal_end(struct step *s, uint16_t event);
void call_json_ulid(struct step *s, const char *key, const struct cc_ulid *id);
/* key with the agent's number, nothing for -1 */
void call_json_agent(struct step *s, const char *key, int32_t agent);

/* How much of the number is hidden, nothing for a whole one. */
void call_json_hide(struct step *s);

const char *call_role_name(enum cc_leg_role role);
const char *call_dir_name(enum cc_dir dir);

/* ---- call.c ---- */

void call_timer(struct step *s, enum timer timer, int64_t after_ms); /* 0: off */
bool call_caller_up(const struct cc_call *c);
/* Whose leg it is, the caller's or that of who was called. */
enum cc_side call_side(const struct cc_call *c, int32_t leg);
/* The first answer, of this leg. */
void call_answered(struct step *s, int32_t leg);
/* The cause of a call that is cut off now. */
enum cc_cause call_cut(const struct cc_call *c);
void call_legs_announce(struct step *s);
void call_leg_hangup(struct step *s, int32_t leg, int32_t code);

/* ---- call_sound.c ---- */

void call_play(struct step *s, int32_t leg, enum cc_layer layer, const char *list, int32_t repeat);
/* Begins a list of prompts; call_say plays it once to the caller. */
void call_say_begin(struct step *s, struct cc_prompts *p);
void call_say(struct step *s);
void call_say_one(struct step *s, const char *name);
/* Begun the same way, to the agent who talks only. */
void call_tell(struct step *s);
void call_music(struct step *s, const char *name); /* "": none */
/* What a caller hears whom the agent's phone holds. */
const char *call_hold_music(const struct cc_call *c);
void call_quiet(struct step *s); /* the caller hears no music and no prompt */
void call_mix(struct step *s);
void call_record(struct step *s, bool on, const char *why);
/* Orders what holds already. */
void call_record_order(struct step *s);
/* parts: of enum cc_media, that have forgotten everything */
void call_restart_media(struct step *s, int32_t parts);

/* ---- call_flow.c ---- */

void call_begin(struct step *s);
/* An input while the caller is looked up. True: it concerns the call as any other. */
bool call_looked_up(struct step *s, const struct cc_call_input *in);
/* The caller's leg is up. */
void call_arrive(struct step *s);
/* Follows c->route. */
void call_go(struct step *s);
/* A last prompt, if the caller can hear it, then the end. */
void call_goodbye(struct step *s, const char *name, enum cc_cause cause);
/* Ends everything: each call comes here exactly once. code: final response to a caller that was not
 * answered. */
void call_finish(
		struct step *s, enum cc_cause cause, enum cc_side side, int32_t code, const char *text);
void call_prompt_done(struct step *s);
/* The refusal of the route, which nothing stands before any more. */
void call_refused(struct step *s);

/* ---- call_code.c ---- */

/* Carries out the feature code that was dialled. */
void call_code(struct step *s);
/* A key after a feature code that wants the phone password. */
void call_code_key(struct step *s, char digit);
void call_command_done(struct step *s, const struct cc_call_input *in);
/* The leg of the agent whose keys may be codes: who talks to a customer. -1: nobody. */
int32_t call_code_leg(const struct cc_call *c);
/* Whether sound of this leg may be keys of a code, which nobody else is to hear. */
bool call_code_muted(const struct cc_call *c, int32_t leg);
/* A key that was pressed in a talk, by this leg. */
void call_talk_key(struct step *s, const struct cc_call_input *in);
/* What was pressed so far is nothing. */
void call_keys_forget(struct step *s);
/* No further key has come. */
void call_talk_pause(struct step *s);

/* ---- call_ivr.c ---- */

/* Enters the menu of c->route. */
void call_ivr_enter(struct step *s);
void call_ivr_key(struct step *s, char digit);
/* Its prompts were said. */
void call_ivr_said(struct step *s);
/* No key has come. */
void call_ivr_pause(struct step *s);
/* The call ends; nothing if it is in no menu. */
void call_ivr_gone(struct step *s);

/* ---- call_queue.c ---- */

/* The queue of the visit, of an offer or a talk that came from one, else of the last visit. */
const struct cc_conf_queue *call_queue(const struct cc_call *c);
void call_queue_enter(struct step *s);
/* Takes the call out of the ACD, before agents are released: an agent who is free again must not be
 * granted to the call that is just leaving. */
void call_queue_leave(struct step *s);
/* Ends the visit: every one that was entered is left exactly once, with one of four results. */
void call_visit_end(struct step *s, enum cc_cause cause);
void call_queue_out(struct step *s, enum cc_cause cause);
void call_queue_key(struct step *s, char digit);
void call_queue_position(struct step *s, int32_t position, int64_t wait_ms);
void call_queue_timer(struct step *s, enum timer timer);
void call_queue_configured(struct step *s);
/* Says the next of what waits to be said. */
void call_queue_say(struct step *s);
/* Begins a record of the visit. */
void call_json_visit(struct step *s, int32_t agent);

/* ---- call_agent.c ---- */

void call_agent_call(struct step *s, int32_t agent); /* directly */
void call_agent_grant(struct step *s, const struct cc_call_input *in);
void call_agent_refused(struct step *s, int32_t error);
void call_agent_dialled(struct step *s, const struct cc_call_input *in);
void call_agent_ringing(struct step *s, int32_t leg);
void call_agent_up(struct step *s, int32_t leg);
/* A leg of an offer, which is gone now, ended with this code. */
void call_agent_over(struct step *s, const struct cc_call_leg *l, int32_t code);
/* A key of somebody who was asked whether he takes the call. False: it is nobody's of these. */
bool call_agent_key(struct step *s, const struct cc_call_input *in);
/* Says it again to who is asked: cc-mixd has forgotten it. */
void call_agent_ask_again(struct step *s);
void call_agent_timeouts(struct step *s);
void call_agent_release(struct step *s, int32_t agent, uint32_t epoch, enum cc_outcome outcome);
/* Whether a phone rings for the call. */
bool call_offered(const struct cc_call *c);
void call_offers_end(struct step *s, enum cc_outcome outcome);
/* An agent's phone holds the call: the other side hears music. */
void call_agent_hold(struct step *s, int32_t leg, bool on);
/* Caller and agent hear each other. */
void call_connect(struct step *s);
/* The agent who talks leaves the call, which goes on: talk and visit are over. */
void call_agent_leave(struct step *s);
/* An agent's phones ring: the answer to what was reserved. */
void call_offer(struct step *s, const struct cc_call_input *in, int64_t ring_ms);
/* The leg is the one of the offer that stays; the offer is over, the agent does not talk yet. */
void call_offer_won(struct step *s, struct cc_call_offer *o, int32_t leg);
/* The same, and he does. */
void call_offer_taken(struct step *s, struct cc_call_offer *o, int32_t leg);
void call_agent_talking(struct step *s, int32_t agent, uint32_t epoch);
/* The end of a call whose agent, called directly, is not to be had. */
void call_direct_failed(struct step *s, enum cc_outcome outcome);
/* The response that says so. */
int32_t call_outcome_code(enum cc_outcome outcome, const char **text);
/* What a final response means, and the cause of a call that ends with that. */
enum cc_outcome call_outcome_of(int32_t code);
enum cc_cause call_outcome_cause(enum cc_outcome outcome);

/* ---- call_away.c ---- */

/* The web phone of the agent who talks is found dead: his page was loaded again, or is gone. False:
 * it was not in a talk. */
bool call_agent_away(struct step *s);
/* The page was called and is not there yet. */
void call_away_again(struct step *s);
/* It is not there yet, and some time is over. */
void call_away_timer(struct step *s);
/* It has answered. */
void call_away_back(struct step *s, struct cc_call_offer *o, int32_t leg);

/* ---- call_out.c ---- */

/* The agent who dials is reserved. */
void call_out_reserved(struct step *s, const struct cc_call_input *in);
/* One of the own phones of the agent for whom a page dials was taken. */
void call_out_own(struct step *s, struct cc_call_offer *o, int32_t leg);
void call_out_dialled(struct step *s, const struct cc_call_input *in);
/* The customer's phone was taken, does not answer; the leg is over. */
void call_out_up(struct step *s, int32_t leg);
void call_out_timeout(struct step *s);
void call_out_over(struct step *s, const struct cc_call_input *in);
/* The agent who talks leaves the customer to that number. */
void call_out_moved(struct step *s, const struct cc_route *route);
/* A target has sent the caller to c->route, which is outside. */
void call_out_away(struct step *s);
/* The caller's leg ended (lost: it failed) before the number outside answered. */
void call_out_given_up(struct step *s, const struct cc_call_input *in, bool lost);
/* Whoever waits for that leg, which is called outside, to answer; -1: nobody does. */
int32_t call_out_waiting(const struct cc_call *c, int32_t leg);
/* Whether the call's customer is being called, not somebody to whom he was moved. */
bool call_out_customer(const struct cc_call *c);
/* Whether the leg is one that is called outside, beside the caller's. */
bool call_out_beside(const struct cc_call *c, int32_t leg);
/* Whether a talk that came from no queue is recorded. */
bool call_out_records(const struct cc_call *c);

/* ---- call_early.c ---- */

/* A leg that is called outside rings; sound: it can be heard. */
void call_early_ringing(struct step *s, int32_t leg, bool sound);
/* The one that was heard is over; another one may be called. */
void call_early_over(struct step *s);

/* ---- call_voicemail.c ---- */

/* The caller, whose leg is up, is greeted by the box of c->route. */
void call_voicemail(struct step *s);
/* The tone is over. */
void call_message_begin(struct step *s);
/* The message is over, of whose time the last quiet_ms were silence. Whether it is kept. */
bool call_message_end(struct step *s, int64_t quiet_ms);
/* The same, then the end of the call. */
void call_message_done(struct step *s, int64_t quiet_ms);
/* A record of a message that is kept. */
void call_message_journal(struct step *s, int64_t ms);
/* cc-mixd is to say when the caller is silent. */
void call_message_watch(struct step *s);

/* ---- call_transfer.c ---- */

void call_refer(struct step *s, const struct cc_call_input *in);
/* The agent who talks moves the call to the number by a feature code. */
void call_move(struct step *s, const char *number);
void call_consult(struct step *s, const struct cc_call_input *in);
/* c->target could not be reserved, or did not answer. */
void call_target_refused(struct step *s, int32_t error);
void call_target_failed(struct step *s, enum cc_outcome outcome, int32_t code);
void call_target_ringing(struct step *s);
void call_target_up(struct step *s, struct cc_call_offer *o, int32_t leg);
/* The consultation ends, whoever ended it. */
void call_consult_over(struct step *s);

#endif
