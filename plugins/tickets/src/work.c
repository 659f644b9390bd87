/* SPDX-License-Identifier: GPL-2.0-or-later
 * TIC-01, TIC-03: what is done with tickets, one or many: take over, transfer with a note, finish a
 * step of the flow, close with a result, reopen. Whoever is not concerned (a closed one that is to
 * be transferred) is left as it is. */
#include <inttypes.h>
#include <string.h>
#include "tickets.h"

#define KEYS "t.tenant_id = {tenant} AND t.id IN (" CC_MANY_KEYS ")"
/* Who has the ticket t, as text. */
#define HOLDER                                                                                     \
	"COALESCE(" NUMBER_OF("agent", "agent_id") ", " NUMBER_OF("agent_group", "group_id") ", '')"

#define NOTE_FIELD(flags)                                                                          \
	CC_COLUMN("note", CC_N("Note"), NULL, NOTE, CC_COLUMN_FORM | (flags), .max = 1000)

void ticket_changed(struct cc_request *rq)
{
	cc_changed(rq, "ticket", "0");
}

/* Steps of the open (or closed) ones of the run, apart from those that the agent has already. */
static int write_steps(struct cc_many_run *run, const char *kind, bool closed, int64_t but_of,
		const char *after, const char *text)
{
	struct cc_request *rq = run->rq;
	return cc_db_exec(rq->db,
			"INSERT INTO tickets_step (tenant_id, ticket_id, at, kind, user_id, user_name, "
			"before_text, after_text, text) SELECT t.tenant_id, t.id, ?, ?, NULLIF(?, 0), ?, "
			"LEFT(" HOLDER ", 200), LEFT(?, 200), ? FROM tickets_ticket t WHERE " KEYS " AND "
			"t.draft = 0 AND (t.closed_at IS NOT NULL) = ? AND NOT (t.agent_id <=> ?)",
			rq->now_ms, kind, rq->user->api ? (int64_t)0 : rq->user->id, rq->user->name,
			after ? after : "", text ? text : "", run->keys, closed, but_of);
}

/* The run is done: reminders follow, browsers are told. */
static int finish(struct cc_many_run *run, int err)
{
	run->done = cc_db_affected(run->rq->db);
	if (!err)
		err = ticket_remind(run->rq, run->keys);
	ticket_changed(run->rq);
	return err;
}

/* ---- take over ---- */

static int take_check(struct cc_change *form)
{
	int64_t me;
	int err = ticket_me(form->rq, &me);
	if (!err && !me)
		return cc_change_refuse(form, NULL, cc_t(form->rq, "Only agents can take tickets over."));
	return err;
}

static int take(struct cc_many_run *run)
{
	struct cc_request *rq = run->rq;
	const char *name = "";
	int64_t me;
	int err = ticket_me(rq, &me);
	if (!err)
		err = ticket_place_name(rq, (struct ticket_place){.agent = me}, &name);
	if (!err)
		err = write_steps(run, "take", false, me, name, NULL);
	if (!err)
		err = cc_db_exec(rq->db,
				"UPDATE tickets_ticket t JOIN " CC_MANY_TABLE
				" ON j.k = t.id SET t.agent_id = ?, t.assigned_at = ?, t.updated_at = ? WHERE "
				"t.tenant_id = {tenant} AND " TICKET_OPEN " AND NOT (t.agent_id <=> ?)",
				run->keys, me, rq->now_ms, rq->now_ms, me);
	return finish(run, err);
}

/* ---- transfer ---- */

static const struct cc_column transfer_columns[] = {
		CC_COLUMN("agent_id", CC_N("To the agent"), NULL, OPTION, CC_COLUMN_FORM,
				.options = AGENT_OPTIONS),
		CC_COLUMN("group_id", CC_N("To the group"), NULL, OPTION, CC_COLUMN_FORM,
				.options = GROUP_OPTIONS,
				.help = CC_N("Without an agent: its leaders see the ticket.")),
		NOTE_FIELD(CC_COLUMN_REQUIRED),
		{.name = NULL},
};

static int transfer_check(struct cc_change *form)
{
	struct cc_rows rows;
	int64_t agent = cc_change_new_int(form, "agent_id", 0),
			group = cc_change_new_int(form, "group_id", 0);
	if (!agent && !group)
		return cc_change_refuse(form, "agent_id", cc_t(form->rq, "Choose an agent or a group."));
	if (!agent || !group)
		return 0;
	int err = cc_db_query(form->rq->db, &rows,
			"SELECT 1 FROM agent_group_member WHERE tenant_id = {tenant} AND group_id = ? AND "
			"agent_id = ?",
			group, agent);
	if (!err && !rows.count)
		return cc_change_refuse(
				form, "agent_id", cc_t(form->rq, "The agent is not in this group."));
	return err;
}

