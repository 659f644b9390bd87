/* SPDX-License-Identifier: GPL-2.0-or-later
 * TIC-01: the page of a ticket: what it says, what can be done with it, and everything that
 * happened. Also where a ticket is found by what it was made of. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cc/dial.h"
#include "cc/err.h"
#include "tickets.h"

struct ticket
{
	int64_t id, customer;
	const char *number, *title, *stage, *priority;
	bool mine, flows;
	struct cc_bytes call;
};

static int load(struct cc_request *rq, const struct cc_resource *r, const char *key,
		struct cc_row *row, struct ticket *t)
{
	struct cc_rows rows;
	int err = cc_resource_get(rq, r, key, row);
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT t.id, t.number, t.title, " TICKET_STAGE ", t.priority, t.customer_id, "
				"t.agent_id <=> " MY_AGENT ", t.flow_step_id IS NOT NULL, t.call_id FROM "
				"tickets_ticket t WHERE t.tenant_id = {tenant} AND t.id = ?",
				key);
	if (!err && !rows.count)
		err = CC_E_NOENT;
	if (err)
		return err;
	const struct cc_row *own = &rows.row[0];
	*t = (struct ticket){.id = cc_row_int(own, 0, 0),
			.number = cc_row_str(own, 1),
			.title = cc_row_str(own, 2),
			.stage = cc_row_str(own, 3),
			.priority = cc_row_str(own, 4),
			.customer = cc_row_int(own, 5, 0),
			.mine = cc_row_int(own, 6, 0) != 0,
			.flows = cc_row_int(own, 7, 0) != 0,
			.call = {own->v[8], own->v[8] ? own->len[8] : 0}};
	return 0;
}

/* What the list can do with many, for this one. */
static void add_deeds(struct cc_request *rq, const struct ticket *t, struct cc_value *page)
{
	struct cc_value *list = cc_value_add(rq->arena, page, "deeds", CC_VALUE_LIST);
	bool closed = strcmp(t->stage, "closed") == 0, draft = strcmp(t->stage, "draft") == 0;
	for (const struct cc_many *m = tickets_many; m->name; m++) {
		bool fits = strcmp(m->name, "reopen") == 0 ? closed : !closed && !draft;
		if (strcmp(m->name, "take") == 0)
			fits &= !t->mine && *rq->user->agent;
		if (strcmp(m->name, "advance") == 0)
			fits &= t->flows;
		if (!fits || !cc_resource_can(rq, &tickets_list, m->permission ? m->permission : "edit"))
			continue;
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		cc_value_str(rq->arena, item, "action", m->name);
		cc_value_str(rq->arena, item, "label", cc_tc(rq, "action", m->label));
	}
}

static void add_links(struct cc_request *rq, const struct ticket *t, struct cc_value *page)
{
	struct cc_arena *a = rq->arena;
	struct cc_ulid id;
	char text[CC_ULID_TEXT + 1] = "";
	if (t->call.len == sizeof id.b) {
		memcpy(id.b, t->call.p, sizeof id.b);
		cc_ulid_format(&id, text);
	}
	cc_value_str(a, page, "card",
			t->customer && cc_can(rq, "crm.card.view")
					? cc_sprintf(a, "/crm/card?customer=%" PRId64, t->customer)
					: NULL);
	cc_value_str(a, page, "call_page",
			*text && cc_can(rq, "reports.calls.view")
					? cc_sprintf(a, "/reports/calls/%s", cc_strdup(a, text))
					: NULL);
	cc_value_str(a, page, "edit",
			cc_resource_can(rq, &tickets_list, "edit")
					? cc_sprintf(a, TICKETS_LIST "/%" PRId64, t->id)
					: NULL);
}

