/* SPDX-License-Identifier: GPL-2.0-or-later
 * Agents call outside, by their phone and by a page: CALL-01, TEL-08, TEL-20. Agent 0 is 801, whose
 * phone is leg 1; leg 0 is the customer's. */
#include "call_bench.h"
#include "cc/err.h"

#define NUMBER "013900000005"

static void call_new(const char *number, bool click)
{
	const struct cc_conf *conf = cc_conf_by_id(bench.set, 2);
	struct cc_ulid id = {{1}};
	struct cc_call *c = &bench.call;

	cc_call_init(c, &id, 2, conf, bench.now);
	c->caller_agent = 0;
	c->click = click;
	if (click)
		cc_route_clicked(&c->route, conf, 0, number, 0, -1);
	else
		cc_route_dialled(&c->route, conf, 0, number);
	c->dir = c->route.number[0] ? CC_DIR_OUT : CC_DIR_INTERNAL;
	strcpy(c->from, "801");
	strcpy(c->to, number);
	if (!click)
		cc_call_leg_add(c, c->route.kind == CC_ROUTE_OUT ? CC_ROLE_AGENT : CC_ROLE_CALLER, true, 0,
				&id, 0, 0, bench.now);
	IN(NEW);
}

/* The phone has dialled, the agent is reserved. */
static void dialled(void)
{
	call_new(NUMBER, false);
	CU_ASSERT_TRUE(bench_did("[reserve]"));
	IN(GRANT, .agent = 0, .epoch = 7);
	CU_ASSERT_TRUE(bench_did("[dial out 0 +8613900000005]"));
}

/* The own phones of who dials by a page ring: the leg. */
static int32_t own(const char *number)
{
	call_new(number, true);
	CU_ASSERT_FALSE(bench_did("[reserve]"));
	return bench_offer(0, 7, 1);
}

static void by_phone(void)
{
	bench_new("");
	dialled();
	bench_trunk(1, "carrier");
	CU_ASSERT_EQUAL(bench_wrote("call.route {\"node\":\"trunk\",\"target\":\"8613900000005\","
								"\"trunk\":\"carrier\"}"),
			1);
	CU_ASSERT_EQUAL(bench_wrote("\"role\":\"callee\""), 1);
	bench_wait(1000);
	IN(LEG_RINGING, .leg = 0, .code = 183);
	CU_ASSERT_TRUE(bench_did("[respond 1 180]"));
	bench_wait(4000);
	IN(LEG_UP, .leg = 0);
	CU_ASSERT_TRUE(bench_did("[call.answer]"));
	CU_ASSERT_TRUE(bench_did("[answer]"));
	CU_ASSERT_FALSE(bench_did("[talking]"));
	IN(LEG_UP, .leg = 1);
	CU_ASSERT_TRUE(bench_did("[mix 2]") && bench_did("[talking]") && bench_did("[record on 1]"));
	bench_wait(5000);
	IN(HOLD, .leg = 1, .count = 1);
	CU_ASSERT_TRUE(bench_did("[play 0 music music/hold]"));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_TRUE(bench_did("[hangup 1") && bench_did("[release 0 7 talked]"));
	CU_ASSERT_EQUAL(bench_wrote("\"dir\":\"out\",\"from\":\"801\""), 1);
	CU_ASSERT_EQUAL(bench_wrote("\"did\":\"4008001\""), 2); /* the caller id, first and last */
	CU_ASSERT_EQUAL(bench_wrote("\"ring_ms\":4000,\"talk_ms\":5000,\"agent_ms\":5000"), 1);
	bench_over("\"cause\":\"answered\",\"side\":\"callee\"");
}

static void ended_by_the_agent(void)
{
	bench_new("\"record\":false");
	dialled();
	bench_trunk(1, "carrier");
	IN(LEG_UP, .leg = 0);
	IN(LEG_UP, .leg = 1);
	CU_ASSERT_FALSE(bench_did("[record"));
	IN(LEG_ENDED, .leg = 1, .code = 200);
	CU_ASSERT_TRUE(bench_did("[hangup 0"));
	bench_over("\"cause\":\"answered\",\"side\":\"caller\"");
}

