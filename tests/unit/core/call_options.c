/* SPDX-License-Identifier: GPL-2.0-or-later
 * The call and the options of its queue: what is said, what is pressed, where it goes on. Agent 0
 * is 801, the only member of queue 600; agent 1 is 802, who is disabled. */
#include "call_bench.h"
#include "cc/err.h"

#define KEYS                                                                                       \
	"{\"queue\":\"600\",\"digit\":\"0\",\"target_kind\":\"hangup\",\"target\":\"\"},"              \
	"{\"queue\":\"600\",\"digit\":\"1\",\"target_kind\":\"callback\",\"target\":\"\"},"            \
	"{\"queue\":\"600\",\"digit\":\"2\",\"target_kind\":\"agent\",\"target\":\"801\"},"            \
	"{\"queue\":\"600\",\"digit\":\"3\",\"target_kind\":\"prompt\",\"target\":\"closed\"},"        \
	"{\"queue\":\"600\",\"digit\":\"4\",\"target_kind\":\"did\",\"target\":\"4008009\"},"          \
	"{\"queue\":\"600\",\"digit\":\"*\",\"target_kind\":\"queue\",\"target\":\"600\"}"
#define QUIET "\"announce_position\":false"

static void waiting(const char *queue)
{
	bench_keys = KEYS;
	bench_new(queue);
	bench_keys = "";
	bench_waiting();
	strcpy(bench.call.trunk, "carrier");
}

static void press(char digit)
{
	IN(DTMF, .leg = 0, .digit = digit);
}

static void prompt_over(void)
{
	IN(PLAY_DONE, .leg = 0, .token = bench.call.legs[0].play_token);
}

/* Due announcements come one after another, and none while a phone rings. */
static void announcements(void)
{
	waiting("\"announce_position\":true,\"announce_wait\":true,\"announce_period_s\":60,"
			"\"periodic_prompt\":\"patience\",\"periodic_s\":10,\"menu_prompt\":\"menu\","
			"\"menu_period_s\":30,\"menu_repeat\":2");
	bench_wait(1);
	CU_ASSERT_TRUE(bench_did("[position]"));
	IN(POSITION, .count = 3, .wait_ms = 61000);
	/* the menu was due at the same moment and was first */
	CU_ASSERT_FALSE(bench_did("[play"));
	CU_ASSERT_STRING_EQUAL(bench.call.prompt, "zh/menu\nzh/menu");
	prompt_over();
	CU_ASSERT_FALSE(bench_did("[play"));
	bench_wait(9999);
	CU_ASSERT_TRUE(bench_did("zh/patience"));
	bench_offer(0, 5, 1);
	prompt_over();
	bench_wait(10000);
	CU_ASSERT_FALSE(bench_did("[play"));
	IN(LEG_FAILED, .leg = 1, .code = 486);
	CU_ASSERT_TRUE(bench_did("zh/patience")); /* late, but said */
	prompt_over();
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"caller_hangup\"");
}

static void position_and_estimate(void)
{
	waiting("\"announce_position\":true,\"announce_wait\":true");
	bench_wait(1);
	IN(POSITION, .count = 3, .wait_ms = 60001);
	CU_ASSERT_TRUE(bench_did("zh/position_before\nzh/number_3\nzh/position_after\n"
							 "zh/wait_before\nzh/number_2\nzh/wait_after]"));
	prompt_over();
	bench_wait(20000);
	IN(POSITION, .count = 1, .wait_ms = -1); /* not known */
	CU_ASSERT_TRUE(bench_did("zh/position_before\nzh/number_1\nzh/position_after]"));
	prompt_over();
	bench_wait(20000);
	IN(POSITION, .count = 1, .wait_ms = 59000);
	CU_ASSERT_TRUE(bench_did("zh/number_1\nzh/wait_after_one]"));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"position\":1");
}

