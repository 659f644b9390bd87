/* SPDX-License-Identifier: GPL-2.0-or-later
 * The ring between the processes of the engine and the one that writes segments.
 *
 * Positions count bytes since the ring was made and never wrap; the data area is mapped twice in a
 * row, so that every record is in one piece. Writers hold a robust mutex. Records that are put at
 * once and their sequence numbers become valid together by one store (header.current), so a writer
 * that dies anywhere leaves either all of them or nothing. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "segment.h"

#define RING_MAGIC 0x31474E4952434343ULL /* "CCCRING1" */
#define RING_HEADER 4096
/* After a power failure the database may know records that the disk lost; their numbers must not
 * come again. */
#define RING_SKIP_SEQ 65536

struct commit
{
	uint64_t head;     /* end of the last record */
	uint64_t next_seq; /* of the next one */
};

struct header
{
	uint64_t magic; /* written last when the ring is made */
	uint64_t bytes; /* of the data area */
	char boot_id[40];
	uint32_t clean; /* closed in order and synced */
	uint32_t epoch;
	pthread_mutex_t lock;
	struct commit commit[2];
	_Atomic uint32_t current; /* which of the two holds */
	_Atomic uint32_t bell;    /* futex: raised by every put */
	_Atomic uint32_t sleeping;
	_Atomic uint64_t tail; /* start of the oldest record; the taker's */
};
_Static_assert(sizeof(struct header) <= RING_HEADER, "the ring's header has its own page");

struct cc_ring
{
	int fd;
	uint64_t bytes;
	struct header *h;
	uint8_t *data;
};

static bool all_zero(const void *p, size_t len)
{
	const uint8_t *b = p;

	return len == 0 || (b[0] == 0 && memcmp(b, b + 1, len - 1) == 0);
}

static bool header_sane(const struct header *h, uint64_t bytes)
{
	const struct commit *c = &h->commit[h->current & 1];

	return h->magic == RING_MAGIC && h->bytes == bytes && h->current <= 1 && c->next_seq > 0 &&
		   c->head >= h->tail && c->head - h->tail <= bytes && c->head % 8 == 0 && h->tail % 8 == 0;
}

static int map_ring(struct cc_ring *ring)
{
	int prot = PROT_READ | PROT_WRITE;
	size_t bytes = ring->bytes;
	uint8_t *base =
			mmap(NULL, RING_HEADER + 2 * bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED)
		return CC_E_NOMEM;
	ring->h = (struct header *)base;
	ring->data = base + RING_HEADER;
	if (mmap(base, RING_HEADER + bytes, prot, MAP_SHARED | MAP_FIXED, ring->fd, 0) == MAP_FAILED ||
			mmap(ring->data + bytes, bytes, prot, MAP_SHARED | MAP_FIXED, ring->fd, RING_HEADER) ==
					MAP_FAILED)
		return CC_E_NOMEM;
	return 0;
}

static void unmap_ring(struct cc_ring *ring)
{
	if (ring->h)
		munmap(ring->h, RING_HEADER + 2 * ring->bytes);
	ring->h = NULL;
}

static void read_boot_id(char id[40])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;

	memset(id, 0, 40);
	if (fd >= 0) {
		n = read(fd, id, 36);
		close(fd);
	}
	if (n != 36)
		memset(id, 0, 40);
}

static int init_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;
	int err;

	if (pthread_mutexattr_init(&attr) != 0)
		return CC_E_NOMEM;
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	memset(lock, 0, sizeof(*lock));
	err = pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
	return err ? CC_E_NOMEM : 0;
}

/* Nobody else has the ring open. The lock is made anew, because its old owner may have gone with a
 * power failure, and numbers go on after everything that is stored beside the ring. */
static int first_open(struct cc_ring *ring, const char *path, bool fresh)
{
	struct header *h = ring->h;
	struct segment_end end;
	char folder[4096], boot_id[40], *slash;
	struct commit c;
	bool skip;
	int err;

	if (snprintf(folder, sizeof(folder), "%s", path) >= (int)sizeof(folder))
		return CC_E_RANGE;
	slash = strrchr(folder, '/');
	if (slash)
		*(slash == folder ? slash + 1 : slash) = '\0';
	else
		strcpy(folder, ".");
	err = segment_end_of(folder, &end);
	if (err)
		return err;
	read_boot_id(boot_id);
	if (fresh) {
		h->bytes = ring->bytes;
		h->commit[0].next_seq = 1;
		skip = end.name[0] != '\0';
	} else {
		skip = !h->clean && memcmp(h->boot_id, boot_id, sizeof(boot_id)) != 0;
	}
	err = init_lock(&h->lock);
	if (err)
		return err;
	c = h->commit[h->current];
	if (c.next_seq <= end.seq)
		c.next_seq = end.seq + 1;
	if (skip)
		c.next_seq += RING_SKIP_SEQ;
	h->commit[1 - h->current] = c;
	h->current = 1 - h->current;
	if (h->epoch < end.epoch)
		h->epoch = end.epoch;
	memcpy(h->boot_id, boot_id, sizeof(boot_id));
	h->clean = 0;
	h->sleeping = 0;
	atomic_thread_fence(memory_order_release);
	h->magic = RING_MAGIC;
	return msync(h, RING_HEADER, MS_SYNC) < 0 ? CC_E_IO : 0;
}

