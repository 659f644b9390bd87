/* SPDX-License-Identifier: GPL-2.0-or-later
 * OUT-01, OUT-02, CALL-13: call tasks as leaders and administrators set them up. */
#include "call_task.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "cc/dial.h"
#include "cc/tz.h"

#define LIST CC_COLUMN_ALL
#define MORE (CC_COLUMN_ALL | CC_COLUMN_HIDDEN)
#define FORM CC_COLUMN_FORM

static const char *const kinds[] = {CC_NC("call task kind", "click"), NULL};
static const char *const states[] = {CC_NC("call task state", "enabled"),
		CC_NC("call task state", "hidden"), CC_NC("call task state", "closed"), NULL};
static const char *const hides[] = {
		CC_NC("hide", "none"), CC_NC("hide", "middle"), CC_NC("hide", "all"), NULL};
static const char *const weekdays[] = {CC_NC("weekday", "1"), CC_NC("weekday", "2"),
		CC_NC("weekday", "3"), CC_NC("weekday", "4"), CC_NC("weekday", "5"), CC_NC("weekday", "6"),
		CC_NC("weekday", "7"), NULL};

#define NAME_OF(table, key)                                                                        \
	"(SELECT x.name FROM " table " x WHERE x.tenant_id = t.tenant_id AND x.id = t." key ")"

/* "9:5" is 09:05. */
static const char *check_time_of_day(struct cc_request *rq, const char **value)
{
	int hour, minute, end = 0;
	if (!**value)
		return NULL;
	if (sscanf(*value, "%2d:%2d%n", &hour, &minute, &end) != 2 || (*value)[end] || hour < 0 ||
			hour > 23 || minute < 0 || minute > 59)
		return cc_t(rq, "A time of day, like 09:00.");
	*value = cc_sprintf(rq->arena, "%02d:%02d", hour, minute);
	return NULL;
}

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Task number"), NULL, INT, LIST | CC_COLUMN_SORT,
				.link = "/crm/call-list/"),
		CC_COLUMN("name", CC_N("Task name"), NULL, TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 100,
				.unique = "call_task_name", .link = "/crm/call-tasks/"),
		CC_COLUMN("kind", CC_N("Kind"), NULL, CODE,
				LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED, .context = "call task kind",
				.codes = kinds, .initial = "click"),
		CC_COLUMN("state", CC_N("State"), NULL, CODE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_BATCH,
				.context = "call task state", .codes = states, .initial = "enabled",
				.help = CC_N("Hidden: on this page only. Closed: nobody works on it any more.")),
		CC_COLUMN("group_id", CC_N("Agent group"),
				"(SELECT CONCAT(x.number, ' ', x.name) FROM agent_group x WHERE x.tenant_id = "
				"t.tenant_id AND x.id = t.group_id)",
				OPTION, LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER,
				.options = GROUP_OPTIONS,
				.help = CC_N("Whose agents call its customers. It cannot be changed.")),
		CC_COLUMN("package_id", CC_N("Package"), NAME_OF("customer_package", "package_id"), OPTION,
				LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER,
				.options = CC_PACKAGE_OPEN,
				.help = CC_N("Whose customers it has. It cannot be changed.")),
		CC_COLUMN("priority", CC_N("Priority"), NULL, INT, MORE | FORM, .max = 1000, .initial = "0",
				.help = CC_N("Of several tasks of an agent the greatest comes first.")),
		CC_COLUMN("starts_at", CC_N("Begins"), NULL, TIME, LIST | FORM,
				.section = CC_N("Working time")),
		CC_COLUMN("ends_at", CC_N("Ends"), NULL, TIME, LIST | FORM),
		CC_COLUMN("weekdays", CC_N("Weekdays"), NULL, OPTIONS, FORM | CC_COLUMN_DETAIL,
				.context = "weekday", .codes = weekdays, .help = CC_N("None chosen: every day.")),
		CC_COLUMN("day_from", CC_N("From (time of day)"), NULL, TEXT, MORE | FORM, .max = 5,
				.check = check_time_of_day,
				.help = CC_N("Like 09:00. Outside of it its customers are not called from pages.")),
		CC_COLUMN("day_until", CC_N("Until (time of day)"), NULL, TEXT, MORE | FORM, .max = 5,
				.check = check_time_of_day),
		CC_COLUMN("hide", CC_N("Hide telephone numbers"), NULL, CODE,
				LIST | FORM | CC_COLUMN_REQUIRED, .context = "hide", .codes = hides,
				.initial = "none", .section = CC_N("Agents"),
				.help = CC_N("Of its customers, everywhere and for everybody. They can be called "
							 "all the same.")),
		CC_COLUMN("profile_id", CC_N("Outbound profile"), NAME_OF("outbound_profile", "profile_id"),
				OPTION, MORE | FORM,
				.options = "SELECT id, name FROM outbound_profile WHERE tenant_id = {tenant} ORDER "
						   "BY name",
				.section = CC_N("Calls outside"),
				.help = CC_N("None: the agent's, the department's, that of the preferences.")),
		CC_COLUMN("caller_id", CC_N("Caller id"), NULL, CHOICE, MORE | FORM,
				.choices = cc_caller_id_choices,
				.help = CC_N("Agents' own caller ids come before it.")),
		CC_COLUMN("fetch_count", CC_N("Customers that an agent fetches at once"), NULL, INT,
				MORE | FORM, .max = 1000, .initial = "0",
				.help = CC_N("0: agents do not fetch; they call whom they were given.")),
		CC_COLUMN("fetch_day", CC_N("And on one day at most"), NULL, INT, MORE | FORM,
				.max = 100000, .initial = "0", .help = CC_N("0: no limit.")),
		CC_COLUMN("note", CC_N("Note"), NULL, NOTE, MORE | FORM),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, MORE | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, MORE | CC_COLUMN_UPDATED),
		{.name = NULL},
};

