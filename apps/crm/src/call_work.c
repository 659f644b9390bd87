/* SPDX-License-Identifier: GPL-2.0-or-later
 * Call tasks as agents work on them: the next customer, fetching customers, and what a saved card
 * means for the customer's row. */
#include <inttypes.h>
#include <stdlib.h>
#include "call_task.h"

/* The task of the address, on which the user works as an agent of its group: CC_E_NOENT. */
static int my_task(struct cc_request *rq, struct call_task *task)
{
	char *end;
	int64_t id = strtoll(cc_param(rq, "task"), &end, 10);
	int err = *end ? CC_E_NOENT : call_task_load(rq, id, task);
	return err ? err : task->member && task->enabled ? 0 : CC_E_NOENT;
}

/* GET /crm/call-list: the first of the agent's tasks, for who has none the page of tasks. */
int crm_call_list_home(struct cc_request *rq)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT k.id FROM call_task k JOIN agent_group_member m ON m.tenant_id = k.tenant_id "
			"AND m.group_id = k.group_id AND m.agent_id = " MY_AGENT
			" WHERE k.tenant_id = {tenant} AND k.state = 'enabled' ORDER BY k.priority DESC, k.id "
			"LIMIT 1");
	if (err)
		return err;
	if (rows.count)
		cc_redirect(rq, cc_sprintf(rq->arena, "/crm/call-list/%s", cc_row_str(&rows.row[0], 0)));
	else if (cc_can(rq, "crm.call_task.list"))
		cc_redirect(rq, crm_call_tasks.path);
	else
		return cc_page_send(rq, "crm/no-call-task", cc_page(rq, cc_t(rq, "Call list")));
	return 0;
}

#define OF_MINE                                                                                    \
	" FROM call_task_customer t JOIN customer c ON c.tenant_id = t.tenant_id AND c.id = "          \
	"t.customer_id AND c.merged_into IS NULL WHERE t.tenant_id = {tenant} AND t.task_id = ? AND "  \
	"t.agent_id = " MY_AGENT " AND " CALL_TASK_SEEN

/* GET /crm/call-next/{task}: whose time has come, then a new one, the first of the list first. */
int crm_call_next(struct cc_request *rq)
{
	struct call_task task;
	struct cc_rows rows = {0};
	int err = my_task(rq, &task);
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT t.customer_id" OF_MINE
				" AND t.next_at <= ? AND t.state <> 'done' ORDER BY t.next_at LIMIT 1",
				task.id, rq->now_ms);
	if (!err && !rows.count)
		err = cc_db_query(rq->db, &rows,
				"SELECT t.customer_id" OF_MINE
				" AND t.state = 'new' AND t.next_at IS NULL ORDER BY t.id LIMIT 1",
				task.id);
	if (!err)
		cc_redirect(rq, rows.count
								? cc_sprintf(rq->arena, "/crm/card?customer=%s",
										  cc_row_str(&rows.row[0], 0))
								: cc_sprintf(rq->arena,
										  "/crm/call-list/%" PRId64 "?state=new&none=1", task.id));
	return err;
}

static int fetched_today(struct cc_request *rq, const struct call_task *task, int64_t *count)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT COUNT(*) FROM customer_move WHERE tenant_id = {tenant} AND user_id = {user} "
			"AND kind = 'fetch' AND at >= ? AND task_id = ?",
			cc_time_today(rq, 0), task->id);
	*count = err ? 0 : cc_row_int(&rows.row[0], 0, 0);
	return err;
}

static int refuse(struct cc_request *rq, const char *text)
{
	return cc_error(rq, 409, cc_t(rq, text));
}

/* POST /crm/call-fetch/{task}: customers of the task that nobody has, as many as the task says, or
 * as there are left for the day. */
int crm_call_fetch(struct cc_request *rq)
{
	struct call_task task;
	struct cc_rows me, rows;
	const struct cc_resource *r = NULL;
	int64_t had = 0, wanted;
	int err = my_task(rq, &task);
	if (!err && !task.fetch_count)
		return refuse(rq, CC_N("Agents do not fetch customers of this task."));
	if (!err && call_task_resting(rq, &task))
		return cc_error(rq, 409, call_task_resting(rq, &task));
	/* one after the other, for the day's limit */
	if (!err)
		err = cc_db_query(rq->db, &me,
				"SELECT id FROM agent WHERE tenant_id = {tenant} AND number = {agent} AND live = 1 "
				"FOR UPDATE");
	if (!err)
		err = fetched_today(rq, &task, &had);
	if (err)
		return err;
	if (!me.count)
		return CC_E_DENIED;
	wanted = task.fetch_count;
	if (task.fetch_day && wanted > task.fetch_day - had)
		wanted = task.fetch_day - had;
	if (wanted <= 0)
		return refuse(rq, CC_N("You have fetched as many customers as is allowed today."));
	err = cc_db_query(rq->db, &rows,
			"SELECT t.customer_id FROM call_task_customer t JOIN customer c ON c.tenant_id = "
			"t.tenant_id AND c.id = t.customer_id AND c.merged_into IS NULL WHERE t.tenant_id = "
			"{tenant} AND t.task_id = ? AND t.agent_id IS NULL AND t.state = 'new' "
			"AND " CALL_TASK_SEEN " ORDER BY t.id LIMIT ? FOR UPDATE SKIP LOCKED",
			task.id, wanted);
	if (err)
		return err;
	if (!rows.count)
		return refuse(rq, CC_N("There are no customers left to be fetched."));
	struct cc_buf keys = cc_buf_new(rq->arena);
	for (size_t i = 0; i < rows.count; i++)
		cc_buf_printf(&keys, "%s%s", i ? "," : "[", cc_row_str(&rows.row[i], 0));
	cc_buf_str(&keys, "]");
	err = customer_table(rq, task.package, &r);
	struct cc_many_run run = {.rq = rq, .r = r, .keys = cc_buf_text(&keys), .count = rows.count};
	if (!err)
		err = customer_give(&run,
				&(struct move){
						.kind = "fetch", .agent = cc_row_str(&me.row[0], 0), .task = task.id});
	if (!err)
		err = cc_audit_write(rq, "crm.call_list.fetch",
				cc_sprintf(rq->arena, "%s (%zu)", task.name, rows.count), run.keys);
	if (!err)
		cc_redirect(rq, cc_sprintf(rq->arena, "/crm/call-list/%" PRId64 "?done=done", task.id));
	return err;
}

int call_task_marked(struct cc_request *rq, int64_t customer, int64_t result, int64_t funnel)
{
	/* success and failure end the work on a customer, what goes on and a mark alone do not */
	return cc_db_exec(rq->db,
			"UPDATE call_task_customer SET state = IF(COALESCE((SELECT f.score FROM sales_funnel f "
			"WHERE f.tenant_id = {tenant} AND f.id = ?), 0) <> 0, 'done', IF(state = 'new', "
			"'called', state)), result_id = COALESCE(NULLIF(?, 0), result_id), next_at = "
			"IF(next_at <= ?, NULL, next_at) WHERE tenant_id = {tenant} AND customer_id = ?",
			funnel, result, rq->now_ms, customer);
}
