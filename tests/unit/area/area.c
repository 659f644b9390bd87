/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-16: numbers and where they are from, with the data that ship; how long it takes; files that
 * are not what they should be. */
#include "unit.h"

#include <time.h>

#include "cc/err.h"
#include "lookup.h"

static char path[300];
static struct area_file *file;

static int begin(void)
{
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 40);
	if (n < 0)
		return 1;
	path[n] = '\0';
	strcpy(strstr(path, "/bin/"), "/plugins/area/area.bin");
	return area_open(&file, path);
}

static int end(void)
{
	area_close(file);
	return 0;
}

static void is(const char *e164, const char *province, const char *city, const char *english,
		const char *operator)
{
	struct area a = {"", "", "", ""};
	CU_ASSERT_EQUAL(area_find(file, e164, &a), 0);
	if (strcmp(a.province, province) || strcmp(a.city, city))
		fprintf(stderr, "\n%s: %s %s %s %s\n", e164, a.province, a.city, a.city_english,
				a.operator);
	CU_ASSERT_STRING_EQUAL(a.province, province);
	CU_ASSERT_STRING_EQUAL(a.city, city);
	CU_ASSERT_STRING_EQUAL(a.city_english, english);
	CU_ASSERT_STRING_EQUAL(a.operator, operator);
}

struct ranges
{
	const char *province;
	uint32_t bounds[2000], last;
	size_t count;
};

static void take_range(void *ctx, uint32_t first, uint32_t behind)
{
	struct ranges *r = ctx;
	CU_ASSERT(first < behind && (!r->count || first > r->last));
	CU_ASSERT_FATAL(r->count + 2 <= 2000);
	r->bounds[r->count++] = first;
	r->bounds[r->count++] = r->last = behind;
}

static bool is_of_province(void *ctx, const struct area *place)
{
	return !strcmp(place->province, ((struct ranges *)ctx)->province);
}

/* The province of a mobile number, or the operator, by the first seven digits; "": none. */
static const char *looked_up(uint32_t n, bool province)
{
	char e164[20];
	struct area a;
	snprintf(e164, sizeof e164, "86%07u0000", n);
	return area_find(file, e164, &a) ? "" : province ? a.province : a.operator;
}

static void check_bounds(const struct ranges *r, const char *code, bool province)
{
	CU_ASSERT(r->count > 0);
	for (size_t i = 0; i < r->count; i++) {
		if (r->bounds[i] < 1300000 || r->bounds[i] > 1999999)
			continue; /* fixed lines */
		/* the first one of a range, and the one behind it */
		CU_ASSERT_EQUAL(!strcmp(looked_up(r->bounds[i], province), code), i % 2 == 0);
	}
}

static void backwards(void)
{
	struct ranges guangdong = {.province = "guangdong"}, mobile = {0};
	area_ranges(file, is_of_province, take_range, &guangdong);
	check_bounds(&guangdong, "guangdong", true);
	CU_ASSERT(guangdong.count > 100);
	area_operator_ranges(file, "mobile", take_range, &mobile);
	for (size_t i = 0; i < mobile.count; i += 2)
		CU_ASSERT(mobile.bounds[i] >= 1100000 && mobile.bounds[i + 1] <= 2000000);
	CU_ASSERT(mobile.count > 0);
	CU_ASSERT_STRING_EQUAL(looked_up(1380010, false), "mobile");
}

static void unknown(const char *e164)
{
	struct area a;
	CU_ASSERT_EQUAL(area_find(file, e164, &a), CC_E_NOENT);
}

static void numbers(void)
{
	is("861065551234", "beijing", "北京市", "Beijing", "");
	is("862065551234", "guangdong", "广州市", "Guangzhou", "");
	is("862265551234", "tianjin", "天津市", "Tianjin", "");
	is("8653165551234", "shandong", "济南市", "Jinan", "");
	is("8613000001234", "shandong", "济南市", "Jinan", "unicom");
	is("8613800101234", "beijing", "北京市", "Beijing", "mobile");
	is("8618999791234", "xinjiang", "阿勒泰地区", "Altay", "telecom");
	is("8615300001234", "beijing", "北京市", "Beijing", "telecom");
}

static void no_numbers(void)
{
	unknown("");
	unknown("86");
	unknown("8610086");
	unknown("95105555");
	unknown("864008001234"); /* everywhere */
	unknown("14155550100");
	unknown("861380000");
	unknown("8613800001234567");
	unknown("86138000012x4");
	unknown("8612000001234");
}

/* Each of the ten million beginnings has an answer or none, and neighbours of one city are one
 * range; the time is that of a lookup in order and out of order. */
static void every_beginning(void)
{
	char e164[16];
	size_t known = 0;
	clock_t begun = clock(); /* of this process: others may be at work */
	const uint32_t count = 2000000;
	struct area a;
	for (uint32_t i = 0, n = 1; i < count; i++, n = (n * 48271u + 11u) % 10000000u) {
		for (uint32_t k = 0, rest = n; k < 7; k++, rest /= 10)
			e164[8 - k] = (char)('0' + rest % 10);
		memcpy(e164, "86", 2);
		memcpy(e164 + 9, "0000", 5);
		known += !area_find(file, e164, &a);
	}
	int64_t ms = (int64_t)(clock() - begun) * 1000 / CLOCKS_PER_SEC;
	CU_ASSERT(known > count / 20);
	printf("%.0f ns a lookup ", (double)ms * 1e6 / count);
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
	CU_ASSERT(ms * 1000 < count); /* below a microsecond */
#endif
}

static void broken_files(void)
{
	char folder[64], name[100];
	struct area_file *f = NULL;
	CU_ASSERT_PTR_NOT_NULL_FATAL(unit_folder(folder));
	snprintf(name, sizeof name, "%s/x", folder);
	CU_ASSERT_EQUAL(area_open(&f, name), CC_E_IO);
	FILE *in = fopen(path, "rb"), *out;
	CU_ASSERT_PTR_NOT_NULL_FATAL(in);
	size_t size = 0, cap = 4 * 1024 * 1024;
	unsigned char *bytes = malloc(cap);
	size = fread(bytes, 1, cap, in);
	fclose(in);
	/* cut at many places, and one byte of it changed at many */
	for (size_t i = 0; i < 200; i++) {
		size_t at = i < 40 ? i : size * i / 200;
		out = fopen(name, "wb");
		fwrite(bytes, 1, at, out);
		fclose(out);
		CU_ASSERT_EQUAL(area_open(&f, name), CC_E_CORRUPT);
		bytes[at] ^= 0xFF;
		out = fopen(name, "wb");
		fwrite(bytes, 1, size, out);
		fclose(out);
		bytes[at] ^= 0xFF;
		if (!area_open(&f, name)) { /* a text or a place was changed: no harm */
			struct area a;
			area_find(f, "8613800101234", &a);
			CU_ASSERT(i >= 24);
			area_close(f);
		}
	}
	free(bytes);
	unit_remove(folder);
}

int main(void)
{
	static CU_TestInfo tests[] = {{"numbers", numbers}, {"what is none", no_numbers},
			{"every beginning", every_beginning}, {"backwards", backwards},
			{"broken files", broken_files}, CU_TEST_INFO_NULL};
	static CU_SuiteInfo suites[] = {{"area", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
	return unit_run(suites);
}
