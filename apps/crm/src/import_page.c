/* SPDX-License-Identifier: GPL-2.0-or-later
 * The page of one import: which column is which field, what to do with duplicates, what would
 * become of the first rows, start; later how far it is and what became of it. */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "call_task.h"
#include "cc/preference.h"
#include "fields.h"
#include "imports.h"
#include "plan.h"

#define PREVIEW_ROWS 1000
#define WRONG_ROWS 10 /* that are shown */

struct sample
{
	struct cc_arena *arena;
	const char **rows[PLAN_SAMPLE + 1];
	size_t counts[PLAN_SAMPLE + 1], count, columns;
	struct cc_sheet_problem problem;
	int err;
};

static int take_sample(void *ctx, uint64_t number, const struct cc_cell *cells, size_t count)
{
	struct sample *s = ctx;
	const char **row;

	if (s->count > PLAN_SAMPLE)
		return 1;
	row = cc_alloc(s->arena, (count + 1) * sizeof(*row));
	for (size_t i = 0; i < count; i++)
		row[i] = cc_strndup(s->arena, cells[i].text, cells[i].len < 200 ? cells[i].len : 200);
	if (count > s->columns)
		s->columns = count;
	s->counts[s->count] = count;
	s->rows[s->count++] = row;
	return 0;
}

static int count_row(void *ctx, uint64_t number, const struct cc_cell *cells, size_t count)
{
	uint64_t *left = ctx;

	return (*left)-- ? 0 : CC_E_FULL;
}

/* Said at once: a table that has so many lines is read to its end, which takes no time compared
 * with an import that is given up behind its last allowed row. Workbooks do not tell before they
 * are read. */
static bool has_too_many_rows(struct plan *plan)
{
	uint64_t most = (uint64_t)cc_preference_int(plan->rq, "import_rows"), lines = 0, left;
	struct cc_sheet_problem problem;
	FILE *file = fopen(plan->path, "re");
	char *part = cc_alloc(plan->rq->arena, 65536);
	size_t len;
	bool book = false;

	for (uint64_t at = 0; file && !book && (len = fread(part, 1, 65536, file)); at += len) {
		book = !at && len > 1 && memcmp(part, "PK", 2) == 0;
		for (const char *p = part; (p = memchr(p, '\n', (size_t)(part + len - p))); p++)
			lines++;
	}
	if (file)
		fclose(file);
	left = (most ? most : IMPORT_ROWS) + (strcmp(plan_option(plan, "heading"), "0") != 0);
	return !book && lines >= left &&
		   cc_sheet_read(plan->path, NULL, count_row, &left, &problem) == CC_E_FULL;
}

static void read_sample(struct plan *plan, struct sample *s)
{
	*s = (struct sample){.arena = plan->rq->arena};
	s->err = cc_sheet_read(plan->path, NULL, take_sample, s, &s->problem);
	s->err = s->err == 1 ? 0 : s->err;
	if (!s->err && !s->count)
		s->problem.text = CC_N("The file has no rows.");
	if (!s->err && s->columns > IMPORT_COLUMNS)
		s->problem.text = CC_N("The table has too many columns.");
	if (!s->err && !s->problem.text && has_too_many_rows(plan))
		s->problem.text = CC_N("The file has more rows than one import may have: divide it.");
}

/* ---- the mapping ---- */

static const char *const heads[][2] = {{"姓名", "name"}, {"客户名称", "name"}, {"客户姓名", "name"},
		{"联系号码", "phone"}, {"电话", "phone"}, {"电话号码", "phone"}, {"手机", "phone"},
		{"手机号", "phone"}, {"手机号码", "phone"}, {"邮箱", "email"}, {"邮件", "email"},
		{"住址", "city"}, {"城市", "city"}, {"地区", "area"}, {"工号", PLAN_AGENT_NUMBER},
		{PLAN_AGENT_NUMBER, PLAN_AGENT_NUMBER}};

