/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include "cc/err.h"
#include "cc/number.h"
#include "cc/tz.h"
#include "contacts.h"
#include "effects.h"
#include "fields.h"
#include "marks.h"

/* bytes of columns */
enum
{
	NUMBER = 64,
	NAME = 100,
	AGENT = 6,
	QUEUE = 8,
	DID = 32,
	CAUSE = 32,
	SIP_CALL_ID = 128,
	WORD = 16
};

struct effect
{
	struct effects *all;
	struct cc_db *db;
	uint32_t node;
	const struct cc_record *record;
	int64_t tenant, at;
	int64_t marked;
	struct cc_bytes call;
	struct fields f;
};

static const char *const directions[] = {"in", "out", "internal", NULL};
static const char *const sides[] = {"caller", "callee", "system", NULL};
static const char *const roles[] = {"caller", "agent", "callee", NULL};
static const char *const results[] = {"answered", "abandoned", "overflowed", "refused", NULL};
static const char *const initiators[] = {"agent", "leader", "system", NULL};

/* Whether all fields that were asked for are good: every effect gets them all first and changes
 * nothing otherwise. */
static bool good(const struct effect *e)
{
	return e->f.reason[0] == '\0';
}

/* ---- calls ---- */

static int read_home(struct effect *e)
{
	struct effects_home *home = &e->all->home;
	struct cc_rows rows = {0};
	int err = cc_db_query(
			e->db, &rows, "SELECT country, area_code FROM tenant WHERE id = ?{any}", e->tenant);

	if (err)
		return err;
	*home = (struct effects_home){.tenant = e->tenant, .known = rows.count == 1};
	if (home->known) {
		snprintf(home->country, sizeof(home->country), "%s", cc_row_str(&rows.row[0], 0));
		snprintf(home->area_code, sizeof(home->area_code), "%s", cc_row_str(&rows.row[0], 1));
	}
	return 0;
}

static int number_e164(struct effect *e, const char *number, char e164[CC_NUMBER_E164 + 1])
{
	const struct effects_home *home = &e->all->home;
	int err = home->tenant == e->tenant ? 0 : read_home(e);

	e164[0] = '\0';
	if (!err && home->known && number)
		cc_number_e164(e164, number, home->country, home->area_code);
	return err;
}

static bool flag(struct effect *e, const char *name)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(e->f.object, name, &v) && json_object_get_boolean(v);
}

/* What the row of a call begins with: the first event has it, and the last one again. */
struct new_call
{
	const char *direction, *kind, *from, *name, *to, *did, *trunk, *sip_call_id;
	int64_t package; /* that a page said, 0: none */
	int64_t task;    /* of the dialler, 0: none */
};

static struct new_call new_call(struct effect *e)
{
	const char *direction = fields_word(&e->f, "dir", directions, NULL);

	return (struct new_call){
			.direction = direction,
			.kind = flag(e, "predictive") ? "predictive"
					: flag(e, "click")    ? "click"
										  : direction,
			.from = fields_text(&e->f, "from", NUMBER),
			.name = fields_text(&e->f, "from_name", NAME),
			.to = fields_text(&e->f, "to", NUMBER),
			.did = fields_code(&e->f, "did", DID),
			.trunk = fields_text(&e->f, "trunk", NUMBER),
			.sip_call_id = fields_text(&e->f, "sip_call_id", SIP_CALL_ID),
			.package = fields_int(&e->f, "package", 0),
			.task = fields_int(&e->f, "task", 0),
	};
}

/* CRM-12: the package that the call belongs to: what the page said, that of the number that was
 * called, else the default one. A phone knows no package: it calls a customer of any. 0: of none.
 */
