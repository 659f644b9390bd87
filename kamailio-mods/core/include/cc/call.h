/* SPDX-License-Identifier: GPL-2.0-or-later
 * The call as a state machine, without SIP, media or a clock: inputs in, actions out.
 *
 * cc_call_step decides; the engine (cc_call module) carries the actions out in order and reports
 * back with further inputs. One call is never stepped by two processes at once: the engine gives
 * each call an inbox and one runner at a time, so actions run without a lock held and in the order
 * in which they were decided. The structure holds no pointer of a process (it lies in shared
 * memory) except conf, a pinned snapshot. Every input is legal in every state: what cannot apply
 * any more is ignored (races are the normal case). */
#ifndef CC_CALL_H
#define CC_CALL_H

#include <stdbool.h>
#include <stdint.h>
#include "cc/ulid.h"
#include "cc/journal.h"
#include "cc/route.h"

#define CC_CALL_LEGS 40 /* legs of a call at the same time, contacts that ring included */
#define CC_MIX_LEGS 12  /* of these in its conference */
#define CC_CALL_TEXT                                                                               \
	64                   /* numbers and names, NUL included; longer ones are cut at a UTF-8 border \
						  */
#define CC_PLAY_ITEMS 24 /* prompts of one play list */

#define CC_CALL_LOOKUP_MS 500 /* longest wait for CC_IN_LOOKED_UP */

struct cc_conf; /* snapshot of a tenant's configuration, cc/conf.h */

enum cc_side
{
	CC_SIDE_CALLER,
	CC_SIDE_CALLEE,
	CC_SIDE_SYSTEM
};
enum cc_dir
{
	CC_DIR_IN,
	CC_DIR_OUT,
	CC_DIR_INTERNAL
};
enum cc_leg_role
{
	CC_ROLE_CALLER,
	CC_ROLE_AGENT,
	CC_ROLE_CALLEE
};
enum cc_leg_state
{
	CC_LEG_FREE,
	CC_LEG_TRYING,
	CC_LEG_RINGING,
	CC_LEG_UP,
	CC_LEG_ENDING
};

struct cc_call_leg
{
	enum cc_leg_state state;
	enum cc_leg_role role;
	bool incoming; /* they called us (UAS); else we called them */
	int32_t slot;  /* the engine's leg slot, opaque here; -1 none */
	struct cc_ulid id;
	int32_t agent;        /* index in the tenant's agents, -1 if not an agent */
	uint32_t agent_epoch; /* epoch of the reservation that this leg works for, 0 none */
	int64_t started_ms, ringing_ms, answered_ms;
	uint32_t play_token; /* of the prompt layer; 0 nothing plays */
	bool announced;      /* leg.new is written */
};

