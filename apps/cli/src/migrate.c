/* SPDX-License-Identifier: GPL-2.0-or-later
 * Forward-only migrations. schema_migration has one row per file: how many of its statements are
 * done and the checksum of those. A row change is committed together with that record. Any other
 * statement commits itself, so `running` is noted before it: a migration that died between the two
 * finds out whether the statement had been done by the error "it is there already". */
#include "cli.h"
#include "sql.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <sodium.h>
#include "cc/clock.h"
#include "cc/err.h"

#define FILES_MAX 4096
#define STATEMENTS_MAX 1000
#define FILE_MAX_LEN (4 * 1024 * 1024)
#define LOCK_WAIT_S 60
#define CONNECT_TRIES 60 /* half a second each: the server may be starting */

struct migration
{
	const char *path, *component, *name;
	unsigned number;
	struct sql_statement *statement;
	unsigned count;
};

struct state
{
	struct cli *cli;
	MYSQL *db;
	struct migration *file;
	size_t files;
	const char *plugin; /* only its migrations; NULL: all but those of plugins */
	unsigned done;      /* statements done by this run */
};

static int failed(struct state *s, const char *what)
{
	return cli_fail("%s: %u: %s", what, mysql_errno(s->db), mysql_error(s->db));
}

static int query(struct state *s, const char *sql)
{
	return mysql_real_query(s->db, sql, strlen(sql)) ? failed(s, "database") : CLI_OK;
}

static int connect_server(struct state *s)
{
	const char *socket = cli_path(s->cli, "sock/mysql.sock");
	const char *user = cc_settings_db_user(s->cli->settings, "migrator");
	const char *name = cc_settings_str(s->cli->settings, "CC_DB_NAME");
	unsigned timeout = 5;

	for (int try = 0;; try++) {
		s->db = mysql_init(NULL);
		if (!s->db)
			return cli_fail("no memory");
		mysql_options(s->db, MYSQL_OPT_CONNECT_TIMEOUT, &timeout);
		mysql_options(s->db, MYSQL_SET_CHARSET_NAME, "utf8mb4");
		if (mysql_real_connect(s->db, "localhost", user, NULL, name, 0, socket, 0))
			return CLI_OK;
		if (try == CONNECT_TRIES)
			return failed(s, "database");
		mysql_close(s->db);
		s->db = NULL;
		nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
	}
}

/* ---- files ---- */

static int read_file(struct state *s, struct migration *m)
{
	struct cc_arena *arena = s->cli->arena;
	FILE *f = fopen(m->path, "re");
	char *text = cc_alloc(arena, FILE_MAX_LEN + 1);
	size_t len = f ? fread(text, 1, FILE_MAX_LEN + 1, f) : 0;
	const char *p = text;
	int line = 1, got = 0;

	if (!f || ferror(f) || len > FILE_MAX_LEN || memchr(text, '\0', len)) {
		if (f)
			fclose(f);
		return cli_fail("%s: cannot be read as a text of at most %d bytes", m->path, FILE_MAX_LEN);
	}
	fclose(f);
	text[len] = '\0';
	m->statement = cc_alloc(arena, STATEMENTS_MAX * sizeof(*m->statement));
	while (m->count < STATEMENTS_MAX && (got = sql_next(&p, &line, &m->statement[m->count])) > 0)
		m->count++;
	if (got != 0)
		return cli_fail("%s:%d: the last statement does not end (or there are more than %d)",
				m->path, line, STATEMENTS_MAX);
	return CLI_OK;
}

