/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/cfg/cfg_struct.h"
#include "core/dprint.h"

#include "cc/clock.h"
#include "cc/err.h"
#include "cc/ulid.h"
#include "command.h"
#include "engine.h"
#include "procs.h"

#define CLIENTS_MAX 128
#define OUT_MAX (4 * 1024 * 1024) /* a client that does not read its replies is cut off */
#define ANSWERS_MAX 8192          /* remembered answers of changing commands … */
#define ANSWER_MS 600000          /* … for ten minutes */
#define JSON_DEPTH 16

static struct method
{
	const char *name;
	bool changes;
	cc_command_handler handler;
} methods[] = {
#define CC_COMMAND(method, changes, params, result, text) {method, changes, NULL},
#include "commands.def"
#undef CC_COMMAND
};
#define METHODS (sizeof(methods) / sizeof(methods[0]))

struct client
{
	int fd;
	char *in, *out;
	size_t in_len, out_len;
};

/* The answer to a changing request, given again when the request comes again. */
struct answer
{
	struct cc_ulid request;
	int64_t at_ms; /* monotonic */
	char *text;    /* result or error object */
	bool failed;
};

static struct client clients[CLIENTS_MAX];
static struct answer answers[ANSWERS_MAX];
static int answer_next;

static struct method *method_find(const char *name)
{
	for (size_t i = 0; i < METHODS; i++)
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];
	return NULL;
}

void cc_command_provide(const char *name, cc_command_handler handler)
{
	struct method *m = method_find(name);

	if (m)
		m->handler = handler;
	else
		LM_BUG("command %s is not in contract/commands.def\n", name);
}

const char *cc_command_text(struct json_object *params, const char *key)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(params, key, &v) && json_object_is_type(v, json_type_string)
				   ? json_object_get_string(v)
				   : NULL;
}

uint32_t cc_command_id(struct json_object *params, const char *key)
{
	struct json_object *v = NULL;
	int64_t n = json_object_object_get_ex(params, key, &v) ? json_object_get_int64(v) : 0;

	return n > 0 && n <= UINT32_MAX ? (uint32_t)n : 0;
}

void cc_command_fail(struct cc_command_reply *reply, int err, const char *reason)
{
	reply->code = -err;
	reply->reason = reason ? reason : cc_err_name(err);
}

/* ---- remembered answers ---- */

static struct answer *answer_find(const struct cc_ulid *request, int64_t now)
{
	for (int i = 0; i < ANSWERS_MAX; i++)
		if (answers[i].text && now - answers[i].at_ms < ANSWER_MS &&
				cc_ulid_equal(&answers[i].request, request))
			return &answers[i];
	return NULL;
}

static void answer_keep(const struct cc_ulid *request, int64_t now, const char *text, bool failed)
{
	struct answer *a = &answers[answer_next];

	answer_next = (answer_next + 1) % ANSWERS_MAX;
	free(a->text);
	*a = (struct answer){*request, now, strdup(text), failed};
}

/* ---- one request ---- */

static struct json_object *field(struct json_object *o, const char *key, enum json_type type)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(o, key, &v) && json_object_is_type(v, type) ? v : NULL;
}

static struct json_object *error_object(int code, const char *reason)
{
	struct json_object *e = json_object_new_object(), *data = json_object_new_object();

	json_object_object_add(e, "code", json_object_new_int(code));
	json_object_object_add(e, "message", json_object_new_string(reason));
	json_object_object_add(data, "reason", json_object_new_string(reason));
	json_object_object_add(e, "data", data);
	return e;
}

/* What every command must carry. NULL, or the reason why it is refused. */
static const char *params_check(
		const struct method *m, struct json_object *params, struct cc_ulid *request)
{
	struct json_object *tenant = field(params, "tenant", json_type_int);
	struct json_object *actor = field(params, "actor", json_type_string);
	struct json_object *id = field(params, "request", json_type_string);

	if (tenant && (json_object_get_int64(tenant) < 1 || json_object_get_int64(tenant) > UINT32_MAX))
		return "bad_tenant";
	if (!m->changes)
		return NULL;
	if (!tenant)
		return "no_tenant";
	if (!actor || json_object_get_string_len(actor) == 0 ||
			json_object_get_string_len(actor) >= CC_CALL_TEXT)
		return "no_actor";
	if (!id ||
			cc_ulid_parse(request, json_object_get_string(id), json_object_get_string_len(id)) < 0)
		return "no_request";
	return NULL;
}

/* Carries a request out: its result or error object, which the caller owns. */
static struct json_object *execute(struct json_object *message, bool *failed)
{
	struct json_object *name = field(message, "method", json_type_string);
	struct json_object *params = NULL, *own_params = NULL, *body;
	struct cc_command_reply reply = {0};
	struct cc_ulid request = {0};
	int64_t now = cc_clock_mono_ms();
	const char *reason;
	struct answer *known;
	struct method *m;

	*failed = true;
	if (!name)
		return error_object(CC_RPC_REQUEST, "no_method");
	m = method_find(json_object_get_string(name));
	if (!m || !m->handler)
		return error_object(CC_RPC_METHOD, "unknown_method");
	if (json_object_object_get_ex(message, "params", &params) &&
			!json_object_is_type(params, json_type_object))
		return error_object(CC_RPC_PARAMS, "params_not_an_object");
	if (!params)
		params = own_params = json_object_new_object();
	reason = params_check(m, params, &request);
	if (reason) {
		body = error_object(CC_RPC_PARAMS, reason);
		goto out;
	}
	known = m->changes ? answer_find(&request, now) : NULL;
	if (known) {
		*failed = known->failed;
		body = json_tokener_parse(known->text);
		goto out;
	}
	cc_engine_enter();
	m->handler(params, &reply);
	cc_engine_leave();
	*failed = reply.result == NULL;
	body = reply.result ? reply.result
						: error_object(reply.code ? reply.code : CC_RPC_PARAMS,
								  reply.reason ? reply.reason : "failed");
	if (m->changes)
		answer_keep(&request, now, json_object_to_json_string(body), *failed);
out:
	json_object_put(own_params);
	return body;
}

