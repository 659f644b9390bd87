/* SPDX-License-Identifier: GPL-2.0-or-later
 * The parts of cc-eventd that need neither a database nor a socket. */
#include "access.h"
#include "cc/err.h"
#include "fields.h"
#include "http.h"
#include "recent.h"
#include "unit.h"

/* ---- requests ---- */

static int parse(struct http_request *req, const char *text)
{
	static char head[4096];

	strcpy(head, text);
	return http_parse(req, head, strlen(text));
}

static void http_good(void)
{
	struct http_request req;
	size_t len;

	CU_ASSERT_EQUAL(parse(&req, "GET /live?x=1&after=1-77 HTTP/1.1\r\nHost: a\r\nCookie: a=b; "
								"cc_session=tok-en; c\r\n"
								"LAST-EVENT-ID:  1-5 \r\nAuthorization: bearer  key \r\n\r\n"),
			0);
	CU_ASSERT_STRING_EQUAL(req.method, "GET");
	CU_ASSERT_STRING_EQUAL(req.path, "/live");
	CU_ASSERT_STRING_EQUAL(req.query, "x=1&after=1-77");
	CU_ASSERT_STRING_EQUAL(req.session, "tok-en");
	CU_ASSERT_STRING_EQUAL(req.bearer, "key");
	CU_ASSERT_STRING_EQUAL(req.last_event_id, "1-5");
	CU_ASSERT_NSTRING_EQUAL(http_query(req.query, "after", &len), "1-77", 4);
	CU_ASSERT_EQUAL(len, 4);
	CU_ASSERT_PTR_NULL(http_query(req.query, "aft", &len));
	CU_ASSERT_PTR_NULL(http_query("", "after", &len));
	CU_ASSERT_EQUAL(parse(&req, "GET / HTTP/1.0\n\n"), 0);
	CU_ASSERT(!req.session && !req.bearer && !req.last_event_id && req.query[0] == '\0');
	CU_ASSERT_EQUAL(
			parse(&req,
					"GET / HTTP/1.1\r\nAuthorization: Basic abc\r\nCookie: xcc_session=1\r\n\r\n"),
			0);
	CU_ASSERT(!req.session && !req.bearer);
}

