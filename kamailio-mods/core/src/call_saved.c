/* SPDX-License-Identifier: GPL-2.0-or-later
 * Calls that outlive their engine, or their configuration: their indexes as names, and their end
 * where nothing else is possible. */
#include <string.h>

#include "call_private.h"
#include "cc/conf.h"
#include "cc/err.h"

/* Every index of an agent in the call, in a fixed order; NULL: it means nothing now. */
static int32_t *agent_ref(struct cc_call *c, int i)
{
	if (i == 0)
		return &c->caller_agent;
	if (i == 1)
		return &c->bridged_agent;
	if (i == 2)
		return c->route.kind == CC_ROUTE_AGENT ? &c->route.index : NULL;
	i -= 3;
	if (i < CC_CALL_LEGS)
		return c->legs[i].state != CC_LEG_FREE ? &c->legs[i].agent : NULL;
	i -= CC_CALL_LEGS;
	return c->offers[i].epoch ? &c->offers[i].agent : NULL;
}

static int32_t *queue_ref(struct cc_call *c, int i)
{
	return i == 0 ? &c->queue : c->route.kind == CC_ROUTE_QUEUE ? &c->route.index : NULL;
}

void cc_call_names(const struct cc_call *c, struct cc_call_names *names)
{
	struct cc_call *call = (struct cc_call *)(uintptr_t)c; /* only read */

	memset(names, 0, sizeof(*names));
	for (int i = 0; i < 2; i++) {
		const int32_t *queue = queue_ref(call, i);

		if (queue && *queue >= 0)
			memcpy(names->queues[i], cc_conf_queue_at(c->conf, *queue)->number,
					sizeof(names->queues[i]));
	}
	for (int i = 0; i < CC_CALL_REFS; i++) {
		const int32_t *agent = agent_ref(call, i);

		if (agent && *agent >= 0)
			memcpy(names->agents[i], cc_conf_agent_at(c->conf, *agent)->number,
					sizeof(names->agents[i]));
	}
}

int cc_call_rebind(struct cc_call *c, const struct cc_call_names *names, const struct cc_conf *conf)
{
	for (int i = 0; i < 2; i++)
		if (names->queues[i][0] && cc_conf_queue_find(conf, names->queues[i]) < 0)
			return CC_E_NOENT;
	for (int i = 0; i < CC_CALL_REFS; i++)
		if (names->agents[i][0] && cc_conf_agent_find(conf, names->agents[i]) < 0)
			return CC_E_NOENT;
	for (int i = 0; i < 2; i++)
		if (names->queues[i][0])
			*queue_ref(c, i) = cc_conf_queue_find(conf, names->queues[i]);
	for (int i = 0; i < CC_CALL_REFS; i++)
		if (names->agents[i][0])
			*agent_ref(c, i) = cc_conf_agent_find(conf, names->agents[i]);
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

/* Transactions die with the engine: whoever rang or was being answered is lost, whoever talked or
 * waited goes on. */
void call_restored(struct step *s, uint64_t lost)
{
	struct cc_call *c = s->c;
	struct cc_call_action *a;
	int32_t alive = 0, gone = 0;
	bool caller_lost = c->legs[CALLER].state != CC_LEG_FREE && (lost & 1);

	for (int i = 0; i < CC_CALL_LEGS; i++) {
		if (c->legs[i].state == CC_LEG_FREE)
			continue;
		if (!(lost >> i & 1)) {
			alive++;
			continue;
		}
		call_leg_end(s, i, 500, "restart", "system");
		c->legs[i].state = CC_LEG_FREE;
		gone++;
	}
	call_journal(s);
	cc_jsonw_int(&s->json, "legs", alive);
	cc_jsonw_int(&s->json, "lost", gone);
	call_journal_end(s, CC_EV_CALL_RESTORED);
	if (caller_lost || (c->bridged_leg >= 0 && c->legs[c->bridged_leg].state == CC_LEG_FREE)) {
		call_finish(s, c->bridged_ms ? CC_CAUSE_ANSWERED : CC_CAUSE_FAILED, CC_SIDE_SYSTEM, 500,
				"Server Internal Error");
		return;
	}
	call_offers_end(s, CC_OUT_FAILED); /* ends a call to one agent */
	if (cc_call_over(c))
		return;
	call_restart_mixer(s);
	if (c->recording) {
		a = call_act(s, CC_ACT_RECORD, CALLER);
		a->on = true;
		a->segment = c->segment;
	}
}

void cc_call_abandon(struct cc_call *c, const struct cc_call_names *names, int64_t now_ms,
		struct cc_call_actions *out)
{
	struct step s = {.c = c, .now = now_ms, .out = out};
	enum cc_cause cause = c->bridged_ms ? CC_CAUSE_ANSWERED : CC_CAUSE_FAILED;

	out->count = 0;
	out->text_len = 0;
	if (cc_call_over(c))
		return;
	if (c->recording) {
		call_journal(&s);
		call_json_ulid(&s, "leg", &c->legs[0].id);
		cc_jsonw_int(&s.json, "segment", c->segment);
		cc_jsonw_str(&s.json, "why", "restart");
		call_journal_end(&s, CC_EV_REC_STOP);
	}
	if (c->entered_ms) {
		call_journal(&s);
		cc_jsonw_str(&s.json, "queue", names->queues[0]);
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
	cc_jsonw_int(&s.json, "agent_ms", c->bridged_ms ? now_ms - c->bridged_ms : 0);
	cc_jsonw_int(&s.json, "total_ms", now_ms - c->created_ms);
	if (c->last_agent[0])
		cc_jsonw_str(&s.json, "agent", c->last_agent);
	if (names->queues[0][0])
		cc_jsonw_str(&s.json, "queue", names->queues[0]);
	cc_jsonw_str(&s.json, "did", c->did);
	cc_jsonw_str(&s.json, "from", c->from);
	cc_jsonw_str(&s.json, "to", c->to);
	cc_jsonw_str(&s.json, "dir", call_dir_name(c->dir));
	call_journal_end(&s, CC_EV_CALL_END);
}
