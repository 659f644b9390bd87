/* SPDX-License-Identifier: GPL-2.0-or-later
 * From an INVITE to a call. */
#ifndef CC_CALL_INCOMING_H
#define CC_CALL_INCOMING_H

#include "cc_call/api.h"

/* See struct cc_call_api. */
void cc_incoming(struct sip_msg *msg, const struct cc_incoming *in);

#endif
