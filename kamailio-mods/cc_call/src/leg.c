/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/data_lump_rpl.h"
#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/parser/parse_content.h"
#include "core/parser/parse_cseq.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"
#include "core/rand/kam_rand.h"
#include "core/socket_info.h"

#include "cc/clock.h"
#include "cc/err.h"
#include "cc/ulid.h"
#include "engine.h"
#include "leg.h"
#include "leg_media.h"

#define NO_ACK_MS 32000      /* 64 T1 (RFC 3261, 13.3.1.4) */
#define PROBE_AGAIN_MS 10000 /* a leg that stays silent is asked again after this */
#define LINGER_MS                                                                                  \
	5000 /* a leg that is over still knows its dialog: the far end's BYE may be on its way */
#define CANCELLED_MS 32000 /* 64 T1: then no response to it comes any more (RFC 3261, 9.1) */
#define TRANSACTION_MS 3600000
#define HEADERS_MAX 512

static struct tm_binds tm;
static tm_xapi_t tmx;
static char our_address[64];

static str method_invite = str_init("INVITE");
static str method_bye = str_init("BYE");
static str method_options = str_init("OPTIONS");
static str no_text = str_init("");

static const char supported[] =
		"Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE\r\nAccept: application/sdp\r\n";

/* Phones differ in what they understand: RFC 5373, and what most of them have. */
#define AUTO_ANSWER                                                                                \
	"Call-Info: <sip:tandem>;answer-after=0\r\n"                                                   \
	"Alert-Info: <http://tandem/>;info=alert-autoanswer;delay=0\r\nAnswer-Mode: Auto\r\n"

int cc_leg_init(const char *advertise)
{
	if (load_tm_api(&tm) < 0 || tm_load_xapi(&tmx) < 0)
		return CC_E_NOENT;
	if (snprintf(our_address, sizeof(our_address), "%s", advertise) >= (int)sizeof(our_address))
		return CC_E_RANGE;
	return CC_OK;
}

/* ---- slots and references ---- */

int32_t cc_leg_slot(const struct cc_leg *leg)
{
	return (int32_t)(leg - cc_engine->legs);
}

uint16_t cc_leg_port(const struct cc_leg *leg)
{
	return (uint16_t)(cc_engine->mix_min + 2 * leg->port);
}

int cc_leg_new(struct cc_leg **out, bool incoming)
{
	int32_t port = cc_pool_take(cc_engine->port_pool);
	int32_t slot = port < 0 ? -1 : cc_pool_take(cc_engine->leg_pool);
	struct cc_ulid id = cc_ulid_new();
	struct cc_leg *leg;

	if (slot < 0) {
		if (port >= 0)
			cc_pool_give(cc_engine->port_pool, port);
		return CC_E_FULL;
	}
	leg = &cc_engine->legs[slot];
	lock_get(&leg->lock);
	leg->gen++;
	leg->refs = 1;
	leg->sip = incoming ? CC_SIP_INVITED : CC_SIP_INVITING;
	leg->incoming = incoming;
	leg->acked = leg->ringing = leg->silent = leg->late_offer = leg->bye_due = leg->transaction =
			false;
	leg->job = CC_JOB_NONE;
	leg->call.slot = -1;
	leg->trans_hash = leg->trans_label = 0;
	leg->sock = NULL;
	leg->peer[0] = '\0';
	cc_engine->leg_ids[slot] = id;
	cc_ulid_format(&id, leg->id);
	snprintf(leg->tag, sizeof(leg->tag), "cc%x-%x-%08x%08x", (unsigned)slot, leg->gen,
			(unsigned)kam_rand(), (unsigned)kam_rand());
	leg->kind = CC_NG_RTP;
	leg->port = port;
	leg->media_gen = 1;
	leg->ng_open = leg->mixer_open = leg->recording = false;
	leg->sdp_version = 0;
	lock_release(&leg->lock);
	*out = leg;
	return CC_OK;
}

struct cc_leg *cc_leg_get(int32_t slot, uint32_t gen)
{
	struct cc_leg *leg;

	if (slot < 0 || slot >= cc_engine->leg_count)
		return NULL;
	leg = &cc_engine->legs[slot];
	lock_get(&leg->lock);
	if (leg->refs == 0 || leg->gen != gen) {
		lock_release(&leg->lock);
		return NULL;
	}
	leg->refs++;
	lock_release(&leg->lock);
	return leg;
}

