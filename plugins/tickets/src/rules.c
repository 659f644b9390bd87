/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules.h"

/* True if a comes before b. */
static bool is_before(const struct ticket_agent *a, const struct ticket_agent *b)
{
	if (a->online != b->online)
		return a->online;
	if (a->idle != b->idle)
		return a->idle;
	if (a->open != b->open)
		return a->open < b->open;
	return a->given_at < b->given_at;
}

static int64_t pick(const struct ticket_agent *agents, size_t count, bool any)
{
	const struct ticket_agent *best = NULL;

	for (size_t i = 0; i < count; i++)
		if ((any || agents[i].online) && (!best || is_before(&agents[i], best)))
			best = &agents[i];
	return best ? best->id : 0;
}

int64_t ticket_pick(const struct ticket_agent *agents, size_t count)
{
	return pick(agents, count, false);
}

int64_t ticket_pick_any(const struct ticket_agent *agents, size_t count)
{
	return pick(agents, count, true);
}

struct ticket_place ticket_begin(const struct ticket_rule *state,
		const struct ticket_rule *category, int64_t author, bool author_in_category_group,
		bool *assigns)
{
	bool moved = state->group && state->group != category->group;
	struct ticket_place place = {.group = state->group ? state->group : category->group};

	/* the state takes the ticket to another group, unless it leaves it to whoever has it */
	if (category->keep && author && author_in_category_group && (!moved || state->keep))
		place.agent = author;
	*assigns = !place.agent && place.group &&
			   ((state->group && state->assign) || (!moved && category->assign));
	return place;
}

struct ticket_place ticket_move(
		const struct ticket_rule *state, struct ticket_place now, bool *assigns)
{
	*assigns = false;
	if (!state->group)
		return now;
	now.group = state->group;
	if (!state->keep) {
		now.agent = 0;
		*assigns = state->assign;
	}
	return now;
}
