/* SPDX-License-Identifier: GPL-2.0-or-later
 * MON-01, MON-02: queues and agents, live. The page carries a snapshot (configuration and today's
 * figures from the database, states from the engine); live events change it in the browser
 * (web/board.js). With ?format=json the snapshot alone. */
#include "desk.h"

#include <string.h>
#include <json-c/json.h>

struct board
{
	struct cc_request *rq;
	struct json_object *engine; /* result of cc.board, NULL: not reachable */
	struct cc_rows groups, agents, today;
};

static void drop_json(void *ptr)
{
	json_object_put(ptr);
}

static struct json_object *json_new(struct cc_request *rq)
{
	struct json_object *o = json_object_new_object();
	cc_arena_on_reset(rq->arena, drop_json, o);
	return o;
}

static void add_str(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, json_object_new_string(value));
}

static void add_int(struct json_object *o, const char *key, int64_t value)
{
	json_object_object_add(o, key, json_object_new_int64(value));
}

/* The groups one may see: all, or those one is a member or leader of. */
static int load(struct board *b)
{
	struct cc_request *rq = b->rq;
	bool all = rq->user->scope == CC_SCOPE_ALL;
	int err = cc_db_query(rq->db, &b->groups,
			"SELECT g.number, g.name FROM agent_group g WHERE g.tenant_id = {tenant} "
			"AND g.state = 'enabled' AND g.live = 1 AND (? OR EXISTS (SELECT 1 FROM "
			"agent_group_member m "
			"JOIN agent a ON a.tenant_id = m.tenant_id AND a.id = m.agent_id "
			"WHERE m.tenant_id = g.tenant_id AND m.group_id = g.id AND a.number = {agent} "
			"AND a.live = 1)) "
			"ORDER BY g.number",
			all);
	if (!err)
		err = cc_db_query(rq->db, &b->agents,
				"SELECT a.number, a.name, GROUP_CONCAT(g.number ORDER BY g.number) FROM agent a "
				"JOIN agent_group_member m ON m.tenant_id = a.tenant_id AND m.agent_id = a.id "
				"JOIN agent_group g ON g.tenant_id = m.tenant_id AND g.id = m.group_id "
				"WHERE a.tenant_id = {tenant} AND a.state = 'enabled' AND a.live = 1 "
				"AND g.state = 'enabled' AND g.live = 1 "
				"AND m.takes_calls = 1 AND (? OR g.id IN (SELECT m2.group_id "
				"FROM agent_group_member m2 JOIN agent a2 ON a2.tenant_id = m2.tenant_id "
				"AND a2.id = m2.agent_id WHERE m2.tenant_id = a.tenant_id "
				"AND a2.number = {agent})) GROUP BY a.number, a.name ORDER BY LENGTH(a.number), "
				"a.number",
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
	return 0;
}

static struct json_object *list_of(const struct board *b, const char *name)
{
	struct json_object *list = b->engine ? json_object_object_get(b->engine, name) : NULL;
	return json_object_is_type(list, json_type_array) ? list : NULL;
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
		add_str(o, "queue", number);
		add_str(o, "name", cc_row_str(&b->groups.row[i], 1));
		add_int(o, "answered", sums ? cc_row_int(sums, 1, 0) : 0);
		add_int(o, "abandoned", sums ? cc_row_int(sums, 2, 0) : 0);
		add_int(o, "within", sums ? cc_row_int(sums, 3, 0) : 0);
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *agents_json(const struct board *b)
{
	static const char *const fields[] = {
			"work", "call_state", "reason", "queues", "paused", "registered", "since"};
	struct json_object *list = json_object_new_array(), *states = list_of(b, "agents");
	for (size_t i = 0; i < b->agents.count; i++) {
		const struct cc_row *row = &b->agents.row[i];
		struct json_object *o = json_object_new_object();
		add_str(o, "agent", cc_row_str(row, 0));
		add_str(o, "name", cc_row_str(row, 1));
		add_str(o, "groups", cc_row_str(row, 2));
		struct json_object *state = find(states, "agent", cc_row_str(row, 0)), *v;
		for (size_t k = 0; state && k < sizeof fields / sizeof *fields; k++)
			if (json_object_object_get_ex(state, fields[k], &v))
				json_object_object_add(o, fields[k], json_object_get(v));
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *waiting_json(const struct board *b)
{
	struct json_object *list = json_object_new_array(), *all = list_of(b, "waiting");
	for (size_t i = 0; all && i < json_object_array_length(all); i++) {
		struct json_object *o = json_object_array_get_idx(all, i), *queue;
		if (!json_object_object_get_ex(o, "queue", &queue))
			continue;
		for (size_t k = 0; k < b->groups.count; k++)
			if (!strcmp(cc_row_str(&b->groups.row[k], 0), json_object_get_string(queue)))
				json_object_array_add(list, json_object_get(o));
	}
	return list;
}

static struct json_object *snapshot(const struct board *b)
{
	struct json_object *o = json_new(b->rq);
	add_int(o, "now", b->rq->now_ms);
	json_object_object_add(o, "engine", json_object_new_boolean(b->engine != NULL));
	json_object_object_add(o, "queues", queues_json(b));
	json_object_object_add(o, "agents", agents_json(b));
	json_object_object_add(o, "waiting", waiting_json(b));
	return o;
}

/* Words that the browser needs, by "<context>.<code>". */
static struct json_object *words(struct cc_request *rq)
{
	static const char *const work[] = {CC_NC("work", "online"), CC_NC("work", "busy"),
			CC_NC("work", "away"), CC_NC("work", "offline"), CC_NC("work", "unknown"), NULL};
	static const char *const call[] = {CC_NC("call_state", "idle"), CC_NC("call_state", "reserved"),
			CC_NC("call_state", "ringing"), CC_NC("call_state", "talking"),
			CC_NC("call_state", "hold"), CC_NC("call_state", "wrapup"), NULL};
	static const char *const board[] = {CC_NC("board", "phone_off"), CC_NC("board", "signed_out"),
			CC_NC("board", "live"), CC_NC("board", "live_lost"), CC_NC("board", "engine_down"),
			CC_NC("board", "not_sent"), NULL};
	static const struct
	{
		const char *context;
		const char *const *list;
	} lists[] = {{"work", work}, {"call_state", call}, {"reason", desk_reasons}, {"board", board}};
	struct json_object *o = json_new(rq);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		for (const char *const *w = lists[i].list; *w; w++)
			add_str(o, cc_sprintf(rq->arena, "%s.%s", lists[i].context, *w),
					cc_tc(rq, lists[i].context, *w));
	return o;
}

static const char *json_text(struct json_object *o)
{
	return json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
}

/* Lists of the page: what the script fills in. */
static void page_lists(const struct board *b, struct cc_value *page)
{
	struct cc_request *rq = b->rq;
	struct cc_arena *a = rq->arena;
	bool manage = cc_can(rq, "desk.agent.manage");
	struct cc_value *queues = cc_value_add(a, page, "queues", CC_VALUE_LIST);
	for (size_t i = 0; i < b->groups.count; i++) {
		struct cc_value *q = cc_value_add(a, queues, NULL, CC_VALUE_MAP);
		cc_value_str(a, q, "queue", cc_row_str(&b->groups.row[i], 0));
		cc_value_str(a, q, "name", cc_row_str(&b->groups.row[i], 1));
	}
	struct cc_value *agents = cc_value_add(a, page, "agents", CC_VALUE_LIST);
	for (size_t i = 0; i < b->agents.count; i++) {
		struct cc_value *v = cc_value_add(a, agents, NULL, CC_VALUE_MAP);
		cc_value_str(a, v, "agent", cc_row_str(&b->agents.row[i], 0));
		cc_value_str(a, v, "name", cc_row_str(&b->agents.row[i], 1));
		cc_value_str(a, v, "groups", cc_row_str(&b->agents.row[i], 2));
		cc_value_bool(a, v, "manage", manage);
	}
	struct cc_value *reasons = cc_value_add(a, page, "reasons", CC_VALUE_LIST);
	for (const char *const *r = desk_reasons; *r; r++) {
		struct cc_value *v = cc_value_add(a, reasons, NULL, CC_VALUE_MAP);
		cc_value_str(a, v, "code", *r);
		cc_value_str(a, v, "label", cc_tc(rq, "reason", *r));
	}
}

int desk_board(struct cc_request *rq)
{
	struct board b = {.rq = rq};
	int err = load(&b);
	if (err)
		return err;
	struct json_object *o = snapshot(&b);
	if (rq->json) {
		cc_type(rq, "application/json");
		cc_buf_str(cc_body(rq), json_text(o));
		return 0;
	}
	struct cc_value *page = cc_page(rq, cc_t(rq, "Live board"));
	cc_value_str(rq->arena, page, "snapshot", json_text(o));
	cc_value_str(rq->arena, page, "words", json_text(words(rq)));
	cc_value_bool(rq->arena, page, "engine", b.engine != NULL);
	bool own = *rq->user->agent && cc_can(rq, "desk.agent.own");
	cc_value_str(rq->arena, page, "own", own ? rq->user->agent : NULL);
	page_lists(&b, page);
	return cc_page_send(rq, "desk/board", page);
}
