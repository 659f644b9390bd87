/* SPDX-License-Identifier: GPL-2.0-or-later
 * The journal's wire format (docs/contracts.md): encode, decode, read segments, ring. No logging,
 * no threads. */
#ifndef CC_JOURNAL_H
#define CC_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cc/ulid.h"

enum cc_event_type
{
#define CC_EVENT(number, symbol, name, live, fields) CC_EV_##symbol = number,
#include "events.def"
#undef CC_EVENT
};

/* "call.new" …; NULL for an unknown type */
const char *cc_event_name(uint16_t type);
bool cc_event_live(uint16_t type);

#define CC_JOURNAL_HEADER 56
#define CC_JOURNAL_FIELDS_MAX 8000
#define CC_JOURNAL_RECORD_MAX (CC_JOURNAL_HEADER + CC_JOURNAL_FIELDS_MAX)
#define CC_JOURNAL_SEGMENT_BYTES (16 * 1024 * 1024)

struct cc_record
{
	uint64_t seq;
	int64_t time_ms;
	uint16_t type;
	uint8_t version;
	uint32_t tenant;
	struct cc_ulid call;
	uint32_t call_seq;
	uint32_t fields_len;
	const char *fields; /* decode: points into the buffer, not NUL-terminated */
};

/* Length written (a multiple of 8) or CC_E_FULL / CC_E_RANGE. */
int cc_record_encode(const struct cc_record *r, void *buf, size_t cap);
/* Length of the record at buf; 0: nothing there yet (zero length or fewer than the header's bytes);
 * CC_E_CORRUPT: length, padding or CRC is wrong. */
int cc_record_decode(struct cc_record *r, const void *buf, size_t len);
uint32_t cc_crc32c(uint32_t crc, const void *data, size_t len);

/* The ring: one file, mapped shared by all writers, survives kill -9 of all of them.
 * Any process may put; exactly one takes. */
struct cc_ring;
/* Creates or opens; a file of another layout or a broken one is renamed aside, never overwritten.
 * bytes: size of the data area, a power of two. The first to open looks at the segments in the same
 * folder: sequence numbers and epochs go on after theirs (with a jump when the machine lost power
 * or the ring is new). A ring may be used across fork. */
int cc_ring_open(struct cc_ring **ring, const char *path, size_t bytes);
void cc_ring_close(struct cc_ring *ring);
/* Assigns r->seq and appends. CC_E_FULL when it does not fit: the caller decides (new calls are
 * refused before that happens: cc_ring_used). Safe between processes; a writer that dies inside is
 * recovered by the next one. */
int cc_ring_put(struct cc_ring *ring, struct cc_record *r);
/* Several records, in one piece: all of them or, with an error or when the writer dies, none. */
int cc_ring_put_all(struct cc_ring *ring, struct cc_record *records, int count);
/* No record that is put from now on gets a lower number. */
uint64_t cc_ring_next_seq(const struct cc_ring *ring);
/* Calls each for what is in it, oldest first, while nobody puts or takes. CC_E_CORRUPT: a record is
 * broken; those before it were given. */
int cc_ring_each(
		const struct cc_ring *ring, void (*each)(const struct cc_record *r, void *arg), void *arg);
/* Copies the next record to buf without removing it: its length, 0 when empty, CC_E_CORRUPT (the
 * bad one is skipped). */
int cc_ring_peek(struct cc_ring *ring, void *buf, size_t cap);
/* Removes the record that peek returned. */
void cc_ring_drop(struct cc_ring *ring);
/* Used part of the ring, 0…1000 per mille. */
int cc_ring_used(const struct cc_ring *ring);
/* Waits until something is in it or timeout_ms passed: 1 or 0. */
int cc_ring_wait(struct cc_ring *ring, int timeout_ms);
/* Epoch of the engine: read and raise by one. */
uint32_t cc_ring_next_epoch(struct cc_ring *ring);

/* Appends records to segments in a folder. */
struct cc_segment_writer;
/* The first append starts a new segment of the epoch. CC_E_STALE: node or epoch are lower than in
 * older segments. Records up to the last sequence number found in older segments are skipped by
 * append, so that a record that was in the ring and in a segment is never written twice. */
int cc_segment_writer_new(
		struct cc_segment_writer **w, const char *folder, uint32_t node, uint32_t epoch);
void cc_segment_writer_free(struct cc_segment_writer *w);
int cc_segment_writer_append(struct cc_segment_writer *w, const void *record, size_t len);
int cc_segment_writer_sync(struct cc_segment_writer *w);

/* Reads records in order over all segments of a folder, following new ones. */
struct cc_segment_reader;
/* segment NULL or "": from the oldest; one that is gone: from the next. */
int cc_segment_reader_new(
		struct cc_segment_reader **rd, const char *folder, const char *segment, int64_t offset);
/* From the begin of the segment that has count - 1 segments behind it, or the oldest. */
int cc_segment_reader_new_recent(struct cc_segment_reader **rd, const char *folder, int count);
void cc_segment_reader_free(struct cc_segment_reader *rd);
/* 1: a record (r->fields valid until the next call); 0: nothing new; CC_E_CORRUPT: bytes that are
 * no record were passed over, they are in bad and bad_len, valid until the next call, and begin
 * bad_len before the position; CC_E_IO. */
int cc_segment_reader_next(
		struct cc_segment_reader *rd, struct cc_record *r, const void **bad, size_t *bad_len);
/* Position after the last record that next returned. */
const char *cc_segment_reader_segment(const struct cc_segment_reader *rd);
int64_t cc_segment_reader_offset(const struct cc_segment_reader *rd);

/* Removes segments that sort before `before` and were last written before time_ms (UTC): how many,
 * or CC_E_IO. */
int cc_segments_remove(const char *folder, const char *before, int64_t time_ms);

#endif
