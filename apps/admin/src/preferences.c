/* SPDX-License-Identifier: GPL-2.0-or-later
 * SYS-01: preferences, a form made of the list in contract/preferences.def. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include "admin.h"
#include "cc/dial.h"
#include "cc/auth.h"
#include "cc/input.h"
#include "cc/preference.h"

#define PREFERENCES_MAX 100
#define ADDRESSES_MAX 10000 /* characters of a list */

static const char *const zones[] = {"Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Tokyo",
		"Asia/Seoul", "Asia/Singapore", "Asia/Bangkok", "Asia/Kolkata", "Asia/Dubai",
		"Europe/Moscow", "Europe/Berlin", "Europe/London", "America/New_York", "America/Chicago",
		"America/Denver", "America/Los_Angeles", "Australia/Sydney", "UTC", NULL};

static const char *const prompt_languages[] = {CC_NC("prompt_language", "zh"),
		CC_NC("prompt_language", "ja"), CC_NC("prompt_language", "en"), NULL};

/* Those of which there is a list that code makes. */
static const struct chooser
{
	const char *name;
	int (*choices)(struct cc_request *rq, struct cc_choices *list);
} choosers[] = {
		{"hold_music", admin_music_choices},
		{"voicemail_greeting", admin_prompt_choices},
		{"provisioning_template", admin_phone_template_choices},
		{"default_package", admin_package_choices},
		{"outbound_profile", admin_profile_choices},
		{"caller_id", cc_caller_id_choices},
};

static const struct chooser *chooser_of(const struct cc_preference *p)
{
	for (size_t i = 0; i < sizeof choosers / sizeof *choosers; i++)
		if (!strcmp(choosers[i].name, p->name))
			return &choosers[i];
	return NULL;
}

struct form
{
	struct cc_request *rq;
	const char *tenant[4]; /* timezone, prompt_language, country, area_code */
	const char *package;
	const char *value[PREFERENCES_MAX], *why[PREFERENCES_MAX];
	bool faults;
};

static const char *const tenant_columns[] = {"timezone", "prompt_language", "country", "area_code"};

static bool is_tenants(const struct cc_preference *p)
{
	return p->kind == CC_PREFERENCE_TENANT_ZONE || p->kind == CC_PREFERENCE_TENANT_PROMPTS ||
		   p->kind == CC_PREFERENCE_TENANT_DIGITS;
}

static int tenant_column(const struct cc_preference *p)
{
	int i = 0;
	while (strcmp(tenant_columns[i], p->name))
		i++;
	return i;
}

static int load(struct cc_request *rq, struct form *f)
{
	struct cc_rows rows;
	*f = (struct form){.rq = rq};
	int err = cc_db_query(rq->db, &rows,
			"SELECT timezone, prompt_language, country, area_code FROM tenant WHERE id = {tenant}");
	if (err || !rows.count)
		return err ? err : CC_E_NOENT;
	for (size_t i = 0; i < 4; i++)
		f->tenant[i] = cc_row_str(&rows.row[0], i);
	err = cc_db_query(rq->db, &rows,
			"SELECT id FROM customer_package WHERE tenant_id = {tenant} AND standard = 1");
	if (err)
		return err;
	f->package = rows.count ? cc_row_str(&rows.row[0], 0) : "";
	for (size_t i = 0; cc_preferences[i].name; i++) {
		const struct cc_preference *p = &cc_preferences[i];
		f->value[i] = is_tenants(p)                      ? f->tenant[tenant_column(p)]
					  : p->kind == CC_PREFERENCE_PACKAGE ? f->package
														 : cc_preference(rq, p->name);
	}
	return 0;
}

/* ---- the page ---- */

static void add_options(
		struct form *f, const struct cc_preference *p, const char *chosen, struct cc_value *list)
{
	struct cc_request *rq = f->rq;
	bool found = false;
	if (p->kind == CC_PREFERENCE_TENANT_ZONE) {
		for (const char *const *zone = zones; *zone; zone++) {
			cc_input_choice(rq, list, *zone, *zone, !strcmp(*zone, chosen));
			found |= !strcmp(*zone, chosen);
		}
		if (!found)
			cc_input_choice(rq, list, chosen, chosen, true);
		return;
	}
	if (p->kind == CC_PREFERENCE_TENANT_PROMPTS) {
		for (const char *const *l = prompt_languages; *l; l++) {
			const char *value = *l;
			if (!cc_preference_check(rq, p, &value) || !strcmp(*l, chosen))
				cc_input_choice(
						rq, list, *l, cc_tc(rq, "prompt_language", *l), !strcmp(*l, chosen));
		}
		return;
	}
	for (const char *word = p->range; *word; word += strspn(word, " ")) {
		size_t len = strcspn(word, " ");
		const char *value = cc_strndup(rq->arena, word, len);
		cc_input_choice(rq, list, value,
				p->kind == CC_PREFERENCE_CHOICE ? cc_tc(rq, p->name, value) : value,
				!strcmp(value, chosen));
		word += len;
	}
}

