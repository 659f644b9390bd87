/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/route.h"

#include <string.h>

#include "cc/conf.h"
#include "cc/pattern.h"
#include "cc/utf8.h"

static void refuse(struct cc_route *r, int32_t code, const char *reason, enum cc_cause cause)
{
	*r = (struct cc_route){.kind = CC_ROUTE_REFUSE,
			.index = -1,
			.sip_code = code,
			.reason = reason,
			.cause = cause};
}

/* Whether an agent, a queue or a menu has the number. */
static bool inside(const struct cc_conf *conf, const char *number)
{
	return cc_conf_agent_find(conf, number) >= 0 || cc_conf_queue_find(conf, number) >= 0 ||
		   cc_conf_ivr_find(conf, number) >= 0;
}

/* A feature code of the tenant. Whoever has the number inside has it before a code of digits only.
 */
static bool code_of(struct cc_route *r, const struct cc_conf *conf, const char *number)
{
	char param[CC_CODE_PARAM];
	int code = cc_code_dialled(param, &conf->codes, number, cc_conf_code_columns(conf));
	int32_t queue = -1;

	if (code < 0 || inside(conf, number))
		return false;
	if (cc_codes[code].with == CC_CODE_QUEUE && param[0]) {
		queue = cc_conf_queue_find(conf, param);
		if (queue < 0)
			return false;
	}
	*r = (struct cc_route){.kind = CC_ROUTE_CODE,
			.index = queue,
			.code = (enum cc_code)code,
			.digit = cc_codes[code].with == CC_CODE_DIGIT ? param[0] : '\0'};
	return true;
}

/* ---- outside ---- */

/* Who dials what, and what he may. */
struct wish
{
	const char *number;
	bool permitted;
	bool own;         /* somebody of the tenant's is there: no list is about him */
	uint32_t package; /* whose do-not-call list counts, 0: those of all */
	int32_t profile;  /* index, -1: none */
};

/* Digits of what was dialled, without what people put between them; "": no number. */
static void digits_of(char to[CC_ROUTE_DIALLED], const char *number)
{
	size_t n = 0;

	for (const char *p = number + (*number == '+'); *p; p++) {
		if (*p >= '0' && *p <= '9' && n + 1 < CC_ROUTE_DIALLED)
			to[n++] = *p;
		else if (!strchr(" -./()", *p)) {
			n = 0;
			break;
		}
	}
	to[n] = '\0';
}

/* The number as lists have it: E.164 digits, or a short one; NULL: neither. */
static const char *list_key(
		char e164[CC_NUMBER_E164 + 1], const struct cc_conf *conf, const char *number)
{
	if (cc_number_e164(e164, number, conf->country, conf->area_code) >= 0)
		return e164;
	return strlen(number) <= CC_NUMBER_EXTENSION && number[strspn(number, "0123456789")] == '\0'
				   ? number
				   : NULL;
}

static bool listed(const struct cc_conf *conf, const char *number, uint32_t package)
{
	char e164[CC_NUMBER_E164 + 1];
	const char *key = list_key(e164, conf, number);

	return key && cc_conf_no_call(conf, key, package);
}

/* The number with what the route changes, if the route is one for it. */
static const char *follow(
		char to[CC_ROUTE_DIALLED], const struct cc_conf_out *out, const char *number)
{
	size_t strip = strlen(out->strip), add = strlen(out->add);
	const char *rest = number + strip;

	if (strncmp(number, out->strip, strip) != 0 || !cc_pattern_matches(out->pattern, rest) ||
			add + strlen(rest) >= CC_ROUTE_DIALLED)
		return NULL;
	memcpy(to, out->add, add);
	strcpy(to + add, rest);
	return rest;
}

/* The first route of the profile for the number, as it was dialled or in E.164; NULL: none. rest:
 * the number without what only chose the route. */
