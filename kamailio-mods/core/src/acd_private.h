/* SPDX-License-Identifier: GPL-2.0-or-later
 * Layout of the ACD's block: a header, then arrays that refer to each other by index, -1 for none. */
#ifndef CC_CORE_ACD_PRIVATE_H
#define CC_CORE_ACD_PRIVATE_H

#include "cc/acd.h"

#define ACD_MAGIC 0x31444341u /* "ACD1" */
#define ACD_LAYOUT 1

/* What is journalled about an agent (agent.state, field what). */
enum acd_what
{
	WHAT_NONE,
	WHAT_LOGIN,
	WHAT_LOGOUT,
	WHAT_SIGN_IN,
	WHAT_SIGN_OUT,
	WHAT_AUTO_SIGN_OUT,
	WHAT_IDLE,
	WHAT_BUSY,
	WHAT_AUTO_BUSY,
	WHAT_AWAY,
	WHAT_OFFLINE,
	WHAT_REGISTERED,
	WHAT_UNREGISTERED,
	WHAT_RESERVED,
	WHAT_RINGING,
	WHAT_TALKING,
	WHAT_RELEASED,
	WHAT_WRAPUP_START,
	WHAT_WRAPUP_END,
};

struct acd_agent
{
	char number[16], name[104], reason[64];
	/* The reservation: even = free, odd = held; each change adds one. Only compare-and-set touches it. */
	uint64_t hold;
	bool used, enabled, seen;
	enum cc_work work;
	enum cc_agent_call state;
	int32_t conf;		 /* index in the snapshot */
	int32_t first_member; /* of its memberships, linked by next_of_agent */
	int32_t registered, calls_today;
	int32_t queue;		  /* of the present reservation, -1 none */
	struct cc_ulid call;  /* of it */
	int32_t visit;
	int64_t since_ms, last_end_ms, wrapup_ms; /* wrapup_ms: when it ends, INT64_MAX by hand */
	bool rang;
	enum acd_what pending; /* an event that did not fit into the effects */
};

struct acd_member
{
	int32_t agent, queue, next_of_agent;
	int32_t priority;
	bool fixed, signed_in;
	int64_t retry_ms; /* not offered before */
};

struct acd_queue
{
	char number[16], name[104];
	bool used, enabled, join_empty, auto_pause;
	enum cc_strategy strategy;
	enum cc_wrapup wrapup;
	int32_t wrapup_ms, max_waiting, retry_delay_ms;
	int32_t member_first, member_count; /* in members, in list order */
	int32_t last_agent;					/* who answered last, for round robin */
	int32_t head, tail, waiting;		/* of its calls, in their order */
	int32_t answered_today, abandoned_today, offered_today;
};

struct acd_call
{
	bool used;
	struct cc_ulid id;
	int32_t visit, queue, priority;
	int32_t next, prev;	  /* in the queue; free list by next */
	int32_t next_in_bucket;
	int32_t granted;	  /* reservations made for it and not yet over */
	int64_t entered_ms;
	char from[CC_CALL_TEXT], from_name[CC_CALL_TEXT];
};

struct cc_acd
{
	uint32_t magic, layout, tenant;
	uint64_t bytes;
	struct cc_acd_limits limits;
	int32_t agent_count, queue_count, member_count; /* in use; slots of agents are never moved */
	int32_t call_free, bucket_count;
	int32_t pending; /* agents with an event that waits */
	uint32_t random;
	int64_t midnight_ms, next_ms;
	char timezone[72];
	uint64_t agents_off, queues_off, members_off, calls_off, buckets_off;
};

struct acd_agent *acd_agents(const struct cc_acd *a);
struct acd_queue *acd_queues(const struct cc_acd *a);
struct acd_member *acd_members(const struct cc_acd *a);
struct acd_call *acd_calls(const struct cc_acd *a);
int32_t *acd_buckets(const struct cc_acd *a);
/* Index or -1. */
int32_t acd_agent_find(const struct cc_acd *a, const char *number);
int32_t acd_queue_find(const struct cc_acd *a, const char *number);
int32_t acd_call_find(const struct cc_acd *a, const struct cc_ulid *id, int32_t visit);

struct acd_op
{
	struct cc_acd *a;
	int64_t now;
	struct cc_acd_out *out;
	const struct cc_acd_by *by;
};

/* Journals the agent's state now; since_ms moves when shown state changed. */
void acd_event(struct acd_op *op, int32_t agent, enum acd_what what);
void acd_agent_fields(const struct cc_acd *a, int32_t agent, enum acd_what what, const struct cc_acd_by *by,
		struct cc_jsonw *w);
/* Gives calls of the queue to agents, as long as both are there. */
void acd_dispatch_queue(struct acd_op *op, int32_t queue);
/* Gives the agent the call that comes first in all its queues. */
void acd_dispatch_agent(struct acd_op *op, int32_t agent);
bool acd_available(const struct cc_acd *a, const struct acd_member *m, int64_t now_ms);
void acd_call_remove(struct cc_acd *a, int32_t call);
void acd_wake(struct cc_acd *a, int64_t at_ms);

#endif
