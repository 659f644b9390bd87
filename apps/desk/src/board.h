/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the live board, the wallboard and the start page know of queues and agents. */
#ifndef BOARD_H
#define BOARD_H

#include "desk.h"

struct board
{
	struct cc_request *rq;
	struct json_object *engine; /* result of cc.board, NULL: not reachable */
	struct json_object *calls;  /* of cc.calls, NULL: none, or nobody waits */
	struct cc_rows groups;      /* number, name */
	struct cc_rows agents;      /* number, name, groups, priorities ("600:1,601:2") */
	struct cc_rows today;       /* queue, answered, abandoned, within 10 s */
};

/* The groups and agents that the user may see: all, or those of the groups one is a member or
 * leader of. An engine that does not answer is no error. */
int board_load(struct cc_request *rq, struct board *b);
/* As contracts.md says of /desk/board?format=json. */
struct json_object *board_snapshot(const struct board *b);
/* "queues" and "agents" of a page, which the script fills in. */
void board_lists(const struct board *b, struct cc_value *page);

#endif
