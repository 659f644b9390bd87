/* SPDX-License-Identifier: GPL-2.0-or-later
 * cc_route: takes the INVITE that begins a call: where from, whose it is, where to. */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/dprint.h"
#include "core/parser/contact/parse_contact.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_uri.h"
#include "core/resolve.h"
#include "core/sr_module.h"

#include "cc/conf.h"
#include "cc/err.h"
#include "cc/route.h"
#include "cc/utf8.h"
#include "cc_call/api.h"
#include "cc_registrar/api.h"

/* What cc_route() returns to the script, besides 1: the call is taken. */
#define ROUTE_NOT_FOUND -1 /* 404: no such number, or not for this trunk */
#define ROUTE_FORBIDDEN -2 /* 403 */
#define ROUTE_BAD -3       /* 400 */

static struct cc_call_api call_api;
static struct cc_registrar_api registrar_api;

static enum cc_transport transport_of(const struct sip_msg *msg)
{
	switch (msg->rcv.proto) {
	case PROTO_UDP:
		return CC_TRANSPORT_UDP;
	case PROTO_TCP:
		return CC_TRANSPORT_TCP;
	case PROTO_TLS:
		return CC_TRANSPORT_TLS;
	default:
		return CC_TRANSPORT_WS; /* never a trunk */
	}
}

/* The trunk that a request comes from, by address, port and transport; NULL. */
static const struct cc_conf_trunk *source_trunk(const struct cc_confs *confs, struct sip_msg *msg)
{
	char address[INET6_ADDRSTRLEN];

	if (!inet_ntop((int)msg->rcv.src_ip.af, msg->rcv.src_ip.u.addr, address, sizeof(address)))
		return NULL;
	return cc_conf_trunk_find(confs->set, address, msg->rcv.src_port, transport_of(msg));
}

/* Text of a URI part; false: too long or empty. */
static bool take(char *to, size_t cap, const str *from)
{
	if (from->len <= 0 || from->len >= (int)cap)
		return false;
	memcpy(to, from->s, (size_t)from->len);
	to[from->len] = '\0';
	return true;
}

/* Phones write what they dial as a URI: its '#' is "%23" (RFC 3261 25.1). Nothing else is unfolded.
 */
static void unfold(char *number)
{
	char *to = number;

	for (const char *p = number; *p; p++) {
		bool hash = strncmp(p, "%23", 3) == 0, star = strncasecmp(p, "%2a", 3) == 0;

		*to++ = hash ? '#' : star ? '*' : *p;
		p += hash || star ? 2 : 0;
	}
	*to = '\0';
}

/* Display name without its quotes. */
static void display_name(char *to, size_t cap, str name)
{
	if (name.len >= 2 && name.s[0] == '"' && name.s[name.len - 1] == '"') {
		name.s++;
		name.len -= 2;
	}
	snprintf(to, cap, "%.*s", name.len, name.len > 0 ? name.s : "");
	if (!cc_utf8_valid(to, strlen(to)))
		to[0] = '\0';
}

/* Where messages of the dialog have to go when the Contact does not lead back to the source, as
 * behind a NAT or in a browser. */
static void peer_of(struct sip_msg *msg, char *peer, size_t cap)
{
	static const char *const names[] = {"udp", "tcp", "tls", "ws"};
	char address[INET6_ADDRSTRLEN];
	struct ip_addr *ip;
	struct sip_uri uri;
	contact_t *contact;

	peer[0] = '\0';
	if (parse_headers(msg, HDR_CONTACT_F, 0) < 0 || !msg->contact ||
			parse_contact(msg->contact) < 0)
		return;
	contact = ((contact_body_t *)msg->contact->parsed)->contacts;
	if (!contact || parse_uri(contact->uri.s, contact->uri.len, &uri) < 0)
		return;
	ip = str2ip(&uri.host);
	if (transport_of(msg) != CC_TRANSPORT_WS && ip && ip_addr_cmp(ip, &msg->rcv.src_ip) &&
			(uri.port_no ? uri.port_no : 5060) == msg->rcv.src_port)
		return;
	inet_ntop((int)msg->rcv.src_ip.af, msg->rcv.src_ip.u.addr, address, sizeof(address));
	snprintf(peer, cap,
			msg->rcv.src_ip.af == AF_INET6 ? "sip:[%s]:%u;transport=%s" : "sip:%s:%u;transport=%s",
			address, msg->rcv.src_port, names[transport_of(msg)]);
}

/* Whether a caller's number is one that calls from here show, with or without its '+': what went
 * out may have come back. */
