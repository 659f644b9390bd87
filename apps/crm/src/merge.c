/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "merge.h"
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include "index.h"
#include "values.h"

static const char *const extra[MERGE_EXTRA] = {"type_id", "source_id", "agent_id", "group_id",
		"assigned_at", "funnel_id", "contacted_at", "contact_answered", "no_call", "mark_id",
		"phone_e164", "updated_at"};

const char *merge_column(const struct package *p, size_t column)
{
	return column < p->count ? p->fields[column].column : extra[column - p->count];
}

static bool filled(const char *value)
{
	return value && *value;
}

/* ---- reading ---- */

/* "1,2,3" as a JSON array, each once. */
static int read_ids(struct cc_arena *a, const char *text, const char **json, size_t *count)
{
	struct cc_buf buf = cc_buf_new(a);
	int64_t ids[MERGE_MOST];
	char *end;

	*count = 0;
	for (const char *at = text; *at; at = *end ? end + 1 : end) {
		int64_t id = strtoll(at, &end, 10);
		bool known = false;

		if (end == at || (*end && *end != ',') || id <= 0)
			return CC_E_INVAL;
		for (size_t i = 0; i < *count; i++)
			known |= ids[i] == id;
		if (known)
			continue;
		if (*count == MERGE_MOST)
			return CC_E_RANGE;
		cc_buf_printf(&buf, "%s%" PRId64, *count ? "," : "[", id);
		ids[(*count)++] = id;
	}
	if (*count < 2)
		return CC_E_RANGE;
	cc_buf_str(&buf, "]");
	*json = cc_buf_text(&buf);
	return 0;
}

static int package_of(struct cc_request *rq, const char *json, int64_t *package)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT DISTINCT package_id FROM customer WHERE tenant_id = {tenant} AND id IN "
			"(" CC_MANY_KEYS ")",
			json);

	if (!err && rows.count != 1)
		err = CC_E_NOENT;
	if (!err)
		*package = cc_row_int(&rows.row[0], 0, 0);
	return err;
}

/* Those that the user may see, as they are now: a locking read sees what is committed. */
static const char *select_customers(const struct merge *m, bool locked)
{
	struct cc_buf sql = cc_buf_new(m->rq->arena);
	const char *scope = cc_resource_scope(m->rq, m->r);

	cc_buf_str(&sql, "SELECT t.id, t.created_at");
	for (size_t k = 0; k < m->columns; k++)
		cc_buf_printf(&sql, ", t.%s", merge_column(m->p, k));
	cc_buf_printf(&sql, " FROM customer t WHERE %s AND t.id IN (" CC_MANY_KEYS ")", m->r->where);
	if (scope)
		cc_buf_printf(&sql, " AND (%s)", scope);
	cc_buf_str(&sql, locked ? " ORDER BY t.id FOR UPDATE" : " ORDER BY t.id");
	return cc_buf_text(&sql);
}

static void take_rows(struct merge *m, const struct cc_rows *rows)
{
	struct cc_buf version = cc_buf_new(m->rq->arena);

	m->count = rows->count;
	m->customer = cc_alloc(m->rq->arena, (rows->count + 1) * sizeof(*m->customer));
	for (size_t i = 0; i < rows->count; i++) {
		struct merge_customer *c = &m->customer[i];

		c->id = cc_row_int(&rows->row[i], 0, 0);
		c->created_at = cc_row_int(&rows->row[i], 1, 0);
		for (size_t k = 0; k < m->columns; k++)
			c->value[k] = rows->row[i].v[2 + k];
		c->updated_at = strtoll(c->value[m->p->count + MERGE_UPDATED], NULL, 10);
		cc_buf_printf(&version, "%s%" PRId64 ":%" PRId64, i ? " " : "", c->id, c->updated_at);
	}
	m->version = cc_buf_text(&version);
}

