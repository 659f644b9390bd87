/* SPDX-License-Identifier: GPL-2.0-or-later
 * The distributor through new snapshots, full outputs, restarts and damage. */
#include "acd_bench.h"

/* ---- snapshots (TEL-26) ---- */

/* 600 with 801 802 803, 601 with 801; flags leave things out. */
enum
{
	NO_801 = 1,
	OFF_802 = 2,
	NO_600 = 4,
	OFF_601 = 8,
	ORDER = 16,    /* 803 first */
	STATIC = 32,   /* 802 in 600 */
	MORE = 64,     /* 800 and 599 stand before all others */
	NOT_601 = 128, /* 801 is no member of it */
	RENAMED = 256, /* the queue's settings differ */
};

static void snapshot(int flags)
{
	if (flags & MORE) {
		bench_queue((struct bench_queue){.number = "599"});
		bench_agent(700, true);
		bench_member("599", 700, 1, 1, false);
	}
	if (!(flags & NO_600)) {
		bench_queue((struct bench_queue){.number = "600",
				.strategy = "round_robin",
				.wrapup = flags & RENAMED ? "answered" : NULL});
		if (!(flags & NO_801))
			bench_member("600", 801, 2, 1, false);
		bench_member("600", 802, 3, 1, (flags & STATIC) != 0);
		bench_member("600", 803, flags & ORDER ? 1 : 4, 1, false);
	}
	bench_queue(
			(struct bench_queue){.number = "601", .state = flags & OFF_601 ? "disabled" : NULL});
	if (!(flags & (NO_801 | NOT_601)))
		bench_member("601", 801, 1, 1, false);
	if (!(flags & NO_801))
		bench_agent(801, true);
	bench_agent(802, !(flags & OFF_802));
	bench_agent(803, true);
	CU_ASSERT_EQUAL(bench_configure(), CC_OK);
}

static void begin_in(const struct cc_acd_limits *limits)
{
	bench_new(limits);
	snapshot(0);
	bench_ready(801);
	bench_ready(802);
	bench_ready(803);
	bench_work(803, CC_WORK_BUSY, "meal");
	bench_clear();
}

static void begin(void)
{
	begin_in(NULL);
}

static void nothing_changes(void)
{
	begin();
	bench_enter("600", 1);
	bench_answer(801);
	bench_enter("600", 2);
	bench_ring(802);
	bench_enter("601", 3);
	bench_enter("600", 4);
	GRANTS("801:1 802:2 801:3 ");
	bench_clear();
	snapshot(0);
	EVENTS("");
	snapshot(MORE); /* every index is another now */
	EVENTS("");
	GRANTS("");
	CU_ASSERT_EQUAL(bench_position(4), 2);
	bench_talk(802);
	CU_ASSERT_EQUAL(bench_position(4), 1);
	bench_work(803, CC_WORK_ONLINE, NULL);
	GRANTS("803:4 ");
	bench_answer(803);
	bench_release(802, CC_OUT_TALKED);
	bench_answer(801);
	EVENTS("802 talking 600 online talking\n803 idle  online idle\n803 reserved 600 online "
		   "reserved\n"
		   "803 ringing 600 online ringing\n803 talking 600 online talking\n"
		   "803 call_end 600 online idle\n802 call_end 600 online idle\n"
		   "801 ringing 601 online ringing\n801 talking 601 online talking\n"
		   "801 call_end 601 online idle\n");
	bench_free();
}

static void agents_go_and_come(void)
{
	begin();
	snapshot(NO_801 | OFF_802);
	EVENTS("801 auto_sign_out 600 online idle\n802 auto_sign_out 600 online idle\n"
		   "801 auto_sign_out 601 online idle\n801 offline  offline idle\n"
		   "802 offline  offline idle\n");
	CU_ASSERT_EQUAL(bench_work(801, CC_WORK_ONLINE, NULL), CC_E_NOENT);
	CU_ASSERT_EQUAL(bench_work(802, CC_WORK_ONLINE, NULL), CC_E_DENIED);
	CU_ASSERT_EQUAL(bench_work(802, CC_WORK_OFFLINE, NULL), CC_OK);
	bench_enter("600", 1);
	GRANTS("");
	snapshot(0);
	EVENTS("");
	bench_sign(802, NULL, true); /* the phone has stayed registered */
	GRANTS("802:1 ");
	bench_free();
}

