/* SPDX-License-Identifier: GPL-2.0-or-later
 * A captured packet taken apart: IPv4 or IPv6, UDP, RTP. Every length is checked: captures are
 * input from outside. */
#ifndef CC_PACKET_H
#define CC_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rtp.h"

struct cc_packet
{
	bool loopback; /* sent from 127.0.0.0/8 or ::1 */
	uint16_t port; /* sent from */
	struct cc_rtp rtp;
};

/* data[len] begins with the IP header. False: no RTP (RTCP, STUN, fragments, anything broken). */
bool cc_packet_parse(struct cc_packet *p, const uint8_t *data, size_t len);

#endif
