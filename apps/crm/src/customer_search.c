/* SPDX-License-Identifier: GPL-2.0-or-later
 * Searching half a million customers. README.md says which index serves what.
 *
 * What people search by stands in customer_index (index.h), a narrow table in the order of values:
 * whole values and begins are ranges of it, ends are begins of the numbers backwards. Parts from
 * the middle are looked for in customer_text. Up to KEYS keys are read first. When that is all
 * there are, the list is made of them. More than that means that there are so many that going along
 * the list's own order, newest first, in the index customer_scan finds a page's worth soon. */
#include <inttypes.h>
#include <string.h>
#include "cc/number.h"
#include "customer.h"
#include "index.h"

#define KEYS 500
#define DIGITS_MIN 3

/* ---- what was typed ---- */

/* Digits of a text that is a number or a part of one; NULL: it is not. */
static char *digits_of(struct cc_arena *a, const char *text)
{
	char *out = cc_alloc(a, strlen(text) + 1);
	size_t n = 0;
	for (; *text; text++) {
		if (*text >= '0' && *text <= '9')
			out[n++] = *text;
		else if (!strchr(" -+()./*", *text))
			return NULL;
	}
	return n ? out : NULL;
}

static const char *like(struct cc_arena *a, const char *before, const char *text, const char *after)
{
	struct cc_buf b = cc_buf_new(a);
	cc_buf_str(&b, before);
	for (; *text; text++) {
		if (strchr("%_\\", *text))
			cc_buf_add(&b, "\\", 1);
		cc_buf_add(&b, text, 1);
	}
	cc_buf_str(&b, after);
	return cc_buf_text(&b);
}

static const char *reverse(struct cc_arena *a, const char *text)
{
	size_t len = strlen(text);
	char *out = cc_alloc(a, len + 1);
	for (size_t i = 0; i < len; i++)
		out[i] = text[len - 1 - i];
	return out;
}

/* A number as the tenant dials it begins with its country's code in E.164, without the leading 0 of
 * an area: both ways to begin, as LIKE patterns. */
static void begins(struct cc_arena *a, const struct package *p, const char *digits,
		const char **national, const char **international)
{
	const char *rest = *digits == '0' && digits[1] != '0' ? digits + 1 : digits;
	*national = cc_sprintf(a, "%s%s%%", p->country, rest);
	*international = cc_sprintf(a, "%s%%", !strncmp(digits, "00", 2) ? digits + 2 : digits);
}

/* ---- conditions on one column ---- */

#define INDEXED                                                                                    \
	"t.id IN (SELECT i.customer_id FROM customer_index i WHERE i.tenant_id = {tenant} AND "        \
	"i.package_id = ? AND i.slot = ? AND "

static void indexed(struct cc_list *l, const struct package *p, int slot)
{
	cc_list_bind(l, cc_bind_int(p->id));
	cc_list_bind(l, cc_bind_int(slot));
}

/* ---- keys ---- */

struct keys
{
	int64_t id[KEYS];
	size_t count;
	bool more;
};

/* A customer may have a number in two fields. */
static void take(struct keys *k, const struct cc_rows *rows)
{
	k->more = rows->count > KEYS;
	for (size_t i = 0; i < rows->count && i < KEYS; i++)
		k->id[k->count++] = cc_row_int(&rows->row[i], 0, 0);
}

static int keys_whole(
		struct cc_request *rq, const struct package *p, const char *words, struct keys *k)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT customer_id FROM customer_index WHERE tenant_id = {tenant} AND package_id = ? "
			"AND slot = ? AND value = ? LIMIT 501",
			p->id, (int)INDEX_NUMBER, index_key(rq->arena, p, p->phone, words));
	if (!err)
		take(k, &rows);
	return err;
}

static int keys_begin(
		struct cc_request *rq, const struct package *p, const char *digits, struct keys *k)
{
	const char *national, *international;
	struct cc_rows rows;
	begins(rq->arena, p, digits, &national, &international);
	int err = cc_db_query(rq->db, &rows,
			"SELECT customer_id FROM customer_index WHERE tenant_id = {tenant} AND package_id = ? "
			"AND slot = ? AND (value LIKE ? OR value LIKE ?) LIMIT 501",
			p->id, (int)INDEX_NUMBER, national, international);
	if (!err)
		take(k, &rows);
	return err;
}

static int keys_end(
		struct cc_request *rq, const struct package *p, const char *digits, struct keys *k)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT customer_id FROM customer_index WHERE tenant_id = {tenant} AND package_id = ? "
			"AND slot = ? AND value LIKE ? LIMIT 501",
			p->id, (int)INDEX_BACKWARDS, like(rq->arena, "", reverse(rq->arena, digits), "%"));
	if (!err)
		take(k, &rows);
	return err;
}

