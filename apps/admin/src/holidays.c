/* SPDX-License-Identifier: GPL-2.0-or-later
 * Days on which queues greet with their holiday prompt, in the tenant's time zone. */
#include <string.h>
#include "admin.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define SPAN_MAX 31 /* days entered at once */

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("day", CC_N("Day"), "t.day", DATE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_SORT | CC_COLUMN_FILTER,
				.unique = "PRIMARY", .link = "/admin/holidays/"),
		CC_COLUMN("name", CC_N("Holiday"), "t.name", TEXT,
				LIST | FORM | CC_COLUMN_BATCH | CC_COLUMN_QUICK_ANYWHERE, .max = 100),
		CC_COLUMN("until", CC_N("Last day"), NULL, DATE, FORM | CC_COLUMN_VIRTUAL | CC_COLUMN_FIXED,
				.help = CC_N("For several days in a row; days that are holidays already stay. "
							 "Empty: one day.")),
		{.name = NULL},
};

static int check(struct cc_change *c)
{
	struct cc_rows rows;
	const char *until = cc_change_new(c, "until");
	if (c->action != CC_CREATE || !until)
		return 0;
	int err = cc_db_query(
			c->rq->db, &rows, "SELECT DATEDIFF(?, ?) {any}", until, cc_change_new(c, "day"));
	int64_t days = err ? 0 : cc_row_int(&rows.row[0], 0, -1);
	if (days < 0)
		return cc_change_refuse(c, "until", cc_t(c->rq, "This lies before the first day."));
	if (days >= SPAN_MAX)
		return cc_change_refuse(c, "until",
				cc_fill(c->rq, cc_t(c->rq, "At most {n} days at once."), "{n}", SPAN_MAX));
	return err;
}

static int saved(struct cc_change *c)
{
	const char *until = cc_change_new(c, "until");
	int err = 0;
	if (c->action == CC_CREATE && until)
		err = cc_db_exec(c->rq->db,
				"INSERT IGNORE INTO holiday (tenant_id, day, name) WITH RECURSIVE days AS (SELECT "
				"CAST(? AS DATE) AS day UNION ALL SELECT day + INTERVAL 1 DAY FROM days WHERE day "
				"< ?) SELECT {tenant}, day, ? FROM days",
				cc_change_new(c, "day"), until,
				cc_change_new(c, "name") ? cc_change_new(c, "name") : "");
	return err ? err : admin_changed(c->rq);
}

static int deleting(struct cc_change *c)
{
	return admin_changed(c->rq);
}

const struct cc_resource admin_holidays = {
		.name = "holidays",
		.title = CC_N("Holidays"),
		.thing = CC_N("Holiday"),
		.path = "/admin/holidays",
		.permission = "admin.holiday",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "holiday",
		.columns = columns,
		.note = CC_N("On these days queues that have a holiday prompt greet with it."),
		.check = check,
		.saved = saved,
		.deleting = deleting,
		.committed = admin_reload,
};
