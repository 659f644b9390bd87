/* SPDX-License-Identifier: GPL-2.0-or-later
 * Customers as people see them: lists, forms, search, card, who has them and what was done with
 * them. package.h knows what a customer's fields are. */
#ifndef CUSTOMER_H
#define CUSTOMER_H

#include "cc/packages.h"
#include "cc/people.h"
#include "cc/plugin.h"
#include "cc/resource.h"
#include "package.h"

#define CUSTOMERS "/crm/customers"

/* ---- conditions that several tables share; {agent} is a number ---- */

#define MY_AGENT                                                                                   \
	"(SELECT me.id FROM agent me WHERE me.tenant_id = {tenant} AND me.number = {agent} AND "       \
	"me.live = 1)"
#define SHARED_WITH_ME                                                                             \
	"SELECT s.customer_id FROM customer_share s WHERE s.tenant_id = {tenant} AND s.agent_id "      \
	"= " MY_AGENT
/* The customer c of the alias is one's own, shared, of one's groups, of one's departments. */
#define OWN_CUSTOMER(c) "(" c ".agent_id = " MY_AGENT " OR " c ".id IN (" SHARED_WITH_ME "))"
#define GROUP_CUSTOMER(c)                                                                          \
	"(" OWN_CUSTOMER(c) " OR " c ".agent_id IN (" CC_LED_AGENTS(                                   \
			"id") ") OR (" c ".agent_id IS NULL AND " c ".group_id IN (" CC_LED_GROUPS ")))"
#define DEPARTMENT_CUSTOMER(c)                                                                     \
	"(" GROUP_CUSTOMER(c) " OR " c ".agent_id IN (" CC_MANAGED_AGENTS("id") "))"
/* Customers of an import are seen once it is committed, merged ones are not any more. */
#define SEEN_CUSTOMER(c)                                                                           \
	c ".merged_into IS NULL AND " c                                                                \
	  ".batch_id NOT IN (SELECT b.id FROM customer_batch b WHERE b.tenant_id = {tenant} AND "      \
	  "b.hidden = 1)"
/* Rows that name an agent by its number, as marks and contact records do. */
#define OWN_RECORD "t.agent = {agent}"
#define GROUP_RECORD                                                                               \
	"(t.agent = {agent} OR t.agent IN (SELECT a.number FROM agent a WHERE a.tenant_id = {tenant} " \
	"AND a.id IN (" CC_LED_AGENTS("id") ")))"
#define DEPARTMENT_RECORD                                                                          \
	"(" GROUP_RECORD " OR t.agent IN (SELECT a.number FROM agent a WHERE a.tenant_id = {tenant} "  \
	"AND a.id IN (" CC_MANAGED_AGENTS("id") ")))"

#define AGENT_OPTIONS                                                                              \
	"SELECT id, CONCAT(number, ' ', name) FROM agent WHERE tenant_id = {tenant} AND live = 1 "     \
	"ORDER BY LENGTH(number), number"
#define GROUP_OPTIONS                                                                              \
	"SELECT id, CONCAT(number, ' ', name) FROM agent_group WHERE tenant_id = {tenant} AND "        \
	"live = 1 ORDER BY LENGTH(number), number"
#define TYPE_OPTIONS                                                                               \
	"SELECT id, name FROM customer_type WHERE tenant_id = {tenant} ORDER BY position, id"

/* False for a row whose customer (an expression) is of a package that hides its customers. */
#define CUSTOMER_SHOWN(customer)                                                                   \
	CC_PACKAGE_SHOWN("customers",                                                                  \
			"(SELECT sc.package_id FROM customer sc WHERE sc.tenant_id = {tenant} AND sc.id "      \
			"= " customer ")")

/* ---- resources ---- */

extern const struct cc_resource crm_customers, crm_follow_ups, crm_marks, crm_mark_history,
		crm_contacts, crm_results, crm_funnels, crm_follow_states, crm_types, crm_tasks,
		crm_no_call, crm_blacklist, crm_warnings, crm_appointments, crm_task_agents, crm_services,
		crm_service_results;

