/* SPDX-License-Identifier: GPL-2.0-or-later
 * The customers of a call task: whose they are, how often they were called and what came of it.
 * Agents see their own, who leads the task's group sees all of them. */
#include "call_task.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LIST CC_COLUMN_ALL
#define MORE (CC_COLUMN_ALL | CC_COLUMN_HIDDEN)
#define MINE "t.agent_id = " MY_AGENT
#define OF_CUSTOMERS(hint)                                                                         \
	"call_task_customer t " hint " JOIN customer c ON c.tenant_id = t.tenant_id AND c.id = "       \
	"t.customer_id AND c.merged_into IS NULL"

static const char *const states[] = {CC_NC("call state", "new"), CC_NC("call state", "called"),
		CC_NC("call state", "done"), NULL};

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON),
		CC_COLUMN("name", CC_N("Customer"), "c.name", TEXT, LIST, .link = "/crm/call-card/"),
		CC_COLUMN("phone", CC_N("Telephone number"), "c.phone", PHONE, LIST, .call = "TRUE"),
		CC_COLUMN("state", CC_N("State"), NULL, CODE,
				LIST | CC_COLUMN_FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_BATCH,
				.context = "call state", .codes = states),
		CC_COLUMN("agent_id", CC_N("Agent"),
				"(SELECT CONCAT(x.number, ' ', x.name) FROM agent x WHERE x.tenant_id = "
				"t.tenant_id AND x.id = t.agent_id)",
				OPTION, LIST | CC_COLUMN_FILTER, .options = AGENT_OPTIONS),
		CC_COLUMN("result_id", CC_N("Last result"),
				"(SELECT x.name FROM call_result x WHERE x.tenant_id = t.tenant_id AND x.id = "
				"t.result_id)",
				OPTION, LIST | CC_COLUMN_FILTER,
				.options = "SELECT id, name FROM call_result WHERE tenant_id = {tenant} ORDER BY "
						   "name"),
		CC_COLUMN("attempts", CC_N("Attempts"), NULL, INT, LIST),
		CC_COLUMN("called_at", CC_N("Last call"), NULL, TIME, LIST),
		CC_COLUMN("answered", CC_N("Answered"), NULL, BOOL, MORE | CC_COLUMN_FILTER),
		CC_COLUMN("next_at", CC_N("Next time"), NULL, TIME, LIST | CC_COLUMN_FORM | CC_COLUMN_BATCH,
				.help = CC_N("The next customer is one whose time has come, then a new one.")),
		CC_COLUMN("added_at", CC_N("Added"), NULL, TIME, MORE),
		CC_COLUMN("added_by", CC_N("Added by"), NULL, TEXT, MORE),
		CC_COLUMN("hides", CC_N("Hide telephone numbers"),
				"(SELECT x.hide FROM call_task x WHERE x.tenant_id = t.tenant_id AND x.id = "
				"t.task_id)",
				HIDES, 0),
		{.name = NULL},
};

/* ---- whose task it is ---- */

/* Agents see the tasks of their groups while they are enabled; who manages one of its agents sees
 * it as the group's leader does. */
static int sees(struct cc_request *rq, const struct call_task *task, bool *all)
{
	struct cc_rows rows;
	*all = rq->user->scope == CC_SCOPE_ALL || (task->leads && rq->user->scope >= CC_SCOPE_GROUP);
	if (*all || (task->member && task->enabled))
		return 0;
	if (rq->user->scope < CC_SCOPE_DEPARTMENT)
		return CC_E_NOENT;
	int err = cc_db_query(rq->db, &rows,
			"SELECT 1 FROM agent_group_member m WHERE m.tenant_id = {tenant} AND m.group_id = ? "
			"AND m.agent_id IN (" CC_MANAGED_AGENTS("id") ") LIMIT 1",
			task->group);
	*all = !err && rows.count;
	return err || *all ? err : CC_E_NOENT;
}

