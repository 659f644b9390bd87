/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "values.h"
#include <json-c/json.h>

struct cc_bind bind_id(struct cc_arena *arena, int64_t id)
{
	return cc_bind_str(id ? cc_sprintf(arena, "%lld", (long long)id) : NULL);
}

struct cc_bind bind_value(const struct field *f, const char *value)
{
	bool empty = !value || !*value;

	return cc_bind_str(!empty ? value : f->base && !f->number ? "" : NULL);
}

const char *values_json(struct cc_arena *arena, const struct package *p, const char *const values[],
		const bool marked[PACKAGE_FIELDS])
{
	struct json_object *o = json_object_new_object();
	const char *text;

	for (size_t k = 0; k < p->count; k++)
		if (marked[k] && values[k] && *values[k])
			json_object_object_add(o, p->fields[k].column, json_object_new_string(values[k]));
	text = cc_strdup(arena, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
	return text;
}
