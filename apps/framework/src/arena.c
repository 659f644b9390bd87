/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK ((size_t)64 * 1024)
#define SPARES 16 /* an ordinary page asks the system for no memory */

struct chunk
{
	struct chunk *next;
	size_t size;
	alignas(max_align_t) char data[];
};

struct owned
{
	struct owned *next;
	void (*drop)(void *ptr);
	void *ptr;
};

struct cc_arena
{
	struct owned *owned;
	struct chunk *chunks; /* the newest first, the first of all is kept */
	size_t used;          /* of the newest */
	struct chunk *spare;  /* of the usual size, for the next time */
	size_t spares;
};

static struct chunk *chunk_new(struct chunk *next, size_t size)
{
	struct chunk *c = malloc(sizeof *c + size);
	if (!c)
		abort();
	c->next = next;
	c->size = size;
	return c;
}

struct cc_arena *cc_arena_new(void)
{
	struct cc_arena *arena = calloc(1, sizeof *arena);
	if (!arena)
		abort();
	arena->chunks = chunk_new(NULL, CHUNK);
	return arena;
}

void cc_arena_on_reset(struct cc_arena *arena, void (*drop)(void *ptr), void *ptr)
{
	struct owned *o = cc_alloc(arena, sizeof *o);
	*o = (struct owned){arena->owned, drop, ptr};
	arena->owned = o;
}

void cc_arena_reset(struct cc_arena *arena)
{
	for (struct owned *o = arena->owned; o; o = o->next)
		o->drop(o->ptr);
	arena->owned = NULL;
	while (arena->chunks->next) {
		struct chunk *c = arena->chunks;
		arena->chunks = c->next;
		if (c->size == CHUNK && arena->spares < SPARES) {
			c->next = arena->spare;
			arena->spare = c;
			arena->spares++;
		} else {
			free(c);
		}
	}
	arena->used = 0;
}

void cc_arena_free(struct cc_arena *arena)
{
	if (!arena)
		return;
	cc_arena_reset(arena);
	while (arena->spare) {
		struct chunk *c = arena->spare;
		arena->spare = c->next;
		free(c);
	}
	free(arena->chunks);
	free(arena);
}

void *cc_alloc(struct cc_arena *arena, size_t size)
{
	if (size > SIZE_MAX / 2)
		abort();
	size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (size > arena->chunks->size - arena->used) {
		struct chunk *c = size > CHUNK ? NULL : arena->spare;
		if (c) {
			arena->spare = c->next;
			arena->spares--;
			c->next = arena->chunks;
		}
		arena->chunks = c ? c : chunk_new(arena->chunks, size > CHUNK ? size : CHUNK);
		arena->used = 0;
	}
	void *p = arena->chunks->data + arena->used;
	arena->used += size;
	return memset(p, 0, size);
}

char *cc_strndup(struct cc_arena *arena, const char *s, size_t len)
{
	char *copy = cc_alloc(arena, len + 1);
	if (len)
		memcpy(copy, s, len);
	return copy;
}

char *cc_strdup(struct cc_arena *arena, const char *s)
{
	return cc_strndup(arena, s, strlen(s));
}

char *cc_sprintf(struct cc_arena *arena, const char *format, ...)
{
	/* formatted a second time only if it is long */
	char guess[256];
	va_list ap;
	va_start(ap, format);
	int len = vsnprintf(guess, sizeof guess, format, ap);
	va_end(ap);
	if (len < (int)sizeof guess)
		return cc_strndup(arena, guess, len < 0 ? 0 : (size_t)len);
	char *text = cc_alloc(arena, (size_t)len + 1);
	va_start(ap, format);
	vsnprintf(text, (size_t)len + 1, format, ap);
	va_end(ap);
	return text;
}

struct cc_buf cc_buf_new(struct cc_arena *arena)
{
	return (struct cc_buf){.arena = arena};
}

static void reserve(struct cc_buf *buf, size_t more)
{
	if (more <= buf->cap - buf->len)
		return;
	size_t cap = buf->cap ? buf->cap : 256;
	while (cap - buf->len < more)
		cap *= 2;
	char *p = cc_alloc(buf->arena, cap);
	if (buf->len)
		memcpy(p, buf->p, buf->len);
	buf->p = p;
	buf->cap = cap;
}

void cc_buf_add(struct cc_buf *buf, const char *s, size_t len)
{
	if (!len)
		return;
	reserve(buf, len);
	memcpy(buf->p + buf->len, s, len);
	buf->len += len;
}

void cc_buf_str(struct cc_buf *buf, const char *s)
{
	cc_buf_add(buf, s, strlen(s));
}

void cc_buf_printf(struct cc_buf *buf, const char *format, ...)
{
	/* formatted a second time only if there is no room for it */
	size_t room = buf->cap - buf->len;
	va_list ap;
	va_start(ap, format);
	int len = vsnprintf(room ? buf->p + buf->len : NULL, room, format, ap);
	va_end(ap);
	if (len > 0 && (size_t)len < room)
		buf->len += (size_t)len;
	if (len <= 0 || (size_t)len < room)
		return;
	reserve(buf, (size_t)len + 1);
	va_start(ap, format);
	vsnprintf(buf->p + buf->len, (size_t)len + 1, format, ap);
	va_end(ap);
	buf->len += (size_t)len;
}

const char *cc_buf_text(struct cc_buf *buf)
{
	reserve(buf, 1);
	buf->p[buf->len] = '\0';
	return buf->p;
}

void cc_buf_html(struct cc_buf *buf, const char *s, size_t len)
{
	size_t start = 0;
	for (size_t i = 0; i < len; i++) {
		const char *entity;
		switch (s[i]) {
		case '&':
			entity = "&amp;";
			break;
		case '<':
			entity = "&lt;";
			break;
		case '>':
			entity = "&gt;";
			break;
		case '"':
			entity = "&quot;";
			break;
		case '\'':
			entity = "&#39;";
			break;
		default:
			continue;
		}
		cc_buf_add(buf, s + start, i - start);
		cc_buf_str(buf, entity);
		start = i + 1;
	}
	cc_buf_add(buf, s + start, len - start);
}

void cc_buf_url(struct cc_buf *buf, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
					 c == '-' || c == '_' || c == '.' || c == '~';
		if (plain)
			cc_buf_add(buf, s + i, 1);
		else
			cc_buf_printf(buf, "%%%02X", c);
	}
}

static bool is_number(const char *s, size_t len)
{
	size_t i = len && (s[0] == '+' || s[0] == '-') ? 1 : 0;
	if (i == len)
		return false;
	for (; i < len; i++)
		if (!strchr("0123456789 .,()-", s[i]) || !s[i])
			return false;
	return true;
}

void cc_buf_csv(struct cc_buf *buf, const char *s, size_t len)
{
	bool quote = false;
	size_t start = 0;
	for (size_t i = 0; i < len && !quote; i++)
		quote = s[i] == ',' || s[i] == '"' || s[i] == '\r' || s[i] == '\n';
	if (quote)
		cc_buf_add(buf, "\"", 1);
	if (len && s[0] && strchr("=+-@\t\r", s[0]) && !is_number(s, len))
		cc_buf_add(buf, "'", 1);
	for (size_t i = 0; quote && i < len; i++)
		if (s[i] == '"') {
			cc_buf_add(buf, s + start, i + 1 - start);
			start = i; /* it is there twice */
		}
	cc_buf_add(buf, s + start, len - start);
	if (quote)
		cc_buf_add(buf, "\"", 1);
}
