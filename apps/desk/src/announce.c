/* SPDX-License-Identifier: GPL-2.0-or-later
 * MSG-01: announcements to all, to groups or to agents. Whoever manages them with a narrower data
 * scope than all writes to the groups one leads and sees only the own ones. */
#include "desk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>
#include "cc/people.h"
#include "cc/utf8.h"

#define TITLE_MAX 100 /* characters */
#define BODY_MAX 5000
#define DAYS_MAX 3650
#define DAY_MS (24 * 3600 * 1000LL)

/* Columns of desk_announcements_query. */
enum
{
	M_ID,
	M_TITLE,
	M_BODY,
	M_POPUP,
	M_BIG,
	M_AUTHOR,
	M_CREATED,
	M_READ,
};

struct announcement
{
	int64_t id, days; /* id 0: a new one */
	const char *title, *body, *receivers;
	bool popup, big_screen;
	struct cc_rows groups, agents; /* that may be chosen: id, number, name, chosen */
};

static bool sees_all(const struct cc_request *rq)
{
	return rq->user->scope == CC_SCOPE_ALL;
}

static int64_t id_param(const struct cc_request *rq)
{
	const char *text = cc_param(rq, "id");
	size_t len = strlen(text);
	return len && len < 19 && strspn(text, "0123456789") == len ? strtoll(text, NULL, 10) : 0;
}

/* ---- for their readers ---- */

int desk_announcements_query(struct cc_request *rq, struct cc_rows *rows)
{
	return cc_db_query(rq->db, rows,
			"SELECT a.id, a.title, a.body, a.popup, a.big_screen, a.author, a.created_at, r.at "
			"FROM announcement a LEFT JOIN announcement_read r ON r.tenant_id = a.tenant_id "
			"AND r.announcement_id = a.id AND r.user_id = {user} "
			"WHERE a.tenant_id = {tenant} AND (a.expires_at IS NULL OR a.expires_at > ?) "
			"AND (a.receivers = 'all' OR EXISTS (SELECT 1 FROM announcement_receiver x "
			"JOIN agent g ON g.tenant_id = x.tenant_id AND g.number = {agent} "
			"WHERE x.tenant_id = a.tenant_id AND x.announcement_id = a.id "
			"AND ((x.kind = 'agent' AND x.receiver_id = g.id) OR (x.kind = 'group' "
			"AND x.receiver_id IN (SELECT m.group_id FROM agent_group_member m "
			"WHERE m.tenant_id = g.tenant_id AND m.agent_id = g.id))))) "
			"ORDER BY a.created_at DESC, a.id DESC LIMIT 100",
			rq->now_ms);
}

void desk_announcements_list(
		struct cc_request *rq, const struct cc_rows *rows, size_t max, struct cc_value *page)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *list = cc_value_add(a, page, "announcements", CC_VALUE_LIST);
	for (size_t i = 0; i < rows->count && i < max; i++) {
		const struct cc_row *row = &rows->row[i];
		struct cc_value *v = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, v, "id", cc_row_str(row, M_ID));
		cc_value_str(a, v, "headline", cc_row_str(row, M_TITLE));
		cc_value_str(a, v, "author", cc_row_str(row, M_AUTHOR));
		cc_value_str(a, v, "at", cc_time_text(rq, cc_row_int(row, M_CREATED, 0)));
		cc_value_bool(a, v, "unread", !row->v[M_READ]);
	}
}

static void rows_json(struct cc_request *rq, const struct cc_rows *rows, struct json_object *list)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct cc_row *row = &rows->row[i];
		struct json_object *o = json_object_new_object();
		desk_json_int(o, "id", cc_row_int(row, M_ID, 0));
		desk_json_str(o, "title", cc_row_str(row, M_TITLE));
		desk_json_str(o, "body", cc_row_str(row, M_BODY));
		desk_json_str(o, "author", cc_row_str(row, M_AUTHOR));
		desk_json_str(o, "at", cc_time_text(rq, cc_row_int(row, M_CREATED, 0)));
		json_object_object_add(
				o, "popup", json_object_new_boolean(cc_row_int(row, M_POPUP, 0) != 0));
		json_object_object_add(
				o, "big_screen", json_object_new_boolean(cc_row_int(row, M_BIG, 0) != 0));
		json_object_object_add(o, "read", json_object_new_boolean(row->v[M_READ] != NULL));
		json_object_array_add(list, o);
	}
}

