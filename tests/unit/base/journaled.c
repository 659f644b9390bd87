/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cc/err.h"
#include "cc/journaled.h"
#include "suites.h"

#define BYTES (64 * 1024)

static struct cc_ulid call(uint8_t n)
{
	return (struct cc_ulid){{9, n}};
}

static struct cc_ring *open_ring(void)
{
	struct cc_ring *ring = NULL;
	char path[96];

	snprintf(path, sizeof(path), "%s/ring", folder);
	CU_ASSERT_EQUAL_FATAL(cc_ring_open(&ring, path, BYTES), 0);
	return ring;
}

static void put(struct cc_ring *ring, uint8_t n, uint32_t call_seq)
{
	struct cc_record r = {
			.type = 1, .call = call(n), .call_seq = call_seq, .fields = "{}", .fields_len = 2};

	CU_ASSERT_EQUAL(cc_ring_put(ring, &r), 0);
}

/* Moves all that is in the ring to the writer's segment. */
static void drain(struct cc_ring *ring, struct cc_segment_writer *w)
{
	static uint8_t buf[CC_JOURNAL_RECORD_MAX];
	int n;

	while ((n = cc_ring_peek(ring, buf, sizeof(buf))) > 0) {
		CU_ASSERT_EQUAL(cc_segment_writer_append(w, buf, (size_t)n), 0);
		cc_ring_drop(ring);
	}
}

static struct cc_journaled *journaled(struct cc_ring *ring)
{
	struct cc_journaled *j = NULL;

	CU_ASSERT_EQUAL_FATAL(cc_journaled_read(&j, ring, folder), 0);
	return j;
}

static bool has(struct cc_ring *ring, uint8_t n, uint32_t call_seq, uint64_t since)
{
	struct cc_journaled *j = journaled(ring);
	struct cc_ulid id = call(n);
	bool yes = cc_journaled_has(j, &id, call_seq, since);

	cc_journaled_free(j);
	return yes;
}

/* Of each call the last record counts, wherever it is. */
static void in_ring_and_segments(void)
{
	struct cc_ring *ring = open_ring();
	struct cc_segment_writer *w = NULL;

	CU_ASSERT_EQUAL_FATAL(cc_segment_writer_new(&w, folder, 1, 1), 0);
	CU_ASSERT_FALSE(has(ring, 1, 1, cc_ring_next_seq(ring))); /* an empty journal has nothing */
	put(ring, 2, 1);
	put(ring, 1, 1);
	put(ring, 0, 0); /* of no call */
	drain(ring, w);
	put(ring, 1, 2);
	put(ring, 1, 3);
	put(ring, 3, 1);
	CU_ASSERT_TRUE(has(ring, 1, 3, 1));
	CU_ASSERT_FALSE(has(ring, 1, 4, 1));
	CU_ASSERT_TRUE(has(ring, 2, 1, 1));
	CU_ASSERT_FALSE(has(ring, 2, 2, 1));
	CU_ASSERT_TRUE(has(ring, 3, 1, 1));
	CU_ASSERT_FALSE(has(ring, 4, 1, 1));
	CU_ASSERT_TRUE(has(ring, 4, 0, 1)); /* a call without any record misses none */
	cc_segment_writer_free(w);
	cc_ring_close(ring);
}

/* What was put before all that is read is taken as there: a long talk has its last record in an old
 * segment. */
static void older_than_all(void)
{
	struct cc_ring *ring = open_ring();
	struct cc_segment_writer *w = NULL;
	uint64_t since = cc_ring_next_seq(ring);

	put(ring, 1, 5);
	for (uint32_t epoch = 1; epoch <= 3; epoch++) { /* a segment each */
		CU_ASSERT_EQUAL_FATAL(cc_segment_writer_new(&w, folder, 1, epoch), 0);
		put(ring, 2, epoch);
		drain(ring, w);
		cc_segment_writer_free(w);
	}
	CU_ASSERT_TRUE(has(ring, 1, 5, since));
	CU_ASSERT_FALSE(has(ring, 1, 6, cc_ring_next_seq(ring)));
	CU_ASSERT_TRUE(has(ring, 2, 3, since + 3));
	CU_ASSERT_FALSE(has(ring, 2, 4, since + 4));
	cc_ring_close(ring);
}

