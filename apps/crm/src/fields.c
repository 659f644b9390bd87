/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-11: the fields of packages. A new field takes a free column of its kind: numbers, amounts and
 * searched dates n01…, other searched ones x01…, the rest t01…. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "crm.h"
#include "fields.h"
#include "index.h"
#include "repair.h"
#include "cc/input.h"

#define FORM (CC_COLUMN_ALL | CC_COLUMN_FORM)
#define MORE (FORM | CC_COLUMN_HIDDEN)
#define SWITCH (MORE | CC_COLUMN_BATCH)

static const char *const kinds[] = {CC_NC("field kind", "text"), CC_NC("field kind", "phone"),
		CC_NC("field kind", "lines"), CC_NC("field kind", "email"), CC_NC("field kind", "date"),
		CC_NC("field kind", "link"), CC_NC("field kind", "file"), CC_NC("field kind", "address"),
		CC_NC("field kind", "choice"), CC_NC("field kind", "linked"), CC_NC("field kind", "number"),
		CC_NC("field kind", "amount"), CC_NC("field kind", "sex"), NULL};
static const char *const zones[] = {CC_NC("field zone", "A"), CC_NC("field zone", "B"), NULL};

static const char *check_name(struct cc_request *rq, const char **value)
{
	const char *c = *value;

	if (!isalpha((unsigned char)*c))
		return cc_t(rq, "Letters, digits and _, the first of them a letter.");
	for (; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '_')
			return cc_t(rq, "Letters, digits and _, the first of them a letter.");
	return NULL;
}

