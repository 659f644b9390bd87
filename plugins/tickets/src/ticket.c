/* SPDX-License-Identifier: GPL-2.0-or-later
 * TIC-01, TIC-04: tickets: the list, the form, and what follows a change of one. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cc/dial.h"
#include "cc/err.h"
#include "tickets.h"

static const char *const priorities[] = {CC_NC("ticket priority", "low"),
		CC_NC("ticket priority", "mid"), CC_NC("ticket priority", "high"),
		CC_NC("ticket priority", "urgent"), NULL};
static const char *const stages[] = {CC_NC("ticket stage", "draft"), CC_NC("ticket stage", "open"),
		CC_NC("ticket stage", "overdue"), CC_NC("ticket stage", "closed"), NULL};
static const char *const file_types[] = {
		"image/png", "image/jpeg", "application/pdf", "audio/mpeg", "text/plain", NULL};

#define CATEGORIES NAMES("tickets_category") " AND state = 'enabled' ORDER BY name"
#define FLOWS NAMES("tickets_flow") " AND state = 'enabled' ORDER BY name"

/* In the form, but not to be seen: links to a new ticket fill it in. */
#define PASSED (FORM | CC_COLUMN_FIXED)

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Key"), NULL, INT, CC_COLUMN_JSON),
		CC_COLUMN("number", CC_N("Ticket number"), NULL, TEXT,
				LIST | CC_COLUMN_FILTER | CC_COLUMN_EXACT | CC_COLUMN_QUICK | CC_COLUMN_STORED,
				.link = TICKETS "/ticket/"),
		CC_COLUMN("title", CC_N("Ticket title"), NULL, TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_QUICK_ANYWHERE,
				.max = 200, .link = TICKETS "/ticket/"),
		CC_COLUMN("category_id", CC_N("Ticket category"),
				NAME_OF("tickets_category", "category_id"), OPTION,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_INDEXED,
				.names = NAMES("tickets_category"), .options = CATEGORIES, .look = "refetches"),
		CC_COLUMN("stage", CC_N("Progress"), TICKET_STAGE, CODE, LIST | CC_COLUMN_FILTER,
				.context = "ticket stage", .codes = stages),
		CC_COLUMN("state_id", CC_N("Ticket state"), NAME_OF("tickets_state", "state_id"), OPTION,
				LIST | FORM | CC_COLUMN_FILTER | CC_COLUMN_BATCH | CC_COLUMN_INDEXED,
				.names = NAMES("tickets_state"), .options = STATE_OPTIONS),
		CC_COLUMN("priority", CC_N("Priority"), NULL, CODE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_BATCH,
				.context = "ticket priority", .codes = priorities, .initial = "mid"),
		CC_COLUMN("flow_id", CC_N("Ticket flow"), NAME_OF("tickets_flow", "flow_id"), OPTION,
				MORE | FORM | CC_COLUMN_FIXED | CC_COLUMN_FILTER | CC_COLUMN_INDEXED,
				.names = NAMES("tickets_flow"), .options = FLOWS,
				.help = CC_N("None: the state and the category say who gets the ticket.")),
		CC_COLUMN("flow_step", CC_N("Step of the flow"),
				NAME_OF("tickets_flow_step", "flow_step_id"), TEXT, MORE),
		CC_COLUMN("due_at", CC_N("Overdue at"), NULL, TIME,
				LIST | FORM | CC_COLUMN_BATCH | CC_COLUMN_SORT),
		CC_COLUMN("group_id", CC_N("Assigned group"), NUMBER_OF("agent_group", "group_id"), OPTION,
				LIST | FORM | CC_COLUMN_FILTER, .names = NUMBERS("agent_group"),
				.options = GROUP_OPTIONS, .section = CC_N("Who handles it"),
				.help = CC_N("Of a new ticket neither chosen: state, category or flow say it.")),
		CC_COLUMN("agent_id", CC_N("Assigned agent"), NUMBER_OF("agent", "agent_id"), OPTION,
				LIST | FORM | CC_COLUMN_FILTER, .names = NUMBERS("agent"),
				.options = AGENT_OPTIONS),
		CC_COLUMN("remind_at", CC_N("Appointment"), NULL, TIME, MORE | FORM,
				.help = CC_N("The agent who has the ticket is reminded then; nobody has it: you "
							 "are.")),
		CC_COLUMN("draft", CC_N("Draft"), NULL, BOOL, CC_COLUMN_JSON | FORM, .initial = "0",
				.help = CC_N("Saved, not submitted: only you see it.")),
		CC_COLUMN("phone", CC_N("Customer number"), NULL, PHONE,
				LIST | FORM | CC_COLUMN_FILTER | CC_COLUMN_QUICK, .max = 32, .call = "TRUE",
				.section = CC_N("Customer")),
		CC_COLUMN("customer_name", CC_N("Customer name"), NULL, TEXT,
				LIST | FORM | CC_COLUMN_FILTER | CC_COLUMN_QUICK_ANYWHERE, .max = 100),
		CC_COLUMN("description", CC_N("Description"), NULL, NOTE, MORE | FORM, .max = 4000,
				.section = CC_N("What it is about")),
		CC_COLUMN("note", CC_N("Note"), NULL, NOTE, MORE | FORM, .max = 1000),
		CC_COLUMN("attachment", CC_N("Attachment"), NULL, FILE, FORM, .codes = file_types),
		CC_COLUMN("result_id", CC_N("Ticket result"), NAME_OF("tickets_result", "result_id"),
				OPTION, MORE | FORM | CC_COLUMN_FILTER | CC_COLUMN_BATCH | CC_COLUMN_INDEXED,
				.names = NAMES("tickets_result"), .options = RESULT_OPTIONS),
		CC_COLUMN("author", CC_N("Ticket author"), NULL, TEXT,
				MORE | CC_COLUMN_FILTER | CC_COLUMN_STORED),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME,
				LIST | CC_COLUMN_CREATED | CC_COLUMN_SORT),
		CC_COLUMN("updated_at", CC_N("Last change"), NULL, TIME,
				MORE | CC_COLUMN_UPDATED | CC_COLUMN_SORT),
		CC_COLUMN("closed_at", CC_N("Closed"), NULL, TIME, MORE | CC_COLUMN_STORED),
		CC_COLUMN("closed_by", CC_N("Closed by"), NULL, TEXT, MORE | CC_COLUMN_STORED),
		CC_COLUMN("customer_id", CC_N("Key of the customer"), NULL, INT,
				CC_COLUMN_JSON | CC_COLUMN_SEARCH | PASSED, .look = "passed"),
		CC_COLUMN("call", CC_N("Call"), NULL, TEXT, PASSED | CC_COLUMN_VIRTUAL, .max = 26,
				.look = "passed"),
		CC_COLUMN("call_id", CC_N("Call"), NULL, ID, CC_COLUMN_JSON | CC_COLUMN_SEARCH),
		CC_COLUMN("source", CC_N("Made of"), NULL, TEXT, CC_COLUMN_JSON | CC_COLUMN_SEARCH | PASSED,
				.max = 64, .look = "passed"),
		/* what people look for, whose column shows a key's text */
		CC_COLUMN("agent_name", CC_N("Assigned agent"),
				"COALESCE(" NUMBER_OF("agent", "agent_id") ", '')", TEXT, CC_COLUMN_QUICK_ANYWHERE),
		CC_COLUMN("group_name", CC_N("Assigned group"),
				"COALESCE(" NUMBER_OF("agent_group", "group_id") ", '')", TEXT,
				CC_COLUMN_QUICK_ANYWHERE),
		CC_COLUMN("flow_step_id", CC_N("Step of the flow"), NULL, INT, CC_COLUMN_STORED),
		CC_COLUMN("assigned_at", CC_N("Assigned at"), NULL, TIME, CC_COLUMN_STORED),
		CC_COLUMN("phone_e164", CC_N("E.164"), NULL, TEXT, CC_COLUMN_STORED),
		CC_COLUMN("author_id", CC_N("Ticket author"), NULL, INT, CC_COLUMN_STORED),
		CC_COLUMN("hides", CC_N("Hide telephone numbers"), CC_CUSTOMER_HIDES, HIDES, 0),
		{.name = NULL},
};