static int package_of(struct effect *e, const struct new_call *c, int64_t *package)
{
	struct cc_rows rows = {0};
	char e164[CC_NUMBER_E164 + 1];
	int err;

	*package = c->package;
	if (*package || strcmp(c->direction, "internal") == 0)
		return 0;
	if (strcmp(c->direction, "in") == 0) {
		err = cc_db_query(e->db, &rows,
				"SELECT COALESCE((SELECT d.package_id FROM did d WHERE d.tenant_id = ? AND "
				"d.number = ?), (SELECT p.id FROM customer_package p WHERE p.tenant_id = ? AND "
				"p.standard = 1)){any}",
				e->tenant, c->did, e->tenant);
	} else {
		err = number_e164(e, c->to, e164);
		if (!err)
			err = cc_db_query(e->db, &rows,
					"SELECT p.id FROM customer_package p LEFT JOIN customer_index i ON i.tenant_id "
					"= p.tenant_id AND i.package_id = p.id AND i.slot = 1 AND i.value = ? WHERE "
					"p.tenant_id = ? AND p.state = 'open' AND (p.standard = 1 OR i.customer_id IS "
					"NOT NULL) ORDER BY i.customer_id IS NULL, p.standard DESC, p.id LIMIT 1{any}",
					e164, e->tenant);
	}
	*package = err || rows.count == 0 ? 0 : cc_row_int(&rows.row[0], 0, 0);
	return err;
}

/* CC_E_EXIST: it is there, and stays as it is. */
static int insert_call(struct effect *e, const struct new_call *c, int64_t started_at)
{
	char e164[CC_NUMBER_E164 + 1];
	int64_t package = 0;
	int err = number_e164(e, c->from, e164);

	if (!err)
		err = package_of(e, c, &package);
	if (err)
		return err;
	return cc_db_exec(e->db,
			"INSERT INTO calls (tenant_id, id, started_at, direction, kind, caller, caller_e164, "
			"caller_name, callee,"
			" did, trunk, sip_call_id, package_id, task_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
			"?, ?, NULLIF(?, 0), NULLIF(?, 0)){any}",
			e->tenant, e->call, started_at, c->direction, c->kind, c->from ? c->from : "",
			*e164 ? e164 : NULL, c->name ? c->name : "", c->to ? c->to : "", c->did, c->trunk,
			c->sip_call_id, package, c->task);
}

/* The agent of a call, with the name of that moment; bridged_at 0: they do not speak yet. */
static int set_agent(struct effect *e, const char *agent, int64_t bridged_at)
{
	return cc_db_exec(e->db,
			"UPDATE calls SET bridged_at = COALESCE(bridged_at, NULLIF(?, 0)), agent = ?, "
			"agent_name = (SELECT a.name FROM agent a WHERE a.tenant_id = ? AND a.number = ? AND "
			"a.live = 1) WHERE tenant_id = ? AND id = ?{any}",
			bridged_at, agent, e->tenant, agent, e->tenant, e->call);
}

/* Whom a page called, for which call task, and whether that hides the number: as it is at this
 * time. */
static int set_customer(struct effect *e, int64_t customer)
{
	return cc_db_exec(e->db,
			"UPDATE calls SET customer_id = ?, hide = COALESCE((SELECT k.hide FROM "
			"call_task_customer x JOIN call_task k ON k.tenant_id = x.tenant_id AND k.id = "
			"x.task_id WHERE x.tenant_id = ? AND x.customer_id = ?), 'none'), task_id = "
			"COALESCE(task_id, (SELECT x.task_id FROM call_task_customer x WHERE x.tenant_id = ? "
			"AND x.customer_id = ?)) WHERE tenant_id = ? AND id = ?{any}",
			customer, e->tenant, customer, e->tenant, customer, e->tenant, e->call);
}

/* The same of any other call, by the number of the one outside. */
static int hide_number(struct effect *e)
{
	const char *direction = fields_word(&e->f, "dir", directions, "internal");
	bool out = strcmp(direction, "out") == 0;
	struct cc_rows rows = {0};
	char e164[CC_NUMBER_E164 + 1] = "";
	int err = strcmp(direction, "internal") == 0
					  ? 0
					  : number_e164(e, fields_text(&e->f, out ? "to" : "from", NUMBER), e164);

	if (!err && *e164)
		err = cc_db_query(e->db, &rows,
				"SELECT k.hide FROM customer_package p JOIN customer_index i ON i.tenant_id = "
				"p.tenant_id AND i.package_id = p.id AND i.slot = 1 AND i.value = ? JOIN "
				"call_task_customer x ON x.tenant_id = i.tenant_id AND x.customer_id = "
				"i.customer_id JOIN call_task k ON k.tenant_id = x.tenant_id AND k.id = x.task_id "
				"WHERE p.tenant_id = ? ORDER BY k.hide DESC LIMIT 1{any}",
				e164, e->tenant);
	if (!err && rows.count)
		err = cc_db_exec(e->db, "UPDATE calls SET hide = ? WHERE tenant_id = ? AND id = ?{any}",
				cc_row_str(&rows.row[0], 0), e->tenant, e->call);
	return err;
}

