/* SPDX-License-Identifier: GPL-2.0-or-later
 * What people choose from instead of typing names: prompts by their text, music, and where a call
 * goes. A target is "<kind>:<what>" in forms, two columns in the database. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin.h"

#define TEXT_SHOWN 48 /* bytes of a prompt's text */

/* Pieces of sentences, and what is only said by itself. */
static bool is_piece(const char *name)
{
	return !strncmp(name, "number_", 7) || !strncmp(name, "wait_", 5) ||
		   !strncmp(name, "position_", 9);
}

/* The text up to the last whole character that fits. */
static const char *shortened(struct cc_request *rq, const char *text)
{
	size_t len = strlen(text);
	if (len <= TEXT_SHOWN)
		return text;
	len = TEXT_SHOWN;
	while (len && ((unsigned char)text[len] & 0xC0) == 0x80)
		len--;
	return cc_sprintf(rq->arena, "%.*s…", (int)len, text);
}

/* The list that the prompts of the tenant's language were spoken from: lines of name, tab, text. */
static int prompts_open(struct cc_request *rq, FILE **f, const char **language)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows, "SELECT prompt_language FROM tenant WHERE id = {tenant}");
	if (err || !rows.count)
		return err;
	*language = cc_row_str(&rows.row[0], 0);
	*f = fopen(cc_sprintf(rq->arena, "%s/prompts/%s.txt",
					   cc_settings_str(rq->settings, "CC_PREFIX"), *language),
			"re");
	return 0;
}

/* prefix: of values. */
static int add_prompts(
		struct cc_request *rq, struct cc_choices *list, const char *prefix, const char *heading)
{
	char *line = NULL;
	size_t cap = 0;
	const char *language = NULL;
	FILE *f = NULL;
	int err = prompts_open(rq, &f, &language);
	if (err)
		return err;
	while (f && getline(&line, &cap, f) > 0) {
		char *text = strchr(line, '\t');
		if (!text)
			continue;
		*text++ = '\0';
		text[strcspn(text, "\r\n")] = '\0';
		if (!is_piece(line))
			cc_choice_add(list, cc_sprintf(rq->arena, "%s%s", prefix, line),
					cc_sprintf(rq->arena, "%s (%s)", shortened(rq, text), line), heading, language);
	}
	free(line);
	if (f)
		fclose(f);
	return 0;
}

int admin_prompt_choices(struct cc_request *rq, struct cc_choices *list)
{
	cc_choice_add(list, "", cc_tc(rq, "prompt", "None"), NULL, NULL);
	return add_prompts(rq, list, "", NULL);
}

const char *admin_prompt_list(struct cc_request *rq)
{
	struct cc_buf list = cc_buf_new(rq->arena);
	char *line = NULL;
	size_t cap = 0;
	const char *language;
	FILE *f = NULL;
	prompts_open(rq, &f, &language);
	while (f && getline(&line, &cap, f) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		cc_buf_printf(&list, "\n%s", line);
	}
	free(line);
	if (f)
		fclose(f);
	return cc_buf_text(&list);
}

