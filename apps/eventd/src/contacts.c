/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "contacts.h"
#include <string.h>

int contacts_find(
		struct cc_db *db, int64_t tenant, int64_t package, const char *e164, int64_t *customer)
{
	struct cc_rows rows = {0};
	int err = *e164 ? cc_db_query(db, &rows,
							  "SELECT i.customer_id FROM customer_package p JOIN customer_index i "
							  "ON i.tenant_id = p.tenant_id AND i.package_id = p.id AND i.slot = 1 "
							  "AND i.value = ? JOIN customer c ON c.tenant_id = i.tenant_id AND "
							  "c.id = i.customer_id WHERE p.tenant_id = ? AND p.state = 'open' AND "
							  "p.id = COALESCE(NULLIF(?, 0), p.id) AND c.batch_id NOT IN (SELECT "
							  "b.id FROM customer_batch b WHERE "
							  "b.tenant_id = ? AND b.hidden = 1) ORDER BY p.standard DESC, "
							  "i.customer_id DESC LIMIT 1{any}",
							  e164, tenant, package, tenant)
					: 0;

	*customer = err || rows.count == 0 ? 0 : cc_row_int(&rows.row[0], 0, 0);
	return err;
}

static int keep_record(struct cc_db *db, int64_t tenant, struct cc_bytes call, int64_t customer)
{
	return cc_db_exec(db,
			"INSERT INTO contact_record (tenant_id, package_id, customer_id, name, phone, at, "
			"origin, call_id, direction, answered, agent, agent_name, source_id) SELECT "
			"k.tenant_id, COALESCE(c.package_id, k.package_id), c.id, COALESCE(c.name, "
			"k.caller_name), "
			"LEFT(IF(k.direction = 'out', k.callee, k.caller), 32), k.ended_at, 'call', k.id, "
			"k.direction, 1, k.agent, COALESCE(k.agent_name, ''), c.source_id FROM calls k LEFT "
			"JOIN customer c ON c.tenant_id = k.tenant_id AND c.id = ? WHERE k.tenant_id = ? AND "
			"k.id = ?{any}",
			customer, tenant, call);
}

int contacts_call_ended(
		struct cc_db *db, int64_t tenant, struct cc_bytes call, const char *e164, int64_t at)
{
	struct cc_rows rows = {0};
	int err = cc_db_query(db, &rows,
			"SELECT direction, agent, agent_ms > 0, customer_id, package_id FROM calls WHERE "
			"tenant_id = ? AND "
			"id = ?{any}",
			tenant, call);

	if (err || rows.count == 0 || strcmp(cc_row_str(&rows.row[0], 0), "internal") == 0)
		return err;
	bool out = strcmp(cc_row_str(&rows.row[0], 0), "out") == 0;
	bool answered = cc_row_int(&rows.row[0], 2, 0);
	const char *agent = cc_row_str(&rows.row[0], 1);

	int64_t customer = cc_row_int(&rows.row[0], 3, 0); /* of a call from a page it is known */

	if (!*agent || (!answered && !out))
		return 0;
	if (!customer)
		err = contacts_find(db, tenant, cc_row_int(&rows.row[0], 4, 0), e164, &customer);
	if (!err && answered)
		err = keep_record(db, tenant, call, customer);
	if (!err && customer)
		err = cc_db_exec(db,
				"UPDATE customer SET contacted_at = ?, contact_answered = ? WHERE tenant_id = ? "
				"AND id = ?{any}",
				at, answered, tenant, customer);
	if (!err && customer && out)
		err = cc_db_exec(db,
				"DELETE k FROM customer_task k JOIN agent a ON a.tenant_id = k.tenant_id AND a.id "
				"= k.agent_id AND a.number = ? WHERE k.tenant_id = ? AND k.customer_id = ?{any}",
				agent, tenant, customer);
	if (!err && customer && out)
		err = cc_db_exec(db,
				"UPDATE call_task_customer SET attempts = attempts + 1, called_at = ?, answered = "
				"?, "
				"next_at = NULL, state = IF(state = 'new', 'called', state) WHERE tenant_id = ? "
				"AND "
				"customer_id = ?{any}",
				at, answered, tenant, customer);
	return err;
}
