/* SPDX-License-Identifier: GPL-2.0-or-later
 * Values of SIP headers that Kamailio does not parse for modules. No Kamailio header; what says
 * nothing else is not NUL-terminated, and not copied. */
#ifndef CC_CALL_HEADER_H
#define CC_CALL_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cc_text
{
	const char *s;
	size_t len;
};

/* The next element of a comma-separated list without its parameters and spaces; false at the end.
 */
bool cc_list_next(struct cc_text *rest, struct cc_text *element);
/* Whether the list has this element; case does not matter. */
bool cc_list_has(struct cc_text list, const char *element);

enum cc_refresher
{
	CC_REFRESHER_NONE, /* not said */
	CC_REFRESHER_UAC,
	CC_REFRESHER_UAS
};

/* "1800;refresher=uas" (RFC 4028). CC_E_INVAL: no number. */
int cc_session_parse(int32_t *seconds, enum cc_refresher *refresher, struct cc_text value);

/* RAck "776656 1 INVITE" (RFC 3262). CC_E_INVAL */
int cc_rack_parse(uint32_t *rseq, uint32_t *cseq, struct cc_text *method, struct cc_text value);

/* The dialog that a Refer-To URI wants replaced (RFC 3891): "Replaces=id%40host%3Bto-tag%3Da%3B
 * from-tag%3Db" among the URI's headers. NUL-terminated. CC_E_NOENT: none is named; CC_E_INVAL:
 * malformed, or longer than its place. */
struct cc_replaces
{
	char call_id[128], to_tag[128], from_tag[128];
};
int cc_replaces_parse(struct cc_replaces *r, struct cc_text uri_headers);

/* The CANCEL of an INVITE that we sent: a text of cap bytes, not NUL-terminated; its length, or
 * CC_E_INVAL, CC_E_FULL. */
int cc_cancel_of(char *buf, size_t cap, struct cc_text invite);

/* A whole value of digits below 2^32. CC_E_INVAL */
int cc_header_number(uint32_t *number, struct cc_text value);

/* The key of an INFO body: "Signal=5" of application/dtmf-relay, or the bare digit of
 * application/dtmf. '\0': none. */
char cc_dtmf_key(struct cc_text body);

#endif
