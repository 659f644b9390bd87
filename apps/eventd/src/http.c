/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <strings.h>
#include "cc/auth.h"
#include "cc/err.h"
#include "http.h"

/* Cuts the line at p off and returns what follows it; NULL if there is no line end. */
static char *cut_line(char *p)
{
	char *end = strchr(p, '\n');

	if (!end)
		return NULL;
	*end = '\0';
	if (end > p && end[-1] == '\r')
		end[-1] = '\0';
	return end + 1;
}

static char *trim(char *s)
{
	char *end;

	s += strspn(s, " \t");
	end = s + strlen(s);
	while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	return s;
}

static const char *find_cookie(char *cookies, const char *name)
{
	char *save = NULL;
	size_t len = strlen(name);

	for (char *c = strtok_r(cookies, ";", &save); c; c = strtok_r(NULL, ";", &save)) {
		c = trim(c);
		if (strncmp(c, name, len) == 0 && c[len] == '=')
			return c + len + 1;
	}
	return NULL;
}

static void take_header(struct http_request *req, const char *name, char *value)
{
	if (strcasecmp(name, "cookie") == 0) {
		if (!req->session)
			req->session = find_cookie(value, CC_AUTH_COOKIE);
	} else if (strcasecmp(name, "authorization") == 0) {
		if (strncasecmp(value, "Bearer ", 7) == 0)
			req->bearer = trim(value + 7);
	} else if (strcasecmp(name, "last-event-id") == 0) {
		req->last_event_id = value;
	} else if (strcasecmp(name, "x-real-ip") == 0) {
		req->address = value;
	}
}

int http_parse(struct http_request *out, char *head, size_t len)
{
	struct http_request req = {.query = ""};
	char *line = head, *next, *target, *version, *mark;

	if (strlen(head) != len) /* a NUL inside */
		return CC_E_INVAL;
	next = cut_line(head);
	if (!next)
		return CC_E_INVAL;
	req.method = line;
	target = strchr(line, ' ');
	version = target ? strchr(target + 1, ' ') : NULL;
	if (!version || target == line || target[1] != '/' || strncmp(version, " HTTP/1.", 8) != 0)
		return CC_E_INVAL;
	*target++ = '\0';
	*version = '\0';
	req.path = target;
	mark = strchr(target, '?');
	if (mark) {
		*mark = '\0';
		req.query = mark + 1;
	}
	for (line = next; line < head + len; line = next) {
		char *colon;

		next = cut_line(line);
		if (!next)
			return CC_E_INVAL;
		if (*line == '\0')
			break;
		colon = strchr(line, ':');
		if (!colon || colon == line)
			return CC_E_INVAL;
		*colon = '\0';
		take_header(&req, line, trim(colon + 1));
	}
	*out = req;
	return 0;
}

const char *http_query(const char *query, const char *name, size_t *len)
{
	size_t name_len = strlen(name);

	for (const char *p = query; *p;) {
		size_t n = strcspn(p, "&");

		if (n > name_len && p[name_len] == '=' && strncmp(p, name, name_len) == 0) {
			*len = n - name_len - 1;
			return p + name_len + 1;
		}
		p += n + (p[n] == '&');
	}
	return NULL;
}
