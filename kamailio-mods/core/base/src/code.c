/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/code.h"

#include <string.h>
#include "cc/err.h"

#define SIGNS "*#"

const struct cc_code_info cc_codes[CC_CODES] = {
#define CC_FEATURE_CODE(symbol, name, when, with, code, gateway, label, help)                      \
	{#name, CC_CODE_##when, CC_CODE_##with, {code, gateway}, label, help},
#include "codes.def"
#undef CC_FEATURE_CODE
};

void cc_code_table_init(struct cc_code_table *t)
{
	memset(t, 0, sizeof(*t)); /* tables are compared as memory */
	for (int i = 0; i < CC_CODES; i++)
		for (int k = 0; k < CC_CODE_COLUMNS; k++)
			strcpy(t->text[i][k], cc_codes[i].initial[k]);
}

int cc_code_find(const char *name)
{
	for (int i = 0; i < CC_CODES; i++)
		if (strcmp(cc_codes[i].name, name) == 0)
			return i;
	return CC_E_NOENT;
}

/* ---- what a code looks like ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_sign(char c)
{
	return c && strchr(SIGNS, c);
}

enum cc_code_fault cc_code_check(enum cc_code code, const char *text)
{
	const struct cc_code_info *info = &cc_codes[code];
	char wanted = info->with == CC_CODE_DIGIT ? 'D' : info->with == CC_CODE_NUMBER ? 'N' : '\0';
	size_t len = strlen(text), digits = 0, wants = 0;

	if (len < 2 || len >= CC_CODE_TEXT)
		return CC_CODE_LETTERS;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == 'D' || text[i] == 'N')
			wants += text[i] == wanted ? 1 : 2;
		else if (!is_digit(text[i]) && !is_sign(text[i]))
			return CC_CODE_LETTERS;
		digits += is_digit(text[i]);
		if (text[i] == 'N' && !is_sign(text[i + 1]))
			return CC_CODE_NO_SIGN;
	}
	if (wants != (wanted != '\0'))
		return CC_CODE_WITHOUT;
	if (info->when == CC_CODE_TALK && !is_sign(text[0]))
		return CC_CODE_NO_SIGN;
	return digits + wants == len && digits < CC_CODE_DIGITS - 1 + (wants == 0) ? CC_CODE_SHORT
																			   : CC_CODE_GOOD;
}

/* A code as it is compared: what stands for a queue is a number behind it. Dialled ones end without
 * their '#', with which many phones dial. */
static const char *form(char to[CC_CODE_TEXT + 4], enum cc_code code, const char *text, bool queue)
{
	size_t len = strlen(text);

	memcpy(to, text, len + 1);
	if (cc_codes[code].when == CC_CODE_DIALLED && len && to[len - 1] == '#')
		to[--len] = '\0';
	if (queue)
		strcpy(to + len, "*N");
	return to;
}

/* ---- what was dialled or pressed ---- */

enum match
{
	NO,
	BEGIN, /* more of it may come */
	WHOLE,
};

/* The first character of *k that is the element *p: moves behind all that belongs to it. */
static bool take(const char *p, const char **k, char *param, size_t *n)
{
	bool wanted = *p == 'D' || *p == 'N';

	if (wanted ? !is_digit(**k) : **k != *p)
		return false;
	do {
		if (wanted) {
			if (*n + 1 >= CC_CODE_PARAM)
				return false;
			param[(*n)++] = **k;
		}
		++*k;
	} while (*p == 'N' && is_digit(**k));
	return true;
}

static enum match match(const char *p, const char *keys, char param[CC_CODE_PARAM])
{
	size_t n = 0;

	for (; *p && *keys; p++)
		if (!take(p, &keys, param, &n))
			return NO;
	param[n] = '\0';
	return *keys ? NO : *p ? BEGIN : WHOLE;
}

int cc_code_dialled(
		char param[CC_CODE_PARAM], const struct cc_code_table *t, const char *number, int columns)
{
	char text[CC_CODE_TEXT + 4], dialled[CC_CODE_KEYS];
	size_t len = strlen(number);

	if (len >= sizeof(dialled) || !len)
		return CC_E_NOENT;
	memcpy(dialled, number, len + 1);
	if (dialled[len - 1] == '#')
		dialled[len - 1] = '\0';
	for (int i = 0; i < CC_CODES * columns; i++) {
		enum cc_code code = (enum cc_code)(i / columns);
		const char *own = t->text[code][i % columns];

		if (cc_codes[code].when != CC_CODE_DIALLED || !own[0])
			continue;
		if (match(form(text, code, own, false), dialled, param) == WHOLE ||
				(cc_codes[code].with == CC_CODE_QUEUE &&
						match(form(text, code, own, true), dialled, param) == WHOLE))
			return code;
	}
	return CC_E_NOENT;
}

bool cc_code_pressed(int *code, char param[CC_CODE_PARAM], const struct cc_code_table *t,
		const char *keys, int columns)
{
	char found[CC_CODE_PARAM];
	bool more = false;

	*code = CC_E_NOENT;
	for (int i = 0; i < CC_CODES * columns; i++) {
		const char *own = t->text[i / columns][i % columns];
		enum match m =
				cc_codes[i / columns].when == CC_CODE_TALK && own[0] ? match(own, keys, found) : NO;

		more = more || m == BEGIN;
		if (m != WHOLE || *code >= 0)
			continue;
		*code = i / columns;
		memcpy(param, found, sizeof(found));
	}
	return more;
}

/* ---- two codes ---- */

/* Whether one text could be what both say. */
static bool overlap(const char *p, const char *q)
{
	bool p_any = *p == 'D' || *p == 'N', q_any = *q == 'D' || *q == 'N';

	if (!*p || !*q)
		return *p == *q;
	if (p_any ? !q_any && !is_digit(*q) : q_any ? !is_digit(*p) : *p != *q)
		return false;
	return overlap(p + 1, q + 1) || (*p == 'N' && overlap(p, q + 1)) ||
		   (*q == 'N' && overlap(p + 1, q));
}

bool cc_code_clash(enum cc_code a, const char *a_text, enum cc_code b, const char *b_text)
{
	char x[CC_CODE_TEXT + 4], y[CC_CODE_TEXT + 4];

	if (cc_codes[a].when != cc_codes[b].when || !*a_text || !*b_text)
		return false;
	for (int i = 0; i < 4; i++) {
		bool first = i & 1, second = i & 2;

		if ((first && cc_codes[a].with != CC_CODE_QUEUE) ||
				(second && cc_codes[b].with != CC_CODE_QUEUE))
			continue;
		if (overlap(form(x, a, a_text, first), form(y, b, b_text, second)))
			return true;
	}
	return false;
}