void cc_leg_put(struct cc_leg *leg)
{
	dlg_t *dialog = NULL;
	char *sdp = NULL;
	bool last;

	lock_get(&leg->lock);
	last = --leg->refs == 0;
	if (last) {
		dialog = leg->dialog;
		sdp = leg->sdp;
		leg->dialog = NULL;
		leg->sdp = NULL;
		leg->sip = CC_SIP_FREE;
		cc_engine->leg_ids[cc_leg_slot(leg)] = (struct cc_ulid){0};
		cc_engine->leg_deadline[cc_leg_slot(leg)] = INT64_MAX;
	}
	lock_release(&leg->lock);
	if (!last)
		return;
	if (dialog)
		tm.free_dlg(dialog);
	if (sdp)
		shm_free(sdp);
	cc_pool_give(cc_engine->leg_pool, cc_leg_slot(leg));
}

static void transaction_hold(struct cc_leg *leg)
{
	leg->transaction = true;
	leg->refs++;
}

/* The transaction is over, or nothing that it may still bring matters. */
static void transaction_put(struct cc_leg *leg)
{
	bool held;

	lock_get(&leg->lock);
	held = leg->transaction;
	leg->transaction = false;
	lock_release(&leg->lock);
	if (held)
		cc_leg_put(leg);
}

struct cc_leg *cc_leg_find(const char *text)
{
	struct cc_ulid id;

	if (cc_ulid_parse(&id, text, (int)strlen(text)) < 0)
		return NULL;
	for (int32_t i = 0; i < cc_engine->leg_count; i++) {
		struct cc_leg *leg = &cc_engine->legs[i];

		if (!cc_ulid_equal(&cc_engine->leg_ids[i], &id))
			continue;
		leg = cc_leg_get(i, leg->gen);
		if (leg && strcmp(leg->id, text) == 0)
			return leg;
		if (leg)
			cc_leg_put(leg);
	}
	return NULL;
}

void cc_leg_attach(struct cc_leg *leg, struct cc_call_ref call, int32_t index)
{
	lock_get(&leg->lock);
	leg->call = call;
	leg->index = index;
	lock_release(&leg->lock);
}

/* tm's callbacks get slot and generation instead of a pointer. */
static void *callback_param(const struct cc_leg *leg)
{
	return (void *)(uintptr_t)((uint64_t)leg->gen << 32 | (uint32_t)cc_leg_slot(leg));
}

static struct cc_leg *callback_leg(void **param)
{
	uint64_t v = (uint64_t)(uintptr_t)*param;

	return cc_leg_get((int32_t)(v & 0xffffffff), (uint32_t)(v >> 32));
}

/* Tells the leg's call, if one still cares. */
static void report(
		struct cc_leg *leg, struct cc_call_input *in, int code, const char *text, int len)
{
	struct cc_call_ref call;

	lock_get(&leg->lock);
	call = leg->call;
	in->leg = leg->index;
	lock_release(&leg->lock);
	if (call.slot < 0)
		return;
	in->code = code;
	snprintf(in->text, sizeof(in->text), "%.*s", len, text);
	if (cc_engine_post(call, cc_leg_slot(leg), leg->gen, in) == CC_E_FULL)
		LM_ERR("leg %s: the call's inbox is full\n", leg->id);
}

static void report_code(
		struct cc_leg *leg, enum cc_call_input_kind kind, int code, const char *text)
{
	struct cc_call_input in = {.kind = kind};

	report(leg, &in, code, text, (int)strlen(text));
}

/* A copy of a description in shared memory becomes the leg's, for a job or until it is answered;
 * lock held. */
static int sdp_keep(struct cc_leg *leg, const str *body)
{
	char *copy = NULL;

	if (body->len > CC_SDP_MAX)
		return CC_E_RANGE;
	if (body->len > 0) {
		copy = shm_malloc((size_t)body->len);
		if (!copy)
			return CC_E_NOMEM;
		memcpy(copy, body->s, (size_t)body->len);
	}
	if (leg->sdp)
		shm_free(leg->sdp);
	leg->sdp = copy;
	leg->sdp_len = body->len;
	return CC_OK;
}

