/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/journal.h"
#include "suites.h"

#define BYTES (64 * 1024)

static char path[96];
static uint8_t buf[CC_JOURNAL_RECORD_MAX];

static struct cc_ring *open_ring(void)
{
	struct cc_ring *ring = NULL;

	snprintf(path, sizeof(path), "%s/ring", folder);
	CU_ASSERT_EQUAL_FATAL(cc_ring_open(&ring, path, BYTES), 0);
	return ring;
}

static int put(struct cc_ring *ring, uint32_t tenant, uint32_t call_seq, size_t fields_len)
{
	static char fields[CC_JOURNAL_FIELDS_MAX];
	struct cc_record r = {.type = 1,
			.tenant = tenant,
			.call_seq = call_seq,
			.fields = fields,
			.fields_len = (uint32_t)fields_len};
	int err;

	if (!fields[0])
		memset(fields, 'z', sizeof(fields));
	err = cc_ring_put(ring, &r);
	CU_ASSERT((err == 0) == (r.seq > 0));
	return err;
}

/* Takes the oldest record: its length, 0 or an error. */
static int take(struct cc_ring *ring, struct cc_record *r)
{
	int n = cc_ring_peek(ring, buf, sizeof(buf));

	if (n > 0) {
		CU_ASSERT_EQUAL(cc_record_decode(r, buf, (size_t)n), n);
		cc_ring_drop(ring);
	}
	return n;
}

/* Sums what cc_ring_each gives. */
static void count_each(const struct cc_record *r, void *arg)
{
	uint64_t *sum = arg;

	sum[0]++;
	sum[1] += r->seq;
}

/* Several at once: consecutive numbers, seen without being taken; with no room for the last, none.
 */
static void at_once(void)
{
	struct cc_ring *ring = open_ring();
	static char fields[CC_JOURNAL_FIELDS_MAX];
	struct cc_record many[12], r;
	uint64_t sum[2] = {0};
	int full = 0;

	memset(fields, 'z', sizeof(fields));
	for (uint32_t i = 0; i < 12; i++)
		many[i] = (struct cc_record){.type = 1,
				.tenant = i,
				.call_seq = i + 1,
				.fields = fields,
				.fields_len = i < 3 ? 100 : sizeof(fields)};
	CU_ASSERT_EQUAL(cc_ring_next_seq(ring), 1);
	CU_ASSERT_EQUAL(cc_ring_put_all(ring, many, 3), 0);
	CU_ASSERT_EQUAL(many[0].seq, 1);
	CU_ASSERT_EQUAL(many[2].seq, 3);
	CU_ASSERT_EQUAL(cc_ring_put_all(ring, many, 12), CC_E_FULL);
	CU_ASSERT_EQUAL(cc_ring_next_seq(ring), 4);
	CU_ASSERT_EQUAL(cc_ring_each(ring, count_each, sum), 0);
	CU_ASSERT_EQUAL(sum[0], 3);
	CU_ASSERT_EQUAL(sum[1], 6);
	while (cc_ring_put_all(ring, many, 3) == 0)
		full++;
	CU_ASSERT_EQUAL(full, BYTES / (3 * ((CC_JOURNAL_HEADER + 100 + 7) / 8 * 8)) - 1);
	for (uint64_t seq = 1; take(ring, &r) > 0; seq++) {
		CU_ASSERT_EQUAL(r.seq, seq);
		CU_ASSERT_EQUAL(r.call_seq, (seq - 1) % 3 + 1);
	}
	cc_ring_close(ring);
}

static void order(void)
{
	struct cc_ring *ring = open_ring();
	struct cc_record r;

	CU_ASSERT_EQUAL(cc_ring_peek(ring, buf, sizeof(buf)), 0);
	CU_ASSERT_EQUAL(cc_ring_wait(ring, 0), 0);
	for (uint32_t i = 1; i <= 5000; i++) { /* goes round many times, in pieces of every size */
		CU_ASSERT_EQUAL(put(ring, 1, i, i * 7 % 3000), 0);
		CU_ASSERT_EQUAL(put(ring, 2, i, i % 100), 0);
		CU_ASSERT_EQUAL(cc_ring_wait(ring, 0), 1);
		CU_ASSERT(cc_ring_peek(ring, buf, sizeof(buf)) > 0);
		CU_ASSERT(take(ring, &r) > 0); /* peek takes nothing */
		CU_ASSERT(r.seq == i * 2 - 1 && r.tenant == 1 && r.call_seq == i &&
				  r.fields_len == i * 7 % 3000);
		CU_ASSERT(take(ring, &r) > 0);
		CU_ASSERT(r.seq == i * 2 && r.tenant == 2);
		CU_ASSERT_EQUAL(take(ring, &r), 0);
	}
	cc_ring_close(ring);
}

