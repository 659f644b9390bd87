/* SPDX-License-Identifier: GPL-2.0-or-later
 * Areas of customers, by their first number. Nothing is stored: what is shown is looked up, and
 * what is searched becomes ranges of numbers. Rows that fulfil them are found soon in the list's
 * own order, unless the place is rare: so its customers are looked for in customer_text first,
 * where the numbers of a thousand customers stand in one row, and the list is made of them when
 * they are few. */
#include <inttypes.h>
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

#define DIGITS 7 /* behind the country code */
#define NUMBERS 10000000
#define FEW 500
#define BLOCK                                                                                      \
	1024 /* customers of a row of customer_text: 1, two characters that say which, number, 2 */
#define HEAD 3
#define FIRST 8 /* rows that are read at first, … */
#define MOST 64 /* … and at once */

struct search
{
	struct cc_list *l;
	struct cc_buf *sql, ranges;
	const char *value;
	size_t count; /* of ranges */
	uint8_t *set; /* a bit for each of the numbers */
};

/* INTERVAL(number, first, behind, first, behind …) is odd within a range: a binary search, however
 * many there are. */
static void add_range(void *ctx, uint32_t first, uint32_t behind)
{
	struct search *s = ctx;
	if (!s->count++)
		cc_buf_str(&s->ranges, "INTERVAL(CAST(SUBSTR(t.phone_e164, 3, 7) AS UNSIGNED)");
	cc_buf_printf(&s->ranges, ", %u, %u", first, behind);
	for (uint32_t i = first; i < behind && i < NUMBERS; i++)
		s->set[i / 8] |= (uint8_t)(1 << i % 8);
}

struct found
{
	const uint8_t *set;
	struct cc_arena *scratch; /* of one row */
	int64_t keys[FEW], last;
	size_t count, rows; /* count beyond FEW: there are too many */
};

static bool is_in(const uint8_t *set, const char *number, size_t len)
{
	uint32_t n = 0;
	if (len < 2 + DIGITS || number[0] != '8' || number[1] != '6')
		return false;
	for (size_t i = 2; i < 2 + DIGITS; i++)
		n = n * 10 + (uint32_t)(number[i] - '0') % 10;
	return set[n / 8] >> n % 8 & 1;
}

static int on_block(void *ctx, const struct cc_row *row)
{
	struct found *f = ctx;
	const char *p = row->v[1], *stop = p + row->len[1], *end;
	f->rows++;
	f->last = cc_row_int(row, 0, 0);
	while (f->count <= FEW && p + HEAD < stop && (end = memchr(p, 2, (size_t)(stop - p)))) {
		int64_t key = f->last * BLOCK + (p[1] - '@') * 32 + (p[2] - '@');
		if (end > p + HEAD && is_in(f->set, p + HEAD, (size_t)(end - p - HEAD))) {
			if (f->count < FEW)
				f->keys[f->count] = key;
			f->count++;
		}
		p = end + 1;
	}
	cc_arena_reset(f->scratch);
	return 0;
}

/* Customers of the package who have a number in the ranges, newest first. */
static int find_few(struct cc_request *rq, struct found *f)
{
	static const char sql[] =
			"SELECT x.block, x.body FROM customer_package p JOIN customer_text x ON x.tenant_id = "
			"p.tenant_id AND x.package_id = p.id AND x.slot = 1 AND x.block < ? WHERE p.tenant_id "
			"= {tenant} AND p.code = ? ORDER BY x.block DESC LIMIT ?";
	size_t limit = FIRST;
	int err;
	f->last = INT64_MAX;
	f->scratch = cc_arena_new();
	struct cc_arena *own = cc_db_arena(rq->db, f->scratch);
	do {
		const struct cc_bind binds[] = {cc_bind_int(f->last), cc_bind_str(cc_param(rq, "package")),
				cc_bind_int((int64_t)limit)};
		f->rows = 0;
		err = cc_db_each(rq->db, sql, binds, 3, on_block, f);
		if (f->rows < limit)
			break;
		limit = limit * 2 < MOST ? limit * 2 : MOST;
	} while (!err && f->count <= FEW);
	cc_db_arena(rq->db, own);
	cc_arena_free(f->scratch);
	return err;
}

static void begin_ranges(struct search *s, struct cc_list *l, const char *value, struct cc_buf *sql)
{
	struct cc_arena *a = cc_list_request(l)->arena;
	*s = (struct search){.l = l,
			.sql = sql,
			.ranges = cc_buf_new(a),
			.value = value,
			.set = cc_alloc(a, NUMBERS / 8)};
}

/* kind: which numbers the ranges are about. */
static void end_ranges(struct search *s, const char *kind)
{
	struct cc_request *rq = cc_list_request(s->l);
	struct cc_buf keys = cc_buf_new(rq->arena);
	struct found f = {.set = s->set};
	if (!s->count) {
		cc_buf_str(s->sql, "FALSE");
		return;
	}
	cc_buf_str(s->sql, "(");
	if (find_few(rq, &f)) {
		; /* the ranges alone find them */
	} else if (f.count > FEW) {
		cc_list_many(s->l);
	} else {
		cc_buf_str(&keys, "[");
		for (size_t i = 0; i < f.count; i++)
			cc_buf_printf(&keys, "%s%" PRId64, i ? "," : "", f.keys[i]);
		cc_buf_str(&keys, "]");
		cc_buf_str(s->sql, "t.id IN (" CC_MANY_KEYS ") AND ");
		cc_list_bind(s->l, cc_bind_str(cc_buf_text(&keys)));
	}
	cc_buf_str(s->sql, kind);
	cc_buf_str(s->sql, cc_buf_text(&s->ranges));
	cc_buf_str(s->sql, ") % 2 = 1)");
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

#define CHINESE "t.phone_e164 LIKE '86%' AND CHAR_LENGTH(t.phone_e164) IN (12, 13) AND "
#define MOBILE "t.phone_e164 LIKE '861%' AND CHAR_LENGTH(t.phone_e164) = 13 AND "

static bool province_compare(
		struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	struct search s;
	begin_ranges(&s, l, value, sql);
	area_ranges(area_file, is_province, add_range, &s);
	end_ranges(&s, CHINESE);
	return true;
}

static bool city_compare(struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	struct search s;
	begin_ranges(&s, l, value, sql);
	area_ranges(area_file, has_city, add_range, &s);
	end_ranges(&s, CHINESE);
	return true;
}

static bool operator_compare(
		struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	struct search s;
	begin_ranges(&s, l, value, sql);
	area_operator_ranges(area_file, value, add_range, &s);
	end_ranges(&s, MOBILE);
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
