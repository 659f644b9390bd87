/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dictionary.h"
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

struct entry
{
	const char *value;
	const char *fills[PACKAGE_FIELDS]; /* by field; NULL: none */
};

struct dictionary
{
	size_t field; /* that is looked up */
	struct entry *entries;
	size_t count;
};

static int by_value(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->value, ((const struct entry *)b)->value);
}

static void read_fills(
		struct cc_arena *arena, const struct package *p, struct entry *e, const char *json)
{
	struct json_object *o = json_tokener_parse(json), *value;

	for (size_t k = 0; k < p->count; k++)
		if (json_object_object_get_ex(o, p->fields[k].name, &value))
			e->fills[k] = cc_strdup(arena, json_object_get_string(value));
	json_object_put(o);
}

int dictionary_load(struct cc_db *db, struct cc_arena *arena, const struct package *p, int64_t id,
		const struct dictionary **dictionary)
{
	struct dictionary *d = cc_alloc(arena, sizeof(*d));
	const struct field *f = NULL;
	struct cc_rows rows;
	int err = cc_db_query(db, &rows,
			"SELECT field FROM customer_dictionary WHERE tenant_id = {tenant} AND id = ?", id);

	if (!err && rows.count)
		f = package_field(p, cc_row_str(&rows.row[0], 0));
	if (err || !f)
		return err ? err : CC_E_NOENT;
	d->field = (size_t)(f - p->fields);
	err = cc_db_query(db, &rows,
			"SELECT value, fills FROM customer_dictionary_entry WHERE tenant_id = {tenant} AND "
			"dictionary_id = ?",
			id);
	if (err)
		return err;
	d->count = rows.count;
	d->entries = cc_alloc(arena, (rows.count + 1) * sizeof(*d->entries));
	for (size_t i = 0; i < rows.count; i++) {
		d->entries[i] = (struct entry){.value = cc_row_str(&rows.row[i], 0)};
		read_fills(arena, p, &d->entries[i], cc_row_str(&rows.row[i], 1));
	}
	qsort(d->entries, d->count, sizeof(*d->entries), by_value);
	*dictionary = d;
	return 0;
}

void dictionary_fill(const struct dictionary *d, struct cc_arena *arena, const struct package *p,
		const char *values[])
{
	const struct entry key = {.value = values[d->field] ? values[d->field] : ""};
	const struct entry *e = bsearch(&key, d->entries, d->count, sizeof(*d->entries), by_value);

	for (size_t k = 0; e && k < p->count; k++) {
		const char *stored;

		if (e->fills[k] && (!values[k] || !*values[k]) &&
				!field_check(arena, &p->fields[k], &cc_money_plain, e->fills[k], &stored))
			values[k] = stored;
	}
}
