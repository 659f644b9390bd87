/* SPDX-License-Identifier: GPL-2.0-or-later
 * What a sheet gave, as text: a line "number|cell|cell" for each row. */
#ifndef SHEET_TEST_H
#define SHEET_TEST_H

#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/sheet.h"

struct outcome
{
	int err;
	struct cc_sheet_problem problem;
	char *rows; /* free */
};

/* A file with these bytes; NULL content: nothing is written. The path is a static buffer. */
const char *test_file(const void *content, size_t len);
struct outcome test_read(const char *path, const struct cc_sheet_limits *limits);

extern CU_TestInfo csv_tests[], xlsx_tests[];

#endif
