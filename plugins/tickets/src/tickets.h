/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the files of the plugin share. */
#ifndef TICKETS_H
#define TICKETS_H

#include "cc/customer.h"
#include "cc/people.h"
#include "cc/plugin.h"
#include "cc/resource.h"
#include "rules.h"

#define TICKETS "/crm/tickets"
#define TICKETS_LIST TICKETS "/list"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define MORE (CC_COLUMN_ALL | CC_COLUMN_HIDDEN)

#define MY_AGENT                                                                                   \
	"(SELECT me.id FROM agent me WHERE me.tenant_id = {tenant} AND me.number = {agent} AND "       \
	"me.live = 1)"
#define NAME_OF(table, key)                                                                        \
	"(SELECT x.name FROM " table " x WHERE x.tenant_id = t.tenant_id AND x.id = t." key ")"
#define NAMES(table) "SELECT id, name FROM " table " WHERE tenant_id = {tenant}"
#define NUMBER_OF(table, key)                                                                      \
	"(SELECT CONCAT(x.number, ' ', x.name) FROM " table                                            \
	" x WHERE x.tenant_id = t.tenant_id AND x.id = t." key ")"
#define NUMBERS(table)                                                                             \
	"SELECT id, CONCAT(number, ' ', name) FROM " table " WHERE tenant_id = {tenant}"
#define AGENT_OPTIONS NUMBERS("agent") " AND live = 1 ORDER BY LENGTH(number), number"
#define GROUP_OPTIONS NUMBERS("agent_group") " AND live = 1 ORDER BY LENGTH(number), number"
#define STATE_OPTIONS NAMES("tickets_state") " ORDER BY position, id"
#define RESULT_OPTIONS NAMES("tickets_result") " ORDER BY id"

/* Who sees the ticket t: its author and whoever has it; leaders their groups' and their people's;
 * managers those of their departments' people. A draft is its author's alone. */
#define TICKET_SHOWN                                                                               \
	"t.tenant_id = {tenant} AND (t.draft = 0 OR t.author_id <=> {user} OR t.author_id IS NULL)"
#define TICKET_OWN "t.agent_id = " MY_AGENT " OR t.author_id = {user}"
#define TICKET_GROUP                                                                               \
	TICKET_OWN " OR t.group_id IN (" CC_LED_GROUPS ") OR t.agent_id IN (" CC_LED_AGENTS("id") ")"
#define TICKET_DEPARTMENT TICKET_GROUP " OR t.agent_id IN (" CC_MANAGED_AGENTS("id") ")"

/* How far one is. */
#define TICKET_STAGE                                                                               \
	"IF(t.draft = 1, 'draft', IF(t.closed_at IS NOT NULL, 'closed', IF(t.due_at < "                \
	"UNIX_TIMESTAMP() * 1000, 'overdue', 'open')))"
#define TICKET_OPEN "t.draft = 0 AND t.closed_at IS NULL"

extern const struct cc_plugin tickets;
extern const struct cc_resource tickets_list, tickets_states, tickets_categories, tickets_results,
		tickets_fields, tickets_flows, tickets_flow_steps, tickets_steps, tickets_figures;
extern const struct cc_extension tickets_extensions[];

/* ---- field.c: the fields of categories ---- */

struct ticket_field
{
	int64_t id, category;
	const char *column; /* its name in lists and forms: "x_<name>" */
};
struct ticket_fields
{
	struct ticket_field *field;
	size_t count;
};
/* All fields of the tenant as columns behind those of the resource; those of the category are in
 * its form. What they are is kept in r->varied. */
int ticket_columns(struct cc_request *rq, struct cc_resource *r, int64_t category);
/* Writes the values of the form. */
int ticket_values_store(struct cc_change *c);

/* ---- route.c: who gets a ticket ---- */

struct ticket_draft
{
	int64_t category, state, flow, author; /* 0: none */
};
struct ticket_route
{
	struct ticket_place place;
	int64_t step, due_at; /* of the flow; 0: none */
};
/* A ticket that is submitted. */
int ticket_route_new(
		struct cc_request *rq, const struct ticket_draft *draft, struct ticket_route *route);
/* One that gets another state. */
int ticket_route_state(struct cc_request *rq, int64_t state, struct ticket_place *place);
/* The step of the flow behind this one (0: the first): step 0 if there is none. */
int ticket_route_step(
		struct cc_request *rq, int64_t flow, int64_t step, struct ticket_route *route);
/* The id of the signed-in agent, 0: the user is none. */
int ticket_me(struct cc_request *rq, int64_t *agent);

/* ---- step.c: the history ---- */

struct ticket_step
{
	const char *kind;
	const char *before, *after, *text; /* NULL: nothing */
};
int ticket_step(struct cc_request *rq, int64_t ticket, const struct ticket_step *step);
/* Steps of a ticket for its page, oldest first, as the list "steps". */
int ticket_steps_page(struct cc_request *rq, int64_t ticket, struct cc_value *page);
/* "801 Name", or of nobody the group. *text is never NULL. */
int ticket_place_name(struct cc_request *rq, struct ticket_place place, const char **text);

/* ---- remind.c: appointments of tickets ---- */

/* As the rows of the tickets say now: keys is a JSON array of their ids. */
int ticket_remind(struct cc_request *rq, const char *keys);

/* ---- work.c: what is done with tickets ---- */

extern const struct cc_many tickets_many[];
extern const struct cc_action tickets_buttons[];
/* Tells the browsers. */
void ticket_changed(struct cc_request *rq);

/* ---- pages ---- */

int tickets_page(struct cc_request *rq);
int tickets_page_post(struct cc_request *rq);
int tickets_open(struct cc_request *rq);
int tickets_open_step(struct cc_request *rq);
int tickets_open_fields(struct cc_request *rq);
int tickets_find(struct cc_request *rq);
int tickets_tree(struct cc_request *rq);
/* pieces.c */
int tickets_tab(struct cc_request *rq);
int tickets_home(struct cc_request *rq);
#endif
