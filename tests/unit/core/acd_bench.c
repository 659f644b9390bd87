/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acd_bench.h"
#include <json-c/json.h>

#define TENANT 2

struct bench bench;

static const struct cc_conf_memory memory = {malloc, free};

/* Where the next element of a list is written. */
static FILE *element(struct bench_text *t)
{
	if (!t->to)
		t->to = open_memstream(&t->text, &t->len);
	else
		fputc(',', t->to);
	return t->to;
}

static const char *list_end(struct bench_text *t)
{
	if (t->to)
		fclose(t->to);
	t->to = NULL;
	return t->text ? t->text : "";
}

static void list_free(struct bench_text *t)
{
	list_end(t);
	free(t->text);
	memset(t, 0, sizeof(*t));
}

void bench_queue(struct bench_queue q)
{
	fprintf(element(&bench.queues),
			"{\"number\":\"%s\",\"name\":\"Q%s\",\"strategy\":\"%s\",\"ring_timeout_s\":20,"
			"\"max_wait_s\":0,\"max_waiting\":%d,\"retry_delay_s\":%d,\"wrapup\":\"%s\","
			"\"wrapup_s\":%d,\"join_empty\":%s,\"auto_pause\":%s,\"music\":\"\","
			"\"entry_prompt\":\"\",\"announce_position\":false,\"announce_period_s\":0,"
			"\"record\":false,\"state\":\"%s\",\"leave_empty\":%s,\"no_agent_overflow\":%s,"
			"\"relax_s\":%d}",
			q.number, q.number, q.strategy ? q.strategy : "linear", q.max_waiting, q.retry_delay_s,
			q.wrapup ? q.wrapup : "off", q.wrapup_s, q.no_empty ? "false" : "true",
			q.auto_pause ? "true" : "false", q.state ? q.state : "enabled",
			q.leave_empty ? "true" : "false", q.no_agent ? "true" : "false", q.relax_s);
}

void bench_need(const char *queue, int skill, int level)
{
	fprintf(element(&bench.needs), "{\"queue\":\"%s\",\"skill\":\"%d\",\"level\":%d}", queue, skill,
			level);
}

void bench_skill(int agent, int skill, int level)
{
	fprintf(element(&bench.skills), "{\"agent\":\"%d\",\"skill\":\"%d\",\"level\":%d}", agent,
			skill, level);
}

void bench_agent(int number, bool enabled)
{
	fprintf(element(&bench.agents),
			"{\"number\":\"%d\",\"name\":\"A%d\",\"ha1\":\"0123456789abcdef0123456789abcdef\","
			"\"pin_hash\":\"0123456789abcdef0123456789abcdef\",\"state\":\"%s\"}",
			number, number, enabled ? "enabled" : "disabled");
}

void bench_browser_agent(int number)
{
	fprintf(element(&bench.agents),
			"{\"number\":\"%d\",\"name\":\"A%d\",\"ha1\":\"0123456789abcdef0123456789abcdef\","
			"\"pin_hash\":\"0123456789abcdef0123456789abcdef\",\"state\":\"enabled\","
			"\"browser_work\":true}",
			number, number);
}

void bench_member(const char *queue, int agent, int position, int priority, bool fixed)
{
	fprintf(element(&bench.members),
			"{\"queue\":\"%s\",\"agent\":\"%d\",\"position\":%d,\"priority\":%d,\"static\":%s}",
			queue, agent, position, priority, fixed ? "true" : "false");
}

