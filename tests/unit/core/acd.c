/* SPDX-License-Identifier: GPL-2.0-or-later
 * The distributor's rules: who gets which call, and what agents do. */
#include "acd_bench.h"

/* ---- strategies (TEL-06) ---- */

static void longest_idle(void)
{
	bench_usual("longest_idle", 3);
	bench_enter("600", 1); /* nobody has had a call: list order */
	GRANTS("801:1 ");
	bench_answer(801);
	bench_enter("600", 2);
	GRANTS("802:2 ");
	bench_answer(802);
	bench_enter("600", 3);
	GRANTS("803:3 ");
	bench_ring(803);
	bench_talk(803);
	bench_enter("600", 4); /* 801's call ended before 802's */
	GRANTS("801:4 ");
	bench_answer(801);
	bench_wait(5000);
	bench_release(803, CC_OUT_TALKED);
	bench_enter("600", 5);
	bench_enter("600", 6);
	bench_enter("600", 7);
	GRANTS("802:5 801:6 803:7 ");
	bench_free();
}

static void longest_idle_counts_all_calls(void)
{
	struct cc_ulid id = bench_call(99);
	uint32_t epoch = 0;

	bench_usual("longest_idle", 2);
	CU_ASSERT_EQUAL(
			cc_acd_reserve(bench.acd, "801", &id, bench.now, &bench.epoch[801], &bench.out), 0);
	epoch = bench.epoch[801];
	CU_ASSERT_NOT_EQUAL(epoch, 0);
	bench_answer(801); /* a call of its own */
	bench_enter("600", 1);
	GRANTS("802:1 ");
	bench_free();
}

static void fewest_calls(void)
{
	bench_usual("fewest_calls", 3);
	bench_enter("600", 1);
	bench_answer(801);
	bench_enter("600", 2);
	bench_answer(802);
	bench_enter("600", 3);
	GRANTS("801:1 802:2 803:3 ");
	bench_leave(3);
	bench_release(803, CC_OUT_CALLER_GONE);
	bench_enter("600", 4); /* 803 has answered none yet */
	GRANTS("803:4 ");
	bench_answer(803);
	bench_enter("600", 5); /* one each: list order */
	bench_answer(801);
	bench_enter("600", 6);
	GRANTS("801:5 802:6 ");
	bench_answer(802);

	/* a new day in Shanghai: 16:00 UTC */
	bench_enter("600", 7);
	GRANTS("803:7 ");
	bench_answer(803);
	bench_enter("600", 8);
	bench_answer(801); /* 3 2 2 */
	bench.now = 1700064000000LL - 1;
	bench_tick();
	bench_enter("600", 9);
	GRANTS("801:8 802:9 ");
	bench_answer(802); /* 3 3 2; answered behind midnight: 0 1 0 */
	bench_enter("600", 10);
	GRANTS("801:10 ");
	bench_free();
}

static void linear(void)
{
	bench_usual("linear", 3);
	bench_enter("600", 1);
	bench_enter("600", 2);
	GRANTS("801:1 802:2 ");
	bench_answer(801);
	bench_answer(802);
	bench_enter("600", 3); /* every call from the top */
	GRANTS("801:3 ");
	bench_miss(801); /* and down the list, round and round */
	bench_miss(802);
	bench_miss(803);
	bench_miss(801);
	GRANTS("802:3 803:3 801:3 802:3 ");
	bench_free();
}

static void round_robin(void)
{
	bench_usual("round_robin", 4);
	bench_enter("600", 1);
	bench_answer(801);
	bench_enter("600", 2);
	bench_answer(802);
	bench_enter("600", 3);
	GRANTS("801:1 802:2 803:3 ");
	bench_miss(803); /* not answered: the memory stays behind 802 */
	GRANTS("804:3 ");
	bench_leave(3);
	bench_release(804, CC_OUT_CALLER_GONE);
	bench_wait(1000);
	bench_enter("600", 4);
	GRANTS("803:4 ");
	bench_answer(803);
	bench_work(804, CC_WORK_BUSY, "break");
	bench_enter("600", 5); /* past the end of the list */
	GRANTS("801:5 ");
	bench_answer(801);
	bench_work(804, CC_WORK_ONLINE, NULL);
	bench_work(802, CC_WORK_AWAY, NULL);
	bench_enter("600", 6);
	GRANTS("803:6 ");
	bench_free();
}

