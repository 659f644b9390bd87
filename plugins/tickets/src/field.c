/* SPDX-License-Identifier: GPL-2.0-or-later
 * TIC-02: the own fields of categories. All fields of the tenant are columns of the list of tickets
 * (they can be chosen, searched, exported); the form has those of the ticket's category. Values are
 * rows of tickets_value. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include "cc/input.h"
#include "tickets.h"

#define FIELDS_MAX 40 /* of a tenant: columns of a list are limited */

static const char *const kinds[] = {CC_NC("ticket field", "text"), CC_NC("ticket field", "lines"),
		CC_NC("ticket field", "phone"), CC_NC("ticket field", "email"),
		CC_NC("ticket field", "date"), CC_NC("ticket field", "link"), CC_NC("ticket field", "file"),
		CC_NC("ticket field", "choice"), CC_NC("ticket field", "linked"),
		CC_NC("ticket field", "number"), NULL};
static const char *const file_types[] = {"image/png", "image/jpeg", "application/pdf", NULL};

/* ---- the list of fields ---- */

static const char *check_name(struct cc_request *rq, const char **value)
{
	const char *c = *value;
	bool right = isalpha((unsigned char)*c);
	for (; *c; c++)
		right &= isalnum((unsigned char)*c) || *c == '_';
	return right ? NULL : cc_t(rq, "Letters, digits and _, the first of them a letter.");
}

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Key"), NULL, INT, CC_COLUMN_JSON),
		CC_COLUMN("category_id", CC_N("Ticket category"),
				NAME_OF("tickets_category", "category_id"), OPTION,
				LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER,
				.names = NAMES("tickets_category"),
				.options = NAMES("tickets_category") " ORDER BY name"),
		CC_COLUMN("name", CC_N("Field name"), NULL, TEXT,
				LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK, .max = 48,
				.unique = "tickets_field_name", .check = check_name, .link = TICKETS "/fields/",
				.help = CC_N("Letters, digits and _. It cannot be changed.")),
		CC_COLUMN("label", CC_N("Displayed name"), NULL, TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 50),
		CC_COLUMN("kind", CC_N("Kind"), NULL, CODE,
				LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER,
				.context = "ticket field", .codes = kinds, .initial = "text"),
		CC_COLUMN("choices", CC_N("Choices"), NULL, NOTE, FORM | CC_COLUMN_DETAIL, .max = 10000,
				.help = CC_N("One a line. Linked: 广东: 广州, 深圳")),
		CC_COLUMN("parent_id", CC_N("Decided by"),
				"(SELECT x.label FROM tickets_field x WHERE x.tenant_id = t.tenant_id AND x.id = "
				"t.parent_id)",
				OPTION, MORE | FORM,
				.options = "SELECT id, label FROM tickets_field WHERE tenant_id = {tenant} AND "
						   "kind IN ('choice', 'linked', 'text') ORDER BY position, id",
				.help = CC_N("Linked: the field that decides which choices there are.")),
		CC_COLUMN("required", CC_N("Required"), NULL, BOOL, LIST | FORM | CC_COLUMN_BATCH,
				.initial = "0"),
		CC_COLUMN(
				"position", CC_N("Order"), NULL, INT, LIST | FORM, .max = 10000, .initial = "100"),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, MORE | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Last change"), NULL, TIME, MORE | CC_COLUMN_UPDATED),
		{.name = NULL},
};

static int check_room(struct cc_change *c)
{
	struct cc_rows rows;
	int err = cc_db_query(
			c->rq->db, &rows, "SELECT COUNT(*) FROM tickets_field WHERE tenant_id = {tenant}");
	if (!err && cc_row_int(&rows.row[0], 0, 0) >= FIELDS_MAX)
		return cc_change_refuse(c, NULL,
				cc_fill(c->rq, cc_t(c->rq, "There can be {n} fields at most."), "{n}", FIELDS_MAX));
	return err;
}

