/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/resource.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"

/* "component.resource.action", for this component */
static bool permission_is_valid(const struct cc_plugin *plugin, const char *p)
{
	size_t len = strlen(plugin->name);
	if (strncmp(p, plugin->name, len) || p[len] != '.')
		return false;
	int dots = 0;
	char before = '.';
	for (; *p; before = *p++) {
		if (*p == '.' && before == '.')
			return false;
		dots += *p == '.';
		if (!strchr(LOWER "0123456789_.", *p))
			return false;
	}
	return dots >= 2 && before != '.';
}

static bool permission_is_declared(const struct cc_plugin *plugin, const char *name)
{
	for (const struct cc_permission *p = plugin->permissions; p && p->name; p++)
		if (!strcmp(p->name, name))
			return true;
	for (size_t i = 0; plugin->resources && plugin->resources[i]; i++)
		if (cc_resource_makes_permission(plugin->resources[i], name))
			return true;
	return false;
}

static bool path_is_valid(const char *path)
{
	size_t params = 0;
	if (*path != '/')
		return false;
	while (*path == '/') {
		path++;
		if (*path == '{') {
			size_t len = strspn(path + 1, LOWER "_");
			if (!len || path[1 + len] != '}' || ++params > PARAMS)
				return false;
			path += len + 2;
		} else {
			path += strspn(path, LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
		}
	}
	return !*path;
}

static const char *route_fault(const struct cc_plugin *plugin, const struct cc_route *r)
{
	if (!r->method || (strcmp(r->method, "GET") && strcmp(r->method, "POST")))
		return "method is neither GET nor POST";
	if (!r->path || !path_is_valid(r->path))
		return "path is malformed";
	if (!r->handle)
		return "no handler";
	if (!r->permission || !*r->permission)
		return "no permission";
	if (!strcmp(r->permission, CC_PUBLIC) || !strcmp(r->permission, CC_SIGNED_IN))
		return NULL;
	if (!permission_is_valid(plugin, r->permission))
		return "malformed permission";
	if (!r->resource && !permission_is_declared(plugin, r->permission))
		return "permission is not declared";
	return NULL;
}

/* Adds the routes of a resource, except those that the application has of its own. */
static size_t add_resource(struct cc_route *all, size_t n, size_t own, const struct cc_resource *r,
		struct made_route *text)
{
	size_t from = n, count = 0;
	if (cc_resource_routes(r, text, all + n, &count))
		return n;
	for (size_t i = from; i < from + count; i++) {
		bool taken = false;
		for (size_t k = 0; k < own; k++)
			taken |= !strcmp(all[k].method, all[i].method) && !strcmp(all[k].path, all[i].path);
		if (!taken)
			all[n++] = all[i];
	}
	return n;
}

int cc_routes_build(const struct cc_plugin *plugin, struct cc_route **routes, size_t *count,
		char *error, size_t error_cap)
{
	for (const struct cc_permission *p = plugin->permissions; p && p->name; p++)
		if (!permission_is_valid(plugin, p->name)) {
			snprintf(error, error_cap, "permission %s is malformed", p->name);
			return CC_E_INVAL;
		}
	size_t n = 0, own = 0, things = 0;
	for (const struct cc_route *r = plugin->routes; r && r->method; r++)
		own++;
	for (size_t i = 0; plugin->resources && plugin->resources[i]; i++)
		things++;
	/* one block: the routes, and behind them the texts of those that resources make */
	size_t made = things * cc_resource_routes_max();
	struct cc_route *all =
			calloc(1, (own + made) * sizeof *all + made * sizeof(struct made_route) + 1);
	if (!all)
		return CC_E_NOMEM;
	struct made_route *text = (struct made_route *)(all + own + made);
	for (const struct cc_route *r = plugin->routes; r && r->method; r++)
		all[n++] = *r;
	for (size_t i = 0; i < things; i++) {
		const struct cc_resource *r = plugin->resources[i];
		if (cc_resource_check(r, error, error_cap)) {
			free(all);
			return CC_E_INVAL;
		}
		n = add_resource(all, n, own, r, text + i * cc_resource_routes_max());
	}
	for (size_t i = 0; i < n; i++) {
		const char *fault = route_fault(plugin, &all[i]);
		for (size_t k = 0; k < i && !fault; k++)
			if (!strcmp(all[k].method, all[i].method) && !strcmp(all[k].path, all[i].path))
				fault = "registered twice";
		if (fault) {
			snprintf(error, error_cap, "route %s %s: %s", all[i].method ? all[i].method : "",
					all[i].path ? all[i].path : "", fault);
			free(all);
			return CC_E_INVAL;
		}
	}
	*routes = all;
	*count = n;
	return 0;
}

static bool path_matches(
		const char *pattern, const char *path, struct cc_arena *arena, struct param param[PARAMS])
{
	size_t n = 0;
	while (*pattern && *path) {
		if (*pattern == '{') {
			size_t name = strcspn(pattern + 1, "}"), len = strcspn(path, "/");
			if (!len)
				return false;
			param[n].name = cc_strndup(arena, pattern + 1, name);
			param[n++].value = cc_strndup(arena, path, len);
			pattern += name + 2;
			path += len;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return !*pattern && !*path;
}

const struct cc_route *cc_route_find(const struct cc_route *routes, size_t count,
		const char *method, const char *path, struct cc_arena *arena, struct param param[PARAMS],
		const char **allowed)
{
	struct cc_buf methods = cc_buf_new(arena);
	for (size_t i = 0; i < count; i++) {
		struct param found[PARAMS] = {{NULL, NULL}};
		if (!path_matches(routes[i].path, path, arena, found))
			continue;
		if (!strcmp(routes[i].method, method)) {
			memcpy(param, found, sizeof found);
			return &routes[i];
		}
		cc_buf_printf(&methods, "%s%s", methods.len ? ", " : "", routes[i].method);
	}
	*allowed = cc_buf_text(&methods);
	return NULL;
}

bool cc_permission_matches(const char *pattern, const char *permission)
{
	size_t len = strlen(pattern);
	if (!strcmp(pattern, "*"))
		return true;
	if (len > 2 && !strcmp(pattern + len - 2, ".*"))
		return !strncmp(pattern, permission, len - 1) && permission[len - 1];
	return !strcmp(pattern, permission);
}
