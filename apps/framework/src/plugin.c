/* SPDX-License-Identifier: GPL-2.0-or-later
 * Files of plugins: found, checked, loaded, started. */
#include "cc/plugins.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cc/job.h"
#include "cc/resource.h"
#include "priv.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"

/* The smallest manifest: up to and including menu. */
#define SIZE_MIN offsetof(struct cc_plugin, flags)

bool cc_plugin_name_is_valid(const char *name)
{
	size_t len = strlen(name);
	return len >= 1 && len <= CC_PLUGIN_NAME && strspn(name, LOWER "0123456789_") == len &&
		   strchr(LOWER, name[0]);
}

int cc_version_compare(const char *a, const char *b)
{
	while (*a || *b) {
		char *next_a, *next_b;
		unsigned long x = strtoul(a, &next_a, 10), y = strtoul(b, &next_b, 10);
		if (x != y)
			return x < y ? -1 : 1;
		if ((next_a == a && *a) || (next_b == b && *b))
			return strcmp(a, b);
		a = *next_a == '.' ? next_a + 1 : next_a;
		b = *next_b == '.' ? next_b + 1 : next_b;
	}
	return 0;
}

bool cc_plugin_is_for(const struct cc_plugin *plugin, const char *host)
{
	for (const char *const *h = plugin->hosts; h && *h; h++)
		if (!strcmp(*h, host))
			return true;
	return false;
}

/* ---- the manifest ---- */

static bool begins(const char *text, const char *name, char separator)
{
	size_t len = strlen(name);
	return text && !strncmp(text, name, len) && text[len] == separator && text[len + 1];
}

/* A plugin's own paths: "/<host>/<plugin>" and below, of a host that it names. */
static bool path_is_own(const struct cc_plugin *p, const char *path)
{
	for (const char *const *h = p->hosts; *h; h++) {
		size_t host = strlen(*h), name = strlen(p->name);
		if (path && path[0] == '/' && !strncmp(path + 1, *h, host) && path[1 + host] == '/' &&
				!strncmp(path + 2 + host, p->name, name) &&
				(!path[2 + host + name] || path[2 + host + name] == '/'))
			return true;
	}
	return false;
}

static const char *extension_fault(const struct cc_plugin *p, const struct cc_extension *e)
{
	for (const struct cc_column *c = e->columns; c && c->name; c++)
		if (!begins(c->name, p->name, '_'))
			return "a column that does not begin with its name";
		else if (!c->sql || (c->flags & CC_COLUMN_FORM))
			return "a column for another list that has no SQL or is for forms";
	for (const struct cc_action *b = e->buttons; b && b->name; b++)
		if (!begins(b->name, p->name, '_') || !begins(b->permission, p->name, '.') ||
				!path_is_own(p, b->page) || !b->label)
			return "a button for another list that does not lead to a page of its own by its name "
				   "and permission";
	return NULL;
}

static const char *option_fault(const struct cc_option *o)
{
	if (!o->label || !o->initial)
		return "a setting without label or initial value";
	return cc_option_refuses(o->kind, o->min, o->max, o->choices, o->initial)
				   ? "a setting whose initial value is not valid"
				   : NULL;
}

static const char *module_fault(const struct cc_plugin *p, const struct cc_module *m)
{
	size_t len = m->permissions ? strlen(m->permissions) : 0;
	if (!cc_plugin_name_is_valid(m->name) || !m->title)
		return "a module without title or valid name";
	return len && (!begins(m->permissions, p->name, '.') || m->permissions[len - 1] != '.')
				   ? "a module whose permissions do not begin with its name or end with a dot"
				   : NULL;
}

