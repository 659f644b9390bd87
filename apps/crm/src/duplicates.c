/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "duplicates.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "index.h"

#define VALUES_AT_ONCE 200 /* as in the statement */
#define IDS_MAX 1000

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

/* A value, as d->after names it, and the keys of those who have it, with commas between them. */
struct candidate
{
	struct cc_bytes value;
	const char *ids;
};

/* Nobody can have what another one has: nothing is looked for. */
static bool is_unique(const struct duplicates *d)
{
	return d->by->kind == FIELD_PHONE ? d->p->unique_phone : d->by->unique;
}

static int values_of_slot(struct duplicates *d, struct candidate *found, size_t *count)
{
	struct cc_rows rows = {0};
	int err = is_unique(d) ? 0
						   : cc_db_query(d->rq->db, &rows,
									 "SELECT value, GROUP_CONCAT(customer_id ORDER BY customer_id "
									 "LIMIT 1000) FROM customer_index WHERE tenant_id = {tenant} "
									 "AND package_id = ? AND slot = ? AND value > ? GROUP BY value "
									 "HAVING COUNT(*) > 1 ORDER BY value LIMIT 200",
									 d->p->id, index_slot(d->by), d->after);

	*count = err ? 0 : rows.count;
	for (size_t i = 0; i < *count; i++)
		found[i] = (struct candidate){
				{rows.row[i].v[0], rows.row[i].len[0]}, cc_row_str(&rows.row[i], 1)};
	return err;
}

/* ---- names with something else ---- */

/* Half a million of them are put in order in a fifth of a second, where the database takes seconds.
 */
struct pair
{
	uint64_t head;  /* the first bytes, as a number: nearly always they decide */
	size_t at, len; /* of the name, a NUL and the other value, in text */
	int64_t id;
};

struct pairs
{
	struct pair *pair;
	size_t count, room;
	char *text;
	size_t used, text_room;
	struct cc_arena *scratch; /* of a row that is read */
};

static void *grown(void *p, size_t *room, size_t wanted, size_t size)
{
	if (wanted <= *room)
		return p;
	*room = 2 * wanted + 4096;
	p = realloc(p, *room * size);
	if (!p)
		abort();
	return p;
}

static void add_pair(void *ctx, int64_t customer, struct cc_bytes name, struct cc_bytes other)
{
	struct pairs *all = ctx;
	struct pair p = {.at = all->used, .len = name.len + 1 + other.len, .id = customer};

	all->pair = grown(all->pair, &all->room, all->count + 1, sizeof(p));
	all->text = grown(all->text, &all->text_room, all->used + p.len, 1);
	memcpy(all->text + p.at, name.p, name.len);
	all->text[p.at + name.len] = '\0';
	memcpy(all->text + p.at + name.len + 1, other.p, other.len);
	for (size_t i = 0; i < sizeof(p.head); i++)
		p.head = p.head << 8 | (i < p.len ? (unsigned char)all->text[p.at + i] : 0);
	all->used += p.len;
	all->pair[all->count++] = p;
}

static int add_row(void *ctx, const struct cc_row *row)
{
	struct pairs *all = ctx;

	add_pair(ctx, cc_row_int(row, 0, 0), (struct cc_bytes){row->v[1], row->len[1]},
			(struct cc_bytes){row->v[2], row->len[2]});
	cc_arena_reset(all->scratch);
	return 0;
}

static int compare_text(const struct pairs *all, const struct pair *x, const void *text, size_t len)
{
	int order = memcmp(all->text + x->at, text, x->len < len ? x->len : len);

	return order ? order : x->len < len ? -1 : x->len > len;
}

static int by_text_and_id(const void *a, const void *b, void *ctx)
{
	const struct pairs *all = ctx;
	const struct pair *x = a, *y = b;
	int order = x->head != y->head ? x->head < y->head ? -1 : 1
								   : compare_text(all, x, all->text + y->at, y->len);

	return order ? order : x->id < y->id ? -1 : x->id > y->id;
}

/* Numbers and texts stand beside the names; what is stored as a number is read from the customers.
 */
static int read_pairs(struct duplicates *d, struct pairs *all)
{
	int slot = d->with == d->p->phone ? INDEX_NUMBER : index_words(d->with);
	struct cc_arena *own;
	struct cc_buf sql;
	int err;

	if (slot)
		return index_pairs(d->rq->db, d->p->id, INDEX_NAME, slot, add_pair, all);
	sql = cc_buf_new(d->rq->arena);
	cc_buf_str(&sql, "SELECT t.id, LOWER(t.name), t.");
	cc_buf_str(&sql, d->with->column);
	cc_buf_printf(&sql, " FROM customer t WHERE %s AND t.name <> '' AND t.%s <> ''", d->r->where,
			d->with->column);
	all->scratch = cc_arena_new();
	own = cc_db_arena(d->rq->db, all->scratch);
	err = cc_db_each(d->rq->db, cc_buf_text(&sql), NULL, 0, add_row, all);
	cc_db_arena(d->rq->db, own);
	cc_arena_free(all->scratch);
	return err;
}

