/* SPDX-License-Identifier: GPL-2.0-or-later
 * The one place that knows every variable of the template framework/fields. */
#include "cc/input.h"

#include <inttypes.h>
#include <string.h>

#define MAX_LENGTH 100

static bool is_type(const struct cc_input *in, const char *type)
{
	return in->type && !strcmp(in->type, type);
}

struct cc_value *cc_input_add(
		struct cc_request *rq, struct cc_value *fields, const struct cc_input *in)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *item = cc_value_add(a, fields, NULL, CC_VALUE_MAP);
	const char *value = in->value ? in->value : "";
	bool limited = in->min || in->max;
	cc_value_str(a, item, "name", in->name);
	cc_value_str(a, item, "label", in->label);
	cc_value_str(a, item, "help", in->help);
	cc_value_str(a, item, "section", in->section);
	cc_value_str(a, item, "why", in->why);
	cc_value_str(a, item, "set", in->set);
	cc_value_str(a, item, "value", value);
	cc_value_str(a, item, "link", in->link);
	cc_value_str(a, item, "call", in->call);
	cc_value_str(a, item, "look", in->look);
	cc_value_str(a, item, "width", in->width ? cc_sprintf(a, "%d", in->width) : NULL);
	cc_value_str(a, item, "follows", in->follows);
	cc_value_str(a, item, "links", in->links);
	cc_value_bool(a, item, "suggests", in->suggests && in->kind == CC_INPUT_LINE);
	cc_value_str(a, item, "file_url", in->file);
	cc_value_str(a, item, "input", in->kind != CC_INPUT_LINE ? NULL : in->type ? in->type : "text");
	cc_value_bool(a, item, "is_note", in->kind == CC_INPUT_NOTE);
	cc_value_bool(a, item, "is_bool", in->kind == CC_INPUT_BOOL);
	cc_value_bool(a, item, "is_select", in->kind == CC_INPUT_SELECT);
	cc_value_bool(a, item, "is_multiple", in->kind == CC_INPUT_MULTIPLE);
	cc_value_bool(a, item, "is_readonly", in->kind == CC_INPUT_READ);
	cc_value_bool(a, item, "is_number", is_type(in, "number"));
	cc_value_bool(a, item, "is_file", is_type(in, "file"));
	cc_value_bool(a, item, "wide", in->kind == CC_INPUT_NOTE || in->kind == CC_INPUT_MULTIPLE);
	cc_value_bool(a, item, "checked", !strcmp(value, "1"));
	cc_value_bool(a, item, "required", in->required);
	cc_value_bool(a, item, "optional", in->empty);
	cc_value_int(a, item, "min", in->min);
	cc_value_str(a, item, "max", limited ? cc_sprintf(a, "%" PRId64, in->max) : NULL);
	cc_value_int(a, item, "maxlength", in->max ? in->max : MAX_LENGTH);
	return cc_value_add(a, item, "options", CC_VALUE_LIST);
}

void cc_input_choice(struct cc_request *rq, struct cc_value *choices, const char *value,
		const char *text, bool chosen)
{
	cc_input_choice_below(rq, choices, value, text, chosen, NULL, NULL);
}

void cc_input_choice_below(struct cc_request *rq, struct cc_value *choices, const char *value,
		const char *text, bool chosen, const char *heading, const char *language)
{
	struct cc_value *o = cc_value_add(rq->arena, choices, NULL, CC_VALUE_MAP);
	cc_value_str(rq->arena, o, "value", value);
	cc_value_str(rq->arena, o, "label", text);
	cc_value_str(rq->arena, o, "heading", heading);
	cc_value_str(rq->arena, o, "lang", language);
	cc_value_bool(rq->arena, o, "selected", chosen);
}
