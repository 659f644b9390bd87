/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include "cc/err.h"
#include "dtmf.h"

static const char keys[] = "0123456789*#ABCD";
#define SAME_PRESS_MS 500 /* sound and packets of one press come this near to each other */
#define QUIET_MS 1000     /* sound is not listened to so long after a packet */
#define VOLUME 10         /* -10 dBm0 */
#define FAINT 64          /* the detector takes nothing below -42 dBm0, a peak of 180 */
#define FAINT_FRAMES 2    /* after these it has seen the end of what was louder */

static void on_tone(void *arg, int code, int level, int delay)
{
	struct cc_dtmf_rx *d = arg;

	if (code)
		d->tone = (char)code;
}

int cc_dtmf_rx_init(struct cc_dtmf_rx *d)
{
	memset(d, 0, sizeof *d);
	d->detector = dtmf_rx_init(NULL, NULL, NULL);
	if (!d->detector)
		return CC_E_NOMEM;
	dtmf_rx_set_realtime_callback(d->detector, on_tone, d);
	return 0;
}

void cc_dtmf_rx_close(struct cc_dtmf_rx *d)
{
	if (d->detector)
		dtmf_rx_free(d->detector);
	d->detector = NULL;
}

char cc_dtmf_rx_packet(struct cc_dtmf_rx *d, uint32_t ssrc, uint32_t ts, const uint8_t *payload,
		size_t len, int64_t now_ms)
{
	if (len < 4 || payload[0] > 15)
		return 0;
	uint8_t code = payload[0];
	bool end = payload[1] & 0x80;
	uint16_t duration = (uint16_t)(payload[2] << 8 | payload[3]);
	int32_t step = (int32_t)(ts - d->ts);

	if (d->event && ssrc == d->ssrc) {
		if (step < 0)
			return 0; /* of an earlier press, late */
		/* a press longer than 8 s goes on under a new timestamp (RFC 4733, 2.5.1.3) */
		bool more = step > 0 && !d->ended && code == d->code && duration && step == d->duration;
		if (step == 0 || more) {
			d->ended |= end;
			d->ts = ts;
			if (more || duration > d->duration)
				d->duration = duration;
			d->event_ms = now_ms;
			return 0;
		}
	}
	d->event = true;
	d->ended = end;
	d->ssrc = ssrc;
	d->ts = ts;
	d->code = code;
	d->duration = duration;
	d->event_ms = now_ms;
	if (d->inband == keys[code] && now_ms - d->inband_ms < SAME_PRESS_MS) {
		d->inband = 0;
		return 0;
	}
	return keys[code];
}

char cc_dtmf_rx_sound(struct cc_dtmf_rx *d, const int16_t pcm[CC_FRAME], int64_t now_ms)
{
	int peak = 0;
	char c;

	for (unsigned i = 0; i < CC_FRAME; i++)
		peak |= pcm[i] ^ pcm[i] >> 15; /* at most twice the peak */
	d->faint = peak < FAINT ? d->faint + 1 : 0;
	if (d->faint > FAINT_FRAMES)
		return 0;
	d->tone = 0;
	dtmf_rx(d->detector, pcm, CC_FRAME);
	c = d->tone;
	if (!c || (d->event && now_ms - d->event_ms < QUIET_MS))
		return 0;
	d->inband = c;
	d->inband_ms = now_ms;
	return c;
}

int cc_dtmf_tx_init(struct cc_dtmf_tx *d)
{
	memset(d, 0, sizeof *d);
	d->generator = dtmf_tx_init(NULL);
	return d->generator ? 0 : CC_E_NOMEM;
}

void cc_dtmf_tx_close(struct cc_dtmf_tx *d)
{
	if (d->generator)
		dtmf_tx_free(d->generator);
	d->generator = NULL;
}

bool cc_dtmf_valid(char digit)
{
	return digit && strchr(keys, digit);
}

int cc_dtmf_tx_put(struct cc_dtmf_tx *d, const char *digits, size_t n, unsigned ms, unsigned gap)
{
	const unsigned cap = sizeof d->digit;

	if (n > cap - d->count)
		return CC_E_FULL;
	for (size_t i = 0; i < n; i++) {
		unsigned at = (d->head + d->count++) % cap;
		d->digit[at] = digits[i];
		d->ms[at] = (uint16_t)ms;
		d->gap[at] = (uint16_t)gap;
	}
	return 0;
}

bool cc_dtmf_tx_busy(const struct cc_dtmf_tx *d)
{
	return d->count || d->rest;
}

unsigned cc_dtmf_tx_run(struct cc_dtmf_tx *d, bool packets, uint32_t ts, int16_t pcm[CC_FRAME],
		uint8_t payload[4], uint32_t *event_ts, bool *marker)
{
	const unsigned per_ms = CC_RATE / 1000;
	unsigned length;
	char c;

	if (d->rest) {
		d->rest -= d->rest < CC_FRAME ? d->rest : CC_FRAME;
		return 0;
	}
	if (!d->count)
		return 0;
	c = d->digit[d->head];
	length = d->ms[d->head] * per_ms;
	if (d->sent == 0) {
		d->packets = packets;
		d->ts = ts;
		if (!packets) {
			dtmf_tx_set_level(d->generator, -VOLUME, 0);
			dtmf_tx_set_timing(d->generator, d->ms[d->head], 0);
			dtmf_tx_put(d->generator, &c, 1);
		}
	}
	*marker = d->sent == 0;
	d->sent += CC_FRAME;
	bool last = d->sent >= length;
	if (!d->packets) {
		int n = dtmf_tx(d->generator, pcm, CC_FRAME);
		if (n < CC_FRAME)
			memset(pcm + n, 0, (CC_FRAME - n) * sizeof *pcm);
	}
	payload[0] = (uint8_t)(strchr(keys, c) - keys);
	payload[1] = (last ? 0x80 : 0) | VOLUME;
	payload[2] = (uint8_t)(d->sent >> 8);
	payload[3] = (uint8_t)d->sent;
	*event_ts = d->ts;
	if (last) {
		d->rest = d->gap[d->head] * per_ms;
		d->head = (d->head + 1) % sizeof d->digit;
		d->count--;
		d->sent = 0;
	}
	return d->packets ? (last ? 3 : 1) : 0;
}
