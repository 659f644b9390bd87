/* SPDX-License-Identifier: GPL-2.0-or-later
 * The parts of an import: import.c reads rows of the file into blocks, import_block.c writes blocks
 * in threads of their own, import_commit.c makes the batch visible, import_undo.c takes it back. */
#ifndef IMPORT_PRIVATE_H
#define IMPORT_PRIVATE_H

#include <pthread.h>
#include "import.h"
#include "index.h"

#define IMPORT_BLOCK 2000 /* rows */
#define IMPORT_BLOCKS 4   /* one is read, one is written, one is indexed, one is listed */
#define IMPORT_WRITERS 3

struct import_row
{
	uint64_t number;     /* in the file */
	const char **values; /* of package->fields as stored; NULL or "": none */
	int64_t agent;
	size_t rows, unique; /* of the index: how many; the unique ones are first */
	struct index_row *index;
	int64_t customer;        /* that it became */
	int64_t existing;        /* that it duplicates */
	struct import_row *twin; /* of this block, that it duplicates */
};

enum import_stage
{
	IMPORT_FREE,
	IMPORT_READ,
	IMPORT_WRITTEN,
	IMPORT_INDEXED,
};

struct import_block
{
	enum import_stage stage;
	struct cc_arena *arena; /* of what was read; each writer has one of its own besides */
	struct import_row rows[IMPORT_BLOCK];
	size_t count;
};

/* The threads take the blocks in turn. */
struct import_line
{
	const struct import *import;
	struct import_result *result; /* created and skipped are the writer's */
	bool mapped[PACKAGE_FIELDS];
	const char *insert; /* the statement */
	pthread_mutex_t lock;
	pthread_cond_t moved;
	struct import_block blocks[IMPORT_BLOCKS];
	uint64_t filled; /* blocks read so far */
	bool ended;      /* there will be no more */
	int err;         /* the first one: everybody stops */
	char problem[200];
	pthread_t threads[IMPORT_WRITERS];
	int started;
};

/* import_block.c */
/* Begins the writers. */
int import_line_begin(struct import_line *line);
/* The next block to be read into: NULL after an error of a writer. */
struct import_block *import_line_take(struct import_line *line);
/* It is full. */
void import_line_give(struct import_line *line, struct import_block *block);
/* Waits for the writers; err: they stop at once. The first error. */
int import_line_end(struct import_line *line, int err);

/* import_commit.c */
/* Makes the batch's customers visible and does its changes, in one transaction. The arena is
 * emptied now and then. */
int import_commit(struct cc_db *db, const struct import *import, struct cc_arena *arena,
		struct import_result *result);

/* A customer that changes, and to what. */
struct import_target
{
	int64_t id;
	int64_t updated_at;
	const char *old[PACKAGE_FIELDS], *now[PACKAGE_FIELDS];
	bool refused; /* another customer has what it would get, or its values do not suit each other */
};

#define IMPORT_PAGE 200

struct import_page
{
	struct cc_db *db;
	const struct package *p;
	int64_t batch;
	struct cc_arena *arena;
	struct import_target targets[IMPORT_PAGE];
	size_t count;
	int64_t last; /* customer id of the page before */
};

/* The next page of customers that table (customer_change, customer_before) names, with the values
 * that it has for them. */
int import_page_load(struct import_page *g, const char *table);
/* Gives the page's customers their new values, except those who are refused; keep: what they were
 * is written down. */
int import_page_change(struct import_page *g, int64_t now, bool keep);

#endif
