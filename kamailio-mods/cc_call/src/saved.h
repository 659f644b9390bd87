/* SPDX-License-Identifier: GPL-2.0-or-later
 * The state machines of calls lie in data/kamailio/calls.map and survive every process. A call
 * whose engine died has lost its legs, but not its end: the next engine lets each state machine
 * hang up and writes what that puts into the journal, so that every call and every queue visit has
 * exactly one end. */
#ifndef CC_CALL_SAVED_H
#define CC_CALL_SAVED_H

#include <stdbool.h>
#include <stdint.h>

#include "cc/call.h"

struct cc_saved
{
	volatile bool used;   /* set last, cleared first */
	uint32_t journal_seq; /* of the call's last record */
	uint64_t conf_hash;   /* of the snapshot that the indexes in core belong to */
	struct cc_call core;
};

/* Maps the records of that many calls. A file of another layout is set aside. */
int cc_saved_open(struct cc_saved **saved, const char *path, int32_t count);
/* Ends the calls that an earlier engine left behind. Configuration and journal must be there. */
void cc_saved_finish(struct cc_saved *saved, int32_t count);

#endif
