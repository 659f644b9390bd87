/* SPDX-License-Identifier: GPL-2.0-or-later
 * Paths of a queue call through the state machine: TEL-05, TEL-07, CDR-02, CDR-07, CODE-01. */
#include "call_bench.h"
#include "prompts.h"

static void talk(int32_t *leg)
{
	bench_waiting();
	*leg = bench_offer(0, 7, 1);
	IN(LEG_RINGING, .leg = *leg, .code = 180);
	CU_ASSERT_TRUE(bench_did("[ringing]"));
	bench_wait(3000);
	IN(LEG_UP, .leg = *leg);
	CU_ASSERT_TRUE(bench_did("[stop][stop]") || bench_did("[stop]"));
	CU_ASSERT_TRUE(bench_did("[mix 2]"));
	CU_ASSERT_TRUE(bench_did("[talking]"));
	CU_ASSERT_TRUE(bench_did("[record on 1]"));
	bench_wait(5000);
}

static void answered_ended_by_agent(void)
{
	int32_t leg;

	bench_new("");
	talk(&leg);
	IN(LEG_ENDED, .leg = leg, .code = 200);
	CU_ASSERT_TRUE(bench_did("[hangup 0"));
	CU_ASSERT_TRUE(bench_did("[release 0 7 talked]"));
	CU_ASSERT_TRUE(bench_did("[record off 1]"));
	CU_ASSERT_EQUAL(bench_wrote("\"result\":\"answered\""), 1);
	CU_ASSERT_EQUAL(bench_wrote("\"talk_ms\":8000,\"agent_ms\":5000"), 1);
	bench_over("\"cause\":\"answered\",\"side\":\"callee\"");
}

static void answered_ended_by_caller(void)
{
	int32_t leg;

	bench_new("");
	talk(&leg);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_TRUE(bench_did("[hangup 1"));
	CU_ASSERT_TRUE(bench_did("[release 0 7 talked]"));
	bench_over("\"cause\":\"answered\",\"side\":\"caller\"");
}

static void entry_music_position(void)
{
	bench_new("");
	bench_begin(CC_ROUTE_QUEUE);
	CU_ASSERT_TRUE(bench_did("[respond 0 180]"));
	CU_ASSERT_TRUE(bench_did("[answer]"));
	IN(LEG_UP, .leg = 0);
	CU_ASSERT_TRUE(bench_did("[play 1 prompt zh/queue_welcome]"));
	CU_ASSERT_FALSE(bench_did("[enter]"));
	IN(PLAY_DONE, .leg = 0, .token = bench.call.legs[0].play_token + 1);
	CU_ASSERT_EQUAL(bench.out.count, 0);
	IN(PLAY_DONE, .leg = 0, .token = bench.call.legs[0].play_token);
	CU_ASSERT_TRUE(bench_did("[play 0 music music/hold]"));
	CU_ASSERT_TRUE(bench_did("[enter]"));
	bench_wait(1);
	CU_ASSERT_TRUE(bench_did("[position]"));
	IN(POSITION, .count = 3);
	CU_ASSERT_TRUE(bench_did("[play 1 prompt zh/position_before\nzh/number_3\nzh/position_after]"));
	IN(PLAY_DONE, .leg = 0, .token = bench.call.legs[0].play_token);
	bench_wait(20000);
	CU_ASSERT_TRUE(bench_did("[position]"));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_TRUE(bench_did("[leave]"));
	CU_ASSERT_EQUAL(bench_wrote("\"position\":3"), 1);
	CU_ASSERT_EQUAL(bench_wrote("\"result\":\"abandoned\",\"cause\":\"caller_hangup\""), 1);
	bench_over("\"cause\":\"caller_hangup\",\"side\":\"caller\"");
}

static void no_answer_next_agent(void)
{
	int32_t leg;

	bench_new("");
	bench_waiting();
	leg = bench_offer(0, 7, 1);
	IN(LEG_RINGING, .leg = leg, .code = 180);
	bench_wait(20000);
	CU_ASSERT_TRUE(bench_did("[hangup 1"));
	CU_ASSERT_TRUE(bench_did("[release 0 7 noanswer]"));
	CU_ASSERT_EQUAL(bench_wrote("\"why\":\"timeout\""), 1);
	IN(LEG_UP, .leg = leg); /* its 200 comes too late */
	CU_ASSERT_EQUAL(bench.out.count, 0);
	leg = bench_offer(0, 8, 1);
	IN(LEG_UP, .leg = leg);
	CU_ASSERT_TRUE(bench_did("[mix 2]"));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_TRUE(bench_did("[release 0 8 talked]"));
	bench_over("\"cause\":\"answered\"");
}

