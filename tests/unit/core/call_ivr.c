/* SPDX-License-Identifier: GPL-2.0-or-later
 * Menus and announcements (TEL-14, TEL-16). 7000 is the main menu, 7100 one below it, 7200 an
 * announcement. Agent 0 is 801, agent 1 is 802. */
#include "call_bench.h"
#include "cc/err.h"

#define NONE BENCH_NO_MATCH("hangup", "")
#define MENUS                                                                                      \
	"{\"number\":\"7000\",\"name\":\"Main\"," BENCH_IVR_("menu", BENCH_TIMEOUT("queue", "600"),    \
			BENCH_NO_MATCH("agent",                                                                \
					"801")) "},"                                                                   \
							"{\"number\":\"7100\",\"name\":\"Sub\"," BENCH_IVR_("menu",            \
									BENCH_TIMEOUT("back", ""),                                     \
									NONE) "},"                                                     \
										  "{\"number\":\"7200\",\"name\":\"News\"," BENCH_IVR_(    \
												  "announcement", BENCH_TIMEOUT("back", ""),       \
												  NONE) "}"
#define PROMPTS                                                                                    \
	"{\"ivr\":\"7000\",\"position\":2,\"prompt\":\"menu\",\"gap_s\":3},"                           \
	"{\"ivr\":\"7000\",\"position\":1,\"prompt\":\"hello\",\"gap_s\":2},"                          \
	"{\"ivr\":\"7100\",\"position\":1,\"prompt\":\"below\",\"gap_s\":0},"                          \
	"{\"ivr\":\"7200\",\"position\":1,\"prompt\":\"news\",\"gap_s\":0}"
#define KEY(ivr, keys, kind, target)                                                               \
	"{\"ivr\":\"" ivr "\",\"keys\":\"" keys "\",\"target_kind\":\"" kind "\",\"target\":\"" target \
	"\"}"
#define KEYS                                                                                       \
	KEY("7000", "1", "queue", "600")                                                               \
	"," KEY("7000", "2", "ivr", "7100") "," KEY("7000", "3", "hangup", "") "," KEY("7000", "4",    \
			"ivr", "7200") "," KEY("7000", "80", "prompt", "closed") "," KEY("7100", "*", "back",  \
			"") "," KEY("7100", "1", "ivr", "7100") "," KEY("7100", "5", "outside", "13900000005")

static void configured(const char *ivrs, const char *prompts, const char *keys)
{
	const char *before = bench_ivrs;

	bench_ivrs = ivrs;
	bench_ivr_prompts = prompts;
	bench_ivr_keys = keys;
	bench_new("\"announce_position\":false,\"overflow_kind\":\"ivr\",\"overflow_target\":\"7000\","
			  "\"entry_prompt\":\"\"");
	bench_ivrs = before;
	bench_ivr_prompts = bench_ivr_keys = "";
}

static void arrived(void)
{
	configured(MENUS, PROMPTS, KEYS);
	bench_did_call("4008002");
}

static void press(const char *keys)
{
	for (; *keys; keys++)
		IN(DTMF, .leg = 0, .digit = *keys);
}

static void said(void)
{
	IN(PLAY_DONE, .leg = 0, .token = bench.call.legs[0].play_token);
}

static void caller_leaves(void)
{
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"caller_hangup\"");
}

static void prompts_and_repeats(void)
{
	arrived();
	CU_ASSERT_EQUAL(bench_wrote("call.route {\"node\":\"ivr\",\"target\":\"7000\"}"), 1);
	CU_ASSERT_EQUAL(bench_wrote("ivr.enter {\"menu\":\"7000\"}"), 1);
	CU_ASSERT_TRUE(bench_did(
			"[play 1 prompt silence:1000\nzh/hello\nsilence:2000\nzh/menu]")); /* no gap behind */
	said();
	bench_wait(4999);
	CU_ASSERT_FALSE(bench_did("[play"));
	bench_wait(1); /* the time-out prompt only before they are said again */
	CU_ASSERT_TRUE(bench_did("[play 1 prompt zh/late\nzh/hello\nsilence:2000\nzh/menu]"));
	said();
	bench_wait(5000);
	CU_ASSERT_EQUAL(
			bench_wrote("ivr.leave {\"menu\":\"7000\",\"why\":\"timeout\",\"ms\":10000}"), 1);
	CU_ASSERT_TRUE(bench_did("[enter]"));
	caller_leaves();

	configured("{\"number\":\"7000\",\"name\":\"\"," BENCH_IVR "}", "", ""); /* nothing to say */
	bench_did_call("4008002");
	said();
	bench_wait(5000);
	said();
	bench_wait(5000);
	bench_over("\"cause\":\"timeout\",\"side\":\"system\"");
}