static int vary(struct cc_request *rq, struct cc_resource *r)
{
	struct call_task *task = cc_alloc(rq->arena, sizeof *task);
	char *end;
	int64_t id = strtoll(cc_param(rq, "task"), &end, 10);
	bool all = false;
	int err = *end || id <= 0 ? CC_E_NOENT : call_task_load(rq, id, task);
	if (!err)
		err = sees(rq, task, &all);
	if (err)
		return err;
	r->path = cc_sprintf(rq->arena, "/crm/call-list/%" PRId64, id);
	r->where = cc_sprintf(rq->arena,
			"t.tenant_id = {tenant} AND t.task_id = %" PRId64 " AND " CALL_TASK_SEEN, id);
	r->own = r->group = r->department = all ? "TRUE" : MINE;
	if (!all) {
		r->initial = "state=new";
		/* an agent's few rows lie anywhere in a large task: not along all of it, newest first */
		r->from = OF_CUSTOMERS("IGNORE INDEX FOR ORDER BY (PRIMARY, call_task_customer_list, "
							   "call_task_customer_id)");
	}
	r->varied = task;
	return 0;
}

static const struct call_task *task_of(const struct cc_resource *r)
{
	return r->varied;
}

/* ---- the page ---- */

static int quick(struct cc_list *l, const char *words, struct cc_buf *sql)
{
	struct cc_request *rq = cc_list_request(l);
	const struct call_task *task = task_of(cc_list_resource(l));
	struct package *p;
	int err = package_load(rq->db, rq->arena, task->package, &p);
	bool parts = !cc_list_masked(l, "phone") && task->hide == CC_HIDE_NONE;
	return err ? err : customer_among(l, p, parts, words, sql);
}

static const char *summary(struct cc_request *rq)
{
	struct call_task task;
	if (call_task_load(rq, strtoll(cc_param(rq, "task"), NULL, 10), &task))
		return NULL;
	const char *resting = call_task_resting(rq, &task);
	return resting ? resting : task.name;
}

/* The agent's tasks above the list, with the customer to be called next. */
static int fill(struct cc_request *rq, const struct cc_resource *r, struct cc_value *page)
{
	const struct call_task *task = task_of(r);
	struct cc_arena *a = rq->arena;
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT k.id, k.name FROM call_task k JOIN agent_group_member m ON m.tenant_id = "
			"k.tenant_id AND m.group_id = k.group_id AND m.agent_id = " MY_AGENT
			" WHERE k.tenant_id = {tenant} AND k.state = 'enabled' ORDER BY k.priority DESC, k.id "
			"LIMIT 50");
	struct cc_value *list = cc_value_add(a, page, "tasks", CC_VALUE_LIST);
	for (size_t i = 0; !err && i < rows.count; i++) {
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(
				a, item, "url", cc_sprintf(a, "/crm/call-list/%s", cc_row_str(&rows.row[i], 0)));
		cc_value_str(a, item, "name", cc_row_str(&rows.row[i], 1));
		cc_value_bool(a, item, "selected", cc_row_int(&rows.row[i], 0, 0) == task->id);
	}
	bool works = task->member && task->enabled && *rq->user->agent;
	bool fetches = works && task->fetch_count && cc_can(rq, "crm.call_list.fetch");
	cc_value_str(a, page, "next_customer",
			works && cc_can(rq, "crm.card.view")
					? cc_sprintf(a, "/crm/call-next/%" PRId64, task->id)
					: NULL);
	cc_value_str(a, page, "fetch_url",
			fetches ? cc_sprintf(a, "/crm/call-fetch/%" PRId64, task->id) : NULL);
	cc_value_str(a, page, "fetch",
			fetches ? cc_fill(rq, cc_t(rq, "Fetch {n} customers"), "{n}", task->fetch_count)
					: NULL);
	cc_value_bool(a, page, "empty", cc_query(rq, "none"));
	return err;
}

/* ---- done to many ---- */

/* The customers of the rows in place of the rows. */
static int use_customers(struct cc_many_run *run)
{
	struct cc_rows rows;
	struct cc_buf keys = cc_buf_new(run->rq->arena);
	int err = cc_db_query(run->rq->db, &rows,
			"SELECT customer_id FROM call_task_customer WHERE tenant_id = {tenant} AND id IN "
			"(" CC_MANY_KEYS ") FOR UPDATE",
			run->keys);
	cc_buf_str(&keys, "[");
	for (size_t i = 0; !err && i < rows.count; i++)
		cc_buf_printf(&keys, "%s%s", i ? "," : "", cc_row_str(&rows.row[i], 0));
	cc_buf_str(&keys, "]");
	run->keys = cc_buf_text(&keys);
	run->count = err ? 0 : rows.count;
	return err;
}

