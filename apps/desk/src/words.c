/* SPDX-License-Identifier: GPL-2.0-or-later
 * What scripts of the desk get as JSON, the words of states among it. */
#include "desk.h"

#include <string.h>
#include <json-c/json.h>

static void drop_json(void *ptr)
{
	json_object_put(ptr);
}

struct json_object *desk_json(struct cc_request *rq)
{
	struct json_object *o = json_object_new_object();
	cc_arena_on_reset(rq->arena, drop_json, o);
	return o;
}

void desk_json_str(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, json_object_new_string(value));
}

void desk_json_int(struct json_object *o, const char *key, int64_t value)
{
	json_object_object_add(o, key, json_object_new_int64(value));
}

const char *desk_json_text(struct json_object *o)
{
	return json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
}

int desk_json_send(struct cc_request *rq, struct json_object *o)
{
	cc_type(rq, "application/json");
	cc_buf_str(cc_body(rq), desk_json_text(o));
	return 0;
}

/* Words that the browser needs, by "<context>.<code>". */
const char *desk_words(struct cc_request *rq)
{
	static const char *const work[] = {CC_NC("work", "online"), CC_NC("work", "busy"),
			CC_NC("work", "away"), CC_NC("work", "offline"), CC_NC("work", "unknown"), NULL};
	static const char *const call[] = {CC_NC("call_state", "idle"), CC_NC("call_state", "reserved"),
			CC_NC("call_state", "ringing"), CC_NC("call_state", "talking"),
			CC_NC("call_state", "hold"), CC_NC("call_state", "wrapup"), NULL};
	static const char *const board[] = {CC_NC("board", "phone_off"), CC_NC("board", "reconnecting"),
			CC_NC("board", "signed_out"), CC_NC("board", "live"), CC_NC("board", "live_lost"),
			CC_NC("board", "engine_down"), CC_NC("board", "not_sent"), CC_NC("board", "priority"),
			CC_NC("board", "occupied"), CC_NC("board", "paused_in"), CC_NC("board", "callback"),
			CC_NC("board", "static"), CC_NC("board", "no_answer"), NULL};
	static const char *const vip[] = {"normal", "important", "noble", NULL};
	/* those that a tenant begins with, and the engine's; others are shown as they are */
	static const char *const reason[] = {CC_NC("reason", "break"), CC_NC("reason", "meal"),
			CC_NC("reason", "meeting"), CC_NC("reason", "training"), CC_NC("reason", "other"),
			CC_NC("reason", "no_answer"), NULL};
	static const char *const light[] = {CC_NC("light", "work"), CC_NC("light", "call"),
			CC_NC("light", "phone"), CC_NC("light", "session"), NULL};
	static const char *const phone[] = {CC_NC("phone", "on"), CC_NC("phone", "off"),
			CC_NC("phone", "ready"), CC_NC("phone", "missing"), NULL};
	static const struct
	{
		const char *context;
		const char *const *list;
	} lists[] = {{"work", work}, {"call_state", call}, {"reason", reason}, {"board", board},
			{"light", light}, {"phone", phone}, {"vip", vip}};
	struct json_object *o = desk_json(rq);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		for (const char *const *w = lists[i].list; *w; w++)
			desk_json_str(o, cc_sprintf(rq->arena, "%s.%s", lists[i].context, *w),
					cc_tc(rq, lists[i].context, *w));
	return desk_json_text(o);
}

int desk_reason_options(struct cc_request *rq, struct cc_value *page)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT name FROM pause_reason WHERE tenant_id = {tenant} ORDER BY position, id");
	if (err)
		return err;
	struct cc_value *reasons = cc_value_add(rq->arena, page, "reasons", CC_VALUE_LIST);
	for (size_t i = 0; i < rows.count; i++) {
		const char *name = cc_row_str(&rows.row[i], 0);
		struct cc_value *v = cc_value_add(rq->arena, reasons, NULL, CC_VALUE_MAP);
		cc_value_str(rq->arena, v, "code", name);
		cc_value_str(rq->arena, v, "label", cc_tc(rq, "reason", name));
	}
	cc_value_bool(rq->arena, page, "has_reasons", rows.count);
	return 0;
}
