/* SPDX-License-Identifier: GPL-2.0-or-later
 * Where a Chinese number is from: a file of ranges (convert.mjs), mapped into memory. */
#ifndef AREA_LOOKUP_H
#define AREA_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Codes of provinces, in the database and in JSON; their order is the file's. */
#define AREA_PROVINCES(x)                                                                          \
	x(anhui) x(beijing) x(chongqing) x(fujian) x(gansu) x(guangdong) x(guangxi) x(guizhou)         \
			x(hainan) x(hebei) x(heilongjiang) x(henan) x(hubei) x(hunan) x(inner_mongolia)        \
					x(jiangsu) x(jiangxi) x(jilin) x(liaoning) x(ningxia) x(qinghai) x(shaanxi)    \
							x(shandong) x(shanghai) x(shanxi) x(sichuan) x(tianjin) x(tibet)       \
									x(xinjiang) x(yunnan) x(zhejiang)

#define AREA_OPERATORS(x) x(mobile) x(unicom) x(telecom) x(broadnet)

extern const char *const area_provinces[], *const area_operators[]; /* end with NULL */

struct area
{
	const char *province; /* code */
	const char *city, *city_english;
	const char *operator; /* code, "" for fixed lines */
};

struct area_file;

/* CC_E_IO (errno), CC_E_CORRUPT: it is not such a file. */
int area_open(struct area_file **file, const char *path);
void area_close(struct area_file *file);
/* The area of a number in E.164 digits (CC_E_NOENT: it is not Chinese or not known). Texts live as
 * long as the file is open. */
int area_find(const struct area_file *file, const char *e164, struct area *area);

/* The other way round: ranges of the first seven digits behind the country code, ascending, the
 * bounds first and one behind the last. */
typedef void area_range(void *ctx, uint32_t first, uint32_t behind);
/* Of places that fit (their operator is ""). */
void area_ranges(const struct area_file *file, bool (*fits)(void *ctx, const struct area *place),
		area_range *range, void *ctx);
/* Of an operator's mobile numbers: only 1100000 and above, of eleven digits. */
void area_operator_ranges(
		const struct area_file *file, const char *operator, area_range * range, void *ctx);

#endif
