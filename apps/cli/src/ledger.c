/* SPDX-License-Identifier: GPL-2.0-or-later
 * Every check is a statement that finds nothing when all is well; what it finds is printed, one
 * line a row. A row is tenant id, id of a call (or NULL), words. Joins name their index: the tables
 * grow by the second, and statistics of an hour ago have led to joins by tenant alone, rows times
 * rows. */
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/journal.h"
#include "cc/tz.h"
#include "ledger.h"

#define LINES_MAX 20 /* printed of one check */
#define SETTLE_MS 3000

struct check
{
	const char *title, *sql;
	bool note; /* worth saying, but no difference */
};

#define NUMBERS                                                                                    \
	"SUM(offered) o, SUM(answered) a, SUM(abandoned) b, SUM(overflowed) v, SUM(refused) r, "       \
	"SUM(wait_answered_ms) wa, SUM(wait_abandoned_ms) wb, SUM(talk_ms) t, SUM(within_10s) w1, "    \
	"SUM(within_20s) w2, SUM(within_30s) w3, SUM(within_60s) w6"

static const struct check checks[] = {
		{"calls in progress",
				"SELECT tenant_id, id, CONCAT(direction, ' from ', caller, ' to ', callee, ' since "
				"',"
				" FROM_UNIXTIME(started_at DIV 1000), ' UTC') FROM calls WHERE ended_at IS NULL "
				"ORDER BY id{any}",
				true},
		{"an end without exactly one cause, side and code",
				"SELECT tenant_id, id, CONCAT_WS(' ', 'cause', COALESCE(cause, 'none'), 'side', "
				"COALESCE(side, 'none'))"
				" FROM calls WHERE ended_at IS NOT NULL AND (cause IS NULL OR side IS NULL OR "
				"sip_code IS NULL){any}",
				false},
		{"a call that does not end exactly once",
				"SELECT tenant_id, call_id, CONCAT(COUNT(*), ' ends') FROM event WHERE type = 19 "
				"AND call_id IS NOT NULL"
				" GROUP BY tenant_id, call_id HAVING COUNT(*) <> 1{any}",
				false},
		{"a call that does not begin exactly once",
				"SELECT tenant_id, call_id, CONCAT(SUM(type = 10), ' beginnings') FROM event"
				" WHERE type IN (10, 19) AND call_id IS NOT NULL GROUP BY tenant_id, call_id "
				"HAVING SUM(type = 10) <> 1{any}",
				false},
		{"events of a call that has no row, or an end that its row does not know",
				"SELECT e.tenant_id, e.call_id, CONCAT('event ', e.seq, ' of type ', e.type) FROM "
				"event e"
				" LEFT JOIN calls c FORCE INDEX (PRIMARY) ON c.tenant_id = e.tenant_id AND c.id = "
				"e.call_id"
				" WHERE e.type IN (10, 19) AND (c.id IS NULL OR (e.type = 19 AND c.ended_at IS "
				"NULL)){any}",
				false},
		{"a row whose end no event said",
				"SELECT c.tenant_id, c.id, 'ended without an event' FROM calls c"
				" LEFT JOIN event e FORCE INDEX (event_call) ON e.tenant_id = c.tenant_id AND "
				"e.call_id = c.id AND e.type = 19"
				" WHERE c.ended_at IS NOT NULL AND e.seq IS NULL{any}",
				false},
		{"an event sequence within a call with gaps",
				"SELECT tenant_id, call_id, CONCAT(COUNT(*), ' events, the last is number ', "
				"MAX(call_seq)) FROM event"
				" WHERE call_id IS NOT NULL AND call_seq > 0 GROUP BY tenant_id, call_id"
				" HAVING COUNT(*) <> MAX(call_seq) OR COUNT(DISTINCT call_seq) <> COUNT(*){any}",
				false},
		{"a queue visit that goes on although its call has ended",
				"SELECT q.tenant_id, q.call_id, CONCAT('visit ', q.visit, ' of queue ', q.queue) "
				"FROM queue_call q"
				" JOIN calls c FORCE INDEX (PRIMARY) ON c.tenant_id = q.tenant_id AND c.id = "
				"q.call_id"
				" WHERE q.left_at IS NULL AND c.ended_at IS NOT NULL{any}",
				false},
		{"a queue visit that ended without a result",
				"SELECT tenant_id, call_id, CONCAT('visit ', visit) FROM queue_call"
				" WHERE left_at IS NOT NULL AND (result IS NULL OR wait_ms IS NULL){any}",
				false},
		{"an answered queue visit without an agent or a moment",
				"SELECT tenant_id, call_id, CONCAT('visit ', visit) FROM queue_call"
				" WHERE result = 'answered' AND (agent IS NULL OR connected_at IS NULL){any}",
				false},
		{"a leg that is still up although its call has ended",
				"SELECT l.tenant_id, l.call_id, CONCAT('leg of the ', l.role) FROM call_leg l"
				" JOIN calls c FORCE INDEX (PRIMARY) ON c.tenant_id = l.tenant_id AND c.id = "
				"l.call_id"
				" WHERE l.ended_at IS NULL AND c.ended_at IS NOT NULL{any}",
				false},
		{"something of a call that has no row",
				"SELECT o.tenant_id, o.call_id, o.what FROM"
				" (SELECT tenant_id, call_id, 'a leg' what FROM call_leg UNION ALL"
				" SELECT tenant_id, call_id, 'a queue visit' FROM queue_call UNION ALL"
				" SELECT tenant_id, call_id, 'a recording' FROM recording) o"
				" LEFT JOIN calls c FORCE INDEX (PRIMARY) ON c.tenant_id = o.tenant_id AND c.id = "
				"o.call_id WHERE c.id "
				"IS NULL{any}",
				false},
		{"a queue visit that rows and events tell differently",
				"SELECT tenant_id, call_id, CONCAT(SUM(rows_entered), ' rows and ', "
				"SUM(events_entered), ' events entered, ',"
				" SUM(rows_left), ' rows and ', SUM(events_left), ' events left') FROM"
				" (SELECT tenant_id, call_id, 1 rows_entered, left_at IS NOT NULL rows_left, 0 "
				"events_entered, 0 events_left"
				" FROM queue_call UNION ALL"
				" SELECT tenant_id, call_id, 0, 0, type = 30, type = 34 FROM event"
				" WHERE type IN (30, 34) AND call_id IS NOT NULL) b GROUP BY tenant_id, call_id"
				" HAVING SUM(rows_entered) <> SUM(events_entered) OR SUM(rows_left) <> "
				"SUM(events_left){any}",
				false},
		{"a roll-up that differs from its rows",
				"SELECT tenant_id, NULL, CONCAT('queue ', queue, ', ', FROM_UNIXTIME(bucket DIV "
				"1000), ' UTC: roll-up minus rows:"
				" offered ', o, ', answered ', a, ', abandoned ', b, ', overflowed ', v, ', "
				"refused ', r, ', talk ms ', t)"
				" FROM (SELECT tenant_id, bucket, queue, " NUMBERS " FROM"
				" (SELECT tenant_id, bucket, queue, offered, answered, abandoned, overflowed, "
				"refused, wait_answered_ms,"
				" wait_abandoned_ms, talk_ms, within_10s, within_20s, within_30s, within_60s FROM "
				"rollup_queue UNION ALL"
				" SELECT tenant_id, entered_at DIV 900000 * 900000, queue, -1, -(result <=> "
				"'answered'),"
				" -(result <=> 'abandoned'), -(result <=> 'overflowed'), -(result <=> 'refused'),"
				" -IF(result <=> 'answered', wait_ms, 0), -IF(result <=> 'abandoned', wait_ms, 0),"
				" -IF(result <=> 'answered', talk_ms, 0), -(result <=> 'answered' AND wait_ms <= "
				"10000),"
				" -(result <=> 'answered' AND wait_ms <= 20000), -(result <=> 'answered' AND "
				"wait_ms <= 30000),"
				" -(result <=> 'answered' AND wait_ms <= 60000) FROM queue_call WHERE NOT "
				"predictive) both_sides"
				" GROUP BY tenant_id, bucket, queue) d"
				" WHERE o OR a OR b OR v OR r OR wa OR wb OR t OR w1 OR w2 OR w3 OR w6{any}",
				false},
		{"events lost by a power failure of the machine",
				"SELECT 0, NULL, CONCAT('node ', node, ': at most ', previous + 1, ' to ', seq - "
				"1) FROM"
				" (SELECT node, seq, type, LAG(seq) OVER (PARTITION BY node ORDER BY seq) previous "
				"FROM event) g"
				" WHERE seq <> previous + 1 AND type = 1{any}",
				true},
		{"event rows with gaps",
				"SELECT 0, NULL, CONCAT('node ', node, ': ', previous + 1, ' to ', seq - 1) FROM"
				" (SELECT node, seq, type, LAG(seq) OVER (PARTITION BY node ORDER BY seq) previous "
				"FROM event) g"
				" WHERE seq <> previous + 1 AND type <> 1{any}",
				false},
		{"event rows behind the position",
				"SELECT 0, NULL, CONCAT('node ', e.node, ': position ', COALESCE(p.seq, 0), ', "
				"last event ', e.seq) FROM"
				" (SELECT node, MAX(seq) seq FROM event GROUP BY node) e LEFT JOIN "
				"journal_position p ON p.node = e.node"
				" WHERE e.seq > COALESCE(p.seq, 0){any}",
				false},
		{"quarantined records",
				"SELECT 0, NULL, CONCAT('node ', node, ', ', segment, ', offset ', byte_offset, ': "
				"', reason)"
				" FROM journal_quarantine{any}",
				false},
};