/* Lines as people write them: "金" and "银", or "广东: 广州, 深圳". */
#define LINES                                                                                      \
	"IF(JSON_TYPE(t.choices) = 'ARRAY', (SELECT GROUP_CONCAT(j.v ORDER BY j.n SEPARATOR '\\n') "   \
	"FROM JSON_TABLE(t.choices, '$[*]' COLUMNS (n FOR ORDINALITY, v VARCHAR(190) PATH '$')) j), "  \
	"(SELECT GROUP_CONCAT(k.v, ': ', (SELECT GROUP_CONCAT(e.v ORDER BY e.n SEPARATOR ', ') FROM "  \
	"JSON_TABLE(JSON_EXTRACT(t.choices, CONCAT('$.\"', k.v, '\"')), '$[*]' COLUMNS (n FOR "        \
	"ORDINALITY, v VARCHAR(190) PATH '$')) e) ORDER BY k.n SEPARATOR '\\n') FROM "                 \
	"JSON_TABLE(JSON_KEYS(t.choices), '$[*]' COLUMNS (n FOR ORDINALITY, v VARCHAR(190) PATH "      \
	"'$')) k))"

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON | CC_COLUMN_SORT),
		CC_COLUMN("label", CC_N("Displayed name"), NULL, TEXT, FORM | CC_COLUMN_QUICK_ANYWHERE,
				.max = 50, .unique = "customer_field_label", .link = "/crm/fields/",
				.help = CC_N("Of a base field: empty for the usual one.")),
		CC_COLUMN("name", CC_N("Field name"), NULL, TEXT,
				FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK, .max = 64,
				.unique = "customer_field_name", .check = check_name,
				.help = CC_N("Letters, digits and _. It cannot be changed.")),
		CC_COLUMN("package_id", CC_N("Customer package"), "p.name", OPTION,
				FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER,
				.options = CC_PACKAGE_OPTIONS("fields"), .value = "t.package_id"),
		CC_COLUMN("kind", CC_N("Kind"), NULL, CODE,
				FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER,
				.context = "field kind", .codes = kinds, .initial = "text"),
		CC_COLUMN("searched", CC_N("Searched"), "t.slot REGEXP '^[xn][0-9]'", BOOL,
				FORM | CC_COLUMN_FIXED | CC_COLUMN_VIRTUAL, .value = "t.slot REGEXP '^[xn][0-9]'",
				.initial = "0",
				.help = CC_N("The search finds its values at once. 190 characters at most. It "
							 "cannot be changed.")),
		CC_COLUMN("slot", CC_N("Column"), NULL, TEXT,
				CC_COLUMN_PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_JSON | CC_COLUMN_STORED),
		CC_COLUMN("choice_lines", CC_N("Choices"), NULL, NOTE, CC_COLUMN_FORM | CC_COLUMN_VIRTUAL,
				.value = LINES, .max = 20000, .section = CC_N("Choices"),
				.help = CC_N("One a line. Linked: 广东: 广州, 深圳")),
		CC_COLUMN("choices", CC_N("Choices"), NULL, NOTE, CC_COLUMN_STORED, .max = 60000),
		CC_COLUMN("several", CC_N("More than one choice"), NULL, BOOL, MORE, .initial = "0"),
		CC_COLUMN("free", CC_N("Others may be typed"), NULL, BOOL, MORE, .initial = "0"),
		CC_COLUMN("parent_id", CC_N("Decided by"), "parent.name", OPTION, MORE,
				.options = "SELECT id, COALESCE(label, name) FROM customer_field WHERE tenant_id = "
						   "{tenant} AND kind IN ('choice', 'linked', 'text', 'address') ORDER BY "
						   "position",
				.value = "t.parent_id",
				.help = CC_N("Linked: the field that decides which choices "
							 "there are.")),
		CC_COLUMN("required", CC_N("Required"), NULL, BOOL, FORM | CC_COLUMN_BATCH, .initial = "0",
				.section = CC_N("Rules")),
		CC_COLUMN("required_on_success", CC_N("Required on success"), NULL, BOOL, SWITCH,
				.initial = "0",
				.help = CC_N("When the sales funnel of a contact record says success.")),
		CC_COLUMN("is_unique", CC_N("Unique"), NULL, BOOL, FORM, .initial = "0",
				.help = CC_N("Searched fields only.")),
		CC_COLUMN("min_length", CC_N("Fewest characters"), NULL, INT, SWITCH, .max = 2000,
				.initial = "0", .help = CC_N("0: not checked.")),
		CC_COLUMN("max_length", CC_N("Most characters"), NULL, INT, SWITCH, .max = 2000,
				.initial = "0", .help = CC_N("0: not checked.")),
		CC_COLUMN("no_punctuation", CC_N("No punctuation"), NULL, BOOL, SWITCH, .initial = "0"),
		CC_COLUMN("in_list", CC_N("In lists"), NULL, BOOL, FORM | CC_COLUMN_BATCH, .initial = "1",
				.section = CC_N("Where it is shown")),
		CC_COLUMN("in_pop", CC_N("In the screen pop"), NULL, BOOL, FORM | CC_COLUMN_BATCH,
				.initial = "1"),
		CC_COLUMN("in_record", CC_N("With the contact record"), NULL, BOOL, SWITCH, .initial = "0"),
		CC_COLUMN("pop_match", CC_N("Finds the customer of a call"), NULL, BOOL, SWITCH,
				.initial = "0", .help = CC_N("Telephone fields.")),
		CC_COLUMN("in_import", CC_N("In imports"), NULL, BOOL, SWITCH, .initial = "1"),
		CC_COLUMN("in_export", CC_N("In exports"), NULL, BOOL, SWITCH, .initial = "1"),
		CC_COLUMN("zone", CC_N("Zone"), NULL, CODE, SWITCH | CC_COLUMN_REQUIRED,
				.context = "field zone", .codes = zones, .initial = "A",
				.help = CC_N("B is highlighted in the screen pop.")),
		CC_COLUMN("width", CC_N("Width (pixels)"), NULL, INT, SWITCH, .max = 2000, .initial = "0",
				.help = CC_N("0: as it comes.")),
		CC_COLUMN("position", CC_N("Position"), NULL, INT, FORM | CC_COLUMN_SORT, .max = 100000,
				.initial = "100"),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME,
				CC_COLUMN_ALL | CC_COLUMN_HIDDEN | CC_COLUMN_UPDATED),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME,
				CC_COLUMN_PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_CREATED),
		{.name = NULL},
};

/* ---- columns of customer ---- */

int field_free_slot(
		struct cc_request *rq, int64_t package, const char *kind, bool searched, const char **slot)
{
	bool number = strcmp(kind, "number") == 0 || strcmp(kind, "amount") == 0 ||
				  (searched && strcmp(kind, "date") == 0);
	char first = number ? 'n' : searched || strcmp(kind, "phone") == 0 ? 'x' : 't';
	int most = number ? 4 : first == 'x' ? 8 : 16;
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT slot FROM customer_field WHERE tenant_id = {tenant} AND package_id = ? FOR "
			"UPDATE",
			package);

	*slot = NULL;
	for (int i = 1; i <= most && !err && !*slot; i++) {
		const char *name = cc_sprintf(rq->arena, "%c%02d", first, i);
		bool taken = false;

		for (size_t k = 0; k < rows.count && !taken; k++)
			taken = strcmp(cc_row_str(&rows.row[k], 0), name) == 0;
		if (!taken)
			*slot = name;
	}
	return err;
}

