/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include "cc/err.h"
#include "cc/jsonw.h"
#include "cc/utf8.h"

/* One byte of cap is always kept for the NUL. */
static void put(struct cc_jsonw *w, const char *s, size_t len)
{
	if (w->full || w->cap == 0 || len > w->cap - 1 - w->len) {
		w->full = true;
		return;
	}
	memcpy(w->buf + w->len, s, len);
	w->len += len;
}

static void put_string(struct cc_jsonw *w, const char *s, size_t len)
{
	put(w, "\"", 1);
	while (len > 0) {
		size_t n = cc_utf8_char(s, len), plain = 0;
		unsigned char c = (unsigned char)*s;

		/* runs of plain ASCII go in one piece */
		while (plain < len && (unsigned char)s[plain] >= 0x20 && (unsigned char)s[plain] < 0x7F &&
				s[plain] != '"' && s[plain] != '\\')
			plain++;
		if (plain > 0) {
			put(w, s, plain);
			n = plain;
		} else if (n == 0 || c == 0) { /* NUL would end C strings of readers */
			put(w, "\xEF\xBF\xBD", 3);
			n = 1;
		} else if (c == '"' || c == '\\') {
			char esc[2] = {'\\', (char)c};

			put(w, esc, 2);
		} else if (c < 0x20 || c == 0x7F) {
			char esc[8];

			put(w, esc, (size_t)snprintf(esc, sizeof(esc), "\\u%04x", c));
		} else {
			put(w, s, n);
		}
		s += n;
		len -= n;
	}
	put(w, "\"", 1);
}

static void begin(struct cc_jsonw *w, const char *key)
{
	if (w->comma)
		put(w, ",", 1);
	w->comma = true;
	if (key) {
		put_string(w, key, strlen(key));
		put(w, ":", 1);
	}
}

void cc_jsonw_init(struct cc_jsonw *w, char *buf, size_t cap)
{
	*w = (struct cc_jsonw){.buf = buf, .cap = cap};
}

void cc_jsonw_object(struct cc_jsonw *w, const char *key)
{
	begin(w, key);
	put(w, "{", 1);
	w->comma = false;
}

void cc_jsonw_array(struct cc_jsonw *w, const char *key)
{
	begin(w, key);
	put(w, "[", 1);
	w->comma = false;
}

void cc_jsonw_close_object(struct cc_jsonw *w)
{
	put(w, "}", 1);
	w->comma = true;
}

void cc_jsonw_close_array(struct cc_jsonw *w)
{
	put(w, "]", 1);
	w->comma = true;
}

void cc_jsonw_str(struct cc_jsonw *w, const char *key, const char *value)
{
	if (!value)
		cc_jsonw_raw(w, key, "null", 4);
	else
		cc_jsonw_strn(w, key, value, strlen(value));
}

void cc_jsonw_strn(struct cc_jsonw *w, const char *key, const char *value, size_t len)
{
	begin(w, key);
	put_string(w, value, len);
}

void cc_jsonw_int(struct cc_jsonw *w, const char *key, int64_t value)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%lld", (long long)value);

	cc_jsonw_raw(w, key, text, (size_t)n);
}

void cc_jsonw_bool(struct cc_jsonw *w, const char *key, bool value)
{
	cc_jsonw_raw(w, key, value ? "true" : "false", value ? 4 : 5);
}

void cc_jsonw_raw(struct cc_jsonw *w, const char *key, const char *json, size_t len)
{
	begin(w, key);
	put(w, json, len);
}

int cc_jsonw_end(struct cc_jsonw *w)
{
	if (w->cap > 0)
		w->buf[w->len] = '\0';
	return w->full ? CC_E_FULL : (int)w->len;
}
