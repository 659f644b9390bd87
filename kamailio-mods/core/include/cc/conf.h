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
 * The document: {"version":1,"generation":N,"tenants":[{"id","code","name","state","country",
 * "area_code","timezone","prompt_language" and lists of objects}]}:
 * queues: "number","name","strategy","ring_timeout_s","max_wait_s","max_waiting","retry_delay_s",
 * "wrapup","wrapup_s","join_empty","auto_pause","music","entry_prompt","announce_position",
 * "announce_period_s","record","state", and optional "hold_music","holiday_prompt","announce_wait",
 * "periodic_prompt","periodic_s","agent_prompt","announce_agent","agent_number_before",
 * "agent_number_after","menu_prompt","menu_period_s","menu_repeat","leave_empty",
 * "no_agent_overflow","overflow_kind","overflow_target","prefix_name","prefix_number",
 * "auto_answer","relax_s";
 * agents: "number","name","ha1","pin_hash","state";
 * members: "queue","agent","position","priority","static";
 * dids: "number","name","target_kind","target","state";
 * trunks: "name","address","port","transport","max_channels","tenants":[ids];
 * of the tenant itself optional: "max_calls" (0: no limit), "extension_timeout_s",
 * "external_timeout_s", "transfer_timeout_s", "transfer_callback", "transfer_callback_prefix",
 * "hold_music", "code_password", "gateway_codes", "caller_id", "caller_id_rotation_days",
 * "blacklist_action", "voicemail_greeting", "voicemail_max_s", "voicemail_min_s",
 * "voicemail_silence_s", "outbound_profile" (an id), as in preferences.def, with its defaults,
 * "hides" (how much of numbers its strictest call task hides, cc_number_hide), "web_phone" (it has
 * a contract for web phones), "mobile" (one for agents at numbers outside); of an agent:
 * "click_only", "browser_work", "hide" (of numbers, from him), "terminal", "mobile",
 * "mobile_confirm", "caller_id", "profile" (an id), "voicemail", "greeting"; of a queue:
 * "auto_answer_click", "auto_answer_predictive", "greeting"; of a trunk "id"; and optional keys:
 * "queue","digit","target_kind","target"; no_calls (numbers that nobody may call): "number" (E.164
 * digits), "package" (whose list it is); blacklist (numbers whose calls are not taken): "number";
 * needs (skills of a queue): "queue", "skill","level"; skills (of an agent):
 * "agent","skill","level"; vips: "queue","number","level"; holidays: "day"
 * ("2026-10-01"); profiles (for calls to outside): "id","name"; routes (of a profile): "id",
 * "profile","position","strip","pattern","add"; route_trunks: "route","position","trunk" (its id);
 * caller_ids (that the tenant may show beside its DIDs): "number"; codes (of cc/code.h, where they
 * are not the defaults): "name","code","gateway"; mark_digits (that a customer type has): "digit";
 * ivrs (menus, and announcements): "number","name","kind" (menu, announcement), "skip","start_s",
 * "repeat","timeout_s","key_timeout_s","max_keys","dial_agents","tries","timeout_prompt",
 * "timeout_kind","timeout_target","no_match_prompt","no_match_kind","no_match_target",
 * "prefix_name","prefix_number"; ivr_prompts: "ivr","position","prompt","gap_s"; ivr_keys:
 * "ivr","keys","target_kind","target".
 * An object with one field only may be just its value. Names, kinds and values are the columns of
 * db/core; a trunk stands in the tenant that owns it, its tenants are the grants; ids of tenants
 * that are not in the document are ignored. An optional field that is missing is 0, off, empty: so
 * documents of earlier versions are read. Any other must be there; an unknown one is an error,
 * because it is a misspelling or a newer version. Names longer than their place are cut. An error
 * names object and field: "tenant demo, queue 600: ring_timeout_s must be 1…3600". */
#ifndef CC_CONF_H
#define CC_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cc/route.h"

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
	CC_TARGET_HANGUP,
	CC_TARGET_QUEUE,
	CC_TARGET_AGENT,
	CC_TARGET_IVR,
	CC_TARGET_PROMPT,    /* is said, then the call ends */
	CC_TARGET_DID,       /* goes where calls to this DID go */
	CC_TARGET_CALLBACK,  /* keeps its place in the queue; the customer is called back */
	CC_TARGET_OUTSIDE,   /* a number outside, over a trunk */
	CC_TARGET_BACK,      /* from a menu only: to the one that led there */
	CC_TARGET_VOICEMAIL, /* the box of an agent or a queue, by its number */
};
/* Word of a VIP level (1…), NULL for others. */
const char *cc_vip_name(int32_t level);

