/* SPDX-License-Identifier: GPL-2.0-or-later
 * Who asks: a session cookie or an API key; and whether a change was meant by them. */
#include "priv.h"

#include <string.h>
#include <strings.h>

#define SESSION_MS (12 * 3600 * 1000LL) /* without a request a session ends after this */
#define TOUCH_MS (60 * 1000LL)          /* seen_at is written at most this often */

/* Columns of both queries of identify, in this order. */
enum
{
	U_TENANT,
	U_ID,
	U_ROLE,
	U_USERNAME,
	U_NAME,
	U_LANGUAGE,
	U_SCOPE,
	U_TENANT_CODE,
	U_TENANT_NAME,
	U_TIMEZONE,
	U_AGENT,
	U_GENERATION,
	U_SALT,
	U_SEEN,
};

/* Costs no round trip of its own. */
#define GENERATION "(SELECT g.generation FROM plugin_generation g WHERE g.id = 1)"

static enum cc_data_scope scope_parse(const char *text)
{
	if (!strcmp(text, "all"))
		return CC_SCOPE_ALL;
	if (!strcmp(text, "department"))
		return CC_SCOPE_DEPARTMENT;
	if (!strcmp(text, "group"))
		return CC_SCOPE_GROUP;
	return CC_SCOPE_OWN;
}

static int user_set(struct cc_request *rq, const struct cc_row *row, bool api)
{
	struct cc_web_state *st = rq->state;
	st->user = (struct cc_user){
			.tenant = cc_row_int(row, U_TENANT, 0),
			.id = cc_row_int(row, U_ID, 0),
			.role = cc_row_int(row, U_ROLE, 0),
			.username = cc_row_str(row, U_USERNAME),
			.name = cc_row_str(row, U_NAME),
			.language = cc_row_str(row, U_LANGUAGE),
			.scope = scope_parse(cc_row_str(row, U_SCOPE)),
			.tenant_code = cc_row_str(row, U_TENANT_CODE),
			.tenant_name = cc_row_str(row, U_TENANT_NAME),
			.timezone = cc_row_str(row, U_TIMEZONE),
			.agent = cc_row_str(row, U_AGENT),
			.api = api,
	};
	st->generation = cc_row_int(row, U_GENERATION, 0);
	struct cc_scope scope = {st->user.tenant, api ? 0 : st->user.id, st->user.agent};
	cc_db_use(rq->db, rq->arena, &scope);
	int err = cc_db_query(rq->db, &st->permissions,
			"SELECT permission FROM role_permission WHERE tenant_id = {tenant} AND role_id = ?",
			st->user.role);
	if (!err)
		rq->user = &st->user;
	return err;
}

static int session_touch(struct cc_request *rq, void *ctx)
{
	return cc_db_exec(rq->db,
			"UPDATE session {any} SET seen_at = ?, expires_at = ? WHERE token_hash = ?", rq->now_ms,
			rq->now_ms + SESSION_MS, ((struct cc_bytes){rq->state->session_hash, CC_AUTH_HASH}));
}

static int identify_session(struct cc_request *rq, const char *token)
{
	struct cc_web_state *st = rq->state;
	struct cc_rows rows;
	cc_auth_session_hash(&st->web->secret, token, strlen(token), st->session_hash);
	int err = cc_db_query(rq->db, &rows,
			"SELECT u.tenant_id, u.id, u.role_id, u.username, u.name, u.language, r.data_scope, "
			"t.code, t.name, t.timezone, a.number, " GENERATION
			", s.csrf_salt, s.seen_at FROM session s {any} "
			"JOIN user u ON u.tenant_id = s.tenant_id AND u.id = s.user_id "
			"JOIN role r ON r.tenant_id = u.tenant_id AND r.id = u.role_id "
			"JOIN tenant t ON t.id = u.tenant_id "
			"LEFT JOIN agent a ON a.tenant_id = u.tenant_id AND a.user_id = u.id "
			"WHERE s.token_hash = ? AND s.expires_at > ? AND u.state = 'enabled' "
			"AND t.state = 'active' AND (a.state IS NULL OR a.state = 'enabled')",
			((struct cc_bytes){st->session_hash, CC_AUTH_HASH}), rq->now_ms);
	if (err || !rows.count)
		return err;
	const struct cc_row *row = &rows.row[0];
	if (row->len[U_SALT] != CC_AUTH_SALT)
		return CC_E_CORRUPT;
	cc_auth_csrf(&st->web->secret, st->session_hash, (const uint8_t *)row->v[U_SALT], st->csrf);
	st->has_session = true;
	if (rq->now_ms - cc_row_int(row, U_SEEN, 0) > TOUCH_MS)
		cc_defer(rq, session_touch, NULL, false);
	return user_set(rq, row, false);
}

