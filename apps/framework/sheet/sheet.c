/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sheet.h"
#include "cc/i18n.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "cc/utf8.h"

int sheet_open(struct sheet *s, const struct cc_sheet_limits *limits)
{
	if (limits)
		s->limits = *limits;
	if (!s->limits.rows)
		s->limits.rows = 1000001;
	if (!s->limits.columns)
		s->limits.columns = 512;
	if (!s->limits.cell_bytes)
		s->limits.cell_bytes = 32767;
	if (!s->limits.bytes)
		s->limits.bytes = 1u << 30;
	s->cap = 65536;
	s->text = malloc(s->cap);
	s->spans = calloc(s->limits.columns, sizeof(*s->spans));
	s->cells = calloc(s->limits.columns, sizeof(*s->cells));
	return s->text && s->spans && s->cells ? 0 : CC_E_NOMEM;
}

void sheet_close(struct sheet *s)
{
	free(s->text);
	free(s->spans);
	free(s->cells);
}

int sheet_fail(struct sheet *s, int err, const char *text)
{
	if (s->err == 0) {
		s->err = err;
		if (s->problem)
			*s->problem = (struct cc_sheet_problem){text, s->number};
	}
	return s->err;
}

static bool unwanted(char c)
{
	return ((unsigned char)c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7F;
}

int sheet_cell(struct sheet *s, size_t column, const char *text, size_t len)
{
	if (s->err)
		return s->err;
	if (column >= s->limits.columns)
		return sheet_fail(s, CC_E_FULL, CC_N("The table has too many columns."));
	if (len > s->limits.cell_bytes)
		return sheet_fail(
				s, CC_E_FULL, CC_N("A cell is too long; perhaps a quotation mark is not closed."));
	if (!cc_utf8_valid(text, len))
		return sheet_fail(
				s, CC_E_INVAL, CC_N("The text is in no known encoding. Save it as UTF-8."));
	if (len == 0)
		return 0;
	if (s->cap - s->used < len + 1) {
		size_t cap = s->cap * 2 + len;
		char *grown = realloc(s->text, cap);

		if (!grown)
			return sheet_fail(s, CC_E_NOMEM, CC_N("Out of memory."));
		s->text = grown;
		s->cap = cap;
	}

	char *to = s->text + s->used;
	size_t kept = 0;

	for (size_t i = 0; i < len; i++)
		if (!unwanted(text[i]))
			to[kept++] = text[i];
	to[kept] = '\0';
	s->spans[column].start = s->used;
	s->spans[column].len = kept;
	s->spans[column].number = false;
	s->used += kept + 1;
	if (kept && column >= s->count)
		s->count = column + 1;
	return 0;
}

int sheet_number(struct sheet *s, size_t column, const char *text)
{
	int err = sheet_cell(s, column, text, strlen(text));

	if (!err)
		s->spans[column].number = true;
	return err;
}

int sheet_row_end(struct sheet *s)
{
	if (s->err)
		return s->err;
	if (s->count > 0) {
		if (++s->rows > s->limits.rows)
			return sheet_fail(s, CC_E_FULL, CC_N("The table has too many rows."));
		for (size_t i = 0; i < s->count; i++)
			s->cells[i] = s->spans[i].len ? (struct cc_cell){s->text + s->spans[i].start,
													s->spans[i].len, s->spans[i].number}
										  : (struct cc_cell){"", 0, false};
		s->err = s->row(s->user, s->number, s->cells, s->count);
		memset(s->spans, 0, s->count * sizeof(*s->spans));
	}
	s->count = s->used = 0;
	return s->err;
}

/* A zip archive (a workbook), or the container of old and of encrypted workbooks, or text. */
static int read_file(struct sheet *s, const char *path)
{
	static const unsigned char zip[4] = {'P', 'K', 3, 4}, container[4] = {0xD0, 0xCF, 0x11, 0xE0};
	unsigned char magic[4] = {0};
	struct stat st;
	FILE *file = fopen(path, "rbe");
	int err;

	if (!file)
		return CC_E_IO;
	if (fstat(fileno(file), &st) < 0 || !S_ISREG(st.st_mode))
		err = CC_E_IO;
	else if ((s->file_bytes = (uint64_t)st.st_size) > s->limits.bytes)
		err = sheet_fail(s, CC_E_FULL, CC_N("The file is too large."));
	else if (fread(magic, 1, sizeof(magic), file) == sizeof(magic) &&
			 memcmp(magic, container, sizeof(magic)) == 0)
		err = sheet_fail(s, CC_E_INVAL,
				CC_N("This is an old (.xls) or password-protected workbook. Save it as .xlsx "
					 "without "
					 "password."));
	else if (memcmp(magic, zip, sizeof(magic)) == 0)
		err = sheet_read_xlsx(s, path);
	else
		err = fseek(file, 0, SEEK_SET) < 0 ? CC_E_IO : sheet_read_csv(s, file);
	fclose(file);
	return err;
}

int cc_sheet_read(const char *path, const struct cc_sheet_limits *limits, cc_sheet_row *row,
		void *user, struct cc_sheet_problem *problem)
{
	struct sheet s = {.row = row, .user = user, .problem = problem};
	int err = sheet_open(&s, limits);

	if (!err)
		err = read_file(&s, path);
	sheet_close(&s);
	return err;
}
