/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cc/err.h"
#include "cc/tz.h"

#define ZONEINFO "/usr/share/zoneinfo/"
#define NAME_MAX_LEN 64
#define FILE_MAX (256 * 1024)
#define DAY_S 86400LL
#define RANGE_S                                                                                    \
	(1LL << 50) /* farther away than any date here; keeps sums of seconds from overflowing */

struct zone_type
{
	int32_t offset_s;
	bool dst;
};

/* When summer time begins or ends in a year, after the last transition of the file: M3.5.0/2, J60,
 * 59 */
struct rule
{
	char kind; /* 'M', 'J', or '0' for the plain day number */
	int month, week, day;
	int32_t time_s;
};

struct cc_tz
{
	size_t transitions, types;
	int64_t *at;    /* ascending, UTC seconds */
	uint8_t *after; /* type that begins there */
	struct zone_type *type;
	bool footer, footer_dst;
	struct zone_type standard, summer;
	struct rule begin, end;
};

/* Days since 1970-01-01 of the proleptic Gregorian calendar; years are counted from March, so that
 * the leap day is the last day of a year and months have a regular pattern. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
	int64_t era, year_of_era, day_of_year;

	year -= month <= 2;
	era = (year >= 0 ? year : year - 399) / 400;
	year_of_era = year - era * 400;
	day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
		   719468;
}

static void civil_from_days(int64_t days, int *year, int *month, int *day)
{
	int64_t era, day_of_era, year_of_era, day_of_year, m;

	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	day_of_era = days - era * 146097;
	year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	m = (5 * day_of_year + 2) / 153;
	*day = (int)(day_of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(year_of_era + era * 400 + (*month <= 2));
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static bool is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int weekday_of(int64_t days)
{
	return (int)(((days + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

/* Seconds since 1970 in local standard or summer time, whichever is in force before the rule's
 * moment. */
static int64_t rule_time(const struct rule *r, int64_t year)
{
	int64_t days;

	if (r->kind == 'M') {
		int64_t first = days_from_civil(year, r->month, 1);
		int64_t next = r->month == 12 ? days_from_civil(year + 1, 1, 1)
									  : days_from_civil(year, r->month + 1, 1);

		days = first + (r->day - weekday_of(first) + 7) % 7 + (r->week - 1) * 7;
		if (days >= next) /* week 5 means the last one */
			days -= 7;
	} else {
		days = days_from_civil(year, 1, 1) + r->day;
		if (r->kind == 'J') /* 1…365, the leap day is never counted */
			days += (is_leap(year) && r->day >= 60) - 1;
	}
	return days * DAY_S + r->time_s;
}

static struct zone_type footer_type(const struct cc_tz *tz, int64_t utc_s)
{
	int64_t begin, end;
	int year, month, day;
	bool summer;

	if (!tz->footer_dst)
		return tz->standard;
	civil_from_days(floor_div(utc_s + tz->standard.offset_s, DAY_S), &year, &month, &day);
	begin = rule_time(&tz->begin, year) - tz->standard.offset_s;
	end = rule_time(&tz->end, year) - tz->summer.offset_s;
	if (begin < end)
		summer = utc_s >= begin && utc_s < end;
	else /* southern hemisphere */
		summer = utc_s >= begin || utc_s < end;
	return summer ? tz->summer : tz->standard;
}

static struct zone_type type_at(const struct cc_tz *tz, int64_t utc_s)
{
	size_t low = 0, high = tz->transitions;

	if (tz->transitions == 0 || utc_s < tz->at[0]) {
		if (tz->transitions == 0 && tz->footer)
			return footer_type(tz, utc_s);
		return tz->type[0];
	}
	if (tz->footer && utc_s >= tz->at[tz->transitions - 1])
		return footer_type(tz, utc_s);
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (tz->at[mid] <= utc_s)
			low = mid;
		else
			high = mid;
	}
	return tz->type[tz->after[low]];
}

static int64_t clamp_s(int64_t s)
{
	return s > RANGE_S ? RANGE_S : s < -RANGE_S ? -RANGE_S : s;
}

void cc_tz_local(const struct cc_tz *tz, int64_t utc_ms, struct cc_local *local)
{
	int64_t utc_s = clamp_s(floor_div(utc_ms, 1000)), local_s, days;
	struct zone_type type = type_at(tz, utc_s);
	int in_day;

	local_s = utc_s + type.offset_s;
	days = floor_div(local_s, DAY_S);
	in_day = (int)(local_s - days * DAY_S);
	civil_from_days(days, &local->year, &local->month, &local->day);
	local->hour = in_day / 3600;
	local->minute = in_day / 60 % 60;
	local->second = in_day % 60;
	local->ms = (int)((utc_ms % 1000 + 1000) % 1000);
	local->weekday = weekday_of(days);
	local->offset_s = type.offset_s;
	local->dst = type.dst;
}

/* The offsets in force a day before and a day after decide: no zone changes twice within two days.
 */
