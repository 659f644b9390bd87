/* SPDX-License-Identifier: GPL-2.0-or-later
 * cc_registrar: who may register and call, and with what. Storage of contacts stays with the stock
 * usrloc. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/dprint.h"
#include "core/parser/digest/digest.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"
#include "core/parser/parse_uri.h"
#include "core/rand/kam_rand.h"
#include "core/sr_module.h"
#include "modules/auth/api.h"

#include "cc/conf.h"
#include "cc/err.h"
#include "cc/settings.h"
#include "cc_call/api.h"
#include "cc_registrar/api.h"
#include "location.h"
#include "webphone.h"

#define TICK_MS 100
/* What cc_authenticate() returns to the script. */
#define AUTHENTICATED_YES 1
#define AUTHENTICATED_CHALLENGED -1
#define AUTHENTICATED_DENIED -2

static struct cc_call_api call_api;
static auth_api_s_t auth;

/* The message that this process has authenticated last. */
static struct
{
	unsigned int id;
	int pid;
	struct cc_identity identity;
} proven;

/* number@domain of the address of record: To of a REGISTER, From of others. */
static int claimed(struct sip_msg *msg, struct cc_identity *id)
{
	struct sip_uri uri;
	str s;

	if (msg->REQ_METHOD == METHOD_REGISTER) {
		if (parse_headers(msg, HDR_TO_F, 0) < 0 || !msg->to)
			return CC_E_INVAL;
		s = get_to(msg)->uri;
	} else {
		if (parse_from_header(msg) < 0)
			return CC_E_INVAL;
		s = get_from(msg)->uri;
	}
	if (parse_uri(s.s, s.len, &uri) < 0 || uri.user.len <= 0 ||
			uri.user.len >= (int)sizeof(id->number) || uri.host.len <= 0 ||
			uri.host.len >= (int)sizeof(id->domain))
		return CC_E_INVAL;
	snprintf(id->number, sizeof(id->number), "%.*s", uri.user.len, uri.user.s);
	snprintf(id->domain, sizeof(id->domain), "%.*s", uri.host.len, uri.host.s);
	return CC_OK;
}

/* The user name of the credentials for the realm; len 0: the request has none. */
static str user_given(struct sip_msg *msg, str *realm, hdr_types_t header)
{
	struct hdr_field *h = NULL;

	if (find_credentials(msg, realm, header, &h) != 0 || !h || !h->parsed)
		return (str){NULL, 0};
	return ((auth_body_t *)h->parsed)->digest.username.whole;
}

/* What the request's sender has to know: a phone the agent's SIP password, a page the credential of
 * its web session. An unknown number has a secret too, which nobody knows: the answers do not tell
 * which numbers exist. */
static void secret(struct sip_msg *msg, const struct cc_identity *id, str *user, char ha1[33])
{
	bool page = msg->rcv.proto == PROTO_WS || msg->rcv.proto == PROTO_WSS;
	struct cc_confs *confs = call_api.confs_get();
	const struct cc_conf *conf = cc_conf_by_code(confs->set, id->domain);
	int32_t agent = conf && conf->active ? cc_conf_agent_find(conf, id->number) : CC_E_NOENT;
	bool known = agent >= 0 && cc_conf_agent_at(conf, agent)->enabled;

	if (known && page)
		known = conf->web_phone && cc_webphone_secret(id, user->s, (size_t)user->len, ha1) == CC_OK;
	else if (known)
		memcpy(ha1, cc_conf_agent_at(conf, agent)->ha1, 33);
	call_api.confs_put(confs);
	if (!known)
		snprintf(ha1, 33, "%08x%08x%08x%08x", (unsigned)kam_rand(), (unsigned)kam_rand(),
				(unsigned)kam_rand(), (unsigned)kam_rand());
}

/* Proves who sent the request. A request without usable credentials is challenged here; one that is
 * denied is left to the script. */
static int script_authenticate(struct sip_msg *msg, char *p1, char *p2)
{
	hdr_types_t header = msg->REQ_METHOD == METHOD_REGISTER ? HDR_AUTHORIZATION_T : HDR_PROXYAUTH_T;
	struct cc_identity id;
	char ha1[33] = "";
	str realm, user, password = {ha1, 32};
	int rc;

	proven.id = 0;
	if (claimed(msg, &id) < 0)
		return AUTHENTICATED_DENIED;
	realm.s = id.domain;
	realm.len = (int)strlen(id.domain);
	user = user_given(msg, &realm, header);
	secret(msg, &id, &user, ha1);
	rc = auth.pv_authenticate(msg, &realm, &password, 1, header, &msg->first_line.u.request.method);
	switch (rc) {
	case AUTH_OK:
		proven.id = msg->id;
		proven.pid = msg->pid;
		proven.identity = id;
		if (msg->REQ_METHOD == METHOD_REGISTER)
			cc_webphone_registers(msg, user.s, (size_t)user.len);
		return AUTHENTICATED_YES;
	case AUTH_NO_CREDENTIALS:
	case AUTH_STALE_NONCE:
	case AUTH_NONCE_REUSED:
		return auth.auth_challenge_hftype(msg, &realm, 1, header) < 0 ? AUTHENTICATED_DENIED
																	  : AUTHENTICATED_CHALLENGED;
	default:
		LM_NOTICE("wrong password for %s@%s\n", id.number, id.domain);
		return AUTHENTICATED_DENIED;
	}
}

static int api_identity(const struct sip_msg *msg, struct cc_identity *id)
{
	if (proven.id != msg->id || proven.pid != msg->pid || proven.id == 0)
		return CC_E_DENIED;
	*id = proven.identity;
	return CC_OK;
}

static int api_bind(struct cc_registrar_api *api)
{
	*api = (struct cc_registrar_api){.identity = api_identity};
	return 0;
}

static const struct cc_registrar_provider provider = {
		.contacts = cc_location_contacts,
};

static cmd_export_t functions[] = {
		{"cc_authenticate", (cmd_function)script_authenticate, 0, NULL, NULL, REQUEST_ROUTE},
		{"cc_registrar_bind", (cmd_function)api_bind, NO_SCRIPT, NULL, NULL, 0},
		{NULL, NULL, 0, NULL, NULL, 0},
};

static int mod_init(void)
{
	char path[256];
	int rc;

	if (cc_call_bind(&call_api) < 0) {
		LM_ERR("cc_call must be loaded before\n");
		return -1;
	}
	rc = cc_settings_path(call_api.settings(), "data/kamailio/location.sqlite", path, sizeof(path));
	if (rc >= 0)
		rc = cc_location_open(path, &call_api);
	if (rc < 0) {
		LM_ERR("the table of contacts cannot be made or read: %s\n", cc_err_name(rc));
		return -1;
	}
	if (cc_webphone_init(&call_api) < 0) {
		LM_ERR("no memory for web credentials\n");
		return -1;
	}
	call_api.provide_registrar(&provider);
	call_api.every(TICK_MS, cc_location_tick);
	call_api.every(TICK_MS, cc_webphone_tick);
	return 0;
}

/* usrloc is loaded after this module, because it wants its table, and is bound when all modules are
 * there. */
static int child_init(int rank)
{
	if (rank != PROC_INIT)
		return 0;
	if (auth_load_api(&auth) < 0)
		return -1;
	if (cc_location_bind() < 0) {
		LM_ERR("usrloc and cc_queue must be loaded\n");
		return -1;
	}
	return 0;
}

CC_MODULE("cc_registrar", .cmds = functions, .init_mod_f = mod_init, .init_child_f = child_init)
