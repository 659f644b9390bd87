/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lookup.h"

#include <endian.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cc/err.h"

#define MAGIC "CCAREA1"
#define COUNTRY "86"
#define DIGITS 7 /* of a number that decide */
#define BEHIND 10000000
#define MOBILE_FIRST 1100000
#define MOBILE_BEHIND 2000000
#define NUMBER_MIN 10
#define NUMBER_MAX 11

#define CODE(code) #code,
const char *const area_provinces[] = {AREA_PROVINCES(CODE) NULL};
const char *const area_operators[] = {AREA_OPERATORS(CODE) NULL};
#define PROVINCES (sizeof area_provinces / sizeof *area_provinces - 1)
#define OPERATORS (sizeof area_operators / sizeof *area_operators - 1)

_Static_assert(__BYTE_ORDER == __LITTLE_ENDIAN, "the file is read as it lies");

struct place
{
	uint32_t province, city, city_english;
};

struct area_file
{
	void *map;
	size_t size;
	uint32_t places, ranges, operator_ranges, text_len;
	const struct place *place;
	const uint32_t *first;
	const uint16_t *range_place;
	const uint32_t *operator_first, *range_operator;
	const char *text;
};

/* Sizes and contents: nothing of it is trusted later without having been looked at here. */
static int check(struct area_file *f)
{
	const char *p = f->map;
	uint32_t head[4];
	if (f->size < 8 + sizeof head || memcmp(p, MAGIC, 8))
		return CC_E_CORRUPT;
	memcpy(head, p + 8, sizeof head);
	f->places = head[0];
	f->ranges = head[1];
	f->operator_ranges = head[2];
	f->text_len = head[3];
	uint64_t padded = ((uint64_t)f->ranges + 1) / 2 * 4;
	uint64_t size = 8 + sizeof head + (uint64_t)f->places * sizeof *f->place +
					(uint64_t)f->ranges * 4 + padded + (uint64_t)f->operator_ranges * 8 +
					f->text_len;
	if (size != f->size || !f->ranges || !f->operator_ranges || !f->text_len)
		return CC_E_CORRUPT;
	f->place = (const void *)(p + 8 + sizeof head);
	f->first = (const void *)(f->place + f->places);
	f->range_place = (const void *)(f->first + f->ranges);
	f->operator_first = (const void *)((const char *)f->range_place + padded);
	f->range_operator = f->operator_first + f->operator_ranges;
	f->text = (const char *)(f->range_operator + f->operator_ranges);
	bool sound = !f->first[0] && !f->operator_first[0] && !f->text[f->text_len - 1];
	for (uint32_t i = 0; sound && i < f->places; i++)
		sound = f->place[i].province < PROVINCES && f->place[i].city < f->text_len &&
				f->place[i].city_english < f->text_len;
	for (uint32_t i = 0; sound && i < f->ranges; i++)
		sound = f->range_place[i] <= f->places && (!i || f->first[i] > f->first[i - 1]);
	for (uint32_t i = 0; sound && i < f->operator_ranges; i++)
		sound = f->range_operator[i] <= OPERATORS &&
				(!i || f->operator_first[i] > f->operator_first[i - 1]);
	return sound ? 0 : CC_E_CORRUPT;
}

int area_open(struct area_file **file, const char *path)
{
	struct area_file *f = calloc(1, sizeof *f);
	struct stat st;
	if (!f)
		return CC_E_NOMEM;
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	if (fd < 0 || fstat(fd, &st))
		err = CC_E_IO;
	else if (st.st_size <= 0)
		err = CC_E_CORRUPT;
	if (!err) {
		f->size = (size_t)st.st_size;
		f->map = mmap(NULL, f->size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (f->map == MAP_FAILED) {
			f->map = NULL;
			err = CC_E_IO;
		}
	}
	if (fd >= 0)
		close(fd);
	if (!err)
		err = check(f);
	if (err)
		area_close(f);
	else
		*file = f;
	return err;
}

void area_close(struct area_file *f)
{
	if (f && f->map)
		munmap(f->map, f->size);
	free(f);
}

/* Index of the last first that is not above n; first[0] is 0. */
static uint32_t range_of(const uint32_t *first, uint32_t count, uint32_t n)
{
	uint32_t low = 0, high = count;
	while (high - low > 1) {
		uint32_t mid = low + (high - low) / 2;
		if (first[mid] <= n)
			low = mid;
		else
			high = mid;
	}
	return low;
}

static struct area area_of_place(const struct area_file *f, const struct place *p)
{
	return (struct area){.province = area_provinces[p->province],
			.city = f->text + p->city,
			.city_english = f->text + p->city_english,
			.operator= "" };
}

int area_find(const struct area_file *f, const char *e164, struct area *area)
{
	const char *number = e164 + strlen(COUNTRY);
	uint32_t n = 0;
	if (strncmp(e164, COUNTRY, strlen(COUNTRY)))
		return CC_E_NOENT;
	size_t len = strspn(number, "0123456789");
	if (number[len] || len < NUMBER_MIN || len > NUMBER_MAX)
		return CC_E_NOENT;
	for (int i = 0; i < DIGITS; i++)
		n = n * 10 + (uint32_t)(number[i] - '0');
	uint16_t place = f->range_place[range_of(f->first, f->ranges, n)];
	if (!place)
		return CC_E_NOENT;
	uint32_t operator= f->range_operator[range_of(f->operator_first, f->operator_ranges, n)];
	/* operators are known of mobile numbers: 1, not 0 (Beijing is 10) */
	bool mobile = len == NUMBER_MAX && n >= MOBILE_FIRST && n < MOBILE_BEHIND;
	*area = area_of_place(f, &f->place[place - 1]);
	if (mobile && operator)
		area->operator= area_operators[operator- 1];
	return 0;
}

void area_ranges(const struct area_file *f, bool (*fits)(void *ctx, const struct area *place),
		area_range *range, void *ctx)
{
	uint32_t begun = 0;
	bool open = false;
	bool *known = calloc(f->places + 1, sizeof *known); /* none is place 0 */
	if (!known)
		abort();
	for (uint32_t i = 0; i < f->places; i++) {
		const struct area place = area_of_place(f, &f->place[i]);
		known[i + 1] = fits(ctx, &place);
	}
	for (uint32_t i = 0; i < f->ranges; i++) {
		bool in = known[f->range_place[i]];
		if (in && !open)
			begun = f->first[i];
		if (!in && open)
			range(ctx, begun, f->first[i]);
		open = in;
	}
	if (open)
		range(ctx, begun, BEHIND);
	free(known);
}

void area_operator_ranges(
		const struct area_file *f, const char *operator, area_range * range, void *ctx)
{
	for (uint32_t i = 0; i < f->operator_ranges; i++) {
		uint32_t code = f->range_operator[i], first = f->operator_first[i];
		uint32_t behind = i + 1 < f->operator_ranges ? f->operator_first[i + 1] : BEHIND;
		if (first < MOBILE_FIRST)
			first = MOBILE_FIRST;
		if (behind > MOBILE_BEHIND)
			behind = MOBILE_BEHIND;
		if (code && first < behind && !strcmp(area_operators[code - 1], operator))
			range(ctx, first, behind);
	}
}
