/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>
#include "cc/clock.h"
#include "cc/err.h"

#define PART 65536

union address
{
	struct sockaddr any;
	struct sockaddr_un path;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static int address_of(const struct probe *what, union address *a, socklen_t *len)
{
	memset(a, 0, sizeof(*a));
	if (what->path) {
		if (strlen(what->path) >= sizeof(a->path.sun_path))
			return CC_E_INVAL;
		a->path.sun_family = AF_UNIX;
		strcpy(a->path.sun_path, what->path);
		*len = sizeof(a->path);
	} else if (inet_pton(AF_INET, what->address, &a->v4.sin_addr) == 1) {
		a->v4.sin_family = AF_INET;
		a->v4.sin_port = htons((uint16_t)what->port);
		*len = sizeof(a->v4);
	} else if (inet_pton(AF_INET6, what->address, &a->v6.sin6_addr) == 1) {
		a->v6.sin6_family = AF_INET6;
		a->v6.sin6_port = htons((uint16_t)what->port);
		*len = sizeof(a->v6);
	} else {
		return CC_E_INVAL;
	}
	return 0;
}

static int wait_for(int fd, short events, int64_t deadline)
{
	struct pollfd p = {.fd = fd, .events = events};

	for (;;) {
		int64_t left = deadline - cc_clock_mono_ms();
		int got = left > 0 ? poll(&p, 1, (int)left) : 0;

		if (got > 0)
			return 0;
		if (got == 0)
			return CC_E_TIMEOUT;
		if (errno != EINTR)
			return CC_E_IO;
	}
}

static int open_peer(const struct probe *what, int64_t deadline, int *out)
{
	union address a;
	socklen_t len, size = sizeof(int);
	int fd, pending = 0, err = address_of(what, &a, &len);

	if (err)
		return err;
	fd = socket(a.any.sa_family, what->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return CC_E_IO;
	if (connect(fd, &a.any, len) != 0) {
		err = errno == EINPROGRESS ? wait_for(fd, POLLOUT, deadline) : CC_E_IO;
		if (!err && (getsockopt(fd, SOL_SOCKET, SO_ERROR, &pending, &size) != 0 || pending != 0)) {
			errno = pending;
			err = CC_E_IO;
		}
	}
	if (err) {
		pending = errno;
		close(fd);
		errno = pending;
		return err;
	}
	*out = fd;
	return 0;
}

static int send_all(int fd, const struct probe *what, int64_t deadline)
{
	const char *p = what->request;
	size_t left = what->len;

	while (left > 0) {
		ssize_t sent = send(fd, p, left, MSG_NOSIGNAL);
		int err = 0;

		if (sent < 0 && (errno == EAGAIN || errno == EINTR))
			err = wait_for(fd, POLLOUT, deadline);
		else if (sent < 0)
			err = CC_E_IO;
		else
			p += sent, left -= (size_t)sent;
		if (err)
			return err;
	}
	return 0;
}

static int receive(int fd, const struct probe *what, struct cc_buf *reply, int64_t deadline)
{
	static char part[PART];

	for (;;) {
		int err = wait_for(fd, POLLIN, deadline);
		ssize_t got = err ? -1 : recv(fd, part, sizeof(part), 0);
		const char *end;

		if (err)
			return err;
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (got < 0)
			return CC_E_IO;
		if (got == 0 && (what->until_line || what->type != SOCK_STREAM)) {
			errno = ECONNRESET;
			return CC_E_IO;
		}
		if (reply->len + (size_t)got > what->max)
			return CC_E_FULL;
		end = what->until_line ? memchr(part, '\n', (size_t)got) : NULL;
		cc_buf_add(reply, part, end ? (size_t)(end - part) : (size_t)got);
		if (end || got == 0 || what->type != SOCK_STREAM)
			return 0;
	}
}

int probe(struct cc_arena *arena, const struct probe *what, const char **reply)
{
	int64_t deadline = cc_clock_mono_ms() + what->timeout_ms;
	struct cc_buf answer = cc_buf_new(arena);
	int fd = -1, err = open_peer(what, deadline, &fd), saved;

	if (!err)
		err = send_all(fd, what, deadline);
	if (!err)
		err = receive(fd, what, &answer, deadline);
	saved = errno;
	if (fd >= 0)
		close(fd);
	errno = saved;
	if (!err)
		*reply = cc_buf_text(&answer);
	return err;
}

const char *probe_error(int err)
{
	switch (err) {
	case CC_E_TIMEOUT:
		return "no answer in time";
	case CC_E_FULL:
		return "the answer is too long";
	case CC_E_INVAL:
		return "not an address";
	default:
		return strerror(errno);
	}
}