/* What only a plugin has to keep to. */
static const char *plugin_fault(const struct cc_plugin *p)
{
	for (const struct cc_route *r = p->routes; r && r->method; r++)
		if (!path_is_own(p, r->path))
			return "a route that is not below /<host>/<name>";
	for (size_t i = 0; p->resources && p->resources[i]; i++)
		if (!path_is_own(p, p->resources[i]->path))
			return "a resource that is not below /<host>/<name>";
	for (const struct cc_menu *m = p->menu; m && m->path; m++)
		if (!path_is_own(p, m->path))
			return "a menu entry that is not below /<host>/<name>";
	for (const struct cc_tab *t = p->tabs; t && t->place; t++)
		if (!path_is_own(p, t->path))
			return "a tab that is not below /<host>/<name>";
	for (const struct cc_report *r = p->reports; r && r->path; r++)
		if (!path_is_own(p, r->path))
			return "a report that is not below /<host>/<name>";
	for (const struct cc_event_handler *e = p->events; e && e->event; e++)
		if (!e->handle || !cc_plugin_is_for(p, "eventd"))
			return "an event handler without function or without host eventd";
	for (const struct cc_job_kind *k = p->jobs; k && k->name; k++)
		if (!k->run || k->limit_s <= 0 || !begins(k->name, p->name, '.') ||
				!cc_plugin_is_for(p, "jobd"))
			return "a job without function, limit, its name before it or host jobd";
	const char *fault = NULL;
	for (const struct cc_extension *e = p->extensions; e && e->resource && !fault; e++)
		fault = extension_fault(p, e);
	return fault;
}

int cc_plugin_check(const struct cc_plugin *p, char *error, size_t error_cap)
{
	const char *fault = NULL;
	struct cc_route *routes = NULL;
	size_t count;
	if (p->abi != CC_PLUGIN_ABI) {
		snprintf(error, error_cap, "is of ABI %08x, this is %08x: build it again", p->abi,
				CC_PLUGIN_ABI);
		return CC_E_INVAL;
	}
	if (!p->name || !cc_plugin_name_is_valid(p->name))
		fault = "no valid name";
	else if (!p->version || strspn(p->version, "0123456789.") != strlen(p->version))
		fault = "no valid version";
	else if (p->hosts)
		fault = plugin_fault(p);
	for (const struct cc_option *o = p->options; o && o->name && !fault; o++)
		fault = option_fault(o);
	for (const struct cc_module *m = p->modules; m && m->name && !fault; m++)
		fault = module_fault(p, m);
	if (fault) {
		snprintf(error, error_cap, "its manifest has %s", fault);
		return CC_E_INVAL;
	}
	int err = cc_routes_build(p, &routes, &count, error, error_cap);
	free(routes);
	return err;
}

/* ---- the file ---- */

/* Trusted as the program itself: its owner or root owns it, nobody else may write. */
static int check_owner(const char *path, bool folder, char *error, size_t error_cap)
{
	struct stat st, program;
	if (lstat(path, &st)) {
		snprintf(error, error_cap, "%s: %s", path, strerror(errno));
		return CC_E_NOENT;
	}
	if (folder ? !S_ISDIR(st.st_mode) : !S_ISREG(st.st_mode)) {
		snprintf(error, error_cap, "%s is no %s", path, folder ? "folder" : "plain file");
		return CC_E_DENIED;
	}
	if (st.st_uid && (stat("/proc/self/exe", &program) || program.st_uid != st.st_uid)) {
		snprintf(error, error_cap, "%s does not belong to root", path);
		return CC_E_DENIED;
	}
	if (st.st_mode & (S_IWGRP | S_IWOTH)) {
		snprintf(error, error_cap, "%s can be written by others (mode %o)", path,
				(unsigned)st.st_mode & 07777);
		return CC_E_DENIED;
	}
	return 0;
}

static int load(
		struct cc_plugin_file *f, const char *path, const char *name, char *error, size_t error_cap)
{
	f->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!f->handle) {
		snprintf(error, error_cap, "cannot be loaded: %s", dlerror());
		return CC_E_INVAL;
	}
	const struct cc_plugin *(*manifest)(void);
	*(void **)&manifest = dlsym(f->handle, CC_PLUGIN_SYMBOL);
	if (!manifest) {
		snprintf(error, error_cap, "%s has no %s", path, CC_PLUGIN_SYMBOL);
		return CC_E_INVAL;
	}
	const struct cc_plugin *theirs = manifest();
	if (!theirs || theirs->size < SIZE_MIN) {
		snprintf(error, error_cap, "its manifest is too short");
		return CC_E_INVAL;
	}
	memcpy(&f->plugin, theirs, theirs->size < sizeof f->plugin ? theirs->size : sizeof f->plugin);
	int err = cc_plugin_check(&f->plugin, error, error_cap);
	if (!err && (strcmp(f->plugin.name, name) || !f->plugin.hosts)) {
		snprintf(error, error_cap, f->plugin.hosts ? "calls itself %s" : "names no hosts",
				f->plugin.name);
		err = CC_E_INVAL;
	}
	return err;
}

