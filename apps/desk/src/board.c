/* SPDX-License-Identifier: GPL-2.0-or-later
 * MON-01, MON-02: queues and agents, live. The page carries a snapshot (configuration and today's
 * figures from the database, states from the engine); live events change it in the browser
 * (web/board.js). With ?format=json the snapshot alone. */
#include "board.h"

#include <string.h>
#include <json-c/json.h>
#include "cc/people.h"

static struct json_object *list_of(const struct board *b, const char *name)
{
	struct json_object *list = b->engine ? json_object_object_get(b->engine, name) : NULL;
	return json_object_is_type(list, json_type_array) ? list : NULL;
}

/* Only the calls know who is to be called back; without anybody waiting nobody is. */
static struct json_object *calls_waiting(const struct board *b)
{
	struct json_object *result, *calls, *waiting = list_of(b, "waiting");
	if (!waiting || !json_object_array_length(waiting) ||
			cc_engine_call(b->rq, "cc.calls", false, "", &result, NULL) ||
			!json_object_object_get_ex(result, "calls", &calls) ||
			!json_object_is_type(calls, json_type_array))
		return NULL;
	return calls;
}

int board_load(struct cc_request *rq, struct board *b)
{
	*b = (struct board){.rq = rq};
	bool all = rq->user->scope == CC_SCOPE_ALL;
	int err = cc_db_query(rq->db, &b->groups,
			"SELECT g.number, g.name, (SELECT GROUP_CONCAT(s.name, ' ', n.level ORDER BY s.name "
			"SEPARATOR ', ') FROM agent_group_skill n JOIN skill s ON s.tenant_id = n.tenant_id "
			"AND "
			"s.id = n.skill_id WHERE n.tenant_id = g.tenant_id AND n.group_id = g.id) "
			"FROM agent_group g WHERE g.tenant_id = {tenant} "
			"AND g.state = 'enabled' AND g.live = 1 AND (? OR g.id IN (" CC_OWN_GROUPS ")) "
			"ORDER BY g.number",
			all);
	if (!err)
		err = cc_db_query(rq->db, &b->agents,
				"SELECT a.number, a.name, GROUP_CONCAT(g.number ORDER BY g.number), "
				"GROUP_CONCAT(g.number, ':', m.priority ORDER BY g.number) FROM agent a "
				"JOIN agent_group_member m ON m.tenant_id = a.tenant_id AND m.agent_id = a.id "
				"JOIN agent_group g ON g.tenant_id = m.tenant_id AND g.id = m.group_id "
				"WHERE a.tenant_id = {tenant} AND a.state = 'enabled' AND a.live = 1 "
				"AND g.state = 'enabled' AND g.live = 1 "
				"AND m.takes_calls = 1 AND (? OR g.id IN (" CC_OWN_GROUPS
				") OR a.id IN (" CC_MANAGED_AGENTS("id") ")) GROUP BY a.number, a.name "
														 "ORDER BY LENGTH(a.number), a.number",
				all);
	if (!err)
		err = cc_db_query(rq->db, &b->today,
				"SELECT queue, SUM(answered), SUM(abandoned), SUM(within_10s) FROM rollup_queue "
				"WHERE tenant_id = {tenant} AND bucket >= ? GROUP BY queue",
				cc_time_today(rq, 0));
	if (err)
		return err;
	if (cc_engine_call(rq, "cc.board", false, "", &b->engine, NULL) ||
			!json_object_is_type(b->engine, json_type_object))
		b->engine = NULL;
	b->calls = calls_waiting(b);
	return 0;
}

/* The element of the engine's list whose key is value. */
static struct json_object *find(struct json_object *list, const char *key, const char *value)
{
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i), *k;
		if (json_object_object_get_ex(o, key, &k) && !strcmp(json_object_get_string(k), value))
			return o;
	}
	return NULL;
}