static void random_strategy(void)
{
	int had[5] = {0};
	char first[200], again[200];

	for (int round = 0; round < 2; round++) {
		bench_usual("random", 4);
		cc_acd_seed(bench.acd, 42);
		bench_clear();
		for (int call = 1; call <= 20; call++) {
			bench_enter("600", call);
			bench_answer(
					801 + (bench.grants[strlen(bench.grants) - 1 - (call < 10 ? 3 : 4)] - '1'));
		}
		strcpy(round ? again : first, bench.grants);
		bench_free();
	}
	CU_ASSERT_STRING_EQUAL(first, again); /* the given randomness and no other */

	bench_usual("random", 4);
	for (int call = 1; call <= 4000; call++) {
		int agent;

		bench_clear();
		bench_enter("600", call);
		agent = (int)strtol(bench.grants, NULL, 10);
		CU_ASSERT_FATAL(agent >= 801 && agent <= 804);
		had[agent - 800]++;
		bench_ring(agent);
		bench_talk(agent);
		bench_release(agent, CC_OUT_TALKED);
	}
	for (int i = 1; i <= 4; i++) /* 1000 expected; 27 is the standard deviation */
		CU_ASSERT(had[i] > 865 && had[i] < 1135);
	bench_free();
}

static void ring_all(void)
{
	bench_usual("ring_all", 4);
	bench_phone(804, 0);
	bench_enter("600", 1);
	GRANTS("801:1 802:1 803:1 ");
	bench_enter("600", 2);
	bench_phone(804, 2); /* rings for the first call too */
	GRANTS("804:1 ");
	bench_ring(801);
	bench_ring(802);
	bench_talk(802); /* the first one wins */
	CU_ASSERT_EQUAL(bench_position(1), 0);
	CU_ASSERT_EQUAL(bench_position(2), 1);
	GRANTS("");
	bench_release(801, CC_OUT_CALLER_GONE); /* the others are free for the next one at once */
	bench_release(804, CC_OUT_CALLER_GONE);
	bench_release(803, CC_OUT_CALLER_GONE);
	GRANTS("801:2 804:2 803:2 ");
	bench_free();
}

static void ring_all_has_a_limit(void)
{
	char first[CC_CALL_OFFERS * 8] = "";

	bench_usual("ring_all", CC_CALL_OFFERS + 2);
	for (int i = 1; i <= CC_CALL_OFFERS; i++)
		sprintf(first + strlen(first), "%d:1 ", 800 + i);
	bench_enter("600", 1);
	GRANTS(first);
	bench_enter("600", 2); /* nobody is idle while somebody waits */
	GRANTS("831:2 832:2 ");
	bench_free();
}

/* ---- priorities (TEL-28) ---- */

static void priorities(void)
{
	bench_new(NULL);
	bench_queue((struct bench_queue){.number = "600"});
	for (int i = 1; i <= 5; i++) {
		bench_agent(800 + i, true);
		bench_member("600", 800 + i, i, i <= 2 ? 2 : i <= 4 ? 1 : 7, false);
	}
	bench_configure();
	for (int i = 1; i <= 5; i++)
		bench_ready(800 + i);
	bench_clear();
	bench_enter("600", 1);
	GRANTS("803:1 ");
	bench_miss(803); /* the next priority after the ring timeout */
	GRANTS("801:1 ");
	bench_miss(801);
	GRANTS("805:1 ");
	bench_miss(805); /* then those that were passed over */
	GRANTS("804:1 ");
	bench_miss(804);
	GRANTS("802:1 ");
	bench_miss(802);
	GRANTS("803:1 "); /* everybody has had it: from the top */
	bench_leave(1);
	bench_release(803, CC_OUT_CALLER_GONE);
	bench_wait(2000);
	bench_clear();
	for (int call = 2; call <= 6; call++) /* the next one when none is available */
		bench_enter("600", call);
	GRANTS("803:2 804:3 801:4 802:5 805:6 ");
	bench_free();
}

static void priority_before_strategy(void)
{
	bench_new(NULL);
	bench_queue((struct bench_queue){.number = "600", .strategy = "round_robin"});
	for (int i = 1; i <= 4; i++) {
		bench_agent(800 + i, true);
		bench_member("600", 800 + i, i, i % 2 ? 2 : 1, false);
	}
	bench_configure();
	for (int i = 1; i <= 4; i++)
		bench_ready(800 + i);
	bench_clear();
	for (int call = 1; call <= 3; call++) {
		bench_enter("600", call);
		bench_answer((int)strtol(bench.grants + strlen(bench.grants) - 6, NULL, 10));
	}
	GRANTS("802:1 804:2 802:3 ");
	bench_free();
}

/* ---- waiting calls ---- */

