/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/form.h"

#include <stdbool.h>
#include <string.h>
#include "cc/utf8.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool is_text(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F)
			return false;
	}
	return cc_utf8_valid(s, len);
}

static int decode(
		struct cc_arena *arena, const char **out, const char *s, size_t len, bool plus_is_space)
{
	char *text = cc_alloc(arena, len + 1);
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '%') {
			if (len - i < 3 || hex(s[i + 1]) < 0 || hex(s[i + 2]) < 0)
				return CC_E_INVAL;
			text[n++] = (char)(hex(s[i + 1]) << 4 | hex(s[i + 2]));
			i += 2;
		} else {
			text[n++] = s[i] == '+' && plus_is_space ? ' ' : s[i];
		}
	}
	if (!is_text(text, n))
		return CC_E_INVAL;
	*out = text;
	return 0;
}

static int add(
		struct cc_arena *arena, struct cc_fields *fields, const char *name, const char *value)
{
	if (fields->count == CC_FORM_FIELDS || strlen(name) > CC_FORM_NAME)
		return CC_E_FULL;
	struct cc_field *f = cc_alloc(arena, sizeof *f);
	f->name = name;
	f->value = value;
	if (fields->last)
		fields->last->next = f;
	else
		fields->first = f;
	fields->last = f;
	fields->count++;
	return 0;
}

int cc_field_add(struct cc_arena *arena, struct cc_fields *fields, const char *name,
		const char *value, size_t len)
{
	if (!is_text(name, strlen(name)) || strlen(value) != len || !is_text(value, len))
		return CC_E_INVAL;
	return add(arena, fields, name, value);
}

int cc_form_parse(struct cc_arena *arena, struct cc_fields *fields, const char *text, size_t len)
{
	const char *end = text + len;
	while (text < end) {
		const char *amp = memchr(text, '&', (size_t)(end - text));
		const char *stop = amp ? amp : end;
		if (stop > text) {
			const char *eq = memchr(text, '=', (size_t)(stop - text));
			const char *name, *value = "";
			int err = decode(arena, &name, text, (size_t)((eq ? eq : stop) - text), true);
			if (!err && eq)
				err = decode(arena, &value, eq + 1, (size_t)(stop - eq - 1), true);
			if (!err)
				err = add(arena, fields, name, value);
			if (err)
				return err;
		}
		text = stop + 1;
	}
	return 0;
}

void cc_cookies_parse(struct cc_arena *arena, struct cc_fields *fields, const char *header)
{
	while (*header) {
		header += strspn(header, " ;");
		size_t len = strcspn(header, ";");
		const char *eq = memchr(header, '=', len);
		if (eq) {
			const char *name, *value;
			size_t rest = len - (size_t)(eq + 1 - header);
			while (rest && eq[rest] == ' ')
				rest--;
			if (!decode(arena, &name, header, (size_t)(eq - header), false) &&
					!decode(arena, &value, eq + 1, rest, false) &&
					add(arena, fields, name, value) == CC_E_FULL)
				return;
		}
		header += len;
	}
}

int cc_path_decode(struct cc_arena *arena, const char **out, const char *text, size_t len)
{
	return decode(arena, out, text, len, false);
}

const char *cc_field_get(const struct cc_fields *fields, const char *name)
{
	for (const struct cc_field *f = fields->first; f; f = f->next)
		if (!strcmp(f->name, name))
			return f->value;
	return NULL;
}
