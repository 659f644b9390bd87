/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>
#include "agents.h"
#include "cc/preference.h"

bool agent_number_is_valid(const char *number)
{
	size_t len = strlen(number);
	return len >= 2 && len <= 6 && *number != '0' && strspn(number, "0123456789") == len;
}

int agent_number_taken(struct cc_request *rq, const char *number, const char **taken)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT EXISTS (SELECT 1 FROM agent WHERE tenant_id = {tenant} AND number = ? "
			"AND live = 1), EXISTS (SELECT 1 FROM user WHERE tenant_id = {tenant} "
			"AND username = ? AND live = 1)",
			number, number);
	if (err)
		return err;
	*taken = cc_row_int(&rows.row[0], 0, 0)
					 ? cc_t(rq, "There is already an agent with this number.")
			 : cc_row_int(&rows.row[0], 1, 0) ? cc_t(rq, "An account has this name.")
											  : NULL;
	return *taken ? 0 : admin_inside_taken(rq, number, taken);
}

/* Hashes as the engine knows them: MD5, because SIP's digest is defined by it. */
static int make_hashes(struct cc_request *rq, struct agent *agent)
{
	struct cc_rows rows;
	const char *sip = agent->sip_password ? agent->sip_password : "";
	const char *pin = agent->phone_password ? agent->phone_password : "";
	int err = cc_db_query(rq->db, &rows,
			"SELECT MD5(CONCAT_WS(':', ?, code, ?)), MD5(CONCAT_WS(':', 'pin', ?, code, ?)) "
			"FROM tenant WHERE id = {tenant}",
			agent->number, sip, agent->number, pin);
	if (err)
		return err;
	agent->sip_ha1 = cc_row_str(&rows.row[0], 0);
	agent->phone_pin_hash = cc_row_str(&rows.row[0], 1);
	return 0;
}

int agent_account_create(struct cc_request *rq, struct agent *agent, struct admin_issued *issued)
{
	const char *web = agent->web_password, *hash, *unused;
	int err = admin_password_make(rq, &web, &hash);
	if (err)
		return err;
	if (!agent->web_password)
		admin_issued_add(issued, agent->number, cc_t(rq, "Web password"), web);
	if (!agent->sip_password) {
		err = admin_password_make(rq, &agent->sip_password, &unused);
		if (err)
			return err;
		admin_issued_add(issued, agent->number, cc_t(rq, "SIP password"), agent->sip_password);
	}
	if (!agent->phone_password) {
		agent->phone_password = cc_preference(rq, "phone_password");
		admin_issued_add(
				issued, agent->number, cc_t(rq, "Phone sign-in password"), agent->phone_password);
	}
	agent->name = admin_name(rq, agent->family_name, agent->given_name);
	err = make_hashes(rq, agent);
	if (!err)
		err = cc_db_exec(rq->db,
				"INSERT INTO user (tenant_id, username, name, family_name, given_name, kind, "
				"role_id, password_hash, password_due, mobile, email, sex, note, hide_numbers, "
				"language, created_at, updated_at) "
				"VALUES ({tenant}, ?, ?, ?, ?, 'agent', ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)",
				agent->number, agent->name, agent->family_name, agent->given_name, agent->role,
				hash, agent->mobile, agent->email, agent->sex, agent->note, agent->hide_numbers,
				rq->language, rq->now_ms, rq->now_ms);
	if (!err)
		agent->user_id = cc_sprintf(rq->arena, "%" PRId64, cc_db_insert_id(rq->db));
	return err;
}

static int set_password(struct cc_request *rq, const char *number, const char *hash)
{
	return cc_db_exec(rq->db,
			"UPDATE user SET password_hash = ?, password_due = 1, updated_at = ? WHERE tenant_id = "
			"{tenant} AND username = ? AND kind = 'agent' AND live = 1",
			hash, rq->now_ms, number);
}

int agent_account_change(struct cc_request *rq, struct agent *agent)
{
	agent->name = admin_name(rq, agent->family_name, agent->given_name);
	int err = make_hashes(rq, agent);
	if (!err)
		err = cc_db_exec(rq->db,
				"UPDATE user SET name = ?, family_name = ?, given_name = ?, role_id = ?, "
				"mobile = ?, email = ?, sex = ?, note = ?, hide_numbers = ?, updated_at = ? "
				"WHERE tenant_id = {tenant} AND username = ? AND kind = 'agent' AND live = 1",
				agent->name, agent->family_name, agent->given_name, agent->role, agent->mobile,
				agent->email, agent->sex, agent->note, agent->hide_numbers, rq->now_ms,
				agent->number);
	if (!err && agent->web_password) {
		const char *hash;
		err = admin_password_make(rq, &agent->web_password, &hash);
		if (!err)
			err = set_password(rq, agent->number, hash);
	}
	return err;
}

static int account_id(struct cc_request *rq, const char *number, int64_t *id)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT id FROM user WHERE tenant_id = {tenant} AND username = ? AND kind = 'agent' "
			"AND live = 1",
			number);
	if (err || !rows.count)
		return err ? err : CC_E_NOENT;
	*id = cc_row_int(&rows.row[0], 0, 0);
	return 0;
}

int agent_password_issued(struct cc_request *rq, const char *number)
{
	int64_t id;
	int err = account_id(rq, number, &id);
	return err ? err : admin_password_issued(rq, id, number);
}