/* Takes the kept description out of the leg; the caller frees it. */
static char *sdp_take(struct cc_leg *leg, int32_t *len)
{
	char *sdp;

	lock_get(&leg->lock);
	sdp = leg->sdp;
	*len = sdp ? leg->sdp_len : 0;
	leg->sdp = NULL;
	lock_release(&leg->lock);
	return sdp;
}

static void sdp_free(char *sdp)
{
	if (sdp)
		shm_free(sdp);
}

/* The session description in a message; len 0 without one. */
static str message_sdp(struct sip_msg *msg)
{
	str body = {NULL, 0};

	body.s = get_body(msg);
	if (body.s)
		body.len = (int)(msg->buf + msg->len - body.s);
	return body;
}

static str local_headers(const struct cc_leg *leg, char *buf, bool with_body)
{
	const char *transport = "";
	unsigned int port = leg->sock ? leg->sock->port_no : 5060;
	str h;

	if (leg->sock && leg->sock->proto == PROTO_TCP)
		transport = leg->kind == CC_NG_WEBRTC ? ";transport=ws" : ";transport=tcp";
	else if (leg->sock && leg->sock->proto == PROTO_TLS)
		transport = leg->kind == CC_NG_WEBRTC ? ";transport=wss" : ";transport=tls";
	h.s = buf;
	h.len = snprintf(buf, HEADERS_MAX, "Contact: <sip:cc@%s:%u%s>\r\n%s%s", our_address, port,
			transport, supported, with_body ? "Content-Type: application/sdp\r\n" : "");
	return h;
}

/* Sends what follows in the dialog to the leg's peer instead of its Contact; lock held.
 * (set_dlg_target cannot keep the dialog's own target.) */
static int dialog_to_peer(struct cc_leg *leg)
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
	return tm.calculate_hooks(d) < 0 ? CC_E_INVAL : CC_OK;
}

/* ---- responses to requests of the far end ---- */

/* Answers a transaction that need not be the current one. */
static int transaction_reply(struct cc_leg *leg, unsigned int hash, unsigned int label, int code,
		const char *reason, str *body)
{
	struct cell *previous = tm.t_gett(), *t;
	int branch = tm.t_gett_branch(), rc = -1;
	char buf[HEADERS_MAX];
	str headers = local_headers(leg, buf, body != NULL);
	str text = {(char *)reason, (int)strlen(reason)};
	str tag = {leg->tag, (int)strlen(leg->tag)};

	if (tm.t_lookup_ident(&t, hash, label) >= 0) {
		rc = tm.t_reply_with_body(t, (unsigned)code, &text, body ? body : &no_text, &headers, &tag);
		if (rc < 0)
			tm.unref_cell(t); /* with success it has done that itself */
	}
	tm.t_sett(previous, branch);
	return rc < 0 ? CC_E_STATE : CC_OK;
}

static const char *reason_of(int code)
{
	static const struct
	{
		int code;
		const char *reason;
	} reasons[] = {
			{180, "Ringing"},
			{183, "Session Progress"},
			{200, "OK"},
			{400, "Bad Request"},
			{403, "Forbidden"},
			{404, "Not Found"},
			{405, "Method Not Allowed"},
			{408, "Request Timeout"},
			{480, "Temporarily Unavailable"},
			{481, "Call/Transaction Does Not Exist"},
			{486, "Busy Here"},
			{487, "Request Terminated"},
			{488, "Not Acceptable Here"},
			{491, "Request Pending"},
			{503, "Service Unavailable"},
			{603, "Decline"},
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].code == code)
			return reasons[i].reason;
	return code < 500 ? "Request Failure" : "Server Internal Error";
}

static void incoming_event(struct cell *t, int type, struct tmcb_params *ps)
{
	struct cc_leg *leg = callback_leg(ps->param);
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
		report_code(leg, CC_IN_LEG_ENDED, type == TMCB_DESTROY ? 408 : 487,
				type == TMCB_DESTROY ? "Request Timeout" : "Request Terminated");
	if (type == TMCB_DESTROY)
		transaction_put(leg);
	cc_leg_put(leg);
	cc_engine_leave();
}

bool cc_leg_transaction(struct sip_msg *msg)
{
	return tm.t_newtran(msg) > 0;
}

