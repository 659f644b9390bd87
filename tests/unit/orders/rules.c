/* SPDX-License-Identifier: GPL-2.0-or-later
 * ORD-01, ORD-02: states of orders, their stock, the lines of goods. */
#include "unit.h"

#include "rules.h"

#include <string.h>

#define COUNT(x) (sizeof(x) / sizeof(*(x)))

static void test_names(void)
{
	for (int i = 0; i < ORDER_STATES; i++)
		CU_ASSERT_EQUAL(order_state_parse(order_states[i]), (enum order_state)i);
	for (int i = 0; i < ORDER_DEEDS; i++)
		CU_ASSERT_EQUAL(order_deed_parse(order_moves[i].name), (enum order_deed)i);
	CU_ASSERT_EQUAL(order_state_parse(""), ORDER_STATES);
	CU_ASSERT_EQUAL(order_deed_parse("delete"), ORDER_DEEDS);
}

/* Every deed in every state: ORDER_STATES where there is no way. */
static void test_moves(void)
{
	const enum order_state NO = ORDER_STATES;
	const enum order_state to[ORDER_DEEDS][ORDER_STATES] = {
			[ORDER_SUBMIT] = {ORDER_TO_REVIEW, NO, NO, NO, NO, NO, NO, NO},
			[ORDER_APPROVE] = {NO, ORDER_TO_SHIP, NO, NO, NO, NO, NO, NO},
			[ORDER_SEND_BACK] = {NO, ORDER_TO_SUBMIT, ORDER_TO_SUBMIT, ORDER_TO_SUBMIT, NO, NO, NO,
					NO},
			[ORDER_PAY] = {NO, NO, ORDER_TO_SHIP, NO, NO, NO, NO, NO},
			[ORDER_SHIP] = {NO, NO, NO, ORDER_SHIPPED, NO, NO, NO, NO},
			[ORDER_RECEIVE] = {NO, NO, NO, NO, ORDER_RECEIVED, NO, NO, NO},
			[ORDER_REFUSE] = {NO, NO, NO, NO, ORDER_REFUSED, NO, NO, NO},
			[ORDER_RETURN] = {NO, NO, NO, NO, ORDER_RETURNED, NO, NO, NO},
			[ORDER_MONEY] = {NO, NO, NO, NO, ORDER_SHIPPED, ORDER_RECEIVED, NO, NO},
			[ORDER_NOTE] = {ORDER_TO_SUBMIT, ORDER_TO_REVIEW, ORDER_TO_PAY, ORDER_TO_SHIP,
					ORDER_SHIPPED, ORDER_RECEIVED, ORDER_REFUSED, ORDER_RETURNED},
	};
	for (int d = 0; d < ORDER_DEEDS; d++)
		for (int s = 0; s < ORDER_STATES; s++) {
			const struct order_facts order = {.state = (enum order_state)s};
			enum order_state next = NO;
			bool may = order_moves_to((enum order_deed)d, &order, false, &next);
			CU_ASSERT_EQUAL(may, to[d][s] != NO);
			CU_ASSERT_EQUAL(next, to[d][s]);
		}
}

static void test_payment_and_review(void)
{
	struct order_facts order = {.state = ORDER_TO_SUBMIT, .prepaid = true};
	enum order_state to;
	CU_ASSERT(order_moves_to(ORDER_SUBMIT, &order, false, &to) && to == ORDER_TO_REVIEW);
	CU_ASSERT(order_moves_to(ORDER_SUBMIT, &order, true, &to) && to == ORDER_TO_PAY);
	order.state = ORDER_TO_REVIEW;
	CU_ASSERT(order_moves_to(ORDER_APPROVE, &order, false, &to) && to == ORDER_TO_PAY);
	order.paid = true;
	CU_ASSERT(order_moves_to(ORDER_APPROVE, &order, false, &to) && to == ORDER_TO_SHIP);
	order = (struct order_facts){.state = ORDER_TO_SUBMIT};
	CU_ASSERT(order_moves_to(ORDER_SUBMIT, &order, true, &to) && to == ORDER_TO_SHIP);
	order = (struct order_facts){.state = ORDER_SHIPPED, .money = true};
	CU_ASSERT(!order_moves_to(ORDER_MONEY, &order, false, &to));
	CU_ASSERT(!order_moves_to(ORDER_DEEDS, &order, false, &to));
}

