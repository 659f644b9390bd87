/* SPDX-License-Identifier: GPL-2.0-or-later
 * When appointments take place: once, or every day, week, month or year at the same local time,
 * until a last day, with single occurrences moved or cancelled. A month without the day of the
 * first occurrence (the 31st, 29 February) has it on its last day. */
#ifndef SCHEDULE_H
#define SCHEDULE_H

#include "cc/tz.h"
#include "cc/web.h"

enum cycle
{
	CYCLE_ONCE,
	CYCLE_DAILY,
	CYCLE_WEEKLY,
	CYCLE_MONTHLY,
	CYCLE_YEARLY,
};

struct exception
{
	int64_t original;
	int64_t moved_to; /* 0: cancelled */
};

struct schedule
{
	int64_t first; /* UTC ms */
	int64_t until; /* yyyymmdd of the last day, 0: no end */
	enum cycle cycle;
	const struct exception *exception; /* by original */
	size_t exceptions;
};

struct occurrence
{
	int64_t original, at; /* as the rule has it, and when it takes place */
};

extern const char *const schedule_cycles[]; /* as enum cycle, ends with NULL */
enum cycle schedule_cycle(const char *name);

/* Local date and time of occurrence n (from 0) of a rule that begins at first. */
struct cc_local schedule_local(const struct cc_local *first, enum cycle cycle, int64_t n);
/* The first occurrence whose original time is at or after from. False: there is none. */
bool schedule_from(
		struct cc_request *rq, const struct schedule *s, int64_t from, struct occurrence *found);
/* Occurrences that take place from <= at < to, at most max. */
size_t schedule_between(struct cc_request *rq, const struct schedule *s, int64_t from, int64_t to,
		struct occurrence *found, size_t max);
/* Exceptions of the appointment into s. */
int schedule_load(struct cc_request *rq, int64_t appointment, struct schedule *s);

#endif
