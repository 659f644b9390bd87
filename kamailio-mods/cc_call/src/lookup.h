/* SPDX-License-Identifier: GPL-2.0-or-later
 * Whose number a caller has, as far as the engine must know it before anybody is told of the call:
 * how much of it call tasks hide (CALL-13). Half a million customers of a task are no part of the
 * configuration: a process of its own asks the database, and the call goes on with its answer
 * (CC_IN_LOOKED_UP). Without one in time the call is hidden as the strictest task of the tenant
 * says. */
#ifndef CC_CALL_LOOKUP_H
#define CC_CALL_LOOKUP_H

#include "engine.h"

/* Before the fork. */
int cc_lookup_init(void);
/* Asks for the call's caller. Never waits. */
void cc_lookup_ask(struct cc_call_ref ref, const struct cc_call *call);

#endif
