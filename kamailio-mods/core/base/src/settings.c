/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cc/err.h"
#include "cc/settings.h"
#include "cc/utf8.h"

#define LINE_MAX_LEN 4096

static const struct cc_setting table[] = {
#define CC_SETTING(name, kind, standard, base, text)                                               \
	{#name, CC_SETTING_##kind, standard, base, text},
#include "settings.def"
#undef CC_SETTING
};

enum
{
	COUNT = sizeof(table) / sizeof(table[0])
};

struct cc_settings
{
	char *value[COUNT];
};

struct error
{
	char *text;
	size_t cap;
};

__attribute__((format(printf, 2, 3))) static int fail(
		const struct error *e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(e->text, e->cap, format, args);
	va_end(args);
	return CC_E_INVAL;
}

static int find(const char *name)
{
	for (int i = 0; i < COUNT; i++)
		if (strcmp(table[i].name, name) == 0)
			return i;
	return -1;
}

static bool parse_int(const char *text, int64_t *out)
{
	char *end;
	long long v;

	if (*text == '\0' || *text == ' ' || *text == '\t')
		return false;
	errno = 0;
	v = strtoll(text, &end, 10);
	if (*end != '\0' || errno != 0)
		return false;
	*out = v;
	return true;
}

static const char *bool_text(const char *text)
{
	static const char *const yes[] = {"yes", "true", "on", "1"}, *const no[] = {
																		 "no", "false", "off", "0"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (strcasecmp(text, yes[i]) == 0)
			return "yes";
		if (strcasecmp(text, no[i]) == 0)
			return "no";
	}
	return NULL;
}

static char *absolute(const char *path)
{
	char cwd[PATH_MAX], *out;

	while (path[0] == '.' && path[1] == '/')
		path += 2;
	if (*path == '\0' || *path == '/')
		return strdup(path);
	if (!getcwd(cwd, sizeof(cwd)) || asprintf(&out, "%s/%s", cwd, path) < 0)
		return NULL;
	return out;
}

/* Stores text in its normal form. where: what the error names. */
static int set(
		struct cc_settings *s, int i, const char *text, const char *where, const struct error *e)
{
	unsigned char address[16];
	const char *kind = NULL, *normal = text;
	char *value;
	int64_t v;

	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			return fail(e, "%s: %s holds a control character", where, table[i].name);
	if (!cc_utf8_valid(text, strlen(text)))
		return fail(e, "%s: %s is not UTF-8", where, table[i].name);
	switch (table[i].kind) {
	case CC_SETTING_STR:
	case CC_SETTING_PATH:
		break;
	case CC_SETTING_INT:
		if (!parse_int(text, &v))
			kind = "a whole number";
		break;
	case CC_SETTING_PORT:
		if (!parse_int(text, &v) || v < 1 || v > 65535)
			kind = "a port (1 to 65535)";
		break;
	case CC_SETTING_ADDR:
		if (inet_pton(AF_INET, text, address) != 1 && inet_pton(AF_INET6, text, address) != 1)
			kind = "an IP address";
		break;
	case CC_SETTING_BOOL:
		normal = bool_text(text);
		if (!normal)
			kind = "yes or no";
		break;
	}
	if (kind)
		return fail(e, "%s: %s must be %s, not \"%s\"", where, table[i].name, kind, text);
	value = table[i].kind == CC_SETTING_PATH ? absolute(normal) : strdup(normal);
	if (!value)
		return CC_E_NOMEM;
	free(s->value[i]);
	s->value[i] = value;
	return 0;
}

static char *trim(char *s)
{
	char *end;

	s += strspn(s, " \t");
	end = s + strlen(s);
	while (end > s && strchr(" \t\r\n", end[-1]))
		end--;
	*end = '\0';
	return s;
}

static int read_file(struct cc_settings *s, const char *path, const struct error *e)
{
	char line[LINE_MAX_LEN], where[PATH_MAX + 16];
	bool seen[COUNT] = {false};
	int err = 0, number = 0;
	FILE *f = fopen(path, "re");

	if (!f) {
		fail(e, "%s: %s", path, strerror(errno));
		return CC_E_IO;
	}
	while (!err && fgets(line, sizeof(line), f)) {
		char *name, *equals;
		int i;

		snprintf(where, sizeof(where), "%s:%d", path, ++number);
		if (!strchr(line, '\n') && !feof(f)) {
			err = fail(e, "%s: the line is too long or holds a NUL", where);
			break;
		}
		name = trim(line);
		if (*name == '\0' || *name == '#')
			continue;
		equals = strchr(name, '=');
		if (!equals) {
			err = fail(e, "%s: no '=' in \"%s\"", where, name);
			break;
		}
		*equals = '\0';
		name = trim(name);
		i = find(name);
		if (i < 0)
			err = fail(e, "%s: unknown setting %s", where, name);
		else if (seen[i])
			err = fail(e, "%s: %s is set twice", where, name);
		else
			err = set(s, i, trim(equals + 1), where, e);
		if (i >= 0)
			seen[i] = true;
	}
	if (!err && ferror(f)) {
		fail(e, "%s: %s", path, strerror(errno));
		err = CC_E_IO;
	}
	fclose(f);
	return err;
}

static int read_environment(struct cc_settings *s, char *const *env, const struct error *e)
{
	for (int i = 0; i < COUNT; i++) {
		size_t len = strlen(table[i].name);

		for (char *const *v = env; *v; v++) {
			int err;

			if (strncmp(*v, table[i].name, len) != 0 || (*v)[len] != '=')
				continue;
			err = set(s, i, *v + len + 1, "environment", e);
			if (err)
				return err;
		}
	}
	return 0;
}

static int set_int(struct cc_settings *s, const char *name, int64_t v, const char *where,
		const struct error *e)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)v);
	return set(s, find(name), text, where, e);
}

