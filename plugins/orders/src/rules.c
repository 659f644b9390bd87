/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules.h"

#include <stdlib.h>
#include <string.h>

const char *const order_states[ORDER_STATES + 1] = {"to_submit", "to_review", "to_pay", "to_ship",
		"shipped", "received", "refused", "returned", NULL};

enum order_state order_state_parse(const char *code)
{
	int i = 0;
	while (i < ORDER_STATES && strcmp(order_states[i], code) != 0)
		i++;
	return (enum order_state)i;
}

#define IN(state) (1u << ORDER_##state)
#define ANY ((1u << ORDER_STATES) - 1)

const struct order_move order_moves[ORDER_DEEDS] = {
		[ORDER_SUBMIT] = {"submit", IN(TO_SUBMIT), false},
		[ORDER_APPROVE] = {"approve", IN(TO_REVIEW), false},
		[ORDER_SEND_BACK] = {"send_back", IN(TO_REVIEW) | IN(TO_PAY) | IN(TO_SHIP), true},
		[ORDER_PAY] = {"pay", IN(TO_PAY), false},
		[ORDER_SHIP] = {"ship", IN(TO_SHIP), false},
		[ORDER_RECEIVE] = {"receive", IN(SHIPPED), false},
		[ORDER_REFUSE] = {"refuse", IN(SHIPPED), true},
		[ORDER_RETURN] = {"take_back", IN(SHIPPED), true},
		[ORDER_MONEY] = {"money", IN(SHIPPED) | IN(RECEIVED), false},
		[ORDER_NOTE] = {"note", ANY, true},
};

enum order_deed order_deed_parse(const char *name)
{
	int i = 0;
	while (i < ORDER_DEEDS && strcmp(order_moves[i].name, name) != 0)
		i++;
	return (enum order_deed)i;
}

static enum order_state approved(const struct order_facts *order)
{
	return order->prepaid && !order->paid ? ORDER_TO_PAY : ORDER_TO_SHIP;
}

bool order_moves_to(
		enum order_deed deed, const struct order_facts *order, bool skips, enum order_state *to)
{
	static const enum order_state next[ORDER_DEEDS] = {
			[ORDER_SEND_BACK] = ORDER_TO_SUBMIT,
			[ORDER_PAY] = ORDER_TO_SHIP,
			[ORDER_SHIP] = ORDER_SHIPPED,
			[ORDER_RECEIVE] = ORDER_RECEIVED,
			[ORDER_REFUSE] = ORDER_REFUSED,
			[ORDER_RETURN] = ORDER_RETURNED,
	};
	if (deed >= ORDER_DEEDS || !(order_moves[deed].from & 1u << order->state) ||
			(deed == ORDER_MONEY && order->money))
		return false;
	if (deed == ORDER_SUBMIT)
		*to = skips ? approved(order) : ORDER_TO_REVIEW;
	else if (deed == ORDER_APPROVE)
		*to = approved(order);
	else
		*to = deed == ORDER_MONEY || deed == ORDER_NOTE ? order->state : next[deed];
	return true;
}

static bool has_goods(enum order_state state)
{
	return state != ORDER_TO_SUBMIT && state != ORDER_REFUSED && state != ORDER_RETURNED;
}

int order_stock(enum order_state from, enum order_state to)
{
	return (int)has_goods(from) - (int)has_goods(to);
}

/* ---- lines ---- */

/* What lies between two places, without the blanks around it; false: nothing, or too much. */
static bool take(char *out, size_t cap, const char *from, const char *end)
{
	while (from < end && (*from == ' ' || *from == '\t'))
		from++;
	while (end > from && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
		end--;
	size_t len = (size_t)(end - from);
	if (!len || len >= cap)
		return false;
	memcpy(out, from, len);
	out[len] = '\0';
	return true;
}

static bool parse(const char *from, const char *end, struct order_line *line)
{
	char number[8];
	const char *star = end;
	while (star > from && *--star != '*')
		;
	const char *at = memchr(from, '@', (size_t)(star - from));
	line->warehouse[0] = '\0';
	if (*star != '*' || !take(line->code, sizeof line->code, from, at ? at : star) ||
			(at && !take(line->warehouse, sizeof line->warehouse, at + 1, star)) ||
			!take(number, sizeof number, star + 1, end) || number[strspn(number, "0123456789")])
		return false;
	line->quantity = (int32_t)strtol(number, NULL, 10);
	return line->quantity > 0 && line->quantity <= ORDER_QUANTITY_MAX;
}

int order_line_read(const char **text, struct order_line *line)
{
	const char *from = *text + strspn(*text, " \t\r\n");
	const char *end = from + strcspn(from, "\n");
	*text = end;
	if (from == end)
		return 0;
	return parse(from, end, line) ? 1 : -1;
}

bool order_sum(int64_t *sum, int64_t price, int32_t quantity, int64_t max)
{
	int64_t product, all;
	if (__builtin_mul_overflow(price, quantity, &product) ||
			__builtin_add_overflow(*sum, product, &all) || all > max)
		return false;
	*sum = all;
	return true;
}

int order_digits(int64_t counter)
{
	return (int)((counter % 10000 * 7919 + 1394) % 10000); /* 7919 has no factor of 10000 */
}
