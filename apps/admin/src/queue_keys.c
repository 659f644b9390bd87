/* SPDX-License-Identifier: GPL-2.0-or-later
 * TEL-05: what a caller who waits in a queue can press. The prompt that tells the keys is an option
 * of the queue. */
#include <string.h>
#include "admin.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM

static const char *const digits[] = {
		"1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "*", "#", NULL};

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("group", CC_N("Queue"), "CONCAT(g.number, ' ', g.name)", OPTION,
				LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER,
				.field = "group_id", .options = ADMIN_GROUP_OPTIONS, .link = "/admin/queue-keys/"),
		CC_COLUMN("digit", CC_N("Key"), "t.digit", CODE, LIST | FORM | CC_COLUMN_REQUIRED,
				.context = "key", .codes = digits, .unique = "PRIMARY"),
		CC_COLUMN("target_kind", CC_N("Leads to"), "t.target_kind", CODE,
				LIST | CC_COLUMN_STORED | CC_COLUMN_FILTER, .context = "target",
				.codes = admin_target_kinds),
		CC_COLUMN("target", CC_N("Which"), ADMIN_TARGET_TEXT("t", "target_kind", "target"), TEXT,
				LIST | CC_COLUMN_STORED),
		CC_COLUMN("to", CC_N("Leads to"), NULL, CHOICE,
				FORM | CC_COLUMN_VIRTUAL | CC_COLUMN_BATCH | CC_COLUMN_REQUIRED,
				.value = ADMIN_TARGET_VALUE("t.target_kind", "t.target"),
				.initial = "callback:", .choices = admin_key_target_choices,
				.help = CC_N("A call-back keeps the caller's place: when its turn comes, an "
							 "agent's phone rings first, then the customer is called.")),
		CC_COLUMN("to_number", CC_N("Number outside"), NULL, TEXT,
				FORM | CC_COLUMN_VIRTUAL | CC_COLUMN_BATCH, .max = 32,
				.value = ADMIN_OUTSIDE_VALUE("t.target_kind", "t.target"),
				.check = admin_number_check, .help = ADMIN_OUTSIDE_HELP),
		{.name = NULL},
};

static int check(struct cc_change *c)
{
	struct cc_rows rows;
	int err = admin_group_check(c, "group");
	if (!err)
		err = admin_target_store(c, "to", "to_number", "target_kind", "target");
	if (err)
		return err;
	if (strcmp(cc_change_new(c, "target_kind"), "queue"))
		return 0;
	err = cc_db_query(c->rq->db, &rows,
			"SELECT 1 FROM agent_group WHERE tenant_id = {tenant} AND id = ? AND number = ?",
			cc_change_new_int(c, "group", 0), cc_change_new(c, "target"));
	if (!err && rows.count)
		return cc_change_refuse(c, "to", cc_t(c->rq, "This is the queue itself."));
	return err;
}

static int changed(struct cc_change *c)
{
	return admin_changed(c->rq);
}

static const struct cc_menu tools[] = {
		{"/admin/groups", CC_NC("menu", "Agent groups"), "admin.group.list", 0},
		{NULL, NULL, NULL, 0},
};

const struct cc_resource admin_queue_keys = {
		.name = "queue-keys",
		.title = CC_N("Key menus of queues"),
		.thing = CC_N("Key of a queue"),
		.path = "/admin/queue-keys",
		.permission = "admin.queue_key",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "agent_group_key",
		.from = "agent_group_key t JOIN agent_group g ON g.tenant_id = t.tenant_id AND g.id = "
				"t.group_id AND g.live = 1",
		.group = "t.group_id IN (" CC_LED_GROUPS ")",
		.columns = columns,
		.tools = tools,
		.note = CC_N("Keys work all the time a caller waits. The queue's own page chooses the "
					 "prompt that tells them."),
		.check = check,
		.saved = changed,
		.deleting = changed,
		.committed = admin_reload,
};