/* Both hear the announcement; the talk is recorded from its beginning. */
static void before_the_talk(void)
{
	int32_t leg;

	waiting(QUIET ",\"agent_prompt\":\"call\",\"announce_agent\":true,"
				  "\"agent_number_before\":\"before\",\"agent_number_after\":\"after\"");
	leg = bench_offer(0, 5, 1);
	IN(LEG_UP, .leg = leg);
	CU_ASSERT_EQUAL(
			bench_did("zh/call\nzh/before\nzh/number_8\nzh/number_0\nzh/number_1\nzh/after"), 2);
	CU_ASSERT_TRUE(bench_did("[mix 2]"));
	CU_ASSERT_TRUE(bench_did("[record on 1]"));
	IN(RESTART_MEDIA, .code = CC_MEDIA_MIXER);
	CU_ASSERT_EQUAL(bench_did("zh/call"), 2);
	prompt_over();
	IN(PLAY_DONE, .leg = leg, .token = bench.call.legs[leg].play_token);
	IN(RESTART_MEDIA, .code = CC_MEDIA_MIXER);
	CU_ASSERT_EQUAL(bench_did("zh/call"), 0);
	IN(LEG_ENDED, .leg = leg, .code = 200);
	bench_over("\"cause\":\"answered\"");
}

static void agent_holds(void)
{
	int32_t leg;

	waiting(QUIET ",\"hold_music\":\"music/other\"");
	leg = bench_offer(0, 5, 1);
	IN(HOLD, .leg = leg, .count = 1); /* does not talk yet */
	CU_ASSERT_EQUAL(bench.out.count, 0);
	IN(LEG_UP, .leg = leg);
	IN(HOLD, .leg = 0, .count = 1); /* a customer who holds changes nothing */
	CU_ASSERT_EQUAL(bench.out.count, 0);
	IN(HOLD, .leg = leg, .count = 1);
	CU_ASSERT_TRUE(bench_did("[play 0 music music/other]"));
	CU_ASSERT_TRUE(bench_did("[hold]"));
	IN(RESTART_MEDIA, .code = CC_MEDIA_MIXER);
	CU_ASSERT_TRUE(bench_did("[play 0 music music/other]"));
	IN(HOLD, .leg = leg, .count = 0);
	CU_ASSERT_TRUE(bench_did("[stop]"));
	CU_ASSERT_TRUE(bench_did("[hold]"));
	IN(LEG_ENDED, .leg = leg, .code = 200);
	bench_over("\"cause\":\"answered\"");
}

static void keys(void)
{
	waiting(QUIET);
	press('9');
	CU_ASSERT_FALSE(bench_did("[leave]"));
	press('0');
	bench_over("\"cause\":\"caller_hangup\",\"side\":\"caller\"");

	waiting(QUIET);
	bench_offer(0, 5, 1);
	press('3'); /* while a phone rings */
	CU_ASSERT_TRUE(bench_did("[release 0 5 caller_gone]"));
	CU_ASSERT_TRUE(bench_did("zh/closed"));
	CU_ASSERT_EQUAL(bench_wrote("\"result\":\"overflowed\",\"cause\":\"transferred\""), 1);
	prompt_over();
	bench_over("\"cause\":\"transferred\",\"side\":\"system\"");

	waiting(QUIET);
	press('4'); /* the DID is disabled */
	bench_over("\"cause\":\"transferred\",\"side\":\"system\"");

	waiting(QUIET); /* round and round */
	for (int i = 0; i < 12 && !bench.freed; i++) {
		press('*');
		if (bench.call.legs[0].play_token)
			prompt_over();
	}
	CU_ASSERT_EQUAL(bench_wrote("queue.enter "), 11);
	bench_over("\"cause\":\"transferred\"");
}

static void key_to_an_agent(void)
{
	waiting(QUIET);
	press('2');
	CU_ASSERT_TRUE(bench_did("[play 0 music tone:ringback]"));
	CU_ASSERT_TRUE(bench_did("[reserve]"));
	IN(GRANT, .agent = 0, .epoch = 9, .count = 1); /* of the visit before: goes back */
	CU_ASSERT_TRUE(bench_did("[release 0 9 caller_gone]"));
	IN(REFUSED, .agent = 0, .code = -5);
	bench_over("\"cause\":\"transferred\",\"side\":\"callee\"");
}

