/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <strings.h>

#include "cc/err.h"
#include "header.h"

static bool space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct cc_text trim(struct cc_text t)
{
	while (t.len && space(t.s[0])) {
		t.s++;
		t.len--;
	}
	while (t.len && space(t.s[t.len - 1]))
		t.len--;
	return t;
}

/* Cuts what stands before the separator off rest; without one that is all of it. */
static struct cc_text cut(struct cc_text *rest, char separator)
{
	const char *at = rest->len ? memchr(rest->s, separator, rest->len) : NULL;
	struct cc_text first = {rest->s, at ? (size_t)(at - rest->s) : rest->len};
	size_t used = first.len + (at ? 1 : 0);

	rest->s += used;
	rest->len -= used;
	return trim(first);
}

static bool same(struct cc_text t, const char *word)
{
	return t.len == strlen(word) && strncasecmp(t.s, word, t.len) == 0;
}

bool cc_list_next(struct cc_text *rest, struct cc_text *element)
{
	while (rest->len) {
		struct cc_text one = cut(rest, ',');

		*element = cut(&one, ';');
		if (element->len)
			return true;
	}
	return false;
}

bool cc_list_has(struct cc_text list, const char *element)
{
	struct cc_text one;

	while (cc_list_next(&list, &one))
		if (same(one, element))
			return true;
	return false;
}

int cc_header_number(uint32_t *number, struct cc_text value)
{
	uint64_t n = 0;

	value = trim(value);
	if (value.len == 0 || value.len > 10)
		return CC_E_INVAL;
	for (size_t i = 0; i < value.len; i++) {
		if (value.s[i] < '0' || value.s[i] > '9')
			return CC_E_INVAL;
		n = n * 10 + (uint64_t)(value.s[i] - '0');
	}
	if (n > UINT32_MAX)
		return CC_E_INVAL;
	*number = (uint32_t)n;
	return CC_OK;
}

int cc_session_parse(int32_t *seconds, enum cc_refresher *refresher, struct cc_text value)
{
	uint32_t n;

	if (cc_header_number(&n, cut(&value, ';')) < 0 || n > INT32_MAX)
		return CC_E_INVAL;
	*seconds = (int32_t)n;
	*refresher = CC_REFRESHER_NONE;
	while (value.len) {
		struct cc_text who = cut(&value, ';'), name = cut(&who, '=');

		if (!same(name, "refresher"))
			continue;
		if (same(trim(who), "uac"))
			*refresher = CC_REFRESHER_UAC;
		else if (same(trim(who), "uas"))
			*refresher = CC_REFRESHER_UAS;
	}
	return CC_OK;
}

int cc_rack_parse(uint32_t *rseq, uint32_t *cseq, struct cc_text *method, struct cc_text value)
{
	struct cc_text rest = trim(value), first = cut(&rest, ' '), second;

	rest = trim(rest);
	second = cut(&rest, ' ');
	*method = trim(rest);
	return cc_header_number(rseq, first) < 0 || cc_header_number(cseq, second) < 0 ||
						   method->len == 0
				   ? CC_E_INVAL
				   : CC_OK;
}

static int hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
		   : c >= 'a' && c <= 'f' ? c - 'a' + 10
		   : c >= 'A' && c <= 'F' ? c - 'A' + 10
								  : -1;
}

/* "%40" as "@"; the length, or CC_E_INVAL. */
static int unescape(char *to, size_t cap, struct cc_text from)
{
	size_t n = 0;

	for (size_t i = 0; i < from.len; i++) {
		char c = from.s[i];

		if (c == '%') {
			if (i + 2 >= from.len || hex(from.s[i + 1]) < 0 || hex(from.s[i + 2]) < 0)
				return CC_E_INVAL;
			c = (char)(hex(from.s[i + 1]) << 4 | hex(from.s[i + 2]));
			i += 2;
		}
		if (c == '\0' || n + 1 >= cap)
			return CC_E_INVAL;
		to[n++] = c;
	}
	to[n] = '\0';
	return (int)n;
}