static void an_agent_goes_while_it_talks(void)
{
	struct cc_ulid id = bench_call(9);
	uint32_t epoch;

	begin();
	bench_enter("600", 1);
	bench_ring(801);
	bench_talk(801);
	bench_enter("601", 2);
	bench_clear();
	snapshot(NO_801);
	EVENTS("801 auto_sign_out 600 online talking\n801 auto_sign_out 601 online talking\n"
		   "801 offline 600 offline talking\n");
	CU_ASSERT_EQUAL(
			cc_acd_reserve(bench.acd, "801", &id, bench.now, &epoch, &bench.out), CC_E_NOENT);
	snapshot(0); /* comes back: still in the same call */
	CU_ASSERT_EQUAL(
			cc_acd_reserve(bench.acd, "801", &id, bench.now, &epoch, &bench.out), CC_E_STATE);
	bench_sign(801, NULL, true);
	GRANTS("");
	snapshot(NO_801);
	bench_clear();
	bench_release(801, CC_OUT_TALKED);
	EVENTS("801 call_end 600 offline idle\n");
	snapshot(0);
	bench_phone(801, 1);
	bench_sign(801, NULL, true);
	GRANTS("801:2 ");
	bench_free();
}

static void queues_go(void)
{
	begin();
	bench_work(801, CC_WORK_BUSY, "");
	bench_work(802, CC_WORK_BUSY, "");
	bench_enter("600", 1);
	bench_enter("601", 2);
	bench_enter("600", 3);
	bench_clear();
	snapshot(NO_600);
	CU_ASSERT_STRING_EQUAL(bench.outs, "1 exit 3 exit ");
	CU_ASSERT_EQUAL(bench_enter("600", 4), CC_E_NOENT);
	CU_ASSERT_EQUAL(bench_position(2), 1);
	EVENTS("801 auto_sign_out 600 busy idle\n802 auto_sign_out 600 busy idle\n"
		   "803 auto_sign_out 600 busy idle\n");
	bench.outs[0] = '\0';
	snapshot(NO_600 | OFF_601);
	CU_ASSERT_STRING_EQUAL(bench.outs, "2 exit ");
	CU_ASSERT_EQUAL(bench_enter("601", 5), CC_E_NOENT);
	EVENTS(""); /* sign-ins of a disabled queue stay */
	bench_free();

	/* a queue goes while its call is with an agent */
	begin();
	bench_enter("600", 1);
	bench_ring(801);
	bench_talk(801);
	snapshot(NO_600);
	bench_clear();
	bench_release(801, CC_OUT_TALKED);
	EVENTS("801 call_end  online idle\n");
	bench_free();

	/* or rings: the call is let out, the agent is free when the call says so */
	begin();
	bench_enter("600", 1);
	bench_ring(801);
	bench.outs[0] = '\0';
	snapshot(NO_600);
	CU_ASSERT_STRING_EQUAL(bench.outs, "1 exit ");
	bench_release(801, CC_OUT_CALLER_GONE);
	bench_clear();
	bench_enter("601", 2);
	GRANTS("801:2 ");
	bench_free();
}

static void memberships_change(void)
{
	begin();
	bench_sign(802, NULL, false);
	bench_clear();
	snapshot(STATIC | NOT_601);
	EVENTS("801 auto_sign_out 601 online idle\n802 sign_in 600 online idle\n");
	CU_ASSERT_EQUAL(bench_sign(802, NULL, false), CC_E_DENIED);
	bench_work(801, CC_WORK_BUSY, "");
	bench_enter("600", 1);
	GRANTS("802:1 ");
	bench_clear();
	snapshot(0); /* no longer static: signed in until it signs out */
	EVENTS("");
	CU_ASSERT_EQUAL(bench_sign(802, NULL, false), CC_OK);
	bench_free();
}

static void waiting_calls_get_new_members(void)
{
	begin();
	snapshot(NO_600 | NO_801);
	bench_enter("601", 1);
	GRANTS("");
	snapshot(0);
	bench_phone(801, 1);
	bench_sign(801, NULL, true);
	GRANTS("801:1 ");
	bench_free();
}

static void round_robin_is_reset_on_save(void)
{
	static const struct
	{
		int flags;
		const char *next;
	} cases[] = {{0, "802:2 "}, {MORE, "802:2 "}, {RENAMED, "801:2 "}, {ORDER, "803:2 "}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin();
		bench_work(803, CC_WORK_ONLINE, NULL);
		bench_enter("600", 1);
		bench_answer(801);
		bench_clear();
		snapshot(cases[i].flags);
		bench_enter("600", 2);
		GRANTS(cases[i].next);
		bench_free();
	}
}

