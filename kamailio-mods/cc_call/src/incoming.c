/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "core/dprint.h"
#include "core/parser/contact/parse_contact.h"
#include "core/parser/parse_content.h"
#include "core/parser/parse_uri.h"

#include "cc/clock.h"
#include "cc/err.h"
#include "cc/utf8.h"
#include "engine.h"
#include "incoming.h"
#include "leg.h"

#define RETRY_AFTER "Retry-After: 5\r\n"

/* What the INVITE must have; 0, or the SIP code that says what it lacks. */
static int check(struct sip_msg *msg)
{
	struct cc_sdp_audio audio;
	contact_body_t *contact;
	struct sip_uri uri;
	char *body;
	int rc;

	if (parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->callid || !msg->contact ||
			parse_contact(msg->contact) < 0)
		return 400;
	contact = (contact_body_t *)msg->contact->parsed;
	if (!contact || !contact->contacts || contact->star ||
			parse_uri(contact->contacts->uri.s, contact->contacts->uri.len, &uri) < 0)
		return 400;
	body = get_body(msg);
	if (!body || body >= msg->buf + msg->len)
		return 0; /* it wants our offer */
	rc = cc_sdp_parse(&audio, body, (size_t)(msg->buf + msg->len - body));
	if (rc == CC_E_INVAL)
		return 400;
	return rc < 0 || audio.port == 0 || audio.pt < 0 ? 488 : 0;
}

static void fill(struct cc_call *call, const struct cc_incoming *in, struct sip_msg *msg)
{
	str id = msg->callid->body;

	call->dir = in->dir;
	call->route = in->route;
	call->caller_agent = in->caller_agent;
	cc_utf8_copy(call->from, sizeof(call->from), in->from);
	cc_utf8_copy(call->from_name, sizeof(call->from_name), in->from_name);
	cc_utf8_copy(call->to, sizeof(call->to), in->to);
	cc_utf8_copy(call->did, sizeof(call->did), in->did);
	cc_utf8_copy(call->trunk, sizeof(call->trunk), in->trunk);
	if (id.len >= (int)sizeof(call->sip_call_id))
		id.len = sizeof(call->sip_call_id) - 1;
	memcpy(call->sip_call_id, id.s, (size_t)id.len);
	call->sip_call_id[id.len] = '\0';
}

/* 0, or the SIP code that refuses the call. */
static int take(struct sip_msg *msg, const struct cc_incoming *in)
{
	int64_t now = cc_clock_utc_ms();
	struct cc_call_input first = {.kind = CC_IN_NEW};
	struct cc_call_slot *slot;
	struct cc_call_ref ref;
	struct cc_leg *leg;
	int rc;

	if (cc_leg_new(&leg, true) < 0)
		return 503;
	leg->trunk = in->trunk && in->trunk[0];
	rc = cc_leg_accept(leg, msg, in->peer);
	if (rc < 0) {
		cc_leg_hangup(leg, 0);
		return rc == CC_E_INVAL ? 400 : 500;
	}
	if (cc_engine_call_new(&ref, &slot, in->conf, now) < 0) {
		cc_leg_hangup(leg, 503);
		return 0;
	}
	fill(&slot->core, in, msg);
	cc_engine_leg_add(ref, leg, CC_ROLE_CALLER, in->caller_agent, 0, now);
	cc_engine_post(ref, cc_leg_slot(leg), leg->gen, &first);
	return 0;
}

void cc_incoming(struct sip_msg *msg, const struct cc_incoming *in)
{
	const char *refusal;
	int code;

	cc_engine_enter();
	if (!cc_leg_transaction(msg))
		goto out;
	refusal = cc_engine_refusal();
	code = refusal ? 503 : check(msg);
	if (!code)
		code = take(msg, in);
	if (!code)
		goto out;
	if (code == 503) {
		__sync_add_and_fetch(&cc_engine->refused_total, 1);
		LM_WARN("a call is refused: %s\n", refusal ? refusal : "no free leg");
	}
	cc_leg_refuse(msg, code, "", code == 503 ? RETRY_AFTER : "");
out:
	cc_engine_leave();
}
