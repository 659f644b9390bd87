/* SPDX-License-Identifier: GPL-2.0-or-later
 * What accounts and agents share: passwords, names, roles, logging in as somebody. */
#include <stdlib.h>
#include <string.h>
#include "admin.h"
#include "cc/auth.h"
#include "cc/preference.h"

const char *const admin_states[] = {CC_NC("state", "enabled"), CC_NC("state", "disabled"), NULL};
const char *const admin_hides[] = {
		CC_NC("hide numbers", "0"), CC_NC("hide numbers", "1"), CC_NC("hide numbers", "2"), NULL};
const char *const admin_sexes[] = {
		CC_NC("sex", "unknown"), CC_NC("sex", "male"), CC_NC("sex", "female"), NULL};
const char *const admin_languages[] = {CC_NC("language", "zh_CN"), CC_NC("language", "en"), NULL};

int admin_password_make(struct cc_request *rq, const char **password, const char **hash)
{
	char made[CC_AUTH_ISSUED + 1];
	char *text = cc_alloc(rq->arena, CC_AUTH_PASSWORD);
	if (!*password || !**password) {
		cc_auth_password_new(made);
		*password = cc_strdup(rq->arena, made);
	}
	int err = cc_auth_password_hash(*password, text);
	if (!err)
		*hash = text;
	return err;
}

int admin_password_issued(struct cc_request *rq, int64_t user, const char *username)
{
	int err = cc_session_end_all(rq, user, false);
	if (!err)
		err = cc_db_exec(rq->db,
				"DELETE FROM sign_in_failure {any} WHERE tenant_code = ? AND username = ?",
				rq->user->tenant_code, username);
	return err;
}

int admin_password_reset(struct cc_request *rq, int64_t user, const char *what, const char *back)
{
	struct cc_rows rows;
	bool within = true;
	const char *password = NULL, *hash;
	int err = cc_db_query(rq->db, &rows,
			"SELECT username, role_id FROM user WHERE tenant_id = {tenant} AND id = ? AND live = 1",
			user);
	if (err || !rows.count)
		return err ? err : CC_E_NOENT;
	const char *username = cc_row_str(&rows.row[0], 0);
	err = cc_role_is_within(rq, cc_row_int(&rows.row[0], 1, 0), &within);
	if (!err && !within)
		return CC_E_DENIED;
	if (!err)
		err = admin_password_make(rq, &password, &hash);
	if (!err)
		err = cc_db_exec(rq->db,
				"UPDATE user SET password_hash = ?, password_due = 1, updated_at = ? WHERE "
				"tenant_id = {tenant} AND id = ?",
				hash, rq->now_ms, user);
	if (!err)
		err = admin_password_issued(rq, user, username);
	if (!err)
		admin_issued_add(admin_issued_new(rq, cc_t(rq, "The password was reset"), back), username,
				what, password);
	return err;
}

void admin_password_check(
		struct cc_change *c, const char *column, const char *again, const char *username)
{
	const char *password = cc_change_new(c, column), *second = cc_change_new(c, again);
	if (!password || !*password)
		return;
	const char *refusal = cc_password_refusal(c->rq, password, username);
	if (refusal)
		cc_change_refuse(c, column, refusal);
	if (!second || strcmp(password, second))
		cc_change_refuse(c, again, cc_t(c->rq, "The two new passwords differ."));
}

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

const char *admin_name(struct cc_request *rq, const char *family, const char *given)
{
	bool family_first = !strcmp(cc_preference(rq, "name_format"), "family_first");
	/* Chinese names are written without a blank */
	const char *blank = *family && *given && (is_ascii(family) || is_ascii(given)) ? " " : "";
	return family_first ? cc_sprintf(rq->arena, "%s%s%s", family, blank, given)
						: cc_sprintf(rq->arena, "%s%s%s", given, blank, family);
}

int admin_role_check(struct cc_change *c, const char *role)
{
	bool within = true;
	if (!role || !*role)
		return 0;
	int err = cc_role_is_within(c->rq, strtoll(role, NULL, 10), &within);
	if (!err && !within)
		return cc_change_refuse(c, "role",
				cc_t(c->rq, "This role may do more than you may: you cannot give or manage it."));
	return err;
}

int admin_log_in_as(struct cc_request *rq, int64_t tenant, int64_t user)
{
	struct cc_rows rows;
	bool within = true;
	if (rq->user->api)
		return CC_E_DENIED;
	int err = cc_db_query(rq->db, &rows,
			"SELECT u.role_id, u.state, COALESCE(a.state, 'enabled'), t.state FROM user u {any} "
			"JOIN tenant t ON t.id = u.tenant_id LEFT JOIN agent a ON a.tenant_id = u.tenant_id "
			"AND a.user_id = u.id AND a.live = 1 "
			"WHERE u.tenant_id = ? AND u.id = ? AND u.live = 1",
			tenant, user);
	if (err || !rows.count)
		return err ? err : CC_E_NOENT;
	const struct cc_row *row = &rows.row[0];
	if (tenant == rq->user->tenant && user == rq->user->id)
		return cc_error(rq, 409, cc_t(rq, "This is you already."));
	if (rq->user->origin)
		return cc_error(rq, 409,
				cc_t(rq, "You are logged in as somebody else: go back to your own account."));
	if (strcmp(cc_row_str(row, 1), "enabled") || strcmp(cc_row_str(row, 2), "enabled") ||
			strcmp(cc_row_str(row, 3), "active"))
		return cc_error(rq, 409, cc_t(rq, "This account is disabled."));
	/* the platform's operators are above every tenant's roles */
	if (tenant == rq->user->tenant)
		err = cc_role_is_within(rq, cc_row_int(row, 0, 0), &within);
	if (err)
		return err;
	if (!within)
		return cc_error(rq, 403,
				cc_t(rq, "This role may do more than you may: you cannot give or manage it."));
	err = cc_session_become(rq, tenant, user);
	if (!err)
		cc_redirect(rq, "/desk/");
	return err;
}
