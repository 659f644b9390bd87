/* SPDX-License-Identifier: GPL-2.0-or-later
 * Settings of the stack (contract/settings.def, docs/contracts.md). */
#ifndef CC_SETTINGS_H
#define CC_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cc_setting_kind
{
	CC_SETTING_STR,
	CC_SETTING_PATH,
	CC_SETTING_INT,
	CC_SETTING_PORT,
	CC_SETTING_ADDR,
	CC_SETTING_BOOL,
};

struct cc_setting
{
	const char *name;
	enum cc_setting_kind kind;
	const char *standard; /* default as in settings.def */
	int base_offset;
	const char *text;
};

struct cc_settings;

/* Reads path (NULL: no file), lets env (as environ; NULL: none) override it, fills in defaults and
 * derived values and checks everything. Daemons read the resolved file with env NULL. Relative
 * paths become absolute. On failure (CC_E_INVAL, CC_E_IO, CC_E_NOMEM) error has one line that names
 * file and line or the variable. */
int cc_settings_load(
		struct cc_settings **s, const char *path, char *const *env, char *error, size_t error_cap);
void cc_settings_free(struct cc_settings *s);

/* Value as text, of any kind; NULL if there is no such setting. Lives as long as s. */
const char *cc_settings_str(const struct cc_settings *s, const char *name);
int64_t cc_settings_int(const struct cc_settings *s, const char *name);
bool cc_settings_bool(const struct cc_settings *s, const char *name);
/* "<CC_RUN>/<below>" into path: length, or CC_E_RANGE. */
int cc_settings_path(const struct cc_settings *s, const char *below, char *path, size_t cap);
/* Database account of a program: CC_DB_USER if that is set, else the program's own. */
const char *cc_settings_db_user(const struct cc_settings *s, const char *own);
/* The i-th setting in the order of settings.def; NULL after the last. */
const struct cc_setting *cc_setting_at(size_t i);

#endif
