/* SPDX-License-Identifier: GPL-2.0-or-later
 * SYS-05: who the tenant is, and what its invoices say. */
#include <string.h>
#include "admin.h"
#include "cc/input.h"

#define FIELDS 17

static const struct
{
	const char *name, *label, *section;
	int max;
} fields[FIELDS] = {
		{"name", CC_N("Company name"), CC_N("Company"), 100},
		{"contact", CC_N("Contact person"), NULL, 100},
		{"phone", CC_N("Telephone"), NULL, 40},
		{"fax", CC_N("Fax"), NULL, 40},
		{"email", CC_N("E-mail"), NULL, 100},
		{"website", CC_N("Website"), NULL, 200},
		{"province", CC_N("Province"), NULL, 40},
		{"city", CC_N("City"), NULL, 40},
		{"address", CC_N("Address"), NULL, 200},
		{"postcode", CC_N("Postcode"), NULL, 20},
		{"invoice_title", CC_N("Invoice title"), CC_N("Finance"), 100},
		{"tax_number", CC_N("Tax number"), NULL, 40},
		{"bank", CC_N("Bank"), NULL, 100},
		{"bank_account", CC_N("Bank account"), NULL, 60},
		{"invoice_address", CC_N("Invoice address"), NULL, 200},
		{"invoice_phone", CC_N("Invoice telephone"), NULL, 40},
		{"note", CC_N("Note"), NULL, 1000},
};

struct form
{
	const char *value[FIELDS], *why[FIELDS];
	bool faults;
};

/* In the order of the table above. */
static int load(struct cc_request *rq, struct form *f)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT name, contact, phone, fax, email, website, province, city, address, postcode, "
			"invoice_title, tax_number, bank, bank_account, invoice_address, invoice_phone, note "
			"FROM company WHERE tenant_id = {tenant}");
	*f = (struct form){.faults = false};
	for (size_t i = 0; i < FIELDS && !err; i++)
		f->value[i] = rows.count ? cc_row_str(&rows.row[0], i) : "";
	return err;
}

static int show(struct cc_request *rq, const struct form *f)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Company information"));
	struct cc_value *list = cc_value_add(a, page, "fields", CC_VALUE_LIST);
	cc_value_str(a, page, "action", "/admin/company");
	cc_value_bool(a, page, "saved", cc_query(rq, "saved") && !f->faults);
	cc_value_str(a, page, "note", NULL);
	cc_value_bool(a, page, "faults", f->faults);
	cc_value_bool(a, page, "may_edit", cc_can(rq, "admin.company.edit"));
	for (size_t i = 0; i < FIELDS; i++) {
		bool note = !strcmp(fields[i].name, "note");
		cc_input_add(rq, list,
				&(struct cc_input){
						.kind = note ? CC_INPUT_NOTE : CC_INPUT_LINE,
						.name = fields[i].name,
						.label = cc_t(rq, fields[i].label),
						.section = fields[i].section ? cc_t(rq, fields[i].section) : NULL,
						.why = f->why[i],
						.value = f->value[i],
						.max = fields[i].max,
				});
	}
	return cc_page_send(rq, "admin/single", page);
}

int admin_company_form(struct cc_request *rq)
{
	struct form f;
	int err = load(rq, &f);
	return err ? err : show(rq, &f);
}

struct audit
{
	const struct form *before, *after;
};

static void audit_write(struct cc_jsonw *w, void *ctx)
{
	const struct audit *a = ctx;
	cc_jsonw_object(w, NULL);
	for (size_t i = 0; i < FIELDS; i++) {
		if (!strcmp(a->before->value[i], a->after->value[i]))
			continue;
		cc_jsonw_array(w, fields[i].name);
		cc_jsonw_str(w, NULL, a->before->value[i]);
		cc_jsonw_str(w, NULL, a->after->value[i]);
		cc_jsonw_close_array(w);
	}
	cc_jsonw_close_object(w);
}

static size_t characters(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

int admin_company(struct cc_request *rq)
{
	struct form before, f;
	struct audit audit = {&before, &f};
	int err = load(rq, &before);
	if (err)
		return err;
	f = before;
	for (size_t i = 0; i < FIELDS; i++) {
		const char *value = cc_form(rq, fields[i].name);
		bool lines = !strcmp(fields[i].name, "note");
		if (!value)
			continue;
		f.value[i] = value;
		if (characters(value) > (size_t)fields[i].max)
			f.why[i] = cc_fill(rq, cc_t(rq, "At most {n} characters."), "{n}", fields[i].max);
		else if (!lines && strpbrk(value, "\r\n\t"))
			f.why[i] = cc_t(rq, "One line only.");
		f.faults |= f.why[i] != NULL;
	}
	if (f.faults) {
		cc_status(rq, 400);
		return show(rq, &f);
	}
	const char *const *v = f.value;
	err = cc_db_exec(rq->db,
			"REPLACE INTO company (tenant_id, name, contact, phone, fax, email, website, province, "
			"city, address, postcode, updated_at) VALUES ({tenant}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
			"?)",
			v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], rq->now_ms);
	if (!err)
		err = cc_db_exec(rq->db,
				"UPDATE company SET invoice_title = ?, tax_number = ?, bank = ?, bank_account = ?, "
				"invoice_address = ?, invoice_phone = ?, note = ? WHERE tenant_id = {tenant}",
				v[10], v[11], v[12], v[13], v[14], v[15], v[16]);
	if (err)
		return err;
	cc_audit(rq, "admin.company.edit", "company", cc_json_text(rq->arena, audit_write, &audit));
	cc_redirect(rq, "/admin/company?saved=1");
	return 0;
}
