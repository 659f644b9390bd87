/* SPDX-License-Identifier: GPL-2.0-or-later
 * The contacts of agents' phones: stored by the stock usrloc on a local SQLite file, looked up
 * here, and reported to the journal (each change) and to cc_queue (the number of contacts, whenever
 * it may have changed). */
#ifndef CC_REGISTRAR_LOCATION_H
#define CC_REGISTRAR_LOCATION_H

#include <stdint.h>

#include "cc_call/api.h"

/* Makes the tables of usrloc in the file if they are not there, and removes the contacts of
 * connections that have ended with the engine before; before usrloc is initialised. */
int cc_location_open(const char *path, const struct cc_call_api *api);
/* Binds usrloc and cc_queue; before the fork, after all modules are initialised. */
int cc_location_bind(void);
/* Provider of cc_call. */
int cc_location_contacts(
		const char *number, const char *domain, struct cc_contact *contacts, int max);
/* Forgets a contact of an agent's; NULL: all of them. */
void cc_location_remove(const char *number, const char *domain, const char *contact);
/* In the engine's timer: tells cc_queue what has changed. */
void cc_location_tick(int64_t now_ms);

#endif
