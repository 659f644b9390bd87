/* SPDX-License-Identifier: GPL-2.0-or-later
 * A dialler calls a customer for queue 600, who waits in it as soon as he has answered (TEL-08).
 * Leg 0 is the customer's. */
#include "call_bench.h"
#include "cc/err.h"

#define NUMBER "013900000005"

static void originate(int32_t ring_ms)
{
	const struct cc_conf *conf = cc_conf_by_id(bench.set, 2);
	struct cc_ulid id = {{1}};
	struct cc_call *c = &bench.call;

	cc_call_init(c, &id, 2, conf, bench.now);
	cc_route_predictive(&c->route, conf, NUMBER, 0, -1);
	c->dir = CC_DIR_OUT;
	c->predictive = true;
	c->queue = cc_conf_queue_find(conf, "600");
	c->ring_max_ms = ring_ms;
	c->task = 5;
	strcpy(c->from, "600");
	strcpy(c->to, NUMBER);
	strcpy(c->to_name, "Zhang");
	IN(NEW);
}

static void call_new(int32_t ring_ms)
{
	originate(ring_ms);
	CU_ASSERT_TRUE(bench_did("[dial out 0 +8613900000005]"));
	bench_trunk(1, "carrier");
}

/* The customer has answered, and has heard the greeting. */
static void waiting(const char *queue)
{
	bench_new(queue);
	call_new(0);
	IN(LEG_RINGING, .leg = 0, .code = 180);
	bench_wait(2000);
	IN(LEG_UP, .leg = 0);
	if (bench.call.legs[0].play_token)
		IN(PLAY_DONE, .leg = 0, .token = bench.call.legs[0].play_token);
	CU_ASSERT_TRUE(bench_did("[enter]"));
}

/* Of the last step: whether the agent's phone was asked to answer by itself. */
static bool asked_to_answer(void)
{
	for (int i = 0; i < bench.out.count; i++)
		if (bench.out.a[i].kind == CC_ACT_DIAL_AGENT)
			return bench.out.a[i].on;
	CU_FAIL("no agent is called");
	return false;
}

static void answered(void)
{
	int32_t leg;

	bench_new("");
	call_new(0);
	CU_ASSERT_EQUAL(bench_wrote("\"dir\":\"out\",\"from\":\"600\",\"from_name\":\"\",\"to\":"
								"\"" NUMBER "\",\"did\":\"4008001\",\"trunk\":\"\""),
			1);
	CU_ASSERT_EQUAL(bench_wrote("\"to_name\":\"Zhang\",\"predictive\":true,\"task\":5"), 1);
	IN(LEG_RINGING, .leg = 0, .code = 180);
	IN(LEG_EARLY, .leg = 0, .code = 183); /* nobody is there to hear it */
	CU_ASSERT_FALSE(bench_did("[respond") || bench_did("[mix"));
	bench_wait(2000);
	IN(LEG_UP, .leg = 0);
	CU_ASSERT_TRUE(bench_did("[call.answer]") && bench_did("[play 1 prompt zh/queue_welcome]"));
	CU_ASSERT_STRING_EQUAL(bench.call.trunk, "carrier");
	IN(PLAY_DONE, .leg = 0, .token = bench.call.legs[0].play_token);
	CU_ASSERT_EQUAL(
			bench_wrote("queue.enter {\"queue\":\"600\",\"visit\":1,\"from\":\"" NUMBER
						"\",\"from_name\":\"Zhang\",\"did\":\"4008001\",\"predictive\":true"),
			1);
	bench_wait(3000);
	leg = bench_offer(0, 7, 1);
	IN(LEG_UP, .leg = leg);
	CU_ASSERT_TRUE(bench_did("[mix 2]") && bench_did("[talking]") && bench_did("[record on 1]"));
	bench_wait(5000);
	IN(LEG_ENDED, .leg = leg, .code = 200);
	CU_ASSERT_TRUE(bench_did("[hangup 0") && bench_did("[release 0 7 talked]"));
	CU_ASSERT_EQUAL(bench_wrote("\"result\":\"answered\""), 1);
	CU_ASSERT_EQUAL(bench_wrote("\"talk_ms\":5000,\"predictive\":true"), 1);
	CU_ASSERT_EQUAL(bench_wrote("\"talk_ms\":8000,\"agent_ms\":5000,\"total_ms\":10000,"
								"\"agent\":\"801\",\"queue\":\"600\""),
			1); /* CDR-07: with the waiting, and without it */
	bench_over("\"cause\":\"answered\",\"side\":\"caller\",\"sip_code\":200");
}

