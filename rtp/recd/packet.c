/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include "packet.h"

#define UDP 17

/* Length of the IP header, 0: not UDP in one piece. */
static size_t ip_header(struct cc_packet *p, const uint8_t *d, size_t len)
{
	static const uint8_t local6[16] = {[15] = 1};
	size_t n;

	if (len >= 20 && d[0] >> 4 == 4) {
		n = (size_t)(d[0] & 15) * 4;
		if (n < 20 || n > len || d[9] != UDP || (cc_be16(d + 6) & 0x3FFF) != 0)
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
	size_t n = ip_header(p, d, len);

	if (n == 0 || len - n < 8)
		return false;
	d += n;
	len -= n;
	p->port = (uint16_t)cc_be16(d);
	n = cc_be16(d + 4);
	if (n < 8)
		return false;
	if (n < len)
		len = n; /* padding behind it; a cut packet keeps what there is */
	return cc_rtp_parse(&p->rtp, d + 8, len - 8);
}