enum cc_call_input_kind
{
	CC_IN_NEW, /* the caller's leg 0 exists (incoming, TRYING); fields of the call are filled in */
	CC_IN_LEG_RINGING, /* leg: 180/183; code */
	CC_IN_LEG_EARLY,  /* leg, called outside: a provisional response; its sound is joined to cc-mixd
						 before it is answered. Instead of RINGING, or after it; code */
	CC_IN_LEG_UP,     /* leg: confirmed and its media is joined to cc-mixd (outgoing: 2xx; incoming:
						 after ANSWER) */
	CC_IN_LEG_FAILED, /* leg: did not come up; code: final SIP code (408 timeout, 487 cancelled, 500
						 media), text */
	CC_IN_LEG_ENDED, /* leg: the far end hung up (BYE, or CANCEL before the answer), or it was found
						dead; code, text */
	CC_IN_DIALLED, /* answer to CC_ACT_DIAL_AGENT: agent, epoch; count legs were added (0: no phone
					  is registered); of a mobile other trunks have been tried, and code says why
					  there is no leg. Answer to CC_ACT_DIAL_CALLER that failed: agent -1. Answer to
					  CC_ACT_DIAL_OUT: agent -1; count trunks have been tried with the one that is
					  now, whose name is in text; count 0: there is none */
	CC_IN_PLAY_DONE, /* leg, token: the prompt layer's list ended */
	CC_IN_DTMF,      /* leg, digit, inband */
	CC_IN_SILENCE,   /* leg: probe failed, the far end is dead (the engine has asked it); count 1: a
						web phone, whose page never came back */
	CC_IN_GRANT,     /* the ACD reserved agent (index) with epoch for the visit count of a queue; 0:
						answer to CC_ACT_AGENT_RESERVE */
	CC_IN_QUEUE_OUT, /* the ACD did not take or keep the visit count: cause says why */
	CC_IN_REFUSED, /* the other answer to CC_ACT_AGENT_RESERVE: agent, code: negative enum cc_err */
	CC_IN_POSITION,     /* answer to CC_ACT_QUEUE_POSITION: count = position (1 is next), 0 unknown;
							wait_ms */
	CC_IN_COMMAND_DONE, /* answer to CC_ACT_AGENT_COMMAND: code = 0 or enum cc_err, CC_E_PASSWORD:
						   of the phone. Answer to CC_ACT_AGENT_LAST: code, call, text: the number,
						   "" not to be said */
	CC_IN_TIMER,        /* now_ms reached c->next_ms */
	CC_IN_HANGUP,       /* a command: end the call; actor text */
	CC_IN_RESTART_MEDIA, /* code: parts (enum cc_media) that restarted: everything they should do
							must be ordered again */
	CC_IN_RESTORED, /* the engine restarted and has the call again; lost: legs that it could not get
					   back. The first input of a call that was restored */
	CC_IN_HOLD,     /* leg: its phone holds the call (count 1) or takes it back (0) */
	CC_IN_REFER, /* leg: its phone wants the call to be moved to the number in text; other: the leg
					that it wants to be replaced by the caller, -1 none. Every one ends in
					CC_ACT_REFERRED */
	CC_IN_CONSULT, /* leg (incoming, TRYING): the phone of an agent who talks in this call dials the
					  number in text */
	CC_IN_LOOKED_UP, /* answer to CC_ACT_LOOK_UP: how much of the customer's number is hidden (code)
					  */
	CC_IN_QUIET,     /* leg, ms: nothing was heard of it for so long (CC_ACT_WATCH) */
	CC_IN_CONFIGURED, /* cc_call_configure has put another snapshot in force */
};

/* Bits of CC_IN_RESTART_MEDIA's code. */
enum cc_media
{
	CC_MEDIA_MIXER = 1,     /* cc-mixd forgot conferences and what is played */
	CC_MEDIA_RTPENGINE = 2, /* rtpengine forgot that it records */
};

struct cc_call_input
{
	enum cc_call_input_kind kind;
	int64_t now_ms; /* UTC */
	int32_t leg;    /* index in cc_call.legs */
	int32_t code;
	int32_t agent;
	uint32_t epoch, token;
	int32_t count;
	int32_t other;   /* another leg, -1 none */
	uint64_t lost;   /* bit i: leg i */
	int64_t wait_ms; /* estimated, -1 unknown; of CC_IN_QUIET: how long */
	enum cc_cause cause;
	char digit;
	bool inband;
	struct cc_ulid call; /* another one */
	char text[CC_CALL_TEXT];
};

