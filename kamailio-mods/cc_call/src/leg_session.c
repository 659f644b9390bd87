/* SPDX-License-Identifier: GPL-2.0-or-later
 * Session timers (RFC 4028): a session that nobody refreshes ends, so that a far end that vanished
 * without a word does not stay in a call for ever. */
#include <stdio.h>

#include "core/dprint.h"
#include "core/rand/kam_rand.h"

#include "cc/clock.h"
#include "cc/err.h"
#include "engine.h"
#include "leg_private.h"
#include "leg_saved.h"

#define RETRY_MS 1000 /* while something else is asked of the far end */
/* Without the far end's refresh the end comes earlier by this or a third (RFC 4028, 10). */
#define MARGIN_S 32

static str method_invite = str_init("INVITE");
static str method_update = str_init("UPDATE");

void cc_leg_session_ask(const struct cc_leg *leg, char *buf, size_t cap)
{
	int32_t wanted = leg->session.interval_s;

	if (cc_leg_session_s)
		snprintf(buf, cap, "Session-Expires: %d\r\nMin-SE: %d\r\n",
				wanted ? wanted : cc_leg_session_s, wanted ? wanted : cc_leg_session_min_s);
	else
		buf[0] = '\0';
}

/* Begins to count; lock held. */
static void count(struct cc_leg *leg)
{
	struct cc_leg_session *s = &leg->session;
	int64_t now = cc_clock_utc_ms();
	int32_t margin = s->ours ? 0 : s->interval_s / 3 < MARGIN_S ? s->interval_s / 3 : MARGIN_S;

	s->expires_ms = now + (int64_t)(s->interval_s - margin) * 1000;
	cc_leg_due_set(leg, CC_DUE_SESSION,
			!s->interval_s ? INT64_MAX
			: s->ours      ? now + (int64_t)s->interval_s * 500
						   : s->expires_ms);
}

void cc_leg_session_resume(struct cc_leg *leg)
{
	struct cc_leg_session *s = &leg->session;

	s->pending = false;
	if (s->media_lost)
		cc_leg_due_set(leg, CC_DUE_SESSION, cc_clock_utc_ms());
	else if (s->interval_s) /* when we refresh, at once: nobody knows for how long we were away */
		cc_leg_due_set(leg, CC_DUE_SESSION, s->ours ? cc_clock_utc_ms() : s->expires_ms);
}

int cc_leg_session_request(struct cc_leg *leg, const struct cc_extensions *x, char *buf, size_t cap)
{
	int32_t interval = x->session_s;

	buf[0] = '\0';
	if (interval && interval < cc_leg_session_min_s) {
		if (x->timer) {
			snprintf(buf, cap, "Min-SE: %d\r\n", cc_leg_session_min_s);
			return 422;
		}
		interval = cc_leg_session_min_s; /* a proxy asked, and the phone knows nothing of it */
	}
	leg->session.interval_s = interval;
	leg->session.ours =
			x->refresher == CC_REFRESHER_UAS || (x->refresher == CC_REFRESHER_NONE && !x->timer);
	return 0;
}

void cc_leg_session_accept(struct cc_leg *leg, char *buf, size_t cap)
{
	const struct cc_leg_session *s = &leg->session;

	buf[0] = '\0';
	if (s->interval_s)
		snprintf(buf, cap, "Session-Expires: %d;refresher=%s\r\n%s", s->interval_s,
				s->ours ? "uas" : "uac", s->ours ? "" : "Require: timer\r\n");
	count(leg);
}

void cc_leg_session_response(struct cc_leg *leg, const struct cc_extensions *x)
{
	leg->session.interval_s = x->session_s;
	leg->session.ours = x->refresher != CC_REFRESHER_UAS;
	count(leg);
}

static str refresh_headers(const struct cc_leg *leg, char *buf)
{
	char more[CC_LEG_SESSION_HEADERS] = "";

	if (leg->session.interval_s)
		snprintf(more, sizeof(more), "Session-Expires: %d;refresher=uac\r\n",
				leg->session.interval_s);
	return cc_leg_headers(leg, buf, more, leg->session.pending);
}

