/* SPDX-License-Identifier: GPL-2.0-or-later
 * Time, chance, and the list of what is going to happen. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

struct world world;
const struct cc_conf_memory sim_memory = {malloc, free};

uint32_t sim_below(uint32_t n)
{
	/* splitmix64, Steele, Lea, Flood 2014 */
	uint64_t z = world.random += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return n ? (uint32_t)((z ^ (z >> 31)) >> 32) % n : 0;
}

bool sim_chance(int percent)
{
	return sim_below(100) < (uint32_t)percent;
}

void sim_fail(const char *format, ...)
{
	char *error = world.result->error;
	size_t size = sizeof(world.result->error);
	va_list ap;
	int n;

	if (error[0])
		return;
	n = snprintf(error, size, "seed %llu, event %ld: ", (unsigned long long)world.options->seed,
			world.result->events);
	va_start(ap, format);
	vsnprintf(error + n, size - (size_t)n, format, ap);
	va_end(ap);
}

void sim_trace(const char *format, ...)
{
	va_list ap;

	if (!world.options->trace)
		return;
	printf("%ld %lld ", world.result->events, (long long)world.now);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
}

static bool sooner(const struct event *a, const struct event *b)
{
	return a->at < b->at || (a->at == b->at && a->chance < b->chance);
}

void sim_later(int64_t ms, struct event event)
{
	struct event *h;
	int i;

	if (world.heap_count == world.heap_room) {
		world.heap_room = world.heap_room ? world.heap_room * 2 : 1024;
		world.heap = realloc(world.heap, (size_t)world.heap_room * sizeof(*world.heap));
		if (!world.heap)
			abort();
	}
	event.at = world.now + ms;
	event.chance = sim_below(UINT32_MAX);
	h = world.heap;
	for (i = world.heap_count++; i > 0 && sooner(&event, &h[(i - 1) / 2]); i = (i - 1) / 2)
		h[i] = h[(i - 1) / 2];
	h[i] = event;
}

static struct event take_next(void)
{
	struct event *h = world.heap, first = h[0], last = h[--world.heap_count];
	int i = 0, k;

	while ((k = 2 * i + 1) < world.heap_count) {
		if (k + 1 < world.heap_count && sooner(&h[k + 1], &h[k]))
			k++;
		if (!sooner(&h[k], &last))
			break;
		h[i] = h[k];
		i = k;
	}
	h[i] = last;
	return first;
}

static void happen(const struct event *e)
{
	struct sim_call *c = &world.calls[e->call];
	int64_t next;

	sim_trace("event %d", e->kind);
	switch (e->kind) {
	case EVENT_RUN:
		if (c->used && c->life == e->life)
			sim_run_inbox(e->call);
		break;
	case EVENT_INPUT:
		sim_leg_event(e);
		break;
	case EVENT_TIMER:
		if (c->used && c->life == e->life && e->at == c->timer_ms) {
			struct cc_call_input in = {.kind = CC_IN_TIMER};

			c->timer_ms = 0;
			sim_post(e->call, e->life, &in, 0);
		}
		break;
	case EVENT_ACD:
		if (e->at != world.acd_next)
			break; /* it was put off */
		world.acd_next = INT64_MAX;
		cc_acd_tick(world.acd, world.now, sim_acd(), &next);
		sim_acd_done();
		break;
	case EVENT_CALLER:
		if (!world.closing) {
			sim_new_call();
			sim_later(sim_below(world.options->fair ? 8000 : 20000), *e);
		}
		break;
	case EVENT_OFFICE:
		if (!world.closing) {
			sim_office();
			sim_later(sim_below(10000), *e);
		}
		break;
	case EVENT_LET_GO:
		sim_let_go(e->call, e->life);
		break;
	}
}

/* Jain, Chiu, Hawe: A quantitative measure of fairness, 1984. */
static void sim_shares(void)
{
	for (int k = 0; k < 6; k++) {
		struct sim_share *share = &world.result->shares[k];
		double sum = 0, squares = 0;

		for (int i = k; i < world.agent_count; i += 6) {
			long served = world.agents[i].served;

			share->least = share->agents == 0 || served < share->least ? served : share->least;
			share->most = served > share->most ? served : share->most;
			share->agents++;
			sum += (double)served;
			squares += (double)served * (double)served;
		}
		share->calls = (long)sum;
		share->evenness = squares > 0 ? sum * sum / (share->agents * squares) : 0;
	}
}

int sim_run(const struct sim_options *options, struct sim_result *result)
{
	struct cc_acd_gauges gauges;

	memset(&world, 0, sizeof(world));
	memset(result, 0, sizeof(*result));
	world.options = options;
	world.result = result;
	world.random = options->seed;
	world.now = 1700000000000;
	world.acd_next = INT64_MAX;
	sim_open();
	for (int i = 0; i < 4 || i < options->agents / (options->fair ? 15 : 5); i++)
		sim_later(sim_below(20000), (struct event){.kind = EVENT_CALLER});
	for (int i = 0; !options->fair && (i < 2 || i < options->agents / 50); i++)
		sim_later(sim_below(1000), (struct event){.kind = EVENT_OFFICE});
	while (world.heap_count && !result->error[0]) {
		struct event e = take_next();

		/* the block's midnight is always to come: what is left then is only that */
		if (world.closing && e.at > world.now + 6 * 3600000)
			break;
		world.now = e.at;
		result->events++;
		world.closing = (options->events && result->events > options->events) ||
						(options->total && result->calls >= options->total);
		world.look = result->events % world.check_every == 0;
		happen(&e);
		check_touched();
		if (world.look)
			check_all();
		if (result->events % (32 * world.check_every) == 0) {
			sim_due();
			check_served();
		}
	}
	if (!result->error[0])
		check_empty();
	if (options->fair)
		sim_shares();
	cc_acd_gauges(world.acd, &gauges);
	result->steps = gauges.steps;
	sim_drop_calls();
	cc_conf_set_free(world.set, &sim_memory);
	sim_close();
	free(world.heap);
	return result->error[0] ? -1 : 0;
}
