/* SPDX-License-Identifier: GPL-2.0-or-later
 * ORD-01, ORD-02: states of orders, what leads from one to the other, what it means for the stock,
 * and the lines that say which goods. Plain rules without database or clock: the tests try them one
 * by one. */
#ifndef RULES_H
#define RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum order_state
{
	ORDER_TO_SUBMIT,
	ORDER_TO_REVIEW,
	ORDER_TO_PAY,
	ORDER_TO_SHIP,
	ORDER_SHIPPED,
	ORDER_RECEIVED,
	ORDER_REFUSED,
	ORDER_RETURNED,
	ORDER_STATES,
};
/* As the database has them; ends with NULL. */
extern const char *const order_states[ORDER_STATES + 1];
/* ORDER_STATES: no state. */
enum order_state order_state_parse(const char *code);

/* What people do with an order that is there. */
enum order_deed
{
	ORDER_SUBMIT,
	ORDER_APPROVE,
	ORDER_SEND_BACK,
	ORDER_PAY,
	ORDER_SHIP,
	ORDER_RECEIVE,
	ORDER_REFUSE,
	ORDER_RETURN,
	ORDER_MONEY,
	ORDER_NOTE,
	ORDER_DEEDS,
};
struct order_move
{
	const char *name;
	unsigned from; /* states that it begins in, 1 << state */
	bool says_why; /* it needs a note */
};
extern const struct order_move order_moves[ORDER_DEEDS];
/* ORDER_DEEDS: there is none of this name. */
enum order_deed order_deed_parse(const char *name);

struct order_facts
{
	enum order_state state;
	bool prepaid; /* to be paid before it is shipped … */
	bool paid;    /* … and it was: an order that was sent back is not paid twice */
	bool money;   /* the money has come in already */
};
/* The state that follows; skips: who does it may go past the review. false: not in this state. */
bool order_moves_to(
		enum order_deed deed, const struct order_facts *order, bool skips, enum order_state *to);

/* What becomes of the stock: -1 the order takes its goods, 1 it gives them back, 0 neither. From
 * the submission until it is sent back, refused or returned it has them. */
int order_stock(enum order_state from, enum order_state to);

/* One line of the goods of an order: "code * quantity", or "code @ warehouse * quantity" where
 * several warehouses have it. */
struct order_line
{
	char code[33];
	char warehouse[201]; /* "": the one that has it */
	int32_t quantity;
};
#define ORDER_QUANTITY_MAX 1000000
/* Reads the line at *text and goes on behind it; blank ones are passed. 1: a line, 0: there is none
 * any more, -1: it cannot be understood. */
int order_line_read(const char **text, struct order_line *line);

/* price * quantity added to *sum; false: more than max, *sum is left as it is. */
bool order_sum(int64_t *sum, int64_t price, int32_t quantity, int64_t max);

/* The four digits behind the time of an order's number: all ten thousand of them, each once, before
 * one comes again, and not one after the other. */
int order_digits(int64_t counter);

#endif