static void too_many(void)
{
	static const struct cc_acd_limits limits = {
			.agents = 3, .queues = 2, .memberships = 4, .waiting = 5};

	bench_new(&limits);
	snapshot(0);
	bench_ready(801);
	bench_clear();
	bench_agent(801, true);
	bench_agent(802, true);
	bench_agent(803, true);
	bench_agent(804, true);
	CU_ASSERT_EQUAL(bench_configure(), CC_E_FULL);
	EVENTS("");
	snapshot(0);
	bench_enter("600", 1);
	GRANTS("801:1 ");
	/* an agent that is gone takes its place until its call ends */
	bench_agent(802, true);
	bench_agent(803, true);
	bench_agent(804, true);
	CU_ASSERT_EQUAL(bench_configure(), CC_E_FULL);
	bench_leave(1);
	bench_release(801, CC_OUT_CALLER_GONE);
	bench_agent(802, true);
	bench_agent(803, true);
	bench_agent(804, true);
	CU_ASSERT_EQUAL(bench_configure(), CC_OK);
	bench_free();
}

/* ---- a full output ---- */

static void nothing_is_lost(void)
{
	static const struct cc_acd_limits limits = {
			.agents = 200, .queues = 4, .memberships = 200, .waiting = 300};
	int events = 0, grants = 0;

	bench_new(&limits);
	bench_queue((struct bench_queue){.number = "600"});
	for (int i = 1; i <= 200; i++) {
		bench_agent(100 + i, true);
		bench_member("600", 100 + i, i, 1, false);
	}
	bench_configure();
	for (int i = 1; i <= 200; i++)
		bench_ready(100 + i);
	for (int i = 1; i <= 200; i++)
		bench_work(100 + i, CC_WORK_BUSY, "");
	for (int i = 1; i <= 200; i++)
		bench_enter("600", i);
	bench_clear();
	/* the output is never taken until the end */
	for (int i = 1; i <= 200; i++)
		cc_acd_work(
				bench.acd, bench_text(100 + i), CC_WORK_ONLINE, NULL, NULL, bench.now, &bench.out);
	CU_ASSERT(bench.out.more);
	CU_ASSERT(bench.out.count <= CC_ACD_EFFECTS);
	bench_done();
	for (const char *p = bench.events; *p; p++)
		events += *p == '\n';
	for (const char *p = bench.grants; *p; p++)
		grants += *p == ' ';
	CU_ASSERT_EQUAL(events, 400);
	CU_ASSERT_EQUAL(grants, 200);
	CU_ASSERT(strncmp(bench.grants, "101:1 102:2 103:3 ", 18) == 0);
	CU_ASSERT(strncmp(bench.events, "101 idle  online idle\n101 reserved 600", 38) == 0);

	/* everybody goes at once */
	bench_clear();
	CU_ASSERT_EQUAL(bench_configure(), CC_OK);
	events = 0;
	for (const char *p = bench.events; *p; p++)
		events += *p == '\n';
	CU_ASSERT_EQUAL(events, 400);
	bench_free();
}

static void events_without_end_lose_no_grant(void)
{
	struct cc_acd_gauges g;

	bench_usual("linear", 1);
	for (int i = 0; i < 5000; i++)
		cc_acd_work(bench.acd, "801", i % 2 ? CC_WORK_AWAY : CC_WORK_BUSY, "", NULL, bench.now,
				&bench.out);
	cc_acd_gauges(bench.acd, &g);
	CU_ASSERT(g.lost > 0); /* nobody took them for very long */
	cc_acd_work(bench.acd, "801", CC_WORK_ONLINE, "", NULL, bench.now, &bench.out);
	struct cc_acd_caller caller = {.call = bench_call(1), .visit = 1};
	CU_ASSERT_EQUAL(cc_acd_enter(bench.acd, "600", &caller, bench.now, &bench.out), CC_OK);
	bench_done();
	GRANTS("801:1 ");
	bench_free();
}

/* ---- restarts and damage ---- */

