/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-11: the fields of a package as columns of the table of customers, in the order, with the
 * labels and for the roles that the package says. They are read with every request: two statements
 * by index cost less than asking whether a copy is still good would save. */
#include <stdlib.h>
#include <string.h>
#include "call_task.h"

static const char *const file_types[] = {"image/png", "image/jpeg", "application/pdf", NULL};

/* ---- types ---- */

static void set_type(struct cc_column *c, const struct field *f)
{
	static const enum cc_column_type types[] = {
			[FIELD_TEXT] = CC_COLUMN_TEXT,
			[FIELD_PHONE] = CC_COLUMN_PHONE,
			[FIELD_LINES] = CC_COLUMN_NOTE,
			[FIELD_EMAIL] = CC_COLUMN_EMAIL,
			[FIELD_DATE] = CC_COLUMN_DATE,
			[FIELD_LINK] = CC_COLUMN_LINK,
			[FIELD_FILE] = CC_COLUMN_FILE,
			[FIELD_ADDRESS] = CC_COLUMN_TEXT,
			[FIELD_CHOICE] = CC_COLUMN_TEXT,
			[FIELD_LINKED] = CC_COLUMN_TEXT,
			[FIELD_NUMBER] = CC_COLUMN_INT,
			[FIELD_SEX] = CC_COLUMN_TEXT,
			[FIELD_AMOUNT] = CC_COLUMN_AMOUNT,
	};
	c->type = types[f->kind];
	c->codes = f->choices;
	c->max = f->column[0] == 't' ? 2000 : 190;
	if (f->max_length && f->max_length < c->max)
		c->max = f->max_length;
	switch (f->kind) {
	case FIELD_PHONE: /* one permission for whole numbers, whatever the fields are called */
		c->as = "phone";
		c->max = 32;
		c->call = "TRUE";
		break;
	case FIELD_FILE:
		c->codes = file_types;
		c->max = 0;
		break;
	case FIELD_NUMBER:
		c->min = -999999999999999;
		c->max = 999999999999999;
		break;
	case FIELD_AMOUNT:
		c->min = -CC_MONEY_MAX;
		c->max = CC_MONEY_MAX;
		break;
	case FIELD_DATE:
		if (f->number)
			c->flags |= CC_COLUMN_NUMBERED;
		break;
	case FIELD_CHOICE:
	case FIELD_LINKED:
		if (f->several && f->choices)
			c->type = CC_COLUMN_OPTIONS;
		else if (!f->free && f->choices)
			c->type = CC_COLUMN_CODE;
		break;
	default:
		break;
	}
}

/* ---- columns ---- */

static const struct cc_column *column_named(const struct cc_column *list, const char *name)
{
	for (; list->name; list++)
		if (!strcmp(list->name, name))
			return list;
	return NULL;
}

static void set_flag(struct cc_column *c, unsigned flag, bool on)
{
	c->flags = on ? c->flags | flag : c->flags & ~flag;
}

/* What is the same of base fields and custom ones. */
static void set_flags(struct cc_column *c, const struct field *f, bool edits)
{
	set_flag(c, CC_COLUMN_HIDDEN, !f->in_list);
	set_flag(c, CC_COLUMN_CSV, f->in_export);
	set_flag(c, CC_COLUMN_REQUIRED, f->required);
	set_flag(c, CC_COLUMN_SHORT, f->in_pop || f->in_record);
	set_flag(c, CC_COLUMN_READ_ONLY, !edits);
	set_flag(c, CC_COLUMN_BATCH,
			edits && !f->unique && f->kind != FIELD_FILE && f->kind != FIELD_PHONE);
	c->look = f->zone == 'B' ? "zone-b" : NULL;
	c->width = f->width;
}

