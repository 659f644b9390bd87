/* SPDX-License-Identifier: GPL-2.0-or-later
 * SYS-07, PLAT-18: plugins and modules. The operator switches them for the platform, puts them into
 * the contracts of tenants (contract.c too) and sees what became of them; a tenant sees what is in
 * its contract, switches it off and on, and has its settings.
 *
 * Enabling makes tables, which the account of the applications may not: cc-jobd does it, by the
 * same command as an administrator at the shell. */
#include "plugins.h"

#include <stdlib.h>
#include <string.h>
#include "cc/plugins.h"

static bool is_operator(const struct cc_request *rq)
{
	return rq->user->tenant == CC_PLATFORM;
}

bool admin_plugins_may_grant(const struct cc_request *rq)
{
	return is_operator(rq) && rq->user->scope == CC_SCOPE_ALL && cc_can(rq, "admin.plugin.switch");
}

/* ---- the list ---- */

/* Columns of both lists. */
enum
{
	P_NAME,
	P_KIND,
	P_TITLE,
	P_SUMMARY,
	P_VERSION,
	P_STATE,
	P_FAULT,
	P_TENANTS,
	P_OPTIONS,
	P_JOB,
	P_JOB_ERROR,
	P_OFF, /* NULL: not in the own contract */
};

#define PLUGIN_COLUMNS                                                                             \
	"p.name, p.kind, p.title, p.summary, p.version, p.state, IF(p.fault = '', p.stopped, "         \
	"p.fault), (SELECT COUNT(*) FROM plugin_tenant o WHERE o.plugin = p.name), "                   \
	"EXISTS (SELECT 1 FROM registry_option r WHERE r.component = p.name), j.state, j.error, "      \
	"(SELECT o.off FROM plugin_tenant o WHERE o.tenant_id = {tenant} AND o.plugin = p.name) "      \
	"FROM plugin p LEFT JOIN job j ON j.tenant_id = 1 AND j.id = (SELECT MAX(k.id) FROM job k "    \
	"WHERE k.tenant_id = 1 AND k.kind = 'core.plugin' "                                            \
	"AND JSON_VALUE(k.parameters, '$.plugin') = p.name) "

/* For the operator every one, for a tenant what is in its contract. */
static bool is_offered(const struct cc_request *rq, const struct cc_row *row)
{
	return is_operator(rq) || (row->v[P_OFF] && !strcmp(cc_row_str(row, P_STATE), "enabled"));
}

/* Texts of a plugin: of the context "plugin" or, of a module, "module". */
static const char *text_of(struct cc_request *rq, const struct cc_row *row, size_t column)
{
	const char *context = !strcmp(cc_row_str(row, P_KIND), "module") ? "module" : "plugin";
	return cc_tc(rq, context, cc_row_str(row, column));
}

static void describe(struct cc_request *rq, struct cc_value *v, const struct cc_row *row)
{
	struct cc_arena *a = rq->arena;
	const char *job = cc_row_str(row, P_JOB), *name = cc_row_str(row, P_NAME);
	bool enabled = !strcmp(cc_row_str(row, P_STATE), "enabled");
	bool pending = !strcmp(job, "waiting") || !strcmp(job, "running");
	bool platform = is_operator(rq);
	bool switched = platform ? admin_plugins_may_grant(rq) && !pending &&
									   !strcmp(cc_row_str(row, P_KIND), "plugin")
							 : cc_can(rq, "admin.plugin.switch");
	if (!platform)
		enabled = !cc_row_int(row, P_OFF, 1);
	const char *fault = cc_row_str(row, P_FAULT);
	if (!*fault && !strcmp(job, "failed"))
		fault = cc_row_str(row, P_JOB_ERROR);
	cc_value_str(a, v, "name", name);
	cc_value_str(a, v, "plugin_title", text_of(rq, row, P_TITLE));
	cc_value_str(a, v, "summary", text_of(rq, row, P_SUMMARY));
	cc_value_str(a, v, "version", cc_row_str(row, P_VERSION));
	cc_value_str(a, v, "kind", cc_tc(rq, "plugin kind", cc_row_str(row, P_KIND)));
	cc_value_str(a, v, "fault", platform ? fault : "");
	cc_value_str(a, v, "state",
			cc_tc(rq, "plugin state",
					platform && pending ? "pending"
					: enabled           ? "enabled"
										: "disabled"));
	cc_value_str(a, v, "state_code", enabled ? "enabled" : "disabled");
	cc_value_str(a, v, "tenants", cc_row_str(row, P_TENANTS));
	cc_value_bool(a, v, "pending", platform && pending);
	cc_value_bool(a, v, "may_enable", switched && !enabled);
	cc_value_bool(a, v, "may_disable", switched && enabled);
	cc_value_str(a, v, "url",
			platform || (enabled && cc_row_int(row, P_OPTIONS, 0))
					? cc_sprintf(a, "/admin/plugins/%s", name)
					: NULL);
}

