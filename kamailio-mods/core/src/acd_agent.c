/* SPDX-License-Identifier: GPL-2.0-or-later
 * What agents do, and their reservations. Every change of what availability depends on is framed by
 * cc_acd_unlist and cc_acd_list, so that it costs that agent's queues only. */
#include <string.h>
#include "acd_private.h"
#include "cc/err.h"
#include "cc/utf8.h"

static void duty_set(struct cc_acd *a, int32_t member)
{
	struct acd_member *m = acd_member(a, member);
	uint8_t duty = cc_acd_on_duty(a, member);

	acd_queue(a, m->queue)->on_duty += duty - m->duty;
	m->duty = duty;
}

void cc_acd_list(struct cc_acd *a, int32_t agent)
{
	const struct acd_agent *g = acd_agent(a, agent);

	for (int32_t i = 0; i < g->count; i++) {
		int32_t member = acd_memberships(a)[g->first + i];
		struct cc_tree idle = cc_acd_idle(a, acd_member(a, member)->queue);

		a->steps++;
		duty_set(a, member);
		if (cc_acd_available(a, member))
			cc_tree_insert(&idle, member);
		cc_acd_evict(a, acd_member(a, member)->queue);
	}
}

void cc_acd_unlist(struct cc_acd *a, int32_t agent)
{
	const struct acd_agent *g = acd_agent(a, agent);

	for (int32_t i = 0; i < g->count; i++) {
		int32_t member = acd_memberships(a)[g->first + i];
		struct cc_tree idle = cc_acd_idle(a, acd_member(a, member)->queue);

		a->steps++;
		cc_tree_remove(&idle, member);
	}
}

static void state_set(struct acd_agent *g, enum cc_agent_call state, int64_t now_ms)
{
	g->state = (uint8_t)state;
	g->call_since_ms = now_ms;
}

static void work_set(struct acd_agent *g, enum cc_work work, const char *reason, int64_t now_ms)
{
	if (g->work != work)
		g->work_since_ms = now_ms;
	g->work = (uint8_t)work;
	cc_utf8_copy(g->reason, sizeof(g->reason), reason);
}

static void call_forget(struct acd_agent *g)
{
	g->queue = ACD_NOT;
	g->visit = 0;
	memset(&g->call, 0, sizeof(g->call));
}

/* ---- signing in, work state, registration ---- */

void cc_acd_signed(struct cc_acd *a, int32_t member, bool on)
{
	struct acd_member *m = acd_member(a, member);
	struct cc_tree idle = cc_acd_idle(a, m->queue);

	if (m->signed_in == on)
		return;
	m->signed_in = on;
	m->paused = 0;
	acd_queue(a, m->queue)->signed_in += on ? 1 : -1;
	duty_set(a, member);
	if (cc_acd_available(a, member))
		cc_tree_insert(&idle, member);
	else
		cc_tree_remove(&idle, member);
}

/* Signs in or out of the agent's i-th queue: whether something changed. */
static bool sign_one(
		struct cc_acd *a, int32_t agent, int32_t member, bool on, const struct cc_acd_by *by)
{
	const struct acd_member *m = acd_member(a, member);
	bool system = !by || by->initiator == CC_BY_SYSTEM;

	if (m->signed_in == on || (m->fixed && !on))
		return false;
	cc_acd_timer_set(a, a->limits.agents + member, 0); /* who signs in is there: no delay is left */
	cc_acd_signed(a, member, on);
	cc_acd_note(a, agent,
			on       ? CC_AGENT_EV_SIGN_IN
			: system ? CC_AGENT_EV_AUTO_SIGN_OUT
					 : CC_AGENT_EV_SIGN_OUT,
			acd_queue(a, m->queue)->number, by);
	return true;
}

static bool by_phone(const struct cc_acd_by *by)
{
	return by && by->initiator == CC_BY_AGENT && strcmp(by->actor, CC_ACD_PHONE) == 0;
}