const char *admin_prompt_text(struct cc_arena *arena, const char *list, const char *name)
{
	const char *line = strstr(list, cc_sprintf(arena, "\n%s\t", name));
	if (!line)
		return name;
	line = strchr(line, '\t') + 1;
	return cc_strndup(arena, line, strcspn(line, "\n"));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int admin_music_choices(struct cc_request *rq, struct cc_choices *list)
{
	const char *names[100];
	size_t n = 0;
	struct dirent *entry;
	DIR *folder = opendir(
			cc_sprintf(rq->arena, "%s/prompts/music", cc_settings_str(rq->settings, "CC_PREFIX")));
	cc_choice_add(list, "", cc_tc(rq, "prompt", "Silence"), NULL, NULL);
	while (folder && n < sizeof names / sizeof *names && (entry = readdir(folder))) {
		size_t len = strlen(entry->d_name);
		if (len > 4 && !strcmp(entry->d_name + len - 4, ".wav"))
			names[n++] = cc_strndup(rq->arena, entry->d_name, len - 4);
	}
	if (folder)
		closedir(folder);
	if (n)
		qsort(names, n, sizeof *names, by_name);
	for (size_t i = 0; i < n; i++)
		cc_choice_add(list, cc_sprintf(rq->arena, "music/%s", names[i]),
				strcmp(names[i], "hold") ? names[i] : cc_tc(rq, "prompt", "Hold music"), NULL,
				NULL);
	return 0;
}

/* Customer packages that are open. */
int admin_package_choices(struct cc_request *rq, struct cc_choices *list)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT id, name FROM customer_package WHERE tenant_id = {tenant} AND state = 'open' "
			"ORDER BY id");
	for (size_t i = 0; !err && i < rows.count; i++)
		cc_choice_add(list, cc_row_str(&rows.row[i], 0), cc_row_str(&rows.row[i], 1), NULL, NULL);
	return err;
}

/* ---- targets ---- */

static void add_rows(struct cc_choices *list, const struct cc_rows *rows, const char *heading)
{
	for (size_t i = 0; i < rows->count; i++)
		cc_choice_add(
				list, cc_row_str(&rows->row[i], 0), cc_row_str(&rows->row[i], 1), heading, NULL);
}

/* Whom a call can reach, and announcements. */
static int add_targets(struct cc_request *rq, struct cc_choices *list)
{
	struct cc_rows rows;
	cc_choice_add(list, "hangup:", cc_tc(rq, "target", "hangup"), NULL, NULL);
	cc_choice_add(list, "outside:", cc_tc(rq, "target", "outside"), NULL, NULL);
	int err = cc_db_query(rq->db, &rows,
			"SELECT CONCAT('queue:', number), CONCAT(number, ' ', name) FROM agent_group "
			"WHERE tenant_id = {tenant} AND live = 1 ORDER BY number");
	if (err)
		return err;
	add_rows(list, &rows, cc_tc(rq, "target", "queue"));
	err = cc_db_query(rq->db, &rows,
			"SELECT CONCAT('ivr:', number), CONCAT(number, ' ', name) FROM ivr WHERE tenant_id = "
			"{tenant} ORDER BY kind, number");
	if (err)
		return err;
	add_rows(list, &rows, cc_tc(rq, "target", "ivr"));
	err = add_prompts(rq, list, "prompt:", cc_tc(rq, "target", "prompt"));
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT CONCAT('agent:', number), CONCAT(number, ' ', name) FROM agent "
				"WHERE tenant_id = {tenant} AND live = 1 ORDER BY LENGTH(number), number");
	if (!err)
		add_rows(list, &rows, cc_tc(rq, "target", "agent"));
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT CONCAT('voicemail:', number), CONCAT(number, ' ', name) FROM (SELECT 0 AS "
				"of, number, name FROM agent_group WHERE tenant_id = {tenant} AND live = 1 UNION "
				"ALL SELECT 1, number, name FROM agent WHERE tenant_id = {tenant} AND live = 1) b "
				"ORDER BY of, LENGTH(number), number");
	if (!err)
		add_rows(list, &rows, cc_tc(rq, "target", "voicemail"));
	return err;
}

int admin_did_target_choices(struct cc_request *rq, struct cc_choices *list)
{
	return add_targets(rq, list);
}

int admin_target_choices(struct cc_request *rq, struct cc_choices *list)
{
	struct cc_rows rows;
	int err = add_targets(rq, list);
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT CONCAT('did:', number), CONCAT_WS(' ', number, NULLIF(name, '')) FROM did "
				"WHERE tenant_id = {tenant} ORDER BY number");
	if (!err)
		add_rows(list, &rows, cc_tc(rq, "target", "did"));
	return err;
}

int admin_key_target_choices(struct cc_request *rq, struct cc_choices *list)
{
	cc_choice_add(list, "callback:", cc_tc(rq, "target", "callback"), NULL, NULL);
	return admin_target_choices(rq, list);
}

