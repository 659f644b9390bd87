/* SPDX-License-Identifier: GPL-2.0-or-later
 * Forms of resources: create, change, delete, and the buttons of one thing. */
#include "things.h"

#include <string.h>
#include "cc/dial.h"
#include "cc/input.h"
#include "cc/utf8.h"

/* ---- the form as a page ---- */

/* True if one of the words between commas is this one. */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);
	while (*list) {
		size_t n = strcspn(list, ",");
		if (n == len && !memcmp(list, word, len))
			return true;
		list += n + (list[n] == ',');
	}
	return false;
}

/* What cc_choice_add was given. What is set stays chosen, though it may not be chosen any more. */
static void add_choices(struct cc_request *rq, struct cc_value *list, const struct cc_rows *rows,
		const char *chosen)
{
	const char *heading = "";
	bool known = !*chosen;
	for (size_t n = 0; n < rows->count && !known; n++)
		known = !strcmp(chosen, cc_row_str(&rows->row[n], 0));
	if (!known)
		cc_input_choice(rq, list, chosen, chosen, true);
	for (size_t n = 0; n < rows->count; n++) {
		const struct cc_row *row = &rows->row[n];
		const char *value = cc_row_str(row, 0), *above = cc_row_str(row, 2);
		const char *language = cc_row_str(row, 3);
		cc_input_choice_below(rq, list, value, cc_row_str(row, 1), !strcmp(chosen, value),
				strcmp(above, heading) ? above : NULL, *language ? language : NULL);
		heading = above;
	}
}

int cc_input_choices(struct cc_request *rq, struct cc_value *list,
		int (*choices)(struct cc_request *rq, struct cc_choices *list), const char *chosen,
		bool *known)
{
	struct cc_rows rows;
	int err = cc_choices_read(rq, choices, &rows);
	if (err)
		return err;
	if (list)
		add_choices(rq, list, &rows, chosen);
	*known = false;
	for (size_t n = 0; n < rows.count && !*known; n++)
		*known = !strcmp(chosen, cc_row_str(&rows.row[n], 0));
	return 0;
}

static int field_choices(struct cc_change *c, size_t i, struct cc_value *list, const char *chosen)
{
	struct cc_request *rq = c->rq;
	const struct cc_column *d = &c->r->columns[i];
	struct cc_rows *rows;
	if (d->type == CC_COLUMN_CODE)
		for (const char *const *code = d->codes; *code; code++)
			cc_input_choice(rq, list, *code, cc_column_code(rq, d, *code), !strcmp(*code, chosen));
	if (d->type == CC_COLUMN_TEXT) /* what is suggested */
		for (const char *const *code = d->codes; code && *code; code++)
			cc_input_choice(rq, list, cc_column_word(rq, d, *code), *code, false);
	int err = cc_change_options(c, i, &rows);
	if (err)
		return err;
	if (d->type == CC_COLUMN_CHOICE)
		add_choices(rq, list, rows, chosen);
	else
		for (size_t n = 0; n < rows->count; n++) {
			const char *value = cc_row_str(&rows->row[n], 0);
			bool is =
					d->type == CC_COLUMN_OPTIONS ? has_word(chosen, value) : !strcmp(chosen, value);
			cc_input_choice(rq, list, value, cc_row_str(&rows->row[n], 1), is);
		}
	return 0;
}

/* Text of a value that is shown and cannot be changed. */
static const char *readable(struct cc_change *c, size_t i, const char *value)
{
	const struct cc_column *d = &c->r->columns[i];
	const char *text = value ? value : "";
	size_t len = strlen(text);
	struct cc_row row = {&text, &len};
	struct cc_buf b = cc_buf_new(c->rq->arena);
	struct cc_rows *rows;
	bool several = d->type == CC_COLUMN_OPTIONS;
	if (d->type == CC_COLUMN_PHONE || d->call) /* the whole row says how much of it is hidden */
		return cc_change_input(c, i, text);
	if (!several && d->type != CC_COLUMN_OPTION && d->type != CC_COLUMN_CHOICE)
		return *text ? cc_cell_text(c->rq, c->r, d, &row, 0) : "";
	if (cc_change_options(c, i, &rows))
		return "";
	for (size_t n = 0; n < rows->count; n++)
		if (several ? has_word(text, cc_row_str(&rows->row[n], 0))
					: !strcmp(text, cc_row_str(&rows->row[n], 0)))
			cc_buf_printf(&b, "%s%s", b.len ? ", " : "", cc_row_str(&rows->row[n], 1));
	return cc_buf_text(&b);
}

