/* SPDX-License-Identifier: GPL-2.0-or-later
 * What pages tell each other at once: a word to cc-eventd, which streams it to browsers. */
#include "priv.h"

#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define TIMEOUT_MS 500

struct change
{
	const char *topic, *id;
};

static int send_change(const struct cc_request *rq, const char *text)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct timeval limit = {.tv_usec = TIMEOUT_MS * 1000};
	char answer[16];
	int err = CC_E_IO;
	if (cc_settings_path(rq->settings, "sock/live.sock", addr.sun_path, sizeof addr.sun_path) < 0)
		return CC_E_RANGE;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return CC_E_IO;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	if (!connect(fd, (struct sockaddr *)&addr, sizeof addr) &&
			send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text) &&
			recv(fd, answer, sizeof answer, MSG_WAITALL) == (ssize_t)sizeof answer &&
			!memcmp(answer, "HTTP/1.1 200", 12))
		err = 0;
	close(fd);
	return err;
}

static int changed_work(struct cc_request *rq, void *ctx)
{
	const struct change *c = ctx;
	return send_change(rq, cc_sprintf(rq->arena,
								   "POST /changed?tenant=%" PRId64 "&topic=%s&id=%s HTTP/1.1\r\n"
								   "Host: localhost\r\n\r\n",
								   rq->user->tenant, c->topic, c->id));
}

void cc_changed(struct cc_request *rq, const char *topic, const char *id)
{
	struct change *c = cc_alloc(rq->arena, sizeof *c);
	*c = (struct change){topic, id};
	cc_defer(rq, changed_work, c, false);
}