int admin_ivr_target_choices(struct cc_request *rq, struct cc_choices *list)
{
	cc_choice_add(list, "back:", cc_tc(rq, "target", "back"), NULL, NULL);
	return admin_target_choices(rq, list);
}

const char *const admin_target_kinds[] = {CC_NC("target", "hangup"), CC_NC("target", "queue"),
		CC_NC("target", "agent"), CC_NC("target", "prompt"), CC_NC("target", "did"),
		CC_NC("target", "callback"), CC_NC("target", "outside"), CC_NC("target", "ivr"),
		CC_NC("target", "back"), CC_NC("target", "voicemail"), NULL};

int admin_inside_taken(struct cc_request *rq, const char *number, const char **taken)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT EXISTS (SELECT 1 FROM agent WHERE tenant_id = {tenant} AND number = ? AND live "
			"= 1), EXISTS (SELECT 1 FROM agent_group WHERE tenant_id = {tenant} AND number = ? AND "
			"live = 1), EXISTS (SELECT 1 FROM ivr WHERE tenant_id = {tenant} AND number = ?)",
			number, number, number);
	if (err)
		return err;
	*taken = cc_row_int(&rows.row[0], 0, 0)   ? cc_t(rq, "An agent has this number.")
			 : cc_row_int(&rows.row[0], 1, 0) ? cc_t(rq, "A group has this number.")
			 : cc_row_int(&rows.row[0], 2, 0) ? cc_t(rq, "A menu has this number.")
											  : NULL;
	return 0;
}

const char *admin_digits_check(struct cc_request *rq, const char **value)
{
	return (*value)[strspn(*value, "0123456789")] ? cc_t(rq, "Digits only.") : NULL;
}

const char *admin_number_check(struct cc_request *rq, const char **value)
{
	const char *digits = *value + (**value == '+');
	return **value && !*digits ? cc_t(rq, "Digits only.") : admin_digits_check(rq, &digits);
}

int admin_outside_check(struct cc_change *c, const char *column, const char *number)
{
	struct cc_rows rows;
	if (!number || !*number)
		return cc_change_refuse(c, column, cc_t(c->rq, "Which number?"));
	int err = cc_db_query(c->rq->db, &rows,
			"SELECT 1 FROM did WHERE tenant_id = {tenant} AND TRIM(LEADING '+' FROM number) = ? "
			"UNION SELECT 1 FROM caller_id WHERE for_tenant = {tenant} AND "
			"TRIM(LEADING '+' FROM number) = ?",
			number + (*number == '+'), number + (*number == '+'));
	if (!err && rows.count)
		return cc_change_refuse(
				c, column, cc_t(c->rq, "This is a number of your own: the call would come back."));
	return err;
}

int admin_target_store(struct cc_change *c, const char *choice, const char *number,
		const char *kind, const char *what)
{
	const char *value = cc_change_new(c, choice);
	const char *colon = value ? strchr(value, ':') : NULL;
	const char *outside = cc_change_new(c, number);
	bool away = value && !strcmp(value, "outside:");
	int err = away ? admin_outside_check(c, number, outside) : 0;
	if (err || !colon)
		return err;
	cc_change_set(c, kind, cc_strndup(c->rq->arena, value, (size_t)(colon - value)));
	cc_change_set(c, what, away ? outside : colon + 1);
	return 0;
}

int admin_group_check(struct cc_change *c, const char *column)
{
	struct cc_rows rows;
	const char *group = cc_change_new(c, column);
	if (c->rq->user->scope == CC_SCOPE_ALL || !group)
		return 0;
	int err = cc_db_query(c->rq->db, &rows,
			"SELECT 1 FROM agent_group g WHERE g.tenant_id = {tenant} AND g.id = ? AND g.id IN "
			"(" CC_LED_GROUPS ")",
			group);
	if (!err && !rows.count)
		return cc_change_refuse(c, column, cc_t(c->rq, "You do not lead this group."));
	return err;
}
