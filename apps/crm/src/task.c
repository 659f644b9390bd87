/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-06: whom agents still have to call. A call takes its row away (cc-eventd), leaders give their
 * agents more or take some back; whose the customers are does not change by that. */
#include <string.h>
#include "call_task.h"

#define LIST CC_COLUMN_ALL
#define MORE (CC_COLUMN_ALL | CC_COLUMN_HIDDEN)

static const char *const sexes[] = {"male", "female", NULL};

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON),
		CC_COLUMN("name", CC_N("Customer"), "c.name", TEXT, LIST | CC_COLUMN_QUICK_ANYWHERE,
				.link = "/crm/tasks/card/"),
		CC_COLUMN("phone", CC_N("Telephone number"), "c.phone", PHONE,
				LIST | CC_COLUMN_QUICK_ANYWHERE, .call = "TRUE"),
		CC_COLUMN("batch", CC_N("Batch"),
				"(SELECT b.name FROM customer_batch b WHERE b.tenant_id = c.tenant_id AND b.id = "
				"c.batch_id)",
				TEXT, LIST & ~CC_COLUMN_SEARCH),
		CC_COLUMN("sex", CC_N("Sex"), "c.sex", CODE, LIST, .context = "sex", .codes = sexes),
		CC_COLUMN("type_id", CC_N("Customer type"),
				"(SELECT x.name FROM customer_type x WHERE x.tenant_id = c.tenant_id AND x.id = "
				"c.type_id)",
				OPTION, LIST | CC_COLUMN_FILTER, .value = "c.type_id", .options = TYPE_OPTIONS),
		CC_COLUMN("agent_id", CC_N("Agent"),
				"(SELECT CONCAT(a.number, ' ', a.name) FROM agent a WHERE a.tenant_id = "
				"t.tenant_id AND a.id = t.agent_id)",
				OPTION, MORE | CC_COLUMN_FILTER, .options = AGENT_OPTIONS),
		CC_COLUMN("package_id", CC_N("Package"),
				"(SELECT x.name FROM customer_package x WHERE x.tenant_id = t.tenant_id AND x.id = "
				"t.package_id)",
				OPTION, MORE | CC_COLUMN_FILTER, .options = CC_PACKAGE_OPTIONS("customers")),
		CC_COLUMN("added_at", CC_N("Added"), "t.added_at", TIME, LIST | CC_COLUMN_SORT),
		CC_COLUMN("added_by", CC_N("Added by"), "t.added_by", TEXT, LIST),
		HIDES_COLUMN("t.customer_id"),
		{.name = NULL},
};

#define TASK_SCOPE(more) "t.agent_id = " MY_AGENT more

const struct cc_resource crm_tasks = {
		.name = "tasks",
		.title = CC_N("Tasks"),
		.thing = CC_N("Task"),
		.path = "/crm/tasks",
		.permission = "crm.tasks",
		.actions = CC_DELETE | CC_EXPORT,
		.table = "customer_task",
		.from = "customer_task t JOIN customer c ON c.tenant_id = t.tenant_id AND c.id = "
				"t.customer_id AND c.merged_into IS NULL",
		.where = "t.tenant_id = {tenant} AND " CC_PACKAGE_SHOWN("customers", "t.package_id"),
		.own = TASK_SCOPE(""),
		.group = TASK_SCOPE(" OR t.agent_id IN (" CC_LED_AGENTS("id") ")"),
		.department = TASK_SCOPE(
				" OR t.agent_id IN (" CC_LED_AGENTS("id") ") OR t.agent_id IN "
														  "(" CC_MANAGED_AGENTS("id") ")"),
		.columns = columns,
		.note = CC_N("A call takes the customer away from here. Deleting does too; whose the "
					 "customer is does not change."),
		.dialing = customer_dialing,
};

/* GET /crm/tasks/card/{id} */
int crm_task_card(struct cc_request *rq)
{
	return record_card(rq, &crm_tasks);
}

/* ---- the group ---- */