static void full(void)
{
	struct cc_ring *ring = open_ring();
	struct cc_record r;
	int count = 0;

	CU_ASSERT_EQUAL(cc_ring_used(ring), 0);
	while (put(ring, 1, 1, 1000) == 0)
		count++;
	CU_ASSERT_EQUAL(count, BYTES / 1056);
	CU_ASSERT(cc_ring_used(ring) > 980);
	CU_ASSERT_EQUAL(put(ring, 1, 1, 1000), CC_E_FULL);
	CU_ASSERT_EQUAL(put(ring, 1, 1, CC_JOURNAL_FIELDS_MAX + 1), CC_E_RANGE);
	CU_ASSERT(take(ring, &r) > 0);
	CU_ASSERT_EQUAL(put(ring, 1, 1, 1000), 0); /* a refused record has used no number */
	for (int i = 0; i < count; i++) {
		CU_ASSERT(take(ring, &r) > 0);
		CU_ASSERT_EQUAL(r.seq, (uint64_t)i + 2);
	}
	CU_ASSERT_EQUAL(take(ring, &r), 0);
	cc_ring_close(ring);
}

static void reopened(void)
{
	struct cc_ring *ring = open_ring(), *other;
	struct cc_record r;

	CU_ASSERT_EQUAL(cc_ring_next_epoch(ring), 1);
	put(ring, 1, 1, 10);
	put(ring, 1, 2, 10);
	other = open_ring(); /* a second opener shares it */
	put(other, 1, 3, 10);
	cc_ring_close(ring);
	cc_ring_close(other);
	ring = open_ring();
	CU_ASSERT_EQUAL(cc_ring_next_epoch(ring), 2);
	put(ring, 1, 4, 10);
	for (uint64_t seq = 1; seq <= 4; seq++) {
		CU_ASSERT(take(ring, &r) > 0);
		CU_ASSERT_EQUAL(r.seq, seq);
	}
	cc_ring_close(ring);
	cc_ring_close(NULL);
}

static int count_aside(void)
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	int n = 0;

	while ((e = readdir(dir)))
		n += strncmp(e->d_name, "ring.broken-", 12) == 0;
	closedir(dir);
	return n;
}

static void broken_file(void)
{
	struct cc_ring *ring = open_ring();
	struct cc_record r;
	int fd;

	put(ring, 1, 1, 10);
	cc_ring_close(ring);
	fd = open(path, O_RDWR);
	CU_ASSERT_EQUAL(pwrite(fd, "garbage!", 8, 0), 8);
	close(fd);
	ring = open_ring();
	CU_ASSERT_EQUAL(count_aside(), 1);
	CU_ASSERT_EQUAL(take(ring, &r), 0);
	cc_ring_close(ring);
	/* another size */
	CU_ASSERT_EQUAL(cc_ring_open(&ring, path, BYTES * 2), 0);
	CU_ASSERT_EQUAL(count_aside(), 2);
	/* not while somebody works with it */
	struct cc_ring *second = NULL;

	CU_ASSERT_EQUAL(cc_ring_open(&second, path, BYTES), CC_E_STATE);
	CU_ASSERT_EQUAL(cc_ring_open(&second, path, 1000), CC_E_INVAL);
	CU_ASSERT_EQUAL(cc_ring_open(&second, path, 3 * BYTES), CC_E_INVAL);
	CU_ASSERT_EQUAL(cc_ring_open(&second, "/no/such/folder/ring", BYTES), CC_E_IO);
	CU_ASSERT_PTR_NULL(second);
	cc_ring_close(ring);
}

