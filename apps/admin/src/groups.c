/* SPDX-License-Identifier: GPL-2.0-or-later
 * ORG-05, TEL-05, TEL-07, TEL-08: groups of agents with leaders. Every group has one queue, of the
 * same number: the form has all its options (docs/queues.md), in the order of a call. */
#include <stdlib.h>
#include <string.h>
#include "admin.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define VIRTUAL (CC_COLUMN_FORM | CC_COLUMN_VIRTUAL)
#define MORE                                                                                       \
	(CC_COLUMN_PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_SEARCH | CC_COLUMN_JSON | CC_COLUMN_DETAIL)
#define QUEUE (MORE | FORM | CC_COLUMN_BATCH)
#define CHOSEN (QUEUE & ~CC_COLUMN_DETAIL) /* names of prompts are no words */
#define SHOWN (FORM | CC_COLUMN_VIRTUAL | CC_COLUMN_SHOWN)
#define PROMPT(name_, label_, ...)                                                                 \
	CC_COLUMN(name_, label_, "t." name_, CHOICE, CHOSEN, .choices = admin_prompt_choices,          \
			__VA_ARGS__)
#define SECONDS(name_, label_, min_, max_, initial_, ...)                                          \
	CC_COLUMN(name_, label_, "t." name_, INT, QUEUE | CC_COLUMN_REQUIRED, .min = min_,             \
			.max = max_, .initial = initial_, __VA_ARGS__)

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
/* Keys and where they lead. */
#define KEYS ADMIN_KEYS("agent_group_key", "digit", "group_id")
#define SKILLS                                                                                     \
	"(SELECT GROUP_CONCAT(s.name, ' ', n.level ORDER BY s.name SEPARATOR ', ') FROM "              \
	"agent_group_skill n JOIN skill s ON s.tenant_id = n.tenant_id AND s.id = n.skill_id WHERE "   \
	"n.tenant_id = t.tenant_id AND n.group_id = t.id)"
#define VIPS                                                                                       \
	"(SELECT COUNT(*) FROM vip_customer v WHERE v.tenant_id = t.tenant_id AND v.group_id = t.id)"
#define STATIC_MEMBERS                                                                             \
	"(SELECT GROUP_CONCAT(a.number ORDER BY m.position SEPARATOR ', ') FROM agent_group_member m " \
	"JOIN agent a ON a.tenant_id = m.tenant_id AND a.id = m.agent_id WHERE m.tenant_id = "         \
	"t.tenant_id AND m.group_id = t.id AND m.fixed = 1)"

static const char *const strategies[] = {CC_NC("strategy", "longest_idle"),
		CC_NC("strategy", "fewest_calls"), CC_NC("strategy", "linear"),
		CC_NC("strategy", "round_robin"), CC_NC("strategy", "random"),
		CC_NC("strategy", "ring_all"), NULL};
static const char *const wrapups[] = {
		CC_NC("wrapup", "off"), CC_NC("wrapup", "answered"), CC_NC("wrapup", "ringing"), NULL};

const char *admin_group_number_check(struct cc_request *rq, const char **value)
{
	return (*value)[strspn(*value, "0123456789")] || **value == '0'
				   ? cc_t(rq, "Digits, the first of them not 0.")
				   : NULL;
}

/* Kinds of targets are words of the database, behind the key. */
const char *admin_keys_text(struct cc_request *rq, const char *value)
{
	static const char *const words[] = {"callback", "hangup", "back", "voicemail"};
	enum
	{
		WORDS = sizeof words / sizeof *words
	};
	struct cc_buf b = cc_buf_new(rq->arena);
	for (const char *p = value ? value : ""; *p;) {
		size_t i = p - value > 1 && !strncmp(p - 2, ": ", 2) ? 0 : WORDS;
		while (i < WORDS && strncmp(p, words[i], strlen(words[i])))
			i++;
		if (i == WORDS) {
			cc_buf_add(&b, p++, 1);
			continue;
		}
		cc_buf_str(&b, cc_tc(rq, "target", words[i]));
		p += strlen(words[i]);
	}
	return cc_buf_text(&b);
}

void admin_keys_json(struct cc_request *rq, struct cc_jsonw *w, const char *name,
		const struct cc_row *row, size_t column)
{
	cc_jsonw_str(w, name, row->v[column]);
}

