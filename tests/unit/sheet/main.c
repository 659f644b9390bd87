/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sheet_test.h"
#include <unistd.h>

static char path[] = "/tmp/tandem-sheet-XXXXXX";

const char *test_file(const void *content, size_t len)
{
	FILE *f = content ? fopen(path, "wb") : NULL;

	if (f) {
		CU_ASSERT_EQUAL(fwrite(content, 1, len, f), len);
		fclose(f);
	}
	return path;
}

static int on_row(void *user, uint64_t number, const struct cc_cell *cells, size_t count)
{
	FILE *f = user;

	fprintf(f, "%llu", (unsigned long long)number);
	for (size_t i = 0; i < count; i++) {
		CU_ASSERT_EQUAL(strlen(cells[i].text), cells[i].len);
		fprintf(f, "|%s", cells[i].text);
	}
	fputc('\n', f);
	return 0;
}

struct outcome test_read(const char *file, const struct cc_sheet_limits *limits)
{
	struct outcome o = {.err = 0};
	size_t len;
	FILE *f = open_memstream(&o.rows, &len);

	o.err = cc_sheet_read(file, limits, on_row, f, &o.problem);
	fclose(f);
	return o;
}

int main(void)
{
	CU_SuiteInfo suites[] = {{.pName = "csv", .pTests = csv_tests},
			{.pName = "xlsx", .pTests = xlsx_tests}, CU_SUITE_INFO_NULL};
	int fd = mkstemp(path);

	if (fd < 0 || CU_initialize_registry() || CU_register_suites(suites))
		return 2;
	close(fd);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	unlink(path);

	unsigned failed = CU_get_number_of_failures() || !CU_get_number_of_tests_run();

	CU_cleanup_registry();
	return failed ? 1 : 0;
}
