/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-02: workbooks, well made and hostile. */
#include <zip.h>
#include "sheet_test.h"

#define NS "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" "
#define REL "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

struct parts
{
	const char *page, *strings, *styles, *book;
};

static const char rels[] = "<Relationships><Relationship Id=\"a\" Type=\"" REL
						   "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";
static const char book_rels[] =
		"<Relationships><Relationship Id=\"r0\" Type=\"" REL "/worksheet\" Target=\"hidden.xml\"/>"
		"<Relationship Id=\"r1\" Type=\"" REL "/worksheet\" Target=\"/xl/worksheets/sheet1.xml\"/>"
		"<Relationship Id=\"r2\" Type=\"" REL "/sharedStrings\" Target=\"sharedStrings.xml\"/>"
		"<Relationship Id=\"r3\" Type=\"" REL "/styles\" Target=\"styles.xml\"/></Relationships>";
static const char book[] = "<workbook " NS "xmlns:r=\"" REL
						   "\"><sheets><sheet name=\"h\" state=\"hidden\" r:id=\"r0\"/>"
						   "<sheet name=\"s\" r:id=\"r1\"/></sheets></workbook>";
static const char styles[] =
		"<styleSheet><numFmts><numFmt numFmtId=\"170\" formatCode=\"[$-804]yyyy&quot;年&quot;m\"/>"
		"<numFmt numFmtId=\"171\" formatCode=\"&quot;day&quot;0.00\"/><numFmt numFmtId=\"172\" "
		"formatCode=\"[h]:mm\"/></numFmts><cellStyleXfs><xf "
		"numFmtId=\"14\"/></cellStyleXfs><cellXfs>"
		"<xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"22\"/><xf numFmtId=\"170\"/>"
		"<xf numFmtId=\"171\"/><xf numFmtId=\"172\"/></cellXfs></styleSheet>";

static void add(zip_t *zip, const char *name, const char *content, size_t len)
{
	zip_source_t *source = content ? zip_source_buffer(zip, content, len, 0) : NULL;

	if (source && zip_file_add(zip, name, source, 0) < 0)
		CU_FAIL("zip");
}

static void add_text(zip_t *zip, const char *name, const char *content)
{
	add(zip, name, content, content ? strlen(content) : 0);
}