static const char *number_text(struct cc_request *rq, int64_t n)
{
	return n ? cc_sprintf(rq->arena, "%" PRId64, n) : NULL;
}

/* ---- what is filled in by itself ---- */

/* Day and number within it: 202212110001. */
static int make_number(struct cc_request *rq, const char **number)
{
	struct cc_local day = cc_time_local(rq, rq->now_ms);
	int date = day.year * 10000 + day.month * 100 + day.day;
	int err = cc_db_exec(rq->db,
			"INSERT INTO tickets_number (tenant_id, day, last) VALUES ({tenant}, ?, "
			"LAST_INSERT_ID(1)) ON DUPLICATE KEY UPDATE last = LAST_INSERT_ID(last + 1)",
			date);
	if (!err)
		*number = cc_sprintf(rq->arena, "%08d%04" PRId64, date, cc_db_insert_id(rq->db));
	return err;
}

static int set_number(struct cc_change *c)
{
	const char *number;
	int err = make_number(c->rq, &number);
	if (!err)
		cc_change_set(c, "number", number);
	return err;
}

static void set_place(struct cc_change *c, const struct ticket_place *place)
{
	cc_change_set(c, "group_id", number_text(c->rq, place->group));
	cc_change_set(c, "agent_id", number_text(c->rq, place->agent));
}

