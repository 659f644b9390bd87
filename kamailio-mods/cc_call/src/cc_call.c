/* SPDX-License-Identifier: GPL-2.0-or-later
 * cc_call: owns every call and every leg. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/data_lump_rpl.h"
#include "core/dprint.h"
#include "core/kemi.h"
#include "core/mod_fix.h"
#include "core/sr_module.h"

#include "actions.h"
#include "admission.h"
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/journal.h"
#include "cc/settings.h"
#include "command.h"
#include "conf_store.h"
#include "dial.h"
#include "engine.h"
#include "incoming.h"
#include "leg.h"
#include "mixer.h"
#include "procs.h"
#include "saved.h"

#define RING_BYTES (16 * 1024 * 1024)
#define LEGS_PER_PORT 2 /* legs that are ending keep their slot for a few seconds, but no port */

static char *settings_path;
static struct cc_settings *settings;

/* ---- commands ---- */

static void command_ping(struct json_object *params, struct cc_command_reply *reply)
{
	struct cc_confs *c = cc_conf_store_get();
	struct json_object *o = reply->result = json_object_new_object();

	json_object_object_add(o, "version", json_object_new_string(CC_VERSION));
	json_object_object_add(o, "node", json_object_new_int64(cc_settings_int(settings, "CC_NODE")));
	json_object_object_add(o, "epoch", json_object_new_int64(cc_engine->epoch));
	json_object_object_add(
			o, "uptime_ms", json_object_new_int64(cc_clock_mono_ms() - cc_engine->started_ms));
	json_object_object_add(o, "generation", json_object_new_int64(cc_conf_generation(c->set)));
	json_object_object_add(o, "stalled_ms", json_object_new_int64(cc_procs_stalled_ms()));
	cc_conf_store_put(c);
}

static void command_stats(struct json_object *params, struct cc_command_reply *reply)
{
	const struct cc_queue_provider *queue = cc_actions_queue();
	struct json_object *o = reply->result = json_object_new_object();
	int waiting = 0, reserved = 0;

	if (queue)
		queue->gauges(&waiting, &reserved);
	struct
	{
		const char *name;
		int64_t value;
	} gauges[] = {
			{"calls", cc_pool_used(cc_engine->call_pool)},
			{"legs", cc_pool_used(cc_engine->leg_pool)},
			{"ports", cc_pool_used(cc_engine->port_pool)},
			{"calls_max", cc_engine->call_count},
			{"legs_max", cc_engine->leg_count},
			{"ports_max", cc_engine->port_count},
			{"waiting", waiting},
			{"agents", reserved},
			{"ring_used", cc_ring_used(cc_engine_ring)},
			{"calls_total", (int64_t)cc_engine->calls_total},
			{"refused_total", (int64_t)cc_engine->refused_total},
			{"inputs_dropped", (int64_t)cc_engine->inputs_dropped},
			{"media_failures", (int64_t)cc_engine->media_failures},
			{"mixer_up", cc_engine->mixer_start != 0},
	};
	cc_admission_stats(o);
	for (size_t i = 0; i < sizeof(gauges) / sizeof(gauges[0]); i++)
		json_object_object_add(o, gauges[i].name, json_object_new_int64(gauges[i].value));
}

static uint32_t tenant_of(struct json_object *params)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(params, "tenant", &v) ? (uint32_t)json_object_get_int64(v) : 0;
}

static void command_calls(struct json_object *params, struct cc_command_reply *reply)
{
	reply->result = json_object_new_object();
	json_object_object_add(reply->result, "calls", cc_engine_calls(tenant_of(params)));
}

static void command_hangup(struct json_object *params, struct cc_command_reply *reply)
{
	struct json_object *call = NULL, *actor = NULL;
	struct cc_call_ref ref;
	struct cc_ulid id;

	json_object_object_get_ex(params, "actor", &actor);
	if (!json_object_object_get_ex(params, "call", &call) ||
			!json_object_is_type(call, json_type_string) ||
			cc_ulid_parse(&id, json_object_get_string(call), json_object_get_string_len(call)) <
					0) {
		cc_command_fail(reply, CC_E_INVAL, "bad_call");
		return;
	}
	if (cc_engine_find(&ref, tenant_of(params), &id) < 0 ||
			cc_engine_hangup(ref, json_object_get_string(actor)) < 0) {
		cc_command_fail(reply, CC_E_NOENT, "no_such_call");
		return;
	}
	reply->result = json_object_new_object();
}

