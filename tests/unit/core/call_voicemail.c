/* SPDX-License-Identifier: GPL-2.0-or-later
 * TEL-22: callers leave messages. Agent 0 is 801; queue 600 sends who does not wait to its box. */
#include "call_bench.h"
#include "cc/err.h"

#define TO_BOX(box) "\"overflow_kind\":\"voicemail\",\"overflow_target\":\"" box "\""

static void prompt_over(void)
{
	IN(PLAY_DONE, .leg = 0, .token = bench.call.legs[0].play_token);
}

/* A caller whom the queue sends to the box, up to the end of the tone. */
static void speaking(const char *queue)
{
	bench_new(queue);
	bench_waiting();
	IN(QUEUE_OUT, .count = 1, .cause = CC_CAUSE_QUEUE_NO_AGENT);
	CU_ASSERT_EQUAL(bench_wrote("call.route {\"node\":\"voicemail\""), 1);
	CU_ASSERT_TRUE(bench_did("tone:beep]"));
	CU_ASSERT_FALSE(bench_did("[record"));
	prompt_over();
	CU_ASSERT_TRUE(bench_did("[record on 1 message]"));
	CU_ASSERT_TRUE(bench_did("[watch]"));
}

static void left_by_key(void)
{
	speaking(TO_BOX("600"));
	bench_wait(3000);
	IN(DTMF, .leg = 0, .digit = '1'); /* a key like any other */
	CU_ASSERT_EQUAL(bench_wrote("voicemail {"), 0);
	IN(DTMF, .leg = 0, .digit = '#');
	CU_ASSERT_EQUAL(bench_wrote("voicemail {\"queue\":\"600\",\"segment\":1,\"last\":1,\"ms\":3000,"
								"\"from\":\"13800001234\""),
			1);
	CU_ASSERT_TRUE(bench_did("zh/voicemail_kept"));
	prompt_over();
	CU_ASSERT_EQUAL(bench_wrote("\"result\":\"overflowed\",\"cause\":\"queue_no_agent\""), 1);
	bench_over("\"cause\":\"voicemail\",\"side\":\"system\"");
}

static void left_by_hanging_up(void)
{
	speaking(TO_BOX("801"));
	bench_wait(2000);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_EQUAL(bench_wrote("voicemail {\"agent\":\"801\""), 1);
	bench_over("\"cause\":\"voicemail\",\"side\":\"caller\"");
}

static void too_short(void)
{
	speaking(TO_BOX("801"));
	bench_wait(1999);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_EQUAL(bench_wrote("voicemail {"), 0);
	bench_over("\"cause\":\"queue_no_agent\",\"side\":\"caller\"");

	speaking(TO_BOX("801"));
	IN(DTMF, .leg = 0, .digit = '#');
	CU_ASSERT_TRUE(bench_did("zh/voicemail_empty"));
	prompt_over();
	CU_ASSERT_EQUAL(bench_wrote("voicemail {"), 0);
	bench_over("\"cause\":\"queue_no_agent\"");
}

/* Who hangs up before the tone has left nothing. */
static void greeting_only(void)
{
	bench_new(TO_BOX("801"));
	bench_waiting();
	IN(QUEUE_OUT, .count = 1, .cause = CC_CAUSE_QUEUE_TIMEOUT);
	CU_ASSERT_TRUE(bench_did("[play 1 prompt zh/voicemail_greeting\ntone:beep]"));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_EQUAL(bench_wrote("rec.start"), 0);
	bench_over("\"cause\":\"queue_timeout\"");
}

static void silence_ends_it(void)
{
	speaking(TO_BOX("801"));
	bench_wait(8000);
	IN(QUIET, .leg = 0, .wait_ms = 5000);
	CU_ASSERT_EQUAL(bench_wrote("voicemail {"), 1);
	prompt_over();
	bench_over("\"cause\":\"voicemail\"");

	speaking(TO_BOX("801")); /* nothing but silence */
	bench_wait(5000);
	IN(QUIET, .leg = 0, .wait_ms = 5000);
	prompt_over();
	CU_ASSERT_EQUAL(bench_wrote("voicemail {"), 0);
	bench_over("\"cause\":\"queue_no_agent\"");
}

static void longest(void)
{
	bench_lists = ",\"voicemail_max_s\":30,\"voicemail_silence_s\":0";
	bench_new(TO_BOX("801"));
	bench_waiting();
	IN(QUEUE_OUT, .count = 1, .cause = CC_CAUSE_QUEUE_TIMEOUT);
	prompt_over();
	CU_ASSERT_FALSE(bench_did("[watch]"));
	bench_wait(29999);
	CU_ASSERT_FALSE(bench_did("[record"));
	bench_wait(1);
	CU_ASSERT_TRUE(bench_did("[record off 1 message]"));
	CU_ASSERT_EQUAL(bench_wrote("\"ms\":30000"), 1);
	bench_wait(60000); /* the goodbye's end was never reported */
	bench_over("\"cause\":\"voicemail\"");
	bench_lists = "";
}

