/* SPDX-License-Identifier: GPL-2.0-or-later
 * What applications and plugins tell each other through the database, and which of them are
 * switched on for whom. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/job.h"
#include "cc/plugins.h"
#include "cc/utf8.h"
#include "priv.h"

const char *const cc_option_kinds[] = {"text", "int", "bool", "choice", NULL};

/* ---- publishing ---- */

static int raise_generation(struct cc_db *db)
{
	return cc_db_exec(
			db, "UPDATE plugin_generation {any} SET generation = generation + 1 WHERE id = 1");
}

int cc_registry_generation(struct cc_db *db, int64_t *generation)
{
	struct cc_rows rows;
	int err = cc_db_query(db, &rows, "SELECT generation FROM plugin_generation {any} WHERE id = 1");
	if (!err)
		*generation = rows.count ? cc_row_int(&rows.row[0], 0, 0) : 0;
	return err;
}

/* "<separator>a<separator>b<separator>", so that a word can be looked for; "" if there are none. */
static const char *words(char *buf, size_t cap, const char *const *list, const char *separator)
{
	size_t len = 0;
	buf[0] = '\0';
	for (const char *const *w = list; w && *w && len < cap; w++)
		len += (size_t)snprintf(
				buf + len, cap - len, "%s%s%s", len ? "" : separator, *w, separator);
	return buf;
}

static int take_back(struct cc_db *db, const char *name)
{
	int err = cc_db_exec(db, "DELETE FROM registry_menu {any} WHERE component = ?", name);
	if (!err)
		err = cc_db_exec(db, "DELETE FROM registry_permission {any} WHERE component = ?", name);
	if (!err)
		err = cc_db_exec(db, "DELETE FROM registry_resource {any} WHERE component = ?", name);
	if (!err)
		err = cc_db_exec(db, "DELETE FROM registry_tab {any} WHERE component = ?", name);
	if (!err)
		err = cc_db_exec(db, "DELETE FROM registry_report {any} WHERE component = ?", name);
	if (!err)
		err = cc_db_exec(db, "DELETE FROM registry_option {any} WHERE component = ?", name);
	if (!err)
		err = cc_db_exec(db, "DELETE FROM registry_job {any} WHERE component = ?", name);
	return err;
}

static int publish_pages(struct cc_db *db, const struct cc_plugin *p)
{
	int err = 0;
	for (const struct cc_menu *m = p->menu; m && m->path && !err; m++)
		err = cc_db_exec(db,
				"INSERT INTO registry_menu {any} (component, path, label, permission, position) "
				"VALUES (?, ?, ?, ?, ?)",
				p->name, m->path, m->label, m->permission, m->position);
	for (const struct cc_permission *q = p->permissions; q && q->name && !err; q++)
		err = cc_db_exec(db,
				"INSERT INTO registry_permission {any} (component, permission, label) "
				"VALUES (?, ?, ?)",
				p->name, q->name, q->label);
	for (const struct cc_tab *t = p->tabs; t && t->place && !err; t++)
		err = cc_db_exec(db,
				"INSERT INTO registry_tab {any} (component, place, path, label, permission, "
				"position) VALUES (?, ?, ?, ?, ?, ?)",
				p->name, t->place, t->path, t->label, t->permission, t->position);
	for (const struct cc_report *r = p->reports; r && r->path && !err; r++)
		err = cc_db_exec(db,
				"INSERT INTO registry_report {any} (component, path, label, permission, position) "
				"VALUES (?, ?, ?, ?, ?)",
				p->name, r->path, r->label, r->permission, r->position);
	return err ? err : cc_resources_publish(db, p);
}

static int publish_options(struct cc_db *db, const struct cc_plugin *p)
{
	char choices[1000];
	int err = 0, position = 0;
	for (const struct cc_option *o = p->options; o && o->name && !err; o++)
		err = cc_db_exec(db,
				"INSERT INTO registry_option {any} (component, name, position, kind, label, help, "
				"initial, low, high, choices) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
				p->name, o->name, position++, cc_option_kinds[o->kind], o->label,
				o->help ? o->help : "", o->initial, o->min, o->max,
				words(choices, sizeof choices, o->choices, " "));
	return err;
}

