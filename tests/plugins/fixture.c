/* SPDX-License-Identifier: GPL-2.0-or-later
 * Plugins for tests, made of one source (build.mk): "good" ones that do as they are told, and each
 * kind of bad one. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <json-c/json.h>
#include "cc/job.h"
#include "cc/plugin.h"
#include "cc/resource.h"

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
#define NAME TEXT(FIXTURE)
#ifndef VERSION
#define VERSION "1.0"
#endif
#ifndef NEEDS
#define NEEDS "reports 0.1"
#endif
#ifndef ABI
#define ABI CC_PLUGIN_ABI
#endif
#ifndef SIZE
#define SIZE sizeof(struct cc_plugin)
#endif
#ifndef HOSTS
#define HOSTS "reports", "eventd", "jobd"
#endif
#ifndef PAGE
#define PAGE "/reports/" NAME "/ok"
#endif
#ifndef ROUTE
#define ROUTE "/reports/" NAME
#endif

static void die(const char *how)
{
	if (!strcmp(how, "segv")) { /* as a bad pointer, without a sanitizer's report */
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
	}
	if (!strcmp(how, "abort"))
		abort();
}

static int answer(struct cc_request *rq)
{
	die(cc_param(rq, "how"));
	cc_type(rq, "text/plain");
	cc_buf_printf(cc_body(rq), "%s %s%s\n", NAME, VERSION,
			cc_enabled(rq, NAME "_extra") ? " with extra" : "");
	return 0;
}

static int event(const struct cc_event *e)
{
	struct json_object *from = NULL;
	json_object_object_get_ex(e->fields, "from", &from);
	const char *text = from ? json_object_get_string(from) : "";
	die(text);
	if (!strcmp(text, "refuse"))
		return CC_E_INVAL;
	return cc_db_exec(e->db,
			"INSERT INTO audit_log (tenant_id, at, user_name, action, address, object) "
			"VALUES ({tenant}, ?, ?, 'fixture.event', '', ?)",
			e->time_ms, NAME, text);
}

static int job(struct cc_job *j)
{
	die(j->parameters);
	strcpy(j->result, "done by " NAME);
	return 0;
}

static const char *column_text(struct cc_request *rq, const char *value)
{
	if (cc_query(rq, "die"))
		die(cc_query(rq, "die"));
	return value;
}

static void column_json(struct cc_request *rq, struct cc_jsonw *w, const char *name,
		const struct cc_row *row, size_t column)
{
	cc_jsonw_str(w, name, row->v[column]);
}

static const char *const hosts[] = {HOSTS, NULL};
static const char *const needs[] = {NEEDS, NULL};
static const struct cc_permission permissions[] = {
		{NAME ".page.view", "Fixture"}, {NAME ".extra.view", "Fixture extra"}, {NULL, NULL}};
static const struct cc_route routes[] = {
		{"GET", ROUTE "/{how}", NAME ".page.view", answer, NULL},
		{"GET", ROUTE "/extra/page", NAME ".extra.view", answer, NULL},
		{NULL, NULL, NULL, NULL, NULL},
};
static const struct cc_menu menu[] = {{"/reports/" NAME "/ok", "Fixture", NAME ".page.view", 950},
		{"/reports/" NAME "/extra/page", "Fixture extra", NAME ".extra.view", 951},
		{NULL, NULL, NULL, 0}};
static const struct cc_tab tabs[] = {
		{"call", ROUTE "/extra/page", "Fixture extra", NAME ".extra.view", 95},
		{NULL, NULL, NULL, NULL, 0}};
static const struct cc_report reports[] = {
		{ROUTE "/extra/page", "Fixture extra", NAME ".extra.view", 95}, {NULL, NULL, NULL, 0}};
static const struct cc_column columns[] = {
		CC_COLUMN(NAME "_caller", "Fixture", "c.caller", CUSTOM, CC_COLUMN_ALL, .text = column_text,
				.json = column_json),
		{.name = NULL},
};
static const struct cc_action buttons[] = {
		{.name = NAME "_page", .label = "Fixture", .permission = NAME ".page.view", .page = PAGE},
		{.name = NULL}};
static const struct cc_extension extensions[] = {
		{.resource = "/reports/calls", .join = "", .columns = columns, .buttons = buttons},
		{.resource = NULL}};
static const struct cc_module modules[] = {
		{NAME "_extra", "Extra", "More of it", NAME ".extra."}, {NULL, NULL, NULL, NULL}};
static const struct cc_event_handler events[] = {{"call.new", event}, {NULL, NULL}};
static const struct cc_job_kind jobs[] = {
		{NAME ".job", job, -1, 10}, {NAME ".extra.job", job, -1, 10}, {NULL, NULL, 0, 0}};

static int start(
		const struct cc_settings *settings, const char *folder, char *error, size_t error_cap)
{
#ifdef START
	die(START);
	strcpy(error, "no licence");
	return CC_E_DENIED;
#else
	return strstr(folder, "/plugins/" NAME) ? 0 : CC_E_INVAL;
#endif
}

const struct cc_plugin fixture = {
		.abi = ABI,
		.size = SIZE,
		.name = NAME,
		.version = VERSION,
		.title = "Fixture",
		.hosts = hosts,
		.needs = needs,
		.permissions = permissions,
		.routes = routes,
		.menu = menu,
		.tabs = tabs,
		.reports = reports,
		.modules = modules,
		.extensions = extensions,
		.events = events,
		.jobs = jobs,
		.start = start,
};

#ifndef NO_SYMBOL
CC_PLUGIN(fixture)
#endif
