/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <string.h>

#include "actions.h"
#include "admission.h"
#include "cc/clock.h"
#include "cc/conf.h"
#include "cc/err.h"
#include "cc/utf8.h"
#include "command.h"
#include "conf_store.h"
#include "dial.h"
#include "engine.h"
#include "trunk.h"

/* What a page asks for. */
struct wish
{
	const char *agent, *number, *name, *shown, *actor, *caller_id;
	uint32_t tenant, customer, package, profile;
};

static const char *text_of(struct json_object *params, const char *key)
{
	const char *text = cc_command_text(params, key);

	return text ? text : "";
}

static void read_wish(struct wish *w, struct json_object *params)
{
	*w = (struct wish){.agent = text_of(params, "agent"),
			.number = text_of(params, "number"),
			.name = text_of(params, "name"),
			.shown = text_of(params, "shown"),
			.actor = text_of(params, "actor"),
			.caller_id = text_of(params, "caller_id"),
			.tenant = cc_command_id(params, "tenant"),
			.customer = cc_command_id(params, "customer"),
			.package = cc_command_id(params, "package"),
			.profile = cc_command_id(params, "profile")};
}

/* Whether there is a trunk for a call outside, at the moment. */
static bool trunk_free(const struct cc_confs *confs, uint32_t tenant, const struct cc_route *route)
{
	int32_t tried = 0;

	return cc_trunk_pick(confs->set, tenant, route, &tried, NULL) != NULL;
}

static bool registered(const struct cc_conf *conf, const char *number)
{
	const struct cc_registrar_provider *registrar = cc_actions_registrar();
	struct cc_contact contact;

	return registrar && registrar->contacts(number, conf->code, &contact, 1) > 0;
}

/* An agent dials for himself only; a user's right was looked at by the page. */
static bool actor_may(const struct wish *w)
{
	return strncmp(w->actor, "agent:", 6) != 0 || strcmp(w->actor + 6, w->agent) == 0;
}

/* Why the agent cannot call that; NULL: nothing speaks against it, and route is the way. */
static const char *obstacle(int *err, struct cc_route *route, const struct wish *w,
		const struct cc_confs *confs, const struct cc_conf *conf, int32_t agent)
{
	int32_t profile = w->profile ? cc_conf_profile_find(conf, (int32_t)w->profile) : -1;

	*err = CC_E_DENIED;
	if (!actor_may(w))
		return "not_permitted";
	if (w->profile && profile < 0)
		return "no_such_profile";
	if (w->caller_id[0] && !cc_conf_may_show(conf, w->caller_id))
		return "bad_caller_id";
	cc_route_clicked(route, conf, agent, w->number, w->package, profile);
	if (route->kind == CC_ROUTE_REFUSE)
		return route->cause == CC_CAUSE_DO_NOT_CALL              ? "do_not_call"
			   : route->sip_code == 403                          ? "not_permitted"
			   : strcmp(route->reason, CC_ROUTE_NO_PROFILE) == 0 ? "no_route"
																 : "bad_number";
	*err = CC_E_STATE;
	if (!registered(conf, w->agent))
		return "not_registered";
	if (route->kind == CC_ROUTE_OUT && !trunk_free(confs, w->tenant, route))
		return "no_trunk";
	*err = CC_E_FULL;
	return cc_admission_command(conf) ? NULL : "too_many_calls";
}

static void fill(
		struct cc_call *call, const struct wish *w, const struct cc_route *route, int32_t agent)
{
	call->dir = route->number[0] ? CC_DIR_OUT : CC_DIR_INTERNAL;
	call->route = *route;
	call->caller_agent = agent;
	call->click = true;
	call->customer = w->customer;
	call->package = w->package;
	call->turn = cc_engine_turn(w->tenant);
	cc_utf8_copy(call->caller_id, sizeof(call->caller_id), w->caller_id);
	cc_utf8_copy(call->from, sizeof(call->from), w->agent);
	cc_utf8_copy(
			call->from_name, sizeof(call->from_name), cc_conf_agent_at(call->conf, agent)->name);
	cc_utf8_copy(call->to, sizeof(call->to), w->number);
	cc_utf8_copy(call->to_name, sizeof(call->to_name), w->name);
	cc_utf8_copy(call->shown, sizeof(call->shown), w->shown);
}

/* Reserves the agent for a new call, which begins when this section is left. */
static int begin(char id[CC_ULID_TEXT + 1], const struct wish *w, const struct cc_conf *conf,
		const struct cc_route *route, int32_t agent)
{
	const struct cc_queue_provider *queue = cc_actions_queue();
	struct cc_call_input first = {.kind = CC_IN_NEW};
	struct cc_call_slot *slot;
	struct cc_call_ref ref;
	int rc;

	rc = cc_engine_call_new(&ref, &slot, conf, cc_clock_utc_ms());
	if (rc < 0)
		return rc;
	fill(&slot->core, w, route, agent);
	memcpy(id, slot->id_text, CC_ULID_TEXT + 1);
	cc_engine_post(ref, -1, 0, &first);
	rc = queue ? queue->reserve(ref, &slot->core, agent) : CC_E_NOENT; /* CC_IN_GRANT */
	if (rc < 0)
		cc_engine_call_drop(ref);
	return rc;
}

static void dial(struct cc_command_reply *reply, const struct wish *w, const struct cc_confs *confs,
		const struct cc_conf *conf, int32_t agent)
{
	char id[CC_ULID_TEXT + 1];
	struct cc_route route;
	const char *reason;
	int err;

	reason = obstacle(&err, &route, w, confs, conf, agent);
	if (reason) {
		cc_command_fail(reply, err, reason);
		return;
	}
	err = begin(id, w, conf, &route, agent);
	if (err < 0) {
		cc_command_fail(reply, err,
				err == CC_E_STATE   ? "agent_busy"
				: err == CC_E_NOENT ? "no_such_agent"
									: "too_many_calls");
		return;
	}
	reply->result = json_object_new_object();
	json_object_object_add(reply->result, "call", json_object_new_string(id));
}

void cc_dial_command(struct json_object *params, struct cc_command_reply *reply)
{
	struct cc_confs *confs;
	const struct cc_conf *conf;
	struct wish w;
	int32_t agent;

	read_wish(&w, params);
	if (!w.agent[0] || !w.number[0] || strlen(w.number) >= CC_CALL_TEXT) {
		cc_command_fail(reply, CC_E_INVAL,
				!w.agent[0]    ? "no_agent"
				: !w.number[0] ? "no_number"
							   : "bad_number");
		return;
	}
	confs = cc_conf_store_get();
	conf = cc_conf_by_id(confs->set, w.tenant);
	agent = conf ? cc_conf_agent_find(conf, w.agent) : CC_E_NOENT;
	if (agent < 0)
		cc_command_fail(reply, CC_E_NOENT, conf ? "no_such_agent" : "no_such_tenant");
	else
		dial(reply, &w, confs, conf, agent);
	cc_conf_store_put(confs);
}
