/* SPDX-License-Identifier: GPL-2.0-or-later
 * cc_queue: agents, their states, and which agent gets which waiting call. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/crypto/md5utils.h"
#include "core/dprint.h"
#include "core/sr_module.h"

#include "agents.h"
#include "cc/clock.h"
#include "cc/conf.h"
#include "cc/err.h"
#include "cc/utf8.h"
#include "cc/jsonw.h"
#include "cc/settings.h"
#include "cc_queue/api.h"

#define TICK_MS 50
#define BOARD_MAX (4 * 1024 * 1024)
#define STATE_MAX 4096

static struct cc_call_api call_api;

/* ---- for calls ---- */

static const char *agent_number(const struct cc_call *call, int32_t agent)
{
	return cc_conf_agent_at(call->conf, agent)->number;
}

/* entered_ms: 0, or since when it has waited; served: in this engine, and not in one before */
static void enter(struct cc_call_ref ref, const struct cc_call *call, int32_t queue, int32_t visit,
		int32_t priority, int64_t entered_ms, bool served)
{
	struct cc_acd_caller caller = {.call = call->id,
			.visit = visit,
			.priority = priority,
			.entered_ms = entered_ms,
			.served = served};
	struct cc_call_input refused = {.kind = CC_IN_QUEUE_OUT, .count = visit};
	struct cc_acd_out *out;
	struct cc_acd *acd = cc_agents_begin(call->tenant, &out);
	int rc = CC_E_NOENT;

	snprintf(caller.from, sizeof(caller.from), "%s", cc_call_customer(call));
	caller.hide = call->hide;
	snprintf(caller.from_name, sizeof(caller.from_name), "%s", cc_call_customer_name(call));
	if (acd) {
		rc = cc_acd_enter(
				acd, cc_conf_queue_at(call->conf, queue)->number, &caller, cc_clock_utc_ms(), out);
		cc_agents_end(call->tenant);
	}
	if (rc == CC_OK)
		return;
	refused.cause = rc == CC_E_STATE  ? CC_CAUSE_QUEUE_JOIN_EMPTY
					: rc == CC_E_FULL ? CC_CAUSE_QUEUE_FULL_OVERFLOW
									  : CC_CAUSE_QUEUE_EXIT; /* there is no such queue any more */
	call_api.post(ref, &refused);
}

static void queue_enter(struct cc_call_ref ref, const struct cc_call *call, int32_t queue,
		int32_t visit, int32_t priority, int64_t since_ms)
{
	enter(ref, call, queue, visit, priority, since_ms, true);
}

static void restore_agent(
		const struct cc_call *call, int32_t agent, uint32_t epoch, const char *queue, int32_t visit)
{
	struct cc_acd_out *out;
	struct cc_acd *acd = cc_agents_begin(call->tenant, &out);

	if (!acd)
		return;
	cc_acd_restore(acd, &(struct cc_acd_talk){.agent = agent_number(call, agent),
								.queue = queue,
								.call = call->id,
								.visit = visit,
								.epoch = epoch,
								.since_ms = call->bridged_ms});
	cc_agents_end(call->tenant);
}

/* A call of the engine before this one keeps its agents, or its place in the queue. */
static void restore(struct cc_call_ref ref, const struct cc_call *call, void *arg)
{
	bool visit = call->entered_ms != 0;

	if (call->waiting)
		enter(ref, call, call->queue, call->visit,
				cc_conf_vip_level(call->conf, call->queue, cc_call_customer(call)),
				call->since_ms ? call->since_ms : call->entered_ms, false);
	if (call->bridged_agent >= 0)
		restore_agent(call, call->bridged_agent, call->bridged_epoch,
				visit ? cc_conf_queue_at(call->conf, call->queue)->number : "",
				visit ? call->visit : 0);
	if (call->other_agent >= 0)
		restore_agent(call, call->other_agent, call->other_epoch, "", 0);
	if (call->caller_epoch)
		restore_agent(call, call->caller_agent, call->caller_epoch, "", 0);
}

static void queue_leave(struct cc_call_ref ref, const struct cc_call *call, int32_t visit)
{
	struct cc_acd_out *out;
	struct cc_acd *acd = cc_agents_begin(call->tenant, &out);

	if (!acd)
		return;
	cc_acd_leave(acd, &call->id, visit, cc_clock_utc_ms(), out);
	cc_agents_end(call->tenant);
}

