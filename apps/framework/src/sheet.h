/* SPDX-License-Identifier: GPL-2.0-or-later
 * Rows of a list written to a file, one by one, in constant memory. */
#ifndef CC_SHEET_H
#define CC_SHEET_H

#include "things.h"

enum cc_sheet_format
{
	CC_SHEET_CSV,
	CC_SHEET_XLSX,
	CC_SHEET_JSON,
	CC_SHEET_GB, /* CSV in GB18030, for spreadsheets that expect it */
};

struct cc_sheet;

/* "csv", "xlsx", "json", "csv_gb". CC_E_INVAL. */
int cc_sheet_format(const char *name, enum cc_sheet_format *format);
const char *cc_sheet_extension(enum cc_sheet_format format);
const char *cc_sheet_type(enum cc_sheet_format format);
/* Makes the file with its header line and picks the list's columns; folder is for temporary files.
 * CC_E_IO (errno). */
int cc_sheet_open(struct cc_sheet **sheet, struct cc_list *l, enum cc_sheet_format format,
		const char *path, const char *folder);
/* CC_E_FULL: the format holds no more rows; CC_E_IO. The request's arena may be emptied after it.
 */
int cc_sheet_row(struct cc_sheet *sheet, const struct cc_row *row);
/* An error of it or of any row before. */
int cc_sheet_close(struct cc_sheet *sheet);
unsigned cc_sheet_flag(enum cc_sheet_format format);

#endif
