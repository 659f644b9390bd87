/* SPDX-License-Identifier: GPL-2.0-or-later
 * A web application: constant tables of routes and resources, and handlers.
 *
 * A worker serves one request at a time, in this order: limits, session or API key, tenant, route,
 * permission, CSRF, transaction (read-only for GET), handler, commit, response. A handler reads the
 * request, asks the database and prepares a response; it returns 0, or a negative enum cc_err which
 * becomes an error page (CC_E_NOENT 404, CC_E_DENIED 403, CC_E_INVAL and CC_E_RANGE 400, CC_E_FULL
 * 413, CC_E_IO and CC_E_TIMEOUT 503, others 500) and rolls back. */
#ifndef CC_WEB_H
#define CC_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cc/arena.h"
#include "cc/db.h"
#include "cc/err.h"
#include "cc/i18n.h"
#include "cc/jsonw.h"
#include "cc/settings.h"
#include "cc/tz.h"
#include "cc/value.h"

struct cc_request;
struct cc_resource;
struct json_object;

/* ---- what an application is: constant tables, see cc/plugin.h ---- */

/* Values of cc_route.permission that are no permission of a role. */
#define CC_PUBLIC "public"       /* anybody */
#define CC_SIGNED_IN "signed_in" /* any session */

struct cc_plugin;
struct cc_route;

/* main() of an application. Options: -c FILE (resolved settings), -j JOB (does this job, see
 * cc/jobs.h, and ends), -r (prints its routes, "method path permission" a line, and ends: what the
 * tests try one by one). Serves FastCGI on
 * $CC_RUN/sock/<name>.sock with CC_WEB_WORKERS workers until SIGTERM; SIGHUP executes the program
 * again without losing a request. With GATEWAY_INTERFACE in the environment it answers one plain
 * CGI request instead, settings from $CC_CONF. */
int cc_web_main(int argc, char **argv, const struct cc_plugin *plugin);

/* The manifest of an application that $(call application,…) of apps/build.mk makes. */
extern const struct cc_plugin cc_application;

/* ---- the request ---- */

enum cc_data_scope
{
	/* each includes the ones before it */
	CC_SCOPE_OWN,        /* rows of the own agent */
	CC_SCOPE_GROUP,      /* and of the groups one leads */
	CC_SCOPE_DEPARTMENT, /* and of the departments one manages, with those below them */
	CC_SCOPE_ALL,
};

#define CC_PLATFORM 1 /* tenant of the operator and the resellers */

/* How much of telephone numbers somebody does not see; of several reasons the greatest counts. */
enum cc_hide
{
	CC_HIDE_NONE,
	CC_HIDE_MIDDLE, /* four digits of a number of seven or more: 138****1234 */
	CC_HIDE_ALL,    /* all of them: ***** */
};

struct cc_user
{
	int64_t tenant, id, role;
	const char *tenant_code, *tenant_name, *timezone;
	const char *username, *name, *language;
	const char *agent;  /* number, "" if the user is no agent */
	const char *theme;  /* "system", "light", "dark"; NULL for an API key */
	const char *avatar; /* key of a file, NULL: none */
	const char *kind;   /* "operator", "reseller", "admin", "user", "agent" */
	const char *home;   /* path of the role's home page, "": none chosen */
	/* who really acts when somebody logged in as this user: the name, NULL if nobody */
	const char *origin;
	enum cc_data_scope scope;  /* of the role; at least DEPARTMENT for a manager of one */
	bool password_due;         /* may do nothing but change the password */
	enum cc_hide hide_numbers; /* of all telephone numbers: the account's or the role's */
	bool api;                  /* an API key: id is the key's */
};

/* What a handler may read. */
struct cc_request
{
	struct cc_arena *arena;
	struct cc_db *db;           /* scope and transaction are set up */
	const struct cc_user *user; /* NULL: nobody is signed in */
	const struct cc_route *route;
	const char *method; /* "GET" for HEAD too */
	const char *path;   /* decoded */
	const char *target; /* path and query as sent */
	const char *id;     /* for logs */
	const char *address, *user_agent;
	const char *language; /* "zh_CN" or "en" */
	bool secure;          /* came over TLS */
	bool json;            /* the client wants JSON, errors too */
	int64_t now_ms;
	const struct cc_settings *settings;
	struct cc_web_state *state; /* private */
};

