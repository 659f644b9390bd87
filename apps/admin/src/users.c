/* SPDX-License-Identifier: GPL-2.0-or-later
 * ORG-01, ORG-08, AUTH-05, AUTH-06: accounts of people who are no agents. An account may be given
 * an agent's extension; the agent's own account has none as long. */
#include <stdlib.h>
#include <string.h>
#include "admin.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define MORE                                                                                       \
	(CC_COLUMN_PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_SEARCH | CC_COLUMN_JSON | CC_COLUMN_DETAIL)

#define EXTENSION                                                                                  \
	"(SELECT x.number FROM agent x WHERE x.tenant_id = t.tenant_id AND x.user_id = t.id "          \
	"AND x.live = 1)"
#define EXTENSION_ID                                                                               \
	"(SELECT x.id FROM agent x WHERE x.tenant_id = t.tenant_id AND x.user_id = t.id "              \
	"AND x.live = 1)"

static const char *const kinds[] = {CC_NC("kind", "operator"), CC_NC("kind", "reseller"),
		CC_NC("kind", "admin"), CC_NC("kind", "user"), CC_NC("kind", "agent"), NULL};

static const char *const pictures[] = {"image/png", "image/jpeg", NULL};

static const char *check_username(struct cc_request *rq, const char **value)
{
	const char *name = *value;
	if (name[strspn(name, "0123456789")] == '\0')
		return cc_t(rq, "A name of digits only belongs to an agent.");
	return strpbrk(name, " /\\:\"'<>") ? cc_t(rq, "Without blanks, slashes, colons and quotes.")
									   : NULL;
}

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("username", CC_N("User name"), "t.username", TEXT,
				LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_SORT |
						CC_COLUMN_QUICK,
				.min = 2, .max = 64, .unique = "user_name", .check = check_username,
				.link = "/admin/users/"),
		CC_COLUMN("name", CC_N("Name"), "t.name", TEXT,
				LIST | CC_COLUMN_STORED | CC_COLUMN_QUICK_ANYWHERE),
		CC_COLUMN("family_name", CC_N("Family name"), NULL, TEXT,
				MORE | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK, .max = 40),
		CC_COLUMN("given_name", CC_N("Given name"), NULL, TEXT,
				MORE | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK, .max = 40),
		CC_COLUMN("kind", CC_N("Kind"), "t.kind", CODE, LIST | CC_COLUMN_STORED | CC_COLUMN_FILTER,
				.context = "kind", .codes = kinds),
		CC_COLUMN("role", CC_N("Role"), "r.name", OPTION,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER, .field = "role_id",
				.options = "SELECT id, name FROM role WHERE tenant_id = {tenant} ORDER BY name"),
		CC_COLUMN("state", CC_N("State"), "t.state", CODE,
				LIST | FORM | CC_COLUMN_FILTER | CC_COLUMN_BATCH | CC_COLUMN_REQUIRED,
				.context = "state", .codes = admin_states, .initial = "enabled"),
		CC_COLUMN("password", CC_N("Password"), NULL, PASSWORD, FORM | CC_COLUMN_VIRTUAL,
				.help = CC_N("Empty: as it is; a new one is made up and shown once. It must be "
							 "changed at the next sign-in.")),
		CC_COLUMN("again", CC_N("Password once more"), NULL, PASSWORD, FORM | CC_COLUMN_VIRTUAL),
		CC_COLUMN("extension", CC_N("Extension"), EXTENSION, OPTION,
				LIST | FORM | CC_COLUMN_VIRTUAL, .section = CC_N("Advanced"), .value = EXTENSION_ID,
				.options = "SELECT id, CONCAT(number, ' ', name) FROM agent WHERE tenant_id = "
						   "{tenant} AND live = 1 ORDER BY LENGTH(number), number",
				.help = CC_N("Empty: the account has no extension and cannot call.")),
		CC_COLUMN("mobile", CC_N("Mobile phone"), NULL, PHONE, MORE | FORM, .max = 20),
		CC_COLUMN("email", CC_N("E-mail"), NULL, EMAIL, MORE | FORM),
		CC_COLUMN("sex", CC_N("Sex"), NULL, CODE, MORE | FORM, .context = "sex",
				.codes = admin_sexes, .initial = "unknown"),
		CC_COLUMN("hide_numbers", CC_N("Hide telephone numbers"), NULL, CODE,
				LIST | FORM | CC_COLUMN_BATCH, .context = "hide numbers", .codes = admin_hides,
				.initial = "0",
				.help = CC_N("The role or a call task may hide more. Calling works all the same.")),
		CC_COLUMN("language", CC_N("Language"), NULL, CODE, MORE | FORM, .context = "language",
				.codes = admin_languages, .initial = "zh_CN"),
		CC_COLUMN("avatar", CC_N("Avatar"), NULL, FILE, FORM, .codes = pictures, .max = 200 * 1024,
				.help = CC_N("PNG or JPEG, up to 200 KB.")),
		CC_COLUMN("note", CC_N("Note"), NULL, NOTE, MORE | FORM),
		CC_COLUMN("last_sign_in_at", CC_N("Last sign-in"), "t.last_sign_in_at", TIME, LIST),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, MORE | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, MORE | CC_COLUMN_UPDATED),
		CC_COLUMN("password_hash", CC_N("Password"), NULL, TEXT, CC_COLUMN_STORED),
		CC_COLUMN("password_due", CC_N("Password"), NULL, INT, CC_COLUMN_STORED),
		{.name = NULL},
};

