/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "bencode.h"
#include "cc/err.h"
#include "lease.h"
#include "sdp.h"
#include "suites.h"
#include "unit.h"

static int parse(struct cc_sdp_audio *a, const char *text)
{
	return cc_sdp_parse(a, text, strlen(text));
}

static void sdp_phone(void)
{
	struct cc_sdp_audio a;

	CU_ASSERT_EQUAL(
			parse(&a, "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n"
					  "m=audio 4000 RTP/AVP 9 8 0 96\r\na=rtpmap:96 telephone-event/8000\r\n"
					  "a=sendonly\r\nm=video 5000 RTP/AVP 31\r\nc=IN IP4 "
					  "192.0.2.8\r\na=inactive\r\n"),
			CC_OK);
	CU_ASSERT_STRING_EQUAL(a.addr, "192.0.2.7");
	CU_ASSERT_EQUAL(a.port, 4000);
	CU_ASSERT_EQUAL(a.pt, 9);
	CU_ASSERT_EQUAL(a.dtmf_pt, 96);
	CU_ASSERT_EQUAL(a.direction, CC_SDP_SENDONLY);
	CU_ASSERT_FALSE(a.secure);
}

/* The stream's own address counts more than the session's; lines may end with LF alone. */
static void sdp_media_address(void)
{
	struct cc_sdp_audio a;

	CU_ASSERT_EQUAL(
			parse(&a, "v=0\nc=IN IP4 0.0.0.0\na=inactive\nm=audio 4000 UDP/TLS/RTP/SAVPF 111 0\n"
					  "c=IN IP6 2001:db8::1\n"),
			CC_OK);
	CU_ASSERT_STRING_EQUAL(a.addr, "2001:db8::1");
	CU_ASSERT_EQUAL(a.pt, 0);
	CU_ASSERT_EQUAL(a.dtmf_pt, 0);
	CU_ASSERT_TRUE(a.secure);
	CU_ASSERT_EQUAL(a.direction, CC_SDP_INACTIVE);
}

static void sdp_refused(void)
{
	static const struct
	{
		const char *text;
		int rc;
	} bad[] = {
			{"", CC_E_INVAL},
			{"hello", CC_E_INVAL},
			{"v=0\r\nm=video 1 RTP/AVP 8\r\n", CC_E_NOENT},
			{"v=0\r\nm=audio 4000 RTP/AVP 8\r\n", CC_E_INVAL}, /* no address */
			{"v=0\r\nc=IN IP4 example.org\r\nm=audio 4000 RTP/AVP 8\r\n", CC_E_INVAL}, /* a name */
			{"v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 70000 RTP/AVP 8\r\n", CC_E_INVAL},
			{"v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio x RTP/AVP 8\r\n", CC_E_INVAL},
			{"v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 4000 RTP/AVP 8 200\r\n", CC_E_INVAL},
			{"v=0\r\nc=IN\r\nm=audio 4000 RTP/AVP 8\r\n", CC_E_INVAL},
	};
	struct cc_sdp_audio a;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(parse(&a, bad[i].text), bad[i].rc);
	CU_ASSERT_EQUAL(parse(&a, "v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 4000 RTP/AVP 96\r\n"), CC_OK);
	CU_ASSERT_EQUAL(a.pt, -1);
	CU_ASSERT_EQUAL(parse(&a, "v=0\r\nm=audio 0 RTP/AVP 8\r\n"), CC_OK);
	CU_ASSERT_EQUAL(a.port, 0);
}

/* Every truncation of a good description is parsed or refused, never read beyond its end (valgrind,
 * ASan). */
static void sdp_truncated(void)
{
	static const char good[] = "v=0\r\nc=IN IP4 192.0.2.7\r\nm=audio 4000 RTP/AVP 8 101\r\n"
							   "a=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n";
	struct cc_sdp_audio a;

	for (size_t n = 0; n < sizeof(good); n++) {
		char *copy = malloc(n + 1);

		memcpy(copy, good, n);
		cc_sdp_parse(&a, copy, n);
		free(copy);
	}
	CU_ASSERT_EQUAL(cc_sdp_parse(&a, good, sizeof(good)), CC_E_INVAL); /* with its NUL */
}

