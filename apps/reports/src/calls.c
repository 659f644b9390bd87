/* SPDX-License-Identifier: GPL-2.0-or-later
 * CDR-01, CDR-02, REC-02: the list of calls. An agent sees the calls it talked in, a leader those
 * of the groups it leads and of their members. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/packages.h"
#include "cc/people.h"
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
#define MORE (PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_SEARCH) /* shown to who chose it */

static const char *const directions[] = {
		CC_NC("direction", "in"), CC_NC("direction", "out"), CC_NC("direction", "internal"), NULL};
static const char *const kinds[] = {CC_NC("call kind", "in"), CC_NC("call kind", "out"),
		CC_NC("call kind", "internal"), CC_NC("call kind", "click"),
		CC_NC("call kind", "predictive"), NULL};
static const char *const causes[] = {
#define CC_CAUSE(symbol, name) name,
#include "causes.def"
#undef CC_CAUSE
		NULL};

#define FILE (CSV | JSON | DETAIL)
#define CHOICE (ALL | CC_COLUMN_FILTER)
#define INDEXED (CHOICE | SORT | CC_COLUMN_INDEXED)

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Call"), "c.id", ID, FILE),
		CC_COLUMN("started_at", CC_N("Started"), "c.started_at", TIME, ALL | SORT,
				.link = "/reports/calls/"),
		CC_COLUMN("answered_at", CC_N("Answered"), "c.answered_at", TIME, MORE | CSV | DETAIL),
		CC_COLUMN("ended_at", CC_N("Ended"), "c.ended_at", TIME, MORE | FILE),
		CC_COLUMN("direction", CC_N("Direction"), "c.direction", CODE, CHOICE,
				.context = "direction", .codes = directions),
		CC_COLUMN("kind", CC_N("Call type"), "c.kind", CODE, MORE | FILE | CC_COLUMN_FILTER,
				.context = "call kind", .codes = kinds),
		CC_COLUMN("caller", CC_N("Caller"), "c.caller", TEXT, CHOICE | SORT,
				.call = "c.direction = 'in'"),
		CC_COLUMN("caller_name", CC_N("Caller's name"), "c.caller_name", TEXT,
				MORE | CSV | DETAIL | CC_COLUMN_NUMBERS),
		CC_COLUMN("callee", CC_N("Called number"), "c.callee", TEXT, ALL,
				.call = "c.direction = 'out'"),
		CC_COLUMN("did", CC_N("Access number"), "c.did", TEXT, MORE | FILE),
		CC_COLUMN("trunk", CC_N("Trunk"), "c.trunk", TEXT, MORE | CSV | DETAIL),
		CC_COLUMN("queue", CC_N("Queue"), "c.queue", TEXT, INDEXED | CC_COLUMN_EXACT),
		CC_COLUMN("agent", CC_N("Agent"), "c.agent", TEXT, INDEXED | CC_COLUMN_EXACT),
		CC_COLUMN("agent_name", CC_N("Agent's name"), "c.agent_name", TEXT, ALL),
		CC_COLUMN("cause", CC_N("End cause"), "c.cause", CODE, CHOICE | CC_COLUMN_INDEXED,
				.context = "cause", .codes = causes),
		CC_COLUMN("side", CC_N("Ended by"), "c.side", CODE, ALL, .context = "side"),
		CC_COLUMN("sip_code", CC_N("SIP code"), "c.sip_code", INT, MORE | CSV | DETAIL),
		CC_COLUMN("sip_text", CC_N("SIP text"), "c.sip_text", TEXT, MORE | CSV | DETAIL),
		CC_COLUMN("ring_ms", CC_N("Ringing"), "c.ring_ms", DURATION, MORE | CSV | DETAIL),
		CC_COLUMN("wait_ms", CC_N("Waited"), "c.wait_ms", DURATION, ALL | SORT),
		CC_COLUMN("talk_ms", CC_N("Talk time"), "c.talk_ms", DURATION, ALL | SORT),
		CC_COLUMN("agent_ms", CC_N("With agent"), "c.agent_ms", DURATION, ALL | SORT),
		/* the other of the two durations of CDR-07; the first is talk_ms */
		CC_COLUMN("result_ms", CC_N("From the agent's answer to the end"),
				"c.ended_at - c.bridged_at", DURATION, MORE | FILE),
		CC_COLUMN("package_id", CC_N("Customer package"), CC_PACKAGE_NAME("c.package_id"), OPTION,
				CHOICE | CC_COLUMN_HIDDEN, .value = "c.package_id",
				.options = CC_PACKAGE_OPTIONS("calls")),
		CC_COLUMN("task_id", CC_N("Call task"),
				"(SELECT x.name FROM call_task x WHERE x.tenant_id = c.tenant_id AND x.id = "
				"c.task_id)",
				OPTION, CHOICE | CC_COLUMN_HIDDEN, .value = "c.task_id",
				.options = "SELECT id, name FROM call_task WHERE tenant_id = {tenant} ORDER BY "
						   "name"),
		CC_COLUMN("recording", CC_N("Recording"), RECORDING, CUSTOM, PAGE | JSON,
				.link = "/reports/calls/", .text = recording_text, .json = recording_json),
		CC_COLUMN("hides", CC_N("Hide telephone numbers"), "c.hide", HIDES, 0),
		{.name = NULL},
};

#define OF_GROUPS                                                                                  \
	"c.agent = {agent} OR c.queue IN (SELECT g.number FROM agent_group g WHERE g.tenant_id = "     \
	"{tenant} AND g.id IN (" CC_LED_GROUPS ")) OR c.agent IN (" CC_LED_AGENTS("number") ")"

const struct cc_resource reports_calls = {
		.name = "calls",
		.title = CC_N("Calls"),
		.path = "/reports/calls",
		.permission = "reports.calls",
		.actions = CC_EXPORT,
		.from = "calls c",
		.where = "c.tenant_id = {tenant} AND " CC_PACKAGE_SHOWN("calls", "c.package_id"),
		.own = "c.agent = {agent}",
		.group = OF_GROUPS,
		.department = OF_GROUPS " OR c.agent IN (" CC_MANAGED_AGENTS("number") ")",
		.key = "c.id",
		.columns = columns,
		.range = "c.id",
		.range_of_id = true,
		.days = DEFAULT_DAYS,
};
