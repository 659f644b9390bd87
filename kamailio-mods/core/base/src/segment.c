/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cc/err.h"
#include "segment.h"

#define SEGMENT_PATTERN "%03" PRIx32 "-%08" PRIx32 "-%016" PRIx64 ".ccj"

void segment_name_format(const struct segment_name *n, char text[SEGMENT_NAME])
{
	snprintf(text, SEGMENT_NAME, SEGMENT_PATTERN, n->node & 0xFFF, n->epoch, n->first_seq);
}

bool segment_name_parse(struct segment_name *n, const char *text)
{
	struct segment_name out;
	char again[SEGMENT_NAME];

	if (sscanf(text, "%3" SCNx32 "-%8" SCNx32 "-%16" SCNx64, &out.node, &out.epoch,
				&out.first_seq) != 3)
		return false;
	segment_name_format(&out, again);
	if (strcmp(text, again) != 0)
		return false;
	*n = out;
	return true;
}

/* The nearest name on one side of border: direction 1 behind it, -1 before it. */
static int nearest(const char *folder, const char *border, int direction, char name[SEGMENT_NAME])
{
	char best[SEGMENT_NAME] = "";
	struct segment_name parsed;
	struct dirent *entry;
	DIR *dir = opendir(folder);

	if (!dir) /* a folder that is still to be made has no segments */
		return errno == ENOENT ? 0 : CC_E_IO;
	while ((entry = readdir(dir))) {
		const char *n = entry->d_name;

		if (!segment_name_parse(&parsed, n) || (*border && strcmp(n, border) * direction <= 0))
			continue;
		if (best[0] == '\0' || strcmp(n, best) * direction < 0)
			strcpy(best, n);
	}
	closedir(dir);
	if (best[0] == '\0')
		return 0;
	strcpy(name, best);
	return 1;
}

int segment_next(const char *folder, const char *after, char name[SEGMENT_NAME])
{
	return nearest(folder, after, 1, name);
}

int segment_previous(const char *folder, const char *before, char name[SEGMENT_NAME])
{
	return nearest(folder, before, -1, name);
}

int cc_segments_remove(const char *folder, const char *before, int64_t time_ms)
{
	char name[SEGMENT_NAME] = "", path[4096];
	struct stat st;
	int count = 0, found;

	while ((found = segment_next(folder, name, name)) > 0 && strcmp(name, before) < 0) {
		if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path) ||
				stat(path, &st) < 0)
			return CC_E_IO;
		if ((int64_t)st.st_mtime * 1000 >= time_ms)
			continue;
		if (unlink(path) < 0)
			return CC_E_IO;
		count++;
	}
	return found < 0 ? found : count;
}

int64_t segment_bytes(
		struct segment_window *w, int64_t offset, size_t want, bool fresh, const uint8_t **data)
{
	bool inside = offset >= w->offset && offset <= w->offset + (int64_t)w->len;

	if (!inside || fresh || (size_t)(w->offset + (int64_t)w->len - offset) < want) {
		w->offset = offset;
		w->len = 0;
		while (w->len < sizeof(w->buf)) {
			ssize_t n = pread(
					w->fd, w->buf + w->len, sizeof(w->buf) - w->len, offset + (int64_t)w->len);

			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0)
				return CC_E_IO;
			if (n == 0)
				break;
			w->len += (size_t)n;
		}
	}
	*data = w->buf + (offset - w->offset);
	return w->offset + (int64_t)w->len - offset;
}

int64_t segment_resync(struct segment_window *w, int64_t offset)
{
	struct cc_record r;
	const uint8_t *data;

	for (offset += 8;; offset += 8) {
		int64_t have = segment_bytes(w, offset, CC_JOURNAL_RECORD_MAX, false, &data);

		if (have < CC_JOURNAL_HEADER)
			return 0;
		if (cc_record_decode(&r, data, (size_t)have) > 0)
			return offset;
	}
}

int segment_end_of(const char *folder, struct segment_end *end)
{
	struct segment_end out = {.seq = 0};
	struct segment_window *w = NULL;
	struct segment_name name;
	char path[4096];
	int err = segment_previous(folder, "", out.name), n;

	if (err <= 0) {
		if (!err)
			*end = out;
		return err;
	}
	segment_name_parse(&name, out.name);
	out.epoch = name.epoch;
	out.seq = name.first_seq - 1;
	err = CC_E_RANGE;
	if (snprintf(path, sizeof(path), "%s/%s", folder, out.name) >= (int)sizeof(path))
		return err;
	err = CC_E_NOMEM;
	w = calloc(1, sizeof(*w));
	if (!w)
		return err;
	err = CC_E_IO;
	w->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (w->fd < 0)
		goto out;
	for (;;) {
		struct cc_record r;
		const uint8_t *data;
		int64_t have = segment_bytes(w, out.bytes, CC_JOURNAL_RECORD_MAX, false, &data), next;

		if (have < 0)
			goto out;
		n = cc_record_decode(&r, data, (size_t)have);
		if (n > 0) {
			out.seq = r.seq;
			out.bytes += n;
			continue;
		}
		/* a damaged place in the middle hides nothing of what follows it */
		next = n < 0 ? segment_resync(w, out.bytes) : 0;
		if (next <= 0)
			break;
		out.bytes = next;
	}
	*end = out;
	err = 0;
out:
	if (w->fd >= 0)
		close(w->fd);
	free(w);
	return err;
}
