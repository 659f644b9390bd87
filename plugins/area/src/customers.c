/* SPDX-License-Identifier: GPL-2.0-or-later
 * Areas of customers, by their first number. Nothing is stored: what is shown is looked up, and
 * what is searched becomes ranges of numbers. */
#include <string.h>
#include "area.h"

/* ---- columns ---- */

static bool find(const char *e164, struct area *found)
{
	return e164 && !area_find(area_file, e164, found);
}

static const char *province_text(struct cc_request *rq, const char *e164)
{
	struct area found;
	return find(e164, &found) ? cc_tc(rq, "province", found.province) : "";
}

static const char *city_text(struct cc_request *rq, const char *e164)
{
	struct area found;
	if (!find(e164, &found))
		return "";
	return strcmp(rq->language, "en") ? found.city : found.city_english;
}

static const char *operator_text(struct cc_request *rq, const char *e164)
{
	struct area found;
	return find(e164, &found) && *found.operator? cc_tc(rq, "carrier", found.operator) : "";
}

static void province_json(struct cc_request *rq, struct cc_jsonw *w, const char *name,
		const struct cc_row *row, size_t column)
{
	struct area found;
	cc_jsonw_str(w, name, find(row->v[column], &found) ? found.province : NULL);
}

static void city_json(struct cc_request *rq, struct cc_jsonw *w, const char *name,
		const struct cc_row *row, size_t column)
{
	const char *text = city_text(rq, row->v[column]);
	cc_jsonw_str(w, name, *text ? text : NULL);
}

static void operator_json(struct cc_request *rq, struct cc_jsonw *w, const char *name,
		const struct cc_row *row, size_t column)
{
	struct area found;
	cc_jsonw_str(w, name, find(row->v[column], &found) ? found.operator: NULL);
}

/* ---- filters ---- */

struct search
{
	struct cc_buf *sql;
	const char *value;
	size_t count;
};

/* INTERVAL(number, first, behind, first, behind …) is odd within a range: a binary search, however
 * many there are. */
static void add_range(void *ctx, uint32_t first, uint32_t behind)
{
	struct search *s = ctx;
	if (!s->count++)
		cc_buf_str(s->sql, "INTERVAL(CAST(SUBSTR(t.phone_e164, 3, 7) AS UNSIGNED)");
	cc_buf_printf(s->sql, ", %u, %u", first, behind);
}

static void end_ranges(const struct search *s)
{
	cc_buf_str(s->sql, s->count ? ") % 2 = 1)" : "FALSE)");
}

static bool is_province(void *ctx, const struct area *place)
{
	const struct search *s = ctx;
	return !strcmp(place->province, s->value);
}

static bool has_city(void *ctx, const struct area *place)
{
	const struct search *s = ctx;
	return strstr(place->city, s->value) || strcasestr(place->city_english, s->value);
}

#define CHINESE "(t.phone_e164 LIKE '86%' AND CHAR_LENGTH(t.phone_e164) IN (12, 13) AND "
#define MOBILE "(t.phone_e164 LIKE '861%' AND CHAR_LENGTH(t.phone_e164) = 13 AND "

static bool province_compare(
		struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	struct search s = {.sql = sql, .value = value};
	cc_buf_str(sql, CHINESE);
	area_ranges(area_file, is_province, add_range, &s);
	end_ranges(&s);
	return true;
}

static bool city_compare(struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	struct search s = {.sql = sql, .value = value};
	cc_buf_str(sql, CHINESE);
	area_ranges(area_file, has_city, add_range, &s);
	end_ranges(&s);
	return true;
}

static bool operator_compare(
		struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	struct search s = {.sql = sql, .value = value};
	cc_buf_str(sql, MOBILE);
	area_operator_ranges(area_file, value, add_range, &s);
	end_ranges(&s);
	return true;
}

#define SHOWN                                                                                      \
	(CC_COLUMN_PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_CSV | CC_COLUMN_JSON | CC_COLUMN_DETAIL)

/* Filters only compare with "is" (codes) and "contains" (the city). */
const struct cc_column area_customer_columns[] = {
		CC_COLUMN("area_province", CC_N("Province"), "t.phone_e164", CUSTOM, SHOWN,
				.text = province_text, .json = province_json),
		CC_COLUMN("area_city", CC_N("City"), "t.phone_e164", CUSTOM, SHOWN, .text = city_text,
				.json = city_json),
		CC_COLUMN("area_operator", CC_N("Operator"), "t.phone_e164", CUSTOM, SHOWN,
				.text = operator_text, .json = operator_json),
		CC_COLUMN("area_in_province", CC_N("Province"), "t.phone_e164", CODE, CC_COLUMN_FILTER,
				.context = "province", .codes = area_provinces, .compare = province_compare),
		CC_COLUMN("area_in_city", CC_N("City"), "t.phone_e164", TEXT, CC_COLUMN_FILTER,
				.compare = city_compare),
		CC_COLUMN("area_by_operator", CC_N("Operator"), "t.phone_e164", CODE, CC_COLUMN_FILTER,
				.context = "carrier", .codes = area_operators, .compare = operator_compare),
		{.name = NULL},
};