static int32_t queue_position(struct cc_call_ref ref, const struct cc_call *call, int64_t *wait_ms)
{
	struct cc_acd_out *out;
	struct cc_acd *acd = cc_agents_begin(call->tenant, &out);
	int32_t position, waiting;

	*wait_ms = -1;
	if (!acd)
		return 0;
	position = cc_acd_position(acd, &call->id, call->visit, &waiting);
	*wait_ms = cc_acd_estimate(acd, &call->id, call->visit);
	cc_agents_end(call->tenant);
	return position;
}

static int32_t queue_on_duty(const struct cc_conf *conf, int32_t queue)
{
	struct cc_acd_out *out;
	struct cc_acd *acd = cc_agents_begin(conf->tenant, &out);
	int32_t count;

	if (!acd)
		return 0;
	count = cc_acd_duty(acd, cc_conf_queue_at(conf, queue)->number);
	cc_agents_end(conf->tenant);
	return count;
}

static void agent_ringing(const struct cc_call *call, int32_t agent, uint32_t epoch)
{
	struct cc_acd_out *out;
	struct cc_acd *acd = cc_agents_begin(call->tenant, &out);

	if (!acd)
		return;
	cc_acd_ringing(acd, agent_number(call, agent), epoch, cc_clock_utc_ms(), out);
	cc_agents_end(call->tenant);
}

static void agent_talking(const struct cc_call *call, int32_t agent, uint32_t epoch)
{
	struct cc_acd_customer customer = {.call = call->id};
	struct cc_acd_out *out;
	struct cc_acd *acd = cc_agents_begin(call->tenant, &out);
	int rc;

	if (!acd)
		return;
	if (!call->shown[0] && !call->hide) /* else his phone shows something else instead */
		cc_utf8_copy(customer.number, sizeof(customer.number), cc_call_customer(call));
	rc = cc_acd_talking(acd, agent_number(call, agent), epoch, cc_clock_utc_ms(), out);
	if (rc == CC_OK && call->dir != CC_DIR_INTERNAL)
		cc_acd_customer_set(acd, agent_number(call, agent), &customer);
	cc_agents_end(call->tenant);
}

static void agent_hold(const struct cc_call *call, int32_t agent, uint32_t epoch, bool on)
{
	struct cc_acd_out *out;
	struct cc_acd *acd = cc_agents_begin(call->tenant, &out);

	if (!acd)
		return;
	cc_acd_hold(acd, agent_number(call, agent), epoch, on, cc_clock_utc_ms(), out);
	cc_agents_end(call->tenant);
}

static void release(uint32_t tenant, const char *agent, uint32_t epoch, enum cc_outcome outcome)
{
	struct cc_acd_out *out;
	struct cc_acd *acd = cc_agents_begin(tenant, &out);

	if (!acd)
		return;
	cc_acd_release(acd, agent, epoch, outcome, cc_clock_utc_ms(), out);
	cc_agents_end(tenant);
}

static void agent_release(
		const struct cc_call *call, int32_t agent, uint32_t epoch, enum cc_outcome outcome)
{
	release(call->tenant, agent_number(call, agent), epoch, outcome);
}

static int agent_reserve(struct cc_call_ref ref, const struct cc_call *call, int32_t agent)
{
	const char *number = agent_number(call, agent);
	struct cc_acd_out *out;
	struct cc_acd *acd = cc_agents_begin(call->tenant, &out);
	uint32_t epoch;
	int rc;

	if (!acd)
		return CC_E_NOENT;
	rc = cc_acd_reserve(acd, number, &call->id, cc_clock_utc_ms(), &epoch, out);
	cc_agents_end(call->tenant);
	if (rc == CC_OK && call_api.grant(ref, number, 0, epoch) < 0)
		release(call->tenant, number, epoch, CC_OUT_CALLER_GONE);
	return rc;
}

static int agent_call_of(const struct cc_conf *conf, int32_t agent, struct cc_ulid *call)
{
	struct cc_acd_out *out;
	struct cc_acd *acd = cc_agents_begin(conf->tenant, &out);
	int rc;

	if (!acd)
		return CC_E_NOENT;
	rc = cc_acd_call_of(acd, cc_conf_agent_at(conf, agent)->number, call);
	cc_agents_end(conf->tenant);
	return rc;
}

static void agent_give_back(const struct cc_call *call, const char *agent, uint32_t epoch)
{
	release(call->tenant, agent, epoch, CC_OUT_FAILED);
}