int desk_announcements_mine(struct cc_request *rq)
{
	struct cc_rows rows;
	int err = desk_announcements_query(rq, &rows);
	if (err)
		return err;
	if (rq->json) {
		struct json_object *o = desk_json(rq), *list = json_object_new_array();
		json_object_object_add(o, "rows", list);
		rows_json(rq, &rows, list);
		return desk_json_send(rq, o);
	}
	struct cc_value *page = cc_page(rq, cc_t(rq, "Announcements"));
	desk_announcements_list(rq, &rows, rows.count, page);
	return cc_page_send(rq, "desk/announcements-mine", page);
}

static int mark_read(struct cc_request *rq, void *ctx)
{
	const int64_t *id = ctx;
	return cc_db_exec(rq->db,
			"INSERT IGNORE INTO announcement_read (tenant_id, announcement_id, user_id, at) "
			"VALUES ({tenant}, ?, {user}, ?)",
			*id, rq->now_ms);
}

/* The row with this id among those for the user; NULL: not for them. */
static const struct cc_row *find_mine(const struct cc_rows *rows, int64_t id)
{
	for (size_t i = 0; i < rows->count; i++)
		if (cc_row_int(&rows->row[i], M_ID, 0) == id)
			return &rows->row[i];
	return NULL;
}

int desk_announcement_view(struct cc_request *rq)
{
	struct cc_rows rows;
	int64_t *id = cc_alloc(rq->arena, sizeof *id);
	*id = id_param(rq);
	int err = desk_announcements_query(rq, &rows);
	if (err)
		return err;
	const struct cc_row *row = find_mine(&rows, *id);
	if (!row)
		return CC_E_NOENT;
	cc_defer(rq, mark_read, id, false);
	struct cc_value *page = cc_page(rq, cc_row_str(row, M_TITLE));
	cc_value_str(rq->arena, page, "body", cc_row_str(row, M_BODY));
	cc_value_str(rq->arena, page, "author", cc_row_str(row, M_AUTHOR));
	cc_value_str(rq->arena, page, "at", cc_time_text(rq, cc_row_int(row, M_CREATED, 0)));
	return cc_page_send(rq, "desk/announcement", page);
}

int desk_announcement_read(struct cc_request *rq)
{
	struct cc_rows rows;
	int64_t id = id_param(rq);
	int err = desk_announcements_query(rq, &rows);
	if (!err && !find_mine(&rows, id))
		err = CC_E_NOENT;
	if (!err)
		err = mark_read(rq, &id);
	if (err)
		return err;
	cc_redirect(rq, "/desk/announcements/mine");
	return 0;
}

/* ---- for who writes them ---- */

int desk_announcements(struct cc_request *rq)
{
	struct cc_arena *a = rq->arena;
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT a.id, a.title, a.receivers, a.popup, a.big_screen, a.expires_at, a.author, "
			"a.created_at, (SELECT COUNT(*) FROM announcement_read r WHERE r.tenant_id = "
			"a.tenant_id AND r.announcement_id = a.id) FROM announcement a "
			"WHERE a.tenant_id = {tenant} AND (? OR a.author_id = {user}) "
			"ORDER BY a.created_at DESC, a.id DESC LIMIT 200",
			sees_all(rq));
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Announcements"));
	struct cc_value *list = cc_value_add(a, page, "rows", CC_VALUE_LIST);
	for (size_t i = 0; i < rows.count; i++) {
		const struct cc_row *row = &rows.row[i];
		struct cc_value *v = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		int64_t expires = cc_row_int(row, 5, 0);
		cc_value_str(a, v, "id", cc_row_str(row, 0));
		cc_value_str(a, v, "headline", cc_row_str(row, 1));
		cc_value_str(a, v, "receivers", cc_tc(rq, "receivers", cc_row_str(row, 2)));
		cc_value_bool(a, v, "popup", cc_row_int(row, 3, 0));
		cc_value_bool(a, v, "big_screen", cc_row_int(row, 4, 0));
		cc_value_str(a, v, "expires", cc_time_text(rq, expires));
		cc_value_bool(a, v, "expired", expires && expires <= rq->now_ms);
		cc_value_str(a, v, "author", cc_row_str(row, 6));
		cc_value_str(a, v, "at", cc_time_text(rq, cc_row_int(row, 7, 0)));
		cc_value_str(a, v, "reads", cc_row_str(row, 8));
	}
	return cc_page_send(rq, "desk/announcements", page);
}

