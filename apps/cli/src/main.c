/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include <termios.h>
#include <unistd.h>

enum
{
	NO_SETTINGS = 1, /* works without a resolved settings file */
	HIDDEN = 2,      /* for scripts; not in the short list */
};

static const struct command
{
	const char *name, *args, *help;
	int min, max;
	unsigned flags;
	int (*run)(struct cli *cli, int argc, char **argv);
} commands[] = {
		{"status", "[--json] [--wait SECONDS]",
				"health of every part; exit code 3 if one is not healthy", 0, 0, 0, cmd_status},
		{"watch", "", "continue stopped processes, kill parts that answer nobody; runs for ever", 0,
				0, HIDDEN, cmd_watch},
		{"reload", "", "make the call engine read its configuration again", 0, 0, 0, cmd_reload},
		{"rpc", "METHOD [PARAMS]", "send a command (contract/commands.def) with JSON parameters", 1,
				2, 0, cmd_rpc},
		{"mixd", "COMMANDS", "send cc-mixd a JSON list of commands, such as [{\"cmd\":\"list\"}]",
				1, 1, 0, cmd_mixd},
		{"tenant list", "", "all tenants", 0, 0, 0, cmd_tenant_list},
		{"tenant create", "CODE NAME [--generate]",
				"new tenant with its roles and the user admin, whose password is asked for", 2, 2,
				0, cmd_tenant_create},
		{"tenant enable", "CODE", "let a tenant work again", 1, 1, 0, cmd_tenant_enable},
		{"tenant disable", "CODE", "no sign-in, no registration, no calls; nothing is deleted", 1,
				1, 0, cmd_tenant_disable},
		{"user create", "TENANT USERNAME KIND ROLE NAME [--generate]",
				"new user; KIND: operator, reseller, admin or user", 5, 5, 0, cmd_user_create},
		{"user reset-password", "TENANT USERNAME [--generate]",
				"new password (asked for), ends the user's sessions", 2, 2, 0,
				cmd_user_reset_password},
		{"user unfreeze", "TENANT USERNAME", "forget failed sign-ins", 2, 2, 0, cmd_user_unfreeze},
		{"agent list", "TENANT", "agents of a tenant", 1, 1, 0, cmd_agent_list},
		{"agent create", "TENANT NUMBER NAME",
				"new agent; its web, SIP and phone sign-in passwords are made up and printed", 3, 3,
				0, cmd_agent_create},
		{"agent sip-password", "TENANT NUMBER", "new SIP password, made up and printed", 2, 2, 0,
				cmd_agent_sip_password},
		{"plugin list", "[--tenant CODE]",
				"plugins and modules, who has them in the contract, and what is wrong with them", 0,
				0, 0, cmd_plugin_list},
		{"plugin enable", "NAME [--tenant CODE]",
				"for the platform: checks it and makes its tables; then into a tenant's contract",
				1, 1, 0, cmd_plugin_enable},
		{"plugin disable", "NAME [--tenant CODE]",
				"hides everything of it, for the platform or from a tenant; its data stay", 1, 1, 0,
				cmd_plugin_disable},
		{"plugin scan", "",
				"look what the folder of plugins holds, bring enabled ones to its version", 0, 0, 0,
				cmd_plugin_scan},
		{"ledger", "", "compare events, rows and roll-ups; exit code 1 if anything differs", 0, 0,
				0, cmd_ledger},
		{"rebuild-rollups", "", "make the statistics anew from the stored events", 0, 0, 0,
				cmd_rebuild_rollups},
		{"migrate", "[FOLDER]", "bring the database to this version (db/<component>/NNNN_name.sql)",
				0, 1, 0, cmd_migrate},
		{"demo load", "", "demo data into an empty database", 0, 0, 0, cmd_demo_load},
		{"demo fit", "",
				"fit demo data, if there is any, to the settings; fails if it could be reached "
				"from outside",
				0, 0, HIDDEN, cmd_demo_fit},
		{"demo plugin", "NAME [--tenant CODE]",
				"demo data of a plugin into the tenant (demo if none is given)", 1, 1, HIDDEN,
				cmd_demo_plugin},
		{"settings", "[FILE]", "print every setting, from FILE and the environment", 0, 1,
				NO_SETTINGS | HIDDEN, cmd_settings},
		{"get", "NAME...", "print settings", 1, 64, HIDDEN, cmd_get},
		{"render", "IN OUT", "copy a template, @NAME@ replaced by settings", 2, 2, HIDDEN,
				cmd_render},
		{"secret", "", "make the secret if there is none, and check it", 0, 0, HIDDEN, cmd_secret},
};