/* The far end's word about our refresh, its end (0: lives) and the next attempt. */
static bool refreshed(struct cc_leg *leg, int code, struct sip_msg *msg, bool *answer)
{
	struct cc_leg_session *s = &leg->session;
	str body = msg ? cc_leg_message_sdp(msg) : (str){NULL, 0};
	struct cc_extensions x = {0};
	int64_t now = cc_clock_utc_ms();
	bool reinvite, usable = msg && cc_extensions_read(&x, msg) == CC_OK;

	reinvite = s->pending;
	s->pending = false;
	if (leg->sip != CC_SIP_CONFIRMED || leg->call.slot < 0)
		return false;
	if (code >= 200 && code < 300 && usable) {
		cc_leg_tm.dlg_response_uac(leg->dialog, msg, IS_TARGET_REFRESH);
		cc_leg_dialog_to_peer(leg);
		if (x.session_s == 0) { /* it has forgotten; we have not */
			x.session_s = s->interval_s;
			x.refresher = CC_REFRESHER_UAC;
		}
		cc_leg_session_response(leg, &x);
		if (reinvite && body.len && leg->job == CC_JOB_NONE && leg->working == CC_JOB_NONE &&
				cc_leg_sdp_keep(leg, &body) == CC_OK) {
			leg->job = CC_JOB_REFRESHED;
			*answer = true;
		}
		return s->media_lost && !*answer;
	}
	if (code == 481 || code == 408 || (s->media_lost && code != 491))
		return true; /* it has nothing to be heard by any more, in the last case */
	if (code == 491) /* both at once (RFC 3261, 14.1); who made the Call-ID waits longer */
		now += leg->incoming ? kam_rand() % 2000 : 2100 + kam_rand() % 1900;
	else if (code == 422 && usable && x.session_min_s > s->interval_s)
		s->interval_s = x.session_min_s;
	else if (!reinvite && s->update)
		s->update = false; /* then with a re-INVITE */
	else
		now = s->interval_s ? s->expires_ms : INT64_MAX; /* it will not; so the session goes on */
	cc_leg_due_set(leg, CC_DUE_SESSION, now);
	return false;
}

static void refresh_event(struct cell *t, int type, struct tmcb_params *ps)
{
	struct cc_leg *leg = cc_leg_of_callback(ps->param);
	struct sip_msg *msg = ps->rpl && ps->rpl != FAKED_REPLY ? ps->rpl : NULL;
	struct cc_call_input in = {.kind = CC_IN_LEG_UP};
	bool dead, answer = false;

	if (!leg)
		return;
	cc_engine_enter();
	lock_get(&leg->lock);
	dead = refreshed(leg, ps->code, msg, &answer);
	lock_release(&leg->lock);
	cc_leg_save(leg);
	if (dead)
		cc_leg_report_code(leg, CC_IN_SILENCE, ps->code, "");
	if (answer)
		cc_leg_report(leg, &in, 0, "", 0);
	cc_leg_put(leg);
	cc_engine_leave();
}

void cc_leg_session_reinvite(struct cc_leg *leg, str *offer)
{
	char buf[CC_LEG_HEADERS];
	str headers = refresh_headers(leg, buf);

	if (!offer || cc_leg_send_within(leg, &method_invite, &headers, offer, refresh_event,
						  cc_leg_callback_param(leg)) < 0) {
		lock_get(&leg->lock);
		leg->session.pending = false;
		cc_leg_due_set(leg, CC_DUE_SESSION, cc_clock_utc_ms() + RETRY_MS);
		lock_release(&leg->lock);
	}
}

void cc_leg_session_timer(struct cc_leg *leg, int64_t now_ms)
{
	struct cc_leg_session *s = &leg->session;
	struct cc_call_input in = {.kind = CC_IN_LEG_UP};
	char buf[CC_LEG_HEADERS];
	str headers;
	bool over, update = false, reinvite = false;

	lock_get(&leg->lock);
	if (leg->sip != CC_SIP_CONFIRMED || leg->call.slot < 0) {
		lock_release(&leg->lock);
		return;
	}
	over = s->interval_s && s->expires_ms <= now_ms;
	if (over) {
		leg->sip = CC_SIP_DONE;
	} else if (!leg->acked || leg->job != CC_JOB_NONE || leg->working != CC_JOB_NONE ||
			   leg->queued.there || s->pending) {
		cc_leg_due_set(leg, CC_DUE_SESSION, now_ms + RETRY_MS);
	} else if (s->update && !s->media_lost) {
		update = true;
	} else {
		s->pending = reinvite = true;
		leg->job = CC_JOB_REFRESH;
	}
	if (update || reinvite) /* if no word comes */
		cc_leg_due_set(leg, CC_DUE_SESSION, s->interval_s ? s->expires_ms : INT64_MAX);
	headers = refresh_headers(leg, buf);
	lock_release(&leg->lock);
	if (over) {
		LM_NOTICE("leg %s: nobody refreshed the session\n", leg->id);
		cc_leg_bye(leg);
		cc_leg_report_code(leg, CC_IN_LEG_ENDED, 408, "session expired");
	} else if (update) {
		cc_leg_send_within(
				leg, &method_update, &headers, NULL, refresh_event, cc_leg_callback_param(leg));
	} else if (reinvite) {
		cc_leg_report(leg, &in, 0, "", 0);
	}
}
