/* SPDX-License-Identifier: GPL-2.0-or-later
 * The distributor's options: skills, VIP levels, pauses, queues that nobody works in, estimates. */
#include "acd_bench.h"

/* 801 has skill 1 at level 5, 802 at level 3, 803 not at all; queue 600 needs level 5. */
static void skilled(int relax_s)
{
	bench_new(NULL);
	bench_queue((struct bench_queue){.number = "600", .relax_s = relax_s});
	for (int i = 801; i <= 803; i++) {
		bench_agent(i, true);
		bench_member("600", i, i, 1, false);
	}
	bench_need("600", 1, 5);
	bench_skill(801, 1, 5);
	bench_skill(802, 1, 3);
	CU_ASSERT_EQUAL(bench_configure(), CC_OK);
	for (int i = 801; i <= 803; i++)
		bench_ready(i);
	bench_clear();
}

static void skills_relax(void)
{
	skilled(10);
	bench_enter("600", 1);
	GRANTS("801:1 "); /* has the level */
	bench_enter("600", 2);
	bench_wait(19999);
	GRANTS(""); /* 802 lacks two levels: 20 s */
	bench_wait(1);
	GRANTS("802:2 ");
	bench_enter("600", 3);
	bench_wait(49999);
	GRANTS("");
	bench_wait(1);
	GRANTS("803:3 "); /* 803 lacks five: 50 s */
	bench_free();
}

/* Who has the skill gets the call, however long others have been idle. */
static void skilled_first(void)
{
	skilled(1);
	bench_work(801, CC_WORK_BUSY, "");
	bench_enter("600", 1);
	bench_wait(2000);
	GRANTS("802:1 ");
	bench_release(802, CC_OUT_CALLER_GONE);
	bench_clear();
	bench_work(801, CC_WORK_ONLINE, "");
	bench_enter("600", 2);
	bench_leave(1);
	bench_clear();
	bench_talk(801);
	bench_enter("600", 3);
	bench_wait(1000);
	GRANTS("");
	bench_release(801, CC_OUT_TALKED); /* 3 waits for a second: 801 may have it at once */
	GRANTS("801:3 ");
	bench_free();
}

static void skills_never_relax(void)
{
	skilled(0);
	bench_work(801, CC_WORK_BUSY, "");
	bench_enter("600", 1);
	bench_wait(3600000);
	GRANTS("");
	/* the next snapshot asks for less: it holds at once */
	bench_queue((struct bench_queue){.number = "600"});
	for (int i = 801; i <= 803; i++) {
		bench_agent(i, true);
		bench_member("600", i, i, 1, false);
	}
	bench_need("600", 1, 3);
	bench_skill(802, 1, 3);
	CU_ASSERT_EQUAL(bench_configure(), CC_OK);
	GRANTS("802:1 ");
	bench_free();
}

/* A call of higher level that needs more skill does not stop one behind it that has waited. */
static void relaxed_behind_vip(void)
{
	skilled(10);
	bench_work(801, CC_WORK_BUSY, "");
	bench_work(802, CC_WORK_BUSY, "");
	bench_enter("600", 1);
	bench_wait(45000);
	bench_enter_first("600", 2, 3);
	GRANTS("");
	bench_wait(5000);
	GRANTS("803:1 ");
	bench_free();
}

/* PLAT-14: levels jump the queue, behind calls that are being served already. */
static void vip_levels(void)
{
	bench_usual("linear", 1);
	bench_enter("600", 1);
	GRANTS("801:1 ");
	bench_enter("600", 2);
	bench_enter_first("600", 3, 1);
	bench_enter_first("600", 4, 3);
	bench_enter_first("600", 5, 2);
	bench_enter_first("600", 6, 3);
	CU_ASSERT_EQUAL(bench_position(4), 1);
	CU_ASSERT_EQUAL(bench_position(2), 6);
	for (int i = 0; i < 6; i++)
		bench_answer(801);
	GRANTS("801:4 801:6 801:5 801:3 801:2 ");
	bench_free();
}

/* After an offer that was not answered: the retry delay, then the next agent (TEL-07). */
static void retry_pause(void)
{
	bench_new(NULL);
	bench_queue((struct bench_queue){.number = "600", .retry_delay_s = 4});
	for (int i = 801; i <= 802; i++) {
		bench_agent(i, true);
		bench_member("600", i, i, 1, false);
	}
	CU_ASSERT_EQUAL(bench_configure(), CC_OK);
	bench_ready(801);
	bench_ready(802);
	bench_enter("600", 1);
	GRANTS("801:1 ");
	bench_miss(801);
	GRANTS("");
	bench_wait(3999);
	GRANTS("");
	CU_ASSERT_EQUAL(bench_position(1), 1);
	bench_wait(1);
	GRANTS("802:1 ");
	bench_free();
}

