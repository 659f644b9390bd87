/* SPDX-License-Identifier: GPL-2.0-or-later
 * Tables of resources: are they sound, which routes and permissions come from them, who may see
 * what. */
#include "things.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_LEN 100
#define PERMISSION_LEN 60

/* ---- defaults ---- */

const char *cc_column_field(const struct cc_column *c)
{
	return c->field ? c->field : c->name;
}

const char *cc_column_sql(struct cc_arena *arena, const struct cc_column *c)
{
	if (c->sql)
		return c->sql;
	if (c->type == CC_COLUMN_PASSWORD || (c->flags & CC_COLUMN_VIRTUAL))
		return NULL;
	if (c->type == CC_COLUMN_FILE)
		return cc_sprintf(arena,
				"(SELECT f.name FROM file f WHERE f.tenant_id = t.tenant_id AND f.id = t.%s)",
				cc_column_field(c));
	return cc_sprintf(arena, "t.%s", cc_column_field(c));
}

const char *cc_resource_from(struct cc_arena *arena, const struct cc_resource *r)
{
	return r->from ? r->from : cc_sprintf(arena, "%s t", r->table);
}

const char *cc_resource_where(const struct cc_resource *r)
{
	return r->where ? r->where : "t.tenant_id = {tenant}";
}

const char *cc_resource_key(const struct cc_resource *r)
{
	return r->key ? r->key : "t.id";
}

const char *cc_resource_thing(struct cc_request *rq, const struct cc_resource *r)
{
	return cc_t(rq, r->thing ? r->thing : r->title);
}

const char *cc_column_label(struct cc_request *rq, const struct cc_column *c)
{
	return c->flags & CC_COLUMN_OWN_WORDS ? c->label : cc_t(rq, c->label);
}

const char *cc_column_help(struct cc_request *rq, const struct cc_column *c)
{
	return !c->help || (c->flags & CC_COLUMN_OWN_WORDS) ? c->help : cc_t(rq, c->help);
}

const char *cc_column_code(struct cc_request *rq, const struct cc_column *c, const char *code)
{
	const char *text = c->flags & CC_COLUMN_OWN_WORDS ? code : cc_tc(rq, c->context, code);
	/* catalogues have words as in the middle of a sentence; what is no word of ours stays */
	if (text == code || *text < 'a' || *text > 'z')
		return text;
	char *capital = cc_strdup(rq->arena, text);
	*capital = (char)(*capital - 'a' + 'A');
	return capital;
}

static const char *const *word_find(const struct cc_column *c, const char *text)
{
	const char *const *word = c->context ? c->codes : NULL;
	while (word && *word && strcmp(*word, text))
		word++;
	return word && *word ? word : NULL;
}

const char *cc_column_word(struct cc_request *rq, const struct cc_column *c, const char *text)
{
	return word_find(c, text) ? cc_column_code(rq, c, text) : text;
}

const char *cc_column_unword(struct cc_request *rq, const struct cc_column *c, const char *text)
{
	for (const char *const *word = c->context ? c->codes : NULL; word && *word; word++)
		if (!strcmp(cc_column_code(rq, c, *word), text))
			return *word;
	return text;
}

size_t cc_columns_count(const struct cc_resource *r)
{
	size_t n = 0;
	while (r->columns[n].name)
		n++;
	return n;
}

size_t cc_buttons_count(const struct cc_action *buttons)
{
	size_t n = 0;
	while (buttons && buttons[n].name)
		n++;
	return n;
}

int cc_column_find(const struct cc_resource *r, const char *name)
{
	for (int i = 0; r->columns[i].name; i++)
		if (!strcmp(r->columns[i].name, name))
			return i;
	return -1;
}

bool cc_column_in_form(const struct cc_column *c)
{
	return c->flags & CC_COLUMN_FORM;
}

/* ---- permissions ---- */

static bool may(struct cc_request *rq, const struct cc_resource *r, const char *a, const char *b)
{
	return cc_can(
			rq, cc_sprintf(rq->arena, "%s.%s%s%s", r->permission, a, b ? "." : "", b ? b : ""));
}

bool cc_resource_can(struct cc_request *rq, const struct cc_resource *r, const char *action)
{
	return may(rq, r, action, NULL);
}

bool cc_column_seen(struct cc_request *rq, const struct cc_resource *r, const struct cc_column *c)
{
	return !(c->flags & CC_COLUMN_GUARDED) || may(rq, r, c->as ? c->as : c->name, "view");
}

bool cc_column_changed(
		struct cc_request *rq, const struct cc_resource *r, const struct cc_column *c)
{
	if (c->flags & CC_COLUMN_READ_ONLY)
		return false;
	return !(c->flags & CC_COLUMN_GUARDED) || may(rq, r, c->as ? c->as : c->name, "edit");
}

