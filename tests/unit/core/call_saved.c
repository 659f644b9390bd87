/* SPDX-License-Identifier: GPL-2.0-or-later
 * Calls whose parts restart: the engine itself, cc-mixd, rtpengine. */
#include "call_bench.h"
#include "cc/conf.h"
#include "cc/err.h"

static int32_t talking(void)
{
	int32_t leg;

	bench_new("");
	bench_waiting();
	leg = bench_offer(0, 7, 1);
	IN(LEG_UP, .leg = leg);
	return leg;
}

static void ended(const char *end)
{
	CU_ASSERT_EQUAL(bench.freed, 1);
	CU_ASSERT_EQUAL(bench.ended, 1);
	CU_ASSERT_EQUAL(bench_wrote("queue.enter "), bench_wrote("queue.leave "));
	CU_ASSERT_EQUAL(bench_wrote("leg.new "), bench_wrote("leg.end "));
	CU_ASSERT_EQUAL(bench_wrote("rec.start "), bench_wrote("rec.stop "));
	CU_ASSERT_EQUAL(bench_wrote(end), 1);
	CU_ASSERT_TRUE(cc_call_over(&bench.call));
	bench_free();
}

static void a_talk_goes_on(void)
{
	int32_t leg = talking();

	IN(RESTORED);
	CU_ASSERT_TRUE(bench_did("[mix 2]"));
	CU_ASSERT_TRUE(bench_did("[record on 1]"));
	CU_ASSERT_FALSE(bench_did("[release"));
	CU_ASSERT_EQUAL(bench_wrote("call.restored {\"legs\":2,\"lost\":0}"), 1);
	CU_ASSERT_EQUAL(bench_wrote("rec.start "), 1);
	IN(LEG_ENDED, .leg = leg, .code = 200);
	CU_ASSERT_TRUE(bench_did("[release 0 7 talked]"));
	ended("\"cause\":\"answered\",\"side\":\"callee\"");
}

static void who_waits_goes_on(void)
{
	int32_t leg;

	bench_new("");
	bench_waiting();
	bench_wait(1);
	IN(POSITION, .count = 2);
	leg = bench_offer(0, 7, 1);
	IN(LEG_RINGING, .leg = leg, .code = 180);
	IN(RESTORED, .lost = 1u << leg);
	CU_ASSERT_EQUAL(bench_wrote("call.restored {\"legs\":1,\"lost\":1}"), 1);
	CU_ASSERT_TRUE(bench_did("[release 0 7 failed]"));
	CU_ASSERT_TRUE(bench_did("[play 0 music music/hold]"));
	CU_ASSERT_TRUE(bench_did("zh/position_before"));
	CU_ASSERT_TRUE(bench.call.waiting);
	leg = bench_offer(0, 9, 1);
	IN(LEG_UP, .leg = leg);
	CU_ASSERT_TRUE(bench_did("[talking]"));
	IN(HANGUP);
	ended("\"cause\":\"answered\",\"side\":\"system\"");
}

static void whose_leg_is_lost_ends(void)
{
	int32_t leg = talking();

	IN(RESTORED, .lost = 1u << leg);
	CU_ASSERT_TRUE(bench_did("[hangup 0"));
	ended("\"cause\":\"answered\",\"side\":\"system\"");

	bench_new("");
	bench_begin(CC_ROUTE_QUEUE);
	IN(RESTORED, .lost = 1);
	ended("\"cause\":\"failed\",\"side\":\"system\"");
}

static void rtpengine_restarts(void)
{
	talking();
	IN(RESTART_MEDIA, .code = CC_MEDIA_RTPENGINE);
	CU_ASSERT_FALSE(bench_did("[mix"));
	CU_ASSERT_TRUE(bench_did("[record off 1]"));
	CU_ASSERT_TRUE(bench_did("[record on 2]"));
	IN(HANGUP);
	ended("\"cause\":\"answered\",\"side\":\"system\"");
}

static void names(void)
{
	struct cc_call_names n;

	talking();
	cc_call_names(&bench.call, &n);
	CU_ASSERT_STRING_EQUAL(n.queue, "600");
	bench.call.queue = bench.call.bridged_agent = 5; /* as in another snapshot */
	CU_ASSERT_EQUAL(cc_call_rebind(&bench.call, &n, bench.call.conf), CC_OK);
	CU_ASSERT_EQUAL(bench.call.queue, 0);
	CU_ASSERT_EQUAL(bench.call.bridged_agent, 0);
	strcpy(n.agents[1], "899"); /* who talks to it is gone */
	CU_ASSERT_EQUAL(cc_call_rebind(&bench.call, &n, bench.call.conf), CC_E_NOENT);
	strcpy(n.agents[1], "802");
	CU_ASSERT_EQUAL(cc_call_rebind(&bench.call, &n, bench.call.conf), CC_OK);
	CU_ASSERT_EQUAL(bench.call.bridged_agent, 1);
	strcpy(n.queue, "699");
	CU_ASSERT_EQUAL(cc_call_rebind(&bench.call, &n, bench.call.conf), CC_E_NOENT);
	IN(HANGUP);
	bench_free();
}

static int records(const struct cc_call_actions *out, uint16_t event)
{
	int n = 0;

	for (int i = 0; i < out->count; i++)
		n += out->a[i].kind == CC_ACT_JOURNAL && out->a[i].event == event;
	return n;
}

static void abandoned(void)
{
	static struct cc_call_actions out;
	struct cc_call_names n;

	talking();
	cc_call_names(&bench.call, &n);
	bench.call.conf = NULL;
	cc_call_abandon(&bench.call, &n, bench.now + 1000, &out);
	CU_ASSERT_EQUAL(records(&out, CC_EV_REC_STOP), 1);
	CU_ASSERT_EQUAL(records(&out, CC_EV_QUEUE_LEAVE), 1);
	CU_ASSERT_EQUAL(records(&out, CC_EV_CALL_END), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(out.text, "\"queue\":\"600\""));
	bench_free();
}

CU_TestInfo call_saved_tests[] = {
		{"a talk goes on", a_talk_goes_on},
		{"who waits goes on waiting", who_waits_goes_on},
		{"a call whose leg is lost ends", whose_leg_is_lost_ends},
		{"rtpengine restarts", rtpengine_restarts},
		{"indexes by name", names},
		{"an end without a configuration", abandoned},
		CU_TEST_INFO_NULL,
};