static void keys(void)
{
	arrived();
	press("1"); /* nothing longer begins so: at once, and the prompt stops */
	CU_ASSERT_TRUE(bench_did("[stop]"));
	CU_ASSERT_EQUAL(bench_wrote("\"why\":\"key\",\"keys\":\"1\""), 1);
	CU_ASSERT_TRUE(bench_did("[enter]"));
	IN(QUEUE_OUT, .cause = CC_CAUSE_QUEUE_TIMEOUT,
			.count = 1); /* the queue overflows to the menu */
	CU_ASSERT_EQUAL(bench_wrote("ivr.enter "), 2);
	press("3");
	bench_over("\"cause\":\"queue_timeout\",\"side\":\"caller\"");

	arrived();
	press("8"); /* 80 or 801 */
	CU_ASSERT_FALSE(bench_did("[ivr.leave]"));
	press("0");
	CU_ASSERT_FALSE(bench_did("[ivr.leave]"));
	bench_wait(2000);
	CU_ASSERT_TRUE(bench_did("zh/closed"));
	said();
	bench_over("\"cause\":\"answered\"");

	arrived();
	press("3");
	bench_over("\"cause\":\"caller_hangup\",\"side\":\"caller\"");
}

static void dial_an_agent(void)
{
	int32_t leg;

	arrived();
	said();
	press("801");
	CU_ASSERT_EQUAL(bench_wrote("\"why\":\"agent\",\"keys\":\"801\""), 1);
	CU_ASSERT_TRUE(bench_did("[reserve]"));
	leg = bench_offer(0, 5, 1);
	IN(LEG_UP, .leg = leg);
	CU_ASSERT_TRUE(bench_did("[mix 2]"));
	IN(LEG_ENDED, .leg = leg, .code = 200);
	bench_over("\"cause\":\"answered\"");

	/* longer than the longest input */
	configured(
			"{\"number\":\"7000\",\"name\":\"\",\"kind\":\"menu\",\"skip\":false,\"start_s\":0,"
			"\"repeat\":0,\"timeout_s\":5,\"key_timeout_s\":2,\"max_keys\":2,\"dial_agents\":true,"
			"\"tries\":1,\"timeout_prompt\":\"\",\"no_match_prompt\":\"\",\"prefix_name\":\"\","
			"\"prefix_number\":\"\"," BENCH_TIMEOUT("hangup", "") "," NONE "}",
			"", "");
	bench_did_call("4008002");
	press("80");
	bench_over("\"cause\":\"other\",\"side\":\"system\"");
}

static void wrong_inputs(void)
{
	arrived();
	press("79"); /* one input, not two */
	CU_ASSERT_FALSE(bench_did("[ivr.miss]"));
	bench_wait(2000);
	CU_ASSERT_EQUAL(bench_wrote("ivr.miss {\"menu\":\"7000\",\"keys\":\"79\",\"nth\":1}"), 1);
	CU_ASSERT_TRUE(bench_did("[play 1 prompt zh/wrong\nzh/hello\nsilence:2000\nzh/menu]"));
	press("9");
	bench_wait(2000);
	CU_ASSERT_TRUE(bench_did("[play 1 prompt zh/wrong]"));
	press("1"); /* too late */
	CU_ASSERT_FALSE(bench_did("[ivr.leave]"));
	said();
	CU_ASSERT_EQUAL(bench_wrote("\"why\":\"no_match\",\"keys\":\"9\""), 1);
	CU_ASSERT_TRUE(bench_did("[reserve]"));
	IN(REFUSED, .agent = 0, .code = CC_E_STATE);
	bench_over("\"cause\":\"busy\"");
}

static void nested(void)
{
	char number[64], name[64];

	arrived();
	press("2");
	CU_ASSERT_TRUE(bench_did("[play 1 prompt silence:1000\nzh/below]"));
	cc_call_prefix(&bench.call, -1, number, sizeof(number), name, sizeof(name));
	CU_ASSERT_STRING_EQUAL(number, "7*7*");
	CU_ASSERT_STRING_EQUAL(name, "主-主-");
	press("1"); /* itself: no deeper */
	CU_ASSERT_EQUAL(bench.call.ivr_count, 2);
	press("*");
	CU_ASSERT_TRUE(
			bench_did("[play 1 prompt zh/hello\nsilence:2000\nzh/menu]")); /* no delay again */
	CU_ASSERT_EQUAL(bench.call.ivr_count, 1);
	cc_call_prefix(&bench.call, -1, number, sizeof(number), name, 5);
	CU_ASSERT_STRING_EQUAL(number, "7*");
	CU_ASSERT_STRING_EQUAL(name, "主-");
	press("2");
	press("5");
	CU_ASSERT_TRUE(bench_did("[dial out 0"));
	caller_leaves();
}

