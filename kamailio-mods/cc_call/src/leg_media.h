/* SPDX-License-Identifier: GPL-2.0-or-later
 * A leg's media: one rtpengine call, whose far end is one port of cc-mixd. Called by the runner of
 * the leg's call only. All return 0, a length, or a negative enum cc_err. */
#ifndef CC_CALL_LEG_MEDIA_H
#define CC_CALL_LEG_MEDIA_H

#include <stddef.h>

#include "engine.h"
#include "leg.h"

/* The phone offered: makes both ends and writes our answer to out. Also for an offer inside the
 * dialog. */
int cc_leg_media_answer(struct cc_leg *leg, const char *offer, size_t len, char *out, size_t cap);
/* We offer: writes our offer to out; the phone's answer goes to _accept. */
int cc_leg_media_offer(struct cc_leg *leg, char *out, size_t cap);
int cc_leg_media_accept(struct cc_leg *leg, const char *answer, size_t len);
/* As a CC_ACT_RECORD says. */
int cc_leg_media_record(
		struct cc_leg *leg, uint32_t tenant, const char *call, const struct cc_call_action *a);
/* Ends the leg in cc-mixd and says what it has heard. */
struct cc_leg_packets cc_leg_media_drop(struct cc_leg *leg);
/* Frees rtpengine's call, cc-mixd's leg and the port. */
void cc_leg_media_release(struct cc_leg *leg);
/* SIP code that tells the far end of such an error. */
int cc_leg_media_code(int err);

#endif
