/* SPDX-License-Identifier: GPL-2.0-or-later
 * What others may know of an application's resources: the permissions that come from their tables
 * (for the editor of roles) and the tables themselves (for the tests that try every one). */
#include "things.h"

#include <stdio.h>
#include <string.h>

struct publisher
{
	struct cc_db *db;
	const char *component;
	const struct cc_resource *r;
};

/* subject: title of the resource or label of the column */
static int permission(const struct publisher *p, const char *a, const char *b, const char *label,
		const char *subject)
{
	char name[200];
	snprintf(name, sizeof name, "%s.%s%s%s", p->r->permission, a, b ? "." : "", b ? b : "");
	return cc_db_exec(p->db,
			"INSERT INTO registry_permission {any} (component, permission, label, subject) "
			"VALUES (?, ?, ?, ?)",
			p->component, name, label, subject);
}

static int permissions(const struct publisher *p)
{
	static const struct
	{
		unsigned action;
		const char *name, *label;
	} actions[] = {
			{0, "list", CC_NC("permission", "See the list")},
			{CC_CREATE, "create", CC_NC("permission", "Create")},
			{CC_EDIT, "edit", CC_NC("permission", "Edit")},
			{CC_DELETE, "delete", CC_NC("permission", "Delete")},
			{CC_EXPORT, "export", CC_NC("permission", "Export")},
			{CC_IMPORT, "import", CC_NC("permission", "Import")},
	};
	const struct cc_resource *r = p->r;
	int err = 0;
	for (size_t i = 0; i < sizeof actions / sizeof *actions && !err; i++)
		if (!actions[i].action || (r->actions & actions[i].action))
			err = permission(p, actions[i].name, NULL, actions[i].label, r->title);
	for (const struct cc_action *b = r->buttons; b && b->name && !err; b++) {
		bool known = !b->permission || b->page;
		for (size_t i = 0; i < sizeof actions / sizeof *actions && !known; i++)
			known = !strcmp(b->permission, actions[i].name);
		for (const struct cc_action *other = r->buttons; other < b && !known; other++)
			known = other->permission && !other->page && !strcmp(other->permission, b->permission);
		if (!known)
			err = permission(p, b->permission, NULL, b->label, r->title);
	}
	for (const struct cc_many *m = r->many; m && m->name && !err; m++) {
		bool known = !m->permission;
		for (size_t i = 0; i < sizeof actions / sizeof *actions && !known; i++)
			known = !strcmp(m->permission, actions[i].name);
		for (const struct cc_many *n = r->many; n < m && !known; n++)
			known = n->permission && !strcmp(n->permission, m->permission);
		for (const struct cc_action *b = r->buttons; b && b->name && !known; b++)
			known = b->permission && !b->page && !strcmp(b->permission, m->permission);
		if (!known)
			err = permission(p, m->permission, NULL, m->label, r->title);
	}
	for (const struct cc_column *c = r->columns; c->name && !err; c++) {
		bool guarded = c->flags & CC_COLUMN_GUARDED;
		if (guarded)
			err = permission(p, c->name, "view", CC_NC("permission", "See the field"), c->label);
		if (!err && guarded && (c->flags & CC_COLUMN_FORM))
			err = permission(p, c->name, "edit", CC_NC("permission", "Change the field"), c->label);
		if (!err && c->type == CC_COLUMN_PHONE)
			err = permission(
					p, c->name, "whole", CC_NC("permission", "See whole numbers"), c->label);
	}
	return err;
}

static void columns_write(struct cc_jsonw *w, void *ctx)
{
	const struct cc_resource *r = ctx;
	cc_jsonw_array(w, NULL);
	for (const struct cc_column *c = r->columns; c->name; c++) {
		cc_jsonw_object(w, NULL);
		cc_jsonw_str(w, "name", c->name);
		cc_jsonw_int(w, "type", c->type);
		cc_jsonw_int(w, "flags", c->flags);
		cc_jsonw_close_object(w);
	}
	cc_jsonw_close_array(w);
}

int cc_resources_publish(struct cc_db *db, const struct cc_plugin *plugin)
{
	int err = 0;
	struct cc_arena *arena = cc_arena_new();
	for (size_t i = 0; plugin->resources && plugin->resources[i] && !err; i++) {
		const struct publisher p = {db, plugin->name, plugin->resources[i]};
		err = permissions(&p);
		if (!err)
			err = cc_db_exec(db,
					"INSERT INTO registry_resource {any} (path, component, title, permission, "
					"actions, "
					"columns) VALUES (?, ?, ?, ?, ?, ?)",
					p.r->path, plugin->name, p.r->title, p.r->permission, p.r->actions,
					cc_json_text(arena, columns_write, (void *)p.r));
	}
	cc_arena_free(arena);
	return err;
}
