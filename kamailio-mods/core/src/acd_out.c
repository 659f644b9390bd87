/* SPDX-License-Identifier: GPL-2.0-or-later
 * Effects and JSON. Effects go into a ring of the block first and leave it as far as the caller has
 * room: that is why none is lost. */
#include <string.h>
#include "acd_private.h"
#include "cc/err.h"
#include "cc/utf8.h"

static const char *const event_names[CC_AGENT_EVENTS] = {
		[CC_AGENT_EV_SIGN_IN] = "sign_in",
		[CC_AGENT_EV_SIGN_OUT] = "sign_out",
		[CC_AGENT_EV_AUTO_SIGN_OUT] = "auto_sign_out",
		[CC_AGENT_EV_IDLE] = "idle",
		[CC_AGENT_EV_BUSY] = "busy",
		[CC_AGENT_EV_AUTO_PAUSE] = "auto_pause",
		[CC_AGENT_EV_AWAY] = "away",
		[CC_AGENT_EV_OFFLINE] = "offline",
		[CC_AGENT_EV_RESERVED] = "reserved",
		[CC_AGENT_EV_RINGING] = "ringing",
		[CC_AGENT_EV_TALKING] = "talking",
		[CC_AGENT_EV_HOLD] = "hold",
		[CC_AGENT_EV_RESUME] = "resume",
		[CC_AGENT_EV_CALL_END] = "call_end",
		[CC_AGENT_EV_WRAPUP_START] = "wrapup_start",
		[CC_AGENT_EV_WRAPUP_END] = "wrapup_end",
		[CC_AGENT_EV_QUEUE_BUSY] = "queue_busy",
		[CC_AGENT_EV_QUEUE_IDLE] = "queue_idle",
		[CC_AGENT_EV_REGISTERED] = "registered",
		[CC_AGENT_EV_UNREGISTERED] = "unregistered",
		[CC_AGENT_EV_RECONNECTING] = "reconnecting",
};
static const char *const work_names[] = {[CC_WORK_OFFLINE] = "offline",
		[CC_WORK_ONLINE] = "online",
		[CC_WORK_BUSY] = "busy",
		[CC_WORK_AWAY] = "away"};
static const char *const state_names[] = {[CC_AGENT_IDLE] = "idle",
		[CC_AGENT_RESERVED] = "reserved",
		[CC_AGENT_RINGING] = "ringing",
		[CC_AGENT_TALKING] = "talking",
		[CC_AGENT_HOLD] = "hold",
		[CC_AGENT_WRAPUP] = "wrapup"};
static const char *const initiator_names[] = {
		[CC_BY_AGENT] = "agent", [CC_BY_LEADER] = "leader", [CC_BY_SYSTEM] = "system"};

const char *cc_agent_event_name(enum cc_agent_event event)
{
	return event >= 0 && event < CC_AGENT_EVENTS ? event_names[event] : "";
}

/* ---- the ring ---- */

/* A place at the end; NULL: full. Grants and outs have room for themselves: there are never more of
 * them than agents and calls. */
static struct acd_item *item_new(struct cc_acd *a, enum cc_acd_effect_kind kind)
{
	int32_t limit = acd_item_limit(&a->limits);
	int32_t keep = kind == CC_ACD_EVENT ? a->limits.agents + a->limits.waiting : 0;
	struct acd_item *item;

	if (a->item_count >= limit - keep) {
		a->lost++;
		return NULL;
	}
	if (a->item_count == 0)
		a->item_first = 0; /* the same pages of memory again and again */
	item = (struct acd_item *)acd_at(a, a->items) + (a->item_first + a->item_count++) % limit;
	memset(item, 0, sizeof(*item));
	item->kind = (uint8_t)kind;
	return item;
}

/* When the state that is shown began: the work state shows while no call is there. */
static int64_t shown_since(const struct acd_agent *g)
{
	return g->state != CC_AGENT_IDLE || g->call_since_ms > g->work_since_ms ? g->call_since_ms
																			: g->work_since_ms;
}