/* db/<component>/NNNN_name.sql and plugins/<component>/db/NNNN_name.sql */
static int find_files(struct state *s, const char *folder, const char *pattern, int component_at)
{
	struct cc_arena *arena = s->cli->arena;
	glob_t found = {0};
	int got = glob(cc_sprintf(arena, "%s/%s", folder, pattern), 0, NULL, &found), err = CLI_OK;

	if (got != 0 && got != GLOB_NOMATCH)
		return cli_fail("%s: %s", folder, strerror(errno));
	for (size_t i = 0; i < found.gl_pathc && !err; i++) {
		struct migration *m = &s->file[s->files];
		char *path = cc_strdup(arena, found.gl_pathv[i]), *name = strrchr(path, '/') + 1;
		char *component = cc_strndup(arena, path, (size_t)(name - 1 - path));

		for (int up = 0; up < component_at; up++)
			*strrchr(component, '/') = '\0';
		*m = (struct migration){
				.path = path,
				.component = strrchr(component, '/') + 1,
				.name = name,
		};
		if (strspn(m->component, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(m->component) ||
				strlen(m->component) > 32)
			err = cli_fail("%s: a component's name has at most 32 of a-z, 0-9 and '_'", path);
		else if (strspn(name, "0123456789") != 4 || name[4] != '_')
			err = cli_fail("%s: a migration is called NNNN_name.sql", path);
		else if (++s->files == FILES_MAX)
			err = cli_fail("more than %d migrations", FILES_MAX);
		m->number = (unsigned)strtoul(name, NULL, 10);
	}
	globfree(&found);
	return err;
}

/* Dependency order: core, then calls, then the others. */
static int rank(const struct migration *m)
{
	if (strcmp(m->component, "core") == 0)
		return 0;
	return strcmp(m->component, "calls") == 0 ? 1 : 2;
}

static int compare(const void *a, const void *b)
{
	const struct migration *x = a, *y = b;
	int order = rank(x) - rank(y);

	if (order == 0)
		order = strcmp(x->component, y->component);
	return order ? order : (int)x->number - (int)y->number;
}

static int load_files(struct state *s, const char *prefix)
{
	struct cc_arena *arena = s->cli->arena;
	int err;

	s->file = cc_alloc(arena, FILES_MAX * sizeof(*s->file));
	err = s->plugin ? find_files(s, prefix, cc_sprintf(arena, "plugins/%s/db/*.sql", s->plugin), 1)
					: find_files(s, prefix, "db/*/*.sql", 0);
	if (err)
		return err;
	if (s->files == 0 && !s->plugin)
		return cli_fail("%s: no migrations (db/<component>/NNNN_name.sql)", prefix);
	qsort(s->file, s->files, sizeof(*s->file), compare);
	for (size_t i = 0; i < s->files && !err; i++) {
		const struct migration *m = &s->file[i], *before = i > 0 ? m - 1 : NULL;

		if (before && compare(before, m) == 0)
			err = cli_fail("%s and %s have the same number", before->path, m->path);
		if (!err)
			err = read_file(s, &s->file[i]);
	}
	return err;
}

/* ---- what the database has ---- */

static void checksum(const struct migration *m, unsigned steps, char hex[65])
{
	crypto_generichash_state state;
	unsigned char hash[32];

	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	for (unsigned i = 0; i < steps; i++) {
		crypto_generichash_update(
				&state, (const unsigned char *)m->statement[i].text, m->statement[i].len);
		crypto_generichash_update(&state, (const unsigned char *)";", 1);
	}
	crypto_generichash_final(&state, hash, sizeof(hash));
	sodium_bin2hex(hex, 65, hash, sizeof(hash));
}

/* Steps done of m and the step that was begun (0: none), after checking that they are those of the
 * file. */
static int recorded(struct state *s, const struct migration *m, unsigned *steps, unsigned *running)
{
	char sql[300], hex[65];
	MYSQL_RES *result;
	MYSQL_ROW row;
	int err;

	snprintf(sql, sizeof(sql),
			"SELECT steps, running, complete, LOWER(HEX(checksum)) FROM schema_migration "
			"WHERE component = '%s' AND number = %u",
			m->component, m->number);
	*steps = *running = 0;
	err = query(s, sql);
	if (err)
		return err;
	result = mysql_store_result(s->db);
	row = result ? mysql_fetch_row(result) : NULL;
	if (row) {
		*steps = (unsigned)strtoul(row[0], NULL, 10);
		*running = (unsigned)strtoul(row[1], NULL, 10);
		checksum(m, *steps < m->count ? *steps : m->count, hex);
		if (*steps > m->count || strcmp(hex, row[3]) != 0)
			err = cli_fail(
					"%s was changed after it was applied; changes go into a new file", m->path);
		else if (row[2][0] == '1' && *steps < m->count)
			err = cli_fail("%s got more statements after it was applied; they go into a new file",
					m->path);
	}
	mysql_free_result(result);
	return err;
}

static bool is_there(struct state *s, const char *sql)
{
	MYSQL_RES *result = query(s, sql) ? NULL : mysql_store_result(s->db);
	bool there = result && mysql_num_rows(result) > 0;

	mysql_free_result(result);
	return there;
}

/* Everything that was ever applied must be among the files; plugins may have been taken away. */
static int refuse_newer(struct state *s)
{
	MYSQL_RES *result;
	MYSQL_ROW row;
	bool plugins = !s->plugin && is_there(s, "SHOW TABLES LIKE 'plugin'");
	int err = query(s, plugins ? "SELECT component, number, name FROM schema_migration WHERE "
								 "component NOT IN (SELECT name FROM plugin WHERE kind = 'plugin') "
								 "ORDER BY 1, 2"
							   : "SELECT component, number, name FROM schema_migration "
								 "ORDER BY 1, 2");

	if (err)
		return err;
	result = mysql_store_result(s->db);
	while (result && !err && (row = mysql_fetch_row(result))) {
		bool known = s->plugin && strcmp(s->plugin, row[0]) != 0;

		for (size_t i = 0; i < s->files; i++)
			known |= strcmp(s->file[i].component, row[0]) == 0 &&
					 s->file[i].number == strtoul(row[1], NULL, 10);
		if (!known)
			err = cli_fail("the database is newer than this program: it has %s/%s", row[0], row[2]);
	}
	mysql_free_result(result);
	return err;
}

/* ---- steps ---- */

/* What a statement answers that was done before its record was written. */
static bool done_before(unsigned code)
{
	switch (code) {
	case ER_TABLE_EXISTS_ERROR:
	case ER_TRG_ALREADY_EXISTS:
	case ER_DUP_FIELDNAME:
	case ER_DUP_KEYNAME:
	case ER_CANT_DROP_FIELD_OR_KEY:
	case ER_BAD_TABLE_ERROR:
	case ER_MULTIPLE_PRI_KEY:
	case ER_SAME_NAME_PARTITION:
		return true;
	}
	return false;
}

static int record(struct state *s, const struct migration *m, unsigned steps, unsigned running)
{
	char sql[600], hex[65], name[202];

	checksum(m, steps, hex);
	mysql_real_escape_string(s->db, name, m->name, strnlen(m->name, 100));
	snprintf(sql, sizeof(sql),
			"REPLACE INTO schema_migration (component, number, name, steps, running, checksum, "
			"complete, at) "
			"VALUES ('%s', %u, '%s', %u, %u, X'%s', %d, %lld)",
			m->component, m->number, name, steps, running, hex, steps == m->count,
			(long long)cc_clock_utc_ms());
	return query(s, sql);
}

static int step(struct state *s, const struct migration *m, unsigned i, bool in_doubt)
{
	const struct sql_statement *statement = &m->statement[i];
	bool change = sql_is_change(statement);
	int err = change ? query(s, "START TRANSACTION") : record(s, m, i, i + 1);

	if (err)
		return err;
	if (mysql_real_query(s->db, statement->text, statement->len) != 0 &&
			!(in_doubt && done_before(mysql_errno(s->db)))) {
		err = cli_fail(
				"%s:%d: %u: %s", m->path, statement->line, mysql_errno(s->db), mysql_error(s->db));
		if (change)
			mysql_rollback(s->db);
		else
			record(s, m, i, 0); /* it was refused: nothing is in doubt */
		return err;
	}
	mysql_free_result(mysql_use_result(s->db));
	err = record(s, m, i + 1, 0);
	if (!err && change && mysql_commit(s->db) != 0)
		err = failed(s, m->path);
	s->done += !err;
	return err;
}

static int apply(struct state *s)
{
	int err = CLI_OK;

	for (size_t f = 0; f < s->files && !err; f++) {
		const struct migration *m = &s->file[f];
		unsigned done, running;

		err = recorded(s, m, &done, &running);
		if (!err && done < m->count)
			printf("migrate: %s/%s\n", m->component, m->name);
		for (unsigned i = done; i < m->count && !err; i++)
			err = step(s, m, i, running == i + 1);
	}
	return err;
}

static int lock(struct state *s)
{
	char sql[80];
	MYSQL_RES *result;
	MYSQL_ROW row;
	int err;

	snprintf(sql, sizeof(sql), "SELECT GET_LOCK('tandem.migrate', %d)", LOCK_WAIT_S);
	err = query(s, sql);
	if (err)
		return err;
	result = mysql_store_result(s->db);
	row = result ? mysql_fetch_row(result) : NULL;
	if (!row || !row[0] || strcmp(row[0], "1") != 0)
		err = cli_fail("another migration is running");
	mysql_free_result(result);
	return err;
}

static int migrate(struct state *s, const char *prefix)
{
	int err = load_files(s, prefix);

	if (!err)
		err = connect_server(s);
	if (!err)
		err = lock(s);
	if (!err)
		err = query(s, "CREATE TABLE IF NOT EXISTS schema_migration ("
					   "component VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
					   "number INT NOT NULL,"
					   "name VARCHAR(100) NOT NULL,"
					   "steps INT NOT NULL COMMENT 'statements done',"
					   "running INT NOT NULL COMMENT 'statement begun, 0: none',"
					   "checksum BINARY(32) NOT NULL COMMENT 'of the statements done',"
					   "complete TINYINT NOT NULL,"
					   "at BIGINT NOT NULL,"
					   "PRIMARY KEY (component, number))");
	if (!err)
		err = refuse_newer(s);
	if (!err)
		err = apply(s);
	if (s->db)
		mysql_close(s->db);
	return err;
}

int cmd_migrate(struct cli *cli, int argc, char **argv)
{
	struct state s = {.cli = cli};
	int err = migrate(&s, argc > 0 ? argv[0] : cc_settings_str(cli->settings, "CC_PREFIX"));

	if (!err)
		printf(s.done ? "migrate: %u statements done\n" : "migrate: nothing to do\n", s.done);
	return err;
}

int migrate_plugin(struct cli *cli, const char *name, unsigned schema)
{
	struct state s = {.cli = cli, .plugin = name};
	int err = migrate(&s, cc_settings_str(cli->settings, "CC_PREFIX"));
	unsigned last = !err && s.files > 0 ? s.file[s.files - 1].number : 0;

	if (!err && last != schema)
		err = cli_fail("plugin %s: its manifest says that migration %u is the last, its folder "
					   "says %u",
				name, schema, last);
	return err;
}