/* ---- customer_fields.c ---- */

/* The column of a field in a table that was made for its package; NULL: the user's role does not
 * see it. */
const struct cc_column *customer_column(const struct cc_resource *r, const struct field *f);

/* The package's fields of its own as columns, behind the others of r: labels, kinds and what the
 * user's role may see and change. r->path is set too. */
int customer_columns(struct cc_request *rq, struct cc_resource *r, const struct package *p);
/* A new customer of the table begins with this number, which is not asked for if the user does not
 * see whole numbers. */
void customer_begin_with(struct cc_request *rq, const struct cc_resource *r, const char *number);
/* The package that a table of customers was made for; NULL for one that was not varied. */
const struct package *customer_package(const struct cc_resource *r);
/* The table of customers for a package by its code or id. CC_E_NOENT: there is none, or it is
 * closed. */
int customer_table(struct cc_request *rq, int64_t package, const struct cc_resource **r);
/* 0 if there is a customer of this id that the user may see, CC_E_NOENT otherwise. */
int customer_seen(struct cc_request *rq, const char *id);

/* ---- customer_search.c ---- */

int customer_quick(struct cc_list *l, const char *words, struct cc_buf *sql);
bool customer_number_compare(
		struct cc_list *l, const char *op, const char *value, struct cc_buf *sql);
bool customer_name_compare(
		struct cc_list *l, const char *op, const char *value, struct cc_buf *sql);
/* The quick search of a list whose rows (t) have a customer_id, of the customer c of the package.
 * parts: of numbers too; else whole numbers only. */
int customer_among(struct cc_list *l, const struct package *p, bool parts, const char *words,
		struct cc_buf *sql);
/* Customers of the package, or (0) of all packages, who have the number in a field that finds them,
 * at most max, newest first; only those that the user may see. */
struct customer_found
{
	int64_t id, package;
};
int customer_by_number(struct cc_request *rq, int64_t package, const char *number,
		struct customer_found *found, size_t max, size_t *count);

/* ---- customer_save.c: hooks of the table ---- */

int customer_check(struct cc_change *c);
int customer_saved(struct cc_change *c);
int customer_deleting(struct cc_change *c);

/* ---- assign.c ---- */

extern const struct cc_many crm_customer_many[];
int crm_apply(struct cc_request *rq);

/* How customers change hands; what is left out is nobody. */
struct move
{
	const char *kind;          /* of customer_move */
	const char *agent, *group; /* keys */
	int64_t task;              /* call_task it has to do with */
};
/* The run's customers belong to somebody else, who has to call them. */
int customer_give(struct cc_many_run *run, const struct move *to);
/* The run's customers are nobody's, and in no call task. */
int customer_recall(struct cc_many_run *run);
/* Whether the user may give customers to the agent and the group (NULL: none): leaders give to
 * their own people only. */
int customer_may_assign(struct cc_request *rq, const char *agent, const char *group, bool *may);

/* ---- mark.c ---- */

struct mark
{
	int64_t type, state; /* 0: none */
	const char *text;
	const char *call; /* ULID, "" if none */
};
/* Writes a mark of the customer, who is locked, in the transaction. */
int mark_write(struct cc_request *rq, int64_t customer, const struct mark *mark);
int crm_mark_recording(struct cc_request *rq);
int crm_mark_customer(struct cc_request *rq);
/* Of lists of marks and of contacts: a filter by the agents' group. */
bool crm_group_compare(struct cc_list *l, const char *op, const char *value, struct cc_buf *sql);

/* ---- mark_recordings.c ---- */

struct cc_job_run;

extern const struct cc_many crm_mark_many[];
int mark_recordings_task(struct cc_job_run *job);

/* ---- contact.c ---- */

