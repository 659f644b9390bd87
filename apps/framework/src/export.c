/* SPDX-License-Identifier: GPL-2.0-or-later
 * Files of a list. */
#include "things.h"

#include <string.h>

int cc_resource_export_now(struct cc_list *l, const char *format)
{
	struct cc_request *rq = l->rq;
	const struct cc_resource *r = l->r;
	struct cc_rows rows;
	if (strcmp(format, "csv"))
		return CC_E_INVAL;
	if (!(r->actions & CC_EXPORT))
		return CC_E_NOENT;
	if (!cc_resource_can(rq, r, "export"))
		return CC_E_DENIED;
	cc_list_pick(l, CC_COLUMN_CSV);
	int err = cc_list_fetch(l, &rows, COUNT_MAX + 1, 0);
	if (err)
		return err;
	if (rows.count > COUNT_MAX)
		return cc_error(
				rq, 413, cc_t(rq, "More than 10,000 rows: choose a shorter time or more filters."));
	struct cc_buf *b = cc_body(rq);
	cc_buf_str(b, "\xEF\xBB\xBF");
	for (size_t n = 0; n <= rows.count; n++) {
		const char *comma = "";
		for (size_t i = 0; r->columns[i].name; i++) {
			if (!l->picked[i] || !(r->columns[i].flags & CC_COLUMN_CSV))
				continue;
			const char *text = n ? cc_cell_text(rq, r, &r->columns[i], &rows.row[n - 1], i)
								 : cc_t(rq, r->columns[i].label);
			cc_buf_str(b, comma);
			cc_buf_csv(b, text, strlen(text));
			comma = ",";
		}
		cc_buf_str(b, "\r\n");
	}
	cc_type(rq, "text/csv; charset=utf-8");
	cc_set_header(rq, "Content-Disposition",
			cc_sprintf(rq->arena, "attachment; filename=\"%s-%.10s.csv\"", r->name,
					cc_time_text(rq, rq->now_ms)));
	return 0;
}
