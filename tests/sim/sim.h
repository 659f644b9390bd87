/* SPDX-License-Identifier: GPL-2.0-or-later
 * A call centre without SIP and media, to find what no list of cases contains: random callers,
 * phones and agents act on the real call state machine and the real ACD, in an order that one seed
 * decides. After every event the rules of check.c must hold. The same seed gives the same run. */
#ifndef SIM_H
#define SIM_H

#include <stdbool.h>
#include <stdint.h>

struct sim_options
{
	uint64_t seed;
	long events; /* that happen before the doors close and everything ends */
	long total;  /* calls after which they close; 0: events count alone */
	int agents, queues;
	int calls; /* at the same time */
	bool fair; /* nothing happens but calls that are answered: to measure the strategies */
	bool trace;
};

/* How evenly a strategy gives its calls to agents who are always there. */
struct sim_share
{
	int agents;
	long calls, least, most; /* of an agent */
	double evenness;         /* Jain's index: 1 when all have the same, 1/agents when one has all */
};

struct sim_result
{
	long events, calls, grants, talks, abandoned, overflowed, refused, reloads, restarts;
	long callbacks, directs, consults, transfers, outbound, mobiles, predictive, menus, messages;
	uint64_t steps;             /* of the distributor's indexes */
	struct sim_share shares[6]; /* by enum cc_strategy, with fair */
	char error[512];            /* "" : every rule held */
};

/* 0, or -1 with error filled. */
int sim_run(const struct sim_options *options, struct sim_result *result);

#endif
