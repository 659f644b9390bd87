/* SPDX-License-Identifier: GPL-2.0-or-later
 * One request from the first byte to the last. */
#include "things.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "cc/clock.h"
#include "cc/ulid.h"
#include "cc/utf8.h"

#define TARGET_MAX 8192
#define RETRIES 3

/* ---- what handlers call ---- */

const char *cc_param(const struct cc_request *rq, const char *name)
{
	for (size_t i = 0; i < PARAMS && rq->state->param[i].name; i++)
		if (!strcmp(rq->state->param[i].name, name))
			return rq->state->param[i].value;
	return "";
}

const char *cc_query(const struct cc_request *rq, const char *name)
{
	return cc_field_get(&rq->state->query, name);
}

const char *cc_form(const struct cc_request *rq, const char *name)
{
	return cc_field_get(&rq->state->form, name);
}

const char *cc_form_last(const struct cc_request *rq, const char *name)
{
	const char *value = NULL;
	for (const struct cc_field *f = rq->state->form.first; f; f = f->next)
		if (!strcmp(f->name, name))
			value = f->value;
	return value;
}

const char *cc_cookie(const struct cc_request *rq, const char *name)
{
	return cc_field_get(&rq->state->cookies, name);
}

const char *cc_header(const struct cc_request *rq, const char *name)
{
	return rq->state->io->env(rq->state->io->ctx, name);
}

bool cc_granted(const struct cc_request *rq, const char *permission)
{
	const struct cc_rows *p = rq->state->permissions;
	if (rq->user && rq->user->tenant != CC_PLATFORM &&
			!strncmp(permission, PLATFORM_PERMISSIONS, sizeof PLATFORM_PERMISSIONS - 1))
		return false;
	for (size_t i = 0; rq->user && i < p->count; i++)
		if (cc_permission_matches(cc_row_str(&p->row[i], 0), permission))
			return true;
	return false;
}

bool cc_can(const struct cc_request *rq, const char *permission)
{
	return cc_granted(rq, permission) && !cc_plugins_withhold(rq, permission);
}

void cc_status(struct cc_request *rq, int status)
{
	rq->state->status = status;
}

void cc_type(struct cc_request *rq, const char *content_type)
{
	rq->state->type = content_type;
}

struct cc_buf *cc_body(struct cc_request *rq)
{
	return &rq->state->body;
}

