/* SPDX-License-Identifier: GPL-2.0-or-later
 * What a template is fed with: a tree of values in a request's arena. Texts are not copied and must
 * live as long. */
#ifndef CC_VALUE_H
#define CC_VALUE_H

#include <stdbool.h>
#include <stdint.h>
#include "cc/arena.h"

enum cc_value_kind
{
	CC_VALUE_NULL,
	CC_VALUE_BOOL,
	CC_VALUE_STR,
	CC_VALUE_LIST,
	CC_VALUE_MAP,
	CC_VALUE_LAMBDA,
};

struct cc_value
{
	enum cc_value_kind kind;
	bool truth;             /* BOOL, and STR: false for a text that counts as false */
	const char *str;        /* STR */
	const char *key;        /* of a member of a map */
	struct cc_value *first; /* LIST, MAP: children */
	struct cc_value *last, *next;
	/* LAMBDA: gets the text of its section, not rendered, and returns what stands in its place, as
	 * text. */
	const char *(*lambda)(void *ctx, struct cc_arena *arena, const char *text);
	void *ctx;
};

struct cc_value *cc_value_map(struct cc_arena *arena);
struct cc_value *cc_value_list(struct cc_arena *arena);
/* Adds a child: to a map under a key (which replaces nothing: the first of equal keys wins), to a
 * list with key NULL. */
struct cc_value *cc_value_add(
		struct cc_arena *arena, struct cc_value *parent, const char *key, enum cc_value_kind kind);
/* str NULL: null. An empty text is false as a section. */
void cc_value_str(
		struct cc_arena *arena, struct cc_value *parent, const char *key, const char *str);
void cc_value_int(struct cc_arena *arena, struct cc_value *parent, const char *key, int64_t number);
void cc_value_bool(struct cc_arena *arena, struct cc_value *parent, const char *key, bool truth);
/* NULL if there is none. */
const struct cc_value *cc_value_get(const struct cc_value *map, const char *key);

#endif