/* The hash is made by pages and cc-admin: of "pin:<number>:<tenant's code>:<password>". */
static bool password_is(const struct cc_call *call, int32_t agent, const char *password)
{
	const struct cc_conf_agent *conf = cc_conf_agent_at(call->conf, agent);
	char text[128], hash[MD5_LEN + 1] = "";

	snprintf(text, sizeof(text), "pin:%s:%s:%s", conf->number, call->conf->code, password);
	MD5StringArray(hash, &(str){text, (int)strlen(text)}, 1);
	return strcmp(hash, conf->pin_hash) == 0;
}

static int agent_last(const struct cc_call *call, int32_t agent, struct cc_acd_customer *customer)
{
	struct cc_acd_out *out;
	struct cc_acd *acd = cc_agents_begin(call->tenant, &out);
	int rc;

	if (!acd)
		return CC_E_NOENT;
	rc = cc_acd_customer_get(acd, agent_number(call, agent), customer);
	cc_agents_end(call->tenant);
	return rc;
}

static int agent_code(const struct cc_call *call, int32_t agent, enum cc_code code,
		int32_t queue_index, const char *password)
{
	static const struct cc_acd_by by = {CC_BY_AGENT, CC_ACD_PHONE};
	const char *number = agent_number(call, agent);
	const char *queue = queue_index < 0 ? NULL : cc_conf_queue_at(call->conf, queue_index)->number;
	int64_t now = cc_clock_utc_ms();
	struct cc_acd_out *out;
	struct cc_acd *acd;
	int rc = CC_E_NOENT;

	if (code == CC_CODE_SIGN_IN && call->conf->code_password && !password_is(call, agent, password))
		return CC_E_PASSWORD;
	acd = cc_agents_begin(call->tenant, &out);
	if (!acd)
		return rc;
	if (queue && (code == CC_CODE_IDLE || code == CC_CODE_BUSY)) {
		rc = cc_acd_pause(acd, number, queue, code == CC_CODE_BUSY, "", &by, now, out);
		cc_agents_end(call->tenant);
		return rc;
	}
	switch (code) {
	case CC_CODE_SIGN_IN:
	case CC_CODE_SIGN_OUT:
		rc = cc_acd_sign(acd, number, queue, code == CC_CODE_SIGN_IN, &by, now, out);
		break;
	case CC_CODE_IDLE:
		rc = cc_acd_work(acd, number, CC_WORK_ONLINE, "", &by, now, out);
		break;
	case CC_CODE_BUSY:
		rc = cc_acd_work(acd, number, CC_WORK_BUSY, "", &by, now, out);
		break;
	default: /* nothing that the distributor does */
		break;
	}
	cc_agents_end(call->tenant);
	return rc;
}

static void configured(const struct cc_conf *conf)
{
	cc_agents_configure(conf, cc_clock_utc_ms());
}

static const struct cc_queue_provider provider = {
		.enter = queue_enter,
		.leave = queue_leave,
		.position = queue_position,
		.on_duty = queue_on_duty,
		.reserve = agent_reserve,
		.call_of = agent_call_of,
		.ringing = agent_ringing,
		.talking = agent_talking,
		.hold = agent_hold,
		.release = agent_release,
		.give_back = agent_give_back,
		.code = agent_code,
		.last = agent_last,
		.configured = configured,
		.gauges = cc_agents_gauges,
};

/* ---- commands ---- */

/* The result of an agent's command: its state, or the error. */
static void answer_agent(
		struct cc_command_reply *reply, const struct cc_acd *acd, const char *agent, int rc)
{
	char text[STATE_MAX];
	struct cc_jsonw w;

	cc_jsonw_init(&w, text, sizeof(text));
	cc_jsonw_object(&w, NULL);
	if (rc == CC_OK)
		rc = cc_acd_agent_json(acd, agent, &w);
	cc_jsonw_close_object(&w);
	if (rc == CC_OK && cc_jsonw_end(&w) < 0)
		rc = CC_E_FULL;
	if (rc == CC_OK)
		reply->result = json_tokener_parse(text);
	else
		call_api.fail(reply, rc,
				rc == CC_E_NOENT   ? "no_such_agent"
				: rc == CC_E_STATE ? "in_call"
								   : NULL);
}

/* Whom the change is put down to: the agent, or whoever acts for somebody else. */
static struct cc_acd_by by_param(struct json_object *params, const char *agent)
{
	struct cc_acd_by by = {CC_BY_LEADER, call_api.text_param(params, "actor")};

	if (strncmp(by.actor, "agent:", 6) == 0 && strcmp(by.actor + 6, agent) == 0)
		by.initiator = CC_BY_AGENT;
	else if (strcmp(by.actor, "system") == 0)
		by.initiator = CC_BY_SYSTEM;
	return by;
}

