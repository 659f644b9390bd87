/* SPDX-License-Identifier: GPL-2.0-or-later
 * sounds FOLDER: writes the sounds that nobody speaks: hold music and the tones of the telephone,
 * as one period each.
 *
 * The music is added up in a buffer that is a circle: a note that rings over the end goes on at the
 * beginning, so that the loop has no seam. */
#include <math.h>
#include <sndfile.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE 8000
#define BEAT (RATE * 5 / 6) /* 72 beats a minute */
#define BAR (4 * BEAT)
#define BARS 14
#define MUSIC (BARS * BAR) /* 46.7 s */

static double hertz(int key) /* as in MIDI: 69 is 440 Hz */
{
	return 440 * pow(2, (key - 69) / 12.0);
}

/* A string that is plucked: the higher a partial, the sooner it is gone. */
static void pluck(double *loop, int at, int key, double level)
{
	const int length = 3 * RATE;

	for (int i = 0; i < length; i++) {
		double t = (double)i / RATE, s = 0;
		for (int partial = 1; partial <= 4; partial++)
			s += exp(-t * (1.2 + 1.6 * partial)) / (partial * partial) *
				 sin(2 * M_PI * hertz(key) * partial * t);
		double attack = i < 40 ? i / 40.0 : 1, end = i > length - 400 ? (length - i) / 400.0 : 1;
		loop[(at + i) % MUSIC] += level * attack * end * s;
	}
}

/* A chord of soft tones that swells and fades; two voices a little apart make it warm. */
static void pad(double *loop, int at, int length, const int *keys, int n, double level)
{
	for (int i = 0; i < length + BEAT; i++) {
		double t = (double)i / RATE, s = 0;
		double in = i < BEAT ? (double)i / BEAT : 1,
			   out = i > length ? 1 - (double)(i - length) / BEAT : 1;
		for (int k = 0; k < n; k++)
			s += sin(2 * M_PI * hertz(keys[k]) * 0.9985 * t) +
				 sin(2 * M_PI * hertz(keys[k]) * 1.0015 * t);
		loop[(at + i) % MUSIC] += level / n * sin(in * M_PI / 2) * sin(out * M_PI / 2) * s;
	}
}

static void music(double *loop)
{
	/* C major 7, A minor 7, F major 7, G 6, E minor 7, A minor 7, D minor 7 | G: two bars each */
	static const int chord[7][4] = {{60, 64, 67, 71}, {57, 60, 64, 67}, {53, 60, 64, 69},
			{55, 59, 62, 64}, {52, 59, 62, 67}, {57, 60, 64, 67}, {50, 57, 60, 65}};
	static const int figure[8] = {0, 2, 1, 3, 2, 3, 1, 2};

	for (int bar = 0; bar < BARS; bar++) {
		const int *c = chord[bar / 2];
		if (bar % 2 == 0)
			pad(loop, bar * BAR, 2 * BAR, c, 4, 0.35);
		for (int i = 0; i < 8; i++) {
			/* the second bar of a chord leaves room at its end */
			if (bar % 2 == 1 && i > 5)
				continue;
			pluck(loop, bar * BAR + i * BEAT / 2, c[figure[i]] + (i % 4 == 3 ? 12 : 0) + 12,
					i == 0 ? 0.8 : 0.5);
		}
	}
}

static void tone(double *s, int n, double hz)
{
	for (int i = 0; i < n; i++) {
		int edge = i < n - i ? i : n - i;
		s[i] = (edge < 40 ? edge / 40.0 : 1) * sin(2 * M_PI * hz * i / RATE);
	}
}

/* peak: of full scale */
static int save(const char *folder, const char *name, const double *s, int n, double peak)
{
	SF_INFO info = {.samplerate = RATE, .channels = 1, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};
	int16_t *pcm = malloc((size_t)n * sizeof *pcm);
	double top = 0;
	char path[4096];
	SNDFILE *f = NULL;
	int bad = 1;

	snprintf(path, sizeof path, "%s/%s.wav", folder, name);
	for (int i = 0; i < n; i++)
		top = fmax(top, fabs(s[i]));
	for (int i = 0; pcm && i < n; i++)
		pcm[i] = (int16_t)lrint(32767 * peak * s[i] / top);
	if (pcm)
		f = sf_open(path, SFM_WRITE, &info);
	if (f)
		bad = sf_writef_short(f, pcm, n) != n;
	if (f)
		bad |= sf_close(f) != 0;
	free(pcm);
	if (bad)
		fprintf(stderr, "%s cannot be written\n", path);
	return bad;
}

int main(int argc, char **argv)
{
	static const struct
	{
		const char *name;
		double hz, on_s, off_s;
	} tones[] = {
			{"tone/beep", 1000, 0.2, 0.05},
			{"tone/ringback", 450, 1, 4},
			{"tone/busy", 450, 0.35, 0.35},
			{"tone/congestion", 450, 0.7, 0.7},
	};
	double *buffer = calloc(MUSIC, sizeof *buffer);
	int bad = 0;

	if (argc != 2 || !buffer) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	music(buffer);
	bad |= save(argv[1], "music/hold", buffer, MUSIC, 0.18);
	for (size_t i = 0; i < sizeof tones / sizeof *tones; i++) {
		int n = (int)((tones[i].on_s + tones[i].off_s) * RATE);
		memset(buffer, 0, (size_t)n * sizeof *buffer);
		tone(buffer, (int)(tones[i].on_s * RATE), tones[i].hz);
		bad |= save(argv[1], tones[i].name, buffer, n, 0.25);
	}
	free(buffer);
	return bad;
}
