/* SPDX-License-Identifier: GPL-2.0-or-later
 * Arena, escapers, CSV, forms, cookies, paths. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/form.h"
#include "unit.h"

static struct cc_arena *a;

static void count_drop(void *ptr)
{
	(*(int *)ptr)++;
}

static void test_arena(void)
{
	int dropped = 0;
	for (int round = 0; round < 3; round++) {
		char *small = cc_alloc(a, 1), *large = cc_alloc(a, 300000), *next = cc_alloc(a, 24);
		CU_ASSERT_EQUAL((uintptr_t)small % 16, 0);
		CU_ASSERT_EQUAL((uintptr_t)next % 16, 0);
		for (int i = 0; i < 300000; i++)
			if (large[i]) {
				CU_FAIL("not zeroed");
				break;
			}
		memset(large, 0xFF, 300000);
		memset(next, 0xFF, 24);
		cc_arena_on_reset(a, count_drop, &dropped);
		cc_arena_reset(a);
		CU_ASSERT_EQUAL(dropped, round + 1);
	}
	CU_ASSERT_STRING_EQUAL(cc_sprintf(a, "%s-%d", "x", 7), "x-7");
	CU_ASSERT_STRING_EQUAL(cc_strndup(a, "abcdef", 3), "abc");
	struct cc_buf b = cc_buf_new(a);
	CU_ASSERT_STRING_EQUAL(cc_buf_text(&b), "");
	for (int i = 0; i < 1000; i++)
		cc_buf_printf(&b, "%03d,", i);
	CU_ASSERT_EQUAL(b.len, 4000);
	CU_ASSERT_EQUAL(strncmp(cc_buf_text(&b) + 3989, "97,998,999,", 11), 0);
}

static const char *with(void (*escape)(struct cc_buf *, const char *, size_t), const char *s)
{
	struct cc_buf b = cc_buf_new(a);
	escape(&b, s, strlen(s));
	return cc_buf_text(&b);
}

static void test_escapers(void)
{
	CU_ASSERT_STRING_EQUAL(with(cc_buf_html, "<a href=\"x\">'&'</a>"),
			"&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
	CU_ASSERT_STRING_EQUAL(with(cc_buf_html, "张伟"), "张伟");
	CU_ASSERT_STRING_EQUAL(with(cc_buf_html, ""), "");
	CU_ASSERT_STRING_EQUAL(with(cc_buf_url, "a b&c=d/é~._-"), "a%20b%26c%3Dd%2F%C3%A9~._-");
}

static void test_csv(void)
{
	static const struct
	{
		const char *cell, *csv;
	} cases[] = {
			{"", ""},
			{"plain", "plain"},
			{"a,b", "\"a,b\""},
			{"a\"b", "\"a\"\"b\""},
			{"a\"b,c", "\"a\"\"b,c\""},
			{"two\r\nlines", "\"two\r\nlines\""},
			{" space ", " space "},
			/* formulas */
			{"=1+1", "'=1+1"},
			{"=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"},
			{"=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""},
			{"+SUM(A1)", "'+SUM(A1)"},
			{"-2+3+cmd", "'-2+3+cmd"},
			{"@x", "'@x"},
			{"\tx", "'\tx"},
			/* numbers and telephone numbers */
			{"+8613800001234", "+8613800001234"},
			{"-12.5", "-12.5"},
			{"+86 (10) 1234-5678", "+86 (10) 1234-5678"},
			{"-", "'-"},
			{"+", "'+"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *got = with(cc_buf_csv, cases[i].cell);
		CU_ASSERT_STRING_EQUAL(got, cases[i].csv);
	}
}

static const char *value(const char *body, const char *name)
{
	struct cc_fields f = {0};
	CU_ASSERT_EQUAL(cc_form_parse(a, &f, body, strlen(body)), 0);
	return cc_field_get(&f, name);
}

static int parse(const char *body, size_t len)
{
	struct cc_fields f = {0};
	return cc_form_parse(a, &f, body, len);
}

