/* SPDX-License-Identifier: GPL-2.0-or-later
 * The automatic call distributor of one tenant: agents, their states, waiting calls, and which agent gets which call.
 *
 * One block of memory without pointers, so that it can be a shared file that survives the death of every process. The
 * caller serialises all functions of one block by a lock, except cc_acd_reserve and cc_acd_reserved. Time and randomness
 * are given. What follows from a call is put into struct cc_acd_out: the caller acts on it after it has let go the lock.
 *
 * Invariant: an agent has at most one reservation, taken by one compare-and-set on (epoch, holder), whatever the way to
 * the agent; a waiting call is granted to at most one agent at a time (all idle ones with ring-all). */
#ifndef CC_ACD_H
#define CC_ACD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cc/call.h"
#include "cc/conf.h"
#include "cc/jsonw.h"

enum cc_work { CC_WORK_OFFLINE, CC_WORK_ONLINE, CC_WORK_BUSY, CC_WORK_AWAY };
enum cc_agent_call { CC_AGENT_IDLE, CC_AGENT_RESERVED, CC_AGENT_RINGING, CC_AGENT_TALKING, CC_AGENT_WRAPUP };
enum cc_initiator { CC_BY_AGENT, CC_BY_LEADER, CC_BY_SYSTEM };

struct cc_acd; /* opaque */

struct cc_acd_limits {
	int32_t agents, queues, memberships, waiting;
};

/* Bytes of a block for these limits. */
size_t cc_acd_size(const struct cc_acd_limits *limits);
/* Makes an empty one in zeroed memory. */
void cc_acd_init(struct cc_acd *a, size_t bytes, const struct cc_acd_limits *limits, uint32_t tenant);
/* Takes over a block of an earlier process: layout, tenant and all indexes are checked (CC_E_CORRUPT); sign-ins, work
 * states, reasons and counters stay; waiting calls and reservations, whose processes are gone, are cleared; an agent that
 * talked becomes idle (without wrap-up). */
int cc_acd_adopt(struct cc_acd *a, size_t bytes, uint32_t tenant, int64_t now_ms);

/* What a change leads to. */
enum cc_acd_effect_kind {
	CC_ACD_GRANT,	/* call, visit: agent (index in the snapshot given to cc_acd_configure last), epoch */
	CC_ACD_OUT,		/* call, visit: removed from its queue; cause */
	CC_ACD_EVENT,	/* journal: event, JSON at text+off, call if any */
};
struct cc_acd_effect {
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
struct cc_acd_out {
	int count;
	struct cc_acd_effect e[CC_ACD_EFFECTS];
	int32_t text_len;
	char text[48 * 1024];
	bool more; /* it did not all fit: call cc_acd_tick again at once; nothing is lost */
};

/* Who changes something, for the agent's event. */
struct cc_acd_by {
	enum cc_initiator initiator;
	const char *actor; /* "user:12", "phone", "" */
};

/* A new snapshot (mark and sweep by number): states stay, new static members are signed in, agents that are gone or
 * disabled are signed out, queues that are gone let their calls out. Too many objects: CC_E_FULL, the old one holds. */
int cc_acd_configure(struct cc_acd *a, const struct cc_conf *conf, int64_t now_ms, struct cc_acd_out *out);

/* Agents by number. queue NULL: all of the agent's queues. CC_E_NOENT: no such agent or membership; CC_E_DENIED: a
 * static member cannot sign out; signing in when offline makes the agent online. */
int cc_acd_sign(struct cc_acd *a, const char *agent, const char *queue, bool on, const struct cc_acd_by *by,
	int64_t now_ms, struct cc_acd_out *out);
/* CC_E_STATE: idle while a call holds the agent (STATE-02). reason: for busy, may be "". Online during wrap-up ends it. */
int cc_acd_work(struct cc_acd *a, const char *agent, enum cc_work work, const char *reason, const struct cc_acd_by *by,
	int64_t now_ms, struct cc_acd_out *out);
int cc_acd_wrapup_end(struct cc_acd *a, const char *agent, const struct cc_acd_by *by, int64_t now_ms, struct cc_acd_out *out);
/* Number of contacts that the agent's phone has registered. */
int cc_acd_registered(struct cc_acd *a, const char *agent, int32_t contacts, int64_t now_ms, struct cc_acd_out *out);

struct cc_acd_caller {
	struct cc_ulid call;
	int32_t visit;
	int32_t priority; /* higher first, then by time of entry */
	char from[CC_CALL_TEXT], from_name[CC_CALL_TEXT];
};
/* Puts a call into a queue. CC_E_FULL: the queue's limit; CC_E_STATE: nobody is signed in and the queue wants somebody;
 * CC_E_NOENT: no such queue or disabled. On success a grant may be in out at once. */
int cc_acd_enter(struct cc_acd *a, const char *queue, const struct cc_acd_caller *caller, int64_t now_ms, struct cc_acd_out *out);
/* The call waits no longer (idempotent). A reservation made for it stays until it is released. */
void cc_acd_leave(struct cc_acd *a, const struct cc_ulid *call, int32_t visit, int64_t now_ms, struct cc_acd_out *out);
/* 1 is next; 0: does not wait. waiting: calls in the queue. */
int32_t cc_acd_position(const struct cc_acd *a, const struct cc_ulid *call, int32_t visit, int32_t *waiting);

/* Reservation on any other way to an agent: its epoch, CC_E_STATE if it is held, CC_E_NOENT. */
int cc_acd_reserve(struct cc_acd *a, const char *agent, const struct cc_ulid *call, int64_t now_ms, uint32_t *epoch,
	struct cc_acd_out *out);
/* Reports about a reserved agent; stale epochs are ignored (CC_E_STALE). */
int cc_acd_ringing(struct cc_acd *a, const char *agent, uint32_t epoch, int64_t now_ms, struct cc_acd_out *out);
int cc_acd_talking(struct cc_acd *a, const char *agent, uint32_t epoch, int64_t now_ms, struct cc_acd_out *out);
/* Ends the reservation: wrap-up by the queue's kind, auto pause after no answer, and the next grant. A call that still
 * waits (outcome not TALKED) is granted again, to this agent not before the queue's retry delay. */
int cc_acd_release(struct cc_acd *a, const char *agent, uint32_t epoch, enum cc_outcome outcome, int64_t now_ms,
	struct cc_acd_out *out);

/* Timers: wrap-up, retry delays, midnight of the tenant. next_ms: when to call again at the latest, INT64_MAX never. */
void cc_acd_tick(struct cc_acd *a, int64_t now_ms, struct cc_acd_out *out, int64_t *next_ms);

struct cc_acd_gauges {
	int32_t agents, signed_in, waiting, reserved, talking;
};
void cc_acd_gauges(const struct cc_acd *a, struct cc_acd_gauges *g);
/* "queues":[{number,name,waiting,longest_wait_ms,signed_in,idle,ringing,talking,wrapup,paused,answered_today,
 * abandoned_today}], "agents":[{fields of agent.state, name}], "waiting":[{call,queue,from,from_name,since,position}]
 * into an open object of w. */
void cc_acd_board(const struct cc_acd *a, int64_t now_ms, struct cc_jsonw *w);
/* The fields of agent.state of one agent into an open object. CC_E_NOENT. */
int cc_acd_agent_json(const struct cc_acd *a, const char *agent, struct cc_jsonw *w);
/* Every internal index and count is recomputed and compared: CC_E_CORRUPT and what in error. For tests and simulators. */
int cc_acd_check(const struct cc_acd *a, char *error, size_t size);

#endif