void cc_acd_note(struct cc_acd *a, int32_t agent, enum cc_agent_event what, const char *queue,
		const struct cc_acd_by *by)
{
	cc_acd_note_reason(a, agent, what, queue, acd_agent(a, agent)->reason, by);
}

void cc_acd_note_reason(struct cc_acd *a, int32_t agent, enum cc_agent_event what,
		const char *queue, const char *reason, const struct cc_acd_by *by)
{
	const struct acd_agent *g = acd_agent(a, agent);
	struct acd_item *item = item_new(a, CC_ACD_EVENT);

	if (!item)
		return;
	if (!queue)
		queue = g->queue == ACD_NOT ? "" : acd_queue(a, g->queue)->number;
	item->what = (uint8_t)what;
	item->initiator = (uint8_t)(by ? by->initiator : CC_BY_SYSTEM);
	item->work = g->work;
	item->state = g->state;
	item->registered = g->contacts > 0;
	item->reconnecting = g->contacts == 0 && g->reconnect_until_ms;
	item->call = g->call;
	item->visit = g->visit;
	item->since_ms = shown_since(g);
	cc_utf8_copy(item->agent, sizeof(item->agent), g->number);
	cc_utf8_copy(item->queue, sizeof(item->queue), queue);
	cc_utf8_copy(item->reason, sizeof(item->reason), reason);
	cc_utf8_copy(item->actor, sizeof(item->actor), by && by->actor ? by->actor : "");
}

void cc_acd_note_grant(struct cc_acd *a, int32_t agent)
{
	const struct acd_agent *g = acd_agent(a, agent);
	struct acd_item *item = item_new(a, CC_ACD_GRANT);

	if (!item)
		return;
	item->call = g->call;
	item->visit = g->visit;
	item->epoch = cc_acd_epoch(g);
	memcpy(item->agent, g->number, sizeof(item->agent));
}

void cc_acd_note_out(struct cc_acd *a, const struct acd_call *c, enum cc_cause cause)
{
	struct acd_item *item = item_new(a, CC_ACD_OUT);

	if (!item)
		return;
	item->call = c->call;
	item->visit = c->visit;
	item->cause = (uint16_t)cause;
}

enum which
{
	SIGNED_IN,
	PAUSED_IN,
	STATIC_IN
};

/* Numbers of the agent's queues that it has this relation to. */
static void queues_json(const struct cc_acd *a, int32_t agent, enum which which, struct cc_jsonw *w)
{
	static const char *const keys[] = {"queues", "paused_queues", "static_queues"};

	cc_jsonw_array(w, keys[which]);
	for (int32_t i = 0; agent >= 0 && i < acd_agent(a, agent)->count; i++) {
		const struct acd_member *m =
				acd_member(a, acd_memberships(a)[acd_agent(a, agent)->first + i]);

		if (which == SIGNED_IN ? m->signed_in : which == PAUSED_IN ? m->paused : m->fixed)
			cc_jsonw_str(w, NULL, acd_queue(a, m->queue)->number);
	}
	cc_jsonw_close_array(w);
}

/* By queue (TEL-28). */
static void priorities_json(const struct cc_acd *a, int32_t agent, struct cc_jsonw *w)
{
	cc_jsonw_object(w, "priorities");
	for (int32_t i = 0; i < acd_agent(a, agent)->count; i++) {
		const struct acd_member *m =
				acd_member(a, acd_memberships(a)[acd_agent(a, agent)->first + i]);

		cc_jsonw_int(w, acd_queue(a, m->queue)->number, m->rank % ACD_GAP);
	}
	cc_jsonw_close_object(w);
}

static bool paused(int work)
{
	return work == CC_WORK_BUSY || work == CC_WORK_AWAY;
}