/* STATE-07: a web phone that lost its connection is waited for, and not called meanwhile. */
static void reconnecting(void)
{
	bench_new(NULL);
	bench_queue((struct bench_queue){.number = "600"});
	bench_agent(801, true);
	bench_member("600", 801, 1, 1, false);
	bench_configure();
	bench_ready(801);
	bench_clear();
	bench_phone_lost(801);
	EVENTS("801 reconnecting  online idle\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.last, "\"registered\":false,\"reconnecting\":true"));
	bench_enter("600", 1);
	GRANTS("");
	bench_phone(801, 1);
	GRANTS("801:1 ");
	bench_release(801, CC_OUT_NOANSWER);
	bench_phone_lost(801);
	bench_wait(CC_ACD_RECONNECT_MS - 1);
	bench_clear();
	bench_phone(801, 0);
	EVENTS("");
	bench_wait(1);
	bench_phone(801, 0);
	EVENTS("801 unregistered  online idle\n");
	GRANTS("");
	bench_free();
}

/* STATE-03: busy in one of several queues. */
static void paused_in_one_queue(void)
{
	bench_new(NULL);
	bench_queue((struct bench_queue){.number = "600"});
	bench_queue((struct bench_queue){.number = "601"});
	bench_agent(801, true);
	bench_member("600", 801, 1, 1, false);
	bench_member("601", 801, 1, 1, true);
	CU_ASSERT_EQUAL(bench_configure(), CC_OK);
	CU_ASSERT_EQUAL(bench_pause(801, "600", true), CC_E_STATE); /* not signed in yet */
	bench_ready(801);
	bench_clear();
	CU_ASSERT_EQUAL(bench_pause(801, "600", true), CC_OK);
	EVENTS("801 queue_busy 600 online idle\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.last, "\"paused_queues\":[\"600\"]"));
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.last, "\"reason\":\"meal\""));
	CU_ASSERT_EQUAL(bench_pause(801, "600", true), CC_OK); /* is so already */
	EVENTS("");
	bench_enter("600", 1);
	GRANTS("");
	bench_enter("601", 2);
	GRANTS("801:2 ");
	bench_answer(801);
	GRANTS("");
	CU_ASSERT_EQUAL(bench_pause(801, "600", false), CC_OK);
	GRANTS("801:1 ");
	CU_ASSERT_EQUAL(bench_pause(801, "601", true), CC_OK); /* static members too */
	CU_ASSERT_EQUAL(bench_pause(801, "699", true), CC_E_NOENT);
	bench_leave(1);
	bench_release(801, CC_OUT_CALLER_GONE);
	bench_pause(801, "600", true);
	bench_sign(801, "600", false); /* ends it */
	bench_sign(801, "600", true);
	bench_clear();
	bench_enter("600", 3);
	GRANTS("801:3 ");
	bench_free();
}

static void outs(const char *text)
{
	CU_ASSERT_STRING_EQUAL(bench.outs, text);
	bench.outs[0] = '\0';
}

/* TEL-07: the last one who signs out sends the callers away. */
static void leave_when_empty(void)
{
	bench_new(NULL);
	bench_queue((struct bench_queue){.number = "600", .leave_empty = true});
	for (int i = 801; i <= 802; i++) {
		bench_agent(i, true);
		bench_member("600", i, i, 1, false);
	}
	CU_ASSERT_EQUAL(bench_configure(), CC_OK);
	bench_enter("600", 1); /* may come in, and leaves at once */
	outs("1 empty ");
	bench_ready(801);
	bench_ready(802);
	bench_enter("600", 2);
	bench_talk(801);
	bench_enter("600", 3);
	bench_enter("600", 4);
	GRANTS("801:2 802:3 ");
	bench_sign(801, NULL, false);
	outs("");
	bench_sign(802, NULL, false); /* his phone rings for 3: he may still answer */
	outs("4 empty ");
	bench_release(802, CC_OUT_NOANSWER);
	outs("3 empty ");
	CU_ASSERT_EQUAL(bench_position(3), 0);
	bench_free();
}

