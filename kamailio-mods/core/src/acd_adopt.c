/* SPDX-License-Identifier: GPL-2.0-or-later
 * Taking over the block of an earlier process. Its file may be torn or hostile: only records are
 * believed, each field after a check; all indexes are made anew. */
#include <string.h>
#include "acd_private.h"
#include "cc/err.h"

#define NUMBERS_MAX 100000000 /* a limit or a count of the day beyond this is damage */
#define AHEAD_MS (2 * 24 * 60 * 60 * 1000LL)

static bool text_good(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static bool count_good(int32_t n)
{
	return n >= 0 && n <= NUMBERS_MAX;
}

/* Times of the past and of timers that run at most a day. */
static bool time_good(int64_t at, int64_t now_ms)
{
	return at >= 0 && at <= now_ms + AHEAD_MS;
}

static bool layout_good(const struct cc_acd *a, size_t bytes, uint32_t tenant)
{
	const struct cc_acd_limits *l = &a->limits;
	struct cc_acd own = {0};

	if (bytes < sizeof(*a) || !count_good(l->agents) || !count_good(l->queues) ||
			!count_good(l->memberships) || !count_good(l->waiting))
		return false;
	cc_acd_layout(&own, l);
	return a->magic == own.magic && a->bytes == own.bytes && own.bytes <= bytes &&
		   a->tenant == tenant &&
		   memcmp(&a->agents, &own.agents, sizeof(own) - offsetof(struct cc_acd, agents)) == 0;
}

static bool head_good(const struct cc_acd *a, int64_t now_ms)
{
	return a->agent_count >= 0 && a->agent_count <= a->limits.agents && a->queue_count >= 0 &&
		   a->queue_count <= a->limits.queues && a->member_count >= 0 &&
		   a->member_count <= a->limits.memberships && text_good(a->zone, sizeof(a->zone)) &&
		   (a->midnight_ms == INT64_MAX || time_good(a->midnight_ms, now_ms));
}

static bool agent_good(const struct cc_acd *a, int32_t i, int64_t now_ms)
{
	const struct acd_agent *g = acd_agent(a, i);

	return text_good(g->number, sizeof(g->number)) && text_good(g->name, sizeof(g->name)) &&
		   text_good(g->reason, sizeof(g->reason)) &&
		   text_good(g->customer.number, sizeof(g->customer.number)) &&
		   (i == 0 || strcmp(g[-1].number, g->number) < 0) && g->enabled <= 1 &&
		   g->browser_work <= 1 && g->browser <= 1 && g->work <= CC_WORK_AWAY &&
		   g->state <= CC_AGENT_WRAPUP && g->conf >= ACD_NOT && g->conf < a->agent_count &&
		   count_good(g->contacts) && count_good(g->answered_today) &&
		   time_good(g->last_end_ms, now_ms) && time_good(g->work_since_ms, now_ms) &&
		   time_good(g->call_since_ms, now_ms) && time_good(g->taken_ms, now_ms) &&
		   time_good(g->reconnect_until_ms, now_ms) &&
		   (g->wrapup_until_ms == INT64_MAX || time_good(g->wrapup_until_ms, now_ms)) &&
		   g->queue >= ACD_NOT && g->queue < a->queue_count;
}

static bool queue_good(const struct cc_acd *a, int32_t i)
{
	const struct acd_queue *q = acd_queue(a, i);

	return text_good(q->number, sizeof(q->number)) && text_good(q->name, sizeof(q->name)) &&
		   (i == 0 || strcmp(q[-1].number, q->number) < 0) && q->enabled <= 1 &&
		   q->join_empty <= 1 && q->auto_pause <= 1 && q->leave_empty <= 1 && q->no_agent <= 1 &&
		   count_good(q->relax_ms) && q->handle_ms >= 0 && q->handle_ms <= AHEAD_MS &&
		   q->strategy <= CC_STRATEGY_RING_ALL && q->wrapup <= CC_WRAPUP_RINGING &&
		   count_good(q->max_waiting) && count_good(q->retry_delay_ms) &&
		   count_good(q->wrapup_ms) && count_good(q->answered_today) &&
		   count_good(q->abandoned_today) && q->last >= ACD_NOT && q->last < a->member_count;
}

static bool member_good(const struct cc_acd *a, int32_t i, int64_t now_ms)
{
	const struct acd_member *m = acd_member(a, i);

	return m->queue >= 0 && m->queue < a->queue_count && m->agent >= 0 &&
		   m->agent < a->agent_count && (i == 0 || m[-1].queue <= m->queue) && m->rank > 0 &&
		   m->rank < (CC_SKILL_LEVELS + 1) * ACD_GAP && m->fixed <= 1 && m->signed_in <= 1 &&
		   m->paused <= 1 && m->duty <= 1 && time_good(m->retry_at_ms, now_ms);
}

static bool records_good(const struct cc_acd *a, int64_t now_ms)
{
	for (int32_t i = 0; i < a->agent_count; i++)
		if (!agent_good(a, i, now_ms))
			return false;
	for (int32_t i = 0; i < a->queue_count; i++)
		if (!queue_good(a, i))
			return false;
	for (int32_t i = 0; i < a->member_count; i++)
		if (!member_good(a, i, now_ms))
			return false;
	return true;
}

/* After the rebuild: what only the indexes show. */
static bool lists_good(const struct cc_acd *a)
{
	for (int32_t i = 0; i < a->agent_count; i++) {
		const struct acd_agent *g = acd_agent(a, i);

		for (int32_t k = g->first + 1; k < g->first + g->count; k++)
			if (acd_member(a, acd_memberships(a)[k - 1])->queue ==
					acd_member(a, acd_memberships(a)[k])->queue)
				return false;
	}
	for (int32_t i = 0; i < a->queue_count; i++) {
		const struct acd_queue *q = acd_queue(a, i);

		if (q->last != ACD_NOT && (q->last < q->first || q->last >= q->first + q->count))
			return false;
	}
	return true;
}

/* Nobody holds the agent any more. */
static void agent_reset(struct cc_acd *a, struct acd_agent *g, int64_t now_ms)
{
	uint32_t epoch = cc_acd_epoch(g);
	bool wrapup = g->state == CC_AGENT_WRAPUP && g->wrapup_until_ms != 0;

	if (epoch > a->next_epoch)
		a->next_epoch = epoch;
	__atomic_store_n(&g->word, (uint64_t)epoch << 32, __ATOMIC_RELEASE);
	g->rang = g->lost = 0;
	if (wrapup)
		return;
	g->lost = g->state;
	if (g->state == CC_AGENT_TALKING || g->state == CC_AGENT_HOLD)
		g->last_end_ms = now_ms;
	if (g->state != CC_AGENT_IDLE)
		g->call_since_ms = now_ms;
	g->state = CC_AGENT_IDLE;
	g->wrapup_until_ms = g->taken_ms = 0;
	g->queue = ACD_NOT;
	g->visit = 0;
	memset(&g->call, 0, sizeof(g->call));
}

int cc_acd_adopt(struct cc_acd *a, size_t bytes, uint32_t tenant, int64_t now_ms)
{
	if (!layout_good(a, bytes, tenant) || !head_good(a, now_ms) || !records_good(a, now_ms))
		return CC_E_CORRUPT;
	a->item_first = a->item_count = 0;
	for (int32_t i = 0; i < a->agent_count; i++)
		agent_reset(a, acd_agent(a, i), now_ms);
	for (int32_t i = 0; i < a->limits.waiting; i++)
		acd_call(a, i)->queue = ACD_NOT;
	cc_acd_rebuild(a);
	return lists_good(a) ? CC_OK : CC_E_CORRUPT;
}

int cc_acd_restore(struct cc_acd *a, const struct cc_acd_talk *talk)
{
	int32_t i = cc_acd_agent_any(a, talk->agent);
	struct acd_agent *g = i < 0 ? NULL : acd_agent(a, i);

	if (!g)
		return CC_E_NOENT;
	if (cc_acd_held(g))
		return CC_E_STATE;
	cc_acd_unlist(a, i);
	if (talk->epoch > a->next_epoch)
		a->next_epoch = talk->epoch;
	__atomic_store_n(&g->word, (uint64_t)talk->epoch << 32 | ACD_HELD, __ATOMIC_RELEASE);
	g->queue = talk->queue[0] ? cc_acd_queue_find(a, talk->queue) : ACD_NOT;
	if (g->queue < 0)
		g->queue = ACD_NOT;
	g->call = talk->call;
	g->visit = talk->visit;
	g->state = g->lost == CC_AGENT_HOLD ? CC_AGENT_HOLD : CC_AGENT_TALKING;
	g->call_since_ms = talk->since_ms;
	g->rang = 1;
	g->lost = 0;
	return CC_OK;
}

void cc_acd_restored(struct cc_acd *a, int64_t now_ms, struct cc_acd_out *out)
{
	cc_acd_advance(a, now_ms);
	for (int32_t i = 0; i < a->agent_count; i++) {
		struct acd_agent *g = acd_agent(a, i);

		if (g->lost && !cc_acd_held(g))
			cc_acd_note(a, i, CC_AGENT_EV_CALL_END, NULL, NULL);
		g->lost = 0;
	}
	for (int32_t i = 0; i < a->agent_count; i++)
		cc_acd_serve_agent(a, i, now_ms);
	cc_acd_drain(a, out);
}