static void event_json(const struct cc_acd *a, const struct acd_item *item, struct cc_jsonw *w)
{
	cc_jsonw_object(w, NULL);
	cc_jsonw_str(w, "agent", item->agent);
	cc_jsonw_str(w, "what", event_names[item->what]);
	cc_jsonw_str(w, "work", work_names[item->work]);
	cc_jsonw_str(w, "reason", item->reason);
	cc_jsonw_str(w, "call_state", state_names[item->state]);
	queues_json(a, cc_acd_agent_any(a, item->agent), SIGNED_IN, w);
	queues_json(a, cc_acd_agent_any(a, item->agent), PAUSED_IN, w);
	cc_jsonw_bool(w, "paused", paused(item->work));
	cc_jsonw_bool(w, "registered", item->registered);
	cc_jsonw_bool(w, "reconnecting", item->reconnecting);
	cc_jsonw_str(w, "initiator", initiator_names[item->initiator]);
	cc_jsonw_str(w, "actor", item->actor);
	cc_jsonw_str(w, "queue", item->queue);
	cc_jsonw_int(w, "since", item->since_ms);
	cc_jsonw_close_object(w);
}

/* Whether the effect fitted. */
static bool give(struct cc_acd *a, const struct acd_item *item, struct cc_acd_out *out)
{
	struct cc_acd_effect *e = &out->e[out->count];
	struct cc_jsonw w;
	int32_t agent;

	if (out->count >= CC_ACD_EFFECTS)
		return false;
	*e = (struct cc_acd_effect){.kind = item->kind,
			.call = item->call,
			.visit = item->visit,
			.agent = ACD_NOT,
			.epoch = item->epoch,
			.cause = item->cause};
	memcpy(e->agent_number, item->agent, sizeof(e->agent_number));
	agent = cc_acd_agent_any(a, item->agent);
	if (agent >= 0)
		e->agent = acd_agent(a, agent)->conf;
	if (item->kind == CC_ACD_EVENT) {
		cc_jsonw_init(&w, out->text + out->text_len, sizeof(out->text) - (size_t)out->text_len);
		event_json(a, item, &w);
		e->len = cc_jsonw_end(&w);
		if (e->len < 0)
			return false;
		e->event = CC_EV_AGENT_STATE;
		e->off = out->text_len;
		out->text_len += e->len;
	}
	out->count++;
	return true;
}

void cc_acd_drain(struct cc_acd *a, struct cc_acd_out *out)
{
	const struct acd_item *items = acd_at(a, a->items);

	while (a->item_count > 0 && give(a, &items[a->item_first], out)) {
		a->item_first = (a->item_first + 1) % acd_item_limit(&a->limits);
		a->item_count--;
	}
	out->more = a->item_count > 0;
}

/* ---- the board ---- */

static void agent_json(const struct cc_acd *a, int32_t agent, struct cc_jsonw *w)
{
	const struct acd_agent *g = acd_agent(a, agent);

	cc_jsonw_str(w, "agent", g->number);
	cc_jsonw_str(w, "name", g->name);
	cc_jsonw_str(w, "work", work_names[g->work]);
	cc_jsonw_str(w, "reason", g->reason);
	cc_jsonw_str(w, "call_state", state_names[g->state]);
	queues_json(a, agent, SIGNED_IN, w);
	queues_json(a, agent, PAUSED_IN, w);
	cc_jsonw_bool(w, "paused", paused(g->work));
	cc_jsonw_bool(w, "registered", g->contacts > 0);
	cc_jsonw_bool(w, "reconnecting", g->contacts == 0 && g->reconnect_until_ms);
	cc_jsonw_str(w, "queue", g->queue == ACD_NOT ? "" : acd_queue(a, g->queue)->number);
	cc_jsonw_int(w, "since", shown_since(g));
	cc_jsonw_int(w, "answered_today", g->answered_today);
}

int cc_acd_agent_json(const struct cc_acd *a, const char *agent, struct cc_jsonw *w)
{
	int32_t i = cc_acd_agent_find(a, agent);

	if (i < 0)
		return i;
	agent_json(a, i, w);
	return CC_OK;
}

