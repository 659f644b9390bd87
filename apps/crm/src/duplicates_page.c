/* SPDX-License-Identifier: GPL-2.0-or-later
 * GET  /crm/duplicates[?package=code&by=field&with=field&after=hex]: groups, each with a way to its
 *      comparison
 * POST /crm/duplicates: all of them by a policy, as a job with a file that says what became of each
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "call_task.h"
#include "duplicates.h"
#include "merge.h"

#define GROUPS 20       /* of a page */
#define GROUPS_MANY 200 /* that are merged before the next ones are looked for */
#define AFTER_MAX 1500  /* bytes of what was looked at last */

static const char *const policies[] = {CC_NC("merge policy", "oldest"),
		CC_NC("merge policy", "newest"), CC_NC("merge policy", "fullest"),
		NULL}; /* as enum merge_policy */

static int policy_of(const char *name)
{
	for (int i = 0; policies[i]; i++)
		if (strcmp(policies[i], name) == 0)
			return i;
	return -1;
}

static const char *given(const struct cc_request *rq, const char *name, const char *otherwise)
{
	const char *value = strcmp(rq->method, "GET") ? cc_form(rq, name) : cc_query(rq, name);

	return value && *value ? value : otherwise;
}

/* The package of the address, otherwise the default one. */
static int find_package(struct cc_request *rq, struct cc_rows *packages, int64_t *id)
{
	const char *code = given(rq, "package", NULL);
	int err = cc_db_query(rq->db, packages,
			"SELECT id, code, name FROM customer_package WHERE tenant_id = {tenant} AND state = "
			"'open' ORDER BY standard DESC, name LIMIT 200");

	*id = 0;
	for (size_t i = 0; !err && i < packages->count && !*id; i++)
		if (!code || strcmp(cc_row_str(&packages->row[i], 1), code) == 0)
			*id = cc_row_int(&packages->row[i], 0, 0);
	return err ? err : *id ? 0 : CC_E_NOENT;
}

static int open_search(struct cc_request *rq, struct cc_rows *packages, struct duplicates *d)
{
	const char *by = given(rq, "by", "phone"), *with = given(rq, "with", "");
	int64_t package;
	int err = find_package(rq, packages, &package);

	/* the name alone tells nothing */
	if (!err && strcmp(by, "name") == 0 && !*with)
		with = "phone";
	return err ? err : duplicates_begin(d, rq, package, by, with);
}

/* ---- values in addresses ---- */

static const char *to_hex(struct cc_arena *a, struct cc_bytes value)
{
	struct cc_buf out = cc_buf_new(a);

	for (size_t i = 0; i < value.len; i++)
		cc_buf_printf(&out, "%02x", ((const unsigned char *)value.p)[i]);
	return out.len ? cc_buf_text(&out) : "";
}

static int from_hex(struct cc_arena *a, const char *text, struct cc_bytes *value)
{
	size_t len = strlen(text);
	unsigned char *out = cc_alloc(a, len / 2 + 1);

	if (len % 2 || len > 2 * AFTER_MAX || text[strspn(text, "0123456789abcdef")])
		return CC_E_INVAL;
	for (size_t i = 0; i < len / 2; i++) {
		char byte[3] = {text[2 * i], text[2 * i + 1], '\0'};

		out[i] = (unsigned char)strtoul(byte, NULL, 16);
	}
	*value = (struct cc_bytes){out, len / 2};
	return 0;
}

static const char *address(const struct duplicates *d, struct cc_bytes after)
{
	struct cc_arena *a = d->rq->arena;

	return cc_sprintf(a, "/crm/duplicates?package=%s&by=%s&with=%s&after=%s", d->p->code,
			d->by->name, d->with ? d->with->name : "", to_hex(a, after));
}

/* ---- the page ---- */

static void add_choice(struct cc_request *rq, struct cc_value *list, const char *value,
		const char *text, bool selected)
{
	struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);

	cc_value_str(rq->arena, item, "value", value);
	cc_value_str(rq->arena, item, "label", text);
	cc_value_bool(rq->arena, item, "selected", selected);
}

static const char *label_of(struct cc_request *rq, const struct field *f)
{
	return f->translated ? cc_t(rq, f->label) : f->label;
}

