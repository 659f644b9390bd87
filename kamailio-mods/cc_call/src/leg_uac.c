/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "core/dprint.h"
#include "core/parser/parse_cseq.h"
#include "core/parser/parse_to.h"
#include "core/ut.h"

#include "cc/clock.h"
#include "cc/err.h"
#include "cc/utf8.h"
#include "engine.h"
#include "leg_media.h"
#include "leg_private.h"
#include "leg_ringing.h"

/* Phones differ in what they understand: RFC 5373, and what most of them have. */
#define AUTO_ANSWER                                                                                \
	"Call-Info: <sip:tandem>;answer-after=0\r\n"                                                   \
	"Alert-Info: <http://tandem/>;info=alert-autoanswer;delay=0\r\nAnswer-Mode: Auto\r\n"

static str method_invite = str_init("INVITE");
static str method_ack = str_init("ACK");
static str method_bye = str_init("BYE");

void cc_leg_give_up(struct cc_leg *leg)
{
	struct cell *previous = cc_leg_tm.t_gett(), *t;
	int branch = cc_leg_tm.t_gett_branch();

	if (cc_leg_tm.t_lookup_ident(&t, leg->trans_hash, leg->trans_label) >= 0) {
		t->fr_timeout = MS_TO_TICKS(CC_LEG_64T1_MS); /* of the CANCEL; the INVITE's runs already */
		cc_leg_tm.cancel_all_uacs(t, F_CANCEL_B_FORCE_RETR);
		cc_leg_tm.unref_cell(t);
	}
	cc_leg_tm.t_sett(previous, branch);
}

dlg_t *cc_leg_fork(struct cc_leg *leg, struct sip_msg *msg)
{
	const dlg_t *own = leg->dialog;
	str id = own->id.call_id, tag = own->id.loc_tag, from = own->loc_uri, to = own->rem_uri;
	str peer = {leg->peer, (int)strlen(leg->peer)};
	unsigned int code = msg->first_line.u.reply.statuscode;
	dlg_t *d = NULL;
	int rc;

	if (cc_leg_tm.new_dlg_uac(&id, &tag, own->loc_seq.value, &from, &to, &d) < 0)
		return NULL;
	/* tm takes the far end from a 2xx only, but early ones have the same headers */
	msg->first_line.u.reply.statuscode = 200;
	rc = cc_leg_tm.dlg_response_uac(d, msg, IS_TARGET_REFRESH);
	msg->first_line.u.reply.statuscode = code;
	if (rc == 0 && d->id.rem_tag.len && d->rem_target.len) {
		d->send_sock = leg->sock;
		if (!peer.len || d->route_set ||
				(shm_str_dup(&d->dst_uri, &peer) == 0 && cc_leg_tm.calculate_hooks(d) >= 0))
			return d;
	}
	cc_leg_tm.free_dlg(d);
	return NULL;
}

/* Whether a 2xx comes from another far end than the leg's: a proxy asked several, and two took the
 * call (RFC 3261, 13.2.2.4). */
static bool other_answer(const struct cc_leg *leg, struct sip_msg *msg)
{
	const str *far, *known;

	if (parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->to || !leg->dialog)
		return false;
	far = &get_to(msg)->tag_value;
	known = &leg->dialog->id.rem_tag;
	return far->len != known->len || memcmp(far->s, known->s, (size_t)far->len) != 0;
}

/* Nobody needs it. tm has repeated the ACK of the first answer, which is not meant for this far
 * end. lock held */
static void other_bye(struct cc_leg *leg, struct sip_msg *msg)
{
	str headers = str_init("Max-Forwards: 70\r\n");
	dlg_t *d = cc_leg_fork(leg, msg);
	const str *number;
	uint32_t cseq;
	uac_req_t ack, bye;

	if (!d)
		return;
	number = &get_cseq(msg)->number;
	if (cc_header_number(&cseq, (struct cc_text){number->s, (size_t)number->len}) == CC_OK)
		d->loc_seq.value = cseq;
	set_uac_req(&ack, &method_ack, &headers, NULL, d, 0, NULL, NULL);
	set_uac_req(&bye, &method_bye, &headers, NULL, d, 0, NULL, NULL);
	if (cc_leg_tm.t_request_within(&ack) < 0 || cc_leg_send_surely(&bye) < 0)
		LM_WARN("leg %s: a second answer could not be hung up\n", leg->id);
	cc_leg_tm.free_dlg(d);
}

