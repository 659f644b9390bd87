/* SPDX-License-Identifier: GPL-2.0-or-later
 * Merging of duplicates: one customer, the survivor, takes what is chosen of the others' values and
 * all that was done with them. The others stay as rows with merged_into set, in no list and no
 * index, until the merge is undone, which puts everything back as it was.
 *
 * Whoever merges sees and may edit all of them. A customer that is not to be called makes the
 * survivor one that is not to be called. */
#ifndef MERGE_H
#define MERGE_H

#include "cc/jobs.h"
#include "customer.h"

#define MERGE_MOST 10 /* customers that are compared side by side */
#define MERGE_COLUMNS (PACKAGE_FIELDS + 12)

/* Columns behind those of the package's fields; merge.c has them in this order. */
enum merge_column
{
	MERGE_TYPE,
	MERGE_SOURCE,
	MERGE_AGENT, /* these three go together */
	MERGE_GROUP,
	MERGE_ASSIGNED,
	MERGE_FUNNEL,
	MERGE_CONTACTED, /* these two go together */
	MERGE_ANSWERED,
	MERGE_NO_CALL,
	MERGE_MARK,
	MERGE_E164,
	MERGE_UPDATED,
	MERGE_EXTRA,
};

struct merge_customer
{
	int64_t id, created_at, updated_at;
	const char *value[MERGE_COLUMNS]; /* of the package's fields, then of merge_column */
};

struct merge
{
	struct cc_request *rq;
	const struct cc_resource *r; /* the table of customers of the package */
	const struct package *p;
	size_t columns; /* of each customer */
	struct merge_customer *customer;
	size_t count;
	const char *version; /* changes when one of them does */
};

/* Whose value of which column the survivor gets; customer < 0: none. */
struct merge_choice
{
	size_t survivor;
	struct
	{
		int customer;
		size_t column;
	} from[MERGE_COLUMNS];
};

enum merge_policy
{
	MERGE_OLDEST,
	MERGE_NEWEST,
	MERGE_FULLEST,
};

/* Name of a column of struct merge_customer. */
const char *merge_column(const struct package *p, size_t column);

/* Reads 2 to MERGE_MOST customers by a list of ids with commas between them, in the order of ids;
 * locked: in a transaction, until its end. CC_E_NOENT: one is not there, or not for this user;
 * CC_E_RANGE: so many cannot be merged; CC_E_INVAL: no such list. */
int merge_load(struct cc_request *rq, const char *ids, bool locked, struct merge **m);
/* The survivor by the policy. */
size_t merge_survivor(const struct merge *m, enum merge_policy policy);
/* What is chosen when nobody says something else: the filled value of who was changed last; keep:
 * the survivor's first. Numbers that no telephone field would hold any more go to empty ones. */
void merge_choose(const struct merge *m, size_t survivor, bool keep, struct merge_choice *choice);
/* Merges what was loaded locked, in the transaction, with its audit entry. CC_E_EXIST: customer
 * *other has a number or value that the survivor would get; the transaction cannot be committed. */
int merge_do(struct merge *m, const struct merge_choice *choice, int64_t *id, int64_t *other);
/* Puts back what merge id did, in the transaction, with its audit entry. What was changed since in
 * the survivor stays. CC_E_NOENT: no such merge, or not for this user; CC_E_STATE: it is undone
 * already, or the survivor was merged itself since; CC_E_EXIST: as above. */
int merge_undo(struct cc_request *rq, int64_t id, int64_t *other);

/* All columns of a customer as they are from now on. */
int merge_write(struct cc_request *rq, const struct package *p, int64_t customer,
		const char *const value[MERGE_COLUMNS]);

/* ---- merge_rows.c: what hangs on customers ---- */

/* Of the others (JSON array of their ids) to the survivor, noted down with the merge. */
int merge_rows_move(struct cc_db *db, int64_t merge, int64_t survivor, const char *others);
int merge_rows_return(struct cc_db *db, int64_t merge, int64_t survivor);
/* Which mark is the latest one of each of them (JSON array). */
int merge_rows_latest(struct cc_db *db, struct cc_arena *arena, const char *customers);

/* ---- pages ---- */

extern const struct cc_resource crm_merges;
int crm_merged_card(struct cc_request *rq);
int crm_merge_page(struct cc_request *rq);
int crm_merge_post(struct cc_request *rq);
int crm_duplicates_page(struct cc_request *rq);
int crm_duplicates_post(struct cc_request *rq);
int crm_merge_task(struct cc_job_run *job);

#endif