/* What becomes of a call from the blacklist (TEL-19). */
enum cc_blacklist
{
	CC_BLACKLIST_HANGUP,
	CC_BLACKLIST_RING,         /* rings as long as an extension would, and nobody answers */
	CC_BLACKLIST_ANNOUNCEMENT, /* is told that it is not taken */
	CC_BLACKLIST_MUSIC,        /* hears the hold music as long as an extension would ring */
};

/* Which of an agent's telephones ring (CALL-06). */
enum cc_terminal
{
	CC_TERMINAL_ALL,
	CC_TERMINAL_PHONE,  /* not those in pages */
	CC_TERMINAL_WEB,    /* those in pages only */
	CC_TERMINAL_MOBILE, /* none of them: a number outside is called, cc_conf_mobile */
};

enum cc_transport
{
	CC_TRANSPORT_UDP,
	CC_TRANSPORT_TCP,
	CC_TRANSPORT_TLS,
	CC_TRANSPORT_WS
};

/* Where a call goes. */
struct cc_conf_target
{
	enum cc_target kind;
	int32_t index; /* queue, agent or DID, -1 for other kinds */
	char name[64]; /* a number, or the name of a prompt; "" */
};

#define CC_SKILL_LEVELS 10 /* levels are 1 to this */

struct cc_conf_queue
{
	char number[16], name[104];
	enum cc_strategy strategy;
	enum cc_wrapup wrapup;
	int32_t ring_timeout_ms, max_wait_ms, max_waiting, retry_delay_ms, wrapup_ms,
			announce_period_ms; /* of the position; 0: none */
	int32_t periodic_ms, menu_period_ms, menu_repeat;
	int32_t relax_ms; /* every so long a caller needs one level less of skills; 0: never */
	bool join_empty, leave_empty, no_agent_overflow, auto_pause, auto_answer, record, enabled;
	bool announce_position, announce_wait, announce_agent;
	bool auto_answer_click; /* members' own phones answer by themselves when a page dials … */
	bool auto_answer_predictive; /* … members' phones when the queue has called the customer */
	/* names of prompts, "" none */
	char music[64], hold_music[64], entry_prompt[64], holiday_prompt[64], periodic_prompt[64];
	char agent_prompt[64], agent_number_before[64], agent_number_after[64], menu_prompt[64];
	char prefix_name[64], prefix_number[24]; /* before the caller's on the agent's phone */
	char greeting[64];                       /* of its voicemail; "": the tenant's */
	struct cc_conf_target overflow;          /* of callers whom the queue does not take or keep */
	int32_t member_first, member_count;      /* in members of the tenant, in list order */
	int32_t key_first, key_count;            /* in keys of the tenant */
};

struct cc_conf_agent
{
	char number[16], name[104];
	char ha1[33], pin_hash[33]; /* lower case hexadecimal MD5 */
	char caller_id[36];         /* shown to who is called outside; "": the tenant's */
	int32_t profile;            /* for calls to outside; -1: the tenant's */
	bool enabled;
	bool click_only;   /* calls outside from the page only, not by dialling */
	bool browser_work; /* signed in only while a page of his is open */
	enum cc_terminal terminal;
	char mobile[24];     /* number outside that is called then; "" none */
	bool mobile_confirm; /* who answers there takes the call with a key: it may be a mailbox */
	int32_t hide;        /* of numbers, on his phone: cc_number_hide */
	bool voicemail;      /* who calls him directly, and does not get him, may leave a message */
	char greeting[64];   /* of his voicemail; "": the tenant's */
	int32_t membership_first,
			membership_count; /* in memberships: indexes of members, ordered by queue */
};

struct cc_conf_member
{
	int32_t queue, agent;
	int32_t position, priority; /* list order; 1 is offered first */
	int32_t gap; /* levels of skill that the agent lacks most for the queue, 0 … CC_SKILL_LEVELS */
	bool fixed;  /* static: always signed in (TEL-33) */
};

/* What a waiting caller can press. */
struct cc_conf_key
{
	int32_t queue;
	char digit;
	struct cc_conf_target to;
};

#define CC_IVR_PROMPTS 8 /* of a menu or an announcement */
#define CC_IVR_KEYS 8    /* of an input of a menu */

/* A menu that callers go through by keys (TEL-14); or an announcement (TEL-16): says its prompts
 * and goes on to its time-out target. */
