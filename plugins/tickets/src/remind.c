/* SPDX-License-Identifier: GPL-2.0-or-later
 * TIC-04: appointments of tickets are appointments of CRM, whose box reminds of them, the minutes
 * before that the preferences say: of whoever has the ticket, or its author. A ticket has one at
 * most; it goes when the ticket is closed. */
#include "tickets.h"

struct reminder
{
	int64_t ticket, appointment; /* 0: it has none */
	int64_t at, user;            /* 0: nobody is to be reminded */
	const char *title;
};

static int add(struct cc_request *rq, const struct reminder *m)
{
	int err = cc_db_exec(rq->db,
			"INSERT INTO appointment (tenant_id, user_id, customer_id, title, phone, at, next_at, "
			"next_original, created_at, updated_at) SELECT t.tenant_id, ?, t.customer_id, "
			"LEFT(?, 100), t.phone, ?, ?, ?, ?, ? FROM tickets_ticket t WHERE t.tenant_id = "
			"{tenant} AND t.id = ?",
			m->user, m->title, m->at, m->at, m->at, rq->now_ms, rq->now_ms, m->ticket);
	return err ? err
			   : cc_db_exec(rq->db,
						 "UPDATE tickets_ticket SET appointment_id = ? WHERE tenant_id = {tenant} "
						 "AND id = ?",
						 cc_db_insert_id(rq->db), m->ticket);
}

/* Another time reminds again, however often it was put off. */
static int move(struct cc_request *rq, const struct reminder *m)
{
	return cc_db_exec(rq->db,
			"UPDATE appointment SET user_id = ?, title = LEFT(?, 100), next_at = IF(at = ?, "
			"next_at, ?), next_original = IF(at = ?, next_original, ?), snoozed_until = IF(at = ?, "
			"snoozed_until, NULL), updated_at = ?, at = ? WHERE tenant_id = {tenant} AND id = ?",
			m->user, m->title, m->at, m->at, m->at, m->at, m->at, rq->now_ms, m->at,
			m->appointment);
}

static int drop(struct cc_request *rq, const struct reminder *m)
{
	int err = cc_db_exec(rq->db, "DELETE FROM appointment WHERE tenant_id = {tenant} AND id = ?",
			m->appointment);
	return err ? err
			   : cc_db_exec(rq->db,
						 "UPDATE tickets_ticket SET appointment_id = NULL WHERE tenant_id = "
						 "{tenant} AND id = ?",
						 m->ticket);
}

int ticket_remind(struct cc_request *rq, const char *keys)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT t.id, p.id, IF(t.closed_at IS NULL, t.remind_at, NULL), COALESCE((SELECT "
			"a.user_id FROM agent a WHERE a.tenant_id = t.tenant_id AND a.id = t.agent_id), "
			"t.author_id), p.user_id, CONCAT(t.number, ' ', t.title) FROM tickets_ticket t LEFT "
			"JOIN appointment p ON p.tenant_id = t.tenant_id AND p.id = t.appointment_id WHERE "
			"t.tenant_id = {tenant} AND t.id IN (" CC_MANY_KEYS ") AND (t.remind_at IS NOT NULL OR "
			"p.id IS NOT NULL)",
			keys);
	for (size_t i = 0; !err && i < rows.count; i++) {
		const struct cc_row *row = &rows.row[i];
		const struct reminder m = {.ticket = cc_row_int(row, 0, 0),
				.appointment = cc_row_int(row, 1, 0),
				.at = cc_row_int(row, 2, 0),
				.user = cc_row_int(row, 3, 0),
				.title = cc_row_str(row, 5)};
		if (m.at && m.user)
			err = m.appointment ? move(rq, &m) : add(rq, &m);
		else if (m.appointment)
			err = drop(rq, &m);
		cc_changed(rq, "appointment", cc_row_str(row, 3));
		if (row->v[4])
			cc_changed(rq, "appointment", cc_row_str(row, 4));
	}
	return err;
}
