/* SPDX-License-Identifier: GPL-2.0-or-later
 * Wrong passwords, counted per account and per address. The third of an account asks for a captcha
 * (of an address: the tenth within an hour, whatever the accounts), the tenth freezes the account
 * for a day. An account that does not exist is counted like one that does. */
#ifndef FAILURES_H
#define FAILURES_H

#include "cc/web.h"

struct failures
{
	const char *tenant, *username; /* code and name as typed */
	int64_t account;
	bool frozen, captcha;
};

/* Reads the counters and locks the account's, so that attempts at the same time are counted one
 * after the other. */
int failures_read(struct cc_request *rq, struct failures *f);
/* One more. */
int failures_add(struct cc_request *rq, struct failures *f);
/* The account's are forgotten. */
int failures_clear(struct cc_request *rq, const struct failures *f);

#endif
