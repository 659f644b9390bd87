/* SPDX-License-Identifier: GPL-2.0-or-later
 * Tones at 8000 samples a second: made, and measured. */
#ifndef CC_UNIT_TONE_H
#define CC_UNIT_TONE_H

#include <stdint.h>

/* n samples of a tone from sample number from on: continuous over calls. */
void tone_make(int16_t *pcm, unsigned n, unsigned long from, double hz, double peak);
/* Peak of the part of pcm that is hz (Goertzel). */
double tone_level(const int16_t *pcm, unsigned n, double hz);

#endif