static bool is_pending(const struct cc_row *row)
{
	const char *job = cc_row_str(row, P_JOB);
	return !strcmp(job, "waiting") || !strcmp(job, "running");
}

int admin_plugins(struct cc_request *rq)
{
	struct cc_rows rows;
	bool platform = is_operator(rq), pending = false;
	int err = cc_db_query(rq->db, &rows,
			"SELECT " PLUGIN_COLUMNS "WHERE p.per_tenant = 1 ORDER BY p.kind, p.name");
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Plugins"));
	struct cc_value *list = cc_value_add(rq->arena, page, "plugins", CC_VALUE_LIST);
	for (size_t i = 0; i < rows.count; i++) {
		const struct cc_row *row = &rows.row[i];
		if (!is_offered(rq, row))
			continue;
		describe(rq, cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP), row);
		pending |= platform && is_pending(row);
	}
	cc_value_bool(rq->arena, page, "platform", platform);
	cc_value_bool(rq->arena, page, "refresh", pending);
	cc_value_bool(rq->arena, page, "may_switch", admin_plugins_may_grant(rq));
	return cc_page_send(rq, "admin/plugins", page);
}

/* ---- one of them ---- */

static int find(struct cc_request *rq, struct cc_row *row)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT " PLUGIN_COLUMNS "WHERE p.name = ? AND p.per_tenant = 1", cc_param(rq, "name"));
	if (err)
		return err;
	if (!rows.count || !is_offered(rq, &rows.row[0]))
		return CC_E_NOENT;
	*row = rows.row[0];
	return 0;
}

static int add_tenants(struct cc_request *rq, struct cc_value *page, const char *plugin)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT t.id, t.code, t.name, o.enabled_at, o.off FROM tenant t {any} "
			"LEFT JOIN plugin_tenant o ON o.tenant_id = t.id AND o.plugin = ? "
			"ORDER BY t.code LIMIT 1000",
			plugin);
	struct cc_value *list = cc_value_add(rq->arena, page, "tenant_list", CC_VALUE_LIST);
	for (size_t i = 0; !err && i < rows.count; i++) {
		struct cc_value *v = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		cc_value_str(rq->arena, v, "id", cc_row_str(&rows.row[i], 0));
		cc_value_str(rq->arena, v, "code", cc_row_str(&rows.row[i], 1));
		cc_value_str(rq->arena, v, "tenant_name", cc_row_str(&rows.row[i], 2));
		cc_value_bool(rq->arena, v, "on", rows.row[i].v[3]);
		cc_value_str(rq->arena, v, "since", cc_time_text(rq, cc_row_int(&rows.row[i], 3, 0)));
		cc_value_bool(rq->arena, v, "off", cc_row_int(&rows.row[i], 4, 0));
	}
	return err;
}

