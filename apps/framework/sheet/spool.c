/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spool.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cc/err.h"

#define BLOCK 16384
#define BLOCKS 64 /* cached of each file */

/* A file that is appended to, then read in blocks. */
struct blocks
{
	FILE *file;
	uint64_t size;
	bool flushed;
	uint64_t number[BLOCKS]; /* + 1 of the block in the slot; 0: none */
	char *data;              /* BLOCKS * BLOCK */
};

struct spool
{
	struct blocks texts, ends; /* ends: for each text the offset behind it, as uint64_t */
	uint64_t count;
	char *text;
	size_t cap;
};

static int blocks_open(struct blocks *b)
{
	b->file = tmpfile();
	b->data = malloc((size_t)BLOCKS * BLOCK);
	return !b->file ? CC_E_IO : !b->data ? CC_E_NOMEM : 0;
}

static int blocks_add(struct blocks *b, const void *p, size_t len)
{
	if (len && fwrite(p, 1, len, b->file) != len)
		return CC_E_IO;
	b->size += len;
	b->flushed = false;
	memset(b->number, 0, sizeof(b->number));
	return 0;
}

static int blocks_get(struct blocks *b, uint64_t offset, void *to, size_t len)
{
	if (!b->flushed && fflush(b->file) != 0)
		return CC_E_IO;
	b->flushed = true;
	while (len > 0) {
		uint64_t number = offset / BLOCK;
		size_t slot = number % BLOCKS, at = offset % BLOCK;
		size_t n = BLOCK - at < len ? BLOCK - at : len;
		char *data = b->data + slot * BLOCK;

		if (b->number[slot] != number + 1) {
			b->number[slot] = 0;
			if (pread(fileno(b->file), data, BLOCK, (off_t)(number * BLOCK)) < (ssize_t)(at + n))
				return CC_E_IO;
			b->number[slot] = number + 1;
		}
		memcpy(to, data + at, n);
		to = (char *)to + n;
		offset += n;
		len -= n;
	}
	return 0;
}

int spool_new(struct spool **spool)
{
	struct spool *s = calloc(1, sizeof(*s));
	int err = s ? blocks_open(&s->texts) : CC_E_NOMEM;

	if (!err)
		err = blocks_open(&s->ends);
	if (err)
		spool_free(s);
	else
		*spool = s;
	return err;
}

void spool_free(struct spool *s)
{
	if (!s)
		return;
	if (s->texts.file)
		fclose(s->texts.file);
	if (s->ends.file)
		fclose(s->ends.file);
	free(s->texts.data);
	free(s->ends.data);
	free(s->text);
	free(s);
}

int spool_add(struct spool *s, const char *text, size_t len)
{
	int err = blocks_add(&s->texts, text, len);

	if (!err)
		err = blocks_add(&s->ends, &s->texts.size, sizeof(s->texts.size));
	if (!err)
		s->count++;
	return err;
}

int spool_get(struct spool *s, uint64_t number, const char **text, size_t *len)
{
	uint64_t span[2] = {0, 0}; /* from, to */
	int err;

	if (number >= s->count)
		return CC_E_NOENT;
	if (number == 0)
		err = blocks_get(&s->ends, 0, &span[1], sizeof(span[1]));
	else
		err = blocks_get(&s->ends, (number - 1) * sizeof(span[0]), span, sizeof(span));
	if (err)
		return err;

	size_t n = span[1] - span[0];

	if (n > s->cap || !s->text) {
		char *grown = realloc(s->text, n + 1);

		if (!grown)
			return CC_E_NOMEM;
		s->text = grown;
		s->cap = n;
	}
	err = blocks_get(&s->texts, span[0], s->text, n);
	if (err)
		return err;
	*text = s->text;
	*len = n;
	return 0;
}
