/* SPDX-License-Identifier: GPL-2.0-or-later
 * Areas of calls: stored when a call comes or afterwards, shown and searched in the list of calls.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>
#include "area.h"
#include "cc/clock.h"
#include "cc/err.h"

#define DAY_MS (24 * 3600 * 1000LL)
#define BATCH 500
#define TIME_MAX ((int64_t)1 << 48)

/* ---- columns and filters of the list of calls ---- */

/* "<city>|<city in English>" */
static const char *city_text(struct cc_request *rq, const char *value)
{
	const char *bar = value ? strchr(value, '|') : NULL;
	if (!bar)
		return "";
	return !strcmp(rq->language, "en") ? bar + 1
									   : cc_strndup(rq->arena, value, (size_t)(bar - value));
}

static void city_json(struct cc_request *rq, struct cc_jsonw *w, const char *name,
		const struct cc_row *row, size_t column)
{
	cc_jsonw_str(w, name, row->v[column] ? city_text(rq, row->v[column]) : NULL);
}

/* Translations of the codes:
 * CC_NC("province", "anhui") CC_NC("province", "beijing") CC_NC("province", "chongqing")
 * CC_NC("province", "fujian") CC_NC("province", "gansu") CC_NC("province", "guangdong")
 * CC_NC("province", "guangxi") CC_NC("province", "guizhou") CC_NC("province", "hainan")
 * CC_NC("province", "hebei") CC_NC("province", "heilongjiang") CC_NC("province", "henan")
 * CC_NC("province", "hubei") CC_NC("province", "hunan") CC_NC("province", "inner_mongolia")
 * CC_NC("province", "jiangsu") CC_NC("province", "jiangxi") CC_NC("province", "jilin")
 * CC_NC("province", "liaoning") CC_NC("province", "ningxia") CC_NC("province", "qinghai")
 * CC_NC("province", "shaanxi") CC_NC("province", "shandong") CC_NC("province", "shanghai")
 * CC_NC("province", "shanxi") CC_NC("province", "sichuan") CC_NC("province", "tianjin")
 * CC_NC("province", "tibet") CC_NC("province", "xinjiang") CC_NC("province", "yunnan")
 * CC_NC("province", "zhejiang")
 * CC_NC("carrier", "mobile") CC_NC("carrier", "unicom") CC_NC("carrier", "telecom")
 * CC_NC("carrier", "broadnet") */
#define CHOICE (CC_COLUMN_ALL | CC_COLUMN_FILTER)

static const struct cc_column columns[] = {
		CC_COLUMN("area_province", CC_N("Province"), "ac.province", CODE, CHOICE,
				.context = "province", .codes = area_provinces),
		CC_COLUMN("area_city", CC_N("City"), "CONCAT(ac.city, '|', ac.city_english)", CUSTOM,
				CC_COLUMN_PAGE | CC_COLUMN_CSV | CC_COLUMN_JSON | CC_COLUMN_DETAIL,
				.text = city_text, .json = city_json),
		CC_COLUMN("area_city_name", CC_N("City"), "CONCAT(ac.city, ' ', ac.city_english)", TEXT,
				CC_COLUMN_FILTER | CC_COLUMN_SEARCH),
		CC_COLUMN("area_operator", CC_N("Operator"), "ac.operator", CODE, CHOICE,
				.context = "carrier", .codes = area_operators),
		{.name = NULL},
};

const struct cc_extension area_extensions[] = {
		{.resource = "/reports/calls",
				.join = "LEFT JOIN area_call ac ON ac.tenant_id = c.tenant_id AND ac.call_id = "
						"c.id",
				.columns = columns},
		{.resource = "/crm/customers/{package}", .columns = area_customer_columns},
		{.resource = NULL},
};

/* ---- storing ---- */

static int store(struct cc_db *db, struct cc_bytes call, const char *number)
{
	struct area found;
	int err = area_of(db, number, &found);
	if (err)
		return err == CC_E_NOENT ? 0 : err; /* an extension, abroad, unknown */
	return cc_db_exec(db,
			"INSERT IGNORE INTO area_call (tenant_id, call_id, province, city, city_english, "
			"operator) VALUES ({tenant}, ?, ?, ?, ?, ?)",
			call, found.province, found.city, found.city_english, found.operator);
}

static const char *field(const struct cc_event *event, const char *name)
{
	struct json_object *value = NULL;
	json_object_object_get_ex(event->fields, name, &value);
	const char *text = value ? json_object_get_string(value) : NULL;
	return text ? text : "";
}

/* The customer's number is the one that is not ours. */
int area_call_new(const struct cc_event *event)
{
	const char *number = field(event, strcmp(field(event, "dir"), "out") ? "from" : "to");
	return store(event->db, (struct cc_bytes){event->call.b, sizeof event->call.b}, number);
}

/* ---- afterwards ---- */

static int fill_batch(struct cc_job *job, struct cc_arena *arena, struct cc_ulid *after,
		int64_t *done, bool *more)
{
	struct cc_rows rows;
	int err = cc_db_query(job->db, &rows,
			"SELECT c.id, IF(c.direction = 'out', c.callee, c.caller) FROM calls c "
			"LEFT JOIN area_call a ON a.tenant_id = c.tenant_id AND a.call_id = c.id "
			"WHERE c.tenant_id = {tenant} AND c.id > ? AND a.call_id IS NULL "
			"AND c.direction <> 'internal' ORDER BY c.id LIMIT 500",
			((struct cc_bytes){after->b, sizeof after->b}));
	for (size_t i = 0; i < rows.count && !err; i++) {
		memcpy(after->b, rows.row[i].v[0], sizeof after->b);
		err = store(
				job->db, (struct cc_bytes){after->b, sizeof after->b}, cc_row_str(&rows.row[i], 1));
	}
	if (!err)
		*done += (int64_t)rows.count;
	*more = rows.count == BATCH;
	return err;
}

int area_fill(struct cc_job *job)
{
	static const uint8_t zeros[10];
	const char *days;
	int64_t done = 0;
	bool more = true;
	int err = cc_option(job->db, &area, "fill_days", &days);
	int64_t since = err ? 0 : cc_clock_utc_ms() - strtoll(days, NULL, 10) * DAY_MS;
	struct cc_ulid after = cc_ulid_make(since < 0 ? 0 : since % TIME_MAX, zeros);
	if (!err && !strcmp(days, "0"))
		more = false;
	while (!err && more) {
		err = fill_batch(job, job->arena, &after, &done, &more);
		if (!err)
			err = cc_job_progress(job, done, -1);
	}
	if (err)
		snprintf(job->error, sizeof job->error, "%s", cc_db_error(job->db));
	else
		snprintf(job->result, sizeof job->result, "%lld calls looked up", (long long)done);
	return err;
}
