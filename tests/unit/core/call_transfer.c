/* SPDX-License-Identifier: GPL-2.0-or-later
 * Agents who move calls and ask each other: CALL-04, CALL-05. (CALL-11: how long phones ring.)
 * Agent 0 is 801, who talks; agent 1 is 802. */
#include "call_bench.h"
#include "cc/err.h"

static int32_t talking(void)
{
	int32_t leg;

	bench_new("\"hold_music\":\"music/hold\"");
	bench_waiting();
	leg = bench_offer(0, 7, 1);
	IN(LEG_UP, .leg = leg);
	bench_wait(4000);
	return leg;
}

static void refer(int32_t leg, const char *number, int32_t other)
{
	struct cc_call_input in = {.kind = CC_IN_REFER, .leg = leg, .other = other};

	snprintf(in.text, sizeof(in.text), "%s", number);
	bench_in(in);
}

/* 802 is called for the transfer; the leg of his phone. */
static int32_t called(void)
{
	int32_t leg = bench_offer(1, 9, 1);

	CU_ASSERT_TRUE(leg > 0);
	return leg;
}

static void blind_to_an_agent(void)
{
	int32_t leg = talking(), target;

	refer(leg, "802", -1);
	CU_ASSERT_TRUE(bench_did("[referred 1 100]"));
	CU_ASSERT_TRUE(bench_did("[play 0 music tone:ringback]"));
	CU_ASSERT_TRUE(bench_did("[mix 1]"));
	CU_ASSERT_TRUE(bench_did("[reserve]"));
	target = called();
	IN(LEG_RINGING, .leg = target, .code = 180);
	CU_ASSERT_TRUE(bench_did("[referred 1 180]"));
	refer(leg, "803", -1); /* one after the other */
	CU_ASSERT_TRUE(bench_did("[referred 1 491]"));
	IN(LEG_UP, .leg = target);
	CU_ASSERT_TRUE(bench_did("[referred 1 200]"));
	CU_ASSERT_TRUE(bench_did("[hangup 1 0]"));
	CU_ASSERT_TRUE(bench_did("[release 0 7 talked]"));
	CU_ASSERT_TRUE(bench_did("[mix 2]"));
	CU_ASSERT_EQUAL(bench_wrote("\"result\":\"answered\""), 1); /* the visit */
	CU_ASSERT_EQUAL(bench_wrote("call.transfer {\"kind\":\"blind\",\"agent\":\"801\",\"node\":"
								"\"agent\",\"target\":\"802\",\"result\":\"done\""),
			1);
	CU_ASSERT_EQUAL(bench_wrote("call.bridge "), 2);
	bench_wait(2000);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_TRUE(bench_did("[release 1 9 talked]"));
	CU_ASSERT_EQUAL(bench_wrote("\"agent_ms\":6000"), 1); /* both of them */
	bench_over("\"cause\":\"answered\",\"side\":\"caller\"");
}

/* The phone that moves the call may hang up at once. */
static void mover_hangs_up(void)
{
	int32_t leg = talking(), target;

	refer(leg, "802", -1);
	target = called();
	IN(LEG_ENDED, .leg = leg, .code = 200);
	CU_ASSERT_TRUE(bench_did("[release 0 7 talked]"));
	CU_ASSERT_FALSE(bench_did("[free]"));
	IN(RESTART_MEDIA, .code = CC_MEDIA_MIXER);
	CU_ASSERT_TRUE(bench_did("[mix 1]"));
	IN(LEG_UP, .leg = target);
	CU_ASSERT_TRUE(bench_did("[mix 2]"));
	IN(LEG_ENDED, .leg = target, .code = 200);
	bench_over("\"cause\":\"answered\",\"side\":\"callee\"");
}

/* Nobody answers: the talk goes on, held as it was. */
static void back_to_the_mover(void)
{
	int32_t leg = talking(), target;

	IN(HOLD, .leg = leg, .count = 1);
	refer(leg, "802", -1);
	target = called();
	IN(LEG_RINGING, .leg = target, .code = 180);
	bench_wait(30000);
	CU_ASSERT_TRUE(bench_did("[release 1 9 noanswer]"));
	CU_ASSERT_TRUE(bench_did("[referred 1 480]"));
	CU_ASSERT_TRUE(bench_did("[mix 2]"));
	CU_ASSERT_TRUE(bench_did("[play 0 music music/hold]"));
	CU_ASSERT_EQUAL(bench_wrote("\"result\":\"failed\",\"sip_code\":480"), 1);
	CU_ASSERT_EQUAL(bench_wrote("queue.leave "), 0);
	IN(HOLD, .leg = leg, .count = 0);
	refer(leg, "802", -1); /* again, and 802 is in another call */
	IN(REFUSED, .agent = 1, .code = CC_E_STATE);
	CU_ASSERT_TRUE(bench_did("[referred 1 486]"));
	IN(LEG_ENDED, .leg = leg, .code = 200);
	bench_over("\"cause\":\"answered\",\"side\":\"callee\"");
}

