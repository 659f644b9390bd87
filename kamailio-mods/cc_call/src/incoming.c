/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "core/dprint.h"
#include "core/parser/contact/parse_contact.h"
#include "core/parser/parse_uri.h"

#include "actions.h"
#include "admission.h"
#include "cc/clock.h"
#include "cc/conf.h"
#include "cc/err.h"
#include "cc/utf8.h"
#include "engine.h"
#include "incoming.h"
#include "leg_private.h"

#define RETRY_AFTER "Retry-After: 5\r\n"

/* A refusal in the making: its code, 0 none, and headers. */
struct refusal
{
	int code;
	char headers[160];
};

static bool contact_usable(struct sip_msg *msg)
{
	contact_body_t *contact;
	struct sip_uri uri;

	if (!msg->contact || parse_contact(msg->contact) < 0)
		return false;
	contact = (contact_body_t *)msg->contact->parsed;
	return contact && contact->contacts && !contact->star &&
		   parse_uri(contact->contacts->uri.s, contact->contacts->uri.len, &uri) >= 0;
}

static bool is_sdp(const struct sip_msg *msg)
{
	static const char sdp[] = "application/sdp";

	return msg->content_type && msg->content_type->body.len >= (int)sizeof(sdp) - 1 &&
		   strncasecmp(msg->content_type->body.s, sdp, sizeof(sdp) - 1) == 0;
}

/* What the INVITE must have. */
static void check(struct refusal *r, struct sip_msg *msg, struct cc_extensions *x)
{
	struct cc_sdp_audio audio;
	struct cc_text replaces;
	str body;
	int rc;

	if (parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->callid || !contact_usable(msg) ||
			cc_extensions_read(x, msg) < 0) {
		r->code = 400;
		return;
	}
	if (cc_extension_header(msg, "Replaces", &replaces)) {
		r->code = 481; /* nobody but us has dialogs here (RFC 3891, 3) */
		return;
	}
	body = cc_leg_message_sdp(msg);
	if (body.len == 0)
		return; /* it wants our offer */
	if (!is_sdp(msg)) {
		r->code = 415;
		snprintf(r->headers, sizeof(r->headers), "Accept: application/sdp\r\n");
		return;
	}
	if (body.len > CC_SDP_MAX) {
		r->code = 413;
		return;
	}
	rc = cc_sdp_parse(&audio, body.s, (size_t)body.len);
	if (rc == CC_E_INVAL)
		r->code = 400;
	else if (rc < 0 || audio.port == 0 || audio.pt < 0)
		r->code = 488;
}

static void fill(struct cc_call *call, const struct cc_incoming *in, struct sip_msg *msg)
{
	str id = msg->callid->body;

	call->dir = in->dir;
	call->route = in->route;
	call->caller_agent = in->caller_agent;
	call->ours = in->ours;
	if (in->dir == CC_DIR_OUT)
		call->turn = cc_engine_turn(in->conf->tenant);
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

/* The leg of the INVITE; NULL: refused. */
static struct cc_leg *leg_take(struct refusal *r, struct sip_msg *msg,
		const struct cc_extensions *x, const struct cc_incoming *in)
{
	struct cc_leg *leg;

	if (cc_leg_new(&leg, true) < 0) {
		cc_admission_refused("no_leg");
		r->code = 503;
		return NULL;
	}
	leg->trunk = in->trunk_id;
	if (in->caller_agent >= 0)
		cc_leg_owner(leg, cc_conf_agent_at(in->conf, in->caller_agent)->number, in->conf->code);
	r->code = cc_leg_accept(leg, msg, x, in->peer, r->headers, sizeof(r->headers));
	if (r->code)
		cc_leg_hangup(leg, 0);
	return r->code ? NULL : leg;
}

/* The call that an agent who dials is in already: what he dials now belongs to it. */
static bool consults(const struct cc_incoming *in, struct cc_call_ref *ref)
{
	const struct cc_queue_provider *queue = cc_actions_queue();
	struct cc_ulid call;

	return in->caller_agent >= 0 && in->route.kind == CC_ROUTE_AGENT && queue &&
		   queue->call_of(in->conf, in->caller_agent, &call) == CC_OK &&
		   cc_engine_find(ref, in->conf->tenant, &call) == CC_OK;
}

static void consult(struct refusal *r, struct sip_msg *msg, const struct cc_extensions *x,
		const struct cc_incoming *in, struct cc_call_ref ref)
{
	struct cc_leg *leg = leg_take(r, msg, x, in);

	if (leg && cc_engine_consult(ref, leg, in->to) < 0)
		cc_leg_hangup(leg, 486);
}

static void take(struct refusal *r, struct sip_msg *msg, const struct cc_extensions *x,
		const struct cc_incoming *in)
{
	int64_t now = cc_clock_utc_ms();
	struct cc_call_input first = {.kind = CC_IN_NEW};
	struct cc_call_slot *slot;
	struct cc_call_ref ref;
	struct cc_leg *leg = leg_take(r, msg, x, in);
	int rc;

	if (!leg)
		return;
	rc = cc_engine_call_new(&ref, &slot, in->conf, now);
	if (rc < 0) {
		cc_admission_refused("no_call");
		cc_leg_hangup(leg, 503);
		return;
	}
	fill(&slot->core, in, msg);
	/* whom an agent calls outside takes the caller's place */
	first.leg = cc_engine_leg_add(ref, leg,
			in->route.kind == CC_ROUTE_OUT && in->caller_agent >= 0 ? CC_ROLE_AGENT
																	: CC_ROLE_CALLER,
			in->caller_agent, 0, now);
	cc_engine_post(ref, cc_leg_slot(leg), leg->gen, &first);
}

void cc_incoming(struct sip_msg *msg, const struct cc_incoming *in)
{
	struct refusal r = {0};
	struct cc_extensions x;
	struct cc_call_ref ref;
	bool second;

	cc_engine_enter();
	if (!cc_leg_transaction(msg))
		goto out;
	second = consults(in, &ref);
	if (!second && !cc_admission(in->conf))
		r.code = 503;
	if (!r.code)
		check(&r, msg, &x);
	if (!r.code && second)
		consult(&r, msg, &x, in, ref);
	else if (!r.code)
		take(&r, msg, &x, in);
	if (r.code)
		cc_leg_refuse(msg, r.code, "", r.code == 503 ? RETRY_AFTER : r.headers);
out:
	cc_engine_leave();
}