const char *cc_change_name(struct cc_change *c)
{
	const unsigned quick = CC_COLUMN_QUICK | CC_COLUMN_QUICK_ANYWHERE;
	struct cc_buf b = cc_buf_new(c->rq->arena);
	for (int pass = 0; pass < 2 && !b.len; pass++) {
		size_t n = 0;
		for (size_t i = 0; i < c->values->count && n < 2; i++) {
			const struct cc_column *d = &c->r->columns[i];
			const char *value = c->values->before[i];
			bool text = d->type == CC_COLUMN_TEXT || d->type == CC_COLUMN_PHONE;
			bool fits = pass ? text || d->type == CC_COLUMN_OPTION : text && (d->flags & quick);
			if (!fits || !(d->flags & CC_COLUMN_FORM) || !value || !*value ||
					!cc_column_seen(c->rq, c->r, d))
				continue;
			cc_buf_printf(&b, "%s%s", n++ ? " " : "", readable(c, i, value));
			if (pass && text)
				break;
		}
	}
	return b.len ? cc_buf_text(&b) : c->key;
}

/* How people change a value of the type. */
static enum cc_input_kind kind_of(enum cc_column_type type, const char **input)
{
	*input = NULL;
	switch (type) {
	case CC_COLUMN_NOTE:
		return CC_INPUT_NOTE;
	case CC_COLUMN_BOOL:
		return CC_INPUT_BOOL;
	case CC_COLUMN_CODE:
	case CC_COLUMN_OPTION:
	case CC_COLUMN_CHOICE:
		return CC_INPUT_SELECT;
	case CC_COLUMN_OPTIONS:
		return CC_INPUT_MULTIPLE;
	case CC_COLUMN_INT:
	case CC_COLUMN_DURATION:
		*input = "number";
		break;
	case CC_COLUMN_TIME:
		*input = "datetime-local";
		break;
	case CC_COLUMN_DATE:
		*input = "date";
		break;
	case CC_COLUMN_PHONE:
		*input = "tel";
		break;
	case CC_COLUMN_EMAIL:
		*input = "email";
		break;
	case CC_COLUMN_PASSWORD:
		*input = "password";
		break;
	case CC_COLUMN_FILE:
		*input = "file";
		break;
	case CC_COLUMN_COLOUR:
		*input = "color";
		break;
	case CC_COLUMN_LINK:
		*input = "url";
		break;
	default:
		break;
	}
	return CC_INPUT_LINE;
}

