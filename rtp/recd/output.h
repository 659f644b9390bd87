/* SPDX-License-Identifier: GPL-2.0-or-later
 * A stereo WAV and the MP3 of it, written side by side. */
#ifndef CC_OUTPUT_H
#define CC_OUTPUT_H

#include <stdint.h>

#define CC_OUTPUT_RATE 8000
/* samples of the longest recording that is believed, a day */
#define CC_OUTPUT_LONGEST ((int64_t)24 * 3600 * CC_OUTPUT_RATE)

struct cc_output;

/* Creates or overwrites both files. CC_E_IO, CC_E_NOMEM. */
int cc_output_open(struct cc_output **o, const char *wav, const char *mp3);
/* Left and right of n samples; NULL: silence. CC_E_IO. */
int cc_output_write(struct cc_output *o, const int16_t (*pcm)[2], int64_t n);
/* Brings both files to the disk. CC_E_IO. */
int cc_output_finish(struct cc_output *o);
/* Whether it was finished or not; o may be NULL. */
void cc_output_close(struct cc_output *o);

#endif
