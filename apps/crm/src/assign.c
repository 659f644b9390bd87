/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-04, CRM-05: who has which customers. Assigning and recalling, handing on to colleagues and
 * sharing with them, applying for customers of the public sea; and TEL-20, who is not to be called
 * at all. Every change of hands is written down in customer_move. */
#include <inttypes.h>
#include <string.h>
#include "call_task.h"
#include "cc/preference.h"

#define KEYS "(" CC_MANY_KEYS ")"
/* Colleagues: who is in a group with me. */
#define COLLEAGUES                                                                                 \
	"SELECT o.agent_id FROM agent_group_member o WHERE o.tenant_id = {tenant} AND o.agent_id "     \
	"<> " MY_AGENT                                                                                 \
	" AND o.group_id IN (SELECT i.group_id FROM agent_group_member i WHERE i.tenant_id "           \
	"= {tenant} AND i.agent_id = " MY_AGENT ")"
#define COLLEAGUE_OPTIONS                                                                          \
	"SELECT id, CONCAT(number, ' ', name) FROM agent WHERE tenant_id = {tenant} AND live = 1 AND " \
	"id IN (" COLLEAGUES ") ORDER BY LENGTH(number), number"

static const struct cc_column assign_columns[] = {
		CC_COLUMN(
				"agent_id", CC_N("Agent"), NULL, OPTION, CC_COLUMN_FORM, .options = AGENT_OPTIONS),
		CC_COLUMN("group_id", CC_N("Agent group"), NULL, OPTION, CC_COLUMN_FORM,
				.options = GROUP_OPTIONS, .help = CC_N("Without an agent: of the whole group.")),
		{.name = NULL},
};

static const struct cc_column distribute_columns[] = {
		CC_COLUMN("group_id", CC_N("To all agents of the group"), NULL, OPTION, CC_COLUMN_FORM,
				.options = GROUP_OPTIONS),
		CC_COLUMN("agent_ids", CC_N("To these agents"), NULL, OPTIONS, CC_COLUMN_FORM,
				.options = AGENT_OPTIONS),
		CC_COLUMN("free", CC_N("Only customers that no agent has"), NULL, BOOL, CC_COLUMN_FORM,
				.initial = "1"),
		{.name = NULL},
};

static const struct cc_column colleague_columns[] = {
		CC_COLUMN("agent_id", CC_N("Agent"), NULL, OPTION, CC_COLUMN_FORM | CC_COLUMN_REQUIRED,
				.options = COLLEAGUE_OPTIONS, .help = CC_N("Of a group that you are in.")),
		{.name = NULL},
};

static const struct cc_column no_call_columns[] = {
		CC_COLUMN("whole", CC_N("The whole customer, with all numbers"), NULL, BOOL, CC_COLUMN_FORM,
				.initial = "1",
				.help = CC_N("Otherwise the number is put on the list of numbers not to be "
							 "called.")),
		CC_COLUMN("reason", CC_N("Reason"), NULL, TEXT, CC_COLUMN_FORM, .max = 200),
		{.name = NULL},
};

static const struct cc_column blacklist_columns[] = {
		CC_COLUMN("reason", CC_N("Reason"), NULL, TEXT, CC_COLUMN_FORM | CC_COLUMN_REQUIRED,
				.max = 200),
		{.name = NULL},
};

static const struct cc_column call_again_columns[] = {
		CC_COLUMN("whole", CC_N("The whole customer"), NULL, BOOL, CC_COLUMN_FORM, .initial = "1"),
		CC_COLUMN("number", CC_N("The number on the list of numbers not to be called"), NULL, BOOL,
				CC_COLUMN_FORM, .initial = "0"),
		{.name = NULL},
};

/* ---- assigning ---- */

/* Leaders give to their own people only. */
int customer_may_assign(struct cc_request *rq, const char *agent, const char *group, bool *may)
{
	struct cc_rows rows;
	*may = rq->user->scope == CC_SCOPE_ALL;
	if (*may)
		return 0;
	int err = cc_db_query(rq->db, &rows,
			"SELECT 1 FROM DUAL WHERE (? IS NULL OR ? IN (" CC_LED_AGENTS(
					"id") ") OR ? IN (" CC_MANAGED_AGENTS("id") ")) AND (? IS NULL OR ? IN "
																"(" CC_LED_GROUPS
																")) AND {tenant} > 0",
			agent, agent, agent, group, group);
	*may = !err && rows.count;
	return err;
}

