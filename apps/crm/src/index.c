/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "index.h"
#include <ctype.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include "cc/number.h"
#include "cc/utf8.h"

#define HASH 16
#define AT_ONCE 100 /* values of a question */

int index_slot(const struct field *f)
{
	if (f->base)
		return strcmp(f->column, "name") == 0    ? INDEX_NAME
			   : strcmp(f->column, "phone") == 0 ? INDEX_NUMBER
												 : 0;
	if (f->column[0] != 'x' && f->column[0] != 'n')
		return 0;
	return (f->column[0] == 'x' ? INDEX_TEXT : INDEX_INTEGER) +
		   (int)strtol(f->column + 1, NULL, 10) - 1;
}

int index_words(const struct field *f)
{
	static const char *const base[] = {"email", "city", "area", "note"};
	const int texts = INDEX_WORDS + (int)(sizeof(base) / sizeof(*base));

	if (f->kind == FIELD_PHONE || f->kind == FIELD_FILE)
		return 0;
	for (int i = 0; f->base && INDEX_WORDS + i < texts; i++)
		if (strcmp(f->column, base[i]) == 0)
			return INDEX_WORDS + i;
	return f->column[0] == 'x' && !f->base ? texts + (int)strtol(f->column + 1, NULL, 10) - 1 : 0;
}

/* ---- values ---- */

static struct cc_bytes number_key(struct cc_arena *arena, const char *value)
{
	/* the sign turned round, the highest byte first: bytes in the order of the numbers */
	uint64_t n = (uint64_t)strtoll(value, NULL, 10) ^ (UINT64_C(1) << 63);
	unsigned char *key = cc_alloc(arena, 8);

	for (int i = 0; i < 8; i++)
		key[i] = (unsigned char)(n >> (56 - 8 * i));
	return (struct cc_bytes){key, 8};
}

static void lower(char *key, const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		key[i] = (char)((unsigned char)value[i] < 0x80 ? tolower((unsigned char)value[i])
													   : value[i]);
}

struct cc_bytes index_words_key(struct cc_arena *arena, const char *value)
{
	size_t len = strlen(value);
	char *key = cc_alloc(arena, len + 1);

	lower(key, value, len);
	return (struct cc_bytes){key, len};
}

static struct cc_bytes text_key(struct cc_arena *arena, const char *value)
{
	size_t len = strlen(value), kept = len;
	char *key;

	if (len > INDEX_VALUE)
		kept = cc_utf8_cut(value, len, INDEX_VALUE - HASH);
	key = cc_alloc(arena, kept + HASH);
	lower(key, value, kept);
	if (kept < len) {
		crypto_generichash(
				(unsigned char *)key + kept, HASH, (const unsigned char *)value, len, NULL, 0);
		kept += HASH;
	}
	return (struct cc_bytes){key, kept};
}

static struct cc_bytes phone_key(struct cc_arena *arena, const struct package *p, const char *value)
{
	char e164[CC_NUMBER_E164 + 1];
	int len = cc_number_e164(e164, value, p->country, p->area);

	if (len > 0)
		return (struct cc_bytes){cc_strndup(arena, e164, (size_t)len), (size_t)len};
	return (struct cc_bytes){value, strlen(value)};
}

struct cc_bytes index_key(
		struct cc_arena *arena, const struct package *p, const struct field *f, const char *value)
{
	int slot = index_slot(f);

	if (!slot || !value || !*value)
		return (struct cc_bytes){0};
	if (slot >= INDEX_INTEGER)
		return number_key(arena, value);
	if (slot == INDEX_NUMBER)
		return phone_key(arena, p, value);
	return text_key(arena, value);
}

static struct cc_bytes backwards(struct cc_arena *arena, struct cc_bytes number)
{
	char *key = cc_alloc(arena, number.len + 1);

	for (size_t i = 0; i < number.len; i++)
		key[i] = ((const char *)number.p)[number.len - 1 - i];
	return (struct cc_bytes){key, number.len};
}

static struct cc_bytes together(
		struct cc_arena *arena, const struct package *p, const char *const values[])
{
	crypto_generichash_state state;
	unsigned char *hash;