/* The field that a heading means; "" for none. */
static const char *guess(struct plan *plan, const char *head)
{
	const struct field *f = *head ? package_field(plan->package, head) : NULL;

	for (size_t i = 0; i < plan->package->count && !f; i++) {
		const struct field *g = &plan->package->fields[i];

		if (g->translated && strcmp(cc_t(plan->rq, g->label), head) == 0)
			f = g;
	}
	if (f)
		return f->in_import ? f->name : "";
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		if (strcmp(heads[i][0], head) == 0)
			return heads[i][1];
	return "";
}

/* What column i is, as told or guessed. */
static const char *chosen(struct plan *plan, const struct sample *s, size_t i, bool *required)
{
	struct json_object *list;

	*required = false;
	if (!plan->options || !json_object_object_get_ex(plan->options, "columns", &list))
		return i < s->counts[0] ? guess(plan, s->rows[0][i]) : "";

	const char *name = json_object_get_string(json_object_array_get_idx(list, i));

	if (json_object_object_get_ex(plan->options, "required", &list))
		*required = json_object_get_boolean(json_object_array_get_idx(list, i));
	return name ? name : "";
}

static void add_choice(struct cc_request *rq, struct cc_value *list, const char *value,
		const char *label, const char *now)
{
	struct cc_value *o = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);

	cc_value_str(rq->arena, o, "value", value);
	cc_value_str(rq->arena, o, "label", label);
	cc_value_bool(rq->arena, o, "selected", strcmp(value, now) == 0);
}

/* Fields made on the fly, as "+kind" and "+kind!" (searched). */
static const char *const made[][2] = {{"+text!", CC_NC("new field", "New field: text, searched")},
		{"+lines", CC_NC("new field", "New field: long text")},
		{"+phone", CC_NC("new field", "New field: telephone number")},
		{"+number", CC_NC("new field", "New field: number")},
		{"+date!", CC_NC("new field", "New field: date")}};

static void add_columns(struct cc_value *page, struct plan *plan, const struct sample *s)
{
	struct cc_request *rq = plan->rq;
	struct cc_arena *a = rq->arena;
	struct cc_value *list = cc_value_add(a, page, "columns", CC_VALUE_LIST);

	for (size_t i = 0; i < s->columns; i++) {
		struct cc_value *column = cc_value_add(a, list, NULL, CC_VALUE_MAP), *choices;
		bool required;
		const char *now = chosen(plan, s, i, &required);

		cc_value_int(a, column, "index", (int64_t)i);
		cc_value_str(a, column, "head",
				i < s->counts[0] && *s->rows[0][i] ? s->rows[0][i] : cc_sprintf(a, "%zu", i + 1));
		cc_value_bool(a, column, "required", required);
		choices = cc_value_add(a, column, "choices", CC_VALUE_LIST);
		for (size_t k = 0; k < plan->package->count; k++) {
			const struct field *f = &plan->package->fields[k];

			if (f->in_import)
				add_choice(
						rq, choices, f->name, f->translated ? cc_t(rq, f->label) : f->label, now);
		}
		add_choice(rq, choices, PLAN_AGENT_NUMBER, cc_t(rq, "Agent number: assigns"), now);
		if (cc_can(rq, "crm.field.create"))
			for (size_t k = 0; k < sizeof(made) / sizeof(*made); k++)
				add_choice(rq, choices, made[k][0], cc_tc(rq, "new field", made[k][1]), now);
	}

	struct cc_value *rows = cc_value_add(a, page, "sample", CC_VALUE_LIST);

	/* the headings stand above already */
	size_t first = strcmp(plan_option(plan, "heading"), "0") != 0;

	for (size_t r = first; r < s->count && r < PLAN_SAMPLE; r++) {
		struct cc_value *row = cc_value_add(a, rows, NULL, CC_VALUE_MAP), *cells;

		cc_value_int(a, row, "number", (int64_t)r + 1);
		cells = cc_value_add(a, row, "cells", CC_VALUE_LIST);
		for (size_t i = 0; i < s->columns; i++)
			cc_value_str(a, cc_value_add(a, cells, NULL, CC_VALUE_MAP), "text",
					i < s->counts[r] ? s->rows[r][i] : "");
	}
}

