/* SPDX-License-Identifier: GPL-2.0-or-later
 * The first visible sheet of a workbook (ECMA-376 part 1, "SpreadsheetML"): relationships name the
 * parts, styles tell dates from numbers, shared strings wait in a spool, then rows stream. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "part.h"
#include "sheet.h"
#include "cc/i18n.h"
#include "spool.h"

#define PATH_LEN 256
#define ENTRIES_MAX 10000 /* parts of the archive */
#define STYLES_MAX 65536  /* Excel's own limit is 65,490 */
#define DAYS_1904 1462    /* between the two date systems */
#define DAYS_UNIX 25569   /* 1970-01-01 in the 1900 system */
#define DAYS_MAX 2958466  /* 10000-01-01 */

enum format
{
	NUMBER,
	DATE, /* and time, if there is a fraction */
	TIME,
};

struct xlsx
{
	struct sheet *sheet;
	zip_t *zip;
	struct spool *strings;
	bool from_1904;
	char book[PATH_LEN], page[PATH_LEN], shared[PATH_LEN], styles[PATH_LEN];
	char page_id[64]; /* relationship of the first visible sheet */
	/* relationships are read for one file: what lies in folder */
	char folder[PATH_LEN];
	/* styles */
	struct
	{
		int id;
		enum format format;
	} * custom;
	size_t customs;
	uint8_t *formats; /* enum format by cell style */
	size_t format_count;
	bool in_cell_styles;
	bool phonetic; /* a reading aid inside a shared string is not its text */
	/* the cell at work */
	size_t column, next_column;
	char type[12];
	unsigned long style;
};

static const char damaged[] = CC_N("The workbook is damaged.");

/* ---- relationships ---- */

/* Target, as seen from folder, as a name of the archive; false: too long or climbing out. */
static bool resolve(char out[PATH_LEN], const char *folder, const char *target)
{
	int n = target[0] == '/'    ? snprintf(out, PATH_LEN, "%s", target + 1)
			: folder[0] != '\0' ? snprintf(out, PATH_LEN, "%s/%s", folder, target)
								: snprintf(out, PATH_LEN, "%s", target);

	return n > 0 && n < PATH_LEN && !strstr(out, "..");
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

static void on_relationship(struct part *part, const char *name, const char **attributes)
{
	struct xlsx *x = part->user;
	const char *type = part_attribute(attributes, "Type");
	const char *target = part_attribute(attributes, "Target");
	const char *id = part_attribute(attributes, "Id");

	if (strcmp(name, "Relationship") != 0 || !type || !target || !id)
		return;
	char *to = ends_with(type, "/officeDocument")                             ? x->book
			   : ends_with(type, "/sharedStrings")                            ? x->shared
			   : ends_with(type, "/styles")                                   ? x->styles
			   : ends_with(type, "/worksheet") && strcmp(id, x->page_id) == 0 ? x->page
																			  : NULL;
	if (to && !resolve(to, x->folder, target))
		sheet_fail(x->sheet, CC_E_INVAL, damaged);
}

static void on_book(struct part *part, const char *name, const char **attributes)
{
	struct xlsx *x = part->user;
	const char *state = part_attribute(attributes, "state");
	const char *id = part_attribute(attributes, "id"), *flag = NULL;

	if (strcmp(name, "workbookPr") == 0)
		flag = part_attribute(attributes, "date1904");
	if (flag)
		x->from_1904 = strcmp(flag, "1") == 0 || strcmp(flag, "true") == 0;
	if (strcmp(name, "sheet") == 0 && !x->page_id[0] && id && strlen(id) < sizeof(x->page_id) &&
			(!state || strcmp(state, "visible") == 0))
		memcpy(x->page_id, id, strlen(id) + 1);
}

static int read_part(struct xlsx *x, const char *name,
		void (*start)(struct part *, const char *, const char **),
		void (*end)(struct part *, const char *))
{
	struct part part = {.sheet = x->sheet, .user = x, .start = start, .end = end};

	return part_read(&part, x->zip, name);
}

/* Finds the parts: the workbook, its first visible sheet, shared strings and styles. */
static int find_parts(struct xlsx *x)
{
	char relationships[PATH_LEN];
	char *base;
	int n, err = read_part(x, "_rels/.rels", on_relationship, NULL);

	if (err == CC_E_NOENT || (!err && !x->book[0]))
		return sheet_fail(
				x->sheet, CC_E_INVAL, CC_N("This is not a table: neither CSV nor .xlsx."));
	if (!err)
		err = read_part(x, x->book, on_book, NULL);
	if (err)
		return err == CC_E_NOENT ? sheet_fail(x->sheet, CC_E_INVAL, damaged) : err;
	memcpy(x->folder, x->book, sizeof(x->folder));
	base = strrchr(x->folder, '/');
	if (base)
		*base++ = '\0';
	n = base ? snprintf(relationships, sizeof(relationships), "%s/_rels/%s.rels", x->folder, base)
			 : snprintf(relationships, sizeof(relationships), "_rels/%s.rels", x->book);
	if (!base)
		x->folder[0] = '\0';
	if (n < 0 || n >= (int)sizeof(relationships))
		return sheet_fail(x->sheet, CC_E_INVAL, damaged);
	err = read_part(x, relationships, on_relationship, NULL);
	if (err == CC_E_NOENT || (!err && !x->page[0]))
		return sheet_fail(x->sheet, CC_E_INVAL, CC_N("The workbook has no visible sheet."));
	return err;
}

/* ---- styles ---- */

/* Formats 14-22, 27-36, 45-47 and 50-58 are dates and times (ECMA-376 part 1, 18.8.30). */
static enum format builtin(int id)
{
	if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47))
		return TIME;
	return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58) ? DATE
																					  : NUMBER;
}