static void add_fields(const struct duplicates *d, struct cc_value *page)
{
	struct cc_request *rq = d->rq;
	struct cc_value *by = cc_value_add(rq->arena, page, "by", CC_VALUE_LIST);
	struct cc_value *with = cc_value_add(rq->arena, page, "with", CC_VALUE_LIST);

	for (size_t i = 0; i < d->p->count; i++) {
		const struct field *f = &d->p->fields[i];

		if (!customer_column(d->r, f))
			continue;
		if (duplicates_by(f))
			add_choice(rq, by, f->name, label_of(rq, f), f == d->by);
		if (duplicates_with(f))
			add_choice(rq, with, f->name, label_of(rq, f), f == d->with);
	}
}

static void add_group(const struct duplicates *d, const struct duplicate_group *g,
		enum cc_hide masked, const char *here, struct cc_value *list)
{
	struct cc_request *rq = d->rq;
	struct cc_arena *a = rq->arena;
	struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP), *members;
	struct cc_buf url = cc_buf_new(a);
	bool number = d->by->kind == FIELD_PHONE;

	cc_value_str(a, item, "value", number ? cc_mask_number(a, g->value, masked) : g->value);
	cc_value_str(a, item, "count", cc_sprintf(a, "%zu%s", g->count, g->more ? "+" : ""));
	members = cc_value_add(a, item, "members", CC_VALUE_LIST);
	cc_buf_str(&url, "/crm/merge?keys=");
	for (size_t i = 0; i < g->count; i++) {
		const struct duplicate *m = &g->member[i];
		struct cc_value *v = cc_value_add(a, members, NULL, CC_VALUE_MAP);

		cc_value_int(a, v, "id", m->id);
		cc_value_str(a, v, "name", m->name);
		cc_value_str(a, v, "phone", cc_mask_number(a, m->phone, masked));
		cc_value_str(a, v, "agent", m->agent);
		cc_value_str(a, v, "changed", cc_time_text(rq, m->updated_at));
		if (i < MERGE_MOST)
			cc_buf_printf(&url, "%s%" PRId64, i ? "," : "", m->id);
	}
	cc_buf_str(&url, "&next=");
	cc_buf_url(&url, here, strlen(here));
	cc_value_str(a, item, "url", cc_buf_text(&url));
}

static void add_groups(struct duplicates *d, struct cc_value *page)
{
	struct cc_value *list = cc_value_add(d->rq->arena, page, "groups", CC_VALUE_LIST);
	enum cc_hide masked = package_hides(d->rq, d->r);

	for (size_t i = 0; i < d->count; i++)
		add_group(d, &d->group[i], masked, d->rq->target, list);
}

/* GET /crm/duplicates */
int crm_duplicates_page(struct cc_request *rq)
{
	struct cc_rows packages;
	struct duplicates d;
	int err = open_search(rq, &packages, &d);
	const char *after = given(rq, "after", "");

	if (!err)
		err = from_hex(rq->arena, after, &d.after);
	if (!err)
		err = duplicates_next(&d, GROUPS);
	if (err)
		return err;

	struct cc_arena *a = rq->arena;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Duplicates")), *list;

	list = cc_value_add(a, page, "packages", CC_VALUE_LIST);
	for (size_t i = 0; i < packages.count; i++)
		add_choice(rq, list, cc_row_str(&packages.row[i], 1), cc_row_str(&packages.row[i], 2),
				cc_row_int(&packages.row[i], 0, 0) == d.p->id);
	add_fields(&d, page);
	add_groups(&d, page);
	list = cc_value_add(a, page, "policies", CC_VALUE_LIST);
	for (size_t i = 0; policies[i]; i++)
		add_choice(rq, list, policies[i], cc_tc(rq, "merge policy", policies[i]), i == 0);
	cc_value_str(a, page, "package", d.p->code);
	cc_value_str(a, page, "by_name", d.by->name);
	cc_value_str(a, page, "with_name", d.with ? d.with->name : "");
	cc_value_bool(a, page, "is_named", d.by == d.p->named);
	cc_value_bool(a, page, "nothing", !d.count && d.over && !*after);
	cc_value_bool(a, page, "no_more", !d.count && (!d.over || *after));
	cc_value_bool(a, page, "may_merge", cc_can(rq, "crm.customers.edit") && !rq->user->api);
	cc_value_str(a, page, "first_url", *after ? address(&d, (struct cc_bytes){0}) : NULL);
	cc_value_str(a, page, "next_url", d.over ? NULL : address(&d, d.after));
	return cc_page_send(rq, "crm/duplicates", page);
}

/* ---- all of them ---- */

struct order
{
	const struct duplicates *d;
	const char *policy;
};