static void test_form(void)
{
	CU_ASSERT_STRING_EQUAL(value("a=1&b=2", "b"), "2");
	CU_ASSERT_STRING_EQUAL(value("a=1&a=2", "a"), "1");
	CU_ASSERT_STRING_EQUAL(value("a=x+y%20z", "a"), "x y z");
	CU_ASSERT_STRING_EQUAL(value("a=1=2", "a"), "1=2");
	CU_ASSERT_STRING_EQUAL(value("a", "a"), "");
	CU_ASSERT_STRING_EQUAL(value("&&a=1&", "a"), "1");
	CU_ASSERT_STRING_EQUAL(value("%E5%90%8D=%E5%BC%A0%E4%BC%9F", "名"), "张伟");
	CU_ASSERT_PTR_NULL(value("", "a"));
	CU_ASSERT_PTR_NULL(value("ab=1", "a"));

	CU_ASSERT_EQUAL(parse("a=%", 3), CC_E_INVAL);
	CU_ASSERT_EQUAL(parse("a=%4", 4), CC_E_INVAL);
	CU_ASSERT_EQUAL(parse("a=%zz", 5), CC_E_INVAL);
	CU_ASSERT_EQUAL(parse("a=%00", 5), CC_E_INVAL);
	CU_ASSERT_EQUAL(parse("a=\0b", 4), CC_E_INVAL);
	CU_ASSERT_EQUAL(parse("a=%ff", 5), CC_E_INVAL);    /* not UTF-8 */
	CU_ASSERT_EQUAL(parse("a=%c0%80", 8), CC_E_INVAL); /* overlong */
	CU_ASSERT_EQUAL(parse("a=%1b%5b", 8), CC_E_INVAL); /* control */
	CU_ASSERT_EQUAL(parse("a=%0d%0a%09", 11), 0);      /* lines of a text area */

	struct cc_buf b = cc_buf_new(a);
	for (int i = 0; i < CC_FORM_FIELDS; i++)
		cc_buf_str(&b, "x=1&");
	CU_ASSERT_EQUAL(parse(b.p, b.len), 0);
	cc_buf_str(&b, "x=1");
	CU_ASSERT_EQUAL(parse(b.p, b.len), CC_E_FULL);
	b = cc_buf_new(a);
	for (int i = 0; i <= CC_FORM_NAME; i++)
		cc_buf_str(&b, "n");
	CU_ASSERT_EQUAL(parse(b.p, b.len), CC_E_FULL);
}

/* No input may do worse than be refused; run under a sanitizer this looks for reads beyond the end.
 */
static void test_form_noise(void)
{
	static const char alphabet[] = "a=&%+;\0 0fF\xE5\x90\xFF";
	unsigned seed = 1;
	for (int round = 0; round < 20000; round++) {
		char text[24];
		size_t len = (size_t)(seed >> 8) % sizeof text;
		for (size_t i = 0; i < len; i++) {
			seed = seed * 1103515245 + 12345;
			text[i] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
		}
		char *exact = malloc(len + 1);
		CU_ASSERT_FATAL(exact != NULL);
		memcpy(exact, text, len);
		int err = parse(exact, len);
		if (err != 0 && err != CC_E_INVAL)
			CU_FAIL("neither parsed nor refused");
		exact[len] = '\0';
		struct cc_fields cookies = {0};
		cc_cookies_parse(a, &cookies, exact);
		const char *path;
		cc_path_decode(a, &path, exact, len);
		free(exact);
		seed = seed * 1103515245 + 12345;
		if (round % 500 == 0)
			cc_arena_reset(a);
	}
}

static void test_cookies(void)
{
	struct cc_fields f = {0};
	cc_cookies_parse(a, &f, "a=1; b=two;c=3 ; bad=%zz; d=x%2Fy; =e; f=%0");
	CU_ASSERT_STRING_EQUAL(cc_field_get(&f, "a"), "1");
	CU_ASSERT_STRING_EQUAL(cc_field_get(&f, "b"), "two");
	CU_ASSERT_STRING_EQUAL(cc_field_get(&f, "c"), "3");
	CU_ASSERT_STRING_EQUAL(cc_field_get(&f, "d"), "x/y");
	CU_ASSERT_PTR_NULL(cc_field_get(&f, "bad"));
	CU_ASSERT_PTR_NULL(cc_field_get(&f, "f"));
}

static void test_path(void)
{
	const char *out = NULL;
	CU_ASSERT_EQUAL(cc_path_decode(a, &out, "/a%20b+c", 8), 0);
	CU_ASSERT_STRING_EQUAL(out, "/a b+c");
	CU_ASSERT_EQUAL(cc_path_decode(a, &out, "/%00", 4), CC_E_INVAL);
	CU_ASSERT_EQUAL(cc_path_decode(a, &out, "/%", 2), CC_E_INVAL);
	CU_ASSERT_STRING_EQUAL(out, "/a b+c");
}

int main(void)
{
	a = cc_arena_new();
	static CU_TestInfo tests[] = {
			{"arena", test_arena},
			{"escapers", test_escapers},
			{"CSV cells", test_csv},
			{"forms", test_form},
			{"noise", test_form_noise},
			{"cookies", test_cookies},
			{"paths", test_path},
			CU_TEST_INFO_NULL,
	};
	int status = unit_run("text", tests);
	cc_arena_free(a);
	return status;
}
