/* SPDX-License-Identifier: GPL-2.0-or-later
 * Any inputs in any order: the call takes them, and ends with one call.end before it is free. */
#include <stdlib.h>
#include <string.h>

#include "cc/call.h"
#include "cc/conf.h"

#define AGENTS 2

static const struct cc_conf_memory memory = {malloc, free};
static const char document[] =
		"{\"version\":1,\"generation\":1,\"tenants\":[{\"id\":2,\"code\":\"demo\",\"name\":\"D\","
		"\"state\":\"active\",\"country\":\"86\",\"area_code\":\"010\",\"timezone\":\"UTC\","
		"\"prompt_language\":\"en\",\"queues\":[{\"number\":\"600\",\"name\":\"Q\","
		"\"strategy\":\"ring_all\",\"ring_timeout_s\":20,\"max_wait_s\":60,\"max_waiting\":0,"
		"\"retry_delay_s\":1,\"wrapup\":\"answered\",\"wrapup_s\":10,\"join_empty\":true,"
		"\"auto_pause\":false,\"music\":\"music/hold\",\"entry_prompt\":\"queue_welcome\","
		"\"announce_position\":true,\"announce_period_s\":5,\"record\":true,\"state\":\"enabled\","
		"\"announce_wait\":true,\"periodic_prompt\":\"p\",\"periodic_s\":7,\"agent_prompt\":\"a\","
		"\"announce_agent\":true,\"agent_number_after\":\"b\",\"menu_prompt\":\"m\","
		"\"menu_period_s\":9,\"menu_repeat\":3,\"overflow_kind\":\"queue\","
		"\"overflow_target\":\"601\"},"
		"{\"number\":\"601\",\"name\":\"Q\",\"strategy\":\"linear\",\"ring_timeout_s\":1,"
		"\"max_wait_s\":0,\"max_waiting\":0,\"retry_delay_s\":1,\"wrapup\":\"off\",\"wrapup_s\":0,"
		"\"join_empty\":true,\"auto_pause\":false,\"music\":\"\",\"entry_prompt\":\"\","
		"\"announce_position\":false,\"announce_period_s\":0,\"record\":false,"
		"\"state\":\"enabled\",\"overflow_kind\":\"agent\",\"overflow_target\":\"802\"}],"
		"\"agents\":[{\"number\":\"801\",\"name\":\"A\","
		"\"ha1\":\"0123456789abcdef0123456789abcdef\","
		"\"pin_hash\":\"0123456789abcdef0123456789abcdef\",\"state\":\"enabled\",\"voicemail\":"
		"true},"
		"{\"number\":\"802\",\"name\":\"B\",\"ha1\":\"0123456789abcdef0123456789abcdef\","
		"\"pin_hash\":\"0123456789abcdef0123456789abcdef\",\"state\":\"enabled\"}],"
		"\"members\":[],\"dids\":[],\"trunks\":[],\"keys\":["
		"{\"queue\":\"600\",\"digit\":\"0\",\"target_kind\":\"ivr\",\"target\":\"700\"},"
		"{\"queue\":\"600\",\"digit\":\"1\",\"target_kind\":\"callback\",\"target\":\"\"},"
		"{\"queue\":\"600\",\"digit\":\"2\",\"target_kind\":\"agent\",\"target\":\"801\"},"
		"{\"queue\":\"600\",\"digit\":\"3\",\"target_kind\":\"voicemail\",\"target\":\"600\"},"
		"{\"queue\":\"601\",\"digit\":\"0\",\"target_kind\":\"queue\",\"target\":\"600\"},"
		"{\"queue\":\"601\",\"digit\":\"1\",\"target_kind\":\"callback\",\"target\":\"\"},"
		"{\"queue\":\"601\",\"digit\":\"2\",\"target_kind\":\"prompt\",\"target\":\"p\"}],"
		"\"ivrs\":[{\"number\":\"700\",\"name\":\"M\",\"kind\":\"menu\",\"skip\":false,"
		"\"start_s\":1,\"repeat\":1,\"timeout_s\":5,\"key_timeout_s\":3,\"max_keys\":0,"
		"\"dial_agents\":true,\"tries\":2,\"timeout_prompt\":\"t\",\"timeout_kind\":\"ivr\","
		"\"timeout_target\":\"701\",\"no_match_prompt\":\"n\",\"no_match_kind\":\"queue\","
		"\"no_match_target\":\"600\",\"prefix_name\":\"\",\"prefix_number\":\"\"},"
		"{\"number\":\"701\",\"name\":\"A\",\"kind\":\"announcement\",\"skip\":true,"
		"\"start_s\":0,\"repeat\":0,\"timeout_s\":0,\"key_timeout_s\":1,\"max_keys\":0,"
		"\"dial_agents\":false,\"tries\":1,\"timeout_prompt\":\"\",\"timeout_kind\":\"back\","
		"\"timeout_target\":\"\",\"no_match_prompt\":\"\",\"no_match_kind\":\"hangup\","
		"\"no_match_target\":\"\",\"prefix_name\":\"\",\"prefix_number\":\"\"}],"
		"\"ivr_prompts\":[{\"ivr\":\"700\",\"position\":1,\"prompt\":\"p\",\"gap_s\":1}],"
		"\"ivr_keys\":["
		"{\"ivr\":\"700\",\"keys\":\"0\",\"target_kind\":\"agent\",\"target\":\"801\"},"
		"{\"ivr\":\"700\",\"keys\":\"1\",\"target_kind\":\"ivr\",\"target\":\"701\"},"
		"{\"ivr\":\"700\",\"keys\":\"22\",\"target_kind\":\"queue\",\"target\":\"601\"}]}]}";

