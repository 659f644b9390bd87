/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/pattern.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static uint32_t range(char from, char to)
{
	uint32_t digits = 0;

	for (char c = from; c <= to; c++)
		digits |= 1u << (c - '0');
	return digits;
}

/* The digits between brackets, p behind the first one; NULL: no such list. */
static const char *list(uint32_t *digits, const char *p)
{
	*digits = 0;
	while (*p != ']') {
		char from = *p++, to = from;

		if (is_digit(from) && *p == '-') {
			to = p[1];
			p += p[1] ? 2 : 1;
		}
		if (!is_digit(from) || !is_digit(to) || from > to)
			return NULL;
		*digits |= range(from, to);
	}
	return *digits ? p + 1 : NULL;
}

/* The digits that fit the first element of p (bit i: digit i): what is behind it, NULL: that is no
 * element. */
static const char *element(uint32_t *digits, const char *p)
{
	switch (*p) {
	case 'X':
	case 'x':
		*digits = range('0', '9');
		return p + 1;
	case 'Z':
	case 'z':
		*digits = range('1', '9');
		return p + 1;
	case 'N':
	case 'n':
		*digits = range('2', '9');
		return p + 1;
	case '[':
		return list(digits, p + 1);
	default:
		*digits = is_digit(*p) ? range(*p, *p) : 0;
		return *digits ? p + 1 : NULL;
	}
}

bool cc_pattern_valid(const char *pattern)
{
	const char *p = pattern;
	uint32_t digits;

	while (p && *p && !(*p == '.' && !p[1]))
		p = element(&digits, p);
	return p && *pattern;
}

bool cc_pattern_matches(const char *pattern, const char *number)
{
	const char *p = pattern;
	uint32_t digits;

	if (!cc_pattern_valid(pattern))
		return false;
	for (; *p && *p != '.'; number++) {
		p = element(&digits, p);
		if (!is_digit(*number) || !(digits >> (*number - '0') & 1))
			return false;
	}
	if (!*p)
		return !*number;
	return *number && number[strspn(number, "0123456789")] == '\0';
}
