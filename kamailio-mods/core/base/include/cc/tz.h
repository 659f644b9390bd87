/* SPDX-License-Identifier: GPL-2.0-or-later
 * Time zones from TZif files (RFC 8536), without the process-wide TZ of libc. A loaded zone is
 * constant: any number of threads and processes may use it. */
#ifndef CC_TZ_H
#define CC_TZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CC_BUCKET_MS (15 * 60 * 1000LL) /* width of a statistics bucket */

struct cc_tz;

struct cc_local
{
	int year, month, day; /* month and day from 1 */
	int hour, minute, second, ms;
	int weekday;  /* 0 = Sunday */
	int offset_s; /* east of UTC */
	bool dst;
};

/* name: "Asia/Shanghai". CC_E_INVAL: not a possible name; CC_E_NOENT: no such zone; CC_E_CORRUPT: a
 * broken file. */
int cc_tz_load(struct cc_tz **tz, const char *name);
/* The same from the contents of a TZif file. */
int cc_tz_parse(struct cc_tz **tz, const void *data, size_t len);
void cc_tz_free(struct cc_tz *tz);

void cc_tz_local(const struct cc_tz *tz, int64_t utc_ms, struct cc_local *local);
/* UTC of a local time; fields may be out of range (day 32, month 13, hour -1 carry over). A time
 * that occurs twice: the first; one that is skipped: the moment of the change plus what it lies
 * behind it. Ignores weekday, offset_s, dst. */
int64_t cc_tz_utc(const struct cc_tz *tz, const struct cc_local *local);
/* First moment of the local day that utc_ms is in, days added (0: that day, 1: the next). */
int64_t cc_tz_day_start(const struct cc_tz *tz, int64_t utc_ms, int days);
/* Start of the statistics bucket. */
int64_t cc_tz_bucket(int64_t utc_ms);

#endif