static const struct cc_column agent_columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON),
		CC_COLUMN("number", CC_N("Agent number"), NULL, TEXT,
				LIST | CC_COLUMN_QUICK | CC_COLUMN_SORT),
		CC_COLUMN("name", CC_N("Agent name"), NULL, TEXT, LIST | CC_COLUMN_QUICK_ANYWHERE),
		CC_COLUMN("left", CC_N("Tasks left"),
				"(SELECT COUNT(*) FROM customer_task k WHERE k.tenant_id = t.tenant_id AND "
				"k.agent_id = t.id)",
				INT, LIST),
		CC_COLUMN("customers", CC_N("Customers"),
				"(SELECT COUNT(*) FROM customer k WHERE k.tenant_id = t.tenant_id AND k.agent_id = "
				"t.id AND k.merged_into IS NULL)",
				INT, LIST),
		{.name = NULL},
};

static const struct cc_column count_columns[] = {
		CC_COLUMN("count", CC_N("How many for each agent"), NULL, INT,
				CC_COLUMN_FORM | CC_COLUMN_REQUIRED, .min = 1, .max = 1000, .initial = "10"),
		{.name = NULL},
};

static int agents_of(struct cc_many_run *run, struct cc_rows *rows)
{
	return cc_db_query(run->rq->db, rows,
			"SELECT id FROM agent WHERE tenant_id = {tenant} AND live = 1 AND id IN (" CC_MANY_KEYS
			") FOR UPDATE",
			run->keys);
}

/* Of the agent's own customers those that were not contacted for longest. */
static int add_run(struct cc_many_run *run)
{
	struct cc_rows agents;
	int err = agents_of(run, &agents);
	for (size_t i = 0; i < agents.count && !err; i++) {
		int64_t agent = cc_row_int(&agents.row[i], 0, 0);
		err = cc_db_exec(run->rq->db,
				"INSERT IGNORE INTO customer_task (tenant_id, agent_id, customer_id, package_id, "
				"added_at, added_by) SELECT {tenant}, c.agent_id, c.id, c.package_id, ?, ? FROM "
				"customer c WHERE c.tenant_id = {tenant} AND c.agent_id = ? AND c.merged_into IS "
				"NULL AND c.id NOT IN "
				"(SELECT k.customer_id FROM customer_task k WHERE k.tenant_id = {tenant} AND "
				"k.agent_id = ?) ORDER BY c.contacted_at, c.id LIMIT ?",
				run->rq->now_ms, run->rq->user->name, agent, agent,
				cc_change_new_int(run->form, "count", 0));
		run->done += !err;
	}
	return err;
}

static int remove_run(struct cc_many_run *run)
{
	struct cc_rows agents;
	int err = agents_of(run, &agents);
	for (size_t i = 0; i < agents.count && !err; i++) {
		err = cc_db_exec(run->rq->db,
				"DELETE FROM customer_task WHERE tenant_id = {tenant} AND agent_id = ? ORDER BY id "
				"DESC LIMIT ?",
				cc_row_int(&agents.row[i], 0, 0), cc_change_new_int(run->form, "count", 0));
		run->done += !err;
	}
	return err;
}

static const struct cc_many agent_many[] = {
		{.name = "add",
				.label = CC_NC("action", "Add tasks"),
				.permission = "edit",
				.question = CC_N("{n} agents get more of their customers as tasks."),
				.columns = count_columns,
				.run = add_run},
		{.name = "remove",
				.label = CC_NC("action", "Remove tasks"),
				.permission = "edit",
				.question = CC_N("{n} agents have fewer tasks; their customers stay theirs."),
				.columns = count_columns,
				.run = remove_run},
		{.name = NULL},
};

const struct cc_resource crm_task_agents = {
		.name = "task-agents",
		.title = CC_N("Tasks of agents"),
		.thing = CC_N("Agent"),
		.path = "/crm/task-agents",
		.permission = "crm.task_agents",
		.table = "agent",
		.where = "t.tenant_id = {tenant} AND t.live = 1",
		.own = "t.number = {agent}",
		.group = "t.number = {agent} OR t.id IN (" CC_LED_AGENTS("id") ")",
		.department = "t.number = {agent} OR t.id IN (" CC_LED_AGENTS(
				"id") ") OR t.id IN (" CC_MANAGED_AGENTS("id") ")",
		.columns = agent_columns,
		.many = agent_many,
};
