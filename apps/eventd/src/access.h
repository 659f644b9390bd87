/* SPDX-License-Identifier: GPL-2.0-or-later
 * Who a session cookie or an API key belongs to, and what they may see of what happens live. A
 * thread of its own asks the database, because that may take long; the main thread talks to it
 * through a socket and keeps what it learned in grants, which are asked again every minute. While
 * the database is away a grant that has been good before stays good. */
#ifndef ACCESS_H
#define ACCESS_H

#include <stdbool.h>
#include <stdint.h>
#include "cc/auth.h"
#include "eventd.h"

enum access_kind
{
	ACCESS_SESSION,
	ACCESS_API_KEY
};
enum access_state
{
	ACCESS_UNKNOWN, /* the first answer has not come yet */
	ACCESS_GRANTED,
	ACCESS_DENIED,
	ACCESS_AWAY, /* the database could not be asked, and never said yes */
};

enum
{
	SCOPE_BOARD = 1,    /* events of the groups one may see: the live board */
	SCOPE_OWN = 2,      /* events of the own agent */
	SCOPE_ALL = 4,      /* with BOARD: all of the tenant */
	SCOPE_FOREIGN = 16, /* somebody else acts for the user */
};

#define SCOPE_NAME 8 /* bytes of an agent's or a queue's number */

/* What a role lets its user see; one for each answer, never changed. */
struct scope
{
	uint32_t tenant;
	unsigned flags;
	unsigned hide;          /* how much of telephone numbers is not for them: enum cc_hide */
	char agent[SCOPE_NAME]; /* the own number, "" if none */
	/* those of BOARD without ALL, sorted */
	size_t queues, agents;
	char (*queue)[SCOPE_NAME];
	char (*colleague)[SCOPE_NAME];
	char *addresses; /* whence the tenant allows it, as cc_auth_address_allowed takes it */
};

struct grant
{
	struct grant *next;
	enum access_kind kind;
	uint8_t hash[CC_AUTH_HASH];
	enum access_state state;
	struct scope *scope; /* while it is GRANTED */
	int users;           /* connections that hold it */
	bool asked;
	int64_t checked_ms; /* monotonic */
};

struct access;

/* Starts the thread. */
int access_new(struct access **access, const struct eventd *eventd);
void access_free(struct access *access);
/* Readable when access_answers has something to do. */
int access_fd(const struct access *access);
/* Takes in the answers that have come. */
void access_answers(struct access *access, int64_t now_ms);
/* Asks again what is due, forgets what nobody has used for long. Call about once a second. */
void access_tick(struct access *access, int64_t now_ms);

/* The grant of a token, held; its state may be UNKNOWN until an answer comes. NULL: no memory. */
struct grant *grant_get(
		struct access *access, enum access_kind kind, const char *token, int64_t now_ms);
void grant_put(struct grant *grant);
/* Every grant is asked again: roles, groups or members have changed. */
void access_recheck(struct access *access);

/* Whether somebody with this scope may see an event of the tenant that concerns the queue and the
 * agent ("": none). */
bool scope_allows(const struct scope *scope, uint32_t tenant, const char *queue, const char *agent);

#endif
