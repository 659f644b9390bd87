/* SPDX-License-Identifier: GPL-2.0-or-later
 * A file of fixed-size records that survives every process: shared memory with a name. Each record
 * has two places, written in turn and checked by a CRC, so that a writer that dies in the middle
 * leaves the record as it was before. Different records may be written by different processes at
 * the same time; the writers of one record are serialised by the caller. */
#ifndef CC_RECORDS_H
#define CC_RECORDS_H

#include <stddef.h>
#include <stdint.h>

struct cc_records;

/* Maps the file for count records of that many bytes; kind names what they are and the version of
 * their layout. The disk's blocks are taken at once. CC_E_CORRUPT: the file has another kind, size
 * or count; CC_E_IO; CC_E_NOMEM. */
int cc_records_open(
		struct cc_records **r, const char *path, uint64_t kind, size_t bytes, int32_t count);
/* Unmaps it. NULL is allowed. */
void cc_records_close(struct cc_records *r);

void cc_records_write(struct cc_records *r, int32_t index, const void *record);
void cc_records_clear(struct cc_records *r, int32_t index);
/* The last complete one, or NULL: there is none. Valid until the record is written twice more. */
const void *cc_records_read(const struct cc_records *r, int32_t index);
/* Takes the last complete one away: the one before it, if there is one, is the last again. */
void cc_records_undo(struct cc_records *r, int32_t index);

#endif