static void failed_offers(void)
{
	static const struct
	{
		int code;
		const char *outcome;
	} cases[] = {{486, "busy"}, {600, "busy"}, {603, "rejected"}, {403, "rejected"},
			{480, "unreachable"}, {408, "unreachable"}, {503, "unreachable"}, {302, "redirected"}};
	char expected[64];

	bench_new("");
	bench_waiting();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int32_t leg = bench_offer(0, 10 + (uint32_t)i, 1);

		IN(LEG_FAILED, .leg = leg, .code = cases[i].code);
		snprintf(expected, sizeof(expected), "[release 0 %zu %s]", 10 + i, cases[i].outcome);
		CU_ASSERT_TRUE(bench_did(expected));
	}
	CU_ASSERT_EQUAL(bench_offer(0, 30, 0), -1);
	CU_ASSERT_TRUE(bench_did("[release 0 30 unreachable]"));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"caller_hangup\"");
}

/* What a person decides says more than what a network does, in whatever order it comes. */
static void phones_that_refuse(void)
{
	bench_new("");
	bench_waiting();
	bench_offer(0, 7, 3);
	IN(LEG_FAILED, .leg = 1, .code = 486);
	IN(LEG_FAILED, .leg = 2, .code = 503);
	CU_ASSERT_FALSE(bench_did("[release"));
	IN(LEG_FAILED, .leg = 3, .code = 408);
	CU_ASSERT_TRUE(bench_did("[release 0 7 busy]"));
	bench_offer(0, 8, 2);
	IN(LEG_FAILED, .leg = 1, .code = 603); /* for all phones */
	CU_ASSERT_TRUE(bench_did("[hangup 2"));
	CU_ASSERT_TRUE(bench_did("[release 0 8 rejected]"));
	bench_offer(0, 9, 2);
	IN(LEG_RINGING, .leg = 1, .code = 180);
	IN(LEG_FAILED, .leg = 1, .code = 486); /* it rang: a person did that */
	CU_ASSERT_TRUE(bench_did("[hangup 2"));
	CU_ASSERT_TRUE(bench_did("[release 0 9 busy]"));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"caller_hangup\"");
}

/* A phone on the same machine may be quicker than the engine's own report. */
static void phone_quicker_than_engine(void)
{
	struct cc_ulid id = {{9}};
	int32_t leg;

	bench_new("");
	bench_waiting();
	IN(GRANT, .agent = 0, .epoch = 7, .count = 1);
	leg = cc_call_leg_add(&bench.call, CC_ROLE_AGENT, false, 1, &id, 0, 7, bench.now);
	IN(LEG_FAILED, .leg = leg, .code = 486);
	CU_ASSERT_EQUAL(bench_wrote("leg.new"), 2); /* the caller's and this one */
	CU_ASSERT_FALSE(bench_did("[release"));
	IN(DIALLED, .agent = 0, .epoch = 7, .count = 1);
	CU_ASSERT_TRUE(bench_did("[release 0 7 busy]"));
	CU_ASSERT_EQUAL(bench_wrote("leg.new"), 2);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"caller_hangup\"");
}

/* An agent who is free again must not be granted to the call that is just leaving. */
static void leaves_before_release(void)
{
	bench_new("");
	bench_waiting();
	bench_offer(0, 7, 1);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.log, "[leave"));
	CU_ASSERT_TRUE(strstr(bench.log, "[leave") < strstr(bench.log, "[release 0 7 caller_gone]"));
	bench_over("\"cause\":\"caller_hangup\"");
}

static void two_phones_first_wins(void)
{
	bench_new("");
	bench_waiting();
	bench_offer(0, 7, 2);
	IN(LEG_RINGING, .leg = 1, .code = 180);
	IN(LEG_FAILED, .leg = 2, .code = 486); /* one phone declines, the other goes on */
	CU_ASSERT_FALSE(bench_did("[release"));
	IN(LEG_UP, .leg = 1);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"answered\"");

	bench_new("");
	bench_waiting();
	bench_offer(0, 7, 2);
	IN(LEG_UP, .leg = 2);
	CU_ASSERT_TRUE(bench_did("[hangup 1"));
	IN(LEG_UP, .leg = 1);
	CU_ASSERT_EQUAL(bench.out.count, 0);
	IN(LEG_ENDED, .leg = 2, .code = 200);
	bench_over("\"side\":\"callee\"");
}

