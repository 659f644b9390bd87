/* SPDX-License-Identifier: GPL-2.0-or-later
 * ORG-06: what a role grants, one component of the system after the other. */
#include <stdlib.h>
#include <string.h>
#include "admin.h"

#define EVERYTHING "*"
#define COMPONENT_MAX 32

/* Plugins behind the applications; of a resource first what is done with it, in the order in which
 * people think of it, then field by field what is seen and changed. */
#define LAST "SUBSTRING_INDEX(r.permission, '.', -1)"
#define RANK                                                                                       \
	"FIELD(" LAST ", 'list', 'view', 'create', 'edit', 'delete', 'import', 'export', 'whole')"
#define OF_FIELD "r.permission LIKE '%.%.%.%'"
#define ORDER                                                                                      \
	"p.kind = 'plugin', r.component, SUBSTRING_INDEX(r.permission, '.', 2), " OF_FIELD             \
	", IF(" OF_FIELD ", SUBSTRING_INDEX(r.permission, '.', 3), ''), " RANK " = 0, " RANK           \
	", r.permission"

struct editor
{
	struct cc_request *rq;
	int64_t role;
	const char *name, *component;
	struct cc_rows granted; /* patterns of the role */
	struct cc_rows known;   /* component, permission, label, subject, of a plugin, its title */
};

/* Names of the components: CC_NC("component", "admin") CC_NC("component", "desk")
 * CC_NC("component", "reports") CC_NC("component", "crm") */

/* What every account may without being granted it. */
static const char *const always[] = {CC_NC("permission", "Sign in and out"),
		CC_NC("permission", "Change one's own password"),
		CC_NC("permission", "Choose the language"), NULL};

static bool is_granted(const struct editor *e, const char *pattern)
{
	for (size_t i = 0; i < e->granted.count; i++)
		if (!strcmp(cc_row_str(&e->granted.row[i], 0), pattern))
			return true;
	return false;
}

/* Granted by itself or by a pattern. */
static bool covers(const struct editor *e, const char *permission)
{
	for (size_t i = 0; i < e->granted.count; i++)
		if (cc_permission_matches(cc_row_str(&e->granted.row[i], 0), permission))
			return true;
	return false;
}

/* Leaves out what is of plugins that the tenant has not. */
static void leave_out(struct cc_request *rq, struct cc_rows *known)
{
	size_t kept = 0;
	for (size_t i = 0; i < known->count; i++)
		if (cc_enabled(rq, cc_row_str(&known->row[i], 0)))
			known->row[kept++] = known->row[i];
	known->count = kept;
}

static int load(struct cc_request *rq, struct editor *e)
{
	struct cc_rows rows;
	bool within = true;
	*e = (struct editor){.rq = rq, .role = strtoll(cc_param(rq, "id"), NULL, 10)};
	int err = cc_db_query(
			rq->db, &rows, "SELECT name FROM role WHERE tenant_id = {tenant} AND id = ?", e->role);
	if (err || !rows.count)
		return err ? err : CC_E_NOENT;
	e->name = cc_row_str(&rows.row[0], 0);
	err = cc_role_is_within(rq, e->role, &within);
	if (!err && !within)
		return CC_E_DENIED;
	if (!err)
		err = cc_db_query(rq->db, &e->granted,
				"SELECT permission FROM role_permission WHERE tenant_id = {tenant} AND role_id = ?",
				e->role);
	if (!err)
		err = cc_db_query(rq->db, &e->known,
				"SELECT r.component, r.permission, r.label, r.subject, p.kind = 'plugin', p.title "
				"FROM registry_permission r {any} JOIN plugin p ON p.name = r.component "
				"ORDER BY " ORDER);
	if (err)
		return err;
	leave_out(rq, &e->known);
	/* the component that is asked for, or the first */
	const char *wanted = cc_form(rq, "component");
	if (!wanted)
		wanted = cc_query(rq, "component");
	for (size_t i = 0; i < e->known.count; i++) {
		const char *component = cc_row_str(&e->known.row[i], 0);
		if (!e->component || (wanted && !strcmp(component, wanted)))
			e->component = component;
	}
	return 0;
}

/* ---- the page ---- */

