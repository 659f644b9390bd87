/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "core/mem/shm_mem.h"

#include "cc/err.h"
#include "leg_media.h"
#include "leg_private.h"

int cc_leg_sdp_keep(struct cc_leg *leg, const str *body)
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

char *cc_leg_sdp_take(struct cc_leg *leg, int32_t *len)
{
	char *sdp;

	lock_get(&leg->lock);
	sdp = leg->sdp;
	*len = sdp ? leg->sdp_len : 0;
	leg->sdp = NULL;
	lock_release(&leg->lock);
	return sdp;
}

void cc_leg_sdp_free(char *sdp)
{
	if (sdp)
		shm_free(sdp);
}

int32_t cc_leg_sdp_copy(struct cc_leg *leg, char text[CC_SDP_MAX])
{
	int32_t len = 0;

	lock_get(&leg->lock);
	if (leg->sdp) {
		len = leg->sdp_len;
		memcpy(text, leg->sdp, (size_t)len);
	}
	lock_release(&leg->lock);
	return len;
}

/* RFC 3261, 14.2: one that comes before the one before it is answered is refused. Whatever else is
 * worked on, such as the answer to our own INVITE, is no reason to refuse it. */
int cc_leg_offer_take(struct cc_leg *leg, struct sip_msg *msg, const str *body, bool *later)
{
	struct cc_leg_offer *o = &leg->queued;

	if (leg->sip == CC_SIP_INVITED || leg->job == CC_JOB_REINVITE ||
			leg->working == CC_JOB_REINVITE || o->there)
		return 500;
	if (leg->session.pending)
		return 491; /* both at once */
	if (body->len > CC_SDP_MAX)
		return 413;
	if (cc_leg_tm.t_get_trans_ident(msg, &o->hash, &o->label) < 0)
		return 500;
	o->sdp = NULL;
	o->len = body->len;
	if (body->len > 0) {
		o->sdp = shm_malloc((size_t)body->len);
		if (!o->sdp)
			return 500;
		memcpy(o->sdp, body->s, (size_t)body->len);
	}
	o->there = true;
	*later = !cc_leg_offer_next(leg);
	return 0;
}

bool cc_leg_offer_next(struct cc_leg *leg)
{
	struct cc_leg_offer *o = &leg->queued;

	if (!o->there || !leg->acked || leg->job != CC_JOB_NONE || leg->working != CC_JOB_NONE)
		return false;
	cc_leg_sdp_free(leg->sdp);
	leg->sdp = o->sdp;
	leg->sdp_len = o->len;
	leg->late_offer = o->len == 0;
	leg->job_hash = o->hash;
	leg->job_label = o->label;
	leg->job = CC_JOB_REINVITE;
	*o = (struct cc_leg_offer){0};
	return true;
}

static int job_reinvite(struct cc_leg *leg, const char *offer, int32_t len)
{
	char text[CC_SDP_MAX], more[CC_LEG_SESSION_HEADERS] = "";
	str body = {text, 0};
	unsigned int hash, label;
	int rc, code;

	rc = offer ? cc_leg_media_answer(leg, offer, (size_t)len, text, sizeof(text))
			   : cc_leg_media_offer(leg, text, sizeof(text));
	code = rc < 0 ? cc_leg_media_code(rc) : 200;
	body.len = rc;
	lock_get(&leg->lock);
	if (code == 200)
		cc_leg_session_accept(leg, more, sizeof(more));
	hash = leg->job_hash;
	label = leg->job_label;
	leg->working = CC_JOB_NONE; /* with the answer the phone may send the next one */
	lock_release(&leg->lock);
	cc_leg_transaction_reply(
			leg, hash, label, code, cc_leg_reason(code), more, rc < 0 ? NULL : &body);
	return 0; /* the session goes on as it was */
}

/* An answer to it is used even when it comes without one: the session goes on as it was. */
static int job_refresh(struct cc_leg *leg)
{
	char text[CC_SDP_MAX];
	str body = {text, 0};

	body.len = cc_leg_media_offer(leg, text, sizeof(text));
	cc_leg_session_reinvite(leg, body.len < 0 ? NULL : &body);
	return 0;
}

/* The phone has our description now. */
static int job_accept(struct cc_leg *leg)
{
	int code = cc_leg_answer(leg);

	lock_get(&leg->lock);
	leg->working = CC_JOB_NONE;
	lock_release(&leg->lock);
	return code;
}

int cc_leg_job_run(struct cc_leg *leg)
{
	struct cc_call_input in = {.kind = CC_IN_LEG_UP};
	enum cc_leg_job job;
	int32_t len;
	char *sdp;
	bool more;
	int rc = 0;

	lock_get(&leg->lock);
	job = leg->job;
	leg->job = CC_JOB_NONE;
	leg->working = job;
	lock_release(&leg->lock);
	if (job == CC_JOB_NONE)
		return 0;
	if (job == CC_JOB_ACCEPT)
		return job_accept(leg);
	sdp = cc_leg_sdp_take(leg, &len);
	if (job == CC_JOB_REINVITE)
		rc = job_reinvite(leg, sdp, len);
	else if (job == CC_JOB_REFRESH)
		rc = job_refresh(leg);
	else if (job == CC_JOB_AGAIN)
		rc = cc_leg_invite_again(leg);
	else if (sdp)
		rc = cc_leg_media_accept(leg, sdp, (size_t)len);
	cc_leg_sdp_free(sdp);
	lock_get(&leg->lock);
	if (job == CC_JOB_REFRESHED && (rc == 0 || !leg->session.media_lost)) {
		rc = 0; /* the session goes on as it was */
		leg->session.media_lost = false;
	}
	leg->working = CC_JOB_NONE;
	more = rc == 0 && cc_leg_offer_next(leg);
	lock_release(&leg->lock);
	if (more)
		cc_leg_report(leg, &in, 0, "", 0);
	return rc < 0 ? cc_leg_media_code(rc) : 0;
}
