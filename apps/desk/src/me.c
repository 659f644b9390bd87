/* SPDX-License-Identifier: GPL-2.0-or-later
 * STATE-01, DESK-08: the own state in the header of every page, as HTML for the header or as JSON;
 * and what each user chose of the look. */
#include "desk.h"

#include <string.h>
#include <json-c/json.h>
#include "cc/dial.h"

static struct json_object *state_json(struct cc_request *rq, int64_t signed_in)
{
	struct json_object *o = desk_json(rq), *state;
	const char *agent = cc_sprintf(rq->arena, "\"agent\":\"%s\"", rq->user->agent);
	desk_json_int(o, "now", rq->now_ms);
	/* without the engine the state is unknown */
	if (cc_engine_call(rq, "cc.agent.get", false, agent, &state, NULL) ||
			!json_object_is_type(state, json_type_object))
		state = json_object_new_object();
	else
		json_object_get(state);
	desk_json_str(state, "agent", rq->user->agent);
	desk_json_int(state, "signed_in_at", signed_in);
	json_object_object_add(o, "state", state);
	return o;
}

int desk_me(struct cc_request *rq)
{
	struct cc_arena *a = rq->arena;
	struct cc_rows groups, session;
	if (!*rq->user->agent)
		return CC_E_NOENT;
	int err = cc_db_query(rq->db, &session,
			"SELECT MAX(created_at) FROM session WHERE tenant_id = {tenant} AND user_id = {user}");
	if (err)
		return err;
	int64_t signed_in = session.count ? cc_row_int(&session.row[0], 0, 0) : 0;
	if (rq->json)
		return desk_json_send(rq, state_json(rq, signed_in));
	err = cc_db_query(rq->db, &groups,
			"SELECT g.number, g.name FROM agent_group g JOIN agent_group_member m "
			"ON m.tenant_id = g.tenant_id AND m.group_id = g.id JOIN agent a "
			"ON a.tenant_id = m.tenant_id AND a.id = m.agent_id WHERE g.tenant_id = {tenant} "
			"AND g.state = 'enabled' AND g.live = 1 AND m.takes_calls = 1 AND a.number = {agent} "
			"AND "
			"a.live = 1 ORDER BY g.number");
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_t(rq, "My state"));
	cc_value_str(a, page, "now", desk_json_text(state_json(rq, signed_in)));
	cc_value_str(a, page, "words", desk_words(rq));
	cc_value_str(a, page, "own", rq->user->agent);
	cc_value_bool(a, page, "dials", cc_may_dial(rq));
	err = desk_reason_options(rq, page);
	if (!err)
		err = desk_terminal_choices(rq, page);
	if (err)
		return err;
	struct cc_value *queues = cc_value_add(a, page, "queues", CC_VALUE_LIST);
	for (size_t i = 0; i < groups.count; i++) {
		struct cc_value *q = cc_value_add(a, queues, NULL, CC_VALUE_MAP);
		cc_value_str(a, q, "queue", cc_row_str(&groups.row[i], 0));
		cc_value_str(a, q, "name", cc_row_str(&groups.row[i], 1));
	}
	return cc_page_send(rq, "desk/me", page);
}

/* POST /desk/dial: a typed number. */
int desk_dial(struct cc_request *rq)
{
	const char *typed = cc_form(rq, "number"), *back = cc_form(rq, "next");
	if (!typed || !*typed || strlen(typed) > 32)
		return CC_E_INVAL;
	const struct cc_dial dial = {.number = typed};
	return cc_dial(rq, &dial, cc_sprintf(rq->arena, "number/%s", typed), back ? back : "/desk/");
}

int desk_theme(struct cc_request *rq)
{
	static const char *const themes[] = {"system", "light", "dark"};
	const char *theme = cc_form(rq, "theme"), *back = cc_form(rq, "next");
	size_t i = 0;
	while (i < 3 && (!theme || strcmp(theme, themes[i])))
		i++;
	if (i == 3)
		return CC_E_INVAL;
	int err = cc_db_exec(rq->db,
			"UPDATE user SET theme = ?, updated_at = ? WHERE tenant_id = {tenant} AND id = {user}",
			themes[i], rq->now_ms);
	if (!err)
		cc_redirect(rq, back ? back : "/desk/");
	return err;
}
