/* SPDX-License-Identifier: GPL-2.0-or-later
 * What hangs on customers goes to the survivor of a merge and comes back when it is undone. */
#include "merge.h"

/* Rows with a key of their own change their customer. What the survivor has already (a task of the
 * same agent) stays where it is: IGNORE. */
struct kind
{
	const char *note, *move, *back;
};

#define KIND(name, table)                                                                          \
	{                                                                                              \
		"INSERT INTO customer_merge_row (tenant_id, merge_id, kind, row_id, customer_id) SELECT "  \
		"{tenant}, ?, '" name "', x.id, x.customer_id FROM " table                                 \
		" x WHERE x.tenant_id = {tenant} AND x.customer_id IN (" CC_MANY_KEYS ")",                 \
				"UPDATE IGNORE " CC_MANY_TABLE " JOIN " table " x ON x.tenant_id = {tenant} AND "  \
				"x.customer_id = j.k SET x.customer_id = ?",                                       \
				"UPDATE customer_merge_row m JOIN " table " x ON x.tenant_id = m.tenant_id AND "   \
				"x.id = m.row_id SET x.customer_id = m.customer_id WHERE m.tenant_id = {tenant} "  \
				"AND m.merge_id = ? AND m.kind = '" name "' AND x.customer_id = ?"                 \
	}

static const struct kind kinds[] = {KIND("mark", "customer_mark"),
		KIND("contact", "contact_record"), KIND("move", "customer_move"),
		KIND("task", "customer_task"), KIND("appointment", "appointment"),
		KIND("call_task", "call_task_customer"), KIND("service", "service_record")};

/* Tags and shares have no key of their own: the others keep theirs, the survivor gets what it has
 * not. */
static int add_sets(struct cc_db *db, int64_t merge, int64_t survivor, const char *others)
{
	int err = cc_db_exec(db,
			"INSERT INTO customer_merge_row (tenant_id, merge_id, kind, row_id, customer_id) "
			"SELECT {tenant}, ?, 'tag', x.tag_id, MIN(x.customer_id) FROM customer_tagged x WHERE "
			"x.tenant_id = {tenant} AND x.customer_id IN (" CC_MANY_KEYS
			") AND x.tag_id NOT IN (SELECT o.tag_id FROM customer_tagged o WHERE o.tenant_id = "
			"{tenant} AND o.customer_id = ?) GROUP BY x.tag_id",
			merge, others, survivor);

	if (!err)
		err = cc_db_exec(db,
				"INSERT INTO customer_tagged (tenant_id, tag_id, customer_id) SELECT m.tenant_id, "
				"m.row_id, ? FROM customer_merge_row m WHERE m.tenant_id = {tenant} AND m.merge_id "
				"= ? AND m.kind = 'tag'",
				survivor, merge);
	if (!err)
		err = cc_db_exec(db,
				"INSERT INTO customer_merge_row (tenant_id, merge_id, kind, row_id, customer_id) "
				"SELECT {tenant}, ?, 'share', x.agent_id, MIN(x.customer_id) FROM customer_share x "
				"WHERE x.tenant_id = {tenant} AND x.customer_id IN (" CC_MANY_KEYS
				") AND x.agent_id NOT IN (SELECT o.agent_id FROM customer_share o WHERE "
				"o.tenant_id = {tenant} AND o.customer_id = ?) GROUP BY x.agent_id",
				merge, others, survivor);
	if (!err)
		err = cc_db_exec(db,
				"INSERT INTO customer_share (tenant_id, agent_id, customer_id, at, user_id) SELECT "
				"x.tenant_id, x.agent_id, ?, x.at, x.user_id FROM customer_merge_row m JOIN "
				"customer_share x ON x.tenant_id = m.tenant_id AND x.agent_id = m.row_id AND "
				"x.customer_id = m.customer_id WHERE m.tenant_id = {tenant} AND m.merge_id = ? AND "
				"m.kind = 'share'",
				survivor, merge);
	return err;
}

/* Rows of call tasks that changed their customer are whose that one is. */
static int follow_owner(struct cc_db *db, int64_t merge)
{
	return cc_db_exec(db,
			"UPDATE customer_merge_row m JOIN call_task_customer x ON x.tenant_id = m.tenant_id "
			"AND "
			"x.id = m.row_id JOIN customer c ON c.tenant_id = x.tenant_id AND c.id = x.customer_id "
			"SET x.agent_id = c.agent_id WHERE m.tenant_id = {tenant} AND m.merge_id = ? AND "
			"m.kind "
			"= 'call_task'",
			merge);
}

int merge_rows_move(struct cc_db *db, int64_t merge, int64_t survivor, const char *others)
{
	const struct cc_bind note[] = {cc_bind_int(merge), cc_bind_str(others)};
	const struct cc_bind move[] = {cc_bind_str(others), cc_bind_int(survivor)};
	int err = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && !err; i++) {
		err = cc_db_query_text(db, NULL, kinds[i].note, note, 2);
		if (!err)
			err = cc_db_query_text(db, NULL, kinds[i].move, move, 2);
	}
	if (!err)
		err = follow_owner(db, merge);
	return err ? err : add_sets(db, merge, survivor, others);
}

int merge_rows_return(struct cc_db *db, int64_t merge, int64_t survivor)
{
	const struct cc_bind back[] = {cc_bind_int(merge), cc_bind_int(survivor)};
	int err = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && !err; i++)
		err = cc_db_query_text(db, NULL, kinds[i].back, back, 2);
	if (!err)
		err = follow_owner(db, merge);
	if (!err)
		err = cc_db_exec(db,
				"DELETE x FROM customer_tagged x JOIN customer_merge_row m ON m.tenant_id = "
				"x.tenant_id AND m.row_id = x.tag_id AND m.kind = 'tag' WHERE x.tenant_id = "
				"{tenant} AND m.merge_id = ? AND x.customer_id = ?",
				merge, survivor);
	if (!err)
		err = cc_db_exec(db,
				"DELETE x FROM customer_share x JOIN customer_merge_row m ON m.tenant_id = "
				"x.tenant_id AND m.row_id = x.agent_id AND m.kind = 'share' WHERE x.tenant_id = "
				"{tenant} AND m.merge_id = ? AND x.customer_id = ?",
				merge, survivor);
	return err;
}

int merge_rows_latest(struct cc_db *db, struct cc_arena *arena, const char *customers)
{
	struct cc_rows rows = {0};
	int err = cc_db_query(db, &rows,
			"SELECT customer_id, MAX(id) FROM customer_mark WHERE tenant_id = {tenant} AND "
			"customer_id IN (" CC_MANY_KEYS ") GROUP BY customer_id",
			customers);

	for (size_t i = 0; i < rows.count && !err; i++)
		err = cc_db_exec(db,
				"UPDATE customer_mark SET latest = id = ? WHERE tenant_id = {tenant} AND "
				"customer_id = ?",
				cc_row_int(&rows.row[i], 1, 0), cc_row_int(&rows.row[i], 0, 0));
	return err;
}
