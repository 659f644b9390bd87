/* SPDX-License-Identifier: GPL-2.0-or-later
 * What others see of the ACD, and whether it agrees with itself. */
#include <stdio.h>
#include <string.h>

#include "acd_private.h"
#include "cc/err.h"

static const char *const work_names[] = { "offline", "online", "busy", "away" };
static const char *const state_names[] = { "idle", "reserved", "ringing", "talking", "wrapup" };
static const char *const what_names[] = { [WHAT_NONE] = "",
	[WHAT_LOGIN] = "login",
	[WHAT_LOGOUT] = "logout",
	[WHAT_SIGN_IN] = "sign_in",
	[WHAT_SIGN_OUT] = "sign_out",
	[WHAT_AUTO_SIGN_OUT] = "auto_sign_out",
	[WHAT_IDLE] = "idle",
	[WHAT_BUSY] = "busy",
	[WHAT_AUTO_BUSY] = "auto_busy",
	[WHAT_AWAY] = "away",
	[WHAT_OFFLINE] = "offline",
	[WHAT_REGISTERED] = "registered",
	[WHAT_UNREGISTERED] = "unregistered",
	[WHAT_RESERVED] = "reserved",
	[WHAT_RINGING] = "ringing",
	[WHAT_TALKING] = "talking",
	[WHAT_RELEASED] = "released",
	[WHAT_WRAPUP_START] = "wrapup_start",
	[WHAT_WRAPUP_END] = "wrapup_end" };
static const char *const initiator_names[] = { "agent", "leader", "system" };

void acd_agent_fields(const struct cc_acd *a, int32_t agent, enum acd_what what, const struct cc_acd_by *by,
		struct cc_jsonw *w)
{
	const struct acd_agent *g = &acd_agents(a)[agent];

	cc_jsonw_str(w, "agent", g->number);
	cc_jsonw_str(w, "what", what_names[what]);
	cc_jsonw_str(w, "work", work_names[g->work]);
	cc_jsonw_str(w, "reason", g->reason);
	cc_jsonw_str(w, "call_state", state_names[g->state]);
	cc_jsonw_array(w, "queues");
	for (int32_t m = g->first_member; m >= 0; m = acd_members(a)[m].next_of_agent)
		if (acd_members(a)[m].signed_in)
			cc_jsonw_str(w, NULL, acd_queues(a)[acd_members(a)[m].queue].number);
	cc_jsonw_close_array(w);
	cc_jsonw_bool(w, "paused", g->work == CC_WORK_BUSY || g->work == CC_WORK_AWAY);
	cc_jsonw_int(w, "registered", g->registered);
	cc_jsonw_str(w, "initiator", initiator_names[by ? by->initiator : CC_BY_SYSTEM]);
	cc_jsonw_str(w, "actor", by && by->actor ? by->actor : "");
	if (g->queue >= 0)
		cc_jsonw_str(w, "queue", acd_queues(a)[g->queue].number);
	cc_jsonw_int(w, "since", g->since_ms);
}

int cc_acd_agent_json(const struct cc_acd *a, const char *agent, struct cc_jsonw *w)
{
	int32_t i = acd_agent_find(a, agent);

	if (i < 0)
		return CC_E_NOENT;
	acd_agent_fields(a, i, WHAT_NONE, NULL, w);
	return 0;
}

void cc_acd_gauges(const struct cc_acd *a, struct cc_acd_gauges *g)
{
	memset(g, 0, sizeof(*g));
	for (int32_t i = 0; i < a->agent_count; i++) {
		const struct acd_agent *agent = &acd_agents(a)[i];

		g->agents += agent->used;
		g->signed_in += agent->used && agent->work != CC_WORK_OFFLINE;
		g->reserved += (agent->hold & 1) != 0;
		g->talking += agent->state == CC_AGENT_TALKING;
	}
	for (int32_t i = 0; i < a->queue_count; i++)
		g->waiting += acd_queues(a)[i].waiting;
}

static void board_queue(const struct cc_acd *a, const struct acd_queue *q, int64_t now_ms, struct cc_jsonw *w)
{
	int32_t count[CC_AGENT_WRAPUP + 1] = { 0 }, signed_in = 0, paused = 0;

	for (int32_t i = 0; i < q->member_count; i++) {
		const struct acd_member *m = &acd_members(a)[q->member_first + i];
		const struct acd_agent *g = &acd_agents(a)[m->agent];

		if (!m->signed_in)
			continue;
		signed_in++;
		if (g->work != CC_WORK_ONLINE && g->state == CC_AGENT_IDLE)
			paused++;
		else
			count[g->state]++;
	}
	cc_jsonw_object(w, NULL);
	cc_jsonw_str(w, "number", q->number);
	cc_jsonw_str(w, "name", q->name);
	cc_jsonw_int(w, "waiting", q->waiting);
	cc_jsonw_int(w, "longest_wait_ms", q->head >= 0 ? now_ms - acd_calls(a)[q->head].entered_ms : 0);
	cc_jsonw_int(w, "signed_in", signed_in);
	cc_jsonw_int(w, "idle", count[CC_AGENT_IDLE]);
	cc_jsonw_int(w, "ringing", count[CC_AGENT_RESERVED] + count[CC_AGENT_RINGING]);
	cc_jsonw_int(w, "talking", count[CC_AGENT_TALKING]);
	cc_jsonw_int(w, "wrapup", count[CC_AGENT_WRAPUP]);
	cc_jsonw_int(w, "paused", paused);
	cc_jsonw_int(w, "offered_today", q->offered_today);
	cc_jsonw_int(w, "answered_today", q->answered_today);
	cc_jsonw_int(w, "abandoned_today", q->abandoned_today);
	cc_jsonw_close_object(w);
}