/* Who moved the call has gone: he is called back, once. */
static void calls_back(void)
{
	int32_t leg = talking(), target;

	refer(leg, "802", -1);
	target = called();
	IN(LEG_ENDED, .leg = leg, .code = 200);
	IN(LEG_FAILED, .leg = target, .code = 603);
	CU_ASSERT_TRUE(bench_did("[reserve]"));
	CU_ASSERT_EQUAL(bench_wrote("\"result\":\"failed\",\"sip_code\":603"), 1);
	leg = bench_offer(0, 11, 1);
	IN(LEG_UP, .leg = leg);
	CU_ASSERT_TRUE(bench_did("[mix 2]"));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_TRUE(bench_did("[release 0 11 talked]"));
	bench_over("\"cause\":\"answered\"");

	leg = talking();
	refer(leg, "802", -1);
	IN(LEG_ENDED, .leg = leg, .code = 200);
	IN(REFUSED, .agent = 1, .code = CC_E_NOENT);
	CU_ASSERT_TRUE(bench_did("[reserve]"));
	IN(REFUSED, .agent = 0, .code = CC_E_STATE);
	bench_over("\"cause\":\"busy\",\"side\":\"callee\"");
}

static void blind_to_a_queue(void)
{
	int32_t leg = talking();

	refer(leg, "600", -1);
	CU_ASSERT_TRUE(bench_did("[referred 1 200]"));
	CU_ASSERT_TRUE(bench_did("[release 0 7 talked]"));
	CU_ASSERT_TRUE(bench_did("[record off 1]"));
	CU_ASSERT_TRUE(bench_did("zh/queue_welcome"));
	IN(PLAY_DONE, .leg = 0, .token = bench.call.legs[0].play_token);
	CU_ASSERT_EQUAL(bench_wrote("\"visit\":2"), 1);
	leg = bench_offer(0, 8, 1);
	IN(LEG_UP, .leg = leg);
	CU_ASSERT_TRUE(bench_did("[record on 2]"));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_EQUAL(bench_wrote("\"result\":\"answered\""), 2);
	bench_over("\"cause\":\"answered\"");
}

static void refused(void)
{
	int32_t leg = talking();

	refer(leg, "899", -1);
	CU_ASSERT_TRUE(bench_did("[referred 1 404]"));
	refer(leg, "801", -1);
	CU_ASSERT_TRUE(bench_did("[referred 1 486]"));
	refer(leg, "*100", -1);
	CU_ASSERT_TRUE(bench_did("[referred 1 403]"));
	refer(leg, "802", CC_CALL_LEGS); /* to be replaced: a dialog of another call */
	CU_ASSERT_TRUE(bench_did("[referred 1 481]"));
	refer(0, "802", -1); /* customers do not */
	CU_ASSERT_TRUE(bench_did("[referred 0 603]"));
	CU_ASSERT_EQUAL(bench_wrote("\"result\":\"refused\""), 4);
	CU_ASSERT_EQUAL(bench.call.legs[leg].state, CC_LEG_UP);
	IN(LEG_ENDED, .leg = leg, .code = 200);
	bench_over("\"cause\":\"answered\"");
}

/* 801 asks 802: the second dialog's leg. */
static int32_t consult(void)
{
	struct cc_call_input in = {.kind = CC_IN_CONSULT, .text = "802"};
	struct cc_ulid id = {{5}};

	in.leg = cc_call_leg_add(&bench.call, CC_ROLE_AGENT, true, 20, &id, 0, 0, bench.now);
	bench_in(in);
	return in.leg;
}

static int32_t asking(int32_t *other)
{
	int32_t leg = consult();

	CU_ASSERT_TRUE(bench_did("[reserve]"));
	*other = called();
	IN(LEG_RINGING, .leg = *other, .code = 180);
	CU_ASSERT_TRUE(bench_did("[respond 2 180]"));
	IN(LEG_UP, .leg = *other);
	CU_ASSERT_TRUE(bench_did("[answer]"));
	IN(LEG_UP, .leg = leg);
	CU_ASSERT_TRUE(bench_did("[mix 4]"));
	return leg;
}

/* Whether the two hear each other, in both directions. */
static bool hears(int32_t a, int32_t b)
{
	for (int i = 0; i < bench.out.count; i++) {
		const struct cc_call_action *m = &bench.out.a[i];
		int x = -1, y = -1;

		for (int k = 0; m->kind == CC_ACT_MIX && k < m->count; k++) {
			x = m->legs[k] == a ? k : x;
			y = m->legs[k] == b ? k : y;
		}
		if (x >= 0 && y >= 0)
			return m->gain[x][y] == 256 && m->gain[y][x] == 256;
	}
	return false;
}