int cli_fail(const char *format, ...)
{
	va_list args;

	fputs("cc-admin: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return CLI_FAILED;
}

const char *cli_path(struct cli *cli, const char *below)
{
	return cc_sprintf(cli->arena, "%s/%s", cc_settings_str(cli->settings, "CC_RUN"), below);
}

int cli_db(struct cli *cli, const char *account)
{
	const struct cc_db_options options = {
			.socket = cli_path(cli, "sock/mysql.sock"),
			.user = cc_settings_db_user(cli->settings, account),
			.password = NULL,
			.database = cc_settings_str(cli->settings, "CC_DB_NAME"),
	};

	if (cc_db_new(&cli->db, &options))
		return cli_fail("no memory");
	cli_use_tenant(cli, 0);
	return CLI_OK;
}

void cli_use_tenant(struct cli *cli, int64_t tenant)
{
	const struct cc_scope scope = {.tenant = tenant, .agent = ""};

	cc_db_use(cli->db, cli->arena, &scope);
}

int cli_db_check(struct cli *cli, int err, const char *what)
{
	return err ? cli_fail("%s: %s", what, cc_db_error(cli->db)) : CLI_OK;
}

int cli_find_tenant(struct cli *cli, const char *code)
{
	struct cc_rows rows;
	int err = cc_db_query(cli->db, &rows, "SELECT {any} id FROM tenant WHERE code = ?", code);

	if (err)
		return cli_db_check(cli, err, "tenant");
	if (rows.count == 0)
		return cli_fail("there is no tenant %s", code);
	cli_use_tenant(cli, cc_row_int(&rows.row[0], 0, 0));
	return CLI_OK;
}

static int ask(struct cli *cli, const char *prompt, char *line, size_t cap)
{
	struct termios quiet, before;
	bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
	char *got;

	if (terminal) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		fputs(prompt, stderr);
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	got = fgets(line, (int)cap, stdin);
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fputc('\n', stderr);
	}
	if (!got)
		return cli_fail("no password given");
	if (!strchr(line, '\n') && !feof(stdin))
		return cli_fail("a password has at most %d bytes", CC_AUTH_PASSWORD_MAX);
	line[strcspn(line, "\r\n")] = '\0';
	return CLI_OK;
}

int cli_new_password(struct cli *cli, const char *whose, const char **password)
{
	char first[CC_AUTH_PASSWORD_MAX + 2], second[CC_AUTH_PASSWORD_MAX + 2];
	int err;

	if (cli->generate) {
		char token[CC_AUTH_TOKEN + 1];

		cc_auth_token_new(token);
		*password = cc_strndup(cli->arena, token, CLI_PASSWORD);
		printf("password of %s: %s\n", whose, *password);
		return CLI_OK;
	}
	err = ask(cli, cc_sprintf(cli->arena, "New password of %s: ", whose), first, sizeof(first));
	if (!err && isatty(STDIN_FILENO)) {
		err = ask(cli, "The same again: ", second, sizeof(second));
		if (!err && strcmp(first, second) != 0)
			err = cli_fail("the two differ");
	}
	if (!err && strlen(first) < 8)
		err = cli_fail("a password has at least 8 characters");
	if (!err)
		*password = cc_strdup(cli->arena, first);
	sodium_memzero(first, sizeof(first));
	sodium_memzero(second, sizeof(second));
	return err;
}

static void usage(FILE *out, bool all)
{
	fputs("Usage: cc-admin [-c FILE] COMMAND [ARGUMENTS]\n\n", out);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct command *c = &commands[i];

		if (all || !(c->flags & HIDDEN))
			fprintf(out, "  %s %s\n        %s\n", c->name, c->args, c->help);
	}
	fputs("\n  -c FILE      resolved settings; else $CC_RUN/etc/tandem.conf, run/etc/tandem.conf,\n"
		  "               /var/lib/tandem/etc/tandem.conf, whichever is there first\n"
		  "  --generate   make a password up and print it instead of asking for it\n"
		  "  --help       this page; with --all the commands of the start scripts too\n"
		  "\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 not healthy.\n",
			out);
}

