/* SPDX-License-Identifier: GPL-2.0-or-later
 * Client of rtpengine's ng protocol: one rtpengine call per SIP leg, named by the leg's id, with
 * the constant labels "leg" (towards the phone) and "mix" (towards cc-mixd). One connected UDP
 * socket per process; a command takes one second at most, and after three that got no answer the
 * next ones fail at once for a while. */
#ifndef CC_CALL_NG_H
#define CC_CALL_NG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CC_NG_TIMEOUT_MS 1000
#define CC_NG_BREAK_AFTER 3
#define CC_NG_BREAK_MS 2000

/* What all processes know about rtpengine together; lies in shared memory, zeros at start. */
struct cc_ng_shared
{
	volatile int timeouts;       /* without an answer in between */
	volatile int64_t open_until; /* monotonic ms; before that nothing is asked */
	volatile int64_t unsure;     /* monotonic ms: it last did not answer about a call; 0: it did */
};

/* Before the fork. */
void cc_ng_init(struct cc_ng_shared *shared, uint16_t port);

enum cc_ng_side
{
	CC_NG_LEG,
	CC_NG_MIX
};
/* What the phone's side speaks. */
enum cc_ng_kind
{
	CC_NG_RTP,
	CC_NG_WEBRTC,
	CC_NG_KINDS
};

/* sdp is from that side; the session description for the other side is written to out
 * (NUL-terminated) and its length returned. CC_E_TIMEOUT: no answer; CC_E_INVAL: refused,
 * cc_ng_error says why; CC_E_FULL. */
int cc_ng_offer(const char *call, enum cc_ng_side from, enum cc_ng_kind kind, const char *sdp,
		size_t len, char *out, size_t cap);
/* from: the side that offered; sdp is the other side's answer. */
int cc_ng_answer(const char *call, enum cc_ng_side from, enum cc_ng_kind kind, const char *sdp,
		size_t len, char *out, size_t cap);
/* Ends the rtpengine call; one that is not there is no error. */
int cc_ng_delete(const char *call);
/* Whether rtpengine has such a call: CC_OK, CC_E_INVAL: it has not; CC_E_TIMEOUT. */
int cc_ng_query(const char *call);
/* Records what the leg's side sends and receives; metadata goes to cc-recd. */
int cc_ng_record(const char *call, bool on, const char *metadata);
/* When the rtpengine that runs has started, UTC ms; it tells its age in whole seconds. */
int cc_ng_start(int64_t *after, int64_t *to);
/* Whether a command of this process has met nobody since this was asked last: rtpengine was gone.
 */
bool cc_ng_missed(void);
/* Whether rtpengine may have calls that it should not have: an offer or the end of one got no
 * answer, which is longer ago than it takes. Asking takes note; cc_ng_prune is what to do. */
bool cc_ng_unsure(void);
/* Ends every rtpengine call that is not to be kept. One that fails is unsure again. */
int cc_ng_prune(bool (*keep)(const char *call));
/* Reason that rtpengine gave for the last refusal in this process. */
const char *cc_ng_error(void);

#endif