struct contact
{
	int64_t result, funnel; /* 0: none */
	const char *note, *call;
};
int crm_contact_recording(struct cc_request *rq);
int contact_write(struct cc_request *rq, int64_t customer, const struct contact *contact);

/* ---- service.c ---- */

int crm_service_recording(struct cc_request *rq);
int crm_service_customer(struct cc_request *rq);

/* ---- record.c ---- */

/* For check of a form with customer_id and phone: a customer that the user may see, whose number is
 * taken if none was typed. *name and *package (either may be NULL) are the customer's; they are
 * left alone if the form names none. */
int record_customer(struct cc_change *c, const char **name, const char **package);

/* handlers, {id} is that of a row of r */

int record_recording(struct cc_request *rq, const struct cc_resource *r);
int record_card(struct cc_request *rq, const struct cc_resource *r);

/* ---- dialing.c ---- */

/* Why the customer is not to be called by this number (NULL: the first one), NULL: it may be. */
int customer_no_call(struct cc_request *rq, int64_t customer, const char *e164, const char **text);
/* Hook `dialing` of customers and of tables with a customer_id. */
int customer_dialing(
		struct cc_request *rq, const struct cc_resource *r, const char *key, struct cc_dial *dial);

/* ---- card.c ---- */

int crm_card(struct cc_request *rq);
int crm_card_save(struct cc_request *rq);
int crm_tab_follow_ups(struct cc_request *rq);
int crm_tab_calls(struct cc_request *rq);
int crm_tab_contacts(struct cc_request *rq);
int crm_tab_inbound(struct cc_request *rq);
int crm_tab_services(struct cc_request *rq);

/* ---- card_choices.c ---- */

/* A value of the address or the form; "" if there is none. */
const char *card_given(const struct cc_request *rq, const char *name);
/* Rows of key and text as options of a page. */
void card_options(struct cc_request *rq, struct cc_value *page, const char *key,
		const struct cc_rows *rows, int64_t chosen);
/* Types, states, steps and results for the card. */
int card_choices(struct cc_request *rq, const struct package *p, int64_t customer, const char *call,
		struct cc_value *page);
/* CC_E_INVAL: a choice is none of the tenant's, or not for such a call or step. */
int card_check_choices(
		struct cc_request *rq, const struct mark *mark, const struct contact *contact);
/* A success needs more than what every customer needs: CC_E_RANGE with *missing. */
int card_check_success(struct cc_request *rq, const struct package *p, int64_t customer,
		int64_t funnel, const char **missing);

/* ---- funnel_chart.c ---- */

int crm_funnel_chart(struct cc_request *rq);

/* ---- task.c ---- */

int crm_task_card(struct cc_request *rq);

/* Home of the application: the default package's customers. */
int crm_customers_home(struct cc_request *rq);

/* ---- what main.c puts into the manifest ---- */

#define CUSTOMER_PERMISSIONS                                                                       \
	{"crm.card.view", CC_NC("permission", "Customer card")},                                       \
			{"crm.card.edit", CC_NC("permission", "Save the customer card")},                      \
	{                                                                                              \
		"crm.customers.apply", CC_NC("permission", "Apply for customers of the public sea")        \
	}

