/* SPDX-License-Identifier: GPL-2.0-or-later
 * One request to one peer and its answer, with a time limit over all of it. */
#ifndef PROBE_H
#define PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include "cc/arena.h"

struct probe
{
	const char *path;    /* of a Unix socket; NULL: address and port */
	const char *address; /* IPv4 or IPv6 */
	int port;
	int type; /* SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET */
	const void *request;
	size_t len;
	bool until_line; /* a stream's answer ends with its first line, else with the stream; packets
						are whole */
	size_t max;      /* of the answer */
	int timeout_ms;
};

/* reply: NUL-terminated, in the arena. CC_E_IO (errno), CC_E_TIMEOUT, CC_E_FULL, CC_E_INVAL
 * (address). */
int probe(struct cc_arena *arena, const struct probe *what, const char **reply);
/* Words for a person. */
const char *probe_error(int err);

#endif
