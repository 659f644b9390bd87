/* SPDX-License-Identifier: GPL-2.0-or-later
 * AUTH-01, AUTH-02, AUTH-04: tenant, user and password. Everything about an account is said only to
 * who knows its password; an account that does not exist behaves as one that does. */
#include "desk.h"

#include <string.h>
#include <json-c/json.h>
#include "cc/auth.h"
#include "failures.h"

#define REMEMBER_COOKIE "cc_remember" /* "<tenant>/<user>" */
#define REMEMBER_S (365 * 24 * 3600)

#define TENANT_MAX 32
#define USERNAME_MAX 64

/* Columns of the account's row. */
enum
{
	A_TENANT,
	A_USER,
	A_HASH,
	A_STATE,
	A_KIND,
	A_TENANT_STATE,
	A_AGENT_STATE,
	A_ADDRESSES,
};

static const char *posted(const struct cc_request *rq, const char *name)
{
	const char *value = cc_form(rq, name);
	return value ? value : "";
}

/* captcha: a new one is asked for. */
static int show_form(struct cc_request *rq, const char *tenant, const char *username,
		const char *next, const char *fault, bool captcha)
{
	char token[CC_AUTH_TOKEN + 1];
	struct cc_value *page = cc_page(rq, cc_t(rq, "Sign in"));
	cc_auth_token_new(token);
	cc_value_str(rq->arena, page, "tenant_code", tenant);
	cc_value_str(rq->arena, page, "username", username);
	cc_value_bool(
			rq->arena, page, "remember", cc_cookie(rq, REMEMBER_COOKIE) || cc_form(rq, "remember"));
	cc_value_str(rq->arena, page, "next", next);
	cc_value_str(rq->arena, page, "fault", fault);
	cc_value_str(rq->arena, page, "captcha", captcha ? cc_strdup(rq->arena, token) : NULL);
	return cc_page_send(rq, "desk/sign-in", page);
}

/* ---- the start page ---- */

/* The first path in the menu, or wanted if the menu has it; NULL: the menu is empty. */
static const char *menu_path(const struct cc_value *v, const char *wanted)
{
	const char *first = NULL;
	const struct cc_value *path = v->kind == CC_VALUE_MAP ? cc_value_get(v, "path") : NULL;
	if (path && path->kind == CC_VALUE_STR && path->str)
		return path->str;
	for (const struct cc_value *child = v->first; child; child = child->next) {
		const char *found = menu_path(child, wanted);
		if (found && !strcmp(found, wanted))
			return found;
		if (!first)
			first = found;
	}
	return first;
}

int desk_home(struct cc_request *rq)
{
	if (!rq->user) {
		cc_redirect(rq, "/desk/sign-in");
		return 0;
	}
	const struct cc_value *menu = cc_value_get(cc_page(rq, ""), "menu");
	const char *path = menu ? menu_path(menu, rq->user->home) : NULL;
	if (!path)
		return CC_E_DENIED;
	cc_redirect(rq, path);
	return 0;
}