static void cancelled(void)
{
	bench_new("");
	call_new(NUMBER, false);
	IN(LEG_ENDED, .leg = 1, .code = 487);
	IN(GRANT, .agent = 0, .epoch = 7); /* the engine gives back what comes after the end */
	CU_ASSERT_EQUAL(bench.out.count, 0);
	bench_over("\"cause\":\"caller_hangup\",\"side\":\"caller\"");

	bench_new("");
	dialled();
	bench_trunk(1, "carrier");
	IN(LEG_RINGING, .leg = 0, .code = 180);
	bench_wait(3000);
	IN(LEG_ENDED, .leg = 1, .code = 487);
	CU_ASSERT_TRUE(bench_did("[hangup 0 487]") && bench_did("[release 0 7 caller_gone]"));
	CU_ASSERT_EQUAL(bench_wrote("\"sip_code\":487,\"sip_text\":\"Request Terminated\","
								"\"ring_ms\":3000"),
			1);
	bench_over("\"cause\":\"caller_hangup\",\"side\":\"caller\"");
}

static void refusals(void)
{
	static const struct
	{
		int code, said;
		const char *cause;
	} cases[] = {{486, 486, "busy"}, {603, 603, "rejected"}, {404, 404, "no_answer"},
			{480, 480, "no_answer"}, {401, 480, "failed"}, {302, 480, "no_answer"}};
	char expected[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bench_new("");
		dialled();
		bench_trunk(1, "carrier");
		IN(LEG_RINGING, .leg = 0, .code = 180);
		IN(LEG_FAILED, .leg = 0, .code = cases[i].code, .text = "No");
		snprintf(expected, sizeof(expected), "[hangup 1 %d]", cases[i].said);
		CU_ASSERT_TRUE(bench_did(expected));
		snprintf(
				expected, sizeof(expected), "\"cause\":\"%s\",\"side\":\"callee\"", cases[i].cause);
		bench_over(expected);
	}
}

/* One trunk after the other; the ringing time is that of all of them. */
static void next_trunk(void)
{
	bench_new("");
	dialled();
	bench_trunk(1, "a");
	IN(LEG_FAILED, .leg = 0, .code = 503, .text = "Full");
	CU_ASSERT_TRUE(bench_did("[dial out 1 +8613900000005]"));
	bench_trunk(3, "c"); /* the second one had no free channel */
	bench_wait(4000);
	IN(LEG_FAILED, .leg = 0, .code = 408, .text = "Request Timeout");
	CU_ASSERT_TRUE(bench_did("[dial out 3 +8613900000005]"));
	bench_trunk(4, "d");
	IN(LEG_RINGING, .leg = 0, .code = 180);
	bench_wait(55999);
	CU_ASSERT_EQUAL(bench.out.count && bench.log[0], 0);
	bench_wait(1);
	CU_ASSERT_TRUE(bench_did("[hangup 0") && bench_did("[hangup 1 480]"));
	bench_over("\"cause\":\"timeout\",\"side\":\"callee\"");

	bench_new("");
	dialled();
	bench_trunk(1, "a");
	IN(LEG_FAILED, .leg = 0, .code = 500, .text = "Broken");
	IN(DIALLED, .agent = -1);
	CU_ASSERT_TRUE(bench_did("[hangup 1 503]"));
	bench_over("\"cause\":\"failed\",\"side\":\"system\",\"sip_code\":503,\"sip_text\":\"Broken\"");

	bench_new("");
	dialled();
	IN(DIALLED, .agent = -1);
	bench_over(
			"\"cause\":\"failed\",\"side\":\"system\",\"sip_code\":503,\"sip_text\":\"No Trunk\"");
}

/* Of the last step's conference: who hears whom. */
static bool hears(int32_t ear, int32_t speaker)
{
	for (int i = bench.out.count - 1; i >= 0; i--) {
		const struct cc_call_action *a = &bench.out.a[i];
		int e = -1, p = -1;

		if (a->kind != CC_ACT_MIX)
			continue;
		for (int l = 0; l < a->count; l++) {
			e = a->legs[l] == ear ? l : e;
			p = a->legs[l] == speaker ? l : p;
		}
		return e >= 0 && p >= 0 && a->gain[e][p] > 0;
	}
	return false;
}

