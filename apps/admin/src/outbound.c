/* SPDX-License-Identifier: GPL-2.0-or-later
 * TEL-11, TEL-12: outbound profiles, and their routes in order: which numbers outside are asked of
 * which trunks. Agents, departments and the tenant choose a profile. */
#include <string.h>
#include "admin.h"
#include "cc/pattern.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define VIRTUAL (CC_COLUMN_FORM | CC_COLUMN_VIRTUAL)
#define HIDDEN (CC_COLUMN_PAGE | CC_COLUMN_HIDDEN)

static int changed(struct cc_change *c)
{
	return admin_changed(c->rq);
}

/* ---- profiles ---- */

#define COUNT(table, more)                                                                         \
	"(SELECT COUNT(*) FROM " table                                                                 \
	" x WHERE x.tenant_id = t.tenant_id AND x.profile_id = t.id" more ")"

static const struct cc_column profile_columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("name", CC_N("Outbound profile"), "t.name", TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_SORT | CC_COLUMN_QUICK_ANYWHERE,
				.max = 64, .unique = "outbound_profile_name", .link = "/admin/outbound-profiles/"),
		CC_COLUMN("routes", CC_N("Outbound routes"), COUNT("outbound_route", ""), INT, LIST,
				.link = "/admin/outbound-routes?sort=position&profile="),
		CC_COLUMN("own_routes", CC_N("Outbound routes"), NULL, TEXT, VIRTUAL | CC_COLUMN_SHOWN,
				.value = "COALESCE((SELECT GROUP_CONCAT(x.name ORDER BY x.position SEPARATOR ', ') "
						 "FROM outbound_route x WHERE x.tenant_id = t.tenant_id AND x.profile_id = "
						 "t.id), '-')",
				.link = "/admin/outbound-routes?sort=position&profile="),
		CC_COLUMN("agents", CC_N("Agents"), COUNT("agent", " AND x.live = 1"), INT, LIST),
		CC_COLUMN("departments", CC_N("Departments"), COUNT("department", ""), INT, LIST),
		CC_COLUMN("standard", CC_N("Of the preferences"),
				"EXISTS (SELECT 1 FROM preference x WHERE x.tenant_id = t.tenant_id AND x.name = "
				"'outbound_profile' AND x.value = t.id)",
				BOOL, CC_COLUMN_PAGE | CC_COLUMN_JSON),
		CC_COLUMN("note", CC_N("Note"), "t.note", NOTE, CC_COLUMN_JSON | FORM),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, HIDDEN | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, HIDDEN | CC_COLUMN_UPDATED),
		{.name = NULL},
};

int admin_profile_choices(struct cc_request *rq, struct cc_choices *list)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT id, name FROM outbound_profile WHERE tenant_id = {tenant} ORDER BY name");
	cc_choice_add(list, "", cc_t(rq, "None: every trunk in turn"), NULL, NULL);
	for (size_t i = 0; !err && i < rows.count; i++)
		cc_choice_add(list, cc_row_str(&rows.row[i], 0), cc_row_str(&rows.row[i], 1), NULL, NULL);
	return err;
}

static int profile_deleting(struct cc_change *c)
{
	int err = cc_db_exec(c->rq->db,
			"DELETE k FROM outbound_route_trunk k JOIN outbound_route r ON r.tenant_id = "
			"k.tenant_id AND r.id = k.route_id WHERE k.tenant_id = {tenant} AND r.profile_id = ?",
			c->id);
	if (!err)
		err = cc_db_exec(c->rq->db,
				"DELETE FROM outbound_route WHERE tenant_id = {tenant} AND profile_id = ?", c->id);
	return err ? err : admin_changed(c->rq);
}

static const struct cc_use profile_uses[] = {
		{CC_NC("use", "Agents"),
				"SELECT number FROM agent WHERE tenant_id = {tenant} AND profile_id = ? AND live = "
				"1"},
		{CC_NC("use", "Departments"),
				"SELECT name FROM department WHERE tenant_id = {tenant} AND profile_id = ?"},
		{CC_NC("use", "Call tasks"),
				"SELECT name FROM call_task WHERE tenant_id = {tenant} AND profile_id = ?"},
		{CC_NC("use", "Preferences"),
				"SELECT p.name FROM preference v JOIN outbound_profile p ON p.tenant_id = "
				"v.tenant_id AND p.id = v.value WHERE v.tenant_id = {tenant} AND v.name = "
				"'outbound_profile' AND p.id = ?"},
		{NULL, NULL},
};

static const struct cc_menu profile_tools[] = {
		{"/admin/outbound-routes", CC_NC("menu", "Outbound routes"), "admin.outbound_route.list",
				0},
		{NULL, NULL, NULL, 0},
};

const struct cc_resource admin_outbound_profiles = {
		.name = "outbound-profiles",
		.title = CC_N("Outbound profiles"),
		.thing = CC_N("Outbound profile"),
		.path = "/admin/outbound-profiles",
		.permission = "admin.outbound_profile",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "outbound_profile",
		.columns = profile_columns,
		.tools = profile_tools,
		.note = CC_N("Which numbers outside are called over which trunks. A task's profile comes "
					 "before the agent's, the department's and that of the preferences; without "
					 "any, every trunk is asked in turn."),
		.uses = profile_uses,
		.saved = changed,
		.deleting = profile_deleting,
		.committed = admin_reload,
};