static int add_options(struct cc_value *page, struct plan *plan, const char *key,
		const char *option, const struct cc_rows *rows)
{
	struct cc_value *list = cc_value_add(plan->rq->arena, page, key, CC_VALUE_LIST);
	const char *now = plan_option(plan, option);
	bool many = strcmp(option, "tags") == 0;

	for (size_t i = 0; i < rows->count; i++) {
		const char *id = cc_row_str(&rows->row[i], 0);
		const char *hit = many ? strstr(cc_sprintf(plan->rq->arena, ",%s,", now),
										 cc_sprintf(plan->rq->arena, ",%s,", id))
							   : NULL;

		add_choice(plan->rq, list, id, cc_row_str(&rows->row[i], 1), many ? hit ? id : "-" : now);
	}
	return 0;
}

static int add_lists(struct cc_value *page, struct plan *plan)
{
	struct cc_db *db = plan->rq->db;
	struct cc_rows types, tags, groups, agents, dictionaries, tasks;
	int err = cc_db_query(db, &types,
			"SELECT id, name FROM customer_type WHERE tenant_id = {tenant} ORDER BY position, id");

	if (!err)
		err = cc_db_query(db, &tags,
				"SELECT id, name FROM customer_tag WHERE tenant_id = {tenant} ORDER BY name");
	if (!err)
		err = cc_db_query(db, &groups,
				"SELECT id, CONCAT(number, ' ', name) FROM agent_group WHERE tenant_id = {tenant} "
				"AND live = 1 ORDER BY LENGTH(number), number");
	if (!err)
		err = cc_db_query(db, &agents,
				"SELECT id, CONCAT(number, ' ', name) FROM agent WHERE tenant_id = {tenant} AND "
				"live = 1 ORDER BY LENGTH(number), number LIMIT 1000");
	if (!err)
		err = cc_db_query(db, &dictionaries,
				"SELECT id, name FROM customer_dictionary WHERE tenant_id = {tenant} AND "
				"package_id = ? ORDER BY name",
				plan->package->id);
	if (!err)
		err = cc_db_query(db, &tasks,
				"SELECT id, name FROM call_task WHERE tenant_id = {tenant} AND package_id = ? AND "
				"state <> 'closed' ORDER BY name LIMIT 1000",
				plan->package->id);
	if (err)
		return err;
	add_options(page, plan, "tasks", "task", &tasks);
	cc_value_bool(
			plan->rq->arena, page, "list_new", strcmp(plan_option(plan, "list_new"), "0") != 0);
	cc_value_bool(plan->rq->arena, page, "list_duplicates",
			strcmp(plan_option(plan, "list_duplicates"), "1") == 0);
	add_options(page, plan, "types", "type", &types);
	add_options(page, plan, "tags", "tags", &tags);
	add_options(page, plan, "groups", "group", &groups);
	add_options(page, plan, "agents", "agent", &agents);
	return add_options(page, plan, "dictionaries", "dictionary", &dictionaries);
}

static void add_policies(struct cc_value *page, struct plan *plan)
{
	static const char *const policies[][2] = {
			{"skip", CC_NC("import policy", "skip: the customer stays as it is")},
			{"overwrite",
					CC_NC("import policy", "overwrite: values of the file replace the customer's")},
			{"fill", CC_NC("import policy",
							 "fill: values of the file go where the customer has none")}};
	struct cc_request *rq = plan->rq;
	struct cc_value *list = cc_value_add(rq->arena, page, "policies", CC_VALUE_LIST);
	const char *now = plan_option(plan, "policy");

	for (size_t i = 0; i < sizeof(policies) / sizeof(*policies); i++)
		add_choice(rq, list, policies[i][0], cc_tc(rq, "import policy", policies[i][1]),
				*now ? now : "skip");
	cc_value_bool(rq->arena, page, "heading", strcmp(plan_option(plan, "heading"), "0") != 0);
	cc_value_bool(rq->arena, page, "strip_zero", strcmp(plan_option(plan, "strip_zero"), "1") == 0);
}

/* ---- the preview ---- */

