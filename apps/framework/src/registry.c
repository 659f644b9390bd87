/* SPDX-License-Identifier: GPL-2.0-or-later
 * What applications tell each other through the database: menus and permissions. */
#include "priv.h"

#include <string.h>

struct publisher
{
	struct cc_db *db;
	const char *component;
};

static int publish_permission(void *ctx, const char *name, const char *label, const char *of)
{
	const struct publisher *p = ctx;
	return cc_db_exec(p->db,
			"INSERT INTO registry_permission {any} (component, permission, label, subject) "
			"VALUES (?, ?, ?, ?)",
			p->component, name, label, of);
}

static int publish(struct cc_db *db, const struct cc_plugin *p)
{
	struct publisher publisher = {db, p->name};
	int err = cc_db_exec(db, "DELETE FROM registry_menu {any} WHERE component = ?", p->name);
	for (const struct cc_menu *m = p->menu; m && m->path && !err; m++)
		err = cc_db_exec(db,
				"INSERT INTO registry_menu {any} (component, path, label, permission, position) "
				"VALUES (?, ?, ?, ?, ?)",
				p->name, m->path, m->label, m->permission, m->position);
	if (!err)
		err = cc_db_exec(db, "DELETE FROM registry_permission {any} WHERE component = ?", p->name);
	for (const struct cc_permission *q = p->permissions; q && q->name && !err; q++)
		err = publish_permission(&publisher, q->name, q->label, "");
	for (size_t i = 0; p->resources && p->resources[i] && !err; i++)
		err = cc_resource_permissions(p->resources[i], publish_permission, &publisher);
	return err;
}

int cc_registry_publish(struct cc_web *web)
{
	static const struct cc_scope nobody = {0, 0, ""};
	cc_db_use(web->db, web->arena, &nobody);
	cc_db_begin(web->db, false);
	int err = publish(web->db, web->plugin);
	if (!err)
		err = cc_db_commit(web->db);
	if (err)
		cc_db_rollback(web->db);
	cc_arena_reset(web->arena);
	return err;
}

int cc_registry_menu(struct cc_request *rq, struct cc_value *list)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT path, label, permission FROM registry_menu {any} ORDER BY position, path");
	for (size_t i = 0; !err && i < rows.count; i++) {
		const struct cc_row *row = &rows.row[i];
		if (!cc_can(rq, cc_row_str(row, 2)))
			continue;
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		const char *path = cc_row_str(row, 0);
		size_t len = strlen(path);
		cc_value_str(rq->arena, item, "path", path);
		cc_value_str(rq->arena, item, "label", cc_tc(rq, "menu", cc_row_str(row, 1)));
		cc_value_bool(rq->arena, item, "current",
				!strncmp(rq->path, path, len) && (!rq->path[len] || rq->path[len] == '/'));
	}
	return err;
}
