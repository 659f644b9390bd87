/* SPDX-License-Identifier: GPL-2.0-or-later
 * The desk on the screen of a mobile phone:
 *	GET  /desk/mobile/                      the page
 *	GET  /desk/mobile/manifest              what makes it an application of the phone
 *	POST /desk/mobile/calls/{call}/hang-up  ends a call that one takes part in */
#include "mobile.h"

#include <string.h>
#include "cc/dial.h"

#define CUSTOMERS "crm.customers.list"
#define CARD "crm.card.view"

int mobile_done(struct cc_request *rq, const char *back)
{
	if (rq->json) {
		cc_type(rq, "application/json");
		cc_buf_str(cc_body(rq), "{}");
	} else {
		cc_redirect(rq, back);
	}
	return 0;
}

/* The packages that one looks for customers in. */
static int packages(struct cc_request *rq, struct cc_value *list)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT code FROM customer_package WHERE tenant_id = {tenant} AND state = 'open' ORDER "
			"BY standard DESC, id LIMIT 10");
	for (size_t i = 0; !err && i < rows.count; i++)
		cc_value_str(rq->arena, cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP), "code",
				cc_row_str(&rows.row[i], 0));
	return err;
}

int mobile_app(struct cc_request *rq)
{
	struct cc_value *page = cc_page(rq, cc_t(rq, "Mobile app"));
	bool lists = cc_can(rq, CUSTOMERS), cards = cc_can(rq, CARD);
	cc_value_str(rq->arena, page, "own", rq->user->agent);
	cc_value_bool(rq->arena, page, "finds", lists || cards);
	cc_value_bool(rq->arena, page, "cards", cards);
	struct cc_value *list = cc_value_add(rq->arena, page, "packages", CC_VALUE_LIST);
	int err = lists ? packages(rq, list) : 0;
	return err ? err : cc_page_send(rq, "mobile/app", page);
}

static void icon_write(
		struct cc_jsonw *w, const char *path, const char *sizes, const char *type, const char *use)
{
	cc_jsonw_object(w, NULL);
	cc_jsonw_str(w, "src", path);
	cc_jsonw_str(w, "sizes", sizes);
	cc_jsonw_str(w, "type", type);
	cc_jsonw_str(w, "purpose", use);
	cc_jsonw_close_object(w);
}

static void manifest_write(struct cc_jsonw *w, void *ctx)
{
	struct cc_request *rq = ctx;
	cc_jsonw_object(w, NULL);
	cc_jsonw_str(w, "id", "/desk/mobile/");
	cc_jsonw_str(w, "name", cc_sprintf(rq->arena, "Tandem %s", cc_t(rq, "Mobile app")));
	cc_jsonw_str(w, "short_name", "Tandem");
	cc_jsonw_str(w, "lang", strcmp(rq->language, "en") ? "zh-CN" : "en");
	cc_jsonw_str(w, "start_url", "/desk/mobile/");
	cc_jsonw_str(w, "scope", "/"); /* cards of customers and signing in too */
	cc_jsonw_str(w, "display", "standalone");
	cc_jsonw_str(w, "background_color", "#f3f5f8");
	cc_jsonw_str(w, "theme_color", "#1f5fbf");
	cc_jsonw_array(w, "icons");
	icon_write(w, "/static/icon.svg", "any", "image/svg+xml", "any");
	icon_write(w, "/static/mobile-512.png", "512x512", "image/png", "any");
	icon_write(w, "/static/mobile-192.png", "192x192", "image/png", "maskable");
	cc_jsonw_close_array(w);
	cc_jsonw_close_object(w);
}

int mobile_manifest(struct cc_request *rq)
{
	cc_send_json(rq, manifest_write, rq);
	cc_type(rq, "application/manifest+json");
	return 0;
}

/* Only a call that one talks in, or made: who does not take one lets it ring. */
int mobile_hang_up(struct cc_request *rq)
{
	const char *text = cc_param(rq, "call");
	struct json_object *result;
	struct cc_rows rows;
	struct cc_ulid call;
	if (!*rq->user->agent || cc_ulid_parse(&call, text, (int)strlen(text)) < 0)
		return CC_E_NOENT;
	int err = cc_db_query(rq->db, &rows,
			"SELECT 1 FROM call_leg l JOIN calls c ON c.tenant_id = l.tenant_id AND c.id = "
			"l.call_id WHERE l.tenant_id = {tenant} AND l.call_id = ? AND l.agent = {agent} AND "
			"l.ended_at IS NULL AND c.ended_at IS NULL AND (l.answered_at IS NOT NULL OR "
			"c.direction = 'out' OR c.caller = {agent}) LIMIT 1",
			((struct cc_bytes){call.b, sizeof call.b}));
	if (err)
		return err;
	if (!rows.count)
		return cc_error(rq, 409, cc_t(rq, "This call is over, or not yours."));
	err = cc_engine_call(rq, "cc.call.hangup", true, cc_sprintf(rq->arena, "\"call\":\"%s\"", text),
			&result, NULL);
	switch (err) {
	case 0:
		break;
	case CC_E_STATE:
		return cc_error(rq, 409, cc_t(rq, "This call is over, or not yours."));
	case CC_E_IO:
	case CC_E_TIMEOUT:
		return cc_error(
				rq, 503, cc_t(rq, "The call engine is not reachable: nothing was changed."));
	default:
		return err;
	}
	err = cc_audit_write(rq, "mobile.call.hang_up", cc_sprintf(rq->arena, "calls/%s", text), NULL);
	return err ? err : mobile_done(rq, "/desk/mobile/");
}
