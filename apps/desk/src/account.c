/* SPDX-License-Identifier: GPL-2.0-or-later
 * ORG-08: what people change of their own account: a thing of which each sees only the own one.
 * Names, roles and extensions are the administrators' (apps/admin). */
#include "desk.h"

#define OWN CC_COLUMN_FORM
#define SHOWN (CC_COLUMN_FORM | CC_COLUMN_VIRTUAL | CC_COLUMN_SHOWN)

#define EXTENSION                                                                                  \
	"COALESCE((SELECT x.number FROM agent x WHERE x.tenant_id = t.tenant_id AND x.user_id = t.id " \
	"AND x.live = 1), '-')"

static const char *const pictures[] = {"image/png", "image/jpeg", NULL};
static const char *const sexes[] = {"unknown", "male", "female", NULL};
static const char *const hides[] = {"0", "1", "2", NULL};
static const char *const languages[] = {"zh_CN", "en", NULL};

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON),
		CC_COLUMN("username", CC_N("User name"), NULL, TEXT, CC_COLUMN_ALL | SHOWN,
				.value = "t.username"),
		CC_COLUMN("name", CC_N("Name"), NULL, TEXT, CC_COLUMN_ALL | SHOWN, .value = "t.name"),
		CC_COLUMN("extension", CC_N("Extension"), EXTENSION, TEXT, CC_COLUMN_ALL | SHOWN,
				.value = EXTENSION, .help = CC_N("The administrator binds it and takes it away.")),
		CC_COLUMN("hide_numbers", CC_N("Hide telephone numbers"), NULL, CODE,
				CC_COLUMN_ALL | OWN | CC_COLUMN_READ_ONLY, .context = "hide numbers",
				.codes = hides),
		CC_COLUMN("avatar", CC_N("Avatar"), NULL, FILE, OWN, .codes = pictures, .max = 200 * 1024,
				.help = CC_N("PNG or JPEG, up to 200 KB.")),
		CC_COLUMN("mobile", CC_N("Mobile phone"), NULL, PHONE, CC_COLUMN_ALL | OWN, .max = 20),
		CC_COLUMN("email", CC_N("E-mail"), NULL, EMAIL, CC_COLUMN_ALL | OWN),
		CC_COLUMN("sex", CC_N("Sex"), NULL, CODE, CC_COLUMN_ALL | OWN | CC_COLUMN_REQUIRED,
				.context = "sex", .codes = sexes),
		CC_COLUMN("language", CC_N("Language"), NULL, CODE,
				CC_COLUMN_ALL | OWN | CC_COLUMN_REQUIRED, .context = "language",
				.codes = languages),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, CC_COLUMN_JSON | CC_COLUMN_UPDATED),
		{.name = NULL},
};

const struct cc_resource desk_account = {
		.name = "account",
		.title = CC_N("My account"),
		.path = "/desk/account",
		.permission = "desk.account",
		.actions = CC_EDIT,
		.table = "user",
		.where = "t.tenant_id = {tenant} AND t.id = {user} AND t.live = 1",
		.own = "TRUE",
		.group = "TRUE",
		.columns = columns,
};
