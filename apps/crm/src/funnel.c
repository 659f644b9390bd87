/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-15: the steps of the sales funnel with their scores (above 0 success, 0 goes on, below 0
 * failure) and the results of calls. */
#include "customer.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define MORE (CC_COLUMN_ALL | CC_COLUMN_HIDDEN)

static const char *const states[] = {CC_NC("funnel_state", "enabled"),
		CC_NC("funnel_state", "hidden"), CC_NC("funnel_state", "closed"), NULL};
static const char *const call_states[] = {CC_NC("call_state", "any"),
		CC_NC("call_state", "answered"), CC_NC("call_state", "unanswered"), NULL};
static const char *const meanings[] = {
		CC_NC("funnel", "success"), CC_NC("funnel", "goes_on"), CC_NC("funnel", "failure"), NULL};

static const struct cc_column funnel_columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON),
		CC_COLUMN("name", CC_N("Step"), NULL, TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 100,
				.unique = "sales_funnel_name"),
		CC_COLUMN("score", CC_N("Score"), NULL, INT, LIST | FORM | CC_COLUMN_REQUIRED, .min = -1000,
				.max = 1000, .initial = "0",
				.help = CC_N("Above 0: success. 0: goes on. Below 0: failure.")),
		CC_COLUMN("meaning", CC_N("Meaning"),
				"IF(t.score > 0, 'success', IF(t.score < 0, 'failure', 'goes_on'))", CODE,
				LIST | CC_COLUMN_FILTER, .context = "funnel", .codes = meanings),
		CC_COLUMN("package_id", CC_N("Package"),
				"(SELECT x.name FROM customer_package x WHERE x.tenant_id = t.tenant_id AND x.id = "
				"t.package_id)",
				OPTION, LIST | FORM | CC_COLUMN_FILTER, .options = CC_PACKAGE_OPTIONS("funnels"),
				.help = CC_N("Empty: of all packages.")),
		CC_COLUMN("state", CC_N("State"), NULL, CODE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_BATCH,
				.context = "funnel_state", .codes = states, .initial = "enabled"),
		CC_COLUMN("position", CC_N("Order"), NULL, INT, LIST | FORM | CC_COLUMN_SORT, .max = 10000,
				.initial = "0"),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, MORE | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, MORE | CC_COLUMN_UPDATED),
		{.name = NULL},
};

static const struct cc_use funnel_uses[] = {
		{CC_NC("use", "Customers"),
				"SELECT name FROM customer WHERE tenant_id = {tenant} AND funnel_id = ?"},
		{CC_NC("use", "Call results"),
				"SELECT name FROM call_result WHERE tenant_id = {tenant} AND funnel_id = ?"},
		{CC_NC("use", "Contact records"),
				"SELECT name FROM contact_record WHERE tenant_id = {tenant} AND funnel_id = ?"},
		{NULL, NULL},
};

const struct cc_resource crm_funnels = {
		.name = "funnels",
		.title = CC_N("Sales funnel"),
		.thing = CC_N("Step of the funnel"),
		.path = "/crm/funnels",
		.permission = "crm.funnels",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "sales_funnel",
		.where = "t.tenant_id = {tenant} AND " CC_PACKAGE_SHOWN("funnels", "t.package_id"),
		.columns = funnel_columns,
		.uses = funnel_uses,
};

static const struct cc_column result_columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, MORE),
		CC_COLUMN("name", CC_N("Call result"), NULL, TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 100,
				.unique = "call_result_name", .link = "/crm/results/"),
		CC_COLUMN("call_state", CC_N("State of the call"), NULL, CODE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER, .context = "call_state",
				.codes = call_states, .initial = "any",
				.help = CC_N("It can be chosen for such calls only.")),
		CC_COLUMN("funnel_id", CC_N("Sales funnel"),
				"(SELECT x.name FROM sales_funnel x WHERE x.tenant_id = t.tenant_id AND x.id = "
				"t.funnel_id)",
				OPTION, LIST | FORM | CC_COLUMN_FILTER,
				.options = "SELECT id, name FROM sales_funnel WHERE tenant_id = {tenant} ORDER BY "
						   "position, id",
				.help = CC_N("It can be chosen with this step only.")),
		CC_COLUMN("created_by", CC_N("Created by"), NULL, TEXT, LIST | CC_COLUMN_STORED),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, LIST | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, MORE | CC_COLUMN_UPDATED),
		{.name = NULL},
};

static int result_check(struct cc_change *c)
{
	if (c->action == CC_CREATE)
		cc_change_set(c, "created_by", c->rq->user->name);
	return 0;
}

static const struct cc_use result_uses[] = {
		{CC_NC("use", "Contact records"),
				"SELECT name FROM contact_record WHERE tenant_id = {tenant} AND result_id = ?"},
		{NULL, NULL},
};

const struct cc_resource crm_results = {
		.name = "results",
		.title = CC_N("Call results"),
		.thing = CC_N("Call result"),
		.path = "/crm/results",
		.permission = "crm.results",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "call_result",
		.columns = result_columns,
		.uses = result_uses,
		.check = result_check,
};
