/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "core/parser/parse_cseq.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"

#include "cc/clock.h"
#include "cc/err.h"
#include "engine.h"
#include "leg_private.h"
#include "leg_saved.h"

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

static void reply(struct sip_msg *msg, int code)
{
	cc_leg_refuse(msg, code, "", "");
}

/* ACK to our 2xx. */
static void request_ack(struct cc_leg *leg, struct sip_msg *msg)
{
	str body = cc_leg_message_sdp(msg);
	struct cc_call_input in = {.kind = CC_IN_LEG_UP};
	bool first, bye = false, job = false;

	cc_leg_tmx.t_check_trans(msg); /* stops the retransmission of our 2xx */
	lock_get(&leg->lock);
	first = leg->incoming && leg->sip == CC_SIP_CONFIRMED && !leg->acked;
	if (first) {
		leg->acked = true;
		bye = leg->bye_due;
		if (bye)
			leg->sip = CC_SIP_DONE;
		cc_leg_deadline_set(leg, bye ? cc_clock_utc_ms() + CC_LEG_LINGER_MS : INT64_MAX);
	}
	if (leg->late_offer && !bye && leg->job == CC_JOB_NONE &&
			cc_leg_sdp_keep(leg, &body) == CC_OK && body.len) {
		leg->late_offer = false;
		leg->job = CC_JOB_ACK_ANSWER;
		job = true;
	}
	lock_release(&leg->lock);
	if (bye)
		cc_leg_bye(leg);
	if (job)
		cc_leg_report(leg, &in, 200, "", 0);
	if (first)
		cc_leg_put(leg); /* the deadline's reference */
}

static void request_bye(struct cc_leg *leg, struct sip_msg *msg)
{
	bool alive, deadline;

	reply(msg, 200);
	lock_get(&leg->lock);
	alive = leg->sip == CC_SIP_CONFIRMED;
	deadline = alive && leg->incoming && !leg->acked;
	if (alive) {
		leg->sip = CC_SIP_DONE;
		leg->dialog->state = DLG_DESTROYED;
	}
	if (deadline) {
		leg->acked = true;
		cc_leg_deadline_set(leg, cc_clock_utc_ms() + CC_LEG_LINGER_MS);
	}
	lock_release(&leg->lock);
	if (alive)
		cc_leg_report_code(leg, CC_IN_LEG_ENDED, 200, "");
	if (deadline)
		cc_leg_put(leg);
}

/* re-INVITE, or UPDATE with a description. */
static void request_offer(struct cc_leg *leg, struct sip_msg *msg)
{
	struct cc_call_input in = {.kind = CC_IN_LEG_UP};
	str body = cc_leg_message_sdp(msg);
	int code = 0;

	lock_get(&leg->lock);
	if (leg->sip != CC_SIP_CONFIRMED || leg->call.slot < 0)
		code = 481;
	else if (leg->job != CC_JOB_NONE || !leg->acked)
		code = 491;
	else if (cc_leg_sdp_keep(leg, &body) < 0 ||
			 cc_leg_tm.t_get_trans_ident(msg, &leg->job_hash, &leg->job_label) < 0)
		code = 500;
	else {
		leg->job = CC_JOB_REINVITE;
		leg->late_offer = body.len == 0;
	}
	lock_release(&leg->lock);
	if (code) {
		reply(msg, code);
		return;
	}
	if (msg->REQ_METHOD == METHOD_INVITE)
		cc_leg_tm.t_addblind(); /* the call's runner may answer a little later */
	cc_leg_report(leg, &in, 0, "", 0);
}

/* "Signal=5" of application/dtmf-relay, or the bare digit of application/dtmf. */
static void request_info(struct cc_leg *leg, struct sip_msg *msg)
{
	struct cc_call_input in = {.kind = CC_IN_DTMF};
	str body = cc_leg_message_sdp(msg);
	const char *p = body.s, *end = body.s + body.len, *key = "Signal=";

	reply(msg, 200);
	if (body.len == 0 || body.len > 256 || !msg->content_type || msg->content_type->body.len < 16 ||
			strncasecmp(msg->content_type->body.s, "application/dtmf", 16) != 0)
		return;
	if (body.len > (int)strlen(key) && strncasecmp(p, key, strlen(key)) == 0)
		p += strlen(key);
	while (p < end && *p == ' ')
		p++;
	if (p < end && strchr("0123456789*#ABCD", *p)) {
		in.digit = *p;
		cc_leg_report(leg, &in, 0, "", 0);
	}
}

bool cc_leg_request(struct sip_msg *msg)
{
	struct cc_leg *leg = request_leg(msg);
	bool refresh = msg->REQ_METHOD == METHOD_INVITE || msg->REQ_METHOD == METHOD_UPDATE;

	if (!leg)
		return false;
	cc_engine_enter();
	if (msg->REQ_METHOD == METHOD_ACK) {
		request_ack(leg, msg);
		goto out;
	}
	if (!cc_leg_transaction(msg))
		goto out; /* a retransmission; tm has answered it */
	lock_get(&leg->lock);
	cc_leg_tm.dlg_request_uas(
			leg->dialog, msg, refresh ? IS_TARGET_REFRESH : IS_NOT_TARGET_REFRESH);
	if (refresh)
		cc_leg_dialog_to_peer(leg);
	lock_release(&leg->lock);
	if (refresh)
		cc_leg_save(leg);
	switch (msg->REQ_METHOD) {
	case METHOD_BYE:
		request_bye(leg, msg);
		break;
	case METHOD_INVITE:
		request_offer(leg, msg);
		break;
	case METHOD_UPDATE:
		if (cc_leg_message_sdp(msg).len)
			request_offer(leg, msg);
		else
			reply(msg, 200);
		break;
	case METHOD_INFO:
		request_info(leg, msg);
		break;
	case METHOD_OPTIONS:
		reply(msg, 200);
		break;
	default:
		reply(msg, 405);
		break;
	}
out:
	cc_leg_put(leg);
	cc_engine_leave();
	return true;
}