/* ---- routes ---- */

#define TRUNKS 4
#define TRUNK_AT(place)                                                                            \
	"(SELECT k.trunk_id FROM outbound_route_trunk k WHERE k.tenant_id = t.tenant_id AND "          \
	"k.route_id = t.id AND k.position = " place ")"
#define TRUNK(name_, label_, place, ...)                                                           \
	CC_COLUMN(name_, label_, NULL, OPTION, VIRTUAL | __VA_ARGS__, .value = TRUNK_AT(place),        \
			.options = "SELECT k.id, k.name FROM trunk k WHERE k.tenant_id = {tenant} OR k.id IN " \
					   "(SELECT g.trunk_id FROM trunk_grant g WHERE g.tenant_id = {tenant}) "      \
					   "ORDER BY k.name")

static const char *const trunk_columns[TRUNKS] = {"trunk1", "trunk2", "trunk3", "trunk4"};

/* In capital letters. */
static const char *check_pattern(struct cc_request *rq, const char **value)
{
	char *pattern = cc_strndup(rq->arena, *value, strlen(*value));
	for (char *p = pattern; *p; p++)
		if (*p == 'x' || *p == 'z' || *p == 'n')
			*p = (char)(*p - 'a' + 'A');
	*value = pattern;
	return cc_pattern_valid(pattern) ? NULL
									 : cc_t(rq, "Digits, X, Z, N, [1-5], and '.' at the end only.");
}

static const char *check_added(struct cc_request *rq, const char **value)
{
	const char *digits = *value + (**value == '+');
	return admin_digits_check(rq, &digits);
}

static const struct cc_column route_columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("position", CC_N("Order"), "t.position", INT,
				CC_COLUMN_PAGE | CC_COLUMN_CSV | CC_COLUMN_JSON | CC_COLUMN_STORED |
						CC_COLUMN_SORT),
		CC_COLUMN("name", CC_N("Outbound route"), "t.name", TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 64,
				.unique = "outbound_route_name", .link = "/admin/outbound-routes/"),
		CC_COLUMN("profile", CC_N("Outbound profile"), "p.name", OPTION,
				LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER,
				.field = "profile_id", .options = ADMIN_PROFILE_OPTIONS),
		CC_COLUMN("strip", CC_N("Prefix that is removed"), "t.strip", TEXT, LIST | FORM, .max = 16,
				.check = admin_digits_check, .section = CC_N("Numbers"),
				.help = CC_N("The route is for numbers that begin so.")),
		CC_COLUMN("pattern", CC_N("Pattern"), "t.pattern", TEXT, LIST | FORM | CC_COLUMN_REQUIRED,
				.max = 40, .check = check_pattern, .initial = "X.",
				.help = CC_N("Of what follows. X: 0-9, Z: 1-9, N: 2-9, [13-5]: one of these, '.' "
							 "at the end: one digit or more. Numbers are compared as they were "
							 "dialled, then in international form.")),
		CC_COLUMN("prefix", CC_N("Prefix that is added"), "t.prefix", TEXT, LIST | FORM, .max = 17,
				.check = check_added, .help = CC_N("Before the rest, for the trunk.")),
		CC_COLUMN("trunks", CC_N("Trunks"),
				"(SELECT GROUP_CONCAT(x.name ORDER BY k.position SEPARATOR ', ') FROM "
				"outbound_route_trunk k JOIN trunk x ON x.id = k.trunk_id WHERE k.tenant_id = "
				"t.tenant_id AND k.route_id = t.id)",
				TEXT, CC_COLUMN_PAGE | CC_COLUMN_CSV | CC_COLUMN_JSON | CC_COLUMN_DETAIL),
		TRUNK("trunk1", CC_N("First trunk"), "1", CC_COLUMN_REQUIRED, .section = CC_N("Trunks"),
				.help = CC_N("The next one is asked when one fails or is full.")),
		TRUNK("trunk2", CC_N("Second trunk"), "2", 0),
		TRUNK("trunk3", CC_N("Third trunk"), "3", 0),
		TRUNK("trunk4", CC_N("Fourth trunk"), "4", 0),
		CC_COLUMN("state", CC_N("State"), "t.state", CODE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_BATCH,
				.context = "state", .codes = admin_states, .initial = "enabled"),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, HIDDEN | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, HIDDEN | CC_COLUMN_UPDATED),
		{.name = NULL},
};

static const char *trunk_of(const struct cc_change *c, size_t i)
{
	const char *trunk = cc_change_new(c, trunk_columns[i]);
	return trunk ? trunk : "";
}