static struct cc_column column_of(
		struct cc_arena *a, const struct cc_column *standard, const struct field *f)
{
	const struct cc_column *base = f->base ? column_named(standard, f->column) : NULL;
	struct cc_column c = base ? *base : (struct cc_column){0};
	if (f->label && !f->translated) {
		c.label = f->label;
		/* its codes are still ours, but people's name for it is not to be translated */
		set_flag(&c, CC_COLUMN_OWN_WORDS, !base || !c.codes);
	}
	if (base)
		return c;
	c.name = column_named(standard, f->name) ? cc_sprintf(a, "f_%s", f->name) : f->name;
	c.field = f->column;
	c.flags = CC_COLUMN_ALL | CC_COLUMN_FORM | CC_COLUMN_OWN_WORDS;
	set_type(&c, f);
	set_flag(&c, CC_COLUMN_SORT, false);
	return c;
}

enum may
{
	NONE,
	VIEW,
	EDIT,
};

static enum may may_of(const struct cc_rows *rights, int64_t field)
{
	for (size_t i = 0; i < rights->count; i++)
		if (cc_row_int(&rights->row[i], 0, 0) == field) {
			const char *may = cc_row_str(&rights->row[i], 1);
			return !strcmp(may, "none") ? NONE : !strcmp(may, "view") ? VIEW : EDIT;
		}
	return EDIT;
}

static bool is_field(const struct package *p, const struct cc_column *c)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->fields[i].base && !strcmp(p->fields[i].column, c->name))
			return true;
	return false;
}

/* Choices that follow another field do so in the form, if that one is there. */
static void follow(const struct cc_resource *r, const struct package *p)
{
	for (size_t i = 0; i < p->count; i++) {
		struct cc_column *c = (struct cc_column *)customer_column(r, &p->fields[i]);
		for (size_t k = 0; c && k < p->count; k++) {
			const struct cc_column *above = p->fields[k].id == p->fields[i].parent
													? customer_column(r, &p->fields[k])
													: NULL;
			if (!above)
				continue;
			c->follows = above->name;
			c->links = p->fields[i].links;
		}
	}
}

int customer_columns(struct cc_request *rq, struct cc_resource *r, const struct package *p)
{
	struct cc_rows rights, hiding;
	size_t have = 0, n = 0;
	int err = cc_db_query(rq->db, &rights,
			"SELECT field_id, may FROM customer_field_right WHERE tenant_id = {tenant} AND role_id "
			"= ?",
			rq->user->role);
	if (!err)
		err = cc_db_query(rq->db, &hiding,
				"SELECT 1 FROM call_task WHERE tenant_id = {tenant} AND package_id = ? AND hide IN "
				"('middle', 'all') LIMIT 1",
				p->id);
	if (err)
		return err;
	while (r->columns[have].name)
		have++;
	struct cc_column *list = cc_alloc(rq->arena, (have + p->count + 1) * sizeof *list);
	list[n++] = r->columns[0]; /* the key */
	for (size_t i = 0; i < p->count; i++) {
		enum may may = may_of(&rights, p->fields[i].id);
		if (may == NONE)
			continue;
		list[n] = column_of(rq->arena, r->columns, &p->fields[i]);
		set_flags(&list[n++], &p->fields[i], may == EDIT);
	}
	for (size_t i = 1; i < have; i++)
		/* a column that asks for each row is left out where no task hides anything */
		if (!is_field(p, &r->columns[i]) && (hiding.count || r->columns[i].type != CC_COLUMN_HIDES))
			list[n++] = r->columns[i];
	r->columns = list;
	r->path = cc_sprintf(rq->arena, CUSTOMERS "/%s", p->code);
	r->varied = p;
	follow(r, p);
	return 0;
}

const struct cc_column *customer_column(const struct cc_resource *r, const struct field *f)
{
	for (const struct cc_column *c = r->columns; c->name; c++)
		if ((c->flags & CC_COLUMN_FORM) && !strcmp(c->field ? c->field : c->name, f->column))
			return c;
	return NULL;
}

void customer_begin_with(struct cc_request *rq, const struct cc_resource *r, const char *number)
{
	bool masked = cc_resource_masks(rq, r, "phone");
	/* the columns were made for this request */
	for (struct cc_column *c = (struct cc_column *)r->columns; c->name; c++)
		if (!strcmp(c->name, "phone")) {
			c->initial = number;
			set_flag(c, CC_COLUMN_READ_ONLY, masked);
		}
}

const struct package *customer_package(const struct cc_resource *r)
{
	return r->varied;
}
