/* SPDX-License-Identifier: GPL-2.0-or-later
 * A customer package with its fields: what forms, imports, exports and the card know of a customer.
 * Base fields and custom ones are the same kind of thing: a column of the table customer with a
 * kind of value. */
#ifndef PACKAGE_H
#define PACKAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cc/arena.h"
#include "cc/db.h"
#include "cc/money.h"

#define PACKAGE_FIELDS 40 /* base fields and slots */
#define PACKAGE_TOGETHER 8

enum field_kind
{
	FIELD_TEXT,
	FIELD_PHONE, /* 2 to 15 digits */
	FIELD_LINES, /* several lines */
	FIELD_EMAIL,
	FIELD_DATE, /* stored as yyyymmdd in numbered columns, as text in others */
	FIELD_LINK,
	FIELD_FILE,
	FIELD_ADDRESS,
	FIELD_CHOICE,
	FIELD_LINKED,
	FIELD_NUMBER,
	FIELD_SEX,
	FIELD_AMOUNT, /* as cc/money.h stores it */
};

/* Of a linked field: a choice, and a value of the field that decides below which it stands. */
struct field_link
{
	const char *decided, *value;
};

struct field
{
	int64_t id;
	const char *name;
	const char *label;  /* of a base field: key of the catalogues, unless somebody named it */
	const char *column; /* of the table customer */
	enum field_kind kind;
	bool base;       /* not a custom one: the column is not NULL, "" is nothing */
	bool number;     /* the column is one */
	bool searched;   /* through customer_index */
	bool translated; /* label is a key of the catalogues */
	bool required, required_on_success, unique, several, free, no_punctuation;
	bool in_list, in_pop, in_record, pop_match, in_import, in_export;
	int min_length, max_length; /* characters; 0: not checked */
	char zone;                  /* 'A' or 'B' */
	int width;
	int64_t parent;                   /* linked: id of the field that decides, 0: none */
	const char *const *choices;       /* ends with NULL; NULL: none */
	const char *links;                /* linked: JSON {"广东": ["广州"]}; otherwise "" */
	const struct field_link *belongs; /* the same in the order of the choices */
	size_t belongs_count;
};

struct package
{
	int64_t id;
	const char *code, *name;
	const char *country, *area; /* of the tenant: for telephone numbers */
	bool open, standard, unique_phone;
	struct field fields[PACKAGE_FIELDS]; /* in the order in which people see them */
	size_t count;
	const struct field *named, *phone;              /* the base fields that every customer has */
	const struct field *together[PACKAGE_TOGETHER]; /* whose values together are unique */
	size_t together_count;
};

/* The package of the tenant in db's scope, in its arena; id 0: the default one. CC_E_NOENT, or the
 * database's errors. */
int package_load(struct cc_db *db, struct cc_arena *arena, int64_t id, struct package **package);
/* By name, label or column; NULL if there is none. Base fields are named as their columns. */
const struct field *package_field(const struct package *p, const char *name);

/* The usual label of the nth base field, key of the catalogues, and its name; NULL behind the last.
 */
const char *package_base(size_t n, const char **name);

/* The stored values of a customer of the package, of p->fields; NULL for none. CC_E_NOENT: there is
 * no such one. */
int package_values(struct cc_db *db, struct cc_arena *arena, const struct package *p,
		int64_t customer, const char *values[PACKAGE_FIELDS]);

/* Condition on t: false for customers of an import that is not finished, or taken back, and for
 * those that were merged into another one. */
#define CUSTOMER_VISIBLE                                                                           \
	"t.merged_into IS NULL AND t.batch_id NOT IN (SELECT hidden_batch.id FROM customer_batch "     \
	"hidden_batch WHERE "                                                                          \
	"hidden_batch.tenant_id = {tenant} AND hidden_batch.hidden = 1)"

/* False: the choice stands below other values of the field that decides than this one. What stands
 * below none may always be chosen, and everything when nothing is decided. */
bool field_belongs(const struct field *f, const char *decided, const char *value);
/* The field that decides what may be chosen in a linked one; NULL: none does. */
const struct field *field_above(const struct package *p, const struct field *f);

/* A value as people write it, in the form in which it is stored; "" for none. NULL if it is right,
 * or what is wrong with it: a constant English text, key of the catalogues. required is not
 * checked. money: how amounts are written. */
const char *field_check(struct cc_arena *arena, const struct field *f, const struct cc_money *money,
		const char *value, const char **stored);

/* Digits in E.164 of a telephone number of the tenant; "" for what is none. */
const char *package_e164(struct cc_arena *arena, const struct package *p, const char *number);

#endif
