/* SPDX-License-Identifier: GPL-2.0-or-later
 * The manifest that every application and every plugin carries: constant tables, each ends with an
 * element of zeros. docs/plugins.md shows how a plugin is written, plugins/skeleton is a start.
 *
 * A plugin <name> is the folder plugins/<name>/ with <name>.so and, where it has them, db/ (its
 * migrations), templates/ (called "<name>/…") and locale/<language>.mo. The programs that its
 * manifest names as hosts load it while it is enabled. Its name begins its permissions
 * ("<name>.…"), its tables and the columns it adds to lists ("<name>_…"), its kinds of jobs
 * ("<name>.…"), and its paths are below "/<host>/<name>/". */
#ifndef CC_PLUGIN_H
#define CC_PLUGIN_H

#include "cc/ulid.h"
#include "cc/web.h"

struct cc_task;

/* "<component>.<resource>.<action>" with a label for the editor of roles. */
struct cc_permission
{
	const char *name, *label;
};

struct cc_route
{
	const char *method; /* "GET" (HEAD too) or "POST" */
	const char *path; /* "/reports/calls/{id}": {name} stands for one segment, cc_param gives it */
	const char *permission;
	int (*handle)(struct cc_request *rq);
	const struct cc_resource *resource; /* set by the framework in routes it makes of resources */
};

struct cc_menu
{
	const char *path, *label, *permission;
	int position; /* menus of all applications are sorted by it */
};

/* A part of an application or plugin that a tenant has only with a contract for it
 * (docs/plugins.md). Who has it not, has none of the permissions that belong to it: menus, pages,
 * buttons, tabs, reports, JSON and jobs that ask for them are not there. What else depends on it
 * asks cc_enabled. */
struct cc_module
{
	const char *name, *title; /* CC_NC("module", …) */
	const char *summary;      /* CC_NC("module", …), may be NULL */
	/* "crm.orders.": those that begin so, and kinds of a plugin's jobs that do; NULL: none */
	const char *permissions;
};

enum cc_option_kind
{
	CC_OPTION_TEXT,   /* min…max characters (max 0: 200) */
	CC_OPTION_INT,    /* min…max */
	CC_OPTION_BOOL,   /* "0" or "1" */
	CC_OPTION_CHOICE, /* one of choices */
};

/* A setting of a plugin, each tenant has its own value: the page of settings is made of these. */
struct cc_option
{
	const char *name;
	enum cc_option_kind kind;
	const char *label;   /* CC_NC("setting", …) */
	const char *help;    /* CC_NC("setting", …), may be NULL */
	const char *initial; /* value until somebody sets one */
	int64_t min, max;
	const char *const *choices; /* CHOICE: codes, ends with NULL; translation context "setting" */
};

/* A piece of another application's page: an HTML fragment that the page fetches from path, with
 * ?call= and ?number= appended. */
struct cc_tab
{
	/* "call": the page of a call, the screen pop and the customer card; "card": that alone; both
	 * get ?customer= there too. "home": a card of the start page, "page": a part of every page
	 * without a label; nothing is appended to these two */
	const char *place;
	const char *path, *label, *permission; /* label: CC_NC("tab", …) */
	int position;
};

/* An entry in the list of reports. */
struct cc_report
{
	const char *path, *label, *permission; /* label: CC_NC("report", …) */
	int position;
};

/* One record of the journal (kamailio-mods/contract/events.def) for a handler of host "eventd". */
struct cc_event
{
	const char *name; /* "call.new" */
	uint64_t seq;
	int64_t time_ms, tenant;
	struct cc_ulid call; /* zeros if none */
	uint32_t call_seq;
	struct json_object *fields;
	struct cc_arena *arena; /* lives as long as the event */
	struct cc_db *db; /* {tenant} is the event's; what is written is committed with the cursor */
	const struct cc_settings *settings;
};

struct cc_event_handler
{
	const char *event; /* "call.new", "*": every one */
	/* 0; CC_E_IO and CC_E_STATE: the same event comes again; others: it is passed and named. */
	int (*handle)(const struct cc_event *event);
};

/* Columns for a list of another application (with CC_COLUMN_FILTER and CC_COLUMN_SEARCH filters),
 * and buttons of its rows that lead to pages of the plugin. */
