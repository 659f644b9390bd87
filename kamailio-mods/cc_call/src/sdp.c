/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cc/err.h"
#include "sdp.h"

static const char *const direction_names[] = {
		[CC_SDP_SENDRECV] = "sendrecv",
		[CC_SDP_SENDONLY] = "sendonly",
		[CC_SDP_RECVONLY] = "recvonly",
		[CC_SDP_INACTIVE] = "inactive",
};

/* What cc-mixd speaks, in the order in which it is offered when nothing is preferred. G.722 comes
 * last: it costs more and gains nothing with a far end of G.711. */
static const struct codec
{
	int pt;
	const char *name; /* G.722 is 8000 there by an old mistake (RFC 3551, 4.5.2) */
} codecs[] = {{8, "PCMA/8000"}, {0, "PCMU/8000"}, {9, "G722/8000"}};

#define CODECS (sizeof(codecs) / sizeof(codecs[0]))

struct line
{
	const char *s;
	size_t len;
};

/* The next line without its end; false at the end of the text. */
static bool line_next(struct line *line, const char **at, const char *end)
{
	const char *eol;

	if (*at >= end)
		return false;
	eol = memchr(*at, '\n', (size_t)(end - *at));
	line->s = *at;
	line->len = (size_t)((eol ? eol : end) - *at);
	*at = eol ? eol + 1 : end;
	if (line->len && line->s[line->len - 1] == '\r')
		line->len--;
	return true;
}

static bool line_starts(const struct line *line, const char *prefix)
{
	size_t n = strlen(prefix);

	return line->len >= n && memcmp(line->s, prefix, n) == 0;
}

/* The next word of a line, NUL-terminated in word; false when there is none or it is too long. */
static bool word_next(const char **at, const char *end, char *word, size_t cap)
{
	size_t n = 0;

	while (*at < end && **at == ' ')
		(*at)++;
	while (*at < end && **at != ' ') {
		if (n + 1 >= cap)
			return false;
		word[n++] = *(*at)++;
	}
	word[n] = '\0';
	return n > 0;
}

static int number(const char *word, int max)
{
	char *end;
	long n = strtol(word, &end, 10);

	return *word && *end == '\0' && n >= 0 && n <= max ? (int)n : -1;
}

/* "c=IN IP4 192.0.2.1" */
static int connection_parse(char addr[46], const struct line *line)
{
	const char *at = line->s + 2, *end = line->s + line->len;
	char net[4], type[4], text[46];
	unsigned char binary[16];

	if (!word_next(&at, end, net, sizeof(net)) || !word_next(&at, end, type, sizeof(type)) ||
			!word_next(&at, end, text, sizeof(text)) || strcmp(net, "IN") != 0)
		return CC_E_INVAL;
	if (inet_pton(strcmp(type, "IP6") == 0 ? AF_INET6 : AF_INET, text, binary) != 1)
		return CC_E_INVAL;
	memcpy(addr, text, sizeof(text));
	return CC_OK;
}

static const struct codec *codec_of(int pt)
{
	for (size_t i = 0; i < CODECS; i++)
		if (codecs[i].pt == pt)
			return &codecs[i];
	return NULL;
}

/* "m=audio 4000 RTP/AVP 0 8 101" */
static int media_parse(struct cc_sdp_audio *audio, const struct line *line)
{
	const char *at = line->s + strlen("m=audio"), *end = line->s + line->len;
	char port[8], profile[32], pt[8];
	int n;

	if (!word_next(&at, end, port, sizeof(port)) || !word_next(&at, end, profile, sizeof(profile)))
		return CC_E_INVAL;
	n = number(port, 65535);
	if (n < 0)
		return CC_E_INVAL;
	audio->port = (uint16_t)n;
	audio->secure = strstr(profile, "SAVP") != NULL;
	while (word_next(&at, end, pt, sizeof(pt))) {
		n = number(pt, 127);
		if (n < 0)
			return CC_E_INVAL;
		if (audio->pt < 0 && codec_of(n))
			audio->pt = (int8_t)n;
	}
	return CC_OK;
}

static bool direction_parse(enum cc_sdp_direction *direction, const struct line *line)
{
	for (size_t i = 0; i < sizeof(direction_names) / sizeof(direction_names[0]); i++) {
		const char *name = direction_names[i];

		if (line->len == 2 + strlen(name) && memcmp(line->s + 2, name, strlen(name)) == 0) {
			*direction = (enum cc_sdp_direction)i;
			return true;
		}
	}
	return false;
}

/* "a=rtpmap:101 telephone-event/8000" */
static void rtpmap_parse(struct cc_sdp_audio *audio, const struct line *line)
{
	const char *at = line->s + strlen("a=rtpmap:"), *end = line->s + line->len;
	char pt[8], name[32];
	int n;

	if (!word_next(&at, end, pt, sizeof(pt)) || !word_next(&at, end, name, sizeof(name)))
		return;
	n = number(pt, 127);
	if (n > 0 && strcasecmp(name, "telephone-event/8000") == 0)
		audio->dtmf_pt = (uint8_t)n;
}

