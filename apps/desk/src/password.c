/* SPDX-License-Identifier: GPL-2.0-or-later
 * AUTH-03, AUTH-07: one's own password. A wrong old one counts as a failed sign-in. */
#include "desk.h"

#include <string.h>
#include "cc/auth.h"
#include "failures.h"

static int show(struct cc_request *rq, const char *fault, bool saved)
{
	struct cc_value *page = cc_page(rq, cc_t(rq, "Password"));
	cc_value_str(rq->arena, page, "fault", fault);
	cc_value_bool(rq->arena, page, "saved", saved);
	cc_value_bool(rq->arena, page, "due", rq->user->password_due && !saved);
	cc_value_str(rq->arena, page, "rule", cc_password_rule(rq));
	cc_value_str(rq->arena, page, "username", rq->user->username);
	return cc_page_send(rq, "desk/password", page);
}

int desk_password_form(struct cc_request *rq)
{
	if (rq->user->api)
		return CC_E_DENIED;
	return show(rq, NULL, cc_query(rq, "saved"));
}

static int refuse(struct cc_request *rq, const char *fault)
{
	cc_status(rq, 400);
	return show(rq, fault, false);
}

static int save(struct cc_request *rq, const char *password)
{
	char hash[CC_AUTH_PASSWORD];
	int err = cc_auth_password_hash(password, hash);
	if (!err)
		err = cc_db_exec(rq->db,
				"UPDATE user SET password_hash = ?, password_due = 0, updated_at = ? "
				"WHERE tenant_id = {tenant} AND id = {user}",
				hash, rq->now_ms);
	if (!err)
		err = cc_session_end_all(rq, rq->user->id, true);
	if (err)
		return err;
	cc_audit(rq, "desk.password.change", rq->user->username, NULL);
	cc_redirect(rq, rq->user->password_due ? "/desk/" : "/desk/password?saved=1");
	return 0;
}

int desk_password(struct cc_request *rq)
{
	const char *old = cc_form(rq, "old"), *new = cc_form(rq, "new"), *again = cc_form(rq, "again");
	struct failures f = {.tenant = rq->user->tenant_code, .username = rq->user->username};
	struct cc_rows rows;
	if (rq->user->api)
		return CC_E_DENIED;
	if (rq->user->origin)
		return refuse(rq, cc_t(rq, "The password of somebody else cannot be changed here."));
	int err = failures_read(rq, &f);
	if (err)
		return err;
	if (f.frozen)
		return refuse(
				rq, cc_t(rq, "Too many failed attempts: the account is frozen for 24 hours."));
	err = cc_db_query(rq->db, &rows,
			"SELECT password_hash FROM user WHERE tenant_id = {tenant} AND id = {user}");
	if (err)
		return err;
	if (!rows.count || !cc_auth_password_verify(old ? old : "", cc_row_str(&rows.row[0], 0))) {
		err = failures_add(rq, &f);
		return err ? err : refuse(rq, cc_t(rq, "The old password is wrong."));
	}
	err = failures_clear(rq, &f);
	if (err)
		return err;
	if (!new || !again || strcmp(new, again))
		return refuse(rq, cc_t(rq, "The two new passwords differ."));
	if (!strcmp(old, new))
		return refuse(rq, cc_t(rq, "The new password is the old one."));
	const char *refusal = cc_password_refusal(rq, new, rq->user->username);
	return refusal ? refuse(rq, refusal) : save(rq, new);
}
