/* SPDX-License-Identifier: GPL-2.0-or-later
 * CALL-06: POST /desk/mobile/number: the own number outside, which calls ring on with the terminal
 * "mobile". */
#include "mobile.h"

#include <string.h>

#define SHORTEST 5
#define LONGEST 20

/* As it is dialled, a '+' before it or not: what people put between digits is left out. NULL: it
 * has something else in it. */
static const char *number_of(struct cc_arena *a, const char *typed)
{
	char *out = cc_alloc(a, strlen(typed) + 1);
	size_t n = 0;
	for (; *typed; typed++) {
		if ((*typed >= '0' && *typed <= '9') || (*typed == '+' && !n))
			out[n++] = *typed;
		else if (!strchr(" -().", *typed))
			return NULL;
	}
	return out;
}

/* A call to a number of the tenant itself would come back. */
static int is_own(struct cc_request *rq, const char *number, bool *own)
{
	struct cc_rows rows;
	const char *digits = number + (*number == '+');
	int err = cc_db_query(rq->db, &rows,
			"SELECT 1 FROM did WHERE tenant_id = {tenant} AND TRIM(LEADING '+' FROM number) = ? "
			"UNION ALL SELECT 1 FROM caller_id WHERE for_tenant = {tenant} AND TRIM(LEADING '+' "
			"FROM number) = ? UNION ALL SELECT 1 FROM agent WHERE tenant_id = {tenant} AND number "
			"= ? AND live = 1 UNION ALL SELECT 1 FROM agent_group WHERE tenant_id = {tenant} AND "
			"number = ? AND live = 1 LIMIT 1",
			digits, digits, digits, digits);
	if (!err)
		*own = rows.count;
	return err;
}

static int store(struct cc_request *rq, const char *number)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT mobile FROM agent WHERE tenant_id = {tenant} AND number = {agent} AND live = 1 "
			"FOR UPDATE");
	if (!err && !rows.count)
		err = CC_E_NOENT;
	if (err)
		return err;
	err = cc_db_exec(rq->db,
			"UPDATE agent SET mobile = ?, updated_at = ? WHERE tenant_id = {tenant} AND number = "
			"{agent} AND live = 1",
			number, rq->now_ms);
	if (!err)
		err = cc_db_exec(rq->db, "UPDATE configuration_generation {any} SET generation = "
								 "generation + 1 WHERE id = 1");
	return err ? err
			   : cc_audit_write(rq, MOBILE_NUMBER, rq->user->agent,
						 cc_sprintf(rq->arena, "{\"mobile\":[\"%s\",\"%s\"]}",
								 cc_row_str(&rows.row[0], 0), number));
}

int mobile_number(struct cc_request *rq)
{
	const char *typed = cc_form(rq, "mobile");
	bool own = false;
	if (!*rq->user->agent)
		return CC_E_DENIED;
	const char *number = typed ? number_of(rq->arena, typed) : NULL;
	if (!number || (*number && (strlen(number) < SHORTEST || strlen(number) > LONGEST)))
		return cc_error(rq, 400, cc_t(rq, "A number outside, as it is dialled: 5 to 20 digits."));
	int err = is_own(rq, number, &own);
	if (!err && own)
		return cc_error(rq, 400,
				cc_t(rq, "This number is one of your company here: calls would go round in "
						 "circles."));
	if (!err)
		err = store(rq, number);
	if (err)
		return err;
	cc_changed(rq, "terminal", rq->user->agent);
	return mobile_done(rq, "/desk/");
}