/* What the network says is heard before the answer, over the next trunk too. */
static void early_sound(void)
{
	bench_new("");
	dialled();
	bench_trunk(1, "a");
	IN(LEG_EARLY, .leg = 0, .code = 183);
	CU_ASSERT_TRUE(bench_did("[respond 1 183]") && hears(1, 0) && !hears(0, 1));
	CU_ASSERT_EQUAL(bench_wrote("leg.ring "), 1);
	IN(LEG_EARLY, .leg = 0, .code = 183);
	CU_ASSERT_EQUAL(bench.out.count, 0);
	IN(LEG_FAILED, .leg = 0, .code = 503, .text = "Full");
	CU_ASSERT_TRUE(bench_did("[play 0 music tone:ringback]") && !hears(1, 0));
	bench_trunk(2, "b");
	IN(LEG_RINGING, .leg = 0, .code = 180);
	CU_ASSERT_FALSE(bench_did("[respond"));
	IN(LEG_EARLY, .leg = 0, .code = 183);
	CU_ASSERT_TRUE(bench_did("[stop]") && hears(1, 0) && !hears(0, 1));
	CU_ASSERT_FALSE(bench_did("[respond"));
	IN(LEG_UP, .leg = 0);
	IN(LEG_UP, .leg = 1);
	CU_ASSERT_TRUE(bench_did("[stop]") && hears(1, 0) && hears(0, 1));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"answered\",\"side\":\"callee\"");
}

static void refused_at_once(void)
{
	bench_new("");
	call_new(NUMBER, false);
	IN(REFUSED, .agent = 0, .code = CC_E_STATE);
	CU_ASSERT_TRUE(bench_did("[hangup 1 486]"));
	bench_over("\"cause\":\"failed\",\"side\":\"system\",\"sip_code\":486");

	bench_new("");
	dialled();
	bench_trunk(1, "a");
	IN(LEG_UP, .leg = 0);
	IN(LEG_ENDED, .leg = 0, .code = 200); /* before the agent's phone has its answer */
	CU_ASSERT_TRUE(bench_did("[hangup 1 480]") && bench_did("[release 0 7 caller_gone]"));
	bench_over("\"cause\":\"answered\",\"side\":\"callee\"");
}

static void by_page(void)
{
	int32_t leg;

	bench_new("");
	leg = own(NUMBER);
	CU_ASSERT_EQUAL(bench_wrote("\"click\":true"), 1);
	IN(LEG_RINGING, .leg = leg, .code = 180);
	CU_ASSERT_TRUE(bench_did("[ringing]"));
	IN(LEG_UP, .leg = leg);
	CU_ASSERT_TRUE(bench_did("[play 0 music tone:ringback]"));
	CU_ASSERT_TRUE(bench_did("[dial out 0 +8613900000005]"));
	CU_ASSERT_FALSE(bench_did("[talking]"));
	bench_trunk(1, "carrier");
	IN(LEG_RINGING, .leg = 0, .code = 180);
	CU_ASSERT_FALSE(bench_did("[respond"));
	IN(LEG_EARLY, .leg = 0, .code = 183);
	CU_ASSERT_TRUE(bench_did("[stop]") && hears(leg, 0) && !hears(0, leg));
	IN(LEG_UP, .leg = 0);
	CU_ASSERT_TRUE(bench_did("[stop]") && bench_did("[mix 2]") && bench_did("[talking]"));
	CU_ASSERT_TRUE(hears(leg, 0) && hears(0, leg));
	bench_wait(2000);
	IN(LEG_ENDED, .leg = leg, .code = 200);
	CU_ASSERT_TRUE(bench_did("[release 0 7 talked]"));
	CU_ASSERT_EQUAL(bench_wrote("\"talk_ms\":2000"), 1);
	bench_over("\"cause\":\"answered\",\"side\":\"caller\"");
}