static int add_field(struct form *f, size_t i, struct cc_value *list)
{
	struct cc_request *rq = f->rq;
	const struct cc_preference *p = &cc_preferences[i];
	enum cc_preference_kind k = p->kind;
	const struct chooser *chooser = chooser_of(p);
	bool first = !i || strcmp(p->section, cc_preferences[i - 1].section);
	bool choice = k == CC_PREFERENCE_CHOICE || k == CC_PREFERENCE_FORMAT ||
				  k == CC_PREFERENCE_TENANT_ZONE || k == CC_PREFERENCE_TENANT_PROMPTS || chooser;
	bool number = k == CC_PREFERENCE_INT, note = k == CC_PREFERENCE_ADDRESSES;
	char *end;
	long low = strtol(p->range, &end, 10), high = strtol(end, NULL, 10);
	struct cc_value *choices = cc_input_add(rq, list,
			&(struct cc_input){
					.kind = choice                    ? CC_INPUT_SELECT
							: k == CC_PREFERENCE_BOOL ? CC_INPUT_BOOL
							: note                    ? CC_INPUT_NOTE
													  : CC_INPUT_LINE,
					.name = p->name,
					.label = cc_tc(rq, "preference", p->label),
					.help = *p->help ? cc_tc(rq, "preference", p->help) : NULL,
					.section = first ? cc_tc(rq, "preference", p->section) : NULL,
					.why = f->why[i],
					.value = f->value[i],
					.type = number ? "number" : "text",
					.min = number ? low : 0,
					.max = note     ? ADDRESSES_MAX
						   : number ? high
									: low,
			});
	bool known;
	if (chooser)
		return cc_input_choices(rq, choices, chooser->choices, f->value[i], &known);
	if (choice)
		add_options(f, p, f->value[i], choices);
	return 0;
}

static int show(struct form *f)
{
	struct cc_request *rq = f->rq;
	struct cc_arena *a = rq->arena;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Preferences"));
	cc_value_str(a, page, "action", "/admin/preferences");
	cc_value_bool(a, page, "saved", cc_query(rq, "saved") && !f->faults);
	cc_value_str(a, page, "note", NULL);
	cc_value_bool(a, page, "faults", f->faults);
	cc_value_bool(a, page, "may_edit", cc_can(rq, "admin.preference.edit"));
	struct cc_value *list = cc_value_add(a, page, "fields", CC_VALUE_LIST);
	int err = 0;
	for (size_t i = 0; cc_preferences[i].name && !err; i++)
		err = add_field(f, i, list);
	return err ? err : cc_page_send(rq, "admin/single", page);
}

int admin_preferences_form(struct cc_request *rq)
{
	struct form f;
	int err = load(rq, &f);
	return err ? err : show(&f);
}

/* ---- saving ---- */

struct audit
{
	const struct form *before, *after;
};

static void audit_write(struct cc_jsonw *w, void *ctx)
{
	const struct audit *a = ctx;
	cc_jsonw_object(w, NULL);
	for (size_t i = 0; cc_preferences[i].name; i++) {
		if (!strcmp(a->before->value[i], a->after->value[i]))
			continue;
		bool secret = !strcmp(cc_preferences[i].name, "phone_password");
		cc_jsonw_array(w, cc_preferences[i].name);
		cc_jsonw_str(w, NULL, secret ? "***" : a->before->value[i]);
		cc_jsonw_str(w, NULL, secret ? "***" : a->after->value[i]);
		cc_jsonw_close_array(w);
	}
	cc_jsonw_close_object(w);
}

static int save_tenant(struct form *f)
{
	const char *value[4];
	memcpy(value, f->tenant, sizeof value);
	for (size_t i = 0; cc_preferences[i].name; i++)
		if (is_tenants(&cc_preferences[i]))
			value[tenant_column(&cc_preferences[i])] = f->value[i];
	int err = cc_db_exec(f->rq->db,
			"UPDATE tenant SET timezone = ?, prompt_language = ?, country = ?, area_code = ?, "
			"updated_at = ? WHERE id = {tenant}",
			value[0], value[1], value[2], value[3], f->rq->now_ms);
	return err;
}

