/* SPDX-License-Identifier: GPL-2.0-or-later
 * cc-admin: one table of commands (main.c), each a function that gets its arguments checked for
 * number. A command prints its result to stdout, says what is wrong with cli_fail, and returns the
 * exit code. */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cc/arena.h"
#include "cc/auth.h"
#include "cc/db.h"
#include "cc/settings.h"

enum
{
	CLI_OK = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
	CLI_UNHEALTHY = 3,
};

#define CLI_PASSWORD 24 /* characters of a password made here */

struct cli
{
	struct cc_settings *settings; /* NULL for the command that makes them */
	struct cc_arena *arena;
	struct cc_db *db; /* after cli_db */
	bool json;
	int64_t wait_s;
	bool generate;
	const char *tenant; /* --tenant, NULL if not given */
};

/* "cc-admin: <text>" to stderr; returns CLI_FAILED. */
int cli_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Opens the database as the account; statements with {tenant} work for the tenant from here on. */
int cli_db(struct cli *cli, const char *account);
/* 0 or CLI_FAILED with the server's words. */
int cli_db_check(struct cli *cli, int err, const char *what);
void cli_use_tenant(struct cli *cli, int64_t tenant);
/* Finds a tenant by code and makes it the one of {tenant}. */
int cli_find_tenant(struct cli *cli, const char *code);

/* A new password from the terminal (asked twice, not shown), from stdin if that is none, or made up
 * and printed with
 * --generate. Lives in the arena. */
int cli_new_password(struct cli *cli, const char *whose, const char **password);

/* "<CC_RUN>/<below>", in the arena. */
const char *cli_path(struct cli *cli, const char *below);

/* One request to the engine; result is JSON text in the arena. error: what went wrong, in the
 * arena. */
int cli_engine_call(struct cli *cli, const char *method, const char *params, const char **result,
		const char **error);

/* settings.c: only this machine can reach CC_LISTEN. */
bool settings_loopback(const struct cc_settings *settings);

/* people.c: what tenant and demo commands share. 0 or CLI_FAILED. issued: the password must be
 * changed at the first sign-in. */
int people_tenant_create(struct cli *cli, const char *code, const char *name, int64_t reseller);
int people_user_create(struct cli *cli, const char *username, const char *name, const char *kind,
		const char *role, const char *password, bool issued);
int people_agent_create(struct cli *cli, const char *number, const char *name,
		const char *web_password, const char *sip_password, const char *phone_password,
		bool issued);
/* Roles of the platform tenant, if they are not there. */
int people_platform_roles(struct cli *cli);
int people_changed(struct cli *cli);

/* migrate.c: the tables of a plugin; schema: number of its last migration. */
int migrate_plugin(struct cli *cli, const char *name, unsigned schema);

int cmd_settings(struct cli *cli, int argc, char **argv);
int cmd_get(struct cli *cli, int argc, char **argv);
int cmd_render(struct cli *cli, int argc, char **argv);
int cmd_secret(struct cli *cli, int argc, char **argv);
int cmd_migrate(struct cli *cli, int argc, char **argv);
int cmd_demo_load(struct cli *cli, int argc, char **argv);
int cmd_demo_fit(struct cli *cli, int argc, char **argv);
int cmd_demo_plugin(struct cli *cli, int argc, char **argv);
int cmd_tenant_list(struct cli *cli, int argc, char **argv);
int cmd_tenant_create(struct cli *cli, int argc, char **argv);
int cmd_tenant_enable(struct cli *cli, int argc, char **argv);
int cmd_tenant_disable(struct cli *cli, int argc, char **argv);
int cmd_user_create(struct cli *cli, int argc, char **argv);
int cmd_user_reset_password(struct cli *cli, int argc, char **argv);
int cmd_user_unfreeze(struct cli *cli, int argc, char **argv);
int cmd_agent_list(struct cli *cli, int argc, char **argv);
int cmd_agent_create(struct cli *cli, int argc, char **argv);
int cmd_agent_sip_password(struct cli *cli, int argc, char **argv);
int cmd_ledger(struct cli *cli, int argc, char **argv);
int cmd_rebuild_rollups(struct cli *cli, int argc, char **argv);
int cmd_plugin_list(struct cli *cli, int argc, char **argv);
int cmd_plugin_enable(struct cli *cli, int argc, char **argv);
int cmd_plugin_disable(struct cli *cli, int argc, char **argv);
int cmd_plugin_scan(struct cli *cli, int argc, char **argv);
int cmd_rpc(struct cli *cli, int argc, char **argv);
int cmd_mixd(struct cli *cli, int argc, char **argv);
int cmd_reload(struct cli *cli, int argc, char **argv);
int cmd_watch(struct cli *cli, int argc, char **argv);
int cmd_status(struct cli *cli, int argc, char **argv);

#endif