static int call_new(struct effect *e)
{
	const char *agent = fields_code(&e->f, "agent", AGENT);
	int64_t customer = fields_int(&e->f, "customer", 0);
	const struct new_call call = new_call(e);

	if (!good(e))
		return 0;
	int err = insert_call(e, &call, e->at);

	if (!err || err == CC_E_EXIST)
		err = customer > 0 ? set_customer(e, customer) : hide_number(e);
	return !err && agent ? set_agent(e, agent, 0) : err;
}

/* An outbound call is tried over one trunk after the other; what it is moved over later is another
 * matter. */
static int call_route(struct effect *e)
{
	const char *trunk = fields_text(&e->f, "trunk", NUMBER);

	if (!trunk)
		return 0;
	return cc_db_exec(e->db,
			"UPDATE calls SET trunk = ? WHERE tenant_id = ? AND id = ? AND direction = 'out' AND "
			"bridged_at IS NULL{any}",
			trunk, e->tenant, e->call);
}

static int call_answer(struct effect *e)
{
	return cc_db_exec(e->db,
			"UPDATE calls SET answered_at = ? WHERE tenant_id = ? AND id = ? AND answered_at IS "
			"NULL{any}",
			e->at, e->tenant, e->call);
}

static int call_bridge(struct effect *e)
{
	const char *agent = fields_code(&e->f, "agent", AGENT);

	if (agent)
		return set_agent(e, agent, e->at);
	return cc_db_exec(e->db,
			"UPDATE calls SET bridged_at = ? WHERE tenant_id = ? AND id = ? AND bridged_at IS "
			"NULL{any}",
			e->at, e->tenant, e->call);
}

static int customer_contacted(struct effect *e)
{
	bool out = strcmp(fields_word(&e->f, "dir", directions, "in"), "out") == 0;
	const char *number = fields_text(&e->f, out ? "to" : "from", NUMBER);
	char e164[CC_NUMBER_E164 + 1];
	int err = number_e164(e, number, e164);

	return err ? err : contacts_call_ended(e->db, e->tenant, e->call, e164, e->at);
}

struct call_end
{
	const char *cause, *side, *sip_text, *queue;
	int64_t sip_code, total_ms, ring_ms, talk_ms, agent_ms;
};

/* cc_db_affected 0: there is no such call, or it has ended. */
static int update_end(struct effect *e, const struct call_end *end)
{
	return cc_db_exec(e->db,
			"UPDATE calls SET ended_at = ?, cause = ?, side = ?, sip_code = ?, sip_text = ?, "
			"ring_ms = ?,"
			" talk_ms = ?, agent_ms = ?, queue = COALESCE(?, queue)"
			" WHERE tenant_id = ? AND id = ? AND ended_at IS NULL{any}",
			e->at, end->cause, end->side, end->sip_code, end->sip_text, end->ring_ms, end->talk_ms,
			end->agent_ms, end->queue, e->tenant, e->call);
}