static void overflow(void)
{
	waiting(QUIET ",\"overflow_kind\":\"queue\",\"overflow_target\":\"600\"");
	IN(QUEUE_OUT, .cause = CC_CAUSE_QUEUE_FULL_OVERFLOW, .count = 1);
	CU_ASSERT_EQUAL(bench_wrote("\"cause\":\"queue_full_overflow\""), 1);
	prompt_over(); /* the entry prompt of the next one */
	CU_ASSERT_EQUAL(bench_wrote("\"visit\":2"), 1);
	IN(QUEUE_OUT, .cause = CC_CAUSE_QUEUE_TIMEOUT, .count = 1); /* about the first visit: late */
	CU_ASSERT_FALSE(bench_did("[leave]"));
	IN(QUEUE_OUT, .cause = CC_CAUSE_QUEUE_JOIN_EMPTY, .count = 2);
	CU_ASSERT_EQUAL(bench_wrote("\"result\":\"refused\",\"cause\":\"queue_join_empty\""), 1);
	prompt_over();
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"caller_hangup\"");

	waiting(QUIET); /* without a target: the other cause */
	IN(QUEUE_OUT, .cause = CC_CAUSE_QUEUE_FULL_OVERFLOW, .count = 1);
	CU_ASSERT_TRUE(bench_did("zh/queue_full"));
	CU_ASSERT_EQUAL(bench_wrote("\"result\":\"refused\",\"cause\":\"queue_exit\""), 1);
	prompt_over();
	bench_over("\"cause\":\"queue_exit\",\"side\":\"system\"");
}

static void called_back(void)
{
	struct cc_ulid id = {{7}};
	int32_t leg;

	waiting("\"max_wait_s\":30");
	press('1');
	CU_ASSERT_TRUE(bench_did("zh/callback_promised"));
	CU_ASSERT_FALSE(bench_did("[leave]"));
	prompt_over();
	CU_ASSERT_TRUE(bench_did("[hangup 0"));
	bench_wait(60000);
	CU_ASSERT_EQUAL(bench.ended, 0);
	leg = bench_offer(0, 5, 2);
	CU_ASSERT_EQUAL(leg, 1); /* 0 is the customer's */
	IN(LEG_UP, .leg = 2);
	CU_ASSERT_TRUE(bench_did("[dial caller]"));
	CU_ASSERT_TRUE(bench_did("[talking]"));
	CU_ASSERT_TRUE(bench_did("[leave]"));
	CU_ASSERT_EQUAL(
			cc_call_leg_add(&bench.call, CC_ROLE_CALLER, false, 9, &id, -1, 0, bench.now), 0);
	IN(LEG_RINGING, .leg = 0, .code = 180);
	IN(LEG_UP, .leg = 0);
	CU_ASSERT_TRUE(bench_did("[mix 2]"));
	CU_ASSERT_EQUAL(bench_wrote("call.answer "), 1);
	CU_ASSERT_EQUAL(bench_wrote("queue.connect "), 1);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_TRUE(bench_did("[release 0 5 talked]"));
	bench_over("\"result\":\"answered\"");
}

static void call_back_fails(void)
{
	struct cc_ulid id = {{7}};

	waiting(QUIET);
	press('1');
	IN(LEG_ENDED, .leg = 0, .code = 200); /* without listening to the end */
	CU_ASSERT_EQUAL(bench.ended, 0);
	IN(LEG_UP, .leg = bench_offer(0, 5, 1));
	cc_call_leg_add(&bench.call, CC_ROLE_CALLER, false, 9, &id, -1, 0, bench.now);
	IN(LEG_FAILED, .leg = 0, .code = 486);
	CU_ASSERT_TRUE(bench_did("[release 0 5 caller_gone]"));
	CU_ASSERT_TRUE(bench_did("[hangup 1"));
	bench_over("\"result\":\"abandoned\",\"cause\":\"no_answer\"");

	waiting(QUIET);
	press('1');
	prompt_over();
	IN(LEG_UP, .leg = bench_offer(0, 5, 1));
	IN(DIALLED, .agent = -1); /* the trunk is gone */
	bench_over("\"cause\":\"failed\",\"side\":\"system\"");

	waiting(QUIET);
	press('1');
	prompt_over();
	IN(QUEUE_OUT, .cause = CC_CAUSE_QUEUE_NO_AGENT, .count = 1);
	bench_over("\"cause\":\"queue_no_agent\",\"side\":\"system\"");

	waiting(QUIET); /* nobody to call back: the number is hidden */
	strcpy(bench.call.from, "anonymous");
	press('1');
	CU_ASSERT_TRUE(bench_did("zh/not_allowed"));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"caller_hangup\"");
}