static void print_row(FILE *out, const struct cc_row *row)
{
	char id[CC_ULID_TEXT + 1] = "";
	struct cc_ulid call;

	if (row->v[1] && row->len[1] == sizeof(call.b)) {
		memcpy(call.b, row->v[1], sizeof(call.b));
		cc_ulid_format(&call, id);
	}
	fprintf(out, "  tenant %s%s%s  %s\n", cc_row_str(row, 0), *id ? "  call " : "", id,
			cc_row_str(row, 2));
}

static int run_check(struct cc_db *db, const struct check *check, FILE *out)
{
	struct cc_rows rows = {0};
	int err = cc_db_query_text(db, &rows, check->sql, NULL, 0);

	if (err || rows.count == 0)
		return err;
	fprintf(out, "%s: %s: %zu\n", check->note ? "note" : "DIFFERENCE", check->title, rows.count);
	for (size_t i = 0; i < rows.count && i < LINES_MAX; i++)
		print_row(out, &rows.row[i]);
	if (rows.count > LINES_MAX)
		fprintf(out, "  …\n");
	return check->note ? 0 : (int)rows.count;
}

/* Causes that contract/causes.def does not know. */
static int check_causes(struct cc_db *db, FILE *out)
{
	static const char *const known[] = {
#define CC_CAUSE(symbol, name) name,
#include "causes.def"
#undef CC_CAUSE
	};
	struct cc_rows rows = {0};
	int err = cc_db_query(db, &rows,
			"SELECT cause, COUNT(*) FROM calls WHERE cause IS NOT NULL GROUP BY cause UNION"
			" SELECT cause, COUNT(*) FROM queue_call WHERE cause IS NOT NULL GROUP BY cause{any}");
	int differences = 0;

	for (size_t i = 0; !err && i < rows.count; i++) {
		bool found = false;

		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			found |= strcmp(known[k], cc_row_str(&rows.row[i], 0)) == 0;
		if (found)
			continue;
		fprintf(out, "DIFFERENCE: unknown cause %s: %s\n", cc_row_str(&rows.row[i], 0),
				cc_row_str(&rows.row[i], 1));
		differences++;
	}
	return err ? err : differences;
}