static int call_end(struct effect *e)
{
	const struct new_call call = new_call(e);
	const struct call_end end = {
			.cause = fields_code(&e->f, "cause", CAUSE),
			.side = fields_word(&e->f, "side", sides, NULL),
			.sip_text = fields_text(&e->f, "sip_text", NAME),
			.queue = fields_code(&e->f, "queue", QUEUE),
			.sip_code = fields_int(&e->f, "sip_code", 0),
			.total_ms = fields_int(&e->f, "total_ms", 0),
			.ring_ms = fields_int(&e->f, "ring_ms", 0),
			.talk_ms = fields_int(&e->f, "talk_ms", 0),
			.agent_ms = fields_int(&e->f, "agent_ms", 0),
	};

	if (!end.cause)
		fields_fail(&e->f, "cause", "missing");
	if (end.sip_code < 0 || end.sip_code > 999)
		fields_fail(&e->f, "sip_code", "out of range");
	if (!good(e))
		return 0;
	int err = update_end(e, &end);

	/* the first event may be lost: the last one says enough for a row */
	if (!err && cc_db_affected(e->db) == 0) {
		err = insert_call(e, &call, e->at - (end.total_ms > 0 ? end.total_ms : 0));
		if (err) /* an end that is told twice is one */
			return err == CC_E_EXIST ? 0 : err;
		err = update_end(e, &end);
	}
	return err ? err : customer_contacted(e);
}

static int call_mark(struct effect *e)
{
	const char *agent = fields_code(&e->f, "agent", AGENT);
	const char *digit = fields_code(&e->f, "digit", 1);
	struct cc_ulid of = {{0}};
	struct cc_bytes call = e->call;

	if (json_object_object_get_ex(e->f.object, "of", NULL)) {
		of = fields_ulid(&e->f, "of");
		call = (struct cc_bytes){of.b, sizeof(of.b)};
	}
	if (!agent || !digit)
		fields_fail(&e->f, "agent, digit", "missing");
	return good(e) ? marks_write(e->db, e->tenant, call, agent, digit, e->at, &e->marked) : 0;
}

/* ---- legs ---- */

/* Every event of a leg has its id, role and agent, so that each can make the row. NULL: a field is
 * not good. */
static struct rows_leg *leg_of(struct effect *e)
{
	struct rows_leg first = {
			.tenant = e->tenant,
			.id = fields_ulid(&e->f, "leg"),
			.call = e->record->call,
			.role = fields_word(&e->f, "role", roles, NULL),
			.agent = fields_code(&e->f, "agent", AGENT),
			.started_at = e->at,
			.sip_code = ROWS_NO_CODE,
	};

	return good(e) ? rows_leg(&e->all->rows, e->all->arena, &first) : NULL;
}

static int leg_new(struct effect *e)
{
	leg_of(e);
	return 0;
}

static int leg_answer(struct effect *e)
{
	struct rows_leg *leg = leg_of(e);

	if (leg && !leg->answered_at)
		leg->answered_at = e->at;
	return 0;
}

static int leg_end(struct effect *e)
{
	const char *sip_text = fields_text(&e->f, "sip_text", NAME);
	int64_t sip_code = fields_int(&e->f, "sip_code", 0);
	struct rows_leg *leg;

	if (sip_code < 0 || sip_code > 999)
		fields_fail(&e->f, "sip_code", "out of range");
	leg = leg_of(e);
	if (leg && !leg->ended_at) {
		leg->ended_at = e->at;
		leg->sip_code = sip_code;
		leg->sip_text = sip_text ? cc_strdup(e->all->arena, sip_text) : NULL;
	}
	return 0;
}

/* ---- queue visits and their roll-up ---- */

static int64_t visit_of(struct effect *e)
{
	int64_t visit = fields_int(&e->f, "visit", 0);

	if (visit < 1 || visit > INT32_MAX)
		fields_fail(&e->f, "visit", "missing or out of range");
	return visit;
}

static int queue_enter(struct effect *e)
{
	const char *queue = fields_code(&e->f, "queue", QUEUE);
	int64_t visit = visit_of(e);
	bool predictive = flag(e, "predictive");
	int err;

	if (!queue)
		fields_fail(&e->f, "queue", "missing");
	if (!good(e))
		return 0;
	err = cc_db_exec(e->db,
			"INSERT INTO queue_call (tenant_id, call_id, visit, queue, entered_at, predictive) "
			"VALUES (?, ?, ?, ?, ?, ?){any}",
			e->tenant, e->call, visit, queue, e->at, (int64_t)predictive);
	if (err == CC_E_EXIST) {
		fields_fail(&e->f, "visit", "has been entered before");
		return 0;
	}
	if (!err && !predictive)
		err = cc_db_exec(e->db,
				"INSERT INTO rollup_queue (tenant_id, bucket, queue, offered) VALUES (?, ?, ?, 1)"
				" ON DUPLICATE KEY UPDATE offered = offered + 1{any}",
				e->tenant, cc_tz_bucket(e->at), queue);
	if (!err)
		err = cc_db_exec(e->db, "UPDATE calls SET queue = ? WHERE tenant_id = ? AND id = ?{any}",
				queue, e->tenant, e->call);
	return err;
}