enum cc_hide cc_column_masked(
		struct cc_request *rq, const struct cc_resource *r, const struct cc_column *c)
{
	enum cc_hide hide = rq->user->hide_numbers;
	if (c->type == CC_COLUMN_PHONE)
		return hide || may(rq, r, c->as ? c->as : c->name, "whole") ? hide : CC_HIDE_MIDDLE;
	/* texts that are numbers, as those of calls, or may hold some */
	return c->call || (c->flags & CC_COLUMN_NUMBERS) ? hide : CC_HIDE_NONE;
}

enum cc_hide cc_hide_parse(const char *text)
{
	if (!text || !strcmp(text, "none"))
		return CC_HIDE_NONE;
	return strcmp(text, "middle") ? CC_HIDE_ALL : CC_HIDE_MIDDLE;
}

static int hides_column(const struct cc_resource *r)
{
	for (int i = 0; r->columns[i].name; i++)
		if (r->columns[i].type == CC_COLUMN_HIDES)
			return i;
	return -1;
}

enum cc_hide cc_row_masked(struct cc_request *rq, const struct cc_resource *r,
		const struct cc_column *c, const char *const *values)
{
	enum cc_hide hide = cc_column_masked(rq, r, c);
	return cc_row_hides(r, c, values, hide);
}

enum cc_hide cc_row_hides(const struct cc_resource *r, const struct cc_column *c,
		const char *const *values, enum cc_hide hide)
{
	bool number = c->type == CC_COLUMN_PHONE || c->call || (c->flags & CC_COLUMN_NUMBERS);
	int i = number ? hides_column(r) : -1;
	enum cc_hide own = i < 0 ? CC_HIDE_NONE : cc_hide_parse(values[i]);
	return own > hide ? own : hide;
}

const char *cc_list_unhidden(struct cc_list *l)
{
	int i = hides_column(l->r);
	return i < 0 ? NULL
				 : cc_sprintf(l->rq->arena, "COALESCE(%s, 'none') = 'none'",
						   cc_column_sql(l->rq->arena, &l->r->columns[i]));
}

enum cc_hide cc_resource_masks(
		struct cc_request *rq, const struct cc_resource *r, const char *column)
{
	int i = cc_column_find(r, column);
	return i < 0 ? CC_HIDE_ALL : cc_column_masked(rq, r, &r->columns[i]);
}

bool cc_button_permitted(
		struct cc_request *rq, const struct cc_resource *r, const struct cc_action *b)
{
	return b->page ? cc_can(rq, b->permission)
				   : cc_resource_can(rq, r, b->permission ? b->permission : "edit");
}

const char *cc_resource_scope(const struct cc_request *rq, const struct cc_resource *r)
{
	const char *sql = NULL;
	switch (rq->user->scope) {
	case CC_SCOPE_ALL:
		return NULL;
	case CC_SCOPE_DEPARTMENT:
		sql = r->department ? r->department : r->group;
		break;
	case CC_SCOPE_GROUP:
		sql = r->group;
		break;
	case CC_SCOPE_OWN:
		sql = r->own;
		break;
	}
	return sql ? sql : "FALSE";
}

/* ---- keys ---- */

int cc_key_bind(
		struct cc_request *rq, const struct cc_resource *r, const char *text, struct cc_bind *bind)
{
	if (r->columns[0].type == CC_COLUMN_ID) {
		struct cc_ulid *id = cc_alloc(rq->arena, sizeof *id);
		if (cc_ulid_parse(id, text, (int)strlen(text)))
			return CC_E_NOENT;
		*bind = cc_bind_bytes((struct cc_bytes){id->b, sizeof id->b});
		return 0;
	}
	char *end;
	errno = 0;
	long long n = strtoll(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno)
		return CC_E_NOENT;
	*bind = cc_bind_int(n);
	return 0;
}

const char *cc_key_text(
		struct cc_request *rq, const struct cc_resource *r, const struct cc_row *row)
{
	struct cc_ulid id;
	char text[CC_ULID_TEXT + 1];
	if (r->columns[0].type != CC_COLUMN_ID)
		return cc_row_str(row, 0);
	if (!row->v[0] || row->len[0] != sizeof id.b)
		return "";
	memcpy(id.b, row->v[0], sizeof id.b);
	return cc_strdup(rq->arena, cc_ulid_format(&id, text));
}

/* ---- soundness ---- */

static bool is_name(const char *s)
{
	return *s && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(s);
}

