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

#define RING_MIN_MS 1000
#define RING_MAX_MS 300000

/* What a page or a dialler asks for. */
struct wish
{
	const char *agent, *queue, *number, *name, *shown, *actor, *caller_id;
	uint32_t tenant, customer, package, profile, task, ring_ms;
};

static const char *text_of(struct json_object *params, const char *key)
{
	const char *text = cc_command_text(params, key);

	return text ? text : "";
}

static void read_wish(struct wish *w, struct json_object *params)
{
	*w = (struct wish){.agent = text_of(params, "agent"),
			.queue = text_of(params, "queue"),
			.number = text_of(params, "number"),
			.name = text_of(params, "name"),
			.shown = text_of(params, "shown"),
			.actor = text_of(params, "actor"),
			.caller_id = text_of(params, "caller_id"),
			.tenant = cc_command_id(params, "tenant"),
			.customer = cc_command_id(params, "customer"),
			.package = cc_command_id(params, "package"),
			.profile = cc_command_id(params, "profile"),
			.task = cc_command_id(params, "task"),
			.ring_ms = cc_command_id(params, "ring_ms")};
}

/* ---- what speaks against it ---- */

/* A missing or impossible number; NULL. */
static const char *number_missing(const struct wish *w)
{
	return !w->number[0] ? "no_number" : strlen(w->number) >= CC_CALL_TEXT ? "bad_number" : NULL;
}

/* What the task says; profile: index of its outbound profile, -1 none. NULL: it may. */
static const char *task_denied(int32_t *profile, const struct wish *w, const struct cc_conf *conf)
{
	*profile = w->profile ? cc_conf_profile_find(conf, (int32_t)w->profile) : -1;
	if (w->profile && *profile < 0)
		return "no_such_profile";
	return w->caller_id[0] && !cc_conf_may_show(conf, w->caller_id) ? "bad_caller_id" : NULL;
}

/* NULL: the route leads somewhere. */
static const char *route_denied(const struct cc_route *route)
{
	if (route->kind != CC_ROUTE_REFUSE)
		return NULL;
	return route->cause == CC_CAUSE_DO_NOT_CALL              ? "do_not_call"
		   : route->sip_code == 403                          ? "not_permitted"
		   : strcmp(route->reason, CC_ROUTE_NO_PROFILE) == 0 ? "no_route"
															 : "bad_number";
}

/* Whether there is a trunk for a call outside, at the moment. */
static bool trunk_free(const struct cc_confs *confs, uint32_t tenant, const struct cc_route *route)
{
	int32_t tried = 0;

	return cc_trunk_pick(confs->set, tenant, route, &tried, NULL) != NULL;
}

/* No room for the call, now. */
static const char *no_room(int *err, const struct wish *w, const struct cc_confs *confs,
		const struct cc_conf *conf, const struct cc_route *route)
{
	*err = CC_E_STATE;
	if (route->kind == CC_ROUTE_OUT && !trunk_free(confs, w->tenant, route))
		return "no_trunk";
	*err = CC_E_FULL;
	return cc_admission_command(conf) ? NULL : "too_many_calls";
}

/* Whether something would ring for the agent. */
static bool reachable(const struct cc_conf *conf, int32_t agent)
{
	const struct cc_registrar_provider *registrar = cc_actions_registrar();
	struct cc_contact contact;
	struct cc_route route;

	if (cc_conf_mobile(conf, agent)) {
		cc_route_mobile(&route, conf, agent);
		return route.kind == CC_ROUTE_OUT;
	}
	return registrar &&
		   registrar->contacts(cc_conf_agent_at(conf, agent)->number, conf->code, &contact, 1) > 0;
}

/* An agent dials for himself only; a user's right was looked at by the page. */
static bool actor_may(const struct wish *w)
{
	return strncmp(w->actor, "agent:", 6) != 0 || strcmp(w->actor + 6, w->agent) == 0;
}

