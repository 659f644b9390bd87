/* SPDX-License-Identifier: GPL-2.0-or-later
 * A private stack for tests that need the database: a folder with resolved settings, a MariaDB of
 * its own without a network port and with the migrations of db/, a journal. Several may run side by
 * side. */
#ifndef CC_UNIT_STACK_H
#define CC_UNIT_STACK_H

#include <mysql.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "cc/journal.h"

struct stack
{
	char run[64], settings[128];
	pid_t mariadb;
	MYSQL *db;
	struct cc_ring *ring;
	struct cc_segment_writer *segments;
};

/* Everything up to a migrated database; ends the program when that is not possible. */
void stack_start(struct stack *s);
/* False if a program's log has a sanitizer's report or a failed assertion, which is printed. */
bool stack_stop(struct stack *s);
void stack_database_start(struct stack *s);
void stack_database_stop(struct stack *s);
/* Starts build/bin/<program> with the arguments (ended by NULL); its output goes to
 * run/<program>.log. */
pid_t stack_program(const struct stack *s, const char *const argv[]);
/* Ends a program and returns its exit status, or -signal. */
int stack_end(pid_t pid, int signal);

/* A statement that has to work. */
__attribute__((format(printf, 2, 3))) void stack_sql(struct stack *s, const char *format, ...);
/* First column of the first row as text in a static buffer, "" if there is none or it is NULL. */
__attribute__((format(printf, 2, 3))) const char *stack_value(
		struct stack *s, const char *format, ...);
/* Waits until the query's value is want, 10 s at most: whether it became so. */
bool stack_wait(struct stack *s, const char *want, const char *query);

/* Puts a record into the ring and on to the segments, as the engine does: its sequence number. */
uint64_t stack_event(struct stack *s, uint16_t type, uint32_t tenant, const struct cc_ulid *call,
		uint32_t call_seq, int64_t time_ms, const char *fields);

#endif