static void order_of_calls(void)
{
	bench_usual("linear", 1);
	bench_work(801, CC_WORK_BUSY, "");
	for (int call = 1; call <= 3; call++) {
		bench_enter("600", call);
		bench_wait(1000);
	}
	bench_enter_first("600", 4, 5);
	CU_ASSERT_EQUAL(bench_position(4), 1);
	CU_ASSERT_EQUAL(bench_position(1), 2);
	CU_ASSERT_EQUAL(bench_position(3), 4);
	CU_ASSERT_EQUAL(bench_position(9), 0);
	CU_ASSERT_EQUAL(bench_enter("600", 3), CC_E_EXIST);
	bench_leave(2);
	bench_leave(2);
	CU_ASSERT_EQUAL(bench_position(3), 3);
	GRANTS("");
	bench_work(801, CC_WORK_ONLINE, "");
	bench_answer(801);
	bench_answer(801);
	bench_answer(801);
	GRANTS("801:4 801:1 801:3 ");
	CU_ASSERT_EQUAL(bench_position(3), 0);
	bench_free();
}

static void limits_of_a_queue(void)
{
	bench_new(NULL);
	bench_queue((struct bench_queue){.number = "600", .max_waiting = 2});
	bench_queue((struct bench_queue){.number = "601", .no_empty = true});
	bench_queue((struct bench_queue){.number = "602", .state = "disabled"});
	bench_agent(801, true);
	bench_member("601", 801, 1, 1, false);
	bench_configure();
	CU_ASSERT_EQUAL(bench_enter("600", 1), CC_OK);
	CU_ASSERT_EQUAL(bench_enter("600", 2), CC_OK);
	CU_ASSERT_EQUAL(bench_enter("600", 3), CC_E_FULL);
	bench_leave(1);
	CU_ASSERT_EQUAL(bench_enter("600", 3), CC_OK);
	CU_ASSERT_EQUAL(bench_enter("601", 4), CC_E_STATE);
	bench_sign(801, "601", true);
	CU_ASSERT_EQUAL(bench_enter("601", 4), CC_OK); /* somebody is signed in, if not available */
	CU_ASSERT_EQUAL(bench_enter("602", 5), CC_E_NOENT);
	CU_ASSERT_EQUAL(bench_enter("699", 5), CC_E_NOENT);
	for (int call = 10; call < 57; call++)
		CU_ASSERT_EQUAL(bench_enter("601", call), CC_OK);
	CU_ASSERT_EQUAL(bench_enter("601", 57), CC_E_FULL); /* 50 in the block */
	bench_free();
}

static void retry_delay(void)
{
	bench_new(NULL);
	bench_queue((struct bench_queue){.number = "600", .retry_delay_s = 5});
	bench_queue((struct bench_queue){.number = "601"});
	bench_agent(801, true);
	bench_member("600", 801, 1, 1, false);
	bench_member("601", 801, 1, 1, false);
	bench_configure();
	bench_ready(801);
	bench_enter("600", 1);
	bench_clear();
	bench_release(801, CC_OUT_UNREACHABLE);
	bench_wait(4999);
	GRANTS("");
	bench_enter("601", 2); /* other queues do not wait */
	GRANTS("801:2 ");
	bench_release(801, CC_OUT_UNREACHABLE);
	bench_wait(1);
	GRANTS("801:1 ");
	bench_release(801, CC_OUT_BUSY);
	bench_wait(CC_ACD_RETRY_MS - 2);
	GRANTS("");
	bench_wait(1); /* a delay of 0 is no endless loop */
	GRANTS("801:2 ");
	bench_leave(2);
	bench_release(801, CC_OUT_CALLER_GONE);
	bench_enter("601", 3); /* not the agent's fault: no delay */
	GRANTS("801:3 ");
	bench_leave(3);
	bench_leave(1);
	bench_release(801, CC_OUT_CALLER_GONE);
	bench_enter("600", 4);
	bench_wait(5000);
	GRANTS("801:4 ");
	bench_leave(4);
	bench_release(801, CC_OUT_NOANSWER);
	bench_sign(801, "600", false);
	bench_enter("600", 5);
	GRANTS("");
	bench_sign(801, "600", true); /* who signs in anew is there: the delay is over */
	GRANTS("801:5 ");
	bench_free();
}

