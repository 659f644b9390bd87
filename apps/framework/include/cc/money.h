/* SPDX-License-Identifier: GPL-2.0-or-later
 * Amounts of money. Stored as whole numbers (BIGINT) of 1/10000 of the currency's unit, 1/100 fen:
 * exact, and the same whatever the tenant's preferences say. Those decide how people read and write
 * them. Nothing is ever rounded: what has more digits than the preferences show is shown with all
 * of them, and refused when it is written. */
#ifndef CC_MONEY_H
#define CC_MONEY_H

#include <stdint.h>
#include "cc/web.h"

#define CC_MONEY_DIGITS 4               /* behind the decimal point */
#define CC_MONEY_UNIT 10000             /* 10 to the power of that */
#define CC_MONEY_MAX 999999999999999999 /* 99,999,999,999,999.9999 */

/* How amounts are written. */
struct cc_money
{
	const char *symbol; /* "" none */
	int decimals;       /* 0 … CC_MONEY_DIGITS: fewest digits behind the point, most that may be
						 * written */
	char point;
	const char *group; /* between thousands, "" none */
};

/* As the tenant likes it. */
struct cc_money cc_money(struct cc_request *rq);
/* As machines write it: "-1234.5000". */
extern const struct cc_money cc_money_plain;

/* "-¥1,234.50" */
const char *cc_money_text(struct cc_arena *arena, const struct cc_money *m, int64_t amount);
/* "-1,234.50", for fields of forms. */
const char *cc_money_input(struct cc_arena *arena, const struct cc_money *m, int64_t amount);
/* "-1234.50", for files. */
const char *cc_money_cell(struct cc_arena *arena, const struct cc_money *m, int64_t amount);
/* What people wrote: digits, thousands separators at their places or none at all, a sign and the
 * symbol before them or the symbol behind them. Amount, or CC_E_INVAL: not an amount, CC_E_RANGE:
 * more digits behind the point than m has, CC_E_FULL: beyond CC_MONEY_MAX. */
int cc_money_parse(const struct cc_money *m, const char *text, int64_t *amount);
/* A constant text about an error of cc_money_parse, key of the catalogues. */
const char *cc_money_wrong(int err);

#endif
