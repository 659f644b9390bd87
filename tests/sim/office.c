/* SPDX-License-Identifier: GPL-2.0-or-later
 * Agents, the administrator, and what else happens in an office. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cc/err.h"
#include "world.h"

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

	return (world.options->seed >> queue % 64) & 1 && queue < 2 ? "ring_all" : pick(others, 5);
}

/* "overflow_kind":"queue","overflow_target":"600003": somewhere that exists. last: a kind beside
 * those that all places know. */
static void target(FILE *to, const char *prefix, const char *last, int agents, int queues)
{
	const char *const kinds[] = {
			"hangup", "queue", "agent", "prompt", "did", "outside", "ivr", "voicemail", last};
	uint32_t kind = sim_below(last ? 9 : 8);
	char name[32] = "";

	if (kind == 1)
		snprintf(name, sizeof(name), "%d", QUEUE_BASE + (int)sim_below((uint32_t)queues));
	else if (kind == 2)
		snprintf(name, sizeof(name), "%d", AGENT_BASE + (int)sim_below((uint32_t)agents));
	else if (kind == 3)
		snprintf(name, sizeof(name), "queue_full");
	else if (kind == 4)
		snprintf(name, sizeof(name), "4008%d", (int)sim_below((uint32_t)queues));
	else if (kind == 5)
		strcpy(name, "013900000005");
	else if (kind == 6)
		snprintf(name, sizeof(name), "%d", MENU_BASE + (int)sim_below((uint32_t)queues));
	else if (kind == 7)
		snprintf(name, sizeof(name), "%d",
				sim_chance(50) ? QUEUE_BASE + (int)sim_below((uint32_t)queues)
							   : AGENT_BASE + (int)sim_below((uint32_t)agents));
	fprintf(to, "\"%s%s\":\"%s\",\"%starget\":\"%s\"", prefix, prefix[0] ? "kind" : "target_kind",
			kinds[kind], prefix, name);
}

static void queue(FILE *to, int i, int agents, int queues)
{
	static const char *const wrapups[] = {"off", "answered", "ringing"};

	fprintf(to,
			"{\"number\":\"%d\",\"name\":\"Q\",\"strategy\":\"%s\",\"ring_timeout_s\":%u,"
			"\"max_wait_s\":%u,\"max_waiting\":%u,\"retry_delay_s\":%u,\"wrapup\":\"%s\","
			"\"wrapup_s\":%u,\"join_empty\":%s,\"auto_pause\":%s,\"music\":\"%s\","
			"\"entry_prompt\":\"%s\",\"announce_position\":%s,\"announce_period_s\":%u,",
			QUEUE_BASE + i, strategy(i), 1 + sim_below(15), sim_below(90),
			sim_chance(30) ? 1 + sim_below(5) : 0, sim_below(3), pick(wrapups, 3), sim_below(10),
			word(70), word(10), sim_chance(70) ? "music/hold" : "",
			sim_chance(70) ? "queue_welcome" : "", word(70), sim_below(20));
	fprintf(to,
			"\"announce_wait\":%s,\"periodic_prompt\":\"%s\",\"periodic_s\":%u,"
			"\"agent_prompt\":\"%s\",\"announce_agent\":%s,\"menu_prompt\":\"%s\","
			"\"menu_period_s\":%u,\"menu_repeat\":%u,\"leave_empty\":%s,"
			"\"no_agent_overflow\":%s,\"relax_s\":%u,",
			word(50), sim_chance(30) ? "queue_patience" : "", 1 + sim_below(30),
			sim_chance(30) ? "queue_call" : "", word(30), sim_chance(40) ? "queue_menu" : "",
			sim_below(20), 1 + sim_below(3), word(15), word(15), sim_below(5));
	target(to, "overflow_", NULL, agents, queues);
	fprintf(to, ",\"record\":%s,\"state\":\"%s\"}", word(70), state());
}

static const char *comma(bool *first)
{
	bool was = *first;

	*first = false;
	return was ? "" : ",";
}