const char *admin_prefix_check(struct cc_request *rq, const char **value)
{
	return (*value)[strspn(*value, "0123456789*+-")] ? cc_t(rq, "Digits, *, + and - only.") : NULL;
}

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("number", CC_N("Group number"), "t.number", TEXT,
				LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_SORT |
						CC_COLUMN_QUICK,
				.min = 2, .max = 8, .unique = "agent_group_number",
				.check = admin_group_number_check, .link = "/admin/groups/",
				.help = CC_N("The number of its queue too. It cannot be changed.")),
		CC_COLUMN("name", CC_N("Group name"), "t.name", TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 50),
		CC_COLUMN("state", CC_N("State"), "t.state", CODE,
				LIST | FORM | CC_COLUMN_FILTER | CC_COLUMN_BATCH | CC_COLUMN_REQUIRED,
				.context = "state", .codes = admin_states, .initial = "enabled"),
		CC_COLUMN("member_count", CC_N("Members"), COUNT_OF("m.takes_calls = 1"), INT, LIST,
				.link = "/admin/members?group="),
		CC_COLUMN("leader_names", CC_N("Leaders"), LEADERS, TEXT, LIST),
		CC_COLUMN("members", CC_N("Members"), NULL, OPTIONS, VIRTUAL, .section = CC_N("People"),
				.value = IDS_OF("m.takes_calls = 1"), .options = ADMIN_AGENT_OPTIONS),
		CC_COLUMN("leaders", CC_N("Leaders"), NULL, OPTIONS, VIRTUAL,
				.value = IDS_OF("m.leader = 1"), .options = ADMIN_AGENT_OPTIONS,
				.help = CC_N("They see and manage the group, listen in, whisper and barge. They "
							 "need not be members.")),
		CC_COLUMN("order", CC_N("Order of the members"), NULL, TAGS, VIRTUAL, .value = ORDER,
				.max = 4000,
				.help = CC_N("Agent numbers with commas between them. It decides ties; who is left "
							 "out comes behind.")),
		CC_COLUMN("static_members", CC_N("Always signed in, priorities"), NULL, TEXT, SHOWN,
				.value = "COALESCE(" STATIC_MEMBERS ", '-')", .link = "/admin/members?group=",
				.help = CC_N("Static members cannot sign out of this queue.")),
		CC_COLUMN("strategy", CC_N("Ringing strategy"), "t.strategy", CODE,
				LIST | FORM | CC_COLUMN_BATCH | CC_COLUMN_REQUIRED, .context = "strategy",
				.codes = strategies, .initial = "longest_idle", .section = CC_N("Dispatch"),
				.help = CC_N("After skills and priorities have chosen; ties by the order of the "
							 "members.")),
		SECONDS("ring_timeout_s", CC_N("Ringing time of an agent (seconds)"), 1, 3600, "30"),
		SECONDS("retry_delay_s", CC_N("Pause before the next agent (seconds)"), 0, 3600, "1",
				.help = CC_N("The call keeps its place; who did not answer is not called by this "
							 "queue for as long.")),
		CC_COLUMN("skills", CC_N("Skills that callers need"), SKILLS, TEXT, MORE | SHOWN,
				.value = "COALESCE(" SKILLS ", '-')", .link = "/admin/queue-skills?group="),
		SECONDS("relax_s", CC_N("One level less after (seconds)"), 0, 86400, "0",
				.help = CC_N("A caller who has waited this long needs one level less of every "
							 "skill. 0: never.")),
		CC_COLUMN("vips", CC_N("VIP customers"), VIPS, INT, MORE | SHOWN, .value = VIPS,
				.link = "/admin/vips?group="),
		CC_COLUMN("auto_pause", CC_N("Pause an agent that does not answer"), "t.auto_pause", BOOL,
				QUEUE, .section = CC_N("Agents and their phones")),
		CC_COLUMN("auto_answer", CC_N("Phones answer by themselves"), "t.auto_answer", BOOL, QUEUE,
				.help = CC_N("Phones that understand it are asked to.")),
		CC_COLUMN("auto_answer_click", CC_N("Own phones answer by themselves for click-to-call"),
				"t.auto_answer_click", BOOL, QUEUE, .initial = "1",
				.help = CC_N("Otherwise members take up their phone first.")),
		CC_COLUMN("auto_answer_predictive",
				CC_N("Phones answer by themselves for predictive calls"),
				"t.auto_answer_predictive", BOOL, QUEUE, .initial = "1",
				.help = CC_N("The customer is on the line already.")),
		CC_COLUMN("record", CC_N("Record the calls"), "t.record", BOOL, QUEUE, .initial = "1"),
		CC_COLUMN("prefix_name", CC_N("Before the caller's name"), "t.prefix_name", TEXT, QUEUE,
				.max = 32, .help = CC_N("Shown on the agent's phone.")),
		CC_COLUMN("prefix_number", CC_N("Before the caller's number"), "t.prefix_number", TEXT,
				QUEUE, .max = 16, .check = admin_prefix_check),
		CC_COLUMN("wrapup", CC_N("After-call work"), "t.wrapup", CODE, QUEUE | CC_COLUMN_REQUIRED,
				.context = "wrapup", .codes = wrapups, .initial = "answered"),
		SECONDS("wrapup_s", CC_N("It ends after (seconds)"), 0, 86400, "10",
				.help = CC_N("0: until ended by hand.")),
		PROMPT("entry_prompt", CC_N("Greeting"), .initial = "queue_welcome",
				.section = CC_N("On the way in")),
		PROMPT("holiday_prompt", CC_N("Greeting on holidays"),
				.help = CC_N("Instead of the greeting, on days of the page Holidays.")),
		CC_COLUMN("max_waiting", CC_N("Most waiting calls"), "t.max_waiting", INT,
				QUEUE | CC_COLUMN_REQUIRED, .min = 0, .max = 100000, .initial = "0",
				.help = CC_N("0: no limit.")),
		CC_COLUMN("join_empty", CC_N("Calls may wait when nobody is signed in"), "t.join_empty",
				BOOL, QUEUE, .initial = "1"),
		CC_COLUMN("music", CC_N("Waiting music"), "t.music", CHOICE, CHOSEN,
				.initial = "music/hold", .choices = admin_music_choices,
				.section = CC_N("While callers wait")),
		CC_COLUMN("announce_position", CC_N("Say the position"), "t.announce_position", BOOL, QUEUE,
				.initial = "1"),
		CC_COLUMN("announce_wait", CC_N("Say the estimated wait"), "t.announce_wait", BOOL, QUEUE,
				.help = CC_N("In minutes, once it is known and up to an hour.")),
		SECONDS("announce_period_s", CC_N("Both every (seconds)"), 0, 86400, "20",
				.help = CC_N("0: on entry only.")),
		PROMPT("periodic_prompt", CC_N("Announcement again and again")),
		SECONDS("periodic_s", CC_N("Every (seconds)"), 1, 86400, "60"),
		CC_COLUMN("keys", CC_N("Keys and where they lead"), KEYS, CUSTOM,
				CC_COLUMN_PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_JSON | SHOWN, .text = admin_keys_text,
				.json = admin_keys_json, .section = CC_N("Key menu while waiting"),
				.value = "COALESCE(" KEYS ", '-')", .link = "/admin/queue-keys?group=",
				.help = CC_N("Another queue, an agent, a voicemail, an announcement, a number "
							 "outside, the end, or a call-back that keeps the place.")),
		PROMPT("menu_prompt", CC_N("Prompt that tells the keys")),
		SECONDS("menu_period_s", CC_N("Again every (seconds)"), 0, 86400, "0",
				.help = CC_N("0: on entry only.")),
		CC_COLUMN("menu_repeat", CC_N("Times in a row"), "t.menu_repeat", INT,
				QUEUE | CC_COLUMN_REQUIRED, .min = 1, .max = 10, .initial = "1"),
		PROMPT("agent_prompt", CC_N("Announcement to both"),
				.section = CC_N("Before caller and agent talk")),
		CC_COLUMN(
				"announce_agent", CC_N("Say the agent's number"), "t.announce_agent", BOOL, QUEUE),
		PROMPT("agent_number_before", CC_N("Before the number"), .initial = "agent_number_before"),
		PROMPT("agent_number_after", CC_N("After the number"), .initial = "agent_number_after"),
		CC_COLUMN("hold_music", CC_N("Music while the agent holds"), "t.hold_music", CHOICE, CHOSEN,
				.initial = "music/hold", .choices = admin_music_choices),
		SECONDS("max_wait_s", CC_N("Longest wait (seconds)"), 0, 86400, "180",
				.section = CC_N("On the way out"), .help = CC_N("0: no limit.")),
		CC_COLUMN("leave_empty", CC_N("Leave when nobody is signed in any more"), "t.leave_empty",
				BOOL, QUEUE),
		CC_COLUMN("no_agent_overflow", CC_N("Leave when nobody is on duty"), "t.no_agent_overflow",
				BOOL, QUEUE, .help = CC_N("On duty: online, not paused, with a registered phone.")),
		CC_COLUMN("overflow", CC_N("Callers who leave, or find it full, go to"), NULL, CHOICE,
				FORM | CC_COLUMN_VIRTUAL | CC_COLUMN_BATCH,
				.value = ADMIN_TARGET_VALUE("t.overflow_kind", "t.overflow_target"),
				.initial = "hangup:", .choices = admin_target_choices),
		CC_COLUMN("overflow_number", CC_N("Number outside"), NULL, TEXT,
				FORM | CC_COLUMN_VIRTUAL | CC_COLUMN_BATCH, .max = 32,
				.value = ADMIN_OUTSIDE_VALUE("t.overflow_kind", "t.overflow_target"),
				.check = admin_number_check, .help = ADMIN_OUTSIDE_HELP),
		PROMPT("greeting", CC_N("Greeting of the voicemail"),
				.help = CC_N("None: that of the preferences.")),
		CC_COLUMN("overflow_kind", CC_N("Overflow to"), "t.overflow_kind", CODE,
				MORE | CC_COLUMN_STORED, .context = "target", .codes = admin_target_kinds),
		CC_COLUMN("overflow_target", CC_N("Overflow target"),
				ADMIN_TARGET_TEXT("t", "overflow_kind", "overflow_target"), TEXT,
				(MORE & ~CC_COLUMN_DETAIL) | CC_COLUMN_STORED),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, MORE | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, MORE | CC_COLUMN_UPDATED),
		{.name = NULL},
};

