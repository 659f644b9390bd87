/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/cause.h"

const char *cc_cause_name(enum cc_cause cause)
{
	static const char *const names[] = {
			"",
#define CC_CAUSE(symbol, name) name,
#include "causes.def"
#undef CC_CAUSE
	};

	return (unsigned)cause < sizeof(names) / sizeof(names[0]) ? names[cause] : "";
}