static void order_write(struct cc_jsonw *w, void *ctx)
{
	const struct order *o = ctx;

	cc_jsonw_object(w, NULL);
	cc_jsonw_int(w, "package", o->d->p->id);
	cc_jsonw_str(w, "by", o->d->by->name);
	cc_jsonw_str(w, "with", o->d->with ? o->d->with->name : "");
	cc_jsonw_str(w, "policy", o->policy);
	cc_jsonw_close_object(w);
}

/* POST /crm/duplicates */
int crm_duplicates_post(struct cc_request *rq)
{
	struct cc_rows packages;
	struct duplicates d;
	struct order o = {&d, given(rq, "policy", "")};
	int64_t id;
	int err = cc_can(rq, "crm.customers.edit") && !rq->user->api ? open_search(rq, &packages, &d)
																 : CC_E_DENIED;

	if (!err && policy_of(o.policy) < 0)
		err = CC_E_INVAL;
	if (err)
		return err;

	const struct cc_job_order order = {
			.kind = "crm.merge",
			.page = CC_N("Duplicates"),
			.options = "",
			.file = "merged.csv",
			.parameters = cc_json_text(rq->arena, order_write, &o),
	};

	err = cc_job_queue(rq, &order, &id);
	if (!err)
		err = cc_audit_write(rq, "crm.customers.merge_all",
				cc_sprintf(rq->arena, "%s/%s", d.p->code, d.by->name), order.parameters);
	if (!err)
		cc_redirect(rq, CC_JOBS_PAGE "?active=");
	return err;
}

struct all
{
	struct cc_job_run *job;
	struct duplicates d;
	enum merge_policy policy;
	FILE *file;
	enum cc_hide masked;
	int64_t done, total;
};

static void cell(struct cc_buf *line, const char *text, const char *end)
{
	cc_buf_csv(line, text, strlen(text));
	cc_buf_str(line, end);
}

static void write_line(struct all *w, const struct duplicate_group *g, const char *kept,
		const char *others, const char *result)
{
	struct cc_request *rq = w->job->rq;
	struct cc_buf line = cc_buf_new(rq->arena);
	bool number = w->d.by->kind == FIELD_PHONE;

	cell(&line, number ? cc_mask_number(rq->arena, g->value, w->masked) : g->value, ",");
	cell(&line, kept, ",");
	cell(&line, others, ",");
	cell(&line, result, "\r\n");
	fwrite(line.p, 1, line.len, w->file);
}

static const char *why_not(struct cc_request *rq, int err, int64_t other)
{
	if (err == CC_E_EXIST)
		return cc_fill(rq, cc_t(rq, "Customer {n} has this number or value."), "{n}", other);
	return cc_t(rq, "Somebody else changed one of them meanwhile.");
}

static const char *ids_of(
		struct cc_arena *a, const struct merge *m, size_t survivor, const char *between)
{
	struct cc_buf ids = cc_buf_new(a);

	for (size_t i = 0; i < m->count; i++)
		if (i != survivor)
			cc_buf_printf(&ids, "%s%" PRId64, ids.len ? between : "", m->customer[i].id);
	return cc_buf_text(&ids);
}

/* MERGE_MOST of the group at a time: who was kept meets the next ones. */
static int merge_part(
		struct all *w, const struct duplicate_group *g, const char *ids, int64_t *survivor)
{
	struct cc_request *rq = w->job->rq;
	struct merge_choice choice;
	struct merge *m;
	int64_t id, other = 0;
	size_t kept = 0;

	cc_db_begin(rq->db, false);
	int err = merge_load(rq, ids, true, &m);

	if (!err) {
		kept = merge_survivor(m, w->policy);
		merge_choose(m, kept, true, &choice);
		err = merge_do(m, &choice, &id, &other);
	}
	if (!err)
		err = cc_db_commit(rq->db);
	if (err)
		cc_db_rollback(rq->db);
	if (err == CC_E_NOENT || err == CC_E_EXIST || err == CC_E_STATE) {
		write_line(w, g, "", ids, why_not(rq, err, other));
		return CC_E_EXIST;
	}
	if (err)
		return err;
	*survivor = m->customer[kept].id;
	write_line(w, g, cc_sprintf(rq->arena, "%" PRId64, *survivor), ids_of(rq->arena, m, kept, " "),
			cc_t(rq, "Merged"));
	return 0;
}

