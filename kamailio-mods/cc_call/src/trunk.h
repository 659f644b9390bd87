/* SPDX-License-Identifier: GPL-2.0-or-later
 * Which trunk a call goes out over, and where that is. */
#ifndef CC_CALL_TRUNK_H
#define CC_CALL_TRUNK_H

#include "cc/conf.h"
#include "cc_call/api.h"

struct cc_leg;

/* The first trunk of the route after *tried ones that the tenant may use and that has a free
 * channel; *tried
 * counts it and those that were passed over. It becomes the leg's, and keeps a channel as long as
 * the leg's call wants the leg; leg NULL: only asks. NULL: there is none. */
const struct cc_conf_trunk *cc_trunk_pick(const struct cc_conf_set *set, uint32_t tenant,
		const struct cc_route *route, int32_t *tried, struct cc_leg *leg);

#define CC_TRUNK_DOMAIN 72
/* Where the trunk takes calls to the number; domain: its address as part of a URI. */
void cc_trunk_contact(struct cc_contact *contact, char domain[CC_TRUNK_DOMAIN],
		const struct cc_conf_trunk *trunk, const char *number);

#endif
