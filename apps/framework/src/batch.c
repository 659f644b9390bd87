/* SPDX-License-Identifier: GPL-2.0-or-later
 * Many rows changed or deleted, or whatever else the resource can do with many (cc_many): the
 * selected ones, the search result or all. It asks first; up to 1,000 rows are done at once, more
 * as a job. A row that cannot be changed or deleted stays as it was and is named, the others are
 * done; other actions are done to parts of 1,000 rows. */
#include <stdio.h>
#include <string.h>
#include <json-c/json.h>
#include "cc/jobs.h"
#include "jobs.h"
#include "things.h"

#define AT_ONCE CC_MANY
#define NAMED 20 /* refused rows that are named */

/* What is to be done: action is CC_EDIT or CC_DELETE, or 0 and many says it. */
struct deed
{
	unsigned action;
	const struct cc_many *many;
	const char *name;
};

struct batch
{
	struct cc_request *rq;
	const struct cc_resource *r;
	unsigned action;        /* CC_EDIT or CC_DELETE */
	struct cc_change *form; /* of an action for many */
	int64_t ok, bad;
	struct cc_value *refused; /* of the page, NULL: in a job */
	struct cc_job_run *job;
};

static void refuse(struct batch *b, struct cc_change *c)
{
	struct cc_arena *a = b->rq->arena;
	b->bad++;
	if (b->job) {
		cc_job_fail(b->job, 0, cc_sprintf(a, "%s: %s", cc_change_name(c), cc_change_why(c)));
		return;
	}
	if (b->bad > NAMED)
		return;
	struct cc_value *item = cc_value_add(a, b->refused, NULL, CC_VALUE_MAP);
	cc_value_str(a, item, "name", cc_change_name(c));
	cc_value_str(a, item, "why", cc_change_why(c));
}

/* One row, whole or not at all. */
static int apply(struct batch *b, const char *key)
{
	struct cc_change *c = cc_change_begin(b->rq, b->r, b->action, key);
	c->values->batch = true;
	int err = cc_db_exec(b->rq->db, "SAVEPOINT batch {any}");
	if (!err)
		err = cc_change_load(c, true);
	if (err == CC_E_NOENT) /* somebody else deleted it meanwhile */
		return 0;
	if (!err && b->action == CC_EDIT)
		err = cc_change_read(c);
	if (!err)
		err = b->action == CC_EDIT ? cc_change_store(c) : cc_change_delete(c);
	if (!err) {
		b->ok++;
		return 0;
	}
	if (err != CC_E_RANGE || !cc_change_is_refused(c))
		return err;
	refuse(b, c);
	return cc_db_exec(b->rq->db, "ROLLBACK TO SAVEPOINT batch {any}");
}

/* False if there is no such thing, or not for this user. */
static bool deed_find(
		struct cc_request *rq, const struct cc_resource *r, const char *name, struct deed *deed)
{
	*deed = (struct deed){.name = name ? name : ""};
	deed->action = !strcmp(deed->name, "edit")     ? CC_EDIT
				   : !strcmp(deed->name, "delete") ? CC_DELETE
												   : 0;
	if (deed->action)
		return (deed->action & r->actions) && cc_resource_can(rq, r, name);
	for (const struct cc_many *m = r->many; m && m->name; m++)
		if (!strcmp(m->name, deed->name))
			deed->many = m;
	return deed->many &&
		   cc_resource_can(rq, r, deed->many->permission ? deed->many->permission : "edit");
}

/* The fields that an action for many asks for, as the form of a small resource. */
static struct cc_change *form_begin(
		struct cc_request *rq, const struct cc_resource *r, const struct cc_many *many)
{
	static const struct cc_column nothing[] = {{.name = NULL}};
	struct cc_resource *asks = cc_alloc(rq->arena, sizeof *asks);
	*asks = (struct cc_resource){.name = r->name,
			.title = r->title,
			.path = r->path,
			.permission = r->permission,
			.columns = many->columns ? many->columns : nothing};
	struct cc_change *form = cc_change_begin(rq, asks, CC_CREATE, NULL);
	form->values->asked = true;
	return form;
}

