/* SPDX-License-Identifier: GPL-2.0-or-later
 * TIC-02, TIC-03: who gets a ticket. The rules (rules.h) are asked with what the database and the
 * engine's board say: which agents there are, who is online, who has how many. */
#include <inttypes.h>
#include <string.h>
#include <json-c/json.h>
#include "tickets.h"

#define HOUR_MS (3600 * 1000LL)

/* ---- agents ---- */

static const char *text_of(struct json_object *o, const char *key)
{
	struct json_object *v;
	const char *text = json_object_object_get_ex(o, key, &v) ? json_object_get_string(v) : NULL;
	return text ? text : "";
}

/* Marks who is online. Without the engine nobody is. */
static void mark_online(
		struct cc_request *rq, const struct cc_rows *rows, struct ticket_agent *agents)
{
	struct json_object *board, *list;
	if (cc_engine_call(rq, "cc.board", false, "", &board, NULL) ||
			!json_object_object_get_ex(board, "agents", &list) ||
			!json_object_is_type(list, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		const char *call = text_of(o, "call_state");
		if (strcmp(text_of(o, "work"), "online") != 0)
			continue;
		for (size_t k = 0; k < rows->count; k++)
			if (strcmp(cc_row_str(&rows->row[k], 1), text_of(o, "agent")) == 0) {
				agents[k].online = true;
				agents[k].idle = !*call || strcmp(call, "idle") == 0;
			}
	}
}

/* Agents of the group (0: any) whose account has the role (0: any). */
static int agents_load(struct cc_request *rq, int64_t group, int64_t role,
		struct ticket_agent **agents, size_t *count)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT a.id, a.number, (SELECT COUNT(*) FROM tickets_ticket t WHERE t.tenant_id = "
			"a.tenant_id AND t.agent_id = a.id AND " TICKET_OPEN
			"), (SELECT MAX(t.assigned_at) FROM tickets_ticket t WHERE t.tenant_id = a.tenant_id "
			"AND t.agent_id = a.id) FROM agent a JOIN user u ON u.tenant_id = a.tenant_id AND u.id "
			"= a.user_id WHERE a.tenant_id = {tenant} AND a.live = 1 AND a.state = 'enabled' AND "
			"(? = 0 OR u.role_id = ?) AND (? = 0 OR EXISTS (SELECT 1 FROM agent_group_member m "
			"WHERE m.tenant_id = a.tenant_id AND m.group_id = ? AND m.agent_id = a.id)) ORDER BY "
			"a.id LIMIT 1000",
			role, role, group, group);
	if (err)
		return err;
	*count = rows.count;
	*agents = cc_alloc(rq->arena, (rows.count + 1) * sizeof **agents);
	for (size_t i = 0; i < rows.count; i++)
		(*agents)[i] = (struct ticket_agent){.id = cc_row_int(&rows.row[i], 0, 0),
				.open = cc_row_int(&rows.row[i], 2, 0),
				.given_at = cc_row_int(&rows.row[i], 3, 0)};
	mark_online(rq, &rows, *agents);
	return 0;
}

static int assign(struct cc_request *rq, struct ticket_place *place)
{
	struct ticket_agent *agents;
	size_t count;
	int err = agents_load(rq, place->group, 0, &agents, &count);
	if (!err)
		place->agent = ticket_pick(agents, count);
	return err;
}

int ticket_me(struct cc_request *rq, int64_t *agent)
{
	struct cc_rows rows;
	*agent = 0;
	if (!*rq->user->agent)
		return 0;
	int err = cc_db_query(rq->db, &rows,
			"SELECT id FROM agent WHERE tenant_id = {tenant} AND number = {agent} AND live = 1");
	if (!err && rows.count)
		*agent = cc_row_int(&rows.row[0], 0, 0);
	return err;
}

/* ---- states and categories ---- */

static struct ticket_rule rule_of(const struct cc_row *row)
{
	return (struct ticket_rule){.group = cc_row_int(row, 0, 0),
			.keep = cc_row_int(row, 1, 0) != 0,
			.assign = cc_row_int(row, 2, 0) != 0};
}

