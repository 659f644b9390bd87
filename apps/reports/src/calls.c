/* SPDX-License-Identifier: GPL-2.0-or-later
 * CDR-01, CDR-02, REC-02: the list of calls. An agent sees the calls it talked in, a leader those
 * of the groups it leads and of their members. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "reports.h"

#define DEFAULT_DAYS 7

/* The column recording is a list of "<segment>:<duration ms>", by segment; segment 0 is the whole
 * of a call that has more than one. */
static const char *next_segment(const char *list, long *segment, int64_t *duration_ms)
{
	char *end;
	*segment = strtol(list, &end, 10);
	if (*end != ':')
		return NULL;
	*duration_ms = strtoll(end + 1, &end, 10);
	return *end == ',' ? end + 1 : end;
}

static const char *recording_text(struct cc_request *rq, const char *value)
{
	long segment;
	int64_t ms, total = 0;
	for (const char *p = value; p && *p;)
		if ((p = next_segment(p, &segment, &ms)) && segment > 0)
			total += ms;
	return value ? cc_sprintf(rq->arena, "▶ %s", cc_duration_text(rq, total)) : "";
}

static void recording_json(struct cc_request *rq, struct cc_jsonw *w, const char *name,
		const struct cc_row *row, size_t column)
{
	struct cc_ulid id;
	char call[CC_ULID_TEXT + 1], number[24];
	long segment;
	int64_t ms;
	cc_jsonw_array(w, name);
	memcpy(id.b, row->v[0], sizeof id.b);
	cc_ulid_format(&id, call);
	for (const char *p = row->v[column]; p && *p;) {
		if (!(p = next_segment(p, &segment, &ms)))
			break;
		snprintf(number, sizeof number, "%ld", segment);
		cc_jsonw_object(w, NULL);
		cc_jsonw_int(w, "segment", segment);
		cc_jsonw_int(w, "duration_ms", ms);
		cc_jsonw_str(w, "url", reports_recording_url(rq, call, number, "mp3"));
		cc_jsonw_close_object(w);
	}
	cc_jsonw_close_array(w);
}

#define RECORDING                                                                                  \
	"(SELECT GROUP_CONCAT(r.segment, ':', r.duration_ms ORDER BY r.segment) FROM recording r "     \
	"WHERE r.tenant_id = c.tenant_id AND r.call_id = c.id)"

#define PAGE CC_COLUMN_PAGE
#define CSV CC_COLUMN_CSV
#define JSON CC_COLUMN_JSON
#define DETAIL CC_COLUMN_DETAIL
#define ALL CC_COLUMN_ALL
#define SORT CC_COLUMN_SORT

