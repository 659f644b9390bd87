/* SPDX-License-Identifier: GPL-2.0-or-later
 * Languages, times, pages and error pages. */
#include "priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include "cc/preference.h"

const char *const cc_languages[LANGUAGES] = {"zh_CN", "en"};

int cc_language_find(const char *name, size_t len)
{
	if (len >= 2 && !strncasecmp(name, "zh", 2))
		return 0;
	if (len >= 2 && !strncasecmp(name, "en", 2))
		return 1;
	return -1;
}

int cc_language_set(struct cc_request *rq, const char *language)
{
	int i = 0;
	while (i < LANGUAGES && strcmp(cc_languages[i], language))
		i++;
	if (i == LANGUAGES)
		return CC_E_INVAL;
	cc_set_cookie(rq, LANGUAGE_COOKIE, language, 365 * 24 * 3600);
	if (!rq->user || rq->user->api)
		return 0;
	return cc_db_exec(rq->db,
			"UPDATE user SET language = ?, updated_at = ? WHERE tenant_id = {tenant} AND id = "
			"{user}",
			cc_languages[i], rq->now_ms);
}

const char *cc_t(const struct cc_request *rq, const char *text)
{
	return cc_translate(rq->state->catalogue, NULL, text);
}

const char *cc_tc(const struct cc_request *rq, const char *context, const char *text)
{
	return cc_translate(rq->state->catalogue, context, text);
}

const char *cc_fill(struct cc_request *rq, const char *text, const char *name, int64_t number)
{
	const char *at = strstr(text, name);
	if (!at)
		return text;
	return cc_sprintf(
			rq->arena, "%.*s%" PRId64 "%s", (int)(at - text), text, number, at + strlen(name));
}

/* ---- time ---- */

void cc_zone_use(struct cc_request *rq, const char *name)
{
	struct cc_web *web = rq->state->web;
	struct zone *z;
	for (z = web->zones; z && strcmp(z->name, name); z = z->next)
		;
	if (!z) {
		struct cc_tz *tz;
		if (strlen(name) >= sizeof z->name || cc_tz_load(&tz, name))
			return; /* UTC */
		z = calloc(1, sizeof *z);
		if (!z)
			abort();
		memcpy(z->name, name, strlen(name) + 1);
		z->tz = tz;
		z->next = web->zones;
		web->zones = z;
	}
	rq->state->tz = z->tz;
}

static struct cc_local local_time(const struct cc_tz *tz, int64_t utc_ms)
{
	struct cc_local l = {0};
	if (tz) {
		cc_tz_local(tz, utc_ms, &l);
		return l;
	}
	time_t s = (time_t)(utc_ms / 1000);
	struct tm tm;
	gmtime_r(&s, &tm);
	l.year = tm.tm_year + 1900;
	l.month = tm.tm_mon + 1;
	l.day = tm.tm_mday;
	l.hour = tm.tm_hour;
	l.minute = tm.tm_min;
	l.second = tm.tm_sec;
	l.weekday = tm.tm_wday;
	l.ms = (int)(utc_ms % 1000);
	return l;
}

static int64_t utc_time(const struct cc_tz *tz, const struct cc_local *l)
{
	if (tz)
		return cc_tz_utc(tz, l);
	struct tm tm = {
			.tm_year = l->year - 1900,
			.tm_mon = l->month - 1,
			.tm_mday = l->day,
			.tm_hour = l->hour,
			.tm_min = l->minute,
			.tm_sec = l->second,
	};
	return (int64_t)timegm(&tm) * 1000 + l->ms;
}

struct cc_local cc_time_local(const struct cc_request *rq, int64_t utc_ms)
{
	return local_time(rq->state->tz, utc_ms);
}

int64_t cc_time_utc(const struct cc_request *rq, const struct cc_local *local)
{
	return utc_time(rq->state->tz, local);
}

static void digits_add(struct cc_buf *b, int n, int count)
{
	char text[4];
	for (int i = count; i-- > 0; n /= 10)
		text[i] = (char)('0' + n % 10);
	cc_buf_add(b, text, (size_t)count);
}

/* The pattern with numbers in place of YYYY, MM, DD, HH, SS; MM behind HH are minutes. */
static void time_format(struct cc_buf *b, const char *pattern, const struct cc_local *l)
{
	bool hours = false;
	for (const char *p = pattern; *p; p++) {
		if (!strncmp(p, "YYYY", 4)) {
			digits_add(b, l->year, 4);
			p += 3;
			continue;
		}
		int n = !strncmp(p, "HH", 2)   ? l->hour
				: !strncmp(p, "DD", 2) ? l->day
				: !strncmp(p, "SS", 2) ? l->second
				: !strncmp(p, "MM", 2) ? (hours ? l->minute : l->month)
									   : -1;
		if (n < 0) {
			cc_buf_add(b, p, 1);
			continue;
		}
		hours |= *p == 'H';
		digits_add(b, n, 2);
		p++;
	}
}

