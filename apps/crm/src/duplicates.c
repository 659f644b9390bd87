/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "duplicates.h"
#include <string.h>
#include "index.h"

#define VALUES_AT_ONCE 200
#define NAMESAKES "2000" /* customers of one name that are looked at */

bool duplicates_by(const struct field *f)
{
	return index_slot(f) && (f->kind != FIELD_PHONE || f->base);
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
	if (d->by == d->p->named && (!d->with || d->with == d->by || !customer_column(d->r, d->with)))
		return CC_E_INVAL;
	if (d->by != d->p->named)
		d->with = NULL;
	return 0;
}

/* ---- one value ---- */

static const char *select_members(const struct duplicates *d)
{
	struct cc_buf sql = cc_buf_new(d->rq->arena);
	const char *scope = cc_resource_scope(d->rq, d->r);

	cc_buf_str(&sql,
			"SELECT t.id, t.updated_at, t.name, t.phone, (SELECT CONCAT(a.number, ' ', a.name) "
			"FROM agent a WHERE a.tenant_id = t.tenant_id AND a.id = t.agent_id)");
	cc_buf_printf(&sql, ", t.%s", (d->with ? d->with : d->by)->column);
	cc_buf_str(&sql,
			" FROM customer_index i JOIN customer t ON t.tenant_id = i.tenant_id AND t.id = "
			"i.customer_id WHERE i.tenant_id = {tenant} AND i.package_id = ? AND i.slot = ? AND "
			"i.value = ?");
	cc_buf_printf(&sql, " AND %s", d->r->where);
	if (scope)
		cc_buf_printf(&sql, " AND (%s)", scope);
	cc_buf_printf(&sql, " ORDER BY %s%st.id LIMIT " NAMESAKES, d->with ? "t." : "",
			d->with ? cc_sprintf(d->rq->arena, "%s, ", d->with->column) : "");
	return cc_buf_text(&sql);
}

static struct duplicate_group *add_group(struct duplicates *d)
{
	if (d->count == d->room) {
		struct duplicate_group *more = cc_alloc(d->rq->arena, (2 * d->room + 16) * sizeof(*more));

		if (d->count)
			memcpy(more, d->group, d->count * sizeof(*more));
		d->group = more;
		d->room = 2 * d->room + 16;
	}
	d->group[d->count] = (struct duplicate_group){.value = ""};
	return &d->group[d->count++];
}

static void add_member(struct duplicate_group *g, const struct cc_row *row)
{
	g->more = g->count == DUPLICATES_MEMBERS;
	if (g->more)
		return;
	g->member[g->count++] = (struct duplicate){
			.id = cc_row_int(row, 0, 0),
			.updated_at = cc_row_int(row, 1, 0),
			.name = cc_row_str(row, 2),
			.phone = cc_row_str(row, 3),
			.agent = cc_row_str(row, 4),
	};
}

/* Rows that have the same in the last column are a group; with a second field empty ones are not.
 */
static void split(struct duplicates *d, const struct cc_rows *rows, const char *value)
{
	size_t first = 0;

	for (size_t i = 1; i <= rows->count; i++) {
		const char *own = cc_row_str(&rows->row[first], 5);

		if (i < rows->count && (!d->with || !strcasecmp(own, cc_row_str(&rows->row[i], 5))))
			continue;
		if (i - first > 1 && (!d->with || *own)) {
			struct duplicate_group *g = add_group(d);

			g->value = d->with ? cc_sprintf(d->rq->arena, "%s · %s",
										 cc_row_str(&rows->row[first], 2), own)
							   : value;
			for (size_t k = first; k < i; k++)
				add_member(g, &rows->row[k]);
		}
		first = i;
	}
}

/* ---- all values ---- */

int duplicates_next(struct duplicates *d, size_t wanted)
{
	const char *members = select_members(d);
	struct cc_db *db = d->rq->db;
	struct cc_rows values, rows;
	int slot = index_slot(d->by);
	int err = cc_db_query(db, &values,
			"SELECT value FROM customer_index WHERE tenant_id = {tenant} AND package_id = ? AND "
			"slot = ? AND value > ? GROUP BY value HAVING COUNT(*) > 1 ORDER BY value LIMIT 200",
			d->p->id, slot, d->after);

	d->count = 0;
	for (size_t i = 0; !err && i < values.count && d->count < wanted; i++) {
		struct cc_bytes value = {values.row[i].v[0], values.row[i].len[0]};
		const struct cc_bind binds[] = {
				cc_bind_int(d->p->id), cc_bind_int(slot), cc_bind_bytes(value)};

		err = cc_db_query_text(db, &rows, members, binds, 3);
		if (!err && rows.count > 1)
			split(d, &rows, slot >= INDEX_INTEGER ? cc_row_str(&rows.row[0], 5) : value.p);
		d->after = value;
		d->over = i + 1 == values.count && values.count < VALUES_AT_ONCE;
	}
	d->over |= !err && !values.count;
	return err;
}

int duplicates_count(struct duplicates *d, int64_t *count)
{
	struct cc_rows rows;
	int err = cc_db_query(d->rq->db, &rows,
			"SELECT COUNT(*) FROM (SELECT 1 FROM customer_index WHERE tenant_id = {tenant} AND "
			"package_id = ? AND slot = ? GROUP BY value HAVING COUNT(*) > 1) f",
			d->p->id, index_slot(d->by));

	if (!err)
		*count = cc_row_int(&rows.row[0], 0, 0);
	return err;
}
