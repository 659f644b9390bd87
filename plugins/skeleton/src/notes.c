/* SPDX-License-Identifier: GPL-2.0-or-later
 * Pages: a list made of a table, a form, a fragment for other pages, a report. */
#include <string.h>
#include "skeleton.h"

#define TEXT_MAX 500
#define NUMBER_MAX 32

static const char *const moods[] = {CC_NC("mood", "good"), CC_NC("mood", "bad"), NULL};

static const struct cc_column columns[] = {
		{.name = "id",
				.label = CC_N("Note"),
				.sql = "n.id",
				.type = CC_COLUMN_ID,
				.flags = CC_COLUMN_CSV | CC_COLUMN_JSON},
		{.name = "at",
				.label = CC_N("Written"),
				.sql = "n.at",
				.type = CC_COLUMN_TIME,
				.flags = CC_COLUMN_ALL},
		{.name = "number", .label = CC_N("Number"), .sql = "n.number", .flags = CC_COLUMN_ALL},
		{.name = "mood",
				.label = CC_N("Mood"),
				.sql = "n.mood",
				.type = CC_COLUMN_CODE,
				.context = "mood",
				.flags = CC_COLUMN_ALL},
		{.name = "text", .label = CC_N("Text"), .sql = "n.text", .flags = CC_COLUMN_ALL},
		{.name = "author", .label = CC_N("Author"), .sql = "n.author", .flags = CC_COLUMN_ALL},
		{.name = NULL},
};

static const struct cc_filter filters[] = {
		{.name = "number", .label = CC_N("Number"), .sql = "n.number", .type = CC_FILTER_EQUAL},
		{.name = "mood",
				.label = CC_N("Mood"),
				.sql = "n.mood",
				.type = CC_FILTER_CODE,
				.codes = moods,
				.context = "mood"},
		{.name = NULL},
};

const struct cc_resource skeleton_notes = {
		.name = "notes",
		.title = CC_N("Notes"),
		.path = "/desk/skeleton/notes",
		.permission = "skeleton.notes.list",
		.from = "skeleton_note n",
		.where = "n.tenant_id = {tenant}",
		.own = "TRUE",
		.group = "TRUE",
		.key = "n.id",
		.columns = columns,
		.filters = filters,
		.page = "skeleton/notes",
};

/* ---- a form ---- */

static int show_form(struct cc_request *rq, const char *fault)
{
	const char *greeting, *mood, *given = cc_form(rq, "mood");
	int err = cc_option(rq->db, &skeleton, "greeting", &greeting);
	if (!err)
		err = cc_option(rq->db, &skeleton, "mood", &mood);
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_t(rq, "New note"));
	cc_value_str(rq->arena, page, "fault", fault);
	cc_value_str(rq->arena, page, "greeting", greeting);
	const char *number = cc_form(rq, "number"), *text = cc_form(rq, "text");
	cc_value_str(rq->arena, page, "number", number ? number : "");
	cc_value_str(rq->arena, page, "text", text ? text : "");
	struct cc_value *list = cc_value_add(rq->arena, page, "moods", CC_VALUE_LIST);
	for (const char *const *m = moods; *m; m++) {
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		cc_value_str(rq->arena, item, "value", *m);
		cc_value_str(rq->arena, item, "label", cc_tc(rq, "mood", *m));
		cc_value_bool(rq->arena, item, "selected", !strcmp(*m, given ? given : mood));
	}
	if (fault)
		cc_status(rq, 400);
	return cc_page_send(rq, "skeleton/form", page);
}

int skeleton_note_form(struct cc_request *rq)
{
	return show_form(rq, NULL);
}

int skeleton_note_create(struct cc_request *rq)
{
	const char *number = cc_form(rq, "number"), *text = cc_form(rq, "text");
	const char *mood = cc_form(rq, "mood");
	const char *const *m = moods;
	while (mood && *m && strcmp(*m, mood))
		m++;
	if (!number || !*number || strlen(number) > NUMBER_MAX)
		return show_form(rq, cc_t(rq, "Give a number."));
	if (!text || !*text || strlen(text) > TEXT_MAX)
		return show_form(rq, cc_t(rq, "Give a text of at most 500 bytes."));
	if (!mood || !*m)
		return show_form(rq, cc_t(rq, "Choose a mood."));
	struct cc_ulid id = cc_ulid_new();
	int err = cc_db_exec(rq->db,
			"INSERT INTO skeleton_note (tenant_id, id, at, number, text, mood, author) "
			"VALUES ({tenant}, ?, ?, ?, ?, ?, ?)",
			((struct cc_bytes){id.b, sizeof id.b}), rq->now_ms, number, text, mood, rq->user->name);
	if (err)
		return err;
	cc_audit(rq, "skeleton.note.create", number, NULL);
	cc_redirect(rq, skeleton_notes.path);
	return 0;
}

/* ---- a piece of another application's page: no layout ---- */

int skeleton_tab(struct cc_request *rq)
{
	const char *number = cc_query(rq, "number");
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT at, text, author FROM skeleton_note WHERE tenant_id = {tenant} AND number = ? "
			"ORDER BY id DESC LIMIT 20",
			number ? number : "");
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Notes"));
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
