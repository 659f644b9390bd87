/* SPDX-License-Identifier: GPL-2.0-or-later
 * cc-sim: many and long runs. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "sim.h"

static int usage(void)
{
	fprintf(stderr,
			"usage: cc-sim [-s first seed] [-r runs] [-e events] [-n calls in all] [-a agents]\n"
			"              [-q queues] [-c calls at a time] [-f] [-t]\n"
			"Runs the call engine's decisions against random callers and agents.\n"
			"-f: nothing but answered calls, to measure how evenly the strategies share them;\n"
			"-t: traces. A million calls on 10,000 agents: cc-sim -e 0 -n 1000000 -a 10000 -q 1000 "
			"-c 6000\n");
	return 2;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void print_shares(const struct sim_result *r)
{
	static const char *const names[] = {
			"longest_idle", "fewest_calls", "linear", "round_robin", "random", "ring_all"};

	for (int i = 0; i < 6; i++)
		printf("  %-12s %3d agents, %7ld calls: %ld to %ld each, evenness %.4f\n", names[i],
				r->shares[i].agents, r->shares[i].calls, r->shares[i].least, r->shares[i].most,
				r->shares[i].evenness);
}

int main(int argc, char **argv)
{
	struct sim_options o = {.seed = 1, .events = 100000, .agents = 20, .queues = 4, .calls = 40};
	long runs = 1;
	int c;

	while ((c = getopt(argc, argv, "s:r:e:n:a:q:c:ft")) != -1) {
		long n = optarg ? atol(optarg) : 0;

		switch (c) {
		case 's':
			o.seed = (uint64_t)n;
			break;
		case 'r':
			runs = n;
			break;
		case 'e':
			o.events = n;
			break;
		case 'n':
			o.total = n;
			break;
		case 'a':
			o.agents = (int)n;
			break;
		case 'q':
			o.queues = (int)n;
			break;
		case 'c':
			o.calls = (int)n;
			break;
		case 'f':
			o.fair = true;
			o.queues = 6;
			break;
		case 't':
			o.trace = true;
			break;
		default:
			return usage();
		}
	}
	if (o.agents < 1 || o.agents > 90000 || o.queues < 1 || o.queues > 5000 || o.calls < 1 ||
			o.calls > 50000 || (o.events < 1 && o.total < 1))
		return usage();
	for (long i = 0; i < runs; i++, o.seed++) {
		double began = now_s(), took;
		struct sim_result r;

		if (sim_run(&o, &r) < 0) {
			fprintf(stderr, "%s\n", r.error);
			return 1;
		}
		took = now_s() - began;
		printf("seed %llu: %ld events, %ld calls, %ld grants, %ld talks, %ld abandoned, "
			   "%ld overflowed, %ld refused, %ld direct, %ld call-backs, %ld out, %ld to mobiles, "
			   "%ld predictive, "
			   "%ld "
			   "consultations, %ld transfers, %ld menus, %ld messages, %ld reloads, %ld restarts\n",
				(unsigned long long)o.seed, r.events, r.calls, r.grants, r.talks, r.abandoned,
				r.overflowed, r.refused, r.directs, r.callbacks, r.outbound, r.mobiles,
				r.predictive, r.consults, r.transfers, r.menus, r.messages, r.reloads, r.restarts);
		printf("  %d agents, %d queues: %.1f s, %.2f us an event, %.1f steps of indexes an event\n",
				o.agents, o.queues, took, took * 1e6 / (double)r.events,
				(double)r.steps / (double)r.events);
		if (o.fair)
			print_shares(&r);
	}
	return 0;
}
