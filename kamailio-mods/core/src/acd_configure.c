/* SPDX-License-Identifier: GPL-2.0-or-later
 * New snapshots: what is gone ends in the old records first, then new records are made, and what
 * they share with the old ones by number is carried over. */
#include <stdlib.h>
#include <string.h>
#include "acd_private.h"
#include "cc/err.h"

/* ---- what ends ---- */

/* The agent's index in the snapshot if it goes on. */
static int32_t agent_stays(const struct cc_conf *conf, const struct acd_agent *g)
{
	int32_t i = cc_conf_agent_find(conf, g->number);

	return i >= 0 && cc_conf_agent_at(conf, i)->enabled ? i : CC_E_NOENT;
}

static bool member_stays(const struct cc_acd *a, const struct cc_conf *conf, int32_t member)
{
	const struct acd_member *m = acd_member(a, member);
	int32_t agent = agent_stays(conf, acd_agent(a, m->agent));
	int32_t queue = cc_conf_queue_find(conf, acd_queue(a, m->queue)->number);

	for (int32_t i = 0; agent >= 0 && i < cc_conf_agent_at(conf, agent)->membership_count; i++)
		if (cc_conf_member_at(conf, cc_conf_membership(conf, agent, i))->queue == queue)
			return true;
	return false;
}

static void end_members(struct cc_acd *a, const struct cc_conf *conf)
{
	for (int32_t i = 0; i < a->member_count; i++) {
		const struct acd_member *m = acd_member(a, i);

		if (!m->signed_in || member_stays(a, conf, i))
			continue;
		cc_acd_signed(a, i, false);
		cc_acd_note(a, m->agent, CC_AGENT_EV_AUTO_SIGN_OUT, acd_queue(a, m->queue)->number, NULL);
	}
}

static void end_agents(struct cc_acd *a, const struct cc_conf *conf, int64_t now_ms)
{
	for (int32_t i = 0; i < a->agent_count; i++) {
		struct acd_agent *g = acd_agent(a, i);

		if (g->conf == ACD_NOT || agent_stays(conf, g) >= 0)
			continue;
		cc_acd_wrapup_over(a, i, NULL, now_ms);
		if (g->work == CC_WORK_OFFLINE)
			continue;
		g->work = CC_WORK_OFFLINE;
		g->work_since_ms = now_ms;
		g->reason[0] = '\0';
		cc_acd_note(a, i, CC_AGENT_EV_OFFLINE, NULL, NULL);
	}
}

static void end_queues(struct cc_acd *a, const struct cc_conf *conf)
{
	for (int32_t i = 0; i < a->queue_count; i++) {
		struct cc_tree wait = cc_acd_wait(a, i);
		int32_t queue = cc_conf_queue_find(conf, acd_queue(a, i)->number), call;

		if (queue >= 0 && cc_conf_queue_at(conf, queue)->enabled)
			continue;
		while ((call = cc_tree_at(&wait, 0)) >= 0) {
			cc_acd_note_out(a, acd_call(a, call), CC_CAUSE_QUEUE_EXIT);
			acd_queue(a, i)->abandoned_today++;
			cc_acd_call_remove(a, call);
		}
	}
}

/* ---- new records ---- */

/* Copies of the records before the change. */
struct old
{
	struct acd_agent *agents;
	struct acd_queue *queues;
	struct acd_member *members;
	int32_t *queue_now; /* index of each old queue in the new records */
	int32_t agent_count, queue_count;
};

static bool leaving(const struct cc_conf *conf, const struct acd_agent *g)
{
	return cc_acd_held(g) && cc_conf_agent_find(conf, g->number) < 0;
}

