/* SPDX-License-Identifier: GPL-2.0-or-later
 * PLAT-12: what a tenant may have, has, and has left. 0 allowed means no limit. */
#include <inttypes.h>
#include <json-c/json.h>
#include "admin.h"

static const char *const labels[ADMIN_LIMITS] = {
		[ADMIN_LIMIT_AGENTS] = CC_NC("limit", "Extensions"),
		[ADMIN_LIMIT_USERS] = CC_NC("limit", "Accounts"),
		[ADMIN_LIMIT_TRUNKS] = CC_NC("limit", "Trunks"),
		[ADMIN_LIMIT_CALLS] = CC_NC("limit", "Calls at the same time"),
};

struct limit
{
	int64_t allowed, used;
};

static int read_limit(struct cc_request *rq, enum admin_limit kind, bool lock, struct limit *limit)
{
	struct cc_rows rows;
	int err = 0;
	/* behind the lock, counted as they are now and not as they were when the transaction began */
	if (lock)
		err = cc_db_query(rq->db, &rows, "SELECT id FROM tenant WHERE id = {tenant} FOR UPDATE");
	if (!err && lock)
		err = cc_db_query(rq->db, &rows,
				"SELECT max_agents, max_users, max_trunks, max_calls, "
				"(SELECT COUNT(*) FROM agent a WHERE a.tenant_id = t.id AND a.live = 1 "
				"LOCK IN SHARE MODE), "
				"(SELECT COUNT(*) FROM user u WHERE u.tenant_id = t.id AND u.live = 1 "
				"AND u.kind <> 'agent' LOCK IN SHARE MODE), "
				"(SELECT COUNT(*) FROM trunk k WHERE k.tenant_id = t.id LOCK IN SHARE MODE) "
				"FROM tenant t WHERE t.id = {tenant} FOR UPDATE");
	else if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT max_agents, max_users, max_trunks, max_calls, "
				"(SELECT COUNT(*) FROM agent a WHERE a.tenant_id = t.id AND a.live = 1), "
				"(SELECT COUNT(*) FROM user u WHERE u.tenant_id = t.id AND u.live = 1 "
				"AND u.kind <> 'agent'), "
				"(SELECT COUNT(*) FROM trunk k WHERE k.tenant_id = t.id) "
				"FROM tenant t WHERE t.id = {tenant}");
	if (err)
		return err;
	if (!rows.count)
		return CC_E_NOENT;
	limit->allowed = cc_row_int(&rows.row[0], kind, 0);
	limit->used = kind == ADMIN_LIMIT_CALLS ? 0 : cc_row_int(&rows.row[0], ADMIN_LIMITS + kind, 0);
	return 0;
}

/* Calls in progress, as the engine says; 0 when it does not. */
static int64_t calls_now(struct cc_request *rq)
{
	struct json_object *result, *calls;
	if (cc_engine_call(rq, "cc.calls", false, "", &result, NULL) ||
			!json_object_object_get_ex(result, "calls", &calls) ||
			!json_object_is_type(calls, json_type_array))
		return 0;
	return (int64_t)json_object_array_length(calls);
}

int admin_limit_fits(struct cc_request *rq, enum admin_limit kind, int64_t count, bool *fits)
{
	struct limit limit;
	int err = read_limit(rq, kind, true, &limit);
	if (!err)
		*fits = !limit.allowed || limit.used + count <= limit.allowed;
	return err;
}

static const char *number(struct cc_request *rq, int64_t n)
{
	return cc_sprintf(rq->arena, "%" PRId64, n);
}

const char *admin_limit_text(struct cc_request *rq, enum admin_limit kind)
{
	struct limit l;
	if (read_limit(rq, kind, false, &l))
		return NULL;
	const char *label = cc_tc(rq, "limit", labels[kind]);
	int64_t left = l.used < l.allowed ? l.allowed - l.used : 0;
	if (!l.allowed)
		return cc_sprintf(rq->arena, "%s: %s", label,
				cc_fill(rq, cc_t(rq, "{used} used, no limit"), "{used}", l.used));
	return cc_sprintf(rq->arena, "%s: %s", label,
			cc_fill(rq,
					cc_fill(rq,
							cc_fill(rq, cc_t(rq, "{allowed} allowed, {used} used, {left} left"),
									"{allowed}", l.allowed),
							"{used}", l.used),
					"{left}", left));
}

int admin_limits(struct cc_request *rq)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Limits"));
	struct cc_value *list = cc_value_add(a, page, "limits", CC_VALUE_LIST);
	for (int kind = 0; kind < ADMIN_LIMITS; kind++) {
		struct limit l;
		int err = read_limit(rq, (enum admin_limit)kind, false, &l);
		if (err)
			return err;
		if (kind == ADMIN_LIMIT_CALLS)
			l.used = calls_now(rq);
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "label", cc_tc(rq, "limit", labels[kind]));
		cc_value_str(a, item, "allowed", l.allowed ? number(rq, l.allowed) : NULL);
		cc_value_str(a, item, "used", number(rq, l.used));
		cc_value_str(a, item, "left",
				l.allowed ? number(rq, l.used < l.allowed ? l.allowed - l.used : 0) : "");
		cc_value_str(a, item, "meter",
				number(rq, l.allowed && l.used < l.allowed ? 100 * l.used / l.allowed : 100));
	}
	return cc_page_send(rq, "admin/limits", page);
}
