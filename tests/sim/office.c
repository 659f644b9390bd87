/* SPDX-License-Identifier: GPL-2.0-or-later
 * Agents, the administrator, and what else happens in an office. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cc/err.h"
#include "world.h"

#define DOCUMENT (256 * 1024)

static const char *pick(const char *const list[], uint32_t count)
{
	return list[sim_below(count)];
}

static const char *word(int percent)
{
	return sim_chance(percent) ? "true" : "false";
}

static const char *state(void)
{
	return sim_chance(95) ? "enabled" : "disabled";
}

/* A queue that stops ringing all keeps the offers it has made, which the rules would call wrong:
 * whether a queue rings all never changes in a run. */
static const char *strategy(int queue)
{
	static const char *const others[] = {
			"longest_idle", "fewest_calls", "linear", "round_robin", "random"};

	return (world.options->seed >> queue) & 1 && queue < 2 ? "ring_all" : pick(others, 5);
}

/* A configuration by chance. The last agent and the last queue come and go. */
static int document(char *json, size_t size, int64_t generation)
{
	static const char *const wrapups[] = {"off", "answered", "ringing"};
	int agents = world.options->agents - (int)sim_below(2);
	int queues = world.options->queues - (int)sim_below(2);
	char *p = json, *end = json + size;
	const char *comma = "";

	if (agents < 1)
		agents = 1;
	if (queues < 1)
		queues = 1;
#define PUT(...) (p += snprintf(p, (size_t)(end - p), __VA_ARGS__))
	PUT("{\"version\":1,\"generation\":%lld,\"tenants\":[{\"id\":%d,\"code\":\"demo\",\"name\":"
		"\"D\","
		"\"state\":\"active\",\"country\":\"86\",\"area_code\":\"010\",\"timezone\":\"UTC\","
		"\"prompt_language\":\"%s\",\"trunks\":[],\"queues\":[",
			(long long)generation, TENANT, sim_chance(50) ? "zh" : "en");
	for (int i = 0; i < queues; i++)
		PUT("%s{\"number\":\"%d\",\"name\":\"Q\",\"strategy\":\"%s\",\"ring_timeout_s\":%u,"
			"\"max_wait_s\":%u,\"max_waiting\":%u,\"retry_delay_s\":%u,\"wrapup\":\"%s\","
			"\"wrapup_s\":%u,\"join_empty\":%s,\"auto_pause\":%s,\"music\":\"music/hold\","
			"\"entry_prompt\":\"%s\",\"announce_position\":%s,\"announce_period_s\":%u,"
			"\"record\":%s,\"state\":\"%s\"}",
				i ? "," : "", 600 + i, strategy(i), 1 + sim_below(15), sim_below(90),
				sim_chance(30) ? 1 + sim_below(5) : 0, sim_below(3), pick(wrapups, 3),
				sim_below(10), word(70), word(10), sim_chance(70) ? "queue_welcome" : "", word(70),
				sim_below(20), word(70), state());
	PUT("],\"agents\":[");
	for (int i = 0; i < agents; i++)
		PUT("%s{\"number\":\"%d\",\"name\":\"A%u\","
			"\"ha1\":\"0123456789abcdef0123456789abcdef\","
			"\"pin_hash\":\"0123456789abcdef0123456789abcdef\",\"state\":\"%s\"}",
				i ? "," : "", 801 + i, sim_below(1000), state());
	PUT("],\"members\":[");
	for (int q = 0; q < queues; q++)
		for (int i = 0; i < agents; i++)
			if (sim_chance(60)) {
				PUT("%s{\"queue\":\"%d\",\"agent\":\"%d\",\"position\":%d,\"priority\":%u,"
					"\"static\":%s}",
						comma, 600 + q, 801 + i, i + 1, 1 + sim_below(2), word(10));
				comma = ",";
			}
	PUT("],\"dids\":[");
	for (int q = 0; q < queues; q++)
		PUT("%s{\"number\":\"400800%d\",\"name\":\"\",\"target_kind\":\"queue\",\"target\":\"%d\","
			"\"state\":\"%s\"}",
				q ? "," : "", q, 600 + q, state());
	PUT("]}]}");
#undef PUT
	return (int)(p - json);
}

static void reload(void)
{
	char *json = malloc(DOCUMENT), error[256] = "";
	struct cc_conf_set *set = NULL;
	int len, rc;

	if (!json)
		abort();
	len = document(json, DOCUMENT, world.result->reloads + 1);
	if (cc_conf_build(&set, json, (size_t)len, world.set, &sim_memory, error, sizeof(error)) < 0) {
		sim_fail("configuration: %s", error);
		free(json);
		return;
	}
	free(json);
	if (world.set)
		cc_conf_set_free(world.set, &sim_memory);
	world.set = set;
	rc = cc_acd_configure(world.acd, cc_conf_by_id(set, TENANT), world.now, sim_acd());
	if (rc < 0)
		sim_fail("cc_acd_configure: %d", rc);
	sim_trace("reload");
	sim_acd_done();
	world.result->reloads++;
}