static void fill_agents(struct cc_acd *a, const struct cc_conf *conf, const struct old *old)
{
	int32_t next = 0, k = 0; /* k: agents that are gone but hold a call, in order of numbers too */

	for (int32_t i = 0; i <= conf->agent_count; i++) {
		const struct cc_conf_agent *c = i < conf->agent_count ? cc_conf_agent_at(conf, i) : NULL;
		struct acd_agent *g;
		int32_t was;

		for (; k < old->agent_count && (!c || strcmp(old->agents[k].number, c->number) < 0); k++) {
			if (!leaving(conf, &old->agents[k]))
				continue;
			g = acd_agent(a, next++);
			*g = old->agents[k];
			g->conf = ACD_NOT;
			g->enabled = 0;
		}
		if (!c)
			break;
		g = acd_agent(a, next++);
		was = cc_numbered_find(old->agents, sizeof(*old->agents), old->agent_count, c->number);
		if (was >= 0)
			*g = old->agents[was];
		else
			*g = (struct acd_agent){.queue = ACD_NOT};
		memcpy(g->number, c->number, sizeof(g->number));
		memcpy(g->name, c->name, sizeof(g->name));
		g->conf = i;
		g->enabled = c->enabled;
		g->browser_work = c->browser_work;
	}
	a->agent_count = next;
}

/* FNV-1a */
static uint64_t print_add(uint64_t h, const void *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ ((const unsigned char *)data)[i]) * 1099511628211u;
	return h;
}

/* Of everything that is saved with a queue: its settings and its list. */
static uint64_t queue_print(const struct cc_conf *conf, const struct cc_conf_queue *c)
{
	uint64_t h = print_add(14695981039346656037u, c, offsetof(struct cc_conf_queue, member_first));

	for (int32_t i = c->member_first; i < c->member_first + c->member_count; i++) {
		const struct cc_conf_member *m = cc_conf_member_at(conf, i);

		h = print_add(h, cc_conf_agent_at(conf, m->agent)->number,
				sizeof(((struct cc_conf_agent *)0)->number));
		h = print_add(h, &m->priority, sizeof(m->priority));
	}
	return h;
}

static void fill_queues(struct cc_acd *a, const struct cc_conf *conf, const struct old *old)
{
	for (int32_t i = 0; i < conf->queue_count; i++) {
		const struct cc_conf_queue *c = cc_conf_queue_at(conf, i);
		int32_t was =
				cc_numbered_find(old->queues, sizeof(*old->queues), old->queue_count, c->number);
		struct acd_queue *q = acd_queue(a, i);
		uint64_t print = queue_print(conf, c);

		if (was >= 0) {
			*q = old->queues[was];
			old->queue_now[was] = i;
		} else {
			*q = (struct acd_queue){.last = ACD_NOT};
		}
		/* an unchanged list has the same members in the same places */
		q->last = q->print == print && q->last != ACD_NOT ? c->member_first + q->last - q->first
														  : ACD_NOT;
		q->print = print;
		memcpy(q->number, c->number, sizeof(q->number));
		memcpy(q->name, c->name, sizeof(q->name));
		q->enabled = c->enabled;
		q->strategy = (uint8_t)c->strategy;
		q->wrapup = (uint8_t)c->wrapup;
		q->join_empty = c->join_empty;
		q->auto_pause = c->auto_pause;
		q->max_waiting = c->max_waiting;
		q->retry_delay_ms = c->retry_delay_ms;
		q->wrapup_ms = c->wrapup_ms;
		q->leave_empty = c->leave_empty;
		q->no_agent = c->no_agent_overflow;
		q->relax_ms = c->relax_ms;
	}
	a->queue_count = conf->queue_count;
}

/* The member before the change with this queue and agent; NULL: none. */
static const struct acd_member *member_was(
		const struct cc_acd *a, const struct old *old, int32_t queue, const struct acd_agent *g)
{
	int32_t was = cc_numbered_find(old->agents, sizeof(*old->agents), old->agent_count, g->number);

	for (int32_t i = 0; was >= 0 && i < old->agents[was].count; i++) {
		const struct acd_member *m = &old->members[acd_memberships(a)[old->agents[was].first + i]];

		if (old->queue_now[m->queue] == queue)
			return m;
	}
	return NULL;
}

static void fill_members(struct cc_acd *a, const struct cc_conf *conf, const struct old *old)
{
	for (int32_t i = 0; i < conf->member_count; i++) {
		const struct cc_conf_member *c = cc_conf_member_at(conf, i);
		int32_t agent = cc_acd_agent_find(a, cc_conf_agent_at(conf, c->agent)->number);
		const struct acd_member *was = member_was(a, old, c->queue, acd_agent(a, agent));
		struct acd_member *m = acd_member(a, i);

		*m = (struct acd_member){.queue = c->queue,
				.agent = agent,
				.rank = c->gap * ACD_GAP + c->priority,
				.fixed = c->fixed,
				.signed_in = was ? was->signed_in : 0,
				.paused = was ? was->paused : 0,
				.retry_at_ms = was ? was->retry_at_ms : 0};
	}
	a->member_count = conf->member_count;
}