/* A task of a closed package stays hidden. */
static int check_package(struct cc_change *c)
{
	const char *state = cc_change_new(c, "state");
	struct cc_rows rows;
	if (c->action != CC_EDIT || !state || strcmp(state, "enabled") != 0)
		return 0;
	int err = cc_db_query(c->rq->db, &rows,
			"SELECT 1 FROM call_task k JOIN customer_package p ON p.tenant_id = k.tenant_id AND "
			"p.id = k.package_id AND p.state = 'closed' WHERE k.tenant_id = {tenant} AND k.id = ?",
			c->id);
	if (!err && rows.count)
		return cc_change_refuse(c, "state", cc_t(c->rq, "The customer package is closed."));
	return err;
}

static int check(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	const char *from = cc_change_new(c, "day_from"), *until = cc_change_new(c, "day_until");
	int64_t starts = cc_change_new_int(c, "starts_at", 0),
			ends = cc_change_new_int(c, "ends_at", 0);
	struct cc_rows rows;
	int err = check_package(c);
	if (err)
		return err;
	if ((from && *from) != (until && *until))
		return cc_change_refuse(c, "day_until", cc_t(rq, "Both times of day, or none."));
	if (from && *from && strcmp(from, until) >= 0)
		return cc_change_refuse(c, "day_until", cc_t(rq, "This is not behind the begin."));
	if (starts && ends && starts >= ends)
		return cc_change_refuse(c, "ends_at", cc_t(rq, "This is not behind the begin."));
	if (rq->user->scope == CC_SCOPE_ALL || c->action != CC_CREATE)
		return 0;
	err = cc_db_query(rq->db, &rows,
			"SELECT g.id FROM agent_group g WHERE g.tenant_id = {tenant} AND g.id = ? AND g.id IN "
			"(" CC_LED_GROUPS ")",
			cc_change_new(c, "group_id"));
	if (!err && !rows.count)
		return cc_change_refuse(c, "group_id", cc_t(rq, "You do not lead this group."));
	return err;
}

/* Its customers stay; they are in no task then. */
static int deleting(struct cc_change *c)
{
	return cc_db_exec(c->rq->db,
			"DELETE FROM call_task_customer WHERE tenant_id = {tenant} AND task_id = ?", c->id);
}

