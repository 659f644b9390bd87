/* SPDX-License-Identifier: GPL-2.0-or-later
 * CALL-12: the last calls of the own telephones, those that run now among them; the list of the web
 * phone and of the mobile app (web/recent.js):
 *	GET  /crm/recent         the agent's last 20 calls
 *	POST /crm/recent/{call}  calls the number of one of them, also when it is masked
 * Calls of packages that hide theirs are not there, as in the list of calls; customers are named to
 * who sees them on the card or in their list. */
#include "crm.h"

#include <string.h>
#include <json-c/json.h>
#include "cc/dial.h"
#include "cc/jsonw.h"
#include "cc/packages.h"
#include "cc/ulid.h"

#define SHOWN 20
#define LEGS 100 /* of the agent's phones that are looked at: a call rings several of them */

enum
{
	CALL,
	AT,
	OUT,
	NUMBER,
	CALLER_NAME,
	HIDE,
	TAKEN,
	RUNS,
	SINCE,
	CUSTOMER,
	PACKAGE,
	NAMED,      /* the customer, or whom it was merged into */
	NAMED_CODE, /* of that one's package */
};

/* Legs of the agent's phones, the last ones, as calls; who is at the far end. */
#define RECENT(condition)                                                                          \
	"SELECT c.id, c.started_at, c.direction = 'out' OR c.caller = {agent}, "                       \
	"IF(c.direction = 'out' OR c.caller = {agent}, c.callee, c.caller), "                          \
	"IF(c.direction = 'in', c.caller_name, ''), c.hide + 0, l.taken, "                             \
	"l.runs AND c.ended_at IS NULL, l.since, c.customer_id, c.package_id, "                        \
	"COALESCE(k.merged_into, k.id), p.code FROM (SELECT call_id, "                                 \
	"MAX(answered_at IS NOT NULL) AS taken, MAX(ended_at IS NULL) AS runs, "                       \
	"MAX(IF(ended_at IS NULL, COALESCE(answered_at, started_at), 0)) AS since "                    \
	"FROM (SELECT call_id, started_at, answered_at, ended_at FROM call_leg WHERE tenant_id = "     \
	"{tenant} AND agent = {agent} " condition                                                      \
	") x GROUP BY call_id) l JOIN calls c ON c.tenant_id = {tenant} AND c.id = l.call_id "         \
	"LEFT JOIN customer k ON k.tenant_id = {tenant} AND k.id = c.customer_id "                     \
	"LEFT JOIN customer_package p ON p.tenant_id = {tenant} AND p.id = k.package_id "              \
	"WHERE " CC_PACKAGE_SHOWN("calls", "c.package_id") " ORDER BY c.id DESC "

struct recent
{
	struct cc_request *rq;
	struct cc_rows rows;
	const char *name[SHOWN];
	struct json_object *running; /* calls of the engine, NULL: it cannot be asked, or need not be */
};

/* How much of the number is not shown: to this user, or to anybody. */
static enum cc_hide hidden(const struct cc_request *rq, const struct cc_row *row)
{
	enum cc_hide of_task = (enum cc_hide)(cc_row_int(row, HIDE, 1) - 1);
	return of_task > rq->user->hide_numbers ? of_task : rq->user->hide_numbers;
}

/* The name of the customer as far as the user sees the customer and the field. */
static int customer_name(struct cc_request *rq, const struct cc_row *call, const char **name)
{
	const struct cc_resource *r = NULL;
	struct cc_row row;
	int column = 0;
	if (cc_row_int(call, NAMED, 0) &&
			(cc_can(rq, "crm.card.view") || cc_can(rq, "crm.customers.list")))
		r = cc_resource_find(
				rq, cc_sprintf(rq->arena, "/crm/customers/%s", cc_row_str(call, NAMED_CODE)));
	while (r && r->columns[column].name && strcmp(r->columns[column].name, "name"))
		column++;
	if (!r || !r->columns[column].name)
		return 0;
	int err = cc_resource_get(rq, r, cc_row_str(call, NAMED), &row);
	if (!err && *cc_row_str(&row, column))
		*name = cc_row_str(&row, column);
	return err == CC_E_NOENT ? 0 : err;
}

/* Who is at the far end: the customer, else what the call said of itself. */
static int name_of(struct cc_request *rq, const struct cc_row *call, const char **name)
{
	*name = cc_row_str(call, CALLER_NAME);
	int err = customer_name(rq, call, name);
	*name = cc_mask_number(rq->arena, *name, hidden(rq, call));
	return err;
}