/* To an agent alone: the group stays as it is. */
static int transfer(struct cc_many_run *run)
{
	struct cc_request *rq = run->rq;
	int64_t agent = cc_change_new_int(run->form, "agent_id", 0),
			group = cc_change_new_int(run->form, "group_id", 0);
	const char *name;
	int err = ticket_place_name(rq, (struct ticket_place){.group = group, .agent = agent}, &name);
	if (!err)
		err = write_steps(run, "transfer", false, -1, name, cc_change_new(run->form, "note"));
	if (!err)
		err = cc_db_exec(rq->db,
				"UPDATE tickets_ticket t JOIN " CC_MANY_TABLE
				" ON j.k = t.id SET t.agent_id = NULLIF(?, 0), t.group_id = COALESCE(NULLIF(?, 0), "
				"t.group_id), t.assigned_at = ?, t.updated_at = ? WHERE t.tenant_id = {tenant} "
				"AND " TICKET_OPEN,
				run->keys, agent, group, rq->now_ms, rq->now_ms);
	return finish(run, err);
}

/* ---- close ---- */

static const struct cc_column close_columns[] = {
		CC_COLUMN("result_id", CC_N("Ticket result"), NULL, OPTION, CC_COLUMN_FORM,
				.options = RESULT_OPTIONS),
		NOTE_FIELD(0),
		{.name = NULL},
};

/* Where results are kept, one is asked for. */
static int close_check(struct cc_change *form)
{
	struct cc_rows rows;
	const char *result = cc_change_new(form, "result_id");
	if (result && *result)
		return 0;
	int err = cc_db_query(
			form->rq->db, &rows, "SELECT 1 FROM tickets_result WHERE tenant_id = {tenant} LIMIT 1");
	if (!err && rows.count)
		return cc_change_refuse(form, "result_id", cc_t(form->rq, "This must be filled in."));
	return err;
}

static int close_now(struct cc_many_run *run, int64_t result, const char *text)
{
	struct cc_request *rq = run->rq;
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT name FROM tickets_result WHERE tenant_id = {tenant} AND id = ?", result);
	if (!err)
		err = write_steps(
				run, "close", false, -1, rows.count ? cc_row_str(&rows.row[0], 0) : "", text);
	if (!err)
		err = cc_db_exec(rq->db,
				"UPDATE tickets_ticket t JOIN " CC_MANY_TABLE
				" ON j.k = t.id JOIN tickets_category k ON k.tenant_id = t.tenant_id AND k.id = "
				"t.category_id SET t.state_id = COALESCE(k.end_state_id, t.state_id), t.result_id "
				"= COALESCE(NULLIF(?, 0), t.result_id), t.flow_step_id = NULL, t.closed_at = ?, "
				"t.closed_by = ?, t.updated_at = ? WHERE t.tenant_id = {tenant} AND " TICKET_OPEN,
				run->keys, result, rq->now_ms, rq->user->name, rq->now_ms);
	return finish(run, err);
}

static int close_run(struct cc_many_run *run)
{
	return close_now(
			run, cc_change_new_int(run->form, "result_id", 0), cc_change_new(run->form, "note"));
}

/* ---- reopen ---- */

static const struct cc_column reopen_columns[] = {
		CC_COLUMN("state_id", CC_N("Ticket state"), NULL, OPTION, CC_COLUMN_FORM,
				.options = STATE_OPTIONS),
		NOTE_FIELD(CC_COLUMN_REQUIRED),
		{.name = NULL},
};

static int reopen(struct cc_many_run *run)
{
	struct cc_request *rq = run->rq;
	int err = write_steps(run, "reopen", true, -1, NULL, cc_change_new(run->form, "note"));
	if (!err) /* the end state would close it again */
		err = cc_db_exec(rq->db,
				"UPDATE tickets_ticket t JOIN " CC_MANY_TABLE
				" ON j.k = t.id JOIN tickets_category k ON k.tenant_id = t.tenant_id AND k.id = "
				"t.category_id SET t.state_id = COALESCE(NULLIF(?, 0), IF(t.state_id <=> "
				"k.end_state_id, NULL, t.state_id)), t.result_id = NULL, t.closed_at = NULL, "
				"t.closed_by = '', t.updated_at = ? WHERE t.tenant_id = {tenant} AND t.closed_at "
				"IS NOT NULL",
				run->keys, cc_change_new_int(run->form, "state_id", 0), rq->now_ms);
	return finish(run, err);
}

/* ---- a step of the flow is done ---- */

static const struct cc_column advance_columns[] = {
		NOTE_FIELD(0),
		{.name = NULL},
};

