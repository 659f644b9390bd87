/* SPDX-License-Identifier: GPL-2.0-or-later
 * Calls in shared memory: each has an inbox and at most one process that steps it (cc/call.h) and
 * carries out what was decided. Posting never runs anything: whatever a process posted to, it runs
 * when it leaves its outermost section, so that no lock is held meanwhile and nothing recurses. */
#ifndef CC_CALL_ENGINE_H
#define CC_CALL_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/locking.h"

#include "cc/call.h"
#include "cc_call/api.h"
#include "leg_ready.h"
#include "ng.h"
#include "pool.h"

#define CC_ENGINE_BEATS 8
#define CC_INBOX 160       /* inputs that wait for a call's runner: many phones may ring */
#define CC_INBOX_SPARE 136 /* of these only for what must not be lost (not for digits) */

struct cc_ring;
struct cc_leg;
struct json_object;

/* An input and the leg that it is about, so that a leg's late input never meets the next leg of the
 * same index. */
struct cc_envelope
{
	struct cc_call_input input;
	int32_t leg_slot; /* -1: not about a leg */
	uint32_t leg_gen;
};

/* What came from a leg's phone and what was missing in it; rx -1: not known. */
struct cc_leg_packets
{
	int64_t rx, lost;
};

struct cc_call_slot
{
	gen_lock_t lock; /* guards what follows up to the inbox; held for a few instructions */
	uint32_t gen;
	bool used, running;
	bool timer_due, conf_due; /* coalesced inputs */
	unsigned media_due;       /* of enum cc_media */
	uint16_t head, count;
	struct cc_envelope inbox[CC_INBOX];

	/* of the runner */
	struct cc_call core;    /* the state machine */
	uint32_t journal_seq;   /* of the call's last record */
	uint64_t journal_since; /* it is not among the records before this number of the journal */
	struct cc_ulid id;
	char id_text[CC_ULID_TEXT + 1];
	int32_t legs[CC_CALL_LEGS];                  /* slot of core.legs[i], -1 none */
	struct cc_leg_packets packets[CC_CALL_LEGS]; /* of the leg that was i when it ended */
};

#define CC_ENGINE_TURNS 256

struct cc_engine
{
	struct cc_ng_shared ng;
	struct cc_leg_ready ready;
	int32_t call_count, leg_count, port_count;
	uint16_t mix_min; /* cc-mixd's first port */
	struct cc_pool *call_pool, *leg_pool, *port_pool;
	struct cc_call_slot *calls;
	struct cc_leg *legs;
	/* contiguous for searches by id; zeros: free */
	struct cc_ulid *call_ids, *leg_ids;
	volatile uint32_t *call_tenants; /* 0: free */
	/* contiguous for the timer's scan, UTC ms, INT64_MAX: none */
	volatile int64_t *call_deadline, *leg_deadline;
	volatile int64_t mixer_start; /* of the running cc-mixd, 0 unknown */
	/* which rtpengine runs: the n-th that this engine has seen, 0 none yet; and about when it has
	 * started, UTC ms, for the engine after this one */
	volatile uint32_t rtpengine_seen;
	volatile int64_t rtpengine_start;
	volatile int64_t beats[CC_ENGINE_BEATS]; /* monotonic ms, procs.h */
	volatile bool disk_full, stopping;
	uint32_t epoch;
	int64_t started_ms;
	/* counters for cc.stats */
	volatile uint64_t calls_total, refused_total, inputs_dropped, media_failures;
	volatile uint32_t turns[CC_ENGINE_TURNS]; /* calls to outside, by tenant modulo */
};

/* The state of the module in this process: set before the fork, the same in all. */
extern struct cc_engine *cc_engine;
extern struct cc_ring *cc_engine_ring;

/* Shared memory for that many calls, legs (SIP dialogs, those that are ending included) and media
 * ports. */
int cc_engine_init(int32_t calls, int32_t legs, int32_t ports, uint16_t mix_min);
void cc_engine_destroy(void);

/* A section: what is posted inside runs when the outermost one is left. */
void cc_engine_enter(void);
void cc_engine_leave(void);
/* Gives the leg's media back and drops the reference, after all that runs in this section: a caller
 * who waits for the agent of the call that has ended does not wait for rtpengine and cc-mixd to
 * forget it. */
void cc_engine_release(struct cc_leg *leg);
/* Whether this process may carry out calls' actions, which can wait for a peer. tm's timer may not:
 * what it posts is run by the engine's timer. */
void cc_engine_may_run(bool may);

/* Takes a free slot and initialises its core; the call takes a reference on conf. The caller fills
 * in the core's fields, adds leg 0 with cc_engine_leg_add and posts CC_IN_NEW. CC_E_FULL. */
int cc_engine_call_new(struct cc_call_ref *ref, struct cc_call_slot **slot,
		const struct cc_conf *conf, int64_t now_ms);
/* The number of the tenant's next call to outside. */
uint32_t cc_engine_turn(uint32_t tenant);
/* Puts a call that an earlier engine left behind back into its slot; as _new, but it has legs.
 * Before the fork. CC_E_EXIST: the slot is taken. */
int cc_engine_call_restore(struct cc_call_ref *ref, struct cc_call_slot **slot, int32_t index,
		const struct cc_call *core, uint32_t journal_seq, uint64_t journal_since);
/* Makes leg one of the call's: its index, or CC_E_FULL. Of the runner, or before CC_IN_NEW. */
int cc_engine_leg_add(struct cc_call_ref ref, struct cc_leg *leg, enum cc_leg_role role,
		int32_t agent, uint32_t epoch, int64_t now_ms);
/* Undoes the above before CC_IN_NEW was stepped: in the section that posted it. */
void cc_engine_call_drop(struct cc_call_ref ref);

/* CC_E_NOENT: the call is gone; CC_E_FULL: the inbox is full. leg_slot -1: the input is about no
 * leg. */
int cc_engine_post(
		struct cc_call_ref ref, int32_t leg_slot, uint32_t leg_gen, const struct cc_call_input *in);
/* An agent's phone dials a number while it talks in the call: leg, which is nobody's yet, becomes
 * one of the call's. As cc_engine_post. */
int cc_engine_consult(struct cc_call_ref ref, const struct cc_leg *leg, const char *number);
int cc_engine_hangup(struct cc_call_ref ref, const char *actor);
/* Every call orders again what parts of these (enum cc_media) have forgotten. */
void cc_engine_restart_media(unsigned media);
/* Another configuration is in force: every call takes it over. */
void cc_engine_reconfigure(void);
/* A call in progress by its id; CC_E_NOENT. tenant 0: of any */
int cc_engine_find(struct cc_call_ref *ref, uint32_t tenant, const struct cc_ulid *id);
/* The ACD reserved an agent for the call. */
int cc_engine_grant(struct cc_call_ref ref, const char *agent, int32_t visit, uint32_t epoch);
/* Calls in progress of a tenant as JSON objects. */
struct json_object *cc_engine_calls(uint32_t tenant);

/* Calls and legs whose deadline has come. */
void cc_engine_tick(int64_t now_ms);

/* One journal record outside a call's own sequence. fields: a JSON object; call and seq (out: its
 * number) may be NULL. */
int cc_engine_journal(uint32_t tenant, const struct cc_ulid *call, uint16_t event,
		const char *fields, size_t len, uint64_t *seq);

#endif