static void direct(enum cc_dir dir)
{
	bench_new("");
	bench_direct(dir);
}

static void agent_directly(void)
{
	int32_t leg;

	direct(CC_DIR_IN);
	CU_ASSERT_TRUE(bench_did("[reserve]"));
	CU_ASSERT_FALSE(bench_did("[answer]"));
	leg = bench_offer(0, 5, 1);
	IN(LEG_RINGING, .leg = leg, .code = 180);
	CU_ASSERT_TRUE(bench_did("[respond 0 180]"));
	CU_ASSERT_TRUE(bench_did("[ringing]"));
	IN(LEG_UP, .leg = leg);
	CU_ASSERT_TRUE(bench_did("[answer]"));
	CU_ASSERT_FALSE(bench_did("[mix"));
	IN(LEG_UP, .leg = 0);
	CU_ASSERT_TRUE(bench_did("[mix 2]"));
	CU_ASSERT_EQUAL(bench_wrote("queue."), 0);
	IN(LEG_ENDED, .leg = leg, .code = 200);
	bench_over("\"cause\":\"answered\",\"side\":\"callee\"");

	direct(CC_DIR_IN);
	leg = bench_offer(0, 5, 1);
	IN(LEG_UP, .leg = leg);
	IN(LEG_FAILED, .leg = 0, .code = 500, .text = "Media"); /* the answer fails */
	CU_ASSERT_TRUE(bench_did("[release 0 5 caller_gone]"));
	bench_over("\"cause\":\"failed\",\"side\":\"system\"");
}