static const char *translate(void *ctx, const char *text)
{
	struct cc_request *rq = ctx;

	return cc_t(rq, text);
}

static void add_numbers(struct cc_request *rq, struct cc_value *at, const struct import_result *r)
{
	cc_value_int(rq->arena, at, "rows", (int64_t)r->rows);
	cc_value_int(rq->arena, at, "created", (int64_t)r->created);
	cc_value_int(rq->arena, at, "duplicates", (int64_t)r->skipped);
	cc_value_int(rq->arena, at, "bad", (int64_t)r->bad);
}

static const char *problem_text(struct cc_request *rq, const struct cc_sheet_problem *problem)
{
	const char *text = cc_t(rq, problem->text);

	return problem->row ? cc_sprintf(rq->arena, "%s %s", text,
								  cc_fill(rq, cc_t(rq, "(row {n})"), "{n}", (int64_t)problem->row))
						: text;
}

static int add_preview(struct cc_value *page, struct plan *plan)
{
	struct cc_request *rq = plan->rq;
	struct cc_value *at = cc_value_add(rq->arena, page, "preview", CC_VALUE_MAP), *list;
	struct import_result result;
	char *text = NULL, *rest, *line;
	size_t len = 0;
	int err, shown = 0;

	plan->import.bad = open_memstream(&text, &len);
	if (!plan->import.bad)
		return CC_E_NOMEM;
	plan->import.translate = translate;
	plan->import.ctx = rq;
	err = import_preview(rq->db, &plan->import, PREVIEW_ROWS, &result);
	fclose(plan->import.bad);
	add_numbers(rq, at, &result);
	cc_value_str(rq->arena, at, "problem",
			result.problem.text ? problem_text(rq, &result.problem) : NULL);
	if (err == CC_E_INVAL || err == CC_E_FULL)
		err = 0;
	list = cc_value_add(rq->arena, at, "wrong", CC_VALUE_LIST);
	for (rest = text; (line = strsep(&rest, "\n")) && *line && shown < WRONG_ROWS; shown++)
		cc_value_str(rq->arena, cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP), "text",
				cc_strdup(rq->arena, line));
	free(text);
	return err;
}

/* ---- the page ---- */

static int add_outcome(struct cc_value *page, struct plan *plan)
{
	struct cc_request *rq = plan->rq;
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT b.rows_read, b.rows_new, b.rows_changed, b.rows_skipped, b.rows_bad, "
			"COALESCE(j.progress, 0), IF(j.path <> '' AND j.created_by = {user}, j.id, NULL), "
			"COALESCE(j.state, ''), COALESCE(j.error, ''), IF(j.total > 0, LEAST(1000, 1000 * "
			"j.progress DIV j.total), NULL) FROM customer_batch b LEFT JOIN job j ON "
			"j.tenant_id = b.tenant_id AND j.id = b.job_id WHERE b.tenant_id = {tenant} AND b.id = "
			"?",
			plan->batch);
	static const char *const names[] = {
			"rows", "created", "changed", "skipped", "bad", "progress", "errors"};

	if (err || !rows.count)
		return err ? err : CC_E_NOENT;

	struct cc_value *at = cc_value_add(rq->arena, page, "outcome", CC_VALUE_MAP);

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		cc_value_str(rq->arena, at, names[i], rows.row[0].v[i]);
	cc_value_str(rq->arena, at, "bar", rows.row[0].v[9]);
	bool running = strcmp(plan->state, "running") == 0;
	const char *job = cc_row_str(&rows.row[0], 7);
	bool works = strcmp(job, "waiting") == 0 || strcmp(job, "running") == 0;

	cc_value_bool(rq->arena, at, "running", running && works);
	cc_value_bool(rq->arena, at, "stuck", running && !works);
	cc_value_bool(rq->arena, at, "again",
			(running && !works) || strcmp(plan->state, "failed") == 0 ||
					strcmp(plan->state, "cancelled") == 0);
	cc_value_bool(rq->arena, at, "committed", strcmp(plan->state, "committed") == 0);
	cc_value_bool(rq->arena, at, "may_undo", cc_can(rq, "crm.import.undo"));
	return 0;
}

