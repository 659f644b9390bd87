/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "core/ip_addr.h"
#include "core/parser/parse_cseq.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"
#include "core/socket_info.h"

#include "cc/clock.h"
#include "cc/err.h"
#include "engine.h"
#include "leg_private.h"
#include "leg_saved.h"

#define RETRY_AFTER "Retry-After: 1\r\n"

static bool str_is(const str *s, const str *other)
{
	return s->len == other->len && memcmp(s->s, other->s, (size_t)s->len) == 0;
}

bool cc_leg_tag_parse(const str *text, char tag[CC_LEG_TAG], unsigned int *slot, unsigned int *gen)
{
	if (text->len <= 0 || text->len >= CC_LEG_TAG)
		return false;
	snprintf(tag, CC_LEG_TAG, "%.*s", text->len, text->s);
	return sscanf(tag, "cc%x-%x-", slot, gen) == 2;
}

struct cc_leg *cc_leg_of_dialog(const str *call_id, const str *ours, const str *theirs)
{
	unsigned int slot, gen;
	struct cc_leg *leg;
	char tag[CC_LEG_TAG];
	bool same;

	if (!cc_leg_tag_parse(ours, tag, &slot, &gen))
		return NULL;
	leg = cc_leg_get((int32_t)slot, gen);
	if (!leg)
		return NULL;
	lock_get(&leg->lock);
	same = leg->dialog && strcmp(tag, leg->tag) == 0 && str_is(&leg->dialog->id.call_id, call_id) &&
		   str_is(&leg->dialog->id.rem_tag, theirs);
	lock_release(&leg->lock);
	if (same)
		return leg;
	cc_leg_put(leg);
	return NULL;
}

/* The leg that a request belongs to, with a reference. */
static struct cc_leg *request_leg(struct sip_msg *msg)
{
	if (parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->callid || !msg->to || !msg->cseq ||
			parse_from_header(msg) < 0)
		return NULL;
	return cc_leg_of_dialog(&msg->callid->body, &get_to(msg)->tag_value, &get_from(msg)->tag_value);
}

static void reply(struct sip_msg *msg, int code, const char *headers)
{
	cc_leg_refuse(msg, code, "", headers);
}

/* ACK to our 2xx. */
static void request_ack(struct cc_leg *leg, struct sip_msg *msg)
{
	str body = cc_leg_message_sdp(msg);
	struct cc_call_input in = {.kind = CC_IN_LEG_UP};
	bool first, bye = false, job = false, next;

	cc_leg_tmx.t_check_trans(msg); /* stops the retransmission of our 2xx */
	lock_get(&leg->lock);
	first = leg->incoming && leg->sip == CC_SIP_CONFIRMED && !leg->acked;
	if (first) {
		leg->acked = true;
		bye = leg->bye_due;
		if (bye)
			leg->sip = CC_SIP_DONE;
		cc_leg_due_set(leg, CC_DUE_ACK, INT64_MAX);
		if (bye)
			cc_leg_due_set(leg, CC_DUE_END, cc_clock_utc_ms() + CC_LEG_LINGER_MS);
	}
	if (leg->late_offer && !bye && leg->job == CC_JOB_NONE &&
			cc_leg_sdp_keep(leg, &body) == CC_OK && body.len) {
		leg->late_offer = false;
		leg->job = CC_JOB_ACK_ANSWER;
		job = true;
	}
	next = !bye && cc_leg_offer_next(leg);
	lock_release(&leg->lock);
	if (bye)
		cc_leg_bye(leg);
	if (job || next)
		cc_leg_report(leg, &in, 200, "", 0);
	if (first)
		cc_leg_put(leg); /* the reference of CC_DUE_ACK */
}

static void request_bye(struct cc_leg *leg, struct sip_msg *msg)
{
	bool alive, unacked;

	reply(msg, 200, "");
	lock_get(&leg->lock);
	alive = leg->sip == CC_SIP_CONFIRMED;
	unacked = alive && leg->incoming && !leg->acked;
	if (alive) {
		leg->sip = CC_SIP_DONE;
		leg->dialog->state = DLG_DESTROYED;
	}
	if (unacked) {
		leg->acked = true;
		cc_leg_due_set(leg, CC_DUE_ACK, INT64_MAX);
		if (leg->bye_due)
			cc_leg_due_set(leg, CC_DUE_END, cc_clock_utc_ms() + CC_LEG_LINGER_MS);
	}
	lock_release(&leg->lock);
	if (alive)
		cc_leg_report_code(leg, CC_IN_LEG_ENDED, 200, "");
	if (unacked)
		cc_leg_put(leg); /* the reference of CC_DUE_ACK */
}