static void by_page_unanswered(void)
{
	int32_t leg;

	bench_new("");
	leg = own(NUMBER);
	IN(LEG_FAILED, .leg = leg, .code = 486);
	CU_ASSERT_EQUAL(bench_did("[release 0 7 busy]"), 1);
	bench_over("\"cause\":\"busy\",\"side\":\"caller\"");

	bench_new("");
	leg = own(NUMBER);
	IN(LEG_UP, .leg = leg);
	bench_trunk(1, "carrier");
	IN(LEG_ENDED, .leg = leg, .code = 200); /* he gives up */
	CU_ASSERT_EQUAL(bench_did("[release 0 7 caller_gone]"), 1);
	bench_over("\"cause\":\"caller_hangup\",\"side\":\"caller\",\"sip_code\":487");

	bench_new("");
	CU_ASSERT_EQUAL(own(NUMBER), 1);
	bench_wait(30000);
	CU_ASSERT_EQUAL(bench_did("[release 0 7 noanswer]"), 1);
	bench_over("\"cause\":\"timeout\",\"side\":\"caller\"");
}

/* A queue: who dials is the caller then, whatever leg his phone is. */
static void by_page_inside(void)
{
	int32_t leg, agent;

	bench_new("\"entry_prompt\":\"\"");
	leg = own("600");
	CU_ASSERT_EQUAL(bench_wrote("\"dir\":\"internal\""), 1);
	IN(LEG_UP, .leg = leg);
	CU_ASSERT_TRUE(bench_did("[enter]") && bench_did("[call.answer]"));
	agent = bench_offer(1, 9, 1);
	IN(LEG_UP, .leg = agent);
	CU_ASSERT_TRUE(bench_did("[mix 2]"));
	CU_ASSERT_EQUAL(bench_did("[talking]"), 2);
	IN(LEG_ENDED, .leg = leg, .code = 200);
	CU_ASSERT_TRUE(bench_did("[release 0 7 talked]") && bench_did("[release 1 9 talked]"));
	bench_over("\"cause\":\"answered\",\"side\":\"caller\"");
}

/* The customer of an outbound call is moved like any other. */
static void moved(void)
{
	struct cc_call_input refer = {.kind = CC_IN_REFER, .leg = 1, .other = -1, .text = "600"};
	int32_t agent;

	bench_new("\"entry_prompt\":\"\"");
	dialled();
	bench_trunk(1, "carrier");
	IN(LEG_UP, .leg = 0);
	IN(LEG_UP, .leg = 1);
	bench_in(refer);
	CU_ASSERT_TRUE(bench_did("[referred 1 200]") && bench_did("[enter]"));
	CU_ASSERT_EQUAL(
			bench_wrote("queue.enter {\"queue\":\"600\",\"visit\":1,\"from\":\"" NUMBER), 1);
	agent = bench_offer(0, 9, 1);
	IN(LEG_UP, .leg = agent);
	CU_ASSERT_TRUE(bench_did("[mix 2]"));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	CU_ASSERT_TRUE(bench_did("[release 0 9 talked]"));
	bench_over("\"cause\":\"answered\",\"side\":\"callee\"");
}

/* Somebody else's customer: the agent leaves him to a number outside. */
static void moved_outside(void)
{
	struct cc_call_input refer = {.kind = CC_IN_REFER, .other = -1, .text = NUMBER};
	struct cc_call_input hold = {.kind = CC_IN_HOLD, .count = 1};
	struct cc_call_input in = {.kind = CC_IN_DIALLED, .agent = -1, .count = 1, .text = "b"};
	struct cc_ulid id = {{3}};

	for (int end = 0; end < 3; end++) {
		bench_new("");
		bench_waiting();
		refer.leg = bench_offer(0, 7, 1);
		IN(LEG_UP, .leg = refer.leg);
		bench_wait(3000);
		bench_in(refer);
		CU_ASSERT_TRUE(bench_did("[referred 1 200]") && bench_did("[release 0 7 talked]"));
		CU_ASSERT_TRUE(bench_did("[record off 1]") && bench_did("[play 0 music tone:ringback]"));
		CU_ASSERT_TRUE(bench_did("[dial out 0 +8613900000005]"));
		CU_ASSERT_EQUAL(bench_wrote("\"node\":\"out\",\"target\":\"" NUMBER "\""), 1);
		refer.leg = cc_call_leg_add(&bench.call, CC_ROLE_CALLEE, false, 1, &id, -1, 0, bench.now);
		CU_ASSERT_EQUAL(refer.leg, 1);
		bench_in(in);
		CU_ASSERT_EQUAL(bench_wrote("\"trunk\":\"b\""), 1);
		CU_ASSERT_STRING_EQUAL(bench.call.trunk, ""); /* he has come over another one */
		IN(LEG_RINGING, .leg = 1, .code = 180);
		if (end == 0) {
			IN(LEG_FAILED, .leg = 1, .code = 486, .text = "Busy");
			CU_ASSERT_TRUE(bench_did("[hangup 0"));
			bench_over("\"cause\":\"busy\",\"side\":\"callee\"");
			continue;
		}
		if (end == 1) {
			IN(LEG_ENDED, .leg = 0, .code = 200);
			CU_ASSERT_TRUE(bench_did("[hangup 1"));
			bench_over("\"cause\":\"answered\",\"side\":\"caller\"");
			continue;
		}
		IN(LEG_UP, .leg = 1);
		CU_ASSERT_TRUE(bench_did("[mix 2]"));
		CU_ASSERT_FALSE(bench_did("[talking]") || bench_did("[record"));
		hold.leg = 1;
		bench_in(hold);
		CU_ASSERT_FALSE(bench_did("[hold]"));
		bench_in(refer); /* a carrier moves nobody */
		CU_ASSERT_TRUE(bench_did("[referred 1 603]"));
		bench_wait(5000);
		IN(LEG_ENDED, .leg = 1, .code = 200);
		CU_ASSERT_EQUAL(bench_wrote("\"agent_ms\":3000"), 1); /* not the other talk */
		bench_over("\"cause\":\"answered\",\"side\":\"callee\"");
	}
}