#define CUSTOMER_ROUTES                                                                            \
	{"GET", CUSTOMERS, "crm.customers.list", crm_customers_home, NULL},                            \
			{"GET", "/crm/funnel-chart", "crm.customers.list", crm_funnel_chart, NULL},            \
			{"POST", "/crm/apply/{package}", "crm.customers.apply", crm_apply, NULL},              \
			{"GET", "/crm/card", "crm.card.view", crm_card, NULL},                                 \
			{"POST", "/crm/card", "crm.card.edit", crm_card_save, &crm_customers},                 \
			{"GET", "/crm/card/{id}/follow-ups", "crm.card.view", crm_tab_follow_ups, NULL},       \
			{"GET", "/crm/card/{id}/contacts", "crm.card.view", crm_tab_contacts, NULL},           \
			{"GET", "/crm/card/{id}/calls", "crm.card.view", crm_tab_calls, NULL},                 \
			{"GET", "/crm/card/{id}/inbound", "crm.card.view", crm_tab_inbound, NULL},             \
			{"GET", "/crm/card/{id}/services", "crm.services.list", crm_tab_services, NULL},       \
			{"GET", "/crm/services/customer/{id}", "crm.card.view", crm_service_customer, NULL},   \
			{"GET", "/crm/services/recording/{id}", "crm.services.list", crm_service_recording,    \
					NULL},                                                                         \
			{"GET", "/crm/marks/recording/{id}", "crm.mark_history.list", crm_mark_recording,      \
					NULL},                                                                         \
			{"GET", "/crm/marks/customer/{id}", "crm.card.view", crm_mark_customer, NULL},         \
			{"GET", "/crm/contacts/recording/{id}", "crm.contacts.list", crm_contact_recording,    \
					NULL},                                                                         \
	{                                                                                              \
		"GET", "/crm/tasks/card/{id}", "crm.card.view", crm_task_card, NULL                        \
	}

#define CUSTOMER_RESOURCES                                                                         \
	&crm_customers, &crm_follow_ups, &crm_marks, &crm_mark_history, &crm_contacts, &crm_results,   \
			&crm_funnels, &crm_follow_states, &crm_types, &crm_tasks, &crm_no_call,                \
			&crm_blacklist, &crm_warnings, &crm_appointments, &crm_task_agents, &crm_services,     \
			&crm_service_results

#define CUSTOMER_MENU                                                                              \
	{CUSTOMERS, CC_NC("menu", "Customers"), "crm.customers.list", 100},                            \
			{"/crm/tasks", CC_NC("menu", "Tasks"), "crm.tasks.list", 105},                         \
			{"/crm/appointments", CC_NC("menu", "Appointments"), "crm.appointments.list", 110},    \
			{"/crm/calendar", CC_NC("menu", "Calendar"), "crm.appointments.list", 111},            \
			{"/crm/callbacks", CC_NC("menu", "Call-backs"), "crm.callbacks.list", 112},            \
			{"/crm/follow-ups", CC_NC("menu", "Follow-ups"), "crm.follow_ups.list", 115},          \
			{"/crm/contacts", CC_NC("menu", "Contact records"), "crm.contacts.list", 120},         \
			{"/crm/services", CC_NC("menu", "Service records"), "crm.services.list", 121},         \
			{"/crm/marks", CC_NC("menu", "Mark results"), "crm.marks.list", 125},                  \
			{"/crm/mark-history", CC_NC("menu", "Mark history"), "crm.mark_history.list", 130},    \
			{"/crm/no-call", CC_NC("menu", "Numbers not to be called"), "crm.no_call.list", 135},  \
			{"/crm/blacklist", CC_NC("menu", "Blacklist"), "crm.blacklist.list", 137},             \
			{"/crm/warnings", CC_NC("menu", "Warnings"), "crm.warnings.list", 140},                \
			{"/crm/task-agents", CC_NC("menu", "Tasks of agents"), "crm.task_agents.edit", 145},   \
			{"/crm/types", CC_NC("menu", "Customer types"), "crm.type.list", 170},                 \
			{"/crm/follow-states", CC_NC("menu", "Follow-up states"), "crm.follow_states.list",    \
					175},                                                                          \
			{"/crm/funnel-chart", CC_NC("menu", "Funnel chart"), "crm.customers.list", 132},       \
			{"/crm/funnels", CC_NC("menu", "Sales funnel"), "crm.funnels.list", 180},              \
			{"/crm/results", CC_NC("menu", "Call results"), "crm.results.list", 185},              \
	{                                                                                              \
		"/crm/service-results", CC_NC("menu", "Service results"), "crm.service_results.list", 184  \
	}

#endif
