/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/records.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cc/err.h"
#include "cc/journal.h"

#define PAGE 4096

struct header
{
	uint64_t kind, bytes;
	uint64_t count;
};

/* One of the two places of a record. */
struct place
{
	uint32_t crc;     /* of what follows */
	uint32_t version; /* the higher one holds, wrapping; 0: empty */
	char record[];
};

struct cc_records
{
	char *base;
	size_t mapped, bytes, stride; /* of a place */
	int32_t count;
};

static struct place *place_at(const struct cc_records *r, int32_t index, int which)
{
	return (struct place *)(r->base + PAGE + ((size_t)index * 2 + (size_t)which) * r->stride);
}

static uint32_t place_crc(const struct cc_records *r, const struct place *p)
{
	return cc_crc32c(0, &p->version, sizeof(p->version) + r->bytes);
}

static bool place_good(const struct cc_records *r, const struct place *p)
{
	return p->version != 0 && p->crc == place_crc(r, p);
}

/* The place of the last complete version, -1: there is none. */
static int newest(const struct cc_records *r, int32_t index)
{
	const struct place *a = place_at(r, index, 0), *b = place_at(r, index, 1);
	bool a_good = place_good(r, a), b_good = place_good(r, b);

	if (a_good && b_good)
		return (int32_t)(b->version - a->version) > 0 ? 1 : 0;
	return a_good ? 0 : b_good ? 1 : -1;
}

static int map(struct cc_records *r, int fd, uint64_t kind)
{
	const struct header wanted = {kind, r->bytes, (uint64_t)r->count};
	struct stat st;

	if (fstat(fd, &st) < 0)
		return CC_E_IO;
	if (st.st_size != 0 && (size_t)st.st_size != r->mapped)
		return CC_E_CORRUPT;
	/* all of it now: a full disk would be noticed as a signal when a record is written */
	errno = posix_fallocate(fd, 0, (off_t)r->mapped);
	if (errno != 0)
		return CC_E_IO;
	r->base = mmap(NULL, r->mapped, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (r->base == MAP_FAILED) {
		r->base = NULL;
		return CC_E_IO;
	}
	if (st.st_size == 0)
		memcpy(r->base, &wanted, sizeof(wanted));
	return memcmp(r->base, &wanted, sizeof(wanted)) == 0 ? CC_OK : CC_E_CORRUPT;
}

int cc_records_open(
		struct cc_records **out, const char *path, uint64_t kind, size_t bytes, int32_t count)
{
	struct cc_records *r = calloc(1, sizeof(*r));
	int fd = -1, rc = CC_E_NOMEM;

	if (!r)
		return rc;
	r->bytes = bytes;
	r->stride = (sizeof(struct place) + bytes + 7) / 8 * 8;
	r->count = count;
	r->mapped = PAGE + (size_t)count * 2 * r->stride;
	rc = CC_E_IO;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0)
		goto out;
	rc = map(r, fd, kind);
	close(fd);
	if (rc < 0)
		goto out;
	*out = r;
	r = NULL;
out:
	cc_records_close(r);
	return rc;
}

void cc_records_close(struct cc_records *r)
{
	if (r && r->base)
		munmap(r->base, r->mapped);
	free(r);
}

void cc_records_write(struct cc_records *r, int32_t index, const void *record)
{
	int old = newest(r, index);
	struct place *p = place_at(r, index, old == 0 ? 1 : 0);
	uint32_t version = old < 0 ? 1 : place_at(r, index, old)->version + 1;

	p->version = version ? version : 1;
	memcpy(p->record, record, r->bytes);
	p->crc = place_crc(r, p);
}

void cc_records_clear(struct cc_records *r, int32_t index)
{
	int last = newest(r, index);

	if (last < 0)
		return;
	/* the older one first: it must not come to life again */
	place_at(r, index, 1 - last)->version = 0;
	__sync_synchronize();
	place_at(r, index, last)->version = 0;
}

const void *cc_records_read(const struct cc_records *r, int32_t index)
{
	int last = newest(r, index);

	return last < 0 ? NULL : place_at(r, index, last)->record;
}

void cc_records_undo(struct cc_records *r, int32_t index)
{
	int last = newest(r, index);

	if (last >= 0)
		place_at(r, index, last)->version = 0;
}
