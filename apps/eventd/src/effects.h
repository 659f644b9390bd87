/* SPDX-License-Identifier: GPL-2.0-or-later
 * What a journal record changes in the database, besides being kept as an event row: events.def →
 * tables of db/calls. */
#ifndef EFFECTS_H
#define EFFECTS_H

#include "cc/db.h"
#include "cc/journal.h"

#define EFFECTS_REASON 256

/* Keeps the record and does what it says, inside the caller's transaction. A record that is there
 * already changes nothing. marked: the customer whom it has marked, whose open pages are to be told
 * after the commit; else 0. CC_E_CORRUPT: the record is kept, but its fields cannot be used, reason
 * says why (the transaction may go on); other errors are the database's. */
int effects_apply(struct cc_db *db, uint32_t node, const struct cc_record *record, int64_t *marked,
		char reason[EFFECTS_REASON]);
/* Keeps the record only. CC_E_EXIST: it is there already. */
int effects_keep(struct cc_db *db, uint32_t node, const struct cc_record *record);

#endif
