/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dprint.h"

#include "cc/clock.h"
#include "cc/err.h"
#include "engine.h"
#include "lease.h"
#include "leg_media.h"
#include "leg_private.h"
#include "mixer.h"

#define DTMF_PT 101    /* of telephone-event in our own offers */
#define JITTER_MS 2000 /* what two engines may differ in about the start of one rtpengine */

static int failed(const struct cc_leg *leg, const char *what, int err)
{
	__sync_add_and_fetch(&cc_engine->media_failures, 1);
	LM_WARN("leg %s: %s: %s %s\n", leg->id, what, cc_err_name(err),
			err == CC_E_INVAL ? cc_ng_error() : "");
	return err;
}

static bool same_far(const struct cc_sdp_audio *a, const struct cc_sdp_audio *b)
{
	return strcmp(a->addr, b->addr) == 0 && a->port == b->port && a->pt == b->pt &&
		   a->dtmf_pt == b->dtmf_pt;
}

/* Makes the leg in cc-mixd, or moves it, when far has changed. While cc-mixd is away the leg waits
 * for its return: then every call orders its media again. */
static int mixer_join(struct cc_leg *leg, const struct cc_sdp_audio *far)
{
	int rc;

	if (leg->mixer_open && same_far(&leg->far, far))
		return CC_OK;
	leg->far = *far;
	leg->mixer_open = true;
	cc_mixer_leg(leg->id, leg->media_gen, cc_leg_port(leg), far);
	cc_mixer_watch(leg->id, leg->media_gen,
			leg->kind == CC_NG_WEBRTC ? CC_LEASE_PAGE_SILENCE_MS : CC_LEASE_SILENCE_MS);
	rc = cc_mixer_flush();
	if (rc != CC_E_INVAL && rc != CC_E_FULL)
		return CC_OK;
	LM_ERR("leg %s: cc-mixd refused it: %s\n", leg->id, cc_mixer_error());
	return CC_E_STATE;
}

static int mixer_sdp(struct cc_leg *leg, char *buf, size_t cap, int pt, bool offer, int dtmf_pt,
		enum cc_sdp_direction direction)
{
	return cc_sdp_mixer(buf, cap, cc_leg_port(leg), ++leg->sdp_version, cc_leg_port(leg), pt, offer,
			dtmf_pt, direction);
}

int cc_leg_media_answer(struct cc_leg *leg, const char *offer, size_t len, char *out, size_t cap)
{
	struct cc_sdp_audio phone, far = {0};
	char own[512];
	int rc;

	rc = cc_sdp_parse(&phone, offer, len);
	if (rc < 0 || phone.port == 0 || phone.pt < 0) /* rtpengine would let any codec pass */
		return rc < 0 ? rc : CC_E_NOENT;
	leg->direction = phone.direction;
	leg->ng_open = true; /* whatever the answer: it may be there without one */
	rc = cc_ng_offer(leg->id, CC_NG_LEG, leg->kind, offer, len, out, cap);
	if (rc < 0)
		return failed(leg, "offer", rc);
	rc = cc_sdp_parse(&far, out, (size_t)rc);
	if (rc < 0 || far.port == 0 || far.pt < 0)
		return rc < 0 ? rc : CC_E_NOENT;
	rc = mixer_sdp(
			leg, own, sizeof(own), far.pt, false, far.dtmf_pt, cc_sdp_answer(phone.direction));
	if (rc < 0)
		return rc;
	rc = cc_ng_answer(leg->id, CC_NG_LEG, leg->kind, own, (size_t)rc, out, cap);
	if (rc < 0)
		return failed(leg, "answer", rc);
	len = (size_t)rc;
	rc = mixer_join(leg, &far);
	return rc < 0 ? rc : (int)len;
}

int cc_leg_media_offer(struct cc_leg *leg, char *out, size_t cap)
{
	char own[512];
	int rc = mixer_sdp(leg, own, sizeof(own), leg->mixer_open ? leg->far.pt : leg->prefer, true,
			DTMF_PT, CC_SDP_SENDRECV);

	if (rc < 0)
		return rc;
	leg->ng_open = true;
	rc = cc_ng_offer(leg->id, CC_NG_MIX, leg->kind, own, (size_t)rc, out, cap);
	return rc < 0 ? failed(leg, "offer", rc) : rc;
}

