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
	U_KIND,
	U_HOME,
	U_ADDRESSES,
	U_MANAGER,
	U_PASSWORD_DUE,
	U_HIDE_NUMBERS,
	U_GENERATION,
	/* of sessions only */
	U_SALT,
	U_SEEN,
	U_ORIGIN,
};

/* Costs no round trip of its own. */
#define GENERATION "(SELECT g.generation FROM plugin_generation g WHERE g.id = 1)"

/* A user who may be at work: the columns up to U_GENERATION, the tables beside user u, the
 * condition. */
#define USER_COLUMNS(addresses, password_due)                                                      \
	"SELECT u.tenant_id, u.id, u.role_id, u.username, u.name, u.language, r.data_scope, "          \
	"t.code, t.name, t.timezone, a.number, u.kind, r.home, " addresses                             \
	", EXISTS (SELECT 1 FROM department_manager m WHERE m.tenant_id = u.tenant_id "                \
	"AND m.user_id = u.id), " password_due ", u.hide_numbers, " GENERATION
#define USER_JOINS                                                                                 \
	"JOIN role r ON r.tenant_id = u.tenant_id AND r.id = u.role_id "                               \
	"JOIN tenant t ON t.id = u.tenant_id "                                                         \
	"LEFT JOIN agent a ON a.tenant_id = u.tenant_id AND a.user_id = u.id AND a.live = 1 "
#define USER_ENABLED                                                                               \
	"u.state = 'enabled' AND u.live = 1 AND t.state = 'active' "                                   \
	"AND (a.state IS NULL OR a.state = 'enabled') "

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
	if (!cc_auth_address_allowed(cc_row_str(row, U_ADDRESSES), rq->address)) {
		st->address_refused = true;
		return 0;
	}
	enum cc_data_scope role_scope = scope_parse(cc_row_str(row, U_SCOPE));
	bool manager = cc_row_int(row, U_MANAGER, 0) && role_scope < CC_SCOPE_DEPARTMENT;
	st->user = (struct cc_user){
			.tenant = cc_row_int(row, U_TENANT, 0),
			.id = cc_row_int(row, U_ID, 0),
			.role = cc_row_int(row, U_ROLE, 0),
			.username = cc_row_str(row, U_USERNAME),
			.name = cc_row_str(row, U_NAME),
			.language = cc_row_str(row, U_LANGUAGE),
			.scope = manager ? CC_SCOPE_DEPARTMENT : role_scope,
			.kind = cc_row_str(row, U_KIND),
			.home = cc_row_str(row, U_HOME),
			.origin = api ? NULL : row->v[U_ORIGIN],
			.password_due = cc_row_int(row, U_PASSWORD_DUE, 0),
			.hide_numbers = cc_row_int(row, U_HIDE_NUMBERS, 0),
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
			USER_COLUMNS("(SELECT p.value FROM preference p WHERE p.tenant_id = u.tenant_id AND "
						 "p.name = 'web_addresses')",
					"u.password_due AND s.origin_user_id IS NULL") ", s.csrf_salt, s.seen_at, "
																   "o.username "
																   "FROM session s {any} JOIN user "
																   "u ON u.tenant_id = s.tenant_id "
																   "AND u.id = "
																   "s.user_id " USER_JOINS
																   "LEFT JOIN user o ON "
																   "o.tenant_id = "
																   "s.origin_tenant_id AND o.id = "
																   "s.origin_user_id "
																   "WHERE s.token_hash = ? AND "
																   "s.expires_at > ? "
																   "AND " USER_ENABLED
																   "AND (s.origin_user_id IS NULL "
																   "OR (o.state = 'enabled' AND "
																   "o.live = 1))",
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
			"t.code, t.name, t.timezone, '', 'user', '', (SELECT p.value FROM preference p "
			"WHERE p.tenant_id = k.tenant_id AND p.name = 'api_addresses'), 0, 0, 0, " GENERATION
			" FROM api_key k {any} "
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
			USER_COLUMNS("''", "0") ", NULL, NULL, NULL FROM user u {any} " USER_JOINS
									"WHERE u.tenant_id = ? AND u.id = ? AND " USER_ENABLED,
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

/* A session row and its cookie; origin_user 0: the user acts. */
static int session_open(struct cc_request *rq, int64_t tenant, int64_t user, int64_t origin_tenant,
		int64_t origin_user)
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
				"user_agent, created_at, seen_at, expires_at, origin_tenant_id, origin_user_id) "
				"VALUES (?,?,?,?,?,?,?,?,?,NULLIF(?, 0),NULLIF(?, 0))",
				((struct cc_bytes){hash, sizeof hash}), tenant, user,
				((struct cc_bytes){salt, sizeof salt}), rq->address, rq->user_agent, rq->now_ms,
				rq->now_ms, rq->now_ms + SESSION_MS, origin_tenant, origin_user);
	if (err)
		return err;
	cc_set_cookie(rq, CC_AUTH_COOKIE, token, 0);
	rq->user = NULL;
	rq->state->preferences_read = false;
	err = identify_session(rq, token);
	return err || rq->user ? err : CC_E_DENIED;
}

int cc_session_start(struct cc_request *rq, int64_t tenant, int64_t user)
{
	return session_open(rq, tenant, user, 0, 0);
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

int cc_session_end_all(struct cc_request *rq, int64_t tenant, int64_t user, bool spare_own)
{
	struct cc_web_state *st = rq->state;
	uint8_t none[CC_AUTH_HASH] = {0};
	bool spare = spare_own && st->has_session;
	return cc_db_exec(rq->db,
			"DELETE FROM session {any} WHERE ((tenant_id = ? AND user_id = ?) OR "
			"(origin_tenant_id = ? AND origin_user_id = ?)) AND token_hash <> ?",
			tenant, user, tenant, user,
			((struct cc_bytes){spare ? st->session_hash : none, CC_AUTH_HASH}));
}

int cc_session_become(struct cc_request *rq, int64_t tenant, int64_t user)
{
	if (!rq->user || rq->user->api || rq->user->origin)
		return CC_E_STATE;
	return session_open(rq, tenant, user, rq->user->tenant, rq->user->id);
}

int cc_session_return(struct cc_request *rq)
{
	struct cc_rows rows;
	if (!rq->user || !rq->user->origin)
		return CC_E_STATE;
	int err = cc_db_query(rq->db, &rows,
			"SELECT origin_tenant_id, origin_user_id FROM session {any} WHERE token_hash = ?",
			((struct cc_bytes){rq->state->session_hash, CC_AUTH_HASH}));
	if (err)
		return err;
	if (!rows.count)
		return CC_E_STATE;
	return session_open(rq, cc_row_int(&rows.row[0], 0, 0), cc_row_int(&rows.row[0], 1, 0), 0, 0);
}

int cc_role_is_within(struct cc_request *rq, int64_t role, bool *within)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT permission FROM role_permission WHERE tenant_id = {tenant} AND role_id = ?",
			role);
	if (err)
		return err;
	*within = true;
	for (size_t i = 0; i < rows.count; i++)
		*within &= cc_can(rq, cc_row_str(&rows.row[i], 0));
	return 0;
}