static int publish_jobs(struct cc_db *db, const struct cc_plugin *p)
{
	int err = 0;
	for (const struct cc_job_kind *k = p->hosts ? p->jobs : NULL; k && k->name && !err; k++)
		err = cc_db_exec(db,
				"INSERT INTO registry_job {any} (component, kind, daily_at_min, limit_s) "
				"VALUES (?, ?, ?, ?)",
				p->name, k->name, k->daily_at_min, k->limit_s);
	return err;
}

static int publish_row(struct cc_db *db, const struct cc_plugin *p, const char *fault)
{
	char hosts[200], needs[300];
	bool plugin = p->hosts;
	return cc_db_exec(db,
			"INSERT INTO plugin {any} (name, kind, version, title, summary, hosts, needs, "
			"per_tenant, of_tenants, state, fault) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
			"ON DUPLICATE KEY UPDATE version = VALUES(version), title = VALUES(title), "
			"summary = VALUES(summary), hosts = VALUES(hosts), needs = VALUES(needs), "
			"per_tenant = VALUES(per_tenant), of_tenants = VALUES(of_tenants), fault = "
			"VALUES(fault)",
			p->name, plugin ? "plugin" : "application", p->version, p->title ? p->title : p->name,
			p->summary ? p->summary : "", words(hosts, sizeof hosts, p->hosts, " "),
			words(needs, sizeof needs, p->needs, ","), plugin || (p->flags & CC_PLUGIN_PAID),
			(p->flags & CC_PLUGIN_OF_TENANTS) != 0, plugin ? "disabled" : "enabled", fault);
}

int cc_registry_publish(struct cc_db *db, const struct cc_plugin *p)
{
	int64_t changed = 0;
	int err = take_back(db, p->name);
	if (!err)
		err = publish_pages(db, p);
	if (!err)
		err = publish_options(db, p);
	if (!err)
		err = publish_jobs(db, p);
	if (!err)
		err = publish_row(db, p, "");
	if (!err)
		changed = cc_db_affected(db);
	for (const struct cc_module *m = p->modules; m && m->name && !err; m++) {
		err = cc_db_exec(db,
				"INSERT INTO plugin {any} (name, kind, owner, title, summary, permissions, "
				"per_tenant, state) VALUES (?, 'module', ?, ?, ?, ?, 1, 'enabled') "
				"ON DUPLICATE KEY UPDATE title = VALUES(title), summary = VALUES(summary), "
				"permissions = VALUES(permissions)",
				m->name, p->name, m->title, m->summary ? m->summary : "",
				m->permissions ? m->permissions : "");
		changed += cc_db_affected(db);
	}
	if (!err && changed)
		err = raise_generation(db);
	return err;
}

/* ---- switching ---- */

int cc_registry_found(
		struct cc_db *db, const char *name, const struct cc_plugin *plugin, const char *fault)
{
	char text[CC_PLUGIN_FAULT];
	cc_utf8_copy(text, sizeof text, fault);
	if (plugin)
		return publish_row(db, plugin, text);
	return cc_db_exec(db,
			"INSERT INTO plugin {any} (name, kind, title, per_tenant, fault) "
			"VALUES (?, 'plugin', ?, 1, ?) ON DUPLICATE KEY UPDATE fault = VALUES(fault)",
			name, name, text);
}

int cc_registry_enable(struct cc_db *db, const struct cc_plugin *plugin, int64_t now_ms)
{
	int err = cc_registry_publish(db, plugin);
	if (!err)
		err = cc_db_exec(db,
				"UPDATE plugin {any} SET enabled_at = IF(state = 'enabled', enabled_at, ?), "
				"state = 'enabled', fault = '', stopped = '' WHERE name = ?",
				now_ms, plugin->name);
	if (!err)
		err = raise_generation(db);
	return err;
}

