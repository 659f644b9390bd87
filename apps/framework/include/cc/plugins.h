/* SPDX-License-Identifier: GPL-2.0-or-later
 * For the programs that load plugins and switch them: files, the note of the one at work, and the
 * tables in the database (db/web/0020_plugin.sql). Plugins themselves need cc/plugin.h only. */
#ifndef CC_PLUGINS_H
#define CC_PLUGINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cc/db.h"
#include "cc/plugin.h"

#define CC_PLATFORM 1     /* tenant of the operator */
#define CC_PLUGIN_NAME 32 /* longest name */
#define CC_PLUGIN_FAULT 300

/* ---- files ---- */

struct cc_plugin_file
{
	char folder[512];        /* of the plugin */
	struct cc_plugin plugin; /* the manifest; what its size does not reach is NULL */
	void *handle;
	bool started;
};

/* True for 1 to CC_PLUGIN_NAME of a-z, 0-9 and '_', the first a letter. */
bool cc_plugin_name_is_valid(const char *name);
/* Loads <prefix>/plugins/<name>/<name>.so and checks it: owner and permissions of file and folder,
 * symbol, ABI, manifest. Nothing of it has been called but the function that gives the manifest.
 * CC_E_NOENT: there is no such file; CC_E_DENIED, CC_E_INVAL: refused. error: one line. */
int cc_plugin_open(struct cc_plugin_file **file, const char *prefix, const char *name, char *error,
		size_t error_cap);
/* Calls its start, once. CC_E_INVAL: it refused. */
int cc_plugin_start(struct cc_plugin_file *file, const struct cc_settings *settings, char *error,
		size_t error_cap);
/* Stops and unloads it; NULL is none. */
void cc_plugin_close(struct cc_plugin_file *file);
/* Opens, starts and closes it in a process of its own, which may die of it: then error says by
 * which signal. */
int cc_plugin_try(const char *prefix, const char *name, const struct cc_settings *settings,
		char *error, size_t error_cap);
/* Checks the tables of a manifest, also of an application. CC_E_INVAL: error has one line. */
int cc_plugin_check(const struct cc_plugin *plugin, char *error, size_t error_cap);
/* True if the plugin names the program as a host. */
bool cc_plugin_is_for(const struct cc_plugin *plugin, const char *host);
/* -1, 0, 1 as strcmp, of "1.10" and "1.9" by their numbers. */
int cc_version_compare(const char *a, const char *b);

/* NULL if the text is a valid value of such an option, otherwise why not, in English (CC_N). */
const char *cc_option_refuses(enum cc_option_kind kind, int64_t min, int64_t max,
		const char *const *choices, const char *value);
extern const char *const cc_option_kinds[]; /* "text", "int" …, ends with NULL */

/* ---- which plugin is at work ---- */

#define CC_WORK_SECONDS                                                                            \
	60 /* longer a plugin's function does not work: SIGALRM ends the process                       \
		*/

/* Shared memory: what a process was at when it died. */
struct cc_work
{
	char plugin[CC_PLUGIN_NAME + 1]; /* "" if none */
	char what[160];                  /* "GET /reports/skeleton/notes" */
};

/* Where this process notes it from now on. */
void cc_work_use(struct cc_work *work);
/* What the process is at, in general. */
void cc_work_on(const char *what);
/* Notes the plugin whose code runs next, NULL: none. Returns the one before, to be given back. */
const char *cc_work_enter(const char *plugin);

/* ---- the database: 0 or the error of a statement; the caller has the transaction ---- */

#define CC_CRASHES_MAX 3
#define CC_CRASHES_MS (5 * 60 * 1000LL)

/* Writes what the application or plugin offers: menu, permissions, tabs, reports, options and its
 * own row. Raises the generation if the row is new or of another version. */
int cc_registry_publish(struct cc_db *db, const struct cc_plugin *plugin);
/* Writes what was found in its file or folder; fault "": it can be enabled. plugin NULL: no
 * manifest could be read. */
int cc_registry_found(
		struct cc_db *db, const char *name, const struct cc_plugin *plugin, const char *fault);
/* Enables a plugin whose needs and schema the caller has checked. */
int cc_registry_enable(struct cc_db *db, const struct cc_plugin *plugin, int64_t now_ms);
/* Disables it and takes back what it offers. Its data stay. why: "" when somebody wanted it. */
int cc_registry_disable(struct cc_db *db, const char *name, const char *why);
/* Puts a plugin, module or paid application into the contract of the tenant {tenant}, or takes it
 * out of it. CC_E_NOENT: there is no such one; CC_E_STATE: it is not enabled for the platform. */
int cc_registry_grant(struct cc_db *db, const char *name, bool on, int64_t now_ms);
/* Switches what is in the contract, as the tenant itself wants it. CC_E_NOENT: it is not in it. */
int cc_registry_use(struct cc_db *db, const char *name, bool on);
/* One line about the first need that is not met, NULL if all are: what is missing for enabling. */
int cc_registry_needs(struct cc_db *db, struct cc_arena *arena, const struct cc_plugin *plugin,
		const char **missing);
/* Names of enabled plugins that need this one, with commas, "" if none. */
int cc_registry_needed_by(
		struct cc_db *db, struct cc_arena *arena, const char *name, const char **names);
/* Keeps a crash (host, what it was at, how it ended) in a transaction of its own and disables a
 * plugin that crashed CC_CRASHES_MAX times within CC_CRASHES_MS: *disabled. */
int cc_registry_crashed(struct cc_db *db, const char *name, const char *host, const char *what,
		const char *how, int64_t now_ms, bool *disabled);
/* Every switch raises it; workers compare. */
int cc_registry_generation(struct cc_db *db, int64_t *generation);

#endif
