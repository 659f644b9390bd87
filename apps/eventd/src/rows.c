/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rows.h"
#include <string.h>

/* An id of zeros is SQL NULL. */
static struct cc_bytes id_bytes(const struct cc_ulid *id)
{
	return (struct cc_bytes){cc_ulid_is_zero(id) ? NULL : id->b, sizeof(id->b)};
}

static const char *keep(struct cc_arena *arena, const char *text)
{
	return text ? cc_strdup(arena, text) : NULL;
}

/* ---- legs ---- */

struct rows_leg *rows_leg(struct rows *rows, struct cc_arena *arena, const struct rows_leg *first)
{
	struct rows_leg *leg = rows->legs;

	while (leg && (leg->tenant != first->tenant || !cc_ulid_equal(&leg->id, &first->id)))
		leg = leg->next;
	if (leg)
		return leg;
	leg = cc_alloc(arena, sizeof(*leg));
	*leg = *first;
	leg->role = keep(arena, first->role);
	leg->agent = keep(arena, first->agent);
	leg->next = rows->legs;
	rows->legs = leg;
	rows->leg_count++;
	return leg;
}

static int write_legs(const struct rows *rows, struct cc_db *db, struct cc_arena *arena)
{
	enum
	{
		COLUMNS = 10
	};
	size_t count = rows->leg_count * COLUMNS;
	struct cc_bind *binds = cc_alloc(arena, count * sizeof(*binds)), *b = binds;

	for (const struct rows_leg *leg = rows->legs; leg; leg = leg->next) {
		*b++ = CC_BIND(leg->tenant);
		*b++ = CC_BIND(id_bytes(&leg->id));
		*b++ = CC_BIND(id_bytes(&leg->call));
		*b++ = CC_BIND(leg->role);
		*b++ = CC_BIND(leg->agent);
		*b++ = CC_BIND(leg->started_at);
		*b++ = CC_BIND(leg->answered_at);
		*b++ = CC_BIND(leg->sip_code);
		*b++ = CC_BIND(leg->sip_text);
		*b++ = CC_BIND(leg->ended_at);
	}
	/* the assignments see each other in their order: what asks for ended_at comes before it */
	return cc_db_bulk(db,
			"INSERT INTO call_leg (tenant_id, id, call_id, role, agent, started_at, answered_at, "
			"sip_code, sip_text, ended_at) VALUES (?, ?, ?, ?, ?, ?, NULLIF(?, 0), NULLIF(?, -1), "
			"?, NULLIF(?, 0)) ON DUPLICATE KEY UPDATE "
			"answered_at = COALESCE(answered_at, VALUES(answered_at)), "
			"sip_code = IF(ended_at IS NULL, VALUES(sip_code), sip_code), "
			"sip_text = IF(ended_at IS NULL, VALUES(sip_text), sip_text), "
			"ended_at = COALESCE(ended_at, VALUES(ended_at)){any}",
			binds, count);
}

/* ---- states of agents ---- */

void rows_agent(struct rows *rows, struct cc_arena *arena, const struct rows_agent *row)
{
	struct rows_agent *own = cc_alloc(arena, sizeof(*own));

	*own = *row;
	own->agent = keep(arena, row->agent);
	own->what = keep(arena, row->what);
	own->work = keep(arena, row->work);
	own->call_state = keep(arena, row->call_state);
	own->reason = keep(arena, row->reason);
	own->queue = keep(arena, row->queue);
	own->initiator = keep(arena, row->initiator);
	own->actor = keep(arena, row->actor);
	own->next = rows->agents;
	rows->agents = own;
	rows->agent_count++;
}

static int write_agents(
		const struct rows *rows, struct cc_db *db, struct cc_arena *arena, uint32_t node)
{
	enum
	{
		COLUMNS = 13
	};
	size_t count = rows->agent_count * COLUMNS;
	struct cc_bind *binds = cc_alloc(arena, count * sizeof(*binds)), *b = binds;

	for (const struct rows_agent *row = rows->agents; row; row = row->next) {
		*b++ = CC_BIND(row->tenant);
		*b++ = CC_BIND(node);
		*b++ = CC_BIND(row->seq);
		*b++ = CC_BIND(row->at);
		*b++ = CC_BIND(row->agent);
		*b++ = CC_BIND(row->what);
		*b++ = CC_BIND(row->work);
		*b++ = CC_BIND(row->call_state);
		*b++ = CC_BIND(row->reason);
		*b++ = CC_BIND(row->queue);
		*b++ = CC_BIND(row->initiator);
		*b++ = CC_BIND(row->actor);
		*b++ = CC_BIND(id_bytes(&row->call));
	}
	return cc_db_bulk(db,
			"INSERT INTO agent_event (tenant_id, node, seq, at, agent, what, work, call_state, "
			"reason, queue, initiator, actor, call_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
			"?, ?){any}",
			binds, count);
}

int rows_write(struct rows *rows, struct cc_db *db, struct cc_arena *arena, uint32_t node)
{
	int err = write_legs(rows, db, arena);

	if (!err)
		err = write_agents(rows, db, arena, node);
	*rows = (struct rows){NULL};
	return err;
}