/* TEL-29: nobody on duty. Agents in a call or in wrap-up are on duty. */
static void no_agent_available(void)
{
	bench_new(NULL);
	bench_queue((struct bench_queue){
			.number = "600", .no_agent = true, .wrapup = "answered", .wrapup_s = 10});
	bench_agent(801, true);
	bench_member("600", 801, 1, 1, false);
	CU_ASSERT_EQUAL(bench_configure(), CC_OK);
	bench_enter("600", 1);
	outs("1 no_agent ");
	bench_ready(801);
	bench_enter("600", 2);
	bench_talk(801);
	bench_enter("600", 3);
	outs("");
	bench_release(801, CC_OUT_TALKED);
	outs(""); /* wrap-up */
	bench_work(801, CC_WORK_AWAY, "");
	outs("3 no_agent ");
	bench_work(801, CC_WORK_ONLINE, "");
	bench_wait(10000);
	bench_enter("600", 4);
	bench_release(801, CC_OUT_CALLER_GONE);
	bench_clear();
	bench_phone(801, 0); /* the phone is gone; it was ringing for 4 again */
	outs("");
	bench_release(801, CC_OUT_UNREACHABLE);
	outs("4 no_agent ");
	bench_ready(801);
	bench_wait(1000);
	bench_enter("600", 5);
	bench_talk(801);
	bench_enter("600", 6);
	bench_pause(801, "600", true);
	outs("6 no_agent ");
	bench_free();
}

/* A changed option holds with the snapshot, for calls that wait already. */
static void changed_while_waiting(void)
{
	bench_new(NULL);
	for (int round = 0; round < 2; round++) {
		bench_queue((struct bench_queue){.number = "600", .no_agent = round == 1});
		bench_agent(801, true);
		bench_member("600", 801, 1, 1, false);
		CU_ASSERT_EQUAL(bench_configure(), CC_OK);
		if (round == 0)
			bench_enter("600", 1);
		outs(round == 0 ? "" : "1 no_agent ");
	}
	bench_free();
}

static void estimate(void)
{
	struct cc_ulid second;

	bench_new(NULL);
	bench_queue((struct bench_queue){.number = "600", .wrapup = "answered", .wrapup_s = 10});
	for (int i = 801; i <= 802; i++) {
		bench_agent(i, true);
		bench_member("600", i, i, 1, false);
	}
	CU_ASSERT_EQUAL(bench_configure(), CC_OK);
	bench_ready(801);
	bench_ready(802);
	second = bench_call(9);
	bench_enter("600", 1);
	bench_wait(5000); /* rings for 5 s, talks for 45 s, wraps up for 10 s */
	bench_talk(801);
	bench_wait(45000);
	bench_release(801, CC_OUT_TALKED);
	CU_ASSERT_EQUAL(cc_acd_estimate(bench.acd, &second, 1), CC_E_NOENT);
	bench_wait(10000);
	bench_enter("600", 2);
	bench_enter("600", 3);
	bench_talk(801);
	bench_talk(802);
	bench_enter("600", 4);
	bench_enter("600", 9);
	/* a minute a call, two agents: the second in the queue waits a minute */
	CU_ASSERT_EQUAL(cc_acd_estimate(bench.acd, &second, 1), 60000);
	bench_work(802, CC_WORK_AWAY, "");
	CU_ASSERT_EQUAL(cc_acd_estimate(bench.acd, &second, 1), 120000);
	bench_free();
}

/* What survives a restart, and what a torn file says is refused. */
static void pause_survives(void)
{
	bench_usual("linear", 1);
	bench_pause(801, "600", true);
	CU_ASSERT_EQUAL(cc_acd_adopt(bench.acd, bench.bytes, 2, bench.now), CC_OK);
	bench_tick();
	bench_enter("600", 1);
	GRANTS("");
	bench_pause(801, "600", false);
	GRANTS("801:1 ");
	bench_free();
}

static int sign_by_phone(int agent)
{
	static const struct cc_acd_by by = {CC_BY_AGENT, CC_ACD_PHONE};
	int err = cc_acd_sign(bench.acd, bench_text(agent), NULL, true, &by, bench.now, &bench.out);

	bench_done();
	return err;
}

static int browser(int agent, bool on)
{
	int err = cc_acd_browser(bench.acd, bench_text(agent), on, bench.now, &bench.out);

	bench_done();
	return err;
}

