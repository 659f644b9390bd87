/* SPDX-License-Identifier: GPL-2.0-or-later
 * What a journal record changes in the database, besides being kept as an event row: events.def →
 * tables of db/calls. */
#ifndef EFFECTS_H
#define EFFECTS_H

#include "cc/db.h"
#include "cc/journal.h"
#include "rows.h"

#define EFFECTS_REASON 256

/* What a transaction remembers: rows that are written at its end, and where the tenant of the last
 * number is at home. */
struct effects
{
	struct cc_db *db;
	struct cc_arena *arena;
	uint32_t node; /* whose journal it is */
	struct rows rows;
	struct effects_home
	{
		int64_t tenant; /* 0: not read yet */
		bool known;
		char country[5], area_code[6];
	} home;
};

/* Keeps records as event rows, all or none; their memory comes from the arena.
 * CC_E_EXIST: one is there already; other errors are the database's. */
int effects_keep(struct effects *all, const struct cc_record *const *records, size_t count);
/* Does what a record says that has just been kept, inside the same transaction. marked:
 * the customer whom it has marked, whose open pages are to be told after the commit; else 0.
 * CC_E_CORRUPT: its fields cannot be used, reason says why (the transaction may go on); other
 * errors are the database's. */
int effects_apply(struct effects *all, const struct cc_record *record, int64_t *marked,
		char reason[EFFECTS_REASON]);
/* Writes what effects_apply has collected, as the last thing before the commit. Errors are the
 * database's. */
int effects_finish(struct effects *all);

#endif