static void adoption(void)
{
	uint32_t epoch;
	char json[1000];
	struct cc_jsonw w;

	bench_new(NULL);
	bench_queue((struct bench_queue){
			.number = "600", .strategy = "fewest_calls", .wrapup = "answered", .wrapup_s = 60});
	for (int i = 1; i <= 4; i++) {
		bench_agent(800 + i, true);
		bench_member("600", 800 + i, i, 1, false);
	}
	bench_configure();
	for (int i = 1; i <= 3; i++)
		bench_ready(800 + i);
	bench_work(803, CC_WORK_BUSY, "meal");
	bench_enter("600", 1);
	bench_answer(801); /* wrap-up */
	bench_enter("600", 2);
	bench_ring(802);
	bench_talk(802);
	bench_enter("600", 3);
	epoch = bench.epoch[802];
	bench_wait(1000);
	bench_clear();
	CU_ASSERT_EQUAL(cc_acd_adopt(bench.acd, bench.bytes, 2, bench.now), CC_OK);
	CU_ASSERT_STRING_EQUAL(bench_wrong(), "");
	CU_ASSERT_EQUAL(bench_position(3), 0);
	CU_ASSERT_EQUAL(cc_acd_release(bench.acd, "802", epoch, CC_OUT_TALKED, bench.now, &bench.out),
			CC_E_STALE);
	cc_jsonw_init(&w, json, sizeof(json));
	cc_acd_agent_json(bench.acd, "803", &w);
	cc_jsonw_end(&w);
	CU_ASSERT_PTR_NOT_NULL(strstr(json, "\"work\":\"busy\",\"reason\":\"meal\""));
	bench_enter("600", 4);
	GRANTS("802:4 ");
	CU_ASSERT(bench.epoch[802] > epoch);
	bench_wait(60000);
	EVENTS("802 reserved 600 online reserved\n801 wrapup_end 600 online idle\n");
	bench_leave(4);
	bench_release(802, CC_OUT_CALLER_GONE);
	bench_work(803, CC_WORK_ONLINE, NULL);
	bench_enter("600", 5); /* counters have stayed: 1 1 0 */
	GRANTS("803:5 ");

	CU_ASSERT_EQUAL(cc_acd_adopt(bench.acd, bench.bytes - 1, 2, bench.now), CC_E_CORRUPT);
	CU_ASSERT_EQUAL(cc_acd_adopt(bench.acd, 0, 2, bench.now), CC_E_CORRUPT);
	CU_ASSERT_EQUAL(cc_acd_adopt(bench.acd, bench.bytes, 3, bench.now), CC_E_CORRUPT);
	CU_ASSERT_EQUAL(cc_acd_adopt(bench.acd, bench.bytes, 2, bench.now), CC_OK);
	memset(bench.acd, 0, bench.bytes);
	CU_ASSERT_EQUAL(cc_acd_adopt(bench.acd, bench.bytes, 2, bench.now), CC_E_CORRUPT);
	bench_free();
}

/* Calls that outlive the engine keep their agents and their order; agents of the others are told.
 */
static void restored(void)
{
	struct cc_ulid call = bench_call(2);
	struct cc_acd_caller waits = {.visit = 1};
	struct cc_acd_talk talk = {.agent = "802", .queue = "600", .call = call, .visit = 1};

	bench_usual("linear", 3);
	for (int i = 1; i <= 3; i++) {
		bench_enter("600", i);
		bench_ring(800 + i);
		if (i < 3)
			bench_talk(800 + i);
	}
	bench_enter("600", 4);
	bench_wait(1000);
	bench_enter("600", 5);
	talk.epoch = bench.epoch[802];
	talk.since_ms = bench.now - 1000;
	bench_clear();
	CU_ASSERT_EQUAL(cc_acd_adopt(bench.acd, bench.bytes, 2, bench.now), CC_OK);
	CU_ASSERT_EQUAL(cc_acd_restore(bench.acd, &talk), CC_OK);
	CU_ASSERT_EQUAL(cc_acd_restore(bench.acd, &talk), CC_E_STATE);
	CU_ASSERT_STRING_EQUAL(bench_wrong(), "");
	for (int i = 5; i >= 4; i--) { /* found in any order */
		waits.call = bench_call(i);
		waits.entered_ms = bench.now - (6 - i) * 1000;
		CU_ASSERT_EQUAL(cc_acd_enter(bench.acd, "600", &waits, bench.now, &bench.out), CC_OK);
	}
	cc_acd_restored(bench.acd, bench.now, &bench.out);
	bench_done();
	CU_ASSERT_STRING_EQUAL(bench_wrong(), "");
	GRANTS("801:5 803:4 ");
	CU_ASSERT_EQUAL(bench_position(4), 1);
	CU_ASSERT_EQUAL(bench_position(5), 2);
	EVENTS("801 reserved 600 online reserved\n803 reserved 600 online reserved\n");
	CU_ASSERT_EQUAL(
			cc_acd_release(bench.acd, "802", talk.epoch, CC_OUT_TALKED, bench.now, &bench.out),
			CC_OK);
	bench_done();
	bench_free();

	bench_usual("linear", 1);
	bench_enter("600", 1);
	bench_ring(801);
	bench_talk(801);
	bench_clear();
	CU_ASSERT_EQUAL(cc_acd_adopt(bench.acd, bench.bytes, 2, bench.now), CC_OK);
	cc_acd_restored(bench.acd, bench.now, &bench.out);
	bench_done();
	EVENTS("801 call_end  online idle\n");
	bench_free();
}

