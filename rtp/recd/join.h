/* SPDX-License-Identifier: GPL-2.0-or-later
 * The segments of a call, one behind the other with silence for the time between them. */
#ifndef CC_JOIN_H
#define CC_JOIN_H

#include <signal.h>
#include <stdint.h>
#include "convert.h"

struct cc_join_part
{
	const char *wav;
	int64_t started_ms; /* UTC */
	enum cc_recording_state state;
};

/* Writes what part[n] hold, in this order, and sets r's duration, start and state. Errors as of
 * cc_convert; CC_E_CORRUPT: a part is no WAV of ours. */
int cc_join(struct cc_recording *r, const struct cc_join_part *part, unsigned n, const char *wav,
		const char *mp3, const volatile sig_atomic_t *stop);

#endif
