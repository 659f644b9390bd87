/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the files of a leg share: leg.c has its life, leg_uas.c and leg_uac.c the INVITE that begins
 * it, leg_dialog.c the requests inside its dialog, leg_job.c its session descriptions, leg_sip.c
 * messages of every kind. */
#ifndef CC_CALL_LEG_PRIVATE_H
#define CC_CALL_LEG_PRIVATE_H

#include "leg.h"

#define CC_LEG_LINGER_MS                                                                           \
	5000 /* a leg that is over still knows its dialog: the far end's BYE may be on its way */
#define CC_LEG_HEADERS 512

extern struct tm_binds cc_leg_tm;
extern tm_xapi_t cc_leg_tmx;
extern char cc_leg_address[64]; /* that phones are told */

/* Slot and generation in a tag of ours; false: it is none. tag: the text with a NUL. */
bool cc_leg_tag_parse(const str *text, char tag[CC_LEG_TAG], unsigned int *slot, unsigned int *gen);
/* The leg of a dialog, with a reference; NULL: there is none. */
struct cc_leg *cc_leg_of_dialog(const str *call_id, const str *ours, const str *theirs);

/* The INVITE's transaction keeps the leg; lock held. */
void cc_leg_transaction_hold(struct cc_leg *leg);
/* The transaction is over, or nothing that it may still bring matters. */
void cc_leg_transaction_put(struct cc_leg *leg);
/* tm's callbacks get slot and generation instead of a pointer. */
void *cc_leg_callback_param(const struct cc_leg *leg);
/* The leg of a callback, with a reference; NULL: it is gone. */
struct cc_leg *cc_leg_of_callback(void **param);
/* cc_leg_timer is called at that time. */
void cc_leg_deadline_set(struct cc_leg *leg, int64_t at);
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

/* The session description in a message; len 0 without one. */
str cc_leg_message_sdp(struct sip_msg *msg);
/* Contact and the like, written to buf of CC_LEG_HEADERS. */
str cc_leg_headers(const struct cc_leg *leg, char *buf, bool with_body);
const char *cc_leg_reason(int code);
/* Sends what follows in the dialog to the leg's peer instead of its Contact; lock held. */
int cc_leg_dialog_to_peer(struct cc_leg *leg);
/* Answers a transaction that need not be the current one. */
int cc_leg_transaction_reply(struct cc_leg *leg, unsigned int hash, unsigned int label, int code,
		const char *reason, str *body);
/* A request inside the dialog; cb may be NULL. CC_E_IO: it could not be sent. */
int cc_leg_send_within(struct cc_leg *leg, str *method, transaction_cb *cb, void *param);
void cc_leg_bye(struct cc_leg *leg);
/* CANCEL of our INVITE. */
void cc_leg_give_up(struct cc_leg *leg);
/* Asks the far end whether it is still there. */
void cc_leg_probe(struct cc_leg *leg);

#endif
