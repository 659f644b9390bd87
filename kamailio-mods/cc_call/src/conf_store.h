/* SPDX-License-Identifier: GPL-2.0-or-later
 * The configuration in force: one set of tenant snapshots in shared memory, replaced as a whole. It
 * comes from the database, and from the local file of the last good one when there is no database
 * at the start. Calls keep the snapshot of their tenant. */
#ifndef CC_CALL_CONF_STORE_H
#define CC_CALL_CONF_STORE_H

#include "cc/conf.h"
#include "cc_call/api.h"

/* Before the fork: takes the local file if there is one that this version understands, else an
 * empty set until the database is read. Errors: the memory, or a file that cannot be read. */
int cc_conf_store_init(const char *path);
void cc_conf_store_destroy(void);

/* The set in force, to be put back soon. */
struct cc_confs *cc_conf_store_get(void);
void cc_conf_store_put(struct cc_confs *confs);
/* A tenant's snapshot for as long as one needs it; taken from a set that is held. */
void cc_conf_store_hold(const struct cc_conf *conf);
void cc_conf_store_drop(const struct cc_conf *conf);

/* Handler of cc.reload: asks the configuration process and waits for it, one second at most. */
void cc_conf_store_command(struct json_object *params, struct cc_command_reply *reply);

#endif
