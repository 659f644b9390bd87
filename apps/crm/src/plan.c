/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan.h"
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include "cc/preference.h"

int plan_load(struct cc_request *rq, int64_t batch, struct plan *plan)
{
	struct cc_rows rows;
	char below[64], *path = cc_alloc(rq->arena, 512);
	int err = cc_db_query(rq->db, &rows,
			"SELECT b.name, b.state, COALESCE(f.name, ''), b.problem, b.package_id, b.file_id, "
			"b.options, b.job_id FROM customer_batch b LEFT JOIN file f ON f.tenant_id = "
			"b.tenant_id AND f.id = b.file_id WHERE b.tenant_id = {tenant} AND b.id = ?",
			batch);

	if (err || !rows.count)
		return err ? err : CC_E_NOENT;
	*plan = (struct plan){.rq = rq,
			.batch = batch,
			.name = cc_row_str(&rows.row[0], 0),
			.state = cc_row_str(&rows.row[0], 1),
			.file_name = cc_row_str(&rows.row[0], 2),
			.problem = cc_row_str(&rows.row[0], 3),
			.job = cc_row_int(&rows.row[0], 7, 0)};
	snprintf(below, sizeof(below), "data/files/%" PRId64 "/%" PRId64, rq->user->tenant,
			cc_row_int(&rows.row[0], 5, 0));
	err = cc_settings_path(rq->settings, below, path, 512);
	if (err < 0)
		return err;
	plan->path = path;
	plan->options = json_tokener_parse(cc_row_str(&rows.row[0], 6));
	return package_load(rq->db, rq->arena, cc_row_int(&rows.row[0], 4, 0), &plan->package);
}

void plan_free(struct plan *plan)
{
	json_object_put(plan->options);
	plan->options = NULL;
}

const char *plan_option(const struct plan *plan, const char *name)
{
	struct json_object *o;

	if (!plan->options || !json_object_object_get_ex(plan->options, name, &o))
		return "";
	return json_object_get_string(o);
}

static int64_t id_option(const struct plan *plan, const char *name)
{
	return strtoll(plan_option(plan, name), NULL, 10);
}

static int set_columns(struct plan *plan)
{
	struct import *m = &plan->import;
	struct json_object *list, *required;
	size_t n;

	m->agent_column = -1;
	if (!json_object_object_get_ex(plan->options, "columns", &list))
		return CC_E_INVAL;
	json_object_object_get_ex(plan->options, "required", &required);
	n = json_object_array_length(list);
	for (size_t i = 0; i < n && i < IMPORT_COLUMNS; i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(list, i));
		const struct field *f = *name ? package_field(plan->package, name) : NULL;

		if (strcmp(name, PLAN_AGENT_NUMBER) == 0)
			m->agent_column = (int)i;
		else if (*name && *name != '+' && !f)
			return CC_E_INVAL;
		m->columns[m->column_count++] = f;
		if (f && json_object_get_boolean(json_object_array_get_idx(required, i)) &&
				m->required_count < PACKAGE_FIELDS)
			m->required[m->required_count++] = f;
	}
	return 0;
}

static void set_tags(struct plan *plan)
{
	char *rest = cc_strdup(plan->rq->arena, plan_option(plan, "tags")), *word;
	int64_t *tags = cc_alloc(plan->rq->arena, (strlen(rest) + 1) * sizeof(*tags));

	while ((word = strsep(&rest, ",")))
		if (*word)
			tags[plan->import.tag_count++] = strtoll(word, NULL, 10);
	plan->import.tags = tags;
}

int plan_prepare(struct plan *plan)
{
	struct cc_request *rq = plan->rq;
	struct import *m = &plan->import;
	const char *policy = plan_option(plan, "policy");

	*m = (struct import){
			.scope = {rq->user->tenant, rq->user->id, rq->user->agent},
			.arena = rq->arena,
			.path = plan->path,
			.package = plan->package,
			.money = cc_money(rq),
			.batch = plan->batch,
			.name = plan->name,
			.user = rq->user->id,
			.most = (uint64_t)cc_preference_int(rq, "import_rows"),
			.skip_first = strcmp(plan_option(plan, "heading"), "0") != 0,
			.strip_zero = strcmp(plan_option(plan, "strip_zero"), "1") == 0,
			.duplicate = strcmp(policy, "overwrite") == 0 ? IMPORT_OVERWRITE
						 : strcmp(policy, "fill") == 0    ? IMPORT_FILL
														  : IMPORT_SKIP,
			.type = id_option(plan, "type"),
			.agent = id_option(plan, "agent"),
			.group = id_option(plan, "group"),
			.dictionary = id_option(plan, "dictionary"),
			.task = id_option(plan, "task"),
			.list_new = strcmp(plan_option(plan, "list_new"), "1") == 0,
			.list_duplicates = strcmp(plan_option(plan, "list_duplicates"), "1") == 0,
	};
	set_tags(plan);
	return set_columns(plan);
}
