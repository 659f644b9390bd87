/* SPDX-License-Identifier: GPL-2.0-or-later
 * Rows of a list as a file: CSV (UTF-8 with BOM, or GB18030), XLSX, JSON. */
#include "sheet.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>
#include "cc/money.h"

#define XLSX_ROWS 1048576
#define XLSX_WIDTH 18

struct cc_sheet
{
	struct cc_list *l;
	enum cc_sheet_format format;
	FILE *file; /* CSV, JSON */
	iconv_t gb; /* (iconv_t)-1: UTF-8 */
	lxw_workbook *book;
	lxw_worksheet *page;
	lxw_format *money[2]; /* of amounts: with the tenant's decimals, with all of them */
	uint32_t rows;
	int err;
	enum cc_hide masked[CC_COLUMNS_MAX]; /* asked once for all rows */
};

int cc_sheet_format(const char *name, enum cc_sheet_format *format)
{
	static const char *const names[] = {[CC_SHEET_CSV] = "csv",
			[CC_SHEET_XLSX] = "xlsx",
			[CC_SHEET_JSON] = "json",
			[CC_SHEET_GB] = "csv_gb"};
	for (size_t i = 0; name && i < sizeof names / sizeof *names; i++)
		if (!strcmp(name, names[i])) {
			*format = (enum cc_sheet_format)i;
			return 0;
		}
	return CC_E_INVAL;
}

const char *cc_sheet_extension(enum cc_sheet_format format)
{
	return format == CC_SHEET_XLSX ? "xlsx" : format == CC_SHEET_JSON ? "json" : "csv";
}

const char *cc_sheet_type(enum cc_sheet_format format)
{
	switch (format) {
	case CC_SHEET_XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
	case CC_SHEET_JSON:
		return "application/json";
	case CC_SHEET_GB:
		return "text/csv; charset=gb18030";
	case CC_SHEET_CSV:
		break;
	}
	return "text/csv; charset=utf-8";
}

unsigned cc_sheet_flag(enum cc_sheet_format format)
{
	return format == CC_SHEET_JSON ? CC_COLUMN_JSON : CC_COLUMN_CSV;
}

static bool has_column(const struct cc_sheet *s, size_t i)
{
	return s->l->picked[i] && (s->l->r->columns[i].flags & cc_sheet_flag(s->format));
}

static void put(struct cc_sheet *s, const char *text, size_t len)
{
	if (len && fwrite(text, 1, len, s->file) != len)
		s->err = CC_E_IO;
}

/* ---- CSV ---- */

static void put_gb(struct cc_sheet *s, struct cc_buf *b)
{
	char out[1024], *in = b->p;
	size_t left = b->len;
	while (left && !s->err) {
		char *to = out;
		size_t room = sizeof out;
		/* every character of Unicode has a place in GB18030 */
		if (iconv(s->gb, &in, &left, &to, &room) == (size_t)-1 && errno != E2BIG)
			s->err = CC_E_INVAL;
		put(s, out, sizeof out - room);
	}
}

static void csv_line(struct cc_sheet *s, const struct cc_row *row)
{
	struct cc_request *rq = s->l->rq;
	const struct cc_resource *r = s->l->r;
	struct cc_buf b = cc_buf_new(rq->arena);
	const char *comma = "";
	for (size_t i = 0; r->columns[i].name; i++) {
		if (!has_column(s, i))
			continue;
		const char *text = row ? cc_cell_file(rq, r, &r->columns[i], row, i, s->masked[i])
							   : cc_column_label(rq, &r->columns[i]);
		cc_buf_str(&b, comma);
		cc_buf_csv(&b, text, strlen(text));
		comma = ",";
	}
	cc_buf_str(&b, "\r\n");
	if (s->format == CC_SHEET_GB)
		put_gb(s, &b);
	else
		put(s, b.p, b.len);
}

/* ---- XLSX ---- */

/* What spreadsheets hold exactly: 15 digits. Other amounts are written as texts. */
static bool is_exact(int64_t amount)
{
	while (amount && amount % 10 == 0)
		amount /= 10;
	return amount > -1000000000000000 && amount < 1000000000000000;
}

/* Shows amounts as the tenant does, in the spreadsheet's own separators. */
static void set_money(struct cc_sheet *s)
{
	struct cc_request *rq = s->l->rq;
	const struct cc_money m = cc_money(rq);
	const int decimals[] = {m.decimals, CC_MONEY_DIGITS};
	for (int i = 0; i < 2; i++) {
		struct cc_buf b = cc_buf_new(rq->arena);
		cc_buf_str(&b, "\"");
		for (const char *p = m.symbol; *p; p++)
			if (*p != '"')
				cc_buf_add(&b, p, 1);
		cc_buf_printf(&b, "\"%s%s%.*s", *m.group ? "#,##0" : "0", decimals[i] ? "." : "",
				decimals[i], "0000");
		s->money[i] = workbook_add_format(s->book);
		if (s->money[i])
			format_set_num_format(s->money[i], cc_buf_text(&b));
	}
}

