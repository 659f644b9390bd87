/* SPDX-License-Identifier: GPL-2.0-or-later
 * The head of a request, as far as cc-eventd needs it. */
#ifndef HTTP_H
#define HTTP_H

#include <stddef.h>

struct http_request
{
	const char *method, *path;
	const char *query;         /* "" if there is none */
	const char *session;       /* value of the session cookie, NULL if there is none */
	const char *bearer;        /* the API key, NULL if there is none */
	const char *last_event_id; /* NULL if there is none */
	const char *address;       /* where nginx says it comes from, NULL: not through nginx */
};

/* Splits head (everything up to and with the empty line, NUL-terminated) in place. CC_E_INVAL: not
 * HTTP/1. */
int http_parse(struct http_request *req, char *head, size_t len);
/* Value of a field of a query, not decoded, its length in len; NULL if there is none. */
const char *http_query(const char *query, const char *name, size_t *len);

#endif
