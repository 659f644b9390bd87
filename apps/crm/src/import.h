/* SPDX-License-Identifier: GPL-2.0-or-later
 * Import of customers from a sheet, in one pass and constant memory.
 *
 * An import is a batch. Its new customers are written as they are read, and are seen by nobody
 * until the batch is committed: every list asks for committed batches. What it changes in customers
 * that are there already is written down and done in the transaction that commits it, together with
 * what undoing it brings back. A batch that failed, was cancelled or was cut off by a crash is
 * emptied. */
#ifndef IMPORT_H
#define IMPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "cc/sheet.h"
#include "package.h"

#define IMPORT_COLUMNS 128 /* of the file */
#define IMPORT_ROWS 500000 /* of the file, besides its heading */

enum import_duplicate
{
	IMPORT_SKIP,      /* the customer stays as it is */
	IMPORT_OVERWRITE, /* the file's values take the place of the customer's, empty ones do not */
	IMPORT_FILL,      /* the file's values go where the customer has none */
};

struct import
{
	struct cc_scope scope; /* the database's, and its arena: given back at the end */
	struct cc_arena *arena;
	struct cc_db_options connection; /* of the threads that write */
	int64_t user;                    /* who imports; 0: nobody */
	const char *path;
	const struct package *package;
	struct cc_money money; /* how the file writes amounts in texts */
	int64_t batch;         /* in state running */
	const char *name;      /* of the batch */
	/* what each column of the file is: NULL: left out */
	const struct field *columns[IMPORT_COLUMNS];
	size_t column_count;
	int agent_column; /* ##AgentNo##: number of the agent who gets the customer; -1: none */
	uint64_t most;    /* rows of the file, 0: IMPORT_ROWS */
	bool skip_first;  /* the first row is a heading */
	bool strip_zero;  /* one 0 at the begin of telephone numbers goes */
	const struct field *required[PACKAGE_FIELDS]; /* of this import, besides the fields' own */
	size_t required_count;
	enum import_duplicate duplicate;
	int64_t source, type, agent, group; /* 0: none */
	int64_t dictionary;                 /* 0: none */
	/* customers to be called: the call task, 0: none; which of the file's get there. Those that are
	 * in a task already stay there */
	int64_t task;
	bool list_new, list_duplicates;
	const int64_t *tags;
	size_t tag_count;
	FILE *bad; /* CSV of the rows that were refused, with the reason before them; not closed */
	/* Asked for after every block of rows: not 0 cancels. translate: text in the user's language.
	 */
	int (*progress)(void *ctx, uint64_t rows);
	const char *(*translate)(void *ctx, const char *text);
	void *ctx;
};

struct import_result
{
	uint64_t rows, created, changed, skipped, bad;
	struct cc_sheet_problem problem; /* of the file */
	char error[200];                 /* the database's words */
};

/* Reads and commits. The batch is empty: whoever begins again after a crash discards it first. 0;
 * CC_E_INVAL or CC_E_FULL: the file (result->problem says why); CC_E_STATE: cancelled; or the
 * database's errors. After an error the batch is empty and not committed: its state is the caller's
 * to write. */
int import_run(struct cc_db *db, const struct import *import, struct import_result *result);

/* What would become of the first rows, limit of them at most: bad ones go to import->bad, skipped
 * is the number of those that have something that a customer or an earlier row has, created the
 * rest. Nothing is written. Errors as above. */
int import_preview(struct cc_db *db, const struct import *import, uint64_t limit,
		struct import_result *result);

/* Takes back what a committed batch of the package did: its customers go, what it changed is as
 * before. Customers that somebody changed since stay as they are: kept is their number. The batch
 * is `undone` then. own and scope: the database's, given back at the end. CC_E_STATE: it is not
 * committed. */
int import_undo(struct cc_db *db, const struct cc_scope *scope, struct cc_arena *own,
		const struct package *p, int64_t batch, uint64_t *kept);

/* Empties a batch that did not commit. arena is the database's, and is emptied too. */
int import_discard(
		struct cc_db *db, struct cc_arena *arena, const struct package *p, int64_t batch);

#endif