static int route_check(struct cc_change *c)
{
	struct cc_rows rows;
	for (size_t i = 1; i < TRUNKS; i++)
		for (size_t k = 0; k < i; k++)
			if (*trunk_of(c, i) && !strcmp(trunk_of(c, i), trunk_of(c, k)))
				return cc_change_refuse(
						c, trunk_columns[i], cc_t(c->rq, "This trunk stands there already."));
	if (c->action != CC_CREATE)
		return 0;
	int err = cc_db_query(c->rq->db, &rows,
			"SELECT COALESCE(MAX(position), 0) + 1 FROM outbound_route WHERE tenant_id = {tenant} "
			"AND profile_id = ? FOR UPDATE",
			cc_change_new_int(c, "profile", 0));
	if (!err)
		cc_change_set(c, "position", cc_row_str(&rows.row[0], 0));
	return err;
}

static int route_saved(struct cc_change *c)
{
	bool differs = c->action == CC_CREATE;
	int64_t place = 0;
	int err = 0;
	for (size_t i = 0; i < TRUNKS; i++)
		differs = differs || cc_change_differs(c, trunk_columns[i]);
	if (differs)
		err = cc_db_exec(c->rq->db,
				"DELETE FROM outbound_route_trunk WHERE tenant_id = {tenant} AND route_id = ?",
				c->id);
	for (size_t i = 0; differs && i < TRUNKS && !err; i++)
		if (*trunk_of(c, i))
			err = cc_db_exec(c->rq->db,
					"INSERT INTO outbound_route_trunk (tenant_id, route_id, position, trunk_id) "
					"VALUES ({tenant}, ?, ?, ?)",
					c->id, ++place, trunk_of(c, i));
	return err ? err : admin_changed(c->rq);
}

static int route_deleting(struct cc_change *c)
{
	int err = cc_db_exec(c->rq->db,
			"DELETE FROM outbound_route_trunk WHERE tenant_id = {tenant} AND route_id = ?", c->id);
	return err ? err : admin_changed(c->rq);
}

/* Changes places with the neighbour, the row that was found. */
static int change_places(struct cc_request *rq, const struct cc_rows *rows)
{
	if (!rows->count)
		return 0; /* somebody else was faster: it is first or last now */
	int err = cc_db_exec(rq->db,
			"UPDATE outbound_route SET position = CASE id WHEN ? THEN ? ELSE ? END, updated_at = ? "
			"WHERE tenant_id = {tenant} AND id IN (?, ?)",
			cc_row_int(&rows->row[0], 0, 0), cc_row_int(&rows->row[0], 3, 0),
			cc_row_int(&rows->row[0], 1, 0), rq->now_ms, cc_row_int(&rows->row[0], 0, 0),
			cc_row_int(&rows->row[0], 2, 0));
	if (!err)
		err = admin_changed(rq);
	if (!err)
		cc_defer(rq, admin_reload, NULL, false);
	return err;
}

static int move_up(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT a.id, a.position, b.id, b.position FROM outbound_route a JOIN outbound_route b "
			"ON b.tenant_id = a.tenant_id AND b.profile_id = a.profile_id AND b.position < "
			"a.position WHERE a.tenant_id = {tenant} AND a.id = ? ORDER BY b.position DESC LIMIT 1 "
			"FOR UPDATE",
			key);
	return err ? err : change_places(rq, &rows);
}

static int move_down(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT a.id, a.position, b.id, b.position FROM outbound_route a JOIN outbound_route b "
			"ON b.tenant_id = a.tenant_id AND b.profile_id = a.profile_id AND b.position > "
			"a.position WHERE a.tenant_id = {tenant} AND a.id = ? ORDER BY b.position LIMIT 1 "
			"FOR UPDATE",
			key);
	return err ? err : change_places(rq, &rows);
}

#define BESIDE(order)                                                                              \
	"EXISTS (SELECT 1 FROM outbound_route x WHERE x.tenant_id = t.tenant_id AND x.profile_id = "   \
	"t.profile_id AND x.position " order " t.position)"

static const struct cc_action route_buttons[] = {
		{.name = "up", .label = CC_NC("action", "Up"), .shown = BESIDE("<"), .run = move_up},
		{.name = "down", .label = CC_NC("action", "Down"), .shown = BESIDE(">"), .run = move_down},
		{.name = NULL},
};

static const struct cc_menu route_tools[] = {
		{"/admin/outbound-profiles", CC_NC("menu", "Outbound profiles"),
				"admin.outbound_profile.list", 0},
		{NULL, NULL, NULL, 0},
};

const struct cc_resource admin_outbound_routes = {
		.name = "outbound-routes",
		.title = CC_N("Outbound routes"),
		.thing = CC_N("Outbound route"),
		.path = "/admin/outbound-routes",
		.permission = "admin.outbound_route",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "outbound_route",
		.from = "outbound_route t JOIN outbound_profile p ON p.tenant_id = t.tenant_id AND p.id = "
				"t.profile_id",
		.columns = route_columns,
		.initial = "sort=position",
		.tools = route_tools,
		.note = CC_N("The first route of a profile that fits a number is taken. A number that is "
					 "inside, of an agent or a queue, always goes there."),
		.buttons = route_buttons,
		.check = route_check,
		.saved = route_saved,
		.deleting = route_deleting,
		.committed = admin_reload,
};
