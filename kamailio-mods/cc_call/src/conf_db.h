/* SPDX-License-Identifier: GPL-2.0-or-later
 * Reads the configuration document (cc/conf.h) from the database, and looks callers up there. Used
 * by the two processes that wait for nobody else (conf_store.h, lookup.h). */
#ifndef CC_CALL_CONF_DB_H
#define CC_CALL_CONF_DB_H

#include <stddef.h>
#include <stdint.h>

#include "cc/settings.h"

struct cc_conf_db;

/* timeout_s: of every wait for the server. */
struct cc_conf_db *cc_conf_db_new(const struct cc_settings *settings, unsigned int timeout_s);
/* CC_E_IO: no database. */
int cc_conf_db_generation(struct cc_conf_db *db, int64_t *generation);
/* The document as of one moment, which the caller frees. */
int cc_conf_db_read(struct cc_conf_db *db, char **text, size_t *len, int64_t *generation,
		char *error, size_t error_cap);
/* How much of a number (E.164 digits) call tasks hide: the greatest of those of all customers who
 * have it. 0: nothing. CC_E_IO. */
int cc_conf_db_hide(struct cc_conf_db *db, uint32_t tenant, const char *e164, int32_t *hide);

#endif
