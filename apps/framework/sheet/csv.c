/* SPDX-License-Identifier: GPL-2.0-or-later
 * CSV: the encoding is told by the whole file before anything is read from it, then libcsv parses.
 */
#include <csv.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include "cc/utf8.h"
#include "sheet.h"
#include "cc/i18n.h"

#define BLOCK 65536

struct reader
{
	struct sheet *sheet;
	struct csv_parser csv;
	size_t column;
	bool delimited; /* the delimiter is known */
};

static int no_space(unsigned char c)
{
	return 0;
}

static void on_cell(void *text, size_t len, void *user)
{
	struct reader *r = user;

	sheet_cell(r->sheet, r->column++, text ? text : "", len);
}

static void on_row(int c, void *user)
{
	struct reader *r = user;

	sheet_row_end(r->sheet);
	r->column = 0;
	r->sheet->number++;
}

/* The most frequent of the three outside quotation marks in the first line. */
static unsigned char delimiter(const char *text, size_t len)
{
	static const char kinds[] = ",;\t";
	size_t counts[3] = {0}, best = 0;
	bool quoted = false;

	for (size_t i = 0; i < len && (quoted || (text[i] != '\n' && text[i] != '\r')); i++) {
		const char *kind = text[i] ? strchr(kinds, text[i]) : NULL;

		if (text[i] == '"')
			quoted = !quoted;
		else if (kind && !quoted)
			counts[kind - kinds]++;
	}
	for (size_t i = 1; i < 3; i++)
		if (counts[i] > counts[best])
			best = i;
	return (unsigned char)kinds[best];
}

/* Some text of the file as UTF-8. */
static int parse(struct reader *r, const char *text, size_t len)
{
	struct sheet *s = r->sheet;

	if (len && !r->delimited) {
		csv_set_delim(&r->csv, delimiter(text, len));
		r->delimited = true;
	}
	/* libcsv would gather an unclosed cell in memory for as long as the file is */
	for (size_t done = 0; done < len && !s->err;) {
		size_t n = len - done < BLOCK ? len - done : BLOCK;

		if (csv_parse(&r->csv, text + done, n, on_cell, on_row, r) != n)
			return sheet_fail(s, CC_E_NOMEM, CC_N("Out of memory."));
		done += n;
		if (!s->err && r->csv.entry_pos > s->limits.cell_bytes)
			sheet_fail(s, CC_E_FULL,
					CC_N("A cell is too long; perhaps a quotation mark is not closed."));
	}
	return s->err;
}

/* Whether all of the file is UTF-8, from where it stands; it stands there again afterwards. */
static int is_utf8(FILE *file, bool *yes)
{
	char block[BLOCK];
	long start = ftell(file);
	size_t rest = 0, n;

	*yes = true;
	while (*yes && (n = fread(block + rest, 1, sizeof(block) - rest, file)) > 0) {
		size_t len = rest + n, at = 0, step;

		while (at < len && (step = cc_utf8_char(block + at, len - at)) > 0)
			at += step;
		rest = len - at;
		*yes = rest < 4; /* a character may go on in the next block */
		memmove(block, block + at, rest < 4 ? rest : 0);
	}
	*yes = *yes && rest == 0;
	return ferror(file) || fseek(file, start, SEEK_SET) < 0 ? CC_E_IO : 0;
}

static int read_plain(struct reader *r, FILE *file)
{
	char block[BLOCK];
	size_t n;

	while (!r->sheet->err && (n = fread(block, 1, sizeof(block), file)) > 0)
		parse(r, block, n);
	return ferror(file) ? CC_E_IO : r->sheet->err;
}

static int read_encoded(struct reader *r, FILE *file, const char *encoding)
{
	char in[BLOCK], out[BLOCK * 2];
	size_t rest = 0, n;
	iconv_t cd = iconv_open("UTF-8", encoding);

	if (cd == (iconv_t)-1)
		return CC_E_IO;
	while (!r->sheet->err && (n = fread(in + rest, 1, sizeof(in) - rest, file)) > 0) {
		char *from = in, *to;
		size_t left = rest + n, room;
		int err = 0;

		do {
			to = out;
			room = sizeof(out);
			err = iconv(cd, &from, &left, &to, &room) == (size_t)-1 ? errno : 0;
			parse(r, out, sizeof(out) - room);
		} while (err == E2BIG && !r->sheet->err);
		if (err == EILSEQ)
			sheet_fail(r->sheet, CC_E_INVAL,
					CC_N("The text is in no known encoding. Save it as UTF-8."));
		rest = left;
		memmove(in, from, rest);
	}
	if (!r->sheet->err && rest)
		sheet_fail(
				r->sheet, CC_E_INVAL, CC_N("The text is in no known encoding. Save it as UTF-8."));
	iconv_close(cd);
	return ferror(file) ? CC_E_IO : r->sheet->err;
}

/* The encoding of the file, which then stands behind its mark; NULL: UTF-8. */
static int find_encoding(FILE *file, const char **encoding)
{
	unsigned char mark[3] = {0};
	size_t n = fread(mark, 1, sizeof(mark), file);
	long skip = 0;
	bool utf8 = true;
	int err;

	*encoding = NULL;
	if (n == 3 && memcmp(mark, "\xEF\xBB\xBF", 3) == 0)
		return 0;
	if (n >= 2 && mark[0] == 0xFF && mark[1] == 0xFE)
		*encoding = "UTF-16LE", skip = 2;
	else if (n >= 2 && mark[0] == 0xFE && mark[1] == 0xFF)
		*encoding = "UTF-16BE", skip = 2;
	if (fseek(file, skip, SEEK_SET) < 0)
		return CC_E_IO;
	if (*encoding)
		return 0;
	err = is_utf8(file, &utf8);
	if (!err && !utf8)
		*encoding = "GB18030";
	return err;
}

int sheet_read_csv(struct sheet *s, FILE *file)
{
	struct reader r = {.sheet = s};
	const char *encoding;
	int err = find_encoding(file, &encoding);

	if (err)
		return err;
	if (csv_init(&r.csv, 0) != 0)
		return CC_E_NOMEM;
	csv_set_space_func(&r.csv, no_space);
	s->number = 1;
	err = encoding ? read_encoded(&r, file, encoding) : read_plain(&r, file);
	/* strict only now: quotation marks inside plain cells are common, an open one at the end is not
	 */
	csv_set_opts(&r.csv, CSV_STRICT | CSV_STRICT_FINI);
	if (!err && csv_fini(&r.csv, on_cell, on_row, &r) != 0)
		err = sheet_fail(s, CC_E_INVAL, CC_N("A quotation mark is not closed."));
	csv_free(&r.csv);
	return err ? err : s->err;
}
