/* SPDX-License-Identifier: GPL-2.0-or-later
 * Asking silent legs, lease.h. */
#include "core/dprint.h"

#include "cc/clock.h"
#include "engine.h"
#include "lease.h"
#include "leg_private.h"
#include "leg_saved.h"

static str method_options = str_init("OPTIONS");

static bool askable(const struct cc_leg *leg)
{
	return leg->silent && leg->acked && leg->sip == CC_SIP_CONFIRMED;
}

static void answered(struct cc_leg *leg, int code)
{
	struct cc_lease lease;
	bool over;

	lock_get(&leg->lock);
	lease = (struct cc_lease){.trunk = leg->trunk,
			/* a page that holds the call answers all the same */
			.expected = leg->direction != CC_SDP_SENDRECV && leg->kind != CC_NG_WEBRTC,
			.restored = leg->restored};
	/* packets that came back while it was asked say more than no answer */
	over = (leg->silent || code == 481) && cc_lease_over(&lease, code);
	if (code >= 200 && code < 300)
		leg->restored = false;
	if (!over && askable(leg))
		cc_leg_due_set(leg, CC_DUE_PROBE, cc_clock_utc_ms() + CC_LEASE_AGAIN_MS);
	lock_release(&leg->lock);
	if (over) {
		LM_WARN("leg %s is gone: its phone answers %d\n", leg->id, code);
		cc_leg_report_code(leg, CC_IN_SILENCE, code ? code : 408, "");
	}
}

static void probe_event(struct cell *t, int type, struct tmcb_params *ps)
{
	struct cc_leg *leg = cc_leg_of_callback(ps->param);
	bool local = ps->rpl == FAKED_REPLY || !ps->rpl; /* tm's own word for "nobody answered" */

	if (!leg)
		return;
	cc_engine_enter();
	answered(leg, local ? CC_LEASE_NO_ANSWER : ps->code);
	cc_leg_put(leg);
	cc_engine_leave();
}

void cc_leg_probe(struct cc_leg *leg)
{
	if (cc_leg_send_within(
				leg, &method_options, NULL, NULL, probe_event, cc_leg_callback_param(leg)) < 0)
		answered(leg, CC_LEASE_NO_ANSWER);
	cc_leg_save(leg); /* the CSeq */
}

void cc_leg_silence(struct cc_leg *leg, bool silent)
{
	bool ask;

	lock_get(&leg->lock);
	leg->silent = silent;
	if (!silent)
		leg->restored = false;
	ask = askable(leg);
	lock_release(&leg->lock);
	if (ask)
		cc_leg_probe(leg);
}
