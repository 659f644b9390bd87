/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/db.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <errmsg.h>

#define BUILT 100       /* statements of the query builder, the longest unused goes */
#define LITERALS 256    /* heads of lists */
#define COLUMNS_MAX 112 /* of a result: those of a resource, buttons and a few more */
#define PARAMS_MAX 128  /* of a statement, markers included */
#define CELL 512        /* bytes fetched with the row; longer cells are fetched apart */
#define CONNECT_TIMEOUT_S 2
#define IO_TIMEOUT_S 30

static const char setup[] =
		"SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,ONLY_FULL_GROUP_BY,"
		"ERROR_FOR_DIVISION_BY_ZERO', time_zone = '+00:00', innodb_lock_wait_timeout = 5";

/* Where a parameter of the prepared text comes from. */
enum source
{
	FROM_BIND,
	FROM_TENANT,
	FROM_AGENT,
	FROM_USER,
};

struct statement
{
	struct statement *next; /* of the literals */
	char *sql;
	uint64_t hash;
	MYSQL_STMT *stmt;
	uint64_t used;
	bool scoped;
	bool reads; /* changes nothing */
	size_t params, binds;
	uint8_t source[PARAMS_MAX]; /* enum source */
};

struct cc_db
{
	struct cc_db_options options;
	struct cc_arena *arena;
	struct cc_scope scope;
	MYSQL *conn;                         /* NULL: not connected */
	struct statement *literal[LITERALS]; /* by hash; a program has as many as its sources */
	struct statement built[BUILT];
	uint64_t clock;
	bool reading;        /* statements that change something are refused */
	const char *begin;   /* the statement that begins the transaction asked for, NULL: none */
	bool in_transaction; /* stays set when the connection is lost inside */
	int64_t affected, insert_id;
	bool deadlocked;
	char error[512];
	char cell[COLUMNS_MAX][CELL];
};

int cc_db_new(struct cc_db **db, const struct cc_db_options *options)
{
	struct cc_db *d = calloc(1, sizeof *d);
	if (!d)
		return CC_E_NOMEM;
	d->options = *options;
	*db = d;
	return 0;
}

static void statement_drop(struct statement *st)
{
	if (st->stmt)
		mysql_stmt_close(st->stmt);
	free(st->sql);
	*st = (struct statement){0};
}

static void disconnect(struct cc_db *db)
{
	for (size_t i = 0; i < BUILT; i++)
		statement_drop(&db->built[i]);
	for (size_t i = 0; i < LITERALS; i++)
		while (db->literal[i]) {
			struct statement *st = db->literal[i];
			db->literal[i] = st->next;
			statement_drop(st);
			free(st);
		}
	if (db->conn)
		mysql_close(db->conn);
	db->conn = NULL;
}

void cc_db_free(struct cc_db *db)
{
	if (!db)
		return;
	disconnect(db);
	free(db);
}

void cc_db_use(struct cc_db *db, struct cc_arena *arena, const struct cc_scope *scope)
{
	db->arena = arena;
	db->scope = *scope;
}

struct cc_arena *cc_db_arena(struct cc_db *db, struct cc_arena *arena)
{
	struct cc_arena *before = db->arena;
	db->arena = arena;
	return before;
}

static int refuse(struct cc_db *db, int err, const char *text)
{
	snprintf(db->error, sizeof db->error, "%s", text);
	return err;
}

static int failed(struct cc_db *db, unsigned code, const char *text)
{
	snprintf(db->error, sizeof db->error, "%u: %s", code, text);
	db->deadlocked = code == ER_LOCK_DEADLOCK;
	switch (code) {
	case ER_DUP_ENTRY:
		return CC_E_EXIST;
	case ER_LOCK_DEADLOCK:
	case ER_LOCK_WAIT_TIMEOUT:
		return CC_E_STATE;
	/* a value that the column cannot hold, or be compared with */
	case ER_CANT_AGGREGATE_2COLLATIONS:
	case ER_CANT_AGGREGATE_3COLLATIONS:
	case ER_CANT_AGGREGATE_NCOLLATIONS:
	case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD:
	case ER_DATA_TOO_LONG:
	case ER_WARN_DATA_OUT_OF_RANGE:
		return CC_E_RANGE;
	case ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION:
		return CC_E_DENIED;
	case ER_SERVER_SHUTDOWN:
	case ER_CON_COUNT_ERROR:
	case ER_ACCESS_DENIED_ERROR:
	case ER_DBACCESS_DENIED_ERROR:
	case ER_CONNECTION_KILLED:
		return CC_E_IO;
	}
	return code >= CR_MIN_ERROR && code <= CR_MAX_ERROR ? CC_E_IO : CC_E_INVAL;
}

