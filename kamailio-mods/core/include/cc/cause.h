/* SPDX-License-Identifier: GPL-2.0-or-later
 * End causes in the words of the call record (CDR-02). */
#ifndef CC_CAUSE_H
#define CC_CAUSE_H

enum cc_cause
{
	CC_CAUSE_NONE = 0,
#define CC_CAUSE(symbol, name) CC_CAUSE_##symbol,
#include "causes.def"
#undef CC_CAUSE
};

/* The stable name ("answered", …); "" for none. */
const char *cc_cause_name(enum cc_cause cause);

#endif
