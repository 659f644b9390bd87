/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/route.h"

#include <string.h>

#include "cc/conf.h"

static const struct
{
	const char *digits;
	enum cc_code code;
} codes[] = {
		{"*001", CC_CODE_SIGN_IN},
		{"*000", CC_CODE_SIGN_OUT},
		{"*101", CC_CODE_IDLE},
		{"*100", CC_CODE_BUSY},
};

static void refuse(struct cc_route *r, int32_t code, const char *reason, enum cc_cause cause)
{
	*r = (struct cc_route){.kind = CC_ROUTE_REFUSE,
			.index = -1,
			.sip_code = code,
			.reason = reason,
			.cause = cause};
}

void cc_route_target(
		struct cc_route *r, const struct cc_conf *conf, const struct cc_conf_target *to)
{
	switch (to->kind) {
	case CC_TARGET_QUEUE:
		*r = (struct cc_route){.kind = CC_ROUTE_QUEUE, .index = to->index};
		break;
	case CC_TARGET_AGENT:
		*r = (struct cc_route){.kind = CC_ROUTE_AGENT, .index = to->index};
		break;
	case CC_TARGET_PROMPT:
		*r = (struct cc_route){.kind = CC_ROUTE_PROMPT, .index = -1};
		memcpy(r->prompt, to->name, sizeof(r->prompt));
		break;
	case CC_TARGET_DID:
		cc_route_did(r, conf, to->index);
		break;
	case CC_TARGET_HANGUP:
		refuse(r, 603, "Decline", CC_CAUSE_REJECTED);
		break;
	default:
		refuse(r, 480, "Temporarily Unavailable", CC_CAUSE_FAILED);
	}
}

void cc_route_did(struct cc_route *r, const struct cc_conf *conf, int32_t did)
{
	const struct cc_conf_did *d;

	if (!conf || did < 0) {
		refuse(r, 404, "Not Found", CC_CAUSE_FAILED);
		return;
	}
	d = cc_conf_did_at(conf, did);
	if (!conf->active || !d->enabled)
		refuse(r, 403, "Forbidden", CC_CAUSE_FAILED);
	else if (d->to.kind == CC_TARGET_DID) /* might lead round in circles */
		refuse(r, 480, "Temporarily Unavailable", CC_CAUSE_FAILED);
	else
		cc_route_target(r, conf, &d->to);
}

/* "*001", or "*001*600" for one queue. */
static bool code_is(
		const struct cc_conf *conf, const char *number, const char *digits, int32_t *queue)
{
	size_t len = strlen(digits);

	*queue = -1;
	if (strncmp(number, digits, len) != 0)
		return false;
	if (number[len] == '*')
		*queue = cc_conf_queue_find(conf, number + len + 1);
	return number[len] == '\0' || *queue >= 0;
}

/* A number outside, in whatever form. */
static void outside(struct cc_route *r, const struct cc_conf *conf, const char *number,
		bool permitted, uint32_t package)
{
	char e164[CC_NUMBER_E164 + 1];

	if (cc_number_e164(e164, number, conf->country, conf->area_code) < 0) {
		refuse(r, 404, "Not Found", CC_CAUSE_FAILED);
		return;
	}
	if (!permitted)
		refuse(r, 403, "Click To Call Only", CC_CAUSE_REJECTED);
	else if (cc_conf_no_call(conf, e164, package))
		refuse(r, 603, "Do Not Call", CC_CAUSE_DO_NOT_CALL);
	else
		*r = (struct cc_route){.kind = CC_ROUTE_OUT, .index = -1};
	memcpy(r->number, e164, sizeof(r->number));
}

/* What is not a code. */
static void number_of(struct cc_route *r, const struct cc_conf *conf, int32_t agent,
		const char *number, bool permitted, uint32_t package)
{
	*r = (struct cc_route){.kind = CC_ROUTE_AGENT, .index = cc_conf_agent_find(conf, number)};
	if (r->index == agent)
		refuse(r, 486, "Busy Here", CC_CAUSE_BUSY);
	if (r->index >= 0 || r->kind == CC_ROUTE_REFUSE)
		return;
	*r = (struct cc_route){.kind = CC_ROUTE_QUEUE, .index = cc_conf_queue_find(conf, number)};
	if (r->index < 0)
		outside(r, conf, number, permitted, package);
}

/* False, and a refusal: not this agent. */
static bool may_dial(struct cc_route *r, const struct cc_conf *conf, int32_t agent)
{
	bool may = conf->active && agent >= 0 && cc_conf_agent_at(conf, agent)->enabled;

	if (!may)
		refuse(r, 403, "Forbidden", CC_CAUSE_FAILED);
	return may;
}

void cc_route_dialled(
		struct cc_route *r, const struct cc_conf *conf, int32_t agent, const char *number)
{
	int32_t queue;

	if (!may_dial(r, conf, agent))
		return;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (code_is(conf, number, codes[i].digits, &queue)) {
			*r = (struct cc_route){.kind = CC_ROUTE_CODE, .index = queue, .code = codes[i].code};
			return;
		}
	number_of(r, conf, agent, number, !cc_conf_agent_at(conf, agent)->click_only, 0);
}

void cc_route_clicked(struct cc_route *r, const struct cc_conf *conf, int32_t agent,
		const char *number, uint32_t package)
{
	if (may_dial(r, conf, agent))
		number_of(r, conf, agent, number, true, package);
}
