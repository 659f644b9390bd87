/* SPDX-License-Identifier: GPL-2.0-or-later
 * TIC-02: where a ticket goes. Plain rules without database or clock: the tests try them one by
 * one. */
#ifndef RULES_H
#define RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a state or a category says. */
struct ticket_rule
{
	int64_t group; /* 0: it says nothing */
	bool keep;     /* whoever has the ticket keeps it */
	bool assign;   /* to an agent of the group who is online */
};

/* An agent who may get one. */
struct ticket_agent
{
	int64_t id;
	bool online, idle; /* idle: online and in no call */
	int64_t open;      /* tickets that the agent has */
	int64_t given_at;  /* when the agent got the last one, UTC ms; 0: never */
};

/* Who has a ticket; 0: nobody. */
struct ticket_place
{
	int64_t group, agent;
};

/* The agent of the list who gets the next ticket: idle ones before those in calls, then whoever has
 * the fewest, then whoever has waited longest for one. Only who is online; 0: nobody is. */
int64_t ticket_pick(const struct ticket_agent *agents, size_t count);
/* The same among everybody: online ones come first. */
int64_t ticket_pick_any(const struct ticket_agent *agents, size_t count);

/* A new ticket of the category, with a state (a rule without group: none was chosen), by the agent
 * (0: no agent). The state's group comes before the category's. *assigns: an agent of the group is
 * to be picked; the author keeps it otherwise, or nobody has it but the group. */
struct ticket_place ticket_begin(const struct ticket_rule *state,
		const struct ticket_rule *category, int64_t author, bool author_in_category_group,
		bool *assigns);

/* A ticket that gets the state. */
struct ticket_place ticket_move(
		const struct ticket_rule *state, struct ticket_place now, bool *assigns);

#endif