void cc_leg_refuse(struct sip_msg *msg, int code, const char *reason, const char *headers)
{
	if (*headers && !add_lump_rpl(msg, (char *)headers, (int)strlen(headers), LUMP_RPL_HDR))
		LM_ERR("no memory for a header\n");
	if (tm.t_reply(msg, (unsigned)code, (char *)(*reason ? reason : reason_of(code))) < 0)
		LM_DBG("reply %d was not sent\n", code);
}

int cc_leg_accept(struct cc_leg *leg, struct sip_msg *msg, const char *peer)
{
	str tag = {leg->tag, (int)strlen(leg->tag)}, body = message_sdp(msg);
	int rc;

	if (tm.t_get_trans_ident(msg, &leg->trans_hash, &leg->trans_label) < 0)
		return CC_E_STATE;
	/* code 100: the dialog gets no tag yet; ours is found again without a table */
	if (tm.new_dlg_uas(msg, 100, &leg->dialog) < 0 || tm.update_dlg_uas(leg->dialog, 180, &tag) < 0)
		return CC_E_INVAL;
	snprintf(leg->peer, sizeof(leg->peer), "%s", peer);
	if (dialog_to_peer(leg) < 0)
		return CC_E_NOMEM;
	leg->sock = msg->rcv.bind_address;
	leg->dialog->send_sock = msg->rcv.bind_address;
	leg->kind =
			msg->rcv.proto == PROTO_WS || msg->rcv.proto == PROTO_WSS ? CC_NG_WEBRTC : CC_NG_RTP;
	leg->late_offer = body.len == 0;
	rc = sdp_keep(leg, &body);
	if (rc < 0)
		return rc;
	/* Without a branch tm would end the transaction when it has been unanswered for a while. */
	tm.set_fr(msg, TRANSACTION_MS, TRANSACTION_MS);
	if (tm.t_addblind() < 0)
		return CC_E_NOMEM;
	lock_get(&leg->lock);
	transaction_hold(leg);
	lock_release(&leg->lock);
	if (tm.register_tmcb(msg, NULL, TMCB_E2ECANCEL_IN | TMCB_DESTROY, incoming_event,
				callback_param(leg), NULL) <= 0) {
		transaction_put(leg);
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
	if (open && transaction_reply(leg, leg->trans_hash, leg->trans_label, code,
						*reason ? reason : reason_of(code), NULL) < 0)
		LM_DBG("leg %s: response %d came too late\n", leg->id, code);
}

static void deadline_set(struct cc_leg *leg, int64_t at)
{
	cc_engine->leg_deadline[cc_leg_slot(leg)] = at;
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
	offer = sdp_take(leg, &offer_len);
	rc = offer ? cc_leg_media_answer(leg, offer, (size_t)offer_len, text, sizeof(text))
			   : cc_leg_media_offer(leg, text, sizeof(text));
	sdp_free(offer);
	if (rc < 0) {
		rc = cc_leg_media_code(rc);
		cc_leg_respond(leg, rc, "");
		return rc;
	}
	body.len = rc;
	lock_get(&leg->lock);
	if (leg->sip != CC_SIP_INVITED ||
			tm.update_dlg_uas(leg->dialog, 200, &(str){leg->tag, (int)strlen(leg->tag)}) < 0) {
		lock_release(&leg->lock);
		return 487; /* cancelled meanwhile */
	}
	leg->sip = CC_SIP_CONFIRMED;
	leg->refs++; /* of the deadline: the ACK, or none in time */
	deadline_set(leg, cc_clock_utc_ms() + NO_ACK_MS);
	lock_release(&leg->lock);
	if (transaction_reply(leg, leg->trans_hash, leg->trans_label, 200, "OK", &body) == CC_OK)
		return 0;
	lock_get(&leg->lock);
	leg->sip = CC_SIP_DONE;
	leg->acked = true;
	deadline_set(leg, INT64_MAX);
	lock_release(&leg->lock);
	cc_leg_put(leg); /* the deadline's reference */
	return 487;
}

/* ---- requests of ours ---- */

static void send_within(struct cc_leg *leg, str *method, transaction_cb *cb, void *param)
{
	str headers = str_init("Max-Forwards: 70\r\n");
	uac_req_t req;
	int rc = -1;

	lock_get(&leg->lock);
	if (leg->dialog && leg->dialog->state == DLG_CONFIRMED) {
		set_uac_req(&req, method, &headers, NULL, leg->dialog, cb ? TMCB_LOCAL_COMPLETED : 0, cb,
				param);
		rc = tm.t_request_within(&req);
	}
	lock_release(&leg->lock);
	if (rc < 0)
		LM_WARN("leg %s: %.*s was not sent\n", leg->id, method->len, method->s);
}

static void send_bye(struct cc_leg *leg)
{
	send_within(leg, &method_bye, NULL, NULL);
	lock_get(&leg->lock);
	if (leg->dialog)
		leg->dialog->state = DLG_DESTROYED;
	lock_release(&leg->lock);
}

static void send_cancel(struct cc_leg *leg)
{
	struct cell *previous = tm.t_gett(), *t;
	int branch = tm.t_gett_branch();

	if (tm.t_lookup_ident(&t, leg->trans_hash, leg->trans_label) >= 0) {
		tm.cancel_all_uacs(t, F_CANCEL_B_FORCE_RETR);
		tm.unref_cell(t);
	}
	tm.t_sett(previous, branch);
}

/* 2xx to our INVITE. */
static void outgoing_answered(struct cc_leg *leg, struct sip_msg *msg)
{
	str body = message_sdp(msg);
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

		if (tm.dlg_response_uac(leg->dialog, msg, IS_TARGET_REFRESH) < 0) {
			what = UNUSABLE;
		} else {
			dialog_to_peer(leg);
			what = alive && sdp_keep(leg, &body) == CC_OK && body.len ? UP
				   : alive                                            ? UNUSABLE
																	  : HANG_UP;
		}
		leg->sip = what == UP ? CC_SIP_CONFIRMED : CC_SIP_DONE;
		if (!alive)
			deadline_set(leg, cc_clock_utc_ms() + LINGER_MS);
		leg->acked = true; /* tm acknowledges a 2xx by itself */
		leg->job = what == UP ? CC_JOB_ANSWERED : CC_JOB_NONE;
	}
	lock_release(&leg->lock);
	if (what == UP)
		report_code(leg, CC_IN_LEG_UP, 200, "");
	else if (what == HANG_UP || what == UNUSABLE)
		send_bye(leg);
	if (what == UNUSABLE)
		report_code(leg, CC_IN_LEG_FAILED, 500, "unusable answer");
}