static void put_amount(struct cc_sheet *s, lxw_col_t at, int64_t amount)
{
	const struct cc_money m = cc_money(s->l->rq);
	int64_t step = 1;
	for (int i = m.decimals; i < CC_MONEY_DIGITS; i++)
		step *= 10;
	worksheet_write_number(
			s->page, s->rows, at, (double)amount / CC_MONEY_UNIT, s->money[amount % step != 0]);
}

static void xlsx_line(struct cc_sheet *s, const struct cc_row *row)
{
	struct cc_request *rq = s->l->rq;
	const struct cc_resource *r = s->l->r;
	lxw_col_t at = 0;
	if (s->rows >= XLSX_ROWS) {
		s->err = CC_E_FULL;
		return;
	}
	for (size_t i = 0; r->columns[i].name; i++) {
		const struct cc_column *c = &r->columns[i];
		if (!has_column(s, i))
			continue;
		/* texts are written as texts: none becomes a formula */
		if (row && c->type == CC_COLUMN_INT && row->v[i])
			worksheet_write_number(s->page, s->rows, at, (double)cc_row_int(row, i, 0), NULL);
		else if (row && c->type == CC_COLUMN_AMOUNT && row->v[i] && is_exact(cc_row_int(row, i, 0)))
			put_amount(s, at, cc_row_int(row, i, 0));
		else
			worksheet_write_string(s->page, s->rows, at,
					row ? cc_cell_file(rq, r, c, row, i, s->masked[i]) : cc_column_label(rq, c),
					NULL);
		at++;
	}
}

/* ---- JSON ---- */

struct json_row
{
	struct cc_sheet *s;
	const struct cc_row *row;
};

static void json_write(struct cc_jsonw *w, void *ctx)
{
	const struct json_row *j = ctx;
	const struct cc_sheet *s = j->s;
	cc_jsonw_object(w, NULL);
	for (size_t i = 0; s->l->r->columns[i].name; i++)
		if (has_column(s, i))
			cc_cell_json(s->l->rq, w, s->l->r, &s->l->r->columns[i], j->row, i, s->masked[i]);
	cc_jsonw_close_object(w);
}

static void json_line(struct cc_sheet *s, const struct cc_row *row)
{
	struct json_row j = {s, row};
	if (!row) {
		put(s, "[\n", 2);
		return;
	}
	const char *text = cc_json_text(s->l->rq->arena, json_write, &j);
	if (s->rows > 1)
		put(s, ",\n", 2);
	put(s, text, strlen(text));
}

/* ---- any ---- */

static void line(struct cc_sheet *s, const struct cc_row *row)
{
	switch (s->format) {
	case CC_SHEET_XLSX:
		xlsx_line(s, row);
		break;
	case CC_SHEET_JSON:
		json_line(s, row);
		break;
	case CC_SHEET_CSV:
	case CC_SHEET_GB:
		csv_line(s, row);
		break;
	}
	s->rows++;
}

static int open_xlsx(struct cc_sheet *s, const char *path, const char *folder)
{
	lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = (char *)folder};
	s->book = workbook_new_opt(path, &options);
	s->page = s->book ? workbook_add_worksheet(s->book, NULL) : NULL;
	if (!s->page)
		return CC_E_IO;
	worksheet_set_column(s->page, 0, CC_COLUMNS_MAX, XLSX_WIDTH, NULL);
	worksheet_freeze_panes(s->page, 1, 0);
	set_money(s);
	return 0;
}

int cc_sheet_open(struct cc_sheet **out, struct cc_list *l, enum cc_sheet_format format,
		const char *path, const char *folder)
{
	struct cc_sheet *s = calloc(1, sizeof *s);
	int err = 0;
	if (!s)
		return CC_E_NOMEM;
	s->l = l;
	s->format = format;
	s->gb = (iconv_t)-1;
	cc_list_pick(l, cc_sheet_flag(format));
	for (size_t i = 0; l->r->columns[i].name; i++)
		s->masked[i] = cc_column_masked(l->rq, l->r, &l->r->columns[i]);
	if (format == CC_SHEET_XLSX)
		err = open_xlsx(s, path, folder);
	else if (!(s->file = fopen(path, "we")))
		err = CC_E_IO;
	if (!err && format == CC_SHEET_GB && (s->gb = iconv_open("GB18030", "UTF-8")) == (iconv_t)-1)
		err = CC_E_NOENT;
	if (err) {
		cc_sheet_close(s);
		return err;
	}
	if (format == CC_SHEET_CSV)
		put(s, "\xEF\xBB\xBF", 3);
	line(s, NULL);
	*out = s;
	return 0;
}

int cc_sheet_row(struct cc_sheet *s, const struct cc_row *row)
{
	line(s, row);
	return s->err;
}

int cc_sheet_close(struct cc_sheet *s)
{
	int err = s->err;
	if (s->file && !err && s->format == CC_SHEET_JSON)
		put(s, "\n]\n", 3);
	if (s->file && (fclose(s->file) || s->err))
		err = err ? err : CC_E_IO;
	if (s->book && workbook_close(s->book) && !err)
		err = CC_E_IO;
	if (s->gb != (iconv_t)-1)
		iconv_close(s->gb);
	free(s);
	return err;
}