static int set_aside(const char *path)
{
	char aside[4096], text[CC_ULID_TEXT + 1];
	struct cc_ulid id = cc_ulid_new();

	if (snprintf(aside, sizeof(aside), "%s.broken-%s", path, cc_ulid_format(&id, text)) >=
			(int)sizeof(aside))
		return CC_E_RANGE;
	return rename(path, aside) < 0 ? CC_E_IO : 0;
}

/* One attempt. 1: the file was set aside or is being made by another process: try again. */
static int try_open(struct cc_ring *ring, const char *path)
{
	struct stat st, named;
	uint64_t size = RING_HEADER + ring->bytes;
	bool alone;
	int err = CC_E_IO;

	ring->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (ring->fd < 0)
		return CC_E_IO;
	alone = flock(ring->fd, LOCK_EX | LOCK_NB) == 0;
	if (!alone && (errno != EWOULDBLOCK || flock(ring->fd, LOCK_SH) < 0))
		goto out;
	if (fstat(ring->fd, &st) < 0)
		goto out;
	if (stat(path, &named) < 0 || named.st_ino != st.st_ino || named.st_dev != st.st_dev) {
		err = 1;
		goto out;
	}
	if (alone && st.st_size == 0) {
		if (posix_fallocate(ring->fd, 0, (off_t)size) != 0)
			goto out;
		st.st_size = (off_t)size;
	}
	if ((uint64_t)st.st_size != size) {
		err = alone ? set_aside(path) : CC_E_STATE;
		err = err ? err : 1;
		goto out;
	}
	err = map_ring(ring);
	if (err)
		goto out;
	if (alone) {
		bool fresh = all_zero(ring->h, RING_HEADER);

		if (!fresh && ring->h->magic == 0 && all_zero(ring->data, ring->bytes)) {
			memset(ring->h, 0, RING_HEADER); /* its maker died before it was whole */
			fresh = true;
		}
		if (!fresh && !header_sane(ring->h, ring->bytes)) {
			err = set_aside(path);
			err = err ? err : 1;
			goto out;
		}
		err = first_open(ring, path, fresh);
		if (!err && flock(ring->fd, LOCK_SH) < 0)
			err = CC_E_IO;
	} else if (ring->h->magic == 0) {
		err = 1; /* its maker died; the next attempt makes it */
	} else if (!header_sane(ring->h, ring->bytes)) {
		err = CC_E_CORRUPT;
	}
out:
	if (err) {
		int saved = errno;

		unmap_ring(ring);
		close(ring->fd);
		errno = saved;
	}
	return err;
}

int cc_ring_open(struct cc_ring **out, const char *path, size_t bytes)
{
	struct cc_ring *ring;
	int err = 1;

	if (bytes < 2 * CC_JOURNAL_RECORD_MAX || (bytes & (bytes - 1)) != 0)
		return CC_E_INVAL;
	ring = calloc(1, sizeof(*ring));
	if (!ring)
		return CC_E_NOMEM;
	ring->bytes = bytes;
	for (int attempt = 0; err == 1 && attempt < 100; attempt++)
		err = try_open(ring, path);
	if (err) {
		free(ring);
		return err == 1 ? CC_E_TIMEOUT : err;
	}
	*out = ring;
	return 0;
}

void cc_ring_close(struct cc_ring *ring)
{
	if (!ring)
		return;
	/* the last one out says that nothing is missing on the disk */
	if (flock(ring->fd, LOCK_EX | LOCK_NB) == 0 &&
			msync(ring->h, RING_HEADER + ring->bytes, MS_SYNC) == 0) {
		ring->h->clean = 1;
		msync(ring->h, RING_HEADER, MS_SYNC);
	}
	unmap_ring(ring);
	close(ring->fd);
	free(ring);
}

static int lock_ring(struct cc_ring *ring)
{
	int err = pthread_mutex_lock(&ring->h->lock);

	/* whatever the dead owner was about to do has not happened: see commit */
	if (err == EOWNERDEAD)
		err = pthread_mutex_consistent(&ring->h->lock);
	return err ? CC_E_STATE : 0;
}

static void unlock_ring(struct cc_ring *ring)
{
	pthread_mutex_unlock(&ring->h->lock);
}

static long futex(_Atomic uint32_t *word, int op, uint32_t value, const struct timespec *timeout)
{
	return syscall(SYS_futex, word, op, value, timeout, NULL, 0);
}

