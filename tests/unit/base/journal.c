/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <sys/stat.h>
#include "cc/err.h"
#include "cc/journal.h"
#include "suites.h"

static uint8_t record[CC_JOURNAL_RECORD_MAX];

static int make(uint64_t seq, const char *fields)
{
	struct cc_record r = {.seq = seq,
			.time_ms = 1795236361500 + (int64_t)seq,
			.type = CC_EV_CALL_NEW,
			.version = 1,
			.tenant = 2,
			.call = {{1, 2, 3}},
			.call_seq = (uint32_t)seq,
			.fields = fields,
			.fields_len = (uint32_t)strlen(fields)};

	return cc_record_encode(&r, record, sizeof(record));
}

static void append(struct cc_segment_writer *w, uint64_t seq)
{
	char fields[64];
	int n;

	snprintf(fields, sizeof(fields), "{\"n\":%llu}", (unsigned long long)seq);
	n = make(seq, fields);
	CU_ASSERT_FATAL(n > 0);
	CU_ASSERT_EQUAL(cc_segment_writer_append(w, record, (size_t)n), 0);
}

static struct cc_segment_writer *writer(uint32_t epoch)
{
	struct cc_segment_writer *w = NULL;

	CU_ASSERT_EQUAL_FATAL(cc_segment_writer_new(&w, folder, 1, epoch), 0);
	return w;
}

static struct cc_segment_reader *reader(const char *segment, int64_t offset)
{
	struct cc_segment_reader *rd = NULL;

	CU_ASSERT_EQUAL_FATAL(cc_segment_reader_new(&rd, folder, segment, offset), 0);
	return rd;
}

/* Next record's number; 0: none; -1: bytes passed over. */
static int64_t next(struct cc_segment_reader *rd)
{
	const void *bad = NULL;
	struct cc_record r;
	size_t bad_len = 0;
	int n = cc_segment_reader_next(rd, &r, &bad, &bad_len);

	if (n == CC_E_CORRUPT) {
		CU_ASSERT(bad && bad_len > 0);
		return -1;
	}
	CU_ASSERT_FATAL(n >= 0);
	return n ? (int64_t)r.seq : 0;
}

/* Opens the file of a segment for damage. */
static int segment_fd(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDWR);
	CU_ASSERT_FATAL(fd >= 0);
	return fd;
}

static void crc_known(void)
{
	static uint8_t zeros[32], count[32];

	/* RFC 3720 B.4 */
	CU_ASSERT_EQUAL(cc_crc32c(0, zeros, 32), 0x8A9136AA);
	for (int i = 0; i < 32; i++)
		count[i] = (uint8_t)i;
	CU_ASSERT_EQUAL(cc_crc32c(0, count, 32), 0x46DD794E);
	CU_ASSERT_EQUAL(cc_crc32c(0, "123456789", 9), 0xE3069283);
	CU_ASSERT_EQUAL(cc_crc32c(cc_crc32c(0, "1234", 4), "56789", 5), 0xE3069283);
}

static void event_names(void)
{
	CU_ASSERT_STRING_EQUAL(cc_event_name(CC_EV_CALL_NEW), "call.new");
	CU_ASSERT_PTR_NULL(cc_event_name(65000));
	CU_ASSERT(cc_event_live(CC_EV_AGENT_STATE));
	CU_ASSERT_FALSE(cc_event_live(CC_EV_LEG_NEW) || cc_event_live(65000));
}