static void outgoing_failed(struct cc_leg *leg, int code, const str *text)
{
	struct cc_call_input in = {.kind = CC_IN_LEG_FAILED};
	bool alive;

	lock_get(&leg->lock);
	alive = leg->sip == CC_SIP_INVITING;
	if (leg->sip == CC_SIP_CANCELLED)
		deadline_set(leg, cc_clock_utc_ms() + LINGER_MS);
	if (alive || leg->sip == CC_SIP_CANCELLED)
		leg->sip = CC_SIP_DONE;
	lock_release(&leg->lock);
	if (alive)
		report(leg, &in, code, text->s, text->len);
}

/* Runs in whatever process received the response, and for timeouts in tm's timer. It may come
 * twice: a 408 and then a late 200. */
static void outgoing_event(struct cell *t, int type, struct tmcb_params *ps)
{
	struct cc_leg *leg = callback_leg(ps->param);
	struct sip_msg *reply = ps->rpl && ps->rpl != FAKED_REPLY ? ps->rpl : NULL;
	bool first;

	if (!leg)
		return;
	cc_engine_enter();
	if (type == TMCB_DESTROY) {
		str text = str_init("Request Timeout");

		outgoing_failed(leg, 408, &text);
		transaction_put(leg);
	} else if (ps->code < 200) {
		lock_get(&leg->lock);
		first = leg->sip == CC_SIP_INVITING && !leg->ringing && ps->code >= 180;
		if (first)
			leg->ringing = true;
		lock_release(&leg->lock);
		if (first)
			report_code(leg, CC_IN_LEG_RINGING, ps->code, "");
	} else if (ps->code < 300 && reply) {
		outgoing_answered(leg, reply);
	} else {
		str text = reply ? reply->first_line.u.reply.reason : (str)str_init("Request Timeout");

		outgoing_failed(leg, ps->code, &text);
	}
	cc_leg_put(leg);
	cc_engine_leave();
}

