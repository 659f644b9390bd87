/* SPDX-License-Identifier: GPL-2.0-or-later
 * The statements of an SQL file. */
#ifndef SQL_H
#define SQL_H

#include <stdbool.h>
#include <stddef.h>

struct sql_statement
{
	const char *text; /* in the file's text, not NUL-terminated, without the semicolon */
	size_t len;
	int line; /* where it begins */
};

/* Finds the next statement from *p on and moves *p behind it. Comments (-- and C style) before it
 * are skipped; quotes and comments inside it may hold semicolons. 1: there is one; 0: the end;
 * CC_E_INVAL: an open quote or comment, or a last statement without semicolon. line counts from 1
 * and is carried on. */
int sql_next(const char **p, int *line, struct sql_statement *statement);
/* True for a change of rows, which a transaction can hold together with its record; other
 * statements commit themselves. */
bool sql_is_change(const struct sql_statement *statement);

#endif