static bool is_ours(const struct cc_confs *confs, const struct cc_conf *conf, const char *number)
{
	int32_t did;

	return cc_conf_owns(conf, number) ||
		   cc_conf_by_did(confs->set, number + (number[0] == '+'), &did) != NULL;
}

static int from_trunk(struct sip_msg *msg, const struct cc_confs *confs,
		const struct cc_conf_trunk *trunk, const char *number, struct cc_incoming *in)
{
	int32_t did;

	in->conf = cc_conf_by_did(confs->set, number, &did);
	if (!in->conf || !cc_conf_trunk_granted(confs->set, trunk, in->conf->tenant))
		return ROUTE_NOT_FOUND;
	cc_route_in(&in->route, in->conf, did, in->from);
	in->ours = is_ours(confs, in->conf, in->from);
	in->dir = CC_DIR_IN;
	in->did = number;
	in->trunk = trunk->name;
	in->trunk_id = cc_conf_trunk_id(trunk);
	in->caller_agent = -1;
	in->peer = "";
	return 1;
}

/* from, from_name: of at least CC_CALL_TEXT bytes; what the phone says of itself is not believed */
static int from_agent(struct sip_msg *msg, const struct cc_confs *confs, const char *number,
		struct cc_incoming *in, char *from, char *from_name, char *peer, size_t peer_cap)
{
	struct cc_identity id;
	int32_t agent;

	if (registrar_api.identity(msg, &id) < 0)
		return ROUTE_FORBIDDEN;
	in->conf = cc_conf_by_code(confs->set, id.domain);
	agent = in->conf ? cc_conf_agent_find(in->conf, id.number) : CC_E_NOENT;
	if (agent < 0)
		return ROUTE_FORBIDDEN;
	snprintf(from, CC_CALL_TEXT, "%s", id.number);
	cc_utf8_copy(from_name, CC_CALL_TEXT, cc_conf_agent_at(in->conf, agent)->name);
	cc_route_dialled(&in->route, in->conf, agent, number);
	peer_of(msg, peer, peer_cap);
	in->dir = in->route.number[0] ? CC_DIR_OUT : CC_DIR_INTERNAL;
	in->did = in->trunk = "";
	in->caller_agent = agent;
	in->peer = peer;
	return 1;
}

static int script_route(struct sip_msg *msg, char *p1, char *p2)
{
	char number[CC_CALL_TEXT], from[CC_CALL_TEXT], from_name[CC_CALL_TEXT], peer[128];
	struct cc_incoming in = {.from = from, .from_name = from_name, .to = number};
	const struct cc_conf_trunk *trunk;
	struct sip_uri from_uri;
	struct cc_confs *confs;
	int rc = ROUTE_BAD;

	if (parse_sip_msg_uri(msg) < 0 || !take(number, sizeof(number), &msg->parsed_uri.user) ||
			parse_from_header(msg) < 0 ||
			parse_uri(get_from(msg)->uri.s, get_from(msg)->uri.len, &from_uri) < 0)
		return ROUTE_BAD;
	unfold(number);
	if (!take(from, sizeof(from), &from_uri.user))
		strcpy(from, "anonymous");
	display_name(from_name, sizeof(from_name), get_from(msg)->display);
	confs = call_api.confs_get();
	trunk = source_trunk(confs, msg);
	rc = trunk ? from_trunk(msg, confs, trunk, number, &in)
			   : from_agent(msg, confs, number, &in, from, from_name, peer, sizeof(peer));
	if (rc > 0)
		call_api.incoming(msg, &in);
	call_api.confs_put(confs);
	return rc;
}

/* True: the request comes from a trunk and needs no credentials. */
static int script_from_trunk(struct sip_msg *msg, char *p1, char *p2)
{
	struct cc_confs *confs = call_api.confs_get();
	bool found = source_trunk(confs, msg) != NULL;

	call_api.confs_put(confs);
	return found ? 1 : -1;
}

static cmd_export_t functions[] = {
		{"cc_from_trunk", (cmd_function)script_from_trunk, 0, NULL, NULL, REQUEST_ROUTE},
		{"cc_route", (cmd_function)script_route, 0, NULL, NULL, REQUEST_ROUTE},
		{NULL, NULL, 0, NULL, NULL, 0},
};

static int mod_init(void)
{
	if (cc_call_bind(&call_api) < 0 || cc_registrar_bind(&registrar_api) < 0) {
		LM_ERR("cc_call and cc_registrar must be loaded before\n");
		return -1;
	}
	return 0;
}

CC_MODULE("cc_route", .cmds = functions, .init_mod_f = mod_init)