static void caller_leaves_while_ringing(void)
{
	bench_new("");
	bench_waiting();
	bench_offer(0, 7, 1);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_TRUE(bench_did("[hangup 1"));
	CU_ASSERT_TRUE(bench_did("[release 0 7 caller_gone]"));
	CU_ASSERT_EQUAL(bench_wrote("\"result\":\"abandoned\""), 1);
	bench_over("\"cause\":\"caller_hangup\"");
}

static void cancel_before_answer(void)
{
	bench_new("");
	bench_begin(CC_ROUTE_QUEUE);
	IN(LEG_ENDED, .leg = 0, .code = 487, .text = "Request Terminated");
	CU_ASSERT_EQUAL(bench_wrote("queue.enter"), 0);
	bench_over("\"cause\":\"caller_hangup\",\"side\":\"caller\",\"sip_code\":487");
}

static void grant_too_late(void)
{
	bench_new("");
	bench_waiting();
	IN(QUEUE_OUT, .cause = CC_CAUSE_QUEUE_TIMEOUT, .count = 1);
	IN(GRANT, .agent = 0, .epoch = 9, .count = 1);
	CU_ASSERT_TRUE(bench_did("[release 0 9 caller_gone]"));
	IN(PLAY_DONE, .leg = 0, .token = bench.call.legs[0].play_token);
	bench_over("\"cause\":\"queue_timeout\",\"side\":\"system\"");
}

static void queue_refusals(void)
{
	static const struct
	{
		enum cc_cause cause;
		const char *prompt, *result, *end;
	} cases[] = {
			{CC_CAUSE_QUEUE_EXIT, "zh/queue_full", "refused", "\"cause\":\"queue_exit\""},
			{CC_CAUSE_QUEUE_JOIN_EMPTY, "zh/queue_closed", "refused",
					"\"cause\":\"queue_join_empty\""},
			{CC_CAUSE_QUEUE_NO_AGENT, "zh/queue_timeout", "overflowed",
					"\"cause\":\"queue_no_agent\""},
	};
	char expected[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bench_new("");
		bench_waiting();
		IN(QUEUE_OUT, .cause = cases[i].cause, .count = 1);
		CU_ASSERT_TRUE(bench_did(cases[i].prompt));
		snprintf(expected, sizeof(expected), "\"result\":\"%s\"", cases[i].result);
		CU_ASSERT_EQUAL(bench_wrote(expected), 1);
		IN(PLAY_DONE, .leg = 0, .token = bench.call.legs[0].play_token);
		bench_over(cases[i].end);
	}
}

static void longest_wait(void)
{
	bench_new("\"max_wait_s\":30,\"announce_position\":false");
	bench_waiting();
	bench_wait(29999);
	CU_ASSERT_EQUAL(bench.out.count && bench.log[0], 0);
	bench_wait(1);
	CU_ASSERT_TRUE(bench_did("zh/queue_timeout"));
	bench_wait(60000); /* the end of the prompt is never reported */
	bench_over("\"cause\":\"queue_timeout\"");
}

/* The agent's time and the caller's are over at once: the call must have left the queue before the
 * agent is free, or it would be given to it again. */
static void longest_wait_ringing(void)
{
	char *leave, *release;

	bench_new("\"max_wait_s\":20,\"ring_timeout_s\":20,\"announce_position\":false");
	bench_waiting();
	bench_offer(0, 7, 1);
	bench_wait(20000);
	leave = strstr(bench.log, "[leave]");
	release = strstr(bench.log, "[release 0 7 ");
	CU_ASSERT(leave && release && leave < release);
	bench_free();
}

