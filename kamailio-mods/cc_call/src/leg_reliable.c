/* SPDX-License-Identifier: GPL-2.0-or-later
 * Provisional responses that are acknowledged (100rel, RFC 3262). Ours come one at a time; a 183
 * carries our description, and the 200 waits for its PRACK. */
#include <stdio.h>

#include "core/parser/parse_cseq.h"
#include "core/rand/kam_rand.h"

#include "cc/clock.h"
#include "cc/err.h"
#include "engine.h"
#include "leg_private.h"

#define GIVE_UP_MS (64 * CC_LEG_T1_MS)

static str method_prack = str_init("PRACK");

static void headers(const struct cc_leg *leg, char *buf, size_t cap)
{
	snprintf(buf, cap, "Require: 100rel\r\nRSeq: %u\r\n", leg->rseq);
}

void cc_leg_reliable_begin(struct cc_leg *leg, int code, char *buf, size_t cap)
{
	leg->rseq = leg->rseq ? leg->rseq + 1 : 1 + ((uint32_t)kam_rand() & 0xffff);
	leg->unproven = (int16_t)code;
	leg->unproven_wait_ms = CC_LEG_T1_MS;
	cc_leg_due_set(leg, CC_DUE_PRACK, cc_clock_utc_ms() + CC_LEG_T1_MS);
	headers(leg, buf, cap);
}

static void say(struct cc_leg *leg, int code, const char *more)
{
	char text[CC_SDP_MAX];
	str body = {text, code == 183 ? cc_leg_sdp_copy(leg, text) : 0};

	cc_leg_transaction_reply(leg, leg->trans_hash, leg->trans_label, code, cc_leg_reason(code),
			more, body.len ? &body : NULL);
}

void cc_leg_reliable_timer(struct cc_leg *leg)
{
	char more[64];
	bool again, over;
	int code;

	lock_get(&leg->lock);
	code = leg->unproven;
	again = code && leg->sip == CC_SIP_INVITED;
	leg->unproven_wait_ms *= 2;
	over = again && leg->unproven_wait_ms > GIVE_UP_MS;
	if (again && !over)
		cc_leg_due_set(leg, CC_DUE_PRACK, cc_clock_utc_ms() + leg->unproven_wait_ms);
	headers(leg, more, sizeof(more));
	lock_release(&leg->lock);
	if (over) {
		cc_leg_respond(leg, 504, "");
		cc_leg_report_code(leg, CC_IN_LEG_FAILED, 504, "no PRACK");
	} else if (again) {
		say(leg, code, more);
	}
}

/* What has waited for the response that is acknowledged now: the 183, whose headers are written to
 * more, or the 200. lock held */
static void proven(struct cc_leg *leg, bool *sound, bool *accept, char *more, size_t cap)
{
	bool open = leg->sip == CC_SIP_INVITED;

	leg->unproven = 0;
	cc_leg_due_set(leg, CC_DUE_PRACK, INT64_MAX);
	*sound = open && leg->sound_due;
	*accept = open && leg->accept_due;
	leg->sound_due = leg->accept_due = false;
	if (*sound)
		cc_leg_reliable_begin(leg, 183, more, cap);
	if (*accept)
		leg->job = CC_JOB_ACCEPT;
}

int cc_leg_reliable_prack(struct cc_leg *leg, struct sip_msg *msg)
{
	struct cc_call_input up = {.kind = CC_IN_LEG_UP};
	struct cc_text value, method;
	bool sound = false, accept = false;
	uint32_t rseq, cseq;
	char more[64];
	int code = 481;

	if (!cc_extension_header(msg, "RAck", &value) ||
			cc_rack_parse(&rseq, &cseq, &method, value) < 0)
		return 400;
	lock_get(&leg->lock);
	if (leg->reliable && leg->rseq == rseq && cc_list_has(method, "INVITE")) {
		code = 200; /* a second one is answered too: our first answer may be lost */
		proven(leg, &sound, &accept, more, sizeof(more));
	}
	lock_release(&leg->lock);
	if (sound)
		say(leg, 183, more);
	if (accept)
		cc_leg_report(leg, &up, 200, "OK", 2);
	return code;
}

void cc_leg_reliable_response(struct cc_leg *leg, struct sip_msg *msg)
{
	struct cc_extensions x;
	char text[128];
	str rack = {text, 0};
	dlg_t *d = NULL;
	uac_req_t req;

	if (cc_extensions_read(&x, msg) < 0 || !x.reliable || !x.rseq || !msg->cseq)
		return;
	lock_get(&leg->lock);
	/* in their order; one that we have is repeated until it meets our PRACK */
	if (leg->sip == CC_SIP_INVITING && (leg->rseq == 0 || x.rseq == leg->rseq + 1))
		d = cc_leg_fork(leg, msg);
	if (d) {
		rack.len = snprintf(text, sizeof(text), "RAck: %u %.*s INVITE\r\nMax-Forwards: 70\r\n",
				x.rseq, get_cseq(msg)->number.len, get_cseq(msg)->number.s);
		set_uac_req(&req, &method_prack, &rack, NULL, d, 0, NULL, NULL);
		if (cc_leg_tm.t_request_within(&req) >= 0) {
			leg->rseq = x.rseq;
			leg->dialog->loc_seq.value = d->loc_seq.value;
		}
		cc_leg_tm.free_dlg(d);
	}
	lock_release(&leg->lock);
}
