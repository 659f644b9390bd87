/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <string.h>
#include "cc/err.h"
#include "cc/number.h"

#define RAW_MAX 32

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static int join(char out[CC_NUMBER_E164 + 1], const char *a, const char *b, const char *c)
{
	size_t la = strlen(a), lb = strlen(b), lc = strlen(c), len = la + lb + lc;

	if (len > CC_NUMBER_E164 || len <= CC_NUMBER_EXTENSION)
		return CC_E_INVAL;
	memcpy(out, a, la);
	memcpy(out + la, b, lb);
	memcpy(out + la + lb, c, lc + 1);
	return (int)len;
}

int cc_number_e164(
		char out[CC_NUMBER_E164 + 1], const char *raw, const char *country, const char *area)
{
	char d[RAW_MAX + 1];
	size_t n = 0, cl = strlen(country);
	bool plus = false, nanp = strcmp(country, "1") == 0;

	for (const char *p = raw; *p; p++) {
		if (is_digit(*p)) {
			if (n == RAW_MAX)
				return CC_E_INVAL;
			d[n++] = *p;
		} else if (*p == '+' && n == 0 && !plus) {
			plus = true;
		} else if (!strchr(" -./()", *p)) {
			return CC_E_INVAL;
		}
	}
	d[n] = '\0';
	if (n == 0)
		return CC_E_INVAL;
	if (plus)
		return d[0] == '0' ? CC_E_INVAL : join(out, d, "", "");
	if (n <= CC_NUMBER_EXTENSION)
		return CC_E_NOENT;
	if (starts(d, "00"))
		return d[2] == '0' ? CC_E_INVAL : join(out, d + 2, "", "");
	if (nanp) { /* no trunk zero: 011 is international, 1 the national prefix and the country at
				   once */
		if (starts(d, "011"))
			return join(out, d + 3, "", "");
		if (n == 11 && d[0] == '1')
			return join(out, d, "", "");
		return n == 7 ? join(out, country, area, d) : join(out, country, d, "");
	}
	if (d[0] == '0')
		return join(out, country, d + 1, "");
	/* subscriber numbers have seven or eight digits and begin with neither 0 nor 1 (China's
	 * numbering plan) */
	if (n <= 8 && d[0] != '1')
		return join(out, country, area[0] == '0' ? area + 1 : area, d);
	/* a carrier that sends country code and number without '+': longer than any national number */
	if (starts(d, country) && n >= cl + 10 && n > 11)
		return join(out, d, "", "");
	return join(out, country, d, "");
}

void cc_number_mask(char *text)
{
	enum
	{
		FROM = 7,
		HIDDEN = 4
	};

	for (size_t len; *text; text += len + (text[len] != '\0')) {
		size_t digits = 0, n = 0, hidden, first;

		len = strspn(text, "0123456789+-./() ");
		for (size_t i = 0; i < len; i++)
			digits += text[i] >= '0' && text[i] <= '9';
		if (digits < FROM)
			continue;
		/* the middle ones, with one more in front of them than behind when it does not come out
		 * even; of several numbers in a row nearly all */
		hidden = digits > CC_NUMBER_E164 ? digits - FROM : HIDDEN;
		first = digits == 11 || digits > CC_NUMBER_E164 ? 3 : (digits - HIDDEN) / 2;
		for (size_t i = 0; i < len; i++) {
			if (text[i] < '0' || text[i] > '9')
				continue;
			if (n >= first && n < first + hidden)
				text[i] = '*';
			n++;
		}
	}
}

void cc_number_hide(char *text, bool name, int hide)
{
	static const char all[] = "*****"; /* fits wherever a number was */

	if (hide == 0 || strlen(text) <= CC_NUMBER_EXTENSION)
		return;
	cc_number_mask(text);
	if (hide > 1 && (!name || strchr(text, '*')))
		memcpy(text, all, sizeof(all));
}
