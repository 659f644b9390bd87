/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <sys/random.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/ulid.h"

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

struct cc_ulid cc_ulid_make(int64_t now_ms, const uint8_t random[10])
{
	struct cc_ulid id;

	for (int i = 0; i < 6; i++)
		id.b[i] = (uint8_t)((uint64_t)now_ms >> (40 - 8 * i));
	memcpy(id.b + 6, random, 10);
	return id;
}

struct cc_ulid cc_ulid_new(void)
{
	uint8_t random[10];

	/* requests of up to 256 bytes are neither cut short nor interrupted once the kernel's pool is
	 * ready */
	while (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		;
	return cc_ulid_make(cc_clock_utc_ms(), random);
}

/* The text is the 128 bits with two zero bits in front, five bits a character: 130 = 26 * 5. */
char *cc_ulid_format(const struct cc_ulid *id, char text[CC_ULID_TEXT + 1])
{
	unsigned bits = 0;
	int have = 2, n = 0;

	for (int i = 0; i < 16; i++) {
		bits = bits << 8 | id->b[i];
		have += 8;
		while (have >= 5) {
			have -= 5;
			text[n++] = digits[bits >> have & 31];
		}
		bits &= (1u << have) - 1;
	}
	text[n] = '\0';
	return text;
}

static int digit_value(char c)
{
	const char *p;

	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	p = c ? strchr(digits, c) : NULL;
	return p ? (int)(p - digits) : -1;
}

int cc_ulid_parse(struct cc_ulid *id, const char *text, int len)
{
	struct cc_ulid out;
	unsigned bits = 0;
	int have = -2, n = 0;

	if (len != CC_ULID_TEXT)
		return CC_E_INVAL;
	for (int i = 0; i < CC_ULID_TEXT; i++) {
		int v = digit_value(text[i]);

		if (v < 0 || (i == 0 && v > 7))
			return CC_E_INVAL;
		bits = bits << 5 | (unsigned)v;
		have += 5;
		if (have >= 8) {
			have -= 8;
			out.b[n++] = (uint8_t)(bits >> have);
			bits &= (1u << have) - 1;
		}
	}
	*id = out;
	return 0;
}

bool cc_ulid_is_zero(const struct cc_ulid *id)
{
	static const struct cc_ulid zero;

	return cc_ulid_equal(id, &zero);
}

bool cc_ulid_equal(const struct cc_ulid *a, const struct cc_ulid *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

int64_t cc_ulid_time(const struct cc_ulid *id)
{
	int64_t ms = 0;

	for (int i = 0; i < 6; i++)
		ms = ms << 8 | id->b[i];
	return ms;
}
