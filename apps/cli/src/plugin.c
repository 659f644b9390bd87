/* SPDX-License-Identifier: GPL-2.0-or-later
 * Plugins: what the folder holds, and the switches. Enabling is: try it, check its needs, make its
 * tables, write what it offers, raise the generation that workers compare. */
#include "cli.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/plugins.h"

static const char *prefix(struct cli *cli)
{
	return cc_settings_str(cli->settings, "CC_PREFIX");
}

/* One transaction of the registry. */
static int finish(struct cli *cli, int err, const char *name)
{
	if (!err)
		err = cc_db_commit(cli->db);
	if (!err)
		return CLI_OK;
	cli_db_check(cli, err, cc_sprintf(cli->arena, "plugin %s", name));
	cc_db_rollback(cli->db);
	return CLI_FAILED;
}

static int audit(struct cli *cli, const char *action, const char *name)
{
	return cc_db_exec(cli->db,
			"INSERT INTO audit_log (tenant_id, at, user_name, action, address, object) "
			"VALUES ({tenant}, ?, 'cc-admin', ?, '', ?)",
			cc_clock_utc_ms(), action, name);
}

/* Loads it where it can do no harm, then here. Its fault is kept for the page. */
static int load(struct cli *cli, const char *name, struct cc_plugin_file **file)
{
	char error[CC_PLUGIN_FAULT] = "";
	int err = cc_plugin_try(prefix(cli), name, cli->settings, error, sizeof(error));

	if (!err)
		err = cc_plugin_open(file, prefix(cli), name, error, sizeof(error));
	if (!err)
		return CLI_OK;
	if (cc_plugin_name_is_valid(name) && err != CC_E_NOENT) {
		cc_db_begin(cli->db, false);
		finish(cli, cc_registry_found(cli->db, name, NULL, error), name);
	}
	return cli_fail("plugin %s: %s", name, error[0] ? error : cc_err_name(err));
}

static int enable(struct cli *cli, const char *name, bool audited)
{
	struct cc_plugin_file *file = NULL;
	const char *missing = NULL;
	int err = load(cli, name, &file);

	if (err)
		return err;
	err = cli_db_check(cli, cc_registry_needs(cli->db, cli->arena, &file->plugin, &missing), name);
	if (!err && missing)
		err = cli_fail("plugin %s: %s", name, missing);
	if (!err)
		err = migrate_plugin(cli, name, file->plugin.schema);
	if (!err) {
		cc_db_begin(cli->db, false);
		err = cc_registry_enable(cli->db, &file->plugin, cc_clock_utc_ms());
		if (!err && audited)
			err = audit(cli, "plugin.enable", name);
		err = finish(cli, err, name);
	}
	cc_plugin_close(file);
	return err;
}

static int disable(struct cli *cli, const char *name)
{
	struct cc_rows rows;
	const char *needed_by = "";
	int err = cc_db_query(cli->db, &rows,
			"SELECT state FROM plugin {any} WHERE name = ? AND kind = 'plugin'", name);

	if (!err && rows.count == 0)
		return cli_fail("there is no plugin %s", name);
	if (!err)
		err = cc_registry_needed_by(cli->db, cli->arena, name, &needed_by);
	if (err)
		return cli_db_check(cli, err, name);
	if (*needed_by)
		return cli_fail("plugin %s: %s needs it", name, needed_by);
	cc_db_begin(cli->db, false);
	err = cc_registry_disable(cli->db, name, "");
	if (!err)
		err = audit(cli, "plugin.disable", name);
	return finish(cli, err, name);
}

static int switch_tenant(struct cli *cli, const char *name, bool on)
{
	int err = cli_find_tenant(cli, cli->tenant);

	if (err)
		return err;
	cc_db_begin(cli->db, false);
	err = cc_registry_grant(cli->db, name, on, cc_clock_utc_ms());
	if (err == CC_E_NOENT || err == CC_E_STATE) {
		cc_db_rollback(cli->db);
		return cli_fail(err == CC_E_STATE ? "plugin %s is not enabled for the platform"
										  : "there is no plugin %s that tenants can have",
				name);
	}
	if (!err)
		err = audit(cli, on ? "plugin.enable" : "plugin.disable", name);
	return finish(cli, err, name);
}

static int open_platform(struct cli *cli)
{
	int err = cli_db(cli, "apps");

	if (!err)
		cli_use_tenant(cli, CC_PLATFORM);
	return err;
}

int cmd_plugin_enable(struct cli *cli, int argc, char **argv)
{
	int err = open_platform(cli);

	if (!err)
		err = cli->tenant ? switch_tenant(cli, argv[0], true) : enable(cli, argv[0], true);
	if (!err)
		printf("plugin %s: enabled\n", argv[0]);
	return err;
}