static int assign_check(struct cc_change *form)
{
	const char *agent = cc_change_new(form, "agent_id"), *group = cc_change_new(form, "group_id");
	bool may;
	if (!agent && !group)
		return cc_change_refuse(form, "agent_id", cc_t(form->rq, "Choose an agent or a group."));
	int err = customer_may_assign(form->rq, agent, group, &may);
	if (!err && !may)
		return cc_change_refuse(form, agent ? "agent_id" : "group_id",
				cc_t(form->rq, "You can assign customers to your own agents and groups only."));
	return err;
}

static int write_moves(struct cc_many_run *run, const struct move *to)
{
	return cc_db_exec(run->rq->db,
			"INSERT INTO customer_move (tenant_id, customer_id, at, kind, from_agent_id, "
			"to_agent_id, to_group_id, task_id, user_id, user_name) SELECT {tenant}, c.id, ?, ?, "
			"c.agent_id, ?, ?, NULLIF(?, 0), {user}, ? FROM customer c WHERE c.tenant_id = "
			"{tenant} AND c.id IN " KEYS,
			run->rq->now_ms, to->kind, to->agent, to->group, to->task, run->rq->user->name,
			run->keys);
}

/* Who gets a customer has to call it; nobody else has to any more. */
static int move_tasks(struct cc_many_run *run, const char *agent)
{
	struct cc_db *db = run->rq->db;
	int err = cc_db_exec(db,
			"DELETE k FROM " CC_MANY_TABLE " JOIN customer_task k ON k.tenant_id = {tenant} AND "
			"k.customer_id = j.k",
			run->keys);
	if (err || !agent)
		return err;
	return cc_db_exec(db,
			"INSERT IGNORE INTO customer_task (tenant_id, agent_id, customer_id, package_id, "
			"added_at, added_by) SELECT {tenant}, ?, c.id, c.package_id, ?, ? FROM customer c "
			"WHERE c.tenant_id = {tenant} AND c.id IN " KEYS,
			agent, run->rq->now_ms, run->rq->user->name, run->keys);
}

int customer_give(struct cc_many_run *run, const struct move *to)
{
	int err = write_moves(run, to);
	if (!err)
		err = move_tasks(run, to->agent);
	if (!err)
		err = cc_db_exec(run->rq->db,
				"UPDATE " CC_MANY_TABLE " JOIN customer c ON c.tenant_id = {tenant} AND c.id = j.k "
				"SET c.agent_id = ?, c.group_id = ?, c.assigned_at = ?, c.updated_at = ?",
				run->keys, to->agent, to->group, run->rq->now_ms, run->rq->now_ms);
	run->done = (int64_t)run->count;
	return err;
}

static int assign_run(struct cc_many_run *run)
{
	const struct move to = {.kind = "assign",
			.agent = cc_change_new(run->form, "agent_id"),
			.group = cc_change_new(run->form, "group_id")};
	return customer_give(run, &to);
}

/* ---- distributing (CRM-24) ---- */

#define RECEIVERS                                                                                  \
	"SELECT a.id FROM agent a WHERE a.tenant_id = {tenant} AND a.live = 1 AND (FIND_IN_SET(a.id, " \
	"?) OR a.id IN (SELECT m.agent_id FROM agent_group_member m WHERE m.tenant_id = {tenant} AND " \
	"m.group_id = ?)) ORDER BY a.id"

static int receivers(const struct cc_change *form, struct cc_rows *agents)
{
	const char *ids = cc_change_new(form, "agent_ids");
	return cc_db_query(form->rq->db, agents, RECEIVERS, ids ? ids : "",
			cc_change_new_int(form, "group_id", 0));
}

static int distribute_check(struct cc_change *form)
{
	struct cc_rows agents;
	bool may = true;
	int err = receivers(form, &agents);
	if (!err && !agents.count)
		return cc_change_refuse(
				form, "agent_ids", cc_t(form->rq, "Choose agents or a group that has some."));
	for (size_t i = 0; i < agents.count && !err && may; i++)
		err = customer_may_assign(form->rq, cc_row_str(&agents.row[i], 0), NULL, &may);
	if (!err && !may)
		return cc_change_refuse(form, "agent_ids",
				cc_t(form->rq, "You can assign customers to your own agents and groups only."));
	return err;
}