static void encode_layout(void)
{
	static const uint8_t head[] = {64, 0, 0, 0};
	struct cc_record r;
	char big[CC_JOURNAL_FIELDS_MAX + 2];
	int n = make(0x0102030405060708, "{}");

	CU_ASSERT_EQUAL(n, 64);
	CU_ASSERT_EQUAL(memcmp(record, head, 4), 0);
	CU_ASSERT_EQUAL(record[8], 8);
	CU_ASSERT_EQUAL(record[15], 1);
	CU_ASSERT_EQUAL(record[24], CC_EV_CALL_NEW);
	CU_ASSERT_EQUAL(record[28], 2);
	CU_ASSERT_EQUAL(record[32], 1);
	CU_ASSERT_EQUAL(record[52], 2);
	CU_ASSERT_EQUAL(memcmp(record + 56, "{}\0\0\0\0\0\0", 8), 0);
	CU_ASSERT_EQUAL(cc_record_decode(&r, record, sizeof(record)), 64);
	CU_ASSERT_EQUAL(r.seq, 0x0102030405060708);
	CU_ASSERT_EQUAL(r.time_ms, 1795236361500 + 0x0102030405060708);
	CU_ASSERT_EQUAL(r.fields_len, 2);
	CU_ASSERT_NSTRING_EQUAL(r.fields, "{}", 2);
	memset(big, 'x', sizeof(big));
	big[CC_JOURNAL_FIELDS_MAX + 1] = '\0';
	CU_ASSERT_EQUAL(make(1, big), CC_E_RANGE);
	big[CC_JOURNAL_FIELDS_MAX] = '\0';
	CU_ASSERT_EQUAL(make(1, big), CC_JOURNAL_RECORD_MAX);
	CU_ASSERT_EQUAL(cc_record_decode(&r, record, sizeof(record)), CC_JOURNAL_RECORD_MAX);
	CU_ASSERT_EQUAL(cc_record_encode(&r, big, 100), CC_E_FULL);
}

static void decode_every_bit(void)
{
	int n = make(77, "{\"a\":\"bcd\"}");
	struct cc_record r;

	for (int bit = 0; bit < n * 8; bit++) {
		int got;

		record[bit / 8] ^= (uint8_t)(1 << bit % 8);
		got = cc_record_decode(&r, record, sizeof(record));
		CU_ASSERT(got == CC_E_CORRUPT || (got == 0 && bit < 32));
		record[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (int len = 0; len < n; len++) {
		uint8_t *exact = malloc((size_t)len + 1);
		int got;

		memcpy(exact, record, (size_t)len);
		got = cc_record_decode(&r, exact, (size_t)len);
		CU_ASSERT_EQUAL(got, len < CC_JOURNAL_HEADER ? 0 : CC_E_CORRUPT);
		free(exact);
	}
}

static void decode_random(void)
{
	unsigned seed = 42;
	struct cc_record r;

	for (int i = 0; i < 200000; i++) {
		uint8_t noise[256];
		size_t len = (size_t)rand_r(&seed) % sizeof(noise);
		int n;

		for (size_t k = 0; k < len; k++)
			noise[k] = (uint8_t)rand_r(&seed);
		if (len >= 4 && i % 2) { /* a plausible length goes deeper */
			noise[0] = (uint8_t)(len & ~7u);
			noise[1] = noise[2] = noise[3] = 0;
		}
		n = cc_record_decode(&r, noise, len);
		CU_ASSERT(n == 0 || n == CC_E_CORRUPT);
	}
}

static void write_and_read(void)
{
	struct cc_segment_reader *rd = reader(NULL, 0), *again;
	struct cc_segment_writer *w;
	char name[64];
	int64_t offset = 0;

	CU_ASSERT_EQUAL(next(rd), 0);
	w = writer(5);
	CU_ASSERT_EQUAL(next(rd), 0);
	for (uint64_t seq = 1; seq <= 1000; seq++) {
		append(w, seq);
		CU_ASSERT_EQUAL(next(rd), (int64_t)seq);
		if (seq == 500) {
			strcpy(name, cc_segment_reader_segment(rd));
			offset = cc_segment_reader_offset(rd);
		}
		if (seq % 100 == 0)
			CU_ASSERT_EQUAL(next(rd), 0);
	}
	CU_ASSERT_EQUAL(cc_segment_writer_sync(w), 0);
	CU_ASSERT_STRING_EQUAL(name, "001-00000005-0000000000000001.ccj");
	again = reader(name, offset);
	CU_ASSERT_EQUAL(next(again), 501);
	cc_segment_reader_free(again);
	cc_segment_writer_free(w);
	cc_segment_reader_free(rd);
}

static void roll_over(void)
{
	struct cc_segment_writer *w = writer(1);
	struct cc_segment_reader *rd;
	static char fields[CC_JOURNAL_FIELDS_MAX + 1];
	uint64_t count = CC_JOURNAL_SEGMENT_BYTES / CC_JOURNAL_RECORD_MAX * 2 + 10;
	struct stat st;
	char path[128];

	memset(fields, 'y', sizeof(fields) - 1);
	for (uint64_t seq = 1; seq <= count; seq++) {
		int n = make(seq, fields);

		CU_ASSERT_EQUAL_FATAL(cc_segment_writer_append(w, record, (size_t)n), 0);
	}
	rd = reader("", 0);
	for (uint64_t seq = 1; seq <= count; seq++)
		CU_ASSERT_EQUAL_FATAL(next(rd), (int64_t)seq);
	CU_ASSERT_EQUAL(next(rd), 0);
	CU_ASSERT_STRING_EQUAL(cc_segment_reader_segment(rd), "001-00000001-0000000000001045.ccj");
	snprintf(path, sizeof(path), "%s/%s", folder, cc_segment_reader_segment(rd));
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_size, CC_JOURNAL_SEGMENT_BYTES); /* preallocated */
	cc_segment_writer_free(w);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_size, cc_segment_reader_offset(rd)); /* given back */
	CU_ASSERT_EQUAL(next(rd), 0);
	cc_segment_reader_free(rd);
}