/* Reads and checks it. CC_E_RANGE: refused. */
static int form_read(struct cc_change *form, const struct cc_many *many)
{
	int err = cc_change_read(form);
	if (!err && !cc_change_is_refused(form) && many->check)
		err = many->check(form);
	return !err && cc_change_is_refused(form) ? CC_E_RANGE : err;
}

/* ---- asking ---- */

/* form: what was filled in and refused, NULL: nothing yet */
static int send_question(struct cc_list *l, const struct cc_selection *s, const struct deed *deed,
		struct cc_change *form, int64_t total)
{
	struct cc_request *rq = l->rq;
	struct cc_arena *a = rq->arena;
	const struct cc_resource *r = l->r;
	const struct cc_many *many = deed->many;
	bool edit = deed->action == CC_EDIT;
	const char *verb = many   ? cc_tc(rq, "action", many->label)
					   : edit ? cc_tc(rq, "form", "Edit")
							  : cc_tc(rq, "form", "Delete");
	const char *question = many   ? cc_t(rq, many->question)
						   : edit ? cc_t(rq, "{n} rows will be changed.")
								  : cc_t(rq, "{n} rows will be deleted.");
	struct cc_value *page = cc_page(rq, cc_sprintf(a, "%s: %s", verb, cc_t(rq, r->title)));
	struct cc_change *c = form   ? form
						  : many ? form_begin(rq, r, many)
								 : cc_change_begin(rq, r, CC_EDIT, "0");
	c->values->batch = edit;
	cc_value_str(a, page, "general", c->values->general);
	cc_value_str(a, page, "action", cc_sprintf(a, "%s/batch", r->path));
	cc_value_str(a, page, "name", deed->name);
	cc_value_str(a, page, "scope", s->scope);
	cc_value_str(a, page, "keys", s->keys);
	cc_value_str(a, page, "query", s->query);
	cc_value_str(a, page, "list", cc_list_back(rq, r));
	cc_value_str(a, page, "list_title", cc_t(rq, r->title));
	cc_value_str(a, page, "question", cc_fill(rq, question, "{n}", total));
	cc_value_bool(a, page, "edit", edit);
	cc_value_bool(a, page, "asks", many && many->columns);
	cc_value_str(a, page, "verb", many ? verb : NULL);
	cc_value_str(a, page, "outcome", NULL);
	cc_value_add(a, page, "refused", CC_VALUE_LIST);
	int err = edit   ? cc_form_fields(c, page, CC_COLUMN_FORM | CC_COLUMN_BATCH)
			  : many ? cc_form_fields(c, page, CC_COLUMN_FORM)
					 : 0;
	return err ? err : cc_page_send(rq, "framework/batch", page);
}

/* ---- doing ---- */

static const char *outcome_text(struct batch *b)
{
	struct cc_request *rq = b->rq;
	const char *text = b->form                ? cc_t(rq, "It was done to {ok} rows, to {bad} not.")
					   : b->action == CC_EDIT ? cc_t(rq, "{ok} rows were changed, {bad} were not.")
											  : cc_t(rq, "{ok} rows were deleted, {bad} were not.");
	return cc_fill(rq, cc_fill(rq, text, "{ok}", b->ok), "{bad}", b->bad);
}

static void outcome_write(struct cc_jsonw *w, void *ctx)
{
	const struct batch *b = ctx;
	cc_jsonw_object(w, NULL);
	cc_jsonw_int(w, "ok", b->ok);
	cc_jsonw_int(w, "refused", b->bad);
	cc_jsonw_close_object(w);
}