static void agent_of_two_queues(void)
{
	bench_new(NULL);
	bench_queue((struct bench_queue){.number = "600"});
	bench_queue((struct bench_queue){.number = "601"});
	bench_agent(801, true);
	bench_agent(802, true);
	bench_member("600", 801, 1, 1, false);
	bench_member("601", 801, 1, 1, false);
	bench_member("601", 802, 2, 1, false);
	bench_configure();
	bench_enter("601", 1);
	bench_wait(1000);
	bench_enter("600", 2);
	bench_enter_first("601", 3, 1);
	bench_ready(801); /* the highest priority, then the longest wait, over all of its queues */
	GRANTS("801:3 ");
	bench_answer(801);
	GRANTS("801:1 ");
	bench_answer(801);
	GRANTS("801:2 ");
	bench_free();
}

/* ---- availability ---- */

static void what_availability_needs(void)
{
	bench_new(NULL);
	bench_queue((struct bench_queue){.number = "600"});
	bench_agent(801, true);
	bench_member("600", 801, 1, 1, false);
	bench_configure();
	bench_enter("600", 1);
	bench_sign(801, NULL, true);
	GRANTS("");
	bench_phone(801, 1);
	GRANTS("801:1 ");
	bench_release(801, CC_OUT_FAILED);
	bench_work(801, CC_WORK_BUSY, "meal");
	bench_wait(5000);
	bench_work(801, CC_WORK_AWAY, NULL);
	bench_work(801, CC_WORK_OFFLINE, NULL);
	GRANTS("");
	bench_sign(801, "600", false);
	bench_work(801, CC_WORK_ONLINE, NULL);
	GRANTS("");
	bench_sign(801, "600", true);
	GRANTS("801:1 ");
	bench_release(801, CC_OUT_FAILED);
	bench_phone(801, 0);
	bench_wait(5000);
	GRANTS("");
	bench_phone(801, 3);
	GRANTS("801:1 ");
	bench_free();
}

/* ---- agents (STATE-02, STATE-03, STATE-04) ---- */

static void signing_in_and_out(void)
{
	bench_new(NULL);
	bench_queue((struct bench_queue){.number = "600"});
	bench_queue((struct bench_queue){.number = "601"});
	bench_queue((struct bench_queue){.number = "602"});
	bench_agent(801, true);
	bench_agent(802, true);
	bench_agent(803, false);
	bench_member("600", 801, 1, 1, false);
	bench_member("601", 801, 1, 1, true);
	bench_member("602", 801, 1, 1, false);
	bench_configure();
	EVENTS("801 sign_in 601 offline idle\n"); /* TEL-33 */
	CU_ASSERT_EQUAL(bench_sign(801, NULL, true), CC_OK);
	EVENTS("801 sign_in 600 online idle\n801 sign_in 602 online idle\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.last, "\"queues\":[\"600\",\"601\",\"602\"]"));
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.last, "\"initiator\":\"agent\",\"actor\":\"phone\""));
	CU_ASSERT_EQUAL(bench_sign(801, "600", true), CC_OK);
	EVENTS("");
	CU_ASSERT_EQUAL(bench_sign(801, "601", false), CC_E_DENIED);
	CU_ASSERT_EQUAL(bench_sign(801, "602", false), CC_OK);
	EVENTS("801 sign_out 602 online idle\n");
	CU_ASSERT_EQUAL(bench_sign(801, NULL, false), CC_OK); /* all that may */
	EVENTS("801 sign_out 600 online idle\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.last, "\"queues\":[\"601\"]"));
	CU_ASSERT_EQUAL(bench_sign(801, "699", true), CC_E_NOENT);
	CU_ASSERT_EQUAL(bench_sign(802, NULL, true), CC_E_NOENT); /* in no queue */
	CU_ASSERT_EQUAL(bench_sign(803, NULL, true), CC_E_DENIED);
	CU_ASSERT_EQUAL(bench_sign(899, NULL, true), CC_E_NOENT);

	/* busy stays busy; offline becomes online, also when all is signed in already */
	bench_work(801, CC_WORK_BUSY, "meal");
	bench_sign(801, NULL, true);
	EVENTS("801 busy  busy idle\n801 sign_in 600 busy idle\n801 sign_in 602 busy idle\n");
	bench_work(801, CC_WORK_OFFLINE, NULL);
	bench_clear();
	bench_sign(801, NULL, true);
	EVENTS("801 sign_in  online idle\n");

	/* by the system */
	cc_acd_sign(bench.acd, "801", "600", false, NULL, bench.now, &bench.out);
	bench_tick();
	EVENTS("801 auto_sign_out 600 online idle\n");
	bench_free();
}