/* Why the agent cannot call that; NULL: nothing speaks against it, and route is the way. */
static const char *agent_cannot(int *err, struct cc_route *route, const struct wish *w,
		const struct cc_confs *confs, const struct cc_conf *conf, int32_t agent)
{
	const char *denied;
	int32_t profile;

	*err = CC_E_DENIED;
	if (!actor_may(w))
		return "not_permitted";
	denied = task_denied(&profile, w, conf);
	if (!denied) {
		cc_route_clicked(route, conf, agent, w->number, w->package, profile);
		denied = route_denied(route);
	}
	if (denied)
		return denied;
	*err = CC_E_STATE;
	return reachable(conf, agent) ? no_room(err, w, confs, conf, route) : "not_registered";
}

/* The same of a queue that a dialler calls for. It must not go on when the agents have left. */
static const char *queue_cannot(int *err, struct cc_route *route, const struct wish *w,
		const struct cc_confs *confs, const struct cc_conf *conf, int32_t index)
{
	const struct cc_queue_provider *queue = cc_actions_queue();
	const char *denied;
	int32_t profile;

	*err = CC_E_DENIED;
	if (!cc_conf_queue_at(conf, index)->enabled)
		return "not_permitted";
	denied = task_denied(&profile, w, conf);
	if (!denied) {
		cc_route_predictive(route, conf, w->number, w->package, profile);
		denied = route_denied(route);
	}
	if (denied)
		return denied;
	*err = CC_E_STATE;
	return queue && queue->on_duty(conf, index) > 0 ? no_room(err, w, confs, conf, route)
													: "nobody_on_duty";
}

/* ---- the call ---- */

/* A call as it is wished, before its first step. */
static int call_new(struct cc_call_ref *ref, struct cc_call_slot **slot, const struct wish *w,
		const struct cc_conf *conf, const struct cc_route *route)
{
	int rc = cc_engine_call_new(ref, slot, conf, cc_clock_utc_ms());
	struct cc_call *call;

	if (rc < 0)
		return rc;
	call = &(*slot)->core;
	call->dir = route->number[0] ? CC_DIR_OUT : CC_DIR_INTERNAL;
	call->route = *route;
	call->customer = w->customer;
	call->package = w->package;
	call->turn = cc_engine_turn(w->tenant);
	cc_utf8_copy(call->caller_id, sizeof(call->caller_id), w->caller_id);
	cc_utf8_copy(call->to, sizeof(call->to), w->number);
	cc_utf8_copy(call->to_name, sizeof(call->to_name), w->name);
	cc_utf8_copy(call->shown, sizeof(call->shown), w->shown);
	return CC_OK;
}

/* It begins when this section is left. */
static int start(char id[CC_ULID_TEXT + 1], struct cc_call_ref ref, const struct cc_call_slot *slot)
{
	const struct cc_call_input first = {.kind = CC_IN_NEW};

	memcpy(id, slot->id_text, CC_ULID_TEXT + 1);
	return cc_engine_post(ref, -1, 0, &first);
}

/* Reserves the agent for a new call, which begins when this section is left. */
static int begin(char id[CC_ULID_TEXT + 1], const struct wish *w, const struct cc_conf *conf,
		const struct cc_route *route, int32_t agent)
{
	const struct cc_queue_provider *queue = cc_actions_queue();
	struct cc_call_slot *slot;
	struct cc_call_ref ref;
	struct cc_call *call;
	int rc = call_new(&ref, &slot, w, conf, route);

	if (rc < 0)
		return rc;
	call = &slot->core;
	call->click = true;
	call->caller_agent = agent;
	cc_utf8_copy(call->from, sizeof(call->from), w->agent);
	cc_utf8_copy(call->from_name, sizeof(call->from_name), cc_conf_agent_at(conf, agent)->name);
	start(id, ref, slot);
	rc = queue ? queue->reserve(ref, call, agent) : CC_E_NOENT; /* CC_IN_GRANT */
	if (rc < 0)
		cc_engine_call_drop(ref);
	return rc;
}