/* offered = answered + abandoned + overflowed + refused + waiting, as the events themselves say,
 * per tenant and in all. */
static int check_totals(struct cc_db *db, FILE *out)
{
	struct cc_rows rows = {0};
	int64_t sum[7] = {0};
	int differences = 0;
	int err = cc_db_query(db, &rows,
			"SELECT n.tenant_id, COALESCE(t.code, 'unknown'), SUM(n.type = 30), SUM(n.result <=> "
			"'answered'),"
			" SUM(n.result <=> 'abandoned'), SUM(n.result <=> 'overflowed'), SUM(n.result <=> "
			"'refused'),"
			" SUM(n.type = 0) FROM"
			" (SELECT tenant_id, type, IF(type = 34, JSON_VALUE(fields, '$.result'), NULL) result "
			"FROM event"
			" WHERE type IN (30, 34) UNION ALL"
			" SELECT tenant_id, 0, NULL FROM queue_call WHERE left_at IS NULL) n"
			" LEFT JOIN tenant t ON t.id = n.tenant_id GROUP BY n.tenant_id, t.code{any}");

	if (err)
		return err;
	fprintf(out, "%-16s %9s %9s %9s %10s %8s %8s\n", "tenant", "offered", "answered", "abandoned",
			"overflowed", "refused", "waiting");
	for (size_t i = 0; i <= rows.count; i++) {
		const struct cc_row *row = i < rows.count ? &rows.row[i] : NULL;
		int64_t n[6];

		for (size_t k = 0; k < 6; k++) {
			n[k] = row ? cc_row_int(row, k + 2, 0) : sum[k];
			sum[k] += row ? n[k] : 0;
		}
		fprintf(out,
				"%-16s %9" PRId64 " %9" PRId64 " %9" PRId64 " %10" PRId64 " %8" PRId64 " %8" PRId64
				"\n",
				row ? cc_row_str(row, 1) : "all", n[0], n[1], n[2], n[3], n[4], n[5]);
		if (n[0] != n[1] + n[2] + n[3] + n[4] + n[5]) {
			fprintf(out, "DIFFERENCE: offered is not the sum of what became of the calls\n");
			differences++;
		}
	}
	return differences;
}

