/* SPDX-License-Identifier: GPL-2.0-or-later
 * Who asks: a session cookie or an API key; and whether a change was meant by them. */
#include "priv.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SESSION_NAME 32                 /* characters of cc_session_name */
#define SESSION_MS (12 * 3600 * 1000LL) /* without a request a session ends after this */
#define TOUCH_MS (60 * 1000LL)          /* seen_at is written at most this often */

/* Columns of people (cc_user_read) and of keys, in this order. */
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
	U_MANAGER,
	U_HIDE_NUMBERS,
	U_ADDRESSES,
	U_PASSWORD_DUE,
	U_THEME,
	U_AVATAR,
	/* of keys only */
	U_PLUGINS,
	U_KNOWN,
};

/* What is remembered of plugins and of the tenant holds: costs no round trip of its own. */
#define GENERATIONS(tenant)                                                                        \
	"(SELECT g.generation FROM plugin_generation g WHERE g.id = 1), (SELECT SUM(w.generation) "    \
	"FROM web_generation w WHERE w.tenant_id IN (0, " tenant "))"
#define ADDRESSES(tenant, name)                                                                    \
	"(SELECT p.value FROM preference p WHERE p.tenant_id = " tenant " AND p.name = '" name "')"

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

int cc_user_read(struct cc_db *db, int64_t user, struct cc_rows *rows)
{
	return cc_db_query(db, rows,
			"SELECT u.tenant_id, u.id, u.role_id, u.username, u.name, u.language, r.data_scope, "
			"t.code, t.name, t.timezone, a.number, u.kind, r.home, EXISTS (SELECT 1 FROM "
			"department_manager m WHERE m.tenant_id = u.tenant_id AND m.user_id = u.id), "
			"GREATEST(u.hide_numbers, r.hide_numbers), " ADDRESSES(
					"u.tenant_id", "web_addresses") ", u.password_due, u.theme, u.avatar "
													"FROM user u JOIN role r ON r.tenant_id = "
													"u.tenant_id AND r.id = u.role_id "
													"JOIN tenant t ON t.id = u.tenant_id LEFT JOIN "
													"agent a ON a.tenant_id = u.tenant_id "
													"AND a.user_id = u.id AND a.live = 1 WHERE "
													"u.tenant_id = {tenant} AND u.id = ? "
													"AND u.state = 'enabled' AND u.live = 1 AND "
													"t.state = 'active' "
													"AND (a.state IS NULL OR a.state = 'enabled')",
			user);
}

static void use_scope(struct cc_request *rq, int64_t tenant, int64_t user, const char *agent)
{
	struct cc_scope scope = {tenant, user, agent};
	cc_db_use(rq->db, rq->arena, &scope);
}

/* The user's row, NULL: there is none who may sign in. */
static int user_find(struct cc_request *rq, int64_t tenant, int64_t user, int64_t generation,
		const struct cc_row **row)
{
	const struct cc_rows *rows = NULL;
	use_scope(rq, tenant, 0, "");
	cc_known_use(rq, tenant, generation);
	int err = cc_known(rq, KNOWN_USER, user, "", &rows);
	use_scope(rq, 0, 0, "");
	*row = !err && rows->count ? &rows->row[0] : NULL;
	return err;
}

static bool address_is_allowed(struct cc_request *rq, const struct cc_row *row)
{
	rq->state->address_refused =
			!cc_auth_address_allowed(cc_row_str(row, U_ADDRESSES), rq->address);
	return !rq->state->address_refused;
}

