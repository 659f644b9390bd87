/* SPDX-License-Identifier: GPL-2.0-or-later
 * Agent 801 at a number outside (CALL-06): trunks one after the other, the key that takes the call,
 * how an offer ends that is not taken. */
#include "call_bench.h"

/* The agent with his number; more: further fields of his. */
static void mobile(const char *more)
{
	static char agent[256];

	snprintf(agent, sizeof(agent), ",\"terminal\":\"mobile\",\"mobile\":\"13900000077\"%s", more);
	bench_agent = agent;
	bench_lists = ",\"mobile\":true";
	bench_new("\"announce_position\":false");
	bench_agent = bench_lists = "";
}

/* CC_ACT_DIAL_AGENT was carried out over the nth trunk; 0: there is none. The leg, or -1. */
static int32_t trunk(int32_t nth)
{
	struct cc_call_input in = {
			.kind = CC_IN_DIALLED, .agent = 0, .epoch = 5, .count = nth > 0, .other = nth};
	struct cc_ulid id = {{2}};
	int32_t leg =
			nth ? cc_call_leg_add(&bench.call, CC_ROLE_AGENT, false, nth, &id, 0, 5, bench.now)
				: -1;

	in.code = nth ? 0 : 503;
	bench_in(in);
	return leg;
}

static void grant(void)
{
	bench_waiting();
	IN(GRANT, .agent = 0, .epoch = 5, .count = bench.call.visit);
	CU_ASSERT_TRUE(bench_did("[dial]"));
}

static const struct cc_call_action *dialled(void)
{
	for (int i = 0; i < bench.out.count; i++)
		if (bench.out.a[i].kind == CC_ACT_DIAL_AGENT)
			return &bench.out.a[i];
	return NULL;
}

static void trunks_in_turn(void)
{
	int32_t leg;

	mobile("");
	grant();
	CU_ASSERT_TRUE(dialled() && dialled()->mobile && dialled()->visit == 0);
	leg = trunk(1);
	IN(LEG_FAILED, .leg = leg, .code = 503);
	CU_ASSERT_TRUE(dialled() && dialled()->mobile && dialled()->visit == 1);
	leg = trunk(2);
	IN(LEG_FAILED, .leg = leg, .code = 408); /* nothing was heard */
	CU_ASSERT_TRUE(dialled() && dialled()->visit == 2);
	leg = trunk(3);
	IN(LEG_RINGING, .leg = leg, .code = 180);
	CU_ASSERT_TRUE(bench_did("[ringing]"));
	IN(LEG_FAILED, .leg = leg, .code = 408); /* it has rung: nobody is there */
	CU_ASSERT_TRUE(bench_did("[release 0 5 unreachable]") && !dialled());
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"caller_hangup\"");
}

static void no_trunk(void)
{
	mobile("");
	grant();
	trunk(0);
	CU_ASSERT_TRUE(bench_did("[release 0 5 unreachable]"));
	CU_ASSERT_EQUAL(bench_wrote("\"why\":\"unreachable\",\"sip_code\":503"), 1);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"caller_hangup\"");
}

static void the_key(void)
{
	int32_t leg;

	mobile(",\"mobile_confirm\":true");
	grant();
	leg = trunk(1);
	bench_wait(19000);
	IN(LEG_UP, .leg = leg);
	CU_ASSERT_TRUE(bench_did("[play 0 music zh/mobile_confirm\nsilence:1000]"));
	CU_ASSERT_FALSE(bench_did("[talking]") || bench_did("[mix") || bench_did("[leave]"));
	CU_ASSERT_TRUE(bench_did("[ringing]"));
	IN(DTMF, .leg = leg, .digit = '2');
	CU_ASSERT_FALSE(bench_did("[talking]"));
	IN(RESTART_MEDIA, .code = CC_MEDIA_MIXER);
	CU_ASSERT_EQUAL(bench_did("zh/mobile_confirm"), 1);
	bench_wait(9000);
	IN(DTMF, .leg = 0, .digit = '1'); /* the customer's */
	CU_ASSERT_FALSE(bench_did("[talking]"));
	IN(DTMF, .leg = leg, .digit = '1');
	CU_ASSERT_TRUE(bench_did("[stop]") && bench_did("[talking]") && bench_did("[leave]"));
	CU_ASSERT_TRUE(bench_did("[mix 2]") && bench_did("[record on 1]"));
	IN(DTMF, .leg = leg, .digit = '1'); /* in the talk it is a key like any */
	CU_ASSERT_FALSE(bench_did("[talking]"));
	IN(LEG_ENDED, .leg = leg, .code = 200);
	bench_over("\"cause\":\"answered\"");
}