static int connect_db(struct cc_db *db)
{
	unsigned timeout = CONNECT_TIMEOUT_S, io = IO_TIMEOUT_S;
	MYSQL *conn = mysql_init(NULL);
	if (!conn)
		return refuse(db, CC_E_NOMEM, "no memory");
	mysql_options(conn, MYSQL_OPT_CONNECT_TIMEOUT, &timeout);
	mysql_options(conn, MYSQL_OPT_READ_TIMEOUT, &io);
	mysql_options(conn, MYSQL_OPT_WRITE_TIMEOUT, &io);
	mysql_options(conn, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_options(conn, MYSQL_INIT_COMMAND, setup);
	const struct cc_db_options *o = &db->options;
	const char *user = o->user && *o->user ? o->user : NULL;
	if (!mysql_real_connect(conn, "localhost", user, o->password, o->database, 0, o->socket, 0)) {
		failed(db, mysql_errno(conn), mysql_error(conn));
		mysql_close(conn);
		return CC_E_IO;
	}
	db->conn = conn;
	return 0;
}

/* ---- statements ---- */

/* Replaces markers: sql with '?' only, and where each comes from. */
static int compile(struct cc_db *db, struct statement *st, const char *sql, char *out)
{
	static const struct
	{
		const char *text;
		enum source source;
	} markers[] = {
			{"{tenant}", FROM_TENANT},
			{"{agent}", FROM_AGENT},
			{"{user}", FROM_USER},
	};
	bool any = false;
	while (*sql) {
		enum source source = FROM_BIND;
		size_t skip = 0;
		if (*sql == '?')
			skip = 1;
		for (size_t i = 0; *sql == '{' && i < sizeof markers / sizeof *markers; i++)
			if (!strncmp(sql, markers[i].text, strlen(markers[i].text))) {
				skip = strlen(markers[i].text);
				source = markers[i].source;
			}
		if (!strncmp(sql, "{any}", 5)) {
			any = true;
			sql += 5;
			continue;
		}
		if (!skip) {
			*out++ = *sql++;
			continue;
		}
		if (st->params == PARAMS_MAX)
			return refuse(db, CC_E_FULL, "too many parameters in a statement");
		st->source[st->params++] = source;
		st->binds += source == FROM_BIND;
		st->scoped |= source == FROM_TENANT;
		*out++ = '?';
		sql += skip;
	}
	*out = '\0';
	if (!st->scoped && !any)
		return refuse(db, CC_E_DENIED, "statement without {tenant} or {any}");
	return 0;
}

static uint64_t hash_of(const char *sql)
{
	uint64_t h = 14695981039346656037u; /* FNV-1a */
	for (; *sql; sql++)
		h = (h ^ (unsigned char)*sql) * 1099511628211u;
	return h;
}

/* Its rows are the answer, and not those of INSERT … RETURNING. */
static bool only_reads(const struct statement *st)
{
	static const char *const words[] = {"SELECT", "WITH", "SHOW", "EXPLAIN"};
	const char *sql = st->sql + strspn(st->sql, " (");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strncmp(sql, words[i], strlen(words[i])))
			return mysql_stmt_field_count(st->stmt) > 0;
	return false;
}

static int prepare(struct cc_db *db, struct statement *st, const char *sql, uint64_t hash)
{
	char *text = malloc(strlen(sql) + 1);
	st->sql = strdup(sql);
	st->hash = hash;
	if (!text || !st->sql)
		abort();
	int err = compile(db, st, sql, text);
	if (!err && !(st->stmt = mysql_stmt_init(db->conn)))
		abort();
	if (!err && mysql_stmt_prepare(st->stmt, text, strlen(text)))
		err = failed(db, mysql_stmt_errno(st->stmt), mysql_stmt_error(st->stmt));
	if (!err && mysql_stmt_param_count(st->stmt) != st->params)
		err = refuse(db, CC_E_INVAL, "a literal in the statement looks like a parameter");
	if (!err)
		st->reads = only_reads(st);
	free(text);
	return err;
}

static int prepare_literal(struct cc_db *db, const char *sql, struct statement **out)
{
	uint64_t hash = hash_of(sql);
	struct statement **head = &db->literal[hash % LITERALS], *st;
	for (st = *head; st; st = st->next)
		if (st->hash == hash && !strcmp(st->sql, sql)) {
			*out = st;
			return 0;
		}
	st = calloc(1, sizeof *st);
	if (!st)
		abort();
	int err = prepare(db, st, sql, hash);
	if (err) {
		statement_drop(st);
		free(st);
		return err;
	}
	st->next = *head;
	*head = *out = st;
	return 0;
}

