/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include "tone.h"

void tone_make(int16_t *pcm, unsigned n, unsigned long from, double hz, double peak)
{
	for (unsigned i = 0; i < n; i++)
		pcm[i] = (int16_t)lrint(peak * sin(2 * M_PI * hz * (double)(from + i) / 8000));
}

double tone_level(const int16_t *pcm, unsigned n, double hz)
{
	double c = 2 * cos(2 * M_PI * hz / 8000), a = 0, b = 0;

	for (unsigned i = 0; i < n; i++) {
		double s = pcm[i] + c * a - b;
		b = a;
		a = s;
	}
	return n ? 2 * sqrt(fmax(0, a * a + b * b - c * a * b)) / n : 0;
}