/* The same settings under another name, without customers. */
static int clone(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	int err = cc_db_exec(rq->db,
			"INSERT INTO call_task (tenant_id, name, kind, package_id, group_id, state, priority, "
			"starts_at, ends_at, day_from, day_until, weekdays, hide, profile_id, caller_id, "
			"fetch_count, fetch_day, "
			"note, "
			"created_at, updated_at) SELECT t.tenant_id, (WITH RECURSIVE n AS (SELECT 2 AS i UNION "
			"ALL SELECT i + 1 FROM n WHERE i < 99) SELECT CONCAT(LEFT(t.name, 94), ' (', i, ')') "
			"FROM n WHERE NOT EXISTS (SELECT 1 FROM call_task o WHERE o.tenant_id = {tenant} AND "
			"o.name = CONCAT(LEFT(t.name, 94), ' (', i, ')')) ORDER BY i LIMIT 1), t.kind, "
			"t.package_id, t.group_id, t.state, t.priority, t.starts_at, t.ends_at, t.day_from, "
			"t.day_until, t.weekdays, t.hide, t.profile_id, t.caller_id, t.fetch_count, "
			"t.fetch_day, t.note, ?, ? FROM "
			"call_task t WHERE t.tenant_id = {tenant} AND t.id = ?",
			rq->now_ms, rq->now_ms, key);
	if (!err)
		cc_redirect(rq, cc_sprintf(rq->arena, "%s/%" PRId64, r->path, cc_db_insert_id(rq->db)));
	return err;
}

static int customers(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	cc_redirect(rq, cc_sprintf(rq->arena, "/crm/call-list/%s", key));
	return 0;
}

static const struct cc_action buttons[] = {
		{.name = "customers", .label = CC_NC("action", "Customers"), .run = customers},
		{.name = "clone", .label = CC_NC("action", "Clone"), .permission = "create", .run = clone},
		{.name = NULL},
};

#define OF_MANAGED                                                                                 \
	"SELECT m.group_id FROM agent_group_member m WHERE m.tenant_id = {tenant} AND m.agent_id IN "  \
	"(" CC_MANAGED_AGENTS("id") ")"

const struct cc_resource crm_call_tasks = {
		.name = "call-tasks",
		.title = CC_N("Call tasks"),
		.thing = CC_N("Call task"),
		.path = "/crm/call-tasks",
		.permission = "crm.call_task",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "call_task",
		.where = "t.tenant_id = {tenant} AND " CC_PACKAGE_SHOWN("tasks", "t.package_id"),
		.group = "t.group_id IN (" CC_LED_GROUPS ")",
		.department = "t.group_id IN (" CC_LED_GROUPS ") OR t.group_id IN (" OF_MANAGED ")",
		.columns = columns,
		.buttons = buttons,
		.note = CC_N("Customers come into a task by the list of customers (To a call task) or by "
					 "an import."),
		.check = check,
		.deleting = deleting,
};

/* ---- one task ---- */

/* The number, if the tenant may still show it: otherwise it is passed over. */
#define OWNED(number)                                                                              \
	"IF(EXISTS (SELECT 1 FROM did d WHERE d.tenant_id = {tenant} AND d.number = " number           \
	") OR EXISTS (SELECT 1 FROM caller_id i WHERE i.for_tenant = {tenant} AND i.number = " number  \
	" AND i.state = 'enabled'), " number ", '')"