/* The command whose words argv begins with; words: how many they are. */
static const struct command *find_command(int argc, char **argv, int *words)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const char *name = commands[i].name, *space = strchr(name, ' ');

		*words = space ? 2 : 1;
		if (argc < *words)
			continue;
		if (!space && strcmp(argv[0], name) == 0)
			return &commands[i];
		if (space && strncmp(argv[0], name, (size_t)(space - name)) == 0 &&
				argv[0][space - name] == '\0' && strcmp(argv[1], space + 1) == 0)
			return &commands[i];
	}
	return NULL;
}

static int load_settings(struct cli *cli, const char *file)
{
	static const char *const usual[] = {"run", "/var/lib/tandem"};
	const char *run = getenv("CC_RUN");
	char error[512];

	if (!file && run)
		file = cc_sprintf(cli->arena, "%s/etc/tandem.conf", run);
	for (size_t i = 0; !file && i < sizeof(usual) / sizeof(usual[0]); i++) {
		const char *f = cc_sprintf(cli->arena, "%s/etc/tandem.conf", usual[i]);

		if (access(f, F_OK) == 0)
			file = f;
	}
	if (!file)
		return cli_fail("no settings file here: start Tandem first, or name one with -c");
	if (cc_settings_load(&cli->settings, file, NULL, error, sizeof(error)))
		return cli_fail("%s", error);
	return CLI_OK;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
			{"json", no_argument, NULL, 'j'},
			{"wait", required_argument, NULL, 'w'},
			{"generate", no_argument, NULL, 'g'},
			{"tenant", required_argument, NULL, 't'},
			{"all", no_argument, NULL, 'a'},
			{"help", no_argument, NULL, 'h'},
			{NULL, 0, NULL, 0},
	};
	struct cli cli = {0};
	const struct command *command;
	const char *file = NULL;
	char *end;
	bool help = false, all = false;
	int option, words, code = CLI_OK;

	setlocale(LC_CTYPE, "C.UTF-8");
	signal(SIGPIPE, SIG_IGN);
	while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1)
		switch (option) {
		case 'c':
			file = optarg;
			break;
		case 'j':
			cli.json = true;
			break;
		case 'w':
			errno = 0;
			cli.wait_s = strtol(optarg, &end, 10);
			if (*end || end == optarg || errno || cli.wait_s < 0) {
				cli_fail("--wait needs a number of seconds, not \"%s\"", optarg);
				return CLI_USAGE;
			}
			break;
		case 'g':
			cli.generate = true;
			break;
		case 't':
			cli.tenant = optarg;
			break;
		case 'a':
			all = true;
			break;
		case 'h':
			help = true;
			break;
		default:
			usage(stderr, false);
			return CLI_USAGE;
		}
	argc -= optind;
	argv += optind;
	if (help) {
		usage(stdout, all);
		return CLI_OK;
	}
	command = find_command(argc, argv, &words);
	if (!command) {
		if (argc > 0)
			cli_fail("unknown command %s", argv[0]);
		usage(stderr, false);
		return CLI_USAGE;
	}
	if (argc - words < command->min || argc - words > command->max) {
		fprintf(stderr, "Usage: cc-admin %s %s\n", command->name, command->args);
		return CLI_USAGE;
	}
	if (sodium_init() < 0)
		return cli_fail("no randomness on this machine");
	cli.arena = cc_arena_new();
	if (!(command->flags & NO_SETTINGS))
		code = load_settings(&cli, file);
	if (code == CLI_OK) {
		code = command->run(&cli, argc - words, argv + words);
		if (fflush(stdout) != 0 && code == CLI_OK)
			code = cli_fail("stdout: %s", strerror(errno));
	}
	cc_db_free(cli.db);
	cc_settings_free(cli.settings);
	cc_arena_free(cli.arena);
	return code;
}