/* Whatever way an order takes, it has taken its goods once or not at all. */
static void test_stock(void)
{
	CU_ASSERT_EQUAL(order_stock(ORDER_TO_SUBMIT, ORDER_TO_SUBMIT), 0);
	CU_ASSERT_EQUAL(order_stock(ORDER_TO_SUBMIT, ORDER_TO_REVIEW), -1);
	CU_ASSERT_EQUAL(order_stock(ORDER_TO_SUBMIT, ORDER_TO_PAY), -1);
	CU_ASSERT_EQUAL(order_stock(ORDER_TO_SUBMIT, ORDER_TO_SHIP), -1);
	CU_ASSERT_EQUAL(order_stock(ORDER_TO_REVIEW, ORDER_TO_SHIP), 0);
	CU_ASSERT_EQUAL(order_stock(ORDER_TO_SHIP, ORDER_SHIPPED), 0);
	CU_ASSERT_EQUAL(order_stock(ORDER_SHIPPED, ORDER_RECEIVED), 0);
	CU_ASSERT_EQUAL(order_stock(ORDER_TO_PAY, ORDER_TO_SUBMIT), 1);
	CU_ASSERT_EQUAL(order_stock(ORDER_SHIPPED, ORDER_REFUSED), 1);
	CU_ASSERT_EQUAL(order_stock(ORDER_SHIPPED, ORDER_RETURNED), 1);
}

static void test_lines(void)
{
	struct order_line line;
	const char *text = "\n A100 * 2\r\n  b-1 @ \346\265\213\350\257\225 *  x *3 \n\n\t";
	CU_ASSERT_EQUAL(order_line_read(&text, &line), 1);
	CU_ASSERT_STRING_EQUAL(line.code, "A100");
	CU_ASSERT_STRING_EQUAL(line.warehouse, "");
	CU_ASSERT_EQUAL(line.quantity, 2);
	CU_ASSERT_EQUAL(order_line_read(&text, &line), 1);
	CU_ASSERT_STRING_EQUAL(line.code, "b-1");
	CU_ASSERT_STRING_EQUAL(line.warehouse, "\346\265\213\350\257\225 *  x");
	CU_ASSERT_EQUAL(line.quantity, 3);
	CU_ASSERT_EQUAL(order_line_read(&text, &line), 0);
	CU_ASSERT_EQUAL(order_line_read(&text, &line), 0);
	static const char *const bad[] = {"A100", "A100 *", "* 2", "A100 * 0", "A100 * -1",
			"A100 * 1.5", "A100 * 1000001", "A100 * 99999999999999999999", "A100 @ * 2", "@ x * 2",
			"123456789012345678901234567890123 * 1"};
	for (size_t i = 0; i < COUNT(bad); i++) {
		text = bad[i];
		CU_ASSERT_EQUAL(order_line_read(&text, &line), -1);
	}
}

static void test_sum(void)
{
	int64_t sum = 5;
	CU_ASSERT(order_sum(&sum, 10, 3, 35) && sum == 35);
	CU_ASSERT(!order_sum(&sum, 1, 1, 35) && sum == 35);
	CU_ASSERT(!order_sum(&sum, INT64_MAX, 2, INT64_MAX) && sum == 35);
	CU_ASSERT(!order_sum(&sum, INT64_MAX, 1, INT64_MAX) && sum == 35);
}

static void test_digits(void)
{
	static bool seen[10000];
	memset(seen, 0, sizeof seen);
	for (int64_t n = 1; n <= 10000; n++) {
		int digits = order_digits(n);
		CU_ASSERT_FATAL(digits >= 0 && digits < 10000);
		CU_ASSERT(!seen[digits]);
		seen[digits] = true;
	}
	CU_ASSERT(order_digits(2) != order_digits(1) + 1);
}

int main(void)
{
	static CU_TestInfo tests[] = {{"names", test_names}, {"moves", test_moves},
			{"payment and review", test_payment_and_review}, {"stock", test_stock},
			{"lines", test_lines}, {"sum", test_sum}, {"digits", test_digits}, CU_TEST_INFO_NULL};
	static CU_SuiteInfo suites[] = {{"orders", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
	return unit_run(suites);
}
