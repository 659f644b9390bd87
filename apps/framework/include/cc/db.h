/* SPDX-License-Identifier: GPL-2.0-or-later
 * One MariaDB connection of a process: literal SQL with binds, prepared once and kept, rows in the
 * request's arena.
 *
 *	struct cc_rows rows;
 *	int err = cc_db_query(db, &rows,
 *			"SELECT id, name FROM customer WHERE tenant_id = {tenant} AND phone = ?", phone);
 *
 * The text must be a string literal: anything else does not compile. Literals are ASCII, other
 * texts binds: beside a column of ASCII they would fail (lint knows). Every statement names its
 * scope: {tenant} stands for the tenant that the request works for, {any} (which becomes nothing)
 * says that the statement reaches rows of all tenants on purpose. A statement with neither is
 * refused. {agent} is the number of the signed-in agent, {user} the id of the signed-in user. Binds
 * are integers, texts and struct cc_bytes (NULL is SQL NULL). */
#ifndef CC_DB_H
#define CC_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cc/arena.h"
#include "cc/err.h"

struct cc_db;

struct cc_bytes
{
	const void *p;
	size_t len;
};

enum cc_bind_kind
{
	CC_BIND_INT,
	CC_BIND_STR,
	CC_BIND_BYTES,
};

struct cc_bind
{
	enum cc_bind_kind kind;
	union
	{
		int64_t i;
		const char *s;
		struct cc_bytes b;
	};
};

/* A row's columns in the order of the SELECT: NUL-terminated texts (binary columns: bytes) or NULL.
 */
struct cc_row
{
	const char **v;
	size_t *len;
};

struct cc_rows
{
	size_t count;
	struct cc_row *row;
};

/* Whose rows {tenant}, {agent} and {user} mean. tenant 0: nobody's, and {tenant} is refused. */
struct cc_scope
{
	int64_t tenant, user;
	const char *agent; /* "" if none */
};

struct cc_db_options
{
	/* must outlive the connection. user NULL or "": the account of the system user; password NULL:
	 * none */
	const char *socket, *user, *password, *database;
};

/* Does not connect yet: the first statement does. */
int cc_db_new(struct cc_db **db, const struct cc_db_options *options);
void cc_db_free(struct cc_db *db);
/* Rows of the following queries go to arena, scope is copied (its texts are not). */
void cc_db_use(struct cc_db *db, struct cc_arena *arena, const struct cc_scope *scope);

/* Rows of the following queries go to arena; the one before. */
struct cc_arena *cc_db_arena(struct cc_db *db, struct cc_arena *arena);

/* Errors: CC_E_IO: the database cannot be reached; CC_E_EXIST: a unique key says no; CC_E_STATE:
 * deadlock or lock timeout, the transaction is gone and may be tried again; CC_E_DENIED: a
 * statement without scope, or a change where only reading is allowed; CC_E_RANGE: a value that the
 * column cannot hold or be compared with; CC_E_INVAL: anything else that the server refused.
 * cc_db_error has the server's words. */
#define cc_db_query(db, rows, sql, ...)                                                            \
	cc_db_query_literal((db), (rows), "" sql "", CC_BINDS(__VA_ARGS__))
/* For changes: out-parameters by cc_db_affected, cc_db_insert_id. */
#define cc_db_exec(db, sql, ...) cc_db_query_literal((db), NULL, "" sql "", CC_BINDS(__VA_ARGS__))

/* Literals are prepared once per connection and kept. */
int cc_db_query_literal(struct cc_db *db, struct cc_rows *rows, const char *sql,
		const struct cc_bind *binds, size_t count);
/* The same for the resource query builder, which composes constant pieces only; the hundred used
 * last stay prepared. Not for pages. */
int cc_db_query_text(struct cc_db *db, struct cc_rows *rows, const char *sql,
		const struct cc_bind *binds, size_t count);
/* One row after the other, however many: row is called while the server sends them and must not use
 * this connection; it may empty the arena. An error of it ends the query and is returned. */
int cc_db_each(struct cc_db *db, const char *sql, const struct cc_bind *binds, size_t count,
		int (*row)(void *ctx, const struct cc_row *row), void *ctx);
/* INSERT … VALUES (?, …) for many rows in one round trip: binds has those of the first row, then of
 * the second, …; within a column all have one kind. All rows or none. A key made by AUTO_INCREMENT
 * is cc_db_insert_id for the first row and one more for each next. */
int cc_db_bulk(struct cc_db *db, const char *sql, const struct cc_bind *binds, size_t count);
int64_t cc_db_affected(const struct cc_db *db);
int64_t cc_db_insert_id(const struct cc_db *db);
const char *cc_db_error(const struct cc_db *db);
/* The last statement lost a deadlock: its transaction is gone and may be tried again. */
bool cc_db_deadlocked(const struct cc_db *db);

