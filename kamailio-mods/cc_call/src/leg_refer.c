/* SPDX-License-Identifier: GPL-2.0-or-later
 * REFER inside a phone's dialog (RFC 3515): the transfer key. What is wanted goes to the call,
 * whose decision answers the request; progress and end are reported with NOTIFY. */
#include <stdio.h>
#include <string.h>

#include "core/parser/parse_refer_to.h"
#include "core/parser/parse_to.h"
#include "core/parser/parse_uri.h"

#include "cc/err.h"
#include "leg_private.h"

static str method_notify = str_init("NOTIFY");

static str text_str(const char *text)
{
	return (str){(char *)text, (int)strlen(text)};
}

/* The leg of the same call whose dialog is to be replaced. CC_CALL_LEGS: there is none, which the
 * call says. The phone names our tag first; some do it the other way round. */
static int32_t replaced_leg(const struct cc_leg *leg, const struct cc_replaces *r)
{
	str call_id = text_str(r->call_id), to = text_str(r->to_tag), from = text_str(r->from_tag);
	struct cc_leg *other = cc_leg_of_dialog(&call_id, &to, &from);
	int32_t index = CC_CALL_LEGS;

	if (!other)
		other = cc_leg_of_dialog(&call_id, &from, &to);
	if (!other)
		return index;
	lock_get(&other->lock);
	if (other->call.slot == leg->call.slot && other->call.gen == leg->call.gen)
		index = other->index;
	lock_release(&other->lock);
	cc_leg_put(other);
	return index;
}

/* The number that is wanted, and the leg to be replaced. 0, or the code that refuses the request.
 */
static int target_of(str *number, int32_t *other, const struct cc_leg *leg, struct sip_msg *msg)
{
	struct cc_replaces replaces;
	struct sip_uri uri;
	int rc;

	if (!msg->refer_to || parse_refer_to_header(msg) < 0 ||
			parse_uri(get_refer_to(msg)->uri.s, get_refer_to(msg)->uri.len, &uri) < 0 ||
			uri.user.len <= 0)
		return 400;
	if (uri.user.len >= CC_CALL_TEXT)
		return 404;
	*number = uri.user;
	rc = cc_replaces_parse(&replaces,
			(struct cc_text){uri.headers.s, uri.headers.len > 0 ? (size_t)uri.headers.len : 0});
	*other = rc == CC_OK ? replaced_leg(leg, &replaces) : -1;
	return rc == CC_E_INVAL ? 400 : 0;
}

void cc_leg_refer(struct cc_leg *leg, struct sip_msg *msg)
{
	struct cc_call_input in = {.kind = CC_IN_REFER};
	str number = {NULL, 0};
	int code = target_of(&number, &in.other, leg, msg);

	lock_get(&leg->lock);
	if (!code && (leg->sip != CC_SIP_CONFIRMED || leg->call.slot < 0))
		code = 481;
	else if (!code && leg->refer_due)
		code = 491;
	else if (!code && cc_leg_tm.t_get_trans_ident(msg, &leg->refer_hash, &leg->refer_label) < 0)
		code = 500;
	leg->refer_due = leg->refer_due || !code;
	lock_release(&leg->lock);
	if (code) {
		cc_leg_refuse(msg, code, "", "");
		return;
	}
	cc_leg_tm.t_addblind(); /* the call's runner may answer a little later */
	cc_leg_report(leg, &in, 0, number.s, number.len);
}

static bool due_take(struct cc_leg *leg)
{
	bool due;

	lock_get(&leg->lock);
	due = leg->refer_due;
	leg->refer_due = false;
	lock_release(&leg->lock);
	return due;
}

static void notify(struct cc_leg *leg, int code, const char *reason)
{
	char buf[CC_LEG_HEADERS], text[128];
	str headers = cc_leg_headers(leg, buf,
			code < 200 ? "Event: refer\r\nSubscription-State: active;expires=180\r\n"
						 "Content-Type: message/sipfrag;version=2.0\r\n"
					   : "Event: refer\r\nSubscription-State: terminated;reason=noresource\r\n"
						 "Content-Type: message/sipfrag;version=2.0\r\n",
			false);
	str body = {text, 0};

	body.len = snprintf(text, sizeof(text), "SIP/2.0 %d %s\r\n", code, reason);
	if (leg->sip == CC_SIP_CONFIRMED && body.len < (int)sizeof(text))
		cc_leg_send_within(leg, &method_notify, &headers, &body, NULL, NULL);
}

void cc_leg_referred(struct cc_leg *leg, int code, const char *reason)
{
	if (due_take(leg)) {
		cc_leg_transaction_reply(leg, leg->refer_hash, leg->refer_label, code < 300 ? 202 : code,
				code < 300 ? cc_leg_reason(202) : reason, "", NULL);
		if (code >= 300)
			return;
	}
	notify(leg, code, reason);
}

void cc_leg_refer_end(struct cc_leg *leg)
{
	if (due_take(leg))
		cc_leg_transaction_reply(
				leg, leg->refer_hash, leg->refer_label, 481, cc_leg_reason(481), "", NULL);
}
