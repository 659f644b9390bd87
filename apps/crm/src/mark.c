/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-14, CRM-19, CRM-20, CRM-21: each saving of a card leaves a row, which is follow-up and mark
 * in one: three lists show it. And the types and states that are chosen from. */
#include <stdlib.h>
#include <string.h>
#include "call_task.h"

#define LIST CC_COLUMN_ALL
#define MORE (CC_COLUMN_ALL | CC_COLUMN_HIDDEN)
#define NAME_OF(table, key)                                                                        \
	"(SELECT x.name FROM " table " x WHERE x.tenant_id = t.tenant_id AND x.id = t." key ")"
#define GROUPS                                                                                     \
	"(SELECT GROUP_CONCAT(g.name ORDER BY g.number SEPARATOR ', ') FROM agent a JOIN "             \
	"agent_group_member m ON m.tenant_id = a.tenant_id AND m.agent_id = a.id JOIN agent_group g "  \
	"ON g.tenant_id = m.tenant_id AND g.id = m.group_id AND g.live = 1 WHERE a.tenant_id = "       \
	"t.tenant_id AND a.number = t.agent AND a.live = 1)"
#define RECORDED                                                                                   \
	"EXISTS (SELECT 1 FROM recording r WHERE r.tenant_id = t.tenant_id AND r.call_id = t.call_id)"

static const char *const directions[] = {
		CC_NC("direction", "in"), CC_NC("direction", "out"), CC_NC("direction", "internal"), NULL};
static const char *const kinds[] = {
		CC_NC("user_kind", "agent"), CC_NC("user_kind", "admin"), CC_NC("user_kind", "user"), NULL};

/* ---- lists ---- */

bool crm_group_compare(struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	char *end;
	int64_t id = strtoll(value, &end, 10);
	if (*end || end == value)
		return false;
	cc_buf_str(sql, "t.agent IN (SELECT a.number FROM agent a JOIN agent_group_member m ON "
					"m.tenant_id = a.tenant_id AND m.agent_id = a.id WHERE a.tenant_id = "
					"{tenant} AND a.live = 1 AND m.group_id = ?)");
	cc_list_bind(l, cc_bind_int(id));
	return true;
}

#define ID CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON)
#define CUSTOMER                                                                                   \
	CC_COLUMN("name", CC_N("Customer"), NULL, TEXT, LIST | CC_COLUMN_QUICK_ANYWHERE,               \
			.link = "/crm/marks/customer/")
#define PHONE                                                                                      \
	CC_COLUMN("phone", CC_N("Telephone number"), NULL, PHONE,                                      \
			LIST | CC_COLUMN_QUICK_ANYWHERE | CC_COLUMN_FILTER, .call = "TRUE")
#define TYPE                                                                                       \
	CC_COLUMN("type_id", CC_N("Customer type"), NAME_OF("customer_type", "type_id"), OPTION,       \
			LIST | CC_COLUMN_FILTER, .options = TYPE_OPTIONS)
#define STATE                                                                                      \
	CC_COLUMN("state_id", CC_N("Follow-up state"), NAME_OF("follow_state", "state_id"), OPTION,    \
			LIST | CC_COLUMN_FILTER,                                                               \
			.options = "SELECT id, name FROM follow_state WHERE tenant_id = {tenant} ORDER BY "    \
					   "position, id")
#define TEXT CC_COLUMN("text", CC_N("Follow-up"), NULL, NOTE, LIST | CC_COLUMN_QUICK_ANYWHERE)
#define USER                                                                                       \
	CC_COLUMN("user_name", CC_N("User"), NULL, TEXT, LIST | CC_COLUMN_FILTER | CC_COLUMN_SEARCH)
#define AT CC_COLUMN("at", CC_N("Time"), NULL, TIME, LIST | CC_COLUMN_SORT)
#define DIRECTION                                                                                  \
	CC_COLUMN("direction", CC_N("Direction"), NULL, CODE, LIST | CC_COLUMN_FILTER,                 \
			.context = "direction", .codes = directions)
#define PACKAGE                                                                                    \
	CC_COLUMN("package_id", CC_N("Package"), NAME_OF("customer_package", "package_id"), OPTION,    \
			MORE | CC_COLUMN_FILTER, .options = CC_PACKAGE_OPTIONS("contacts"))
#define OTHERS                                                                                     \
	CC_COLUMN("agent", CC_N("Agent"), NULL, TEXT,                                                  \
			LIST | CC_COLUMN_FILTER | CC_COLUMN_EXACT | CC_COLUMN_SEARCH),                         \
			CC_COLUMN("user_kind", CC_N("Role"), NULL, CODE, MORE | CC_COLUMN_FILTER,              \
					.context = "user_kind", .codes = kinds),                                       \
			CC_COLUMN("group", CC_N("Agent group"), GROUPS, TEXT, MORE & ~CC_COLUMN_SEARCH),       \
			CC_COLUMN("group_id", CC_N("Agent group"), "t.agent", OPTION, CC_COLUMN_FILTER,        \
					.value = "t.agent", .options = GROUP_OPTIONS, .compare = crm_group_compare),   \
			CC_COLUMN("recording", CC_N("Recording"), RECORDED, SOUND,                             \
					CC_COLUMN_PAGE | CC_COLUMN_JSON, .link = "/crm/marks/recording/")

static const struct cc_column follow_columns[] = {ID, CUSTOMER, PHONE, AT, DIRECTION, STATE, TEXT,
		TYPE, USER, OTHERS, PACKAGE, HIDES_COLUMN("t.customer_id"), {.name = NULL}};
static const struct cc_column mark_columns[] = {ID, PHONE, CUSTOMER, AT, TYPE, USER, TEXT,
		DIRECTION, OTHERS, PACKAGE, HIDES_COLUMN("t.customer_id"), {.name = NULL}};

