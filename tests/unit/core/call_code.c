/* SPDX-License-Identifier: GPL-2.0-or-later
 * Feature codes: CODE-01, CODE-04, CRM-20. Agent 0 is 801, who talks on leg 1 to the caller's leg
 * 0. */
#include "call_bench.h"
#include "cc/err.h"

#define DIGITS ",\"mark_digits\":[{\"digit\":\"3\"},{\"digit\":\"7\"}]"

static int32_t talking(const char *lists)
{
	int32_t leg;

	bench_lists = lists;
	bench_new("\"entry_prompt\":\"\"");
	bench_lists = "";
	bench_waiting();
	leg = bench_offer(0, 7, 1);
	IN(LEG_UP, .leg = leg);
	return leg;
}

static void press(int32_t leg, const char *keys)
{
	for (; *keys; keys++) {
		bench.now += 200;
		IN(DTMF, .leg = leg, .digit = *keys);
	}
}

static void press_sound(int32_t leg, const char *keys)
{
	for (; *keys; keys++) {
		bench.now += 200;
		IN(DTMF, .leg = leg, .digit = *keys, .inband = true);
	}
}

/* What the step's conference is like: whether the caller hears the agent; the leg whose keys stay.
 */
static bool heard(int32_t *kept)
{
	for (int i = bench.out.count - 1; i >= 0; i--)
		if (bench.out.a[i].kind == CC_ACT_MIX) {
			*kept = bench.out.a[i].leg;
			return bench.out.a[i].gain[0][1] > 0;
		}
	*kept = -2;
	return false;
}

static void end(void)
{
	IN(HANGUP);
	CU_ASSERT_EQUAL(bench.freed, 1);
	bench_free();
}

static void marks(void)
{
	int32_t leg = talking(DIGITS), kept;

	CU_ASSERT_TRUE(heard(&kept));
	CU_ASSERT_EQUAL(kept, leg);
	press(leg, "*3");
	CU_ASSERT_FALSE(bench_did("[mix")); /* its keys come as packets, which nobody hears */
	press(leg, "#");
	CU_ASSERT_EQUAL(bench_wrote("call.mark {\"agent\":\"801\",\"digit\":\"3\"}"), 1);
	CU_ASSERT_TRUE(bench_did("[play 1 prompt zh/marked]"));
	CU_ASSERT_EQUAL(bench.out.a[bench.out.count - 1].leg, leg);
	press(leg, "*30"); /* nothing longer begins so */
	CU_ASSERT_TRUE(
			bench_did("[play 1 prompt zh/marked\nzh/customer_number\nzh/number_1\nzh/number_3"));
	press(leg, "*4#");
	CU_ASSERT_TRUE(bench_did("[play 1 prompt zh/mark_unused]"));
	press(leg, "*70"); /* a transfer begins so */
	CU_ASSERT_FALSE(bench_did("[play"));
	bench_wait(2000);
	CU_ASSERT_EQUAL(bench_wrote("\"digit\":\"7\"}"), 1);
	CU_ASSERT_TRUE(bench_did("zh/marked\nzh/customer_number"));
	CU_ASSERT_EQUAL(bench_wrote("call.mark "), 3);
	CU_ASSERT_FALSE(bench_did("[keys"));
	IN(RESTART_MEDIA, .code = CC_MEDIA_MIXER);
	CU_ASSERT_EQUAL(bench_did("[play 1 prompt"), 1); /* to the agent, and nobody else */
	heard(&kept);
	CU_ASSERT_EQUAL(kept, leg);
	end();
}

static void what_is_no_code(void)
{
	int32_t leg = talking(DIGITS);

	press(leg, "5");
	CU_ASSERT_TRUE(bench_did("[keys 0 5]"));
	press(leg, "*");
	CU_ASSERT_FALSE(bench_did("[keys"));
	press(leg, "2");
	CU_ASSERT_FALSE(bench_did("[keys"));
	press(leg, "5");
	CU_ASSERT_TRUE(bench_did("[keys 0 *2]"));
	CU_ASSERT_TRUE(bench_did("[keys 0 5]"));
	press(leg, "#");
	bench_wait(2000);
	CU_ASSERT_TRUE(bench_did("[keys 0 #]"));
	press(leg, "**3#"); /* the second one begins the code */
	CU_ASSERT_TRUE(bench_did("zh/marked]"));
	CU_ASSERT_EQUAL(bench_wrote("call.mark "), 1);
	press(leg, "*70*8");
	press(leg, "#"); /* no such number */
	CU_ASSERT_TRUE(bench_did("zh/not_allowed"));
	CU_ASSERT_FALSE(bench_did("[referred"));
	end();
}

