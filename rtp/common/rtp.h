/* SPDX-License-Identifier: GPL-2.0-or-later
 * The RTP header (RFC 3550, 5.1), taken apart and put together. */
#ifndef CC_RTP_H
#define CC_RTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CC_RTP_HEADER 12 /* bytes of a header that we send */

struct cc_rtp
{
	bool marker;
	uint8_t pt;
	uint16_t seq;
	uint32_t ts, ssrc;
	const uint8_t *payload; /* inside the data it was parsed from */
	size_t len;
};

/* Header extension, sources and padding are passed over. False: no RTP (RTCP, STUN, anything
 * broken). */
bool cc_rtp_parse(struct cc_rtp *p, const uint8_t *data, size_t len);
/* The header without what follows it; payload and len are not looked at. */
void cc_rtp_write(const struct cc_rtp *p, uint8_t head[CC_RTP_HEADER]);

static inline unsigned cc_be16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static inline uint32_t cc_be32(const uint8_t *p)
{
	return (uint32_t)cc_be16(p) << 16 | cc_be16(p + 2);
}

static inline void cc_put_be16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void cc_put_be32(uint8_t *p, uint32_t v)
{
	cc_put_be16(p, v >> 16);
	cc_put_be16(p + 2, v & 0xFFFF);
}

#endif