int desk_sign_in_form(struct cc_request *rq)
{
	const char *next = cc_query(rq, "next");
	const char *remembered = cc_cookie(rq, REMEMBER_COOKIE);
	const char *slash = remembered ? strchr(remembered, '/') : NULL;
	return show_form(rq,
			slash ? cc_strndup(rq->arena, remembered, (size_t)(slash - remembered)) : "",
			slash ? slash + 1 : "", next ? next : "", NULL, false);
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

static int welcome(struct cc_request *rq, const struct failures *f, const struct cc_row *account)
{
	const char *next = cc_form(rq, "next");
	int err = failures_clear(rq, f);
	if (!err)
		err = cc_session_start(
				rq, cc_row_int(account, A_TENANT, 0), cc_row_int(account, A_USER, 0));
	if (!err)
		err = cc_db_exec(rq->db,
				"UPDATE user SET last_sign_in_at = ? WHERE tenant_id = {tenant} AND id = {user}",
				rq->now_ms);
	if (err)
		return err;
	if (cc_form(rq, "remember"))
		cc_set_cookie(rq, REMEMBER_COOKIE, cc_sprintf(rq->arena, "%s/%s", f->tenant, f->username),
				REMEMBER_S);
	else
		cc_set_cookie(rq, REMEMBER_COOKIE, "", -1);
	cc_audit(rq, "desk.session.sign_in", f->username, NULL);
	agent_arrive(rq);
	cc_redirect(rq, next && *next ? next : "/desk/");
	return 0;
}

static int failed(struct cc_request *rq, const struct failures *f, const char *fault)
{
	const char *next = cc_form(rq, "next");
	cc_status(rq, 401);
	return show_form(rq, f->tenant, f->username, next ? next : "", fault, f->captcha);
}

/* What keeps who knows the password out; NULL: nothing. */
static const char *obstacle(struct cc_request *rq, const struct cc_row *account)
{
	bool agent = !strcmp(cc_row_str(account, A_KIND), "agent");
	if (strcmp(cc_row_str(account, A_STATE), "enabled") ||
			!strcmp(cc_row_str(account, A_AGENT_STATE), "disabled"))
		return agent ? cc_t(rq,
							   "The account is disabled and cannot sign in: ask the administrator.")
					 : cc_t(rq, "The account does not exist or the password is wrong.");
	if (strcmp(cc_row_str(account, A_TENANT_STATE), "active"))
		return cc_t(rq, "This call centre is not in service: ask the operator.");
	if (!cc_auth_address_allowed(cc_row_str(account, A_ADDRESSES), rq->address))
		return cc_t(rq, "This call centre may not be used from your address.");
	return NULL;
}

/* Wrong passwords of accounts that exist stand in their tenant's log. */
static int audit_refusal(
		struct cc_request *rq, const struct failures *f, const struct cc_row *account)
{
	if (!account)
		return 0;
	return cc_db_exec(rq->db,
			"INSERT INTO audit_log {any} (tenant_id, at, user_id, user_name, action, address, "
			"object, path) VALUES (?, ?, ?, ?, 'desk.session.refused', ?, ?, ?)",
			cc_row_int(account, A_TENANT, 0), rq->now_ms, cc_row_int(account, A_USER, 0),
			f->username, rq->address, f->username, rq->path);
}

int desk_sign_in(struct cc_request *rq)
{
	struct failures f = {.tenant = posted(rq, "tenant"), .username = posted(rq, "username")};
	const char *password = posted(rq, "password");
	const char *unknown = cc_t(rq, "The account does not exist or the password is wrong.");
	struct cc_rows rows;
	bool right = false;
	if (!*f.tenant || !*f.username || strlen(f.tenant) > TENANT_MAX ||
			strlen(f.username) > USERNAME_MAX || strlen(password) > CC_AUTH_PASSWORD_MAX)
		return failed(rq, &f, unknown);
	int err = failures_read(rq, &f);
	if (err)
		return err;
	if (cc_form(rq, "another")) /* another picture, for browsers without JavaScript */
		return show_form(rq, f.tenant, f.username, posted(rq, "next"), NULL, f.captcha);
	if (!*password)
		return failed(rq, &f, unknown);
	if (f.frozen)
		return failed(
				rq, &f, cc_t(rq, "Too many failed attempts: the account is frozen for 24 hours."));
	if (f.captcha) {
		err = cc_captcha_check(rq, posted(rq, "captcha_id"), posted(rq, "captcha"), &right);
		if (err)
			return err;
		if (!right)
			return failed(rq, &f, cc_t(rq, "Type the characters of the picture."));
	}
	err = cc_db_query(rq->db, &rows,
			"SELECT u.tenant_id, u.id, u.password_hash, u.state, u.kind, t.state, a.state, "
			"p.value FROM tenant t {any} JOIN user u ON u.tenant_id = t.id AND u.live = 1 "
			"LEFT JOIN agent a ON a.tenant_id = u.tenant_id AND a.user_id = u.id AND a.live = 1 "
			"LEFT JOIN preference p ON p.tenant_id = t.id AND p.name = 'web_addresses' "
			"WHERE t.code = ? AND u.username = ?",
			f.tenant, f.username);
	if (err)
		return err;
	const struct cc_row *account = rows.count ? &rows.row[0] : NULL;
	if (!cc_auth_password_verify(password, account ? cc_row_str(account, A_HASH) : NULL)) {
		err = failures_add(rq, &f);
		if (!err)
			err = audit_refusal(rq, &f, account);
		return err ? err : failed(rq, &f, unknown);
	}
	const char *fault = obstacle(rq, account);
	return fault ? failed(rq, &f, fault) : welcome(rq, &f, account);
}

/* ---- the end of a session ---- */

/* An agent that works in the browser leaves its queues with its last session. */
static int agent_leave(struct cc_request *rq)
{
	struct cc_rows rows;
	struct json_object *state;
	const char *agent = cc_sprintf(rq->arena, "\"agent\":\"%s\"", rq->user->agent);
	if (!*rq->user->agent || rq->user->origin)
		return 0;
	int err = cc_db_query(rq->db, &rows,
			"SELECT 1 FROM agent WHERE tenant_id = {tenant} AND number = {agent} AND live = 1 "
			"AND browser_work = 1 AND (SELECT COUNT(*) FROM session WHERE tenant_id = {tenant} "
			"AND user_id = {user} AND origin_user_id IS NULL AND expires_at > ?) <= 1",
			rq->now_ms);
	if (err || !rows.count)
		return err;
	cc_engine_call(rq, "cc.agent.sign", true, cc_sprintf(rq->arena, "%s,\"on\":false", agent),
			&state, NULL);
	cc_engine_call(rq, "cc.agent.work", true,
			cc_sprintf(rq->arena, "%s,\"state\":\"offline\",\"reason\":\"\"", agent), &state, NULL);
	return 0;
}

int desk_sign_out(struct cc_request *rq)
{
	if (rq->user->api)
		return CC_E_DENIED;
	int err = agent_leave(rq);
	if (err)
		return err;
	cc_audit(rq, "desk.session.sign_out", rq->user->username, NULL);
	cc_redirect(rq, "/desk/sign-in");
	return cc_session_end(rq);
}

/* AUTH-05: back from "log in as". */
int desk_return(struct cc_request *rq)
{
	int err = cc_session_return(rq);
	if (err == CC_E_STATE)
		return cc_error(rq, 409, NULL);
	if (err == CC_E_DENIED) {
		cc_redirect(rq, "/desk/sign-in");
		return 0;
	}
	if (!err)
		cc_redirect(rq, "/desk/");
	return err;
}

int desk_language(struct cc_request *rq)
{
	const char *back = cc_form(rq, "next");
	int err = cc_language_set(rq, posted(rq, "language"));
	if (!err)
		cc_redirect(rq, back ? back : "/");
	return err;
}