static bool is_own(const struct cc_change *c)
{
	return c->action != CC_CREATE && !c->rq->user->api && c->id == c->rq->user->id;
}

/* The kind follows from the tenant and the role. */
static int set_kind(struct cc_change *c)
{
	struct cc_rows rows;
	bool platform = c->rq->user->tenant == CC_PLATFORM;
	int err = cc_db_query(c->rq->db, &rows,
			"SELECT code FROM role WHERE tenant_id = {tenant} AND id = ?",
			cc_change_new(c, "role"));
	if (err || !rows.count)
		return err ? err : CC_E_NOENT;
	const char *code = cc_row_str(&rows.row[0], 0);
	if (platform)
		cc_change_set(c, "kind", strcmp(code, "reseller") ? "operator" : "reseller");
	else
		cc_change_set(c, "kind", strcmp(code, "admin") ? "user" : "admin");
	return 0;
}

/* A typed password, or a made-up one for a new account. */
static int set_password(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	const char *password = cc_change_new(c, "password"), *hash;
	const char *username = cc_change_new(c, "username");
	bool typed = password && *password;
	if (!typed && c->action == CC_EDIT)
		return 0;
	admin_password_check(c, "password", "again", username);
	int err = admin_password_make(rq, &password, &hash);
	if (err)
		return err == CC_E_RANGE ? 0 : err; /* too long: refused above */
	cc_change_set(c, "password_hash", hash);
	cc_change_set(c, "password_due", "1");
	if (!typed) {
		struct admin_issued *issued =
				admin_issued_new(rq, cc_t(rq, "The account was created"), admin_users.path);
		admin_issued_add(issued, username, cc_t(rq, "Password"), password);
	}
	return 0;
}

static int check(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	bool fits = true;
	const char *state = cc_change_new(c, "state");
	int err = admin_role_check(c, cc_change_old(c, "role"));
	if (!err)
		err = admin_role_check(c, cc_change_new(c, "role"));
	if (!err && c->action == CC_CREATE)
		err = admin_limit_fits(rq, ADMIN_LIMIT_USERS, 1, &fits);
	if (err)
		return err;
	if (!fits)
		return cc_change_refuse(c, NULL,
				cc_sprintf(rq->arena, "%s %s", cc_t(rq, "No more are allowed."),
						admin_limit_text(rq, ADMIN_LIMIT_USERS)));
	if (is_own(c) && state && strcmp(state, "enabled"))
		return cc_change_refuse(c, "state", cc_t(rq, "You cannot disable your own account."));
	if (is_own(c) && cc_change_differs(c, "role"))
		return cc_change_refuse(c, "role", cc_t(rq, "You cannot change your own role."));
	cc_change_set(c, "name",
			admin_name(rq, cc_change_new(c, "family_name"), cc_change_new(c, "given_name")));
	err = set_kind(c);
	return err ? err : set_password(c);
}