static int fill_defaults(struct cc_settings *s, const struct error *e)
{
	int64_t base = cc_settings_int(s, "CC_PORT_BASE");
	int err = 0;

	if (base < 0 || base > 65535)
		return fail(e, "CC_PORT_BASE: %lld is not a port", (long long)base);
	for (int i = 0; i < COUNT && !err; i++) {
		if (s->value[i])
			continue;
		if (table[i].base_offset >= 0 && base > 0)
			err = set_int(s, table[i].name, base + table[i].base_offset, "CC_PORT_BASE", e);
		else if (table[i].standard[0] == '$') /* refers to an earlier one */
			err = set(s, i, s->value[find(table[i].standard + 1)], "settings.def", e);
		else if (table[i].standard[0] != '\0' || table[i].kind == CC_SETTING_STR ||
				 table[i].kind == CC_SETTING_PATH)
			err = set(s, i, table[i].standard, "settings.def", e);
	}
	return err;
}

/* The lower two thirds of the media ports belong to rtpengine; cc-mixd begins at an even one (RTP,
 * RTCP above). */
static int derive(struct cc_settings *s, const struct error *e)
{
	int64_t min = cc_settings_int(s, "CC_RTP_MIN"), max = cc_settings_int(s, "CC_RTP_MAX"), mix;
	int err = 0;

	if (!s->value[find("CC_MIX_MIN")]) {
		mix = (min + (max - min + 1) * 2 / 3 + 1) & ~1LL;
		err = set_int(s, "CC_MIX_MIN", mix > 65535 ? max : mix, "CC_RTP_MAX", e);
	}
	if (!err && !s->value[find("CC_RTPENGINE_MAX")])
		err = set_int(s, "CC_RTPENGINE_MAX", cc_settings_int(s, "CC_MIX_MIN") - 1, "CC_MIX_MIN", e);
	return err;
}