/* ---- a step of a call: its record, then its journal records ---- */

enum death
{
	DEATH_BEFORE,  /* nothing of the step is there */
	DEATH_BETWEEN, /* it is written down, the journal has nothing of it */
	DEATH_BEHIND,
};

struct state
{
	struct cc_journaled_step step;
	int32_t says; /* which step it is */
};

static struct cc_records *open_records(void)
{
	struct cc_records *records = NULL;
	char path[96];

	snprintf(path, sizeof(path), "%s/calls.map", folder);
	CU_ASSERT_EQUAL_FATAL(cc_records_open(&records, path, 1, sizeof(struct state), 2), 0);
	return records;
}

/* What the engine does for a step with two records (engine.c), up to its death. */
static void step(
		struct cc_records *records, struct cc_ring *ring, uint8_t n, int32_t nth, enum death death)
{
	uint32_t last = (uint32_t)nth * 2;
	struct state s = {.step = {call(n), cc_ring_next_seq(ring), last}, .says = nth};
	struct cc_record two[2] = {
			{.type = 1, .call = call(n), .call_seq = last - 1, .fields = "{}", .fields_len = 2},
			{.type = 1, .call = call(n), .call_seq = last, .fields = "{}", .fields_len = 2}};

	if (death == DEATH_BEFORE)
		raise(SIGKILL);
	cc_records_write(records, n, &s);
	if (death == DEATH_BETWEEN)
		raise(SIGKILL);
	if (cc_ring_put_all(ring, two, 2) < 0)
		_exit(1);
}

/* An engine that takes steps of call 1, the last of which kills it there. */
static void engine(int32_t steps, enum death death)
{
	pid_t pid = fork();
	int status = 0;

	CU_ASSERT_TRUE_FATAL(pid >= 0);
	if (pid == 0) {
		struct cc_records *records = open_records();
		struct cc_ring *ring = open_ring();

		for (int32_t i = 1; i <= steps; i++)
			step(records, ring, 1, i, i < steps ? DEATH_BEHIND : death);
		raise(SIGKILL);
	}
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* The step that the next engine goes on from, 0: it knows nothing of the call. */
static int32_t found(void)
{
	struct cc_records *records = open_records();
	struct cc_ring *ring = open_ring();
	struct cc_journaled *j = journaled(ring);
	const struct state *s = cc_journaled_last(j, records, 1);
	int32_t nth = s ? s->says : 0;

	CU_ASSERT_PTR_NULL(cc_journaled_last(j, records, 0));
	cc_journaled_free(j);
	cc_records_close(records);
	cc_ring_close(ring);
	return nth;
}

static void killed(int32_t steps, enum death death, int32_t expected)
{
	unit_remove(folder);
	unit_folder(folder);
	engine(steps, death);
	CU_ASSERT_EQUAL(found(), expected);
	CU_ASSERT_EQUAL(found(), expected); /* and the one after that, if it dies at once */
}

/* Wherever an engine is killed: no step without its records, no records without their step. */
static void killed_anywhere(void)
{
	killed(1, DEATH_BEFORE, 0);
	killed(1, DEATH_BETWEEN, 0);
	killed(1, DEATH_BEHIND, 1);
	killed(3, DEATH_BEFORE, 2);
	killed(3, DEATH_BETWEEN, 2);
	killed(3, DEATH_BEHIND, 3);
}

CU_TestInfo journaled_tests[] = {
		{"in the ring, in segments", in_ring_and_segments},
		{"older than all that is read", older_than_all},
		{"an engine killed anywhere in a step", killed_anywhere},
		CU_TEST_INFO_NULL,
};
