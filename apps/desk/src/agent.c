/* SPDX-License-Identifier: GPL-2.0-or-later
 * STATE-02, STATE-03: agents' states by page, one's own and those of one's people. The engine
 * decides; the page only checks who may ask. */
#include "desk.h"

#include <string.h>
#include <json-c/json.h>
#include "cc/jsonw.h"
#include "cc/people.h"

/* What the engine says when it refuses, for the catalogues:
 * CC_NC("refusal", "in_call") CC_NC("refusal", "no_such_agent") CC_NC("refusal", "no_such_tenant")
 * CC_NC("refusal", "not_signed_in") CC_NC("refusal", "failed") CC_NC("refusal", "state")
 * CC_NC("refusal", "not_found") */

static bool one_of(const char *const *list, const char *text)
{
	while (*list && strcmp(*list, text))
		list++;
	return *list;
}

/* "" or one of the tenant's reasons: 0; CC_E_INVAL. */
static int reason_check(struct cc_request *rq, const char *reason)
{
	struct cc_rows rows;
	if (!*reason)
		return 0;
	int err = cc_db_query(rq->db, &rows,
			"SELECT 1 FROM pause_reason WHERE tenant_id = {tenant} AND name = ?", reason);
	return err ? err : rows.count ? 0 : CC_E_INVAL;
}

static bool is_queue(const char *text)
{
	size_t len = strlen(text);
	return len && len <= 8 && strspn(text, "0123456789") == len;
}

/* Method and the members of its params; CC_E_NOENT: no such action, CC_E_INVAL: malformed fields.
 */
static int command(
		struct cc_request *rq, const char *agent, const char **method, struct cc_jsonw *w)
{
	static const char *const states[] = {"idle", "busy", "away", "offline", NULL};
	const char *action = cc_param(rq, "action"), *reason = cc_form(rq, "reason");
	int err = 0;
	reason = reason ? reason : "";
	cc_jsonw_str(w, "agent", agent);
	if (!strcmp(action, "sign-in") || !strcmp(action, "sign-out")) {
		const char *queue = cc_form(rq, "queue");
		*method = "cc.agent.sign";
		cc_jsonw_bool(w, "on", !strcmp(action, "sign-in"));
		if (queue && *queue) {
			if (!is_queue(queue))
				return CC_E_INVAL;
			cc_jsonw_str(w, "queue", queue);
		}
		return 0;
	}
	if (!strcmp(action, "work")) {
		const char *state = cc_form(rq, "state");
		if (!state || !one_of(states, state))
			return CC_E_INVAL;
		bool busy = !strcmp(state, "busy");
		if (busy && (err = reason_check(rq, reason)))
			return err;
		*method = "cc.agent.work";
		cc_jsonw_str(w, "state", state);
		cc_jsonw_str(w, "reason", busy ? reason : "");
		return 0;
	}
	if (!strcmp(action, "pause") || !strcmp(action, "resume")) {
		const char *queue = cc_form(rq, "queue");
		if (!queue || !is_queue(queue))
			return CC_E_INVAL;
		if ((err = reason_check(rq, reason)))
			return err;
		*method = "cc.agent.pause";
		cc_jsonw_str(w, "queue", queue);
		cc_jsonw_bool(w, "on", !strcmp(action, "pause"));
		cc_jsonw_str(w, "reason", reason);
		return 0;
	}
	if (!strcmp(action, "wrap-up-end")) {
		*method = "cc.agent.wrapup_end";
		return 0;
	}
	return CC_E_NOENT;
}

static int done(struct cc_request *rq, struct json_object *state)
{
	if (!rq->json) {
		cc_redirect(rq, "/desk/board");
		return 0;
	}
	cc_type(rq, "application/json");
	cc_buf_str(cc_body(rq), json_object_to_json_string_ext(state, JSON_C_TO_STRING_PLAIN));
	return 0;
}

static int run(struct cc_request *rq, const char *agent)
{
	char params[256];
	struct cc_jsonw w;
	struct json_object *state;
	const char *method, *reason;
	cc_jsonw_init(&w, params, sizeof params);
	int err = command(rq, agent, &method, &w);
	if (err)
		return err;
	if (cc_jsonw_end(&w) < 0)
		return CC_E_INVAL;
	err = cc_engine_call(rq, method, true, params, &state, &reason);
	switch (err) {
	case 0:
		return done(rq, state);
	case CC_E_STATE:
		return cc_error(rq, 409, cc_tc(rq, "refusal", reason));
	case CC_E_IO:
	case CC_E_TIMEOUT:
		return cc_error(
				rq, 503, cc_t(rq, "The call engine is not reachable: nothing was changed."));
	}
	return err;
}

int desk_agent_own(struct cc_request *rq)
{
	if (!*rq->user->agent)
		return CC_E_DENIED;
	return run(rq, rq->user->agent);
}

int desk_agent_other(struct cc_request *rq)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT a.number FROM agent a WHERE a.tenant_id = {tenant} AND a.number = ? AND a.live "
			"= 1 AND (? OR a.id IN (" CC_LED_AGENTS("id") ") OR a.id IN (" CC_MANAGED_AGENTS(
					"id") "))",
			cc_param(rq, "agent"), rq->user->scope == CC_SCOPE_ALL);
	if (err)
		return err;
	if (!rows.count)
		return CC_E_NOENT;
	return run(rq, cc_row_str(&rows.row[0], 0));
}