int merge_load(struct cc_request *rq, const char *ids, bool locked, struct merge **out)
{
	struct merge *m = cc_alloc(rq->arena, sizeof(*m));
	const char *json;
	struct cc_rows rows;
	int64_t package;
	size_t count;
	int err = read_ids(rq->arena, ids, &json, &count);

	m->rq = rq;
	if (!err)
		err = package_of(rq, json, &package);
	if (!err)
		err = customer_table(rq, package, &m->r);
	if (err)
		return err;
	m->p = customer_package(m->r);
	m->columns = m->p->count + MERGE_EXTRA;

	const struct cc_bind bind = cc_bind_str(json);

	err = cc_db_query_text(rq->db, &rows, select_customers(m, locked), &bind, 1);
	if (!err && rows.count != count)
		err = CC_E_NOENT;
	if (err)
		return err;
	take_rows(m, &rows);
	*out = m;
	return 0;
}

/* ---- choosing ---- */

static size_t fullness(const struct merge *m, size_t customer)
{
	size_t n = 0;

	for (size_t k = 0; k < m->p->count; k++)
		n += filled(m->customer[customer].value[k]);
	return n;
}

/* True if a is to be kept rather than b. */
static bool rather(const struct merge *m, enum merge_policy policy, size_t a, size_t b)
{
	const struct merge_customer *x = &m->customer[a], *y = &m->customer[b];
	size_t full_x = fullness(m, a), full_y = fullness(m, b);

	switch (policy) {
	case MERGE_OLDEST:
		return x->created_at < y->created_at;
	case MERGE_NEWEST:
		return x->created_at >= y->created_at; /* ids rise with time: the later one of two */
	case MERGE_FULLEST:
		break;
	}
	return full_x != full_y ? full_x > full_y : x->updated_at > y->updated_at;
}

size_t merge_survivor(const struct merge *m, enum merge_policy policy)
{
	size_t best = 0;

	for (size_t i = 1; i < m->count; i++)
		if (rather(m, policy, i, best))
			best = i;
	return best;
}

/* Who was changed last of those that have a value in the column; -1: nobody has. */
static int newest(const struct merge *m, size_t column)
{
	int best = -1;

	for (size_t i = 0; i < m->count; i++)
		if (filled(m->customer[i].value[column]) &&
				(best < 0 || m->customer[i].updated_at >= m->customer[best].updated_at))
			best = (int)i;
	return best;
}

static const char *number_of(const struct merge *m, const char *value)
{
	const char *e164 = package_e164(m->rq->arena, m->p, value);

	return *e164 ? e164 : value;
}

/* The number stands in a telephone field of what is chosen so far. */
static bool is_held(const struct merge *m, const struct merge_choice *c, const char *value)
{
	for (size_t k = 0; k < m->p->count; k++)
		if (m->p->fields[k].kind == FIELD_PHONE && c->from[k].customer >= 0 &&
				strcmp(number_of(m, m->customer[c->from[k].customer].value[c->from[k].column]),
						number_of(m, value)) == 0)
			return true;
	return false;
}

static void keep_numbers(const struct merge *m, struct merge_choice *c)
{
	for (size_t i = 0; i < m->count; i++)
		for (size_t k = 0; k < m->p->count; k++) {
			const char *value = m->customer[i].value[k];
			size_t free = 0;

			if (m->p->fields[k].kind != FIELD_PHONE || !filled(value) || is_held(m, c, value))
				continue;
			while (free < m->p->count &&
					(m->p->fields[free].kind != FIELD_PHONE || c->from[free].customer >= 0))
				free++;
			if (free == m->p->count)
				return;
			c->from[free].customer = (int)i;
			c->from[free].column = k;
		}
}

/* Columns that are about one thing come from one customer. */
static void follow(
		const struct merge *m, struct merge_choice *c, int customer, size_t first, size_t last)
{
	for (size_t k = m->p->count + first; k <= m->p->count + last; k++)
		c->from[k].customer = customer;
}

static bool is_assigned(const struct merge *m, int customer)
{
	const char *const *v = m->customer[customer].value + m->p->count;

	return v[MERGE_AGENT] || v[MERGE_GROUP];
}

