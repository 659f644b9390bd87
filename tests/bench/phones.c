/* SPDX-License-Identifier: GPL-2.0-or-later
 * The sound of many phones: bench-phones ADDRESS PORT [deaf]. One socket; whoever sends RTP to it
 * gets a stream of his own back, 50 packets a second, until he has been silent for a second. So it
 * needs to know nothing of the signalling. SIGTERM: one JSON object says what was sent, received,
 * and missing by its sequence numbers, and it ends. Deaf phones only have their port open, as all
 * phones do: the kernel drops what comes, and answers nothing by ICMP. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "cc/clock.h"
#include "codec.h"
#include "rtp.h"
#include "seq.h"

#define STREAMS 8192 /* a power of two */
#define BATCH 64
#define FRAME 160
#define SILENT_MS 1000
#define STEP_US 1000

struct stream
{
	struct sockaddr_in peer; /* port 0: free */
	uint8_t pt;
	uint16_t seq;
	uint32_t ssrc;
	int64_t heard_ms, next_ms;
	struct cc_seq heard;
};

static struct stream table[STREAMS];
static uint8_t voice[2][FRAME]; /* PCMU, PCMA */
static unsigned long streams, sent, received, lost, refused;
static int64_t gap_ms;
static unsigned in_use, most;
static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	stop = 1;
}

static struct stream *stream_of(const struct sockaddr_in *peer)
{
	uint32_t at = (peer->sin_addr.s_addr ^ (uint32_t)peer->sin_port * 2654435761u) >> 8;

	for (unsigned i = 0; i < STREAMS; i++) {
		struct stream *s = &table[(at + i) % STREAMS];
		if (s->peer.sin_port == 0 || (s->peer.sin_port == peer->sin_port &&
											 s->peer.sin_addr.s_addr == peer->sin_addr.s_addr))
			return s;
	}
	return NULL;
}

static void on_packet(const struct sockaddr_in *peer, const uint8_t *data, size_t len, int64_t now)
{
	struct stream *s = stream_of(peer);
	struct cc_rtp p;

	if (!s || !cc_rtp_parse(&p, data, len) || (p.pt != CC_PT_PCMU && p.pt != CC_PT_PCMA)) {
		refused++;
		return;
	}
	if (s->peer.sin_port == 0 || now - s->heard_ms > SILENT_MS) {
		/* the port has a new call */
		lost += s->heard.lost;
		if (s->peer.sin_port == 0 && ++in_use > most)
			most = in_use;
		streams++;
		*s = (struct stream){.peer = *peer,
				.pt = p.pt,
				.ssrc = (uint32_t)rand(),
				.heard_ms = now,
				.next_ms = now};
	}
	if (now - s->heard_ms > gap_ms)
		gap_ms = now - s->heard_ms;
	s->heard_ms = now;
	received += cc_seq_seen(&s->heard, p.ssrc, p.seq) != CC_SEQ_TWICE;
}

static void receive(int fd)
{
	static uint8_t data[BATCH][2048];
	static struct sockaddr_in from[BATCH];
	static struct iovec piece[BATCH];
	static struct mmsghdr batch[BATCH];
	int64_t now = cc_clock_mono_ms();
	int n;

	do {
		for (int i = 0; i < BATCH; i++) {
			piece[i] = (struct iovec){data[i], sizeof data[i]};
			batch[i].msg_hdr = (struct msghdr){.msg_name = &from[i],
					.msg_namelen = sizeof from[i],
					.msg_iov = &piece[i],
					.msg_iovlen = 1};
		}
		n = recvmmsg(fd, batch, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++)
			on_packet(&from[i], data[i], batch[i].msg_len, now);
	} while (n == BATCH);
}

static void flush(int fd, struct mmsghdr *batch, unsigned n)
{
	for (unsigned done = 0; done < n;) {
		int k = sendmmsg(fd, batch + done, n - done, 0);
		if (k <= 0)
			k = 1; /* a port that has just closed answers so, once */
		else
			sent += (unsigned)k;
		done += (unsigned)k;
	}
}

static void speak(int fd)
{
	static uint8_t data[BATCH][CC_RTP_HEADER + FRAME];
	static struct iovec piece[BATCH];
	static struct mmsghdr batch[BATCH];
	int64_t now = cc_clock_mono_ms();
	unsigned n = 0;

	for (unsigned i = 0; i < STREAMS; i++) {
		struct stream *s = &table[i];
		if (s->peer.sin_port == 0 || now - s->heard_ms > SILENT_MS)
			continue;
		for (; s->next_ms <= now; s->next_ms += 20, s->seq++) {
			cc_rtp_write(&(struct cc_rtp){.pt = s->pt,
								 .seq = s->seq,
								 .ts = s->seq * (uint32_t)FRAME,
								 .ssrc = s->ssrc},
					data[n]);
			memcpy(data[n] + CC_RTP_HEADER, voice[s->pt == CC_PT_PCMA], FRAME);
			piece[n] = (struct iovec){data[n], sizeof data[n]};
			batch[n].msg_hdr = (struct msghdr){.msg_name = &s->peer,
					.msg_namelen = sizeof s->peer,
					.msg_iov = &piece[n],
					.msg_iovlen = 1};
			if (++n == BATCH) {
				flush(fd, batch, n);
				n = 0;
			}
		}
	}
	flush(fd, batch, n);
}

static int deafen(int fd)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = {.len = 1, .filter = &nothing};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

int main(int argc, char **argv)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 32 << 20;
	bool deaf = argc == 4 && strcmp(argv[3], "deaf") == 0;

	if ((argc != 3 && !deaf) || inet_pton(AF_INET, argv[1], &in.sin_addr) != 1) {
		fprintf(stderr, "usage: %s ADDRESS PORT [deaf]\n", argv[0]);
		return 2;
	}
	in.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
	if ((deaf && deafen(fd) != 0) || bind(fd, (struct sockaddr *)&in, sizeof in) != 0) {
		fprintf(stderr, "%s:%s: %s\n", argv[1], argv[2], strerror(errno));
		return 1;
	}
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	for (unsigned i = 0; i < FRAME; i++) {
		int16_t pcm = (int16_t)(rand() % 4000 - 2000);
		cc_encode(&(struct cc_encoder){NULL}, CC_PT_PCMU, &pcm, 1, &voice[0][i]);
		cc_encode(&(struct cc_encoder){NULL}, CC_PT_PCMA, &pcm, 1, &voice[1][i]);
	}
	signal(SIGTERM, on_signal);
	while (!stop) {
		if (deaf) {
			usleep(100 * STEP_US);
			continue;
		}
		receive(fd);
		speak(fd);
		usleep(STEP_US);
	}
	for (unsigned i = 0; i < STREAMS; i++)
		lost += table[i].heard.lost;
	printf("{\"streams\":%lu,\"most\":%u,\"sent\":%lu,\"received\":%lu,\"lost\":%lu,"
		   "\"longest_gap_ms\":%lld,\"refused\":%lu}\n",
			streams, most, sent, received, lost, (long long)gap_ms, refused);
	return 0;
}