static struct json_object *queues_json(const struct board *b)
{
	struct json_object *list = json_object_new_array();
	for (size_t i = 0; i < b->groups.count; i++) {
		struct json_object *o = json_object_new_object();
		const char *number = cc_row_str(&b->groups.row[i], 0);
		const struct cc_row *sums = NULL;
		for (size_t k = 0; k < b->today.count; k++)
			if (!strcmp(cc_row_str(&b->today.row[k], 0), number))
				sums = &b->today.row[k];
		desk_json_str(o, "queue", number);
		desk_json_str(o, "name", cc_row_str(&b->groups.row[i], 1));
		desk_json_int(o, "answered", sums ? cc_row_int(sums, 1, 0) : 0);
		desk_json_int(o, "abandoned", sums ? cc_row_int(sums, 2, 0) : 0);
		desk_json_int(o, "within", sums ? cc_row_int(sums, 3, 0) : 0);
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *agents_json(const struct board *b)
{
	static const char *const fields[] = {"work", "call_state", "reason", "queues", "paused",
			"registered", "since", "answered_today", "queue", "paused_queues", "static_queues"};
	struct json_object *list = json_object_new_array(), *states = list_of(b, "agents");
	for (size_t i = 0; i < b->agents.count; i++) {
		const struct cc_row *row = &b->agents.row[i];
		struct json_object *o = json_object_new_object();
		desk_json_str(o, "agent", cc_row_str(row, 0));
		desk_json_str(o, "name", cc_row_str(row, 1));
		desk_json_str(o, "groups", cc_row_str(row, 2));
		desk_json_str(o, "priorities", cc_row_str(row, 3));
		struct json_object *state = find(states, "agent", cc_row_str(row, 0)), *v;
		for (size_t k = 0; state && k < sizeof fields / sizeof *fields; k++)
			if (json_object_object_get_ex(state, fields[k], &v))
				json_object_object_add(o, fields[k], json_object_get(v));
		json_object_array_add(list, o);
	}
	return list;
}

/* A waiting caller, the number masked for who may not see it whole; a name may be one too. */
static struct json_object *caller_json(struct cc_request *rq, struct json_object *caller)
{
	static const char *const masked[] = {"from", "from_name"};
	struct json_object *o = json_object_get(caller), *v;
	enum cc_hide hide = rq->user->hide_numbers;
	if (json_object_object_get_ex(o, "hide", &v) && json_object_get_int(v) > (int)hide)
		hide = (enum cc_hide)json_object_get_int(v);
	for (size_t i = 0; hide && i < sizeof masked / sizeof *masked; i++)
		if (json_object_object_get_ex(o, masked[i], &v))
			desk_json_str(o, masked[i], cc_mask_number(rq->arena, json_object_get_string(v), hide));
	return o;
}

/* Whether the call waits for its turn to be called back. */
static bool is_callback(const struct board *b, struct json_object *caller)
{
	struct json_object *call, *found, *on;
	if (!b->calls || !json_object_object_get_ex(caller, "call", &call))
		return false;
	found = find(b->calls, "call", json_object_get_string(call));
	return found && json_object_object_get_ex(found, "callback", &on) &&
		   json_object_get_boolean(on);
}

static struct json_object *waiting_json(const struct board *b)
{
	struct json_object *list = json_object_new_array(), *all = list_of(b, "waiting");
	for (size_t i = 0; all && i < json_object_array_length(all); i++) {
		struct json_object *o = json_object_array_get_idx(all, i), *queue;
		if (!json_object_object_get_ex(o, "queue", &queue))
			continue;
		for (size_t k = 0; k < b->groups.count; k++)
			if (!strcmp(cc_row_str(&b->groups.row[k], 0), json_object_get_string(queue))) {
				struct json_object *shown = caller_json(b->rq, o);
				json_object_object_add(
						shown, "callback", json_object_new_boolean(is_callback(b, o)));
				json_object_array_add(list, shown);
			}
	}
	return list;
}

struct json_object *board_snapshot(const struct board *b)
{
	struct json_object *o = desk_json(b->rq);
	desk_json_int(o, "now", b->rq->now_ms);
	json_object_object_add(o, "engine", json_object_new_boolean(b->engine != NULL));
	json_object_object_add(o, "queues", queues_json(b));
	json_object_object_add(o, "agents", agents_json(b));
	json_object_object_add(o, "waiting", waiting_json(b));
	return o;
}

void board_lists(const struct board *b, struct cc_value *page)
{
	struct cc_request *rq = b->rq;
	struct cc_arena *a = rq->arena;
	bool manage = cc_can(rq, "desk.agent.manage");
	struct cc_value *queues = cc_value_add(a, page, "queues", CC_VALUE_LIST);
	for (size_t i = 0; i < b->groups.count; i++) {
		struct cc_value *q = cc_value_add(a, queues, NULL, CC_VALUE_MAP);
		cc_value_str(a, q, "queue", cc_row_str(&b->groups.row[i], 0));
		cc_value_str(a, q, "name", cc_row_str(&b->groups.row[i], 1));
		cc_value_str(a, q, "skills", b->groups.row[i].v[2]);
	}
	struct cc_value *agents = cc_value_add(a, page, "agents", CC_VALUE_LIST);
	for (size_t i = 0; i < b->agents.count; i++) {
		struct cc_value *v = cc_value_add(a, agents, NULL, CC_VALUE_MAP);
		cc_value_str(a, v, "agent", cc_row_str(&b->agents.row[i], 0));
		cc_value_str(a, v, "name", cc_row_str(&b->agents.row[i], 1));
		cc_value_bool(a, v, "manage", manage);
		struct cc_value *in = cc_value_add(a, v, "of", CC_VALUE_LIST);
		for (const char *p = cc_row_str(&b->agents.row[i], 2); *p;) {
			size_t len = strcspn(p, ",");
			cc_value_str(
					a, cc_value_add(a, in, NULL, CC_VALUE_MAP), "number", cc_strndup(a, p, len));
			p += len + (p[len] == ',');
		}
	}
	cc_value_bool(a, page, "agents_any", b->agents.count);
}

/* The page of the board and of the wallboard. */
static int show(struct cc_request *rq, const char *title, const char *template)
{
	struct board b;
	int err = board_load(rq, &b);
	if (err)
		return err;
	struct json_object *o = board_snapshot(&b);
	if (rq->json)
		return desk_json_send(rq, o);
	struct cc_value *page = cc_page(rq, title);
	cc_value_str(rq->arena, page, "snapshot", desk_json_text(o));
	cc_value_str(rq->arena, page, "words", desk_words(rq));
	board_lists(&b, page);
	err = desk_reason_options(rq, page);
	return err ? err : cc_page_send(rq, template, page);
}

int desk_board(struct cc_request *rq)
{
	return show(rq, cc_t(rq, "Live board"), "desk/board");
}

int desk_wall(struct cc_request *rq)
{
	return show(rq, cc_t(rq, "Big screen"), "desk/wall");
}