const char *cc_time_text(struct cc_request *rq, int64_t utc_ms)
{
	if (!utc_ms)
		return "";
	struct cc_local l = local_time(rq->state->tz, utc_ms);
	bool exact = !strcmp(cc_preference(rq, "date_mode"), "exact");
	struct cc_buf b = cc_buf_new(rq->arena);
	time_format(&b, exact ? cc_preference(rq, "date_format") : "YYYY-MM-DD", &l);
	cc_buf_str(&b, " ");
	time_format(&b, exact ? cc_preference(rq, "time_format") : "HH:MM:SS", &l);
	return cc_buf_text(&b);
}

const char *cc_time_iso(struct cc_request *rq, int64_t utc_ms)
{
	if (!utc_ms)
		return "";
	struct cc_local l = local_time(NULL, utc_ms);
	return cc_sprintf(rq->arena, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", l.year, l.month, l.day,
			l.hour, l.minute, l.second, l.ms);
}

const char *cc_time_input(struct cc_request *rq, int64_t utc_ms)
{
	struct cc_local l = local_time(rq->state->tz, utc_ms);
	return cc_sprintf(
			rq->arena, "%04d-%02d-%02dT%02d:%02d", l.year, l.month, l.day, l.hour, l.minute);
}

/* Exactly digits digits; NULL otherwise. */
static const char *number(const char *s, int digits, int low, int high, int *out)
{
	int n = 0;
	for (int i = 0; i < digits; i++) {
		if (s[i] < '0' || s[i] > '9')
			return NULL;
		n = n * 10 + (s[i] - '0');
	}
	if (n < low || n > high)
		return NULL;
	*out = n;
	return s + digits;
}

int cc_time_parse(struct cc_request *rq, const char *text, int64_t *utc_ms, int64_t *step_ms)
{
	static const int64_t day = 24 * 3600 * 1000LL, minute = 60 * 1000LL;
	struct cc_local l = {0};
	int64_t step = day;
	const char *s = number(text, 4, 1970, 9999, &l.year);
	if (!s || *s++ != '-' || !(s = number(s, 2, 1, 12, &l.month)) || *s++ != '-' ||
			!(s = number(s, 2, 1, 31, &l.day)))
		return CC_E_INVAL;
	if (*s == 'T' || *s == ' ') {
		step = minute;
		if (!(s = number(s + 1, 2, 0, 23, &l.hour)) || *s++ != ':' ||
				!(s = number(s, 2, 0, 59, &l.minute)))
			return CC_E_INVAL;
		if (*s == ':') {
			step = 1000;
			if (!(s = number(s + 1, 2, 0, 59, &l.second)))
				return CC_E_INVAL;
		}
		if (step == 1000 && *s == '.') {
			step = 1;
			if (!(s = number(s + 1, 3, 0, 999, &l.ms)))
				return CC_E_INVAL;
		}
	}
	if (!*s) {
		*utc_ms = utc_time(rq->state->tz, &l);
		*step_ms = step;
		return 0;
	}
	int hours = 0, minutes = 0, sign = *s == '-' ? -1 : 1;
	if (!strcmp(s, "Z"))
		s++;
	/* a '+' that was not encoded arrives as a space */
	else if (*s != '+' && *s != '-' && *s != ' ')
		return CC_E_INVAL;
	else if (!(s = number(s + 1, 2, 0, 14, &hours)) || *s++ != ':' ||
			 !(s = number(s, 2, 0, 59, &minutes)))
		return CC_E_INVAL;
	if (*s)
		return CC_E_INVAL;
	*utc_ms = utc_time(NULL, &l) - sign * (hours * 60 + minutes) * minute;
	*step_ms = step;
	return 0;
}

int64_t cc_time_today(struct cc_request *rq, int days)
{
	struct cc_local l = local_time(rq->state->tz, rq->now_ms);
	struct cc_local day = {.year = l.year, .month = l.month, .day = l.day + days};
	return utc_time(rq->state->tz, &day);
}

const char *const cc_time_presets[6] = {CC_NC("preset", "today"), CC_NC("preset", "yesterday"),
		CC_NC("preset", "week"), CC_NC("preset", "month"), CC_NC("preset", "last_month"), NULL};