static int identify_key(struct cc_request *rq, const char *key)
{
	struct cc_rows rows;
	uint8_t hash[CC_AUTH_HASH];
	cc_auth_api_key_hash(&rq->state->web->secret, key, strlen(key), hash);
	int err = cc_db_query(rq->db, &rows,
			"SELECT k.tenant_id, k.id, k.role_id, k.name, k.name, 'en', r.data_scope, "
			"t.code, t.name, t.timezone, '', " GENERATION " FROM api_key k {any} "
			"JOIN role r ON r.tenant_id = k.tenant_id AND r.id = k.role_id "
			"JOIN tenant t ON t.id = k.tenant_id "
			"WHERE k.key_hash = ? AND k.state = 'enabled' AND t.state = 'active'",
			((struct cc_bytes){hash, sizeof hash}));
	if (err || !rows.count)
		return err;
	return user_set(rq, &rows.row[0], true);
}

int cc_identify_user(struct cc_request *rq, int64_t tenant, int64_t user)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT u.tenant_id, u.id, u.role_id, u.username, u.name, u.language, r.data_scope, "
			"t.code, t.name, t.timezone, a.number FROM user u {any} "
			"JOIN role r ON r.tenant_id = u.tenant_id AND r.id = u.role_id "
			"JOIN tenant t ON t.id = u.tenant_id "
			"LEFT JOIN agent a ON a.tenant_id = u.tenant_id AND a.user_id = u.id "
			"WHERE u.tenant_id = ? AND u.id = ? AND u.state = 'enabled' AND t.state = 'active' "
			"AND (a.state IS NULL OR a.state = 'enabled')",
			tenant, user);
	if (err || !rows.count)
		return err;
	return user_set(rq, &rows.row[0], false);
}

int cc_identify(struct cc_request *rq)
{
	const char *authorization = cc_header(rq, "HTTP_AUTHORIZATION");
	if (authorization && !strncasecmp(authorization, "Bearer ", 7))
		return identify_key(rq, authorization + 7);
	const char *token = cc_cookie(rq, CC_AUTH_COOKIE);
	return token && *token ? identify_session(rq, token) : 0;
}

/* Host of an Origin ("https://host:port") is the one that was asked. */
static bool origin_is_own(const struct cc_request *rq, const char *origin)
{
	const char *host = cc_header(rq, "HTTP_HOST");
	const char *at = strstr(origin, "://");
	return host && at && !strcasecmp(at + 3, host);
}

int cc_csrf_check(struct cc_request *rq)
{
	/* a browser sends Origin or Sec-Fetch-Site with every POST that another site may cause */
	const char *origin = cc_header(rq, "HTTP_ORIGIN");
	const char *site = cc_header(rq, "HTTP_SEC_FETCH_SITE");
	if (origin ? !origin_is_own(rq, origin)
			   : site && strcmp(site, "same-origin") && strcmp(site, "none"))
		return CC_E_DENIED;
	if (!rq->user)
		return 0;
	if (rq->user->api) /* a page cannot send the header; with a cookie it might be a browser after
						  all */
		return cc_cookie(rq, CC_AUTH_COOKIE) ? CC_E_DENIED : 0;
	const char *token = cc_header(rq, "HTTP_X_CSRF_TOKEN");
	if (!token)
		token = cc_form(rq, CSRF_FIELD);
	return token && cc_auth_equal(token, rq->state->csrf) ? 0 : CC_E_DENIED;
}

int cc_session_start(struct cc_request *rq, int64_t tenant, int64_t user)
{
	char token[CC_AUTH_TOKEN + 1];
	uint8_t hash[CC_AUTH_HASH], salt[CC_AUTH_SALT];
	int err = cc_session_end(rq);
	if (err)
		return err;
	cc_auth_token_new(token);
	cc_auth_salt_new(salt);
	cc_auth_session_hash(&rq->state->web->secret, token, strlen(token), hash);
	err = cc_db_exec(rq->db, "DELETE FROM session {any} WHERE expires_at <= ?", rq->now_ms);
	if (!err)
		err = cc_db_exec(rq->db,
				"INSERT INTO session {any} (token_hash, tenant_id, user_id, csrf_salt, address, "
				"user_agent, created_at, seen_at, expires_at) VALUES (?,?,?,?,?,?,?,?,?)",
				((struct cc_bytes){hash, sizeof hash}), tenant, user,
				((struct cc_bytes){salt, sizeof salt}), rq->address, rq->user_agent, rq->now_ms,
				rq->now_ms, rq->now_ms + SESSION_MS);
	if (err)
		return err;
	cc_set_cookie(rq, CC_AUTH_COOKIE, token, 0);
	return identify_session(rq, token);
}

int cc_session_end(struct cc_request *rq)
{
	const char *token = cc_cookie(rq, CC_AUTH_COOKIE);
	if (!token || !*token)
		return 0;
	uint8_t hash[CC_AUTH_HASH];
	cc_auth_session_hash(&rq->state->web->secret, token, strlen(token), hash);
	cc_set_cookie(rq, CC_AUTH_COOKIE, "", -1);
	return cc_db_exec(rq->db, "DELETE FROM session {any} WHERE token_hash = ?",
			((struct cc_bytes){hash, sizeof hash}));
}