static void restart_without_duplicates(void)
{
	struct cc_segment_writer *w = writer(1);
	struct cc_segment_reader *rd = reader(NULL, 0);

	for (uint64_t seq = 1; seq <= 10; seq++)
		append(w, seq);
	/* killed: not freed in order; the ring still has 8 to 12 */
	struct cc_segment_writer *w2 = writer(2);

	for (uint64_t seq = 8; seq <= 12; seq++)
		append(w2, seq);
	for (int64_t seq = 1; seq <= 12; seq++)
		CU_ASSERT_EQUAL(next(rd), seq);
	CU_ASSERT_EQUAL(next(rd), 0);
	cc_segment_reader_free(rd);
	cc_segment_writer_free(w2);
	cc_segment_writer_free(w);
	w = NULL;
	CU_ASSERT_EQUAL(cc_segment_writer_new(&w, folder, 1, 1), CC_E_STALE);
	CU_ASSERT_PTR_NULL(w);
	make(13, "{}");
	w = writer(3);
	CU_ASSERT_EQUAL(cc_segment_writer_append(w, record, 56), CC_E_INVAL);
	record[60] ^= 1;
	CU_ASSERT_EQUAL(cc_segment_writer_append(w, record, 64), CC_E_INVAL);
	cc_segment_writer_free(w);
}

/* A writer that died inside a record: the reader waits, then goes on with the next segment, and
 * nothing is missing. */
static void torn_tail(void)
{
	struct cc_segment_writer *w = writer(1), *w2;
	struct cc_segment_reader *rd = reader(NULL, 0);
	int fd, n;

	append(w, 1);
	append(w, 2);
	CU_ASSERT_EQUAL(next(rd), 1);
	CU_ASSERT_EQUAL(next(rd), 2);
	fd = segment_fd(cc_segment_reader_segment(rd));
	n = make(3, "{\"torn\":true}");
	CU_ASSERT_EQUAL(pwrite(fd, record, (size_t)n - 9, cc_segment_reader_offset(rd)), n - 9);
	CU_ASSERT_EQUAL(next(rd), 0);
	CU_ASSERT_EQUAL(next(rd), 0);
	w2 = writer(2);
	CU_ASSERT_EQUAL(next(rd), 0);
	append(w2, 3);
	CU_ASSERT_EQUAL(next(rd), 3);
	append(w2, 4);
	CU_ASSERT_EQUAL(next(rd), 4);
	CU_ASSERT_EQUAL(next(rd), 0);
	close(fd);
	cc_segment_writer_free(w2);
	cc_segment_writer_free(w);
	cc_segment_reader_free(rd);
}

/* A record that is being written is not damaged, even when the reader sees half of it. */
static void half_written(void)
{
	struct cc_segment_writer *w = writer(1);
	struct cc_segment_reader *rd = reader(NULL, 0);
	int fd, n;

	append(w, 1);
	CU_ASSERT_EQUAL(next(rd), 1);
	fd = segment_fd(cc_segment_reader_segment(rd));
	n = make(2, "{\"slow\":true}");
	for (int part = 1; part < n - 3; part += 5) {
		CU_ASSERT_EQUAL(pwrite(fd, record, (size_t)part, cc_segment_reader_offset(rd)), part);
		CU_ASSERT_EQUAL(next(rd), 0);
	}
	CU_ASSERT_EQUAL(pwrite(fd, record, (size_t)n, cc_segment_reader_offset(rd)), n);
	CU_ASSERT_EQUAL(next(rd), 2);
	close(fd);
	cc_segment_writer_free(w);
	cc_segment_reader_free(rd);
}

