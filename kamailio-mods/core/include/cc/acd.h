/* SPDX-License-Identifier: GPL-2.0-or-later
 * The automatic call distributor of one tenant: agents, their states, waiting calls, and which
 * agent gets which call.
 *
 * One block of memory without pointers, so that it can be a shared file that survives the death of
 * every process. The caller serialises all functions of one block by a lock. Time and randomness
 * are given. What follows from a call is put into struct cc_acd_out: the caller acts on it after it
 * has let go the lock.
 *
 * Invariants: an agent has at most one reservation, taken by one compare-and-set on (epoch, held),
 * whatever the way to the agent, so that not even a broken lock connects two calls to one agent; a
 * waiting call is granted to at most one agent at a time (ring all: to idle ones up to
 * CC_CALL_OFFERS); no call waits ungranted while an agent is available that it may be offered to.
 *
 * On duty is an agent who is online, signed in to the queue, not paused in it, and has a registered
 * phone. Available is one who is on duty, holds no call and no wrap-up, and whose retry delay in
 * this queue is over. A queue can let its calls out as soon as nobody is signed in (leave_empty) or
 * nobody is on duty (no_agent_overflow); a call that an agent still rings for stays so long.
 *
 * Which agent gets a call: one who has the skills before one who lacks levels, which counts only
 * after the call has waited relax_ms for every level; then the one of the lowest priority number
 * (TEL-28), among those by the queue's strategy (TEL-06), ties in list order. After an offer that
 * was not answered the call pauses for the retry delay and goes to the next priority; where there
 * is none it begins again, but offers itself to nobody twice before all that are available have had
 * it. Which call an agent gets: of all first ones in its queues the one of the highest priority
 * that has waited longest.
 *
 * Work state and sign-in are independent: signing in makes an offline agent online; signing out,
 * even of all queues, leaves the work state, because an agent without queues still has calls of its
 * own (the manuals show both side by side). Busy and away pause calls of queues only. */
#ifndef CC_ACD_H
#define CC_ACD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cc/call.h"
#include "cc/conf.h"
#include "cc/jsonw.h"

enum cc_work
{
	CC_WORK_OFFLINE,
	CC_WORK_ONLINE,
	CC_WORK_BUSY,
	CC_WORK_AWAY
};
enum cc_agent_call
{
	CC_AGENT_IDLE,
	CC_AGENT_RESERVED,
	CC_AGENT_RINGING,
	CC_AGENT_TALKING,
	CC_AGENT_HOLD,
	CC_AGENT_WRAPUP
};
enum cc_initiator
{
	CC_BY_AGENT,
	CC_BY_LEADER,
	CC_BY_SYSTEM
};

/* What happened to an agent: "what" of agent.state. */
enum cc_agent_event
{
	CC_AGENT_EV_SIGN_IN,       /* 签入, queue */
	CC_AGENT_EV_SIGN_OUT,      /* 签出, queue */
	CC_AGENT_EV_AUTO_SIGN_OUT, /* 自动签出, queue: by the system */
	CC_AGENT_EV_IDLE,          /* 置闲: online */
	CC_AGENT_EV_BUSY,          /* 置忙/暂停 */
	CC_AGENT_EV_AUTO_PAUSE,    /* 自动暂停: busy, reason no_answer (STATE-06) */
	CC_AGENT_EV_AWAY,          /* 离开 */
	CC_AGENT_EV_OFFLINE,       /* 离线 */
	CC_AGENT_EV_RESERVED,
	CC_AGENT_EV_RINGING,      /* 振铃 */
	CC_AGENT_EV_TALKING,      /* 通话 */
	CC_AGENT_EV_HOLD,         /* 保持 */
	CC_AGENT_EV_RESUME,       /* 恢复 */
	CC_AGENT_EV_CALL_END,     /* the reservation ended without wrap-up */
	CC_AGENT_EV_WRAPUP_START, /* 话后开始 */
	CC_AGENT_EV_WRAPUP_END,   /* 话后结束 */
	CC_AGENT_EV_QUEUE_BUSY,   /* 组内置忙, queue */
	CC_AGENT_EV_QUEUE_IDLE,   /* 组内置闲, queue */
	CC_AGENT_EV_REGISTERED,   /* 已注册 */
	CC_AGENT_EV_UNREGISTERED, /* 未注册 */
	CC_AGENT_EV_RECONNECTING, /* a web phone lost its connection */
	CC_AGENT_EVENTS
};
/* "sign_in", …: stable. */
const char *cc_agent_event_name(enum cc_agent_event event);

