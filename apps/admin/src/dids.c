/* SPDX-License-Identifier: GPL-2.0-or-later
 * Access numbers (DID): where calls from outside go. */
#include <string.h>
#include "admin.h"
#include "cc/packages.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("number", CC_N("Access number"), "t.number", TEXT,
				LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_SORT |
						CC_COLUMN_QUICK,
				.min = 2, .max = 32, .unique = "did_number", .check = admin_number_check,
				.link = "/admin/dids/",
				.help = CC_N("As the carrier sends it. It cannot be changed.")),
		CC_COLUMN("name", CC_N("Name"), "t.name", TEXT, LIST | FORM | CC_COLUMN_QUICK_ANYWHERE,
				.max = 100),
		CC_COLUMN("target_kind", CC_N("Leads to"), "t.target_kind", CODE,
				LIST | CC_COLUMN_STORED | CC_COLUMN_FILTER, .context = "target",
				.codes = admin_target_kinds),
		CC_COLUMN("target", CC_N("Which"), ADMIN_TARGET_TEXT("t", "target_kind", "target"), TEXT,
				LIST | CC_COLUMN_STORED),
		CC_COLUMN("to", CC_N("Leads to"), NULL, CHOICE,
				FORM | CC_COLUMN_VIRTUAL | CC_COLUMN_BATCH | CC_COLUMN_REQUIRED,
				.value = ADMIN_TARGET_VALUE("t.target_kind", "t.target"),
				.choices = admin_did_target_choices),
		CC_COLUMN("to_number", CC_N("Number outside"), NULL, TEXT,
				FORM | CC_COLUMN_VIRTUAL | CC_COLUMN_BATCH, .max = 32,
				.value = ADMIN_OUTSIDE_VALUE("t.target_kind", "t.target"),
				.check = admin_number_check, .help = ADMIN_OUTSIDE_HELP),
		CC_COLUMN("package_id", CC_N("Customer package"), CC_PACKAGE_NAME("t.package_id"), OPTION,
				LIST | FORM | CC_COLUMN_FILTER | CC_COLUMN_BATCH, .options = CC_PACKAGE_OPEN,
				.value = "t.package_id",
				.help = CC_N("Whose customers call this number. None: the default package.")),
		CC_COLUMN("state", CC_N("State"), "t.state", CODE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_BATCH,
				.context = "state", .codes = admin_states, .initial = "enabled"),
		{.name = NULL},
};

static int check(struct cc_change *c)
{
	return admin_target_store(c, "to", "to_number", "target_kind", "target");
}

static int changed(struct cc_change *c)
{
	return admin_changed(c->rq);
}

static const struct cc_use uses[] = {
		ADMIN_TARGET_USES("did", "did"),
		{CC_NC("use", "Caller id of agents"),
				"SELECT a.number FROM agent a JOIN did d ON d.tenant_id = a.tenant_id AND d.number "
				"= a.caller_id WHERE a.tenant_id = {tenant} AND a.live = 1 AND d.id = ?"},
		{CC_NC("use", "Call tasks"),
				"SELECT k.name FROM call_task k JOIN did d ON d.tenant_id = k.tenant_id AND "
				"d.number = k.caller_id WHERE k.tenant_id = {tenant} AND d.id = ?"},
		{CC_NC("use", "Preferences"),
				"SELECT d.number FROM preference v JOIN did d ON d.tenant_id = v.tenant_id AND "
				"d.number = v.value WHERE v.tenant_id = {tenant} AND v.name = 'caller_id' AND d.id "
				"= ?"},
		{NULL, NULL},
};

const struct cc_resource admin_dids = {
		.name = "dids",
		.title = CC_N("Access numbers"),
		.thing = CC_N("Access number"),
		.path = "/admin/dids",
		.permission = "admin.did",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "did",
		.columns = columns,
		.uses = uses,
		.check = check,
		.saved = changed,
		.deleting = changed,
		.committed = admin_reload,
};