static void queue_json(const struct cc_acd *a, int32_t queue, int64_t now_ms, struct cc_jsonw *w)
{
	const struct acd_queue *q = acd_queue(a, queue);
	struct cc_tree wait = cc_acd_wait(a, queue);
	int32_t idle = 0, ringing = 0, talking = 0, wrapup = 0, pauses = 0;
	int64_t longest = 0;

	for (int32_t i = 0; i < cc_tree_count(&wait); i++) { /* not in order of time: priorities */
		int64_t waited = now_ms - acd_call(a, cc_tree_at(&wait, i))->entered_ms;

		longest = waited > longest ? waited : longest;
	}
	for (int32_t i = q->first; i < q->first + q->count; i++) {
		const struct acd_agent *g = acd_agent(a, acd_member(a, i)->agent);
		bool off = paused(g->work) || acd_member(a, i)->paused;

		if (!acd_member(a, i)->signed_in)
			continue;
		idle += g->work == CC_WORK_ONLINE && g->state == CC_AGENT_IDLE && !off;
		ringing += g->state == CC_AGENT_RESERVED || g->state == CC_AGENT_RINGING;
		talking += g->state == CC_AGENT_TALKING || g->state == CC_AGENT_HOLD;
		wrapup += g->state == CC_AGENT_WRAPUP;
		pauses += off && g->state == CC_AGENT_IDLE;
	}
	cc_jsonw_object(w, NULL);
	cc_jsonw_str(w, "number", q->number);
	cc_jsonw_str(w, "name", q->name);
	cc_jsonw_int(w, "waiting", cc_tree_count(&wait));
	cc_jsonw_int(w, "longest_wait_ms", longest);
	cc_jsonw_int(w, "signed_in", q->signed_in);
	cc_jsonw_int(w, "on_duty", q->on_duty);
	if (q->handle_ms && q->on_duty) /* of somebody who would enter now */
		cc_jsonw_int(w, "estimated_wait_ms",
				idle > 0 ? 0 : (cc_tree_count(&wait) + 1) * q->handle_ms / q->on_duty);
	cc_jsonw_int(w, "idle", idle);
	cc_jsonw_int(w, "ringing", ringing);
	cc_jsonw_int(w, "talking", talking);
	cc_jsonw_int(w, "wrapup", wrapup);
	cc_jsonw_int(w, "paused", pauses);
	cc_jsonw_int(w, "answered_today", q->answered_today);
	cc_jsonw_int(w, "abandoned_today", q->abandoned_today);
	cc_jsonw_close_object(w);
}

static void waiting_json(const struct cc_acd *a, int32_t queue, struct cc_jsonw *w)
{
	struct cc_tree wait = cc_acd_wait(a, queue);
	char id[CC_ULID_TEXT + 1];

	for (int32_t i = 0; i < cc_tree_count(&wait); i++) {
		const struct acd_call *c = acd_call(a, cc_tree_at(&wait, i));

		cc_jsonw_object(w, NULL);
		cc_jsonw_str(w, "call", cc_ulid_format(&c->call, id));
		cc_jsonw_str(w, "queue", acd_queue(a, queue)->number);
		cc_jsonw_str(w, "from", c->from);
		cc_jsonw_str(w, "from_name", c->from_name);
		cc_jsonw_int(w, "since", c->entered_ms);
		cc_jsonw_int(w, "position", i + 1);
		if (c->priority > 0)
			cc_jsonw_str(w, "vip", cc_vip_name(c->priority));
		if (c->hide)
			cc_jsonw_int(w, "hide", c->hide);
		cc_jsonw_close_object(w);
	}
}

void cc_acd_board(const struct cc_acd *a, int64_t now_ms, struct cc_jsonw *w)
{
	cc_jsonw_array(w, "queues");
	for (int32_t i = 0; i < a->queue_count; i++)
		if (acd_queue(a, i)->enabled)
			queue_json(a, i, now_ms, w);
	cc_jsonw_close_array(w);
	cc_jsonw_array(w, "agents");
	for (int32_t i = 0; i < a->agent_count; i++) {
		if (acd_agent(a, i)->conf == ACD_NOT || !acd_agent(a, i)->enabled)
			continue;
		cc_jsonw_object(w, NULL);
		agent_json(a, i, w);
		queues_json(a, i, STATIC_IN, w);
		priorities_json(a, i, w);
		cc_jsonw_close_object(w);
	}
	cc_jsonw_close_array(w);
	cc_jsonw_array(w, "waiting");
	for (int32_t i = 0; i < a->queue_count; i++)
		waiting_json(a, i, w);
	cc_jsonw_close_array(w);
}