static int highest(const struct merge *m, size_t column)
{
	int best = -1;

	for (size_t i = 0; i < m->count; i++) {
		const char *value = m->customer[i].value[column];

		if (value && (best < 0 || strtoll(value, NULL, 10) >
										  strtoll(m->customer[best].value[column], NULL, 10)))
			best = (int)i;
	}
	return best;
}

void merge_choose(const struct merge *m, size_t survivor, bool keep, struct merge_choice *c)
{
	size_t n = m->p->count;
	int own = (int)survivor, owner = own;

	c->survivor = survivor;
	for (size_t k = 0; k < m->columns; k++) {
		c->from[k].column = k;
		c->from[k].customer = keep && filled(m->customer[own].value[k]) ? own : newest(m, k);
	}
	keep_numbers(m, c);
	/* who has the survivor keeps it */
	for (int i = 0; i < (int)m->count && !is_assigned(m, owner); i++)
		if (is_assigned(m, i))
			owner = i;
	follow(m, c, owner, MERGE_AGENT, MERGE_ASSIGNED);
	follow(m, c, highest(m, n + MERGE_CONTACTED), MERGE_CONTACTED, MERGE_ANSWERED);
	follow(m, c, highest(m, n + MERGE_NO_CALL), MERGE_NO_CALL, MERGE_NO_CALL);
	follow(m, c, highest(m, n + MERGE_MARK), MERGE_MARK, MERGE_MARK);
}

/* ---- merging ---- */

