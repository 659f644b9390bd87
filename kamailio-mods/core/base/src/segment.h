/* SPDX-License-Identifier: GPL-2.0-or-later
 * Names and contents of segments, shared by ring, writer and reader. Private to core/base. */
#ifndef CC_SEGMENT_H
#define CC_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cc/journal.h"

#define SEGMENT_NAME 40 /* "001-00000001-0000000000000001.ccj" and its NUL fit */

struct segment_name
{
	uint32_t node, epoch;
	uint64_t first_seq;
};

void segment_name_format(const struct segment_name *n, char text[SEGMENT_NAME]);
bool segment_name_parse(struct segment_name *n, const char *text);

/* The first name that sorts behind after ("": of all). 1, 0 if there is none, CC_E_IO. */
int segment_next(const char *folder, const char *after, char name[SEGMENT_NAME]);
/* The last name that sorts before before ("": of all). The same results. */
int segment_previous(const char *folder, const char *before, char name[SEGMENT_NAME]);

/* What a folder's segments end with: zeros if there are none. bytes: used length of the last
 * segment. */
struct segment_end
{
	char name[SEGMENT_NAME];
	uint32_t epoch;
	uint64_t seq;
	int64_t bytes;
};
int segment_end_of(const char *folder, struct segment_end *end);

/* A window on a segment's bytes. */
struct segment_window
{
	int fd;
	int64_t offset; /* of buf in the file */
	size_t len;     /* bytes in buf */
	uint8_t buf[64 * 1024];
};
/* At least want bytes from offset on, fewer only at the end of the file: the number there, *data at
 * them. fresh: read again what the window may have from earlier. CC_E_IO. */
int64_t segment_bytes(
		struct segment_window *w, int64_t offset, size_t want, bool fresh, const uint8_t **data);
/* Offset of the next valid record behind offset; 0: none. */
int64_t segment_resync(struct segment_window *w, int64_t offset);

#endif