static int check(const struct cc_settings *s, const struct error *e)
{
	static const struct
	{
		const char *name;
		int64_t min, max;
	} ranges[] = {
			{"CC_NODE", 1, 4095},
			{"CC_SIP_WORKERS", 1, 64},
			{"CC_SHM_MB", 64, 65536},
			{"CC_WEB_WORKERS", 1, 256},
			{"CC_MIN_FREE_MB", 0, INT32_MAX},
			{"CC_JOURNAL_DAYS", 0, 36500},
	};
	int64_t min = cc_settings_int(s, "CC_RTP_MIN"), max = cc_settings_int(s, "CC_RTP_MAX");
	int64_t edge = cc_settings_int(s, "CC_RTPENGINE_MAX"), mix = cc_settings_int(s, "CC_MIX_MIN");

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		int64_t v = cc_settings_int(s, ranges[i].name);

		if (v < ranges[i].min || v > ranges[i].max)
			return fail(e, "%s must be %lld to %lld, not %lld", ranges[i].name,
					(long long)ranges[i].min, (long long)ranges[i].max, (long long)v);
	}
	if (max - min < 59)
		return fail(e, "CC_RTP_MIN to CC_RTP_MAX: fewer than 60 media ports");
	if (edge <= min || mix <= edge || mix >= max || mix % 2 != 0)
		return fail(
				e, "CC_MIX_MIN (even) and CC_RTPENGINE_MAX do not split CC_RTP_MIN to CC_RTP_MAX");
	if (*cc_settings_str(s, "CC_RUN") == '\0')
		return fail(e, "CC_RUN must not be empty");
	if (*cc_settings_str(s, "CC_USER") == '\0')
		return fail(e, "CC_USER must not be empty");
	return 0;
}

int cc_settings_load(
		struct cc_settings **out, const char *path, char *const *env, char *error, size_t error_cap)
{
	struct error e = {.text = error, .cap = error_cap};
	struct cc_settings *s = calloc(1, sizeof(*s));
	int err = s ? 0 : CC_E_NOMEM;

	if (error_cap > 0)
		error[0] = '\0';
	if (!err && path)
		err = read_file(s, path, &e);
	if (!err && env)
		err = read_environment(s, env, &e);
	if (!err)
		err = fill_defaults(s, &e);
	if (!err)
		err = derive(s, &e);
	if (!err)
		err = check(s, &e);
	if (err) {
		if (error_cap > 0 && error[0] == '\0')
			snprintf(error, error_cap, "%s", strerror(ENOMEM));
		cc_settings_free(s);
		return err;
	}
	*out = s;
	return 0;
}

void cc_settings_free(struct cc_settings *s)
{
	if (!s)
		return;
	for (int i = 0; i < COUNT; i++)
		free(s->value[i]);
	free(s);
}

const char *cc_settings_str(const struct cc_settings *s, const char *name)
{
	int i = find(name);

	return i < 0 ? NULL : s->value[i];
}

int64_t cc_settings_int(const struct cc_settings *s, const char *name)
{
	const char *text = cc_settings_str(s, name);
	int64_t v;

	return text && parse_int(text, &v) ? v : 0;
}

bool cc_settings_bool(const struct cc_settings *s, const char *name)
{
	const char *text = cc_settings_str(s, name);

	return text && strcmp(text, "yes") == 0;
}

int cc_settings_path(const struct cc_settings *s, const char *below, char *path, size_t cap)
{
	int n = snprintf(path, cap, "%s/%s", cc_settings_str(s, "CC_RUN"), below);

	return n < 0 || (size_t)n >= cap ? CC_E_RANGE : n;
}

const char *cc_settings_db_user(const struct cc_settings *s, const char *own)
{
	const char *user = cc_settings_str(s, "CC_DB_USER");

	return *user ? user : own;
}

const struct cc_setting *cc_setting_at(size_t i)
{
	return i < COUNT ? &table[i] : NULL;
}
