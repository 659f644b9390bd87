/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <string.h>
#include "capture.h"
#include "tone.h"

void capture_open(struct capture *c, const char *path)
{
	static const uint32_t head[6] = {0xA1B2C3D4, 0x00040002, 0, 0, 65535, 101};

	c->f = fopen(path, "wb");
	c->us = 1700000000000000;
	if (!c->f || fwrite(head, sizeof head, 1, c->f) != 1)
		perror(path);
}

void capture_close(struct capture *c)
{
	fclose(c->f);
}

void capture_packet(struct capture *c, int port, const void *rtp, unsigned len)
{
	const uint32_t head[4] = {
			(uint32_t)(c->us / 1000000), (uint32_t)(c->us % 1000000), len + 28, len + 28};
	uint8_t ip[28] = {0x45, 0, (uint8_t)((len + 28) >> 8), (uint8_t)(len + 28), 0, 0, 0x40, 0, 64,
			17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1};

	ip[20] = (uint8_t)(port >> 8);
	ip[21] = (uint8_t)port;
	ip[24] = (uint8_t)((len + 8) >> 8);
	ip[25] = (uint8_t)(len + 8);
	fwrite(head, sizeof head, 1, c->f);
	fwrite(ip, sizeof ip, 1, c->f);
	fwrite(rtp, len, 1, c->f);
}

void capture_tone(struct capture *c, struct sender *s, bool lost)
{
	uint8_t d[12 + 160] = {0x80, (uint8_t)s->pt, (uint8_t)(s->seq >> 8), (uint8_t)s->seq};
	const uint32_t words[2] = {htonl(s->ts), htonl(s->ssrc)};
	int16_t pcm[160];

	memcpy(d + 4, words, 8);
	tone_make(pcm, 160, s->n, s->hz, 8000);
	cc_encode(&s->encoder, (uint8_t)s->pt, pcm, 160, d + 12);
	if (!lost)
		capture_packet(c, s->port, d, sizeof d);
	s->seq++;
	s->ts += 160;
	s->n += 160;
}
