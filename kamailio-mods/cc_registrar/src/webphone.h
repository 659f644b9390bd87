/* SPDX-License-Identifier: GPL-2.0-or-later
 * Credentials of web phones: a page never knows the agent's SIP password. Each web session gets a
 * user name and a password of its own, for a limited time; only their HA1 is kept, in shared
 * memory. They are forgotten when Kamailio restarts: the page asks for others when its registration
 * is refused. */
#ifndef CC_REGISTRAR_WEBPHONE_H
#define CC_REGISTRAR_WEBPHONE_H

#include <stddef.h>

#include "cc_call/api.h"
#include "cc_registrar/api.h"

/* The table and the commands cc.webphone.credential and cc.webphone.revoke; before the fork.
 * CC_E_NOMEM */
int cc_webphone_init(const struct cc_call_api *api);
/* HA1 of the credential with that user name, if it belongs to the number and has not expired.
 * CC_E_DENIED */
int cc_webphone_secret(
		const struct cc_identity *id, const char *user, size_t user_len, char ha1[33]);
/* A REGISTER that the credential has proven: revoking it removes the contact. */
void cc_webphone_registers(struct sip_msg *msg, const char *user, size_t user_len);

/* In the engine's timer: what a credential that has expired registered is gone with it. */
void cc_webphone_tick(int64_t now_ms);

#endif