static void work_states(void)
{
	bench_usual("linear", 1);
	CU_ASSERT_EQUAL(bench_work(801, CC_WORK_BUSY, "meal"), CC_OK);
	EVENTS("801 busy  busy idle\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.last, "\"reason\":\"meal\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.last, "\"paused\":true,\"registered\":true"));
	bench_work(801, CC_WORK_BUSY, "meal");
	EVENTS("");
	bench_work(801, CC_WORK_BUSY, "meeting"); /* another reason is another pause */
	bench_work(801, CC_WORK_AWAY, NULL);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.last, "\"reason\":\"\""));
	bench_work(801, CC_WORK_OFFLINE, "ignored");
	bench_work(801, CC_WORK_ONLINE, NULL);
	EVENTS("801 busy  busy idle\n801 away  away idle\n801 offline  offline idle\n"
		   "801 idle  online idle\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.last, "\"paused\":false"));
	bench_phone(801, 2);
	EVENTS("");
	bench_phone(801, 0);
	bench_phone(801, -1);
	bench_phone(801, 1);
	EVENTS("801 unregistered  online idle\n801 registered  online idle\n");

	bench_enter("600", 1);
	CU_ASSERT_EQUAL(bench_work(801, CC_WORK_ONLINE, NULL), CC_E_STATE);
	bench_ring(801);
	CU_ASSERT_EQUAL(bench_work(801, CC_WORK_BUSY, ""), CC_OK); /* from the end of the call on */
	CU_ASSERT_EQUAL(bench_work(801, CC_WORK_ONLINE, NULL), CC_E_STATE);
	bench_talk(801);
	CU_ASSERT_EQUAL(bench_work(801, CC_WORK_ONLINE, NULL), CC_E_STATE);
	bench_enter("600", 2);
	bench_clear();
	bench_release(801, CC_OUT_TALKED);
	GRANTS("");
	EVENTS("801 call_end 600 busy idle\n");
	CU_ASSERT_EQUAL(bench_work(801, CC_WORK_ONLINE, NULL), CC_OK);
	GRANTS("801:2 ");
	bench_free();
}

static void a_call_from_the_agents_side(void)
{
	struct cc_ulid id = bench_call(1);
	char text[64];

	bench_usual("linear", 1);
	bench_wait(1000);
	bench_enter("600", 1);
	bench_ring(801);
	bench_ring(801); /* a second phone of the agent */
	bench_wait(3000);
	bench_talk(801);
	CU_ASSERT(bench.out.count == 0);
	CU_ASSERT_EQUAL(
			cc_acd_hold(bench.acd, "801", bench.epoch[801], true, bench.now, &bench.out), 0);
	CU_ASSERT_EQUAL(
			cc_acd_hold(bench.acd, "801", bench.epoch[801], true, bench.now, &bench.out), 0);
	CU_ASSERT(cc_ulid_equal(&bench.out.e[0].call, &id));
	CU_ASSERT_EQUAL(
			cc_acd_hold(bench.acd, "801", bench.epoch[801], false, bench.now, &bench.out), 0);
	snprintf(text, sizeof(text), "\"since\":%lld", (long long)bench.now);
	bench_wait(1000);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.last, text));
	bench_release(801, CC_OUT_TALKED);
	EVENTS("801 reserved 600 online reserved\n801 ringing 600 online ringing\n"
		   "801 talking 600 online talking\n801 hold 600 online hold\n"
		   "801 resume 600 online talking\n801 call_end 600 online idle\n");
	CU_ASSERT_EQUAL(cc_acd_hold(bench.acd, "801", bench.epoch[801], true, bench.now, &bench.out),
			CC_E_STALE);
	bench_free();
}

/* ---- wrap-up (TEL-08) and auto pause (STATE-06) ---- */

static void wrapup_use(const char *wrapup, int seconds, bool auto_pause)
{
	bench_new(NULL);
	bench_queue((struct bench_queue){
			.number = "600", .wrapup = wrapup, .wrapup_s = seconds, .auto_pause = auto_pause});
	bench_agent(801, true);
	bench_member("600", 801, 1, 1, false);
	bench_configure();
	bench_ready(801);
	bench_enter("600", 1);
	bench_enter("600", 2);
	bench_clear();
}