/* ---- choices ---- */

static int check_choices(struct cc_change *c, const char *kind)
{
	const char *lines = cc_change_new(c, "choice_lines"), *json;
	bool linked = strcmp(kind, "linked") == 0;
	bool has = linked || strcmp(kind, "choice") == 0 || strcmp(kind, "address") == 0;

	if (!has || !lines || !*lines) {
		if (has && cc_change_new_int(c, "free", 0) == 0 && lines)
			return cc_change_refuse(c, "choice_lines", cc_t(c->rq, "This must be filled in."));
		if (lines)
			cc_change_set(c, "choices", NULL);
		return 0;
	}
	json = cc_choice_lines(c->rq->arena, lines, linked, NULL);
	if (!json)
		return cc_change_refuse(c, "choice_lines",
				cc_t(c->rq, "Each line has a value, a colon and what belongs to it."));
	cc_change_set(c, "choices", json);
	return 0;
}

/* ---- hooks ---- */

static int check(struct cc_change *c)
{
	const char *kind = cc_change_new(c, "kind"), *slot;
	bool unique = cc_change_new_int(c, "is_unique", 0);
	int64_t package = cc_change_new_int(c, "package_id", 0);
	int err;

	if (c->action == CC_CREATE) {
		if (strcmp(kind, "sex") == 0)
			return cc_change_refuse(c, "kind", cc_t(c->rq, "This kind is for a base field."));
		if (!cc_change_new(c, "label") || !*cc_change_new(c, "label"))
			return cc_change_refuse(c, "label", cc_t(c->rq, "This must be filled in."));
		err = field_free_slot(
				c->rq, package, kind, cc_change_new_int(c, "searched", 0) != 0 || unique, &slot);
		if (err)
			return err;
		if (!slot)
			return cc_change_refuse(c, "kind",
					cc_t(c->rq, "The package has as many fields of this kind as it can have."));
		cc_change_set(c, "slot", slot);
	} else if (unique && cc_change_differs(c, "is_unique") &&
			   !strchr("xn", *cc_change_new(c, "slot"))) {
		return cc_change_refuse(
				c, "is_unique", cc_t(c->rq, "Only a searched field can be unique."));
	}
	if (cc_change_new(c, "label") && !*cc_change_new(c, "label"))
		cc_change_set(c, "label", NULL);
	return check_choices(c, kind);
}

static int saved(struct cc_change *c)
{
	struct field f = {.column = cc_change_new(c, "slot")};
	int err;

	if (c->action != CC_EDIT || !cc_change_differs(c, "is_unique"))
		return 0;
	err = repair_unique(c->rq, cc_change_new_int(c, "package_id", 0), index_slot(&f),
			cc_change_new_int(c, "is_unique", 0) != 0);
	return err == CC_E_EXIST ? cc_change_refuse(c, "is_unique",
									   cc_t(c->rq, "There are customers with the same value."))
							 : err;
}

/* Its column is empty for the next field that takes it. */
static int deleting(struct cc_change *c)
{
	struct cc_db *db = c->rq->db;
	struct cc_rows rows;
	const char *slot;
	int64_t package;
	int err = cc_db_query(db, &rows,
			"SELECT slot, package_id, slot = name FROM customer_field WHERE tenant_id = {tenant} "
			"AND id = ?",
			c->id);

	if (err || !rows.count)
		return err;
	slot = cc_row_str(&rows.row[0], 0);
	package = cc_row_int(&rows.row[0], 1, 0);
	if (cc_row_int(&rows.row[0], 2, 0))
		return cc_change_refuse(c, NULL, cc_t(c->rq, "A base field cannot be deleted."));

	const struct cc_bind bind = cc_bind_int(package);
	struct field f = {.column = slot};

	struct cc_buf sql = cc_buf_new(c->rq->arena);

	cc_buf_str(&sql, "UPDATE customer SET ");
	cc_buf_str(&sql, slot);
	cc_buf_printf(
			&sql, " = NULL WHERE tenant_id = {tenant} AND package_id = ? AND %s IS NOT NULL", slot);
	err = cc_db_query_text(db, NULL, cc_buf_text(&sql), &bind, 1);
	if (!err && index_slot(&f))
		err = cc_db_exec(db,
				"DELETE FROM customer_index WHERE tenant_id = {tenant} AND package_id = ? AND "
				"slot = ?",
				package, index_slot(&f));
	if (!err && index_words(&f))
		err = cc_db_exec(db,
				"DELETE FROM customer_text WHERE tenant_id = {tenant} AND package_id = ? AND slot "
				"= ?",
				package, index_words(&f));
	if (!err)
		err = cc_db_exec(db,
				"DELETE FROM customer_field_right WHERE tenant_id = {tenant} AND field_id = ?",
				c->id);
	return err;
}