/* The customer is called for the queue. */
static int begin_predictive(char id[CC_ULID_TEXT + 1], const struct wish *w,
		const struct cc_conf *conf, const struct cc_route *route, int32_t queue)
{
	struct cc_call_slot *slot;
	struct cc_call_ref ref;
	struct cc_call *call;
	int rc = call_new(&ref, &slot, w, conf, route);

	if (rc < 0)
		return rc;
	call = &slot->core;
	call->predictive = true;
	call->queue = queue;
	call->task = w->task;
	call->ring_max_ms = (int32_t)w->ring_ms;
	cc_utf8_copy(call->from, sizeof(call->from), w->queue);
	cc_utf8_copy(call->from_name, sizeof(call->from_name), cc_conf_queue_at(conf, queue)->name);
	return start(id, ref, slot);
}

/* ---- the commands ---- */

static void done(struct cc_command_reply *reply, const char *id)
{
	reply->result = json_object_new_object();
	json_object_object_add(reply->result, "call", json_object_new_string(id));
}

static void dial(struct cc_command_reply *reply, const struct wish *w, const struct cc_confs *confs,
		const struct cc_conf *conf, int32_t agent)
{
	char id[CC_ULID_TEXT + 1];
	struct cc_route route;
	const char *reason;
	int err;

	reason = agent_cannot(&err, &route, w, confs, conf, agent);
	if (reason) {
		cc_command_fail(reply, err, reason);
		return;
	}
	err = begin(id, w, conf, &route, agent);
	if (err < 0)
		cc_command_fail(reply, err,
				err == CC_E_STATE   ? "agent_busy"
				: err == CC_E_NOENT ? "no_such_agent"
									: "too_many_calls");
	else
		done(reply, id);
}

static void originate(struct cc_command_reply *reply, const struct wish *w,
		const struct cc_confs *confs, const struct cc_conf *conf, int32_t queue)
{
	char id[CC_ULID_TEXT + 1];
	struct cc_route route;
	const char *reason;
	int err;

	reason = queue_cannot(&err, &route, w, confs, conf, queue);
	if (!reason && (err = begin_predictive(id, w, conf, &route, queue)) < 0)
		reason = "too_many_calls";
	if (reason)
		cc_command_fail(reply, err, reason);
	else
		done(reply, id);
}

void cc_dial_command(struct json_object *params, struct cc_command_reply *reply)
{
	struct cc_confs *confs;
	const struct cc_conf *conf;
	struct wish w;
	int32_t agent;

	read_wish(&w, params);
	if (!w.agent[0] || number_missing(&w)) {
		cc_command_fail(reply, CC_E_INVAL, w.agent[0] ? number_missing(&w) : "no_agent");
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

void cc_originate_command(struct json_object *params, struct cc_command_reply *reply)
{
	struct cc_confs *confs;
	const struct cc_conf *conf;
	struct wish w;
	int32_t queue;

	read_wish(&w, params);
	if (!w.queue[0] || number_missing(&w)) {
		cc_command_fail(reply, CC_E_INVAL, w.queue[0] ? number_missing(&w) : "no_queue");
		return;
	}
	if (json_object_object_get_ex(params, "ring_ms", NULL) &&
			(w.ring_ms < RING_MIN_MS || w.ring_ms > RING_MAX_MS)) {
		cc_command_fail(reply, CC_E_RANGE, "bad_ring_ms");
		return;
	}
	confs = cc_conf_store_get();
	conf = cc_conf_by_id(confs->set, w.tenant);
	queue = conf ? cc_conf_queue_find(conf, w.queue) : CC_E_NOENT;
	if (queue < 0)
		cc_command_fail(reply, CC_E_NOENT, conf ? "no_such_queue" : "no_such_tenant");
	else
		originate(reply, &w, confs, conf, queue);
	cc_conf_store_put(confs);
}