static void agent_not_to_be_had(void)
{
	static const struct
	{
		int code;
		const char *end;
	} cases[] = {{486, "\"cause\":\"busy\",\"side\":\"callee\",\"sip_code\":486"},
			{603, "\"cause\":\"rejected\",\"side\":\"callee\",\"sip_code\":603"},
			{480, "\"cause\":\"no_answer\",\"side\":\"callee\",\"sip_code\":480"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		direct(CC_DIR_IN);
		IN(LEG_FAILED, .leg = bench_offer(0, 5, 1), .code = cases[i].code);
		bench_over(cases[i].end);
	}
	direct(CC_DIR_IN);
	bench_offer(0, 5, 1);
	bench_wait(30000);
	CU_ASSERT_TRUE(bench_did("[release 0 5 noanswer]"));
	bench_over("\"cause\":\"timeout\",\"side\":\"callee\",\"sip_code\":480");
	direct(CC_DIR_IN);
	IN(REFUSED, .agent = 0, .code = -5); /* CC_E_STATE: a call has him */
	CU_ASSERT_EQUAL(bench.freed, 1);
	bench_free();
	direct(CC_DIR_IN);
	bench_wait(40000); /* no answer to the reservation */
	bench_over("\"sip_code\":480");
}

/* An agent who calls is reserved himself, before anything else happens. */
static void agent_calls(void)
{
	int32_t leg;

	direct(CC_DIR_INTERNAL);
	CU_ASSERT_TRUE(bench_did("[reserve]"));
	CU_ASSERT_EQUAL(bench_wrote("call.route "), 0);
	IN(GRANT, .agent = 1, .epoch = 3);
	CU_ASSERT_EQUAL(bench_wrote("call.route "), 1);
	leg = bench_offer(0, 5, 1);
	IN(LEG_UP, .leg = leg);
	IN(LEG_UP, .leg = 0);
	CU_ASSERT_EQUAL(bench_did("[talking]"), 1); /* the caller; the other one when he answered */
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_TRUE(bench_did("[release 0 5 talked]"));
	CU_ASSERT_TRUE(bench_did("[release 1 3 talked]"));
	bench_over("\"cause\":\"answered\",\"side\":\"caller\"");

	direct(CC_DIR_INTERNAL);
	IN(REFUSED, .agent = 1, .code = -5);
	bench_over("\"cause\":\"failed\",\"side\":\"system\",\"sip_code\":486");

	direct(CC_DIR_INTERNAL);
	IN(LEG_ENDED, .leg = 0, .code = 487);
	CU_ASSERT_EQUAL(bench.freed, 1);
	bench_free();
}

/* Another snapshot in the middle of a call. */
/* CALL-13: where a call task hides numbers nobody hears of a call before the caller was looked up;
 * without an answer he is hidden as the strictest task says. */
static void look_up(int32_t hide)
{
	bench_lists = ",\"hides\":2";
	bench_new("\"entry_prompt\":\"\"");
	bench_lists = "";
	bench_begin(CC_ROUTE_QUEUE);
	CU_ASSERT_STRING_EQUAL(bench.log, "[look up]");
	CU_ASSERT_STRING_EQUAL(bench.journal, "");
	CU_ASSERT_EQUAL(bench.call.hide, 2);
	IN(CONFIGURED);
	IN(TIMER);
	CU_ASSERT_STRING_EQUAL(bench.log, "");
	if (hide < 0)
		bench_wait(CC_CALL_LOOKUP_MS);
	else
		IN(LOOKED_UP, .code = hide);
	CU_ASSERT_TRUE(bench_did("[call.new]") && bench_did("[answer]"));
	IN(LOOKED_UP, .code = 0); /* comes too late, or twice */
	CU_ASSERT_STRING_EQUAL(bench.log, "");
	IN(LEG_UP, .leg = 0);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_EQUAL(bench.freed, 1);
	bench_free();
}

static void looked_up(void)
{
	look_up(0);
	CU_ASSERT_EQUAL(bench_wrote("\"hide\""), 0);
	look_up(1);
	CU_ASSERT_EQUAL(bench_wrote("\"hide\":\"middle\"}"), 3); /* begin, queue and end */
	look_up(-1);
	CU_ASSERT_EQUAL(bench_wrote("\"hide\":\"all\"}"), 3);
	CU_ASSERT_EQUAL(bench_wrote("leg.new "), bench_wrote("leg.end "));
}

static void gone_while_looked_up(void)
{
	bench_lists = ",\"hides\":1";
	bench_new("");
	bench_begin(CC_ROUTE_QUEUE);
	IN(LEG_ENDED, .leg = 0, .code = 487);
	CU_ASSERT_EQUAL(bench.freed, 1);
	CU_ASSERT_EQUAL(bench.ended, 1);
	CU_ASSERT_EQUAL(bench_wrote("call.new "), 1);
	CU_ASSERT_EQUAL(bench_wrote("leg.new "), bench_wrote("leg.end "));
	CU_ASSERT_EQUAL(bench_wrote("\"cause\":\"caller_hangup\""), 1);
	IN(LOOKED_UP, .code = 0);
	CU_ASSERT_EQUAL(bench.out.count, 0);
	bench_free();
	/* and with the engine */
	bench_new("");
	bench_begin(CC_ROUTE_QUEUE);
	IN(RESTORED, .lost = 1);
	CU_ASSERT_EQUAL(bench.freed, 1);
	CU_ASSERT_EQUAL(bench_wrote("call.new "), 1);
	CU_ASSERT_EQUAL(bench_wrote("call.end "), 1);
	bench_free();
	bench_lists = "";
}

static void reconfigured(void)
{
	struct cc_conf_set *before;
	int32_t leg;

	waiting(QUIET ",\"music\":\"music/hold\"");
	leg = bench_offer(0, 5, 1);
	before = bench.set;
	bench_keys = KEYS;
	bench_again("\"music\":\"music/other\",\"max_wait_s\":2,\"periodic_prompt\":\"patience\","
				"\"periodic_s\":9,\"announce_position\":true");
	CU_ASSERT_TRUE(cc_call_configure(&bench.call, cc_conf_by_id(bench.set, 2)));
	IN(CONFIGURED);
	CU_ASSERT_TRUE(bench_did("[play 0 music music/other]"));
	bench_wait(1999);
	CU_ASSERT_EQUAL(bench_wrote("queue.leave "), 0);
	bench_wait(1);
	CU_ASSERT_EQUAL(bench_wrote("\"cause\":\"queue_timeout\""), 1);
	CU_ASSERT_TRUE(bench_did("[hangup 1"));
	(void)leg;
	bench_free_set(before);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"queue_timeout\"");
	bench_keys = "";
}