static int show(struct plan *plan, const char *fault)
{
	struct cc_request *rq = plan->rq;
	struct cc_arena *a = rq->arena;
	struct cc_value *page = cc_page(rq, cc_sprintf(a, "%s: %s", cc_t(rq, "Import"), plan->name));
	bool draft = strcmp(plan->state, "draft") == 0;
	struct sample s;
	int err = 0;

	cc_value_str(a, page, "action", cc_sprintf(a, "/crm/import/%" PRId64, plan->batch));
	cc_value_str(
			a, page, "buttons", cc_sprintf(a, "%s/%" PRId64 "/do", crm_imports.path, plan->batch));
	cc_value_str(a, page, "file", plan->file_name);
	cc_value_str(a, page, "package", plan->package->name);
	cc_value_str(a, page, "state", cc_tc(rq, "import state", plan->state));
	cc_value_str(a, page, "code", plan->state);
	cc_value_str(a, page, "problem", *plan->problem ? plan->problem : NULL);
	cc_value_bool(a, page, "may_create", cc_can(rq, "crm.import.create"));
	if (!draft) {
		cc_value_str(a, page, "fault", NULL);
		cc_value_bool(a, page, "draft", false);
		err = add_outcome(page, plan);
		return err ? err : cc_page_send(rq, "crm/import", page);
	}
	cc_value_bool(a, page, "outcome", false);
	read_sample(plan, &s);
	if (s.err && s.err != CC_E_INVAL && s.err != CC_E_FULL)
		return s.err;
	cc_value_str(a, page, "fault", s.problem.text ? problem_text(rq, &s.problem) : fault);
	cc_value_bool(a, page, "draft", !s.problem.text);
	if (s.problem.text)
		return cc_page_send(rq, "crm/import", page);
	add_columns(page, plan, &s);
	add_policies(page, plan);
	err = add_lists(page, plan);
	if (!err && plan->options && !fault && !plan_prepare(plan))
		err = add_preview(page, plan);
	else
		cc_value_bool(a, page, "preview", false);
	return err ? err : cc_page_send(rq, "crm/import", page);
}

/* The batch, if the user may see it. */
static int load(struct cc_request *rq, struct plan *plan)
{
	struct cc_row row;
	const char *id = cc_param(rq, "id");
	int err = cc_resource_get(rq, &crm_imports, id, &row);

	return err ? err : plan_load(rq, strtoll(id, NULL, 10), plan);
}

int import_page(struct cc_request *rq)
{
	struct plan plan;
	int err = load(rq, &plan);

	if (err)
		return err;
	err = show(&plan, NULL);
	plan_free(&plan);
	return err;
}

/* ---- what was told ---- */

static const char *posted(struct cc_request *rq, const char *name)
{
	const char *value = cc_form(rq, name);

	return value ? value : "";
}

static int tags_posted(struct plan *plan, const char **text)
{
	struct cc_request *rq = plan->rq;
	struct cc_buf tags = cc_buf_new(rq->arena);
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows, "SELECT id FROM customer_tag WHERE tenant_id = {tenant}");

	for (size_t i = 0; i < rows.count && !err; i++) {
		const char *id = cc_row_str(&rows.row[i], 0);

		if (cc_form(rq, cc_sprintf(rq->arena, "tag_%s", id)))
			cc_buf_printf(&tags, "%s%s", tags.len ? "," : "", id);
	}
	*text = tags.len ? cc_buf_text(&tags) : "";
	return err;
}

/* Leaders fill the tasks of their own groups. */
static int check_task(struct plan *plan, const char *id, const char **fault)
{
	struct cc_request *rq = plan->rq;
	struct cc_rows rows;
	bool may = true;
	int err = cc_db_query(rq->db, &rows,
			"SELECT group_id FROM call_task WHERE tenant_id = {tenant} AND id = ? AND package_id = "
			"? AND state <> 'closed'",
			id, plan->package->id);

	if (!err && rows.count)
		err = customer_may_assign(rq, NULL, cc_row_str(&rows.row[0], 0), &may);
	if (!err && !rows.count)
		*fault = cc_t(rq, "The call task is closed or not there any more.");
	else if (!err && !may)
		*fault = cc_t(rq, "You do not lead the group of this task.");
	else if (!err && !cc_form(rq, "list_new") && !cc_form(rq, "list_duplicates"))
		*fault = cc_t(rq, "Say which customers get into the call task.");
	return err;
}

