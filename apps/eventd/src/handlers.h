/* SPDX-License-Identifier: GPL-2.0-or-later
 * Event handlers of plugins. Each plugin has a process of its own (handlers.c), started and watched
 * by a thread of cc-eventd (watch.c); it has its own place in the journal, which is committed
 * together with what the handlers wrote. A crash costs the event that it happened at. */
#ifndef HANDLERS_H
#define HANDLERS_H

#include "cc/plugins.h"
#include "eventd.h"

/* Shared by the process and its watcher: what it is at. */
struct handlers_note
{
	struct cc_work work;
	uint64_t seq; /* of the event at work, 0: none */
	int64_t offset;
	char segment[40]; /* position behind it */
	char event[32];
};

/* The process: handles events until SIGTERM (0), until the plugin is disabled or has another
 * version (0), or until it cannot go on (negative). note: a file descriptor to map. */
int handlers_run(const struct eventd *eventd, const struct cc_settings *settings, const char *name,
		int note);

struct watch;

/* settings_path: file that the processes are started with; it must live as long. */
int watch_new(struct watch **watch, const struct eventd *eventd, const char *settings_path);
/* Ends the processes, each after its event. */
void watch_free(struct watch *watch);

#endif
