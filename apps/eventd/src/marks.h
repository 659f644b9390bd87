/* SPDX-License-Identifier: GPL-2.0-or-later
 * Marks that agents make by phone (CRM-20, CODE-01): the same rows as saving a card leaves. */
#ifndef MARKS_H
#define MARKS_H

#include "cc/db.h"

/* Inside the caller's transaction. Marks the customer of the call with the type that has the digit,
 * as the agent's account. A number that no customer has is marked by itself. Nothing to mark (no
 * such call, one inside, a digit that no type has any more) is no error. customer: who
 * was marked, 0 nobody that is known. */
int marks_write(struct cc_db *db, int64_t tenant, struct cc_bytes call, const char *agent,
		const char *digit, int64_t at, int64_t *customer);

#endif
