/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUITES_H
#define SUITES_H

#include <math.h>
#include "tone.h"
#include "unit.h"

extern CU_TestInfo jitter_tests[], quality_tests[], player_tests[], mixer_tests[], dtmf_tests[],
		daemon_tests[];
extern const char *daemon_program;

int daemon_start(void); /* of the suite */
int daemon_stop(void);
void daemon_launch(void); /* of a test */
void daemon_finish(void);

#endif
