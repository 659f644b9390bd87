/* SPDX-License-Identifier: GPL-2.0-or-later
 * Rows that the records of one transaction collect: they are written at its end, all of a table by
 * one statement. A leg rings, is answered and often ends within one batch, and an agent changes its
 * state several times in a call. Texts and memory are of the arena. */
#ifndef ROWS_H
#define ROWS_H

#include "cc/db.h"
#include "cc/ulid.h"

#define ROWS_NO_CODE (-1)

struct rows_leg
{
	struct rows_leg *next;
	int64_t tenant;
	struct cc_ulid id, call;
	const char *role, *agent; /* agent: or NULL */
	int64_t started_at;
	int64_t answered_at, ended_at; /* UTC ms, 0: not by these records */
	int64_t sip_code;              /* of the end, ROWS_NO_CODE: none */
	const char *sip_text;
};

struct rows_agent
{
	struct rows_agent *next;
	int64_t tenant, at;
	uint64_t seq;
	const char *agent, *what, *work, *call_state, *reason, *queue, *initiator, *actor;
	struct cc_ulid call; /* zeros: none */
};

struct rows
{
	struct rows_leg *legs;
	struct rows_agent *agents;
	size_t leg_count, agent_count;
};

/* The leg with the id of `first`, which becomes a row if these records have none of it yet. */
struct rows_leg *rows_leg(struct rows *rows, struct cc_arena *arena, const struct rows_leg *first);
/* One more row of agent_event. */
void rows_agent(struct rows *rows, struct cc_arena *arena, const struct rows_agent *row);
/* Writes them all and forgets them. A leg that is in the database already gets what it does not
 * have. Errors: those of cc_db_bulk. */
int rows_write(struct rows *rows, struct cc_db *db, struct cc_arena *arena, uint32_t node);

#endif