enum cc_call_action_kind
{
	CC_ACT_RESPOND, /* leg (incoming, not answered): provisional or final code; text: reason phrase;
					   on: its phone is to listen already */
	CC_ACT_ANSWER,  /* leg: 200 OK with media; ends in LEG_UP or LEG_FAILED */
	CC_ACT_HANGUP,  /* leg: CANCEL, BYE or final response as its SIP state wants; code for an
					 * unanswered incoming one, text: reason phrase, "" the code's.  The engine frees
					 * the leg's resources by itself; no  further input comes for it */
	CC_ACT_DIAL_AGENT,  /* agent, epoch: INVITE to every registered contact of the agent; ends in
						   DIALLED. queue: whose prefix counts, -1 none; text:
						   before the caller's name; own: who dials by a page, and is shown whom;
						   on: asked to answer by itself (TEL-08); page: web phones only; mobile:
						   the agent's number outside instead (CALL-06), through the next of its
						   trunks after visit ones */
	CC_ACT_DIAL_CALLER, /* INVITE to the caller, who has hung up, as leg 0, through the trunk that
						   the call came from */
	CC_ACT_DIAL_OUT,    /* INVITE to the outside number of the route as a leg of the callee, through
						   the next of its trunks that has a free channel after visit ones; ends in
						   DIALLED */
	CC_ACT_MIX,    /* legs with gains: the call's conference, whole (cc-mixd `conf`); leg: whose
					  keys the others do not get, -1 none */
	CC_ACT_KEYS,   /* leg: gets the keys in text */
	CC_ACT_PLAY,   /* leg, token, layer, list, repeat */
	CC_ACT_STOP,   /* leg, layer */
	CC_ACT_RECORD, /* leg, on: start or stop the recording, segment; message: what the leg says
					  only, and not if that is shorter than least_ms */
	CC_ACT_WATCH,  /* leg: QUIET is wanted once nothing is heard of it for quiet_ms; 0: not any more
					*/
	CC_ACT_QUEUE_ENTER, /* queue (index in the snapshot), visit; since_ms: the call keeps the place
						   of one that has waited since then, 0 none */
	CC_ACT_QUEUE_LEAVE, /* the call no longer waits; idempotent */
	CC_ACT_QUEUE_POSITION, /* ask the ACD; ends in POSITION */
	CC_ACT_AGENT_RESERVE,  /* agent: ends in GRANT or REFUSED */
	CC_ACT_AGENT_RINGING,  /* agent, epoch: its phone rings */
	CC_ACT_AGENT_TALKING,  /* agent, epoch */
	CC_ACT_AGENT_HOLD,     /* agent, epoch, on */
	CC_ACT_AGENT_RELEASE,  /* agent, epoch, outcome: ends the reservation */
	CC_ACT_AGENT_COMMAND,  /* agent, code: a feature code of enum cc_code was dialled; queue: for
							  that  one only, -1 for all; text: the phone password, "" not asked for
							  yet; ends in COMMAND_DONE */
	CC_ACT_LOOK_UP,        /* ask who the customer is, ends in LOOKED_UP */
	CC_ACT_AGENT_LAST,     /* agent: asks who its last customer was; ends in COMMAND_DONE */
	CC_ACT_REFERRED, /* leg, code, text: what became of its REFER. The first one of 300 and more
						refuses it; any other one accepts it, and progress and end are reported */
	CC_ACT_JOURNAL,  /* event, json; leg: that it is about, -1 none in particular */
	CC_ACT_FREE,     /* last action of a call: nothing refers to it any more */
};

enum cc_outcome
{
	CC_OUT_TALKED,
	CC_OUT_NOANSWER,
	CC_OUT_REJECTED,
	CC_OUT_BUSY,
	CC_OUT_UNREACHABLE,
	CC_OUT_REDIRECTED, /* the phone named another place (3xx), where nobody is called */
	CC_OUT_CALLER_GONE,
	CC_OUT_FAILED
};
enum cc_layer
{
	CC_LAYER_MUSIC,
	CC_LAYER_PROMPT
};

struct cc_call_action
{
	enum cc_call_action_kind kind;
	int32_t leg, code, agent, queue, visit, segment, priority;
	uint32_t epoch, token;
	enum cc_outcome outcome;
	enum cc_layer layer;
	bool on, own, page, mobile, message;
	int32_t quiet_ms, least_ms;
	int64_t since_ms;
	uint16_t event;
	int32_t repeat;
	int32_t text_off, text_len; /* in cc_call_actions.text: reason phrase, JSON fields, or play
								   list: items separated by '\n' */
	int32_t count;
	int32_t legs[CC_MIX_LEGS];
	uint16_t gain[CC_MIX_LEGS][CC_MIX_LEGS]; /* [listener][speaker], 256 = 1.0 */
};

#define CC_CALL_ACTIONS 200
struct cc_call_actions
{
	int count;
	struct cc_call_action a[CC_CALL_ACTIONS];
	int32_t text_len;
	char text[49152];
};

#define CC_CALL_IVRS 6    /* menus on the way of a call that are remembered */
#define CC_CALL_OFFERS 30 /* agents that ring for one call at the same time (ring-all) */
#define CC_CALL_PROMPT 1024
#define CC_CALL_TIMERS 7