/* One after the other, so that everybody gets as many. */
static int distribute_run(struct cc_many_run *run)
{
	struct cc_arena *a = run->rq->arena;
	struct cc_rows agents, rows;
	const char *asked = run->keys;
	size_t count = run->count;
	int64_t done = 0;
	int err = receivers(run->form, &agents);
	if (!err)
		err = cc_db_query(run->rq->db, &rows,
				"SELECT c.id FROM customer c WHERE c.tenant_id = {tenant} AND (? = 0 OR c.agent_id "
				"IS NULL) AND c.id IN " KEYS " ORDER BY c.id FOR UPDATE",
				cc_change_new_int(run->form, "free", 0), asked);
	for (size_t k = 0; !err && k < agents.count && k < rows.count; k++) {
		struct cc_buf keys = cc_buf_new(a);
		run->count = 0;
		for (size_t i = k; i < rows.count; i += agents.count, run->count++)
			cc_buf_printf(&keys, "%s%s", i == k ? "[" : ",", cc_row_str(&rows.row[i], 0));
		cc_buf_str(&keys, "]");
		run->keys = cc_buf_text(&keys);
		const struct move to = {.kind = "assign", .agent = cc_row_str(&agents.row[k], 0)};
		err = customer_give(run, &to);
		done += run->done;
	}
	run->keys = asked;
	run->count = count;
	run->done = done;
	return err;
}

int customer_recall(struct cc_many_run *run)
{
	int err = cc_db_exec(run->rq->db,
			"DELETE s FROM " CC_MANY_TABLE " JOIN customer_share s ON s.tenant_id = {tenant} AND "
			"s.customer_id = j.k",
			run->keys);
	if (!err) /* CRM-24: released to the customer table, whatever they belonged to */
		err = call_task_take(run);
	return err ? err : customer_give(run, &(struct move){.kind = "recall"});
}

/* ---- colleagues ---- */

/* Of the rows those that are the agent's own: only these can be given away. */
static int own_only(struct cc_many_run *run)
{
	struct cc_rows rows;
	struct cc_buf keys = cc_buf_new(run->rq->arena);
	int err = cc_db_query(run->rq->db, &rows,
			"SELECT c.id FROM customer c WHERE c.tenant_id = {tenant} AND c.agent_id = " MY_AGENT
			" AND c.id IN " KEYS " FOR UPDATE",
			run->keys);
	if (err)
		return err;
	cc_buf_str(&keys, "[");
	for (size_t i = 0; i < rows.count; i++)
		cc_buf_printf(&keys, "%s%s", i ? "," : "", cc_row_str(&rows.row[i], 0));
	cc_buf_str(&keys, "]");
	run->keys = cc_buf_text(&keys);
	run->count = rows.count;
	return 0;
}

static int transfer_run(struct cc_many_run *run)
{
	size_t asked = run->count;
	int err = own_only(run);
	if (!err && run->count)
		err = customer_give(run,
				&(struct move){.kind = "transfer", .agent = cc_change_new(run->form, "agent_id")});
	run->count = asked;
	return err;
}

static int share_run(struct cc_many_run *run)
{
	size_t asked = run->count;
	const char *agent = cc_change_new(run->form, "agent_id");
	int err = own_only(run);
	if (!err)
		err = write_moves(run, &(struct move){.kind = "share", .agent = agent});
	if (!err)
		err = cc_db_exec(run->rq->db,
				"INSERT IGNORE INTO customer_share (tenant_id, agent_id, customer_id, at, user_id) "
				"SELECT {tenant}, ?, c.id, ?, {user} FROM customer c WHERE c.tenant_id = {tenant} "
				"AND c.id IN " KEYS,
				agent, run->rq->now_ms, run->keys);
	run->done = (int64_t)run->count;
	run->count = asked;
	return err;
}

static int task_run(struct cc_many_run *run)
{
	int err = cc_db_exec(run->rq->db,
			"INSERT IGNORE INTO customer_task (tenant_id, agent_id, customer_id, package_id, "
			"added_at, added_by) SELECT {tenant}, a.id, c.id, c.package_id, ?, ? FROM customer c "
			"JOIN agent a ON a.tenant_id = c.tenant_id AND a.number = {agent} AND a.live = 1 WHERE "
			"c.tenant_id = {tenant} AND c.id IN " KEYS,
			run->rq->now_ms, run->rq->user->name, run->keys);
	run->done = *run->rq->user->agent ? (int64_t)run->count : 0;
	return err;
}

/* ---- not to be called ---- */