static int route_new(struct cc_change *c)
{
	struct ticket_route route;
	struct ticket_draft draft = {.category = cc_change_new_int(c, "category_id", 0),
			.state = cc_change_new_int(c, "state_id", 0),
			.flow = cc_change_new_int(c, "flow_id", 0)};
	bool given = cc_change_new_int(c, "agent_id", 0) || cc_change_new_int(c, "group_id", 0);
	int err = given && !draft.flow ? 0 : ticket_me(c->rq, &draft.author);
	if (err || (given && !draft.flow))
		return err;
	err = ticket_route_new(c->rq, &draft, &route);
	if (err)
		return err;
	cc_change_set(c, "flow_step_id", number_text(c->rq, route.step));
	if (route.due_at)
		cc_change_set(c, "due_at", number_text(c->rq, route.due_at));
	if (!given)
		set_place(c, &route.place);
	return 0;
}

/* Another state: its group gets the ticket, unless the form says who does. */
static int route_state(struct cc_change *c)
{
	int64_t state = cc_change_new_int(c, "state_id", 0);
	struct ticket_place place = {.group = cc_change_new_int(c, "group_id", 0),
			.agent = cc_change_new_int(c, "agent_id", 0)};
	if (!state || !cc_change_differs(c, "state_id") || cc_change_differs(c, "agent_id") ||
			cc_change_differs(c, "group_id"))
		return 0;
	int err = ticket_route_state(c->rq, state, &place);
	if (!err)
		set_place(c, &place);
	return err;
}

/* A ticket of its category's end state is closed, one of another state that people give it is
 * not any more if that is permitted. */
static int set_closed(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	struct cc_rows rows;
	bool closed = cc_change_new(c, "closed_at") != NULL;
	int64_t state = cc_change_new_int(c, "state_id", 0);
	if (cc_change_new_int(c, "draft", 0) ||
			(c->action == CC_EDIT && !cc_change_differs(c, "state_id") &&
					!cc_change_differs(c, "category_id")))
		return 0;
	int err = cc_db_query(rq->db, &rows,
			"SELECT end_state_id FROM tickets_category WHERE tenant_id = {tenant} AND id = ?",
			cc_change_new(c, "category_id"));
	if (err)
		return err;
	bool ends = state && rows.count && cc_row_int(&rows.row[0], 0, 0) == state;
	if (closed && !ends) {
		if (!cc_resource_can(rq, c->r, "reopen"))
			return cc_change_refuse(c, "state_id", cc_t(rq, "You may not reopen tickets."));
		cc_change_set(c, "closed_at", NULL);
		cc_change_set(c, "closed_by", "");
	} else if (!closed && ends) {
		cc_change_set(c, "closed_at", number_text(rq, rq->now_ms));
		cc_change_set(c, "closed_by", rq->user->name);
	}
	return 0;
}

static int check(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	bool draft = cc_change_new_int(c, "draft", 0) != 0;
	const char *old = cc_change_old(c, "draft");
	bool was_draft = c->action == CC_CREATE || (old && *old == '1');
	int err = 0;
	if (c->action == CC_CREATE) {
		cc_change_set(c, "author", rq->user->name);
		cc_change_set(c, "author_id", rq->user->api ? NULL : number_text(rq, rq->user->id));
		err = set_number(c);
	}
	if (!err && draft && !was_draft)
		err = cc_change_refuse(c, "draft", cc_t(rq, "It has been submitted already."));
	if (!err)
		err = cc_customer_fill(c);
	if (!err && !draft)
		err = was_draft ? route_new(c) : route_state(c);
	if (!err)
		err = set_closed(c);
	if (!err && cc_change_differs(c, "agent_id"))
		cc_change_set(c, "assigned_at",
				cc_change_new(c, "agent_id") ? number_text(rq, rq->now_ms) : NULL);
	return err;
}

/* ---- what follows ---- */

static int name_of_state(struct cc_request *rq, const char *id, const char **name)
{
	struct cc_rows rows;
	*name = "";
	if (!id || !*id)
		return 0;
	int err = cc_db_query(rq->db, &rows,
			"SELECT name FROM tickets_state WHERE tenant_id = {tenant} AND id = ?", id);
	if (!err && rows.count)
		*name = cc_row_str(&rows.row[0], 0);
	return err;
}

