/* SPDX-License-Identifier: GPL-2.0-or-later
 * Pages: a list made of a table, a form, a fragment for other pages, a report. */
#include "skeleton.h"

static const char *const moods[] = {CC_NC("mood", "good"), CC_NC("mood", "bad"), NULL};

#define SHOWN (CC_COLUMN_ALL | CC_COLUMN_FILTER)
#define ASKED (CC_COLUMN_FORM | CC_COLUMN_REQUIRED)

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number of the note"), NULL, INT, CC_COLUMN_JSON),
		CC_COLUMN("at", CC_N("Written"), NULL, TIME, CC_COLUMN_ALL | CC_COLUMN_CREATED),
		CC_COLUMN("number", CC_N("Number"), NULL, TEXT, SHOWN | ASKED | CC_COLUMN_EXACT, .max = 32),
		CC_COLUMN("mood", CC_N("Mood"), NULL, CODE, SHOWN | ASKED, .context = "mood",
				.codes = moods, .initial = "good"),
		CC_COLUMN("text", CC_N("Text"), NULL, NOTE, CC_COLUMN_ALL | ASKED, .max = 500),
		CC_COLUMN("author", CC_N("Author"), NULL, TEXT, CC_COLUMN_ALL | CC_COLUMN_STORED),
		{.name = NULL},
};

/* Called when the fields are valid one by one, before the row is written. */
static int check(struct cc_change *c)
{
	if (c->action == CC_CREATE)
		cc_change_set(c, "author", c->rq->user->name);
	return 0;
}

const struct cc_resource skeleton_notes = {
		.name = "notes",
		.title = CC_N("Notes"),
		.thing = CC_N("Note"),
		.path = "/desk/skeleton/notes",
		.permission = "skeleton.notes",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "skeleton_note",
		.own = "TRUE",
		.group = "TRUE",
		.columns = columns,
		.check = check,
};

/* ---- a piece of another application's page: no layout ---- */

int skeleton_tab(struct cc_request *rq)
{
	const char *number = cc_query(rq, "number"), *greeting, *first;
	struct cc_rows rows;
	int err = cc_option(rq->db, &skeleton, "greeting", &greeting);
	if (!err)
		err = cc_option(rq->db, &skeleton, "first", &first);
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT at, text, author FROM skeleton_note WHERE tenant_id = {tenant} "
				"AND number = ? ORDER BY IF(? = 'oldest', id, -id) LIMIT 20",
				number ? number : "", first);
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Notes"));
	cc_value_str(rq->arena, page, "greeting", greeting);
	struct cc_value *list = cc_value_add(rq->arena, page, "notes", CC_VALUE_LIST);
	for (size_t i = 0; i < rows.count; i++) {
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		cc_value_str(rq->arena, item, "at", cc_time_text(rq, cc_row_int(&rows.row[i], 0, 0)));
		cc_value_str(rq->arena, item, "text", cc_row_str(&rows.row[i], 1));
		cc_value_str(rq->arena, item, "author", cc_row_str(&rows.row[i], 2));
	}
	return cc_page_send(rq, "skeleton/tab", page);
}

/* ---- a report ---- */

int skeleton_days(struct cc_request *rq)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT day, calls FROM skeleton_day WHERE tenant_id = {tenant} "
			"ORDER BY day DESC LIMIT 31");
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Calls per day"));
	struct cc_value *list = cc_value_add(rq->arena, page, "days", CC_VALUE_LIST);
	for (size_t i = 0; i < rows.count; i++) {
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		const char *iso = cc_time_iso(rq, cc_row_int(&rows.row[i], 0, 0) * 86400000);
		cc_value_str(rq->arena, item, "day", cc_strndup(rq->arena, iso, 10));
		cc_value_str(rq->arena, item, "calls", cc_row_str(&rows.row[i], 1));
	}
	return cc_page_send(rq, "skeleton/days", page);
}
