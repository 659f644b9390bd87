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
	int64_t hide_numbers;
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
#define ADMIN_GROUP_SCOPE(number) number " = {agent} OR " number " IN (" CC_LED_AGENTS("number") ")"
#define ADMIN_DEPARTMENT_SCOPE(number)                                                             \
	ADMIN_GROUP_SCOPE(number) " OR " number " IN (" CC_MANAGED_AGENTS("number") ")"

#endif
