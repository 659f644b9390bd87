/* SPDX-License-Identifier: GPL-2.0-or-later
 * ORG-05: groups of agents with leaders. Every group has one queue, of the same number. */
#include <stdlib.h>
#include <string.h>
#include "admin.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define VIRTUAL (CC_COLUMN_FORM | CC_COLUMN_VIRTUAL)
#define MORE                                                                                       \
	(CC_COLUMN_PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_SEARCH | CC_COLUMN_JSON | CC_COLUMN_DETAIL)
#define QUEUE (MORE | FORM | CC_COLUMN_BATCH)

#define COUNT_OF(condition)                                                                        \
	"(SELECT COUNT(*) FROM agent_group_member m WHERE m.tenant_id = t.tenant_id AND m.group_id = " \
	"t.id AND " condition ")"
#define IDS_OF(condition)                                                                          \
	"(SELECT GROUP_CONCAT(m.agent_id ORDER BY m.position) FROM agent_group_member m WHERE "        \
	"m.tenant_id = t.tenant_id AND m.group_id = t.id AND " condition ")"
#define LEADERS                                                                                    \
	"(SELECT GROUP_CONCAT(a.name, '(', a.number, ')' ORDER BY m.position SEPARATOR ', ') FROM "    \
	"agent_group_member m JOIN agent a ON a.tenant_id = m.tenant_id AND a.id = m.agent_id WHERE "  \
	"m.tenant_id = t.tenant_id AND m.group_id = t.id AND m.leader = 1)"
#define ORDER                                                                                      \
	"(SELECT GROUP_CONCAT(a.number ORDER BY m.position) FROM agent_group_member m JOIN agent a "   \
	"ON a.tenant_id = m.tenant_id AND a.id = m.agent_id WHERE m.tenant_id = t.tenant_id AND "      \
	"m.group_id = t.id AND m.takes_calls = 1)"
#define AGENT_OPTIONS                                                                              \
	"SELECT id, CONCAT(number, ' ', name) FROM agent WHERE tenant_id = {tenant} AND live = 1 "     \
	"ORDER BY LENGTH(number), number"

static const char *const strategies[] = {CC_NC("strategy", "longest_idle"),
		CC_NC("strategy", "fewest_calls"), CC_NC("strategy", "linear"),
		CC_NC("strategy", "round_robin"), CC_NC("strategy", "random"),
		CC_NC("strategy", "ring_all"), NULL};
static const char *const wrapups[] = {
		CC_NC("wrapup", "off"), CC_NC("wrapup", "answered"), CC_NC("wrapup", "ringing"), NULL};

