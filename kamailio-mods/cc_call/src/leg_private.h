/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the files of a leg share: leg.c has its life, leg_uas.c and leg_uac.c the INVITE that begins
 * it, leg_dialog.c the requests inside its dialog, leg_job.c its session descriptions, leg_sip.c
 * messages of every kind. */
#ifndef CC_CALL_LEG_PRIVATE_H
#define CC_CALL_LEG_PRIVATE_H

#include "extension.h"
#include "leg.h"

#define CC_LEG_LINGER_MS                                                                           \
	5000 /* a leg that is over still knows its dialog: the far end's BYE may be on its way */
#define CC_LEG_HEADERS 768
#define CC_LEG_T1_MS 500
#define CC_LEG_64T1_MS (64 * CC_LEG_T1_MS) /* so long the far end's answer may take (RFC 3261) */

extern struct tm_binds cc_leg_tm;
extern tm_xapi_t cc_leg_tmx;
extern char cc_leg_address[64]; /* that phones are told */
extern int32_t cc_leg_session_s, cc_leg_session_min_s;

/* Slot and generation in a tag of ours; false: it is none. tag: the text with a NUL. */
bool cc_leg_tag_parse(const str *text, char tag[CC_LEG_TAG], unsigned int *slot, unsigned int *gen);
/* The leg of a dialog, with a reference; NULL: there is none. */
struct cc_leg *cc_leg_of_dialog(const str *call_id, const str *ours, const str *theirs);

/* An INVITE's transaction keeps the leg; lock held. */
void cc_leg_transaction_hold(struct cc_leg *leg);
/* One of them is over, or nothing that it may still bring matters; false: there was none. */
bool cc_leg_transaction_put(struct cc_leg *leg);
/* tm's callbacks get slot and generation instead of a pointer. */
void *cc_leg_callback_param(const struct cc_leg *leg);
/* The leg of a callback, with a reference; NULL: it is gone. */
struct cc_leg *cc_leg_of_callback(void **param);
/* cc_leg_timer acts at that time, INT64_MAX: no longer; lock held. */
void cc_leg_due_set(struct cc_leg *leg, enum cc_leg_due due, int64_t at);
/* Tells the leg's call, if one still cares. */
void cc_leg_report(
		struct cc_leg *leg, struct cc_call_input *in, int code, const char *text, int len);
void cc_leg_report_code(
		struct cc_leg *leg, enum cc_call_input_kind kind, int code, const char *text);

/* A copy of a description in shared memory becomes the leg's, for a job or until it is answered;
 * lock held. */
int cc_leg_sdp_keep(struct cc_leg *leg, const str *body);
/* Takes the kept description out of the leg; the caller frees it. */
char *cc_leg_sdp_take(struct cc_leg *leg, int32_t *len);
void cc_leg_sdp_free(char *sdp);
/* A copy of it, which stays there: its length, 0: there is none. */
int32_t cc_leg_sdp_copy(struct cc_leg *leg, char text[CC_SDP_MAX]);
/* An offer inside the dialog, whose transaction is the current one, becomes the leg's job at once
 * or after what is being done (*later). 0, or the SIP code that refuses it. lock held */
int cc_leg_offer_take(struct cc_leg *leg, struct sip_msg *msg, const str *body, bool *later);
/* Nothing stands before the offer that came meanwhile any more: it is the job now. lock held */
bool cc_leg_offer_next(struct cc_leg *leg);

/* The session description in a message; len 0 without one. */
str cc_leg_message_sdp(struct sip_msg *msg);
/* Contact and the like, written to buf of CC_LEG_HEADERS; more: further ones with their CRLF, or
 * "". */
str cc_leg_headers(const struct cc_leg *leg, char *buf, const char *more, bool with_body);
const char *cc_leg_reason(int code);
/* Sends what follows in the dialog to the leg's peer instead of its Contact; lock held. */
int cc_leg_dialog_to_peer(struct cc_leg *leg);
/* Answers a transaction that need not be the current one. */
int cc_leg_transaction_reply(struct cc_leg *leg, unsigned int hash, unsigned int label, int code,
		const char *reason, const char *more, str *body);
/* The TCP, TLS or WebSocket connection that the host of a URI has with us, 0 none; to becomes its
 * protocol, address and connection. */
int cc_leg_connection(const char *uri, struct dest_info *to);
/* A request inside the dialog; headers, body and cb may be NULL. CC_E_IO: it could not be sent. */
int cc_leg_send_within(
		struct cc_leg *leg, str *method, str *headers, str *body, transaction_cb *cb, void *param);
/* A request inside a dialog that must arrive, however many messages are lost: it is repeated for 64
 * T1 (RFC 3261, timer F) instead of tm's fr_timer, which is for phones that say nothing at all. */
int cc_leg_send_surely(uac_req_t *req);
void cc_leg_bye(struct cc_leg *leg);
/* CC_JOB_AGAIN. */
int cc_leg_invite_again(struct cc_leg *leg);
/* The dialog that a response to our INVITE makes, early ones included, apart from the leg's own;
 * free_dlg frees it. NULL: it makes none. lock held */
dlg_t *cc_leg_fork(struct cc_leg *leg, struct sip_msg *msg);
/* CANCEL of our INVITE. */
void cc_leg_give_up(struct cc_leg *leg);
/* Asks the far end whether it is still there. */
void cc_leg_probe(struct cc_leg *leg);

/* ---- leg_reliable.c: provisional responses that are acknowledged ---- */

/* Begins one that must be; its headers are written to buf. lock held. */
void cc_leg_reliable_begin(struct cc_leg *leg, int code, char *buf, size_t cap);
/* CC_DUE_PRACK has come. */
void cc_leg_reliable_timer(struct cc_leg *leg);
/* A PRACK: the code that answers it. */
int cc_leg_reliable_prack(struct cc_leg *leg, struct sip_msg *msg);
/* A provisional response to our INVITE: acknowledges it if it wants that. */
void cc_leg_reliable_response(struct cc_leg *leg, struct sip_msg *msg);

/* ---- leg_refer.c: a phone that wants its call moved ---- */

void cc_leg_refer(struct cc_leg *leg, struct sip_msg *msg);
/* The leg is over: what is not answered yet is refused. */
void cc_leg_refer_end(struct cc_leg *leg);

/* ---- leg_session.c: session timers ---- */

#define CC_LEG_SESSION_HEADERS 96

/* What an INVITE of ours asks for; more than the setting when the far end has wanted that. */
void cc_leg_session_ask(const struct cc_leg *leg, char *buf, size_t cap);
/* A request that refreshes the session: 0, or 422 with its header in buf. lock held */
int cc_leg_session_request(
		struct cc_leg *leg, const struct cc_extensions *x, char *buf, size_t cap);
/* The headers of the 2xx to such a request; begins to count. lock held */
void cc_leg_session_accept(struct cc_leg *leg, char *buf, size_t cap);
/* The 2xx to a request of ours that refreshes the session. lock held */
void cc_leg_session_response(struct cc_leg *leg, const struct cc_extensions *x);
/* A leg of the engine before this one: it goes on counting. */
void cc_leg_session_resume(struct cc_leg *leg);
/* CC_DUE_SESSION has come. */
void cc_leg_session_timer(struct cc_leg *leg, int64_t now_ms);
/* CC_JOB_REFRESH: sends the re-INVITE with that offer. */
void cc_leg_session_reinvite(struct cc_leg *leg, str *offer);

#endif
