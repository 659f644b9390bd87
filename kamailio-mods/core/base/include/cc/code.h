/* SPDX-License-Identifier: GPL-2.0-or-later
 * Feature codes of agents' phones (contract/codes.def): what they look like, and which of them was
 * dialled or pressed. A code is digits, '*' and '#', with one D or N for what belongs to it. */
#ifndef CC_CODE_H
#define CC_CODE_H

#include <stdbool.h>
#include <stddef.h>

enum cc_code
{
#define CC_FEATURE_CODE(symbol, name, when, with, code, gateway, label, help) CC_CODE_##symbol,
#include "codes.def"
#undef CC_FEATURE_CODE
	CC_CODES
};
enum cc_code_when
{
	CC_CODE_DIALLED,
	CC_CODE_TALK
};
enum cc_code_with
{
	CC_CODE_NOTHING,
	CC_CODE_QUEUE,
	CC_CODE_DIGIT,
	CC_CODE_NUMBER
};

#define CC_CODE_COLUMNS 2 /* of phones, of gateways */
#define CC_CODE_TEXT 16   /* a code, NUL included */
#define CC_CODE_PARAM 24  /* what stands for D, N or the queue, NUL included */
#define CC_CODE_KEYS 32   /* keys of one code, NUL included */

struct cc_code_info
{
	const char *name;
	enum cc_code_when when;
	enum cc_code_with with;
	const char *initial[CC_CODE_COLUMNS];
	const char *label, *help; /* context "code" */
};
extern const struct cc_code_info cc_codes[CC_CODES];

/* Codes of a tenant; "" : switched off. */
struct cc_code_table
{
	char text[CC_CODES][CC_CODE_COLUMNS][CC_CODE_TEXT];
};

/* Fills in the defaults. */
void cc_code_table_init(struct cc_code_table *t);
/* By its name, CC_E_NOENT. */
int cc_code_find(const char *name);

/* What is wrong with a text as a code of that kind; "" is none. */
enum cc_code_fault
{
	CC_CODE_GOOD,
	CC_CODE_LETTERS, /* more than digits, * and #, or it is too long or too short */
	CC_CODE_WITHOUT, /* not exactly one D or N where the kind has one, or one that it has not */
	CC_CODE_NO_SIGN, /* pressed in a talk it has to begin with * or #, and a N to have one behind it
					  */
	CC_CODE_SHORT, /* only digits, fewer than CC_CODE_DIGITS: might be a number that people need */
};
#define CC_CODE_DIGITS 5
enum cc_code_fault cc_code_check(enum cc_code code, const char *text);

/* Whether something could be both codes of the table: the later one would never be reached. */
bool cc_code_clash(enum cc_code a, const char *a_text, enum cc_code b, const char *b_text);

/* What was dialled as a whole, a '#' at its end or not: the code, and what belongs to it.
 * CC_E_NOENT: none. */
int cc_code_dialled(
		char param[CC_CODE_PARAM], const struct cc_code_table *t, const char *number, int columns);

/* Keys that were pressed in a talk so far. code: the one that they are, else CC_E_NOENT, with what
 * belongs to it. True: further keys may make another one of them. */
bool cc_code_pressed(int *code, char param[CC_CODE_PARAM], const struct cc_code_table *t,
		const char *keys, int columns);

#endif
