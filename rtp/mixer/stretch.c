/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include "stretch.h"

#define SPAN CC_STRETCH_SPAN
#define SOFT (SPAN * 60.0f * 60.0f) /* energy of what nobody hears a change in */

unsigned cc_stretch_period(const int16_t *x, int way, unsigned max, float likeness)
{
	float here = 0, best = 0;
	unsigned lag = 0;

	for (unsigned i = 0; i < SPAN; i++)
		here += (float)x[i] * x[i];
	for (unsigned k = CC_STRETCH_MIN; k <= max; k++) {
		const int16_t *y = x + way * (int)k;
		float there = 0, both = 0, like;
		for (unsigned i = 0; i < SPAN; i++) {
			there += (float)y[i] * y[i];
			both += (float)x[i] * y[i];
		}
		if (here < SOFT && there < SOFT)
			like = 1 + (float)k; /* silence: as much as possible */
		else
			like = both > 0 ? both * both / (here * there + 1) : 0;
		if (like > best) {
			best = like;
			lag = k;
		}
	}
	return best >= likeness * likeness ? lag : 0;
}

void cc_stretch_pass(int16_t *out, const int16_t *from, const int16_t *to)
{
	for (int i = 0; i < SPAN; i++)
		out[i] = (int16_t)((from[i] * (SPAN - i) + to[i] * i) / SPAN);
}

unsigned cc_stretch_shorten(int16_t *x, unsigned n, unsigned max, float likeness)
{
	unsigned lag = cc_stretch_period(x, 1, max, likeness);

	if (lag) {
		cc_stretch_pass(x, x, x + lag);
		memmove(x + SPAN, x + SPAN + lag, (n - SPAN - lag) * sizeof *x);
	}
	return n - lag;
}

unsigned cc_stretch_lengthen(int16_t *x, unsigned n, unsigned max, float likeness)
{
	unsigned lag = cc_stretch_period(x, 1, max, likeness);
	int16_t passage[SPAN];

	if (lag) {
		cc_stretch_pass(passage, x + lag, x);
		memmove(x + lag + SPAN, x + SPAN, (n - SPAN) * sizeof *x);
		memcpy(x + lag, passage, sizeof passage);
	}
	return n + lag;
}
