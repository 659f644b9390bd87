/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acd_bench.h"
CU_TestInfo acd_random_tests[] = {CU_TEST_INFO_NULL};
