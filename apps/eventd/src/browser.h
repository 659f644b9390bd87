/* SPDX-License-Identifier: GPL-2.0-or-later
 * Agents who work in the browser (ORG-03): the call engine is told when a page of theirs is open,
 * and when none has been for as long as their account says. A page is open as long as it has its
 * stream of events. A thread of its own asks the database and the engine, which may take long. */
#ifndef BROWSER_H
#define BROWSER_H

#include <stdbool.h>
#include "eventd.h"

struct browser;

/* Starts the thread. What it finds at its start counts as gone since then. */
int browser_new(struct browser **browser, const struct eventd *eventd);
void browser_free(struct browser *browser);
/* Begins the list of agents whose pages are open; _open adds one, _listed ends it. Called by one
 * thread, about once a second. */
void browser_list(struct browser *browser);
void browser_open(struct browser *browser, uint32_t tenant, const char *agent);
void browser_listed(struct browser *browser);
/* Another configuration, or another engine, which knows nothing. */
void browser_recheck(struct browser *browser);

#endif