static zip_t *create(void)
{
	remove(test_file(NULL, 0));
	zip_t *zip = zip_open(test_file(NULL, 0), ZIP_CREATE | ZIP_TRUNCATE, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(zip);
	return zip;
}

static struct outcome read_parts(struct parts p, const struct cc_sheet_limits *limits)
{
	zip_t *zip = create();

	add_text(zip, "_rels/.rels", rels);
	add_text(zip, "xl/_rels/workbook.xml.rels", book_rels);
	add_text(zip, "xl/workbook.xml", p.book ? p.book : book);
	add_text(zip, "xl/styles.xml", p.styles ? p.styles : styles);
	add_text(zip, "xl/sharedStrings.xml", p.strings);
	add_text(zip, "xl/worksheets/sheet1.xml", p.page);
	CU_ASSERT_EQUAL(zip_close(zip), 0);
	return test_read(test_file(NULL, 0), limits);
}

static void expect(struct parts p, const char *rows)
{
	struct outcome o = read_parts(p, NULL);

	CU_ASSERT_EQUAL(o.err, 0);
	if (o.err)
		CU_FAIL(o.problem.text);
	CU_ASSERT_STRING_EQUAL(o.rows, rows);
	free(o.rows);
}

static void expect_problem(
		struct parts p, const struct cc_sheet_limits *limits, int err, const char *text)
{
	struct outcome o = read_parts(p, limits);

	CU_ASSERT_EQUAL(o.err, err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(o.problem.text);
	if (!strstr(o.problem.text, text))
		CU_FAIL(o.problem.text);
	free(o.rows);
}

#define PAGE(rows) "<worksheet " NS "><sheetData>" rows "</sheetData></worksheet>"

static void test_cells(void)
{
	expect((struct parts){.strings =
								  "<sst><si><t>姓名</t></si><si><r><t>a</t></r><r><t>&lt;b</t></r>"
								  "<rPh><t>reading</t></rPh></si><si/></sst>",
				   .page = PAGE(
						   "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"C1\" t=\"s\"><v>1"
						   "</v></c></row><row r=\"5\"><c r=\"A5\" "
						   "t=\"inlineStr\"><is><t>in</t></is>"
						   "</c><c t=\"b\"><v>1</v></c><c t=\"str\"><f>A1</f><v>of</v></c><c "
						   "t=\"e\"><v>"
						   "#N/A</v></c><c "
						   "t=\"s\"><v>2</v></c></row><row/><row><c><v>7</v></c></row>")},
			"1|姓名||a<b\n5|in|TRUE|of|#N/A\n7|7\n");
}

static void test_numbers(void)
{
	expect((struct parts){.page = PAGE("<row><c><v>13800001234</v></c><c><v>1.3800001234E10</v></"
									   "c><c><v>0.1</v>"
									   "</c><c><v>0.30000000000000004</v></c><c><v>-5</v></"
									   "c><c><v>1E+300</v></c>"
									   "<c><v>nonsense</v></c></row>")},
			"1|13800001234|13800001234|0.1|0.3|-5|1E+300|nonsense\n");
}

static void test_dates(void)
{
	expect(
			(struct parts){
					.page = PAGE("<row><c s=\"1\"><v>46347</v></c><c s=\"2\"><v>46347.75</v></c>"
								 "<c s=\"3\"><v>1</v></c><c s=\"4\"><v>2.5</v></c><c s=\"5\"><v>0.5"
								 "</v></c><c s=\"1\"><v>61</v></c><c s=\"99\"><v>46347</v></c>"
								 "<c s=\"2\"><v>46347.9999999</v></c></row>")},
			"1|2026-11-21|2026-11-21 "
			"18:00:00|1900-01-01|2.5|12:00:00|1900-03-01|46347|2026-11-22\n");
	expect(
			(struct parts){
					.book = "<workbook " NS "xmlns:r=\"" REL
							"\"><workbookPr date1904=\"1\"/><sheets><sheet r:id=\"r1\"/></sheets>"
							"</workbook>",
					.page = PAGE("<row><c s=\"1\"><v>44885</v></c></row>")},
			"1|2026-11-21\n");
}

static void test_hostile(void)
{
	struct cc_sheet_limits small = {.columns = 3, .rows = 2, .bytes = 20000, .cell_bytes = 10};
	char *zeros = malloc(100000);

	/* entities that grow */
	expect_problem(
			(struct parts){.page = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>" PAGE(
								   "<row><c t=\"str\"><v>&b;</v></c></row>")},
			NULL, CC_E_INVAL, "damaged");
	expect_problem((struct parts){.page = PAGE("<row><c r=\"XFD1\"><v>1</v></c></row>")}, NULL,
			CC_E_FULL, "columns");
	expect_problem((struct parts){.page = PAGE("<row><c r=\"ZZZZZZ1\"><v>1</v></c></row>")}, NULL,
			CC_E_INVAL, "damaged");
	expect_problem((struct parts){.page = PAGE("<row><c t=\"s\"><v>9</v></c></row>")}, NULL,
			CC_E_INVAL, "damaged");
	expect_problem((struct parts){.page = PAGE("<row><c t=\"str\"><v>12345678901</v></c></row>")},
			&small, CC_E_FULL, "too long");
	expect_problem(
			(struct parts){.page = PAGE("<row><c><v>1</v></c></row><row><c><v>1</v></c></row>"
										"<row><c><v>1</v></c></row>")},
			&small, CC_E_FULL, "too many rows");
	expect_problem(
			(struct parts){.page = "<worksheet><sheetData><row><c>"}, NULL, CC_E_INVAL, "damaged");
	expect_problem((struct parts){.page = "not xml"}, NULL, CC_E_INVAL, "damaged");
	expect_problem((struct parts){.page = ""}, NULL, CC_E_INVAL, "damaged");
	expect_problem((struct parts){.book = "<workbook><sheets/></workbook>", .page = PAGE("")}, NULL,
			CC_E_INVAL, "no visible sheet");
	expect_problem((struct parts){.page = NULL}, NULL, CC_E_INVAL, "damaged");

	/* deep nesting */
	for (int i = 0; i < 9000; i++)
		memcpy(zeros + i * 3, "<a>", 3);
	zeros[27000] = '\0';
	expect_problem((struct parts){.page = zeros}, NULL, CC_E_INVAL, "damaged");

	/* a bomb: small in the archive, large when inflated */
	memset(zeros, ' ', 99999);
	memcpy(zeros, "<a>", 3);
	zeros[99999] = '\0';
	expect_problem((struct parts){.page = zeros}, &small, CC_E_FULL, "too large");
	/* and one within the limits, which no worksheet inflates to */
	zeros = realloc(zeros, 20000000);
	memset(zeros, ' ', 19999999);
	memcpy(zeros, "<a>", 3);
	zeros[19999999] = '\0';
	expect_problem((struct parts){.page = zeros}, NULL, CC_E_FULL, "too large");
	free(zeros);

	zip_t *zip = create();
	add_text(zip, "whatever.txt", "text");
	zip_close(zip);
	struct outcome o = test_read(test_file(NULL, 0), NULL);
	CU_ASSERT_EQUAL(o.err, CC_E_INVAL);
	CU_ASSERT_STRING_EQUAL(o.problem.text, "This is not a table: neither CSV nor .xlsx.");
	free(o.rows);
	o = test_read(test_file("PK\3\4 and then nothing", 21), NULL);
	CU_ASSERT_EQUAL(o.err, CC_E_INVAL);
	CU_ASSERT_STRING_EQUAL(o.problem.text, "The workbook is damaged.");
	free(o.rows);
}

/* Every byte of a workbook damaged in turn: an error or rows, never worse. */
static void test_damage(void)
{
	struct outcome o = read_parts((struct parts){.strings = "<sst><si><t>text</t></si></sst>",
										  .page = PAGE("<row><c t=\"s\"><v>0</v></c></row>")},
			NULL);
	FILE *f = fopen(test_file(NULL, 0), "rb");
	char good[8192], bad[8192];
	size_t len = fread(good, 1, sizeof(good), f);

	fclose(f);
	CU_ASSERT_STRING_EQUAL(o.rows, "1|text\n");
	free(o.rows);
	CU_ASSERT(len > 500 && len < sizeof(good));
	for (size_t i = 4; i < len; i++) {
		memcpy(bad, good, len);
		bad[i] ^= 0xFF;
		o = test_read(test_file(bad, len), NULL);
		CU_ASSERT(o.err == 0 || o.problem.text);
		free(o.rows);
		if (i % 8 == 0) {
			o = test_read(test_file(good, i), NULL);
			CU_ASSERT(o.err != 0);
			free(o.rows);
		}
	}
}

/* More shared text than the reader keeps in memory, asked for out of order. */
static void test_many_strings(void)
{
	enum
	{
		COUNT = 60000
	};
	char *strings = malloc(COUNT * 40 + 100), *page = malloc(COUNT * 50 + 200), *s = strings,
		 *p = page;

	s += sprintf(s, "<sst>");
	p += sprintf(p, "<worksheet><sheetData>");
	for (int i = 0; i < COUNT; i++) {
		s += sprintf(s, "<si><t>text number %d</t></si>", i);
		p += sprintf(p, "<row><c t=\"s\"><v>%d</v></c></row>", (int)((long)i * 7919 % COUNT));
	}
	sprintf(s, "</sst>");
	sprintf(p, "</sheetData></worksheet>");
	struct outcome o = read_parts((struct parts){.strings = strings, .page = page}, NULL);
	CU_ASSERT_EQUAL(o.err, 0);

	char *line = o.rows;
	int row = 0;
	for (; *line; row++) {
		char want[64];
		int n = sprintf(want, "%d|text number %d\n", row + 1, (int)((long)row * 7919 % COUNT));

		if (strncmp(line, want, (size_t)n) != 0) {
			CU_FAIL("another text");
			break;
		}
		line += n;
	}
	CU_ASSERT_EQUAL(row, COUNT);
	free(o.rows);
	free(strings);
	free(page);
}

CU_TestInfo xlsx_tests[] = {{"cells", test_cells}, {"numbers", test_numbers}, {"dates", test_dates},
		{"hostile", test_hostile}, {"damage", test_damage}, {"many strings", test_many_strings},
		CU_TEST_INFO_NULL};
