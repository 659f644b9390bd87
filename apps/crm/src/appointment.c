/* SPDX-License-Identifier: GPL-2.0-or-later
 * The lists of appointments and of call-backs, with their forms. */
#include "appointment.h"
#include "call_task.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define MORE (CC_COLUMN_ALL | CC_COLUMN_HIDDEN)
#define HOUR_MS (3600 * 1000LL)

static const char *const cycles[] = {CC_NC("cycle", "once"), CC_NC("cycle", "daily"),
		CC_NC("cycle", "weekly"), CC_NC("cycle", "monthly"), CC_NC("cycle", "yearly"), NULL};
static const char *const kinds[] = {
		CC_NC("appointment kind", "appointment"), CC_NC("appointment kind", "callback"), NULL};
static const char *const states[] = {CC_NC("appointment", "coming"),
		CC_NC("appointment", "overdue"), CC_NC("appointment", "over"), NULL};

#define STATE                                                                                      \
	"IF(t.next_at IS NULL, 'over', IF(t.next_at < UNIX_TIMESTAMP() * 1000, 'overdue', 'coming'))"
#define USER_NAME "(SELECT u.name FROM user u WHERE u.tenant_id = t.tenant_id AND u.id = t.user_id)"
#define CUSTOMER_NAME                                                                              \
	"(SELECT c.name FROM customer c WHERE c.tenant_id = t.tenant_id AND c.id = t.customer_id)"

#define CUSTOMER                                                                                   \
	CC_COLUMN("customer", CC_N("Customer"), CUSTOMER_NAME, TEXT, LIST & ~CC_COLUMN_SEARCH,         \
			.link = "/crm/appointments/card/"),                                                    \
			CC_COLUMN("customer_id", CC_N("Number of the customer"), NULL, INT,                    \
					MORE | FORM | CC_COLUMN_FILTER)
#define USER                                                                                       \
	CC_COLUMN("user", CC_N("User"), USER_NAME, TEXT, LIST & ~CC_COLUMN_SEARCH),                    \
			CC_COLUMN("user_id", CC_N("User"), NULL, INT, CC_COLUMN_STORED)
#define STAMPS                                                                                     \
	CC_COLUMN("next_original", CC_N("Next reminder"), NULL, INT, CC_COLUMN_STORED),                \
			CC_COLUMN("snoozed_until", CC_N("Snoozed until"), NULL, INT, CC_COLUMN_STORED),        \
			CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, MORE | CC_COLUMN_CREATED),        \
			CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, MORE | CC_COLUMN_UPDATED)

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON),
		CC_COLUMN("title", CC_N("Title"), NULL, TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 100,
				.link = "/crm/appointments/"),
		CC_COLUMN("at", CC_N("First time"), NULL, TIME,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_SORT),
		CC_COLUMN("cycle", CC_N("Again"), NULL, CODE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER, .context = "cycle",
				.codes = cycles, .initial = "once",
				.help = CC_N("A month without that day has it on its last one.")),
		CC_COLUMN("until_day", CC_N("Last day"), NULL, DATE, MORE | FORM | CC_COLUMN_NUMBERED,
				.help = CC_N("Of a repeated appointment; empty: no end.")),
		CC_COLUMN("next_at", CC_N("Next reminder"), NULL, TIME,
				LIST | CC_COLUMN_SORT | CC_COLUMN_STORED),
		CC_COLUMN("state", CC_N("State"), STATE, CODE, LIST | CC_COLUMN_FILTER,
				.context = "appointment", .codes = states),
		CC_COLUMN("kind", CC_N("Kind"), NULL, CODE, MORE | CC_COLUMN_FILTER,
				.context = "appointment kind", .codes = kinds),
		CC_COLUMN("phone", CC_N("Telephone number"), NULL, PHONE,
				LIST | FORM | CC_COLUMN_QUICK_ANYWHERE, .max = 32, .call = "TRUE"),
		CUSTOMER,
		CC_COLUMN("text", CC_N("What about"), NULL, NOTE, LIST | FORM | CC_COLUMN_QUICK_ANYWHERE),
		USER,
		STAMPS,
		HIDES_COLUMN("t.customer_id"),
		{.name = NULL},
};

static const struct cc_column callback_columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON),
		CC_COLUMN("phone", CC_N("Telephone number"), NULL, PHONE,
				LIST | FORM | CC_COLUMN_QUICK_ANYWHERE, .max = 32, .call = "TRUE",
				.link = "/crm/callbacks/", .help = CC_N("Empty: the customer's.")),
		CUSTOMER,
		CC_COLUMN("called", CC_N("Called back"), "t.done_at IS NOT NULL", BOOL,
				LIST | CC_COLUMN_FILTER),
		CC_COLUMN("text", CC_N("Note"), NULL, NOTE, LIST | FORM | CC_COLUMN_QUICK_ANYWHERE),
		USER,
		CC_COLUMN("at", CC_N("Call back at"), NULL, TIME,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_SORT),
		CC_COLUMN("done_at", CC_N("Called back at"), NULL, TIME, MORE | CC_COLUMN_STORED),
		CC_COLUMN("next_at", CC_N("Next reminder"), NULL, TIME, MORE | CC_COLUMN_STORED),
		CC_COLUMN("kind", CC_N("Kind"), NULL, TEXT, CC_COLUMN_STORED),
		CC_COLUMN("title", CC_N("Title"), NULL, TEXT, CC_COLUMN_STORED),
		STAMPS,
		HIDES_COLUMN("t.customer_id"),
		{.name = NULL},
};

