/* SPDX-License-Identifier: GPL-2.0-or-later
 * Runs one suite of CUnit tests; the exit status of main. */
#ifndef UNIT_H
#define UNIT_H

#include <CUnit/Basic.h>

static inline int unit_run(const char *name, CU_TestInfo *tests)
{
	CU_SuiteInfo suites[] = {{.pName = name, .pTests = tests}, CU_SUITE_INFO_NULL};
	if (CU_initialize_registry() || CU_register_suites(suites))
		return 2;
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	unsigned failed = CU_get_number_of_failures() || !CU_get_number_of_tests_run();
	CU_cleanup_registry();
	return failed ? 1 : 0;
}

#endif