static void sdp_mixer_round_trip(void)
{
	struct cc_sdp_audio a;
	char text[512];
	int n = cc_sdp_mixer(text, sizeof(text), 7, 1, 25000, 0, false, 96, CC_SDP_RECVONLY);

	CU_ASSERT_EQUAL(n, (int)strlen(text));
	CU_ASSERT_EQUAL(parse(&a, text), CC_OK);
	CU_ASSERT_STRING_EQUAL(a.addr, "127.0.0.1");
	CU_ASSERT_EQUAL(a.port, 25000);
	CU_ASSERT_EQUAL(a.pt, 0);
	CU_ASSERT_EQUAL(a.dtmf_pt, 96);
	CU_ASSERT_EQUAL(a.direction, CC_SDP_RECVONLY);
	n = cc_sdp_mixer(text, sizeof(text), 7, 2, 25000, 9, false, 0, CC_SDP_SENDRECV);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "RTP/AVP 9\r\na=rtpmap:9 G722/8000\r\na=ptime:20"));
	CU_ASSERT_EQUAL(parse(&a, text), CC_OK);
	CU_ASSERT_EQUAL(a.pt, 9);
	n = cc_sdp_mixer(text, sizeof(text), 7, 2, 25000, -1, true, 101, CC_SDP_SENDRECV);
	CU_ASSERT(n > 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "RTP/AVP 8 0 9 101\r\n"));
	CU_ASSERT_EQUAL(parse(&a, text), CC_OK);
	CU_ASSERT_EQUAL(a.pt, 8);
	CU_ASSERT(cc_sdp_mixer(text, sizeof(text), 7, 3, 25000, 9, true, 101, CC_SDP_SENDRECV) > 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "RTP/AVP 9 8 0 101\r\n")); /* what the other side speaks */
	for (size_t cap = 0; cap < (size_t)n; cap++)
		CU_ASSERT_EQUAL(
				cc_sdp_mixer(text, cap, 7, 2, 25000, -1, true, 101, CC_SDP_SENDRECV), CC_E_FULL);
}

static void sdp_preferred(void)
{
	static const char before[] = "v=0\r\nm=video 1 RTP/AVP 9\r\nm=audio 4000 RTP/AVP 8 0 9 101\r\n"
								 "a=rtpmap:9 G722/8000\r\nm=audio 1 RTP/AVP 8 9\r\n";
	static const struct
	{
		int pt;
		const char *line;
	} cases[] = {{9, "4000 RTP/AVP 9 8 0 101\r\na=rtp"}, {0, "4000 RTP/AVP 0 8 9 101\r\na=rtp"},
			{8, "4000 RTP/AVP 8 0 9 101\r\na=rtp"}, {101, "4000 RTP/AVP 101 8 0 9\r\na=rtp"},
			{18, "4000 RTP/AVP 8 0 9 101\r\na=rtp"}, {-1, "4000 RTP/AVP 8 0 9 101\r\na=rtp"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[sizeof(before)];

		memcpy(text, before, sizeof(before));
		cc_sdp_prefer(text, sizeof(before) - 1, cases[i].pt);
		CU_ASSERT_EQUAL(strlen(text), sizeof(before) - 1);
		CU_ASSERT_PTR_NOT_NULL(strstr(text, cases[i].line));
		CU_ASSERT_PTR_NOT_NULL(strstr(text, "m=video 1 RTP/AVP 9\r\n"));
		CU_ASSERT_PTR_NOT_NULL(strstr(text, "m=audio 1 RTP/AVP 8 9\r\n"));
	}
	/* cut off anywhere: nothing behind the end is touched */
	for (size_t n = 0; n < sizeof(before) - 1; n++) {
		char *copy = malloc(n ? n : 1);

		memcpy(copy, before, n);
		cc_sdp_prefer(copy, n, 9);
		free(copy);
	}
}

static void sdp_answers(void)
{
	CU_ASSERT_EQUAL(cc_sdp_answer(CC_SDP_SENDRECV), CC_SDP_SENDRECV);
	CU_ASSERT_EQUAL(cc_sdp_answer(CC_SDP_SENDONLY), CC_SDP_RECVONLY);
	CU_ASSERT_EQUAL(cc_sdp_answer(CC_SDP_RECVONLY), CC_SDP_SENDONLY);
	CU_ASSERT_EQUAL(cc_sdp_answer(CC_SDP_INACTIVE), CC_SDP_INACTIVE);
}

static void benc_write(void)
{
	static const char expected[] = "d7:command5:offer5:flagsl13:port-latchinge5:delayi0ee";
	struct cc_benc b;
	char buf[64];

	for (size_t cap = 0; cap <= sizeof(buf); cap++) {
		cc_benc_init(&b, buf, cap);
		cc_benc_open_dict(&b, NULL);
		cc_benc_str(&b, "command", "offer");
		cc_benc_open_list(&b, "flags");
		cc_benc_str(&b, NULL, "port-latching");
		cc_benc_close(&b);
		cc_benc_int(&b, "delay", 0);
		cc_benc_close(&b);
		CU_ASSERT_EQUAL(b.full, cap < sizeof(expected) - 1);
		if (!b.full)
			CU_ASSERT(b.len == sizeof(expected) - 1 && memcmp(buf, expected, b.len) == 0);
	}
}

static void benc_read(void)
{
	static const char text[] = "d7:streamsl5:otheri5ee6:result2:ok3:sdp3:v=0e";
	const char *v;
	size_t len;

	CU_ASSERT_EQUAL(cc_benc_get(text, sizeof(text) - 1, "result", &v, &len), CC_OK);
	CU_ASSERT(len == 2 && memcmp(v, "ok", 2) == 0);
	CU_ASSERT_EQUAL(cc_benc_get(text, sizeof(text) - 1, "sdp", &v, &len), CC_OK);
	CU_ASSERT(len == 3 && memcmp(v, "v=0", 3) == 0);
	CU_ASSERT_EQUAL(cc_benc_get(text, sizeof(text) - 1, "other", &v, &len), CC_E_NOENT);
	CU_ASSERT_EQUAL(
			cc_benc_get(text, sizeof(text) - 1, "streams", &v, &len), CC_E_INVAL); /* no string */
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		char *copy = malloc(n + 1);

		memcpy(copy, text, n);
		CU_ASSERT_EQUAL(cc_benc_get(copy, n, "missing", &v, &len), CC_E_INVAL);
		free(copy);
	}
}