/* "name" <sip:user@host>: quotes and control characters cannot get into the header. */
static int name_addr(char *buf, size_t cap, const char *name, const char *user, const char *host)
{
	char clean_name[CC_CALL_TEXT] = "", clean_user[CC_CALL_TEXT] = "";
	size_t n = 0;
	int len;

	for (const char *p = name; *p && n < sizeof(clean_name) - 1; p++)
		if ((unsigned char)*p >= ' ' && *p != '"' && *p != '\\' && *p != 0x7f)
			clean_name[n++] = *p;
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

int cc_leg_invite(struct cc_leg *leg, const struct cc_leg_target *to)
{
	char sdp[CC_SDP_MAX], from[256], uri[128], call_id[128], buf[HEADERS_MAX];
	str body = {sdp, 0}, from_s = {from, 0}, to_s = {uri, 0}, call_id_s = {call_id, 0};
	str tag = {leg->tag, (int)strlen(leg->tag)};
	str target = {(char *)to->contact->uri, (int)strlen(to->contact->uri)};
	str next_hop = {(char *)to->contact->received, (int)strlen(to->contact->received)};
	str headers;
	uac_req_t req;
	int rc;

	leg->kind = to->contact->webrtc ? CC_NG_WEBRTC : CC_NG_RTP;
	leg->sock = to->contact->sock;
	snprintf(leg->peer, sizeof(leg->peer), "%s", to->contact->received);
	rc = cc_leg_media_offer(leg, sdp, sizeof(sdp));
	if (rc < 0)
		return rc;
	body.len = rc;
	from_s.len = name_addr(from, sizeof(from), to->from_name, to->from, to->domain);
	to_s.len = snprintf(uri, sizeof(uri), "sip:%s@%s", to->number, to->domain);
	call_id_s.len = snprintf(call_id, sizeof(call_id), "%s@%s", leg->id, our_address);
	if (from_s.len < 0 || to_s.len >= (int)sizeof(uri))
		return CC_E_RANGE;
	if (tm.new_dlg_uac(&call_id_s, &tag, 1, &from_s, &to_s, &leg->dialog) < 0)
		return CC_E_NOMEM;
	if (tm.set_dlg_target(leg->dialog, &target, next_hop.len ? &next_hop : NULL) < 0)
		return CC_E_NOMEM;
	leg->dialog->send_sock = leg->sock;
	headers = local_headers(leg, buf, true);
	if (to->auto_answer)
		headers.len += snprintf(headers.s + headers.len, sizeof(buf) - (size_t)headers.len,
				AUTO_ANSWER);
	lock_get(&leg->lock); /* so that a quick response finds the transaction's identity */
	transaction_hold(leg);
	set_uac_req(&req, &method_invite, &headers, &body, leg->dialog,
			TMCB_LOCAL_COMPLETED | TMCB_LOCAL_RESPONSE_OUT | TMCB_DESTROY, outgoing_event,
			callback_param(leg));
	rc = tm.t_uac_with_ids(&req, &leg->trans_hash, &leg->trans_label);
	lock_release(&leg->lock);
	if (rc < 0) {
		transaction_put(leg);
		return CC_E_IO;
	}
	return CC_OK;
}

void cc_leg_hangup(struct cc_leg *leg, int code)
{
	enum
	{
		NOTHING,
		RESPOND,
		GIVE_UP,
		HANG_UP
	} what = NOTHING;

	lock_get(&leg->lock);
	leg->call.slot = -1;
	switch (leg->sip) {
	case CC_SIP_INVITED:
		what = RESPOND;
		break;
	case CC_SIP_INVITING:
		leg->sip = CC_SIP_CANCELLED;
		what = GIVE_UP;
		break;
	case CC_SIP_CONFIRMED:
		if (leg->incoming && !leg->acked) {
			leg->bye_due = true; /* RFC 3261, 15: no BYE before the ACK */
		} else {
			leg->sip = CC_SIP_DONE;
			what = HANG_UP;
		}
		break;
	default:
		break;
	}
	if (!leg->bye_due)
		deadline_set(leg, cc_clock_utc_ms() + (what == GIVE_UP ? CANCELLED_MS : LINGER_MS));
	lock_release(&leg->lock);
	if (what == RESPOND)
		cc_leg_respond(leg, code >= 300 ? code : 480, "");
	else if (what == GIVE_UP)
		send_cancel(leg);
	else if (what == HANG_UP)
		send_bye(leg);
	cc_leg_media_release(leg);
	cc_leg_put(leg);
}

/* ---- jobs with session descriptions ---- */

static int job_reinvite(struct cc_leg *leg, const char *offer, int32_t len)
{
	char text[CC_SDP_MAX];
	str body = {text, 0};
	int rc, code;

	rc = offer ? cc_leg_media_answer(leg, offer, (size_t)len, text, sizeof(text))
			   : cc_leg_media_offer(leg, text, sizeof(text));
	code = rc < 0 ? cc_leg_media_code(rc) : 200;
	body.len = rc;
	transaction_reply(
			leg, leg->job_hash, leg->job_label, code, reason_of(code), rc < 0 ? NULL : &body);
	return 0; /* the session goes on as it was */
}

int cc_leg_job_run(struct cc_leg *leg)
{
	enum cc_leg_job job;
	int32_t len;
	char *sdp;
	int rc = 0;

	lock_get(&leg->lock);
	job = leg->job;
	leg->job = CC_JOB_NONE;
	lock_release(&leg->lock);
	if (job == CC_JOB_NONE)
		return 0;
	sdp = sdp_take(leg, &len);
	if (job == CC_JOB_REINVITE)
		rc = job_reinvite(leg, sdp, len);
	else if (sdp)
		rc = cc_leg_media_accept(leg, sdp, (size_t)len);
	sdp_free(sdp);
	return rc < 0 ? cc_leg_media_code(rc) : 0;
}

/* ---- requests inside a dialog ---- */

static bool str_is(const str *s, const str *other)
{
	return s->len == other->len && memcmp(s->s, other->s, (size_t)s->len) == 0;
}

/* The leg that a request belongs to by Call-ID and both tags, with a reference. */
static struct cc_leg *request_leg(struct sip_msg *msg)
{
	unsigned int slot, gen;
	struct cc_leg *leg;
	str *to_tag, *from_tag;
	char tag[CC_LEG_TAG];
	bool same;

	if (parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->callid || !msg->to || !msg->cseq ||
			parse_from_header(msg) < 0)
		return NULL;
	to_tag = &get_to(msg)->tag_value;
	from_tag = &get_from(msg)->tag_value;
	if (to_tag->len <= 0 || to_tag->len >= (int)sizeof(tag))
		return NULL;
	snprintf(tag, sizeof(tag), "%.*s", to_tag->len, to_tag->s);
	if (sscanf(tag, "cc%x-%x-", &slot, &gen) != 2)
		return NULL;
	leg = cc_leg_get((int32_t)slot, gen);
	if (!leg)
		return NULL;
	lock_get(&leg->lock);
	same = leg->dialog && strcmp(tag, leg->tag) == 0 &&
		   str_is(&leg->dialog->id.call_id, &msg->callid->body) &&
		   str_is(&leg->dialog->id.rem_tag, from_tag);
	lock_release(&leg->lock);
	if (same)
		return leg;
	cc_leg_put(leg);
	return NULL;
}

static void reply(struct sip_msg *msg, int code)
{
	cc_leg_refuse(msg, code, "", "");
}

/* ACK to our 2xx. */
static void request_ack(struct cc_leg *leg, struct sip_msg *msg)
{
	str body = message_sdp(msg);
	struct cc_call_input in = {.kind = CC_IN_LEG_UP};
	bool first, bye = false, job = false;

	tmx.t_check_trans(msg); /* stops the retransmission of our 2xx */
	lock_get(&leg->lock);
	first = leg->incoming && leg->sip == CC_SIP_CONFIRMED && !leg->acked;
	if (first) {
		leg->acked = true;
		bye = leg->bye_due;
		if (bye)
			leg->sip = CC_SIP_DONE;
		deadline_set(leg, bye ? cc_clock_utc_ms() + LINGER_MS : INT64_MAX);
	}
	if (leg->late_offer && !bye && leg->job == CC_JOB_NONE && sdp_keep(leg, &body) == CC_OK &&
			body.len) {
		leg->late_offer = false;
		leg->job = CC_JOB_ACK_ANSWER;
		job = true;
	}
	lock_release(&leg->lock);
	if (bye)
		send_bye(leg);
	if (job)
		report(leg, &in, 200, "", 0);
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
		deadline_set(leg, cc_clock_utc_ms() + LINGER_MS);
	}
	lock_release(&leg->lock);
	if (alive)
		report_code(leg, CC_IN_LEG_ENDED, 200, "");
	if (deadline)
		cc_leg_put(leg);
}