static int prepare_built(struct cc_db *db, const char *sql, struct statement **out)
{
	uint64_t hash = hash_of(sql);
	struct statement *st = &db->built[0];
	for (size_t i = 0; i < BUILT; i++) {
		struct statement *s = &db->built[i];
		if (s->sql && s->hash == hash && !strcmp(s->sql, sql)) {
			*out = s;
			return 0;
		}
		if (s->used < st->used)
			st = s;
	}
	statement_drop(st);
	int err = prepare(db, st, sql, hash);
	if (err)
		statement_drop(st);
	else
		*out = st;
	return err;
}

static void bind_int(MYSQL_BIND *b, const int64_t *i)
{
	b->buffer_type = MYSQL_TYPE_LONGLONG;
	b->buffer = (void *)i;
}

static void bind_text(MYSQL_BIND *b, const char *s)
{
	if (!s) {
		b->buffer_type = MYSQL_TYPE_NULL;
		return;
	}
	b->buffer_type = MYSQL_TYPE_STRING;
	b->buffer = (void *)s;
	b->buffer_length = strlen(s);
}

static int bind(struct cc_db *db, struct statement *st, const struct cc_bind *binds, size_t count)
{
	MYSQL_BIND b[PARAMS_MAX] = {0};
	if (st->binds != count)
		return refuse(db, CC_E_INVAL, "number of binds differs from the statement's");
	if (st->scoped && db->scope.tenant <= 0)
		return refuse(db, CC_E_DENIED, "{tenant} without a tenant");
	for (size_t i = 0; i < st->params; i++) {
		switch (st->source[i]) {
		case FROM_TENANT:
			bind_int(&b[i], &db->scope.tenant);
			break;
		case FROM_USER:
			bind_int(&b[i], &db->scope.user);
			break;
		case FROM_AGENT:
			bind_text(&b[i], db->scope.agent);
			break;
		case FROM_BIND:
			if (binds->kind == CC_BIND_INT) {
				bind_int(&b[i], &binds->i);
			} else if (binds->kind == CC_BIND_STR) {
				bind_text(&b[i], binds->s);
			} else if (!binds->b.p) {
				b[i].buffer_type = MYSQL_TYPE_NULL;
			} else {
				b[i].buffer_type = MYSQL_TYPE_BLOB;
				b[i].buffer = (void *)binds->b.p;
				b[i].buffer_length = binds->b.len;
			}
			binds++;
			break;
		}
	}
	if (mysql_stmt_bind_param(st->stmt, b))
		return failed(db, mysql_stmt_errno(st->stmt), mysql_stmt_error(st->stmt));
	return 0;
}

/* One parameter of many rows, as arrays of the connector. Every row has the kind of the first. */
static void bind_column(
		struct cc_db *db, MYSQL_BIND *b, const struct cc_bind *first, size_t stride, size_t rows)
{
	char *indicator = cc_alloc(db->arena, rows);

	b->u.indicator = indicator;
	if (first->kind == CC_BIND_INT) {
		int64_t *values = cc_alloc(db->arena, rows * sizeof *values);

		for (size_t i = 0; i < rows; i++)
			values[i] = first[i * stride].i;
		b->buffer_type = MYSQL_TYPE_LONGLONG;
		b->buffer = values;
		return;
	}

	const char **values = cc_alloc(db->arena, rows * sizeof *values);
	unsigned long *lengths = cc_alloc(db->arena, rows * sizeof *lengths);

	for (size_t i = 0; i < rows; i++) {
		const struct cc_bind *bind = &first[i * stride];
		bool text = bind->kind == CC_BIND_STR;

		values[i] = text ? bind->s : bind->b.p;
		lengths[i] = !values[i] ? 0 : text ? strlen(bind->s) : bind->b.len;
		if (!values[i])
			indicator[i] = STMT_INDICATOR_NULL;
	}
	b->buffer_type = first->kind == CC_BIND_STR ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
	b->buffer = values;
	b->length = lengths;
}

static int bind_rows(
		struct cc_db *db, struct statement *st, const struct cc_bind *binds, size_t rows)
{
	MYSQL_BIND b[PARAMS_MAX] = {0};
	const struct cc_bind tenant = cc_bind_int(db->scope.tenant), user = cc_bind_int(db->scope.user);
	const struct cc_bind agent = cc_bind_str(db->scope.agent);
	unsigned size = (unsigned)rows;
	size_t column = 0;