/* Small offices have everybody nearly everywhere, large ones few queues of each agent. */
static void members(FILE *to, int agents, int queues)
{
	bool first = true, few = queues > 16;

	for (int i = 0; i < agents; i++)
		for (int k = 0; k < (few ? QUEUES_OF_AGENT : queues); k++) {
			int q = few ? (i * QUEUES_OF_AGENT + k * 7919) % queues : k;

			if ((few || sim_chance(60)) && !(few && k > 0 && sim_chance(20)))
				fprintf(to,
						"%s{\"queue\":\"%d\",\"agent\":\"%d\",\"position\":%d,"
						"\"priority\":%u,\"static\":%s}",
						comma(&first), QUEUE_BASE + q, AGENT_BASE + i, i + 1, 1 + sim_below(2),
						word(10));
		}
}

static void menu(FILE *to, int i, int agents, int queues)
{
	fprintf(to,
			"{\"number\":\"%d\",\"name\":\"M\",\"kind\":\"%s\",\"skip\":%s,\"start_s\":%u,"
			"\"repeat\":%u,\"timeout_s\":%u,\"key_timeout_s\":%u,\"max_keys\":%u,"
			"\"dial_agents\":%s,\"tries\":%u,\"timeout_prompt\":\"%s\",\"no_match_prompt\":\"%s\","
			"\"prefix_name\":\"M-\",\"prefix_number\":\"7*\",",
			MENU_BASE + i, sim_chance(30) ? "announcement" : "menu", word(50), sim_below(3),
			sim_below(3), sim_below(6), 1 + sim_below(3), sim_below(5), word(50), 1 + sim_below(3),
			sim_chance(50) ? "late" : "", sim_chance(50) ? "wrong" : "");
	target(to, "timeout_", "back", agents, queues);
	fputs(",", to);
	target(to, "no_match_", "back", agents, queues);
	fputs("}", to);
}

static void menus(FILE *to, int agents, int queues)
{
	bool first = true;

	fputs("],\"ivrs\":[", to);
	for (int i = 0; i < queues; i++) {
		fputs(i ? "," : "", to);
		menu(to, i, agents, queues);
	}
	fputs("],\"ivr_prompts\":[", to);
	for (int i = 0; i < queues; i++)
		for (int k = (int)sim_below(4); k > 0; k--)
			fprintf(to, "%s{\"ivr\":\"%d\",\"position\":%d,\"prompt\":\"p\",\"gap_s\":%u}",
					comma(&first), MENU_BASE + i, k, sim_below(3));
	fputs("],\"ivr_keys\":[", to);
	first = true;
	for (int i = 0; i < queues; i++)
		for (int k = 0; k < 6; k++) {
			fprintf(to, "%s{\"ivr\":\"%d\",\"keys\":\"%d%s\",", comma(&first), MENU_BASE + i, k,
					k == 1 ? "1" : "");
			target(to, "", "back", agents, queues);
			fputs("}", to);
		}
}

