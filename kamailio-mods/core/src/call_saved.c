/* SPDX-License-Identifier: GPL-2.0-or-later
 * Calls that outlive their engine, or their configuration: their indexes as names, and their end
 * where nothing else is possible. */
#include <string.h>

#include "call_private.h"
#include "cc/conf.h"
#include "cc/err.h"

#define NAMED 5 /* agents that have a field of their own */
_Static_assert(NAMED + CC_CALL_LEGS + CC_CALL_OFFERS == CC_CALL_REFS, "cc_call_names has them all");

/* Every index of an agent in the call, in a fixed order. */
static int32_t *agent_ref(struct cc_call *c, int i)
{
	int32_t *named[] = {
			&c->caller_agent, &c->bridged_agent, &c->target, &c->referrer, &c->other_agent};

	if (i < NAMED)
		return named[i];
	i -= NAMED;
	return i < CC_CALL_LEGS ? &c->legs[i].agent : &c->offers[i - CC_CALL_LEGS].agent;
}

/* An index of a leg or offer that is over means nothing. */
static bool ref_used(const struct cc_call *c, int i)
{
	i -= NAMED;
	if (i < 0)
		return true;
	return i < CC_CALL_LEGS ? c->legs[i].state != CC_LEG_FREE
							: c->offers[i - CC_CALL_LEGS].epoch != 0;
}

void cc_call_names(const struct cc_call *c, struct cc_call_names *names)
{
	struct cc_call *call = (struct cc_call *)(uintptr_t)c; /* only read */

	memset(names, 0, sizeof(*names));
	if (c->queue >= 0)
		memcpy(names->queue, cc_conf_queue_at(c->conf, c->queue)->number, sizeof(names->queue));
	if (c->route.kind == CC_ROUTE_QUEUE || (c->route.kind == CC_ROUTE_CODE && c->route.index >= 0))
		memcpy(names->route, cc_conf_queue_at(c->conf, c->route.index)->number,
				sizeof(names->route));
	else if (c->route.kind == CC_ROUTE_AGENT)
		memcpy(names->route, cc_conf_agent_at(c->conf, c->route.index)->number,
				sizeof(names->route));
	else if (c->route.kind == CC_ROUTE_IVR)
		memcpy(names->route, cc_conf_ivr_at(c->conf, c->route.index)->number, sizeof(names->route));
	for (int i = 0; i < CC_CALL_REFS; i++) {
		int32_t agent = *agent_ref(call, i);

		if (agent >= 0 && ref_used(c, i))
			memcpy(names->agents[i], cc_conf_agent_at(c->conf, agent)->number,
					sizeof(names->agents[i]));
	}
}

int cc_call_rebind(struct cc_call *c, const struct cc_call_names *names, const struct cc_conf *conf)
{
	int32_t queue = -1, route = -1, agents[CC_CALL_REFS];

	if (names->queue[0]) {
		queue = cc_conf_queue_find(conf, names->queue);
		if (queue < 0)
			return CC_E_NOENT;
	}
	if (names->route[0]) {
		route = c->route.kind == CC_ROUTE_AGENT ? cc_conf_agent_find(conf, names->route)
				: c->route.kind == CC_ROUTE_IVR ? cc_conf_ivr_find(conf, names->route)
												: cc_conf_queue_find(conf, names->route);
		if (route < 0)
			return CC_E_NOENT;
	}
	if (c->ivr_ms && cc_conf_ivr_find(conf, c->ivrs[c->ivr_count - 1]) < 0)
		return CC_E_NOENT;
	for (int i = 0; i < CC_CALL_REFS; i++) {
		agents[i] = names->agents[i][0] ? cc_conf_agent_find(conf, names->agents[i]) : -1;
		if (names->agents[i][0] && agents[i] < 0)
			return CC_E_NOENT;
	}
	c->queue = queue;
	c->route.index = route;
	for (int i = 0; i < CC_CALL_REFS; i++)
		*agent_ref(c, i) = agents[i];
	c->conf = conf;
	return CC_OK;
}

bool cc_call_configure(struct cc_call *c, const struct cc_conf *conf)
{
	struct cc_call_names names;

	if (cc_call_over(c))
		return false;
	cc_call_names(c, &names);
	return cc_call_rebind(c, &names, conf) == CC_OK;
}

void cc_call_abandon(struct cc_call *c, const struct cc_call_names *names, int64_t now_ms,
		struct cc_call_actions *out)
{
	struct step s = {.c = c, .now = now_ms, .out = out};
	enum cc_cause cause = call_cut(c);

	out->count = 0;
	out->text_len = 0;
	if (cc_call_over(c))
		return;
	if (c->recording) {
		call_journal(&s);
		call_json_ulid(&s, "leg", &c->legs[c->caller_leg].id);
		cc_jsonw_int(&s.json, "segment", c->segment);
		cc_jsonw_str(&s.json, "why", "restart");
		call_journal_end(&s, CC_EV_REC_STOP);
	}
	if (c->message_ms && now_ms - c->message_ms >= c->message_least_ms) {
		call_message_journal(&s, now_ms - c->message_ms);
		cause = CC_CAUSE_VOICEMAIL;
	}
	call_ivr_gone(&s);
	if (c->entered_ms) {
		call_journal(&s);
		cc_jsonw_str(&s.json, "queue", names->queue);
		cc_jsonw_int(&s.json, "visit", c->visit);
		cc_jsonw_str(&s.json, "result", c->connected_ms ? "answered" : "abandoned");
		cc_jsonw_str(&s.json, "cause", cc_cause_name(cause));
		cc_jsonw_int(
				&s.json, "wait_ms", (c->connected_ms ? c->connected_ms : now_ms) - c->entered_ms);
		call_journal_end(&s, CC_EV_QUEUE_LEAVE);
	}
	call_journal(&s);
	cc_jsonw_str(&s.json, "cause", cc_cause_name(cause));
	cc_jsonw_str(&s.json, "side", "system");
	cc_jsonw_int(&s.json, "sip_code", c->answered_ms ? 200 : 500);
	cc_jsonw_str(&s.json, "sip_text", "");
	cc_jsonw_int(&s.json, "ring_ms", c->ring_ms);
	cc_jsonw_int(&s.json, "talk_ms", c->answered_ms ? now_ms - c->answered_ms : 0);
	cc_jsonw_int(&s.json, "agent_ms", c->agent_ms + (c->bridged_ms ? now_ms - c->bridged_ms : 0));
	cc_jsonw_int(&s.json, "total_ms", now_ms - c->created_ms);
	if (c->last_agent[0])
		cc_jsonw_str(&s.json, "agent", c->last_agent);
	if (names->queue[0])
		cc_jsonw_str(&s.json, "queue", names->queue);
	cc_jsonw_str(&s.json, "did", c->did);
	cc_jsonw_str(&s.json, "from", c->from);
	cc_jsonw_str(&s.json, "to", c->to);
	cc_jsonw_str(&s.json, "dir", call_dir_name(c->dir));
	call_json_hide(&s);
	call_journal_end(&s, CC_EV_CALL_END);
}
