/* SPDX-License-Identifier: GPL-2.0-or-later
 * The plugins of a process: those that are enabled, those of them that it loaded, and what a tenant
 * has of them.
 *
 * A worker learns with every request which generation of switches holds. When it is a newer one
 * than it knows, the worker looks at once, so that this request is served by the new state already,
 * and ends after it: its successor has nothing loaded that is disabled. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "things.h"

static struct plugin_slot *slot_find(struct plugin_set *set, const char *name)
{
	for (size_t i = 0; i < set->count; i++)
		if (!strcmp(set->slot[i].name, name))
			return &set->slot[i];
	return NULL;
}

/* ---- loading ---- */

/* Told where people look: the log and the page of plugins. */
static void refuse(struct cc_web *web, const char *name, const char *why)
{
	fprintf(stderr, "plugin %s: %s\n", name, why);
	if (cc_db_exec(web->db, "UPDATE plugin {any} SET fault = ? WHERE name = ?", why, name))
		fprintf(stderr, "plugin %s: %s\n", name, cc_db_error(web->db));
}

/* What pages of any application may show of it: translations and templates. */
static int load_texts(struct cc_web *web, const char *prefix, const char *name)
{
	char path[600];
	for (size_t i = 0; i < LANGUAGES; i++) {
		struct cc_catalogue *more;
		snprintf(path, sizeof path, "%s/plugins/%s/locale/%s.mo", prefix, name, cc_languages[i]);
		if (!cc_catalogue_load(&more, path))
			cc_catalogue_add(web->catalogue[i], more);
	}
	snprintf(path, sizeof path, "%s/plugins/%s/templates", prefix, name);
	return cc_templates_add(web->templates, name, path);
}

static void load(struct cc_web *web, struct plugin_slot *slot)
{
	const char *prefix = cc_settings_str(web->settings, "CC_PREFIX");
	char error[CC_PLUGIN_FAULT] = "";
	struct cc_plugin_file *file;
	int err = cc_plugin_open(&file, prefix, slot->name, error, sizeof error);
	if (!err) {
		err = cc_plugin_start(file, web->settings, error, sizeof error);
		if (!err)
			err = cc_routes_build(
					&file->plugin, &slot->routes, &slot->route_count, error, sizeof error);
		if (err)
			cc_plugin_close(file);
		else
			slot->file = file;
	}
	if (err)
		refuse(web, slot->name, error[0] ? error : cc_err_name(err));
}

static void variant_drop(struct variant *v)
{
	struct cc_resource *r = &v->resource;
	if (r->columns == v->base->columns)
		return;
	free((void *)r->columns);
	free((void *)r->buttons);
	free((void *)r->from);
}

static void variants_drop(struct plugin_set *set, uint64_t mask)
{
	struct variant **at = &set->variants, *v;
	while ((v = *at)) {
		if (!(v->mask & mask)) {
			at = &v->next;
			continue;
		}
		*at = v->next;
		variant_drop(v);
		free(v);
	}
}

static void unload(struct plugin_set *set, struct plugin_slot *slot)
{
	variants_drop(set, 1ull << (slot - set->slot));
	cc_plugin_close(slot->file);
	free(slot->routes);
	slot->file = NULL;
	slot->routes = NULL;
	slot->route_count = 0;
}