static int merge_group(struct all *w, const struct duplicate_group *g)
{
	struct cc_arena *a = w->job->rq->arena;
	int64_t survivor = 0;
	int err = 0;

	for (size_t i = 0; i < g->count && !err;) {
		struct cc_buf ids = cc_buf_new(a);
		size_t n = 0;

		if (survivor)
			cc_buf_printf(&ids, "%" PRId64, survivor), n++;
		for (; i < g->count && n < MERGE_MOST; i++, n++)
			cc_buf_printf(&ids, "%s%" PRId64, n ? "," : "", g->member[i].id);
		err = n > 1 ? merge_part(w, g, cc_buf_text(&ids), &survivor) : 0;
	}
	w->job->ok += !err;
	w->job->bad += err == CC_E_EXIST;
	return err == CC_E_EXIST ? 0 : err;
}

/* How many there are in all, 0: not known. Merging finds new ones now and then. */
static int64_t total_of(const struct all *w)
{
	return w->total && w->total < w->done ? w->done : w->total;
}

/* Some groups, in memory of their own. */
static int merge_some(struct all *w, struct cc_arena *scratch)
{
	struct cc_request *rq = w->job->rq;
	struct cc_arena *own = rq->arena;
	char after[AFTER_MAX];
	int err;

	rq->arena = scratch;
	cc_db_arena(rq->db, scratch);
	err = duplicates_next(&w->d, GROUPS_MANY);
	for (size_t i = 0; i < w->d.count && !err; i++) {
		err = merge_group(w, &w->d.group[i]);
		w->done++;
		if (!err)
			err = cc_job_progress_at(w->job, w->done, total_of(w), false);
	}
	rq->arena = own;
	cc_db_arena(rq->db, own);
	w->d.room = w->d.count = 0;
	if (w->d.after.len > sizeof(after))
		return CC_E_RANGE;
	memcpy(after, w->d.after.p, w->d.after.len);
	cc_arena_reset(scratch);
	w->d.after.p = memcpy(cc_alloc(scratch, w->d.after.len + 1), after, w->d.after.len);
	return err;
}

static int merge_all(struct all *w, const char *path)
{
	struct cc_request *rq = w->job->rq;
	struct cc_arena *scratch = cc_arena_new();
	int err = 0;

	/* after a crash it goes on behind what was done before */
	w->masked = package_hides(rq, w->d.r);
	w->file = fopen(path, "ae");
	if (!w->file)
		err = CC_E_IO;
	else if (!fseek(w->file, 0, SEEK_END) && !ftell(w->file))
		fprintf(w->file, "\xEF\xBB\xBF%s,%s,%s,%s\r\n", cc_t(rq, "Value"),
				cc_t(rq, "Kept customer"), cc_t(rq, "Merged into it"), cc_t(rq, "Outcome"));
	while (!err && !w->d.over)
		err = merge_some(w, scratch);
	cc_arena_free(scratch);
	if (w->file && (ferror(w->file) | fclose(w->file)) && !err)
		err = CC_E_IO;
	return err;
}

/* The job crm.merge */
int crm_merge_task(struct cc_job_run *job)
{
	struct cc_request *rq = job->rq;
	int policy = policy_of(cc_job_string(job, "policy"));
	struct all w = {.job = job, .policy = (enum merge_policy)policy};
	char folder[256];
	const char *path;
	int err;

	if (!cc_can(rq, "crm.customers.merge") || !cc_can(rq, "crm.customers.edit") || policy < 0)
		return cc_job_fail(job, CC_E_DENIED, cc_t(rq, "You have no permission for this."));
	err = duplicates_begin(&w.d, rq, cc_job_number(job, "package"), cc_job_string(job, "by"),
			cc_job_string(job, "with"));
	if (err)
		return cc_job_fail(job, err, cc_t(rq, "A field is not there any more."));
	err = duplicates_count(&w.d, &w.total);
	if (!err)
		err = cc_job_folder(rq, folder, sizeof(folder));
	if (err)
		return err;
	path = cc_sprintf(rq->arena, "%s/%" PRId64 ".csv", folder, job->id);
	err = merge_all(&w, path);
	if (!err)
		err = cc_job_file(job, path);
	if (!err)
		err = cc_job_progress_at(job, w.done, w.done, true);
	if (err == CC_E_IO)
		return cc_job_fail(job, err, cc_t(rq, "The file could not be written."));
	snprintf(job->said, sizeof(job->said), "%" PRId64, job->ok);
	return err;
}
