/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "duplicates.h"
#include <string.h>
#include "index.h"

#define VALUES_AT_ONCE 200

bool duplicates_by(const struct field *f)
{
	return index_slot(f) && (f->kind != FIELD_PHONE || f->base);
}

bool duplicates_with(const struct field *f)
{
	return f->column[0] != 't' && f->kind != FIELD_LINES && f->kind != FIELD_FILE &&
		   index_slot(f) != INDEX_NAME;
}

int duplicates_begin(struct duplicates *d, struct cc_request *rq, int64_t package, const char *by,
		const char *with)
{
	*d = (struct duplicates){.rq = rq, .after = {"", 0}};
	int err = customer_table(rq, package, &d->r);

	if (err)
		return err;
	d->p = customer_package(d->r);
	d->by = package_field(d->p, by);
	d->with = *with ? package_field(d->p, with) : NULL;
	if (!d->by || !duplicates_by(d->by) || !customer_column(d->r, d->by))
		return CC_E_INVAL;
	if (d->by != d->p->named)
		d->with = NULL;
	else if (!d->with || !duplicates_with(d->with) || !customer_column(d->r, d->with))
		return CC_E_INVAL;
	return 0;
}

/* ---- what occurs more than once ---- */

/* Rows: the value (and the second one, NULL otherwise), keys with commas between them. */
static int values_of_slot(struct duplicates *d, struct cc_rows *rows)
{
	return cc_db_query(d->rq->db, rows,
			"SELECT value, NULL, GROUP_CONCAT(customer_id ORDER BY customer_id LIMIT 1000) FROM "
			"customer_index WHERE tenant_id = {tenant} AND package_id = ? AND slot = ? AND value > "
			"? GROUP BY value HAVING COUNT(*) > 1 ORDER BY value LIMIT 200",
			d->p->id, index_slot(d->by), d->after);
}

static const char *select_names(struct duplicates *d)
{
	struct cc_buf sql = cc_buf_new(d->rq->arena);
	const char *column = d->with->column;

	cc_buf_str(&sql, "SELECT t.name, ");
	cc_buf_printf(&sql, "t.%s", column);
	cc_buf_str(&sql, ", GROUP_CONCAT(t.id ORDER BY t.id LIMIT 1000) FROM customer t WHERE ");
	cc_buf_printf(&sql,
			"%s AND t.name <> '' AND t.%s IS NOT NULL AND t.%s <> '' AND (t.name > ? OR (t.name = "
			"? AND t.%s > ?)) GROUP BY t.name, t.%s HAVING COUNT(*) > 1 ORDER BY t.name, t.%s "
			"LIMIT 200",
			d->r->where, column, column, column, column, column);
	return cc_buf_text(&sql);
}

/* after: the name, a NUL, the other value */
static int values_of_names(struct duplicates *d, struct cc_rows *rows)
{
	const char *name = cc_strndup(d->rq->arena, d->after.p, d->after.len);
	size_t len = strlen(name);
	const char *second = len < d->after.len
								 ? cc_strndup(d->rq->arena, (const char *)d->after.p + len + 1,
										   d->after.len - len - 1)
								 : "";
	const struct cc_bind binds[] = {cc_bind_str(name), cc_bind_str(name), cc_bind_str(second)};

	return cc_db_query_text(d->rq->db, rows, select_names(d), binds, 3);
}

static void go_on_behind(struct duplicates *d, const struct cc_row *row)
{
	size_t len = row->len[0];

	d->after = (struct cc_bytes){row->v[0], len};
	if (d->with) {
		char *both = cc_alloc(d->rq->arena, len + row->len[1] + 2);

		memcpy(both, row->v[0], len);
		memcpy(both + len + 1, row->v[1], row->len[1]);
		d->after = (struct cc_bytes){both, len + 1 + row->len[1]};
	}
}

/* ---- who has it ---- */