/* re-INVITE, or UPDATE with a description. */
static void request_offer(struct cc_leg *leg, struct sip_msg *msg)
{
	struct cc_call_input in = {.kind = CC_IN_LEG_UP};
	str body = message_sdp(msg);
	int code = 0;

	lock_get(&leg->lock);
	if (leg->sip != CC_SIP_CONFIRMED || leg->call.slot < 0)
		code = 481;
	else if (leg->job != CC_JOB_NONE || !leg->acked)
		code = 491;
	else if (sdp_keep(leg, &body) < 0 ||
			 tm.t_get_trans_ident(msg, &leg->job_hash, &leg->job_label) < 0)
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
		tm.t_addblind(); /* the call's runner may answer a little later */
	report(leg, &in, 0, "", 0);
}

/* "Signal=5" of application/dtmf-relay, or the bare digit of application/dtmf. */
static void request_info(struct cc_leg *leg, struct sip_msg *msg)
{
	struct cc_call_input in = {.kind = CC_IN_DTMF};
	str body = message_sdp(msg);
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
		report(leg, &in, 0, "", 0);
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
	tm.dlg_request_uas(leg->dialog, msg, refresh ? IS_TARGET_REFRESH : IS_NOT_TARGET_REFRESH);
	if (refresh)
		dialog_to_peer(leg);
	lock_release(&leg->lock);
	switch (msg->REQ_METHOD) {
	case METHOD_BYE:
		request_bye(leg, msg);
		break;
	case METHOD_INVITE:
		request_offer(leg, msg);
		break;
	case METHOD_UPDATE:
		if (message_sdp(msg).len)
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

void cc_leg_cancel(struct sip_msg *msg)
{
	cc_engine_enter();
	if (tmx.t_check_trans(msg) > 0)
		tm.t_relay(msg, NULL, NULL); /* tm answers CANCEL and INVITE, and calls incoming_event */
	cc_engine_leave();
}

/* ---- is the far end still there? ---- */

static void probe_event(struct cell *t, int type, struct tmcb_params *ps)
{
	struct cc_leg *leg = callback_leg(ps->param);
	bool dead = ps->code == 481 || ps->code == 408;

	if (!leg)
		return;
	cc_engine_enter();
	if (dead) {
		report_code(leg, CC_IN_SILENCE, ps->code, "");
	} else {
		lock_get(&leg->lock);
		if (leg->silent && leg->acked && leg->sip == CC_SIP_CONFIRMED)
			deadline_set(leg, cc_clock_utc_ms() + PROBE_AGAIN_MS);
		lock_release(&leg->lock);
	}
	cc_leg_put(leg);
	cc_engine_leave();
}

static void probe(struct cc_leg *leg)
{
	send_within(leg, &method_options, probe_event, callback_param(leg));
}

void cc_leg_silence(struct cc_leg *leg, bool silent)
{
	bool ask;

	lock_get(&leg->lock);
	leg->silent = silent;
	ask = silent && leg->acked && leg->sip == CC_SIP_CONFIRMED;
	lock_release(&leg->lock);
	if (ask)
		probe(leg);
}

void cc_leg_timer(int32_t slot, int64_t now_ms)
{
	struct cc_leg *leg = &cc_engine->legs[slot];
	bool no_ack, ask, over;

	lock_get(&leg->lock);
	if (leg->refs == 0 || cc_engine->leg_deadline[slot] > now_ms) {
		lock_release(&leg->lock);
		return;
	}
	leg->refs++;
	cc_engine->leg_deadline[slot] = INT64_MAX;
	no_ack = leg->incoming && leg->sip == CC_SIP_CONFIRMED && !leg->acked;
	if (no_ack) {
		leg->sip = CC_SIP_DONE;
		leg->acked = true;
	}
	ask = !no_ack && leg->silent && leg->sip == CC_SIP_CONFIRMED;
	over = !ask && leg->call.slot < 0;
	if (over)
		leg->sip = CC_SIP_DONE;
	lock_release(&leg->lock);
	if (no_ack) {
		send_bye(leg);
		report_code(leg, CC_IN_LEG_ENDED, 408, "no ACK");
		cc_leg_put(leg); /* the deadline's reference */
	}
	if (ask)
		probe(leg);
	if (over)
		transaction_put(leg);
	cc_leg_put(leg);
}