/* Three options, each for its own kind of call. */
static void phones_answer(void)
{
	waiting("\"auto_answer\":true");
	IN(GRANT, .agent = 0, .epoch = 7, .count = 1);
	CU_ASSERT_FALSE(asked_to_answer());
	IN(HANGUP);
	bench_free();
	waiting("\"auto_answer_predictive\":true");
	IN(GRANT, .agent = 0, .epoch = 7, .count = 1);
	CU_ASSERT_TRUE(asked_to_answer());
	IN(HANGUP);
	bench_free();
	bench_new("\"auto_answer_predictive\":true,\"auto_answer_click\":true");
	bench_waiting();
	IN(GRANT, .agent = 0, .epoch = 7, .count = 1);
	CU_ASSERT_FALSE(asked_to_answer());
	IN(HANGUP);
	bench_free();
	bench_new("\"auto_answer\":true");
	bench_waiting();
	IN(GRANT, .agent = 0, .epoch = 7, .count = 1);
	CU_ASSERT_TRUE(asked_to_answer());
	IN(HANGUP);
	bench_free();
}

static void not_reached(void)
{
	static const struct
	{
		int code;
		const char *end;
	} cases[] = {{486, "\"cause\":\"busy\",\"side\":\"callee\",\"sip_code\":486"},
			{603, "\"cause\":\"rejected\",\"side\":\"callee\",\"sip_code\":603"},
			{404, "\"cause\":\"no_answer\",\"side\":\"callee\",\"sip_code\":404"},
			{480, "\"cause\":\"no_answer\",\"side\":\"callee\",\"sip_code\":480"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bench_new("");
		call_new(0);
		IN(LEG_RINGING, .leg = 0, .code = 180);
		bench_wait(1000);
		IN(LEG_FAILED, .leg = 0, .code = cases[i].code, .text = "No");
		CU_ASSERT_FALSE(bench_wrote("queue.enter "));
		CU_ASSERT_EQUAL(bench_wrote("\"queue\":\"600\""), 1); /* whose call it was */
		bench_over(cases[i].end);
	}
	bench_new(""); /* the next trunk, and no further one */
	call_new(0);
	IN(LEG_FAILED, .leg = 0, .code = 503, .text = "Full");
	CU_ASSERT_TRUE(bench_did("[dial out 1 +8613900000005]"));
	IN(DIALLED, .agent = -1);
	bench_over("\"cause\":\"failed\",\"side\":\"system\",\"sip_code\":503,\"sip_text\":\"Full\"");
}

/* As long as the dialler says, else as the tenant does. */
static void rings_in_vain(void)
{
	bench_new("");
	call_new(15000);
	IN(LEG_RINGING, .leg = 0, .code = 180);
	bench_wait(14999);
	CU_ASSERT_FALSE(bench_did("[hangup"));
	bench_wait(1);
	CU_ASSERT_TRUE(bench_did("[hangup 0"));
	bench_over("\"cause\":\"timeout\",\"side\":\"callee\",\"sip_code\":480");

	bench_new("");
	call_new(0);
	IN(LEG_RINGING, .leg = 0, .code = 180);
	bench_wait(59999);
	CU_ASSERT_FALSE(bench_did("[hangup"));
	bench_wait(1);
	bench_over("\"cause\":\"timeout\",\"side\":\"callee\"");
}

/* 漏接: he hangs up, or is sent away, while he waits for an agent. */
static void no_agent(void)
{
	int32_t leg;

	waiting("");
	bench_wait(4000);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_EQUAL(bench_wrote("\"result\":\"abandoned\",\"cause\":\"caller_hangup\""), 1);
	bench_over("\"cause\":\"caller_hangup\",\"side\":\"callee\",\"sip_code\":200");

	waiting(""); /* while a phone rings */
	leg = bench_offer(0, 7, 1);
	IN(LEG_RINGING, .leg = leg, .code = 180);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_TRUE(bench_did("[release 0 7 caller_gone]"));
	bench_over("\"cause\":\"caller_hangup\",\"side\":\"callee\"");

	waiting("\"max_wait_s\":5");
	bench_wait(5000);
	CU_ASSERT_EQUAL(bench_wrote("\"result\":\"overflowed\",\"cause\":\"queue_timeout\""), 1);
	IN(PLAY_DONE, .leg = 0, .token = bench.call.legs[0].play_token);
	bench_over("\"cause\":\"queue_timeout\",\"side\":\"system\"");
}

/* The agent leaves the customer to a number outside: he is the one who waits then. */
static void moved_outside(void)
{
	struct cc_call_input refer = {.kind = CC_IN_REFER, .other = -1, .text = NUMBER};
	struct cc_call_input in = {.kind = CC_IN_DIALLED, .agent = -1, .count = 1, .text = "b"};
	struct cc_ulid id = {{3}};

	waiting("");
	refer.leg = bench_offer(0, 7, 1);
	IN(LEG_UP, .leg = refer.leg);
	bench_in(refer);
	CU_ASSERT_TRUE(bench_did("[dial out 0 +8613900000005]"));
	CU_ASSERT_EQUAL(
			cc_call_leg_add(&bench.call, CC_ROLE_CALLEE, false, 1, &id, -1, 0, bench.now), 1);
	bench_in(in);
	CU_ASSERT_STRING_EQUAL(bench.call.trunk, "carrier");
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_TRUE(bench_did("[hangup 1"));
	bench_over("\"cause\":\"answered\",\"side\":\"callee\"");
}

static void restarts(void)
{
	bench_new("");
	call_new(0);
	IN(RESTORED, .lost = 1);
	bench_over("\"cause\":\"failed\",\"side\":\"system\"");

	waiting("");
	IN(RESTORED);
	CU_ASSERT_EQUAL(bench_wrote("\"legs\":1,\"lost\":0"), 1);
	CU_ASSERT_TRUE(bench_did("[play 0 music music/hold]"));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"caller_hangup\",\"side\":\"callee\"");
}

