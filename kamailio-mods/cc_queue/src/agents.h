/* SPDX-License-Identifier: GPL-2.0-or-later
 * The ACDs of all tenants: one block each in data/kamailio/agents.map, which survives every
 * process, and one lock each. Events go to the journal under the lock, so that it has them in the
 * order in which they happened; what calls are told follows after the lock. */
#ifndef CC_QUEUE_AGENTS_H
#define CC_QUEUE_AGENTS_H

#include <stdint.h>

#include "cc/acd.h"
#include "cc_call/api.h"

/* Maps the file before the fork. A file of another layout is set aside. */
int cc_agents_init(const char *path, const struct cc_call_api *api);
void cc_agents_destroy(void);

/* A change of a tenant's ACD, between the two functions; NULL: unknown tenant. out is where the
 * change puts its effects. */
struct cc_acd *cc_agents_begin(uint32_t tenant, struct cc_acd_out **out);
/* Journals, unlocks, and tells the calls. */
void cc_agents_end(uint32_t tenant);
/* Sequence number of the journal's last event of the tenant; between begin and end. */
uint64_t cc_agents_seq(uint32_t tenant);

/* Takes a snapshot over, unless the tenant has that one already. */
void cc_agents_configure(const struct cc_conf *conf, int64_t now_ms);
/* Every call that outlived the engine before this one has been put back. */
void cc_agents_restored(int64_t now_ms);
void cc_agents_tick(int64_t now_ms);
void cc_agents_gauges(int *waiting, int *reserved);

#endif
