/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "network.h"
#include "tone.h"

#define PEAK 8000.0
#define WAY_MS 20.0 /* of the fastest packet */
#define WINDOW 400
#define BLOCK 80
#define SETTLED 250 /* ticks at the beginning that are not judged, 5 s */
#define UNDER_WAY 64

struct packet
{
	double at_ms;
	unsigned number;
	bool under_way;
};

static double random_part(unsigned *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return (*seed >> 8) / 16777216.0;
}

/* Power of the tone and of all else in pcm[n], by least squares. */
static void split(const int16_t *pcm, unsigned n, double hz, double *tone, double *rest)
{
	double ss = 0, cc = 0, sc = 0, xs = 0, xc = 0, all = 0, a, b, det;

	for (unsigned i = 0; i < n; i++) {
		double s = sin(2 * M_PI * hz * i / CC_RATE), c = cos(2 * M_PI * hz * i / CC_RATE);
		ss += s * s;
		cc += c * c;
		sc += s * c;
		xs += pcm[i] * s;
		xc += pcm[i] * c;
		all += (double)pcm[i] * pcm[i];
	}
	det = ss * cc - sc * sc;
	a = (xs * cc - xc * sc) / det;
	b = (xc * ss - xs * sc) / det;
	*tone = a * xs + b * xc;
	*rest = fmax(all - *tone, 1e-9);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void judge(const int16_t *pcm, unsigned n, double hz, struct network_report *r)
{
	unsigned windows = n / WINDOW;
	double *each = calloc(windows + 1, sizeof *each), tones = 0, rests = 0;

	for (unsigned i = 0; i < windows; i++) {
		double tone, rest;
		split(pcm + i * WINDOW, WINDOW, hz, &tone, &rest);
		tones += tone;
		rests += rest;
		each[i] = 10 * log10(tone / rest);
	}
	qsort(each, windows, sizeof *each, by_value);
	r->snr_db = 10 * log10(tones / rests);
	r->snr_worst_db = each[windows / 100];
	free(each);
	for (unsigned i = 0; i + BLOCK <= n; i += BLOCK) {
		double power = 0;
		for (unsigned k = 0; k < BLOCK; k++)
			power += (double)pcm[i + k] * pcm[i + k];
		if (power / BLOCK < PEAK * PEAK / 2 / 4)
			r->gap_ms += BLOCK * 1000.0 / CC_RATE;
		else
			r->heard_ms += BLOCK * 1000.0 / CC_RATE;
	}
}

void network_run(const struct network *n, struct network_report *r)
{
	static struct cc_jitter j;
	struct packet way[UNDER_WAY] = {{0}};
	uint8_t data[UNDER_WAY][CC_FRAME];
	struct cc_encoder encoder = {NULL};
	struct cc_frame f;
	const unsigned ticks = n->seconds * 50;
	const double step = 20 * (1 + n->ppm * 1e-6);
	int16_t *out = calloc((size_t)ticks * CC_FRAME, sizeof *out);
	double *delays = calloc(ticks, sizeof *delays);
	unsigned sent = 0, judged = 0, wholes = 0, seed = n->seed * 2654435761u + 1, lost = 0;

	memset(r, 0, sizeof *r);
	cc_jitter_init(&j);
	for (unsigned t = 0; t < ticks; t++) {
		double now = t * 20.0;
		for (; sent * step <= now; sent++) {
			int16_t pcm[CC_FRAME];
			struct packet *p = &way[sent % UNDER_WAY];
			tone_make(pcm, CC_FRAME, (unsigned long)sent * CC_FRAME, n->hz, PEAK);
			cc_encode(&encoder, n->pt, pcm, CC_FRAME, data[sent % UNDER_WAY]);
			*p = (struct packet){
					sent * step + WAY_MS + n->jitter_ms * random_part(&seed), sent, true};
			if (random_part(&seed) < n->loss) {
				p->under_way = false;
				lost++;
			}
		}
		/* in the order of their coming */
		for (;;) {
			struct packet *next = NULL;
			for (unsigned i = 0; i < UNDER_WAY; i++)
				if (way[i].under_way && way[i].at_ms <= now &&
						(!next || way[i].at_ms < next->at_ms))
					next = &way[i];
			if (!next)
				break;
			next->under_way = false;
			if (cc_jitter_seen(&j, 1, (uint16_t)next->number))
				cc_jitter_put(&j, n->pt, next->number * CC_FRAME, data[next->number % UNDER_WAY],
						CC_FRAME);
		}
		uint32_t playing = j.play - j.have;
		bool running = j.running;
		cc_jitter_get(&j, &f);
		if (t < SETTLED || !running)
			continue;
		memcpy(out + (size_t)judged * CC_FRAME, f.pcm, sizeof f.pcm);
		wholes += f.whole;
		delays[judged++] = now - ((int32_t)playing / (double)CC_FRAME * step + WAY_MS);
	}
	judge(out, judged * CC_FRAME, n->hz, r);
	for (unsigned i = 0; i < judged; i++)
		r->delay_ms += delays[i] / judged;
	r->delay_end_ms = delays[judged - 1];
	qsort(delays, judged, sizeof *delays, by_value);
	r->delay_p99_ms = delays[judged * 99 / 100];
	r->lost = (double)lost / sent;
	r->late = (double)j.late / sent;
	r->concealed = (double)j.concealed / CC_FRAME / ticks;
	r->whole = (double)wholes / judged;
	r->resyncs = j.resyncs;
	free(out);
	free(delays);
	cc_jitter_close(&j);
	cc_encoder_close(&encoder);
}
