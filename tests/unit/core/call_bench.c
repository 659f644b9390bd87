/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call_bench.h"

#include <stdarg.h>

struct bench bench;
const char *bench_keys = "", *bench_lists = "", *bench_agent = "";
const char *bench_ivrs = "{\"number\":\"7000\",\"name\":\"Main\"," BENCH_IVR "}";
const char *bench_ivr_prompts = "", *bench_ivr_keys = "";

static const struct cc_conf_memory memory = {malloc, free};

void bench_new(const char *queue)
{
	memset(&bench, 0, sizeof(bench));
	bench.now = T0;
	bench_again(queue);
}

void bench_again(const char *queue)
{
	char json[16384], error[256] = "";
	char extra[512] = "";

	if (queue[0])
		snprintf(extra, sizeof(extra), ",%s", queue);
	snprintf(json, sizeof(json),
			"{\"version\":1,\"generation\":1,\"tenants\":[{\"id\":2,\"code\":\"demo\",\"name\":"
			"\"Demo\","
			"\"state\":\"active\",\"country\":\"86\",\"area_code\":\"010\",\"timezone\":\"Asia/"
			"Shanghai\","
			"\"prompt_language\":\"zh\",\"queues\":[{\"number\":\"600\",\"name\":\"Sales\","
			"\"strategy\":\"longest_idle\",\"ring_timeout_s\":20,\"max_wait_s\":180,\"max_"
			"waiting\":0,"
			"\"retry_delay_s\":1,\"wrapup\":\"answered\",\"wrapup_s\":10,\"join_empty\":true,"
			"\"auto_pause\":false,\"music\":\"music/hold\",\"entry_prompt\":\"queue_welcome\","
			"\"announce_position\":true,\"announce_period_s\":20,\"record\":true,\"state\":"
			"\"enabled\"%s}],"
			"\"agents\":[{\"number\":\"801\",\"name\":\"A\",\"ha1\":"
			"\"0123456789abcdef0123456789abcdef\","
			"\"pin_hash\":\"0123456789abcdef0123456789abcdef\",\"state\":\"enabled\"%s},"
			"{\"number\":\"802\",\"name\":\"B\",\"ha1\":\"0123456789abcdef0123456789abcdef\","
			"\"pin_hash\":\"0123456789abcdef0123456789abcdef\",\"state\":\"disabled\"}],"
			"\"members\":[{\"queue\":\"600\",\"agent\":\"801\",\"position\":1,\"priority\":1,"
			"\"static\":false}],"
			"\"dids\":[{\"number\":\"4008001\",\"name\":\"\",\"target_kind\":\"queue\",\"target\":"
			"\"600\","
			"\"state\":\"enabled\"},{\"number\":\"4008009\",\"name\":\"\",\"target_kind\":"
			"\"queue\","
			"\"target\":\"600\",\"state\":\"disabled\"},{\"number\":\"4008002\",\"name\":\"\","
			"\"target_kind\":\"ivr\",\"target\":\"7000\",\"state\":\"enabled\"},"
			"{\"number\":\"4008006\",\"name\":\"\",\"target_kind\":\"outside\","
			"\"target\":\"13900000005\",\"state\":\"enabled\"},"
			"{\"number\":\"4008005\",\"name\":\"\",\"target_kind\":\"agent\",\"target\":\"801\","
			"\"state\":\"enabled\"}],\"trunks\":[],\"keys\":[%s],\"ivrs\":[%s],"
			"\"ivr_prompts\":[%s],\"ivr_keys\":[%s]%s}]}",
			extra, bench_agent, bench_keys, bench_ivrs, bench_ivr_prompts, bench_ivr_keys,
			bench_lists);
	if (cc_conf_build(&bench.set, json, strlen(json), NULL, &memory, error, sizeof(error)) < 0) {
		fprintf(stderr, "configuration of the bench: %s\n", error);
		abort();
	}
}

void bench_free_set(struct cc_conf_set *set)
{
	cc_conf_set_free(set, &memory);
}

void bench_free(void)
{
	cc_conf_set_free(bench.set, &memory);
	bench.set = NULL;
}

static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void note(const char *format, ...)
{
	size_t len = strlen(bench.log);
	va_list ap;

	va_start(ap, format);
	vsnprintf(bench.log + len, sizeof(bench.log) - len, format, ap);
	va_end(ap);
}

