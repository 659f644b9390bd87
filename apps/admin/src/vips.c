/* SPDX-License-Identifier: GPL-2.0-or-later
 * PLAT-14: customers who wait in front of others, by the level of their number in a group. */
#include <string.h>
#include "admin.h"
#include "cc/number.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM

static const char *const levels[] = {
		CC_NC("vip", "normal"), CC_NC("vip", "important"), CC_NC("vip", "noble"), NULL};

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("number", CC_N("Telephone number"), "t.number", PHONE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK, .max = 32,
				.unique = "vip_customer_number", .link = "/admin/vips/"),
		CC_COLUMN("name", CC_N("Customer name"), "t.name", TEXT,
				LIST | FORM | CC_COLUMN_QUICK_ANYWHERE, .max = 100),
		CC_COLUMN("level", CC_N("VIP level"), "t.level", CODE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_BATCH,
				.context = "vip", .codes = levels, .initial = "normal",
				.help = CC_N("Higher levels wait in front of lower ones and of everybody else; "
							 "nobody is put before a call that an agent already has.")),
		CC_COLUMN("group", CC_N("Agent group"), "CONCAT(g.number, ' ', g.name)", OPTION,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_BATCH,
				.field = "group_id", .options = ADMIN_GROUP_OPTIONS),
		CC_COLUMN("number_e164", CC_N("Telephone number"), NULL, TEXT, CC_COLUMN_STORED),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME,
				CC_COLUMN_PAGE | CC_COLUMN_CSV | CC_COLUMN_JSON | CC_COLUMN_CREATED),
		{.name = NULL},
};

/* Compared with callers as digits, from the tenant's view. */
static int check(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	struct cc_rows rows;
	char e164[CC_NUMBER_E164 + 1];
	int err = admin_group_check(c, "group");
	if (!err)
		err = cc_db_query(
				rq->db, &rows, "SELECT country, area_code FROM tenant WHERE id = {tenant}");
	if (err || !rows.count)
		return err;
	if (cc_number_e164(e164, cc_change_new(c, "number"), cc_row_str(&rows.row[0], 0),
				cc_row_str(&rows.row[0], 1)) < 0)
		return cc_change_refuse(c, "number",
				cc_t(rq, "A whole number is needed, with its area code: extensions and short "
						 "numbers are no customers."));
	cc_change_set(c, "number_e164", e164);
	return 0;
}

static int changed(struct cc_change *c)
{
	return admin_changed(c->rq);
}

const struct cc_resource admin_vips = {
		.name = "vips",
		.title = CC_N("VIP customers"),
		.thing = CC_N("VIP customer"),
		.path = "/admin/vips",
		.permission = "admin.vip",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT | CC_IMPORT,
		.table = "vip_customer",
		.from = "vip_customer t JOIN agent_group g ON g.tenant_id = t.tenant_id AND g.id = "
				"t.group_id AND g.live = 1",
		.group = "t.group_id IN (" CC_LED_GROUPS ")",
		.columns = columns,
		.check = check,
		.saved = changed,
		.deleting = changed,
		.committed = admin_reload,
};