	if (st->scoped && db->scope.tenant <= 0)
		return refuse(db, CC_E_DENIED, "{tenant} without a tenant");
	for (size_t i = 0; i < st->params; i++) {
		bool own = st->source[i] == FROM_BIND;
		const struct cc_bind *first = own                            ? &binds[column++]
									  : st->source[i] == FROM_TENANT ? &tenant
									  : st->source[i] == FROM_USER   ? &user
																	 : &agent;

		bind_column(db, &b[i], first, own ? st->binds : 0, rows);
	}
	mysql_stmt_attr_set(st->stmt, STMT_ATTR_ARRAY_SIZE, &size);
	if (mysql_stmt_bind_param(st->stmt, b))
		return failed(db, mysql_stmt_errno(st->stmt), mysql_stmt_error(st->stmt));
	return 0;
}

/* ---- rows ---- */

/* What happens to the rows of a statement. */
struct take
{
	struct cc_rows *rows; /* they are kept, or, if NULL, given to row one by one */
	int (*row)(void *ctx, const struct cc_row *row);
	void *ctx;
	bool bulk; /* the binds are those of many rows, one after the other */
};

static int read_row(struct cc_db *db, MYSQL_STMT *stmt, unsigned columns, const unsigned long *len,
		const my_bool *null, struct cc_row *row)
{
	row->v = cc_alloc(db->arena, columns * sizeof *row->v);
	row->len = cc_alloc(db->arena, columns * sizeof *row->len);
	for (unsigned i = 0; i < columns; i++) {
		if (null[i])
			continue;
		char *text = cc_alloc(db->arena, len[i] + 1);
		if (len[i] <= CELL) {
			memcpy(text, db->cell[i], len[i]);
		} else {
			MYSQL_BIND long_cell = {
					.buffer_type = MYSQL_TYPE_STRING,
					.buffer = text,
					.buffer_length = len[i],
			};
			if (mysql_stmt_fetch_column(stmt, &long_cell, i, 0))
				return failed(db, mysql_stmt_errno(stmt), mysql_stmt_error(stmt));
		}
		row->v[i] = text;
		row->len[i] = len[i];
	}
	return 0;
}

static struct cc_row *row_add(struct cc_db *db, struct cc_rows *rows, size_t *cap)
{
	if (rows->count == *cap) {
		*cap = *cap ? *cap * 2 : 16;
		struct cc_row *more = cc_alloc(db->arena, *cap * sizeof *more);
		if (rows->count)
			memcpy(more, rows->row, rows->count * sizeof *more);
		rows->row = more;
	}
	return &rows->row[rows->count++];
}

static int fetch(struct cc_db *db, MYSQL_STMT *stmt, unsigned columns, const struct take *take)
{
	MYSQL_BIND b[COLUMNS_MAX] = {0};
	unsigned long len[COLUMNS_MAX];
	my_bool null[COLUMNS_MAX];
	for (unsigned i = 0; i < columns; i++)
		b[i] = (MYSQL_BIND){
				.buffer_type = MYSQL_TYPE_STRING,
				.buffer = db->cell[i],
				.buffer_length = CELL,
				.length = &len[i],
				.is_null = &null[i],
		};
	if (mysql_stmt_bind_result(stmt, b))
		return failed(db, mysql_stmt_errno(stmt), mysql_stmt_error(stmt));
	struct cc_rows out = {0};
	size_t cap = 0;
	int got = 0, err = 0;
	while (!err && ((got = mysql_stmt_fetch(stmt)) == 0 || got == MYSQL_DATA_TRUNCATED)) {
		struct cc_row one, *row = take->rows ? row_add(db, &out, &cap) : &one;
		err = read_row(db, stmt, columns, len, null, row);
		if (!err && !take->rows)
			err = take->row(take->ctx, row);
	}
	if (!err && got == 1)
		err = failed(db, mysql_stmt_errno(stmt), mysql_stmt_error(stmt));
	if (!err && take->rows)
		*take->rows = out;
	return err;
}

