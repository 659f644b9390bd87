/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include "packet.h"

#define UDP 17

static unsigned be16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

/* Length of the IP header, 0: not UDP in one piece. */
static size_t ip_header(struct cc_packet *p, const uint8_t *d, size_t len)
{
	static const uint8_t local6[16] = {[15] = 1};
	size_t n;

	if (len >= 20 && d[0] >> 4 == 4) {
		n = (size_t)(d[0] & 15) * 4;
		if (n < 20 || n > len || d[9] != UDP || (be16(d + 6) & 0x3FFF) != 0)
			return 0;
		p->loopback = d[12] == 127;
		return n;
	}
	if (len >= 40 && d[0] >> 4 == 6 && d[6] == UDP) {
		p->loopback = memcmp(d + 8, local6, 16) == 0;
		return 40;
	}
	return 0;
}

bool cc_packet_parse(struct cc_packet *p, const uint8_t *d, size_t len)
{
	size_t n = ip_header(p, d, len), head;

	if (n == 0 || len - n < 8)
		return false;
	d += n;
	len -= n;
	p->port = (uint16_t)be16(d);
	n = be16(d + 4);
	if (n < 8 + 12)
		return false;
	if (n < len)
		len = n; /* padding behind it; a cut packet keeps what there is */
	d += 8;
	len -= 8;
	/* RTCP shares the first byte: its types look like payload types 64 to 95 with a marker */
	if (len < 12 || d[0] >> 6 != 2 || (d[1] >= 192 && d[1] <= 223))
		return false;
	head = 12 + (size_t)(d[0] & 15) * 4;
	if (d[0] & 0x10) {
		if (len < head + 4)
			return false;
		head += 4 + (size_t)be16(d + head + 2) * 4;
	}
	if (head > len)
		return false;
	if (d[0] & 0x20) {
		size_t pad = d[len - 1];
		if (pad == 0 || pad > len - head)
			return false;
		len -= pad;
	}
	p->pt = d[1] & 127;
	p->seq = (uint16_t)be16(d + 2);
	p->ts = be32(d + 4);
	p->ssrc = be32(d + 8);
	p->payload = d + head;
	p->len = len - head;
	return true;
}
