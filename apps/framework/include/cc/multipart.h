/* SPDX-License-Identifier: GPL-2.0-or-later
 * multipart/form-data (RFC 7578) as it comes, in pieces of any size, in constant memory. Fields and
 * files are handed to the caller; what is malformed or over a limit ends it. */
#ifndef CC_MULTIPART_H
#define CC_MULTIPART_H

#include <stddef.h>
#include <stdint.h>
#include "cc/arena.h"
#include "cc/err.h"

#define CC_MULTIPART_PARTS 200         /* parts of a body */
#define CC_MULTIPART_HEADERS 4096      /* bytes of the headers of a part */
#define CC_MULTIPART_NAME 100          /* bytes of the name of a field */
#define CC_MULTIPART_FILENAME 255      /* bytes of the name of a file */
#define CC_MULTIPART_FIELD (64 * 1024) /* bytes of a value that is no file */

struct cc_multipart;

/* Every function returns 0 or an error, which ends the parsing and is returned by it. */
struct cc_multipart_sink
{
	void *ctx;
	int (*field)(void *ctx, const char *name, const char *value, size_t len);
	/* filename is the last part of what the browser said, "" if no file was chosen (then no data
	 * follows and file_end does not come) */
	int (*file_begin)(void *ctx, const char *name, const char *filename);
	int (*file_data)(void *ctx, const char *data, size_t len);
	int (*file_end)(void *ctx);
};

/* content_type: the header with its boundary. CC_E_INVAL: another type, or no legal boundary. */
int cc_multipart_new(struct cc_multipart **multipart, struct cc_arena *arena,
		const char *content_type, const struct cc_multipart_sink *sink);
/* CC_E_INVAL: malformed; CC_E_FULL: over a limit; or what the sink said. */
int cc_multipart_feed(struct cc_multipart *m, const char *data, size_t len);
/* CC_E_INVAL: the end is missing. */
int cc_multipart_end(const struct cc_multipart *m);

/* The type of a file by its first bytes, whatever it is called: "image/png", "image/jpeg",
 * "image/gif", "image/webp", "application/pdf", "audio/wav", "audio/mpeg", "application/zip" (XLSX
 * too), "text/plain" (UTF-8 or GB18030 without control characters: CSV too),
 * "application/octet-stream" for all others. */
const char *cc_file_type(const void *head, size_t len);

#endif