static const struct cc_conf *conf_once(void)
{
	static struct cc_conf_set *set;
	char error[256];

	if (!set && cc_conf_build(&set, document, sizeof(document) - 1, NULL, &memory, error,
						sizeof(error)) < 0)
		abort();
	return cc_conf_by_id(set, 2);
}

/* Eight bytes are one input. What the engine guarantees is kept: agents of grants exist, and no two
 * grants have the same epoch. */
static struct cc_call_input input_of(
		const uint8_t *b, struct cc_call *c, int64_t *now, uint32_t *epochs)
{
	struct cc_call_input in = {.kind = (enum cc_call_input_kind)(b[0] % (CC_IN_CONFIGURED + 1)),
			.leg = (int8_t)b[1] % (CC_CALL_LEGS + 2),
			.code = b[2] * 3,
			.agent = b[3] % AGENTS,
			.epoch = *epochs > b[4] % 4u ? *epochs - b[4] % 4u : 1,
			.token = b[5],
			.count = (int8_t)b[6],
			.cause = (enum cc_cause)(b[6] % (CC_CAUSE_VOICEMAIL + 1)),
			.wait_ms = (int64_t)b[5] * 10000 - 1,
			.digit = (char)('0' + b[2] % 4)};
	struct cc_ulid id = {{1}};

	*now += (int64_t)b[7] * b[7];
	in.now_ms = *now;
	memcpy(in.text, b, 8);
	in.other = (int8_t)b[6] % (CC_CALL_LEGS + 1);
	if (in.kind == CC_IN_GRANT ||
			in.kind == CC_IN_QUEUE_OUT) /* of this visit, an older one, none */
		in.count = b[6] % 4 ? c->visit : b[5] % 2;
	if (in.kind == CC_IN_GRANT)
		in.epoch = ++*epochs;
	if ((in.kind == CC_IN_REFER || in.kind == CC_IN_CONSULT) && b[4] % 5)
		strcpy(in.text, (const char *[]){"801", "802", "600", "013900000005"}[b[4] % 5 - 1]);
	if (in.kind == CC_IN_REFER && b[6] % 2)
		in.other = c->consult_leg;
	if (in.kind == CC_IN_REFER && b[1] % 2)
		in.leg = c->bridged_leg;
	if (in.kind == CC_IN_CONSULT) /* a new leg */
		in.leg = cc_call_leg_add(c, CC_ROLE_AGENT, true, 1, &id, in.agent, 0, *now);
	if ((in.kind == CC_IN_GRANT || in.kind == CC_IN_REFUSED) && c->target >= 0 && b[3] % 4) {
		in.agent = c->target; /* answers what was asked */
		in.count = 0;
	}
	if (in.kind == CC_IN_PLAY_DONE && b[5] % 2)
		in.token = c->legs[0].play_token;
	if (in.kind == CC_IN_DIALLED && b[5] % 16 == 0)
		in.agent = -1;
	if (in.kind == CC_IN_DIALLED) {
		int wanted = b[6] % 4;

		in.count = 0;
		while (in.count < wanted) {
			int leg = cc_call_leg_add(
					c, CC_ROLE_AGENT, false, 1, &id, in.agent, in.epoch ? in.epoch : 1, *now);

			if (leg < 0)
				break;
			in.count++;
		}
	}
	return in;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cc_call c;
	static struct cc_call_actions out;
	struct cc_call_input in = {.kind = CC_IN_NEW, .now_ms = 1700000000000};
	struct cc_ulid id = {{2}};
	int64_t now = in.now_ms;
	int ends = 0, frees = 0, held = 0;
	uint32_t epochs = 0;
	bool out_going, predictive;

	if (size < 2)
		return 0;
	cc_call_init(&c, &id, 2, conf_once(), now);
	c.route = (struct cc_route){.kind = (enum cc_route_kind)(data[0] % (CC_ROUTE_VOICEMAIL + 1)),
			.box = "801",
			.index = data[1] % 2,
			.code = (enum cc_code)(data[1] % (CC_CODE_BUSY + 1)),
			.sip_code = 404,
			.reason = "Not Found",
			.cause = data[1] & 0x40 ? CC_CAUSE_DO_NOT_CALL : CC_CAUSE_FAILED,
			.prompt = "p",
			.number = "8613900000005"};
	out_going = c.route.kind == CC_ROUTE_OUT && !(data[0] & 0x20); /* else a DID leads outside */
	strcpy(c.from, "13800000001");
	strcpy(c.trunk, "carrier");
	c.dir = out_going ? CC_DIR_OUT : CC_DIR_IN;
	predictive = out_going && data[1] & 0x80; /* a dialler's: there is no agent */
	c.predictive = predictive;
	c.queue = predictive ? data[1] % 2 : -1;
	c.click = !predictive && data[0] & 0x40 && c.route.kind != CC_ROUTE_CODE &&
			  c.route.kind != CC_ROUTE_REFUSE;
	c.caller_agent =
			!predictive && (data[0] & 0x80 || c.click || out_going || c.route.kind == CC_ROUTE_CODE)
					? 0
					: -1;
	if (!c.click && !predictive)
		cc_call_leg_add(&c, out_going ? CC_ROLE_AGENT : CC_ROLE_CALLER, true, 0, &id,
				c.caller_agent, 0, now);
	for (size_t at = 2;; at += 8) {
		held += in.kind == CC_IN_GRANT;
		cc_call_step(&c, &in, &out);
		for (int i = 0; i < out.count; i++) {
			const struct cc_call_action *a = &out.a[i];

			if (frees)
				abort(); /* acts although it is free */
			ends += a->kind == CC_ACT_JOURNAL && a->event == CC_EV_CALL_END;
			frees += a->kind == CC_ACT_FREE;
			held -= a->kind == CC_ACT_AGENT_RELEASE;
			if (a->kind == CC_ACT_DIAL_OUT)
				cc_call_leg_add(&c, CC_ROLE_CALLEE, false, 0, &id, -1, 0, now);
			if (a->kind == CC_ACT_DIAL_CALLER)
				cc_call_leg_add(&c, CC_ROLE_CALLER, false, 0, &id, -1, 0, now);
			if (a->text_off < 0 || a->text_len < 0 ||
					(size_t)a->text_off + (size_t)a->text_len > sizeof(out.text))
				abort();
		}
		if (ends > 1 || ends != frees || held < 0)
			abort();
		if (frees) /* the engine posts no more; every reservation was given back */
			return held ? (abort(), 0) : 0;
		if (at + 8 > size)
			return 0;
		in = input_of(data + at, &c, &now, &epochs);
	}
}