static int no_call_run(struct cc_many_run *run)
{
	struct cc_request *rq = run->rq;
	const char *reason = cc_change_new(run->form, "reason");
	int err;
	if (cc_change_new_int(run->form, "whole", 0))
		err = cc_db_exec(rq->db,
				"UPDATE " CC_MANY_TABLE " JOIN customer c ON c.tenant_id = {tenant} AND c.id = j.k "
				"SET c.no_call = 1, c.updated_at = ?",
				run->keys, rq->now_ms);
	else
		err = cc_db_exec(rq->db,
				"INSERT INTO no_call (tenant_id, package_id, phone, e164, reason, state, "
				"created_by, created_at, updated_at) SELECT {tenant}, c.package_id, c.phone, "
				"c.phone_e164, ?, ?, ?, ?, ? FROM customer c WHERE c.tenant_id = {tenant} AND "
				"c.phone_e164 IS NOT NULL AND c.id IN " KEYS
				" ON DUPLICATE KEY UPDATE reason = VALUES(reason), state = IF(VALUES(state) = "
				"'enabled', 'enabled', state), updated_at = VALUES(updated_at)",
				reason ? reason : "", cc_can(rq, "crm.no_call.approve") ? "enabled" : "pending",
				rq->user->name, rq->now_ms, rq->now_ms, run->keys);
	run->done = (int64_t)run->count;
	return err;
}

static int call_again_run(struct cc_many_run *run)
{
	struct cc_db *db = run->rq->db;
	int err = 0;
	if (cc_change_new_int(run->form, "whole", 0))
		err = cc_db_exec(db,
				"UPDATE " CC_MANY_TABLE " JOIN customer c ON c.tenant_id = {tenant} AND c.id = j.k "
				"SET c.no_call = 0, c.updated_at = ?",
				run->keys, run->rq->now_ms);
	if (!err && cc_change_new_int(run->form, "number", 0))
		err = cc_db_exec(db,
				"DELETE n FROM no_call n JOIN customer c ON c.tenant_id = n.tenant_id AND "
				"c.package_id = n.package_id AND c.phone_e164 = n.e164 WHERE n.tenant_id = "
				"{tenant} AND c.id IN " KEYS,
				run->keys);
	run->done = (int64_t)run->count;
	return err;
}

/* ---- the blacklist ---- */

static int blacklist_run(struct cc_many_run *run)
{
	struct cc_request *rq = run->rq;
	const char *reason = cc_change_new(run->form, "reason");
	int err = cc_db_exec(rq->db,
			"INSERT INTO blacklist (tenant_id, phone, e164, reason, state, created_by, created_at, "
			"updated_at) SELECT {tenant}, c.phone, c.phone_e164, ?, ?, ?, ?, ? FROM customer c "
			"WHERE c.tenant_id = {tenant} AND c.phone_e164 IS NOT NULL AND c.id IN " KEYS
			" ON DUPLICATE KEY UPDATE reason = VALUES(reason), state = IF(VALUES(state) = "
			"'enabled', 'enabled', state), updated_at = VALUES(updated_at)",
			reason ? reason : "", cc_can(rq, "crm.blacklist.approve") ? "enabled" : "pending",
			rq->user->name, rq->now_ms, rq->now_ms, run->keys);
	run->done = (int64_t)run->count;
	return err;
}

/* Labels of their permissions: CC_NC("permission", "Assign") CC_NC("permission", "Recall")
 * CC_NC("permission", "Transfer") CC_NC("permission", "Share") CC_NC("permission", "Merge")
 * CC_NC("permission", "Add to my tasks") CC_NC("permission", "Do not call")
 * CC_NC("permission", "To the blacklist") */
