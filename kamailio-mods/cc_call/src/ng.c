/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bencode.h"
#include "cc/clock.h"
#include "cc/err.h"
#include "ng.h"
#include "sdp.h"

#define MESSAGE_MAX 16384
#define REPLY_MAX 65536 /* one datagram */
#define LIST_MAX 2000   /* calls: more do not fit one */
#define RETRY_MS 250

static struct cc_ng_shared *shared;
static uint16_t ng_port;
/* of this process */
static int fd = -1;
static pid_t fd_owner;
static uint32_t cookie_seq;
static bool missed;
static char error_text[128];
static char request[MESSAGE_MAX];
static char reply[REPLY_MAX];

static const char *const labels[] = {[CC_NG_LEG] = "leg", [CC_NG_MIX] = "mix"};

void cc_ng_init(struct cc_ng_shared *s, uint16_t port)
{
	shared = s;
	ng_port = port;
}

const char *cc_ng_error(void)
{
	return error_text;
}

/* A socket is never shared with the process that forked us: answers would go to either. */
static int socket_get(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
			.sin_port = htons(ng_port),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	if (fd >= 0 && fd_owner == getpid())
		return CC_OK;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return CC_E_IO;
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		close(fd);
		fd = -1;
		return CC_E_IO;
	}
	fd_owner = getpid();
	return CC_OK;
}

/* Waits for the reply with the cookie until the deadline: its length, or CC_E_TIMEOUT. */
static int reply_wait(size_t cookie_len, int64_t deadline)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	for (;;) {
		int64_t left = deadline - cc_clock_mono_ms();
		ssize_t n;

		if (left <= 0 || poll(&p, 1, (int)left) == 0)
			return CC_E_TIMEOUT;
		n = recv(fd, reply, sizeof(reply) - 1, 0);
		missed = missed || (n < 0 && errno == ECONNREFUSED);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return CC_E_TIMEOUT; /* nobody listens: the next attempt comes after the pause */
		if (n > (ssize_t)cookie_len && memcmp(reply, request, cookie_len) == 0)
			return (int)n;
	}
}

/* Sends the body in request, with the same cookie at each attempt (rtpengine answers a repetition
 * from its memory). */
static int exchange(size_t cookie_len, size_t len, const char **body, size_t *body_len)
{
	int64_t now = cc_clock_mono_ms(), deadline = now + CC_NG_TIMEOUT_MS;
	const char *result;
	size_t result_len;
	int n = CC_E_TIMEOUT;

	if (now < shared->open_until)
		return CC_E_TIMEOUT;
	if (socket_get() < 0)
		return CC_E_IO;
	while (n < 0 && now < deadline) {
		ssize_t sent = send(fd, request, len, 0);

		missed = missed || (sent < 0 && errno == ECONNREFUSED);
		if (sent == (ssize_t)len)
			n = reply_wait(cookie_len, now + RETRY_MS < deadline ? now + RETRY_MS : deadline);
		if (n < 0 && cc_clock_mono_ms() < now + RETRY_MS)
			poll(NULL, 0, (int)(now + RETRY_MS - cc_clock_mono_ms()));
		now = cc_clock_mono_ms();
	}
	if (n < 0) {
		if (__sync_add_and_fetch(&shared->timeouts, 1) >= CC_NG_BREAK_AFTER)
			shared->open_until = now + CC_NG_BREAK_MS;
		return CC_E_TIMEOUT;
	}
	shared->timeouts = 0;
	*body = reply + cookie_len;
	*body_len = (size_t)n - cookie_len;
	if (cc_benc_get(*body, *body_len, "result", &result, &result_len) < 0)
		return CC_E_INVAL;
	if (result_len == 2 && memcmp(result, "ok", 2) == 0)
		return CC_OK;
	snprintf(error_text, sizeof(error_text), "%.*s", (int)result_len, result);
	if (cc_benc_get(*body, *body_len, "error-reason", &result, &result_len) == CC_OK)
		snprintf(error_text, sizeof(error_text), "%.*s", (int)result_len, result);
	return CC_E_INVAL;
}

