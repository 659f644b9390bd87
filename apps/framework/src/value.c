/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/value.h"

#include <inttypes.h>
#include <string.h>

static struct cc_value *value_new(struct cc_arena *arena, enum cc_value_kind kind)
{
	struct cc_value *v = cc_alloc(arena, sizeof *v);
	v->kind = kind;
	return v;
}

struct cc_value *cc_value_map(struct cc_arena *arena)
{
	return value_new(arena, CC_VALUE_MAP);
}

struct cc_value *cc_value_list(struct cc_arena *arena)
{
	return value_new(arena, CC_VALUE_LIST);
}

struct cc_value *cc_value_add(
		struct cc_arena *arena, struct cc_value *parent, const char *key, enum cc_value_kind kind)
{
	struct cc_value *v = value_new(arena, kind);
	v->key = key;
	if (parent->last)
		parent->last->next = v;
	else
		parent->first = v;
	parent->last = v;
	return v;
}

void cc_value_str(struct cc_arena *arena, struct cc_value *parent, const char *key, const char *str)
{
	struct cc_value *v = cc_value_add(arena, parent, key, str ? CC_VALUE_STR : CC_VALUE_NULL);
	v->str = str;
	v->truth = str && *str;
}

void cc_value_int(struct cc_arena *arena, struct cc_value *parent, const char *key, int64_t number)
{
	cc_value_str(arena, parent, key, cc_sprintf(arena, "%" PRId64, number));
}

void cc_value_bool(struct cc_arena *arena, struct cc_value *parent, const char *key, bool truth)
{
	cc_value_add(arena, parent, key, CC_VALUE_BOOL)->truth = truth;
}

const struct cc_value *cc_value_get(const struct cc_value *map, const char *key)
{
	if (map->kind == CC_VALUE_MAP)
		for (const struct cc_value *v = map->first; v; v = v->next)
			if (*v->key == *key && !strcmp(v->key, key)) /* most differ in the first letter */
				return v;
	return NULL;
}