const struct cc_many crm_customer_many[] = {
		{.name = "assign",
				.label = CC_NC("action", "Assign"),
				.permission = "assign",
				.question = CC_N("{n} customers will be assigned."),
				.columns = assign_columns,
				.check = assign_check,
				.run = assign_run},
		{.name = "distribute",
				.label = CC_NC("action", "Distribute"),
				.permission = "assign",
				.question = CC_N("{n} customers will be distributed evenly among agents."),
				.columns = distribute_columns,
				.check = distribute_check,
				.run = distribute_run},
		{.name = "recall",
				.label = CC_NC("action", "Recall"),
				.permission = "recall",
				.question = CC_N(
						"{n} customers will go to the public sea and out of their call tasks."),
				.run = customer_recall},
		{.name = "to_task",
				.label = CC_NC("action", "To a call task"),
				.permission = "assign",
				.question = CC_N("{n} customers will be called in a task."),
				.columns = call_task_put_columns,
				.check = call_task_put_check,
				.run = call_task_put_run},
		{.name = "transfer",
				.label = CC_NC("action", "Transfer"),
				.permission = "transfer",
				.question = CC_N("Your own of {n} customers will belong to another agent."),
				.columns = colleague_columns,
				.run = transfer_run},
		{.name = "share",
				.label = CC_NC("action", "Share"),
				.permission = "share",
				.question = CC_N("Your own of {n} customers will be seen by another agent too."),
				.columns = colleague_columns,
				.run = share_run},
		{.name = "task",
				.label = CC_NC("action", "Add to my tasks"),
				.permission = "task",
				.question = CC_N("{n} customers will be added to your tasks."),
				.run = task_run},
		{.name = "no_call",
				.label = CC_NC("action", "Do not call"),
				.permission = "no_call",
				.question = CC_N("{n} customers will not be called any more."),
				.columns = no_call_columns,
				.run = no_call_run},
		{.name = "call_again",
				.label = CC_NC("action", "May be called again"),
				.permission = "no_call",
				.question = CC_N("{n} customers may be called again."),
				.columns = call_again_columns,
				.run = call_again_run},
		{.name = "blacklist",
				.label = CC_NC("action", "To the blacklist"),
				.permission = "blacklist",
				.question = CC_N("Calls from {n} customers will not be taken any more."),
				.columns = blacklist_columns,
				.run = blacklist_run},
		{.name = "merge",
				.label = CC_NC("action", "Merge"),
				.permission = "merge",
				.page = "/crm/merge"},
		{.name = NULL},
};

/* ---- applying ---- */

static int applied_today(struct cc_request *rq, int64_t *times)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT COUNT(DISTINCT at) FROM customer_move WHERE tenant_id = {tenant} AND user_id = "
			"{user} AND kind = 'apply' AND at >= ?",
			cc_time_today(rq, 0));
	if (!err)
		*times = cc_row_int(&rows.row[0], 0, 0);
	return err;
}

/* POST /crm/apply/{package}: the configured number of customers of the public sea, or none. */
int crm_apply(struct cc_request *rq)
{
	const struct cc_resource *r;
	struct cc_rows package, rows;
	int64_t wanted = cc_preference_int(rq, "customer_apply_count"), times;
	if (!*rq->user->agent || !wanted)
		return CC_E_DENIED;
	int err = cc_db_query(rq->db, &package,
			"SELECT id FROM customer_package WHERE tenant_id = {tenant} AND code = ? AND state = "
			"'open'",
			cc_param(rq, "package"));
	if (!err && !package.count)
		return CC_E_NOENT;
	/* one application of an agent after the other */
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT id FROM agent WHERE tenant_id = {tenant} AND number = {agent} AND live = 1 "
				"FOR UPDATE");
	if (!err)
		err = applied_today(rq, &times);
	if (err)
		return err;
	if (!rows.count)
		return CC_E_DENIED;
	if (times >= cc_preference_int(rq, "customer_apply_times"))
		return cc_error(rq, 409, cc_t(rq, "You have applied as often as is allowed today."));
	const char *agent = cc_row_str(&rows.row[0], 0);
	int64_t id = cc_row_int(&package.row[0], 0, 0);
	err = cc_db_query(rq->db, &rows,
			"SELECT c.id FROM customer c WHERE c.tenant_id = {tenant} AND c.package_id = ? AND "
			"c.agent_id IS NULL AND c.group_id IS NULL AND (? = 0 OR c.contacted_at IS NULL) "
			"AND " SEEN_CUSTOMER("c") " ORDER BY c.id LIMIT ? FOR UPDATE SKIP LOCKED",
			id, cc_preference_int(rq, "customer_apply_new"), wanted);
	if (err)
		return err;
	if ((int64_t)rows.count < wanted)
		return cc_error(rq, 409,
				cc_t(rq, "There are not enough customers in the public sea at the moment."));
	struct cc_buf keys = cc_buf_new(rq->arena);
	for (size_t i = 0; i < rows.count; i++)
		cc_buf_printf(&keys, "%s%s", i ? "," : "[", cc_row_str(&rows.row[i], 0));
	cc_buf_str(&keys, "]");
	err = customer_table(rq, id, &r);
	struct cc_many_run run = {.rq = rq, .r = r, .keys = cc_buf_text(&keys), .count = rows.count};
	if (!err)
		err = customer_give(&run, &(struct move){.kind = "apply", .agent = agent});
	if (!err)
		err = cc_audit_write(rq, "crm.customers.apply",
				cc_sprintf(rq->arena, "customers (%zu)", rows.count), cc_buf_text(&keys));
	if (!err)
		cc_redirect(rq, "/crm/tasks?done=done");
	return err;
}