int cc_acd_browser(
		struct cc_acd *a, const char *agent, bool on, int64_t now_ms, struct cc_acd_out *out)
{
	static const struct cc_acd_by by = {CC_BY_SYSTEM, "browser"};
	int32_t i = cc_acd_agent_find(a, agent);
	struct acd_agent *g;

	cc_acd_advance(a, now_ms);
	if (i < 0)
		return CC_E_NOENT;
	g = acd_agent(a, i);
	g->browser = on;
	if (!on && g->browser_work) {
		cc_acd_unlist(a, i);
		for (int32_t k = g->first; k < g->first + g->count; k++)
			sign_one(a, i, acd_memberships(a)[k], false, &by);
		cc_acd_list(a, i);
	}
	cc_acd_drain(a, out);
	return CC_OK;
}

int cc_acd_sign(struct cc_acd *a, const char *agent, const char *queue, bool on,
		const struct cc_acd_by *by, int64_t now_ms, struct cc_acd_out *out)
{
	int32_t i = cc_acd_agent_find(a, agent), first, count, fixed = 0;
	struct acd_agent *g;
	bool changed = false;

	cc_acd_advance(a, now_ms);
	if (i < 0)
		return CC_E_NOENT;
	g = acd_agent(a, i);
	if (on && (!g->enabled || (g->browser_work && !g->browser && by_phone(by))))
		return CC_E_DENIED;
	first = g->first;
	count = g->count;
	if (queue) {
		int32_t q = cc_acd_queue_find(a, queue);

		count = 0;
		for (int32_t k = g->first; q >= 0 && k < g->first + g->count; k++) {
			if (acd_member(a, acd_memberships(a)[k])->queue == q) {
				first = k;
				count = 1;
			}
		}
	}
	if (count == 0)
		return CC_E_NOENT;
	for (int32_t k = first; k < first + count; k++)
		fixed += acd_member(a, acd_memberships(a)[k])->fixed;
	if (!on && fixed == count)
		return CC_E_DENIED;
	cc_acd_unlist(a, i);
	if (on && g->work == CC_WORK_OFFLINE) {
		work_set(g, CC_WORK_ONLINE, "", now_ms);
		changed = true;
	}
	for (int32_t k = first; k < first + count; k++)
		if (sign_one(a, i, acd_memberships(a)[k], on, by))
			changed = false; /* said */
	if (changed)
		cc_acd_note(a, i, CC_AGENT_EV_SIGN_IN, queue ? queue : "", by);
	cc_acd_list(a, i);
	cc_acd_serve_agent(a, i, now_ms);
	cc_acd_drain(a, out);
	return CC_OK;
}

int cc_acd_pause(struct cc_acd *a, const char *agent, const char *queue, bool on,
		const char *reason, const struct cc_acd_by *by, int64_t now_ms, struct cc_acd_out *out)
{
	int32_t i = cc_acd_agent_find(a, agent), q = cc_acd_queue_find(a, queue), member;
	struct acd_member *m;

	cc_acd_advance(a, now_ms);
	member = i < 0 || q < 0 ? CC_E_NOENT : cc_acd_member_find(a, i, q);
	if (member < 0)
		return CC_E_NOENT;
	m = acd_member(a, member);
	if (!m->signed_in)
		return CC_E_STATE;
	if (m->paused != on) {
		cc_acd_unlist(a, i);
		m->paused = on;
		cc_acd_note_reason(a, i, on ? CC_AGENT_EV_QUEUE_BUSY : CC_AGENT_EV_QUEUE_IDLE, queue,
				on && reason ? reason : "", by);
		cc_acd_list(a, i);
		cc_acd_serve_agent(a, i, now_ms);
	}
	cc_acd_drain(a, out);
	return CC_OK;
}