static void phones_register(void)
{
	for (int i = 0; i < world.options->agents; i++) {
		cc_acd_registered(world.acd, world.agents[i].number, sim_chance(90), world.now, sim_acd());
		sim_acd_done();
	}
}

void sim_open(void)
{
	static const struct cc_acd_by by = {CC_BY_AGENT, "phone"};
	/* half of it is for what reloads replace */
	struct cc_acd_limits limits = {
			2 * MAX_AGENTS, 2 * MAX_QUEUES, 2 * MAX_AGENTS * MAX_QUEUES, world.options->calls};

	world.agent_count = world.options->agents;
	for (int i = 0; i < world.agent_count; i++) {
		snprintf(world.agents[i].number, sizeof(world.agents[i].number), "%d", 801 + i);
		world.agents[i].holder = NOBODY;
	}
	world.acd_bytes = cc_acd_size(&limits);
	world.acd = calloc(1, world.acd_bytes);
	if (!world.acd)
		abort();
	cc_acd_init(world.acd, world.acd_bytes, &limits, TENANT);
	reload();
	world.result->reloads = 0;
	phones_register();
	for (int i = 0; i < world.agent_count; i++) {
		cc_acd_sign(world.acd, world.agents[i].number, NULL, true, &by, world.now, sim_acd());
		sim_acd_done();
	}
}

static void restart(void)
{
	sim_trace("restart");
	sim_drop_calls();
	if (cc_acd_adopt(world.acd, world.acd_bytes, TENANT, world.now) < 0) {
		sim_fail("the block is not adopted");
		return;
	}
	world.acd_next = INT64_MAX;
	reload();
	phones_register();
	world.result->restarts++;
}

/* A way to an agent beside the queues: an extension call, a consultation. */
static void reserve(struct sim_agent *g)
{
	uint8_t random[10] = {9};
	struct cc_ulid id = cc_ulid_make(world.now, random);
	uint32_t epoch = 0;
	int rc;

	sim_due();
	rc = cc_acd_reserve(world.acd, g->number, &id, world.now, &epoch, sim_acd());
	if (rc == 0 && g->holder != NOBODY)
		sim_fail("agent %s is reserved twice", g->number);
	if (rc == CC_E_STATE && g->holder == NOBODY)
		sim_fail("agent %s is free and cannot be reserved", g->number);
	if (rc == 0) {
		g->holder = MAX_CALLS;
		g->epoch = epoch;
		sim_later(sim_below(20000),
				(struct event){
						.kind = EVENT_LET_GO, .call = (int)(g - world.agents), .life = epoch});
	}
	sim_acd_done();
}

void sim_let_go(int agent, uint32_t epoch)
{
	struct sim_agent *g = &world.agents[agent];

	if (g->holder != NOBODY && g->epoch == epoch)
		sim_release(g->number, epoch, g->holder == MAX_CALLS ? CC_OUT_TALKED : CC_OUT_FAILED);
}

void sim_office(void)
{
	static const struct cc_acd_by leader = {CC_BY_LEADER, "user:7"};
	struct sim_agent *g = &world.agents[sim_below((uint32_t)world.agent_count)];
	uint32_t what = sim_below(1000);
	char queue[16];
	int rc;

	snprintf(queue, sizeof(queue), "%u", 600 + sim_below((uint32_t)world.options->queues));
	if (what < 3) {
		restart();
		return;
	}
	if (what < 20) {
		reload();
		return;
	}
	if (what < 100) {
		reserve(g);
		return;
	}
	if (what < 300)
		cc_acd_sign(world.acd, g->number, NULL, true, &leader, world.now, sim_acd());
	else if (what < 380)
		cc_acd_sign(world.acd, g->number, queue, sim_chance(60), &leader, world.now, sim_acd());
	else if (what < 700) {
		rc = cc_acd_work(world.acd, g->number, CC_WORK_ONLINE, "", &leader, world.now, sim_acd());
		if (rc == 0 && g->holder != NOBODY)
			sim_fail("agent %s became idle in a call", g->number); /* STATE-02 */
	} else if (what < 780)
		cc_acd_work(world.acd, g->number, sim_chance(50) ? CC_WORK_BUSY : CC_WORK_AWAY, "lunch",
				&leader, world.now, sim_acd());
	else if (what < 900)
		cc_acd_wrapup_end(world.acd, g->number, &leader, world.now, sim_acd());
	else
		cc_acd_registered(world.acd, g->number, (int32_t)sim_below(3), world.now, sim_acd());
	sim_acd_done();
}
