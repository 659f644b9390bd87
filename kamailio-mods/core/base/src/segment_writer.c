/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cc/err.h"
#include "segment.h"

#define BEGUN "next" /* a segment before it has its name */

struct cc_segment_writer
{
	char folder[4000];
	uint32_t node, epoch;
	uint64_t last_seq;
	int fd; /* -1: the next record begins a segment */
	int folder_fd;
	int64_t offset;
	bool dirty;
};

/* Gives the preallocated rest of the newest segment back, whose writer may have been killed. Bytes
 * of a torn record stay for the reader to judge. */
static int trim_last(struct cc_segment_writer *w, const struct segment_end *end)
{
	char tail[4096];
	off_t size;
	int err = 0, fd;

	if (end->name[0] == '\0')
		return 0;
	fd = openat(w->folder_fd, end->name, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return CC_E_IO;
	size = lseek(fd, 0, SEEK_END);
	while (size > end->bytes) {
		off_t from =
				size - end->bytes > (off_t)sizeof(tail) ? size - (off_t)sizeof(tail) : end->bytes;
		ssize_t n = pread(fd, tail, (size_t)(size - from), from);

		if (n != size - from) {
			err = CC_E_IO;
			break;
		}
		while (n > 0 && tail[n - 1] == 0)
			n--;
		size = from + n;
		if (n > 0)
			break;
	}
	if (!err && ftruncate(fd, size) < 0)
		err = CC_E_IO;
	close(fd);
	return err;
}

int cc_segment_writer_new(
		struct cc_segment_writer **out, const char *folder, uint32_t node, uint32_t epoch)
{
	struct cc_segment_writer *w;
	struct segment_end end;
	char name[SEGMENT_NAME];
	int err;

	if (strlen(folder) >= sizeof(w->folder) || node > 0xFFF)
		return CC_E_RANGE;
	w = calloc(1, sizeof(*w));
	if (!w)
		return CC_E_NOMEM;
	strcpy(w->folder, folder);
	w->node = node;
	w->epoch = epoch;
	w->fd = -1;
	err = CC_E_IO;
	w->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->folder_fd < 0)
		goto out;
	err = segment_end_of(folder, &end);
	if (!err)
		err = trim_last(w, &end);
	if (err)
		goto out;
	w->last_seq = end.seq;
	/* names must sort by time: a lower epoch or node than before would hide new records behind old
	 * ones */
	segment_name_format(
			&(struct segment_name){.node = node, .epoch = epoch, .first_seq = end.seq + 1}, name);
	err = CC_E_STALE;
	if (strcmp(name, end.name) < 0)
		goto out;
	err = 0;
	*out = w;
	w = NULL;
out:
	cc_segment_writer_free(w);
	return err;
}

static void finish_segment(struct cc_segment_writer *w)
{
	if (w->fd < 0)
		return;
	/* a failure leaves zeros behind the last record, which readers pass */
	if (ftruncate(w->fd, w->offset) == 0 && w->dirty)
		fdatasync(w->fd);
	close(w->fd);
	w->fd = -1;
	w->dirty = false;
}

void cc_segment_writer_free(struct cc_segment_writer *w)
{
	if (!w)
		return;
	finish_segment(w);
	if (w->folder_fd >= 0)
		close(w->folder_fd);
	free(w);
}

static int begin_segment(struct cc_segment_writer *w, uint64_t first_seq)
{
	struct segment_name name = {.node = w->node, .epoch = w->epoch, .first_seq = first_seq};
	char text[SEGMENT_NAME];
	int fd;

	segment_name_format(&name, text);
	/* Made apart: a reader that finds it stays in it, so it must be the one that is written. One of
	 * that name can only be one that broke off before its first record was whole. */
	fd = openat(w->folder_fd, BEGUN, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0)
		return CC_E_IO;
	if ((fallocate(fd, 0, 0, CC_JOURNAL_SEGMENT_BYTES) < 0 && errno != EOPNOTSUPP) ||
			renameat(w->folder_fd, BEGUN, w->folder_fd, text) < 0) {
		int saved = errno;

		close(fd);
		unlinkat(w->folder_fd, BEGUN, 0);
		errno = saved;
		return CC_E_IO;
	}
	fsync(w->folder_fd);
	w->fd = fd;
	w->offset = 0;
	return 0;
}

int cc_segment_writer_append(struct cc_segment_writer *w, const void *record, size_t len)
{
	const char *p = record;
	struct cc_record r;
	size_t done = 0;
	int err;

	if (cc_record_decode(&r, record, len) != (int)len)
		return CC_E_INVAL;
	if (r.seq <= w->last_seq)
		return 0;
	if (w->fd >= 0 && w->offset + (int64_t)len > CC_JOURNAL_SEGMENT_BYTES)
		finish_segment(w);
	if (w->fd < 0) {
		err = begin_segment(w, r.seq);
		if (err)
			return err;
	}
	w->dirty = true;
	while (done < len) {
		ssize_t n = pwrite(w->fd, p + done, len - done, w->offset + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) /* the next attempt writes the whole record over this one */
			return CC_E_IO;
		done += (size_t)n;
	}
	w->offset += (int64_t)len;
	w->last_seq = r.seq;
	return 0;
}

int cc_segment_writer_sync(struct cc_segment_writer *w)
{
	if (w->fd < 0 || !w->dirty)
		return 0;
	if (fdatasync(w->fd) < 0)
		return CC_E_IO;
	w->dirty = false;
	return 0;
}