static void refused_numbers(void)
{
	struct cc_route r;
	const struct cc_conf *conf;
	int32_t did;

	bench_new("");
	conf = cc_conf_by_id(bench.set, 2);
	cc_route_did(&r, conf, -1);
	CU_ASSERT_EQUAL(r.sip_code, 404);
	CU_ASSERT_PTR_EQUAL(cc_conf_by_did(bench.set, "4008009", &did), conf);
	cc_route_did(&r, conf, did);
	CU_ASSERT_EQUAL(r.kind, CC_ROUTE_REFUSE);
	CU_ASSERT_EQUAL(r.sip_code, 403);
	CU_ASSERT_PTR_EQUAL(cc_conf_by_did(bench.set, "4008002", &did), conf);
	cc_route_did(&r, conf, did);
	CU_ASSERT(r.kind == CC_ROUTE_IVR && r.index == 0);
	CU_ASSERT_PTR_NULL(cc_conf_by_did(bench.set, "123", &did));
	cc_route_dialled(&r, conf, cc_conf_agent_find(conf, "802"), "*001");
	CU_ASSERT_EQUAL(r.sip_code, 403);
	cc_route_dialled(&r, conf, 0, "600");
	CU_ASSERT(r.kind == CC_ROUTE_QUEUE && r.index == 0);
	cc_route_dialled(&r, conf, 0, "802");
	CU_ASSERT(r.kind == CC_ROUTE_AGENT && r.index == 1);
	cc_route_dialled(&r, conf, 0, "801"); /* himself */
	CU_ASSERT(r.kind == CC_ROUTE_REFUSE && r.sip_code == 486);
	cc_route_dialled(&r, conf, 0, "*100");
	CU_ASSERT_TRUE(r.kind == CC_ROUTE_CODE && r.code == CC_CODE_BUSY);
	bench_begin(CC_ROUTE_REFUSE);
	CU_ASSERT_TRUE(bench_did("[hangup 0 404]"));
	bench_over("\"sip_code\":404,\"sip_text\":\"Not Found\"");
}

static void feature_code(void)
{
	for (int error = 0; error >= -5; error -= 5) {
		bench_new("");
		bench_begin(CC_ROUTE_CODE);
		IN(LEG_UP, .leg = 0);
		CU_ASSERT_TRUE(bench_did("[command]"));
		IN(COMMAND_DONE, .code = error);
		CU_ASSERT_TRUE(bench_did(error ? "zh/not_allowed" : "zh/signed_in"));
		IN(PLAY_DONE, .leg = 0, .token = bench.call.legs[0].play_token);
		bench_over("\"cause\":\"answered\",\"side\":\"system\"");
	}
}

static void media_failures(void)
{
	int32_t leg;

	bench_new("");
	bench_begin(CC_ROUTE_QUEUE);
	IN(LEG_FAILED, .leg = 0, .code = 500, .text = "Media");
	bench_over("\"cause\":\"failed\",\"side\":\"system\",\"sip_code\":500");

	bench_new("");
	talk(&leg);
	IN(SILENCE, .leg = leg); /* the probe found it dead */
	CU_ASSERT_TRUE(bench_did("[hangup 1"));
	CU_ASSERT_TRUE(bench_did("[release 0 7 talked]"));
	CU_ASSERT_TRUE(bench_did("[hangup 0"));
	CU_ASSERT_EQUAL(bench.freed, 1);
	bench_free();
}

static void mixer_restart(void)
{
	int32_t leg;

	bench_new("");
	bench_waiting();
	bench_wait(1);
	IN(POSITION, .count = 12);
	IN(RESTART_MEDIA, .code = CC_MEDIA_MIXER);
	CU_ASSERT_TRUE(bench_did("[mix 1]"));
	CU_ASSERT_TRUE(bench_did("[play 0 music music/hold]"));
	CU_ASSERT_TRUE(bench_did("zh/position_before\nzh/number_10\nzh/number_2\nzh/position_after"));
	bench_free();

	bench_new("");
	talk(&leg);
	IN(RESTART_MEDIA, .code = CC_MEDIA_MIXER);
	CU_ASSERT_TRUE(bench_did("[mix 2]"));
	CU_ASSERT_FALSE(bench_did("[play"));
	IN(HANGUP);
	bench_over("\"cause\":\"answered\",\"side\":\"system\"");
}

static void every_input_everywhere(void)
{
	/* garbage inputs in random order: nothing crashes, and the call can still be ended */
	uint32_t x = 12345;

	for (int round = 0; round < 2000; round++) {
		bench_new("");
		bench_begin(CC_ROUTE_QUEUE);
		for (int i = 0; i < 40 && !bench.freed; i++) {
			struct cc_call_input in = {0};

			x = x * 1664525u + 1013904223u;
			in.kind = (enum cc_call_input_kind)((x >> 8) % (CC_IN_CONFIGURED + 1));
			in.leg = (int32_t)((x >> 16) % 5) - 1;
			in.token = (x >> 20) % 6;
			in.agent = 0;
			in.epoch = 1 + (x >> 24) % 3;
			in.code = 180 + (int)((x >> 3) % 500);
			in.count = 0;
			in.cause = CC_CAUSE_QUEUE_TIMEOUT;
			in.digit = "0123456789*#"[(x >> 5) % 12];
			in.inband = x >> 9 & 1;
			in.lost = x >> 30;
			in.other = (int32_t)((x >> 18) % 5) - 1;
			strcpy(in.text, x & 64 ? "802" : "600");
			bench.now += (x >> 12) % 3000;
			if (in.kind == CC_IN_GRANT)
				bench_offer(0, in.epoch, (x >> 28) % 3);
			else
				bench_in(in);
		}
		if (!bench.freed)
			IN(HANGUP);
		CU_ASSERT_EQUAL_FATAL(bench.ended, 1);
		CU_ASSERT_EQUAL_FATAL(bench.freed, 1);
		CU_ASSERT_EQUAL_FATAL(bench_wrote("queue.enter "), bench_wrote("queue.leave "));
		bench_free();
	}
}