static int64_t old_int(const struct cc_change *c, const char *column)
{
	const char *text = cc_change_old(c, column);
	return text ? strtoll(text, NULL, 10) : 0;
}

static int step_state(struct cc_change *c)
{
	struct ticket_step step = {.kind = "state"};
	if (c->action == CC_CREATE || !cc_change_differs(c, "state_id"))
		return 0;
	int err = name_of_state(c->rq, cc_change_old(c, "state_id"), &step.before);
	if (!err)
		err = name_of_state(c->rq, cc_change_new(c, "state_id"), &step.after);
	return err ? err : ticket_step(c->rq, c->id, &step);
}

static int step_place(struct cc_change *c)
{
	struct ticket_step step = {.kind = "assign"};
	struct ticket_place before = {.group = old_int(c, "group_id"), .agent = old_int(c, "agent_id")},
						after = {.group = cc_change_new_int(c, "group_id", 0),
								.agent = cc_change_new_int(c, "agent_id", 0)};
	if (before.group == after.group && before.agent == after.agent)
		return 0;
	int err = ticket_place_name(c->rq, before, &step.before);
	if (!err)
		err = ticket_place_name(c->rq, after, &step.after);
	return err ? err : ticket_step(c->rq, c->id, &step);
}

/* Whatever else was changed, by name: the audit log has the values. */
static int step_edit(struct cc_change *c)
{
	static const char *const told[] = {"state_id", "agent_id", "group_id", "draft", "call"};
	struct cc_buf names = cc_buf_new(c->rq->arena);
	for (const struct cc_column *d = c->r->columns; d->name; d++) {
		bool skip = !(d->flags & FORM) || !cc_change_differs(c, d->name);
		for (size_t i = 0; i < sizeof told / sizeof *told && !skip; i++)
			skip = strcmp(d->name, told[i]) == 0;
		if (!skip)
			cc_buf_printf(&names, "%s%s", names.len ? ", " : "",
					d->flags & CC_COLUMN_OWN_WORDS ? d->label : cc_t(c->rq, d->label));
	}
	struct ticket_step step = {.kind = "edit", .after = cc_buf_text(&names)};
	return names.len ? ticket_step(c->rq, c->id, &step) : 0;
}

static int write_steps(struct cc_change *c)
{
	bool draft = cc_change_new_int(c, "draft", 0) != 0;
	const char *title = cc_change_new(c, "title");
	struct ticket_step begin = {.kind = c->action == CC_CREATE ? "create" : "submit",
							   .after = title ? title : ""},
					   end = {.kind = cc_change_new(c, "closed_at") ? "close" : "reopen"};
	int err = 0;
	if (c->action == CC_CREATE || (cc_change_differs(c, "draft") && !draft))
		err = ticket_step(c->rq, c->id, &begin);
	if (!err && c->action == CC_EDIT)
		err = step_edit(c);
	if (!err)
		err = step_state(c);
	if (!err)
		err = step_place(c);
	if (!err && cc_change_differs(c, "closed_at"))
		err = ticket_step(c->rq, c->id, &end);
	return err;
}

static int saved(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	int err = ticket_values_store(c);
	if (!err)
		err = CC_CUSTOMER_STORE_CALL(
				c, "UPDATE tickets_ticket SET call_id = ? WHERE tenant_id = {tenant} AND id = ?");
	if (!err)
		err = write_steps(c);
	if (!err)
		err = ticket_remind(rq, cc_sprintf(rq->arena, "[%" PRId64 "]", c->id));
	ticket_changed(rq);
	if (!err && c->action == CC_CREATE && !rq->json)
		cc_redirect(rq, cc_sprintf(rq->arena, TICKETS_LIST "/%" PRId64 "/view", c->id));
	return err;
}

/* Of files of steps the rows go: housekeeping removes what no row names. */
static int deleting(struct cc_change *c)
{
	struct cc_db *db = c->rq->db;
	int err = cc_db_exec(db,
			"DELETE FROM appointment WHERE tenant_id = {tenant} AND id = (SELECT appointment_id "
			"FROM tickets_ticket WHERE tenant_id = {tenant} AND id = ?)",
			c->id);
	if (!err)
		err = cc_db_exec(db,
				"DELETE f FROM file f JOIN tickets_step s ON s.tenant_id = f.tenant_id AND s.file "
				"= f.id WHERE s.tenant_id = {tenant} AND s.ticket_id = ?",
				c->id);
	if (!err)
		err = cc_db_exec(
				db, "DELETE FROM tickets_step WHERE tenant_id = {tenant} AND ticket_id = ?", c->id);
	if (!err)
		err = cc_db_exec(db,
				"DELETE FROM tickets_value WHERE tenant_id = {tenant} AND ticket_id = ?", c->id);
	ticket_changed(c->rq);
	return err;
}

