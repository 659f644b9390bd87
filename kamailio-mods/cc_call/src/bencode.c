/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "bencode.h"
#include "cc/err.h"

#define DEPTH_MAX 16 /* deeper nesting in a received text is refused */

void cc_benc_init(struct cc_benc *b, char *buf, size_t cap)
{
	*b = (struct cc_benc){.buf = buf, .cap = cap};
}

static void put(struct cc_benc *b, const char *s, size_t len)
{
	if (b->full || b->cap - b->len < len) {
		b->full = true;
		return;
	}
	memcpy(b->buf + b->len, s, len);
	b->len += len;
}

static void put_string(struct cc_benc *b, const char *s, size_t len)
{
	char head[24];

	put(b, head, (size_t)snprintf(head, sizeof(head), "%zu:", len));
	put(b, s, len);
}

static void put_key(struct cc_benc *b, const char *key)
{
	if (key)
		put_string(b, key, strlen(key));
}

void cc_benc_open_dict(struct cc_benc *b, const char *key)
{
	put_key(b, key);
	put(b, "d", 1);
}

void cc_benc_open_list(struct cc_benc *b, const char *key)
{
	put_key(b, key);
	put(b, "l", 1);
}

void cc_benc_close(struct cc_benc *b)
{
	put(b, "e", 1);
}

void cc_benc_strn(struct cc_benc *b, const char *key, const char *value, size_t len)
{
	put_key(b, key);
	put_string(b, value, len);
}

void cc_benc_str(struct cc_benc *b, const char *key, const char *value)
{
	cc_benc_strn(b, key, value, strlen(value));
}

void cc_benc_int(struct cc_benc *b, const char *key, long long value)
{
	char text[32];

	put_key(b, key);
	put(b, text, (size_t)snprintf(text, sizeof(text), "i%llde", value));
}

/* Reads "<len>:<bytes>" at *at. */
static int get_string(const char **at, const char *end, const char **s, size_t *len)
{
	const char *p = *at;
	size_t n = 0;

	if (p >= end || *p < '0' || *p > '9')
		return CC_E_INVAL;
	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		n = n * 10 + (size_t)(*p - '0');
		if (n > (size_t)(end - p))
			return CC_E_INVAL;
	}
	if (p >= end || *p++ != ':' || (size_t)(end - p) < n)
		return CC_E_INVAL;
	*s = p;
	*len = n;
	*at = p + n;
	return CC_OK;
}

/* Passes over one value. */
static int skip(const char **at, const char *end, int depth)
{
	const char *s;
	size_t len;

	if (*at >= end || depth > DEPTH_MAX)
		return CC_E_INVAL;
	if (**at == 'i') {
		s = memchr(*at, 'e', (size_t)(end - *at));
		if (!s)
			return CC_E_INVAL;
		*at = s + 1;
		return CC_OK;
	}
	if (**at != 'l' && **at != 'd')
		return get_string(at, end, &s, &len);
	for ((*at)++; *at < end && **at != 'e';)
		if (skip(at, end, depth + 1) < 0)
			return CC_E_INVAL;
	if (*at >= end)
		return CC_E_INVAL;
	(*at)++;
	return CC_OK;
}

int cc_benc_find(
		const char *text, size_t len, const char *key, const char **value, size_t *value_len)
{
	const char *at = text, *end = text + len, *k;
	size_t k_len;

	if (len < 2 || *at++ != 'd')
		return CC_E_INVAL;
	while (at < end && *at != 'e') {
		const char *begin;

		if (get_string(&at, end, &k, &k_len) < 0)
			return CC_E_INVAL;
		begin = at;
		if (skip(&at, end, 0) < 0)
			return CC_E_INVAL;
		if (k_len == strlen(key) && memcmp(k, key, k_len) == 0) {
			*value = begin;
			*value_len = (size_t)(at - begin);
			return CC_OK;
		}
	}
	return at < end ? CC_E_NOENT : CC_E_INVAL;
}

int cc_benc_get(
		const char *text, size_t len, const char *key, const char **value, size_t *value_len)
{
	const char *at;
	size_t raw_len;
	int rc = cc_benc_find(text, len, key, &at, &raw_len);

	return rc < 0 ? rc : get_string(&at, at + raw_len, value, value_len);
}

int cc_benc_next(const char **at, const char *end, const char **value, size_t *value_len)
{
	if (*at < end && **at == 'l')
		(*at)++;
	if (*at >= end || **at == 'e')
		return CC_E_NOENT;
	return get_string(at, end, value, value_len);
}
