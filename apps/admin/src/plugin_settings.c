/* SPDX-License-Identifier: GPL-2.0-or-later
 * The form of a plugin's settings, made of its manifest (registry_option). */
#include <inttypes.h>
#include <string.h>
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
	struct cc_arena *a = rq->arena;
	struct cc_value *f = cc_value_add(a, list, NULL, CC_VALUE_MAP);
	bool number = o->kind == CC_OPTION_INT;
	bool typed = o->kind == CC_OPTION_TEXT || number;
	cc_value_str(a, f, "name", o->name);
	cc_value_str(a, f, "label", cc_tc(rq, "setting", o->label));
	cc_value_str(a, f, "help", *o->help ? cc_tc(rq, "setting", o->help) : NULL);
	cc_value_str(a, f, "why", why ? cc_t(rq, why) : NULL);
	cc_value_str(a, f, "value", o->value);
	cc_value_str(a, f, "section", NULL);
	cc_value_str(a, f, "set", NULL);
	cc_value_bool(a, f, "wide", false);
	cc_value_bool(a, f, "is_readonly", false);
	cc_value_bool(a, f, "is_bool", o->kind == CC_OPTION_BOOL);
	cc_value_bool(a, f, "checked", !strcmp(o->value, "1"));
	cc_value_str(a, f, "input", !typed ? NULL : number ? "number" : "text");
	cc_value_bool(a, f, "is_file", false);
	cc_value_str(a, f, "file_url", NULL);
	cc_value_bool(a, f, "is_number", number);
	cc_value_str(a, f, "min", cc_sprintf(a, "%" PRId64, o->low));
	cc_value_str(a, f, "max", cc_sprintf(a, "%" PRId64, o->high));
	cc_value_int(a, f, "maxlength", o->high ? o->high : 200);
	cc_value_bool(a, f, "required", number);
	cc_value_bool(a, f, "is_note", false);
	cc_value_bool(a, f, "is_multiple", false);
	cc_value_bool(a, f, "is_select", o->kind == CC_OPTION_CHOICE);
	cc_value_bool(a, f, "optional", false);
	struct cc_value *options = cc_value_add(a, f, "options", CC_VALUE_LIST);
	for (const char **c = o->choices; *c; c++) {
		struct cc_value *item = cc_value_add(a, options, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "value", *c);
		cc_value_str(a, item, "label", cc_tc(rq, "setting", *c));
		cc_value_bool(a, item, "selected", !strcmp(*c, o->value));
	}
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