static int state_rule(struct cc_request *rq, int64_t state, struct ticket_rule *rule)
{
	struct cc_rows rows;
	*rule = (struct ticket_rule){0};
	int err = cc_db_query(rq->db, &rows,
			"SELECT group_id, keep_owner, auto_assign FROM tickets_state WHERE tenant_id = "
			"{tenant} AND id = ?",
			state);
	if (!err && rows.count)
		*rule = rule_of(&rows.row[0]);
	return err;
}

static int category_rule(struct cc_request *rq, int64_t category, int64_t author,
		struct ticket_rule *rule, bool *in_group)
{
	struct cc_rows rows;
	*rule = (struct ticket_rule){0};
	*in_group = false;
	int err = cc_db_query(rq->db, &rows,
			"SELECT k.group_id, k.keep_owner, k.auto_assign, EXISTS (SELECT 1 FROM "
			"agent_group_member m WHERE m.tenant_id = k.tenant_id AND m.group_id = k.group_id AND "
			"m.agent_id = ?) FROM tickets_category k WHERE k.tenant_id = {tenant} AND k.id = ?",
			author, category);
	if (!err && rows.count) {
		*rule = rule_of(&rows.row[0]);
		*in_group = cc_row_int(&rows.row[0], 3, 0) != 0;
	}
	return err;
}

int ticket_route_state(struct cc_request *rq, int64_t state, struct ticket_place *place)
{
	struct ticket_rule rule;
	bool assigns = false;
	int err = state_rule(rq, state, &rule);
	if (!err)
		*place = ticket_move(&rule, *place, &assigns);
	return err || !assigns ? err : assign(rq, place);
}

int ticket_route_new(
		struct cc_request *rq, const struct ticket_draft *draft, struct ticket_route *route)
{
	struct ticket_rule state, category;
	bool in_group, assigns = false;
	*route = (struct ticket_route){0};
	if (draft->flow)
		return ticket_route_step(rq, draft->flow, 0, route);
	int err = state_rule(rq, draft->state, &state);
	if (!err)
		err = category_rule(rq, draft->category, draft->author, &category, &in_group);
	if (!err)
		route->place = ticket_begin(&state, &category, draft->author, in_group, &assigns);
	return err || !assigns ? err : assign(rq, &route->place);
}

/* ---- flows ---- */

/* A step names an agent, or a group, or a role, whose people it is given to: also to one who is not
 * online, because a flow does not stop. A group alone leaves that to its leaders. */
static int step_place(struct cc_request *rq, const struct cc_row *row, struct ticket_route *route)
{
	int64_t role = cc_row_int(row, 1, 0), hours = cc_row_int(row, 4, 0);
	struct ticket_agent *agents;
	size_t count;
	*route = (struct ticket_route){.step = cc_row_int(row, 0, 0),
			.due_at = hours ? rq->now_ms + hours * HOUR_MS : 0,
			.place = {.group = cc_row_int(row, 2, 0), .agent = cc_row_int(row, 3, 0)}};
	if (route->place.agent || !role)
		return 0;
	int err = agents_load(rq, route->place.group, role, &agents, &count);
	if (!err)
		route->place.agent = ticket_pick_any(agents, count);
	return err;
}

int ticket_route_step(struct cc_request *rq, int64_t flow, int64_t step, struct ticket_route *route)
{
	struct cc_rows rows;
	*route = (struct ticket_route){0};
	int err = cc_db_query(rq->db, &rows,
			"SELECT s.id, s.role_id, s.group_id, s.agent_id, s.hours FROM tickets_flow_step s "
			"WHERE s.tenant_id = {tenant} AND s.flow_id = ? AND s.position > COALESCE((SELECT "
			"x.position FROM tickets_flow_step x WHERE x.tenant_id = {tenant} AND x.id = ?), -1) "
			"ORDER BY s.position LIMIT 1",
			flow, step);
	return err || !rows.count ? err : step_place(rq, &rows.row[0], route);
}