struct cc_conf_ivr
{
	char number[16], name[104];
	bool announcement, skip; /* skip: any key ends the announcement */
	bool dial_agents;        /* callers may key in the number of an agent */
	int32_t start_ms;        /* silence for whom it is reached by, before the first prompt */
	int32_t repeat;          /* so often the prompts are said again when no key comes */
	int32_t timeout_ms;      /* for the first key, from the end of the prompts on */
	int32_t key_ms;          /* for each further one */
	int32_t max_keys;        /* of an input; 0: no limit */
	int32_t tries;           /* the last of so many inputs that fit nothing leads to no_match */
	char timeout_prompt[64], no_match_prompt[64]; /* before the prompts are said again; "" none */
	char prefix_name[64], prefix_number[24];      /* before the caller's on agents' phones */
	struct cc_conf_target timeout, no_match;
	int32_t prompt_first, prompt_count; /* in ivr prompts of the tenant, in their order */
	int32_t key_first, key_count;       /* in ivr keys of the tenant, sorted */
};

struct cc_conf_ivr_prompt
{
	int32_t ivr, position;
	char prompt[64];
	int32_t gap_ms; /* silence before the next one */
};

/* What callers of a menu can press. */
struct cc_conf_ivr_key
{
	int32_t ivr;
	char keys[CC_IVR_KEYS + 1];
	struct cc_conf_target to;
};

/* A customer who jumps the queue (PLAT-14). */
struct cc_conf_vip
{
	int32_t queue, level; /* 1 normal, 2 important, 3 noble */
	char number[20];      /* E.164 digits */
};

/* A number that is not to be called, of one package of customers, or one of the blacklist. */
struct cc_conf_listed
{
	uint64_t number;  /* E.164 digits */
	uint32_t package; /* 0 in the blacklist */
};

/* What of the numbers outside goes over which trunks. */
struct cc_conf_profile
{
	int32_t id;
	char name[104];
	int32_t route_first, route_count; /* in outbound routes of the tenant, in order */
};

/* Numbers that begin with strip and go on as the pattern says are asked of the trunks, one after
 * the other, with add instead of strip. */
struct cc_conf_out
{
	int32_t profile;                      /* index */
	char strip[20], pattern[44], add[20]; /* cc/pattern.h */
	int32_t trunk_count;                  /* 0: leads nowhere */
	uint32_t trunks[CC_ROUTE_TRUNKS];     /* ids */
};

/* A number that the tenant may show, beside its DIDs. */
struct cc_conf_number
{
	char number[36];
};

/* A day of holiday, from its first moment in the tenant's time zone to that of the next day. */
struct cc_conf_holiday
{
	int64_t from_ms, to_ms;
};