/* An agent that is reserved for the call and not yet talking. */
struct cc_call_offer
{
	int32_t agent;  /* index in conf */
	uint32_t epoch; /* 0: free */
	bool dialled;   /* all its legs are there */
	bool direct;    /* not for a visit of a queue */
	bool mobile;    /* his number outside is called, … */
	bool again;     /* … and over another trunk, as the last one did not take the call */
	bool confirm;   /* who answers takes the call with a key; until then … */
	bool asked;     /* … its leg is up and hears so */
	int32_t trunks; /* that it was tried over */
	int32_t code;   /* best final response so far */
	int64_t offered_ms, ringing_ms, deadline_ms;
};

struct cc_call
{
	struct cc_ulid id;
	uint32_t tenant;
	const struct cc_conf *conf; /* pinned by the engine for the life of the call */
	enum cc_dir dir;
	char from[CC_CALL_TEXT], from_name[CC_CALL_TEXT], to[CC_CALL_TEXT];
	char did[CC_CALL_TEXT], trunk[CC_CALL_TEXT], sip_call_id[128];
	int32_t caller_agent; /* index, -1: the caller is not an agent */
	bool click;           /* a page has dialled: the caller_agent is reserved already, CC_IN_GRANT
							 follows CC_IN_NEW; there is no leg yet */
	bool predictive;      /* for a queue: the customer is called first, and waits in it then; there
							 is no leg yet, queue says which */
	int32_t ring_max_ms;  /* his phone rings no longer; 0: what the tenant says */
	uint32_t task;        /* of a dialler, that it is for; 0 none */
	char to_name[CC_CALL_TEXT], shown[CC_CALL_TEXT]; /* what the agent's phone shows then; "" */
	uint32_t customer, package;                      /* what the page said, 0 nothing */
	int32_t hide; /* of the customer's number, from everybody: cc_number_hide; call tasks say so */
	char caller_id[CC_CALL_TEXT]; /* of the task that it is for; "" */
	uint32_t turn;                /* number of the call, for caller ids that take turns */
	bool ours; /* the caller's number is one of the platform's own: it may have gone out from here
				*/
	struct cc_call_leg legs[CC_CALL_LEGS];
	int32_t caller_leg; /* of the caller; of an outbound call the customer's, whom everything that
						   is said to callers is for, while the agent is the one who talks to him */

	struct cc_route route; /* where it goes, decided before CC_IN_NEW */

