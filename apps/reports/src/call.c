/* SPDX-License-Identifier: GPL-2.0-or-later
 * One call: its facts, recordings, legs, queue visits and the journal's events. */
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>
#include "cc/journal.h"
#include "reports.h"

struct call
{
	struct cc_request *rq;
	const char *id;
	struct cc_row row; /* columns of reports_calls */
	int64_t started_ms;
	struct cc_rows legs, visits, events, recordings;
};

enum
{
	VISIT_NUMBER,
	VISIT_QUEUE,
	VISIT_ENTERED,
	VISIT_LEFT,
	VISIT_AGENT,
	VISIT_OFFERS,
	VISIT_RESULT,
	VISIT_WAIT,
	VISIT_TALK,
};
enum
{
	EVENT_AT,
	EVENT_TYPE,
	EVENT_SEQ,
	EVENT_FIELDS,
};
enum
{
	REC_SEGMENT,
	REC_STARTED,
	REC_DURATION,
	REC_STATE,
};

/* Codes that occur in data only, for the catalogues:
 * CC_NC("side", "caller") CC_NC("side", "callee") CC_NC("side", "system")
 * CC_NC("role", "caller") CC_NC("role", "agent") CC_NC("role", "callee")
 * CC_NC("result", "answered") CC_NC("result", "abandoned") CC_NC("result", "overflowed")
 * CC_NC("result", "refused") CC_NC("recording", "one_way") CC_NC("recording", "silent")
 * CC_NC("recording", "damaged") */

static int load(struct call *c, const struct cc_ulid *id)
{
	struct cc_db *db = c->rq->db;
	struct cc_bytes key = {id->b, sizeof id->b};
	int err = cc_resource_get(c->rq, &reports_calls, c->id, &c->row);
	if (!err)
		err = cc_db_query(db, &c->legs,
				"SELECT id, role, agent, started_at, answered_at, ended_at, sip_code, sip_text "
				"FROM call_leg WHERE tenant_id = {tenant} AND call_id = ? ORDER BY id",
				key);
	if (!err)
		err = cc_db_query(db, &c->visits,
				"SELECT visit, queue, entered_at, left_at, agent, offers, result, wait_ms, talk_ms "
				"FROM queue_call WHERE tenant_id = {tenant} AND call_id = ? ORDER BY visit",
				key);
	if (!err)
		err = cc_db_query(db, &c->events,
				"SELECT at, type, call_seq, fields FROM event WHERE tenant_id = {tenant} "
				"AND call_id = ? ORDER BY at, node, seq",
				key);
	if (!err)
		err = cc_db_query(db, &c->recordings,
				"SELECT segment, started_at, duration_ms, state FROM recording "
				"WHERE tenant_id = {tenant} AND call_id = ? ORDER BY segment",
				key);
	return err;
}

/* The call's day is said above: the time of day is enough, except on another day. */
static const char *time_of(struct call *c, const struct cc_row *row, size_t column)
{
	int64_t at = cc_row_int(row, column, 0);
	struct cc_local t = cc_time_local(c->rq, at), began = cc_time_local(c->rq, c->started_ms);
	if (!at || t.day != began.day)
		return cc_time_text(c->rq, at);
	return cc_sprintf(c->rq->arena, "%02d:%02d:%02d", t.hour, t.minute, t.second);
}

static const char *duration_of(struct call *c, const struct cc_row *row, size_t column)
{
	return row->v[column] ? cc_duration_text(c->rq, cc_row_int(row, column, 0)) : "";
}

static const char *code_of(
		struct call *c, const char *context, const struct cc_row *row, size_t column)
{
	return row->v[column] ? cc_tc(c->rq, context, row->v[column]) : "";
}

/* ---- page ---- */

static void page_legs(struct call *c, struct cc_value *page)
{
	struct cc_arena *a = c->rq->arena;
	struct cc_value *list = cc_value_add(a, page, "legs", CC_VALUE_LIST);
	for (size_t i = 0; i < c->legs.count; i++) {
		const struct cc_row *row = &c->legs.row[i];
		struct cc_value *v = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, v, "role", code_of(c, "role", row, LEG_ROLE));
		cc_value_str(a, v, "agent", cc_row_str(row, LEG_AGENT));
		cc_value_str(a, v, "started", time_of(c, row, LEG_STARTED));
		cc_value_str(a, v, "answered", time_of(c, row, LEG_ANSWERED));
		cc_value_str(a, v, "ended", time_of(c, row, LEG_ENDED));
		cc_value_str(a, v, "sip_code", cc_row_str(row, LEG_CODE));
		cc_value_str(a, v, "sip_text", cc_row_str(row, LEG_TEXT));
	}
}

