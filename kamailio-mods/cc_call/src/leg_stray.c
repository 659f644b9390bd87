/* SPDX-License-Identifier: GPL-2.0-or-later
 * Final responses to an INVITE of ours that no transaction waits for: a phone that rang for an
 * engine that died, or a second one behind a proxy. They are acknowledged, and who has answered is
 * hung up unless its leg is up. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dprint.h"
#include "core/forward.h"
#include "core/mem/shm_mem.h"
#include "core/parser/parse_cseq.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"

#include "cc/err.h"
#include "leg_private.h"

static str method_ack = str_init("ACK");
static str method_bye = str_init("BYE");

static const char *transport_name(int proto)
{
	switch (proto) {
	case PROTO_TCP:
		return "tcp";
	case PROTO_TLS:
		return "tls";
	case PROTO_WS:
		return "ws";
	case PROTO_WSS:
		return "wss";
	default:
		return "udp";
	}
}

/* Back to where the answer came from: the phone may be behind a NAT. */
static int dialog_to_source(dlg_t *d, struct sip_msg *msg)
{
	char uri[128];
	int n;

	if (d->route_set)
		return CC_OK;
	n = snprintf(uri, sizeof(uri), "sip:%s:%u;transport=%s", ip_addr2strz(&msg->rcv.src_ip),
			msg->rcv.src_port, transport_name(msg->rcv.proto));
	if (n >= (int)sizeof(uri))
		return CC_E_RANGE;
	d->dst_uri.s = shm_malloc((size_t)n);
	if (!d->dst_uri.s)
		return CC_E_NOMEM;
	memcpy(d->dst_uri.s, uri, (size_t)n);
	d->dst_uri.len = n;
	return cc_leg_tm.calculate_hooks(d) < 0 ? CC_E_INVAL : CC_OK;
}

/* The dialog that the answer makes, for the two requests. */
static int dialog_new(dlg_t **out, struct sip_msg *msg)
{
	char local[512], remote[512];
	str local_s = {local, 0}, remote_s = {remote, 0};
	dlg_t *d;

	local_s.len =
			snprintf(local, sizeof(local), "<%.*s>", get_from(msg)->uri.len, get_from(msg)->uri.s);
	remote_s.len =
			snprintf(remote, sizeof(remote), "<%.*s>", get_to(msg)->uri.len, get_to(msg)->uri.s);
	if (local_s.len >= (int)sizeof(local) || remote_s.len >= (int)sizeof(remote))
		return CC_E_RANGE;
	if (cc_leg_tm.new_dlg_uac(&msg->callid->body, &get_from(msg)->tag_value,
				(unsigned)strtoul(get_cseq(msg)->number.s, NULL, 10), &local_s, &remote_s, &d) < 0)
		return CC_E_NOMEM;
	d->send_sock = msg->rcv.bind_address;
	if (cc_leg_tm.dlg_response_uac(d, msg, IS_TARGET_REFRESH) < 0 || dialog_to_source(d, msg) < 0) {
		cc_leg_tm.free_dlg(d);
		return CC_E_INVAL;
	}
	*out = d;
	return CC_OK;
}

static void say(dlg_t *d, str *method)
{
	str headers = str_init("Max-Forwards: 70\r\n");
	uac_req_t req;

	set_uac_req(&req, method, &headers, NULL, d, 0, NULL, NULL);
	if (cc_leg_tm.t_request_within(&req) < 0)
		LM_WARN("%.*s to a stray answer was not sent\n", method->len, method->s);
}

/* Whether the leg of the answer's dialog lives: only the ACK was lost. */
static bool established(struct sip_msg *msg)
{
	struct cc_leg *leg = cc_leg_of_dialog(
			&msg->callid->body, &get_from(msg)->tag_value, &get_to(msg)->tag_value);
	bool up = leg && leg->sip == CC_SIP_CONFIRMED;

	if (leg)
		cc_leg_put(leg);
	return up;
}

/* ACK of a refusal, such as the 487 after a CANCEL: with the branch of the INVITE, which is that of
 * the response. */
static void refusal_ack(struct sip_msg *msg)
{
	struct dest_info to;
	char text[2048];
	int n = snprintf(text, sizeof(text),
			"ACK %.*s SIP/2.0\r\nVia: %.*s\r\nFrom: %.*s\r\nTo: %.*s\r\nCall-ID: %.*s\r\n"
			"CSeq: %.*s ACK\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
			get_to(msg)->uri.len, get_to(msg)->uri.s, msg->h_via1->body.len, msg->h_via1->body.s,
			msg->from->body.len, msg->from->body.s, msg->to->body.len, msg->to->body.s,
			msg->callid->body.len, msg->callid->body.s, get_cseq(msg)->number.len,
			get_cseq(msg)->number.s);

	init_dst_from_rcv(&to, &msg->rcv);
	if (n >= (int)sizeof(text) || msg_send(&to, text, n) < 0)
		LM_WARN("an ACK to a stray response was not sent\n");
}

int cc_leg_stray(struct sip_msg *msg)
{
	unsigned int slot, gen;
	char tag[CC_LEG_TAG];
	int branch = -1;
	dlg_t *dialog;

	if (msg->REPLY_STATUS < 200 || parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->callid ||
			!msg->to || !msg->cseq || !msg->h_via1 || get_cseq(msg)->method_id != METHOD_INVITE ||
			parse_from_header(msg) < 0 || get_to(msg)->tag_value.len == 0 ||
			!cc_leg_tag_parse(&get_from(msg)->tag_value, tag, &slot, &gen) ||
			cc_leg_tm.t_check(msg, &branch) != 0) /* tm, which comes after us, waits for it */
		return 1;
	if (msg->REPLY_STATUS >= 300) {
		refusal_ack(msg);
		return 0;
	}
	if (dialog_new(&dialog, msg) < 0)
		return 0;
	say(dialog, &method_ack);
	if (!established(msg)) {
		LM_NOTICE("an answer that nobody waits for any more is hung up\n");
		say(dialog, &method_bye);
	}
	cc_leg_tm.free_dlg(dialog);
	return 0;
}
