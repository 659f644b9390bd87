/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the modules do: inboxes, one runner per call, actions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cc/err.h"
#include "cc/utf8.h"
#include "world.h"

/* ---- inboxes ---- */

void sim_post(int call, uint32_t life, const struct cc_call_input *in, uint32_t leg_life)
{
	struct sim_call *c = &world.calls[call];

	if (!c->used || c->life != life)
		return;
	if (c->count == INBOX) {
		sim_fail("the inbox of call %d overflows", call);
		return;
	}
	c->inbox[(c->first + c->count++) % INBOX] = (struct letter){*in, leg_life};
	if (!c->run_due) {
		c->run_due = true;
		/* another process is the runner: what other calls do comes between */
		sim_later(sim_below(30), (struct event){.kind = EVENT_RUN, .call = call, .life = life});
	}
}

/* ---- the ACD and what follows from it ---- */

struct cc_acd_out *sim_acd(void)
{
	world.out.count = world.out.text_len = 0;
	world.out.more = false;
	return &world.out;
}

void sim_due(void)
{
	int64_t next;

	cc_acd_tick(world.acd, world.now, sim_acd(), &next);
	sim_acd_done();
}

struct sim_agent *sim_agent(const char *number)
{
	int i = atoi(number) - AGENT_BASE;

	if (i >= 0 && i < world.agent_count)
		return &world.agents[i];
	sim_fail("unknown agent %s", number);
	return &world.agents[0];
}

int sim_queue_of(const char *number)
{
	int i = atoi(number) - QUEUE_BASE;

	if (i >= 0 && i < world.options->queues)
		return i;
	sim_fail("unknown queue %s", number);
	return 0;
}

void sim_touch(int queue)
{
	if (world.queues[queue].touched)
		return;
	world.queues[queue].touched = true;
	world.touched[world.touched_count++] = queue;
}

void sim_touch_agent(const char *number)
{
	const struct cc_conf *conf = cc_conf_by_id(world.set, TENANT);
	int32_t agent = cc_conf_agent_find(conf, number);

	for (int32_t i = 0; agent >= 0 && i < cc_conf_agent_at(conf, agent)->membership_count; i++) {
		int32_t member = cc_conf_membership(conf, agent, i);

		sim_touch(sim_queue_of(
				cc_conf_queue_at(conf, cc_conf_member_at(conf, member)->queue)->number));
	}
}

void sim_wait(int call, bool on)
{
	struct sim_call *c = &world.calls[call];
	struct sim_queue *q = &world.queues[c->queue_index];

	if (c->waiting == on)
		return;
	c->waiting = on;
	world.waiting += on ? 1 : -1;
	sim_touch(c->queue_index);
	if (on) {
		if (q->count == q->room) {
			q->room = q->room ? 2 * q->room : 8;
			q->calls = realloc(q->calls, (size_t)q->room * sizeof(*q->calls));
			if (!q->calls)
				abort();
		}
		q->calls[q->count++] = call;
		return;
	}
	for (int i = 0; i < q->count; i++)
		if (q->calls[i] == call) {
			q->calls[i] = q->calls[--q->count];
			return;
		}
}

/* The place of a call is part of its id. */
static int call_find(const struct cc_ulid *id)
{
	int call;

	memcpy(&call, id->b + 12, sizeof(call));
	if (call >= 0 && call < world.options->calls && world.calls[call].used &&
			cc_ulid_equal(&world.calls[call].core.id, id))
		return call;
	return NOBODY;
}

/* An agent is given back: what the simulator knows first, then the ACD. */
static int let_agent_go(
		const char *agent, uint32_t epoch, enum cc_outcome outcome, struct cc_acd_out *out)
{
	struct sim_agent *g = sim_agent(agent);
	bool held = g->holder != NOBODY && g->epoch == epoch;
	struct sim_call *was = held && g->holder >= 0 ? &world.calls[g->holder] : NULL;
	int rc;

	if (held) {
		if (was && was->life == g->holder_life) {
			was->held--;
			was->granted -= !g->beside && g->last_visit == was->visit;
		}
		if (was && !g->beside)
			g->last_ms = world.now;
		g->served += g->talking;
		world.reserved--;
		world.talking -= g->talking;
		g->holder = NOBODY;
		g->talking = false;
		g->released_ms = world.now;
		sim_touch_agent(agent);
	}
	if (was && !g->beside && g->last_visit == was->visit && outcome != CC_OUT_TALKED &&
			outcome != CC_OUT_CALLER_GONE)
		check_missed(was);
	rc = cc_acd_release(world.acd, agent, epoch, outcome, world.now, out);
	if ((rc == 0) != held)
		sim_fail("release of agent %s: %d", agent, rc);
	return rc;
}

