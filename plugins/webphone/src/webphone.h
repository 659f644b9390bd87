/* SPDX-License-Identifier: GPL-2.0-or-later
 * CALL-07: the telephone in the page. docs/webphone.md says how it works. */
#ifndef WEBPHONE_H
#define WEBPHONE_H

#include "cc/plugin.h"

#define WEBPHONE_PERMISSION "webphone.phone.use"

/* How long a credential lasts; the page asks for the next one when half of it is over. */
#define WEBPHONE_TTL_S 180

/* phone.c */
int webphone_box(struct cc_request *rq);
int webphone_credential(struct cc_request *rq);

#endif
