/* SPDX-License-Identifier: GPL-2.0-or-later
 * Whether what the engine said, what the tables hold and what the roll-ups sum up are the same. */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdint.h>
#include <stdio.h>
#include "cc/db.h"

/* Writes totals per tenant, calls in progress and every difference to out. journal: folder of the
 * segments. The caller has given db an arena and an empty scope. Number of differences, 0 if
 * everything agrees, or an error of the database or the journal. */
int ledger_check(struct cc_db *db, const char *journal, uint32_t node, FILE *out);

/* Makes all roll-ups anew from the event rows, in one transaction that cc-eventd waits for. */
int ledger_rebuild_rollups(struct cc_db *db);

#endif