/* origin: who really acts, NULL: the user. */
static int user_set(struct cc_request *rq, const struct cc_row *row, const char *origin, bool api)
{
	struct cc_web_state *st = rq->state;
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
			.origin = origin,
			.password_due = !origin && cc_row_int(row, U_PASSWORD_DUE, 0),
			.hide_numbers = (enum cc_hide)cc_row_int(row, U_HIDE_NUMBERS, 0),
			.tenant_code = cc_row_str(row, U_TENANT_CODE),
			.tenant_name = cc_row_str(row, U_TENANT_NAME),
			.timezone = cc_row_str(row, U_TIMEZONE),
			.agent = cc_row_str(row, U_AGENT),
			.theme = api ? NULL : cc_row_str(row, U_THEME),
			.avatar = row->v[U_AVATAR],
			.api = api,
	};
	use_scope(rq, st->user.tenant, api ? 0 : st->user.id, st->user.agent);
	int err = cc_known(rq, KNOWN_PERMISSIONS, st->user.role, "", &st->permissions);
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
	enum
	{
		TENANT,
		USER,
		SALT,
		SEEN,
		ORIGIN,
		PLUGINS,
		KNOWN,
	};
	struct cc_web_state *st = rq->state;
	struct cc_rows rows;
	const struct cc_row *user;
	cc_auth_session_hash(&st->web->secret, token, strlen(token), st->session_hash);
	int err = cc_db_query(rq->db, &rows,
			"SELECT s.tenant_id, s.user_id, s.csrf_salt, s.seen_at, o.username, " GENERATIONS(
					"s.tenant_id") " FROM session s {any} "
								   "LEFT JOIN user o ON o.tenant_id = s.origin_tenant_id AND o.id "
								   "= s.origin_user_id "
								   "WHERE s.token_hash = ? AND s.expires_at > ? "
								   "AND (s.origin_user_id IS NULL OR (o.state = 'enabled' AND "
								   "o.live = 1))",
			((struct cc_bytes){st->session_hash, CC_AUTH_HASH}), rq->now_ms);
	if (err || !rows.count)
		return err;
	const struct cc_row *row = &rows.row[0];
	if (row->len[SALT] != CC_AUTH_SALT)
		return CC_E_CORRUPT;
	st->generation = cc_row_int(row, PLUGINS, 0);
	err = user_find(rq, cc_row_int(row, TENANT, 0), cc_row_int(row, USER, 0),
			cc_row_int(row, KNOWN, 0), &user);
	if (err || !user)
		return err;
	cc_auth_csrf(&st->web->secret, st->session_hash, (const uint8_t *)row->v[SALT], st->csrf);
	st->has_session = true;
	if (rq->now_ms - cc_row_int(row, SEEN, 0) > TOUCH_MS)
		cc_defer(rq, session_touch, NULL, false);
	return address_is_allowed(rq, user) ? user_set(rq, user, row->v[ORIGIN], false) : 0;
}

static int identify_key(struct cc_request *rq, const char *key)
{
	struct cc_rows rows;
	uint8_t hash[CC_AUTH_HASH];
	cc_auth_api_key_hash(&rq->state->web->secret, key, strlen(key), hash);
	int err = cc_db_query(rq->db, &rows,
			"SELECT k.tenant_id, k.id, k.role_id, k.name, k.name, 'en', r.data_scope, t.code, "
			"t.name, t.timezone, '', 'user', '', 0, r.hide_numbers, " ADDRESSES("k.tenant_id",
					"api_addresses") ", 0, '', NULL, " GENERATIONS("k.tenant_id") " FROM api_key k "
																				  "{any} "
																				  "JOIN role r ON "
																				  "r.tenant_id = "
																				  "k.tenant_id AND "
																				  "r.id "
																				  "= k.role_id "
																				  "JOIN tenant t "
																				  "ON t.id "
																				  "= k.tenant_id "
																				  "WHERE "
																				  "k.key_hash = ? "
																				  "AND k.state = "
																				  "'enabled' AND "
																				  "t.state "
																				  "= 'active'",
			((struct cc_bytes){hash, sizeof hash}));
	if (err || !rows.count)
		return err;
	const struct cc_row *row = &rows.row[0];
	rq->state->generation = cc_row_int(row, U_PLUGINS, 0);
	cc_known_use(rq, cc_row_int(row, U_TENANT, 0), cc_row_int(row, U_KNOWN, 0));
	return address_is_allowed(rq, row) ? user_set(rq, row, NULL, true) : 0;
}

