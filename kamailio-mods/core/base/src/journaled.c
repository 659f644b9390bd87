/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/journaled.h"

#include <stdlib.h>
#include <string.h>

#include "cc/err.h"

#define SEGMENTS 2 /* of 16 MiB: the last minutes of the busiest engine */

struct seen
{
	struct cc_ulid call;
	uint32_t call_seq; /* the highest */
};

struct cc_journaled
{
	struct seen *seen;
	size_t count, cap;
	uint64_t first; /* number of the first record that was read */
	bool any, nomem;
};

static int compare(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	int order = memcmp(&x->call, &y->call, sizeof(x->call));

	return order ? order : (x->call_seq > y->call_seq) - (x->call_seq < y->call_seq);
}

static void add(const struct cc_record *r, void *arg)
{
	struct cc_journaled *j = arg;

	if (!j->any)
		j->first = r->seq;
	j->any = true;
	if (r->call_seq == 0 || j->nomem)
		return;
	if (j->count == j->cap) {
		size_t cap = j->cap ? j->cap * 2 : 4096;
		struct seen *more = realloc(j->seen, cap * sizeof(*more));

		if (!more) {
			j->nomem = true;
			return;
		}
		j->seen = more;
		j->cap = cap;
	}
	j->seen[j->count++] = (struct seen){r->call, r->call_seq};
}

/* Leaves the highest number of each call, in the order of the calls. */
static void condense(struct cc_journaled *j)
{
	size_t n = 0;

	if (j->count)
		qsort(j->seen, j->count, sizeof(j->seen[0]), compare);
	for (size_t i = 0; i < j->count; i++)
		if (i + 1 == j->count || !cc_ulid_equal(&j->seen[i].call, &j->seen[i + 1].call))
			j->seen[n++] = j->seen[i];
	j->count = n;
}

int cc_journaled_read(struct cc_journaled **out, const struct cc_ring *ring, const char *folder)
{
	struct cc_journaled *j = calloc(1, sizeof(*j));
	struct cc_segment_reader *rd = NULL;
	struct cc_record r;
	const void *bad;
	size_t bad_len;
	int rc = CC_E_NOMEM;

	if (!j)
		return rc;
	rc = cc_segment_reader_new_recent(&rd, folder, SEGMENTS);
	if (rc < 0)
		goto out;
	while ((rc = cc_segment_reader_next(rd, &r, &bad, &bad_len)) == 1 || rc == CC_E_CORRUPT)
		if (rc == 1)
			add(&r, j);
	if (rc < 0)
		goto out;
	cc_ring_each(ring, add, j); /* what is broken in it is met and named by who takes it */
	rc = j->nomem ? CC_E_NOMEM : CC_OK;
	if (rc < 0)
		goto out;
	if (!j->any)
		j->first = cc_ring_next_seq(ring);
	condense(j);
	*out = j;
	j = NULL;
out:
	cc_segment_reader_free(rd);
	cc_journaled_free(j);
	return rc;
}

void cc_journaled_free(struct cc_journaled *j)
{
	if (j)
		free(j->seen);
	free(j);
}

static int compare_call(const void *key, const void *element)
{
	return memcmp(key, &((const struct seen *)element)->call, sizeof(struct cc_ulid));
}

bool cc_journaled_has(
		const struct cc_journaled *j, const struct cc_ulid *call, uint32_t call_seq, uint64_t since)
{
	const struct seen *s;

	if (since < j->first || call_seq == 0)
		return true;
	s = j->count ? bsearch(call, j->seen, j->count, sizeof(j->seen[0]), compare_call) : NULL;
	return s && s->call_seq >= call_seq;
}

static bool has_step(const struct cc_journaled *j, const struct cc_journaled_step *step)
{
	return cc_journaled_has(j, &step->call, step->call_seq, step->since);
}

const void *cc_journaled_last(const struct cc_journaled *j, struct cc_records *records, int32_t i)
{
	const void *last = cc_records_read(records, i);

	if (!last || has_step(j, last))
		return last;
	cc_records_undo(records, i);
	return cc_records_read(records, i);
}
