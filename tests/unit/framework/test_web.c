/* SPDX-License-Identifier: GPL-2.0-or-later
 * Routes, permissions, redirects, times, catalogues: what needs no server. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cc/resource.h"
#include "priv.h"
#include "unit.h"

static int handler(struct cc_request *rq)
{
	return 0;
}

static const struct cc_permission permissions[] = {
		{"app.thing.list", "List"},
		{"app.thing.view", "View"},
		{NULL, NULL},
};

static int build(const struct cc_route *routes, const struct cc_resource *const *resources,
		struct cc_route **out, size_t *count, char error[200])
{
	const struct cc_plugin plugin = {
			.abi = CC_PLUGIN_ABI,
			.size = sizeof plugin,
			.name = "app",
			.version = "1",
			.permissions = permissions,
			.routes = routes,
			.resources = resources,
	};
	error[0] = '\0';
	return cc_routes_build(&plugin, out, count, error, 200);
}

/* An error that says text, or success if text is NULL. */
static bool says(struct cc_route route, const char *text)
{
	struct cc_route table[] = {route, {.method = NULL}}, *out = NULL;
	size_t count;
	char error[200];
	int err = build(table, NULL, &out, &count, error);
	if (!err)
		free(out);
	if (!text)
		return !err;
	return err == CC_E_INVAL && strstr(error, text);
}

static void test_route_table(void)
{
	CU_ASSERT(says((struct cc_route){"GET", "/app/x", "app.thing.list", handler, NULL}, NULL));
	CU_ASSERT(
			says((struct cc_route){"POST", "/app/x-y/{id}/z", CC_SIGNED_IN, handler, NULL}, NULL));
	/* a route without a permission does not register */
	CU_ASSERT(says((struct cc_route){"GET", "/app/x", NULL, handler, NULL}, "no permission"));
	CU_ASSERT(says((struct cc_route){"GET", "/app/x", "", handler, NULL}, "no permission"));
	CU_ASSERT(says((struct cc_route){"GET", "/app/x", "other.thing.list", handler, NULL},
			"malformed permission"));
	CU_ASSERT(says((struct cc_route){"GET", "/app/x", "app.thing", handler, NULL},
			"malformed permission"));
	CU_ASSERT(says((struct cc_route){"GET", "/app/x", "app..thing.list", handler, NULL},
			"malformed permission"));
	CU_ASSERT(says((struct cc_route){"GET", "/app/x", "app.thing.*", handler, NULL},
			"malformed permission"));
	CU_ASSERT(says(
			(struct cc_route){"GET", "/app/x", "app.thing.delete", handler, NULL}, "not declared"));
	CU_ASSERT(says((struct cc_route){"PUT", "/app/x", CC_PUBLIC, handler, NULL}, "method"));
	CU_ASSERT(says((struct cc_route){"GET", "app/x", CC_PUBLIC, handler, NULL}, "path"));
	CU_ASSERT(says((struct cc_route){"GET", "/app/{}", CC_PUBLIC, handler, NULL}, "path"));
	CU_ASSERT(says((struct cc_route){"GET", "/app/{a", CC_PUBLIC, handler, NULL}, "path"));
	CU_ASSERT(says(
			(struct cc_route){"GET", "/{a}/{b}/{c}/{d}/{e}", CC_PUBLIC, handler, NULL}, "path"));
	CU_ASSERT(says((struct cc_route){"GET", "/app/x", CC_PUBLIC, NULL, NULL}, "no handler"));

	struct cc_route twice[] =
			{
					{"GET", "/app/x", CC_PUBLIC, handler, NULL},
					{"GET", "/app/x", CC_SIGNED_IN, handler, NULL},
					{.method = NULL},
			},
					*out;
	size_t count;
	char error[200];
	CU_ASSERT_EQUAL(build(twice, NULL, &out, &count, error), CC_E_INVAL);
	CU_ASSERT(strstr(error, "twice") != NULL);
}