static int queue_offer(struct effect *e)
{
	int64_t visit = visit_of(e);

	if (!good(e))
		return 0;
	return cc_db_exec(e->db,
			"UPDATE queue_call SET offers = offers + 1 WHERE tenant_id = ? AND call_id = ? AND "
			"visit = ?{any}",
			e->tenant, e->call, visit);
}

static int queue_connect(struct effect *e)
{
	const char *agent = fields_code(&e->f, "agent", AGENT);
	int64_t visit = visit_of(e);

	if (!good(e))
		return 0;
	return cc_db_exec(e->db,
			"UPDATE queue_call SET connected_at = ?, agent = ? WHERE tenant_id = ? AND call_id = ? "
			"AND visit = ? AND "
			"connected_at IS NULL{any}",
			e->at, agent, e->tenant, e->call, visit);
}

static int add_to_rollup(struct effect *e, int64_t entered_at, const char *queue,
		const char *result, int64_t wait, int64_t talk)
{
	bool answered = strcmp(result, "answered") == 0, abandoned = strcmp(result, "abandoned") == 0;
	int64_t bucket = cc_tz_bucket(entered_at);

	return cc_db_exec(e->db,
			"UPDATE rollup_queue SET answered = answered + ?, abandoned = abandoned + ?, "
			"overflowed = overflowed + ?, refused = refused + ?, "
			"wait_answered_ms = wait_answered_ms + ?, wait_abandoned_ms = wait_abandoned_ms + ?, "
			"talk_ms = talk_ms + ?, within_10s = within_10s + ?, within_20s = within_20s + ?, "
			"within_30s = within_30s + ?, within_60s = within_60s + ? "
			"WHERE tenant_id = ? AND bucket = ? AND queue = ?{any}",
			answered, abandoned, strcmp(result, "overflowed") == 0, strcmp(result, "refused") == 0,
			answered ? wait : 0, abandoned ? wait : 0, answered ? talk : 0,
			answered && wait <= 10000, answered && wait <= 20000, answered && wait <= 30000,
			answered && wait <= 60000, e->tenant, bucket, queue);
}

static int queue_leave(struct effect *e)
{
	const char *result = fields_word(&e->f, "result", results, NULL);
	const char *cause = fields_code(&e->f, "cause", CAUSE),
			   *agent = fields_code(&e->f, "agent", AGENT);
	int64_t visit = visit_of(e), wait = fields_int(&e->f, "wait_ms", 0),
			talk = fields_int(&e->f, "talk_ms", 0);
	struct cc_rows rows = {0};
	int err;

	if (!good(e))
		return 0;
	err = cc_db_query(e->db, &rows,
			"SELECT entered_at, queue, predictive FROM queue_call WHERE tenant_id = ? AND call_id "
			"= ? AND "
			"visit = ? AND "
			"left_at IS NULL FOR UPDATE{any}",
			e->tenant, e->call, visit);
	if (err)
		return err;
	if (rows.count != 1) {
		fields_fail(&e->f, "visit", "was never entered, or has been left before");
		return 0;
	}
	err = cc_db_exec(e->db,
			"UPDATE queue_call SET left_at = ?, result = ?, cause = ?, agent = COALESCE(?, agent), "
			"wait_ms = ?,"
			" talk_ms = ? WHERE tenant_id = ? AND call_id = ? AND visit = ?{any}",
			e->at, result, cause, agent, wait, talk, e->tenant, e->call, visit);
	if (!err && !cc_row_int(&rows.row[0], 2, 0))
		err = add_to_rollup(
				e, cc_row_int(&rows.row[0], 0, 0), cc_row_str(&rows.row[0], 1), result, wait, talk);
	if (!err)
		err = cc_db_exec(e->db,
				"UPDATE calls SET wait_ms = COALESCE(wait_ms, 0) + ? WHERE tenant_id = ? AND id = "
				"?{any}",
				wait, e->tenant, e->call);
	return err;
}

