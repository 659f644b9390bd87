/* SPDX-License-Identifier: GPL-2.0-or-later
 * TIC-01: the history of tickets: every step with who, when, from what to what, and what was said.
 * Notes with files are steps that people write. */
#include <inttypes.h>
#include <string.h>
#include "tickets.h"

static const char *const kinds[] = {CC_NC("ticket step", "create"), CC_NC("ticket step", "submit"),
		CC_NC("ticket step", "edit"), CC_NC("ticket step", "state"), CC_NC("ticket step", "assign"),
		CC_NC("ticket step", "transfer"), CC_NC("ticket step", "take"),
		CC_NC("ticket step", "advance"), CC_NC("ticket step", "note"),
		CC_NC("ticket step", "close"), CC_NC("ticket step", "reopen"), NULL};
static const char *const file_types[] = {
		"image/png", "image/jpeg", "application/pdf", "audio/mpeg", "text/plain", NULL};

int ticket_step(struct cc_request *rq, int64_t ticket, const struct ticket_step *step)
{
	return cc_db_exec(rq->db,
			"INSERT INTO tickets_step (tenant_id, ticket_id, at, kind, user_id, user_name, "
			"before_text, after_text, text) VALUES ({tenant}, ?, ?, ?, NULLIF(?, 0), ?, LEFT(?, "
			"200), LEFT(?, 200), ?)",
			ticket, rq->now_ms, step->kind, rq->user->api ? (int64_t)0 : rq->user->id,
			rq->user->name, step->before ? step->before : "", step->after ? step->after : "",
			step->text ? step->text : "");
}

int ticket_place_name(struct cc_request *rq, struct ticket_place place, const char **text)
{
	struct cc_rows rows;
	*text = "";
	if (!place.agent && !place.group)
		return 0;
	int err = cc_db_query(rq->db, &rows,
			"SELECT CONCAT(number, ' ', name) FROM agent WHERE tenant_id = {tenant} AND id = ? "
			"UNION ALL SELECT CONCAT(number, ' ', name) FROM agent_group WHERE tenant_id = "
			"{tenant} AND id = ? AND ? = 0",
			place.agent, place.group, place.agent);
	if (!err && rows.count)
		*text = cc_row_str(&rows.row[0], 0);
	return err;
}

/* ---- as a list of its own ---- */

#define TICKET_OF                                                                                  \
	"EXISTS (SELECT 1 FROM tickets_ticket t WHERE t.id = k.id AND t.tenant_id = {tenant} AND ("

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Key"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("at", CC_N("Time"), NULL, TIME, LIST | CC_COLUMN_CREATED | CC_COLUMN_SORT),
		CC_COLUMN("number", CC_N("Ticket number"), "k.number", TEXT,
				LIST | CC_COLUMN_FILTER | CC_COLUMN_EXACT | CC_COLUMN_QUICK,
				.link = TICKETS "/step/"),
		CC_COLUMN("ticket_id", CC_N("Ticket"), NULL, INT,
				FORM | CC_COLUMN_JSON | CC_COLUMN_REQUIRED | CC_COLUMN_FIXED,
				.help = CC_N("Its key, which the address of its page has.")),
		CC_COLUMN("title", CC_N("Title"), "k.title", TEXT, LIST | CC_COLUMN_QUICK_ANYWHERE),
		CC_COLUMN("kind", CC_N("Step"), NULL, CODE, LIST | CC_COLUMN_FILTER | CC_COLUMN_STORED,
				.context = "ticket step", .codes = kinds),
		CC_COLUMN(
				"user_name", CC_N("User"), NULL, TEXT, LIST | CC_COLUMN_FILTER | CC_COLUMN_STORED),
		CC_COLUMN("before_text", CC_N("Before"), NULL, TEXT, LIST),
		CC_COLUMN("after_text", CC_N("Afterwards"), NULL, TEXT, LIST),
		CC_COLUMN("text", CC_N("Note"), NULL, NOTE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_SHORT | CC_COLUMN_QUICK_ANYWHERE,
				.max = 1000),
		CC_COLUMN("file", CC_N("Attachment"), NULL, FILE, FORM | CC_COLUMN_SHORT,
				.codes = file_types),
		CC_COLUMN("user_id", CC_N("User"), NULL, INT, CC_COLUMN_STORED),
		{.name = NULL},
};

