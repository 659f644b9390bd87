/* SPDX-License-Identifier: GPL-2.0-or-later
 * AUTH-01, AUTH-02, AUTH-04: tenant, user and password. Failures count per account, and per account
 * and address: the latter from the third on wait longer each time, the tenth of an account freezes
 * it for a day. Everything about an account is said only to who knows its password; an account that
 * does not exist behaves as one that does. */
#include "desk.h"

#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>
#include "cc/auth.h"

#define REMEMBER_COOKIE "cc_remember" /* "<tenant>/<user>" */
#define REMEMBER_S (365 * 24 * 3600)
#define FREE_FAILURES 3
#define FREEZE_FAILURES 10
#define FREEZE_MS (24 * 3600 * 1000LL)
#define WAIT_MS 5000 /* after the third failure; doubles with each */
#define WAIT_MAX_MS (5 * 60 * 1000LL)

#define TENANT_MAX 32
#define USERNAME_MAX 64

struct attempt
{
	const char *tenant, *username, *password;
	int64_t account_failures, address_failures;
};

static const char *posted(const struct cc_request *rq, const char *name)
{
	const char *value = cc_form(rq, name);
	return value ? value : "";
}

static int show_form(struct cc_request *rq, const char *tenant, const char *username,
		const char *next, const char *fault)
{
	struct cc_value *page = cc_page(rq, cc_t(rq, "Sign in"));
	cc_value_str(rq->arena, page, "tenant_code", tenant);
	cc_value_str(rq->arena, page, "username", username);
	cc_value_bool(rq->arena, page, "remember", cc_cookie(rq, REMEMBER_COOKIE));
	cc_value_str(rq->arena, page, "next", next);
	cc_value_str(rq->arena, page, "fault", fault);
	return cc_page_send(rq, "desk/sign-in", page);
}

int desk_sign_in_form(struct cc_request *rq)
{
	const char *next = cc_query(rq, "next");
	const char *remembered = cc_cookie(rq, REMEMBER_COOKIE);
	const char *slash = remembered ? strchr(remembered, '/') : NULL;
	return show_form(rq,
			slash ? cc_strndup(rq->arena, remembered, (size_t)(slash - remembered)) : "",
			slash ? slash + 1 : "", next ? next : "", NULL);
}

/* ---- failures ---- */

/* Reads and locks the counters of the account, so that attempts at the same time are counted one
 * after the other. *refused: why the attempt is not even looked at, NULL if it is. */
static int failures_read(struct cc_request *rq, struct attempt *a, const char **refused)
{
	const char *addresses[] = {"", rq->address};
	for (size_t i = 0; i < 2; i++) {
		struct cc_rows rows;
		int err = cc_db_exec(rq->db,
				"INSERT INTO sign_in_failure {any} (tenant_code, username, address, failures, "
				"last_at) VALUES (?, ?, ?, 0, ?) ON DUPLICATE KEY UPDATE failures = failures",
				a->tenant, a->username, addresses[i], rq->now_ms);
		if (!err)
			err = cc_db_query(rq->db, &rows,
					"SELECT failures, last_at, frozen_until FROM sign_in_failure {any} "
					"WHERE tenant_code = ? AND username = ? AND address = ? FOR UPDATE",
					a->tenant, a->username, addresses[i]);
		if (err)
			return err;
		int64_t failures = cc_row_int(&rows.row[0], 0, 0), last = cc_row_int(&rows.row[0], 1, 0);
		int64_t frozen = cc_row_int(&rows.row[0], 2, 0);
		if (frozen > rq->now_ms)
			*refused = cc_t(rq, "Too many failed attempts: the account is frozen for 24 hours.");
		if (frozen ? frozen <= rq->now_ms : rq->now_ms - last > FREEZE_MS)
			failures = 0;
		if (i == 0) {
			a->account_failures = failures;
			continue;
		}
		a->address_failures = failures;
		if (failures < FREE_FAILURES)
			continue;
		int64_t wait = WAIT_MS << (failures - FREE_FAILURES);
		if (rq->now_ms - last < (wait < WAIT_MAX_MS ? wait : WAIT_MAX_MS) && !*refused)
			*refused = cc_t(rq, "Too many failed attempts: wait a moment before the next one.");
	}
	return 0;
}

static int failures_write(struct cc_request *rq, const struct attempt *a)
{
	int64_t counts[] = {a->account_failures + 1, a->address_failures + 1};
	const char *addresses[] = {"", rq->address};
	int err = 0;
	for (size_t i = 0; i < 2 && !err; i++)
		err = cc_db_exec(rq->db,
				"UPDATE sign_in_failure {any} SET failures = ?, last_at = ?, frozen_until = ? "
				"WHERE tenant_code = ? AND username = ? AND address = ?",
				counts[i], rq->now_ms,
				i == 0 && counts[i] >= FREEZE_FAILURES ? rq->now_ms + FREEZE_MS : 0LL, a->tenant,
				a->username, addresses[i]);
	return err;
}

