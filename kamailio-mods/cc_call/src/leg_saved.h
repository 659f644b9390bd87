/* SPDX-License-Identifier: GPL-2.0-or-later
 * Legs in data/kamailio/legs.map: what a new engine needs to go on with an established dialog and
 * its media. A leg is written when it is confirmed, when its target or media change and when we
 * send a request in it; what was ringing cannot go on, because tm's transactions die with the
 * engine (leg_ringing.h). */
#ifndef CC_CALL_LEG_SAVED_H
#define CC_CALL_LEG_SAVED_H

#include <stdbool.h>
#include <stdint.h>

#include "leg.h"

/* A new CSeq is that much above the last one known to be used. */
#define CC_LEG_CSEQ_GAP 100

/* Maps the file. A file of another layout is set aside. */
int cc_leg_saved_open(const char *path, int32_t legs);
void cc_leg_saved_close(void);

/* Writes the leg down if it is established, else removes what is written. */
void cc_leg_save(struct cc_leg *leg);

/* Legs of the engine before this one, before the fork. */
/* Whether slot has the leg of that id, established. */
bool cc_leg_saved_has(int32_t slot, const struct cc_ulid *id);
/* Makes it a leg again, with one reference, of no call yet. CC_E_NOENT; CC_E_CORRUPT: it cannot be
 * used; CC_E_NOMEM. */
int cc_leg_restore(struct cc_leg **leg, int32_t slot);

#endif