int cc_time_preset(struct cc_request *rq, const char *name, int64_t *from, int64_t *to)
{
	const struct cc_tz *tz = rq->state->tz;
	struct cc_local now = local_time(tz, rq->now_ms);
	struct cc_local first = {.year = now.year, .month = now.month, .day = now.day}, end = first;
	if (!strcmp(name, "today")) {
		end.day++;
	} else if (!strcmp(name, "yesterday")) {
		first.day--;
	} else if (!strcmp(name, "week")) {
		first.day -= now.weekday;
		end.day = first.day + 7;
	} else if (!strcmp(name, "month")) {
		first.day = end.day = 1;
		end.month++;
	} else if (!strcmp(name, "last_month")) {
		first.day = end.day = 1;
		first.month--;
	} else {
		return CC_E_INVAL;
	}
	*from = utc_time(tz, &first);
	*to = utc_time(tz, &end);
	return 0;
}

const char *cc_duration_text(struct cc_request *rq, int64_t ms)
{
	int64_t s = ms / 1000;
	if (!strcmp(cc_preference(rq, "duration_format"), "seconds"))
		return cc_sprintf(rq->arena, "%" PRId64, s);
	if (s >= 3600)
		return cc_sprintf(
				rq->arena, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60), (int)(s % 60));
	return cc_sprintf(rq->arena, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

/* ---- pages ---- */

/* {{#t}}Text{{/t}} or {{#t}}context|Text{{/t}} */
static const char *translate_section(void *ctx, struct cc_arena *arena, const char *text)
{
	const struct cc_request *rq = ctx;
	const char *bar = strchr(text, '|');
	if (!bar)
		return cc_t(rq, text);
	return cc_tc(rq, cc_strndup(arena, text, (size_t)(bar - text)), bar + 1);
}

const char *cc_icon_name(struct cc_arena *arena, const char *path)
{
	size_t len = strlen(path);
	while (len && path[len - 1] == '/')
		len--;
	char *name = cc_strndup(arena, *path == '/' ? path + 1 : path, len ? len - 1 : 0);
	for (char *p = name; *p; p++)
		if (*p == '/')
			*p = '-';
	return name;
}

/* The menu of the registry in sections, one per application. Their names, for the catalogues:
 * CC_NC("section", "desk") CC_NC("section", "reports") CC_NC("section", "admin")
 * CC_NC("section", "crm") */
static void add_menu(struct cc_request *rq, struct cc_value *page)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *sections = cc_value_add(a, page, "menu", CC_VALUE_LIST);
	struct cc_value *flat = cc_value_list(a);
	/* a page without its menu is better than none */
	if (!rq->user || cc_registry_menu(rq, flat))
		return;
	for (struct cc_value *item = flat->first, *next; item; item = next) {
		const char *path = cc_value_get(item, "path")->str;
		const char *code = cc_strndup(a, path + 1, strcspn(path + 1, "/"));
		struct cc_value *section = sections->first;
		next = item->next;
		while (section && strcmp(cc_value_get(section, "code")->str, code))
			section = section->next;
		if (!section) {
			section = cc_value_add(a, sections, NULL, CC_VALUE_MAP);
			cc_value_str(a, section, "code", code);
			cc_value_str(a, section, "section", cc_tc(rq, "section", code));
			cc_value_add(a, section, "entries", CC_VALUE_LIST);
		}
		struct cc_value *entries = section->last;
		cc_value_str(a, item, "icon", cc_icon_name(a, path));
		item->next = NULL;
		if (entries->last)
			entries->last->next = item;
		else
			entries->first = item;
		entries->last = item;
	}
}

/* The theme that the switch leads to without a script. */
static const char *theme_next(const char *theme)
{
	return !strcmp(theme, "system") ? "light" : !strcmp(theme, "light") ? "dark" : "system";
}

