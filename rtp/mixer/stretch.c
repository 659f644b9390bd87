/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include "stretch.h"

#define SPAN CC_STRETCH_SPAN
#define SHIFT 4             /* bits left out, so that sums of products fit into 32 */
#define SOFT (SPAN * 4 * 4) /* energy of what nobody hears a change in, a peak of about 90 */

static int32_t product(const int16_t *x, const int16_t *y)
{
	int32_t sum = 0;

	for (int i = 0; i < SPAN; i++)
		sum += x[i] * y[i];
	return sum;
}

unsigned cc_stretch_period(const int16_t *x, int way, unsigned max, float likeness)
{
	int16_t copy[SPAN + CC_STRETCH_MAX], *here = way > 0 ? copy : copy + max;
	const int16_t *from = way > 0 ? x : x - max;
	float best = 0;
	int32_t energy;
	unsigned lag = 0;

	for (unsigned i = 0; i < SPAN + max; i++)
		copy[i] = from[i] >> SHIFT;
	energy = product(here, here);
	for (unsigned k = CC_STRETCH_MIN; k <= max; k++) {
		const int16_t *there = here + way * (int)k;
		int32_t other = product(there, there), both = product(here, there);
		float like;
		if (energy < SOFT && other < SOFT)
			like = 1 + (float)k; /* silence: as much as possible */
		else
			like = both > 0 ? (float)both * (float)both / ((float)energy * (float)other) : 0;
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