static int add_field(struct cc_change *c, size_t i, struct cc_value *list)
{
	static const int64_t standard[] = {[CC_COLUMN_NOTE] = 1000, [CC_COLUMN_TAGS] = 200};
	struct cc_request *rq = c->rq;
	struct cc_arena *a = rq->arena;
	const struct cc_column *d = &c->r->columns[i];
	struct cc_change_values *v = c->values;
	bool shown = d->flags & CC_COLUMN_SHOWN;
	bool writable =
			!shown && cc_column_changed(rq, c->r, d) &&
			!(c->action == CC_EDIT && (d->flags & CC_COLUMN_FIXED)) &&
			(v->asked || cc_resource_can(rq, c->r, c->action == CC_CREATE ? "create" : "edit"));
	const char *stored = c->action == CC_CREATE ? d->initial : v->before[i];
	const char *value = v->given[i] ? v->typed[i] : cc_change_input(c, i, stored);
	bool file = d->type == CC_COLUMN_FILE && c->action == CC_EDIT && v->before[i];
	bool required = (d->flags & CC_COLUMN_REQUIRED) && d->type != CC_COLUMN_BOOL && !v->batch;
	bool called = d->call && c->action == CC_EDIT && v->before[i] && *v->before[i] && !v->batch &&
				  cc_may_dial(rq);
	struct cc_input in = {
			.name = d->name,
			.label = cc_column_label(rq, d),
			.help = cc_column_help(rq, d),
			.section = d->section ? cc_t(rq, d->section) : NULL,
			.why = v->why[i],
			.value = d->type == CC_COLUMN_PASSWORD ? ""
					 : value                       ? value
												   : "",
			.call = called ? cc_call_path(rq, c->r, d, c->key) : NULL,
			.look = d->look,
			.width = d->width,
			.follows = d->follows,
			.links = d->links,
			.suggests = d->type == CC_COLUMN_TEXT && d->codes,
			.set = v->batch ? cc_sprintf(a, "set_%s", d->name) : NULL,
			.file = file ? cc_sprintf(a, "%s/%s/file/%s", c->r->path, c->key, d->name) : NULL,
			.link = shown && d->link ? cc_sprintf(a, "%s%s", d->link, c->key) : NULL,
			.required = required,
			.empty = !required && d->type != CC_COLUMN_CHOICE,
			.min = d->type == CC_COLUMN_AMOUNT ? 0 : d->min,
			.max = d->type == CC_COLUMN_AMOUNT ? 0 : d->max,
	};
	in.kind = kind_of(d->type, &in.type);
	if (!in.max && (size_t)d->type < sizeof standard / sizeof *standard)
		in.max = standard[d->type];
	if (!writable) {
		in.kind = CC_INPUT_READ;
		in.value = readable(c, i, stored);
	}
	struct cc_value *choices = cc_input_add(rq, list, &in);
	return writable ? field_choices(c, i, choices, in.value) : 0;
}

int cc_form_fields(struct cc_change *c, struct cc_value *page, unsigned flag)
{
	struct cc_value *list = cc_value_add(c->rq->arena, page, "fields", CC_VALUE_LIST);
	int err = 0;
	for (size_t i = 0; i < c->values->count && !err; i++) {
		const struct cc_column *d = &c->r->columns[i];
		if ((d->flags & flag) != flag || !cc_column_seen(c->rq, c->r, d))
			continue;
		/* what may not be set of a new thing is not seen */
		if (c->action == CC_CREATE &&
				((d->flags & CC_COLUMN_SHOWN) || !cc_column_changed(c->rq, c->r, d)))
			continue;
		err = add_field(c, i, list);
	}
	return err;
}

void cc_undo(struct cc_request *rq)
{
	cc_db_rollback(rq->db);
	cc_db_begin(rq->db, true);
	cc_defer_none(rq);
}

int cc_form_page(
		struct cc_request *rq, const struct cc_resource *r, const char *key, struct cc_value *page)
{
	struct cc_change *c = cc_change_begin(rq, r, key ? CC_EDIT : CC_CREATE, key);
	int err = key ? cc_change_load(c, false) : 0;
	if (err)
		return err;
	cc_value_str(rq->arena, page, "version", key ? c->values->version : NULL);
	cc_value_str(rq->arena, page, "general", NULL);
	return cc_form_fields(c, page, CC_COLUMN_FORM | CC_COLUMN_SHORT);
}