static void wrapup_after_answered(void)
{
	wrapup_use("answered", 10, false);
	bench_answer(801);
	EVENTS("801 ringing 600 online ringing\n801 talking 600 online talking\n"
		   "801 wrapup_start 600 online wrapup\n");
	bench_wait(9999);
	GRANTS("");
	bench_wait(1);
	GRANTS("801:2 ");
	EVENTS("801 wrapup_end 600 online idle\n801 reserved 600 online reserved\n");
	bench_miss(801); /* not answered: none */
	EVENTS("801 ringing 600 online ringing\n801 call_end 600 online idle\n");
	bench_free();

	wrapup_use("off", 10, false);
	bench_answer(801);
	GRANTS("801:2 ");
	bench_free();

	wrapup_use("answered", 0, false); /* until ended by hand */
	bench_answer(801);
	bench_wait(7 * 24 * 60 * MINUTE);
	GRANTS("");
	CU_ASSERT_EQUAL(cc_acd_wrapup_end(bench.acd, "801", NULL, bench.now, &bench.out), CC_OK);
	CU_ASSERT_EQUAL(cc_acd_wrapup_end(bench.acd, "801", NULL, bench.now, &bench.out), CC_E_STATE);
	CU_ASSERT_EQUAL(cc_acd_wrapup_end(bench.acd, "899", NULL, bench.now, &bench.out), CC_E_NOENT);
	bench_tick();
	GRANTS("801:2 ");
	bench_free();
}

static void wrapup_after_ringing(void)
{
	wrapup_use("ringing", 10, false);
	bench_miss(801);
	EVENTS("801 ringing 600 online ringing\n801 wrapup_start 600 online wrapup\n");
	bench_wait(10000);
	GRANTS("801:1 ");
	bench_release(801, CC_OUT_UNREACHABLE); /* did not ring */
	bench_wait(1000);
	GRANTS("801:1 ");
	bench_answer(801);
	bench_clear();
	bench_work(801, CC_WORK_ONLINE, NULL); /* idle ends it */
	EVENTS("801 wrapup_end 600 online idle\n801 reserved 600 online reserved\n");
	GRANTS("801:2 ");
	bench_free();
}

static void wrapup_and_work_state(void)
{
	struct cc_ulid id = bench_call(9);

	wrapup_use("answered", 10, false);
	bench_answer(801);
	bench_clear();
	bench_work(801, CC_WORK_BUSY, "meal"); /* goes on */
	EVENTS("801 busy 600 busy wrapup\n");
	bench_wait(10000);
	EVENTS("801 wrapup_end 600 busy idle\n");
	bench_work(801, CC_WORK_ONLINE, NULL);
	bench_answer(801);
	bench_clear();
	bench_work(801, CC_WORK_OFFLINE, NULL);
	EVENTS("801 wrapup_end 600 online idle\n801 offline  offline idle\n");
	bench_free();

	/* a call of one's own during wrap-up, which goes on behind it */
	wrapup_use("answered", 10, false);
	bench_answer(801);
	bench_clear();
	CU_ASSERT_EQUAL(
			cc_acd_reserve(bench.acd, "801", &id, bench.now, &bench.epoch[801], &bench.out), CC_OK);
	bench_answer(801);
	EVENTS("801 reserved  online reserved\n801 ringing  online ringing\n"
		   "801 talking  online talking\n801 call_end  online wrapup\n");
	bench_wait(8999);
	GRANTS("");
	bench_wait(1);
	GRANTS("801:2 ");
	bench_free();

	/* it is over before the call */
	wrapup_use("answered", 10, false);
	bench_answer(801);
	cc_acd_reserve(bench.acd, "801", &id, bench.now, &bench.epoch[801], &bench.out);
	bench_wait(20000);
	bench_clear();
	bench_answer(801);
	GRANTS("801:2 ");
	bench_free();

	/* whoever goes home while talking has none */
	wrapup_use("answered", 10, false);
	bench_ring(801);
	bench_talk(801);
	bench_work(801, CC_WORK_OFFLINE, NULL);
	bench_clear();
	bench_release(801, CC_OUT_TALKED);
	EVENTS("801 call_end 600 offline idle\n");
	bench_free();
}

static void auto_pause(void)
{
	wrapup_use("off", 0, true);
	bench_miss(801);
	EVENTS("801 ringing 600 online ringing\n801 call_end 600 online idle\n"
		   "801 auto_pause 600 busy idle\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.last, "\"reason\":\"no_answer\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.last, "\"initiator\":\"system\",\"actor\":\"\""));
	bench_wait(60000);
	GRANTS("");
	bench_work(801, CC_WORK_ONLINE, NULL);
	GRANTS("801:1 ");
	bench_release(801, CC_OUT_REJECTED);
	bench_wait(60000);
	GRANTS("");
	bench_work(801, CC_WORK_ONLINE, NULL);
	bench_release(801, CC_OUT_UNREACHABLE); /* the phone's fault */
	bench_wait(60000);
	GRANTS("801:1 801:1 ");
	bench_free();

	wrapup_use("ringing", 10, true);
	bench_miss(801);
	EVENTS("801 ringing 600 online ringing\n801 wrapup_start 600 online wrapup\n"
		   "801 auto_pause 600 busy wrapup\n");
	bench_free();
}

