/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sql.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "cc/err.h"

/* Length of the comment at p, 0: there is none, CC_E_INVAL: it does not end. */
static int comment(const char *p)
{
	const char *end;

	if (strncmp(p, "--", 2) == 0 && (p[2] == '\0' || isspace((unsigned char)p[2])))
		return (int)strcspn(p, "\n");
	if (strncmp(p, "/*", 2) != 0)
		return 0;
	end = strstr(p + 2, "*/");
	return end ? (int)(end + 2 - p) : CC_E_INVAL;
}

static int quoted(const char *p)
{
	const char *begin = p;
	char quote = *p++;

	while (*p && *p != quote) /* a doubled quote is taken as two texts side by side */
		p += *p == '\\' && quote != '`' && p[1] ? 2 : 1;
	return *p ? (int)(p + 1 - begin) : CC_E_INVAL;
}

int sql_next(const char **pos, int *line, struct sql_statement *statement)
{
	const char *p = *pos, *begin = NULL;

	while (*p) {
		int len = comment(p);

		if (len == 0 && strchr("'\"`", *p))
			len = quoted(p);
		if (len < 0)
			return len;
		if (len == 0 && *p == ';' && begin) {
			statement->text = begin;
			statement->len = (size_t)(p - begin);
			*pos = p + 1;
			return 1;
		}
		if (!begin && !isspace((unsigned char)*p) && comment(p) == 0) {
			begin = p;
			statement->line = *line;
		}
		for (len = len > 0 ? len : 1; len > 0; len--)
			*line += *p++ == '\n';
	}
	*pos = p;
	return begin ? CC_E_INVAL : 0;
}

bool sql_is_change(const struct sql_statement *statement)
{
	static const char *const verbs[] = {"INSERT", "UPDATE", "DELETE", "REPLACE"};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		size_t len = strlen(verbs[i]);

		if (statement->len > len && strncasecmp(statement->text, verbs[i], len) == 0 &&
				isspace((unsigned char)statement->text[len]))
			return true;
	}
	return false;
}