/* A configuration by chance. The last agent and the last queue come and go. */
static void document(FILE *to, int64_t generation)
{
	static const char *const levels[] = {"normal", "important", "noble"};
	int agents = world.options->agents - (int)sim_below(2);
	int queues = world.options->queues - (int)sim_below(2);
	bool first = true;

	if (agents < 1)
		agents = 1;
	if (queues < 1)
		queues = 1;
	fprintf(to,
			"{\"version\":1,\"generation\":%lld,\"tenants\":[{\"id\":%d,\"code\":\"demo\",\"name\":"
			"\"D\",\"state\":\"active\",\"country\":\"86\",\"area_code\":\"010\",\"timezone\":"
			"\"UTC\","
			"\"prompt_language\":\"%s\",\"hides\":%u,\"mobile\":%s,\"trunks\":[],\"queues\":[",
			(long long)generation, TENANT, sim_chance(50) ? "zh" : "en", sim_below(3), word(70));
	for (int i = 0; i < queues; i++) {
		fputs(i ? "," : "", to);
		queue(to, i, agents, queues);
	}
	fputs("],\"agents\":[", to);
	for (int i = 0; i < agents; i++)
		fprintf(to,
				"%s{\"number\":\"%d\",\"name\":\"A%u\","
				"\"ha1\":\"0123456789abcdef0123456789abcdef\","
				"\"pin_hash\":\"0123456789abcdef0123456789abcdef\",\"voicemail\":%s,"
				"\"terminal\":\"%s\",\"mobile\":\"%s\",\"mobile_confirm\":%s,"
				"\"state\":\"%s\"}",
				i ? "," : "", AGENT_BASE + i, sim_below(1000), word(50),
				sim_chance(30) ? "mobile" : "all", sim_chance(80) ? "13900000077" : "", word(50),
				state());
	fputs("],\"members\":[", to);
	members(to, agents, queues);
	fputs("],\"dids\":[", to);
	for (int i = 0; i < queues; i++)
		fprintf(to,
				"%s{\"number\":\"4008%d\",\"name\":\"\",\"target_kind\":\"%s\",\"target\":\"%d\","
				"\"state\":\"%s\"}",
				i ? "," : "", i,
				i % 10 == 9   ? "agent"
				: i % 10 == 8 ? "outside"
				: i % 3 == 2  ? "ivr"
							  : "queue",
				i % 10 == 9   ? AGENT_BASE + i % agents
				: i % 10 == 8 ? 87650000 + i
				: i % 3 == 2  ? MENU_BASE + i
							  : QUEUE_BASE + i,
				state());
	fputs("],\"keys\":[", to);
	for (int i = 0; i < queues; i++)
		for (int digit = 0; digit < 3; digit++) {
			fprintf(to, "%s{\"queue\":\"%d\",\"digit\":\"%d\",", comma(&first), QUEUE_BASE + i,
					digit);
			target(to, "", "callback", agents, queues);
			fputs("}", to);
		}
	menus(to, agents, queues);
	fputs("],\"needs\":[", to);
	first = true;
	for (int i = 0; i < queues; i++)
		if (sim_chance(30))
			fprintf(to, "%s{\"queue\":\"%d\",\"skill\":\"1\",\"level\":%u}", comma(&first),
					QUEUE_BASE + i, 1 + sim_below(4));
	fputs("],\"skills\":[", to);
	first = true;
	for (int i = 0; i < agents; i++)
		if (sim_chance(50))
			fprintf(to, "%s{\"agent\":\"%d\",\"skill\":\"1\",\"level\":%u}", comma(&first),
					AGENT_BASE + i, 1 + sim_below(4));
	fputs("],\"vips\":[", to);
	first = true;
	for (int i = 0; i < queues; i++)
		for (int k = 0; k < 3; k++)
			fprintf(to, "%s{\"queue\":\"%d\",\"number\":\"861380000000%d\",\"level\":\"%s\"}",
					comma(&first), QUEUE_BASE + i, k, levels[k]);
	fputs("]}]}", to);
}

/* One queue of each strategy, with agents of its own, who do nothing else. */
static void fair_document(FILE *to)
{
	static const char *const strategies[] = {
			"longest_idle", "fewest_calls", "linear", "round_robin", "random", "ring_all"};
	int agents = world.options->agents;

	fputs("{\"version\":1,\"generation\":1,\"tenants\":[{\"id\":2,\"code\":\"demo\",\"name\":\"\","
		  "\"state\":\"active\",\"country\":\"86\",\"area_code\":\"010\",\"timezone\":\"UTC\","
		  "\"prompt_language\":\"zh\",\"trunks\":[],\"queues\":[",
			to);
	for (int i = 0; i < 6; i++)
		fprintf(to,
				"%s{\"number\":\"%d\",\"name\":\"\",\"strategy\":\"%s\",\"ring_timeout_s\":30,"
				"\"max_wait_s\":0,\"max_waiting\":0,\"retry_delay_s\":0,\"wrapup\":\"off\","
				"\"wrapup_s\":0,\"join_empty\":true,\"auto_pause\":false,\"music\":\"\","
				"\"entry_prompt\":\"\",\"announce_position\":false,\"announce_period_s\":0,"
				"\"record\":false,\"state\":\"enabled\"}",
				i ? "," : "", QUEUE_BASE + i, strategies[i]);
	fputs("],\"agents\":[", to);
	for (int i = 0; i < agents; i++)
		fprintf(to,
				"%s{\"number\":\"%d\",\"name\":\"\","
				"\"ha1\":\"0123456789abcdef0123456789abcdef\","
				"\"pin_hash\":\"0123456789abcdef0123456789abcdef\",\"state\":\"enabled\"}",
				i ? "," : "", AGENT_BASE + i);
	fputs("],\"members\":[", to);
	for (int i = 0; i < agents; i++)
		fprintf(to,
				"%s{\"queue\":\"%d\",\"agent\":\"%d\",\"position\":%d,\"priority\":1,"
				"\"static\":true}",
				i ? "," : "", QUEUE_BASE + i % 6, AGENT_BASE + i, i);
	fputs("],\"dids\":[", to);
	for (int i = 0; i < 6; i++)
		fprintf(to,
				"%s{\"number\":\"4008%d\",\"name\":\"\",\"target_kind\":\"queue\",\"target\":\"%"
				"d\","
				"\"state\":\"enabled\"}",
				i ? "," : "", i, QUEUE_BASE + i);
	fputs("]}]}", to);
}