static void effect_grant(const struct cc_acd_effect *e)
{
	struct sim_agent *g = sim_agent(e->agent_number);
	struct cc_call_input in = {.kind = CC_IN_GRANT, .epoch = e->epoch, .count = e->visit};
	int call = call_find(&e->call);
	struct sim_call *c;

	sim_trace("grant agent %s epoch %u call %d", e->agent_number, e->epoch, call);
	world.result->grants++;
	if (g->holder != NOBODY)
		sim_fail("agent %s is granted to call %d and is held by %d", g->number, call, g->holder);
	if (call == NOBODY) {
		sim_fail("agent %s is granted to a call that is over", g->number);
		return;
	}
	c = &world.calls[call];
	if (c->ending)
		sim_fail("agent %s is granted to call %d, which is ending", g->number, call);
	if (!c->waiting || c->visit != e->visit)
		sim_fail("agent %s is granted to call %d, which does not wait", g->number, call);
	check_grant(c, g);
	g->last_life = c->life;
	g->last_visit = c->visit;
	g->holder = call;
	g->holder_life = c->life;
	g->epoch = e->epoch;
	g->beside = false;
	c->granted++;
	c->held++;
	world.reserved++;
	sim_touch_agent(g->number);
	snprintf(in.text, sizeof(in.text), "%s", e->agent_number);
	sim_post(call, c->life, &in, 0);
}

static int64_t later_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void sim_acd_done(void)
{
	static struct cc_acd_out done;
	int64_t next;
	bool more;

	do {
		done.count = world.out.count;
		memcpy(done.e, world.out.e, (size_t)done.count * sizeof(done.e[0]));
		memcpy(done.text, world.out.text, (size_t)world.out.text_len);
		more = world.out.more;
		sim_acd();
		for (int i = 0; i < done.count && !world.result->error[0]; i++) {
			const struct cc_acd_effect *e = &done.e[i];
			int call;

			switch (e->kind) {
			case CC_ACD_EVENT:
				check_event(e->event, done.text + e->off, e->len);
				break;
			case CC_ACD_GRANT:
				effect_grant(e);
				break;
			case CC_ACD_OUT:
				call = call_find(&e->call);
				if (call != NOBODY) {
					struct cc_call_input in = {
							.kind = CC_IN_QUEUE_OUT, .count = e->visit, .cause = e->cause};

					sim_post(call, world.calls[call].life, &in, 0);
					if (world.calls[call].visit == e->visit)
						sim_wait(call, false);
				}
				break;
			}
		}
		if (more)
			cc_acd_tick(world.acd, world.now, &world.out, &next);
	} while (more && !world.result->error[0]);
	cc_acd_tick(world.acd, world.now, sim_acd(), &next);
	if (world.out.count)
		sim_acd_done();
	else if (next < world.acd_next) {
		world.acd_next = later_of(next, world.now);
		sim_later(world.acd_next - world.now, (struct event){.kind = EVENT_ACD});
	}
}

void sim_release(const char *agent, uint32_t epoch, enum cc_outcome outcome)
{
	sim_due();
	let_agent_go(agent, epoch, outcome, sim_acd());
	sim_acd_done();
}

/* ---- actions ---- */

static void dial(int call, const struct cc_call_action *a)
{
	struct sim_call *c = &world.calls[call];
	struct cc_call_input in = {.kind = CC_IN_DIALLED, .agent = a->agent, .epoch = a->epoch};
	int phones = world.options->fair ? 1 : sim_chance(90) ? 1 + (int)sim_below(3) : 0;

	if (a->mobile) { /* trunks by chance */
		phones = a->visit < 3 && phones > 0;
		in.other = a->visit + 1;
		in.code = phones ? 0 : 503;
		world.result->mobiles++;
	}
	for (int i = 0; i < phones; i++) {
		int leg = sim_leg_new(call, CC_ROLE_AGENT, false, a->agent, a->epoch);

		if (leg < 0)
			break;
		in.count++;
		sim_phone_rings(call, leg);
	}
	/* mostly at once, but what the phones do may be quicker */
	if (sim_chance(80))
		sim_post(call, c->life, &in, 0);
	else
		sim_later(sim_below(500),
				(struct event){.kind = EVENT_INPUT, .call = call, .life = c->life, .in = in});
}

