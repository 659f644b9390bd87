/* SPDX-License-Identifier: GPL-2.0-or-later
 * Settings: resolve them into one explicit file, and put them into other programs' configuration.
 */
#include "cli.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPLATE_MAX (1024 * 1024)
#define NAME_MAX_LEN 64

extern char **environ;

bool settings_loopback(const struct cc_settings *settings)
{
	const char *listen = cc_settings_str(settings, "CC_LISTEN");
	struct in_addr v4;

	if (inet_pton(AF_INET, listen, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return strcmp(listen, "::1") == 0;
}

int cmd_settings(struct cli *cli, int argc, char **argv)
{
	char error[512];
	const struct cc_setting *setting;
	const char *file = argc > 0 ? argv[0] : NULL;

	if (cc_settings_load(&cli->settings, file, environ, error, sizeof(error)))
		return cli_fail("%s", error);
	/* a misspelt variable would otherwise be ignored in silence */
	for (char **v = environ; *v; v++) {
		size_t len = strcspn(*v, "=");
		char name[NAME_MAX_LEN];

		if (strncmp(*v, "CC_", 3) != 0 || strncmp(*v, "CC_TEST_", 8) == 0 || len >= sizeof(name))
			continue;
		memcpy(name, *v, len);
		name[len] = '\0';
		if (strcmp(name, "CC_CONF") != 0 && !cc_settings_str(cli->settings, name))
			return cli_fail("environment: unknown setting %s", name);
	}
	if (cc_settings_bool(cli->settings, "CC_DEMO") && !settings_loopback(cli->settings))
		return cli_fail(
				"CC_LISTEN is %s: demo data may only be served on loopback; set CC_DEMO = no",
				cc_settings_str(cli->settings, "CC_LISTEN"));
	printf("# Made from %s and the environment by `cc-admin settings`; do not edit.\n",
			file ? file : "the defaults");
	for (size_t i = 0; (setting = cc_setting_at(i)); i++)
		printf("\n# %s\n%s = %s\n", setting->text, setting->name,
				cc_settings_str(cli->settings, setting->name));
	return CLI_OK;
}

int cmd_get(struct cli *cli, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		const char *value = cc_settings_str(cli->settings, argv[i]);

		if (!value)
			return cli_fail("unknown setting %s", argv[i]);
		puts(value);
	}
	return CLI_OK;
}

/* The @NAME@ at p: length with both signs, 0 if p is no such thing. */
static size_t marker(const char *p, char name[NAME_MAX_LEN])
{
	size_t len = 1;

	while (isupper((unsigned char)p[len]) || p[len] == '_' || isdigit((unsigned char)p[len]))
		len++;
	if (len == 1 || p[len] != '@' || !isupper((unsigned char)p[1]) || len > NAME_MAX_LEN)
		return 0;
	memcpy(name, p + 1, len - 1);
	name[len - 1] = '\0';
	return len + 1;
}

static int read_all(struct cli *cli, const char *path, const char **text, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = CLI_OK;
	char *buf = NULL;
	ssize_t got = -1;

	if (fd < 0 || fstat(fd, st) < 0) {
		err = cli_fail("%s: %s", path, strerror(errno));
	} else if (!S_ISREG(st->st_mode) || st->st_size > TEMPLATE_MAX) {
		err = cli_fail("%s: not a file of at most %d bytes", path, TEMPLATE_MAX);
	} else {
		buf = cc_alloc(cli->arena, (size_t)st->st_size + 1);
		got = read(fd, buf, (size_t)st->st_size);
		if (got != st->st_size)
			err = cli_fail("%s: cannot be read", path);
		else if (memchr(buf, '\0', (size_t)got))
			err = cli_fail("%s: not a text", path);
	}
	if (fd >= 0)
		close(fd);
	*text = buf;
	return err;
}

/* Leaves an equal file alone, so that its time says when it really changed. */
static int write_all(struct cli *cli, const char *path, const char *text, size_t len, mode_t mode)
{
	const char *temporary = cc_sprintf(cli->arena, "%s.new", path), *old;
	struct stat st;
	FILE *f;
	bool bad;

	if (stat(path, &st) == 0 && (st.st_mode & 0777) == mode && (size_t)st.st_size == len &&
			read_all(cli, path, &old, &st) == CLI_OK && memcmp(old, text, len) == 0)
		return CLI_OK;
	f = fopen(temporary, "we");
	if (!f)
		return cli_fail("%s: %s", temporary, strerror(errno));
	bad = fwrite(text, 1, len, f) != len;
	bad |= fchmod(fileno(f), mode) != 0;
	bad |= fclose(f) != 0;
	if (bad || rename(temporary, path) != 0)
		return cli_fail("%s: %s", path, strerror(errno));
	return CLI_OK;
}

int cmd_render(struct cli *cli, int argc, char **argv)
{
	struct cc_buf out = cc_buf_new(cli->arena);
	const char *text;
	struct stat st;
	int line = 1, err = read_all(cli, argv[0], &text, &st);

	if (err)
		return err;
	for (const char *p = text; *p;) {
		char name[NAME_MAX_LEN];
		size_t len = *p == '@' ? marker(p, name) : 0;
		const char *value;

		if (len == 0) {
			line += *p == '\n';
			cc_buf_add(&out, p++, 1);
			continue;
		}
		value = cc_settings_str(cli->settings, name);
		if (!value)
			return cli_fail("%s:%d: unknown setting %s", argv[0], line, name);
		cc_buf_str(&out, value);
		p += len;
	}
	text = cc_buf_text(&out);
	return write_all(cli, argv[1], text, out.len, st.st_mode & 0777);
}

int cmd_secret(struct cli *cli, int argc, char **argv)
{
	const char *path = cli_path(cli, "etc/secret");
	struct cc_secret secret;
	int err = cc_secret_create(path);

	if (err && err != CC_E_EXIST)
		return cli_fail("%s: %s", path, strerror(errno));
	err = cc_secret_load(&secret, path);
	if (err)
		return cli_fail("%s: %s", path,
				err == CC_E_CORRUPT ? "not 64 hexadecimal digits" : strerror(errno));
	return CLI_OK;
}