static void restarts(void)
{
	bench_new("");
	dialled();
	bench_trunk(1, "carrier");
	IN(RESTORED, .lost = 3);
	CU_ASSERT_EQUAL(bench_did("[release 0 7 caller_gone]"), 1);
	bench_over("\"cause\":\"failed\",\"side\":\"system\"");

	bench_new("");
	dialled();
	bench_trunk(1, "carrier");
	IN(LEG_UP, .leg = 0);
	IN(LEG_UP, .leg = 1);
	IN(RESTORED);
	CU_ASSERT_TRUE(bench_did("[mix 2]") && bench_did("[record on 1]"));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"answered\"");
}

static void routes(void)
{
	const struct cc_conf *conf;
	struct cc_route r;

	bench_new("");
	conf = cc_conf_by_id(bench.set, 2);
	cc_route_dialled(&r, conf, 0, "87654321"); /* of the own area */
	CU_ASSERT_EQUAL(r.kind, CC_ROUTE_OUT);
	CU_ASSERT_STRING_EQUAL(r.number, "861087654321");
	cc_route_dialled(&r, conf, 0, "0044 20 7946 0000");
	CU_ASSERT_STRING_EQUAL(r.number, "442079460000");
	cc_route_dialled(&r, conf, 0, "95588"); /* short: an extension that is not there */
	CU_ASSERT_TRUE(r.kind == CC_ROUTE_REFUSE && r.sip_code == 404 && !r.number[0]);
	cc_route_dialled(&r, conf, 1, NUMBER); /* disabled */
	CU_ASSERT_TRUE(r.kind == CC_ROUTE_REFUSE && r.sip_code == 403);
	cc_route_clicked(&r, conf, 0, "*100", 0, -1);
	CU_ASSERT_EQUAL(r.kind, CC_ROUTE_REFUSE);
	cc_route_clicked(&r, conf, 0, "801", 0, -1); /* himself */
	CU_ASSERT_TRUE(r.kind == CC_ROUTE_REFUSE && r.sip_code == 486);
	bench_free();
}

/* Two profiles: the tenant's, and one that takes nothing but numbers behind a 9. */
#define PROFILES                                                                                   \
	",\"outbound_profile\":5,\"profiles\":[{\"id\":5,\"name\":\"all\"},{\"id\":3,\"name\":"        \
	"\"nine\"}],"                                                                                  \
	"\"routes\":[{\"id\":2,\"profile\":5,\"position\":2,\"strip\":\"\",\"pattern\":\"0X.\","       \
	"\"add\":\"\"},{\"id\":1,\"profile\":5,\"position\":1,\"strip\":\"\",\"pattern\":"             \
	"\"1[3-9]XXXXXXXXX\",\"add\":\"0\"},{\"id\":4,\"profile\":5,\"position\":3,\"strip\":\"\","    \
	"\"pattern\":\"1XXXX\",\"add\":\"\"},{\"id\":7,\"profile\":5,\"position\":4,\"strip\":\"86\"," \
	"\"pattern\":\"X.\",\"add\":\"+86\"},{\"id\":9,\"profile\":3,\"position\":1,\"strip\":\"9\","  \
	"\"pattern\":\"X.\",\"add\":\"\"}],"                                                           \
	"\"route_trunks\":[{\"route\":1,\"position\":2,\"trunk\":8},{\"route\":1,\"position\":1,"      \
	"\"trunk\":6}],\"no_calls\":[{\"number\":\"8613900000009\",\"package\":1},"                    \
	"{\"number\":\"10099\",\"package\":1}]"

