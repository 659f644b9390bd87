/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUITES_H
#define SUITES_H

#include "unit.h"

extern char folder[64]; /* of the running test, empty at its begin */

extern CU_TestInfo text_tests[], tz_tests[], settings_tests[], journal_tests[], ring_tests[],
		journaled_tests[], records_tests[];

#endif