static int send_outcome(struct batch *b)
{
	struct cc_request *rq = b->rq;
	struct cc_arena *a = rq->arena;
	if (rq->json) {
		cc_send_json(rq, outcome_write, b);
		return 0;
	}
	if (!b->bad) {
		cc_redirect(rq, cc_list_back_with(rq, b->r, "done",
								b->form                ? "done"
								: b->action == CC_EDIT ? "saved"
													   : "deleted"));
		return 0;
	}
	struct cc_value *page = cc_page(rq, cc_t(rq, b->r->title));
	cc_value_str(a, page, "outcome", outcome_text(b));
	struct cc_value *list = cc_value_add(a, page, "refused", CC_VALUE_LIST);
	list->first = b->refused->first;
	list->last = b->refused->last;
	cc_value_str(a, page, "list", cc_list_back(rq, b->r));
	cc_value_str(a, page, "list_title", cc_t(rq, b->r->title));
	cc_value_str(a, page, "question", NULL);
	return cc_page_send(rq, "framework/batch", page);
}

static int done_audit(struct batch *b, const struct cc_many *many, int64_t asked);

/* The rows as one JSON array. */
static const char *keys_text(struct cc_request *rq, const struct cc_resource *r,
		const struct cc_rows *rows, size_t from, size_t to)
{
	struct cc_buf json = cc_buf_new(rq->arena);
	for (size_t i = from; i < to; i++)
		cc_buf_printf(&json, "%s%s", i == from ? "[" : ",", cc_key_text(rq, r, &rows->row[i]));
	cc_buf_str(&json, from == to ? "[]" : "]");
	return cc_buf_text(&json);
}

static int apply_many(struct batch *b, const struct cc_many *many, const struct cc_rows *rows,
		size_t from, size_t to)
{
	struct cc_many_run run = {.rq = b->rq,
			.r = b->r,
			.keys = keys_text(b->rq, b->r, rows, from, to),
			.count = to - from,
			.form = b->form};
	int err = many->run(&run);
	b->ok += run.done;
	b->bad += (int64_t)run.count - run.done;
	return err;
}

static int many_now(struct cc_list *l, const struct cc_many *many, struct cc_change *form)
{
	struct cc_request *rq = l->rq;
	struct batch b = {.rq = rq, .r = l->r, .form = form, .refused = cc_value_list(rq->arena)};
	struct cc_rows rows;
	cc_list_pick(l, 0);
	int err = cc_list_fetch(l, &rows, AT_ONCE, 0);
	if (!err)
		err = apply_many(&b, many, &rows, 0, rows.count);
	if (!err)
		err = done_audit(&b, many, (int64_t)rows.count);
	return err ? err : send_outcome(&b);
}

static void many_write(struct cc_jsonw *w, void *ctx)
{
	const struct batch *b = ctx;
	cc_jsonw_object(w, NULL);
	cc_jsonw_int(w, "ok", b->ok);
	cc_jsonw_int(w, "refused", b->bad);
	for (size_t i = 0; i < b->form->values->count; i++)
		cc_jsonw_str(w, b->form->r->columns[i].name, b->form->values->after[i]);
	cc_jsonw_close_object(w);
}

static int done_audit(struct batch *b, const struct cc_many *many, int64_t asked)
{
	struct cc_arena *a = b->rq->arena;
	return cc_audit_write(b->rq, cc_sprintf(a, "%s.%s", b->r->permission, many->name),
			cc_sprintf(a, "%s (%lld)", b->r->name, (long long)asked),
			cc_json_text(a, many_write, b));
}

static int do_now(struct cc_list *l, unsigned action)
{
	struct cc_request *rq = l->rq;
	struct batch b = {.rq = rq, .r = l->r, .action = action, .refused = cc_value_list(rq->arena)};
	struct cc_rows rows;
	cc_list_pick(l, 0);
	int err = cc_list_fetch(l, &rows, AT_ONCE, 0);
	for (size_t i = 0; i < rows.count && !err; i++)
		err = apply(&b, cc_key_text(rq, l->r, &rows.row[i]));
	return err ? err : send_outcome(&b);
}

struct order
{
	const struct cc_request *rq;
	const struct cc_resource *r;
	const struct cc_selection *s;
	const struct deed *deed;
};

