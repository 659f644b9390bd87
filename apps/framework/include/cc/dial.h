/* SPDX-License-Identifier: GPL-2.0-or-later
 * Calling from pages (CALL-01): the agent's own phones ring first, then the number is called. Pages
 * name what is called, never the number itself: columns with `call` (cc/resource.h) have the button
 * beside them, which POSTs to P/{id}/call/{column}; who sees only a part of the digits calls all
 * the same (CALL-13). The engine refuses what must not be called (TEL-20). */
#ifndef CC_DIAL_H
#define CC_DIAL_H

#include "cc/resource.h"
#include "cc/web.h"

#define CC_DIAL_PERMISSION "desk.call.dial"
#define CC_CALLING CC_N("Your phone rings first: take it, and the number is called.")

struct cc_dial
{
	const char *number;        /* as stored or typed */
	enum cc_hide masked;       /* the user's phone hides as much of it */
	const char *name;          /* whose it is, shown on the phone; NULL: not known */
	int64_t customer, package; /* 0: not known */
	int64_t profile;           /* outbound profile of the task that it is for, 0: none */
	const char *caller_id;     /* of that task; NULL, "": none */
	const char *refused;       /* why it is not called, translated; NULL: it is */
};

/* True for an agent who may call from pages. */
bool cc_may_dial(const struct cc_request *rq);

/* Asks the engine and prepares the response: {"call": …} or, for browsers, back to a path of this
 * site; the reason with status 409 when it is refused, 503 when nobody answers. object: what the
 * audit log says was called. */
int cc_dial(
		struct cc_request *rq, const struct cc_dial *dial, const char *object, const char *back);

/* Choices of a form: numbers that the tenant may show outside, its access numbers and caller ids.
 */
int cc_caller_id_choices(struct cc_request *rq, struct cc_choices *list);

#endif
