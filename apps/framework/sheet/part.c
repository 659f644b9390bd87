/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/i18n.h"
#include "part.h"
#include <stdlib.h>
#include <string.h>

#define BLOCK 65536
#define DEPTH_MAX 64 /* of elements; a worksheet needs 6 */
/* A part that inflates to so many bytes, and so many times the archive, is a bomb: no worksheet
 * comes near, not even one of the same row over and over. */
#define BOMB_BYTES ((uint64_t)16 * 1024 * 1024)
#define BOMB_TIMES 500

static const char not_xlsx[] = CC_N("The workbook is damaged.");

static const char *local(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon ? colon + 1 : name;
}

const char *part_attribute(const char **attributes, const char *name)
{
	for (; attributes[0]; attributes += 2)
		if (strcmp(local(attributes[0]), name) == 0)
			return attributes[1];
	return NULL;
}

void part_stop(struct part *part)
{
	XML_StopParser(part->parser, XML_FALSE);
}

static void on_start(void *user, const char *name, const char **attributes)
{
	struct part *part = user;

	if (++part->depth > DEPTH_MAX)
		sheet_fail(part->sheet, CC_E_INVAL, not_xlsx);
	else
		part->start(part, local(name), attributes);
	if (part->sheet->err)
		part_stop(part);
}

static void on_end(void *user, const char *name)
{
	struct part *part = user;

	part->depth--;
	if (part->end)
		part->end(part, local(name));
	if (part->sheet->err)
		part_stop(part);
}

static void on_text(void *user, const char *text, int len)
{
	struct part *part = user;

	if (!part->keep)
		return;
	if (part->len + (size_t)len > part->sheet->limits.cell_bytes * 2) {
		sheet_fail(part->sheet, CC_E_FULL, CC_N("A cell is too long."));
		part_stop(part);
		return;
	}
	if (part->cap - part->len < (size_t)len) {
		size_t cap = part->cap * 2 + (size_t)len + 256;
		char *grown = realloc(part->text, cap);

		if (!grown) {
			sheet_fail(part->sheet, CC_E_NOMEM, CC_N("Out of memory."));
			part_stop(part);
			return;
		}
		part->text = grown;
		part->cap = cap;
	}
	memcpy(part->text + part->len, text, (size_t)len);
	part->len += (size_t)len;
}

/* Workbooks have no document type; those that do define entities that grow without end. */
static void on_doctype(
		void *user, const char *name, const char *system, const char *public, int own)
{
	struct part *part = user;

	sheet_fail(part->sheet, CC_E_INVAL, not_xlsx);
	part_stop(part);
}

static int inflate_into(struct part *part, zip_file_t *file)
{
	struct sheet *s = part->sheet;
	char block[BLOCK];
	zip_int64_t n;
	uint64_t total = 0;

	while ((n = zip_fread(file, block, sizeof(block))) > 0) {
		XML_ParsingStatus status;

		total += (uint64_t)n;
		if (total > s->limits.bytes || (total > BOMB_BYTES && total / BOMB_TIMES > s->file_bytes))
			return sheet_fail(s, CC_E_FULL, CC_N("The file is too large."));
		if (XML_Parse(part->parser, block, (int)n, 0) != XML_STATUS_OK) {
			XML_GetParsingStatus(part->parser, &status);
			if (s->err || (status.parsing == XML_FINISHED &&
								  XML_GetErrorCode(part->parser) == XML_ERROR_ABORTED))
				return s->err;
			return sheet_fail(s, CC_E_INVAL, not_xlsx);
		}
	}
	if (n < 0 || XML_Parse(part->parser, "", 0, 1) != XML_STATUS_OK)
		return s->err ? s->err : sheet_fail(s, CC_E_INVAL, not_xlsx);
	return s->err;
}

int part_read(struct part *part, zip_t *zip, const char *name)
{
	zip_file_t *file = zip_fopen(zip, name, ZIP_FL_NOCASE);
	int err;

	if (!file)
		return zip_error_code_zip(zip_get_error(zip)) == ZIP_ER_NOENT
					   ? CC_E_NOENT
					   : sheet_fail(part->sheet, CC_E_INVAL, not_xlsx);
	part->parser = XML_ParserCreate(NULL);
	if (part->parser) {
		XML_SetUserData(part->parser, part);
		XML_SetElementHandler(part->parser, on_start, on_end);
		XML_SetCharacterDataHandler(part->parser, on_text);
		XML_SetStartDoctypeDeclHandler(part->parser, on_doctype);
		err = inflate_into(part, file);
		XML_ParserFree(part->parser);
	} else {
		err = CC_E_NOMEM;
	}
	free(part->text);
	part->parser = NULL;
	part->text = NULL;
	part->len = part->cap = 0;
	zip_fclose(file);
	return err;
}