struct cc_conf_did
{
	char number[40], name[104];
	struct cc_conf_target to;
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
	int32_t max_calls; /* at the same time; 0: no limit */
	int32_t extension_ring_ms, transfer_ring_ms,
			external_ring_ms; /* of an agent who is called directly, of a transfer, outside */
	char caller_id[36];     /* of agents without one of their own; "": cc_conf_caller_id decides */
	int32_t rotation_days;  /* caller_ids take turns with every call (0), every so many days of the
							   time zone */
	int32_t profile;        /* of agents without one of their own; -1: none */
	int32_t hides;          /* of customers' numbers at most, by call tasks: they are looked up */
	bool web_phone;         /* its agents may have phones in web pages … */
	bool mobile;            /* … and numbers outside instead of a phone */
	bool transfer_callback; /* a blind transfer without answer calls who made it */
	bool code_password;     /* signing in by phone takes the phone password */
	bool gateway_codes;     /* the second column of codes is in force, too */
	uint32_t mark_digits;   /* bit i: a customer type has digit i */
	enum cc_blacklist blacklist_action;
	char transfer_callback_prefix[68]; /* before the caller's name then */
	struct cc_code_table codes;
	char hold_music[64]; /* of talks that came from no queue; "" none */
	char voicemail_greeting[64];
	int32_t voicemail_max_ms, voicemail_min_ms; /* how long messages are */
	int32_t voicemail_silence_ms;               /* that ends one; 0: none does */
	int32_t queue_count, agent_count, member_count, did_count, key_count, vip_count, holiday_count,
			no_call_count, blacklist_count, profile_count, out_count, number_count, ivr_count,
			ivr_prompt_count, ivr_key_count;
	/* bytes from the start of the block; owned: DIDs and caller ids as numbers, sorted */
	int32_t queues_off, agents_off, members_off, memberships_off, dids_off, keys_off, vips_off,
			holidays_off, no_calls_off, blacklist_off, profiles_off, outs_off, numbers_off,
			owned_off, ivrs_off, ivr_prompts_off, ivr_keys_off;
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
/* Whether calls to the agent go to his number outside (CALL-06): without a contract, or without a
 * number, his telephones ring. */
bool cc_conf_mobile(const struct cc_conf *c, int32_t agent);
/* Where the key leads a caller who waits in the queue; NULL: nowhere. */
const struct cc_conf_target *cc_conf_key(const struct cc_conf *c, int32_t queue, char digit);
const struct cc_conf_ivr *cc_conf_ivr_at(const struct cc_conf *c, int32_t i);
int32_t cc_conf_ivr_find(const struct cc_conf *c, const char *number);
/* The i-th prompt of the menu, from 0. */
const struct cc_conf_ivr_prompt *cc_conf_ivr_prompt_at(
		const struct cc_conf *c, int32_t ivr, int32_t i);
/* Where the input leads in the menu; NULL: nowhere. agent gets an agent's number that was dialled.
 */
const struct cc_conf_target *cc_conf_ivr_input(
		const struct cc_conf *c, int32_t ivr, const char *keys, struct cc_conf_target *agent);
/* Whether a longer input of the menu begins so. */
bool cc_conf_ivr_goes_on(const struct cc_conf *c, int32_t ivr, const char *keys);
/* Level of the customer of this number (as received) in the queue, 0: an ordinary one. */
int32_t cc_conf_vip_level(const struct cc_conf *c, int32_t queue, const char *number);
/* Whether nobody may call the number (E.164 digits), because of the package or, 0, of any. */
bool cc_conf_no_call(const struct cc_conf *c, const char *e164, uint32_t package);
/* Whether calls from the number (E.164 digits) are not taken. */
bool cc_conf_blacklisted(const struct cc_conf *c, const char *e164);
/* Index of a profile by its id, or CC_E_NOENT. */
int32_t cc_conf_profile_find(const struct cc_conf *c, int32_t id);
const struct cc_conf_profile *cc_conf_profile_at(const struct cc_conf *c, int32_t i);
const struct cc_conf_out *cc_conf_out_at(const struct cc_conf *c, int32_t i);
/* The profile of the agent (-1: of nobody in particular), -1: none. */
int32_t cc_conf_profile(const struct cc_conf *c, int32_t agent);
/* Whether a number, in whatever form, is one of the tenant's own. */
bool cc_conf_owns(const struct cc_conf *c, const char *number);
/* Whether calls may show it as it is: it is one of these, and nothing but digits and a '+'. */
bool cc_conf_may_show(const struct cc_conf *c, const char *number);
/* What calls outside show: the agent's caller id, the task's, the tenant's, that of its caller ids
 * whose turn it is, the first DID that is enabled, the agent's number. agent: -1 none; task: "" or
 * one that it may show; turn: number of the call. */
const char *cc_conf_caller_id(
		const struct cc_conf *c, int32_t agent, const char *task, uint32_t turn, int64_t utc_ms);
bool cc_conf_is_holiday(const struct cc_conf *c, int64_t utc_ms);
/* How many columns of codes are in force. */
int cc_conf_code_columns(const struct cc_conf *c);

struct cc_conf_trunk
{
	uint32_t id;                 /* 0: of an earlier version's document */
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
/* The first of that name; NULL: none. */
const struct cc_conf_trunk *cc_conf_trunk_named(const struct cc_conf_set *set, const char *name);
bool cc_conf_trunk_granted(
		const struct cc_conf_set *set, const struct cc_conf_trunk *trunk, uint32_t tenant);
/* The n-th trunk (from 0) that the tenant may use, in order of names; NULL: there are no more. */
const struct cc_conf_trunk *cc_conf_trunk_nth(
		const struct cc_conf_set *set, uint32_t tenant, int32_t n);
/* The trunk of that id, if the tenant may use it; NULL. */
const struct cc_conf_trunk *cc_conf_trunk_by_id(
		const struct cc_conf_set *set, uint32_t tenant, uint32_t id);
/* Knows a trunk again in another set, and in another engine; not 0. */
uint64_t cc_conf_trunk_id(const struct cc_conf_trunk *trunk);
/* References of a tenant block (atomic). put frees it when the last one is gone. */
void cc_conf_ref(const struct cc_conf *c);
void cc_conf_put(const struct cc_conf *c, const struct cc_conf_memory *memory);

#endif
