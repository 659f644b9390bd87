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
	int32_t need_count, skill_count;
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

/* Fills an empty draft; it has to be cleared in any case. */
int cc_conf_draft_load(
		struct cc_conf_draft_set *d, const char *json, size_t len, char error[CC_CONF_ERROR]);
void cc_conf_draft_clear(struct cc_conf_draft_set *d);

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