int cc_registry_disable(struct cc_db *db, const char *name, const char *why)
{
	int err = cc_db_exec(db,
			"UPDATE plugin {any} SET state = 'disabled', stopped = ? WHERE name = ? "
			"AND kind = 'plugin'",
			why, name);
	if (!err)
		err = take_back(db, name);
	if (!err)
		err = cc_db_exec(db, "DELETE FROM plugin {any} WHERE kind = 'module' AND owner = ?", name);
	/* enabled again, its handlers begin with what comes then */
	if (!err)
		err = cc_db_exec(db, "DELETE FROM plugin_cursor {any} WHERE plugin = ?", name);
	if (!err)
		err = raise_generation(db);
	return err;
}

int cc_registry_grant(struct cc_db *db, const char *name, bool on, int64_t now_ms)
{
	struct cc_rows rows;
	int err = cc_db_query(db, &rows,
			"SELECT state FROM plugin {any} WHERE name = ? AND per_tenant = 1 FOR UPDATE", name);
	if (err)
		return err;
	if (!rows.count)
		return CC_E_NOENT;
	if (on && strcmp(cc_row_str(&rows.row[0], 0), "enabled"))
		return CC_E_STATE;
	err = on ? cc_db_exec(db,
					   "INSERT IGNORE INTO plugin_tenant (tenant_id, plugin, enabled_at) "
					   "VALUES ({tenant}, ?, ?)",
					   name, now_ms)
			 : cc_db_exec(db, "DELETE FROM plugin_tenant WHERE tenant_id = {tenant} AND plugin = ?",
					   name);
	if (!err)
		err = raise_generation(db);
	return err;
}

int cc_registry_use(struct cc_db *db, const char *name, bool on)
{
	struct cc_rows rows;
	int err = cc_db_query(db, &rows,
			"SELECT off FROM plugin_tenant WHERE tenant_id = {tenant} AND plugin = ? FOR UPDATE",
			name);
	if (!err && !rows.count)
		return CC_E_NOENT;
	if (!err)
		err = cc_db_exec(db,
				"UPDATE plugin_tenant SET off = ? WHERE tenant_id = {tenant} AND plugin = ?", !on,
				name);
	if (!err)
		err = raise_generation(db);
	return err;
}

int cc_registry_needs(struct cc_db *db, struct cc_arena *arena, const struct cc_plugin *plugin,
		const char **missing)
{
	*missing = NULL;
	for (const char *const *need = plugin->needs; need && *need; need++) {
		struct cc_rows rows;
		size_t len = strcspn(*need, " ");
		const char *name = cc_strndup(arena, *need, len);
		const char *version = (*need)[len] ? *need + len + 1 : "";
		int err = cc_db_query(
				db, &rows, "SELECT version, state FROM plugin {any} WHERE name = ?", name);
		if (err)
			return err;
		if (!rows.count || strcmp(cc_row_str(&rows.row[0], 1), "enabled"))
			*missing = cc_sprintf(arena, "needs %s, which is not enabled", *need);
		else if (cc_version_compare(cc_row_str(&rows.row[0], 0), version) < 0)
			*missing = cc_sprintf(
					arena, "needs %s, here is version %s", *need, cc_row_str(&rows.row[0], 0));
		if (*missing)
			return 0;
	}
	return 0;
}

int cc_registry_needed_by(
		struct cc_db *db, struct cc_arena *arena, const char *name, const char **names)
{
	struct cc_rows rows;
	int err = cc_db_query(db, &rows,
			"SELECT COALESCE(GROUP_CONCAT(name ORDER BY name SEPARATOR ', '), '') "
			"FROM plugin {any} WHERE kind = 'plugin' AND state = 'enabled' "
			"AND (LOCATE(CONCAT(',', ?, ','), needs) OR LOCATE(CONCAT(',', ?, ' '), needs))",
			name, name);
	if (!err)
		*names = cc_row_str(&rows.row[0], 0);
	return err;
}

/* ---- crashes ---- */

