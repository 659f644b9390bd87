/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/clock.h"
#include "cc/code.h"
#include "cc/err.h"
#include "cc/jsonw.h"
#include "cc/number.h"
#include "cc/pattern.h"
#include "cc/ulid.h"
#include "cc/utf8.h"
#include "suites.h"

static void feature_codes(void)
{
	static const struct
	{
		enum cc_code code;
		const char *text;
		enum cc_code_fault fault;
	} checks[] = {
			{CC_CODE_SIGN_IN, "*1", CC_CODE_GOOD},
			{CC_CODE_SIGN_IN, "9000", CC_CODE_SHORT},
			{CC_CODE_SIGN_IN, "90001", CC_CODE_GOOD},
			{CC_CODE_SIGN_IN, "*", CC_CODE_LETTERS},
			{CC_CODE_SIGN_IN, "*12345678901234567", CC_CODE_LETTERS},
			{CC_CODE_SIGN_IN, "*1a", CC_CODE_LETTERS},
			{CC_CODE_SIGN_IN, "*1D", CC_CODE_WITHOUT},
			{CC_CODE_MARK, "*D#", CC_CODE_GOOD},
			{CC_CODE_MARK, "*DD", CC_CODE_WITHOUT},
			{CC_CODE_MARK, "*1#", CC_CODE_WITHOUT},
			{CC_CODE_MARK, "*N#", CC_CODE_WITHOUT},
			{CC_CODE_MARK, "1D#", CC_CODE_NO_SIGN},
			{CC_CODE_MARK_LAST, "906D", CC_CODE_SHORT},
			{CC_CODE_MARK_LAST, "9066D", CC_CODE_GOOD},
			{CC_CODE_MOVE, "*7N", CC_CODE_NO_SIGN},
			{CC_CODE_MOVE, "*7N1", CC_CODE_NO_SIGN},
			{CC_CODE_MOVE, "*7N*", CC_CODE_GOOD},
	};
	struct cc_code_table t;
	char param[CC_CODE_PARAM];
	int code;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (cc_code_check(checks[i].code, checks[i].text) != checks[i].fault)
			CU_FAIL(checks[i].text);
	cc_code_table_init(&t);
	for (int i = 0; i < CC_CODES * CC_CODE_COLUMNS; i++) { /* the defaults are what pages let in */
		enum cc_code a = (enum cc_code)(i / CC_CODE_COLUMNS);

		CU_ASSERT_EQUAL(cc_code_check(a, t.text[a][i % CC_CODE_COLUMNS]), CC_CODE_GOOD);
		for (int k = 0; k < CC_CODES * CC_CODE_COLUMNS; k++) {
			enum cc_code b = (enum cc_code)(k / CC_CODE_COLUMNS);

			CU_ASSERT(a == b || !cc_code_clash(a, t.text[a][i % CC_CODE_COLUMNS], b,
										t.text[b][k % CC_CODE_COLUMNS]));
		}
	}
	CU_ASSERT_TRUE(cc_code_clash(CC_CODE_MARK, "*D#", CC_CODE_HANG_UP, "*1#"));
	CU_ASSERT_TRUE(cc_code_clash(CC_CODE_MARK, "*7D#", CC_CODE_MOVE, "*N#"));
	CU_ASSERT_FALSE(cc_code_clash(CC_CODE_MARK, "*D#", CC_CODE_IDLE, "*1#")); /* another way */
	CU_ASSERT_FALSE(cc_code_clash(CC_CODE_MARK, "", CC_CODE_MARK_SAY, ""));
	CU_ASSERT_TRUE(cc_code_clash(CC_CODE_IDLE, "*1#", CC_CODE_BUSY, "*1")); /* phones dial with # */
	CU_ASSERT_TRUE(cc_code_clash(CC_CODE_SIGN_IN, "*1", CC_CODE_LAST_NUMBER, "*1*600"));
	CU_ASSERT_TRUE(cc_code_clash(CC_CODE_LAST_NUMBER, "*1*600", CC_CODE_SIGN_IN, "*1"));
	CU_ASSERT_EQUAL(cc_code_dialled(param, &t, "*66*5#", 1), CC_CODE_MARK_LAST);
	CU_ASSERT_STRING_EQUAL(param, "5");
	CU_ASSERT_EQUAL(cc_code_dialled(param, &t, "*001*600", 1), CC_CODE_SIGN_IN);
	CU_ASSERT_STRING_EQUAL(param, "600");
	CU_ASSERT_EQUAL(cc_code_dialled(param, &t, "*114#", 2), CC_CODE_OWN_EXTENSION);
	CU_ASSERT_EQUAL(cc_code_dialled(param, &t, "*114#", 1), CC_E_NOENT);
	CU_ASSERT_EQUAL(cc_code_dialled(param, &t, "", 2), CC_E_NOENT);
	CU_ASSERT_EQUAL(cc_code_dialled(param, &t, "#", 2), CC_E_NOENT);
	CU_ASSERT_FALSE(cc_code_pressed(&code, param, &t, "*5#", 1));
	CU_ASSERT_EQUAL(code, CC_CODE_MARK);
	CU_ASSERT_TRUE(cc_code_pressed(&code, param, &t, "*70", 1));
	CU_ASSERT_EQUAL(code, CC_CODE_MARK_SAY);
	CU_ASSERT_STRING_EQUAL(param, "7");
	CU_ASSERT_TRUE(cc_code_pressed(&code, param, &t, "*7", 1));
	CU_ASSERT_EQUAL(code, CC_E_NOENT);
	CU_ASSERT_FALSE(cc_code_pressed(&code, param, &t, "*70*802#", 1));
	CU_ASSERT_EQUAL(code, CC_CODE_MOVE);
	CU_ASSERT_STRING_EQUAL(param, "802");
	CU_ASSERT_FALSE(cc_code_pressed(&code, param, &t, "*70*123456789012345678901234", 1));
	CU_ASSERT_EQUAL(code, CC_E_NOENT);
}

