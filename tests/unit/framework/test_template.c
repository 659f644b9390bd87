/* SPDX-License-Identifier: GPL-2.0-or-later
 * The renderer against the official Mustache specification (tests/data/mustache-spec), and what is
 * ours: strict mode, lambdas for translations, files and their changes, malformed templates. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <json-c/json.h>
#include "cc/template.h"
#include "unit.h"

static int partial_load(
		void *ctx, const char *name, int64_t known, int64_t *stamp, char **text, size_t *len)
{
	struct json_object *o;
	if (known == 1)
		return CC_E_EXIST;
	if (!json_object_object_get_ex(ctx, name, &o))
		return CC_E_NOENT;
	*text = strdup(json_object_get_string(o));
	*len = strlen(*text);
	*stamp = 1;
	return 0;
}

static void value_from(
		struct cc_arena *a, struct cc_value *parent, const char *key, struct json_object *o)
{
	switch (json_object_get_type(o)) {
	case json_type_null:
		cc_value_str(a, parent, key, NULL);
		break;
	case json_type_boolean:
		cc_value_bool(a, parent, key, json_object_get_boolean(o));
		break;
	case json_type_object: {
		struct cc_value *map = cc_value_add(a, parent, key, CC_VALUE_MAP);
		json_object_object_foreach(o, k, v) value_from(a, map, k, v);
		break;
	}
	case json_type_array: {
		struct cc_value *list = cc_value_add(a, parent, key, CC_VALUE_LIST);
		for (size_t i = 0; i < json_object_array_length(o); i++)
			value_from(a, list, NULL, json_object_array_get_idx(o, i));
		break;
	}
	default:
		cc_value_str(a, parent, key, json_object_get_string(o));
	}
}

static const char *field(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

static int spec_run(struct json_object *test, struct cc_arena *a)
{
	struct json_object *partials = json_object_object_get(test, "partials");
	struct json_object *texts = json_object_new_object();
	if (partials) {
		json_object_object_foreach(partials, k, v)
				json_object_object_add(texts, k, json_object_get(v));
	}
	json_object_object_add(
			texts, "<test>", json_object_get(json_object_object_get(test, "template")));
	struct cc_template_source source = {texts, partial_load};
	struct cc_templates *set;
	CU_ASSERT_EQUAL_FATAL(cc_templates_new_from(&set, &source, false), 0);
	struct cc_value *list = cc_value_list(a);
	value_from(a, list, NULL, json_object_object_get(test, "data"));
	struct cc_buf out = cc_buf_new(a);
	const char *error = "";
	int err = cc_template_render(set, "<test>", list->first, &out, &error);
	int ok = !err && !strcmp(cc_buf_text(&out), field(test, "expected"));
	if (!ok)
		printf("\n  %s: %s\n  template %s\n  expected %s\n  got      %s\n", field(test, "name"),
				error, json_object_to_json_string(json_object_object_get(test, "template")),
				json_object_to_json_string(json_object_object_get(test, "expected")),
				json_object_to_json_string(json_object_new_string(cc_buf_text(&out))));
	cc_templates_free(set);
	json_object_put(texts);
	return ok;
}

static void test_spec(void)
{
	glob_t g;
	CU_ASSERT_EQUAL_FATAL(glob("tests/data/mustache-spec/*.json", 0, NULL, &g), 0);
	CU_ASSERT_FATAL(g.gl_pathc >= 8);
	size_t count = 0;
	for (size_t i = 0; i < g.gl_pathc; i++) {
		/* the lambdas of the specification are source texts of other languages */
		if (strstr(g.gl_pathv[i], "lambdas"))
			continue;
		struct json_object *file = json_object_from_file(g.gl_pathv[i]);
		CU_ASSERT_FATAL(file != NULL);
		struct json_object *tests = json_object_object_get(file, "tests");
		for (size_t k = 0; k < json_object_array_length(tests); k++) {
			struct cc_arena *a = cc_arena_new();
			CU_ASSERT(spec_run(json_object_array_get_idx(tests, k), a));
			cc_arena_free(a);
			count++;
		}
		json_object_put(file);
	}
	CU_ASSERT(count > 180);
	globfree(&g);
}

struct texts
{
	const char *name, *text;
};

static int text_load(
		void *ctx, const char *name, int64_t known, int64_t *stamp, char **text, size_t *len)
{
	for (const struct texts *t = ctx; t->name; t++)
		if (!strcmp(t->name, name)) {
			if (known == (int64_t)(intptr_t)t->text)
				return CC_E_EXIST;
			*text = strdup(t->text);
			*len = strlen(t->text);
			*stamp = (int64_t)(intptr_t)t->text;
			return 0;
		}
	return CC_E_NOENT;
}

static int render(
		const char *text, const struct cc_value *data, struct cc_buf *out, const char **error)
{
	struct texts texts[] = {{"main", text}, {"self", "{{>self}}"}, {NULL, NULL}};
	struct cc_template_source source = {texts, text_load};
	struct cc_templates *set;
	CU_ASSERT_EQUAL_FATAL(cc_templates_new_from(&set, &source, true), 0);
	*error = "";
	int err = cc_template_render(set, "main", data, out, error);
	cc_templates_free(set);
	return err;
}