/* 2xx to our INVITE. */
static void outgoing_answered(struct cc_leg *leg, struct sip_msg *msg)
{
	str body = cc_leg_message_sdp(msg);
	struct cc_extensions x;
	bool usable;
	enum
	{
		IGNORE,
		UP,
		HANG_UP,
		UNUSABLE
	} what = IGNORE;

	lock_get(&leg->lock);
	if (leg->sip == CC_SIP_INVITING || leg->sip == CC_SIP_CANCELLED) {
		bool alive = leg->sip == CC_SIP_INVITING;

		if (cc_extensions_read(&x, msg) < 0 ||
				cc_leg_tm.dlg_response_uac(leg->dialog, msg, IS_TARGET_REFRESH) < 0) {
			what = UNUSABLE;
		} else {
			cc_leg_dialog_to_peer(leg);
			leg->session.update = x.update;
			if (alive)
				cc_leg_session_response(leg, &x);
			/* what came reliably before need not come again (RFC 3262, 5) */
			usable = body.len ? cc_leg_sdp_keep(leg, &body) == CC_OK : leg->early;
			what = alive && usable ? UP : alive ? UNUSABLE : HANG_UP;
		}
		leg->sip = what == UP ? CC_SIP_CONFIRMED : CC_SIP_DONE;
		if (!alive)
			cc_leg_due_set(leg, CC_DUE_END, cc_clock_utc_ms() + CC_LEG_LINGER_MS);
		leg->acked = true; /* tm acknowledges a 2xx by itself */
		leg->job = what == UP ? CC_JOB_ANSWERED : CC_JOB_NONE;
	} else if (other_answer(leg, msg)) {
		other_bye(leg, msg);
	}
	lock_release(&leg->lock);
	if (what == UP)
		cc_leg_report_code(leg, CC_IN_LEG_UP, 200, "");
	else if (what == HANG_UP || what == UNUSABLE)
		cc_leg_bye(leg);
	if (what == UNUSABLE)
		cc_leg_report_code(leg, CC_IN_LEG_FAILED, 500, "unusable answer");
}

static void outgoing_failed(struct cc_leg *leg, int code, const str *text)
{
	struct cc_call_input in = {.kind = CC_IN_LEG_FAILED};
	bool alive;

	lock_get(&leg->lock);
	alive = leg->sip == CC_SIP_INVITING;
	if (leg->sip == CC_SIP_CANCELLED)
		cc_leg_due_set(leg, CC_DUE_END, cc_clock_utc_ms() + CC_LEG_LINGER_MS);
	if (alive || leg->sip == CC_SIP_CANCELLED)
		leg->sip = CC_SIP_DONE;
	lock_release(&leg->lock);
	if (alive)
		cc_leg_report(leg, &in, code, text->s, text->len);
}

/* 422: the far end wants a longer session than we asked for, and gets the INVITE again (RFC 4028,
 * 7.3). False: it has no reason, and the INVITE has failed. */
static bool session_longer(struct cc_leg *leg, struct sip_msg *msg)
{
	struct cc_call_input in = {.kind = CC_IN_LEG_UP};
	struct cc_extensions x;
	bool longer;

	if (cc_extensions_read(&x, msg) < 0)
		return false;
	lock_get(&leg->lock);
	longer = leg->sip == CC_SIP_INVITING && leg->call.slot >= 0 && leg->job == CC_JOB_NONE &&
			 cc_leg_session_s && x.session_min_s > cc_leg_session_s &&
			 x.session_min_s > leg->session.interval_s;
	if (longer) {
		leg->session.interval_s = x.session_min_s;
		leg->job = CC_JOB_AGAIN;
	}
	lock_release(&leg->lock);
	if (longer)
		cc_leg_report(leg, &in, 0, "", 0);
	return longer;
}