static bool keep(char *to, size_t cap, struct cc_text from)
{
	if (from.len == 0 || from.len >= cap)
		return false;
	memcpy(to, from.s, from.len);
	to[from.len] = '\0';
	return true;
}

int cc_replaces_parse(struct cc_replaces *r, struct cc_text headers)
{
	char plain[2 * sizeof(*r)];

	memset(r, 0, sizeof(*r));
	while (headers.len) {
		struct cc_text value = cut(&headers, '&'), name = cut(&value, '='), rest;
		int len;

		if (!same(name, "Replaces"))
			continue;
		len = unescape(plain, sizeof(plain), value);
		if (len < 0)
			return len;
		rest = (struct cc_text){plain, (size_t)len};
		if (!keep(r->call_id, sizeof(r->call_id), cut(&rest, ';')))
			return CC_E_INVAL;
		while (rest.len) {
			struct cc_text tag = cut(&rest, ';'), key = cut(&tag, '=');

			if (same(key, "to-tag") && !keep(r->to_tag, sizeof(r->to_tag), tag))
				return CC_E_INVAL;
			if (same(key, "from-tag") && !keep(r->from_tag, sizeof(r->from_tag), tag))
				return CC_E_INVAL;
		}
		return r->to_tag[0] && r->from_tag[0] ? CC_OK : CC_E_INVAL;
	}
	return CC_E_NOENT;
}

/* Appends to buf from *n on; false: it does not fit. */
static bool put(char *buf, size_t cap, size_t *n, const char *s, size_t len)
{
	if (*n + len > cap)
		return false;
	memcpy(buf + *n, s, len);
	*n += len;
	return true;
}

int cc_cancel_of(char *buf, size_t cap, struct cc_text invite)
{
	static const char *const same_as[] = {"Via", "From", "To", "Call-ID", "CSeq", "Route"};
	static const char start[] = "CANCEL", method[] = "INVITE",
					  end[] = "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
	struct cc_text line = cut(&invite, '\n');
	size_t n = 0, found = 0;
	bool fits;

	if (line.len <= sizeof(method) || memcmp(line.s, "INVITE ", sizeof(method)) != 0)
		return CC_E_INVAL;
	fits = put(buf, cap, &n, start, sizeof(start) - 1) &&
		   put(buf, cap, &n, line.s + sizeof(method) - 1, line.len - sizeof(method) + 1) &&
		   put(buf, cap, &n, "\r\n", 2);
	while (fits && invite.len) {
		struct cc_text value, name;

		line = cut(&invite, '\n');
		if (line.len == 0)
			break; /* the body */
		value = line;
		name = cut(&value, ':');
		for (size_t i = 0; i < sizeof(same_as) / sizeof(same_as[0]) && fits; i++) {
			bool cseq = i == 4;

			if (!same(name, same_as[i]))
				continue;
			if (cseq && (line.len < sizeof(method) || memcmp(line.s + line.len - sizeof(method) + 1,
															  method, sizeof(method) - 1) != 0))
				return CC_E_INVAL;
			found |= (size_t)1 << i;
			fits = put(buf, cap, &n, line.s, line.len - (cseq ? sizeof(method) - 1 : 0)) &&
				   (!cseq || put(buf, cap, &n, start, sizeof(start) - 1)) &&
				   put(buf, cap, &n, "\r\n", 2);
		}
	}
	if (!fits || !put(buf, cap, &n, end, sizeof(end) - 1))
		return CC_E_FULL;
	return (found & 31) == 31 ? (int)n : CC_E_INVAL;
}

char cc_dtmf_key(struct cc_text body)
{
	static const char keys[] = "0123456789*#ABCD";
	struct cc_text line, name;

	body = trim(body);
	while (body.len) {
		line = cut(&body, '\n');
		name = cut(&line, '=');
		line = trim(line);
		if (same(name, "Signal"))
			name = line; /* else perhaps the bare digit */
		else if (line.len)
			continue;
		if (name.len == 1 && memchr(keys, name.s[0], sizeof(keys) - 1))
			return name.s[0];
		if (same(name, "10"))
			return '*'; /* event numbers of RFC 4733, as some phones write them */
		if (same(name, "11"))
			return '#';
	}
	return '\0';
}