static int repair(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT package_id FROM customer_field WHERE tenant_id = {tenant} AND id = ?", key);

	if (err || !rows.count)
		return err ? err : CC_E_NOENT;
	return repair_queue(rq, cc_row_int(&rows.row[0], 0, 0), strtoll(key, NULL, 10));
}

static const struct cc_action buttons[] = {
		{.name = "repair", .label = CC_NC("action", "Repair field"), .run = repair},
		{.name = NULL},
};

static const struct cc_menu tools[] = {
		{"/crm/packages", CC_NC("menu", "Customer packages"), "crm.package.list", 0},
		{NULL, NULL, NULL, 0}};

/* ---- the list ---- */

/* A base field that nobody named is called as ever, in the user's language. Columns of a list have
 * no binds: the words are written as bytes, which mean nothing in SQL. */
static int vary(struct cc_request *rq, struct cc_resource *r)
{
	const char *name, *label;
	struct cc_buf sql = cc_buf_new(rq->arena);
	struct cc_column *list = cc_alloc(rq->arena, sizeof(columns));

	memcpy(list, columns, sizeof(columns));
	cc_buf_str(&sql, "COALESCE(t.label, CASE t.name");
	for (size_t i = 0; (label = package_base(i, &name)); i++) {
		cc_buf_printf(&sql, " WHEN '%s' THEN CONVERT(X'", name);
		for (const char *c = cc_t(rq, label); *c; c++)
			cc_buf_printf(&sql, "%02X", (unsigned char)*c);
		cc_buf_str(&sql, "' USING utf8mb4)");
	}
	cc_buf_str(&sql, " END)");
	list[1].sql = cc_buf_text(&sql); /* label */
	r->columns = list;
	return 0;
}

/* Packages above it, each with its fields in their order. */
static int fill(struct cc_request *rq, const struct cc_resource *r, struct cc_value *page)
{
	struct cc_arena *a = rq->arena;
	struct cc_rows rows;
	const char *chosen = cc_query(rq, "package_id");
	int err = cc_db_query(rq->db, &rows, CC_PACKAGE_OPTIONS("fields") " LIMIT 200");
	struct cc_value *list = cc_value_add(a, page, "packages", CC_VALUE_LIST);

	for (size_t i = 0; !err && i < rows.count; i++) {
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		const char *id = cc_row_str(&rows.row[i], 0);

		cc_value_str(a, item, "url",
				cc_sprintf(a, "%s?package_id=%s&sort=position&size=50", r->path, id));
		cc_value_str(a, item, "name", cc_row_str(&rows.row[i], 1));
		cc_value_bool(a, item, "selected", chosen && strcmp(chosen, id) == 0);
	}
	return err;
}

const struct cc_resource crm_fields = {
		.name = "fields",
		.title = CC_N("Custom fields"),
		.thing = CC_N("Custom field"),
		.path = "/crm/fields",
		.permission = "crm.field",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "customer_field",
		.from = "customer_field t JOIN customer_package p ON p.tenant_id = t.tenant_id AND p.id = "
				"t.package_id LEFT JOIN customer_field parent ON parent.tenant_id = t.tenant_id "
				"AND parent.id = t.parent_id",
		.where = "t.tenant_id = {tenant} AND " CC_PACKAGE_SHOWN("fields", "t.package_id"),
		.columns = columns,
		.initial = "sort=position&size=50",
		.page = "crm/fields",
		.vary = vary,
		.fill = fill,
		.buttons = buttons,
		.tools = tools,
		.check = check,
		.saved = saved,
		.deleting = deleting,
};