static const struct cc_conf_out *find(char to[CC_ROUTE_DIALLED], const char **rest,
		const struct cc_conf *conf, int32_t profile, const char *dialled, const char *e164)
{
	const struct cc_conf_profile *p = cc_conf_profile_at(conf, profile);

	for (int32_t i = 0; i < p->route_count; i++) {
		const struct cc_conf_out *out = cc_conf_out_at(conf, p->route_first + i);
		const char *left = follow(to, out, dialled);

		if (!left && e164[0])
			left = follow(to, out, e164);
		if (!left)
			continue;
		*rest = left;
		return out;
	}
	return NULL;
}

/* A number outside, in whatever form. */
static void outside(struct cc_route *r, const struct cc_conf *conf, const struct wish *w)
{
	char dialled[CC_ROUTE_DIALLED], e164[CC_NUMBER_E164 + 1] = "", to[CC_ROUTE_DIALLED] = "+";
	const struct cc_conf_out *out = NULL;
	const char *rest = "";

	digits_of(dialled, w->number);
	if (cc_number_e164(e164, w->number, conf->country, conf->area_code) < 0)
		e164[0] = '\0';
	if (w->profile >= 0 && dialled[0])
		out = find(to, &rest, conf, w->profile, w->number[0] == '+' ? e164 : dialled, e164);
	else
		strcpy(to + 1, e164);
	if (!e164[0] && !out) {
		refuse(r, 404, "Not Found", CC_CAUSE_FAILED);
		return;
	}
	if (!w->permitted)
		refuse(r, 403, "Click To Call Only", CC_CAUSE_REJECTED);
	else if (!w->own && (listed(conf, w->number, w->package) || listed(conf, rest, w->package) ||
								listed(conf, to, w->package)))
		refuse(r, 603, "Do Not Call", CC_CAUSE_DO_NOT_CALL);
	else if (w->profile >= 0 && !out)
		refuse(r, 404, CC_ROUTE_NO_PROFILE, CC_CAUSE_FAILED);
	else
		*r = (struct cc_route){.kind = CC_ROUTE_OUT, .index = -1, .trunk_count = -1};
	cc_utf8_copy(r->number, sizeof(r->number), e164[0] ? e164 : dialled);
	memcpy(r->dialled, to, sizeof(r->dialled));
	if (out) {
		r->trunk_count = out->trunk_count;
		memcpy(r->trunks, out->trunks, sizeof(r->trunks));
	}
}

/* A target outside. A number of the tenant's own would come back. */
static void away(struct cc_route *r, const struct cc_conf *conf, const struct wish *w)
{
	if (cc_conf_owns(conf, w->number))
		refuse(r, 482, "Loop Detected", CC_CAUSE_FAILED);
	else
		outside(r, conf, w);
}

/* ---- where calls go ---- */