static int read_enabled(struct cc_web *web)
{
	struct plugin_set *set = &web->plugins;
	const char *prefix = cc_settings_str(web->settings, "CC_PREFIX");
	const char *host = cc_sprintf(web->arena, " %s ", web->plugin->name);
	struct cc_rows rows;
	int err = cc_db_query(web->db, &rows,
			"SELECT name, kind, hosts, per_tenant, version, state, permissions, of_tenants FROM "
			"plugin "
			"{any} "
			"ORDER BY name");
	if (err)
		return err;
	for (size_t i = 0; i < set->count; i++)
		set->slot[i].on = false;
	for (size_t i = 0; i < rows.count; i++) {
		const struct cc_row *row = &rows.row[i];
		const char *name = cc_row_str(row, 0), *hosts = cc_row_str(row, 2);
		struct plugin_slot *slot = slot_find(set, name);
		bool is_new = !slot;
		if (is_new && set->count == PLUGINS_MAX) {
			fprintf(stderr, "plugin %s: more than %d are known\n", name, PLUGINS_MAX);
			continue;
		}
		if (is_new) {
			slot = &set->slot[set->count++];
			snprintf(slot->name, sizeof slot->name, "%s", name);
		}
		slot->on = !strcmp(cc_row_str(row, 5), "enabled");
		slot->per_tenant = cc_row_int(row, 3, 0);
		slot->of_tenants = cc_row_int(row, 7, 0);
		snprintf(slot->permissions, sizeof slot->permissions, "%s", cc_row_str(row, 6));
		if (strcmp(cc_row_str(row, 1), "plugin"))
			continue;
		if (is_new && load_texts(web, prefix, name))
			return CC_E_NOMEM;
		/* disabled, replaced and enabled again while this worker was idle */
		if (slot->file && strcmp(slot->file->plugin.version, cc_row_str(row, 4)))
			unload(set, slot);
		if (slot->on && !slot->file && strstr(hosts, host))
			load(web, slot);
	}
	memset(set->tenant, 0, sizeof set->tenant);
	return 0;
}

/* ---- a request ---- */

static int tenant_mask(struct cc_request *rq, uint64_t *mask)
{
	struct plugin_set *set = &rq->state->web->plugins;
	int64_t tenant = rq->user ? rq->user->tenant : 0;
	struct tenant_plugins *known = &set->tenant[(uint64_t)tenant % 256];
	if (tenant && known->tenant == tenant) {
		*mask = known->mask;
		return 0;
	}
	uint64_t bits = 0;
	for (size_t i = 0; i < set->count; i++)
		if (set->slot[i].on && (!tenant || !set->slot[i].per_tenant) &&
				(tenant != CC_PLATFORM || !set->slot[i].of_tenants))
			bits |= 1ull << i;
	if (tenant) {
		struct cc_rows rows;
		int err = cc_db_query(rq->db, &rows,
				"SELECT plugin FROM plugin_tenant WHERE tenant_id = {tenant} AND off = 0");
		if (err)
			return err;
		for (size_t i = 0; i < rows.count; i++) {
			struct plugin_slot *slot = slot_find(set, cc_row_str(&rows.row[i], 0));
			if (slot && slot->on)
				bits |= 1ull << (slot - set->slot);
		}
		*known = (struct tenant_plugins){tenant, bits};
	}
	*mask = bits;
	return 0;
}

int cc_plugins_follow(struct cc_request *rq)
{
	struct cc_web *web = rq->state->web;
	int64_t generation = rq->state->generation;
	int err = generation ? 0 : cc_registry_generation(rq->db, &generation);
	if (!err && generation != web->plugins.generation) {
		err = read_enabled(web);
		if (!err) {
			web->renew = web->plugins.generation != 0;
			web->plugins.generation = generation;
		}
	}
	/* who is not signed in may see what is known without the database */
	return err && rq->user ? err : tenant_mask(rq, &rq->state->plugins);
}

bool cc_enabled(const struct cc_request *rq, const char *name)
{
	struct plugin_set *set = &rq->state->web->plugins;
	const struct plugin_slot *slot = slot_find(set, name);
	return slot && (rq->state->plugins >> (slot - set->slot) & 1);
}

bool cc_plugins_withhold(const struct cc_request *rq, const char *permission)
{
	const struct plugin_set *set = &rq->state->web->plugins;
	for (size_t i = 0; i < set->count; i++) {
		const char *own = set->slot[i].permissions;
		if (*own && !(rq->state->plugins >> i & 1) && !strncmp(permission, own, strlen(own)))
			return true;
	}
	return false;
}

bool cc_plugins_own(const struct cc_request *rq)
{
	struct cc_web *web = rq->state->web;
	return !slot_find(&web->plugins, web->plugin->name) || cc_enabled(rq, web->plugin->name);
}

/* ---- routes ---- */

