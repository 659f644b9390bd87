/* SPDX-License-Identifier: GPL-2.0-or-later
 * Provisional responses that are acknowledged (100rel, RFC 3262). Ours carry no description, so the
 * 200 need not wait for the PRACK. */
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
		cc_leg_transaction_reply(
				leg, leg->trans_hash, leg->trans_label, code, cc_leg_reason(code), more, NULL);
	}
}

int cc_leg_reliable_prack(struct cc_leg *leg, struct sip_msg *msg)
{
	struct cc_text value, method;
	uint32_t rseq, cseq;
	int code = 481;

	if (!cc_extension_header(msg, "RAck", &value) ||
			cc_rack_parse(&rseq, &cseq, &method, value) < 0)
		return 400;
	lock_get(&leg->lock);
	if (leg->reliable && leg->rseq == rseq && cc_list_has(method, "INVITE")) {
		code = 200; /* a second one is answered too: our first answer may be lost */
		leg->unproven = 0;
		cc_leg_due_set(leg, CC_DUE_PRACK, INT64_MAX);
	}
	lock_release(&leg->lock);
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