static void not_taken(void)
{
	int32_t leg;

	mobile(",\"mobile_confirm\":true");
	grant();
	leg = trunk(1);
	IN(LEG_UP, .leg = leg);
	bench_wait(10000);
	CU_ASSERT_TRUE(bench_did("[hangup 1 0]") && bench_did("[release 0 5 noanswer]"));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"caller_hangup\"");

	mobile(",\"mobile_confirm\":true");
	grant();
	leg = trunk(1);
	IN(LEG_UP, .leg = leg);
	IN(LEG_ENDED, .leg = leg, .code = 200);
	CU_ASSERT_TRUE(bench_did("[release 0 5 rejected]"));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"caller_hangup\"");

	mobile(",\"mobile_confirm\":true");
	grant();
	leg = trunk(1);
	IN(LEG_UP, .leg = leg);
	IN(LEG_ENDED, .leg = 0, .code = 200); /* the customer is tired of it */
	CU_ASSERT_TRUE(bench_did("[hangup 1") && bench_did("[release 0 5 caller_gone]"));
	bench_over("\"cause\":\"caller_hangup\"");

	mobile(",\"mobile_confirm\":true"); /* an engine that has just come back */
	grant();
	leg = trunk(1);
	IN(LEG_UP, .leg = leg);
	IN(RESTORED);
	CU_ASSERT_TRUE(bench_did("[hangup 1") && bench_did("[release 0 5 failed]"));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"caller_hangup\"");
}

/* Without the contract, or a number, his telephones ring. */
static void not_in_force(void)
{
	struct cc_route r;
	const struct cc_conf *conf;

	mobile("");
	conf = cc_conf_by_id(bench.set, 2);
	CU_ASSERT_TRUE(cc_conf_mobile(conf, 0));
	CU_ASSERT_FALSE(cc_conf_mobile(conf, 1));
	cc_route_mobile(&r, conf, 0);
	CU_ASSERT_EQUAL(r.kind, CC_ROUTE_OUT);
	CU_ASSERT_STRING_EQUAL(r.dialled, "+8613900000077");
	bench_free();

	bench_agent = ",\"terminal\":\"mobile\",\"mobile\":\"13900000077\"";
	bench_new("");
	CU_ASSERT_FALSE(cc_conf_mobile(cc_conf_by_id(bench.set, 2), 0));
	bench_free();
	bench_agent = ",\"terminal\":\"mobile\"";
	bench_lists = ",\"mobile\":true";
	bench_new("");
	CU_ASSERT_FALSE(cc_conf_mobile(cc_conf_by_id(bench.set, 2), 0));
	bench_free();
	bench_agent = "";
}

static void refused_numbers(void)
{
	static const char *const own[] = {"4008001", "0104008001", "802", "600", "7000"};
	static char agent[128];
	struct cc_route r;

	bench_lists = ",\"mobile\":true,\"no_calls\":[{\"number\":\"8613900000077\",\"package\":1}]";
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		snprintf(agent, sizeof(agent), ",\"terminal\":\"mobile\",\"mobile\":\"%s\"", own[i]);
		bench_agent = agent;
		bench_new("");
		cc_route_mobile(&r, cc_conf_by_id(bench.set, 2), 0);
		CU_ASSERT_EQUAL(r.kind, CC_ROUTE_REFUSE);
		CU_ASSERT_EQUAL(r.sip_code, 482);
		bench_free();
	}
	bench_agent = ",\"terminal\":\"mobile\",\"mobile\":\"13900000077\"";
	bench_new("");
	cc_route_mobile(&r, cc_conf_by_id(bench.set, 2), 0); /* lists are about customers */
	CU_ASSERT_EQUAL(r.kind, CC_ROUTE_OUT);
	bench_free();
	bench_agent = bench_lists = "";
}

CU_TestInfo call_mobile_tests[] = {
		{"CALL-06 one trunk after the other", trunks_in_turn},
		{"CALL-06 no trunk is left", no_trunk},
		{"CALL-06 a key takes the call", the_key},
		{"CALL-06 nobody takes it", not_taken},
		{"CALL-06 without contract or number", not_in_force},
		{"CALL-06 TEL-20 numbers that are not called", refused_numbers},
		CU_TEST_INFO_NULL,
};