static void ulid_example(void)
{
	/* the specification's example time, 1469918176385 */
	static const uint8_t random[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 255};
	struct cc_ulid id = cc_ulid_make(1469918176385, random), back;
	char text[CC_ULID_TEXT + 1];

	CU_ASSERT_NSTRING_EQUAL(cc_ulid_format(&id, text), "01ARYZ6S41", 10);
	CU_ASSERT_EQUAL(strlen(text), CC_ULID_TEXT);
	CU_ASSERT_EQUAL(cc_ulid_time(&id), 1469918176385);
	CU_ASSERT_EQUAL(cc_ulid_parse(&back, text, CC_ULID_TEXT), 0);
	CU_ASSERT(cc_ulid_equal(&id, &back));
	for (char *p = text; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
	memset(&back, 0, sizeof(back));
	CU_ASSERT(cc_ulid_is_zero(&back));
	CU_ASSERT_EQUAL(cc_ulid_parse(&back, text, CC_ULID_TEXT), 0);
	CU_ASSERT(cc_ulid_equal(&id, &back));
}

static void ulid_bad(void)
{
	static const char *const bad[] = {"81ARYZ6S41TSV4RRFFQ69G5FAV", "01ARYZ6S41TSV4RRFFQ69G5FAU",
			"01ARYZ6S41TSV4RRFFQ69G5FA ", "01ARYZ6S41TSV4RRFFQ69G5FA-"};
	struct cc_ulid id = {{7}}, same = id;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(cc_ulid_parse(&id, bad[i], CC_ULID_TEXT), CC_E_INVAL);
	CU_ASSERT_EQUAL(cc_ulid_parse(&id, "01ARYZ6S41", 10), CC_E_INVAL);
	CU_ASSERT_EQUAL(cc_ulid_parse(&id, "01ARYZ6S41TSV4RRFFQ69G5FAV0", 27), CC_E_INVAL);
	CU_ASSERT(cc_ulid_equal(&id, &same)); /* untouched on failure */
}

static void ulid_sorts(void)
{
	struct cc_ulid last = cc_ulid_new();
	int64_t now = cc_clock_utc_ms();

	CU_ASSERT(cc_ulid_time(&last) <= now && cc_ulid_time(&last) > now - 60000);
	for (int i = 1; i <= 1000; i++) {
		static const uint8_t high[10] = {255, 255, 255}, low[10];
		struct cc_ulid a = cc_ulid_make(now + i, high), b = cc_ulid_make(now + i + 1, low);
		char ta[CC_ULID_TEXT + 1], tb[CC_ULID_TEXT + 1];

		CU_ASSERT(memcmp(a.b, b.b, 16) < 0);
		CU_ASSERT(strcmp(cc_ulid_format(&a, ta), cc_ulid_format(&b, tb)) < 0);
	}
	CU_ASSERT_FALSE(cc_ulid_equal(&last, &(struct cc_ulid){{0}}));
}

static void jsonw_nested(void)
{
	char buf[256];
	struct cc_jsonw w;

	cc_jsonw_init(&w, buf, sizeof(buf));
	cc_jsonw_object(&w, NULL);
	cc_jsonw_str(&w, "name", "张\"三\\\n\x7f");
	cc_jsonw_str(&w, "none", NULL);
	cc_jsonw_array(&w, "list");
	cc_jsonw_int(&w, NULL, INT64_MIN);
	cc_jsonw_int(&w, NULL, 7);
	cc_jsonw_object(&w, NULL);
	cc_jsonw_close_object(&w);
	cc_jsonw_close_array(&w);
	cc_jsonw_array(&w, "empty");
	cc_jsonw_close_array(&w);
	cc_jsonw_bool(&w, "on", true);
	cc_jsonw_raw(&w, "raw", "[1]", 3);
	cc_jsonw_close_object(&w);
	CU_ASSERT_EQUAL(cc_jsonw_end(&w), (int)strlen(buf));
	CU_ASSERT_STRING_EQUAL(buf, "{\"name\":\"张\\\"三\\\\\\u000a\\u007f\",\"none\":null,\"list\":[-"
								"9223372036854775808,7,{}],"
								"\"empty\":[],\"on\":true,\"raw\":[1]}");
}

static void jsonw_bad_text(void)
{
	char buf[64];
	struct cc_jsonw w;

	cc_jsonw_init(&w, buf, sizeof(buf));
	cc_jsonw_strn(&w, NULL, "a\xFF\xC0\x80\0b\xE5\xBC", 8);
	CU_ASSERT(cc_jsonw_end(&w) > 0);
	CU_ASSERT_STRING_EQUAL(buf, "\"a���\xEF\xBF\xBD"
								"b��\"");
}

static void jsonw_every_size(void)
{
	char full[128], buf[128];

	for (size_t cap = 0; cap <= 40; cap++) {
		struct cc_jsonw w;
		int n;

		memset(buf, 'x', sizeof(buf));
		cc_jsonw_init(&w, buf, cap);
		cc_jsonw_object(&w, NULL);
		cc_jsonw_str(&w, "key", "\"value\"");
		cc_jsonw_int(&w, "n", 12345);
		cc_jsonw_close_object(&w);
		n = cc_jsonw_end(&w);
		CU_ASSERT_EQUAL(buf[cap], 'x');
		if (n >= 0)
			strcpy(full, buf);
		CU_ASSERT_EQUAL(n, cap > 29 ? 29 : CC_E_FULL);
	}
	CU_ASSERT_STRING_EQUAL(full, "{\"key\":\"\\\"value\\\"\",\"n\":12345}");
}

static void utf8_forms(void)
{
	static const char *const good[] = {
			"", "abc", "é", "张三", "😀", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"};
	static const char *const bad[] = {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF",
			"\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE5\xBC",
			"\xE5\xBC\x28", "a\xFF"};
	char cut[8];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CU_ASSERT(cc_utf8_valid(good[i], strlen(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_FALSE(cc_utf8_valid(bad[i], strlen(bad[i])));
	CU_ASSERT_EQUAL(cc_utf8_cut("张三", 6, 6), 6);
	CU_ASSERT_EQUAL(cc_utf8_cut("张三", 6, 5), 3);
	CU_ASSERT_EQUAL(cc_utf8_cut("张三", 6, 3), 3);
	CU_ASSERT_EQUAL(cc_utf8_cut("张三", 6, 2), 0);
	CU_ASSERT_EQUAL(cc_utf8_cut("a😀", 5, 4), 1);
	CU_ASSERT_EQUAL(cc_utf8_copy(cut, sizeof(cut), "ab张三"), 5);
	CU_ASSERT_STRING_EQUAL(cut, "ab张");
}

static void number_forms(void)
{
	static const struct
	{
		const char *raw, *country, *area, *e164;
	} good[] = {
			{"13800138000", "86", "010", "8613800138000"},
			{"+86 138-0013-8000", "86", "010", "8613800138000"},
			{"008613800138000", "86", "010", "8613800138000"},
			{"8613800138000", "86", "010", "8613800138000"},
			{"013800138000", "86", "010", "8613800138000"},
			{"01062345678", "86", "020", "861062345678"},
			{"(010) 6234.5678", "86", "020", "861062345678"},
			{"62345678", "86", "010", "861062345678"},
			{"6234567", "86", "0755", "867556234567"},
			{"4008001234", "86", "010", "864008001234"},
			{"+12025550123", "86", "010", "12025550123"},
			{"0012025550123", "86", "010", "12025550123"},
			{"2025550123", "1", "", "12025550123"},
			{"12025550123", "1", "202", "12025550123"},
			{"5550123", "1", "202", "12025550123"},
			{"0118613800138000", "1", "202", "8613800138000"},
			{"0312345678", "81", "03", "81312345678"},
	};
	static const struct
	{
		const char *raw;
		int err;
	} bad[] = {
			{"801", CC_E_NOENT},
			{"10086", CC_E_NOENT},
			{"123456", CC_E_NOENT},
			{"", CC_E_INVAL},
			{"anonymous", CC_E_INVAL},
			{"+", CC_E_INVAL},
			{"++8613800138000", CC_E_INVAL},
			{"138+00138000", CC_E_INVAL},
			{"+08613800138000", CC_E_INVAL},
			{"00086138001", CC_E_INVAL},
			{"+1234567890123456", CC_E_INVAL},
			{"12345678901234567890123456789012345", CC_E_INVAL},
			{"1380013800x", CC_E_INVAL},
			{"张三1380013", CC_E_INVAL},
	};
	char out[CC_NUMBER_E164 + 1];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		int n = cc_number_e164(out, good[i].raw, good[i].country, good[i].area);

		CU_ASSERT_EQUAL(n, (int)strlen(good[i].e164));
		CU_ASSERT_STRING_EQUAL(out, good[i].e164);
	}
	strcpy(out, "same");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(cc_number_e164(out, bad[i].raw, "86", "010"), bad[i].err);
	CU_ASSERT_STRING_EQUAL(out, "same");
}

/* CALL-13: the same in a number and in a text that has some. */
static void numbers_masked(void)
{
	static const char *const cases[][2] = {{"13800138000", "138****8000"},
			{"170-1234-2225", "170-****-2225"}, {"+86 138 0013 8000", "+86 13* ***3 8000"},
			{"1234567", "1****67"}, {"801 802", "801 802"}, {"", ""}, {"Zhang San", "Zhang San"},
			{"Zhang 13800138000 (home)", "Zhang 138****8000 (home)"},
			{"VIP:13800138000", "VIP:138****8000"},
			{"3 x 13800138000, 021-87654321", "3 x 138****8000, 021-****4321"},
			{"13800138000 13800138001", "138******** *******8001"}, {"138****8000", "138****8000"},
			{"张三13800138000", "张三138****8000"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[64];

		snprintf(text, sizeof(text), "%s", cases[i][0]);
		cc_number_mask(text);
		CU_ASSERT_STRING_EQUAL(text, cases[i][1]);
		if (strcmp(text, cases[i][1]) != 0)
			fprintf(stderr, "%s: %s\n", cases[i][0], text);
	}
}

/* CALL-13: as much of a number, or of a name that may be one, as is to be hidden. */
static void numbers_hidden(void)
{
	static const struct
	{
		const char *text;
		bool name;
		const char *shown[3];
	} cases[] = {{"13800138000", false, {"13800138000", "138****8000", "*****"}},
			{"801234", false, {"801234", "801234", "801234"}},
			{"anonymous", false, {"anonymous", "anonymous", "*****"}},
			{"Zhang San", true, {"Zhang San", "Zhang San", "Zhang San"}},
			{"Li 13800138000", true, {"Li 13800138000", "Li 138****8000", "*****"}},
			{"138****8000", false, {"138****8000", "138****8000", "*****"}},
			{"", false, {"", "", ""}}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int hide = 0; hide < 3; hide++) {
			char text[64];

			snprintf(text, sizeof(text), "%s", cases[i].text);
			cc_number_hide(text, cases[i].name, hide);
			CU_ASSERT_STRING_EQUAL(text, cases[i].shown[hide]);
		}
}

static void error_names(void)
{
	CU_ASSERT_STRING_EQUAL(cc_err_name(CC_E_NOENT), "not_found");
	CU_ASSERT_STRING_EQUAL(cc_err_name(-999), "unknown");
	for (int e = 0; e >= CC_E_STALE; e--)
		CU_ASSERT(strcmp(cc_err_name(e), "unknown") != 0);
}

static void patterns(void)
{
	static const struct
	{
		const char *pattern, *fits, *not ;
	} good[] = {{"X.", "12", "1"}, {"XX", "19", "190"}, {".", "1", ""}, {"NXX", "210", "110"},
			{"zx", "10", "01"}, {"1[3-9]X", "130", "120"}, {"[13-57]", "4", "6"}, {"0.", "01", "0"},
			{"10086", "10086", "10085"}, {"9X.", "901", "90x"}};
	static const char *const bad[] = {"", "..", "X.1", "[", "[]", "[5-3]", "[1", "[1-", "[a]",
			"[1-]", "A", "+86", "1 2", "*1", "X!"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		CU_ASSERT_TRUE(cc_pattern_valid(good[i].pattern));
		CU_ASSERT_TRUE(cc_pattern_matches(good[i].pattern, good[i].fits));
		CU_ASSERT_FALSE(cc_pattern_matches(good[i].pattern, good[i].not ));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_FALSE(cc_pattern_valid(bad[i]));
		CU_ASSERT_FALSE(cc_pattern_matches(bad[i], "1"));
	}
}

CU_TestInfo text_tests[] = {
		{"CODE-01 CODE-04 feature codes", feature_codes},
		{"ULID: text and back, any case", ulid_example},
		{"ULID: bad text is refused", ulid_bad},
		{"ULID: sorts by time", ulid_sorts},
		{"JSON: nesting and escapes", jsonw_nested},
		{"JSON: invalid UTF-8 is replaced", jsonw_bad_text},
		{"JSON: never writes past its buffer", jsonw_every_size},
		{"UTF-8: forms and cutting", utf8_forms},
		{"numbers to E.164", number_forms},
		{"patterns of numbers (TEL-11)", patterns},
		{"numbers in texts, masked", numbers_masked},
		{"numbers and names, hidden", numbers_hidden},
		{"error names", error_names},
		CU_TEST_INFO_NULL,
};