/* Names of people are kept as they are shown: as admin_name makes them. */
static int names_renew(struct cc_request *rq, const char *format)
{
	int err = cc_db_exec(rq->db,
			"UPDATE user SET name = IF(?, CONCAT(family_name, IF(family_name <> '' AND given_name "
			"<> '' AND (LENGTH(family_name) = CHAR_LENGTH(family_name) OR LENGTH(given_name) = "
			"CHAR_LENGTH(given_name)), ' ', ''), given_name), CONCAT(given_name, IF(family_name "
			"<> '' AND given_name <> '' AND (LENGTH(family_name) = CHAR_LENGTH(family_name) OR "
			"LENGTH(given_name) = CHAR_LENGTH(given_name)), ' ', ''), family_name)) WHERE "
			"tenant_id = {tenant} AND live = 1 AND family_name <> ''",
			!strcmp(format, "family_first"));
	if (!err)
		err = cc_db_exec(rq->db,
				"UPDATE agent a JOIN user u ON u.tenant_id = a.tenant_id AND u.username = "
				"a.number AND u.kind = 'agent' AND u.live = 1 SET a.name = u.name WHERE "
				"a.tenant_id = {tenant} AND a.live = 1");
	return err;
}

static int save(struct form *before, struct form *after)
{
	struct cc_request *rq = after->rq;
	struct audit audit = {before, after};
	bool tenant = false, changed = false;
	int err = 0;
	for (size_t i = 0; cc_preferences[i].name && !err; i++) {
		const struct cc_preference *p = &cc_preferences[i];
		if (!strcmp(before->value[i], after->value[i]))
			continue;
		changed = true;
		if (is_tenants(p))
			tenant = true;
		else if (p->kind == CC_PREFERENCE_PACKAGE)
			err = cc_db_exec(rq->db,
					"UPDATE customer_package SET standard = (id = ?) WHERE tenant_id = {tenant} "
					"AND (standard = 1 OR id = ?)",
					after->value[i], after->value[i]);
		else
			err = cc_db_exec(rq->db,
					"REPLACE INTO preference (tenant_id, name, value) VALUES ({tenant}, ?, ?)",
					p->name, after->value[i]);
		if (!err && !strcmp(p->name, "name_format"))
			err = names_renew(rq, after->value[i]);
	}
	if (!err && tenant)
		err = save_tenant(after);
	if (!err && changed) /* the call engine reads some of them */
		err = admin_changed(rq);
	if (err)
		return err;
	cc_audit(rq, "admin.preference.edit", "preferences",
			cc_json_text(rq->arena, audit_write, &audit));
	if (changed)
		cc_defer(rq, admin_reload, NULL, false);
	cc_redirect(rq, "/admin/preferences?saved=1");
	return 0;
}

static size_t place_of(const char *name)
{
	size_t i = 0;
	while (cc_preferences[i].name && strcmp(cc_preferences[i].name, name))
		i++;
	return i;
}

/* An amount could not be read back otherwise. */
static void check_separators(struct form *f)
{
	size_t point = place_of("decimal_separator"), group = place_of("thousands_separator");
	if (f->why[point] || f->why[group] || strcmp(f->value[point], f->value[group]))
		return;
	f->why[group] = cc_t(f->rq, "This is the decimal separator already.");
	f->faults = true;
}

int admin_preferences(struct cc_request *rq)
{
	struct form before, after;
	int err = load(rq, &before);
	if (err)
		return err;
	after = before;
	for (size_t i = 0; cc_preferences[i].name; i++) {
		const char *value = cc_form_last(rq, cc_preferences[i].name);
		if (!value || !strcmp(value, before.value[i]))
			continue;
		after.value[i] = value;
		after.why[i] = cc_preference_check(rq, &cc_preferences[i], &after.value[i]);
		const struct chooser *chooser = chooser_of(&cc_preferences[i]);
		bool known = true;
		if (chooser && !after.why[i])
			err = cc_input_choices(rq, NULL, chooser->choices, value, &known);
		if (err)
			return err;
		if (!known)
			after.why[i] = cc_t(rq, "this value is not valid.");
		after.faults |= after.why[i] != NULL;
	}
	/* nobody shuts the door behind themselves */
	size_t own = place_of("web_addresses");
	if (!after.why[own] && !cc_auth_address_allowed(after.value[own], rq->address)) {
		after.why[own] = cc_sprintf(
				rq->arena, "%s %s", cc_t(rq, "Your own address is not in the list:"), rq->address);
		after.faults = true;
	}
	check_separators(&after);
	if (after.faults) {
		cc_status(rq, 400);
		return show(&after);
	}
	return save(&before, &after);
}