static void damage_in_the_middle(void)
{
	struct cc_segment_writer *w = writer(1);
	struct cc_segment_reader *rd;
	uint8_t junk[8] = {0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4};
	int fd;

	for (uint64_t seq = 1; seq <= 9; seq++)
		append(w, seq);
	fd = segment_fd("001-00000001-0000000000000001.ccj");
	CU_ASSERT_EQUAL(pwrite(fd, junk, 8, 64 * 2), 8);      /* record 3: length */
	CU_ASSERT_EQUAL(pwrite(fd, junk, 4, 64 * 5 + 58), 4); /* record 6: fields */
	rd = reader(NULL, 0);
	CU_ASSERT_EQUAL(next(rd), 1);
	CU_ASSERT_EQUAL(next(rd), 2);
	CU_ASSERT_EQUAL(next(rd), -1);
	CU_ASSERT_EQUAL(cc_segment_reader_offset(rd), 64 * 3);
	CU_ASSERT_EQUAL(next(rd), 4);
	CU_ASSERT_EQUAL(next(rd), 5);
	CU_ASSERT_EQUAL(next(rd), -1);
	for (int64_t seq = 7; seq <= 9; seq++)
		CU_ASSERT_EQUAL(next(rd), seq);
	CU_ASSERT_EQUAL(next(rd), 0);
	cc_segment_reader_free(rd);
	cc_segment_writer_free(w);
	/* damage does not make the next writer repeat or forget numbers */
	w = writer(2);
	append(w, 9);
	append(w, 10);
	rd = reader("001-00000001-0000000000000001.ccj", 64 * 9);
	CU_ASSERT_EQUAL(next(rd), 10);
	CU_ASSERT_EQUAL(next(rd), 0);
	cc_segment_reader_free(rd);
	cc_segment_writer_free(w);
	close(fd);
}

/* The last record of a finished segment is damaged after the fact: it is reported, not taken for a
 * torn tail. */
static void damage_at_the_end(void)
{
	struct cc_segment_writer *w = writer(1);
	struct cc_segment_reader *rd = reader(NULL, 0);
	int fd;

	append(w, 1);
	append(w, 2);
	cc_segment_writer_free(w);
	w = writer(2);
	append(w, 3);
	fd = segment_fd("001-00000001-0000000000000001.ccj");
	CU_ASSERT_EQUAL(pwrite(fd, "\xFF", 1, 64 + 60), 1);
	CU_ASSERT_EQUAL(next(rd), 1);
	CU_ASSERT_EQUAL(next(rd), -1);
	CU_ASSERT_EQUAL(next(rd), 3);
	CU_ASSERT_EQUAL(next(rd), 0);
	close(fd);
	cc_segment_reader_free(rd);
	cc_segment_writer_free(w);
}

static void random_damage(void)
{
	unsigned seed = 7;

	for (int round = 0; round < 300; round++) {
		struct cc_segment_writer *w = writer((uint32_t)round + 1);
		struct cc_segment_reader *rd;
		int64_t last = 0, got;
		char path[128];
		int fd;

		for (uint64_t i = 1; i <= 20; i++)
			append(w, (uint64_t)round * 20 + i);
		cc_segment_writer_free(w);
		snprintf(path, sizeof(path), "001-%08x-%016llx.ccj", round + 1,
				(unsigned long long)round * 20 + 1);
		fd = segment_fd(path);
		for (int k = 0; k < 3; k++) {
			uint8_t noise[16];
			int len = 1 + rand_r(&seed) % 16;

			for (int i = 0; i < len; i++)
				noise[i] = (uint8_t)rand_r(&seed);
			CU_ASSERT_EQUAL(pwrite(fd, noise, (size_t)len, rand_r(&seed) % (64 * 19)), len);
		}
		close(fd);
		rd = reader(path, 0);
		while ((got = next(rd)) != 0) {
			CU_ASSERT(got == -1 || got > last);
			if (got > 0)
				last = got;
		}
		CU_ASSERT_EQUAL(last, round * 20 + 20); /* the undamaged last one is always reached */
		cc_segment_reader_free(rd);
	}
}