void cc_acd_board(const struct cc_acd *a, int64_t now_ms, struct cc_jsonw *w)
{
	char id[CC_ULID_TEXT + 1];

	cc_jsonw_array(w, "queues");
	for (int32_t i = 0; i < a->queue_count; i++)
		if (acd_queues(a)[i].used)
			board_queue(a, &acd_queues(a)[i], now_ms, w);
	cc_jsonw_close_array(w);
	cc_jsonw_array(w, "agents");
	for (int32_t i = 0; i < a->agent_count; i++) {
		const struct acd_agent *g = &acd_agents(a)[i];

		if (!g->used)
			continue;
		cc_jsonw_object(w, NULL);
		acd_agent_fields(a, i, WHAT_NONE, NULL, w);
		cc_jsonw_str(w, "name", g->name);
		cc_jsonw_bool(w, "enabled", g->enabled);
		cc_jsonw_int(w, "calls_today", g->calls_today);
		cc_jsonw_array(w, "groups");
		for (int32_t m = g->first_member; m >= 0; m = acd_members(a)[m].next_of_agent)
			cc_jsonw_str(w, NULL, acd_queues(a)[acd_members(a)[m].queue].number);
		cc_jsonw_close_array(w);
		cc_jsonw_close_object(w);
	}
	cc_jsonw_close_array(w);
	cc_jsonw_array(w, "waiting");
	for (int32_t i = 0; i < a->queue_count; i++) {
		int32_t position = 0;

		for (int32_t c = acd_queues(a)[i].head; c >= 0; c = acd_calls(a)[c].next) {
			cc_jsonw_object(w, NULL);
			cc_jsonw_str(w, "call", cc_ulid_format(&acd_calls(a)[c].id, id));
			cc_jsonw_str(w, "queue", acd_queues(a)[i].number);
			cc_jsonw_str(w, "from", acd_calls(a)[c].from);
			cc_jsonw_str(w, "from_name", acd_calls(a)[c].from_name);
			cc_jsonw_int(w, "since", acd_calls(a)[c].entered_ms);
			cc_jsonw_int(w, "position", ++position);
			cc_jsonw_close_object(w);
		}
	}
	cc_jsonw_close_array(w);
}

static int wrong(char *error, size_t size, const char *what, const char *which)
{
	snprintf(error, size, "%s %s", what, which);
	return CC_E_CORRUPT;
}

int cc_acd_check(const struct cc_acd *a, char *error, size_t size)
{
	int32_t listed = 0, used = 0, pending = 0;

	for (int32_t i = 0; i < a->queue_count; i++) {
		const struct acd_queue *q = &acd_queues(a)[i];
		int32_t n = 0, before = -1;

		for (int32_t c = q->head; c >= 0; before = c, c = acd_calls(a)[c].next) {
			const struct acd_call *call = &acd_calls(a)[c];

			if (!call->used || call->queue != i || call->prev != before || ++n > a->limits.waiting)
				return wrong(error, size, "broken list of queue", q->number);
			if (before >= 0 && (acd_calls(a)[before].priority < call->priority ||
									   (acd_calls(a)[before].priority == call->priority &&
											   acd_calls(a)[before].entered_ms > call->entered_ms)))
				return wrong(error, size, "wrong order in queue", q->number);
			if (acd_call_find(a, &call->id, call->visit) != c)
				return wrong(error, size, "call not found in queue", q->number);
		}
		if (before != q->tail || n != q->waiting)
			return wrong(error, size, "wrong length of queue", q->number);
		listed += n;
	}
	for (int32_t c = 0; c < a->limits.waiting; c++) {
		const struct acd_call *call = &acd_calls(a)[c];
		int32_t granted = 0;

		if (!call->used)
			continue;
		used++;
		for (int32_t i = 0; i < a->agent_count; i++) {
			const struct acd_agent *g = &acd_agents(a)[i];

			granted += g->hold & 1 && g->visit == call->visit && cc_ulid_equal(&g->call, &call->id);
		}
		if (granted != call->granted)
			return wrong(error, size, "wrong grants of a call in queue", acd_queues(a)[call->queue].number);
		if (granted > 1 && acd_queues(a)[call->queue].strategy != CC_STRATEGY_RING_ALL)
			return wrong(error, size, "two agents for one call of queue", acd_queues(a)[call->queue].number);
	}
	if (used != listed)
		return wrong(error, size, "a waiting call is in no", "queue");
	for (int32_t i = 0; i < a->agent_count; i++) {
		const struct acd_agent *g = &acd_agents(a)[i];
		bool held = g->hold & 1;

		pending += g->pending != WHAT_NONE;
		if (held != (g->state != CC_AGENT_IDLE && g->state != CC_AGENT_WRAPUP))
			return wrong(error, size, "state and reservation disagree of agent", g->number);
	}
	if (pending != a->pending)
		return wrong(error, size, "wrong number of waiting", "events");
	return 0;
}