static void queue_enter(int call, const struct cc_call_action *a)
{
	struct sim_call *c = &world.calls[call];
	struct cc_acd_caller caller = {.call = c->core.id, .visit = a->visit, .priority = a->priority};
	struct cc_call_input in = {.kind = CC_IN_QUEUE_OUT, .count = a->visit};
	int rc;

	strcpy(c->queue, cc_conf_queue_at(c->core.conf, a->queue)->number);
	strcpy(caller.from, c->core.from);
	c->visit = a->visit;
	c->priority = a->priority;
	c->order = ++world.orders;
	c->pause_ms = 0;
	c->granted = 0; /* what was granted to an earlier visit goes back */
	c->queue_index = sim_queue_of(c->queue);
	sim_due(); /* others may be served before it is there */
	sim_wait(call, true);
	rc = cc_acd_enter(world.acd, c->queue, &caller, world.now, sim_acd());
	sim_trace("call %d enters %s: %d", call, c->queue, rc);
	if (rc < 0)
		sim_wait(call, false);
	sim_acd_done();
	if (rc == 0)
		return;
	in.cause = rc == CC_E_STATE  ? CC_CAUSE_QUEUE_JOIN_EMPTY
			   : rc == CC_E_FULL ? CC_CAUSE_QUEUE_FULL_OVERFLOW
								 : CC_CAUSE_QUEUE_EXIT;
	sim_post(call, c->life, &in, 0);
}

static const char *number_of(const struct sim_call *c, int agent)
{
	return cc_conf_agent_at(c->core.conf, agent)->number;
}

/* A way to an agent beside the queues. */
void sim_reserve(int call, int agent)
{
	struct sim_call *c = &world.calls[call];
	struct sim_agent *g = sim_agent(number_of(c, agent));
	struct cc_call_input in = {.kind = CC_IN_GRANT, .agent = agent};

	snprintf(in.text, sizeof(in.text), "%s", g->number);
	sim_due();
	in.code = cc_acd_reserve(world.acd, g->number, &c->core.id, world.now, &in.epoch, sim_acd());
	if (in.code == 0 && g->holder != NOBODY)
		sim_fail("agent %s is reserved twice", g->number);
	if (in.code == 0) {
		g->holder = call;
		g->holder_life = c->life;
		g->epoch = in.epoch;
		g->beside = true;
		c->held++;
		world.reserved++;
		world.result->directs++;
		sim_touch_agent(g->number);
	} else {
		in.kind = CC_IN_REFUSED;
	}
	sim_acd_done();
	sim_post(call, c->life, &in, 0);
}

/* The customer who wanted a call back. */
static void dial_caller(int call)
{
	struct sim_call *c = &world.calls[call];
	struct cc_call_input in = {.kind = CC_IN_DIALLED, .agent = -1};
	int leg = ++world.result->callbacks && sim_chance(90)
					  ? sim_leg_new(call, CC_ROLE_CALLER, false, -1, 0)
					  : -1;

	if (leg < 0)
		sim_post(call, c->life, &in, 0);
	else
		sim_phone_rings(call, leg);
}

/* An agent calls outside: trunks by chance. */
static void dial_out(int call, const struct cc_call_action *a)
{
	struct sim_call *c = &world.calls[call];
	struct cc_call_input in = {
			.kind = CC_IN_DIALLED, .agent = -1, .count = a->visit + 1, .text = "carrier"};
	int leg = a->visit < 3 && sim_chance(90) ? sim_leg_new(call, CC_ROLE_CALLEE, false, -1, 0) : -1;

	world.result->outbound++;
	if (leg < 0)
		in.count = 0;
	sim_post(call, c->life, &in, 0);
	if (leg >= 0)
		sim_phone_rings(call, leg);
}

static void command(int call, const struct cc_call_action *a)
{
	static const struct cc_acd_by by = {CC_BY_AGENT, "phone"};
	struct sim_call *c = &world.calls[call];
	const char *agent = number_of(c, a->agent);
	struct cc_call_input in = {.kind = CC_IN_COMMAND_DONE};

	if (a->code == CC_CODE_SIGN_IN || a->code == CC_CODE_SIGN_OUT)
		in.code = cc_acd_sign(
				world.acd, agent, NULL, a->code == CC_CODE_SIGN_IN, &by, world.now, sim_acd());
	else
		in.code = cc_acd_work(world.acd, agent,
				a->code == CC_CODE_IDLE ? CC_WORK_ONLINE : CC_WORK_BUSY, "", &by, world.now,
				sim_acd());
	sim_acd_done();
	sim_post(call, c->life, &in, 0);
}

