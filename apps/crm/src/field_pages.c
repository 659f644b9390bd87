/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-11: order, zones and widths of a package's fields on one page, rights of roles on another. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "fields.h"
#include "package.h"

static int load(struct cc_request *rq, struct package **p)
{
	return package_load(rq->db, rq->arena, strtoll(cc_param(rq, "id"), NULL, 10), p);
}

static const char *label_of(struct cc_request *rq, const struct field *f)
{
	return f->translated ? cc_t(rq, f->label) : f->label;
}

/* ---- order ---- */

static int show_order(struct cc_request *rq, const struct package *p, const char *fault)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *page =
			cc_page(rq, cc_sprintf(a, "%s: %s", cc_t(rq, "Order of fields"), p->name));
	struct cc_value *list = cc_value_add(a, page, "fields", CC_VALUE_LIST);

	cc_value_str(a, page, "action", cc_sprintf(a, "/crm/field-order/%" PRId64, p->id));
	cc_value_str(a, page, "fault", fault);
	cc_value_bool(a, page, "saved", cc_query(rq, "saved") != NULL);
	cc_value_bool(a, page, "may_edit", cc_can(rq, "crm.field.edit"));
	for (size_t i = 0; i < p->count; i++) {
		const struct field *f = &p->fields[i];
		struct cc_value *row = cc_value_add(a, list, NULL, CC_VALUE_MAP);

		cc_value_int(a, row, "id", f->id);
		cc_value_str(a, row, "label", label_of(rq, f));
		cc_value_int(a, row, "position", (int64_t)i + 1);
		cc_value_bool(a, row, "first", f == p->named);
		cc_value_bool(a, row, "zone_b", f->zone == 'B');
		cc_value_int(a, row, "width", f->width);
		cc_value_bool(a, row, "required", f->required);
		cc_value_bool(a, row, "in_pop", f->in_pop);
		cc_value_bool(a, row, "in_record", f->in_record);
	}
	return cc_page_send(rq, "crm/field-order", page);
}

int field_order(struct cc_request *rq)
{
	struct package *p;
	int err = load(rq, &p);

	return err ? err : show_order(rq, p, NULL);
}

static const char *of(struct cc_request *rq, const char *what, const struct field *f)
{
	return cc_form(rq, cc_sprintf(rq->arena, "%s_%" PRId64, what, f->id));
}

/* A number of the form; -1: it is none from min to max. */
static int64_t number_of(
		struct cc_request *rq, const char *what, const struct field *f, int64_t min, int64_t max)
{
	const char *text = of(rq, what, f);
	char *end;
	long long n = text && *text ? strtoll(text, &end, 10) : -1;

	return n < min || n > max || *end ? -1 : n;
}

int field_order_post(struct cc_request *rq)
{
	struct package *p;
	int err = load(rq, &p);

	for (size_t i = 0; !err && i < p->count; i++) {
		const struct field *f = &p->fields[i];
		int64_t position = number_of(rq, "position", f, 1, 100000);
		int64_t width = number_of(rq, "width", f, 0, 2000);
		const char *zone = of(rq, "zone", f);

		if (position < 0 || width < 0 || !zone || (strcmp(zone, "A") && strcmp(zone, "B"))) {
			cc_db_rollback(rq->db);
			cc_db_begin(rq->db, true);
			cc_status(rq, 400);
			return show_order(
					rq, p, cc_t(rq, "Positions are numbers from 1, widths from 0 to 2000."));
		}
		err = cc_db_exec(rq->db,
				"UPDATE customer_field SET position = ?, zone = ?, width = ?, required = ?, in_pop "
				"= ?, in_record = ?, updated_at = ? WHERE tenant_id = {tenant} AND id = ?",
				/* the name is always the first */
				f == p->named ? (int64_t)0 : position, zone, width,
				of(rq, "required", f) != NULL || f == p->phone, of(rq, "pop", f) != NULL,
				of(rq, "record", f) != NULL, rq->now_ms, f->id);
	}
	if (!err)
		err = cc_audit_write(
				rq, "crm.field.order", cc_sprintf(rq->arena, "packages/%" PRId64, p->id), NULL);
	if (!err)
		cc_redirect(rq, cc_sprintf(rq->arena, "/crm/field-order/%" PRId64 "?saved=1", p->id));
	return err;
}

/* ---- rights ---- */

static const char *const mays[] = {
		CC_NC("field right", "edit"), CC_NC("field right", "view"), CC_NC("field right", "none")};

static const char *may_of(const struct cc_rows *rights, int64_t field)
{
	for (size_t i = 0; i < rights->count; i++)
		if (cc_row_int(&rights->row[i], 0, 0) == field)
			return cc_row_str(&rights->row[i], 1);
	return "edit";
}

static int rights_of(struct cc_request *rq, int64_t role, struct cc_rows *rights)
{
	return cc_db_query(rq->db, rights,
			"SELECT field_id, may FROM customer_field_right WHERE tenant_id = {tenant} AND role_id "
			"= ?",
			role);
}