static int load(struct cc_request *rq, const char *from, int64_t id, struct call_task *task)
{
	const struct cc_bind bind = cc_bind_int(id);
	struct cc_rows rows;
	struct cc_buf sql = cc_buf_new(rq->arena);
	cc_buf_str(&sql, "SELECT k.id, k.package_id, k.group_id, k.name, k.state = 'enabled', k.hide, "
					 "k.starts_at, k.ends_at, k.day_from, k.day_until, k.weekdays, k.fetch_count, "
					 "k.fetch_day, m.leader, k.profile_id, " OWNED("k.caller_id") " FROM ");
	cc_buf_str(&sql, from);
	int err = cc_db_query_text(rq->db, &rows, cc_buf_text(&sql), &bind, 1);
	*task = (struct call_task){.name = ""};
	if (err || !rows.count)
		return err;
	const struct cc_row *row = &rows.row[0];
	*task = (struct call_task){
			.id = cc_row_int(row, 0, 0),
			.package = cc_row_int(row, 1, 0),
			.group = cc_row_int(row, 2, 0),
			.name = cc_row_str(row, 3),
			.enabled = cc_row_int(row, 4, 0),
			.hide = cc_hide_parse(row->v[5]),
			.starts_at = cc_row_int(row, 6, 0),
			.ends_at = cc_row_int(row, 7, 0),
			.day_from = cc_row_str(row, 8),
			.day_until = cc_row_str(row, 9),
			.weekdays = cc_row_str(row, 10),
			.fetch_count = cc_row_int(row, 11, 0),
			.fetch_day = cc_row_int(row, 12, 0),
			.member = row->v[13],
			.leads = cc_row_int(row, 13, 0),
			.profile = cc_row_int(row, 14, 0),
			.caller_id = cc_row_str(row, 15),
	};
	return 0;
}

#define MEMBER                                                                                     \
	" LEFT JOIN agent_group_member m ON m.tenant_id = k.tenant_id AND m.group_id = k.group_id "    \
	"AND "                                                                                         \
	"m.agent_id = " MY_AGENT

int call_task_load(struct cc_request *rq, int64_t id, struct call_task *task)
{
	int err = load(rq,
			"call_task k" MEMBER " WHERE k.tenant_id = {tenant} AND k.id = ? AND " CC_PACKAGE_SHOWN(
					"tasks", "k.package_id"),
			id, task);
	return err ? err : task->id ? 0 : CC_E_NOENT;
}

int call_task_of(struct cc_request *rq, int64_t customer, struct call_task *task)
{
	return load(rq,
			"call_task_customer x JOIN call_task k ON k.tenant_id = x.tenant_id AND k.id = "
			"x.task_id" MEMBER " WHERE x.tenant_id = {tenant} AND x.customer_id = ?",
			customer, task);
}

int customer_hides(struct cc_request *rq, int64_t customer, enum cc_hide *hide)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows, "SELECT " HIDDEN_OF("?") " FROM DUAL", customer);
	enum cc_hide own = err || !rows.count ? CC_HIDE_NONE : cc_hide_parse(rows.row[0].v[0]);
	*hide = own > *hide ? own : *hide;
	return err;
}

enum cc_hide package_hides(struct cc_request *rq, const struct cc_resource *r)
{
	enum cc_hide hide = cc_resource_masks(rq, r, "phone");
	struct cc_rows rows;
	if (cc_db_query(rq->db, &rows,
				"SELECT k.hide FROM call_task k WHERE k.tenant_id = {tenant} AND k.package_id = ? "
				"ORDER BY k.hide DESC LIMIT 1",
				customer_package(r)->id))
		return CC_HIDE_ALL;
	enum cc_hide own = rows.count ? cc_hide_parse(rows.row[0].v[0]) : CC_HIDE_NONE;
	return own > hide ? own : hide;
}

const char *call_task_resting(struct cc_request *rq, const struct call_task *task)
{
	const struct cc_local now = cc_time_local(rq, rq->now_ms);
	const char *time = cc_sprintf(rq->arena, "%02d:%02d", now.hour, now.minute);
	bool date = (!task->starts_at || rq->now_ms >= task->starts_at) &&
				(!task->ends_at || rq->now_ms < task->ends_at);
	bool hours = !*task->day_from ||
				 (strcmp(time, task->day_from) >= 0 && strcmp(time, task->day_until) < 0);
	bool day = !*task->weekdays || strchr(task->weekdays, '0' + (now.weekday ? now.weekday : 7));
	return date && hours && day
				   ? NULL
				   : cc_sprintf(rq->arena, "%s %s",
							 cc_t(rq, "It is not the time to call customers of this task:"),
							 task->name);
}