/* Of customers with the text somewhere in a number, the name or another text, the newest. */
static int keys_part(struct cc_request *rq, const struct package *p, int slot, enum index_part part,
		struct cc_bytes text, struct keys *k)
{
	int64_t ids[KEYS + 1];
	int err = index_search(rq->db, p->id, slot, part, text, ids, KEYS + 1, &k->count);
	if (err)
		return err;
	k->more = k->count > KEYS;
	k->count = k->more ? KEYS : k->count;
	memcpy(k->id, ids, k->count * sizeof *ids);
	return 0;
}

static int keys_digits(
		struct cc_request *rq, const struct package *p, const char *digits, struct keys *k)
{
	return keys_part(
			rq, p, INDEX_NUMBER, INDEX_ANYWHERE, (struct cc_bytes){digits, strlen(digits)}, k);
}

/* The condition as a list of keys, if they are few. */
static bool few_numbers(struct cc_list *l, const struct package *p, const char *op,
		const char *digits, struct cc_buf *sql)
{
	struct cc_request *rq = cc_list_request(l);
	struct cc_arena *a = rq->arena;
	struct keys *k = cc_alloc(a, sizeof *k);
	int err;
	if (!strcmp(op, "starts"))
		err = keys_begin(rq, p, digits, k);
	else if (!strcmp(op, "ends"))
		err = keys_end(rq, p, digits, k);
	else if (!strcmp(op, "contains"))
		err = keys_digits(rq, p, digits, k);
	else
		return false;
	if (err || k->more)
		return false;
	cc_list_among(l, k->id, k->count, sql);
	return true;
}

/* "is", "begins with" and the like in conditions and filters; of any telephone field when it is
 * about the first number. */
bool customer_number_compare(
		struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	struct cc_arena *a = cc_list_request(l)->arena;
	const struct package *p = customer_package(cc_list_resource(l));
	const char *digits = digits_of(a, value), *national, *international;
	bool exact = !strcmp(op, "is") || !strcmp(op, "is_not"), starts = !strcmp(op, "starts");
	if (!strcmp(op, "in"))
		return true;
	if (!digits || (!exact && strlen(digits) < DIGITS_MIN))
		return false;
	if (!exact && cc_list_unhidden(l))
		cc_buf_printf(sql, "%s AND ", cc_list_unhidden(l));
	if (few_numbers(l, p, op, digits, sql))
		return true;
	if (exact) {
		cc_buf_printf(sql, "%s" INDEXED "i.value = ?)", strcmp(op, "is") ? "NOT " : "");
		indexed(l, p, INDEX_NUMBER);
		cc_list_bind(l, cc_bind_bytes(index_key(a, p, p->phone, value)));
		return true;
	}
	if (starts) {
		begins(a, p, digits, &national, &international);
		cc_buf_str(sql, INDEXED "(i.value LIKE ? OR i.value LIKE ?))");
		indexed(l, p, INDEX_NUMBER);
		cc_list_bind(l, cc_bind_str(national));
		cc_list_bind(l, cc_bind_str(international));
		return true;
	}
	bool ends = !strcmp(op, "ends");
	cc_buf_str(sql, INDEXED "i.value LIKE ?)");
	indexed(l, p, ends ? INDEX_BACKWARDS : INDEX_NUMBER);
	cc_list_bind(l,
			cc_bind_str(ends ? like(a, "", reverse(a, digits), "%") : like(a, "%", digits, "%")));
	return true;
}

/* Names by a part of them; so many that they are met soon, and all else, are compared one by one.
 */
bool customer_name_compare(struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	struct cc_request *rq = cc_list_request(l);
	const struct package *p = customer_package(cc_list_resource(l));
	struct keys *k = cc_alloc(rq->arena, sizeof *k);
	enum index_part part = !strcmp(op, "starts") ? INDEX_BEGIN
						   : !strcmp(op, "ends") ? INDEX_END
												 : INDEX_ANYWHERE;
	if (part == INDEX_ANYWHERE && strcmp(op, "contains"))
		return true;
	int err = keys_part(rq, p, INDEX_NAME, part, index_key(rq->arena, p, p->named, value), k);
	if (!err && !k->more)
		cc_list_among(l, k->id, k->count, sql);
	return !err;
}

/* ---- the list ---- */

#define SCANNED                                                                                    \
	"customer s FORCE INDEX (customer_scan) STRAIGHT_JOIN customer t ON t.tenant_id = "            \
	"s.tenant_id AND t.id = s.id"