/* The number examples of the manual (000 §15, §16): 10 s in the queue and 3 s of talk are 13 s of
 * the call list; 3 s and 5 s more of the customer behind them are 8 s from the agent's answer. */
static void two_durations(void)
{
	int32_t leg;

	waiting(QUIET);
	bench_wait(10000);
	leg = bench_offer(0, 5, 1);
	IN(LEG_UP, .leg = leg);
	bench_wait(3000);
	IN(LEG_ENDED, .leg = leg, .code = 200);
	CU_ASSERT_EQUAL(bench_wrote("\"talk_ms\":13000,\"agent_ms\":3000"), 1);
	bench_over("\"cause\":\"answered\"");

	waiting(QUIET);
	leg = bench_offer(0, 5, 1);
	IN(LEG_UP, .leg = leg);
	bench_wait(3000);
	IN(REFER, .leg = leg, .other = -1, .text = "600"); /* the customer goes on without the agent */
	CU_ASSERT_EQUAL(bench.call.bridged_agent, -1);
	bench_wait(5000);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_EQUAL(bench_wrote("\"talk_ms\":8000,\"agent_ms\":3000"), 1);
	bench_over("\"result\":\"answered\"");
}

/* How often web phones, and no others, were to be called in the last step. */
static int dialled_pages(void)
{
	int n = 0;

	for (int i = 0; i < bench.out.count; i++)
		n += bench.out.a[i].kind == CC_ACT_DIAL_AGENT && bench.out.a[i].page && bench.out.a[i].on;
	return n;
}

/* The page of a web phone is gone in a talk: it is called until it is there again. */
static void page_away(void)
{
	int32_t leg, again;

	waiting(QUIET);
	leg = bench_offer(0, 5, 1);
	IN(LEG_UP, .leg = leg);
	bench_wait(15000);
	IN(SILENCE, .leg = leg, .code = 408, .count = 1);
	CU_ASSERT_TRUE(bench_did("[play 0 music music/hold]"));
	CU_ASSERT_FALSE(bench_did("[release"));
	CU_ASSERT_FALSE(bench_did("[record"));
	CU_ASSERT_EQUAL(dialled_pages(), 1);
	IN(DIALLED, .agent = 0, .epoch = 5); /* it is not there yet */
	CU_ASSERT_EQUAL(dialled_pages(), 0);
	bench_wait(500);
	CU_ASSERT_EQUAL(dialled_pages(), 1);
	again = bench_ring(0, 5, 1);
	IN(LEG_FAILED, .leg = again, .code = 480); /* that was the page before */
	bench_wait(500);
	again = bench_ring(0, 5, 1);
	IN(LEG_RINGING, .leg = again, .code = 180);
	CU_ASSERT_FALSE(bench_did("[ringing"));
	IN(LEG_UP, .leg = again);
	CU_ASSERT_TRUE(bench_did("[stop"));
	CU_ASSERT_FALSE(bench_did("[record"));
	bench_wait(20000);
	CU_ASSERT_EQUAL(bench.ended, 0);

	IN(SILENCE, .leg = again, .code = 408, .count = 1); /* once more, and the customer gives up */
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_EQUAL(bench_did("[release 0 5 talked]"), 1);
	bench_over("\"cause\":\"answered\"");
}

/* A web phone that never comes back: the customer is the next one in line. */
static void agent_lost(void)
{
	int64_t entered;
	int32_t leg;

	waiting(QUIET);
	entered = bench.now;
	leg = bench_offer(0, 5, 1);
	IN(LEG_UP, .leg = leg);
	bench_wait(15000);
	IN(SILENCE, .leg = leg, .code = 408, .count = 1);
	IN(DIALLED, .agent = 0, .epoch = 5);
	for (int i = 0; i < 24; i++) {
		CU_ASSERT_FALSE(bench_did("[release"));
		bench_wait(500);
		if (dialled_pages())
			IN(DIALLED, .agent = 0, .epoch = 5);
	}
	CU_ASSERT_TRUE(bench_did("[release 0 5 talked]"));
	CU_ASSERT_TRUE(bench_did("[enter]"));
	CU_ASSERT_TRUE(bench_did("[play 0 music music/hold]"));
	CU_ASSERT_TRUE(bench_did("[record off 1]"));
	for (int i = 0; i < bench.out.count; i++)
		if (bench.out.a[i].kind == CC_ACT_QUEUE_ENTER)
			CU_ASSERT_EQUAL(bench.out.a[i].since_ms, entered);
	CU_ASSERT_EQUAL(bench.ended, 0);
	leg = bench_offer(0, 6, 1);
	IN(LEG_UP, .leg = leg);
	CU_ASSERT_TRUE(bench_did("[record on 2]"));
	IN(SILENCE, .leg = leg, .code = 481); /* that phone has hung up, only its word was lost */
	CU_ASSERT_EQUAL(bench_wrote("\"result\":\"answered\""), 2);
	bench_over("\"cause\":\"answered\"");
}

