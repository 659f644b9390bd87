/* SPDX-License-Identifier: GPL-2.0-or-later
 * Client of the call engine's socket: one connection a command, one line each way. */
#include "priv.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <json-c/json.h>
#include "cc/clock.h"
#include "cc/jsonw.h"
#include "cc/ulid.h"

#define TIMEOUT_MS 1000
#define REQUEST_MAX 65536
#define REPLY_MAX (4 * 1024 * 1024)

static int wait_for(int fd, short events, int64_t deadline)
{
	for (;;) {
		int64_t left = deadline - cc_clock_mono_ms();
		struct pollfd p = {fd, events, 0};
		int n = left > 0 ? poll(&p, 1, (int)left) : 0;
		if (n > 0)
			return 0;
		if (!n)
			return CC_E_TIMEOUT;
		if (errno != EINTR)
			return CC_E_IO;
	}
}

static int open_socket(const char *path, int *out)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof addr.sun_path)
		return CC_E_RANGE;
	strcpy(addr.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return CC_E_IO;
	/* a Unix socket connects at once or, with a full backlog, says EAGAIN */
	if (connect(fd, (struct sockaddr *)&addr, sizeof addr)) {
		int err = errno == EAGAIN ? CC_E_TIMEOUT : CC_E_IO;
		close(fd);
		return err;
	}
	*out = fd;
	return 0;
}

static int send_all(int fd, const char *s, size_t len, int64_t deadline)
{
	while (len) {
		ssize_t n = send(fd, s, len, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return CC_E_IO;
		if (n > 0) {
			s += n;
			len -= (size_t)n;
			continue;
		}
		int err = wait_for(fd, POLLOUT, deadline);
		if (err)
			return err;
	}
	return 0;
}

static int read_line(int fd, struct cc_buf *line, int64_t deadline)
{
	char part[16384];
	while (line->len < REPLY_MAX) {
		ssize_t n = recv(fd, part, sizeof part, 0);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return CC_E_IO;
		if (n > 0) {
			const char *end = memchr(part, '\n', (size_t)n);
			cc_buf_add(line, part, end ? (size_t)(end - part) : (size_t)n);
			if (end)
				return 0;
			continue;
		}
		int err = wait_for(fd, POLLIN, deadline);
		if (err)
			return err;
	}
	return CC_E_FULL;
}

int cc_engine_exchange(const char *path, const char *request, size_t len, struct cc_buf *line)
{
	int64_t deadline = cc_clock_mono_ms() + TIMEOUT_MS;
	int fd;
	int err = open_socket(path, &fd);
	if (err)
		return err;
	err = send_all(fd, request, len, deadline);
	if (!err)
		err = read_line(fd, line, deadline);
	close(fd);
	return err;
}

static void drop_json(void *ptr)
{
	json_object_put(ptr);
}

static int read_reply(
		struct cc_request *rq, const char *text, struct json_object **result, const char **reason)
{
	struct json_object *reply = json_tokener_parse(text), *o, *data, *r;
	if (!reply)
		return CC_E_CORRUPT;
	cc_arena_on_reset(rq->arena, drop_json, reply);
	if (json_object_object_get_ex(reply, "result", &o)) {
		*result = o;
		return 0;
	}
	if (!json_object_object_get_ex(reply, "error", &o) || !json_object_is_type(o, json_type_object))
		return CC_E_CORRUPT;
	if (reason) {
		bool known = json_object_object_get_ex(o, "data", &data) &&
					 json_object_object_get_ex(data, "reason", &r) &&
					 json_object_is_type(r, json_type_string);
		*reason = known ? json_object_get_string(r) : "failed";
	}
	return CC_E_STATE;
}

/* What cc.call.dial says when it refuses, for every page that has the button:
 * CC_NC("refusal", "not_permitted") CC_NC("refusal", "bad_number") CC_NC("refusal", "do_not_call")
 * CC_NC("refusal", "not_registered") CC_NC("refusal", "agent_busy") CC_NC("refusal", "no_trunk")
 * CC_NC("refusal", "too_many_calls") CC_NC("refusal", "no_route") CC_NC("refusal", "bad_caller_id")
 * CC_NC("refusal", "no_such_profile") */

int cc_engine_call(struct cc_request *rq, const char *method, bool changes, const char *params,
		struct json_object **result, const char **reason)
{
	struct cc_buf b = cc_buf_new(rq->arena);
	cc_buf_printf(&b,
			"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":{\"tenant\":%" PRId64,
			method, rq->user->tenant);
	if (changes) {
		struct cc_ulid id = cc_ulid_new();
		char text[CC_ULID_TEXT + 1];
		const char *agent = rq->user->agent;
		cc_buf_printf(&b, ",\"request\":\"%s\",\"actor\":", cc_ulid_format(&id, text));
		if (*agent)
			cc_buf_printf(&b, "\"agent:%s\"", agent);
		else
			cc_buf_printf(&b, "\"user:%" PRId64 "\"", rq->user->id);
	}
	cc_buf_printf(&b, "%s%s}}\n", *params ? "," : "", params);
	if (b.len > REQUEST_MAX)
		return CC_E_FULL;
	struct cc_buf line = cc_buf_new(rq->arena);
	char path[108];
	if (cc_settings_path(rq->settings, "sock/cc.sock", path, sizeof path) < 0)
		return CC_E_RANGE;
	int err = cc_engine_exchange(path, b.p, b.len, &line);
	return err ? err : read_reply(rq, cc_buf_text(&line), result, reason);
}