/* The form as options; NULL fault: it can be done. */
static int read_form(struct plan *plan, const struct sample *s, const char **fault)
{
	static const char *const plain[] = {"policy", "type", "agent", "group", "dictionary", "task"};
	static const char *const ticks[] = {"heading", "strip_zero", "list_new", "list_duplicates"};
	struct cc_request *rq = plan->rq;
	struct json_object *o = json_object_new_object(), *columns = json_object_new_array();
	struct json_object *required = json_object_new_array();
	const char *tags = "";
	bool phone = false;
	int err = tags_posted(plan, &tags);

	*fault = NULL;
	for (size_t i = 0; i < s->columns; i++) {
		const char *name = posted(rq, cc_sprintf(rq->arena, "c%zu", i));
		const struct field *f = *name ? package_field(plan->package, name) : NULL;

		phone = phone || f == plan->package->phone;
		if (*name && *name != '+' && strcmp(name, PLAN_AGENT_NUMBER) != 0 && !f)
			*fault = cc_t(rq, "A field is not there any more.");
		for (size_t k = 0; k < i && *name && *name != '+'; k++)
			if (strcmp(json_object_get_string(json_object_array_get_idx(columns, k)), name) == 0)
				*fault = cc_sprintf(rq->arena, "%s %s",
						cc_t(rq, "Two columns cannot be the same field:"),
						f && f->translated ? cc_t(rq, f->label)
						: f                ? f->label
										   : name);
		json_object_array_add(columns, json_object_new_string(name));
		json_object_array_add(required,
				json_object_new_boolean(cc_form(rq, cc_sprintf(rq->arena, "r%zu", i)) != NULL));
	}
	if (!phone && !*fault)
		*fault = cc_t(rq, "Say which column is the telephone number: every customer needs one.");
	json_object_object_add(o, "columns", columns);
	json_object_object_add(o, "required", required);
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		json_object_object_add(o, plain[i], json_object_new_string(posted(rq, plain[i])));
	json_object_object_add(o, "tags", json_object_new_string(tags));
	for (size_t i = 0; i < sizeof(ticks) / sizeof(*ticks); i++)
		json_object_object_add(
				o, ticks[i], json_object_new_string(cc_form(rq, ticks[i]) ? "1" : "0"));
	if (!*fault && *posted(rq, "task"))
		err = check_task(plan, posted(rq, "task"), fault);
	json_object_put(plan->options);
	plan->options = o;
	return err;
}

/* Columns that are new fields become fields. */
static int make_fields(struct plan *plan, const struct sample *s, const char **fault)
{
	struct cc_request *rq = plan->rq;
	struct json_object *columns;
	int err = 0;

	json_object_object_get_ex(plan->options, "columns", &columns);
	for (size_t i = 0; i < s->columns && !err && !*fault; i++) {
		const char *told = json_object_get_string(json_object_array_get_idx(columns, i));
		const char *label = i < s->counts[0] ? s->rows[0][i] : "", *slot;
		bool searched = strchr(told, '!');
		const char *kind =
				cc_strndup(rq->arena, told + (*told == '+'), strcspn(told, "!") - (*told == '+'));
		bool known = false;

		if (*told != '+')
			continue;
		for (size_t k = 0; k < sizeof(made) / sizeof(*made); k++)
			known |= strcmp(made[k][0], told) == 0;
		if (!known || !cc_can(rq, "crm.field.create"))
			return CC_E_DENIED;
		if (!*label || strlen(label) > 150) {
			*fault = cc_t(rq, "A new field needs a heading in the file.");
			break;
		}
		err = field_free_slot(rq, plan->package->id, kind, searched, &slot);
		if (!err && !slot)
			*fault = cc_t(rq, "The package has as many fields of this kind as it can have.");
		if (err || *fault)
			break;
		err = cc_db_exec(rq->db,
				"INSERT INTO customer_field (tenant_id, package_id, name, label, kind, slot, "
				"position, created_at, updated_at) VALUES ({tenant}, ?, ?, ?, ?, ?, 100, ?, ?)",
				plan->package->id, cc_sprintf(rq->arena, "f_%s", slot), label, kind, slot,
				rq->now_ms, rq->now_ms);
		if (err == CC_E_EXIST) {
			*fault = cc_sprintf(
					rq->arena, "%s %s", cc_t(rq, "There is a field of this name already:"), label);
			err = 0;
		} else if (!err) {
			json_object_array_put_idx(
					columns, i, json_object_new_string(cc_sprintf(rq->arena, "f_%s", slot)));
			err = cc_audit_write(rq, "crm.field.create", label, NULL);
		}
	}
	return err;
}

