/* SPDX-License-Identifier: GPL-2.0-or-later
 * Makes sound a little shorter or longer without changing its pitch: one period of it is left out
 * or said twice, with a soft passage. */
#ifndef CC_STRETCH_H
#define CC_STRETCH_H

#include <stdbool.h>
#include <stdint.h>

#define CC_STRETCH_SPAN 80 /* samples of the passage, 10 ms */
#define CC_STRETCH_MIN 20  /* shortest change in samples: a period of 400 Hz */
#define CC_STRETCH_MAX 160 /* longest change */

/* The distance between CC_STRETCH_MIN and max at which x[CC_STRETCH_SPAN] is most like the sound
 * behind it (way 1) or before it (way -1), 0 if nowhere as much as likeness (1.0 = the same). */
unsigned cc_stretch_period(const int16_t *x, int way, unsigned max, float likeness);
/* from[CC_STRETCH_SPAN] goes over into to[], written to out, which may be either of them. */
void cc_stretch_pass(int16_t *out, const int16_t *from, const int16_t *to);
/* Leaves out between CC_STRETCH_MIN and max samples of x[n]: the new length, or n if no place is
 * like enough to another. n must be at least max + CC_STRETCH_SPAN. */
unsigned cc_stretch_shorten(int16_t *x, unsigned n, unsigned max, float likeness);
/* The same with so many samples more; x has room for n + max, and n at least max +
 * CC_STRETCH_SPAN. */
unsigned cc_stretch_lengthen(int16_t *x, unsigned n, unsigned max, float likeness);

#endif