static void code_with_password(void)
{
	bench_new("");
	bench_begin(CC_ROUTE_CODE);
	IN(LEG_UP, .leg = 0);
	CU_ASSERT_TRUE(bench_did("[command]"));
	IN(COMMAND_DONE, .code = CC_E_PASSWORD);
	CU_ASSERT_TRUE(bench_did("zh/password_enter"));
	press('1'); /* into the prompt */
	CU_ASSERT_TRUE(bench_did("[stop]"));
	press('2');
	bench_wait(8000); /* the pause says that it is complete */
	CU_ASSERT_TRUE(bench_did("[command]"));
	CU_ASSERT_EQUAL(bench.out.a[bench.out.count - 1].text_len, 2);
	CU_ASSERT_STRING_EQUAL(bench.call.password, "");
	IN(COMMAND_DONE, .code = CC_E_PASSWORD);
	CU_ASSERT_TRUE(bench_did("zh/password_wrong\nzh/password_enter"));
	for (int i = 0; i < 40; i++)
		press('9'); /* more than fits */
	press('#');
	IN(COMMAND_DONE, .code = 0);
	CU_ASSERT_TRUE(bench_did("zh/signed_in"));
	CU_ASSERT_EQUAL(bench_wrote("\"digit\":\"?\""), 43);
	CU_ASSERT_EQUAL(bench_wrote("leg.dtmf "), 43);
	IN(PLAY_DONE, .leg = 0, .token = bench.call.legs[0].play_token);
	CU_ASSERT_EQUAL(bench.freed, 1);
	bench_free();

	bench_new("");
	bench_begin(CC_ROUTE_CODE);
	IN(LEG_UP, .leg = 0);
	for (int i = 0; i < 3; i++) {
		IN(COMMAND_DONE, .code = CC_E_PASSWORD);
		press('#');
	}
	IN(COMMAND_DONE, .code = CC_E_PASSWORD);
	CU_ASSERT_TRUE(bench_did("zh/not_allowed"));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_EQUAL(bench.freed, 1);
	bench_free();
}

/* ---- the blacklist ---- */

#define UNWANTED(action)                                                                           \
	",\"blacklist_action\":\"" action "\",\"extension_timeout_s\":7,\"hold_music\":"               \
	"\"music/hold\",\"blacklist\":[{\"number\":\"8613800001234\"}]"

/* A call from the number to the DID of the queue. */
static void unwanted(const char *lists, const char *from)
{
	const struct cc_conf *conf;
	struct cc_ulid id = {{1}};
	struct cc_call *c = &bench.call;

	bench_lists = lists;
	bench_new("");
	bench_lists = "";
	conf = cc_conf_by_id(bench.set, 2);
	cc_call_init(c, &id, 2, conf, bench.now);
	strcpy(c->from, from);
	cc_route_in(&c->route, conf, cc_conf_did_find(conf, "4008001"), from);
	cc_call_leg_add(c, CC_ROLE_CALLER, true, 0, &id, -1, 0, bench.now);
	IN(NEW);
}

static void blacklist_hangs_up(void)
{
	static const char *const same[] = {"13800001234", "+8613800001234", "008613800001234"};
	static const char *const others[] = {"13800001235", "+8513800001234", "anonymous", "801"};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		unwanted(UNWANTED("hangup"), same[i]);
		CU_ASSERT_TRUE(bench_did("[hangup 0 603]"));
		CU_ASSERT_FALSE(bench_did("[respond"));
		bench_over("\"cause\":\"blacklist\",\"side\":\"system\",\"sip_code\":603,\"sip_text\":"
				   "\"Decline\"");
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		unwanted(UNWANTED("hangup"), others[i]);
		CU_ASSERT_TRUE(bench_did("[answer]"));
		IN(LEG_ENDED, .leg = 0, .code = 487);
		bench_over("\"cause\":\"caller_hangup\"");
	}
}

