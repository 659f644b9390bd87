/* SPDX-License-Identifier: GPL-2.0-or-later
 * Carries out what the core decided, in order, with no lock held. */
#ifndef CC_CALL_ACTIONS_H
#define CC_CALL_ACTIONS_H

#include <stdbool.h>

#include "engine.h"

/* Who queues calls and who knows the phones; set before the fork. */
void cc_actions_provide_queue(const struct cc_queue_provider *provider);
void cc_actions_provide_registrar(const struct cc_registrar_provider *provider);
const struct cc_queue_provider *cc_actions_queue(void);
const struct cc_registrar_provider *cc_actions_registrar(void);

/* Gives the step's journal records their numbers in the call. */
void cc_actions_number(struct cc_call_slot *slot, const struct cc_call_actions *actions);
/* Writes the records that were numbered, all or none of them; now_ms: of the step. */
void cc_actions_journal(
		struct cc_call_slot *slot, const struct cc_call_actions *actions, int64_t now_ms);
/* Does all the rest. True: the call is over and its slot may be dropped. */
bool cc_actions_carry_out(
		struct cc_call_ref ref, struct cc_call_slot *slot, const struct cc_call_actions *actions);

#endif