int cc_form_store(struct cc_request *rq, const struct cc_resource *r, const char *key,
		struct cc_value *page, int64_t *id)
{
	struct cc_change *c = cc_change_begin(rq, r, key ? CC_EDIT : CC_CREATE, key);
	const char *version = cc_form(rq, "version");
	if (!cc_resource_can(rq, r, key ? "edit" : "create"))
		return CC_E_DENIED;
	int err = key ? cc_change_load(c, true) : 0;
	if (!err && key && version && strcmp(version, c->values->version))
		return CC_E_STALE;
	if (!err)
		err = cc_change_read(c);
	if (!err)
		err = cc_change_store(c);
	*id = c->id;
	if (err != CC_E_RANGE || !cc_change_is_refused(c))
		return err;
	cc_value_str(rq->arena, page, "version", key ? c->values->version : NULL);
	cc_value_str(rq->arena, page, "general", c->values->general);
	cc_undo(rq);
	cc_status(rq, 400);
	int shown = cc_form_fields(c, page, CC_COLUMN_FORM | CC_COLUMN_SHORT);
	return shown ? shown : CC_E_RANGE;
}

static const char *page_url(struct cc_request *rq, const struct cc_resource *r,
		const struct cc_action *b, const struct cc_row *row)
{
	struct cc_buf url = cc_buf_new(rq->arena);
	const char *separator = "?";
	cc_buf_str(&url, b->page);
	for (const struct cc_with *w = b->with; w && w->parameter; w++) {
		int i = cc_column_find(r, w->column);
		const struct cc_column *c = i < 0 ? NULL : &r->columns[i];
		if (!c || !cc_column_seen(rq, r, c) || !row->v[i] || cc_row_masked(rq, r, c, row->v))
			continue;
		/* a form takes codes and numbers as they are stored */
		bool raw = c->type == CC_COLUMN_CODE || c->type == CC_COLUMN_PHONE;
		const char *text = raw ? row->v[i] : cc_cell_text(rq, r, c, row, (size_t)i);
		if (!*text)
			continue;
		cc_buf_printf(&url, "%s%s=%s", separator, w->parameter, w->before ? w->before : "");
		cc_buf_url(&url, text, cc_utf8_cut(text, strlen(text), CC_WITH_MAX));
		separator = "&";
	}
	return cc_buf_text(&url);
}

void cc_button_add(struct cc_request *rq, const struct cc_resource *r, const struct cc_action *b,
		const char *key, const struct cc_row *row, struct cc_value *list)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
	cc_value_str(a, item, "action", cc_sprintf(a, "%s/%s/do/%s", r->path, key, b->name));
	cc_value_str(a, item, "leads", b->page ? page_url(rq, r, b, row) : NULL);
	cc_value_str(a, item, "label", cc_tc(rq, "action", b->label));
	cc_value_str(a, item, "confirm", b->confirm ? cc_t(rq, b->confirm) : NULL);
}

static void add_buttons(struct cc_change *c, struct cc_value *page)
{
	struct cc_request *rq = c->rq;
	struct cc_value *list = cc_value_add(rq->arena, page, "buttons", CC_VALUE_LIST);
	for (const struct cc_action *b = c->r->buttons; b && b->name && c->action != CC_CREATE; b++) {
		struct cc_row row;
		if (!cc_button_permitted(rq, c->r, b) ||
				(b->shown && !cc_row_fits(rq, c->r, c->key, b->shown)) ||
				(b->with && cc_resource_get(rq, c->r, c->key, &row)))
			continue;
		cc_button_add(rq, c->r, b, c->key, &row, list);
	}
}

static const char *title_of(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	const char *thing = cc_resource_thing(rq, c->r);
	if (c->action == CC_EDIT)
		return cc_sprintf(rq->arena, "%s %s", thing, cc_change_name(c));
	const char *verb =
			c->action == CC_CREATE ? cc_tc(rq, "form", "New") : cc_tc(rq, "form", "Delete");
	const char *name = c->action == CC_CREATE ? "" : cc_change_name(c);
	return cc_sprintf(rq->arena, "%s: %s%s%s", verb, thing, *name ? " " : "", name);
}