/* ---- for other modules ---- */

static const struct cc_settings *api_settings(void)
{
	return settings;
}

static int api_post(struct cc_call_ref ref, const struct cc_call_input *in)
{
	return cc_engine_post(ref, -1, 0, in);
}

static int api_bind(struct cc_call_api *api)
{
	*api = (struct cc_call_api){
			.settings = api_settings,
			.provide_queue = cc_actions_provide_queue,
			.provide_registrar = cc_actions_provide_registrar,
			.provide_command = cc_command_provide,
			.confs_get = cc_conf_store_get,
			.confs_put = cc_conf_store_put,
			.incoming = cc_incoming,
			.find = cc_engine_find,
			.restored = cc_saved_each,
			.post = api_post,
			.grant = cc_engine_grant,
			.enter = cc_engine_enter,
			.leave = cc_engine_leave,
			.journal = cc_engine_journal,
			.text_param = cc_command_text,
			.id_param = cc_command_id,
			.fail = cc_command_fail,
			.every = cc_procs_every,
	};
	return 0;
}

/* ---- the script's functions ---- */

/* True: a request inside a dialog, handled. */
static int script_dialog(struct sip_msg *msg, char *p1, char *p2)
{
	return cc_leg_request(msg) ? 1 : -1;
}

static int script_cancel(struct sip_msg *msg, char *p1, char *p2)
{
	cc_leg_cancel(msg);
	return 1;
}

/* False: it cannot be looked at now, which is counted. */
static int script_admit(struct sip_msg *msg, char *p1, char *p2)
{
	return cc_admission_request(msg) ? 1 : -1;
}

/* False: the request wants what we have not, which the reply says. */
static int script_require(struct sip_msg *msg, char *p1, char *p2)
{
	struct cc_extensions x;
	char header[160];
	int len;

	if (cc_extensions_read(&x, msg) < 0 || !x.unsupported[0])
		return 1; /* what is malformed is answered where it matters */
	len = snprintf(header, sizeof(header), "Unsupported: %s\r\n", x.unsupported);
	if (!add_lump_rpl(msg, header, len, LUMP_RPL_HDR))
		LM_ERR("no memory for a header\n");
	return -1;
}

/* The reply will say what we can do. */
static int script_abilities(struct sip_msg *msg, char *p1, char *p2)
{
	return add_lump_rpl(msg, (char *)cc_leg_abilities, (int)strlen(cc_leg_abilities), LUMP_RPL_HDR)
				   ? 1
				   : -1;
}

static cmd_export_t functions[] = {
		{"cc_dialog", (cmd_function)script_dialog, 0, NULL, NULL, REQUEST_ROUTE},
		{"cc_cancel", (cmd_function)script_cancel, 0, NULL, NULL, REQUEST_ROUTE},
		{"cc_admit", (cmd_function)script_admit, 0, NULL, NULL, REQUEST_ROUTE},
		{"cc_require", (cmd_function)script_require, 0, NULL, NULL, REQUEST_ROUTE},
		{"cc_abilities", (cmd_function)script_abilities, 0, NULL, NULL, REQUEST_ROUTE},
		{"cc_call_bind", (cmd_function)api_bind, NO_SCRIPT, NULL, NULL, 0},
		{NULL, NULL, 0, NULL, NULL, 0},
};

static param_export_t parameters[] = {
		{"settings", PARAM_STRING,
				&settings_path}, /* resolved settings file, contract/settings.def */
		{NULL, 0, NULL},
};

/* ---- start and stop ---- */

static int path_below(const char *below, char *path, size_t cap)
{
	int rc = cc_settings_path(settings, below, path, cap);

	if (rc < 0)
		LM_ERR("the path of %s is too long\n", below);
	return rc < 0 ? rc : CC_OK;
}

static void engine_start_put(void)
{
	char buf[128];
	int n = snprintf(buf, sizeof(buf), "{\"node\":%d,\"epoch\":%u,\"version\":\"%s\"}",
			(int)cc_settings_int(settings, "CC_NODE"), cc_engine->epoch, CC_VERSION);

	cc_engine_journal(0, NULL, CC_EV_ENGINE_START, buf, (size_t)n, NULL);
}

