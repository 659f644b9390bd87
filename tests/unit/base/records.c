/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "cc/err.h"
#include "cc/records.h"
#include "suites.h"

#define COUNT 5

struct thing
{
	uint64_t n[64]; /* all the same in a whole one */
};

static char path[96];

static struct cc_records *open_records(void)
{
	struct cc_records *r = NULL;

	snprintf(path, sizeof(path), "%s/things", folder);
	CU_ASSERT_EQUAL_FATAL(cc_records_open(&r, path, 1, sizeof(struct thing), COUNT), CC_OK);
	return r;
}

static void put(struct cc_records *r, int32_t i, uint64_t n)
{
	struct thing t;

	for (size_t k = 0; k < 64; k++)
		t.n[k] = n;
	cc_records_write(r, i, &t);
}

/* The number that a record holds, 0: none. */
static uint64_t get(const struct cc_records *r, int32_t i)
{
	const struct thing *t = cc_records_read(r, i);

	if (!t)
		return 0;
	for (size_t k = 1; k < 64; k++)
		CU_ASSERT_EQUAL_FATAL(t->n[k], t->n[0]);
	return t->n[0];
}

static void written_and_cleared(void)
{
	struct cc_records *r = open_records();

	for (int32_t i = 0; i < COUNT; i++)
		CU_ASSERT_EQUAL(get(r, i), 0);
	for (uint64_t n = 1; n < 100; n++) {
		put(r, 3, n);
		CU_ASSERT_EQUAL(get(r, 3), n);
	}
	put(r, 4, 7);
	cc_records_close(r);
	r = open_records();
	CU_ASSERT_EQUAL(get(r, 3), 99);
	CU_ASSERT_EQUAL(get(r, 4), 7);
	cc_records_clear(r, 3);
	CU_ASSERT_EQUAL(get(r, 3), 0);
	cc_records_clear(r, 3);
	put(r, 3, 5);
	CU_ASSERT_EQUAL(get(r, 3), 5);
	cc_records_close(r);
	cc_records_close(NULL);
}

static void undone(void)
{
	struct cc_records *r = open_records();

	cc_records_undo(r, 1); /* nothing there */
	put(r, 1, 4);
	put(r, 1, 5);
	cc_records_undo(r, 1);
	CU_ASSERT_EQUAL(get(r, 1), 4);
	put(r, 1, 6); /* in the place of the one that was undone: 4 is still behind it */
	CU_ASSERT_EQUAL(get(r, 1), 6);
	cc_records_undo(r, 1);
	CU_ASSERT_EQUAL(get(r, 1), 4);
	cc_records_undo(r, 1);
	CU_ASSERT_EQUAL(get(r, 1), 0);
	put(r, 1, 7);
	CU_ASSERT_EQUAL(get(r, 1), 7);
	cc_records_close(r);
}

static void another_layout(void)
{
	struct cc_records *r = open_records(), *other = NULL;

	cc_records_close(r);
	CU_ASSERT_EQUAL(cc_records_open(&other, path, 2, sizeof(struct thing), COUNT), CC_E_CORRUPT);
	CU_ASSERT_EQUAL(cc_records_open(&other, path, 1, 8, COUNT), CC_E_CORRUPT);
	CU_ASSERT_EQUAL(
			cc_records_open(&other, path, 1, sizeof(struct thing), COUNT + 1), CC_E_CORRUPT);
	CU_ASSERT_EQUAL(cc_records_open(&other, "/nowhere/x", 1, 8, 1), CC_E_IO);
	CU_ASSERT_PTR_NULL(other);
}

/* A damaged byte costs one version of one record. */
static void damaged(void)
{
	struct cc_records *r = open_records();
	uint64_t seen[3] = {0};
	int fd;

	put(r, 0, 1);
	put(r, 0, 2);
	put(r, 1, 9);
	fd = open(path, O_RDWR);
	for (off_t at = 4096; at < 4096 + 2 * (8 + 512); at += 13) {
		unsigned char byte;

		CU_ASSERT_EQUAL_FATAL(pread(fd, &byte, 1, at), 1);
		byte ^= 0x10;
		CU_ASSERT_EQUAL_FATAL(pwrite(fd, &byte, 1, at), 1);
		seen[get(r, 0)]++;
		CU_ASSERT_EQUAL(get(r, 1), 9);
		byte ^= 0x10;
		CU_ASSERT_EQUAL_FATAL(pwrite(fd, &byte, 1, at), 1);
	}
	CU_ASSERT_EQUAL(seen[0], 0);
	CU_ASSERT_TRUE(seen[1] > 30 && seen[2] > 30);
	close(fd);
	cc_records_close(r);
}

/* Whenever the writer dies, a whole record is there, and never an older one than was seen. */
static void killed_writers(void)
{
	struct cc_records *r = open_records();
	uint64_t last = 1;

	put(r, 2, last);
	for (int round = 0; round < 200; round++) {
		struct timespec pause = {.tv_nsec = 20000 + round * 997 % 300000};
		pid_t child = fork();
		uint64_t now;

		if (child == 0)
			for (uint64_t n = last + 1;; n++)
				put(r, 2, n);
		nanosleep(&pause, NULL);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		now = get(r, 2);
		CU_ASSERT_TRUE_FATAL(now >= last);
		last = now;
	}
	CU_ASSERT_TRUE(last > 200);
	cc_records_close(r);
}

CU_TestInfo records_tests[] = {
		{"written, kept, cleared", written_and_cleared},
		{"the last one undone", undone},
		{"files of another layout", another_layout},
		{"damaged bytes", damaged},
		{"writers killed at any moment", killed_writers},
		CU_TEST_INFO_NULL,
};
