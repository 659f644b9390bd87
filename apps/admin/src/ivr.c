/* SPDX-License-Identifier: GPL-2.0-or-later
 * TEL-14, TEL-16: menus that callers go through by keys, announcements that go on to a target, and
 * the keys of menus. Both are rows of one table: whatever leads to a menu leads to an announcement
 * too. ivr_picture.c draws them. */
#include <stdio.h>
#include <string.h>
#include "admin.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define VIRTUAL (CC_COLUMN_FORM | CC_COLUMN_VIRTUAL)
#define MORE (CC_COLUMN_PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_SEARCH | CC_COLUMN_JSON)
#define OPTION_OF (MORE | FORM | CC_COLUMN_BATCH)

#define PROMPTS 5 /* fields of the form; the engine knows CC_IVR_PROMPTS */

/* ---- columns of both ---- */

#define NUMBER(path_)                                                                              \
	CC_COLUMN("number", CC_N("Internal number"), "t.number", TEXT,                                 \
			LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_SORT | CC_COLUMN_QUICK, \
			.min = 2, .max = 8, .unique = "ivr_number", .check = admin_group_number_check,         \
			.link = path_, .help = CC_N("Agents reach it by dialling. It cannot be changed."))
#define NAME(label_)                                                                               \
	CC_COLUMN("name", label_, "t.name", TEXT,                                                      \
			LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_SORT | CC_COLUMN_QUICK_ANYWHERE,          \
			.max = 64)
#define KIND                                                                                       \
	CC_COLUMN("kind", CC_N("Kind"), "t.kind", CODE, CC_COLUMN_STORED, .context = "ivr kind",       \
			.codes = kinds)
#define PROMPT_LIST                                                                                \
	CC_COLUMN("prompts", CC_N("Prompts"),                                                          \
			"(SELECT GROUP_CONCAT(p.prompt ORDER BY p.position SEPARATOR ', ') FROM ivr_prompt p " \
			"WHERE p.tenant_id = t.tenant_id AND p.ivr_id = t.id)",                                \
			TEXT, CC_COLUMN_PAGE | CC_COLUMN_JSON)
#define PROMPT_VALUE(column, place)                                                                \
	"(SELECT p." column " FROM ivr_prompt p WHERE p.tenant_id = t.tenant_id AND p.ivr_id = t.id "  \
	"AND p.position = " place ")"
#define PROMPT(place, label_, ...)                                                                 \
	CC_COLUMN("prompt" place, label_, NULL, CHOICE, VIRTUAL,                                       \
			.value = "COALESCE(" PROMPT_VALUE("prompt", place) ", '')",                            \
			.choices = admin_prompt_choices, __VA_ARGS__)
#define GAP(place)                                                                                 \
	CC_COLUMN("gap" place, CC_N("Silence after it (seconds)"), NULL, INT, VIRTUAL, .min = 0,       \
			.max = 20, .initial = "0", .value = "COALESCE(" PROMPT_VALUE("gap_s", place) ", 0)")
#define PROMPT_FIELDS                                                                              \
	PROMPT("1", CC_N("First prompt"), .section = CC_N("What is said")), GAP("1"),                  \
			PROMPT("2", CC_N("Second prompt")), GAP("2"), PROMPT("3", CC_N("Third prompt")),       \
			GAP("3"), PROMPT("4", CC_N("Fourth prompt")), GAP("4"),                                \
			PROMPT("5", CC_N("Fifth prompt"))
#define SECONDS(name_, label_, min_, max_, initial_, ...)                                          \
	CC_COLUMN(name_, label_, "t." name_, INT, OPTION_OF | CC_COLUMN_REQUIRED, .min = min_,         \
			.max = max_, .initial = initial_, __VA_ARGS__)