static int check(struct cc_change *c)
{
	const char *kind = cc_change_new(c, "kind"), *lines = cc_change_new(c, "choices");
	const char *parent = cc_change_new(c, "parent_id");
	bool linked = strcmp(kind, "linked") == 0, choice = strcmp(kind, "choice") == 0;
	int err = c->action == CC_CREATE ? check_room(c) : 0;
	if (err)
		return err;
	if ((linked || choice) && (!lines || !*lines))
		return cc_change_refuse(c, "choices", cc_t(c->rq, "This must be filled in."));
	if (linked && !cc_choice_lines(c->rq->arena, lines, true, NULL))
		return cc_change_refuse(c, "choices",
				cc_t(c->rq, "Each line has a value, a colon and what belongs to it."));
	if (linked && (!parent || !*parent))
		return cc_change_refuse(c, "parent_id", cc_t(c->rq, "This must be filled in."));
	if (c->action == CC_EDIT && parent && strcmp(parent, c->key) == 0)
		return cc_change_refuse(c, "parent_id", cc_t(c->rq, "A field cannot decide itself."));
	return 0;
}

static int deleting(struct cc_change *c)
{
	return cc_db_exec(c->rq->db,
			"DELETE FROM tickets_value WHERE tenant_id = {tenant} AND field_id = ?", c->id);
}

static const struct cc_use uses[] = {
		{CC_NC("use", "Linked fields"),
				"SELECT label FROM tickets_field WHERE tenant_id = {tenant} AND parent_id = ?"},
		{NULL, NULL},
};

const struct cc_resource tickets_fields = {
		.name = "ticket-fields",
		.title = CC_N("Fields of tickets"),
		.thing = CC_N("Field of tickets"),
		.path = TICKETS "/fields",
		.permission = "tickets.field",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "tickets_field",
		.columns = columns,
		.note = CC_N("What tickets of a category have beside what all have."),
		.uses = uses,
		.check = check,
		.deleting = deleting,
};

/* ---- as columns of tickets ---- */

static void set_kind(struct cc_arena *a, struct cc_column *c, const char *kind, const char *choices)
{
	static const struct
	{
		const char *kind;
		enum cc_column_type type;
	} types[] = {{"text", CC_COLUMN_TEXT}, {"lines", CC_COLUMN_NOTE}, {"phone", CC_COLUMN_PHONE},
			{"email", CC_COLUMN_EMAIL}, {"date", CC_COLUMN_DATE}, {"link", CC_COLUMN_LINK},
			{"file", CC_COLUMN_FILE}, {"choice", CC_COLUMN_CODE}, {"linked", CC_COLUMN_CODE},
			{"number", CC_COLUMN_INT}};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(kind, types[i].kind) == 0)
			c->type = types[i].type;
	c->max = c->type == CC_COLUMN_NOTE ? 2000 : c->type == CC_COLUMN_PHONE ? 32 : 190;
	switch (c->type) {
	case CC_COLUMN_CODE:
		c->links = cc_choice_lines(a, choices, strcmp(kind, "linked") == 0, &c->codes);
		break;
	case CC_COLUMN_FILE:
		c->codes = file_types;
		c->flags &= ~(unsigned)CC_COLUMN_SEARCH;
		c->max = 0;
		break;
	case CC_COLUMN_INT:
		c->min = -999999999999999;
		c->max = 999999999999999;
		break;
	case CC_COLUMN_PHONE: /* one permission for whole numbers */
		c->as = "phone";
		c->call = "TRUE";
		break;
	default:
		break;
	}
}

/* Choices that follow another field of the same form. */
static void follow(struct cc_column *list, size_t from, const struct ticket_fields *fields,
		const struct cc_rows *rows)
{
	for (size_t i = 0; i < fields->count; i++) {
		struct cc_column *c = &list[from + i];
		const char *links = c->links;
		c->links = NULL;
		for (size_t k = 0; k < fields->count; k++) {
			if (!links || *links != '{' || fields->field[k].id != cc_row_int(&rows->row[i], 5, 0) ||
					!(list[from + k].flags & CC_COLUMN_FORM))
				continue;
			c->follows = list[from + k].name;
			c->links = links;
		}
	}
}