/* Groups and agents that may be chosen, with what the announcement has chosen. */
static int load_choices(struct cc_request *rq, struct announcement *n)
{
	bool all = sees_all(rq);
	int err = cc_db_query(rq->db, &n->groups,
			"SELECT g.id, g.number, g.name, x.receiver_id IS NOT NULL FROM agent_group g "
			"LEFT JOIN announcement_receiver x ON x.tenant_id = g.tenant_id AND x.kind = 'group' "
			"AND x.announcement_id = ? AND x.receiver_id = g.id WHERE g.tenant_id = {tenant} "
			"AND g.state = 'enabled' AND g.live = 1 AND (? OR g.id IN (" CC_LED_GROUPS ")) "
			"ORDER BY g.number",
			n->id, all);
	if (!err)
		err = cc_db_query(rq->db, &n->agents,
				"SELECT a.id, a.number, a.name, x.receiver_id IS NOT NULL FROM agent a "
				"LEFT JOIN announcement_receiver x ON x.tenant_id = a.tenant_id AND x.kind = "
				"'agent' AND x.announcement_id = ? AND x.receiver_id = a.id "
				"WHERE a.tenant_id = {tenant} AND a.state = 'enabled' AND a.live = 1 AND (? OR "
				"a.id IN (" CC_LED_AGENTS("id") ") OR a.id IN (" CC_MANAGED_AGENTS(
						"id") ")) "
							  "ORDER BY LENGTH(a.number), a.number",
				n->id, all);
	return err;
}

/* The announcement of the path, if the user may change it. */
static int load_one(struct cc_request *rq, struct announcement *n)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT title, body, receivers, popup, big_screen, valid_days FROM announcement "
			"WHERE tenant_id = {tenant} AND id = ? AND (? OR author_id = {user})",
			n->id, sees_all(rq));
	if (err)
		return err;
	if (!rows.count)
		return CC_E_NOENT;
	const struct cc_row *row = &rows.row[0];
	n->title = cc_row_str(row, 0);
	n->body = cc_row_str(row, 1);
	n->receivers = cc_row_str(row, 2);
	n->popup = cc_row_int(row, 3, 0);
	n->big_screen = cc_row_int(row, 4, 0);
	n->days = cc_row_int(row, 5, 0);
	return 0;
}

/* Choices of one kind for the page; posted: as the form has them, not as stored. */
static void add_choices(struct cc_request *rq, struct cc_value *page, const char *kind,
		const struct cc_rows *rows, bool posted)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *list = cc_value_add(a, page, cc_sprintf(a, "%s_choices", kind), CC_VALUE_LIST);
	for (size_t i = 0; i < rows->count; i++) {
		const struct cc_row *row = &rows->row[i];
		const char *field = cc_sprintf(a, "%s_%s", kind, cc_row_str(row, 0));
		struct cc_value *v = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, v, "field", field);
		cc_value_str(a, v, "number", cc_row_str(row, 1));
		cc_value_str(a, v, "name", cc_row_str(row, 2));
		cc_value_bool(
				a, v, "chosen", posted ? cc_form(rq, field) != NULL : cc_row_int(row, 3, 0) != 0);
	}
}

