/* SPDX-License-Identifier: GPL-2.0-or-later
 * One record of the journal, to and from bytes. */
#include <pthread.h>
#include <string.h>
#include "cc/err.h"
#include "cc/journal.h"

const char *cc_event_name(uint16_t type)
{
	switch (type) {
#define CC_EVENT(number, symbol, name, live, fields)                                               \
	case number:                                                                                   \
		return name;
#include "events.def"
#undef CC_EVENT
	}
	return NULL;
}

bool cc_event_live(uint16_t type)
{
	switch (type) {
#define CC_EVENT(number, symbol, name, live, fields)                                               \
	case number:                                                                                   \
		return live;
#include "events.def"
#undef CC_EVENT
	}
	return false;
}

/* CRC-32C (Castagnoli), reflected, eight tables: eight bytes a step. */
static uint32_t crc_table[8][256];
static pthread_once_t crc_once = PTHREAD_ONCE_INIT;

static void crc_init(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (int bit = 0; bit < 8; bit++)
			c = c & 1 ? c >> 1 ^ 0x82F63B78u : c >> 1;
		crc_table[0][i] = c;
	}
	for (int t = 1; t < 8; t++)
		for (int i = 0; i < 256; i++)
			crc_table[t][i] = crc_table[t - 1][i] >> 8 ^ crc_table[0][crc_table[t - 1][i] & 255];
}

uint32_t cc_crc32c(uint32_t crc, const void *data, size_t len)
{
	const uint8_t *p = data;

	pthread_once(&crc_once, crc_init);
	crc = ~crc;
	for (; len >= 8; len -= 8, p += 8) {
		uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
									 (uint32_t)p[3] << 24);

		crc = crc_table[7][low & 255] ^ crc_table[6][low >> 8 & 255] ^
			  crc_table[5][low >> 16 & 255] ^ crc_table[4][low >> 24] ^ crc_table[3][p[4]] ^
			  crc_table[2][p[5]] ^ crc_table[1][p[6]] ^ crc_table[0][p[7]];
	}
	while (len-- > 0)
		crc = crc >> 8 ^ crc_table[0][(crc ^ *p++) & 255];
	return ~crc;
}

static void put_le(uint8_t *p, uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static uint64_t get_le(const uint8_t *p, int bytes)
{
	uint64_t v = 0;

	for (int i = bytes - 1; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

int cc_record_encode(const struct cc_record *r, void *buf, size_t cap)
{
	uint8_t *p = buf;
	size_t len;

	if (r->fields_len > CC_JOURNAL_FIELDS_MAX)
		return CC_E_RANGE;
	len = (CC_JOURNAL_HEADER + r->fields_len + 7) & ~(size_t)7;
	if (len > cap)
		return CC_E_FULL;
	put_le(p, len, 4);
	put_le(p + 8, r->seq, 8);
	put_le(p + 16, (uint64_t)r->time_ms, 8);
	put_le(p + 24, r->type, 2);
	p[26] = r->version;
	p[27] = 0;
	put_le(p + 28, r->tenant, 4);
	memcpy(p + 32, r->call.b, 16);
	put_le(p + 48, r->call_seq, 4);
	put_le(p + 52, r->fields_len, 4);
	if (r->fields_len > 0)
		memcpy(p + CC_JOURNAL_HEADER, r->fields, r->fields_len);
	memset(p + CC_JOURNAL_HEADER + r->fields_len, 0, len - CC_JOURNAL_HEADER - r->fields_len);
	put_le(p + 4, cc_crc32c(0, p + 8, len - 8), 4);
	return (int)len;
}

int cc_record_decode(struct cc_record *r, const void *buf, size_t len)
{
	const uint8_t *p = buf;
	size_t total, fields;

	if (len < CC_JOURNAL_HEADER)
		return 0;
	total = get_le(p, 4);
	if (total == 0)
		return 0;
	if (total < CC_JOURNAL_HEADER || total > CC_JOURNAL_RECORD_MAX || total % 8 != 0 || total > len)
		return CC_E_CORRUPT;
	fields = get_le(p + 52, 4);
	if (fields > CC_JOURNAL_FIELDS_MAX || ((CC_JOURNAL_HEADER + fields + 7) & ~(size_t)7) != total)
		return CC_E_CORRUPT;
	for (size_t i = CC_JOURNAL_HEADER + fields; i < total; i++)
		if (p[i] != 0)
			return CC_E_CORRUPT;
	if (get_le(p + 4, 4) != cc_crc32c(0, p + 8, total - 8))
		return CC_E_CORRUPT;
	r->seq = get_le(p + 8, 8);
	r->time_ms = (int64_t)get_le(p + 16, 8);
	r->type = (uint16_t)get_le(p + 24, 2);
	r->version = p[26];
	r->tenant = (uint32_t)get_le(p + 28, 4);
	memcpy(r->call.b, p + 32, 16);
	r->call_seq = (uint32_t)get_le(p + 48, 4);
	r->fields_len = (uint32_t)fields;
	r->fields = (const char *)p + CC_JOURNAL_HEADER;
	return (int)total;
}
