/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include "cc/err.h"
#include "wire.h"

#define BATCH 16
#define PACKET 1500

/* The one thread of the mixer reads one socket at a time. */
static uint8_t data[BATCH][PACKET];
static struct sockaddr_in from[BATCH];
static struct iovec piece[BATCH];
static struct mmsghdr batch[BATCH];

static int open_one(uint16_t port)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
			.sin_port = htons(port),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&in, sizeof in) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int cc_wire_open(struct cc_wire *w, uint16_t port)
{
	w->rtp = open_one(port);
	w->rtcp = open_one((uint16_t)(port + 1));
	return w->rtp >= 0 && w->rtcp >= 0 ? 0 : CC_E_IO;
}

void cc_wire_close(struct cc_wire *w)
{
	if (w->rtp >= 0)
		close(w->rtp);
	if (w->rtcp >= 0)
		close(w->rtcp);
	w->rtp = w->rtcp = -1;
}

static void read_all(struct cc_wire *w, int fd, unsigned above, cc_wire_h *h, void *arg)
{
	uint16_t port = htons((uint16_t)(ntohs(w->peer.sin_port) + above));
	int n;

	do {
		for (unsigned i = 0; i < BATCH; i++) {
			piece[i] = (struct iovec){data[i], PACKET};
			batch[i].msg_hdr = (struct msghdr){.msg_name = &from[i],
					.msg_namelen = sizeof from[i],
					.msg_iov = &piece[i],
					.msg_iovlen = 1};
		}
		n = recvmmsg(fd, batch, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++)
			if (from[i].sin_addr.s_addr != w->peer.sin_addr.s_addr || from[i].sin_port != port)
				w->foreign++;
			else if (!(batch[i].msg_hdr.msg_flags & MSG_TRUNC))
				h(data[i], batch[i].msg_len, arg);
	} while (n == BATCH);
}

void cc_wire_read(struct cc_wire *w, cc_wire_h *h, void *arg)
{
	read_all(w, w->rtp, 0, h, arg);
}

void cc_wire_read_rtcp(struct cc_wire *w, cc_wire_h *h, void *arg)
{
	read_all(w, w->rtcp, 1, h, arg);
}

void cc_wire_send(const struct cc_wire *w, const void *d, size_t len)
{
	sendto(w->rtp, d, len, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&w->peer,
			sizeof w->peer);
}

void cc_wire_send_rtcp(const struct cc_wire *w, const void *d, size_t len)
{
	struct sockaddr_in to = w->peer;

	to.sin_port = htons((uint16_t)(ntohs(to.sin_port) + 1));
	sendto(w->rtcp, d, len, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&to, sizeof to);
}
