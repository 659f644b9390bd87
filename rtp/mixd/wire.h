/* SPDX-License-Identifier: GPL-2.0-or-later
 * The two sockets of a leg, both on 127.0.0.1. RTP is not waited for: what has come is fetched at
 * every tick, many packets with one call, so that a packet wakes nobody. */
#ifndef CC_WIRE_H
#define CC_WIRE_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

struct cc_wire
{
	int rtp, rtcp; /* -1: not open */
	struct sockaddr_in peer;
	uint32_t foreign; /* packets of others: counted, not used */
};

/* One packet of the peer. */
typedef void(cc_wire_h)(const uint8_t *data, size_t len, void *arg);

/* w starts as zeros. Ports port and port + 1; CC_E_IO. */
int cc_wire_open(struct cc_wire *w, uint16_t port);
void cc_wire_close(struct cc_wire *w);
void cc_wire_read(struct cc_wire *w, cc_wire_h *h, void *arg);
/* The same of the RTCP socket. */
void cc_wire_read_rtcp(struct cc_wire *w, cc_wire_h *h, void *arg);
/* A packet that cannot be sent is lost like any other. */
void cc_wire_send(const struct cc_wire *w, const void *data, size_t len);
void cc_wire_send_rtcp(const struct cc_wire *w, const void *data, size_t len);

#endif
