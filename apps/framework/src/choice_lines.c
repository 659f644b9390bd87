/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <string.h>
#include "cc/input.h"

#define BLANK " \t\r"

/* The text without blanks around it. */
static char *trimmed(char *text)
{
	size_t len;
	text += strspn(text, BLANK);
	len = strlen(text);
	while (len && strchr(BLANK, text[len - 1]))
		len--;
	text[len] = '\0';
	return text;
}

static struct json_object *words(char *text)
{
	struct json_object *list = json_object_new_array();
	char *word;
	while ((word = strsep(&text, ",")))
		if (*(word = trimmed(word)))
			json_object_array_add(list, json_object_new_string(word));
	return list;
}

/* "广东: 广州, 深圳"; false: there is no colon. */
static bool add_linked(struct json_object *o, char *line)
{
	char *colon = strstr(line, ":"), *wide = strstr(line, "：");
	char *end = colon ? colon : wide;
	if (!end)
		return false;
	char *below = end + (colon ? 1 : strlen("："));
	*end = '\0';
	json_object_object_add(o, trimmed(line), words(below));
	return true;
}

static size_t add_codes(
		struct cc_arena *arena, struct json_object *list, const char **codes, size_t n)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		const char *word = json_object_get_string(json_object_array_get_idx(list, i));
		size_t k = 0;
		while (k < n && strcmp(codes[k], word) != 0)
			k++;
		if (k == n)
			codes[n++] = cc_strdup(arena, word);
	}
	return n;
}

static const char *const *codes_of(struct cc_arena *arena, struct json_object *o, bool linked)
{
	size_t n = 0, most = linked ? 0 : json_object_array_length(o);
	if (linked) {
		json_object_object_foreach(o, name, list)
		{
			(void)name;
			most += json_object_array_length(list);
		}
	}
	const char **codes = cc_alloc(arena, (most + 1) * sizeof *codes);
	if (!linked)
		n = add_codes(arena, o, codes, 0);
	if (linked) {
		json_object_object_foreach(o, name, list)
		{
			(void)name;
			n = add_codes(arena, list, codes, n);
		}
	}
	codes[n] = NULL;
	return codes;
}

const char *cc_choice_lines(
		struct cc_arena *arena, const char *lines, bool linked, const char *const **codes)
{
	struct json_object *o = linked ? json_object_new_object() : json_object_new_array();
	char *rest = cc_strdup(arena, lines), *line;
	const char *text = "";
	while (text && (line = strsep(&rest, "\n"))) {
		if (!*(line = trimmed(line)))
			continue;
		if (!linked)
			json_object_array_add(o, json_object_new_string(line));
		else if (!add_linked(o, line))
			text = NULL;
	}
	if (text)
		text = cc_strdup(arena, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	if (text && codes)
		*codes = codes_of(arena, o, linked);
	json_object_put(o);
	return text;
}
