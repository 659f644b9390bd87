/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "cc/err.h"
#include "header.h"
#include "suites.h"
#include "unit.h"

static struct cc_text text(const char *s)
{
	return (struct cc_text){s, strlen(s)};
}

static void lists(void)
{
	struct cc_text rest = text(" 100rel , timer;q=1,\r\n replaces ,, "), one;
	const char *const want[] = {"100rel", "timer", "replaces"};
	size_t n = 0;

	while (cc_list_next(&rest, &one) && n < 3) {
		CU_ASSERT(one.len == strlen(want[n]) && memcmp(one.s, want[n], one.len) == 0);
		n++;
	}
	CU_ASSERT_EQUAL(n, 3);
	CU_ASSERT_TRUE(cc_list_has(text("INVITE,update"), "UPDATE"));
	CU_ASSERT_FALSE(cc_list_has(text("INVITE, UPDATED"), "UPDATE"));
	CU_ASSERT_FALSE(cc_list_has(text(""), "UPDATE"));
	CU_ASSERT_FALSE(cc_list_has((struct cc_text){NULL, 0}, "UPDATE"));
}

static void sessions(void)
{
	static const struct
	{
		const char *value;
		int rc, seconds;
		enum cc_refresher refresher;
	} cases[] = {
			{"1800", CC_OK, 1800, CC_REFRESHER_NONE},
			{" 90 ; refresher=uas ", CC_OK, 90, CC_REFRESHER_UAS},
			{"90;x=y;Refresher = UAC", CC_OK, 90, CC_REFRESHER_UAC},
			{"90;refresher=proxy", CC_OK, 90, CC_REFRESHER_NONE},
			{"", CC_E_INVAL, 0, 0},
			{"soon", CC_E_INVAL, 0, 0},
			{"-1", CC_E_INVAL, 0, 0},
			{"2147483648", CC_E_INVAL, 0, 0},
			{"99999999999999999999", CC_E_INVAL, 0, 0},
			{"90 seconds", CC_E_INVAL, 0, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int32_t seconds = -7;
		enum cc_refresher refresher = CC_REFRESHER_NONE;

		CU_ASSERT_EQUAL(cc_session_parse(&seconds, &refresher, text(cases[i].value)), cases[i].rc);
		CU_ASSERT_EQUAL(seconds, cases[i].rc == CC_OK ? cases[i].seconds : -7);
		if (cases[i].rc == CC_OK)
			CU_ASSERT_EQUAL(refresher, cases[i].refresher);
	}
}

static void racks(void)
{
	struct cc_text method;
	uint32_t rseq, cseq;

	CU_ASSERT_EQUAL(cc_rack_parse(&rseq, &cseq, &method, text(" 776656  1 \tINVITE ")), CC_OK);
	CU_ASSERT_EQUAL(rseq, 776656);
	CU_ASSERT_EQUAL(cseq, 1);
	CU_ASSERT_TRUE(cc_list_has(method, "INVITE"));
	CU_ASSERT_EQUAL(cc_rack_parse(&rseq, &cseq, &method, text("4294967295 4294967295 X")), CC_OK);
	CU_ASSERT_EQUAL(rseq, UINT32_MAX);
	for (const char *const *bad = (const char *const[]){"", "1", "1 2", "a 1 INVITE", "1 b INVITE",
				 "4294967296 1 INVITE", "-1 1 INVITE", NULL};
			*bad; bad++)
		CU_ASSERT_EQUAL(cc_rack_parse(&rseq, &cseq, &method, text(*bad)), CC_E_INVAL);
}

static void replaces(void)
{
	struct cc_replaces r;

	CU_ASSERT_EQUAL(cc_replaces_parse(&r, text("")), CC_E_NOENT);
	CU_ASSERT_EQUAL(cc_replaces_parse(&r, text("Subject=x&Priority=1")), CC_E_NOENT);
	CU_ASSERT_EQUAL(cc_replaces_parse(&r, text("Subject=x&replaces=a%40h%3bfrom-tag%3D1%3Bto-tag=2"
											   "%3Bearly-only")),
			CC_OK);
	CU_ASSERT_STRING_EQUAL(r.call_id, "a@h");
	CU_ASSERT_STRING_EQUAL(r.from_tag, "1");
	CU_ASSERT_STRING_EQUAL(r.to_tag, "2");
	for (const char *const *bad = (const char *const[]){"Replaces=", "Replaces=a", "Replaces=%",
				 "Replaces=a%3", "Replaces=a%zz", "Replaces=a%00%3Bto-tag%3D1%3Bfrom-tag%3D2",
				 "Replaces=a%3Bto-tag%3D1", "Replaces=a%3Bto-tag%3D%3Bfrom-tag%3D2", NULL};
			*bad; bad++)
		CU_ASSERT_EQUAL(cc_replaces_parse(&r, text(*bad)), CC_E_INVAL);
}

static void cancels(void)
{
	static const char invite[] =
			"INVITE sip:803@192.0.2.7:5062 SIP/2.0\r\nVia: SIP/2.0/UDP "
			"192.0.2.1;branch=z9hG4bK1.0\r\n"
			"To: <sip:803@demo>\r\nFrom: \"A\" <sip:1@demo>;tag=cc1\r\nCSeq: 10 INVITE\r\n"
			"Call-ID: x@y\r\nMax-Forwards: 70\r\nContent-Length: 9\r\nUser-Agent: T\r\n\r\n"
			"Via: body";
	static const char cancel[] =
			"CANCEL sip:803@192.0.2.7:5062 SIP/2.0\r\nVia: SIP/2.0/UDP "
			"192.0.2.1;branch=z9hG4bK1.0\r\n"
			"To: <sip:803@demo>\r\nFrom: \"A\" <sip:1@demo>;tag=cc1\r\nCSeq: 10 CANCEL\r\n"
			"Call-ID: x@y\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
	char text[512];
	int n = cc_cancel_of(text, sizeof(text), ((struct cc_text){invite, sizeof(invite) - 1}));

	CU_ASSERT_EQUAL(n, (int)sizeof(cancel) - 1);
	CU_ASSERT(n > 0 && memcmp(text, cancel, sizeof(cancel) - 1) == 0);
	for (size_t cap = 0; cap < sizeof(cancel) - 1; cap++)
		CU_ASSERT_EQUAL(
				cc_cancel_of(text, cap, ((struct cc_text){invite, sizeof(invite) - 1})), CC_E_FULL);
	for (size_t len = 0; len < 160; len += 9) /* a header is missing */
		CU_ASSERT_EQUAL(
				cc_cancel_of(text, sizeof(text), ((struct cc_text){invite, len})), CC_E_INVAL);
}

static void digits(void)
{
	static const struct
	{
		const char *body;
		char key;
	} cases[] = {
			{"Signal=5\r\nDuration=160\r\n", '5'},
			{"signal = #\nDuration=1", '#'},
			{"Duration=250\r\nSignal= *\r\n", '*'},
			{"Signal=10", '*'},
			{"Signal=11", '#'},
			{"7", '7'},
			{"D\r\n", 'D'},
			{"Signal=", '\0'},
			{"Signal=55", '\0'},
			{"Signal=x", '\0'},
			{"Duration=5", '\0'},
			{"", '\0'},
			{"\r\n\r\n", '\0'},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CU_ASSERT_EQUAL(cc_dtmf_key(text(cases[i].body)), cases[i].key);
}

/* Nothing is read beyond the end: the sanitizers watch exact copies of every beginning. */
static void cut_anywhere(void)
{
	static const char *const values[] = {"1800;refresher=uas", "776656 1 INVITE", "100rel, timer",
			"Signal=5\r\nDuration=160\r\n"};

	for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++)
		for (size_t n = 0; n <= strlen(values[v]); n++) {
			char *copy = malloc(n ? n : 1);
			struct cc_text t = {copy, n}, method;
			enum cc_refresher refresher;
			uint32_t a, b;
			int32_t seconds;

			memcpy(copy, values[v], n);
			cc_session_parse(&seconds, &refresher, t);
			cc_rack_parse(&a, &b, &method, t);
			cc_list_has(t, "timer");
			cc_dtmf_key(t);
			free(copy);
		}
	CU_PASS("read to the end");
}

CU_TestInfo header_tests[] = {{"lists", lists}, {"session timers", sessions}, {"RAck", racks},
		{"Replaces", replaces}, {"CANCEL", cancels}, {"digits in INFO", digits},
		{"cut anywhere", cut_anywhere}, CU_TEST_INFO_NULL};
