/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include "cc/err.h"
#include "cc/utf8.h"
#include "fields.h"

void fields_fail(struct fields *f, const char *name, const char *what)
{
	if (f->reason[0] == '\0')
		snprintf(f->reason, sizeof(f->reason), "%s: %s", name, what);
}

int fields_parse(struct fields *f, const struct cc_record *record)
{
	struct json_tokener *parser = json_tokener_new();

	*f = (struct fields){0};
	if (parser) {
		json_tokener_set_flags(parser, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
		f->object = json_tokener_parse_ex(parser, record->fields, (int)record->fields_len);
		if (!json_object_is_type(f->object, json_type_object) ||
				json_tokener_get_parse_end(parser) != record->fields_len)
			fields_fail(f, "fields", "not one JSON object");
		json_tokener_free(parser);
	} else {
		fields_fail(f, "fields", "no memory");
	}
	return f->reason[0] ? CC_E_CORRUPT : 0;
}

void fields_free(struct fields *f)
{
	json_object_put(f->object);
	f->object = NULL;
}

static struct json_object *get(struct fields *f, const char *name)
{
	return json_object_object_get(f->object, name);
}

/* Puts the text in the place of the field's value, whose owner is the object. */
static const char *keep(struct fields *f, const char *name, const char *text, size_t len)
{
	struct json_object *value = json_object_new_string_len(text, (int)len);

	if (!value)
		return NULL;
	json_object_object_add(f->object, name, value);
	return json_object_get_string(value);
}

const char *fields_text(struct fields *f, const char *name, size_t max)
{
	struct json_object *value = get(f, name);
	const char *text = value ? json_object_get_string(value) : NULL;
	size_t len = text ? strlen(text) : 0;

	if (len == 0)
		return NULL;
	return len <= max ? text : keep(f, name, text, cc_utf8_cut(text, len, max));
}

const char *fields_code(struct fields *f, const char *name, size_t max)
{
	const char *text = fields_text(f, name, max);
	char ascii[256];
	size_t len = text ? strlen(text) : 0;
	bool changed = false;

	if (len == 0 || len >= sizeof(ascii))
		return NULL;
	for (size_t i = 0; i <= len; i++) {
		bool plain = i == len || (text[i] >= 0x20 && text[i] < 0x7F);

		ascii[i] = plain ? text[i] : '?';
		changed |= !plain;
	}
	return changed ? keep(f, name, ascii, len) : text;
}

int64_t fields_int(struct fields *f, const char *name, int64_t otherwise)
{
	struct json_object *value = get(f, name);

	if (!value)
		return otherwise;
	if (!json_object_is_type(value, json_type_int)) {
		fields_fail(f, name, "not a whole number");
		return otherwise;
	}
	return json_object_get_int64(value);
}

const char *fields_word(
		struct fields *f, const char *name, const char *const *words, const char *otherwise)
{
	const char *text = fields_text(f, name, 64);

	if (!text && otherwise)
		return otherwise;
	for (; text && *words; words++)
		if (strcmp(text, *words) == 0)
			return *words;
	fields_fail(f, name, text ? "not one of the known words" : "missing");
	return NULL;
}

struct cc_ulid fields_ulid(struct fields *f, const char *name)
{
	const char *text = fields_text(f, name, 64);
	struct cc_ulid id = {{0}};

	if (!text || cc_ulid_parse(&id, text, (int)strlen(text)))
		fields_fail(f, name, text ? "not an id" : "missing");
	return id;
}
