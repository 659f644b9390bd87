/* SPDX-License-Identifier: GPL-2.0-or-later
 * Tables that people upload: CSV and the first visible sheet of an .xlsx workbook, read row by row
 * in constant memory. What the file is decides its content, never its name.
 *
 * CSV (RFC 4180 and what spreadsheets make of it): comma, semicolon or tab, told by the first line;
 * UTF-8 with or without mark, UTF-16 with mark, else GB18030. Blank lines are no rows.
 * XLSX (ECMA-376): text as shown, numbers shortest ("13800001234"), dates as "2026-11-21",
 * "2026-11-21 08:30:00" or "08:30:00", truth as "TRUE" and "FALSE"; formulas give their last value.
 *
 * The file is hostile: every limit below is checked while reading, document types (entity bombs)
 * are refused, and inflated bytes are counted as they come, whatever the archive claims. */
#ifndef CC_SHEET_H
#define CC_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cc/err.h"

/* Zero stands for the default. */
struct cc_sheet_limits
{
	uint64_t rows;     /* 1,000,001 */
	size_t columns;    /* 512 */
	size_t cell_bytes; /* 32,767, what a spreadsheet holds */
	uint64_t bytes;    /* of the file, and of each part of a workbook when inflated: 1 GiB */
};

/* UTF-8, no NUL inside, NUL-terminated; valid during the callback. */
struct cc_cell
{
	const char *text;
	size_t len;
	bool number; /* of a workbook: a number, written with a point whatever the language */
};

/* number is the row's in the file, from 1, as a spreadsheet shows it (CSV: counts blank lines out).
 * Cells at the end that are empty may be missing. Not 0 stops the reading; cc_sheet_read returns
 * it. */
typedef int cc_sheet_row(void *user, uint64_t number, const struct cc_cell *cells, size_t count);

/* Why a file cannot be read: a constant English text that is a key of the catalogues, with the row
 * (0: no certain one). */
struct cc_sheet_problem
{
	const char *text;
	uint64_t row;
};

/* Reads the file at path, with limits NULL for the defaults. 0, what the callback returned, or
 * CC_E_INVAL: not a table that can be read, CC_E_FULL: a limit is passed (both: problem is filled),
 * CC_E_IO, CC_E_NOMEM. Rows before the trouble have been given. */
int cc_sheet_read(const char *path, const struct cc_sheet_limits *limits, cc_sheet_row *row,
		void *user, struct cc_sheet_problem *problem);

#endif