static void damaged_record(void)
{
	struct cc_ring *ring = open_ring();
	struct cc_record r;
	int fd;

	for (uint32_t i = 1; i <= 4; i++)
		put(ring, 1, i, 10);
	fd = open(path, O_RDWR);
	CU_ASSERT_EQUAL(
			pwrite(fd, "\xFF\xFF\xFF\xFF", 4, 4096 + 72), 4); /* length of the second record */
	close(fd);
	CU_ASSERT(take(ring, &r) > 0 && r.seq == 1);
	CU_ASSERT_EQUAL(take(ring, &r), CC_E_CORRUPT);
	CU_ASSERT(take(ring, &r) > 0 && r.seq == 3);
	CU_ASSERT(take(ring, &r) > 0 && r.seq == 4);
	CU_ASSERT_EQUAL(take(ring, &r), 0);
	CU_ASSERT_EQUAL(put(ring, 1, 5, 10), 0);
	CU_ASSERT(take(ring, &r) > 0 && r.seq == 5);
	cc_ring_close(ring);
}

/* A lost ring and an older one (power failure) never give out a number or an epoch that a segment
 * has. */
static void numbers_go_on(void)
{
	struct cc_ring *ring = open_ring();
	struct cc_segment_writer *w = NULL;
	struct cc_record r;
	char copy[128], command[256];
	uint64_t last;

	snprintf(copy, sizeof(copy), "%s/older", folder);
	put(ring, 1, 1, 10);
	snprintf(command, sizeof(command), "cp %s %s", path, copy);
	CU_ASSERT_EQUAL(system(command), 0);
	CU_ASSERT_EQUAL(cc_ring_next_epoch(ring), 1);
	CU_ASSERT_EQUAL_FATAL(cc_segment_writer_new(&w, folder, 1, 1), 0);
	for (uint32_t i = 2; i <= 20; i++)
		put(ring, 1, i, 10);
	while (cc_ring_peek(ring, buf, sizeof(buf)) > 0) {
		CU_ASSERT_EQUAL(cc_segment_writer_append(w, buf, 72), 0);
		cc_ring_drop(ring);
	}
	cc_segment_writer_free(w);
	cc_ring_close(ring);
	unlink(path);
	ring = open_ring();
	CU_ASSERT(put(ring, 1, 21, 10) == 0 && take(ring, &r) > 0 && r.seq > 20);
	CU_ASSERT_EQUAL(cc_ring_next_epoch(ring), 2);
	cc_ring_close(ring);
	CU_ASSERT_EQUAL(rename(copy, path), 0);
	ring = open_ring();
	CU_ASSERT_EQUAL(cc_ring_next_epoch(ring), 2);
	CU_ASSERT(take(ring, &r) > 0);
	CU_ASSERT_EQUAL(
			r.seq, 1); /* pending in the older ring: the segment writer knows it and skips it */
	CU_ASSERT(put(ring, 1, 21, 10) == 0 && take(ring, &r) > 0);
	last = r.seq;
	CU_ASSERT_EQUAL(last, 21);
	cc_ring_close(ring);
}

static void wakes_up(void)
{
	struct cc_ring *ring = open_ring();
	int64_t start = cc_clock_mono_ms(), took;
	pid_t pid = fork();

	if (pid == 0) {
		nanosleep(&(struct timespec){.tv_nsec = 50 * 1000000}, NULL);
		put(ring, 1, 1, 10);
		_exit(0);
	}
	CU_ASSERT_EQUAL(cc_ring_wait(ring, 5000), 1);
	took = cc_clock_mono_ms() - start;
	CU_ASSERT(took >= 40 && took < 2000);
	waitpid(pid, NULL, 0);
	cc_ring_close(ring);
}

#define WRITERS 3
#define KILLS 150