/* Whether the transaction is the one of the leg's INVITE, and not of one that was sent again. */
static bool current(struct cc_leg *leg, const struct cell *t)
{
	bool same;

	lock_get(&leg->lock);
	same = t->hash_index == leg->trans_hash && t->label == leg->trans_label;
	lock_release(&leg->lock);
	return same;
}

/* Sound before the answer: announcements and ring tones of a carrier; agents' phones have none that
 * matters. It is that of the first far end that has some. */
static bool early(struct cc_leg *leg, struct sip_msg *msg)
{
	str body = cc_leg_message_sdp(msg);
	bool taken;

	lock_get(&leg->lock);
	taken = leg->trunk && !leg->early && leg->sip == CC_SIP_INVITING && leg->job == CC_JOB_NONE &&
			leg->working == CC_JOB_NONE && body.len && cc_leg_sdp_keep(leg, &body) == CC_OK;
	if (taken) {
		leg->early = true;
		leg->job = CC_JOB_ANSWERED;
	}
	lock_release(&leg->lock);
	return taken;
}

/* Runs in whatever process received the response, and for timeouts in tm's timer. It may come
 * twice: a 408 and then a late 200. */
static void outgoing_event(struct cell *t, int type, struct tmcb_params *ps)
{
	struct cc_leg *leg = cc_leg_of_callback(ps->param);
	struct sip_msg *reply = ps->rpl && ps->rpl != FAKED_REPLY ? ps->rpl : NULL;
	bool first;

	if (!leg)
		return;
	cc_engine_enter();
	if (type == TMCB_DESTROY) {
		str text = str_init("Request Timeout");

		if (current(leg, t))
			outgoing_failed(leg, 408, &text);
		cc_leg_transaction_put(leg);
	} else if (!current(leg, t)) {
		LM_DBG("leg %s: %d to an INVITE that was sent again\n", leg->id, ps->code);
	} else if (ps->code < 200) {
		lock_get(&leg->lock);
		first = leg->sip == CC_SIP_INVITING && !leg->ringing && ps->code >= 180;
		if (first)
			leg->ringing = true;
		lock_release(&leg->lock);
		if (reply && ps->code > 100)
			cc_leg_reliable_response(leg, reply);
		if (reply && ps->code >= 180 && early(leg, reply))
			cc_leg_report_code(leg, CC_IN_LEG_EARLY, ps->code, "");
		else if (first)
			cc_leg_report_code(leg, CC_IN_LEG_RINGING, ps->code, "");
	} else if (ps->code < 300 && reply) {
		outgoing_answered(leg, reply);
	} else if (ps->code != 422 || !reply || !session_longer(leg, reply)) {
		str text = reply ? reply->first_line.u.reply.reason : (str)str_init("Request Timeout");

		outgoing_failed(leg, ps->code, &text);
	}
	cc_leg_put(leg);
	cc_engine_leave();
}

/* "name" <sip:user@host>: quotes and control characters cannot get into the header. */
static int name_addr(char *buf, size_t cap, const char *name, const char *user, const char *host)
{
	/* room for the rest of a character that is cut away below */
	char clean_name[CC_CALL_TEXT + 4] = "", clean_user[CC_CALL_TEXT] = "";
	size_t n = 0;
	int len;

	for (const char *p = name; *p && n < sizeof(clean_name) - 1; p++)
		if ((unsigned char)*p >= ' ' && *p != '"' && *p != '\\' && *p != 0x7f)
			clean_name[n++] = *p;
	clean_name[cc_utf8_cut(clean_name, n, CC_CALL_TEXT - 1)] = '\0';
	n = 0;
	for (const char *p = user; *p && n < sizeof(clean_user) - 1; p++)
		if (strchr("0123456789+*#-._ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", *p))
			clean_user[n++] = *p;
	len = clean_name[0] ? snprintf(buf, cap, "\"%s\" <sip:%s@%s>", clean_name,
								  clean_user[0] ? clean_user : "anonymous", host)
						: snprintf(buf, cap, "<sip:%s@%s>",
								  clean_user[0] ? clean_user : "anonymous", host);
	return len < 0 || (size_t)len >= cap ? CC_E_RANGE : len;
}