/* re-INVITE, or UPDATE with a description. */
static void request_offer(
		struct cc_leg *leg, struct sip_msg *msg, const struct cc_extensions *x, str body)
{
	struct cc_call_input in = {.kind = CC_IN_LEG_UP};
	struct cc_leg_session before;
	char more[CC_LEG_SESSION_HEADERS] = "";
	bool alive, later = false;
	int code = 0;

	lock_get(&leg->lock);
	before = leg->session;
	alive = leg->sip == CC_SIP_INVITED || (leg->sip == CC_SIP_CONFIRMED && leg->call.slot >= 0);
	if (alive)
		code = cc_leg_session_request(leg, x, more, sizeof(more));
	if (!code)
		code = alive ? cc_leg_offer_take(leg, msg, &body, &later) : 481;
	if (code)
		leg->session = before;
	else if (msg->REQ_METHOD == METHOD_INVITE)
		cc_leg_tm.t_addblind(); /* the call's runner answers a little later */
	lock_release(&leg->lock);
	if (code) {
		reply(msg, code, code == 500 ? RETRY_AFTER : more);
		return;
	}
	if (!later)
		cc_leg_report(leg, &in, 0, "", 0);
}

/* UPDATE without a description: it only refreshes the session. */
static void request_refresh(struct cc_leg *leg, struct sip_msg *msg, const struct cc_extensions *x)
{
	char session[CC_LEG_SESSION_HEADERS] = "", buf[CC_LEG_HEADERS];
	str headers;
	int code = 0;

	lock_get(&leg->lock);
	if (leg->sip == CC_SIP_CONFIRMED) {
		code = cc_leg_session_request(leg, x, session, sizeof(session));
		if (!code)
			cc_leg_session_accept(leg, session, sizeof(session));
	}
	headers = cc_leg_headers(leg, buf, session, false);
	lock_release(&leg->lock);
	cc_leg_save(leg);
	reply(msg, code ? code : 200, headers.s);
}

/* Digits as application/dtmf-relay or application/dtmf, without a package (RFC 6086, 4.2.6: the
 * older way); we have no packages. */
static void request_info(struct cc_leg *leg, struct sip_msg *msg, const struct cc_extensions *x)
{
	struct cc_call_input in = {.kind = CC_IN_DTMF};
	str body = cc_leg_message_sdp(msg), *type = msg->content_type ? &msg->content_type->body : NULL;
	static const char dtmf[] = "application/dtmf";

	if (x->info_package) {
		reply(msg, 469, "Recv-Info: \r\n");
		return;
	}
	if (body.len == 0) {
		reply(msg, 200, "");
		return;
	}
	if (!type || type->len < (int)sizeof(dtmf) - 1 ||
			strncasecmp(type->s, dtmf, sizeof(dtmf) - 1) != 0) {
		reply(msg, 415, CC_ACCEPT);
		return;
	}
	reply(msg, 200, "");
	if (body.len <= 256)
		in.digit = cc_dtmf_key((struct cc_text){body.s, (size_t)body.len});
	if (in.digit)
		cc_leg_report(leg, &in, 0, "", 0);
}

/* The request's number is higher than that of all before it (RFC 3261, 12.2.2); lock held. */
static bool in_order(struct cc_leg *leg, struct sip_msg *msg)
{
	const str *number = &get_cseq(msg)->number;
	uint32_t n;

	if (cc_header_number(&n, (struct cc_text){number->s, (size_t)number->len}) < 0 ||
			(leg->dialog->rem_seq.is_set && n <= leg->dialog->rem_seq.value))
		return false;
	return true;
}