	/* private to core/call */
	int32_t node;         /* enum of call.c: what the flow is doing */
	int32_t queue, visit; /* index in conf; number of the queue visit */
	struct cc_call_offer offers[CC_CALL_OFFERS];
	uint32_t next_token;
	int32_t segment, position;
	bool waiting, recording;
	bool callback;     /* the caller wants to be called back, and keeps the place in the queue */
	uint32_t say;      /* what waits to be said, bits of call_queue.c */
	int64_t since_ms;  /* keeps the place of one that has waited since then; 0 none */
	char password[20]; /* what was keyed in so far after a feature code */
	int32_t asked;     /* how often it was asked for */
	char keys[CC_CODE_KEYS]; /* what the agent who talks has pressed of a code so far, or a
								caller of a menu's input … */
	uint32_t keys_inband;    /* … bit i: as sound */
	int64_t message_ms;      /* when a message began that is being left; 0 none */
	int32_t message_segment, message_least_ms; /* its first one; what is shorter is not kept */
	int64_t far_key_ms;                        /* when somebody else in the talk pressed one last */
	bool keyed;                                /* the call is moved by a code, not by REFER */
	int32_t hops;                              /* how often the call was sent on */
	/* numbers of the menus that it has come through, the last one behind; its prefixes are those of
	 * all, "back" leads to the one before */
	char ivrs[CC_CALL_IVRS][16];
	int32_t ivr_count, ivr_entries; /* of these; menus entered in all */
	int32_t ivr_said, ivr_missed;   /* how often its prompts were, inputs that fitted nothing */
	int64_t ivr_ms;                 /* the call is in the last of them since then; 0: in none */
	bool ivr_leaves;                /* a last prompt is said there */
	uint32_t caller_epoch;          /* reservation of caller_agent, 0 none */
	enum cc_cause cause;            /* why it was sent on, or of the prompt that ends the call */
	char music[64];                 /* what the caller's music layer plays, "" nothing */
	char prompt[CC_CALL_PROMPT];    /* what the prompt layers play, to order it again */
	char last_agent[16];
	int32_t trunks;                /* that an outbound call was tried over */
	char trunk_text[CC_CALL_TEXT]; /* what the last one that failed said */
	int64_t created_ms, answered_ms, entered_ms, connected_ms, bridged_ms, agent_ms, ring_ms;
	int32_t early_leg; /* that is heard before its answer, -1 */
	bool early_ear;    /* who waits for the answer has heard one before it */
	int32_t bridged_leg, bridged_agent;
	uint32_t bridged_epoch;
	bool held;             /* by the phone of bridged_leg */
	int64_t away_until_ms; /* the page of bridged_agent is gone, and waited for as long; 0: it is
							  not */
	bool calling_back;     /* who moved the call is called, because nobody else answered */
	int32_t target;        /* agent whom the call is moved to or who is asked, -1 */
	int32_t referrer;      /* agent who moves the call, -1 */
	int32_t consult_leg;   /* second dialog of the phone of bridged_leg, which asks … */
	int32_t other_leg, other_agent; /* … this agent, who has answered; -1 */
	uint32_t other_epoch;
	int64_t deadline_ms[CC_CALL_TIMERS]; /* 0 = off */
	int64_t next_ms; /* earliest deadline for the engine's timer, INT64_MAX = none */
};

void cc_call_init(struct cc_call *c, const struct cc_ulid *id, uint32_t tenant,
		const struct cc_conf *conf, int64_t now_ms);
/* Changes the pinned snapshot to another one of the tenant; the engine does the references. False:
 * the call is about something that the new one does not have, and keeps the old one. */
bool cc_call_configure(struct cc_call *c, const struct cc_conf *conf);
/* Adds a leg before it is named in an input; index, or CC_E_FULL. Agents' are 1 and more, the
 * caller's is 0, a callee's the first that is free; an agent for whom a page dials another one is
 * the caller all the same. */
int cc_call_leg_add(struct cc_call *c, enum cc_leg_role role, bool incoming, int32_t slot,
		const struct cc_ulid *id, int32_t agent, uint32_t epoch, int64_t now_ms);
/* Number and name of who is not the agent; agents' phones show c->shown instead where there is one.
 */
const char *cc_call_customer(const struct cc_call *c);
const char *cc_call_customer_name(const struct cc_call *c);
/* What agents' phones show before number and name: of the queue (-1: none) and of the menus on the
 * way, the last one first. Cut to the sizes. */
void cc_call_prefix(const struct cc_call *c, int32_t queue, char *number, size_t number_size,
		char *name, size_t name_size);
/* out is emptied first. Never fails. */
void cc_call_step(struct cc_call *c, const struct cc_call_input *in, struct cc_call_actions *out);
/* Whether it has ended: nothing changes it any more. */
bool cc_call_over(const struct cc_call *c);

/* What the indexes in a call mean, for an engine that finds it after a restart, perhaps with
 * another configuration. */
#define CC_CALL_REFS (5 + CC_CALL_LEGS + CC_CALL_OFFERS)
struct cc_call_names
{
	char queue[16], route[16];
	char agents[CC_CALL_REFS][16];
};
void cc_call_names(const struct cc_call *c, struct cc_call_names *names);
/* Makes the call one of that configuration. CC_E_NOENT: its queue, or an agent that it has, is not
 * in it any more; the call is unchanged then. */
int cc_call_rebind(
		struct cc_call *c, const struct cc_call_names *names, const struct cc_conf *conf);
/* The end of a call that no configuration fits: the journal records that every reader needs. */
void cc_call_abandon(struct cc_call *c, const struct cc_call_names *names, int64_t now_ms,
		struct cc_call_actions *out);

#endif
