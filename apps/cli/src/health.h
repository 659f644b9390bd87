/* SPDX-License-Identifier: GPL-2.0-or-later
 * Health of the parts of a stack, for status and watch. */
#ifndef HEALTH_H
#define HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cli.h"

struct health
{
	bool up, healthy;
	bool silent;     /* it is there, but does not answer */
	bool brief;      /* in: no version is wanted */
	int64_t since_s; /* UTC, 0: unknown */
	int pid;
	const char *version, *detail;
};

size_t health_parts(void);
const char *health_name(size_t part);
/* Asks the part in its own protocol; texts live in the arena. */
void health_ask(struct cli *cli, size_t part, struct health *h);

#endif