int cc_sdp_parse(struct cc_sdp_audio *audio, const char *sdp, size_t len)
{
	struct cc_sdp_audio a = {.pt = -1, .direction = CC_SDP_SENDRECV};
	const char *at = sdp, *end = sdp + len;
	enum
	{
		SESSION,
		AUDIO,
		OTHER
	} part = SESSION;
	bool found = false;
	struct line line;

	if (len == 0 || len > CC_SDP_MAX || memchr(sdp, '\0', len))
		return CC_E_INVAL;
	while (line_next(&line, &at, end)) {
		if (line.len == 0)
			continue;
		if (line.len < 2 || line.s[1] != '=')
			return CC_E_INVAL;
		if (line_starts(&line, "m=")) {
			part = !found && line_starts(&line, "m=audio ") ? AUDIO : OTHER;
			if (part == AUDIO) {
				found = true;
				if (media_parse(&a, &line) < 0)
					return CC_E_INVAL;
			}
		} else if (part == OTHER) {
			continue;
		} else if (line_starts(&line, "c=")) {
			if (connection_parse(a.addr, &line) < 0)
				return CC_E_INVAL;
		} else if (line_starts(&line, "a=rtpmap:") && part == AUDIO) {
			rtpmap_parse(&a, &line);
		} else if (line_starts(&line, "a=")) {
			direction_parse(&a.direction, &line);
		}
	}
	if (!found)
		return CC_E_NOENT;
	if (a.addr[0] == '\0' && a.port != 0)
		return CC_E_INVAL;
	*audio = a;
	return CC_OK;
}

/* Appends to buf from *n on; *n goes beyond cap when it does not fit. */
__attribute__((format(printf, 4, 5))) static void append(
		char *buf, size_t cap, size_t *n, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(buf + (*n < cap ? *n : cap), *n < cap ? cap - *n : 0, format, args);
	va_end(args);
	*n += len > 0 ? (size_t)len : 0;
}

int cc_sdp_mixer(char *buf, size_t cap, uint64_t session, uint32_t version, uint16_t port, int pt,
		bool offer, int dtmf_pt, enum cc_sdp_direction direction)
{
	const struct codec *own[CODECS];
	size_t n = 0, count = 0;

	if (codec_of(pt))
		own[count++] = codec_of(pt);
	for (size_t i = 0; i < CODECS && offer; i++)
		if (codecs[i].pt != pt)
			own[count++] = &codecs[i];

	append(buf, cap, &n,
			"v=0\r\no=- %llu %u IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
			"m=audio %u RTP/AVP",
			(unsigned long long)session, version, port);
	for (size_t i = 0; i < count; i++)
		append(buf, cap, &n, " %d", own[i]->pt);
	if (dtmf_pt > 0)
		append(buf, cap, &n, " %d", dtmf_pt);
	append(buf, cap, &n, "\r\n");
	for (size_t i = 0; i < count; i++)
		append(buf, cap, &n, "a=rtpmap:%d %s\r\n", own[i]->pt, own[i]->name);
	if (dtmf_pt > 0)
		append(buf, cap, &n, "a=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-15\r\n", dtmf_pt,
				dtmf_pt);
	append(buf, cap, &n, "a=ptime:20\r\na=%s\r\n", direction_names[direction]);
	return n >= cap ? CC_E_FULL : (int)n;
}

void cc_sdp_prefer(char *sdp, size_t len, int pt)
{
	const char *at = sdp, *end = sdp + len;
	struct line line = {NULL, 0};
	char word[16];

	while (line_next(&line, &at, end) && !line_starts(&line, "m=audio "))
		;
	if (pt < 0 || !line.s || !line_starts(&line, "m=audio "))
		return;
	/* "m=audio 20000 RTP/AVP 8 0 101": payload types begin with the fourth word */
	at = line.s;
	end = line.s + line.len;
	for (int i = 0; i < 3; i++)
		if (!word_next(&at, end, word, sizeof(word)))
			return;
	sdp += at - sdp;
	while (word_next(&at, end, word, sizeof(word))) {
		size_t n = strlen(word);

		if (number(word, 127) != pt)
			continue;
		/* what stood before it moves behind it, with its blanks */
		memmove(sdp + 1 + n, sdp, (size_t)(at - sdp) - n - 1);
		sdp[0] = ' ';
		memcpy(sdp + 1, word, n);
		return;
	}
}

enum cc_sdp_direction cc_sdp_answer(enum cc_sdp_direction direction)
{
	static const enum cc_sdp_direction answer[] = {
			[CC_SDP_SENDRECV] = CC_SDP_SENDRECV,
			[CC_SDP_SENDONLY] = CC_SDP_RECVONLY,
			[CC_SDP_RECVONLY] = CC_SDP_SENDONLY,
			[CC_SDP_INACTIVE] = CC_SDP_INACTIVE,
	};

	return answer[direction];
}
