/* SPDX-License-Identifier: GPL-2.0-or-later
 * cc-sim: many and long runs. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim.h"

static int usage(void)
{
	fprintf(stderr,
			"usage: cc-sim [-s first seed] [-r runs] [-e events] [-a agents] [-q queues] "
			"[-c calls] [-t]\n"
			"Runs the call engine's decisions against random callers and agents; -t traces.\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct sim_options o = {.seed = 1, .events = 100000, .agents = 20, .queues = 4, .calls = 40};
	long runs = 1;
	int c;

	while ((c = getopt(argc, argv, "s:r:e:a:q:c:t")) != -1) {
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
		case 'a':
			o.agents = (int)n;
			break;
		case 'q':
			o.queues = (int)n;
			break;
		case 'c':
			o.calls = (int)n;
			break;
		case 't':
			o.trace = true;
			break;
		default:
			return usage();
		}
	}
	if (o.agents < 1 || o.agents > 100 || o.queues < 1 || o.queues > 16 || o.calls < 1 ||
			o.calls > 256)
		return usage();
	for (long i = 0; i < runs; i++, o.seed++) {
		struct sim_result r;

		if (sim_run(&o, &r) < 0) {
			fprintf(stderr, "%s\n", r.error);
			return 1;
		}
		printf("seed %llu: %ld events, %ld calls, %ld grants, %ld talks, %ld abandoned, "
			   "%ld overflowed, %ld refused, %ld reloads, %ld restarts\n",
				(unsigned long long)o.seed, r.events, r.calls, r.grants, r.talks, r.abandoned,
				r.overflowed, r.refused, r.reloads, r.restarts);
	}
	return 0;
}
