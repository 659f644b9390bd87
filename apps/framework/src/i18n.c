/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/i18n.h"

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MO_MAGIC 0x950412DEu
#define MO_MAX (16 * 1024 * 1024)
#define CONTEXT_END '\4' /* between context and text in a key */

struct cc_catalogue
{
	char *data; /* with a NUL behind it */
	size_t len;
	uint32_t count, keys, texts; /* offsets of the tables: (length, offset) pairs, keys sorted */
	uint32_t *slot, slots;       /* by hash of the key: 1 + its number, 0: free; a power of two */
	struct cc_catalogue *more;
};

static uint32_t u32(const struct cc_catalogue *c, size_t offset)
{
	uint32_t v;
	memcpy(&v, c->data + offset, sizeof v);
	return le32toh(v);
}

/* Each text lies within the file and ends with a NUL; keys rise. */
static int check(const struct cc_catalogue *c)
{
	if (c->len < 28 || u32(c, 0) != MO_MAGIC || u32(c, 4) >> 16 > 1)
		return CC_E_CORRUPT;
	uint64_t keys = u32(c, 12), texts = u32(c, 16), size = (uint64_t)u32(c, 8) * 8;
	if (keys + size > c->len || texts + size > c->len)
		return CC_E_CORRUPT;
	const char *before = NULL;
	for (uint32_t i = 0; i < u32(c, 8); i++) {
		const char *key = c->data + u32(c, keys + i * 8 + 4);
		for (int k = 0; k < 2; k++) {
			size_t entry = (k ? texts : keys) + (size_t)i * 8;
			uint64_t end = (uint64_t)u32(c, entry) + u32(c, entry + 4);
			if (end >= c->len || c->data[end])
				return CC_E_CORRUPT;
		}
		if (before && strcmp(before, key) >= 0)
			return CC_E_CORRUPT;
		before = key;
	}
	return 0;
}

static uint32_t hash_add(uint32_t h, const char *s)
{
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u; /* FNV-1a */
	return h;
}

static uint32_t hash_of(const char *context, const char *text)
{
	static const char end[] = {CONTEXT_END, '\0'};
	uint32_t h = 2166136261u;
	return hash_add(context ? hash_add(hash_add(h, context), end) : h, text);
}

static int index_build(struct cc_catalogue *c)
{
	c->slots = 16;
	while (c->slots < 2 * c->count) /* half of them stay free, so every search ends */
		c->slots *= 2;
	c->slot = calloc(c->slots, sizeof *c->slot);
	if (!c->slot)
		return CC_E_NOMEM;
	for (uint32_t i = 0; i < c->count; i++) {
		uint32_t h = hash_of(NULL, c->data + u32(c, c->keys + (size_t)i * 8 + 4));
		while (c->slot[h & (c->slots - 1)])
			h++;
		c->slot[h & (c->slots - 1)] = i + 1;
	}
	return 0;
}

int cc_catalogue_load(struct cc_catalogue **catalogue, const char *path)
{
	struct cc_catalogue *c = calloc(1, sizeof *c);
	FILE *f = NULL;
	int err = c ? 0 : CC_E_NOMEM;
	long size = 0;
	if (!err && !(f = fopen(path, "rb")))
		err = CC_E_IO;
	if (!err && (fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0 || fseek(f, 0, SEEK_SET)))
		err = CC_E_IO;
	if (!err && size > MO_MAX)
		err = CC_E_CORRUPT;
	if (!err && !(c->data = calloc(1, (size_t)size + 1)))
		err = CC_E_NOMEM;
	if (!err) {
		c->len = (size_t)size;
		if (fread(c->data, 1, c->len, f) != c->len)
			err = CC_E_IO;
	}
	if (!err)
		err = check(c);
	if (!err) {
		c->count = u32(c, 8);
		c->keys = u32(c, 12);
		c->texts = u32(c, 16);
		err = index_build(c);
	}
	if (f)
		fclose(f);
	if (err)
		cc_catalogue_free(c);
	else
		*catalogue = c;
	return err;
}

void cc_catalogue_free(struct cc_catalogue *catalogue)
{
	while (catalogue) {
		struct cc_catalogue *more = catalogue->more;
		free(catalogue->slot);
		free(catalogue->data);
		free(catalogue);
		catalogue = more;
	}
}

void cc_catalogue_add(struct cc_catalogue *catalogue, struct cc_catalogue *more)
{
	while (catalogue->more)
		catalogue = catalogue->more;
	catalogue->more = more;
}

/* The text is that of the key behind the context. */
static bool is_key(const char *context, const char *text, const char *key)
{
	if (context) {
		size_t len = strlen(context);
		if (strncmp(context, key, len) || key[len] != CONTEXT_END)
			return false;
		key += len + 1;
	}
	return !strcmp(text, key);
}

static const char *find(const struct cc_catalogue *c, const char *context, const char *text)
{
	for (uint32_t h = hash_of(context, text);; h++) {
		uint32_t n = c->slot[h & (c->slots - 1)];
		if (!n)
			return "";
		if (is_key(context, text, c->data + u32(c, c->keys + (size_t)(n - 1) * 8 + 4)))
			return c->data + u32(c, c->texts + (size_t)(n - 1) * 8 + 4);
	}
}

const char *cc_translate(
		const struct cc_catalogue *catalogue, const char *context, const char *text)
{
	/* the empty key is the catalogue's header */
	for (; catalogue && *text; catalogue = catalogue->more) {
		const char *found = find(catalogue, context, text);
		if (*found)
			return found;
	}
	return text;
}