void cc_route_voicemail(struct cc_route *r, const struct cc_conf *conf, const char *box)
{
	*r = (struct cc_route){.kind = CC_ROUTE_VOICEMAIL,
			.index = -1,
			.cause = CC_CAUSE_CALLER_HANGUP,
			.group = cc_conf_agent_find(conf, box) < 0};
	cc_utf8_copy(r->box, sizeof(r->box), box);
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
	case CC_TARGET_IVR:
		*r = (struct cc_route){.kind = CC_ROUTE_IVR, .index = to->index};
		break;
	case CC_TARGET_PROMPT:
		*r = (struct cc_route){.kind = CC_ROUTE_PROMPT, .index = -1, .cause = CC_CAUSE_ANSWERED};
		memcpy(r->prompt, to->name, sizeof(r->prompt));
		break;
	case CC_TARGET_DID:
		cc_route_did(r, conf, to->index);
		break;
	case CC_TARGET_OUTSIDE:
		away(r, conf,
				&(struct wish){.number = to->name, .permitted = true, .profile = conf->profile});
		break;
	case CC_TARGET_VOICEMAIL:
		cc_route_voicemail(r, conf, to->name);
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

/* Nobody takes the call. How long it lasts is bounded: a flood of them is soon over. */
static void turn_away(struct cc_route *r, const struct cc_conf *conf)
{
	static const enum cc_route_kind kinds[] = {[CC_BLACKLIST_HANGUP] = CC_ROUTE_REFUSE,
			[CC_BLACKLIST_RING] = CC_ROUTE_RING,
			[CC_BLACKLIST_ANNOUNCEMENT] = CC_ROUTE_PROMPT,
			[CC_BLACKLIST_MUSIC] = CC_ROUTE_MUSIC};

	refuse(r, 603, "Decline", CC_CAUSE_BLACKLIST);
	r->kind = kinds[conf->blacklist_action];
	if (r->kind == CC_ROUTE_RING) { /* as if nobody were there */
		r->sip_code = 480;
		r->reason = "Temporarily Unavailable";
	} else if (r->kind == CC_ROUTE_PROMPT) {
		strcpy(r->prompt, "call_not_taken");
	} else if (r->kind == CC_ROUTE_MUSIC) {
		memcpy(r->prompt, conf->hold_music, sizeof(r->prompt));
	}
}

void cc_route_in(struct cc_route *r, const struct cc_conf *conf, int32_t did, const char *from)
{
	char e164[CC_NUMBER_E164 + 1];
	const char *key = conf && did >= 0 && conf->blacklist_count ? list_key(e164, conf, from) : NULL;

	cc_route_did(r, conf, did);
	if (key && conf->active && cc_conf_did_at(conf, did)->enabled && cc_conf_blacklisted(conf, key))
		turn_away(r, conf);
}

/* What is not a code. */
static void number_of(
		struct cc_route *r, const struct cc_conf *conf, int32_t agent, const struct wish *w)
{
	*r = (struct cc_route){.kind = CC_ROUTE_AGENT, .index = cc_conf_agent_find(conf, w->number)};
	if (r->index == agent)
		refuse(r, 486, "Busy Here", CC_CAUSE_BUSY);
	if (r->index >= 0 || r->kind == CC_ROUTE_REFUSE)
		return;
	*r = (struct cc_route){.kind = CC_ROUTE_QUEUE, .index = cc_conf_queue_find(conf, w->number)};
	if (r->index >= 0)
		return;
	*r = (struct cc_route){.kind = CC_ROUTE_IVR, .index = cc_conf_ivr_find(conf, w->number)};
	if (r->index < 0)
		outside(r, conf, w);
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
	struct wish w = {.number = number};

	if (!may_dial(r, conf, agent))
		return;
	if (code_of(r, conf, number))
		return;
	w.permitted = !cc_conf_agent_at(conf, agent)->click_only;
	w.profile = cc_conf_profile(conf, agent);
	number_of(r, conf, agent, &w);
}

void cc_route_clicked(struct cc_route *r, const struct cc_conf *conf, int32_t agent,
		const char *number, uint32_t package, int32_t profile)
{
	struct wish w = {.number = number, .permitted = true, .package = package, .profile = profile};

	if (!may_dial(r, conf, agent))
		return;
	if (profile < 0)
		w.profile = cc_conf_profile(conf, agent);
	number_of(r, conf, agent, &w);
}

void cc_route_predictive(struct cc_route *r, const struct cc_conf *conf, const char *number,
		uint32_t package, int32_t profile)
{
	struct wish w = {.number = number,
			.permitted = true,
			.package = package,
			.profile = profile < 0 ? conf->profile : profile};

	if (!conf->active)
		refuse(r, 403, "Forbidden", CC_CAUSE_FAILED);
	else if (inside(conf, number))
		refuse(r, 404, "Not Found", CC_CAUSE_FAILED);
	else
		away(r, conf, &w);
}

void cc_route_mobile(struct cc_route *r, const struct cc_conf *conf, int32_t agent)
{
	struct wish w = {.number = cc_conf_agent_at(conf, agent)->mobile,
			.permitted = true,
			.own = true,
			.profile = cc_conf_profile(conf, agent)};

	if (inside(conf, w.number))
		refuse(r, 482, "Loop Detected", CC_CAUSE_FAILED);
	else
		away(r, conf, &w);
}