void cc_set_header(struct cc_request *rq, const char *name, const char *value)
{
	for (const char *p = value; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			return;
	struct header *h = cc_alloc(rq->arena, sizeof *h);
	h->name = name;
	h->value = value;
	*rq->state->headers_end = h;
	rq->state->headers_end = &h->next;
}

void cc_set_cookie(struct cc_request *rq, const char *name, const char *value, int64_t max_age_s)
{
	struct cc_buf b = cc_buf_new(rq->arena);
	cc_buf_printf(&b, "%s=", name);
	cc_buf_url(&b, value, strlen(value));
	cc_buf_str(&b, "; Path=/; HttpOnly; SameSite=Lax");
	if (max_age_s)
		cc_buf_printf(&b, "; Max-Age=%lld", max_age_s < 0 ? 0LL : (long long)max_age_s);
	if (rq->secure)
		cc_buf_str(&b, "; Secure");
	cc_set_header(rq, "Set-Cookie", cc_buf_text(&b));
}

const char *cc_json_text(
		struct cc_arena *arena, void (*write)(struct cc_jsonw *w, void *ctx), void *ctx)
{
	for (size_t cap = 4096;; cap *= 4) {
		struct cc_jsonw w;
		char *buf = cc_alloc(arena, cap);
		cc_jsonw_init(&w, buf, cap);
		write(&w, ctx);
		if (cc_jsonw_end(&w) >= 0)
			return buf;
	}
}

void cc_send_json(struct cc_request *rq, void (*write)(struct cc_jsonw *w, void *ctx), void *ctx)
{
	cc_type(rq, "application/json");
	cc_buf_str(cc_body(rq), cc_json_text(rq->arena, write, ctx));
}

bool cc_is_local_path(const char *path)
{
	if (path[0] != '/' || path[1] == '/')
		return false;
	for (const char *p = path; *p; p++)
		if ((unsigned char)*p <= 0x20 || *p == 0x7F || *p == '\\')
			return false;
	return true;
}

void cc_redirect(struct cc_request *rq, const char *path)
{
	cc_status(rq, 303);
	rq->state->body = cc_buf_new(rq->arena);
	/* a header is ASCII: what is not, is sent percent-encoded */
	struct cc_buf b = cc_buf_new(rq->arena);
	for (const char *p = cc_is_local_path(path) ? path : "/"; *p; p++) {
		if ((unsigned char)*p < 0x80)
			cc_buf_add(&b, p, 1);
		else
			cc_buf_url(&b, p, 1);
	}
	cc_set_header(rq, "Location", cc_buf_text(&b));
}

void cc_send_file(struct cc_request *rq, const char *location, const char *content_type)
{
	cc_set_header(rq, "X-Accel-Redirect", location);
	cc_type(rq, content_type);
}

void cc_defer(struct cc_request *rq, int (*work)(struct cc_request *rq, void *ctx), void *ctx,
		bool needed)
{
	struct deferred *d = cc_alloc(rq->arena, sizeof *d);
	*d = (struct deferred){NULL, work, ctx, needed};
	*rq->state->deferred_end = d;
	rq->state->deferred_end = &d->next;
}

void cc_defer_none(struct cc_request *rq)
{
	rq->state->deferred = NULL;
	rq->state->deferred_end = &rq->state->deferred;
}

int cc_audit_write(
		struct cc_request *rq, const char *action, const char *object, const char *detail)
{
	const struct cc_user *u = rq->user;
	return cc_db_exec(rq->db,
			"INSERT INTO audit_log (tenant_id, at, user_id, user_name, action, address, object, "
			"detail, path, origin_name) VALUES ({tenant}, ?, NULLIF(?, 0), ?, ?, ?, ?, ?, "
			"LEFT(?, 255), ?)",
			rq->now_ms, u->api ? 0 : u->id, u->username, action, rq->address, object, detail,
			rq->path, u->origin ? u->origin : "");
}

struct audit
{
	const char *action, *object, *detail;
};

static int audit_deferred(struct cc_request *rq, void *ctx)
{
	const struct audit *a = ctx;
	return cc_audit_write(rq, a->action, a->object, a->detail);
}

void cc_audit(struct cc_request *rq, const char *action, const char *object, const char *detail)
{
	struct audit *a = cc_alloc(rq->arena, sizeof *a);
	*a = (struct audit){action, object, detail};
	cc_defer(rq, audit_deferred, a, true);
}

/* ---- reading ---- */

static const char *env(const struct cc_request *rq, const char *name)
{
	const char *value = cc_header(rq, name);
	return value ? value : "";
}

/* Cuts foreign text to what a column takes, and to UTF-8. */
static const char *limited(struct cc_request *rq, const char *text, size_t max)
{
	size_t len = cc_utf8_valid(text, strlen(text)) ? cc_utf8_cut(text, strlen(text), max) : 0;
	return cc_strndup(rq->arena, text, len);
}

void cc_request_language(struct cc_request *rq)
{
	const char *cookie = cc_cookie(rq, LANGUAGE_COOKIE);
	int i = -1;
	if (rq->user && !rq->user->api)
		i = cc_language_find(rq->user->language, strlen(rq->user->language));
	if (i < 0 && cookie)
		i = cc_language_find(cookie, strlen(cookie));
	/* the first language of the browser that we have */
	for (const char *p = env(rq, "HTTP_ACCEPT_LANGUAGE"); i < 0 && *p;) {
		size_t len = strcspn(p, ",");
		p += strspn(p, " ");
		i = cc_language_find(p, strcspn(p, ",;"));
		len = strcspn(p, ",");
		p += len + (p[len] == ',');
	}
	if (i < 0)
		i = rq->user && rq->user->api ? 1 : 0;
	rq->language = cc_languages[i];
	rq->state->catalogue = rq->state->web->catalogue[i];
}

static int read_target(struct cc_request *rq)
{
	struct cc_web_state *st = rq->state;
	const char *uri = env(rq, "REQUEST_URI");
	if (!*uri) /* plain CGI without it */
		uri = cc_sprintf(rq->arena, "%s%s%s%s", env(rq, "SCRIPT_NAME"), env(rq, "PATH_INFO"),
				*env(rq, "QUERY_STRING") ? "?" : "", env(rq, "QUERY_STRING"));
	size_t len = strlen(uri);
	if (*uri != '/' || len > TARGET_MAX)
		return CC_E_INVAL;
	rq->target = cc_is_local_path(uri) ? cc_strdup(rq->arena, uri) : "/";
	size_t path = strcspn(uri, "?");
	const char *decoded;
	int err = cc_path_decode(rq->arena, &decoded, uri, path);
	if (!err && strpbrk(decoded, "\t\r\n"))
		err = CC_E_INVAL;
	if (err)
		return err;
	rq->path = decoded;
	if (uri[path] == '?')
		return cc_form_parse(rq->arena, &st->query, uri + path + 1, len - path - 1);
	return 0;
}

/* 1: the answer is there already. */
static int read_body(struct cc_request *rq)
{
	static const char urlencoded[] = "application/x-www-form-urlencoded";
	struct cc_web_state *st = rq->state;
	const char *length = env(rq, "CONTENT_LENGTH");
	if (!*length || !strcmp(length, "0"))
		return 0;
	char *end;
	errno = 0;
	unsigned long want = strtoul(length, &end, 10);
	if (*end || errno || *length == '-')
		return CC_E_INVAL;
	if (!strncasecmp(env(rq, "CONTENT_TYPE"), "multipart/", 10)) {
		const struct cc_resource *r = rq->route->resource;
		/* nobody fills the disk who may not change anything here */
		if (!rq->user || !cc_can(rq, rq->route->permission))
			return CC_E_DENIED;
		bool file = r && (cc_resource_has_file(r) || rq->route->handle == cc_resource_import);
		return file ? cc_upload_read(rq, env(rq, "CONTENT_TYPE"), want) : CC_E_INVAL;
	}
	if (want > CC_FORM_BODY)
		return CC_E_FULL;
	if (strncasecmp(env(rq, "CONTENT_TYPE"), urlencoded, sizeof urlencoded - 1))
		return CC_E_INVAL;
	char *body = cc_alloc(rq->arena, want + 1);
	size_t got = 0;
	while (got < want) {
		long n = st->io->read(st->io->ctx, body + got, want - got);
		if (n <= 0)
			return CC_E_INVAL;
		got += (size_t)n;
	}
	return cc_form_parse(rq->arena, &st->form, body, want);
}

/* ---- the order of things ---- */

static int status_of(int err)
{
	switch (err) {
	case CC_E_INVAL:
	case CC_E_RANGE:
		return 400;
	case CC_E_DENIED:
		return 403;
	case CC_E_NOENT:
		return 404;
	case CC_E_FULL:
		return 413;
	case CC_E_IO:
	case CC_E_TIMEOUT:
		return 503;
	}
	return 500;
}

/* What the handler prepared does not hold any more. */
static void response_reset(struct cc_request *rq)
{
	struct cc_web_state *st = rq->state;
	st->headers = NULL;
	st->headers_end = &st->headers;
	st->deferred = NULL;
	st->deferred_end = &st->deferred;
	st->body = cc_buf_new(rq->arena);
	st->status = 200;
	st->type = "text/html; charset=utf-8";
}

static int refuse(struct cc_request *rq, int err)
{
	struct cc_web_state *st = rq->state;
	response_reset(rq);
	if (!st->detail && cc_db_error(rq->db)[0])
		st->detail = cc_strdup(rq->arena, cc_db_error(rq->db));
	/* what the database finds malformed is our fault, not the client's */
	bool ours = err == CC_E_INVAL && cc_db_error(rq->db)[0];
	return cc_error(rq, ours ? 500 : status_of(err), NULL);
}

static int ask_to_sign_in(struct cc_request *rq)
{
	bool page = !rq->json && !strcmp(rq->method, "GET") && !cc_header(rq, "HTTP_AUTHORIZATION") &&
				!cc_header(rq, "HTTP_X_REQUESTED_WITH");
	if (!page) {
		cc_set_header(rq, "WWW-Authenticate", "Bearer");
		return cc_error(rq, 401, NULL);
	}
	struct cc_buf b = cc_buf_new(rq->arena);
	cc_buf_str(&b, SIGN_IN_PATH "?next=");
	cc_buf_url(&b, rq->target, strlen(rq->target));
	cc_redirect(rq, cc_buf_text(&b));
	return 0;
}

/* AUTH-07: with an issued password nothing else is possible. */
static int ask_for_password(struct cc_request *rq)
{
	if (rq->json || strcmp(rq->method, "GET"))
		return cc_error(rq, 403, cc_t(rq, "Change the issued password first."));
	cc_redirect(rq, PASSWORD_PATH);
	return 0;
}

int cc_run_deferred(struct cc_request *rq)
{
	for (const struct deferred *d = rq->state->deferred; d; d = d->next) {
		cc_db_begin(rq->db, false);
		int err = d->work(rq, d->ctx);
		if (!err)
			err = cc_db_commit(rq->db);
		if (err)
			cc_db_rollback(rq->db);
		if (err && d->needed)
			return err;
		if (err)
			fprintf(stderr, "%s: not written after the request: %s %s\n", rq->id, cc_err_name(err),
					cc_db_error(rq->db));
	}
	return 0;
}

/* The resource of the route as the address means it. */
static int vary_route(struct cc_request *rq)
{
	const struct cc_resource *r;
	if (!rq->route->resource || !rq->route->resource->vary)
		return 0;
	int err = cc_resource_vary(rq, rq->route->resource, &r);
	if (err)
		return err;
	struct cc_route *own = cc_alloc(rq->arena, sizeof *own);
	*own = *rq->route;
	own->resource = r;
	rq->route = own;
	return 0;
}

static int run_handler(struct cc_request *rq, bool read_only)
{
	if (read_only) {
		cc_db_read(rq->db);
	} else {
		cc_db_begin(rq->db, false);
		memset(rq->state->web->many, 0, sizeof rq->state->web->many);
	}
	int err = vary_route(rq);
	if (!err)
		err = rq->route->handle(rq);
	if (!err)
		err = cc_db_commit(rq->db);
	if (err)
		cc_db_rollback(rq->db);
	return err;
}

/* 0: the response is ready; negative: refuse() makes it. */
static int handle(struct cc_request *rq)
{
	struct cc_web *web = rq->state->web;
	const char *permission = rq->route->permission;
	bool change = strcmp(rq->method, "GET");
	bool public = !strcmp(permission, CC_PUBLIC);
	if (!public && !rq->user && rq->state->address_refused)
		return cc_error(rq, 403, cc_t(rq, "This call centre may not be used from your address."));
	if (!public && !rq->user)
		return ask_to_sign_in(rq);
	if (!public && rq->user->password_due && strcmp(rq->path, PASSWORD_PATH) &&
			strcmp(rq->path, SIGN_OUT_PATH))
		return ask_for_password(rq);
	if (!public && strcmp(permission, CC_SIGNED_IN) && !cc_can(rq, permission))
		return CC_E_DENIED;
	if (change && cc_csrf_check(rq))
		return cc_error(rq, 403,
				cc_t(rq,
						"The form is out of date or came from another site. Load the page again."));
	const char *before = cc_work_enter(rq->state->owner);
	int err = run_handler(rq, !change);
	/* who lost a race for locks tries again: nothing of it has happened */
	for (int i = 0; i < RETRIES && err == CC_E_STATE && cc_db_deadlocked(web->db); i++) {
		response_reset(rq);
		err = run_handler(rq, !change);
	}
	if (!err)
		err = cc_run_deferred(rq);
	cc_work_enter(before);
	return err;
}

/* The route, with what plugins add to its resource. */
static int find_route(struct cc_request *rq, const char **allowed)
{
	const struct cc_route *route = cc_plugins_route(rq, allowed);
	if (!route || cc_plugins_withhold(rq, route->permission))
		return CC_E_NOENT;
	rq->state->owner = cc_plugins_owner(rq, route);
	rq->route = route;
	if (route->resource) {
		struct cc_route *own = cc_alloc(rq->arena, sizeof *own);
		*own = *route;
		own->resource = cc_plugins_resource(rq, route->resource);
		rq->route = own;
	}
	return 0;
}

static int dispatch(struct cc_request *rq)
{
	struct cc_web_state *st = rq->state;
	const char *method = env(rq, "REQUEST_METHOD"), *allowed = "";
	st->head = !strcmp(method, "HEAD");
	rq->method = st->head ? "GET" : cc_strdup(rq->arena, method);
	rq->path = rq->target = "/";
	cc_cookies_parse(rq->arena, &st->cookies, env(rq, "HTTP_COOKIE"));
	cc_request_language(rq);
	int malformed = read_target(rq);
	const char *format = cc_query(rq, "format");
	rq->json = (format && !strcmp(format, "json")) ||
			   !strncasecmp(env(rq, "HTTP_AUTHORIZATION"), "Bearer ", 7) ||
			   strstr(env(rq, "HTTP_ACCEPT"), "application/json");
	int err = cc_identify(rq);
	if (err)
		return err;
	err = cc_plugins_follow(rq);
	if (err)
		return err;
	cc_request_language(rq);
	if (rq->user)
		cc_zone_use(rq, rq->user->timezone);
	if (malformed)
		return malformed;
	cc_work_on(cc_sprintf(rq->arena, "%s %s", rq->method, rq->path));
	if (find_route(rq, &allowed) && !*allowed)
		return CC_E_NOENT;
	if (!rq->route) {
		cc_set_header(rq, "Allow", allowed);
		return cc_error(rq, 405, NULL);
	}
	if (strcmp(rq->method, "GET") && (err = read_body(rq)))
		return err > 0 ? 0 : err;
	return handle(rq);
}

/* ---- writing ---- */

static const char *reason(int status)
{
	static const struct
	{
		int status;
		const char *text;
	} reasons[] = {
			{200, "OK"},
			{303, "See Other"},
			{400, "Bad Request"},
			{401, "Unauthorized"},
			{403, "Forbidden"},
			{404, "Not Found"},
			{405, "Method Not Allowed"},
			{409, "Conflict"},
			{413, "Content Too Large"},
			{429, "Too Many Requests"},
			{500, "Internal Server Error"},
			{503, "Service Unavailable"},
	};
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "Status";
}

static void send_response(struct cc_request *rq)
{
	struct cc_web_state *st = rq->state;
	struct cc_buf b = cc_buf_new(rq->arena);
	cc_buf_printf(&b, "Status: %d %s\r\n", st->status, reason(st->status));
	cc_buf_printf(&b, "Content-Type: %s\r\n", st->type);
	cc_buf_printf(&b, "X-Request-Id: %s\r\n", rq->id);
	cc_buf_str(&b, "Cache-Control: no-store\r\n"
				   "X-Content-Type-Options: nosniff\r\n"
				   "X-Frame-Options: DENY\r\n"
				   "Referrer-Policy: same-origin\r\n"
				   "Content-Security-Policy: default-src 'self'; img-src 'self' data:; "
				   "object-src 'none'; base-uri 'none'; form-action 'self'; "
				   "frame-ancestors 'none'\r\n");
	for (const struct header *h = st->headers; h; h = h->next)
		cc_buf_printf(&b, "%s: %s\r\n", h->name, h->value);
	cc_buf_str(&b, "\r\n");
	if (!st->io->write(st->io->ctx, b.p, b.len) && !st->head)
		st->io->write(st->io->ctx, st->body.p, st->body.len);
}

static const char *request_id(struct cc_request *rq)
{
	const char *given = env(rq, "REQUEST_ID");
	size_t len = strlen(given);
	if (len && len <= 64 && strspn(given, "0123456789abcdef") == len)
		return cc_strdup(rq->arena, given);
	struct cc_ulid id = cc_ulid_new();
	char text[CC_ULID_TEXT + 1];
	return cc_strdup(rq->arena, cc_ulid_format(&id, text));
}

void cc_request_serve(struct cc_web *web, const struct cc_io *io)
{
	struct cc_web_state st = {
			.web = web,
			.io = io,
			.status = 200,
			.type = "text/html; charset=utf-8",
			.body = cc_buf_new(web->arena),
	};
	st.headers_end = &st.headers;
	st.deferred_end = &st.deferred;
	struct cc_request rq = {
			.arena = web->arena,
			.db = web->db,
			.settings = web->settings,
			.now_ms = cc_clock_utc_ms(),
			.state = &st,
	};
	static const struct cc_scope nobody = {0, 0, ""};
	cc_db_use(web->db, web->arena, &nobody);
	rq.id = request_id(&rq);
	rq.secure = !strcasecmp(env(&rq, "HTTPS"), "on");
	rq.address = limited(&rq, env(&rq, "REMOTE_ADDR"), 45);
	rq.user_agent = limited(&rq, env(&rq, "HTTP_USER_AGENT"), 255);
	int err = dispatch(&rq);
	if (err)
		refuse(&rq, err);
	if (st.status >= 500)
		fprintf(stderr, "%s: %s %s: %d %s %s\n", rq.id, rq.method, rq.path, st.status,
				err ? cc_err_name(err) : "", st.detail ? st.detail : "");
	cc_upload_forget(&rq);
	send_response(&rq);
	cc_db_rollback(web->db);
	cc_arena_reset(web->arena);
}
