/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-18: appointments that remind whoever made them, once or again and again. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/preference.h"
#include "customer.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define MORE (CC_COLUMN_ALL | CC_COLUMN_HIDDEN)
#define SHOWN 10

static const char *const cycles[] = {CC_NC("cycle", "once"), CC_NC("cycle", "daily"),
		CC_NC("cycle", "weekly"), CC_NC("cycle", "monthly"), CC_NC("cycle", "yearly"), NULL};
static const char *const states[] = {
		CC_NC("appointment", "coming"), CC_NC("appointment", "over"), NULL};

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON),
		CC_COLUMN("title", CC_N("Title"), NULL, TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 100,
				.link = "/crm/appointments/"),
		CC_COLUMN("at", CC_N("First time"), NULL, TIME,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_SORT),
		CC_COLUMN("cycle", CC_N("Again"), NULL, CODE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER, .context = "cycle",
				.codes = cycles, .initial = "once"),
		CC_COLUMN("next_at", CC_N("Next reminder"), NULL, TIME,
				LIST | CC_COLUMN_SORT | CC_COLUMN_STORED),
		CC_COLUMN("state", CC_N("State"), "IF(t.next_at IS NULL, 'over', 'coming')", CODE,
				LIST | CC_COLUMN_FILTER, .context = "appointment", .codes = states),
		CC_COLUMN("phone", CC_N("Telephone number"), NULL, PHONE,
				LIST | FORM | CC_COLUMN_QUICK_ANYWHERE, .max = 32),
		CC_COLUMN("customer_id", CC_N("Customer"), NULL, INT, MORE | FORM | CC_COLUMN_FILTER),
		CC_COLUMN("text", CC_N("What about"), NULL, NOTE, LIST | FORM | CC_COLUMN_QUICK_ANYWHERE),
		CC_COLUMN("user", CC_N("User"),
				"(SELECT u.name FROM user u WHERE u.tenant_id = t.tenant_id AND u.id = t.user_id)",
				TEXT, MORE),
		CC_COLUMN("user_id", CC_N("User"), NULL, INT, CC_COLUMN_STORED),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, MORE | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, MORE | CC_COLUMN_UPDATED),
		{.name = NULL},
};

static int check(struct cc_change *c)
{
	if (c->action == CC_CREATE)
		cc_change_set(c, "user_id", cc_sprintf(c->rq->arena, "%" PRId64, c->rq->user->id));
	/* whoever sets a new time wants to be reminded of it */
	if (c->action == CC_CREATE || cc_change_differs(c, "at") || cc_change_differs(c, "cycle"))
		cc_change_set(c, "next_at", cc_change_new(c, "at"));
	return 0;
}

#define OF_AGENTS(agents)                                                                          \
	"t.user_id = {user} OR t.user_id IN (SELECT a.user_id FROM agent a WHERE a.tenant_id = "       \
	"{tenant} AND a.id IN (" agents "))"

const struct cc_resource crm_appointments = {
		.name = "appointments",
		.title = CC_N("Appointments"),
		.thing = CC_N("Appointment"),
		.path = "/crm/appointments",
		.permission = "crm.appointments",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "appointment",
		.own = "t.user_id = {user}",
		.group = OF_AGENTS(LED_AGENTS),
		.department = OF_AGENTS(LED_AGENTS " UNION " MANAGED_AGENTS),
		.columns = columns,
		.range = "t.at",
		.check = check,
};
