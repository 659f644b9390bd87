/* SPDX-License-Identifier: GPL-2.0-or-later
 * Appointments as a calendar of a month or a week, and single occurrences of repeated ones.
 *	GET  /crm/calendar[?view=month|week][&day=yyyy-mm-dd][&user=id]
 *	GET  /crm/occurrence/{id}?at=ms: one occurrence, by the time that the rule has it
 *	POST /crm/occurrence/{id}: at, do=move (to), do=cancel, do=restore */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "appointment.h"

#define DAYS_MAX 42
#define FOUND_MAX 400 /* occurrences of a page */
#define DAY_MS (24 * 3600 * 1000LL)

static const char *const weekdays[] = {CC_NC("weekday", "Sunday"), CC_NC("weekday", "Monday"),
		CC_NC("weekday", "Tuesday"), CC_NC("weekday", "Wednesday"), CC_NC("weekday", "Thursday"),
		CC_NC("weekday", "Friday"), CC_NC("weekday", "Saturday")};

struct entry
{
	struct occurrence when;
	const struct cc_row *row; /* of calendar.rows */
};

struct calendar
{
	struct cc_request *rq;
	bool week;
	struct cc_local day;        /* that was asked for */
	int64_t edge[DAYS_MAX + 1]; /* beginnings of the days shown, and the end */
	int days;
	int64_t user;
	struct cc_rows rows, exceptions;
	struct entry entry[FOUND_MAX];
	size_t count;
	bool more;
};

/* ---- days ---- */

static int64_t day_start(struct cc_request *rq, const struct cc_local *day, int add)
{
	struct cc_local l = {.year = day->year, .month = day->month, .day = day->day + add};

	return cc_time_utc(rq, &l);
}

static const char *day_text(struct cc_request *rq, int64_t at)
{
	return cc_sprintf(rq->arena, "%.10s", cc_time_input(rq, at));
}

/* The weeks of the month, or the week; it begins on Sunday as the presets of lists do. */
static int find_days(struct calendar *c)
{
	struct cc_request *rq = c->rq;
	const char *view = cc_query(rq, "view"), *day = cc_query(rq, "day");
	int64_t at = rq->now_ms, step;
	struct cc_local first, next;

	if (day && *day && cc_time_parse(rq, day, &at, &step))
		return CC_E_INVAL;
	c->week = view && strcmp(view, "week") == 0;
	c->day = first = cc_time_local(rq, at);
	if (!c->week)
		first.day = 1;
	first = cc_time_local(rq, day_start(rq, &first, 0) + DAY_MS / 2);
	first.day -= first.weekday;
	next = (struct cc_local){.year = c->day.year, .month = c->day.month + 1, .day = 1};
	for (c->days = 0; c->days < DAYS_MAX; c->days++) {
		c->edge[c->days] = day_start(rq, &first, c->days);
		if (c->days % 7 == 0 && c->days && (c->week || c->edge[c->days] >= cc_time_utc(rq, &next)))
			break;
	}
	c->edge[c->days] = day_start(rq, &first, c->days);
	return 0;
}

/* ---- what is on ---- */

/* Of a user that one may see; without a name one's own. */
static int find_rows(struct calendar *c)
{
	struct cc_request *rq = c->rq;
	const char *user = cc_query(rq, "user"), *scope = cc_resource_scope(rq, &crm_appointments);
	struct cc_buf sql = cc_buf_new(rq->arena);
	int64_t from = c->edge[0], to = c->edge[c->days];

	c->user = user && *user ? strtoll(user, NULL, 10) : rq->user->id;

	const struct cc_bind binds[] = {cc_bind_int(c->user), cc_bind_int(to), cc_bind_int(from)};

	cc_buf_str(&sql,
			"SELECT t.id, t.title, t.at, t.cycle, t.until_day, t.text, t.kind, c.name, "
			"t.next_at FROM appointment t LEFT JOIN customer c ON c.tenant_id = "
			"t.tenant_id AND c.id = t.customer_id WHERE t.tenant_id = {tenant} AND "
			"t.user_id = ? AND t.at < ? AND (t.cycle <> 'once' OR t.at >= ?) AND " CUSTOMER_SHOWN(
					"t.customer_id"));
	if (scope)
		cc_buf_printf(&sql, " AND (%s)", scope);
	cc_buf_str(&sql, " ORDER BY t.at, t.id LIMIT 1000");
	int err = cc_db_query_text(rq->db, &c->rows, cc_buf_text(&sql), binds, 3);

	if (!err)
		err = cc_db_query(rq->db, &c->exceptions,
				"SELECT e.appointment_id, e.original_at, e.moved_to FROM appointment_exception e "
				"JOIN appointment t ON t.tenant_id = e.tenant_id AND t.id = e.appointment_id WHERE "
				"e.tenant_id = {tenant} AND t.user_id = ? ORDER BY e.appointment_id, "
				"e.original_at",
				c->user);
	return err;
}

