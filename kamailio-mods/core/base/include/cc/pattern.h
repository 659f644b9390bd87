/* SPDX-License-Identifier: GPL-2.0-or-later
 * Patterns of telephone numbers, in the notation of PBXs. */
#ifndef CC_PATTERN_H
#define CC_PATTERN_H

#include <stdbool.h>

/* Of digits; X (0-9), Z (1-9), N (2-9), each in both cases; [13-57] one of these digits; and a '.'
 * at the end: one digit or more. At least one character. */
bool cc_pattern_valid(const char *pattern);
/* Whether all of the number fits; an invalid pattern fits nothing. */
bool cc_pattern_matches(const char *pattern, const char *number);

#endif