static const char *check_number(struct cc_request *rq, const char **value)
{
	return (*value)[strspn(*value, "0123456789")] || **value == '0'
				   ? cc_t(rq, "Digits, the first of them not 0.")
				   : NULL;
}

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("number", CC_N("Group number"), "t.number", TEXT,
				LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_SORT |
						CC_COLUMN_QUICK,
				.min = 2, .max = 8, .unique = "agent_group_number", .check = check_number,
				.link = "/admin/groups/",
				.help = CC_N("The number of its queue too. It cannot be changed.")),
		CC_COLUMN("name", CC_N("Group name"), "t.name", TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 50),
		CC_COLUMN("state", CC_N("State"), "t.state", CODE,
				LIST | FORM | CC_COLUMN_FILTER | CC_COLUMN_BATCH | CC_COLUMN_REQUIRED,
				.context = "state", .codes = admin_states, .initial = "enabled"),
		CC_COLUMN("member_count", CC_N("Members"), COUNT_OF("m.takes_calls = 1"), INT, LIST),
		CC_COLUMN("leader_names", CC_N("Leaders"), LEADERS, TEXT, LIST),
		CC_COLUMN("members", CC_N("Members"), NULL, OPTIONS, VIRTUAL,
				.value = IDS_OF("m.takes_calls = 1"), .options = AGENT_OPTIONS),
		CC_COLUMN("order", CC_N("Order of the members"), NULL, TAGS, VIRTUAL, .value = ORDER,
				.max = 4000,
				.help = CC_N("Agent numbers with commas between them. It decides ties; who is left "
							 "out comes behind.")),
		CC_COLUMN("leaders", CC_N("Leaders"), NULL, OPTIONS, VIRTUAL,
				.value = IDS_OF("m.leader = 1"), .options = AGENT_OPTIONS,
				.help = CC_N("They see and manage the group, listen in, whisper and barge. They "
							 "need not be members.")),
		CC_COLUMN("wrapup", CC_N("After-call work"), "t.wrapup", CODE, QUEUE | CC_COLUMN_REQUIRED,
				.context = "wrapup", .codes = wrapups, .initial = "answered",
				.section = CC_N("Advanced")),
		CC_COLUMN("wrapup_s", CC_N("It ends after (seconds)"), "t.wrapup_s", INT, QUEUE, .min = 0,
				.max = 86400, .initial = "10", .help = CC_N("0: until ended by hand.")),
		CC_COLUMN("strategy", CC_N("Ringing strategy"), "t.strategy", CODE,
				LIST | FORM | CC_COLUMN_BATCH | CC_COLUMN_REQUIRED, .context = "strategy",
				.codes = strategies, .initial = "longest_idle", .section = CC_N("Queue")),
		CC_COLUMN("ring_timeout_s", CC_N("Ringing time of an agent (seconds)"), "t.ring_timeout_s",
				INT, QUEUE, .min = 1, .max = 3600, .initial = "30"),
		CC_COLUMN("max_wait_s", CC_N("Longest wait (seconds)"), "t.max_wait_s", INT, QUEUE,
				.min = 0, .max = 86400, .initial = "180", .help = CC_N("0: no limit.")),
		CC_COLUMN("retry_delay_s", CC_N("Pause before the next agent (seconds)"), "t.retry_delay_s",
				INT, QUEUE, .min = 0, .max = 3600, .initial = "1"),
		CC_COLUMN("max_waiting", CC_N("Most waiting calls"), "t.max_waiting", INT, QUEUE, .min = 0,
				.max = 100000, .initial = "0", .help = CC_N("0: no limit.")),
		CC_COLUMN("join_empty", CC_N("Calls may wait when nobody is signed in"), "t.join_empty",
				BOOL, QUEUE, .initial = "1"),
		CC_COLUMN("auto_pause", CC_N("Pause an agent that does not answer"), "t.auto_pause", BOOL,
				QUEUE),
		CC_COLUMN("announce_position", CC_N("Say the position"), "t.announce_position", BOOL, QUEUE,
				.initial = "1"),
		CC_COLUMN("announce_period_s", CC_N("Every (seconds)"), "t.announce_period_s", INT, QUEUE,
				.min = 0, .max = 3600, .initial = "20", .help = CC_N("0: never.")),
		CC_COLUMN("record", CC_N("Record the calls"), "t.record", BOOL, QUEUE, .initial = "1"),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, MORE | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, MORE | CC_COLUMN_UPDATED),
		{.name = NULL},
};

static int check(struct cc_change *c)
{
	struct cc_rows rows;
	const char *number = cc_change_new(c, "number");
	if (c->action != CC_CREATE)
		return 0;
	int err = cc_db_query(c->rq->db, &rows,
			"SELECT 1 FROM agent WHERE tenant_id = {tenant} AND number = ? AND live = 1", number);
	if (!err && rows.count)
		return cc_change_refuse(c, "number", cc_t(c->rq, "An agent has this number."));
	return err;
}

/* ---- members ---- */

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);
	while (list && *list) {
		size_t n = strcspn(list, ",");
		if (n == len && !memcmp(list, word, len))
			return true;
		list += n + (list[n] == ',');
	}
	return false;
}

/* Place of the number in the list, a high one if it is not there. */
static int64_t place(const char *list, const char *number)
{
	int64_t n = 1;
	size_t len = strlen(number);
	for (; list && *list; n++) {
		size_t word = strcspn(list, ",");
		if (word == len && !memcmp(list, number, len))
			return n;
		list += word + (list[word] == ',');
	}
	return 100000;
}

/* The rows are changed one by one, never deleted and made again: a membership keeps its priority
 * and whatever else hangs on it. */
