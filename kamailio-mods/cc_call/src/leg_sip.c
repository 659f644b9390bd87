/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "core/data_lump_rpl.h"
#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/parser/parse_content.h"
#include "core/parser/parse_uri.h"
#include "core/resolve.h"
#include "core/socket_info.h"
#include "core/tcp_conn.h"

#include "actions.h"
#include "cc/err.h"
#include "leg_private.h"

#define CONTACTS_MAX 8

static str method_bye = str_init("BYE");
static str no_text = str_init("");

const char cc_leg_abilities[] = CC_ALLOW CC_SUPPORTED CC_ACCEPT;

str cc_leg_message_sdp(struct sip_msg *msg)
{
	str body = {NULL, 0};

	body.s = get_body(msg);
	if (body.s)
		body.len = (int)(msg->buf + msg->len - body.s);
	return body;
}

str cc_leg_headers(const struct cc_leg *leg, char *buf, const char *more, bool with_body)
{
	const char *transport = "";
	unsigned int port = leg->sock ? leg->sock->port_no : 5060;
	str h;

	if (leg->sock && leg->sock->proto == PROTO_TCP)
		transport = leg->kind == CC_NG_WEBRTC ? ";transport=ws" : ";transport=tcp";
	else if (leg->sock && leg->sock->proto == PROTO_TLS)
		transport = leg->kind == CC_NG_WEBRTC ? ";transport=wss" : ";transport=tls";
	h.s = buf;
	h.len = snprintf(buf, CC_LEG_HEADERS, "Contact: <sip:cc@%s:%u%s>\r\n%s%s%s", cc_leg_address,
			port, transport, cc_leg_abilities, more,
			with_body ? "Content-Type: application/sdp\r\n" : "");
	return h;
}

/* Sends what follows in the dialog to the leg's peer instead of its Contact; lock held.
 * (set_dlg_target cannot keep the dialog's own target.) */
int cc_leg_dialog_to_peer(struct cc_leg *leg)
{
	dlg_t *d = leg->dialog;
	int len = (int)strlen(leg->peer);
	char *uri;

	if (len == 0 || d->route_set)
		return CC_OK;
	uri = shm_malloc((size_t)len);
	if (!uri)
		return CC_E_NOMEM;
	memcpy(uri, leg->peer, (size_t)len);
	if (d->dst_uri.s)
		shm_free(d->dst_uri.s);
	d->dst_uri.s = uri;
	d->dst_uri.len = len;
	return cc_leg_tm.calculate_hooks(d) < 0 ? CC_E_INVAL : CC_OK;
}

const char *cc_leg_reason(int code)
{
	static const struct
	{
		int code;
		const char *reason;
	} reasons[] = {
			{180, "Ringing"},
			{183, "Session Progress"},
			{200, "OK"},
			{202, "Accepted"},
			{400, "Bad Request"},
			{403, "Forbidden"},
			{404, "Not Found"},
			{405, "Method Not Allowed"},
			{408, "Request Timeout"},
			{413, "Request Entity Too Large"},
			{415, "Unsupported Media Type"},
			{420, "Bad Extension"},
			{422, "Session Interval Too Small"},
			{469, "Bad Info Package"},
			{480, "Temporarily Unavailable"},
			{481, "Call/Transaction Does Not Exist"},
			{486, "Busy Here"},
			{487, "Request Terminated"},
			{488, "Not Acceptable Here"},
			{491, "Request Pending"},
			{500, "Server Internal Error"},
			{501, "Not Implemented"},
			{503, "Service Unavailable"},
			{504, "Server Time-out"},
			{603, "Decline"},
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].code == code)
			return reasons[i].reason;
	return code < 500 ? "Request Failure" : "Server Internal Error";
}

/* ---- responses to requests of the far end ---- */

int cc_leg_transaction_reply(struct cc_leg *leg, unsigned int hash, unsigned int label, int code,
		const char *reason, const char *more, str *body)
{
	struct cell *previous = cc_leg_tm.t_gett(), *t;
	int branch = cc_leg_tm.t_gett_branch(), rc = -1;
	char buf[CC_LEG_HEADERS];
	str headers = cc_leg_headers(leg, buf, more, body != NULL);
	str text = {(char *)reason, (int)strlen(reason)};
	str tag = {leg->tag, (int)strlen(leg->tag)};

	if (cc_leg_tm.t_lookup_ident(&t, hash, label) >= 0) {
		rc = cc_leg_tm.t_reply_with_body(
				t, (unsigned)code, &text, body ? body : &no_text, &headers, &tag);
		if (rc < 0)
			cc_leg_tm.unref_cell(t); /* with success it has done that itself */
	}
	cc_leg_tm.t_sett(previous, branch);
	return rc < 0 ? CC_E_STATE : CC_OK;
}