struct cc_acd; /* opaque */

struct cc_acd_limits
{
	int32_t agents, queues, memberships, waiting;
};

/* Bytes of a block for these limits. */
size_t cc_acd_size(const struct cc_acd_limits *limits);
/* Makes an empty one in zeroed memory, aligned to 8. */
void cc_acd_init(
		struct cc_acd *a, size_t bytes, const struct cc_acd_limits *limits, uint32_t tenant);
/* Takes over a block of an earlier process: layout, tenant and everything that stays is checked
 * (CC_E_CORRUPT: it has to be made anew); sign-ins, work states, reasons, wrap-ups and counters
 * stay; waiting calls, reservations and effects not yet taken, whose processes are gone, are
 * cleared; an agent that talked becomes idle (without wrap-up). Calls that go on all the same are
 * put back by cc_acd_restore and cc_acd_enter. */
int cc_acd_adopt(struct cc_acd *a, size_t bytes, uint32_t tenant, int64_t now_ms);
/* Sets the random sequence of CC_STRATEGY_RANDOM; without it, one made of the tenant's id. */
void cc_acd_seed(struct cc_acd *a, uint64_t seed);

/* What a change leads to. */
enum cc_acd_effect_kind
{
	CC_ACD_GRANT, /* call, visit: agent_number, epoch; agent: its index in the snapshot given to
					 cc_acd_configure last */
	CC_ACD_OUT,   /* call, visit: removed from its queue; cause */
	CC_ACD_EVENT, /* journal: event, JSON at text+off, call if any */
};
struct cc_acd_effect
{
	enum cc_acd_effect_kind kind;
	struct cc_ulid call;
	int32_t visit, agent;
	char agent_number[16];
	uint32_t epoch;
	enum cc_cause cause;
	uint16_t event;
	int32_t off, len;
};
#define CC_ACD_EFFECTS 64
/* Functions append; the caller empties it (count = text_len = 0) after it has acted. */
struct cc_acd_out
{
	int count;
	struct cc_acd_effect e[CC_ACD_EFFECTS];
	int32_t text_len;
	char text[48 * 1024];
	bool more; /* it did not all fit: empty it and call cc_acd_tick at once. The rest is kept in the
				  block in order; nothing is lost */
};

/* Who changes something, for the agent's event. NULL: the system. */
struct cc_acd_by
{
	enum cc_initiator initiator;
	const char *actor; /* "user:12", "phone", "" */
};

/* A new snapshot (mark and sweep by number): states stay, new static members are signed in, agents
 * that are gone or disabled are signed out and offline, queues that are gone or disabled let their
 * calls out. An agent that is gone keeps its reservation until its call ends. The memory of a
 * round-robin queue is reset when the queue or its list was changed. Too many objects: CC_E_FULL,
 * the old one holds; CC_E_NOMEM. */
int cc_acd_configure(
		struct cc_acd *a, const struct cc_conf *conf, int64_t now_ms, struct cc_acd_out *out);

/* Agents by number. queue NULL: all of the agent's queues. One event per queue that changed; what
 * is so already is no error. By the system signing out is auto_sign_out. CC_E_NOENT: no such agent
 * or membership; CC_E_DENIED: a static member cannot sign out (of all queues: when all are static),
 * a disabled agent cannot sign in. */
int cc_acd_sign(struct cc_acd *a, const char *agent, const char *queue, bool on,
		const struct cc_acd_by *by, int64_t now_ms, struct cc_acd_out *out);
/* Pauses the agent in one queue only, or ends that; signing out ends it too. reason may be NULL.
 * CC_E_STATE: not signed in to it; CC_E_NOENT. */
int cc_acd_pause(struct cc_acd *a, const char *agent, const char *queue, bool on,
		const char *reason, const struct cc_acd_by *by, int64_t now_ms, struct cc_acd_out *out);