/* Who calls an agent directly gets his box if the agent wants it, and nobody else's. */
static void agents_own(void)
{
	bench_agent = ",\"voicemail\":true,\"greeting\":\"away\"";
	bench_new("");
	bench_direct(CC_DIR_IN);
	bench_offer(0, 5, 0); /* no phone is registered */
	CU_ASSERT_TRUE(bench_did("[release 0 5 unreachable]"));
	CU_ASSERT_TRUE(bench_did("[answer]"));
	IN(LEG_UP, .leg = 0);
	CU_ASSERT_TRUE(bench_did("[play 1 prompt zh/away\ntone:beep]"));
	prompt_over();
	bench_wait(5000);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_EQUAL(bench_wrote("voicemail {\"agent\":\"801\""), 1);
	bench_over("\"cause\":\"voicemail\"");

	bench_new("");
	bench_direct(CC_DIR_IN);
	IN(REFUSED, .agent = 0, .code = CC_E_STATE); /* he talks; the caller has no more patience */
	IN(LEG_UP, .leg = 0);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"busy\",\"side\":\"caller\"");

	bench_new("");
	bench_direct(CC_DIR_IN);
	bench_offer(0, 5, 1);
	IN(LEG_ENDED, .leg = 0, .code = 487); /* gone before anybody could answer */
	CU_ASSERT_EQUAL(bench_wrote("voicemail"), 0);
	bench_over("\"cause\":\"caller_hangup\"");
	bench_agent = "";
}

static void not_wanted(void)
{
	bench_new("");
	bench_direct(CC_DIR_IN);
	bench_offer(0, 5, 0);
	bench_over("\"cause\":\"no_answer\"");
}

static void parts_restart(void)
{
	speaking(TO_BOX("801"));
	bench_wait(4000);
	IN(RESTORED);
	CU_ASSERT_TRUE(bench_did("[record on 1 message]"));
	CU_ASSERT_TRUE(bench_did("[watch]"));
	IN(RESTART_MEDIA, .code = CC_MEDIA_RTPENGINE);
	CU_ASSERT_TRUE(bench_did("[record on 2 message]"));
	bench_wait(1000);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_EQUAL(bench_wrote("\"segment\":1,\"last\":2,\"ms\":5000"), 1);
	bench_over("\"cause\":\"voicemail\"");

	speaking(TO_BOX("801")); /* his leg did not come back: what he has said has */
	bench_wait(4000);
	IN(RESTORED, .lost = 1);
	CU_ASSERT_EQUAL(bench_wrote("voicemail {"), 1);
	bench_over("\"cause\":\"voicemail\",\"side\":\"system\"");
}

static void no_configuration(void)
{
	static struct cc_call_actions out;
	struct cc_call_names n;
	int kept = 0;

	speaking(TO_BOX("801"));
	cc_call_names(&bench.call, &n);
	bench.call.conf = NULL;
	cc_call_abandon(&bench.call, &n, bench.now + 3000, &out);
	for (int i = 0; i < out.count; i++)
		kept += out.a[i].kind == CC_ACT_JOURNAL && out.a[i].event == CC_EV_VOICEMAIL;
	CU_ASSERT_EQUAL(kept, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(out.text, "\"cause\":\"voicemail\""));
	bench_free();
}

/* A key of the menu while waiting; a box that nobody has is no configuration. */
static void by_key(void)
{
	static const struct cc_conf_memory memory = {malloc, free};
	static const char wrong[] =
			"{\"version\":1,\"generation\":1,\"tenants\":[{\"id\":2,\"code\":\"d\",\"name\":\"D\","
			"\"state\":\"active\",\"country\":\"86\",\"area_code\":\"\",\"timezone\":\"UTC\","
			"\"prompt_language\":\"en\",\"queues\":[],\"agents\":[],\"members\":[],\"trunks\":[],"
			"\"dids\":[{\"number\":\"1\",\"name\":\"\",\"target_kind\":\"voicemail\","
			"\"target\":\"801\",\"state\":\"enabled\"}]}]}";
	struct cc_conf_set *set = NULL;
	char error[256] = "";

	bench_keys = "{\"queue\":\"600\",\"digit\":\"5\",\"target_kind\":\"voicemail\","
				 "\"target\":\"801\"}";
	bench_new("");
	bench_waiting();
	IN(DTMF, .leg = 0, .digit = '5');
	CU_ASSERT_TRUE(bench_did("zh/voicemail_greeting"));
	prompt_over();
	bench_wait(3000);
	IN(HANGUP);
	CU_ASSERT_EQUAL(bench_wrote("voicemail {"), 1);
	bench_over("\"cause\":\"voicemail\"");
	bench_keys = "";
	CU_ASSERT_EQUAL(
			cc_conf_build(&set, wrong, sizeof(wrong) - 1, NULL, &memory, error, sizeof(error)),
			CC_E_INVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "no agent or queue 801"));
}

CU_TestInfo call_voicemail_tests[] = {
		{"a message, ended by #", left_by_key},
		{"a message, ended by hanging up", left_by_hanging_up},
		{"what is too short is not kept", too_short},
		{"gone before the tone", greeting_only},
		{"silence ends it", silence_ends_it},
		{"the longest message", longest},
		{"agents who are called directly", agents_own},
		{"agents without voicemail", not_wanted},
		{"parts restart", parts_restart},
		{"a configuration that is gone", no_configuration},
		{"by a key of the menu", by_key},
		CU_TEST_INFO_NULL,
};
