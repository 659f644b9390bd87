/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/multipart.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include "cc/utf8.h"

#define BOUNDARY_MAX 70

enum state
{
	DELIMITER, /* inside the delimiter that begins a part, or in what lies before the first */
	AFTER,     /* behind a delimiter: CRLF, or -- at the end of all */
	HEADERS,
	BODY,
	END,
};

struct cc_multipart
{
	struct cc_arena *arena;
	struct cc_multipart_sink sink;
	char delimiter[BOUNDARY_MAX + 5]; /* CR LF - - boundary */
	size_t delimiter_len;
	enum state state;
	size_t matched; /* bytes of the delimiter that were seen */
	char after[2];
	size_t after_len, parts;
	char headers[CC_MULTIPART_HEADERS + 1];
	size_t headers_len;
	const char *name;
	bool is_file, has_file;
	struct cc_buf value;
};

static bool is_boundary(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ",
					s[i]))
			return false;
	return len && len <= BOUNDARY_MAX && s[len - 1] != ' ';
}

int cc_multipart_new(struct cc_multipart **out, struct cc_arena *arena, const char *content_type,
		const struct cc_multipart_sink *sink)
{
	static const char type[] = "multipart/form-data";
	if (strncasecmp(content_type, type, sizeof type - 1))
		return CC_E_INVAL;
	const char *b = strcasestr(content_type + sizeof type - 1, "boundary=");
	if (!b)
		return CC_E_INVAL;
	b += strlen("boundary=");
	size_t len = *b == '"' ? strcspn(++b, "\"") : strcspn(b, "; \t");
	if (!is_boundary(b, len))
		return CC_E_INVAL;
	struct cc_multipart *m = cc_alloc(arena, sizeof *m);
	m->arena = arena;
	m->sink = *sink;
	memcpy(m->delimiter, "\r\n--", 4);
	memcpy(m->delimiter + 4, b, len);
	m->delimiter_len = len + 4;
	m->matched = 2; /* the first one stands at the beginning, as if behind a line */
	*out = m;
	return 0;
}

/* ---- headers of a part ---- */

/* A parameter of Content-Disposition: name="…", with \" and \\ or as browsers write it, %22. */
static const char *parameter(struct cc_arena *arena, const char *header, const char *name)
{
	size_t len = strlen(name);
	for (const char *p = strchr(header, ';'); p; p = strchr(p, ';')) {
		p += 1 + strspn(p + 1, " \t");
		if (strncasecmp(p, name, len) || p[len] != '=' || p[len + 1] != '"') {
			/* past a quoted value, which may hold a semicolon */
			const char *quote = p + strcspn(p, ";\"");
			if (*quote == '"') {
				for (quote++; *quote && *quote != '"'; quote++)
					quote += *quote == '\\' && quote[1];
				p = quote;
			}
			continue;
		}
		char *out = cc_alloc(arena, strlen(p) + 1);
		size_t n = 0;
		for (p += len + 2; *p && *p != '"'; p++) {
			if (*p == '\\' && (p[1] == '"' || p[1] == '\\'))
				p++;
			out[n++] = *p;
		}
		return *p == '"' ? out : NULL;
	}
	return NULL;
}

