/* SPDX-License-Identifier: GPL-2.0-or-later
 * Memory and text of one request. Everything is allocated from the request's arena and lives until
 * the response is sent: handlers never free. Running out of memory ends the process (a worker is
 * replaceable and the master starts another), so nothing here returns NULL. */
#ifndef CC_ARENA_H
#define CC_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct cc_arena;

struct cc_arena *cc_arena_new(void);
void cc_arena_free(struct cc_arena *arena);
/* Empties it; pointers into it are dead. */
void cc_arena_reset(struct cc_arena *arena);

/* Calls drop(ptr) when the arena is reset: for things of other libraries that live as long as the
 * request. */
void cc_arena_on_reset(struct cc_arena *arena, void (*drop)(void *ptr), void *ptr);

/* Zeroed, aligned for any type. */
void *cc_alloc(struct cc_arena *arena, size_t size);
char *cc_strdup(struct cc_arena *arena, const char *s);
char *cc_strndup(struct cc_arena *arena, const char *s, size_t len);
char *cc_sprintf(struct cc_arena *arena, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

/* A text that grows in an arena. p is NULL while it is empty; not NUL-terminated until cc_buf_text.
 */
struct cc_buf
{
	struct cc_arena *arena;
	char *p;
	size_t len, cap;
};

struct cc_buf cc_buf_new(struct cc_arena *arena);
void cc_buf_add(struct cc_buf *buf, const char *s, size_t len);
void cc_buf_str(struct cc_buf *buf, const char *s);
void cc_buf_printf(struct cc_buf *buf, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
/* NUL-terminates and returns the text. */
const char *cc_buf_text(struct cc_buf *buf);

/* Escapers, named by where the text goes. */
/* Text or a quoted attribute value of HTML. */
void cc_buf_html(struct cc_buf *buf, const char *s, size_t len);
/* A value in the query of a URL or in a path segment. */
void cc_buf_url(struct cc_buf *buf, const char *s, size_t len);
/* One cell of a CSV line, quoted where needed. A cell that a spreadsheet would take for a formula
 * gets a leading apostrophe, except numbers and telephone numbers (^[+-]?[0-9 .()-]+$). */
void cc_buf_csv(struct cc_buf *buf, const char *s, size_t len);

#endif