const struct cc_conf *bench_conf(void)
{
	struct cc_conf_set *set = NULL;
	char *text = NULL, error[256] = "";

	if (asprintf(&text,
				"{\"version\":1,\"generation\":1,\"tenants\":[{\"id\":%d,\"code\":\"demo\","
				"\"name\":\"\",\"state\":\"active\",\"country\":\"86\",\"area_code\":\"010\","
				"\"timezone\":\"Asia/Shanghai\",\"prompt_language\":\"zh\",\"queues\":[%s],"
				"\"agents\":[%s],\"members\":[%s],\"needs\":[%s],\"skills\":[%s],"
				"\"dids\":[],\"trunks\":[]}]}",
				TENANT, list_end(&bench.queues), list_end(&bench.agents), list_end(&bench.members),
				list_end(&bench.needs), list_end(&bench.skills)) < 0)
		abort();
	if (cc_conf_build(&set, text, strlen(text), NULL, &memory, error, sizeof(error)) < 0)
		printf("\n  %s\n", error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(set);
	cc_conf_set_free(bench.set, &memory);
	bench.set = set;
	free(text);
	list_free(&bench.queues);
	list_free(&bench.agents);
	list_free(&bench.members);
	list_free(&bench.needs);
	list_free(&bench.skills);
	return cc_conf_by_id(set, TENANT);
}

void bench_new(const struct cc_acd_limits *limits)
{
	static const struct cc_acd_limits small = {
			.agents = 60, .queues = 10, .memberships = 100, .waiting = 50};

	memset(&bench, 0, sizeof(bench));
	bench.now = T0;
	bench.bytes = cc_acd_size(limits ? limits : &small);
	bench.acd = calloc(1, bench.bytes);
	cc_acd_init(bench.acd, bench.bytes, limits ? limits : &small, TENANT);
}

void bench_free(void)
{
	cc_conf_set_free(bench.set, &memory);
	list_free(&bench.queues);
	list_free(&bench.agents);
	list_free(&bench.members);
	list_free(&bench.needs);
	list_free(&bench.skills);
	free(bench.acd);
	memset(&bench, 0, sizeof(bench));
}

const char *bench_wrong(void)
{
	static char error[200];

	error[0] = '\0';
	cc_acd_check(bench.acd, error, sizeof(error));
	return error;
}

static const char *get(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

int bench_call_of(const struct cc_ulid *id)
{
	int call = 0;

	memcpy(&call, id->b + 8, sizeof(call));
	return call;
}

/* Takes the effects as the engine does. */
static void take(const struct cc_acd_effect *e)
{
	char *to;

	if (bench.see)
		bench.see(e);
	if (e->kind == CC_ACD_GRANT) {
		to = bench.grants + strlen(bench.grants);
		if (to - bench.grants < 4000)
			sprintf(to, "%s:%d ", e->agent_number, bench_call_of(&e->call));
		CU_ASSERT_STRING_EQUAL(cc_conf_agent_at(cc_conf_by_id(bench.set, TENANT), e->agent)->number,
				e->agent_number);
		bench.epoch[atoi(e->agent_number) % 1000] = e->epoch;
	} else if (e->kind == CC_ACD_OUT) {
		to = bench.outs + strlen(bench.outs);
		if (to - bench.outs < 4000)
			sprintf(to, "%d %s ", bench_call_of(&e->call),
					e->cause == CC_CAUSE_QUEUE_EXIT             ? "exit"
					: e->cause == CC_CAUSE_QUEUE_EMPTY_OVERFLOW ? "empty"
					: e->cause == CC_CAUSE_QUEUE_NO_AGENT       ? "no_agent"
																: "?");
	} else {
		struct json_object *o;

		memcpy(bench.last, bench.out.text + e->off, (size_t)e->len);
		bench.last[e->len] = '\0';
		CU_ASSERT_EQUAL(e->event, CC_EV_AGENT_STATE);
		o = json_tokener_parse(bench.last);
		CU_ASSERT_PTR_NOT_NULL_FATAL(o);
		to = bench.events + strlen(bench.events);
		if (to - bench.events < 60000)
			sprintf(to, "%s %s %s %s %s\n", get(o, "agent"), get(o, "what"), get(o, "queue"),
					get(o, "work"), get(o, "call_state"));
		json_object_put(o);
	}
}

void bench_done(void)
{
	int64_t next;

	do {
		for (int i = 0; i < bench.out.count; i++)
			take(&bench.out.e[i]);
		bench.out.count = bench.out.text_len = 0;
		if (!bench.out.more)
			break;
		cc_acd_tick(bench.acd, bench.now, &bench.out, &next);
	} while (true);
	if (bench.unchecked)
		return;
	if (*bench_wrong())
		printf("\n  %s\n", bench_wrong());
	CU_ASSERT_STRING_EQUAL(bench_wrong(), "");
}

int bench_configure(void)
{
	int err = cc_acd_configure(bench.acd, bench_conf(), bench.now, &bench.out);

	bench_done();
	return err;
}

void bench_usual(const char *strategy, int agents)
{
	bench_new(NULL);
	bench_queue((struct bench_queue){.number = "600", .strategy = strategy});
	for (int i = 1; i <= agents; i++) {
		bench_agent(800 + i, true);
		bench_member("600", 800 + i, i, 1, false);
	}
	CU_ASSERT_EQUAL(bench_configure(), CC_OK);
	for (int i = 1; i <= agents; i++)
		bench_ready(800 + i);
	bench_clear();
}

void bench_clear(void)
{
	bench.grants[0] = bench.events[0] = bench.outs[0] = '\0';
}

void bench_tick(void)
{
	int64_t next;

	cc_acd_tick(bench.acd, bench.now, &bench.out, &next);
	CU_ASSERT(bench.out.more || next > bench.now);
	bench_done();
}

void bench_wait(int64_t ms)
{
	bench.now += ms;
	bench_tick();
}

const char *bench_text(int number)
{
	static char text[4][12];
	static int next;

	next = (next + 1) % 4;
	snprintf(text[next], sizeof(text[next]), "%d", number);
	return text[next];
}

static const struct cc_acd_by by_agent = {CC_BY_AGENT, "phone"};

int bench_pause(int agent, const char *queue, bool on)
{
	int err = cc_acd_pause(
			bench.acd, bench_text(agent), queue, on, "meal", &by_agent, bench.now, &bench.out);

	bench_done();
	return err;
}

int bench_sign(int agent, const char *queue, bool on)
{
	int err =
			cc_acd_sign(bench.acd, bench_text(agent), queue, on, &by_agent, bench.now, &bench.out);

	bench_done();
	return err;
}

int bench_work(int agent, enum cc_work work, const char *reason)
{
	int err = cc_acd_work(
			bench.acd, bench_text(agent), work, reason, &by_agent, bench.now, &bench.out);

	bench_done();
	return err;
}

void bench_phone(int agent, int contacts)
{
	cc_acd_registered(bench.acd, bench_text(agent), contacts, false, bench.now, &bench.out);
	bench_done();
}

void bench_phone_lost(int agent)
{
	cc_acd_registered(bench.acd, bench_text(agent), 0, true, bench.now, &bench.out);
	bench_done();
}

void bench_ready(int agent)
{
	bench_phone(agent, 1);
	bench_sign(agent, NULL, true);
	bench_work(agent, CC_WORK_ONLINE, NULL);
}

struct cc_ulid bench_call(int call)
{
	struct cc_ulid id = {{1}};

	memcpy(id.b + 8, &call, sizeof(call));
	return id;
}

int bench_enter_first(const char *queue, int call, int priority)
{
	struct cc_acd_caller caller = {
			.call = bench_call(call), .visit = 1, .priority = priority, .from = "13800000001"};
	int err = cc_acd_enter(bench.acd, queue, &caller, bench.now, &bench.out);

	bench_done();
	return err;
}

int bench_enter(const char *queue, int call)
{
	return bench_enter_first(queue, call, 0);
}

void bench_leave(int call)
{
	struct cc_ulid id = bench_call(call);

	cc_acd_leave(bench.acd, &id, 1, bench.now, &bench.out);
	bench_done();
}

int bench_position(int call)
{
	struct cc_ulid id = bench_call(call);

	return cc_acd_position(bench.acd, &id, 1, NULL);
}

void bench_ring(int agent)
{
	CU_ASSERT_EQUAL(cc_acd_ringing(bench.acd, bench_text(agent), bench.epoch[agent % 1000],
							bench.now, &bench.out),
			CC_OK);
	bench_done();
}

void bench_talk(int agent)
{
	CU_ASSERT_EQUAL(cc_acd_talking(bench.acd, bench_text(agent), bench.epoch[agent % 1000],
							bench.now, &bench.out),
			CC_OK);
	bench_done();
}

void bench_release(int agent, enum cc_outcome outcome)
{
	CU_ASSERT_EQUAL(cc_acd_release(bench.acd, bench_text(agent), bench.epoch[agent % 1000], outcome,
							bench.now, &bench.out),
			CC_OK);
	bench_done();
}

void bench_answer(int agent)
{
	bench_ring(agent);
	bench_talk(agent);
	bench_wait(1000);
	bench_release(agent, CC_OUT_TALKED);
}

void bench_miss(int agent)
{
	bench_ring(agent);
	bench_wait(20000);
	bench_release(agent, CC_OUT_NOANSWER);
}
