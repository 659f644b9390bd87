/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/dial.h"

#include <string.h>
#include <json-c/json.h>
#include "cc/jsonw.h"
#include "things.h"

bool cc_may_dial(const struct cc_request *rq)
{
	return rq->user && *rq->user->agent && cc_can(rq, CC_DIAL_PERMISSION);
}

struct order
{
	const struct cc_request *rq;
	const struct cc_dial *dial;
};

/* What people put between digits is not dialled. */
static const char *plain_number(struct cc_arena *a, const char *text)
{
	struct cc_buf b = cc_buf_new(a);
	for (; *text; text++)
		if (!strchr(" -().", *text))
			cc_buf_add(&b, text, 1);
	return b.len ? cc_buf_text(&b) : "";
}

static void params_write(struct cc_jsonw *w, void *ctx)
{
	const struct order *o = ctx;
	cc_jsonw_object(w, NULL);
	cc_jsonw_str(w, "agent", o->rq->user->agent);
	cc_jsonw_str(w, "number", plain_number(o->rq->arena, o->dial->number));
	if (o->dial->name && *o->dial->name)
		cc_jsonw_str(w, "name", cc_mask_number(o->rq->arena, o->dial->name, o->dial->masked));
	if (o->dial->masked)
		cc_jsonw_str(w, "shown", cc_mask_number(o->rq->arena, o->dial->number, o->dial->masked));
	if (o->dial->customer)
		cc_jsonw_int(w, "customer", o->dial->customer);
	if (o->dial->package)
		cc_jsonw_int(w, "package", o->dial->package);
	if (o->dial->profile)
		cc_jsonw_int(w, "profile", o->dial->profile);
	if (o->dial->caller_id && *o->dial->caller_id)
		cc_jsonw_str(w, "caller_id", o->dial->caller_id);
	cc_jsonw_close_object(w);
}

static void call_write(struct cc_jsonw *w, void *ctx)
{
	cc_jsonw_object(w, NULL);
	cc_jsonw_str(w, "call", ctx);
	cc_jsonw_close_object(w);
}

static int succeeded(
		struct cc_request *rq, struct json_object *result, const char *object, const char *back)
{
	struct json_object *call;
	const char *id =
			json_object_object_get_ex(result, "call", &call) ? json_object_get_string(call) : "";
	int err = cc_audit_write(
			rq, CC_DIAL_PERMISSION, object, cc_json_text(rq->arena, call_write, (void *)id));
	if (err)
		return err;
	if (rq->json)
		cc_send_json(rq, call_write, (void *)id);
	else
		cc_redirect(rq, back);
	return 0;
}

int cc_dial(struct cc_request *rq, const struct cc_dial *dial, const char *object, const char *back)
{
	struct order order = {rq, dial};
	struct json_object *result;
	const char *reason;
	if (!cc_can(rq, CC_DIAL_PERMISSION))
		return CC_E_DENIED;
	if (!*rq->user->agent)
		return cc_error(rq, 409, cc_t(rq, "Only agents have a phone that can call."));
	if (dial->refused)
		return cc_error(rq, 409, dial->refused);
	/* members only: the client makes the object */
	const char *text = cc_json_text(rq->arena, params_write, &order);
	const char *params = cc_strndup(rq->arena, text + 1, strlen(text) - 2);
	int err = cc_engine_call(rq, "cc.call.dial", true, params, &result, &reason);
	switch (err) {
	case 0:
		return succeeded(rq, result, object, back);
	case CC_E_STATE:
		return cc_error(rq, 409, cc_tc(rq, "refusal", reason));
	case CC_E_IO:
	case CC_E_TIMEOUT:
		return cc_error(rq, 503, cc_t(rq, "The call engine is not reachable: nobody was called."));
	}
	return err;
}

/* ---- POST P/{id}/call/{column} ---- */

/* Where the button was: the list, or a page of this site that says so. */
static const char *place(struct cc_request *rq, const struct cc_resource *r)
{
	const char *next = cc_form(rq, "next");
	size_t len = strlen(r->path);
	bool list = !next || !cc_is_local_path(next) ||
				(!strncmp(next, r->path, len) && (!next[len] || next[len] == '?'));
	return list ? cc_list_back_with(rq, r, "done", "calling") : next;
}

int cc_resource_call(struct cc_request *rq)
{
	const struct cc_resource *r = rq->route->resource;
	const char *key = cc_param(rq, "id"), *name = cc_param(rq, "column");
	int i = cc_column_find(r, name);
	const struct cc_column *c = i < 0 ? NULL : &r->columns[i];
	struct cc_row row;
	if (!c || !c->call || !cc_column_seen(rq, r, c))
		return CC_E_NOENT;
	int err = cc_resource_get(rq, r, key, &row);
	if (err)
		return err;
	struct cc_dial dial = {
			.number = cc_row_str(&row, (size_t)i), .masked = cc_row_masked(rq, r, c, row.v)};
	if (!*dial.number || !cc_row_fits(rq, r, key, c->call))
		return cc_error(rq, 409, cc_t(rq, "There is no number to call."));
	if (r->dialing)
		err = r->dialing(rq, r, key, &dial);
	return err ? err
			   : cc_dial(rq, &dial, cc_sprintf(rq->arena, "%s/%s/%s", r->name, key, name),
						 place(rq, r));
}

const char *cc_call_path(struct cc_request *rq, const struct cc_resource *r,
		const struct cc_column *c, const char *key)
{
	return cc_sprintf(rq->arena, "%s/%s/call/%s", r->path, key, c->name);
}

/* ---- what calls outside show ---- */

int cc_caller_id_choices(struct cc_request *rq, struct cc_choices *list)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT number, CONCAT_WS(' ', number, NULLIF(name, '')), 1 AS did FROM did WHERE "
			"tenant_id = {tenant} UNION ALL SELECT number, CONCAT_WS(' ', number, "
			"NULLIF(supplier, '')), 0 FROM caller_id WHERE for_tenant = {tenant} AND state = "
			"'enabled' ORDER BY did, 1");
	cc_choice_add(list, "", cc_tc(rq, "prompt", "None"), NULL, NULL);
	for (size_t i = 0; !err && i < rows.count; i++)
		cc_choice_add(list, cc_row_str(&rows.row[i], 0), cc_row_str(&rows.row[i], 1),
				cc_row_int(&rows.row[i], 2, 0) ? cc_t(rq, "Access numbers")
											   : cc_t(rq, "Caller ids"),
				NULL);
	return err;
}