/* So many that they are met soon: along the narrow index, newest first. newest: the first one, if
 * that is known. */
static void scan(struct cc_list *l, const struct package *p, const char *condition,
		const char *pattern, int64_t newest, struct cc_buf *sql)
{
	cc_list_source(l, SCANNED, "s.id");
	cc_list_many(l);
	cc_buf_printf(sql, "s.tenant_id = {tenant} AND s.package_id = %" PRId64 " AND %s AND s.id <= ?",
			p->id, condition);
	cc_list_bind(l, cc_bind_str(pattern));
	cc_list_bind(l, cc_bind_int(newest));
}

static int number_search(struct cc_list *l, const struct package *p, const char *words,
		const char *digits, struct cc_buf *sql)
{
	struct cc_request *rq = cc_list_request(l);
	struct cc_arena *a = rq->arena;
	struct keys *k = cc_alloc(a, sizeof *k);
	size_t len = strlen(words);
	bool begin = words[len - 1] == '*' && *words != '*', end = *words == '*';
	const char *e164 = package_e164(a, p, words);
	/* who sees only a part of the digits finds whole numbers only: parts would tell the others */
	bool masked = cc_list_masked(l, "phone");
	const char *unhidden = cc_list_unhidden(l);
	int err = 0;
	if (*e164 && !begin && !end)
		err = keys_whole(rq, p, words, k);
	if (!err && masked && !k->count)
		cc_buf_str(sql, "FALSE");
	if (err || masked || k->count)
		goto out;
	if (unhidden)
		cc_buf_printf(sql, "%s AND ", unhidden);
	err = begin ? keys_begin(rq, p, digits, k)
		  : end ? keys_end(rq, p, digits, k)
				: keys_digits(rq, p, digits, k);
	if (!err && k->more) {
		scan(l, p, "s.phone_e164 LIKE ?",
				begin ? cc_sprintf(a, "%s%s%%", p->country, digits + (*digits == '0'))
				: end ? like(a, "%", digits, "")
					  : like(a, "%", digits, "%"),
				begin || end ? INT64_MAX : k->id[0], sql);
		return 0;
	}
	if (!err)
		cc_list_among(l, k->id, k->count, sql);
	return err;
out:
	if (!err && !sql->len)
		cc_list_among(l, k->id, k->count, sql);
	return err;
}

/* Customers who have the words in one of the texts that the user sees. */
static int keys_words(struct cc_list *l, const struct package *p, const char *words, struct keys *k)
{
	struct cc_request *rq = cc_list_request(l);
	const struct cc_bytes text = index_words_key(rq->arena, words);
	int64_t ids[KEYS + 1];
	int err = 0;
	for (size_t i = 0; !err && !k->more && i < p->count; i++) {
		const struct field *f = &p->fields[i];
		size_t count;
		if (!index_words(f) || !customer_column(cc_list_resource(l), f))
			continue;
		err = index_search(
				rq->db, p->id, index_words(f), INDEX_ANYWHERE, text, ids, KEYS + 1, &count);
		if (err)
			break;
		k->more = k->count + count > KEYS;
		if (!k->more)
			memcpy(k->id + k->count, ids, count * sizeof *ids);
		k->count += k->more ? 0 : count;
	}
	return err;
}

/* The customers themselves, when so many have it that a page of them is met soon. */
static void compare_texts(
		struct cc_list *l, const struct package *p, const char *pattern, struct cc_buf *sql)
{
	cc_list_many(l);
	for (size_t i = 0; i < p->count; i++)
		if (index_words(&p->fields[i]) && customer_column(cc_list_resource(l), &p->fields[i])) {
			cc_buf_printf(sql, "%st.%s LIKE ?", sql->len ? " OR " : "", p->fields[i].column);
			cc_list_bind(l, cc_bind_str(pattern));
		}
}

/* Names first. Whoever has no such name may have it elsewhere. */
static int word_search(
		struct cc_list *l, const struct package *p, const char *words, struct cc_buf *sql)
{
	struct cc_request *rq = cc_list_request(l);
	struct keys *k = cc_alloc(rq->arena, sizeof *k);
	const char *pattern = like(rq->arena, "%", words, "%");
	int err = keys_part(
			rq, p, INDEX_NAME, INDEX_ANYWHERE, index_key(rq->arena, p, p->named, words), k);
	if (!err && k->more) {
		scan(l, p, "s.name LIKE ?", pattern, k->id[0], sql);
		return 0;
	}
	if (!err && !k->count)
		err = keys_words(l, p, words, k);
	if (!err && k->more)
		compare_texts(l, p, pattern, sql);
	else if (!err)
		cc_list_among(l, k->id, k->count, sql);
	return err;
}

