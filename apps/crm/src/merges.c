/* SPDX-License-Identifier: GPL-2.0-or-later
 * The list of merges: what was put together, with a button that undoes it. */
#include <stdlib.h>
#include "merge.h"

#define LIST CC_COLUMN_ALL
#define MORE (CC_COLUMN_ALL | CC_COLUMN_HIDDEN)

static const char *const states[] = {
		CC_NC("merge", "done"), CC_NC("merge", "undone"), CC_NC("merge", "final"), NULL};

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON),
		CC_COLUMN("at", CC_N("Time"), NULL, TIME, LIST | CC_COLUMN_SORT),
		CC_COLUMN("name", CC_N("Customer"), NULL, TEXT, LIST | CC_COLUMN_QUICK_ANYWHERE,
				.link = "/crm/merged/"),
		CC_COLUMN("customer_id", CC_N("Kept customer"), NULL, INT, LIST | CC_COLUMN_FILTER),
		CC_COLUMN("others", CC_N("Merged into it"),
				"(SELECT GROUP_CONCAT(CONCAT(x.name, ' (', x.customer_id, ')') ORDER BY "
				"x.customer_id SEPARATOR ', ') FROM customer_merged x WHERE x.tenant_id = "
				"t.tenant_id AND x.merge_id = t.id)",
				TEXT, LIST & ~CC_COLUMN_SEARCH),
		CC_COLUMN("package_id", CC_N("Package"),
				"(SELECT x.name FROM customer_package x WHERE x.tenant_id = t.tenant_id AND x.id = "
				"t.package_id)",
				OPTION, MORE | CC_COLUMN_FILTER, .options = CC_PACKAGE_OPTIONS("customers")),
		CC_COLUMN("state", CC_N("State"), NULL, CODE, LIST | CC_COLUMN_FILTER, .context = "merge",
				.codes = states),
		CC_COLUMN("user_name", CC_N("User"), NULL, TEXT, LIST | CC_COLUMN_FILTER),
		CC_COLUMN("undone_at", CC_N("Undone"), NULL, TIME, LIST),
		CC_COLUMN("undone_by", CC_N("Undone by"), NULL, TEXT, MORE),
		{.name = NULL},
};

static int undo(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	int64_t other = 0;
	int err = merge_undo(rq, strtoll(key, NULL, 10), &other);

	if ((err == CC_E_STATE && !cc_db_deadlocked(rq->db)) || err == CC_E_EXIST)
		cc_undo(rq);
	else
		return err;
	if (err == CC_E_STATE)
		return cc_error(rq, 409,
				cc_t(rq, "It is undone already, or its customer was merged into another one since: "
						 "undo that first."));
	return cc_error(
			rq, 409, cc_fill(rq, cc_t(rq, "Customer {n} has this number or value."), "{n}", other));
}

/* GET /crm/merged/{id}: the card of who was kept. */
int crm_merged_card(struct cc_request *rq)
{
	struct cc_row row;
	struct cc_rows rows;
	const char *id = cc_param(rq, "id");
	int err = cc_resource_get(rq, &crm_merges, id, &row);

	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT customer_id FROM customer_merge WHERE tenant_id = {tenant} AND id = ?", id);
	if (!err && !rows.count)
		err = CC_E_NOENT;
	if (!err)
		cc_redirect(
				rq, cc_sprintf(rq->arena, "/crm/card?customer=%s", cc_row_str(&rows.row[0], 0)));
	return err;
}

static const struct cc_action buttons[] = {
		{.name = "undo",
				.label = CC_NC("action", "Undo"),
				.permission = "undo",
				.shown = "t.state = 'done'",
				.confirm = CC_N("The customers are apart again, with all that was theirs."),
				.run = undo},
		{.name = NULL},
};

const struct cc_resource crm_merges = {
		.name = "merges",
		.title = CC_N("Merged customers"),
		.thing = CC_N("Merge"),
		.path = "/crm/merges",
		.permission = "crm.merges",
		.actions = CC_EXPORT,
		.table = "customer_merge",
		.where = "t.tenant_id = {tenant} AND " CC_PACKAGE_SHOWN("customers", "t.package_id"),
		.own = "t.user_id = {user}",
		.group = "t.user_id = {user}",
		.columns = columns,
		.range = "t.at",
		.buttons = buttons,
		.note = CC_N("What was merged is kept and can be taken apart again."),
};