static void test_strict(void)
{
	struct cc_arena *a = cc_arena_new();
	struct cc_value *data = cc_value_map(a);
	struct cc_buf out = cc_buf_new(a);
	const char *error;
	cc_value_str(a, data, "known", "x");
	cc_value_str(a, data, "null", NULL);
	CU_ASSERT_EQUAL(render("{{known}}{{null}}{{#null}}no{{/null}}", data, &out, &error), 0);
	CU_ASSERT_STRING_EQUAL(cc_buf_text(&out), "x");
	CU_ASSERT_EQUAL(render("a\n{{unknown}}", data, &out, &error), CC_E_INVAL);
	CU_ASSERT_STRING_EQUAL(error, "main:2: unknown variable \"unknown\"");
	CU_ASSERT_EQUAL(render("{{#unknown}}{{/unknown}}", data, &out, &error), CC_E_INVAL);
	CU_ASSERT_EQUAL(render("{{^unknown}}{{/unknown}}", data, &out, &error), CC_E_INVAL);
	CU_ASSERT_EQUAL(render("{{>nothing}}", data, &out, &error), CC_E_INVAL);
	CU_ASSERT_STRING_EQUAL(error, "main:1: unknown template \"nothing\"");
	CU_ASSERT_EQUAL(render("{{>self}}", data, &out, &error), CC_E_INVAL);
	cc_arena_free(a);
}

static void test_malformed(void)
{
	static const char *const bad[] = {"{{", "{{#a}}", "{{/a}}", "{{#a}}{{/b}}", "{{}}", "{{{a}}",
			"{{#}}{{/}}", "{{=x=}}", "{{= =}}", "{{=<%=}}", "{{#a}}{{^b}}{{/a}}{{/b}}", "{{>}}",
			"{{<a}}{{$b}}{{/a}}", "{{&}}"};
	struct cc_arena *a = cc_arena_new();
	const char *error;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct cc_buf out = cc_buf_new(a);
		CU_ASSERT_EQUAL(render(bad[i], cc_value_map(a), &out, &error), CC_E_INVAL);
		CU_ASSERT(strstr(error, "main:1: ") == error);
	}
	struct cc_buf deep = cc_buf_new(a);
	for (int i = 0; i < 80; i++)
		cc_buf_str(&deep, "{{#a}}");
	struct cc_buf out = cc_buf_new(a);
	CU_ASSERT_EQUAL(render(cc_buf_text(&deep), cc_value_map(a), &out, &error), CC_E_INVAL);
	cc_arena_free(a);
}

static const char *shout(void *ctx, struct cc_arena *arena, const char *text)
{
	return cc_sprintf(arena, "%s<%s>", (const char *)ctx, text);
}

static void test_lambda(void)
{
	struct cc_arena *a = cc_arena_new();
	struct cc_value *data = cc_value_map(a);
	struct cc_value *t = cc_value_add(a, data, "t", CC_VALUE_LAMBDA);
	t->lambda = shout;
	t->ctx = (void *)"&";
	cc_value_int(a, data, "n", 3);
	struct cc_buf out = cc_buf_new(a);
	const char *error;
	/* a text is escaped; variables in it are filled in after it was translated */
	CU_ASSERT_EQUAL(
			render("[{{#t}} Waiting {{/t}}] [{{#t}}{{n}} calls{{/t}}]", data, &out, &error), 0);
	CU_ASSERT_STRING_EQUAL(cc_buf_text(&out), "[&amp;&lt;Waiting&gt;] [&<3 calls>]");
	cc_arena_free(a);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	CU_ASSERT_FATAL(f != NULL);
	fputs(text, f);
	fclose(f);
}

static void test_files(void)
{
	char folder[] = "/tmp/cc-unit-template-XXXXXX", path[64];
	CU_ASSERT_FATAL(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/page.mustache", folder);
	write_file(path, "one");
	struct cc_arena *a = cc_arena_new();
	struct cc_value *data = cc_value_map(a);
	struct cc_templates *set;
	CU_ASSERT_EQUAL_FATAL(cc_templates_new(&set, folder, true), 0);
	struct cc_buf out = cc_buf_new(a);
	CU_ASSERT_EQUAL(cc_template_render(set, "page", data, &out, NULL), 0);
	write_file(path, "{{! }}two");
	CU_ASSERT_EQUAL(cc_template_render(set, "page", data, &out, NULL), 0);
	CU_ASSERT_STRING_EQUAL(cc_buf_text(&out), "onetwo");
	unlink(path);
	CU_ASSERT_EQUAL(cc_template_render(set, "page", data, &out, NULL), CC_E_NOENT);
	CU_ASSERT_EQUAL(cc_template_render(set, "../etc/passwd", data, &out, NULL), CC_E_NOENT);
	CU_ASSERT_EQUAL(cc_template_render(set, "/etc/passwd", data, &out, NULL), CC_E_NOENT);
	cc_templates_free(set);
	cc_arena_free(a);
	rmdir(folder);
}

int main(void)
{
	static CU_TestInfo tests[] = {
			{"specification", test_spec},
			{"strict mode", test_strict},
			{"malformed templates", test_malformed},
			{"lambdas", test_lambda},
			{"files", test_files},
			CU_TEST_INFO_NULL,
	};
	return unit_run("template", tests);
}