static const struct cc_column columns[] = {
		{.name = "id",
				.label = CC_N("Call"),
				.sql = "c.id",
				.type = CC_COLUMN_ID,
				.flags = CSV | JSON | DETAIL},
		{.name = "started_at",
				.label = CC_N("Started"),
				.sql = "c.started_at",
				.type = CC_COLUMN_TIME,
				.flags = ALL | SORT,
				.link = "/reports/calls/"},
		{.name = "answered_at",
				.label = CC_N("Answered"),
				.sql = "c.answered_at",
				.type = CC_COLUMN_TIME,
				.flags = CSV | DETAIL},
		{.name = "ended_at",
				.label = CC_N("Ended"),
				.sql = "c.ended_at",
				.type = CC_COLUMN_TIME,
				.flags = CSV | JSON | DETAIL},
		{.name = "direction",
				.label = CC_N("Direction"),
				.sql = "c.direction",
				.type = CC_COLUMN_CODE,
				.flags = ALL,
				.context = "direction"},
		{.name = "caller", .label = CC_N("Caller"), .sql = "c.caller", .flags = ALL | SORT},
		{.name = "caller_name",
				.label = CC_N("Caller's name"),
				.sql = "c.caller_name",
				.flags = CSV | DETAIL},
		{.name = "callee", .label = CC_N("Called number"), .sql = "c.callee", .flags = ALL},
		{.name = "did",
				.label = CC_N("Access number"),
				.sql = "c.did",
				.flags = CSV | JSON | DETAIL},
		{.name = "trunk", .label = CC_N("Trunk"), .sql = "c.trunk", .flags = CSV | DETAIL},
		{.name = "queue", .label = CC_N("Queue"), .sql = "c.queue", .flags = ALL | SORT},
		{.name = "agent", .label = CC_N("Agent"), .sql = "c.agent", .flags = ALL | SORT},
		{.name = "agent_name", .label = CC_N("Agent's name"), .sql = "c.agent_name", .flags = ALL},
		{.name = "cause",
				.label = CC_N("End cause"),
				.sql = "c.cause",
				.type = CC_COLUMN_CODE,
				.flags = ALL,
				.context = "cause"},
		{.name = "side",
				.label = CC_N("Ended by"),
				.sql = "c.side",
				.type = CC_COLUMN_CODE,
				.flags = ALL,
				.context = "side"},
		{.name = "sip_code",
				.label = CC_N("SIP code"),
				.sql = "c.sip_code",
				.type = CC_COLUMN_INT,
				.flags = CSV | DETAIL},
		{.name = "sip_text", .label = CC_N("SIP text"), .sql = "c.sip_text", .flags = CSV | DETAIL},
		{.name = "ring_ms",
				.label = CC_N("Ringing"),
				.sql = "c.ring_ms",
				.type = CC_COLUMN_DURATION,
				.flags = CSV | DETAIL},
		{.name = "wait_ms",
				.label = CC_N("Waited"),
				.sql = "c.wait_ms",
				.type = CC_COLUMN_DURATION,
				.flags = ALL | SORT},
		{.name = "talk_ms",
				.label = CC_N("Talk time"),
				.sql = "c.talk_ms",
				.type = CC_COLUMN_DURATION,
				.flags = ALL | SORT},
		{.name = "agent_ms",
				.label = CC_N("With agent"),
				.sql = "c.agent_ms",
				.type = CC_COLUMN_DURATION,
				.flags = ALL | SORT},
		{.name = "recording",
				.label = CC_N("Recording"),
				.sql = RECORDING,
				.type = CC_COLUMN_CUSTOM,
				.flags = PAGE | JSON,
				.link = "/reports/calls/",
				.text = recording_text,
				.json = recording_json},
		{.name = NULL},
};

static const char *const directions[] = {
		CC_NC("direction", "in"), CC_NC("direction", "out"), CC_NC("direction", "internal"), NULL};
static const char *const causes[] = {
#define CC_CAUSE(symbol, name) name,
#include "causes.def"
#undef CC_CAUSE
		NULL};

static const struct cc_filter filters[] = {
		{.name = "time",
				.label = CC_N("Time"),
				.sql = "c.id",
				.type = CC_FILTER_TIME,
				.days = DEFAULT_DAYS},
		{.name = "direction",
				.label = CC_N("Direction"),
				.sql = "c.direction",
				.type = CC_FILTER_CODE,
				.codes = directions,
				.context = "direction"},
		{.name = "caller", .label = CC_N("Caller"), .sql = "c.caller", .type = CC_FILTER_CONTAINS},
		{.name = "agent", .label = CC_N("Agent"), .sql = "c.agent", .type = CC_FILTER_EQUAL},
		{.name = "queue", .label = CC_N("Queue"), .sql = "c.queue", .type = CC_FILTER_EQUAL},
		{.name = "cause",
				.label = CC_N("End cause"),
				.sql = "c.cause",
				.type = CC_FILTER_CODE,
				.codes = causes,
				.context = "cause"},
		{.name = NULL},
};

/* Groups that the signed-in agent leads. */
#define LED                                                                                        \
	"SELECT l.group_id FROM agent_group_member l JOIN agent me ON me.tenant_id = l.tenant_id "     \
	"AND me.id = l.agent_id WHERE l.tenant_id = {tenant} AND l.leader = 1 AND me.number = {agent}"

const struct cc_resource reports_calls = {
		.name = "calls",
		.title = CC_N("Calls"),
		.path = "/reports/calls",
		.permission = "reports.calls.list",
		.export_permission = "reports.calls.export",
		.from = "calls c",
		.where = "c.tenant_id = {tenant}",
		.own = "c.agent = {agent}",
		.group = "c.agent = {agent} "
				 "OR c.queue IN (SELECT g.number FROM agent_group g WHERE g.tenant_id = {tenant} "
				 "AND g.id IN (" LED ")) "
				 "OR c.agent IN (SELECT a.number FROM agent a JOIN agent_group_member m "
				 "ON m.tenant_id = a.tenant_id AND m.agent_id = a.id WHERE a.tenant_id = {tenant} "
				 "AND m.group_id IN (" LED "))",
		.key = "c.id",
		.columns = columns,
		.filters = filters,
};
