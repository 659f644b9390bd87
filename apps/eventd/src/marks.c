/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "marks.h"
#include <string.h>
#include "cc/number.h"
#include "contacts.h"

struct mark
{
	struct cc_db *db;
	int64_t tenant, at, type, customer;
	struct cc_bytes call;
	const char *agent, *number;
};

/* Whose call it was; number NULL: there is nobody to be marked. */
static int find_customer(struct mark *m)
{
	struct cc_rows rows = {0};
	char e164[CC_NUMBER_E164 + 1] = "";
	int err = cc_db_query(m->db, &rows,
			"SELECT IF(k.direction = 'out', k.callee, k.caller), COALESCE((SELECT COALESCE("
			"c.merged_into, c.id) FROM customer c WHERE c.tenant_id = k.tenant_id AND c.id = "
			"k.customer_id), 0), "
			"t.country, t.area_code, COALESCE(k.package_id, 0) FROM calls k JOIN tenant t ON t.id "
			"= k.tenant_id WHERE "
			"k.tenant_id = ? AND k.id = ? AND k.direction <> 'internal'{any}",
			m->tenant, m->call);

	m->number = NULL;
	if (err || rows.count == 0)
		return err;
	m->number = cc_row_str(&rows.row[0], 0);
	m->customer = cc_row_int(&rows.row[0], 1, 0); /* of a call from a page it is known */
	if (cc_number_e164(e164, m->number, cc_row_str(&rows.row[0], 2), cc_row_str(&rows.row[0], 3)) <
			0)
		e164[0] = '\0';
	return m->customer ? 0
					   : contacts_find(m->db, m->tenant, cc_row_int(&rows.row[0], 4, 0), e164,
								 &m->customer);
}

static int find_type(struct mark *m, const char *digit)
{
	struct cc_rows rows = {0};
	int err = cc_db_query(m->db, &rows,
			"SELECT id FROM customer_type WHERE tenant_id = ? AND digit = ?{any}", m->tenant,
			digit);

	m->type = err || rows.count == 0 ? 0 : cc_row_int(&rows.row[0], 0, 0);
	return err;
}

/* The customer's, or that of the number without one: of the call's package then. */
static int insert(const struct mark *m)
{
	return cc_db_exec(m->db,
			"INSERT INTO customer_mark (tenant_id, customer_id, package_id, at, name, phone, "
			"type_id, call_id, direction, user_id, user_name, user_kind, agent) SELECT "
			"k.tenant_id, ?, COALESCE(c.package_id, k.package_id, (SELECT p.id FROM "
			"customer_package p WHERE "
			"p.tenant_id = k.tenant_id AND p.state = 'open' ORDER BY p.standard DESC, p.id LIMIT "
			"1), 0), ?, COALESCE(c.name, IF(k.direction = 'in', k.caller_name, '')), "
			"COALESCE(c.phone, LEFT(?, 32)), ?, k.id, k.direction, u.id, COALESCE(u.name, ?), "
			"COALESCE(u.kind, ''), ? FROM calls k LEFT JOIN customer c ON c.tenant_id = "
			"k.tenant_id AND c.id = ? LEFT JOIN agent a ON a.tenant_id = k.tenant_id AND a.number "
			"= ? AND a.live = 1 LEFT JOIN user u ON u.tenant_id = a.tenant_id AND u.id = a.user_id "
			"WHERE k.tenant_id = ? AND k.id = ?{any}",
			m->customer, m->at, m->number, m->type, m->agent, m->agent, m->customer, m->agent,
			m->tenant, m->call);
}

int marks_write(struct cc_db *db, int64_t tenant, struct cc_bytes call, const char *agent,
		const char *digit, int64_t at, int64_t *customer)
{
	struct mark m = {.db = db, .tenant = tenant, .at = at, .call = call, .agent = agent};
	int err = find_type(&m, digit);

	if (!err && m.type)
		err = find_customer(&m);
	if (err || !m.type || !m.number || !*m.number)
		return err;
	err = cc_db_exec(db,
			"UPDATE customer_mark SET latest = 0 WHERE tenant_id = ? AND customer_id = ? AND "
			"latest "
			"= 1 AND (customer_id <> 0 OR phone = LEFT(?, 32)){any}",
			tenant, m.customer, m.number);
	if (!err)
		err = insert(&m);
	/* updated_at stays: who has the card open may save it all the same */
	*customer = m.customer;
	if (!err && m.customer)
		err = cc_db_exec(db,
				"UPDATE customer SET type_id = ?, mark_id = ? WHERE tenant_id = ? AND id = ?{any}",
				m.type, cc_db_insert_id(db), tenant, m.customer);
	return err;
}