static void carry_out(int call, const struct cc_call_action *a)
{
	struct sim_call *c = &world.calls[call];
	struct cc_call_input in = {0};
	struct cc_acd_customer last = {0};
	int32_t waiting;

	switch (a->kind) {
	case CC_ACT_ANSWER:
		if (world.options->fair || sim_chance(95))
			sim_leg_later(
					call, a->leg, sim_below(500), (struct cc_call_input){.kind = CC_IN_LEG_UP});
		else if (sim_chance(50))
			sim_leg_later(call, a->leg, sim_below(500),
					(struct cc_call_input){.kind = CC_IN_LEG_FAILED, .code = 500, .text = "media"});
		break;
	case CC_ACT_HANGUP:
		if (!c->leg_life[a->leg])
			sim_fail("call %d hangs up leg %d, which is not there", call, a->leg);
		c->leg_life[a->leg] = 0;
		break;
	case CC_ACT_DIAL_AGENT:
		dial(call, a);
		break;
	case CC_ACT_PLAY:
		if (a->layer == CC_LAYER_PROMPT && !sim_chance(1))
			sim_leg_later(call, a->leg, sim_below(4000),
					(struct cc_call_input){.kind = CC_IN_PLAY_DONE, .token = a->token});
		break;
	case CC_ACT_RECORD:
		if (c->recording == a->on)
			sim_fail("call %d: recording is switched twice", call);
		c->recording = a->on;
		break;
	case CC_ACT_WATCH: /* the caller falls silent, now and then */
		if (a->quiet_ms && sim_chance(30))
			sim_leg_later(call, a->leg, a->quiet_ms + sim_below(20000),
					(struct cc_call_input){.kind = CC_IN_QUIET, .wait_ms = a->quiet_ms});
		break;
	case CC_ACT_QUEUE_ENTER:
		queue_enter(call, a);
		break;
	case CC_ACT_QUEUE_LEAVE:
		sim_wait(call, false);
		cc_acd_leave(world.acd, &c->core.id, a->visit, world.now, sim_acd());
		sim_acd_done();
		break;
	case CC_ACT_QUEUE_POSITION:
		in.kind = CC_IN_POSITION;
		in.count = cc_acd_position(world.acd, &c->core.id, c->core.visit, &waiting);
		in.wait_ms = cc_acd_estimate(world.acd, &c->core.id, c->core.visit);
		sim_post(call, c->life, &in, 0);
		break;
	case CC_ACT_LOOK_UP: /* sometimes nobody answers */
		in.kind = CC_IN_LOOKED_UP;
		in.code = (int32_t)sim_below(3);
		if (sim_chance(90))
			sim_post(call, c->life, &in, 0);
		break;
	case CC_ACT_AGENT_RESERVE:
		sim_reserve(call, a->agent);
		break;
	case CC_ACT_DIAL_CALLER:
		dial_caller(call);
		break;
	case CC_ACT_DIAL_OUT:
		dial_out(call, a);
		break;
	case CC_ACT_AGENT_RINGING:
		cc_acd_ringing(world.acd, number_of(c, a->agent), a->epoch, world.now, sim_acd());
		sim_acd_done();
		break;
	case CC_ACT_AGENT_HOLD:
		if (cc_acd_hold(world.acd, number_of(c, a->agent), a->epoch, a->on, world.now, sim_acd()) <
				0)
			sim_fail("call %d holds agent %s, who does not talk", call, number_of(c, a->agent));
		sim_acd_done();
		break;
	case CC_ACT_AGENT_TALKING:
		world.talking += !sim_agent(number_of(c, a->agent))->talking;
		sim_agent(number_of(c, a->agent))->talking = true;
		/* the ACD takes it out of its queue */
		if (!sim_agent(number_of(c, a->agent))->beside)
			sim_wait(call, false);
		sim_touch_agent(number_of(c, a->agent));
		if (cc_acd_talking(world.acd, number_of(c, a->agent), a->epoch, world.now, sim_acd()) < 0)
			sim_fail("call %d talks to agent %s, who is not its own", call, number_of(c, a->agent));
		last.call = c->core.id;
		cc_utf8_copy(last.number, sizeof(last.number), cc_call_customer(&c->core));
		cc_acd_customer_set(world.acd, number_of(c, a->agent), &last);
		sim_acd_done();
		break;
	case CC_ACT_AGENT_RELEASE:
		sim_trace("call %d releases agent %s epoch %u outcome %d", call, number_of(c, a->agent),
				a->epoch, a->outcome);
		sim_release(number_of(c, a->agent), a->epoch, a->outcome);
		break;
	case CC_ACT_AGENT_COMMAND:
		command(call, a);
		break;
	case CC_ACT_AGENT_LAST:
		in.kind = CC_IN_COMMAND_DONE;
		in.code = cc_acd_customer_get(world.acd, number_of(c, a->agent), &last);
		in.call = last.call;
		memcpy(in.text, last.number, sizeof(in.text));
		sim_post(call, c->life, &in, sim_below(50));
		break;
	case CC_ACT_JOURNAL:
		check_journal(c, a);
		break;
	case CC_ACT_FREE:
		break;
	case CC_ACT_REFERRED:
		world.result->transfers += a->code == 200;
		break;
	case CC_ACT_RESPOND:
	case CC_ACT_MIX:
	case CC_ACT_STOP:
	case CC_ACT_KEYS:
		break;
	}
}