static int send_form(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	struct cc_arena *a = rq->arena;
	const struct cc_resource *r = c->r;
	bool create = c->action == CC_CREATE;
	struct cc_value *page = cc_page(rq, title_of(c));
	cc_value_str(a, page, "general", c->values->general);
	cc_value_str(a, page, "action",
			create ? cc_sprintf(a, "%s/new", r->path) : cc_sprintf(a, "%s/%s", r->path, c->key));
	cc_value_str(a, page, "list", cc_list_back(rq, r));
	cc_value_str(a, page, "list_title", cc_t(rq, r->title));
	cc_value_str(a, page, "version", create ? NULL : c->values->version);
	cc_value_bool(a, page, "may_save",
			create || ((r->actions & CC_EDIT) && cc_resource_can(rq, r, "edit")));
	cc_value_bool(a, page, "has_file", cc_resource_has_file(r));
	bool deletes = !create && (r->actions & CC_DELETE) && cc_resource_can(rq, r, "delete");
	cc_value_str(
			a, page, "delete", deletes ? cc_sprintf(a, "%s/%s/delete", r->path, c->key) : NULL);
	cc_value_bool(a, page, "calls", !create && cc_may_dial(rq));
	add_buttons(c, page);
	int err = cc_form_fields(c, page, CC_COLUMN_FORM);
	return err ? err : cc_page_send(rq, r->form ? r->form : "framework/form", page);
}

/* ---- JSON answers ---- */

static void refusal_write(struct cc_jsonw *w, void *ctx)
{
	const struct cc_change *c = ctx;
	const struct cc_change_values *v = c->values;
	cc_jsonw_object(w, NULL);
	cc_jsonw_object(w, "error");
	cc_jsonw_str(w, "code", c->rq->state->status == 409 ? "conflict" : "bad_request");
	cc_jsonw_str(w, "message",
			v->general ? v->general : cc_t(c->rq, "Some fields are not filled in correctly."));
	cc_jsonw_str(w, "request", c->rq->id);
	cc_jsonw_object(w, "fields");
	for (size_t i = 0; i < v->count; i++)
		if (v->why[i])
			cc_jsonw_str(w, c->r->columns[i].name, v->why[i]);
	cc_jsonw_close_object(w);
	cc_jsonw_close_object(w);
	cc_jsonw_close_object(w);
}

static void success_write(struct cc_jsonw *w, void *ctx)
{
	const struct cc_change *c = ctx;
	cc_jsonw_object(w, NULL);
	cc_jsonw_int(w, "id", c->id);
	cc_jsonw_close_object(w);
}

/* Nothing of it holds: the database is put back, the form comes again with what was typed. */
static int refused(struct cc_change *c, int status)
{
	cc_undo(c->rq);
	cc_status(c->rq, status);
	if (c->rq->json) {
		cc_send_json(c->rq, refusal_write, c);
		return 0;
	}
	return c->action == CC_DELETE ? 0 : send_form(c);
}

static int succeeded(struct cc_change *c, const char *done)
{
	if (c->rq->json)
		cc_send_json(c->rq, success_write, c);
	else if (c->rq->state->status == 200) /* no hook leads elsewhere */
		cc_redirect(c->rq, cc_list_back_with(c->rq, c->r, "done", done));
	return 0;
}

/* ---- handlers ---- */

int cc_resource_form(struct cc_request *rq)
{
	const struct cc_resource *r = rq->route->resource;
	const char *key = cc_param(rq, "id");
	struct cc_change *c = cc_change_begin(rq, r, *key ? CC_EDIT : CC_CREATE, *key ? key : NULL);
	int err = *key ? cc_change_load(c, false) : 0;
	if (err)
		return err;
	if (rq->json && *key)
		return cc_resource_send_one(rq, r, key);
	/* a link to a new thing may fill in fields */
	for (size_t i = 0; i < c->values->count && !*key; i++) {
		const char *given = cc_query(rq, r->columns[i].name);
		c->values->given[i] = given && (r->columns[i].flags & CC_COLUMN_FORM);
		c->values->typed[i] = given;
	}
	return send_form(c);
}