/* To whoever does the next step; behind the last one the ticket is closed. */
static int advance_one(struct cc_many_run *run, const struct cc_row *row)
{
	struct cc_request *rq = run->rq;
	struct ticket_route route;
	const char *text = cc_change_new(run->form, "note"), *name;
	struct cc_many_run one = *run;
	int64_t id = cc_row_int(row, 0, 0);
	one.keys = cc_sprintf(rq->arena, "[%" PRId64 "]", id);
	int err = ticket_route_step(rq, cc_row_int(row, 1, 0), cc_row_int(row, 2, 0), &route);
	if (!err)
		err = ticket_place_name(rq, route.place, &name);
	if (!err)
		err = write_steps(&one, "advance", false, -1, route.step ? name : "", text);
	if (!err && !route.step)
		return close_now(&one, 0, NULL);
	if (!err)
		err = cc_db_exec(rq->db,
				"UPDATE tickets_ticket SET flow_step_id = ?, group_id = NULLIF(?, 0), agent_id = "
				"NULLIF(?, 0), due_at = NULLIF(?, 0), assigned_at = ?, updated_at = ? WHERE "
				"tenant_id = {tenant} AND id = ?",
				route.step, route.place.group, route.place.agent, route.due_at, rq->now_ms,
				rq->now_ms, id);
	return err ? err : ticket_remind(rq, one.keys);
}

static int advance(struct cc_many_run *run)
{
	struct cc_rows rows;
	int err = cc_db_query(run->rq->db, &rows,
			"SELECT t.id, t.flow_id, t.flow_step_id FROM tickets_ticket t WHERE " KEYS
			" AND " TICKET_OPEN " AND t.flow_step_id IS NOT NULL ORDER BY t.id FOR UPDATE",
			run->keys);
	for (size_t i = 0; !err && i < rows.count; i++)
		err = advance_one(run, &rows.row[i]);
	run->done = err ? 0 : (int64_t)rows.count;
	ticket_changed(run->rq);
	return err;
}

const struct cc_many tickets_many[] = {
		{.name = "take",
				.label = CC_NC("action", "Take over"),
				.permission = "take",
				.question = CC_N("You take {n} tickets over."),
				.check = take_check,
				.run = take},
		{.name = "advance",
				.label = CC_NC("action", "Finish the step"),
				.question = CC_N("The step of the flow is done, of {n} tickets."),
				.columns = advance_columns,
				.run = advance},
		{.name = "transfer",
				.label = CC_NC("action", "Transfer the ticket"),
				.permission = "transfer",
				.question = CC_N("{n} tickets are handed on."),
				.columns = transfer_columns,
				.check = transfer_check,
				.run = transfer},
		{.name = "close",
				.label = CC_NC("action", "Close the ticket"),
				.permission = "close",
				.question = CC_N("{n} tickets are closed."),
				.columns = close_columns,
				.check = close_check,
				.run = close_run},
		{.name = "reopen",
				.label = CC_NC("action", "Reopen the ticket"),
				.permission = "reopen",
				.question = CC_N("{n} tickets are opened again."),
				.columns = reopen_columns,
				.run = reopen},
		{.name = NULL},
};

/* ---- submit ---- */

/* POST P/{id}/do/submit: what was saved only is now to be done. */
static int submit(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	struct cc_rows rows;
	struct ticket_draft draft;
	struct ticket_route route = {0};
	(void)r;
	int err = cc_db_query(rq->db, &rows,
			"SELECT id, category_id, state_id, flow_id, group_id, agent_id, title FROM "
			"tickets_ticket WHERE tenant_id = {tenant} AND id = ? FOR UPDATE",
			key);
	if (err || !rows.count)
		return err ? err : CC_E_NOENT;
	const struct cc_row *row = &rows.row[0];
	int64_t id = cc_row_int(row, 0, 0);
	struct ticket_place given = {.group = cc_row_int(row, 4, 0), .agent = cc_row_int(row, 5, 0)};
	draft = (struct ticket_draft){.category = cc_row_int(row, 1, 0),
			.state = cc_row_int(row, 2, 0),
			.flow = cc_row_int(row, 3, 0)};
	err = ticket_me(rq, &draft.author);
	if (!err)
		err = ticket_route_new(rq, &draft, &route);
	if (given.group || given.agent)
		route.place = given;
	if (!err)
		err = cc_db_exec(rq->db,
				"UPDATE tickets_ticket SET draft = 0, group_id = NULLIF(?, 0), agent_id = "
				"NULLIF(?, 0), assigned_at = IF(? = 0, NULL, ?), flow_step_id = NULLIF(?, 0), "
				"due_at = COALESCE(NULLIF(?, 0), due_at), updated_at = ? WHERE tenant_id = "
				"{tenant} AND id = ?",
				route.place.group, route.place.agent, route.place.agent, rq->now_ms, route.step,
				route.due_at, rq->now_ms, id);
	const struct ticket_step step = {.kind = "submit", .after = cc_row_str(row, 6)};
	if (!err)
		err = ticket_step(rq, id, &step);
	if (!err)
		err = ticket_remind(rq, cc_sprintf(rq->arena, "[%" PRId64 "]", id));
	ticket_changed(rq);
	return err;
}

const struct cc_action tickets_buttons[] = {
		{.name = "submit",
				.label = CC_NC("action", "Submit the ticket"),
				.shown = "t.draft = 1",
				.run = submit},
		{.name = NULL},
};