static bool is_field(const struct order *o, const char *name)
{
	const struct cc_column *c = o->deed->many ? o->deed->many->columns : o->r->columns;
	for (; c && c->name; c++)
		if (!strcmp(c->name, name))
			return true;
	return !o->deed->many && !strncmp(name, "set_", 4);
}

static void order_write(struct cc_jsonw *w, void *ctx)
{
	const struct order *o = ctx;
	cc_jsonw_object(w, NULL);
	cc_jsonw_str(w, "path", o->r->path);
	cc_jsonw_str(w, "action", o->deed->name);
	cc_jsonw_str(w, "scope", o->s->scope);
	cc_jsonw_str(w, "keys", o->s->keys);
	cc_jsonw_str(w, "query", o->s->query);
	cc_jsonw_object(w, "fields");
	for (const struct cc_field *f = o->rq->state->form.first; f; f = f->next)
		if (is_field(o, f->name))
			cc_jsonw_str(w, f->name, f->value);
	cc_jsonw_close_object(w);
	cc_jsonw_close_object(w);
}

static int queue(struct cc_list *l, const struct cc_selection *s, const struct deed *deed)
{
	struct cc_request *rq = l->rq;
	struct order o = {rq, l->r, s, deed};
	int64_t id;
	const struct cc_job_order order = {
			.kind = cc_sprintf(rq->arena, "%s.batch", rq->state->web->plugin->name),
			.page = l->r->title,
			.options = deed->name,
			.file = "",
			.parameters = cc_json_text(rq->arena, order_write, &o),
	};
	if (rq->user->api)
		return cc_error(rq, 413, NULL);
	int err = cc_job_queue(rq, &order, &id);
	return err ? err : cc_resource_job_sent(rq, id);
}

static int apply_deed(
		struct cc_list *l, const struct cc_selection *s, const struct deed *deed, int64_t total)
{
	struct cc_change *form = NULL;
	if (deed->many) {
		form = form_begin(l->rq, l->r, deed->many);
		int err = form_read(form, deed->many);
		if (err == CC_E_RANGE && cc_change_is_refused(form)) {
			cc_status(l->rq, 400);
			return send_question(l, s, deed, form, total);
		}
		if (err)
			return err;
	}
	if (total > AT_ONCE)
		return queue(l, s, deed);
	return deed->many ? many_now(l, deed->many, form) : do_now(l, deed->action);
}

/* To the page that asks and does it, with the keys of the rows. */
static int send_elsewhere(struct cc_list *l, const struct cc_many *many, int64_t total)
{
	struct cc_request *rq = l->rq;
	struct cc_buf url = cc_buf_new(rq->arena);
	struct cc_rows rows;
	if (total > CC_MANY_PAGE)
		return cc_error(rq, 400, cc_t(rq, "Too many rows for this: select fewer."));
	cc_list_pick(l, 0);
	int err = cc_list_fetch(l, &rows, CC_MANY_PAGE, 0);
	cc_buf_printf(&url, "%s?keys=", many->page);
	for (size_t i = 0; i < rows.count && !err; i++)
		cc_buf_printf(&url, "%s%s", i ? "," : "", cc_key_text(rq, l->r, &rows.row[i]));
	if (!err)
		cc_redirect(rq, cc_buf_text(&url));
	return err;
}

/* POST P/batch: action (edit, delete, one of many), scope, keys, query; apply: do it, with the
 * fields of the action, for edit those with set_<name> */
int cc_resource_batch(struct cc_request *rq)
{
	const struct cc_resource *r = rq->route->resource;
	const char *name = cc_form(rq, "action");
	struct deed deed;
	struct cc_selection s;
	struct cc_list l;
	int64_t total;
	if (!deed_find(rq, r, name, &deed))
		return CC_E_DENIED;
	cc_selection_read(rq, &s);
	if (!strcmp(s.scope, "selected") && !*s.keys)
		return cc_error(rq, 400, cc_t(rq, "Nothing is selected."));
	int err = cc_selection_list(&s, rq, r, &l);
	if (!err)
		err = cc_list_count(&l, INT32_MAX, &total);
	if (err)
		return err;
	if (deed.many && deed.many->page)
		return send_elsewhere(&l, deed.many, total);
	if (!cc_form(rq, "apply"))
		return send_question(&l, &s, &deed, NULL, total);
	return apply_deed(&l, &s, &deed, total);
}