/* Records of the journal that are not committed yet. */
static int64_t unread(struct cc_db *db, const char *journal, uint32_t node)
{
	struct cc_segment_reader *reader = NULL;
	struct cc_rows rows = {0};
	struct cc_record r;
	const void *bad;
	size_t bad_len;
	int64_t count = 0;
	int err = cc_db_query(db, &rows,
			"SELECT segment, byte_offset FROM journal_position WHERE node = ?{any}", node);

	if (!err)
		err = cc_segment_reader_new(&reader, journal, rows.count ? cc_row_str(&rows.row[0], 0) : "",
				rows.count ? cc_row_int(&rows.row[0], 1, 0) : 0);
	while (!err) {
		int n = cc_segment_reader_next(reader, &r, &bad, &bad_len);

		if (n == 0)
			break;
		if (n == CC_E_CORRUPT || n == 1)
			count++;
		else
			err = n;
	}
	cc_segment_reader_free(reader);
	return err ? err : count;
}

/* The engine and cc-eventd are at work: what they have in hand gets a moment. */
static int check_read(struct cc_db *db, const char *journal, uint32_t node, FILE *out)
{
	int64_t end = cc_clock_mono_ms() + SETTLE_MS, count;

	while ((count = unread(db, journal, node)) > 0 && cc_clock_mono_ms() < end)
		nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
	if (count <= 0)
		return (int)count;
	fprintf(out, "DIFFERENCE: %" PRId64 " records of the journal are not read yet\n", count);
	return 1;
}

int ledger_check(struct cc_db *db, const char *journal, uint32_t node, FILE *out)
{
	int differences = check_read(db, journal, node, out), found = 0;

	if (differences < 0)
		return differences;
	/* one snapshot for all checks: transactions of cc-eventd are whole in it or not at all */
	cc_db_begin(db, true);
	found = check_totals(db, out);
	differences += found;
	for (size_t i = 0; found >= 0 && i < sizeof(checks) / sizeof(checks[0]); i++) {
		found = run_check(db, &checks[i], out);
		differences += found;
	}
	if (found >= 0) {
		found = check_causes(db, out);
		differences += found;
	}
	cc_db_rollback(db);
	if (found < 0)
		return found;
	fprintf(out, differences ? "%d differences\n" : "no differences\n", differences);
	return differences;
}