static void keys_as_sound(void)
{
	int32_t leg = talking(DIGITS), kept;

	press_sound(leg, "*");
	CU_ASSERT_FALSE(heard(&kept)); /* the rest of it and what follows */
	CU_ASSERT_EQUAL(kept, leg);
	press_sound(leg, "3#");
	CU_ASSERT_TRUE(heard(&kept));
	CU_ASSERT_EQUAL(bench_wrote("call.mark "), 1);
	press_sound(leg, "*2");
	bench_wait(2000);
	CU_ASSERT_TRUE(bench_did("[keys 0 2]")); /* the first key was heard */
	CU_ASSERT_TRUE(heard(&kept));
	press_sound(leg, "6");
	CU_ASSERT_FALSE(bench_did("[keys"));
	end();
}

/* Nobody but the agent presses codes, not even by way of the agent's phone. */
static void keys_of_customers(void)
{
	int32_t leg = talking(DIGITS);

	press(0, "*3###");
	CU_ASSERT_EQUAL(bench_wrote("call.mark "), 0);
	CU_ASSERT_EQUAL(bench.freed, 0);
	for (const char *k = "*3#"; *k; k++) {
		IN(DTMF, .leg = 0, .digit = *k, .inband = true);
		bench.now += 100;
		IN(DTMF, .leg = leg, .digit = *k, .inband = true); /* the phone gives it back */
	}
	CU_ASSERT_EQUAL(bench_wrote("call.mark "), 0);
	press(leg, "*3");
	press(0, "#");
	CU_ASSERT_EQUAL(bench_wrote("call.mark "), 0);
	bench.now += 1500;
	press_sound(leg, "*3#");
	CU_ASSERT_EQUAL(bench_wrote("call.mark "), 1);
	end();

	bench_lists = DIGITS; /* two agents: nobody is a customer */
	bench_new("");
	bench_lists = "";
	bench_direct(CC_DIR_INTERNAL);
	IN(GRANT, .agent = 1, .epoch = 5);
	leg = bench_offer(0, 7, 1);
	IN(LEG_UP, .leg = leg);
	IN(LEG_UP, .leg = 0);
	press(leg, "*3#");
	press(0, "*3#");
	CU_ASSERT_EQUAL(bench_wrote("call.bridge "), 1);
	CU_ASSERT_EQUAL(bench_wrote("call.mark "), 0);
	end();
}

static void hidden_numbers(void)
{
	int32_t leg = talking(DIGITS);

	strcpy(bench.call.shown, "138****1234");
	press(leg, "*30");
	CU_ASSERT_TRUE(bench_did("zh/marked\nzh/number_hidden]"));
	bench.call.shown[0] = '\0'; /* by a call task, from everybody */
	bench.call.hide = 1;
	press(leg, "*30");
	CU_ASSERT_TRUE(bench_did("zh/marked\nzh/number_hidden]"));
	end();
}

static void hung_up(void)
{
	int32_t leg = talking("");

	press(leg, "##");
	CU_ASSERT_EQUAL(bench.freed, 1);
	CU_ASSERT_EQUAL(bench_wrote("\"cause\":\"answered\",\"side\":\"callee\""), 1);
	bench_free();
}

static void moved(void)
{
	int32_t leg = talking(""), target;

	press(leg, "*70*802#");
	CU_ASSERT_TRUE(bench_did("[reserve]"));
	CU_ASSERT_TRUE(bench_did("[play 0 music tone:ringback]"));
	CU_ASSERT_FALSE(bench_did("[referred"));
	target = bench_offer(1, 9, 1);
	IN(LEG_RINGING, .leg = target, .code = 180);
	IN(LEG_UP, .leg = target);
	CU_ASSERT_FALSE(bench_did("[referred"));
	CU_ASSERT_EQUAL(bench_wrote("call.transfer {\"kind\":\"blind\",\"agent\":\"801\",\"node\":"
								"\"agent\",\"target\":\"802\",\"result\":\"done\""),
			1);
	end();
}

/* Codes that a tenant has chosen, those of gateways. */
static void chosen(void)
{
	int32_t leg =
			talking(DIGITS ",\"codes\":[{\"name\":\"mark\",\"code\":\"#D*\",\"gateway\":\"\"},"
						   "{\"name\":\"hang_up\",\"code\":\"\",\"gateway\":\"**\"}]");

	press(leg, "*3#");
	bench_wait(2000);
	CU_ASSERT_EQUAL(bench_wrote("call.mark "), 0);
	press(leg, "##");
	CU_ASSERT_EQUAL(bench.freed, 0);
	press(leg, "#3*");
	CU_ASSERT_EQUAL(bench_wrote("call.mark "), 1);
	end();

	leg = talking(DIGITS ",\"gateway_codes\":true");
	press(leg, "*3*");
	CU_ASSERT_EQUAL(bench_wrote("call.mark "), 1);
	press(leg, "**");
	CU_ASSERT_EQUAL(bench.freed, 1);
	bench_free();
}

/* ---- codes that are dialled ---- */

