/* SPDX-License-Identifier: GPL-2.0-or-later
 * Texts of keys for files of many rows: all of a table are read once and put in the place of the
 * keys, which costs a fraction of asking for each row. */
#include <stdlib.h>
#include "things.h"

struct name
{
	int64_t key;
	const char *text;
	size_t len;
};

struct cc_names
{
	struct
	{
		size_t count;
		struct name *name; /* by key; NULL: the column has its text already */
	} column[CC_COLUMNS_MAX];
};

static int by_key(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	return x->key < y->key ? -1 : x->key > y->key;
}

int cc_names_load(struct cc_list *l, struct cc_names **out)
{
	struct cc_arena *a = l->rq->arena;
	struct cc_names *n = cc_alloc(a, sizeof *n);
	int err = 0;
	for (size_t i = 0; l->r->columns[i].name && !err; i++) {
		struct cc_rows rows = {0};
		if (!l->picked[i] || !l->r->columns[i].names)
			continue;
		err = cc_db_query_text(l->rq->db, &rows, l->r->columns[i].names, NULL, 0);
		n->column[i].name = cc_alloc(a, (rows.count + 1) * sizeof(struct name));
		n->column[i].count = rows.count;
		for (size_t k = 0; k < rows.count; k++)
			n->column[i].name[k] = (struct name){cc_row_int(&rows.row[k], 0, 0),
					cc_row_str(&rows.row[k], 1), rows.row[k].len[1]};
		qsort(n->column[i].name, rows.count, sizeof(struct name), by_key);
	}
	if (err)
		return err;
	l->keys_only = true;
	*out = n;
	return 0;
}

void cc_names_fill(const struct cc_names *n, const struct cc_list *l, const struct cc_row *row)
{
	for (size_t i = 0; l->r->columns[i].name; i++) {
		const struct name *name = n->column[i].name;
		if (!name || !row->v[i])
			continue;
		const struct name key = {.key = cc_row_int(row, i, 0)};
		name = bsearch(&key, name, n->column[i].count, sizeof key, by_key);
		row->v[i] = name ? name->text : NULL;
		row->len[i] = name ? name->len : 0;
	}
}
