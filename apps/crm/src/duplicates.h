/* SPDX-License-Identifier: GPL-2.0-or-later
 * Customers of a package who have something in common: a telephone number in whatever field, the
 * value of a searched field, or the name together with another field. Groups come in the order of
 * the values, piece by piece. Numbers and searched fields are read from customer_index in its
 * order; names with texts or numbers from customer_text, all of them each time. */
#ifndef DUPLICATES_H
#define DUPLICATES_H

#include "customer.h"

#define DUPLICATES_MEMBERS 50 /* of a group; there may be more */

struct duplicate
{
	int64_t id, updated_at;
	const char *name, *phone, *agent;
};

struct duplicate_group
{
	const char *value; /* as the first of them has it */
	struct duplicate member[DUPLICATES_MEMBERS];
	size_t count;
	bool more; /* than these */
};

struct duplicates
{
	struct cc_request *rq;
	const struct cc_resource *r;
	const struct package *p;
	const struct field *by, *with; /* with: NULL, or another field when by is the name */
	struct cc_bytes after;         /* what was looked at last, as duplicates.c wants it */
	bool over;
	/* what was found by duplicates_next */
	struct duplicate_group *group;
	size_t count, room;
};

/* by: name of a field, "phone" means any number. CC_E_INVAL: nothing can be found by it. */
int duplicates_begin(struct duplicates *d, struct cc_request *rq, int64_t package, const char *by,
		const char *with);
/* Fields that duplicates are found by, and those that a name is not alone with. */
bool duplicates_by(const struct field *f);
bool duplicates_with(const struct field *f);
/* Groups of those that the user may see, until there are about so many or all was looked at
 * (d->over). May return with fewer, because it looks at a limited number of values. */
int duplicates_next(struct duplicates *d, size_t wanted);
/* How many values occur more than once. */
int duplicates_count(struct duplicates *d, int64_t *count);

#endif
