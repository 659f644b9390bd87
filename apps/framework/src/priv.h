/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the framework's own files share. */
#ifndef CC_PRIV_H
#define CC_PRIV_H

#include "cc/auth.h"
#include "cc/form.h"
#include "cc/plugins.h"
#include "cc/template.h"
#include "cc/tz.h"
#include "cc/web.h"

/* plugins get the public functions only */
#pragma GCC visibility push(hidden)

#define LANGUAGES 2
#define SIGN_IN_PATH "/desk/sign-in"
/* Granted in the tenant of the platform only, "*" of another tenant's role does not mean them. */
#define PLATFORM_PERMISSIONS "admin.tenant."
#define SIGN_OUT_PATH "/desk/sign-out"
#define PASSWORD_PATH "/desk/password"
#define CSRF_FIELD "csrf"
#define LANGUAGE_COOKIE "cc_language"

/* The language of a request is an index here; the first is the default. */
extern const char *const cc_languages[LANGUAGES];
int cc_language_find(const char *name, size_t len);

struct zone
{
	struct zone *next;
	char name[65];
	struct cc_tz *tz;
};

/* ---- plugins of a process (plugin_set.c) ---- */

#define PLUGINS_MAX 64 /* bits of a mask */

/* A plugin, application or module. */
struct plugin_slot
{
	char name[CC_PLUGIN_NAME + 1];
	bool on;                     /* enabled for the platform */
	bool per_tenant;             /* needs a row in plugin_tenant */
	bool of_tenants;             /* the platform itself does not have it */
	char permissions[101];       /* of a module: what belongs to it; "": nothing */
	struct cc_plugin_file *file; /* NULL: not loaded here */
	struct cc_route *routes;
	size_t route_count;
};

/* A resource with what the plugins of a mask add to it. */
struct variant
{
	struct variant *next;
	const struct cc_resource *base;
	uint64_t mask;
	struct cc_resource resource;
};

struct tenant_plugins
{
	int64_t tenant;
	uint64_t mask;
};

struct plugin_set
{
	int64_t generation; /* that the slots are of, 0: not read yet */
	struct plugin_slot slot[PLUGINS_MAX];
	size_t count;
	struct tenant_plugins tenant[256]; /* by tenant modulo, tenant 0: empty */
	struct variant *variants;
};

/* ---- what a worker remembers of tenants (known.c) ---- */

#define KNOWN_MAX 32 /* tenants */

struct known
{
	int64_t tenant, generation;
	struct cc_arena *arena;      /* of all of it; NULL: never used */
	struct known_rows *rows[64]; /* by hash */
	size_t count;
};

/* A search that had more rows than a page counts. */
struct many
{
	uint64_t hash; /* of the question */
	int64_t at_ms;
};
#define MANY 256

/* A process: everything that outlives a request. */
struct cc_web
{
	const struct cc_plugin *plugin;
	struct cc_settings *settings;
	struct cc_secret secret;
	struct cc_templates *templates;
	struct cc_catalogue *catalogue[LANGUAGES];
	struct cc_route *routes;
	size_t route_count;
	struct cc_db *db;
	struct cc_db_options db_options;
	struct cc_arena *arena;
	struct zone *zones;
	char asset_version[20];
	struct plugin_set plugins;
	struct known known[KNOWN_MAX];
	struct many many[MANY]; /* by hash; forgotten with every change that this process makes */
	bool publish;           /* this process still has to write the registry */
	bool renew;             /* this worker is to be replaced after its request */
};

/* Input and output of one request, FastCGI or CGI. */
struct cc_io
{
	const char *(*env)(void *ctx, const char *name);
	long (*read)(void *ctx, char *buf, size_t cap);       /* 0 at the end, negative: broken */
	int (*write)(void *ctx, const char *buf, size_t len); /* negative: the client is gone */
	void *ctx;
};

struct deferred
{
	struct deferred *next;
	int (*work)(struct cc_request *rq, void *ctx);
	void *ctx;
	bool needed;
};

struct header
{
	struct header *next;
	const char *name, *value;
};

struct param
{
	const char *name, *value;
};
#define PARAMS 4

/* A file that came with the form. */
struct cc_upload
{
	struct cc_upload *next;
	const char *name, *filename; /* of the field; as the browser said, without folders */
	const char *type;            /* by its content */
	const char *path;            /* temporary, removed after the request unless it is kept */
	int64_t size;
	bool kept;
};

struct cc_web_state
{
	struct cc_web *web;
	const struct cc_io *io;
	bool head;
	struct cc_fields query, form, cookies;
	struct cc_upload *uploads;
	struct param param[PARAMS];
	const struct cc_catalogue *catalogue;
	const struct cc_tz *tz;
	/* session */
	bool has_session;
	bool address_refused; /* who asks is known, but may not come from there */
	uint8_t session_hash[CC_AUTH_HASH];
	char csrf[2 * CC_AUTH_HASH + 1];
	const struct cc_rows *permissions, *preferences;
	struct cc_user user;
	struct known *known;
	int64_t generation; /* of the switches of plugins; 0: not known */
	uint64_t plugins;   /* bits of plugin_set.slot that the tenant has */
	const char *owner;  /* plugin of the route, NULL: the application */
	/* response */
	int status;
	const char *type;
	struct header *headers, **headers_end;
	struct cc_buf body;
	struct deferred *deferred, **deferred_end;
	const char *detail; /* for the log */
};

