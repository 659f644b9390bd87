/* SPDX-License-Identifier: GPL-2.0-or-later
 * What a tenant chose for itself: the list is kamailio-mods/contract/preferences.def. */
#ifndef CC_PREFERENCE_H
#define CC_PREFERENCE_H

#include "cc/web.h"

enum cc_preference_kind
{
	CC_PREFERENCE_CHOICE,
	CC_PREFERENCE_FORMAT,
	CC_PREFERENCE_INT,
	CC_PREFERENCE_BOOL,
	CC_PREFERENCE_TEXT,
	CC_PREFERENCE_DIGITS,
	CC_PREFERENCE_NUMBER,
	CC_PREFERENCE_PROMPT,
	CC_PREFERENCE_ADDRESSES,
	CC_PREFERENCE_PACKAGE,
	CC_PREFERENCE_TENANT_ZONE,
	CC_PREFERENCE_TENANT_PROMPTS,
	CC_PREFERENCE_TENANT_DIGITS,
};

struct cc_preference
{
	const char *name;
	enum cc_preference_kind kind;
	const char *initial, *range; /* as in the list */
	const char *section, *label,
			*help; /* translated with the context "preference"; help may be "" */
};

/* Ends with name NULL. */
extern const struct cc_preference cc_preferences[];

/* The value for the signed-in user's tenant, read once a request; the default if nobody chose, if
 * nobody is signed in, and if the database is away. Not for the kinds TENANT_… and PACKAGE. */
const char *cc_preference(struct cc_request *rq, const char *name);
int64_t cc_preference_int(struct cc_request *rq, const char *name);
/* NULL, or what is wrong with the value, in the request's language. *value is replaced by its one
 * form (addresses one a line, blanks cut). */
const char *cc_preference_check(
		struct cc_request *rq, const struct cc_preference *p, const char **value);

#endif
