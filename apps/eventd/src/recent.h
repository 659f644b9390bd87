/* SPDX-License-Identifier: GPL-2.0-or-later
 * The latest live events, ready to be sent. Every subscriber is a cursor into them, so that an
 * event is kept once however many browsers it goes to, and one that reads too slowly is noticed
 * when its cursor has left. */
#ifndef RECENT_H
#define RECENT_H

#include <stddef.h>
#include <stdint.h>
#include "cc/journal.h"

#define RECENT_EVENTS 8192
#define RECENT_BYTES (16 * 1024 * 1024)

#define RECENT_TEXTS 3   /* whole numbers, without the middle, none: enum cc_hide */
#define RECENT_NUMBER 16 /* bytes of a queue's or an agent's number */

enum recent_audience
{
	RECENT_BY_SCOPE, /* who may see its queue or its agent */
	RECENT_TENANT,   /* everybody of the tenant */
	RECENT_EVERYONE,
};

struct recent_event
{
	uint64_t seq;
	uint32_t tenant;
	enum recent_audience audience;
	char queue[RECENT_NUMBER], agent[RECENT_NUMBER]; /* that it concerns, "" if none */
	/* as sent: id, event, data; behind it the same without the middle digits of numbers, then
	 * without numbers; 0: it is as the one before */
	size_t len[RECENT_TEXTS];
	char text[];
};

struct recent
{
	struct recent_event *slot[RECENT_EVENTS];
	uint64_t first, next; /* numbers of the oldest kept and of the one to come */
	uint64_t known_from;  /* events of the journal from this sequence number on are all here */
	uint64_t last_seq;    /* of the journal, live or not */
	size_t bytes;
};

/* Takes a record of the journal; one that is not for browsers, or whose fields are no JSON object,
 * is only counted. A start of the engine and a reload of its configuration become the event "reset"
 * for everyone: what pages show is out of date. CC_E_NOMEM. */
int recent_add(struct recent *r, uint32_t node, const struct cc_record *record);
/* Takes what an application says: the event "changed" to the tenant, without an id, because it has
 * no place in the journal. topic and id are words that need no escaping. CC_E_NOMEM. */
int recent_add_changed(struct recent *r, uint32_t tenant, const char *topic, const char *id);
/* The event for who does not see so much of numbers (enum cc_hide); its length. */
const char *recent_text(const struct recent_event *event, unsigned hide, size_t *len);
/* NULL if number is not kept. */
const struct recent_event *recent_at(const struct recent *r, uint64_t number);
/* Number of the first event after the one that an id names. CC_E_NOENT: something between is not
 * kept any more, or the id is not one of this journal; CC_E_INVAL: not an id. */
int recent_find(
		const struct recent *r, uint32_t node, const char *id, size_t len, uint64_t *number);
void recent_clear(struct recent *r);

#endif