static const char *column_fault(const struct cc_resource *r, const struct cc_column *c)
{
	const unsigned writes =
			CC_COLUMN_FORM | CC_COLUMN_STORED | CC_COLUMN_CREATED | CC_COLUMN_UPDATED;
	if (!c->label || !is_name(c->name) || !is_name(cc_column_field(c)))
		return "incomplete column";
	for (const struct cc_column *d = r->columns; d < c; d++)
		if (!strcmp(d->name, c->name))
			return "column twice";
	switch (c->type) {
	case CC_COLUMN_CODE:
		if ((!c->context && !(c->flags & CC_COLUMN_OWN_WORDS)) ||
				((c->flags & (CC_COLUMN_FORM | CC_COLUMN_FILTER)) && !c->codes))
			return "code without context or codes";
		break;
	case CC_COLUMN_CUSTOM:
		if (!c->text || !c->json)
			return "custom column without text or json";
		if (c->flags & CC_COLUMN_SHOWN)
			break;
		if (c->flags & (CC_COLUMN_FORM | CC_COLUMN_SEARCH | CC_COLUMN_FILTER) & ~CC_COLUMN_ALL)
			return "custom column in a form";
		break;
	case CC_COLUMN_OPTION:
	case CC_COLUMN_OPTIONS:
		if (!(c->options && strstr(c->options, "{tenant}")) &&
				!(c->type == CC_COLUMN_OPTIONS && c->codes))
			return "options without tenant scope";
		break;
	case CC_COLUMN_CHOICE:
		if ((c->flags & CC_COLUMN_FORM) && !c->choices)
			return "choice without choices";
		break;
	case CC_COLUMN_FILE:
		if ((c->flags & CC_COLUMN_FORM) && !c->codes)
			return "file without allowed types";
		break;
	case CC_COLUMN_PROGRESS:
	case CC_COLUMN_ID:
		if (c->flags & CC_COLUMN_FORM)
			return "not for forms";
		break;
	default:
		break;
	}
	if (c->call && c->type != CC_COLUMN_PHONE && c->type != CC_COLUMN_TEXT)
		return "only numbers can be called";
	if ((c->flags & writes) && !r->table)
		return "form without a table";
	return NULL;
}

int cc_resource_check(const struct cc_resource *r, char *error, size_t error_cap)
{
	const char *fault = NULL, *at = "";
	const unsigned changes = CC_CREATE | CC_EDIT | CC_DELETE;
	if (!r->name || !r->title || !r->path || !r->permission || !r->columns ||
			(!r->from && !r->table))
		fault = "incomplete";
	else if (strlen(r->path) > PATH_LEN || strlen(r->permission) > PERMISSION_LEN)
		fault = "path or permission too long";
	else if (!strstr(cc_resource_where(r), "{tenant}"))
		fault = "no tenant scope";
	else if (!r->columns[0].name ||
			 (r->columns[0].type != CC_COLUMN_ID && r->columns[0].type != CC_COLUMN_INT))
		fault = "the first column is not the key";
	else if (cc_columns_count(r) > CC_COLUMNS_MAX)
		fault = "too many columns";
	else if ((r->actions & CC_IMPORT) && !(r->actions & CC_CREATE))
		fault = "imports what cannot be created";
	else if ((r->actions & changes) && (!r->table || r->columns[0].type != CC_COLUMN_INT))
		fault = "changes need a table with a number as its key";
	else if (r->group_by && (r->table || r->buttons || r->many))
		fault = "groups of rows cannot be changed";
	for (const struct cc_column *c = fault ? NULL : r->columns; c && c->name && !fault; c++)
		if ((fault = column_fault(r, c)))
			at = c->name;
	for (const struct cc_use *u = fault ? NULL : r->uses; u && u->label && !fault; u++)
		if (!u->sql || !strstr(u->sql, "{tenant}"))
			fault = "use without tenant scope";
	for (const struct cc_many *m = fault ? NULL : r->many; m && m->name && !fault; m++)
		if (!m->label || (!m->page && (!m->question || !m->run)) || !is_name(m->name) ||
				(m->permission && !is_name(m->permission)) || !strcmp(m->name, "edit") ||
				!strcmp(m->name, "delete"))
			fault = "incomplete action for many";
	if (!fault && strchr(r->path, '{') && !r->vary)
		fault = "nobody fills in the path";
	for (const struct cc_action *b = fault ? NULL : r->buttons; b && b->name && !fault; b++)
		if (!b->label || !is_name(b->name) || b - r->buttons >= CC_BUTTONS_MAX ||
				(b->page ? b->run || !b->permission
						 : !b->run || (b->permission && !is_name(b->permission))))
			fault = "incomplete button, or too many";
	if (!fault)
		return 0;
	snprintf(error, error_cap, "resource %s: %s %s", r->name ? r->name : "", fault, at);
	return CC_E_INVAL;
}