int cc_identify_user(struct cc_request *rq, int64_t tenant, int64_t user)
{
	struct cc_rows rows;
	const struct cc_row *row;
	int err = cc_db_query(rq->db, &rows, "SELECT {any} " GENERATIONS("?"), tenant);
	if (err)
		return err;
	rq->state->generation = cc_row_int(&rows.row[0], 0, 0);
	err = user_find(rq, tenant, user, cc_row_int(&rows.row[0], 1, 0), &row);
	return err || !row ? err : user_set(rq, row, NULL, false);
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
	rq->state->preferences = NULL;
	err = identify_session(rq, token);
	return err || rq->user ? err : CC_E_DENIED;
}

int cc_session_start(struct cc_request *rq, int64_t tenant, int64_t user)
{
	return session_open(rq, tenant, user, 0, 0);
}

const char *cc_session_name(const struct cc_request *rq)
{
	const struct cc_web_state *st = rq->state;
	char name[2 * CC_AUTH_HASH + 1];
	if (!st->has_session)
		return "";
	for (size_t i = 0; i < SESSION_NAME / 2; i++)
		snprintf(name + 2 * i, 3, "%02x", st->session_hash[i]);
	return cc_strdup(rq->arena, name);
}

/* Ends the web phone of a session of the tenant's. */
static int phone_end(struct cc_request *rq, const char *session)
{
	struct json_object *answer;
	return cc_engine_call(rq, "cc.webphone.revoke", true,
			cc_sprintf(rq->arena, "\"session\":\"%s\"", session), &answer, NULL);
}

int cc_session_end(struct cc_request *rq)
{
	const char *token = cc_cookie(rq, CC_AUTH_COOKIE);
	if (!token || !*token)
		return 0;
	/* without the engine there is nothing to be ended */
	if (rq->user && *rq->user->agent && !rq->user->origin && rq->state->has_session)
		phone_end(rq, cc_session_name(rq));
	uint8_t hash[CC_AUTH_HASH];
	cc_auth_session_hash(&rq->state->web->secret, token, strlen(token), hash);
	cc_set_cookie(rq, CC_AUTH_COOKIE, "", -1);
	return cc_db_exec(rq->db, "DELETE FROM session {any} WHERE token_hash = ?",
			((struct cc_bytes){hash, sizeof hash}));
}

/* After the commit: a page that is still served cannot get the next credential any more. */
static int phones_end(struct cc_request *rq, void *ctx)
{
	const struct cc_rows *sessions = ctx;
	int err = 0;
	for (size_t i = 0; i < sessions->count && (!err || err == CC_E_STATE); i++)
		err = phone_end(rq, cc_row_str(&sessions->row[i], 0));
	return 0; /* without the engine there is nothing to be ended */
}

int cc_session_end_all(struct cc_request *rq, int64_t user, bool spare_own)
{
	struct cc_web_state *st = rq->state;
	uint8_t none[CC_AUTH_HASH] = {0};
	const struct cc_bytes spared = {
			spare_own && st->has_session ? st->session_hash : none, CC_AUTH_HASH};
	struct cc_rows *sessions = cc_alloc(rq->arena, sizeof *sessions);
	int err = cc_db_query(rq->db, sessions,
			"SELECT LOWER(LEFT(HEX(token_hash), ?)) FROM session WHERE tenant_id = {tenant} AND "
			"user_id = ? AND origin_user_id IS NULL AND token_hash <> ?",
			SESSION_NAME, user, spared);
	if (!err && sessions->count)
		cc_defer(rq, phones_end, sessions, false);
	return err ? err
			   : cc_db_exec(rq->db,
						 "DELETE FROM session WHERE ((tenant_id = {tenant} AND user_id = ?) OR "
						 "(origin_tenant_id = {tenant} AND origin_user_id = ?)) AND token_hash <> "
						 "?",
						 user, user, spared);
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
		*within &= cc_granted(rq, cc_row_str(&rows.row[i], 0));
	return 0;
}
