/* SPDX-License-Identifier: GPL-2.0-or-later
 * Phones that behave like phones, and people who call. */
#include <stdio.h>
#include <string.h>

#include "world.h"

void sim_leg_later(int call, int leg, int64_t ms, struct cc_call_input in)
{
	struct sim_call *c = &world.calls[call];

	in.leg = leg;
	sim_later(ms, (struct event){.kind = EVENT_INPUT,
						  .call = call,
						  .life = c->life,
						  .leg_life = c->leg_life[leg],
						  .in = in});
}

/* An agent who talks moves the call, to anybody, or asks another agent first. */
static void transfer(int call, int leg)
{
	struct cc_call_input in = {.kind = sim_chance(50) ? CC_IN_REFER : CC_IN_CONSULT, .other = -1};

	if (sim_chance(70))
		snprintf(in.text, sizeof(in.text), "%d",
				AGENT_BASE + (int)sim_below((uint32_t)world.agent_count));
	else if (sim_chance(80))
		snprintf(in.text, sizeof(in.text), "%d",
				(sim_chance(70) ? QUEUE_BASE : MENU_BASE) +
						(int)sim_below((uint32_t)world.options->queues));
	else
		strcpy(in.text, sim_chance(50) ? "10086" : "013900000005");
	if (in.kind == CC_IN_CONSULT)
		in.agent = world.calls[call].core.legs[leg].agent;
	sim_leg_later(call, leg, sim_below(10000), in);
}

/* The new dialog of a phone whose leg dials; it gives up, or its phone has the two others talk. */
void sim_phone_consults(int call, struct cc_call_input *in)
{
	struct cc_call_input refer = {.kind = CC_IN_REFER, .other = in->leg};
	int leg = sim_leg_new(call, CC_ROLE_AGENT, true, in->agent, 0);

	world.result->consults++;
	in->leg = leg;
	if (leg < 0)
		return;
	sim_leg_later(call, leg, sim_below(30000),
			(struct cc_call_input){.kind = CC_IN_LEG_ENDED, .code = 200, .text = "bye"});
	if (sim_chance(60))
		sim_leg_later(call, leg, sim_below(20000), refer);
}

/* Something that a phone or the network does; a leg that is over does nothing any more. */
void sim_leg_event(const struct event *e)
{
	struct sim_call *c = &world.calls[e->call];

	if (!c->used || c->life != e->life)
		return;
	if (e->leg_life && c->leg_life[e->in.leg] != e->leg_life)
		return;
	sim_post(e->call, e->life, &e->in, e->leg_life);
	/* he talks, then hangs up, or not; who was called, and for whom a page dials, does */
	if (e->in.kind == CC_IN_LEG_UP && !c->core.legs[e->in.leg].incoming) {
		if (e->in.leg != 0 && sim_chance(70)) /* a mobile takes the call so */
			sim_leg_later(e->call, e->in.leg, sim_below(12000),
					(struct cc_call_input){.kind = CC_IN_DTMF, .digit = '1'});
		if (!world.options->fair && sim_chance(20))
			for (int i = 0; i < 2; i++)
				sim_leg_later(e->call, e->in.leg, sim_below(20000),
						(struct cc_call_input){.kind = CC_IN_HOLD, .count = i});
		if (!world.options->fair && e->in.leg != 0 && sim_chance(15))
			transfer(e->call, e->in.leg);
		if (world.options->fair || e->in.leg == 0 || c->core.click || sim_chance(60))
			sim_leg_later(e->call, e->in.leg, sim_below(60000),
					(struct cc_call_input){.kind = CC_IN_LEG_ENDED, .code = 200, .text = "OK"});
		else if (sim_chance(20))
			sim_leg_later(e->call, e->in.leg, sim_below(60000),
					(struct cc_call_input){.kind = CC_IN_SILENCE});
	}
}

int sim_leg_new(int call, enum cc_leg_role role, bool incoming, int agent, uint32_t epoch)
{
	struct sim_call *c = &world.calls[call];
	uint8_t random[10] = {(uint8_t)sim_below(256), (uint8_t)sim_below(256)};
	struct cc_ulid id = cc_ulid_make(world.now, random);
	int leg = cc_call_leg_add(&c->core, role, incoming, call, &id, agent, epoch, world.now);

	if (leg >= 0)
		c->leg_life[leg] = ++world.lives;
	return leg;
}

/* One phone's fate. */
void sim_phone_rings(int call, int leg)
{
	static const int refusals[] = {404, 408, 480, 486, 488, 503, 600, 603};
	int64_t at = sim_below(300);
	int fate = world.options->fair ? 0 : (int)sim_below(100);

	if (fate < 80)
		sim_leg_later(
				call, leg, at, (struct cc_call_input){.kind = CC_IN_LEG_RINGING, .code = 180});
	if (world.calls[call].core.legs[leg].role != CC_ROLE_AGENT && sim_chance(50))
		sim_leg_later(call, leg, sim_below(2000),
				(struct cc_call_input){.kind = CC_IN_LEG_EARLY, .code = 183});
	at += sim_below(world.options->fair ? 1000 : 12000);
	if (fate < 60) {
		sim_leg_later(call, leg, at, (struct cc_call_input){.kind = CC_IN_LEG_UP});
		if (!world.options->fair && sim_chance(2)) /* media fail behind the answer */
			sim_leg_later(call, leg, at + 1,
					(struct cc_call_input){.kind = CC_IN_LEG_FAILED, .code = 500, .text = "media"});
	} else if (fate < 90) {
		sim_leg_later(call, leg, sim_chance(50) ? at : 0,
				(struct cc_call_input){.kind = CC_IN_LEG_FAILED,
						.code = refusals[sim_below(8)],
						.text = "refused"});
	}
}