static int64_t utc_of_local(const struct cc_tz *tz, int64_t local_s)
{
	int32_t before = type_at(tz, local_s - DAY_S).offset_s,
			after = type_at(tz, local_s + DAY_S).offset_s;

	if (type_at(tz, local_s - before).offset_s == before)
		return local_s - before;
	if (type_at(tz, local_s - after).offset_s == after)
		return local_s - after;
	return local_s - before; /* skipped: as if the clock had not been changed yet */
}

int64_t cc_tz_utc(const struct cc_tz *tz, const struct cc_local *local)
{
	int64_t months = (int64_t)local->year * 12 + local->month - 1, year = floor_div(months, 12);
	int64_t s = days_from_civil(year, (int)(months - year * 12) + 1, 1);

	s = (s + local->day - 1) * DAY_S + (int64_t)local->hour * 3600 + (int64_t)local->minute * 60 +
		local->second;
	return utc_of_local(tz, clamp_s(s)) * 1000 + local->ms;
}

int64_t cc_tz_day_start(const struct cc_tz *tz, int64_t utc_ms, int days)
{
	struct cc_local l;

	cc_tz_local(tz, utc_ms, &l);
	return cc_tz_utc(tz, &(struct cc_local){.year = l.year, .month = l.month, .day = l.day + days});
}

int64_t cc_tz_bucket(int64_t utc_ms)
{
	return floor_div(utc_ms, CC_BUCKET_MS) * CC_BUCKET_MS;
}

