/* SPDX-License-Identifier: GPL-2.0-or-later
 * Demo data of a plugin: the statements of plugins/<name>/demo.sql, which work for {tenant}, all of
 * them or none. */
#include "cli.h"

#include <stdio.h>
#include <string.h>
#include "cc/err.h"
#include "cc/plugins.h"
#include "sql.h"

#define FILE_MAX_LEN (256 * 1024)

static int read_text(struct cli *cli, const char *path, const char **text)
{
	FILE *f = fopen(path, "re");
	char *got = cc_alloc(cli->arena, FILE_MAX_LEN + 1);
	size_t len = f ? fread(got, 1, FILE_MAX_LEN + 1, f) : 0;
	bool bad = !f || ferror(f) || len > FILE_MAX_LEN || memchr(got, '\0', len);

	if (f)
		fclose(f);
	if (bad)
		return cli_fail("%s: cannot be read as a text of at most %d bytes", path, FILE_MAX_LEN);
	got[len] = '\0';
	*text = got;
	return CLI_OK;
}

static int run(struct cli *cli, const char *path, const char *text)
{
	struct sql_statement statement;
	const char *p = text;
	int line = 1, got = 0, err = CLI_OK;

	while (!err && (got = sql_next(&p, &line, &statement)) > 0)
		err = cli_db_check(cli,
				cc_db_query_text(cli->db, NULL,
						cc_strndup(cli->arena, statement.text, statement.len), NULL, 0),
				cc_sprintf(cli->arena, "%s:%d", path, statement.line));
	return err || got == 0 ? err : cli_fail("%s:%d: the last statement does not end", path, line);
}

int cmd_demo_plugin(struct cli *cli, int argc, char **argv)
{
	const char *text = "", *path;
	int err;

	(void)argc;
	if (!cc_plugin_name_is_valid(argv[0]))
		return cli_fail("there is no plugin %s", argv[0]);
	if (!settings_loopback(cli->settings))
		return cli_fail("demo data may only be served on loopback");
	path = cc_sprintf(cli->arena, "%s/plugins/%s/demo.sql",
			cc_settings_str(cli->settings, "CC_PREFIX"), argv[0]);
	err = read_text(cli, path, &text);
	if (!err)
		err = cli_db(cli, "apps");
	if (!err)
		err = cli_find_tenant(cli, cli->tenant ? cli->tenant : "demo");
	if (err)
		return err;
	cc_db_begin(cli->db, false);
	err = run(cli, path, text);
	if (!err)
		err = cli_db_check(cli, cc_db_commit(cli->db), "commit");
	if (err)
		cc_db_rollback(cli->db);
	return err;
}
