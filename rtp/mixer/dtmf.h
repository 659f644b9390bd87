/* SPDX-License-Identifier: GPL-2.0-or-later
 * Key presses of one leg. Receiving: RFC 4733 packets and tones in the sound, each press told once.
 * Sending: RFC 4733, or tones where the far end takes no such packets. */
#ifndef CC_DTMF_H
#define CC_DTMF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <spandsp.h>
#include "jitter.h"

struct cc_dtmf_rx
{
	dtmf_rx_state_t *detector;
	char tone;         /* what the detector found in this frame */
	unsigned faint;    /* frames in a row in which nothing can be */
	bool event, ended; /* an RFC 4733 event was seen; its end was seen */
	uint32_t ssrc, ts; /* of that event */
	uint8_t code;
	uint16_t duration;
	int64_t event_ms; /* last packet of it */
	char inband;      /* last digit told from sound, 0 when matched */
	int64_t inband_ms;
};

struct cc_dtmf_tx
{
	char digit[64];
	uint16_t ms[64], gap[64];
	unsigned head, count;
	unsigned sent; /* samples of the digit so far */
	unsigned rest; /* samples of the pause after it */
	bool packets;
	uint32_t ts;
	dtmf_tx_state_t *generator;
};

int cc_dtmf_rx_init(struct cc_dtmf_rx *d);
void cc_dtmf_rx_close(struct cc_dtmf_rx *d);
/* Payload of one telephone-event packet: the digit that begins with it, 0 if none does. */
char cc_dtmf_rx_packet(struct cc_dtmf_rx *d, uint32_t ssrc, uint32_t ts, const uint8_t *payload,
		size_t len, int64_t now_ms);
/* 20 ms of sound: the digit that begins in it, 0 if none does. */
char cc_dtmf_rx_sound(struct cc_dtmf_rx *d, const int16_t pcm[CC_FRAME], int64_t now_ms);

int cc_dtmf_tx_init(struct cc_dtmf_tx *d);
void cc_dtmf_tx_close(struct cc_dtmf_tx *d);
bool cc_dtmf_valid(char digit);
/* CC_E_FULL when it does not fit into what waits already: nothing is sent then. */
int cc_dtmf_tx_put(struct cc_dtmf_tx *d, const char *digits, size_t n, unsigned ms, unsigned gap);
/* A digit or the pause after it is being sent. */
bool cc_dtmf_tx_busy(const struct cc_dtmf_tx *d);
/* One tick. Returns how many copies of payload are to be sent at timestamp event_ts instead of
 * sound (0: send sound). packets: the far end takes RFC 4733; otherwise the tone is written into
 * pcm. ts: of this tick's sound. */
unsigned cc_dtmf_tx_run(struct cc_dtmf_tx *d, bool packets, uint32_t ts, int16_t pcm[CC_FRAME],
		uint8_t payload[4], uint32_t *event_ts, bool *marker);

#endif
