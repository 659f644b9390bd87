/* SPDX-License-Identifier: GPL-2.0-or-later
 * TEL-22: messages that callers have left, in one's own box and in those of the groups one belongs
 * to; leaders see those of their agents too. */
#include "cc/people.h"
#include "reports.h"

#define ALL CC_COLUMN_ALL
#define MORE (ALL | CC_COLUMN_HIDDEN)
#define FILTER CC_COLUMN_FILTER

/* The segment of the call's recording that is played: the message's own, or the whole when
 * something restarted while it was spoken. */
#define SEGMENT "IF(t.segment = t.last_segment, t.segment, 0)"
#define RECORDED                                                                                   \
	"(SELECT 1 FROM recording r WHERE r.tenant_id = t.tenant_id AND r.call_id = t.call_id AND "    \
	"r.segment = " SEGMENT " AND r.volume = 'main')"

static const char *const states[] = {
		CC_NC("voicemail state", "new"), CC_NC("voicemail state", "heard"), NULL};

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("at", CC_N("Time"), "t.at", TIME, ALL | CC_COLUMN_SORT),
		CC_COLUMN("state", CC_N("State"), "IF(t.heard_at IS NULL, 'new', 'heard')", CODE,
				ALL | FILTER, .context = "voicemail state", .codes = states),
		CC_COLUMN("box", CC_N("Mailbox"), "COALESCE(t.agent, t.queue)", TEXT,
				ALL | FILTER | CC_COLUMN_EXACT),
		CC_COLUMN("box_name", CC_N("Name"),
				"IF(t.agent IS NULL, (SELECT g.name FROM agent_group g WHERE g.tenant_id = "
				"t.tenant_id AND g.number = t.queue AND g.live = 1), (SELECT a.name FROM agent a "
				"WHERE a.tenant_id = t.tenant_id AND a.number = t.agent AND a.live = 1))",
				TEXT, ALL & ~CC_COLUMN_SEARCH),
		CC_COLUMN("caller", CC_N("Caller"), "t.caller", TEXT,
				ALL | FILTER | CC_COLUMN_QUICK_ANYWHERE, .call = "TRUE"),
		CC_COLUMN("caller_name", CC_N("Caller's name"), "t.caller_name", TEXT,
				ALL | CC_COLUMN_NUMBERS),
		CC_COLUMN("did", CC_N("Access number"), "t.did", TEXT, MORE | FILTER),
		CC_COLUMN("duration_ms", CC_N("Length"), "t.duration_ms", DURATION, ALL | CC_COLUMN_SORT),
		CC_COLUMN("message", CC_N("Message"), RECORDED, SOUND, CC_COLUMN_PAGE | CC_COLUMN_JSON,
				.link = "/reports/voicemail/play/"),
		CC_COLUMN("heard_at", CC_N("Heard"), "t.heard_at", TIME, MORE),
		CC_COLUMN("heard_by", CC_N("Heard by"), "t.heard_by", TEXT, MORE),
		CC_COLUMN("call_id", CC_N("Call"), "t.call_id", ID, CC_COLUMN_JSON),
		CC_COLUMN("hides", CC_N("Hide telephone numbers"), "c.hide", HIDES, 0),
		{.name = NULL},
};

#define OWN                                                                                        \
	"t.agent = {agent} OR t.queue IN (SELECT g.number FROM agent_group g WHERE g.tenant_id = "     \
	"{tenant} AND g.id IN (" CC_OWN_GROUPS "))"
#define OF_GROUPS OWN " OR t.agent IN (" CC_LED_AGENTS("number") ")"

const struct cc_resource reports_voicemail = {
		.name = "voicemail",
		.title = CC_N("Voicemail"),
		.thing = CC_N("Message"),
		.path = "/reports/voicemail",
		.permission = "reports.voicemail",
		.actions = CC_DELETE | CC_EXPORT,
		.table = "voicemail",
		.from = "voicemail t LEFT JOIN calls c ON c.tenant_id = t.tenant_id AND c.id = t.call_id",
		.where = "t.tenant_id = {tenant} AND t.live = 1",
		.live = "live",
		.own = OWN,
		.group = OF_GROUPS,
		.department = OF_GROUPS " OR t.agent IN (" CC_MANAGED_AGENTS("number") ")",
		.columns = columns,
		.range = "t.at",
		.refresh_s = 20,
		.renewed_by = "voicemail",
};

/* Whose box it is has heard it; for who leads or looks after others it stays new. */
static int heard(struct cc_request *rq, void *id)
{
	return cc_db_exec(rq->db,
			"UPDATE voicemail SET heard_at = ?, heard_by = ? WHERE tenant_id = {tenant} AND id = ? "
			"AND heard_at IS NULL AND (queue IS NOT NULL OR agent = {agent})",
			rq->now_ms, rq->user->name, (const char *)id);
}

int reports_voicemail_play(struct cc_request *rq)
{
	const char *id = cc_param(rq, "id");
	struct cc_rows rows;
	struct cc_row row;
	int err = cc_resource_get(rq, &reports_voicemail, id, &row);
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT r.path FROM voicemail t JOIN recording r ON r.tenant_id = t.tenant_id AND "
				"r.call_id = t.call_id AND r.segment = " SEGMENT
				" AND r.volume = 'main' WHERE t.tenant_id = {tenant} AND t.id = ?",
				id);
	if (!err && !rows.count)
		err = CC_E_NOENT;
	if (err)
		return err;
	if (reports_recording_begins(rq)) {
		cc_defer(rq, heard, cc_strdup(rq->arena, id), true);
		cc_audit(rq, "reports.voicemail.play", id, NULL);
	}
	reports_recording_send(rq, cc_row_str(&rows.row[0], 0), "mp3");
	return 0;
}