static void routed(const char *number, int32_t profile, const char *dialled, int32_t trunks)
{
	const struct cc_conf *conf = cc_conf_by_id(bench.set, 2);
	struct cc_route r;

	cc_route_clicked(&r, conf, 0, number, 0, profile ? cc_conf_profile_find(conf, profile) : -1);
	CU_ASSERT_EQUAL(r.kind, CC_ROUTE_OUT);
	CU_ASSERT_STRING_EQUAL(r.dialled, dialled);
	CU_ASSERT_EQUAL(r.trunk_count, trunks);
}

static void no_route(const char *number, int32_t profile, int32_t code, const char *reason)
{
	const struct cc_conf *conf = cc_conf_by_id(bench.set, 2);
	struct cc_route r;

	cc_route_clicked(&r, conf, 0, number, 0, profile ? cc_conf_profile_find(conf, profile) : -1);
	CU_ASSERT_EQUAL(r.kind, CC_ROUTE_REFUSE);
	CU_ASSERT_EQUAL(r.sip_code, code);
	CU_ASSERT_STRING_EQUAL(r.reason, reason);
}

static void profiles(void)
{
	struct cc_route r;

	bench_lists = PROFILES;
	bench_new("");
	routed("139 0000 0005", 0, "013900000005", 2); /* the first that fits: by position */
	cc_route_dialled(&r, cc_conf_by_id(bench.set, 2), 0, "13900000005");
	CU_ASSERT_TRUE(r.trunks[0] == 6 && r.trunks[1] == 8);
	CU_ASSERT_STRING_EQUAL(r.number, "8613900000005");
	routed("01087654321", 0, "01087654321", 0);
	routed("+8613900000005", 0, "+8613900000005", 0); /* in E.164 */
	routed("87654321", 0, "+861087654321", 0);        /* it fits in E.164 only */
	routed("10086", 0, "10086", 0);                   /* a short one */
	routed("913900000005", 3, "13900000005", 0);
	no_route("95588", 0, 404, "Not Found"); /* no route: an extension that is not there */
	no_route("13900000005", 3, 404, CC_ROUTE_NO_PROFILE);
	no_route("13900000009", 0, 603, "Do Not Call");
	no_route("913900000009", 3, 603, "Do Not Call"); /* whatever is dialled before it */
	no_route("10099", 0, 603, "Do Not Call");
	no_route("+", 0, 404, "Not Found");
	no_route("139x", 0, 404, "Not Found");
	cc_route_clicked(&r, cc_conf_by_id(bench.set, 2), 0, "600", 0, -1);
	CU_ASSERT_EQUAL(r.kind, CC_ROUTE_QUEUE); /* what is inside comes first */
	call_new("+442079460000", false);
	bench_over("\"cause\":\"failed\",\"side\":\"system\",\"sip_code\":404,\"sip_text\":"
			   "\"" CC_ROUTE_NO_PROFILE);
	bench_lists = "";
}

/* ---- targets outside (TEL-05) ---- */

/* A caller to the DID, over the carrier. */
static void caller(const char *did)
{
	const struct cc_conf *conf = cc_conf_by_id(bench.set, 2);
	struct cc_ulid id = {{1}};
	struct cc_call *c = &bench.call;

	cc_call_init(c, &id, 2, conf, bench.now);
	strcpy(c->from, "13800001234");
	strcpy(c->to, did);
	strcpy(c->did, did);
	strcpy(c->trunk, "first");
	cc_route_did(&c->route, conf, cc_conf_did_find(conf, did));
	cc_call_leg_add(c, CC_ROLE_CALLER, true, 0, &id, -1, 0, bench.now);
	IN(NEW);
}