/* On a ticket that the user sees. */
static int check(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	const struct cc_resource *r;
	struct cc_row row;
	if (c->action != CC_CREATE)
		return 0;
	int err = cc_resource_vary(rq, &tickets_list, &r);
	if (!err)
		err = cc_resource_get(rq, r, cc_change_new(c, "ticket_id"), &row);
	if (err == CC_E_NOENT || err == CC_E_INVAL)
		return cc_change_refuse(c, "ticket_id", cc_t(rq, "There is no such ticket."));
	cc_change_set(c, "kind", "note");
	cc_change_set(c, "user_name", rq->user->name);
	if (!rq->user->api)
		cc_change_set(c, "user_id", cc_sprintf(rq->arena, "%" PRId64, rq->user->id));
	return err;
}

static int saved(struct cc_change *c)
{
	int err = cc_db_exec(c->rq->db,
			"UPDATE tickets_ticket SET updated_at = ? WHERE tenant_id = {tenant} AND id = ?",
			c->rq->now_ms, cc_change_new(c, "ticket_id"));
	ticket_changed(c->rq);
	return err;
}

const struct cc_resource tickets_steps = {
		.name = "ticket-steps",
		.title = CC_N("History of tickets"),
		.thing = CC_N("Note on a ticket"),
		.path = TICKETS "/steps",
		.permission = "tickets.step",
		.actions = CC_CREATE | CC_EXPORT,
		.table = "tickets_step",
		.from = "tickets_step t JOIN tickets_ticket k ON k.tenant_id = t.tenant_id AND k.id = "
				"t.ticket_id",
		.where = "t.tenant_id = {tenant} AND (k.draft = 0 OR k.author_id <=> {user} OR k.author_id "
				 "IS NULL)",
		.own = TICKET_OF TICKET_OWN "))",
		.group = TICKET_OF TICKET_GROUP "))",
		.department = TICKET_OF TICKET_DEPARTMENT "))",
		.columns = columns,
		.range = "t.at",
		.check = check,
		.saved = saved,
};

/* ---- on the page of a ticket ---- */

int ticket_steps_page(struct cc_request *rq, int64_t ticket, struct cc_value *page)
{
	struct cc_arena *a = rq->arena;
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT s.at, s.kind, s.user_name, s.before_text, s.after_text, s.text, s.id, f.name "
			"FROM tickets_step s LEFT JOIN file f ON f.tenant_id = s.tenant_id AND f.id = s.file "
			"WHERE s.tenant_id = {tenant} AND s.ticket_id = ? ORDER BY s.id DESC LIMIT 500",
			ticket);
	struct cc_value *list = cc_value_add(a, page, "steps", CC_VALUE_LIST);
	bool files = cc_can(rq, "tickets.step.list");
	for (size_t i = 0; !err && i < rows.count; i++) {
		const struct cc_row *row = &rows.row[i];
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "at", cc_time_text(rq, cc_row_int(row, 0, 0)));
		cc_value_str(a, item, "kind", cc_row_str(row, 1));
		cc_value_str(a, item, "what", cc_tc(rq, "ticket step", cc_row_str(row, 1)));
		cc_value_str(a, item, "user", cc_row_str(row, 2));
		cc_value_str(a, item, "before", cc_row_str(row, 3));
		cc_value_str(a, item, "after", cc_row_str(row, 4));
		cc_value_str(a, item, "text", cc_row_str(row, 5));
		cc_value_str(a, item, "file",
				files && row->v[7]
						? cc_sprintf(a, "%s/%s/file/file", tickets_steps.path, cc_row_str(row, 6))
						: NULL);
		cc_value_str(a, item, "file_name", cc_row_str(row, 7));
	}
	return err;
}