static int64_t read_be(const uint8_t *p, int bytes)
{
	uint64_t v = p[0] & 0x80 ? UINT64_MAX : 0;

	for (int i = 0; i < bytes; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

static bool parse_int(const char **s, int max, int *out)
{
	int v = 0;

	if (**s < '0' || **s > '9')
		return false;
	for (; **s >= '0' && **s <= '9'; (*s)++) {
		v = v * 10 + (**s - '0');
		if (v > max)
			return false;
	}
	*out = v;
	return true;
}

static bool parse_name(const char **s)
{
	const char *p = *s;

	if (*p == '<') {
		p = strchr(p, '>');
		if (!p)
			return false;
		*s = p + 1;
		return true;
	}
	while ((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z'))
		p++;
	if (p - *s < 3)
		return false;
	*s = p;
	return true;
}

/* [+-]hh[:mm[:ss]] */
static bool parse_hms(const char **s, int max_hours, int32_t *out)
{
	int sign = 1, part = 0;
	int32_t v;

	if (**s == '+' || **s == '-')
		sign = *(*s)++ == '-' ? -1 : 1;
	if (!parse_int(s, max_hours, &part))
		return false;
	v = part * 3600;
	for (int unit = 60; unit > 0 && **s == ':'; unit /= 60) {
		(*s)++;
		if (!parse_int(s, 59, &part))
			return false;
		v += part * unit;
	}
	*out = sign * v;
	return true;
}

static bool parse_rule(const char **s, struct rule *r)
{
	if (*(*s)++ != ',')
		return false;
	if (**s == 'M') {
		r->kind = 'M';
		(*s)++;
		if (!parse_int(s, 12, &r->month) || r->month < 1 || *(*s)++ != '.' ||
				!parse_int(s, 5, &r->week) || r->week < 1 || *(*s)++ != '.' ||
				!parse_int(s, 6, &r->day))
			return false;
	} else {
		r->kind = '0';
		if (**s == 'J') {
			r->kind = 'J';
			(*s)++;
		}
		if (!parse_int(s, 365, &r->day) || (r->kind == 'J' && r->day < 1))
			return false;
	}
	r->time_s = 2 * 3600;
	if (**s == '/') {
		(*s)++;
		return parse_hms(s, 167, &r->time_s);
	}
	return true;
}

/* The POSIX TZ string at the end of the file. Its offsets count west of UTC. */
static bool parse_footer(struct cc_tz *tz, const char *s)
{
	int32_t west;

	if (!parse_name(&s) || !parse_hms(&s, 24, &west))
		return false;
	tz->standard.offset_s = -west;
	tz->footer = true;
	if (*s == '\0')
		return true;
	if (!parse_name(&s))
		return false;
	tz->summer = (struct zone_type){.offset_s = tz->standard.offset_s + 3600, .dst = true};
	if (*s != ',') {
		if (!parse_hms(&s, 24, &west))
			return false;
		tz->summer.offset_s = -west;
	}
	tz->footer_dst = true;
	return parse_rule(&s, &tz->begin) && parse_rule(&s, &tz->end) && *s == '\0';
}

struct header
{
	char version;
	size_t isut, isstd, leap, time, type, chars;
};

#define HEADER_LEN 44

static bool parse_header(struct header *h, const uint8_t *p, size_t len)
{
	if (len < HEADER_LEN || memcmp(p, "TZif", 4) != 0)
		return false;
	h->version = (char)p[4];
	h->isut = (size_t)(uint32_t)read_be(p + 20, 4);
	h->isstd = (size_t)(uint32_t)read_be(p + 24, 4);
	h->leap = (size_t)(uint32_t)read_be(p + 28, 4);
	h->time = (size_t)(uint32_t)read_be(p + 32, 4);
	h->type = (size_t)(uint32_t)read_be(p + 36, 4);
	h->chars = (size_t)(uint32_t)read_be(p + 40, 4);
	return h->type > 0 && h->type <= 256 && h->isut <= FILE_MAX && h->isstd <= FILE_MAX &&
		   h->leap <= FILE_MAX && h->time <= FILE_MAX && h->chars <= FILE_MAX;
}

static size_t block_len(const struct header *h, size_t time_size)
{
	return h->time * (time_size + 1) + h->type * 6 + h->chars + h->leap * (time_size + 4) +
		   h->isstd + h->isut;
}

static int parse_block(struct cc_tz *tz, const struct header *h, const uint8_t *p, int time_size)
{
	tz->at = calloc(h->time + 1, sizeof(*tz->at));
	tz->after = calloc(h->time + 1, 1);
	tz->type = calloc(h->type, sizeof(*tz->type));
	if (!tz->at || !tz->after || !tz->type)
		return CC_E_NOMEM;
	tz->transitions = h->time;
	tz->types = h->type;
	for (size_t i = 0; i < h->time; i++, p += time_size) {
		tz->at[i] = read_be(p, time_size);
		if (i > 0 && tz->at[i] <= tz->at[i - 1])
			return CC_E_CORRUPT;
	}
	memcpy(tz->after, p, h->time);
	p += h->time;
	for (size_t i = 0; i < h->time; i++)
		if (tz->after[i] >= h->type)
			return CC_E_CORRUPT;
	for (size_t i = 0; i < h->type; i++, p += 6) {
		tz->type[i] = (struct zone_type){.offset_s = (int32_t)read_be(p, 4), .dst = p[4] != 0};
		if (tz->type[i].offset_s < -DAY_S * 2 || tz->type[i].offset_s > DAY_S * 2)
			return CC_E_CORRUPT;
	}
	return 0;
}

int cc_tz_parse(struct cc_tz **out, const void *data, size_t len)
{
	const uint8_t *p = data, *end = p + len;
	struct cc_tz *tz = NULL;
	struct header h;
	char footer[128];
	size_t n;
	int err = CC_E_CORRUPT, time_size = 4;

	if (!parse_header(&h, p, len) || block_len(&h, 4) > len - HEADER_LEN)
		goto out;
	p += HEADER_LEN;
	if (h.version >= '2') { /* the first block is for readers of 32 bits */
		p += block_len(&h, 4);
		time_size = 8;
		if (!parse_header(&h, p, (size_t)(end - p)) ||
				block_len(&h, 8) > (size_t)(end - p) - HEADER_LEN)
			goto out;
		p += HEADER_LEN;
	}
	tz = calloc(1, sizeof(*tz));
	if (!tz) {
		err = CC_E_NOMEM;
		goto out;
	}
	err = parse_block(tz, &h, p, time_size);
	if (err)
		goto out;
	p += block_len(&h, (size_t)time_size);
	err = CC_E_CORRUPT;
	if (time_size == 8) {
		if (p >= end || *p++ != '\n')
			goto out;
		for (n = 0; p + n < end && p[n] != '\n' && n < sizeof(footer) - 1; n++)
			footer[n] = (char)p[n];
		footer[n] = '\0';
		if (p + n >= end || p[n] != '\n' || (n > 0 && !parse_footer(tz, footer)))
			goto out;
	}
	*out = tz;
	tz = NULL;
	err = 0;
out:
	cc_tz_free(tz);
	return err;
}

static bool name_ok(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > NAME_MAX_LEN || name[0] == '/' || strstr(name, ".."))
		return false;
	return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/.") ==
		   len;
}

int cc_tz_load(struct cc_tz **tz, const char *name)
{
	char path[sizeof(ZONEINFO) + NAME_MAX_LEN] = ZONEINFO;
	uint8_t *data = NULL;
	size_t len = 0;
	struct stat st;
	int fd = -1, err;

	if (!name_ok(name))
		return CC_E_INVAL;
	strcat(path, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? CC_E_NOENT : CC_E_IO;
	err = CC_E_NOENT;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		goto out;
	err = CC_E_CORRUPT;
	if (st.st_size > FILE_MAX)
		goto out;
	err = CC_E_NOMEM;
	data = malloc((size_t)st.st_size + 1);
	if (!data)
		goto out;
	while (len < (size_t)st.st_size) {
		ssize_t n = read(fd, data + len, (size_t)st.st_size - len);

		if (n <= 0)
			break;
		len += (size_t)n;
	}
	err = cc_tz_parse(tz, data, len);
out:
	free(data);
	close(fd);
	return err;
}

void cc_tz_free(struct cc_tz *tz)
{
	if (!tz)
		return;
	free(tz->at);
	free(tz->after);
	free(tz->type);
	free(tz);
}