static uint32_t seed;

static uint32_t dice(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)seed * n) >> 32);
}

/* Whatever was adopted can be configured and used. */
static void use(void)
{
	char text[20000];
	struct cc_jsonw w;

	snapshot(0);
	for (int i = 1; i <= 3; i++)
		bench_ready(800 + i);
	bench_enter("600", 1);
	bench_enter("601", 2);
	bench_wait(20000);
	cc_jsonw_init(&w, text, sizeof(text));
	cc_acd_board(bench.acd, bench.now, &w);
	snapshot(NO_801);
	bench_wait(3 * 24 * 60 * MINUTE);
}

/* Nearly every byte of the tables means something. */
static const struct cc_acd_limits tight = {
		.agents = 3, .queues = 2, .memberships = 4, .waiting = 5};

static void damage(void)
{
	int adopted = 0, refused = 0;
	unsigned char *good;
	size_t bytes;

	begin_in(&tight);
	snapshot(RENAMED);
	bench_enter("600", 1);
	bench_answer(801); /* and wraps up */
	bench_enter("600", 2);
	bench_ring(802);
	bench_enter("601", 3);
	bench_enter("600", 4);
	bytes = bench.bytes;
	good = malloc(bytes);
	memcpy(good, bench.acd, bytes);
	bench_free();
	for (int round = 0; round < 3000; round++) {
		unsigned char *block;

		seed = (uint32_t)round;
		bench_new(&tight);
		block = (unsigned char *)bench.acd;
		memcpy(block, good, bytes);
		if (round % 10 == 0) { /* torn: a part is from another time */
			size_t from = dice((uint32_t)bytes);

			memset(block + from, round % 20 ? 0 : (int)dice(256), bytes - from);
		}
		/* behind the records are only indexes and effects, which are made anew */
		for (uint32_t n = dice(8); n > 0; n--)
			block[dice(dice(4) ? 3000 : (uint32_t)bytes)] ^= (unsigned char)(1 + dice(255));
		if (cc_acd_adopt(bench.acd, bytes, 2, bench.now) == CC_OK) {
			adopted++;
			use();
		} else {
			refused++;
		}
		bench_free();
	}
	CU_ASSERT(adopted > 300);
	CU_ASSERT(refused > 300);
	free(good);
}

static void every_byte(void)
{
	unsigned char *good;
	size_t bytes;

	begin_in(&tight);
	snapshot(RENAMED);
	bench_enter("600", 1);
	bench_answer(801);
	bytes = bench.bytes;
	good = malloc(bytes);
	memcpy(good, bench.acd, bytes);
	bench_free();
	for (size_t i = 0; i < bytes; i++) {
		int64_t next;

		bench_new(&tight);
		memcpy(bench.acd, good, bytes);
		((unsigned char *)bench.acd)[i] ^= 0xFF;
		if (cc_acd_adopt(bench.acd, bytes, 2, bench.now) == CC_OK) {
			/* without a new snapshot too */
			struct cc_acd_caller caller = {.call = bench_call(1), .visit = 1};

			cc_acd_enter(bench.acd, "600", &caller, bench.now, &bench.out);
			cc_acd_tick(bench.acd, bench.now + 3 * 24 * 60 * MINUTE, &bench.out, &next);
		}
		bench_free();
	}
	free(good);
}

CU_TestInfo acd_change_tests[] = {
		{"TEL-26 nothing changes", nothing_changes},
		{"TEL-26 agents go and come", agents_go_and_come},
		{"TEL-26 an agent goes while it talks", an_agent_goes_while_it_talks},
		{"TEL-26 queues go", queues_go},
		{"TEL-33 memberships change", memberships_change},
		{"waiting calls get new members", waiting_calls_get_new_members},
		{"TEL-06 round robin is reset on save", round_robin_is_reset_on_save},
		{"too many", too_many},
		{"nothing is lost", nothing_is_lost},
		{"events without end lose no grant", events_without_end_lose_no_grant},
		{"adoption", adoption},
		{"calls that outlive the engine", restored},
		{"damage", damage},
		{"every byte", every_byte},
		CU_TEST_INFO_NULL,
};
