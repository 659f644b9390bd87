/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "cc/clock.h"
#include "stack.h"
#include "unit.h"

#define RING_BYTES (1024 * 1024)

__attribute__((noreturn)) static void give_up(const char *what)
{
	fprintf(stderr, "stack: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void sleep_ms(int ms)
{
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
}

__attribute__((format(printf, 1, 2))) static void shell(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command) != 0)
		give_up(command);
}

static void connect_database(struct stack *s)
{
	char socket[128];

	snprintf(socket, sizeof(socket), "%s/sock/mysql.sock", s->run);
	for (int i = 0; i < 300; i++) {
		s->db = mysql_init(NULL);
		mysql_options(s->db, MYSQL_SET_CHARSET_NAME, "utf8mb4");
		if (mysql_real_connect(s->db, "localhost", NULL, NULL, NULL, 0, socket, 0))
			return;
		mysql_close(s->db);
		s->db = NULL;
		sleep_ms(50);
	}
	give_up("MariaDB does not answer");
}

void stack_database_start(struct stack *s)
{
	char datadir[128], socket[128], log[128], pid_file[128], tmpdir[128];

	snprintf(datadir, sizeof(datadir), "--datadir=%s/data/mysql", s->run);
	snprintf(tmpdir, sizeof(tmpdir), "--tmpdir=%s/data", s->run); /* as in etc/parts/mariadb */
	snprintf(socket, sizeof(socket), "--socket=%s/sock/mysql.sock", s->run);
	snprintf(pid_file, sizeof(pid_file), "--pid-file=%s/mysql.pid", s->run);
	snprintf(log, sizeof(log), "%s/mariadb.log", s->run);
	s->mariadb = fork();
	if (s->mariadb == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);

		prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing outlives the test */
		dup2(fd, 1);
		dup2(fd, 2);
		execlp("mariadbd", "mariadbd", "--no-defaults", datadir, tmpdir, socket, pid_file,
				"--skip-networking", "--user=root", "--character-set-server=utf8mb4",
				"--innodb-buffer-pool-size=32M", (char *)NULL);
		_exit(127);
	}
	connect_database(s);
	if (mysql_query(s->db, "CREATE DATABASE IF NOT EXISTS tandem CHARACTER SET utf8mb4") ||
			mysql_select_db(s->db, "tandem"))
		give_up(mysql_error(s->db));
}

void stack_database_stop(struct stack *s)
{
	mysql_close(s->db);
	s->db = NULL;
	stack_end(s->mariadb, SIGTERM);
}

static void start_journal(struct stack *s)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/data/journal/ring", s->run);
	if (cc_ring_open(&s->ring, path, RING_BYTES))
		give_up(path);
	snprintf(path, sizeof(path), "%s/data/journal", s->run);
	if (cc_segment_writer_new(&s->segments, path, 1, cc_ring_next_epoch(s->ring)))
		give_up(path);
}

void stack_start(struct stack *s)
{
	FILE *f;

	*s = (struct stack){0};
	if (!unit_folder(s->run))
		give_up("folder");
	shell("mkdir -p %s/etc %s/sock %s/data/journal", s->run, s->run, s->run);
	snprintf(s->settings, sizeof(s->settings), "%s/etc/tandem.conf", s->run);
	f = fopen(s->settings, "w");
	if (!f)
		give_up(s->settings);
	fprintf(f, "CC_RUN = %s\nCC_DB_USER = root\n", s->run);
	fclose(f);
	shell("TMPDIR=%s/data mariadb-install-db --no-defaults --user=root --datadir=%s/data/mysql "
		  "--skip-test-db --auth-root-authentication-method=socket >%s/install.log 2>&1",
			s->run, s->run, s->run);
	stack_database_start(s);
	shell("cat db/core/*.sql db/calls/*.sql db/web/*.sql db/crm/*.sql db/admin/*.sql | mariadb "
		  "--no-defaults "
		  "--default-character-set=utf8mb4 "
		  "--socket=%s/sock/mysql.sock tandem",
			s->run);
	start_journal(s);
}

bool stack_stop(struct stack *s)
{
	char command[256];
	bool bad;

	cc_segment_writer_free(s->segments);
	cc_ring_close(s->ring);
	if (s->db)
		stack_database_stop(s);
	mysql_library_end();
	snprintf(command, sizeof(command),
			"grep -A30 -E 'Sanitizer|runtime error|Assertion' %s/*.log >&2", s->run);
	bad = system(command) == 0;
	unit_remove(s->run);
	return !bad;
}

pid_t stack_program(const struct stack *s, const char *const argv[])
{
	char path[128], log[160];
	pid_t pid;

	/* the programs lie beside the test's own */
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 64);

	if (n < 0)
		give_up("/proc/self/exe");
	path[n] = '\0';
	strcpy(strrchr(path, '/') + 1, argv[0]);
	snprintf(log, sizeof(log), "%s/%s.log", s->run, argv[0]);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);

		prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing outlives the test */
		dup2(fd, 1);
		dup2(fd, 2);
		execv(path, (char *const *)argv);
		_exit(127);
	}
	return pid;
}

int stack_end(pid_t pid, int signal)
{
	int status = 0;

	kill(pid, signal);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static MYSQL_RES *query(struct stack *s, const char *format, va_list args)
{
	char sql[8192];

	vsnprintf(sql, sizeof(sql), format, args);
	if (mysql_query(s->db, sql)) {
		fprintf(stderr, "stack: %s: %s\n", sql, mysql_error(s->db));
		exit(2);
	}
	return mysql_store_result(s->db);
}

void stack_sql(struct stack *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	mysql_free_result(query(s, format, args));
	va_end(args);
}

const char *stack_value(struct stack *s, const char *format, ...)
{
	static char value[8192];
	MYSQL_RES *result;
	MYSQL_ROW row;
	va_list args;

	va_start(args, format);
	result = query(s, format, args);
	va_end(args);
	value[0] = '\0';
	row = result ? mysql_fetch_row(result) : NULL;
	if (row && row[0])
		snprintf(value, sizeof(value), "%s", row[0]);
	mysql_free_result(result);
	return value;
}

#define WAIT_MS 60000 /* the machine may be busy; whoever is done does not wait */

bool stack_wait(struct stack *s, const char *want, const char *sql)
{
	int64_t end = cc_clock_mono_ms() + WAIT_MS;

	while (strcmp(stack_value(s, "%s", sql), want) != 0) {
		if (cc_clock_mono_ms() > end) {
			fprintf(stderr, "stack: %s: %s instead of %s\n", sql, stack_value(s, "%s", sql), want);
			return false;
		}
		sleep_ms(20);
	}
	return true;
}

uint64_t stack_event(struct stack *s, uint16_t type, uint32_t tenant, const struct cc_ulid *call,
		uint32_t call_seq, int64_t time_ms, const char *fields)
{
	uint8_t buf[CC_JOURNAL_RECORD_MAX];
	struct cc_record r = {.time_ms = time_ms,
			.type = type,
			.version = 1,
			.tenant = tenant,
			.call_seq = call_seq,
			.fields = fields,
			.fields_len = (uint32_t)strlen(fields)};
	int n;

	if (call)
		r.call = *call;
	if (cc_ring_put(s->ring, &r))
		give_up("ring");
	while ((n = cc_ring_peek(s->ring, buf, sizeof(buf))) > 0) {
		if (cc_segment_writer_append(s->segments, buf, (size_t)n))
			give_up("segment");
		cc_ring_drop(s->ring);
	}
	return r.seq;
}