/* ---- what a change is followed by ---- */

void appointment_changed(struct cc_request *rq, int64_t user)
{
	cc_changed(rq, "appointment", cc_sprintf(rq->arena, "%" PRId64, user));
}

/* The first reminder: a repeated one does not remind of what was before it was made. */
static int set_next(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	const char *at = cc_change_new(c, "at"), *cycle = cc_change_new(c, "cycle");
	struct schedule s = {.first = strtoll(at ? at : "0", NULL, 10),
			.until = cc_change_new_int(c, "until_day", 0),
			.cycle = schedule_cycle(cycle ? cycle : "once")};
	struct occurrence o;
	bool any = schedule_from(rq, &s, s.cycle == CYCLE_ONCE ? s.first : rq->now_ms - HOUR_MS, &o);

	cc_change_set(c, "next_at", any ? cc_sprintf(rq->arena, "%" PRId64, o.at) : NULL);
	cc_change_set(c, "next_original", any ? cc_sprintf(rq->arena, "%" PRId64, o.original) : NULL);
	cc_change_set(c, "snoozed_until", NULL);
	return 0;
}

static bool is_other_rule(const struct cc_change *c)
{
	return cc_change_differs(c, "at") || cc_change_differs(c, "cycle") ||
		   cc_change_differs(c, "until_day");
}

static int check(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	int64_t until = cc_change_new_int(c, "until_day", 0), at = cc_change_new_int(c, "at", 0);
	struct cc_local first = cc_time_local(rq, at);

	if (until && until < first.year * 10000LL + first.month * 100 + first.day)
		return cc_change_refuse(c, "until_day", cc_t(rq, "It ends before it begins."));
	if (c->action == CC_CREATE)
		cc_change_set(c, "user_id", cc_sprintf(rq->arena, "%" PRId64, rq->user->id));
	int err = record_customer(c, NULL, NULL);

	/* whoever sets a new time wants to be reminded of it */
	if (!err && (c->action == CC_CREATE || is_other_rule(c)))
		err = set_next(c);
	return err;
}

static int check_callback(struct cc_change *c)
{
	int err;

	if (c->action == CC_CREATE) {
		cc_change_set(c, "kind", "callback");
		cc_change_set(c, "title", "");
	}
	err = check(c);
	if (!err && (!cc_change_new(c, "phone") || !*cc_change_new(c, "phone")))
		return cc_change_refuse(c, "phone", cc_t(c->rq, "Whom to call back?"));
	if (!err && cc_change_differs(c, "at"))
		cc_change_set(c, "done_at", NULL);
	return err;
}

static int owner_of(struct cc_change *c, int64_t *user)
{
	struct cc_rows rows;
	int err = cc_db_query(c->rq->db, &rows,
			"SELECT user_id FROM appointment WHERE tenant_id = {tenant} AND id = ?", c->id);

	*user = !err && rows.count ? cc_row_int(&rows.row[0], 0, 0) : 0;
	return err;
}

static int drop_exceptions(struct cc_change *c)
{
	return cc_db_exec(c->rq->db,
			"DELETE FROM appointment_exception WHERE tenant_id = {tenant} AND appointment_id = ?",
			c->id);
}

static int saved(struct cc_change *c)
{
	int64_t user;
	int err = owner_of(c, &user);

	if (!err && c->action == CC_EDIT && is_other_rule(c))
		err = drop_exceptions(c); /* they were of the old rule */
	if (!err)
		appointment_changed(c->rq, user);
	return err;
}

static int deleting(struct cc_change *c)
{
	int64_t user;
	int err = owner_of(c, &user);

	if (!err)
		err = drop_exceptions(c);
	if (!err)
		appointment_changed(c->rq, user);
	return err;
}

/* ---- one that the user may see ---- */

const char *appointment_title(struct cc_request *rq, const struct appointment *a)
{
	return *a->title ? a->title : cc_t(rq, "Call back");
}

int appointment_load(
		struct cc_request *rq, const char *id, bool locked, struct appointment *appointment)
{
	struct cc_row seen;
	struct cc_rows rows;
	int err = cc_resource_get(rq, &crm_appointments, id, &seen);