struct cc_value *cc_page(struct cc_request *rq, const char *title)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *page = cc_value_map(a);
	struct cc_value *t = cc_value_add(a, page, "t", CC_VALUE_LAMBDA);
	t->lambda = translate_section;
	t->ctx = rq;
	cc_value_str(a, page, "title", title);
	cc_value_str(a, page, "lang", strcmp(rq->language, "en") ? "zh-CN" : "en");
	cc_value_bool(a, page, "lang_en", !strcmp(rq->language, "en"));
	cc_value_str(a, page, "assets", rq->state->web->asset_version);
	cc_value_str(a, page, "csrf", rq->state->csrf);
	cc_value_str(a, page, "target", rq->target);
	const struct cc_user *u = rq->user;
	struct cc_value *user = cc_value_add(a, page, "user", u ? CC_VALUE_MAP : CC_VALUE_NULL);
	const char *theme = u && u->theme ? u->theme : "system";
	cc_value_str(a, page, "theme", theme);
	cc_value_str(a, page, "theme_next", theme_next(theme));
	if (u) {
		/* whoever must change an issued password first has no other page yet */
		cc_value_bool(a, user, "password_due", u->password_due);
		cc_value_bool(a, user, "agent_bar",
				!u->password_due && *u->agent && cc_can(rq, "desk.agent.own"));
		cc_value_str(a, user, "name", u->name);
		cc_value_str(a, user, "username", u->username);
		cc_value_str(a, user, "agent", u->agent);
		cc_value_str(a, user, "tenant", u->tenant_name);
		cc_value_str(a, user, "origin", u->origin);
		/* for what scripts write */
		cc_value_str(a, user, "durations", cc_preference(rq, "duration_format"));
		cc_value_str(a, user, "numbers", cc_preference(rq, "number_format"));
		bool account = !u->password_due && cc_can(rq, "desk.account.list");
		cc_value_str(a, user, "account",
				account ? cc_sprintf(a, "/desk/account/%" PRId64, u->id) : NULL);
		cc_value_str(a, user, "avatar", account ? u->avatar : NULL);
	}
	add_menu(rq, page);
	struct cc_value *parts = cc_value_add(a, page, "page_parts", CC_VALUE_LIST);
	if (u && !u->password_due && !u->api)
		cc_registry_parts(rq, parts); /* a page without them is better than none */
	return page;
}

int cc_page_send(struct cc_request *rq, const char *template, const struct cc_value *page)
{
	struct cc_web_state *st = rq->state;
	st->body = cc_buf_new(rq->arena);
	st->type = "text/html; charset=utf-8";
	return cc_template_render(st->web->templates, template, page, &st->body, &st->detail);
}

/* ---- error pages ---- */

static const struct
{
	int status;
	const char *code, *title, *text;
} errors[] = {
		{400, "bad_request", CC_N("Bad request"), CC_N("The request is malformed.")},
		{401, "unauthorized", CC_N("Not signed in"), CC_N("Sign in or send a valid API key.")},
		{403, "forbidden", CC_N("Not permitted"), CC_N("You have no permission for this.")},
		{404, "not_found", CC_N("Not found"), CC_N("There is no such page.")},
		{405, "method_not_allowed", CC_N("Not possible"),
				CC_N("This page does not accept such a request.")},
		{409, "conflict", CC_N("Not possible now"), CC_N("The present state does not allow this.")},
		{413, "too_large", CC_N("Too large"), CC_N("More was sent or asked for than is possible.")},
		{500, "internal", CC_N("Error"), CC_N("Something went wrong here. It was written down.")},
		{503, "unavailable", CC_N("Not available"),
				CC_N("A part of the system cannot be reached. Try again in a moment.")},
};

struct error_answer
{
	const char *code, *message, *request;
};

static void error_write(struct cc_jsonw *w, void *ctx)
{
	const struct error_answer *a = ctx;
	cc_jsonw_object(w, NULL);
	cc_jsonw_object(w, "error");
	cc_jsonw_str(w, "code", a->code);
	cc_jsonw_str(w, "message", a->message);
	cc_jsonw_str(w, "request", a->request);
	cc_jsonw_close_object(w);
	cc_jsonw_close_object(w);
}

int cc_error(struct cc_request *rq, int status, const char *text)
{
	struct cc_web_state *st = rq->state;
	size_t i = 0, last = sizeof errors / sizeof *errors;
	while (i < last && errors[i].status != status)
		i++;
	if (i == last)
		return cc_error(rq, 500, text);
	st->status = status;
	st->body = cc_buf_new(rq->arena);
	const char *title = cc_t(rq, errors[i].title);
	const char *message = text ? text : cc_t(rq, errors[i].text);
	if (rq->json) {
		struct error_answer answer = {errors[i].code, message, rq->id};
		cc_send_json(rq, error_write, &answer);
		return 0;
	}
	struct cc_value *page = cc_page(rq, title);
	cc_value_int(rq->arena, page, "status", status);
	cc_value_str(rq->arena, page, "message", message);
	cc_value_str(rq->arena, page, "request", rq->id);
	if (!cc_page_send(rq, "framework/error", page))
		return 0;
	/* not even that: the plainest page there is */
	st->body = cc_buf_new(rq->arena);
	st->type = "text/plain; charset=utf-8";
	cc_buf_printf(&st->body, "%d %s\n%s\n", status, title, message);
	return 0;
}

int cc_application_home(struct cc_request *rq)
{
	const struct cc_menu *first = NULL;
	for (const struct cc_menu *m = rq->state->web->plugin->menu; m && m->path; m++)
		if (cc_can(rq, m->permission) && (!first || m->position < first->position))
			first = m;
	cc_redirect(rq, first ? first->path : "/desk/");
	return 0;
}
