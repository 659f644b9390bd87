/* SPDX-License-Identifier: GPL-2.0-or-later
 * ULID: 48 bit UTC ms + 80 random bits, sorts by time. https://github.com/ulid/spec */
#ifndef CC_ULID_H
#define CC_ULID_H

#include <stdbool.h>
#include <stdint.h>

#define CC_ULID_TEXT 26

struct cc_ulid
{
	uint8_t b[16];
};

/* From time and 80 random bits (both given by the caller: cores are deterministic). */
struct cc_ulid cc_ulid_make(int64_t now_ms, const uint8_t random[10]);
/* From the system's clock and getrandom(2). */
struct cc_ulid cc_ulid_new(void);
/* Writes 26 characters and a NUL; returns text. */
char *cc_ulid_format(const struct cc_ulid *id, char text[CC_ULID_TEXT + 1]);
/* len must be 26; lower case is accepted. CC_E_INVAL otherwise. */
int cc_ulid_parse(struct cc_ulid *id, const char *text, int len);
bool cc_ulid_is_zero(const struct cc_ulid *id);
bool cc_ulid_equal(const struct cc_ulid *a, const struct cc_ulid *b);
int64_t cc_ulid_time(const struct cc_ulid *id);

#endif