/* Agent and ACD that a command is about; false: the reply says why not. */
static bool agent_begin(struct json_object *params, struct cc_command_reply *reply,
		const char **agent, struct cc_acd **acd, struct cc_acd_out **out)
{
	*agent = call_api.text_param(params, "agent");
	if (!*agent) {
		call_api.fail(reply, CC_E_INVAL, "no_agent");
		return false;
	}
	*acd = cc_agents_begin(call_api.id_param(params, "tenant"), out);
	if (!*acd)
		call_api.fail(reply, CC_E_NOENT, "no_such_tenant");
	return *acd != NULL;
}

static void command_agent_get(struct json_object *params, struct cc_command_reply *reply)
{
	struct cc_acd_out *out;
	struct cc_acd *acd;
	const char *agent;

	if (!agent_begin(params, reply, &agent, &acd, &out))
		return;
	answer_agent(reply, acd, agent, CC_OK);
	cc_agents_end(call_api.id_param(params, "tenant"));
}

static void command_agent_sign(struct json_object *params, struct cc_command_reply *reply)
{
	struct json_object *on = NULL;
	struct cc_acd_out *out;
	struct cc_acd *acd;
	const char *agent;
	struct cc_acd_by by;

	if (!json_object_object_get_ex(params, "on", &on) ||
			!json_object_is_type(on, json_type_boolean)) {
		call_api.fail(reply, CC_E_INVAL, "no_on");
		return;
	}
	if (!agent_begin(params, reply, &agent, &acd, &out))
		return;
	by = by_param(params, agent);
	answer_agent(reply, acd, agent,
			cc_acd_sign(acd, agent, call_api.text_param(params, "queue"),
					json_object_get_boolean(on), &by, cc_clock_utc_ms(), out));
	cc_agents_end(call_api.id_param(params, "tenant"));
}

static void command_agent_browser(struct json_object *params, struct cc_command_reply *reply)
{
	struct json_object *on = NULL;
	struct cc_acd_out *out;
	struct cc_acd *acd;
	const char *agent;

	if (!json_object_object_get_ex(params, "on", &on) ||
			!json_object_is_type(on, json_type_boolean)) {
		call_api.fail(reply, CC_E_INVAL, "no_on");
		return;
	}
	if (!agent_begin(params, reply, &agent, &acd, &out))
		return;
	answer_agent(reply, acd, agent,
			cc_acd_browser(acd, agent, json_object_get_boolean(on), cc_clock_utc_ms(), out));
	cc_agents_end(call_api.id_param(params, "tenant"));
}

static void command_agent_work(struct json_object *params, struct cc_command_reply *reply)
{
	static const struct
	{
		const char *name;
		enum cc_work work;
	} states[] = {
			{"idle", CC_WORK_ONLINE},
			{"busy", CC_WORK_BUSY},
			{"away", CC_WORK_AWAY},
			{"offline", CC_WORK_OFFLINE},
	};
	const char *state = call_api.text_param(params, "state"),
			   *reason = call_api.text_param(params, "reason"), *agent;
	struct cc_acd_out *out;
	struct cc_acd *acd;
	struct cc_acd_by by;
	size_t i = 0;

	while (state && i < sizeof(states) / sizeof(states[0]) && strcmp(states[i].name, state) != 0)
		i++;
	if (!state || i == sizeof(states) / sizeof(states[0])) {
		call_api.fail(reply, CC_E_INVAL, "bad_state");
		return;
	}
	if (!agent_begin(params, reply, &agent, &acd, &out))
		return;
	by = by_param(params, agent);
	answer_agent(reply, acd, agent,
			cc_acd_work(
					acd, agent, states[i].work, reason ? reason : "", &by, cc_clock_utc_ms(), out));
	cc_agents_end(call_api.id_param(params, "tenant"));
}

static void command_agent_pause(struct json_object *params, struct cc_command_reply *reply)
{
	const char *queue = call_api.text_param(params, "queue"), *agent;
	struct json_object *on = NULL;
	struct cc_acd_out *out;
	struct cc_acd *acd;
	struct cc_acd_by by;
	int rc;

	if (!queue || !json_object_object_get_ex(params, "on", &on) ||
			!json_object_is_type(on, json_type_boolean)) {
		call_api.fail(reply, CC_E_INVAL, queue ? "no_on" : "no_queue");
		return;
	}
	if (!agent_begin(params, reply, &agent, &acd, &out))
		return;
	by = by_param(params, agent);
	rc = cc_acd_pause(acd, agent, queue, json_object_get_boolean(on),
			call_api.text_param(params, "reason"), &by, cc_clock_utc_ms(), out);
	if (rc == CC_E_STATE)
		call_api.fail(reply, rc, "not_signed_in");
	else
		answer_agent(reply, acd, agent, rc);
	cc_agents_end(call_api.id_param(params, "tenant"));
}

