/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "failures.h"

#define CAPTCHA_FAILURES 3
#define FREEZE_FAILURES 10
#define FREEZE_MS (24 * 3600 * 1000LL)
#define ADDRESS_FAILURES 10
#define ADDRESS_MS (3600 * 1000LL) /* an address without failures for that long begins anew */

int failures_read(struct cc_request *rq, struct failures *f)
{
	struct cc_rows rows;
	int err = cc_db_exec(rq->db,
			"INSERT INTO sign_in_failure {any} (tenant_code, username, address, failures, last_at) "
			"VALUES (?, ?, '', 0, ?) ON DUPLICATE KEY UPDATE failures = failures",
			f->tenant, f->username, rq->now_ms);
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT failures, last_at, frozen_until FROM sign_in_failure {any} "
				"WHERE tenant_code = ? AND username = ? AND address = '' FOR UPDATE",
				f->tenant, f->username);
	if (err)
		return err;
	int64_t last = cc_row_int(&rows.row[0], 1, 0), until = cc_row_int(&rows.row[0], 2, 0);
	bool over = until ? until <= rq->now_ms : rq->now_ms - last > FREEZE_MS;
	f->account = over ? 0 : cc_row_int(&rows.row[0], 0, 0);
	f->frozen = until > rq->now_ms;
	err = cc_db_query(rq->db, &rows,
			"SELECT failures FROM sign_in_failure {any} WHERE tenant_code = '' AND username = '' "
			"AND address = ? AND last_at > ?",
			rq->address, rq->now_ms - ADDRESS_MS);
	if (err)
		return err;
	f->captcha = f->account >= CAPTCHA_FAILURES ||
				 (rows.count && cc_row_int(&rows.row[0], 0, 0) >= ADDRESS_FAILURES);
	return 0;
}

int failures_add(struct cc_request *rq, struct failures *f)
{
	f->account++;
	f->captcha |= f->account >= CAPTCHA_FAILURES;
	int err = cc_db_exec(rq->db,
			"UPDATE sign_in_failure {any} SET failures = ?, last_at = ?, frozen_until = ? "
			"WHERE tenant_code = ? AND username = ? AND address = ''",
			f->account, rq->now_ms, f->account >= FREEZE_FAILURES ? rq->now_ms + FREEZE_MS : 0LL,
			f->tenant, f->username);
	if (err)
		return err;
	return cc_db_exec(rq->db,
			"INSERT INTO sign_in_failure {any} (tenant_code, username, address, failures, last_at) "
			"VALUES ('', '', ?, 1, ?) ON DUPLICATE KEY UPDATE "
			"failures = IF(last_at > ?, failures + 1, 1), last_at = VALUES(last_at)",
			rq->address, rq->now_ms, rq->now_ms - ADDRESS_MS);
}

int failures_clear(struct cc_request *rq, const struct failures *f)
{
	return cc_db_exec(rq->db,
			"DELETE FROM sign_in_failure {any} WHERE tenant_code = ? AND username = ?", f->tenant,
			f->username);
}
