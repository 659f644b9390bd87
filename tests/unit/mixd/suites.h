/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUITES_H
#define SUITES_H

#include <stdint.h>
#include "unit.h"

extern CU_TestInfo jitter_tests[], player_tests[], mixer_tests[], dtmf_tests[], daemon_tests[];
extern const char *daemon_program;

int daemon_start(void); /* of the suite */
int daemon_stop(void);
void daemon_launch(void); /* of a test */
void daemon_finish(void);

/* n samples of a tone from sample number from on: continuous over calls. */
void tone_make(int16_t *pcm, unsigned n, unsigned long from, double hz, double peak);
/* Peak of the part of pcm that is hz (Goertzel). */
double tone_level(const int16_t *pcm, unsigned n, double hz);

#endif