static void page_visits(struct call *c, struct cc_value *page)
{
	struct cc_arena *a = c->rq->arena;
	struct cc_value *list = cc_value_add(a, page, "visits", CC_VALUE_LIST);
	for (size_t i = 0; i < c->visits.count; i++) {
		const struct cc_row *row = &c->visits.row[i];
		struct cc_value *v = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, v, "queue", cc_row_str(row, VISIT_QUEUE));
		cc_value_str(a, v, "entered", time_of(c, row, VISIT_ENTERED));
		cc_value_str(a, v, "result", code_of(c, "result", row, VISIT_RESULT));
		cc_value_str(a, v, "agent", cc_row_str(row, VISIT_AGENT));
		cc_value_str(a, v, "offers", cc_row_str(row, VISIT_OFFERS));
		cc_value_str(a, v, "wait", duration_of(c, row, VISIT_WAIT));
		cc_value_str(a, v, "talk", duration_of(c, row, VISIT_TALK));
	}
}

static const char *value_of(const struct call *c, const char *column)
{
	size_t i = 0;
	while (strcmp(reports_calls.columns[i].name, column))
		i++;
	return cc_row_str(&c->row, i);
}

/* Of the numbers of this call: for the user, or as the call task said. */
static enum cc_hide hidden(const struct call *c)
{
	enum cc_hide own = cc_hide_parse(value_of(c, "hides")), hide = c->rq->user->hide_numbers;
	return own > hide ? own : hide;
}

static const char *event_name(const struct cc_row *row)
{
	const char *name = cc_event_name((uint16_t)cc_row_int(row, EVENT_TYPE, 0));
	return name ? name : cc_row_str(row, EVENT_TYPE);
}

static void page_events(struct call *c, struct cc_value *page)
{
	struct cc_arena *a = c->rq->arena;
	struct cc_value *list = cc_value_add(a, page, "events", CC_VALUE_LIST);
	for (size_t i = 0; i < c->events.count; i++) {
		const struct cc_row *row = &c->events.row[i];
		struct cc_value *v = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		struct cc_local at = cc_time_local(c->rq, cc_row_int(row, EVENT_AT, 0));
		cc_value_str(a, v, "at",
				cc_sprintf(a, "%02d:%02d:%02d.%03d", at.hour, at.minute, at.second, at.ms));
		cc_value_str(a, v, "name", cc_tc(c->rq, "event", event_name(row)));
		cc_value_str(a, v, "detail",
				reports_event_text(c->rq, &c->legs, cc_row_str(row, EVENT_FIELDS), hidden(c)));
	}
}

static void page_recordings(struct call *c, struct cc_value *page)
{
	struct cc_arena *a = c->rq->arena;
	struct cc_value *list = cc_value_add(a, page, "recordings", CC_VALUE_LIST);
	for (size_t i = 0; i < c->recordings.count; i++) {
		const struct cc_row *row = &c->recordings.row[i];
		struct cc_value *v = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		const char *segment = cc_row_str(row, REC_SEGMENT), *state = cc_row_str(row, REC_STATE);
		cc_value_str(
				a, v, "segment", strcmp(segment, "0") ? segment : cc_t(c->rq, "Whole recording"));
		cc_value_str(a, v, "started", time_of(c, row, REC_STARTED));
		cc_value_str(a, v, "duration", duration_of(c, row, REC_DURATION));
		cc_value_str(a, v, "fault", strcmp(state, "ok") ? cc_tc(c->rq, "recording", state) : NULL);
		cc_value_str(a, v, "mp3", reports_recording_url(c->rq, c->id, segment, "mp3"));
		cc_value_str(a, v, "wav", reports_recording_url(c->rq, c->id, segment, "wav"));
	}
}

/* ---- JSON ---- */

static void str_or_null(struct cc_jsonw *w, const char *key, const struct cc_row *row, size_t i)
{
	cc_jsonw_str(w, key, row->v[i]);
}

static void int_or_null(struct cc_jsonw *w, const char *key, const struct cc_row *row, size_t i)
{
	if (row->v[i])
		cc_jsonw_int(w, key, cc_row_int(row, i, 0));
	else
		cc_jsonw_str(w, key, NULL);
}

static void time_or_null(
		struct call *c, struct cc_jsonw *w, const char *key, const struct cc_row *row, size_t i)
{
	cc_jsonw_str(w, key, row->v[i] ? cc_time_iso(c->rq, cc_row_int(row, i, 0)) : NULL);
}

