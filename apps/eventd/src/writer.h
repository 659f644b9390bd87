/* SPDX-License-Identifier: GPL-2.0-or-later
 * The writer's thread: journal to database, exactly once. */
#ifndef WRITER_H
#define WRITER_H

#include "eventd.h"

struct writer;

struct writer_status
{
	char segment[40]; /* position that is committed */
	int64_t offset;
	uint64_t seq;
	int64_t quarantined; /* since the start */
	bool database;       /* the last transaction succeeded */
};

int writer_new(struct writer **writer, const struct eventd *eventd);
/* Waits for the transaction at work. */
void writer_free(struct writer *writer);
void writer_status(struct writer *writer, struct writer_status *status);

#endif
