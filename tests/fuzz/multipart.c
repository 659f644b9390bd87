/* SPDX-License-Identifier: GPL-2.0-or-later
 * Fuzz target of the multipart parser: clang -fsanitize=fuzzer,address with -DFUZZER. Without it, a
 * program for `make unit` that feeds a fixed number of mutated bodies in pieces of random sizes.
 * Any input gives the same result however it is cut, and never more data than went in. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/multipart.h"

#define ROUNDS 20000

struct seen
{
	size_t parts, files, bytes;
	uint64_t hash;
	bool open;
};

static void mix(struct seen *s, const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		s->hash = (s->hash ^ (unsigned char)p[i]) * 1099511628211u;
}

static int field(void *ctx, const char *name, const char *value, size_t len)
{
	struct seen *s = ctx;
	if (s->open || strlen(name) > CC_MULTIPART_NAME || len > CC_MULTIPART_FIELD)
		abort();
	s->parts++;
	s->bytes += len;
	mix(s, name, strlen(name));
	mix(s, value, len);
	return 0;
}

static int file_begin(void *ctx, const char *name, const char *filename)
{
	struct seen *s = ctx;
	if (s->open || strchr(filename, '/') || strchr(filename, '\\') ||
			strlen(filename) > CC_MULTIPART_FILENAME)
		abort();
	s->open = *filename;
	s->files++;
	mix(s, filename, strlen(filename));
	return 0;
}

static int file_data(void *ctx, const char *data, size_t len)
{
	struct seen *s = ctx;
	if (!s->open || !len)
		abort();
	s->bytes += len;
	mix(s, data, len);
	return 0;
}

static int file_end(void *ctx)
{
	struct seen *s = ctx;
	if (!s->open)
		abort();
	s->open = false;
	return 0;
}

/* cut: how many bytes at a time, 0: random */
static int parse(const char *data, size_t len, size_t cut, struct seen *seen)
{
	const struct cc_multipart_sink sink = {seen, field, file_begin, file_data, file_end};
	struct cc_arena *arena = cc_arena_new();
	struct cc_multipart *m;
	int err = cc_multipart_new(&m, arena, "multipart/form-data; boundary=xYz", &sink);
	if (err)
		abort();
	for (size_t at = 0; at < len && !err;) {
		size_t n = cut ? cut : 1 + (size_t)rand() % 40;
		n = n < len - at ? n : len - at;
		err = cc_multipart_feed(m, data + at, n);
		at += n;
	}
	if (!err)
		err = cc_multipart_end(m);
	cc_arena_free(arena);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct seen whole = {0}, bytes = {0}, pieces = {0};
	int err = parse((const char *)data, len, len ? len : 1, &whole);
	if (parse((const char *)data, len, 1, &bytes) != err ||
			parse((const char *)data, len, 0, &pieces) != err)
		abort();
	if (whole.bytes > len || (!err && (whole.open || memcmp(&whole, &bytes, sizeof whole) ||
											  memcmp(&whole, &pieces, sizeof whole))))
		abort();
	cc_file_type(data, len);
	return 0;
}

#ifndef FUZZER
static const char seed[] =
		"--xYz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n--xY\r\n--xYz\r\n"
		"Content-Disposition: form-data; name=\"f\"; filename=\"C:\\\\x\\\\a;b.png\"\r\n"
		"Content-Type: image/png\r\n\r\n\x89PNG\r\n\r\n--xYw\r\r\n--xYz\r\n"
		"Content-Disposition: form-data; name=\"none\"; filename=\"\"\r\n\r\n\r\n--xYz--\r\n";

int main(void)
{
	static const char tokens[][12] = {
			"\r\n", "--xYz", "--", "\"", ";", "name=", "\r", "\0", "\xFF", "xYz--"};
	char text[sizeof seed * 2];
	struct seen good = {0};
	srand(7);
	if (parse(seed, sizeof seed - 1, 3, &good) || good.parts != 1 || good.files != 2) {
		printf("not ok: the seed is not understood\n");
		return 1;
	}
	for (int round = 0; round < ROUNDS; round++) {
		size_t len = sizeof seed - 1;
		memcpy(text, seed, len);
		for (int n = rand() % 4; n >= 0; n--) {
			if (!len)
				break;
			size_t at = (size_t)rand() % len, more = strlen(tokens[rand() % 10]);
			const char *token = tokens[rand() % 10];
			switch (rand() % 4) {
			case 0:
				text[at] = (char)rand();
				break;
			case 1:
				memmove(text + at, text + at + 1, len - at - 1);
				len--;
				break;
			case 2:
				more = strlen(token) ? strlen(token) : 1;
				if (len + more > sizeof text)
					break;
				memmove(text + at + more, text + at, len - at);
				memcpy(text + at, token, more);
				len += more;
				break;
			default:
				len = at + 1;
			}
		}
		LLVMFuzzerTestOneInput((const uint8_t *)text, len);
	}
	printf("fuzz multipart: %d bodies\n", ROUNDS);
	return 0;
}
#endif
