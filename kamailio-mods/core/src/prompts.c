/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prompts.h"

#include <stdio.h>
#include <string.h>

void cc_prompts_init(struct cc_prompts *p, const char *language, char *list, size_t cap)
{
	static const char *const spoken[] = {"zh", "ja", "en"};
	size_t i = 0;

	while (i < 2 && strcmp(spoken[i], language) != 0)
		i++;
	*p = (struct cc_prompts){.language = spoken[i], .list = list, .cap = cap};
	if (cap)
		list[0] = '\0';
}

static void add(struct cc_prompts *p, const char *folder, const char *mark, const char *name)
{
	size_t room = p->cap - p->len;
	int n = snprintf(p->list + p->len, room, "%s%s%s%s", p->len ? "\n" : "", folder, mark, name);

	if (n < 0 || (size_t)n >= room) {
		p->full = 1;
		if (room)
			p->list[p->len] = '\0';
		return;
	}
	p->len += (size_t)n;
}

void cc_prompts_add(struct cc_prompts *p, const char *name)
{
	add(p, p->language, "/", name);
}

void cc_prompts_other(struct cc_prompts *p, const char *item)
{
	add(p, "", "", item);
}

static void unit(struct cc_prompts *p, int32_t n)
{
	char name[16];

	snprintf(name, sizeof(name), "number_%d", (int)n);
	cc_prompts_add(p, name);
}

void cc_prompts_digits(struct cc_prompts *p, const char *digits)
{
	for (; *digits; digits++)
		if (*digits >= '0' && *digits <= '9')
			unit(p, *digits - '0');
}

/* 105: 一百 零 五; 110: 一百 一 十; 10: 十 */
static void chinese(struct cc_prompts *p, int32_t n)
{
	static const struct
	{
		int32_t value;
		const char *name;
	} places[] = {{1000, "number_1000"}, {100, "number_100"}, {10, "number_10"}};
	int32_t rest = n;
	int gap = 0, said = 0;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int32_t digit = rest / places[i].value;

		rest %= places[i].value;
		if (digit == 0) {
			gap = said;
			continue;
		}
		if (gap)
			unit(p, 0);
		gap = 0;
		if (!(places[i].value == 10 && digit == 1 && !said))
			unit(p, digit);
		cc_prompts_add(p, places[i].name);
		said = 1;
	}
	if (rest || !said) {
		if (gap)
			unit(p, 0);
		unit(p, rest);
	}
}

/* 2340: 二千 三百 四十; each is a word of its own, because many sound different together. */
static void japanese(struct cc_prompts *p, int32_t n)
{
	if (n == 0)
		unit(p, 0);
	for (int32_t place = 1000; place; n %= place, place /= 10)
		if (n / place)
			unit(p, n / place * place);
}

static void english(struct cc_prompts *p, int32_t n)
{
	if (n >= 1000) {
		unit(p, n / 1000);
		cc_prompts_add(p, "number_1000");
		n %= 1000;
		if (n == 0)
			return;
	}
	if (n >= 100) {
		unit(p, n / 100);
		cc_prompts_add(p, "number_100");
		n %= 100;
		if (n == 0)
			return;
	}
	if (n > 20) {
		unit(p, n / 10 * 10);
		n %= 10;
		if (n == 0)
			return;
	}
	unit(p, n);
}

void cc_prompts_number(struct cc_prompts *p, int32_t n)
{
	if (n < 0 || n > 9999)
		return;
	if (strcmp(p->language, "zh") == 0)
		chinese(p, n);
	else if (strcmp(p->language, "ja") == 0)
		japanese(p, n);
	else
		english(p, n);
}