static int show_form(
		struct cc_request *rq, const struct announcement *n, bool posted, const char *fault)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *page =
			cc_page(rq, n->id ? cc_t(rq, "Edit announcement") : cc_t(rq, "New announcement"));
	cc_value_str(a, page, "action",
			n->id ? cc_sprintf(a, "/desk/announcements/%" PRId64, n->id) : "/desk/announcements");
	cc_value_bool(a, page, "existing", n->id);
	cc_value_str(a, page, "headline", n->title);
	cc_value_str(a, page, "body", n->body);
	cc_value_int(a, page, "days", n->days);
	cc_value_bool(a, page, "popup", n->popup);
	cc_value_bool(a, page, "big_screen", n->big_screen);
	cc_value_str(a, page, "fault", fault);
	/* for the catalogues: CC_NC("receivers", "all") CC_NC("receivers", "groups")
	 * CC_NC("receivers", "agents") */
	static const char *const receivers[] = {"all", "groups", "agents"};
	struct cc_value *list = cc_value_add(a, page, "receivers", CC_VALUE_LIST);
	for (size_t i = sees_all(rq) ? 0 : 1; i < 3; i++) {
		struct cc_value *v = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, v, "code", receivers[i]);
		cc_value_str(a, v, "label", cc_tc(rq, "receivers", receivers[i]));
		cc_value_bool(a, v, "chosen", !strcmp(n->receivers, receivers[i]));
	}
	add_choices(rq, page, "group", &n->groups, posted);
	add_choices(rq, page, "agent", &n->agents, posted);
	if (fault)
		cc_status(rq, 400);
	return cc_page_send(rq, "desk/announcement-edit", page);
}

int desk_announcement_new(struct cc_request *rq)
{
	struct announcement n = {.title = "", .body = "", .days = 7};
	n.receivers = sees_all(rq) ? "all" : "groups";
	int err = load_choices(rq, &n);
	return err ? err : show_form(rq, &n, false, NULL);
}

int desk_announcement_edit(struct cc_request *rq)
{
	struct announcement n = {.id = id_param(rq)};
	int err = load_one(rq, &n);
	if (!err)
		err = load_choices(rq, &n);
	return err ? err : show_form(rq, &n, false, NULL);
}