/* The number outside is called: its leg. */
static int32_t away(void)
{
	struct cc_call_input in = {.kind = CC_IN_DIALLED, .agent = -1, .count = 1, .text = "second"};
	struct cc_ulid id = {{3}};
	int32_t leg;

	CU_ASSERT_TRUE(bench_did("[dial out 0 +8613900000005]"));
	leg = cc_call_leg_add(&bench.call, CC_ROLE_CALLEE, false, 1, &id, -1, 0, bench.now);
	bench_in(in);
	return leg;
}

#define AWAY "\"overflow_kind\":\"outside\",\"overflow_target\":\"13900000005\",\"max_wait_s\":5"

static void overflow_outside(void)
{
	int32_t leg;

	bench_new(AWAY);
	bench_waiting();
	bench_wait(5000);
	leg = away();
	CU_ASSERT_EQUAL(bench_wrote("\"result\":\"overflowed\",\"cause\":\"queue_timeout\""), 1);
	CU_ASSERT_EQUAL(bench_wrote("call.route {\"node\":\"out\",\"target\":\"8613900000005\""), 1);
	IN(LEG_RINGING, .leg = leg, .code = 180);
	CU_ASSERT_FALSE(bench_did("[respond"));
	IN(LEG_UP, .leg = leg);
	CU_ASSERT_TRUE(bench_did("[mix 2]") && bench_did("[record on 1]"));
	bench_wait(2000);
	IN(LEG_ENDED, .leg = leg, .code = 200);
	CU_ASSERT_TRUE(bench_did("[hangup 0"));
	bench_over("\"cause\":\"answered\",\"side\":\"callee\"");

	bench_new(AWAY ",\"record\":false");
	bench_waiting();
	bench_wait(5000);
	leg = away();
	IN(LEG_UP, .leg = leg);
	CU_ASSERT_FALSE(bench_did("[record"));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"answered\",\"side\":\"caller\"");

	bench_new(AWAY); /* nobody is there: the queue says how it ends */
	bench_waiting();
	bench_wait(5000);
	leg = away();
	IN(LEG_FAILED, .leg = leg, .code = 486);
	bench_over("\"cause\":\"queue_timeout\"");

	bench_new(AWAY);
	bench_waiting();
	bench_wait(5000);
	away();
	bench_wait(60000);
	bench_over("\"cause\":\"queue_timeout\"");

	bench_new(AWAY);
	bench_waiting();
	bench_wait(5000);
	away();
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"caller_hangup\",\"side\":\"caller\"");
}

/* The caller is answered when the number outside has answered. */
static void did_outside(void)
{
	int32_t leg;

	bench_new("");
	caller("4008006");
	CU_ASSERT_FALSE(bench_did("[answer]"));
	leg = away();
	IN(LEG_RINGING, .leg = leg, .code = 180);
	CU_ASSERT_TRUE(bench_did("[respond 0 180]"));
	IN(LEG_UP, .leg = leg);
	CU_ASSERT_TRUE(bench_did("[answer]"));
	IN(LEG_UP, .leg = 0);
	CU_ASSERT_TRUE(bench_did("[mix 2]"));
	CU_ASSERT_FALSE(bench_did("[record"));
	IN(LEG_ENDED, .leg = leg, .code = 200);
	bench_over("\"did\":\"4008006\"");

	bench_new("");
	caller("4008006");
	leg = away();
	IN(LEG_FAILED, .leg = leg, .code = 486);
	CU_ASSERT_TRUE(bench_did("[hangup 0 486]"));
	bench_over("\"cause\":\"busy\",\"side\":\"callee\"");

	bench_new(""); /* a caller who is answered by nobody, and talks all the same */
	caller("4008006");
	leg = away();
	IN(LEG_UP, .leg = 0);
	IN(LEG_UP, .leg = leg);
	CU_ASSERT_TRUE(bench_did("[mix 2]"));
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"answered\",\"side\":\"caller\"");

	bench_new("");
	caller("4008006");
	away();
	IN(LEG_ENDED, .leg = 0, .code = 487);
	bench_over("\"cause\":\"caller_hangup\",\"side\":\"caller\"");
}