/* ---- routes ---- */

static const struct
{
	const char *method, *below, *permission;
	unsigned action; /* the resource has one of these; 0: always */
	int (*handle)(struct cc_request *rq);
} routes[] = {
		{"GET", "", "list", 0, cc_resource_list},
		{"GET", "/new", "create", CC_CREATE, cc_resource_form},
		{"POST", "/new", "create", CC_CREATE, cc_resource_create},
		{"GET", "/import", "import", CC_IMPORT, cc_resource_import_form},
		{"POST", "/import", "import", CC_IMPORT, cc_resource_import},
		{"POST", "/export", "export", CC_EXPORT, cc_resource_export},
		{"POST", "/batch", "list", 0, cc_resource_batch},
		{"POST", "/columns", "list", 0, cc_resource_columns},
		{"GET", "/{id}", "list", CC_CREATE | CC_EDIT, cc_resource_form},
		{"POST", "/{id}", "edit", CC_EDIT, cc_resource_edit},
		{"GET", "/{id}/file/{column}", "list", CC_CREATE | CC_EDIT, cc_resource_file},
		{"GET", "/{id}/delete", "delete", CC_DELETE, cc_resource_delete_ask},
		{"POST", "/{id}/delete", "delete", CC_DELETE, cc_resource_delete},
		{"POST", "/{id}/do/{action}", "list", 0, cc_resource_do},
		{"POST", "/{id}/call/{column}", "list", 0, cc_resource_call},
};

bool cc_resource_makes_permission(const struct cc_resource *r, const char *name)
{
	size_t len = strlen(r->permission);
	if (strncmp(name, r->permission, len) || name[len] != '.')
		return false;
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
		if (!strcmp(routes[i].permission, name + len + 1) &&
				(!routes[i].action || (r->actions & routes[i].action)))
			return true;
	return false;
}

const struct cc_resource *cc_resource_find(struct cc_request *rq, const char *path)
{
	const char *method = rq->method, *own_path = rq->path, *allowed = "";
	struct param own[PARAMS];
	memcpy(own, rq->state->param, sizeof own);
	rq->method = "GET";
	rq->path = path;
	const struct cc_route *route = cc_plugins_route(rq, &allowed);
	rq->method = method;
	rq->path = own_path;
	const struct cc_resource *r = NULL;
	if (route && route->handle == cc_resource_list && cc_resource_vary(rq, route->resource, &r))
		r = NULL;
	memcpy(rq->state->param, own, sizeof own);
	return r;
}

int cc_resource_vary(
		struct cc_request *rq, const struct cc_resource *base, const struct cc_resource **r)
{
	base = cc_plugins_resource(rq, base);
	*r = base;
	if (!base->vary)
		return 0;
	struct cc_resource *own = cc_alloc(rq->arena, sizeof *own);
	*own = *base;
	own->vary = NULL; /* it is done */
	const char *before = cc_work_enter(rq->state->owner);
	int err = base->vary(rq, own);
	cc_work_enter(before);
	if (err)
		return err;
	*r = own;
	return cc_columns_count(own) > CC_COLUMNS_MAX ? CC_E_FULL : 0;
}

static bool can_be_called(const struct cc_resource *r)
{
	for (const struct cc_column *c = r->columns; c->name; c++)
		if (c->call)
			return true;
	return false;
}

size_t cc_resource_routes_max(void)
{
	return sizeof routes / sizeof *routes;
}

int cc_resource_routes(
		const struct cc_resource *r, struct made_route *text, struct cc_route *out, size_t *count)
{
	size_t n = 0;
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		if (routes[i].action && !(r->actions & routes[i].action))
			continue;
		if ((routes[i].handle == cc_resource_do && !r->buttons) ||
				(routes[i].handle == cc_resource_batch && !r->many &&
						!(r->actions & (CC_EDIT | CC_DELETE))) ||
				(routes[i].handle == cc_resource_file && !cc_resource_has_file(r)) ||
				(routes[i].handle == cc_resource_call && !can_be_called(r)))
			continue;
		int path = snprintf(text[n].path, sizeof text->path, "%s%s", r->path, routes[i].below);
		int permission = snprintf(text[n].permission, sizeof text->permission, "%s.%s",
				r->permission, routes[i].permission);
		if (path < 0 || permission < 0 || (size_t)path >= sizeof text->path ||
				(size_t)permission >= sizeof text->permission)
			return CC_E_RANGE;
		out[n] = (struct cc_route){
				.method = routes[i].method,
				.path = text[n].path,
				.permission = text[n].permission,
				.handle = routes[i].handle,
				.resource = r,
		};
		n++;
	}
	*count = n;
	return 0;
}