static const char *select_members(const struct duplicates *d)
{
	struct cc_buf sql = cc_buf_new(d->rq->arena);
	const char *scope = cc_resource_scope(d->rq, d->r);

	cc_buf_str(&sql,
			"SELECT t.id, t.updated_at, t.name, t.phone, (SELECT CONCAT(a.number, ' ', a.name) "
			"FROM agent a WHERE a.tenant_id = t.tenant_id AND a.id = t.agent_id)");
	cc_buf_printf(&sql, ", t.%s", d->by->column);
	cc_buf_str(&sql, " FROM customer t WHERE t.id IN (" CC_MANY_KEYS ")");
	cc_buf_printf(&sql, " AND %s", d->r->where);
	if (scope)
		cc_buf_printf(&sql, " AND (%s)", scope);
	cc_buf_str(&sql, " ORDER BY t.id LIMIT 51");
	return cc_buf_text(&sql);
}

static struct duplicate_group *add_group(struct duplicates *d)
{
	if (d->count == d->room) {
		size_t room = 2 * d->room + 16;
		struct duplicate_group *more = cc_alloc(d->rq->arena, room * sizeof(*more));

		if (d->count)
			memcpy(more, d->group, d->count * sizeof(*more));
		d->group = more;
		d->room = room;
	}
	d->group[d->count] = (struct duplicate_group){.value = ""};
	return &d->group[d->count++];
}

static void fill_group(
		const struct duplicates *d, struct duplicate_group *g, const struct cc_rows *rows)
{
	g->more = rows->count > DUPLICATES_MEMBERS;
	for (size_t i = 0; i < rows->count && g->count < DUPLICATES_MEMBERS; i++) {
		const struct cc_row *row = &rows->row[i];

		g->member[g->count++] = (struct duplicate){
				.id = cc_row_int(row, 0, 0),
				.updated_at = cc_row_int(row, 1, 0),
				.name = cc_row_str(row, 2),
				.phone = cc_row_str(row, 3),
				.agent = cc_row_str(row, 4),
		};
	}
}

/* Numbers in their common form, as they may be written differently; others as the first has it. */
static const char *value_text(
		const struct duplicates *d, const struct cc_row *value, const struct cc_row *first)
{
	if (d->with)
		return cc_sprintf(d->rq->arena, "%s · %s", cc_row_str(value, 0), cc_row_str(value, 1));
	return d->by->kind == FIELD_PHONE ? cc_row_str(value, 0) : cc_row_str(first, 5);
}

int duplicates_next(struct duplicates *d, size_t wanted)
{
	const char *members = select_members(d);
	struct cc_rows values, rows;
	int err = d->with ? values_of_names(d, &values) : values_of_slot(d, &values);

	d->count = 0;
	for (size_t i = 0; !err && i < values.count && d->count < wanted; i++) {
		const struct cc_row *value = &values.row[i];
		const struct cc_bind ids =
				cc_bind_str(cc_sprintf(d->rq->arena, "[%s]", cc_row_str(value, 2)));

		err = cc_db_query_text(d->rq->db, &rows, members, &ids, 1);
		if (!err && rows.count > 1) {
			struct duplicate_group *g = add_group(d);

			g->value = value_text(d, value, &rows.row[0]);
			fill_group(d, g, &rows);
		}
		go_on_behind(d, value);
		d->over = i + 1 == values.count && values.count < VALUES_AT_ONCE;
	}
	d->over |= !err && !values.count;
	return err;
}

int duplicates_count(struct duplicates *d, int64_t *count)
{
	struct cc_rows rows;
	int err;

	*count = 0;
	if (d->with) /* counting takes as long as finding */
		return 0;
	err = cc_db_query(d->rq->db, &rows,
			"SELECT COUNT(*) FROM (SELECT 1 FROM customer_index WHERE tenant_id = {tenant} AND "
			"package_id = ? AND slot = ? GROUP BY value HAVING COUNT(*) > 1) f",
			d->p->id, index_slot(d->by));
	if (!err)
		*count = cc_row_int(&rows.row[0], 0, 0);
	return err;
}