/* What comes from here and what would come back here does not go out again. */
static void no_circles(void)
{
	struct cc_conf_target to = {.kind = CC_TARGET_OUTSIDE, .index = -1, .name = "+864008001"};
	struct cc_route r;

	bench_new(AWAY);
	bench_begin(CC_ROUTE_QUEUE);
	bench.call.ours = true;
	IN(LEG_UP, .leg = 0);
	IN(PLAY_DONE, .leg = 0, .token = bench.call.legs[0].play_token);
	bench_wait(5000);
	CU_ASSERT_FALSE(bench_did("[dial out"));
	bench_over("\"cause\":\"queue_timeout\",\"side\":\"system\"");

	bench_new("");
	CU_ASSERT_TRUE(cc_conf_owns(cc_conf_by_id(bench.set, 2), "010-4008001"));
	cc_route_target(&r, cc_conf_by_id(bench.set, 2), &to);
	CU_ASSERT_EQUAL(r.kind, CC_ROUTE_OUT); /* another area's */
	strcpy(to.name, "4008001");
	cc_route_target(&r, cc_conf_by_id(bench.set, 2), &to);
	CU_ASSERT_TRUE(r.kind == CC_ROUTE_REFUSE && r.sip_code == 482);
	bench_free();
}

/* A key of the menu leads outside too. */
static void key_outside(void)
{
	bench_keys = "{\"queue\":\"600\",\"digit\":\"1\",\"target_kind\":\"outside\",\"target\":"
				 "\"13900000005\"}";
	bench_new("");
	bench_keys = "";
	bench_waiting();
	IN(DTMF, .leg = 0, .digit = '1');
	IN(LEG_UP, .leg = away());
	CU_ASSERT_EQUAL(bench_wrote("\"result\":\"overflowed\",\"cause\":\"transferred\""), 1);
	IN(LEG_ENDED, .leg = 0, .code = 200);
	bench_over("\"cause\":\"answered\",\"side\":\"caller\"");
}

/* The phone that is refused is told why in words. */
static void refused_in_words(void)
{
	const struct cc_call_action *a;

	bench_lists = PROFILES;
	bench_new("");
	bench_lists = "";
	call_new("13900000009", false);
	CU_ASSERT_TRUE(bench_did("[respond 0 183]") && bench_did("[play 1 prompt zh/do_not_call]"));
	IN(PLAY_DONE, .leg = 0, .token = bench.call.legs[0].play_token);
	for (a = bench.out.a; a->kind != CC_ACT_HANGUP; a++)
		continue;
	CU_ASSERT_EQUAL(a->code, 603);
	CU_ASSERT_EQUAL(strncmp(bench.out.text + a->text_off, "Do Not Call", (size_t)a->text_len), 0);
	bench_over("\"cause\":\"do_not_call\",\"side\":\"system\",\"sip_code\":603");

	bench_lists = PROFILES; /* who does not listen to the end has the same cause */
	bench_new("");
	bench_lists = "";
	call_new("13900000009", false);
	IN(LEG_ENDED, .leg = 0, .code = 487);
	bench_over("\"cause\":\"do_not_call\",\"side\":\"system\",\"sip_code\":603");
}

CU_TestInfo call_out_tests[] = {
		{"where numbers lead", routes},
		{"by phone (CALL-01)", by_phone},
		{"ended by the agent", ended_by_the_agent},
		{"cancelled", cancelled},
		{"refusals of the customer", refusals},
		{"the next trunk", next_trunk},
		{"sound before the answer (CALL-01)", early_sound},
		{"refused at once", refused_at_once},
		{"by a page (CALL-01)", by_page},
		{"by a page, in vain", by_page_unanswered},
		{"by a page, inside", by_page_inside},
		{"moved", moved},
		{"moved to outside (CALL-04)", moved_outside},
		{"restarts", restarts},
		{"outbound profiles (TEL-11 TEL-12)", profiles},
		{"a queue's overflow outside (TEL-05)", overflow_outside},
		{"a DID's target outside", did_outside},
		{"a key's target outside", key_outside},
		{"no circles", no_circles},
		{"refused in words (TEL-20)", refused_in_words},
		CU_TEST_INFO_NULL,
};
