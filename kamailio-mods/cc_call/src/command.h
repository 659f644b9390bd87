/* SPDX-License-Identifier: GPL-2.0-or-later
 * The command socket: JSON-RPC 2.0, one message a line (docs/contracts.md). The table of methods is
 * contract/commands.def; any module may provide a method's handler before the fork. */
#ifndef CC_CALL_COMMAND_H
#define CC_CALL_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "cc_call/api.h"

#define CC_COMMAND_LINE_MAX 65536

/* JSON-RPC's own error codes; ours are 1 … of enum cc_err. */
#define CC_RPC_PARSE -32700
#define CC_RPC_REQUEST -32600
#define CC_RPC_METHOD -32601
#define CC_RPC_PARAMS -32602

void cc_command_provide(const char *method, cc_command_handler handler);
/* Parameters of a command: a text, NULL if it has none of that name; a number from 1 on, else 0. */
const char *cc_command_text(struct json_object *params, const char *key);
uint32_t cc_command_id(struct json_object *params, const char *key);
/* An error of a handler: code of enum cc_err and a constant word, NULL: the code's name. */
void cc_command_fail(struct cc_command_reply *reply, int err, const char *reason);

#endif
