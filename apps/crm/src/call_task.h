/* SPDX-License-Identifier: GPL-2.0-or-later
 * Call tasks: customers that a group of agents is to call. A task says when it is worked on,
 * whether agents fetch customers by themselves and how much of the numbers everybody sees; its rows
 * (call_task_customer) are the customers, each in one task at most. Whose a row is follows the
 * customer, by a trigger. */
#ifndef CALL_TASK_H
#define CALL_TASK_H

#include "customer.h"

/* How much of a customer's numbers its task hides, as a column of type HIDES; customer: an
 * expression. */
#define HIDDEN_OF(customer)                                                                        \
	"(SELECT hk.hide FROM call_task_customer hx JOIN call_task hk ON hk.tenant_id = hx.tenant_id " \
	"AND hk.id = hx.task_id WHERE hx.tenant_id = {tenant} AND hx.customer_id = " customer ")"
/* False for rows t of an import that has not committed. */
#define CALL_TASK_SEEN                                                                             \
	"t.batch_id NOT IN (SELECT hb.id FROM customer_batch hb WHERE hb.tenant_id = {tenant} AND "    \
	"hb.hidden = 1)"
/* Tasks that customers can be put into. */
#define CALL_TASK_OPTIONS                                                                          \
	"SELECT id, name FROM call_task WHERE tenant_id = {tenant} AND state <> 'closed' ORDER BY "    \
	"name"
#define HIDES_COLUMN(customer)                                                                     \
	CC_COLUMN("hides", CC_N("Hide telephone numbers"), HIDDEN_OF(customer), HIDES, 0)

struct call_task
{
	int64_t id, package, group;
	const char *name;
	bool enabled;
	enum cc_hide hide;
	int64_t starts_at, ends_at;       /* UTC ms, 0: no limit */
	const char *day_from, *day_until; /* "HH:MM", "": the whole day */
	const char *weekdays;             /* "1,2,3", 1 is Monday; "": every day */
	int64_t fetch_count, fetch_day;   /* 0: agents do not fetch; 0: no limit */
	int64_t profile;                  /* outbound_profile, 0: none of its own */
	const char *caller_id;            /* "": none of its own */
	bool member, leads;               /* the user is of the group; leads it */
};

extern const struct cc_resource crm_call_tasks, crm_call_list;
extern const struct cc_many crm_call_list_many[];

/* ---- call_task.c ---- */

/* CC_E_NOENT. */
int call_task_load(struct cc_request *rq, int64_t id, struct call_task *task);
/* The task that the customer is in; task->id 0: none. */
int call_task_of(struct cc_request *rq, int64_t customer, struct call_task *task);
/* Why it is not worked on at this moment, NULL: it is. */
const char *call_task_resting(struct cc_request *rq, const struct call_task *task);
/* How much of the customer's numbers the user does not see: as the table's masks say (hide), or
 * more. */
int customer_hides(struct cc_request *rq, int64_t customer, enum cc_hide *hide);
/* Of all customers of a table that was made for its package: as the strictest task says. For pages
 * that show customers side by side. */
enum cc_hide package_hides(struct cc_request *rq, const struct cc_resource *r);

/* ---- call_task_give.c ---- */

/* Puts the run's customers of the task's package into it, from whatever task they are in. agent
 * (key, may be NULL) gets them. Without one an owner stays who is of the groups of the old task
 * and of this; the others are of this task's group then. run->done: how many. */
int call_task_put(struct cc_many_run *run, const struct call_task *task, const char *agent);
/* Takes the run's customers out of their tasks; whose they are does not change. */
int call_task_take(struct cc_many_run *run);
/* Agents of the user's own, of the task's group. */
int call_task_agent_check(struct cc_change *form, const struct call_task *task, const char *agent);
int call_task_put_check(struct cc_change *form);
int call_task_put_run(struct cc_many_run *run);
extern const struct cc_column call_task_put_columns[];

/* ---- call_list.c ---- */

int crm_call_list_card(struct cc_request *rq);

/* ---- call_work.c ---- */

int crm_call_list_home(struct cc_request *rq);
int crm_call_next(struct cc_request *rq);
int crm_call_fetch(struct cc_request *rq);
/* A card was saved: what became of the customer's row. */
int call_task_marked(struct cc_request *rq, int64_t customer, int64_t result, int64_t funnel);

#define CALL_TASK_PERMISSIONS                                                                      \
	{                                                                                              \
		"crm.call_list.fetch", CC_NC("permission", "Fetch customers of a call task")               \
	}
#define CALL_TASK_ROUTES                                                                           \
	{"GET", "/crm/call-list", "crm.call_list.list", crm_call_list_home, NULL},                     \
			{"GET", "/crm/call-next/{task}", "crm.call_list.list", crm_call_next, NULL},           \
			{"GET", "/crm/call-card/{id}", "crm.call_list.list", crm_call_list_card, NULL},        \
	{                                                                                              \
		"POST", "/crm/call-fetch/{task}", "crm.call_list.fetch", crm_call_fetch, NULL              \
	}
#define CALL_TASK_RESOURCES &crm_call_tasks, &crm_call_list
#define CALL_TASK_MENU                                                                             \
	{"/crm/call-list", CC_NC("menu", "Call list"), "crm.call_list.list", 106},                     \
	{                                                                                              \
		"/crm/call-tasks", CC_NC("menu", "Call tasks"), "crm.call_task.list", 107                  \
	}

#endif