/* The group of the rows' task; the form knows the list by its path. */
static int task_of_form(struct cc_change *form, struct call_task *task)
{
	const char *id = strrchr(form->r->path, '/');
	return call_task_load(form->rq, strtoll(id ? id + 1 : "", NULL, 10), task);
}

static int give_check(struct cc_change *form)
{
	struct call_task task;
	const char *agent = cc_change_new(form, "agent_id");
	bool may = true;
	int err = task_of_form(form, &task);
	if (!err)
		err = call_task_agent_check(form, &task, agent);
	if (!err)
		err = customer_may_assign(form->rq, agent, NULL, &may);
	if (!err && !may)
		return cc_change_refuse(form, "agent_id",
				cc_t(form->rq, "You can assign customers to your own agents and groups only."));
	return err;
}

static int give_run(struct cc_many_run *run)
{
	const struct move to = {.kind = "assign", .agent = cc_change_new(run->form, "agent_id")};
	int err = use_customers(run);
	return err || !run->count ? err : customer_give(run, &to);
}

static int release_run(struct cc_many_run *run)
{
	int err = use_customers(run);
	return err || !run->count ? err : customer_recall(run);
}

static int move_run(struct cc_many_run *run)
{
	int err = use_customers(run);
	return err || !run->count ? err : call_task_put_run(run);
}

static const struct cc_column agent_columns[] = {
		CC_COLUMN("agent_id", CC_N("Agent"), NULL, OPTION, CC_COLUMN_FORM | CC_COLUMN_REQUIRED,
				.options = AGENT_OPTIONS, .help = CC_N("Of the task's group.")),
		{.name = NULL},
};

static const struct cc_many many[] = {
		{.name = "give",
				.label = CC_NC("action", "To an agent"),
				.permission = "assign",
				.question = CC_N("{n} customers will be an agent's, in this task."),
				.columns = agent_columns,
				.check = give_check,
				.run = give_run},
		{.name = "move",
				.label = CC_NC("action", "To another call task"),
				.permission = "assign",
				.question = CC_N("{n} customers will be called in a task."),
				.columns = call_task_put_columns,
				.check = call_task_put_check,
				.run = move_run},
		{.name = "release",
				.label = CC_NC("action", "Release"),
				.permission = "assign",
				.question = CC_N(
						"{n} customers will go to the public sea and out of their call tasks."),
				.run = release_run},
		{.name = NULL},
};

const struct cc_resource crm_call_list = {
		.name = "call-list",
		.title = CC_N("Call list"),
		.thing = CC_N("Customer of the task"),
		.path = "/crm/call-list/{task}",
		.permission = "crm.call_list",
		.actions = CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "call_task_customer",
		.from = OF_CUSTOMERS(""),
		.own = MINE,
		.group = MINE,
		.columns = columns,
		.page = "crm/call-list",
		.many = many,
		.vary = vary,
		.quick = quick,
		.quick_label = CC_N("Name or number (from three digits on)"),
		.summary = summary,
		.fill = fill,
		.note = CC_N("Deleting takes customers out of the task; whose they are does not change."),
		.dialing = customer_dialing,
};

/* GET /crm/call-card/{id}: a row of whatever task. */
int crm_call_list_card(struct cc_request *rq)
{
	struct cc_rows rows;
	const char *id = cc_param(rq, "id");
	int err = cc_db_query(rq->db, &rows,
			"SELECT customer_id FROM call_task_customer WHERE tenant_id = {tenant} AND id = ?", id);
	if (!err && !rows.count)
		return CC_E_NOENT;
	if (!err) /* the card looks who may see the customer */
		cc_redirect(
				rq, cc_sprintf(rq->arena, "/crm/card?customer=%s", cc_row_str(&rows.row[0], 0)));
	return err;
}