/* ---- reservations ---- */

static void one_reservation(void)
{
	struct cc_ulid id = bench_call(9);
	uint32_t first, epoch = 0;

	bench_usual("linear", 1);
	bench_enter("600", 1);
	first = bench.epoch[801];
	CU_ASSERT_EQUAL(
			cc_acd_reserve(bench.acd, "801", &id, bench.now, &epoch, &bench.out), CC_E_STATE);
	CU_ASSERT_EQUAL(epoch, 0); /* untouched */
	CU_ASSERT_EQUAL(
			cc_acd_reserve(bench.acd, "899", &id, bench.now, &epoch, &bench.out), CC_E_NOENT);
	bench_leave(1);
	CU_ASSERT_EQUAL(
			cc_acd_reserve(bench.acd, "801", &id, bench.now, &epoch, &bench.out), CC_E_STATE);
	bench_release(801, CC_OUT_CALLER_GONE);
	CU_ASSERT_EQUAL(cc_acd_reserve(bench.acd, "801", &id, bench.now, &epoch, &bench.out), CC_OK);
	CU_ASSERT_NOT_EQUAL(epoch, first);
	bench_enter("600", 2);
	GRANTS("801:1 ");
	/* reports of the first reservation come too late */
	CU_ASSERT_EQUAL(cc_acd_ringing(bench.acd, "801", first, bench.now, &bench.out), CC_E_STALE);
	CU_ASSERT_EQUAL(cc_acd_talking(bench.acd, "801", first, bench.now, &bench.out), CC_E_STALE);
	CU_ASSERT_EQUAL(cc_acd_release(bench.acd, "801", first, CC_OUT_TALKED, bench.now, &bench.out),
			CC_E_STALE);
	CU_ASSERT_EQUAL(cc_acd_release(bench.acd, "899", first, CC_OUT_TALKED, bench.now, &bench.out),
			CC_E_NOENT);
	CU_ASSERT_EQUAL(
			cc_acd_release(bench.acd, "801", epoch, CC_OUT_TALKED, bench.now, &bench.out), CC_OK);
	CU_ASSERT_EQUAL(cc_acd_release(bench.acd, "801", epoch, CC_OUT_TALKED, bench.now, &bench.out),
			CC_E_STALE);
	bench_tick();
	GRANTS("801:2 ");
	bench_free();
}

static void busy_agents_have_calls_of_their_own(void)
{
	struct cc_ulid id = bench_call(9);

	bench_usual("linear", 1);
	bench_work(801, CC_WORK_BUSY, "meal");
	CU_ASSERT_EQUAL(
			cc_acd_reserve(bench.acd, "801", &id, bench.now, &bench.epoch[801], &bench.out), CC_OK);
	bench_clear();
	bench_answer(801);
	EVENTS("801 reserved  busy reserved\n801 ringing  busy ringing\n801 talking  busy talking\n"
		   "801 call_end  busy idle\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.last, "\"reason\":\"meal\""));
	bench_free();
}

/* ---- what is shown (MON-01, MON-02) ---- */

