/* SPDX-License-Identifier: GPL-2.0-or-later
 * The fields of a journal record, checked on the way out. What does not fit its column is cut,
 * because a call must not be lost for a long name; what cannot be used at all is an error with a
 * reason. */
#ifndef FIELDS_H
#define FIELDS_H

#include <json-c/json.h>
#include <stdint.h>
#include "cc/journal.h"

struct fields
{
	struct json_object *object;
	char reason[128]; /* of the first failure, "" if there was none */
};

/* CC_E_CORRUPT: not one JSON object (reason says so). fields_free in any case. */
int fields_parse(struct fields *f, const struct cc_record *record);
void fields_free(struct fields *f);

/* A text of at most max bytes, cut at a UTF-8 border; NULL if it is absent, null or empty. Numbers
 * count as their text. Lives as long as f. */
const char *fields_text(struct fields *f, const char *name, size_t max);
/* The same for an ASCII column: other characters become '?'. */
const char *fields_code(struct fields *f, const char *name, size_t max);
/* A whole number; otherwise if it is absent or null. Another kind of value is a failure. */
int64_t fields_int(struct fields *f, const char *name, int64_t otherwise);
/* One of the words of a list that ends with NULL. otherwise NULL: the field must be there. Failure:
 * NULL. */
const char *fields_word(
		struct fields *f, const char *name, const char *const *words, const char *otherwise);
/* A ULID that must be there. */
struct cc_ulid fields_ulid(struct fields *f, const char *name);
/* Notes a failure with a reason that names the field. */
void fields_fail(struct fields *f, const char *name, const char *what);

#endif