/* A target: what is chosen, a number outside, the two columns that it is stored in. */
#define TARGET(name_, label_, ...)                                                                 \
	CC_COLUMN(name_, label_, NULL, CHOICE, VIRTUAL | CC_COLUMN_BATCH, .initial = "hangup:",        \
			.value = ADMIN_TARGET_VALUE("t." name_ "_kind", "t." name_ "_target"),                 \
			.choices = admin_ivr_target_choices, __VA_ARGS__),                                     \
			CC_COLUMN(name_ "_number", CC_N("Number outside"), NULL, TEXT,                         \
					VIRTUAL | CC_COLUMN_BATCH, .max = 32,                                          \
					.value = ADMIN_OUTSIDE_VALUE("t." name_ "_kind", "t." name_ "_target"),        \
					.check = admin_number_check, .help = ADMIN_OUTSIDE_HELP),                      \
			CC_COLUMN(name_ "_kind", label_, "t." name_ "_kind", CODE, MORE | CC_COLUMN_STORED,    \
					.context = "target", .codes = admin_target_kinds),                             \
			CC_COLUMN(name_ "_target", CC_N("Which"),                                              \
					ADMIN_TARGET_TEXT("t", name_ "_kind", name_ "_target"), TEXT,                  \
					MORE | CC_COLUMN_STORED)
#define TIMES                                                                                      \
	CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, MORE | CC_COLUMN_CREATED),                \
			CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, MORE | CC_COLUMN_UPDATED),        \
	{                                                                                              \
		.name = NULL                                                                               \
	}

static const char *const kinds[] = {
		CC_NC("ivr kind", "menu"), CC_NC("ivr kind", "announcement"), NULL};

/* ---- menus ---- */

/* Keys and where they lead. */
#define KEYS ADMIN_KEYS("ivr_key", "digits", "ivr_id")

static const struct cc_column menu_columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		NUMBER("/admin/ivrs/"),
		NAME(CC_N("Menu name")),
		KIND,
		PROMPT_LIST,
		CC_COLUMN("keys", CC_N("Keys and where they lead"), KEYS, CUSTOM,
				CC_COLUMN_PAGE | CC_COLUMN_JSON | VIRTUAL | CC_COLUMN_SHOWN,
				.text = admin_keys_text, .json = admin_keys_json,
				.value = "COALESCE(" KEYS ", '-')", .link = "/admin/ivr-keys?menu="),
		PROMPT_FIELDS,
		CC_COLUMN("repeats", CC_N("Said again"), "t.repeats", INT, OPTION_OF | CC_COLUMN_REQUIRED,
				.min = 0, .max = 20, .initial = "2",
				.help = CC_N("So often, when no key comes. 0: said once only.")),
		SECONDS("start_s", CC_N("Silence before (seconds)"), 0, 20, "0",
				.help = CC_N("When a caller comes to the menu first, so that he hears its first "
							 "words.")),
		CC_COLUMN("dial_agents", CC_N("Callers may dial agents"), "t.dial_agents", BOOL,
				LIST | FORM | CC_COLUMN_BATCH, .section = CC_N("What is pressed"),
				.help = CC_N("By their numbers, unless these are longer than the longest input.")),
		CC_COLUMN("max_keys", CC_N("Longest input (keys)"), "t.max_keys", INT,
				OPTION_OF | CC_COLUMN_REQUIRED, .min = 0, .max = 20, .initial = "0",
				.help = CC_N("It is over with so many. 0: no limit.")),
		SECONDS("key_timeout_s", CC_N("Longest pause between keys (seconds)"), 1, 60, "3",
				.help = CC_N("An input that nothing longer begins with is over at once.")),
		SECONDS("timeout_s", CC_N("Wait for the first key (seconds)"), 0, 300, "5",
				.help = CC_N("From the end of the prompts on."), .section = CC_N("No key comes")),
		CC_COLUMN("timeout_prompt", CC_N("Prompt before they are said again"), "t.timeout_prompt",
				CHOICE, OPTION_OF, .choices = admin_prompt_choices),
		TARGET("timeout", CC_N("After the last time to")),
		CC_COLUMN("no_match_prompt", CC_N("Prompt after a wrong input"), "t.no_match_prompt",
				CHOICE, OPTION_OF, .choices = admin_prompt_choices,
				.section = CC_N("The input leads nowhere")),
		CC_COLUMN("tries", CC_N("Wrong inputs at most"), "t.tries", INT,
				OPTION_OF | CC_COLUMN_REQUIRED, .min = 1, .max = 20, .initial = "3"),
		TARGET("no_match", CC_N("After the last of them to")),
		CC_COLUMN("prefix_number", CC_N("Before the caller's number"), "t.prefix_number", TEXT,
				OPTION_OF, .max = 16, .check = admin_prefix_check,
				.section = CC_N("Prefix on agents' phones"),
				.help = CC_N("Of callers who come through this menu.")),
		CC_COLUMN("prefix_name", CC_N("Before the caller's name"), "t.prefix_name", TEXT, OPTION_OF,
				.max = 32),
		TIMES,
};