static pid_t start_writer(struct cc_ring *ring, int slot, uint32_t life, bool own_mapping)
{
	pid_t pid = fork();
	unsigned seed = life;

	if (pid != 0)
		return pid;
	if (own_mapping && cc_ring_open(&ring, path, BYTES) != 0)
		_exit(9);
	for (uint32_t n = 1;; n++) {
		struct cc_record r = {.type = 1,
				.tenant = (uint32_t)slot,
				.time_ms = life,
				.call_seq = n,
				.fields = (const char *)buf,
				.fields_len = (uint32_t)(n % 3 ? rand_r(&seed) % 200 : CC_JOURNAL_FIELDS_MAX)};

		while (cc_ring_put(ring, &r) == CC_E_FULL)
			sched_yield();
	}
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Writers are killed at any moment, inside the lock too. What remains is whole, in order, without
 * gap and repetition. */
static void killed_writers(void)
{
	struct cc_ring *ring = open_ring();
	struct
	{
		pid_t pid;
		uint32_t life, last;
	} writers[WRITERS] = {0};
	uint64_t seq = 0, taken = 0;
	uint32_t life = 0;
	int gaps = 0, damaged = 0;
	unsigned seed = 3;

	for (int i = 0; i < WRITERS; i++) {
		writers[i].pid = start_writer(ring, i, ++life, i % 2);
	}
	for (int kills = 0; kills < KILLS || cc_ring_used(ring) > 0;) {
		int64_t until = cc_clock_mono_ms() + rand_r(&seed) % 8;
		struct cc_record r;
		int n, victim;

		while (cc_clock_mono_ms() <= until && (n = take(ring, &r)) != 0) {
			if (n < 0) {
				damaged++;
				continue;
			}
			taken++;
			gaps += r.seq != ++seq;
			if (r.time_ms != writers[r.tenant].life) { /* the next life of that writer has begun */
				gaps += (uint32_t)r.time_ms < writers[r.tenant].life;
				writers[r.tenant].life = (uint32_t)r.time_ms;
				writers[r.tenant].last = 0;
			}
			gaps += r.call_seq != ++writers[r.tenant].last;
		}
		if (kills >= KILLS)
			continue;
		victim = rand_r(&seed) % WRITERS;
		stop(writers[victim].pid);
		writers[victim].pid = start_writer(ring, victim, ++life, kills % 2);
		if (++kills == KILLS)
			for (int i = 0; i < WRITERS; i++)
				stop(writers[i].pid);
	}
	CU_ASSERT_EQUAL(gaps, 0);
	CU_ASSERT_EQUAL(damaged, 0);
	CU_ASSERT(taken > 1000);
	CU_ASSERT_EQUAL(put(ring, 0, 1, 8), 0);
	cc_ring_close(ring);
}

/* A child stopped right before it puts two records of tenant 7 at once. */
static pid_t stopped_writer(struct cc_ring *ring)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct cc_record r = {.type = 1, .tenant = 7, .fields = "{}", .fields_len = 2};
		struct cc_record two[] = {r, r};

		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		cc_ring_put_all(ring, two, 2);
		raise(SIGUSR1);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return pid;
}

/* Lets the child execute as many instructions; the number done when it had put its record before,
 * else -1. */
static int step_writer(pid_t pid, int instructions)
{
	for (int i = 0; i < instructions; i++) {
		int status;

		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) < 0 || waitpid(pid, &status, 0) != pid)
			return 0;
		if (!WIFSTOPPED(status) || WSTOPSIG(status) == SIGUSR1)
			return i;
	}
	return -1;
}

/* A writer killed after any number of instructions: both of its records are there or none, and the
 * next one goes on. */
static void killed_at_any_instruction(void)
{
	struct cc_ring *ring = open_ring();
	pid_t pid = stopped_writer(ring);
	int total = step_writer(pid, 1000000), stride, present = 0, absent = 0, wrong = 0;
	uint64_t seq = 0;
	struct cc_record r;

	stop(pid);
	CU_ASSERT_FATAL(total > 100); /* otherwise processes cannot be traced here */
	for (int i = 0; i < 2; i++)
		CU_ASSERT(take(ring, &r) > 0 && r.seq == ++seq);
	stride = 1 + total / 300;
	for (int n = 0; n <= total; n += stride) {
		pid = stopped_writer(ring);
		step_writer(pid, n);
		stop(pid);
		wrong += put(ring, 8, (uint32_t)n, 8) != 0;
		wrong += take(ring, &r) <= 0 || r.seq != ++seq;
		if (r.tenant == 7) {
			present++;
			wrong += take(ring, &r) <= 0 || r.seq != ++seq || r.tenant != 7;
			wrong += take(ring, &r) <= 0 || r.seq != ++seq;
		} else {
			absent++;
		}
		wrong += r.tenant != 8 || r.call_seq != (uint32_t)n;
		wrong += take(ring, &r) != 0;
	}
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT(present > 0 && absent > 0);
	cc_ring_close(ring);
}

CU_TestInfo ring_tests[] = {
		{"order and numbers over many rounds", order},
		{"several at once", at_once},
		{"full ring refuses", full},
		{"content survives closing", reopened},
		{"broken or foreign files are set aside", broken_file},
		{"damaged record is passed", damaged_record},
		{"numbers go on after lost and old rings", numbers_go_on},
		{"put wakes the taker", wakes_up},
		{"a writer killed after any instruction", killed_at_any_instruction},
		{"writers killed at any moment lose nothing", killed_writers},
		CU_TEST_INFO_NULL,
};
