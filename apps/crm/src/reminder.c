/* SPDX-License-Identifier: GPL-2.0-or-later
 * Reminders of the signed-in user, for the box that every page has (web/reminder.js):
 *	GET  /crm/reminders/box      the box, as a fragment
 *	GET  /crm/reminders          what is due, and when to ask again
 *	POST /crm/reminders/{id}     do=done, or do=snooze with minutes */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "appointment.h"
#include "call_task.h"
#include "cc/dial.h"
#include "cc/preference.h"

#define MINUTE_MS (60 * 1000LL)
#define SNOOZE_MAX (24 * 60) /* minutes */

struct reminders
{
	struct cc_request *rq;
	struct cc_rows rows;
	int64_t lead_ms;
	enum cc_hide masked;
	bool calls;
};

/* When the row's reminder is due. */
static int64_t due_at(const struct reminders *m, const struct cc_row *row)
{
	int64_t due = cc_row_int(row, 1, 0) - m->lead_ms, snoozed = cc_row_int(row, 2, 0);

	return snoozed > due ? snoozed : due;
}

static void row_write(struct cc_jsonw *w, const struct reminders *m, const struct cc_row *row)
{
	struct cc_request *rq = m->rq;
	const char *title = cc_row_str(row, 3), *phone = cc_row_str(row, 4);
	enum cc_hide own = cc_hide_parse(row->v[8]), hide = own > m->masked ? own : m->masked;

	cc_jsonw_object(w, NULL);
	cc_jsonw_int(w, "id", cc_row_int(row, 0, 0));
	cc_jsonw_str(w, "time", cc_time_text(rq, cc_row_int(row, 1, 0)));
	cc_jsonw_str(w, "title", *title ? title : cc_t(rq, "Call back"));
	cc_jsonw_str(w, "phone", cc_mask_number(rq->arena, phone, hide));
	cc_jsonw_str(w, "text", cc_row_str(row, 5));
	cc_jsonw_str(w, "customer", cc_row_str(row, 6));
	cc_jsonw_bool(w, "card", row->v[7] || (*phone && !m->masked));
	cc_jsonw_str(w, "call",
			*phone && m->calls ? cc_sprintf(rq->arena, "%s/%s/call/phone", crm_appointments.path,
										 cc_row_str(row, 0))
							   : NULL);
	cc_jsonw_close_object(w);
}

static void reminders_write(struct cc_jsonw *w, void *ctx)
{
	const struct reminders *m = ctx;
	int64_t next = 0;

	cc_jsonw_object(w, NULL);
	cc_jsonw_int(w, "user", m->rq->user->id);
	cc_jsonw_array(w, "rows");
	for (size_t i = 0; i < m->rows.count; i++) {
		int64_t due = due_at(m, &m->rows.row[i]);

		if (due <= m->rq->now_ms)
			row_write(w, m, &m->rows.row[i]);
		else if (!next || due < next)
			next = due;
	}
	cc_jsonw_close_array(w);
	if (next)
		cc_jsonw_int(w, "wait_ms", next - m->rq->now_ms);
	cc_jsonw_close_object(w);
}

/* GET /crm/reminders */
int crm_reminders(struct cc_request *rq)
{
	struct reminders *m = cc_alloc(rq->arena, sizeof(*m));
	int err;

	*m = (struct reminders){.rq = rq,
			.lead_ms = cc_preference_int(rq, "reminder_lead_min") * MINUTE_MS,
			.masked = cc_resource_masks(rq, &crm_appointments, "phone"),
			.calls = cc_may_dial(rq)};
	err = cc_db_query(rq->db, &m->rows,
			"SELECT t.id, t.next_at, t.snoozed_until, t.title, t.phone, t.text, c.name, "
			"t.customer_id, " HIDDEN_OF(
					"t.customer_id") " FROM appointment t LEFT JOIN customer c ON c.tenant_id = "
									 "t.tenant_id "
									 "AND c.id = t.customer_id WHERE t.tenant_id = {tenant} AND "
									 "t.user_id = {user} AND "
									 "t.next_at IS NOT NULL AND " CUSTOMER_SHOWN(
											 "t.customer_id") " ORDER BY t.next_at LIMIT 100");
	if (!err)
		cc_send_json(rq, reminders_write, m);
	return err;
}

/* GET /crm/reminders/box */
int crm_reminder_box(struct cc_request *rq)
{
	return cc_page_send(rq, "crm/reminder", cc_page(rq, cc_t(rq, "Appointments")));
}

/* Done: those that were due up to now are, and the next one is to come. */
static int done(struct cc_request *rq, const struct appointment *a)
{
	int64_t from = a->next_at >= rq->now_ms ? a->next_at + 1 : rq->now_ms;
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT next_original FROM appointment WHERE tenant_id = {tenant} AND id = ?", a->id);
	int64_t original = !err && rows.count ? cc_row_int(&rows.row[0], 0, 0) : 0;

	/* one that was moved to an earlier time is not due a second time at its old one */
	if (original >= from)
		from = original + 1;
	if (!err)
		err = a->schedule.cycle == CYCLE_ONCE ? appointment_remind(rq, a, INT64_MAX)
											  : appointment_remind(rq, a, from);
	return err ? err
			   : cc_db_exec(rq->db,
						 "UPDATE appointment SET done_at = ? WHERE tenant_id = {tenant} AND id = ?",
						 rq->now_ms, a->id);
}

static int snooze(struct cc_request *rq, const struct appointment *a)
{
	const char *text = cc_form(rq, "minutes");
	int64_t minutes = strtoll(text ? text : "", NULL, 10);

	if (minutes < 1 || minutes > SNOOZE_MAX)
		return CC_E_INVAL;
	return cc_db_exec(rq->db,
			"UPDATE appointment SET snoozed_until = ?, updated_at = ? WHERE tenant_id = {tenant} "
			"AND id = ?",
			rq->now_ms + minutes * MINUTE_MS, rq->now_ms, a->id);
}

static void ok_write(struct cc_jsonw *w, void *ctx)
{
	cc_jsonw_object(w, NULL);
	cc_jsonw_bool(w, "ok", true);
	cc_jsonw_close_object(w);
}

/* POST /crm/reminders/{id} */
int crm_reminder_post(struct cc_request *rq)
{
	struct appointment a;
	const char *what = cc_form(rq, "do");
	int err = appointment_load(rq, cc_param(rq, "id"), true, &a);

	if (!err && a.user != rq->user->id)
		err = CC_E_NOENT; /* others are reminded by their own */
	if (!err)
		err = !what                     ? CC_E_INVAL
			  : !strcmp(what, "done")   ? done(rq, &a)
			  : !strcmp(what, "snooze") ? snooze(rq, &a)
										: CC_E_INVAL;
	if (err)
		return err;
	appointment_changed(rq, a.user);
	if (rq->json)
		cc_send_json(rq, ok_write, NULL);
	else
		cc_redirect(rq, "/crm/calendar");
	return 0;
}