/* The page without the form of a note. */
static int begin(struct cc_request *rq, struct ticket *t, struct cc_value **out)
{
	const struct cc_resource *r;
	struct cc_arena *a = rq->arena;
	struct cc_row row;
	int err = cc_resource_vary(rq, &tickets_list, &r);
	if (!err)
		err = load(rq, r, cc_param(rq, "id"), &row, t);
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_sprintf(a, "%s %s", cc_t(rq, "Ticket"), t->number));
	cc_value_int(a, page, "id", t->id);
	cc_value_str(a, page, "here", cc_sprintf(a, TICKETS_LIST "/%" PRId64 "/view", t->id));
	cc_value_str(a, page, "headline", t->title);
	cc_value_str(a, page, "number", t->number);
	cc_value_str(a, page, "stage", t->stage);
	cc_value_str(a, page, "stage_text", cc_tc(rq, "ticket stage", t->stage));
	cc_value_str(a, page, "priority", t->priority);
	cc_value_str(a, page, "priority_text", cc_tc(rq, "ticket priority", t->priority));
	cc_value_bool(a, page, "draft", strcmp(t->stage, "draft") == 0);
	cc_value_bool(a, page, "calls", cc_may_dial(rq));
	cc_value_bool(a, page, "notes", cc_resource_can(rq, &tickets_steps, "create"));
	cc_resource_facts(rq, r, &row, page, "facts");
	add_deeds(rq, t, page);
	add_links(rq, t, page);
	*out = page;
	return ticket_steps_page(rq, t->id, page);
}

/* GET /crm/tickets/list/{id}/view */
int tickets_page(struct cc_request *rq)
{
	struct ticket t;
	struct cc_value *page;
	int err = begin(rq, &t, &page);
	if (!err)
		err = cc_form_page(rq, &tickets_steps, NULL, page);
	return err ? err : cc_page_send(rq, "tickets/ticket", page);
}

/* POST: a note, with a file perhaps. */
int tickets_page_post(struct cc_request *rq)
{
	struct ticket t;
	struct cc_value *page;
	int64_t step;
	int err = begin(rq, &t, &page);
	if (err)
		return err;
	err = cc_form_store(rq, &tickets_steps, NULL, page, &step);
	if (err == CC_E_RANGE)
		return cc_page_send(rq, "tickets/ticket", page);
	if (!err)
		cc_redirect(rq, cc_sprintf(rq->arena, TICKETS_LIST "/%" PRId64 "/view", t.id));
	return err;
}

/* ---- ways to it ---- */

static int go(struct cc_request *rq, const char *key)
{
	cc_redirect(rq, cc_sprintf(rq->arena, TICKETS_LIST "/%" PRId64 "/view",
							(int64_t)strtoll(key, NULL, 10)));
	return 0;
}

/* GET /crm/tickets/ticket/{id} */
int tickets_open(struct cc_request *rq)
{
	return go(rq, cc_param(rq, "id"));
}

/* GET /crm/tickets/step/{id}: the ticket of a step */
int tickets_open_step(struct cc_request *rq)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT ticket_id FROM tickets_step WHERE tenant_id = {tenant} AND id = ?",
			cc_param(rq, "id"));
	if (!err && !rows.count)
		err = CC_E_NOENT;
	return err ? err : go(rq, cc_row_str(&rows.row[0], 0));
}

/* GET /crm/tickets/category-fields/{id} */
int tickets_open_fields(struct cc_request *rq)
{
	cc_redirect(rq, cc_sprintf(rq->arena, TICKETS "/fields?category_id=%" PRId64,
							(int64_t)strtoll(cc_param(rq, "id"), NULL, 10)));
	return 0;
}

static void found_write(struct cc_jsonw *w, void *ctx)
{
	const struct cc_row *row = ctx;
	cc_jsonw_object(w, NULL);
	cc_jsonw_int(w, "id", cc_row_int(row, 0, 0));
	cc_jsonw_str(w, "number", cc_row_str(row, 1));
	cc_jsonw_str(w, "stage", cc_row_str(row, 2));
	cc_jsonw_close_object(w);
}

/* GET /crm/tickets/find?source=…: the ticket that was made of it, the newest of several. */
int tickets_find(struct cc_request *rq)
{
	const char *source = cc_query(rq, "source");
	const struct cc_bind bind = cc_bind_str(source);
	struct cc_rows rows;
	if (!source || !*source)
		return CC_E_INVAL;
	for (const char *p = source; *p; p++)
		if ((unsigned char)*p >= 0x80) /* the column holds ASCII */
			return CC_E_NOENT;
	int err = cc_resource_read(rq, &tickets_list, &rows,
			"SELECT t.id, t.number, " TICKET_STAGE " FROM tickets_ticket t WHERE " TICKET_SHOWN
			" AND t.source = ?",
			"ORDER BY t.id DESC LIMIT 1", &bind, 1);
	if (!err && !rows.count)
		err = CC_E_NOENT;
	if (err)
		return err;
	if (!rq->json)
		return go(rq, cc_row_str(&rows.row[0], 0));
	cc_send_json(rq, found_write, &rows.row[0]);
	return 0;
}