/* A path and permission that a resource's route is made of. */
struct made_route
{
	char path[128], permission[100];
};

/* route.c */
/* Checks the tables and makes one of them, resources' routes included. error: one line. CC_E_INVAL.
 */
int cc_routes_build(const struct cc_plugin *plugin, struct cc_route **routes, size_t *count,
		char *error, size_t error_cap);
/* The route of method and path and its parameters; otherwise NULL and *allowed: methods the path
 * has, "" if none. */
const struct cc_route *cc_route_find(const struct cc_route *routes, size_t count,
		const char *method, const char *path, struct cc_arena *arena, struct param param[PARAMS],
		const char **allowed);

/* request.c */
void cc_request_serve(struct cc_web *web, const struct cc_io *io);
void cc_request_language(struct cc_request *rq);
/* What cc_defer remembered. */
int cc_run_deferred(struct cc_request *rq);

/* session.c */
/* Finds out who asks. 0: somebody or nobody; negative: the database could not say. */
int cc_identify(struct cc_request *rq);
/* True if the role grants it, whatever the tenant has of modules. */
bool cc_granted(const struct cc_request *rq, const char *permission);
/* The user of a job. 0 with rq->user NULL: there is none who may sign in. */
int cc_identify_user(struct cc_request *rq, int64_t tenant, int64_t user);
/* The row of somebody of the scope's tenant who may sign in, for known.c; columns: session.c. */
int cc_user_read(struct cc_db *db, int64_t user, struct cc_rows *rows);
/* CC_E_DENIED if the request may not change anything. */
int cc_csrf_check(struct cc_request *rq);

/* page.c */
void cc_zone_use(struct cc_request *rq, const char *name);

/* resource.c */
int cc_resource_check(const struct cc_resource *r, char *error, size_t error_cap);
/* True for p.list and those of its actions. */
bool cc_resource_makes_permission(const struct cc_resource *r, const char *name);
/* Its routes; text and out have room for cc_resource_routes_max. */
size_t cc_resource_routes_max(void);
int cc_resource_routes(
		const struct cc_resource *r, struct made_route *text, struct cc_route *out, size_t *count);

/* publish.c */
/* Writes what an application's resources are, and their permissions, to the registry. */
int cc_resources_publish(struct cc_db *db, const struct cc_plugin *plugin);

/* upload.c */
/* Reads a multipart body of want bytes into form and uploads. CC_E_INVAL, CC_E_FULL, CC_E_IO; 1: it
 * is too large, and the answer says so. */
int cc_upload_read(struct cc_request *rq, const char *content_type, size_t want);
/* Removes what was not kept. */
void cc_upload_forget(struct cc_request *rq);
bool cc_resource_has_file(const struct cc_resource *r);

/* known.c: users, permissions of roles, preferences, chosen columns and the menu, remembered as
 * long as the tenant's generation holds, which every request reads with its session. */
void cc_known_use(struct cc_request *rq, int64_t tenant, int64_t generation);
enum known_kind
{
	KNOWN_USER,        /* of the user id, if it may sign in; not kept if there is no row */
	KNOWN_PERMISSIONS, /* permission; of the role id */
	KNOWN_PREFERENCES, /* name, value */
	KNOWN_MENU,        /* path, label, permission, component */
	KNOWN_PARTS,       /* path, permission, component; of every page */
	KNOWN_VIEW,        /* columns, size; of the user id for the list text, perhaps no row */
};
int cc_known(struct cc_request *rq, enum known_kind kind, int64_t id, const char *text,
		const struct cc_rows **rows);
void cc_known_close(struct cc_web *web);

/* registry.c */
int cc_registry_menu(struct cc_request *rq, struct cc_value *list);
/* What every page has of other applications, as a list of path: tabs with the place "page". */
int cc_registry_parts(struct cc_request *rq, struct cc_value *list);
/* "/desk/board" -> "desk-board", as the style sheet names icons. */
const char *cc_icon_name(struct cc_arena *arena, const char *path);

/* plugin_set.c */
/* Before the route is looked for: reads which plugins are enabled if that changed, loads those that
 * are new, finds out which the tenant has. Negative: the database could not say. */
int cc_plugins_follow(struct cc_request *rq);
/* The tenant has this application, or nobody knows of it yet. */
bool cc_plugins_own(const struct cc_request *rq);
/* As cc_route_find, in the routes of the application and then of its plugins. */
const struct cc_route *cc_plugins_route(struct cc_request *rq, const char **allowed);
/* The name of the plugin that the route is of, NULL: the application's own. */
const char *cc_plugins_owner(const struct cc_request *rq, const struct cc_route *route);
/* True if the permission belongs to a module that the tenant has not. */
bool cc_plugins_withhold(const struct cc_request *rq, const char *permission);
/* The resource with what the tenant's plugins add to it. */
const struct cc_resource *cc_plugins_resource(
		struct cc_request *rq, const struct cc_resource *resource);
void cc_plugins_close(struct cc_web *web);

/* server.c */
int cc_web_open(struct cc_web *web, char *error, size_t error_cap);

#pragma GCC visibility pop

#endif
