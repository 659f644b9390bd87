/* SPDX-License-Identifier: GPL-2.0-or-later
 * Texts by number in a temporary file that has no name: the shared strings of a workbook may be
 * larger than the memory a job gets. Reads go through a few cached blocks, because cells name the
 * texts roughly in the order in which they were written. */
#ifndef SPOOL_H
#define SPOOL_H

#include <stddef.h>
#include <stdint.h>

struct spool;

int spool_new(struct spool **spool);
void spool_free(struct spool *spool);
/* Appends the next text; the first is number 0. CC_E_IO, CC_E_NOMEM. */
int spool_add(struct spool *spool, const char *text, size_t len);
/* The text with this number, valid until the next call. CC_E_NOENT, CC_E_IO, CC_E_NOMEM. */
int spool_get(struct spool *spool, uint64_t number, const char **text, size_t *len);

#endif