/* ---- agents ---- */

static bool one_of(const char *const *list, const char *word)
{
	while (*list && strcmp(*list, word) != 0)
		list++;
	return *list;
}

/* STATE-06: a pause of all queues or of one lasts until the next change of that state. */
static int pause_track(struct effect *e, const char *agent, const char *what, const char *reason,
		const char *queue, const char *initiator)
{
	static const char *const begin[] = {"busy", "away", "auto_pause", "queue_busy", NULL};
	static const char *const end[] = {
			"idle", "offline", "queue_idle", "sign_out", "auto_sign_out", NULL};
	static const char *const in_queue[] = {
			"queue_busy", "queue_idle", "sign_out", "auto_sign_out", NULL};
	bool begins = one_of(begin, what), one = one_of(in_queue, what);
	int err;

	if (!begins && !one_of(end, what))
		return 0;
	err = cc_db_exec(e->db,
			"UPDATE agent_pause SET ended_at = ? WHERE tenant_id = ? AND agent = ? AND ended_at IS "
			"NULL AND (kind = 'queue_busy') = ? AND (kind <> 'queue_busy' OR queue <=> ?){any}",
			e->at, e->tenant, agent, one, queue);
	if (!err && begins)
		err = cc_db_exec(e->db,
				"INSERT INTO agent_pause (tenant_id, agent, kind, reason, queue, initiator, "
				"started_at) VALUES (?, ?, ?, ?, ?, ?, ?){any}",
				e->tenant, agent, what, reason ? reason : "", queue, initiator, e->at);
	return err;
}

static int agent_state(struct effect *e)
{
	const char *agent = fields_code(&e->f, "agent", AGENT),
			   *what = fields_code(&e->f, "what", CAUSE);
	const char *work = fields_code(&e->f, "work", WORD),
			   *call_state = fields_code(&e->f, "call_state", WORD);
	const char *reason = fields_text(&e->f, "reason", NUMBER),
			   *actor = fields_text(&e->f, "actor", NUMBER);
	const char *queue = fields_code(&e->f, "queue", QUEUE);
	const char *initiator = fields_word(&e->f, "initiator", initiators, "system");

	if (!agent || !what || !work || !call_state)
		fields_fail(&e->f, "agent, what, work, call_state", "missing");
	if (!good(e))
		return 0;
	rows_agent(&e->all->rows, e->all->arena,
			&(struct rows_agent){.tenant = e->tenant,
					.at = e->at,
					.seq = e->record->seq,
					.agent = agent,
					.what = what,
					.work = work,
					.call_state = call_state,
					.reason = reason ? reason : "",
					.queue = queue,
					.initiator = initiator,
					.actor = actor ? actor : "",
					.call = e->record->call});
	return pause_track(e, agent, what, reason, queue, initiator);
}

/* ---- messages ---- */

static int voicemail(struct effect *e)
{
	const char *agent = fields_code(&e->f, "agent", AGENT);
	const char *queue = fields_code(&e->f, "queue", QUEUE);
	const char *from = fields_text(&e->f, "from", NUMBER);
	const char *name = fields_text(&e->f, "from_name", NAME);
	const char *did = fields_code(&e->f, "did", DID);
	int64_t segment = fields_int(&e->f, "segment", 0), ms = fields_int(&e->f, "ms", 0);
	int64_t last = fields_int(&e->f, "last", segment);

	if (!agent == !queue)
		fields_fail(&e->f, "agent, queue", "one of them is the box");
	if (segment < 1 || last < segment || ms < 0)
		fields_fail(&e->f, "segment, last, ms", "out of range");
	if (!good(e))
		return 0;
	int err = cc_db_exec(e->db,
			"INSERT INTO voicemail (tenant_id, call_id, segment, last_segment, agent, queue, at, "
			"duration_ms, caller, caller_name, did) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?){any}",
			e->tenant, e->call, segment, last, agent, queue, e->at, ms, from ? from : "",
			name ? name : "", did ? did : "");

	return err == CC_E_EXIST ? 0 : err;
}