static void add_occurrences(struct calendar *c, const struct cc_row *row)
{
	struct exception *list = cc_alloc(c->rq->arena, (c->exceptions.count + 1) * sizeof(*list));
	struct schedule s = {.first = cc_row_int(row, 2, 0),
			.until = cc_row_int(row, 4, 0),
			.cycle = schedule_cycle(cc_row_str(row, 3)),
			.exception = list};
	struct occurrence found[DAYS_MAX];
	size_t n;

	for (size_t i = 0; i < c->exceptions.count; i++) {
		const struct cc_row *e = &c->exceptions.row[i];

		if (cc_row_int(e, 0, 0) == cc_row_int(row, 0, 0))
			list[s.exceptions++] = (struct exception){cc_row_int(e, 1, 0), cc_row_int(e, 2, 0)};
	}
	n = schedule_between(c->rq, &s, c->edge[0], c->edge[c->days], found, DAYS_MAX);
	for (size_t i = 0; i < n && c->count < FOUND_MAX; i++)
		c->entry[c->count++] = (struct entry){found[i], row};
	c->more |= n && c->count == FOUND_MAX;
}

static int by_time(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->when.at < y->when.at ? -1 : x->when.at > y->when.at;
}

/* ---- the page ---- */

static void add_entry(struct calendar *c, const struct entry *e, struct cc_value *list)
{
	struct cc_request *rq = c->rq;
	struct cc_arena *a = rq->arena;
	struct cc_value *v = cc_value_add(a, list, NULL, CC_VALUE_MAP);
	const char *title = cc_row_str(e->row, 1), *customer = cc_row_str(e->row, 7);
	bool callback = strcmp(cc_row_str(e->row, 6), "callback") == 0;
	bool repeated = strcmp(cc_row_str(e->row, 3), "once") != 0;
	const char *id = cc_row_str(e->row, 0);

	cc_value_str(a, v, "time", cc_sprintf(a, "%.5s", cc_time_input(rq, e->when.at) + 11));
	cc_value_str(a, v, "title", *title ? title : cc_t(rq, "Call back"));
	cc_value_str(a, v, "customer", *customer ? customer : NULL);
	cc_value_str(a, v, "hint",
			cc_sprintf(a, "%s · %s%s%s", cc_time_text(rq, e->when.at),
					cc_tc(rq, "cycle", cc_row_str(e->row, 3)), *cc_row_str(e->row, 5) ? " · " : "",
					cc_row_str(e->row, 5)));
	cc_value_str(a, v, "url",
			repeated   ? cc_sprintf(a, "/crm/occurrence/%s?at=%" PRId64, id, e->when.original)
			: callback ? cc_sprintf(a, "/crm/callbacks/%s", id)
					   : cc_sprintf(a, "/crm/appointments/%s", id));
	cc_value_bool(a, v, "moved", e->when.at != e->when.original);
	cc_value_bool(a, v, "callback", callback);
	cc_value_bool(a, v, "past", e->when.at < rq->now_ms);
}

static void add_weeks(struct calendar *c, struct cc_value *page)
{
	struct cc_request *rq = c->rq;
	struct cc_arena *a = rq->arena;
	struct cc_value *weeks = cc_value_add(a, page, "weeks", CC_VALUE_LIST), *days = NULL;
	size_t next = 0;

	for (int i = 0; i < c->days; i++) {
		struct cc_local l = cc_time_local(rq, c->edge[i]);
		struct cc_value *day, *list;

		if (i % 7 == 0)
			days = cc_value_add(
					a, cc_value_add(a, weeks, NULL, CC_VALUE_MAP), "days", CC_VALUE_LIST);
		day = cc_value_add(a, days, NULL, CC_VALUE_MAP);
		cc_value_int(a, day, "number", l.day);
		cc_value_str(a, day, "date", day_text(rq, c->edge[i]));
		cc_value_str(a, day, "new_url",
				cc_sprintf(a, "/crm/appointments/new?at=%sT09:00", day_text(rq, c->edge[i])));
		cc_value_bool(a, day, "other", !c->week && l.month != c->day.month);
		cc_value_bool(a, day, "today", rq->now_ms >= c->edge[i] && rq->now_ms < c->edge[i + 1]);
		list = cc_value_add(a, day, "entries", CC_VALUE_LIST);
		for (; next < c->count && c->entry[next].when.at < c->edge[i + 1]; next++)
			add_entry(c, &c->entry[next], list);
	}
}