/* The agent is done with a call of the queue: how long such a call takes (weight 1/8). */
static void handled(struct cc_acd *a, struct acd_agent *g, int64_t now_ms)
{
	struct acd_queue *q = g->queue == ACD_NOT ? NULL : acd_queue(a, g->queue);
	int64_t took = now_ms - g->taken_ms;

	if (q && g->taken_ms)
		q->handle_ms = q->handle_ms ? q->handle_ms + (took - q->handle_ms) / 8 : took;
	g->taken_ms = 0;
}

void cc_acd_wrapup_over(struct cc_acd *a, int32_t agent, const struct cc_acd_by *by, int64_t now_ms)
{
	struct acd_agent *g = acd_agent(a, agent);

	cc_acd_timer_set(a, agent, 0);
	if (g->state != CC_AGENT_WRAPUP)
		return; /* it went on behind another call */
	handled(a, g, now_ms);
	state_set(g, CC_AGENT_IDLE, now_ms);
	cc_acd_note(a, agent, CC_AGENT_EV_WRAPUP_END, NULL, by);
	call_forget(g);
}

int cc_acd_work(struct cc_acd *a, const char *agent, enum cc_work work, const char *reason,
		const struct cc_acd_by *by, int64_t now_ms, struct cc_acd_out *out)
{
	static const enum cc_agent_event events[] = {[CC_WORK_OFFLINE] = CC_AGENT_EV_OFFLINE,
			[CC_WORK_ONLINE] = CC_AGENT_EV_IDLE,
			[CC_WORK_BUSY] = CC_AGENT_EV_BUSY,
			[CC_WORK_AWAY] = CC_AGENT_EV_AWAY};
	bool paused = work == CC_WORK_BUSY || work == CC_WORK_AWAY;
	int32_t i = cc_acd_agent_find(a, agent);
	char text[ACD_REASON];
	struct acd_agent *g;

	cc_acd_advance(a, now_ms);
	if (i < 0)
		return CC_E_NOENT;
	g = acd_agent(a, i);
	if (!g->enabled && work != CC_WORK_OFFLINE)
		return CC_E_DENIED;
	if (work == CC_WORK_ONLINE && cc_acd_held(g))
		return CC_E_STATE;
	cc_utf8_copy(text, sizeof(text), paused && reason ? reason : "");
	cc_acd_unlist(a, i);
	if (!paused)
		cc_acd_wrapup_over(a, i, by, now_ms);
	if (g->work != work || strcmp(g->reason, text) != 0) {
		work_set(g, work, text, now_ms);
		cc_acd_note(a, i, events[work], NULL, by);
	}
	cc_acd_list(a, i);
	cc_acd_serve_agent(a, i, now_ms);
	cc_acd_drain(a, out);
	return CC_OK;
}

int cc_acd_wrapup_end(struct cc_acd *a, const char *agent, const struct cc_acd_by *by,
		int64_t now_ms, struct cc_acd_out *out)
{
	int32_t i = cc_acd_agent_find(a, agent);

	cc_acd_advance(a, now_ms);
	if (i < 0)
		return CC_E_NOENT;
	if (acd_agent(a, i)->state != CC_AGENT_WRAPUP)
		return CC_E_STATE;
	cc_acd_wrapup_over(a, i, by, now_ms);
	cc_acd_list(a, i);
	cc_acd_serve_agent(a, i, now_ms);
	cc_acd_drain(a, out);
	return CC_OK;
}

static enum cc_agent_event phone_state(const struct acd_agent *g)
{
	return g->contacts > 0         ? CC_AGENT_EV_REGISTERED
		   : g->reconnect_until_ms ? CC_AGENT_EV_RECONNECTING
								   : CC_AGENT_EV_UNREGISTERED;
}