static void benc_malformed(void)
{
	static const char *const bad[] = {"", "d", "4:spam", "d3:keye", "d99999999999999999999:ae",
			"d1:k5:abe", "d1:ki5", "d1:kllllllllllllllllllllllllllllllllllllllll", "di1e1:ke",
			"d1:x-1:ae"};
	const char *v;
	size_t len;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(cc_benc_get(bad[i], strlen(bad[i]), "nothing", &v, &len), CC_E_INVAL);
}

static bool over(bool trunk, bool expected, bool restored, int code)
{
	return cc_lease_over(
			&(struct cc_lease){.trunk = trunk, .expected = expected, .restored = restored}, code);
}

/* Only "no such dialog" and no answer at all end a silent leg. */
static void lease_answers(void)
{
	static const int alive[] = {
			200, 202, 302, 401, 404, 405, 406, 480, 486, 488, 491, 500, 501, 603};

	for (int kind = 0; kind < 8; kind++) {
		for (size_t i = 0; i < sizeof(alive) / sizeof(alive[0]); i++)
			CU_ASSERT_FALSE(over(kind & 1, kind & 2, kind & 4, alive[i]));
		CU_ASSERT_TRUE(over(kind & 1, kind & 2, kind & 4, 481));
	}
	for (int none = 0; none < 2; none++) {
		int code = none ? CC_LEASE_NO_ANSWER : 408;

		CU_ASSERT_TRUE(over(false, false, false, code));
		CU_ASSERT_FALSE(over(false, true, false, code)); /* held or muted */
		CU_ASSERT_FALSE(over(true, false, false, code)); /* a trunk */
		CU_ASSERT_TRUE(over(true, false, true, code));   /* not heard since the restart */
		CU_ASSERT_FALSE(over(true, true, true, code));
	}
}

static void benc_nested(void)
{
	static const char text[] = "d1:ad1:bd1:c2:xyee1:ni-7e4:listl3:one3:twoe1:s3:enden";
	const char *v, *end;
	size_t len;

	CU_ASSERT_EQUAL(cc_benc_find(text, sizeof(text) - 1, "a", &v, &len), CC_OK);
	CU_ASSERT_EQUAL(cc_benc_find(v, len, "b", &v, &len), CC_OK);
	CU_ASSERT_EQUAL(cc_benc_get(v, len, "c", &v, &len), CC_OK);
	CU_ASSERT_EQUAL(len, 2);
	CU_ASSERT_EQUAL(cc_benc_get(text, sizeof(text) - 1, "n", &v, &len), CC_E_INVAL);
	CU_ASSERT_EQUAL(cc_benc_find(text, sizeof(text) - 1, "list", &v, &len), CC_OK);
	end = v + len;
	CU_ASSERT_EQUAL(cc_benc_next(&v, end, &(const char *){NULL}, &len), CC_OK);
	CU_ASSERT_EQUAL(cc_benc_next(&v, end, &(const char *){NULL}, &len), CC_OK);
	CU_ASSERT_EQUAL(cc_benc_next(&v, end, &(const char *){NULL}, &len), CC_E_NOENT);
	CU_ASSERT_EQUAL(cc_benc_find(text, sizeof(text) - 1, "nothing", &v, &len), CC_E_NOENT);
}

int main(void)
{
	CU_TestInfo sdp[] = {{"a phone's offer", sdp_phone},
			{"address of the stream", sdp_media_address}, {"refused", sdp_refused},
			{"truncated", sdp_truncated}, {"cc-mixd's side", sdp_mixer_round_trip},
			{"direction of answers", sdp_answers}, {"sdp: the preferred codec", sdp_preferred},
			CU_TEST_INFO_NULL};
	CU_TestInfo benc[] = {{"write", benc_write}, {"read", benc_read}, {"malformed", benc_malformed},
			{"nested", benc_nested}, CU_TEST_INFO_NULL};
	CU_TestInfo lease[] = {{"answers", lease_answers}, CU_TEST_INFO_NULL};
	CU_SuiteInfo suites[] = {{"session descriptions", NULL, NULL, NULL, NULL, sdp},
			{"bencode", NULL, NULL, NULL, NULL, benc}, {"leases", NULL, NULL, NULL, NULL, lease},
			{"SIP headers", NULL, NULL, NULL, NULL, header_tests}, CU_SUITE_INFO_NULL};

	return unit_run(suites);
}
