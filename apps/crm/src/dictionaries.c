/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-13: the dictionaries as pages. The entries come as a table: the first column is looked up,
 * the others are filled in; headings are fields. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include "cc/sheet.h"
#include "crm.h"
#include "package.h"

#define LIST CC_COLUMN_ALL
#define ENTRIES 20000
#define FILE_MAX (4 * 1024 * 1024)

static const char *const types[] = {
		"text/plain", "application/zip", "application/octet-stream", NULL};

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON | CC_COLUMN_SORT),
		CC_COLUMN("name", CC_N("Dictionary"), NULL, TEXT,
				LIST | CC_COLUMN_FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 100,
				.unique = "customer_dictionary_name", .link = "/crm/dictionaries/"),
		CC_COLUMN("package_id", CC_N("Customer package"), "p.name", OPTION,
				LIST | CC_COLUMN_FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER,
				.options = CC_PACKAGE_OPTIONS("fields"), .value = "t.package_id"),
		CC_COLUMN("field", CC_N("Looks up"), NULL, TEXT, LIST | CC_COLUMN_STORED),
		CC_COLUMN("file_id", CC_N("Entries"), "f.name", FILE, CC_COLUMN_FORM, .max = FILE_MAX,
				.codes = types,
				.help = CC_N("CSV or XLSX. Headings are names of fields; the values of the first "
							 "column bring those of the others.")),
		CC_COLUMN("entries", CC_N("Entries"),
				"(SELECT COUNT(*) FROM customer_dictionary_entry e WHERE e.tenant_id = "
				"t.tenant_id AND e.dictionary_id = t.id)",
				INT, LIST & ~CC_COLUMN_SEARCH),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, LIST | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, LIST | CC_COLUMN_UPDATED),
		{.name = NULL},
};

struct reading
{
	struct cc_request *rq;
	int64_t id;
	const struct package *p;
	const struct field *fields[PACKAGE_FIELDS];
	size_t columns;
	const char *unknown; /* heading */
	struct cc_bind *binds;
	size_t count;
};

static int take_heading(struct reading *r, const struct cc_cell *cells, size_t count)
{
	for (size_t i = 0; i < count && i < PACKAGE_FIELDS; i++) {
		for (size_t k = 0; k < r->p->count && !r->fields[i]; k++) {
			const struct field *f = &r->p->fields[k];

			if (!strcmp(f->name, cells[i].text) || !strcmp(f->label, cells[i].text) ||
					(f->translated && !strcmp(cc_t(r->rq, f->label), cells[i].text)))
				r->fields[i] = f;
		}
		if (!r->fields[i]) {
			r->unknown = cc_strdup(r->rq->arena, cells[i].text);
			return CC_E_INVAL;
		}
		r->columns++;
	}
	return 0;
}

static int take_entry(void *ctx, uint64_t number, const struct cc_cell *cells, size_t count)
{
	struct reading *r = ctx;
	struct cc_arena *a = r->rq->arena;
	struct json_object *o;
	struct cc_bind *b = &r->binds[r->count * 3];

	if (number == 1)
		return take_heading(r, cells, count);
	if (!count || !cells[0].len || cells[0].len > 500)
		return 0;
	if (r->count == ENTRIES)
		return CC_E_FULL;
	o = json_object_new_object();
	for (size_t i = 1; i < count && i < r->columns; i++)
		if (cells[i].len)
			json_object_object_add(o, r->fields[i]->name,
					json_object_new_string_len(cells[i].text, (int)cells[i].len));
	b[0] = cc_bind_int(r->id);
	b[1] = cc_bind_str(cc_strdup(a, cells[0].text));
	b[2] = cc_bind_str(cc_strdup(a, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN)));
	json_object_put(o);
	r->count++;
	return 0;
}

static int store(struct cc_change *c, const struct reading *r)
{
	int err = cc_db_exec(c->rq->db,
			"DELETE FROM customer_dictionary_entry WHERE tenant_id = {tenant} AND dictionary_id = "
			"?",
			c->id);

	if (!err)
		err = cc_db_bulk(c->rq->db,
				"REPLACE INTO customer_dictionary_entry (tenant_id, dictionary_id, value, fills) "
				"VALUES ({tenant}, ?, ?, ?)",
				r->binds, r->count * 3);
	if (!err)
		err = cc_db_exec(c->rq->db,
				"UPDATE customer_dictionary SET field = ? WHERE tenant_id = {tenant} AND id = ?",
				r->fields[0]->name, c->id);
	return err;
}

static int saved(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	struct reading r = {.rq = rq, .id = c->id};
	struct cc_sheet_problem problem = {0};
	char below[64], path[512];
	struct package *p;
	int err;

	if (!cc_change_differs(c, "file_id") || !cc_change_new(c, "file_id"))
		return 0;
	snprintf(below, sizeof(below), "data/files/%lld/%s", (long long)rq->user->tenant,
			cc_change_new(c, "file_id"));
	err = cc_settings_path(rq->settings, below, path, sizeof(path));
	if (err >= 0)
		err = package_load(rq->db, rq->arena, cc_change_new_int(c, "package_id", 0), &p);
	if (err)
		return err;
	r.p = p;
	r.binds = cc_alloc(rq->arena, ENTRIES * 3 * sizeof(*r.binds));
	err = cc_sheet_read(path, NULL, take_entry, &r, &problem);
	if (r.unknown)
		return cc_change_refuse(c, "file_id",
				cc_sprintf(rq->arena, "%s %s", cc_t(rq, "There is no such field:"), r.unknown));
	if (problem.text)
		return cc_change_refuse(c, "file_id", cc_t(rq, problem.text));
	if (err == CC_E_FULL)
		return cc_change_refuse(c, "file_id", cc_t(rq, "At most 20,000 entries."));
	if (!err && r.columns < 2)
		return cc_change_refuse(c, "file_id", cc_t(rq, "The table needs two columns at least."));
	return err ? err : store(c, &r);
}

static int deleting(struct cc_change *c)
{
	return cc_db_exec(c->rq->db,
			"DELETE FROM customer_dictionary_entry WHERE tenant_id = {tenant} AND dictionary_id = "
			"?",
			c->id);
}

const struct cc_resource crm_dictionaries = {
		.name = "dictionaries",
		.title = CC_N("Dictionaries"),
		.thing = CC_N("Dictionary"),
		.path = "/crm/dictionaries",
		.permission = "crm.dictionary",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "customer_dictionary",
		.from = "customer_dictionary t JOIN customer_package p ON p.tenant_id = t.tenant_id AND "
				"p.id = t.package_id LEFT JOIN file f ON f.tenant_id = t.tenant_id AND f.id = "
				"t.file_id",
		.where = "t.tenant_id = {tenant} AND " CC_PACKAGE_SHOWN("fields", "t.package_id"),
		.columns = columns,
		.saved = saved,
		.deleting = deleting,
		.note = CC_N("An import fills in empty fields from a dictionary."),
};