static void add_ways(struct calendar *c, struct cc_value *page)
{
	struct cc_request *rq = c->rq;
	struct cc_arena *a = rq->arena;
	struct cc_local l = c->day;
	const char *view = c->week ? "week" : "month", *whose = "";
	int step = c->week ? 7 : 0;

	if (c->user != rq->user->id)
		whose = cc_sprintf(a, "&user=%" PRId64, c->user);
	/* the middle of the day: a change of the clock does not lead into another one */
	l = (struct cc_local){.year = l.year, .month = l.month, .day = c->week ? l.day : 1, .hour = 12};
	for (int i = -1; i <= 1; i += 2) {
		struct cc_local there = l;

		there.day += i * step;
		there.month += step ? 0 : i;
		cc_value_str(a, page, i < 0 ? "previous_url" : "next_url",
				cc_sprintf(a, "/crm/calendar?view=%s&day=%s%s", view,
						day_text(rq, cc_time_utc(rq, &there)), whose));
	}
	cc_value_str(a, page, "today_url", cc_sprintf(a, "/crm/calendar?view=%s%s", view, whose));
	cc_value_str(a, page, "month_url",
			cc_sprintf(a, "/crm/calendar?view=month&day=%s%s", day_text(rq, cc_time_utc(rq, &l)),
					whose));
	cc_value_str(a, page, "week_url",
			cc_sprintf(a, "/crm/calendar?view=week&day=%s%s", day_text(rq, cc_time_utc(rq, &l)),
					whose));
	cc_value_str(a, page, "period",
			c->week ? cc_sprintf(a, "%s – %s", day_text(rq, c->edge[0]),
							  day_text(rq, c->edge[c->days - 1] + DAY_MS / 2))
					: cc_sprintf(a, "%04d-%02d", c->day.year, c->day.month));
}

/* GET /crm/calendar */
int crm_calendar(struct cc_request *rq)
{
	struct calendar *c = cc_alloc(rq->arena, sizeof(*c));
	struct cc_value *page, *list;
	int err;

	c->rq = rq;
	err = find_days(c);
	if (!err)
		err = find_rows(c);
	if (err)
		return err;
	for (size_t i = 0; i < c->rows.count; i++)
		add_occurrences(c, &c->rows.row[i]);
	qsort(c->entry, c->count, sizeof(*c->entry), by_time);
	page = cc_page(rq, cc_t(rq, "Calendar"));
	list = cc_value_add(rq->arena, page, "weekdays", CC_VALUE_LIST);
	for (size_t i = 0; i < sizeof(weekdays) / sizeof(*weekdays); i++)
		cc_value_str(rq->arena, cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP), "name",
				cc_tc(rq, "weekday", weekdays[i]));
	cc_value_bool(rq->arena, page, "week", c->week);
	cc_value_bool(rq->arena, page, "nothing", !c->count);
	cc_value_bool(rq->arena, page, "more", c->more);
	cc_value_bool(rq->arena, page, "may_create", cc_can(rq, "crm.appointments.create"));
	add_ways(c, page);
	add_weeks(c, page);
	return cc_page_send(rq, "crm/calendar", page);
}

/* ---- one occurrence ---- */

/* The rule has an occurrence at that time; *o: what became of it, at 0: cancelled. */
static int find_occurrence(
		struct cc_request *rq, const struct appointment *a, const char *at, struct occurrence *o)
{
	struct schedule rule = a->schedule;
	int64_t original = strtoll(at ? at : "", NULL, 10);

	rule.exceptions = 0;
	if (!schedule_from(rq, &rule, original, o) || o->original != original)
		return CC_E_NOENT;
	for (size_t i = 0; i < a->schedule.exceptions; i++)
		if (a->schedule.exception[i].original == original)
			o->at = a->schedule.exception[i].moved_to;
	return 0;
}