/* reason: for busy and away, may be "" or NULL. Idle or offline during wrap-up ends it. CC_E_STATE:
 * idle while a call holds the agent (STATE-02); CC_E_DENIED: a disabled agent; CC_E_NOENT. */
int cc_acd_work(struct cc_acd *a, const char *agent, enum cc_work work, const char *reason,
		const struct cc_acd_by *by, int64_t now_ms, struct cc_acd_out *out);
/* CC_E_STATE: no wrap-up; CC_E_NOENT. */
int cc_acd_wrapup_end(struct cc_acd *a, const char *agent, const struct cc_acd_by *by,
		int64_t now_ms, struct cc_acd_out *out);
/* Number of contacts that the agent's phone has registered. lost: the last one was a web phone's,
 * whose connection broke: it counts as reconnecting, on duty but not available, until this is said
 * again CC_ACD_RECONNECT_MS later or more. CC_E_NOENT. */
#define CC_ACD_RECONNECT_MS 15000
int cc_acd_registered(struct cc_acd *a, const char *agent, int32_t contacts, bool lost,
		int64_t now_ms, struct cc_acd_out *out);

/* Whether a page of the agent is open, as long as it is not said otherwise. One who works in the
 * browser (ORG-03) is signed out of all queues but static ones when none is, and does not get in by
 * a phone's feature code (actor CC_ACD_PHONE). CC_E_NOENT. */
#define CC_ACD_PHONE "phone"
int cc_acd_browser(
		struct cc_acd *a, const char *agent, bool on, int64_t now_ms, struct cc_acd_out *out);

struct cc_acd_caller
{
	struct cc_ulid call;
	int32_t visit;
	int32_t priority;   /* higher first, then by time of entry */
	int64_t entered_ms; /* 0: it enters now; else it has waited since then, before a restart, and is
						   let in whatever the queue's limits say */
	bool served;        /* it has lost its agent: served at once, with the place it had */
	char from[CC_CALL_TEXT], from_name[CC_CALL_TEXT];
	int32_t hide; /* of the number: cc_number_hide */
};
/* Puts a call into a queue. CC_E_FULL: the queue's limit or the block's; CC_E_STATE: nobody is
 * signed in and the queue wants somebody; CC_E_NOENT: no such queue or disabled; CC_E_EXIST: this
 * visit waits already. On success a grant may be in out at once, or CC_ACD_OUT if nobody works in a
 * queue that is left then. */
int cc_acd_enter(struct cc_acd *a, const char *queue, const struct cc_acd_caller *caller,
		int64_t now_ms, struct cc_acd_out *out);
/* The call waits no longer (idempotent); without cc_acd_talking before it counts as abandoned. A
 * reservation made for it stays until it is released. */
void cc_acd_leave(struct cc_acd *a, const struct cc_ulid *call, int32_t visit, int64_t now_ms,
		struct cc_acd_out *out);
/* 1 is next; 0: does not wait. waiting: calls in the queue, may be NULL. */
int32_t cc_acd_position(
		const struct cc_acd *a, const struct cc_ulid *call, int32_t visit, int32_t *waiting);

/* Agents who are on duty in the queue: signed in, working, with a phone. CC_E_NOENT. */
int32_t cc_acd_duty(const struct cc_acd *a, const char *queue);
/* How long the call has still to wait, ms: its position x the time that an agent is busy with a
 * call of this queue (from the offer to the end of wrap-up, moving average) / agents on duty.
 * CC_E_NOENT: not known. */
int64_t cc_acd_estimate(const struct cc_acd *a, const struct cc_ulid *call, int32_t visit);

/* Reservation on any other way to an agent, in any work state and during wrap-up, which goes on
 * behind it. epoch: not 0. CC_E_STATE: it is held; CC_E_NOENT: no such agent or disabled. */
int cc_acd_reserve(struct cc_acd *a, const char *agent, const struct cc_ulid *call, int64_t now_ms,
		uint32_t *epoch, struct cc_acd_out *out);
/* The call that the agent talks in or holds. CC_E_NOENT: none. */
int cc_acd_call_of(const struct cc_acd *a, const char *agent, struct cc_ulid *call);
/* Reports about a reserved agent; stale epochs are ignored (CC_E_STALE). */
int cc_acd_ringing(struct cc_acd *a, const char *agent, uint32_t epoch, int64_t now_ms,
		struct cc_acd_out *out);
