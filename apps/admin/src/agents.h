/* SPDX-License-Identifier: GPL-2.0-or-later
 * An agent and its account: what single and batch creation share. */
#ifndef AGENTS_H
#define AGENTS_H

#include "admin.h"

struct agent
{
	const char *number, *family_name, *given_name, *role, *state;
	const char *web_password, *sip_password, *phone_password; /* NULL: made up, or left */
	const char *mobile, *email, *sex, *note;
	bool hide_numbers;
	/* made */
	const char *name, *user_id, *sip_ha1, *phone_pin_hash;
};

/* 2 to 6 digits, the first not 0. */
bool agent_number_is_valid(const char *number);
/* *taken: who has the number, in words; NULL: nobody. */
int agent_number_taken(struct cc_request *rq, const char *number, const char **taken);
/* Makes the account and what the agent's row needs; passwords made up go to issued. */
int agent_account_create(struct cc_request *rq, struct agent *agent, struct admin_issued *issued);
/* Brings the account up to date and makes hashes of the passwords that are given. */
int agent_account_change(struct cc_request *rq, struct agent *agent);
/* Ends the account's sessions and forgets failed attempts. */
int agent_password_issued(struct cc_request *rq, const char *number);

/* Data scopes of rows that have an agent's number. */
#define ADMIN_GROUP_SCOPE(number)                                                                  \
	number " = {agent} OR " number                                                                 \
		   " IN (SELECT a.number FROM agent_group_member l JOIN agent me ON me.tenant_id = "       \
		   "l.tenant_id AND me.id = l.agent_id AND me.live = 1 JOIN agent_group_member m ON "      \
		   "m.tenant_id = l.tenant_id AND m.group_id = l.group_id JOIN agent a ON a.tenant_id = "  \
		   "m.tenant_id AND a.id = m.agent_id WHERE l.tenant_id = {tenant} AND l.leader = 1 "      \
		   "AND me.number = {agent})"
#define ADMIN_DEPARTMENT_SCOPE(number)                                                             \
	ADMIN_GROUP_SCOPE(number)                                                                      \
	" OR " number                                                                                  \
	" IN (SELECT a.number FROM department_manager p JOIN department_tree q ON q.tenant_id = "      \
	"p.tenant_id AND q.ancestor_id = p.department_id JOIN agent a ON a.tenant_id = q.tenant_id "   \
	"AND a.department_id = q.department_id WHERE p.tenant_id = {tenant} AND p.user_id = {user})"

#endif