/* A transaction of the request, begun by its first statement; statements outside one are committed
 * one by one. A lost connection inside one is an error of the statement, otherwise it is opened
 * again. */
void cc_db_begin(struct cc_db *db, bool read_only);
/* Up to the next of these functions changes are refused, without a transaction and its two round
 * trips: every statement sees what is committed when it begins. */
void cc_db_read(struct cc_db *db);
/* No transaction was asked for: what is read now is committed. */
bool cc_db_is_idle(const struct cc_db *db);
int cc_db_commit(struct cc_db *db);
/* Also after a failure, and without a transaction: nothing happens then. */
void cc_db_rollback(struct cc_db *db);

/* Column of a row as a number; NULL and text that is none: otherwise. */
int64_t cc_row_int(const struct cc_row *row, size_t column, int64_t otherwise);
/* Column as text, NULL as "". */
const char *cc_row_str(const struct cc_row *row, size_t column);

/* Plumbing of the macros. */
static inline struct cc_bind cc_bind_int(int64_t i)
{
	return (struct cc_bind){.kind = CC_BIND_INT, .i = i};
}
static inline struct cc_bind cc_bind_str(const char *s)
{
	return (struct cc_bind){.kind = CC_BIND_STR, .s = s};
}
static inline struct cc_bind cc_bind_bytes(struct cc_bytes b)
{
	return (struct cc_bind){.kind = CC_BIND_BYTES, .b = b};
}
#define CC_BIND(x)                                                                                 \
	_Generic((x),                                                                                  \
			int: cc_bind_int,                                                                      \
			unsigned: cc_bind_int,                                                                 \
			long: cc_bind_int,                                                                     \
			unsigned long: cc_bind_int,                                                            \
			long long: cc_bind_int,                                                                \
			unsigned long long: cc_bind_int,                                                       \
			bool: cc_bind_int,                                                                     \
			char *: cc_bind_str,                                                                   \
			const char *: cc_bind_str,                                                             \
			struct cc_bytes: cc_bind_bytes)(x)
#define CC_BINDS(...)                                                                              \
	(const struct cc_bind[]){CC_MAP(__VA_ARGS__){.kind = CC_BIND_INT}},                            \
			(sizeof((const struct cc_bind[]){CC_MAP(__VA_ARGS__){.kind = CC_BIND_INT}}) /          \
							sizeof(struct cc_bind) -                                               \
					1)
#define CC_MAP(...) __VA_OPT__(CC_MAP_1(__VA_ARGS__))
#define CC_MAP_1(x, ...) CC_BIND(x), __VA_OPT__(CC_MAP_2(__VA_ARGS__))
#define CC_MAP_2(x, ...) CC_BIND(x), __VA_OPT__(CC_MAP_3(__VA_ARGS__))
#define CC_MAP_3(x, ...) CC_BIND(x), __VA_OPT__(CC_MAP_4(__VA_ARGS__))
#define CC_MAP_4(x, ...) CC_BIND(x), __VA_OPT__(CC_MAP_5(__VA_ARGS__))
#define CC_MAP_5(x, ...) CC_BIND(x), __VA_OPT__(CC_MAP_6(__VA_ARGS__))
#define CC_MAP_6(x, ...) CC_BIND(x), __VA_OPT__(CC_MAP_7(__VA_ARGS__))
#define CC_MAP_7(x, ...) CC_BIND(x), __VA_OPT__(CC_MAP_8(__VA_ARGS__))
#define CC_MAP_8(x, ...) CC_BIND(x), __VA_OPT__(CC_MAP_9(__VA_ARGS__))
#define CC_MAP_9(x, ...) CC_BIND(x), __VA_OPT__(CC_MAP_10(__VA_ARGS__))
#define CC_MAP_10(x, ...) CC_BIND(x), __VA_OPT__(CC_MAP_11(__VA_ARGS__))
#define CC_MAP_11(x, ...) CC_BIND(x), __VA_OPT__(CC_MAP_12(__VA_ARGS__))
#define CC_MAP_12(x, ...) CC_BIND(x), __VA_OPT__(CC_MAP_13(__VA_ARGS__))
#define CC_MAP_13(x, ...) CC_BIND(x), __VA_OPT__(CC_MAP_14(__VA_ARGS__))
#define CC_MAP_14(x, ...) CC_BIND(x), __VA_OPT__(CC_MAP_15(__VA_ARGS__))
#define CC_MAP_15(x, ...) CC_BIND(x), __VA_OPT__(CC_MAP_16(__VA_ARGS__))
#define CC_MAP_16(x) CC_BIND(x),

#endif
