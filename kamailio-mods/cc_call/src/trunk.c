/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "core/forward.h"
#include "core/resolve.h"

#include "engine.h"
#include "leg.h"
#include "trunk.h"

/* Calls over the trunk in both directions, except that of the leg itself. */
static int32_t channels(uint64_t id, const struct cc_leg *except)
{
	int32_t count = 0;

	for (int32_t i = 0; i < cc_engine->leg_count; i++) {
		const struct cc_leg *leg = &cc_engine->legs[i];

		count += leg != except && leg->trunk == id && leg->refs > 0 &&
				 (leg->sip == CC_SIP_INVITED || leg->sip == CC_SIP_INVITING ||
						 leg->sip == CC_SIP_CONFIRMED);
	}
	return count;
}

/* The next trunk of the route; those that are switched off or not granted any more are passed over.
 */
static const struct cc_conf_trunk *next(const struct cc_conf_set *set, uint32_t tenant,
		const struct cc_route *route, int32_t *tried)
{
	const struct cc_conf_trunk *trunk = NULL;

	if (route->trunk_count < 0)
		return cc_conf_trunk_nth(set, tenant, (*tried)++);
	while (!trunk && *tried < route->trunk_count)
		trunk = cc_conf_trunk_by_id(set, tenant, route->trunks[(*tried)++]);
	return trunk;
}

const struct cc_conf_trunk *cc_trunk_pick(const struct cc_conf_set *set, uint32_t tenant,
		const struct cc_route *route, int32_t *tried, struct cc_leg *leg)
{
	const struct cc_conf_trunk *trunk;

	while ((trunk = next(set, tenant, route, tried))) {
		uint64_t id = cc_conf_trunk_id(trunk);

		if (leg)
			leg->trunk = id;
		__sync_synchronize(); /* two that take the last channel see each other */
		if (!trunk->max_channels || channels(id, leg) < trunk->max_channels)
			return trunk;
	}
	if (leg)
		leg->trunk = 0;
	return NULL;
}

void cc_trunk_contact(struct cc_contact *contact, char domain[CC_TRUNK_DOMAIN],
		const struct cc_conf_trunk *trunk, const char *number)
{
	static const struct
	{
		const char *name;
		int proto;
	} transports[] = {[CC_TRANSPORT_UDP] = {"udp", PROTO_UDP},
			[CC_TRANSPORT_TCP] = {"tcp", PROTO_TCP},
			[CC_TRANSPORT_TLS] = {"tls", PROTO_TLS}};
	struct ip_addr *ip = str2ipx(&(str){(char *)trunk->address, (int)strlen(trunk->address)});
	union sockaddr_union to;

	memset(contact, 0, sizeof(*contact));
	if (ip && init_su(&to, ip, trunk->port) >= 0) /* our Contact is one that the carrier reaches */
		contact->sock = get_send_socket(NULL, &to, transports[trunk->transport].proto);
	snprintf(domain, CC_TRUNK_DOMAIN, strchr(trunk->address, ':') ? "[%s]" : "%s", trunk->address);
	snprintf(contact->uri, sizeof(contact->uri), "sip:%s@%s:%u;transport=%s", number, domain,
			trunk->port, transports[trunk->transport].name);
}