static void bound_to_the_browser(void)
{
	bench_new(NULL);
	bench_queue((struct bench_queue){.number = "600"});
	bench_queue((struct bench_queue){.number = "601"});
	bench_browser_agent(801);
	bench_agent(802, true);
	bench_member("600", 801, 1, 1, false);
	bench_member("601", 801, 1, 1, true);
	bench_member("600", 802, 2, 1, false);
	CU_ASSERT_EQUAL(bench_configure(), CC_OK);
	bench_clear();
	CU_ASSERT_EQUAL(sign_by_phone(801), CC_E_DENIED);
	CU_ASSERT_EQUAL(sign_by_phone(802), CC_OK);
	CU_ASSERT_EQUAL(browser(899, true), CC_E_NOENT);
	CU_ASSERT_EQUAL(browser(801, true), CC_OK);
	CU_ASSERT_EQUAL(browser(802, true), CC_OK);
	CU_ASSERT_EQUAL(sign_by_phone(801), CC_OK);
	CU_ASSERT_EQUAL(cc_acd_adopt(bench.acd, bench.bytes, 2, bench.now), CC_OK); /* it knows */
	bench_clear();
	CU_ASSERT_EQUAL(browser(802, false), CC_OK); /* does not care */
	EVENTS("");
	CU_ASSERT_EQUAL(browser(801, false), CC_OK);
	EVENTS("801 auto_sign_out 600 online idle\n"); /* the static queue stays */
	CU_ASSERT_EQUAL(browser(801, false), CC_OK);
	EVENTS("");
	CU_ASSERT_EQUAL(bench_sign(801, "600", true), CC_E_DENIED);
	bench_free();
}

static int answered_today(int agent)
{
	char text[1024];
	const char *at;
	struct cc_jsonw w;

	cc_jsonw_init(&w, text, sizeof(text));
	cc_jsonw_object(&w, NULL);
	CU_ASSERT_EQUAL(cc_acd_agent_json(bench.acd, bench_text(agent), &w), CC_OK);
	cc_jsonw_close_object(&w);
	CU_ASSERT(cc_jsonw_end(&w) > 0);
	at = strstr(text, "\"answered_today\":");
	return at ? (int)strtol(at + strlen("\"answered_today\":"), NULL, 10) : -1;
}

/* The agent is there, the customer who is called back is not: nobody has answered anybody. */
static void call_backs_count(void)
{
	bench_usual("fewest_calls", 2);
	bench_enter("600", 1);
	GRANTS("801:1 ");
	bench_talk(801);
	CU_ASSERT_EQUAL(answered_today(801), 1);
	bench_release(801, CC_OUT_CALLER_GONE);
	CU_ASSERT_EQUAL(answered_today(801), 0);
	bench_enter("600", 2);
	GRANTS("801:2 "); /* as if it had not been */
	bench_talk(801);
	bench_release(801, CC_OUT_TALKED);
	CU_ASSERT_EQUAL(answered_today(801), 1);
	bench_enter("600", 3);
	GRANTS("802:3 ");
	bench_free();
}

/* A call that lost its agent has the place that it had, and is served at once. */
static void back_in_line(void)
{
	struct cc_acd_caller back = {.call = bench_call(1), .visit = 2, .served = true};

	bench_usual("linear", 2);
	back.entered_ms = bench.now;
	bench_enter("600", 1);
	bench_talk(801);
	bench_work(802, CC_WORK_AWAY, "");
	bench_wait(1000);
	bench_enter("600", 2);
	bench_clear();
	CU_ASSERT_EQUAL(cc_acd_enter(bench.acd, "600", &back, bench.now, &bench.out), CC_OK);
	bench_done();
	CU_ASSERT_EQUAL(cc_acd_position(bench.acd, &back.call, 2, NULL), 1);
	CU_ASSERT_EQUAL(bench_position(2), 2);
	GRANTS("");
	bench_work(802, CC_WORK_ONLINE, "");
	GRANTS("802:1 ");
	back.call = bench_call(7);
	bench_phone(801, 0);
	bench_release(801, CC_OUT_TALKED);
	bench_free();
}

CU_TestInfo acd_options_tests[] = {
		{"skills relax in time", skills_relax},
		{"who has the skill is first", skilled_first},
		{"skills that never relax", skills_never_relax},
		{"a relaxed call behind a VIP", relaxed_behind_vip},
		{"PLAT-14 VIP levels", vip_levels},
		{"STATE-07 a web phone reconnects", reconnecting},
		{"TEL-07 retry delay", retry_pause},
		{"STATE-03 paused in one queue", paused_in_one_queue},
		{"TEL-07 leave when empty", leave_when_empty},
		{"TEL-29 no agent available", no_agent_available},
		{"an option changes while a call waits", changed_while_waiting},
		{"TEL-07 estimated waiting time", estimate},
		{"a pause survives a restart", pause_survives},
		{"ORG-03 bound to the browser", bound_to_the_browser},
		{"TEL-06 call-backs that nobody takes are not counted", call_backs_count},
		{"STATE-07 a call that lost its agent", back_in_line},
		CU_TEST_INFO_NULL,
};
