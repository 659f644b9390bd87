/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/i18n.h"

#include <endian.h>
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
	if (f)
		fclose(f);
	if (err) {
		cc_catalogue_free(c);
		return err;
	}
	c->count = u32(c, 8);
	c->keys = u32(c, 12);
	c->texts = u32(c, 16);
	*catalogue = c;
	return 0;
}

void cc_catalogue_free(struct cc_catalogue *catalogue)
{
	while (catalogue) {
		struct cc_catalogue *more = catalogue->more;
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

/* As strcmp of "context\4text" or "text" with key. */
static int compare(const char *context, const char *text, const char *key)
{
	if (context) {
		size_t len = strlen(context);
		int order = strncmp(context, key, len);
		if (order)
			return order;
		key += len;
		if (*key != CONTEXT_END)
			return CONTEXT_END - (unsigned char)*key;
		key++;
	}
	return strcmp(text, key);
}

static const char *find(const struct cc_catalogue *catalogue, const char *context, const char *text)
{
	uint32_t low = 0, high = catalogue->count;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		const char *key = catalogue->data + u32(catalogue, catalogue->keys + (size_t)mid * 8 + 4);
		int order = compare(context, text, key);
		if (!order)
			return catalogue->data + u32(catalogue, catalogue->texts + (size_t)mid * 8 + 4);
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return "";
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
