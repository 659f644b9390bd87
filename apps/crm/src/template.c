/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-02: the workbook that people fill in: headings are the fields of a package. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>
#include "cc/jobs.h"
#include "cc/ulid.h"
#include "imports.h"
#include "plan.h"

static int write_workbook(struct cc_request *rq, const struct package *p, const char *path)
{
	lxw_workbook *book = workbook_new(path);
	lxw_worksheet *sheet = book ? workbook_add_worksheet(book, NULL) : NULL;
	lxw_format *text, *bold;
	lxw_col_t column = 0;

	if (!sheet)
		return CC_E_NOMEM;
	text = workbook_add_format(book);
	bold = workbook_add_format(book);
	format_set_num_format(text, "@"); /* a telephone number is no number */
	format_set_bold(bold);
	for (size_t i = 0; i < p->count; i++) {
		const struct field *f = &p->fields[i];

		if (!f->in_import)
			continue;
		worksheet_set_column(sheet, column, column, 18, text);
		worksheet_write_string(
				sheet, 0, column, f->translated ? cc_t(rq, f->label) : f->label, bold);
		column++;
	}
	worksheet_set_column(sheet, column, column, 18, text);
	worksheet_write_string(sheet, 0, column, PLAN_AGENT_NUMBER, bold);
	return workbook_close(book) ? CC_E_IO : 0;
}

static int send(struct cc_request *rq, const char *path)
{
	char part[16384];
	FILE *f = fopen(path, "re");

	if (!f)
		return CC_E_IO;
	for (size_t n; (n = fread(part, 1, sizeof(part), f)) > 0;)
		cc_buf_add(cc_body(rq), part, n);
	fclose(f);
	cc_type(rq, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
	cc_set_header(rq, "Content-Disposition", "attachment; filename=\"customers.xlsx\"");
	return 0;
}

/* GET /crm/import-template?package= */
int import_template(struct cc_request *rq)
{
	const char *asked = cc_query(rq, "package");
	char folder[256], path[320], text[CC_ULID_TEXT + 1];
	struct cc_ulid id = cc_ulid_new();
	struct package *p;
	int err = package_load(rq->db, rq->arena, asked ? strtoll(asked, NULL, 10) : 0, &p);

	if (!err)
		err = cc_job_folder(rq, folder, sizeof(folder));
	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/%s.tmp", folder, cc_ulid_format(&id, text));
	err = write_workbook(rq, p, path);
	if (!err)
		err = send(rq, path);
	unlink(path);
	return err;
}