/* ---- the table ---- */

struct handler
{
	uint16_t type;
	bool of_call; /* needs a call id */
	int (*apply)(struct effect *e);
};

static const struct handler handlers[] = {
		{CC_EV_CALL_NEW, true, call_new},
		{CC_EV_CALL_ROUTE, true, call_route},
		{CC_EV_CALL_ANSWER, true, call_answer},
		{CC_EV_CALL_BRIDGE, true, call_bridge},
		{CC_EV_CALL_MARK, true, call_mark},
		{CC_EV_CALL_END, true, call_end},
		{CC_EV_LEG_NEW, true, leg_new},
		{CC_EV_LEG_ANSWER, true, leg_answer},
		{CC_EV_LEG_END, true, leg_end},
		{CC_EV_QUEUE_ENTER, true, queue_enter},
		{CC_EV_QUEUE_OFFER, true, queue_offer},
		{CC_EV_QUEUE_CONNECT, true, queue_connect},
		{CC_EV_QUEUE_LEAVE, true, queue_leave},
		{CC_EV_AGENT_STATE, false, agent_state},
		{CC_EV_VOICEMAIL, true, voicemail},
};

static const struct handler *find_handler(uint16_t type)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].type == type)
			return &handlers[i];
	return NULL;
}

/* A call id of zeros is SQL NULL. */
static struct cc_bytes call_bytes(const struct cc_record *record)
{
	return (struct cc_bytes){
			cc_ulid_is_zero(&record->call) ? NULL : record->call.b, sizeof(record->call.b)};
}

int effects_keep(struct effects *all, const struct cc_record *const *records, size_t count)
{
	enum
	{
		COLUMNS = 9
	};
	struct cc_bind *binds = cc_alloc(all->arena, count * COLUMNS * sizeof(*binds));
	struct cc_bind *b = binds;

	for (size_t i = 0; i < count; i++) {
		const struct cc_record *r = records[i];

		*b++ = CC_BIND(all->node);
		*b++ = CC_BIND(r->seq);
		*b++ = CC_BIND(r->tenant);
		*b++ = CC_BIND(r->time_ms);
		*b++ = CC_BIND((int)r->type);
		*b++ = CC_BIND((int)r->version);
		*b++ = CC_BIND(call_bytes(r));
		*b++ = CC_BIND(r->call_seq);
		*b++ = CC_BIND(((struct cc_bytes){r->fields, r->fields_len}));
	}
	return cc_db_bulk(all->db,
			"INSERT INTO event (node, seq, tenant_id, at, type, version, call_id, call_seq, fields)"
			" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?){any}",
			binds, count * COLUMNS);
}

int effects_finish(struct effects *all)
{
	return rows_write(&all->rows, all->db, all->arena, all->node);
}

int effects_apply(struct effects *all, const struct cc_record *record, int64_t *marked,
		char reason[EFFECTS_REASON])
{
	const struct handler *h = find_handler(record->type);
	struct effect e = {.all = all,
			.db = all->db,
			.node = all->node,
			.record = record,
			.tenant = record->tenant,
			.at = record->time_ms,
			.call = call_bytes(record)};
	int err = 0;

	*marked = 0;
	if (!h)
		return 0;
	if (!fields_parse(&e.f, record)) {
		if (record->tenant == 0)
			fields_fail(&e.f, "tenant", "missing");
		else if (h->of_call && !e.call.p)
			fields_fail(&e.f, "call", "missing");
		else
			err = h->apply(&e);
	}
	if (!err && !good(&e)) {
		snprintf(reason, EFFECTS_REASON, "%s: %s", cc_event_name(record->type), e.f.reason);
		err = CC_E_CORRUPT;
	}
	*marked = e.marked;
	fields_free(&e.f);
	return err;
}