static void note_action(const struct cc_call_action *a)
{
	static const char *const names[] = {
			[CC_ACT_RESPOND] = "respond",
			[CC_ACT_ANSWER] = "answer",
			[CC_ACT_HANGUP] = "hangup",
			[CC_ACT_DIAL_AGENT] = "dial",
			[CC_ACT_MIX] = "mix",
			[CC_ACT_PLAY] = "play",
			[CC_ACT_STOP] = "stop",
			[CC_ACT_RECORD] = "record",
			[CC_ACT_WATCH] = "watch",
			[CC_ACT_QUEUE_ENTER] = "enter",
			[CC_ACT_QUEUE_LEAVE] = "leave",
			[CC_ACT_QUEUE_POSITION] = "position",
			[CC_ACT_DIAL_CALLER] = "dial caller",
			[CC_ACT_DIAL_OUT] = "dial out",
			[CC_ACT_AGENT_RESERVE] = "reserve",
			[CC_ACT_AGENT_RINGING] = "ringing",
			[CC_ACT_AGENT_HOLD] = "hold",
			[CC_ACT_AGENT_TALKING] = "talking",
			[CC_ACT_AGENT_RELEASE] = "release",
			[CC_ACT_AGENT_COMMAND] = "command",
			[CC_ACT_LOOK_UP] = "look up",
			[CC_ACT_AGENT_LAST] = "last",
			[CC_ACT_REFERRED] = "referred",
			[CC_ACT_JOURNAL] = "journal",
			[CC_ACT_FREE] = "free",
	};
	static const char *const outcomes[] = {"talked", "noanswer", "rejected", "busy", "unreachable",
			"redirected", "caller_gone", "failed"};
	const char *text = bench.out.text + a->text_off;
	size_t len = strlen(bench.journal);

	switch (a->kind) {
	case CC_ACT_JOURNAL:
		snprintf(bench.journal + len, sizeof(bench.journal) - len, "%s %.*s\n",
				cc_event_name(a->event), (int)a->text_len, text);
		note("[%s]", cc_event_name(a->event));
		bench.ended += a->event == CC_EV_CALL_END;
		break;
	case CC_ACT_PLAY:
		note("[play %d %s %.*s]", a->repeat, a->layer == CC_LAYER_MUSIC ? "music" : "prompt",
				(int)a->text_len, text);
		break;
	case CC_ACT_RESPOND:
	case CC_ACT_REFERRED:
	case CC_ACT_HANGUP:
		note("[%s %d %d]", names[a->kind], a->leg, a->code);
		break;
	case CC_ACT_AGENT_RELEASE:
		note("[release %d %u %s]", a->agent, a->epoch, outcomes[a->outcome]);
		break;
	case CC_ACT_DIAL_OUT:
		note("[dial out %d %.*s]", a->visit, (int)a->text_len, text);
		break;
	case CC_ACT_KEYS:
		note("[keys %d %.*s]", a->leg, (int)a->text_len, text);
		break;
	case CC_ACT_MIX:
		note("[mix %d]", a->count);
		break;
	case CC_ACT_RECORD:
		note("[record %s %d%s]", a->on ? "on" : "off", a->segment, a->message ? " message" : "");
		break;
	default:
		note("[%s]", names[a->kind]);
		bench.freed += a->kind == CC_ACT_FREE;
	}
}

void bench_in(struct cc_call_input in)
{
	in.now_ms = bench.now;
	cc_call_step(&bench.call, &in, &bench.out);
	bench.log[0] = '\0';
	for (int i = 0; i < bench.out.count; i++)
		note_action(&bench.out.a[i]);
}

void bench_wait(int64_t ms)
{
	bench.now += ms;
	if (bench.call.next_ms <= bench.now)
		IN(TIMER);
	else
		bench.log[0] = '\0';
}

void bench_begin(enum cc_route_kind kind)
{
	const struct cc_conf *conf = cc_conf_by_id(bench.set, 2);
	struct cc_ulid id = {{1}};
	struct cc_call *c = &bench.call;

	cc_call_init(c, &id, 2, conf, bench.now);
	strcpy(c->from, "13800001234");
	strcpy(c->to, "4008001");
	strcpy(c->did, "4008001");
	c->caller_agent = kind == CC_ROUTE_CODE ? 0 : -1;
	if (kind == CC_ROUTE_QUEUE)
		cc_route_did(&c->route, conf, cc_conf_did_find(conf, "4008001"));
	else
		cc_route_dialled(&c->route, conf, 0, kind == CC_ROUTE_CODE ? "*001" : "999");
	cc_call_leg_add(c, CC_ROLE_CALLER, true, 0, &id, -1, 0, bench.now);
	IN(NEW);
}