static size_t same_text(const struct pairs *all, size_t i)
{
	const struct pair *p = &all->pair[i];
	size_t n = 1;

	while (i + n < all->count && all->pair[i + n].head == p->head &&
			!compare_text(all, &all->pair[i + n], all->text + p->at, p->len))
		n++;
	return n;
}

static const char *ids_of(struct cc_arena *arena, const struct pair *pair, size_t count)
{
	struct cc_buf ids = cc_buf_new(arena);

	for (size_t i = 0; i < count && i < IDS_MAX; i++)
		if (!i || pair[i].id != pair[i - 1].id)
			cc_buf_printf(&ids, "%s%" PRId64, i ? "," : "", pair[i].id);
	return cc_buf_text(&ids);
}

/* found NULL: counts only. */
static int values_of_names(struct duplicates *d, struct candidate *found, size_t *count)
{
	struct pairs all = {0};
	int err = read_pairs(d, &all);

	*count = 0;
	if (!err && all.count)
		qsort_r(all.pair, all.count, sizeof(*all.pair), by_text_and_id, &all);
	for (size_t i = 0, n; !err && i < all.count; i += n) {
		const struct pair *p = &all.pair[i];

		n = same_text(&all, i);
		if (n < 2 || (found && compare_text(&all, p, d->after.p, d->after.len) <= 0))
			continue;
		if (found && *count == VALUES_AT_ONCE)
			break;
		if (found)
			found[*count] = (struct candidate){
					{memcpy(cc_alloc(d->rq->arena, p->len), all.text + p->at, p->len), p->len},
					ids_of(d->rq->arena, p, n)};
		++*count;
	}
	free(all.pair);
	free(all.text);
	return err;
}

/* ---- who has it ---- */

static const char *select_members(const struct duplicates *d)
{
	struct cc_buf sql = cc_buf_new(d->rq->arena);
	const char *scope = cc_resource_scope(d->rq, d->r);

	cc_buf_str(&sql,
			"SELECT t.id, t.updated_at, t.name, t.phone, (SELECT CONCAT(a.number, ' ', a.name) "
			"FROM agent a WHERE a.tenant_id = t.tenant_id AND a.id = t.agent_id)");
	cc_buf_printf(&sql, ", t.%s, t.%s", d->by->column, d->with ? d->with->column : d->by->column);
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
		const struct duplicates *d, struct cc_bytes value, const struct cc_row *first)
{
	if (d->with)
		return cc_sprintf(d->rq->arena, "%s · %s", cc_row_str(first, 5), cc_row_str(first, 6));
	return d->by->kind == FIELD_PHONE ? cc_strndup(d->rq->arena, value.p, value.len)
									  : cc_row_str(first, 5);
}

int duplicates_next(struct duplicates *d, size_t wanted)
{
	const char *members = select_members(d);
	struct candidate *found = cc_alloc(d->rq->arena, VALUES_AT_ONCE * sizeof(*found));
	struct cc_rows rows;
	size_t count;
	int err = d->with ? values_of_names(d, found, &count) : values_of_slot(d, found, &count);

	d->count = 0;
	for (size_t i = 0; !err && i < count && d->count < wanted; i++) {
		const struct cc_bind ids = cc_bind_str(cc_sprintf(d->rq->arena, "[%s]", found[i].ids));

		err = cc_db_query_text(d->rq->db, &rows, members, &ids, 1);
		if (!err && rows.count > 1) {
			struct duplicate_group *g = add_group(d);

			g->value = value_text(d, found[i].value, &rows.row[0]);
			fill_group(d, g, &rows);
		}
		d->after = found[i].value;
		d->over = i + 1 == count && count < VALUES_AT_ONCE;
	}
	d->over |= !err && !count;
	return err;
}

int duplicates_count(struct duplicates *d, int64_t *count)
{
	struct cc_rows rows;
	int err;

	*count = 0;
	if (d->with) {
		size_t n;

		err = values_of_names(d, NULL, &n);
		*count = (int64_t)n;
		return err;
	}
	if (is_unique(d))
		return 0;
	err = cc_db_query(d->rq->db, &rows,
			"SELECT COUNT(*) FROM (SELECT 1 FROM customer_index WHERE tenant_id = {tenant} AND "
			"package_id = ? AND slot = ? GROUP BY value HAVING COUNT(*) > 1) f",
			d->p->id, index_slot(d->by));
	if (!err)
		*count = cc_row_int(&rows.row[0], 0, 0);
	return err;
}