/* A call whose end was never written, because a machine died, does not run for ever. */
static bool runs(const struct recent *r, const struct cc_row *row, const char *id)
{
	if (!cc_row_int(row, RUNS, 0) || !r->running)
		return false;
	for (size_t i = 0; i < json_object_array_length(r->running); i++) {
		struct json_object *call;
		if (json_object_object_get_ex(json_object_array_get_idx(r->running, i), "call", &call) &&
				!strcmp(json_object_get_string(call), id))
			return true;
	}
	return false;
}

static void row_write(struct cc_jsonw *w, const struct recent *r, size_t i)
{
	const struct cc_row *row = &r->rows.row[i];
	char id[CC_ULID_TEXT + 1];
	struct cc_ulid call;
	memcpy(call.b, row->v[CALL], sizeof call.b);
	cc_ulid_format(&call, id);
	enum cc_hide hide = hidden(r->rq, row);
	bool out = cc_row_int(row, OUT, 0), taken = cc_row_int(row, TAKEN, 0), now = runs(r, row, id);
	cc_jsonw_object(w, NULL);
	cc_jsonw_str(w, "call", id);
	cc_jsonw_str(w, "at", cc_time_text(r->rq, cc_row_int(row, AT, 0)));
	cc_jsonw_str(w, "number", cc_mask_number(r->rq->arena, cc_row_str(row, NUMBER), hide));
	cc_jsonw_str(w, "name", r->name[i]);
	cc_jsonw_bool(w, "out", out);
	cc_jsonw_bool(w, "taken", taken);
	cc_jsonw_bool(w, "missed", !out && !taken && !now);
	if (now)
		cc_jsonw_int(w, "since", cc_row_int(row, SINCE, 0));
	cc_jsonw_close_object(w);
}

static void recent_write(struct cc_jsonw *w, void *ctx)
{
	const struct recent *r = ctx;
	cc_jsonw_object(w, NULL);
	cc_jsonw_int(w, "now", r->rq->now_ms);
	cc_jsonw_bool(w, "calls", cc_may_dial(r->rq));
	cc_jsonw_bool(w, "cards", cc_can(r->rq, "crm.card.view"));
	cc_jsonw_array(w, "rows");
	for (size_t i = 0; i < r->rows.count; i++)
		row_write(w, r, i);
	cc_jsonw_close_array(w);
	cc_jsonw_close_object(w);
}

int crm_recent(struct cc_request *rq)
{
	struct recent *r = cc_alloc(rq->arena, sizeof *r);
	struct json_object *result;
	bool open = false;
	*r = (struct recent){.rq = rq};
	if (!*rq->user->agent || !cc_can(rq, "desk.agent.own"))
		return CC_E_NOENT;
	int err = cc_db_query(
			rq->db, &r->rows, RECENT("ORDER BY id DESC LIMIT ?") "LIMIT ?", LEGS, SHOWN);
	for (size_t i = 0; !err && i < r->rows.count; i++) {
		err = name_of(rq, &r->rows.row[i], &r->name[i]);
		open |= cc_row_int(&r->rows.row[i], RUNS, 0);
	}
	if (err)
		return err;
	if (open && !cc_engine_call(rq, "cc.calls", false, "", &result, NULL) &&
			json_object_object_get_ex(result, "calls", &r->running) &&
			!json_object_is_type(r->running, json_type_array))
		r->running = NULL;
	cc_send_json(rq, recent_write, r);
	return 0;
}

int crm_recent_call(struct cc_request *rq)
{
	const char *text = cc_param(rq, "call");
	struct cc_rows rows;
	struct cc_ulid call;
	if (!*rq->user->agent || cc_ulid_parse(&call, text, (int)strlen(text)) < 0)
		return CC_E_NOENT;
	if (!cc_may_dial(rq))
		return CC_E_DENIED;
	int err = cc_db_query(
			rq->db, &rows, RECENT("AND call_id = ?"), ((struct cc_bytes){call.b, sizeof call.b}));
	if (err)
		return err;
	if (!rows.count)
		return CC_E_NOENT;
	const struct cc_row *row = &rows.row[0];
	const char *name;
	err = name_of(rq, row, &name);
	if (err)
		return err;
	const struct cc_dial dial = {.number = cc_row_str(row, NUMBER),
			.name = name,
			.masked = hidden(rq, row),
			.customer = cc_row_int(row, CUSTOMER, 0),
			.package = cc_row_int(row, PACKAGE, 0)};
	if (!*dial.number)
		return cc_error(rq, 409, cc_t(rq, "There is no number to call."));
	return cc_dial(rq, &dial, cc_sprintf(rq->arena, "calls/%s", text), "/desk/");
}
