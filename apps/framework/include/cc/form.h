/* SPDX-License-Identifier: GPL-2.0-or-later
 * Fields of a query, a form body or a cookie header. Values are text: UTF-8 without control
 * characters other than line ends and tabs; anything else is refused as a whole. */
#ifndef CC_FORM_H
#define CC_FORM_H

#include <stddef.h>
#include "cc/arena.h"
#include "cc/err.h"

#define CC_FORM_FIELDS 1200
#define CC_FORM_NAME 100
#define CC_FORM_BODY (256 * 1024) /* bytes of a urlencoded body */

struct cc_field
{
	const char *name, *value;
	struct cc_field *next;
};

/* In the order given, names may repeat. */
struct cc_fields
{
	struct cc_field *first, *last;
	size_t count;
};

/* application/x-www-form-urlencoded, also a URL's query. Adds to fields. CC_E_INVAL: malformed;
 * CC_E_FULL: more than CC_FORM_FIELDS fields or a name longer than CC_FORM_NAME. */
int cc_form_parse(struct cc_arena *arena, struct cc_fields *fields, const char *text, size_t len);
/* One more field, which lives as long as fields. CC_E_INVAL: not text; CC_E_FULL as above. */
int cc_field_add(struct cc_arena *arena, struct cc_fields *fields, const char *name,
		const char *value, size_t len);
/* A Cookie header. Cookies that are malformed are left out: any site of the domain may set them. */
void cc_cookies_parse(struct cc_arena *arena, struct cc_fields *fields, const char *header);
/* %XX of a path; '+' stays. CC_E_INVAL: malformed, a NUL, or not text. */
int cc_path_decode(struct cc_arena *arena, const char **out, const char *text, size_t len);

/* The first value of the name; NULL if there is none. */
const char *cc_field_get(const struct cc_fields *fields, const char *name);

#endif
