/* SPDX-License-Identifier: GPL-2.0-or-later
 * ORG-07: departments as a tree. An agent is in one of them at most; a manager sees the people of
 * the department and of those below it. */
#include <stdlib.h>
#include <string.h>
#include "admin.h"

#define LIST CC_COLUMN_ALL
#define VIRTUAL (CC_COLUMN_FORM | CC_COLUMN_VIRTUAL)

#define WAY                                                                                        \
	"(SELECT GROUP_CONCAT(p.name ORDER BY x.depth DESC SEPARATOR ' / ') FROM department_tree x "   \
	"JOIN department p ON p.tenant_id = x.tenant_id AND p.id = x.ancestor_id WHERE x.tenant_id = " \
	"t.tenant_id AND x.department_id = t.id AND x.depth > 0)"
#define MANAGERS                                                                                   \
	"(SELECT GROUP_CONCAT(u.name, '(', u.username, ')' ORDER BY u.username SEPARATOR ', ') FROM "  \
	"department_manager m JOIN user u ON u.tenant_id = m.tenant_id AND u.id = m.user_id WHERE "    \
	"m.tenant_id = t.tenant_id AND m.department_id = t.id AND u.live = 1)"
#define MANAGER_IDS                                                                                \
	"(SELECT GROUP_CONCAT(m.user_id) FROM department_manager m WHERE m.tenant_id = t.tenant_id "   \
	"AND m.department_id = t.id)"
#define AGENT_COUNT                                                                                \
	"(SELECT COUNT(*) FROM agent a WHERE a.tenant_id = t.tenant_id AND a.department_id = t.id "    \
	"AND a.live = 1)"
#define AGENT_IDS                                                                                  \
	"(SELECT GROUP_CONCAT(a.id) FROM agent a WHERE a.tenant_id = t.tenant_id AND "                 \
	"a.department_id = t.id AND a.live = 1)"

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("name", CC_N("Department"), "t.name", TEXT,
				LIST | CC_COLUMN_FORM | CC_COLUMN_REQUIRED | CC_COLUMN_SORT |
						CC_COLUMN_QUICK_ANYWHERE,
				.max = 50, .unique = "department_name", .link = "/admin/departments/"),
		CC_COLUMN("way", CC_N("Below"), WAY, TEXT, CC_COLUMN_ALL),
		CC_COLUMN("parent", CC_N("Upper department"), NULL, OPTION, CC_COLUMN_FORM,
				.field = "parent_id",
				.options = "SELECT id, name FROM department WHERE tenant_id = {tenant} ORDER BY "
						   "name"),
		CC_COLUMN("profile", CC_N("Outbound profile"),
				"(SELECT o.name FROM outbound_profile o WHERE o.tenant_id = t.tenant_id AND o.id = "
				"t.profile_id)",
				OPTION, CC_COLUMN_ALL | CC_COLUMN_FORM | CC_COLUMN_BATCH, .field = "profile_id",
				.options = ADMIN_PROFILE_OPTIONS,
				.help = CC_N("For agents without one of their own. None: that of the department "
							 "above, else that of the preferences.")),
		CC_COLUMN("manager_names", CC_N("Managers"), MANAGERS, TEXT, LIST),
		CC_COLUMN("agent_count", CC_N("Agents"), AGENT_COUNT, INT, LIST),
		CC_COLUMN("managers", CC_N("Managers"), NULL, OPTIONS, VIRTUAL, .value = MANAGER_IDS,
				.options = "SELECT id, CONCAT(name, ' (', username, ')') FROM user WHERE tenant_id "
						   "= {tenant} AND live = 1 ORDER BY kind, username",
				.help = CC_N(
						"They see the data of the department's people and of those below it.")),
		CC_COLUMN("agents", CC_N("Agents"), NULL, OPTIONS, VIRTUAL, .value = AGENT_IDS,
				.options = "SELECT a.id, CONCAT(a.number, ' ', a.name, COALESCE(CONCAT(', ', "
						   "d.name), '')) FROM agent a LEFT JOIN department d ON d.tenant_id = "
						   "a.tenant_id AND d.id = a.department_id WHERE a.tenant_id = {tenant} "
						   "AND a.live = 1 ORDER BY LENGTH(a.number), a.number",
				.help = CC_N("Who is in another department leaves it.")),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME,
				CC_COLUMN_PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME,
				CC_COLUMN_PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_UPDATED),
		{.name = NULL},
};

/* A department cannot lie below itself. */
static int check(struct cc_change *c)
{
	struct cc_rows rows;
	const char *parent = cc_change_new(c, "parent");
	if (c->action != CC_EDIT || !parent || !*parent)
		return 0;
	int err = cc_db_query(c->rq->db, &rows,
			"SELECT 1 FROM department_tree WHERE tenant_id = {tenant} AND ancestor_id = ? "
			"AND department_id = ?",
			c->id, parent);
	if (!err && rows.count)
		return cc_change_refuse(c, "parent", cc_t(c->rq, "This lies below the department itself."));
	return err;
}

/* Every pair of departments that lie below each other, from the parents. */
static int tree_make(struct cc_request *rq)
{
	int err = cc_db_exec(rq->db, "DELETE FROM department_tree WHERE tenant_id = {tenant}");
	if (!err)
		err = cc_db_exec(rq->db,
				"INSERT INTO department_tree (tenant_id, ancestor_id, department_id, depth) "
				"WITH RECURSIVE below AS (SELECT tenant_id, id AS ancestor_id, id, 0 AS depth "
				"FROM department WHERE tenant_id = {tenant} UNION ALL "
				"SELECT d.tenant_id, b.ancestor_id, d.id, b.depth + 1 FROM below b "
				"JOIN department d ON d.tenant_id = b.tenant_id AND d.parent_id = b.id "
				"WHERE b.depth < 50) SELECT tenant_id, ancestor_id, id, depth FROM below");
	return err;
}

