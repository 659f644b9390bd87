/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "cc/err.h"
#include "cc/utf8.h"
#include "mixd.h"

#define CLIENTS 64
#define SEND_BUFFER (1024 * 1024) /* what a reader may be behind before it is cut off */
#define EVENT_MAX 512

struct cc_client
{
	struct cc_control *control;
	int fd;
	bool subscribed;
	bool broken; /* closed when its own handler is done */
};

struct cc_control
{
	struct cc_mixd *mixd;
	int fd;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct cc_client client[CLIENTS];
	char in[CC_MESSAGE + 1], out[CC_MESSAGE];
	char event[EVENT_MAX];
};

static void client_close(struct cc_client *cl)
{
	if (cl->fd < 0)
		return;
	fd_close(cl->fd);
	close(cl->fd);
	cl->fd = -1;
	cl->subscribed = false;
}

/* A client that does not read is cut off: it comes back, is told hello and asks for the list. */
static void client_send(struct cc_client *cl, const char *text, size_t len)
{
	if (!cl->broken && send(cl->fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		cl->broken = true;
}

static void on_message(int flags, void *arg)
{
	struct cc_client *cl = arg;
	struct cc_control *c = cl->control;
	struct cc_jsonw w;
	ssize_t n;
	int len;

	n = recv(cl->fd, c->in, CC_MESSAGE, MSG_DONTWAIT | MSG_TRUNC);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_close(cl);
		return;
	}
	if (n > CC_MESSAGE) {
		static const char text[] = "{\"ok\":false,\"error\":\"too_long\"}";
		client_send(cl, text, sizeof text - 1);
	} else {
		cc_jsonw_init(&w, c->out, sizeof c->out);
		cc_command_run(c->mixd, cl, c->in, (size_t)n, &w);
		len = cc_jsonw_end(&w);
		if (len > 0)
			client_send(cl, c->out, (size_t)len);
		else
			cl->broken = true;
	}
	if (cl->broken)
		client_close(cl);
}

static void on_connect(int flags, void *arg)
{
	struct cc_control *c = arg;
	struct cc_client *cl = NULL;
	int size = SEND_BUFFER;
	int fd = accept4(c->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	for (unsigned i = 0; i < CLIENTS && !cl; i++)
		if (c->client[i].fd < 0)
			cl = &c->client[i];
	if (!cl) {
		cc_mixd_warn("more than %d clients: one is turned away", CLIENTS);
		close(fd);
		return;
	}
	/* root may go beyond the system's limit; others get what there is */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	cl->fd = fd;
	cl->broken = false;
	if (fd_listen(fd, FD_READ, on_message, cl) != 0)
		client_close(cl);
}

void cc_control_subscribe(struct cc_client *cl)
{
	struct cc_control *c = cl->control;
	struct cc_jsonw w;
	int len;

	if (cl->subscribed)
		return;
	cl->subscribed = true;
	cc_jsonw_init(&w, c->event, sizeof c->event);
	cc_jsonw_object(&w, NULL);
	cc_jsonw_str(&w, "ev", "hello");
	cc_jsonw_int(&w, "start", c->mixd->start_ms);
	cc_jsonw_close_object(&w);
	len = cc_jsonw_end(&w);
	client_send(cl, c->event, (size_t)len);
}

unsigned cc_control_clients(const struct cc_control *c)
{
	unsigned n = 0;

	for (unsigned i = 0; i < CLIENTS; i++)
		n += c->client[i].fd >= 0;
	return n;
}

void cc_event_begin(struct cc_mixd *m, struct cc_jsonw *w, const char *name, const struct cc_leg *l)
{
	cc_jsonw_init(w, m->control->event, sizeof m->control->event);
	cc_jsonw_object(w, NULL);
	cc_jsonw_str(w, "ev", name);
	cc_jsonw_str(w, "leg", l->id);
	cc_jsonw_int(w, "gen", l->gen);
}

void cc_event_end(struct cc_mixd *m, struct cc_jsonw *w)
{
	struct cc_control *c = m->control;
	int len;

	cc_jsonw_close_object(w);
	len = cc_jsonw_end(w);
	for (unsigned i = 0; len > 0 && i < CLIENTS; i++) {
		struct cc_client *cl = &c->client[i];
		if (!cl->subscribed)
			continue;
		client_send(cl, c->event, (size_t)len);
		/* its handler may be further up: shutdown makes the loop close it */
		if (cl->broken) {
			cc_mixd_warn("a subscriber does not read its events: connection closed");
			cl->subscribed = false;
			shutdown(cl->fd, SHUT_RDWR);
		}
	}
}

int cc_control_new(struct cc_control **out, struct cc_mixd *m, const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct cc_control *c = calloc(1, sizeof *c);
	int err = CC_E_IO;

	if (!c)
		return CC_E_NOMEM;
	c->mixd = m;
	c->fd = -1;
	for (unsigned i = 0; i < CLIENTS; i++) {
		c->client[i].control = c;
		c->client[i].fd = -1;
	}
	if (strlen(path) >= sizeof addr.sun_path) {
		errno = ENAMETOOLONG;
		goto out;
	}
	cc_utf8_copy(addr.sun_path, sizeof addr.sun_path, path);
	c->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		goto out;
	/* a socket that answers belongs to a mixer that runs */
	if (connect(c->fd, (struct sockaddr *)&addr, sizeof addr) == 0) {
		errno = EADDRINUSE;
		goto out;
	}
	unlink(path);
	if (bind(c->fd, (struct sockaddr *)&addr, sizeof addr) != 0)
		goto out;
	cc_utf8_copy(c->path, sizeof c->path, path);
	if (chmod(path, 0660) != 0 || listen(c->fd, 16) != 0 ||
			fd_listen(c->fd, FD_READ, on_connect, c) != 0)
		goto out;
	*out = c;
	err = 0;
out:
	if (err)
		cc_control_free(c);
	return err;
}

void cc_control_free(struct cc_control *c)
{
	if (!c)
		return;
	for (unsigned i = 0; i < CLIENTS; i++)
		client_close(&c->client[i]);
	if (c->fd >= 0) {
		fd_close(c->fd);
		close(c->fd);
	}
	if (c->path[0])
		unlink(c->path);
	free(c);
}
