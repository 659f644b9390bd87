/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include "rtcp.h"
#include "rtp.h"

#define SENDER 200
#define RECEIVER 201
#define SOURCE 202
#define CNAME 1
#define NTP_1970 2208988800u

static uint32_t since_ms(int64_t from, int64_t to)
{
	return to > from ? (uint32_t)((to - from) * 65536 / 1000) : 0; /* units of RFC 3550 */
}

static size_t block(struct cc_rtcp *r, int64_t now_ms, uint8_t *d)
{
	const struct cc_seq *s = r->seq;
	uint32_t expected = s->received + s->lost;
	uint32_t lost = s->lost > r->lost ? s->lost - r->lost : 0;
	uint32_t all = expected > r->expected ? expected - r->expected : 0;

	cc_put_be32(d, s->ssrc);
	cc_put_be32(d + 4, s->lost > 0x7FFFFF ? 0x7FFFFF : s->lost);
	d[4] = (uint8_t)(all ? lost * 255 / (lost > all ? lost : all) : 0);
	cc_put_be32(d + 8, (uint32_t)s->rounds << 16 | s->newest);
	cc_put_be32(d + 12, r->jitter);
	cc_put_be32(d + 16, r->report);
	cc_put_be32(d + 20, r->report ? since_ms(r->report_ms, now_ms) : 0);
	r->expected = expected;
	r->lost = s->lost;
	return 24;
}

static void head(uint8_t *d, unsigned count, unsigned type, size_t len)
{
	d[0] = (uint8_t)(0x80 | count);
	d[1] = (uint8_t)type;
	cc_put_be16(d + 2, (unsigned)(len / 4 - 1));
}

size_t cc_rtcp_write(struct cc_rtcp *r, int64_t now_ms, uint8_t data[CC_RTCP_MAX])
{
	size_t n = 28, name = strnlen(r->cname, 31), from;

	memset(data, 0, CC_RTCP_MAX);
	cc_put_be32(data + 4, r->ssrc);
	cc_put_be32(data + 8, (uint32_t)(now_ms / 1000 + NTP_1970));
	cc_put_be32(data + 12, (uint32_t)((now_ms % 1000 << 32) / 1000));
	cc_put_be32(data + 16, r->ts);
	cc_put_be32(data + 20, r->packets);
	cc_put_be32(data + 24, r->bytes);
	if (r->seq->known)
		n += block(r, now_ms, data + n);
	head(data, r->seq->known, SENDER, n);
	from = n;
	cc_put_be32(data + n + 4, r->ssrc);
	data[n + 8] = CNAME;
	data[n + 9] = (uint8_t)name;
	memcpy(data + n + 10, r->cname, name);
	n = (n + 10 + name + 4) & ~(size_t)3; /* one zero at least ends the list */
	head(data + from, 1, SOURCE, n - from);
	return n;
}

bool cc_rtcp_read(struct cc_rtcp *r, int64_t now_ms, const uint8_t *d, size_t len)
{
	if (len < 8 || d[0] >> 6 != 2 || (d[1] != SENDER && d[1] != RECEIVER) ||
			len < (cc_be16(d + 2) + 1) * 4u)
		return false;
	if (d[1] == SENDER && len >= 28) {
		r->report = cc_be32(d + 10);
		r->report_ms = now_ms;
	}
	return true;
}
