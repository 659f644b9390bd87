/* SPDX-License-Identifier: GPL-2.0-or-later
 * Values of customers on their way to the database. */
#ifndef VALUES_H
#define VALUES_H

#include "package.h"

/* An id, 0 as NULL. A text, because the rows of a bulk insert have one kind each column. */
struct cc_bind bind_id(struct cc_arena *arena, int64_t id);
/* A stored value for its column. */
struct cc_bind bind_value(const struct field *f, const char *value);
/* {"x01": "…"} of the fields that are marked and filled. */
const char *values_json(struct cc_arena *arena, const struct package *p, const char *const values[],
		const bool marked[PACKAGE_FIELDS]);

#endif
