/* SPDX-License-Identifier: GPL-2.0-or-later
 * A JSON writer into a caller's buffer: no allocation, no failure in the middle of a text. When the
 * buffer is too small the writer remembers it and cc_jsonw_end says CC_E_FULL. Invalid UTF-8
 * becomes U+FFFD. */
#ifndef CC_JSONW_H
#define CC_JSONW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cc_jsonw
{
	char *buf;
	size_t cap, len;
	bool full, comma;
};

void cc_jsonw_init(struct cc_jsonw *w, char *buf, size_t cap);
/* key NULL: an element of an array or the top level. */
void cc_jsonw_object(struct cc_jsonw *w, const char *key);
void cc_jsonw_array(struct cc_jsonw *w, const char *key);
void cc_jsonw_close_object(struct cc_jsonw *w);
void cc_jsonw_close_array(struct cc_jsonw *w);
void cc_jsonw_str(struct cc_jsonw *w, const char *key, const char *value); /* NULL: null */
void cc_jsonw_strn(struct cc_jsonw *w, const char *key, const char *value, size_t len);
void cc_jsonw_int(struct cc_jsonw *w, const char *key, int64_t value);
void cc_jsonw_bool(struct cc_jsonw *w, const char *key, bool value);
/* a text that is JSON already */
void cc_jsonw_raw(struct cc_jsonw *w, const char *key, const char *json, size_t len);
/* NUL-terminates; length, or CC_E_FULL. */
int cc_jsonw_end(struct cc_jsonw *w);

#endif
