/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/money.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "cc/preference.h"

#define NBSP "\xC2\xA0" /* numbers are not broken at the end of a line */

const struct cc_money cc_money_plain = {"", CC_MONEY_DIGITS, '.', ""};

/* ---- preferences ---- */

static const char *symbol_of(const char *currency)
{
	static const char *const symbols[][2] = {{"CNY", "¥"}, {"HKD", "HK$"}, {"TWD", "NT$"},
			{"JPY", "¥"}, {"USD", "$"}, {"EUR", "€"}, {"GBP", "£"}, {"SGD", "S$"}};
	for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
		if (!strcmp(symbols[i][0], currency))
			return symbols[i][1];
	return currency;
}

struct cc_money cc_money(struct cc_request *rq)
{
	static const char *const groups[][2] = {
			{"comma", ","}, {"point", "."}, {"space", NBSP}, {"none", ""}};
	const char *symbol = cc_preference(rq, "currency_symbol");
	const char *group = cc_preference(rq, "thousands_separator");
	int64_t decimals = cc_preference_int(rq, "currency_decimals");
	struct cc_money m = {.symbol = *symbol ? symbol : symbol_of(cc_preference(rq, "currency")),
			.decimals =
					decimals < 0 || decimals > CC_MONEY_DIGITS ? CC_MONEY_DIGITS : (int)decimals,
			.point = strcmp(cc_preference(rq, "decimal_separator"), "comma") ? '.' : ',',
			.group = ""};
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		if (!strcmp(groups[i][0], group) && groups[i][1][0] != m.point)
			m.group = groups[i][1];
	return m;
}

/* ---- writing ---- */

static const char *write_amount(struct cc_arena *arena, const struct cc_money *m, int64_t amount,
		const char *symbol, const char *group)
{
	uint64_t n = amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount;
	struct cc_buf b = cc_buf_new(arena);
	char whole[24], rest[CC_MONEY_DIGITS + 1];
	int len = snprintf(whole, sizeof whole, "%" PRIu64, n / CC_MONEY_UNIT);
	int digits = CC_MONEY_DIGITS;
	snprintf(rest, sizeof rest, "%04u", (unsigned)(n % CC_MONEY_UNIT));
	while (digits > m->decimals && rest[digits - 1] == '0')
		digits--;
	cc_buf_printf(&b, "%s%s", amount < 0 ? "-" : "", symbol);
	for (int i = 0; i < len; i++)
		cc_buf_printf(&b, "%s%c", i && (len - i) % 3 == 0 ? group : "", whole[i]);
	if (digits)
		cc_buf_printf(&b, "%c%.*s", m->point, digits, rest);
	return cc_buf_text(&b);
}

const char *cc_money_text(struct cc_arena *arena, const struct cc_money *m, int64_t amount)
{
	return write_amount(arena, m, amount, m->symbol, m->group);
}

const char *cc_money_input(struct cc_arena *arena, const struct cc_money *m, int64_t amount)
{
	return write_amount(arena, m, amount, "", m->group);
}

const char *cc_money_cell(struct cc_arena *arena, const struct cc_money *m, int64_t amount)
{
	return write_amount(arena, m, amount, "", "");
}

/* ---- reading ---- */

/* Behind the text if *at begins with it and it is not empty. */
static bool pass(const char **at, const char *text)
{
	size_t len = strlen(text);
	if (!len || strncmp(*at, text, len))
		return false;
	*at += len;
	return true;
}

static void pass_blanks(const char **at)
{
	while (pass(at, " ") || pass(at, NBSP))
		;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A separator of thousands with exactly three digits behind it. Blanks are alike. */
static bool pass_group(const char **at, const struct cc_money *m)
{
	const char *p = *at;
	if (!pass(&p, m->group) && (strcmp(m->group, NBSP) || !pass(&p, " ")))
		return false;
	if (!is_digit(p[0]) || !is_digit(p[1]) || !is_digit(p[2]) || is_digit(p[3]))
		return false;
	*at = p;
	return true;
}

static bool add_digit(uint64_t *n, char c)
{
	if (*n > (CC_MONEY_MAX - (uint64_t)(c - '0')) / 10)
		return false;
	*n = *n * 10 + (uint64_t)(c - '0');
	return true;
}

/* The digits before the point. */
static int read_whole(const struct cc_money *m, const char **at, uint64_t *n)
{
	bool fits = true;
	size_t before = 0; /* the first separator */
	if (!is_digit(**at))
		return CC_E_INVAL;
	for (; is_digit(**at); (*at)++, before++)
		fits = fits && add_digit(n, **at);
	if (before <= 3)
		while (pass_group(at, m))
			for (int i = 0; i < 3; i++, (*at)++)
				fits = fits && add_digit(n, **at);
	return fits ? 0 : CC_E_FULL;
}

/* The point and the digits behind it. */
static int read_rest(const struct cc_money *m, const char **at, uint64_t *n)
{
	int digits = 0, err = 0;
	bool fits = true;
	if (**at == m->point) {
		(*at)++;
		if (!is_digit(**at))
			return CC_E_INVAL;
		for (; is_digit(**at); (*at)++, digits++)
			if (digits < m->decimals)
				fits = fits && add_digit(n, **at);
			else if (**at != '0')
				err = CC_E_RANGE;
	}
	for (int i = digits < m->decimals ? digits : m->decimals; i < CC_MONEY_DIGITS; i++)
		fits = fits && add_digit(n, '0');
	return err ? err : fits ? 0 : CC_E_FULL;
}

int cc_money_parse(const struct cc_money *m, const char *text, int64_t *amount)
{
	uint64_t n = 0;
	bool minus = false, symbol;
	pass_blanks(&text);
	symbol = pass(&text, m->symbol);
	pass_blanks(&text);
	if (!pass(&text, "+"))
		minus = pass(&text, "-");
	pass_blanks(&text);
	symbol = symbol || pass(&text, m->symbol);
	pass_blanks(&text);
	int err = read_whole(m, &text, &n);
	if (err == CC_E_INVAL)
		return err;
	int rest = read_rest(m, &text, &n);
	pass_blanks(&text);
	if (!symbol && pass(&text, m->symbol))
		pass_blanks(&text);
	if (*text || rest == CC_E_INVAL)
		return CC_E_INVAL;
	err = err ? err : rest;
	if (!err)
		*amount = minus ? -(int64_t)n : (int64_t)n;
	return err;
}

const char *cc_money_wrong(int err)
{
	switch (err) {
	case CC_E_RANGE:
		return CC_N("More digits behind the decimal point than the preferences allow.");
	case CC_E_FULL:
		return CC_N("The amount is too large.");
	default:
		return CC_N("This is not an amount as the preferences show it.");
	}
}
