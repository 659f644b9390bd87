/* SPDX-License-Identifier: GPL-2.0-or-later
 * The main thread: follows the journal and serves sock/live.sock.
 *	GET /live	events that the caller may see as they happen (server-sent events)
 *	POST /changed	?tenant=&topic=&id=, from applications: the event "changed" to that tenant
 *	GET /health	how far the writer is */
#ifndef LIVE_H
#define LIVE_H

#include "eventd.h"
#include "writer.h"

/* Serves until SIGTERM or SIGINT, which the caller has blocked. */
int live_run(const struct eventd *eventd, struct writer *writer);

#endif
