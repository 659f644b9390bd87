/* SPDX-License-Identifier: GPL-2.0-or-later
 * Calls that pages (CALL-01) and diallers (TEL-08) ask for. */
#ifndef CC_CALL_DIAL_H
#define CC_CALL_DIAL_H

#include "cc_call/api.h"

/* Handler of cc.call.dial. */
void cc_dial_command(struct json_object *params, struct cc_command_reply *reply);
/* Handler of cc.call.originate. */
void cc_originate_command(struct json_object *params, struct cc_command_reply *reply);

#endif