static void add_columns(struct cc_request *rq, struct cc_resource *r, int64_t category,
		const struct cc_rows *rows, struct ticket_fields *fields)
{
	struct cc_arena *a = rq->arena;
	size_t have = 0;
	while (r->columns[have].name)
		have++;
	struct cc_column *list = cc_alloc(a, (have + rows->count + 1) * sizeof *list);
	memcpy(list, r->columns, have * sizeof *list);
	for (size_t i = 0; i < rows->count; i++) {
		const struct cc_row *row = &rows->row[i];
		struct ticket_field *f = &fields->field[fields->count++];
		struct cc_column *c = &list[have + i];
		bool asked = cc_row_int(row, 1, 0) == category;
		*f = (struct ticket_field){.id = cc_row_int(row, 0, 0),
				.category = cc_row_int(row, 1, 0),
				.column = cc_sprintf(a, "x_%s", cc_row_str(row, 2))};
		*c = (struct cc_column){.name = f->column,
				.label = cc_row_str(row, 3),
				.flags = MORE | CC_COLUMN_OWN_WORDS | CC_COLUMN_VIRTUAL};
		c->sql = c->value = cc_sprintf(a,
				"(SELECT v.value FROM tickets_value v WHERE v.tenant_id = t.tenant_id AND "
				"v.ticket_id = t.id AND v.field_id = %" PRId64 ")",
				f->id);
		if (!asked)
			c->flags &= ~(unsigned)CC_COLUMN_DETAIL;
		else
			c->flags |= CC_COLUMN_FORM | (cc_row_int(row, 6, 0) ? CC_COLUMN_REQUIRED : 0);
		set_kind(a, c, cc_row_str(row, 4), cc_row_str(row, 7));
	}
	list[have + rows->count] = (struct cc_column){.name = NULL};
	follow(list, have, fields, rows);
	r->columns = list;
}

int ticket_columns(struct cc_request *rq, struct cc_resource *r, int64_t category)
{
	struct cc_rows rows;
	struct ticket_fields *fields = cc_alloc(rq->arena, sizeof *fields);
	int err = cc_db_query(rq->db, &rows,
			"SELECT f.id, f.category_id, f.name, f.label, f.kind, f.parent_id, f.required, "
			"f.choices FROM tickets_field f WHERE f.tenant_id = {tenant} ORDER BY f.category_id, "
			"f.position, f.id LIMIT 40");
	if (err)
		return err;
	*fields = (struct ticket_fields){
			.field = cc_alloc(rq->arena, (rows.count + 1) * sizeof *fields->field)};
	add_columns(rq, r, category, &rows, fields);
	r->varied = fields;
	return 0;
}

int ticket_values_store(struct cc_change *c)
{
	const struct ticket_fields *fields = c->r->varied;
	int err = 0;
	for (size_t i = 0; i < fields->count && !err; i++) {
		const char *value = cc_change_new(c, fields->field[i].column);
		if (!cc_change_differs(c, fields->field[i].column))
			continue;
		if (value && *value)
			err = cc_db_exec(c->rq->db,
					"INSERT INTO tickets_value (tenant_id, ticket_id, field_id, value) VALUES "
					"({tenant}, ?, ?, ?) ON DUPLICATE KEY UPDATE value = VALUES(value)",
					c->id, fields->field[i].id, value);
		else
			err = cc_db_exec(c->rq->db,
					"DELETE FROM tickets_value WHERE tenant_id = {tenant} AND ticket_id = ? AND "
					"field_id = ?",
					c->id, fields->field[i].id);
	}
	return err;
}