int cmd_plugin_disable(struct cli *cli, int argc, char **argv)
{
	int err = open_platform(cli);

	if (!err)
		err = cli->tenant ? switch_tenant(cli, argv[0], false) : disable(cli, argv[0]);
	if (!err)
		printf("plugin %s: disabled\n", argv[0]);
	return err;
}

/* An enabled plugin that cannot be brought to the version in the folder is disabled: the rest of
 * the platform does not wait for it. */
static int scan_one(struct cli *cli, const char *name)
{
	struct cc_plugin_file *file = NULL;
	char error[CC_PLUGIN_FAULT] = "";
	struct cc_rows rows;
	int err = cc_db_query(cli->db, &rows, "SELECT state FROM plugin {any} WHERE name = ?", name);
	bool enabled = !err && rows.count && !strcmp(cc_row_str(&rows.row[0], 0), "enabled");

	if (err)
		return cli_db_check(cli, err, name);
	if (enabled && !enable(cli, name, false))
		return CLI_OK;
	err = cc_plugin_try(prefix(cli), name, cli->settings, error, sizeof(error));
	if (!err)
		err = cc_plugin_open(&file, prefix(cli), name, error, sizeof(error));
	if (err && !enabled)
		cli_fail("plugin %s: %s", name, error);
	cc_db_begin(cli->db, false);
	err = cc_registry_found(cli->db, name, file ? &file->plugin : NULL, error);
	if (!err && enabled)
		err = cc_registry_disable(
				cli->db, name, "it could not be brought to the version of its folder");
	cc_plugin_close(file);
	return finish(cli, err, name);
}

/* Those that are known but whose folder is gone. */
static int scan_gone(struct cli *cli, const char *folder)
{
	struct cc_rows rows;
	int err = cc_db_query(
			cli->db, &rows, "SELECT name FROM plugin {any} WHERE kind = 'plugin' ORDER BY name");

	if (err)
		return cli_db_check(cli, err, "plugins");
	for (size_t i = 0; i < rows.count && !err; i++) {
		const char *name = cc_row_str(&rows.row[i], 0);

		if (access(cc_sprintf(cli->arena, "%s/%s", folder, name), F_OK) == 0)
			continue;
		cc_db_begin(cli->db, false);
		err = finish(cli, cc_registry_disable(cli->db, name, "its folder is not there"), name);
	}
	return err;
}

static int by_folder(const struct dirent *e)
{
	return cc_plugin_name_is_valid(e->d_name);
}

int cmd_plugin_scan(struct cli *cli, int argc, char **argv)
{
	const char *folder = cc_sprintf(cli->arena, "%s/plugins", prefix(cli));
	struct dirent **entry = NULL;
	int count = scandir(folder, &entry, by_folder, alphasort);
	int err = open_platform(cli);

	for (int i = 0; i < count; i++) {
		if (!err)
			err = scan_one(cli, entry[i]->d_name);
		free(entry[i]);
	}
	free(entry);
	if (!err)
		err = scan_gone(cli, folder);
	return err;
}

int cmd_plugin_list(struct cli *cli, int argc, char **argv)
{
	struct cc_rows rows;
	int err = open_platform(cli);

	if (!err && cli->tenant)
		err = cli_find_tenant(cli, cli->tenant);
	if (err)
		return err;
	err = cli_db_check(cli,
			cc_db_query(cli->db, &rows,
					"SELECT p.name, p.kind, p.version, p.state, IF(p.fault = '', p.stopped, "
					"p.fault), "
					"(SELECT COALESCE(GROUP_CONCAT(t.code ORDER BY t.code SEPARATOR ' '), '') "
					"FROM plugin_tenant o JOIN tenant t ON t.id = o.tenant_id "
					"WHERE o.plugin = p.name), "
					"(SELECT 1 - o.off FROM plugin_tenant o WHERE o.plugin = p.name "
					"AND o.tenant_id = {tenant}) FROM plugin p WHERE p.per_tenant = 1 "
					"ORDER BY p.kind, p.name"),
			"plugins");
	for (size_t i = 0; !err && i < rows.count; i++) {
		const struct cc_row *row = &rows.row[i];
		const char *state = cc_row_str(row, 3);

		if (cli->tenant && !row->v[6])
			state = "disabled";
		else if (cli->tenant && strcmp(state, "enabled") == 0 && !cc_row_int(row, 6, 0))
			state = "off"; /* the tenant does not want it now */
		printf("%-20s %-11s %-8s %-8s %s%s%s\n", cc_row_str(row, 0), cc_row_str(row, 1),
				cc_row_str(row, 2), state, cli->tenant ? "" : cc_row_str(row, 5),
				*cc_row_str(row, 4) ? " ! " : "", cc_row_str(row, 4));
	}
	return err;
}