const struct cc_route *cc_plugins_route(struct cc_request *rq, const char **allowed)
{
	struct cc_web_state *st = rq->state;
	struct cc_web *web = st->web;
	const struct cc_route *route = NULL;
	if (cc_plugins_own(rq))
		route = cc_route_find(
				web->routes, web->route_count, rq->method, rq->path, rq->arena, st->param, allowed);
	for (size_t i = 0; !route && !**allowed && i < web->plugins.count; i++) {
		const struct plugin_slot *slot = &web->plugins.slot[i];
		if (slot->file && (st->plugins >> i & 1))
			route = cc_route_find(slot->routes, slot->route_count, rq->method, rq->path, rq->arena,
					st->param, allowed);
	}
	return route;
}

const char *cc_plugins_owner(const struct cc_request *rq, const struct cc_route *route)
{
	const struct plugin_set *set = &rq->state->web->plugins;
	for (size_t i = 0; i < set->count; i++) {
		const struct plugin_slot *slot = &set->slot[i];
		if (slot->file && route >= slot->routes && route < slot->routes + slot->route_count)
			return slot->name;
	}
	return NULL;
}

/* ---- extensions of resources ---- */

static size_t count_columns(const struct cc_column *c)
{
	size_t n = 0;
	while (c && c[n].name)
		n++;
	return n;
}

static void extend(struct variant *v, const struct cc_extension *e, const char *plugin)
{
	struct cc_resource r = v->resource;
	size_t have = count_columns(r.columns), more = count_columns(e->columns);
	size_t buttons = cc_buttons_count(r.buttons), added = cc_buttons_count(e->buttons);
	if (have + more > CC_COLUMNS_MAX || buttons + added > CC_BUTTONS_MAX) {
		fprintf(stderr, "plugin %s: %s has no room for its columns or buttons\n", plugin, r.path);
		return;
	}
	struct cc_column *c = calloc(have + more + 1, sizeof *c);
	struct cc_action *b = buttons + added ? calloc(buttons + added + 1, sizeof *b) : NULL;
	char *from;
	if (!c || (!b && buttons + added) ||
			asprintf(&from, "%s%s %s", r.from ? r.from : r.table, r.from ? "" : " t",
					e->join ? e->join : "") < 0)
		abort();
	memcpy(c, r.columns, have * sizeof *c);
	if (more)
		memcpy(c + have, e->columns, more * sizeof *c);
	for (size_t i = have; i < have + more; i++)
		c[i].plugin = plugin;
	if (buttons)
		memcpy(b, r.buttons, buttons * sizeof *b);
	if (added)
		memcpy(b + buttons, e->buttons, added * sizeof *b);
	r.columns = c;
	r.buttons = b;
	r.from = from;
	variant_drop(v);
	v->resource = r;
}

/* Bits of the plugins that extend it. */
static uint64_t extenders(const struct plugin_set *set, const struct cc_resource *r)
{
	uint64_t bits = 0;
	for (size_t i = 0; i < set->count; i++) {
		const struct cc_plugin_file *file = set->slot[i].file;
		for (const struct cc_extension *e = file ? file->plugin.extensions : NULL; e && e->resource;
				e++)
			if (!strcmp(e->resource, r->path))
				bits |= 1ull << i;
	}
	return bits;
}

const struct cc_resource *cc_plugins_resource(
		struct cc_request *rq, const struct cc_resource *resource)
{
	struct plugin_set *set = &rq->state->web->plugins;
	uint64_t mask = rq->state->plugins & extenders(set, resource);
	struct variant *v = set->variants;
	if (!mask)
		return resource;
	for (; v; v = v->next) {
		if (&v->resource == resource)
			return resource;
		if (v->base == resource && v->mask == mask)
			return &v->resource;
	}
	v = calloc(1, sizeof *v);
	if (!v)
		abort();
	v->base = resource;
	v->mask = mask;
	v->resource = *resource;
	/* as many as there are switches of plugins in the life of a process: they are kept */
	for (size_t i = 0; i < set->count; i++) {
		if (!(mask >> i & 1))
			continue;
		for (const struct cc_extension *e = set->slot[i].file->plugin.extensions; e->resource; e++)
			if (!strcmp(e->resource, resource->path))
				extend(v, e, set->slot[i].name);
	}
	v->next = set->variants;
	set->variants = v;
	return &v->resource;
}

void cc_plugins_close(struct cc_web *web)
{
	struct plugin_set *set = &web->plugins;
	for (size_t i = 0; i < set->count; i++)
		unload(set, &set->slot[i]);
}
