/* SPDX-License-Identifier: GPL-2.0-or-later
 * Skills: what there are, who has which on what level, and which queue asks for what level. */
#include "admin.h"
#include "agents.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define VIRTUAL (CC_COLUMN_FORM | CC_COLUMN_VIRTUAL)
#define FIXED (LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER)
#define SKILL_OPTIONS "SELECT id, name FROM skill WHERE tenant_id = {tenant} ORDER BY name"
#define LEVEL_MAX 10

static int changed(struct cc_change *c)
{
	return admin_changed(c->rq);
}

/* ---- the list of skills ---- */

static const struct cc_column skill_columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("name", CC_N("Skill"), "t.name", TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_SORT | CC_COLUMN_QUICK_ANYWHERE,
				.max = 50, .unique = "skill_name", .link = "/admin/skills/",
				.help = CC_N("A language, a product, a kind of problem.")),
		CC_COLUMN("agent_count", CC_N("Agents"),
				"(SELECT COUNT(*) FROM agent_skill s JOIN agent a ON a.tenant_id = s.tenant_id AND "
				"a.id = s.agent_id AND a.live = 1 WHERE s.tenant_id = t.tenant_id AND s.skill_id = "
				"t.id)",
				INT, LIST, .link = "/admin/agent-skills?skill="),
		CC_COLUMN("queues", CC_N("Queues that ask for it"),
				"(SELECT GROUP_CONCAT(g.number, ' ', g.name ORDER BY g.number SEPARATOR ', ') FROM "
				"agent_group_skill s JOIN agent_group g ON g.tenant_id = s.tenant_id AND g.id = "
				"s.group_id AND g.live = 1 WHERE s.tenant_id = t.tenant_id AND s.skill_id = t.id)",
				TEXT, CC_COLUMN_PAGE | CC_COLUMN_CSV | CC_COLUMN_JSON),
		CC_COLUMN("agents", CC_N("Agents"), NULL, OPTIONS, VIRTUAL,
				.value = "(SELECT GROUP_CONCAT(s.agent_id) FROM agent_skill s JOIN agent a ON "
						 "a.tenant_id = s.tenant_id AND a.id = s.agent_id AND a.live = 1 WHERE "
						 "s.tenant_id = t.tenant_id AND s.skill_id = t.id)",
				.options = ADMIN_AGENT_OPTIONS, .section = CC_N("Who has it")),
		CC_COLUMN("level", CC_N("Level of those who are new here"), NULL, INT, VIRTUAL, .min = 1,
				.max = LEVEL_MAX, .value = "5", .initial = "5",
				.help = CC_N("1 is the lowest, 10 the highest. Levels of the others stay; the list "
							 "of agents' skills changes them one by one or many at once.")),
		{.name = NULL},
};

static int skill_saved(struct cc_change *c)
{
	const char *agents = cc_change_new(c, "agents");
	if (!cc_change_differs(c, "agents"))
		return 0;
	int err = cc_db_exec(c->rq->db,
			"DELETE FROM agent_skill WHERE tenant_id = {tenant} AND skill_id = ? AND NOT "
			"FIND_IN_SET(agent_id, ?)",
			c->id, agents ? agents : "");
	if (!err && agents && *agents)
		err = cc_db_exec(c->rq->db,
				"INSERT IGNORE INTO agent_skill (tenant_id, agent_id, skill_id, level) SELECT "
				"tenant_id, id, ?, ? FROM agent WHERE tenant_id = {tenant} AND live = 1 AND "
				"FIND_IN_SET(id, ?)",
				c->id, cc_change_new_int(c, "level", 5), agents);
	return err ? err : admin_changed(c->rq);
}

static int skill_deleting(struct cc_change *c)
{
	int err = cc_db_exec(c->rq->db,
			"DELETE FROM agent_skill WHERE tenant_id = {tenant} AND skill_id = ?", c->id);
	return err ? err : admin_changed(c->rq);
}

static const struct cc_use skill_uses[] = {
		{CC_NC("use", "Queues"),
				"SELECT g.name FROM agent_group_skill s JOIN agent_group g ON g.tenant_id = "
				"s.tenant_id AND g.id = s.group_id WHERE s.tenant_id = {tenant} AND s.skill_id = ? "
				"AND g.live = 1"},
		{NULL, NULL},
};