	for (size_t i = 0; i < p->together_count; i++) {
		const char *value = values[p->together[i] - p->fields];

		if (!value || !*value)
			return (struct cc_bytes){0};
	}
	if (!p->together_count)
		return (struct cc_bytes){0};
	hash = cc_alloc(arena, HASH);
	crypto_generichash_init(&state, NULL, 0, HASH);
	for (size_t i = 0; i < p->together_count; i++) {
		struct cc_bytes key = text_key(arena, values[p->together[i] - p->fields]);
		uint64_t len = key.len;

		crypto_generichash_update(&state, (const unsigned char *)&len, sizeof(len));
		crypto_generichash_update(&state, key.p, key.len);
	}
	crypto_generichash_final(&state, hash, HASH);
	return (struct cc_bytes){hash, HASH};
}

/* ---- rows of a customer ---- */

/* The row behind the others, unless it is one of them: a customer may have a number in two fields.
 */
static void add(struct index_row *rows, size_t *n, int slot, bool unique, struct cc_bytes value)
{
	if (!value.p || *n == INDEX_ROWS)
		return;
	for (size_t i = 0; i < *n; i++)
		if (rows[i].slot == slot && rows[i].value.len == value.len &&
				memcmp(rows[i].value.p, value.p, value.len) == 0)
			return;
	rows[(*n)++] = (struct index_row){.slot = (uint8_t)slot, .unique = unique, .value = value};
}

size_t index_rows(struct cc_arena *arena, const struct package *p, const char *const values[],
		struct index_row rows[INDEX_ROWS])
{
	size_t n = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct field *f = &p->fields[i];
		int slot = index_slot(f);

		if (!values[i] || !*values[i])
			continue;
		if (f->kind == FIELD_PHONE) {
			struct cc_bytes number = phone_key(arena, p, values[i]);

			add(rows, &n, INDEX_NUMBER, p->unique_phone, number);
			add(rows, &n, INDEX_BACKWARDS, false, backwards(arena, number));
		}
		if (slot && slot != INDEX_NUMBER)
			add(rows, &n, slot, f->unique, index_key(arena, p, f, values[i]));
		if (index_words(f))
			add(rows, &n, index_words(f), false, index_words_key(arena, values[i]));
	}
	add(rows, &n, INDEX_TOGETHER, true, together(arena, p, values));
	return n;
}

/* ---- the table ---- */

int index_compare(const struct index_row *a, const struct index_row *b)
{
	size_t len = a->value.len < b->value.len ? a->value.len : b->value.len;
	int order = a->slot - b->slot;

	order = order ? order : memcmp(a->value.p, b->value.p, len);
	return order ? order : a->value.len < b->value.len ? -1 : a->value.len > b->value.len;
}

static int by_key(const void *a, const void *b)
{
	return index_compare(*(struct index_row *const *)a, *(struct index_row *const *)b);
}

static int ask(struct cc_db *db, int64_t package, struct index_row **rows, size_t count)
{
	static const char sql[] =
			"SELECT value, customer_id FROM customer_index WHERE tenant_id = {tenant} AND "
			"package_id = ? AND slot = ? AND twin = 0 AND value IN ("
			"?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
			"?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
			"?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) LOCK IN SHARE MODE";
	struct cc_bind binds[2 + AT_ONCE] = {cc_bind_int(package), cc_bind_int(rows[0]->slot)};
	struct cc_rows found = {0};
	int err;

	for (size_t i = 0; i < AT_ONCE; i++) /* the last one fills up the list */
		binds[2 + i] = cc_bind_bytes(rows[i < count ? i : count - 1]->value);
	err = cc_db_query_text(db, &found, sql, binds, 2 + AT_ONCE);
	for (size_t i = 0; i < found.count && !err; i++) {
		struct index_row key = {
				.slot = rows[0]->slot, .value = {found.row[i].v[0], found.row[i].len[0]}};
		struct index_row *wanted = &key, **at;

		at = bsearch(&wanted, rows, count, sizeof(*rows), by_key);
		while (at && at > rows && by_key(at - 1, &wanted) == 0)
			at--;
		for (; at && at < rows + count && by_key(at, &wanted) == 0; at++)
			(*at)->customer = cc_row_int(&found.row[i], 1, 0);
	}
	return err;
}