static void command_wrapup_end(struct json_object *params, struct cc_command_reply *reply)
{
	struct cc_acd_out *out;
	struct cc_acd *acd;
	struct cc_acd_by by;
	const char *agent;

	if (!agent_begin(params, reply, &agent, &acd, &out))
		return;
	by = by_param(params, agent);
	answer_agent(reply, acd, agent, cc_acd_wrapup_end(acd, agent, &by, cc_clock_utc_ms(), out));
	cc_agents_end(call_api.id_param(params, "tenant"));
}

static void command_board(struct json_object *params, struct cc_command_reply *reply)
{
	uint32_t tenant = call_api.id_param(params, "tenant");
	struct cc_acd_out *out;
	struct cc_acd *acd = cc_agents_begin(tenant, &out);
	char *text = acd ? malloc(BOARD_MAX) : NULL;
	struct cc_jsonw w;
	int rc;

	if (!acd) {
		call_api.fail(reply, CC_E_NOENT, "no_such_tenant");
		return;
	}
	rc = CC_E_NOMEM;
	if (text) {
		cc_jsonw_init(&w, text, BOARD_MAX);
		cc_jsonw_object(&w, NULL);
		cc_acd_board(acd, cc_clock_utc_ms(), &w);
		cc_jsonw_int(&w, "seq", (int64_t)cc_agents_seq(tenant));
		cc_jsonw_close_object(&w);
		rc = cc_jsonw_end(&w);
	}
	cc_agents_end(tenant);
	if (rc >= 0)
		reply->result = json_tokener_parse(text);
	else
		call_api.fail(reply, rc, NULL);
	free(text);
}

/* ---- for cc_registrar ---- */

static void api_registered(uint32_t tenant, const char *agent, int32_t contacts, bool lost)
{
	struct cc_acd_out *out;
	struct cc_acd *acd = cc_agents_begin(tenant, &out);

	if (!acd)
		return;
	cc_acd_registered(acd, agent, contacts, lost, cc_clock_utc_ms(), out);
	cc_agents_end(tenant);
}

static int api_bind(struct cc_queue_api *api)
{
	*api = (struct cc_queue_api){.registered = api_registered};
	return 0;
}

/* ---- the module ---- */

static cmd_export_t functions[] = {
		{"cc_queue_bind", (cmd_function)api_bind, NO_SCRIPT, NULL, NULL, 0},
		{NULL, NULL, 0, NULL, NULL, 0},
};

static int mod_init(void)
{
	struct cc_confs *confs;
	char path[256];
	int rc;

	if (cc_call_bind(&call_api) < 0) {
		LM_ERR("cc_call must be loaded before\n");
		return -1;
	}
	rc = cc_settings_path(call_api.settings(), "data/kamailio/agents.map", path, sizeof(path));
	if (rc >= 0)
		rc = cc_agents_init(path, &call_api);
	if (rc < 0) {
		LM_ERR("%s: %s\n", path, cc_err_name(rc));
		return -1;
	}
	confs = call_api.confs_get();
	for (int32_t i = 0; i < cc_conf_tenant_count(confs->set); i++)
		configured(cc_conf_tenant_at(confs->set, i));
	call_api.confs_put(confs);
	call_api.restored(restore, NULL);
	cc_agents_restored(cc_clock_utc_ms());
	call_api.provide_queue(&provider);
	call_api.provide_command("cc.board", command_board);
	call_api.provide_command("cc.agent.get", command_agent_get);
	call_api.provide_command("cc.agent.sign", command_agent_sign);
	call_api.provide_command("cc.agent.browser", command_agent_browser);
	call_api.provide_command("cc.agent.work", command_agent_work);
	call_api.provide_command("cc.agent.pause", command_agent_pause);
	call_api.provide_command("cc.agent.wrapup_end", command_wrapup_end);
	call_api.every(TICK_MS, cc_agents_tick);
	return 0;
}

static void destroy(void)
{
	cc_agents_destroy();
}

CC_MODULE("cc_queue", .cmds = functions, .init_mod_f = mod_init, .destroy_mod_f = destroy)