static void add_components(const struct editor *e, struct cc_value *page)
{
	struct cc_arena *a = e->rq->arena;
	struct cc_value *list = cc_value_add(a, page, "components", CC_VALUE_LIST);
	const char *before = "";
	for (size_t i = 0; i < e->known.count; i++) {
		const char *component = cc_row_str(&e->known.row[i], 0);
		if (!strcmp(component, before))
			continue;
		before = component;
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "component", component);
		cc_value_str(a, item, "label",
				cc_row_int(&e->known.row[i], 4, 0)
						? cc_tc(e->rq, "plugin", cc_row_str(&e->known.row[i], 5))
						: cc_tc(e->rq, "component", component));
		cc_value_bool(a, item, "current", !strcmp(component, e->component));
	}
}

/* The part "component.resource" of a permission. */
static size_t resource_length(const char *permission)
{
	size_t first = strcspn(permission, ".") + 1;
	return first + strcspn(permission + first, ".");
}

static bool is_of_field(const char *permission)
{
	return strchr(permission + resource_length(permission) + 1, '.') != NULL;
}

/* The title of a resource stands with its permissions, except those of fields; pages of an
 * application's own have none. */
static const char *group_title(const struct editor *e, size_t first)
{
	const char *permission = cc_row_str(&e->known.row[first], 1);
	size_t len = resource_length(permission);
	for (size_t i = first; i < e->known.count; i++) {
		const struct cc_row *row = &e->known.row[i];
		const char *other = cc_row_str(row, 1), *subject = cc_row_str(row, 3);
		if (resource_length(other) != len || strncmp(other, permission, len))
			break;
		if (*subject && !is_of_field(other))
			return cc_t(e->rq, subject);
	}
	return cc_tc(e->rq, "permission", cc_row_str(&e->known.row[first], 2));
}

static void add_permissions(const struct editor *e, struct cc_value *page)
{
	struct cc_request *rq = e->rq;
	struct cc_arena *a = rq->arena;
	struct cc_value *groups = cc_value_add(a, page, "groups", CC_VALUE_LIST), *list = NULL;
	const char *before = NULL;
	bool all = is_granted(e, cc_sprintf(a, "%s.*", e->component));
	cc_value_bool(a, page, "whole", all);
	cc_value_bool(a, page, "may_whole", cc_can(rq, cc_sprintf(a, "%s.*", e->component)));
	for (size_t i = 0; i < e->known.count; i++) {
		const struct cc_row *row = &e->known.row[i];
		const char *permission = cc_row_str(row, 1), *subject = cc_row_str(row, 3);
		if (strcmp(cc_row_str(row, 0), e->component) || !cc_can(rq, permission))
			continue;
		size_t len = resource_length(permission);
		if (!before || resource_length(before) != len || strncmp(before, permission, len)) {
			struct cc_value *group = cc_value_add(a, groups, NULL, CC_VALUE_MAP);
			cc_value_str(a, group, "title", group_title(e, i));
			list = cc_value_add(a, group, "permissions", CC_VALUE_LIST);
		}
		before = permission;
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		const char *label = cc_tc(rq, "permission", cc_row_str(row, 2));
		/* of a field: which */
		cc_value_str(a, item, "name", permission);
		cc_value_str(a, item, "label",
				is_of_field(permission) ? cc_sprintf(a, "%s: %s", cc_t(rq, subject), label)
										: label);
		cc_value_bool(a, item, "checked", covers(e, permission));
	}
}

static int show(const struct editor *e)
{
	struct cc_request *rq = e->rq;
	struct cc_arena *a = rq->arena;
	struct cc_value *page = cc_page(rq, cc_sprintf(a, "%s: %s", cc_t(rq, "Permissions"), e->name));
	cc_value_str(
			a, page, "action", cc_sprintf(a, "/admin/role-permissions/%lld", (long long)e->role));
	cc_value_str(a, page, "component", e->component);
	cc_value_bool(a, page, "saved", cc_query(rq, "saved"));
	cc_value_bool(a, page, "everything", is_granted(e, EVERYTHING));
	cc_value_bool(a, page, "may_everything", cc_can(rq, EVERYTHING));
	cc_value_bool(a, page, "may_edit", cc_can(rq, "admin.role.edit"));
	struct cc_value *list = cc_value_add(a, page, "always", CC_VALUE_LIST);
	for (const char *const *text = always; *text; text++)
		cc_value_str(a, list, NULL, cc_tc(rq, "permission", *text));
	add_components(e, page);
	add_permissions(e, page);
	return cc_page_send(rq, "admin/role-permissions", page);
}