static int save_options(struct plan *plan)
{
	return cc_db_exec(plan->rq->db,
			"UPDATE customer_batch SET options = ?, updated_at = ? WHERE tenant_id = {tenant} AND "
			"id = ? AND state = 'draft'",
			json_object_to_json_string_ext(plan->options, JSON_C_TO_STRING_PLAIN), plan->rq->now_ms,
			plan->batch);
}

/* CRM-26: a source of its own, named by the time, in a colour that the last ones have not. */
static int make_source(struct plan *plan)
{
	static const char *const colours[] = {
			"#1f5fbf", "#2e8b57", "#b8860b", "#8b3a62", "#5b4fb3", "#b5472f", "#00808a", "#6b7a1e"};
	struct cc_request *rq = plan->rq;
	const char *colour = colours[(size_t)plan->batch % (sizeof(colours) / sizeof(*colours))];
	int err = cc_db_exec(rq->db,
			"INSERT INTO customer_source (tenant_id, name, colour, created_at, updated_at) VALUES "
			"({tenant}, ?, ?, ?, ?)",
			cc_sprintf(rq->arena, "%s #%" PRId64, cc_time_text(rq, rq->now_ms), plan->batch),
			colour, rq->now_ms, rq->now_ms);

	if (!err)
		err = cc_db_exec(rq->db,
				"UPDATE customer_batch SET source_id = ? WHERE tenant_id = {tenant} AND id = ?",
				cc_db_insert_id(rq->db), plan->batch);
	return err;
}

static int start(struct plan *plan, const struct sample *s, const char **fault)
{
	int err = make_fields(plan, s, fault);

	if (!err && !*fault)
		err = save_options(plan);
	if (!err && !*fault)
		err = make_source(plan);
	if (!err && !*fault)
		err = imports_start(plan->rq, cc_param(plan->rq, "id"));
	return err;
}

static int refuse(struct plan *plan, const char *fault)
{
	cc_db_rollback(plan->rq->db);
	cc_db_begin(plan->rq->db, true);
	cc_status(plan->rq, 400);
	return show(plan, fault);
}

static int post(struct plan *plan)
{
	struct cc_request *rq = plan->rq;
	const char *fault = NULL;
	struct sample s;
	int err;

	if (strcmp(plan->state, "draft") != 0)
		return cc_error(rq, 409, cc_t(rq, "It was started already."));
	read_sample(plan, &s);
	if (s.err || s.problem.text)
		return show(plan, NULL);
	err = read_form(plan, &s, &fault);
	if (!err && fault)
		return refuse(plan, fault);
	if (!err)
		err = strcmp(posted(rq, "step"), "run") == 0 ? start(plan, &s, &fault) : save_options(plan);
	if (!err && fault)
		return refuse(plan, fault);
	if (!err)
		cc_redirect(rq, cc_sprintf(rq->arena, "/crm/import/%" PRId64, plan->batch));
	return err;
}

int import_page_post(struct cc_request *rq)
{
	struct plan plan;
	int err = load(rq, &plan);

	if (err)
		return err;
	err = post(&plan);
	plan_free(&plan);
	return err;
}