int index_find(struct cc_db *db, struct cc_arena *arena, int64_t package, struct index_row *rows,
		size_t count)
{
	struct index_row **order = cc_alloc(arena, (count + 1) * sizeof(*order));
	size_t n = 0;
	int err = 0;

	for (size_t i = 0; i < count; i++) {
		rows[i].customer = 0;
		if (rows[i].unique)
			order[n++] = &rows[i];
	}
	qsort(order, n, sizeof(*order), by_key);
	for (size_t done = 0, some; done < n && !err; done += some) {
		for (some = 1; some < AT_ONCE && done + some < n; some++)
			if (order[done + some]->slot != order[done]->slot)
				break;
		err = ask(db, package, order + done, some);
	}
	return err;
}

int index_put(struct cc_db *db, struct cc_arena *arena, int64_t package,
		const struct index_row *rows, size_t count, bool free_only, size_t *taken)
{
	const struct index_row **order = cc_alloc(arena, (count + 1) * sizeof(*order));
	struct cc_bind *binds = cc_alloc(arena, (count + 1) * 5 * sizeof(*binds)), *b = binds;
	size_t n = 0;
	int err;

	for (size_t i = 0; i < count; i++)
		if (index_in_table(&rows[i]))
			order[n++] = &rows[i];
	qsort(order, n, sizeof(*order), by_key); /* neighbours share pages */
	for (size_t i = 0; i < n; i++) {
		*b++ = cc_bind_int(package);
		*b++ = cc_bind_int(order[i]->slot);
		*b++ = cc_bind_bytes(order[i]->value);
		*b++ = cc_bind_int(order[i]->unique ? 0 : order[i]->customer);
		*b++ = cc_bind_int(order[i]->customer);
	}
	err = cc_db_bulk(db,
			free_only ? "INSERT IGNORE INTO customer_index (tenant_id, package_id, slot, value, "
						"twin, customer_id) VALUES ({tenant}, ?, ?, ?, ?, ?)"
					  : "INSERT INTO customer_index (tenant_id, package_id, slot, value, twin, "
						"customer_id) VALUES ({tenant}, ?, ?, ?, ?, ?)",
			binds, n * 5);
	if (!err && taken)
		*taken = count - n + (n ? (size_t)cc_db_affected(db) : 0);
	return err ? err : index_text_put(db, arena, package, rows, count);
}

int index_remove(struct cc_db *db, struct cc_arena *arena, int64_t package,
		const struct index_row *rows, size_t count)
{
	struct cc_bind *binds = cc_alloc(arena, (count + 1) * 5 * sizeof(*binds)), *b = binds;
	int err;

	for (size_t i = 0; i < count; i++) {
		if (!index_in_table(&rows[i]))
			continue;
		*b++ = cc_bind_int(package);
		*b++ = cc_bind_int(rows[i].slot);
		*b++ = cc_bind_bytes(rows[i].value);
		*b++ = cc_bind_int(rows[i].unique ? 0 : rows[i].customer);
		*b++ = cc_bind_int(rows[i].customer);
	}
	err = cc_db_bulk(db,
			"DELETE FROM customer_index WHERE tenant_id = {tenant} AND package_id = ? AND "
			"slot = ? AND value = ? AND twin = ? AND customer_id = ?",
			binds, (size_t)(b - binds));
	return err ? err : index_text_remove(db, arena, package, rows, count);
}

int index_change(struct cc_db *db, struct cc_arena *arena, const struct package *p,
		int64_t customer, const char *const old[], const char *const now[], int64_t *other)
{
	struct index_row before[INDEX_ROWS], after[INDEX_ROWS];
	size_t gone = old ? index_rows(arena, p, old, before) : 0;
	size_t come = now ? index_rows(arena, p, now, after) : 0;
	int err = index_find(db, arena, p->id, after, come);

	for (size_t i = 0; i < come && !err; i++) {
		if (after[i].customer && after[i].customer != customer) {
			*other = after[i].customer;
			err = CC_E_EXIST;
		}
	}
	for (size_t i = 0; i < gone; i++)
		before[i].customer = customer;
	for (size_t i = 0; i < come; i++)
		after[i].customer = customer;
	if (!err)
		err = index_remove(db, arena, p->id, before, gone);
	return err ? err : index_put(db, arena, p->id, after, come, false, NULL);
}
