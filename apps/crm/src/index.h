/* SPDX-License-Identifier: GPL-2.0-or-later
 * What customers are searched by, and what they must not have in common: table customer_index, with
 * rows only for what is filled. A row with twin 0 is the only one of its value in the package: the
 * database refuses a second one. Numbers, names and other texts are in customer_text, for searches
 * of parts.
 *
 * A search is a range in it:
 *	SELECT customer_id FROM customer_index WHERE tenant_id = {tenant} AND package_id = ?
 *		AND slot = ? AND value >= ? AND value < ?
 * with slot index_slot(field) and the values of index_key. */
#ifndef INDEX_H
#define INDEX_H

#include "package.h"

#define INDEX_VALUE 255 /* bytes */
#define INDEX_ROWS 48   /* most rows of a customer */

enum index_slot
{
	INDEX_NUMBER = 1,   /* of any telephone field: E.164 digits, or as entered if there are none */
	INDEX_BACKWARDS,    /* the same from its end */
	INDEX_NAME,         /* in customer_text only */
	INDEX_TOGETHER,     /* hash of the values that must not be there together twice */
	INDEX_TEXT = 11,    /* x01 … x08 */
	INDEX_INTEGER = 21, /* n01 … n04 */
	INDEX_WORDS = 31,   /* texts by their parts, in customer_text only: email, city, area, note,
						 * x01 … x08; each field has a slot because not everybody sees all of them */
};

struct index_row
{
	uint8_t slot; /* enum index_slot, INDEX_TEXT + 0 … 7, INDEX_INTEGER + 0 … 3, INDEX_WORDS + 0 …
				   * 11 */
	bool unique;
	struct cc_bytes value;
	int64_t customer; /* whose it is; 0: nobody's */
};

/* Slot of a searched field; 0 for others. Base fields: name and telephone number have one. */
int index_slot(const struct field *f);
/* Slot of a field whose texts are found by any part of them, besides name and numbers; 0 for
 * others.
 */
int index_words(const struct field *f);
/* The form in which such a text is looked for: ASCII letters in lower case. */
struct cc_bytes index_words_key(struct cc_arena *arena, const char *value);
/* The form in which a stored value is in the slot (numbers: 8 bytes in order, texts in lower case;
 * a long one is cut and ends with its hash). {NULL, 0}: it is not. */
struct cc_bytes index_key(
		struct cc_arena *arena, const struct package *p, const struct field *f, const char *value);

/* The rows of a customer with these values (of p->fields, "" or NULL for none); customer is 0 in
 * them. Their number. */
size_t index_rows(struct cc_arena *arena, const struct package *p, const char *const values[],
		struct index_row rows[INDEX_ROWS]);

/* By slot and value, as the table is ordered. */
int index_compare(const struct index_row *a, const struct index_row *b);

/* Fills in who has the value of each row that is unique (others: 0). */
int index_find(struct cc_db *db, struct cc_arena *arena, int64_t package, struct index_row *rows,
		size_t count);
/* Writes rows; their customers are set. CC_E_EXIST: somebody has a unique one.
 * free_only: those are left out, and *taken says how many were written. */
int index_put(struct cc_db *db, struct cc_arena *arena, int64_t package,
		const struct index_row *rows, size_t count, bool free_only, size_t *taken);
/* Removes rows of their customers, in a transaction. */
int index_remove(struct cc_db *db, struct cc_arena *arena, int64_t package,
		const struct index_row *rows, size_t count);

/* The rows of one customer after it changed, in the transaction that changes it: old NULL: it is
 * new, now NULL: it is gone. CC_E_EXIST: *other (a customer's id) has what it would get, and
 * nothing was written. */
int index_change(struct cc_db *db, struct cc_arena *arena, const struct package *p,
		int64_t customer, const char *const old[], const char *const now[], int64_t *other);

/* ---- index_text.c ---- */

enum index_part
{
	INDEX_ANYWHERE,
	INDEX_BEGIN,
	INDEX_END,
};

/* Customers of the package, newest first and each once, who have the text (in the form of
 * index_key) in a number (INDEX_NUMBER), in their name (INDEX_NAME) or in another text (a slot of
 * index_words): at most max. Those whom nobody sees yet are among them. */
int index_search(struct cc_db *db, int64_t package, int slot, enum index_part part,
		struct cc_bytes text, int64_t *ids, size_t max, size_t *count);

/* Every text of slot b with the one that the same customer has in slot a, both of customer_text. */
typedef void index_pair(void *ctx, int64_t customer, struct cc_bytes a, struct cc_bytes b);
int index_pairs(struct cc_db *db, int64_t package, int a, int b, index_pair *take, void *ctx);

/* Of index.c: whether the row is in customer_text, and in customer_index; the texts of rows, which
 * are removed in a transaction. */
bool index_in_text(const struct index_row *row);
bool index_in_table(const struct index_row *row);
int index_text_put(struct cc_db *db, struct cc_arena *arena, int64_t package,
		const struct index_row *rows, size_t count);
int index_text_remove(struct cc_db *db, struct cc_arena *arena, int64_t package,
		const struct index_row *rows, size_t count);

#endif
