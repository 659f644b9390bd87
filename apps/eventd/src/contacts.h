/* SPDX-License-Identifier: GPL-2.0-or-later
 * What an ended call is for the customer on its other side (CRM-06, CRM-07, CRM-15). */
#ifndef CONTACTS_H
#define CONTACTS_H

#include "cc/db.h"

/* Inside the caller's transaction, after the row of the call is complete. e164: digits of the
 * number that is not ours, "" if it has none. An answered call of an agent leaves one contact
 * record; the customer was contacted now; whom the agent has called is no task any more. */
int contacts_call_ended(
		struct cc_db *db, int64_t tenant, struct cc_bytes call, const char *e164, int64_t at);

/* The customer with the number, the newest of them, 0 none: of the call's package, or (0, of calls
 * from before there were any) of the default one before others. */
int contacts_find(
		struct cc_db *db, int64_t tenant, int64_t package, const char *e164, int64_t *customer);

#endif