/* The survivor's columns afterwards. */
static void values_after(
		const struct merge *m, const struct merge_choice *c, const char *after[MERGE_COLUMNS])
{
	const struct merge_customer *own = &m->customer[c->survivor];
	size_t n = m->p->count;
	const char *e164;

	for (size_t k = 0; k < m->columns; k++) {
		int from = c->from[k].customer;

		after[k] = from >= 0 ? m->customer[from].value[c->from[k].column]
				   : k < n   ? NULL
							 : own->value[k];
		if (k < n && !after[k] && m->p->fields[k].base && !m->p->fields[k].number)
			after[k] = "";
	}
	if (c->from[n + MERGE_CONTACTED].customer < 0)
		after[n + MERGE_ANSWERED] = own->value[n + MERGE_ANSWERED];
	for (size_t k = n + MERGE_AGENT; k <= n + MERGE_ASSIGNED; k++)
		after[k] = m->customer[c->from[k].customer].value[k];
	e164 = package_e164(m->rq->arena, m->p, after[m->p->phone - m->p->fields]);
	after[n + MERGE_E164] = *e164 ? e164 : NULL;
	/* later than it was, whatever the clock says: it is how others notice */
	after[n + MERGE_UPDATED] = cc_sprintf(m->rq->arena, "%" PRId64,
			m->rq->now_ms > own->updated_at ? m->rq->now_ms : own->updated_at + 1);
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static struct cc_bind bind_column(const struct package *p, size_t column, const char *value)
{
	return column < p->count ? bind_value(&p->fields[column], value) : cc_bind_str(value);
}

int merge_write(struct cc_request *rq, const struct package *p, int64_t customer,
		const char *const value[MERGE_COLUMNS])
{
	struct cc_buf sql = cc_buf_new(rq->arena);
	struct cc_bind binds[MERGE_COLUMNS + 1];
	size_t columns = p->count + MERGE_EXTRA;

	cc_buf_str(&sql, "UPDATE customer SET ");
	for (size_t k = 0; k < columns; k++) {
		cc_buf_printf(&sql, "%s%s = ?", k ? ", " : "", merge_column(p, k));
		binds[k] = bind_column(p, k, value[k]);
	}
	cc_buf_str(&sql, " WHERE tenant_id = {tenant} AND id = ?");
	binds[columns] = cc_bind_int(customer);
	return cc_db_query_text(rq->db, NULL, cc_buf_text(&sql), binds, columns + 1);
}

/* {"phone": ["before", "after"], …}: what is different. */
static const char *difference(
		const struct merge *m, size_t survivor, const char *const after[MERGE_COLUMNS])
{
	struct json_object *o = json_object_new_object();
	const char *text;

	for (size_t k = 0; k < m->columns; k++) {
		const char *before = m->customer[survivor].value[k];
		struct json_object *pair;

		if (same(before, after[k]))
			continue;
		pair = json_object_new_array();
		json_object_array_add(pair, before ? json_object_new_string(before) : NULL);
		json_object_array_add(pair, after[k] ? json_object_new_string(after[k]) : NULL);
		json_object_object_add(o, merge_column(m->p, k), pair);
	}
	text = cc_strdup(m->rq->arena, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
	return text;
}

/* The others as a JSON array. */
static const char *others_of(const struct merge *m, size_t survivor)
{
	struct cc_buf json = cc_buf_new(m->rq->arena);

	cc_buf_str(&json, "[");
	for (size_t i = 0; i < m->count; i++)
		if (i != survivor)
			cc_buf_printf(&json, "%s%" PRId64, json.len > 1 ? "," : "", m->customer[i].id);
	cc_buf_str(&json, "]");
	return cc_buf_text(&json);
}

/* The others are found by nothing any more, then the survivor may have what was theirs. */
static int move_index(const struct merge *m, const struct merge_choice *c,
		const char *const after[MERGE_COLUMNS], int64_t *other)
{
	int err = 0;

	for (size_t i = 0; i < m->count && !err; i++)
		if (i != c->survivor)
			err = index_change(m->rq->db, m->rq->arena, m->p, m->customer[i].id,
					m->customer[i].value, NULL, other);
	return err ? err
			   : index_change(m->rq->db, m->rq->arena, m->p, m->customer[c->survivor].id,
						 m->customer[c->survivor].value, after, other);
}

static int note_down(const struct merge *m, size_t survivor, const char *others,
		const char *changed, int64_t *id)
{
	struct cc_db *db = m->rq->db;
	int64_t own = m->customer[survivor].id;
	int err = cc_db_exec(db,
			"INSERT INTO customer_merge (tenant_id, package_id, customer_id, name, value, at, "
			"user_id, user_name) SELECT {tenant}, package_id, id, name, ?, ?, {user}, ? FROM "
			"customer WHERE tenant_id = {tenant} AND id = ?",
			changed, m->rq->now_ms, m->rq->user->name, own);

	if (err)
		return err;
	*id = cc_db_insert_id(db);
	err = cc_db_exec(db,
			"INSERT INTO customer_merged (tenant_id, merge_id, customer_id, name, phone_e164) "
			"SELECT {tenant}, ?, id, name, phone_e164 FROM customer WHERE tenant_id = {tenant} AND "
			"id IN (" CC_MANY_KEYS ")",
			*id, others);
	if (!err)
		err = cc_db_exec(db,
				"UPDATE " CC_MANY_TABLE " JOIN customer c ON c.tenant_id = {tenant} AND c.id = j.k "
				"SET c.merged_into = ?",
				others, own);
	return err;
}

int merge_do(struct merge *m, const struct merge_choice *c, int64_t *id, int64_t *other)
{
	struct cc_request *rq = m->rq;
	const char *after[MERGE_COLUMNS], *others = others_of(m, c->survivor), *changed;
	int64_t own = m->customer[c->survivor].id;
	int err;

	values_after(m, c, after);
	changed = difference(m, c->survivor, after);
	err = note_down(m, c->survivor, others, changed, id);
	if (!err)
		err = move_index(m, c, after, other);
	if (!err)
		err = merge_write(rq, m->p, own, after);
	if (!err)
		err = merge_rows_move(rq->db, *id, own, others);
	if (!err)
		err = merge_rows_latest(rq->db, rq->arena, cc_sprintf(rq->arena, "[%" PRId64 "]", own));
	if (!err)
		err = cc_audit_write(rq, "crm.customers.merge",
				cc_sprintf(rq->arena, "customers/%" PRId64, own),
				cc_sprintf(rq->arena, "{\"merge\":%" PRId64 ",\"others\":%s,\"changed\":%s}", *id,
						others, changed));
	return err;
}