static const struct cc_menu skill_tools[] = {
		{"/admin/agent-skills", CC_NC("menu", "Skills of agents"), "admin.agent_skill.list", 0},
		{"/admin/queue-skills", CC_NC("menu", "Skills of queues"), "admin.queue_skill.list", 0},
		{NULL, NULL, NULL, 0},
};

const struct cc_resource admin_skills = {
		.name = "skills",
		.title = CC_N("Skills"),
		.thing = CC_N("Skill"),
		.path = "/admin/skills",
		.permission = "admin.skill",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "skill",
		.columns = skill_columns,
		.tools = skill_tools,
		.uses = skill_uses,
		.saved = skill_saved,
		.deleting = skill_deleting,
		.committed = admin_reload,
};

/* ---- levels of agents ---- */

static const struct cc_column agent_columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("agent", CC_N("Agent"), "CONCAT(a.number, ' ', a.name)", OPTION, FIXED,
				.field = "agent_id", .options = ADMIN_AGENT_OPTIONS, .unique = "PRIMARY",
				.link = "/admin/agent-skills/"),
		CC_COLUMN("skill", CC_N("Skill"), "s.name", OPTION, FIXED, .field = "skill_id",
				.options = SKILL_OPTIONS),
		CC_COLUMN("level", CC_N("Level"), "t.level", INT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_BATCH, .min = 1,
				.max = LEVEL_MAX, .initial = "5", .help = CC_N("1 is the lowest, 10 the highest.")),
		{.name = NULL},
};

static const struct cc_menu back_tools[] = {
		{"/admin/skills", CC_NC("menu", "Skills"), "admin.skill.list", 0},
		{NULL, NULL, NULL, 0},
};

const struct cc_resource admin_agent_skills = {
		.name = "agent-skills",
		.title = CC_N("Skills of agents"),
		.thing = CC_N("Skill of an agent"),
		.path = "/admin/agent-skills",
		.permission = "admin.agent_skill",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "agent_skill",
		.from = "agent_skill t JOIN agent a ON a.tenant_id = t.tenant_id AND a.id = t.agent_id AND "
				"a.live = 1 JOIN skill s ON s.tenant_id = t.tenant_id AND s.id = t.skill_id",
		.own = "a.number = {agent}",
		.group = ADMIN_GROUP_SCOPE("a.number"),
		.department = ADMIN_DEPARTMENT_SCOPE("a.number"),
		.columns = agent_columns,
		.tools = back_tools,
		.saved = changed,
		.deleting = changed,
		.committed = admin_reload,
};

/* ---- what queues ask for ---- */

static const struct cc_column queue_columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("group", CC_N("Queue"), "CONCAT(g.number, ' ', g.name)", OPTION, FIXED,
				.field = "group_id", .options = ADMIN_GROUP_OPTIONS, .unique = "PRIMARY",
				.link = "/admin/queue-skills/"),
		CC_COLUMN("skill", CC_N("Skill"), "s.name", OPTION, FIXED, .field = "skill_id",
				.options = SKILL_OPTIONS),
		CC_COLUMN("level", CC_N("Level that callers need"), "t.level", INT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_BATCH, .min = 1, .max = LEVEL_MAX,
				.initial = "5",
				.help = CC_N("Who has it comes first. Others follow, a level lower for each time "
							 "of the queue's “one level less after”.")),
		{.name = NULL},
};

static int queue_check(struct cc_change *c)
{
	return admin_group_check(c, "group");
}

const struct cc_resource admin_queue_skills = {
		.name = "queue-skills",
		.title = CC_N("Skills of queues"),
		.thing = CC_N("Skill of a queue"),
		.path = "/admin/queue-skills",
		.permission = "admin.queue_skill",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "agent_group_skill",
		.from = "agent_group_skill t JOIN agent_group g ON g.tenant_id = t.tenant_id AND g.id = "
				"t.group_id AND g.live = 1 JOIN skill s ON s.tenant_id = t.tenant_id AND s.id = "
				"t.skill_id",
		.group = "t.group_id IN (" CC_LED_GROUPS ")",
		.columns = queue_columns,
		.tools = back_tools,
		.check = queue_check,
		.saved = changed,
		.deleting = changed,
		.committed = admin_reload,
};