static void test_resource_table(void)
{
	static const struct cc_column columns[] = {
			{.name = "id", .label = "Id", .sql = "t.id", .type = CC_COLUMN_ID},
			{.name = NULL},
	};
	struct cc_resource r = {.name = "things",
			.title = "Things",
			.path = "/app/things",
			.permission = "app.thing",
			.from = "thing t",
			.where = "t.tenant_id = {tenant}",
			.key = "t.id",
			.columns = columns};
	const struct cc_resource *list[] = {&r, NULL};
	struct cc_route *out;
	size_t count;
	char error[200];
	CU_ASSERT_EQUAL_FATAL(build(NULL, list, &out, &count, error), 0);
	CU_ASSERT_EQUAL(count, 2); /* the list, and its columns */
	CU_ASSERT_STRING_EQUAL(out[0].permission, "app.thing.list");
	CU_ASSERT_PTR_EQUAL(out[0].resource, &r);
	free(out);
	r.where = "1 = 1";
	CU_ASSERT_EQUAL(build(NULL, list, &out, &count, error), CC_E_INVAL);
	CU_ASSERT(strstr(error, "no tenant scope") != NULL);
	r.where = "t.tenant_id = {tenant}";
	r.permission = NULL;
	CU_ASSERT_EQUAL(build(NULL, list, &out, &count, error), CC_E_INVAL);
}

static void test_route_find(void)
{
	static const struct cc_route routes[] = {
			{"GET", "/app/things", CC_PUBLIC, handler, NULL},
			{"POST", "/app/things", CC_PUBLIC, handler, NULL},
			{"GET", "/app/things/{id}", CC_PUBLIC, handler, NULL},
			{"POST", "/app/{kind}/{id}/delete", CC_PUBLIC, handler, NULL},
	};
	struct cc_arena *a = cc_arena_new();
	struct param p[PARAMS] = {{NULL, NULL}};
	const char *allowed = NULL;
	CU_ASSERT_PTR_EQUAL(
			cc_route_find(routes, 4, "POST", "/app/things", a, p, &allowed), &routes[1]);
	CU_ASSERT_PTR_EQUAL(
			cc_route_find(routes, 4, "GET", "/app/things/7 x", a, p, &allowed), &routes[2]);
	CU_ASSERT_STRING_EQUAL(p[0].name, "id");
	CU_ASSERT_STRING_EQUAL(p[0].value, "7 x");
	CU_ASSERT_PTR_EQUAL(
			cc_route_find(routes, 4, "POST", "/app/a/b/delete", a, p, &allowed), &routes[3]);
	CU_ASSERT_STRING_EQUAL(p[0].value, "a");
	CU_ASSERT_STRING_EQUAL(p[1].value, "b");
	CU_ASSERT_PTR_NULL(cc_route_find(routes, 4, "DELETE", "/app/things", a, p, &allowed));
	CU_ASSERT_STRING_EQUAL(allowed, "GET, POST");
	static const char *const unknown[] = {"/", "/app", "/app/", "/app/things/", "/app/things/1/2",
			"/app/thingsx", "//app/things", "/app//b/delete"};
	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
		CU_ASSERT_PTR_NULL(cc_route_find(routes, 4, "GET", unknown[i], a, p, &allowed));
		CU_ASSERT_STRING_EQUAL(allowed, "");
	}
	cc_arena_free(a);
}

static void test_permissions(void)
{
	CU_ASSERT(cc_permission_matches("reports.calls.list", "reports.calls.list"));
	CU_ASSERT(cc_permission_matches("reports.calls.*", "reports.calls.list"));
	CU_ASSERT(cc_permission_matches("reports.*", "reports.calls.list"));
	CU_ASSERT(cc_permission_matches("*", "reports.calls.list"));
	CU_ASSERT_FALSE(cc_permission_matches("reports.calls.list", "reports.calls.lists"));
	CU_ASSERT_FALSE(cc_permission_matches("reports.calls.lis", "reports.calls.list"));
	CU_ASSERT_FALSE(cc_permission_matches("reports.call*", "reports.calls.list"));
	CU_ASSERT_FALSE(cc_permission_matches("reports.c.*", "reports.calls.list"));
	CU_ASSERT_FALSE(cc_permission_matches("desk.*", "reports.calls.list"));
	CU_ASSERT_FALSE(cc_permission_matches("", "reports.calls.list"));
	CU_ASSERT_FALSE(cc_permission_matches(".*", "reports.calls.list"));
}

static void test_local_paths(void)
{
	CU_ASSERT(cc_is_local_path("/"));
	CU_ASSERT(cc_is_local_path("/desk/board?x=1&y=%2F"));
	static const char *const foreign[] = {"", "desk", "//evil.example", "/\\evil.example",
			"/\t/evil.example", "https://evil.example/", "javascript:alert(1)", "\\\\evil",
			"/a\r\nSet-Cookie: x=1", "/a b", "/\x7F"};
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
		CU_ASSERT_FALSE(cc_is_local_path(foreign[i]));
}

