/* SPDX-License-Identifier: GPL-2.0-or-later */
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

CU_TestInfo journaled_tests[] = {
		{"in the ring, in segments", in_ring_and_segments},
		{"older than all that is read", older_than_all},
		CU_TEST_INFO_NULL,
};