int cc_plugin_open(struct cc_plugin_file **file, const char *prefix, const char *name, char *error,
		size_t error_cap)
{
	char path[600];
	if (!cc_plugin_name_is_valid(name)) {
		snprintf(error, error_cap, "is no name of a plugin");
		return CC_E_INVAL;
	}
	struct cc_plugin_file *f = calloc(1, sizeof *f);
	if (!f)
		return CC_E_NOMEM;
	const char *before = cc_work_enter(name);
	int err = 0;
	if (snprintf(f->folder, sizeof f->folder, "%s/plugins/%s", prefix, name) >=
			(int)sizeof f->folder)
		err = CC_E_RANGE;
	snprintf(path, sizeof path, "%s/%s.so", f->folder, name);
	if (!err)
		err = check_owner(f->folder, true, error, error_cap);
	if (!err)
		err = check_owner(path, false, error, error_cap);
	if (!err)
		err = load(f, path, name, error, error_cap);
	cc_work_enter(before);
	if (err)
		cc_plugin_close(f);
	else
		*file = f;
	return err;
}

int cc_plugin_start(
		struct cc_plugin_file *f, const struct cc_settings *settings, char *error, size_t error_cap)
{
	int err = 0;
	if (f->started)
		return 0;
	if (f->plugin.start) {
		const char *before = cc_work_enter(f->plugin.name);
		snprintf(error, error_cap, "does not start");
		err = f->plugin.start(settings, f->folder, error, error_cap) ? CC_E_INVAL : 0;
		cc_work_enter(before);
	}
	f->started = !err;
	return err;
}

void cc_plugin_close(struct cc_plugin_file *f)
{
	if (!f)
		return;
	if (f->started && f->plugin.stop) {
		const char *before = cc_work_enter(f->plugin.name);
		f->plugin.stop();
		cc_work_enter(before);
	}
	if (f->handle)
		dlclose(f->handle);
	free(f);
}

/* ---- a trial ---- */

struct verdict
{
	int err;
	char error[CC_PLUGIN_FAULT];
};

int cc_plugin_try(const char *prefix, const char *name, const struct cc_settings *settings,
		char *error, size_t error_cap)
{
	struct verdict v = {0};
	int fd[2], status = 0;
	if (pipe(fd))
		return CC_E_IO;
	pid_t child = fork();
	if (!child) {
		struct cc_plugin_file *f = NULL;
		close(fd[0]);
		signal(SIGALRM, SIG_DFL);
		v.err = cc_plugin_open(&f, prefix, name, v.error, sizeof v.error);
		if (!v.err)
			v.err = cc_plugin_start(f, settings, v.error, sizeof v.error);
		cc_plugin_close(f);
		/* shorter than a pipe holds, so this does not wait */
		_exit(write(fd[1], &v, sizeof v) == sizeof v ? 0 : 1);
	}
	close(fd[1]);
	ssize_t got = child < 0 ? -1 : read(fd[0], &v, sizeof v);
	close(fd[0]);
	if (child < 0)
		return CC_E_IO;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (got != sizeof v || WIFSIGNALED(status)) {
		v.err = CC_E_INVAL;
		snprintf(v.error, sizeof v.error, "crashes when it is loaded (%s)",
				WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "it ended the process");
	}
	if (v.err)
		snprintf(error, error_cap, "%s", v.error);
	return v.err;
}

/* ---- the note of the plugin at work ---- */

static struct cc_work own_work, *work = &own_work;
static const char *at_work;

void cc_work_use(struct cc_work *shared)
{
	work = shared;
}

void cc_work_on(const char *what)
{
	snprintf(work->what, sizeof work->what, "%s", what);
}

const char *cc_work_enter(const char *plugin)
{
	const char *before = at_work;
	if (before == plugin)
		return before;
	at_work = plugin;
	snprintf(work->plugin, sizeof work->plugin, "%s", plugin ? plugin : "");
	if (!before || !plugin)
		alarm(plugin ? CC_WORK_SECONDS : 0);
	return before;
}