static void announcement(void)
{
	arrived();
	press("4");
	CU_ASSERT_TRUE(bench_did("[play 1 prompt silence:1000\nzh/news]"));
	press("#");
	CU_ASSERT_EQUAL(bench_wrote("\"menu\":\"7200\",\"why\":\"skipped\""), 1);
	CU_ASSERT_TRUE(bench_did("zh/hello")); /* back in the menu */
	press("4");
	said();
	CU_ASSERT_EQUAL(bench_wrote("\"menu\":\"7200\",\"why\":\"said\""), 1);
	CU_ASSERT_TRUE(bench_did("zh/hello"));
	caller_leaves();
}

/* Two announcements without a word that lead to each other. */
static void circles(void)
{
	int steps = 0;

	configured("{\"number\":\"7000\",\"name\":\"\"," BENCH_IVR_("announcement",
					   BENCH_TIMEOUT("ivr", "7001"),
					   NONE) "},"
							 "{\"number\":\"7001\",\"name\":\"\"," BENCH_IVR_(
									 "announcement", BENCH_TIMEOUT("ivr", "7000"), NONE) "}",
			"", "");
	bench_did_call("4008002");
	while (!bench.freed && steps++ < 1000) {
		if (bench.call.legs[0].play_token)
			said();
		else
			bench_wait(1);
		CU_ASSERT(bench.out.count < 20);
	}
	CU_ASSERT_EQUAL(bench_wrote("ivr.enter "), 50);
	bench_over("\"cause\":\"other\"");
}

static void the_engine_restarts(void)
{
	arrived();
	IN(RESTORED);
	CU_ASSERT_TRUE(bench_did("zh/hello")); /* is said again */
	said();
	bench_wait(3000);
	press("8"); /* begun before the restart, ended after it */
	IN(RESTORED);
	CU_ASSERT_FALSE(bench_did("[play"));
	press("01");
	CU_ASSERT_EQUAL(bench_wrote("\"why\":\"agent\",\"keys\":\"801\""), 1);
	IN(REFUSED, .agent = 0, .code = CC_E_STATE);
	bench_over("\"cause\":\"busy\"");
}

/* A change is in force with the next key; a menu that is gone goes on as it was. */
static void another_configuration(void)
{
	struct cc_conf_set *before;
	struct cc_call_names names;

	arrived();
	press("2");
	before = bench.set;
	bench_ivrs = MENUS;
	bench_ivr_prompts = PROMPTS;
	bench_ivr_keys = KEYS "," KEY("7100", "6", "prompt", "new");
	bench_again("");
	CU_ASSERT_TRUE(cc_call_configure(&bench.call, cc_conf_by_id(bench.set, 2)));
	IN(CONFIGURED);
	bench_free_set(before);
	before = bench.set;
	bench_ivrs = "{\"number\":\"7000\",\"name\":\"\"," BENCH_IVR "}";
	bench_ivr_prompts = bench_ivr_keys = "";
	bench_again("");
	CU_ASSERT_FALSE(cc_call_configure(&bench.call, cc_conf_by_id(bench.set, 2)));
	cc_call_names(&bench.call, &names);
	CU_ASSERT_STRING_EQUAL(names.route, "7100");
	bench_free();
	bench.set = before;
	press("6");
	CU_ASSERT_TRUE(bench_did("zh/new"));
	said();
	bench_over("\"cause\":\"answered\"");
}

static void an_agent_dials_it(void)
{
	const struct cc_conf *conf;
	struct cc_route route;

	arrived();
	conf = bench.call.conf;
	cc_route_dialled(&route, conf, 0, "7100");
	CU_ASSERT_EQUAL(route.kind, CC_ROUTE_IVR);
	cc_route_predictive(&route, conf, "7100", 0, -1);
	CU_ASSERT_EQUAL(route.kind, CC_ROUTE_REFUSE);
	caller_leaves();
}

static void an_agent_moves_the_caller(void)
{
	int32_t leg;

	arrived();
	press("1");
	leg = bench_offer(0, 5, 1);
	IN(LEG_UP, .leg = leg);
	bench_in((struct cc_call_input){.kind = CC_IN_REFER, .leg = leg, .other = -1, .text = "7100"});
	CU_ASSERT_EQUAL(bench_wrote("\"node\":\"ivr\",\"target\":\"7100\",\"result\":\"done\""), 1);
	CU_ASSERT_TRUE(bench_did("zh/below"));
	caller_leaves();
}

CU_TestInfo call_ivr_tests[] = {
		{"TEL-14 prompts, gaps, repeats, time-out", prompts_and_repeats},
		{"TEL-14 keys", keys},
		{"TEL-14 an agent's number", dial_an_agent},
		{"TEL-14 wrong inputs", wrong_inputs},
		{"TEL-14 nested menus, back, prefixes", nested},
		{"TEL-16 an announcement", announcement},
		{"circles end", circles},
		{"a menu outlives the engine", the_engine_restarts},
		{"another configuration", another_configuration},
		{"TEL-14 the internal number", an_agent_dials_it},
		{"an agent moves the caller to a menu", an_agent_moves_the_caller},
		CU_TEST_INFO_NULL,
};