int admin_role_permissions_form(struct cc_request *rq)
{
	struct editor e;
	int err = load(rq, &e);
	return err ? err : show(&e);
}

/* ---- saving ---- */

static int keep(const struct editor *e, const char *permission)
{
	return cc_db_exec(e->rq->db,
			"INSERT INTO role_permission (tenant_id, role_id, permission) VALUES ({tenant}, ?, ?)",
			e->role, permission);
}

static int grant(const struct editor *e, const char *permission)
{
	return cc_can(e->rq, permission) ? keep(e, permission) : CC_E_DENIED;
}

static int revoke_all(const struct editor *e)
{
	return cc_db_exec(e->rq->db,
			"DELETE FROM role_permission WHERE tenant_id = {tenant} AND role_id = ?", e->role);
}

/* "*" becomes one pattern for each component that there is, so that some can be taken away. */
static int spread(const struct editor *e)
{
	const char *before = "";
	int err = revoke_all(e);
	for (size_t i = 0; i < e->known.count && !err; i++) {
		const char *component = cc_row_str(&e->known.row[i], 0);
		if (strcmp(component, before))
			err = grant(e, cc_sprintf(e->rq->arena, "%s.*", component));
		before = component;
	}
	return err;
}

static int save_component(const struct editor *e)
{
	struct cc_request *rq = e->rq;
	const char *pattern = cc_sprintf(rq->arena, "%s.*", e->component);
	int err = cc_db_exec(rq->db,
			"DELETE FROM role_permission WHERE tenant_id = {tenant} AND role_id = ? "
			"AND permission LIKE CONCAT(?, '.%')",
			e->role, e->component);
	if (!err && cc_form(rq, "whole"))
		return grant(e, pattern);
	for (size_t i = 0; i < e->known.count && !err; i++) {
		const char *permission = cc_row_str(&e->known.row[i], 1);
		if (strcmp(cc_row_str(&e->known.row[i], 0), e->component))
			continue;
		/* of a module that the tenant has not: not in the form, and as it was */
		if (!cc_can(rq, permission) && covers(e, permission))
			err = keep(e, permission);
		else if (cc_form(rq, permission))
			err = grant(e, permission);
	}
	return err;
}

static int save(const struct editor *e)
{
	const char *what = cc_form(e->rq, "what");
	bool everything = is_granted(e, EVERYTHING);
	if (what && !strcmp(what, "everything")) {
		int err = revoke_all(e);
		return err ? err : grant(e, EVERYTHING);
	}
	if (what && !strcmp(what, "spread"))
		return everything ? spread(e) : 0;
	return everything ? CC_E_INVAL : save_component(e);
}

struct audit
{
	const struct editor *before, *after;
};

/* Grants that one has and the other has not. */
static void audit_list(
		struct cc_jsonw *w, const char *name, const struct editor *of, const struct editor *without)
{
	cc_jsonw_array(w, name);
	for (size_t i = 0; i < of->granted.count; i++)
		if (!is_granted(without, cc_row_str(&of->granted.row[i], 0)))
			cc_jsonw_str(w, NULL, cc_row_str(&of->granted.row[i], 0));
	cc_jsonw_close_array(w);
}

static void audit_write(struct cc_jsonw *w, void *ctx)
{
	const struct audit *a = ctx;
	cc_jsonw_object(w, NULL);
	audit_list(w, "granted", a->after, a->before);
	audit_list(w, "revoked", a->before, a->after);
	cc_jsonw_close_object(w);
}

int admin_role_permissions(struct cc_request *rq)
{
	struct editor e;
	int err = load(rq, &e);
	if (err)
		return err;
	if (e.role == rq->user->role)
		return cc_error(rq, 409, cc_t(rq, "You cannot change what your own role grants."));
	err = save(&e);
	if (err)
		return err;
	struct editor after;
	err = load(rq, &after);
	if (err)
		return err;
	struct audit audit = {&e, &after};
	cc_audit(rq, "admin.role.permissions", e.name, cc_json_text(rq->arena, audit_write, &audit));
	cc_redirect(rq, cc_sprintf(rq->arena, "/admin/role-permissions/%lld?component=%s&saved=1",
							(long long)e.role, e.component));
	return 0;
}