/* call NULL: a command about no call */
static size_t begin(struct cc_benc *b, const char *command, const char *call)
{
	size_t cookie_len =
			(size_t)snprintf(request, sizeof(request), "%d_%u ", (int)getpid(), ++cookie_seq);

	cc_benc_init(b, request + cookie_len, sizeof(request) - cookie_len);
	cc_benc_open_dict(b, NULL);
	cc_benc_str(b, "command", command);
	if (call)
		cc_benc_str(b, "call-id", call);
	return cookie_len;
}

/* A list of constant strings, NULL at the end. */
static void list(struct cc_benc *b, const char *key, const char *const *items)
{
	cc_benc_open_list(b, key);
	for (; *items; items++)
		cc_benc_str(b, NULL, *items);
	cc_benc_close(b);
}

#define LIST(b, key, ...) list(b, key, (const char *const[]){__VA_ARGS__, NULL})

/* How the side that gets the resulting description is spoken to: plain RTP for cc-mixd and plain
 * phones, what WebRTC demands for a browser. port-latching: otherwise the port towards the phone
 * changes with its next re-INVITE. strict-source: when rtpengine has learned in the first seconds
 * where the phone's sound comes from, nobody else's is let through. */
static void profile(struct cc_benc *b, bool browser)
{
	cc_benc_str(b, "transport-protocol", browser ? "UDP/TLS/RTP/SAVPF" : "RTP/AVP");
	cc_benc_str(b, "ICE", browser ? "force" : "remove");
	LIST(b, "replace", "origin");
	if (browser) {
		LIST(b, "flags", "port-latching", "trust-address", "strict-source", "generate-mid");
		LIST(b, "rtcp-mux", "offer", "require");
		LIST(b, "SDES", "off");
	} else {
		LIST(b, "flags", "port-latching", "trust-address", "strict-source");
		LIST(b, "rtcp-mux", "demux");
	}
}

/* rtpengine did not answer: it may have the call all the same, or may have it still. */
static int unsure(int rc)
{
	if (rc != CC_E_INVAL)
		shared->unsure = cc_clock_mono_ms();
	return rc;
}

/* from: the side that offers or offered */
static int negotiate(bool is_offer, const char *call, enum cc_ng_side from, enum cc_ng_kind kind,
		const char *sdp, size_t len, char *out, size_t cap)
{
	enum cc_ng_side to = from == CC_NG_LEG ? CC_NG_MIX : CC_NG_LEG;
	enum cc_ng_side receiver = is_offer ? to : from;
	struct cc_benc b;
	const char *body, *value;
	size_t body_len, value_len, cookie_len;
	int rc;

	if (len > CC_SDP_MAX)
		return CC_E_INVAL;
	cookie_len = begin(&b, is_offer ? "offer" : "answer", call);
	cc_benc_str(&b, "from-tag", labels[from]);
	cc_benc_str(&b, "to-tag", labels[to]);
	profile(&b, receiver == CC_NG_LEG && kind == CC_NG_WEBRTC);
	if (is_offer && from == CC_NG_LEG) {
		/* what cc-mixd speaks; a browser would choose Opus, and rtpengine would transcode */
		cc_benc_open_dict(&b, "codec");
		LIST(&b, "strip", "all");
		LIST(&b, "offer", "PCMA", "PCMU", "G722", "telephone-event");
		cc_benc_close(&b);
	}
	cc_benc_strn(&b, "sdp", sdp, len);
	cc_benc_close(&b);
	if (b.full)
		return CC_E_FULL;
	rc = exchange(cookie_len, cookie_len + b.len, &body, &body_len);
	if (rc < 0)
		return unsure(rc);
	if (cc_benc_get(body, body_len, "sdp", &value, &value_len) < 0)
		return CC_E_INVAL;
	if (value_len >= cap)
		return CC_E_FULL;
	memcpy(out, value, value_len);
	out[value_len] = '\0';
	return (int)value_len;
}

int cc_ng_offer(const char *call, enum cc_ng_side from, enum cc_ng_kind kind, const char *sdp,
		size_t len, char *out, size_t cap)
{
	return negotiate(true, call, from, kind, sdp, len, out, cap);
}