static void reload(void)
{
	char *json = NULL, error[256] = "";
	struct cc_conf_set *set = NULL;
	size_t len;
	FILE *to = open_memstream(&json, &len);
	int rc;

	if (!to)
		abort();
	if (world.options->fair)
		fair_document(to);
	else
		document(to, world.result->reloads + 1);
	fclose(to);
	if (cc_conf_build(&set, json, len, world.set, &sim_memory, error, sizeof(error)) < 0) {
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
		cc_acd_registered(world.acd, world.agents[i].number, world.options->fair || sim_chance(90),
				false, world.now, sim_acd());
		sim_acd_done();
	}
}

void sim_open(void)
{
	static const struct cc_acd_by by = {CC_BY_AGENT, "phone"};
	const struct sim_options *o = world.options;
	int queues_of_agent = o->queues > 16 ? QUEUES_OF_AGENT : o->queues;
	/* some of it is for what reloads replace */
	struct cc_acd_limits limits = {
			o->agents + 100, o->queues, o->agents * queues_of_agent, o->calls};

	world.agent_count = o->agents;
	world.calls = calloc((size_t)o->calls, sizeof(*world.calls));
	world.free_calls = calloc((size_t)o->calls, sizeof(*world.free_calls));
	world.agents = calloc((size_t)o->agents, sizeof(*world.agents));
	world.queues = calloc((size_t)o->queues, sizeof(*world.queues));
	world.touched = calloc((size_t)o->queues, sizeof(*world.touched));
	if (!world.calls || !world.free_calls || !world.agents || !world.queues || !world.touched)
		abort();
	for (int i = o->calls - 1; i >= 0; i--)
		world.free_calls[world.free_count++] = i;
	world.check_every = 1 + (long)(o->agents + o->queues) * (o->agents + o->queues) / 4000;
	for (int i = 0; i < world.agent_count; i++) {
		snprintf(world.agents[i].number, sizeof(world.agents[i].number), "%d", AGENT_BASE + i);
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
		cc_acd_work(
				world.acd, world.agents[i].number, CC_WORK_ONLINE, "", &by, world.now, sim_acd());
		sim_acd_done();
	}
}

void sim_close(void)
{
	for (int i = 0; i < world.options->queues; i++)
		free(world.queues[i].calls);
	free(world.calls);
	free(world.free_calls);
	free(world.agents);
	free(world.queues);
	free(world.touched);
	free(world.acd);
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
		g->holder = SOMETHING;
		g->beside = true;
		g->epoch = epoch;
		world.reserved++;
		sim_touch_agent(g->number);
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
		sim_release(g->number, epoch, g->holder == SOMETHING ? CC_OUT_TALKED : CC_OUT_FAILED);
}

void sim_office(void)
{
	static const struct cc_acd_by leader = {CC_BY_LEADER, "user:7"};
	struct sim_agent *g = &world.agents[sim_below((uint32_t)world.agent_count)];
	uint32_t what = sim_below(1000);
	char name[16];
	int rc;

	snprintf(
			name, sizeof(name), "%d", QUEUE_BASE + (int)sim_below((uint32_t)world.options->queues));
	if (what < 20) { /* in large offices not more often than in small ones */
		if (sim_below(1 + (uint32_t)world.options->agents / 20) > 0)
			return;
		if (what < 3) {
			restart();
		} else {
			sim_due(); /* under the rules of the configuration before */
			reload();
		}
		return;
	}
	sim_touch_agent(g->number);
	if (what < 100) {
		reserve(g);
		return;
	}
	if (what < 300)
		cc_acd_sign(world.acd, g->number, NULL, true, &leader, world.now, sim_acd());
	else if (what < 380)
		cc_acd_sign(world.acd, g->number, name, sim_chance(60), &leader, world.now, sim_acd());
	else if (what < 420)
		cc_acd_pause(
				world.acd, g->number, name, sim_chance(50), "lunch", &leader, world.now, sim_acd());
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
		cc_acd_registered(
				world.acd, g->number, (int32_t)sim_below(3), sim_chance(30), world.now, sim_acd());
	sim_acd_done();
}
