/* SPDX-License-Identifier: GPL-2.0-or-later
 * Between reading the configuration document (conf_load.c), making blocks of it (conf_build.c) and
 * looking into them (conf.c). */
#ifndef CC_CONF_PRIVATE_H
#define CC_CONF_PRIVATE_H

#include "cc/conf.h"

#define CC_CONF_ERROR 256

/* A membership before queue and agent are known by index. */
struct cc_conf_draft_member
{
	char queue[16], agent[16];
	int32_t position, priority;
	bool fixed;
};

struct cc_conf_draft_key
{
	char queue[16], digit[2];
	struct cc_conf_target to;
};

struct cc_conf_draft_ivr_prompt
{
	char ivr[16], prompt[64];
	int32_t position, gap_ms;
};

struct cc_conf_draft_ivr_key
{
	char ivr[16], keys[CC_IVR_KEYS + 1];
	struct cc_conf_target to;
};

/* A level that a queue needs or an agent has. */
struct cc_conf_draft_skill
{
	char owner[16], skill[24];
	int32_t level;
};

struct cc_conf_draft_vip
{
	char queue[16], number[20];
	int level; /* 0 normal, 1 important, 2 noble */
};

/* Of the numbers that are not to be called, and of the blacklist. */
struct cc_conf_draft_listed
{
	char number[20];
	int32_t package;
};

struct cc_conf_draft_route
{
	int32_t id, profile, position;
	char strip[20], pattern[44], add[20];
};

struct cc_conf_draft_route_trunk
{
	int32_t route, position, trunk;
};

/* Of the tenant's own choice; code is an enum cc_code. */
struct cc_conf_draft_code
{
	int code;
	char text[CC_CODE_COLUMNS][CC_CODE_TEXT];
};

struct cc_conf_draft_digit
{
	char digit[2];
};

struct cc_conf_draft_day
{
	char day[16];
};

/* A tenant as read: every value is checked alone, nothing against the others yet. Counts are in
 * head. */
struct cc_conf_draft
{
	struct cc_conf head;
	struct cc_conf_queue *queues;
	struct cc_conf_agent *agents;
	struct cc_conf_draft_member *members;
	struct cc_conf_did *dids;
	struct cc_conf_draft_key *keys;
	struct cc_conf_draft_skill *needs, *skills;
	struct cc_conf_draft_vip *vips;
	struct cc_conf_draft_day *days;
	struct cc_conf_draft_listed *no_calls, *blacklist;
	struct cc_conf_profile *profiles;
	struct cc_conf_draft_route *routes;
	struct cc_conf_draft_route_trunk *route_trunks;
	struct cc_conf_number *numbers;
	struct cc_conf_draft_code *codes;
	struct cc_conf_draft_digit *digits;
	struct cc_conf_ivr *ivrs;
	struct cc_conf_draft_ivr_prompt *ivr_prompts;
	struct cc_conf_draft_ivr_key *ivr_keys;
	int32_t need_count, skill_count, route_trunk_count, code_count, digit_count;
};

struct cc_conf_grant
{
	int32_t trunk; /* index */
	uint32_t tenant;
};

struct cc_conf_draft_set
{
	int64_t generation;
	struct cc_conf_draft *tenants;
	struct cc_conf_trunk *trunks;
	struct cc_conf_grant *grants; /* trunk: index before trunks are sorted */
	int32_t tenant_count, trunk_count, grant_count;
};

/* ---- what the document has (conf_fields.c) ---- */

enum cc_conf_kind
{
	CC_CONF_CUT,    /* text, cut to what fits: names are for people */
	CC_CONF_TEXT,   /* text that good accepts; too long is an error */
	CC_CONF_INT,    /* int32_t, times scale */
	CC_CONF_PORT,   /* uint16_t */
	CC_CONF_ID,     /* uint32_t */
	CC_CONF_FLAG,   /* bool: true, false, 1, 0 */
	CC_CONF_WORD,   /* enum (int): index in words */
	CC_CONF_SWITCH, /* bool: whether it is the first of words */
	CC_CONF_LIST,   /* an array, read elsewhere */
};

struct cc_conf_field
{
	const char *name;
	enum cc_conf_kind kind;
	size_t off, size;
	int32_t min, max, scale;
	const char *const *words;
	bool (*good)(const char *text);
	const char *form; /* what good accepts, for the error */
	bool optional;    /* zero if it is missing */
};

/* A list of a tenant that becomes an array of the draft. */
struct cc_conf_list
{
	const char *name, *kind, *key; /* what errors call one: "queue 600" */
	const struct cc_conf_field *fields;
	size_t size, array, count; /* of a record; places in the draft */
};

/* Each ends with a name of NULL. */
extern const struct cc_conf_field cc_conf_tenant_fields[], cc_conf_trunk_fields[];
extern const struct cc_conf_list cc_conf_lists[];

/* Fills an empty draft; it has to be cleared in any case. */
int cc_conf_draft_load(
		struct cc_conf_draft_set *d, const char *json, size_t len, char error[CC_CONF_ERROR]);
void cc_conf_draft_clear(struct cc_conf_draft_set *d);

/* ---- making a block (conf_lists.c) ---- */

/* "tenant demo, …": CC_E_INVAL */
__attribute__((format(printf, 3, 4))) int cc_conf_fail(
		char *error, const struct cc_conf *c, const char *format, ...);
/* Finds what the target names; where: for the error. */
int cc_conf_resolve(
		char *error, const struct cc_conf *c, const char *where, struct cc_conf_target *to);
/* Codes, keys, VIPs, holidays, lists of numbers and what members lack of skills, into a block that
 * has everything else. */
int cc_conf_lists_fill(char *error, struct cc_conf *c, const struct cc_conf_draft *d);

/* ---- menus (conf_ivr.c) ---- */

/* Prompts, keys and targets of menus, into a block that has the menus. */
int cc_conf_ivrs_fill(char *error, struct cc_conf *c, const struct cc_conf_draft *d);

/* ---- calls to outside (conf_outbound.c) ---- */

/* Profiles with their routes, and caller ids, into a block that has agents and DIDs; ids become
 * indexes, caller ids that the tenant does not own are taken away. */
int cc_conf_outbound_fill(char *error, struct cc_conf *c, struct cc_conf_draft *d);

/* A DID of the set: which tenant's, which of its. */
struct cc_conf_did_ref
{
	int32_t tenant, did;
};

/* Blocks of memory of other processes see the same addresses: the set may hold pointers. */
struct cc_conf_set
{
	int64_t generation;
	int32_t tenant_count, did_count, trunk_count, grant_count;
	const struct cc_conf **tenants; /* by id */
	int32_t *codes;                 /* indexes of tenants by code */
	struct cc_conf_did_ref *dids;   /* by number */
	struct cc_conf_trunk *trunks;   /* by address, port, transport */
	struct cc_conf_grant *grants;   /* by trunk and tenant */
};

int cc_conf_trunk_compare(const struct cc_conf_trunk *a, const struct cc_conf_trunk *b);

#endif