static int check(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	const char *number = cc_change_new(c, "number"), *taken = NULL;
	int err = admin_target_store(
			c, "overflow", "overflow_number", "overflow_kind", "overflow_target");
	if (err)
		return err;
	if (!strcmp(cc_change_new(c, "overflow_kind"), "queue") &&
			!strcmp(cc_change_new(c, "overflow_target"), number))
		cc_change_refuse(c, "overflow", cc_t(rq, "This is the queue itself."));
	if (c->action == CC_CREATE)
		err = admin_inside_taken(rq, number, &taken);
	return taken ? cc_change_refuse(c, "number", taken) : err;
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
	int err = cc_db_exec(rq->db,
			"INSERT INTO agent_group_member (tenant_id, group_id, agent_id, leader, takes_calls, "
			"position) VALUES ({tenant}, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE leader = "
			"VALUES(leader), takes_calls = VALUES(takes_calls), position = VALUES(position)",
			c->id, id, leader, member, place(order, number) * 1000 + cc_row_int(agent, 3, 0));
	return err || is_there ? err : admin_member_slot(rq, c->id, id);
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
	if (!err)
		err = cc_db_exec(c->rq->db,
				"DELETE FROM agent_group_key WHERE tenant_id = {tenant} AND group_id = ?", c->id);
	if (!err)
		err = cc_db_exec(c->rq->db,
				"DELETE FROM agent_group_skill WHERE tenant_id = {tenant} AND group_id = ?", c->id);
	if (!err)
		err = cc_db_exec(c->rq->db,
				"DELETE FROM vip_customer WHERE tenant_id = {tenant} AND group_id = ?", c->id);
	return err ? err : admin_changed(c->rq);
}

static const struct cc_use uses[] = {
		ADMIN_TARGET_USES("queue", "agent_group"),
		{NULL, NULL},
};

static const struct cc_menu tools[] = {
		{"/admin/members", CC_NC("menu", "Members of groups"), "admin.member.list", 0},
		{"/admin/queue-keys", CC_NC("menu", "Key menus"), "admin.queue_key.list", 0},
		{NULL, NULL, NULL, 0},
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
		.own = "t.id IN (" CC_OWN_GROUPS ")",
		.group = "t.id IN (" CC_LED_GROUPS ")",
		.columns = columns,
		.tools = tools,
		.uses = uses,
		.check = check,
		.saved = saved,
		.deleting = deleting,
		.committed = admin_reload,
};