/* ---- with a request ---- */

static struct cc_web web;
static struct cc_web_state state;
static struct cc_request rq;

static void request_new(void)
{
	web = (struct cc_web){.arena = cc_arena_new()};
	state = (struct cc_web_state){.web = &web, .body = cc_buf_new(web.arena)};
	state.headers_end = &state.headers;
	rq = (struct cc_request){.arena = web.arena, .state = &state};
}

static void request_free(void)
{
	while (web.zones) {
		struct zone *z = web.zones;
		web.zones = z->next;
		cc_tz_free(z->tz);
		free(z);
	}
	cc_arena_free(web.arena);
}

static void test_headers(void)
{
	request_new();
	cc_set_header(&rq, "X-A", "fine 张");
	cc_set_header(&rq, "X-B", "a\r\nSet-Cookie: stolen=1");
	cc_set_header(&rq, "X-C", "a\nb");
	CU_ASSERT_STRING_EQUAL(state.headers->value, "fine 张");
	CU_ASSERT_PTR_NULL(state.headers->next);
	cc_redirect(&rq, "/x\r\nSet-Cookie: stolen=1");
	CU_ASSERT_STRING_EQUAL(state.headers->next->value, "/");
	CU_ASSERT_EQUAL(state.status, 303);
	cc_redirect(&rq, "/desk/张");
	CU_ASSERT_STRING_EQUAL(state.headers->next->next->value, "/desk/%E5%BC%A0");
	cc_set_cookie(&rq, "c", "a;b\r\n", 60);
	const struct header *last = state.headers;
	while (last->next)
		last = last->next;
	CU_ASSERT_STRING_EQUAL(
			last->value, "c=a%3Bb%0D%0A; Path=/; HttpOnly; SameSite=Lax; Max-Age=60");
	request_free();
}

static int64_t parsed(const char *text, int64_t *step)
{
	int64_t ms = -1;
	*step = -1;
	return cc_time_parse(&rq, text, &ms, step) ? -1 : ms;
}

