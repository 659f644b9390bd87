/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-15: contact records. Each answered call of an agent makes one by itself (cc-eventd), saving a
 * result or a funnel on the card makes another. */
#include <string.h>
#include "call_task.h"

#define LIST CC_COLUMN_ALL
#define MORE (CC_COLUMN_ALL | CC_COLUMN_HIDDEN)
#define NAME_OF(table, key)                                                                        \
	"(SELECT x.name FROM " table " x WHERE x.tenant_id = t.tenant_id AND x.id = t." key ")"
#define RECORDED                                                                                   \
	"EXISTS (SELECT 1 FROM recording r WHERE r.tenant_id = t.tenant_id AND r.call_id = t.call_id)"

static const char *const directions[] = {"in", "out", "internal", NULL};
static const char *const origins[] = {
		CC_NC("contact_origin", "call"), CC_NC("contact_origin", "card"), NULL};

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON),
		CC_COLUMN("at", CC_N("Time"), NULL, TIME, LIST | CC_COLUMN_SORT),
		CC_COLUMN("name", CC_N("Customer"), NULL, TEXT, LIST | CC_COLUMN_QUICK_ANYWHERE),
		CC_COLUMN("phone", CC_N("Telephone number"), NULL, PHONE,
				LIST | CC_COLUMN_QUICK_ANYWHERE | CC_COLUMN_FILTER, .call = "TRUE"),
		CC_COLUMN("direction", CC_N("Direction"), NULL, CODE, LIST | CC_COLUMN_FILTER,
				.context = "direction", .codes = directions),
		CC_COLUMN("answered", CC_N("Answered"), NULL, BOOL, LIST | CC_COLUMN_FILTER),
		CC_COLUMN("agent", CC_N("Agent"), NULL, TEXT,
				LIST | CC_COLUMN_FILTER | CC_COLUMN_EXACT | CC_COLUMN_QUICK),
		CC_COLUMN("agent_name", CC_N("Agent name"), NULL, TEXT, LIST),
		CC_COLUMN("result_id", CC_N("Call result"), NAME_OF("call_result", "result_id"), OPTION,
				LIST | CC_COLUMN_FILTER,
				.options = "SELECT id, name FROM call_result WHERE tenant_id = {tenant} ORDER BY "
						   "name"),
		CC_COLUMN("funnel_id", CC_N("Sales funnel"), NAME_OF("sales_funnel", "funnel_id"), OPTION,
				LIST | CC_COLUMN_FILTER,
				.options = "SELECT id, name FROM sales_funnel WHERE tenant_id = {tenant} ORDER BY "
						   "position, id"),
		CC_COLUMN("score", CC_N("Score"),
				"(SELECT x.score FROM sales_funnel x WHERE x.tenant_id = t.tenant_id AND x.id = "
				"t.funnel_id)",
				INT, LIST),
		CC_COLUMN("note", CC_N("Note"), NULL, NOTE, LIST),
		CC_COLUMN("source_id", CC_N("Data source"), NAME_OF("customer_source", "source_id"), OPTION,
				MORE | CC_COLUMN_FILTER,
				.options = "SELECT id, name FROM customer_source WHERE tenant_id = {tenant} ORDER "
						   "BY id DESC"),
		CC_COLUMN("origin", CC_N("Made by"), NULL, CODE, MORE | CC_COLUMN_FILTER,
				.context = "contact_origin", .codes = origins),
		CC_COLUMN("package_id", CC_N("Package"), NAME_OF("customer_package", "package_id"), OPTION,
				MORE | CC_COLUMN_FILTER, .options = CC_PACKAGE_OPTIONS("contacts")),
		CC_COLUMN("recording", CC_N("Recording"), RECORDED, SOUND, CC_COLUMN_PAGE | CC_COLUMN_JSON,
				.link = "/crm/contacts/recording/"),
		HIDES_COLUMN("t.customer_id"),
		{.name = NULL},
};

const struct cc_resource crm_contacts = {
		.name = "contacts",
		.title = CC_N("Contact records"),
		.thing = CC_N("Contact record"),
		.path = "/crm/contacts",
		.permission = "crm.contacts",
		.actions = CC_EXPORT,
		.table = "contact_record",
		.where = "t.tenant_id = {tenant} AND " CC_PACKAGE_SHOWN("contacts", "t.package_id"),
		.own = OWN_RECORD,
		.group = GROUP_RECORD,
		.department = DEPARTMENT_RECORD,
		.columns = columns,
		.range = "t.at",
		.dialing = customer_dialing,
};

int contact_write(struct cc_request *rq, int64_t customer, const struct contact *contact)
{
	struct cc_ulid id;
	struct cc_bytes call = {NULL, 0};
	if (*contact->call && !cc_ulid_parse(&id, contact->call, (int)strlen(contact->call)))
		call = (struct cc_bytes){id.b, sizeof id.b};
	int err = cc_db_exec(rq->db,
			"INSERT INTO contact_record (tenant_id, package_id, customer_id, name, phone, at, "
			"origin, call_id, direction, answered, agent, agent_name, result_id, funnel_id, "
			"source_id, note) SELECT {tenant}, c.package_id, c.id, c.name, c.phone, ?, 'card', ?, "
			"COALESCE(k.direction, ''), COALESCE(k.bridged_at IS NOT NULL, 0), {agent}, ?, "
			"NULLIF(?, 0), NULLIF(?, 0), c.source_id, ? FROM customer c LEFT JOIN calls k ON "
			"k.tenant_id = c.tenant_id AND k.id = ? WHERE c.tenant_id = {tenant} AND c.id = ?",
			rq->now_ms, call, rq->user->name, contact->result, contact->funnel, contact->note, call,
			customer);
	if (!err && contact->funnel)
		err = cc_db_exec(rq->db,
				"UPDATE customer SET funnel_id = ? WHERE tenant_id = {tenant} AND id = ?",
				contact->funnel, customer);
	return err;
}

/* GET /crm/contacts/recording/{id} */
int crm_contact_recording(struct cc_request *rq)
{
	return record_recording(rq, &crm_contacts);
}