/* The extension goes from whoever has it to this account; NULL: back to the agent's own account. */
static int bind_extension(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	const char *agent = cc_change_new(c, "extension");
	struct cc_rows rows;
	int err = cc_db_exec(rq->db,
			"UPDATE agent a JOIN user u ON u.tenant_id = a.tenant_id AND u.username = a.number "
			"AND u.kind = 'agent' AND u.live = 1 SET a.user_id = u.id "
			"WHERE a.tenant_id = {tenant} AND a.user_id = ? AND a.live = 1",
			c->id);
	if (err || !agent || !*agent)
		return err;
	err = cc_db_query(rq->db, &rows,
			"SELECT u.username FROM agent a JOIN user u ON u.tenant_id = a.tenant_id "
			"AND u.id = a.user_id WHERE a.tenant_id = {tenant} AND a.id = ? AND u.kind <> 'agent'",
			agent);
	if (!err && rows.count)
		return cc_change_refuse(c, "extension",
				cc_sprintf(rq->arena, "%s %s", cc_t(rq, "This extension belongs to the account"),
						cc_row_str(&rows.row[0], 0)));
	if (!err)
		err = cc_db_exec(rq->db,
				"UPDATE agent SET user_id = ? WHERE tenant_id = {tenant} AND id = ?", c->id, agent);
	return err;
}

static int saved(struct cc_change *c)
{
	int err = cc_change_differs(c, "extension") ? bind_extension(c) : 0;
	if (!err && c->action == CC_EDIT && cc_change_differs(c, "password"))
		err = admin_password_issued(c->rq, c->id, cc_change_new(c, "username"));
	if (!err && c->action == CC_EDIT && strcmp(cc_change_new(c, "state"), "enabled"))
		err = cc_session_end_all(c->rq, c->id, false);
	return err;
}

static int deleting(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	if (is_own(c))
		return cc_change_refuse(c, NULL, cc_t(rq, "You cannot delete your own account."));
	int err = admin_role_check(c, cc_change_old(c, "role"));
	cc_change_set(c, "extension", NULL);
	if (!err)
		err = bind_extension(c);
	if (!err)
		err = cc_session_end_all(rq, c->id, false);
	return err;
}

/* ---- buttons ---- */

static int log_in_as(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	return admin_log_in_as(rq, rq->user->tenant, strtoll(key, NULL, 10));
}

static int reset_password(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	return admin_password_reset(rq, strtoll(key, NULL, 10), cc_t(rq, "Password"), r->path);
}

static const struct cc_action buttons[] = {
		ADMIN_ACCOUNT_BUTTONS("t.id <> {user}", log_in_as, reset_password)};

static const struct cc_use uses[] = {
		{CC_NC("use", "Departments managed"),
				"SELECT d.name FROM department_manager m JOIN department d ON d.tenant_id = "
				"m.tenant_id AND d.id = m.department_id WHERE m.tenant_id = {tenant} "
				"AND m.user_id = ?"},
		{NULL, NULL},
};

static const char *summary(struct cc_request *rq)
{
	return admin_limit_text(rq, ADMIN_LIMIT_USERS);
}

const struct cc_resource admin_users = {
		.name = "accounts",
		.title = CC_N("Accounts"),
		.thing = CC_N("Account"),
		.path = "/admin/users",
		.permission = "admin.user",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "user",
		.from = "user t JOIN role r ON r.tenant_id = t.tenant_id AND r.id = t.role_id",
		.where = "t.tenant_id = {tenant} AND t.live = 1 AND t.kind <> 'agent'",
		.live = "live",
		.own = "t.id = {user}",
		.group = "t.id = {user}",
		.columns = columns,
		.uses = uses,
		.buttons = buttons,
		.summary = summary,
		.check = check,
		.saved = saved,
		.deleting = deleting,
};