static void test_times(void)
{
	int64_t step;
	request_new();
	cc_zone_use(&rq, "Asia/Shanghai");
	rq.now_ms = 1795219200000 + 3600000 * 20; /* 2026-11-21T04:00+08:00 the next day */
	CU_ASSERT_EQUAL(parsed("2026-11-21", &step), 1795190400000);
	CU_ASSERT_EQUAL(step, 86400000);
	CU_ASSERT_EQUAL(parsed("2026-11-21T09:30", &step), 1795224600000);
	CU_ASSERT_EQUAL(step, 60000);
	CU_ASSERT_EQUAL(parsed("2026-11-21T09:30:05", &step), 1795224605000);
	CU_ASSERT_EQUAL(step, 1000);
	CU_ASSERT_EQUAL(parsed("2026-11-21 09:30:05.123", &step), 1795224605123);
	CU_ASSERT_EQUAL(step, 1);
	CU_ASSERT_EQUAL(parsed("2026-11-21T01:30:05Z", &step), 1795224605000);
	CU_ASSERT_EQUAL(parsed("2026-11-21T09:30:05+08:00", &step), 1795224605000);
	CU_ASSERT_EQUAL(parsed("2026-11-21T09:30:05 08:00", &step), 1795224605000);
	CU_ASSERT_EQUAL(parsed("2026-11-20T20:30:05-05:00", &step), 1795224605000);
	static const char *const bad[] = {"", "x", "2026", "2026-13-01", "2026-00-01", "2026-11-32",
			"2026-11-21T", "2026-11-21T25:00", "2026-11-21T09:60", "2026-11-21T09:30:61",
			"2026-11-21T09:30+8", "2026-11-21T09:30Zx", "1969-01-01", "99999-01-01",
			"2026-11-21T09:30:05.1", "-026-11-21", "2026-11-21T09:30+99:00"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CU_ASSERT_EQUAL(parsed(bad[i], &step), -1);
	CU_ASSERT_STRING_EQUAL(cc_time_text(&rq, 1795224605000), "2026-11-21 09:30:05");
	CU_ASSERT_STRING_EQUAL(cc_time_iso(&rq, 1795224605123), "2026-11-21T01:30:05.123Z");
	CU_ASSERT_STRING_EQUAL(cc_time_input(&rq, 1795224605123), "2026-11-21T09:30");
	CU_ASSERT_STRING_EQUAL(cc_time_text(&rq, 0), "");
	CU_ASSERT_STRING_EQUAL(cc_time_text(&rq, cc_time_today(&rq, 0)), "2026-11-22 00:00:00");
	CU_ASSERT_STRING_EQUAL(cc_time_text(&rq, cc_time_today(&rq, -22)), "2026-10-31 00:00:00");
	CU_ASSERT_STRING_EQUAL(cc_duration_text(&rq, 0), "0:00");
	CU_ASSERT_STRING_EQUAL(cc_duration_text(&rq, 65999), "1:05");
	CU_ASSERT_STRING_EQUAL(cc_duration_text(&rq, 3725000), "1:02:05");
	cc_zone_use(&rq, "No/Such");
	CU_ASSERT_STRING_EQUAL(cc_time_text(&rq, 1795224605000), "2026-11-21 09:30:05");
	request_free();
}

/* ---- catalogues ---- */

static char mo[64];

static void write_mo(const void *data, size_t len)
{
	FILE *f = fopen(mo, "wb");
	CU_ASSERT_FATAL(f != NULL);
	fwrite(data, 1, len, f);
	fclose(f);
}

static void test_catalogue(void)
{
	/* three sorted keys: "", "Busy", "work\4Busy" */
	static const char keys[] = "\0Busy\0work\4Busy", texts[] = "head\0忙碌\0忙";
	uint32_t h[7 + 12] = {0x950412DE, 0, 3, 28, 52, 0, 0, 0, 76, 4, 77, 9, 82, 4, 0, 6, 0, 3, 0};
	char file[256];
	size_t base = 76 + sizeof keys;
	h[14] = (uint32_t)base;
	h[16] = (uint32_t)base + 5;
	h[18] = (uint32_t)base + 12;
	memcpy(file, h, sizeof h);
	memcpy(file + sizeof h, keys, sizeof keys);
	memcpy(file + sizeof h + sizeof keys, texts, sizeof texts);
	size_t len = sizeof h + sizeof keys + sizeof texts;
	struct cc_catalogue *c;
	write_mo(file, len);
	CU_ASSERT_EQUAL_FATAL(cc_catalogue_load(&c, mo), 0);
	CU_ASSERT_STRING_EQUAL(cc_translate(c, NULL, "Busy"), "忙碌");
	CU_ASSERT_STRING_EQUAL(cc_translate(c, "work", "Busy"), "忙");
	CU_ASSERT_STRING_EQUAL(cc_translate(c, "call", "Busy"), "Busy");
	CU_ASSERT_STRING_EQUAL(cc_translate(c, NULL, "Idle"), "Idle");
	CU_ASSERT_STRING_EQUAL(cc_translate(c, NULL, ""), "");
	CU_ASSERT_STRING_EQUAL(cc_translate(NULL, NULL, "Busy"), "Busy");
	cc_catalogue_free(c);
	/* cut anywhere or with any byte changed: refused or harmless */
	for (size_t n = 0; n < len - 1; n++) {
		write_mo(file, n);
		CU_ASSERT_EQUAL(cc_catalogue_load(&c, mo), CC_E_CORRUPT);
	}
	for (size_t i = 0; i < len; i++)
		for (int k = 0; k < 3; k++) {
			char broken[256];
			memcpy(broken, file, len);
			broken[i] = (char)(k == 0 ? 0xFF : k == 1 ? 0x7F : broken[i] + 1);
			write_mo(broken, len);
			if (cc_catalogue_load(&c, mo))
				continue;
			CU_ASSERT(strlen(cc_translate(c, NULL, "Busy")) < sizeof file);
			CU_ASSERT(strlen(cc_translate(c, "work", "Busy")) < sizeof file);
			cc_catalogue_free(c);
		}
	unlink(mo);
	CU_ASSERT_EQUAL(cc_catalogue_load(&c, mo), CC_E_IO);
}

int main(void)
{
	snprintf(mo, sizeof mo, "/tmp/cc-unit-mo-%d", (int)getpid());
	static CU_TestInfo tests[] = {
			{"route tables", test_route_table},
			{"resource tables", test_resource_table},
			{"finding routes", test_route_find},
			{"permissions", test_permissions},
			{"no open redirect", test_local_paths},
			{"headers and cookies", test_headers},
			{"times", test_times},
			{"catalogues", test_catalogue},
			CU_TEST_INFO_NULL,
	};
	return unit_run("web", tests);
}