/* ---- as a job ---- */

static int take_fields(struct cc_job_run *job)
{
	struct json_object *fields;
	struct cc_buf text = cc_buf_new(job->rq->arena);
	if (!json_object_object_get_ex(job->parameters, "fields", &fields))
		return 0;
	json_object_object_foreach(fields, name, value)
	{
		const char *v = json_object_get_string(value);
		cc_buf_str(&text, text.len ? "&" : "");
		cc_buf_url(&text, name, strlen(name));
		cc_buf_str(&text, "=");
		cc_buf_url(&text, v, strlen(v));
	}
	return cc_form_parse(job->rq->arena, &job->rq->state->form, cc_buf_text(&text), text.len);
}

/* Commits what was done of the job, or takes it back after an error, and says how far it is. */
static int part_done(struct batch *b, int err, size_t done, size_t total)
{
	if (!err)
		err = cc_db_commit(b->rq->db);
	if (err)
		cc_db_rollback(b->rq->db);
	b->job->ok = b->ok;
	b->job->bad = b->bad;
	return err ? err : cc_job_progress_at(b->job, (int64_t)done, (int64_t)total, done == total);
}

/* Rows one by one, each committed by itself: what is done stays done when the job is cancelled. */
static int apply_all(struct batch *b, struct cc_list *l)
{
	struct cc_rows rows;
	cc_list_pick(l, 0);
	int err = cc_list_fetch(l, &rows, INT32_MAX, 0);
	for (size_t i = 0; i < rows.count && !err; i++) {
		cc_db_begin(b->rq->db, false);
		err = apply(b, cc_key_text(b->rq, l->r, &rows.row[i]));
		err = part_done(b, err, i + 1, rows.count);
	}
	return err;
}

/* Parts of AT_ONCE rows, each committed by itself. */
static int apply_parts(struct batch *b, const struct cc_many *many, struct cc_list *l)
{
	struct cc_rows rows;
	cc_list_pick(l, 0);
	int err = form_read(b->form, many);
	if (!err)
		err = cc_list_fetch(l, &rows, INT32_MAX, 0);
	for (size_t i = 0; !err && i < rows.count; i += AT_ONCE) {
		size_t to = i + AT_ONCE < rows.count ? i + AT_ONCE : rows.count;
		cc_db_begin(b->rq->db, false);
		err = apply_many(b, many, &rows, i, to);
		err = part_done(b, err, to, rows.count);
	}
	int told = done_audit(b, many, b->ok + b->bad);
	return err ? err : told;
}

int cc_resource_batch_job(struct cc_job_run *job)
{
	struct cc_request *rq = job->rq;
	const struct cc_resource *r = cc_resource_find(rq, cc_job_string(job, "path"));
	const struct cc_selection s = {.scope = cc_job_string(job, "scope"),
			.keys = cc_job_string(job, "keys"),
			.query = cc_job_string(job, "query")};
	struct batch b = {.rq = rq, .r = r, .job = job};
	struct deed deed;
	struct cc_list l;
	if (!r || !cc_resource_can(rq, r, "list") ||
			!deed_find(rq, r, cc_job_string(job, "action"), &deed) ||
			(deed.many && !deed.many->run))
		return cc_job_fail(job, CC_E_DENIED, cc_t(rq, "You have no permission for this."));
	int err = take_fields(job);
	if (!err)
		err = cc_selection_list(&s, rq, r, &l);
	if (err)
		return cc_job_fail(job, err, cc_t(rq, "The search is not valid any more."));
	b.action = deed.action;
	if (deed.many)
		b.form = form_begin(rq, r, deed.many);
	err = deed.many ? apply_parts(&b, deed.many, &l) : apply_all(&b, &l);
	int told = cc_run_deferred(rq);
	return err ? err : told;
}