static int add_roles(struct cc_request *rq, struct cc_value *page, int64_t role)
{
	struct cc_value *list = cc_value_add(rq->arena, page, "roles", CC_VALUE_LIST);
	struct cc_rows rows;
	bool found = false;
	int err = cc_db_query(
			rq->db, &rows, "SELECT id, name FROM role WHERE tenant_id = {tenant} ORDER BY id");

	for (size_t i = 0; i < rows.count && !err; i++) {
		struct cc_value *o = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		bool now = cc_row_int(&rows.row[i], 0, 0) == role;

		cc_value_str(rq->arena, o, "value", cc_row_str(&rows.row[i], 0));
		cc_value_str(rq->arena, o, "label", cc_row_str(&rows.row[i], 1));
		cc_value_bool(rq->arena, o, "selected", now);
		found |= now;
	}
	if (found)
		cc_value_int(rq->arena, page, "role", role);
	else
		cc_value_bool(rq->arena, page, "role", false);
	return err;
}

static void add_right(
		struct cc_request *rq, struct cc_value *list, const struct field *f, const char *may)
{
	struct cc_value *row = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP), *choices;

	cc_value_int(rq->arena, row, "id", f->id);
	cc_value_str(rq->arena, row, "label", label_of(rq, f));
	choices = cc_value_add(rq->arena, row, "choices", CC_VALUE_LIST);
	for (size_t i = 0; i < sizeof(mays) / sizeof(*mays); i++) {
		struct cc_value *o = cc_value_add(rq->arena, choices, NULL, CC_VALUE_MAP);

		cc_value_str(rq->arena, o, "value", mays[i]);
		cc_value_str(rq->arena, o, "label", cc_tc(rq, "field right", mays[i]));
		cc_value_bool(rq->arena, o, "selected", strcmp(mays[i], may) == 0);
	}
}

int field_rights(struct cc_request *rq)
{
	const char *asked = cc_query(rq, "role");
	int64_t role = asked ? strtoll(asked, NULL, 10) : 0;
	struct cc_rows rights;
	struct package *p;
	int err = load(rq, &p);

	if (!err)
		err = rights_of(rq, role, &rights);
	if (err)
		return err;

	struct cc_value *page =
			cc_page(rq, cc_sprintf(rq->arena, "%s: %s", cc_t(rq, "Rights of fields"), p->name));
	struct cc_value *list = cc_value_add(rq->arena, page, "fields", CC_VALUE_LIST);

	cc_value_str(
			rq->arena, page, "action", cc_sprintf(rq->arena, "/crm/field-rights/%" PRId64, p->id));
	cc_value_bool(rq->arena, page, "saved", cc_query(rq, "saved") != NULL);
	cc_value_bool(rq->arena, page, "may_edit", cc_can(rq, "crm.field.edit"));
	err = add_roles(rq, page, role);
	/* without the telephone number nobody could work */
	for (size_t i = 0; i < p->count; i++)
		if (&p->fields[i] != p->phone && &p->fields[i] != p->named)
			add_right(rq, list, &p->fields[i], may_of(&rights, p->fields[i].id));
	return err ? err : cc_page_send(rq, "crm/field-rights", page);
}

int field_rights_post(struct cc_request *rq)
{
	const char *role = cc_form(rq, "role");
	struct cc_rows known;
	struct package *p;
	int err = load(rq, &p);

	if (!err)
		err = cc_db_query(rq->db, &known,
				"SELECT id FROM role WHERE tenant_id = {tenant} AND id = ?", role ? role : "");
	if (!err && !known.count)
		err = CC_E_NOENT;
	for (size_t i = 0; !err && i < p->count; i++) {
		const char *may = of(rq, "may", &p->fields[i]);
		bool valid = false;

		if (!may)
			continue;
		for (size_t k = 0; k < sizeof(mays) / sizeof(*mays); k++)
			valid |= strcmp(mays[k], may) == 0;
		if (!valid)
			return CC_E_INVAL;
		err = strcmp(may, "edit") == 0
					  ? cc_db_exec(rq->db,
								"DELETE FROM customer_field_right WHERE tenant_id = {tenant} AND "
								"field_id = ? AND role_id = ?",
								p->fields[i].id, role)
					  : cc_db_exec(rq->db,
								"REPLACE INTO customer_field_right (tenant_id, field_id, role_id, "
								"may) VALUES ({tenant}, ?, ?, ?)",
								p->fields[i].id, role, may);
	}
	if (!err)
		err = cc_audit_write(
				rq, "crm.field.rights", cc_sprintf(rq->arena, "packages/%" PRId64, p->id), NULL);
	if (!err)
		cc_redirect(rq, cc_sprintf(rq->arena, "/crm/field-rights/%" PRId64 "?role=%s&saved=1",
								p->id, role));
	return err;
}