/* Takes the call, if it waits, out of its queue as answered by this agent. */
int cc_acd_talking(struct cc_acd *a, const char *agent, uint32_t epoch, int64_t now_ms,
		struct cc_acd_out *out);
/* The customer of the last call that the agent talked in, for whom it is over and done: it outlives
 * the call. number: "" if it is not to be said. CC_E_NOENT: no such agent; for cc_acd_customer_get
 * also: there was none. */
struct cc_acd_customer
{
	struct cc_ulid call;
	char number[CC_CALL_TEXT];
};
int cc_acd_customer_set(
		struct cc_acd *a, const char *agent, const struct cc_acd_customer *customer);
int cc_acd_customer_get(
		const struct cc_acd *a, const char *agent, struct cc_acd_customer *customer);
/* The agent holds its call or takes it back. CC_E_STATE: does not talk. */
int cc_acd_hold(struct cc_acd *a, const char *agent, uint32_t epoch, bool on, int64_t now_ms,
		struct cc_acd_out *out);
/* Ends the reservation: wrap-up by the queue's kind, auto pause after no answer or a rejection, and
 * the next grant. A call that still waits (outcome not TALKED) is granted again, to this agent not
 * before the queue's retry delay, which is CC_ACD_RETRY_MS at least, lest an unreachable phone is
 * called without end; a caller that has gone costs no delay. */
#define CC_ACD_RETRY_MS 500
int cc_acd_release(struct cc_acd *a, const char *agent, uint32_t epoch, enum cc_outcome outcome,
		int64_t now_ms, struct cc_acd_out *out);

/* After cc_acd_adopt and cc_acd_configure: a call that outlived its engine talks to the agent.
 * queue
 * "" : of no queue. CC_E_NOENT: no such agent; CC_E_STATE: another call holds it. */
struct cc_acd_talk
{
	const char *agent, *queue;
	struct cc_ulid call;
	int32_t visit;
	uint32_t epoch;
	int64_t since_ms;
};
int cc_acd_restore(struct cc_acd *a, const struct cc_acd_talk *talk);
/* After all of those, and cc_acd_enter of those that wait: agents whose calls did not outlive the
 * engine get their event, and whoever waits is served in turn. */
void cc_acd_restored(struct cc_acd *a, int64_t now_ms, struct cc_acd_out *out);

/* Timers: wrap-up, retry delays, midnight of the tenant, which resets the figures of the day. Every
 * function first does what was due before its now_ms. next_ms: when to call again at the latest,
 * INT64_MAX never. */
void cc_acd_tick(struct cc_acd *a, int64_t now_ms, struct cc_acd_out *out, int64_t *next_ms);

struct cc_acd_gauges
{
	int32_t agents, signed_in, waiting, reserved,
			talking; /* reserved: held by a call, talking too */
	uint64_t steps;  /* nodes of indexes and memberships visited since the block was made */
	uint64_t lost;   /* events lost because nobody took the effects for very long */
};
void cc_acd_gauges(const struct cc_acd *a, struct cc_acd_gauges *g);
/* "queues":[{number,name,waiting,longest_wait_ms,signed_in,on_duty,estimated_wait_ms (if known),
 * idle,ringing,talking,wrapup,paused,answered_today,abandoned_today}], "agents":[{fields of
 * agent.state without what, initiator, actor; name, answered_today, static_queues, priorities}],
 * "waiting":[{call,queue,from,from_name,since,position}] into an
 * open object of w. Calls of other ways (MON-06) have "queue":"". */
void cc_acd_board(const struct cc_acd *a, int64_t now_ms, struct cc_jsonw *w);
/* The same of one agent into an open object. CC_E_NOENT. */
int cc_acd_agent_json(const struct cc_acd *a, const char *agent, struct cc_jsonw *w);
/* Every internal index and count is recomputed and compared: CC_E_CORRUPT and what in error. For
 * tests and simulators. */
int cc_acd_check(const struct cc_acd *a, char *error, size_t size);
/* The part of it that is about one queue, where all of it would be too slow. CC_E_NOENT. */
int cc_acd_check_queue(const struct cc_acd *a, const char *queue, char *error, size_t size);

#endif