void bench_did_call(const char *number)
{
	const struct cc_conf *conf = cc_conf_by_id(bench.set, 2);
	struct cc_ulid id = {{1}};
	struct cc_call *c = &bench.call;

	cc_call_init(c, &id, 2, conf, bench.now);
	strcpy(c->from, "13800001234");
	strcpy(c->did, number);
	cc_route_did(&c->route, conf, cc_conf_did_find(conf, number));
	cc_call_leg_add(c, CC_ROLE_CALLER, true, 0, &id, -1, 0, bench.now);
	IN(NEW);
	IN(LEG_UP, .leg = 0);
}

void bench_direct(enum cc_dir dir)
{
	const struct cc_conf *conf = cc_conf_by_id(bench.set, 2);
	struct cc_ulid id = {{1}};
	struct cc_call *c = &bench.call;

	cc_call_init(c, &id, 2, conf, bench.now);
	c->dir = dir;
	c->caller_agent = dir == CC_DIR_INTERNAL ? 1 : -1;
	strcpy(c->from, "13800001234");
	cc_route_did(&c->route, conf, cc_conf_did_find(conf, "4008005"));
	cc_call_leg_add(c, CC_ROLE_CALLER, true, 0, &id, -1, 0, bench.now);
	IN(NEW);
}

void bench_waiting(void)
{
	bench_begin(CC_ROUTE_QUEUE);
	IN(LEG_UP, .leg = 0);
	if (bench.call.legs[0].play_token)
		IN(PLAY_DONE, .leg = 0, .token = bench.call.legs[0].play_token);
}

int32_t bench_offer(int32_t agent, uint32_t epoch, int32_t phones)
{
	IN(GRANT, .agent = agent, .epoch = epoch, .count = bench.call.waiting ? bench.call.visit : 0);
	return bench_did("[dial]") ? bench_ring(agent, epoch, phones) : -1;
}

int32_t bench_ring(int32_t agent, uint32_t epoch, int32_t phones)
{
	struct cc_call_input in = {
			.kind = CC_IN_DIALLED, .agent = agent, .epoch = epoch, .count = phones};
	struct cc_ulid id = {{2}};
	int32_t legs[CC_CALL_LEGS];

	for (int32_t i = 0; i < phones; i++)
		legs[i] = cc_call_leg_add(
				&bench.call, CC_ROLE_AGENT, false, 1 + i, &id, agent, epoch, bench.now);
	bench_in(in);
	return phones ? legs[0] : -1;
}

static int count(const char *in, const char *text)
{
	int n = 0;

	for (const char *at = strstr(in, text); at; at = strstr(at + 1, text))
		n++;
	return n;
}

int bench_did(const char *text)
{
	return count(bench.log, text);
}

int bench_wrote(const char *text)
{
	return count(bench.journal, text);
}

void bench_trunk(int32_t nth, const char *name)
{
	struct cc_call_input in = {.kind = CC_IN_DIALLED, .agent = -1, .count = nth};
	struct cc_ulid id = {{3}};

	CU_ASSERT_EQUAL(
			cc_call_leg_add(&bench.call, CC_ROLE_CALLEE, false, 1, &id, -1, 0, bench.now), 0);
	snprintf(in.text, sizeof(in.text), "%s", name);
	bench_in(in);
}

void bench_over(const char *end)
{
	CU_ASSERT_EQUAL(bench.freed, 1);
	CU_ASSERT_EQUAL(bench.ended, 1);
	CU_ASSERT_EQUAL(bench_wrote("queue.enter "), bench_wrote("queue.leave "));
	CU_ASSERT_EQUAL(bench_wrote("ivr.enter "), bench_wrote("ivr.leave "));
	CU_ASSERT_EQUAL(bench_wrote("leg.new "), bench_wrote("leg.end "));
	CU_ASSERT_EQUAL(bench_wrote("rec.start "), bench_wrote("rec.stop "));
	if (!bench_wrote(end)) {
		fprintf(stderr, "expected %s in\n%s\n", end, bench.journal);
		CU_FAIL("end of the call");
	}
	IN(LEG_ENDED, .leg = 0, .code = 200); /* nothing comes after it */
	CU_ASSERT_EQUAL(bench.out.count, 0);
	bench_free();
}
