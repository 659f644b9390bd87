/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cc/err.h"
#include "segment.h"

struct cc_segment_reader
{
	char folder[4000];
	char name[SEGMENT_NAME]; /* "": none found yet */
	int64_t offset;
	uint64_t last_seq; /* of the last record that was read, 0 unknown */
	struct segment_window window;
};

static int open_segment(struct cc_segment_reader *rd, const char *name, int64_t offset)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", rd->folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? CC_E_NOENT : CC_E_IO;
	if (rd->window.fd >= 0)
		close(rd->window.fd);
	rd->window.fd = fd;
	rd->window.len = 0;
	rd->window.offset = 0;
	strcpy(rd->name, name);
	rd->offset = offset;
	return 0;
}

int cc_segment_reader_new(
		struct cc_segment_reader **out, const char *folder, const char *segment, int64_t offset)
{
	struct cc_segment_reader *rd;
	struct segment_name parsed;
	int err = 0;

	if (strlen(folder) >= sizeof(rd->folder))
		return CC_E_RANGE;
	if (segment && *segment &&
			(!segment_name_parse(&parsed, segment) || offset < 0 || offset % 8 != 0))
		return CC_E_INVAL;
	rd = calloc(1, sizeof(*rd));
	if (!rd)
		return CC_E_NOMEM;
	strcpy(rd->folder, folder);
	rd->window.fd = -1;
	if (segment && *segment) {
		err = open_segment(rd, segment, offset);
		if (err == CC_E_NOENT) { /* read and removed: go on with the one after it */
			strcpy(rd->name, segment);
			rd->offset = offset;
			err = 0;
		}
	}
	if (err) {
		cc_segment_reader_free(rd);
		return err;
	}
	*out = rd;
	return 0;
}

int cc_segment_reader_new_recent(struct cc_segment_reader **rd, const char *folder, int count)
{
	char name[SEGMENT_NAME] = "", earlier[SEGMENT_NAME];
	int found = 1;

	while (count-- > 0 && (found = segment_previous(folder, name, earlier)) > 0)
		strcpy(name, earlier);
	return found < 0 ? found : cc_segment_reader_new(rd, folder, name, 0);
}

void cc_segment_reader_free(struct cc_segment_reader *rd)
{
	if (!rd)
		return;
	if (rd->window.fd >= 0)
		close(rd->window.fd);
	free(rd);
}

/* Decodes at the position: length, 0, CC_E_CORRUPT or CC_E_IO. fresh: look at the file again. */
static int decode_here(struct cc_segment_reader *rd, bool fresh, struct cc_record *r)
{
	const uint8_t *data;
	int64_t have = segment_bytes(&rd->window, rd->offset, CC_JOURNAL_RECORD_MAX, fresh, &data);

	return have < 0 ? (int)have : cc_record_decode(r, data, (size_t)have);
}

static int take(struct cc_segment_reader *rd, const struct cc_record *r, int len)
{
	rd->offset += len;
	rd->last_seq = r->seq;
	return 1;
}

/* Passes over what cannot be read from here to `to`. */
static int pass(struct cc_segment_reader *rd, int64_t to, const void **bad, size_t *bad_len)
{
	const uint8_t *data;
	int64_t have = segment_bytes(&rd->window, rd->offset, 1, true, &data);

	if (have < 0)
		return (int)have;
	*bad = data;
	*bad_len = (size_t)(have < to - rd->offset ? have : to - rd->offset);
	rd->offset = to;
	return CC_E_CORRUPT;
}

/* The writer may be at work, and what was read a moment ago may be half of what is there now. So a
 * record counts as damaged, and a segment as finished, only if it still looks so when something
 * behind it has been seen before. */
int cc_segment_reader_next(
		struct cc_segment_reader *rd, struct cc_record *r, const void **bad, size_t *bad_len)
{
	for (;;) {
		char later[SEGMENT_NAME];
		struct segment_name parsed;
		int64_t resync = 0;
		int found, n = 0;

		if (rd->window.fd >= 0) {
			n = decode_here(rd, false, r);
			if (n <= 0)
				n = decode_here(rd, true, r);
			if (n > 0)
				return take(rd, r, n);
			if (n == CC_E_IO)
				return n;
			if (n == CC_E_CORRUPT) {
				resync = segment_resync(&rd->window, rd->offset);
				if (resync > 0) {
					n = decode_here(rd, true, r);
					return n > 0 ? take(rd, r, n) : pass(rd, resync, bad, bad_len);
				}
			}
		}
		found = segment_next(rd->folder, rd->name, later);
		if (found <= 0)
			return found;
		if (rd->window.fd >= 0) {
			const uint8_t *data;

			n = decode_here(rd, true, r);
			if (n > 0)
				return take(rd, r, n);
			if (n == CC_E_IO)
				return n;
			segment_name_parse(&parsed, later);
			/* a torn tail was never acknowledged: its record begins the next segment */
			if (n == CC_E_CORRUPT && (rd->last_seq == 0 || parsed.first_seq != rd->last_seq + 1)) {
				int64_t have = segment_bytes(&rd->window, rd->offset, 1, true, &data);

				if (have > 0)
					return pass(rd, rd->offset + ((have + 7) & ~7LL), bad, bad_len);
			}
		}
		found = open_segment(rd, later, 0);
		if (found < 0 && found != CC_E_NOENT)
			return found;
	}
}

const char *cc_segment_reader_segment(const struct cc_segment_reader *rd)
{
	return rd->name;
}

int64_t cc_segment_reader_offset(const struct cc_segment_reader *rd)
{
	return rd->offset;
}
