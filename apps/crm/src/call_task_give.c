/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-24: customers into a call task, to an agent of it, and out of it again. */
#include <inttypes.h>
#include <stdlib.h>
#include "call_task.h"

#define KEYS "(" CC_MANY_KEYS ")"

const struct cc_column call_task_put_columns[] = {
		CC_COLUMN("task_id", CC_N("Call task"), NULL, OPTION, CC_COLUMN_FORM | CC_COLUMN_REQUIRED,
				.options = CALL_TASK_OPTIONS,
				.help = CC_N("Customers of another package stay where they are. Who has a customer "
							 "keeps it when in the groups of the old and of the new task.")),
		CC_COLUMN("agent_id", CC_N("Agent"), NULL, OPTION, CC_COLUMN_FORM, .options = AGENT_OPTIONS,
				.help = CC_N("Gives them to this agent of the task's group.")),
		{.name = NULL},
};

int call_task_agent_check(struct cc_change *form, const struct call_task *task, const char *agent)
{
	struct cc_rows rows;
	int err = cc_db_query(form->rq->db, &rows,
			"SELECT 1 FROM agent_group_member WHERE tenant_id = {tenant} AND group_id = ? AND "
			"agent_id = ?",
			task->group, agent);
	if (!err && !rows.count)
		return cc_change_refuse(
				form, "agent_id", cc_t(form->rq, "This agent is not in the task's group."));
	return err;
}

int call_task_put_check(struct cc_change *form)
{
	struct cc_request *rq = form->rq;
	const char *agent = cc_change_new(form, "agent_id");
	struct call_task task;
	bool may = true;
	int err = call_task_load(rq, cc_change_new_int(form, "task_id", 0), &task);
	if (!err)
		err = customer_may_assign(rq, NULL, cc_sprintf(rq->arena, "%" PRId64, task.group), &may);
	if (!err && !may)
		return cc_change_refuse(
				form, "task_id", cc_t(rq, "You do not lead the group of this task."));
	return err || !agent ? err : call_task_agent_check(form, &task, agent);
}

static void use_rows(struct cc_many_run *run, const struct cc_rows *rows)
{
	struct cc_buf keys = cc_buf_new(run->rq->arena);
	cc_buf_str(&keys, "[");
	for (size_t i = 0; i < rows->count; i++)
		cc_buf_printf(&keys, "%s%s", i ? "," : "", cc_row_str(&rows->row[i], 0));
	cc_buf_str(&keys, "]");
	run->keys = cc_buf_text(&keys);
	run->count = rows->count;
}

#define MEMBER(customer, group)                                                                    \
	"EXISTS (SELECT 1 FROM agent_group_member m WHERE m.tenant_id = {tenant} AND m.agent_id "      \
	"= " customer ".agent_id AND m.group_id = " group ")"

/* Whose customers does not go on with them in the task is free: they are the group's. */
static int free_others(struct cc_many_run *run, const struct call_task *task)
{
	struct cc_request *rq = run->rq;
	struct cc_many_run others = *run;
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT c.id FROM customer c LEFT JOIN call_task_customer x ON x.tenant_id = "
			"c.tenant_id AND x.customer_id = c.id LEFT JOIN call_task o ON o.tenant_id = "
			"x.tenant_id AND o.id = x.task_id WHERE c.tenant_id = {tenant} AND c.id IN " KEYS
			" AND NOT (c.agent_id IS NOT NULL AND " MEMBER(
					"c", "?") " AND (o.id IS NULL OR " MEMBER("c", "o.group_id") "))",
			run->keys, task->group);
	if (err || !rows.count)
		return err;
	use_rows(&others, &rows);
	return customer_give(&others, &(struct move){.kind = "assign",
										  .group = cc_sprintf(rq->arena, "%" PRId64, task->group),
										  .task = task->id});
}

int call_task_put(struct cc_many_run *run, const struct call_task *task, const char *agent)
{
	struct cc_request *rq = run->rq;
	struct cc_many_run own = *run;
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT c.id FROM customer c WHERE c.tenant_id = {tenant} AND c.package_id = ? AND "
			"c.id "
			"IN " KEYS " FOR UPDATE",
			task->package, run->keys);
	if (err || !rows.count)
		return err;
	use_rows(&own, &rows);
	err = agent ? customer_give(
						  &own, &(struct move){.kind = "assign", .agent = agent, .task = task->id})
				: free_others(&own, task);
	if (!err) /* who is in it already goes on; task_id last: what is before compares with the old */
		err = cc_db_exec(rq->db,
				"INSERT INTO call_task_customer (tenant_id, task_id, customer_id, agent_id, "
				"added_at, added_by) SELECT c.tenant_id, ?, c.id, c.agent_id, ?, ? FROM customer c "
				"WHERE c.tenant_id = {tenant} AND c.id IN " KEYS
				" ON DUPLICATE KEY UPDATE state = IF(task_id = VALUES(task_id), state, 'new'), "
				"attempts = IF(task_id = VALUES(task_id), attempts, 0), called_at = IF(task_id = "
				"VALUES(task_id), called_at, NULL), answered = IF(task_id = VALUES(task_id), "
				"answered, 0), result_id = IF(task_id = VALUES(task_id), result_id, NULL), next_at "
				"= IF(task_id = VALUES(task_id), next_at, NULL), added_at = IF(task_id = "
				"VALUES(task_id), added_at, VALUES(added_at)), added_by = IF(task_id = "
				"VALUES(task_id), added_by, VALUES(added_by)), batch_id = 0, task_id = "
				"VALUES(task_id)",
				task->id, rq->now_ms, rq->user->name, own.keys);
	run->done = (int64_t)rows.count;
	return err;
}

int call_task_put_run(struct cc_many_run *run)
{
	struct call_task task;
	int err = call_task_load(run->rq, cc_change_new_int(run->form, "task_id", 0), &task);
	return err ? err : call_task_put(run, &task, cc_change_new(run->form, "agent_id"));
}

int call_task_take(struct cc_many_run *run)
{
	int err = cc_db_exec(run->rq->db,
			"DELETE x FROM " CC_MANY_TABLE
			" JOIN call_task_customer x ON x.tenant_id = {tenant} AND "
			"x.customer_id = j.k",
			run->keys);
	run->done = (int64_t)run->count;
	return err;
}
