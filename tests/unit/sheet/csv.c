/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-02: CSV as people have it. */
#include <dirent.h>
#include <json-c/json.h>
#include "sheet_test.h"

static void expect(const char *content, size_t len, const char *rows)
{
	struct outcome o = test_read(test_file(content, len), NULL);

	CU_ASSERT_EQUAL(o.err, 0);
	CU_ASSERT_STRING_EQUAL(o.rows, rows);
	free(o.rows);
}

static void expect_text(const char *content, const char *rows)
{
	expect(content, strlen(content), rows);
}

static void expect_problem(const char *content, size_t len, const struct cc_sheet_limits *limits,
		int err, const char *text)
{
	struct outcome o = test_read(test_file(content, len), limits);

	CU_ASSERT_EQUAL(o.err, err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(o.problem.text);
	if (!strstr(o.problem.text, text))
		CU_FAIL(o.problem.text);
	free(o.rows);
}

static void test_plain(void)
{
	expect_text("a,b,c\n1,2,3\n", "1|a|b|c\n2|1|2|3\n");
	expect_text("a,b\r\n1,2", "1|a|b\n2|1|2\n");
	expect_text("a;b,c;d\n1;2;3\n", "1|a|b,c|d\n2|1|2|3\n");
	expect_text("a\tb\n1\t\n", "1|a|b\n2|1\n");
	expect_text("\"x,\"\"y\",b\n\"line\nbreak\", spaced \n", "1|x,\"y|b\n2|line\nbreak| spaced \n");
	expect_text("a,b\n\n\n,\n1,\n", "1|a|b\n3|1\n");
	expect_text("", "");
	expect_text("\n\n", "");
	/* a quotation mark inside a plain cell is one */
	expect_text("5\" pipe,x\n", "1|5\" pipe|x\n");
}

static void test_encodings(void)
{
	expect_text("\xEF\xBB\xBF姓名,电话\n张伟,138\n", "1|姓名|电话\n2|张伟|138\n");
	expect_text("姓名\n张伟\n", "1|姓名\n2|张伟\n");
	/* GB18030: 姓名,张伟 and 𠮷, which has four bytes */
	expect_text("\xD0\xD5\xC3\xFB\n\xD5\xC5\xCE\xB0\n\x95\x34\xB2\x35\n",
			"1|姓名\n2|张伟\n3|\xF0\xA0\xAE\xB7\n");
	expect("\xFF\xFE"
		   "a\0,\0\x20\x5F\n\0",
			10, "1|a|张\n");
	expect("\xFE\xFF\0a\0,\x5F\x20\0\n", 10, "1|a|张\n");
	expect_problem("a,b\n\xFF\xFF\xFF,x\n", 10, NULL, CC_E_INVAL, "no known encoding");
	/* characters across the reader's blocks, in both encodings */
	size_t n = 100000;
	char *text = malloc(n * 3 + 8), *rows = malloc(n * 3 + 16);
	struct cc_sheet_limits limits = {.cell_bytes = n * 3 + 8};

	for (size_t shift = 0; shift < 3; shift++) {
		memset(text, 'x', shift);
		for (size_t i = 0; i < n; i++)
			memcpy(text + shift + i * 3, "张", 3);
		text[shift + n * 3] = '\0';
		struct outcome o = test_read(test_file(text, strlen(text)), &limits);
		CU_ASSERT_EQUAL(o.err, 0);
		snprintf(rows, n * 3 + 16, "1|%s\n", text);
		CU_ASSERT_STRING_EQUAL(o.rows, rows);
		free(o.rows);

		for (size_t i = 0; i < n; i++)
			memcpy(text + shift + i * 2, "\xD5\xC5", 2);
		o = test_read(test_file(text, shift + n * 2), &limits);
		CU_ASSERT_EQUAL(o.err, 0);
		CU_ASSERT_STRING_EQUAL(o.rows, rows);
		free(o.rows);
	}
	free(text);
	free(rows);
}

static void test_hostile(void)
{
	char big[40000];
	struct cc_sheet_limits three = {.columns = 3, .rows = 2, .bytes = 100};

	memset(big, 'x', sizeof(big));
	big[0] = '"';
	expect_problem("a,b\n\"open,1\n2,3\n", 16, NULL, CC_E_INVAL, "not closed");
	expect_problem(big, sizeof(big), NULL, CC_E_FULL, "too long");
	expect_problem("a,b,c,d\n", 8, &three, CC_E_FULL, "too many columns");
	expect_problem("a\nb\nc\n", 6, &three, CC_E_FULL, "too many rows");
	expect_problem(big, 101, &three, CC_E_FULL, "too large");
	expect_problem("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8, NULL, CC_E_INVAL, "password");
	expect("a\0b,\x01\x02"
		   "c\x7F\n",
			9, "1|ab|c\n");
	CU_ASSERT_EQUAL(cc_sheet_read("/nonexistent", NULL, NULL, NULL, NULL), CC_E_IO);
	CU_ASSERT_EQUAL(cc_sheet_read("/tmp", NULL, NULL, NULL, NULL), CC_E_IO);
}

static int stop_at_second(void *user, uint64_t number, const struct cc_cell *cells, size_t count)
{
	return ++*(int *)user == 2 ? 77 : 0;
}

static void test_stop(void)
{
	int rows = 0;

	CU_ASSERT_EQUAL(
			cc_sheet_read(test_file("a\nb\nc\n", 6), NULL, stop_at_second, &rows, NULL), 77);
	CU_ASSERT_EQUAL(rows, 2);
}

/* ---- csv-spectrum: each file with its header against the objects in its JSON ---- */

struct spectrum
{
	json_object *expected;
	char *names[16];
	size_t columns, rows;
};

static int spectrum_row(void *user, uint64_t number, const struct cc_cell *cells, size_t count)
{
	struct spectrum *s = user;
	json_object *row, *value;

	if (s->columns == 0) {
		for (; s->columns < count; s->columns++)
			s->names[s->columns] = strdup(cells[s->columns].text);
		return 0;
	}
	row = json_object_is_type(s->expected, json_type_array)
				  ? json_object_array_get_idx(s->expected, s->rows)
				  : s->expected; /* a single row stands alone in one of the cases */
	s->rows++;
	CU_ASSERT_PTR_NOT_NULL_FATAL(row);
	for (size_t i = 0; i < s->columns; i++) {
		/* the number of this case was made anonymous in its JSON alone */
		if (strcmp(s->names[i], "Contact Phone Number") == 0)
			continue;
		CU_ASSERT(json_object_object_get_ex(row, s->names[i], &value));
		CU_ASSERT_STRING_EQUAL(i < count ? cells[i].text : "", json_object_get_string(value));
	}
	return 0;
}

/* The file with the line ends of its name: the copy at hand of the _crlf cases has lost theirs. */
static const char *spectrum_file(const char *name)
{
	static char path[512];
	char text[4096];
	FILE *in;
	int c;
	size_t n = 0;

	snprintf(path, sizeof(path), "tests/data/csv-spectrum/csvs/%s", name);
	in = fopen(path, "rb");
	CU_ASSERT_PTR_NOT_NULL_FATAL(in);
	if (!strstr(name, "_crlf")) {
		fclose(in);
		return path;
	}
	while ((c = getc(in)) != EOF && n < sizeof(text) - 2) {
		if (c == '\n' && (n == 0 || text[n - 1] != '\r'))
			text[n++] = '\r';
		text[n++] = (char)c;
	}
	fclose(in);
	return test_file(text, n);
}

static void test_spectrum(void)
{
	DIR *dir = opendir("tests/data/csv-spectrum/csvs");
	struct dirent *entry;
	int files = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
	while ((entry = readdir(dir))) {
		char path[512];
		struct spectrum s = {.rows = 0};
		size_t n = strlen(entry->d_name);

		if (n < 5 || strcmp(entry->d_name + n - 4, ".csv") != 0)
			continue;
		snprintf(path, sizeof(path), "tests/data/csv-spectrum/json/%.*s.json", (int)n - 4,
				entry->d_name);
		s.expected = json_object_from_file(path);
		CU_ASSERT_PTR_NOT_NULL_FATAL(s.expected);
		CU_ASSERT_EQUAL(
				cc_sheet_read(spectrum_file(entry->d_name), NULL, spectrum_row, &s, NULL), 0);
		CU_ASSERT_EQUAL(s.rows, json_object_is_type(s.expected, json_type_array)
										? json_object_array_length(s.expected)
										: 1);
		for (size_t i = 0; i < s.columns; i++)
			free(s.names[i]);
		json_object_put(s.expected);
		files++;
	}
	closedir(dir);
	CU_ASSERT_EQUAL(files, 12);
}

CU_TestInfo csv_tests[] = {{"plain", test_plain}, {"encodings", test_encodings},
		{"hostile", test_hostile}, {"stopped by the reader", test_stop},
		{"csv-spectrum", test_spectrum}, CU_TEST_INFO_NULL};