int cc_acd_registered(struct cc_acd *a, const char *agent, int32_t contacts, bool lost,
		int64_t now_ms, struct cc_acd_out *out)
{
	int32_t i = cc_acd_agent_find(a, agent);
	enum cc_agent_event was;
	struct acd_agent *g;

	cc_acd_advance(a, now_ms);
	if (i < 0)
		return CC_E_NOENT;
	g = acd_agent(a, i);
	was = phone_state(g);
	cc_acd_unlist(a, i);
	g->contacts = contacts > 0 ? contacts : 0;
	if (was == CC_AGENT_EV_REGISTERED && g->contacts == 0 && lost)
		g->reconnect_until_ms = now_ms + CC_ACD_RECONNECT_MS;
	else if (g->contacts > 0 || now_ms >= g->reconnect_until_ms)
		g->reconnect_until_ms = 0;
	if (was != phone_state(g))
		cc_acd_note(a, i, phone_state(g), NULL, NULL);
	cc_acd_list(a, i);
	cc_acd_serve_agent(a, i, now_ms);
	cc_acd_drain(a, out);
	return CC_OK;
}

/* ---- reservations ---- */

bool cc_acd_take(struct cc_acd *a, int32_t agent, int32_t queue, const struct cc_ulid *call,
		int32_t visit, int64_t now_ms)
{
	struct acd_agent *g = acd_agent(a, agent);
	uint64_t free_word = __atomic_load_n(&g->word, __ATOMIC_ACQUIRE) & ~(uint64_t)UINT32_MAX;
	uint32_t epoch = a->next_epoch + 1 ? a->next_epoch + 1 : 1;

	if (!__atomic_compare_exchange_n(&g->word, &free_word, (uint64_t)epoch << 32 | ACD_HELD, false,
				__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return false;
	a->next_epoch = epoch;
	cc_acd_unlist(a, agent);
	g->queue = queue;
	g->call = *call;
	g->visit = visit;
	g->rang = 0;
	g->taken_ms = now_ms;
	state_set(g, CC_AGENT_RESERVED, now_ms);
	return true;
}

int cc_acd_reserve(struct cc_acd *a, const char *agent, const struct cc_ulid *call, int64_t now_ms,
		uint32_t *epoch, struct cc_acd_out *out)
{
	int32_t i = cc_acd_agent_find(a, agent);

	cc_acd_advance(a, now_ms);
	if (i < 0 || !acd_agent(a, i)->enabled)
		return CC_E_NOENT;
	if (!cc_acd_take(a, i, ACD_NOT, call, 0, now_ms))
		return CC_E_STATE;
	cc_acd_note(a, i, CC_AGENT_EV_RESERVED, NULL, NULL);
	*epoch = cc_acd_epoch(acd_agent(a, i));
	cc_acd_drain(a, out);
	return CC_OK;
}

int cc_acd_call_of(const struct cc_acd *a, const char *agent, struct cc_ulid *call)
{
	int32_t i = cc_acd_agent_find(a, agent);
	const struct acd_agent *g = i < 0 ? NULL : acd_agent(a, i);

	if (!g || (g->state != CC_AGENT_TALKING && g->state != CC_AGENT_HOLD))
		return CC_E_NOENT;
	*call = g->call;
	return CC_OK;
}

/* The agent whose reservation it is, gone or not; CC_E_NOENT, CC_E_STALE. */
static int32_t holder(struct cc_acd *a, const char *agent, uint32_t epoch)
{
	int32_t i = cc_acd_agent_any(a, agent);

	if (i < 0)
		return CC_E_NOENT;
	if (!cc_acd_held(acd_agent(a, i)) || cc_acd_epoch(acd_agent(a, i)) != epoch)
		return CC_E_STALE;
	return i;
}

int cc_acd_ringing(
		struct cc_acd *a, const char *agent, uint32_t epoch, int64_t now_ms, struct cc_acd_out *out)
{
	int32_t i = holder(a, agent, epoch);

	cc_acd_advance(a, now_ms);
	if (i < 0)
		return i;
	if (acd_agent(a, i)->state == CC_AGENT_RESERVED) {
		state_set(acd_agent(a, i), CC_AGENT_RINGING, now_ms);
		acd_agent(a, i)->rang = 1;
		cc_acd_note(a, i, CC_AGENT_EV_RINGING, NULL, NULL);
	}
	cc_acd_drain(a, out);
	return CC_OK;
}

/* The call has found its agent: it waits no longer. */
static void answered(struct cc_acd *a, int32_t agent)
{
	struct acd_agent *g = acd_agent(a, agent);
	int32_t call = g->queue == ACD_NOT ? ACD_NOT : cc_acd_call_find(a, &g->call, g->visit);
	int32_t member = call < 0 ? ACD_NOT : cc_acd_member_find(a, agent, g->queue);

	if (call < 0)
		return;
	g->answered_today++;
	acd_queue(a, g->queue)->answered_today++;
	if (member >= 0)
		acd_queue(a, g->queue)->last = member;
	cc_acd_call_remove(a, call);
}

/* The agent was there, but the customer who was called back for it was not. */
static void unanswered(struct cc_acd *a, struct acd_agent *g)
{
	struct acd_queue *q = g->queue == ACD_NOT ? NULL : acd_queue(a, g->queue);

	if (!q || g->answered_today == 0 || q->answered_today == 0) /* counted yesterday */
		return;
	g->answered_today--;
	q->answered_today--;
	q->abandoned_today++;
}

int cc_acd_talking(
		struct cc_acd *a, const char *agent, uint32_t epoch, int64_t now_ms, struct cc_acd_out *out)
{
	int32_t i = holder(a, agent, epoch);
	struct acd_agent *g;

	if (i < 0) {
		cc_acd_advance(a, now_ms);
		return i;
	}
	/* before anything else that is due: the call must not be granted another agent */
	g = acd_agent(a, i);
	if (g->state == CC_AGENT_RESERVED || g->state == CC_AGENT_RINGING) {
		state_set(g, CC_AGENT_TALKING, now_ms);
		answered(a, i);
		cc_acd_note(a, i, CC_AGENT_EV_TALKING, NULL, NULL);
	}
	cc_acd_advance(a, now_ms);
	cc_acd_drain(a, out);
	return CC_OK;
}

int cc_acd_customer_set(struct cc_acd *a, const char *agent, const struct cc_acd_customer *customer)
{
	int32_t i = cc_acd_agent_any(a, agent);

	if (i < 0)
		return CC_E_NOENT;
	acd_agent(a, i)->customer = *customer;
	return CC_OK;
}

int cc_acd_customer_get(const struct cc_acd *a, const char *agent, struct cc_acd_customer *customer)
{
	int32_t i = cc_acd_agent_find(a, agent);

	if (i < 0 || cc_ulid_is_zero(&acd_agent(a, i)->customer.call))
		return CC_E_NOENT;
	*customer = acd_agent(a, i)->customer;
	return CC_OK;
}

int cc_acd_hold(struct cc_acd *a, const char *agent, uint32_t epoch, bool on, int64_t now_ms,
		struct cc_acd_out *out)
{
	enum cc_agent_call from = on ? CC_AGENT_TALKING : CC_AGENT_HOLD;
	enum cc_agent_call to = on ? CC_AGENT_HOLD : CC_AGENT_TALKING;
	int32_t i = holder(a, agent, epoch);

	cc_acd_advance(a, now_ms);
	if (i < 0)
		return i;
	if (acd_agent(a, i)->state != from && acd_agent(a, i)->state != to)
		return CC_E_STATE;
	if (acd_agent(a, i)->state == from) {
		state_set(acd_agent(a, i), to, now_ms);
		cc_acd_note(a, i, on ? CC_AGENT_EV_HOLD : CC_AGENT_EV_RESUME, NULL, NULL);
	}
	cc_acd_drain(a, out);
	return CC_OK;
}

/* State of an agent whose reservation has just ended. */
static void after_call(struct cc_acd *a, int32_t agent, bool talked, int64_t now_ms)
{
	struct acd_agent *g = acd_agent(a, agent);
	const struct acd_queue *q = g->queue == ACD_NOT ? NULL : acd_queue(a, g->queue);
	bool due = q && g->work != CC_WORK_OFFLINE &&
			   ((q->wrapup == CC_WRAPUP_ANSWERED && talked) ||
					   (q->wrapup == CC_WRAPUP_RINGING && (talked || g->rang)));

	if (due) {
		cc_acd_timer_set(a, agent, q->wrapup_ms > 0 ? now_ms + q->wrapup_ms : INT64_MAX);
		state_set(g, CC_AGENT_WRAPUP, now_ms);
		if (!talked)
			g->taken_ms = 0;
		cc_acd_note(a, agent, CC_AGENT_EV_WRAPUP_START, NULL, NULL);
		return;
	}
	if (talked)
		handled(a, g, now_ms);
	g->taken_ms = 0;
	/* an earlier wrap-up may have gone on behind this call */
	state_set(g, g->wrapup_until_ms ? CC_AGENT_WRAPUP : CC_AGENT_IDLE, now_ms);
	cc_acd_note(a, agent, CC_AGENT_EV_CALL_END, NULL, NULL);
	call_forget(g);
}

int cc_acd_release(struct cc_acd *a, const char *agent, uint32_t epoch, enum cc_outcome outcome,
		int64_t now_ms, struct cc_acd_out *out)
{
	int32_t i = holder(a, agent, epoch), queue, call, member;
	uint64_t word = (uint64_t)epoch << 32 | ACD_HELD;
	bool talked, missed, pause = false;
	struct acd_agent *g;

	cc_acd_advance(a, now_ms);
	if (i < 0)
		return i;
	g = acd_agent(a, i);
	queue = g->queue;
	call = queue == ACD_NOT ? ACD_NOT : cc_acd_call_find(a, &g->call, g->visit);
	member = queue == ACD_NOT ? ACD_NOT : cc_acd_member_find(a, i, queue);
	talked = g->state == CC_AGENT_TALKING || g->state == CC_AGENT_HOLD;
	missed = !talked && outcome != CC_OUT_TALKED && outcome != CC_OUT_CALLER_GONE;
	if (!__atomic_compare_exchange_n(
				&g->word, &word, (uint64_t)epoch << 32, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return CC_E_STALE;
	if (talked)
		g->last_end_ms = now_ms;
	if (talked && outcome != CC_OUT_TALKED)
		unanswered(a, g);
	if (member >= 0 && missed) {
		int32_t delay = acd_queue(a, queue)->retry_delay_ms;

		cc_acd_timer_set(a, a->limits.agents + member,
				now_ms + (delay > CC_ACD_RETRY_MS ? delay : CC_ACD_RETRY_MS));
		pause = acd_queue(a, queue)->auto_pause && g->work == CC_WORK_ONLINE &&
				(outcome == CC_OUT_NOANSWER || outcome == CC_OUT_REJECTED ||
						outcome == CC_OUT_REDIRECTED);
	}
	if (call >= 0)
		cc_acd_call_ungrant(a, call, missed, member >= 0 ? acd_member(a, member)->rank : 0, now_ms);
	after_call(a, i, talked, now_ms);
	if (pause) {
		work_set(g, CC_WORK_BUSY, "no_answer", now_ms);
		cc_acd_note(a, i, CC_AGENT_EV_AUTO_PAUSE, acd_queue(a, queue)->number, NULL);
	}
	cc_acd_list(a, i);
	if (call >= 0) {
		cc_acd_evict(a, queue);
		cc_acd_serve_queue(a, queue, now_ms);
	}
	cc_acd_serve_agent(a, i, now_ms);
	cc_acd_drain(a, out);
	return CC_OK;
}