static void http_bad(void)
{
	static const char *const bad[] = {"\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n",
			"GET x HTTP/1.1\r\n\r\n", " / HTTP/1.1\r\n\r\n", "GET / HTTP/2\r\n\r\n",
			"GET / HTTP/1.1\r\nnocolon\r\n\r\n", "GET / HTTP/1.1\r\n: x\r\n\r\n", "GET / HTTP/1.1"};
	static char nul[] = "GET / HTTP/1.1\r\nA: \0\r\n\r\n";
	struct http_request req = {.path = "same"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(parse(&req, bad[i]), CC_E_INVAL);
	CU_ASSERT_EQUAL(http_parse(&req, nul, sizeof(nul) - 1), CC_E_INVAL);
	CU_ASSERT_STRING_EQUAL(req.path, "same");
}

static void http_random(void)
{
	static const char letters[] = "GET /live?HTTP/1.1:;= \r\n\r\ncookie:cc_session=\x80";
	unsigned seed = 5;

	for (int i = 0; i < 100000; i++) {
		struct http_request req;
		size_t len = (size_t)rand_r(&seed) % 100;
		char *head = malloc(len + 1);

		for (size_t k = 0; k < len; k++)
			head[k] = letters[(size_t)rand_r(&seed) % (sizeof(letters) - 1)];
		head[len] = '\0';
		http_parse(&req, head, len);
		free(head);
	}
	CU_PASS("no crash");
}

/* ---- recent events ---- */

static struct recent recent;

static void add(uint64_t seq, uint16_t type, uint32_t tenant, const char *fields)
{
	struct cc_record r = {.seq = seq,
			.time_ms = 1000 + (int64_t)seq,
			.type = type,
			.tenant = tenant,
			.fields = fields,
			.fields_len = (uint32_t)strlen(fields)};

	CU_ASSERT_EQUAL(recent_add(&recent, 1, &r), 0);
}

static void recent_new(void)
{
	memset(&recent, 0, sizeof(recent));
}

static void recent_free(void)
{
	recent_clear(&recent);
}

static void recent_texts(void)
{
	const struct recent_event *e;

	add(7, CC_EV_ALARM, 2, "{\"code\":\"disk\"}");
	add(8, CC_EV_ALARM, 2, "{}");
	e = recent_at(&recent, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(e);
	CU_ASSERT_NSTRING_EQUAL(e->text,
			"id: 1-7\nevent: alarm\ndata: "
			"{\"t\":1007,\"call\":\"\",\"seq\":7,\"code\":\"disk\"}\n\n",
			e->len[0]);
	e = recent_at(&recent, 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(e);
	CU_ASSERT_NSTRING_EQUAL(e->text,
			"id: 1-8\nevent: alarm\ndata: {\"t\":1008,\"call\":\"\",\"seq\":8}\n\n", e->len[0]);
	CU_ASSERT_PTR_NULL(recent_at(&recent, 2));
	add(9, CC_EV_ALARM, 0, "{}");
	CU_ASSERT_EQUAL(recent_at(&recent, 2)->tenant, 1); /* the operators' */
	CU_ASSERT_EQUAL(recent_at(&recent, 2)->audience, RECENT_BY_SCOPE);
}

/* Who gets an event, and CALL-13: with which digits. */
static void recent_audiences(void)
{
	const struct recent_event *e;
	const char *text;
	size_t len;
	uint64_t n;

	add(7, CC_EV_QUEUE_OFFER, 2, "{\"queue\":\"600\",\"agent\":\"801\"}");
	CU_ASSERT_EQUAL(recent_add_changed(&recent, 2, "announcement", "5"), 0);
	add(8, CC_EV_ENGINE_START, 0, "{\"node\":1}");
	add(9, CC_EV_QUEUE_ENTER, 2, "{\"queue\":\"an unreasonably long number\",\"agent\":5}");
	e = recent_at(&recent, 0);
	CU_ASSERT_STRING_EQUAL(e->queue, "600");
	CU_ASSERT_STRING_EQUAL(e->agent, "801");
	e = recent_at(&recent, 1);
	CU_ASSERT_EQUAL(e->audience, RECENT_TENANT);
	CU_ASSERT_NSTRING_EQUAL(e->text,
			"event: changed\ndata: {\"topic\":\"announcement\",\"id\":\"5\"}\n\n", e->len[0]);
	e = recent_at(&recent, 2);
	CU_ASSERT_EQUAL(e->audience, RECENT_EVERYONE);
	CU_ASSERT_NSTRING_EQUAL(e->text, "id: 1-8\nevent: reset\ndata: {}\n\n", e->len[0]);
	CU_ASSERT_STRING_EQUAL(recent_at(&recent, 3)->agent, "");
	add(10, CC_EV_QUEUE_ENTER, 2,
			"{\"queue\":\"600\",\"from\":\"13800138000\",\"from_name\":\"Li 13800138000\","
			"\"to\":\"801\"}");
	e = recent_at(&recent, 4);
	CU_ASSERT_PTR_NOT_NULL(strstr(e->text, "13800138000"));
	text = recent_text(e, 1, &len);
	CU_ASSERT_NSTRING_EQUAL(text,
			"id: 1-10\nevent: queue.enter\ndata: {\"t\":1010,\"call\":\"\",\"seq\":10,"
			"\"queue\":\"600\",\"from\":\"138****8000\",\"from_name\":\"Li 138****8000\","
			"\"to\":\"801\"}\n\n",
			len);
	text = recent_text(e, 2, &len);
	CU_ASSERT_NSTRING_EQUAL(text,
			"id: 1-10\nevent: queue.enter\ndata: {\"t\":1010,\"call\":\"\",\"seq\":10,"
			"\"queue\":\"600\",\"from\":\"*****\",\"from_name\":\"*****\","
			"\"to\":\"801\"}\n\n",
			len);
	CU_ASSERT_EQUAL(recent_text(recent_at(&recent, 3), 2, &len) - recent_at(&recent, 3)->text, 0);
	/* of a call that a page dialled, the number is nobody's to read here, nor at its end */
	add(11, CC_EV_CALL_NEW, 2,
			"{\"dir\":\"out\",\"from\":\"801\",\"to\":\"13800138000\",\"customer\":7}");
	add(12, CC_EV_CALL_END, 2, "{\"dir\":\"out\",\"from\":\"801\",\"to\":\"13800138000\"}");
	for (unsigned hide = 0; hide < 3; hide++)
		for (uint64_t i = 5; i < 7; i++) {
			text = recent_text(recent_at(&recent, i), hide, &len);
			CU_ASSERT_PTR_NULL(memmem(text, len, "138", 3));
			CU_ASSERT_PTR_NOT_NULL(memmem(text, len, "\"to\":\"*****\"", 12));
		}
	/* what a call task hides is whole for nobody, and hidden more where the account says so */
	add(13, CC_EV_QUEUE_ENTER, 2,
			"{\"queue\":\"600\",\"from\":\"13800138000\",\"from_name\":\"Li\",\"hide\":"
			"\"middle\"}");
	add(14, CC_EV_CALL_NEW, 2,
			"{\"dir\":\"in\",\"from\":\"13800138000\",\"to\":\"4008001\",\"hide\":\"all\"}");
	for (unsigned hide = 0; hide < 3; hide++) {
		text = recent_text(recent_at(&recent, 7), hide, &len);
		CU_ASSERT_PTR_NOT_NULL(hide < 2 ? memmem(text, len, "\"from\":\"138****8000\"", 20)
										: memmem(text, len, "\"from\":\"*****\"", 14));
		CU_ASSERT_PTR_NULL(memmem(text, len, "13800", 5));
		text = recent_text(recent_at(&recent, 8), hide, &len);
		CU_ASSERT_PTR_NOT_NULL(memmem(text, len, "\"from\":\"*****\"", 14));
	}
	/* an event without a place in the journal does not come twice */
	CU_ASSERT_EQUAL(recent_find(&recent, 1, "1-7", 3, &n), 0);
	CU_ASSERT_EQUAL(n, 2);
}

static void scopes(void)
{
	char queues[][SCOPE_NAME] = {"600", "602"}, agents[][SCOPE_NAME] = {"801", "802"};
	struct scope s = {.tenant = 2, .agent = "801"};

	CU_ASSERT_FALSE(scope_allows(&s, 2, "600", "801"));
	s.flags = SCOPE_OWN;
	CU_ASSERT(scope_allows(&s, 2, "600", "801"));
	CU_ASSERT_FALSE(scope_allows(&s, 3, "600", "801"));
	CU_ASSERT_FALSE(scope_allows(&s, 2, "600", "802"));
	CU_ASSERT_FALSE(scope_allows(&s, 2, "", ""));
	s.flags = SCOPE_BOARD;
	s.queue = queues;
	s.colleague = agents;
	s.queues = s.agents = 2;
	CU_ASSERT(scope_allows(&s, 2, "600", ""));
	CU_ASSERT(scope_allows(&s, 2, "", "802"));
	CU_ASSERT_FALSE(scope_allows(&s, 2, "601", "803"));
	CU_ASSERT_FALSE(scope_allows(&s, 2, "", ""));
	s.flags |= SCOPE_ALL;
	CU_ASSERT(scope_allows(&s, 2, "", ""));
	CU_ASSERT_FALSE(scope_allows(&s, 3, "600", "801"));
}

/* What would break the stream's lines, and what is not for browsers, is counted but not kept. */
static void recent_refuses(void)
{
	static const char *const bad[] = {"", "{", "}", "[]", "{\"a\":1}\n", "{\n}", "{\"a\":1}{}",
			"{\"a\":}", "{\"a\":\"\xFF\"}", "{\"a\":1}data: x}", "12"};
	uint64_t seq = 1;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		add(seq++, CC_EV_ALARM, 2, bad[i]);
	add(seq++, CC_EV_LEG_NEW, 2, "{}");
	add(seq++, 60000, 2, "{}");
	CU_ASSERT_EQUAL(recent.next, 0);
	CU_ASSERT_EQUAL(recent.last_seq, seq - 1);
	add(3, CC_EV_ALARM, 2, "{}"); /* again */
	CU_ASSERT_EQUAL(recent.next, 0);
}

static void recent_ids(void)
{
	static const char *const bad[] = {"", "1", "1-", "-1", "a-1", "1-1x", "01-5", "1-05", " 1-5",
			"1-5 ", "1-99999999999999999999999999999999", "\xFF"};
	uint64_t n = 99;

	for (uint64_t seq = 11; seq <= 20; seq++)
		add(seq, seq % 2 ? CC_EV_ALARM : CC_EV_LEG_NEW, 2, "{}");
	CU_ASSERT_EQUAL(recent_find(&recent, 1, "1-13", 4, &n), 0);
	CU_ASSERT_EQUAL(recent_at(&recent, n)->seq, 15);
	CU_ASSERT_EQUAL(recent_find(&recent, 1, "1-14", 4, &n), 0);
	CU_ASSERT_EQUAL(recent_at(&recent, n)->seq, 15);
	CU_ASSERT_EQUAL(recent_find(&recent, 1, "1-10", 4, &n), 0); /* the one before the first known */
	CU_ASSERT_EQUAL(recent_at(&recent, n)->seq, 11);
	CU_ASSERT_EQUAL(recent_find(&recent, 1, "1-20", 4, &n), 0);
	CU_ASSERT_PTR_NULL(recent_at(&recent, n));
	n = 99;
	CU_ASSERT_EQUAL(recent_find(&recent, 1, "1-9", 3, &n), CC_E_NOENT);
	CU_ASSERT_EQUAL(recent_find(&recent, 1, "1-21", 4, &n), CC_E_NOENT);
	CU_ASSERT_EQUAL(recent_find(&recent, 1, "2-15", 4, &n), CC_E_NOENT);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(recent_find(&recent, 1, bad[i], strlen(bad[i]), &n), CC_E_INVAL);
	CU_ASSERT_EQUAL(n, 99);
}

static void recent_limits(void)
{
	static char big[CC_JOURNAL_FIELDS_MAX + 1];
	uint64_t n, seq = 0;

	for (int i = 0; i < RECENT_EVENTS + 100; i++)
		add(++seq, CC_EV_ALARM, 2, "{}");
	CU_ASSERT_EQUAL(recent.next - recent.first, RECENT_EVENTS);
	CU_ASSERT_PTR_NULL(recent_at(&recent, 99));
	CU_ASSERT_EQUAL(recent_at(&recent, 100)->seq, 101);
	CU_ASSERT_EQUAL(recent_find(&recent, 1, "1-99", 4, &n), CC_E_NOENT);
	CU_ASSERT_EQUAL(recent_find(&recent, 1, "1-100", 5, &n), 0);
	snprintf(big, sizeof(big), "{\"a\":\"%0*d\"}", CC_JOURNAL_FIELDS_MAX - 9, 0);
	for (int i = 0; i < 3000; i++)
		add(++seq, CC_EV_ALARM, 2, big);
	CU_ASSERT(recent.bytes <= RECENT_BYTES && recent.bytes > RECENT_BYTES - 9000);
	CU_ASSERT_EQUAL(recent_at(&recent, recent.next - 1)->seq, seq);
}

/* ---- fields ---- */

static int fields(struct fields *f, const char *text)
{
	struct cc_record r = {.fields = text, .fields_len = (uint32_t)strlen(text)};

	return fields_parse(f, &r);
}

static void fields_good(void)
{
	static const char *const words[] = {"in", "out", NULL};
	struct fields f;
	struct cc_ulid id, want;

	CU_ASSERT_EQUAL_FATAL(fields(&f, "{\"s\":\"张三丰\",\"n\":12,\"none\":null,\"e\":\"\",\"w\":"
									 "\"out\",\"code\":\"a张\",\"num\":801,"
									 "\"id\":\"01ARYZ6S41TSV4RRFFQ69G5FAV\"}"),
			0);
	CU_ASSERT_STRING_EQUAL(fields_text(&f, "s", 100), "张三丰");
	CU_ASSERT_STRING_EQUAL(fields_text(&f, "s", 8), "张三");
	CU_ASSERT_PTR_NULL(fields_text(&f, "none", 8));
	CU_ASSERT_PTR_NULL(fields_text(&f, "e", 8));
	CU_ASSERT_PTR_NULL(fields_text(&f, "absent", 8));
	CU_ASSERT_STRING_EQUAL(fields_text(&f, "num", 8), "801");
	CU_ASSERT_STRING_EQUAL(fields_code(&f, "code", 8), "a???");
	CU_ASSERT_EQUAL(fields_int(&f, "n", -1), 12);
	CU_ASSERT_EQUAL(fields_int(&f, "none", -1), -1);
	CU_ASSERT_STRING_EQUAL(fields_word(&f, "w", words, NULL), "out");
	CU_ASSERT_STRING_EQUAL(fields_word(&f, "absent", words, "in"), "in");
	id = fields_ulid(&f, "id");
	cc_ulid_parse(&want, "01ARYZ6S41TSV4RRFFQ69G5FAV", 26);
	CU_ASSERT(cc_ulid_equal(&id, &want));
	CU_ASSERT_STRING_EQUAL(f.reason, "");
	fields_free(&f);
}

static void fields_bad(void)
{
	static const char *const bad[] = {
			"", "[]", "{", "{}x", "null", "\"x\"", "{\"a\":1,}", "{\"a\":\"\xFF\"}"};
	static const char *const words[] = {"in", "out", NULL};
	struct fields f;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_EQUAL(fields(&f, bad[i]), CC_E_CORRUPT);
		CU_ASSERT_STRING_EQUAL(f.reason, "fields: not one JSON object");
		fields_free(&f);
	}
	CU_ASSERT_EQUAL(fields(&f, "{\"n\":\"12\",\"w\":\"sideways\",\"id\":\"x\"}"), 0);
	CU_ASSERT_EQUAL(fields_int(&f, "n", 5), 5);
	CU_ASSERT_STRING_EQUAL(f.reason, "n: not a whole number");
	f.reason[0] = '\0';
	CU_ASSERT_PTR_NULL(fields_word(&f, "w", words, "in"));
	CU_ASSERT_STRING_EQUAL(f.reason, "w: not one of the known words");
	f.reason[0] = '\0';
	CU_ASSERT_PTR_NULL(fields_word(&f, "absent", words, NULL));
	CU_ASSERT_STRING_EQUAL(f.reason, "absent: missing");
	f.reason[0] = '\0';
	fields_ulid(&f, "id");
	CU_ASSERT_STRING_EQUAL(f.reason, "id: not an id");
	fields_ulid(&f, "absent"); /* the first failure stays */
	CU_ASSERT_STRING_EQUAL(f.reason, "id: not an id");
	fields_free(&f);
}

int main(void)
{
	CU_TestInfo http[] = {
			{"requests", http_good},
			{"bad requests", http_bad},
			{"random requests", http_random},
			CU_TEST_INFO_NULL,
	};
	CU_TestInfo recents[] = {
			{"text of an event", recent_texts},
			{"audiences", recent_audiences},
			{"scopes", scopes},
			{"what is not sent", recent_refuses},
			{"resuming by id", recent_ids},
			{"limits", recent_limits},
			CU_TEST_INFO_NULL,
	};
	CU_TestInfo field_tests[] = {
			{"fields", fields_good},
			{"bad fields", fields_bad},
			CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
			{"HTTP", NULL, NULL, NULL, NULL, http},
			{"recent events", NULL, NULL, recent_new, recent_free, recents},
			{"fields of records", NULL, NULL, NULL, NULL, field_tests},
			CU_SUITE_INFO_NULL,
	};

	return unit_run(suites);
}