static size_t characters(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

static const char *posted(const struct cc_request *rq, const char *name)
{
	const char *value = cc_form(rq, name);
	return value ? value : "";
}

/* Those of rows that the form has chosen. */
static size_t chosen_count(struct cc_request *rq, const char *kind, const struct cc_rows *rows)
{
	size_t n = 0;
	for (size_t i = 0; i < rows->count; i++)
		n += cc_form(rq, cc_sprintf(rq->arena, "%s_%s", kind, cc_row_str(&rows->row[i], 0))) !=
			 NULL;
	return n;
}

/* Takes the form over; what is wrong with it, NULL if nothing. */
static const char *take_form(struct cc_request *rq, struct announcement *n)
{
	const char *days = posted(rq, "days");
	char *end;
	n->title = posted(rq, "title");
	n->body = posted(rq, "body");
	n->popup = cc_form(rq, "popup");
	n->big_screen = cc_form(rq, "big_screen");
	const char *receivers = posted(rq, "receivers");
	bool all = !strcmp(receivers, "all");
	bool groups = !strcmp(receivers, "groups"), agents = !strcmp(receivers, "agents");
	if (all || groups || agents)
		n->receivers = receivers;
	size_t title = characters(n->title), body = characters(n->body);
	if (!n->title[strspn(n->title, " \t\r\n")] || title > TITLE_MAX || strpbrk(n->title, "\r\n"))
		return cc_t(rq, "The title has 1 to 100 characters on one line.");
	if (!n->body[strspn(n->body, " \t\r\n")] || body > BODY_MAX)
		return cc_t(rq, "The text has 1 to 5,000 characters.");
	long number = strtol(days, &end, 10);
	if (*days < '0' || *days > '9' || *end || number > DAYS_MAX)
		return cc_t(rq, "The validity is a number of days from 0 to 3650; 0 is for ever.");
	n->days = number;
	if ((!all && !groups && !agents) || (all && !sees_all(rq)))
		return cc_t(rq, "Choose who receives it.");
	if ((groups && !chosen_count(rq, "group", &n->groups)) ||
			(agents && !chosen_count(rq, "agent", &n->agents)))
		return cc_t(rq, "Choose at least one receiver.");
	return NULL;
}

static int store_receivers(
		struct cc_request *rq, int64_t id, const char *kind, const struct cc_rows *rows)
{
	int err = 0;
	for (size_t i = 0; i < rows->count && !err; i++) {
		const char *receiver = cc_row_str(&rows->row[i], 0);
		const char *field = cc_sprintf(rq->arena, "%s_%s", kind, receiver);
		if (cc_form(rq, field))
			err = cc_db_exec(rq->db,
					"INSERT INTO announcement_receiver (tenant_id, announcement_id, kind, "
					"receiver_id) VALUES ({tenant}, ?, ?, ?)",
					id, kind, receiver);
	}
	return err;
}

static int store(struct cc_request *rq, struct announcement *n)
{
	bool fresh = !n->id;
	int err;
	if (fresh) {
		err = cc_db_exec(rq->db,
				"INSERT INTO announcement (tenant_id, title, body, receivers, popup, big_screen, "
				"valid_days, expires_at, author_id, author, created_at, updated_at) "
				"VALUES ({tenant}, ?, ?, ?, ?, ?, ?, NULLIF(?, 0), {user}, ?, ?, ?)",
				n->title, n->body, n->receivers, n->popup, n->big_screen, n->days,
				n->days ? rq->now_ms + n->days * DAY_MS : 0LL, rq->user->name, rq->now_ms,
				rq->now_ms);
		n->id = err ? 0 : cc_db_insert_id(rq->db);
	} else {
		err = cc_db_exec(rq->db,
				"UPDATE announcement SET title = ?, body = ?, receivers = ?, popup = ?, "
				"big_screen = ?, valid_days = ?, expires_at = IF(?, created_at + ? * 86400000, "
				"NULL), updated_at = ? WHERE tenant_id = {tenant} AND id = ?",
				n->title, n->body, n->receivers, n->popup, n->big_screen, n->days, n->days > 0,
				n->days, rq->now_ms, n->id);
		/* what has changed is news again */
		if (!err)
			err = cc_db_exec(rq->db,
					"DELETE FROM announcement_read WHERE tenant_id = {tenant} "
					"AND announcement_id = ?",
					n->id);
		if (!err)
			err = cc_db_exec(rq->db,
					"DELETE FROM announcement_receiver WHERE tenant_id = {tenant} "
					"AND announcement_id = ?",
					n->id);
	}
	if (!err && !strcmp(n->receivers, "groups"))
		err = store_receivers(rq, n->id, "group", &n->groups);
	if (!err && !strcmp(n->receivers, "agents"))
		err = store_receivers(rq, n->id, "agent", &n->agents);
	return err;
}

static int changed(struct cc_request *rq, int64_t id, const char *action, const char *title)
{
	struct json_object *detail = desk_json(rq);
	const char *text = cc_sprintf(rq->arena, "%" PRId64, id);
	desk_json_str(detail, "title", title);
	cc_audit(rq, action, text, desk_json_text(detail));
	cc_changed(rq, "announcement", text);
	cc_redirect(rq, "/desk/announcements");
	return 0;
}

int desk_announcement_save(struct cc_request *rq)
{
	struct announcement n = {.id = *cc_param(rq, "id") ? id_param(rq) : 0};
	bool fresh = !*cc_param(rq, "id");
	int err = 0;
	n.receivers = "groups";
	if (!fresh)
		err = load_one(rq, &n);
	if (!err)
		err = load_choices(rq, &n);
	if (err)
		return err;
	const char *fault = take_form(rq, &n);
	if (fault)
		return show_form(rq, &n, true, fault);
	err = store(rq, &n);
	return err ? err
			   : changed(rq, n.id, fresh ? "desk.announcements.create" : "desk.announcements.edit",
						 n.title);
}

int desk_announcement_delete(struct cc_request *rq)
{
	struct announcement n = {.id = id_param(rq)};
	int err = load_one(rq, &n);
	if (!err)
		err = cc_db_exec(
				rq->db, "DELETE FROM announcement WHERE tenant_id = {tenant} AND id = ?", n.id);
	if (!err)
		err = cc_db_exec(rq->db,
				"DELETE FROM announcement_receiver WHERE tenant_id = {tenant} "
				"AND announcement_id = ?",
				n.id);
	if (!err)
		err = cc_db_exec(rq->db,
				"DELETE FROM announcement_read WHERE tenant_id = {tenant} AND announcement_id = ?",
				n.id);
	return err ? err : changed(rq, n.id, "desk.announcements.delete", n.title);
}
