/* SPDX-License-Identifier: GPL-2.0-or-later
 * An agent is busy as long as its leg lives. That a leg is silent only starts a question: no RTP
 * and no RTCP for CC_LEASE_SILENCE_MS (browsers always send something: CC_LEASE_PAGE_SILENCE_MS),
 * and the far end is asked inside the dialog (OPTIONS), again and again until it is heard; tm waits
 * CC_LEASE_ANSWER_MS for the answer (fr_timer in kamailio.cfg). Only "no such dialog" (481) or no
 * answer at all ends the leg. */
#ifndef CC_CALL_LEASE_H
#define CC_CALL_LEASE_H

#include <stdbool.h>

#define CC_LEASE_SILENCE_MS 10000
#define CC_LEASE_PAGE_SILENCE_MS                                                                   \
	2000 /* of a web phone: its page was loaded again, and is waited for */
#define CC_LEASE_ANSWER_MS 4000
#define CC_LEASE_AGAIN_MS 10000 /* between two questions */

#define CC_LEASE_NO_ANSWER 0

/* What is known of a leg that was asked. */
struct cc_lease
{
	bool trunk;    /* behind it is somebody else's network, which need not know OPTIONS */
	bool expected; /* it does not send and receive: on hold, muted */
	bool restored; /* nothing was heard of it since the engine's restart */
};

/* Whether the answer (a SIP code, or CC_LEASE_NO_ANSWER) says that the leg is gone. */
bool cc_lease_over(const struct cc_lease *lease, int code);

#endif