/* Sends the INVITE with that offer to the target of the leg's dialog. */
static int invite_send(struct cc_leg *leg, str *body)
{
	char buf[CC_LEG_HEADERS], more[CC_LEG_SESSION_HEADERS];
	str headers;
	uac_req_t req;
	int rc;

	cc_leg_session_ask(leg, more, sizeof(more));
	headers = cc_leg_headers(leg, buf, more, true);
	if (leg->auto_answer)
		headers.len +=
				snprintf(headers.s + headers.len, sizeof(buf) - (size_t)headers.len, AUTO_ANSWER);
	lock_get(&leg->lock); /* so that a quick response finds the transaction's identity */
	cc_leg_transaction_hold(leg);
	set_uac_req(&req, &method_invite, &headers, body, leg->dialog,
			TMCB_LOCAL_COMPLETED | TMCB_LOCAL_RESPONSE_OUT | TMCB_DESTROY, outgoing_event,
			cc_leg_callback_param(leg));
	rc = cc_leg_tm.t_uac_with_ids(&req, &leg->trans_hash, &leg->trans_label);
	lock_release(&leg->lock);
	if (rc < 0) {
		cc_leg_transaction_put(leg);
		return CC_E_IO;
	}
	cc_leg_ringing_save(leg);
	return CC_OK;
}

int cc_leg_invite_again(struct cc_leg *leg)
{
	char sdp[CC_SDP_MAX];
	str body = {sdp, 0};
	bool wanted;

	lock_get(&leg->lock);
	wanted = leg->sip == CC_SIP_INVITING;
	if (wanted)
		leg->dialog->loc_seq.value++;
	lock_release(&leg->lock);
	if (!wanted)
		return CC_OK;
	body.len = cc_leg_media_offer(leg, sdp, sizeof(sdp));
	return body.len < 0 ? body.len : invite_send(leg, &body);
}

/* The description for the INVITE: a ready leg has it (leg_ready.h). */
static int offer(struct cc_leg *leg, char *out, size_t cap)
{
	int32_t len;
	char *ready = cc_leg_sdp_take(leg, &len);

	if (!ready)
		return cc_leg_media_offer(leg, out, cap);
	memcpy(out, ready, (size_t)len);
	cc_leg_sdp_free(ready);
	cc_sdp_prefer(out, (size_t)len, leg->prefer);
	return len;
}

int cc_leg_invite(struct cc_leg *leg, const struct cc_leg_target *to)
{
	char sdp[CC_SDP_MAX + 1], from[256], uri[128], call_id[128];
	str body = {sdp, 0}, from_s = {from, 0}, to_s = {uri, 0}, call_id_s = {call_id, 0};
	str tag = {leg->tag, (int)strlen(leg->tag)};
	str target = {(char *)to->contact->uri, (int)strlen(to->contact->uri)};
	str next_hop = {(char *)to->contact->received, (int)strlen(to->contact->received)};
	int rc;

	leg->kind = to->contact->webrtc ? CC_NG_WEBRTC : CC_NG_RTP;
	leg->prefer = to->prefer;
	leg->auto_answer = to->auto_answer;
	leg->sock = to->contact->sock;
	snprintf(leg->peer, sizeof(leg->peer), "%s", to->contact->received);
	cc_leg_owner(leg, to->number, to->domain);
	rc = offer(leg, sdp, sizeof(sdp));
	if (rc < 0)
		return rc;
	body.len = rc;
	from_s.len = name_addr(from, sizeof(from), to->from_name, to->from, to->domain);
	to_s.len = snprintf(uri, sizeof(uri), "sip:%s@%s", to->number, to->domain);
	call_id_s.len = snprintf(call_id, sizeof(call_id), "%s@%s", leg->id, cc_leg_address);
	if (from_s.len < 0 || to_s.len >= (int)sizeof(uri))
		return CC_E_RANGE;
	if (cc_leg_tm.new_dlg_uac(&call_id_s, &tag, 1, &from_s, &to_s, &leg->dialog) < 0)
		return CC_E_NOMEM;
	if (cc_leg_tm.set_dlg_target(leg->dialog, &target, next_hop.len ? &next_hop : NULL) < 0)
		return CC_E_NOMEM;
	leg->dialog->send_sock = leg->sock;
	return invite_send(leg, &body);
}
