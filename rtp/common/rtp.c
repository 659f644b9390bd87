/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rtp.h"

bool cc_rtp_parse(struct cc_rtp *p, const uint8_t *d, size_t len)
{
	size_t head;

	/* RTCP shares the first byte: its types look like payload types 64 to 95 with a marker */
	if (len < CC_RTP_HEADER || d[0] >> 6 != 2 || (d[1] >= 192 && d[1] <= 223))
		return false;
	head = CC_RTP_HEADER + (size_t)(d[0] & 15) * 4;
	if (d[0] & 0x10) {
		if (len < head + 4)
			return false;
		head += 4 + (size_t)cc_be16(d + head + 2) * 4;
	}
	if (head > len)
		return false;
	if (d[0] & 0x20) {
		size_t pad = d[len - 1];
		if (pad == 0 || pad > len - head)
			return false;
		len -= pad;
	}
	p->marker = d[1] & 0x80;
	p->pt = d[1] & 127;
	p->seq = (uint16_t)cc_be16(d + 2);
	p->ts = cc_be32(d + 4);
	p->ssrc = cc_be32(d + 8);
	p->payload = d + head;
	p->len = len - head;
	return true;
}

void cc_rtp_write(const struct cc_rtp *p, uint8_t head[CC_RTP_HEADER])
{
	head[0] = 0x80;
	head[1] = (uint8_t)(p->marker << 7 | p->pt);
	cc_put_be16(head + 2, p->seq);
	cc_put_be32(head + 4, p->ts);
	cc_put_be32(head + 8, p->ssrc);
}