static void numbers(void)
{
	static const struct
	{
		const char *language;
		int32_t n;
		const char *list;
	} cases[] = {
			{"zh", 0, "0"},
			{"zh", 10, "10"},
			{"zh", 12, "10 2"},
			{"zh", 20, "2 10"},
			{"zh", 105, "1 100 0 5"},
			{"zh", 110, "1 100 1 10"},
			{"zh", 1001, "1 1000 0 1"},
			{"zh", 1010, "1 1000 0 1 10"},
			{"zh", 9999, "9 1000 9 100 9 10 9"},
			{"ja", 0, "0"},
			{"ja", 7, "7"},
			{"ja", 10, "10"},
			{"ja", 42, "40 2"},
			{"ja", 105, "100 5"},
			{"ja", 600, "600"},
			{"ja", 8300, "8000 300"},
			{"ja", 9999, "9000 900 90 9"},
			{"en", 0, "0"},
			{"en", 20, "20"},
			{"en", 21, "20 1"},
			{"en", 115, "1 100 15"},
			{"en", 1000, "1 1000"},
			{"en", 2340, "2 1000 3 100 40"},
			{"en", 10000, ""},
			{"en", -1, ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char list[256], said[256] = "";
		struct cc_prompts p;

		cc_prompts_init(&p, cases[i].language, list, sizeof(list));
		cc_prompts_number(&p, cases[i].n);
		for (char *s = strtok(list, "\n"); s; s = strtok(NULL, "\n")) {
			CU_ASSERT_EQUAL(strncmp(s, cases[i].language, 2), 0);
			if (said[0])
				strcat(said, " ");
			strcat(said, s + strlen("zh/number_"));
		}
		CU_ASSERT_STRING_EQUAL(said, cases[i].list);
	}
}

int main(void)
{
	CU_TestInfo tests[] = {
			{"answered, ended by the agent", answered_ended_by_agent},
			{"answered, ended by the caller", answered_ended_by_caller},
			{"entry prompt, music, position", entry_music_position},
			{"no answer, then the next agent", no_answer_next_agent},
			{"offers that fail", failed_offers},
			{"phones that refuse", phones_that_refuse},
			{"a phone quicker than the engine", phone_quicker_than_engine},
			{"a call leaves before it releases", leaves_before_release},
			{"two phones of one agent", two_phones_first_wins},
			{"the caller leaves while a phone rings", caller_leaves_while_ringing},
			{"cancelled before the answer", cancel_before_answer},
			{"a grant that comes too late", grant_too_late},
			{"refused by the queue", queue_refusals},
			{"longest wait", longest_wait},
			{"longest wait while a phone rings", longest_wait_ringing},
			{"numbers that lead nowhere", refused_numbers},
			{"feature codes", feature_code},
			{"media failures", media_failures},
			{"cc-mixd restarts", mixer_restart},
			{"every input in every state", every_input_everywhere},
			{"spoken numbers", numbers},
			CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {{"call", NULL, NULL, NULL, NULL, tests},
			{"call: options", NULL, NULL, NULL, NULL, call_options_tests},
			{"parts that restart", NULL, NULL, NULL, NULL, call_saved_tests},
			{"menus", NULL, NULL, NULL, NULL, call_ivr_tests},
			{"transfers", NULL, NULL, NULL, NULL, call_transfer_tests},
			{"calls to outside", NULL, NULL, NULL, NULL, call_out_tests},
			{"feature codes", NULL, NULL, NULL, NULL, call_code_tests},
			{"voicemail", NULL, NULL, NULL, NULL, call_voicemail_tests},
			{"agents outside", NULL, NULL, NULL, NULL, call_mobile_tests},
			{"predictive calls", NULL, NULL, NULL, NULL, call_predictive_tests},
			CU_SUITE_INFO_NULL};

	return unit_run(suites);
}
