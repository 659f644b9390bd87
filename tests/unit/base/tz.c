/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <time.h>
#include "cc/err.h"
#include "cc/tz.h"
#include "suites.h"

static struct cc_tz *load(const char *name)
{
	struct cc_tz *tz = NULL;

	CU_ASSERT_EQUAL_FATAL(cc_tz_load(&tz, name), 0);
	return tz;
}

/* Every 5 hours and a bit over two centuries, against libc. */
static void same_as_libc(void)
{
	static const char *const zones[] = {"Asia/Shanghai", "America/New_York", "Europe/London",
			"Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca", "UTC",
			"Europe/Dublin", "Pacific/Apia"};

	for (size_t z = 0; z < sizeof(zones) / sizeof(zones[0]); z++) {
		struct cc_tz *tz = load(zones[z]);
		int wrong = 0;

		setenv("TZ", zones[z], 1);
		tzset();
		for (time_t t = -2208988800 /* 1900 */; t < 4102444800 /* 2100 */; t += 18017) {
			struct cc_local l;
			struct tm tm;

			localtime_r(&t, &tm);
			cc_tz_local(tz, (int64_t)t * 1000 + 7, &l);
			wrong += l.year != tm.tm_year + 1900 || l.month != tm.tm_mon + 1 ||
					 l.day != tm.tm_mday || l.hour != tm.tm_hour || l.minute != tm.tm_min ||
					 l.second != tm.tm_sec || l.weekday != tm.tm_wday ||
					 l.offset_s != tm.tm_gmtoff || l.ms != 7;
		}
		CU_ASSERT_EQUAL(wrong, 0);
		cc_tz_free(tz);
	}
	unsetenv("TZ");
	tzset();
}

static void round_trip(void)
{
	static const char *const zones[] = {"Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"};

	for (size_t z = 0; z < sizeof(zones) / sizeof(zones[0]); z++) {
		struct cc_tz *tz = load(zones[z]);
		int wrong = 0;

		for (int64_t t = 0; t < 4102444800000; t += 7200017000) {
			struct cc_local l;
			int64_t back, apart;

			cc_tz_local(tz, t, &l);
			back = cc_tz_utc(tz, &l);
			apart = t - back; /* an hour that occurs twice gives its first */
			wrong += apart != 0 && !(apart <= 3600000 && apart > 0);
		}
		CU_ASSERT_EQUAL(wrong, 0);
		cc_tz_free(tz);
	}
}

static void changes_of_the_clock(void)
{
	struct cc_tz *tz = load("America/New_York");

	/* 2026-03-08 02:30 does not exist: 03:30 EDT; 2026-11-01 01:30 occurs twice: EDT first */
	CU_ASSERT_EQUAL(cc_tz_utc(tz,
							&(struct cc_local){
									.year = 2026, .month = 3, .day = 8, .hour = 2, .minute = 30}),
			1772955000000);
	CU_ASSERT_EQUAL(cc_tz_utc(tz,
							&(struct cc_local){
									.year = 2026, .month = 11, .day = 1, .hour = 1, .minute = 30}),
			1793511000000);
	/* the days of the change have 23 and 25 hours */
	CU_ASSERT_EQUAL(cc_tz_day_start(tz, 1772955000000, 1) - cc_tz_day_start(tz, 1772955000000, 0),
			23 * 3600000);
	CU_ASSERT_EQUAL(cc_tz_day_start(tz, 1793511000000, 1) - cc_tz_day_start(tz, 1793511000000, 0),
			25 * 3600000);
	cc_tz_free(tz);
}

static void days_and_buckets(void)
{
	struct cc_tz *tz = load("Asia/Shanghai");

	/* 2026-11-21 04:46:01.5 UTC is 12:46 there; the day began at 16:00 UTC the day before */
	CU_ASSERT_EQUAL(cc_tz_day_start(tz, 1795236361500, 0), 1795190400000);
	CU_ASSERT_EQUAL(cc_tz_day_start(tz, 1795236361500, 1), 1795190400000 + 86400000);
	CU_ASSERT_EQUAL(cc_tz_day_start(tz, 1795236361500, -20), 1795190400000 - 20 * 86400000LL);
	CU_ASSERT_EQUAL(cc_tz_bucket(1795236361500), 1795236300000);
	CU_ASSERT_EQUAL(cc_tz_bucket(-1), -900000);
	CU_ASSERT_EQUAL(cc_tz_utc(tz, &(struct cc_local){.year = 2025, .month = 14, .day = 0}),
			cc_tz_utc(tz, &(struct cc_local){.year = 2026, .month = 1, .day = 31}));
	cc_tz_free(tz);
}

static void bad_names(void)
{
	static const char *const bad[] = {
			"", "/etc/passwd", "../../etc/passwd", "Asia/../../x", "Asia/Shang hai", "Asia/\n"};
	struct cc_tz *tz = NULL;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(cc_tz_load(&tz, bad[i]), CC_E_INVAL);
	CU_ASSERT_EQUAL(cc_tz_load(&tz, "Asia/Nowhere"), CC_E_NOENT);
	CU_ASSERT_EQUAL(cc_tz_load(&tz, "Asia"), CC_E_NOENT);
	CU_ASSERT_EQUAL(cc_tz_load(&tz, "zone.tab"), CC_E_CORRUPT);
	CU_ASSERT_PTR_NULL(tz);
}

static void damaged_files(void)
{
	static unsigned char data[8192], copy[8192];
	FILE *f = fopen("/usr/share/zoneinfo/America/New_York", "rb");
	size_t len;
	unsigned seed = 1;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	len = fread(data, 1, sizeof(data), f);
	fclose(f);
	for (size_t n = 0; n < len; n++) {
		struct cc_tz *tz = NULL;
		unsigned char *exact = malloc(n + 1); /* so that a sanitizer sees a read past the end */

		memcpy(exact, data, n);
		CU_ASSERT_EQUAL(cc_tz_parse(&tz, exact, n), CC_E_CORRUPT);
		free(exact);
	}
	for (int i = 0; i < 20000; i++) {
		struct cc_tz *tz = NULL;
		struct cc_local l;

		memcpy(copy, data, len);
		for (int k = 0; k < 4; k++)
			copy[(size_t)rand_r(&seed) % (k < 2 ? 64 : len)] = (unsigned char)rand_r(&seed);
		if (cc_tz_parse(&tz, copy, len) == 0) {
			cc_tz_local(tz, INT64_MAX, &l);
			cc_tz_local(tz, INT64_MIN, &l);
			cc_tz_utc(tz, &l);
			cc_tz_day_start(tz, 1795236361500, 0);
		}
		cc_tz_free(tz);
	}
}

CU_TestInfo tz_tests[] = {
		{"the same local times as libc, 1900 to 2100", same_as_libc},
		{"local to UTC and back", round_trip},
		{"skipped and repeated hours", changes_of_the_clock},
		{"days and buckets", days_and_buckets},
		{"bad names", bad_names},
		{"damaged files", damaged_files},
		CU_TEST_INFO_NULL,
};