static int save(struct cc_change *c, const char *done)
{
	int err = cc_change_read(c);
	if (!err)
		err = cc_change_store(c);
	if (err == CC_E_RANGE && cc_change_is_refused(c))
		return refused(c, 400);
	return err ? err : succeeded(c, done);
}

int cc_resource_create(struct cc_request *rq)
{
	return save(cc_change_begin(rq, rq->route->resource, CC_CREATE, NULL), "created");
}

int cc_resource_edit(struct cc_request *rq)
{
	struct cc_change *c = cc_change_begin(rq, rq->route->resource, CC_EDIT, cc_param(rq, "id"));
	const char *version = cc_form(rq, "version");
	int err = cc_change_load(c, true);
	if (err)
		return err;
	if (version && strcmp(version, c->values->version)) {
		err = cc_change_read(c);
		cc_change_refuse(c, NULL,
				cc_t(rq, "Somebody else has changed this meanwhile. Your input is still here: look "
						 "it "
						 "over and save again to put it in place of theirs."));
		return err ? err : refused(c, 409);
	}
	return save(c, "saved");
}

static int send_delete_page(struct cc_change *c, const char *uses)
{
	struct cc_request *rq = c->rq;
	struct cc_arena *a = rq->arena;
	struct cc_row row;
	struct cc_value *page = cc_page(rq, title_of(c));
	int err = cc_resource_get(rq, c->r, c->key, &row);
	if (err)
		return err;
	cc_value_str(a, page, "action", cc_sprintf(a, "%s/%s/delete", c->r->path, c->key));
	cc_value_str(a, page, "list", cc_list_back(rq, c->r));
	cc_value_str(a, page, "list_title", cc_t(rq, c->r->title));
	cc_value_str(a, page, "uses", *uses ? uses : NULL);
	cc_value_str(a, page, "general", c->values->general);
	cc_resource_facts(rq, c->r, &row, page, "facts");
	return cc_page_send(rq, "framework/delete", page);
}

int cc_resource_delete_ask(struct cc_request *rq)
{
	struct cc_change *c = cc_change_begin(rq, rq->route->resource, CC_DELETE, cc_param(rq, "id"));
	const char *uses;
	int err = cc_change_load(c, false);
	if (!err)
		err = cc_change_uses(c, &uses);
	return err ? err : send_delete_page(c, uses);
}

int cc_resource_delete(struct cc_request *rq)
{
	struct cc_change *c = cc_change_begin(rq, rq->route->resource, CC_DELETE, cc_param(rq, "id"));
	int err = cc_change_load(c, true);
	if (!err)
		err = cc_change_delete(c);
	if (err == CC_E_RANGE && cc_change_is_refused(c)) {
		err = refused(c, 409);
		return err || rq->json ? err : send_delete_page(c, "");
	}
	return err ? err : succeeded(c, "deleted");
}

int cc_resource_do(struct cc_request *rq)
{
	const struct cc_resource *r = rq->route->resource;
	const char *name = cc_param(rq, "action"), *key = cc_param(rq, "id");
	const struct cc_action *b = r->buttons;
	while (b->name && strcmp(b->name, name))
		b++;
	if (!b->name || !b->run)
		return CC_E_NOENT;
	if (!cc_button_permitted(rq, r, b))
		return CC_E_DENIED;
	struct cc_row row;
	int err = cc_resource_get(rq, r, key, &row);
	if (err)
		return err;
	if (b->shown && !cc_row_fits(rq, r, key, b->shown))
		return cc_error(rq, 409, NULL);
	err = b->run(rq, r, key);
	if (err || rq->state->status >= 400) /* refused, with the reason as the response */
		return err;
	err = cc_audit_write(rq, cc_sprintf(rq->arena, "%s.%s", r->permission, b->name),
			cc_sprintf(rq->arena, "%s/%s", r->name, key), NULL);
	if (!err && rq->state->status == 200 && !rq->state->body.len)
		cc_redirect(rq, cc_list_back_with(rq, r, "done", "done"));
	return err;
}
