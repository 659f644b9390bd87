/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/feature_code.h"

#include "cc/utf8.h"
#include "priv.h"

int cc_feature_codes(struct cc_request *rq, struct cc_code_table *codes)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT name, code, gateway FROM feature_code WHERE tenant_id = {tenant}");
	if (err)
		return err;
	cc_code_table_init(codes);
	for (size_t i = 0; i < rows.count; i++) {
		int code = cc_code_find(cc_row_str(&rows.row[i], 0));
		for (size_t k = 0; code >= 0 && k < CC_CODE_COLUMNS; k++)
			cc_utf8_copy(codes->text[code][k], CC_CODE_TEXT, cc_row_str(&rows.row[i], 1 + k));
	}
	return 0;
}