/* GET /crm/occurrence/{id} */
int crm_occurrence(struct cc_request *rq)
{
	struct cc_arena *arena = rq->arena;
	const char *id = cc_param(rq, "id");
	struct appointment a;
	struct occurrence o;
	int err = appointment_load(rq, id, false, &a);

	if (!err)
		err = find_occurrence(rq, &a, cc_query(rq, "at"), &o);
	if (err)
		return err;

	struct cc_value *page = cc_page(rq, appointment_title(rq, &a));

	cc_value_str(arena, page, "id", id);
	cc_value_int(arena, page, "at", o.original);
	cc_value_str(arena, page, "original", cc_time_text(rq, o.original));
	cc_value_str(
			arena, page, "moved_to", o.at && o.at != o.original ? cc_time_text(rq, o.at) : NULL);
	cc_value_bool(arena, page, "cancelled", !o.at);
	cc_value_bool(arena, page, "changed", o.at != o.original);
	cc_value_str(arena, page, "input", cc_time_input(rq, o.at ? o.at : o.original));
	cc_value_str(arena, page, "text", *a.text ? a.text : NULL);
	cc_value_str(arena, page, "customer", *a.customer_name ? a.customer_name : NULL);
	cc_value_str(arena, page, "user", a.user_name);
	cc_value_bool(arena, page, "may_edit", cc_can(rq, "crm.appointments.edit"));
	cc_value_str(arena, page, "back",
			cc_sprintf(arena, "/crm/calendar?day=%s%s", day_text(rq, o.at ? o.at : o.original),
					a.user != rq->user->id ? cc_sprintf(arena, "&user=%" PRId64, a.user) : ""));
	return cc_page_send(rq, "crm/occurrence", page);
}

static int set_exception(
		struct cc_request *rq, const struct appointment *a, int64_t original, int64_t moved_to)
{
	return cc_db_exec(rq->db,
			"INSERT INTO appointment_exception (tenant_id, appointment_id, original_at, moved_to) "
			"VALUES ({tenant}, ?, ?, NULLIF(?, 0)) ON DUPLICATE KEY UPDATE moved_to = "
			"VALUES(moved_to)",
			a->id, original, moved_to);
}

static int change_occurrence(
		struct cc_request *rq, const struct appointment *a, const struct occurrence *o)
{
	const char *what = cc_form(rq, "do"), *to = cc_form(rq, "to");
	int64_t moved_to = 0, step;

	if (what && strcmp(what, "restore") == 0)
		return cc_db_exec(rq->db,
				"DELETE FROM appointment_exception WHERE tenant_id = {tenant} AND appointment_id = "
				"? AND original_at = ?",
				a->id, o->original);
	if (what && strcmp(what, "cancel") == 0)
		return set_exception(rq, a, o->original, 0);
	if (!what || strcmp(what, "move") != 0 || !to || cc_time_parse(rq, to, &moved_to, &step) ||
			moved_to <= 0)
		return CC_E_INVAL;
	return set_exception(rq, a, o->original, moved_to);
}

/* The reminder that waits: the same occurrence at its new time, or the next one. */
static int remind_again(struct cc_request *rq, struct appointment *a, int64_t original)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT next_original FROM appointment WHERE tenant_id = {tenant} AND id = ?", a->id);
	int64_t next = !err && rows.count ? cc_row_int(&rows.row[0], 0, 0) : 0;

	if (err)
		return err;
	if (next && original > next)
		return 0;
	/* what was done or is long ago does not come back */
	if ((!next || original < next) && original < rq->now_ms - DAY_MS)
		return 0;
	err = schedule_load(rq, a->id, &a->schedule);
	return err ? err : appointment_remind(rq, a, next && next < original ? next : original);
}

/* POST /crm/occurrence/{id} */
int crm_occurrence_post(struct cc_request *rq)
{
	struct appointment a;
	struct occurrence o;
	const char *id = cc_param(rq, "id"), *what = cc_form(rq, "do"), *to = cc_form(rq, "to");
	int err = appointment_load(rq, id, true, &a);

	if (!err)
		err = find_occurrence(rq, &a, cc_form(rq, "at"), &o);
	if (!err)
		err = change_occurrence(rq, &a, &o);
	if (!err)
		err = remind_again(rq, &a, o.original);
	if (!err)
		err = cc_audit_write(rq, "crm.appointments.occurrence",
				cc_sprintf(rq->arena, "appointments/%s", id),
				cc_sprintf(rq->arena, "{\"at\":%" PRId64 ",\"do\":\"%s\",\"to\":\"%.16s\"}",
						o.original, what, strcmp(what, "move") == 0 ? to : ""));
	if (err)
		return err;
	appointment_changed(rq, a.user);
	cc_redirect(rq, cc_sprintf(rq->arena, "/crm/occurrence/%s?at=%" PRId64, id, o.original));
	return 0;
}
