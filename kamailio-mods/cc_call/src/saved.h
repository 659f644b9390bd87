/* SPDX-License-Identifier: GPL-2.0-or-later
 * What survives every process: the state machines of calls in data/kamailio/calls.map and their
 * established legs in legs.map (leg_saved.h), and who has to be told to stop ringing in rings.map
 * (leg_ringing.h). A new engine goes on with the calls whose caller is
 * still there; the others end with a cause, so that every call and every queue visit has exactly
 * one end. */
#ifndef CC_CALL_SAVED_H
#define CC_CALL_SAVED_H

#include <stddef.h>
#include <stdint.h>

#include "cc/call.h"
#include "cc/records.h"
#include "cc_call/api.h"

/* Maps such a file, as cc_records_open; one of another layout is set aside. */
int cc_saved_map(
		struct cc_records **records, const char *path, uint64_t kind, size_t bytes, int32_t count);
/* Maps these files in that folder. */
int cc_saved_open(const char *folder, int32_t calls, int32_t legs);
void cc_saved_close(void);

/* Writes the call in that slot down; of its runner, before the step's records go into the journal.
 */
void cc_saved_call(int32_t slot);
/* The call is over. */
void cc_saved_call_clear(int32_t slot);

/* At the start, before the fork: puts the calls of the engine before this one back, each as it was
 * after the last step whose records are in the journal (its folder). Configuration and ring must be
 * there. Nothing is sent yet: each call finds CC_IN_RESTORED in its inbox. CC_E_NOMEM, CC_E_IO: the
 * journal cannot be read. */
int cc_saved_restore(const char *journal);
/* Calls that were put back, those that hold an agent first. */
void cc_saved_each(
		void (*each)(struct cc_call_ref ref, const struct cc_call *call, void *arg), void *arg);
/* After the fork, once: hangs up legs that were put back and that no call has. */
void cc_saved_resume(void);

#endif