static int crashed(struct cc_db *db, const char *name, const char *host, const char *what,
		const char *how, int64_t now_ms, bool *disabled)
{
	struct cc_rows rows;
	char why[CC_PLUGIN_FAULT];
	/* one after the other, or two that count at once both find too few */
	int err = cc_db_query(db, &rows,
			"SELECT state, enabled_at FROM plugin {any} WHERE name = ? FOR UPDATE", name);
	bool enabled = !err && rows.count && !strcmp(cc_row_str(&rows.row[0], 0), "enabled");
	int64_t since = now_ms - CC_CRASHES_MS;
	if (enabled && cc_row_int(&rows.row[0], 1, 0) > since)
		since = cc_row_int(&rows.row[0], 1, 0); /* what was before it was enabled is over */
	if (!err)
		err = cc_db_exec(db,
				"INSERT INTO plugin_crash {any} (plugin, at, host, what, how) "
				"VALUES (?, ?, ?, ?, ?)",
				name, now_ms, host, what, how);
	if (!err)
		err = cc_db_query(db, &rows,
				"SELECT COUNT(*) FROM plugin_crash {any} WHERE plugin = ? AND at >= ?", name,
				since);
	if (err || !enabled || cc_row_int(&rows.row[0], 0, 0) < CC_CRASHES_MAX)
		return err;
	snprintf(why, sizeof why,
			"crashed %d times within %d minutes and was disabled; last %s: %.150s, %s",
			CC_CRASHES_MAX, (int)(CC_CRASHES_MS / 60000), host, what, how);
	err = cc_registry_disable(db, name, why);
	if (!err)
		err = cc_db_exec(db,
				"INSERT INTO audit_log {any} (tenant_id, at, user_name, action, address, object) "
				"VALUES (?, ?, 'system', 'plugin.crashed', '', ?)",
				CC_PLATFORM, now_ms, name);
	*disabled = !err;
	return err;
}

int cc_registry_crashed(struct cc_db *db, const char *name, const char *host, const char *what,
		const char *how, int64_t now_ms, bool *disabled)
{
	bool off = false;
	cc_db_begin(db, false);
	int err = crashed(db, name, host, what, how, now_ms, &off);
	if (!err)
		err = cc_db_commit(db);
	if (err)
		cc_db_rollback(db);
	else
		*disabled = off;
	return err;
}

/* ---- for pages ---- */

int cc_registry_menu(struct cc_request *rq, struct cc_value *list)
{
	const struct cc_rows *rows;
	int err = cc_known(rq, KNOWN_MENU, 0, "", &rows);
	for (size_t i = 0; !err && i < rows->count; i++) {
		const struct cc_row *row = &rows->row[i];
		const char *permission = cc_row_str(row, 2);
		if (!cc_enabled(rq, cc_row_str(row, 3)) ||
				(strcmp(permission, CC_SIGNED_IN) && !cc_can(rq, permission)))
			continue;
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		const char *path = cc_row_str(row, 0);
		size_t len = strlen(path);
		cc_value_str(rq->arena, item, "path", path);
		cc_value_str(rq->arena, item, "label", cc_tc(rq, "menu", cc_row_str(row, 1)));
		cc_value_bool(rq->arena, item, "current",
				!strncmp(rq->path, path, len) && (!rq->path[len] || rq->path[len] == '/'));
	}
	return err;
}

int cc_registry_parts(struct cc_request *rq, struct cc_value *list)
{
	const struct cc_rows *rows;
	int err = cc_known(rq, KNOWN_PARTS, 0, "", &rows);
	for (size_t i = 0; !err && i < rows->count; i++) {
		const struct cc_row *row = &rows->row[i];
		if (!cc_enabled(rq, cc_row_str(row, 2)) || !cc_can(rq, cc_row_str(row, 1)))
			continue;
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		cc_value_str(rq->arena, item, "path", cc_row_str(row, 0));
	}
	return err;
}

static int add_tabs(
		struct cc_request *rq, const char *place, const char *query, struct cc_value *list)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT path, label, permission, component FROM registry_tab {any} "
			"WHERE place = ? ORDER BY position, path",
			place);
	for (size_t i = 0; !err && i < rows.count; i++) {
		const struct cc_row *row = &rows.row[i];
		if (!cc_enabled(rq, cc_row_str(row, 3)) || !cc_can(rq, cc_row_str(row, 2)))
			continue;
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		cc_value_str(
				rq->arena, item, "path", cc_sprintf(rq->arena, "%s%s", cc_row_str(row, 0), query));
		cc_value_str(rq->arena, item, "label", cc_tc(rq, "tab", cc_row_str(row, 1)));
	}
	return err;
}

