/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "schedule.h"
#include <string.h>

#define DAY_MS (24 * 3600 * 1000LL)
#define CANCELLED_MOST 1000 /* occurrences that are skipped one after the other */

const char *const schedule_cycles[] = {"once", "daily", "weekly", "monthly", "yearly", NULL};

enum cycle schedule_cycle(const char *name)
{
	for (int i = 0; schedule_cycles[i]; i++)
		if (strcmp(schedule_cycles[i], name) == 0)
			return (enum cycle)i;
	return CYCLE_ONCE;
}

/* ---- the rule ---- */

static int days_of(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

struct cc_local schedule_local(const struct cc_local *first, enum cycle cycle, int64_t n)
{
	struct cc_local l = *first;
	int64_t months = cycle == CYCLE_MONTHLY ? n : cycle == CYCLE_YEARLY ? 12 * n : 0;

	if (cycle == CYCLE_DAILY || cycle == CYCLE_WEEKLY) {
		l.day += (int)(cycle == CYCLE_DAILY ? n : 7 * n);
	} else if (months) {
		months += l.month - 1;
		l.year += (int)(months / 12);
		l.month = (int)(months % 12) + 1;
		if (l.day > days_of(l.year, l.month))
			l.day = days_of(l.year, l.month);
	}
	return l;
}

/* Occurrence n; false: the rule has ended. */
static bool nth(struct cc_request *rq, const struct schedule *s, int64_t n, int64_t *at)
{
	struct cc_local first, l;

	if (n && s->cycle == CYCLE_ONCE)
		return false;
	first = cc_time_local(rq, s->first);
	l = schedule_local(&first, s->cycle, n);
	*at = n ? cc_time_utc(rq, &l) : s->first;
	if (!s->until || !n)
		return true;
	l = cc_time_local(rq, *at); /* days beyond the month are carried over */
	return l.year * 10000LL + l.month * 100 + l.day <= s->until;
}

/* An occurrence that is certainly not behind from. */
static int64_t before(const struct schedule *s, int64_t from)
{
	static const int days[] = {1, 1, 7, 31, 366};
	int64_t n = (from - s->first) / (days[s->cycle] * DAY_MS) - 1;

	return s->cycle == CYCLE_ONCE || n < 0 ? 0 : n;
}

static const struct exception *exception_of(const struct schedule *s, int64_t original)
{
	for (size_t i = 0; i < s->exceptions; i++)
		if (s->exception[i].original == original)
			return &s->exception[i];
	return NULL;
}

/* False: it is cancelled. */
static bool take(const struct schedule *s, int64_t original, struct occurrence *o)
{
	const struct exception *e = exception_of(s, original);

	*o = (struct occurrence){original, e ? e->moved_to : original};
	return !e || e->moved_to;
}

bool schedule_from(
		struct cc_request *rq, const struct schedule *s, int64_t from, struct occurrence *found)
{
	int64_t at;
	int skipped = 0;

	for (int64_t n = before(s, from); skipped < CANCELLED_MOST && nth(rq, s, n, &at); n++) {
		if (at < from)
			continue;
		if (take(s, at, found))
			return true;
		skipped++;
	}
	return false;
}

size_t schedule_between(struct cc_request *rq, const struct schedule *s, int64_t from, int64_t to,
		struct occurrence *found, size_t max)
{
	size_t count = 0;
	int64_t at;

	for (int64_t n = before(s, from); count < max && nth(rq, s, n, &at) && at < to; n++) {
		struct occurrence o;

		if (at >= from && take(s, at, &o) && o.at >= from && o.at < to)
			found[count++] = o;
	}
	/* those that come from elsewhere */
	for (size_t i = 0; i < s->exceptions && count < max; i++) {
		const struct exception *e = &s->exception[i];

		if (e->moved_to >= from && e->moved_to < to && (e->original < from || e->original >= to))
			found[count++] = (struct occurrence){e->original, e->moved_to};
	}
	return count;
}

int schedule_load(struct cc_request *rq, int64_t appointment, struct schedule *s)
{
	struct cc_rows rows;
	struct exception *list;
	int err = cc_db_query(rq->db, &rows,
			"SELECT original_at, moved_to FROM appointment_exception WHERE tenant_id = {tenant} "
			"AND appointment_id = ? ORDER BY original_at",
			appointment);

	if (err)
		return err;
	list = cc_alloc(rq->arena, (rows.count + 1) * sizeof(*list));
	for (size_t i = 0; i < rows.count; i++)
		list[i] =
				(struct exception){cc_row_int(&rows.row[i], 0, 0), cc_row_int(&rows.row[i], 1, 0)};
	s->exception = list;
	s->exceptions = rows.count;
	return 0;
}