int cc_ng_answer(const char *call, enum cc_ng_side from, enum cc_ng_kind kind, const char *sdp,
		size_t len, char *out, size_t cap)
{
	return negotiate(false, call, from, kind, sdp, len, out, cap);
}

int cc_ng_delete(const char *call)
{
	struct cc_benc b;
	const char *body;
	size_t body_len, cookie_len = begin(&b, "delete", call);
	int rc;

	cc_benc_int(&b, "delete delay", 0);
	cc_benc_close(&b);
	rc = exchange(cookie_len, cookie_len + b.len, &body, &body_len);
	/* "warning" with an unknown call-id: it is gone, which is what was asked for */
	return rc == CC_E_INVAL || rc == CC_OK ? CC_OK : unsure(rc);
}

int cc_ng_query(const char *call)
{
	struct cc_benc b;
	const char *body;
	size_t body_len, cookie_len = begin(&b, "query", call);

	cc_benc_close(&b);
	return exchange(cookie_len, cookie_len + b.len, &body, &body_len);
}

int cc_ng_record(const char *call, bool on, const char *metadata)
{
	struct cc_benc b;
	const char *body;
	size_t body_len, cookie_len = begin(&b, on ? "start recording" : "stop recording", call);

	cc_benc_str(&b, "from-tag", labels[CC_NG_LEG]);
	if (on)
		cc_benc_str(&b, "metadata", metadata);
	cc_benc_close(&b);
	if (b.full)
		return CC_E_FULL;
	return exchange(cookie_len, cookie_len + b.len, &body, &body_len);
}

bool cc_ng_missed(void)
{
	bool before = missed;

	missed = false;
	return before;
}

bool cc_ng_unsure(void)
{
	int64_t since = shared->unsure;

	return since && cc_clock_mono_ms() - since > CC_NG_TIMEOUT_MS &&
		   __sync_bool_compare_and_swap(&shared->unsure, since, 0);
}

int cc_ng_start(int64_t *after, int64_t *to)
{
	struct cc_benc b;
	const char *body, *value;
	size_t len, cookie_len = begin(&b, "statistics", NULL);
	int64_t asked = cc_clock_utc_ms(), age;
	char seconds[24];
	int rc;

	cc_benc_close(&b);
	rc = exchange(cookie_len, cookie_len + b.len, &body, &len);
	if (rc == CC_OK)
		rc = cc_benc_find(body, len, "statistics", &body, &len);
	if (rc == CC_OK)
		rc = cc_benc_find(body, len, "totalstatistics", &body, &len);
	if (rc == CC_OK)
		rc = cc_benc_get(body, len, "uptime", &value, &len);
	if (rc < 0)
		return rc;
	/* behind it comes the next key, which begins with a digit */
	snprintf(seconds, sizeof(seconds), "%.*s", (int)len, value);
	age = strtoll(seconds, NULL, 10) * 1000;
	*after = asked - age - 1000;
	*to = cc_clock_utc_ms() - age;
	return CC_OK;
}

int cc_ng_prune(bool (*keep)(const char *call))
{
	static char listed[REPLY_MAX];
	struct cc_benc b;
	const char *body, *value;
	size_t len, value_len, cookie_len = begin(&b, "list", NULL);
	int rc;

	cc_benc_int(&b, "limit", LIST_MAX);
	cc_benc_close(&b);
	rc = exchange(cookie_len, cookie_len + b.len, &body, &len);
	if (rc == CC_OK)
		rc = cc_benc_find(body, len, "calls", &body, &len);
	if (rc < 0)
		return unsure(rc);
	memcpy(listed, body, len); /* deleting needs the buffers again */
	body = listed;
	while (rc == CC_OK && cc_benc_next(&body, listed + len, &value, &value_len) == CC_OK) {
		char call[64];

		snprintf(call, sizeof(call), "%.*s", (int)value_len, value);
		if (!keep(call))
			rc = cc_ng_delete(call);
	}
	return rc;
}