static void write_json(struct cc_jsonw *w, void *ctx)
{
	struct call *c = ctx;
	cc_jsonw_object(w, NULL);
	cc_resource_json(c->rq, &reports_calls, &c->row, w);
	cc_jsonw_array(w, "legs");
	for (size_t i = 0; i < c->legs.count; i++) {
		const struct cc_row *row = &c->legs.row[i];
		cc_jsonw_object(w, NULL);
		str_or_null(w, "role", row, LEG_ROLE);
		str_or_null(w, "agent", row, LEG_AGENT);
		time_or_null(c, w, "started_at", row, LEG_STARTED);
		time_or_null(c, w, "answered_at", row, LEG_ANSWERED);
		time_or_null(c, w, "ended_at", row, LEG_ENDED);
		int_or_null(w, "sip_code", row, LEG_CODE);
		str_or_null(w, "sip_text", row, LEG_TEXT);
		cc_jsonw_close_object(w);
	}
	cc_jsonw_close_array(w);
	cc_jsonw_array(w, "visits");
	for (size_t i = 0; i < c->visits.count; i++) {
		const struct cc_row *row = &c->visits.row[i];
		cc_jsonw_object(w, NULL);
		int_or_null(w, "visit", row, VISIT_NUMBER);
		str_or_null(w, "queue", row, VISIT_QUEUE);
		time_or_null(c, w, "entered_at", row, VISIT_ENTERED);
		time_or_null(c, w, "left_at", row, VISIT_LEFT);
		str_or_null(w, "agent", row, VISIT_AGENT);
		int_or_null(w, "offers", row, VISIT_OFFERS);
		str_or_null(w, "result", row, VISIT_RESULT);
		int_or_null(w, "wait_ms", row, VISIT_WAIT);
		int_or_null(w, "talk_ms", row, VISIT_TALK);
		cc_jsonw_close_object(w);
	}
	cc_jsonw_close_array(w);
	cc_jsonw_array(w, "events");
	for (size_t i = 0; i < c->events.count; i++) {
		const struct cc_row *row = &c->events.row[i];
		cc_jsonw_object(w, NULL);
		time_or_null(c, w, "at", row, EVENT_AT);
		int_or_null(w, "seq", row, EVENT_SEQ);
		cc_jsonw_str(w, "type", event_name(row));
		struct json_object *fields =
				reports_event_fields(c->rq, cc_row_str(row, EVENT_FIELDS), hidden(c));
		const char *text = json_object_to_json_string_ext(fields, JSON_C_TO_STRING_PLAIN);
		cc_jsonw_raw(w, "fields", text, strlen(text));
		json_object_put(fields);
		cc_jsonw_close_object(w);
	}
	cc_jsonw_close_array(w);
	cc_jsonw_close_object(w);
}

/* Which column has the number of the customer. */
static const char *customer_column(const struct call *c)
{
	return strcmp(value_of(c, "direction"), "out") ? "caller" : "callee";
}

/* What plugins have to say about the call: pieces that the page fetches. */
static int page_tabs(struct call *c, struct cc_value *page)
{
	struct cc_value *list = cc_value_add(c->rq->arena, page, "tabs", CC_VALUE_LIST);
	const char *number = hidden(c) ? "" : value_of(c, customer_column(c));
	return cc_tabs(c->rq, "call", c->id, number, list);
}

int reports_call(struct cc_request *rq)
{
	const char *text = cc_param(rq, "id");
	struct call c = {.rq = rq, .id = text};
	struct cc_ulid id;
	char canonical[CC_ULID_TEXT + 1];
	if (cc_ulid_parse(&id, text, (int)strlen(text)))
		return CC_E_NOENT;
	c.id = cc_strdup(rq->arena, cc_ulid_format(&id, canonical));
	int err = load(&c, &id);
	if (err)
		return err;
	if (rq->json) {
		cc_send_json(rq, write_json, &c);
		return 0;
	}
	const char *number = value_of(&c, customer_column(&c));
	c.started_ms = strtoll(value_of(&c, "started_at"), NULL, 10);
	struct cc_value *page = cc_page(rq, cc_sprintf(rq->arena, "%s %s", cc_t(rq, "Call"),
												cc_mask_number(rq->arena, number, hidden(&c))));
	cc_resource_facts(rq, &reports_calls, &c.row, page, "facts");
	cc_value_bool(rq->arena, page, "may_play", cc_can(rq, "reports.recordings.play"));
	page_recordings(&c, page);
	page_legs(&c, page);
	page_visits(&c, page);
	page_events(&c, page);
	err = page_tabs(&c, page);
	return err ? err : cc_page_send(rq, "reports/call", page);
}