static void blacklist_rings(void)
{
	unwanted(UNWANTED("ring"), "13800001234");
	CU_ASSERT_TRUE(bench_did("[respond 0 180]"));
	CU_ASSERT_EQUAL(bench_wrote("call.route {\"node\":\"ring\""), 1);
	bench_wait(6999);
	CU_ASSERT_EQUAL(bench.freed, 0);
	bench_wait(1);
	CU_ASSERT_TRUE(bench_did("[hangup 0 480]"));
	CU_ASSERT_EQUAL(bench_wrote("call.answer "), 0);
	bench_over("\"cause\":\"blacklist\",\"side\":\"system\",\"sip_code\":480");

	unwanted(UNWANTED("ring"), "13800001234");
	IN(LEG_ENDED, .leg = 0, .code = 487, .text = "Request Terminated");
	bench_over("\"cause\":\"blacklist\",\"side\":\"caller\",\"sip_code\":487");
}

static void blacklist_speaks(void)
{
	unwanted(UNWANTED("announcement"), "13800001234");
	CU_ASSERT_TRUE(bench_did("[answer]"));
	IN(LEG_UP, .leg = 0);
	CU_ASSERT_TRUE(bench_did("[play 1 prompt zh/call_not_taken]"));
	prompt_over();
	bench_over("\"cause\":\"blacklist\",\"side\":\"system\",\"sip_code\":200");

	unwanted(UNWANTED("announcement"), "13800001234"); /* gone while it is answered */
	IN(LEG_ENDED, .leg = 0, .code = 487);
	bench_over("\"cause\":\"blacklist\"");
}

static void blacklist_plays(void)
{
	unwanted(UNWANTED("music"), "13800001234");
	IN(LEG_UP, .leg = 0);
	CU_ASSERT_TRUE(bench_did("[play 0 music music/hold]"));
	IN(RESTART_MEDIA, .code = CC_MEDIA_MIXER);
	CU_ASSERT_TRUE(bench_did("[play 0 music music/hold]"));
	bench_wait(6999);
	CU_ASSERT_EQUAL(bench.freed, 0);
	bench_wait(1);
	bench_over("\"cause\":\"blacklist\",\"side\":\"system\",\"sip_code\":200");
	CU_ASSERT_EQUAL(bench_wrote("queue.enter "), 0);

	unwanted(UNWANTED("music"), "13800001234");
	IN(LEG_UP, .leg = 0);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"blacklist\",\"side\":\"caller\",\"sip_code\":200");
}

CU_TestInfo call_options_tests[] = {
		{"TEL-07 announcements one after another", announcements},
		{"TEL-07 position and estimate", position_and_estimate},
		{"TEL-07 announcement before the talk", before_the_talk},
		{"TEL-07 hold music", agent_holds},
		{"TEL-05 keys", keys},
		{"TEL-05 a key to an agent", key_to_an_agent},
		{"TEL-05 overflow", overflow},
		{"a call-back keeps the place", called_back},
		{"call-backs that fail", call_back_fails},
		{"an agent is called directly", agent_directly},
		{"an agent who is not to be had", agent_not_to_be_had},
		{"an agent calls", agent_calls},
		{"TEL-05 another snapshot while waiting", reconfigured},
		{"CALL-13 callers are looked up", looked_up},
		{"CALL-13 gone while looked up", gone_while_looked_up},
		{"CDR-07 the number examples", two_durations},
		{"CALL-07 the page of an agent who talks is loaded again", page_away},
		{"STATE-01 an agent's web phone is lost", agent_lost},
		{"STATE-03 phone password", code_with_password},
		{"TEL-19 calls from the blacklist end at once", blacklist_hangs_up},
		{"TEL-19 they ring", blacklist_rings},
		{"TEL-19 they hear an announcement", blacklist_speaks},
		{"TEL-19 they hear music", blacklist_plays},
		CU_TEST_INFO_NULL,
};
