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
	leg->working = false; /* with the answer the phone may send the next one */
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

int cc_leg_job_run(struct cc_leg *leg)
{
	enum cc_leg_job job;
	int32_t len;
	char *sdp;
	int rc = 0;

	lock_get(&leg->lock);
	job = leg->job;
	leg->job = CC_JOB_NONE;
	leg->working = job != CC_JOB_NONE;
	lock_release(&leg->lock);
	if (job == CC_JOB_NONE)
		return 0;
	sdp = cc_leg_sdp_take(leg, &len);
	if (job == CC_JOB_REINVITE)
		rc = job_reinvite(leg, sdp, len);
	else if (job == CC_JOB_REFRESH)
		rc = job_refresh(leg);
	else if (sdp)
		rc = cc_leg_media_accept(leg, sdp, (size_t)len);
	cc_leg_sdp_free(sdp);
	lock_get(&leg->lock);
	if (job == CC_JOB_REFRESHED && (rc == 0 || !leg->session.media_lost)) {
		rc = 0; /* the session goes on as it was */
		leg->session.media_lost = false;
	}
	leg->working = false;
	lock_release(&leg->lock);
	return rc < 0 ? cc_leg_media_code(rc) : 0;
}
