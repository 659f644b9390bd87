/* SPDX-License-Identifier: GPL-2.0-or-later
 * The configuration of the call engine: a set of tenant snapshots made from one JSON document.
 *
 * Each tenant is one block of memory without pointers, so that it can lie in memory that several
 * processes share; a set is one more block with the indexes over all tenants. A set is never
 * changed after it was built: a reload builds the next one, which keeps the blocks of tenants whose
 * text is the same. References are counted; a call keeps its tenant's block for its whole life.
 * Indexes of queues and agents are valid within one block only; across blocks a queue or an agent
 * is known by its number.
 *
 * The document:
 * {"version":1,"generation":N,"tenants":[{"id","code","name","state","country","area_code","timezone",
 * "prompt_language","queues":[{"number","name","strategy","ring_timeout_s","max_wait_s","max_waiting","retry_delay_s",
 * "wrapup","wrapup_s","join_empty","auto_pause","music","entry_prompt","announce_position","announce_period_s","record",
 * "state"}],"agents":[{"number","name","ha1","pin_hash","state"}],"members":[{"queue","agent","position","priority",
 * "static"}],"dids":[{"number","name","target_kind","target","state"}],"trunks":[{"name","address","port","transport",
 * "max_channels"}]}]}. Names, kinds and values are the columns of db/core; a trunk stands in the
 * tenant that owns it, "tenants":[ids] in it are the grants; ids of tenants that are not in the
 * document are ignored. Every field must be there; an unknown one is an error, because it is a
 * misspelling or a newer version. Names longer than their place are cut. An error names object and
 * field: "tenant demo, queue 600: ring_timeout_s must be 1…3600". */
#ifndef CC_CONF_H
#define CC_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cc_strategy
{
	CC_STRATEGY_LONGEST_IDLE,
	CC_STRATEGY_FEWEST_CALLS,
	CC_STRATEGY_LINEAR,
	CC_STRATEGY_ROUND_ROBIN,
	CC_STRATEGY_RANDOM,
	CC_STRATEGY_RING_ALL,
};
enum cc_wrapup
{
	CC_WRAPUP_OFF,
	CC_WRAPUP_ANSWERED,
	CC_WRAPUP_RINGING
};
enum cc_target
{
	CC_TARGET_QUEUE,
	CC_TARGET_AGENT,
	CC_TARGET_IVR,
	CC_TARGET_HANGUP
};
enum cc_transport
{
	CC_TRANSPORT_UDP,
	CC_TRANSPORT_TCP,
	CC_TRANSPORT_TLS,
	CC_TRANSPORT_WS
};

struct cc_conf_queue
{
	char number[16], name[104];
	enum cc_strategy strategy;
	enum cc_wrapup wrapup;
	int32_t ring_timeout_ms, max_wait_ms, max_waiting, retry_delay_ms, wrapup_ms,
			announce_period_ms; /* 0: none */
	bool join_empty, auto_pause, announce_position, record, enabled;
	char music[64], entry_prompt[64];   /* names of prompts, "" none */
	int32_t member_first, member_count; /* in members of the tenant, in list order */
};

struct cc_conf_agent
{
	char number[16], name[104];
	char ha1[33], pin_hash[33]; /* lower case hexadecimal MD5 */
	bool enabled;
	int32_t membership_first,
			membership_count; /* in memberships: indexes of members, ordered by queue */
};

struct cc_conf_member
{
	int32_t queue, agent;
	int32_t position, priority; /* list order; 1 is offered first */
	bool fixed;                 /* static: always signed in (TEL-33) */
};

struct cc_conf_did
{
	char number[40], name[104], target[40];
	enum cc_target kind;
	int32_t target_index; /* queue or agent, -1 for other kinds */
	bool enabled;
};

/* One tenant. Lookups by number are binary searches. */
struct cc_conf
{
	volatile int32_t refs; /* of the store */
	uint32_t tenant;
	uint64_t hash; /* of what the block says */
	size_t bytes;
	char code[40], name[104], country[16], area_code[16], timezone[72], language[16];
	bool active;
	int32_t queue_count, agent_count, member_count, did_count;
	int32_t queues_off, agents_off, members_off, memberships_off,
			dids_off; /* bytes from the start of the block */
};

const struct cc_conf_queue *cc_conf_queue_at(const struct cc_conf *c, int32_t i);
const struct cc_conf_agent *cc_conf_agent_at(const struct cc_conf *c, int32_t i);
const struct cc_conf_member *cc_conf_member_at(const struct cc_conf *c, int32_t i);
/* i-th membership of the agent: index of the member */
int32_t cc_conf_membership(const struct cc_conf *c, int32_t agent, int32_t i);
const struct cc_conf_did *cc_conf_did_at(const struct cc_conf *c, int32_t i);
/* Index, or CC_E_NOENT. */
int32_t cc_conf_queue_find(const struct cc_conf *c, const char *number);
int32_t cc_conf_agent_find(const struct cc_conf *c, const char *number);
int32_t cc_conf_did_find(const struct cc_conf *c, const char *number);

struct cc_conf_trunk
{
	char name[104], address[64]; /* address in the text form of inet_ntop */
	uint16_t port;
	enum cc_transport transport;
	int32_t max_channels;
	uint32_t owner; /* tenant */
};

/* All tenants. */
struct cc_conf_set;
/* Memory that the blocks live in. */
struct cc_conf_memory
{
	void *(*alloc)(size_t bytes);
	void (*free)(void *p);
};
/* Builds the next set; previous may be NULL. error gets a text that names object and field.
 * CC_E_INVAL: the document is wrong; CC_E_NOMEM. The new set holds a reference on each tenant
 * block. */
int cc_conf_build(struct cc_conf_set **set, const char *json, size_t len,
		const struct cc_conf_set *previous, const struct cc_conf_memory *memory, char *error,
		size_t error_size);
/* Puts the set's references back and frees it. The caller makes sure that nobody is inside. */
void cc_conf_set_free(struct cc_conf_set *set, const struct cc_conf_memory *memory);
int64_t cc_conf_generation(const struct cc_conf_set *set);
int32_t cc_conf_tenant_count(const struct cc_conf_set *set);
const struct cc_conf *cc_conf_tenant_at(const struct cc_conf_set *set, int32_t i);
/* NULL: no such tenant. */
const struct cc_conf *cc_conf_by_id(const struct cc_conf_set *set, uint32_t tenant);
const struct cc_conf *cc_conf_by_code(const struct cc_conf_set *set, const char *code);
/* The tenant of a DID over all tenants and the DID's index in it; NULL: unknown. */
const struct cc_conf *cc_conf_by_did(
		const struct cc_conf_set *set, const char *number, int32_t *did);
/* A trunk by the source of a request; NULL: none. WebSocket never is one. */
const struct cc_conf_trunk *cc_conf_trunk_find(const struct cc_conf_set *set, const char *address,
		uint16_t port, enum cc_transport transport);
bool cc_conf_trunk_granted(
		const struct cc_conf_set *set, const struct cc_conf_trunk *trunk, uint32_t tenant);
/* References of a tenant block (atomic). put frees it when the last one is gone. */
void cc_conf_ref(const struct cc_conf *c);
void cc_conf_put(const struct cc_conf *c, const struct cc_conf_memory *memory);

#endif
