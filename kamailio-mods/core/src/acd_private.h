/* SPDX-License-Identifier: GPL-2.0-or-later
 * The block of the distributor. Records (agents, queues, members, calls) say everything; the sets
 * over them are indexes that cc_acd_rebuild makes anew from the records at any time.
 *
 * Files: acd.c block and indexes; acd_agent.c what agents do and reservations; acd_queue.c waiting
 * calls and who gets them; acd_configure.c snapshots and adoption; acd_out.c effects and JSON;
 * acd_check.c. */
#ifndef CC_ACD_PRIVATE_H
#define CC_ACD_PRIVATE_H

#include "acd_tree.h"
#include "cc/acd.h"
#include "numbered.h"

#define ACD_TRIED 16 /* agents that a call remembers to have tried */
#define ACD_REASON 64
#define ACD_ACTOR 64
#define ACD_NOT (-1) /* no index */
#define ACD_GAP 1001 /* rank of a member = levels of skill that it lacks x ACD_GAP + priority */
#define ACD_HELD 1u  /* in the lower half of an agent's word */

/* Numbers and flags are checked when a block is adopted: no bool, whose other values are undefined.
 */
struct acd_agent
{
	char number[16], name[104], reason[ACD_REASON];
	int32_t conf; /* index in the snapshot; ACD_NOT: gone, stays until its call ends */
	uint8_t enabled, work, state, rang;
	uint8_t lost;                  /* adopted in this state; 0 when its call is put back */
	uint8_t browser_work, browser; /* signed in only with a page; one of his is open */
	uint64_t word;                 /* epoch << 32 | held: changed by compare-and-set only */
	int32_t contacts, answered_today;
	int64_t reconnect_until_ms; /* 0: it is not waited for a phone */
	int64_t last_end_ms, work_since_ms, call_since_ms;
	int64_t taken_ms; /* when the reservation for a queue's call began that is being handled */
	int64_t wrapup_until_ms; /* 0: none; INT64_MAX: until ended by hand */
	int32_t queue;           /* of the reservation or wrap-up */
	int32_t visit;
	struct cc_ulid call; /* of the reservation */
	struct cc_acd_customer customer;
	int32_t first, count; /* in memberships */
};

struct acd_queue
{
	char number[16], name[104];
	uint8_t enabled, strategy, wrapup, join_empty, auto_pause, leave_empty, no_agent;
	int32_t max_waiting, retry_delay_ms, wrapup_ms, relax_ms;
	int32_t gap_max;      /* of its members */
	int32_t on_duty;      /* members */
	int64_t handle_ms;    /* how long an agent is busy with a call, moving average; 0: not known */
	int32_t first, count; /* in members, list order */
	int32_t answered_today, abandoned_today;
	int32_t last;   /* round robin: member who answered last */
	uint64_t print; /* of settings and list, to notice changes */
	int32_t signed_in;
	int32_t idle_root, wait_root, want_root;
};

struct acd_member
{
	int32_t queue, agent;
	int32_t rank; /* who is lower is offered first */
	uint8_t fixed, signed_in;
	uint8_t paused;      /* busy in this queue only */
	uint8_t duty;        /* counted in on_duty */
	int64_t retry_at_ms; /* 0: no delay */
};

struct acd_call
{
	struct cc_ulid call;
	int32_t visit, priority, queue; /* queue ACD_NOT: free */
	int32_t next_free;
	int64_t entered_ms;
	uint64_t seq; /* order of entry */
	char from[CC_CALL_TEXT], from_name[CC_CALL_TEXT];
	int32_t hide;
	int32_t grants;                        /* reservations that are made for it */
	int32_t relaxed;                       /* levels of skill that agents may lack by now */
	int64_t relax_at_ms, retry_at_ms;      /* one level more; may be offered again. 0: none */
	int32_t above;                         /* offer to ranks above this first */
	int32_t tried_count, tried[ACD_TRIED]; /* agents */
};

/* An effect that waits to be taken. */
struct acd_item
{
	uint8_t kind, what, initiator, work, state, registered, reconnecting;
	uint16_t cause;
	uint32_t epoch;
	int32_t visit;
	struct cc_ulid call;
	int64_t since_ms;
	char agent[16], queue[16], reason[ACD_REASON], actor[ACD_ACTOR];
};

static inline int32_t acd_gap(const struct acd_member *m)
{
	return m->rank / ACD_GAP;
}

struct cc_acd
{
	uint64_t magic, bytes;
	struct cc_acd_limits limits;
	uint32_t tenant, next_epoch;
	int32_t agent_count, queue_count, member_count;
	int32_t free_call, find_root, timer_root;
	int32_t item_first, item_count;
	uint64_t random, next_seq, steps, lost;
	int64_t midnight_ms;
	char zone[72];
	/* bytes from the start */
	int64_t agents, queues, members, memberships, calls, items;
	int64_t idle_nodes, wait_nodes, want_nodes, find_nodes, timer_nodes;
};

static inline void *acd_at(const struct cc_acd *a, int64_t off)
{
	return (char *)(uintptr_t)a + off;
}

static inline struct acd_agent *acd_agent(const struct cc_acd *a, int32_t i)
{
	return (struct acd_agent *)acd_at(a, a->agents) + i;
}