/* Part of the path; never NULL for a name of the route's path. */
const char *cc_param(const struct cc_request *rq, const char *name);
/* First field of the URL's query and of the form, NULL if there is none. */
const char *cc_query(const struct cc_request *rq, const char *name);
const char *cc_form(const struct cc_request *rq, const char *name);
/* The last field of the form with the name: a ticked box comes behind its "0". */
const char *cc_form_last(const struct cc_request *rq, const char *name);
const char *cc_cookie(const struct cc_request *rq, const char *name);
/* A header by its CGI name ("HTTP_RANGE"), NULL if absent. */
const char *cc_header(const struct cc_request *rq, const char *name);
bool cc_can(const struct cc_request *rq, const char *permission);
/* True if the pattern of a role ("reports.calls.*") grants the permission. */
bool cc_permission_matches(const char *pattern, const char *permission);

/* The text in the request's language. Extracted from the sources: give literals. */
const char *cc_t(const struct cc_request *rq, const char *text);
const char *cc_tc(const struct cc_request *rq, const char *context, const char *text);
/* The text with a number in place of name ("{n}"). */
const char *cc_fill(struct cc_request *rq, const char *text, const char *name, int64_t number);

/* Times in the tenant's zone: "2026-11-21 09:30:05"; ISO 8601 in UTC for JSON; "" for 0. */
const char *cc_time_text(struct cc_request *rq, int64_t utc_ms);
const char *cc_time_iso(struct cc_request *rq, int64_t utc_ms);
/* Value of <input type="datetime-local">, to the minute. */
const char *cc_time_input(struct cc_request *rq, int64_t utc_ms);
/* "2026-11-21", "2026-11-21T09:30[:05[.000]]" in the tenant's zone, or with Z or +08:00. step_ms:
 * how much the text is exact to (a day, a minute, a second, 1). CC_E_INVAL. */
int cc_time_parse(struct cc_request *rq, const char *text, int64_t *utc_ms, int64_t *step_ms);
/* Date and time in the tenant's zone, and back (see cc/tz.h). */
struct cc_local cc_time_local(const struct cc_request *rq, int64_t utc_ms);
int64_t cc_time_utc(const struct cc_request *rq, const struct cc_local *local);
/* First moment of today in the tenant's zone, days added. */
int64_t cc_time_today(struct cc_request *rq, int days);
/* Bounds of "today", "yesterday", "week" (it begins on Sunday), "month", "last_month" in the
 * tenant's zone: from <= t < to. CC_E_INVAL: no such word. */
int cc_time_preset(struct cc_request *rq, const char *name, int64_t *from, int64_t *to);
extern const char *const cc_time_presets[6]; /* ends with NULL; translated with context "preset" */
/* "1:02:05" or "2:05". */
const char *cc_duration_text(struct cc_request *rq, int64_t ms);

/* ---- the response ---- */

void cc_status(struct cc_request *rq, int status);
void cc_type(struct cc_request *rq, const char *content_type);
/* Adds a header. Line breaks and control characters cannot get in: such a value is dropped whole.
 */
void cc_set_header(struct cc_request *rq, const char *name, const char *value);
/* max_age_s 0: until the browser ends; -1: removes it. HttpOnly, SameSite=Lax, Secure over TLS. */
void cc_set_cookie(struct cc_request *rq, const char *name, const char *value, int64_t max_age_s);
/* The body, to be written to. */
struct cc_buf *cc_body(struct cc_request *rq);
/* The response is the JSON that write makes; it is called again with more room when that did not
 * suffice. */
void cc_send_json(struct cc_request *rq, void (*write)(struct cc_jsonw *w, void *ctx), void *ctx);
/* 303 to a path of this site; anything else becomes "/". */
void cc_redirect(struct cc_request *rq, const char *path);
/* Handler of an application's root: on to the first page of its menu that the user may open. */
int cc_application_home(struct cc_request *rq);
/* True for a path that a redirect may go to: begins with one slash, no other site, no control
 * characters. */
bool cc_is_local_path(const char *path);

/* Data of a page: title, user, menu, language, csrf, t … are in it; add the page's own. */
struct cc_value *cc_page(struct cc_request *rq, const char *title);
/* Renders the template as the response; 0 or CC_E_INVAL (the template is wrong). */
int cc_page_send(struct cc_request *rq, const char *template, const struct cc_value *page);
/* The other language for this browser, and for the signed-in user from now on. CC_E_INVAL: there is
 * no such one. */
int cc_language_set(struct cc_request *rq, const char *language);
/* An error page or, for JSON clients, {"error":{"code","message","request"}}. text NULL: the usual
 * one. Returns 0. */
