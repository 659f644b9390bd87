/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "core/dprint.h"

#include "cc/clock.h"
#include "cc/err.h"
#include "engine.h"
#include "lease.h"
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

/* The leg's dialog; 0 or a negative enum cc_err. */
static int dialog_make(struct cc_leg *leg, struct sip_msg *msg, const char *peer)
{
	str tag = {leg->tag, (int)strlen(leg->tag)};

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
	return CC_OK;
}

/* The transaction stays until the call has decided, and says when it is cancelled. */
static int transaction_keep(struct cc_leg *leg, struct sip_msg *msg)
{
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

int cc_leg_accept(struct cc_leg *leg, struct sip_msg *msg, const struct cc_extensions *x,
		const char *peer, char *headers, size_t cap)
{
	str body = cc_leg_message_sdp(msg);
	int rc, code;

	leg->reliable = x->reliable;
	leg->session.update = x->update;
	leg->late_offer = body.len == 0;
	code = cc_leg_session_request(leg, x, headers, cap);
	if (code)
		goto refused;
	rc = dialog_make(leg, msg, peer);
	if (rc == CC_OK)
		rc = cc_leg_sdp_keep(leg, &body);
	if (rc == CC_OK)
		rc = transaction_keep(leg, msg);
	if (rc == CC_OK)
		return 0;
	code = rc == CC_E_INVAL ? 400 : 500;
refused:
	leg->sip = CC_SIP_DONE; /* the answer is the caller's business */
	return code;
}

static void respond(struct cc_leg *leg, int code, const char *reason, str *body)
{
	char more[64] = "";
	bool open;

	lock_get(&leg->lock);
	open = leg->sip == CC_SIP_INVITED;
	if (open && code >= 300)
		leg->sip = CC_SIP_DONE;
	if (open && leg->reliable && code > 100 && code < 200) {
		open = !leg->unproven; /* one at a time (RFC 3262, 3) */
		if (open)
			cc_leg_reliable_begin(leg, code, more, sizeof(more));
		else
			leg->sound_due |= body != NULL;
	}
	lock_release(&leg->lock);
	if (open && cc_leg_transaction_reply(leg, leg->trans_hash, leg->trans_label, code,
						*reason ? reason : cc_leg_reason(code), more, body) < 0)
		LM_DBG("leg %s: response %d came too late\n", leg->id, code);
}

void cc_leg_respond(struct cc_leg *leg, int code, const char *reason)
{
	respond(leg, code, reason, NULL);
}

void cc_leg_respond_sound(struct cc_leg *leg)
{
	char offer[CC_SDP_MAX], text[CC_SDP_MAX];
	int32_t len = leg->early ? 0 : cc_leg_sdp_copy(leg, offer); /* 0: it wants ours */
	int rc = len ? cc_leg_media_answer(leg, offer, (size_t)len, text, sizeof(text)) : CC_E_STATE;
	str body = {text, rc};
	bool sound = false;

	if (rc >= 0) {
		lock_get(&leg->lock);
		sound = leg->early = cc_leg_sdp_keep(leg, &body) == CC_OK;
		lock_release(&leg->lock);
	}
	respond(leg, sound ? 183 : 180, "", sound ? &body : NULL);
}

/* Whether the phone has our description for good: it has acknowledged it. False, and *later: it is
 * still to do so, and the answer has to wait (RFC 3262, 5). */
static bool described(struct cc_leg *leg, bool *later)
{
	bool sent;

	lock_get(&leg->lock);
	sent = leg->reliable && leg->early && !leg->sound_due;
	*later = leg->accept_due = sent && leg->unproven;
	leg->sound_due = false; /* else the 200 brings it */
	lock_release(&leg->lock);
	return sent && !*later;
}

int cc_leg_answer(struct cc_leg *leg)
{
	char text[CC_SDP_MAX], more[CC_LEG_SESSION_HEADERS];
	str body = {text, 0};
	bool told, later;
	int32_t len;
	char *sdp;
	int rc;

	if (leg->sip != CC_SIP_INVITED)
		return 487;
	told = described(leg, &later);
	if (later)
		return 100;
	sdp = cc_leg_sdp_take(leg, &len);
	if (leg->early) { /* the phone has our answer, and is told the same again unless that is sure */
		memcpy(text, sdp, (size_t)len);
		rc = len;
	} else if (sdp) {
		rc = cc_leg_media_answer(leg, sdp, (size_t)len, text, sizeof(text));
	} else {
		rc = cc_leg_media_offer(leg, text, sizeof(text));
	}
	cc_leg_sdp_free(sdp);
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
	leg->unproven = 0;
	leg->refs++; /* of CC_DUE_ACK */
	cc_leg_due_set(leg, CC_DUE_PRACK, INT64_MAX);
	cc_leg_due_set(leg, CC_DUE_ACK, cc_clock_utc_ms() + NO_ACK_MS);
	if (leg->silent) /* it need not have sent any sound before */
		cc_leg_due_set(leg, CC_DUE_PROBE, cc_clock_utc_ms() + CC_LEASE_SILENCE_MS);
	cc_leg_session_accept(leg, more, sizeof(more));
	lock_release(&leg->lock);
	if (cc_leg_transaction_reply(leg, leg->trans_hash, leg->trans_label, 200, "OK", more,
				told ? NULL : &body) == CC_OK)
		return 0;
	lock_get(&leg->lock);
	leg->sip = CC_SIP_DONE;
	leg->acked = true;
	cc_leg_due_set(leg, CC_DUE_ACK, INT64_MAX);
	cc_leg_due_set(leg, CC_DUE_SESSION, INT64_MAX);
	lock_release(&leg->lock);
	cc_leg_put(leg); /* the reference of CC_DUE_ACK */
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
