/* SPDX-License-Identifier: GPL-2.0-or-later
 * Whose a ticket is: numbers, and the customers of CRM, as far as the user sees them. */
#include <inttypes.h>
#include <string.h>
#include "cc/err.h"
#include "cc/number.h"
#include "tickets.h"

int ticket_e164(struct cc_request *rq, const char *number, const char **e164)
{
	struct cc_rows rows;
	char text[CC_NUMBER_E164 + 1] = "";
	*e164 = NULL;
	if (!number || !*number)
		return 0;
	int err =
			cc_db_query(rq->db, &rows, "SELECT country, area_code FROM tenant WHERE id = {tenant}");
	if (!err && rows.count &&
			cc_number_e164(
					text, number, cc_row_str(&rows.row[0], 0), cc_row_str(&rows.row[0], 1)) >= 0 &&
			*text)
		*e164 = cc_strdup(rq->arena, text);
	return err;
}

int ticket_call_number(struct cc_request *rq, struct cc_bytes call, const char **number)
{
	struct cc_rows rows;
	*number = "";
	int err = cc_db_query(rq->db, &rows,
			"SELECT IF(direction = 'out', callee, caller) FROM calls WHERE tenant_id = {tenant} "
			"AND id = ?",
			call);
	if (!err && rows.count)
		*number = cc_row_str(&rows.row[0], 0);
	return err;
}

/* A customer that the user does not see is none: CC_E_NOENT. CRM's own list says who is seen. */
static int check_seen(struct cc_request *rq, int64_t id, const char *package)
{
	const struct cc_resource *r =
			cc_resource_find(rq, cc_sprintf(rq->arena, "/crm/customers/%s", package));
	struct cc_row row;
	return r ? cc_resource_get(rq, r, cc_sprintf(rq->arena, "%" PRId64, id), &row) : CC_E_NOENT;
}

int ticket_customer(
		struct cc_request *rq, const char *e164, int64_t id, struct ticket_customer *customer)
{
	struct cc_rows rows;
	*customer = (struct ticket_customer){.name = "", .phone = ""};
	if (!e164 && !id)
		return CC_E_NOENT;
	int err = cc_db_query(rq->db, &rows,
			"SELECT c.id, c.name, c.phone, p.code FROM customer c JOIN customer_package p ON "
			"p.tenant_id = c.tenant_id AND p.id = c.package_id WHERE c.tenant_id = {tenant} AND "
			"c.merged_into IS NULL AND (c.id = ? OR (? = 0 AND c.phone_e164 = ?)) ORDER BY c.id "
			"DESC LIMIT 1",
			id, id, e164);
	if (!err && !rows.count)
		err = CC_E_NOENT;
	if (!err)
		err = check_seen(rq, cc_row_int(&rows.row[0], 0, 0), cc_row_str(&rows.row[0], 3));
	if (!err)
		*customer = (struct ticket_customer){.id = cc_row_int(&rows.row[0], 0, 0),
				.name = cc_row_str(&rows.row[0], 1),
				.phone = cc_row_str(&rows.row[0], 2)};
	return err;
}
