/* SPDX-License-Identifier: GPL-2.0-or-later
 * The form of a plugin's settings, made of its manifest (registry_option). */
#include <string.h>
#include "cc/input.h"
#include "cc/plugins.h"
#include "plugins.h"

struct option
{
	const char *name, *label, *help;
	enum cc_option_kind kind;
	int64_t low, high;
	const char **choices; /* ends with NULL */
	const char *value;
};

/* "a b c" as a list. */
static const char **split(struct cc_arena *arena, const char *words)
{
	const char **list = cc_alloc(arena, (strlen(words) / 2 + 2) * sizeof *list);
	size_t n = 0;
	for (const char *p = words; *(p += strspn(p, " "));) {
		size_t len = strcspn(p, " ");
		list[n++] = cc_strndup(arena, p, len);
		p += len;
	}
	return list;
}

static int read_options(
		struct cc_request *rq, const char *plugin, struct option **options, size_t *count)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT r.name, r.label, r.help, r.kind + 0, r.low, r.high, r.choices, "
			"COALESCE(o.value, r.initial) FROM registry_option r LEFT JOIN plugin_option o "
			"ON o.tenant_id = {tenant} AND o.plugin = r.component AND o.name = r.name "
			"WHERE r.component = ? ORDER BY r.position",
			plugin);
	if (err)
		return err;
	*options = cc_alloc(rq->arena, (rows.count + 1) * sizeof **options);
	for (size_t i = 0; i < rows.count; i++) {
		const struct cc_row *row = &rows.row[i];
		(*options)[i] = (struct option){
				.name = cc_row_str(row, 0),
				.label = cc_row_str(row, 1),
				.help = cc_row_str(row, 2),
				.kind = (enum cc_option_kind)(cc_row_int(row, 3, 1) - 1),
				.low = cc_row_int(row, 4, 0),
				.high = cc_row_int(row, 5, 0),
				.choices = split(rq->arena, cc_row_str(row, 6)),
				.value = cc_row_str(row, 7),
		};
	}
	*count = rows.count;
	return 0;
}

/* A box that is not ticked sends the zero before it; the last of equal names counts. */
static const char *typed_value(struct cc_request *rq, const struct option *o)
{
	const char *value =
			o->kind == CC_OPTION_BOOL ? cc_form_last(rq, o->name) : cc_form(rq, o->name);
	return value ? value : "";
}

static void add_field(
		struct cc_request *rq, struct cc_value *list, const struct option *o, const char *why)
{
	static const enum cc_input_kind kinds[] = {
			[CC_OPTION_BOOL] = CC_INPUT_BOOL, [CC_OPTION_CHOICE] = CC_INPUT_SELECT};
	bool number = o->kind == CC_OPTION_INT;
	struct cc_value *choices = cc_input_add(rq, list,
			&(struct cc_input){
					.kind = (size_t)o->kind < sizeof kinds / sizeof *kinds ? kinds[o->kind] : 0,
					.name = o->name,
					.label = cc_tc(rq, "setting", o->label),
					.help = *o->help ? cc_tc(rq, "setting", o->help) : NULL,
					.why = why ? cc_t(rq, why) : NULL,
					.value = o->value,
					.type = number ? "number" : "text",
					.required = number,
					.min = o->low,
					.max = o->high  ? o->high
						   : number ? 0
									: 200,
			});
	for (const char **c = o->choices; *c; c++)
		cc_input_choice(rq, choices, *c, cc_tc(rq, "setting", *c), !strcmp(*c, o->value));
}

int admin_plugin_fields(struct cc_request *rq, const char *plugin, bool typed,
		struct cc_value *page, size_t *count, size_t *faults)
{
	struct option *options;
	struct cc_value *list = cc_value_add(rq->arena, page, "fields", CC_VALUE_LIST);
	int err = read_options(rq, plugin, &options, count);
	*faults = 0;
	for (size_t i = 0; !err && i < *count; i++) {
		struct option *o = &options[i];
		const char *why = NULL;
		if (typed) {
			o->value = typed_value(rq, o);
			why = cc_option_refuses(o->kind, o->low, o->high, o->choices, o->value);
		}
		*faults += why != NULL;
		add_field(rq, list, o, why);
	}
	return err;
}

int admin_plugin_store(struct cc_request *rq, const char *plugin)
{
	struct option *options;
	size_t count;
	int err = read_options(rq, plugin, &options, &count);
	for (size_t i = 0; !err && i < count; i++)
		err = cc_db_exec(rq->db,
				"INSERT INTO plugin_option (tenant_id, plugin, name, value) VALUES ({tenant}, ?, "
				"?, ?) ON DUPLICATE KEY UPDATE value = VALUES(value)",
				plugin, options[i].name, typed_value(rq, &options[i]));
	return err;
}