/* As cc-eventd keeps them: a pause lasts until the next change of the same state. */
static int pauses_rebuild(struct cc_db *db)
{
	int err = cc_db_exec(db, "DELETE FROM agent_pause{any}");

	if (err)
		return err;
	return cc_db_exec(db,
			"INSERT INTO agent_pause (tenant_id, agent, kind, reason, queue, initiator, "
			"started_at, ended_at) SELECT tenant_id, agent, what, reason, queue, initiator, at, "
			"ended FROM (SELECT tenant_id, node, seq, agent, what, reason, queue, initiator, at, "
			"LEAD(at) OVER (PARTITION BY tenant_id, agent, IF(what IN ('queue_busy', 'queue_idle', "
			"'sign_out', 'auto_sign_out'), queue, '') ORDER BY at, node, seq) AS ended FROM "
			"agent_event WHERE what IN ('busy', 'away', 'auto_pause', 'queue_busy', 'idle', "
			"'offline', 'queue_idle', 'sign_out', 'auto_sign_out')) e WHERE what IN ('busy', "
			"'away', 'auto_pause', 'queue_busy') ORDER BY node, seq{any}");
}

int ledger_rebuild_rollups(struct cc_db *db)
{
	struct cc_rows rows;
	int err;

	cc_db_begin(db, false);
	/* the lock that every transaction of cc-eventd begins with */
	err = cc_db_query(db, &rows, "SELECT node FROM journal_position FOR UPDATE{any}");
	if (!err)
		err = cc_db_exec(db, "DELETE FROM rollup_queue{any}");
	if (!err)
		err = cc_db_exec(db,
				"INSERT INTO rollup_queue SELECT e.tenant_id, e.at DIV ? * ? bucket, e.queue, "
				"COUNT(*),"
				" SUM(l.result <=> 'answered'), SUM(l.result <=> 'abandoned'), SUM(l.result <=> "
				"'overflowed'),"
				" SUM(l.result <=> 'refused'), SUM(IF(l.result <=> 'answered', l.wait, 0)),"
				" SUM(IF(l.result <=> 'abandoned', l.wait, 0)), SUM(IF(l.result <=> 'answered', "
				"l.talk, 0)),"
				" SUM(l.result <=> 'answered' AND l.wait <= 10000), SUM(l.result <=> 'answered' "
				"AND l.wait <= 20000),"
				" SUM(l.result <=> 'answered' AND l.wait <= 30000), SUM(l.result <=> 'answered' "
				"AND l.wait <= 60000)"
				" FROM (SELECT tenant_id, call_id, JSON_VALUE(fields, '$.visit') visit, MIN(at) at,"
				" MIN(JSON_VALUE(fields, '$.queue')) queue FROM event"
				" WHERE type = 30 AND tenant_id > 0 AND call_id IS NOT NULL AND JSON_VALID(fields)"
				" AND JSON_VALUE(fields, '$.visit') >= 1 AND JSON_VALUE(fields, '$.queue') <> ''"
				" AND JSON_VALUE(fields, '$.predictive') IS NULL"
				" GROUP BY tenant_id, call_id, visit) e LEFT JOIN"
				" (SELECT tenant_id, call_id, JSON_VALUE(fields, '$.visit') visit,"
				" MIN(JSON_VALUE(fields, '$.result')) result,"
				" COALESCE(MIN(CAST(JSON_VALUE(fields, '$.wait_ms') AS SIGNED)), 0) wait,"
				" COALESCE(MIN(CAST(JSON_VALUE(fields, '$.talk_ms') AS SIGNED)), 0) talk FROM event"
				" WHERE type = 34 AND call_id IS NOT NULL AND JSON_VALID(fields)"
				" AND JSON_VALUE(fields, '$.result') IN ('answered', 'abandoned', 'overflowed', "
				"'refused')"
				" GROUP BY tenant_id, call_id, visit) l"
				" ON l.tenant_id = e.tenant_id AND l.call_id = e.call_id AND l.visit = e.visit"
				" GROUP BY e.tenant_id, bucket, e.queue{any}",
				CC_BUCKET_MS, CC_BUCKET_MS);
	if (!err)
		err = pauses_rebuild(db);
	if (!err)
		err = cc_db_commit(db);
	if (err)
		cc_db_rollback(db);
	return err;
}