/* Digits and what people put between them: a number, of which three digits are needed (CRM-25);
 * with * behind them its begin, with * before them its end. Anything else: a part of a name. */
int customer_quick(struct cc_list *l, const char *words, struct cc_buf *sql)
{
	const struct package *p = customer_package(cc_list_resource(l));
	struct cc_request *rq = cc_list_request(l);
	const char *digits = digits_of(rq->arena, words);
	if (!digits)
		return word_search(l, p, words, sql);
	if (strlen(digits) >= DIGITS_MIN)
		return number_search(l, p, words, digits, sql);
	cc_list_refuse(l, cc_t(rq, "Type at least three digits of a number."));
	return 0;
}

/* ---- lists of rows about customers ---- */

int customer_among(struct cc_list *l, const struct package *p, bool parts, const char *words,
		struct cc_buf *sql)
{
	struct cc_request *rq = cc_list_request(l);
	struct cc_arena *a = rq->arena;
	struct keys *k = cc_alloc(a, sizeof *k);
	const char *digits = digits_of(a, words);
	int err;
	if (!digits)
		err = keys_part(rq, p, INDEX_NAME, INDEX_ANYWHERE, index_key(a, p, p->named, words), k);
	else if (strlen(digits) < DIGITS_MIN)
		return cc_list_refuse(l, cc_t(rq, "Type at least three digits of a number.")), 0;
	else
		err = parts ? keys_digits(rq, p, digits, k) : keys_whole(rq, p, words, k);
	if (err)
		return err;
	if (k->more) {
		cc_list_many(l);
		cc_buf_str(sql, digits ? "c.phone_e164 LIKE ?" : "c.name LIKE ?");
		cc_list_bind(l, cc_bind_str(like(a, "%", digits ? digits : words, "%")));
		return 0;
	}
	struct cc_buf json = cc_buf_new(a);
	for (size_t i = 0; i < k->count; i++)
		cc_buf_printf(&json, "%s%" PRId64, i ? "," : "[", k->id[i]);
	cc_buf_str(&json, k->count ? "]" : "[]");
	cc_buf_str(sql, "t.customer_id IN (" CC_MANY_KEYS ")");
	cc_list_bind(l, cc_bind_str(cc_buf_text(&json)));
	return 0;
}

/* ---- whose number is it ---- */

/* Only fields that say so find the customer of a call. */
static int matches(struct cc_request *rq, const struct package *p, int64_t customer,
		const char *e164, bool *match)
{
	const char *values[PACKAGE_FIELDS] = {NULL};
	int err = package_values(rq->db, rq->arena, p, customer, values);
	*match = false;
	for (size_t i = 0; !err && i < p->count && !*match; i++)
		*match = p->fields[i].kind == FIELD_PHONE && p->fields[i].pop_match && values[i] &&
				 !strcmp(package_e164(rq->arena, p, values[i]), e164);
	return err;
}

int customer_by_number(struct cc_request *rq, int64_t package, const char *number,
		struct customer_found *found, size_t max, size_t *count)
{
	struct cc_rows rows;
	struct package *p;
	*count = 0;
	int err = package_load(rq->db, rq->arena, 0, &p);
	const char *e164 = err ? "" : package_e164(rq->arena, p, number);
	if (err || !*e164)
		return err;
	err = cc_db_query(rq->db, &rows,
			"SELECT DISTINCT i.customer_id, i.package_id FROM customer_package p JOIN "
			"customer_index i ON i.tenant_id = p.tenant_id AND i.package_id = p.id AND i.slot = 1 "
			"AND i.value = ? WHERE p.tenant_id = {tenant} AND p.state = 'open' AND p.id = "
			"COALESCE(NULLIF(?, 0), p.id) ORDER BY p.standard DESC, i.customer_id DESC LIMIT 50",
			e164, package);
	for (size_t i = 0; !err && i < rows.count && *count < max; i++) {
		const struct cc_resource *r;
		struct cc_row row;
		int64_t of = cc_row_int(&rows.row[i], 1, 0);
		bool match = false;
		err = customer_table(rq, of, &r);
		if (!err)
			err = cc_resource_get(rq, r, cc_row_str(&rows.row[i], 0), &row);
		if (!err)
			err = matches(rq, customer_package(r), cc_row_int(&rows.row[i], 0, 0), e164, &match);
		if (err == CC_E_NOENT) { /* not for this user */
			err = 0;
			continue;
		}
		if (!err && match)
			found[(*count)++] = (struct customer_found){cc_row_int(&rows.row[i], 0, 0), of};
	}
	return err;
}
