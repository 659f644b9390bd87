/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the journal has of calls, for an engine that starts: whether the last step of a call that
 * was written down got its records into the journal before the engine died. */
#ifndef CC_JOURNALED_H
#define CC_JOURNALED_H

#include <stdbool.h>
#include <stdint.h>
#include "cc/journal.h"
#include "cc/records.h"

struct cc_journaled;

/* Reads the newest segments of the folder and the ring, while nobody puts or takes. CC_E_NOMEM,
 * CC_E_IO. */
int cc_journaled_read(struct cc_journaled **j, const struct cc_ring *ring, const char *folder);
/* NULL is allowed. */
void cc_journaled_free(struct cc_journaled *j);

/* Whether the call's record call_seq is in the journal. since: cc_ring_next_seq() before that
 * record was put; what lies before all that was read is taken as there. */
bool cc_journaled_has(const struct cc_journaled *j, const struct cc_ulid *call, uint32_t call_seq,
		uint64_t since);

/* What a record of a call's step (cc/records.h) begins with. It is written before the journal gets
 * the records of the step, all of them or none. */
struct cc_journaled_step
{
	struct cc_ulid call;
	uint64_t since;    /* cc_ring_next_seq() then */
	uint32_t call_seq; /* of the step's last record */
};
/* The last step of record i that the journal has; NULL: there is none, nobody has heard of the
 * call. An engine that dies between the two has done nothing of its step, which is undone. */
const void *cc_journaled_last(const struct cc_journaled *j, struct cc_records *records, int32_t i);

#endif