/* A format code is a date or a time if one of its letters is, outside quotes, escapes and colours.
 */
static enum format told(const char *code)
{
	enum format format = NUMBER;
	bool quoted = false;

	for (const char *c = code; *c; c++) {
		if (*c == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if ((*c == '\\' || *c == '_' || *c == '*') && c[1])
			c++;
		else if (*c == '[' && !strchr("hms", tolower((unsigned char)c[1])))
			c += strcspn(c, "]") - (strchr(c, ']') ? 0 : 1);
		else if (strchr("yd", tolower((unsigned char)*c)))
			return DATE;
		else if (strchr("hs", tolower((unsigned char)*c)))
			format = TIME;
	}
	return format;
}

static void on_style(struct part *part, const char *name, const char **attributes)
{
	struct xlsx *x = part->user;
	const char *text = part_attribute(attributes, "numFmtId");
	const char *code = part_attribute(attributes, "formatCode");
	int id = text ? (int)strtol(text, NULL, 10) : 0;

	if (strcmp(name, "cellXfs") == 0) {
		x->in_cell_styles = true;
	} else if (strcmp(name, "numFmt") == 0 && text && code) {
		if (x->customs % 64 == 0) {
			void *grown = x->customs < STYLES_MAX
								  ? realloc(x->custom, (x->customs + 64) * sizeof(*x->custom))
								  : NULL;

			if (!grown) {
				sheet_fail(x->sheet, CC_E_INVAL, damaged);
				return;
			}
			x->custom = grown;
		}
		x->custom[x->customs].id = id;
		x->custom[x->customs++].format = told(code);
	} else if (strcmp(name, "xf") == 0 && x->in_cell_styles) {
		if (x->format_count >= STYLES_MAX || (!x->formats && !(x->formats = malloc(STYLES_MAX)))) {
			sheet_fail(x->sheet, CC_E_INVAL, damaged);
			return;
		}
		enum format format = builtin(id);

		for (size_t i = 0; i < x->customs; i++)
			if (x->custom[i].id == id)
				format = x->custom[i].format;
		x->formats[x->format_count++] = (uint8_t)format;
	}
}

static void on_style_end(struct part *part, const char *name)
{
	if (strcmp(name, "cellXfs") == 0)
		part_stop(part); /* the rest is looks */
}

/* ---- shared strings ---- */

static void on_string(struct part *part, const char *name, const char **attributes)
{
	struct xlsx *x = part->user;

	if (strcmp(name, "si") == 0)
		part->len = 0;
	else if (strcmp(name, "rPh") == 0)
		x->phonetic = true;
	else if (strcmp(name, "t") == 0)
		part->keep = !x->phonetic;
}

static void on_string_end(struct part *part, const char *name)
{
	struct xlsx *x = part->user;
	int err = 0;

	if (strcmp(name, "t") == 0)
		part->keep = false;
	else if (strcmp(name, "rPh") == 0)
		x->phonetic = false;
	else if (strcmp(name, "si") == 0)
		err = spool_add(x->strings, part->text ? part->text : "", part->len);
	if (err)
		sheet_fail(x->sheet, err, CC_N("There is no room for temporary files."));
}

/* ---- cells ---- */

/* "AB12" → 27; SIZE_MAX: no reference. */
static size_t reference_column(const char *reference)
{
	size_t column = 0;
	int n = 0;

	for (; *reference >= 'A' && *reference <= 'Z' && n < 4; reference++, n++)
		column = column * 26 + (size_t)(*reference - 'A') + 1;
	return n > 0 && n < 4 && isdigit((unsigned char)*reference) ? column - 1 : SIZE_MAX;
}

static int number_cell(struct xlsx *x, const char *text, enum format format)
{
	char out[40], *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value > -1e300 && value < 1e300))
		return sheet_cell(x->sheet, x->column, text, strlen(text));
	if (format != NUMBER && value >= 0 && value < DAYS_MAX) {
		bool days = value >= 1 || format == DATE;
		/* the 1900 system has a 29 February 1900: days before it are one less */
		double since = value + (x->from_1904 ? DAYS_1904 : value < 60 ? 1 : 0) - DAYS_UNIX;
		int64_t second = (int64_t)(since * 86400 + (since < 0 ? -0.5 : 0.5));
		time_t at = (time_t)second;
		struct tm tm;

		gmtime_r(&at, &tm);
		strftime(out, sizeof(out),
				!days                 ? "%H:%M:%S"
				: second % 86400 == 0 ? "%Y-%m-%d"
									  : "%Y-%m-%d %H:%M:%S",
				&tm);
	} else if (value == (double)(int64_t)value && value > -1e15 && value < 1e15) {
		snprintf(out, sizeof(out), "%lld", (long long)value);
		return sheet_number(x->sheet, x->column, out);
	} else {
		snprintf(out, sizeof(out), "%.15g", value);
		return sheet_number(x->sheet, x->column, out);
	}
	return sheet_cell(x->sheet, x->column, out, strlen(out));
}