static void add_incidents(
		struct cc_request *rq, struct cc_value *page, const char *key, const struct cc_rows *rows)
{
	struct cc_value *list = cc_value_add(rq->arena, page, key, CC_VALUE_LIST);
	for (size_t i = 0; i < rows->count; i++) {
		struct cc_value *v = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		cc_value_str(rq->arena, v, "at", cc_time_text(rq, cc_row_int(&rows->row[i], 0, 0)));
		cc_value_str(rq->arena, v, "where", cc_row_str(&rows->row[i], 1));
		cc_value_str(rq->arena, v, "how", cc_row_str(&rows->row[i], 2));
	}
}

static int add_history(struct cc_request *rq, struct cc_value *page, const char *plugin)
{
	struct cc_rows crashes, passed;
	int err = cc_db_query(rq->db, &crashes,
			"SELECT at, CONCAT(host, ': ', what), how FROM plugin_crash {any} WHERE plugin = ? "
			"ORDER BY id DESC LIMIT 20",
			plugin);
	if (!err)
		err = cc_db_query(rq->db, &passed,
				"SELECT at, CONCAT(seq, ' ', event), how FROM plugin_passed {any} WHERE plugin = ? "
				"ORDER BY at DESC, seq DESC LIMIT 20",
				plugin);
	if (!err) {
		add_incidents(rq, page, "crashes", &crashes);
		add_incidents(rq, page, "passed", &passed);
	}
	return err;
}

/* typed: the form comes again, with what was wrong. */
static int show(struct cc_request *rq, const struct cc_row *row, bool typed)
{
	struct cc_arena *a = rq->arena;
	const char *name = cc_row_str(row, P_NAME);
	size_t count = 0, faults = 0;
	struct cc_value *page = cc_page(rq, text_of(rq, row, P_TITLE));
	bool platform = is_operator(rq);
	describe(rq, page, row);
	int err = admin_plugin_fields(rq, name, typed, page, &count, &faults);
	if (!err && platform)
		err = add_tenants(rq, page, name);
	if (!err && platform)
		err = add_history(rq, page, name);
	if (err)
		return err;
	cc_value_bool(a, page, "platform", platform);
	cc_value_bool(a, page, "refresh", platform && is_pending(row));
	cc_value_bool(a, page, "may_switch", admin_plugins_may_grant(rq));
	cc_value_bool(a, page, "settings", count && cc_enabled(rq, name));
	cc_value_bool(a, page, "may_save", cc_can(rq, "admin.plugin.settings"));
	cc_value_bool(a, page, "faults", faults);
	cc_value_bool(a, page, "saved", cc_query(rq, "saved"));
	if (faults)
		cc_status(rq, 400);
	return cc_page_send(rq, "admin/plugin", page);
}

int admin_plugin(struct cc_request *rq)
{
	struct cc_row row;
	int err = find(rq, &row);
	return err ? err : show(rq, &row, false);
}

int admin_plugin_save(struct cc_request *rq)
{
	struct cc_row row;
	size_t count, faults;
	const char *name = cc_param(rq, "name");
	int err = find(rq, &row);
	if (!err && !cc_enabled(rq, name))
		err = CC_E_NOENT;
	if (!err)
		err = admin_plugin_fields(rq, name, true, cc_value_map(rq->arena), &count, &faults);
	if (err)
		return err;
	if (faults)
		return show(rq, &row, true);
	err = admin_plugin_store(rq, name);
	if (err)
		return err;
	cc_audit(rq, "plugin.settings", name, NULL);
	cc_redirect(rq, cc_sprintf(rq->arena, "/admin/plugins/%s?saved=1", name));
	return 0;
}

/* ---- switches ---- */

static int queue(struct cc_request *rq, const char *action, const char *plugin)
{
	int err = cc_db_exec(rq->db,
			"INSERT INTO job (tenant_id, kind, parameters, created_by, created_at) "
			"VALUES ({tenant}, 'core.plugin', JSON_OBJECT('action', ?, 'plugin', ?), {user}, ?)",
			action, plugin, rq->now_ms);
	if (!err)
		cc_audit(rq, cc_sprintf(rq->arena, "plugin.%s", action), plugin, NULL);
	return err;
}