/* "?call=…&number=…" */
static struct cc_buf tab_query(struct cc_request *rq, const char *call, const char *number)
{
	struct cc_buf query = cc_buf_new(rq->arena);
	cc_buf_str(&query, "?call=");
	cc_buf_url(&query, call ? call : "", call ? strlen(call) : 0);
	cc_buf_str(&query, "&number=");
	cc_buf_url(&query, number ? number : "", number ? strlen(number) : 0);
	return query;
}

int cc_tabs(struct cc_request *rq, const char *place, const char *call, const char *number,
		struct cc_value *list)
{
	struct cc_buf query = tab_query(rq, call, number);
	return add_tabs(rq, place, cc_buf_text(&query), list);
}

int cc_tabs_of_card(struct cc_request *rq, const char *call, const char *number, int64_t customer,
		struct cc_value *list)
{
	struct cc_buf query = tab_query(rq, call, number);
	if (customer)
		cc_buf_printf(&query, "&customer=%" PRId64, customer);
	int err = add_tabs(rq, "card", cc_buf_text(&query), list);
	return err ? err : add_tabs(rq, "call", cc_buf_text(&query), list);
}

int cc_tabs_of_home(struct cc_request *rq, struct cc_value *list)
{
	return add_tabs(rq, "home", "", list);
}

int cc_reports(struct cc_request *rq, struct cc_value *list)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT path, label, permission, component FROM registry_report {any} "
			"ORDER BY position, path");
	for (size_t i = 0; !err && i < rows.count; i++) {
		const struct cc_row *row = &rows.row[i];
		if (!cc_enabled(rq, cc_row_str(row, 3)) || !cc_can(rq, cc_row_str(row, 2)))
			continue;
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		cc_value_str(rq->arena, item, "path", cc_row_str(row, 0));
		cc_value_str(rq->arena, item, "icon", cc_icon_name(rq->arena, cc_row_str(row, 0)));
		cc_value_str(rq->arena, item, "label", cc_tc(rq, "report", cc_row_str(row, 1)));
	}
	return err;
}

/* ---- options ---- */

const char *cc_option_refuses(enum cc_option_kind kind, int64_t min, int64_t max,
		const char *const *choices, const char *value)
{
	size_t len = strlen(value);
	switch (kind) {
	case CC_OPTION_TEXT: {
		size_t characters = 0, most = max ? (size_t)max : 200;
		if (!cc_utf8_valid(value, len))
			return CC_N("The text is not valid UTF-8.");
		for (size_t i = 0; i < len; i++)
			characters += ((unsigned char)value[i] & 0xC0) != 0x80;
		if (characters < (size_t)min || characters > most || len > 1000)
			return CC_N("The text is too short or too long.");
		return NULL;
	}
	case CC_OPTION_INT: {
		char *end;
		errno = 0;
		long long n = strtoll(value, &end, 10);
		bool number = len && !*end && !errno && strspn(value, "-0123456789") == len;
		return number && n >= min && n <= max ? NULL : CC_N("The number is out of range.");
	}
	case CC_OPTION_BOOL:
		return !strcmp(value, "0") || !strcmp(value, "1") ? NULL : CC_N("Choose yes or no.");
	case CC_OPTION_CHOICE:
		for (; choices && *choices; choices++)
			if (!strcmp(*choices, value))
				return NULL;
		return CC_N("Choose one of the list.");
	}
	return CC_N("Choose one of the list.");
}

int cc_option(
		struct cc_db *db, const struct cc_plugin *plugin, const char *name, const char **value)
{
	struct cc_rows rows;
	const struct cc_option *o = plugin->options;
	while (o && o->name && strcmp(o->name, name))
		o++;
	if (!o || !o->name)
		return CC_E_NOENT;
	int err = cc_db_query(db, &rows,
			"SELECT value FROM plugin_option WHERE tenant_id = {tenant} AND plugin = ? "
			"AND name = ?",
			plugin->name, name);
	if (!err)
		*value = rows.count ? cc_row_str(&rows.row[0], 0) : o->initial;
	return err;
}