static bool is_plain(const char *s)
{
	for (const char *p = s; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			return false;
	return cc_utf8_valid(s, strlen(s));
}

/* Browsers of old sent a whole path. */
static const char *base_name(const char *s)
{
	for (const char *p = s; *p; p++)
		if (*p == '/' || *p == '\\')
			s = p + 1;
	return s;
}

static int part_begin(struct cc_multipart *m)
{
	const char *disposition = NULL, *filename;
	m->headers[m->headers_len] = '\0';
	if (strlen(m->headers) != m->headers_len)
		return CC_E_INVAL;
	for (char *line = m->headers; *line;) {
		char *end = strstr(line, "\r\n");
		if (end)
			*end = '\0';
		if (!strncasecmp(line, "Content-Disposition:", 20))
			disposition = line + 20;
		line = end ? end + 2 : line + strlen(line);
	}
	if (++m->parts > CC_MULTIPART_PARTS)
		return CC_E_FULL;
	if (!disposition || strncasecmp(disposition + strspn(disposition, " \t"), "form-data", 9))
		return CC_E_INVAL;
	m->name = parameter(m->arena, disposition, "name");
	filename = parameter(m->arena, disposition, "filename");
	if (!m->name || !is_plain(m->name) || (filename && !is_plain(filename)))
		return CC_E_INVAL;
	filename = filename ? base_name(filename) : NULL;
	if (strlen(m->name) > CC_MULTIPART_NAME ||
			(filename && strlen(filename) > CC_MULTIPART_FILENAME))
		return CC_E_FULL;
	m->is_file = filename;
	m->has_file = filename && *filename;
	m->value = cc_buf_new(m->arena);
	return m->is_file ? m->sink.file_begin(m->sink.ctx, m->name, filename) : 0;
}

/* ---- the body of a part ---- */

static int data(struct cc_multipart *m, const char *p, size_t len)
{
	if (!len)
		return 0;
	if (m->has_file)
		return m->sink.file_data(m->sink.ctx, p, len);
	if (m->is_file) /* data of a file without a name */
		return CC_E_INVAL;
	if (m->value.len + len > CC_MULTIPART_FIELD)
		return CC_E_FULL;
	cc_buf_add(&m->value, p, len);
	return 0;
}

static int part_end(struct cc_multipart *m)
{
	if (m->has_file)
		return m->sink.file_end(m->sink.ctx);
	if (m->is_file)
		return 0;
	const char *text = cc_buf_text(&m->value);
	return m->sink.field(m->sink.ctx, m->name, text, m->value.len);
}

/* Takes what belongs to the body; a CR is in the delimiter at its beginning only, so that a
 * mismatch needs no looking back. */
static int body(struct cc_multipart *m, const char **at, const char *end)
{
	int err = 0;
	while (*at < end && !err) {
		if (!m->matched) {
			const char *cr = memchr(*at, '\r', (size_t)(end - *at));
			const char *stop = cr ? cr : end;
			err = data(m, *at, (size_t)(stop - *at));
			*at = stop;
			if (cr) {
				m->matched = 1;
				(*at)++;
			}
			continue;
		}
		if (**at == m->delimiter[m->matched]) {
			(*at)++;
			if (++m->matched < m->delimiter_len)
				continue;
			m->state = AFTER;
			m->after_len = 0;
			return part_end(m);
		}
		size_t seen = m->matched;
		m->matched = 0;
		err = data(m, m->delimiter, seen);
	}
	return err;
}

static int headers(struct cc_multipart *m, char c)
{
	if (m->headers_len == CC_MULTIPART_HEADERS)
		return CC_E_FULL;
	m->headers[m->headers_len++] = c;
	if (m->headers_len < 4 || memcmp(m->headers + m->headers_len - 4, "\r\n\r\n", 4))
		return 0;
	m->headers_len -= 2;
	m->state = BODY;
	m->matched = 0;
	return part_begin(m);
}

static int after(struct cc_multipart *m, char c)
{
	m->after[m->after_len++] = c;
	if (m->after_len < 2)
		return 0;
	if (!memcmp(m->after, "--", 2)) {
		m->state = END;
		return 0;
	}
	if (memcmp(m->after, "\r\n", 2))
		return CC_E_INVAL;
	m->state = HEADERS;
	m->headers_len = 0;
	return 0;
}

int cc_multipart_feed(struct cc_multipart *m, const char *p, size_t len)
{
	const char *end = p + len;
	int err = 0;
	while (p < end && !err) {
		switch (m->state) {
		case DELIMITER: /* the first one: nothing of use lies before it */
			if (*p++ != m->delimiter[m->matched])
				return CC_E_INVAL;
			if (++m->matched == m->delimiter_len) {
				m->state = AFTER;
				m->after_len = 0;
			}
			break;
		case AFTER:
			err = after(m, *p++);
			break;
		case HEADERS:
			err = headers(m, *p++);
			break;
		case BODY:
			err = body(m, &p, end);
			break;
		case END: /* what follows is to be ignored */
			return 0;
		}
	}
	return err;
}

int cc_multipart_end(const struct cc_multipart *m)
{
	return m->state == END ? 0 : CC_E_INVAL;
}

/* ---- types of files ---- */

static bool is_text(const unsigned char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((p[i] < 0x20 && !strchr("\t\r\n", p[i])) || p[i] == 0x7F || !p[i])
			return false;
	return len;
}

const char *cc_file_type(const void *head, size_t len)
{
	static const struct
	{
		const char *magic;
		size_t len;
		const char *type;
	} kinds[] = {
			{"\x89PNG\r\n\x1A\n", 8, "image/png"},
			{"\xFF\xD8\xFF", 3, "image/jpeg"},
			{"GIF87a", 6, "image/gif"},
			{"GIF89a", 6, "image/gif"},
			{"%PDF-", 5, "application/pdf"},
			{"PK\x03\x04", 4, "application/zip"},
			{"ID3", 3, "audio/mpeg"},
			{"\xFF\xFB", 2, "audio/mpeg"},
			{"\xFF\xF3", 2, "audio/mpeg"},
	};
	const char *p = head;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (len >= kinds[i].len && !memcmp(p, kinds[i].magic, kinds[i].len))
			return kinds[i].type;
	if (len >= 12 && !memcmp(p, "RIFF", 4) && !memcmp(p + 8, "WAVE", 4))
		return "audio/wav";
	if (len >= 12 && !memcmp(p, "RIFF", 4) && !memcmp(p + 8, "WEBP", 4))
		return "image/webp";
	/* markup is text too, but browsers would run it: it is never sent under a type of its own */
	return is_text(head, len) ? "text/plain" : "application/octet-stream";
}