int admin_plugins_scan(struct cc_request *rq)
{
	if (!admin_plugins_may_grant(rq))
		return CC_E_DENIED;
	int err = queue(rq, "scan", "");
	if (!err)
		cc_redirect(rq, "/admin/plugins");
	return err;
}

/* The operator: for the platform. A tenant: for itself. */
int admin_plugin_switch(struct cc_request *rq)
{
	struct cc_row row;
	const char *name = cc_param(rq, "name"), *action = cc_param(rq, "action");
	bool platform = is_operator(rq), on = !strcmp(action, "enable");
	if (platform && !admin_plugins_may_grant(rq))
		return CC_E_DENIED;
	int err = find(rq, &row);
	if (err)
		return err;
	if ((!on && strcmp(action, "disable")) ||
			(platform && strcmp(cc_row_str(&row, P_KIND), "plugin")))
		return CC_E_NOENT;
	err = platform ? queue(rq, action, name) : cc_registry_use(rq->db, name, on);
	if (err)
		return err;
	if (!platform)
		cc_audit(rq, on ? "plugin.enable" : "plugin.disable", name, NULL);
	cc_redirect(rq, "/admin/plugins");
	return 0;
}

int admin_plugin_grant(
		struct cc_request *rq, const char *name, int64_t tenant, const char *code, bool on)
{
	/* the row is the tenant's, everything else the operator's; both have it in their logs */
	const struct cc_scope theirs = {tenant, rq->user->id, ""};
	const struct cc_scope own = {rq->user->tenant, rq->user->id, rq->user->agent};
	const char *action = on ? "plugin.enable" : "plugin.disable";
	cc_db_use(rq->db, rq->arena, &theirs);
	int err = cc_registry_grant(rq->db, name, on, rq->now_ms);
	if (!err)
		err = cc_db_exec(rq->db,
				"INSERT INTO audit_log (tenant_id, at, user_name, action, address, object) "
				"VALUES ({tenant}, ?, ?, ?, '', ?)",
				rq->now_ms, rq->user->username, action, name);
	cc_db_use(rq->db, rq->arena, &own);
	if (!err && tenant != CC_PLATFORM)
		cc_audit(rq, action, cc_sprintf(rq->arena, "%s@%s", name, code), NULL);
	return err;
}

int admin_plugin_switch_tenant(struct cc_request *rq)
{
	struct cc_rows rows;
	const char *name = cc_param(rq, "name"), *action = cc_param(rq, "action");
	bool on = !strcmp(action, "enable");
	if (!admin_plugins_may_grant(rq))
		return CC_E_DENIED;
	if (!on && strcmp(action, "disable"))
		return CC_E_NOENT;
	int err = cc_db_query(rq->db, &rows, "SELECT id, code FROM tenant {any} WHERE code = ?",
			cc_param(rq, "tenant"));
	if (err)
		return err;
	if (!rows.count)
		return CC_E_NOENT;
	err = admin_plugin_grant(
			rq, name, cc_row_int(&rows.row[0], 0, 0), cc_row_str(&rows.row[0], 1), on);
	if (err == CC_E_STATE)
		return cc_error(rq, 409, cc_t(rq, "The plugin is not enabled for the platform."));
	if (!err)
		cc_redirect(rq, cc_sprintf(rq->arena, "/admin/plugins/%s", name));
	return err;
}

/* Codes that occur in data only, for the catalogues:
 * CC_NC("plugin kind", "plugin") CC_NC("plugin kind", "module") CC_NC("plugin kind", "application")
 * CC_NC("plugin state", "enabled") CC_NC("plugin state", "disabled")
 * CC_NC("plugin state", "pending") */
