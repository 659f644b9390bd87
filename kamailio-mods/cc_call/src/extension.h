/* SPDX-License-Identifier: GPL-2.0-or-later
 * What a message says about SIP's extensions: 100rel (RFC 3262), timer (RFC 4028)
 * and replaces (RFC 3891) are ours. */
#ifndef CC_CALL_EXTENSION_H
#define CC_CALL_EXTENSION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/parser/msg_parser.h"

#include "header.h"

#define CC_ALLOW "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER\r\n"
#define CC_SUPPORTED "Supported: 100rel, timer, replaces\r\n"
#define CC_ACCEPT "Accept: application/sdp, application/dtmf-relay, application/dtmf\r\n"

struct cc_extensions
{
	bool timer;            /* in Supported or Require */
	bool reliable;         /* 100rel in Require: provisional responses have to be acknowledged */
	bool update;           /* UPDATE in Allow */
	bool info_package;     /* there is an Info-Package */
	int32_t session_s;     /* Session-Expires, 0 none */
	int32_t session_min_s; /* Min-SE, 0 none */
	enum cc_refresher refresher;
	uint32_t rseq; /* of a reliable response, 0 none */
	/* what Require wants and we have not, as the value of Unsupported; "" nothing */
	char unsupported[128];
};

/* CC_E_INVAL: one of the headers is malformed. */
int cc_extensions_read(struct cc_extensions *x, struct sip_msg *msg);
/* The value of the first header of that name. */
bool cc_extension_header(struct sip_msg *msg, const char *name, struct cc_text *value);

#endif
