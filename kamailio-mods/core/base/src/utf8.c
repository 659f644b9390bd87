/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include "cc/utf8.h"

size_t cc_utf8_char(const char *s, size_t len)
{
	const unsigned char *b = (const unsigned char *)s;
	unsigned char low = 0x80, high = 0xBF; /* limits of the second byte */
	size_t n;

	if (len == 0)
		return 0;
	if (b[0] < 0x80)
		return 1;
	if (b[0] >= 0xC2 && b[0] <= 0xDF) {
		n = 2;
	} else if (b[0] >= 0xE0 && b[0] <= 0xEF) {
		n = 3;
		if (b[0] == 0xE0)
			low = 0xA0;
		else if (b[0] == 0xED)
			high = 0x9F;
	} else if (b[0] >= 0xF0 && b[0] <= 0xF4) {
		n = 4;
		if (b[0] == 0xF0)
			low = 0x90;
		else if (b[0] == 0xF4)
			high = 0x8F;
	} else {
		return 0;
	}
	if (len < n || b[1] < low || b[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((b[i] & 0xC0) != 0x80)
			return 0;
	return n;
}

bool cc_utf8_valid(const char *s, size_t len)
{
	while (len > 0) {
		size_t n = cc_utf8_char(s, len);

		if (n == 0)
			return false;
		s += n;
		len -= n;
	}
	return true;
}

size_t cc_utf8_cut(const char *s, size_t len, size_t max)
{
	if (len <= max)
		return len;
	len = max;
	/* a continuation byte behind the cut means that it goes through a character, which has at most
	 * four bytes */
	for (int back = 0; back < 3 && len > 0 && ((unsigned char)s[len] & 0xC0) == 0x80; back++)
		len--;
	return len;
}

size_t cc_utf8_copy(char *to, size_t cap, const char *from)
{
	size_t len;

	if (cap == 0)
		return 0;
	len = cc_utf8_cut(from, strlen(from), cap - 1);
	memcpy(to, from, len);
	to[len] = '\0';
	return len;
}