	if (!err && locked)
		err = cc_db_query(rq->db, &rows,
				"SELECT id FROM appointment WHERE tenant_id = {tenant} AND id = ? FOR UPDATE", id);
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT t.id, t.user_id, t.customer_id, t.next_at, t.title, t.phone, t.text, "
				"c.name, "
				"u.name, t.kind, t.at, t.until_day, t.cycle FROM appointment t LEFT JOIN customer "
				"c ON c.tenant_id = t.tenant_id AND c.id = t.customer_id LEFT JOIN user u ON "
				"u.tenant_id = t.tenant_id AND u.id = t.user_id WHERE t.tenant_id = {tenant} AND "
				"t.id = ?",
				id);
	if (!err && !rows.count)
		err = CC_E_NOENT;
	if (err)
		return err;

	const struct cc_row *row = &rows.row[0];

	*appointment = (struct appointment){
			.id = cc_row_int(row, 0, 0),
			.user = cc_row_int(row, 1, 0),
			.customer = cc_row_int(row, 2, 0),
			.next_at = cc_row_int(row, 3, 0),
			.title = cc_row_str(row, 4),
			.phone = cc_row_str(row, 5),
			.text = cc_row_str(row, 6),
			.customer_name = cc_row_str(row, 7),
			.user_name = cc_row_str(row, 8),
			.callback = strcmp(cc_row_str(row, 9), "callback") == 0,
			.schedule = {.first = cc_row_int(row, 10, 0),
					.until = cc_row_int(row, 11, 0),
					.cycle = schedule_cycle(cc_row_str(row, 12))},
	};
	return schedule_load(rq, appointment->id, &appointment->schedule);
}

int appointment_remind(struct cc_request *rq, const struct appointment *a, int64_t from)
{
	struct occurrence o = {0};

	schedule_from(rq, &a->schedule, from, &o);
	return cc_db_exec(rq->db,
			"UPDATE appointment SET next_at = NULLIF(?, 0), next_original = NULLIF(?, 0), "
			"snoozed_until = NULL, updated_at = ? WHERE tenant_id = {tenant} AND id = ?",
			o.at, o.original, rq->now_ms, a->id);
}

/* GET /crm/appointments/card/{id}: the card of the customer, from which one calls. */
int crm_appointment_card(struct cc_request *rq)
{
	struct appointment a;
	int err = appointment_load(rq, cc_param(rq, "id"), false, &a);

	if (!err && !a.customer && (!*a.phone || cc_resource_masks(rq, &crm_appointments, "phone")))
		err = CC_E_NOENT;
	if (!err)
		cc_redirect(rq, a.customer
								? cc_sprintf(rq->arena, "/crm/card?customer=%" PRId64, a.customer)
								: cc_sprintf(rq->arena, "/crm/card?number=%s", a.phone));
	return err;
}

/* ---- resources ---- */

#define OF_AGENTS(agents)                                                                          \
	"t.user_id = {user} OR t.user_id IN (SELECT a.user_id FROM agent a WHERE a.tenant_id = "       \
	"{tenant} AND a.id IN (" agents "))"
#define SCOPES                                                                                     \
	.own = "t.user_id = {user}", .group = OF_AGENTS(CC_LED_AGENTS("id")),                          \
	.department = OF_AGENTS(CC_LED_AGENTS("id") " UNION " CC_MANAGED_AGENTS("id"))

static const struct cc_menu tools[] = {
		{"/crm/calendar", CC_NC("menu", "Calendar"), "crm.appointments.list", 0},
		{NULL, NULL, NULL, 0},
};

const struct cc_resource crm_appointments = {
		.name = "appointments",
		.title = CC_N("Appointments"),
		.thing = CC_N("Appointment"),
		.path = "/crm/appointments",
		.permission = "crm.appointments",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "appointment",
		.where = "t.tenant_id = {tenant} AND " CUSTOMER_SHOWN("t.customer_id"),
		SCOPES,
		.columns = columns,
		.range = "t.at",
		.tools = tools,
		.check = check,
		.saved = saved,
		.deleting = deleting,
		.dialing = customer_dialing,
};

static int call_done(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	struct appointment a;
	int err = appointment_load(rq, key, true, &a);

	if (!err)
		err = cc_db_exec(rq->db,
				"UPDATE appointment SET done_at = ?, next_at = NULL, next_original = NULL, "
				"snoozed_until = NULL, updated_at = ? WHERE tenant_id = {tenant} AND id = ?",
				rq->now_ms, rq->now_ms, a.id);
	if (!err)
		appointment_changed(rq, a.user);
	return err;
}

static const struct cc_action callback_buttons[] = {
		{.name = "called",
				.label = CC_NC("action", "Called back"),
				.permission = "edit",
				.shown = "t.done_at IS NULL",
				.run = call_done},
		{.name = NULL},
};

const struct cc_resource crm_callbacks = {
		.name = "callbacks",
		.title = CC_N("Call-backs"),
		.thing = CC_N("Call-back"),
		.path = "/crm/callbacks",
		.permission = "crm.callbacks",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "appointment",
		.where = "t.tenant_id = {tenant} AND t.kind = 'callback' AND " CUSTOMER_SHOWN(
				"t.customer_id"),
		SCOPES,
		.columns = callback_columns,
		.range = "t.at",
		.tools = tools,
		.buttons = callback_buttons,
		.note = CC_N("Customers who were promised a call. They stand in the calendar too."),
		.check = check_callback,
		.saved = saved,
		.deleting = deleting,
		.dialing = customer_dialing,
};
