/* SPDX-License-Identifier: GPL-2.0-or-later
 * cc-eventd: reads the journal into the database and streams it to browsers.
 *
 * Four threads that share nothing but what is here: the main one follows the journal and serves
 * HTTP (live.c) and never waits for anything; the writer (writer.c) has its own place in the
 * journal and the database; the checker (access.c) asks the database who a session or a key belongs
 * to; browser.c tells the call engine whose pages are open. */
#ifndef EVENTD_H
#define EVENTD_H

#include <stdbool.h>
#include <stdint.h>
#include "cc/db.h"

struct eventd
{
	uint32_t node;
	int64_t keep_ms; /* segments that are in the database stay so long; 0: for ever */
	char journal[4000], secret[4096];
	char socket[108], database_socket[108], engine_socket[108]; /* as in struct sockaddr_un */
	struct cc_db_options database;
};

/* One line on standard error, which the supervisor collects. */
__attribute__((format(printf, 1, 2))) void eventd_log(const char *format, ...);

#endif