/* ---- callers ---- */

/* What may happen to any call at any time, by the phone of leg. */
static void fate_of(int call, int leg)
{
	struct cc_call_input any = {
			.kind = CC_IN_RESTART_MEDIA, .code = CC_MEDIA_MIXER | CC_MEDIA_RTPENGINE};

	sim_leg_later(call, leg, sim_chance(30) ? sim_below(3000) : sim_below(120000),
			(struct cc_call_input){.kind = CC_IN_LEG_ENDED, .text = "bye"});
	if (sim_chance(3))
		sim_leg_later(call, leg, sim_below(30000), (struct cc_call_input){.kind = CC_IN_SILENCE});
	for (int i = 0; i < 4; i++)
		if (sim_chance(20))
			sim_leg_later(call, leg, sim_below(30000),
					(struct cc_call_input){
							.kind = CC_IN_DTMF, .digit = "0123456789*#"[sim_below(12)]});
	if (sim_chance(10)) {
		if (sim_chance(30))
			any.kind = CC_IN_HANGUP;
		else if (sim_chance(60))
			any.kind = CC_IN_CONFIGURED;
		sim_later(sim_below(30000), (struct event){.kind = EVENT_INPUT,
											.call = call,
											.life = world.calls[call].life,
											.in = any});
	}
}

/* A dialler calls a customer for a queue: false: that number is not to be called. */
static bool predictive(struct cc_call *c)
{
	cc_route_predictive(&c->route, c->conf, "013900000005", 0, -1);
	if (c->route.kind == CC_ROUTE_REFUSE || c->conf->queue_count == 0)
		return false;
	c->predictive = true;
	c->dir = CC_DIR_OUT;
	c->queue = (int32_t)sim_below((uint32_t)c->conf->queue_count);
	c->ring_max_ms = sim_chance(50) ? 1000 + (int32_t)sim_below(10000) : 0;
	strcpy(c->from, cc_conf_queue_at(c->conf, c->queue)->number);
	strcpy(c->to, "013900000005");
	world.result->predictive++;
	return true;
}

void sim_new_call(void)
{
	static const char *const codes[] = {"*001", "*000", "*101", "*100", "*67", "*66*30", "*999"};
	uint8_t random[10] = {0};
	char number[16];
	struct sim_call *c;
	const struct cc_conf *conf = cc_conf_by_id(world.set, TENANT);
	struct cc_call_input in = {.kind = CC_IN_NEW};
	struct cc_ulid id;
	struct cc_route route;
	bool agent = !world.options->fair && sim_chance(10), click = agent && sim_chance(30);
	bool called = !world.options->fair && !agent && sim_chance(10);
	int call, leg = 0;

	if (world.free_count == 0)
		return;
	call = world.free_calls[--world.free_count];
	c = &world.calls[call];
	world.result->calls++;
	memset(c, 0, sizeof(*c));
	c->used = true;
	c->life = ++world.lives;
	memcpy(random, &c->life, sizeof(c->life));
	memcpy(random + 6, &call, sizeof(call));
	id = cc_ulid_make(world.now, random);
	cc_conf_ref(conf);
	cc_call_init(&c->core, &id, TENANT, conf, world.now);
	called = called && predictive(&c->core);
	if (called) {
		route = c->core.route;
	} else if (agent) {
		int index = (int)sim_below((uint32_t)conf->agent_count);

		if (sim_chance(click ? 0 : 50))
			snprintf(number, sizeof(number), "%s", codes[sim_below(5)]);
		else if (sim_chance(30))
			strcpy(number, "013900000005");
		else if (sim_chance(80))
			snprintf(number, sizeof(number), "%d",
					AGENT_BASE + (int)sim_below((uint32_t)world.agent_count));
		else
			snprintf(number, sizeof(number), "%d",
					(sim_chance(50) ? QUEUE_BASE : MENU_BASE) +
							(int)sim_below((uint32_t)world.options->queues));
		if (click)
			cc_route_clicked(&route, conf, index, number, 0, -1);
		else
			cc_route_dialled(&route, conf, index, number);
		click = click && route.kind != CC_ROUTE_REFUSE;
		c->core.click = click;
		c->core.caller_agent = index;
		c->core.dir = route.number[0] ? CC_DIR_OUT : CC_DIR_INTERNAL;
		strcpy(c->core.to, number);
	} else {
		cc_route_did(&route, conf, (int)sim_below((uint32_t)conf->did_count));
		snprintf(c->core.from, sizeof(c->core.from), "1380000000%u", sim_below(10));
		strcpy(c->core.did, "4008001");
		strcpy(c->core.trunk, "carrier");
	}
	c->core.route = route;
	if (!click && !called)
		leg = sim_leg_new(call,
				agent && route.kind == CC_ROUTE_OUT ? CC_ROLE_AGENT : CC_ROLE_CALLER, true,
				agent ? c->core.caller_agent : -1, 0);
	sim_post(call, c->life, &in, 0);
	if (click)
		sim_reserve(call, c->core.caller_agent);
	if (!world.options->fair)
		fate_of(call, leg);
}