int cc_leg_media_accept(struct cc_leg *leg, const char *answer, size_t len)
{
	char out[CC_SDP_MAX];
	struct cc_sdp_audio phone, far = {0};
	int rc = cc_ng_answer(leg->id, CC_NG_MIX, leg->kind, answer, len, out, sizeof(out));

	if (rc < 0)
		return failed(leg, "answer", rc);
	rc = cc_sdp_parse(&far, out, (size_t)rc);
	if (rc < 0 || far.port == 0 || far.pt < 0)
		return rc < 0 ? rc : CC_E_NOENT;
	if (cc_sdp_parse(&phone, answer, len) == CC_OK)
		leg->direction = phone.direction;
	return mixer_join(leg, &far);
}

static void recorder_note(struct cc_leg *leg)
{
	leg->recorder_seen = cc_engine->rtpengine_seen;
	leg->recorder = cc_engine->rtpengine_start;
}

/* Whether another rtpengine runs than the one that was told to record. */
static bool recording_lost(struct cc_leg *leg)
{
	int64_t by = leg->recorder;
	uint32_t seen = leg->recorder_seen;

	if (!leg->recording)
		return false;
	recorder_note(leg);
	return seen ? seen != leg->recorder_seen : by && llabs(leg->recorder - by) > JITTER_MS;
}

/* rtpengine came back without what Redis keeps for it: the phone gets another offer. */
static bool media_lost(struct cc_leg *leg)
{
	bool lost = leg->ng_open && cc_ng_query(leg->id) == CC_E_INVAL;

	lock_get(&leg->lock);
	if (lost && leg->sip == CC_SIP_CONFIRMED && !leg->session.media_lost) {
		leg->session.media_lost = true;
		cc_leg_due_set(leg, CC_DUE_SESSION, cc_clock_utc_ms());
	}
	lock_release(&leg->lock);
	if (lost)
		LM_WARN("leg %s: rtpengine has forgotten it; its phone is asked again\n", leg->id);
	return lost;
}

unsigned cc_leg_media_restore(struct cc_leg *leg, unsigned parts)
{
	struct cc_sdp_audio far = leg->far;
	unsigned lost = 0;

	/* what has no media is recorded again when it has some */
	if ((parts & CC_MEDIA_RTPENGINE) && !media_lost(leg) && recording_lost(leg)) {
		leg->recording = false;
		lost |= CC_MEDIA_RTPENGINE;
	}
	if (leg->mixer_open && (parts & CC_MEDIA_MIXER)) {
		leg->mixer_open = false;
		leg->media_gen++;
		mixer_join(leg, &far);
		lost |= CC_MEDIA_MIXER;
	}
	return lost;
}

int cc_leg_media_record(
		struct cc_leg *leg, uint32_t tenant, const char *call, const struct cc_call_action *a)
{
	char metadata[128], message[24] = "";
	int rc;

	if (!leg->ng_open || leg->recording == a->on)
		return CC_OK;
	if (a->message)
		snprintf(message, sizeof(message), "|%d", (int)a->least_ms);
	snprintf(metadata, sizeof(metadata), "v1|%u|%s|%s|%d|%u%s", tenant, call, leg->id,
			(int)a->segment, cc_leg_port(leg), message);
	rc = cc_ng_record(leg->id, a->on, metadata);
	if (rc < 0)
		return failed(leg, "recording", rc);
	leg->recording = a->on;
	recorder_note(leg);
	return CC_OK;
}

struct cc_leg_packets cc_leg_media_drop(struct cc_leg *leg)
{
	if (!leg->mixer_open)
		return (struct cc_leg_packets){-1, -1};
	leg->mixer_open = false;
	cc_mixer_drop(leg->id, leg->media_gen);
	cc_mixer_flush();
	return (struct cc_leg_packets){cc_mixer_result("rx"), cc_mixer_result("lost")};
}

void cc_leg_media_release(struct cc_leg *leg)
{
	cc_leg_media_drop(leg);
	if (leg->ng_open) {
		int rc = cc_ng_delete(leg->id);

		if (rc < 0)
			failed(leg, "delete", rc);
	}
	leg->ng_open = leg->recording = false;
	if (leg->port >= 0) {
		/* cc-mixd must have let go of the port before somebody else gets it */
		cc_mixer_flush();
		cc_pool_give(cc_engine->port_pool, leg->port);
	}
	leg->port = -1;
}

int cc_leg_media_code(int err)
{
	switch (err) {
	case CC_E_INVAL:
	case CC_E_NOENT:
		return 488;
	case CC_E_TIMEOUT:
	case CC_E_IO:
		return 503;
	default:
		return 500;
	}
}