static void dial(const char *number, const char *lists)
{
	struct cc_ulid id = {{1}};
	struct cc_call *c = &bench.call;
	const struct cc_conf *conf;

	bench_lists = lists;
	bench_new("");
	bench_lists = "";
	conf = cc_conf_by_id(bench.set, 2);
	cc_call_init(c, &id, 2, conf, bench.now);
	c->dir = CC_DIR_INTERNAL;
	c->caller_agent = 0;
	strcpy(c->from, "801");
	cc_route_dialled(&c->route, conf, 0, number);
	cc_call_leg_add(c, CC_ROLE_CALLER, true, 0, &id, 0, 0, bench.now);
	IN(NEW);
	IN(LEG_UP, .leg = 0);
}

static void previous_customer(void)
{
	static const struct cc_ulid other = {{9}};

	dial("*66*3#", DIGITS);
	CU_ASSERT_TRUE(bench_did("[last]"));
	IN(COMMAND_DONE, .call = other, .text = "13800001234");
	CU_ASSERT_EQUAL(bench_wrote("call.mark {\"agent\":\"801\",\"digit\":\"3\",\"of\":\""), 1);
	CU_ASSERT_TRUE(bench_did("[play 1 prompt zh/marked]"));
	IN(PLAY_DONE, .leg = 0, .token = bench.call.legs[0].play_token);
	CU_ASSERT_EQUAL(bench.freed, 1);
	bench_free();

	dial("*66*30", DIGITS);
	IN(COMMAND_DONE, .call = other, .text = "12");
	CU_ASSERT_TRUE(bench_did("zh/marked\nzh/customer_number\nzh/number_1\nzh/number_2]"));
	end();
	dial("*66*4", DIGITS);
	IN(COMMAND_DONE, .call = other, .text = "12");
	CU_ASSERT_TRUE(bench_did("zh/mark_unused]"));
	CU_ASSERT_EQUAL(bench_wrote("call.mark "), 0);
	end();
	dial("*66*3", DIGITS);
	IN(COMMAND_DONE, .code = CC_E_NOENT);
	CU_ASSERT_TRUE(bench_did("zh/no_last_call]"));
	CU_ASSERT_EQUAL(bench_wrote("call.mark "), 0);
	end();
	dial("*67", "");
	IN(COMMAND_DONE, .call = other, .text = "");
	CU_ASSERT_TRUE(bench_did("zh/number_hidden]"));
	end();
	dial("90067", ",\"gateway_codes\":true");
	IN(COMMAND_DONE, .call = other, .text = "+8613");
	CU_ASSERT_TRUE(bench_did("zh/customer_number\nzh/number_8\nzh/number_6\nzh/number_1"));
	end();
	dial("*114*1", "");
	CU_ASSERT_TRUE(bench_did("zh/own_agent\nzh/number_8\nzh/number_0\nzh/number_1]"));
	end();
	dial("*114*2", "");
	CU_ASSERT_TRUE(bench_did("zh/own_extension\nzh/number_8"));
	end();
}

static enum cc_route_kind routed(const char *number, const char *lists)
{
	struct cc_route r;

	bench_lists = lists;
	bench_new("");
	bench_lists = "";
	cc_route_dialled(&r, cc_conf_by_id(bench.set, 2), 0, number);
	bench_free();
	return r.kind;
}

static void what_is_dialled(void)
{
	CU_ASSERT_EQUAL(routed("*001", ""), CC_ROUTE_CODE);
	CU_ASSERT_EQUAL(routed("*001#", ""), CC_ROUTE_CODE);
	CU_ASSERT_EQUAL(routed("*001*600", ""), CC_ROUTE_CODE);
	CU_ASSERT_EQUAL(routed("*001*999", ""), CC_ROUTE_REFUSE);
	CU_ASSERT_EQUAL(routed("*3#", ""), CC_ROUTE_REFUSE); /* for talks */
	CU_ASSERT_EQUAL(routed("90001", ""), CC_ROUTE_REFUSE);
	CU_ASSERT_EQUAL(routed("90001", ",\"gateway_codes\":true"), CC_ROUTE_CODE);
	CU_ASSERT_EQUAL(routed("*001", ",\"codes\":[{\"name\":\"sign_in\",\"code\":\"*11\",\"gateway\":"
								   "\"\"}]"),
			CC_ROUTE_REFUSE);
	/* whoever has the number inside has it before a code */
	CU_ASSERT_EQUAL(routed("600", ",\"codes\":[{\"name\":\"sign_in\",\"code\":\"600\",\"gateway\":"
								  "\"\"}]"),
			CC_ROUTE_QUEUE);
}

CU_TestInfo call_code_tests[] = {
		{"CODE-01 CRM-20 marks by phone", marks},
		{"CODE-01 keys that are no code are the customer's", what_is_no_code},
		{"CODE-01 keys as sound", keys_as_sound},
		{"CODE-01 keys of customers are no codes", keys_of_customers},
		{"CALL-13 hidden numbers are not said", hidden_numbers},
		{"CODE-01 ## hangs up", hung_up},
		{"CODE-01 *70 transfers", moved},
		{"CODE-01 CODE-04 codes that a tenant has chosen", chosen},
		{"CODE-01 CRM-20 the previous customer", previous_customer},
		{"CODE-01 CODE-04 what is dialled", what_is_dialled},
		CU_TEST_INFO_NULL,
};