int cc_ring_put_all(struct cc_ring *ring, struct cc_record *records, int count)
{
	struct header *h = ring->h;
	struct commit c;
	uint32_t current;
	int n = lock_ring(ring);

	if (n)
		return n;
	current = atomic_load_explicit(&h->current, memory_order_relaxed);
	c = h->commit[current];
	for (int i = 0; i < count && n >= 0; i++) {
		struct cc_record copy = records[i];

		copy.seq = c.next_seq;
		n = cc_record_encode(&copy, ring->data + (c.head & (ring->bytes - 1)),
				ring->bytes - (c.head - atomic_load_explicit(&h->tail, memory_order_acquire)));
		if (n > 0) {
			c.head += (uint64_t)n;
			c.next_seq++;
		}
	}
	if (n > 0) {
		h->commit[1 - current] = c;
		atomic_store_explicit(&h->current, 1 - current, memory_order_release);
	}
	unlock_ring(ring);
	if (n < 0)
		return n;
	for (int i = 0; i < count; i++)
		records[i].seq = c.next_seq - (uint64_t)(count - i);
	atomic_fetch_add(&h->bell, 1);
	if (atomic_load(&h->sleeping))
		futex(&h->bell, FUTEX_WAKE, 1, NULL);
	return 0;
}

int cc_ring_put(struct cc_ring *ring, struct cc_record *r)
{
	return cc_ring_put_all(ring, r, 1);
}

uint64_t cc_ring_next_seq(const struct cc_ring *ring)
{
	const struct header *h = ring->h;

	return h->commit[atomic_load_explicit(&h->current, memory_order_acquire)].next_seq;
}

int cc_ring_each(
		const struct cc_ring *ring, void (*each)(const struct cc_record *r, void *arg), void *arg)
{
	const struct header *h = ring->h;
	uint64_t at = atomic_load_explicit(&h->tail, memory_order_acquire);
	uint64_t head = h->commit[atomic_load_explicit(&h->current, memory_order_acquire)].head;
	struct cc_record r;

	while (at < head) {
		int n = cc_record_decode(&r, ring->data + (at & (ring->bytes - 1)), (size_t)(head - at));

		if (n <= 0)
			return CC_E_CORRUPT;
		each(&r, arg);
		at += (uint64_t)n;
	}
	return 0;
}

/* Bytes from the oldest record to the end of the newest. */
static int64_t filled(struct cc_ring *ring)
{
	struct header *h = ring->h;
	uint64_t head;
	int err = lock_ring(ring);

	if (err)
		return err;
	head = h->commit[atomic_load_explicit(&h->current, memory_order_relaxed)].head;
	unlock_ring(ring);
	return (int64_t)(head - atomic_load_explicit(&h->tail, memory_order_relaxed));
}

int cc_ring_peek(struct cc_ring *ring, void *buf, size_t cap)
{
	struct header *h = ring->h;
	uint64_t tail = atomic_load_explicit(&h->tail, memory_order_relaxed);
	int64_t have = filled(ring), skip = 0;
	struct cc_record r;
	int n;

	if (have <= 0)
		return (int)have;
	n = cc_record_decode(&r, ring->data + (tail & (ring->bytes - 1)), (size_t)have);
	if (n > 0) {
		if ((size_t)n > cap)
			return CC_E_FULL;
		memcpy(buf, ring->data + (tail & (ring->bytes - 1)), (size_t)n);
		return n;
	}
	while (skip < have && n <= 0) {
		skip += 8;
		n = cc_record_decode(&r, ring->data + ((tail + (uint64_t)skip) & (ring->bytes - 1)),
				(size_t)(have - skip));
	}
	atomic_store_explicit(&h->tail, tail + (uint64_t)skip, memory_order_release);
	return CC_E_CORRUPT;
}

void cc_ring_drop(struct cc_ring *ring)
{
	struct header *h = ring->h;
	uint64_t tail = atomic_load_explicit(&h->tail, memory_order_relaxed);
	int64_t have = filled(ring);
	struct cc_record r;
	int n;

	if (have <= 0)
		return;
	n = cc_record_decode(&r, ring->data + (tail & (ring->bytes - 1)), (size_t)have);
	if (n > 0)
		atomic_store_explicit(&h->tail, tail + (uint64_t)n, memory_order_release);
}

int cc_ring_used(const struct cc_ring *ring)
{
	const struct header *h = ring->h;
	uint64_t tail = atomic_load_explicit(&h->tail, memory_order_acquire);
	uint64_t head = h->commit[atomic_load_explicit(&h->current, memory_order_acquire)].head;

	/* read without the lock: a tail and a head of different moments may look like more or less than
	 * all */
	if (head <= tail)
		return 0;
	return head - tail >= ring->bytes ? 1000 : (int)((head - tail) * 1000 / ring->bytes);
}

int cc_ring_wait(struct cc_ring *ring, int timeout_ms)
{
	struct header *h = ring->h;
	int64_t end = cc_clock_mono_ms() + timeout_ms, left;
	uint32_t bell;
	int there;

	for (;;) {
		bell = atomic_load(&h->bell);
		atomic_store(&h->sleeping, 1);
		there = filled(ring) > 0;
		left = end - cc_clock_mono_ms();
		if (there || left <= 0)
			break;
		futex(&h->bell, FUTEX_WAIT, bell,
				&(struct timespec){.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000});
	}
	atomic_store(&h->sleeping, 0);
	return there;
}

uint32_t cc_ring_next_epoch(struct cc_ring *ring)
{
	uint32_t epoch;

	if (lock_ring(ring))
		return 0;
	epoch = ++ring->h->epoch;
	unlock_ring(ring);
	return epoch;
}