static void board(void)
{
	char text[8192], expected[240];
	struct cc_jsonw w;
	struct cc_acd_gauges g;

	bench_usual("linear", 3);
	bench_work(803, CC_WORK_BUSY, "meal");
	for (int call = 1; call <= 4; call++)
		bench_enter("600", call);
	bench_ring(801);
	bench_talk(802);
	bench_leave(4);
	bench_wait(2500);
	cc_jsonw_init(&w, text, sizeof(text));
	cc_jsonw_object(&w, NULL);
	cc_acd_board(bench.acd, bench.now, &w);
	cc_jsonw_close_object(&w);
	CU_ASSERT(cc_jsonw_end(&w) > 0);
	CU_ASSERT_PTR_NOT_NULL(
			strstr(text, "{\"queues\":[{\"number\":\"600\",\"name\":\"Q600\",\"waiting\":2,"
						 "\"longest_wait_ms\":2500,\"signed_in\":3,\"on_duty\":2,\"idle\":0,"
						 "\"ringing\":1,\"talking\":1,"
						 "\"wrapup\":0,\"paused\":1,\"answered_today\":1,\"abandoned_today\":1}]"));
	snprintf(expected, sizeof(expected),
			"{\"agent\":\"802\",\"name\":\"A802\",\"work\":\"online\",\"reason\":\"\","
			"\"call_state\":\"talking\",\"queues\":[\"600\"],\"paused_queues\":[],\"paused\":false,"
			"\"registered\":true,\"reconnecting\":false,"
			"\"queue\":\"600\",\"since\":%lld,\"answered_today\":1}",
			T0);
	expected[strlen(expected) - 1] = '\0'; /* more follows */
	CU_ASSERT_PTR_NOT_NULL(strstr(text, expected));
	strcat(expected, "}");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"static_queues\":[],\"priorities\":{\"600\":1}}"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"from\":\"13800000001\",\"from_name\":\"\",\"since\":"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"position\":2"));
	CU_ASSERT_PTR_NULL(strstr(text, "\"position\":3"));
	cc_acd_gauges(bench.acd, &g);
	CU_ASSERT_EQUAL(g.agents, 3);
	CU_ASSERT_EQUAL(g.signed_in, 3);
	CU_ASSERT_EQUAL(g.waiting, 2);
	CU_ASSERT_EQUAL(g.reserved, 2);
	CU_ASSERT_EQUAL(g.talking, 1);

	cc_jsonw_init(&w, text, sizeof(text));
	cc_jsonw_object(&w, NULL);
	CU_ASSERT_EQUAL(cc_acd_agent_json(bench.acd, "802", &w), CC_OK);
	CU_ASSERT_EQUAL(cc_acd_agent_json(bench.acd, "899", &w), CC_E_NOENT);
	cc_jsonw_close_object(&w);
	cc_jsonw_end(&w);
	CU_ASSERT_STRING_EQUAL(text, expected);

	/* a small buffer is no danger */
	cc_jsonw_init(&w, text, 100);
	cc_acd_board(bench.acd, bench.now, &w);
	CU_ASSERT_EQUAL(cc_jsonw_end(&w), CC_E_FULL);

	/* figures of the day end with it */
	bench.now = 1700064000000LL;
	bench_tick();
	cc_jsonw_init(&w, text, sizeof(text));
	cc_acd_board(bench.acd, bench.now, &w);
	cc_jsonw_end(&w);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"answered_today\":0,\"abandoned_today\":0"));
	bench_free();
}

static void names_of_events(void)
{
	for (int i = 0; i < CC_AGENT_EVENTS; i++)
		for (int k = 0; k < i; k++)
			CU_ASSERT_STRING_NOT_EQUAL(cc_agent_event_name(i), cc_agent_event_name(k));
	CU_ASSERT_STRING_EQUAL(cc_agent_event_name(CC_AGENT_EVENTS), "");
}

int main(void)
{
	CU_TestInfo rules[] = {
			{"TEL-06 longest idle", longest_idle},
			{"TEL-06 longest idle counts all calls", longest_idle_counts_all_calls},
			{"TEL-06 fewest calls today", fewest_calls},
			{"TEL-06 linear", linear},
			{"TEL-06 round robin with memory", round_robin},
			{"TEL-06 random", random_strategy},
			{"TEL-06 ring all", ring_all},
			{"TEL-06 ring all has a limit", ring_all_has_a_limit},
			{"TEL-28 priorities", priorities},
			{"TEL-28 priority before strategy", priority_before_strategy},
			{"order of calls", order_of_calls},
			{"TEL-07 limits of a queue", limits_of_a_queue},
			{"TEL-07 retry delay", retry_delay},
			{"agent of two queues", agent_of_two_queues},
			{"what availability needs", what_availability_needs},
			{"STATE-03 TEL-33 signing in and out", signing_in_and_out},
			{"STATE-02 work states", work_states},
			{"STATE-04 a call from the agent's side", a_call_from_the_agents_side},
			{"TEL-08 wrap-up after answered", wrapup_after_answered},
			{"TEL-08 wrap-up after ringing", wrapup_after_ringing},
			{"TEL-08 wrap-up and work state", wrapup_and_work_state},
			{"STATE-06 auto pause", auto_pause},
			{"one reservation", one_reservation},
			{"busy agents have calls of their own", busy_agents_have_calls_of_their_own},
			{"MON-01 MON-02 board", board},
			{"names of events", names_of_events},
			CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
			{"distributor: rules", NULL, NULL, NULL, NULL, rules},
			{"distributor: changes and damage", NULL, NULL, NULL, NULL, acd_change_tests},
			{"distributor: options", NULL, NULL, NULL, NULL, acd_options_tests},
			{"distributor: random use and cost", NULL, NULL, NULL, NULL, acd_random_tests},
			CU_SUITE_INFO_NULL,
	};

	return unit_run(suites);
}