static void put_cell(struct xlsx *x, struct part *part)
{
	const char *text = part->text;
	size_t len = part->len;
	int err = 0;

	if (len == 0)
		return;
	if (strcmp(x->type, "s") == 0) {
		char number[24];

		snprintf(number, sizeof(number), "%.*s", (int)len, text);
		err = spool_get(x->strings, strtoull(number, NULL, 10), &text, &len);
		if (err)
			sheet_fail(x->sheet, err == CC_E_NOENT ? CC_E_INVAL : err, damaged);
		else
			sheet_cell(x->sheet, x->column, text, len);
	} else if (strcmp(x->type, "b") == 0) {
		bool truth = text[0] == '1';

		sheet_cell(x->sheet, x->column, truth ? "TRUE" : "FALSE", truth ? 4 : 5);
	} else if (x->type[0] == '\0' || strcmp(x->type, "n") == 0) {
		char number[64];

		snprintf(number, sizeof(number), "%.*s", (int)len, text);
		number_cell(x, number, x->style < x->format_count ? x->formats[x->style] : NUMBER);
	} else {
		sheet_cell(x->sheet, x->column, text, len);
	}
}

static void on_page(struct part *part, const char *name, const char **attributes)
{
	struct xlsx *x = part->user;
	const char *reference = part_attribute(attributes, "r");

	if (strcmp(name, "row") == 0) {
		uint64_t number = reference ? strtoull(reference, NULL, 10) : 0;

		x->sheet->number = number > x->sheet->number ? number : x->sheet->number + 1;
		x->next_column = 0;
	} else if (strcmp(name, "c") == 0) {
		const char *type = part_attribute(attributes, "t"),
				   *style = part_attribute(attributes, "s");

		x->column = reference ? reference_column(reference) : x->next_column;
		if (x->column == SIZE_MAX || (type && strlen(type) >= sizeof(x->type))) {
			sheet_fail(x->sheet, CC_E_INVAL, damaged);
			return;
		}
		x->next_column = x->column + 1;
		memcpy(x->type, type ? type : "", type ? strlen(type) + 1 : 1);
		x->style = style ? strtoul(style, NULL, 10) : 0;
		part->len = 0;
	} else if (strcmp(name, "rPh") == 0) {
		x->phonetic = true;
	} else if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0) {
		part->keep = !x->phonetic;
	}
}

static void on_page_end(struct part *part, const char *name)
{
	struct xlsx *x = part->user;

	if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0)
		part->keep = false;
	else if (strcmp(name, "rPh") == 0)
		x->phonetic = false;
	else if (strcmp(name, "c") == 0)
		put_cell(x, part);
	else if (strcmp(name, "row") == 0)
		sheet_row_end(x->sheet);
	else if (strcmp(name, "sheetData") == 0)
		part_stop(part);
}

/* ---- the workbook ---- */

static int read_book(struct xlsx *x)
{
	int err = find_parts(x);

	if (!err && x->styles[0])
		err = read_part(x, x->styles, on_style, on_style_end);
	if (err == CC_E_NOENT)
		err = 0;
	if (!err && x->shared[0])
		err = read_part(x, x->shared, on_string, on_string_end);
	if (err == CC_E_NOENT)
		err = 0;
	if (!err)
		err = read_part(x, x->page, on_page, on_page_end);
	return err == CC_E_NOENT ? sheet_fail(x->sheet, CC_E_INVAL, damaged) : err;
}

int sheet_read_xlsx(struct sheet *s, const char *path)
{
	struct xlsx x = {.sheet = s};
	int err;

	x.zip = zip_open(path, ZIP_RDONLY, NULL);
	if (!x.zip || zip_get_num_entries(x.zip, 0) > ENTRIES_MAX)
		err = sheet_fail(s, CC_E_INVAL, damaged);
	else
		err = spool_new(&x.strings);
	if (!err)
		err = read_book(&x);
	spool_free(x.strings);
	if (x.zip)
		zip_discard(x.zip);
	free(x.custom);
	free(x.formats);
	return err;
}
