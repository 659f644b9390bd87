/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-17: service records, what agents did for customers, made by the agents themselves: in the
 * list or on the customer card, which says during which call. And the results that are chosen from.
 * What may come of a record, a ticket say, is a button and a column of the plugin that has it. */
#include <inttypes.h>
#include <string.h>
#include "call_task.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define MORE (CC_COLUMN_ALL | CC_COLUMN_HIDDEN)
/* What the card says of itself, not shown; a form that comes again, refused, still has it. */
#define PASSED (FORM | CC_COLUMN_FIXED | CC_COLUMN_VIRTUAL)

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON),
		CC_COLUMN("at", CC_N("Time"), NULL, TIME, LIST | CC_COLUMN_SORT | CC_COLUMN_CREATED),
		CC_COLUMN("customer_id", CC_N("Number of the customer"), NULL, INT,
				MORE | FORM | CC_COLUMN_FIXED | CC_COLUMN_FILTER,
				.help = CC_N("Name and telephone number are the customer's then.")),
		CC_COLUMN("name", CC_N("Customer"), NULL, TEXT, LIST | FORM | CC_COLUMN_QUICK_ANYWHERE,
				.link = "/crm/services/customer/"),
		CC_COLUMN("phone", CC_N("Telephone number"), NULL, PHONE,
				LIST | FORM | CC_COLUMN_QUICK_ANYWHERE | CC_COLUMN_FILTER, .max = 32,
				.call = "TRUE"),
		CC_COLUMN("agent_name", CC_N("Agent name"), NULL, TEXT,
				LIST | CC_COLUMN_FILTER | CC_COLUMN_STORED),
		CC_COLUMN("agent", CC_N("Agent"), NULL, TEXT,
				LIST | CC_COLUMN_FILTER | CC_COLUMN_EXACT | CC_COLUMN_STORED),
		CC_COLUMN("result_id", CC_N("Service result"),
				"(SELECT x.name FROM service_result x WHERE x.tenant_id = t.tenant_id AND x.id = "
				"t.result_id)",
				OPTION, LIST | FORM | CC_COLUMN_FILTER | CC_COLUMN_BATCH,
				.options = "SELECT id, name FROM service_result WHERE tenant_id = {tenant} ORDER "
						   "BY position, id"),
		CC_COLUMN("note", CC_N("Note"), NULL, NOTE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_QUICK_ANYWHERE),
		CC_COLUMN("package_id", CC_N("Package"), CC_PACKAGE_NAME("t.package_id"), OPTION,
				MORE | CC_COLUMN_FILTER | CC_COLUMN_STORED,
				.options = CC_PACKAGE_OPTIONS("contacts")),
		CC_COLUMN("recording", CC_N("Recording"),
				"EXISTS (SELECT 1 FROM recording r WHERE r.tenant_id = t.tenant_id AND r.call_id = "
				"t.call_id)",
				SOUND, CC_COLUMN_PAGE | CC_COLUMN_JSON, .link = "/crm/services/recording/"),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, MORE | CC_COLUMN_UPDATED),
		CC_COLUMN("call", CC_N("Call"), NULL, TEXT, PASSED, .max = 26, .look = "passed"),
		CC_COLUMN("card", CC_N("Customer card"), NULL, TEXT, PASSED, .max = 1, .look = "passed"),
		HIDES_COLUMN("t.customer_id"),
		{.name = NULL},
};

static int check(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	const char *name = NULL, *package = NULL, *phone;
	int err = record_customer(c, &name, &package);

	if (err)
		return err;
	if (name) {
		cc_change_set(c, "name", name);
		cc_change_set(c, "package_id", package);
	}
	if (c->action == CC_CREATE) {
		cc_change_set(c, "agent", rq->user->agent);
		cc_change_set(c, "agent_name", rq->user->name);
	}
	phone = cc_change_new(c, "phone");
	if (!cc_change_new(c, "customer_id") && (!phone || !*phone))
		return cc_change_refuse(c, "phone", cc_t(rq, "For whom?"));
	return 0;
}

/* On the card: the call that is going on, and back there. */
static int saved(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	const char *call = cc_change_new(c, "call"), *card = cc_change_new(c, "card");
	const char *customer = cc_change_new(c, "customer_id");
	struct cc_ulid id;
	int err = 0;

	if (c->action != CC_CREATE)
		return 0;
	if (call && *call && !cc_ulid_parse(&id, call, (int)strlen(call)))
		err = cc_db_exec(rq->db,
				"UPDATE service_record t JOIN calls k ON k.tenant_id = t.tenant_id AND k.id = ? "
				"SET t.call_id = k.id WHERE t.tenant_id = {tenant} AND t.id = ?",
				((struct cc_bytes){id.b, sizeof id.b}), c->id);
	if (!err && !rq->json && card && *card && customer)
		cc_redirect(rq, cc_sprintf(rq->arena, "/crm/card?customer=%s&call=%s&done=service",
								customer, call ? call : ""));
	return err;
}

const struct cc_resource crm_services = {
		.name = "services",
		.title = CC_N("Service records"),
		.thing = CC_N("Service record"),
		.path = "/crm/services",
		.permission = "crm.services",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "service_record",
		.where = "t.tenant_id = {tenant} AND " CC_PACKAGE_SHOWN("contacts", "t.package_id"),
		.own = OWN_RECORD,
		.group = GROUP_RECORD,
		.department = DEPARTMENT_RECORD,
		.columns = columns,
		.range = "t.at",
		.check = check,
		.saved = saved,
		.dialing = customer_dialing,
};

/* GET /crm/services/recording/{id} */
int crm_service_recording(struct cc_request *rq)
{
	return record_recording(rq, &crm_services);
}

/* GET /crm/services/customer/{id}: the card of whom it was for. */
int crm_service_customer(struct cc_request *rq)
{
	return record_card(rq, &crm_services);
}

/* ---- what is chosen from ---- */

static const struct cc_column result_columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON),
		CC_COLUMN("name", CC_N("Service result"), NULL, TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 100,
				.unique = "service_result_name"),
		CC_COLUMN("position", CC_N("Order"), NULL, INT, LIST | FORM | CC_COLUMN_SORT, .max = 10000,
				.initial = "0"),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, MORE | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, MORE | CC_COLUMN_UPDATED),
		{.name = NULL},
};

static const struct cc_use result_uses[] = {
		{CC_NC("use", "Service records"),
				"SELECT name FROM service_record WHERE tenant_id = {tenant} AND result_id = ?"},
		{NULL, NULL},
};

const struct cc_resource crm_service_results = {
		.name = "service-results",
		.title = CC_N("Service results"),
		.thing = CC_N("Service result"),
		.path = "/crm/service-results",
		.permission = "crm.service_results",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "service_result",
		.columns = result_columns,
		.uses = result_uses,
};