static int engine_start(void)
{
	char journal[256], ring[256], mixd[256], snapshot[256], state[256];
	int mix_min = (int)cc_settings_int(settings, "CC_MIX_MIN");
	int ports = ((int)cc_settings_int(settings, "CC_RTP_MAX") + 1 - mix_min) / 2, rc;

	if (path_below("data/journal", journal, sizeof(journal)) < 0 ||
			path_below("data/journal/ring", ring, sizeof(ring)) < 0 ||
			path_below("sock/mixd.sock", mixd, sizeof(mixd)) < 0 ||
			path_below("data/kamailio", state, sizeof(state)) < 0 ||
			path_below("data/kamailio/snapshot.json", snapshot, sizeof(snapshot)) < 0)
		return CC_E_RANGE;
	if (ports < 2) {
		LM_ERR("CC_MIX_MIN and CC_RTP_MAX leave no ports for cc-mixd\n");
		return CC_E_RANGE;
	}
	rc = cc_engine_init(ports, ports * LEGS_PER_PORT, ports, (uint16_t)mix_min);
	if (rc == CC_OK)
		rc = cc_admission_init(settings);
	if (rc == CC_OK)
		rc = cc_saved_open(state, ports, ports * LEGS_PER_PORT);
	if (rc < 0)
		return rc;
	rc = cc_ring_open(&cc_engine_ring, ring, RING_BYTES);
	if (rc < 0) {
		LM_ERR("%s: %s\n", ring, cc_err_name(rc));
		return rc;
	}
	cc_engine->epoch = cc_ring_next_epoch(cc_engine_ring);
	engine_start_put();
	cc_ng_init(&cc_engine->ng, (uint16_t)cc_settings_int(settings, "CC_NG_PORT"));
	rc = cc_mixer_init(mixd);
	if (rc == CC_OK)
		rc = cc_conf_store_init(snapshot);
	if (rc == CC_OK) {
		cc_engine_may_run(false); /* before the fork nothing can be sent */
		rc = cc_saved_restore(journal);
	}
	return rc;
}

static int mod_init(void)
{
	char error[256] = "";
	int rc;

	if (!settings_path) {
		LM_ERR("modparam settings is missing\n");
		return -1;
	}
	rc = cc_settings_load(&settings, settings_path, NULL, error, sizeof(error));
	if (rc < 0) {
		LM_ERR("%s\n", error);
		return -1;
	}
	rc = cc_leg_init(cc_settings_str(settings, "CC_ADVERTISE"),
			(int32_t)cc_settings_int(settings, "CC_SESSION_S"),
			(int32_t)cc_settings_int(settings, "CC_SESSION_MIN_S"));
	if (rc == CC_OK)
		rc = engine_start();
	if (rc == CC_OK)
		rc = cc_procs_register(settings);
	if (rc < 0) {
		LM_ERR("the engine cannot start: %s\n", cc_err_name(rc));
		return -1;
	}
	cc_command_provide("cc.ping", command_ping);
	cc_command_provide("cc.stats", command_stats);
	cc_command_provide("cc.calls", command_calls);
	cc_command_provide("cc.call.hangup", command_hangup);
	cc_command_provide("cc.call.dial", cc_dial_command);
	cc_command_provide("cc.call.originate", cc_originate_command);
	cc_command_provide("cc.reload", cc_conf_store_command);
	return 0;
}

static int child_init(int rank)
{
	if (rank == PROC_INIT)
		return 0;
	if (rank == PROC_MAIN)
		return cc_procs_start() < 0 ? -1 : 0;
	cc_procs_child(rank);
	/* callbacks of timeouts come in tm's timer, which must not wait */
	cc_engine_may_run(rank != PROC_TIMER);
	return 0;
}

static void destroy(void)
{
	cc_conf_store_destroy();
	cc_saved_close();
	cc_engine_destroy();
	if (cc_engine_ring)
		cc_ring_close(cc_engine_ring);
	cc_engine_ring = NULL;
	cc_settings_free(settings);
	settings = NULL;
}

CC_MODULE("cc_call", .cmds = functions, .params = parameters, .response_f = cc_leg_stray,
		.init_mod_f = mod_init, .init_child_f = child_init, .destroy_mod_f = destroy)