/* The call is over. Agents that were granted to it and of whom it never read go back. */
static void call_free(int call)
{
	struct sim_call *c = &world.calls[call];
	const struct cc_conf *conf = c->core.conf;

	for (; c->count; c->count--, c->first = (c->first + 1) % INBOX) {
		const struct cc_call_input *in = &c->inbox[c->first].in;

		if (in->kind == CC_IN_GRANT)
			sim_release(in->text, in->epoch, CC_OUT_CALLER_GONE);
	}
	check_freed(call);
	c->used = false;
	world.free_calls[world.free_count++] = call;
	cc_conf_put(conf, &sim_memory);
}

static void carry_out_all(int call)
{
	struct sim_call *c = &world.calls[call];
	int count = world.actions.count;

	c->ending = count > 0 && world.actions.a[count - 1].kind == CC_ACT_FREE;
	for (int i = 0; i < count && !world.result->error[0]; i++) {
		if (world.actions.a[i].kind == CC_ACT_FREE && i != count - 1)
			sim_fail("call %d acts after it is free", call);
		carry_out(call, &world.actions.a[i]);
	}
	if (c->ending)
		call_free(call);
}

/* Asks to be woken when the call wants it; what was asked before is put off. */
static void timer(int call)
{
	struct sim_call *c = &world.calls[call];
	int64_t at = later_of(c->core.next_ms, world.now);

	if (!c->used || c->core.next_ms == INT64_MAX || at == c->timer_ms)
		return;
	c->timer_ms = at;
	sim_later(at - world.now, (struct event){.kind = EVENT_TIMER, .call = call, .life = c->life});
}

/* As the engine does after a reload. */
static void reconfigure(struct sim_call *c)
{
	const struct cc_conf *now = cc_conf_by_id(world.set, TENANT), *before = c->core.conf;

	if (now == before || !cc_call_configure(&c->core, now))
		return;
	cc_conf_ref(now);
	cc_conf_put(before, &sim_memory);
}

void sim_run_inbox(int call)
{
	struct sim_call *c = &world.calls[call];
	struct letter l;

	c->run_due = false;
	if (c->count == 0)
		return;
	l = c->inbox[c->first];
	c->first = (c->first + 1) % INBOX;
	c->count--;
	if (c->count) {
		c->run_due = true;
		sim_later(sim_below(3), (struct event){.kind = EVENT_RUN, .call = call, .life = c->life});
	}
	/* news of a leg that was hung up meanwhile */
	if (l.leg_life && c->leg_life[l.in.leg] != l.leg_life)
		return;
	if (l.in.kind == CC_IN_LEG_ENDED || l.in.kind == CC_IN_LEG_FAILED)
		c->leg_life[l.in.leg] = 0;
	l.in.now_ms = world.now;
	if (l.in.kind == CC_IN_CONFIGURED)
		reconfigure(c);
	if (l.in.kind == CC_IN_GRANT) {
		l.in.agent = cc_conf_agent_find(c->core.conf, l.in.text);
		if (l.in.agent < 0) { /* the call's older snapshot does not know him: he goes back */
			sim_release(l.in.text, l.in.epoch, CC_OUT_FAILED);
			return;
		}
	}
	if (l.in.kind == CC_IN_CONSULT)
		sim_phone_consults(call, &l.in);
	sim_trace("call %d input %d leg %d", call, l.in.kind, l.in.leg);
	cc_call_step(&c->core, &l.in, &world.actions);
	carry_out_all(call);
	timer(call);
}

/* The engine is killed: calls are gone with its memory, only the agents' block is left. */
void sim_drop_calls(void)
{
	for (int i = 0; i < world.options->calls; i++)
		if (world.calls[i].used) {
			sim_wait(i, false);
			world.calls[i].used = false;
			world.free_calls[world.free_count++] = i;
			cc_conf_put(world.calls[i].core.conf, &sim_memory);
		}
	for (int i = 0; i < world.agent_count; i++) {
		world.agents[i].holder = NOBODY;
		world.agents[i].talking = false;
	}
	world.reserved = world.talking = 0;
}