/* ---- announcements ---- */

static const struct cc_column announcement_columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		NUMBER("/admin/voice-announcements/"),
		NAME(CC_N("Announcement name")),
		KIND,
		PROMPT_LIST,
		CC_COLUMN("skip", CC_N("Any key skips it"), "t.skip", BOOL, LIST | FORM | CC_COLUMN_BATCH),
		PROMPT_FIELDS,
		TARGET("timeout", CC_N("Then to"), .section = CC_N("Afterwards")),
		TIMES,
};

/* ---- both ---- */

static int check(struct cc_change *c, const char *kind)
{
	const char *taken = NULL;
	int err = admin_target_store(c, "timeout", "timeout_number", "timeout_kind", "timeout_target");
	if (err || c->action != CC_CREATE)
		return err;
	cc_change_set(c, "kind", kind);
	err = admin_inside_taken(c->rq, cc_change_new(c, "number"), &taken);
	return err || !taken ? err : cc_change_refuse(c, "number", taken);
}

static int menu_check(struct cc_change *c)
{
	int err = admin_target_store(
			c, "no_match", "no_match_number", "no_match_kind", "no_match_target");
	return err ? err : check(c, "menu");
}

static int announcement_check(struct cc_change *c)
{
	return check(c, "announcement");
}

/* The prompts that were chosen move up to the first places. */
static int saved(struct cc_change *c)
{
	bool differs = c->action == CC_CREATE;
	int place = 0;
	char prompt[16], gap[16];
	for (int i = 1; i <= PROMPTS; i++) {
		snprintf(prompt, sizeof prompt, "prompt%d", i);
		snprintf(gap, sizeof gap, "gap%d", i);
		differs = differs || cc_change_differs(c, prompt) ||
				  (i < PROMPTS && cc_change_differs(c, gap));
	}
	int err = differs ? cc_db_exec(c->rq->db,
								"DELETE FROM ivr_prompt WHERE tenant_id = {tenant} AND ivr_id = ?",
								c->id)
					  : 0;
	for (int i = 1; differs && i <= PROMPTS && !err; i++) {
		snprintf(prompt, sizeof prompt, "prompt%d", i);
		snprintf(gap, sizeof gap, "gap%d", i);
		const char *name = cc_change_new(c, prompt);
		if (name && *name)
			err = cc_db_exec(c->rq->db,
					"INSERT INTO ivr_prompt (tenant_id, ivr_id, position, prompt, gap_s) VALUES "
					"({tenant}, ?, ?, ?, ?)",
					c->id, ++place, name, i < PROMPTS ? cc_change_new_int(c, gap, 0) : 0);
	}
	return err ? err : admin_changed(c->rq);
}

static int deleting(struct cc_change *c)
{
	int err = cc_db_exec(
			c->rq->db, "DELETE FROM ivr_prompt WHERE tenant_id = {tenant} AND ivr_id = ?", c->id);
	if (!err)
		err = cc_db_exec(
				c->rq->db, "DELETE FROM ivr_key WHERE tenant_id = {tenant} AND ivr_id = ?", c->id);
	return err ? err : admin_changed(c->rq);
}

static const struct cc_use uses[] = {
		ADMIN_TARGET_USES("ivr", "ivr"),
		{NULL, NULL},
};

static const struct cc_menu menu_tools[] = {
		{"/admin/ivr-picture", CC_NC("menu", "Picture"), "admin.ivr.list", 0},
		{"/admin/ivr-keys", CC_NC("menu", "Keys of menus"), "admin.ivr_key.list", 0},
		{"/admin/voice-announcements", CC_NC("menu", "Voice announcements"),
				"admin.voice_announcement.list", 0},
		{NULL, NULL, NULL, 0},
};

const struct cc_resource admin_ivrs = {
		.name = "ivrs",
		.title = CC_N("IVR menus"),
		.thing = CC_N("IVR menu"),
		.path = "/admin/ivrs",
		.permission = "admin.ivr",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "ivr",
		.where = "t.tenant_id = {tenant} AND t.kind = 'menu'",
		.columns = menu_columns,
		.tools = menu_tools,
		.note = CC_N("What callers hear and press before somebody answers. A change is in force "
					 "with the next key."),
		.uses = uses,
		.check = menu_check,
		.saved = saved,
		.deleting = deleting,
		.committed = admin_reload,
};

