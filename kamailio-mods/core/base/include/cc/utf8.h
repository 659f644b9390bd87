/* SPDX-License-Identifier: GPL-2.0-or-later
 * UTF-8 (RFC 3629): well-formed means no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef CC_UTF8_H
#define CC_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the well-formed character at s, 0 if there is none (len may be 0). */
size_t cc_utf8_char(const char *s, size_t len);
bool cc_utf8_valid(const char *s, size_t len);
/* The longest length <= max that does not split a character of well-formed text. */
size_t cc_utf8_cut(const char *s, size_t len, size_t max);
/* Copies a NUL-terminated text, cut to fit cap bytes with its NUL; returns the length. */
size_t cc_utf8_copy(char *to, size_t cap, const char *from);

#endif
