/* SPDX-License-Identifier: GPL-2.0-or-later
 * Who a session cookie or an API key belongs to. A thread of its own asks the database, because
 * that may take long; the main thread talks to it through a socket and keeps what it learned in
 * grants, which are asked again every minute. While the database is away a grant that has been good
 * before stays good. */
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

struct grant
{
	struct grant *next;
	enum access_kind kind;
	uint8_t hash[CC_AUTH_HASH];
	enum access_state state;
	uint32_t tenant;
	int users; /* connections that hold it */
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

#endif