static int set_managers(struct cc_change *c)
{
	const char *list = cc_change_new(c, "managers");
	int err = cc_db_exec(c->rq->db,
			"DELETE FROM department_manager WHERE tenant_id = {tenant} AND department_id = ?",
			c->id);
	if (!err && list && *list)
		err = cc_db_exec(c->rq->db,
				"INSERT INTO department_manager (tenant_id, department_id, user_id) "
				"SELECT tenant_id, ?, id FROM user WHERE tenant_id = {tenant} AND live = 1 "
				"AND FIND_IN_SET(id, ?)",
				c->id, list);
	return err;
}

static int set_agents(struct cc_change *c)
{
	const char *list = cc_change_new(c, "agents");
	int err = cc_db_exec(c->rq->db,
			"UPDATE agent SET department_id = NULL WHERE tenant_id = {tenant} "
			"AND department_id = ? AND NOT FIND_IN_SET(id, ?)",
			c->id, list ? list : "");
	if (!err)
		err = cc_db_exec(c->rq->db,
				"UPDATE agent SET department_id = ? WHERE tenant_id = {tenant} AND live = 1 "
				"AND FIND_IN_SET(id, ?)",
				c->id, list ? list : "");
	return err;
}

static int saved(struct cc_change *c)
{
	int err = c->action == CC_CREATE || cc_change_differs(c, "parent") ? tree_make(c->rq) : 0;
	if (!err && cc_change_differs(c, "managers"))
		err = set_managers(c);
	if (!err && cc_change_differs(c, "agents"))
		err = set_agents(c);
	return err ? err : admin_changed(c->rq); /* whose outbound profile counts */
}

static int deleting(struct cc_change *c)
{
	int err = cc_db_exec(c->rq->db,
			"DELETE FROM department_manager WHERE tenant_id = {tenant} AND department_id = ?",
			c->id);
	if (!err)
		err = cc_db_exec(c->rq->db,
				"DELETE FROM department_tree WHERE tenant_id = {tenant} AND "
				"(department_id = ? OR ancestor_id = ?)",
				c->id, c->id);
	return err ? err : admin_changed(c->rq);
}

static const struct cc_use uses[] = {
		{CC_NC("use", "Agents"),
				"SELECT number FROM agent WHERE tenant_id = {tenant} AND department_id = ? "
				"AND live = 1"},
		{CC_NC("use", "Departments below"),
				"SELECT name FROM department WHERE tenant_id = {tenant} AND parent_id = ?"},
		{NULL, NULL},
};

static const struct cc_menu tools[] = {
		{"/admin/department-tree", CC_NC("menu", "Structure"), "admin.department.list", 0},
		{NULL, NULL, NULL, 0},
};

const struct cc_resource admin_departments = {
		.name = "departments",
		.title = CC_N("Departments"),
		.thing = CC_N("Department"),
		.path = "/admin/departments",
		.permission = "admin.department",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "department",
		.department = "t.id IN (" CC_MANAGED_DEPARTMENTS ")",
		.columns = columns,
		.tools = tools,
		.uses = uses,
		.check = check,
		.saved = saved,
		.deleting = deleting,
		.committed = admin_reload,
};

/* ---- the tree as a picture ---- */

static void add_below(struct cc_request *rq, const struct cc_rows *rows, const char *parent,
		struct cc_value *list)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct cc_row *row = &rows->row[i];
		if (strcmp(cc_row_str(row, 1), parent))
			continue;
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		cc_value_str(rq->arena, item, "key", cc_row_str(row, 0));
		cc_value_str(rq->arena, item, "name", cc_row_str(row, 2));
		cc_value_str(rq->arena, item, "managers", cc_row_str(row, 3));
		cc_value_str(rq->arena, item, "agents", cc_row_str(row, 4));
		struct cc_value *below = cc_value_add(rq->arena, item, "departments", CC_VALUE_LIST);
		add_below(rq, rows, cc_row_str(row, 0), below);
	}
}

int admin_department_tree(struct cc_request *rq)
{
	struct cc_rows rows;
	bool all = rq->user->scope == CC_SCOPE_ALL;
	/* a manager's highest departments stand at the top */
	int err = cc_db_query(rq->db, &rows,
			"SELECT t.id, IF(p.id IS NULL, '', p.id), t.name, COALESCE(" MANAGERS ", ''), "
			"(SELECT GROUP_CONCAT(a.number, ' ', a.name ORDER BY LENGTH(a.number), a.number "
			"SEPARATOR ', ') FROM agent a WHERE a.tenant_id = t.tenant_id AND a.department_id = "
			"t.id AND a.live = 1) FROM department t LEFT JOIN department p ON p.tenant_id = "
			"t.tenant_id AND p.id = t.parent_id AND (? OR p.id IN (" CC_MANAGED_DEPARTMENTS
			")) WHERE t.tenant_id = {tenant} AND (? OR t.id IN (" CC_MANAGED_DEPARTMENTS ")) "
			"ORDER BY t.name",
			all, all);
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Structure of the departments"));
	add_below(rq, &rows, "", cc_value_add(rq->arena, page, "departments", CC_VALUE_LIST));
	return cc_page_send(rq, "admin/department-tree", page);
}
