/* SPDX-License-Identifier: GPL-2.0-or-later
 * The telephone of the signed-in agent:
 *	GET  /desk/webphone/phone       its box, a fragment that every page has
 *	POST /desk/webphone/credential  what it registers with, for a few minutes */
#include "webphone.h"

#include <json-c/json.h>
#include <string.h>
#include "cc/dial.h"
#include "cc/err.h"
#include "cc/jsonw.h"

/* Who acts as somebody else does not get that one's calls. */
static bool has_phone(const struct cc_request *rq)
{
	return *rq->user->agent && !rq->user->origin && !rq->user->api;
}

int webphone_box(struct cc_request *rq)
{
	static const char *const keys[] = {
			"1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#", NULL};
	if (!has_phone(rq)) /* nothing in the pages of others, who may well have the permission */
		return 0;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Web phone"));
	cc_value_str(rq->arena, page, "own", rq->user->agent);
	cc_value_bool(rq->arena, page, "dials", cc_may_dial(rq));
	struct cc_value *list = cc_value_add(rq->arena, page, "keypad", CC_VALUE_LIST);
	for (int i = 0; keys[i]; i++)
		cc_value_str(rq->arena, cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP), "key", keys[i]);
	return cc_page_send(rq, "webphone/phone", page);
}

static void credential_write(struct cc_jsonw *w, void *ctx)
{
	static const char *const names[] = {"user", "password", "realm", "number", NULL};
	struct json_object *given = ctx, *value;
	cc_jsonw_object(w, NULL);
	for (int i = 0; names[i]; i++)
		cc_jsonw_str(w, names[i],
				json_object_object_get_ex(given, names[i], &value) ? json_object_get_string(value)
																   : "");
	cc_jsonw_int(w, "ttl_s", WEBPHONE_TTL_S);
	cc_jsonw_close_object(w);
}

int webphone_credential(struct cc_request *rq)
{
	struct json_object *given;
	if (!has_phone(rq))
		return CC_E_NOENT;
	int err = cc_engine_call(rq, "cc.webphone.credential", true,
			cc_sprintf(rq->arena, "\"agent\":\"%s\",\"session\":\"%s\",\"ttl_s\":%d",
					rq->user->agent, cc_session_name(rq), WEBPHONE_TTL_S),
			&given, NULL);
	switch (err) {
	case 0:
		cc_send_json(rq, credential_write, given);
		return 0;
	case CC_E_STATE:
		return cc_error(
				rq, 409, cc_t(rq, "The call engine does not let this agent have a web phone."));
	case CC_E_IO:
	case CC_E_TIMEOUT:
		return cc_error(rq, 503, cc_t(rq, "The call engine is not reachable."));
	}
	return err;
}