bool cc_leg_transaction(struct sip_msg *msg)
{
	return cc_leg_tm.t_newtran(msg) > 0;
}

void cc_leg_refuse(struct sip_msg *msg, int code, const char *reason, const char *headers)
{
	if (*headers && !add_lump_rpl(msg, (char *)headers, (int)strlen(headers), LUMP_RPL_HDR))
		LM_ERR("no memory for a header\n");
	if (cc_leg_tm.t_reply(msg, (unsigned)code, (char *)(*reason ? reason : cc_leg_reason(code))) <
			0)
		LM_DBG("reply %d was not sent\n", code);
}

/* ---- requests of ours ---- */

/* A phone whose connection broke makes another one and registers again with the same Contact: that
 * is where it is now. */
static void follow(struct cc_leg *leg)
{
	const struct cc_registrar_provider *registrar = cc_actions_registrar();
	struct cc_contact contacts[CONTACTS_MAX];
	int count;

	if (!registrar || !leg->number[0] || !leg->sock || leg->sock->proto == PROTO_UDP)
		return;
	count = registrar->contacts(leg->number, leg->domain, contacts, CONTACTS_MAX);
	lock_get(&leg->lock);
	for (int i = 0; i < count && leg->dialog; i++) {
		const struct cc_contact *c = &contacts[i];
		const str *target = &leg->dialog->rem_target;

		if (target->len != (int)strlen(c->uri) ||
				memcmp(target->s, c->uri, (size_t)target->len) != 0 ||
				strcmp(c->received, leg->peer) == 0)
			continue;
		snprintf(leg->peer, sizeof(leg->peer), "%s", c->received);
		if (c->sock)
			leg->sock = leg->dialog->send_sock = c->sock;
		cc_leg_dialog_to_peer(leg);
		break;
	}
	lock_release(&leg->lock);
}

int cc_leg_connection(const char *uri, struct dest_info *to)
{
	struct tcp_connection *connection;
	struct sip_uri u;
	struct ip_addr *ip;

	init_dest_info(to);
	if (parse_uri((char *)uri, (int)strlen(uri), &u) < 0)
		return 0;
	to->proto = (char)u.proto;
	ip = str2ipx(&u.host);
	if (!ip || !u.port_no || init_su(&to->to, ip, u.port_no) < 0)
		return 0;
	connection = tcpconn_get(0, ip, u.port_no, NULL, 0);
	if (!connection)
		return 0;
	to->id = connection->id;
	tcpconn_put(connection);
	return to->id;
}

/* Nobody can connect to a browser: without its connection it is out of reach. lock held */
static bool out_of_reach(const struct cc_leg *leg)
{
	struct dest_info to;

	return leg->kind == CC_NG_WEBRTC && leg->peer[0] && !cc_leg_connection(leg->peer, &to);
}

int cc_leg_send_surely(uac_req_t *req)
{
	struct retr_buf *request = NULL;

	if (cc_leg_tm.prepare_request_within(req, &request) < 0 || !request)
		return CC_E_IO;
	request->my_T->fr_timeout = MS_TO_TICKS(CC_LEG_64T1_MS);
	cc_leg_tm.send_prepared_request(request);
	return CC_OK;
}

int cc_leg_send_within(
		struct cc_leg *leg, str *method, str *headers, str *body, transaction_cb *cb, void *param)
{
	str none = str_init("Max-Forwards: 70\r\n");
	uac_req_t req;
	int rc = -1;

	follow(leg);
	lock_get(&leg->lock);
	if (leg->dialog && leg->dialog->state == DLG_CONFIRMED && !out_of_reach(leg)) {
		set_uac_req(&req, method, headers ? headers : &none, body, leg->dialog,
				cb ? TMCB_LOCAL_COMPLETED : 0, cb, param);
		rc = method == &method_bye ? cc_leg_send_surely(&req) : cc_leg_tm.t_request_within(&req);
	}
	lock_release(&leg->lock);
	if (rc < 0)
		LM_WARN("leg %s: %.*s was not sent\n", leg->id, method->len, method->s);
	return rc < 0 ? CC_E_IO : CC_OK;
}

void cc_leg_bye(struct cc_leg *leg)
{
	cc_leg_send_within(leg, &method_bye, NULL, NULL, NULL, NULL);
	lock_get(&leg->lock);
	if (leg->dialog)
		leg->dialog->state = DLG_DESTROYED;
	lock_release(&leg->lock);
}