/* Where the far end is now: a phone that lost its connection and made another one. lock held */
static void peer_follow(struct cc_leg *leg, struct sip_msg *msg)
{
	char address[IP_ADDR_MAX_STRZ_SIZE];

	if (!leg->peer[0] || ip_addr2sbufz(&msg->rcv.src_ip, address, sizeof(address)) <= 0)
		return;
	snprintf(leg->peer, sizeof(leg->peer),
			msg->rcv.src_ip.af == AF_INET6 ? "sip:[%s]:%u;transport=%s" : "sip:%s:%u;transport=%s",
			address, msg->rcv.src_port, get_valid_proto_name(msg->rcv.proto));
	leg->sock = leg->dialog->send_sock = msg->rcv.bind_address;
}

static void in_dialog(struct cc_leg *leg, struct sip_msg *msg, const struct cc_extensions *x)
{
	str body = cc_leg_message_sdp(msg);

	switch (msg->REQ_METHOD) {
	case METHOD_BYE:
		request_bye(leg, msg);
		break;
	case METHOD_INVITE:
		request_offer(leg, msg, x, body);
		break;
	case METHOD_UPDATE:
		if (body.len)
			request_offer(leg, msg, x, body);
		else
			request_refresh(leg, msg, x);
		break;
	case METHOD_INFO:
		request_info(leg, msg, x);
		break;
	case METHOD_PRACK:
		reply(msg, cc_leg_reliable_prack(leg, msg), "");
		break;
	case METHOD_OPTIONS:
		reply(msg, 200, cc_leg_abilities);
		break;
	case METHOD_REFER:
		cc_leg_refer(leg, msg);
		break;
	default:
		reply(msg, msg->REQ_METHOD == METHOD_OTHER ? 501 : 405, CC_ALLOW);
		break;
	}
}

/* A BYE or re-INVITE of a phone whose 200 another process has at hand this moment: its dialog is
 * not there yet. Over UDP it comes again in half a second. */
static bool overtook(struct sip_msg *msg)
{
	char tag[CC_LEG_TAG];
	unsigned int slot, gen;
	struct cc_leg *leg;
	bool early;

	if ((msg->REQ_METHOD != METHOD_INVITE && msg->REQ_METHOD != METHOD_BYE) || !msg->callid ||
			!msg->to || !cc_leg_tag_parse(&get_to(msg)->tag_value, tag, &slot, &gen))
		return false;
	leg = cc_leg_get((int32_t)slot, gen);
	if (!leg)
		return false;
	lock_get(&leg->lock);
	early = leg->sip == CC_SIP_INVITING && !leg->incoming && strcmp(tag, leg->tag) == 0 &&
			leg->dialog && str_is(&leg->dialog->id.call_id, &msg->callid->body);
	lock_release(&leg->lock);
	cc_leg_put(leg);
	if (early && msg->rcv.proto != PROTO_UDP && cc_leg_transaction(msg))
		reply(msg, 500, RETRY_AFTER);
	return early;
}

bool cc_leg_request(struct sip_msg *msg)
{
	struct cc_leg *leg = request_leg(msg);
	bool refresh = msg->REQ_METHOD == METHOD_INVITE || msg->REQ_METHOD == METHOD_UPDATE, ordered;
	struct cc_extensions x;

	if (!leg)
		return overtook(msg);
	cc_engine_enter();
	if (msg->REQ_METHOD == METHOD_ACK) {
		request_ack(leg, msg);
		goto out;
	}
	if (!cc_leg_transaction(msg))
		goto out; /* a retransmission; tm has answered it */
	if (cc_extensions_read(&x, msg) < 0) {
		reply(msg, 400, "");
		goto out;
	}
	lock_get(&leg->lock);
	ordered = in_order(leg, msg);
	if (ordered) {
		cc_leg_tm.dlg_request_uas(
				leg->dialog, msg, refresh ? IS_TARGET_REFRESH : IS_NOT_TARGET_REFRESH);
		if (refresh) {
			peer_follow(leg, msg);
			cc_leg_dialog_to_peer(leg);
		}
	}
	lock_release(&leg->lock);
	if (ordered && refresh)
		cc_leg_save(leg);
	if (ordered)
		in_dialog(leg, msg, &x);
	else
		reply(msg, 500, RETRY_AFTER);
out:
	cc_leg_put(leg);
	cc_engine_leave();
	return true;
}