static int failures_clear(struct cc_request *rq, const struct attempt *a)
{
	return cc_db_exec(rq->db,
			"DELETE FROM sign_in_failure {any} WHERE tenant_code = ? AND username = ?", a->tenant,
			a->username);
}

/* ---- the attempt ---- */

/* AUTH-01: an agent that was offline is away after signing in. When the engine cannot be reached it
 * stays as it is. */
static void agent_arrive(struct cc_request *rq)
{
	struct json_object *state, *work;
	const char *agent = rq->user->agent;
	if (!*agent)
		return;
	if (cc_engine_call(rq, "cc.agent.get", false, cc_sprintf(rq->arena, "\"agent\":\"%s\"", agent),
				&state, NULL))
		return;
	if (json_object_object_get_ex(state, "work", &work) &&
			!strcmp(json_object_get_string(work), "offline"))
		cc_engine_call(rq, "cc.agent.work", true,
				cc_sprintf(rq->arena, "\"agent\":\"%s\",\"state\":\"away\",\"reason\":\"\"", agent),
				&state, NULL);
}

static int welcome(struct cc_request *rq, const struct attempt *a, int64_t tenant, int64_t user)
{
	const char *next = cc_form(rq, "next");
	int err = failures_clear(rq, a);
	if (!err)
		err = cc_session_start(rq, tenant, user);
	if (err)
		return err;
	if (cc_form(rq, "remember"))
		cc_set_cookie(rq, REMEMBER_COOKIE, cc_sprintf(rq->arena, "%s/%s", a->tenant, a->username),
				REMEMBER_S);
	else
		cc_set_cookie(rq, REMEMBER_COOKIE, "", -1);
	cc_audit(rq, "desk.session.sign_in", a->username, NULL);
	agent_arrive(rq);
	cc_redirect(rq, next && *next ? next : "/desk/");
	return 0;
}

static int failed(struct cc_request *rq, const struct attempt *a, const char *fault)
{
	const char *next = cc_form(rq, "next");
	cc_status(rq, 401);
	return show_form(rq, a->tenant, a->username, next ? next : "", fault);
}

int desk_sign_in(struct cc_request *rq)
{
	struct attempt a = {posted(rq, "tenant"), posted(rq, "username"), posted(rq, "password"), 0, 0};
	const char *unknown = cc_t(rq, "The account does not exist or the password is wrong.");
	const char *refused = NULL;
	struct cc_rows rows;
	if (!*a.tenant || !*a.username || !*a.password || strlen(a.tenant) > TENANT_MAX ||
			strlen(a.username) > USERNAME_MAX || strlen(a.password) > CC_AUTH_PASSWORD_MAX)
		return failed(rq, &a, unknown);
	int err = failures_read(rq, &a, &refused);
	if (err)
		return err;
	if (refused)
		return failed(rq, &a, refused);
	err = cc_db_query(rq->db, &rows,
			"SELECT u.tenant_id, u.id, u.password_hash, u.state, u.kind, t.state, a.state "
			"FROM tenant t {any} JOIN user u ON u.tenant_id = t.id "
			"LEFT JOIN agent a ON a.tenant_id = u.tenant_id AND a.user_id = u.id "
			"WHERE t.code = ? AND u.username = ?",
			a.tenant, a.username);
	if (err)
		return err;
	const struct cc_row *row = rows.count ? &rows.row[0] : NULL;
	if (!cc_auth_password_verify(a.password, row ? cc_row_str(row, 2) : NULL)) {
		err = failures_write(rq, &a);
		return err ? err : failed(rq, &a, unknown);
	}
	bool agent = !strcmp(cc_row_str(row, 4), "agent");
	bool enabled = !strcmp(cc_row_str(row, 3), "enabled") && strcmp(cc_row_str(row, 6), "disabled");
	if (!enabled)
		return failed(rq, &a,
				agent ? cc_t(rq, "The account is disabled and cannot sign in: ask the "
								 "administrator.")
					  : unknown);
	if (strcmp(cc_row_str(row, 5), "active"))
		return failed(rq, &a, cc_t(rq, "This call centre is not in service: ask the operator."));
	return welcome(rq, &a, cc_row_int(row, 0, 0), cc_row_int(row, 1, 0));
}

int desk_sign_out(struct cc_request *rq)
{
	cc_redirect(rq, "/desk/sign-in");
	return cc_session_end(rq);
}

int desk_language(struct cc_request *rq)
{
	const char *back = cc_form(rq, "next");
	int err = cc_language_set(rq, posted(rq, "language"));
	if (!err)
		cc_redirect(rq, back ? back : "/");
	return err;
}