static void attended(void)
{
	int32_t leg = talking(), other, second;

	IN(HOLD, .leg = leg, .count = 1);
	second = asking(&other);
	CU_ASSERT_TRUE(hears(second, other) && hears(0, leg));
	CU_ASSERT_FALSE(hears(0, other) || hears(0, second) || hears(leg, other));
	refer(leg, "802", second);
	CU_ASSERT_TRUE(bench_did("[referred 1 200]"));
	CU_ASSERT_TRUE(bench_did("[hangup 1 0]") && bench_did("[hangup 2 0]"));
	CU_ASSERT_TRUE(bench_did("[release 0 7 talked]"));
	CU_ASSERT_TRUE(hears(0, other));
	CU_ASSERT_TRUE(bench_did("[stop]")); /* the music */
	CU_ASSERT_EQUAL(bench_wrote("call.transfer {\"kind\":\"attended\",\"agent\":\"801\""), 1);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_TRUE(bench_did("[release 1 9 talked]"));
	bench_over("\"cause\":\"answered\",\"side\":\"caller\"");
}

static void attended_before_the_answer(void)
{
	int32_t leg = talking(), other, second = consult();

	other = called();
	refer(leg, "802", second);
	CU_ASSERT_TRUE(bench_did("[hangup 2 487]"));
	CU_ASSERT_TRUE(bench_did("[referred 1 100]"));
	IN(LEG_UP, .leg = other);
	CU_ASSERT_TRUE(bench_did("[referred 1 200]"));
	CU_ASSERT_TRUE(hears(0, other));
	IN(LEG_ENDED, .leg = other, .code = 200);
	bench_over("\"cause\":\"answered\",\"side\":\"callee\"");
}

static void consultations_end(void)
{
	int32_t leg = talking(), other, second = asking(&other);

	IN(LEG_ENDED, .leg = other, .code = 200); /* who was asked hangs up */
	CU_ASSERT_TRUE(bench_did("[release 1 9 talked]"));
	CU_ASSERT_TRUE(bench_did("[hangup 2 0]"));
	CU_ASSERT_TRUE(bench_did("[mix 2]"));
	second = asking(&other);
	IN(LEG_ENDED, .leg = second, .code = 200); /* who asked does */
	CU_ASSERT_TRUE(bench_did("[release 1 9 talked]"));
	consult();
	called();
	IN(LEG_ENDED, .leg = 2, .code = 487); /* before the answer */
	CU_ASSERT_TRUE(bench_did("[release 1 9 caller_gone]"));
	consult();
	IN(REFUSED, .agent = 1, .code = CC_E_STATE);
	CU_ASSERT_TRUE(bench_did("[hangup 2 486]"));
	second = asking(&other);
	consult(); /* a third dialog is too much */
	CU_ASSERT_TRUE(bench_did("[hangup 4 486]"));
	IN(LEG_ENDED, .leg = 0, .code = 200); /* the customer gives up: everything ends */
	CU_ASSERT_TRUE(bench_did("[release 1 9 talked]") && bench_did("[release 0 7 talked]"));
	(void)leg;
	(void)second;
	bench_over("\"cause\":\"answered\",\"side\":\"caller\"");
}

static void restarts(void)
{
	int32_t leg = talking(), other, second = asking(&other);

	IN(RESTORED);
	CU_ASSERT_TRUE(bench_did("[mix 4]"));
	IN(RESTORED, .lost = 1ULL << other);
	CU_ASSERT_TRUE(bench_did("[release 1 9 talked]") && bench_did("[hangup 2 0]"));
	CU_ASSERT_FALSE(bench_did("[free]"));
	refer(leg, "802", -1);
	other = called();
	IN(RESTORED, .lost = 1ULL << other);
	CU_ASSERT_TRUE(bench_did("[release 1 9 failed]"));
	CU_ASSERT_TRUE(hears(0, leg));
	(void)second;
	IN(HANGUP);
	bench_over("\"cause\":\"answered\",\"side\":\"system\"");
}

CU_TestInfo call_transfer_tests[] = {
		{"blind to an agent", blind_to_an_agent},
		{"who moves the call hangs up", mover_hangs_up},
		{"back to who moved the call", back_to_the_mover},
		{"who moved the call is called back", calls_back},
		{"blind to a queue", blind_to_a_queue},
		{"transfers that are refused", refused},
		{"attended", attended},
		{"attended before the answer", attended_before_the_answer},
		{"consultations that end", consultations_end},
		{"restarts", restarts},
		CU_TEST_INFO_NULL,
};
