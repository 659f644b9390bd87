/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "core/dprint.h"

#include "cc/clock.h"
#include "cc/err.h"
#include "engine.h"
#include "leg_media.h"
#include "leg_private.h"

#define NO_ACK_MS 32000 /* 64 T1 (RFC 3261, 13.3.1.4) */
#define TRANSACTION_MS 3600000

static void incoming_event(struct cell *t, int type, struct tmcb_params *ps)
{
	struct cc_leg *leg = cc_leg_of_callback(ps->param);
	bool open;

	if (!leg)
		return;
	cc_engine_enter();
	lock_get(&leg->lock);
	open = leg->sip == CC_SIP_INVITED;
	if (open)
		leg->sip = CC_SIP_DONE; /* tm sends the final response itself: 487, or 408 when nobody
								   answered */
	lock_release(&leg->lock);
	if (open)
		cc_leg_report_code(leg, CC_IN_LEG_ENDED, type == TMCB_DESTROY ? 408 : 487,
				type == TMCB_DESTROY ? "Request Timeout" : "Request Terminated");
	if (type == TMCB_DESTROY)
		cc_leg_transaction_put(leg);
	cc_leg_put(leg);
	cc_engine_leave();
}

int cc_leg_accept(struct cc_leg *leg, struct sip_msg *msg, const char *peer)
{
	str tag = {leg->tag, (int)strlen(leg->tag)}, body = cc_leg_message_sdp(msg);
	int rc;

	if (cc_leg_tm.t_get_trans_ident(msg, &leg->trans_hash, &leg->trans_label) < 0)
		return CC_E_STATE;
	/* code 100: the dialog gets no tag yet; ours is found again without a table */
	if (cc_leg_tm.new_dlg_uas(msg, 100, &leg->dialog) < 0 ||
			cc_leg_tm.update_dlg_uas(leg->dialog, 180, &tag) < 0)
		return CC_E_INVAL;
	snprintf(leg->peer, sizeof(leg->peer), "%s", peer);
	if (cc_leg_dialog_to_peer(leg) < 0)
		return CC_E_NOMEM;
	leg->sock = msg->rcv.bind_address;
	leg->dialog->send_sock = msg->rcv.bind_address;
	leg->kind =
			msg->rcv.proto == PROTO_WS || msg->rcv.proto == PROTO_WSS ? CC_NG_WEBRTC : CC_NG_RTP;
	leg->late_offer = body.len == 0;
	rc = cc_leg_sdp_keep(leg, &body);
	if (rc < 0)
		return rc;
	/* Without a branch tm would end the transaction when it has been unanswered for a while. */
	cc_leg_tm.set_fr(msg, TRANSACTION_MS, TRANSACTION_MS);
	if (cc_leg_tm.t_addblind() < 0)
		return CC_E_NOMEM;
	lock_get(&leg->lock);
	cc_leg_transaction_hold(leg);
	lock_release(&leg->lock);
	if (cc_leg_tm.register_tmcb(msg, NULL, TMCB_E2ECANCEL_IN | TMCB_DESTROY, incoming_event,
				cc_leg_callback_param(leg), NULL) <= 0) {
		cc_leg_transaction_put(leg);
		return CC_E_NOMEM;
	}
	return CC_OK;
}

void cc_leg_respond(struct cc_leg *leg, int code, const char *reason)
{
	bool open;

	lock_get(&leg->lock);
	open = leg->sip == CC_SIP_INVITED;
	if (open && code >= 300)
		leg->sip = CC_SIP_DONE;
	lock_release(&leg->lock);
	if (open && cc_leg_transaction_reply(leg, leg->trans_hash, leg->trans_label, code,
						*reason ? reason : cc_leg_reason(code), NULL) < 0)
		LM_DBG("leg %s: response %d came too late\n", leg->id, code);
}

int cc_leg_answer(struct cc_leg *leg)
{
	char text[CC_SDP_MAX];
	str body = {text, 0};
	int32_t offer_len;
	char *offer;
	int rc;

	if (leg->sip != CC_SIP_INVITED)
		return 487;
	offer = cc_leg_sdp_take(leg, &offer_len);
	rc = offer ? cc_leg_media_answer(leg, offer, (size_t)offer_len, text, sizeof(text))
			   : cc_leg_media_offer(leg, text, sizeof(text));
	cc_leg_sdp_free(offer);
	if (rc < 0) {
		rc = cc_leg_media_code(rc);
		cc_leg_respond(leg, rc, "");
		return rc;
	}
	body.len = rc;
	lock_get(&leg->lock);
	if (leg->sip != CC_SIP_INVITED || cc_leg_tm.update_dlg_uas(leg->dialog, 200,
											  &(str){leg->tag, (int)strlen(leg->tag)}) < 0) {
		lock_release(&leg->lock);
		return 487; /* cancelled meanwhile */
	}
	leg->sip = CC_SIP_CONFIRMED;
	leg->refs++; /* of the deadline: the ACK, or none in time */
	cc_leg_deadline_set(leg, cc_clock_utc_ms() + NO_ACK_MS);
	lock_release(&leg->lock);
	if (cc_leg_transaction_reply(leg, leg->trans_hash, leg->trans_label, 200, "OK", &body) == CC_OK)
		return 0;
	lock_get(&leg->lock);
	leg->sip = CC_SIP_DONE;
	leg->acked = true;
	cc_leg_deadline_set(leg, INT64_MAX);
	lock_release(&leg->lock);
	cc_leg_put(leg); /* the deadline's reference */
	return 487;
}

void cc_leg_cancel(struct sip_msg *msg)
{
	cc_engine_enter();
	if (cc_leg_tmx.t_check_trans(msg) > 0)
		cc_leg_tm.t_relay(
				msg, NULL, NULL); /* tm answers CANCEL and INVITE, and calls incoming_event */
	cc_engine_leave();
}