static int set_member(struct cc_change *c, const struct cc_row *agent, const char *members,
		const char *leaders, const char *order)
{
	struct cc_request *rq = c->rq;
	const char *id = cc_row_str(agent, 0), *number = cc_row_str(agent, 1);
	bool member = has_word(members, id), leader = has_word(leaders, id);
	bool is_there = agent->v[2];
	if (!member && !leader)
		return is_there ? cc_db_exec(rq->db,
								  "DELETE FROM agent_group_member WHERE tenant_id = {tenant} "
								  "AND group_id = ? AND agent_id = ?",
								  c->id, id)
						: 0;
	/* a new member of no other workbench slot takes a free one (ORG-09) */
	return cc_db_exec(rq->db,
			"INSERT INTO agent_group_member (tenant_id, group_id, agent_id, leader, takes_calls, "
			"position, slot) SELECT {tenant}, ?, ?, ?, ?, ?, IF(?, n.free, NULL) FROM "
			"(SELECT CASE WHEN COALESCE(MAX(slot = 1), 0) = 0 THEN 1 "
			"WHEN COALESCE(MAX(slot = 2), 0) = 0 THEN 2 END AS free FROM agent_group_member "
			"WHERE tenant_id = {tenant} AND agent_id = ?) n "
			"ON DUPLICATE KEY UPDATE leader = VALUES(leader), takes_calls = VALUES(takes_calls), "
			"position = VALUES(position)",
			c->id, id, leader, member, place(order, number) * 1000 + cc_row_int(agent, 3, 0),
			member, id);
}

static int set_members(struct cc_change *c)
{
	struct cc_rows rows;
	const char *members = cc_change_new(c, "members"), *leaders = cc_change_new(c, "leaders");
	const char *order = cc_change_new(c, "order");
	int err = cc_db_query(c->rq->db, &rows,
			"SELECT a.id, a.number, m.agent_id, ROW_NUMBER() OVER (ORDER BY "
			"m.position IS NULL, m.position, LENGTH(a.number), a.number) "
			"FROM agent a LEFT JOIN agent_group_member m ON m.tenant_id = a.tenant_id "
			"AND m.agent_id = a.id AND m.group_id = ? WHERE a.tenant_id = {tenant} AND a.live = 1",
			c->id);
	for (size_t i = 0; i < rows.count && !err; i++)
		err = set_member(c, &rows.row[i], members, leaders, order);
	/* 1, 2, 3 … */
	if (!err)
		err = cc_db_exec(c->rq->db,
				"UPDATE agent_group_member m JOIN (SELECT agent_id, ROW_NUMBER() OVER (ORDER BY "
				"position) AS place FROM agent_group_member WHERE tenant_id = {tenant} AND "
				"group_id = ?) o ON o.agent_id = m.agent_id SET m.position = o.place "
				"WHERE m.tenant_id = {tenant} AND m.group_id = ?",
				c->id, c->id);
	return err;
}

static int saved(struct cc_change *c)
{
	bool members = cc_change_differs(c, "members") || cc_change_differs(c, "leaders") ||
				   cc_change_differs(c, "order");
	int err = members ? set_members(c) : 0;
	return err ? err : admin_changed(c->rq);
}

static int deleting(struct cc_change *c)
{
	int err = cc_db_exec(c->rq->db,
			"DELETE FROM agent_group_member WHERE tenant_id = {tenant} AND group_id = ?", c->id);
	return err ? err : admin_changed(c->rq);
}

static const struct cc_use uses[] = {
		{CC_NC("use", "Access numbers"),
				"SELECT d.number FROM did d JOIN agent_group g ON g.tenant_id = d.tenant_id AND "
				"g.number = d.target WHERE d.tenant_id = {tenant} AND d.target_kind = 'queue' "
				"AND g.id = ? AND g.live = 1"},
		{NULL, NULL},
};

const struct cc_resource admin_groups = {
		.name = "groups",
		.title = CC_N("Agent groups"),
		.thing = CC_N("Agent group"),
		.path = "/admin/groups",
		.permission = "admin.group",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "agent_group",
		.where = "t.tenant_id = {tenant} AND t.live = 1",
		.live = "live",
		.own = "t.id IN (SELECT m.group_id FROM agent_group_member m JOIN agent a ON a.tenant_id = "
			   "m.tenant_id AND a.id = m.agent_id WHERE m.tenant_id = {tenant} AND a.number = "
			   "{agent} AND a.live = 1)",
		.group = "t.id IN (SELECT m.group_id FROM agent_group_member m JOIN agent a ON a.tenant_id "
				 "= m.tenant_id AND a.id = m.agent_id WHERE m.tenant_id = {tenant} AND a.number = "
				 "{agent} AND a.live = 1 AND m.leader = 1)",
		.columns = columns,
		.uses = uses,
		.check = check,
		.saved = saved,
		.deleting = deleting,
		.committed = admin_reload,
};