static const struct cc_menu announcement_tools[] = {
		{"/admin/ivrs", CC_NC("menu", "IVR menus"), "admin.ivr.list", 0},
		{NULL, NULL, NULL, 0},
};

const struct cc_resource admin_voice_announcements = {
		.name = "voice-announcements",
		.title = CC_N("Voice announcements"),
		.thing = CC_N("Voice announcement"),
		.path = "/admin/voice-announcements",
		.permission = "admin.voice_announcement",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "ivr",
		.where = "t.tenant_id = {tenant} AND t.kind = 'announcement'",
		.columns = announcement_columns,
		.tools = announcement_tools,
		.note = CC_N("Says its prompts one after the other, then the call goes on."),
		.uses = uses,
		.check = announcement_check,
		.saved = saved,
		.deleting = deleting,
		.committed = admin_reload,
};

/* ---- keys ---- */

static const char *check_digits(struct cc_request *rq, const char **value)
{
	return (*value)[strspn(*value, "0123456789*#")] ? cc_t(rq, "Digits, * and # only.") : NULL;
}

static const struct cc_column key_columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("menu", CC_N("IVR menu"), "CONCAT(m.number, ' ', m.name)", OPTION,
				LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER,
				.field = "ivr_id",
				.options = "SELECT id, CONCAT(number, ' ', name) FROM ivr WHERE tenant_id = "
						   "{tenant} AND kind = 'menu' ORDER BY number",
				.link = "/admin/ivr-keys/"),
		CC_COLUMN("digits", CC_N("Input"), "t.digits", TEXT, LIST | FORM | CC_COLUMN_REQUIRED,
				.min = 1, .max = 8, .unique = "PRIMARY", .check = check_digits,
				.help = CC_N(
						"A key: 0 to 9, * or #. Or up to eight of them, one after the other.")),
		CC_COLUMN("target_kind", CC_N("Leads to"), "t.target_kind", CODE,
				LIST | CC_COLUMN_STORED | CC_COLUMN_FILTER, .context = "target",
				.codes = admin_target_kinds),
		CC_COLUMN("target", CC_N("Which"), ADMIN_TARGET_TEXT("t", "target_kind", "target"), TEXT,
				LIST | CC_COLUMN_STORED),
		CC_COLUMN("to", CC_N("Leads to"), NULL, CHOICE,
				VIRTUAL | CC_COLUMN_BATCH | CC_COLUMN_REQUIRED,
				.value = ADMIN_TARGET_VALUE("t.target_kind", "t.target"),
				.choices = admin_ivr_target_choices),
		CC_COLUMN("to_number", CC_N("Number outside"), NULL, TEXT, VIRTUAL | CC_COLUMN_BATCH,
				.max = 32, .value = ADMIN_OUTSIDE_VALUE("t.target_kind", "t.target"),
				.check = admin_number_check, .help = ADMIN_OUTSIDE_HELP),
		{.name = NULL},
};

static int key_check(struct cc_change *c)
{
	return admin_target_store(c, "to", "to_number", "target_kind", "target");
}

static int key_changed(struct cc_change *c)
{
	return admin_changed(c->rq);
}

static const struct cc_menu key_tools[] = {
		{"/admin/ivrs", CC_NC("menu", "IVR menus"), "admin.ivr.list", 0},
		{"/admin/ivr-picture", CC_NC("menu", "Picture"), "admin.ivr.list", 0},
		{NULL, NULL, NULL, 0},
};

const struct cc_resource admin_ivr_keys = {
		.name = "ivr-keys",
		.title = CC_N("Keys of menus"),
		.thing = CC_N("Key of a menu"),
		.path = "/admin/ivr-keys",
		.permission = "admin.ivr_key",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "ivr_key",
		.from = "ivr_key t JOIN ivr m ON m.tenant_id = t.tenant_id AND m.id = t.ivr_id AND m.kind "
				"= 'menu'",
		.columns = key_columns,
		.tools = key_tools,
		.check = key_check,
		.saved = key_changed,
		.deleting = key_changed,
		.committed = admin_reload,
};
