/* SPDX-License-Identifier: GPL-2.0-or-later
 * TEL-28, TEL-33: how agents belong to groups: who is offered calls first, who is always signed in,
 * who leads. The form of a group says who belongs to it at all. */
#include <inttypes.h>
#include "admin.h"
#include "agents.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define CHANGED (LIST | FORM | CC_COLUMN_FILTER | CC_COLUMN_BATCH)

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("group", CC_N("Agent group"), "CONCAT(g.number, ' ', g.name)", OPTION,
				LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER,
				.field = "group_id", .options = ADMIN_GROUP_OPTIONS, .unique = "PRIMARY",
				.link = "/admin/members/"),
		CC_COLUMN("agent", CC_N("Agent"), "CONCAT(a.number, ' ', a.name)", OPTION,
				LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER,
				.field = "agent_id", .options = ADMIN_AGENT_OPTIONS),
		CC_COLUMN("priority", CC_N("Priority"), "t.priority", INT, CHANGED | CC_COLUMN_SORT,
				.min = 1, .max = 1000, .initial = "1",
				.help = CC_N("1 is offered calls first; who does not answer is followed by the "
							 "next priority.")),
		CC_COLUMN("fixed", CC_N("Always signed in"), "t.fixed", BOOL, CHANGED,
				.help = CC_N("A static member: cannot sign out of this queue.")),
		CC_COLUMN(
				"takes_calls", CC_N("Takes calls"), "t.takes_calls", BOOL, CHANGED, .initial = "1"),
		CC_COLUMN("leader", CC_N("Leader"), "t.leader", BOOL, CHANGED),
		CC_COLUMN("position", CC_N("Place in the list"), "t.position", INT, LIST | CC_COLUMN_STORED,
				.help = CC_N("It decides ties; the form of the group orders the list.")),
		{.name = NULL},
};

int admin_member_slot(struct cc_request *rq, int64_t group, const char *agent)
{
	return cc_db_exec(rq->db,
			"UPDATE agent_group_member m JOIN (SELECT CASE WHEN COALESCE(MAX(slot = 1), 0) = 0 "
			"THEN 1 WHEN COALESCE(MAX(slot = 2), 0) = 0 THEN 2 END AS free FROM agent_group_member "
			"WHERE tenant_id = {tenant} AND agent_id = ?) n SET m.slot = n.free WHERE m.tenant_id "
			"= {tenant} AND m.group_id = ? AND m.agent_id = ? AND m.slot IS NULL AND m.takes_calls "
			"= 1",
			agent, group, agent);
}

static int check(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	struct cc_rows rows;
	bool takes = cc_change_new_int(c, "takes_calls", 0);
	int err = admin_group_check(c, "group");
	if (err)
		return err;
	if (!takes && !cc_change_new_int(c, "leader", 0))
		return cc_change_refuse(c, "takes_calls",
				cc_t(rq, "A member takes calls or leads the group. Delete the membership of who "
						 "does neither."));
	if (!takes && cc_change_new_int(c, "fixed", 0))
		return cc_change_refuse(
				c, "fixed", cc_t(rq, "Only who takes calls can always be signed in."));
	if (c->action != CC_CREATE)
		return 0;
	err = cc_db_query(rq->db, &rows,
			"SELECT COALESCE(MAX(position), 0) + 1 FROM agent_group_member WHERE tenant_id = "
			"{tenant} AND group_id = ?",
			cc_change_new_int(c, "group", 0));
	if (!err)
		cc_change_set(c, "position", cc_row_str(&rows.row[0], 0));
	return err;
}

static int saved(struct cc_change *c)
{
	int err = admin_member_slot(c->rq, cc_change_new_int(c, "group", 0), cc_change_new(c, "agent"));
	return err ? err : admin_changed(c->rq);
}

static int deleting(struct cc_change *c)
{
	return admin_changed(c->rq);
}

static const struct cc_menu tools[] = {
		{"/admin/groups", CC_NC("menu", "Agent groups"), "admin.group.list", 0},
		{NULL, NULL, NULL, 0},
};

const struct cc_resource admin_members = {
		.name = "members",
		.title = CC_N("Members of groups"),
		.thing = CC_N("Membership"),
		.path = "/admin/members",
		.permission = "admin.member",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "agent_group_member",
		.from = "agent_group_member t JOIN agent_group g ON g.tenant_id = t.tenant_id AND g.id = "
				"t.group_id AND g.live = 1 JOIN agent a ON a.tenant_id = t.tenant_id AND a.id = "
				"t.agent_id AND a.live = 1",
		.own = "a.number = {agent}",
		.group = "t.group_id IN (" CC_LED_GROUPS ")",
		.columns = columns,
		.tools = tools,
		.note = CC_N("Who is offered calls first, who is always signed in, who leads. A change is "
					 "in force with the next call."),
		.check = check,
		.saved = saved,
		.deleting = deleting,
		.committed = admin_reload,
};