static inline struct acd_queue *acd_queue(const struct cc_acd *a, int32_t i)
{
	return (struct acd_queue *)acd_at(a, a->queues) + i;
}

static inline struct acd_member *acd_member(const struct cc_acd *a, int32_t i)
{
	return (struct acd_member *)acd_at(a, a->members) + i;
}

static inline struct acd_call *acd_call(const struct cc_acd *a, int32_t i)
{
	return (struct acd_call *)acd_at(a, a->calls) + i;
}

/* Indexes of members, agent by agent, within one by queue. */
static inline int32_t *acd_memberships(const struct cc_acd *a)
{
	return acd_at(a, a->memberships);
}

static inline int32_t acd_item_limit(const struct cc_acd_limits *l)
{
	return 4 * l->agents + l->memberships + l->waiting + 64;
}

/* acd.c */
void cc_acd_layout(struct cc_acd *a, const struct cc_acd_limits *limits);
void cc_acd_rebuild(struct cc_acd *a);
struct cc_tree cc_acd_idle(const struct cc_acd *a, int32_t queue); /* members that are available */
struct cc_tree cc_acd_wait(const struct cc_acd *a, int32_t queue); /* all calls */
struct cc_tree cc_acd_want(const struct cc_acd *a, int32_t queue); /* calls that want a grant */
struct cc_tree cc_acd_found(const struct cc_acd *a);               /* calls by id */
/* items: agents by end of wrap-up, members (+ limits.agents) by end of retry delay, calls (+ those
 * two limits) by what comes first */
struct cc_tree cc_acd_timers(const struct cc_acd *a);
int64_t cc_acd_timer_at(const struct cc_acd *a, int32_t item);
void cc_acd_timer_set(struct cc_acd *a, int32_t item, int64_t at_ms);
int32_t cc_acd_agent_find(const struct cc_acd *a, const char *number); /* in the snapshot */
int32_t cc_acd_agent_any(const struct cc_acd *a, const char *number);  /* also one that is gone */
int32_t cc_acd_queue_find(const struct cc_acd *a, const char *number);
int32_t cc_acd_member_find(const struct cc_acd *a, int32_t agent, int32_t queue);
int32_t cc_acd_call_find(const struct cc_acd *a, const struct cc_ulid *call, int32_t visit);
bool cc_acd_held(const struct acd_agent *g);
uint32_t cc_acd_epoch(const struct acd_agent *g);
bool cc_acd_available(const struct cc_acd *a, int32_t member);
bool cc_acd_on_duty(const struct cc_acd *a, int32_t member);
bool cc_acd_sooner(const struct acd_call *c, const struct acd_call *d); /* c is served first */
bool cc_acd_wants(const struct cc_acd *a, const struct acd_call *c);
int64_t cc_acd_midnight(const struct cc_acd *a, int64_t now_ms); /* the next one */
/* Does what was due before now_ms. */
void cc_acd_advance(struct cc_acd *a, int64_t now_ms);

/* acd_agent.c */
void cc_acd_list(struct cc_acd *a, int32_t agent);   /* into the idle sets where it is available */
void cc_acd_unlist(struct cc_acd *a, int32_t agent); /* out of all of them */
void cc_acd_signed(struct cc_acd *a, int32_t member, bool on);
void cc_acd_wrapup_over(
		struct cc_acd *a, int32_t agent, const struct cc_acd_by *by, int64_t now_ms);
bool cc_acd_take(struct cc_acd *a, int32_t agent, int32_t queue, const struct cc_ulid *call,
		int32_t visit, int64_t now_ms);

/* acd_queue.c */
void cc_acd_serve_agent(struct cc_acd *a, int32_t agent, int64_t now_ms);
void cc_acd_serve_queue(struct cc_acd *a, int32_t queue, int64_t now_ms);
void cc_acd_call_remove(struct cc_acd *a, int32_t call);
/* A reservation for the call ended; missed: the agent, of that rank (0 unknown), did not answer. */
void cc_acd_call_ungrant(struct cc_acd *a, int32_t call, bool missed, int32_t rank, int64_t now_ms);
/* Its time has come: agents of less skill, or an end of the pause before the next offer. */
void cc_acd_call_due(struct cc_acd *a, int32_t call, int64_t at_ms, int64_t now_ms);
/* How far it is relaxed at that time, and when it goes on. The call is in no set of timers. */
void cc_acd_call_relax(struct cc_acd *a, int32_t call, int64_t at_ms);
/* Calls that no agent rings for leave a queue that nobody works in, if it says so. */
void cc_acd_evict(struct cc_acd *a, int32_t queue);

/* acd_out.c */
void cc_acd_note(struct cc_acd *a, int32_t agent, enum cc_agent_event what, const char *queue,
		const struct cc_acd_by *by);
/* With a reason other than that of the work state. */
void cc_acd_note_reason(struct cc_acd *a, int32_t agent, enum cc_agent_event what,
		const char *queue, const char *reason, const struct cc_acd_by *by);
void cc_acd_note_grant(struct cc_acd *a, int32_t agent);
void cc_acd_note_out(struct cc_acd *a, const struct acd_call *c, enum cc_cause cause);
/* Moves effects to out as far as they fit. */
void cc_acd_drain(struct cc_acd *a, struct cc_acd_out *out);

#endif
