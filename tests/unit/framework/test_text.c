/* SPDX-License-Identifier: GPL-2.0-or-later
 * Arena, escapers, CSV, forms, cookies, paths. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/form.h"
#include "cc/money.h"
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

/* ---- amounts ---- */

#define NBSP "\xC2\xA0"
#define YUAN CC_MONEY_UNIT

static const struct cc_money chinese = {"¥", 2, '.', ","}, german = {"€", 2, ',', "."},
							 french = {"€", 2, ',', NBSP}, yen = {"¥", 0, '.', ","},
							 bare = {"", 4, ',', ""};

static void test_money_text(void)
{
	static const struct
	{
		const struct cc_money *m;
		int64_t amount;
		const char *text, *input, *cell;
	} cases[] = {
			{&chinese, 12345000, "¥1,234.50", "1,234.50", "1234.50"},
			{&chinese, -12345000, "-¥1,234.50", "-1,234.50", "-1234.50"},
			{&chinese, 0, "¥0.00", "0.00", "0.00"},
			{&chinese, 100, "¥0.01", "0.01", "0.01"},
			{&chinese, -1, "-¥0.0001", "-0.0001", "-0.0001"}, /* all of its digits */
			{&chinese, 9999900, "¥999.99", "999.99", "999.99"},
			{&chinese, 10000000, "¥1,000.00", "1,000.00", "1000.00"},
			{&chinese, CC_MONEY_MAX, "¥99,999,999,999,999.9999", "99,999,999,999,999.9999",
					"99999999999999.9999"},
			{&chinese, INT64_MIN, "-¥922,337,203,685,477.5808", "-922,337,203,685,477.5808",
					"-922337203685477.5808"},
			{&german, -12345678900, "-€1.234.567,89", "-1.234.567,89", "-1234567,89"},
			{&french, 12345000, "€1" NBSP "234,50", "1" NBSP "234,50", "1234,50"},
			{&yen, 1234 * YUAN, "¥1,234", "1,234", "1234"},
			{&yen, 1234 * YUAN + 5000, "¥1,234.5", "1,234.5", "1234.5"}, /* never rounded */
			{&bare, 1234 * YUAN, "1234,0000", "1234,0000", "1234,0000"},
			{&cc_money_plain, -12345000, "-1234.5000", "-1234.5000", "-1234.5000"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CU_ASSERT_STRING_EQUAL(cc_money_text(a, cases[i].m, cases[i].amount), cases[i].text);
		CU_ASSERT_STRING_EQUAL(cc_money_input(a, cases[i].m, cases[i].amount), cases[i].input);
		CU_ASSERT_STRING_EQUAL(cc_money_cell(a, cases[i].m, cases[i].amount), cases[i].cell);
	}
}

static void test_money_parse(void)
{
	static const struct
	{
		const struct cc_money *m;
		const char *text;
		int64_t amount;
		int err;
	} cases[] = {
			{&chinese, "1,234.50", 12345000, 0},
			{&chinese, "1234.5", 12345000, 0},
			{&chinese, " ¥ 1,234.50 ", 12345000, 0},
			{&chinese, "1234.50¥", 12345000, 0},
			{&chinese, "-¥0.01", -100, 0},
			{&chinese, "¥-0.01", -100, 0},
			{&chinese, "+7", 7 * YUAN, 0},
			{&chinese, "-0", 0, 0},
			{&chinese, "1.500", 15000, 0}, /* only noughts are left out */
			{&chinese, "1.505", 0, CC_E_RANGE},
			{&chinese, "1,505", 1505 * YUAN, 0},
			{&chinese, "1,50", 0, CC_E_INVAL},
			{&chinese, "1,5050", 0, CC_E_INVAL},
			{&chinese, "12,34,567", 0, CC_E_INVAL},
			{&chinese, "1234,567", 0, CC_E_INVAL},
			{&chinese, ",123", 0, CC_E_INVAL},
			{&chinese, "1.", 0, CC_E_INVAL},
			{&chinese, ".5", 0, CC_E_INVAL},
			{&chinese, "1.5.5", 0, CC_E_INVAL},
			{&chinese, "", 0, CC_E_INVAL},
			{&chinese, "-", 0, CC_E_INVAL},
			{&chinese, "--1", 0, CC_E_INVAL},
			{&chinese, "¥¥1", 0, CC_E_INVAL},
			{&chinese, "¥1¥", 0, CC_E_INVAL},
			{&chinese, "$1", 0, CC_E_INVAL},
			{&chinese, "1e3", 0, CC_E_INVAL},
			{&chinese, "0x10", 0, CC_E_INVAL},
			{&chinese, "99999999999999.99", 999999999999999900, 0},
			{&chinese, "100000000000000", 0, CC_E_FULL},
			{&chinese, "99999999999999999999999999999999.5", 0, CC_E_FULL},
			{&german, "1.234,5", 12345000, 0},
			{&german, "1.234", 1234 * YUAN, 0},
			{&german, "1234.5", 0, CC_E_INVAL},
			{&german, "1,234", 0, CC_E_RANGE},
			{&french, "1 234 567,5", 12345675000, 0},
			{&french, "1" NBSP "234,50 €", 12345000, 0},
			{&french, "1 23", 0, CC_E_INVAL},
			{&yen, "1,234", 1234 * YUAN, 0},
			{&yen, "1,234.00", 1234 * YUAN, 0},
			{&yen, "1,234.5", 0, CC_E_RANGE},
			{&bare, "99999999999999,9999", CC_MONEY_MAX, 0},
			{&bare, "1,23456", 0, CC_E_RANGE},
			{&bare, "1 234", 0, CC_E_INVAL},
			{&cc_money_plain, "-1234.5", -12345000, 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t amount = 0;
		CU_ASSERT_EQUAL(cc_money_parse(cases[i].m, cases[i].text, &amount), cases[i].err);
		CU_ASSERT_EQUAL(amount, cases[i].amount);
	}
}

static void test_money_back(void)
{
	static const struct cc_money *const all[] = {&chinese, &german, &french, &yen, &bare};
	uint64_t random = 88172645463325252u;
	for (int i = 0; i < 20000; i++) {
		const struct cc_money *m = all[i % 5];
		int64_t step = 1, amount, back = 1;
		for (int d = m->decimals; d < CC_MONEY_DIGITS; d++)
			step *= 10;
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		amount = (int64_t)(random >> (i % 59)) % (CC_MONEY_MAX / step) * step;
		if (cc_money_parse(m, cc_money_text(a, m, amount), &back) || back != amount ||
				cc_money_parse(m, cc_money_input(a, m, amount), &back) || back != amount ||
				cc_money_parse(m, cc_money_cell(a, m, amount), &back) || back != amount) {
			CU_FAIL("an amount is not read back");
			return;
		}
	}
	cc_arena_reset(a);
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
			{"SYS-01 amounts as preferences show them", test_money_text},
			{"SYS-01 amounts as people write them", test_money_parse},
			{"SYS-01 every amount is read back", test_money_back},
			CU_TEST_INFO_NULL,
	};
	int status = unit_run("text", tests);
	cc_arena_free(a);
	return status;
}
