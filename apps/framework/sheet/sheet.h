/* SPDX-License-Identifier: GPL-2.0-or-later
 * Inside of cc/sheet.h: the row that is being read, with the limits, shared by CSV and XLSX. */
#ifndef SHEET_H
#define SHEET_H

#include <stdbool.h>
#include <stdio.h>
#include "cc/sheet.h"

struct sheet
{
	struct cc_sheet_limits limits;
	cc_sheet_row *row;
	void *user;
	struct cc_sheet_problem *problem;
	uint64_t file_bytes;
	int err; /* the first: nothing is read after it */
	uint64_t rows;
	uint64_t number; /* of the row at work */
	struct
	{
		size_t start, len;
		bool number;
	} * spans; /* of the row's cells in text; limits.columns of them */
	struct cc_cell *cells;
	size_t count; /* cells up to the last that is not empty */
	char *text;
	size_t used, cap;
};

int sheet_open(struct sheet *s, const struct cc_sheet_limits *limits);
void sheet_close(struct sheet *s);
/* Records why nothing more can be read, and returns the error. */
int sheet_fail(struct sheet *s, int err, const char *text);
/* A cell of the row at work. Control characters but line ends and tabs are dropped. */
int sheet_cell(struct sheet *s, size_t column, const char *text, size_t len);
/* The same of a number. */
int sheet_number(struct sheet *s, size_t column, const char *text);
/* The row is complete: gives it to the reader, blank ones not. */
int sheet_row_end(struct sheet *s);

int sheet_read_csv(struct sheet *s, FILE *file);
int sheet_read_xlsx(struct sheet *s, const char *path);

#endif