/* The reply line to a request line, NULL for a notification; the caller frees it. */
static char *answer_line(const char *line, size_t len)
{
	struct json_tokener *tok = json_tokener_new_ex(JSON_DEPTH);
	struct json_object *message = NULL, *id = NULL, *reply, *body;
	bool failed = true, is_request;
	char *text = NULL;

	if (!tok)
		return NULL;
	message = json_tokener_parse_ex(tok, line, (int)len);
	if (message && json_tokener_get_error(tok) == json_tokener_success &&
			json_object_is_type(message, json_type_object)) {
		is_request = json_object_object_get_ex(message, "id", &id);
		body = execute(message, &failed);
	} else {
		is_request = true;
		body = error_object(CC_RPC_PARSE, "not_json");
	}
	if (is_request) {
		reply = json_object_new_object();
		json_object_object_add(reply, "jsonrpc", json_object_new_string("2.0"));
		json_object_object_add(reply, "id", json_object_get(id));
		json_object_object_add(reply, failed ? "error" : "result", json_object_get(body));
		if (asprintf(&text, "%s\n", json_object_to_json_string_ext(reply, JSON_C_TO_STRING_PLAIN)) <
				0)
			text = NULL;
		json_object_put(reply);
	}
	json_object_put(body);
	json_object_put(message);
	json_tokener_free(tok);
	return text;
}

/* ---- connections ---- */

static void client_close(struct client *c)
{
	close(c->fd);
	free(c->in);
	free(c->out);
	*c = (struct client){.fd = -1};
}

static void client_flush(struct client *c)
{
	ssize_t n = send(c->fd, c->out, c->out_len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		client_close(c);
		return;
	}
	if (n > 0) {
		c->out_len -= (size_t)n;
		memmove(c->out, c->out + n, c->out_len);
	}
}

static void client_send(struct client *c, const char *text)
{
	size_t len = strlen(text);
	char *out = c->out_len + len > OUT_MAX ? NULL : realloc(c->out, c->out_len + len);

	if (!out) {
		client_close(c);
		return;
	}
	c->out = out;
	memcpy(out + c->out_len, text, len);
	c->out_len += len;
	client_flush(c);
}

static void client_read(struct client *c)
{
	ssize_t n = recv(c->fd, c->in + c->in_len, CC_COMMAND_LINE_MAX - c->in_len, MSG_DONTWAIT);
	char *eol;

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		client_close(c);
		return;
	}
	if (n > 0)
		c->in_len += (size_t)n;
	while (c->fd >= 0 && (eol = memchr(c->in, '\n', c->in_len))) {
		size_t len = (size_t)(eol - c->in);
		char *text = len ? answer_line(c->in, len) : NULL;

		c->in_len -= len + 1;
		memmove(c->in, eol + 1, c->in_len);
		if (text)
			client_send(c, text);
		free(text);
	}
	if (c->fd >= 0 && c->in_len == CC_COMMAND_LINE_MAX)
		client_close(c); /* a line that is too long */
}

static void client_accept(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	for (int i = 0; i < CLIENTS_MAX; i++)
		if (clients[i].fd < 0) {
			clients[i].in = malloc(CC_COMMAND_LINE_MAX);
			if (!clients[i].in)
				break;
			clients[i].fd = fd;
			return;
		}
	close(fd);
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return CC_E_RANGE;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return CC_E_IO;
	unlink(path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || chmod(path, 0660) < 0 ||
			listen(fd, 64) < 0) {
		close(fd);
		return CC_E_IO;
	}
	return fd;
}

void cc_command_loop(const struct cc_settings *settings)
{
	struct pollfd polls[CLIENTS_MAX + 1];
	char path[256];
	int listener = CC_E_RANGE;

	if (cc_settings_path(settings, "sock/cc.sock", path, sizeof(path)) >= 0)
		listener = listen_at(path);
	if (listener < 0) {
		LM_CRIT("the command socket cannot be opened: %s\n", cc_err_name(listener));
		_exit(1);
	}
	for (int i = 0; i < CLIENTS_MAX; i++)
		clients[i].fd = -1;
	for (;;) {
		polls[CLIENTS_MAX] = (struct pollfd){.fd = listener, .events = POLLIN};
		for (int i = 0; i < CLIENTS_MAX; i++)
			polls[i] = (struct pollfd){.fd = clients[i].fd,
					.events = (short)(POLLIN | (clients[i].out_len ? POLLOUT : 0))};
		if (poll(polls, CLIENTS_MAX + 1, 1000) < 0 && errno != EINTR)
			LM_ERR("poll: %s\n", strerror(errno));
		cfg_update();
		for (int i = 0; i < CLIENTS_MAX; i++) {
			if (polls[i].revents & POLLOUT)
				client_flush(&clients[i]);
			if (clients[i].fd >= 0 && polls[i].revents & (POLLIN | POLLHUP | POLLERR))
				client_read(&clients[i]);
		}
		if (polls[CLIENTS_MAX].revents & POLLIN)
			client_accept(listener);
	}
}