/* Indexes that point to queues and agents from outside their tables. */
static void remap(struct cc_acd *a, const struct old *old)
{
	for (int32_t i = 0; i < a->agent_count; i++) {
		struct acd_agent *g = acd_agent(a, i);

		if (g->queue != ACD_NOT)
			g->queue = old->queue_now[g->queue];
	}
	for (int32_t i = 0; i < a->limits.waiting; i++) {
		struct acd_call *c = acd_call(a, i);

		if (c->queue != ACD_NOT)
			c->queue = old->queue_now[c->queue];
		c->tried_count = 0;
	}
}

/* Skills may count otherwise now. */
static void relax_again(struct cc_acd *a, int64_t now_ms)
{
	struct cc_tree timers = cc_acd_timers(a);

	for (int32_t i = 0; i < a->limits.waiting; i++) {
		if (acd_call(a, i)->queue == ACD_NOT)
			continue;
		cc_tree_remove(&timers, a->limits.agents + a->limits.memberships + i);
		acd_call(a, i)->above = 0; /* ranks are others now */
		cc_acd_call_relax(a, i, now_ms);
	}
}

static void sign_static(struct cc_acd *a)
{
	for (int32_t i = 0; i < a->member_count; i++) {
		const struct acd_member *m = acd_member(a, i);

		if (!m->fixed || m->signed_in || !acd_agent(a, m->agent)->enabled)
			continue;
		cc_acd_signed(a, i, true);
		cc_acd_note(a, m->agent, CC_AGENT_EV_SIGN_IN, acd_queue(a, m->queue)->number, NULL);
	}
}

int cc_acd_configure(
		struct cc_acd *a, const struct cc_conf *conf, int64_t now_ms, struct cc_acd_out *out)
{
	int32_t agents = conf->agent_count;
	struct old old = {0};
	int err = CC_E_FULL;

	cc_acd_advance(a, now_ms);
	for (int32_t i = 0; i < a->agent_count; i++)
		agents += leaving(conf, acd_agent(a, i));
	if (agents > a->limits.agents || conf->queue_count > a->limits.queues ||
			conf->member_count > a->limits.memberships)
		goto out;
	err = CC_E_NOMEM;
	old.queue_now = malloc(((size_t)a->queue_count + 1) * sizeof(*old.queue_now));
	old.members = malloc(((size_t)a->member_count + 1) * sizeof(*old.members));
	old.agents = malloc(((size_t)a->agent_count + 1) * sizeof(*old.agents));
	old.queues = malloc(((size_t)a->queue_count + 1) * sizeof(*old.queues));
	if (!old.queue_now || !old.members || !old.agents || !old.queues)
		goto out;
	end_members(a, conf);
	end_agents(a, conf, now_ms);
	end_queues(a, conf);
	memcpy(old.members, acd_member(a, 0), (size_t)a->member_count * sizeof(*old.members));
	memcpy(old.agents, acd_agent(a, 0), (size_t)a->agent_count * sizeof(*old.agents));
	memcpy(old.queues, acd_queue(a, 0), (size_t)a->queue_count * sizeof(*old.queues));
	old.agent_count = a->agent_count;
	old.queue_count = a->queue_count;
	for (int32_t i = 0; i < old.queue_count; i++)
		old.queue_now[i] = ACD_NOT;
	fill_agents(a, conf, &old);
	fill_queues(a, conf, &old);
	fill_members(a, conf, &old);
	remap(a, &old);
	cc_acd_rebuild(a);
	relax_again(a, now_ms);
	if (strcmp(a->zone, conf->timezone) != 0) {
		strcpy(a->zone, conf->timezone);
		a->midnight_ms = cc_acd_midnight(a, now_ms);
	}
	sign_static(a);
	for (int32_t i = 0; i < a->queue_count; i++) {
		cc_acd_evict(a, i);
		cc_acd_serve_queue(a, i, now_ms);
	}
	cc_acd_drain(a, out);
	err = CC_OK;
out:
	free(old.queue_now);
	free(old.members);
	free(old.agents);
	free(old.queues);
	return err;
}