struct cc_extension
{
	const char *resource; /* path of the list: "/reports/calls", "/crm/customers/{package}" */
	const char *join;     /* appended to its FROM part, with {tenant}; NULL: nothing */
	const struct cc_column *columns; /* NULL: none */
	const struct cc_action *buttons; /* with page and permission; NULL: none */
};

enum
{
	/* tenants have it only with a contract for it; plugins are always so */
	CC_PLUGIN_PAID = 1,
	/* for the work of tenants: the platform itself does not have it */
	CC_PLUGIN_OF_TENANTS = 2,
};

/* Changes with the meaning of the manifest (first factor) and with the size of the structures that
 * a plugin hands over or reads. */
#define CC_PLUGIN_ABI                                                                              \
	((uint32_t)((2u << 24) |                                                                       \
				((sizeof(struct cc_resource) * 31 + sizeof(struct cc_column) * 7 +                 \
						 sizeof(struct cc_many) * 11 + sizeof(struct cc_user) * 5 +                \
						 sizeof(struct cc_action) * 13 + sizeof(struct cc_with) * 19 +             \
						 sizeof(struct cc_extension) * 17 + sizeof(struct cc_request) * 3 +        \
						 sizeof(struct cc_event)) &                                                \
						0xFFFFFF)))

struct cc_plugin
{
	uint32_t abi, size; /* CC_PLUGIN_ABI, sizeof(struct cc_plugin): what lies behind size is NULL */
	const char *name;   /* component: first part of permissions; of an application: its socket */
	const char *version; /* "1.2": numbers with dots between them */
	const struct cc_permission *permissions;
	const struct cc_route *routes;
	const struct cc_resource *const *resources;
	const struct cc_menu *menu;
	unsigned flags;
	const char *title, *summary; /* CC_NC("plugin", …), for people */
	const char *const *hosts;    /* "desk", "reports", "eventd", "jobd" …; NULL: an application */
	const char *const *needs;    /* "reports" or "area 1.2": at least that version, enabled */
	unsigned schema;             /* number of its last migration, 0: it has none */
	const struct cc_module *modules;
	const struct cc_option *options;
	const struct cc_tab *tabs;
	const struct cc_report *reports;
	const struct cc_extension *extensions;
	const struct cc_event_handler *events;
	const struct cc_job_kind *jobs;
	/* Once in every process that loads it, before anything else of it is called. folder is the
	 * plugin's own. An error, with a line in error, refuses it. stop: before it is unloaded. */
	int (*start)(
			const struct cc_settings *settings, const char *folder, char *error, size_t error_cap);
	void (*stop)(void);
	const struct cc_task *tasks; /* of an application: long work of its pages, cc/jobs.h */
};

/* The one symbol that a plugin exports. */
#define CC_PLUGIN_SYMBOL "cc_plugin_manifest"
#define CC_PLUGIN(manifest)                                                                        \
	__attribute__((visibility("default"))) const struct cc_plugin *cc_plugin_manifest(void);       \
	const struct cc_plugin *cc_plugin_manifest(void)                                               \
	{                                                                                              \
		return &(manifest);                                                                        \
	}

/* ---- for pages and handlers ---- */

/* True if the plugin, application or module is there for the tenant of the request (without one:
 * for the platform). */
bool cc_enabled(const struct cc_request *rq, const char *name);

/* The tenant's value of an option of the plugin's manifest, its initial one if none was set. */
int cc_option(
		struct cc_db *db, const struct cc_plugin *plugin, const char *name, const char **value);

/* Tabs for a place of a page, as a list of path, label: those that are enabled and permitted. call
 * and number (may be NULL) are appended to the paths. */
int cc_tabs(struct cc_request *rq, const char *place, const char *call, const char *number,
		struct cc_value *list);
/* Those of the customer card, "card" and "call": &customer=<id> behind number, unless it is 0. */
int cc_tabs_of_card(struct cc_request *rq, const char *call, const char *number, int64_t customer,
		struct cc_value *list);
/* Cards of the start page. */
int cc_tabs_of_home(struct cc_request *rq, struct cc_value *list);

/* Reports of all applications and plugins, as a list of path, label, icon: those that are enabled
 * and permitted. */
int cc_reports(struct cc_request *rq, struct cc_value *list);

#endif
