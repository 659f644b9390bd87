/* SPDX-License-Identifier: GPL-2.0-or-later
 * Reads the configuration document (cc/conf.h) from the database. Used by the configuration process
 * alone; every wait for the server ends after a second. */
#ifndef CC_CALL_CONF_DB_H
#define CC_CALL_CONF_DB_H

#include <stddef.h>
#include <stdint.h>

#include "cc/settings.h"

struct cc_conf_db;

struct cc_conf_db *cc_conf_db_new(const struct cc_settings *settings);
/* CC_E_IO: no database. */
int cc_conf_db_generation(struct cc_conf_db *db, int64_t *generation);
/* The document as of one moment, which the caller frees. */
int cc_conf_db_read(struct cc_conf_db *db, char **text, size_t *len, int64_t *generation,
		char *error, size_t error_cap);

#endif