int cc_error(struct cc_request *rq, int status, const char *text);
/* nginx sends the file of an internal location (X-Accel-Redirect), ranges included. */
void cc_send_file(struct cc_request *rq, const char *location, const char *content_type);

/* Work that a GET must write: runs in a transaction of its own after the handler's. needed: when it
 * fails the response becomes 503 (an audit); otherwise the failure is only logged. ctx lives as
 * long as the request. */
void cc_defer(struct cc_request *rq, int (*work)(struct cc_request *rq, void *ctx), void *ctx,
		bool needed);
/* Forgets what was put off so far: the transaction was rolled back. */
void cc_defer_none(struct cc_request *rq);
/* An audit row of the signed-in user in the transaction of the request. */
int cc_audit_write(
		struct cc_request *rq, const char *action, const char *object, const char *detail);
/* What write makes, as a text in the arena. */
const char *cc_json_text(
		struct cc_arena *arena, void (*write)(struct cc_jsonw *w, void *ctx), void *ctx);
/* An audit row of the signed-in user through cc_defer, needed. */
void cc_audit(struct cc_request *rq, const char *action, const char *object, const char *detail);

/* ---- live ---- */

/* Tells the browsers of the tenant, once this request is committed, that something of a topic
 * (a-z and '_') has changed: the live event "changed" with topic and id (letters, digits, '-'). It
 * carries nothing else: whoever is interested asks for a page, which checks what they may see. */
void cc_changed(struct cc_request *rq, const char *topic, const char *id);

/* The same at once, to the socket of cc-eventd, for programs that serve no request. CC_E_IO. */
int cc_changed_now(const char *socket, int64_t tenant, const char *topic, const char *id);

/* ---- sessions ---- */

/* Opens a session for the user, sets the cookie and rq->user; an older session of this browser
 * ends. */
int cc_session_start(struct cc_request *rq, int64_t tenant, int64_t user);
/* A name of the request's session for other parts, of letters and digits; it opens nothing. "": an
 * API key. */
const char *cc_session_name(const struct cc_request *rq);
/* Ends the request's session, and the web phone that it has. */
int cc_session_end(struct cc_request *rq);
/* Ends every session of a user of the tenant, except the request's own if spare_own; their web
 * phones, once this request is committed. */
int cc_session_end_all(struct cc_request *rq, int64_t user, bool spare_own);
/* "Log in as": goes on as the other user, who is enabled; whoever began it stays known, in the
 * audit log too. The caller has checked who may. CC_E_STATE: the session acts as somebody already.
 */
int cc_session_become(struct cc_request *rq, int64_t tenant, int64_t user);
/* Back to who really acts. CC_E_STATE: nobody else does. CC_E_DENIED: that account is not usable
 * any more; the session has ended. */
int cc_session_return(struct cc_request *rq);
/* A role grants nothing that the signed-in user has not: what may be given out, edited and logged
 * in as. */
int cc_role_is_within(struct cc_request *rq, int64_t role, bool *within);

/* Why a new password is refused, NULL if it is not; and the rule that it must follow. */
const char *cc_password_refusal(struct cc_request *rq, const char *password, const char *username);
const char *cc_password_rule(struct cc_request *rq);

/* Reads the answer behind a captcha's token and removes it: true if it is what was typed, in either
 * case. */
int cc_captcha_check(struct cc_request *rq, const char *token, const char *typed, bool *right);
/* Replaces the answer behind the token, after the request. */
void cc_captcha_set(struct cc_request *rq, const char *token, const char *answer);

/* ---- the call engine ---- */

/* One command over $CC_RUN/sock/cc.sock within a second. params: members of a JSON object without
 * braces, or ""; tenant is added, and actor and request for changes. *result lives as long as the
 * request. CC_E_TIMEOUT, CC_E_IO: the engine cannot be reached; CC_E_STATE: it refused, *reason
 * says why (snake_case, may be NULL if the caller does not want it); CC_E_CORRUPT: not JSON-RPC. */
int cc_engine_call(struct cc_request *rq, const char *method, bool changes, const char *params,
		struct json_object **result, const char **reason);

/* The same below: a request line to the engine's socket and the line that answers it. For programs
 * without requests. */
int cc_engine_exchange(const char *path, const char *request, size_t len, struct cc_buf *line);

#include "cc/resource.h"
#include "cc/plugin.h"

#endif
