/* SPDX-License-Identifier: GPL-2.0-or-later
 * What pages tell each other at once: a word to cc-eventd, which streams it to browsers. */
#include "priv.h"

#include <inttypes.h>
#include <stdio.h>
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

int cc_changed_now(const char *socket_path, int64_t tenant, const char *topic, const char *id)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct timeval limit = {.tv_usec = TIMEOUT_MS * 1000};
	char text[256], answer[16];
	int err = CC_E_IO;
	int len = snprintf(text, sizeof text,
			"POST /changed?tenant=%" PRId64 "&topic=%s&id=%s HTTP/1.1\r\nHost: localhost\r\n\r\n",
			tenant, topic, id);
	if (len < 0 || (size_t)len >= sizeof text || strlen(socket_path) >= sizeof addr.sun_path)
		return CC_E_RANGE;
	strcpy(addr.sun_path, socket_path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return CC_E_IO;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	if (!connect(fd, (struct sockaddr *)&addr, sizeof addr) &&
			send(fd, text, (size_t)len, MSG_NOSIGNAL) == len &&
			recv(fd, answer, sizeof answer, MSG_WAITALL) == (ssize_t)sizeof answer &&
			!memcmp(answer, "HTTP/1.1 200", 12))
		err = 0;
	close(fd);
	return err;
}

static int changed_work(struct cc_request *rq, void *ctx)
{
	const struct change *c = ctx;
	char socket_path[108];
	int err = cc_settings_path(rq->settings, "sock/live.sock", socket_path, sizeof socket_path);
	return err < 0 ? err : cc_changed_now(socket_path, rq->user->tenant, c->topic, c->id);
}

void cc_changed(struct cc_request *rq, const char *topic, const char *id)
{
	struct change *c = cc_alloc(rq->arena, sizeof *c);
	*c = (struct change){topic, id};
	cc_defer(rq, changed_work, c, false);
}
