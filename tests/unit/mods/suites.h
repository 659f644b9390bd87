/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MODS_SUITES_H
#define MODS_SUITES_H

#include <CUnit/CUnit.h>

extern CU_TestInfo header_tests[];

#endif