static void recent_segments(void)
{
	struct cc_segment_reader *rd = NULL;

	CU_ASSERT_EQUAL(cc_segment_reader_new_recent(&rd, folder, 2), 0);
	CU_ASSERT_EQUAL(next(rd), 0);
	cc_segment_reader_free(rd);
	for (uint32_t epoch = 1; epoch <= 5; epoch++) {
		struct cc_segment_writer *w = writer(epoch);

		append(w, epoch * 2 - 1);
		append(w, epoch * 2);
		cc_segment_writer_free(w);
	}
	for (int count = 1; count <= 7; count++) {
		CU_ASSERT_EQUAL(cc_segment_reader_new_recent(&rd, folder, count), 0);
		CU_ASSERT_EQUAL(next(rd), count < 5 ? 11 - 2 * count : 1);
		cc_segment_reader_free(rd);
	}
	CU_ASSERT_EQUAL(cc_segment_reader_new_recent(&rd, "/no/such/folder", 1), 0);
	CU_ASSERT_EQUAL(next(rd), 0);
	cc_segment_reader_free(rd);
	CU_ASSERT_EQUAL(cc_segment_reader_new_recent(&rd, "/proc/1/mem", 1), CC_E_IO);
}

static void old_segments(void)
{
	struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	struct cc_segment_reader *rd;
	char path[128];

	for (uint32_t epoch = 1; epoch <= 5; epoch++) {
		struct cc_segment_writer *w = writer(epoch);

		append(w, epoch);
		cc_segment_writer_free(w);
	}
	for (uint32_t epoch = 1; epoch <= 5; epoch++) {
		if (epoch == 3)
			continue; /* the third is young */
		snprintf(path, sizeof(path), "%s/001-%08x-%016x.ccj", folder, epoch, epoch);
		CU_ASSERT_EQUAL(utimensat(AT_FDCWD, path, old, 0), 0);
	}
	CU_ASSERT_EQUAL(cc_segments_remove(folder, "", 2000000), 0);
	CU_ASSERT_EQUAL(cc_segments_remove(folder, "001-00000004-0000000000000004.ccj", 1000000), 0);
	CU_ASSERT_EQUAL(cc_segments_remove(folder, "001-00000004-0000000000000004.ccj", 2000000), 2);
	rd = reader(NULL, 0);
	for (int64_t seq = 3; seq <= 5; seq++)
		CU_ASSERT_EQUAL(next(rd), seq);
	cc_segment_reader_free(rd);
	CU_ASSERT_EQUAL(cc_segments_remove("/no/such/folder", "x", 1), 0);
}

static void bad_arguments(void)
{
	struct cc_segment_reader *rd = NULL;
	struct cc_segment_writer *w = NULL;

	CU_ASSERT_EQUAL(cc_segment_reader_new(&rd, folder, "../etc/passwd", 0), CC_E_INVAL);
	CU_ASSERT_EQUAL(
			cc_segment_reader_new(&rd, folder, "001-00000001-0000000000000001.ccj", 4), CC_E_INVAL);
	CU_ASSERT_EQUAL(cc_segment_reader_new(&rd, folder, "001-00000001-0000000000000001.ccj", -8),
			CC_E_INVAL);
	CU_ASSERT_EQUAL(cc_segment_writer_new(&w, "/no/such/folder", 1, 1), CC_E_IO);
	CU_ASSERT_EQUAL(cc_segment_writer_new(&w, folder, 4096, 1), CC_E_RANGE);
	CU_ASSERT(!rd && !w);
	cc_segment_reader_free(NULL);
	cc_segment_writer_free(NULL);
	/* the segment of the position was removed */
	w = writer(2);
	append(w, 5);
	rd = reader("001-00000001-0000000000000001.ccj", 64);
	CU_ASSERT_EQUAL(next(rd), 5);
	cc_segment_reader_free(rd);
	cc_segment_writer_free(w);
}

CU_TestInfo journal_tests[] = {
		{"CRC-32C of known texts", crc_known},
		{"event names", event_names},
		{"layout of a record", encode_layout},
		{"every flipped bit and every cut is noticed", decode_every_bit},
		{"random bytes", decode_random},
		{"write, follow, resume", write_and_read},
		{"a full segment is followed by the next", roll_over},
		{"a restart writes nothing twice", restart_without_duplicates},
		{"torn tail", torn_tail},
		{"half-written record", half_written},
		{"damage in the middle", damage_in_the_middle},
		{"damage at the end", damage_at_the_end},
		{"random damage", random_damage},
		{"the newest segments", recent_segments},
		{"removing old segments", old_segments},
		{"bad arguments", bad_arguments},
		CU_TEST_INFO_NULL,
};