static void refused(const char *number, uint32_t package, int32_t code)
{
	struct cc_route r;

	cc_route_predictive(&r, cc_conf_by_id(bench.set, 2), number, package, -1);
	CU_ASSERT_EQUAL(r.kind, CC_ROUTE_REFUSE);
	CU_ASSERT_EQUAL(r.sip_code, code);
}

static void routes(void)
{
	struct cc_route r;

	bench_lists = ",\"no_calls\":[{\"number\":\"8613900000009\",\"package\":1}]";
	bench_new("");
	bench_lists = "";
	refused("801", 0, 404); /* nobody inside */
	refused("600", 0, 404);
	refused("95588", 0, 404);
	refused("nobody", 0, 404);
	refused("4008001", 0, 482); /* it would come back */
	refused("13900000009", 0, 603);
	refused("13900000009", 1, 603);
	cc_route_predictive(&r, cc_conf_by_id(bench.set, 2), "13900000009", 2, -1);
	CU_ASSERT_EQUAL(r.kind, CC_ROUTE_OUT); /* another package's */
	bench_free();
}

/* CALL-13: agents of the queue see no more of the number than its call task shows. */
static void looked_up(void)
{
	bench_lists = ",\"hides\":2";
	bench_new("");
	bench_lists = "";
	originate(0);
	CU_ASSERT_STRING_EQUAL(bench.log, "[look up]");
	CU_ASSERT_STRING_EQUAL(bench.journal, "");
	IN(LOOKED_UP, .code = 1);
	CU_ASSERT_TRUE(bench_did("[dial out 0 +8613900000005]"));
	CU_ASSERT_EQUAL(bench_wrote("\"hide\":\"middle\"}"), 1);
	CU_ASSERT_EQUAL(bench.call.hide, 1);
	IN(HANGUP);
	CU_ASSERT_EQUAL(bench.freed, 1);
	bench_free();
}

CU_TestInfo call_predictive_tests[] = {
		{"where numbers lead", routes},
		{"answered", answered},
		{"phones that answer by themselves (TEL-08)", phones_answer},
		{"a number that its call task hides (CALL-13)", looked_up},
		{"not reached", not_reached},
		{"rings in vain", rings_in_vain},
		{"no agent for who has answered", no_agent},
		{"moved to outside", moved_outside},
		{"restarts", restarts},
		CU_TEST_INFO_NULL,
};