#define SHOWN "t.tenant_id = {tenant} AND " CC_PACKAGE_SHOWN("contacts", "t.package_id")
#define SCOPES .own = OWN_RECORD, .group = GROUP_RECORD, .department = DEPARTMENT_RECORD

/* The latest one may be gone: the one before takes its place. */
static int follow_deleting(struct cc_change *c)
{
	struct cc_rows rows;
	struct cc_db *db = c->rq->db;
	int err = cc_db_query(db, &rows,
			"SELECT customer_id FROM customer_mark WHERE tenant_id = {tenant} AND id = ? AND "
			"latest = 1",
			c->id);
	if (err || !rows.count)
		return err;
	return cc_db_exec(db,
			"UPDATE customer_mark SET latest = 1 WHERE tenant_id = {tenant} AND customer_id = ? "
			"AND "
			"id < ? ORDER BY id DESC LIMIT 1",
			cc_row_int(&rows.row[0], 0, 0), c->id);
}

const struct cc_resource crm_follow_ups = {
		.name = "follow-ups",
		.title = CC_N("Follow-ups"),
		.thing = CC_N("Follow-up"),
		.path = "/crm/follow-ups",
		.permission = "crm.follow_ups",
		.actions = CC_DELETE | CC_EXPORT,
		.table = "customer_mark",
		.where = SHOWN,
		SCOPES,
		.columns = follow_columns,
		.range = "t.at",
		.deleting = follow_deleting,
		.dialing = customer_dialing,
};

const struct cc_resource crm_marks = {
		.name = "marks",
		.title = CC_N("Mark results"),
		.thing = CC_N("Mark"),
		.path = "/crm/marks",
		.permission = "crm.marks",
		.actions = CC_EXPORT,
		.table = "customer_mark",
		.where = SHOWN " AND t.latest = 1",
		SCOPES,
		.columns = mark_columns,
		.many = crm_mark_many,
		.range = "t.at",
		.note = CC_N("The latest mark of each customer."),
		.dialing = customer_dialing,
};

const struct cc_resource crm_mark_history = {
		.name = "mark-history",
		.title = CC_N("Mark history"),
		.thing = CC_N("Mark"),
		.path = "/crm/mark-history",
		.permission = "crm.mark_history",
		.actions = CC_EXPORT,
		.table = "customer_mark",
		.where = SHOWN,
		SCOPES,
		.columns = mark_columns,
		.many = crm_mark_many,
		.range = "t.at",
		.dialing = customer_dialing,
};

/* ---- what is chosen from ---- */

static const struct cc_column state_columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON),
		CC_COLUMN("name", CC_N("Follow-up state"), NULL, TEXT,
				LIST | CC_COLUMN_FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 100,
				.unique = "follow_state_name"),
		CC_COLUMN("position", CC_N("Order"), NULL, INT, LIST | CC_COLUMN_FORM | CC_COLUMN_SORT,
				.max = 10000, .initial = "0"),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, MORE | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, MORE | CC_COLUMN_UPDATED),
		{.name = NULL},
};

static const struct cc_use state_uses[] = {
		{CC_NC("use", "Follow-ups"),
				"SELECT name FROM customer_mark WHERE tenant_id = {tenant} AND state_id = ?"},
		{NULL, NULL},
};

const struct cc_resource crm_follow_states = {
		.name = "follow-states",
		.title = CC_N("Follow-up states"),
		.thing = CC_N("Follow-up state"),
		.path = "/crm/follow-states",
		.permission = "crm.follow_states",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "follow_state",
		.columns = state_columns,
		.uses = state_uses,
};

/* ---- writing ---- */

int mark_write(struct cc_request *rq, int64_t customer, const struct mark *mark)
{
	struct cc_ulid id;
	struct cc_bytes call = {NULL, 0};
	struct cc_db *db = rq->db;
	if (*mark->call && !cc_ulid_parse(&id, mark->call, (int)strlen(mark->call)))
		call = (struct cc_bytes){id.b, sizeof id.b};
	int err = cc_db_exec(db,
			"UPDATE customer_mark SET latest = 0 WHERE tenant_id = {tenant} AND customer_id = ? "
			"AND "
			"latest = 1",
			customer);
	if (!err)
		err = cc_db_exec(db,
				"INSERT INTO customer_mark (tenant_id, customer_id, package_id, at, name, phone, "
				"type_id, state_id, text, call_id, direction, user_id, user_name, user_kind, "
				"agent) "
				"SELECT {tenant}, c.id, c.package_id, ?, c.name, c.phone, NULLIF(?, 0), NULLIF(?, "
				"0), ?, ?, COALESCE((SELECT k.direction FROM calls k WHERE k.tenant_id = {tenant} "
				"AND k.id = ?), ''), {user}, ?, ?, {agent} FROM customer c WHERE c.tenant_id = "
				"{tenant} AND c.id = ?",
				rq->now_ms, mark->type, mark->state, mark->text, call, call, rq->user->name,
				rq->user->kind, customer);
	if (!err)
		err = cc_db_exec(db,
				"UPDATE customer SET type_id = COALESCE(NULLIF(?, 0), type_id), mark_id = ?, "
				"updated_at = ? WHERE tenant_id = {tenant} AND id = ?",
				mark->type, cc_db_insert_id(db), rq->now_ms, customer);
	return err;
}

/* GET /crm/marks/recording/{id}: the recording of the call that was marked. */
int crm_mark_recording(struct cc_request *rq)
{
	return record_recording(rq, &crm_mark_history);
}

/* GET /crm/marks/customer/{id}: the card of the customer who was marked. */
int crm_mark_customer(struct cc_request *rq)
{
	return record_card(rq, &crm_mark_history);
}
