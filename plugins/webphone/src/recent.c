/* SPDX-License-Identifier: GPL-2.0-or-later
 * CALL-12: the last numbers under the dial pad:
 *	GET  /desk/webphone/recent         the agent's last 20 calls
 *	POST /desk/webphone/recent/{call}  calls the number of one of them, also when it is masked */
#include "webphone.h"

#include <string.h>
#include "cc/dial.h"
#include "cc/err.h"
#include "cc/jsonw.h"
#include "cc/ulid.h"

#define SHOWN 20
#define LEGS 100 /* of the agent's phones that are looked at: a call rings several of them */

enum
{
	CALL,
	AT,
	OUT,
	NUMBER,
	NAME,
	HIDE,
	TAKEN,
	CUSTOMER,
	PACKAGE,
};

/* Legs of the agent's phones, the last ones, as calls; who is at the far end. */
#define RECENT(condition)                                                                          \
	"SELECT c.id, c.started_at, c.direction = 'out' OR c.caller = {agent}, "                       \
	"IF(c.direction = 'out' OR c.caller = {agent}, c.callee, c.caller), "                          \
	"COALESCE(k.name, IF(c.direction = 'in', c.caller_name, '')), c.hide + 0, l.taken, "           \
	"c.customer_id, c.package_id FROM (SELECT call_id, MAX(answered_at IS NOT NULL) AS taken "     \
	"FROM (SELECT call_id, answered_at FROM call_leg WHERE tenant_id = {tenant} AND "              \
	"agent = {agent} " condition                                                                   \
	") x GROUP BY call_id) l JOIN calls c ON c.tenant_id = {tenant} AND c.id = l.call_id "         \
	"LEFT JOIN customer k ON k.tenant_id = {tenant} AND k.id = c.customer_id "                     \
	"ORDER BY c.id DESC "

struct recent
{
	struct cc_request *rq;
	struct cc_rows rows;
};

/* How much of the number is not shown: to this user, or to anybody. */
static enum cc_hide hidden(const struct cc_request *rq, const struct cc_row *row)
{
	enum cc_hide of_task = (enum cc_hide)(cc_row_int(row, HIDE, 1) - 1);
	return of_task > rq->user->hide_numbers ? of_task : rq->user->hide_numbers;
}

static void recent_write(struct cc_jsonw *w, void *ctx)
{
	const struct recent *r = ctx;
	cc_jsonw_object(w, NULL);
	cc_jsonw_array(w, "rows");
	for (size_t i = 0; i < r->rows.count && i < SHOWN; i++) {
		const struct cc_row *row = &r->rows.row[i];
		char id[CC_ULID_TEXT + 1];
		struct cc_ulid call;
		memcpy(call.b, row->v[CALL], sizeof call.b);
		cc_ulid_format(&call, id);
		enum cc_hide hide = hidden(r->rq, row);
		bool out = cc_row_int(row, OUT, 0), taken = cc_row_int(row, TAKEN, 0);
		cc_jsonw_object(w, NULL);
		cc_jsonw_str(w, "call", id);
		cc_jsonw_str(w, "at", cc_time_text(r->rq, cc_row_int(row, AT, 0)));
		cc_jsonw_str(w, "number", cc_mask_number(r->rq->arena, cc_row_str(row, NUMBER), hide));
		cc_jsonw_str(w, "name", cc_mask_number(r->rq->arena, cc_row_str(row, NAME), hide));
		cc_jsonw_bool(w, "out", out);
		cc_jsonw_bool(w, "missed", !out && !taken);
		cc_jsonw_close_object(w);
	}
	cc_jsonw_close_array(w);
	cc_jsonw_close_object(w);
}

int webphone_recent(struct cc_request *rq)
{
	struct recent *r = cc_alloc(rq->arena, sizeof *r);
	r->rq = rq;
	if (!*rq->user->agent)
		return CC_E_NOENT;
	int err = cc_db_query(
			rq->db, &r->rows, RECENT("ORDER BY id DESC LIMIT ?") "LIMIT ?", LEGS, SHOWN);
	if (!err)
		cc_send_json(rq, recent_write, r);
	return err;
}

int webphone_recent_call(struct cc_request *rq)
{
	const char *text = cc_param(rq, "call");
	struct cc_rows rows;
	struct cc_ulid call;
	if (!*rq->user->agent || cc_ulid_parse(&call, text, (int)strlen(text)) < 0)
		return CC_E_NOENT;
	int err = cc_db_query(
			rq->db, &rows, RECENT("AND call_id = ?"), ((struct cc_bytes){call.b, sizeof call.b}));
	if (err)
		return err;
	if (!rows.count)
		return CC_E_NOENT;
	const struct cc_row *row = &rows.row[0];
	const struct cc_dial dial = {.number = cc_row_str(row, NUMBER),
			.name = cc_row_str(row, NAME),
			.masked = hidden(rq, row),
			.customer = cc_row_int(row, CUSTOMER, 0),
			.package = cc_row_int(row, PACKAGE, 0)};
	if (!*dial.number)
		return cc_error(rq, 409, cc_t(rq, "There is no number to call."));
	return cc_dial(rq, &dial, cc_sprintf(rq->arena, "calls/%s", text), "/desk/");
}