/* ---- the resource ---- */

/* The category whose fields the form has: what was chosen, or the ticket's, or (of a new one) that
 * which the form begins with. */
static int category_of(struct cc_request *rq, int64_t *category)
{
	struct cc_rows rows;
	const char *key = cc_param(rq, "id"), *given = cc_form(rq, "category_id");
	int err;
	if (!given)
		given = *key ? NULL : cc_query(rq, "category_id");
	*category = given ? strtoll(given, NULL, 10) : 0;
	if (given)
		return 0;
	if (*key)
		err = cc_db_query(rq->db, &rows,
				"SELECT category_id FROM tickets_ticket WHERE tenant_id = {tenant} AND id = ?",
				(int64_t)strtoll(key, NULL, 10));
	else if (strcmp(rq->path, TICKETS_LIST "/new") == 0)
		err = cc_db_query(rq->db, &rows, CATEGORIES " LIMIT 1");
	else
		return 0;
	if (!err && rows.count)
		*category = cc_row_int(&rows.row[0], 0, 0);
	return err;
}

static int vary(struct cc_request *rq, struct cc_resource *r)
{
	int64_t category;
	int err = category_of(rq, &category);
	return err ? err : ticket_columns(rq, r, category);
}

static const struct cc_menu tools[] = {
		{TICKETS "/steps", CC_NC("menu", "History of tickets"), "tickets.step.list", 0},
		{NULL, NULL, NULL, 0},
};

const struct cc_resource tickets_list = {
		.name = "tickets",
		.title = CC_N("Tickets"),
		.thing = CC_N("Ticket"),
		.path = TICKETS_LIST,
		.permission = "tickets.ticket",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "tickets_ticket",
		.where = TICKET_SHOWN,
		.own = TICKET_OWN,
		.group = TICKET_GROUP,
		.department = TICKET_DEPARTMENT,
		.columns = columns,
		.range = "t.created_at",
		.range_name = CC_N("Created"),
		.row_class = "IF(t.draft = 0 AND t.closed_at IS NULL AND t.due_at < UNIX_TIMESTAMP() * "
					 "1000, 'row-late', IF(t.closed_at IS NULL, '', 'row-done'))",
		.tools = tools,
		.buttons = tickets_buttons,
		.many = tickets_many,
		.vary = vary,
		.check = check,
		.saved = saved,
		.deleting = deleting,
		.dialing = cc_customer_dialing,
};

/* ---- in lists of others ---- */

#define NUMBERS_OF(row, condition)                                                                 \
	"(SELECT GROUP_CONCAT(k.number ORDER BY k.id SEPARATOR ', ') FROM tickets_ticket k WHERE "     \
	"k.tenant_id = " row ".tenant_id AND " condition " AND k.draft = 0)"

static const struct cc_column call_columns[] = {
		CC_COLUMN(
				"tickets_number", CC_N("Ticket"), NUMBERS_OF("c", "k.call_id = c.id"), TEXT, MORE),
		{.name = NULL},
};

/* CRM-17: a service record is defined as a ticket, which names it as its source. */
#define OF_SERVICE                                                                                 \
	NUMBERS_OF("t", "k.source = CONVERT(CONCAT('service/', t.id) USING ascii) COLLATE ascii_bin")

static const struct cc_column service_columns[] = {
		CC_COLUMN("tickets_number", CC_N("Ticket number"), OF_SERVICE, TEXT,
				LIST | CC_COLUMN_FILTER, .link = TICKETS "/find?source=service/"),
		{.name = NULL},
};

static const struct cc_with service_with[] = {{"source", "id", "service/"},
		{"customer_id", "customer_id", NULL}, {"customer_name", "name", NULL},
		{"phone", "phone", NULL}, {"description", "note", NULL}, {NULL, NULL, NULL}};

static const struct cc_action service_buttons[] = {
		{.name = "tickets_define",
				.label = CC_NC("action", "Define as ticket"),
				.permission = "tickets.ticket.create",
				.shown = OF_SERVICE " IS NULL",
				.page = TICKETS_LIST "/new",
				.with = service_with},
		{.name = NULL},
};

const struct cc_extension tickets_extensions[] = {
		{.resource = "/reports/calls", .columns = call_columns},
		{.resource = "/crm/services", .columns = service_columns, .buttons = service_buttons},
		{.resource = NULL},
};
