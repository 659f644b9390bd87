/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the CUnit programs share. A program lists its tables of tests and runs them; the exit status
 * says the result. */
#ifndef CC_UNIT_H
#define CC_UNIT_H

#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Runs the suites (ended by CU_SUITE_INFO_NULL): exit status of the program. */
static inline int unit_run(CU_SuiteInfo *suites)
{
	unsigned failed = 1;

	if (CU_initialize_registry() == CUE_SUCCESS && CU_register_suites(suites) == CUE_SUCCESS) {
		CU_basic_set_mode(CU_BRM_NORMAL);
		CU_basic_run_tests();
		failed = CU_get_number_of_failures() + CU_get_number_of_suites_failed();
	}
	CU_cleanup_registry();
	return failed > 0;
}

/* A new empty folder; unit_remove takes it away again with what is in it. */
static inline char *unit_folder(char path[64])
{
	strcpy(path, "/tmp/tandem-unit-XXXXXX");
	return mkdtemp(path);
}

static inline void unit_remove(const char *path)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", path);
	if (system(command) != 0)
		CU_FAIL("folder not removed");
}

#endif