static int run(struct cc_db *db, const struct take *take, bool literal, const char *sql,
		const struct cc_bind *binds, size_t count)
{
	struct statement *st;
	int err = literal ? prepare_literal(db, sql, &st) : prepare_built(db, sql, &st);
	if (!err && db->reading && !st->reads)
		err = refuse(db, CC_E_DENIED, "a change where only reading is allowed");
	if (!err && take->bulk)
		err = !st->binds || count % st->binds
					  ? refuse(db, CC_E_INVAL, "binds that fill no whole row")
					  : bind_rows(db, st, binds, count / st->binds);
	else if (!err)
		err = bind(db, st, binds, count);
	if (err)
		return err;
	st->used = ++db->clock;
	if (mysql_stmt_execute(st->stmt))
		return failed(db, mysql_stmt_errno(st->stmt), mysql_stmt_error(st->stmt));
	unsigned columns = mysql_stmt_field_count(st->stmt);
	db->affected = columns ? 0 : (int64_t)mysql_stmt_affected_rows(st->stmt);
	db->insert_id = (int64_t)mysql_stmt_insert_id(st->stmt);
	if (columns > COLUMNS_MAX)
		err = refuse(db, CC_E_FULL, "too many columns");
	else if (columns && (take->rows || take->row))
		err = fetch(db, st->stmt, columns, take);
	mysql_stmt_free_result(st->stmt);
	return err;
}

static int begin(struct cc_db *db)
{
	if (!db->begin || db->in_transaction)
		return 0;
	if (mysql_query(db->conn, db->begin))
		return failed(db, mysql_errno(db->conn), mysql_error(db->conn));
	db->in_transaction = true;
	return 0;
}

static int query(struct cc_db *db, const struct take *take, bool literal, const char *sql,
		const struct cc_bind *binds, size_t count)
{
	db->error[0] = '\0';
	db->deadlocked = false;
	/* a connection that has died meanwhile is opened again, unless a transaction died with it */
	for (bool again = db->conn && !db->in_transaction && !take->row;; again = false) {
		bool inside = db->in_transaction;
		if (inside && !db->conn)
			return refuse(db, CC_E_IO, "the connection was lost in the transaction");
		int err = db->conn ? 0 : connect_db(db);
		if (!err)
			err = begin(db);
		if (!err)
			err = run(db, take, literal, sql, binds, count);
		if (err != CC_E_IO)
			return err;
		disconnect(db);
		if (inside || !again)
			return err;
	}
}

int cc_db_query_literal(struct cc_db *db, struct cc_rows *rows, const char *sql,
		const struct cc_bind *binds, size_t count)
{
	return query(db, &(struct take){.rows = rows}, true, sql, binds, count);
}

int cc_db_query_text(struct cc_db *db, struct cc_rows *rows, const char *sql,
		const struct cc_bind *binds, size_t count)
{
	return query(db, &(struct take){.rows = rows}, false, sql, binds, count);
}

int cc_db_each(struct cc_db *db, const char *sql, const struct cc_bind *binds, size_t count,
		int (*row)(void *ctx, const struct cc_row *row), void *ctx)
{
	return query(db, &(struct take){.row = row, .ctx = ctx}, false, sql, binds, count);
}

void cc_db_read(struct cc_db *db)
{
	db->reading = true;
}

bool cc_db_is_idle(const struct cc_db *db)
{
	return !db->begin;
}

int cc_db_bulk(struct cc_db *db, const char *sql, const struct cc_bind *binds, size_t count)
{
	return count ? query(db, &(struct take){.bulk = true}, false, sql, binds, count) : 0;
}

void cc_db_begin(struct cc_db *db, bool read_only)
{
	db->reading = false;
	db->begin = read_only ? "START TRANSACTION READ ONLY" : "START TRANSACTION";
}

int cc_db_commit(struct cc_db *db)
{
	int err = 0;
	if (db->in_transaction && !db->conn)
		err = refuse(db, CC_E_IO, "the connection was lost in the transaction");
	else if (db->in_transaction && mysql_commit(db->conn))
		err = failed(db, mysql_errno(db->conn), mysql_error(db->conn));
	db->in_transaction = db->reading = false;
	db->begin = NULL;
	if (err)
		disconnect(db);
	return err;
}

void cc_db_rollback(struct cc_db *db)
{
	if (db->in_transaction && db->conn && mysql_rollback(db->conn))
		disconnect(db);
	db->in_transaction = db->reading = false;
	db->begin = NULL;
}

int64_t cc_db_affected(const struct cc_db *db)
{
	return db->affected;
}

int64_t cc_db_insert_id(const struct cc_db *db)
{
	return db->insert_id;
}

bool cc_db_deadlocked(const struct cc_db *db)
{
	return db->deadlocked;
}

const char *cc_db_error(const struct cc_db *db)
{
	return db->error;
}

int64_t cc_row_int(const struct cc_row *row, size_t column, int64_t otherwise)
{
	const char *text = row->v[column];
	if (!text || !*text)
		return otherwise;
	char *end;
	errno = 0;
	long long n = strtoll(text, &end, 10);
	return *end || errno ? otherwise : n;
}

const char *cc_row_str(const struct cc_row *row, size_t column)
{
	return row->v[column] ? row->v[column] : "";
}
